/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers world: a store with limits, a phone that asks for gifts, is erased and says STOP; for the tests of erasures, of the
 * store's key and of numbers that change hands. */
#ifndef STARHASH_TESTS_NUMBERS_WORLD_H
#define STARHASH_TESTS_NUMBERS_WORLD_H

#include "storage/query.h"
#include "storage/store_limits.h"
#include "tests/store_world.h"

#define DAY_MS INT64_C(86400000)

static struct world world;
static struct store_limits limits;

static inline enum rc try_store(const char *key_path)
{
	const struct store_options o = {.path = world.path,
	                                .profile = &world.profile,
	                                .clock = &world.clock.clock,
	                                .busy_ms = 50,
	                                .key_path = key_path,
	                                .limits = &limits};

	world.why[0] = '\0';
	return store_open(&o, &world.store, world.why, sizeof world.why);
}

static inline void open_store(void)
{
	enum rc rc = try_store(NULL);

	ck_assert_msg(rc == RC_OK, "%s", world.why);
}

static inline void setup(void)
{
	world_init(&world);
	memset(&limits, 0, sizeof limits);
	open_store();
}

static inline void teardown(void)
{
	world_end(&world);
}

static inline struct store_result give(const char *key, int64_t at_ms)
{
	struct store_batch *b = store_batch_new(WORLD_MSISDN, at_ms);

	ck_assert_int_eq(store_batch_seen(b), RC_OK);
	ck_assert_int_eq(store_batch_give(b, "100MB", key, "100 MB", 0), RC_OK);
	return world_write(&world, b);
}

static inline void erase(void)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);

	ck_assert_int_eq(store_batch_erase(b, STORE_CH_OPERATOR, "asked"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
}

static inline void stop(bool stopped)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);

	ck_assert_int_eq(store_batch_stop(b, stopped), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
}

static inline bool is_stopped(void)
{
	struct world_found f = world_find(&world, WORLD_MSISDN);
	bool stopped = record_is_stopped(f.record);

	record_free(f.record);
	return stopped;
}

/* What a query shows of somebody. */
struct shown {
	int calls;
	bool is_erased;
	enum subscriber_state state;
	size_t consents, grants, refusals, values;
	int64_t msisdn;
};

static inline bool on_shown(void *ctx, const struct query_subscriber *s)
{
	struct shown *n = ctx;

	n->calls++;
	n->is_erased = s->is_erased;
	n->state = record_state(s->record);
	n->msisdn = record_msisdn(s->record);
	n->consents = s->n_consents;
	n->grants = s->n_grants;
	n->refusals = s->n_refusals;
	n->values = 0;
	for (size_t i = 0; i < FIELD_COUNT; i++)
		n->values += record_value(s->record, i) != NULL;
	return true;
}

#endif
