/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Link: every submit_sm ends in exactly one outcome (promise 3), and the window by itself.
 *
 * Against the raw peer of tests/link_rig.h, over real sockets.
 */
#include <string.h>

#include "core/log.h"
#include "gateway/link_window.h"
#include "tests/link_rig.h"
#include "tests/random.h"
#include "tests/run_suite.h"

/* ---- submit_sm (promise 3) */

START_TEST(window_then_queue_then_full)
{
	struct rig *r = rig_new();

	r->auto_submit = RIG_SILENT;
	rig_bind(r);
	rig_submit_all(r, 1, 7);
	ck_assert_int_eq(rig_submit(r, 8), RC_FULL);
	ck_assert_uint_eq(rig_counters(r).outstanding, 4);
	ck_assert_uint_eq(rig_counters(r).queued, 3);
	ck_assert_uint_eq(rig_counters(r).submit_refused, 1);
	RIG_UNTIL(r, rig_got(r, 4) == 4);
	r->auto_submit = 0;
	rig_say(r, 0x80000004, 0, rig_last(r, 4)->sequence, "first", 6);
	RIG_UNTIL(r, rig_got(r, 4) == 7 && r->n_told == 4);
	ck_assert_uint_eq(r->told[0].token, 4);
	ck_assert_str_eq(r->told[0].message_id, "first");
	ck_assert_uint_eq(r->told[1].token, 5);
	ck_assert_uint_eq(rig_counters(r).outstanding, 3);
	for (size_t i = 1; i < r->n_got; i++)
		ck_assert_uint_eq(r->got[i].sequence, i + 1);
	rig_free(r);
}
END_TEST

START_TEST(field_too_long)
{
	struct rig *r = rig_new();
	struct pdu_submit s = rig_hello();

	rig_bind(r);
	strcpy(s.dest.digits, "123456789012345678901");
	ck_assert_int_eq(link_submit(r->link, &s, 1), RC_RANGE);
	ck_assert_uint_eq(rig_counters(r).outstanding, 0);
	ck_assert_int_eq(rig_submit(r, 2), RC_OK);
	RIG_UNTIL(r, r->n_told == 1);
	ck_assert_uint_eq(r->told[0].token, 2);
	rig_free(r);
}
END_TEST

static const struct {
	uint32_t id, status;
	enum link_outcome outcome;
} answers[] = {
	/* by gateway/status.c */
	{0x80000004, 0x00, LINK_ACCEPTED},  {0x80000004, 0x58, LINK_THROTTLED},
	{0x80000004, 0x14, LINK_THROTTLED}, {0x80000004, 0x08, LINK_THROTTLED},
	{0x80000004, 0x64, LINK_THROTTLED}, {0x80000004, 0x04, LINK_THROTTLED},
	{0x80000004, 0x61, LINK_THROTTLED}, {0x80000004, 0x0b, LINK_REJECTED},
	{0x80000004, 0x45, LINK_REJECTED},  {0x80000004, 0x66, LINK_REJECTED},
	{0x80000004, 0x401, LINK_REJECTED}, {0x80000004, 0xffffffff, LINK_REJECTED},
	{0x80000000, 0x03, LINK_REJECTED},  {0x80000000, 0x58, LINK_THROTTLED},
	{0x80000000, 0, LINK_REJECTED},
};

START_TEST(outcome)
{
	struct rig *r = rig_new();

	r->auto_submit = RIG_SILENT;
	rig_bind(r);
	ck_assert_int_eq(rig_submit(r, 31), RC_OK);
	RIG_UNTIL(r, rig_got(r, 4) == 1);
	rig_say(r, answers[_i].id, answers[_i].status, rig_last(r, 4)->sequence, NULL, 0);
	RIG_UNTIL(r, r->n_told == 1);
	ck_assert_uint_eq(r->told[0].token, 31);
	ck_assert_int_eq(r->told[0].outcome, answers[_i].outcome);
	rig_free(r);
}
END_TEST

