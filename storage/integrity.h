/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integrity: is a database sound, and what happens when it is not.
 *
 * The check at a start reads every page and compares no index with its table; that finds torn, missing and overwritten
 * pages. It runs in a thread and with a connection of its own; a large store (256 MB) table by table, without the free pages,
 * so that no snapshot holds the WAL for longer than one table takes: a start waits for it a short while, and the rest is checked
 * while it serves. Damage that
 * anybody meets is reported once and stays: nothing is served from such a file until it was replaced.
 */
#ifndef STARHASH_STORAGE_INTEGRITY_H
#define STARHASH_STORAGE_INTEGRITY_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"

#define INTEGRITY_REMEDY "stop the daemon and restore a backup (starhash restore); the damaged file is kept"

struct damage {
	atomic_bool is;
};
static inline bool damage_is(const struct damage *d)
{
	return atomic_load(&d->is);
}
/* Any thread. The first report is logged, the others change nothing. */
void damage_report(struct damage *d, const char *what);
/* SQLite's codes that mean damage. */
bool damage_code(int code);

enum integrity { INTEGRITY_SOUND, INTEGRITY_DAMAGED, INTEGRITY_UNKNOWN };

/* Everything, indexes too, as long as it takes. `what` gets SQLite's first finding, when damaged. */
enum integrity integrity_check(sqlite3 *db, char *what, size_t what_size);

struct integrity_watch;
/* Begin to check the file; what it finds after integrity_watch_wait gave up waiting goes to `damage`. RC_OK; RC_NOMEM. */
enum rc integrity_watch_new(const char *path, struct damage *damage,
                            struct integrity_watch **out) RC_NODISCARD;
/* Blocks up to `ms`, for a large store 200 ms at most. UNKNOWN: it goes on, and its end is logged. Call it once. */
enum integrity integrity_watch_wait(struct integrity_watch *w, int ms, char *what, size_t what_size);
void integrity_watch_free(struct integrity_watch *w); /* ends it soon, finished or not; NULL is fine */

#endif
