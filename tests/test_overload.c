/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Overload: new dialogues are turned away, by whatever measure and as the dialect says, and those in progress go on (promise 10);
 * one number that floods costs no store work and loses no STOP (promise 7); strangers leave no row. */
#include "gateway/status.h"
#include "tests/dialogue_world.h"
#include "tests/run_suite.h"

#define JANE INT64_C(254700000001)
#define JOHN INT64_C(254700000002)

static struct world w;

static void setup(void)
{
	world_open_on(&w, "ussd = { per_subscriber = 10; }; overload = { store = 3; };",
	              (struct world_store){.on_file = true});
}

static void teardown(void)
{
	world_close(&w);
}

static uint32_t last_status(void)
{
	ck_assert_uint_gt(w.n_responses, 0);
	return w.response[w.n_responses - 1].status;
}

static int64_t count(const char *what)
{
	struct query_counts q;
	struct query *query;
	char why[256] = "";

	world_settle(&w);
	ck_assert_msg(query_open(w.store_path, &w.config->profile, &query, why, sizeof(why)) == RC_OK, "%s",
	              why);
	ck_assert_int_eq(query_counts_read(query, &q), RC_OK);
	query_close(query);
	return strcmp(what, "subscribers") == 0 ? q.subscribers : q.interactions;
}

static uint64_t store_requests(void)
{
	struct store_counters c;

	store_counters_read(w.store, &c);
	return c.finds + c.writes + c.queue;
}

static const struct {
	enum dialogue_pressure pressure;
	enum dialogue_shed shed;
} measures[] = {{DIALOGUE_LAGGING, DIALOGUE_SHED_LAG}, {DIALOGUE_LINKS_FULL, DIALOGUE_SHED_LINKS}};

START_TEST(promise_10_under_pressure_new_ones_are_shed_and_old_ones_go_on)
{
	world_dial(&w, JANE, "*123*1#");
	w.pressure = measures[_i].pressure;
	ck_assert_ptr_nonnull(strstr(world_dial(&w, JOHN, "*123#"), "Many people"));
	ck_assert(w.answer[w.n_answers - 1].last);
	ck_assert_uint_eq(last_status(), PDU_ROK);
	ck_assert_ptr_nonnull(strstr(world_type(&w, JANE, "1"), "Your full name?"));
	ck_assert_uint_eq(world_counters(&w).shed, 1);
	ck_assert_uint_eq(world_counters(&w).shed_by[measures[_i].shed], 1);
	ck_assert_int_eq(dialogue_overload(w.dialogues, 0), measures[_i].shed);
	w.pressure = DIALOGUE_CALM;
	ck_assert_ptr_nonnull(strstr(world_dial(&w, JOHN, "*123#"), "Hello"));
	ck_assert_int_eq(dialogue_overload(w.dialogues, 0), DIALOGUE_SHED_NOT);
}
END_TEST

/* One slow SMSC sheds its own new dialogues, not those of the others; pushes likewise. */
START_TEST(promise_10_full_links_are_their_own_groups_affair)
{
	struct dialogue_push p = {.group = 3, .msisdn = JANE, .code = "*123#", .wait_ms = 60000};
	struct dialogue_push_state state;
	struct dialogue_input in;
	uint32_t id = 0;

	w.pressure = DIALOGUE_LINKS_FULL;
	w.pressed_group = 3;
	ck_assert_int_eq(dialogue_push(w.dialogues, &p, &id), RC_OK);
	ck_assert(dialogue_push_read(w.dialogues, id, &state));
	ck_assert_int_eq(state.fate, DIALOGUE_PUSH_SHED);
	in = world_input(&w, DIALECT_BEGIN, JANE, "*123#");
	in.group = 3;
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	ck_assert_ptr_nonnull(strstr(world_screen(&w), "Many people"));
	ck_assert_ptr_nonnull(strstr(world_dial(&w, JOHN, "*123#"), "Hello"));
	ck_assert_uint_eq(world_counters(&w).shed, 1);
	ck_assert_int_eq(dialogue_overload(w.dialogues, 3), DIALOGUE_SHED_LINKS);
	ck_assert_int_eq(dialogue_overload(w.dialogues, 0), DIALOGUE_SHED_NOT);
}
END_TEST

