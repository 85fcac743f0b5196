/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ericsson AIR through the port, over a transport in memory: every documented code has its outcome, every way to fail has
 * its own, and the account decides what became of an order (promise 2). */
#include "gateway/charging_ucip_account.h"
#include "gateway/charging_ucip_codes.h"

#include "tests/charging_rig.h"
#include "tests/manual.h"
#include "tests/run_suite.h"

#define WEEK (7 * INT64_C(86400000))
#define HEAD "<?xml version=\"1.0\"?><methodResponse>"
#define MEMBER(name, type, value) \
	"<member><name>" name "</name><value><" type ">" value "</" type "></value></member>"
#define STRUCT(members) \
	"<params><param><value><struct>" members "</struct></value></param></params></methodResponse>"
#define OK0 MEMBER("responseCode", "i4", "0")
#define DONE HEAD STRUCT(OK0)
#define LIST(name, items) \
	"<member><name>" name "</name><value><array><data>" items "</data></array></value></member>"
#define ITEM(members) "<value><struct>" members "</struct></value>"
#define DA(id, value, expiry)                                                                         \
	ITEM(MEMBER("dedicatedAccountID", "i4", id) MEMBER("dedicatedAccountValue1", "string", value) \
	             MEMBER("expiryDate", "dateTime.iso8601", expiry))
#define BALANCE(main, das)                                                                           \
	HEAD STRUCT(OK0 MEMBER("accountValue1", "string", main) MEMBER("currency1", "string", "KES") \
	                    LIST("dedicatedAccountInformation", das))
#define OFFERS(items) HEAD STRUCT(OK0 LIST("offerInformation", items))
#define OFFER(id, expiry) \
	ITEM(MEMBER("offerID", "i4", id) MEMBER("expiryDateTime", "dateTime.iso8601", expiry))
#define NEVER "99991231T00:00:00+1200"
#define MARK(code) "ucip1 0 0 5000 0 " code
#define MARK_EMPTY MARK("da:4:100")

static void setup(void)
{
	rig_open(CONFIG_UCIP);
	rig_bundle("data", "da:4:100", WEEK, 2500);
	rig_bundle("forever", "da:5:100", 0, 0);
	rig_bundle("fill", "refill:P1:50", 0, 0);
	rig_bundle("proof", "refill:P2:50:6", 0, 0);
	rig_bundle("night", "offer:700", WEEK, 0);
	rig_start();
}

static struct charging_order marked(const char *bundle, const char *mark)
{
	struct charging_order o = rig_order(bundle);

	o.mark = mark;
	return o;
}

/* --- every documented code ---------------------------------------------------------------------------------------- */

/* Written from the public lists, not from the code: which are done, which may be sent again, which are in doubt.
 * All others of the documented ones are final. */
static const int done[] = {0, 1, 2};
static const int again[] = {161, 1007};
static const int doubtful[] = {3, 100, 101, 156, 166, 197, 211, 999, 1005, 1006};
static const int final[] = {
	102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 117,  119,  120,  121,  122,
	123, 124, 126, 127, 128, 129, 130, 133, 134, 135, 136, 137, 138, 139, 140,  141,  142,  143,  144,
	145, 146, 147, 148, 149, 150, 151, 152, 153, 154, 155, 157, 158, 159, 160,  163,  164,  165,  167,
	168, 177, 178, 179, 190, 191, 192, 193, 194, 195, 196, 198, 199, 200, 201,  202,  203,  204,  205,
	206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 220, 221,  222,  223,  224,  225,
	226, 227, 230, 232, 233, 234, 235, 236, 237, 238, 239, 240, 241, 242, 243,  244,  245,  246,  247,
	248, 249, 250, 251, 252, 253, 254, 255, 256, 257, 258, 259, 260, 261, 1000, 1001, 1002, 1003, 1004};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *coded(int code)
{
	static char text[512];

	if (code >= 1000)
		snprintf(
			text, sizeof(text),
			HEAD
			"<fault><value><struct><member><name>faultCode</name><value><i4>%d</i4></value></member>"
			"<member><name>faultString</name><value>x</value></member></struct></value></fault>"
			"</methodResponse>",
			code);
	else
		snprintf(
			text, sizeof(text),
			HEAD
			"<params><param><value><struct><member><name>responseCode</name><value><i4>%d</i4></value>"
			"</member></struct></value></param></params></methodResponse>",
			code);
	return text;
}

