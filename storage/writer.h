/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writer: turns a round of waiting writes into one transaction (group commit), and knows whether the disk works.
 *
 * A round that fails is rolled back and its batches are tried one by one, each in its own transaction, so that one
 * bad batch never harms another. Used by one thread; only writer_is_failing, writer_trouble and writer_wal_bytes may be asked from
 * others.
 */
#ifndef STARHASH_STORAGE_WRITER_H
#define STARHASH_STORAGE_WRITER_H

#include <sqlite3.h>
#include <stdbool.h>

#include "core/histogram.h"
#include "storage/apply.h"
#include "storage/integrity.h"
#include "storage/request.h"

struct writer;

struct writer_tally {
	uint64_t writes; /* concluded, stored or not */
	uint64_t commits, failed_writes;
	uint64_t retired;
	uint64_t commit_us_max, commit_us_sum; /* whole transactions, BEGIN to COMMIT */
	struct histogram commit;               /* the same ones */
};

/* Everything is borrowed. Damage that is met here is reported, and once there is any nothing is written any more. Code is
 * SQLite's. */
int writer_new(sqlite3 *db, const struct apply_options *how, struct damage *damage,
               const struct store_retention *retention, struct writer **out);
void writer_free(struct writer *w); /* NULL is fine */

/* Where to ask for requests that came while a round was carried out: `more` puts them behind those in `round`, and its answer is
 * how many there were. They are committed with it. NULL: a round is what it is. */
typedef size_t writer_more_fn(void *ctx, struct request_list *round);
void writer_set_more(struct writer *w, writer_more_fn *more, void *ctx);

/* Carry out the round, put a result into each write, add to the tally. */
void writer_round(struct writer *w, struct request_list *round, struct writer_tally *tally);

/* Monotonic milliseconds at which the writer has work of its own, if nobody else has any: while it is failing, or for
 * retention. INT64_MAX = never. */
int64_t writer_idle_at_ms(const struct writer *w);
/* That work: try a small write, so that recovery needs nobody's batch; or forget a slice of what is old. */
void writer_idle(struct writer *w, int64_t utc_ms, struct writer_tally *tally);

bool writer_is_failing(const struct writer *w);
uint64_t writer_wal_bytes(const struct writer *w);
/* Why, and what to do; constants. False: it is not failing. */
bool writer_trouble(const struct writer *w, const char **why, const char **remedy);

#endif
