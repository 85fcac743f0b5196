/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that are erased, swapped and recycled: no second gift for the same phone (promise 2), no word after a STOP
 * (promise 7), and a new holder who is nobody's heir. */
#include <sys/stat.h>

#include "storage/key.h"
#include "storage/query.h"
#include "storage/store_charges.h"
#include "storage/store_limits.h"
#include "tests/store_world.h"

#define DAY_MS INT64_C(86400000)

static struct world world;
static struct store_limits limits;

static enum rc try_store(const char *key_path)
{
	const struct store_options o = {.path = world.path,
	                                .profile = &world.profile,
	                                .clock = &world.clock.clock,
	                                .busy_ms = 50,
	                                .key_path = key_path,
	                                .limits = &limits};

	world.why[0] = '\0';
	return store_open(&o, &world.store, world.why, sizeof world.why);
}

static void open_store(void)
{
	enum rc rc = try_store(NULL);

	ck_assert_msg(rc == RC_OK, "%s", world.why);
}

static void setup(void)
{
	world_init(&world);
	memset(&limits, 0, sizeof limits);
	open_store();
}

static void teardown(void)
{
	world_end(&world);
}

static struct store_result give(const char *key, int64_t at_ms)
{
	struct store_batch *b = store_batch_new(WORLD_MSISDN, at_ms);

	ck_assert_int_eq(store_batch_seen(b), RC_OK);
	ck_assert_int_eq(store_batch_give(b, "100MB", key, "100 MB", 0), RC_OK);
	return world_write(&world, b);
}

static void erase(void)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);

	ck_assert_int_eq(store_batch_erase(b, STORE_CH_OPERATOR, "asked"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
}

static void stop(bool stopped)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);

	ck_assert_int_eq(store_batch_stop(b, stopped), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
}

static bool is_stopped(void)
{
	struct world_found f = world_find(&world, WORLD_MSISDN);
	bool stopped = record_is_stopped(f.record);

	record_free(f.record);
	return stopped;
}

/* --- erased ---------------------------------------------------------------------------------------------------- */

START_TEST(promise_2_no_second_gift_after_an_erasure)
{
	struct store_result r = world_write(&world, world_registration(WORLD_MSISDN));
	struct world_found f;

	ck_assert_int_eq(r.grant, STORE_GRANT_GRANTED);
	erase();
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber WHERE msisdn IS NOT NULL"), 0);
	/* a stranger, to all that dials say */
	f = world_find(&world, WORLD_MSISDN);
	ck_assert_int_eq(record_id(f.record), 0);
	ck_assert(!record_is_registered(f.record));
	record_free(f.record);
	r = world_write(&world, world_registration(WORLD_MSISDN));
	ck_assert_int_eq(r.rc, RC_OK);
	ck_assert(r.registered_now);
	ck_assert(r.grant_existed);
	ck_assert_int_eq(r.grant, STORE_GRANT_GRANTED);
	ck_assert_int_eq(r.refusal, REFUSAL_HAD);
	ck_assert_int_eq(r.notice, 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 1);
	/* another occasion is another gift; and all of it holds after a second erasure */
	ck_assert_int_eq(give("birthday", WORLD_NOW).refusal, REFUSAL_NONE);
	erase();
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_HAD);
	ck_assert_int_eq(give("birthday", WORLD_NOW).refusal, REFUSAL_HAD);
	ck_assert_int_eq(give("third", WORLD_NOW).refusal, REFUSAL_NONE);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 3);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber"), 3);
}
END_TEST

/* A phone next to it knows nothing of it. */
START_TEST(a_tombstone_is_of_one_number)
{
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_NONE);
	erase();
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + 1)).refusal, REFUSAL_NONE);
}
END_TEST

START_TEST(promise_7_a_stop_stays_through_an_erasure)
{
	ck_assert_int_eq(give("join", WORLD_NOW).rc, RC_OK);
	stop(true);
	erase();
	ck_assert(is_stopped());
	/* also once there is a row again */
	ck_assert_int_eq(give("other", WORLD_NOW).rc, RC_OK);
	ck_assert(is_stopped());
	erase();
	ck_assert(is_stopped());
	stop(false);
	ck_assert(!is_stopped());
	erase();
	ck_assert(!is_stopped());
	world_close(&world);
	open_store();
	ck_assert(!is_stopped());
}
END_TEST

