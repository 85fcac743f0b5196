/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine: the shipped service as conversations, every kind of step, and a hundred thousand random ones. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "tests/menus_world.h"

static struct world w;

static void setup(void)
{
	world_init(&w);
	ck_assert_int_eq(world_load_file(&w, world_source("tests/menus/join.conf")), RC_OK);
}

static void setup_empty(void)
{
	world_init(&w);
}

static void teardown(void)
{
	ck_assert_uint_eq(w.promise_8_broken, 0);
	world_fini(&w);
}

#define SCREEN(wanted) ck_assert_str_eq(w.out.text, wanted)
#define ENDS(wanted)                                          \
	do {                                                  \
		SCREEN(wanted);                               \
		ck_assert_int_eq(w.out.verdict, MACHINE_END); \
	} while (0)
#define AGREE "Acme keeps your answers to serve you better. Stop: *123*3#. Agree?\n1 Yes\n2 No"

static void join_to_gift(void)
{
	world_begin(&w, "*123*1#");
	world_type(&w, "1");
	world_type(&w, "Jane Doe");
	world_type(&w, "Nakuru");
	world_type(&w, "2");
	ck_assert_int_eq(w.out.verdict, MACHINE_WAIT);
}

/* The dialogue of docs/menus.md, word for word. */
START_TEST(design_transcript)
{
	world_begin(&w, "*123*1#");
	SCREEN(AGREE);
	world_type(&w, "1");
	SCREEN("Your full name?\n0 Back");
	world_type(&w, "4!");
	SCREEN("Letters only, please.\nYour full name?\n0 Back");
	ck_assert(w.out.bad_input);
	world_type(&w, "Jane Doe");
	world_resume(&w, "*123#", w.walk.screen);
	SCREEN("Continue where you stopped?\n1 Continue\n2 Start again");
	world_type(&w, "1");
	SCREEN("Your town?");
	ck_assert_str_eq(w.value[0], "Jane Doe");
}
END_TEST

START_TEST(gift_is_asked_for_once_and_told_by_its_result)
{
	static const struct {
		enum machine_result result;
		const char *text;
		bool fault;
	} table[] = {
		{MACHINE_GIVEN, "Thanks Jane Doe! 100 MB is yours.", false},
		{MACHINE_AGAIN, "Thanks Jane Doe! You had your 100 MB before.", false},
		{MACHINE_LATER, "Saved. 100 MB will come by SMS.", false},
		{MACHINE_FAILED, "Sorry, this did not work and it is our fault. Please try again later.",
	         true},
	};

	join_to_gift();
	ck_assert_uint_eq(w.n_intents, 6);
	ck_assert_int_eq(w.intent[0].kind, INTENT_CONSENT);
	ck_assert(w.intent[0].granted);
	ck_assert_str_eq(w.intent[0].text,
	                 "Acme keeps your answers to serve you better. Stop: *123*3#. Agree?");
	ck_assert_int_eq(w.intent[3].kind, INTENT_SAVE);
	ck_assert_str_eq(w.intent[3].text, "job");
	ck_assert_int_eq(w.intent[4].kind, INTENT_GIVE);
	ck_assert_int_eq(w.intent[5].kind, INTENT_NOTICE);
	ck_assert(w.intent[5].if_given);
	ck_assert_str_eq(w.intent[5].text, "Thanks Jane Doe! 100 MB for 7 days. Your data: dial *123*3#.");
	world_result(&w, table[_i].result);
	ENDS(table[_i].text);
	ck_assert_int_eq(w.out.our_fault, table[_i].fault);
	ck_assert_uint_eq(w.n_intents, 6);
	/* The dialogue is over: anything more is out of order. */
	world_result(&w, MACHINE_GIVEN);
	ck_assert(w.out.our_fault);
}
END_TEST

START_TEST(refusal_is_kept_and_nothing_else)
{
	world_begin(&w, "*123*1#");
	world_type(&w, "NO");
	ENDS("OK. Nothing was saved.");
	ck_assert_uint_eq(w.n_intents, 1);
	ck_assert_int_eq(w.intent[0].kind, INTENT_CONSENT);
	ck_assert(!w.intent[0].granted);
	ck_assert_str_eq(w.intent[0].purpose, "profile");
}
END_TEST

