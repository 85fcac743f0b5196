/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Link: connecting, binding, frames, and how a connection lives and ends.
 *
 * Against the raw peer of tests/link_rig.h, over real sockets.
 */
#include <string.h>

#include "core/log.h"
#include "tests/link_rig.h"
#include "tests/run_suite.h"

/* ---- binding */

START_TEST(bind_accepted)
{
	static const char body[] = "starhash\0s3cret\0ussd\0\x34\0\0";
	struct rig *r = rig_new();

	rig_bind(r);
	ck_assert_uint_eq(r->got[0].id, 9);
	ck_assert_uint_eq(r->got[0].status, 0);
	ck_assert_uint_eq(r->got[0].sequence, 1);
	ck_assert_uint_eq(r->got[0].len, 16 + sizeof(body));
	ck_assert_int_eq(memcmp(r->got[0].head + 16, body, sizeof(body)), 0);
	ck_assert_uint_eq(link_connection(r->link), 1);
	ck_assert_uint_eq(rig_counters(r).binds, 1);
	ck_assert_int_eq(r->changes[0], LINK_ST_CONNECTING);
	ck_assert_int_eq(r->changes[1], LINK_ST_BINDING);
	ck_assert_int_eq(r->changes[2], LINK_ST_BOUND);
	rig_free(r);
}
END_TEST

START_TEST(bind_by_name)
{
	struct rig *r = rig_new();

	r->config.host = "localhost";
	rig_bind(r);
	rig_free(r);
}
END_TEST

START_TEST(lookup_abandoned)
{
	struct rig *r = rig_new();

	r->config.host = "smsc.invalid";
	rig_start(r);
	RIG_UNTIL(r, rig_changed_to(r, LINK_ST_CONNECTING));
	link_free(r->link);
	event_base_loop(r->base, EVLOOP_NONBLOCK);
	r->config.host = "127.0.0.1";
	r->n_changes = 0;
	rig_bind(r);
	rig_free(r);
}
END_TEST

/* The SMSC says that somebody must change something: the next try is the slowest. */
START_TEST(bind_refused_is_slow)
{
	static const uint32_t statuses[] = {0x05, 0x0d, 0x0e, 0x0f};
	struct rig *r = rig_new();
	int64_t refused_at;

	r->auto_bind = statuses[_i];
	r->config.reconnect_max_ms = 400;
	rig_start(r);
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_BACKOFF);
	refused_at = rig_now_ms();
	ck_assert_uint_eq(rig_counters(r).bind_failures, 1);
	r->auto_bind = 0;
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_BOUND);
	ck_assert_int_ge(rig_now_ms() - refused_at, 195); /* 400 ms - 50 % */
	rig_free(r);
}
END_TEST

START_TEST(bind_refused_otherwise)
{
	struct rig *r = rig_new();

	r->auto_bind = 0x08;
	r->config.reconnect_max_ms = 60000;
	rig_start(r);
	RIG_UNTIL(r, rig_counters(r).bind_failures == 2);
	r->auto_bind = 0;
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_BOUND);
	rig_free(r);
}
END_TEST

START_TEST(bind_nacked)
{
	struct rig *r = rig_new();

	r->auto_bind = RIG_SILENT;
	rig_start(r);
	RIG_UNTIL(r, rig_got(r, 9) == 1);
	rig_say(r, 0x80000000, 3, 1, NULL, 0);
	RIG_UNTIL(r, rig_counters(r).bind_failures == 1);
	ck_assert_uint_eq(rig_counters(r).nack_in, 1);
	r->auto_bind = 0;
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_BOUND);
	ck_assert_uint_eq(link_connection(r->link), 2);
	rig_free(r);
}
END_TEST

/* Accepted, and then nothing. */
START_TEST(half_open)
{
	struct rig *r = rig_new();

	r->auto_bind = RIG_SILENT;
	r->config.connect_ms = 50;
	rig_start(r);
	RIG_UNTIL(r, rig_counters(r).bind_failures == 2);
	ck_assert_uint_eq(rig_counters(r).connects, 2);
	rig_free(r);
}
END_TEST

START_TEST(nobody_listens)
{
	struct rig *r = rig_new();

	evconnlistener_free(r->listener);
	r->listener = NULL;
	rig_start(r);
	RIG_UNTIL(r, rig_counters(r).connect_failures >= 3);
	ck_assert_uint_eq(rig_counters(r).connects, 0);
	rig_listen(r, r->port);
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_BOUND);
	rig_free(r);
}
END_TEST

