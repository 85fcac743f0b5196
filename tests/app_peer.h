/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An app for tests, at the other end of a socket on the same loop: it keeps what it was asked and answers with raw
 * bytes, so that it can misbehave in any way. */
#ifndef STARHASH_TESTS_APP_PEER_H
#define STARHASH_TESTS_APP_PEER_H

#include <arpa/inet.h>
#include <check.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct app_peer {
	struct event_base *base;
	struct evconnlistener *listener;
	int port;
	char url[64];
	char request[8192]; /* the last one, whole */
	const char *body;   /* of it */
	int n_requests, n_connections, n_open;
	char answer[8192]; /* raw; "" = never answer */
	size_t flood;      /* bytes of 'x' after it */
	bool closes;       /* after the answer */
	bool has_answered;
};

static inline void peer_answer_raw(struct app_peer *p, const char *raw)
{
	snprintf(p->answer, sizeof(p->answer), "%s", raw);
}

static inline void peer_answer(struct app_peer *p, int status, const char *type, const char *body)
{
	snprintf(p->answer, sizeof(p->answer),
	         "HTTP/1.1 %d Said\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", status, type,
	         strlen(body), body);
}

static void peer_close(struct app_peer *p, struct bufferevent *b)
{
	p->n_open--;
	bufferevent_free(b);
}

static void peer_written(struct bufferevent *b, void *ctx)
{
	struct app_peer *p = ctx;

	/* libevent also says so of a new connection, before anything was written */
	if (p->closes && p->has_answered && p->answer[0] != '\0' &&
	    evbuffer_get_length(bufferevent_get_output(b)) == 0)
		peer_close(p, b);
}

static void peer_event(struct bufferevent *b, short what, void *ctx)
{
	(void)what;
	peer_close(ctx, b);
}

static void peer_read(struct bufferevent *b, void *ctx)
{
	struct app_peer *p = ctx;
	struct evbuffer *in = bufferevent_get_input(b);
	size_t n = evbuffer_get_length(in);
	const char *end, *length;

	ck_assert_uint_lt(n, sizeof(p->request));
	evbuffer_copyout(in, p->request, n);
	p->request[n] = '\0';
	end = strstr(p->request, "\r\n\r\n");
	length = strstr(p->request, "Content-Length:");
	if (end == NULL ||
	    n < (size_t)(end + 4 - p->request) + (length != NULL ? (size_t)atoi(length + 15) : 0))
		return;
	evbuffer_drain(in, n);
	p->body = end + 4;
	p->n_requests++;
	p->has_answered = true;
	bufferevent_write(b, p->answer, strlen(p->answer));
	if (p->flood > 0) {
		char *much = malloc(p->flood);

		ck_assert_ptr_nonnull(much);
		memset(much, 'x', p->flood);
		bufferevent_write(b, much, p->flood);
		free(much);
	}
	if (p->closes && p->answer[0] == '\0')
		peer_close(p, b);
}

static void peer_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from, int len,
                        void *ctx)
{
	struct app_peer *p = ctx;
	struct bufferevent *b = bufferevent_socket_new(p->base, fd, BEV_OPT_CLOSE_ON_FREE);

	(void)l;
	(void)from;
	(void)len;
	p->n_connections++;
	p->n_open++;
	bufferevent_setcb(b, peer_read, peer_written, peer_event, p);
	bufferevent_enable(b, EV_READ | EV_WRITE);
}

static inline void peer_open(struct app_peer *p, struct event_base *base)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);

	memset(p, 0, sizeof(*p));
	p->base = base;
	p->listener = evconnlistener_new_bind(base, peer_accept, p, LEV_OPT_CLOSE_ON_FREE, 128,
	                                      (struct sockaddr *)&at, sizeof(at));
	ck_assert_ptr_nonnull(p->listener);
	ck_assert_int_eq(getsockname(evconnlistener_get_fd(p->listener), (struct sockaddr *)&at, &len), 0);
	p->port = ntohs(at.sin_port);
	snprintf(p->url, sizeof(p->url), "http://127.0.0.1:%d/app", p->port);
}

static inline void peer_shut(struct app_peer *p)
{
	if (p->listener != NULL)
		evconnlistener_free(p->listener);
	p->listener = NULL;
}

/* The other side has closed: let go of what is left. */
static inline void peer_end(struct app_peer *p)
{
	peer_shut(p);
	while (p->n_open > 0)
		ck_assert_int_ge(event_base_loop(p->base, EVLOOP_ONCE), 0);
}

#endif
