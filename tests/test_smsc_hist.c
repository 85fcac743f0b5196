/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Latency histogram: exact below 64, within 1/64 above, percentiles that never understate. */
#include <check.h>
#include <stdlib.h>

#include "tests/run_suite.h"
#include "tools/smsc_hist.h"

static struct smsc_hist *h;

static void set_up(void)
{
	h = calloc(1, sizeof *h);
	ck_assert_ptr_nonnull(h);
}

static void tear_down(void)
{
	free(h);
}

START_TEST(empty_says_zero)
{
	ck_assert_int_eq(smsc_hist_percentile(h, 50), 0);
	ck_assert_int_eq(smsc_hist_percentile(h, 100), 0);
}
END_TEST

START_TEST(small_values_are_exact)
{
	for (int v = 1; v <= 50; v++)
		smsc_hist_record(h, v);
	ck_assert_int_eq(smsc_hist_percentile(h, 0), 1);
	ck_assert_int_eq(smsc_hist_percentile(h, 50), 25);
	ck_assert_int_eq(smsc_hist_percentile(h, 90), 45);
	ck_assert_int_eq(smsc_hist_percentile(h, 100), 50);
}
END_TEST

/* Each magnitude: the reported value is not below the recorded one and at most 1/64 above it. */
START_TEST(every_magnitude_keeps_its_precision)
{
	for (int64_t base = 1; base < (int64_t)1 << 39; base = base * 3 + 1) {
		int64_t p50;

		*h = (struct smsc_hist){.count = 0};
		smsc_hist_record(h, base);
		smsc_hist_record(h, base);
		smsc_hist_record(h, ((int64_t)1 << SMSC_HIST_MAX_BITS) - 1);
		p50 = smsc_hist_percentile(h, 50);
		ck_assert_int_ge(p50, base);
		ck_assert_int_le(p50, base + base / 64);
	}
}
END_TEST

START_TEST(order_of_values_is_kept)
{
	int64_t before = -1;

	for (int64_t v = 0; v < 100000; v += 7) {
		int64_t edge;

		*h = (struct smsc_hist){.count = 0};
		smsc_hist_record(h, v);
		smsc_hist_record(h, (int64_t)1 << 39);
		edge = smsc_hist_percentile(h, 50);
		ck_assert_int_ge(edge, before);
		before = edge;
	}
}
END_TEST

START_TEST(tail_is_found)
{
	for (int i = 0; i < 999; i++)
		smsc_hist_record(h, 10);
	smsc_hist_record(h, 1000000);
	ck_assert_int_eq(smsc_hist_percentile(h, 99), 10);
	ck_assert_int_eq(smsc_hist_percentile(h, 99.9), 10);
	ck_assert_int_eq(smsc_hist_percentile(h, 99.99), 1000000);
	ck_assert_int_eq(h->max, 1000000);
}
END_TEST

START_TEST(extremes_are_bounded)
{
	const int64_t most = ((int64_t)1 << SMSC_HIST_MAX_BITS) - 1;

	smsc_hist_record(h, -5);
	ck_assert_int_eq(smsc_hist_percentile(h, 100), 0);
	smsc_hist_record(h, INT64_MAX);
	ck_assert_int_eq(h->max, most);
	ck_assert_int_eq(smsc_hist_percentile(h, 100), most);
	ck_assert_uint_eq(h->count, 2);
	ck_assert_uint_eq(h->bucket[SMSC_HIST_BUCKETS - 1], 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("smsc_hist");
	TCase *tc = tcase_create("hist");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, empty_says_zero);
	tcase_add_test(tc, small_values_are_exact);
	tcase_add_test(tc, every_magnitude_keeps_its_precision);
	tcase_add_test(tc, order_of_values_is_kept);
	tcase_add_test(tc, tail_is_found);
	tcase_add_test(tc, extremes_are_bounded);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
