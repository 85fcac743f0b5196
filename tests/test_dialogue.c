/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogues: turns, duplicates, deadlines, losses, resumption, overload, SMS. The subscriber is one number unless a
 * test needs two. */
#include "tests/dialogue_world.h"
#include "tests/run_suite.h"

#define JANE 254700000001
#define JOHN 254700000002

static struct world w;

static void ck_screen(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "screen: %s\nexpected: %s", text, part);
}

static void open_plain(void)
{
	world_open(&w, "");
}

static void shut(void)
{
	world_close(&w);
}

/* Up to the question for the town. */
static void answer_until_town(int64_t msisdn)
{
	ck_screen(world_dial(&w, msisdn, "*123#"), "Hello friend\n1 Get 100 MB free");
	ck_screen(world_type(&w, msisdn, "1"), "Agree?\n1 Yes\n2 No");
	ck_screen(world_type(&w, msisdn, "1"), "Your full name?");
	ck_screen(world_type(&w, msisdn, "Jane Doe"), "Your town?");
}

START_TEST(promise_1_the_final_screen_leaves_after_the_commit_and_not_before)
{
	struct dialogue_input in;

	answer_until_town(JANE);
	in = world_input(&w, DIALECT_CONTINUE, JANE, "Nakuru");
	dialogue_receive(w.dialogues, &in);
	ck_assert_str_ne(w.answer[world_newest(&w)].text, "Thanks Jane Doe! 100 MB is yours.");
	world_settle(&w);
	ck_assert_uint_eq(world_sms_count(&w), 1);
	ck_assert_str_eq(w.answer[world_newest(&w)].text, "Thanks Jane Doe! 100 MB is yours.");
	ck_assert(w.answer[world_newest(&w)].last);
	ck_assert(w.answer[w.n_answers - 1].is_sms);
	ck_assert_uint_eq(world_counters(&w).registered, 1);
	ck_assert_uint_eq(world_counters(&w).granted, 1);
	ck_assert_uint_eq(world_counters(&w).completed, 0);
	world_screen(&w);
	ck_assert_uint_eq(world_counters(&w).completed, 1);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 0);
}
END_TEST

START_TEST(promise_2_a_second_time_gives_nothing)
{
	answer_until_town(JANE);
	world_type(&w, JANE, "Nakuru");
	ck_screen(world_dial(&w, JANE, "*123*1#"), "You have joined already.");
	ck_assert_uint_eq(world_counters(&w).granted, 1);
	/* A subscriber who stopped and comes again is asked again, and not paid again. */
	ck_screen(world_dial(&w, JANE, "*123#"), "Hello Jane Doe");
	ck_screen(world_type(&w, JANE, "2"), "Stopped.");
	answer_until_town(JANE);
	ck_screen(world_type(&w, JANE, "Nakuru"), "You have had this gift before.");
	ck_assert_uint_eq(world_counters(&w).granted, 1);
	ck_assert_uint_eq(world_counters(&w).again, 1);
	ck_assert_uint_eq(world_sms_count(&w), 1);
}
END_TEST

START_TEST(promise_3_every_input_gets_one_response)
{
	answer_until_town(JANE);
	world_type(&w, JANE, "Nakuru");
	ck_assert_uint_eq(w.n_responses, 5);
	for (uint32_t i = 0; i < 5; i++) {
		ck_assert_uint_eq(w.response[i].sequence, i + 1);
		ck_assert_uint_eq(w.response[i].status, PDU_ROK);
	}
}
END_TEST

START_TEST(promise_4_the_same_words_twice_are_two_inputs_once_the_answer_was_confirmed)
{
	world_dial(&w, JANE, "*123#");
	world_type(&w, JANE, "1");
	ck_screen(world_type(&w, JANE, "1"), "Your full name?");
	ck_assert_uint_eq(world_counters(&w).duplicates, 0);
}
END_TEST

START_TEST(promise_4_a_copy_while_we_are_at_it_changes_nothing)
{
	struct dialogue_input in, copy;
	size_t before;

	answer_until_town(JANE);
	in = world_input(&w, DIALECT_CONTINUE, JANE, "Nakuru");
	copy = in;
	copy.sequence = ++w.sequence;
	before = w.n_answers;
	dialogue_receive(w.dialogues, &in);
	dialogue_receive(w.dialogues, &copy);
	world_settle(&w);
	ck_assert_uint_eq(w.n_answers, before + 2); /* one SMS, one screen */
	ck_assert_uint_eq(world_counters(&w).duplicates, 1);
	ck_assert_uint_eq(world_counters(&w).granted, 1);
	ck_assert_uint_eq(w.n_responses, 6);
}
END_TEST

