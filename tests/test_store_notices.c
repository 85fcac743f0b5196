/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices in the store: what certainly has not left is claimed, once, in its order; what may have left is never claimed
 * again; STOP, an erasure, another holder of the number and age are looked at when it is (promises 1, 3 and 7). */
#include "storage/store_notices.h"

#include "storage/outgoing.h"
#include "tests/store_world.h"

#define DAY INT64_C(86400000)
#define ROUTE "1 1 123 1 1 254700000001 @home"

static struct world world;

static void setup(void)
{
	world_init(&world);
	world_open(&world);
}

static void teardown(void)
{
	world_end(&world);
}

static struct store_result put(int64_t msisdn, const char *text, const char *route, bool leaves)
{
	struct store_batch *b = store_batch_new(msisdn, clock_utc_ms(&world.clock.clock));

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(store_batch_notice(b, text, false), RC_OK);
	ck_assert_int_eq(store_batch_route(b, route, leaves), RC_OK);
	return world_write(&world, b);
}

static int64_t count(const char *where)
{
	char text[300];

	(void)snprintf(text, sizeof text, "SELECT count(*) FROM outbox WHERE %s", where);
	return world_sql(&world, text);
}

static sqlite3 *behind(void)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open_v2(world.path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_busy_timeout(db, 1000), SQLITE_OK);
	return db;
}

