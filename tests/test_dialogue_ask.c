/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns that ask others: apps and facts, in time, late, wrong and never; who is told when somebody is gone; and what is
 * counted on each screen. */
#include "tests/dialogue_world.h"
#include "tests/run_suite.h"

#define JANE 254700000001
#define JOHN 254700000002

static const char menu[] =
	"code = \"*123#\"; keywords = [ \"JOIN\" ]; languages = [ \"en\", \"sw\" ]; start = \"home\"; resume = \"15m\";\n"
	"screens = {\n"
	"home = { say = \"Hello {name|friend}\"; menu = ( ( \"Shop\", \"shop\" ), ( \"Bundles\", \"mine\" ),"
	" ( \"Join\", \"agree\" ), ( \"Bonus\", \"sure\" ) ); };\n"
	"sure = { say = \"A bonus?\"; menu = ( ( \"Yes\", \"gift\" ), ( \"No\", \"bye\" ) ); };\n"
	"shop = { app = { url = \"http://127.0.0.1:9/ussd\"; speaks = \"hubtel\"; within = \"2s\"; else = \"sorry\"; }; };\n"
	"mine = { say = \"You have {bundles|nothing}.\"; menu = ( ( \"Home\", \"home\" ) );"
	" facts = { within = \"1s\"; else = \"sorry\"; }; };\n"
	"agree = { say = \"Acme keeps your answers to serve you. Stop: *123#. Agree?\"; consent = { to = \"profile\"; yes = ( \"Yes\", \"name\" ); no = ( \"No\", \"bye\" ); }; };\n"
	"name = { say = \"Your name?\"; ask = { save = \"name\"; as = \"name\"; length = [ 2, 40 ]; }; next = \"shop\"; };\n"
	"gift = { give = { bundle = \"100MB\"; once = \"join\"; else = \"sorry\"; }; end = \"100 MB is yours.\"; };\n"
	"sorry = { end = \"Not now.\"; };\n"
	"bye = { withdraw = \"profile\"; end = \"Bye.\"; };\n"
	"};\n";

static struct world w;

static void ck_screen(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "screen: %s\nexpected: %s", text, part);
}

static void open_world(bool on_file)
{
	struct findings *f = findings_new();
	int changed;

	world_open_on(&w, "", (struct world_store){.on_file = on_file});
	world_write(&w, "join.conf", menu);
	if (services_reload(w.services, f, &changed) != RC_OK) {
		findings_print(f, stderr);
		ck_abort_msg("menu");
	}
	findings_free(f);
}

static void open_plain(void)
{
	open_world(false);
}

static void open_file(void)
{
	open_world(true);
}

static void shut(void)
{
	world_close(&w);
}

static void post(enum dialect_kind kind, int64_t msisdn, const char *text)
{
	struct dialogue_input in = world_input(&w, kind, msisdn, text);

	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
}

static void pass_time(int64_t ms)
{
	clock_fake_advance(&w.clock, ms);
	dialogue_tick(w.dialogues);
	world_settle(&w);
}

static void enter_shop(int64_t msisdn)
{
	ck_screen(world_dial(&w, msisdn, "*123#"), "1 Shop");
	post(DIALECT_CONTINUE, msisdn, "1");
}

/* --- apps ------------------------------------------------------------------------------------------------------ */

