/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders that are not sent: purchases that nobody wants any more, and gifts that wait until the operator has mended something.
 *
 * Promise 1: whoever hears that nothing was taken was charged nothing. Promise 2: what was refused is never sent afterwards.
 */
#include "tests/outbox_world.h"

#define JANE INT64_C(254700000001)

static struct order *buy(int64_t msisdn, bool looks)
{
	struct order *o;

	price = 5000;
	o = give(msisdn, looks);
	price = 0;
	return o;
}

static struct outbox_counters counted(void)
{
	struct outbox_counters c;

	outbox_counters_read(outbox, &c);
	return c;
}

/* The first call of the order at hand is answered so, and then nothing is due for a while. */
static void grant(enum charging_outcome outcome, enum charging_reason reason)
{
	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	expect(CHARGING_GRANT, outcome, reason);
}

static void ck_never_sent(const struct order *o)
{
	ck_state(o, "rejected");
	ck_assert_int_eq(o->grants_sent, 0);
	ck_assert_int_eq(o->applied, 0);
	ck_assert_int_eq(o->heard, 1);
	ck_assert_uint_eq(counted().too_late, 1);
	room = 100;
	for (int i = 0; i < 10; i++) {
		tick(60000);
		for (size_t k = n_calls; k-- > 0;)
			ck_assert_ptr_ne(calls[k].order, o);
	}
}

START_TEST(a_purchase_is_bought_with_the_price_of_its_order)
{
	struct order *o = buy(JANE, true);

	grant(CHARGING_OK, CHARGING_PLAIN);
	ck_assert_int_eq(o->waiter.grant, STORE_GRANT_GRANTED);
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT count(*) FROM charge WHERE kind = 'purchase' AND price = 5000 "
	                           "AND state = 'granted'"),
	                 1);
	tick(2 * BUY_WITHIN_MS);
	ck_assert_uint_eq(counted().too_late, 0);
}
END_TEST

START_TEST(a_purchase_that_cannot_be_sent_in_time_is_refused_and_said_so)
{
	struct order *o = buy(JANE, true);

	for (int ms = 0; ms < BUY_WITHIN_MS; ms += 1000) {
		if (n_calls > 0)
			expect(CHARGING_PREPARE, CHARGING_RETRY, CHARGING_UNREACHABLE);
		o->waiter.looks = false;
		ck_assert_int_eq(o->heard, 0);
		tick(1000);
	}
	ck_never_sent(o);
	ck_assert_int_eq(o->waiter.refusal, REFUSAL_SYSTEM);
}
END_TEST

/* The circuit is open: not a single call. */
START_TEST(a_purchase_that_waits_for_room_is_refused_in_time)
{
	struct order *o;

	room = 0;
	o = buy(JANE, false);
	tick(BUY_WITHIN_MS - 1);
	ck_state(o, "pending");
	tick(1);
	tick(0);
	ck_never_sent(o);
}
END_TEST

START_TEST(a_purchase_behind_an_order_in_doubt_is_refused_in_time)
{
	struct order *gift = give(JANE, false), *o;

	grant(CHARGING_UNKNOWN, CHARGING_NO_ANSWER);
	o = buy(JANE, true);
	ck_assert_uint_eq(n_calls, 0); /* one at a time */
	o->waiter.looks = false;
	tick(BUY_WITHIN_MS - 1000);
	ck_assert_int_eq(o->heard, 0);
	tick(1000);
	tick(0);
	ck_state(o, "rejected");
	ck_assert_int_eq(o->heard, 1);
	ck_assert_int_eq(o->grants_sent, 0);
	for (int i = 0; i < 10 && n_calls == 0; i++)
		tick(1000);
	expect(CHARGING_QUERY, CHARGING_RETRY, CHARGING_PLAIN); /* the gift goes on */
	tick(200);
	grant(CHARGING_OK, CHARGING_PLAIN);
	ck_assert_int_eq(gift->heard, 1);
	ck_state(gift, "granted");
}
END_TEST

