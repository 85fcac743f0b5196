/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connection of the HTTP server: bytes in, a request at a time, bytes out; see http_server.h.
 *
 * Invariant: a connection is freed by the loop's callbacks and by http_server_free alone, never inside a call of a handler. While
 * a request is with its handler, what comes behind it waits in the buffer, whose size is bounded; the next one is read when
 * the answer before was taken, so that a client that sends and never reads holds one answer.
 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "gateway/http_server_private.h"

#define IN_MAX (HTTP_HEAD_MAX + HTTP_BODY_MAX)
#define OUT_ROOM \
	65536 /* bytes of answers in the kernel, which takes twice as much memory; by itself it would go to megabytes */
#define AT_ONCE 16 /* requests of one connection in a turn of the loop */

static void set_state(struct http_request *r, enum http_st to)
{
	r->state = to;
	if (to == HTTP_ST_BUSY)
		due_remove(&r->timer);
	else
		due_add(to == HTTP_ST_LINGER ? &r->server->lingering : &r->server->times, &r->timer,
		        clock_mono_ms(r->server->options.clock));
}

static void forget_request(struct http_request *r)
{
	free(r->head_text);
	free(r->query_text);
	free(r->body);
	r->head_text = r->query_text = r->body = NULL;
	r->looked = 0;
	r->has_begun = false;
	r->gone = NULL;
}

void http_connection_free(struct http_request *r)
{
	struct http_server *s = r->server;

	if (r->state == HTTP_ST_BUSY) {
		s->counters.gone++;
		if (r->gone != NULL)
			r->gone(r->gone_ctx);
	}
	due_remove(&r->timer);
	if (r->prev != NULL)
		r->prev->next = r->next;
	else
		s->connections = r->next;
	if (r->next != NULL)
		r->next->prev = r->prev;
	http_gate_leave(s->gate, r->gate);
	forget_request(r);
	bufferevent_free(r->bev);
	free(r);
}

/* --- in ------------------------------------------------------------------------------------------------ */

static void expect_body(struct http_request *r)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

	set_state(r, HTTP_ST_BODY);
	if (r->head.expects_continue)
		bufferevent_write(r->bev, go_on, sizeof(go_on) - 1);
}

/* Blank lines before a request are allowed (RFC 9112, 2.2). */
static void skip_blank(struct evbuffer *in)
{
	unsigned char c;

	while (evbuffer_copyout(in, &c, 1) == 1 && (c == '\r' || c == '\n'))
		evbuffer_drain(in, 1);
}

/* A page whose name was made to lead here (DNS rebinding) is of the same origin for a browser: only the name tells. No
 * browser sends none. */
static bool is_for_us(const struct http_request *r)
{
	const struct http_server_options *o = &r->server->options;
	const char *host = http_head_value(&r->head, "Host");

	return host == NULL || http_host_is_ours(host, o->hosts, o->n_hosts);
}

/* False: more is needed, or the connection has got its answer. */
static bool read_head(struct http_request *r)
{
	struct evbuffer *in = bufferevent_get_input(r->bev);
	enum http_refusal why;
	size_t len, end;
	const char *text;

	if (!r->has_begun)
		skip_blank(in);
	len = evbuffer_get_length(in);
	if (len == 0)
		return false;
	if (!r->has_begun) {
		r->has_begun = true;
		set_state(
			r,
			HTTP_ST_HEAD); /* the time of a request runs from its first byte, and is not renewed */
	}
	if (len > HTTP_HEAD_MAX)
		len = HTTP_HEAD_MAX;
	text = (const char *)evbuffer_pullup(in, (ev_ssize_t)len);
	end = text != NULL ? http_head_end(text, len, r->looked) : 0;
	r->looked = len;
	if (end == 0) {
		if (len >= HTTP_HEAD_MAX)
			http_server_refuse(r, HTTP_REFUSED_HEAD_SIZE);
		return false;
	}
	r->head_text = malloc(end + 1);
	if (r->head_text == NULL || evbuffer_remove(in, r->head_text, end) != (int)end) {
		http_server_refuse(r, HTTP_REFUSED_CONNECTIONS);
		return false;
	}
	why = http_head_parse(r->head_text, end, &r->head);
	if (why == HTTP_REFUSED_NOT && !is_for_us(r))
		why = HTTP_REFUSED_HOST;
	if (why == HTTP_REFUSED_NOT && r->head.length > HTTP_BODY_MAX)
		why = HTTP_REFUSED_BODY_SIZE;
	if (why != HTTP_REFUSED_NOT) {
		http_server_refuse(r, why);
		return false;
	}
	expect_body(r);
	return true;
}

/* The head's pointers stay: the body has memory of its own. */
static bool read_body(struct http_request *r)
{
	struct evbuffer *in = bufferevent_get_input(r->bev);
	size_t len = r->head.length;

	if (evbuffer_get_length(in) < len)
		return false;
	r->body = malloc(len + 1);
	if (r->body == NULL || evbuffer_remove(in, r->body, len) != (int)len) {
		http_server_refuse(r, HTTP_REFUSED_CONNECTIONS);
		return false;
	}
	r->body[len] = '\0';
	return true;
}