START_TEST(an_app_is_visited_from_first_to_last)
{
	enter_shop(JANE);
	ck_assert_uint_eq(w.n_calls, 1);
	ck_assert(w.call[0].first);
	ck_assert_str_eq(w.call[0].code, "*123#");
	ck_assert_str_eq(w.call[0].input, "");
	ck_assert_str_eq(w.call[0].chain, "");
	ck_assert_uint_eq(w.call[0].sequence, 1);
	ck_assert_uint_eq(w.call[0].within_ms, 2000);
	ck_assert_uint_eq(w.n_answers, 1);
	world_app_says(&w, 0, RC_OK, "What? 1 Tea 2 Rice", false);
	ck_screen(world_screen(&w), "What? 1 Tea 2 Rice");
	post(DIALECT_CONTINUE, JANE, "****");
	ck_assert(!w.call[1].first);
	ck_assert_str_eq(w.call[1].input, "****");
	ck_assert_str_eq(w.call[1].chain, "****");
	world_app_says(&w, 1, RC_OK, "How many?", false);
	world_screen(&w);
	post(DIALECT_CONTINUE, JANE, "0"); /* no key of ours in there */
	ck_assert_str_eq(w.call[2].chain, "*****0");
	ck_assert_str_eq(w.call[2].session, w.call[0].session);
	ck_assert_uint_eq(w.call[2].sequence, 3);
	world_app_says(&w, 2, RC_OK, "Thanks.", true);
	ck_screen(world_screen(&w), "Thanks.");
	ck_assert(w.answer[w.n_answers - 1].last);
	ck_assert_uint_eq(w.n_calls, 3); /* it knows that it is over */
	ck_assert_uint_eq(dialogue_open(w.dialogues), 0);
	ck_assert_uint_eq(world_counters(&w).completed, 1);
	enter_shop(JANE);
	ck_assert_str_ne(w.call[3].session, w.call[0].session);
	ck_assert_uint_eq(w.call[3].sequence, 1);
}
END_TEST

START_TEST(promise_6_a_slow_app_gets_else_and_its_late_answer_is_dropped)
{
	enter_shop(JANE);
	pass_time(1999);
	ck_assert_uint_eq(w.n_answers, 1);
	pass_time(1);
	ck_screen(world_screen(&w), "Not now.");
	ck_assert_uint_eq(world_counters(&w).app_slow, 1);
	world_app_says(&w, 0, RC_OK, "What?", false);
	ck_assert_uint_eq(w.n_answers, 2);
	ck_assert_uint_eq(world_counters(&w).app_late, 1);
}
END_TEST

static const enum rc faults[] = {RC_BUSY, RC_IO, RC_SYNTAX, RC_CLOSED};

START_TEST(an_app_that_fails_gets_else)
{
	enter_shop(JANE);
	world_app_says(&w, 0, faults[_i], NULL, false);
	ck_screen(world_screen(&w), "Not now.");
	ck_assert_uint_eq(world_counters(&w).app_slow, faults[_i] == RC_BUSY);
	ck_assert_uint_eq(world_counters(&w).app_failed, faults[_i] != RC_BUSY);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 0);
}
END_TEST

START_TEST(an_app_that_cannot_be_asked_gets_else_at_once)
{
	w.refuse_app = RC_FULL;
	enter_shop(JANE);
	ck_screen(world_screen(&w), "Not now.");
	ck_assert_uint_eq(world_counters(&w).app_failed, 1);
}
END_TEST

START_TEST(promise_4_a_copy_while_an_app_is_asked_runs_nothing)
{
	struct dialogue_input in;

	ck_screen(world_dial(&w, JANE, "*123#"), "1 Shop");
	in = world_input(&w, DIALECT_CONTINUE, JANE, "1");
	dialogue_receive(w.dialogues, &in);
	in.sequence = ++w.sequence; /* the same again, here and on another link */
	dialogue_receive(w.dialogues, &in);
	in.sequence = ++w.sequence;
	in.connection = 9;
	dialogue_receive(w.dialogues, &in);
	in = world_input(&w, DIALECT_CONTINUE, JANE, "2"); /* not an answer to a screen */
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	ck_assert_uint_eq(w.n_calls, 1);
	ck_assert_uint_eq(world_counters(&w).duplicates, 2);
	ck_assert_uint_eq(world_counters(&w).wrong_turn, 1);
	ck_assert_uint_eq(w.n_responses, 5);
	world_app_says(&w, 0, RC_OK, "What?", false);
	ck_assert_uint_eq(w.n_answers, 2);
	ck_screen(world_screen(&w), "What?");
}
END_TEST

START_TEST(who_leaves_an_app_is_reported_to_it)
{
	enter_shop(JANE); /* while it is asked */
	post(DIALECT_ABORT, JANE, "");
	ck_assert_uint_eq(w.n_calls, 2);
	ck_assert(w.call[1].closes);
	ck_assert(!w.call[1].first);
	ck_assert_str_eq(w.call[1].session, w.call[0].session);
	world_app_says(&w, 1, RC_OK, "", true);
	world_app_says(&w, 0, RC_OK, "What?", false);
	ck_assert_uint_eq(world_counters(&w).app_late, 1);
	ck_assert_uint_eq(w.n_answers, 1);
	enter_shop(JOHN); /* while its screen is shown */
	world_app_says(&w, 2, RC_OK, "What?", false);
	world_screen(&w);
	world_wait(&w, 181 * 1000);
	ck_assert_uint_eq(w.n_calls, 4);
	ck_assert(w.call[3].closes);
	ck_assert_uint_eq(world_counters(&w).app_closed, 2);
	ck_assert_uint_eq(world_counters(&w).idle, 1);
}
END_TEST

