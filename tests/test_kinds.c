/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine's newer kinds: lists, several picks, answers with a range or a secret, apps, facts. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "tests/menus_world.h"
#include "tests/run_suite.h"

static struct world w;

static void setup(void)
{
	world_init(&w);
}

static void teardown(void)
{
	world_fini(&w);
}

#define TOP \
	"code = \"*5#\"; languages = [ \"en\", \"sw\" ]; start = \"home\"; resume = \"5m\";\nscreens = {\n"
#define HOME(to) "home = { say = \"Home\"; menu = ( ( \"Go\", \"" to "\" ), ( \"Bye\", \"bye\" ) ); };\n"
#define TAIL "bye = { end = \"Bye {town}\"; };\n};"
#define SCREEN(wanted) ck_assert_str_eq(w.out.text, wanted)
#define ENDS(wanted)                                          \
	do {                                                  \
		SCREEN(wanted);                               \
		ck_assert_int_eq(w.out.verdict, MACHINE_END); \
	} while (0)

static void load(const char *text)
{
	enum rc rc = world_load(&w, text);

	if (rc != RC_OK)
		findings_print(w.findings, stderr);
	ck_assert_int_eq(rc, RC_OK);
}

static const struct world_intent *last_intent(void)
{
	ck_assert_uint_gt(w.n_intents, 0);
	return &w.intent[(w.n_intents - 1) % WORLD_INTENTS];
}

/* --- lists --- */

static const char towns[] =
	TOP HOME("town") "town = { say = \"Your town?\"; next = \"bye\"; list = { save = \"town\"; rows = ( "
			 "( \"nbi\", \"Nairobi\" ),\n"
			 " ( \"nbw\", \"Nairobi West\" ), ( \"nku\", \"Nakuru\" ), ( \"nan\", \"Nanyuki\" ), "
			 "( \"msa\", [ \"Mombasa\", \"Mvita\" ] ),\n"
			 " ( \"mur\", \"Murang'a\" ), ( \"ksm\", \"Kisumu\" ), ( \"ksi\", \"Kisii\" ), ( "
			 "\"eld\", \"Eldoret\" ), ( \"thi\", \"Thika\" ),\n"
			 " ( \"oyo\", \"\xe1\xbb\x8cy\xe1\xbb\x8d\" ), ( \"wnb\", \"West Park\" ), ( "
			 "\"emb\", \"Embu\" ) ); }; };\n" TAIL;

static void to_towns(void)
{
	w.value[1][0] = '\0';
	world_begin(&w, "*5#");
	world_type(&w, "1");
}

START_TEST(list_pages_and_numbers)
{
	load(towns);
	to_towns();
	SCREEN("Your town?\n1 Nairobi\n2 Nairobi West\n3 Nakuru\n4 Nanyuki\n5 Mombasa\n6 Murang'a\n7 "
	       "Kisumu\n8 Kisii\n"
	       "9 Eldoret\n10 Thika\n98 More\n0 Back");
	world_type(&w, "98");
	/* Numbers begin again on each page, and mean what stands on this one. */
	SCREEN("1 \xe1\xbb\x8cy\xe1\xbb\x8d\n2 West Park\n3 Embu\n0 Back");
	world_type(&w, "9");
	ck_assert(w.out.bad_input);
	/* The same place, though the sorry line breaks the pages elsewhere. */
	ck_assert_ptr_nonnull(strstr(w.out.text, " \xe1\xbb\x8cy\xe1\xbb\x8d\n"));
	to_towns();
	world_type(&w, "98");
	world_type(&w, "3");
	ENDS("Bye Embu");
	ck_assert_str_eq(w.value[1], "emb");
}
END_TEST

