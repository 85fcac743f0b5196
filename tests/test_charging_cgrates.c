/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CGRateS through the port, over a transport in memory: error words, failures at every step, and the balance's ID that
 * makes a grant single (promise 2). */
#include "gateway/charging_cgrates_codes.h"

#include "tests/charging_rig.h"
#include "tests/manual.h"
#include "tests/run_suite.h"

#define WEEK (7 * INT64_C(86400000))
#define ID "starhash-12345678901234567890"
#define MONEY(value)                                            \
	"{\"Uuid\":\"m1\",\"ID\":\"*default\",\"Value\":" value \
	",\"ExpirationDate\":\"0001-01-01T00:00:00Z\"}"
#define BUNDLE(value) \
	"{\"Uuid\":\"b1\",\"ID\":\"" ID "\",\"Value\":" value ",\"ExpirationDate\":\"2026-11-28T22:26:40Z\"}"
#define ACCOUNT(money, data)                                                                              \
	"{\"id\":@,\"result\":{\"ID\":\"cgrates.org:254700000001\",\"BalanceMap\":{\"*monetary\":[" money \
	"],"                                                                                              \
	"\"*data\":[" data "]},\"AllowNegative\":false,\"Disabled\":false},\"error\":null}"
#define ACCOUNT_AT(time, money)                                                                           \
	"{\"id\":@,\"result\":{\"ID\":\"cgrates.org:254700000001\",\"BalanceMap\":{\"*monetary\":[" money \
	"]},\"Disabled\":false,\"UpdateTime\":\"" time "\"},\"error\":null}"
#define DONE "{\"id\":@,\"result\":\"OK\",\"error\":null}"
#define DEBITED DONE
#define SET DONE
#define REMOVED DONE
#define MARK "cgrates1 5000"

static void setup(void)
{
	rig_open(CONFIG_CGRATES);
	rig_bundle("data", "*data:100", WEEK, 2500);
	rig_start();
}

static struct charging_order bought(const char *mark)
{
	struct charging_order o = rig_order("data");

	o.price = 2500;
	o.mark = mark;
	return o;
}

static void asked(const char *what)
{
	ck_assert_msg(strstr(rig.body, what) != NULL, "%s\nis not in\n%s", what, rig.body);
}

START_TEST(a_grant_is_a_balance_of_its_own)
{
	struct charging_order o = rig_order("data");

	rig_say(RC_OK, 200, ACCOUNT(MONEY("50"), ""));
	rig_say(RC_OK, 200, SET);
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_OK);
	asked("\"method\":\"APIerSv1.SetBalance\"");
	asked("\"Account\":\"254700000001\"");
	asked("\"Tenant\":\"cgrates.org\"");
	asked("\"BalanceType\":\"*data\",\"Value\":100");
	asked("\"Balance\":{\"ID\":\"" ID "\",\"ExpiryTime\":\"2026-11-28T22:26:40Z\"");
	ck_assert(rig.once);
	/* once more: it is seen to be there, however much of it was used, and nothing is written */
	rig_say(RC_OK, 200, ACCOUNT(MONEY("50"), BUNDLE("0")));
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_OK);
	ck_assert_int_eq(rig.n_calls, 3);
}
END_TEST

START_TEST(nobody_is_made_an_account)
{
	struct charging_order o = rig_order("data");

	rig_say(RC_OK, 200, "{\"id\":@,\"result\":null,\"error\":\"NOT_FOUND\"}");
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_REJECTED);
	ck_assert_int_eq(rig.told.reason, CHARGING_NO_SUBSCRIBER);
	rig_say(RC_OK, 200,
	        "{\"id\":@,\"result\":{\"ID\":\"cgrates.org:254700000001\",\"BalanceMap\":null,\"Disabled\":true},\"error\":null}");
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_REJECTED);
	ck_assert_int_eq(rig.told.reason, CHARGING_BARRED);
	ck_assert_int_eq(rig.n_calls, 2);
}
END_TEST

