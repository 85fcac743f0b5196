/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets that clients say over HTTP: whether one is right, without telling by the time it takes; and how often somebody may try.
 *
 * A secret is kept and compared as its digest under a key of this run, all of it each time. Who was wrong HTTP_TRIES times in a
 * row (of one address, under one name) may try once in HTTP_TRY_EVERY_MS, whatever it is that they say; a right one in its turn
 * forgives. The table is bounded; when it is full, the one who has rested longest is forgotten.
 */
#ifndef STARHASH_GATEWAY_HTTP_TRIES_H
#define STARHASH_GATEWAY_HTTP_TRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/digest.h"

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

/* May they try now? */
bool http_tries_may(struct http_tries *t, const char *address, const char *name, int64_t now_ms);
/* They have, and it was right or wrong. */
void http_tries_note(struct http_tries *t, const char *address, const char *name, bool right, int64_t now_ms);
size_t http_tries_kept(const struct http_tries *t);

#endif
