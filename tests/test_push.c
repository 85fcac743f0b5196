/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogues that we open: what becomes of each push that leaves, told once, counted once, noted once. Those that do not leave
 * are in test_push_unsent.c, results that come late and go on in a push in test_push_late.c. */
#include "tests/push_world.h"
#include "tests/run_suite.h"

START_TEST(a_pushed_menu_is_answered_and_goes_on)
{
	uint32_t id = push("*123*1#", NULL);
	size_t i = newest_push(DIALECT_SAY_PUSH);

	ck_assert_ptr_nonnull(strstr(w.answer[i].text, "Agree?"));
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY);
	check_notice("push sending ");
	world_confirm(&w, i, DIALOGUE_DELIVERED);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY);
	ck_assert_ptr_nonnull(strstr(world_type(&w, JANE, "1"), "Your full name?"));
	ck_assert(!w.answer[w.n_answers - 1].is_push);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_ANSWERED);
	check_notice("push sent answered");
	world_type(&w, JANE, "Jane Doe");
	ck_assert_ptr_nonnull(strstr(world_type(&w, JANE, "Nakuru"), "is yours"));
	ck_assert_uint_eq(rows_of(JANE).n, 1);
	check_row(0, "completed", "push answered", false);
	check_books();
	ck_assert_uint_eq(world_counters(&w).begun, 0);
	ck_assert_uint_eq(world_counters(&w).completed, 1);
}
END_TEST

START_TEST(an_answer_that_overtakes_the_response_is_one)
{
	uint32_t id = push("*123*1#", NULL);
	size_t i = newest_push(DIALECT_SAY_PUSH);

	world_say(&w, DIALECT_CONTINUE, JANE, "1");
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_ANSWERED);
	world_confirm(&w, i, DIALOGUE_DELIVERED);
	ck_assert_ptr_nonnull(strstr(world_screen(&w), "Your full name?"));
	world_say(&w, DIALECT_ABORT, JANE, "");
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_ANSWERED);
	check_books();
}
END_TEST

START_TEST(promise_4_a_copy_of_the_answer_to_a_push_runs_nothing)
{
	uint32_t id = push("*123*1#", NULL);
	struct dialogue_input in;
	size_t before;

	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_DELIVERED);
	in = world_input(&w, DIALECT_CONTINUE, JANE, "1");
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	before = w.n_answers;
	in.connection = w.connection = 2;
	in.sequence = ++w.sequence;
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	ck_assert_uint_eq(world_counters(&w).duplicates, 1);
	ck_assert_uint_eq(w.n_answers, before + 1);
	ck_assert_str_eq(w.answer[before].text, w.answer[before - 1].text);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_ANSWERED);
}
END_TEST

START_TEST(a_text_is_delivered_when_the_phone_says_so)
{
	uint32_t id = push(NULL, "Your bundle ends today.");
	size_t i = newest_push(DIALECT_SAY_NOTIFY);

	ck_assert_str_eq(w.answer[i].text, "Your bundle ends today.");
	world_confirm(&w, i, DIALOGUE_DELIVERED);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY);
	world_say(&w, DIALECT_ACK, JANE, "");
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_DELIVERED);
	world_say(&w, DIALECT_ACK, JANE, ""); /* a copy of it */
	check_row(0, "completed", "push delivered", false);
	check_books();
}
END_TEST

/* The dialect has an acknowledgement, and it does not come: that is not "delivered". */
START_TEST(a_text_that_no_phone_acknowledges_is_not_confirmed)
{
	uint32_t id = push(NULL, "Your bundle ends today.");

	world_confirm(&w, newest_push(DIALECT_SAY_NOTIFY), DIALOGUE_DELIVERED);
	world_wait(&w, WAIT_MS + 100);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNCONFIRMED);
	ck_assert_str_eq(dialogue_push_fate_name(fate_of(id)), "not confirmed");
	world_say(&w, DIALECT_ACK, JANE, ""); /* too late */
	check_row(0, "timeout", "push not confirmed", false);
	check_books();
}
END_TEST

START_TEST(without_acknowledgements_the_smsc_is_taken_at_its_word)
{
	uint32_t id;

	for (size_t i = 0; i < w.dialect.n_ops; i++)
		if (w.dialect.op_in[i].kind == DIALECT_ACK)
			w.dialect.op_in[i].kind = DIALECT_CONTINUE;
	id = push(NULL, "Your bundle ends today.");
	world_confirm(&w, newest_push(DIALECT_SAY_NOTIFY), DIALOGUE_DELIVERED);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_DELIVERED);
	check_books();
}
END_TEST

START_TEST(a_menu_that_only_ends_is_a_text)
{
	uint32_t id;

	world_dial(&w, JANE, "*123*1#");
	world_type(&w, JANE, "1");
	world_type(&w, JANE, "Jane Doe");
	world_type(&w, JANE, "Nakuru");
	id = push("*123*1#", NULL);
	ck_assert_str_eq(w.answer[newest_push(DIALECT_SAY_NOTIFY)].text, "You have joined already.");
	world_confirm(&w, w.n_answers - 1, DIALOGUE_DELIVERED);
	world_say(&w, DIALECT_ACK, JANE, "");
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_DELIVERED);
	check_row(0, "completed", "push delivered", false);
	ck_assert_uint_eq(rows_of(JANE).n, 2);
}
END_TEST

