/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Talks: what the parser makes of a file, what counts as the same screen, and that a talk that fails says where and
 * how. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "tests/run_suite.h"
#include "tools/talk.h"
#include "tools/talk_diff.h"
#include "tools/talk_run.h"

static enum rc parse(const char *text, struct findings **findings, struct talk *t)
{
	memset(t, 0, sizeof *t);
	*findings = findings_new();
	ck_assert_ptr_nonnull(*findings);
	return talk_parse(text, "x.talk", *findings, t);
}

START_TEST(every_verb_is_read)
{
	static const char text[] = "# a comment\n"
				   "dial *123# from 0722000001 in sw\n"
				   "< One\n<\n<  two\n"
				   "\n"
				   "> Anna  W\n"
				   "< Hello...\n"
				   "sms JOIN me from home from +254722000002\n"
				   "repeat\ndrop\nwait 30s\n"
				   "expect sms none\n"
				   "expect sms \"Thanks\\nAnna\"\n"
				   "expect profile name = Anna W\n"
				   "expect profile town = none\n"
				   "expect grants 2\n"
				   "expect registered yes\n"
				   "expect language sw\n"
				   "expect consent profile withdrawn\n";
	static const enum talk_verb verbs[] = {
		TALK_DIAL,
		TALK_SCREEN,
		TALK_TYPE,
		TALK_SCREEN,
		TALK_SMS,
		TALK_REPEAT,
		TALK_DROP,
		TALK_WAIT,
		TALK_EXPECT_SMS,
		TALK_EXPECT_SMS,
		TALK_EXPECT_PROFILE,
		TALK_EXPECT_PROFILE,
		TALK_EXPECT_GRANTS,
		TALK_EXPECT_REGISTERED,
		TALK_EXPECT_LANGUAGE,
		TALK_EXPECT_CONSENT,
	};
	struct findings *f;
	struct talk t;

	ck_assert_int_eq(parse(text, &f, &t), RC_OK);
	ck_assert_uint_eq(t.n, sizeof verbs / sizeof verbs[0]);
	for (size_t i = 0; i < t.n; i++)
		ck_assert_int_eq(t.step[i].verb, verbs[i]);
	ck_assert_int_eq(t.step[0].line, 2);
	ck_assert_str_eq(t.step[0].text, "*123#");
	ck_assert_str_eq(t.step[0].from, "0722000001");
	ck_assert_str_eq(t.step[0].language, "sw");
	ck_assert_str_eq(t.step[1].text, "One\n\n two");
	ck_assert_int_eq(t.step[1].line, 3);
	ck_assert_str_eq(t.step[2].text, "Anna  W");
	ck_assert_int_eq(t.step[3].rest, TALK_ANY_TEXT);
	ck_assert_str_eq(t.step[4].text, "JOIN me from home");
	ck_assert_str_eq(t.step[4].from, "+254722000002");
	ck_assert_int_eq(t.step[7].number, 30000);
	ck_assert_ptr_null(t.step[8].text);
	ck_assert_str_eq(t.step[9].text, "Thanks\nAnna");
	ck_assert_str_eq(t.step[10].value, "Anna W");
	ck_assert_ptr_null(t.step[11].value);
	ck_assert_int_eq(t.step[12].number, 2);
	ck_assert_int_eq(t.step[13].number, 1);
	ck_assert_str_eq(t.step[15].value, "withdrawn");
	talk_fini(&t);
	findings_free(f);
}
END_TEST

static const struct {
	const char *text;
	int line;
	const char *what, *remedy;
} faults[] = {
	{"dail *123#\n", 1, "\"dail\"", "did you mean \"dial\"?"},
	{"# x\ndial\n", 2, "dial needs a code", "dial *123#"},
	{"dial *123# form 1\n", 1, "\"form\"", "from MSISDN"},
	{"sms\n", 1, "sms needs a text", "sms TEXT"},
	{"wait 30\n", 1, "not a duration", "wait 30s"},
	{"drop it\n", 1, "drop stands alone", ""},
	{"expect nothing\n", 1, "\"nothing\"", ""},
	{"expect grant 1\n", 1, "\"grant\"", "did you mean \"grants\"?"},
	{"expect grants one\n", 1, "\"one\"", "expect grants 1"},
	{"expect registered maybe\n", 1, "\"maybe\"", "yes or no"},
	{"expect profile name Anna\n", 1, "cannot be read", "FIELD = VALUE"},
	{"expect consent profile given\n", 1, "cannot be read", "granted, refused"},
	{"charging off\n", 1, "charging does not know \"off\"", "lost-reply"},
	{"app off\n", 1, "app does not know \"off\"", "garbage"},
	{"app says \"Hello\"\n", 1, "not an app's answer", "CON"},
	{"reload\n", 1, "reload needs a menu file", "FILE"},
	{"given name = Anna\n", 1, "given cannot be read", "given profile FIELD = VALUE"},
	{"expect screen\n", 1, "expect screen needs a name", "NAME"},
	{"> \xff\n", 0, "not valid UTF-8", "UTF-8"},
};