START_TEST(promise_4_after_a_loss_the_stored_answer_goes_out_again)
{
	size_t before;

	world_dial(&w, JANE, "*123#");
	world_say(&w, DIALECT_CONTINUE, JANE, "1");
	world_confirm(&w, w.n_answers - 1, DIALOGUE_UNKNOWN);
	before = w.n_answers;
	w.connection++;
	world_say(&w, DIALECT_CONTINUE, JANE, "1");
	ck_assert_uint_eq(w.n_answers, before + 1);
	ck_assert_str_eq(w.answer[before].text, w.answer[before - 1].text);
	ck_assert_uint_eq(world_counters(&w).duplicates, 1);
	ck_screen(world_screen(&w), "Agree?");
	ck_screen(world_type(&w, JANE, "1"), "Your full name?");
}
END_TEST

START_TEST(promise_4_a_gateway_that_numbers_its_inputs_shows_its_copies)
{
	struct dialogue_input in;
	size_t before;

	w.numbers = true;
	world_dial(&w, JANE, "*123#");
	in = world_input(&w, DIALECT_CONTINUE, JANE, "1");
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	ck_screen(world_screen(&w), "Agree?");
	before = w.n_answers;
	in.sequence = ++w.sequence;
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	ck_assert_uint_eq(w.n_answers, before + 1);
	ck_screen(world_screen(&w), "Agree?");
}
END_TEST

START_TEST(promise_4_the_last_input_again_gets_the_last_screen_again)
{
	answer_until_town(JANE);
	ck_screen(world_type(&w, JANE, "Nakuru"), "is yours.");
	ck_screen(world_type(&w, JANE, "Nakuru"), "is yours.");
	ck_assert_uint_eq(world_counters(&w).granted, 1);
	ck_assert_uint_eq(world_counters(&w).duplicates, 1);
	ck_assert_uint_eq(world_counters(&w).completed, 1);
}
END_TEST

START_TEST(promise_4_an_input_in_our_turn_is_no_answer)
{
	struct dialogue_input in;

	answer_until_town(JANE);
	in = world_input(&w, DIALECT_CONTINUE, JANE, "Nakuru");
	dialogue_receive(w.dialogues, &in);
	in = world_input(&w, DIALECT_CONTINUE, JANE, "Mombasa");
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	ck_assert_uint_eq(world_counters(&w).wrong_turn, 1);
	ck_screen(world_screen(&w), "is yours.");
}
END_TEST

START_TEST(promise_5_a_dialogue_ends_on_the_menu_on_which_it_began)
{
	struct findings *f = findings_new();
	char *changed = strdup(world_menu), *place;
	int n = 0;

	answer_until_town(JANE);
	place = strstr(changed, "is yours.");
	memcpy(place, "IS HERE!!", 9);
	world_write(&w, "join.conf", changed);
	ck_assert_int_eq(services_reload(w.services, f, &n), RC_OK);
	ck_assert_int_eq(n, 1);
	ck_screen(world_type(&w, JANE, "Nakuru"), "is yours.");
	answer_until_town(JOHN);
	ck_screen(world_type(&w, JOHN, "Nakuru"), "IS HERE!!");
	free(changed);
	findings_free(f);
}
END_TEST

START_TEST(promise_5_an_invalid_file_changes_nothing)
{
	struct findings *f = findings_new();
	int n = 0;

	world_write(&w, "join.conf", "code = \"*123#\"; screenz = { };");
	ck_assert_int_eq(services_reload(w.services, f, &n), RC_SYNTAX);
	ck_assert_uint_gt(findings_errors(f), 0);
	ck_screen(world_dial(&w, JANE, "*123#"), "Hello friend");
	findings_free(f);
}
END_TEST

START_TEST(a_new_begin_ends_the_old_dialogue)
{
	answer_until_town(JANE);
	ck_screen(world_dial(&w, JANE, "*123#"), "1 Continue\n2 Start again");
	ck_assert_uint_eq(world_counters(&w).replaced, 1);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 1);
}
END_TEST