/* What was typed, and either the town that was taken or what the screen begins with. */
static const struct {
	const char *typed, *saved, *screen;
} searches[] = {
	{"nakuru", "nku", NULL},
	{"NAKURU ", "nku", NULL},
	{"nku", "nku", NULL}, /* the value itself */
	{"nakur", "nku", NULL},
	{"muranga", "mur", NULL},
	{"Oyo", "oyo", NULL},
	{"nairobi", "nbi", NULL}, /* a whole label, though another begins with it */
	{"nairo", NULL, "Your town?\n1 Nairobi\n2 Nairobi West\n0 Back"},
	{"na", NULL, "Your town?\n1 Nairobi\n2 Nairobi West\n3 Nakuru\n4 Nanyuki\n0 Back"},
	{"west", NULL, "Your town?\n1 West Park\n2 Nairobi West\n0 Back"}, /* beginnings first */
	{"oba", NULL, "Not found."},
	{"doret", "eld", NULL},
	{"nakru", "nku", NULL},  /* a letter too few */
	{"nakrau", "nku", NULL}, /* two off */
	{"kisumo", "ksm", NULL},
	{"kisu", "ksm", NULL},
	{"kis", NULL, "Your town?\n1 Kisumu\n2 Kisii\n0 Back"},
	{"zz", NULL, "Not found. Type a few letters or a number.\nYour town?\n1 Nairobi\n"},
	{"", NULL, "Not found."},
	{"****", NULL, "Not found."},
	{"\xf0\x9f\x98\x80", NULL, "Not found."},
	{"\xff\xfe", NULL, "Not found."},
	{"mvita", NULL, "Not found."}, /* a label of another language */
};

START_TEST(list_searches)
{
	load(towns);
	to_towns();
	world_type(&w, searches[_i].typed);
	if (searches[_i].saved != NULL) {
		ck_assert_str_eq(w.value[1], searches[_i].saved);
		ck_assert_int_eq(w.out.verdict, MACHINE_END);
	} else {
		ck_assert_msg(strncmp(w.out.text, searches[_i].screen, strlen(searches[_i].screen)) == 0,
		              "%s: %s", searches[_i].typed, w.out.text);
		ck_assert_str_eq(w.value[1], "");
	}
}
END_TEST

START_TEST(list_narrows_and_back)
{
	load(towns);
	to_towns();
	world_type(&w, "na");
	world_type(&w, "west"); /* searches in all rows again */
	SCREEN("Your town?\n1 West Park\n2 Nairobi West\n0 Back");
	world_type(&w, "zzz"); /* what was found stays */
	SCREEN("Not found. Type a few letters or a number.\nYour town?\n1 West Park\n2 Nairobi "
	       "West\n0 Back");
	world_type(&w, "0");
	ck_assert_int_eq(strncmp(w.out.text, "Your town?\n1 Nairobi\n", 21), 0);
	world_type(&w, "kis");
	world_type(&w, "2");
	ENDS("Bye Kisii");
	to_towns();
	world_type(&w, "0");
	SCREEN("Home\n1 Go\n2 Bye");
}
END_TEST

START_TEST(list_speaks_the_language)
{
	load(towns);
	w.walk.language = 1;
	to_towns();
	world_type(&w, "mvit");
	ENDS("Bye Mvita");
	ck_assert_str_eq(w.value[1], "msa");
}
END_TEST

START_TEST(list_can_be_resumed)
{
	load(towns);
	to_towns();
	world_type(&w, "na");
	world_resume(&w, "*5#", w.walk.screen);
	SCREEN("Continue where you stopped?\n1 Continue\n2 Start again");
	world_type(&w, "1");
	ck_assert_int_eq(strncmp(w.out.text, "Your town?\n1 Nairobi\n", 21), 0);
}
END_TEST

START_TEST(a_broken_needle_is_harmless)
{
	load(towns);
	to_towns();
	memset(w.walk.needle, 0xff, sizeof(w.walk.needle));
	world_type(&w, "zz");
	ck_assert(w.out.bad_input);
	ck_assert_ptr_nonnull(strstr(w.out.text, "\n1 Nairobi\n"));
}
END_TEST

/* --- several --- */

