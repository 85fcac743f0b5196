/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets that clients say over HTTP: whether one is right, without telling by the time it takes; and how many wrong ones are
 * looked into.
 *
 * A secret is kept and compared as its digest under a key of this run, all of it each time. A right one is taken however many wrong
 * ones came before it: who shares an address with somebody's old script (all of one machine do) is not shut out by it. What keeps
 * guessing hopeless is that secrets have at least HTTP_SECRET_LEAST bytes, made by a machine. The bound is for what wrong
 * ones cost: of each network (an IPv4 address, 64 bits of IPv6) HTTP_TRIES at once and one more in HTTP_TRY_EVERY_MS are
 * answered and logged one by one, whatever name they say, so that names that there are not open no second way; the rest is
 * told that it is too much. The table is bounded: only who has rested long enough to be as if new is forgotten; when nobody
 * has, all others share one entry.
 */
#ifndef STARHASH_GATEWAY_HTTP_TRIES_H
#define STARHASH_GATEWAY_HTTP_TRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/digest.h"

#define HTTP_SECRET_LEAST 16 /* bytes */
#define HTTP_TRIES 10
#define HTTP_TRY_EVERY_MS 6000
#define HTTP_TRIERS_MAX 512

struct http_proof {
	uint8_t digest[DIGEST_KEYED_SIZE];
};

struct http_tries;

struct http_tries *http_tries_new(void); /* NULL: memory is out */
void http_tries_free(struct http_tries *t);

void http_proof_make(const struct http_tries *t, const char *secret, struct http_proof *out);
bool http_proof_is(const struct http_proof *a, const struct http_proof *b);

/* One was wrong, of `network` as http_request_network tells it. True: it is within the bound; false: it is one too many. */
bool http_tries_wrong(struct http_tries *t, const char *network, int64_t now_ms);
size_t http_tries_kept(const struct http_tries *t);

#endif