static void each(const int *codes, size_t n, enum charging_outcome written, enum charging_outcome read)
{
	struct charging_order o = marked("data", MARK_EMPTY);

	for (size_t i = 0; i < n; i++) {
		rig_say(RC_OK, 200, coded(codes[i]));
		ck_assert_msg(rig_do(CHARGING_GRANT, &o)->outcome == written, "grant, code %d: %s", codes[i],
		              charging_outcome_name(rig.told.outcome));
		ck_assert_int_eq(rig.told.code, written == CHARGING_OK ? 0 : codes[i]);
		rig_say(RC_OK, 200, coded(codes[i]));
		ck_assert_msg(rig_do(CHARGING_ACCOUNT, &o)->outcome == read, "read, code %d: %s", codes[i],
		              charging_outcome_name(rig.told.outcome));
		/* a query that cannot read the account must never free the order to be sent again */
		if (read != CHARGING_OK) {
			rig_say(RC_OK, 200, coded(codes[i]));
			ck_assert_msg(rig_do(CHARGING_QUERY, &o)->outcome == CHARGING_UNKNOWN,
			              "query, code %d: %s", codes[i],
			              charging_outcome_name(rig.told.outcome));
		}
	}
}

START_TEST(promise_2_every_documented_code_has_its_outcome)
{
	each(done, COUNT(done), CHARGING_OK, CHARGING_OK);
	each(again, COUNT(again), CHARGING_RETRY, CHARGING_RETRY);
	each(doubtful, COUNT(doubtful), CHARGING_UNKNOWN, CHARGING_RETRY);
	each(final, COUNT(final), CHARGING_REJECTED, CHARGING_REJECTED);
	ck_assert_uint_eq(COUNT(done) + COUNT(again) + COUNT(doubtful) + COUNT(final),
	                  charging_ucip_codes_count);
	for (size_t i = 1; i < charging_ucip_codes_count; i++)
		ck_assert_int_lt(charging_ucip_codes[i - 1].code, charging_ucip_codes[i].code);
}
END_TEST

START_TEST(promise_2_a_code_that_nobody_documented_is_in_doubt)
{
	static const int odd[] = {4, 99, 116, 118, 125, 162, 262, 998};

	each(odd, COUNT(odd), CHARGING_UNKNOWN, CHARGING_RETRY);
}
END_TEST

/* docs/charging.md shows the table as it is. */
START_TEST(the_manual_has_the_same_table)
{
	manual_has("charging.md", charging_ucip_codes_print);
}
END_TEST

/* --- what goes wrong on the way ----------------------------------------------------------------------------------- */

