/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogues when things go wrong at the same time: late results, copies on other links, a store that is full or
 * fails, words that cross. All of it at random is in test_dialogue_storm.c. */
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

static void open_file(void)
{
	world_open_on(&w, "", (struct world_store){.on_file = true});
}

static void open_household(void)
{
	world_open_on(
		&w, "relations = ( { type = \"household\"; expires = \"7d\"; } );",
		(struct world_store){
			.on_file = true,
			.menu = "code = \"*123#\"; languages = [ \"en\" ]; start = \"ask\";\n"
				"screens = {\n"
				"ask = { say = \"Whom? They see your number, like 0722000000. To leave: *123*2#\"; sorry = \"Their number, please.\";\n"
				"  invite = { to = \"household\"; sms = \"{other} asks you. Reply YES or NO. No more SMS: STOP\";\n"
				"    yes = \"You are in.\"; no = \"OK.\"; again = \"before\"; full = \"full\"; }; next = \"asked\"; };\n"
				"asked = { end = \"We ask them by SMS.\"; }; before = { end = \"You have asked them lately.\"; };\n"
				"full = { end = \"That is all for today.\"; };\n"
				"gone = { dial = \"*123*2#\"; withdraw = \"household\"; end = \"Done.\"; };\n"
				"};\n"});
}

static void shut(void)
{
	world_close(&w);
}

/* Give without waiting for anything. */
static uint32_t post(enum dialect_kind kind, int64_t msisdn, const char *text)
{
	struct dialogue_input in = world_input(&w, kind, msisdn, text);

	dialogue_receive(w.dialogues, &in);
	return in.sequence;
}

static size_t responses_to(uint32_t sequence)
{
	size_t n = 0;

	for (size_t i = 0; i < w.n_responses; i++)
		n += w.response[i].sequence == sequence;
	return n;
}

static uint32_t status_of(uint32_t sequence)
{
	for (size_t i = w.n_responses; i-- > 0;)
		if (w.response[i].sequence == sequence)
			return w.response[i].status;
	ck_abort_msg("no response to %u", sequence);
	return 0;
}

static size_t texts_with(const char *part)
{
	size_t n = 0;

	for (size_t i = 0; i < w.n_answers; i++)
		n += strstr(w.answer[i].text, part) != NULL;
	return n;
}

static void answer_until_town(int64_t msisdn)
{
	ck_screen(world_dial(&w, msisdn, "*123#"), "1 Get 100 MB free");
	ck_screen(world_type(&w, msisdn, "1"), "Agree?");
	ck_screen(world_type(&w, msisdn, "1"), "Your full name?");
	ck_screen(world_type(&w, msisdn, "Jane Doe"), "Your town?");
}

static void pass_time(int64_t ms)
{
	clock_fake_advance(&w.clock, ms);
	dialogue_tick(w.dialogues);
}

static struct query_counts counts(void)
{
	struct query *q;
	struct query_counts c;
	char why[256] = "";

	ck_assert_msg(query_open(w.store_path, &w.config->profile, &q, why, sizeof(why)) == RC_OK, "%s", why);
	ck_assert_int_eq(query_counts_read(q, &c), RC_OK);
	query_close(q);
	return c;
}

/* --- ended dialogues ---------------------------------------------------------------------------------------- */

START_TEST(promise_6_an_input_again_after_the_end_does_not_wake_the_dead)
{
	world_dial(&w, JANE, "*123#");
	ck_screen(world_type(&w, JANE, "1"), "Agree?");
	world_wait(&w, 181 * 1000);
	ck_screen(world_type(&w, JANE, "1"), "Continue where you stopped?");
	ck_screen(world_type(&w, JANE, "1"), "Agree?");
}
END_TEST

START_TEST(promise_6_an_input_again_after_a_refused_answer_begins_anew)
{
	world_dial(&w, JANE, "*123#");
	world_say(&w, DIALECT_CONTINUE, JANE, "1");
	world_confirm(&w, w.n_answers - 1, DIALOGUE_REFUSED);
	ck_screen(world_type(&w, JANE, "1"), "Continue where you stopped?");
	ck_screen(world_type(&w, JANE, "2"), "Hello friend");
}
END_TEST

