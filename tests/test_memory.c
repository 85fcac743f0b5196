/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQLite's memory: blocks keep what is in them, whoever grows, shrinks, frees or takes them again. Promise 6: what a thread
 * keeps is bounded, and gone when it ends. */
#include "storage/memory.h"

#include <check.h>
#include <malloc.h>
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

#include "storage/db.h"
#include "tests/random.h"
#include "tests/run_suite.h"

static void setup(void)
{
	void *bytes;

	db_start();
	ck_assert_int_eq(sqlite3_initialize(), SQLITE_OK);
	bytes = sqlite3_malloc(17);
	ck_assert_uint_eq(sqlite3_msize(bytes), 32); /* SQLite's own would say 24: it is in use */
	sqlite3_free(bytes);
}

static void fills(unsigned char *bytes, int n, unsigned seed)
{
	for (int i = 0; i < n; i++)
		bytes[i] = (unsigned char)(seed + (unsigned)i * 7);
}

static bool holds(const unsigned char *bytes, int n, unsigned seed)
{
	for (int i = 0; i < n; i++)
		if (bytes[i] != (unsigned char)(seed + (unsigned)i * 7))
			return false;
	return true;
}

/* Sizes around each border: what is kept, what is not, and from one to the other. */
START_TEST(what_is_in_a_block_stays)
{
	enum { N = 64, ROUNDS = 20000 };
	static unsigned char *block[N];
	static int size[N];
	struct random r = {12345};

	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned i = random_below(&r, N);
		int n = 1 + (int)random_below(&r, random_below(&r, 2) ? 1200 : 9000);

		ck_assert(holds(block[i], size[i], i));
		if (block[i] && random_below(&r, 2)) {
			unsigned char *made = sqlite3_realloc(block[i], n);

			ck_assert_ptr_nonnull(made);
			ck_assert(holds(made, n < size[i] ? n : size[i], i));
			block[i] = made;
		} else {
			sqlite3_free(block[i]);
			block[i] = sqlite3_malloc(n);
			ck_assert_ptr_nonnull(block[i]);
		}
		ck_assert_uint_ge(sqlite3_msize(block[i]), (unsigned)n);
		ck_assert_uint_eq((uintptr_t)block[i] % 8, 0);
		size[i] = n;
		fills(block[i], n, i);
	}
	for (int i = 0; i < N; i++)
		sqlite3_free(block[i]);
}
END_TEST

#ifndef __SANITIZE_ADDRESS__ /* which keeps its own account, and with which nothing is kept here */
/* A thread that frees what others have made keeps no more than its bound of it. */
static void *frees(void *ctx)
{
	void **block = ctx;

	for (int i = 0; block[i]; i++)
		sqlite3_free(block[i]);
	return NULL;
}

START_TEST(promise_6_what_is_kept_is_bounded)
{
	enum { N = 20000, SIZE = 1000 };
	static void *block[N + 1];
	size_t before = mallinfo2().uordblks, kept;
	pthread_t thread;

	for (int i = 0; i < N; i++)
		block[i] = sqlite3_malloc(SIZE);
	ck_assert_uint_ge(mallinfo2().uordblks - before, (size_t)N * SIZE);
	ck_assert_int_eq(pthread_create(&thread, NULL, frees, block), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	kept = mallinfo2().uordblks - before;
	ck_assert_uint_lt(kept, 12 * SIZE); /* the thread has ended; what malloc keeps for it is little */
	for (int i = 0; i < N; i++)
		block[i] = sqlite3_malloc(SIZE);
	(void)frees(block);
	kept = mallinfo2().uordblks - before;
	ck_assert_uint_lt(kept, (size_t)(MEMORY_KEPT_MAX + 10) * 1100);
}
END_TEST
#endif

int main(void)
{
	Suite *suite = suite_create("memory");
	TCase *tc = tcase_create("memory");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, what_is_in_a_block_stays);
#ifndef __SANITIZE_ADDRESS__
	tcase_add_test(tc, promise_6_what_is_kept_is_bounded);
#endif
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
