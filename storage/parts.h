/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts: which part of which notice has which id of the SMSC, what receipts said of it, and the summary in the outbox.
 *
 * A receipt and the answer that tells its id may come in either order (docs/adr/0010). Belongs to the writer's connection;
 * everything runs inside the transaction that is open. Codes are SQLite's.
 */
#ifndef STARHASH_STORAGE_PARTS_H
#define STARHASH_STORAGE_PARTS_H

#include <sqlite3.h>

#include "storage/store.h"
#include "storage/store_notices.h"

#define PARTS_STRAY_MAX 10000     /* receipts without a notice, at most */
#define PARTS_STRAY_MS 3600000    /* how long one waits for its answer */
#define PARTS_KEPT_MS 604800000LL /* how long an id is kept for receipts, a week */

struct parts;

int parts_new(sqlite3 *db, struct parts **out);
void parts_free(struct parts *p); /* NULL is fine */

int parts_accepted(struct parts *p, const struct store_part *part, int64_t now_ms);
/* The same of the only part of a notice (part->parts = 1) together with what follows upon it: that the notice was sent. One row of
 * the outbox is changed once. *moved: false = `u` is still to be carried out by outgoing_move. */
int parts_sent(struct parts *p, const struct store_part *part, int64_t part_ms,
               const struct store_notice_update *u, int64_t at_ms, bool *moved);
/* What was written since the transaction began is not there any more. */
void parts_rolled_back(struct parts *p);
/* *out: as store_receipt_fn says. */
int parts_receipt(struct parts *p, const struct store_receipt *receipt, int64_t now_ms, enum rc *out);

/* At the start of a run: pending notices whose parts the SMSC has all accepted were sent. */
int parts_sweep(sqlite3 *db, int64_t now_ms);

#endif