START_TEST(promise_6_an_input_while_the_last_screen_is_under_way_begins_anew)
{
	answer_until_town(JANE);
	world_say(&w, DIALECT_CONTINUE, JANE, "Nakuru"); /* not confirmed */
	ck_screen(world_type(&w, JANE, "1"), "Hello Jane Doe");
	world_wait(&w, 181 * 1000);
	answer_until_town(JOHN);
	world_type(&w, JOHN, "Nakuru");
	world_say(&w, DIALECT_CONTINUE, JOHN, "Nakuru"); /* the last screen again, not confirmed */
	ck_screen(world_type(&w, JOHN, "1"), "Hello Jane Doe");
	ck_assert_uint_eq(world_counters(&w).apologies, 0);
}
END_TEST

/* Reports what is under way, and takes no find any more. The fate of an SMS cannot be told it after this. */
static void close_store(void)
{
	store_close(w.store);
	w.store = NULL;
	for (size_t i = 0; i < w.n_answers; i++)
		if (w.answer[i].is_sms)
			w.answer[i].token = 0;
}

START_TEST(promise_6_a_write_that_ends_after_its_dialogue_asks_for_nothing)
{
	answer_until_town(JANE);
	post(DIALECT_CONTINUE, JANE, "Nakuru");
	post(DIALECT_BEGIN, JANE, "*123#"); /* waits for the write */
	pass_time(2501);
	ck_screen(world_screen(&w), "ry again");
	close_store();
	ck_assert_uint_eq(dialogue_open(w.dialogues), 0);
}
END_TEST

START_TEST(promise_4_a_turn_that_was_given_up_is_not_answered_again)
{
	size_t before;

	answer_until_town(JANE);
	post(DIALECT_CONTINUE, JANE, "Nakuru");
	post(DIALECT_BEGIN, JANE, "*123#");
	pass_time(2501);
	before = w.n_answers;
	close_store();
	ck_assert_uint_eq(w.n_answers - world_sms_count(&w), before);
}
END_TEST

START_TEST(promise_6_very_many_copies_of_one_input)
{
	struct dialogue_input in = world_input(&w, DIALECT_BEGIN, JANE, "*123#");
	const size_t copies = UINT16_MAX;
	uint64_t *token = calloc(copies + 1, sizeof(*token));

	ck_assert_ptr_nonnull(token);
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	for (size_t i = 0; i <= copies; i++) {
		ck_assert_uint_eq(w.n_answers, 1);
		token[i] = w.answer[0].token;
		w.n_answers = w.n_responses = 0;
		w.connection = ++in.connection; /* the one before is gone */
		in.sequence++;
		clock_fake_advance(&w.clock, 101); /* within ussd.per_subscriber */
		if (i < copies)
			dialogue_receive(w.dialogues, &in);
	}
	post(DIALECT_ABORT, JANE, "");
	for (int i = 0; i < 3; i++) {
		pass_time(61000);
		world_settle(&w);
	}
	for (size_t i = 0; i <= copies; i++)
		dialogue_sent(w.dialogues, token[i], DIALOGUE_DELIVERED, 0);
	free(token);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 0);
}
END_TEST

/* --- SMS: one response for each message ------------------------------------------------------------------------ */

START_TEST(promise_3_a_copy_on_another_link_leaves_none_without_response)
{
	struct dialogue_input in = world_input(&w, DIALECT_SMS, JANE, "STOP"), copy = in;

	copy.sequence = ++w.sequence;
	copy.connection = 7;
	dialogue_receive(w.dialogues, &in);
	dialogue_receive(w.dialogues, &copy);
	world_settle(&w);
	ck_assert_uint_eq(responses_to(in.sequence), 1);
	ck_assert_uint_eq(responses_to(copy.sequence), 1);
	ck_assert_uint_eq(w.n_answers, 1);
}
END_TEST

START_TEST(promise_7_two_stops_in_one_breath_are_confirmed_once)
{
	uint32_t first = post(DIALECT_SMS, JANE, "STOP"), second;

	store_wait(w.store); /* the record; the commit is under way */
	second = post(DIALECT_SMS, JANE, "stop!");
	world_settle(&w);
	ck_assert_uint_eq(texts_with("START"), 1);
	ck_assert_uint_eq(responses_to(first), 1);
	ck_assert_uint_eq(responses_to(second), 1);
	ck_assert_uint_eq(status_of(first), PDU_ROK);
}
END_TEST

START_TEST(promise_7_no_other_text_overtakes_a_stop)
{
	uint32_t stop = post(DIALECT_SMS, JANE, "STOP"), join;

	store_wait(w.store); /* the record; the commit is under way */
	join = post(DIALECT_SMS, JANE, "JOIN");
	world_settle(&w);
	ck_assert_uint_eq(status_of(stop), PDU_ROK);
	ck_assert_uint_eq(status_of(join), PDU_RX_T_APPN);
	ck_assert_uint_eq(texts_with("START"), 1);
}
END_TEST

