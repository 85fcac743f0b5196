/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A give that a charging system carries out, as the subscriber sees it: on the screen, by a push, or by SMS, and once.
 *
 * Promise 1: "is yours" is said after the system has granted and the store has it. The system is this test's: each call waits
 * until the test answers it. */
#include "tests/dialogue_charging.h"
#include "tests/run_suite.h"

#define JANE INT64_C(254700000001)
#define JOHN INT64_C(254700000002)
#define LATER "Saved. 100 MB will come by SMS."
#define YOURS "Thanks Jane Doe! 100 MB is yours."

static size_t rows_max; /* of the outbox; 0 = its own */

static struct outbox *make_outbox(const struct clock *clock, struct store *store)
{
	const struct outbox_options options = {
		.clock = clock,
		.store = store,
		.system = {.name = "cgrates", .start = call_start, .room = call_room},
		.settle_ms = 1000,
		.active_max = 8,
		.rows_max = rows_max};
	struct outbox *o;

	ck_assert_int_eq(outbox_new(&options, &o), RC_OK);
	return o;
}

/* A gift without an SMS of its own: whatever comes by SMS is the result. */
static void load_menu(void)
{
	const char *from = strstr(world_menu, "  sms = ["), *to = strstr(from, "  end = [");
	char menu[sizeof(world_menu)];
	struct findings *f = findings_new();
	int changed;

	snprintf(menu, sizeof(menu), "%.*s%s", (int)(from - world_menu), world_menu, to);
	world_write(&w, "join.conf", menu);
	ck_assert_int_eq(services_reload(w.services, f, &changed), RC_OK);
	findings_free(f);
}

static void open_world(const char *extra)
{
	memset(&call, 0, sizeof(call));
	world_open_on(&w, extra, (struct world_store){.on_file = true, .outbox = make_outbox});
	load_menu();
}

static void setup_push(void)
{
	open_world("ussd = { late = \"push\"; };");
}

static void setup_sms(void)
{
	open_world("");
}

/* The second order waits in the store, and whoever ordered it is not told of it by the dialogue. */
static void setup_full(void)
{
	rows_max = 1;
	open_world("");
}

static void order(int64_t msisdn)
{
	world_dial(&w, msisdn, "*123*1#");
	world_type(&w, msisdn, "1");
	world_type(&w, msisdn, "Jane Doe");
	world_say(&w, DIALECT_CONTINUE, msisdn, "Nakuru");
}

/* To where the subscriber waits for the gift. */
static void until_the_gift(void)
{
	order(JANE);
	ck_assert(call.is_open);
}

static void until_a_call(void)
{
	for (int i = 0; i < 10 && !call.is_open; i++) {
		world_wait(&w, 1000);
		outbox_tick(w.outbox);
		world_settle(&w);
	}
}

static void until_it_is_late(void)
{
	until_the_gift();
	world_wait(&w, 2600);
	ck_assert_str_eq(world_screen(&w), LATER);
}

static size_t pushes(void)
{
	size_t n = 0;

	for (size_t i = 0; i < w.n_answers; i++)
		n += w.answer[i].is_push;
	return n;
}

/* One SMS has been sent, the newest thing of all. */
static void check_one_sms(const char *text)
{
	ck_assert_uint_eq(world_sms_count(&w), 1);
	ck_assert_str_eq(w.answer[w.n_answers - 1].text, text);
}

static void check_settled(uint64_t granted)
{
	struct outbox_counters c;

	outbox_counters_read(w.outbox, &c);
	ck_assert_uint_eq(c.granted, granted);
	ck_assert_uint_eq(c.rejected, 1 - granted);
	ck_assert_int_eq(call.grants, 1);
	ck_assert_uint_eq(world_counters(&w).open, 0);
}

