/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Menus and what is known already: consent asked once, questions asked once, answers that fit the field's kind, and what the
 * last screens of "my data" ask for. Promise 8: no answer is kept whose consent does not stand.
 */
#include <check.h>
#include <string.h>

#include "tests/known_world.h"
#include "tests/run_suite.h"

#define SCREEN(wanted) ck_assert_str_eq(w.out.text, wanted)
#define OK "Acme keeps it. STOP ends it. OK?\n1 Yes\n2 No"

/* purpose, what was said before, ask = "always": what is seen on dialling. */
START_TEST(consent_is_asked_once)
{
	static const struct {
		const char *to, *more;
		enum record_consent before;
		const char *seen;
	} table[] = {
		{"profile", "", RECORD_CONSENT_NONE, OK},
		{"profile", "", RECORD_CONSENT_GRANTED, "Bye"},
		{"profile", "", RECORD_CONSENT_REFUSED, OK}, /* they came for it */
		{"offers", "", RECORD_CONSENT_NONE, OK},
		{"offers", "", RECORD_CONSENT_GRANTED, "Bye"},
		{"offers", "", RECORD_CONSENT_REFUSED, "No"}, /* a no to marketing is not argued with */
		{"offers", "ask = \"always\"; ", RECORD_CONSENT_REFUSED, OK},
		{"offers", "ask = \"always\"; ", RECORD_CONSENT_GRANTED, OK},
		{"offers", "ask = \"once\"; ", RECORD_CONSENT_GRANTED, "Bye"},
	};
	char text[1000];

	snprintf(text, sizeof text, TOP CONSENT("a", "%s", "z", "n", "%s") END, table[_i].to, table[_i].more);
	load(text);
	profile_is = offers_is = table[_i].before;
	world_begin(&w, "*5#");
	SCREEN(table[_i].seen);
	ck_assert_uint_eq(w.n_intents, 0);
}
END_TEST

/* Without a port that knows consents, as for whoever renders a book alone, nothing is passed. */
START_TEST(consent_is_asked_where_nothing_is_known)
{
	load(TOP CONSENT("a", "profile", "z", "n", "") END);
	w.port.consent = NULL;
	world_begin(&w, "*5#");
	SCREEN(OK);
}
END_TEST

START_TEST(back_shows_a_consent_again_and_takes_another_answer)
{
	load(TOP CONSENT(
		"a", "profile", "b", "n",
		"") "b = { say = \"Name?\"; ask = { save = \"name\"; length = [ 1, 9 ]; once = true; }; next = \"c\"; };\n"
	            "c = { say = \"Code?\"; ask = { save = \"code\"; }; next = \"z\"; };\n" END);
	world_begin(&w, "*5#");
	world_type(&w, "1");
	profile_is = RECORD_CONSENT_GRANTED;
	SCREEN("Name?\n0 Back");
	world_type(&w, "0");
	SCREEN(OK);
	world_type(&w, "1");
	world_type(&w, "Jane");
	SCREEN("Code?\n0 Back\n00 Home");
	world_type(&w, "0"); /* a question asked once is asked again by whoever goes back to it */
	SCREEN("Name?\n0 Back");
	world_type(&w, "Joan");
	ck_assert_str_eq(w.value[0], "Joan");
	SCREEN("Code?\n0 Back\n00 Home");
	world_type(&w, "00"); /* and the way forward asks only what is missing */
	SCREEN("Code?");
}
END_TEST

START_TEST(only_what_is_missing_is_asked)
{
	load(TOP CONSENT(
		"a", "profile", "b", "n",
		"") "b = { say = \"Name?\"; ask = { save = \"name\"; length = [ 1, 9 ]; once = true; }; next = \"c\"; };\n"
	            "c = { say = \"Role?\"; pick = { save = \"role\"; once = true; of = ( ( \"head\", \"H\" ), ( \"job\", \"J\" ) ); }; "
	            "next = \"d\"; };\n"
	            "d = { say = \"Town?\"; list = { save = \"town\"; once = true; rows = ( ( \"Nakuru\", \"Nakuru\" ), ( \"Lamu\", "
	            "\"Lamu\" ) ); }; next = \"z\"; };\n" END);
	profile_is = RECORD_CONSENT_GRANTED;
	strcpy(w.value[0], "Jane");
	world_begin(&w, "*5#");
	SCREEN("Role?\n1 H\n2 J");
	strcpy(w.value[2], "job");
	world_begin(&w, "*5#");
	SCREEN("Town?\n1 Nakuru\n2 Lamu");
	strcpy(w.value[1], "Lamu");
	world_begin(&w, "*5#");
	SCREEN("Bye");
	w.value[0][0] = '\0'; /* taken back: asked again */
	world_begin(&w, "*5#");
	SCREEN("Name?");
	ck_assert_uint_eq(w.n_intents, 0);
}
END_TEST

