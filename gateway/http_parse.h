/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP/1.1 requests, taken apart: the head, and forms. Pure; nothing is copied, everything points into the caller's bytes.
 *
 * Strict where two readers could disagree (RFC 9112): one length, no transfer coding, no folded lines, one Host, no control
 * characters. What is refused is named, for its answer, its counter and its metric.
 */
#ifndef STARHASH_GATEWAY_HTTP_PARSE_H
#define STARHASH_GATEWAY_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEADERS_MAX 64 /* lines */
#define HTTP_PATH_MAX 1024  /* bytes of path and query; longer ones are for forms */
#define HTTP_QUERY_MAX 4096 /* of a path that takes a query: /cgi-bin/sendsms */
#define HTTP_FORM_PAIRS_MAX 64
#define HTTP_HOST_SIZE 254 /* of a name, NUL included (RFC 1035, 2.3.4) */

enum http_method { HTTP_GET = 1, HTTP_HEAD = 2, HTTP_POST = 4 }; /* bits, for sets of them */

/* Why a request, or a connection, is turned away. */
enum http_refusal {
	HTTP_REFUSED_NOT,
	HTTP_REFUSED_CONNECTIONS, /* http.connections are open */
	HTTP_REFUSED_ADDRESS,     /* http.per_address of one address */
	HTTP_REFUSED_SLOW_HEAD,   /* not whole in time */
	HTTP_REFUSED_SLOW_BODY,
	HTTP_REFUSED_SLOW_READER, /* did not take its answer in time */
	HTTP_REFUSED_HEAD_SIZE,
	HTTP_REFUSED_HEADERS, /* too many lines */
	HTTP_REFUSED_PATH,    /* too long */
	HTTP_REFUSED_BODY_SIZE,
	HTTP_REFUSED_METHOD,
	HTTP_REFUSED_LENGTH,  /* a transfer coding: the length must be said */
	HTTP_REFUSED_VERSION, /* not HTTP/1.0 or 1.1 */
	HTTP_REFUSED_MALFORMED,
	HTTP_REFUSED_ORIGIN, /* a page of another site */
	HTTP_REFUSED_HOST,   /* asked for by a name that is not ours */
	HTTP_REFUSALS
};
const char *http_refusal_name(enum http_refusal r);  /* "slow_head"; NULL of NOT */
int http_refusal_status(enum http_refusal r);        /* 408 */
const char *http_refusal_words(enum http_refusal r); /* for the client: what to do */

struct http_header {
	const char *name, *value;
};

struct http_head {
	unsigned method;          /* enum http_method; 0 = another */
	const char *path, *query; /* query "" = none */
	int minor;                /* HTTP/1.minor */
	size_t n_headers;
	struct http_header header[HTTP_HEADERS_MAX];
	size_t length; /* of the body */
	bool keeps_alive, expects_continue;
};

/* `text` of `len` bytes is everything up to the empty line, which need not be in it; it is changed, and NUL is put behind. Writes
 * text[len]. Returns HTTP_REFUSED_NOT or why not. */
enum http_refusal http_head_parse(char *text, size_t len, struct http_head *out);
/* The value of a header, by its name in any case; NULL = it is not there. */
const char *http_head_value(const struct http_head *h, const char *name);
/* Is this Host one of ours? An address and "localhost" always are, with or without a port: no name of somebody else's can
 * lead there. Of other names those in `names`, in any case. */
bool http_host_is_ours(const char *host, char *const *names, size_t n);
/* Where the head ends: the number of bytes with the empty line; 0 = not yet. `from` = so many were looked at before. */
size_t http_head_end(const char *text, size_t len, size_t from);

/* A form, or a query: "a=1&b=two+words%21". The text is changed. */
struct http_form {
	size_t n;
	struct http_header pair[HTTP_FORM_PAIRS_MAX];
};
/* False: not a form: a NUL, '%' without two hexadecimal digits, or too many pairs. */
bool http_form_parse(char *text, size_t len, struct http_form *out);
const char *http_form_value(const struct http_form *f, const char *name); /* the first; NULL */
/* The length of a value that may hold NULs is not told: a form with one (%00) is refused by http_form_parse. */

#endif