static const struct {
	enum rc rc;
	int status;
	const char *body;
	enum charging_outcome written;
	enum charging_reason reason;
} ways[] = {
	{RC_NOTFOUND, 0, "", CHARGING_RETRY, CHARGING_UNREACHABLE},
	{RC_BUSY, 0, "", CHARGING_UNKNOWN, CHARGING_NO_ANSWER},
	{RC_IO, 0, "", CHARGING_UNKNOWN, CHARGING_NO_ANSWER},
	{RC_SYNTAX, 0, "", CHARGING_UNKNOWN, CHARGING_NO_ANSWER},
	{RC_OK, 400, "", CHARGING_UNKNOWN, CHARGING_NO_ANSWER},
	{RC_OK, 401, "", CHARGING_RETRY, CHARGING_SET_UP},
	{RC_OK, 403, "", CHARGING_RETRY, CHARGING_SET_UP},
	{RC_OK, 404, "", CHARGING_RETRY, CHARGING_SET_UP},
	{RC_OK, 429, "", CHARGING_RETRY, CHARGING_UNREACHABLE},
	{RC_OK, 500, DONE, CHARGING_UNKNOWN, CHARGING_NO_ANSWER},
	{RC_OK, 502, "", CHARGING_UNKNOWN, CHARGING_NO_ANSWER},
	/* gateways and servlets say so too when what is behind them takes too long */
	{RC_OK, 503, "", CHARGING_UNKNOWN, CHARGING_NO_ANSWER},
	{RC_OK, 504, "", CHARGING_UNKNOWN, CHARGING_NO_ANSWER},
	{RC_OK, 302, "", CHARGING_UNKNOWN, CHARGING_NO_ANSWER},
	{RC_OK, 200, "", CHARGING_UNKNOWN, CHARGING_NO_ANSWER},
	{RC_OK, 200, "<html>OK</html>", CHARGING_UNKNOWN, CHARGING_NO_ANSWER},
	{RC_OK, 200, "<?xml version=\"1.0\"?><methodResponse><params><par", CHARGING_UNKNOWN,
         CHARGING_NO_ANSWER},
	{RC_OK, 200, HEAD STRUCT(MEMBER("other", "i4", "0")), CHARGING_UNKNOWN, CHARGING_NO_ANSWER},
	{RC_OK, 200, HEAD STRUCT(MEMBER("responseCode", "string", "")), CHARGING_UNKNOWN, CHARGING_NO_ANSWER},
	{RC_OK, 200, HEAD STRUCT(MEMBER("responseCode", "i4", "-1")), CHARGING_UNKNOWN, CHARGING_NO_ANSWER},
	{RC_OK, 200, HEAD STRUCT(MEMBER("responseCode", "i4", "1002")), CHARGING_UNKNOWN, CHARGING_NO_ANSWER},
	{RC_OK, 200, HEAD "<params><param><value><i4>0</i4></value></param></params></methodResponse>",
         CHARGING_UNKNOWN, CHARGING_NO_ANSWER},
	/* the answer to somebody else's call, or to an earlier one of ours */
	{RC_OK, 200, HEAD STRUCT(OK0 MEMBER("originTransactionID", "string", "777")), CHARGING_UNKNOWN,
         CHARGING_NO_ANSWER},
};

START_TEST(promise_2_every_way_to_fail_has_its_outcome)
{
	struct charging_order o = marked("data", MARK_EMPTY);

	rig_say(ways[_i].rc, ways[_i].status, ways[_i].body);
	RIG_SAYS(CHARGING_GRANT, &o, ways[_i].written);
	ck_assert_str_eq(charging_reason_name(rig.told.reason), charging_reason_name(ways[_i].reason));
	rig_say(ways[_i].rc, ways[_i].status, ways[_i].body);
	RIG_SAYS(CHARGING_BALANCE, &o, CHARGING_RETRY); /* nothing can be done by reading */
	ck_assert_ptr_null(rig.told.facts);
	rig_say(ways[_i].rc, ways[_i].status, ways[_i].body);
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_UNKNOWN);
}
END_TEST

/* --- requests ------------------------------------------------------------------------------------------------------- */

static void asked(const char *what)
{
	ck_assert_msg(strstr(rig.body, what) != NULL, "%s\nis not in\n%s", what, rig.body);
}

START_TEST(a_grant_is_one_call_with_the_same_id_each_time)
{
	struct charging_order o = marked("data", MARK_EMPTY);

	for (int i = 0; i < 2; i++) {
		rig_say(RC_OK, 200, DONE);
		RIG_SAYS(CHARGING_GRANT, &o, CHARGING_OK);
		asked("<methodName>UpdateBalanceAndDate</methodName>");
		asked(MEMBER("originTransactionID", "string", "12345678901234567890"));
		asked(MEMBER("originNodeType", "string", "EXT"));
		asked(MEMBER("originHostName", "string", "starhash"));
		asked(MEMBER("subscriberNumberNAI", "i4", "1"));
		asked(MEMBER("subscriberNumber", "string", "254700000001"));
		asked(MEMBER("transactionCurrency", "string", "KES"));
		asked(MEMBER("dedicatedAccountID", "i4", "4")
		              MEMBER("adjustmentAmountRelative", "string", "100")
		                      MEMBER("expiryDate", "dateTime.iso8601", "20261128T12:00:00+0000"));
		ck_assert(rig.once); /* libcurl may not repeat it either */
		clock_fake_advance(&rig.clock, 3600000);
	}
	ck_assert_int_eq(rig.n_calls, 2);
	ck_assert_str_eq(rig.user, "user");
	ck_assert_str_eq(rig.agent, "starhash/5.0/1.0");
	ck_assert_str_eq(rig.type, "text/xml");
	ck_assert_ptr_null(strstr(rig.body, "secret"));
}
END_TEST

