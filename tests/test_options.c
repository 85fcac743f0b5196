/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The option table: well formed, and the same as what docs/configuration.md tells people. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/duration.h"
#include "gateway/config.h"
#include "gateway/options.h"
#include "tests/manual.h"
#include "tests/run_suite.h"

static const struct option_table tables[] = {{options_main, 0}, {options_profile, 0}};

static struct option_table table(int i)
{
	struct option_table t = tables[i];

	t.n = i == 0 ? options_main_count : options_profile_count;
	return t;
}

START_TEST(every_row_is_whole)
{
	struct option_table t = table(_i);

	for (size_t i = 0; i < t.n; i++) {
		const struct option_row *row = &t.row[i];

		ck_assert_ptr_nonnull(row->group);
		ck_assert_ptr_nonnull(row->name);
		ck_assert_msg(row->help && *row->help, "%s has no help", row->name);
		ck_assert_msg(!strchr(row->help, '|'), "%s would break the Markdown table", row->name);
		ck_assert_msg(row->least <= row->most, "%s has no range", row->name);
		ck_assert_ptr_eq(option_by_name(&t, row->group, row->name), row); /* no doubles */
	}
}
END_TEST

START_TEST(defaults_are_in_range)
{
	struct option_table t = table(_i);

	for (size_t i = 0; i < t.n; i++) {
		const struct option_row *row = &t.row[i];
		int64_t value = 0;

		if (!row->fallback)
			continue;
		if (row->type == OPTION_DURATION)
			ck_assert_int_eq(duration_parse(row->fallback, &value), RC_OK);
		else if (row->type == OPTION_INT || row->type == OPTION_PORT)
			value = atoll(row->fallback);
		else if (row->type == OPTION_CHOICE)
			ck_assert(option_list_has(row->choices, row->fallback) &&
			          !option_list_has(row->later, row->fallback));
		else
			continue;
		ck_assert_msg(row->type == OPTION_CHOICE || (value >= row->least && value <= row->most),
		              "the default of %s is out of its own range", row->name);
	}
}
END_TEST

START_TEST(near_keys_are_of_the_same_group)
{
	struct option_table t = table(0);

	ck_assert_str_eq(option_nearest(&t, "links[]", "widow"), "window");
	ck_assert_ptr_null(option_nearest(&t, "store", "widow"));
	ck_assert_ptr_null(option_by_name(&t, "", "window"));
}
END_TEST

START_TEST(ranges_read_well)
{
	struct option_table t = table(0);
	char text[OPTION_RANGE_SIZE];

	ck_assert_str_eq(option_range(option_by_name(&t, "links[]", "window"), text), "1..1000");
	ck_assert_str_eq(option_range(option_by_name(&t, "ussd", "idle"), text), "1s..1h");
	ck_assert_str_eq(option_range(option_by_name(&t, "links[]", "bind"), text),
	                 "\"transceiver\", \"pair\", \"transmitter\" or \"receiver\"");
	ck_assert_str_eq(option_range(option_by_name(&t, "log", "level"), text),
	                 "\"debug\", \"info\", \"warn\" or \"error\"");
}
END_TEST

START_TEST(the_manual_has_the_same_table)
{
	manual_is("configuration.md", "options", options_print_markdown, "starhash check --options");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("options");
	TCase *tc = tcase_create("options");

	tcase_add_loop_test(tc, every_row_is_whole, 0, 2);
	tcase_add_loop_test(tc, defaults_are_in_range, 0, 2);
	tcase_add_test(tc, near_keys_are_of_the_same_group);
	tcase_add_test(tc, ranges_read_well);
	tcase_add_test(tc, the_manual_has_the_same_table);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
