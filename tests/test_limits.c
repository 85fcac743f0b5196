/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits: who may have a gift. Promise 2 with everything that an operator adds to it: caps, budgets, windows. Reviews, and what
 * is given back, are in test_limits_review.c.
 *
 * What the store says is compared with what stands in its rows, and with a second reckoning in this file where there is
 * something to reckon.
 */
#include <signal.h>
#include <sys/wait.h>

#include "tests/limits_world.h"
#include "tests/random.h"

/* --- caps ----------------------------------------------------------------------------------------------------- */

START_TEST(promise_2_the_cap_of_a_bundle_is_exact)
{
	cap("100MB", 3);
	open_store();
	for (int i = 0; i < 3; i++)
		GIVEN(give(WORLD_MSISDN + i, "join", WORLD_NOW));
	REFUSED(give(WORLD_MSISDN + 3, "join", WORLD_NOW), "spent");
	REFUSED(give(WORLD_MSISDN + 3, "join", WORLD_NOW + 1), "spent");
	/* whoever has it hears that, and not that there are none left */
	ck_assert_int_eq(give(WORLD_MSISDN, "join", WORLD_NOW).refusal, REFUSAL_HAD);
	/* another bundle has no cap */
	GIVEN(world_write(&world, gift(WORLD_MSISDN + 4, "1GB", "join", WORLD_NOW)));
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 4);
	ck_assert_int_eq(world_sql(&world, "SELECT gifts FROM spent WHERE rule = 'bundle'"), 3);
	/* one row for care: reason, rule, times */
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT count(*) FROM refusal WHERE reason = 'spent' AND key = 'join' "
	                           "AND bundle = '100MB' AND rule = 'bundle 100MB' AND count = 2 "
	                           "AND last = first + 1"),
	                 1);
}
END_TEST

START_TEST(a_day_begins_when_it_is_said)
{
	cap("100MB", 1);
	open_store();
	GIVEN(give(WORLD_MSISDN, "join", MIDNIGHT - 1));
	REFUSED(give(WORLD_MSISDN + 1, "join", MIDNIGHT - 1), "spent");
	GIVEN(give(WORLD_MSISDN + 1, "join", MIDNIGHT));
	REFUSED(give(WORLD_MSISDN + 2, "join", MIDNIGHT + DAY_MS - 1), "spent");
	GIVEN(give(WORLD_MSISDN + 2, "join", MIDNIGHT + DAY_MS));
	world_close(&world);
	limits.day_starts_ms = 21 * HOUR_MS; /* Nairobi */
	open_store();
	GIVEN(give(WORLD_MSISDN + 3, "join", MIDNIGHT + 4 * DAY_MS + 21 * HOUR_MS - 1));
	REFUSED(give(WORLD_MSISDN + 4, "join", MIDNIGHT + 4 * DAY_MS + 21 * HOUR_MS - 1), "spent");
	GIVEN(give(WORLD_MSISDN + 4, "join", MIDNIGHT + 4 * DAY_MS + 21 * HOUR_MS));
}
END_TEST

struct crowd {
	int given, refused, other;
};

static void on_crowd(void *ctx, const struct store_result *r)
{
	struct crowd *c = ctx;

	if (r->rc == RC_OK && r->grant == STORE_GRANT_GRANTED && !r->grant_existed)
		c->given++;
	else if (r->rc == RC_OK && r->refusal == REFUSAL_SPENT && r->grant == STORE_GRANT_NONE)
		c->refused++;
	else
		c->other++;
}

START_TEST(promise_2_exact_through_group_commit)
{
	struct crowd crowd = {0};
	struct store_counters c;

	cap("100MB", 100);
	budget("all", 100);
	open_store();
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(store_write(world.store, gift(WORLD_MSISDN + i, "100MB", "join", WORLD_NOW),
		                             on_crowd, &crowd),
		                 RC_OK);
	store_wait(world.store);
	ck_assert_int_eq(crowd.given, 100);
	ck_assert_int_eq(crowd.refused, 900);
	ck_assert_int_eq(crowd.other, 0);
	store_counters_read(world.store, &c);
	ck_assert_uint_lt(c.commits, c.writes); /* it was gathered */
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 100);
	ck_assert_int_eq(world_sql(&world, "SELECT sum(gifts) FROM spent"), 200);
}
END_TEST

