/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may have a gift: the limits that the store keeps in the transaction of each, and what care and feeds tell it.
 *
 * Purchases are no gifts: none of this is asked of them. A gift that a limit refuses writes a row for care (`refusal`) and
 * no grant, so its key is still unused; one that is to be looked at is a grant that is pending, with an order that is
 * 'held' until a person decides (docs/limits.md, docs/adr/0018).
 */
#ifndef STARHASH_STORAGE_STORE_LIMITS_H
#define STARHASH_STORAGE_STORE_LIMITS_H

#include "storage/store.h"

#define STORE_LIMIT_CAPS 200
#define STORE_LIMIT_BUDGETS 32
#define STORE_LIMIT_NAMES 16
#define STORE_LIMIT_RULES 16
#define STORE_NEWS_KEPT_MS \
	(366 * INT64_C(86400000)) /* what is known of numbers without a holder; most of new_number_ms */

struct store_cap { /* gifts of a bundle a day */
	char bundle[PROFILE_NAME_SIZE];
	int64_t gifts;
};

/* For the gifts whose key and bundle it names; a list that is empty names all. Outside of its time it has none to give. */
struct store_budget {
	char name[PROFILE_NAME_SIZE];
	size_t n_keys, n_bundles;
	char key[STORE_LIMIT_NAMES][PROFILE_NAME_SIZE];
	char bundle[STORE_LIMIT_NAMES][PROFILE_NAME_SIZE];
	int64_t gifts;
	int64_t from_ms, until_ms; /* UTC; from <= t < until; 0 = no such end */
};

enum store_rule_per { STORE_PER_ALL, STORE_PER_BUNDLE, STORE_PER_BLOCK };

/* Not more than `gifts` within any window of within_ms, counted for everything, for each bundle, or for each block of
 * numbers: those that agree in their first `digits` digits. */
struct store_rule {
	char name[PROFILE_NAME_SIZE];
	enum store_rule_per per;
	char bundle[PROFILE_NAME_SIZE]; /* only of this one; "" = of all */
	int digits;
	int64_t gifts, within_ms;
	bool reviews; /* what is too much is held for a person; else it is refused */
};

struct store_limits {
	int64_t new_number_ms; /* no gift so long after a SIM swap or a change of holder; 0 = no wait */
	int64_t day_starts_ms; /* a day begins so long after midnight UTC */
	int64_t per_day;       /* gifts of one subscriber; 0 = no limit */
	size_t n_caps, n_budgets, n_rules;
	struct store_cap cap[STORE_LIMIT_CAPS];
	struct store_budget budget[STORE_LIMIT_BUDGETS];
	struct store_rule rule[STORE_LIMIT_RULES];
};

bool store_limits_review(const struct store_limits *l); /* may a gift be held? NULL: no */

/* --- what is held ------------------------------------------------------------------------------------------- */

struct store_held_result {
	enum rc rc; /* RC_OK; RC_NOTFOUND (no such grant); RC_EXISTS (it is not held: `grant` says how it stands); RC_IO,
	             * RC_BUSY, RC_FULL (disk): nothing was changed */
	enum store_grant grant;
	bool is_ordered; /* it goes to the charging system now */
	bool is_told;    /* an SMS stands in the outbox */
};
typedef void store_held_fn(void *ctx, const struct store_held_result *result);
/* A person's decision of a gift that is held, with an audit row. `actor` as for store_charge_resolve. RC_OK (fn will be called);
 * RC_RANGE (reason over STORE_REASON_MAX bytes, actor over STORE_ACTOR_MAX); RC_FULL; RC_NOMEM. */
enum rc store_held_decide(struct store *s, int64_t grant, bool approved, const char *actor,
                          const char *reason, store_held_fn *fn, void *ctx) RC_NODISCARD;

/* --- news of numbers ------------------------------------------------------------------------------------------ */

enum store_number_event {
	STORE_NUMBER_SWAPPED, /* the SIM was changed: the same holder, as far as we know */
	STORE_NUMBER_RECYCLED /* the number was given to somebody else */
};

struct store_number_result {
	enum rc rc;    /* RC_OK; RC_EXISTS (known already: nothing was changed); RC_IO, RC_BUSY, RC_FULL */
	bool detached; /* somebody has given the number up */
	int64_t at_ms;
};
typedef void store_number_fn(void *ctx, const struct store_number_result *result);
/* at_ms = when it happened, UTC. RC_OK (fn will be called); RC_FULL (queue at its bound); RC_NOMEM. */
enum rc store_number_note(struct store *s, int64_t msisdn, enum store_number_event event, int64_t at_ms,
                          store_number_fn *fn, void *ctx) RC_NODISCARD;

#endif
