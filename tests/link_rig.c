/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rig of the link's tests: a peer that reads and writes octets, and a user of the link that keeps accounts.
 *
 * Every wait has a limit after which the test fails; nothing sleeps.
 */
#include "tests/link_rig.h"

#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

int64_t rig_now_ms(void)
{
	return clock_mono_ms(clock_system());
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void rig_put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

/* A PDU of `n` body octets. Returns its length. */
size_t rig_make_pdu(uint8_t *out, uint32_t id, uint32_t status, uint32_t sequence, const void *body, size_t n)
{
	rig_put32(out, (uint32_t)(16 + n));
	rig_put32(out + 4, id);
	rig_put32(out + 8, status);
	rig_put32(out + 12, sequence);
	if (n > 0)
		memcpy(out + 16, body, n);
	return 16 + n;
}

void rig_say(struct rig *r, uint32_t id, uint32_t status, uint32_t sequence, const void *body, size_t n)
{
	uint8_t bytes[2048];

	bufferevent_write(r->peer, bytes, rig_make_pdu(bytes, id, status, sequence, body, n));
}

/* service_type "", source 1/1 254700000001, dest 0/0 123, body "*123#", op 1 */
const uint8_t rig_message[] = "\0\1\1"
			      "254700000001\0"
			      "\0\0"
			      "123\0"
			      "\0\0\0"
			      "\0"
			      "\0"
			      "\0\0\0\0"
			      "\5"
			      "*123#"
			      "\5\1\0\1\1";

void rig_deliver(struct rig *r, uint32_t sequence)
{
	rig_say(r, 5, 0, sequence, rig_message, RIG_MESSAGE_LEN);
}

static void drop_when_written(struct bufferevent *bev, void *arg)
{
	(void)bev;
	rig_drop(arg);
}

static void auto_answer(struct rig *r, const struct rig_pdu *g)
{
	uint32_t status = r->peer_is_other ? r->other_bind : r->auto_bind;

	if ((g->id == 9 || g->id == 1 || g->id == 2) && status != RIG_SILENT) {
		rig_say(r, 0x80000000 | g->id, status, g->sequence, "smsc", status ? 0 : 5);
		if (r->drops == RIG_DROPS_BOUND)
			bufferevent_setcb(r->peer, NULL, drop_when_written, NULL, r);
	}
	if (g->id == 4 && r->auto_submit != RIG_SILENT)
		rig_say(r, 0x80000004, r->auto_submit, g->sequence, "m-1", 4);
	if (g->id == 0x15 && r->auto_enquire != RIG_SILENT)
		rig_say(r, 0x80000015, r->auto_enquire, g->sequence, NULL, 0);
	if (g->id == 6 && r->auto_unbind != RIG_SILENT)
		rig_say(r, 0x80000006, r->auto_unbind, g->sequence, NULL, 0);
}

static void peer_read(struct bufferevent *bev, void *arg)
{
	struct rig *r = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	uint8_t head[64];

	while (evbuffer_get_length(in) >= 16) {
		struct rig_pdu *g;
		size_t len;

		evbuffer_copyout(in, head, sizeof(head));
		len = get32(head);
		ck_assert_uint_ge(len, 16);
		ck_assert_uint_le(len, 4096);
		if (evbuffer_get_length(in) < len)
			return;
		evbuffer_drain(in, len);
		ck_assert_uint_lt(r->n_got, RIG_MAX_GOT);
		g = &r->got[r->n_got++];
		*g = (struct rig_pdu){(uint32_t)len,    get32(head + 4), get32(head + 8),
		                      get32(head + 12), r->connections,  {0}};
		memcpy(g->head, head, len < sizeof(head) ? len : sizeof(head));
		auto_answer(r, g);
	}
}

static void peer_event(struct bufferevent *bev, short what, void *arg)
{
	struct rig *r = arg;

	(void)what;
	r->closed++;
	if (r->peer == bev)
		r->peer = NULL;
	bufferevent_free(bev);
}

static void peer_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa, int len,
                        void *arg)
{
	struct rig *r = arg;

	(void)len;
	inet_ntop(AF_INET, &((struct sockaddr_in *)sa)->sin_addr, r->came_from, sizeof(r->came_from));
	r->connections++;
	r->peer_is_other = listener == r->other;
	r->other_connections += r->peer_is_other;
	if (r->peer)
		bufferevent_free(r->peer);
	r->peer = NULL;
	if (r->drops == RIG_DROPS_ACCEPTED) {
		evutil_closesocket(fd);
		return;
	}
	r->peer = bufferevent_socket_new(r->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(r->peer, peer_read, NULL, peer_event, r);
	bufferevent_enable(r->peer, r->deaf ? EV_WRITE : EV_READ | EV_WRITE);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

struct pdu_submit rig_hello(void)
{
	struct pdu_submit s = {.service_type = "CMT", .body = (const uint8_t *)"hello", .body_len = 5};

	strcpy(s.source.digits, "123");
	strcpy(s.dest.digits, "254700000001");
	return s;
}

enum rc rig_submit(struct rig *r, uint64_t token)
{
	struct pdu_submit s = rig_hello();

	return link_submit(r->link, &s, token);
}

void rig_submit_all(struct rig *r, uint64_t first, uint64_t last)
{
	for (uint64_t i = first; i <= last; i++)
		ck_assert_int_eq(rig_submit(r, i), RC_OK);
}

static void on_message(void *ctx, struct link *l, uint32_t connection, const struct pdu_header *h,
                       const struct pdu_message *m)
{
	struct rig *r = ctx;

	ck_assert_uint_eq(m->body_len, 5);
	ck_assert_str_eq(m->source.digits, "254700000001");
	r->messages++;
	r->message_connection = connection;
	r->message_header = *h;
	if (r->answer_messages) {
		link_respond(l, connection, h->id, h->sequence, PDU_ROK);
		ck_assert_int_eq(rig_submit(r, 1000 + h->sequence), RC_OK);
		/* what the handler was given is still there */
		ck_assert_int_eq(memcmp(m->body, "*123#", 5), 0);
	}
}

static void on_submitted(void *ctx, struct link *l, uint64_t token, enum link_outcome outcome,
                         uint32_t status, const char *message_id)
{
	struct rig *r = ctx;
	struct rig_outcome *t = &r->told[r->n_told++];

	ck_assert_uint_lt(r->n_told, RIG_MAX_TOLD);
	*t = (struct rig_outcome){.token = token, .outcome = outcome, .status = status};
	strcpy(t->message_id, message_id);
	if (r->resubmit) {
		enum rc rc = rig_submit(r, token + 100);

		ck_assert_int_eq(rc, link_state(l) == LINK_ST_BOUND ? RC_OK : RC_CLOSED);
		r->resubmit = rc != RC_OK;
	}
	if (r->drain_on_told)
		link_drain(l, 1000);
}

static void on_changed(void *ctx, struct link *l, enum link_state state)
{
	struct rig *r = ctx;

	ck_assert_int_eq(link_state(l), state);
	if (r->n_changes < 256)
		r->changes[r->n_changes++] = state;
}

static struct evconnlistener *listen_at(struct rig *r, uint16_t *port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(*port)};
	struct evconnlistener *listener;
	socklen_t len = sizeof(sa);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = evconnlistener_new_bind(r->base, peer_accept, r, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE,
	                                   16, (struct sockaddr *)&sa, sizeof(sa));
	ck_assert_ptr_nonnull(listener);
	ck_assert_int_eq(getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&sa, &len), 0);
	*port = ntohs(sa.sin_port);
	return listener;
}

