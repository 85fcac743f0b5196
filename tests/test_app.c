/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apps over HTTP: each dialect word for word, and every way to misbehave gets its result and its counter (promise 6). */
#include "gateway/app.h"

#include "tests/app_peer.h"
#include "tests/run_suite.h"

static struct event_base *base;
static struct app_peer peer;
static struct http_client *client;
static struct app *app;
static struct {
	int n;
	uint64_t token;
	enum rc rc;
	char text[2048];
	bool ends;
} said;

static void answered(void *ctx, uint64_t token, enum rc rc, const char *text, bool ends)
{
	(void)ctx;
	said.n++;
	said.token = token;
	said.rc = rc;
	said.ends = ends;
	snprintf(said.text, sizeof(said.text), "%s", text != NULL ? text : "");
}

static void setup(void)
{
	struct app_options o = {.clock = clock_system(), .answered = answered};

	base = event_base_new();
	peer_open(&peer, base);
	ck_assert_int_eq(http_client_new(base, 4, &client), RC_OK);
	o.client = client;
	ck_assert_int_eq(app_new(&o, &app), RC_OK);
	memset(&said, 0, sizeof(said));
}

static void teardown(void)
{
	http_client_free(client);
	app_free(app);
	peer_end(&peer);
	event_base_free(base);
}

static struct dialogue_app_request request(enum book_speaks speaks)
{
	return (struct dialogue_app_request){.url = peer.url,
	                                     .speaks = speaks,
	                                     .within_ms = 2000,
	                                     .msisdn = 254700000001,
	                                     .code = "*123#",
	                                     .session = "s-1",
	                                     .input = "",
	                                     .chain = "",
	                                     .sequence = 1,
	                                     .first = true};
}

static void until(int n)
{
	while (said.n < n)
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
}

static void ask(const struct dialogue_app_request *r)
{
	int before = said.n;

	ck_assert_int_eq(app_ask(app, r, 7), RC_OK);
	ck_assert_int_eq(said.n, before); /* never from inside */
	until(before + 1);
	ck_assert_uint_eq(said.token, 7);
}

static struct app_counters counters(void)
{
	struct app_counters c;

	app_counters_read(app, &c);
	return c;
}

/* --- words of each dialect ------------------------------------------------------------------------------------ */

static const struct {
	enum book_speaks speaks;
	const char *line, *first, *later, *goes_on, *ends;
} dialects[] = {
	{BOOK_SPEAKS_AFRICASTALKING, "POST /app HTTP/1.1\r\n",
         "sessionId=s-1&phoneNumber=%2B254700000001&networkCode=99999&serviceCode=*123%23&text=",
         "sessionId=s-1&phoneNumber=%2B254700000001&networkCode=99999&serviceCode=*123%23&text=1*Jane%20%C3%A9*****",
         "CON Hello", "END Hello"},
	{BOOK_SPEAKS_HUBTEL, "POST /app HTTP/1.1\r\n",
         "{\"Type\":\"Initiation\",\"Message\":\"*123#\",\"ServiceCode\":\"123\",\"Operator\":\"starhash\",\"ClientState\":"
         "\"\",\"Mobile\":\"254700000001\",\"SessionId\":\"s-1\",\"Sequence\":1}",
         "{\"Type\":\"Response\",\"Message\":\"****\",\"ServiceCode\":\"123\",\"Operator\":\"starhash\",\"ClientState\":"
         "\"\",\"Mobile\":\"254700000001\",\"SessionId\":\"s-1\",\"Sequence\":3}",
         "{\"Type\":\"Response\",\"Message\":\"Hello\"}", "{\"Type\":\"Release\",\"Message\":\"Hello\"}"},
	{BOOK_SPEAKS_ARKESEL, "POST /app HTTP/1.1\r\n",
         "{\"sessionID\":\"s-1\",\"userID\":\"starhash\",\"newSession\":true,\"msisdn\":\"254700000001\",\"userData\":"
         "\"*123#\",\"network\":\"starhash\"}",
         "{\"sessionID\":\"s-1\",\"userID\":\"starhash\",\"newSession\":false,\"msisdn\":\"254700000001\",\"userData\":"
         "\"****\",\"network\":\"starhash\"}",
         "{\"message\":\"Hello\",\"continueSession\":true}",
         "{\"message\":\"Hello\",\"continueSession\":false}"},
	{BOOK_SPEAKS_INFOBIP, "POST /app/session/s-1/start HTTP/1.1\r\n",
         "{\"msisdn\":\"254700000001\",\"text\":\"*123#\",\"shortCode\":\"*123#\",\"ussdGwId\":\"starhash\"}",
         "{\"msisdn\":\"254700000001\",\"text\":\"****\",\"shortCode\":\"*123#\",\"ussdGwId\":\"starhash\"}",
         "{\"ussdMenu\":\"Hello\",\"shouldClose\":false,\"responseExitCode\":200}",
         "{\"ussdMenu\":\"Hello\",\"shouldClose\":true}"},
	{BOOK_SPEAKS_NALO, "POST /app HTTP/1.1\r\n",
         "{\"USERID\":\"starhash\",\"MSISDN\":\"254700000001\",\"USERDATA\":\"*123#\",\"MSGTYPE\":true,\"NETWORK\":"
         "\"starhash\",\"SESSIONID\":\"s-1\"}",
         "{\"USERID\":\"starhash\",\"MSISDN\":\"254700000001\",\"USERDATA\":\"****\",\"MSGTYPE\":false,\"NETWORK\":"
         "\"starhash\",\"SESSIONID\":\"s-1\"}",
         "{\"MSG\":\"Hello\",\"MSGTYPE\":true}", "{\"MSG\":\"Hello\",\"MSGTYPE\":false}"},
};