START_TEST(numbers_go_out_in_national_form_if_wanted)
{
	struct charging_order o = rig_order("data");

	rig.config->charging.national = true;
	rig_say(RC_OK, 200, DONE);
	RIG_SAYS(CHARGING_ACCOUNT, &o, CHARGING_OK);
	asked(MEMBER("subscriberNumberNAI", "i4", "2") MEMBER("subscriberNumber", "string", "700000001"));
}
END_TEST

START_TEST(a_purchase_pays_and_gives_in_one_call)
{
	struct charging_order o = marked("data", MARK_EMPTY);

	o.price = 2500;
	rig_say(RC_OK, 200, DONE);
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_OK);
	asked(MEMBER("adjustmentAmountRelative", "string",
	             "-2500") "<member><name>dedicatedAccountUpdateInformation");
	rig_say(RC_OK, 200, coded(124));
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_REJECTED);
	ck_assert_int_eq(rig.told.reason, CHARGING_TOO_LITTLE);
	ck_assert_int_eq(rig.n_calls, 2);
}
END_TEST

START_TEST(a_refill_and_an_offer)
{
	struct charging_order o = marked("fill", MARK("refill:P1:50"));

	rig_say(RC_OK, 200, DONE);
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_OK);
	asked("<methodName>Refill</methodName>");
	asked(MEMBER("transactionAmount", "string", "50"));
	asked(MEMBER("refillProfileID", "string", "P1"));
	RIG_SAYS(CHARGING_REVOKE, &o, CHARGING_REJECTED);
	ck_assert_int_eq(rig.told.reason, CHARGING_NOT_OFFERED);
	o = marked("night", MARK("offer:700"));
	rig_say(RC_OK, 200, DONE);
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_OK);
	asked("<methodName>UpdateOffer</methodName>");
	asked(MEMBER("offerID", "i4", "700") MEMBER("offerType", "i4", "2")
	              MEMBER("expiryDateTime", "dateTime.iso8601", "20261128T22:26:40+0000"));
	rig_say(RC_OK, 200, coded(165)); /* gone already */
	RIG_SAYS(CHARGING_REVOKE, &o, CHARGING_OK);
	asked("<methodName>DeleteOffer</methodName>");
}
END_TEST

START_TEST(a_revocation_takes_back_under_an_id_of_its_own)
{
	struct charging_order o = marked("data", MARK_EMPTY);

	rig_say(RC_OK, 200, DONE);
	RIG_SAYS(CHARGING_REVOKE, &o, CHARGING_OK);
	asked(MEMBER("adjustmentAmountRelative", "string", "-100"));
	ck_assert_ptr_null(strstr(rig.body, "12345678901234567890"));
	rig_say(RC_BUSY, 0, "");
	RIG_SAYS(CHARGING_REVOKE, &o, CHARGING_UNKNOWN);
}
END_TEST

START_TEST(orders_that_make_no_sense_are_not_taken)
{
	struct charging_order o = rig_order("data");

	ck_assert_int_eq(charging_start(rig.charging, CHARGING_GRANT, &o, rig_told, NULL),
	                 RC_STATE); /* no mark */
	o = marked("nothing", MARK_EMPTY);
	ck_assert_int_eq(charging_start(rig.charging, CHARGING_GRANT, &o, rig_told, NULL), RC_RANGE);
	o = marked("night", MARK_EMPTY);
	o.price = 2500;
	ck_assert_int_eq(charging_start(rig.charging, CHARGING_GRANT, &o, rig_told, NULL),
	                 RC_STATE); /* cannot be sold */
	o = marked("data", MARK_EMPTY);
	o.reference = 0;
	ck_assert_int_eq(charging_start(rig.charging, CHARGING_GRANT, &o, rig_told, NULL), RC_RANGE);
	o = marked("data", "cgrates1 5"); /* of the system before */
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_RETRY);
	o = marked("data", MARK("da:9:100")); /* of the account that it was before */
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_RETRY);
	ck_assert_int_eq(rig.n_calls, 0);
}
END_TEST

