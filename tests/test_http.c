/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The listener: the Africa's Talking protocol inward, word for word, and what is refused, repeated, shed and reported. */
#include "gateway/http.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include "gateway/http_client.h"
#include "tests/dialogue_world.h"
#include "tests/run_suite.h"

static struct world w;
static struct event_base *base;
static struct event *store_event;
static struct http *http;
static struct http_client *client;
static const char *unwell;
static size_t n_sms;
static struct {
	int n, status;
	enum rc rc;
	char body[2048];
} got;

static enum rc to_http(void *ctx, void *link, const struct dialect_event *to, const char *text, bool last,
                       uint64_t token)
{
	(void)ctx;
	ck_assert_ptr_eq(link, http);
	return http_answer(http, to->msisdn, text, last, token);
}

static void acknowledge(void *ctx, const struct dialogue_input *in, uint32_t status)
{
	(void)ctx;
	ck_assert_uint_eq(in->group, 16);
	ck_assert_uint_eq(status, PDU_ROK);
}

static enum rc count_sms(void *ctx, void *link, uint16_t group, const struct pdu_address *service,
                         const struct pdu_address *subscriber, const char *text, int64_t notice,
                         uint64_t token)
{
	(void)notice;
	(void)ctx;
	(void)link;
	(void)text;
	ck_assert_uint_eq(group, 16);
	ck_assert_str_eq(service->digits, "123");
	ck_assert_str_eq(subscriber->digits, "254700000001");
	n_sms++;
	dialogue_sent(w.dialogues, token, DIALOGUE_DELIVERED, 0);
	return RC_OK;
}

static int health(void *ctx, const char **type, const char **text, size_t *len)
{
	ck_assert_ptr_eq(ctx, &unwell);
	*type = "application/json";
	*text = unwell != NULL ? unwell : "{}";
	*len = strlen(*text);
	return unwell != NULL ? 503 : 200;
}

static void on_store(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)ctx;
	store_dispatch(w.store);
}

static void setup(void)
{
	struct dialogue_port port = {.acknowledge = acknowledge, .answer = to_http, .sms = count_sms};
	struct dialogue_options options;
	struct http_options ho;
	char why[256] = "";

	world_open(&w, "");
	dialogues_free(w.dialogues);
	options = (struct dialogue_options){
		.clock = &w.clock.clock, .store = w.store, .services = w.services, .config = w.config};
	ck_assert_int_eq(dialogues_new(&options, &port, &w.dialogues), RC_OK);
	base = event_base_new();
	store_event = event_new(base, store_fd(w.store), EV_READ | EV_PERSIST, on_store, NULL);
	event_add(store_event, NULL);
	ho = (struct http_options){.base = base,
	                           .clock = &w.clock.clock,
	                           .listen = "127.0.0.1:0",
	                           .plan = &w.config->country,
	                           .group = 16,
	                           .simulated = true,
	                           .idle_ms = 240000};
	ck_assert_msg(http_new(&ho, &http, why, sizeof(why)) == RC_OK, "%s", why);
	http_attach(http, w.dialogues);
	ck_assert_int_eq(http_page(http, "/health", health, &unwell), RC_OK);
	ck_assert_int_eq(http_client_new(base, 100, &client), RC_OK);
	memset(&got, 0, sizeof(got));
	unwell = NULL;
	n_sms = 0;
}

static void teardown(void)
{
	http_client_free(client);
	http_free(http);
	event_free(store_event);
	event_base_free(base);
	world_close(&w);
}

static void on_answer(void *ctx, enum rc rc, const struct http_client_answer *a)
{
	(void)ctx;
	got.n++;
	got.rc = rc;
	got.status = rc == RC_OK ? a->status : 0;
	snprintf(got.body, sizeof(got.body), "%s", rc == RC_OK ? a->body : "");
}

static void start(const char *method, const char *path, const char *type, const char *body)
{
	char url[128];
	struct http_client_call call = {.url = url,
	                                .method = method,
	                                .content_type = type,
	                                .body = body,
	                                .len = body != NULL ? strlen(body) : 0,
	                                .within_ms = 5000};

	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", http_port(http), path);
	ck_assert_int_eq(http_client_start(client, &call, on_answer, NULL), RC_OK);
}

static const char *until(int n)
{
	while (got.n < n)
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
	return got.body;
}

#define FORM "application/x-www-form-urlencoded"

static const char *post(const char *session, const char *text)
{
	char body[4096];

	snprintf(body, sizeof(body),
	         "sessionId=%s&phoneNumber=%%2B254700000001&networkCode=1&serviceCode=*123%%23&text=%s",
	         session, text);
	start("POST", "/ussd", FORM, body);
	return until(got.n + 1);
}

static struct http_counters counters(void)
{
	struct http_counters c;

	http_counters_read(http, &c);
	return c;
}