START_TEST(promise_7_stop_in_the_middle_of_a_commit)
{
	uint32_t town, stop;

	world_say(&w, DIALECT_SMS, JANE, "JOIN");
	world_say(&w, DIALECT_SMS, JANE, "1");
	world_say(&w, DIALECT_SMS, JANE, "1");
	world_say(&w, DIALECT_SMS, JANE, "Jane Doe");
	town = post(DIALECT_SMS, JANE, "Nakuru");
	stop = post(DIALECT_SMS, JANE, "STOP");
	world_settle(&w);
	ck_assert_uint_eq(responses_to(town), 1);
	ck_assert_uint_eq(responses_to(stop), 1);
	ck_assert_uint_eq(status_of(stop), PDU_ROK);
	ck_assert_uint_eq(world_counters(&w).granted, 1);
	ck_assert_uint_eq(texts_with("START"), 1);
}
END_TEST

/* An SMS that comes while the disk is full. */
static void given_back(const char *text)
{
	uint32_t sequence;

	world_disk_full(true);
	sequence = post(DIALECT_SMS, JANE, text);
	world_settle(&w);
	world_disk_full(false);
	ck_assert_uint_eq(status_of(sequence), PDU_RX_T_APPN);
}

START_TEST(promise_7_stop_while_the_disk_is_full)
{
	uint32_t sequence;

	given_back("STOP");
	ck_assert_uint_eq(w.n_answers, 0);
	sequence = post(DIALECT_SMS, JANE, "STOP");
	world_settle(&w);
	ck_assert_uint_eq(status_of(sequence), PDU_ROK);
	ck_assert_uint_eq(texts_with("START"), 1);
}
END_TEST

START_TEST(promise_3_an_sms_that_was_given_back_is_taken_the_next_time)
{
	given_back("HELP");
	world_say(&w, DIALECT_SMS, JANE, "HELP");
	ck_assert_uint_eq(w.n_answers, 1);
	world_say(&w, DIALECT_SMS, JANE, "JOIN");
	ck_screen(world_screen(&w), "Hello friend");
	world_say(&w, DIALECT_SMS, JANE, "1");
	ck_screen(world_screen(&w), "Agree?");
	given_back("1");
	world_say(&w, DIALECT_SMS, JANE, "1");
	ck_screen(world_screen(&w), "Your full name?");
	ck_assert_int_eq(counts().consents, 1);
}
END_TEST

START_TEST(a_failed_write_of_the_old_dialogue_does_not_fail_the_new_one)
{
	answer_until_town(JANE);
	world_wait(&w, 300);
	world_disk_full(true);
	post(DIALECT_CONTINUE, JANE, "Nakuru");
	post(DIALECT_BEGIN, JANE, "*123#");
	store_wait(w.store);
	world_disk_full(false);
	world_settle(&w);
	ck_screen(world_screen(&w), "Continue where you stopped?");
	ck_screen(world_type(&w, JANE, "1"), "Your town?");
	ck_screen(world_type(&w, JANE, "Nakuru"), "is yours.");
	ck_assert_int_eq(counts().grants_granted, 1);
}
END_TEST

/* --- what is kept ------------------------------------------------------------------------------------------------ */

START_TEST(a_redial_before_the_record_is_there_keeps_the_place)
{
	answer_until_town(JANE);
	world_say(&w, DIALECT_ABORT, JANE, "");
	post(DIALECT_BEGIN, JANE, "*123#");
	post(DIALECT_ABORT, JANE, "");
	world_settle(&w);
	ck_screen(world_dial(&w, JANE, "*123#"), "Continue where you stopped?");
}
END_TEST

START_TEST(an_sms_keeps_the_place_in_a_ussd_dialogue)
{
	answer_until_town(JANE);
	world_say(&w, DIALECT_ABORT, JANE, "");
	world_say(&w, DIALECT_SMS, JANE, "HELP");
	ck_screen(world_dial(&w, JANE, "*123#"), "Continue where you stopped?");
}
END_TEST

