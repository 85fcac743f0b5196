/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices on their way from the store to a link and back: with room they leave, without it they wait in the store and cost no
 * memory; what is refused for now comes again, what may have left does not (promises 1, 3, 6 and 7). */
#include "gateway/notices.h"

#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>

#include "gateway/notices_private.h"
#include "gateway/route.h"
#include "tests/random.h"
#include "tests/store_world.h"

#define FLIGHT_MAX 4000

static struct world world;
static struct config config;
static struct notices *notices;
static char home[] = "home";

/* The links, as the port shows them. */
static struct {
	size_t room;
	enum rc rc;
	size_t n;
	struct {
		uint64_t token;
		int64_t id;
		char text[48], digits[72];
		uint16_t group;
	} sent[FLIGHT_MAX];
	int64_t stopping;
	size_t pushes;
} links;

static enum rc on_sms(void *ctx, void *link, uint16_t group, const struct pdu_address *service,
                      const struct pdu_address *subscriber, const char *text, int64_t notice, uint64_t token)
{
	(void)ctx;
	(void)link;
	(void)service;
	if (links.rc != RC_OK)
		return links.rc;
	ck_assert_uint_lt(links.n, FLIGHT_MAX);
	links.sent[links.n].token = token;
	links.sent[links.n].id = notice;
	links.sent[links.n].group = group;
	(void)snprintf(links.sent[links.n].text, sizeof links.sent[0].text, "%s", text);
	(void)snprintf(links.sent[links.n].digits, sizeof links.sent[0].digits, "%s", subscriber->digits);
	links.n++;
	if (links.room > 0)
		links.room--;
	return RC_OK;
}

static size_t on_room(void *ctx, uint16_t group, bool fresh)
{
	(void)ctx;
	(void)group;
	(void)fresh;
	return links.room;
}

static bool is_stopping(void *ctx, int64_t msisdn)
{
	(void)ctx;
	return msisdn == links.stopping;
}

static void on_push(void *ctx, const struct store_notice_row *row, uint16_t group)
{
	(void)ctx;
	(void)row;
	ck_assert_uint_eq(group, 0);
	links.pushes++;
}

static const struct dialogue_port port = {.sms = on_sms, .room = on_room};

static void begin(void)
{
	const struct notices_options o = {.clock = &world.clock.clock,
	                                  .store = world.store,
	                                  .port = &port,
	                                  .config = &config,
	                                  .is_stopping = is_stopping,
	                                  .push = on_push};

	ck_assert_int_eq(notices_new(&o, &notices), RC_OK);
}

static void setup(void)
{
	memset(&links, 0, sizeof links);
	links.room = 1000;
	memset(&config, 0, sizeof config);
	config.n_links = 1;
	config.link[0].group = home;
	config.sms_notice_expire_ms = 86400000;
	world_init(&world);
	world_open(&world);
	begin();
}

static void teardown(void)
{
	notices_close(notices);
	store_wait(world.store);
	notices_free(notices);
	world_end(&world);
}

/* Time passes, and the store answers. */
static void pass(int64_t ms)
{
	for (int64_t left = ms; left >= 0; left -= 100) {
		(void)notices_tick(notices);
		for (int i = 0; i < 3; i++)
			store_wait(world.store);
		if (left > 0)
			clock_fake_advance(&world.clock, left < 100 ? left : 100);
	}
}

static struct notices_counters counters(void)
{
	struct notices_counters c;

	notices_counters_read(notices, &c);
	return c;
}

static struct notices_route route_to(int64_t msisdn)
{
	struct notices_route r = {.group = 0, .msisdn = msisdn};

	r.subscriber.ton = 1;
	r.subscriber.npi = 1;
	(void)snprintf(r.subscriber.digits, sizeof r.subscriber.digits, "%lld", (long long)msisdn);
	(void)snprintf(r.service.digits, sizeof r.service.digits, "123");
	return r;
}

/* As whoever stands beside the daemon writes one. */
static int64_t put(int64_t msisdn, const char *text)
{
	struct store_batch *b = store_batch_new(msisdn, clock_utc_ms(&world.clock.clock));
	struct notices_route r = route_to(msisdn);
	char way[STORE_ROUTE_SIZE];

	ck_assert(route_write(&config, &r, way, sizeof way));
	ck_assert_int_eq(store_batch_notice(b, text, false), RC_OK);
	ck_assert_int_eq(store_batch_route(b, way, false), RC_OK);
	return world_write(&world, b).notice;
}

