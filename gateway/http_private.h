/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP in, from inside: the structures and what its files offer each other. Only the files below include this.
 *
 *   http.c          making and unmaking, pages, time, answers of dialogues
 *   http_session.c  who waits for an answer, and what a session knows
 *   http_request.c  POST /ussd: forms, and what they are to the dialogues
 *
 * Invariant: a request is either answered, or it is `waiting` of exactly one session, which lets go of it when it
 * answers, when the client leaves or when its time is over.
 */
#ifndef STARHASH_GATEWAY_HTTP_PRIVATE_H
#define STARHASH_GATEWAY_HTTP_PRIVATE_H

#include <uthash.h>

#include "gateway/due.h"
#include "gateway/http.h"
#include "gateway/http_server.h"

#define HTTP_SESSION_SIZE 65 /* of its id */

struct http_session {
	struct due_entry life; /* on idle or ended */
	struct due_entry turn; /* on answering while a client waits */
	UT_hash_handle by_id, by_msisdn;
	struct http *http;
	char id[HTTP_SESSION_SIZE];
	int64_t msisdn;
	uint32_t connection;
	bool ended, simulated;
	http_dial_fn *say; /* to whom the answer goes; NULL = to the request, as it is */
	void *say_ctx;
	char *chain; /* what the last request had; NULL = none yet */
	char *reply; /* to it; NULL = not yet */
	struct http_request *waiting;
};

struct http_page {
	http_page_fn *write;
	void *ctx;
};

struct event;

struct http {
	struct http_options options;
	struct dialogues *dialogues;
	struct http_server *server;
	struct event *tick;
	struct http_session *by_id, *by_msisdn;
	struct due_list idle, ended, answering;
	uint32_t connections, sequence;
	struct http_counters counters;
	size_t n_pages;
	struct http_page page[HTTP_PAGES_MAX];
};

void http_refuse(struct http *h, struct http_request *r, const char *why);
/* The client that waits gets its answer; false: nobody waits any more. */
bool http_conclude(struct http_session *s, int status, const char *text);
void http_wait_for(struct http_session *s, struct http_request *r);

struct http_session *http_session_by_id(const struct http *h, const char *id);
struct http_session *http_session_by_msisdn(const struct http *h, int64_t msisdn);
/* A number has one session, as a phone has one screen: the one before is freed. NULL: at the bound. */
struct http_session *http_session_new(struct http *h, const char *id, int64_t msisdn);
void http_session_free(struct http_session *s); /* whoever waits is told that it is over */
/* Now this is what was said last in the session, and there is no answer to it yet. false: no memory, nothing has changed. */
bool http_session_note(struct http_session *s, const char *chain);

/* POST /ussd. */
void http_on_ussd(void *ctx, struct http_request *r);

#endif