START_TEST(a_drop_can_be_gone_on_from)
{
	answer_until_town(JANE);
	world_say(&w, DIALECT_ABORT, JANE, "");
	ck_assert_uint_eq(world_counters(&w).cancelled, 1);
	ck_screen(world_dial(&w, JANE, "*123#"), "Continue where you stopped?");
	ck_screen(world_type(&w, JANE, "1"), "Your town?");
	ck_screen(world_type(&w, JANE, "Nakuru"), "Thanks Jane Doe! 100 MB is yours.");
}
END_TEST

START_TEST(a_drop_is_forgotten_after_resume)
{
	answer_until_town(JANE);
	world_say(&w, DIALECT_ABORT, JANE, "");
	world_wait(&w, 15 * 60 * 1000 + 1000);
	ck_screen(world_dial(&w, JANE, "*123#"), "Hello Jane Doe");
}
END_TEST

START_TEST(silence_ends_a_dialogue_and_keeps_its_answers)
{
	answer_until_town(JANE);
	world_wait(&w, 181 * 1000);
	ck_assert_uint_eq(world_counters(&w).idle, 1);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 0);
	ck_screen(world_dial(&w, JANE, "*123#"), "Continue where you stopped?");
}
END_TEST

START_TEST(an_answer_to_nothing_begins_anew_and_offers_to_go_on)
{
	ck_screen(world_type(&w, JANE, "1"), "Hello friend");
	ck_assert_uint_eq(world_counters(&w).stray, 1);
}
END_TEST

START_TEST(an_unknown_code_is_said_to_be_one)
{
	struct dialogue_input in = world_input(&w, DIALECT_BEGIN, JANE, "*999#");

	snprintf(in.event.code, sizeof(in.event.code), "999");
	dialogue_receive(w.dialogues, &in);
	ck_screen(world_screen(&w), "not in use");
	ck_assert(w.answer[0].last);
	ck_assert_uint_eq(world_counters(&w).unrouted, 1);
}
END_TEST

START_TEST(a_slow_commit_is_answered_in_time_and_its_result_comes_by_sms)
{
	struct dialogue_input in;
	size_t before;

	answer_until_town(JANE);
	in = world_input(&w, DIALECT_CONTINUE, JANE, "Nakuru");
	before = w.n_answers;
	dialogue_receive(w.dialogues, &in);
	clock_fake_advance(&w.clock, 2501);
	dialogue_tick(w.dialogues);
	ck_assert_uint_eq(w.n_answers, before + 1);
	ck_assert_str_eq(w.answer[before].text, "This takes a little longer. We will text you the result.");
	ck_assert(w.answer[before].last);
	world_settle(&w);
	ck_assert_uint_eq(world_sms_count(&w), 1);
	ck_assert_str_eq(w.answer[w.n_answers - 1].text, "Thanks Jane Doe! 100 MB for 7 days.");
	ck_assert_uint_eq(world_counters(&w).granted, 1);
}
END_TEST

/* The disk hangs: what was asked once waits, and the loop rests meanwhile. */
START_TEST(a_store_that_says_nothing_is_not_asked_each_millisecond)
{
	dialogue_tick(w.dialogues);
	clock_fake_advance(&w.clock, 70000);
	dialogue_tick(w.dialogues); /* asks all that is asked now and then */
	clock_fake_advance(&w.clock, 70000);
	dialogue_tick(w.dialogues);
	ck_assert_int_eq(dialogue_tick(w.dialogues), 1000);
}
END_TEST

START_TEST(a_slow_record_gets_the_apology)
{
	struct dialogue_input in = world_input(&w, DIALECT_BEGIN, JANE, "*123#");

	dialogue_receive(w.dialogues, &in);
	clock_fake_advance(&w.clock, 2501);
	dialogue_tick(w.dialogues);
	ck_assert_uint_eq(w.n_answers, 1);
	ck_assert(w.answer[0].last);
	ck_assert_uint_eq(world_counters(&w).apologies, 1);
	world_settle(&w);
	ck_assert_uint_eq(w.n_answers, 1);
}
END_TEST