START_TEST(requests_before_bound)
{
	struct rig *r = rig_new();

	r->auto_bind = RIG_SILENT;
	rig_start(r);
	RIG_UNTIL(r, rig_got(r, 9) == 1);
	rig_deliver(r, 7);
	rig_say(r, 0x15, 0, 8, NULL, 0);
	RIG_UNTIL(r, rig_got(r, 0x80000005) && rig_got(r, 0x80000015));
	ck_assert_uint_eq(rig_last(r, 0x80000005)->status, 4);
	ck_assert_uint_eq(rig_last(r, 0x80000005)->sequence, 7);
	ck_assert_uint_eq(rig_last(r, 0x80000015)->status, 0);
	ck_assert_uint_eq(rig_last(r, 0x80000015)->sequence, 8);
	ck_assert_int_eq(r->messages, 0);
	ck_assert_int_eq(rig_submit(r, 1), RC_CLOSED);
	/* no enquire_link of ours before the bind */
	ck_assert_int_eq(rig_got(r, 0x15), 0);
	rig_say(r, 0x80000009, 0, 99, "x", 2); /* not our sequence */
	rig_say(r, 0x80000009, 0, 1, "x", 2);
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_BOUND);
	ck_assert_uint_eq(rig_counters(r).unknown_sequence, 1);
	rig_free(r);
}
END_TEST

/* ---- frames */

START_TEST(message_answered)
{
	struct rig *r = rig_new();

	rig_bind(r);
	rig_deliver(r, 0x11223344);
	RIG_UNTIL(r, r->messages == 1);
	ck_assert_int_eq(rig_got(r, 0x80000005), 0);
	link_respond(r->link, r->message_connection + 1, 5, 0x11223344, 0); /* another connection */
	link_respond(r->link, r->message_connection, 5, 0x11223344, 0x64);
	RIG_UNTIL(r, rig_got(r, 0x80000005) == 1);
	ck_assert_uint_eq(rig_last(r, 0x80000005)->status, 0x64);
	ck_assert_uint_eq(rig_last(r, 0x80000005)->sequence, 0x11223344);
	ck_assert_uint_eq(rig_last(r, 0x80000005)->len, 17);
	rig_free(r);
}
END_TEST

START_TEST(byte_by_byte)
{
	uint8_t bytes[256];
	struct rig *r = rig_new();
	size_t len = rig_make_pdu(bytes, 5, 0, 42, rig_message, RIG_MESSAGE_LEN);

	rig_bind(r);
	for (size_t i = 0; i < len; i++) {
		uint64_t before = rig_counters(r).bytes_in;

		ck_assert_int_eq(r->messages, 0);
		bufferevent_write(r->peer, bytes + i, 1);
		RIG_UNTIL(r, evbuffer_get_length(bufferevent_get_output(r->peer)) == 0);
		event_base_loop(r->base, EVLOOP_NONBLOCK);
		ck_assert(i + 1 == len || rig_counters(r).bytes_in == before);
	}
	RIG_UNTIL(r, r->messages == 1);
	ck_assert_uint_eq(r->message_header.sequence, 42);
	rig_free(r);
}
END_TEST

