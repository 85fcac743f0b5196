/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP out, as far as money depends on it: what was certainly not sent is told from what may have been, and a call that
 * may go out once goes out once (promise 2). */
#include "gateway/http_client.h"

#include "tests/app_peer.h"
#include "tests/run_suite.h"

static struct event_base *base;
static struct app_peer peer;
static struct http_client *client;
static struct {
	int n;
	enum rc rc;
	size_t len;
} said;

static void on_said(void *ctx, enum rc rc, const struct http_client_answer *answer)
{
	(void)ctx;
	said.n++;
	said.rc = rc;
	said.len = answer != NULL ? answer->len : 0;
}

static void setup(void)
{
	base = event_base_new();
	peer_open(&peer, base);
	memset(&said, 0, sizeof(said));
	ck_assert_int_eq(http_client_new(base, 4, &client), RC_OK);
}

static void teardown(void)
{
	http_client_free(client);
	peer_end(&peer);
	event_base_free(base);
}

static struct http_client_call call_of(bool once)
{
	return (struct http_client_call){.url = peer.url,
	                                 .method = "POST",
	                                 .content_type = "text/xml",
	                                 .body = "x",
	                                 .len = 1,
	                                 .within_ms = 1000,
	                                 .once = once};
}

static enum rc ask(const struct http_client_call *call)
{
	int before = said.n;

	ck_assert_int_eq(http_client_start(client, call, on_said, NULL), RC_OK);
	while (said.n == before)
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
	return said.rc;
}

START_TEST(no_connection_is_told_from_no_answer)
{
	struct http_client_call call = call_of(true);
	char url[64];

	call.within_ms = 200;
	ck_assert_int_eq(ask(&call), RC_BUSY); /* it has it, and is silent */
	ck_assert_int_eq(peer.n_requests, 1);
	peer.closes = true;
	ck_assert_int_eq(ask(&call), RC_IO); /* it has it, and is gone */
	ck_assert_int_eq(peer.n_requests, 2);
	snprintf(url, sizeof(url), "%s", peer.url);
	peer_shut(&peer);
	ck_assert_int_eq(ask(&call), RC_NOTFOUND);
	call.url = "http://name.invalid/";
	ck_assert_int_eq(ask(&call), RC_NOTFOUND);
	call.url = "https://127.0.0.1:1/";
	ck_assert_int_eq(ask(&call), RC_NOTFOUND);
}
END_TEST

/* libcurl repeats a POST by itself when a connection that it had kept is closed before a byte came back; by then the
 * first copy may have been executed. */
START_TEST(promise_2_a_call_that_may_go_out_once_goes_out_once)
{
	struct http_client_call call = call_of(false);
	int before;

	peer_answer(&peer, 200, "text/xml", "fine");
	ck_assert_int_eq(ask(&call), RC_OK);
	peer_answer_raw(&peer, "");
	peer.closes = true;
	before = peer.n_requests;
	ck_assert_int_eq(ask(&call), RC_IO);
	ck_assert_int_eq(peer.n_requests - before, 2); /* so it is: this is what `once` is for */
	peer.closes = false;
	peer_answer(&peer, 200, "text/xml", "fine");
	ck_assert_int_eq(ask(&call), RC_OK); /* a connection is kept again */
	peer_answer_raw(&peer, "");
	peer.closes = true;
	before = peer.n_requests;
	call.once = true;
	ck_assert_int_eq(ask(&call), RC_IO);
	ck_assert_int_eq(peer.n_requests - before, 1);
}
END_TEST

START_TEST(a_user_is_told_to_the_server_and_bounds_are_the_callers)
{
	struct http_client_call call = call_of(true);

	call.user = "user";
	call.password = "pass";
	call.user_agent = "starhash/5.0/1.0";
	call.answer_max = 100;
	peer_answer(&peer, 200, "text/xml", "fine");
	ck_assert_int_eq(ask(&call), RC_OK);
	ck_assert_ptr_nonnull(strstr(peer.request, "Authorization: Basic dXNlcjpwYXNz\r\n"));
	ck_assert_ptr_nonnull(strstr(peer.request, "User-Agent: starhash/5.0/1.0\r\n"));
	peer_answer_raw(&peer, "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n");
	peer.flood = 101;
	ck_assert_int_eq(ask(&call), RC_SYNTAX);
	peer_answer_raw(&peer, "HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n");
	peer.flood = 20000;
	call.answer_max = 20000;
	ck_assert_int_eq(ask(&call), RC_OK);
	ck_assert_uint_eq(said.len, 20000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http_client");
	TCase *t = tcase_create("client");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, no_connection_is_told_from_no_answer);
	tcase_add_test(t, promise_2_a_call_that_may_go_out_once_goes_out_once);
	tcase_add_test(t, a_user_is_told_to_the_server_and_bounds_are_the_callers);
	suite_add_tcase(s, t);
	return run_suite(s);
}