static const char several[] =
	TOP HOME("want") "want = { say = \"What do you want? Up to 2\"; next = \"done\"; pick = { save = "
			 "\"code\"; several = true; max = 2;\n"
			 " of = ( ( \"net\", [ \"Internet\", \"Intaneti\" ] ), ( \"call\", \"Calls\" ), ( "
			 "\"sms\", \"Texts\" ) ); }; };\n"
			 "done = { end = \"You want {code}.\"; };\n" TAIL;

static const struct {
	const char *typed, *saved;
} choices[] = {
	{"1 3", "net,sms"},  {"3,1", "net,sms"}, {"1, 3", "net,sms"}, {"1", "net"},       {"2 2 2", "call"},
	{"1*2", "net,call"}, {"texts", "sms"},   {"1 2 3", NULL},     {"4", NULL},        {"1 x", NULL},
	{"", NULL},          {",", NULL},        {"13", NULL},        {"\xff\xfe", NULL},
};

START_TEST(several_choices)
{
	load(several);
	world_begin(&w, "*5#");
	world_type(&w, "1");
	world_type(&w, choices[_i].typed);
	ck_assert_int_eq(w.out.bad_input, choices[_i].saved == NULL);
	if (choices[_i].saved != NULL)
		ck_assert_str_eq(w.value[4], choices[_i].saved);
	else
		SCREEN("Please answer with numbers from the list, such as 1 3.\nWhat do you want? Up to 2\n1 "
		       "Internet\n2 "
		       "Calls\n3 Texts\n0 Back");
}
END_TEST

START_TEST(several_labels_are_joined)
{
	load(several);
	w.walk.language = 1;
	world_begin(&w, "*5#");
	world_type(&w, "1");
	world_type(&w, "1 3");
	ENDS("You want Intaneti, Texts.");
}
END_TEST

/* --- answers --- */

#define DIGITS_50 "12345678901234567890123456789012345678901234567890"
#define DIGITS_157 DIGITS_50 DIGITS_50 DIGITS_50 "1234567"

static const struct {
	const char *ask, *typed, *saved;
} asks[] = {
	{"as = \"msisdn\"", "+254 722-000 001", "254722000001"},
	{"as = \"msisdn\"", "00254722000001", "254722000001"},
	{"as = \"msisdn\"", "0722000001", "0722000001"},
	{"as = \"msisdn\"", "07220", NULL},
	{"as = \"msisdn\"", "07220000o1", NULL},
	{"as = \"msisdn\"", "+1234567890123456", NULL},
	{"as = \"amount\"", "1500", "1500"},
	{"as = \"amount\"", "1,500", "1500"},
	{"as = \"amount\"", "1 500", "1500"},
	{"as = \"amount\"", "1,50", NULL},
	{"as = \"amount\"", "1,234,567.5", "1234567.50"},
	{"as = \"amount\"", "007.00", "7"},
	{"as = \"amount\"", "000", NULL},
	{"as = \"amount\"", "0.00", NULL},
	{"as = \"amount\"", "1.234", NULL},
	{"as = \"amount\"", "-5", NULL},
	{"as = \"amount\"; length = [ 1, 160 ]", DIGITS_157 ".5", DIGITS_157 ".50"},
	{"as = \"amount\"; length = [ 1, 160 ]", DIGITS_157 "1.5", NULL}, /* no room for "1.50" */
	{"as = \"amount\"; range = [ 10, 500 ]", "9.99", NULL},
	{"as = \"amount\"; range = [ 10, 500 ]", "10", "10"},
	{"as = \"amount\"; range = [ 10, 500 ]", "500.01", NULL},
	{"as = \"number\"; range = [ -5, 5 ]", "-5", "-5"},
	{"as = \"number\"; range = [ -5, 5 ]", "-5.1", NULL},
	{"as = \"number\"; range = [ -5, 5 ]", "5.0", "5.0"},
	{"as = \"number\"; range = ( 1, 99999999999L ); length = [ 1, 60 ]",
         "99999999999999999999999999999999999999999999999999", NULL},
	{"as = \"year\"; range = [ 1920, 2010 ]", "1919", NULL},
	{"as = \"year\"; range = [ 1920, 2010 ]", "1990", "1990"},
	{"as = \"pin\"", "1234", "1234"},
	{"as = \"pin\"", "12345", NULL},
	{"as = \"pin\"; length = [ 5, 6 ]", "12345", "12345"},
	{"as = \"pin\"", "12a4", NULL},
};

