/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outbox, one thing at a time: what each answer leads to, who is told what and when, persons who decide, disks that are
 * full, and a kill at each step (promises 1, 2, 6 and 7). */
#include <signal.h>
#include <sys/resource.h>

#include "tests/outbox_world.h"

/* --- one thing at a time -------------------------------------------------------------------------------------------- */

START_TEST(promise_1_told_after_it_is_stored)
{
	struct order *o = give(WORLD_MSISDN, true);

	ck_state(o, "pending");
	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_int_eq(o->waiter.told, 0);
	expect(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_int_eq(o->waiter.told, 1);
	ck_assert_int_eq(o->waiter.grant, STORE_GRANT_GRANTED);
	ck_assert_int_eq(o->heard, 0); /* it was on the screen */
	ck_state(o, "granted");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM charge WHERE sms || late || sorry <> ''"),
	                 0);
}
END_TEST

START_TEST(promise_2_in_doubt_it_is_asked_and_never_repeated)
{
	struct order *o = give(WORLD_MSISDN, true);

	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	o->applied = 1;
	expect(CHARGING_GRANT, CHARGING_UNKNOWN, CHARGING_NO_ANSWER);
	ck_assert_int_eq(o->waiter.later, 1);
	ck_state(o, "unknown");
	tick(SETTLE_MS - 1000);
	ck_assert_uint_eq(n_calls, 0); /* not before it has settled */
	tick(2000);
	expect(CHARGING_QUERY, CHARGING_UNKNOWN, CHARGING_NO_ANSWER);
	tick(1000);
	expect(CHARGING_QUERY, CHARGING_UNKNOWN, CHARGING_UNDECIDED);
	tick(5000);
	ck_assert_uint_eq(n_calls, 0); /* growing pauses */
	tick(3600000);
	expect(CHARGING_QUERY, CHARGING_OK, CHARGING_PLAIN);
	ck_state(o, "reconciled");
	ck_assert_int_eq(o->waiter.told + o->heard, 2); /* the turn was over: the SMS has said it */
	ck_assert_int_eq(o->grants_sent, 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM charge_attempt"), 4);
}
END_TEST

START_TEST(what_was_not_done_goes_round_again)
{
	struct order *o = give(WORLD_MSISDN, false);

	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	expect(CHARGING_GRANT, CHARGING_RETRY, CHARGING_UNREACHABLE);
	ck_state(o, "pending");
	ck_assert_int_eq(world_sql(&world, "SELECT mark = '' FROM charge"),
	                 1); /* the account may move meanwhile */
	for (int64_t pause = 1000; pause <= 60000; pause *= 4) {
		tick(60000);
		expect(CHARGING_PREPARE, CHARGING_RETRY, CHARGING_UNREACHABLE);
		tick(900);
		ck_assert_uint_eq(n_calls, 0);
	}
	tick(60000);
	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	expect(CHARGING_GRANT, CHARGING_UNKNOWN, CHARGING_NO_ANSWER);
	tick(SETTLE_MS + 1000);
	expect(CHARGING_QUERY, CHARGING_RETRY, CHARGING_PLAIN); /* the account shows that it was not done */
	tick(100);
	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	expect(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_int_eq(o->heard, 1);
}
END_TEST

START_TEST(a_final_no_is_told_kindly_with_its_code)
{
	struct order *o = give(WORLD_MSISDN, false);

	expect(CHARGING_PREPARE, CHARGING_REJECTED, CHARGING_NO_SUBSCRIBER);
	ck_state(o, "rejected");
	ck_assert_int_eq(o->heard, 1);
	ck_assert_int_eq(world_sql(&world, "SELECT code FROM charge"), 102);
	tick(3600000);
	ck_assert_uint_eq(n_calls, 0);
}
END_TEST

START_TEST(promise_2_killed_between_sending_and_recording)
{
	struct order *o = give(WORLD_MSISDN, true);

	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	o->applied = 1;
	kill_and_restart();
	ck_state(o, "unknown");
	tick(SETTLE_MS - 1000);
	ck_assert_uint_eq(n_calls, 0);
	tick(2000);
	expect(CHARGING_QUERY, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_int_eq(o->heard, 1);
	ck_assert_int_eq(o->grants_sent, 1);
}
END_TEST

/* The clock of the machine is set: to the outbox no more time has passed. */
START_TEST(promise_2_a_clock_that_is_set_makes_nothing_settle)
{
	give(WORLD_MSISDN, false);

	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	expect(CHARGING_GRANT, CHARGING_UNKNOWN, CHARGING_NO_ANSWER);
	for (int i = 0; i < 2; i++) { /* after a restart neither */
		world.clock.now_utc_ms += 7200000;
		tick(SETTLE_MS - 5000);
		ck_assert_uint_eq(n_calls, 0);
		if (i == 0)
			kill_and_restart();
	}
	tick(6000);
	expect(CHARGING_QUERY, CHARGING_RETRY, CHARGING_PLAIN);
}
END_TEST

/* Nor does one that is set back keep an order waiting for as long as it went back. */
START_TEST(a_clock_that_is_set_back_holds_nobody_up)
{
	give(WORLD_MSISDN, false);
	expect(CHARGING_PREPARE, CHARGING_RETRY, CHARGING_UNREACHABLE);
	store_wait(world.store);
	world.clock.now_utc_ms -= INT64_C(400) * 86400000;
	kill_and_restart();
	tick(1000);
	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	expect(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	ck_state(&orders[0], "granted");
}
END_TEST

static void take_again(const struct order *o, int64_t subscriber)
{
	const struct outbox_order oo = {.id = o->id,
	                                .subscriber = subscriber,
	                                .msisdn = o->msisdn,
	                                .ordered_ms = clock_utc_ms(&world.clock.clock),
	                                .bundle = "100MB",
	                                .key = o->key,
	                                .reference = o->reference};

	ck_assert(outbox_take(outbox, &oo, (void *)&o->waiter));
}

/* A page of the store may be read after an order's commit and told before the commit is: it is one order, and its waiter
 * hears of it on the screen. */
START_TEST(an_order_that_was_read_already_is_taken_once)
{
	struct outbox_counters c;
	struct order *o = give(WORLD_MSISDN, false);

	kill_and_restart(); /* reads it */
	o->waiter.looks = true;
	take_again(o, world_sql(&world, "SELECT subscriber FROM charge"));
	outbox_counters_read(outbox, &c);
	ck_assert_uint_eq(c.by_state[STORE_CHARGE_PENDING], 1);
	tick(0);
	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	expect(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_int_eq(o->waiter.told, 1);
	ck_assert_int_eq(o->heard, 0);
	tick(3600000);
	ck_assert_uint_eq(n_calls, 0);
}
END_TEST

/* charging.kind was changed: the new system has not the other's orders, and would be given them again. */
START_TEST(promise_2_orders_of_another_system_are_left_alone)
{
	struct outbox_counters c;
	struct order *first = give(WORLD_MSISDN, false), *second;

	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	first->applied = 1;
	expect(CHARGING_GRANT, CHARGING_UNKNOWN, CHARGING_NO_ANSWER);
	ck_assert_int_eq(world_exec(&world, "UPDATE charge SET system = 'cgrates'"), 0);
	kill_and_restart();
	tick(3600000);
	ck_assert_uint_eq(n_calls, 0);
	ck_state(first, "unknown");
	outbox_counters_read(outbox, &c);
	ck_assert_uint_eq(c.of_others, 1);
	second = give(WORLD_MSISDN, false); /* and nobody waits behind them */
	tick(100);
	ck_assert_ptr_eq(expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN), second);
	expect(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_int_eq(second->heard, 1);
}
END_TEST

START_TEST(orders_of_one_subscriber_go_in_order)
{
	struct order *first = give(WORLD_MSISDN, false), *second = give(WORLD_MSISDN, false),
		     *other = give(WORLD_MSISDN + 1, false);

	outbox_tick(outbox);
	ck_assert_uint_eq(n_calls, 2);
	answer(calls[0].order == other ? 0 : 1, CHARGING_REJECTED, CHARGING_PLAIN, 1);
	ck_assert_ptr_eq(expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN), first);
	expect(CHARGING_GRANT, CHARGING_UNKNOWN, CHARGING_NO_ANSWER);
	tick(1000);
	ck_assert_uint_eq(n_calls, 0); /* the mark of the second would tell nothing while the first is open */
	tick(SETTLE_MS);
	first->applied = 1;
	ck_assert_ptr_eq(expect(CHARGING_QUERY, CHARGING_OK, CHARGING_PLAIN), first);
	tick(100);
	ck_assert_ptr_eq(expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN), second);
	expect(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_int_eq(first->heard + second->heard, 2);
}
END_TEST

static void on_resolved(void *ctx, const struct store_charge_result *r)
{
	*(enum rc *)ctx = r->rc;
}

static enum rc decide(const struct order *o, bool granted)
{
	enum rc rc = RC_IO;

	ck_assert_int_eq(store_charge_resolve(world.store, o->id, granted, NULL, "seen in their records",
	                                      on_resolved, &rc),
	                 RC_OK);
	store_wait(world.store);
	return rc;
}

/* An account that did not tell moves on, and a later reading would seem to tell by accident: its mark goes, and with that
 * the reason why the others of its subscriber have to wait. */
START_TEST(what_is_for_a_person_holds_nobody_up)
{
	struct order *first = give(WORLD_MSISDN, false), *second = give(WORLD_MSISDN, false), *third, *fourth;

	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	expect(CHARGING_GRANT, CHARGING_UNKNOWN, CHARGING_NO_ANSWER);
	tick(SETTLE_MS + 1000);
	ck_assert_ptr_eq(expect(CHARGING_QUERY, CHARGING_UNKNOWN, CHARGING_UNDECIDED), first);
	ck_state(first, "unknown");
	ck_assert_int_eq(world_sql(&world, "SELECT mark = '' FROM charge ORDER BY id LIMIT 1"), 1);
	tick(100);
	ck_assert_ptr_eq(expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN), second);
	expect(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_int_eq(second->heard, 1);
	third = give(WORLD_MSISDN, true); /* and who comes now has not to wait for its rest */
	ck_assert_ptr_eq(expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN), third);
	expect(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_int_eq(third->waiter.told, 1);
	kill_and_restart();
	tick(100);
	ck_assert_uint_eq(n_calls, 0); /* nothing new is to be learned so soon */
	fourth = give(WORLD_MSISDN, true);
	ck_assert_ptr_eq(expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN), fourth);
	expect(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_int_eq(decide(first, true), RC_OK);
	first->applied = 1;
	tick(10000);
	ck_assert_int_eq(first->heard, 1);
	tick(2 * 3600000);
	ck_assert_uint_eq(n_calls, 0);
}
END_TEST

START_TEST(a_person_decides_while_it_rests)
{
	struct order *o = give(WORLD_MSISDN, false);

	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_int_eq(decide(o, true), RC_BUSY); /* it is being sent just now */
	o->applied = 1;
	expect(CHARGING_GRANT, CHARGING_UNKNOWN, CHARGING_NO_ANSWER);
	ck_assert_int_eq(decide(o, true), RC_OK);
	ck_assert_int_eq(decide(o, false), RC_EXISTS);
	tick(10000);
	ck_assert_int_eq(o->heard, 1);
	tick(3600000);
	ck_assert_uint_eq(n_calls, 0); /* nobody asks any more */
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM audit WHERE action = 'grant resolved granted'"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT state = 'granted' FROM grants"), 1);
}
END_TEST

/* What was held has an id that the reader is long past. */
START_TEST(what_a_person_lets_go_is_sent_within_seconds)
{
	struct order *held = give(WORLD_MSISDN, false), *later;

	ck_assert_int_eq(world_exec(&world, "UPDATE charge SET state = 'held'"), 0);
	kill_and_restart();
	later = give(WORLD_MSISDN, false);
	ck_assert_ptr_eq(expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN), later);
	ck_assert_int_eq(
		world_exec(&world, "UPDATE charge SET state = 'pending', approved = 1 WHERE state = 'held'"),
		0);
	tick(5000);
	ck_assert_uint_eq(n_calls, 1); /* behind the one that is under way */
	ck_assert_ptr_eq(expect(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN), later);
	tick(100);
	ck_assert_ptr_eq(expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN), held);
	tick(5000); /* and not once more while it is under way */
	expect(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	tick(5000);
	ck_assert_uint_eq(n_calls, 0);
	ck_assert_int_eq(held->heard, 1);
}
END_TEST

/* The number went to somebody else while it was in doubt: asked once, and not sent to them. */
START_TEST(promise_2_what_was_not_done_is_not_done_for_the_next_holder)
{
	struct order *o = give(WORLD_MSISDN, false);

	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	if (_i == 0)
		expect(CHARGING_GRANT, CHARGING_UNKNOWN, CHARGING_NO_ANSWER);
	ck_assert_int_eq(world_exec(&world, "UPDATE charge SET given_up = 1"), SQLITE_OK);
	if (_i == 0) {
		tick(SETTLE_MS + 1000);
		expect(CHARGING_QUERY, CHARGING_RETRY, CHARGING_PLAIN);
	} else {
		expect(CHARGING_GRANT, CHARGING_RETRY, CHARGING_UNREACHABLE);
	}
	ck_state(o, "reconciled");
	ck_assert_int_eq(world_sql(&world, "SELECT state = 'rejected' FROM grants"), 1);
	tick(3600000);
	ck_assert_uint_eq(n_calls, 0);
	ck_assert_int_eq(o->grants_sent, 1);
}
END_TEST

START_TEST(a_person_decides_while_it_is_asked)
{
	struct order *o = give(WORLD_MSISDN, false);

	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	expect(CHARGING_GRANT, CHARGING_UNKNOWN, CHARGING_NO_ANSWER);
	tick(SETTLE_MS + 1000);
	ck_assert_int_eq(decide(o, false), RC_OK);
	expect(CHARGING_QUERY, CHARGING_RETRY, CHARGING_PLAIN); /* too late to send it again */
	ck_state(o, "reconciled");
	ck_assert_int_eq(o->heard, 1);
	tick(3600000);
	ck_assert_uint_eq(n_calls, 0);
}
END_TEST

START_TEST(a_person_cancels_before_it_is_sent)
{
	struct order *o = give(WORLD_MSISDN, false);

	ck_assert_int_eq(decide(o, false), RC_OK);
	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_uint_eq(n_calls, 0);
	ck_assert_int_eq(o->grants_sent, 0);
	ck_assert_int_eq(o->heard, 1);
}
END_TEST

/* Promise 7. */
START_TEST(after_stop_not_a_word)
{
	struct order *o = give(WORLD_MSISDN, false);
	struct store_batch *b = world_batch(WORLD_MSISDN);

	ck_assert_int_eq(store_batch_stop(b, true), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	expect(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	ck_state(o, "granted");
	ck_assert_int_eq(o->heard, 0);
}
END_TEST

START_TEST(erased_words_are_not_said)
{
	struct order *o = give(WORLD_MSISDN, false);
	struct store_batch *b = world_batch(WORLD_MSISDN);

	ck_assert_int_eq(store_batch_erase(b, STORE_CH_USSD, "asked"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert_int_eq(world_sql(&world, "SELECT sms || late || sorry = '' FROM charge"), 1);
	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	expect(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_int_eq(o->heard, 0);
}
END_TEST

static void disk_full(bool full)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	limit.rlim_cur = full ? 0 : limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(promise_1_an_outcome_that_cannot_be_stored_is_not_told)
{
	struct order *o = give(WORLD_MSISDN, true);

	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	disk_full(true);
	expect(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	tick(1000);
	tick(1000);
	ck_assert_int_eq(o->waiter.told, 0);
	ck_assert_uint_eq(n_calls, 0); /* and it is not asked for again */
	disk_full(false);
	tick(1000);
	ck_assert_int_eq(o->waiter.told, 1);
	ck_state(o, "granted");
}
END_TEST

START_TEST(nothing_is_sent_that_could_not_be_stored_as_sent)
{
	struct order *o = give(WORLD_MSISDN, true);

	disk_full(true);
	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_uint_eq(n_calls, 0);
	disk_full(false);
	tick(1000);
	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	expect(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_int_eq(o->waiter.told, 1);
}
END_TEST

/* Promise 6: what there is no room for waits in the store, and has its turn. */
START_TEST(more_than_fits_waits_in_the_store)
{
	struct outbox_counters c;

	outbox_free(outbox);
	run(4);
	room = 0;
	for (int i = 0; i < 20; i++)
		give(WORLD_MSISDN + i, false);
	outbox_counters_read(outbox, &c);
	ck_assert_uint_eq(c.by_state[STORE_CHARGE_PENDING], 4);
	ck_assert_uint_eq(c.not_taken, 16);
	ck_assert(c.is_behind);
	ck_assert_uint_eq(n_calls, 0);
	room = 100;
	for (int i = 0; i < 200; i++) {
		tick(100);
		ck_assert_uint_le(n_calls, 8);
		while (n_calls > 0) {
			if (calls[0].op == CHARGING_GRANT)
				calls[0].order->applied++;
			answer(0, CHARGING_OK, CHARGING_PLAIN, 0);
		}
	}
	for (size_t i = 0; i < n_orders; i++)
		ck_assert_int_eq(orders[i].heard, 1);
	outbox_counters_read(outbox, &c);
	ck_assert(!c.is_behind && c.oldest_ms == 0);
}
END_TEST

/* Promises 1 and 2, killed at each step of the way, with the call under way done or not done. */
START_TEST(killed_at_every_step)
{
	static const enum charging_op path[] = {CHARGING_PREPARE, CHARGING_GRANT, CHARGING_QUERY};
	int step = _i / 2;
	bool done = _i % 2 != 0;
	struct order *o = give(WORLD_MSISDN, true);

	for (int i = 0; i < step && i < 3; i++) {
		tick(i == 2 ? SETTLE_MS + 1000 : 0);
		if (path[i] == CHARGING_GRANT) {
			o->applied = done;
			expect(CHARGING_GRANT, CHARGING_UNKNOWN, CHARGING_NO_ANSWER);
		} else if (path[i] == CHARGING_QUERY) {
			expect(CHARGING_QUERY, done ? CHARGING_OK : CHARGING_RETRY, CHARGING_PLAIN);
		} else {
			expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
		}
	}
	if (step == 1)
		o->applied = done; /* the call that is under way */
	kill_and_restart();
	for (int i = 0; i < 10 && o->heard == 0; i++) {
		tick(SETTLE_MS + 1000);
		while (n_calls > 0) {
			bool sends = calls[0].op == CHARGING_GRANT;

			o->applied += sends;
			answer(0,
			       calls[0].op == CHARGING_QUERY && o->applied == 0 ? CHARGING_RETRY
			                                                        : CHARGING_OK,
			       CHARGING_PLAIN, 0);
		}
	}
	ck_assert_int_eq(o->applied, 1);
	ck_assert_int_eq(world_sql(&world, "SELECT state = 'granted' FROM grants"), 1);
	ck_assert_int_eq(o->heard, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("outbox");
	TCase *t = tcase_create("one");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, promise_1_told_after_it_is_stored);
	tcase_add_test(t, promise_2_in_doubt_it_is_asked_and_never_repeated);
	tcase_add_test(t, what_was_not_done_goes_round_again);
	tcase_add_test(t, a_final_no_is_told_kindly_with_its_code);
	tcase_add_test(t, promise_2_killed_between_sending_and_recording);
	tcase_add_test(t, promise_2_a_clock_that_is_set_makes_nothing_settle);
	tcase_add_test(t, a_clock_that_is_set_back_holds_nobody_up);
	tcase_add_test(t, an_order_that_was_read_already_is_taken_once);
	tcase_add_test(t, promise_2_orders_of_another_system_are_left_alone);
	tcase_add_test(t, orders_of_one_subscriber_go_in_order);
	tcase_add_test(t, what_is_for_a_person_holds_nobody_up);
	tcase_add_test(t, a_person_decides_while_it_rests);
	tcase_add_test(t, what_a_person_lets_go_is_sent_within_seconds);
	tcase_add_loop_test(t, promise_2_what_was_not_done_is_not_done_for_the_next_holder, 0, 2);
	tcase_add_test(t, a_person_decides_while_it_is_asked);
	tcase_add_test(t, a_person_cancels_before_it_is_sent);
	tcase_add_test(t, after_stop_not_a_word);
	tcase_add_test(t, erased_words_are_not_said);
	tcase_add_test(t, promise_1_an_outcome_that_cannot_be_stored_is_not_told);
	tcase_add_test(t, nothing_is_sent_that_could_not_be_stored_as_sent);
	tcase_add_test(t, more_than_fits_waits_in_the_store);
	tcase_add_loop_test(t, killed_at_every_step, 0, 8);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return world_run(s);
}
