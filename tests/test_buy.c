/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Purchases in the menu language: the question before, the price in texts, and every way that they come out. */
#include <check.h>
#include <string.h>

#include "tests/menus_world.h"
#include "tests/run_suite.h"

static struct world w;

static const char shop[] =
	"code = \"*5#\"; keywords = [ \"BUY\" ]; languages = [ \"en\", \"fr\" ]; start = \"home\"; screens = {\n"
	"home = { say = [ \"Shop\", \"Boutique\" ]; menu = ( ( [ \"100 MB\", \"100 Mo\" ], \"ask1\" ), ( [ \"1 GB\", \"1 Go\" ], "
	"\"ask2\" ), ( [ \"Both\", \"Les deux\" ], \"both\" ) ); };\n"
	"ask1 = { dial = \"*5*7#\"; say = [ \"Buy {gives} for {price}?\", \"Acheter {gives} pour {price}?\" ]; menu = ( ( [ \"Yes\", "
	"\"Oui\" ], \"buy1\" ), ( [ \"No\", \"Non\" ], \"bye\" ) ); };\n"
	"ask2 = { say = [ \"Buy {gives} for {price}?\", \"Acheter {gives} pour {price}?\" ]; menu = ( ( [ \"Yes\", \"Oui\" ], "
	"\"buy2\" ), ( [ \"No\", \"Non\" ], \"bye\" ) ); };\n"
	"both = { say = \"{price|?}\"; menu = ( ( \"1\", \"buy1\" ), ( \"2\", \"buy2\" ) ); };\n"
	"buy1 = { buy = { bundle = \"100MB\"; else = \"later\"; poor = \"topup\"; refused = \"no\"; };\n"
	" sms = \"{gives} for {price}.\"; end = \"{gives} is yours.\"; };\n"
	"buy2 = { buy = { bundle = \"1GB\"; else = \"later\"; }; sms = \"{gives} for {price}.\"; end = \"{gives} is yours.\"; };\n"
	"later = { end = \"We ask for {gives}.\"; }; topup = { end = \"{gives} costs {price}.\"; };\n"
	"no = { end = \"No {gives}.\"; }; bye = { end = \"Bye\"; }; };\n";

static void setup(void)
{
	world_init(&w);
	ck_assert_int_eq(world_load(&w, shop), RC_OK);
}

static void teardown(void)
{
	world_fini(&w);
}

static void result(enum machine_result r, enum refusal why)
{
	const struct machine_in in = {.event = MACHINE_RESULT, .text = "", .result = r, .refusal = why};

	machine_step(w.book, &w.walk, &in, &w.port, &w.out);
}

static void until_asked(const char *dialled)
{
	world_begin(&w, dialled);
	ck_assert_int_eq(w.out.verdict, MACHINE_SHOW);
	ck_assert_uint_eq(w.n_intents, 0);
	world_type(&w, "1");
	ck_assert_int_eq(w.out.verdict, MACHINE_WAIT);
	ck_assert_uint_eq(w.n_intents, 2);
	ck_assert_int_eq(w.intent[0].kind, INTENT_BUY);
	ck_assert_int_eq(w.intent[1].kind, INTENT_NOTICE);
	ck_assert(w.intent[1].if_given);
}

START_TEST(the_question_shows_what_is_bought_and_for_how_much)
{
	world_begin(&w, "*5#");
	world_type(&w, "2");
	ck_assert_str_eq(w.out.text, "Buy 1 GB for KES 50.50?\n1 Yes\n2 No\n0 Back");
	world_type(&w, "1");
	ck_assert_str_eq(w.intent[1].text, "1 GB for KES 50.50.");
	result(MACHINE_GIVEN, REFUSAL_NONE);
	ck_assert_str_eq(w.out.text, "1 GB is yours.");
	ck_assert_int_eq(w.out.verdict, MACHINE_END);
}
END_TEST

