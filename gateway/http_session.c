/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP in: answers to requests, who waits for one, and sessions. See http_private.h. */
#include "gateway/http_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- answers ---------------------------------------------------------------------------------------------------- */

void http_refuse(struct http *h, struct http_request *r, const char *why)
{
	h->counters.refused++;
	http_reply_text(r, 400, why);
}

bool http_conclude(struct http_session *s, int status, const char *text)
{
	struct http_request *r = s->waiting;

	if (r == NULL)
		return false;
	s->waiting = NULL;
	due_remove(&s->turn);
	if (s->say != NULL)
		s->say(s->say_ctx, r, status, text);
	else
		http_reply_text(r, status, text);
	return true;
}

static void on_client_gone(void *ctx)
{
	struct http_session *s = ctx;

	s->waiting = NULL;
	due_remove(&s->turn);
	s->http->counters.gone++;
}

void http_wait_for(struct http_session *s, struct http_request *r)
{
	s->waiting = r;
	due_add(&s->http->answering, &s->turn, clock_mono_ms(s->http->options.clock));
	http_request_on_gone(r, on_client_gone, s);
}

/* --- sessions --------------------------------------------------------------------------------------------------- */

void http_session_free(struct http_session *s)
{
	struct http *h = s->http;

	http_conclude(s, 503, "END The session is over.");
	due_remove(&s->life);
	HASH_DELETE(by_id, h->by_id, s);
	HASH_DELETE(by_msisdn, h->by_msisdn, s);
	free(s->chain);
	free(s->reply);
	free(s);
}

struct http_session *http_session_by_id(const struct http *h, const char *id)
{
	struct http_session *s;

	HASH_FIND(by_id, h->by_id, id, strlen(id), s);
	return s;
}

struct http_session *http_session_by_msisdn(const struct http *h, int64_t msisdn)
{
	struct http_session *s;

	HASH_FIND(by_msisdn, h->by_msisdn, &msisdn, sizeof(msisdn), s);
	return s;
}

struct http_session *http_session_new(struct http *h, const char *id, int64_t msisdn)
{
	struct http_session *s = http_session_by_msisdn(h, msisdn);

	if (s != NULL)
		http_session_free(s);
	if (HASH_CNT(by_id, h->by_id) >= HTTP_SESSIONS_MAX && h->ended.head != NULL)
		http_session_free((struct http_session *)(void *)h->ended.head);
	if (HASH_CNT(by_id, h->by_id) >= HTTP_SESSIONS_MAX)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->http = h;
	s->msisdn = msisdn;
	s->connection = ++h->connections;
	snprintf(s->id, sizeof(s->id), "%s", id);
	HASH_ADD(by_id, h->by_id, id, strlen(s->id), s);
	HASH_ADD(by_msisdn, h->by_msisdn, msisdn, sizeof(s->msisdn), s);
	return s;
}

bool http_session_note(struct http_session *s, const char *chain)
{
	char *copy = strdup(chain);

	if (copy == NULL)
		return false;
	free(s->chain);
	free(s->reply);
	s->chain = copy;
	s->reply = NULL;
	s->ended = false;
	due_add(&s->http->idle, &s->life, clock_mono_ms(s->http->options.clock));
	return true;
}