START_TEST(answers)
{
	char text[600];

	snprintf(text, sizeof(text),
	         TOP HOME("q") "q = { say = \"Q\"; ask = { save = \"born\"; %s; }; next = \"bye\"; };\n" TAIL,
	         asks[_i].ask);
	load(text);
	world_begin(&w, "*5#");
	world_type(&w, "1");
	world_type(&w, asks[_i].typed);
	ck_assert_int_eq(w.out.bad_input, asks[_i].saved == NULL);
	ck_assert_str_eq(w.value[3], asks[_i].saved != NULL ? asks[_i].saved : "");
}
END_TEST

START_TEST(secrets_are_shown_nowhere)
{
	load(TOP HOME("pin") "pin = { say = \"PIN?\"; ask = { save = \"code\"; as = \"pin\"; }; next = "
	                     "\"bye\"; };\n" TAIL);
	ck_assert(w.book->screen[book_screen_by_name(w.book, "pin")].ask.secret);
	book_unref(w.book);
	w.book = NULL;
	ck_assert_int_eq(
		world_load(
			&w,
			TOP HOME(
				"pin") "pin = { say = \"Word?\"; ask = { save = \"code\"; length = [ 1, 9 ]; "
				       "secret = true; };\n"
				       " next = \"told\"; };\ntold = { end = \"You said {code}\"; };\n" TAIL),
		RC_SYNTAX);
	ck_assert_ptr_nonnull(strstr(findings_at(w.findings, 0)->what, "asked as a secret"));
	ck_assert_int_eq(findings_at(w.findings, 0)->line, 6);
}
END_TEST

/* --- apps --- */

#define APP                                                                                                 \
	"shop = { dial = \"*5*7#\"; app = { url = \"http://127.0.0.1:1/x\"; speaks = \"hubtel\"; within = " \
	"\"2s\"; "                                                                                          \
	"else = \"down\"; }; };\n"                                                                          \
	"down = { say = \"Shop is closed\"; menu = ( ( \"Again\", \"shop\" ), ( \"Bye\", \"bye\" ) ); };\n"

START_TEST(app_dialogue)
{
	const struct book_screen *s;

	load(TOP HOME("shop") APP TAIL);
	s = &w.book->screen[book_screen_by_name(w.book, "shop")];
	ck_assert_int_eq(s->app.speaks, BOOK_SPEAKS_HUBTEL);
	ck_assert_uint_eq(s->app.within_ms, 2000);
	world_begin(&w, "*5#");
	world_type(&w, "1");
	ck_assert_int_eq(w.out.verdict, MACHINE_WAIT);
	ck_assert_int_eq(last_intent()->kind, INTENT_APP);
	ck_assert(last_intent()->granted);
	ck_assert_str_eq(last_intent()->text, "");
	world_app(&w, MACHINE_GIVEN, "Shop\n1 Bread\n0 Exit\n", false);
	SCREEN("Shop\n1 Bread\n0 Exit");
	ck_assert_int_eq(w.out.verdict, MACHINE_SHOW);
	ck_assert_int_eq(w.walk.phase, WALK_IN_APP);
	world_type(&w, "0"); /* no key of ours in there */
	ck_assert_int_eq(w.out.verdict, MACHINE_WAIT);
	ck_assert_str_eq(last_intent()->text, "0");
	ck_assert(!last_intent()->granted);
	world_app(&w, MACHINE_GIVEN, "Bye from the shop", true);
	ENDS("Bye from the shop");
	ck_assert_int_eq(w.walk.phase, WALK_ENDED);
}
END_TEST

