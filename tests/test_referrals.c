/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Referrals in the store: once in a life, no circles, and nothing that tells who somebody is (promise 9). */
#include "tests/relations_world.h"

/* --- referrals ------------------------------------------------------------------------------------------------------ */

static int64_t referrals(int64_t msisdn)
{
	char query[100];

	snprintf(query, sizeof query, "SELECT referrals FROM subscriber WHERE msisdn = %lld",
	         (long long)msisdn);
	return sql(query);
}

START_TEST(a_referral_counts_once_its_person_is_registered)
{
	struct world_found f;

	register_all(JANE);
	ck_assert_int_eq(refer(JOHN, JANE), STORE_RELATION_REFERRED);
	ck_assert_int_eq(referrals(JANE), 0);
	ck_assert_int_eq(refer(JOHN, JANE), STORE_RELATION_AGAIN);
	f = world_find(&world, JOHN);
	ck_assert(record_is_referred(f.record));
	record_free(f.record);
	register_all(JOHN);
	register_all(JOHN);
	ck_assert_int_eq(referrals(JANE), 1);
	f = world_find(&world, JANE);
	ck_assert_uint_eq(record_referrals(f.record), 1);
	ck_assert_int_eq(referrals(JOHN), 0);
	record_free(f.record);
	/* taken back, and agreed to again: the same person */
	withdraw_all(JOHN);
	register_all(JOHN);
	ck_assert_int_eq(referrals(JANE), 1);
	ck_assert_int_eq(refer(JOHN, MARY), STORE_RELATION_LATE);
	ck_assert_int_eq(refer(JANE, JOHN), STORE_RELATION_LATE);
}
END_TEST

/* In the transaction that registers, too. */
START_TEST(a_referral_at_registration)
{
	struct store_batch *b = world_registration(JOHN);

	register_all(JANE);
	ck_assert_int_eq(store_batch_refer(b, JANE), RC_OK);
	ck_assert_int_eq(world_write(&world, b).relation, STORE_RELATION_REFERRED);
	ck_assert_int_eq(referrals(JANE), 1);
}
END_TEST

/* Whether a number is known is not told, and what is nobody's is not kept. */
START_TEST(promise_9_a_stranger_cannot_be_told_from_a_customer)
{
	ck_assert_int_eq(refer(JOHN, JANE), STORE_RELATION_REFERRED);
	ck_assert_int_eq(sql("SELECT count(*) FROM referral"), 0);
	ck_assert_int_eq(sql("SELECT count(*) FROM subscriber WHERE msisdn = 254700000801"), 0);
	register_all(JANE);
	ck_assert_int_eq(refer(JOHN, JANE), STORE_RELATION_REFERRED);
	ck_assert_int_eq(sql("SELECT count(*) FROM referral"), 1);
}
END_TEST

START_TEST(no_circle_however_long)
{
	for (int64_t n = 0; n < 5; n++)
		stop(JANE + n, false); /* known */
	for (int64_t n = 0; n < 4; n++)
		ck_assert_int_eq(refer(JANE + n, JANE + n + 1), STORE_RELATION_REFERRED);
	ck_assert_int_eq(sql("SELECT count(*) FROM referral"), 4);
	ck_assert_int_eq(refer(JANE + 4, JANE), STORE_RELATION_REFERRED);
	ck_assert_int_eq(refer(JANE + 4, JANE + 4), STORE_RELATION_REFERRED);
	ck_assert_int_eq(sql("SELECT count(*) FROM referral"), 4);
}
END_TEST

START_TEST(once_in_a_life_erasures_included)
{
	register_all(JANE);
	ck_assert_int_eq(refer(JOHN, JANE), STORE_RELATION_REFERRED);
	register_all(JOHN);
	erase(JOHN);
	ck_assert_int_eq(refer(JOHN, JANE), STORE_RELATION_AGAIN);
	register_all(JOHN);
	ck_assert_int_eq(referrals(JANE), 1);
}
END_TEST

/* One phone is erased as often as somebody likes to dial it. */
START_TEST(once_in_a_life_after_a_hundred_erasures)
{
	register_all(JANE);
	for (int n = 0; n < 50; n++) {
		stop(JOHN, false); /* seen */
		erase(JOHN);
	}
	ck_assert_int_eq(refer(JOHN, JANE), STORE_RELATION_REFERRED);
	register_all(JOHN);
	for (int n = 0; n < 50; n++) {
		erase(JOHN);
		ck_assert_int_eq(refer(JOHN, JANE), STORE_RELATION_AGAIN);
	}
	ck_assert_int_eq(referrals(JANE), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("referrals");
	TCase *c;

	c = tcase_create("referrals");
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_referral_counts_once_its_person_is_registered);
	tcase_add_test(c, a_referral_at_registration);
	tcase_add_test(c, promise_9_a_stranger_cannot_be_told_from_a_customer);
	tcase_add_test(c, no_circle_however_long);
	tcase_add_test(c, once_in_a_life_erasures_included);
	tcase_add_test(c, once_in_a_life_after_a_hundred_erasures);
	suite_add_tcase(suite, c);
	return world_run(suite);
}
