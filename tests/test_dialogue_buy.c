/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Purchases as the subscriber lives through them: asked, bought once whatever is delivered twice, and told the truth.
 *
 * Promises 1, 4 and 7. The charging system is this test's: each call waits until the test answers it. */
#include "tests/dialogue_charging.h"
#include "tests/run_suite.h"

#define JANE INT64_C(254700000001)
#define QUESTION "Buy 100 MB for KES 20?\n1 Yes\n2 No"
#define YOURS "100 MB is yours."
#define LATER "We ask for 100 MB."
#define POOR "100 MB costs KES 20. Top up."

static const char menu[] =
	"code = \"*123#\"; keywords = [ \"BUY\" ]; languages = [ \"en\" ]; start = \"ask\"; resume = \"15m\";\n"
	"screens = {\n"
	"ask = { say = \"Buy {gives} for {price}?\"; menu = ( ( \"Yes\", \"buy\" ), ( \"No\", \"bye\" ) ); };\n"
	"buy = { buy = { bundle = \"100MB\"; else = \"later\"; poor = \"poor\"; }; sms = \"Bought {gives} for {price}.\";\n"
	"  end = \"{gives} is yours.\"; };\n"
	"later = { end = \"We ask for {gives}.\"; }; poor = { end = \"{gives} costs {price}. Top up.\"; };\n"
	"bye = { end = \"Bye.\"; };\n"
	"};\n";

static struct outbox *make_outbox(const struct clock *clock, struct store *store)
{
	const struct outbox_options options = {
		.clock = clock,
		.store = store,
		.system = {.name = "ucip", .start = call_start, .room = call_room},
		.settle_ms = 1000,
		.buy_within_ms = 60000,
		.active_max = 8};
	struct outbox *o;

	ck_assert_int_eq(outbox_new(&options, &o), RC_OK);
	return o;
}

static void open_world(const char *ussd)
{
	char extra[300];

	memset(&call, 0, sizeof(call));
	call_price = 2000;
	snprintf(extra, sizeof(extra),
	         "charging = { kind = \"ucip\"; url = \"http://127.0.0.1:1/Air\"; currency = \"KES\"; };\n%s",
	         ussd);
	world_open_on(&w, extra,
	              (struct world_store){.on_file = true,
	                                   .outbox = make_outbox,
	                                   .menu = menu,
	                                   .bundles =
	                                           "{ name = \"100MB\"; gives = \"100 MB\"; valid = \"1d\"; "
	                                           "code = \"da:4:100\"; price = 2000; }"});
}

static void setup(void)
{
	open_world("");
}

static void setup_push(void)
{
	open_world("ussd = { late = \"push\"; };");
}

/* To where the subscriber waits for the purchase. */
static struct dialogue_input until_bought(void)
{
	struct dialogue_input in;

	ck_assert_str_eq(world_dial(&w, JANE, "*123#"), QUESTION);
	in = world_input(&w, DIALECT_CONTINUE, JANE, "1");
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	ck_assert(call.is_open);
	return in;
}

static const char *last_sms(void)
{
	size_t i = w.n_answers;

	while (i > 0 && !w.answer[i - 1].is_sms)
		i--;
	ck_assert_uint_gt(i, 0);
	return w.answer[i - 1].text;
}

static uint64_t settled(void)
{
	struct outbox_counters c;

	outbox_counters_read(w.outbox, &c);
	return c.granted + c.rejected + c.reconciled;
}

