/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention kinds: what can grow old in a store, as a table: in which rows it lies, which of them are over, and for how long
 * the operator keeps it. The pass (retention.h) and the report (query_retention.h) read the same table, so that what is said
 * to go and what goes are one. Values of the profile, whose times are the operator's own fields, are in retention_values.h.
 */
#ifndef STARHASH_STORAGE_RETENTION_KINDS_H
#define STARHASH_STORAGE_RETENTION_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/store.h"

struct retention_kind {
	const char *
		what; /* for people, and in retention_count; also the option of group `retention`, if it has one */
	const char *rows; /* what they are, for people */
	const char *table;
	const char *key;   /* columns that name a row; NULL = id, which rises with `time` */
	const char *time;  /* by which an id's age is known; only without `key` */
	const char *over;  /* SQL: may this row go? ?3 = times before this are old */
	const char *first; /* SQL that takes away what hangs on the rows, before them; NULL = nothing does */
	size_t kept;       /* offset of int64_t in struct store_retention; SIZE_MAX = `least_ms` */
	int64_t least_ms;  /* others rely on it for so long */
	bool is_people; /* not rows: people who are forgotten (retention_people.h); `table` and `over` count them */
	bool is_daily; /* whoever looks for old ones has to look at all: once a day */
};

extern const struct retention_kind retention_kinds[];
extern const size_t retention_kinds_count;

/* How long such rows are kept; 0 = for ever. */
int64_t retention_kept_ms(const struct retention_kind *kind, const struct store_retention *policy);

/* Is the time of day within the hours that the operator gives to retention? Always, without such hours. */
bool retention_is_open(const struct store_retention *policy, int64_t utc_ms);
/* When those hours began, or begin next: the last time at or before utc_ms. */
int64_t retention_opened_ms(const struct store_retention *policy, int64_t utc_ms);

#define RETENTION_DAY_MS INT64_C(86400000)

#endif