START_TEST(many_in_one_read)
{
	static uint8_t bytes[1000 * 128];
	struct rig *r = rig_new();
	size_t len = 0;

	r->answer_messages = true;
	r->config.queue_max = 2000;
	rig_bind(r);
	for (uint32_t i = 1; i <= 1000; i++)
		len += rig_make_pdu(bytes + len, 5, 0, i, rig_message, RIG_MESSAGE_LEN);
	bufferevent_write(r->peer, bytes, len);
	RIG_UNTIL(r, rig_told(r, LINK_ACCEPTED) == 1000 && rig_got(r, 0x80000005) == 1000);
	for (size_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(r->told[i].token, 1001 + i); /* in order */
	ck_assert_str_eq(r->told[0].message_id, "m-1");
	ck_assert_uint_eq(rig_counters(r).submit_out, 1000);
	ck_assert_uint_eq(rig_counters(r).outstanding + rig_counters(r).queued, 0);
	rig_free(r);
}
END_TEST

/* More than one turn's budget, and no further event that would bring the rest. */
START_TEST(budget_is_continued)
{
	static uint8_t bytes[1000 * 64];
	struct rig *r = rig_new();
	size_t len = 0;

	rig_bind(r);
	for (uint32_t i = 1; i <= 1000; i++)
		len += rig_make_pdu(bytes + len, 5, 0, i, rig_message, RIG_MESSAGE_LEN);
	bufferevent_write(r->peer, bytes, len);
	RIG_UNTIL(r, r->messages == 1000);
	ck_assert_uint_eq(r->message_header.sequence, 1000);
	rig_free(r);
}
END_TEST

static const struct {
	uint32_t length;
} garbage[] = {{0}, {4}, {15}, {65537}, {0x20202020}, {0xffffffff}};

START_TEST(framing_lost)
{
	static uint8_t
		bytes[300000]; /* more than is read at once: the nack must survive what is not read yet */
	struct rig *r = rig_new();

	rig_bind(r);
	memset(bytes, 0x5a, sizeof(bytes));
	rig_put32(bytes, garbage[_i].length);
	bufferevent_write(r->peer, bytes, sizeof(bytes));
	RIG_UNTIL(r, rig_got(r, 0x80000000) == 1);
	ck_assert_uint_eq(rig_last(r, 0x80000000)->status, 2);
	ck_assert_uint_eq(rig_last(r, 0x80000000)->sequence, 0);
	RIG_UNTIL(r, r->connections == 2 && link_state(r->link) == LINK_ST_BOUND);
	ck_assert_uint_eq(rig_counters(r).framing_lost, 1);
	ck_assert_uint_eq(rig_counters(r).losses, 1);
	rig_free(r);
}
END_TEST

static const struct {
	uint32_t id, response, status;
} odd_requests[] = {
	{0x00000777, 0x80000000, 3}, {0x00000003, 0x80000000, 3}, {0x00000021, 0x80000000, 3},
	{0x0000000b, 0x80000000, 3}, {0x00000001, 0x80000001, 4}, {0x00000002, 0x80000002, 4},
	{0x00000009, 0x80000009, 4}, {0x00000004, 0x80000004, 4}, {0xdeadbeef, 0x80000000, 3},
};

START_TEST(odd_request)
{
	struct rig *r = rig_new();

	rig_bind(r);
	rig_say(r, odd_requests[_i].id, 0, 77, "abc", 4);
	RIG_UNTIL(r, rig_got(r, odd_requests[_i].response) == 1);
	ck_assert_uint_eq(rig_last(r, odd_requests[_i].response)->status, odd_requests[_i].status);
	ck_assert_uint_eq(rig_last(r, odd_requests[_i].response)->sequence, 77);
	ck_assert_uint_eq(rig_counters(r).unknown_id, 1);
	ck_assert_int_eq(link_state(r->link), LINK_ST_BOUND);
	rig_free(r);
}
END_TEST

START_TEST(not_answered)
{
	struct rig *r = rig_new();

	rig_bind(r);
	rig_say(r, 0x102, 0, 5, "\0\0a\0\0\0b", 8); /* alert_notification */
	rig_say(r, 0x80000000, 3, 0, NULL, 0);      /* generic_nack with sequence 0 */
	rig_say(r, 0x80000000, 3, 4711, NULL, 0);
	rig_say(r, 0x80000004, 0, 4711, "x", 2);
	rig_say(r, 0x80000015, 0, 4711, NULL, 0);
	rig_say(r, 0x80000005, 0, 4711, "", 1);
	rig_say(r, 0x80000006, 0, 4711, NULL, 0);
	rig_say(r, 0x15, 0, 6, NULL, 0); /* and when this is answered, nothing else was */
	RIG_UNTIL(r, rig_got(r, 0x80000015) == 1);
	ck_assert_uint_eq(r->n_got, 2);
	ck_assert_uint_eq(rig_counters(r).alerts, 1);
	ck_assert_uint_eq(rig_counters(r).nack_in, 2);
	ck_assert_uint_eq(rig_counters(r).unknown_sequence, 5);
	ck_assert_uint_eq(r->n_told, 0);
	rig_free(r);
}
END_TEST

/* Promise 3: also what cannot be read is answered. */
START_TEST(malformed_message)
{
	struct rig *r = rig_new();

	rig_bind(r);
	rig_say(r, 5, 0, 9, rig_message, RIG_MESSAGE_LEN - 7); /* sm_length is more than there is */
	rig_say(r, 0x103, 0, 10, "abcdefghij", 10);
	RIG_UNTIL(r, rig_got(r, 0x80000005) == 1 && rig_got(r, 0x80000103) == 1);
	ck_assert_uint_ne(rig_last(r, 0x80000005)->status, 0);
	ck_assert_uint_eq(rig_last(r, 0x80000005)->sequence, 9);
	ck_assert_uint_ne(rig_last(r, 0x80000103)->status, 0);
	ck_assert_uint_eq(rig_counters(r).malformed, 2);
	ck_assert_int_eq(r->messages, 0);
	ck_assert_int_eq(link_state(r->link), LINK_ST_BOUND);
	rig_free(r);
}
END_TEST

/* ---- life of a connection */

START_TEST(enquire_when_idle)
{
	struct rig *r = rig_new();

	r->config.enquire_ms = 30;
	rig_bind(r);
	RIG_UNTIL(r, rig_got(r, 0x15) == 3);
	ck_assert_uint_eq(rig_counters(r).enquire_missed, 0);
	ck_assert_uint_eq(rig_counters(r).losses, 0);
	rig_free(r);
}
END_TEST

START_TEST(enquire_missed)
{
	struct rig *r = rig_new();

	r->config.enquire_ms = 30;
	r->config.response_ms = 40;
	r->auto_enquire = RIG_SILENT;
	rig_bind(r);
	RIG_UNTIL(r, r->connections == 2 && link_state(r->link) == LINK_ST_BOUND);
	ck_assert_uint_eq(rig_counters(r).enquire_missed, 1);
	ck_assert_uint_eq(rig_counters(r).losses, 1);
	rig_free(r);
}
END_TEST

START_TEST(peer_unbinds)
{
	struct rig *r = rig_new();

	rig_bind(r);
	rig_say(r, 6, 0, 55, NULL, 0);
	RIG_UNTIL(r, rig_got(r, 0x80000006) == 1);
	ck_assert_uint_eq(rig_last(r, 0x80000006)->sequence, 55);
	ck_assert_uint_eq(rig_last(r, 0x80000006)->status, 0);
	RIG_UNTIL(r, r->connections == 2 && link_state(r->link) == LINK_ST_BOUND);
	ck_assert(rig_changed_to(r, LINK_ST_BACKOFF));
	rig_free(r);
}
END_TEST

/* A peer that drops every bind is asked less and less often. */
START_TEST(backoff_grows)
{
	struct rig *r = rig_new();
	int64_t at = rig_now_ms();

	r->config.reconnect_min_ms = 20;
	r->config.reconnect_max_ms = 10000;
	r->auto_bind = 0x08;
	rig_start(r);
	RIG_UNTIL(r, rig_counters(r).bind_failures == 4);
	ck_assert_int_ge(rig_now_ms() - at, 10 + 20 + 40 - 3);
	rig_free(r);
}
END_TEST

START_TEST(drain_waits_then_unbinds)
{
	struct rig *r = rig_new();

	r->auto_submit = RIG_SILENT;
	rig_bind(r);
	rig_submit_all(r, 1, 6);
	rig_deliver(r, 3);
	RIG_UNTIL(r, rig_got(r, 4) == 4 && r->messages == 1);
	link_drain(r->link, 60000);
	ck_assert_int_eq(rig_submit(r, 7), RC_CLOSED);
	r->auto_submit = 0;
	for (uint32_t sequence = 2; sequence <= 5; sequence++)
		rig_say(r, 0x80000004, 0, sequence, "m", 2);
	RIG_UNTIL(r, rig_told(r, LINK_ACCEPTED) == 6);
	rig_say(r, 0x15, 0, 6, NULL, 0);
	RIG_UNTIL(r, rig_got(r, 0x80000015) == 1);
	ck_assert_int_eq(rig_got(r, 6), 0); /* a message is not answered yet */
	link_respond(r->link, r->message_connection, 5, 3, 0);
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_DOWN);
	ck_assert_int_eq(rig_got(r, 6), 1);
	ck_assert(rig_changed_to(r, LINK_ST_UNBINDING));
	ck_assert_int_eq(r->changes[r->n_changes - 1], LINK_ST_DOWN);
	ck_assert_int_eq(r->connections, 1);
	rig_free(r);
}
END_TEST