START_TEST(each_dialect_word_for_word)
{
	struct dialogue_app_request r = request(dialects[_i].speaks);

	peer_answer(&peer, 200, "text/html; charset=utf-8",
	            dialects[_i].goes_on); /* as PHP says of anything */
	ask(&r);
	ck_assert_int_eq(strncmp(peer.request, dialects[_i].line, strlen(dialects[_i].line)), 0);
	ck_assert_str_eq(peer.body, dialects[_i].first);
	ck_assert_int_eq(said.rc, RC_OK);
	ck_assert_str_eq(said.text, "Hello");
	ck_assert(!said.ends);
	r.first = false;
	r.sequence = 3;
	r.input = "****";
	r.chain = "1*Jane \xc3\xa9*****";
	peer_answer(&peer, 200, "application/json", dialects[_i].ends);
	ask(&r);
	ck_assert_str_eq(peer.body, dialects[_i].later);
	ck_assert_int_eq(said.rc, RC_OK);
	ck_assert(said.ends);
	ck_assert_uint_eq(counters().answers, 2);
	ck_assert_int_eq(peer.n_connections, 1); /* kept open */
}
END_TEST

START_TEST(hubtels_client_state_is_given_back_once)
{
	struct dialogue_app_request r = request(BOOK_SPEAKS_HUBTEL);

	peer_answer(&peer, 200, "application/json",
	            "{\"Type\":\"response\",\"Message\":\"A\",\"ClientState\":\"x\\\"1\"}");
	ask(&r);
	r.first = false;
	peer_answer(&peer, 200, "application/json", "{\"Type\":\"response\",\"Message\":\"B\"}");
	ask(&r);
	ck_assert_ptr_nonnull(strstr(peer.body, "\"ClientState\":\"x\\\"1\""));
	ask(&r);
	ck_assert_ptr_nonnull(strstr(peer.body, "\"ClientState\":\"\""));
}
END_TEST

START_TEST(who_is_gone_is_told_where_there_is_a_word_for_it)
{
	for (int speaks = 0; speaks < BOOK_SPEAKS_COUNT_; speaks++) {
		struct dialogue_app_request r = request((enum book_speaks)speaks);
		bool has_word = speaks == BOOK_SPEAKS_HUBTEL || speaks == BOOK_SPEAKS_INFOBIP;

		r.first = false;
		r.closes = true;
		if (!has_word) {
			ck_assert_int_eq(app_ask(app, &r, 7), RC_STATE);
			continue;
		}
		peer_answer(&peer, 200, "application/json", "{}");
		ask(&r);
		ck_assert(strstr(peer.request, "\"Type\":\"Timeout\"") != NULL ||
		          strstr(peer.request, "/session/s-1/end"));
	}
	ck_assert_int_eq(peer.n_requests, 2);
	ck_assert_uint_eq(counters().closed, 2);
}
END_TEST

