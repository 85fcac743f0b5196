/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nearest word: what a typist meant, and silence when nothing is near. */
#include <check.h>
#include <string.h>

#include "core/nearest.h"
#include "tests/run_suite.h"

static const char *const keys[] = {"code",   "keywords", "languages", "start",
                                   "resume", "screens",  "say",       NULL};
#define N_KEYS (sizeof keys / sizeof keys[0])

static const struct {
	const char *word;
	const char *meant; /* NULL: nothing near */
} cases[] = {
	{"kewords", "keywords"},
	{"keyword", "keywords"},
	{"KEYWORDS", "keywords"},
	{"kyewords", "keywords"},
	{"langauges", "languages"},
	{"lanugagse", "languages"},
	{"strat", "start"},
	{"screen", "screens"},
	{"sya", "say"},
	{"cod", "code"},
	{"cdoe", "code"},
	{"resume", "resume"},
	{"bundle", NULL},
	{"xyz", NULL},
	{"", NULL},
	{NULL, NULL},
	{"timeout_ms", NULL},
};

START_TEST(typing_errors_find_their_word)
{
	const char *found = nearest_word(cases[_i].word, keys, N_KEYS);

	if (cases[_i].meant)
		ck_assert_pstr_eq(found, cases[_i].meant);
	else
		ck_assert_ptr_null(found);
}
END_TEST

START_TEST(distance_is_bounded)
{
	static const char *const one[] = {"abcdef"};

	/* 1 + 6 / 3 = 3 changes are near, 4 are not. */
	ck_assert_ptr_nonnull(nearest_word("abcxyz", one, 1));
	ck_assert_ptr_null(nearest_word("abwxyz", one, 1));
	ck_assert_ptr_null(nearest_word("abc", NULL, 0));
}
END_TEST

START_TEST(a_swap_is_one_change)
{
	static const char *const two[] = {"xb", "ab"};

	/* One swap beats what would otherwise be two replacements; "xb" is two away from "ba". */
	ck_assert_pstr_eq(nearest_word("ba", two, 2), "ab");
}
END_TEST

START_TEST(earlier_word_wins_a_tie)
{
	static const char *const two[] = {"cat", "hat"};

	ck_assert_pstr_eq(nearest_word("bat", two, 2), "cat");
}
END_TEST

/* Promise 6: a key of any length, out of a file, is compared in bounded space. */
START_TEST(long_words_are_compared_by_their_first_bytes)
{
	char word[1000], known[200];
	const char *list[] = {known};

	memset(word, 'a', sizeof word - 1);
	word[sizeof word - 1] = '\0';
	memset(known, 'a', sizeof known - 1);
	known[sizeof known - 1] = '\0';
	ck_assert_ptr_eq(nearest_word(word, list, 1), known);
	memset(known, 'b', sizeof known - 1);
	ck_assert_ptr_null(nearest_word(word, list, 1));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("nearest");
	TCase *tc = tcase_create("nearest");

	tcase_add_loop_test(tc, typing_errors_find_their_word, 0, sizeof cases / sizeof cases[0]);
	tcase_add_test(tc, distance_is_bounded);
	tcase_add_test(tc, a_swap_is_one_change);
	tcase_add_test(tc, earlier_word_wins_a_tie);
	tcase_add_test(tc, long_words_are_compared_by_their_first_bytes);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
