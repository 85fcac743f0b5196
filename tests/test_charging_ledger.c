/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The embedded ledger behind the port: what the store promises, in the port's words (promise 2). */
#include "tests/store_world.h"

#include "tests/charging_rig.h"

static struct world world;

static void setup(void)
{
	world_init(&world);
	ck_assert_int_eq(world_try_open(&world, world.path), RC_OK);
	rig_open(CONFIG_LEDGER);
	rig_bundle("data", "any words", 86400000, 0);
	{
		struct charging_options o = {.base = rig.base,
		                             .clock = &world.clock.clock,
		                             .config = rig.config,
		                             .store = world.store};

		ck_assert_int_eq(charging_new(&o, &rig.charging), RC_OK);
	}
}

static void teardown(void)
{
	store_wait(world.store);
	rig_close();
	world_end(&world);
}

static enum charging_outcome ask(enum charging_op op, const struct charging_order *o)
{
	int before = rig.n_told;

	ck_assert_int_eq(charging_start(rig.charging, op, o, rig_told, NULL), RC_OK);
	ck_assert_int_eq(rig.n_told, before);
	store_wait(world.store);
	event_base_loop(rig.base, EVLOOP_NONBLOCK);
	ck_assert_int_eq(rig.n_told, before + 1);
	return rig.told.outcome;
}

START_TEST(promise_2_a_key_is_granted_once)
{
	struct charging_order o = rig_order("data");

	ck_assert(charging_is_embedded(rig.charging));
	ck_assert_int_eq(ask(CHARGING_PREPARE, &o), CHARGING_OK);
	ck_assert_int_eq(ask(CHARGING_GRANT, &o), CHARGING_OK);
	ck_assert_str_eq(rig.told.why, "");
	ck_assert_int_eq(ask(CHARGING_GRANT, &o), CHARGING_OK);
	ck_assert_str_eq(rig.told.why, "was there already");
	ck_assert_int_eq(ask(CHARGING_BALANCE, &o), CHARGING_OK);
	ck_assert(!rig.facts.has_balance);
	ck_assert_uint_eq(rig.facts.n_bundles, 1);
	ck_assert_str_eq(rig.facts.bundle[0].gives, "data");
	ck_assert_int_eq(ask(CHARGING_QUERY, &o), CHARGING_RETRY);
	ck_assert_int_eq(ask(CHARGING_REVOKE, &o), CHARGING_REJECTED);
	ck_assert_int_eq(rig.told.reason, CHARGING_NOT_OFFERED);
}
END_TEST

START_TEST(what_the_store_does_not_take_may_come_again)
{
	struct charging_order o = rig_order("data");

	store_try(world.store, STORE_TRIAL_FAIL);
	ck_assert_int_eq(ask(CHARGING_GRANT, &o), CHARGING_RETRY);
	ck_assert_int_eq(ask(CHARGING_BALANCE, &o), CHARGING_RETRY);
	store_try(world.store, STORE_TRIAL_NONE);
	ck_assert_int_eq(ask(CHARGING_GRANT, &o), CHARGING_OK);
	ck_assert_str_eq(rig.told.why, "");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("charging_ledger");
	TCase *t = tcase_create("ledger");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, promise_2_a_key_is_granted_once);
	tcase_add_test(t, what_the_store_does_not_take_may_come_again);
	suite_add_tcase(s, t);
	return world_run(s);
}
