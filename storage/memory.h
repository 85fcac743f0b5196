/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory: where SQLite has its memory from.
 *
 * Each statement makes and frees a handful of blocks of some hundred bytes for each run, so what a thread frees it keeps for its
 * next one, by size: Debian's SQLite has no such lists of its own (SQLITE_OMIT_LOOKASIDE). At most MEMORY_KEPT_MAX blocks of a
 * size are kept, under 600 KiB a thread, and none when the thread ends. Under AddressSanitizer nothing is kept, so that it sees
 * every block.
 */
#ifndef STARHASH_STORAGE_MEMORY_H
#define STARHASH_STORAGE_MEMORY_H

#define MEMORY_KEPT_MAX 16

/* Before SQLite is used first. SQLite's code. */
int memory_use(void);

#endif