START_TEST(app_fails)
{
	load(TOP HOME("shop") APP TAIL);
	world_begin(&w, "*5#");
	world_type(&w, "1");
	world_app(&w, _i == 0 ? MACHINE_LATER : _i == 1 ? MACHINE_FAILED : MACHINE_GIVEN, " \r\n\x01", false);
	SCREEN("Shop is closed\n1 Again\n2 Bye\n0 Back");
	ck_assert_int_eq(w.out.verdict, MACHINE_SHOW);
	world_type(&w, "0");
	SCREEN("Home\n1 Go\n2 Bye");
}
END_TEST

START_TEST(app_without_else_apologises)
{
	load(TOP HOME("shop") "shop = { app = { url = \"https://x.example/a?b=1\"; speaks = \"nalo\"; }; "
	                      "};\n" TAIL);
	ck_assert_uint_eq(w.book->screen[1].app.within_ms, 2000);
	world_begin(&w, "*5#");
	world_type(&w, "1");
	world_app(&w, MACHINE_FAILED, NULL, false);
	ck_assert(w.out.our_fault);
	ck_assert_int_eq(w.out.verdict, MACHINE_END);
}
END_TEST

START_TEST(app_leads_on)
{
	load(TOP HOME("shop") "shop = { app = { url = \"http://x/\"; speaks = \"arkesel\"; else = \"bye\"; "
	                      "}; next = \"home\"; };\n" TAIL);
	world_begin(&w, "*5#");
	world_type(&w, "1");
	world_app(&w, MACHINE_GIVEN, "thanks", true);
	SCREEN("Home\n1 Go\n2 Bye");
}
END_TEST

/* An else that leads to the same app, or to another, does not go round for ever. */
START_TEST(apps_that_fail_in_a_circle_end)
{
	int waits = 0;

	load(TOP HOME(
		"x") "x = { app = { url = \"http://x/\"; speaks = \"nalo\"; else = \"y\"; }; };\n"
	             "y = { app = { url = \"http://y/\"; speaks = \"nalo\"; else = \"x\"; }; };\n" TAIL);
	world_begin(&w, "*5#");
	world_type(&w, "1");
	for (; w.out.verdict == MACHINE_WAIT; waits++)
		world_app(&w, MACHINE_FAILED, "", false);
	ck_assert_int_eq(waits, MACHINE_WAITS_MAX);
	ck_assert(w.out.our_fault);
}
END_TEST

START_TEST(app_is_begun_again_after_a_drop)
{
	load(TOP HOME("shop") APP TAIL);
	world_begin(&w, "*5#");
	world_type(&w, "1");
	world_app(&w, MACHINE_GIVEN, "Shop", false);
	world_resume(&w, "*5#", w.walk.screen);
	SCREEN("Continue where you stopped?\n1 Continue\n2 Start again");
	world_type(&w, "1");
	ck_assert_int_eq(w.out.verdict, MACHINE_WAIT);
	ck_assert(last_intent()->granted);
	world_begin(&w, "*5*7*1*2#"); /* a shortcut enters it and answers nothing in it */
	ck_assert_int_eq(w.out.verdict, MACHINE_WAIT);
	ck_assert_str_eq(last_intent()->text, "");
}
END_TEST

static const char *const hostile[] = {
	"<html><body>\t<h1>500</h1></body></html>",
	"\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7 \xe2\x80\xae\xd8\xa8\xd9\x83 1) \xd9\x86\xd8\xb9\xd9\x85",
	"\xf0\x9f\x98\x80\xf0\x9f\x98\x80 1 Yes \xf0\x9f\x91\x8d",
	"\x1b[2J\x07\x08\x7f\xc2\x85 hello",
	"\xff\xfe\xc3 broken",
	"{name} {balance} {{",
	"[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[",
};

