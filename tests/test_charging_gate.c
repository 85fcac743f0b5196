/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate before a charging system: bounds, rate, lanes and the circuit, on a clock that is moved by hand (promises 2, 6
 * and 10). */
#include "gateway/charging_gate.h"

#include <check.h>
#include <string.h>

#include "core/log.h"
#include "tests/run_suite.h"

#define CALLS 64

static struct clock_fake fake;
static struct charging_gate *gate;
static struct {
	int n;
	http_client_fn *fn[CALLS];
	void *ctx[CALLS];
	char body[CALLS][8];
} sent; /* what reached the system, in order */
static struct {
	int n[4];
	bool says_sound;
	char order[CALLS + 1]; /* first letters of what was refused */
} told;

static enum rc send_fake(void *ctx, const struct http_client_call *call, http_client_fn *fn, void *fn_ctx)
{
	(void)ctx;
	ck_assert_int_lt(sent.n, CALLS);
	sent.fn[sent.n] = fn;
	sent.ctx[sent.n] = fn_ctx;
	memcpy(sent.body[sent.n], call->body, call->len + 1);
	sent.n++;
	return RC_OK;
}

static bool on_told(void *ctx, enum charging_sent how, const struct http_client_answer *answer)
{
	(void)ctx;
	ck_assert((answer != NULL) == (how == CHARGING_ANSWERED));
	told.n[how]++;
	return told.says_sound;
}

static void make(int rate, int calls, int queue)
{
	struct charging_gate_options o = {.clock = &fake.clock,
	                                  .transport = {.start = send_fake},
	                                  .rate = rate,
	                                  .calls_max = calls,
	                                  .queue_max = queue,
	                                  .failures = 3,
	                                  .pause_ms = 1000};

	log_init(LOG_LV_ERROR);
	memset(&sent, 0, sizeof(sent));
	memset(&told, 0, sizeof(told));
	told.says_sound = true;
	clock_fake_init(&fake, 1795300000000);
	ck_assert_int_eq(charging_gate_new(&o, &gate), RC_OK);
}

static void teardown(void)
{
	charging_gate_free(gate);
	gate = NULL;
}

static void put(const char *body, bool harmless, bool waits)
{
	struct http_client_call call = {
		.url = "u", .method = "POST", .body = body, .len = strlen(body), .within_ms = 500};

	ck_assert_int_eq(charging_gate_send(gate, &call, harmless, waits, on_told, NULL), RC_OK);
}

static void conclude(int i, enum rc rc)
{
	struct http_client_answer a = {.status = 200, .content_type = "", .body = "", .len = 0};

	sent.fn[i](sent.ctx[i], rc, rc == RC_OK ? &a : NULL);
}

static void after(int64_t ms)
{
	clock_fake_advance(&fake, ms);
	charging_gate_tick(gate);
}

static struct charging_gate_counters counters(void)
{
	struct charging_gate_counters c;

	charging_gate_counters_read(gate, &c);
	return c;
}

START_TEST(nothing_is_told_from_inside)
{
	make(0, 1, 1);
	put("a", false, false);
	put("b", false, false);
	put("c", false, false); /* over the queue's bound */
	ck_assert_int_eq(sent.n, 0);
	ck_assert_int_eq(told.n[CHARGING_REFUSED], 0);
	charging_gate_tick(gate);
	ck_assert_int_eq(sent.n, 1);
	ck_assert_int_eq(told.n[CHARGING_REFUSED], 2);
	ck_assert_uint_eq(counters().refused_full, 2);
	conclude(0, RC_OK);
	ck_assert_int_eq(told.n[CHARGING_ANSWERED], 1);
}
END_TEST

START_TEST(who_waits_at_a_phone_goes_first)
{
	make(0, 1, 10);
	put("1", false, false);
	put("2", false, false);
	put("x", false, true);
	charging_gate_tick(gate);
	conclude(0, RC_OK);
	charging_gate_tick(gate);
	conclude(1, RC_OK);
	charging_gate_tick(gate);
	ck_assert_int_eq(sent.n, 3);
	ck_assert_str_eq(sent.body[0], "x");
	ck_assert_str_eq(sent.body[1], "1"); /* and the backlog in its order */
	ck_assert_str_eq(sent.body[2], "2");
	conclude(2, RC_OK);
}
END_TEST

/* Promise 6: more people than the rate allows, all day: what is owed to others still gets through, one at a time. */
START_TEST(the_backlog_keeps_a_share)
{
	int owed = 0;

	make(10, 4, 100);
	for (int i = 0; i < 10; i++) /* what was saved up */
		put("x", true, true);
	for (int round = 0; round < 40; round++) {
		put("x", true, true);
		put("x", true, true);
		if (charging_gate_room(gate) > 0 && round > 10) {
			ck_assert_uint_eq(charging_gate_room(gate), 1);
			put("b", false, false);
			ck_assert_uint_eq(charging_gate_room(gate), 0);
		}
		after(100);
		while (counters().under_way > 0) {
			conclude(sent.n - (int)counters().under_way, RC_OK);
			charging_gate_tick(gate);
		}
	}
	for (int i = 0; i < sent.n; i++)
		owed += sent.body[i][0] == 'b';
	ck_assert_int_ge(owed, 2);
	ck_assert_int_le(owed, sent.n / 6);
}
END_TEST

START_TEST(the_rate_holds)
{
	make(10, 100, 100);
	for (int i = 0; i < 40; i++)
		put("r", false, false);
	charging_gate_tick(gate);
	ck_assert_int_eq(sent.n, 10); /* one second's worth was saved up */
	for (int ms = 0; ms < 400; ms += 10)
		after(10);
	ck_assert_int_eq(sent.n, 14);
	for (int i = 0; i < 14; i++)
		conclude(i, RC_OK);
	after(100); /* the others have waited too long: they are told, not sent */
	ck_assert_int_eq(told.n[CHARGING_REFUSED], 26);
	ck_assert_uint_eq(counters().refused_late, 26);
	ck_assert_uint_eq(counters().waiting, 0);
}
END_TEST