static void fate(size_t i, enum dialogue_sent how, uint32_t status)
{
	uint64_t token = links.sent[i].token;

	ck_assert_uint_ne(token, 0);
	links.sent[i].token = 0;
	notices_sent(notices, token, how, status);
}

/* No file of this process may grow any more: commits fail. */
static void disk_full(bool full)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	limit.rlim_cur = full ? 0 : limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static int64_t count(const char *where)
{
	char text[300];

	(void)snprintf(text, sizeof text, "SELECT count(*) FROM outbox WHERE %s", where);
	return world_sql(&world, text);
}

START_TEST(promise_3_a_row_that_somebody_else_wrote_is_sent_within_seconds)
{
	pass(0);
	put(WORLD_MSISDN, "hello");
	pass(NOTICES_LOOK_MS);
	ck_assert_uint_eq(links.n, 1);
	ck_assert_str_eq(links.sent[0].text, "hello");
	ck_assert_str_eq(links.sent[0].digits, "254700000001");
	ck_assert_uint_eq(links.sent[0].group, 0);
	fate(0, DIALOGUE_DELIVERED, 0);
	pass(10000);
	ck_assert_uint_eq(links.n, 1);
	ck_assert_int_eq(count("state = 'sent' AND attempts = 1"), 1);
}
END_TEST

/* A row without a way at all, and one whose SMSC is no more, go by any. */
START_TEST(a_row_without_a_way_goes_by_any)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);

	ck_assert_int_eq(store_batch_notice(b, "bare", false), RC_OK);
	world_write(&world, b);
	b = world_batch(WORLD_MSISDN + 1);
	ck_assert_int_eq(store_batch_notice(b, "moved", false), RC_OK);
	ck_assert_int_eq(store_batch_route(b, "1 1 123 1 1 254700000002 @was there once", false), RC_OK);
	world_write(&world, b);
	pass(NOTICES_LOOK_MS);
	ck_assert_uint_eq(links.n, 2);
	ck_assert_str_eq(links.sent[0].digits, "254700000001");
	ck_assert_uint_eq(links.sent[0].group, ROUTE_ANY);
	ck_assert_str_eq(links.sent[1].digits, "254700000002");
	ck_assert_uint_eq(links.sent[1].group, ROUTE_ANY);
}
END_TEST

/* What a run writes the next one reads, whatever the groups are called, and in whatever order they stand then. */
START_TEST(a_route_outlives_the_configuration)
{
	struct notices_route r = route_to(WORLD_MSISDN), back;
	char text[STORE_ROUTE_SIZE], many[] = "north @ 2";

	r.service.ton = 3;
	config.n_links = 2;
	config.link[1].group = many;
	r.group = 1;
	ck_assert(route_write(&config, &r, text, sizeof text));
	config.link[1].group = home;
	config.link[0].group = many;
	route_read(&config, text, NULL, WORLD_MSISDN, &back);
	ck_assert_uint_eq(back.group, 0);
	ck_assert_uint_eq(back.service.ton, 3);
	ck_assert_str_eq(back.service.digits, "123");
	ck_assert_str_eq(back.subscriber.digits, "254700000001");
	ck_assert(!route_write(&config, &r, text, 20));
	route_read(&config, "nonsense", "home", WORLD_MSISDN, &back);
	ck_assert_uint_eq(back.group, 1);
	ck_assert_str_eq(back.subscriber.digits, "254700000001");
	ck_assert_str_eq(back.service.digits, "");
	config.n_links = 1;
	config.link[0].group = home;
}
END_TEST

START_TEST(promise_6_what_waits_for_a_link_waits_in_the_store)
{
	size_t heap;

	links.room = 0;
	for (int i = 0; i < 2000; i++)
		put(WORLD_MSISDN + i, "text");
	pass(5000);
	(void)malloc_trim(0);
	heap = mallinfo2().uordblks;
	pass(60000);
	ck_assert_uint_eq(links.n, 0);
	ck_assert_uint_eq(counters().waiting, 0);
	ck_assert_int_eq(counters().stored, 2000);
	ck_assert_uint_lt(mallinfo2().uordblks, heap + 100000);
}
END_TEST