START_TEST(a_fault_is_named)
{
	struct findings *f;
	struct talk t;

	ck_assert_int_eq(parse(faults[_i].text, &f, &t), RC_SYNTAX);
	ck_assert_uint_eq(findings_errors(f), 1);
	ck_assert_int_eq(findings_at(f, 0)->line, faults[_i].line);
	ck_assert_ptr_nonnull(strstr(findings_at(f, 0)->what, faults[_i].what));
	ck_assert_ptr_nonnull(strstr(findings_at(f, 0)->remedy, faults[_i].remedy));
	findings_free(f);
}
END_TEST

START_TEST(same_screens_are_told_from_different_ones)
{
	ck_assert(talk_diff_same("a\nb", TALK_WHOLE, "a\nb"));
	ck_assert(talk_diff_same("a\nb", TALK_WHOLE, "a \nb  "));
	ck_assert(!talk_diff_same("a\nb", TALK_WHOLE, "a\nb\nc"));
	ck_assert(!talk_diff_same("a\nb", TALK_WHOLE, "a"));
	ck_assert(!talk_diff_same("a", TALK_WHOLE, "A"));
	ck_assert(talk_diff_same("a\nb", TALK_ANY_LINES, "a\nb\nc"));
	ck_assert(talk_diff_same("a\nb", TALK_ANY_LINES, "a\nb"));
	ck_assert(!talk_diff_same("a\nb", TALK_ANY_LINES, "a\nbc"));
	ck_assert(talk_diff_same("a\nb", TALK_ANY_TEXT, "a\nbc\nd"));
	ck_assert(!talk_diff_same("a\nb", TALK_ANY_TEXT, "a\nc"));
	ck_assert(!talk_diff_same("a\nb", TALK_ANY_TEXT, "x\nb"));
	ck_assert(talk_diff_same("", TALK_ANY_TEXT, "anything"));
}
END_TEST

/* --- running against the shipped join service -------------------------------------------------------- */

struct play {
	char *printed;
	struct talk_report report;
};

static void play(const char *text, struct play *p)
{
	const char *srcdir = getenv("srcdir");
	struct findings *f = findings_new();
	struct services *services;
	struct config *config;
	struct talk_stage stage;
	struct talk t;
	size_t size = 0;
	char path[4096], why[TALK_WHY_SIZE];
	FILE *to;

	memset(p, 0, sizeof *p);
	snprintf(path, sizeof path, "%s/conf/starhash.conf", srcdir ? srcdir : ".");
	ck_assert_int_eq(config_load(path, f, &config), RC_OK);
	ck_assert_int_eq(services_new(config, f, &services), RC_OK);
	ck_assert_int_eq(talk_parse(text, "x.talk", f, &t), RC_OK);
	to = open_memstream(&p->printed, &size);
	ck_assert_ptr_nonnull(to);
	ck_assert_int_eq(talk_scratch_open(&t, config, services, NULL, &stage, why), RC_OK);
	talk_run(&t, config, services, &stage, false, to, &p->report);
	fclose(to);
	talk_fini(&t);
	services_free(services);
	config_free(config);
	findings_free(f);
}

#define JOIN "dial *123*1# from 0700000001 in en\n> 1\n> Anna Wanjiru\n> Nyeri\n> 1\n"

START_TEST(a_right_talk_passes_in_silence)
{
	struct play p;

	play(JOIN "< Thanks Anna Wanjiru!...\nexpect registered yes\nexpect grants 1\nexpect profile town = "
	          "Nyeri\n"
	          "expect consent profile granted\nexpect language en\nexpect sms Thanks Anna...\nexpect sms "
	          "none\n",
	     &p);
	ck_assert_str_eq(p.printed, "");
	ck_assert(p.report.passed);
	ck_assert_int_eq(p.report.steps, 13);
	free(p.printed);
}
END_TEST