/* --- what the account tells ------------------------------------------------------------------------------------------ */

static const struct {
	const char *bundle, *before, *now;
	enum charging_outcome outcome;
} accounts[] = {
	/* the amount is there */
	{"data", BALANCE("5000", ""), BALANCE("5000", DA("4", "100", "20261128T00:00:00+0300")), CHARGING_OK},
	/* used in part, but the end is the one that only this order set */
	{"data", BALANCE("5000", ""), BALANCE("5000", DA("4", "3", "20261128T12:00:00+0000")), CHARGING_OK},
	{"data", BALANCE("5000", DA("4", "50", "20261123T12:00:00+0000")),
         BALANCE("5000", DA("4", "150", "20261128T12:00:00+0000")), CHARGING_OK},
	/* untouched */
	{"data", BALANCE("5000", ""), BALANCE("5000", ""), CHARGING_RETRY},
	{"data", BALANCE("5000", DA("4", "50", "20261123T12:00:00+0000")),
         BALANCE("4000", DA("4", "20", "20261123T12:00:00+0000")), CHARGING_RETRY},
	/* the amount is there, and not the end that would have come with it: somebody else's */
	{"data", BALANCE("5000", DA("4", "50", "20261123T12:00:00+0000")),
         BALANCE("5000", DA("4", "150", "20261123T12:00:00+0000")), CHARGING_UNKNOWN},
	{"data", BALANCE("5000", DA("4", "50", "20261123T12:00:00+0000")),
         BALANCE("5000", DA("4", "150", "20261126T12:00:00+0000")), CHARGING_UNKNOWN},
	{"data", BALANCE("5000", ""), BALANCE("5000", DA("4", "100", NEVER)), CHARGING_UNKNOWN},
	/* somebody else was there */
	{"data", BALANCE("5000", DA("4", "50", "20261123T12:00:00+0000")),
         BALANCE("5000", DA("4", "20", "20261226T12:00:00+0000")), CHARGING_UNKNOWN},
	/* the end is later than ours: only the amount can tell */
	{"data", BALANCE("5000", DA("4", "50", NEVER)), BALANCE("5000", DA("4", "150", NEVER)), CHARGING_OK},
	{"data", BALANCE("5000", DA("4", "50", NEVER)), BALANCE("5000", DA("4", "50", NEVER)),
         CHARGING_RETRY},
	{"data", BALANCE("5000", DA("4", "50", NEVER)), BALANCE("5000", DA("4", "90", NEVER)),
         CHARGING_UNKNOWN},
	{"data", BALANCE("5000", DA("4", "0", NEVER)), BALANCE("5000", DA("4", "0", NEVER)),
         CHARGING_UNKNOWN},
	{"forever", BALANCE("5000", ""), BALANCE("5000", DA("5", "100", NEVER)), CHARGING_OK},
	{"forever", BALANCE("5000", ""), BALANCE("5000", ""), CHARGING_UNKNOWN},
	/* what a refill profile does is its own affair: only the account that it is said to fill tells */
	{"fill", BALANCE("5000", ""), BALANCE("5050", ""), CHARGING_UNKNOWN},
	{"fill", BALANCE("5000", ""), BALANCE("5000", ""), CHARGING_UNKNOWN},
	{"proof", BALANCE("5000", DA("6", "5", NEVER)), BALANCE("5050", DA("6", "55", NEVER)), CHARGING_OK},
	{"proof", BALANCE("5000", DA("6", "5", NEVER)), BALANCE("5050", DA("6", "25", NEVER)),
         CHARGING_UNKNOWN},
	{"proof", BALANCE("5000", DA("6", "5", NEVER)),
         BALANCE("5000", DA("6", "5", "20271128T12:00:00+0000")), CHARGING_UNKNOWN},
	{"proof", BALANCE("5000", DA("6", "5", NEVER)), BALANCE("5000", DA("6", "5", NEVER)), CHARGING_RETRY},
	{"proof", BALANCE("5000", DA("6", "5", NEVER)), BALANCE("5000", DA("6", "2", NEVER)),
         CHARGING_UNKNOWN},
	/* offers */
	{"night", OFFERS(""), OFFERS(OFFER("700", "20261128T22:26:40+0000")), CHARGING_OK},
	{"night", OFFERS(""), OFFERS(OFFER("700", "20261129T01:26:40+0300")), CHARGING_OK},
	{"night", OFFERS(""), OFFERS(OFFER("701", "20261128T22:26:40+0000")), CHARGING_RETRY},
	{"night", OFFERS(OFFER("700", "20261122T22:26:40+0000")),
         OFFERS(OFFER("700", "20261129T22:26:40+0000")), CHARGING_OK},
	{"night", OFFERS(OFFER("700", "20261122T22:26:40+0000")),
         OFFERS(OFFER("700", "20261122T22:26:40+0000")), CHARGING_RETRY},
	{"night", OFFERS(OFFER("700", "20261122T22:26:40+0000")),
         OFFERS(OFFER("700", "20261225T22:26:40+0000")), CHARGING_UNKNOWN},
	{"night", OFFERS(OFFER("700", NEVER)), OFFERS(OFFER("700", NEVER)), CHARGING_OK},
};

