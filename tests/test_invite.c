/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invitations, departures and referrals in the menu language: what is shown whatever comes of them, and what is wrong with
 * words that tell somebody else too much or too little (promises 8 and 9). */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "menus/check.h"
#include "tests/menus_world.h"
#include "tests/run_suite.h"

#define SAY "Household: they see your number. Leave: *5*2#. Whose number? Like 0722000000"
#define ASK "{other} asks you to join. YES or NO. No more SMS: STOP"

static const char head[] =
	"code = \"*5#\"; keywords = [ \"FAMILY\" ]; languages = [ \"en\" ]; start = \"home\"; screens = {\n"
	"home = { say = \"Family\"; menu = ( ( \"Invite somebody\", \"ask\" ), ( \"Leave one\", \"one\" ), "
	"( \"Who sent you?\", \"who\" ) ); };\n";
static const char tail[] =
	"one = { dial = \"*5*2#\"; say = \"Whose number? Like 0722000000\"; leave = { from = \"household\"; none = \"none\"; }; next = "
	"\"left\"; };\n"
	"who = { say = \"Who sent you? Like 0722000000\"; refer = { }; next = \"noted\"; };\n"
	"left = { end = \"Left.\"; }; none = { end = \"None.\"; }; noted = { end = \"Noted.\"; };\n"
	"asked = { end = \"Asked.\"; }; before = { end = \"Before.\"; }; full = { end = \"Full.\"; }; };\n";

static struct world w;

static const char *const types[] = {"household", "business"};

static bool number(void *ctx, const char *typed, char *out)
{
	(void)ctx;
	snprintf(out, 16, "254%s", typed + 1);
	return strcmp(typed, "0700000001") != 0 && strlen(typed) == 10;
}

static void setup(void)
{
	world_init(&w);
	w.env.n_relations = 2;
	w.env.relations = types;
	w.port.number = number;
}

static void teardown(void)
{
	world_fini(&w);
}

/* The file with this invite, words and more. */
static enum rc load(const char *say, const char *invite)
{
	char text[4000];

	snprintf(text, sizeof(text), "%sask = { say = \"%s\"; invite = { %s }; next = \"asked\"; };\n%s",
	         head, say, invite, tail);
	return world_load(&w, text);
}

#define WORDS                              \
	"to = \"household\"; sms = \"" ASK \
	"\"; yes = \"You are with {other}.\"; no = \"OK.\"; joined = \"{other} joined.\"; "

static void load_good(const char *more)
{
	char invite[1000];

	snprintf(invite, sizeof(invite), WORDS "%s", more);
	ck_assert_int_eq(load(SAY, invite), RC_OK);
	check_book(w.book, &w.env, w.findings);
	for (size_t i = 0; i < findings_count(w.findings); i++) /* "before" and "full" belong to `more` */
		ck_assert_msg(*more == '\0' &&
		                      strstr(findings_at(w.findings, i)->what, "nobody can reach") != NULL,
		              "%s", findings_at(w.findings, i)->what);
}

/* --- what is shown ------------------------------------------------------------------------------------------------- */

static void until_typed(const char *choice)
{
	world_begin(&w, "*5#");
	world_type(&w, choice);
	ck_assert_int_eq(w.out.verdict, MACHINE_SHOW);
	world_type(&w, "0700000002");
	ck_assert_int_eq(w.out.verdict, MACHINE_WAIT);
	ck_assert_uint_eq(w.n_intents, 1);
	ck_assert_str_eq(w.intent[0].text, "254700000002");
}

START_TEST(the_words_and_the_number_leave_together)
{
	load_good("again = \"before\"; full = \"full\";");
	until_typed("1");
	ck_assert_int_eq(w.intent[0].kind, INTENT_INVITE);
	ck_assert_str_eq(w.intent[0].purpose, "household");
	ck_assert_uint_eq(strlen(w.intent[0].version), 8);
	ck_assert_str_eq(w.intent[0].words, SAY);
	world_result(&w, MACHINE_GIVEN);
	ck_assert_str_eq(w.out.text, "Asked.");
	ck_assert_int_eq(w.out.verdict, MACHINE_END);
}
END_TEST