START_TEST(a_phone_that_hangs_up_during_the_commit_is_told_by_sms)
{
	struct dialogue_input in;

	answer_until_town(JANE);
	in = world_input(&w, DIALECT_CONTINUE, JANE, "Nakuru");
	dialogue_receive(w.dialogues, &in);
	world_say(&w, DIALECT_ABORT, JANE, "");
	ck_assert_uint_eq(world_sms_count(&w), 1);
	ck_assert_uint_eq(world_counters(&w).granted, 1);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 0);
}
END_TEST

START_TEST(a_throttled_answer_is_sent_again_and_only_it)
{
	world_say(&w, DIALECT_BEGIN, JANE, "*123#");
	world_confirm(&w, 0, DIALOGUE_RETRY);
	ck_assert_uint_eq(w.n_answers, 1);
	world_wait(&w, 50);
	ck_assert_uint_eq(w.n_answers, 2);
	ck_assert_str_eq(w.answer[0].text, w.answer[1].text);
	ck_assert_uint_eq(world_counters(&w).begun, 1);
	ck_screen(world_screen(&w), "Hello friend");
	ck_screen(world_type(&w, JANE, "1"), "Agree?");
}
END_TEST

START_TEST(an_answer_that_cannot_be_delivered_is_given_up)
{
	w.refuse = RC_CLOSED;
	world_say(&w, DIALECT_BEGIN, JANE, "*123#");
	world_wait(&w, 10000);
	ck_assert_uint_eq(world_counters(&w).lost, 1);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 0);
}
END_TEST

START_TEST(a_refused_answer_ends_the_dialogue)
{
	world_say(&w, DIALECT_BEGIN, JANE, "*123#");
	world_confirm(&w, 0, DIALOGUE_REFUSED);
	ck_assert_uint_eq(world_counters(&w).lost, 1);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 0);
}
END_TEST

START_TEST(the_next_input_proves_that_the_answer_was_seen)
{
	world_say(&w, DIALECT_BEGIN, JANE, "*123#"); /* no confirmation yet */
	world_say(&w, DIALECT_CONTINUE, JANE, "1");
	ck_screen(w.answer[1].text, "Agree?");
	world_confirm(&w, 0, DIALOGUE_DELIVERED);
	ck_screen(world_screen(&w), "Agree?");
	ck_screen(world_type(&w, JANE, "1"), "Your full name?");
}
END_TEST

START_TEST(promise_10_overload_sheds_new_ones_politely)
{
	world_dial(&w, JANE, "*123#");
	world_dial(&w, JOHN, "*123#");
	ck_screen(world_dial(&w, 254700000003, "*123#"), "try again in a few minutes");
	ck_assert(w.answer[w.n_answers - 1].last);
	ck_assert_uint_eq(world_counters(&w).shed, 1);
	ck_screen(world_type(&w, JANE, "1"), "Agree?");
	dialogue_drain(w.dialogues);
	ck_screen(world_type(&w, JOHN, "1"), "Agree?");
}
END_TEST

START_TEST(an_sms_keyword_walks_the_same_screens)
{
	world_say(&w, DIALECT_SMS, JANE, "jiunge!");
	ck_screen(world_screen(&w), "Habari rafiki");
	world_say(&w, DIALECT_SMS, JANE, "1");
	ck_screen(world_screen(&w), "Sawa?");
	world_say(&w, DIALECT_SMS, JANE, "1");
	world_screen(&w);
	world_say(&w, DIALECT_SMS, JANE, "Jane Doe");
	ck_screen(world_screen(&w), "Mji wako?");
	world_say(&w, DIALECT_SMS, JANE, "Nakuru");
	ck_screen(world_screen(&w), "Asante Jane Doe! MB 100 ni zako.");
	ck_assert_uint_eq(w.n_answers, 5);
	ck_assert_uint_eq(w.n_responses, 5);
	ck_assert_uint_eq(world_counters(&w).granted, 1);
}
END_TEST

START_TEST(equal_texts_over_two_standing_binds_are_two_inputs)
{
	world_say(&w, DIALECT_SMS, JANE, "JOIN");
	world_screen(&w);
	world_say(&w, DIALECT_SMS, JANE, "1");
	ck_screen(world_screen(&w), "Agree?");
	w.oldest = w.connection++;
	world_say(&w, DIALECT_SMS, JANE, "1");
	ck_screen(world_screen(&w), "Your full name?");
	ck_assert_uint_eq(world_counters(&w).duplicates, 0);
}
END_TEST

