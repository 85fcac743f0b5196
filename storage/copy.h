/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copy: one database whole into another file, through SQLite's backup interface, and proof that it is whole.
 *
 * The source is read under one snapshot from the first page to the last count: what others commit meanwhile is not in
 * the copy, and the copy never begins again because of them (docs/adr/0017). The copy is one file: it is not in WAL.
 */
#ifndef STARHASH_STORAGE_COPY_H
#define STARHASH_STORAGE_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"

/* Pages copied of all. Return false to give up. */
typedef bool copy_progress_fn(void *ctx, int64_t done, int64_t all);

struct copy_options {
	const char *from;
	const char *
		to; /* an empty file that is the caller's alone; it syncs, names and, after a failure, removes it */
	int pause_ms;               /* after each megabyte, for those who need the disk too; 0 = none */
	copy_progress_fn *progress; /* NULL = none */
	void *ctx;
};

/* What was counted in the source and found again in the copy. */
struct copy_sums {
	int64_t schema; /* version of it */
	int64_t bytes;
	int64_t tables, rows;
	int64_t subscribers, registered, grants, granted, postings;
	int64_t in_doubt; /* of a restore: orders at a charging system that were open when the backup was taken */
};

/* RC_OK: copied and verified (every page, index and reference; the rows of each table). RC_NOTFOUND (no source);
 * RC_STATE (the source has a newer schema than this program); RC_CLOSED (progress gave up); RC_FULL (the target's disk);
 * RC_BUSY, RC_IO, RC_NOMEM. `why` gets a sentence with a remedy. */
enum rc copy_database(const struct copy_options *options, struct copy_sums *sums, char *why,
                      size_t why_size) RC_NODISCARD;

#endif