START_TEST(a_keyword_cut_short_does_not_change_a_chosen_language)
{
	answer_until_town(JANE);
	world_say(&w, DIALECT_ABORT, JANE, "");
	post(DIALECT_SMS, JANE, "JIUNGE");
	post(DIALECT_SMS, JANE, "STOP");
	world_settle(&w);
	world_wait(&w, 16 * 60 * 1000);
	ck_screen(world_dial(&w, JANE, "*123#"), "Hello Jane Doe");
}
END_TEST

START_TEST(promise_8_who_takes_back_what_was_granted_is_forgotten)
{
	answer_until_town(JANE);
	world_wait(&w, 300);
	world_say(&w, DIALECT_ABORT, JANE, "");
	world_wait(&w, 16 * 60 * 1000);
	ck_screen(world_dial(&w, JANE, "*123#"), "Hello Jane Doe");
	ck_screen(world_type(&w, JANE, "2"),
	          "Stopped."); /* what was agreed to is not asked again: it is taken back */
	ck_screen(world_dial(&w, JANE, "*123#"), "Hello friend");
}
END_TEST

START_TEST(promise_8_a_refusal_counts_for_what_was_told_on_the_other_channel)
{
	world_dial(&w, JANE, "*123#");
	ck_screen(world_type(&w, JANE, "1"), "Agree?");
	world_say(&w, DIALECT_SMS, JANE, "JOIN");
	world_say(&w, DIALECT_SMS, JANE, "1");
	world_say(&w, DIALECT_SMS, JANE, "1");
	world_say(&w, DIALECT_SMS, JANE, "Jane Doe");
	ck_screen(world_screen(&w), "Your town?");
	ck_screen(world_type(&w, JANE, "2"), "Nothing was saved.");
	ck_screen(world_dial(&w, JANE, "*123#"), "Hello friend");
}
END_TEST

START_TEST(each_dialogue_is_one_interaction_also_when_it_fails)
{
	post(DIALECT_BEGIN, JANE, "*123#");
	pass_time(2501);
	ck_screen(world_screen(&w), "ry again");
	world_settle(&w);
	ck_assert_int_eq(counts().interactions, 1);
	answer_until_town(JOHN);
	world_wait(&w, 300);
	post(DIALECT_CONTINUE, JOHN, "Nakuru");
	pass_time(2501);
	ck_screen(world_screen(&w), "takes a little longer");
	world_settle(&w);
	ck_assert_int_eq(counts().interactions, 2);
	ck_assert_int_eq(counts().grants_granted, 1);
}
END_TEST

START_TEST(the_sms_of_the_screen_in_place_of_a_late_result_is_sent)
{
	struct findings *f = findings_new();
	char menu[8192];
	const char *later = strstr(world_menu, "later = {");
	int changed = 0;

	snprintf(menu, sizeof(menu), "%.*slater = { sms = [ \"Patience.\", \"Subira.\" ];%s",
	         (int)(later - world_menu), world_menu, later + strlen("later = {"));
	world_write(&w, "join.conf", menu);
	ck_assert_int_eq(services_reload(w.services, f, &changed), RC_OK);
	ck_assert_int_eq(changed, 1);
	findings_free(f);
	answer_until_town(JANE);
	post(DIALECT_CONTINUE, JANE, "Nakuru");
	pass_time(2501);
	ck_screen(world_screen(&w), "takes a little longer");
	world_settle(&w);
	/* one at a time, in their order */
	ck_assert_uint_eq(texts_with("Patience.") + texts_with("100 MB for 7 days."), 1);
	world_confirm(&w, w.n_answers - 1, DIALOGUE_DELIVERED);
	world_wait(&w, 2000);
	ck_assert_uint_eq(texts_with("Patience."), 1);
	ck_assert_uint_eq(texts_with("100 MB for 7 days."), 1);
}
END_TEST

/* Whoever had it and joins again: late or not, nobody is told that it is given now. */
START_TEST(promise_1_a_late_result_of_what_was_given_before_says_so)
{
	answer_until_town(JANE);
	ck_screen(world_type(&w, JANE, "Nakuru"), "100 MB is yours");
	ck_screen(w.answer[w.n_answers - 1].text, "100 MB for 7 days");
	world_confirm(&w, w.n_answers - 1, DIALOGUE_DELIVERED); /* the next SMS waits for it */
	world_dial(&w, JANE, "*123#");
	ck_screen(world_type(&w, JANE, "2"), "Stopped.");
	answer_until_town(JANE);
	post(DIALECT_CONTINUE, JANE, "Nakuru");
	pass_time(2501);
	ck_screen(world_screen(&w), "takes a little longer");
	world_settle(&w);
	ck_assert_int_eq(counts().grants_granted, 1);
	ck_assert_uint_eq(texts_with("100 MB is yours"), 1); /* the first time's */
	ck_assert_uint_eq(texts_with("You have had this gift before."), 1);
}
END_TEST

