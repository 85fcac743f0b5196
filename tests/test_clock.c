/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clock: the fake one moves only by hand, the system's goes forward, times read as ISO 8601. */
#include <check.h>
#include <string.h>

#include "core/clock.h"
#include "tests/run_suite.h"

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

static const struct {
	const char *text;
	int64_t ms; /* -1 = no time */
} readings[] = {
	{"2026-11-21", INT64_C(1795219200000)},
	{"2026-11-21T22:20", INT64_C(1795299600000)},
	{"2026-11-21 22:20:53", INT64_C(1795299653000)},
	{"2026-11-21T22:20:53.123Z", INT64_C(1795299653123)},
	{"2026-11-22T01:20:53.123+03:00", INT64_C(1795299653123)},
	{"2026-11-21T17:50:53.123-04:30", INT64_C(1795299653123)},
	{"2024-02-29", INT64_C(1709164800000)},
	{"1970-01-01", 0},
	{"1795299653123", INT64_C(1795299653123)},
	{"123456789", 123456789},
	{"", -1},
	{"2026", -1},
	{"2026-13-01", -1},
	{"2026-02-29", -1},
	{"2026-04-31", -1},
	{"2026-11-21T", -1},
	{"2026-11-21T24:00", -1},
	{"2026-11-21T22:60", -1},
	{"2026-11-21T22:20:53.12", -1},
	{"2026-11-21T22:20:53.123ZZ", -1},
	{"2026-11-21T22:20+3", -1},
	{"2026-11-21x", -1},
	{"21.11.2026", -1},
	{"12345678", -1},
	{"1234567890123456", -1},
	{"-1795299653123", -1},
	{"yesterday", -1},
};

START_TEST(texts_read_as_times)
{
	int64_t ms = -7;
	enum rc rc = clock_utc_parse(readings[_i].text, &ms);

	ck_assert_msg(rc == (readings[_i].ms < 0 ? RC_SYNTAX : RC_OK), "\"%s\": %s", readings[_i].text,
	              rc_name(rc));
	ck_assert_msg(ms == (readings[_i].ms < 0 ? -7 : readings[_i].ms), "\"%s\"", readings[_i].text);
}
END_TEST

START_TEST(system_is_held_and_let_go)
{
	const struct clock *c = clock_system();
	int64_t mono, utc, us = clock_mono_us(c);

	clock_hold();
	mono = clock_mono_ms(c);
	utc = clock_utc_ms(c);
	while (clock_mono_us(c) < us + 3000) /* what measures goes on */
		;
	ck_assert_int_eq(clock_mono_ms(c), mono);
	ck_assert_int_eq(clock_utc_ms(c), utc);
	clock_let_go();
	ck_assert_int_gt(clock_mono_ms(c), mono);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("clock");
	TCase *tc = tcase_create("clock");

	tcase_add_test(tc, fake_stands_still_until_moved);
	tcase_add_test(tc, system_goes_forward);
	tcase_add_test(tc, system_is_held_and_let_go);
	tcase_add_loop_test(tc, times_read_as_text, 0, sizeof times / sizeof times[0]);
	tcase_add_loop_test(tc, texts_read_as_times, 0, sizeof readings / sizeof readings[0]);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