static void run_sql(const char *text)
{
	sqlite3 *db = behind();

	ck_assert_msg(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
	(void)sqlite3_close(db);
}

static void plan_of(const char *text, char *out, size_t size)
{
	char explain[500];
	sqlite3 *db = behind();
	sqlite3_stmt *st;

	out[0] = '\0';
	(void)snprintf(explain, sizeof explain, "EXPLAIN QUERY PLAN %s", text);
	ck_assert_int_eq(sqlite3_prepare_v2(db, explain, -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		(void)snprintf(out + strlen(out), size - strlen(out), "%s; ",
		               (const char *)sqlite3_column_text(st, 3));
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
}

/* What a claim told. */
static struct {
	int calls;
	struct store_claimed c;
	struct store_notice_row row[STORE_NOTICES_PAGE];
	char text[STORE_NOTICES_PAGE][40], route[STORE_NOTICES_PAGE][STORE_ROUTE_SIZE];
} told;

static void on_claimed(void *ctx, const struct store_claimed *c)
{
	(void)ctx;
	told.calls++;
	told.c = *c;
	for (size_t i = 0; i < c->n; i++) {
		told.row[i] = c->row[i];
		(void)snprintf(told.text[i], sizeof told.text[0], "%s", c->row[i].text);
		(void)snprintf(told.route[i], sizeof told.route[0], "%s", c->row[i].route);
	}
}

static size_t claim(const char *smsc, size_t max)
{
	const struct store_claim what = {
		.smsc = smsc, .max = max, .expire_ms = DAY, .push_expire_ms = 120000};

	told.calls = 0;
	ck_assert_int_eq(store_notices_claim(world.store, &what, on_claimed, NULL), RC_OK);
	store_wait(world.store);
	ck_assert_int_eq(told.calls, 1);
	ck_assert_int_eq(told.c.rc, RC_OK);
	return told.c.n;
}

static void settle(int64_t id, enum store_notice to)
{
	store_notice_done(world.store, id, to);
	store_wait(world.store);
}

static void wait_again(int64_t id, int64_t ms, uint32_t code)
{
	const struct store_notice_update u = {.id = id,
	                                      .to = STORE_NOTICE_PENDING,
	                                      .code = code,
	                                      .why = "refused for now",
	                                      .next_ms = clock_utc_ms(&world.clock.clock) + ms};

	store_notice_move(world.store, &u);
	store_wait(world.store);
}

START_TEST(promise_3_what_waits_is_claimed_once_in_its_order)
{
	for (int i = 0; i < 5; i++) {
		char text[8];

		(void)snprintf(text, sizeof text, "n%d", i);
		ck_assert(put(WORLD_MSISDN + i, text, ROUTE, false).notice_waits);
		clock_fake_advance(&world.clock, 1);
	}
	ck_assert_uint_eq(claim("away", 10), 0);
	ck_assert_uint_eq(claim("home", 3), 3);
	ck_assert(told.c.more);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(told.text[i][1], '0' + i);
		ck_assert_int_eq(told.row[i].msisdn, WORLD_MSISDN + i);
		ck_assert_str_eq(told.route[i], "1 1 123 1 1 254700000001 ");
		ck_assert_uint_eq(told.row[i].attempts, 1);
	}
	ck_assert_uint_eq(claim("home", 10), 2);
	ck_assert(!told.c.more);
	ck_assert_str_eq(told.text[0], "n3");
	ck_assert_uint_eq(claim("home", 10), 0);
}
END_TEST

/* Claimed, or stored as leaving: in doubt after a crash, and never claimed again. The rest is there yet. */
START_TEST(promise_1_after_a_crash_what_never_left_is_there_and_nothing_else)
{
	struct store_result leaving = put(WORLD_MSISDN, "leaving", ROUTE, true);

	ck_assert(!leaving.notice_waits);
	put(WORLD_MSISDN + 1, "claimed", ROUTE, false);
	clock_fake_advance(&world.clock, 1);
	put(WORLD_MSISDN + 2, "waits", ROUTE, false);
	ck_assert_uint_eq(claim("home", 1), 1);
	world_close(&world); /* nobody has said what became of the two */
	world_open(&world);
	ck_assert_int_eq(count("state = 'unknown' AND why = 'restart' AND text <> 'waits'"), 2);
	ck_assert_uint_eq(claim("home", 10), 1);
	ck_assert_str_eq(told.text[0], "waits");
	settle(told.row[0].id, STORE_NOTICE_SENT);
	settle(leaving.notice, STORE_NOTICE_SENT); /* a late receipt */
	ck_assert_int_eq(count("state = 'sent' AND text = '' AND route = '' AND msisdn = 0"), 2);
	ck_assert_int_eq(count("state = 'unknown'"), 1);
	ck_assert_uint_eq(claim("home", 10), 0);
}
END_TEST

/* A tool beside the daemon must not take what is under way for what a crash has left. */
START_TEST(a_guest_leaves_what_is_under_way_alone)
{
	const struct store_options o = {.path = world.path,
	                                .profile = &world.profile,
	                                .clock = &world.clock.clock,
	                                .busy_ms = 50,
	                                .guest = true};
	struct store *guest;

	put(WORLD_MSISDN, "leaving", ROUTE, true);
	ck_assert_int_eq(store_open(&o, &guest, world.why, sizeof world.why), RC_OK);
	store_close(guest);
	ck_assert_int_eq(count("sending = 1 AND state = 'pending'"), 1);
}
END_TEST

START_TEST(one_of_each_subscriber_at_a_time)
{
	struct store_result first = put(WORLD_MSISDN, "first", ROUTE, true), second;

	second = put(WORLD_MSISDN, "second", ROUTE,
	             true); /* it may not pass the first, which is not settled */
	ck_assert(second.notice_waits);
	put(WORLD_MSISDN, "third", ROUTE, false);
	put(WORLD_MSISDN + 1, "other", ROUTE, false);
	ck_assert_uint_eq(claim("home", 10), 1);
	ck_assert_str_eq(told.text[0], "other");
	ck_assert(told.c.behind);
	wait_again(first.notice, 0, 0); /* no link took it */
	clock_fake_advance(&world.clock, 1000);
	ck_assert_uint_eq(claim("home", 10), 1);
	ck_assert_str_eq(told.text[0], "first");
	settle(first.notice, STORE_NOTICE_SENT);
	clock_fake_advance(&world.clock, 1000);
	ck_assert_uint_eq(claim("home", 10), 1);
	ck_assert_str_eq(told.text[0], "second");
	settle(second.notice, STORE_NOTICE_REJECTED);
	clock_fake_advance(&world.clock, 1000);
	ck_assert_uint_eq(claim("home", 10), 1);
	ck_assert_str_eq(told.text[0], "third");
}
END_TEST

/* One with very many of them costs others nothing but a page. */
START_TEST(one_with_many_holds_up_nobody)
{
	for (int i = 0; i < 3 * STORE_NOTICES_PAGE; i++)
		put(WORLD_MSISDN, "many", ROUTE, false);
	clock_fake_advance(&world.clock, 1);
	put(WORLD_MSISDN + 1, "other", ROUTE, false);
	for (int i = 0; i < 4; i++) {
		size_t n = claim("home", STORE_NOTICES_PAGE);

		if (n > 0 && strcmp(told.text[n - 1], "other") == 0)
			return;
	}
	ck_abort_msg("it was not claimed within four pages");
}
END_TEST

START_TEST(what_was_refused_for_now_keeps_its_time_code_and_attempts)
{
	int64_t id = put(WORLD_MSISDN, "text", ROUTE, true).notice;

	wait_again(id, 5000, 0x58);
	ck_assert_uint_eq(claim("home", 10), 0);
	world_close(&world); /* a stop: it waits all the same */
	world_open(&world);
	clock_fake_advance(&world.clock, 4999);
	ck_assert_uint_eq(claim("home", 10), 0);
	clock_fake_advance(&world.clock, 1);
	ck_assert_uint_eq(claim("home", 10), 1);
	ck_assert_uint_eq(told.row[0].attempts, 2);
	ck_assert_uint_eq(told.row[0].code, 0x58);
	wait_again(id, 0, 0); /* no link: that is no attempt */
	ck_assert_uint_eq(claim("home", 10), 1);
	ck_assert_uint_eq(told.row[0].attempts, 2);
}
END_TEST

START_TEST(promise_7_what_waits_when_stop_comes_never_leaves)
{
	struct store_result waits = put(WORLD_MSISDN, "waits", ROUTE, false), r;
	struct store_batch *b = world_batch(WORLD_MSISDN);

	put(WORLD_MSISDN + 1, "other", ROUTE, false);
	ck_assert(waits.notice != 0);
	ck_assert_int_eq(store_batch_stop(b, true), RC_OK);
	r = world_write(&world, b);
	ck_assert_uint_eq(r.recalled, 1);
	ck_assert_int_eq(put(WORLD_MSISDN, "after", ROUTE, true).notice, 0); /* nor is one written any more */
	world_close(&world);
	world_open(&world);
	ck_assert_uint_eq(claim("home", 10), 1);
	ck_assert_str_eq(told.text[0], "other");
	ck_assert_int_eq(count("state = 'rejected' AND why = 'stopped'"), 1);
}
END_TEST

/* Whoever wrote the row has not known of it: the claim looks. */
START_TEST(promise_7_a_claim_looks_for_stop_erasure_and_another_holder)
{
	for (int i = 0; i < 4; i++)
		put(WORLD_MSISDN + i, "text", ROUTE, false);
	run_sql("UPDATE subscriber SET stopped = 1 WHERE msisdn = 254700000001;"
	        "UPDATE outbox SET text = '' WHERE subscriber = 2;"
	        "UPDATE subscriber SET msisdn = NULL WHERE msisdn = 254700000003");
	ck_assert_uint_eq(claim("home", 10), 1);
	ck_assert_int_eq(told.row[0].msisdn, WORLD_MSISDN + 3);
	ck_assert_uint_eq(told.c.stopped, 1);
	ck_assert_uint_eq(told.c.gone, 2);
	ck_assert_int_eq(
		count("state = 'rejected' AND why IN ('stopped', 'erased', 'number') AND settled > 0"), 3);
}
END_TEST

START_TEST(an_erasure_takes_back_what_waits_and_blanks_what_is_with_a_link)
{
	int64_t leaving = put(WORLD_MSISDN, "leaving", ROUTE, true).notice;
	struct store_batch *b;

	put(WORLD_MSISDN, "waits", ROUTE, false);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_OPERATOR, "asked"), RC_OK);
	world_write(&world, b);
	ck_assert_int_eq(count("text = '' AND route = '' AND msisdn = 0"), 2);
	ck_assert_int_eq(count("state = 'rejected' AND why = 'erased'"), 1);
	wait_again(leaving, 0, 0x58); /* refused for now: it does not come back */
	ck_assert_uint_eq(claim("home", 10), 0);
	settle(leaving, STORE_NOTICE_SENT);
	ck_assert_int_eq(count("state = 'sent'"), 1);
}
END_TEST

