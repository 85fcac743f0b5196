/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations: every unit, every refusal, and each text read back. */
#include <check.h>

#include "core/duration.h"
#include "tests/run_suite.h"

static const struct {
	const char *text;
	enum rc rc;
	int64_t ms;
} cases[] = {
	{"250ms", RC_OK, 250},
	{"180s", RC_OK, 180000},
	{"15m", RC_OK, 900000},
	{"24h", RC_OK, 86400000},
	{"7d", RC_OK, 604800000},
	{"0s", RC_OK, 0},
	{"007s", RC_OK, 7000},
	{"3650d", RC_OK, INT64_C(315360000000)},
	{"315360000000ms", RC_OK, INT64_C(315360000000)},
	{"3651d", RC_RANGE, 0},
	{"315360000001ms", RC_RANGE, 0},
	{"99999999999999999999999999d", RC_RANGE, 0},
	{"", RC_SYNTAX, 0},
	{NULL, RC_SYNTAX, 0},
	{"180", RC_SYNTAX, 0},
	{"s", RC_SYNTAX, 0},
	{"-1s", RC_SYNTAX, 0},
	{"+1s", RC_SYNTAX, 0},
	{" 1s", RC_SYNTAX, 0},
	{"1 s", RC_SYNTAX, 0},
	{"1s ", RC_SYNTAX, 0},
	{"1S", RC_SYNTAX, 0},
	{"1w", RC_SYNTAX, 0},
	{"1.5h", RC_SYNTAX, 0},
	{"1h30m", RC_SYNTAX, 0},
	{"99999999999999999999999999x", RC_SYNTAX, 0},
};

START_TEST(durations_are_read)
{
	int64_t ms = -77;

	ck_assert_int_eq(duration_parse(cases[_i].text, &ms), cases[_i].rc);
	/* Outputs are untouched unless RC_OK. */
	ck_assert_int_eq(ms, cases[_i].rc == RC_OK ? cases[_i].ms : -77);
}
END_TEST

static const struct {
	int64_t ms;
	const char *text;
} texts[] = {
	{0, "0s"},
	{1, "1ms"},
	{1500, "1500ms"},
	{2000, "2s"},
	{90000, "90s"},
	{900000, "15m"},
	{5400000, "90m"},
	{7200000, "2h"},
	{86400000, "1d"},
	{604800000, "7d"},
	{INT64_C(315360000000), "3650d"},
};

START_TEST(text_is_short_and_reads_back)
{
	char out[DURATION_TEXT_SIZE];
	int64_t back = -1;

	ck_assert_ptr_eq(duration_text(texts[_i].ms, out), out);
	ck_assert_str_eq(out, texts[_i].text);
	ck_assert_int_eq(duration_parse(out, &back), RC_OK);
	ck_assert_int_eq(back, texts[_i].ms);
}
END_TEST

START_TEST(extreme_values_fit)
{
	char out[DURATION_TEXT_SIZE];

	ck_assert_str_eq(duration_text(INT64_MAX, out), "9223372036854775807ms");
	ck_assert_str_eq(duration_text(INT64_MIN, out), "-9223372036854775808ms");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("duration");
	TCase *tc = tcase_create("duration");

	tcase_add_loop_test(tc, durations_are_read, 0, sizeof cases / sizeof cases[0]);
	tcase_add_loop_test(tc, text_is_short_and_reads_back, 0, sizeof texts / sizeof texts[0]);
	tcase_add_test(tc, extreme_values_fit);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