START_TEST(promise_1_yours_is_said_when_it_is_bought)
{
	size_t before;

	until_bought();
	before = w.n_answers;
	answer(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_uint_eq(w.n_answers, before);
	answer(CHARGING_GRANT, CHARGING_OK, CHARGING_PLAIN);
	ck_assert_str_eq(world_screen(&w), YOURS);
	ck_assert_uint_eq(world_sms_count(&w), 1);
	ck_assert_str_eq(last_sms(), "Bought 100 MB for KES 20.");
}
END_TEST

/* While it is being bought, and when it is over. */
START_TEST(promise_4_a_copy_of_the_answer_buys_nothing)
{
	struct dialogue_input in = until_bought();

	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	grant(CHARGING_OK, CHARGING_PLAIN);
	ck_assert_str_eq(world_screen(&w), YOURS);
	for (int i = 0; i < 3; i++) {
		dialogue_receive(w.dialogues, &in);
		world_settle(&w);
		ck_assert_str_eq(world_screen(&w), YOURS);
	}
	ck_assert(!call.is_open);
	ck_assert_int_eq(call.grants, 1);
	ck_assert_uint_eq(settled(), 1);
}
END_TEST

START_TEST(the_same_again_is_another_purchase)
{
	char first[64];

	until_bought();
	grant(CHARGING_OK, CHARGING_PLAIN);
	ck_assert_str_eq(world_screen(&w), YOURS);
	snprintf(first, sizeof(first), "%s", call.key);
	until_bought(); /* and nobody is asked whether to go on where they stopped */
	ck_assert_str_ne(call.key, first);
	grant(CHARGING_OK, CHARGING_PLAIN);
	ck_assert_str_eq(world_screen(&w), YOURS);
	ck_assert_int_eq(call.grants, 2);
}
END_TEST

/* The commit fails, the SMSC delivers the SMS again: the key is that of the first time, so that a commit which was none of
 * a failure after all would be found. */
START_TEST(promise_4_an_sms_that_comes_again_after_a_failed_commit_buys_once)
{
	struct dialogue_input in;
	int64_t made = 0;

	world_say(&w, DIALECT_SMS, JANE, "BUY");
	in = world_input(&w, DIALECT_SMS, JANE, "1");
	made = clock_utc_ms(&w.clock.clock);
	world_disk_full(true);
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	ck_assert(!call.is_open);
	world_disk_full(false);
	clock_fake_advance(&w.clock, 5000);
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	ck_assert(call.is_open);
	ck_assert_int_eq(strtoll(call.key + strlen("buy:"), NULL, 10), made);
	grant(CHARGING_OK, CHARGING_PLAIN);
	ck_assert_str_eq(last_sms(), YOURS);
	ck_assert_int_eq(call.grants, 1);
	ck_assert_uint_eq(settled(), 1);
}
END_TEST

START_TEST(a_refusal_in_time_is_on_the_screen_and_nowhere_else)
{
	until_bought();
	grant(CHARGING_REJECTED, CHARGING_TOO_LITTLE);
	ck_assert_str_eq(world_screen(&w), POOR);
	ck_assert_uint_eq(world_sms_count(&w), 0);
	ck_assert_uint_eq(settled(), 1);
}
END_TEST

/* reason of the system, words */
static const struct {
	enum charging_reason reason;
	const char *words;
} refusals[] = {
	{CHARGING_TOO_LITTLE, POOR},
	{CHARGING_BARRED, "Your line cannot receive this at the moment. Our care will gladly help you."},
	{CHARGING_SET_UP, "Sorry, this could not be bought now. Nothing was taken from your balance."},
};

/* With a push kept in readiness and without: a refusal is told by one SMS, in the words of its reason. */
START_TEST(a_late_refusal_says_why_by_one_sms)
{
	size_t pushes = 0;

	until_bought();
	world_wait(&w, 2600);
	ck_assert_str_eq(world_screen(&w), LATER);
	grant(CHARGING_REJECTED, refusals[_i].reason);
	ck_assert_uint_eq(world_sms_count(&w), 1);
	ck_assert_str_eq(last_sms(), refusals[_i].words);
	for (size_t i = 0; i < w.n_answers; i++)
		pushes += w.answer[i].is_push;
	ck_assert_uint_eq(pushes, 0);
	world_wait(&w, 5000);
	ck_assert_uint_eq(world_sms_count(&w), 1);
}
END_TEST

START_TEST(what_is_bought_late_is_told_by_the_menus_own_sms)
{
	until_bought();
	world_wait(&w, 2600);
	ck_assert_str_eq(world_screen(&w), LATER);
	grant(CHARGING_OK, CHARGING_PLAIN);
	ck_assert_uint_eq(world_sms_count(&w), 1);
	ck_assert_str_eq(last_sms(), "Bought 100 MB for KES 20.");
}
END_TEST

/* The words of `end` are shown by a push, with what they speak of; the menu's own SMS follows as ever. */
START_TEST(what_is_bought_late_may_be_pushed)
{
	size_t pushes = 0;

	until_bought();
	world_wait(&w, 2600);
	ck_assert_str_eq(world_screen(&w), LATER);
	grant(CHARGING_OK, CHARGING_PLAIN);
	for (size_t i = 0; i < w.n_answers; i++) {
		if (w.answer[i].is_push)
			ck_assert_str_eq(w.answer[i].text, YOURS);
		pushes += w.answer[i].is_push;
	}
	ck_assert_uint_eq(pushes, 1);
	ck_assert_uint_eq(world_sms_count(&w), 1);
	ck_assert_str_eq(last_sms(), "Bought 100 MB for KES 20.");
}
END_TEST

/* Too late: refused by the outbox itself. */
START_TEST(a_purchase_that_is_not_sent_in_time_is_refused_by_sms)
{
	until_bought();
	answer(CHARGING_PREPARE, CHARGING_RETRY, CHARGING_UNREACHABLE);
	world_wait(&w, 2600);
	ck_assert_str_eq(world_screen(&w), LATER);
	for (int i = 0; i < 70 && world_sms_count(&w) == 0; i++) {
		world_wait(&w, 1000);
		outbox_tick(w.outbox);
		world_settle(&w);
		if (call.is_open)
			answer(CHARGING_PREPARE, CHARGING_RETRY, CHARGING_UNREACHABLE);
	}
	ck_assert_uint_eq(world_sms_count(&w), 1);
	ck_assert_str_eq(last_sms(),
	                 "Sorry, this could not be bought now. Nothing was taken from your balance.");
	ck_assert_int_eq(call.grants, 0);
}
END_TEST

START_TEST(promise_7_after_stop_not_a_word_of_it)
{
	size_t sms;

	until_bought();
	world_wait(&w, 2600);
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	sms = world_sms_count(&w);
	grant(_i == 0 ? CHARGING_OK : CHARGING_REJECTED, _i == 0 ? CHARGING_PLAIN : CHARGING_TOO_LITTLE);
	world_wait(&w, 10000);
	ck_assert_uint_eq(world_sms_count(&w), sms);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dialogue_buy");
	TCase *sms = tcase_create("sms"), *push = tcase_create("push");

	tcase_add_checked_fixture(sms, setup, teardown);
	tcase_add_test(sms, promise_1_yours_is_said_when_it_is_bought);
	tcase_add_test(sms, promise_4_a_copy_of_the_answer_buys_nothing);
	tcase_add_test(sms, the_same_again_is_another_purchase);
	tcase_add_test(sms, promise_4_an_sms_that_comes_again_after_a_failed_commit_buys_once);
	tcase_add_test(sms, a_refusal_in_time_is_on_the_screen_and_nowhere_else);
	tcase_add_loop_test(sms, a_late_refusal_says_why_by_one_sms, 0, 3);
	tcase_add_test(sms, what_is_bought_late_is_told_by_the_menus_own_sms);
	tcase_add_test(sms, a_purchase_that_is_not_sent_in_time_is_refused_by_sms);
	tcase_add_loop_test(sms, promise_7_after_stop_not_a_word_of_it, 0, 2);
	suite_add_tcase(s, sms);
	tcase_add_checked_fixture(push, setup_push, teardown);
	tcase_add_test(push, what_is_bought_late_may_be_pushed);
	tcase_add_loop_test(push, a_late_refusal_says_why_by_one_sms, 0, 3);
	tcase_add_loop_test(push, promise_7_after_stop_not_a_word_of_it, 0, 2);
	suite_add_tcase(s, push);
	return run_suite(s);
}
