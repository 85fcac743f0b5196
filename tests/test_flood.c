/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Floods: one number cannot take more than its share, no flood of numbers hides one, and a STOP is never lost to it. */
#include <check.h>

#include "gateway/flood.h"
#include "tests/run_suite.h"

#define JANE INT64_C(254700000001)
#define LIMIT 20

static struct flood *f;

static void setup(void)
{
	ck_assert_int_eq(flood_new(LIMIT, &f), RC_OK);
}

static void teardown(void)
{
	flood_free(f);
}

static unsigned fine_of(int n, int64_t msisdn, int64_t now)
{
	unsigned fine = 0;

	for (int i = 0; i < n; i++)
		fine += flood_take(f, msisdn, now) == FLOOD_FINE;
	return fine;
}

START_TEST(a_burst_up_to_the_limit_and_then_evenly)
{
	struct flood_counters c;

	ck_assert_uint_eq(fine_of(100, JANE, 5000), LIMIT);
	ck_assert_uint_eq(fine_of(100, JANE, 5000 + FLOOD_WINDOW_MS / LIMIT - 1), 0);
	ck_assert_uint_eq(fine_of(100, JANE, 5000 + 2 * FLOOD_WINDOW_MS / LIMIT), 2);
	ck_assert_uint_eq(fine_of(100, JANE, 5000 + 4 * FLOOD_WINDOW_MS), LIMIT);
	flood_counters_read(f, &c);
	ck_assert_uint_eq(c.over, 400 - 2 * LIMIT - 2);
}
END_TEST

START_TEST(the_first_one_over_the_limit_is_told)
{
	(void)fine_of(LIMIT, JANE, 0);
	ck_assert_int_eq(flood_take(f, JANE, 0), FLOOD_FIRST);
	ck_assert_int_eq(flood_take(f, JANE, 0), FLOOD_OVER);
	ck_assert_uint_eq(fine_of(1, JANE, 600), 1); /* within again, but not rested */
	ck_assert_int_eq(flood_take(f, JANE, 600), FLOOD_OVER);
	(void)fine_of(LIMIT, JANE, 60000);
	ck_assert_int_eq(flood_take(f, JANE, 60000), FLOOD_FIRST);
}
END_TEST

START_TEST(promise_7_a_stop_over_the_limit_counts_once)
{
	(void)fine_of(LIMIT + 5, JANE, 0);
	ck_assert(flood_take_stop(f, JANE, 0));
	ck_assert(!flood_take_stop(f, JANE, 0));
	flood_unstop(f, JANE); /* it could not be stored, or they began again */
	ck_assert(flood_take_stop(f, JANE, 0));
	ck_assert(!flood_take_stop(f, JANE, 0));
}
END_TEST

START_TEST(promise_6_a_flood_of_numbers_does_not_hide_one_that_floods)
{
	struct flood_counters c;
	unsigned fine = fine_of(LIMIT, JANE, 0);

	for (int64_t n = 0; n < 4 * FLOOD_NUMBERS; n++) {
		ck_assert_int_eq(flood_take(f, 255700000000 + n, 1), FLOOD_FINE);
		if (n % 1000 == 0)
			fine += fine_of(1, JANE, 1);
	}
	ck_assert_uint_eq(fine, LIMIT);
	flood_counters_read(f, &c);
	ck_assert_uint_gt(c.evicted, 0);
}
END_TEST

START_TEST(a_clock_that_goes_back_gives_nothing)
{
	ck_assert_uint_eq(fine_of(LIMIT, JANE, 100000), LIMIT);
	ck_assert_uint_eq(fine_of(10, JANE, 1000), 0);
	ck_assert_uint_eq(fine_of(LIMIT + 1, JANE, 1000 + FLOOD_WINDOW_MS), LIMIT);
}
END_TEST

/* Of one input in ten seconds a millisecond gives a ten-thousandth; those must add up. */
START_TEST(a_low_limit_is_given_to_one_that_never_rests)
{
	struct flood *low;
	unsigned fine = 0;

	ck_assert_int_eq(flood_new(1, &low), RC_OK);
	for (int64_t ms = 0; ms < 4 * FLOOD_WINDOW_MS; ms++)
		fine += flood_take(low, JANE, ms) == FLOOD_FINE;
	flood_free(low);
	ck_assert_uint_ge(fine, 4);
	ck_assert_uint_le(fine, 5);
}
END_TEST

START_TEST(no_limit)
{
	struct flood *none;

	ck_assert_int_eq(flood_new(0, &none), RC_OK);
	for (int i = 0; i < 100000; i++) {
		ck_assert_int_eq(flood_take(none, JANE, 0), FLOOD_FINE);
		ck_assert(flood_take_stop(none, JANE, 0));
	}
	flood_free(none);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("flood");
	TCase *t = tcase_create("flood");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_burst_up_to_the_limit_and_then_evenly);
	tcase_add_test(t, the_first_one_over_the_limit_is_told);
	tcase_add_test(t, promise_7_a_stop_over_the_limit_counts_once);
	tcase_add_test(t, promise_6_a_flood_of_numbers_does_not_hide_one_that_floods);
	tcase_add_test(t, a_clock_that_goes_back_gives_nothing);
	tcase_add_test(t, a_low_limit_is_given_to_one_that_never_rests);
	tcase_add_test(t, no_limit);
	suite_add_tcase(s, t);
	return run_suite(s);
}