/* From the public source of CGRateS, not from the code: r = rejected, a = again, u = unknown. */
static const struct {
	const char *error;
	char written;
} errors[] = {
	{"NOT_FOUND", 'r'},
	{"ACCOUNT_NOT_FOUND", 'r'},
	{"SERVER_ERROR: NOT_FOUND", 'r'},
	{"ACCOUNT_DISABLED", 'r'},
	{"INSUFFICIENT_CREDIT", 'r'},
	{"MAX_USAGE_EXCEEDED", 'r'},
	{"MANDATORY_IE_MISSING: [Account]", 'r'},
	{"UNAUTHORIZED_API", 'r'},
	{"UNSUPPORTED_SERVICE_METHOD", 'r'},
	{"NOT_IMPLEMENTED", 'r'},
	{"rpc: can't find service APIerSv1.SetBalance", 'r'},
	{"json: cannot unmarshal string into Go value of type float64", 'r'},
	{"SERVICE_NOT_OPERATIONAL: x", 'a'},
	{"NOT_CONNECTED: x", 'a'},
	{"CONCURRENT_CONNECTION_LIMIT", 'a'},
	{"denying request due to maximum active sessions", 'a'},
	{"MAX_CONCURRENT_RPC_EXCEEDED", 'a'},
	{"DISCONNECTED", 'u'},
	{"REPLY_TIMEOUT", 'u'},
	{"PARTIALLY_EXECUTED", 'u'},
	{"SERVER_ERROR: redis is gone", 'u'},
	{"anything else", 'u'},
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *error_of(const char *word)
{
	static char text[256];

	snprintf(text, sizeof(text), "{\"id\":@,\"result\":null,\"error\":\"%s\"}", word);
	return text;
}

START_TEST(promise_2_every_error_word_has_its_outcome)
{
	struct charging_order o = rig_order("data");
	char w = errors[_i].written;

	rig_say(RC_OK, 200, ACCOUNT("", ""));
	rig_say(RC_OK, 200, error_of(errors[_i].error));
	RIG_SAYS(CHARGING_GRANT, &o,
	         w == 'r'   ? CHARGING_REJECTED
	         : w == 'a' ? CHARGING_RETRY
	                    : CHARGING_UNKNOWN);
	rig_say(RC_OK, 200, error_of(errors[_i].error));
	RIG_SAYS(CHARGING_BALANCE, &o, w == 'r' ? CHARGING_REJECTED : CHARGING_RETRY);
	rig_say(RC_OK, 200, error_of(errors[_i].error));
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_UNKNOWN);
	/* the money is taken, the bundle is not there: never final, never again without a query */
	o = bought(MARK);
	rig_say(RC_OK, 200, ACCOUNT(MONEY("50"), ""));
	rig_say(RC_OK, 200, DEBITED);
	rig_say(RC_OK, 200, error_of(errors[_i].error));
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_UNKNOWN);
}
END_TEST

START_TEST(every_row_is_tried)
{
	ck_assert_uint_eq(COUNT(errors), charging_cgrates_codes_count + 1);
}
END_TEST

START_TEST(the_manual_has_the_same_table)
{
	manual_has("charging.md", charging_cgrates_codes_print);
}
END_TEST

static const struct {
	enum rc rc;
	int status;
	const char *body;
	enum charging_outcome outcome; /* of a write */
} ways[] = {
	{RC_NOTFOUND, 0, "", CHARGING_RETRY},
	{RC_BUSY, 0, "", CHARGING_UNKNOWN},
	{RC_IO, 0, "", CHARGING_UNKNOWN},
	{RC_SYNTAX, 0, "", CHARGING_UNKNOWN},
	{RC_OK, 500, "", CHARGING_UNKNOWN},
	{RC_OK, 503, "", CHARGING_UNKNOWN}, /* may have been passed on */
	{RC_OK, 404, "", CHARGING_RETRY},
	{RC_OK, 200, "", CHARGING_UNKNOWN},
	{RC_OK, 200, "{\"id\":@,\"result\":\"OK\",\"err", CHARGING_UNKNOWN},
	{RC_OK, 200, "[]", CHARGING_UNKNOWN},
	{RC_OK, 200, "{\"id\":@,\"result\":null,\"error\":null}", CHARGING_UNKNOWN},
	{RC_OK, 200, "{\"id\":@,\"result\":\"OK\",\"error\":{}}", CHARGING_UNKNOWN},
	{RC_OK, 200, "{\"id\":4711,\"result\":\"OK\",\"error\":null}", CHARGING_UNKNOWN},
	{RC_OK, 200, "<html>", CHARGING_UNKNOWN},
};

START_TEST(promise_2_every_way_to_fail_has_its_outcome)
{
	struct charging_order o = rig_order("data");

	rig_say(RC_OK, 200, ACCOUNT("", ""));
	rig_say(ways[_i].rc, ways[_i].status, ways[_i].body);
	RIG_SAYS(CHARGING_GRANT, &o, ways[_i].outcome);
	rig_say(ways[_i].rc, ways[_i].status, ways[_i].body);
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_RETRY); /* only read yet */
	rig_say(ways[_i].rc, ways[_i].status, ways[_i].body);
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_UNKNOWN);
	o = bought(MARK);
	rig_say(RC_OK, 200, ACCOUNT(MONEY("50"), ""));
	rig_say(ways[_i].rc, ways[_i].status, ways[_i].body);
	RIG_SAYS(CHARGING_GRANT, &o, ways[_i].outcome); /* of the debit */
	rig_say(RC_OK, 200, ACCOUNT(MONEY("50"), ""));
	rig_say(RC_OK, 200, DEBITED);
	rig_say(ways[_i].rc, ways[_i].status, ways[_i].body);
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_UNKNOWN); /* the money is taken */
}
END_TEST

