/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP in: see http.h, and http_private.h for its files. */
#include "gateway/http_private.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define TICK_MS 200

/* --- pages --------------------------------------------------------------------------------------------------------- */

static void on_page(struct evhttp_request *r, void *ctx)
{
	const struct http_page *p = ctx;
	const char *type = "text/plain; charset=utf-8", *text = "";
	enum evhttp_cmd_type command = evhttp_request_get_command(r);
	size_t len = 0;
	int status;

	if (command != EVHTTP_REQ_GET && command != EVHTTP_REQ_HEAD) {
		http_reply(r, 405, "Method Not Allowed", "GET it\n");
		return;
	}
	status = p->write(p->ctx, &type, &text, &len);
	http_reply_with(r, status, status == 200 ? "OK" : "Service Unavailable", type, text, len);
}

enum rc http_page(struct http *h, const char *path, http_page_fn *page, void *ctx)
{
	struct http_page *p;

	if (h->n_pages >= HTTP_PAGES_MAX)
		return RC_FULL;
	p = &h->page[h->n_pages];
	*p = (struct http_page){.write = page, .ctx = ctx};
	if (evhttp_set_cb(h->server, path, on_page, p) != 0)
		return RC_NOMEM;
	h->n_pages++;
	return RC_OK;
}

static void on_other(struct evhttp_request *r, void *ctx)
{
	(void)ctx;
	http_reply(r, 404, "Not Found", "POST /ussd, GET /health or GET /metrics\n");
}

/* --- from the dialogues ------------------------------------------------------------------------------------------ */

enum rc http_answer(struct http *h, int64_t msisdn, const char *text, bool last, uint64_t token)
{
	struct http_session *s = http_session_by_msisdn(h, msisdn);
	size_t size = strlen(text) + sizeof("CON ");
	enum dialogue_sent how = DIALOGUE_DELIVERED;

	if (s == NULL)
		return RC_RANGE;
	free(s->reply);
	s->reply = malloc(size);
	if (s->reply != NULL)
		snprintf(s->reply, size, "%s %s", last ? "END" : "CON", text);
	s->ended = last;
	due_add(last ? &h->ended : &h->idle, &s->life, clock_mono_ms(h->options.clock));
	/* Whoever asks again gets it; nobody may ever. */
	if (!http_conclude(s, 200, "OK", s->reply != NULL ? s->reply : "END Sorry. Please try again later."))
		how = DIALOGUE_UNKNOWN;
	dialogue_sent(h->dialogues, token, how, 0);
	return RC_OK;
}

/* --- time ---------------------------------------------------------------------------------------------------------- */

static void arm(struct http *h)
{
	static const struct timeval tv = {.tv_usec = TICK_MS * 1000};

	evtimer_add(h->tick, &tv);
}

static struct http_session *of_turn(struct due_entry *e)
{
	return (struct http_session *)(void *)((char *)e - offsetof(struct http_session, turn));
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct http *h = ctx;
	int64_t now = clock_mono_ms(h->options.clock);
	struct due_entry *e;

	(void)fd;
	(void)what;
	while ((e = due_pop(&h->answering, now)) != NULL) {
		h->counters.slow++;
		http_conclude(of_turn(e), 503, "Service Unavailable", "END Sorry. Please try again later.");
	}
	while ((e = due_pop(&h->idle, now)) != NULL)
		http_session_free((struct http_session *)(void *)e);
	while ((e = due_pop(&h->ended, now)) != NULL)
		http_session_free((struct http_session *)(void *)e);
	arm(h);
}

/* --- making and unmaking --------------------------------------------------------------------------------------------- */

static bool bind_to(struct http *h, const char *listen)
{
	const char *colon = strrchr(listen, ':');
	char host[96];
	size_t n;

	if (colon == NULL)
		return false;
	n = (size_t)(colon - listen);
	if (n >= 2 && listen[0] == '[' && listen[n - 1] == ']') {
		listen++;
		n -= 2;
	}
	snprintf(host, sizeof(host), "%.*s", (int)n, listen);
	h->bound = evhttp_bind_socket_with_handle(h->server, host, (uint16_t)atoi(colon + 1));
	return h->bound != NULL;
}

static bool set_up(struct http *h)
{
	h->server = evhttp_new(h->options.base);
	h->tick = evtimer_new(h->options.base, on_tick, h);
	if (h->server == NULL || h->tick == NULL)
		return false;
	evhttp_set_max_body_size(h->server, HTTP_BODY_MAX);
	evhttp_set_max_headers_size(h->server, HTTP_HEADERS_MAX);
	evhttp_set_timeout(h->server, HTTP_WITHIN_S);
	evhttp_set_allowed_methods(h->server, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD);
	evhttp_set_gencb(h->server, on_other, h);
	return evhttp_set_cb(h->server, "/ussd", http_on_ussd, h) == 0;
}

enum rc http_new(const struct http_options *options, struct http **out, char *why, size_t why_size)
{
	struct http *h = calloc(1, sizeof(*h));
	enum rc rc = RC_NOMEM;

	if (h == NULL)
		return RC_NOMEM;
	h->options = *options;
	due_list_init(&h->idle, options->idle_ms);
	due_list_init(&h->ended, HTTP_ENDED_MS);
	due_list_init(&h->answering, HTTP_ANSWER_MS);
	if (set_up(h)) {
		rc = bind_to(h, options->listen) ? RC_OK : RC_IO;
		if (rc != RC_OK)
			snprintf(why, why_size, "http.listen: cannot listen on %s; is another program there?",
			         options->listen);
	}
	if (rc != RC_OK) {
		http_free(h);
		return rc;
	}
	arm(h);
	*out = h;
	return RC_OK;
}

void http_attach(struct http *h, struct dialogues *dialogues)
{
	h->dialogues = dialogues;
}

void http_free(struct http *h)
{
	if (h == NULL)
		return;
	while (h->by_id != NULL)
		http_session_free(h->by_id);
	if (h->server != NULL)
		evhttp_free(h->server);
	if (h->tick != NULL)
		event_free(h->tick);
	free(h);
}

int http_port(const struct http *h)
{
	struct sockaddr_in6 at = {0}; /* the port of an IPv4 address lies in the same place */
	ev_socklen_t len = sizeof(at);

	if (getsockname(evhttp_bound_socket_get_fd(h->bound), (struct sockaddr *)&at, &len) != 0)
		return 0;
	return ntohs(at.sin6_port);
}

void http_counters_read(const struct http *h, struct http_counters *out)
{
	*out = h->counters;
	out->sessions = (uint32_t)HASH_CNT(by_id, h->by_id);
	out->waiting = (uint32_t)h->answering.count;
}