START_TEST(the_language_is_asked_once)
{
	load("code = \"*5#\"; languages = [ \"en\", \"sw\" ]; start = \"a\"; screens = {\n"
	     "a = { say = \"Language?\"; pick = { save = \"language\"; once = true; of = ( ( \"en\", \"English\" ), ( \"sw\", "
	     "\"Kiswahili\" ) ); }; next = \"z\"; };\nz = { end = [ \"Bye\", \"Kwaheri\" ]; }; };");
	world_begin(&w, "*5#");
	SCREEN("Language?\n1 English\n2 Kiswahili");
	world_type(&w, "2");
	SCREEN("Kwaheri");
	ck_assert_int_eq(w.intent[0].kind, INTENT_LANGUAGE);
}
END_TEST

/* Promise 8: STOP, or another dialogue, took the consent back while the question stood on the screen. */
START_TEST(an_answer_without_its_consent_is_not_kept)
{
	static const char *const asks[] = {
		"ask = { save = \"name\"; length = [ 1, 9 ]; }",
		"pick = { save = \"role\"; of = ( ( \"head\", \"1\" ), ( \"job\", \"J\" ) ); }",
		"pick = { save = \"likes\"; several = true; of = ( ( \"music\", \"M\" ), ( \"sport\", \"S\" ) ); }",
		"list = { save = \"town\"; rows = ( ( \"Nakuru\", \"Nakuru\" ), ( \"Lamu\", \"Lamu\" ) ); }",
	};
	char text[1000];

	snprintf(text, sizeof text, TOP "a = { say = \"Q\"; %s; next = \"z\"; };\n" END, asks[_i]);
	load(text);
	profile_is = offers_is = RECORD_CONSENT_GRANTED;
	world_begin(&w, "*5#");
	profile_is = offers_is = RECORD_CONSENT_REFUSED;
	world_type(&w, "1");
	SCREEN("Without your agreement we may not keep this answer, so it was not saved.");
	ck_assert_int_eq(w.out.verdict, MACHINE_END);
	ck_assert(!w.out.our_fault);
	ck_assert_uint_eq(w.n_intents, 0);
}
END_TEST

/* Promise 7: after STOP nobody is asked for marketing, nor agrees to it: where to, what was said before, ask = "always". */
START_TEST(promise_7_after_stop_there_is_no_yes_to_marketing)
{
	static const struct {
		const char *to, *more;
		enum record_consent before;
		const char *seen;
	} table[] = {
		{"offers", "", RECORD_CONSENT_NONE, "No"},
		{"offers", "", RECORD_CONSENT_GRANTED, "No"},
		{"offers", "ask = \"always\"; ", RECORD_CONSENT_NONE, "No"},
		{"offers", "ask = \"always\"; ", RECORD_CONSENT_REFUSED, "No"},
		{"profile", "", RECORD_CONSENT_NONE, OK}, /* STOP is about messages */
		{"profile", "", RECORD_CONSENT_GRANTED, "Bye"},
		{"profile", "ask = \"always\"; ", RECORD_CONSENT_REFUSED, OK},
	};
	char text[1000];

	snprintf(text, sizeof text, TOP CONSENT("a", "%s", "z", "n", "%s") END, table[_i].to, table[_i].more);
	load(text);
	is_stopped = true;
	profile_is = offers_is = table[_i].before;
	world_begin(&w, "*5#");
	SCREEN(table[_i].seen);
	ck_assert_uint_eq(w.n_intents, 0);
}
END_TEST

