/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated handset as a judge of promise 4 (one answer for each turn; a duplicate changes nothing): it must
 * notice what an ESME does wrong, and must not blame it for what a lost connection makes right. */
#include <check.h>
#include <string.h>

#include "tests/run_suite.h"
#include "tools/smsc_phone.h"
#include "tools/smsc_steps.h"

static struct smsc_phone phone;

static void set_up(void)
{
	smsc_phone_init(&phone, 0, 254700000001, 40);
	ck_assert_int_eq(smsc_phone_dial(&phone, "*123*1#", 7), RC_OK);
	smsc_phone_sent(&phone);
}

/* An answer that gives back the session of the phone's present unit, `behind` turns earlier. */
static enum smsc_verdict answer(uint8_t op, const char *text, int behind)
{
	struct smsc_sm sm = {.text = (const uint8_t *)text,
	                     .text_len = strlen(text),
	                     .has_op = true,
	                     .op = op,
	                     .has_session = true};

	sm.session[0] = phone.session;
	sm.session[1] = (uint8_t)((phone.number - 2 * behind) | (op == SMSC_OP_END));
	return smsc_phone_judge(&phone, &sm);
}

static void type(const char *text)
{
	ck_assert_int_eq(smsc_phone_type(&phone, text), RC_OK);
	smsc_phone_sent(&phone);
}

START_TEST(a_dialogue_goes_from_begin_to_end)
{
	struct smsc_sm sm;

	smsc_phone_message(&phone, &sm);
	ck_assert_str_eq(sm.service_type, "USSD");
	ck_assert_str_eq(sm.source.digits, "254700000001");
	ck_assert_str_eq(sm.dest.digits, "123");
	ck_assert_mem_eq(sm.text, "*123*1#", 7);
	ck_assert_uint_eq(sm.op, SMSC_OP_BEGIN);
	ck_assert_uint_eq(sm.session[0], 41);
	ck_assert_uint_eq(sm.session[1], 0);
	ck_assert_uint_eq(sm.reference, 7);
	ck_assert_int_eq(smsc_phone_type(&phone, "1"), RC_STATE);
	ck_assert_int_eq(answer(SMSC_OP_ASK, "Name?", 0), SMSC_IS_SCREEN);
	type("Jane");
	smsc_phone_message(&phone, &sm);
	ck_assert_uint_eq(sm.op, SMSC_OP_TYPED);
	ck_assert_uint_eq(sm.session[0], 41);
	ck_assert_uint_eq(sm.session[1], 2);
	ck_assert_int_eq(answer(SMSC_OP_END, "Thanks", 0), SMSC_IS_END);
	ck_assert_int_eq(phone.turn, SMSC_TURN_NONE);
	ck_assert_int_eq(smsc_phone_type(&phone, "1"), RC_STATE);
}
END_TEST

START_TEST(end_bit_ends_whatever_the_operation)
{
	struct smsc_sm sm = {.has_op = true, .op = SMSC_OP_ASK, .has_session = true, .session = {41, 1}};

	ck_assert_int_eq(smsc_phone_judge(&phone, &sm), SMSC_IS_END);
}
END_TEST

START_TEST(cancellation_says_so)
{
	struct smsc_sm sm;

	ck_assert_int_eq(answer(SMSC_OP_ASK, "Name?", 0), SMSC_IS_SCREEN);
	ck_assert_int_eq(smsc_phone_cancel(&phone), RC_OK);
	smsc_phone_message(&phone, &sm);
	ck_assert_uint_eq(sm.op, SMSC_OP_CANCELLED);
	ck_assert_uint_eq(sm.session[1], 3);
	ck_assert_int_eq(smsc_phone_cancel(&phone), RC_STATE);
	ck_assert_int_eq(answer(SMSC_OP_ASK, "Name?", 0), SMSC_IS_STRAY);
}
END_TEST

START_TEST(second_answer_is_noticed)
{
	ck_assert_int_eq(answer(SMSC_OP_ASK, "Name?", 0), SMSC_IS_SCREEN);
	ck_assert_int_eq(answer(SMSC_OP_ASK, "Name?", 0), SMSC_IS_SECOND);
	type("Jane");
	ck_assert_int_eq(answer(SMSC_OP_ASK, "Name?", 1), SMSC_IS_SECOND);
	ck_assert_int_eq(answer(SMSC_OP_ASK, "Town?", 0), SMSC_IS_SCREEN);
}
END_TEST

START_TEST(repeated_input_is_answered_the_same)
{
	ck_assert_int_eq(answer(SMSC_OP_ASK, "Name?", 0), SMSC_IS_SCREEN);
	smsc_phone_sent(&phone);
	smsc_phone_sent(&phone);
	ck_assert_int_eq(answer(SMSC_OP_ASK, "Name?", 0), SMSC_IS_REPEAT);
	ck_assert_int_eq(answer(SMSC_OP_ASK, "Town?", 0), SMSC_IS_OTHER_REPEAT);
	ck_assert_int_eq(answer(SMSC_OP_ASK, "Name?", 0), SMSC_IS_SECOND);
}
END_TEST

START_TEST(late_repeat_of_an_earlier_turn_is_right_once)
{
	smsc_phone_sent(&phone);
	ck_assert_int_eq(answer(SMSC_OP_ASK, "Name?", 0), SMSC_IS_SCREEN);
	type("Jane");
	ck_assert_int_eq(answer(SMSC_OP_ASK, "Name?", 1), SMSC_IS_LATE);
	ck_assert_int_eq(answer(SMSC_OP_ASK, "Name?", 1), SMSC_IS_SECOND);
}
END_TEST