START_TEST(drain_has_a_limit)
{
	struct rig *r = rig_new();

	r->auto_submit = RIG_SILENT;
	rig_bind(r);
	rig_submit_all(r, 1, 6);
	RIG_UNTIL(r, rig_got(r, 4) == 4);
	link_drain(r->link, 50);
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_DOWN);
	ck_assert_int_eq(rig_got(r, 6), 1);
	ck_assert_int_eq(rig_told(r, LINK_UNKNOWN), 4);
	ck_assert_int_eq(rig_told(r, LINK_NOT_SENT), 2);
	rig_free(r);
}
END_TEST

START_TEST(message_while_unbinding)
{
	struct rig *r = rig_new();

	r->auto_unbind = RIG_SILENT;
	rig_bind(r);
	link_drain(r->link, 1000);
	RIG_UNTIL(r, rig_got(r, 6) == 1);
	rig_deliver(r, 12);
	RIG_UNTIL(r, rig_got(r, 0x80000005) == 1);
	ck_assert_uint_eq(rig_last(r, 0x80000005)->status, 0x64); /* deliver it again later */
	rig_say(r, 0x80000006, 0, rig_last(r, 6)->sequence, NULL, 0);
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_DOWN);
	ck_assert_int_eq(r->messages, 0);
	rig_free(r);
}
END_TEST