/* One that fails takes its whole round back; the others are tried one by one, and counted once. */
START_TEST(a_round_that_fails_counts_nothing)
{
	struct crowd crowd = {0};

	budget("all", 50);
	open_store();
	ck_assert_int_eq(world_exec(&world,
	                            "CREATE TRIGGER no BEFORE INSERT ON ledger WHEN NEW.bundle = 'bad' "
	                            "BEGIN SELECT RAISE(ABORT, 'no'); END"),
	                 SQLITE_OK);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(
			store_write(world.store,
		                    gift(WORLD_MSISDN + i, i % 10 == 5 ? "bad" : "100MB", "join", WORLD_NOW),
		                    on_crowd, &crowd),
			RC_OK);
	store_wait(world.store);
	/* a bad one that came when nothing was left was refused before it could fail */
	ck_assert_int_eq(crowd.given, 50);
	ck_assert_int_eq(crowd.given + crowd.refused + crowd.other, 100);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 50);
	ck_assert_int_eq(world_sql(&world, "SELECT gifts FROM spent WHERE rule = 'budget.all'"), 50);
}
END_TEST

/* Promise 1: what was counted is what was given, whenever the process dies. */
START_TEST(promise_1_exact_after_a_kill)
{
	cap("100MB", 2000);
	for (int run = 0; run < 5; run++) {
		pid_t child = fork();
		int status;

		ck_assert_int_ge(child, 0);
		if (child == 0) {
			struct crowd crowd = {0};

			world_is_mute = true;
			open_store();
			for (int i = 0;; i++) {
				int64_t msisdn = WORLD_MSISDN + run * 100000 + i;

				WORLD_MUST(store_write(world.store, gift(msisdn, "100MB", "join", WORLD_NOW),
				                       on_crowd, &crowd) == RC_OK);
				if (i % 50 == 49)
					store_wait(world.store);
			}
		}
		for (int64_t had = -1, now; had < 0 || now < had + 300;) {
			(void)usleep(2000);
			if (access(world.path, F_OK) != 0)
				continue;
			if (had < 0 && world_exec(&world, "SELECT count(*) FROM spent") != SQLITE_OK)
				continue;
			now = world_sql(&world, "SELECT count(*) FROM grants");
			had = had < 0 ? now : had;
			if (now >= 2000)
				break;
		}
		ck_assert_int_eq(kill(child, SIGKILL), 0);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert(WIFSIGNALED(status));
		open_store();
		ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"),
		                 world_sql(&world, "SELECT coalesce(sum(gifts), 0) FROM spent"));
		world_close(&world);
	}
	open_store();
	for (int i = 0; i < 2001; i++)
		(void)give(WORLD_MSISDN + 900000 + i, "join", WORLD_NOW);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 2000);
}
END_TEST

/* --- a subscriber's day ------------------------------------------------------------------------------------------ */

START_TEST(gifts_of_one_subscriber_a_day)
{
	struct store_batch *b;

	limits.per_day = 2;
	open_store();
	GIVEN(give(WORLD_MSISDN, "a", MIDNIGHT + 5));
	GIVEN(give(WORLD_MSISDN, "b", MIDNIGHT + 6));
	REFUSED(give(WORLD_MSISDN, "c", MIDNIGHT + 7), "day");
	GIVEN(give(WORLD_MSISDN + 1, "c", MIDNIGHT + 7));
	/* an erasure does not make the day new */
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_USSD, ""), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	REFUSED(give(WORLD_MSISDN, "c", MIDNIGHT + DAY_MS - 1), "day");
	GIVEN(give(WORLD_MSISDN, "c", MIDNIGHT + DAY_MS));
}
END_TEST

/* --- budgets ------------------------------------------------------------------------------------------------------- */