START_TEST(answer_of_an_older_dialogue_is_stray)
{
	struct smsc_sm old = {.has_op = true, .op = SMSC_OP_ASK, .has_session = true, .session = {41, 0}};

	ck_assert_int_eq(answer(SMSC_OP_END, "Bye", 0), SMSC_IS_END);
	ck_assert_int_eq(smsc_phone_dial(&phone, "*123#", 8), RC_OK);
	smsc_phone_sent(&phone);
	ck_assert_int_eq(smsc_phone_judge(&phone, &old), SMSC_IS_STRAY);
	ck_assert_int_eq(answer(SMSC_OP_ASK, "Name?", 0), SMSC_IS_SCREEN);
}
END_TEST

START_TEST(answer_that_came_too_late_is_right_once)
{
	struct smsc_sm old = {.has_op = true, .op = SMSC_OP_ASK, .has_session = true, .session = {41, 0}};

	smsc_phone_lose(&phone); /* what a phone does when its answer does not come */
	ck_assert_int_eq(smsc_phone_dial(&phone, "*123#", 8), RC_OK);
	smsc_phone_sent(&phone);
	ck_assert_int_eq(smsc_phone_judge(&phone, &old), SMSC_IS_LATE);
}
END_TEST

START_TEST(operation_must_be_an_answer)
{
	ck_assert_int_eq(answer(SMSC_OP_BEGIN, "?", 0), SMSC_IS_WRONG_OP);
	ck_assert_int_eq(answer(0x17, "?", 0), SMSC_IS_WRONG_OP); /* 17 taken for hexadecimal */
	ck_assert_int_eq(phone.turn, SMSC_TURN_NETWORK);
}
END_TEST

START_TEST(lost_connection_leaves_the_input_wanted)
{
	struct smsc_sm before, after;

	smsc_phone_message(&phone, &before);
	phone.acked = true;
	ck_assert(smsc_phone_unsettled(&phone));
	smsc_phone_disturb(&phone);
	smsc_phone_sent(&phone);
	smsc_phone_message(&phone, &after);
	ck_assert_mem_eq(&before, &after, sizeof before);
	ck_assert_int_eq(answer(SMSC_OP_END, "Bye", 0), SMSC_IS_END);
	ck_assert(!smsc_phone_unsettled(&phone));
	ck_assert(phone.disturbed);
}
END_TEST

START_TEST(input_has_its_alphabet)
{
	struct smsc_sm sm;

	ck_assert_int_eq(answer(SMSC_OP_ASK, "Name?", 0), SMSC_IS_SCREEN);
	type("\xd0\x96"); /* a Cyrillic letter */
	smsc_phone_message(&phone, &sm);
	ck_assert_uint_eq(sm.data_coding, 8);
	ck_assert_uint_eq(sm.text_len, 2);
	ck_assert_mem_eq(sm.text, "\x04\x16", 2);
}
END_TEST

START_TEST(steps_are_read)
{
	struct smsc_steps s;

	ck_assert_int_eq(smsc_steps_parse(&s, "*123#,1,a\\,b,,~dup,~drop,~dial:*1#,~cancel,~sms:JOIN us"),
	                 RC_OK);
	ck_assert_uint_eq(s.n, 9);
	ck_assert_int_eq(s.at[0].kind, SMSC_STEP_DIAL);
	ck_assert_int_eq(s.at[1].kind, SMSC_STEP_TYPE);
	ck_assert_str_eq(s.at[2].text, "a,b");
	ck_assert_str_eq(s.at[3].text, "");
	ck_assert_int_eq(s.at[4].kind, SMSC_STEP_DUP);
	ck_assert_int_eq(s.at[5].kind, SMSC_STEP_DROP);
	ck_assert_int_eq(s.at[6].kind, SMSC_STEP_DIAL);
	ck_assert_str_eq(s.at[6].text, "*1#");
	ck_assert_int_eq(s.at[7].kind, SMSC_STEP_CANCEL);
	ck_assert_int_eq(s.at[8].kind, SMSC_STEP_SMS);
	ck_assert_str_eq(s.at[8].text, "JOIN us");
	smsc_steps_fini(&s);
	ck_assert_int_eq(smsc_steps_parse(&s, "*123#,~nothing"), RC_SYNTAX);
	ck_assert_int_eq(smsc_steps_parse(&s, "*123#,~dial:"), RC_SYNTAX);
	ck_assert_int_eq(smsc_steps_parse(&s, ""), RC_SYNTAX);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("smsc_phone");
	TCase *tc = tcase_create("phone");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, a_dialogue_goes_from_begin_to_end);
	tcase_add_test(tc, end_bit_ends_whatever_the_operation);
	tcase_add_test(tc, cancellation_says_so);
	tcase_add_test(tc, second_answer_is_noticed);
	tcase_add_test(tc, repeated_input_is_answered_the_same);
	tcase_add_test(tc, late_repeat_of_an_earlier_turn_is_right_once);
	tcase_add_test(tc, answer_of_an_older_dialogue_is_stray);
	tcase_add_test(tc, answer_that_came_too_late_is_right_once);
	tcase_add_test(tc, operation_must_be_an_answer);
	tcase_add_test(tc, lost_connection_leaves_the_input_wanted);
	tcase_add_test(tc, input_has_its_alphabet);
	tcase_add_test(tc, steps_are_read);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