START_TEST(promise_10_a_full_store_is_a_measure)
{
	struct dialogue_input in;

	for (int i = 0; i < 5; i++) { /* nothing is settled between them: the store has no turn */
		in = world_input(&w, DIALECT_BEGIN, JANE + i, "*123#");
		dialogue_receive(w.dialogues, &in);
	}
	ck_assert_uint_eq(world_counters(&w).shed_by[DIALOGUE_SHED_STORE], 2);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 3);
	world_settle(&w);
	ck_assert_ptr_nonnull(strstr(world_dial(&w, JANE + 4, "*123#"), "Hello"));
}
END_TEST

START_TEST(some_smscs_say_it_in_their_own_words)
{
	size_t before = w.n_answers;

	w.dialect.overload = DIALECT_OVERLOAD_STATUS;
	w.pressure = DIALOGUE_LAGGING;
	world_say(&w, DIALECT_BEGIN, JANE, "*123#");
	ck_assert_uint_eq(w.n_answers, before);
	ck_assert_uint_eq(last_status(), status_for(STATUS_CASE_OVERLOAD));
}
END_TEST

START_TEST(promise_7_stop_is_taken_whatever_the_load)
{
	w.pressure = DIALOGUE_LAGGING;
	world_say(&w, DIALECT_SMS, JANE, "JOIN");
	ck_assert_uint_eq(last_status(), status_for(STATUS_CASE_OVERLOAD));
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	ck_assert_uint_eq(last_status(), PDU_ROK);
	ck_assert_uint_eq(world_sms_count(&w), 1);
}
END_TEST

START_TEST(promise_10_one_number_that_floods_costs_nothing)
{
	uint64_t before;

	for (int i = 0; i < 10; i++)
		world_dial(&w, JANE, "*123#");
	world_say(&w, DIALECT_ABORT, JANE, "");
	before = store_requests();
	w.n_answers = w.n_responses = 0;
	for (int i = 0; i < 50; i++) {
		world_say(&w, DIALECT_BEGIN, JANE, "*123#");
		ck_assert_uint_eq(last_status(), PDU_ROK);
	}
	ck_assert_uint_eq(w.n_responses, 50);
	ck_assert_uint_eq(w.n_answers, 1); /* told once */
	ck_assert(w.answer[0].last);
	ck_assert_uint_eq(store_requests(), before);
	ck_assert_uint_eq(world_counters(&w).flood_over, 50);
	ck_assert_ptr_nonnull(strstr(world_dial(&w, JOHN, "*123#"), "Hello"));
	clock_fake_advance(&w.clock, 10000);
	ck_assert_ptr_nonnull(strstr(world_dial(&w, JANE, "*123#"), "Hello"));
}
END_TEST

START_TEST(a_dialogue_stands_through_its_own_flood)
{
	world_dial(&w, JANE, "*123*1#");
	for (int i = 0; i < 9; i++)
		world_type(&w, JANE, i % 2 == 0 ? "1" : "0");
	w.n_answers = 0;
	world_say(&w, DIALECT_CONTINUE, JANE, "Jane Doe");
	ck_assert_uint_eq(w.n_answers, 0);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 1);
	clock_fake_advance(&w.clock, 5000);
	ck_assert_ptr_nonnull(strstr(world_type(&w, JANE, "Jane Doe"), "Your town?"));
}
END_TEST

START_TEST(promise_7_a_flooding_number_can_still_stop)
{
	for (int i = 0; i < 40; i++)
		world_say(&w, DIALECT_SMS, JANE, "what");
	w.n_answers = w.n_responses = 0;
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	ck_assert_uint_eq(world_sms_count(&w), 1);
	ck_assert_uint_eq(world_counters(&w).flood_stops, 1);
	for (int i = 0; i < 40; i++)
		world_say(&w, DIALECT_SMS, JANE, "STOP");
	ck_assert_uint_eq(world_sms_count(&w), 1);
	ck_assert_uint_eq(last_status(), PDU_ROK);
}
END_TEST

