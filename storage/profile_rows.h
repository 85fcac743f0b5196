/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profile rows: what a subscriber told, where each value comes from, and what it was before.
 *
 * Only what a batch has touched is bound: a value that nobody spoke of stays as it lies in the row, sealed where it is
 * private. Belongs to the writer's connection, inside the transaction that is open. Codes are SQLite's.
 */
#ifndef STARHASH_STORAGE_PROFILE_ROWS_H
#define STARHASH_STORAGE_PROFILE_ROWS_H

#include <sqlite3.h>

#include "core/profile.h"
#include "core/record.h"
#include "storage/consents.h"
#include "storage/vault.h"

/* What one batch makes of the fields. */
struct profile_touch {
	enum { PROFILE_UNTOUCHED, PROFILE_TOLD, PROFILE_TAKEN } how;
	bool replaced;       /* what was there is there no more */
	int confidence;      /* 0..100 */
	const char *channel; /* borrowed */
};
struct profile_change {
	bool any;
	int64_t at_ms;   /* of the batch: when old values were replaced */
	int64_t told_ms; /* when new ones were told; 0 = at_ms */
	struct profile_touch field[PROFILE_MAX_FIELDS];
};

struct profile_rows;

/* `vault` borrowed. */
int profile_rows_new(sqlite3 *db, const struct profile *profile, struct vault *vault,
                     struct profile_rows **out);
void profile_rows_free(struct profile_rows *p); /* NULL is fine */

/* The row as `r` has it after the batch; `stand` = the consents after it. */
int profile_rows_write(struct profile_rows *p, const struct record *r, const struct profile_change *c,
                       const struct consents_stand *stand);
/* A consent was withdrawn or refused: what was told under it before is blanked. */
int profile_rows_withdrawn(struct profile_rows *p, int64_t subscriber, const char *purpose);
/* Erased: the row, also columns of fields that profile.conf no longer names, and its history. */
int profile_rows_drop(struct profile_rows *p, int64_t subscriber);

#endif