static void read_requests(struct http_request *r)
{
	for (int n = 0; n < AT_ONCE; n++) {
		if (r->state == HTTP_ST_HEAD && !read_head(r))
			return;
		if (r->state != HTTP_ST_BODY || !read_body(r))
			return;
		set_state(r, HTTP_ST_BUSY);
		r->server->counters.requests++;
		http_server_dispatch(r);
		if (r->state != HTTP_ST_HEAD)
			return;
	}
	bufferevent_trigger(r->bev, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

static void on_read(struct bufferevent *bev, void *ctx)
{
	struct http_request *r = ctx;
	struct evbuffer *in = bufferevent_get_input(bev);

	if (r->state == HTTP_ST_LAST || r->state == HTTP_ST_LINGER)
		evbuffer_drain(in, evbuffer_get_length(in));
	else
		read_requests(r);
}

/* Bytes of answers that the client's side has not taken from the kernel yet. */
static int untaken(const struct http_request *r)
{
	int n = 0;

	if (ioctl(bufferevent_getfd(r->bev), TIOCOUTQ, &n) != 0)
		return 0;
	return r->state == HTTP_ST_LINGER ? n - 1 : n; /* our own end counts as one */
}

/* A plain close would leave what was not taken to the kernel for minutes, in memory that is ours: a reset frees it. */
static void give_up(struct http_request *r)
{
	static const struct linger now = {.l_onoff = 1};

	r->server->counters.refused[HTTP_REFUSED_SLOW_READER]++;
	(void)setsockopt(bufferevent_getfd(r->bev), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	http_connection_free(r);
}

/* A close with bytes unread would be a reset, which can overtake the answer (RFC 9112, 9.6). */
static void linger(struct http_request *r)
{
	bool is_done = r->is_at_end && untaken(r) == 0;

	if (is_done || shutdown(bufferevent_getfd(r->bev), SHUT_WR) != 0)
		http_connection_free(r);
	else
		set_state(r, HTTP_ST_LINGER);
}

/* --- out ----------------------------------------------------------------------------------------------- */

void http_connection_write(struct http_request *r, const void *bytes, size_t len)
{
	bufferevent_write(r->bev, bytes, len);
}

void http_connection_answered(struct http_request *r, bool last)
{
	forget_request(r);
	set_state(r, last || r->is_at_end ? HTTP_ST_LAST : HTTP_ST_WRITING);
}

static void on_written(struct bufferevent *bev, void *ctx)
{
	struct http_request *r = ctx;

	(void)bev;
	if (r->state == HTTP_ST_LAST) {
		linger(r);
	} else if (r->state == HTTP_ST_WRITING) {
		set_state(r, HTTP_ST_HEAD);
		if (evbuffer_get_length(bufferevent_get_input(r->bev)) > 0)
			read_requests(r);
	}
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct http_request *r = ctx;

	if ((what & BEV_EVENT_EOF) && (r->state == HTTP_ST_WRITING || r->state == HTTP_ST_LAST)) {
		r->is_at_end = true; /* it still takes its answer */
		r->state = HTTP_ST_LAST;
		bufferevent_disable(bev, EV_READ);
		return;
	}
	http_connection_free(r);
}

void http_connection_expired(struct http_request *r)
{
	bool rests = r->state == HTTP_ST_HEAD && !r->has_begun; /* nothing is asked for any more */

	if (r->state == HTTP_ST_LINGER && untaken(r) > 0 && !r->is_last_wait) {
		r->is_last_wait = true;
		due_add(&r->server->times, &r->timer, clock_mono_ms(r->server->options.clock));
	} else if (rests || r->state == HTTP_ST_LINGER) {
		if (untaken(r) > 0)
			give_up(r);
		else
			http_connection_free(r);
	} else if (r->state == HTTP_ST_HEAD || r->state == HTTP_ST_BODY) {
		http_server_refuse(r, r->state == HTTP_ST_HEAD ? HTTP_REFUSED_SLOW_HEAD
		                                               : HTTP_REFUSED_SLOW_BODY);
	} else {
		give_up(r);
	}
}

struct http_request *http_connection_new(struct http_server *s, int fd, struct http_gate_entry *gate)
{
	struct http_request *r = calloc(1, sizeof(*r));
	int room = OUT_ROOM;

	if (r != NULL)
		r->bev = bufferevent_socket_new(s->options.base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (r == NULL || r->bev == NULL) {
		free(r);
		return NULL;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	r->server = s;
	r->gate = gate;
	r->next = s->connections;
	if (r->next != NULL)
		r->next->prev = r;
	s->connections = r;
	set_state(r, HTTP_ST_HEAD);
	bufferevent_setcb(r->bev, on_read, on_written, on_event, r);
	bufferevent_setwatermark(r->bev, EV_READ, 0, IN_MAX);
	bufferevent_enable(r->bev, EV_READ | EV_WRITE);
	return r;
}