/* Promise 6: whatever an app says is one page of clean text. */
START_TEST(hostile_app_texts)
{
	const size_t n_list = sizeof(hostile) / sizeof(hostile[0]);
	size_t size = 10 * 1024 * 1024;
	char *huge = malloc(size);

	ck_assert_ptr_nonnull(huge);
	memset(huge, _i % 2 ? 'W' : ' ', size);
	for (size_t i = 0; i + 1 < size; i += 7)
		huge[i] = 'a';
	huge[size - 1] = '\0';
	load(TOP HOME("shop") APP TAIL);
	world_begin(&w, "*5#");
	world_type(&w, "1");
	world_app(&w, MACHINE_GIVEN, (size_t)_i < n_list ? hostile[_i] : huge, false);
	ck_assert_int_eq(w.out.verdict, MACHINE_SHOW);
	ck_assert(text_utf8_valid(w.out.text, w.out.len));
	ck_assert_uint_eq(w.out.len, strlen(w.out.text));
	ck_assert(text_fits(w.out.text, w.out.len, 160));
	for (size_t i = 0; i < w.out.len; i++)
		ck_assert((unsigned char)w.out.text[i] >= 0x20 || w.out.text[i] == '\n');
	ck_assert_int_eq(w.out.shortened, (size_t)_i >= n_list || _i == 6);
	if (_i == 5)
		SCREEN("{name} {balance} {{"); /* an app's words are no template */
	free(huge);
}
END_TEST

/* --- facts --- */

static const char facts[] = TOP "home = { say = \"Home\"; menu = ( ( \"Balance\", \"money\" ), ( \"Menu\", "
				"\"menu\" ), ( \"Bundles\", \"bundles\" ) ); };\n"
				"money = { dial = \"*5*2#\"; end = \"You have {balance|?}.\"; facts = { "
				"within = \"1s\"; else = \"none\"; }; };\n"
				"menu = { say = \"{balance:money|-} left\"; menu = ( ( \"Buy\", \"bye\" ), ( "
				"\"More {bundles|-}\", \"bundles\" ) ); };\n"
				"bundles = { end = \"{bundles|no bundles}\"; };\n"
				"none = { end = \"We will text you.\"; };\n" TAIL;

START_TEST(facts_are_asked_for)
{
	load(facts);
	ck_assert_uint_eq(w.book->screen[1].facts, BOOK_FACT_BALANCE);
	ck_assert_uint_eq(w.book->screen[1].facts_within_ms, 1000);
	ck_assert_uint_eq(w.book->screen[2].facts, BOOK_FACT_BALANCE | BOOK_FACT_BUNDLES);
	ck_assert_uint_eq(w.book->screen[2].facts_within_ms, 1500);
	world_begin(&w, "*5*2#");
	ck_assert_int_eq(w.out.verdict, MACHINE_WAIT);
	ck_assert_int_eq(last_intent()->kind, INTENT_FACTS);
	ck_assert_int_eq(last_intent()->field, BOOK_FACT_BALANCE);
	world_facts(&w, MACHINE_GIVEN);
	ENDS("You have KES 1234.50.");
	world_begin(&w, "*5*2#"); /* known now: not asked for again */
	ENDS("You have KES 1234.50.");
	ck_assert_uint_eq(w.n_intents, 1);
}
END_TEST

START_TEST(facts_that_do_not_come)
{
	load(facts);
	world_begin(&w, "*5*2#");
	world_facts(&w, _i == 0 ? MACHINE_LATER : MACHINE_FAILED);
	ENDS("We will text you.");
	world_begin(&w, "*5#");
	world_type(&w, "3");
	world_facts(&w, MACHINE_LATER); /* no else: the apology */
	ck_assert(w.out.our_fault);
}
END_TEST