START_TEST(back_and_home)
{
	world_begin(&w, "*123#");
	SCREEN("Hello friend\n1 Get 100 MB free\n2 Lugha/Language\n3 My data");
	world_type(&w, "0"); /* leads nowhere: a bad choice */
	ck_assert(w.out.bad_input);
	world_type(&w, "1");
	SCREEN(AGREE "\n0 Back");
	world_type(&w, "1");
	SCREEN("Your full name?\n0 Back\n00 Home");
	world_type(&w, "0");
	SCREEN(AGREE "\n0 Back");
	world_type(&w, "00"); /* not shown, but cannot mean anything else */
	SCREEN("Hello friend\n1 Get 100 MB free\n2 Lugha/Language\n3 My data");
	world_type(&w, "1");
	world_type(&w, "1");
	world_type(&w, "00");
	SCREEN("Hello friend\n1 Get 100 MB free\n2 Lugha/Language\n3 My data");
	ck_assert_uint_eq(w.walk.depth, 0);
}
END_TEST

START_TEST(language_switches_at_once)
{
	world_begin(&w, "*123#");
	world_type(&w, "2");
	world_type(&w, "kiswahili");
	SCREEN("Habari rafiki\n1 Pata MB 100 bure\n2 Lugha/Language\n3 Taarifa zangu");
	ck_assert_int_eq(w.intent[0].kind, INTENT_LANGUAGE);
	ck_assert_str_eq(w.intent[0].text, "sw");
	world_type(&w, "3");
	SCREEN("Taarifa zangu\n1 Ona\n2 Acha\n3 Futa zote\n0 Rudi");
}
END_TEST

START_TEST(tries_are_counted)
{
	world_begin(&w, "*123*1#");
	for (int i = 0; i < 4; i++) {
		world_type(&w, "x");
		ck_assert_int_eq(w.out.verdict, MACHINE_SHOW);
		ck_assert(w.out.bad_input);
	}
	world_type(&w, "x");
	ENDS("Let us stop here for now. Dial again when you are ready.");
	ck_assert(!w.out.our_fault);
	ck_assert_str_eq(w.book->screen[w.walk.screen].name, "agree"); /* from where it can be resumed */
	world_begin(&w, "*123*1#");
	world_type(&w, "1");
	world_type(&w, "1");
	world_type(&w, "1");
	ck_assert_int_eq(w.out.verdict, MACHINE_SHOW);
	world_type(&w, "1");
	ck_assert_int_eq(w.out.verdict, MACHINE_END);
}
END_TEST

START_TEST(shortcuts_never_answer_for_the_subscriber)
{
	world_begin(&w, "*123*1*1#");
	SCREEN(AGREE);
	world_begin(&w, "*123*1*1*Jane#");
	SCREEN("Hello friend\n1 Get 100 MB free\n2 Lugha/Language\n3 My data");
	world_begin(&w, "*123*2*2#");
	SCREEN("Lugha/Language\n1 English\n2 Kiswahili\n0 Back");
	world_begin(&w, "*123*3*1#");
	ENDS("Name: -\nTown: -\nAt home: -");
	world_begin(&w, "*123*3*3*1#"); /* and never delete */
	SCREEN("Delete everything you told us?\n1 Yes, delete\n2 No, keep\n0 Back");
	world_begin(&w, "*123*9#");
	SCREEN("Hello friend\n1 Get 100 MB free\n2 Lugha/Language\n3 My data");
	world_begin(&w, "123");
	SCREEN("Hello friend\n1 Get 100 MB free\n2 Lugha/Language\n3 My data");
	ck_assert_uint_eq(w.n_intents, 0);
}
END_TEST

START_TEST(withdraw_and_erase_after_the_text)
{
	strcpy(w.value[0], "Jane Doe");
	world_begin(&w, "*123*3#");
	world_type(&w, "3");
	world_type(&w, "1");
	ENDS("Deleted. Goodbye, Jane Doe.");
	ck_assert_uint_eq(w.n_intents, 1);
	ck_assert_int_eq(w.intent[0].kind, INTENT_ERASE);
	ck_assert_str_eq(w.value[0], "");
	world_begin(&w, "*123*3#");
	world_type(&w, "2");
	ck_assert_int_eq(w.intent[1].kind, INTENT_WITHDRAW);
	ck_assert_str_eq(w.intent[1].purpose, "profile");
}
END_TEST