struct shown {
	int calls;
	bool is_erased;
	enum subscriber_state state;
	size_t consents, grants, refusals, values;
	int64_t msisdn;
};

static bool on_shown(void *ctx, const struct query_subscriber *s)
{
	struct shown *n = ctx;

	n->calls++;
	n->is_erased = s->is_erased;
	n->state = record_state(s->record);
	n->msisdn = record_msisdn(s->record);
	n->consents = s->n_consents;
	n->grants = s->n_grants;
	n->refusals = s->n_refusals;
	n->values = 0;
	for (size_t i = 0; i < FIELD_COUNT; i++)
		n->values += record_value(s->record, i) != NULL;
	return true;
}

START_TEST(what_remains_can_be_shown)
{
	struct shown one = {0}, all = {0};
	struct query *q;

	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	erase();
	ck_assert_int_eq(query_open(world.path, &world.profile, &q, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(query_by_msisdn(q, WORLD_MSISDN, on_shown, &one), RC_OK);
	ck_assert_int_eq(one.calls, 1);
	ck_assert(one.is_erased);
	ck_assert_int_eq(one.state, SUBSCRIBER_ANONYMOUS);
	ck_assert_int_eq(one.msisdn, WORLD_MSISDN);
	ck_assert_int_eq(one.values, 0);
	ck_assert_int_eq(one.consents, 2); /* given, and withdrawn */
	ck_assert_int_eq(one.grants, 1);
	ck_assert_int_eq(query_each(q, true, on_shown, &all), RC_OK);
	ck_assert_int_eq(all.calls, 0); /* the number is in no list any more */
	ck_assert_int_eq(query_by_msisdn(q, WORLD_MSISDN + 1, on_shown, &one), RC_NOTFOUND);
	query_close(q);
	/* back again: care sees what was there before, and why there was no second one */
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).refusal, REFUSAL_HAD);
	ck_assert_int_eq(query_open(world.path, &world.profile, &q, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(query_by_msisdn(q, WORLD_MSISDN, on_shown, &one), RC_OK);
	query_close(q);
	ck_assert(!one.is_erased);
	ck_assert_int_eq(one.state, SUBSCRIBER_DECLARED);
	ck_assert_int_eq(one.grants, 1);
	ck_assert_int_eq(one.refusals, 1);
}
END_TEST

/* However often it is done. */
START_TEST(an_erasure_does_not_begin_a_new_day)
{
	struct store_batch *b;

	world_close(&world);
	limits.per_day = 1;
	open_store();
	for (int i = 0; i < 40; i++) { /* on other days */
		b = store_batch_new(WORLD_MSISDN, WORLD_NOW - 9 * DAY_MS + i);
		ck_assert_int_eq(store_batch_erase(b, STORE_CH_OPERATOR, "asked"), RC_OK);
		ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	}
	ck_assert_int_eq(give("a", WORLD_NOW).refusal, REFUSAL_NONE);
	for (int i = 0; i < 40; i++) {
		erase();
		ck_assert_int_eq(give("b", WORLD_NOW).refusal, REFUSAL_DAY);
	}
	ck_assert_int_eq(give("b", WORLD_NOW + DAY_MS).refusal, REFUSAL_NONE);
}
END_TEST

/* --- the key ------------------------------------------------------------------------------------------------------- */

static void key_path(char out[320])
{
	(void)snprintf(out, 320, "%s.key", world.path);
}

START_TEST(the_key_is_a_file_of_its_own)
{
	char path[320];
	struct stat st;

	key_path(path);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 32);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(give("join", WORLD_NOW).rc, RC_OK);
	erase();
	/* nothing in the store tells the number */
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM tombstone WHERE length(hash) = 32"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber WHERE msisdn IS NOT NULL"), 0);
}
END_TEST