/* Refusals for now, three in a row, hold back what comes after them and overtake nothing. */
START_TEST(throttled_keeps_order)
{
	struct rig *r = rig_new();
	int64_t at;

	r->auto_submit = 0x58;
	rig_bind(r);
	rig_submit_all(r, 1, 3);
	RIG_UNTIL(r, rig_told(r, LINK_THROTTLED) == 3);
	at = rig_now_ms();
	r->auto_submit = 0;
	ck_assert_int_eq(rig_submit(r, 4), RC_OK);
	ck_assert_int_eq(rig_submit(r, 5), RC_OK);
	ck_assert_uint_eq(rig_counters(r).queued, 2);
	RIG_UNTIL(r, rig_told(r, LINK_ACCEPTED) == 2);
	ck_assert_int_ge(rig_now_ms() - at, 95);
	ck_assert_uint_eq(r->told[3].token, 4);
	ck_assert_uint_eq(r->told[4].token, 5);
	rig_free(r);
}
END_TEST

/* An SMSC in trouble is not one that is too busy: what concerns one message holds back no other. */
START_TEST(trouble_is_not_throttling)
{
	struct rig *r = rig_new();

	r->auto_submit = 0x08;
	r->config.queue_max = 100;
	rig_bind(r);
	for (uint64_t i = 1; i <= 20; i++) {
		ck_assert_int_eq(rig_submit(r, i), RC_OK);
		ck_assert_uint_eq(rig_counters(r).queued, 0);
		RIG_UNTIL(r, rig_told(r, LINK_THROTTLED) == (int)i);
	}
	rig_free(r);
}
END_TEST

/* One refusal concerns one subscriber: the others go on. */
START_TEST(one_throttled_holds_nobody_back)
{
	struct rig *r = rig_new();

	r->auto_submit = 0x58;
	rig_bind(r);
	rig_submit_all(r, 1, 2);
	RIG_UNTIL(r, rig_told(r, LINK_THROTTLED) == 2);
	r->auto_submit = 0;
	ck_assert_int_eq(rig_submit(r, 3), RC_OK);
	ck_assert_uint_eq(rig_counters(r).queued, 0);
	rig_free(r);
}
END_TEST

/* Where a subscriber waits, the pause is short and does not grow: 100 + 200 + 400 + 800 ms otherwise. */
START_TEST(throttled_ussd_waits_little)
{
	struct rig *r = rig_new();
	struct pdu_submit s = rig_hello();
	int64_t at;

	s.service_type = "USSD";
	r->auto_submit = 0x14;
	rig_bind(r);
	at = rig_now_ms();
	for (uint64_t i = 1; i <= 5; i++) {
		ck_assert_int_eq(link_submit(r->link, &s, i), RC_OK);
		RIG_UNTIL(r, rig_told(r, LINK_THROTTLED) == (int)i);
	}
	ck_assert_int_ge(rig_now_ms() - at, 95);
	ck_assert_int_lt(rig_now_ms() - at, 1000);
	rig_free(r);
}
END_TEST

/* Never sent again (promise 3), and its late answer changes nothing. */
START_TEST(response_timeout)
{
	struct rig *r = rig_new();

	r->auto_submit = RIG_SILENT;
	r->config.response_ms = 40;
	rig_bind(r);
	ck_assert_int_eq(rig_submit(r, 1), RC_OK);
	ck_assert_int_eq(rig_submit(r, 2), RC_OK);
	RIG_UNTIL(r, r->n_told == 2);
	ck_assert_int_eq(rig_told(r, LINK_UNKNOWN), 2);
	ck_assert_int_eq(link_state(r->link), LINK_ST_BOUND);
	rig_say(r, 0x80000004, 0, rig_last(r, 4)->sequence, "m", 2);
	rig_say(r, 0x80000004, 0, rig_last(r, 4)->sequence, "m", 2);
	RIG_UNTIL(r, rig_counters(r).unknown_sequence == 1);
	ck_assert_uint_eq(rig_counters(r).late_responses, 1);
	ck_assert_int_eq(rig_got(r, 4), 2);
	ck_assert_uint_eq(r->n_told, 2);
	rig_free(r);
}
END_TEST

