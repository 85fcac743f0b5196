/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Raw SMSCs, each with a listener of its own, and the groups of links to them, in one loop, for tests/test_groups.c.
 *
 * They share no code with the gateway. Binds, enquire_link and unbind are answered; a submit_sm stays outstanding.
 */
#ifndef STARHASH_TESTS_GROUPS_WORLD_H
#define STARHASH_TESTS_GROUPS_WORLD_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/log.h"
#include "gateway/groups.h"

#define WAIT_MS 8000
#define SMSCS 4
#define CONNECTIONS 64

struct world;

struct session {
	struct smsc *smsc;
	struct bufferevent *bev; /* NULL = gone */
	uint8_t kind;            /* command id of its bind */
};

struct smsc {
	struct world *world;
	struct evconnlistener *listener;
	uint16_t port;
	uint32_t bind_status;
	size_t n;
	struct session session[CONNECTIONS];
	int submits, unbinds;
};

struct world {
	struct event_base *base;
	struct event *tick;
	struct config config;
	struct groups *groups;
	struct smsc smsc[SMSCS];
	int messages;
	struct link *came_by;
	int told[5];
};

static int64_t now_ms(void)
{
	return clock_mono_ms(clock_system());
}

#define UNTIL(w, condition)                                                               \
	do {                                                                              \
		int64_t end_ = now_ms() + WAIT_MS;                                        \
		while (!(condition)) {                                                    \
			ck_assert_msg(now_ms() < end_, "waited in vain for " #condition); \
			event_base_loop((w)->base, EVLOOP_ONCE);                          \
		}                                                                         \
	} while (0)

/* ---- SMSCs */

static void say(struct session *s, uint32_t id, uint32_t status, uint8_t sequence, const char *body,
                uint8_t n)
{
	uint8_t b[64] = {0, 0, 0, (uint8_t)(16 + n)};

	b[4] = (uint8_t)(id >> 24);
	b[7] = (uint8_t)id;
	b[11] = (uint8_t)status;
	b[15] = sequence;
	if (n > 0)
		memcpy(b + 16, body, n);
	bufferevent_write(s->bev, b, 16u + n);
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct session *s = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	uint8_t h[16];

	while (evbuffer_copyout(in, h, 16) == 16) {
		size_t len = (size_t)h[2] << 8 | h[3];

		if (evbuffer_get_length(in) < len)
			return;
		evbuffer_drain(in, len);
		if (h[4] & 0x80)
			continue;
		if (h[7] == 1 || h[7] == 2 || h[7] == 9) {
			s->kind = h[7];
			say(s, 0x80000000u | h[7], s->smsc->bind_status, h[15], "s", 2);
			continue;
		}
		s->smsc->submits += h[7] == 4;
		s->smsc->unbinds += h[7] == 6;
		if (h[7] != 4) /* a submit_sm stays outstanding */
			say(s, 0x80000000u | h[7], 0, h[15], NULL, 0);
	}
}

static void drop(struct session *s)
{
	bufferevent_free(s->bev);
	s->bev = NULL;
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	(void)what;
	drop(arg);
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
	struct smsc *m = arg;
	struct session *s = &m->session[m->n++];

	(void)l;
	(void)sa;
	(void)len;
	ck_assert_uint_lt(m->n, CONNECTIONS);
	s->smsc = m;
	s->bev = bufferevent_socket_new(m->world->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(s->bev, on_read, NULL, on_event, s);
	bufferevent_enable(s->bev, EV_READ | EV_WRITE);
}

static void smsc_up(struct smsc *m)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(m->port)};
	socklen_t len = sizeof(sa);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	m->listener = evconnlistener_new_bind(m->world->base, on_accept, m,
	                                      LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 16,
	                                      (struct sockaddr *)&sa, sizeof(sa));
	ck_assert_ptr_nonnull(m->listener);
	ck_assert_int_eq(getsockname(evconnlistener_get_fd(m->listener), (struct sockaddr *)&sa, &len), 0);
	m->port = ntohs(sa.sin_port);
}

