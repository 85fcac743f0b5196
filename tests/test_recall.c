/* SPDX-License-Identifier: GPL-3.0-or-later */
/* STOP and what is on its way (promise 7): a push or an SMS that we began and that was not written to a socket yet never is; what
 * was written, and what was asked for, takes its course. */
#include "tests/dialogue_world.h"
#include "tests/run_suite.h"

#define JANE INT64_C(254700000001)

static struct world w;

static void setup(void)
{
	world_open(&w, "");
}

static void teardown(void)
{
	world_close(&w);
}

static uint32_t push(const char *code, const char *text)
{
	const struct dialogue_push p = {.msisdn = JANE, .code = code, .text = text, .wait_ms = 60000};
	uint32_t id = 0;

	ck_assert_int_eq(dialogue_push(w.dialogues, &p, &id), RC_OK);
	world_settle(&w);
	ck_assert(w.answer[w.n_answers - 1].is_push);
	return id;
}

static enum dialogue_push_fate fate_of(uint32_t id)
{
	struct dialogue_push_state s;

	ck_assert(dialogue_push_read(w.dialogues, id, &s));
	return s.fate;
}

/* The link has much to send, and the push waits on it; by itself it would leave long after STOP. */
START_TEST(promise_7_stop_takes_back_a_push_that_waits_on_the_link)
{
	uint32_t id = push(_i == 0 ? "*123#" : NULL, _i == 0 ? NULL : "Hello");
	size_t i = w.n_answers - 1;

	w.queues = true;
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	ck_assert_uint_eq(w.answer[i].token, 0);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_STOPPED);
	world_wait(&w, 10000);
	for (size_t k = i + 1; k < w.n_answers; k++)
		ck_assert(!w.answer[k].is_push);
	ck_assert_uint_eq(world_counters(&w).open, 0);
}
END_TEST

static struct notices_counters notices(void)
{
	struct notices_counters c;

	dialogue_notices_read(w.dialogues, &c);
	return c;
}

/* The SMS of the bonus: number of what was handed over. */
static size_t join_and_get_an_sms(int64_t msisdn)
{
	size_t i;

	world_dial(&w, msisdn, "*123*1#");
	world_type(&w, msisdn, "1");
	world_type(&w, msisdn, "Jane Doe");
	world_type(&w, msisdn, "Nakuru");
	for (i = w.n_answers; i > 0 && !(w.answer[i - 1].is_sms && w.answer[i - 1].msisdn == msisdn);)
		i--;
	ck_assert_uint_gt(i, 0);
	ck_assert_ptr_nonnull(strstr(w.answer[i - 1].text, "Thanks Jane"));
	return i - 1;
}

/* On the link, or waiting for its next try: an SMS that they did not just ask for stays away, that of others does not. */
START_TEST(promise_7_stop_takes_back_sms_that_wait)
{
	size_t mine = join_and_get_an_sms(JANE), others = join_and_get_an_sms(JANE + 1), after;

	w.queues = true;
	if (_i == 1)
		world_confirm(&w, mine, DIALOGUE_NOT_SENT);
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	ck_assert_uint_eq(w.answer[mine].token, 0);
	ck_assert_uint_ne(w.answer[others].token, 0);
	ck_assert_uint_eq(notices().recalled, 1);
	ck_assert_uint_eq(notices().waiting, 2); /* the other one's, and the confirmation of STOP */
	ck_assert(w.answer[w.n_answers - 1].is_sms);
	ck_assert_uint_ne(w.answer[w.n_answers - 1].token, 0);
	after = w.n_answers;
	world_wait(&w, 20000);
	ck_assert_uint_eq(w.n_answers, after);
}
END_TEST

/* All of join.conf is answered, and the bonus is on its way into the store. */
static void answers_all(void)
{
	struct dialogue_input in;

	world_dial(&w, JANE, "*123*1#");
	world_type(&w, JANE, "1");
	world_type(&w, JANE, "Jane Doe");
	in = world_input(&w, DIALECT_CONTINUE, JANE, "Nakuru");
	dialogue_receive(w.dialogues, &in);
}

/* Their STOP comes while the bonus is being stored: its SMS would leave after it. */
START_TEST(promise_7_stop_forestalls_an_sms_that_is_being_stored)
{
	struct dialogue_input in;

	answers_all();
	in = world_input(&w, DIALECT_SMS, JANE, "STOP");
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	ck_assert_uint_eq(notices().recalled, 1);
	for (size_t i = 0; i < w.n_answers; i++)
		ck_assert(!w.answer[i].is_sms || strstr(w.answer[i].text, "Thanks") == NULL);
	ck_assert_uint_eq(world_sms_count(&w), 1); /* STOP is confirmed */
}
END_TEST

/* They were told that the result comes by SMS, and say STOP before it does: they have it, and nothing is sent. */
START_TEST(promise_7_a_promised_result_does_not_come_after_stop)
{
	struct dialogue_input in;

	answers_all();
	clock_fake_advance(&w.clock, 2600); /* the store is slow */
	dialogue_tick(w.dialogues);
	ck_assert_ptr_nonnull(strstr(world_screen(&w), "takes a little longer"));
	if (_i == 0) {
		in = world_input(&w, DIALECT_SMS, JANE, "STOP");
		dialogue_receive(w.dialogues, &in);
	}
	world_settle(&w);
	world_wait(&w, 10000);
	for (size_t i = 0; i < w.n_answers; i++)
		ck_assert(_i == 1 || !w.answer[i].is_sms || strstr(w.answer[i].text, "100 MB") == NULL);
	ck_assert_uint_eq(world_sms_count(&w), 1); /* the confirmation; without STOP the result */
	ck_assert_uint_eq(world_counters(&w).late_answers, 1);
}
END_TEST

/* What they asked for by SMS a moment ago is an answer. */
START_TEST(stop_takes_back_no_answer)
{
	world_say(&w, DIALECT_SMS, JANE, "JOIN");
	w.queues = true;
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	ck_assert_uint_eq(notices().recalled, 0);
	ck_assert_uint_eq(notices().waiting, 2);
}
END_TEST

START_TEST(what_is_written_already_is_not_taken_back)
{
	uint32_t id = push("*123#", NULL);

	world_say(&w, DIALECT_SMS, JANE, "STOP");
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY);
	world_confirm(&w, 0, DIALOGUE_DELIVERED);
	world_say(&w, DIALECT_ABORT, JANE, "");
	ck_assert_uint_eq(world_counters(&w).open, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("recall");
	TCase *t = tcase_create("recall");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, promise_7_stop_takes_back_a_push_that_waits_on_the_link, 0, 2);
	tcase_add_test(t, what_is_written_already_is_not_taken_back);
	tcase_add_loop_test(t, promise_7_stop_takes_back_sms_that_wait, 0, 2);
	tcase_add_test(t, promise_7_stop_forestalls_an_sms_that_is_being_stored);
	tcase_add_loop_test(t, promise_7_a_promised_result_does_not_come_after_stop, 0, 2);
	tcase_add_test(t, stop_takes_back_no_answer);
	suite_add_tcase(s, t);
	return run_suite(s);
}
