/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results that come after the dialogue has ended, of apps and of gifts: they go on in a push, or come by SMS, and are told
 * once. */
#include "tests/push_world.h"
#include "tests/run_suite.h"

static void setup_late(void)
{
	world_open_on(&w, "ussd = { late = \"push\"; };", (struct world_store){.on_file = true});
}

static void load_shop(void)
{
	static const char more[] = "\"stop\" ), ( \"Shop\", \"shop\" ) ); };\n"
				   "shop = { app = { url = \"http://127.0.0.1:9/\"; speaks = \"hubtel\"; "
				   "within = \"2s\"; else = \"bye\"; }; };\n";
	const char *at = strstr(world_menu, "\"stop\" ) ); };\n");
	char *menu = calloc(1, sizeof(world_menu) + sizeof(more));
	struct findings *f = findings_new();
	int changed;

	ck_assert_ptr_nonnull(at);
	sprintf(menu, "%.*s%s%s", (int)(at - world_menu), world_menu, more,
	        at + strlen("\"stop\" ) ); };\n"));
	world_write(&w, "join.conf", menu);
	ck_assert_int_eq(services_reload(w.services, f, &changed), RC_OK);
	findings_free(f);
	free(menu);
}

/* To where the app is late; the last screen is with the SMSC. */
static void shop_is_late(void)
{
	load_shop();
	world_dial(&w, JANE, "*123#");
	world_say(&w, DIALECT_CONTINUE, JANE, "3");
	ck_assert_uint_eq(w.n_calls, 1);
	world_wait(&w, 2100);
}

/* To where the dialogue has ended without the app. */
static void shop_is_slow(void)
{
	shop_is_late();
	ck_assert_str_eq(world_screen(&w), "OK. Nothing was saved.");
}

START_TEST(an_app_that_is_late_goes_on_in_a_push)
{
	shop_is_slow();
	ck_assert_uint_gt(w.call[0].within_ms, 30000);
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	world_settle(&w);
	ck_assert_str_eq(w.answer[newest_push(DIALECT_SAY_PUSH)].text, "Tea or rice?");
	world_confirm(&w, w.n_answers - 1, DIALOGUE_DELIVERED);
	world_say(&w, DIALECT_CONTINUE, JANE, "2");
	ck_assert_uint_eq(w.n_calls, 2);
	ck_assert_str_eq(w.call[1].input, "2");
	ck_assert_str_eq(w.call[1].session, w.call[0].session);
	world_app_says(&w, 1, RC_OK, "Rice it is.", true);
	ck_assert_str_eq(world_screen(&w), "Rice it is.");
	check_row(0, "completed", "late answered", false);
	check_row(1, "completed", "", true);
	ck_assert_uint_eq(world_sms_count(&w), 0);
	ck_assert_uint_eq(world_counters(&w).late_pushed, 1);
	check_books();
}
END_TEST

START_TEST(a_late_result_that_is_refused_comes_by_sms)
{
	shop_is_slow();
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	world_settle(&w);
	check_notice("sms sending ");
	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_REFUSED);
	world_settle(&w); /* back to the store, and from there */
	ck_assert_uint_eq(world_sms_count(&w), 1);
	ck_assert_str_eq(w.answer[w.n_answers - 1].text, "Tea or rice?");
	check_notice("sms sending ");
	world_confirm(&w, w.n_answers - 1, DIALOGUE_DELIVERED);
	check_notice("sms sent ");
	ck_assert_uint_eq(rows_of(JANE).n_notices, 1);
	ck_assert_uint_eq(world_counters(&w).late_by_sms, 1);
	check_books();
}
END_TEST

START_TEST(promise_4_a_late_result_that_may_have_been_shown_is_not_repeated)
{
	shop_is_slow();
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	world_settle(&w);
	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_UNKNOWN);
	world_wait(&w, 200000);
	ck_assert_uint_eq(world_sms_count(&w), 0);
	check_books();
}
END_TEST

static const enum dialect_cause causes[] = {DIALECT_CAUSE_SUBSCRIBER, DIALECT_CAUSE_NETWORK,
                                            DIALECT_CAUSE_UNKNOWN};

/* Nor does an abort say that it was not shown: nobody is told twice. */
START_TEST(promise_4_a_late_result_that_is_aborted_is_not_repeated)
{
	struct dialogue_input in;

	shop_is_slow();
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	world_settle(&w);
	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_DELIVERED);
	in = world_input(&w, DIALECT_ABORT, JANE, "");
	in.event.cause = causes[_i];
	dialogue_receive(w.dialogues, &in);
	world_wait(&w, 200000);
	ck_assert_uint_eq(world_sms_count(&w), 0);
	ck_assert_uint_eq(world_counters(&w).late_by_sms, 0);
	check_books();
}
END_TEST

START_TEST(whoever_has_gone_on_is_not_disturbed)
{
	size_t before;

	shop_is_slow();
	world_dial(&w, JANE, "*123#");
	before = w.n_answers;
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	world_settle(&w);
	ck_assert_uint_eq(w.n_answers, before);
	ck_assert_uint_eq(world_counters(&w).app_late, 1);
}
END_TEST