START_TEST(a_redial_out_of_an_app_offers_to_visit_it_again)
{
	enter_shop(JANE);
	world_app_says(&w, 0, RC_OK, "What?", false);
	world_screen(&w);
	ck_screen(world_dial(&w, JANE, "*123#"), "Continue where you stopped?");
	ck_assert_uint_eq(w.n_calls, 2); /* told that the first visit is over */
	ck_assert(w.call[1].closes);
	post(DIALECT_CONTINUE, JANE, "1");
	ck_assert(w.call[2].first);
	ck_assert_str_ne(w.call[2].session, w.call[0].session);
}
END_TEST

START_TEST(what_was_answered_is_stored_while_an_app_is_asked)
{
	struct query *q;
	struct query_counts c;
	char why[256];

	ck_screen(world_dial(&w, JANE, "*123#"), "Shop");
	world_type(&w, JANE, "3");
	world_type(&w, JANE, "1");
	post(DIALECT_CONTINUE, JANE, "Jane Doe");
	ck_assert_uint_eq(w.n_calls, 1);
	pass_time(201);
	ck_assert_int_eq(query_open(w.store_path, &w.config->profile, &q, why, sizeof(why)), RC_OK);
	ck_assert_int_eq(query_counts_read(q, &c), RC_OK);
	ck_assert_int_eq(c.consents, 1);
	query_close(q);
	world_app_says(&w, 0, RC_OK, "What?", true);
	ck_screen(world_screen(&w), "What?");
	ck_screen(world_dial(&w, JANE, "*123#"), "Hello Jane Doe");
}
END_TEST

START_TEST(answers_lost_while_an_app_is_asked_end_with_the_apology)
{
	ck_screen(world_dial(&w, JANE, "*123#"), "Shop");
	world_type(&w, JANE, "3");
	world_type(&w, JANE, "1");
	post(DIALECT_CONTINUE, JANE, "Jane Doe");
	world_disk_full(true);
	pass_time(201);
	world_disk_full(false);
	world_app_says(&w, 0, RC_OK, "What?", false);
	world_settle(&w);
	ck_screen(world_screen(&w), "ry again");
	ck_assert_uint_eq(w.n_calls, 2); /* the app is told */
	ck_assert(w.call[1].closes);
}
END_TEST

START_TEST(an_sms_visits_an_app_and_is_acknowledged_once_answered)
{
	post(DIALECT_SMS, JANE, "JOIN");
	ck_screen(world_screen(&w), "1 Shop");
	post(DIALECT_SMS, JANE, "1");
	ck_assert_uint_eq(w.n_calls, 1);
	ck_assert_uint_eq(w.n_responses, 1);
	world_app_says(&w, 0, RC_OK, "What?", false);
	world_settle(&w);
	ck_assert_uint_eq(w.n_responses, 2);
	ck_screen(world_screen(&w), "What?");
	post(DIALECT_SMS, JANE, "Tea");
	ck_assert_str_eq(w.call[1].chain, "Tea");
	post(DIALECT_SMS, JANE, "STOP"); /* does not wait for any app */
	ck_assert(w.call[2].closes);
	ck_screen(world_screen(&w), "START");
	world_app_says(&w, 1, RC_OK, "How many?", false);
	ck_assert_uint_eq(world_counters(&w).app_late, 1);
}
END_TEST