START_TEST(a_registration_over_http)
{
	ck_assert_str_eq(post("s1", ""), "CON Hello friend\n1 Get 100 MB free\n2 Stop");
	ck_assert_int_eq(got.status, 200);
	ck_assert_int_eq(strncmp(post("s1", "1"), "CON Acme keeps your answers", 27), 0);
	ck_assert_int_eq(strncmp(post("s1", "1*1"), "CON Your full name?", 19), 0);
	ck_assert_int_eq(strncmp(post("s1", "1*1*Jane+Doe"), "CON Your town?", 14), 0);
	ck_assert_str_eq(post("s1", "1*1*Jane+Doe*****"),
	                 "END Thanks Jane Doe! 100 MB is yours."); /* a town called "****" */
	ck_assert_uint_eq(world_counters(&w).granted, 1);
	ck_assert_uint_eq(world_counters(&w).completed, 1);
	ck_assert_uint_eq(n_sms, 1);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 0);
}
END_TEST

START_TEST(promise_4_the_same_request_again_runs_nothing)
{
	char first[2048];

	post("s1", "");
	snprintf(first, sizeof(first), "%s", post("s1", "1"));
	ck_assert_str_eq(post("s1", "1"), first);
	ck_assert_uint_eq(counters().repeated, 1);
	ck_assert_uint_eq(world_counters(&w).inputs, 1);
	post("s1", "1*2");
	ck_assert_int_eq(strncmp(got.body, "END OK.", 7), 0);
	ck_assert_int_eq(strncmp(post("s1", "1*2"), "END OK.", 7), 0); /* also after the end */
	ck_assert_int_eq(strncmp(post("s2", ""), "CON Hello", 9), 0);
}
END_TEST

START_TEST(what_was_dialled_beyond_the_code_is_a_shortcut)
{
	ck_assert_int_eq(strncmp(post("s1", "1"), "CON Acme keeps", 14), 0);
	ck_assert_int_eq(strncmp(post("s1", "1*2"), "END OK.", 7), 0);
}
END_TEST

START_TEST(a_session_older_than_the_daemon_is_offered_to_go_on)
{
	ck_assert_int_eq(strncmp(post("s1", "1*1*Jane"), "CON Hello", 9), 0);
}
END_TEST

START_TEST(a_new_session_of_a_number_ends_its_old_one)
{
	post("s1", "");
	post("s2", "");
	ck_assert_uint_eq(counters().sessions, 1);
	ck_assert_uint_eq(world_counters(&w).replaced, 1);
}
END_TEST

static const struct {
	const char *body;
	int status;
} bad[] = {
	{"", 400},
	{"%%%", 400},
	{"sessionId=&phoneNumber=%2B254700000001&serviceCode=*123%23&text=", 400},
	{"sessionId=a%20b&phoneNumber=%2B254700000001&serviceCode=*123%23&text=", 400},
	{"sessionId=s&phoneNumber=jane&serviceCode=*123%23&text=", 400},
	{"sessionId=s&phoneNumber=%2B254700000001&serviceCode=hello&text=", 400},
	{"sessionId=s&phoneNumber=%2B254700000001&serviceCode=*123456789012345678901234567890%23&text=", 400},
	{"sessionId=s&phoneNumber=%2B254700000001&serviceCode=*123%23&text=%ff%fe", 400},
	{"sessionId=s&phoneNumber=%2B254700000001&text=", 400},
	{"{\"sessionId\":\"s\"}", 400},
	{"sessionId=s&phoneNumber=%2B254700000001&serviceCode=*123%23&text=1%00*2", 400},
	{"sessionId=s%00t&phoneNumber=%2B254700000001&serviceCode=*123%23&text=", 400},
};

START_TEST(promise_6_what_the_protocol_does_not_ask_for_is_refused)
{
	start("POST", "/ussd", FORM, bad[_i].body);
	until(1);
	ck_assert_int_eq(got.rc, RC_OK);
	ck_assert_int_eq(got.status, bad[_i].status);
	ck_assert_uint_eq(counters().refused, 1);
	ck_assert_uint_eq(counters().sessions, 0);
}
END_TEST

static void on_page(struct evhttp_request *r, void *ctx)
{
	int *status = ctx;

	*status = r != NULL ? evhttp_request_get_response_code(r) : -1;
}

/* What a browser sends for a page of `origin`. Returns the status. */
static int post_from(const char *origin)
{
	static const char form[] = "sessionId=s&phoneNumber=%2B254700000001&serviceCode=*123%23&text=";
	struct evhttp_connection *c =
		evhttp_connection_base_new(base, NULL, "127.0.0.1", (uint16_t)http_port(http));
	int status = 0;
	struct evhttp_request *r = evhttp_request_new(on_page, &status);
	char host[64];

	snprintf(host, sizeof(host), "127.0.0.1:%d", http_port(http));
	evhttp_add_header(evhttp_request_get_output_headers(r), "Host", host);
	evhttp_add_header(evhttp_request_get_output_headers(r), "Content-Type", FORM);
	evhttp_add_header(evhttp_request_get_output_headers(r), "Origin", origin);
	evbuffer_add(evhttp_request_get_output_buffer(r), form, sizeof(form) - 1);
	ck_assert_int_eq(evhttp_make_request(c, r, EVHTTP_REQ_POST, "/ussd"), 0);
	while (status == 0)
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
	evhttp_connection_free(c);
	return status;
}