/* STOP came by another way while the question stood on the screen. */
START_TEST(promise_7_stop_while_it_is_asked)
{
	static const struct {
		const char *to, *typed, *seen;
		size_t n;
		bool granted;
	} table[] = {
		{"offers", "1", "No", 0, false},
		{"offers", "Yes", "No", 0, false},
		{"offers", "2", "No", 1, false}, /* a no is a no, and is kept */
		{"profile", "1", "Bye", 1, true},
	};
	char text[1000];

	snprintf(text, sizeof text, TOP CONSENT("a", "%s", "z", "n", "") END, table[_i].to);
	load(text);
	world_begin(&w, "*5#");
	SCREEN(OK);
	is_stopped = true;
	world_type(&w, table[_i].typed);
	SCREEN(table[_i].seen);
	ck_assert_uint_eq(w.n_intents, table[_i].n);
	ck_assert(w.n_intents == 0 || w.intent[0].granted == table[_i].granted);
	is_stopped = false; /* START: asked again, and agreed to */
	world_begin(&w, "*5#");
	SCREEN(OK);
	world_type(&w, "1");
	SCREEN("Bye");
	ck_assert(w.intent[table[_i].n].granted);
}
END_TEST

/* What a question of no kind of its own takes: what its field is. */
START_TEST(answers_are_of_the_kind_of_the_field)
{
	static const struct {
		const char *ask, *typed;
		int field;
		const char *saved; /* NULL = asked again */
	} table[] = {
		{"save = \"born\"", "25/12/1990", 3, "1990-12-25"},
		{"save = \"born\"", "25121990", 3, "1990-12-25"},
		{"save = \"born\"", "5.1.1990", 3, "1990-01-05"},
		{"save = \"born\"", "5-1-1990", 3, "1990-01-05"},
		{"save = \"born\"", "05 01 1990", 3, "1990-01-05"},
		{"save = \"born\"", "1990-12-25", 3, "1990-12-25"},
		{"save = \"born\"", "31/02/1990", 3, NULL},
		{"save = \"born\"", "12/25/1990", 3, NULL},
		{"save = \"born\"", "5/1-1990", 3, NULL},
		{"save = \"born\"", "5/1/90", 3, NULL},
		{"save = \"born\"", "005/1/1990", 3, NULL},
		{"save = \"born\"", "00000000", 3, NULL},
		{"save = \"born\"", "1/1/2011", 3, NULL}, /* beyond the field's range */
		{"save = \"born\"", "31/12/1899", 3, NULL},
		{"save = \"code\"", "18", 4, "18"},
		{"save = \"code\"", "17", 4, NULL},
		{"save = \"code\"", "100", 4, NULL},
		{"save = \"code\"; range = [ 21, 30 ]", "20", 4, NULL},
		{"save = \"code\"; as = \"year\"; range = [ 18, 99 ]", "18", 4, NULL}, /* no year */
		{"save = \"town\"", "Murang'a", 1, "Murang'a"},
		{"save = \"town\"", "x", 1, NULL},     /* too short */
		{"save = \"town\"", "Lamu!", 1, NULL}, /* no place */
	};
	char text[1000];

	snprintf(text, sizeof text, TOP "a = { say = \"Q\"; ask = { %s; }; next = \"z\"; };\n" END,
	         table[_i].ask);
	load(text);
	profile_is = RECORD_CONSENT_GRANTED;
	w.agreed = true;
	world_begin(&w, "*5#");
	world_type(&w, table[_i].typed);
	ck_assert_int_eq(w.out.bad_input, table[_i].saved == NULL);
	ck_assert_str_eq(w.value[table[_i].field], table[_i].saved != NULL ? table[_i].saved : "");
}
END_TEST

