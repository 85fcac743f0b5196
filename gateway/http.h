/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP in: the daemon's listener. `POST /ussd` speaks the Africa's Talking protocol, so test tools, web phones and other
 * aggregators can drive the menus. Pages are for whoever watches the daemon (http_page).
 *
 * Each request is an input of a dialogue of its own group and gets exactly one answer. The protocol repeats everything that
 * was typed in each request; the newest input is what follows the last request's, so that "****" survives. Bounds: sessions, and
 * those of the server below (http_server.h); there is no password, so listen on loopback. Pages of other sites, which a
 * browser on the same machine may show, are refused by their Origin, or by the Host that they were asked for with.
 */
#ifndef STARHASH_GATEWAY_HTTP_H
#define STARHASH_GATEWAY_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/msisdn.h"
#include "core/rc.h"
#include "gateway/dialogue.h"
#include "gateway/http_server.h"

#define HTTP_CONNECTIONS 500 /* at most, where nothing else is said */
#define HTTP_WITHIN_MS 10000
#define HTTP_ANSWER_MS 35000 /* for a dialogue to answer: the longest `within` of an app and a turn */
#define HTTP_SESSIONS_MAX 20000
#define HTTP_ENDED_MS 60000 /* how long a session that has ended still knows its last answer */
#define HTTP_CHAIN_MAX 2000 /* bytes of everything typed in a session */

struct event_base;
struct http;

struct http_options {
	struct event_base *base;
	const struct clock *clock;
	const char *listen; /* "127.0.0.1:8080", "[::1]:8080" */
	char *const *hosts; /* http.hosts: names that a Host may have; borrowed */
	size_t n_hosts;
	const struct msisdn_plan *plan;
	uint16_t group;                    /* of its dialogues */
	bool simulated;                    /* mark them so in the store */
	int64_t idle_ms;                   /* of a session */
	uint32_t connections, per_address; /* 0 = HTTP_CONNECTIONS */
	int64_t within_ms; /* for a client to send its request and take its answer; 0 = HTTP_WITHIN_MS */
	void (*given)(
		void *ctx); /* the dialogues were given something: their next deadline may be near. NULL = no */
	void *ctx;
};

struct http_counters {
	uint64_t requests;
	uint64_t refused;  /* not what the protocol asks for */
	uint64_t shed;     /* sessions at their bound */
	uint64_t repeated; /* the same request again: answered with the same words */
	uint64_t gone;     /* the client left before its answer */
	uint64_t slow;     /* no answer within HTTP_ANSWER_MS */
	uint32_t sessions, waiting;
	struct http_server_counters server;
};

/* Listens when it returns RC_OK. RC_IO (`why` says what and what to do); RC_NOMEM. */
enum rc http_new(const struct http_options *options, struct http **out, char *why,
                 size_t why_size) RC_NODISCARD;
void http_attach(struct http *h, struct dialogues *dialogues); /* before the loop runs */
/* GET and HEAD of `path` are answered with what `page` says: the status, and through the pointers the content type, the words and
 * their length; they are copied. Its answer is never kept by anybody on the way. */
typedef int http_page_fn(void *ctx, const char **type, const char **text, size_t *len);
#define HTTP_PAGES_MAX 8
enum rc http_page(struct http *h, const char *path, http_page_fn *page,
                  void *ctx) RC_NODISCARD;          /* RC_OK; RC_FULL */
void http_free(struct http *h);                     /* waiting clients are cut off. NULL is fine */
int http_port(const struct http *h);                /* what it listens on */
struct http_server *http_server_of(struct http *h); /* for others who answer requests */

/* The same door for the console's phone: a session of its own, always a rehearsal, and its answer, "CON ..." or "END ...", through
 * `reply`, which concludes the request. Everything is copied. */
typedef void http_dial_fn(void *ctx, struct http_request *r, int status, const char *text);
struct http_dialled {
	const char *session; /* 1 to 64 characters */
	int64_t msisdn;
	const char *code;  /* "*123*1#" */
	const char *chain; /* everything typed since, joined with '*' */
	http_dial_fn *reply;
	void *ctx;
};
void http_dial(struct http *h, struct http_request *r, const struct http_dialled *d);
void http_hang_up(struct http *h, int64_t msisdn); /* as if the phone had */

/* For the port of the dialogues: answer of a dialogue of this group. RC_OK (its fate has been told already); RC_RANGE (no such
 * session). */
enum rc http_answer(struct http *h, int64_t msisdn, const char *text, bool last, uint64_t token) RC_NODISCARD;

void http_counters_read(const struct http *h, struct http_counters *out);

#endif