/* In their order, as fast as there is room, each once. */
START_TEST(promise_3_a_backlog_drains_in_order_when_a_link_returns)
{
	size_t done = 0;

	links.room = 0;
	for (int i = 0; i < 1000; i++) {
		put(WORLD_MSISDN + i, "text");
		if (i % 100 == 0)
			clock_fake_advance(&world.clock, 1);
	}
	pass(3000);
	ck_assert_uint_eq(links.n, 0);
	for (int round = 0; done < 1000; round++) {
		ck_assert_int_lt(round, 200);
		links.room = 50;
		pass(100);
		ck_assert_uint_le(links.n - done, 50 + STORE_NOTICES_PAGE);
		for (; done < links.n; done++)
			fate(done, DIALOGUE_DELIVERED, 0);
	}
	pass(5000);
	ck_assert_uint_eq(links.n, 1000);
	for (size_t i = 1; i < links.n; i++)
		ck_assert_int_gt(links.sent[i].id, links.sent[i - 1].id);
	ck_assert_int_eq(count("state = 'sent'"), 1000);
}
END_TEST

/* Stored as leaving, and the link is gone by then: it waits, is not forgotten, and is sent once. */
START_TEST(promise_1_what_could_not_leave_goes_back_to_the_store)
{
	struct notices_route r = route_to(WORLD_MSISDN);
	struct store_batch *b = world_batch(WORLD_MSISDN);
	struct store_result res;

	ck_assert(notices_may_leave(notices, 0));
	ck_assert_int_eq(store_batch_notice(b, "text", false), RC_OK);
	ck_assert_int_eq(store_batch_route(b, "1 1 123 1 1 254700000001 @home", true), RC_OK);
	res = world_write(&world, b);
	ck_assert(!res.notice_waits);
	links.room = 0;
	ck_assert(!notices_may_leave(notices, 0));
	ck_assert_int_eq(notices_send(notices, &r, "text", res.notice), RC_OK);
	pass(0);
	ck_assert_int_eq(count("state = 'pending' AND sending = 0 AND attempts = 0"), 1);
	ck_assert_uint_eq(counters().put_back, 1);
	links.room = 10;
	pass(2000);
	ck_assert_uint_eq(links.n, 1);
	fate(0, DIALOGUE_NOT_SENT, 0); /* nor was it written */
	pass(2000);
	ck_assert_uint_eq(links.n, 2);
	fate(1, DIALOGUE_DELIVERED, 0);
	pass(5000);
	ck_assert_uint_eq(links.n, 2);
	ck_assert_int_eq(count("state = 'sent' AND attempts = 1"), 1);
}
END_TEST

START_TEST(what_the_smsc_refuses_for_now_has_a_budget_for_each_status)
{
	size_t tries = 0;

	put(WORLD_MSISDN, "text");
	for (int i = 0; i < 3600 && count("state = 'pending'") == 1; i++) {
		pass(1000);
		for (; tries < links.n; tries++)
			fate(tries, DIALOGUE_RETRY, 0x58);
	}
	ck_assert_uint_eq(tries, 8); /* seven more than the first: gateway/status.c */
	pass(1000);
	ck_assert_int_eq(count("state = 'rejected' AND why = 'tries' AND code = 88 AND attempts = 8"), 1);
	ck_assert_uint_eq(counters().given_up, 1);
}
END_TEST

START_TEST(promise_3_what_may_have_left_is_never_sent_again)
{
	put(WORLD_MSISDN, "a");
	put(WORLD_MSISDN + 1, "b");
	pass(NOTICES_LOOK_MS);
	ck_assert_uint_eq(links.n, 2);
	fate(0, DIALOGUE_UNKNOWN, 0);
	fate(1, DIALOGUE_REFUSED, 0x0b);
	pass(120000);
	ck_assert_uint_eq(links.n, 2);
	ck_assert_int_eq(count("state = 'unknown' AND why = 'no answer'"), 1);
	ck_assert_int_eq(count("state = 'rejected' AND code = 11"), 1);
}
END_TEST

START_TEST(promise_7_stop_while_it_is_claimed)
{
	put(WORLD_MSISDN, "a");
	put(WORLD_MSISDN + 1, "b");
	links.stopping = WORLD_MSISDN; /* the store does not know it yet */
	pass(NOTICES_LOOK_MS);
	ck_assert_uint_eq(links.n, 1);
	ck_assert_str_eq(links.sent[0].text, "b");
	ck_assert_int_eq(count("state = 'rejected' AND why = 'stopped'"), 1);
	ck_assert_uint_eq(counters().recalled, 1);
}
END_TEST