START_TEST(a_path_goes_before_a_query)
{
	struct dialogue_app_request r = request(BOOK_SPEAKS_INFOBIP);
	char url[128];

	snprintf(url, sizeof(url), "%s/?key=a%%20b", peer.url);
	r.url = url;
	peer_answer(&peer, 200, "application/json", dialects[3].goes_on);
	ask(&r);
	ck_assert_int_eq(strncmp(peer.request, "POST /app/session/s-1/start?key=a%20b HTTP", 41), 0);
}
END_TEST

/* --- what goes wrong ----------------------------------------------------------------------------------------------- */

#define AT(member) offsetof(struct app_counters, member)
#define LONG_TEXT \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"

static const struct {
	enum book_speaks speaks;
	int status;
	const char *body; /* NULL: `raw` */
	const char *raw;
	size_t flood;
	enum rc rc;
	size_t counter;
} faults[] = {
	{0, 500, "CON Hello", NULL, 0, RC_IO, AT(bad_status)},
	{0, 302, "CON Hello", NULL, 0, RC_IO, AT(bad_status)},
	{0, 404, "<html>", NULL, 0, RC_IO, AT(bad_status)},
	{0, 204, "", NULL, 0, RC_IO, AT(bad_status)},
	{0, 200, "", NULL, 0, RC_SYNTAX, AT(no_ending)},
	{0, 200, "Hello", NULL, 0, RC_SYNTAX, AT(no_ending)},
	{0, 200, "CONTINUE", NULL, 0, RC_SYNTAX, AT(no_ending)},
	{0, 200, "con hello", NULL, 0, RC_SYNTAX, AT(no_ending)},
	{0, 200, "CON ", NULL, 0, RC_SYNTAX, AT(not_text)},
	{0, 200, "CON \xff\xfe", NULL, 0, RC_SYNTAX, AT(not_text)},
	{0, 200, "CON \xed\xa0\x80", NULL, 0, RC_SYNTAX, AT(not_text)},
	{0, 200, "<!DOCTYPE html><html><body>CON 1", NULL, 0, RC_SYNTAX, AT(html)},
	{0, 200, "CON Hello<br />\n<b>Warning</b>: mysqli", NULL, 0, RC_SYNTAX, AT(html)},
	{0, 200,
         "CON " LONG_TEXT LONG_TEXT LONG_TEXT LONG_TEXT LONG_TEXT LONG_TEXT LONG_TEXT LONG_TEXT LONG_TEXT
                 LONG_TEXT "x",
         NULL, 0, RC_SYNTAX, AT(too_long)},
	{0, 0, NULL, "HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\nCON ", 10000000, RC_SYNTAX,
         AT(not_http)},
	{0, 0, NULL, "HTTP/1.1 200 OK\r\n\r\nCON ", 10000000, RC_SYNTAX, AT(not_http)},
	{0, 0, NULL, "HTTP/1.1 200 OK\r\nX: ", 10000000, RC_SYNTAX, AT(not_http)},
	{0, 0, NULL, "CON Hello\n", 0, RC_SYNTAX, AT(not_http)},
	{0, 0, NULL, "SSH-2.0-OpenSSH_9.2p1\r\n", 0, RC_SYNTAX, AT(not_http)},
	{1, 200, "CON Hello", NULL, 0, RC_SYNTAX, AT(not_json)},
	{1, 200, "[]", NULL, 0, RC_SYNTAX, AT(not_json)},
	{1, 200, "{\"Type\":\"Response\",\"Message\":", NULL, 0, RC_SYNTAX, AT(not_json)},
	{1, 200, "{\"Type\":\"AddToCart\",\"Message\":\"Hello\"}", NULL, 0, RC_SYNTAX, AT(no_ending)},
	{1, 200, "{\"Message\":\"Hello\"}", NULL, 0, RC_SYNTAX, AT(no_ending)},
	{1, 200, "{\"Type\":\"Response\",\"Message\":7}", NULL, 0, RC_SYNTAX, AT(not_text)},
	{1, 200, "{\"Type\":\"Response\",\"Message\":\"<html>\"}", NULL, 0, RC_SYNTAX, AT(html)},
	{1, 200, "<html>", NULL, 0, RC_SYNTAX, AT(html)},
	{2, 200, "{\"message\":\"Hello\",\"continueSession\":1}", NULL, 0, RC_SYNTAX, AT(no_ending)},
	{3, 200, "{\"ussdMenu\":\"Hello\",\"shouldClose\":false,\"responseExitCode\":500}", NULL, 0, RC_IO,
         AT(bad_status)},
	{4, 200, "{\"MSG\":\"\",\"MSGTYPE\":true}", NULL, 0, RC_SYNTAX, AT(not_text)},
};