void rig_listen(struct rig *r, uint16_t port)
{
	r->port = port;
	r->listener = listen_at(r, &r->port);
}

void rig_listen_too(struct rig *r)
{
	r->other = listen_at(r, &r->other_port);
}

struct rig *rig_new(void)
{
	struct rig *r = calloc(1, sizeof(*r));
	const struct timeval often = {0, 5000};

	ck_assert_ptr_nonnull(r);
	r->base = event_base_new();
	r->tick = event_new(r->base, -1, EV_PERSIST, on_tick, NULL);
	event_add(r->tick, &often);
	rig_listen(r, 0);
	r->config = (struct link_config){
		.name = "smsc-a",
		.host = "127.0.0.1",
		.port = r->port,
		.system_id = "starhash",
		.password = "s3cret",
		.system_type = "ussd",
		.group = "home",
		.window = 4,
		.queue_max = 3,
		.connect_ms = 2000,
		.response_ms = 5000,
		.reconnect_min_ms = 10,
		.reconnect_max_ms = 20,
	};
	return r;
}

struct rig *rig_new_slow(void)
{
	struct rig *r = rig_new();

	r->is_fake = true;
	r->config.reconnect_min_ms = 200;
	r->config.reconnect_max_ms = RIG_MINUTE;
	r->config.connect_ms = 10000;
	r->config.response_ms = 10000;
	return r;
}

