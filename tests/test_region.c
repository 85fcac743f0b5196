/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Region: zeroed, aligned, bounded, freed together. */
#include <check.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/region.h"
#include "tests/run_suite.h"

START_TEST(memory_is_zeroed_aligned_and_apart)
{
	struct region *r = region_new(1 << 20);
	unsigned char *at[300];

	ck_assert_ptr_nonnull(r);
	for (size_t i = 0; i < 300; i++) {
		at[i] = region_alloc(r, i + 1);
		ck_assert_ptr_nonnull(at[i]);
		ck_assert_uint_eq((uintptr_t)at[i] % alignof(max_align_t), 0);
		for (size_t j = 0; j <= i; j++)
			ck_assert_uint_eq(at[i][j], 0);
		memset(at[i], (int)(i % 255) + 1, i + 1);
		ck_assert_ptr_nonnull(region_strdup(r, "between")); /* leaves the next one unaligned */
	}
	for (size_t i = 0; i < 300; i++)
		for (size_t j = 0; j <= i; j++)
			ck_assert_uint_eq(at[i][j], i % 255 + 1);
	region_free(r);
}
END_TEST

START_TEST(limit_is_exact)
{
	struct region *r = region_new(100);

	ck_assert_ptr_nonnull(region_alloc(r, 60));
	ck_assert_uint_eq(region_used(r), 60);
	ck_assert_ptr_null(region_alloc(r, 41));
	ck_assert_uint_eq(region_used(r), 60);
	ck_assert_ptr_null(region_alloc(r, SIZE_MAX));
	ck_assert_ptr_null(region_strdup(r, "0123456789012345678901234567890123456789"));
	ck_assert_ptr_nonnull(region_strdup(r, "012345678901234567890123456789012345678"));
	ck_assert_uint_eq(region_used(r), 100);
	ck_assert_ptr_null(region_alloc(r, 1));
	ck_assert_ptr_null(region_alloc(r, 0));
	ck_assert_ptr_null(region_strdup(r, ""));
	region_free(r);
}
END_TEST

START_TEST(no_limit_overflows)
{
	struct region *r = region_new(SIZE_MAX);

	ck_assert_ptr_null(region_alloc(r, SIZE_MAX));
	ck_assert_ptr_null(region_alloc(r, SIZE_MAX - 8));
	ck_assert_uint_eq(region_used(r), 0);
	ck_assert_ptr_nonnull(region_alloc(r, 8));
	region_free(r);
}
END_TEST

START_TEST(large_ones_stand_among_small_ones)
{
	struct region *r = region_new(1 << 20);
	char *before = region_strdup(r, "before");
	char *large = region_alloc(r, 100000);
	char *after = region_strdup(r, "after");
	char *page = region_alloc(r, 2048);

	memset(large, 'x', 100000);
	memset(page, 'y', 2048);
	ck_assert_str_eq(before, "before");
	ck_assert_str_eq(after, "after");
	ck_assert_uint_eq(region_used(r), 7 + 100000 + 6 + 2048);
	region_free(r);
}
END_TEST

START_TEST(texts_are_copied)
{
	struct region *r = region_new(1000);
	char source[] = "Nairobi";
	char *copy = region_strdup(r, source);
	char *part = region_strndup(r, source, 4);
	char *whole = region_strndup(r, source, 400);

	source[0] = 'X';
	ck_assert_str_eq(copy, "Nairobi");
	ck_assert_str_eq(part, "Nair");
	ck_assert_str_eq(whole, "Nairobi");
	ck_assert_str_eq(region_strdup(r, ""), "");
	ck_assert_ptr_null(region_strdup(r, NULL));
	ck_assert_ptr_null(region_strndup(r, NULL, 3));
	region_free(r);
}
END_TEST

START_TEST(unterminated_source_is_read_within_n)
{
	struct region *r = region_new(1000);
	char *source = malloc(3);

	memcpy(source, "abc", 3);
	ck_assert_str_eq(region_strndup(r, source, 3), "abc");
	free(source);
	region_free(r);
}
END_TEST

START_TEST(nothing_is_freed_fine)
{
	region_free(NULL);
	region_free(region_new(0));
}
END_TEST

START_TEST(empty_allocations_differ)
{
	struct region *r = region_new(10);

	ck_assert_ptr_ne(region_alloc(r, 0), region_alloc(r, 0));
	region_free(r);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("region");
	TCase *tc = tcase_create("region");

	tcase_add_test(tc, memory_is_zeroed_aligned_and_apart);
	tcase_add_test(tc, limit_is_exact);
	tcase_add_test(tc, no_limit_overflows);
	tcase_add_test(tc, large_ones_stand_among_small_ones);
	tcase_add_test(tc, texts_are_copied);
	tcase_add_test(tc, unterminated_source_is_read_within_n);
	tcase_add_test(tc, nothing_is_freed_fine);
	tcase_add_test(tc, empty_allocations_differ);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