START_TEST(promise_1_an_sms_is_acknowledged_after_its_commit)
{
	struct dialogue_input in;

	world_say(&w, DIALECT_SMS, JANE, "JOIN");
	world_screen(&w);
	world_say(&w, DIALECT_SMS, JANE, "1");
	world_screen(&w);
	in = world_input(&w, DIALECT_SMS, JANE, "1");
	dialogue_receive(w.dialogues, &in);
	ck_assert_uint_eq(w.n_responses, 2);
	world_settle(&w);
	ck_assert_uint_eq(w.n_responses, 3);
	ck_assert_uint_eq(w.response[2].status, PDU_ROK);
}
END_TEST

START_TEST(promise_7_stop_wins_and_is_confirmed_once)
{
	world_say(&w, DIALECT_SMS, JANE, "JOIN");
	world_screen(&w);
	world_say(&w, DIALECT_SMS, JANE, " stop.");
	ck_assert_uint_eq(w.n_answers, 2);
	world_screen(&w);
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	ck_assert_uint_eq(w.n_answers, 2);
	ck_assert_uint_eq(w.n_responses, 3);
	world_say(&w, DIALECT_SMS, JANE, "START");
	ck_assert_uint_eq(w.n_answers, 3);
}
END_TEST

START_TEST(promise_7_stop_wins_whatever_follows_and_on_every_screen)
{
	static const char *const texts[] = {"STOP please", "stop join", "S T O P", "\"Stop\"", "ACHA kabisa"};

	for (int64_t i = 0; i < (int64_t)(sizeof(texts) / sizeof(texts[0])); i++) {
		world_say(&w, DIALECT_SMS, JANE + i, "JOIN");
		world_screen(&w);
		world_say(&w, DIALECT_SMS, JANE + i, texts[i]);
		ck_screen(world_screen(&w), "no more messages");
	}
	world_dial(&w, JOHN + 100, "*123#");
	world_type(&w, JOHN + 100, "1");
	world_type(&w, JOHN + 100, "1");
	ck_screen(world_type(&w, JOHN + 100, "stop"), "no more messages");
	ck_assert(w.answer[world_newest(&w)].last);
	ck_screen(world_dial(&w, JOHN + 100, "*123#"), "Hello friend");
}
END_TEST

START_TEST(promise_7_who_stopped_gets_the_bonus_and_no_sms)
{
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	world_screen(&w);
	answer_until_town(JANE);
	ck_screen(world_type(&w, JANE, "Nakuru"), "is yours.");
	ck_assert_uint_eq(world_sms_count(&w), 1);
}
END_TEST

START_TEST(promise_4_what_comes_with_our_answer_is_no_answer_to_it)
{
	struct dialogue_input in;
	size_t before;

	dialogue_beat(w.dialogues);
	world_dial(&w, JANE, "*123#");
	dialogue_beat(w.dialogues);
	before = w.n_answers;
	for (int copy = 0; copy < 2; copy++) { /* two PDUs of one read */
		in = world_input(&w, DIALECT_CONTINUE, JANE, "1");
		dialogue_receive(w.dialogues, &in);
	}
	in = world_input(&w, DIALECT_CONTINUE, JANE, "2");
	dialogue_receive(w.dialogues, &in);
	ck_assert_uint_eq(w.n_answers, before + 1);
	ck_assert_uint_eq(world_counters(&w).duplicates, 1);
	ck_assert_uint_eq(world_counters(&w).wrong_turn, 1);
	dialogue_beat(w.dialogues);
	world_say(&w, DIALECT_CONTINUE, JANE, "1"); /* not confirmed yet, but seen: no consent by a copy */
	ck_screen(world_screen(&w), "Your full name?");
}
END_TEST

START_TEST(an_sms_that_nobody_waits_for_gets_help_once_a_minute)
{
	world_say(&w, DIALECT_SMS, JANE, "what is this");
	ck_assert_uint_eq(w.n_answers, 1);
	world_screen(&w);
	world_say(&w, DIALECT_SMS, JANE, "hello machine");
	ck_assert_uint_eq(w.n_answers, 1);
	ck_assert_uint_eq(w.n_responses, 2);
	world_wait(&w, 61000);
	world_say(&w, DIALECT_SMS, JANE, "hello again");
	ck_assert_uint_eq(w.n_answers, 2);
}
END_TEST