static const struct {
	const char *choice;
	enum machine_result result;
	const char *with, *without; /* screens for it */
} outcomes[] = {
	{"1", MACHINE_AGAIN, "Before.", "You have asked this number lately. We do not ask again so soon."},
	{"1", MACHINE_REFUSED, "Full.", "These are as many people as there can be for now. Thank you."},
	{"1", MACHINE_FAILED, "Sorry, ", "Sorry, "},
	{"1", MACHINE_LATER, "Sorry, ", "Sorry, "},
	{"2", MACHINE_GIVEN, "Left.", "Left."},
	{"2", MACHINE_AGAIN, "None.", "None."},
	{"3", MACHINE_GIVEN, "Noted.", "Noted."},
	{"3", MACHINE_AGAIN, "Noted.", "Noted."},
};

START_TEST(each_outcome_has_its_words)
{
	load_good(_i % 2 == 0 ? "again = \"before\"; full = \"full\";" : "");
	until_typed(outcomes[_i / 2].choice);
	world_result(&w, outcomes[_i / 2].result);
	ck_assert_int_eq(strncmp(w.out.text, _i % 2 == 0 ? outcomes[_i / 2].with : outcomes[_i / 2].without,
	                         strlen(_i % 2 == 0 ? outcomes[_i / 2].with : outcomes[_i / 2].without)),
	                 0);
	ck_assert_int_eq(w.out.verdict, MACHINE_END);
}
END_TEST

/* Letters, too few digits, one's own number: asked again, and nothing leaves. */
START_TEST(what_is_no_number_is_asked_for_again)
{
	static const char *const typed[] = {"Jane", "12", "0700000001", "0", ""};

	load_good("");
	world_begin(&w, "*5#");
	world_type(&w, "1");
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(w.out.verdict, MACHINE_SHOW);
		world_type(&w, typed[i]);
		ck_assert(w.out.bad_input);
	}
	world_type(&w, "0"); /* Back */
	ck_assert_ptr_nonnull(strstr(w.out.text, "1 Invite somebody"));
	ck_assert_uint_eq(w.n_intents, 0);
}
END_TEST

/* A dialled string answers menus alone. */
START_TEST(a_dialled_string_never_names_somebody)
{
	load_good("");
	world_begin(&w, "*5*1*0700000002#");
	ck_assert_int_eq(w.out.verdict, MACHINE_SHOW);
	ck_assert_uint_eq(w.n_intents, 0);
	world_begin(&w, "*5*2*0700000002#");
	ck_assert_int_eq(w.out.verdict, MACHINE_SHOW);
	ck_assert_uint_eq(w.n_intents, 0);
}
END_TEST

/* --- mistakes ------------------------------------------------------------------------------------------------------ */

static const struct {
	const char *say, *invite, *what, *remedy;
} mistakes[] = {
	{SAY, "to = \"houshold\"; sms = \"" ASK "\"; yes = \"y\"; no = \"n\";",
         "there is no type of relation \"houshold\"", "did you mean \"household\"?"},
	{SAY, "to = \"family 1\"; sms = \"" ASK "\"; yes = \"y\"; no = \"n\";",
         "\"family 1\" cannot be the name of a purpose", "use a short name"},
	{SAY, "to = \"household\"; sms = \"" ASK "\"; yes = \"y\";", "\"no\" is missing",
         "add no = \"OK. {other} is not told.\";"},
	{SAY, "to = \"household\"; yes = \"y\"; no = \"n\";", "\"sms\" is missing", "add sms = "},
	{SAY, WORDS "agian = \"before\";", "unknown key \"agian\"", "did you mean \"again\"?"},
	{SAY, WORDS "full = \"ful\";", "\"ful\"", "did you mean \"full\"?"},
	{SAY, "to = \"household\"; sms = \"{other} asks. YES. STOP\"; yes = \"y\"; no = \"n\";",
         "how to answer it", "Reply YES or NO"},
	{SAY, "to = \"household\"; sms = \"{other} asks. YESTERDAY, NOW. STOP\"; yes = \"y\"; no = \"n\";",
         "how to answer it", "Reply YES or NO"},
	{SAY, "to = \"household\"; sms = \"Join us. YES or NO. STOP\"; yes = \"y\"; no = \"n\";",
         "does not say in \"en\" who asks", "let \"sms\" begin with {other}"},
	{SAY, "to = \"household\"; sms = \"{other} asks. YES or NO.\"; yes = \"y\"; no = \"n\";",
         "how to get no more of them", "STOP ends all our messages"},
	{SAY, "to = \"household\"; sms = \"" ASK "\"; yes = \"y\"; no = \"n\"; joined = \"{name} joined\";",
         "\"invite.joined\" in \"en\" tells somebody else {name}", "write {other}"},
	{SAY, "to = \"household\"; sms = \"{msisdn} asks. YES or NO. STOP\"; yes = \"y\"; no = \"n\";",
         "tells somebody else {msisdn}", "write {other}"},
	{SAY, "to = \"household\"; sms = \"" ASK " " ASK " " ASK " " ASK "\"; yes = \"y\"; no = \"n\";",
         "\"invite.sms\" is too long", "one SMS"},
	{"Whose number? Like 0722000000", WORDS, "how to take it back", "To leave: *150*2#"},
	{"{name}: whose number? Like 0722000000. Leave: *5*2#", WORDS, "which tells who somebody is",
         "kept for ever"},
	{"{other}: whose number? Like 0722000000. Leave: *5*2#", WORDS,
         "shows {other}, and there is nobody else here", "in the words of an invite alone"},
	{"Household: they see your number. Leave with STOP. Whose number?", WORDS,
         "a phone number in \"en\" without showing how", "0722000000"},
	{SAY, "to = \"business\"; sms = \"" ASK "\"; yes = \"y\"; no = \"n\";",
         "nobody can leave a relation \"business\" again", "leave = {"},
};

