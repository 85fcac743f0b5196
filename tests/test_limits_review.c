/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits: gifts that wait for a person, what is given back of a gift that is refused elsewhere, and what is left to report.
 * Promise 7: STOP wins over a decision. */
#include "storage/query_limits.h"
#include "storage/store_charges.h"
#include "tests/limits_world.h"

static const struct store_order words = {.system = STORE_LEDGER,
                                         .instance = "",
                                         .route = "",
                                         .late = "100 MB is yours.",
                                         .sorry = "Sorry.",
                                         .declined = "We cannot give it."};

static struct store_result give_with_words(int64_t msisdn, const char *key)
{
	struct store_batch *b = gift(msisdn, "100MB", key, WORLD_NOW);

	ck_assert_int_eq(store_batch_order(b, &words), RC_OK);
	return world_write(&world, b);
}

static void on_held(void *ctx, const struct store_held_result *r)
{
	*(struct store_held_result *)ctx = *r;
}

static struct store_held_result decide(int64_t id, bool approved)
{
	struct store_held_result r = {.rc = RC_IO};

	ck_assert_int_eq(store_held_decide(world.store, id, approved, approved ? "care:jane (console)" : NULL,
	                                   "looked at it", on_held, &r),
	                 RC_OK);
	store_wait(world.store);
	return r;
}

#define HELD(result)                                                    \
	do {                                                            \
		struct store_result got_ = (result);                    \
		ck_assert_int_eq(got_.rc, RC_OK);                       \
		ck_assert_str_eq(refusal_name(got_.refusal), "review"); \
		ck_assert_int_eq(got_.grant, STORE_GRANT_PENDING);      \
		ck_assert_int_eq(got_.charge, 0);                       \
	} while (0)

START_TEST(what_is_too_fast_waits_for_a_person)
{
	struct store_held_result r;

	(void)rule("fast", STORE_PER_ALL, 1, HOUR_MS, true);
	budget("all", 3);
	open_store();
	GIVEN(give_with_words(WORLD_MSISDN, "join"));
	HELD(give_with_words(WORLD_MSISDN + 1, "join"));
	HELD(give_with_words(WORLD_MSISDN + 2, "join"));
	/* a refusal goes before a review: there is no money left to look at */
	REFUSED(give_with_words(WORLD_MSISDN + 3, "join"), "spent");
	/* asked again, the same is true */
	HELD(give_with_words(WORLD_MSISDN + 1, "join"));
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM charge WHERE state = 'held'"), 2);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 1);

	r = decide(2, true);
	ck_assert_int_eq(r.rc, RC_OK);
	ck_assert_int_eq(r.grant, STORE_GRANT_GRANTED);
	ck_assert(r.is_told);
	ck_assert_int_eq(
		world_sql(
			&world,
			"SELECT count(*) FROM outbox WHERE plain(subscriber, 'outbox.text', text) = '100 MB is yours.' AND "
			"state = 'pending' AND msisdn = 254700000002"),
		1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger WHERE grant_id = 2"), 1);
	ck_assert_int_eq(give_with_words(WORLD_MSISDN + 1, "join").refusal, REFUSAL_HAD);

	r = decide(3, false);
	ck_assert_int_eq(r.rc, RC_OK);
	ck_assert_int_eq(r.grant, STORE_GRANT_REJECTED);
	ck_assert_int_eq(
		world_sql(
			&world,
			"SELECT count(*) FROM outbox WHERE plain(subscriber, 'outbox.text', text) = 'We cannot give it.'"),
		1);
	ck_assert_int_eq(give_with_words(WORLD_MSISDN + 2, "join").refusal, REFUSAL_DECLINED);
	/* the budget has it back, and nothing is left of the words */
	ck_assert_int_eq(world_sql(&world, "SELECT gifts FROM spent WHERE rule = 'budget.all'"), 2);
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM charge WHERE sms || late || sorry || declined <> ''"),
		0);

	ck_assert_int_eq(decide(3, true).rc, RC_EXISTS);
	ck_assert_int_eq(decide(2, false).rc, RC_EXISTS);
	ck_assert_int_eq(decide(1, true).rc, RC_EXISTS);
	ck_assert_int_eq(decide(99, true).rc, RC_NOTFOUND);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM audit WHERE reason = 'looked at it'"), 2);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM audit WHERE reason = 'looked at it' AND "
	                                   "actor = 'care:jane (console)' AND action = 'grant approved'"),
	                 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 2);
}
END_TEST

/* Promise 7: a decision is no reason to write to somebody who has said STOP. */
START_TEST(promise_7_stop_wins_over_a_decision)
{
	struct store_batch *b;

	(void)rule("fast", STORE_PER_ALL, 1, HOUR_MS, true);
	open_store();
	GIVEN(give_with_words(WORLD_MSISDN, "join"));
	HELD(give_with_words(WORLD_MSISDN + 1, "join"));
	b = world_batch(WORLD_MSISDN + 1);
	ck_assert_int_eq(store_batch_stop(b, true), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert(!decide(2, true).is_told);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 2);
}
END_TEST

/* Nobody gave words: the decision stands all the same. */
START_TEST(held_without_words)
{
	(void)rule("fast", STORE_PER_ALL, 1, HOUR_MS, true);
	open_store();
	GIVEN(give(WORLD_MSISDN, "join", WORLD_NOW));
	HELD(give(WORLD_MSISDN + 1, "join", WORLD_NOW));
	ck_assert_int_eq(decide(2, true).rc, RC_OK);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox"), 0);
}
END_TEST