START_TEST(promise_6_pages_of_other_sites_drive_nothing)
{
	char own[64];

	ck_assert_int_eq(post_from("https://elsewhere.example"), 403);
	ck_assert_int_eq(post_from("null"), 403);
	ck_assert_uint_eq(counters().refused, 2);
	ck_assert_uint_eq(counters().sessions, 0);
	snprintf(own, sizeof(own), "http://127.0.0.1:%d", http_port(http));
	ck_assert_int_eq(post_from(own), 200);
}
END_TEST

START_TEST(promise_6_bodies_and_methods_have_bounds)
{
	char *much = malloc(HTTP_BODY_MAX + 2);

	memset(much, 'x', HTTP_BODY_MAX + 1);
	much[HTTP_BODY_MAX + 1] = '\0';
	start("POST", "/ussd", FORM, much);
	until(1);
	free(much);
	ck_assert(got.rc != RC_OK || got.status == 413);
	start("GET", "/ussd", NULL, NULL);
	until(2);
	ck_assert_int_eq(got.status, 405);
	start("GET", "/etc/passwd", NULL, NULL);
	until(3);
	ck_assert_int_eq(got.status, 404);
	ck_assert_uint_eq(counters().sessions, 0);
}
END_TEST

START_TEST(a_number_or_a_session_of_somebody_else_is_refused)
{
	post("s1", "");
	start("POST", "/ussd", FORM, "sessionId=s1&phoneNumber=0700000002&serviceCode=123&text=1");
	until(2);
	ck_assert_int_eq(got.status, 400);
}
END_TEST

START_TEST(a_code_that_nobody_answers_ends)
{
	start("POST", "/ussd", FORM, "sessionId=s1&phoneNumber=0700000002&serviceCode=*999%23&text=");
	ck_assert_int_eq(strncmp(until(1), "END This code is not in use", 27), 0);
	ck_assert_int_eq(got.status, 200);
}
END_TEST

START_TEST(sessions_expire)
{
	post("s1", "");
	clock_fake_advance(&w.clock, 240001);
	while (counters().sessions > 0)
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE), 0);
}
END_TEST

START_TEST(pages_are_answered_with_what_they_say)
{
	start("GET", "/health", NULL, NULL);
	ck_assert_str_eq(until(1), "{}");
	ck_assert_int_eq(got.status, 200);
	unwell = "{\"troubles\":[]}";
	start("GET", "/health", NULL, NULL);
	ck_assert_str_eq(until(2), "{\"troubles\":[]}");
	ck_assert_int_eq(got.status, 503);
	start("POST", "/health", FORM, "a=b");
	until(3);
	ck_assert_int_eq(got.status, 405);
}
END_TEST

START_TEST(promise_6_pages_are_bounded)
{
	char path[16];

	for (int i = 1; i < HTTP_PAGES_MAX; i++) {
		snprintf(path, sizeof(path), "/page-%d", i);
		ck_assert_int_eq(http_page(http, path, health, &unwell), RC_OK);
	}
	ck_assert_int_eq(http_page(http, "/one-more", health, &unwell), RC_FULL);
}
END_TEST

START_TEST(a_client_that_left_can_ask_again)
{
	start("POST", "/ussd", FORM, "sessionId=s1&phoneNumber=%2B254700000001&serviceCode=*123%23&text=");
	while (counters().waiting == 0) /* the record is not looked up yet: the store is not heard */
		ck_assert_int_eq(event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
	http_client_free(client);
	ck_assert_int_eq(http_client_new(base, 100, &client), RC_OK);
	for (int i = 0; i < 100 && dialogue_is_waiting(w.dialogues); i++) {
		store_wait(w.store);
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
	ck_assert_int_eq(strncmp(post("s1", ""), "CON Hello friend", 16), 0);
	ck_assert_uint_eq(counters().repeated, 1);
	ck_assert_int_eq(strncmp(post("s1", "1"), "CON Acme", 8), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http");
	TCase *t = tcase_create("http");

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_registration_over_http);
	tcase_add_test(t, promise_4_the_same_request_again_runs_nothing);
	tcase_add_test(t, what_was_dialled_beyond_the_code_is_a_shortcut);
	tcase_add_test(t, a_session_older_than_the_daemon_is_offered_to_go_on);
	tcase_add_test(t, a_new_session_of_a_number_ends_its_old_one);
	tcase_add_loop_test(t, promise_6_what_the_protocol_does_not_ask_for_is_refused, 0,
	                    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(t, promise_6_pages_of_other_sites_drive_nothing);
	tcase_add_test(t, promise_6_bodies_and_methods_have_bounds);
	tcase_add_test(t, a_number_or_a_session_of_somebody_else_is_refused);
	tcase_add_test(t, a_code_that_nobody_answers_ends);
	tcase_add_test(t, sessions_expire);
	tcase_add_test(t, pages_are_answered_with_what_they_say);
	tcase_add_test(t, promise_6_pages_are_bounded);
	tcase_add_test(t, a_client_that_left_can_ask_again);
	return run_suite(s);
}
