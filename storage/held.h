/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Held: gifts that wait for a person (store_limits.h): the grant is pending, its order is 'held'. Inside a transaction that is
 * open; belongs to the writer's connection. Codes are SQLite's. */
#ifndef STARHASH_STORAGE_HELD_H
#define STARHASH_STORAGE_HELD_H

#include "storage/charges.h"
#include "storage/limits.h"
#include "storage/outgoing.h"
#include "storage/store_limits.h"

struct held;

/* The others are borrowed. */
int held_new(sqlite3 *db, struct vault *vault, struct charges *charges, struct limits *limits,
             struct outgoing_rows *outgoing, struct audit *audit, struct held **out);
void held_free(struct held *h); /* NULL is fine */

/* With the grant `id`, which is pending; arguments as charges_add. */
int held_add(struct held *h, int64_t id, int64_t subscriber, const struct store_batch *b,
             const struct op *give, const char *sms);

struct held_work {
	int64_t id, at_ms;
	bool approved;
	char reason[STORE_REASON_MAX + 1], actor[STORE_ACTOR_MAX + 1];
	struct store_held_result result;
};
int held_decide(struct held *h, struct held_work *w);

/* Nothing is left to say to this subscriber. */
int held_blank(struct held *h, int64_t subscriber);
/* The number is somebody else's now: what was held or certainly not sent for it comes to nothing, and what was sent is not
 * sent again (charges_move). */
int held_drop(struct held *h, int64_t subscriber, int64_t at_ms);

#endif