START_TEST(registered_people_are_told_so)
{
	w.registered = true;
	world_begin(&w, "*123*1#");
	ENDS("You have joined already.");
	w.walk.language = 1;
	world_begin(&w, "*123*1#");
	ENDS("Umeshajiunga.");
}
END_TEST

START_TEST(resume_offers_only_what_makes_sense)
{
	uint16_t town = book_screen_by_name(w.book, "town");

	world_resume(&w, "*123#", w.book->start);
	SCREEN("Hello friend\n1 Get 100 MB free\n2 Lugha/Language\n3 My data");
	world_resume(&w, "*123*1#", town); /* a shortcut wins */
	SCREEN(AGREE);
	world_resume(&w, "*123#", book_screen_by_name(w.book, "gift"));
	SCREEN("Hello friend\n1 Get 100 MB free\n2 Lugha/Language\n3 My data");
	world_resume(&w, "*123#", 999);
	SCREEN("Hello friend\n1 Get 100 MB free\n2 Lugha/Language\n3 My data");
	world_resume(&w, "", town);
	world_type(&w, "0");
	SCREEN("Please choose a number from the list.\nContinue where you stopped?\n1 Continue\n2 Start "
	       "again");
	world_type(&w, "start again");
	SCREEN("Hello friend\n1 Get 100 MB free\n2 Lugha/Language\n3 My data");
}
END_TEST

/* A port at its bound ends the dialogue with the apology, whichever intent it was. */
START_TEST(refused_intents_end_politely)
{
	static const char *const typed[] = {"1", "Jane Doe", "Nakuru", "2"};

	w.refuse_after = _i;
	world_begin(&w, "*123*1#");
	for (int i = 0; i < 4 && w.out.verdict == MACHINE_SHOW; i++)
		world_type(&w, typed[i]);
	ck_assert_int_eq(w.out.verdict, MACHINE_END);
	ck_assert(w.out.our_fault);
	SCREEN("Sorry, this did not work and it is our fault. Please try again later.");
}
END_TEST

/* Promise 6: a walk that came from nowhere. */
START_TEST(walks_out_of_order_end_politely)
{
	struct walk bad[6];

	for (int i = 0; i < 6; i++)
		walk_init(&bad[i], 0);
	bad[0].phase = WALK_SHOWING;
	bad[0].screen = 5000;
	bad[1].phase = 77;
	bad[2].phase = WALK_SHOWING;
	bad[2].depth = 200;
	bad[3].phase = WALK_SHOWING;
	bad[3].screen = book_screen_by_name(w.book, "join");
	bad[4].phase = WALK_RESUMING;
	bad[5].phase = WALK_WAITING;
	w.walk = bad[_i];
	world_type(&w, "1");
	ck_assert_int_eq(w.out.verdict, MACHINE_END);
	ck_assert(w.out.our_fault);
	w.walk = bad[_i];
	world_result(&w, MACHINE_GIVEN);
	ck_assert(w.out.our_fault);
}
END_TEST

START_TEST(stale_back_stack_and_language)
{
	world_begin(&w, "*123#");
	world_type(&w, "2");
	w.walk.back[0] = 4000;
	world_type(&w, "0");
	ck_assert(w.out.our_fault);
	w.walk.language = 99;
	world_begin(&w, "*123#");
	ck_assert_uint_eq(w.walk.language, 0);
}
END_TEST

#define HEAD "code = \"*5#\"; languages = [ \"en\" ]; start = \"a\"; screens = { "

START_TEST(circles_end_in_the_apology)
{
	ck_assert_int_eq(world_load(&w, HEAD "a = { when = ( ( \"else\", \"b\" ) ); }; b = { when = ( ( "
	                                     "\"else\", \"a\" ) ); }; };"),
	                 RC_OK);
	world_begin(&w, "*5#");
	ck_assert(w.out.our_fault);
}
END_TEST