/* With a link when STOP came, and refused for now afterwards. */
START_TEST(promise_7_stop_while_it_is_with_a_link)
{
	put(WORLD_MSISDN, "a");
	pass(NOTICES_LOOK_MS);
	ck_assert_uint_eq(links.n, 1);
	notices_recall(notices, WORLD_MSISDN);
	fate(0, DIALOGUE_RETRY, 0x58);
	pass(60000);
	ck_assert_uint_eq(links.n, 1);
	ck_assert_int_eq(count("state = 'rejected' AND why = 'stopped'"), 1);
}
END_TEST

START_TEST(what_is_too_old_is_given_up_while_no_link_is_there)
{
	links.room = 0;
	for (int i = 0; i < 3 * STORE_NOTICES_PAGE; i++)
		put(WORLD_MSISDN + i, "old");
	pass(2000);
	clock_fake_advance(&world.clock, config.sms_notice_expire_ms);
	put(WORLD_MSISDN, "young");
	pass(NOTICES_TIDY_MS + 5000);
	ck_assert_uint_eq(counters().expired, 3 * STORE_NOTICES_PAGE);
	links.room = 100;
	pass(3000);
	ck_assert_uint_eq(links.n, 1);
	ck_assert_str_eq(links.sent[0].text, "young");
}
END_TEST

/* A late result is a notice of its own: stored, then sent; not after STOP; and sent all the same when it cannot be stored. */
START_TEST(a_late_result_is_stored_first)
{
	struct notices_route r = route_to(WORLD_MSISDN);
	struct store_batch *b;

	ck_assert_int_eq(notices_order(notices, &r, "late"), RC_OK);
	ck_assert_uint_eq(links.n, 0);
	pass(0);
	ck_assert_uint_eq(links.n, 1);
	ck_assert_int_ne(links.sent[0].id, 0);
	fate(0, DIALOGUE_DELIVERED, 0);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_stop(b, true), RC_OK);
	world_write(&world, b);
	ck_assert_int_eq(notices_order(notices, &r, "after"), RC_OK);
	pass(5000);
	ck_assert_uint_eq(links.n, 1);
	ck_assert_int_eq(count("id > 0"), 1);
}
END_TEST

/* The disk is full while what became of them is recorded: it is recorded when there is room again, and what waits is
 * claimed then; nothing is sent that could not be marked. */
START_TEST(promise_3_a_full_disk_delays_reports_and_loses_none)
{
	for (int i = 0; i < 40; i++)
		put(WORLD_MSISDN + i, "text");
	links.room = 20;
	pass(NOTICES_LOOK_MS);
	ck_assert_uint_eq(links.n, 20);
	disk_full(true);
	for (size_t i = 0; i < 20; i++)
		fate(i, i % 2 == 0 ? DIALOGUE_DELIVERED : DIALOGUE_NOT_SENT, 0);
	links.room = 100;
	pass(10000);
	ck_assert_uint_eq(links.n, 20);
	ck_assert_int_eq(count("sending = 1"), 20);
	disk_full(false);
	pass(10000);
	ck_assert_uint_eq(links.n, 50);
	for (size_t i = 20; i < 50; i++)
		fate(i, DIALOGUE_DELIVERED, 0);
	pass(5000);
	ck_assert_uint_eq(links.n, 50);
	ck_assert_int_eq(count("state = 'sent'"), 40);
	ck_assert_uint_eq(counters().untold, 0);
}
END_TEST

/* The daemon is being stopped, and the disk is full: what became of them is recorded before it is gone. */
START_TEST(promise_3_reports_are_repeated_while_it_ends)
{
	for (int i = 0; i < 20; i++)
		put(WORLD_MSISDN + i, "text");
	pass(NOTICES_LOOK_MS);
	ck_assert_uint_eq(links.n, 20);
	disk_full(true);
	for (size_t i = 0; i < 20; i++)
		fate(i, i % 2 == 0 ? DIALOGUE_DELIVERED : DIALOGUE_NOT_SENT, 0);
	pass(2000);
	notices_close(notices);
	ck_assert_int_lt(notices_tick(notices), INT64_MAX);
	disk_full(false);
	pass(10000);
	ck_assert_uint_eq(links.n, 20);
	ck_assert_int_eq(count("state = 'sent'"), 10);
	ck_assert_int_eq(count("sending = 1"), 0);
	ck_assert_int_eq(notices_tick(notices), INT64_MAX);
}
END_TEST