START_TEST(a_wrong_screen_is_shown_beside_the_right_one)
{
	struct play p;

	play("dial *123*1# in en\n> 1\n< Your whole name?\n< ...\n> Anna\n", &p);
	ck_assert(!p.report.passed);
	ck_assert_int_eq(p.report.steps, 3); /* what follows is not played */
	ck_assert_ptr_nonnull(strstr(p.printed, "x.talk:3: the screen differs"));
	ck_assert_ptr_nonnull(strstr(p.printed, "Your whole name?     ! Your full name?"));
	ck_assert_ptr_nonnull(strstr(p.printed, "at screen name: "));
	free(p.printed);
}
END_TEST

static const struct {
	const char *tail;
	const char *says;
} wrong[] = {
	{"expect registered no\n", "x.talk:6: what is stored differs"},
	{"expect grants 0\n", "! 1"},
	{"expect profile town = Nakuru\n", "Nakuru               ! Nyeri"},
	{"expect profile town = none\n", "none                 ! Nyeri"},
	{"expect profile twon = Nyeri\n", "no such field"},
	{"expect consent profile refused\n", "refused              ! granted"},
	{"expect consent other granted\n", "granted              ! none"},
	{"expect language sw\n", "sw                   ! en"},
	{"expect sms none\n", "(none)               ! Thanks Anna Wanjiru!"},
	{"expect sms Thanks\n", "Thanks               ! Thanks Anna Wanjiru!"},
	{"> 1\n", "no dialogue is open"},
	{"dial *123# from 12\n", "not a subscriber's number"},
};

START_TEST(a_wrong_expectation_fails)
{
	struct play p;
	char text[500];

	snprintf(text, sizeof text, "%s%s", JOIN, wrong[_i].tail);
	play(text, &p);
	ck_assert(!p.report.passed);
	ck_assert_msg(strstr(p.printed, wrong[_i].says) != NULL, "\"%s\" is not in:\n%s", wrong[_i].says,
	              p.printed);
	free(p.printed);
}
END_TEST

/* Promise 4: a duplicate gets the same answer and runs nothing. */
START_TEST(a_repeated_input_changes_nothing)
{
	struct play p;

	play("dial *123*1# in en\n> 1\nrepeat\n< Your full name?...\n> Anna\n> Nyeri\n> 1\nrepeat\nexpect "
	     "grants 1\n",
	     &p);
	ck_assert_msg(p.report.passed, "%s", p.printed);
	free(p.printed);
}
END_TEST

START_TEST(time_goes_by_only_by_hand)
{
	struct play p;

	play("dial *123*1# in en\n> 1\nwait 170s\n> Anna\n< Your town?...\nwait 181s\n> Nyeri\n", &p);
	ck_assert(!p.report.passed); /* idle is 180s */
	ck_assert_ptr_nonnull(strstr(p.printed, "x.talk:7: nothing waits for an answer"));
	free(p.printed);
}
END_TEST

START_TEST(what_was_before_can_be_given)
{
	struct play p;

	play("given consent profile granted\ngiven profile name = \"Anna\"\ngiven grant 100MB join\n"
	     "given resume join town\ndial *123# in en\n< Continue where...\n> 1\nexpect screen town\n> Nyeri\n> 1\n"
	     "< Thanks Anna! You had your 100 MB before.\nexpect screen again\nexpect grants 1\n",
	     &p);
	ck_assert_msg(p.report.passed, "%s", p.printed);
	free(p.printed);
	play("given profile name = Anna\ndial *123#\n", &p);
	ck_assert(!p.report.passed); /* promise 8 holds here as well */
	ck_assert_ptr_nonnull(strstr(p.printed, "its consent was not given before"));
	free(p.printed);
}
END_TEST

START_TEST(the_app_says_what_the_talk_says)
{
	struct play p;

	play("dial *160# in en\napp says \"CON One\\nTwo\"\n> 1\n< One\n< Two\napp > \"\"\n> 7\n< You typed: 7...\n"
	     "app > 7\napp slow\n> 8\n< The market does not answer...\nexpect screen closed\n",
	     &p);
	ck_assert_msg(p.report.passed, "%s", p.printed);
	free(p.printed);
	play("dial *160#\n> 1\napp > 7\n", &p);
	ck_assert(!p.report.passed);
	ck_assert_ptr_nonnull(strstr(p.printed, "x.talk:3: the app was sent something else"));
	free(p.printed);
}
END_TEST

