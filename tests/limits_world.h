/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of limits share: a store with limits, gifts asked of it, and what it said. Static inline, for the test
 * programs only. */
#ifndef STARHASH_TESTS_LIMITS_WORLD_H
#define STARHASH_TESTS_LIMITS_WORLD_H

#include "storage/store_limits.h"
#include "tests/store_world.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define MIDNIGHT (WORLD_NOW / DAY_MS * DAY_MS)

static struct world world;
static struct store_limits limits;

static inline void open_store(void)
{
	const struct store_options o = {.path = world.path,
	                                .profile = &world.profile,
	                                .clock = &world.clock.clock,
	                                .busy_ms = 50,
	                                .limits = &limits};

	WORLD_MUST(store_open(&o, &world.store, world.why, sizeof world.why) == RC_OK);
}

static inline void setup(void)
{
	world_init(&world);
	memset(&limits, 0, sizeof limits);
}

static inline void teardown(void)
{
	world_end(&world);
}

static inline struct store_batch *gift(int64_t msisdn, const char *bundle, const char *key, int64_t at_ms)
{
	struct store_batch *b = store_batch_new(msisdn, at_ms);

	WORLD_MUST(b && store_batch_seen(b) == RC_OK);
	WORLD_MUST(store_batch_give(b, bundle, key, "100 MB", 0) == RC_OK);
	return b;
}

static inline struct store_result give(int64_t msisdn, const char *key, int64_t at_ms)
{
	return world_write(&world, gift(msisdn, "100MB", key, at_ms));
}

#define GIVEN(result)                                                 \
	do {                                                          \
		struct store_result got_ = (result);                  \
		ck_assert_int_eq(got_.rc, RC_OK);                     \
		ck_assert_str_eq(refusal_name(got_.refusal), "none"); \
		ck_assert_int_eq(got_.grant, STORE_GRANT_GRANTED);    \
		ck_assert(!got_.grant_existed);                       \
	} while (0)
#define REFUSED(result, why)                                       \
	do {                                                       \
		struct store_result got_ = (result);               \
		ck_assert_int_eq(got_.rc, RC_OK);                  \
		ck_assert_str_eq(refusal_name(got_.refusal), why); \
		ck_assert_int_eq(got_.grant, STORE_GRANT_NONE);    \
	} while (0)

/* --- what a configuration would say ---------------------------------------------------------------------------- */

static inline void cap(const char *bundle, int64_t gifts)
{
	struct store_cap *c = &limits.cap[limits.n_caps++];

	(void)snprintf(c->bundle, sizeof c->bundle, "%s", bundle);
	c->gifts = gifts;
}

static inline void budget(const char *name, int64_t gifts)
{
	struct store_budget *b = &limits.budget[limits.n_budgets++];

	(void)snprintf(b->name, sizeof b->name, "%s", name);
	b->gifts = gifts;
}

static inline struct store_rule *rule(const char *name, enum store_rule_per per, int64_t gifts,
                                      int64_t within_ms, bool reviews)
{
	struct store_rule *r = &limits.rule[limits.n_rules++];

	*r = (struct store_rule){.per = per, .gifts = gifts, .within_ms = within_ms, .reviews = reviews};
	(void)snprintf(r->name, sizeof r->name, "%s", name);
	return r;
}

#endif