START_TEST(a_key_that_is_gone_or_wrong_is_said)
{
	struct shown one = {0};
	char path[320], aside[340];
	struct query *q;
	FILE *f;

	key_path(path);
	(void)snprintf(aside, sizeof aside, "%s.aside", path);
	ck_assert_int_eq(give("join", WORLD_NOW).rc, RC_OK);
	erase();
	world_close(&world);
	ck_assert_int_eq(rename(path, aside), 0);
	ck_assert_int_eq(try_store(NULL), RC_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(world.why, "test.db.key"));
	ck_assert_ptr_nonnull(strstr(world.why, "put the copy back"));
	ck_assert_int_ne(access(path, F_OK), 0); /* and none was made in its place */
	ck_assert_int_eq(query_open(world.path, &world.profile, &q, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(query_by_msisdn(q, WORLD_MSISDN, on_shown, &one), RC_STATE);
	ck_assert_ptr_nonnull(strstr(query_why(q), "put the copy back"));
	/* there it may be, too */
	query_key_path(q, aside);
	ck_assert_int_eq(query_by_msisdn(q, WORLD_MSISDN, on_shown, &one), RC_OK);
	query_close(q);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fprintf(f, "%s", "another store's key, 32 bytes...."), 33);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(try_store(NULL), RC_STATE);
	ck_assert_ptr_nonnull(strstr(world.why, "damaged"));
	ck_assert_int_eq(truncate(path, 32), 0);
	ck_assert_int_eq(try_store(NULL), RC_STATE);
	ck_assert_ptr_nonnull(strstr(world.why, "another store's"));
	ck_assert_int_eq(try_store(aside), RC_OK);
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_HAD);
}
END_TEST

/* A service must not be lost with a file of 32 bytes. */
START_TEST(a_key_that_is_lost_for_good)
{
	const struct key_lost lost = {
		.store = world.path, .actor = "privacy:jane", .reason = "lost", .at_ms = WORLD_NOW};
	struct key_lost look = lost;
	struct key_losses n;
	char path[320];

	look.only_look = true;
	key_path(path);
	ck_assert_int_eq(give("join", WORLD_NOW).rc, RC_OK);
	erase();
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(key_forget(&lost, &n, world.why, sizeof world.why), RC_BUSY);
	world_close(&world);
	ck_assert_int_eq(try_store(NULL), RC_NOTFOUND);
	ck_assert_msg(key_forget(&look, &n, world.why, sizeof world.why) == RC_OK, "%s", world.why);
	ck_assert_int_eq(n.tombstones, 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM tombstone"), 1);
	ck_assert_msg(key_forget(&lost, &n, world.why, sizeof world.why) == RC_OK, "%s", world.why);
	ck_assert_int_eq(n.tombstones, 1);
	open_store();
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_NONE); /* the price */
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM audit WHERE action = 'tombstones forgotten'"), 1);
}
END_TEST

/* Nothing is lost, and it would be for ever: every private value, whose numbers were erased, the audit's chain. */
START_TEST(promise_2_a_key_that_fits_is_not_lost)
{
	struct key_lost lost = {
		.store = world.path, .actor = "privacy:jane", .reason = "typed it", .at_ms = WORLD_NOW};
	struct key_losses n;
	char path[320], aside[330];

	key_path(path);
	(void)snprintf(aside, sizeof aside, "%s.aside", path);
	ck_assert_int_eq(give("join", WORLD_NOW).rc, RC_OK);
	erase();
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + 1)).rc, RC_OK);
	world_close(&world);
	for (int i = 0; i < 2; i++) {
		lost.only_look = i == 0;
		ck_assert_int_eq(key_forget(&lost, &n, world.why, sizeof world.why), RC_EXISTS);
		ck_assert_ptr_nonnull(strstr(world.why, "nothing is lost"));
	}
	/* nor when it lies elsewhere, is the new one of a change that was cut off, or is not ours to read */
	ck_assert_int_eq(rename(path, aside), 0);
	lost.key_path = aside;
	ck_assert_int_eq(key_forget(&lost, &n, world.why, sizeof world.why), RC_EXISTS);
	lost.key_path = NULL;
	(void)snprintf(aside, sizeof aside, "%s.new", path);
	{
		char before[330];

		(void)snprintf(before, sizeof before, "%s.aside", path);
		ck_assert_int_eq(rename(before, aside), 0);
	}
	ck_assert_int_eq(key_forget(&lost, &n, world.why, sizeof world.why), RC_EXISTS);
	ck_assert_int_eq(rename(aside, path), 0);
	open_store();
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_HAD);
	world_close(&world);
	/* one that is damaged is lost, and it says what that costs */
	ck_assert_int_eq(truncate(path, 20), 0);
	lost.only_look = true;
	ck_assert_msg(key_forget(&lost, &n, world.why, sizeof world.why) == RC_OK, "%s", world.why);
	ck_assert_int_eq(n.tombstones, 1);
	ck_assert_int_eq(n.values, world_sql(&world, "SELECT count(*) FROM profile WHERE name GLOB '~A*'"));
	ck_assert_int_ge(n.values, 1);
	ck_assert_int_eq(n.messages, world_sql(&world, "SELECT count(*) FROM outbox WHERE text GLOB '~A*'"));
	ck_assert_int_ge(n.messages, 1);
}
END_TEST

