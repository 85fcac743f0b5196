/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention: forgets what is older than the operator wants to keep, a few rows at a time.
 *
 * A slice changes RETENTION_ROWS rows at most and is one short transaction of the writer, which asks for one only when
 * nobody waits, or a quarter of a second after it wanted to: so a dialogue is never behind more than one slice, and a slice
 * that took long is followed by a smaller one. What went is counted in the same transaction (retention_sums.h). Consents,
 * grants, charges, the ledger and the audit are kept for ever; nothing here touches them.
 */
#ifndef STARHASH_STORAGE_RETENTION_H
#define STARHASH_STORAGE_RETENTION_H

#include <sqlite3.h>

#include "storage/audit.h"
#include "storage/store.h"
#include "storage/vault.h"

#define RETENTION_ROWS 200
#define RETENTION_LOOKS 5        /* rows that are only looked at, for each that may be changed */
#define RETENTION_PAUSE_MS 20    /* between two slices of a pass: others may write meanwhile */
#define RETENTION_PASS_MS 600000 /* from the end of a pass to the next */
#define RETENTION_LONG_US 10000  /* a slice over this is followed by one of half the rows */

struct retention;

/* Copies the policy; the rest is borrowed. Code is SQLite's. */
int retention_new(sqlite3 *db, const struct store_retention *policy, const struct profile *profile,
                  struct audit *audit, struct vault *vault, struct retention **out);
void retention_free(struct retention *r); /* NULL is fine */

/* Monotonic time at which the next slice is due; INT64_MAX = never. */
int64_t retention_due_ms(const struct retention *r);
/* Is there anything to do at this time of day? Else it is due again later, and nothing else is to be called. */
bool retention_starts(struct retention *r, int64_t utc_ms, int64_t mono_ms);
/* Went something that has not left the WAL yet? Asked when it rests in the middle of a pass; true once. */
bool retention_forgot(struct retention *r);
/* One slice, inside a transaction of the caller's; after it, whatever came of it, retention_next. Rows that went. */
int retention_slice(struct retention *r, int64_t utc_ms, int64_t *rows);
/* Arm the next one: the slice was committed, or was not. True at the end of a pass. */
bool retention_next(struct retention *r, bool committed, int64_t mono_ms);

#endif