START_TEST(promise_7_a_stop_that_could_not_be_stored_is_not_taken_for_done)
{
	for (int i = 0; i < 12; i++)
		world_say(&w, DIALECT_SMS, JANE, "what");
	world_disk_full(true);
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	world_disk_full(false);
	ck_assert_uint_eq(last_status(), status_for(STATUS_CASE_STORE_FAILS));
	w.n_answers = 0;
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	ck_assert_uint_eq(last_status(), PDU_ROK);
	ck_assert_uint_eq(world_sms_count(&w), 1);
}
END_TEST

/* What was typed where no dialogue could obey it does not stand either. */
START_TEST(promise_7_a_stop_that_nothing_obeyed_is_not_taken_for_done)
{
	for (int i = 0; i < 12; i++)
		world_say(&w, DIALECT_SMS, JANE, "what");
	world_say(&w, DIALECT_CONTINUE, JANE, "STOP");
	w.n_answers = 0;
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	ck_assert_uint_eq(last_status(), PDU_ROK);
	ck_assert_uint_eq(world_sms_count(&w), 1);
}
END_TEST

START_TEST(promise_7_a_typed_stop_that_could_not_be_stored_is_not_taken_for_done)
{
	world_dial(&w, JANE, "*123#");
	for (int i = 0; i < 12; i++)
		world_say(&w, DIALECT_SMS, JANE, "what");
	world_disk_full(true);
	world_type(&w, JANE, "STOP");
	world_disk_full(false);
	w.n_answers = 0;
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	ck_assert_uint_eq(last_status(), PDU_ROK);
	ck_assert_uint_eq(world_sms_count(&w), 1);
}
END_TEST

START_TEST(rehearsals_have_no_limit)
{
	struct dialogue_input in = world_input(&w, DIALECT_BEGIN, JANE, "*123#");

	in.simulated = true;
	for (int i = 0; i < 50; i++) {
		in.sequence = ++w.sequence;
		in.event.session = world_session((uint16_t)(i << 8));
		w.n_answers = w.n_responses = 0;
		dialogue_receive(w.dialogues, &in);
		world_settle(&w);
		ck_assert_ptr_nonnull(strstr(world_screen(&w), "Hello"));
	}
	ck_assert_uint_eq(world_counters(&w).flood_over, 0);
}
END_TEST

START_TEST(promise_6_a_stranger_leaves_nothing_behind)
{
	for (int64_t i = 0; i < 30; i++)
		world_say(&w, DIALECT_SMS, JANE + i, "Congratulations, you have won");
	ck_assert_uint_eq(world_sms_count(&w), 30); /* the help text, as ever */
	ck_assert_int_eq(count("subscribers"), 0);
	ck_assert_int_eq(count("interactions"), 0);
	ck_assert_uint_eq(world_counters(&w).strangers, 30);
	world_say(&w, DIALECT_SMS, JANE, "STOP"); /* but this one means us */
	ck_assert_int_eq(count("subscribers"), 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("overload");
	TCase *t = tcase_create("overload");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, promise_10_under_pressure_new_ones_are_shed_and_old_ones_go_on, 0, 2);
	tcase_add_test(t, promise_10_full_links_are_their_own_groups_affair);
	tcase_add_test(t, promise_10_a_full_store_is_a_measure);
	tcase_add_test(t, some_smscs_say_it_in_their_own_words);
	tcase_add_test(t, promise_7_stop_is_taken_whatever_the_load);
	tcase_add_test(t, promise_10_one_number_that_floods_costs_nothing);
	tcase_add_test(t, a_dialogue_stands_through_its_own_flood);
	tcase_add_test(t, promise_7_a_flooding_number_can_still_stop);
	tcase_add_test(t, promise_7_a_stop_that_could_not_be_stored_is_not_taken_for_done);
	tcase_add_test(t, promise_7_a_stop_that_nothing_obeyed_is_not_taken_for_done);
	tcase_add_test(t, promise_7_a_typed_stop_that_could_not_be_stored_is_not_taken_for_done);
	tcase_add_test(t, rehearsals_have_no_limit);
	tcase_add_test(t, promise_6_a_stranger_leaves_nothing_behind);
	suite_add_tcase(s, t);
	return run_suite(s);
}
