/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of starhash status: what it says of two reports; and the bar of long work. */
#include <check.h>
#include <string.h>

#include "tests/run_suite.h"
#include "tools/dashboard.h"
#include "tools/progress.h"

static char page[DASHBOARD_SIZE];

static const char *const well =
	"{\"version\":\"1.2\",\"since\":\"2026-11-01T00:00:00.000Z\",\"health\":{\"status\":\"ok\",\"troubles\":[]},"
	"\"dialogues\":{\"open\":7,\"begun\":100,\"inputs\":400,\"completed\":90},"
	"\"answer_times\":{\"count\":10,\"up_to_us\":[100,1000,10000],\"answers\":[5,4,1,0]},"
	"\"links\":[{\"name\":\"smsc-a\",\"group\":\"home\",\"state\":\"bound\",\"window\":100,\"rate\":50,\"configured_rate\":0,"
	"\"deliver_in\":400,\"submit_out\":400,\"outstanding\":3}],"
	"\"store\":{\"queue\":2,\"writes\":50,\"commit_us_mean\":1500,\"commit_us_max\":20000,\"failing\":false},"
	"\"notices\":{\"waiting\":4}}";
static const char *const ill =
	"{\"version\":\"1.2\",\"since\":\"2026-11-01T00:00:00.000Z\",\"draining\":true,"
	"\"health\":{\"status\":\"down\",\"troubles\":[{\"part\":\"store\",\"grave\":true,\"what\":\"the disk is full\","
	"\"remedy\":\"make room\"}]},\"dialogues\":{\"open\":0,\"begun\":150,\"inputs\":425},"
	"\"answer_times\":{\"count\":12,\"up_to_us\":[100,1000,10000],\"answers\":[5,4,1,2]},"
	"\"links\":[{\"name\":\"smsc-a\",\"state\":\"backoff\",\"deliver_in\":500}],"
	"\"store\":{\"failing\":true},\"notices\":{},\"limits\":{\"held\":3}}";

static void draw(const char *now, const char *before, int64_t between_ms, int width, bool color)
{
	json_t *n = json_loads(now, 0, NULL), *b = before ? json_loads(before, 0, NULL) : NULL;
	const struct dashboard d = {
		.now = n, .before = b, .between_ms = between_ms, .width = width, .color = color};
	struct buf out;

	ck_assert_ptr_nonnull(n);
	buf_init(&out, page, sizeof(page));
	dashboard_write(&d, &out);
	ck_assert(!out.cut);
	json_decref(n);
	json_decref(b);
}

static void says(const char *words)
{
	ck_assert_msg(strstr(page, words) != NULL, "\"%s\" is not in:\n%s", words, page);
}

START_TEST(all_is_well)
{
	draw(well, NULL, 0, 120, false);
	says("OK: subscribers are served, nothing is wrong");
	says("open 7   begun 100    inputs 400");
	says("half within 100 us  95 % 10 ms  99 % 10 ms (since the start)");
	says("50/s (throttled)");
	says("commit 1.5 ms on average, 20 ms at most");
	ck_assert_ptr_null(strchr(page, '\033'));
}
END_TEST

START_TEST(what_is_wrong_stands_first_with_what_to_do)
{
	draw(ill, well, 2000, 120, false);
	says("DOWN: subscribers are not served; draining\n  ! the disk is full\n    make room\n");
	says("begun 150 25/s");
	says("inputs 425 12/s");
	says("half within longer");
	says("FAILING");
	says("3 gifts wait for a person: starhash grants --state held");
	says("50/s"); /* in: 400 to 500 in two seconds */
}
END_TEST

START_TEST(lines_are_cut_to_the_width_by_characters)
{
	static const char letters[] =
		"{\"health\":{\"status\":\"degraded\",\"troubles\":[{\"what\":\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
		"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\",\"remedy\":\"x\"}]}}";

	draw(letters, NULL, 0, 10, false);
	says("\n  ! \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\n");
	draw(ill, well, 2000, 20, true);
	says("\033[31;1mDOWN: subscribers ar\033[0m\n");
}
END_TEST

START_TEST(what_to_do_is_read_to_its_end)
{
	static const char long_words[] =
		"{\"health\":{\"status\":\"down\",\"troubles\":[{\"grave\":true,\"what\":\"the disk is full\","
		"\"remedy\":\"make room, or take another disk\"},{\"what\":\"\",\"remedy\":\"incomprehensibilities\"}]},"
		"\"store\":{}}";

	draw(long_words, NULL, 0, 20, false);
	says("\n  ! the disk is full\n    make room, or\n    take another\n    disk\n  ! \n    incomprehensibil\n    ities\n");
	draw(long_words, NULL, 0, 18, true);
	says("\n\033[31;1m  ! the disk is\033[0m\n\033[31;1m    full\033[0m\n    make room, or\n");
	says("\033[1mstore       queue \033[0m\n"); /* cut, and bold no more */
}
END_TEST

START_TEST(a_report_without_anything_is_no_trouble)
{
	draw("{}", NULL, 0, 80, false);
	draw("[]", "[]", 1000, 80, true);
	draw("{\"links\":[1,null],\"health\":{\"troubles\":[7]}}", "{}", 0, 80, false);
}
END_TEST

START_TEST(percentiles_are_of_what_came_between)
{
	json_t *a = json_loads("{\"count\":10,\"up_to_us\":[1,2],\"answers\":[9,1,0]}", 0, NULL),
	       *b = json_loads("{\"count\":12,\"up_to_us\":[1,2],\"answers\":[9,1,2]}", 0, NULL);

	ck_assert_int_eq(dashboard_percentile(a, NULL, 90), 1);
	ck_assert_int_eq(dashboard_percentile(a, NULL, 91), 2);
	ck_assert_int_eq(dashboard_percentile(b, a, 50), INT64_MAX);
	ck_assert_int_eq(dashboard_percentile(a, a, 50), -1);
	ck_assert_int_eq(dashboard_percentile(a, b, 50), -1); /* another run of the daemon */
	json_decref(a);
	json_decref(b);
}
END_TEST

START_TEST(a_bar_says_how_much_and_how_long)
{
	char line[PROGRESS_LINE_SIZE];

	ck_assert_str_eq(progress_line("copying", 0, 100, 0, line),
	                 "copying      [..............................]   0 %");
	ck_assert_str_eq(progress_line("copying", 50, 100, 12000, line),
	                 "copying      [###############...............]  50 %  12 s left");
	ck_assert_str_eq(progress_line("copying", 1, 100, 60000, line),
	                 "copying      [..............................]   1 %  99 min left");
	ck_assert_str_eq(progress_line("copying", 300, 100, 1, line),
	                 "copying      [##############################] 100 %");
	ck_assert_str_eq(progress_line("x", -5, 0, -1, line),
	                 "x            [..............................]   0 %");
	ck_assert_ptr_nonnull(
		strstr(progress_line("x", INT64_MAX / 2, INT64_MAX, 2000, line), " 50 %  2 s left"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dashboard");
	TCase *t = tcase_create("dashboard");

	suite_add_tcase(s, t);
	tcase_add_test(t, all_is_well);
	tcase_add_test(t, what_is_wrong_stands_first_with_what_to_do);
	tcase_add_test(t, lines_are_cut_to_the_width_by_characters);
	tcase_add_test(t, what_to_do_is_read_to_its_end);
	tcase_add_test(t, a_report_without_anything_is_no_trouble);
	tcase_add_test(t, percentiles_are_of_what_came_between);
	tcase_add_test(t, a_bar_says_how_much_and_how_long);
	return run_suite(s);
}
