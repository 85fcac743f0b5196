/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP in: see http.h, and http_private.h for its files. */
#include "gateway/http_private.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS 200

/* --- pages --------------------------------------------------------------------------------------------------------- */

static void on_page(void *ctx, struct http_request *r)
{
	const struct http_page *p = ctx;
	const char *type = "text/plain; charset=utf-8", *text = "";
	size_t len = 0;
	int status = p->write(p->ctx, &type, &text, &len);

	http_reply(r, status, type, "", text, len);
}

enum rc http_page(struct http *h, const char *path, http_page_fn *page, void *ctx)
{
	struct http_page *p;

	if (h->n_pages >= HTTP_PAGES_MAX)
		return RC_FULL;
	p = &h->page[h->n_pages];
	*p = (struct http_page){.write = page, .ctx = ctx};
	h->n_pages++;
	return http_server_route(h->server, path, HTTP_GET | HTTP_HEAD, on_page, p);
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
	if (!http_conclude(s, 200, s->reply != NULL ? s->reply : "END Sorry. Please try again later."))
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
		http_conclude(of_turn(e), 503, "END Sorry. Please try again later.");
	}
	while ((e = due_pop(&h->idle, now)) != NULL)
		http_session_free((struct http_session *)(void *)e);
	while ((e = due_pop(&h->ended, now)) != NULL)
		http_session_free((struct http_session *)(void *)e);
	arm(h);
}

/* --- making and unmaking --------------------------------------------------------------------------------------------- */

static enum rc set_up(struct http *h, char *why, size_t why_size)
{
	const struct http_server_options options = {
		.base = h->options.base,
		.clock = h->options.clock,
		.listen = h->options.listen,
		.hosts = h->options.hosts,
		.n_hosts = h->options.n_hosts,
		.connections = h->options.connections != 0 ? h->options.connections : HTTP_CONNECTIONS,
		.per_address = h->options.per_address != 0 ? h->options.per_address : HTTP_CONNECTIONS,
		.within_ms = h->options.within_ms != 0 ? h->options.within_ms : HTTP_WITHIN_MS,
		.others =
			"nothing is here; GET /health and /metrics, POST /ussd, /cgi-bin/sendsms and /console/ are, as "
			"far as they are configured\n"};
	enum rc rc;

	h->tick = evtimer_new(h->options.base, on_tick, h);
	if (h->tick == NULL)
		return RC_NOMEM;
	rc = http_server_new(&options, &h->server, why, why_size);
	return rc == RC_OK ? http_server_route(h->server, "/ussd", HTTP_POST, http_on_ussd, h) : rc;
}

enum rc http_new(const struct http_options *options, struct http **out, char *why, size_t why_size)
{
	struct http *h = calloc(1, sizeof(*h));
	enum rc rc;

	if (h == NULL)
		return RC_NOMEM;
	h->options = *options;
	due_list_init(&h->idle, options->idle_ms);
	due_list_init(&h->ended, HTTP_ENDED_MS);
	due_list_init(&h->answering, HTTP_ANSWER_MS);
	rc = set_up(h, why, why_size);
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
	http_server_free(h->server);
	if (h->tick != NULL)
		event_free(h->tick);
	free(h);
}

int http_port(const struct http *h)
{
	return http_server_port(h->server);
}

struct http_server *http_server_of(struct http *h)
{
	return h->server;
}

void http_counters_read(const struct http *h, struct http_counters *out)
{
	*out = h->counters;
	http_server_counters_read(h->server, &out->server);
	out->sessions = (uint32_t)HASH_CNT(by_id, h->by_id);
	out->waiting = (uint32_t)h->answering.count;
}