/* Everything at random: kills of the daemon's memory, fates of all kinds, room that comes and goes. What a link took is told
 * once as sent or unknown; nothing is handed over again but what was certainly not taken. */
START_TEST(promise_1_3_nothing_lost_nothing_twice_whatever_happens)
{
	static uint8_t taken[2001], doubt[2001]; /* by id */
	struct random random = {20261122};
	size_t done = 0;
	int kills = 0;

	memset(taken, 0, sizeof taken);
	memset(doubt, 0, sizeof doubt);
	for (int step = 0; step < 600; step++) {
		links.room = random_below(&random, 20);
		links.rc = random_below(&random, 7) == 0 ? RC_CLOSED : RC_OK;
		if (step < 400)
			put(WORLD_MSISDN + random_below(&random, 150), "text");
		pass(100);
		for (; done < links.n; done++) {
			int64_t id = links.sent[done].id;
			unsigned how = random_below(&random, 9);

			ck_assert_int_lt(id, 2001);
			ck_assert_msg(!taken[id] && !doubt[id], "notice %d left again", (int)id);
			if (how == 0) {
				doubt[id] = 1;
				fate(done, DIALOGUE_UNKNOWN, 0);
			} else if (how == 1) {
				fate(done, DIALOGUE_NOT_SENT, 0);
			} else if (how == 2) {
				fate(done, DIALOGUE_RETRY, 0x58);
			} else if (how == 3 &&
			           kills < 20) { /* the SMSC has it, and the run ends before it says so */
				doubt[id] = 1;
			} else {
				taken[id] = 1;
				fate(done, DIALOGUE_DELIVERED, 0);
			}
		}
		if (step % 25 == 24 && kills < 20) {
			kills++;
			notices_close(notices);
			store_wait(world.store);
			notices_free(notices);
			world_close(&world);
			world_open(&world);
			begin();
		}
	}
	links.rc = RC_OK;
	for (int i = 0; i < 3000 && count("state = 'pending'") > 0; i++) {
		links.room = 50;
		pass(1000);
		for (; done < links.n; done++) {
			ck_assert(!taken[links.sent[done].id] && !doubt[links.sent[done].id]);
			taken[links.sent[done].id] = 1;
			fate(done, DIALOGUE_DELIVERED, 0);
		}
	}
	store_wait(world.store);
	ck_assert_int_eq(count("state = 'pending'"), 0);
	for (int id = 1; id <= 400; id++) {
		char where[100];

		(void)snprintf(where, sizeof where, "id = %d AND state = '%s'", id,
		               taken[id]   ? "sent"
		               : doubt[id] ? "unknown"
		                           : "rejected");
		ck_assert_msg(count(where) == 1, "notice %d is not told as it was", id);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("notices");
	TCase *t = tcase_create("notices");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, promise_3_a_row_that_somebody_else_wrote_is_sent_within_seconds);
	tcase_add_test(t, a_row_without_a_way_goes_by_any);
	tcase_add_test(t, a_route_outlives_the_configuration);
	tcase_add_test(t, promise_6_what_waits_for_a_link_waits_in_the_store);
	tcase_add_test(t, promise_3_a_backlog_drains_in_order_when_a_link_returns);
	tcase_add_test(t, promise_1_what_could_not_leave_goes_back_to_the_store);
	tcase_add_test(t, what_the_smsc_refuses_for_now_has_a_budget_for_each_status);
	tcase_add_test(t, promise_3_what_may_have_left_is_never_sent_again);
	tcase_add_test(t, promise_7_stop_while_it_is_claimed);
	tcase_add_test(t, promise_7_stop_while_it_is_with_a_link);
	tcase_add_test(t, what_is_too_old_is_given_up_while_no_link_is_there);
	tcase_add_test(t, a_late_result_is_stored_first);
	tcase_add_test(t, promise_3_reports_are_repeated_while_it_ends);
	tcase_add_test(t, promise_3_a_full_disk_delays_reports_and_loses_none);
	tcase_add_test(t, promise_1_3_nothing_lost_nothing_twice_whatever_happens);
	suite_add_tcase(s, t);
	return run_suite(s);
}