START_TEST(a_mistake_is_told_with_what_is_right)
{
	bool found = false;
	char all[4000] = "";

	if (load(mistakes[_i].say, mistakes[_i].invite) == RC_OK)
		check_book(w.book, &w.env, w.findings);
	for (size_t i = 0; i < findings_count(w.findings); i++) {
		const struct finding *f = findings_at(w.findings, i);

		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%d: %s. %s\n", f->line, f->what,
		         f->remedy);
		found = found || (strstr(f->what, mistakes[_i].what) != NULL &&
		                  strstr(f->remedy, mistakes[_i].remedy) != NULL && f->line == 3);
	}
	ck_assert_msg(found, "not told: %s\n%s", mistakes[_i].what, all);
}
END_TEST

START_TEST(a_keyword_cannot_be_an_answer)
{
	char text[4000];

	snprintf(text, sizeof(text),
	         "%sask = { say = \"" SAY "\"; invite = { " WORDS " }; next = \"asked\"; };\n%s", head, tail);
	memcpy(strstr(text, "[ \"FAMILY\""), "[    \"YES\"", 10);
	ck_assert_int_eq(world_load(&w, text), RC_OK);
	check_book(w.book, &w.env, w.findings);
	ck_assert_uint_gt(findings_count(w.findings), 0);
	for (size_t i = 0; i < findings_count(w.findings); i++)
		if (findings_at(w.findings, i)->rule == 14)
			return;
	ck_abort_msg("nothing was said of the keyword");
}
END_TEST

/* Without the types of starhash.conf, as translators' tools load a file, any is taken. */
START_TEST(types_that_are_not_known_are_not_judged)
{
	w.env.relations = NULL;
	w.env.n_relations = 0;
	ck_assert_int_eq(load(SAY, "to = \"club\"; sms = \"" ASK "\"; yes = \"y\"; no = \"n\";"), RC_OK);
	w.env.relations = types; /* none is configured: none can be named */
	book_unref(w.book);
	w.book = NULL;
	ck_assert_int_eq(load(SAY, WORDS), RC_SYNTAX);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("invite");
	TCase *t = tcase_create("shown");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_words_and_the_number_leave_together);
	tcase_add_loop_test(t, each_outcome_has_its_words, 0,
	                    2 * (int)(sizeof(outcomes) / sizeof(outcomes[0])));
	tcase_add_test(t, what_is_no_number_is_asked_for_again);
	tcase_add_test(t, a_dialled_string_never_names_somebody);
	suite_add_tcase(s, t);
	t = tcase_create("mistakes");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, a_mistake_is_told_with_what_is_right, 0,
	                    (int)(sizeof(mistakes) / sizeof(mistakes[0])));
	tcase_add_test(t, a_keyword_cannot_be_an_answer);
	tcase_add_test(t, types_that_are_not_known_are_not_judged);
	suite_add_tcase(s, t);
	return run_suite(s);
}