/* Promise 5: a dialogue ends on the menu version on which it began. */
START_TEST(a_reload_is_for_the_next_dialogue)
{
	char folder[] = "/tmp/test_talk.XXXXXX", path[64], text[300];
	struct play p;
	FILE *menu;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/join.conf", folder);
	menu = fopen(path, "w");
	ck_assert_ptr_nonnull(menu);
	fputs("code = \"*123#\"; languages = [ \"en\" ]; start = \"new\"; screens = { new = { end = \"New.\"; }; };\n",
	      menu);
	fclose(menu);
	snprintf(text, sizeof text,
	         "dial *123*1# in en\nreload %s\n> 1\n< Your full name?...\ndial *123#\n< New.\n", path);
	play(text, &p);
	ck_assert_msg(p.report.passed, "%s", p.printed);
	free(p.printed);
	unlink(path);
	play(text, &p);
	ck_assert(!p.report.passed);
	ck_assert_ptr_nonnull(strstr(p.printed, "x.talk:2: the new file has errors"));
	free(p.printed);
	rmdir(folder);
}
END_TEST

/* A stage without means says so, and nothing behind it passes for played. */
static enum talk_did cannot(void *ctx, const struct talk_step *s, int64_t msisdn, char *why)
{
	(void)msisdn;
	(void)why;
	++*(int *)ctx;
	return s->verb == TALK_CHARGING ? TALK_SKIPPED : TALK_DONE;
}

static const char *no_screen(void *ctx, bool *last)
{
	(void)ctx;
	*last = false;
	return "Hello";
}

static bool yes(void *ctx)
{
	(void)ctx;
	return true;
}

static void end_of_talk(void *ctx)
{
	(void)ctx;
}

START_TEST(what_is_skipped_is_said)
{
	int acts = 0;
	struct talk_stage stage = {
		.ctx = &acts, .act = cannot, .screen = no_screen, .is_open = yes, .finish = end_of_talk};
	struct config *config = calloc(1, sizeof *config);
	struct talk_report report;
	struct findings *f;
	struct talk t;
	char *printed;
	size_t size;
	FILE *to = open_memstream(&printed, &size);

	ck_assert_int_eq(parse("dial *1# from 254700000001\n< Hello\ncharging slow\n> 1\n< Not this\n"
	                       "dial *1# from 254700000002\n< Hello\nexpect screen x\n",
	                       &f, &t),
	                 RC_OK);
	talk_run(&t, config, NULL, &stage, false, to, &report);
	fclose(to);
	ck_assert(report.passed);
	ck_assert_int_eq(report.skipped, 4);
	ck_assert_int_eq(report.steps, 4);
	ck_assert_int_eq(acts, 3);
	ck_assert_ptr_nonnull(strstr(printed, "x.talk:3: skipped live: charging slow"));
	ck_assert_ptr_nonnull(strstr(printed, "x.talk:8: skipped live: expect screen x"));
	free(printed);
	talk_fini(&t);
	findings_free(f);
	free(config);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("talk");
	TCase *tc = tcase_create("talk");

	log_init(LOG_LV_WARN);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, every_verb_is_read);
	tcase_add_loop_test(tc, a_fault_is_named, 0, (int)(sizeof faults / sizeof faults[0]));
	tcase_add_test(tc, same_screens_are_told_from_different_ones);
	tcase_add_test(tc, a_right_talk_passes_in_silence);
	tcase_add_test(tc, a_wrong_screen_is_shown_beside_the_right_one);
	tcase_add_loop_test(tc, a_wrong_expectation_fails, 0, (int)(sizeof wrong / sizeof wrong[0]));
	tcase_add_test(tc, a_repeated_input_changes_nothing);
	tcase_add_test(tc, time_goes_by_only_by_hand);
	tcase_add_test(tc, what_was_before_can_be_given);
	tcase_add_test(tc, the_app_says_what_the_talk_says);
	tcase_add_test(tc, a_reload_is_for_the_next_dialogue);
	tcase_add_test(tc, what_is_skipped_is_said);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