START_TEST(what_is_too_old_is_given_up_also_where_nothing_can_leave)
{
	for (int i = 0; i < 2 * STORE_NOTICES_PAGE; i++)
		put(WORLD_MSISDN + i, "old", ROUTE, false);
	clock_fake_advance(&world.clock, DAY + 1);
	put(WORLD_MSISDN, "young", ROUTE, false);
	ck_assert_uint_eq(claim("home", 0), 0);
	ck_assert_uint_eq(told.c.expired, STORE_NOTICES_PAGE);
	ck_assert(told.c.more);
	ck_assert_uint_eq(claim("home", STORE_NOTICES_PAGE), 0);
	ck_assert_uint_eq(told.c.expired, STORE_NOTICES_PAGE);
	ck_assert_uint_eq(claim("home", 0), 0);
	ck_assert(!told.c.more);
	ck_assert_uint_eq(claim("home", 1), 1);
	ck_assert_str_eq(told.text[0], "young");
	ck_assert_int_eq(count("state = 'rejected' AND why = 'expired'"), 2 * STORE_NOTICES_PAGE);
}
END_TEST

static struct store_notices_waiting seen;

static void on_look(void *ctx, const struct store_notices_waiting *w)
{
	(void)ctx;
	seen = *w;
}

static void look(void)
{
	memset(&seen, 0, sizeof seen);
	seen.rc = RC_IO;
	ck_assert_int_eq(store_notices_look(world.store, on_look, NULL), RC_OK);
	store_wait(world.store);
	ck_assert_int_eq(seen.rc, RC_OK);
}

