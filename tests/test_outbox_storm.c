/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outbox with everything at once: replies that are lost, late or refused at random, a circuit that opens and closes, and kills
 * at random moments. Promise 2: at the end each order was applied exactly when its grant says so, and never twice; promise
 * 1: whoever was told had it. */
#include "tests/outbox_world.h"

static uint32_t seed;

static uint32_t chance(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/* Where a call that is lost comes out: done, not done, or done a while later, but before the system has settled. */
static void lose(const struct call *c)
{
	uint32_t how = chance(3);

	if (how == 1)
		c->order->applied++;
	else if (how == 2)
		c->order->applies_at_ms = c->sent_ms + 1 + chance(SETTLE_MS - 1000);
	advance(0);
}

static void answer_grant(size_t i, bool calm)
{
	struct order *o = calls[i].order;

	switch (calm ? 0 : chance(5)) {
	case 0:
		o->applied++;
		answer(i, CHARGING_OK, CHARGING_PLAIN, 0);
		break;
	case 1:
		answer(i, CHARGING_RETRY, chance(2) ? CHARGING_BUSY : CHARGING_UNREACHABLE, 0);
		break;
	case 2:
		if (chance(4) == 0) {
			answer(i, CHARGING_REJECTED, CHARGING_BARRED, 126);
			break;
		} /* fall through */
	default:
		lose(&calls[i]);
		answer(i, CHARGING_UNKNOWN, CHARGING_NO_ANSWER, 0);
	}
}

static void answer_query(size_t i, bool calm)
{
	const struct call *c = &calls[i];

	if (clock_utc_ms(&world.clock.clock) - c->sent_ms < SETTLE_MS)
		answer(i, CHARGING_UNKNOWN, CHARGING_TOO_EARLY, 0);
	else if (!calm && chance(3) == 0)
		answer(i, CHARGING_UNKNOWN, chance(2) ? CHARGING_NO_ANSWER : CHARGING_BUSY, 0);
	else
		answer(i, c->order->applied > 0 ? CHARGING_OK : CHARGING_RETRY, CHARGING_PLAIN, 0);
}

static void answer_any(bool calm)
{
	size_t i = chance((uint32_t)n_calls);

	if (calls[i].op == CHARGING_GRANT)
		answer_grant(i, calm);
	else if (calls[i].op == CHARGING_QUERY)
		answer_query(i, calm);
	else if (!calm && chance(4) == 0)
		answer(i, CHARGING_RETRY, chance(2) ? CHARGING_BUSY : CHARGING_UNREACHABLE, 0);
	else
		answer(i, CHARGING_OK, CHARGING_PLAIN, 0);
}

static void storm(void)
{
	for (int step = 0; step < 400; step++) {
		uint32_t what = chance(20);

		if (what < 4 && n_orders < 24)
			give(WORLD_MSISDN + chance(12), chance(2) == 0);
		else if (what < 14 && n_calls > 0)
			answer_any(false);
		else if (what == 19 && chance(4) == 0) {
			for (size_t i = 0; i < n_calls; i++)
				if (calls[i].op == CHARGING_GRANT)
					lose(&calls[i]);
			kill_and_restart();
		} else {
			room = chance(3) * 4;
			tick(chance(30) * 1000);
		}
	}
}

START_TEST(promise_2_in_a_storm_with_kills)
{
	seed = 20261122u + (uint32_t)_i * 7919u;
	storm();
	room = 100;
	for (int i = 0; i < 3000 && (n_calls > 0 ||
	                             world_sql(&world, "SELECT count(*) FROM charge WHERE settled = 0") > 0);
	     i++) {
		while (n_calls > 0)
			answer_any(true);
		tick(60000);
	}
	ck_assert_uint_gt(n_orders, 10);
	ck_assert_int_gt(runs, 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM charge WHERE settled = 0"), 0);
	for (size_t i = 0; i < n_orders; i++) {
		char text[120];

		(void)snprintf(text, sizeof text, "SELECT state = 'granted' FROM grants WHERE id = %" PRId64,
		               orders[i].id);
		ck_assert_int_eq(orders[i].applied, (int)world_sql(&world, text));
		ck_assert_int_le(orders[i].heard, 1);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("outbox_storm");
	TCase *t = tcase_create("storm");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, promise_2_in_a_storm_with_kills, 0, 20);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	return world_run(s);
}