START_TEST(last_screens_stop_and_ask_for_a_copy)
{
	load(TOP
	     "a = { say = \"What?\"; menu = ( ( \"Stop\", \"s\" ), ( \"Copy\", \"c\" ), ( \"Both\", \"b\" ) ); };\n"
	     "s = { stop = true; end = \"Silent\"; };\nc = { copy = true; end = \"Noted\"; };\n"
	     "b = { withdraw = \"offers\"; stop = true; end = \"Done\"; };\n" CONSENT("d", "offers", "z", "n",
	                                                                              "") END);
	world_begin(&w, "*5#");
	world_type(&w, "1");
	SCREEN("Silent");
	ck_assert_int_eq(w.intent[0].kind, INTENT_STOP);
	world_begin(&w, "*5*2#");
	SCREEN("Noted");
	ck_assert_int_eq(w.intent[1].kind, INTENT_COPY);
	world_begin(&w, "*5*3#");
	ck_assert_uint_eq(w.n_intents, 4);
	ck_assert_int_eq(w.intent[2].kind, INTENT_WITHDRAW);
	ck_assert_int_eq(w.intent[3].kind, INTENT_STOP);
	w.refuse_after = 0; /* the store cannot take it: nobody is told that it is done */
	world_begin(&w, "*5*2#");
	ck_assert(w.out.our_fault);
}
END_TEST

/* The version of a consent is that of its words in all languages, or as the file says. */
START_TEST(words_have_a_version)
{
	static const char *const files[] = {
		TOP CONSENT("a", "profile", "z", "n", "") END,
		TOP CONSENT("a", "profile", "n", "z", "ask = \"always\"; ") END, /* the same words */
		TOP CONSENT("a", "profile", "z", "n", "version = \"2026-03\"; ") END,
		"code = \"*5#\"; languages = [ \"en\", \"sw\" ]; start = \"a\"; screens = {\n"
		"a = { say = [ \"Acme keeps it. STOP ends it. OK?\", \"Acme itatunza. STOP huacha. Sawa?\" ]; consent = { to = "
		"\"profile\"; yes = ( \"Yes\", \"z\" ); no = ( \"No\", \"n\" ); }; };\n" END,
		TOP
		"a = { say = \"Acme keeps all. STOP ends it. OK?\"; consent = { to = \"profile\"; yes = ( \"Yes\", \"z\" ); no "
		"= ( \"No\", \"n\" ); }; };\n" END,
	};
	char version[5][BOOK_VERSION_MAX + 1];

	for (size_t i = 0; i < 5; i++) {
		load(files[i]);
		snprintf(version[i], sizeof version[i], "%s", w.book->screen[0].consent.version);
		book_unref(w.book);
		w.book = NULL;
	}
	ck_assert_uint_eq(strspn(version[0], "0123456789abcdef"), 8);
	ck_assert_uint_eq(strlen(version[0]), 8);
	ck_assert_str_eq(version[0], version[1]);
	ck_assert_str_eq(version[2], "2026-03");
	ck_assert_str_ne(version[0], version[3]);
	ck_assert_str_ne(version[0], version[4]);
}
END_TEST

START_TEST(a_consent_says_its_version)
{
	load(TOP CONSENT("a", "profile", "z", "n", "version = \"2026-03\"; ") END);
	world_begin(&w, "*5#");
	world_type(&w, "2");
	ck_assert_uint_eq(w.n_intents, 1);
	ck_assert_int_eq(w.intent[0].kind, INTENT_CONSENT);
	ck_assert_str_eq(w.intent[0].version, "2026-03");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("known");
	TCase *tc = tcase_create("known");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, consent_is_asked_once, 0, 9);
	tcase_add_test(tc, consent_is_asked_where_nothing_is_known);
	tcase_add_test(tc, back_shows_a_consent_again_and_takes_another_answer);
	tcase_add_test(tc, only_what_is_missing_is_asked);
	tcase_add_test(tc, the_language_is_asked_once);
	tcase_add_loop_test(tc, an_answer_without_its_consent_is_not_kept, 0, 4);
	tcase_add_loop_test(tc, promise_7_after_stop_there_is_no_yes_to_marketing, 0, 7);
	tcase_add_loop_test(tc, promise_7_stop_while_it_is_asked, 0, 4);
	tcase_add_loop_test(tc, answers_are_of_the_kind_of_the_field, 0, 22);
	tcase_add_test(tc, last_screens_stop_and_ask_for_a_copy);
	tcase_add_test(tc, words_have_a_version);
	tcase_add_test(tc, a_consent_says_its_version);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
