/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings: bounded, copied, one line each; counts that never forget an error. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/findings.h"
#include "core/text.h"
#include "tests/run_suite.h"

static char *printed(const struct findings *f)
{
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	findings_print(f, to);
	fclose(to);
	return text;
}

START_TEST(they_print_as_compilers_do)
{
	struct findings *f = findings_new();
	char *text;

	findings_add(f, FINDING_ERROR, "join.conf", 12, 3, "did you mean \"keywords\"?", "unknown key \"%s\"",
	             "kewords");
	findings_add(f, FINDING_WARNING, "join.conf", 0, 0, NULL, "no screen asks for %d fields", 2);
	findings_add(f, FINDING_ERROR, "profile.conf", 4, 0, "", "not a list");
	findings_add(f, FINDING_ERROR, NULL, 4, 0, NULL, "nowhere");
	text = printed(f);
	ck_assert_str_eq(text,
	                 "join.conf:12: error: unknown key \"kewords\". did you mean \"keywords\"? [rule 3]\n"
	                 "join.conf: warning: no screen asks for 2 fields\n"
	                 "profile.conf:4: error: not a list\n"
	                 "error: nowhere\n");
	free(text);
	findings_free(f);
}
END_TEST

START_TEST(they_are_counted_and_kept)
{
	struct findings *f = findings_new();
	char file[] = "a.conf", remedy[] = "do this";

	ck_assert_uint_eq(findings_count(f), 0);
	ck_assert_ptr_null(findings_at(f, 0));
	findings_add(f, FINDING_WARNING, file, 1, 2, remedy, "what %s", "x");
	file[0] = remedy[0] = 'X'; /* all text is copied */
	ck_assert_uint_eq(findings_errors(f), 0);
	ck_assert_uint_eq(findings_warnings(f), 1);
	ck_assert_uint_eq(findings_count(f), 1);
	ck_assert_str_eq(findings_at(f, 0)->file, "a.conf");
	ck_assert_str_eq(findings_at(f, 0)->remedy, "do this");
	ck_assert_str_eq(findings_at(f, 0)->what, "what x");
	ck_assert_int_eq(findings_at(f, 0)->line, 1);
	ck_assert_int_eq(findings_at(f, 0)->rule, 2);
	ck_assert_int_eq(findings_at(f, 0)->level, FINDING_WARNING);
	ck_assert_ptr_null(findings_at(f, 1));
	findings_free(f);
}
END_TEST

/* Promise 6: a file cannot grow the list without bound. */
START_TEST(the_list_is_bounded)
{
	struct findings *f = findings_new();
	char *text;

	for (int i = 0; i < FINDINGS_MAX; i++)
		findings_add(f, FINDING_WARNING, "a", i + 1, 0, NULL, "w%d", i);
	for (int i = 0; i < 7; i++)
		findings_add(f, FINDING_ERROR, "a", 1, 0, NULL, "late");
	ck_assert_uint_eq(findings_count(f), FINDINGS_MAX);
	ck_assert_uint_eq(findings_warnings(f), FINDINGS_MAX);
	ck_assert_uint_eq(findings_errors(f), 7);
	ck_assert_str_eq(findings_at(f, FINDINGS_MAX - 1)->what, "w499");
	text = printed(f);
	ck_assert_ptr_nonnull(strstr(text, "\n7 more not shown\n"));
	free(text);
	findings_free(f);
}
END_TEST

START_TEST(one_finding_is_one_bounded_line)
{
	struct findings *f = findings_new();
	char huge[5000];
	size_t n;

	/* "é" at odd offsets, so that a cut at an even size would halve one. */
	huge[0] = 'x';
	for (size_t i = 1; i + 2 < sizeof huge; i += 2)
		memcpy(huge + i, "\xc3\xa9", 3);
	findings_add(f, FINDING_ERROR, "a\nb", 1, 0, huge, "bad \"%s\"", huge);
	findings_add(f, FINDING_ERROR, "a", 1, 0, "\x1b[2J", "tab\there\nand there\x7f");
	n = strlen(findings_at(f, 0)->what);
	ck_assert_uint_lt(n, 600);
	ck_assert(text_utf8_valid(findings_at(f, 0)->what, n));
	n = strlen(findings_at(f, 0)->remedy);
	ck_assert_uint_lt(n, 600);
	ck_assert(text_utf8_valid(findings_at(f, 0)->remedy, n));
	ck_assert_str_eq(findings_at(f, 0)->file, "a b");
	ck_assert_str_eq(findings_at(f, 1)->what, "tab here and there ");
	ck_assert_str_eq(findings_at(f, 1)->remedy, " [2J");
	findings_free(f);
}
END_TEST

START_TEST(freeing_nothing_is_fine)
{
	findings_free(NULL);
	findings_free(findings_new());
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("findings");
	TCase *tc = tcase_create("findings");

	tcase_add_test(tc, they_print_as_compilers_do);
	tcase_add_test(tc, they_are_counted_and_kept);
	tcase_add_test(tc, the_list_is_bounded);
	tcase_add_test(tc, one_finding_is_one_bounded_line);
	tcase_add_test(tc, freeing_nothing_is_fine);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
