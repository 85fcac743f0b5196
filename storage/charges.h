/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Charges: the rows behind store_charges.h, inside a transaction that is open. Belongs to the writer's connection, but for
 * charges_read. Codes are SQLite's. */
#ifndef STARHASH_STORAGE_CHARGES_H
#define STARHASH_STORAGE_CHARGES_H

#include <sqlite3.h>

#include "storage/store_batch.h"
#include "storage/store_charges.h"

struct charges;
struct audit;         /* storage/audit.h */
struct vault;         /* storage/vault.h */
struct outgoing_rows; /* storage/outgoing.h */

/* The others are borrowed. */
int charges_new(sqlite3 *db, struct vault *vault, struct outgoing_rows *outgoing, struct audit *audit,
                struct charges **out);
void charges_free(struct charges *c); /* NULL is fine */

/* With the grant `id`, which is pending. `sms` = the batch's notice that waits for it, "" = none. *reference = as it is
 * stored. */
int charges_add(struct charges *c, int64_t id, int64_t subscriber, const struct store_batch *b,
                const struct op *give, const char *sms, uint64_t *reference);
/* Nothing is left to say to this subscriber. */
int charges_blank(struct charges *c, int64_t subscriber);

/* One move or decision, with its answer. */
struct charge_work {
	struct store_charge_update update;
	char mark[STORE_CHARGE_MARK_SIZE];
	bool resolves;
	char reason[STORE_REASON_MAX + 1], actor[STORE_ACTOR_MAX + 1];
	int64_t at_ms;
	struct store_charge_result result;
	char text[STORE_TEXT_MAX + 1], route[STORE_CHARGE_ROUTE_SIZE];
};
int charges_move(struct charges *c, struct charge_work *w);

/* What an earlier run has left as sent may have been done: it is unknown now. */
int charges_sweep(sqlite3 *db, int64_t at_ms);

/* After a restore what is open in the backup may have been done since, and the account moved: it is unknown and has no mark, so
 * nothing is sent again before the system knows it by its reference, or a person has decided (promise 2). *n = how many. */
int charges_restored(sqlite3 *db, int64_t at_ms, int64_t *n);

struct charge_page {
	int64_t after;
	enum store_charges_which which;
	enum rc rc;
	size_t n;
	struct store_charge_row row[STORE_CHARGES_PAGE];
};
/* Statements are kept in `kept` between calls, for the caller to finalize. */
int charges_read(sqlite3 *db, sqlite3_stmt *kept[STORE_CHARGES_WHICH_], struct charge_page *page);

#endif