START_TEST(drain_from_any_state)
{
	struct rig *r = rig_new();

	if (_i == 1)
		r->config.reconnect_min_ms = r->config.reconnect_max_ms = 60000;
	if (_i == 2)
		r->auto_bind = RIG_SILENT;
	if (_i == 1)
		r->auto_bind = 0x08;
	rig_start(r);
	if (_i == 1)
		RIG_UNTIL(r, link_state(r->link) == LINK_ST_BACKOFF);
	if (_i == 2)
		RIG_UNTIL(r, link_state(r->link) == LINK_ST_BINDING);
	if (_i == 3) {
		r->auto_submit = RIG_SILENT;
		r->drain_on_told = true;
		RIG_UNTIL(r, link_state(r->link) == LINK_ST_BOUND);
		ck_assert_int_eq(rig_submit(r, 1), RC_OK);
		RIG_UNTIL(r, rig_got(r, 4) == 1);
		rig_drop(r);
	} else {
		link_drain(r->link, 60000);
	}
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_DOWN);
	ck_assert_int_eq(r->changes[r->n_changes - 1], LINK_ST_DOWN);
	ck_assert_int_eq(rig_got(r, 6), 0);
	rig_free(r);
}
END_TEST

/* Promise 6: a peer that asks and never reads cannot grow us without bound. */
START_TEST(peer_does_not_read)
{
	static uint8_t bytes[16 * 4096];
	struct rig *r = rig_new();

	rig_bind(r);
	bufferevent_disable(r->peer, EV_READ);
	for (uint32_t i = 0; i < 4096; i++)
		rig_make_pdu(bytes + (size_t)i * 16, 0x15, 0, i + 1, NULL, 0);
	for (int i = 0; rig_counters(r).losses == 0; i++) {
		ck_assert_int_lt(i, 4000);
		if (r->peer && evbuffer_get_length(bufferevent_get_output(r->peer)) < sizeof(bytes))
			bufferevent_write(r->peer, bytes, sizeof(bytes));
		event_base_loop(r->base, EVLOOP_NONBLOCK);
	}
	ck_assert_uint_eq(rig_counters(r).losses, 1);
	rig_free(r);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static void add_life_tests(Suite *suite)
{
	TCase *tc = tcase_create("life");

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, enquire_when_idle);
	tcase_add_test(tc, enquire_missed);
	tcase_add_test(tc, peer_unbinds);
	tcase_add_test(tc, backoff_grows);
	tcase_add_test(tc, drain_waits_then_unbinds);
	tcase_add_test(tc, drain_has_a_limit);
	tcase_add_test(tc, message_while_unbinding);
	tcase_add_loop_test(tc, drain_from_any_state, 0, 4);
	tcase_add_test(tc, peer_does_not_read);
}

int main(void)
{
	Suite *suite = suite_create("link");
	TCase *bind = tcase_create("bind"), *frames = tcase_create("frames");

	log_init(LOG_LV_ERROR);
	suite_add_tcase(suite, bind);
	suite_add_tcase(suite, frames);
	tcase_set_timeout(bind, 60);
	tcase_set_timeout(frames, 60);
	tcase_add_test(bind, bind_accepted);
	tcase_add_test(bind, bind_by_name);
	tcase_add_test(bind, lookup_abandoned);
	tcase_add_loop_test(bind, bind_refused_is_slow, 0, 4);
	tcase_add_test(bind, bind_refused_otherwise);
	tcase_add_test(bind, bind_nacked);
	tcase_add_test(bind, half_open);
	tcase_add_test(bind, nobody_listens);
	tcase_add_test(bind, requests_before_bound);
	tcase_add_test(frames, message_answered);
	tcase_add_test(frames, byte_by_byte);
	tcase_add_test(frames, many_in_one_read);
	tcase_add_test(frames, budget_is_continued);
	tcase_add_loop_test(frames, framing_lost, 0, COUNT(garbage));
	tcase_add_loop_test(frames, odd_request, 0, COUNT(odd_requests));
	tcase_add_test(frames, not_answered);
	tcase_add_test(frames, malformed_message);
	add_life_tests(suite);
	return run_suite(suite);
}