START_TEST(a_purchase_takes_the_money_of_one_balance)
{
	struct charging_order o = bought(MARK);

	rig_say(RC_OK, 200, ACCOUNT("{\"Uuid\":\"small\",\"ID\":\"x\",\"Value\":10}," MONEY("40.00"), ""));
	rig_say(RC_OK, 200, DEBITED);
	rig_say(RC_OK, 200, SET);
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_OK);
	rig_say(RC_OK, 200, ACCOUNT(MONEY("24.99"), ""));
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_REJECTED);
	ck_assert_int_eq(rig.told.reason, CHARGING_TOO_LITTLE);
	rig_say(RC_OK, 200, ACCOUNT(MONEY("40"), ""));
	rig_say(RC_BUSY, 0, "");
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_UNKNOWN);
	asked("\"method\":\"APIerSv1.DebitBalance\"");
	asked("\"Value\":25.0,\"Balance\":{\"Uuid\":\"m1\"}");
	ck_assert(rig.once);
}
END_TEST

/* Taken, and exactly as much topped up meanwhile: the money alone would say that nothing was taken. */
START_TEST(promise_2_an_account_that_was_written_does_not_tell_by_its_money)
{
	struct charging_order o = bought("");
	char mark[CHARGING_MARK_SIZE];

	rig_say(RC_OK, 200, ACCOUNT_AT("2026-11-21T22:00:00.123Z", MONEY("50")));
	RIG_SAYS(CHARGING_PREPARE, &o, CHARGING_OK);
	memcpy(mark, rig.mark, sizeof(mark));
	ck_assert_str_eq(mark, MARK " 2026-11-21T22:00:00.123Z");
	o.mark = mark;
	rig_say(RC_OK, 200, ACCOUNT_AT("2026-11-21T22:00:00.123Z", MONEY("50")));
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_RETRY);
	rig_say(RC_OK, 200, ACCOUNT_AT("2026-11-21T22:00:07.5Z", MONEY("50")));
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_UNKNOWN);
	ck_assert_int_eq(rig.told.reason, CHARGING_UNDECIDED);
	rig_say(RC_OK, 200, ACCOUNT_AT("2026-11-21T22:00:07.5Z", MONEY("25")));
	rig_say(RC_OK, 200, SET);
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_OK);
	/* what cannot stand in a mark is left out of it */
	rig_say(RC_OK, 200, ACCOUNT_AT("soon, or later", MONEY("50")));
	RIG_SAYS(CHARGING_PREPARE, &o, CHARGING_OK);
	ck_assert_str_eq(rig.mark, MARK);
}
END_TEST

START_TEST(promise_2_the_account_decides_what_became_of_an_order)
{
	struct charging_order o = rig_order("data");
	char mark[CHARGING_MARK_SIZE];

	rig_say(RC_OK, 200, ACCOUNT("", BUNDLE("3")));
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_OK);
	rig_say(RC_OK, 200, ACCOUNT("", ""));
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_RETRY);
	o.ordered_ms = RIG_NOW - WEEK;
	rig_say(RC_OK, 200, ACCOUNT("", ""));
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_UNKNOWN); /* it may have been there, and ended */
	o = bought("");
	rig_say(RC_OK, 200, ACCOUNT(MONEY("50"), ""));
	RIG_SAYS(CHARGING_PREPARE, &o, CHARGING_OK);
	memcpy(mark, rig.mark, sizeof(mark));
	ck_assert_str_eq(mark, MARK);
	o.mark = mark;
	rig_say(RC_OK, 200, ACCOUNT(MONEY("50"), ""));
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_RETRY);
	rig_say(RC_OK, 200, ACCOUNT(MONEY("24"), ""));
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_UNKNOWN);
	/* paid and not given: the query completes it, or stays in doubt */
	rig_say(RC_OK, 200, ACCOUNT(MONEY("25"), ""));
	rig_say(RC_OK, 200, SET);
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_OK);
	rig_say(RC_OK, 200, ACCOUNT(MONEY("25"), ""));
	rig_say(RC_NOTFOUND, 0, "");
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_UNKNOWN);
}
END_TEST

/* A left-over answer to an earlier call on a connection that was kept, or a system that mixes up two: it would say of
 * somebody else's account that ours has no such balance. */