/* What was to wait five minutes must not wait as long as the clock was wrong. */
START_TEST(a_clock_that_is_set_back_holds_up_nothing)
{
	int64_t id = put(WORLD_MSISDN, "text", ROUTE, true).notice;

	wait_again(id, 300000, 0x58);
	world.clock.now_utc_ms -= 7 * DAY;
	look();
	ck_assert_uint_eq(seen.n, 1);
	ck_assert_int_le(seen.lane[0].next_ms, clock_utc_ms(&world.clock.clock));
	ck_assert_uint_eq(claim("home", 10), 1);
}
END_TEST

static struct store_result push(int64_t msisdn)
{
	struct store_batch *b = store_batch_new(msisdn, clock_utc_ms(&world.clock.clock));

	ck_assert_int_eq(store_batch_route(b, "60000 menu *123# @home", false), RC_OK);
	ck_assert_int_eq(store_batch_held(b, STORE_NOTICE_PUSH, "*123#", 120000), RC_OK);
	return world_write(&world, b);
}

static size_t claim_one(int64_t id)
{
	const struct store_claim what = {.id = id, .max = 1};

	ck_assert_int_eq(store_notices_claim(world.store, &what, on_claimed, NULL), RC_OK);
	store_wait(world.store);
	return told.c.n;
}

/* While this run lives it is its own; the next one finds it at once, and only while it is young. */
START_TEST(a_push_is_found_by_the_next_run_if_it_never_left)
{
	int64_t first = push(WORLD_MSISDN).notice, marked = push(WORLD_MSISDN + 1).notice;

	ck_assert_uint_eq(claim("home", 10), 0);
	ck_assert_uint_eq(claim_one(marked), 1);
	ck_assert_uint_eq(claim_one(marked), 0);
	world_close(&world);
	world_open(&world);
	ck_assert_int_eq(count("state = 'unknown'"), 1);
	ck_assert_uint_eq(claim("home", 10), 1);
	ck_assert_int_eq(told.row[0].id, first);
	ck_assert_int_eq(told.row[0].kind, STORE_NOTICE_PUSH);
	ck_assert_str_eq(told.route[0], "60000 menu *123# ");
	push(WORLD_MSISDN + 2);
	clock_fake_advance(&world.clock, 120001);
	world_close(&world);
	world_open(&world);
	ck_assert_uint_eq(claim("home", 10), 0);
	ck_assert_uint_eq(told.c.expired, 1);
}
END_TEST