/* The account was read in time and its answer came too late. */
START_TEST(what_was_read_in_time_is_not_sent_too_late)
{
	struct order *o = buy(JANE, true);

	o->waiter.looks = false;
	tick(BUY_WITHIN_MS + 1);
	ck_state(o, "pending"); /* its call is under way */
	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	ck_never_sent(o);
}
END_TEST

/* The clock on the wall is set back while its call is under way: a minute is a minute. */
START_TEST(a_clock_that_is_set_back_does_not_let_it_wait)
{
	struct order *o = buy(JANE, true);

	o->waiter.looks = false;
	world.clock.now_utc_ms -= 3600000;
	tick(BUY_WITHIN_MS + 1);
	ck_state(o, "pending");
	expect(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	ck_never_sent(o);
}
END_TEST

START_TEST(promise_1_after_a_crash_an_old_purchase_is_refused_and_not_sent)
{
	struct order *o = buy(JANE, false);

	expect(CHARGING_PREPARE, CHARGING_RETRY, CHARGING_UNREACHABLE);
	clock_fake_advance(&world.clock, BUY_WITHIN_MS);
	kill_and_restart();
	tick(0);
	tick(0);
	ck_never_sent(o);
}
END_TEST

/* It was sent in time: what became of it is found out, however long that takes. */
START_TEST(promise_2_a_purchase_in_doubt_is_asked_about_and_charged_once)
{
	struct order *o = buy(JANE, false);

	grant(CHARGING_UNKNOWN, CHARGING_NO_ANSWER);
	o->applied = 1; /* the reply was lost */
	tick(BUY_WITHIN_MS);
	tick(0);
	expect(CHARGING_QUERY, CHARGING_OK, CHARGING_PLAIN);
	ck_state(o, "reconciled");
	ck_assert_int_eq(o->heard, 1);
	ck_assert_int_eq(o->grants_sent, 1);
}
END_TEST

START_TEST(a_purchase_in_doubt_that_was_not_made_is_refused_when_it_is_too_late)
{
	struct order *o = buy(JANE, false);

	grant(CHARGING_UNKNOWN, CHARGING_NO_ANSWER);
	tick(BUY_WITHIN_MS);
	tick(0);
	expect(CHARGING_QUERY, CHARGING_RETRY, CHARGING_PLAIN);
	tick(0);
	tick(200);
	ck_state(o, "rejected");
	ck_assert_int_eq(o->grants_sent, 1);
	ck_assert_int_eq(o->heard, 1);
}
END_TEST

/* reason of the system, what is told */
static const struct {
	enum charging_reason reason;
	enum refusal refusal;
} refusals[] = {
	{CHARGING_TOO_LITTLE, REFUSAL_POOR},      {CHARGING_BARRED, REFUSAL_BARRED},
	{CHARGING_NO_SUBSCRIBER, REFUSAL_BARRED}, {CHARGING_TOO_MUCH, REFUSAL_SYSTEM},
	{CHARGING_SET_UP, REFUSAL_SYSTEM},        {CHARGING_NOT_OFFERED, REFUSAL_SYSTEM},
};

START_TEST(each_reason_is_told_as_it_is)
{
	struct order *o = buy(JANE, _i % 2 == 0);
	char text[100];

	grant(CHARGING_REJECTED, refusals[_i / 2].reason);
	ck_state(o, "rejected");
	ck_assert_int_eq(o->waiter.told, 1);
	ck_assert_int_eq(o->waiter.refusal, refusals[_i / 2].refusal);
	ck_assert_int_eq(o->heard, _i % 2); /* by SMS when nobody looks */
	(void)snprintf(text, sizeof text, "SELECT refusal = '%s' FROM charge",
	               refusal_name(o->waiter.refusal));
	ck_assert_int_eq(world_sql(&world, text), 1);
}
END_TEST

/* Refused by what has changed nothing, or by the call itself; the store keeps it pending, for as long as it takes. */
START_TEST(a_gift_that_is_set_up_wrong_is_parked_and_given_when_it_is_mended)
{
	struct order *o = give(JANE, true);
	int rounds = 0;

	grant(CHARGING_REJECTED, CHARGING_SET_UP);
	ck_state(o, "pending");
	ck_assert_int_eq(o->waiter.later, 1); /* the screen in `else`, at once */
	ck_assert_uint_eq(counted().parked, 1);
	while (rounds < 3) {
		tick(50000);
		if (n_calls == 0)
			continue;
		rounds++;
		grant(CHARGING_REJECTED, CHARGING_SET_UP);
		ck_assert_uint_eq(counted().parked, 1);
	}
	ck_assert_int_le(o->grants_sent, 4); /* slowly */
	ck_assert_int_eq(o->heard, 0);
	while (n_calls == 0)
		tick(50000);
	grant(CHARGING_OK, CHARGING_PLAIN);
	ck_state(o, "granted");
	ck_assert_int_eq(o->heard, 1);
	ck_assert_uint_eq(counted().parked, 0);
}
END_TEST

START_TEST(a_parked_gift_lets_the_next_order_of_its_subscriber_pass)
{
	struct order *gift = give(JANE, false), *bought;

	grant(CHARGING_REJECTED, CHARGING_SET_UP);
	bought = buy(JANE, true);
	grant(CHARGING_OK, CHARGING_PLAIN);
	ck_state(bought, "granted");
	ck_state(gift, "pending");
	while (n_calls == 0)
		tick(50000);
	grant(CHARGING_OK, CHARGING_PLAIN);
	ck_state(gift, "granted");
}
END_TEST

static void on_resolved(void *ctx, const struct store_charge_result *r)
{
	*(enum rc *)ctx = r->rc;
}

START_TEST(a_person_may_decide_a_parked_gift)
{
	struct order *o = give(JANE, false);
	enum rc rc = RC_IO;

	grant(CHARGING_REJECTED, CHARGING_SET_UP);
	ck_assert_int_eq(store_charge_resolve(world.store, o->id, false, NULL,
	                                      "there is no such bundle any more", on_resolved, &rc),
	                 RC_OK);
	store_wait(world.store);
	ck_assert_int_eq(rc, RC_OK);
	tick(5000);
	tick(5000);
	ck_assert_int_eq(o->heard, 1);
	ck_assert_uint_eq(counted().parked, 0);
	tick(3600000);
	ck_assert_uint_eq(n_calls, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("outbox_bound");
	TCase *t = tcase_create("outbox_bound");

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_purchase_is_bought_with_the_price_of_its_order);
	tcase_add_test(t, a_purchase_that_cannot_be_sent_in_time_is_refused_and_said_so);
	tcase_add_test(t, a_purchase_that_waits_for_room_is_refused_in_time);
	tcase_add_test(t, a_purchase_behind_an_order_in_doubt_is_refused_in_time);
	tcase_add_test(t, what_was_read_in_time_is_not_sent_too_late);
	tcase_add_test(t, a_clock_that_is_set_back_does_not_let_it_wait);
	tcase_add_test(t, promise_1_after_a_crash_an_old_purchase_is_refused_and_not_sent);
	tcase_add_test(t, promise_2_a_purchase_in_doubt_is_asked_about_and_charged_once);
	tcase_add_test(t, a_purchase_in_doubt_that_was_not_made_is_refused_when_it_is_too_late);
	tcase_add_loop_test(t, each_reason_is_told_as_it_is, 0,
	                    2 * (int)(sizeof refusals / sizeof refusals[0]));
	tcase_add_test(t, a_gift_that_is_set_up_wrong_is_parked_and_given_when_it_is_mended);
	tcase_add_test(t, a_parked_gift_lets_the_next_order_of_its_subscriber_pass);
	tcase_add_test(t, a_person_may_decide_a_parked_gift);
	return world_run(s);
}