START_TEST(budgets_pay_for_what_they_name)
{
	struct store_budget *b;

	budget("launch", 2);
	b = &limits.budget[0];
	b->n_keys = 1;
	(void)snprintf(b->key[0], sizeof b->key[0], "join");
	b->n_bundles = 1;
	(void)snprintf(b->bundle[0], sizeof b->bundle[0], "100MB");
	b->from_ms = WORLD_NOW;
	b->until_ms = WORLD_NOW + DAY_MS;
	open_store();
	REFUSED(give(WORLD_MSISDN, "join", WORLD_NOW - 1), "spent");
	GIVEN(give(WORLD_MSISDN, "other", WORLD_NOW - 1)); /* none of its business */
	GIVEN(world_write(&world, gift(WORLD_MSISDN + 5, "1GB", "join", WORLD_NOW - 1)));
	GIVEN(give(WORLD_MSISDN, "join", WORLD_NOW));
	world_close(&world);
	open_store(); /* it is kept */
	GIVEN(give(WORLD_MSISDN + 1, "join", WORLD_NOW + DAY_MS - 1));
	REFUSED(give(WORLD_MSISDN + 2, "join", WORLD_NOW + DAY_MS - 1), "spent");
	world_close(&world);
	limits.budget[0].gifts = 3; /* more money, the same budget */
	open_store();
	REFUSED(give(WORLD_MSISDN + 2, "join", WORLD_NOW + DAY_MS), "spent");
	GIVEN(give(WORLD_MSISDN + 2, "join", WORLD_NOW + DAY_MS - 1));
	REFUSED(give(WORLD_MSISDN + 3, "join", WORLD_NOW + DAY_MS - 1), "spent");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM refusal WHERE rule = 'budget.launch'"), 3);
}
END_TEST

/* --- windows --------------------------------------------------------------------------------------------------------- */

START_TEST(a_window_slides)
{
	int64_t t = MIDNIGHT; /* a bucket begins */

	(void)rule("fast", STORE_PER_ALL, 10, HOUR_MS, false);
	open_store();
	for (int i = 0; i < 10; i++)
		GIVEN(give(WORLD_MSISDN + i, "join", t + HOUR_MS - 1));
	REFUSED(give(WORLD_MSISDN + 10, "join", t + HOUR_MS - 1), "spent");
	/* the clock strikes: a counter that began anew would give ten more at once */
	REFUSED(give(WORLD_MSISDN + 10, "join", t + HOUR_MS), "spent");
	/* after six minutes nine tenths of the ten count: one is free, and then none */
	REFUSED(give(WORLD_MSISDN + 10, "join", t + HOUR_MS + HOUR_MS / 10 - 1), "spent");
	GIVEN(give(WORLD_MSISDN + 10, "join", t + HOUR_MS + HOUR_MS / 10));
	REFUSED(give(WORLD_MSISDN + 11, "join", t + HOUR_MS + HOUR_MS / 10 + 1), "spent");
	/* two windows on, nothing of it is left */
	for (int i = 20; i < 30; i++)
		GIVEN(give(WORLD_MSISDN + i, "join", t + 3 * HOUR_MS));
	REFUSED(give(WORLD_MSISDN + 30, "join", t + 3 * HOUR_MS), "spent");
}
END_TEST

/* Against a reckoning of its own, in fractions: buckets by time, the one before by its share. */
START_TEST(windows_as_reckoned_here)
{
	double bucket[64] = {0};
	int64_t t = MIDNIGHT;
	struct random random = {12345};
	int given = 0, refused = 0;

	(void)rule("fast", STORE_PER_ALL, 25, HOUR_MS, false);
	open_store();
	for (int i = 0; i < 1500; i++) {
		struct store_result r;
		int64_t at;
		double weighted;
		bool expected;

		t += random_below(&random, 0x20000); /* 65 s on average */
		at = (t - MIDNIGHT) / HOUR_MS;
		ck_assert_int_lt(at, 63);
		weighted = (at > 0 ? bucket[at - 1] * (1.0 - (double)(t % HOUR_MS) / (double)HOUR_MS) : 0) +
		           bucket[at];
		if (weighted > 24 - 1e-6 && weighted < 24 + 1e-6 && weighted != 24)
			continue; /* too close for a double to tell */
		expected = weighted + 1 <= 25;
		r = give(WORLD_MSISDN + i, "join", t);
		ck_assert_int_eq(r.grant == STORE_GRANT_GRANTED, expected);
		bucket[at] += expected;
		given += expected;
		refused += !expected;
	}
	ck_assert_int_gt(given, 100);
	ck_assert_int_gt(refused, 100);
}
END_TEST