START_TEST(answers_are_read_as_what_was_asked)
{
	static const struct {
		const char *as, *typed, *saved;
	} table[] = {
		{"as = \"name\"; length = [ 2, 40 ]", "  Mary-Anne   O'Neil Jr.  ", "Mary-Anne O'Neil Jr."},
		{"as = \"name\"; length = [ 2, 40 ]", "Zo\xc3\xab \xe1\x8a\xa0\xe1\x8b\xad\xe1\x8b\xb3",
	         "Zo\xc3\xab \xe1\x8a\xa0\xe1\x8b\xad\xe1\x8b\xb3"},
		{"as = \"name\"; length = [ 2, 40 ]", "Jane 2", NULL},
		{"as = \"name\"; length = [ 2, 40 ]", "Jane \xd9\xa3", NULL}, /* an Arabic-Indic digit */
		{"as = \"name\"; length = [ 2, 40 ]", "-.-", NULL},
		{"as = \"name\"; length = [ 2, 40 ]", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80", NULL},
		{"as = \"name\"; length = [ 2, 4 ]", "Janes", NULL},
		{"as = \"digits\"; length = [ 4, 8 ]", "00123", "00123"},
		{"as = \"digits\"; length = [ 4, 8 ]", "12a45", NULL},
		{"as = \"digits\"; length = [ 4, 8 ]", "123", NULL},
		{"as = \"year\"", "1990", "1990"},
		{"as = \"year\"", "1899", NULL},
		{"as = \"year\"", "2101", NULL},
		{"as = \"year\"", "90", NULL},
		{"as = \"date\"", "29/02/2024", "2024-02-29"},
		{"as = \"date\"", "2024-02-29", "2024-02-29"},
		{"as = \"date\"", "29/02/2023", NULL},
		{"as = \"date\"", "31/04/2020", NULL},
		{"as = \"date\"", "2020-13-01", NULL},
		{"as = \"date\"", "1/1/2020", "2020-01-01"},
		{"as = \"number\"; length = [ 1, 9 ]", "-12.5", "-12.5"},
		{"as = \"number\"; length = [ 1, 9 ]", "12.", NULL},
		{"as = \"number\"; length = [ 1, 9 ]", "-", NULL},
		{"length = [ 1, 9 ]", "a  1 !", "a 1 !"},
		{"length = [ 1, 9 ]", "   ", NULL},
		{"length = [ 1, 160 ]", "\xe1\x8a\xa0", "\xe1\x8a\xa0"},
	};
	char text[500];

	snprintf(text, sizeof(text),
	         HEAD "a = { say = \"Q\"; ask = { save = \"born\"; %s; }; next = \"z\"; }; "
	              "z = { end = \"{born}\"; }; };",
	         table[_i].as);
	ck_assert_int_eq(world_load(&w, text), RC_OK);
	world_begin(&w, "*5#");
	world_type(&w, table[_i].typed);
	ck_assert_int_eq(w.out.bad_input, table[_i].saved == NULL);
	if (table[_i].saved != NULL)
		ck_assert_str_eq(w.value[3], table[_i].saved);
	else
		SCREEN("Sorry, that answer does not fit. Please try again.\nQ");
}
END_TEST

START_TEST(long_menus_have_pages)
{
	char first[80], text[4000] = HEAD "z = { end = \"bye\"; }; a = { say = \"Pick\"; menu = ( ";

	for (int i = 1; i <= 20; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s( \"Somewhere %d\", \"%s\" )",
		         i > 1 ? ", " : "", i, i == 19 ? "b" : "z");
	strcat(text, " ); }; b = { say = \"B\"; menu = ( ( \"x\", \"z\" ), ( \"y\", \"z\" ) ); }; };");
	ck_assert_int_eq(world_load(&w, text), RC_OK);
	world_begin(&w, "*5#");
	ck_assert_ptr_nonnull(strstr(w.out.text, "1 Somewhere 1\n"));
	ck_assert_ptr_nonnull(strstr(w.out.text, "\n98 More"));
	ck_assert_ptr_null(strstr(w.out.text, "0 Back"));
	world_type(&w, "98");
	ck_assert_uint_eq(w.walk.page, 1);
	ck_assert_ptr_nonnull(strstr(w.out.text, "\n98 More\n0 Back"));
	snprintf(first, sizeof(first), "\n%.*s\n", (int)strcspn(w.out.text, "\n"), w.out.text);
	world_type(&w, "nonsense"); /* the place in the list is kept, though the sorry line takes room */
	ck_assert_int_eq(strncmp(w.out.text, "Please choose a number from the list.\n", 38), 0);
	ck_assert_ptr_nonnull(strstr(w.out.text, first));
	world_type(&w, "98");
	ck_assert_ptr_null(strstr(w.out.text, "Please"));
	while (w.walk.page > 1)
		world_type(&w, "0");
	world_type(&w, "0");
	ck_assert_int_eq(strncmp(w.out.text, "Pick\n1 Somewhere 1\n", 19), 0);
	ck_assert_uint_eq(w.walk.page, 0);
	world_type(&w, "19"); /* any number of the whole list, on any page */
	SCREEN("B\n1 x\n2 y\n0 Back");
}
END_TEST

START_TEST(way_back_is_bounded_and_has_no_circles)
{
	char text[3000] = HEAD;

	for (int i = 0; i < 20; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		         "%c = { say = \"%c\"; menu = ( ( \"on\", \"%c\" ), ( \"a\", \"a\" ), ( \"end\", "
		         "\"z\" ) ); }; ",
		         'a' + i, 'a' + i, i < 19 ? 'b' + i : 'a');
	strcat(text, "z = { end = \"z\"; }; };");
	ck_assert_int_eq(world_load(&w, text), RC_OK);
	world_begin(&w, "*5#");
	for (int i = 0; i < 19; i++)
		world_type(&w, "1");
	ck_assert_uint_eq(w.walk.depth, MACHINE_BACK_MAX);
	world_type(&w, "0");
	ck_assert_int_eq(w.out.text[0], 's');
	world_begin(&w, "*5#");
	world_type(&w, "1");
	world_type(&w, "1");
	world_type(&w, "2"); /* "a" stands on the way back: gone back to */
	ck_assert_uint_eq(w.walk.depth, 0);
}
END_TEST

/* Two files with texts in and out of GSM 03.38, long and short, every kind of screen. */
static const char wild[] =
	"code = \"*5#\"; keywords = [ \"WILD\" ]; languages = [ \"en\", \"am\" ]; start = \"w\";\n"
	"screens = { w = { when = ( ( \"registered\", \"m\" ), ( \"not registered\", \"c\" ), ( \"else\", "
	"\"l\" ) ); };\n"
	"m = { dial = \"*5*7#\"; say = [ \"{name|friend} {town} {role|nothing} and many words that go on and "
	"on and on, so that this "
	"cannot stand on a page of its own, {msisdn}, never, ever, {name}, {town}, and still it goes on\", "
	"\"\xe1\x88\xb0\xe1\x88\x8b\xe1\x88\x9d "
	"{name|\xe1\x8a\xa5} {town} \xe1\x88\xb0\xe1\x88\x8b\xe1\x88\x9d "
	"\xe1\x88\xb0\xe1\x88\x8b\xe1\x88\x9d \xe1\x88\xb0\xe1\x88\x8b\xe1\x88\x9d\" ];\n"
	" menu = ( ( \"one {name}\", \"c\" ), ( \"two\", \"n\" ), ( \"three\", \"t\" ), ( \"four {town}\", "
	"\"r\" ), ( \"five\", \"l\" ),\n"
	" ( \"six\", \"d\" ), ( \"seven\", \"g\" ), ( \"eight\", \"e\" ), ( \"nine\", \"s\" ), ( \"ten\", "
	"\"w\" ), ( \"eleven\", \"x\" ), ( \"twelve\", \"a\" ), ( \"{bundles|none}\", \"f\" ), ( \"v\", "
	"\"v\" ) ); };\n"
	"x = { say = \"{town} Pick\"; list = { save = \"town\"; rows = ( ( \"a\", \"Nakuru\" ), ( \"b\", [ "
	"\"Nairobi\", "
	"\"\xe1\x8a\xa0\xe1\x88\x9b\" ] ),\n"
	" ( \"c\", \"Nairobi West\" ), ( \"d\", \"Jane Street\" ), ( \"e\", \"A town whose name alone takes "
	"most of the room that "
	"there is on a page of a phone\" ),\n"
	" ( \"f\", \"No\" ), ( \"g\", \"Yes {name}\" ), ( \"h\", "
	"\"[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}[]{}\" ), ( \"i\", "
	"\"\xe1\xbb\x8cy\xe1\xbb\x8d\" ), ( \"j\", \"0\" ) ); };\n"
	" next = \"m\"; };\n"
	"a = { dial = \"*5*8#\"; app = { url = \"http://x/\"; speaks = \"nalo\"; else = \"f\"; }; };\n"
	"b = { app = { url = \"http://x/\"; speaks = \"hubtel\"; else = \"a\"; }; next = \"a\"; };\n"
	"f = { dial = \"*5*9#\"; say = \"{balance} {bundles} {balance:money|-}\"; facts = { else = \"b\"; "
	"};\n"
	" menu = ( ( \"{balance}\", \"a\" ), ( \"b\", \"b\" ), ( \"end\", \"h\" ) ); };\n"
	"h = { end = \"{bundles} {bundles} {balance}\"; sms = \"{bundles} {balance} {bundles}\"; facts = { "
	"else = \"f\"; }; };\n"
	"v = { say = \"{code}\"; pick = { save = \"code\"; several = true; min = 2; max = 3; of = ( ( \"a\", "
	"\"One {name}\" ), (\n"
	" \"b\", \"Two\" ), ( \"c\", \"Three\" ), ( \"d\", \"Four\" ) ); }; next = \"x\"; };\n"
	"c = { say = \"{name|you}, agree? STOP\"; consent = { to = \"profile\"; yes = ( \"Yes\", \"n\" ); no "
	"= ( \"No\", \"m\" ); }; };\n"
	"n = { say = \"Name?\"; ask = { save = \"name\"; as = \"text\"; length = [ 1, 160 ]; }; next = "
	"\"t\"; };\n"
	"t = { say = \"{name} Town?\"; ask = { save = \"town\"; length = [ 1, 100 ]; tries = 9; }; sorry = "
	"\"no {name}\"; next = \"r\"; };\n"
	"r = { say = \"R {role}\"; pick = { save = \"role\"; of = ( ( \"head\", [ \"Head {name}\", "
	"\"\xe1\x88\xb0\" ] ), ( \"job\", \"J\" ) ); }; next = \"m\"; };\n"
	"l = { say = \"L\"; pick = { save = \"language\"; of = ( ( \"en\", \"English\" ), ( \"am\", "
	"\"\xe1\x8a\xa0\xe1\x88\x9b\xe1\x88\xad\xe1\x8a\x9b\" ) ); }; next = \"m\"; };\n"
	"d = { say = \"When?\"; ask = { save = \"born\"; as = \"date\"; }; next = \"m\"; };\n"
	"g = { give = { bundle = \"100MB\"; once = \"x\"; else = \"e\"; again = \"s\"; }; sms = \"{name} "
	"{town} {name} {town}\"; end = \"{name} {town} got it\"; };\n"
	"e = { end = \"{name} {town} {name} {town}\"; sms = \"{town}\"; erase = true; };\n"
	"s = { end = \"{name}\"; withdraw = \"profile\"; }; };";

static uint32_t seed = 12345;

static uint32_t roll(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static const char *some_input(void)
{
	static const char *const list[] = {
		"0",
		"00",
		"98",
		"1",
		"1",
		"1",
		"2",
		"2",
		"3",
		"4",
		"5",
		"6",
		"7",
		"8",
		"9",
		"10",
		"11",
		"",
		" ",
		"Jane Doe",
		"Nakuru",
		"29/02/2024",
		"Yes",
		"no",
		"{name}",
		"\xf0\x9f\x98\x80",
		"\xe1\x8a\xa0\xe1\x88\x9b\xe1\x88\xad\xe1\x8a\x9b",
		"a\nb",
		"000000000001",
		"\xff\xfe\x80",
		"WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"
		"WWWWWW",
		"\xe1\x8a\xa0 \xe1\x88\x9b\xe1\x88\xad \xe1\x8a\x9b\xe1\x8a\xa0 "
		"\xe1\x88\x9b\xe1\x88\xad\xe1\x8a\x9b \xe1\x8a\xa0\xe1\x88\x9b\xe1\x88\xad "
		"\xe1\x8a\x9b\xe1\x8a\xa0\xe1\x88\x9b "
		"\xe1\x88\xad\xe1\x8a\x9b\xe1\x8a\xa0\xe1\x88\x9b\xe1\x88\xad\xe1\x8a\x9b",
		"[]{}[]{}[]{}[]{}^^^^",
		"na",
		"nai",
		"nakru",
		"o",
		"1 3",
		"1,2,3",
		"12",
		"13",
		"14",
	};
	static char random[40];
	size_t n = roll(sizeof(random));

	if (roll(8) != 0)
		return list[roll(sizeof(list) / sizeof(list[0]))];
	for (size_t i = 0; i < n; i++)
		random[i] = (char)(1 + roll(255));
	random[n] = '\0';
	return random;
}

/* What an app may say. */
static const char *some_words(void)
{
	static const char *const list[] = {
		"Shop\n1 Bread\n2 Milk",
		"",
		" \n ",
		"<html><body><h1>500 Internal Server Error</h1></body></html>",
		"\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7 \xe2\x80\xae\xd8\xa8\xd9\x83",
		"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80",
		"\x1b[2J\x07\x7f\xc2\x85",
		"\xff\xfe\x80",
		"{name} {balance}",
	};
	static char huge[5000];

	if (roll(4) != 0)
		return list[roll(sizeof(list) / sizeof(list[0]))];
	for (size_t i = 0; i + 1 < sizeof(huge); i++)
		huge[i] = (char)(1 + roll(roll(2) ? 255 : 127));
	return huge;
}

/* What was waited for has come, or something that was not. */
static void random_result(void)
{
	uint32_t what = roll(20) == 0 ? roll(4) : w.walk.waits_for;
	enum machine_result r = roll(3) != 0 ? MACHINE_GIVEN : (enum machine_result)roll(4);

	if (what == WALK_FOR_APP) {
		world_app(&w, r, some_words(), roll(3) == 0);
	} else if (what == WALK_FOR_FACTS) {
		world_facts(&w, r);
		w.has_facts = roll(2) != 0;
	} else {
		world_result(&w, (enum machine_result)roll(4));
	}
}

static void random_step(void)
{
	static const char *const dialled[] = {"*5#",         "5",       "*5*7#",      "*5*7*6#",
	                                      "*5*1*1*1*1#", "",        "*5*8*1#",    "*5*7*10*8#",
	                                      "*123*3*3*1#", "*123*1#", "*5*7*11*1#", "*5*9#",
	                                      "*5*9*3#",     "*#*#",    "nonsense"};
	uint32_t what = roll(40);

	w.registered = roll(2) != 0;
	if (what == 0)
		w.refuse_after = (int)roll(3);
	else
		w.refuse_after = -1;
	if (roll(50) == 0) {
		snprintf(w.balance, sizeof(w.balance), "%s", roll(2) ? "123450" : "-99999999999999999");
		memset(w.bundles, roll(2) ? 'W' : '[', sizeof(w.bundles) - 1);
	}
	if (w.out.verdict == MACHINE_WAIT && what > 1)
		random_result();
	else if (w.out.verdict == MACHINE_END || what == 1)
		world_begin(&w, dialled[roll(sizeof(dialled) / sizeof(dialled[0]))]);
	else if (what == 2) /* dropped, and dialled again */
		world_resume(&w, dialled[roll(sizeof(dialled) / sizeof(dialled[0]))], w.walk.screen);
	else
		world_type(&w, some_input());
}

static void inspect(void)
{
	size_t before = w.n_intents;
	bool asked = false, waits;

	random_step();
	waits = w.out.verdict == MACHINE_WAIT;
	for (size_t i = before; i < w.n_intents; i++) {
		const struct world_intent *in = &w.intent[i % WORLD_INTENTS];

		asked = asked || in->kind == INTENT_GIVE || in->kind == INTENT_APP ||
		        in->kind == INTENT_FACTS;
		ck_assert(text_utf8_valid(in->text, strlen(in->text)));
		if (in->kind == INTENT_NOTICE) {
			struct text_cost cost = text_measure(in->text, strlen(in->text));

			ck_assert(cost.gsm7 ? cost.septets <= 459 : cost.ucs2_units <= 201);
		}
	}
	ck_assert(!waits || asked);
	ck_assert_uint_eq(w.out.len, strlen(w.out.text));
	ck_assert(text_utf8_valid(w.out.text, w.out.len));
	ck_assert(text_fits(w.out.text, w.out.len, w.book->page));
	ck_assert(waits || w.out.len > 0 || w.out.verdict == MACHINE_END);
	ck_assert(w.walk.depth <= MACHINE_BACK_MAX);
	ck_assert(w.out.verdict != MACHINE_SHOW || w.book->screen[w.walk.screen].kind <= BOOK_CONSENT ||
	          w.walk.phase == WALK_IN_APP || w.walk.phase == WALK_RESUMING);
	ck_assert_uint_le(w.walk.waits, MACHINE_WAITS_MAX + 1);
	for (size_t i = 0; i < w.out.len; i++)
		ck_assert((unsigned char)w.out.text[i] >= 0x20 || w.out.text[i] == '\n');
}

/* STARHASH_PATHS = random dialogues on each of the two files, for a longer run than every check needs. */
static size_t wanted_paths(void)
{
	const char *wanted = getenv("STARHASH_PATHS");

	return wanted != NULL ? strtoul(wanted, NULL, 10) : 8000;
}

/* Promise 6, promise 8 (the shipped service), and the limits of every phone. */
START_TEST(random_walks)
{
	size_t ended = 0, waited[WALK_FOR_FACTS + 1] = {0}, bad = 0, in_app = 0, searched = 0, shortened = 0;

	if (_i == 0)
		ck_assert_int_eq(world_load_file(&w, world_source("tests/menus/join.conf")), RC_OK);
	else
		ck_assert_int_eq(world_load(&w, wild), RC_OK);
	w.out.verdict = MACHINE_END;
	while (ended < wanted_paths()) {
		inspect();
		ended += w.out.verdict == MACHINE_END;
		waited[w.out.verdict == MACHINE_WAIT ? w.walk.waits_for : WALK_FOR_NOTHING]++;
		in_app += w.walk.phase == WALK_IN_APP;
		searched += w.walk.needle[0] != '\0';
		shortened += w.out.shortened;
		bad += w.out.bad_input;
		if (_i == 1)
			w.promise_8_broken = 0; /* the wild file asks before it has consent, on purpose */
	}
	/* The walk went everywhere. */
	ck_assert_uint_gt(waited[WALK_FOR_GIVE], 10);
	if (_i == 1) {
		ck_assert_uint_gt(waited[WALK_FOR_APP], 100);
		ck_assert_uint_gt(waited[WALK_FOR_FACTS], 20);
		ck_assert_uint_gt(in_app, 100);
		ck_assert_uint_gt(searched, 10);
		ck_assert_uint_gt(shortened, 10);
	}
	ck_assert_uint_gt(bad, 1000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("machine");
	TCase *join = tcase_create("join"), *other = tcase_create("other");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(join, setup, teardown);
	tcase_add_test(join, design_transcript);
	tcase_add_loop_test(join, gift_is_asked_for_once_and_told_by_its_result, 0, 4);
	tcase_add_test(join, refusal_is_kept_and_nothing_else);
	tcase_add_test(join, back_and_home);
	tcase_add_test(join, language_switches_at_once);
	tcase_add_test(join, tries_are_counted);
	tcase_add_test(join, shortcuts_never_answer_for_the_subscriber);
	tcase_add_test(join, withdraw_and_erase_after_the_text);
	tcase_add_test(join, registered_people_are_told_so);
	tcase_add_test(join, resume_offers_only_what_makes_sense);
	tcase_add_loop_test(join, refused_intents_end_politely, 0, 6);
	tcase_add_loop_test(join, walks_out_of_order_end_politely, 0, 6);
	tcase_add_test(join, stale_back_stack_and_language);
	suite_add_tcase(s, join);
	tcase_add_checked_fixture(other, setup_empty, teardown);
	tcase_set_timeout(other, 1200);
	tcase_add_test(other, circles_end_in_the_apology);
	tcase_add_loop_test(other, answers_are_read_as_what_was_asked, 0, 26);
	tcase_add_test(other, long_menus_have_pages);
	tcase_add_test(other, way_back_is_bounded_and_has_no_circles);
	tcase_add_loop_test(other, random_walks, 0, 2);
	suite_add_tcase(s, other);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