START_TEST(a_look_tells_what_waits_by_smsc)
{
	int64_t now = clock_utc_ms(&world.clock.clock);

	look();
	ck_assert_uint_eq(seen.n, 0);
	put(WORLD_MSISDN, "a", "", false);
	clock_fake_advance(&world.clock, 10);
	put(WORLD_MSISDN + 1, "b", "1 1 1 1 1 1 @home", false);
	put(WORLD_MSISDN + 2, "c", "1 1 1 1 1 1 @away", false);
	put(WORLD_MSISDN + 3, "d", "1 1 1 1 1 1 @away", false);
	look();
	ck_assert_uint_eq(seen.n, 3);
	ck_assert_int_eq(seen.count, 4);
	ck_assert_int_eq(seen.oldest_ms, now);
	ck_assert_str_eq(seen.lane[0].smsc, "");
	ck_assert_str_eq(seen.lane[1].smsc, "away");
	ck_assert_str_eq(seen.lane[2].smsc, "home");
	ck_assert_int_eq(seen.lane[0].next_ms, now);
	ck_assert_int_eq(seen.lane[1].next_ms, now + 10);
	ck_assert_uint_eq(claim("home", 10), 1);
	ck_assert_uint_eq(claim("away", 10), 2);
	look();
	ck_assert_uint_eq(seen.n, 1);
}
END_TEST

/* Looking and claiming walk an index: however many were sent before, and however many are not due. */
START_TEST(looking_and_claiming_use_the_index)
{
	static const char *const texts[] = {
		"SELECT count(*) FROM pragma_index_list('outbox') WHERE name = 'outbox_waiting' AND partial = 1",
	};
	char plan[400];

	ck_assert_int_eq(world_sql(&world, texts[0]), 1);
	plan_of("SELECT id FROM outbox WHERE state = 'pending' AND sending = 0 AND smsc = 'home' AND "
	        "next <= 5 ORDER BY next, id LIMIT 3",
	        plan, sizeof plan);
	ck_assert_msg(strstr(plan, "outbox_waiting (smsc=? AND next<?)") != NULL, "%s", plan);
	plan_of("SELECT smsc, next FROM outbox WHERE state = 'pending' AND sending = 0 AND smsc > 'a' "
	        "ORDER BY smsc, next LIMIT 1",
	        plan, sizeof plan);
	ck_assert_msg(strstr(plan, "outbox_waiting (smsc>?)") != NULL, "%s", plan);
	ck_assert_ptr_null(strstr(plan, "TEMP B-TREE"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store_notices");
	TCase *t = tcase_create("store_notices");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, promise_3_what_waits_is_claimed_once_in_its_order);
	tcase_add_test(t, promise_1_after_a_crash_what_never_left_is_there_and_nothing_else);
	tcase_add_test(t, a_guest_leaves_what_is_under_way_alone);
	tcase_add_test(t, one_of_each_subscriber_at_a_time);
	tcase_add_test(t, one_with_many_holds_up_nobody);
	tcase_add_test(t, what_was_refused_for_now_keeps_its_time_code_and_attempts);
	tcase_add_test(t, promise_7_what_waits_when_stop_comes_never_leaves);
	tcase_add_test(t, promise_7_a_claim_looks_for_stop_erasure_and_another_holder);
	tcase_add_test(t, an_erasure_takes_back_what_waits_and_blanks_what_is_with_a_link);
	tcase_add_test(t, what_is_too_old_is_given_up_also_where_nothing_can_leave);
	tcase_add_test(t, a_clock_that_is_set_back_holds_up_nothing);
	tcase_add_test(t, a_push_is_found_by_the_next_run_if_it_never_left);
	tcase_add_test(t, a_look_tells_what_waits_by_smsc);
	tcase_add_test(t, looking_and_claiming_use_the_index);
	suite_add_tcase(s, t);
	return run_suite(s);
}
