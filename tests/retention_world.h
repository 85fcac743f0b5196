/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention world: a store with a policy, and waiting until so many rows went; for the tests of retention. */
#ifndef STARHASH_TESTS_RETENTION_WORLD_H
#define STARHASH_TESTS_RETENTION_WORLD_H

#include <poll.h>

#include "tests/store_world.h"

#define DAY INT64_C(86400000)
#define PATIENCE_MS 20000

static struct world world;

static inline void setup(void)
{
	world_init(&world);
}

static inline void teardown(void)
{
	world_end(&world);
}

static inline void add(int from, int n)
{
	for (int i = 0; i < n; i++) {
		struct store_screen_count count = {.service = "join", .screen = "home", .entered = 1};
		struct store_batch *b = world_registration(WORLD_MSISDN + from + i);

		ck_assert_int_eq(store_write(world.store, b, NULL, NULL), RC_OK);
		if (i == 0)
			ck_assert_int_eq(store_screens_add(world.store, &count, 1), RC_OK);
	}
	store_wait(world.store);
}

static inline void open_with(struct store_retention keep)
{
	const struct store_options o = {.path = world.path,
	                                .profile = &world.profile,
	                                .clock = &world.clock.clock,
	                                .retention = keep};

	ck_assert_int_eq(store_open(&o, &world.store, world.why, sizeof world.why), RC_OK);
}

static inline uint64_t retired(void)
{
	struct store_counters c;

	store_counters_read(world.store, &c);
	return c.retired;
}

static inline void wait_retired(uint64_t wanted)
{
	for (int waited = 0; waited < PATIENCE_MS && retired() < wanted; waited += 10)
		(void)poll(NULL, 0, 10);
	ck_assert_uint_eq(retired(), wanted);
}

#endif