/* What was promised, "we will text you the result", comes for an invitation as for a gift. */
START_TEST(a_late_invitation_is_told_by_what_became_of_it)
{
	static const char *const results[] = {"We ask them by SMS.", "You have asked them lately."};

	for (size_t i = 0; i < 2; i++) {
		ck_screen(world_dial(&w, JANE, "*123#"), "Whom?");
		post(DIALECT_CONTINUE, JANE, "0700000002");
		pass_time(2501);
		ck_screen(world_screen(&w), "takes a little longer");
		world_settle(&w);
		for (size_t k = 0; k < w.n_answers; k++) /* the next SMS waits for it */
			if (w.answer[k].token != 0)
				world_confirm(&w, k, DIALOGUE_DELIVERED);
		world_settle(&w);
		ck_assert_uint_eq(texts_with(results[i]), 1);
	}
	ck_assert_uint_eq(texts_with("asks you."), 1);
	ck_assert_uint_eq(texts_with("went wrong"), 0);
}
END_TEST

/* Taking back the consent to it leaves, too; that screen says one thing, whatever there was to leave. */
START_TEST(a_late_withdrawal_says_what_its_screen_says)
{
	post(DIALECT_BEGIN, JANE, "*123*2#");
	store_wait(w.store); /* the record */
	pass_time(2501);
	ck_screen(world_screen(&w), "takes a little longer");
	world_settle(&w);
	ck_assert_uint_eq(texts_with("Done."), 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dialogue_faults");
	TCase *plain = tcase_create("plain"), *file = tcase_create("file"),
	      *household = tcase_create("household");

	tcase_add_checked_fixture(plain, open_plain, shut);
	tcase_add_checked_fixture(file, open_file, shut);
	suite_add_tcase(s, plain);
	tcase_add_checked_fixture(household, open_household, shut);
	suite_add_tcase(s, file);
	suite_add_tcase(s, household);
	tcase_set_timeout(plain, 60);
	tcase_set_timeout(file, 60);
	tcase_add_test(plain, promise_6_an_input_again_after_the_end_does_not_wake_the_dead);
	tcase_add_test(plain, promise_6_an_input_again_after_a_refused_answer_begins_anew);
	tcase_add_test(plain, promise_6_an_input_while_the_last_screen_is_under_way_begins_anew);
	tcase_add_test(plain, promise_6_a_write_that_ends_after_its_dialogue_asks_for_nothing);
	tcase_add_test(plain, promise_4_a_turn_that_was_given_up_is_not_answered_again);
	tcase_add_test(plain, promise_6_very_many_copies_of_one_input);
	tcase_add_test(plain, promise_3_a_copy_on_another_link_leaves_none_without_response);
	tcase_add_test(plain, promise_7_two_stops_in_one_breath_are_confirmed_once);
	tcase_add_test(plain, promise_7_no_other_text_overtakes_a_stop);
	tcase_add_test(plain, promise_7_stop_in_the_middle_of_a_commit);
	tcase_add_test(file, promise_7_stop_while_the_disk_is_full);
	tcase_add_test(file, promise_3_an_sms_that_was_given_back_is_taken_the_next_time);
	tcase_add_test(file, a_failed_write_of_the_old_dialogue_does_not_fail_the_new_one);
	tcase_add_test(plain, a_redial_before_the_record_is_there_keeps_the_place);
	tcase_add_test(plain, an_sms_keeps_the_place_in_a_ussd_dialogue);
	tcase_add_test(plain, a_keyword_cut_short_does_not_change_a_chosen_language);
	tcase_add_test(plain, promise_8_who_takes_back_what_was_granted_is_forgotten);
	tcase_add_test(plain, promise_8_a_refusal_counts_for_what_was_told_on_the_other_channel);
	tcase_add_test(file, each_dialogue_is_one_interaction_also_when_it_fails);
	tcase_add_test(plain, the_sms_of_the_screen_in_place_of_a_late_result_is_sent);
	tcase_add_test(file, promise_1_a_late_result_of_what_was_given_before_says_so);
	tcase_add_test(household, a_late_invitation_is_told_by_what_became_of_it);
	tcase_add_test(household, a_late_withdrawal_says_what_its_screen_says);
	return run_suite(s);
}