START_TEST(an_sms_that_is_given_back_asks_the_app_in_the_same_place_again)
{
	post(DIALECT_SMS, JANE, "JOIN");
	post(DIALECT_SMS, JANE, "1");
	world_app_says(&w, 0, RC_OK, "What?", false);
	world_settle(&w);
	post(DIALECT_SMS, JANE, "Tea");
	world_disk_full(true);
	world_app_says(&w, 1, RC_OK, "Thanks.", true); /* its end cannot be stored */
	world_settle(&w);
	world_disk_full(false);
	ck_assert_uint_eq(w.response[w.n_responses - 1].status, PDU_RX_T_APPN);
	post(DIALECT_SMS, JANE, "Tea");
	ck_assert_uint_eq(w.n_calls, 3);
	ck_assert_str_eq(w.call[2].chain, "Tea");
	ck_assert_uint_eq(w.call[2].sequence, w.call[1].sequence);
	ck_assert_str_eq(w.call[2].session, w.call[0].session);
	world_app_says(&w, 2, RC_OK, "Thanks.", true);
	world_settle(&w);
	ck_screen(world_screen(&w), "Thanks.");
}
END_TEST

START_TEST(a_long_sms_reaches_its_app_whole)
{
	struct dialogue_input in = world_input(&w, DIALECT_SMS, JANE, "Te");
	char text[1100];

	post(DIALECT_SMS, JANE, "JOIN");
	ck_screen(world_screen(&w), "1 Shop");
	post(DIALECT_SMS, JANE, "1");
	world_app_says(&w, 0, RC_OK, "What?", false);
	world_settle(&w);
	ck_screen(world_screen(&w), "What?");
	memset(text, 'T', sizeof(text) - 8);
	memcpy(text + sizeof(text) - 8, " please", 8);
	in.event.long_text = text;
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	ck_assert_uint_eq(w.n_calls, 2);
	ck_assert_str_eq(w.call[1].chain, text);
}
END_TEST

START_TEST(promise_6_a_chain_has_an_end)
{
	char text[DIALECT_INPUT_SIZE];
	size_t i = 0;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	enter_shop(JANE);
	for (; i < w.n_calls && !w.call[i].closes; i++) {
		world_app_says(&w, i, RC_OK, "More?", false);
		world_screen(&w);
		post(DIALECT_CONTINUE, JANE, text);
	}
	ck_assert_uint_eq(i, 17);
	ck_screen(world_screen(&w), "ry again");
	ck_assert(w.call[17].closes);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 0);
}
END_TEST

/* --- facts ----------------------------------------------------------------------------------------------------- */

START_TEST(facts_are_asked_for_before_they_are_shown)
{
	ck_screen(world_dial(&w, JANE, "*123#"), "2 Bundles");
	ck_screen(world_type(&w, JANE, "2"), "You have nothing.");
	ck_screen(world_dial(&w, JOHN, "*123#"), "4 Bonus");
	world_type(&w, JOHN, "4");
	ck_screen(world_type(&w, JOHN, "1"), "100 MB is yours.");
	world_dial(&w, JOHN, "*123#");
	ck_screen(world_type(&w, JOHN, "2"), "You have 100 MB until 25 Nov.");
	ck_assert_uint_eq(world_counters(&w).facts, 2);
	world_wait(&w, 1000);
	clock_fake_advance(&w.clock, 8LL * 86400 * 1000); /* expired */
	dialogue_tick(w.dialogues);
	world_settle(&w);
	ck_screen(world_dial(&w, JOHN, "*123#"), "Continue where you stopped?");
	ck_screen(world_type(&w, JOHN, "1"), "You have nothing."); /* asked anew */
}
END_TEST

START_TEST(facts_that_do_not_come_in_time_get_else)
{
	struct dialogue_input in;

	world_dial(&w, JANE, "*123#");
	in = world_input(&w, DIALECT_CONTINUE, JANE, "2");
	dialogue_receive(w.dialogues, &in);
	clock_fake_advance(&w.clock, 1000);
	dialogue_tick(w.dialogues); /* the store has not been heard meanwhile */
	ck_screen(world_screen(&w), "Not now.");
	world_settle(&w);
	ck_assert_uint_eq(w.n_answers, 2);
	ck_assert_uint_eq(world_counters(&w).facts_slow, 1);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 0);
}
END_TEST

/* --- counts per screen --------------------------------------------------------------------------------------------- */

struct sums {
	struct store_screen_count home, shop, name, sorry;
};

