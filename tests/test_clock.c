/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clock: the fake one moves only by hand, the system's goes forward, times read as ISO 8601. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"

START_TEST(fake_stands_still_until_moved)
{
	struct clock_fake fake;
	int64_t start;

	clock_fake_init(&fake, 1795300853123);
	start = clock_mono_ms(&fake.clock);
	ck_assert_int_eq(clock_utc_ms(&fake.clock), 1795300853123);
	ck_assert_int_eq(clock_mono_ms(&fake.clock), start);
	clock_fake_advance(&fake, 2500);
	ck_assert_int_eq(clock_utc_ms(&fake.clock), 1795300855623);
	ck_assert_int_eq(clock_mono_ms(&fake.clock), start + 2500);
	clock_fake_advance(&fake, 0);
	ck_assert_int_eq(clock_mono_ms(&fake.clock), start + 2500);
}
END_TEST

START_TEST(system_goes_forward)
{
	const struct clock *c = clock_system();
	int64_t before = clock_mono_ms(c);

	ck_assert_int_le(before, clock_mono_ms(c));
	ck_assert_int_gt(clock_utc_ms(c), INT64_C(1700000000000)); /* 2023: nothing here is older */
	ck_assert_ptr_eq(c, clock_system());
}
END_TEST

static const struct {
	int64_t ms;
	const char *text;
} times[] = {
	{0, "1970-01-01T00:00:00.000Z"},
	{-1, "1969-12-31T23:59:59.999Z"},
	{-1000, "1969-12-31T23:59:59.000Z"},
	{951782400000, "2000-02-29T00:00:00.000Z"},
	{INT64_C(1795299653123), "2026-11-21T22:20:53.123Z"},
	{INT64_C(253402300799999), "9999-12-31T23:59:59.999Z"},
	{INT64_C(253402300800000), "9999-12-31T23:59:59.999Z"},
	{INT64_MAX, "9999-12-31T23:59:59.999Z"},
	{INT64_C(-30610224000000), "1000-01-01T00:00:00.000Z"},
	{INT64_MIN, "1000-01-01T00:00:00.000Z"},
};

START_TEST(times_read_as_text)
{
	char out[CLOCK_TEXT_SIZE];

	ck_assert_ptr_eq(clock_utc_text(times[_i].ms, out), out);
	ck_assert_str_eq(out, times[_i].text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("clock");
	TCase *tc = tcase_create("clock");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, fake_stands_still_until_moved);
	tcase_add_test(tc, system_goes_forward);
	tcase_add_loop_test(tc, times_read_as_text, 0, sizeof times / sizeof times[0]);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
