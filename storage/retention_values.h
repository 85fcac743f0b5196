/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention of values: which values of the profile have been kept for long enough, and forgetting them.
 *
 * A value is over when it is older than its field's `keep`, or when the consent under which it was told has lasted for as
 * long as its purpose lasts. How old it is stands in the first word of its "_from_" column; one that is older than that
 * column is taken to be as old as the last time its person was seen. What a value was before goes by the same rule. Forgetting
 * leaves no history of it. Belongs to one connection; codes are SQLite's.
 */
#ifndef STARHASH_STORAGE_RETENTION_VALUES_H
#define STARHASH_STORAGE_RETENTION_VALUES_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/profile.h"

struct retention_values;

/* *out NULL with SQLITE_OK: the profile keeps everything until it is taken back. `changes`: for a pass, not for a report. */
int retention_values_new(sqlite3 *db, const struct profile *profile, bool changes,
                         struct retention_values **out);
void retention_values_free(struct retention_values *v); /* NULL is fine */

/* Does this field lose values by age? */
bool retention_values_watch(const struct profile *profile, size_t field);

enum retention_source { RETENTION_PRESENT, RETENTION_PAST }; /* profile, profile_history */

struct retention_due {
	int64_t id; /* of the subscriber; of the row of the history */
	int64_t subscriber;
	size_t field;
	bool is_over; /* its consent has lasted long enough, and not: it is older than `keep` */
};
#define RETENTION_DUE_MAX 200 /* a slice has never more */

struct retention_slice {
	enum retention_source source;
	int64_t after; /* look at rows above this id, */
	int64_t rows;  /* so many of them at most */
	int64_t now_ms;
	int64_t last;   /* out: looked at up to this one */
	int64_t looked; /* out; 0: there are no more */
	size_t n_due;
	struct retention_due due[RETENTION_DUE_MAX];
};
int retention_values_look(struct retention_values *v, struct retention_slice *slice);

/* What went with one that was due. */
struct retention_went {
	int64_t values, past;
	int64_t unregistered; /* a required one went, and its person is registered no more */
};
/* In a transaction of the caller's. */
int retention_values_forget(struct retention_values *v, enum retention_source source,
                            const struct retention_due *due, struct retention_went *went);

#endif