static bool take_screen(void *ctx, const struct store_screen_count *c)
{
	struct sums *s = ctx;

	ck_assert_str_eq(c->service, "join");
	if (strcmp(c->screen, "home") == 0)
		s->home = *c;
	else if (strcmp(c->screen, "shop") == 0)
		s->shop = *c;
	else if (strcmp(c->screen, "name") == 0)
		s->name = *c;
	else if (strcmp(c->screen, "sorry") == 0)
		s->sorry = *c;
	return true;
}

START_TEST(what_happens_on_each_screen_is_counted)
{
	struct sums s = {0};
	struct query *q;
	char why[256];

	enter_shop(JANE);
	world_app_says(&w, 0, RC_OK, "What?", false);
	world_screen(&w);
	post(DIALECT_ABORT, JANE, ""); /* cancelled in the app */
	enter_shop(JOHN);
	pass_time(2000); /* the app is slow */
	world_screen(&w);
	world_dial(&w, JOHN, "*123#");
	world_type(&w, JOHN, "9"); /* bad */
	clock_fake_advance(&w.clock, 5000);
	world_type(&w, JOHN, "3"); /* after 5 s */
	world_type(&w, JOHN, "1");
	world_wait(&w, 181 * 1000); /* silence at the name */
	world_wait(&w, 10000);
	ck_assert_int_eq(query_open(w.store_path, &w.config->profile, &q, why, sizeof(why)), RC_OK);
	ck_assert_int_eq(query_screens(q, "join", 0, take_screen, &s), RC_OK);
	query_close(q);
	ck_assert_int_eq(s.home.entered, 3);
	ck_assert_int_eq(s.home.bad_inputs, 1);
	ck_assert_int_eq(s.home.answered, 4);
	ck_assert_int_eq(s.home.ms_bucket[0], 3);
	ck_assert_int_eq(s.home.ms_bucket[3], 1); /* within 8 s */
	ck_assert_int_eq(s.home.ms_sum, 5000);
	ck_assert_int_eq(s.shop.entered, 2);
	ck_assert_int_eq(s.shop.drops[STORE_DROP_CANCEL], 1);
	ck_assert_int_eq(s.shop.drops[STORE_DROP_APP], 1);
	ck_assert_int_eq(s.sorry.entered, 1);
	ck_assert_int_eq(s.name.entered, 1);
	ck_assert_int_eq(s.name.drops[STORE_DROP_NETWORK], 1);
	ck_assert_int_eq(s.name.drops[STORE_DROP_CANCEL] + s.name.drops[STORE_DROP_OURS], 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dialogue_ask");
	TCase *plain = tcase_create("plain"), *file = tcase_create("file");

	tcase_add_checked_fixture(plain, open_plain, shut);
	tcase_add_checked_fixture(file, open_file, shut);
	suite_add_tcase(s, plain);
	suite_add_tcase(s, file);
	tcase_set_timeout(plain, 60);
	tcase_set_timeout(file, 60);
	tcase_add_test(plain, an_app_is_visited_from_first_to_last);
	tcase_add_test(plain, promise_6_a_slow_app_gets_else_and_its_late_answer_is_dropped);
	tcase_add_loop_test(plain, an_app_that_fails_gets_else, 0, 4);
	tcase_add_test(plain, an_app_that_cannot_be_asked_gets_else_at_once);
	tcase_add_test(plain, promise_4_a_copy_while_an_app_is_asked_runs_nothing);
	tcase_add_test(plain, who_leaves_an_app_is_reported_to_it);
	tcase_add_test(plain, a_redial_out_of_an_app_offers_to_visit_it_again);
	tcase_add_test(file, what_was_answered_is_stored_while_an_app_is_asked);
	tcase_add_test(file, answers_lost_while_an_app_is_asked_end_with_the_apology);
	tcase_add_test(plain, an_sms_visits_an_app_and_is_acknowledged_once_answered);
	tcase_add_test(file, an_sms_that_is_given_back_asks_the_app_in_the_same_place_again);
	tcase_add_test(plain, a_long_sms_reaches_its_app_whole);
	tcase_add_test(plain, promise_6_a_chain_has_an_end);
	tcase_add_test(plain, facts_are_asked_for_before_they_are_shown);
	tcase_add_test(plain, facts_that_do_not_come_in_time_get_else);
	tcase_add_test(file, what_happens_on_each_screen_is_counted);
	return run_suite(s);
}