static void open_it(void)
{
	for (int i = 0; i < 3; i++)
		put("f", false, false);
	charging_gate_tick(gate);
	for (int i = 0; i < 3; i++)
		conclude(sent.n - 3 + i, i == 1 ? RC_BUSY : RC_NOTFOUND);
	ck_assert_int_eq(charging_gate_state(gate), CHARGING_GATE_OPEN);
	ck_assert_uint_eq(charging_gate_room(gate), 0);
}

START_TEST(failures_in_a_row_open_the_circuit)
{
	make(0, 10, 10);
	for (int i = 0; i < 9; i++) { /* never three in a row */
		put("f", false, false);
		charging_gate_tick(gate);
		conclude(i, i % 3 == 2 ? RC_OK : RC_IO);
	}
	ck_assert_int_eq(charging_gate_state(gate), CHARGING_GATE_CLOSED);
	open_it();
	ck_assert_int_eq(told.n[CHARGING_NOT_SENT], 2);
	ck_assert_int_eq(told.n[CHARGING_LOST], 7);
	put("n", true, true);
	charging_gate_tick(gate);
	ck_assert_int_eq(told.n[CHARGING_REFUSED], 1);
	ck_assert_uint_eq(counters().opened, 1);
	ck_assert_uint_eq(counters().refused_open, 1);
}
END_TEST

START_TEST(an_answer_that_is_unsound_counts_as_a_failure)
{
	make(0, 10, 10);
	told.says_sound = false;
	for (int i = 0; i < 3; i++) {
		put("f", false, false);
		charging_gate_tick(gate);
		conclude(i, RC_OK);
	}
	ck_assert_int_eq(charging_gate_state(gate), CHARGING_GATE_OPEN);
}
END_TEST

START_TEST(what_waits_when_it_opens_is_told_at_once)
{
	make(0, 3, 10);
	for (int i = 0; i < 8; i++)
		put("f", false, false);
	charging_gate_tick(gate);
	for (int i = 0; i < 3; i++)
		conclude(i, RC_NOTFOUND);
	charging_gate_tick(gate);
	ck_assert_int_eq(sent.n, 3);
	ck_assert_int_eq(told.n[CHARGING_REFUSED], 5);
}
END_TEST

/* Only a call that changes nothing tries: one that does would be in doubt if the system is still ill. */
START_TEST(a_harmless_call_tries)
{
	make(0, 10, 10);
	open_it();
	clock_fake_advance(&fake, 1000);
	ck_assert_uint_eq(charging_gate_room(gate), 1);
	put("grant", false, true);
	charging_gate_tick(gate);
	ck_assert_int_eq(told.n[CHARGING_REFUSED], 1);
	put("read", true, false);
	put("read2", true, false);
	charging_gate_tick(gate);
	ck_assert_int_eq(charging_gate_state(gate), CHARGING_GATE_HALF_OPEN);
	ck_assert_int_eq(sent.n, 4);
	put("grant", false, true); /* waits for what the read learns */
	charging_gate_tick(gate);
	ck_assert_int_eq(sent.n, 4);
	conclude(3, RC_OK);
	ck_assert_int_eq(charging_gate_state(gate), CHARGING_GATE_CLOSED);
	charging_gate_tick(gate);
	ck_assert_int_eq(sent.n, 6);
	ck_assert_str_eq(sent.body[4], "grant");
	conclude(4, RC_OK);
	conclude(5, RC_OK);
}
END_TEST

START_TEST(a_try_that_fails_opens_again)
{
	make(0, 10, 10);
	open_it();
	clock_fake_advance(&fake, 1000);
	put("read", true, false);
	charging_gate_tick(gate);
	put("grant", false, true);
	conclude(3, RC_BUSY);
	ck_assert_int_eq(charging_gate_state(gate), CHARGING_GATE_OPEN);
	charging_gate_tick(gate);
	ck_assert_int_eq(told.n[CHARGING_REFUSED], 1);
	after(999);
	ck_assert_uint_eq(charging_gate_room(gate), 0);
	after(1);
	ck_assert_uint_eq(charging_gate_room(gate), 1);
	ck_assert_uint_eq(counters().opened, 2);
}
END_TEST

START_TEST(the_end_concludes_what_waits)
{
	make(0, 1, 10);
	put("a", false, false);
	charging_gate_tick(gate);
	put("b", false, false);
	conclude(0, RC_CLOSED); /* as http_client_free does first */
	charging_gate_free(gate);
	gate = NULL;
	ck_assert_int_eq(told.n[CHARGING_LOST], 1);
	ck_assert_int_eq(told.n[CHARGING_REFUSED], 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("charging_gate");
	TCase *t = tcase_create("gate");

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, nothing_is_told_from_inside);
	tcase_add_test(t, who_waits_at_a_phone_goes_first);
	tcase_add_test(t, the_backlog_keeps_a_share);
	tcase_add_test(t, the_rate_holds);
	tcase_add_test(t, failures_in_a_row_open_the_circuit);
	tcase_add_test(t, an_answer_that_is_unsound_counts_as_a_failure);
	tcase_add_test(t, what_waits_when_it_opens_is_told_at_once);
	tcase_add_test(t, a_harmless_call_tries);
	tcase_add_test(t, a_try_that_fails_opens_again);
	tcase_add_test(t, the_end_concludes_what_waits);
	suite_add_tcase(s, t);
	return run_suite(s);
}
