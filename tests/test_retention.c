/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention: what is older than its time goes, slice by slice; the rest, and everything that proves a promise, stays. */
#include "storage/query.h"
#include "storage/retention_kinds.h"
#include "tests/retention_world.h"

#define OLD 1500 /* more than seven slices */
#define YOUNG 30

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

/* --- hours ------------------------------------------------------------------------------------------------------------ */

#define HOUR INT64_C(3600000)
#define MIDNIGHT (WORLD_NOW / DAY * DAY)

START_TEST(test_hours)
{
	const struct store_retention night = {.starts_ms = 23 * HOUR, .lasts_ms = 3 * HOUR}, always = {0};

	ck_assert(retention_is_open(&always, WORLD_NOW));
	ck_assert(!retention_is_open(&night, MIDNIGHT + 23 * HOUR - 1));
	ck_assert(retention_is_open(&night, MIDNIGHT + 23 * HOUR));
	ck_assert(retention_is_open(&night, MIDNIGHT + DAY + 2 * HOUR - 1)); /* over midnight */
	ck_assert(!retention_is_open(&night, MIDNIGHT + 2 * HOUR));
	ck_assert_int_eq(retention_opened_ms(&night, MIDNIGHT + HOUR), MIDNIGHT - HOUR);
	ck_assert_int_eq(retention_opened_ms(&night, MIDNIGHT + 23 * HOUR), MIDNIGHT + 23 * HOUR);
}
END_TEST

static int64_t passes(void)
{
	return world_sql(&world, "SELECT number FROM retention_pass WHERE ended > 0 UNION ALL SELECT 0");
}

/* Nothing goes by day; one pass in its hours, whether or not the daemon is started again in them. */
START_TEST(test_only_in_its_hours)
{
	struct store_retention night = {
		.interactions_ms = 90 * DAY, .starts_ms = 1 * HOUR, .lasts_ms = 2 * HOUR};

	make();
	clock_fake_init(&world.clock, MIDNIGHT + 12 * HOUR);
	open_with(night);
	for (int i = 0; i < 50; i++) /* time enough for a slice between two of them */
		ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + 5000 + i)).rc, RC_OK);
	world_close(&world);
	ck_assert_int_eq(passes(), 0);
	clock_fake_init(&world.clock, MIDNIGHT + DAY + HOUR);
	open_with(night);
	wait_retired(OLD);
	world_close(&world);
	ck_assert_int_eq(passes(), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM audit WHERE reason = 'interactions 1500'"),
	                 1);
	clock_fake_init(&world.clock, MIDNIGHT + DAY + 2 * HOUR);
	open_with(night);
	for (int i = 0; i < 50; i++)
		ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + 6000 + i)).rc, RC_OK);
	world_close(&world);
	ck_assert_int_eq(passes(), 1);
}
END_TEST

/* A pass that did not end in its night goes on where it was, and not from the first row. What it had looked at before a
 * start, which may have brought another profile.conf, is looked at in the next pass. */
START_TEST(test_goes_on_where_it_was)
{
	make();
	ck_assert_int_eq(world_exec(&world, "UPDATE retention_pass SET number = 7, began = 5, ended = 0, "
	                                    "kind = 'interactions', after = 1000, daily = 1795200000000"),
	                 SQLITE_OK);
	open_with((struct store_retention){.interactions_ms = 90 * DAY});
	wait_retired(OLD - 1000);
	world_close(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM interaction WHERE id <= 1000"), 1000);
	ck_assert_int_eq(
		world_sql(&world,
	                  "SELECT number = 7 AND began = 5 AND ended > 0 AND daily = 0 FROM retention_pass"),
		1);
}
END_TEST

/* Where it was is not kept any more: nothing of it goes. */
START_TEST(test_policy_taken_back)
{
	make();
	ck_assert_int_eq(world_exec(&world, "UPDATE retention_pass SET number = 7, began = 5, ended = 0, "
	                                    "kind = 'interactions', after = 1000"),
	                 SQLITE_OK);
	open_with((struct store_retention){.screens_ms = 50 * DAY});
	wait_retired(1);
	world_close(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM interaction"), OLD + YOUNG);
}
END_TEST

/* --- what else grows ---------------------------------------------------------------------------------------------------- */

START_TEST(test_the_rest)
{
	make();
	ck_assert_int_eq(
		world_exec(
			&world,
			"INSERT INTO requests (subscriber, what, channel, at, last, done) VALUES (1, 'copy', 'ussd', 1, "
			"1, 0), (2, 'copy', 'ussd', 1, 1, 5), (3, 'copy', 'ussd', 1, 1, 1795200000000); "
			"INSERT INTO relation (a, b, type, state, most, made, lasts, expires, ended) VALUES "
			"(1, 2, 'family', 'accepted', 6, 1, 1, 1, 0), (1, 3, 'family', 'left', 6, 1, 1, 1, 2), "
			"(1, 4, 'family', 'declined', 6, 1, 1, 1, 1795200000000); "
			"INSERT INTO import_run (source, head, size, format, existing, state, rejects, began, updated, "
			"actor, reason) VALUES ('a', x'', 1, 'csv', 'skip', 'running', '', 1, 1, '', ''), "
			"('b', x'', 1, 'csv', 'skip', 'done', '', 1, 1, '', ''); "
			"INSERT INTO number_period (subscriber, hash, since, until, why) VALUES "
			"(1, x'00', 1, 2, 'recycled'), (2, x'01', 1, 1795200000000, 'recycled'); "
			"INSERT INTO profile_history (subscriber, field, value, told, at, channel, why) VALUES "
			"(1, 'town', 'a', '', 5, 'ussd', 'changed'), (1, 'town', 'b', '', 1795200000000, 'ussd', 'changed')"),
		SQLITE_OK);
	open_with((struct store_retention){.requests_ms = 30 * DAY,
	                                   .relations_ms = 40 * DAY,
	                                   .imports_ms = 30 * DAY,
	                                   .periods_ms = 30 * DAY,
	                                   .history_ms = 30 * DAY});
	wait_retired(5);
	world_close(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT group_concat(id, '') = '13' FROM requests"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT group_concat(id, '') = '13' FROM relation"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT group_concat(id, '') = '1' FROM import_run"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT group_concat(id, '') = '2' FROM number_period"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT group_concat(value, '') = 'b' FROM profile_history"), 1);
}
END_TEST

/* Of invitations of who was erased: for as long as a bound counts them, and a day. */
START_TEST(test_invitations_past)
{
	char text[400];
	int64_t now;

	world_open(&world);
	world_close(&world);
	now = clock_utc_ms(&world.clock.clock);
	(void)snprintf(text, sizeof text,
	               "INSERT INTO relation_past (a, b, type, made, asked, until) VALUES "
	               "(x'01', x'02', 'household', 1, 1, %lld), (x'01', x'03', 'household', 1, 1, %lld), "
	               "(x'01', x'04', 'household', 1, 1, %lld)",
	               (long long)(now - DAY - 1000), (long long)(now - 1000), (long long)(now + DAY));
	ck_assert_int_eq(world_exec(&world, text), SQLITE_OK);
	open_with((struct store_retention){.spent = true});
	wait_retired(1);
	world_close(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT group_concat(id, '') = '23' FROM relation_past"), 1);
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
	tcase_add_test(tc, test_hours);
	tcase_add_test(tc, test_only_in_its_hours);
	tcase_add_test(tc, test_goes_on_where_it_was);
	tcase_add_test(tc, test_policy_taken_back);
	tcase_add_test(tc, test_the_rest);
	tcase_add_test(tc, test_invitations_past);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
