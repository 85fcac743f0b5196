/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread beside the loop: each job is done once, in order, and handed back once, in the loop; as many wait as may. */
#include "gateway/beside.h"

#include <check.h>
#include <event2/event.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "tests/run_suite.h"

#define MAX 3

struct job {
	struct beside_job beside;
	int number;
	pthread_t by; /* who did it */
};

static struct event_base *base;
static struct beside *beside;
static sem_t begun, may_end;
static int back[10], n_back, n_ran;

static void run(void *ctx, struct beside_job *job)
{
	ck_assert_ptr_eq(ctx, back);
	((struct job *)job)->by = pthread_self();
	(void)sem_post(&begun);
	(void)sem_wait(&may_end);
}

static void done(void *ctx, struct beside_job *beside_job, bool ran)
{
	struct job *job = (struct job *)beside_job;

	ck_assert_ptr_eq(ctx, back);
	ck_assert(!ran || !pthread_equal(job->by, pthread_self()));
	back[n_back++] = job->number;
	n_ran += ran;
	free(job);
}

static void setup(void)
{
	const struct beside_work work = {.waiting_max = MAX, .ctx = back, .run = run, .done = done};

	n_back = n_ran = 0;
	base = event_base_new();
	ck_assert_int_eq(sem_init(&begun, 0, 0), 0);
	ck_assert_int_eq(sem_init(&may_end, 0, 0), 0);
	ck_assert_int_eq(beside_new(base, &work, &beside), RC_OK);
}

static void teardown(void)
{
	event_base_free(base);
	(void)sem_destroy(&begun);
	(void)sem_destroy(&may_end);
}

static enum rc put(int number)
{
	struct job *job = calloc(1, sizeof(*job));
	enum rc rc;

	job->number = number;
	rc = beside_put(beside, &job->beside);
	if (rc != RC_OK)
		free(job);
	return rc;
}

/* One is with the thread, and three wait. */
static void fill(void)
{
	ck_assert_int_eq(put(1), RC_OK);
	ck_assert_int_eq(sem_wait(&begun), 0);
	for (int i = 2; i < 2 + MAX; i++)
		ck_assert_int_eq(put(i), RC_OK);
	ck_assert_int_eq(put(9), RC_FULL);
}

START_TEST(in_order_and_bounded)
{
	fill();
	ck_assert_int_eq(n_back, 0);
	for (int i = 0; i < 1 + MAX; i++)
		(void)sem_post(&may_end);
	while (n_back < 1 + MAX)
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
	for (int i = 0; i < 1 + MAX; i++)
		ck_assert_int_eq(back[i], i + 1);
	ck_assert_int_eq(n_ran, 1 + MAX);
	ck_assert_int_eq(put(5), RC_OK); /* there is room again */
	(void)sem_post(&may_end);
	while (n_back < 2 + MAX)
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
	beside_free(beside);
	ck_assert_int_eq(n_back, 2 + MAX);
}
END_TEST

/* Whatever the thread has come to: done or not, each comes back once, in order. */
START_TEST(the_end_hands_all_back)
{
	fill();
	for (int i = 0; i < 1 + MAX; i++)
		(void)sem_post(&may_end);
	beside_free(beside);
	ck_assert_int_eq(n_back, 1 + MAX);
	for (int i = 0; i < 1 + MAX; i++)
		ck_assert_int_eq(back[i], i + 1);
	ck_assert_int_ge(n_ran, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("beside");
	TCase *tc = tcase_create("beside");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, in_order_and_bounded);
	tcase_add_loop_test(tc, the_end_hands_all_back, 0, 20);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
