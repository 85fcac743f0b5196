/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention: what is older than its time goes, slice by slice; the rest, and everything that proves a promise, stays. */
#include <check.h>
#include <poll.h>

#include "storage/query.h"
#include "tests/store_world.h"

#define DAY INT64_C(86400000)
#define PATIENCE_MS 20000
#define OLD 1500 /* more than seven slices */
#define YOUNG 30

static struct world world;

static void setup(void)
{
	world_init(&world);
}

static void teardown(void)
{
	world_end(&world);
}

static void add(int from, int n)
{
	for (int i = 0; i < n; i++) {
		struct store_screen_count count = {.service = "join", .screen = "home", .entered = 1};
		struct store_batch *b = world_registration(WORLD_MSISDN + from + i);

		ck_assert_int_eq(store_write(world.store, b, NULL, NULL), RC_OK);
		if (i == 0)
			ck_assert_int_eq(store_screens_add(world.store, &count, 1), RC_OK);
	}
	store_wait(world.store);
}

static void open_with(struct store_retention keep)
{
	const struct store_options o = {.path = world.path,
	                                .profile = &world.profile,
	                                .clock = &world.clock.clock,
	                                .retention = keep};

	ck_assert_int_eq(store_open(&o, &world.store, world.why, sizeof world.why), RC_OK);
}

static uint64_t retired(void)
{
	struct store_counters c;

	store_counters_read(world.store, &c);
	return c.retired;
}

static void wait_retired(uint64_t wanted)
{
	for (int waited = 0; waited < PATIENCE_MS && retired() < wanted; waited += 10)
		(void)poll(NULL, 0, 10);
	ck_assert_uint_eq(retired(), wanted);
}

/* OLD registrations of 100 days ago, of which one SMS is still pending, and YOUNG ones of today. */
static void make(void)
{
	world_open(&world);
	add(0, OLD);
	world_close(&world);
	ck_assert_int_eq(world_exec(&world,
	                            "UPDATE interaction SET began = began - 8640000000, "
	                            "ended = ended - 8640000000; UPDATE outbox SET created = created - "
	                            "8640000000, state = 'sent', settled = created, text = ''; "
	                            "UPDATE screen_count SET day = day - 100; "
	                            "UPDATE outbox SET state = 'pending', settled = 0 WHERE id = 700; "
	                            "INSERT INTO sms_part (smsc, message_id, notice, part, state, at) "
	                            "VALUES ('home', 'a1', 3, 1, 'delivered', 1)"),
	                 SQLITE_OK);
	world_open(&world);
	add(OLD, YOUNG);
	world_close(&world);
}

START_TEST(test_old_goes_young_stays)
{
	make();
	open_with((struct store_retention){
		.interactions_ms = 90 * DAY, .notices_ms = 30 * DAY, .screens_ms = 90 * DAY});
	wait_retired(OLD + OLD - 1 + 1 +
	             1);             /* interactions, notices but one, a part of an SMS, a day of a screen */
	for (int i = 0; i < 20; i++) /* and the service goes on meanwhile and after */
		ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + 5000 + i)).rc, RC_OK);
	world_close(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM interaction"), YOUNG + 20);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox"), YOUNG + 20 + 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox WHERE id = 700"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM sms_part"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM screen_count"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent"), OLD + YOUNG + 20);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"), OLD + YOUNG + 20);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), OLD + YOUNG + 20);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}
END_TEST

START_TEST(test_for_ever)
{
	make();
	open_with((struct store_retention){0});
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + 5000)).rc, RC_OK);
	ck_assert_uint_eq(retired(), 0);
	world_close(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM interaction"), OLD + YOUNG + 1);
}
END_TEST

START_TEST(test_each_for_itself)
{
	make();
	open_with((struct store_retention){.screens_ms = 50 * DAY});
	wait_retired(1);
	world_close(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM interaction"), OLD + YOUNG);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox"), OLD + YOUNG);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM screen_count"), 1);
}
END_TEST

/* While a clock was wrong, rows of a year to come were written; they must not keep those behind them for ever. */
START_TEST(test_rows_of_the_future)
{
	make();
	ck_assert_int_eq(
		world_exec(&world, "UPDATE interaction SET ended = ended + 40000000000 WHERE id <= 450"),
		SQLITE_OK);
	open_with((struct store_retention){.interactions_ms = 90 * DAY});
	wait_retired(OLD - 450);
}
END_TEST

static int answers;

static void on_written(void *ctx, const struct store_result *result)
{
	(void)ctx;
	ck_assert_int_eq(result->rc, RC_OK);
	answers++;
}

/* There is always somebody who waits for the writer: what is old goes all the same, a little at a time. */
START_TEST(test_goes_on_under_load)
{
	int sent = 0;

	make();
	open_with((struct store_retention){.interactions_ms = 90 * DAY});
	answers = 0;
	for (int tries = 0; tries < 100000 && retired() < OLD; tries++) {
		for (; sent - answers < 2500; sent++)
			ck_assert_int_eq(store_write(world.store,
			                             world_registration(WORLD_MSISDN + 5000 + sent),
			                             on_written, NULL),
			                 RC_OK);
		(void)poll(NULL, 0, 1);
		(void)store_dispatch(world.store);
	}
	ck_assert_uint_ge(retired(), OLD);
	ck_assert_int_gt(answers, 1000); /* it was a load */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("retention");
	TCase *tc = tcase_create("retention");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_old_goes_young_stays);
	tcase_add_test(tc, test_for_ever);
	tcase_add_test(tc, test_each_for_itself);
	tcase_add_test(tc, test_rows_of_the_future);
	tcase_add_test(tc, test_goes_on_under_load);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
