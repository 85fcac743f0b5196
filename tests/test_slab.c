/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slab: blocks are apart, what swings is kept, what a burst took is given back, and threads may share it. */
#include <check.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "core/slab.h"
#include "tests/run_suite.h"

#define IN_SLAB (SLAB_BYTES / SLAB_BLOCK)
#define BURST 6000
#define SWING 500

struct held {
	struct slab *of;
	void *block;
};

static struct slab_counts counts(void)
{
	struct slab_counts c;

	slab_counts_read(&c);
	return c;
}

static void take(struct held *held, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		held[i].block = slab_take(&held[i].of);
		ck_assert_ptr_nonnull(held[i].block);
	}
}

static void give(const struct held *held, size_t n)
{
	for (size_t i = 0; i < n; i++)
		slab_give(held[i].of, held[i].block);
}

START_TEST(blocks_are_apart_and_aligned)
{
	struct held held[100];

	for (int round = 0; round < 2; round++) { /* made, and taken again */
		take(held, 100);
		ck_assert_uint_eq(counts().blocks, 100);
		for (size_t i = 0; i < 100; i++) {
			ck_assert_uint_eq((uintptr_t)held[i].block % alignof(max_align_t), 0);
			memset(held[i].block, (int)i, SLAB_BLOCK);
		}
		for (size_t i = 0; i < 100; i++) {
			const unsigned char *at = held[i].block;

			for (size_t k = 0; k < SLAB_BLOCK; k++)
				ck_assert_uint_eq(at[k], i);
		}
		give(held, 100);
		ck_assert_uint_eq(counts().blocks, 0);
	}
	ck_assert_uint_eq(counts().slabs, (100 + IN_SLAB - 1) / IN_SLAB);
}
END_TEST

START_TEST(what_a_burst_took_is_given_back)
{
	static struct held held[BURST], one;
	size_t most, before;

	take(held, BURST);
	most = counts().slabs;
	ck_assert_uint_eq(most, (BURST + IN_SLAB - 1) / IN_SLAB);
	give(held, BURST);
	ck_assert_uint_eq(counts().blocks, 0);
	before = counts().slabs;
	for (size_t periods = 0; counts().slabs > 1; periods++) {
		ck_assert_uint_le(before - counts().slabs, periods * SLAB_RETURNS);
		ck_assert_uint_le(periods, 2 + most / SLAB_RETURNS);
		for (int i = 0; i < SLAB_PERIOD; i++) {
			take(&one, 1);
			give(&one, 1);
		}
	}
	ck_assert_uint_eq(counts().slabs, counts().empty);
}
END_TEST

START_TEST(what_swings_is_kept)
{
	static struct held held[SWING];

	take(held, SWING);
	give(held, SWING);
	for (int i = 0; i < 20 * SLAB_PERIOD / SWING; i++) {
		take(held, SWING);
		give(held, SWING);
		ck_assert_uint_eq(counts().slabs, (SWING + IN_SLAB - 1) / IN_SLAB);
	}
}
END_TEST

START_TEST(one_that_stays_keeps_its_own_slab_only)
{
	static struct held held[BURST], one;

	take(held, BURST);
	give(held, 1000);
	give(held + 1001, BURST - 1001);
	for (int i = 0; i < (2 + BURST / IN_SLAB / SLAB_RETURNS) * SLAB_PERIOD; i++) {
		take(&one, 1);
		give(&one, 1);
	}
	ck_assert_uint_eq(counts().slabs, 1);
	give(held + 1000, 1);
	ck_assert_uint_eq(counts().blocks, 0);
}
END_TEST

static void *work(void *arg)
{
	struct held held[40];

	for (int round = 0; round < 500; round++) {
		take(held, 40);
		for (size_t i = 0; i < 40; i++)
			memset(held[i].block, *(const int *)arg, SLAB_BLOCK);
		for (size_t i = 0; i < 40; i++)
			for (size_t k = 0; k < SLAB_BLOCK; k += 97)
				ck_assert_int_eq(((const char *)held[i].block)[k], *(const int *)arg);
		give(held, 40);
	}
	return NULL;
}

START_TEST(threads_share_it)
{
	pthread_t thread[4];
	int mark[4];

	for (int i = 0; i < 4; i++) {
		mark[i] = i + 1;
		ck_assert_int_eq(pthread_create(&thread[i], NULL, work, &mark[i]), 0);
	}
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
	ck_assert_uint_eq(counts().blocks, 0);
	ck_assert_uint_eq(counts().slabs, counts().empty);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("slab");
	TCase *tc = tcase_create("slab");

	tcase_add_test(tc, blocks_are_apart_and_aligned);
	tcase_add_test(tc, what_a_burst_took_is_given_back);
	tcase_add_test(tc, what_swings_is_kept);
	tcase_add_test(tc, one_that_stays_keeps_its_own_slab_only);
	tcase_add_test(tc, threads_share_it);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
