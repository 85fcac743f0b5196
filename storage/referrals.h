/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Referrals: by whose word somebody came (table referral), inside a transaction that is open. Belongs to the writer's
 * connection. Codes are SQLite's.
 *
 * Invariant: one for each person in a life, erasures included; the chain of who named whom has no circle; and
 * subscriber.referrals counts those who have registered since they named somebody. */
#ifndef STARHASH_STORAGE_REFERRALS_H
#define STARHASH_STORAGE_REFERRALS_H

#include <sqlite3.h>

#include "storage/store_batch.h"
#include "storage/tombstone.h"

#define REFERRALS_DEEP 100 /* people in a chain; a longer one is taken for a circle */

struct referrals;

int referrals_new(sqlite3 *db, struct tombstones *tombstones, struct referrals **out);
void referrals_free(struct referrals *r); /* NULL is fine */

/* OP_REFER of out->subscriber, who `was_registered` before this batch. *by = whom they have named now; 0 = nobody. */
int referrals_write(struct referrals *r, const struct store_batch *b, const struct op *op,
                    bool was_registered, struct store_result *out, int64_t *by);
/* Somebody who has named somebody is registered from now on: it counts. */
int referrals_registered(struct referrals *r, int64_t subscriber, int64_t at_ms);
/* Erased: the person's own counts go; that they were referred once stays. */
int referrals_forget(struct referrals *r, int64_t subscriber);

#endif
