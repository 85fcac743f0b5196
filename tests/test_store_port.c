/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The port of the store: queue and threads, owner and guests, and every request concluded exactly once. What a batch does to
 * the data: test_store.c. */
#include "storage/store.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "storage/owner.h"
#include "storage/schema.h"
#include "tests/store_world.h"

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

struct order {
	int next, wrong;
};
struct ordered {
	struct order *order;
	int number;
};

static void on_ordered(void *ctx, const struct store_result *result)
{
	struct ordered *o = ctx;

	o->order->wrong += result->rc != RC_OK || o->number != o->order->next++;
}

START_TEST(test_order_and_descriptor)
{
	static struct ordered list[3000];
	struct order order = {0};
	struct pollfd fd = {.fd = store_fd(world.store), .events = POLLIN};
	struct store_counters c;

	for (int i = 0; i < 3000; i++) {
		list[i] = (struct ordered){&order, i};
		ck_assert_int_eq(
			store_write(world.store, world_registration(WORLD_MSISDN + i), on_ordered, &list[i]),
			RC_OK);
	}
	while (order.next < 3000) { /* only ever woken by the descriptor */
		ck_assert_int_eq(poll(&fd, 1, 20000), 1);
		(void)store_dispatch(world.store);
	}
	ck_assert_int_eq(order.wrong, 0);
	while (poll(&fd, 1, 0) == 1) /* at most one late wake-up, then silence */
		ck_assert_int_eq(store_dispatch(world.store), 0);
	store_counters_read(world.store, &c);
	ck_assert_uint_eq(c.writes, 3000);
	ck_assert_uint_lt(c.commits, 3000); /* gathered */
	ck_assert_uint_eq(c.queue, 0);
	ck_assert_uint_gt(c.queue_peak, 1);
	ck_assert_uint_eq(c.failed_writes, 0);
	ck_assert_uint_ge(c.commit_us_sum, c.commit_us_max);
}
END_TEST

static void on_written_then_find(void *ctx, const struct store_result *result)
{
	ck_assert_int_eq(result->rc, RC_OK);
	ck_assert_int_eq(store_find(world.store, WORLD_MSISDN, world_on_found, ctx), RC_OK);
}

/* A find after the callback of a write sees it; store_wait waits for what was asked before it. */
START_TEST(test_find_sees_the_write)
{
	struct world_found f = {0};

	ck_assert_int_eq(store_write(world.store, world_registration(WORLD_MSISDN), on_written_then_find, &f),
	                 RC_OK);
	store_wait(world.store); /* the write */
	store_wait(world.store); /* the find that its callback queued */
	ck_assert_int_eq(f.calls, 1);
	ck_assert(record_is_registered(f.record));
	record_free(f.record);
}
END_TEST