START_TEST(promise_2_the_account_decides_what_became_of_an_order)
{
	struct charging_order o = rig_order(accounts[_i].bundle);
	char mark[CHARGING_MARK_SIZE];

	rig_say(RC_OK, 200, accounts[_i].before);
	RIG_SAYS(CHARGING_PREPARE, &o, CHARGING_OK);
	memcpy(mark, rig.mark, sizeof(mark));
	o.mark = mark;
	rig_say(RC_OK, 200, accounts[_i].now);
	RIG_SAYS(CHARGING_QUERY, &o, accounts[_i].outcome);
	ck_assert_int_eq(rig.n_calls, 2);
}
END_TEST

/* After its end what was given is gone again, and the account looks as before: that is no leave to give it once more. */
START_TEST(promise_2_after_its_end_nothing_is_certainly_not_done)
{
	static const char *const marks[][3] = {
		{"data", MARK("da:4:100"), BALANCE("5000", "")},
		{"data", "ucip1 1 50 5000 1795435200000 da:4:100",
	         BALANCE("5000", DA("4", "50", "20261123T12:00:00+0000"))},
		{"night", MARK("offer:700"), OFFERS("")},
	};

	for (size_t i = 0; i < 2 * COUNT(marks); i++) {
		struct charging_order o = marked(marks[i % COUNT(marks)][0], marks[i % COUNT(marks)][1]);

		o.sent_ms = RIG_NOW;
		if (i == 0)
			clock_fake_advance(&rig.clock, WEEK - 1);
		if (i == COUNT(marks))
			clock_fake_advance(&rig.clock, 1);
		rig_say(RC_OK, 200, marks[i % COUNT(marks)][2]);
		RIG_SAYS(CHARGING_QUERY, &o, i < COUNT(marks) ? CHARGING_RETRY : CHARGING_UNKNOWN);
		ck_assert(i < COUNT(marks) || rig.told.reason == CHARGING_UNDECIDED);
	}
}
END_TEST

/* What had to wait for longer than it is valid is not given already over. */
START_TEST(promise_1_the_end_counts_from_the_attempt)
{
	struct charging_order o = marked("data", MARK_EMPTY);

	o.sent_ms = RIG_NOW + WEEK;
	rig_say(RC_OK, 200, DONE);
	RIG_SAYS(CHARGING_GRANT, &o, CHARGING_OK);
	asked(MEMBER("expiryDate", "dateTime.iso8601", "20261205T12:00:00+0000"));
	clock_fake_advance(&rig.clock, WEEK + 3600000);
	rig_say(RC_OK, 200, BALANCE("5000", DA("4", "7", "20261205T12:00:00+0000")));
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_OK);
	rig_say(RC_OK, 200, BALANCE("5000", DA("4", "7", "20261128T12:00:00+0000")));
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_UNKNOWN);
}
END_TEST