/* The last screen is with the SMSC when the app answers: that is not to have gone on. */
START_TEST(a_late_answer_waits_for_the_last_screen_to_leave)
{
	size_t before;

	shop_is_late();
	before = w.n_answers;
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	world_settle(&w);
	ck_assert_uint_eq(w.n_answers, before);
	world_confirm(&w, before - 1, DIALOGUE_DELIVERED);
	world_settle(&w);
	ck_assert_uint_eq(w.n_answers, before + 1);
	ck_assert_str_eq(w.answer[newest_push(DIALECT_SAY_PUSH)].text, "Tea or rice?");
	world_confirm(&w, before, DIALOGUE_REFUSED);
	check_books();
}
END_TEST

/* Nor is it lost with that screen, which nobody has seen. */
START_TEST(a_late_answer_comes_though_the_last_screen_was_cut_off)
{
	size_t before;

	shop_is_late();
	before = w.n_answers;
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	world_say(&w, DIALECT_ABORT, JANE, "");
	world_settle(&w);
	ck_assert_uint_eq(w.n_answers, before + 1);
	ck_assert_str_eq(w.answer[newest_push(DIALECT_SAY_PUSH)].text, "Tea or rice?");
	world_confirm(&w, before, DIALOGUE_REFUSED);
	check_books();
}
END_TEST

START_TEST(who_dials_before_the_last_screen_has_left_has_gone_on)
{
	size_t before;

	shop_is_late();
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	before = w.n_answers;
	world_say(&w, DIALECT_BEGIN, JANE, "*123#");
	world_confirm(&w, before - 1, DIALOGUE_DELIVERED);
	world_settle(&w);
	ck_assert_uint_eq(w.n_answers, before + 1);
	ck_assert(!w.answer[before].is_push);
}
END_TEST

START_TEST(promise_7_after_stop_a_late_answer_of_an_app_is_not_sent_at_all)
{
	size_t sms;

	shop_is_slow();
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	sms = world_sms_count(&w); /* STOP is confirmed */
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	world_settle(&w);
	ck_assert_uint_eq(world_sms_count(&w), sms);
	ck_assert_uint_eq(world_counters(&w).push[DIALOGUE_PUSH_STOPPED], 1);
	check_books();
}
END_TEST

START_TEST(an_app_that_never_answers_leaves_nothing)
{
	shop_is_slow();
	world_app_says(&w, 0, RC_BUSY, NULL, false);
	world_settle(&w);
	ck_assert_uint_eq(world_sms_count(&w), 0);
	check_books();
}
END_TEST

static void until_the_gift(void)
{
	world_dial(&w, JANE, "*123*1#");
	world_type(&w, JANE, "1");
	world_type(&w, JANE, "Jane Doe");
	store_try(w.store, STORE_TRIAL_HOLD);
	world_say(&w, DIALECT_CONTINUE, JANE, "Nakuru");
	world_wait(&w, 2600);
	ck_assert_str_eq(world_screen(&w), "Saved. 100 MB will come by SMS.");
}

START_TEST(promise_1_a_late_grant_is_told_by_a_push_once_it_is_stored)
{
	until_the_gift();
	store_try(w.store, STORE_TRIAL_NONE);
	world_settle(&w);
	for (size_t i = 0; i < w.n_answers; i++)
		if (w.answer[i].is_push)
			ck_assert_str_eq(w.answer[i].text, "Thanks Jane Doe! 100 MB is yours.");
	ck_assert_uint_eq(world_counters(&w).push[DIALOGUE_PUSH_UNDER_WAY], 1);
	ck_assert_uint_eq(world_sms_count(&w), 1); /* the one of the menu, as ever */
	ck_assert_uint_eq(world_counters(&w).granted, 1);
}
END_TEST

START_TEST(a_late_grant_without_a_push_is_told_by_sms_alone)
{
	w.dialect.can_push = false;
	until_the_gift();
	store_try(w.store, STORE_TRIAL_NONE);
	world_settle(&w);
	ck_assert_uint_eq(world_sms_count(&w), 1);
	ck_assert_uint_eq(world_counters(&w).push[DIALOGUE_PUSH_UNDER_WAY], 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("push_late");
	TCase *t = tcase_create("push_late");

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup_late, teardown);
	tcase_add_test(t, an_app_that_is_late_goes_on_in_a_push);
	tcase_add_test(t, a_late_result_that_is_refused_comes_by_sms);
	tcase_add_test(t, promise_4_a_late_result_that_may_have_been_shown_is_not_repeated);
	tcase_add_loop_test(t, promise_4_a_late_result_that_is_aborted_is_not_repeated, 0,
	                    (int)(sizeof(causes) / sizeof(causes[0])));
	tcase_add_test(t, whoever_has_gone_on_is_not_disturbed);
	tcase_add_test(t, a_late_answer_waits_for_the_last_screen_to_leave);
	tcase_add_test(t, a_late_answer_comes_though_the_last_screen_was_cut_off);
	tcase_add_test(t, who_dials_before_the_last_screen_has_left_has_gone_on);
	tcase_add_test(t, promise_7_after_stop_a_late_answer_of_an_app_is_not_sent_at_all);
	tcase_add_test(t, an_app_that_never_answers_leaves_nothing);
	tcase_add_test(t, promise_1_a_late_grant_is_told_by_a_push_once_it_is_stored);
	tcase_add_test(t, a_late_grant_without_a_push_is_told_by_sms_alone);
	return run_suite(s);
}