/* Nothing stands under it: what is lost is nothing. */
START_TEST(a_key_that_nothing_needs_is_made_again)
{
	char path[320];

	key_path(path);
	ck_assert_int_eq(give("join", WORLD_NOW).rc, RC_OK);
	world_close(&world);
	ck_assert_int_eq(unlink(path), 0);
	open_store();
	ck_assert_int_eq(access(path, F_OK), 0);
	erase();
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_HAD);
}
END_TEST

/* A tool beside a daemon that erases under the old one: two keys would be a second gift for everybody erased meanwhile. */
START_TEST(a_guest_makes_no_second_key)
{
	const struct store_options o = {.path = world.path,
	                                .guest = true,
	                                .profile = &world.profile,
	                                .clock = &world.clock.clock,
	                                .busy_ms = 50};
	struct store *guest = NULL;
	char path[320];

	key_path(path);
	ck_assert_int_eq(give("join", WORLD_NOW).rc, RC_OK);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(store_open(&o, &guest, world.why, sizeof world.why), RC_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(world.why, "is not there"));
	ck_assert_int_ne(access(path, F_OK), 0);
	erase();
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_HAD);
	/* the first of all is made by whoever comes first */
	world_close(&world);
	ck_assert_int_eq(unlink(world.path), 0);
	ck_assert_msg(store_open(&o, &guest, world.why, sizeof world.why) == RC_OK, "%s", world.why);
	store_close(guest);
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

/* --- news of numbers -------------------------------------------------------------------------------------------------- */

static void on_number(void *ctx, const struct store_number_result *r)
{
	*(struct store_number_result *)ctx = *r;
}

static struct store_number_result news(enum store_number_event event, int64_t at_ms)
{
	struct store_number_result r = {.rc = RC_IO};

	ck_assert_int_eq(store_number_note(world.store, WORLD_MSISDN, event, at_ms, on_number, &r), RC_OK);
	store_wait(world.store);
	return r;
}

static void wait_days(int days)
{
	world_close(&world);
	limits.new_number_ms = days * DAY_MS;
	open_store();
}

START_TEST(no_gift_while_the_sim_is_new)
{
	wait_days(7);
	ck_assert_int_eq(give("a", WORLD_NOW - 8 * DAY_MS).refusal, REFUSAL_NONE);
	ck_assert_int_eq(news(STORE_NUMBER_SWAPPED, WORLD_NOW - 5 * DAY_MS).rc, RC_OK);
	ck_assert_int_eq(news(STORE_NUMBER_SWAPPED, WORLD_NOW - 5 * DAY_MS).rc, RC_EXISTS);
	ck_assert_int_eq(news(STORE_NUMBER_SWAPPED, WORLD_NOW - 6 * DAY_MS).rc, RC_EXISTS); /* old news */
	ck_assert_int_eq(give("b", WORLD_NOW).refusal, REFUSAL_SWAP);
	ck_assert_int_eq(give("b", WORLD_NOW + 2 * DAY_MS - 1).refusal, REFUSAL_SWAP);
	/* an erasure does not make the SIM old */
	erase();
	ck_assert_int_eq(give("b", WORLD_NOW + 2 * DAY_MS - 1).refusal, REFUSAL_SWAP);
	ck_assert_int_eq(give("b", WORLD_NOW + 2 * DAY_MS).refusal, REFUSAL_NONE);
}
END_TEST