/* It is 22:26 UTC: in Nairobi the next day has begun, in Lima it is far from it. */
START_TEST(promise_1_dates_are_those_of_the_system)
{
	static const struct {
		int zone;
		const char *date;
	} places[] = {{0, "20261121T12:00:00+0000"},
	              {180, "20261122T12:00:00+0000"},
	              {-300, "20261121T12:00:00+0000"},
	              {840, "20261122T12:00:00+0000"}};
	struct charging_order o = marked("data", MARK_EMPTY);

	rig.config->bundle[0].valid_ms = 3600000;
	for (size_t i = 0; i < COUNT(places); i++) {
		rig.config->charging.zone = places[i].zone;
		rig_say(RC_OK, 200, DONE);
		RIG_SAYS(CHARGING_GRANT, &o, CHARGING_OK);
		ck_assert_msg(strstr(rig.body, places[i].date) != NULL, "zone %d: not %s in %s",
		              places[i].zone, places[i].date, rig.body);
	}
}
END_TEST

START_TEST(promise_2_a_code_that_was_changed_meanwhile_tells_nothing)
{
	struct charging_order o = marked("data", MARK("da:9:100"));

	rig_say(RC_OK, 200, BALANCE("5000", ""));
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_UNKNOWN);
	ck_assert_int_eq(rig.told.reason, CHARGING_SET_UP);
}
END_TEST

START_TEST(promise_2_a_query_waits_until_the_system_has_settled)
{
	struct charging_order o = marked("data", MARK_EMPTY);

	o.sent_ms = RIG_NOW;
	clock_fake_advance(&rig.clock, 59999);
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_UNKNOWN);
	ck_assert_int_eq(rig.told.reason, CHARGING_TOO_EARLY);
	ck_assert_int_eq(rig.n_calls, 0);
	clock_fake_advance(&rig.clock, 1);
	rig_say(RC_OK, 200, BALANCE("5000", ""));
	RIG_SAYS(CHARGING_QUERY, &o, CHARGING_RETRY);
}
END_TEST

START_TEST(a_subscriber_that_is_not_known_is_told_before_anything_is_sent)
{
	struct charging_order o = rig_order("data");

	rig_say(RC_OK, 200, coded(102));
	RIG_SAYS(CHARGING_PREPARE, &o, CHARGING_REJECTED);
	ck_assert_int_eq(rig.told.reason, CHARGING_NO_SUBSCRIBER);
	ck_assert_int_eq(rig.told.code, 102);
}
END_TEST

/* --- facts ---------------------------------------------------------------------------------------------------------- */

START_TEST(balance_and_bundles_in_the_words_of_the_configuration)
{
	struct charging_order o = rig_order("data");

	rig_say(RC_OK, 200,
	        BALANCE("123456", DA("4", "37", "20261128T12:00:00+0000") DA("5", "0", NEVER)
	                                  DA("6", "5", NEVER) DA("9", "5", NEVER)));
	rig_say(RC_OK, 200, OFFERS(OFFER("700", "20261120T22:26:40+0000"))); /* over */
	RIG_SAYS(CHARGING_BALANCE, &o, CHARGING_OK);
	ck_assert(rig.facts.has_balance);
	ck_assert_int_eq(rig.facts.balance_minor, 123456);
	ck_assert_str_eq(rig.facts.currency, "KES");
	ck_assert_uint_eq(rig.facts.n_bundles, 2);
	ck_assert_str_eq(rig.facts.bundle[0].gives, "data");
	ck_assert_int_eq(rig.facts.bundle[0].expires_ms, 1795867200000);
	ck_assert_str_eq(rig.facts.bundle[1].gives, "proof");
	ck_assert_int_eq(rig.facts.bundle[1].expires_ms, 0);
	rig_say(RC_OK, 200, BALANCE("-5", ""));
	rig_say(RC_OK, 200, coded(165)); /* no offers at all */
	RIG_SAYS(CHARGING_BALANCE, &o, CHARGING_OK);
	ck_assert_int_eq(rig.facts.balance_minor, -5);
	ck_assert_uint_eq(rig.facts.n_bundles, 0);
}
END_TEST

START_TEST(account_details)
{
	struct charging_order o = rig_order("data");

	rig_say(RC_OK, 200,
	        HEAD STRUCT(OK0 MEMBER("serviceClassCurrent", "i4", "15") MEMBER("languageIDCurrent", "i4", "2") MEMBER(
			"temporaryBlockedFlag", "boolean",
			"1") "<member><name>accountFlags</name><value><struct>" MEMBER("activationStatusFlag",
	                                                                               "boolean",
	                                                                               "0") "</struct></value></member>"));
	RIG_SAYS(CHARGING_ACCOUNT, &o, CHARGING_OK);
	ck_assert(rig.account.is_blocked && !rig.account.is_active);
	ck_assert_int_eq(rig.account.service_class, 15);
	ck_assert_int_eq(rig.account.language, 2);
}
END_TEST