START_TEST(promise_1_in_time_it_is_on_the_screen_after_the_system_has_granted)
{
	size_t before;

	until_the_gift();
	before = w.n_answers;
	answer(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_uint_eq(w.n_answers, before);
	answer(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_str_eq(world_screen(&w), YOURS);
	ck_assert_uint_eq(world_sms_count(&w), 0);
	ck_assert_uint_eq(pushes(), 0);
	check_settled(1);
}
END_TEST

START_TEST(a_late_grant_is_told_by_a_push_and_by_nothing_else)
{
	until_it_is_late();
	grant(CHARGING_OK, CHARGING_PLAIN);
	ck_assert_uint_eq(pushes(), 1);
	ck_assert_str_eq(w.answer[w.n_answers - 1].text, YOURS);
	world_confirm(&w, w.n_answers - 1, DIALOGUE_DELIVERED);
	world_wait(&w, 200000);
	ck_assert_uint_eq(world_sms_count(&w), 0);
	check_settled(1);
}
END_TEST

START_TEST(a_push_that_is_refused_is_followed_by_one_sms)
{
	until_it_is_late();
	grant(CHARGING_OK, CHARGING_PLAIN);
	ck_assert_uint_eq(pushes(), 1);
	world_confirm(&w, w.n_answers - 1, DIALOGUE_REFUSED);
	world_settle(&w);
	check_one_sms(YOURS);
	check_settled(1);
}
END_TEST

START_TEST(a_late_refusal_comes_by_one_sms_and_no_push)
{
	until_it_is_late();
	grant(CHARGING_REJECTED, CHARGING_NO_SUBSCRIBER);
	ck_assert_uint_eq(pushes(), 0);
	ck_assert_uint_eq(world_sms_count(&w), 1);
	ck_assert_str_ne(w.answer[w.n_answers - 1].text, YOURS);
	check_settled(0);
}
END_TEST

START_TEST(promise_2_a_grant_in_doubt_is_asked_about_and_then_pushed)
{
	until_it_is_late();
	grant(CHARGING_UNKNOWN, CHARGING_NO_ANSWER);
	ck_assert_uint_eq(pushes(), 0);
	until_a_call();
	answer(CHARGING_QUERY, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_uint_eq(pushes(), 1);
	ck_assert_uint_eq(world_sms_count(&w), 0);
	ck_assert_int_eq(call.grants, 1);
	world_confirm(&w, w.n_answers - 1, DIALOGUE_DELIVERED);
}
END_TEST

/* Granted or not, with a push kept in readiness or not. */
START_TEST(promise_7_after_stop_not_a_word)
{
	size_t sms;

	until_it_is_late();
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	sms = world_sms_count(&w); /* STOP is confirmed */
	grant(_i % 2 == 0 ? CHARGING_OK : CHARGING_REJECTED,
	      _i % 2 == 0 ? CHARGING_PLAIN : CHARGING_NO_SUBSCRIBER);
	world_wait(&w, 10000);
	ck_assert_uint_eq(pushes(), 0);
	ck_assert_uint_eq(world_sms_count(&w), sms);
}
END_TEST

/* Forgotten by a tool beside the daemon while the order was under way. */
START_TEST(whoever_was_erased_hears_nothing_of_an_order)
{
	struct store_batch *b = store_batch_new(JANE, clock_utc_ms(&w.clock.clock));

	until_it_is_late();
	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_OPERATOR, "asked"), RC_OK);
	ck_assert_int_eq(store_write(w.store, b, NULL, NULL), RC_OK);
	world_settle(&w);
	grant(_i % 2 == 0 ? CHARGING_OK : CHARGING_REJECTED,
	      _i % 2 == 0 ? CHARGING_PLAIN : CHARGING_NO_SUBSCRIBER);
	world_wait(&w, 10000);
	ck_assert_uint_eq(pushes(), 0);
	ck_assert_uint_eq(world_sms_count(&w), 0);
}
END_TEST

START_TEST(without_a_push_the_store_chooses_the_sms)
{
	until_it_is_late();
	grant(CHARGING_OK, CHARGING_PLAIN);
	ck_assert_uint_eq(pushes(), 0);
	check_one_sms(YOURS);
	check_settled(1);
}
END_TEST

/* What is told by the store alone, as after a restart. */
START_TEST(promise_7_stop_recalls_the_sms_of_an_order_that_nobody_waits_for)
{
	struct notices_counters c;
	size_t sms;

	order(JOHN);
	order(JANE);
	ck_assert_str_eq(world_screen(&w), LATER);
	grant(CHARGING_OK, CHARGING_PLAIN);
	ck_assert_uint_eq(world_sms_count(&w), 0);
	until_a_call();
	grant(CHARGING_OK, CHARGING_PLAIN);
	check_one_sms(YOURS);
	world_confirm(&w, w.n_answers - 1, DIALOGUE_NOT_SENT); /* it is to be sent again */
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	sms = world_sms_count(&w); /* STOP is confirmed */
	world_wait(&w, 600000);
	ck_assert_uint_eq(world_sms_count(&w), sms);
	dialogue_notices_read(w.dialogues, &c);
	ck_assert_uint_eq(c.recalled, 1);
}
END_TEST

static void stop_while_it_is_stored(void)
{
	struct notices_counters c;
	struct dialogue_input in;

	answer(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	answer_begins(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	in = world_input(&w, DIALECT_SMS, JANE, "STOP");
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	ck_assert_uint_eq(world_sms_count(&w), 1); /* STOP is confirmed */
	ck_assert_ptr_null(strstr(w.answer[w.n_answers - 1].text, "100 MB"));
	dialogue_notices_read(w.dialogues, &c);
	ck_assert_uint_eq(c.recalled, 1);
}

START_TEST(promise_7_stop_forestalls_an_sms_that_the_store_is_choosing)
{
	until_it_is_late();
	stop_while_it_is_stored();
}
END_TEST

START_TEST(promise_7_stop_forestalls_an_sms_that_nobody_waits_for)
{
	order(JOHN);
	order(JANE);
	ck_assert_str_eq(world_screen(&w), LATER);
	grant(CHARGING_OK, CHARGING_PLAIN);
	until_a_call();
	stop_while_it_is_stored();
}
END_TEST

/* The daemon ends before the system has answered: the push that was kept goes, the order and its words stay in the store. */
START_TEST(what_is_not_settled_at_the_end_keeps_its_words)
{
	struct outbox_counters c;

	until_it_is_late();
	outbox_close(w.outbox);
	answer(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	outbox_counters_read(w.outbox, &c);
	ck_assert_int_eq(call.grants, 0);
	ck_assert_uint_eq(c.granted + c.rejected, 0);
	ck_assert_uint_eq(pushes(), 0);
	ck_assert_uint_eq(world_sms_count(&w), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dialogue_charge");
	TCase *push = tcase_create("push"), *sms = tcase_create("sms"), *full = tcase_create("full");

	tcase_add_checked_fixture(push, setup_push, teardown);
	tcase_add_test(push, promise_1_in_time_it_is_on_the_screen_after_the_system_has_granted);
	tcase_add_test(push, a_late_grant_is_told_by_a_push_and_by_nothing_else);
	tcase_add_test(push, a_push_that_is_refused_is_followed_by_one_sms);
	tcase_add_test(push, a_late_refusal_comes_by_one_sms_and_no_push);
	tcase_add_test(push, promise_2_a_grant_in_doubt_is_asked_about_and_then_pushed);
	tcase_add_loop_test(push, promise_7_after_stop_not_a_word, 0, 2);
	tcase_add_loop_test(push, whoever_was_erased_hears_nothing_of_an_order, 0, 2);
	tcase_add_test(push, what_is_not_settled_at_the_end_keeps_its_words);
	suite_add_tcase(s, push);
	tcase_add_checked_fixture(sms, setup_sms, teardown);
	tcase_add_test(sms, without_a_push_the_store_chooses_the_sms);
	tcase_add_loop_test(sms, promise_7_after_stop_not_a_word, 0, 2);
	tcase_add_loop_test(sms, whoever_was_erased_hears_nothing_of_an_order, 0, 2);
	tcase_add_test(sms, promise_7_stop_forestalls_an_sms_that_the_store_is_choosing);
	suite_add_tcase(s, sms);
	tcase_add_checked_fixture(full, setup_full, teardown);
	tcase_add_test(full, promise_7_stop_recalls_the_sms_of_an_order_that_nobody_waits_for);
	tcase_add_test(full, promise_7_stop_forestalls_an_sms_that_nobody_waits_for);
	suite_add_tcase(s, full);
	return run_suite(s);
}