/* Whoever swaps a SIM in order to take what its number never asked for. */
START_TEST(news_of_a_number_that_nobody_has_wait_for_its_holder)
{
	wait_days(7);
	ck_assert_int_eq(news(STORE_NUMBER_SWAPPED, WORLD_NOW - DAY_MS).rc, RC_OK);
	ck_assert_int_eq(news(STORE_NUMBER_SWAPPED, WORLD_NOW - DAY_MS).rc, RC_EXISTS);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber"), 0);
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_SWAP);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM number_news"), 0);
	ck_assert_int_eq(news(STORE_NUMBER_SWAPPED, WORLD_NOW - DAY_MS).rc, RC_EXISTS);
	ck_assert_int_eq(give("join", WORLD_NOW + 6 * DAY_MS).refusal, REFUSAL_NONE);
}
END_TEST

static void recycle(int64_t at_ms)
{
	struct store_number_result r = news(STORE_NUMBER_RECYCLED, at_ms);

	ck_assert_int_eq(r.rc, RC_OK);
	ck_assert(r.detached);
}

START_TEST(the_next_holder_is_new)
{
	struct world_found f;
	int64_t moved = WORLD_NOW + DAY_MS;

	wait_days(7);
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).grant, STORE_GRANT_GRANTED);
	stop(true);
	world.clock.now_utc_ms = WORLD_NOW + 2 * DAY_MS;
	recycle(moved);
	/* the person keeps everything but the number */
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT count(*) FROM subscriber JOIN profile ON _subscriber = id WHERE "
	                           "msisdn IS NULL AND plain(id, 'profile.name', name) = 'Asha'"),
	                 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox WHERE text <> ''"), 0);
	/* the heir is none */
	f = world_find(&world, WORLD_MSISDN);
	ck_assert_int_eq(record_id(f.record), 0);
	ck_assert_ptr_null(record_value(f.record, FIELD_NAME));
	ck_assert(!record_is_stopped(f.record));
	record_free(f.record);
	ck_assert_int_eq(give("join", moved + 2 * DAY_MS).refusal, REFUSAL_SWAP);
	/* feeding the file again changes nothing: who was seen after the change is its new holder */
	ck_assert_int_eq(news(STORE_NUMBER_RECYCLED, moved).rc, RC_EXISTS);
	ck_assert_int_eq(give("join", moved + 7 * DAY_MS - 1).refusal, REFUSAL_SWAP);
	/* their own, under the key that the one before had used */
	ck_assert_int_eq(give("join", moved + 7 * DAY_MS).refusal, REFUSAL_NONE);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 2);
	ck_assert_int_eq(news(STORE_NUMBER_RECYCLED, moved).rc, RC_EXISTS);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber WHERE msisdn IS NOT NULL"), 1);
	ck_assert_int_eq(give("join", moved + 8 * DAY_MS).refusal, REFUSAL_HAD);
}
END_TEST

/* What was erased before the number changed hands is not its new holder's. */
START_TEST(tombstones_end_with_their_holder)
{
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_NONE);
	stop(true);
	erase();
	world.clock.now_utc_ms = WORLD_NOW + 2 * DAY_MS;
	ck_assert_int_eq(news(STORE_NUMBER_RECYCLED, WORLD_NOW - DAY_MS).rc,
	                 RC_OK); /* older than the erasure */
	ck_assert(is_stopped());
	ck_assert_int_eq(give("join", WORLD_NOW + DAY_MS).refusal, REFUSAL_HAD);
	ck_assert_int_eq(news(STORE_NUMBER_RECYCLED, WORLD_NOW + 2 * DAY_MS).rc, RC_OK);
	ck_assert(!is_stopped());
	ck_assert_int_eq(give("join", WORLD_NOW + 3 * DAY_MS).refusal, REFUSAL_NONE);
	ck_assert_int_eq(news(STORE_NUMBER_RECYCLED, WORLD_NOW + 2 * DAY_MS).rc, RC_EXISTS);
}
END_TEST

static uint64_t reference_of(const char *instance, int64_t subscriber, int64_t msisdn, const char *key)
{
	(void)instance;
	(void)subscriber;
	(void)msisdn;
	(void)key;
	return 42;
}

