/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that are erased: no second gift for the same phone (promise 2), no word after a STOP (promise 7), and what is still
 * shown of it. */
#include "tests/numbers_world.h"

START_TEST(promise_2_no_second_gift_after_an_erasure)
{
	struct store_result r = world_write(&world, world_registration(WORLD_MSISDN));
	struct world_found f;

	ck_assert_int_eq(r.grant, STORE_GRANT_GRANTED);
	erase();
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber WHERE msisdn IS NOT NULL"), 0);
	/* a stranger, to all that dials say */
	f = world_find(&world, WORLD_MSISDN);
	ck_assert_int_eq(record_id(f.record), 0);
	ck_assert(!record_is_registered(f.record));
	record_free(f.record);
	r = world_write(&world, world_registration(WORLD_MSISDN));
	ck_assert_int_eq(r.rc, RC_OK);
	ck_assert(r.registered_now);
	ck_assert(r.grant_existed);
	ck_assert_int_eq(r.grant, STORE_GRANT_GRANTED);
	ck_assert_int_eq(r.refusal, REFUSAL_HAD);
	ck_assert_int_eq(r.notice, 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 1);
	/* another occasion is another gift; and all of it holds after a second erasure */
	ck_assert_int_eq(give("birthday", WORLD_NOW).refusal, REFUSAL_NONE);
	erase();
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_HAD);
	ck_assert_int_eq(give("birthday", WORLD_NOW).refusal, REFUSAL_HAD);
	ck_assert_int_eq(give("third", WORLD_NOW).refusal, REFUSAL_NONE);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 3);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber"), 3);
}
END_TEST

/* A phone next to it knows nothing of it. */
START_TEST(a_tombstone_is_of_one_number)
{
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_NONE);
	erase();
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + 1)).refusal, REFUSAL_NONE);
}
END_TEST

START_TEST(promise_7_a_stop_stays_through_an_erasure)
{
	ck_assert_int_eq(give("join", WORLD_NOW).rc, RC_OK);
	stop(true);
	erase();
	ck_assert(is_stopped());
	/* also once there is a row again */
	ck_assert_int_eq(give("other", WORLD_NOW).rc, RC_OK);
	ck_assert(is_stopped());
	erase();
	ck_assert(is_stopped());
	stop(false);
	ck_assert(!is_stopped());
	erase();
	ck_assert(!is_stopped());
	world_close(&world);
	open_store();
	ck_assert(!is_stopped());
}
END_TEST

START_TEST(what_remains_can_be_shown)
{
	struct shown one = {0}, all = {0};
	struct query *q;

	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	erase();
	ck_assert_int_eq(query_open(world.path, &world.profile, &q, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(query_by_msisdn(q, WORLD_MSISDN, on_shown, &one), RC_OK);
	ck_assert_int_eq(one.calls, 1);
	ck_assert(one.is_erased);
	ck_assert_int_eq(one.state, SUBSCRIBER_ANONYMOUS);
	ck_assert_int_eq(one.msisdn, WORLD_MSISDN);
	ck_assert_int_eq(one.values, 0);
	ck_assert_int_eq(one.consents, 2); /* given, and withdrawn */
	ck_assert_int_eq(one.grants, 1);
	ck_assert_int_eq(query_each(q, true, on_shown, &all), RC_OK);
	ck_assert_int_eq(all.calls, 0); /* the number is in no list any more */
	ck_assert_int_eq(query_by_msisdn(q, WORLD_MSISDN + 1, on_shown, &one), RC_NOTFOUND);
	query_close(q);
	/* back again: care sees what was there before, and why there was no second one */
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).refusal, REFUSAL_HAD);
	ck_assert_int_eq(query_open(world.path, &world.profile, &q, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(query_by_msisdn(q, WORLD_MSISDN, on_shown, &one), RC_OK);
	query_close(q);
	ck_assert(!one.is_erased);
	ck_assert_int_eq(one.state, SUBSCRIBER_DECLARED);
	ck_assert_int_eq(one.grants, 1);
	ck_assert_int_eq(one.refusals, 1);
}
END_TEST

/* However often it is done. */
START_TEST(an_erasure_does_not_begin_a_new_day)
{
	struct store_batch *b;

	world_close(&world);
	limits.per_day = 1;
	open_store();
	for (int i = 0; i < 40; i++) { /* on other days */
		b = store_batch_new(WORLD_MSISDN, WORLD_NOW - 9 * DAY_MS + i);
		ck_assert_int_eq(store_batch_erase(b, STORE_CH_OPERATOR, "asked"), RC_OK);
		ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	}
	ck_assert_int_eq(give("a", WORLD_NOW).refusal, REFUSAL_NONE);
	for (int i = 0; i < 40; i++) {
		erase();
		ck_assert_int_eq(give("b", WORLD_NOW).refusal, REFUSAL_DAY);
	}
	ck_assert_int_eq(give("b", WORLD_NOW + DAY_MS).refusal, REFUSAL_NONE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("erased");
	TCase *tc = tcase_create("erased");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, promise_2_no_second_gift_after_an_erasure);
	tcase_add_test(tc, a_tombstone_is_of_one_number);
	tcase_add_test(tc, promise_7_a_stop_stays_through_an_erasure);
	tcase_add_test(tc, what_remains_can_be_shown);
	tcase_add_test(tc, an_erasure_does_not_begin_a_new_day);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
