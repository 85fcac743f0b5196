/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP out, on the event loop: the only owner of libcurl.
 *
 * Calls are asynchronous and concluded exactly once, always from the loop, never from inside http_client_start. Bounds:
 * calls at a time (more are refused and counted), bytes of an answer, a deadline for each. A failed call says whether
 * anything was sent: one that certainly was not may be repeated by whoever asked. Only http and https, no
 * redirects, no proxy or netrc or cookies from the surroundings, no signals, names resolved beside the loop.
 */
#ifndef STARHASH_GATEWAY_HTTP_CLIENT_H
#define STARHASH_GATEWAY_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"

#define HTTP_CLIENT_CALLS_MAX 2000   /* at a time, default */
#define HTTP_CLIENT_ANSWER_MAX 16384 /* bytes of an answer's body; a longer one is cut off and refused */
#define HTTP_CLIENT_HEAD_MAX 16384   /* bytes of its headers, as well */

struct event_base;
struct http_client;

struct http_client_call {
	const char *url;
	const char *method;       /* "POST", "PUT", "GET" */
	const char *content_type; /* of the body; NULL = no body */
	const char *body;
	size_t len;
	uint32_t within_ms;     /* connect, send and the whole answer; > 0 */
	const char *user;       /* Basic authentication; NULL = none */
	const char *password;   /* of the user */
	const char *user_agent; /* NULL = "starhash" */
	size_t answer_max;      /* bytes of the answer's body; 0 = HTTP_CLIENT_ANSWER_MAX */
	/* Goes out at most once, on a connection of its own. Otherwise libcurl sends a request again when a connection
	 * that it kept turns out to be closed, and the first copy may have been acted upon. */
	bool once;
};

/* Valid during the callback only. `body` is followed by a NUL that does not count. */
struct http_client_answer {
	int status;
	const char *content_type; /* "" = none */
	const char *body;
	size_t len;
};

/* RC_OK (a whole answer, of whatever status); RC_BUSY (not within the deadline); RC_SYNTAX (no HTTP, or over a bound);
 * RC_NOTFOUND (no connection within the deadline: certainly nothing was sent); RC_IO (the connection broke);
 * RC_CLOSED (the client is being freed). `answer` is NULL unless RC_OK. */
typedef void http_client_fn(void *ctx, enum rc rc, const struct http_client_answer *answer);

struct http_client_counters {
	uint64_t calls, answers, slow, failed, malformed;
	uint64_t refused;     /* too many at a time */
	uint64_t connections; /* made; calls beyond them used one that was open */
	uint32_t outstanding, outstanding_peak;
};

/* `calls_max` 0 = HTTP_CLIENT_CALLS_MAX. RC_OK; RC_NOMEM. */
enum rc http_client_new(struct event_base *base, size_t calls_max, struct http_client **out) RC_NODISCARD;
/* Load libcurl now and not with the first call: for whoever is going to call. RC_OK; RC_STATE (it is not there, or would
 * block the loop on DNS: logged); RC_NOMEM. */
enum rc http_client_ready(struct http_client *c) RC_NODISCARD;
/* Concludes what is outstanding with RC_CLOSED. NULL is fine. */
void http_client_free(struct http_client *c);

/* Everything is copied. RC_OK (`fn` will be called); RC_FULL; RC_RANGE (no http or https URL); RC_NOMEM. */
enum rc http_client_start(struct http_client *c, const struct http_client_call *call, http_client_fn *fn,
                          void *ctx) RC_NODISCARD;

void http_client_counters_read(const struct http_client *c, struct http_client_counters *out);

#endif
