/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounded buffer: always terminated, never past its end, cut at whole characters. rc_name beside it. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/rc.h"
#include "tests/run_suite.h"

START_TEST(text_is_gathered)
{
	char memory[32];
	struct buf b;

	buf_init(&b, memory, sizeof memory);
	ck_assert_str_eq(b.at, "");
	buf_add(&b, "one");
	buf_add_char(&b, ' ');
	buf_add_n(&b, "twofold", 3);
	buf_printf(&b, " %d", 3);
	ck_assert_str_eq(b.at, "one two 3");
	ck_assert_uint_eq(b.len, 9);
	ck_assert(!b.cut);
	buf_add(&b, NULL);
	buf_add(&b, "");
	buf_add_n(&b, NULL, 0);
	ck_assert_str_eq(b.at, "one two 3");
	buf_reset(&b);
	ck_assert_str_eq(b.at, "");
	ck_assert_uint_eq(b.len, 0);
}
END_TEST

START_TEST(numbers_are_decimal)
{
	char memory[48];
	struct buf b;

	buf_init(&b, memory, sizeof memory);
	buf_add_int(&b, 0);
	buf_add_int(&b, -7);
	buf_add_int(&b, 1790000000000);
	ck_assert_str_eq(b.at, "0-71790000000000");
	buf_reset(&b);
	buf_add_int(&b, INT64_MIN);
	buf_add_int(&b, INT64_MAX);
	ck_assert_str_eq(b.at, "-92233720368547758089223372036854775807");
	ck_assert(!b.cut);
	buf_init(&b, memory, 4);
	buf_add_int(&b, 123);
	ck_assert(!b.cut);
	buf_add_int(&b, 4);
	ck_assert(b.cut);
	ck_assert_str_eq(b.at, "123");
}
END_TEST

START_TEST(exactly_full_is_not_cut)
{
	char memory[5];
	struct buf b;

	buf_init(&b, memory, sizeof memory);
	buf_add(&b, "ab");
	buf_printf(&b, "%s", "cd");
	ck_assert(!b.cut);
	ck_assert_str_eq(b.at, "abcd");
	buf_add_char(&b, 'e');
	ck_assert(b.cut);
	ck_assert_str_eq(b.at, "abcd");
	buf_reset(&b);
	ck_assert(!b.cut);
}
END_TEST

START_TEST(after_a_cut_nothing_is_added)
{
	char memory[6];
	struct buf b;

	buf_init(&b, memory, sizeof memory);
	buf_add(&b, "abc");
	buf_add(&b, "\xe2\x82\xac"); /* Euro: three bytes into a room of two */
	ck_assert(b.cut);
	ck_assert_str_eq(b.at, "abc");
	buf_add(&b, "d");
	buf_add_char(&b, 'd');
	buf_printf(&b, "d");
	ck_assert_str_eq(b.at, "abc");
}
END_TEST

/* Each size, each way of adding: what stays is the longest beginning of whole characters. */
START_TEST(cuts_fall_between_characters)
{
	static const char text[] = "a\xc3\xa9z\xe2\x82\xacz\xf0\x9f\x98\x80z"; /* é, Euro, a face */
	static const size_t ends[] = {0, 1, 3, 4, 7, 8, 12, 13};
	size_t cap = (size_t)_i + 1, want = 0;

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (ends[i] <= cap - 1)
			want = ends[i];
	for (int way = 0; way < 3; way++) {
		char *memory = malloc(cap); /* on the heap, so that ASan sees one byte too many */
		struct buf b;

		buf_init(&b, memory, cap);
		if (way == 0)
			buf_add(&b, text);
		else if (way == 1)
			buf_printf(&b, "%s", text);
		else
			for (size_t i = 0; i < sizeof text - 1; i++)
				buf_add_char(&b, text[i]);
		ck_assert_uint_eq(b.len, want);
		ck_assert_int_eq(memcmp(b.at, text, want), 0);
		ck_assert_int_eq(b.at[b.len], '\0');
		ck_assert(b.cut == (want < sizeof text - 1));
		free(memory);
	}
}
END_TEST

START_TEST(result_codes_have_names)
{
	for (int i = 0; i < RC_COUNT_; i++) {
		ck_assert_str_ne(rc_name((enum rc)i), "unknown");
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(rc_name((enum rc)i), rc_name((enum rc)j));
	}
	ck_assert_str_eq(rc_name(RC_OK), "ok");
	ck_assert_str_eq(rc_name(RC_FULL), "full");
	ck_assert_str_eq(rc_name(RC_CLOSED), "closed");
	ck_assert_str_eq(rc_name(RC_COUNT_), "unknown");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("buf");
	TCase *tc = tcase_create("buf");

	tcase_add_test(tc, text_is_gathered);
	tcase_add_test(tc, numbers_are_decimal);
	tcase_add_test(tc, exactly_full_is_not_cut);
	tcase_add_test(tc, after_a_cut_nothing_is_added);
	tcase_add_loop_test(tc, cuts_fall_between_characters, 0, 15);
	tcase_add_test(tc, result_codes_have_names);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