static int64_t order_at(int64_t at_ms)
{
	const struct store_order order = {.system = "ucip",
	                                  .instance = "",
	                                  .reference = reference_of,
	                                  .route = "",
	                                  .late = "yours",
	                                  .sorry = "sorry"};
	struct store_batch *b = store_batch_new(WORLD_MSISDN, at_ms);
	struct store_result r;

	ck_assert_int_eq(store_batch_seen(b), RC_OK);
	ck_assert_int_eq(store_batch_give(b, "100MB", "join", "100 MB", 0), RC_OK);
	ck_assert_int_eq(store_batch_order(b, &order), RC_OK);
	r = world_write(&world, b);
	ck_assert_int_eq(r.grant, STORE_GRANT_PENDING);
	return r.charge;
}

/* What was promised to the one must not be given to the other. */
START_TEST(orders_do_not_follow_the_number)
{
	(void)order_at(WORLD_NOW);
	world.clock.now_utc_ms = WORLD_NOW + DAY_MS;
	recycle(WORLD_NOW + 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM charge WHERE state = 'reconciled' AND "
	                                   "sms || late || sorry = ''"),
	                 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants WHERE state = 'rejected'"), 1);
}
END_TEST

static void on_moved(void *ctx, const struct store_charge_result *r)
{
	*(struct store_charge_result *)ctx = *r;
}

static struct store_charge_result move(int64_t id, enum store_charge from, enum store_charge to)
{
	const struct store_charge_update u = {
		.id = id, .from = from, .to = to, .op = "grant", .outcome = "", .reason = "", .why = ""};
	struct store_charge_result r = {.rc = RC_IO};

	ck_assert_int_eq(store_charge_move(world.store, &u, on_moved, &r), RC_OK);
	store_wait(world.store);
	return r;
}

/* It may have been done, or not: what was certainly not done is not done any more. */
START_TEST(promise_2_an_order_in_doubt_is_not_sent_again_to_the_next_holder)
{
	int64_t id = order_at(WORLD_NOW);
	struct store_charge_result r;

	ck_assert_int_eq(move(id, STORE_CHARGE_PENDING, STORE_CHARGE_SENT).rc, RC_OK);
	if (_i == 1)
		ck_assert_int_eq(move(id, STORE_CHARGE_SENT, STORE_CHARGE_UNKNOWN).rc, RC_OK);
	if (_i == 2)
		erase();
	world.clock.now_utc_ms = WORLD_NOW + DAY_MS;
	ck_assert_int_eq(news(STORE_NUMBER_RECYCLED, WORLD_NOW + 1).rc, RC_OK);
	ck_assert_int_eq(news(STORE_NUMBER_RECYCLED, WORLD_NOW + 1).rc, RC_EXISTS);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM charge WHERE state IN ('sent', 'unknown')"),
	                 1);
	if (_i != 1)
		r = move(id, STORE_CHARGE_SENT, STORE_CHARGE_PENDING);
	else
		r = move(id, STORE_CHARGE_UNKNOWN, STORE_CHARGE_PENDING);
	ck_assert_int_eq(r.rc, RC_OK);
	ck_assert_str_eq(store_charge_name(r.state), "reconciled");
	ck_assert_int_eq(r.grant, STORE_GRANT_REJECTED);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM charge WHERE state = 'reconciled' AND "
	                                   "refusal = 'system' AND settled > 0"),
	                 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox WHERE text <> ''"), 0);
	/* the next holder's own goes its way */
	id = order_at(WORLD_NOW + DAY_MS);
	ck_assert_int_eq(move(id, STORE_CHARGE_PENDING, STORE_CHARGE_SENT).rc, RC_OK);
	ck_assert_str_eq(store_charge_name(move(id, STORE_CHARGE_SENT, STORE_CHARGE_PENDING).state),
	                 "pending");
	ck_assert_int_eq(news(STORE_NUMBER_RECYCLED, WORLD_NOW + 1).rc, RC_EXISTS);
	ck_assert_str_eq(store_charge_name(move(id, STORE_CHARGE_PENDING, STORE_CHARGE_PENDING).state),
	                 "pending");
}
END_TEST

