/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention: forgets what is older than the operator wants to keep, a few rows at a time.
 *
 * A slice looks at RETENTION_ROWS rows at most and is one short transaction of the writer, which asks for one only when
 * nobody waits: so a dialogue is never behind more than one slice. Consents, grants, charges, the ledger and the audit are
 * kept for ever; nothing here touches them.
 */
#ifndef STARHASH_STORAGE_RETENTION_H
#define STARHASH_STORAGE_RETENTION_H

#include <sqlite3.h>

#include "storage/store.h"

#define RETENTION_ROWS 200
#define RETENTION_PAUSE_MS 20    /* between two slices of a pass: others may write meanwhile */
#define RETENTION_PASS_MS 600000 /* from the end of a pass to the next */

struct retention;

/* Copies the policy. Code is SQLite's. */
int retention_new(sqlite3 *db, const struct store_retention *policy, struct retention **out);
void retention_free(struct retention *r); /* NULL is fine */

/* Monotonic time at which the next slice is due; INT64_MAX = never. */
int64_t retention_due_ms(const struct retention *r);
/* One slice, inside a transaction of the caller's; after it, whatever came of it, retention_next. Rows that went. */
int retention_slice(struct retention *r, int64_t utc_ms, int64_t *rows);
/* Arm the next one: the slice was committed, or was not. True at the end of a pass. */
bool retention_next(struct retention *r, bool committed, int64_t mono_ms);

#endif