START_TEST(a_refusal_has_its_status_and_is_not_repeated)
{
	uint32_t id = push("*123#", NULL);
	struct dialogue_push_state s;
	uint64_t token = w.answer[newest_push(DIALECT_SAY_PUSH)].token;

	w.answer[w.n_answers - 1].token = 0;
	dialogue_sent(w.dialogues, token, DIALOGUE_REFUSED, 0x0b);
	ck_assert(dialogue_push_read(w.dialogues, id, &s));
	ck_assert_int_eq(s.fate, DIALOGUE_PUSH_REFUSED);
	ck_assert_uint_eq(s.status, 0x0b);
	world_wait(&w, 120000);
	ck_assert_uint_eq(w.n_answers, 1);
	check_row(0, "lost", "push refused", false);
	check_notice("push rejected refused");
	check_books();
}
END_TEST

START_TEST(throttled_pushes_go_out_again_for_some_seconds)
{
	uint32_t id = push("*123#", NULL);

	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_RETRY);
	world_wait(&w, 100);
	ck_assert_uint_eq(w.n_answers, 2);
	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_DELIVERED);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY);
	world_type(&w, JANE, "1");
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_ANSWERED);
}
END_TEST

START_TEST(no_answer_in_time)
{
	uint32_t id = push("*123#", NULL);

	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_DELIVERED);
	world_wait(&w, WAIT_MS - 100);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY);
	world_wait(&w, 200);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_NO_ANSWER);
	check_row(0, "timeout", "push no answer", false);
	check_books();
}
END_TEST

START_TEST(an_smsc_that_does_not_answer)
{
	uint32_t id = push("*123#", NULL);

	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_UNKNOWN);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY); /* it may be on the phone */
	world_wait(&w, WAIT_MS + 100);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNKNOWN);
	ck_assert_uint_eq(w.n_answers, 1);
	check_row(0, "lost", "push unknown", false);
	id = push("*123#", NULL);
	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_UNKNOWN);
	world_type(&w, JANE, "1"); /* and was */
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_ANSWERED);
}
END_TEST

static const struct {
	enum dialect_cause cause;
	enum dialogue_push_fate fate;
	const char *outcome, *detail;
} aborts[] = {
	{DIALECT_CAUSE_SUBSCRIBER, DIALOGUE_PUSH_CANCELLED, "cancelled", "push cancelled"},
	{DIALECT_CAUSE_NETWORK, DIALOGUE_PUSH_ABSENT, "timeout", "push absent"},
	{DIALECT_CAUSE_UNKNOWN, DIALOGUE_PUSH_NO_ANSWER, "cancelled", "push no answer"},
};

START_TEST(an_abort_before_the_answer)
{
	uint32_t id = push("*123#", NULL);
	struct dialogue_input in = world_input(&w, DIALECT_ABORT, JANE, "");

	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_DELIVERED);
	in.event.cause = aborts[_i].cause;
	dialogue_receive(w.dialogues, &in);
	ck_assert_int_eq(fate_of(id), aborts[_i].fate);
	check_row(0, aborts[_i].outcome, aborts[_i].detail, false);
	ck_assert_uint_eq(rows_of(JANE).n, 1);
	check_books();
}
END_TEST

START_TEST(somebody_dials_meanwhile)
{
	uint32_t id = push("*123*1#", NULL);

	ck_assert_ptr_nonnull(strstr(world_dial(&w, JANE, "*123#"), "Hello"));
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_REPLACED);
	world_confirm(&w, 0, DIALOGUE_REFUSED); /* of the push: nobody cares any more */
	ck_assert_ptr_nonnull(strstr(world_type(&w, JANE, "1"), "Agree?"));
	world_say(&w, DIALECT_ABORT, JANE, "");
	check_row(1, "replaced", "push replaced", false);
	check_row(0, "cancelled", "", true);
	check_books();
}
END_TEST

START_TEST(what_comes_late_of_the_dialogue_before_does_not_touch_a_push)
{
	struct dialogue_input last, over;
	uint32_t id;

	w.its = 0x0900;
	w.numbers = true;
	world_dial(&w, JANE, "*123#");
	last = world_input(&w, DIALECT_CONTINUE, JANE, "1");
	over = world_input(&w, DIALECT_ABORT, JANE, "");
	dialogue_receive(w.dialogues, &last);
	world_settle(&w);
	(void)world_screen(&w);
	dialogue_receive(w.dialogues, &over);
	id = push("*123#", NULL);
	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_DELIVERED);
	over.sequence = ++w.sequence;
	last.sequence = ++w.sequence;
	dialogue_receive(w.dialogues, &over); /* again, and late */
	dialogue_receive(w.dialogues, &last);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY);
	ck_assert_uint_eq(world_counters(&w).old_sessions, 2);
	w.its = 0x0a00;
	ck_assert_ptr_nonnull(strstr(world_type(&w, JANE, "1"), "Agree?"));
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_ANSWERED);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("push");
	TCase *t = tcase_create("push");

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_pushed_menu_is_answered_and_goes_on);
	tcase_add_test(t, an_answer_that_overtakes_the_response_is_one);
	tcase_add_test(t, promise_4_a_copy_of_the_answer_to_a_push_runs_nothing);
	tcase_add_test(t, a_text_is_delivered_when_the_phone_says_so);
	tcase_add_test(t, a_text_that_no_phone_acknowledges_is_not_confirmed);
	tcase_add_test(t, without_acknowledgements_the_smsc_is_taken_at_its_word);
	tcase_add_test(t, a_menu_that_only_ends_is_a_text);
	tcase_add_test(t, a_refusal_has_its_status_and_is_not_repeated);
	tcase_add_test(t, throttled_pushes_go_out_again_for_some_seconds);
	tcase_add_test(t, no_answer_in_time);
	tcase_add_test(t, an_smsc_that_does_not_answer);
	tcase_add_loop_test(t, an_abort_before_the_answer, 0, (int)(sizeof(aborts) / sizeof(aborts[0])));
	tcase_add_test(t, somebody_dials_meanwhile);
	tcase_add_test(t, what_comes_late_of_the_dialogue_before_does_not_touch_a_push);
	return run_suite(s);
}