/* Whoever was erased has no number any more, but their order has. */
START_TEST(orders_of_the_erased_do_not_follow_the_number)
{
	(void)order_at(WORLD_NOW);
	if (_i == 1)
		ck_assert_int_eq(world_exec(&world, "UPDATE charge SET state = 'held'"), SQLITE_OK);
	erase();
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM charge WHERE state IN ('pending', 'held')"),
	                 1); /* they still have it */
	world.clock.now_utc_ms = WORLD_NOW + DAY_MS;
	ck_assert_int_eq(news(STORE_NUMBER_RECYCLED, WORLD_NOW + 1).rc, RC_OK);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM charge WHERE state = 'reconciled'"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants WHERE state = 'rejected'"), 1);
	ck_assert_int_eq(news(STORE_NUMBER_RECYCLED, WORLD_NOW + 1).rc, RC_EXISTS);
}
END_TEST

/* A gift that was held is no proof of money at another system: its number goes with the person. */
static void on_held(void *ctx, const struct store_held_result *r)
{
	*(enum rc *)ctx = r->rc;
}

START_TEST(what_was_held_does_not_keep_the_number_of_the_erased)
{
	struct store_batch *b = store_batch_new(WORLD_MSISDN + 1, WORLD_NOW);
	enum rc rc = RC_IO;

	world_close(&world);
	limits.n_rules = 1;
	limits.rule[0] = (struct store_rule){.name = "farm",
	                                     .per = STORE_PER_BLOCK,
	                                     .digits = 15,
	                                     .gifts = 1,
	                                     .within_ms = DAY_MS,
	                                     .reviews = true};
	open_store();
	ck_assert_int_eq(store_batch_give(b, "100MB", "join", "100 MB", 0), RC_OK);
	ck_assert_int_eq(world_write(&world, b).refusal, REFUSAL_NONE);
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_REVIEW); /* a block is never one number */
	if (_i > 0) {
		ck_assert_int_eq(store_held_decide(world.store, 2, _i == 1, NULL, "why", on_held, &rc),
		                 RC_OK);
		store_wait(world.store);
		ck_assert_int_eq(rc, RC_OK);
	}
	erase();
	if (_i == 0) {
		ck_assert_int_eq(store_held_decide(world.store, 2, false, NULL, "why", on_held, &rc), RC_OK);
		store_wait(world.store);
		ck_assert_int_eq(rc, RC_OK);
	}
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM charge"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM charge WHERE msisdn <> 0"), 0);
	ck_assert_int_gt(world_sql(&world, "SELECT count(*) FROM refusal"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM refusal WHERE rule LIKE '%25%'"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT max(length(scope)) FROM spent"), 10);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox WHERE msisdn <> 0"), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("numbers");
	TCase *tc = tcase_create("numbers");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, promise_2_no_second_gift_after_an_erasure);
	tcase_add_test(tc, a_tombstone_is_of_one_number);
	tcase_add_test(tc, promise_7_a_stop_stays_through_an_erasure);
	tcase_add_test(tc, what_remains_can_be_shown);
	tcase_add_test(tc, the_key_is_a_file_of_its_own);
	tcase_add_test(tc, a_key_that_is_gone_or_wrong_is_said);
	tcase_add_test(tc, a_key_that_is_lost_for_good);
	tcase_add_test(tc, promise_2_a_key_that_fits_is_not_lost);
	tcase_add_test(tc, a_key_that_nothing_needs_is_made_again);
	tcase_add_test(tc, a_guest_makes_no_second_key);
	tcase_add_test(tc, no_gift_while_the_sim_is_new);
	tcase_add_test(tc, news_of_a_number_that_nobody_has_wait_for_its_holder);
	tcase_add_test(tc, the_next_holder_is_new);
	tcase_add_test(tc, tombstones_end_with_their_holder);
	tcase_add_test(tc, orders_do_not_follow_the_number);
	tcase_add_loop_test(tc, promise_2_an_order_in_doubt_is_not_sent_again_to_the_next_holder, 0, 3);
	tcase_add_loop_test(tc, orders_of_the_erased_do_not_follow_the_number, 0, 2);
	tcase_add_loop_test(tc, what_was_held_does_not_keep_the_number_of_the_erased, 0, 3);
	tcase_add_test(tc, an_erasure_does_not_begin_a_new_day);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
