/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apply: carry one batch out inside the transaction that is open, with statements prepared once.
 *
 * A batch is first folded over the subscriber's record in memory; only when nothing in it is refused are rows
 * written. So a refused batch has left no trace, and no savepoint is needed. Belongs to the writer's connection.
 */
#ifndef STARHASH_STORAGE_APPLY_H
#define STARHASH_STORAGE_APPLY_H

#include <sqlite3.h>

#include "core/profile.h"
#include "storage/store.h"

struct apply;

/* Codes are SQLite's. `profile` is borrowed; its columns must be there. */
int apply_new(sqlite3 *db, const struct profile *profile, struct apply **out);
void apply_free(struct apply *a); /* NULL is fine */

/* SQLITE_OK: *out is filled; out->rc is RC_OK, or RC_STATE (a save without its consent, more consents than a record
 * holds) or RC_RANGE (no such field) when the batch was refused and nothing written. Anything else: the transaction
 * must be rolled back. */
int apply_batch(struct apply *a, const struct store_batch *b, struct store_result *out);

/* Has a value been forgotten (erased, withdrawn, taken back) since the last call? */
bool apply_forgot(struct apply *a);

struct charges;
struct charges *apply_charges(struct apply *a); /* the orders of the same connection */

int apply_notice(struct apply *a, int64_t id, enum store_notice state, int64_t at_ms);

#endif