static void smsc_down(struct smsc *m)
{
	if (m->listener)
		evconnlistener_free(m->listener);
	m->listener = NULL;
	for (size_t i = 0; i < m->n; i++)
		if (m->session[i].bev)
			drop(&m->session[i]);
}

/* The newest live session of a kind, NULL = none. */
static struct session *session_of(struct smsc *m, uint8_t kind)
{
	for (size_t i = m->n; i > 0; i--)
		if (m->session[i - 1].bev && m->session[i - 1].kind == kind)
			return &m->session[i - 1];
	return NULL;
}

/* ---- the world */

static void on_message(void *ctx, struct link *l, uint32_t connection, const struct pdu_header *h,
                       const struct pdu_message *m)
{
	struct world *w = ctx;

	(void)m;
	w->messages++;
	w->came_by = l;
	link_respond(l, connection, h->id, h->sequence, 0);
}

static void on_submitted(void *ctx, struct link *l, uint64_t token, enum link_outcome outcome,
                         uint32_t status, const char *message_id)
{
	struct world *w = ctx;

	(void)l;
	(void)token;
	(void)status;
	(void)message_id;
	w->told[outcome]++;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static struct world *world_new(void)
{
	static const struct timeval often = {0, 5000};
	struct world *w = calloc(1, sizeof(*w));

	ck_assert_ptr_nonnull(w);
	w->base = event_base_new();
	w->tick = event_new(w->base, -1, EV_PERSIST, on_tick, NULL);
	event_add(w->tick, &often);
	for (size_t i = 0; i < SMSCS; i++) {
		w->smsc[i].world = w;
		smsc_up(&w->smsc[i]);
	}
	return w;
}

/* A link to SMSC `at`. */
static struct config_link *add(struct world *w, const char *name, const char *group, size_t at)
{
	struct config_link *c = &w->config.link[w->config.n_links++];

	*c = (struct config_link){.name = (char *)name,
	                          .host = (char *)"127.0.0.1",
	                          .port = w->smsc[at].port,
	                          .system_id = (char *)"s",
	                          .password = (char *)"p",
	                          .system_type = (char *)"",
	                          .address_range = (char *)"",
	                          .bind_address = (char *)"",
	                          .dialect = (char *)"standard",
	                          .group = (char *)group,
	                          .tls_ca = (char *)"",
	                          .tls_name = (char *)"",
	                          .tls_cert = (char *)"",
	                          .tls_key = (char *)"",
	                          .tls_verify = true,
	                          .interface_version = 0x34,
	                          .window = 10,
	                          .queue_max = 10,
	                          .connect_ms = 2000,
	                          .response_ms = 5000,
	                          .enquire_misses = 3,
	                          .reconnect_min_ms = 10,
	                          .reconnect_max_ms = 40,
	                          .standby_after_ms = 50};
	return c;
}

static void start(struct world *w)
{
	const struct link_handlers handlers = {.message = on_message, .submitted = on_submitted, .ctx = w};

	ck_assert_int_eq(groups_new(w->base, clock_system(), &w->config, &handlers, &w->groups), RC_OK);
	groups_start(w->groups);
}

static void world_free(struct world *w)
{
	groups_free(w->groups);
	for (size_t i = 0; i < SMSCS; i++)
		smsc_down(&w->smsc[i]);
	event_free(w->tick);
	event_base_free(w->base);
	free(w);
}

static struct link *at(const struct world *w, size_t i)
{
	return groups_link_at(w->groups, i);
}

static bool is_bound(const struct world *w, size_t i)
{
	return link_state(at(w, i)) == LINK_ST_BOUND;
}

static enum rc submit(struct link *l)
{
	struct pdu_submit s = {.service_type = "CMT", .body = (const uint8_t *)"hello", .body_len = 5};

	strcpy(s.source.digits, "123");
	strcpy(s.dest.digits, "254700000001");
	return link_submit(l, &s, 1);
}

#endif