/* --- references, the end ------------------------------------------------------------------------------------------ */

START_TEST(promise_2_references_are_stable_and_tell_everybody_apart)
{
	uint64_t a = charging_reference("starhash", 7, RIG_MSISDN, "join");

	ck_assert_uint_eq(a, charging_reference("starhash", 7, RIG_MSISDN, "join"));
	ck_assert_uint_eq(a, 2992066007587681265u); /* for ever: a restart, a restore, another machine */
	ck_assert_uint_ne(a, charging_reference("other", 7, RIG_MSISDN, "join"));
	ck_assert_uint_ne(a, charging_reference("starhash", 8, RIG_MSISDN, "join"));
	ck_assert_uint_ne(a, charging_reference("starhash", 7, RIG_MSISDN + 1, "join"));
	ck_assert_uint_ne(a, charging_reference("starhash", 7, RIG_MSISDN, "gift"));
}
END_TEST

START_TEST(the_end_tells_what_is_outstanding)
{
	struct charging_order o = marked("data", MARK_EMPTY);

	ck_assert_int_eq(charging_start(rig.charging, CHARGING_GRANT, &o, rig_told, NULL), RC_OK);
	while (rig.fn == NULL)
		ck_assert_int_eq(event_base_loop(rig.base, EVLOOP_ONCE), 0);
	rig_say(RC_CLOSED, 0, ""); /* as http_client_free says of what is under way */
	rig_answer_one();
	ck_assert_int_eq(rig.told.outcome, CHARGING_UNKNOWN);
	ck_assert_int_eq(charging_start(rig.charging, CHARGING_GRANT, &o, rig_told, NULL), RC_OK);
	charging_free(rig.charging); /* waits in the gate: certainly not sent */
	rig.charging = NULL;
	ck_assert_int_eq(rig.n_told, 2);
	ck_assert_int_eq(rig.told.outcome, CHARGING_RETRY);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("charging_ucip");
	TCase *t = tcase_create("ucip");

	tcase_add_checked_fixture(t, setup, rig_close);
	tcase_add_test(t, promise_2_every_documented_code_has_its_outcome);
	tcase_add_test(t, promise_2_a_code_that_nobody_documented_is_in_doubt);
	tcase_add_test(t, the_manual_has_the_same_table);
	tcase_add_loop_test(t, promise_2_every_way_to_fail_has_its_outcome, 0, COUNT(ways));
	tcase_add_test(t, a_grant_is_one_call_with_the_same_id_each_time);
	tcase_add_test(t, numbers_go_out_in_national_form_if_wanted);
	tcase_add_test(t, a_purchase_pays_and_gives_in_one_call);
	tcase_add_test(t, a_refill_and_an_offer);
	tcase_add_test(t, a_revocation_takes_back_under_an_id_of_its_own);
	tcase_add_test(t, orders_that_make_no_sense_are_not_taken);
	tcase_add_loop_test(t, promise_2_the_account_decides_what_became_of_an_order, 0, COUNT(accounts));
	tcase_add_test(t, promise_2_after_its_end_nothing_is_certainly_not_done);
	tcase_add_test(t, promise_1_the_end_counts_from_the_attempt);
	tcase_add_test(t, promise_1_dates_are_those_of_the_system);
	tcase_add_test(t, promise_2_a_code_that_was_changed_meanwhile_tells_nothing);
	tcase_add_test(t, promise_2_a_query_waits_until_the_system_has_settled);
	tcase_add_test(t, a_subscriber_that_is_not_known_is_told_before_anything_is_sent);
	tcase_add_test(t, balance_and_bundles_in_the_words_of_the_configuration);
	tcase_add_test(t, account_details);
	tcase_add_test(t, promise_2_references_are_stable_and_tell_everybody_apart);
	tcase_add_test(t, the_end_tells_what_is_outstanding);
	suite_add_tcase(s, t);
	return run_suite(s);
}
