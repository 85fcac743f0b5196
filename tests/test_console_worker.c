/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console's reading thread: jobs of one user are bounded, and users take turns. */
#include "gateway/console_worker.h"

#include <event2/event.h>
#include <semaphore.h>
#include <string.h>

#include "gateway/config.h"
#include "tests/store_world.h"

static struct world world;
static struct config config;
static struct event_base *base;
static struct console_worker *worker;
static sem_t begun, go_on;
static char order[64]; /* in which jobs were carried out */
static int done;

static void setup(void)
{
	world_init(&world);
	world_open(&world);
	config = (struct config){.store_path = world.path, .profile = world.profile};
	memset(order, 0, sizeof order);
	done = 0;
	ck_assert_int_eq(sem_init(&begun, 0, 0) | sem_init(&go_on, 0, 0), 0);
	base = event_base_new();
	ck_assert_int_eq(console_worker_new(base, &config, &worker), RC_OK);
}

static void teardown(void)
{
	console_worker_free(worker);
	event_base_free(base);
	sem_destroy(&begun);
	sem_destroy(&go_on);
	world_end(&world);
}

/* The letter that it is about, into `order`. */
static char *write_letter(struct query *q, const void *about, int *status)
{
	(void)q;
	(void)status;
	order[strlen(order)] = *(const char *)about;
	return NULL;
}

static char *wait_for_leave(struct query *q, const void *about, int *status)
{
	sem_post(&begun);
	sem_wait(&go_on);
	return write_letter(q, about, status);
}

static void count(void *ctx, int status, const char *json)
{
	(void)ctx;
	(void)status;
	(void)json;
	done++;
}

static enum rc ask(size_t user, char letter)
{
	return console_worker_ask(worker, user, write_letter, &letter, 1, count, NULL);
}

/* The thread has taken up a job of user 0, and waits in it. */
static void hold(void)
{
	ck_assert_int_eq(console_worker_ask(worker, 0, wait_for_leave, "a", 1, count, NULL), RC_OK);
	sem_wait(&begun);
}

static void finish(int n)
{
	sem_post(&go_on);
	while (done < n)
		ck_assert_int_ge(event_base_loop(base, EVLOOP_ONCE), 0);
}

START_TEST(one_user_leaves_room_for_the_others)
{
	hold();
	for (int i = 1; i < CONSOLE_JOBS_EACH; i++)
		ck_assert_int_eq(ask(0, 'a'), RC_OK);
	ck_assert_int_eq(ask(0, 'a'), RC_FULL);
	ck_assert_int_eq(ask(1, 'b'), RC_OK);
	finish(CONSOLE_JOBS_EACH + 1);
	ck_assert_uint_eq(console_worker_jobs(worker), 0);
	ck_assert_int_eq(ask(0, 'a'), RC_OK); /* what is done counts no more */
	finish(CONSOLE_JOBS_EACH + 2);
}
END_TEST

START_TEST(users_take_turns)
{
	hold();
	ck_assert_int_eq(ask(0, 'a') | ask(0, 'a') | ask(1, 'b') | ask(1, 'b') | ask(2, 'c'), RC_OK);
	finish(6);
	ck_assert_str_eq(order, "abcaba");
}
END_TEST

START_TEST(all_together_are_bounded)
{
	int n = 1;

	hold();
	while (ask(1 + (size_t)n % (CONFIG_CONSOLE_MAX - 1), 'x') == RC_OK)
		n++;
	ck_assert_int_eq(n, CONSOLE_JOBS_MAX);
	finish(n);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("console_worker");
	TCase *tc = tcase_create("core");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_user_leaves_room_for_the_others);
	tcase_add_test(tc, users_take_turns);
	tcase_add_test(tc, all_together_are_bounded);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