START_TEST(promise_6_each_fault_has_its_result_and_its_counter)
{
	struct dialogue_app_request r = request(faults[_i].speaks);
	struct app_counters c;

	if (faults[_i].body != NULL)
		peer_answer(&peer, faults[_i].status, "text/plain", faults[_i].body);
	else
		peer_answer_raw(&peer, faults[_i].raw);
	peer.flood = faults[_i].flood;
	peer.closes = faults[_i].body == NULL;
	ask(&r);
	ck_assert_int_eq(said.rc, faults[_i].rc);
	ck_assert_str_eq(said.text, "");
	c = counters();
	ck_assert_uint_eq(*(const uint64_t *)(const void *)((const char *)&c + faults[_i].counter), 1);
	ck_assert_uint_eq(c.answers, 0);
}
END_TEST

START_TEST(an_app_that_is_silent_is_too_slow)
{
	struct dialogue_app_request r = request(BOOK_SPEAKS_AFRICASTALKING);

	r.within_ms = 100;
	ask(&r); /* it reads and says nothing */
	ck_assert_int_eq(said.rc, RC_BUSY);
	peer_answer_raw(&peer,
	                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nCON Hel"); /* and stops half-way */
	ask(&r);
	ck_assert_int_eq(said.rc, RC_BUSY);
	ck_assert_uint_eq(counters().slow, 2);
}
END_TEST

START_TEST(an_app_that_is_down_or_hangs_up_is_down)
{
	struct dialogue_app_request r = request(BOOK_SPEAKS_AFRICASTALKING);

	peer.closes = true; /* reads, and hangs up */
	ask(&r);
	ck_assert_int_eq(said.rc, RC_IO);
	peer_shut(&peer);
	ask(&r);
	ck_assert_int_eq(said.rc, RC_IO);
	r.url = "http://nobody.invalid/app";
	ask(&r);
	ck_assert(said.rc == RC_IO || said.rc == RC_BUSY); /* some resolvers take their time to say so */
	ck_assert_uint_eq(counters().down + counters().slow, 3);
}
END_TEST

START_TEST(only_http_and_a_bounded_number_of_calls)
{
	struct dialogue_app_request r = request(BOOK_SPEAKS_AFRICASTALKING);

	r.url = "file:///etc/passwd";
	ck_assert_int_eq(app_ask(app, &r, 1), RC_RANGE);
	r.url = peer.url;
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(app_ask(app, &r, 7), RC_OK);
	ck_assert_int_eq(app_ask(app, &r, 7), RC_FULL);
	ck_assert_uint_eq(counters().refused, 2);
	http_client_free(client); /* whoever waits is told */
	ck_assert_int_eq(said.n, 4);
	ck_assert_int_eq(said.rc, RC_IO);
	ck_assert_int_eq(http_client_new(base, 4, &client), RC_OK);
}
END_TEST

START_TEST(words_are_made_fit_for_a_phone)
{
	struct dialogue_app_request r = request(BOOK_SPEAKS_AFRICASTALKING);

	peer_answer(&peer, 200, "text/plain", "\xef\xbb\xbf\r\nCON\r\n Hello\tyou\r\n1 < 2\x07 \r\n");
	ask(&r);
	ck_assert_int_eq(said.rc, RC_OK);
	ck_assert_str_eq(said.text, "Hello you\n1 < 2");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("app");
	TCase *t = tcase_create("app");

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, each_dialect_word_for_word, 0, (int)(sizeof(dialects) / sizeof(dialects[0])));
	tcase_add_test(t, hubtels_client_state_is_given_back_once);
	tcase_add_test(t, who_is_gone_is_told_where_there_is_a_word_for_it);
	tcase_add_test(t, a_path_goes_before_a_query);
	tcase_add_loop_test(t, promise_6_each_fault_has_its_result_and_its_counter, 0,
	                    (int)(sizeof(faults) / sizeof(faults[0])));
	tcase_add_test(t, an_app_that_is_silent_is_too_slow);
	tcase_add_test(t, an_app_that_is_down_or_hangs_up_is_down);
	tcase_add_test(t, only_http_and_a_bounded_number_of_calls);
	tcase_add_test(t, words_are_made_fit_for_a_phone);
	return run_suite(s);
}
