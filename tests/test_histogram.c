/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Histogram: what is in which bucket, against a search that is too simple to be wrong. */
#include "core/histogram.h"
#include "tests/run_suite.h"

#include <check.h>

static unsigned slow_bucket(int64_t us)
{
	unsigned i = 0;

	while (i < HISTOGRAM_BOUNDS && us > (int64_t)histogram_bound_us[i])
		i++;
	return i;
}

static void check_one(int64_t us)
{
	struct histogram h = {0};

	histogram_add(&h, us);
	ck_assert_uint_eq(h.count, 1);
	ck_assert_uint_eq(h.sum_us, us > 0 ? (uint64_t)us : 0);
	for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++)
		ck_assert_msg(h.bucket[i] == (i == slow_bucket(us)), "%lld us, bucket %u", (long long)us, i);
}

START_TEST(bounds_are_inclusive_and_rise)
{
	for (unsigned i = 0; i < HISTOGRAM_BOUNDS; i++) {
		ck_assert(i == 0 || histogram_bound_us[i] > histogram_bound_us[i - 1]);
		check_one(histogram_bound_us[i] - 1);
		check_one(histogram_bound_us[i]);
		check_one((int64_t)histogram_bound_us[i] + 1);
	}
	ck_assert_uint_eq(slow_bucket(2500000), slow_bucket(2499999)); /* 2.5 s is a bound */
	ck_assert_uint_ne(slow_bucket(2500000), slow_bucket(2500001));
}
END_TEST

START_TEST(every_number_of_bits_is_found)
{
	check_one(INT64_MIN);
	check_one(-1);
	check_one(0);
	for (int bits = 0; bits < 63; bits++) {
		check_one(INT64_C(1) << bits);
		check_one((INT64_C(1) << bits) - 1);
	}
	check_one(INT64_MAX);
	for (int64_t us = 0; us < 20000; us++)
		check_one(us);
}
END_TEST

START_TEST(merging_is_adding)
{
	struct histogram one = {0}, other = {0}, all = {0};

	for (int64_t us = 1; us < 20000000; us = us * 3 + 7) {
		histogram_add(us % 2 ? &one : &other, us);
		histogram_add(&all, us);
	}
	histogram_merge(&one, &other);
	ck_assert_mem_eq(&one, &all, sizeof(one));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("histogram");
	TCase *tc = tcase_create("histogram");

	tcase_add_test(tc, bounds_are_inclusive_and_rise);
	tcase_add_test(tc, every_number_of_bits_is_found);
	tcase_add_test(tc, merging_is_adding);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