START_TEST(loss_concludes_all)
{
	struct rig *r = rig_new();

	r->auto_submit = RIG_SILENT;
	rig_bind(r);
	rig_submit_all(r, 1, 7);
	RIG_UNTIL(r, rig_got(r, 4) == 4);
	r->resubmit = true; /* from inside: refused, and nothing breaks */
	rig_drop(r);
	RIG_UNTIL(r, r->n_told == 7);
	for (size_t i = 0; i < 7; i++) {
		ck_assert_uint_eq(r->told[i].token, i + 1);
		ck_assert_int_eq(r->told[i].outcome, i < 4 ? LINK_UNKNOWN : LINK_NOT_SENT);
	}
	r->resubmit = false;
	RIG_UNTIL(r, r->connections == 2 && link_state(r->link) == LINK_ST_BOUND);
	ck_assert_int_eq(rig_got(r, 4), 4);
	ck_assert_uint_eq(link_connection(r->link), 2);
	link_respond(r->link, 1, 5, 1, 0); /* of the first connection: nothing is sent */
	rig_say(r, 0x15, 0, 6, NULL, 0);
	RIG_UNTIL(r, rig_got(r, 0x80000015) == 1);
	ck_assert_int_eq(rig_got(r, 0x80000005), 0);
	ck_assert_uint_eq(r->n_told, 7);
	rig_free(r);
}
END_TEST

/* In the output buffer still, not a byte of it in the socket: that is certain. */
START_TEST(unwritten_is_not_sent)
{
	struct rig *r = rig_new();

	rig_bind(r);
	ck_assert_int_eq(rig_submit(r, 1), RC_OK);
	ck_assert_int_eq(rig_submit(r, 2), RC_OK);
	link_free(r->link);
	ck_assert_int_eq(rig_told(r, LINK_NOT_SENT), 2);
	r->n_changes = 0;
	rig_bind(r);
	rig_free(r);
}
END_TEST

/* Promise 7: what waits for the window or the rate can be taken back, what was written cannot. */
START_TEST(promise_7_what_is_queued_can_be_taken_back)
{
	static const uint64_t order[] = {7, 5, 6}; /* last, first, the only one left */
	struct rig *r = rig_new();

	r->auto_submit = RIG_SILENT;
	rig_bind(r);
	rig_submit_all(r, 1, 7);
	RIG_UNTIL(r, rig_got(r, 4) == 4);
	ck_assert(!link_cancel(r->link, 1));
	ck_assert(!link_cancel(r->link, 99));
	ck_assert_uint_eq(r->n_told, 0);
	for (size_t i = 0; i < 3; i++) {
		ck_assert(link_cancel(r->link, order[i]));
		ck_assert(!link_cancel(r->link, order[i]));
		ck_assert_uint_eq(r->n_told, i + 1);
		ck_assert_uint_eq(r->told[i].token, order[i]);
		ck_assert_int_eq(r->told[i].outcome, LINK_NOT_SENT);
	}
	ck_assert_uint_eq(rig_counters(r).queued, 0);
	ck_assert_uint_eq(rig_counters(r).submit_cancelled, 3);
	ck_assert_int_eq(rig_submit(r, 8), RC_OK); /* and the queue is whole */
	ck_assert_int_eq(rig_submit(r, 9), RC_OK);
	ck_assert_uint_eq(rig_counters(r).queued, 2);
	rig_drop(r);
	RIG_UNTIL(r, r->n_told == 9);
	ck_assert_int_eq(rig_told(r, LINK_UNKNOWN), 4);
	ck_assert_uint_eq(r->told[7].token, 8);
	ck_assert_uint_eq(r->told[8].token, 9);
	rig_free(r);
}
END_TEST

START_TEST(free_concludes_all)
{
	struct rig *r = rig_new();
	const struct link_handlers none = {.ctx = r};

	r->auto_submit = RIG_SILENT;
	rig_bind(r);
	rig_submit_all(r, 1, 6);
	RIG_UNTIL(r, rig_got(r, 4) == 4);
	link_free(r->link);
	ck_assert_int_eq(rig_told(r, LINK_UNKNOWN), 4);
	ck_assert_int_eq(rig_told(r, LINK_NOT_SENT), 2);
	ck_assert_int_eq(link_new(r->base, clock_system(), &r->config, &none, &r->link), RC_OK);
	rig_free(r);
}
END_TEST

START_TEST(handler_submits)
{
	struct rig *r = rig_new();

	r->resubmit = true;
	rig_bind(r);
	ck_assert_int_eq(rig_submit(r, 1), RC_OK);
	RIG_UNTIL(r, r->n_told == 2);
	ck_assert_uint_eq(r->told[1].token, 101);
	rig_free(r);
}
END_TEST