START_TEST(windows_by_bundle_and_by_block)
{
	struct store_rule *r = rule("farm", STORE_PER_BLOCK, 2, HOUR_MS, false);

	r->digits = 9; /* 254700000xxx */
	(void)rule("each", STORE_PER_BUNDLE, 4, HOUR_MS, false);
	open_store();
	GIVEN(give(254700000001, "join", WORLD_NOW));
	GIVEN(give(254700000002, "join", WORLD_NOW));
	REFUSED(give(254700000999, "join", WORLD_NOW), "spent");
	GIVEN(give(254700001000, "join", WORLD_NOW)); /* the next block */
	GIVEN(give(254700002000, "join", WORLD_NOW));
	REFUSED(give(254700003000, "join", WORLD_NOW), "spent"); /* four of this bundle */
	GIVEN(world_write(&world, gift(254700003000, "1GB", "join", WORLD_NOW)));
	ck_assert_int_eq(world_sql(&world, "SELECT gifts FROM spent WHERE rule = 'velocity.farm' AND "
	                                   "scope = '254700000'"),
	                 2);
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM refusal WHERE rule = 'velocity.farm 254700000'"), 1);
}
END_TEST

/* --- what is kept ------------------------------------------------------------------------------------------------ */

START_TEST(old_counts_go)
{
	const struct store_options o = {.path = world.path,
	                                .profile = &world.profile,
	                                .clock = &world.clock.clock,
	                                .limits = &limits,
	                                .retention = {.refusals_ms = 30 * DAY_MS, .spent = true}};
	struct store_counters c;

	cap("100MB", 1);
	budget("all", 1000);
	(void)rule("fast", STORE_PER_ALL, 100, HOUR_MS, false);
	open_store();
	GIVEN(give(WORLD_MSISDN, "join", WORLD_NOW - 40 * DAY_MS));
	REFUSED(give(WORLD_MSISDN + 1, "join", WORLD_NOW - 40 * DAY_MS), "spent");
	GIVEN(give(WORLD_MSISDN + 1, "join", WORLD_NOW));
	REFUSED(give(WORLD_MSISDN + 2, "join", WORLD_NOW), "spent");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM spent"), 5);
	ck_assert_int_eq(world_exec(&world, "INSERT INTO number_news VALUES (1234567, 0)"), SQLITE_OK);
	world_close(&world);
	ck_assert_int_eq(store_open(&o, &world.store, world.why, sizeof world.why), RC_OK);
	for (int i = 0; i < 500; i++) {
		store_counters_read(world.store, &c);
		if (c.retired >= 4)
			break;
		(void)usleep(10000);
	}
	/* the budget, and what counts today, stay */
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM spent"), 3);
	ck_assert_int_eq(world_sql(&world, "SELECT gifts FROM spent WHERE rule = 'budget.all'"), 2);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM refusal"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM number_news"), 0);
	REFUSED(give(WORLD_MSISDN + 2, "join", WORLD_NOW), "spent");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limits");
	TCase *tc = tcase_create("limits");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, promise_2_the_cap_of_a_bundle_is_exact);
	tcase_add_test(tc, a_day_begins_when_it_is_said);
	tcase_add_test(tc, promise_2_exact_through_group_commit);
	tcase_add_test(tc, a_round_that_fails_counts_nothing);
	tcase_add_test(tc, promise_1_exact_after_a_kill);
	tcase_add_test(tc, gifts_of_one_subscriber_a_day);
	tcase_add_test(tc, budgets_pay_for_what_they_name);
	tcase_add_test(tc, a_window_slides);
	tcase_add_test(tc, windows_as_reckoned_here);
	tcase_add_test(tc, windows_by_bundle_and_by_block);
	tcase_add_test(tc, old_counts_go);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
