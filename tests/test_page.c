/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages: nothing is lost, nothing is doubled, and every page fits, whatever is on it. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "menus/machine.h"
#include "menus/page.h"
#include "tests/run_suite.h"

static const char *const *labels;

static void label(const void *ctx, size_t choice, struct buf *out)
{
	(void)ctx;
	if (labels != NULL)
		buf_add(out, labels[choice]);
	else
		buf_printf(out, "Choice number %zu", choice + 1);
}

static struct page_view view_of(const char *say, size_t n_choices)
{
	struct page_view v = {.page = 160,
	                      .say = say,
	                      .n_choices = n_choices,
	                      .label = label,
	                      .key_back = "0",
	                      .key_home = "00",
	                      .key_more = "98",
	                      .word_back = "Back",
	                      .word_home = "Home",
	                      .word_more = "More"};

	labels = NULL;
	return v;
}

START_TEST(one_page)
{
	static const char *const two[] = {"Yes", "No"};
	struct page_view v = view_of("Agree?", 2);
	char out[MACHINE_TEXT_SIZE];
	struct page_shown shown;

	labels = two;
	shown = page_show(&v, 0, out, sizeof(out));
	ck_assert_str_eq(out, "Agree?\n1 Yes\n2 No");
	ck_assert(shown.is_last && !shown.has_back && !shown.cut);
	v.has_back = v.has_home = true;
	v.sorry = "Pardon?";
	page_show(&v, 0, out, sizeof(out));
	ck_assert_str_eq(out, "Pardon?\nAgree?\n1 Yes\n2 No\n0 Back\n00 Home");
}
END_TEST

START_TEST(choices_go_on_over_pages)
{
	struct page_view v = view_of("Your county?", 47);
	char out[MACHINE_TEXT_SIZE];
	size_t next = 0, n = 0;

	v.has_back = true;
	for (;; n++) {
		struct page_shown shown = page_show(&v, n, out, sizeof(out));
		char first[40];

		ck_assert_uint_eq(shown.page, n);
		ck_assert_uint_eq(shown.first_choice, next);
		ck_assert(text_fits(out, strlen(out), 160));
		ck_assert(!shown.cut);
		snprintf(first, sizeof(first), "%zu Choice number %zu\n", next + 1, next + 1);
		ck_assert_ptr_nonnull(strstr(out, first));
		ck_assert_uint_eq(page_of(&v, strlen(v.say), next), n);
		ck_assert_uint_eq(page_of(&v, strlen(v.say), shown.end_choice - 1), n);
		next = shown.end_choice;
		ck_assert_int_eq(strstr(out, "\n98 More\n0 Back") != NULL, !shown.is_last);
		if (shown.is_last)
			break;
	}
	ck_assert_uint_eq(next, 47);
	ck_assert_uint_ge(n, 6);
	/* A page that does not exist is the last one. */
	ck_assert_uint_eq(page_show(&v, 250, out, sizeof(out)).page, n);
}
END_TEST

START_TEST(words_break_between_words)
{
	char say[800] = "", joined[2000] = "", out[MACHINE_TEXT_SIZE];
	struct page_view v;

	for (int i = 0; i < 90; i++)
		snprintf(say + strlen(say), sizeof(say) - strlen(say), "%sword%d",
		         i == 0  ? ""
		         : i % 7 ? " "
		                 : "\n",
		         i);
	v = view_of(say, 2);
	for (size_t n = 0;; n++) {
		struct page_shown shown = page_show(&v, n, out, sizeof(out));

		ck_assert(text_fits(out, strlen(out), 160));
		ck_assert(!shown.cut);
		ck_assert_ptr_null(strstr(out, "\n\n"));
		if (shown.say_from < strlen(say))
			ck_assert_uint_eq(page_of(&v, shown.say_from, 0), n);
		snprintf(joined + strlen(joined), sizeof(joined) - strlen(joined), "%s\n", out);
		if (shown.is_last)
			break;
		ck_assert_ptr_nonnull(strstr(out, "98 More"));
	}
	for (int i = 0; i < 90; i++) {
		char one[20];

		snprintf(one, sizeof(one), "word%d", i);
		ck_assert_ptr_nonnull(strstr(joined, one));
	}
	ck_assert_ptr_nonnull(strstr(joined, "1 Choice number 1\n2 Choice number 2\n0 Back"));
}
END_TEST

