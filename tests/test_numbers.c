/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that are swapped and recycled: no gift while a SIM is new (promise 2), and a next holder who is nobody's heir. */
#include "storage/store_charges.h"
#include "tests/numbers_world.h"

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
		ck_assert_int_eq(
			store_held_decide(world.store,
		                          &(struct store_decision){.id = 2, .yes = _i == 1, .reason = "why"},
		                          on_held, &rc),
			RC_OK);
		store_wait(world.store);
		ck_assert_int_eq(rc, RC_OK);
	}
	erase();
	if (_i == 0) {
		ck_assert_int_eq(store_held_decide(world.store,
		                                   &(struct store_decision){.id = 2, .reason = "why"},
		                                   on_held, &rc),
		                 RC_OK);
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

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, no_gift_while_the_sim_is_new);
	tcase_add_test(tc, news_of_a_number_that_nobody_has_wait_for_its_holder);
	tcase_add_test(tc, the_next_holder_is_new);
	tcase_add_test(tc, tombstones_end_with_their_holder);
	tcase_add_test(tc, orders_do_not_follow_the_number);
	tcase_add_loop_test(tc, promise_2_an_order_in_doubt_is_not_sent_again_to_the_next_holder, 0, 3);
	tcase_add_loop_test(tc, orders_of_the_erased_do_not_follow_the_number, 0, 2);
	tcase_add_loop_test(tc, what_was_held_does_not_keep_the_number_of_the_erased, 0, 3);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