START_TEST(an_ended_dialogue_is_forgotten_in_the_end)
{
	world_dial(&w, JANE, "*123#");
	world_type(&w, JANE, "1");
	ck_screen(world_type(&w, JANE, "2"), "Nothing was saved");
	ck_assert_uint_eq(world_counters(&w).parked, 1);
	world_wait(&w, 61000);
	ck_assert_uint_eq(world_counters(&w).parked, 0);
}
END_TEST

static void open_small(void)
{
	world_open(&w, "ussd = { dialogues = 2; };");
}

int main(void)
{
	Suite *s = suite_create("dialogue");
	TCase *plain = tcase_create("plain"), *small = tcase_create("small");

	tcase_add_checked_fixture(plain, open_plain, shut);
	tcase_add_checked_fixture(small, open_small, shut);
	suite_add_tcase(s, plain);
	suite_add_tcase(s, small);
	tcase_add_test(plain, promise_1_the_final_screen_leaves_after_the_commit_and_not_before);
	tcase_add_test(plain, promise_2_a_second_time_gives_nothing);
	tcase_add_test(plain, promise_3_every_input_gets_one_response);
	tcase_add_test(plain, promise_4_the_same_words_twice_are_two_inputs_once_the_answer_was_confirmed);
	tcase_add_test(plain, promise_4_a_copy_while_we_are_at_it_changes_nothing);
	tcase_add_test(plain, promise_4_after_a_loss_the_stored_answer_goes_out_again);
	tcase_add_test(plain, promise_4_a_gateway_that_numbers_its_inputs_shows_its_copies);
	tcase_add_test(plain, promise_4_the_last_input_again_gets_the_last_screen_again);
	tcase_add_test(plain, promise_4_an_input_in_our_turn_is_no_answer);
	tcase_add_test(plain, promise_5_a_dialogue_ends_on_the_menu_on_which_it_began);
	tcase_add_test(plain, promise_5_an_invalid_file_changes_nothing);
	tcase_add_test(plain, a_new_begin_ends_the_old_dialogue);
	tcase_add_test(plain, a_drop_can_be_gone_on_from);
	tcase_add_test(plain, a_drop_is_forgotten_after_resume);
	tcase_add_test(plain, silence_ends_a_dialogue_and_keeps_its_answers);
	tcase_add_test(plain, an_answer_to_nothing_begins_anew_and_offers_to_go_on);
	tcase_add_test(plain, an_unknown_code_is_said_to_be_one);
	tcase_add_test(plain, a_slow_commit_is_answered_in_time_and_its_result_comes_by_sms);
	tcase_add_test(plain, a_store_that_says_nothing_is_not_asked_each_millisecond);
	tcase_add_test(plain, a_slow_record_gets_the_apology);
	tcase_add_test(plain, a_phone_that_hangs_up_during_the_commit_is_told_by_sms);
	tcase_add_test(plain, a_throttled_answer_is_sent_again_and_only_it);
	tcase_add_test(plain, an_answer_that_cannot_be_delivered_is_given_up);
	tcase_add_test(plain, a_refused_answer_ends_the_dialogue);
	tcase_add_test(plain, the_next_input_proves_that_the_answer_was_seen);
	tcase_add_test(small, promise_10_overload_sheds_new_ones_politely);
	tcase_add_test(plain, an_sms_keyword_walks_the_same_screens);
	tcase_add_test(plain, equal_texts_over_two_standing_binds_are_two_inputs);
	tcase_add_test(plain, promise_1_an_sms_is_acknowledged_after_its_commit);
	tcase_add_test(plain, promise_7_stop_wins_and_is_confirmed_once);
	tcase_add_test(plain, promise_7_stop_wins_whatever_follows_and_on_every_screen);
	tcase_add_test(plain, promise_7_who_stopped_gets_the_bonus_and_no_sms);
	tcase_add_test(plain, promise_4_what_comes_with_our_answer_is_no_answer_to_it);
	tcase_add_test(plain, an_sms_that_nobody_waits_for_gets_help_once_a_minute);
	tcase_add_test(plain, an_ended_dialogue_is_forgotten_in_the_end);
	return run_suite(s);
}