/* A place in the window that just became free belongs to what waits, not to who asks first. */
START_TEST(handler_overtakes_nothing)
{
	static const uint64_t order[] = {1, 2, 3, 4, 5, 6, 101};
	struct rig *r = rig_new();

	r->auto_submit = RIG_SILENT;
	rig_bind(r);
	rig_submit_all(r, 1, 6);
	RIG_UNTIL(r, rig_got(r, 4) == 4);
	r->resubmit = true;
	for (uint32_t sequence = 2; sequence <= 8; sequence++)
		rig_say(r, 0x80000004, 0, sequence, "m", 2);
	RIG_UNTIL(r, rig_got(r, 4) == 7);
	for (uint32_t sequence = 2; sequence <= 8; sequence++)
		rig_say(r, 0x80000004, 0, sequence, "m", 2);
	RIG_UNTIL(r, r->n_told == 7);
	for (size_t i = 0; i < 7; i++)
		ck_assert_uint_eq(r->told[i].token, order[i]);
	rig_free(r);
}
END_TEST

START_TEST(rate_is_kept)
{
	struct rig *r = rig_new();
	int64_t at;

	r->config.rate = 100; /* a burst of 10, then 10 ms each */
	r->config.window = 100;
	r->config.queue_max = 100;
	rig_bind(r);
	at = rig_now_ms();
	rig_submit_all(r, 1, 30);
	ck_assert_uint_eq(rig_counters(r).queued, 20);
	RIG_UNTIL(r, rig_told(r, LINK_ACCEPTED) == 30);
	ck_assert_int_ge(rig_now_ms() - at, 195);
	rig_free(r);
}
END_TEST

/* ---- the window by itself, against a list */

START_TEST(window_model)
{
	struct link_window *w = link_window_new(50);
	uint32_t model[50], sequence = 0;
	size_t n = 0;
	struct random r = {7};

	for (int step = 0; step < 20000; step++) {
		struct link_slot slot;
		bool late = false;

		if (random_below(&r, 3) != 0 && n < 50) {
			sequence++;
			slot = (struct link_slot){.sequence = sequence, .token = sequence * 7ull};
			link_window_add(w, &slot);
			model[n++] = sequence;
		} else if (n > 0) {
			size_t at = random_below(&r, n);

			if (random_below(&r, 4) == 0) {
				at = 0;
				ck_assert(link_window_give_up(w, &slot));
			} else {
				ck_assert(link_window_take(w, model[at], &slot, &late));
			}
			ck_assert_uint_eq(slot.sequence, model[at]);
			ck_assert_uint_eq(slot.token, model[at] * 7ull);
			ck_assert(!link_window_take(w, model[at], &slot, &late));
			memmove(model + at, model + at + 1, (n - at - 1) * sizeof(model[0]));
			n--;
		}
		ck_assert_uint_eq(link_window_count(w), n);
		ck_assert_int_eq(link_window_is_full(w), n == 50);
		ck_assert(n == 0 ? !link_window_oldest(w) : link_window_oldest(w)->sequence == model[0]);
	}
	link_window_free(w);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static void add_submit_tests(Suite *suite)
{
	TCase *tc = tcase_create("submit");

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, window_then_queue_then_full);
	tcase_add_test(tc, field_too_long);
	tcase_add_loop_test(tc, outcome, 0, COUNT(answers));
	tcase_add_test(tc, throttled_keeps_order);
	tcase_add_test(tc, trouble_is_not_throttling);
	tcase_add_test(tc, one_throttled_holds_nobody_back);
	tcase_add_test(tc, throttled_ussd_waits_little);
	tcase_add_test(tc, response_timeout);
	tcase_add_test(tc, loss_concludes_all);
	tcase_add_test(tc, unwritten_is_not_sent);
	tcase_add_test(tc, free_concludes_all);
	tcase_add_test(tc, promise_7_what_is_queued_can_be_taken_back);
	tcase_add_test(tc, handler_submits);
	tcase_add_test(tc, handler_overtakes_nothing);
	tcase_add_test(tc, rate_is_kept);
	tcase_add_test(tc, window_model);
}

int main(void)
{
	Suite *suite = suite_create("link_submit");

	log_init(LOG_LV_ERROR);
	add_submit_tests(suite);
	return run_suite(suite);
}