static uint64_t reference_of(const char *instance, int64_t subscriber, int64_t msisdn, const char *key)
{
	(void)instance;
	(void)subscriber;
	(void)key;
	return (uint64_t)msisdn;
}

static void on_moved(void *ctx, const struct store_charge_result *r)
{
	*(enum rc *)ctx = r->rc;
}

static void move(int64_t id, enum store_charge from, enum store_charge to)
{
	const struct store_charge_update u = {.id = id,
	                                      .from = from,
	                                      .to = to,
	                                      .refusal = REFUSAL_BARRED,
	                                      .op = "grant",
	                                      .outcome = "",
	                                      .reason = "",
	                                      .why = ""};
	enum rc rc = RC_IO;

	ck_assert_int_eq(store_charge_move(world.store, &u, on_moved, &rc), RC_OK);
	store_wait(world.store);
	ck_assert_int_eq(rc, RC_OK);
}

/* What the charging system refuses was no gift; and what is bought is none either. */
START_TEST(a_gift_that_is_refused_elsewhere_is_given_back)
{
	struct store_order order = {.system = "ucip",
	                            .instance = "",
	                            .reference = reference_of,
	                            .route = "",
	                            .late = "yours",
	                            .sorry = "sorry"};
	struct store_batch *b;

	budget("all", 1);
	limits.per_day = 5;
	open_store();
	b = gift(WORLD_MSISDN, "100MB", "join", WORLD_NOW);
	ck_assert_int_eq(store_batch_order(b, &order), RC_OK);
	ck_assert_int_eq(world_write(&world, b).grant, STORE_GRANT_PENDING);
	b = gift(WORLD_MSISDN + 1, "100MB", "join", WORLD_NOW);
	ck_assert_int_eq(store_batch_order(b, &order), RC_OK);
	REFUSED(world_write(&world, b), "spent");
	order.price = 500;
	b = gift(WORLD_MSISDN + 1, "100MB", "buy:1", WORLD_NOW);
	ck_assert_int_eq(store_batch_order(b, &order), RC_OK);
	ck_assert_int_eq(world_write(&world, b).grant, STORE_GRANT_PENDING);
	ck_assert_int_eq(world_sql(&world, "SELECT gifts FROM spent"), 1);
	move(2, STORE_CHARGE_PENDING, STORE_CHARGE_SENT);
	move(2, STORE_CHARGE_SENT, STORE_CHARGE_REJECTED);
	ck_assert_int_eq(world_sql(&world, "SELECT gifts FROM spent"), 1);
	move(1, STORE_CHARGE_PENDING, STORE_CHARGE_SENT);
	move(1, STORE_CHARGE_SENT, STORE_CHARGE_REJECTED);
	ck_assert_int_eq(world_sql(&world, "SELECT gifts FROM spent"), 0);
	order.price = 0;
	b = gift(WORLD_MSISDN + 1, "100MB", "join", WORLD_NOW);
	ck_assert_int_eq(store_batch_order(b, &order), RC_OK);
	ck_assert_int_eq(world_write(&world, b).grant, STORE_GRANT_PENDING);
	/* whose key was refused there hears why, and is not asked for again */
	b = gift(WORLD_MSISDN, "100MB", "join", WORLD_NOW);
	ck_assert_int_eq(store_batch_order(b, &order), RC_OK);
	ck_assert_int_eq(world_write(&world, b).refusal, REFUSAL_BARRED);
}
END_TEST

/* --- reports --------------------------------------------------------------------------------------------------------- */

START_TEST(what_is_left_can_be_read)
{
	static struct query_limits l;
	struct query *q;

	cap("100MB", 5);
	budget("launch", 10);
	(void)rule("fast", STORE_PER_ALL, 2, HOUR_MS, true);
	open_store();
	GIVEN(give(WORLD_MSISDN, "join", WORLD_NOW));
	GIVEN(give(WORLD_MSISDN + 1, "join", WORLD_NOW));
	HELD(give(WORLD_MSISDN + 2, "join", WORLD_NOW));
	(void)give(WORLD_MSISDN, "join", WORLD_NOW);
	ck_assert_int_eq(query_open(world.path, &world.profile, &q, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(query_limits_read(q, &limits, WORLD_NOW, &l), RC_OK);
	query_close(q);
	ck_assert_int_eq(l.held, 1);
	ck_assert_int_eq(l.oldest_held_ms, WORLD_NOW);
	ck_assert_int_eq(l.refused[REFUSAL_HAD], 1);
	ck_assert_int_eq(l.refused[REFUSAL_REVIEW], 1);
	ck_assert_int_eq(l.budget[0].spent, 3);
	ck_assert_int_eq(l.cap[0].spent, 3);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("limits_review");
	TCase *tc = tcase_create("limits_review");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, what_is_too_fast_waits_for_a_person);
	tcase_add_test(tc, promise_7_stop_wins_over_a_decision);
	tcase_add_test(tc, held_without_words);
	tcase_add_test(tc, a_gift_that_is_refused_elsewhere_is_given_back);
	tcase_add_test(tc, what_is_left_can_be_read);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