/* A charging system without money says so by saying nothing. */
START_TEST(facts_not_known_fall_back)
{
	load(facts);
	w.balance[0] = '\0';
	world_begin(&w, "*5#");
	world_type(&w, "2");
	ck_assert_int_eq(last_intent()->field, BOOK_FACT_BALANCE | BOOK_FACT_BUNDLES);
	world_facts(&w, MACHINE_GIVEN);
	SCREEN("- left\n1 Buy\n2 More 100MB until 3 Jan\n0 Back");
	ck_assert_uint_eq(w.n_intents, 1);
	world_type(&w, "9"); /* the same screen again asks for nothing */
	ck_assert_int_eq(w.out.verdict, MACHINE_SHOW);
	ck_assert_uint_eq(w.n_intents, 1);
	world_type(&w, "0");
	SCREEN("Home\n1 Balance\n2 Menu\n3 Bundles");
}
END_TEST

/* Menus that a shortcut passes are not shown, so nothing is asked for them. */
START_TEST(shortcuts_pass_menus_with_facts)
{
	load(facts);
	world_begin(&w, "*5*7#");
	SCREEN("Home\n1 Balance\n2 Menu\n3 Bundles");
	world_begin(&w, "*5*3*1#");
	ck_assert_int_eq(w.out.verdict, MACHINE_WAIT);
	world_facts(&w, MACHINE_GIVEN);
	ENDS("100MB until 3 Jan");
	w.has_facts = false;
	w.n_intents = 0;
	world_begin(&w, "*5*2*1#"); /* "*5*2#" is a shortcut of its own; what follows is dropped */
	ck_assert_int_eq(last_intent()->field, BOOK_FACT_BALANCE);
}
END_TEST

START_TEST(events_out_of_order)
{
	load(TOP HOME("shop") APP "money = { dial = \"*5*2#\"; end = \"{balance}\"; };\n" TAIL);
	world_begin(&w, "*5#");
	world_app(&w, MACHINE_GIVEN, "x", false);
	ck_assert(w.out.our_fault);
	world_begin(&w, "*5*7#");
	world_facts(&w, MACHINE_GIVEN);
	ck_assert(w.out.our_fault);
	world_begin(&w, "*5*2#");
	world_app(&w, MACHINE_GIVEN, "x", false);
	ck_assert(w.out.our_fault);
	world_begin(&w, "*5*7#");
	world_type(&w, "1"); /* nothing is on the screen */
	ck_assert(w.out.our_fault);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kinds");
	TCase *t = tcase_create("kinds");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, list_pages_and_numbers);
	tcase_add_loop_test(t, list_searches, 0, (int)(sizeof(searches) / sizeof(searches[0])));
	tcase_add_test(t, list_narrows_and_back);
	tcase_add_test(t, list_speaks_the_language);
	tcase_add_test(t, list_can_be_resumed);
	tcase_add_test(t, a_broken_needle_is_harmless);
	tcase_add_loop_test(t, several_choices, 0, (int)(sizeof(choices) / sizeof(choices[0])));
	tcase_add_test(t, several_labels_are_joined);
	tcase_add_loop_test(t, answers, 0, (int)(sizeof(asks) / sizeof(asks[0])));
	tcase_add_test(t, secrets_are_shown_nowhere);
	tcase_add_test(t, app_dialogue);
	tcase_add_loop_test(t, app_fails, 0, 3);
	tcase_add_test(t, app_without_else_apologises);
	tcase_add_test(t, app_leads_on);
	tcase_add_test(t, apps_that_fail_in_a_circle_end);
	tcase_add_test(t, app_is_begun_again_after_a_drop);
	tcase_add_loop_test(t, hostile_app_texts, 0, (int)(sizeof(hostile) / sizeof(hostile[0])) + 2);
	tcase_add_test(t, facts_are_asked_for);
	tcase_add_loop_test(t, facts_that_do_not_come, 0, 2);
	tcase_add_test(t, facts_not_known_fall_back);
	tcase_add_test(t, shortcuts_pass_menus_with_facts);
	tcase_add_test(t, events_out_of_order);
	suite_add_tcase(s, t);
	return run_suite(s);
}