/* Whatever is too long even alone is cut, and said so, and the page still fits. */
START_TEST(what_cannot_fit_is_cut)
{
	char word[500], out[MACHINE_TEXT_SIZE];
	const char *one[] = {word};
	struct page_view v;
	struct page_shown shown;
	size_t letters = 0;

	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	v = view_of(word, 0);
	for (size_t n = 0;; n++) {
		shown = page_show(&v, n, out, sizeof(out));
		ck_assert(text_fits(out, strlen(out), 160));
		letters += strspn(out, "x");
		if (shown.is_last)
			break;
	}
	ck_assert_uint_eq(letters, sizeof(word) - 1);
	v = view_of("Choose", 1);
	labels = one;
	shown = page_show(&v, 1, out, sizeof(out));
	ck_assert(shown.cut);
	ck_assert(text_fits(out, strlen(out), 160));
	ck_assert_int_eq(strncmp(out, "1 xxx", 5), 0);
}
END_TEST

START_TEST(half_the_room_in_ucs2)
{
	static const char *const many[] = {
		"\xe1\x8a\xa0\xe1\x8b\x8e", "\xe1\x8a\xa0\xe1\x8b\xad", "c", "d", "e", "f", "g", "h"};
	struct page_view v =
		view_of("\xe1\x88\xb5\xe1\x88\x9d \xe1\x88\xb5\xe1\x88\x9d \xe1\x88\xb5\xe1\x88\x9d "
	                "\xe1\x88\xb5\xe1\x88\x9d \xe1\x88\xb5\xe1\x88\x9d \xe1\x88\xb5\xe1\x88\x9d",
	                8);
	char out[MACHINE_TEXT_SIZE];

	labels = many;
	v.sorry = "\xe1\x88\x9d\xe1\x88\x9d\xe1\x88\x9d";
	v.has_back = v.has_home = true;
	for (size_t n = 0;; n++) {
		struct page_shown shown = page_show(&v, n, out, sizeof(out));
		struct text_cost cost = text_measure(out, strlen(out));

		ck_assert(cost.gsm7 ? cost.septets <= 160 : cost.ucs2_units <= 80);
		if (shown.is_last)
			break;
	}
}
END_TEST

/* The narrowest page with the longest key lines, in UCS-2, still moves on. */
START_TEST(narrowest_page)
{
	struct page_view v =
		view_of("\xd0\xb0\xd0\xb0\xd0\xb0\xd0\xb0 \xd0\xb0\xd0\xb0\xd0\xb0\xd0\xb0 "
	                "\xd0\xb0\xd0\xb0\xd0\xb0\xd0\xb0\xd0\xb0\xd0\xb0\xd0\xb0\xd0\xb0\xd0\xb0\xd0\xb0",
	                200);
	char out[MACHINE_TEXT_SIZE];
	size_t last = 0;

	v.page = PAGE_MIN;
	v.key_back = "###";
	v.key_home = "*00";
	v.key_more = "999";
	v.word_back = v.word_home = v.word_more =
		"\xd0\xb0\xd0\xb0\xd0\xb0\xd0\xb0\xd0\xb0\xd0\xb0\xd0\xb0\xd0\xb0\xd0\xb0"
		"\xd0\xb0\xd0\xb0\xd0\xb0";
	v.has_back = v.has_home = true;
	for (size_t n = 0;; n++) {
		struct page_shown shown = page_show(&v, n, out, sizeof(out));

		ck_assert(text_fits(out, strlen(out), PAGE_MIN));
		ck_assert(n == 0 || shown.end_choice > last || shown.say_from > 0);
		last = shown.end_choice;
		if (shown.is_last)
			break;
	}
	ck_assert_uint_eq(last, 200);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("page");
	TCase *t = tcase_create("page");

	tcase_add_test(t, one_page);
	tcase_add_test(t, choices_go_on_over_pages);
	tcase_add_test(t, words_break_between_words);
	tcase_add_test(t, what_cannot_fit_is_cut);
	tcase_add_test(t, half_the_room_in_ucs2);
	tcase_add_test(t, narrowest_page);
	suite_add_tcase(s, t);
	return run_suite(s);
}
