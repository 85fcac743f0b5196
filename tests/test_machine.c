/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine: the shipped service as conversations, and every kind of step. Random ones: test_machine_random.c. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/menus_world.h"
#include "tests/run_suite.h"

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

int main(void)
{
	Suite *s = suite_create("machine");
	TCase *join = tcase_create("join"), *other = tcase_create("other");

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
	tcase_add_test(other, circles_end_in_the_apology);
	tcase_add_loop_test(other, answers_are_read_as_what_was_asked, 0, 26);
	tcase_add_test(other, long_menus_have_pages);
	tcase_add_test(other, way_back_is_bounded_and_has_no_circles);
	suite_add_tcase(s, other);
	return run_suite(s);
}