START_TEST(in_the_habits_of_the_language)
{
	w.walk.language = 1;
	world_begin(&w, "*5#");
	world_type(&w, "2");
	ck_assert_str_eq(w.out.text, "Acheter 1 GB pour 50,50 KES?\n1 Oui\n2 Non\n0 Retour");
}
END_TEST

START_TEST(of_two_bundles_at_a_time_the_text_says_neither)
{
	world_begin(&w, "*5#");
	world_type(&w, "3");
	ck_assert_ptr_nonnull(strstr(w.out.text, "?\n1 1\n2 2"));
}
END_TEST

/* What is dialled is an answer to menus, but never a purchase. */
START_TEST(a_dialled_string_stops_at_the_question)
{
	static const char *const dialled[] = {"*5*1*1#", "*5*7*1#", "*5*1*1*1#", "*5*7#", "*5*3*1#"};

	world_begin(&w, dialled[_i]);
	ck_assert_int_eq(w.out.verdict, MACHINE_SHOW);
	ck_assert_uint_eq(w.n_intents, 0);
	ck_assert_ptr_nonnull(strstr(w.out.text, _i < 4 ? "Buy 100 MB for KES 20?" : "?\n1 1\n2 2"));
}
END_TEST

static const struct {
	enum machine_result result;
	enum refusal why;
	const char *first, *second; /* with screens for it, and without */
} outcomes[] = {
	{MACHINE_GIVEN, REFUSAL_NONE, "100 MB is yours.", "1 GB is yours."},
	{MACHINE_AGAIN, REFUSAL_HAD, "100 MB is yours.", "1 GB is yours."},
	{MACHINE_LATER, REFUSAL_NONE, "We ask for 100 MB.", "We ask for 1 GB."},
	{MACHINE_REFUSED, REFUSAL_POOR, "100 MB costs KES 20.",
         "Your balance is too low for this. Please top up and try again."},
	{MACHINE_REFUSED, REFUSAL_BARRED, "No 100 MB.",
         "Your line cannot receive this at the moment. Our care will gladly help you."},
	{MACHINE_REFUSED, REFUSAL_SYSTEM, "No 100 MB.",
         "Sorry, this could not be bought now. Nothing was taken from your balance."},
	{MACHINE_FAILED, REFUSAL_NONE,
         "Sorry, this did not work and it is our fault. Please try again later.",
         "Sorry, this did not work and it is our fault. Please try again later."},
};

START_TEST(each_outcome_has_its_words)
{
	until_asked("*5*7#");
	result(outcomes[_i].result, outcomes[_i].why);
	ck_assert_str_eq(w.out.text, outcomes[_i].first);
	ck_assert_int_eq(w.out.verdict, MACHINE_END);
	w.n_intents = 0;
	world_begin(&w, "*5#");
	world_type(&w, "2");
	world_type(&w, "1");
	result(outcomes[_i].result, outcomes[_i].why);
	ck_assert_str_eq(w.out.text, outcomes[_i].second);
	ck_assert_int_eq(w.out.verdict, MACHINE_END);
}
END_TEST

START_TEST(nobody_resumes_into_a_purchase)
{
	until_asked("*5*7#");
	world_resume(&w, "*5#", w.walk.screen);
	ck_assert_ptr_nonnull(strstr(w.out.text, "Shop"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("buy");
	TCase *t = tcase_create("buy");

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_question_shows_what_is_bought_and_for_how_much);
	tcase_add_test(t, in_the_habits_of_the_language);
	tcase_add_test(t, of_two_bundles_at_a_time_the_text_says_neither);
	tcase_add_loop_test(t, a_dialled_string_stops_at_the_question, 0, 5);
	tcase_add_loop_test(t, each_outcome_has_its_words, 0, (int)(sizeof(outcomes) / sizeof(outcomes[0])));
	tcase_add_test(t, nobody_resumes_into_a_purchase);
	return run_suite(s);
}
