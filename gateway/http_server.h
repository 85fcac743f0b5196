/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP server: connections, requests and answers on the loop, each with its bound (docs/adr/0032).
 *
 * A request that came whole goes to the handler of its path and is concluded by exactly one http_reply, now or later. Bounds:
 * connections in all and of one address (http_gate.h), the head, its lines, its path and its body (http_parse.h), the time for
 * each to come and for the answer to be taken, and the names of Host by which it may be asked for. What is turned away at one
 * gets an answer that says so, where an answer can be given, and is counted by name. Requests of one connection are answered
 * one after the other, in their order.
 */
#ifndef STARHASH_GATEWAY_HTTP_SERVER_H
#define STARHASH_GATEWAY_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/rc.h"
#include "gateway/http_parse.h"

#define HTTP_HEAD_MAX 8192
#define HTTP_BODY_MAX 16384
#define HTTP_ROUTES_MAX 32
#define HTTP_ADDRESS_SIZE 46

struct event_base;
struct http_server;
struct http_request;

struct http_server_options {
	struct event_base *base;
	const struct clock *clock;
	const char *listen; /* "127.0.0.1:8080", "[::1]:8080" */
	char *const *hosts; /* names that a Host may have, beside addresses and localhost; borrowed */
	size_t n_hosts;
	uint32_t connections, per_address;
	int64_t within_ms;  /* for a head, for a body, for an answer to be taken, and between requests */
	const char *others; /* words for who asks for a path that is none */
};

struct http_server_counters {
	uint64_t accepted, requests, answers;
	uint64_t not_found;
	uint64_t gone; /* the client left before its answer */
	uint64_t refused[HTTP_REFUSALS];
	uint32_t connections;
};

/* Listens when it returns RC_OK. RC_IO (`why` says what and what to do); RC_NOMEM. */
enum rc http_server_new(const struct http_server_options *options, struct http_server **out, char *why,
                        size_t why_size) RC_NODISCARD;
void http_server_free(
	struct http_server *s); /* who waits is cut off, and its `gone` is called. NULL is fine */
int http_server_port(const struct http_server *s);
void http_server_counters_read(const struct http_server *s, struct http_server_counters *out);
void http_server_count(struct http_server *s, enum http_refusal why); /* a handler turned one away */

/* Requests for `path`, or, when it ends with '/', for everything under it that has no route of its own, by a method of the set.
 * `path` is borrowed. RC_OK; RC_FULL. */
typedef void http_handler_fn(void *ctx, struct http_request *r);
enum rc http_server_route(struct http_server *s, const char *path, unsigned methods, http_handler_fn *fn,
                          void *ctx) RC_NODISCARD;

/* Of a request, until it is concluded. */
unsigned http_request_method(const struct http_request *r);
const char *http_request_path(const struct http_request *r);
const char *http_request_query(const struct http_request *r);                    /* "" = none */
const char *http_request_header(const struct http_request *r, const char *name); /* NULL */
/* NUL-terminated; the caller may change it. */
char *http_request_body(struct http_request *r, size_t *len);
/* The query, copied and taken apart: valid until the request is concluded. False: it is not a form, or memory is out. */
bool http_request_query_form(struct http_request *r, struct http_form *out);
const char *http_request_address(const struct http_request *r); /* of the peer */
const char *http_request_network(const struct http_request *r); /* by what it counts: http_gate.h */
/* A browser sends forms of any page to any address, loopback too, and says in Origin whose page it was: ours alone is that of
 * the Host that was asked for, which is one of `hosts`. */
bool http_request_is_of_another_page(const struct http_request *r);
/* Who will answer later hears when the client has gone: then the request is no more. NULL = nobody. */
typedef void http_gone_fn(void *ctx);
void http_request_on_gone(struct http_request *r, http_gone_fn *fn, void *ctx);

/* Conclude it. `headers` = more lines, each with its CRLF; "" = none. Everything is copied. */
void http_reply(struct http_request *r, int status, const char *type, const char *headers, const void *body,
                size_t len);
void http_reply_text(struct http_request *r, int status, const char *text);
void http_reply_refusal(struct http_request *r, enum http_refusal why); /* counted */

#endif