START_TEST(promise_2_the_account_of_somebody_else_tells_nothing)
{
	static const char *const others[] = {"cgrates.org:254700000002", "other.org:254700000001",
	                                     "cgrates.org:2547000000011", "254700000001", ""};
	struct charging_order o = rig_order("data");
	char text[200];

	for (size_t i = 0; i < COUNT(others); i++) {
		snprintf(text, sizeof(text),
		         "{\"id\":@,\"result\":{\"ID\":\"%s\",\"BalanceMap\":{}},\"error\":null}", others[i]);
		rig_say(RC_OK, 200, text);
		RIG_SAYS(CHARGING_QUERY, &o, CHARGING_UNKNOWN);
		ck_assert_int_eq(rig.told.reason, CHARGING_NO_ANSWER);
		rig_say(RC_OK, 200, text);
		RIG_SAYS(CHARGING_BALANCE, &o, CHARGING_RETRY);
		rig_say(RC_OK, 200, text);
		RIG_SAYS(CHARGING_GRANT, &o, CHARGING_RETRY); /* only read yet */
	}
}
END_TEST

START_TEST(promise_2_no_two_calls_have_the_same_id)
{
	struct charging_order o = rig_order("data");
	char first[40];

	rig_say(RC_OK, 200, ACCOUNT("", ""));
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_RETRY);
	snprintf(first, sizeof(first), "%.30s", strstr(rig.body, "\"id\":"));
	ck_assert(rig.once);
	rig_say(RC_OK, 200, ACCOUNT("", ""));
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_RETRY);
	ck_assert_str_ne(first, strstr(rig.body, "\"id\":"));
}
END_TEST

/* What had to wait for longer than it is valid is not given already over. */
START_TEST(promise_1_the_end_counts_from_the_attempt)
{
	struct charging_order o = rig_order("data");

	clock_fake_advance(&rig.clock, 2 * WEEK);
	o.sent_ms = RIG_NOW + 2 * WEEK;
	rig_say(RC_OK, 200, ACCOUNT("", ""));
	rig_say(RC_OK, 200, SET);
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_OK);
	asked("\"ExpiryTime\":\"2026-12-12T22:26:40Z\"");
	clock_fake_advance(&rig.clock, WEEK - 1);
	rig_say(RC_OK, 200, ACCOUNT("", ""));
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_RETRY);
	clock_fake_advance(&rig.clock, 1);
	rig_say(RC_OK, 200, ACCOUNT("", ""));
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_UNKNOWN);
}
END_TEST

START_TEST(facts_and_revocation)
{
	struct charging_order o = rig_order("data");

	rig_say(RC_OK, 200,
	        ACCOUNT(MONEY("12.34") ",{\"ID\":\"over\",\"Value\":5,\"ExpirationDate\":\"2020-01-01T00:00:00Z\"}",
	                BUNDLE("55") ",{\"ID\":\"other\",\"Value\":5}"));
	RIG_SAYS(CHARGING_BALANCE, &o, CHARGING_OK);
	ck_assert_int_eq(rig.facts.balance_minor, 1234);
	ck_assert_uint_eq(rig.facts.n_bundles, 1);
	ck_assert_str_eq(rig.facts.bundle[0].gives, "data");
	ck_assert_int_eq(rig.facts.bundle[0].expires_ms, RIG_NOW + WEEK);
	rig_say(RC_OK, 200, REMOVED);
	RIG_SAYS(CHARGING_REVOKE, &o, CHARGING_OK);
	asked("\"method\":\"APIerSv1.RemoveBalances\"");
	asked("\"Balance\":{\"ID\":\"" ID "\"}");
	rig_say(RC_OK, 200, error_of("NOT_FOUND"));
	RIG_SAYS(CHARGING_REVOKE, &o, CHARGING_OK);
	o = bought(MARK);
	RIG_SAYS(CHARGING_REVOKE, &o, CHARGING_REJECTED);
	ck_assert_int_eq(rig.told.reason, CHARGING_NOT_OFFERED);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("charging_cgrates");
	TCase *t = tcase_create("cgrates");

	tcase_add_checked_fixture(t, setup, rig_close);
	tcase_add_test(t, a_grant_is_a_balance_of_its_own);
	tcase_add_test(t, nobody_is_made_an_account);
	tcase_add_loop_test(t, promise_2_every_error_word_has_its_outcome, 0, COUNT(errors));
	tcase_add_test(t, every_row_is_tried);
	tcase_add_test(t, the_manual_has_the_same_table);
	tcase_add_loop_test(t, promise_2_every_way_to_fail_has_its_outcome, 0, COUNT(ways));
	tcase_add_test(t, a_purchase_takes_the_money_of_one_balance);
	tcase_add_test(t, promise_2_an_account_that_was_written_does_not_tell_by_its_money);
	tcase_add_test(t, promise_2_the_account_decides_what_became_of_an_order);
	tcase_add_test(t, promise_2_the_account_of_somebody_else_tells_nothing);
	tcase_add_test(t, promise_2_no_two_calls_have_the_same_id);
	tcase_add_test(t, promise_1_the_end_counts_from_the_attempt);
	tcase_add_test(t, facts_and_revocation);
	suite_add_tcase(s, t);
	return run_suite(s);
}