void rig_start(struct rig *r)
{
	const struct link_handlers handlers = {on_message, on_submitted, on_changed, r};

	if (r->is_fake)
		clock_fake_init(&r->fake, 0);
	ck_assert_int_eq(link_new(r->base, r->is_fake ? &r->fake.clock : clock_system(), &r->config,
	                          &handlers, &r->link),
	                 RC_OK);
	link_start(r->link);
	ck_assert_uint_eq(r->n_changes, 0); /* nothing happens inside a call */
}

void rig_pass(struct rig *r, int64_t ms)
{
	for (int64_t step; ms > 0; ms -= step) {
		step = ms < 20 ? ms : 20;
		clock_fake_advance(&r->fake, step);
		link_turn(r->link);
		for (int i = 0; i < 3; i++)
			event_base_loop(r->base, EVLOOP_NONBLOCK);
	}
}

void rig_pass_until_bound(struct rig *r, int64_t most_ms)
{
	for (int64_t ms = 0; link_state(r->link) != LINK_ST_BOUND && ms < most_ms; ms += 100)
		rig_pass(r, 100);
	ck_assert_int_eq(link_state(r->link), LINK_ST_BOUND);
}

void rig_bind(struct rig *r)
{
	rig_start(r);
	RIG_UNTIL(r, link_state(r->link) == LINK_ST_BOUND);
}

struct link_counters rig_counters(const struct rig *r)
{
	struct link_counters c;

	link_counters_read(r->link, &c);
	return c;
}

struct link_report rig_report(const struct rig *r)
{
	struct link_report out;

	link_report_read(r->link, &out);
	return out;
}

void rig_free(struct rig *r)
{
	ck_assert_uint_eq(rig_counters(r).odd_transitions, 0);
	link_free(r->link);
	if (r->peer)
		bufferevent_free(r->peer);
	if (r->listener)
		evconnlistener_free(r->listener);
	if (r->other)
		evconnlistener_free(r->other);
	event_free(r->tick);
	event_base_free(r->base);
	free(r);
}

/* How many PDUs of an id the peer got. */
int rig_got(const struct rig *r, uint32_t id)
{
	int n = 0;

	for (size_t i = 0; i < r->n_got; i++)
		n += r->got[i].id == id;
	return n;
}

const struct rig_pdu *rig_last(const struct rig *r, uint32_t id)
{
	for (size_t i = r->n_got; i > 0; i--) {
		if (r->got[i - 1].id == id)
			return &r->got[i - 1];
	}
	ck_abort_msg("no PDU 0x%08x came", id);
}

int rig_told(const struct rig *r, enum link_outcome outcome)
{
	int n = 0;

	for (size_t i = 0; i < r->n_told; i++)
		n += r->told[i].outcome == outcome;
	return n;
}

bool rig_changed_to(const struct rig *r, enum link_state s)
{
	for (size_t i = 0; i < r->n_changes; i++) {
		if (r->changes[i] == s)
			return true;
	}
	return false;
}

void rig_drop(struct rig *r)
{
	bufferevent_free(r->peer);
	r->peer = NULL;
}