/* Promise 6: the queue has a bound, says so, and forgets nothing that it took. */
START_TEST(test_queue_bound)
{
	const struct store_options o = {.path = world.path,
	                                .profile = &world.profile,
	                                .clock = &world.clock.clock,
	                                .queue_max = 10,
	                                .busy_ms = 2000};
	struct world_written got = {0};
	struct store_counters c;
	struct store *s;
	sqlite3 *other;
	int accepted = 0;

	world_close(&world);
	ck_assert_int_eq(store_open(&o, &s, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(sqlite3_open(world.path, &other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
	                 SQLITE_OK); /* nothing can end */
	for (int i = 0; i < 15; i++)
		accepted +=
			store_write(s, world_registration(WORLD_MSISDN + i), world_on_written, &got) == RC_OK;
	ck_assert_int_eq(accepted, 10);
	ck_assert_int_eq(store_find(s, WORLD_MSISDN, world_on_found, NULL), RC_FULL);
	ck_assert_int_eq(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	store_wait(s);
	ck_assert_int_eq(got.calls, 10);
	store_counters_read(s, &c);
	ck_assert_uint_eq(c.refused, 6);
	(void)sqlite3_close(other);
	store_close(s);
}
END_TEST

/* Two daemons would not know of each other's dialogues; a guest (the command line) may come beside one. */
START_TEST(test_one_owner)
{
	struct store_options o = {
		.path = world.path, .profile = &world.profile, .clock = &world.clock.clock, .busy_ms = 50};
	struct store *second = NULL;

	ck_assert_int_eq(store_open(&o, &second, world.why, sizeof world.why), RC_BUSY);
	ck_assert_ptr_nonnull(strstr(world.why, "another daemon owns"));
	o.guest = true;
	ck_assert_int_eq(store_open(&o, &second, world.why, sizeof world.why), RC_OK);
	store_close(second);
	world_close(&world);
	o.guest = false;
	ck_assert_int_eq(store_open(&o, &second, world.why, sizeof world.why), RC_OK);
	store_close(second);
}
END_TEST

/* The same file by another name: moved to a larger disk, say, with a link left behind. */
START_TEST(test_one_owner_by_a_link)
{
	char link[PATH_MAX], again[PATH_MAX];
	struct store_options o = {
		.path = again, .profile = &world.profile, .clock = &world.clock.clock, .busy_ms = 50};
	struct store *second = NULL;

	ck_assert_int_lt(snprintf(link, sizeof link, "%s.link", world.path), (int)sizeof link);
	ck_assert_int_lt(snprintf(again, sizeof again, "%s.again", world.path), (int)sizeof again);
	ck_assert_int_eq(symlink(world.path, link), 0);
	ck_assert_int_eq(symlink(strrchr(link, '/') + 1, again), 0);
	ck_assert(owner_is_taken(again));
	ck_assert_int_eq(store_open(&o, &second, world.why, sizeof world.why), RC_BUSY);
	ck_assert_ptr_nonnull(strstr(world.why, "another daemon owns"));
	ck_assert_int_eq(unlink(link), 0);
	ck_assert_int_eq(unlink(again), 0);
}
END_TEST

/* Readers do not wait for a writer, ours or another's. */
START_TEST(test_find_beside_a_writer)
{
	struct world_found f;
	sqlite3 *other;

	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	ck_assert_int_eq(sqlite3_open(world.path, &other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE; UPDATE subscriber SET language = 'xx'", NULL,
	                              NULL, NULL),
	                 SQLITE_OK);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert_int_eq(f.rc, RC_OK);
	ck_assert_str_eq(record_language(f.record), "en");
	record_free(f.record);
	(void)sqlite3_close(other);
}
END_TEST

/* store_close finishes what is queued and calls back; what a callback then asks is refused. */
START_TEST(test_close_concludes)
{
	struct world_written got = {0};

	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(store_write(world.store, world_registration(WORLD_MSISDN + i),
		                             world_on_written, &got),
		                 RC_OK);
	world_close(&world);
	ck_assert_int_eq(got.calls, 100);
	ck_assert_int_eq(got.result.rc, RC_OK);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"), 100);
}
END_TEST

static struct store_batch *giving(const char *key)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);

	ck_assert_int_eq(store_batch_give(b, "100MB", key, "100 MB", 0), RC_OK);
	return b;
}

/* For transcripts: a gift whose outcome is kept back is there all the same; one that fails leaves nothing. */
START_TEST(test_trials)
{
	static struct world_written held; /* the last one is concluded at teardown */
	struct world_written failed = {0}, plain = {0};

	store_try(world.store, STORE_TRIAL_HOLD);
	ck_assert_int_eq(store_write(world.store, giving("a"), world_on_written, &held), RC_OK);
	ck_assert_int_eq(store_write(world.store, world_batch(WORLD_MSISDN), world_on_written, &plain),
	                 RC_OK);
	store_wait(world.store);
	ck_assert_int_eq(plain.calls, 1);
	ck_assert_int_eq(held.calls, 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 1);
	store_try(world.store, STORE_TRIAL_FAIL);
	ck_assert_int_eq(store_write(world.store, giving("b"), world_on_written, &failed), RC_OK);
	store_wait(world.store);
	ck_assert_int_eq(held.calls, 1);
	ck_assert_int_eq(held.result.grant, STORE_GRANT_GRANTED);
	ck_assert_int_eq(failed.calls, 1);
	ck_assert_int_eq(failed.result.rc, RC_IO);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 1);
	store_try(world.store, STORE_TRIAL_NONE);
	ck_assert_int_eq(world_write(&world, giving("b")).grant, STORE_GRANT_GRANTED);
	store_try(world.store, STORE_TRIAL_HOLD);
	ck_assert_int_eq(store_write(world.store, giving("c"), world_on_written, &held), RC_OK);
	store_wait(world.store); /* teardown closes: what is kept back is concluded */
}
END_TEST

START_TEST(test_in_memory)
{
	struct store_result r;
	struct world_found f;

	world_close(&world);
	ck_assert_int_eq(world_try_open(&world, ":memory:"), RC_OK);
	r = world_write(&world, world_registration(WORLD_MSISDN));
	ck_assert(r.registered_now);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert_str_eq(record_value(f.record, FIELD_NAME), "Asha");
	record_free(f.record);
	r = world_write(&world, world_registration(WORLD_MSISDN));
	ck_assert(r.grant_existed);
}
END_TEST

/* What was believed to be set is set (a misspelt pragma would be ignored in silence), and the file is private. */
START_TEST(test_file)
{
	ck_assert_int_eq(world_sql(&world, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
	ck_assert_int_eq(world_sql(&world, "PRAGMA user_version"), (int64_t)schema_files_count);
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"),
		1);
	ck_assert_int_eq(access(world.path, R_OK), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("store_port");
	TCase *tc = tcase_create("store_port");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_trials);
	tcase_add_test(tc, test_order_and_descriptor);
	tcase_add_test(tc, test_find_sees_the_write);
	tcase_add_test(tc, test_queue_bound);
	tcase_add_test(tc, test_one_owner);
	tcase_add_test(tc, test_one_owner_by_a_link);
	tcase_add_test(tc, test_find_beside_a_writer);
	tcase_add_test(tc, test_close_concludes);
	tcase_add_test(tc, test_in_memory);
	tcase_add_test(tc, test_file);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
