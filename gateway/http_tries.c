/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets that clients say over HTTP: see http_tries.h. */
#include "gateway/http_tries.h"

#include <stdlib.h>
#include <string.h>

struct trier {
	uint8_t id[DIGEST_KEYED_SIZE]; /* of the network */
	int64_t whole_ms;              /* when it will be as if it had never tried */
};

struct http_tries {
	uint8_t key[DIGEST_KEY_SIZE];
	size_t n;
	struct trier trier[HTTP_TRIERS_MAX];
	struct trier others; /* whoever finds no place */
};

struct http_tries *http_tries_new(void)
{
	struct http_tries *t = calloc(1, sizeof(*t));

	if (t != NULL)
		digest_random(t->key, sizeof(t->key));
	return t;
}

void http_tries_free(struct http_tries *t)
{
	if (t != NULL)
		explicit_bzero(t, sizeof(*t));
	free(t);
}

void http_proof_make(const struct http_tries *t, const char *secret, struct http_proof *out)
{
	digest_keyed(t->key, secret, strlen(secret), out->digest);
}

bool http_proof_is(const struct http_proof *a, const struct http_proof *b)
{
	volatile uint8_t differs = 0;

	for (size_t i = 0; i < sizeof(a->digest); i++)
		differs |= (uint8_t)(a->digest[i] ^ b->digest[i]);
	return differs == 0;
}

static struct trier *find(struct http_tries *t, const uint8_t *id)
{
	for (size_t i = 0; i < t->n; i++)
		if (memcmp(t->trier[i].id, id, DIGEST_KEYED_SIZE) == 0)
			return &t->trier[i];
	return NULL;
}

static struct trier *place(struct http_tries *t, const uint8_t *id, int64_t now_ms)
{
	struct trier *x = &t->trier[0];

	if (t->n < HTTP_TRIERS_MAX)
		x = &t->trier[t->n++];
	else
		for (size_t i = 1; i < t->n; i++)
			if (t->trier[i].whole_ms < x->whole_ms)
				x = &t->trier[i];
	if (x->whole_ms > now_ms)
		return &t->others;
	memcpy(x->id, id, sizeof(x->id));
	return x;
}

bool http_tries_wrong(struct http_tries *t, const char *network, int64_t now_ms)
{
	uint8_t id[DIGEST_KEYED_SIZE];
	struct trier *x;
	int64_t from;

	digest_keyed(t->key, network, strlen(network), id);
	x = find(t, id);
	if (x == NULL)
		x = place(t, id, now_ms);
	from = x->whole_ms > now_ms ? x->whole_ms : now_ms;
	if (from - now_ms > (int64_t)(HTTP_TRIES - 1) * HTTP_TRY_EVERY_MS)
		return false;
	x->whole_ms = from + HTTP_TRY_EVERY_MS;
	return true;
}

size_t http_tries_kept(const struct http_tries *t)
{
	return t->n;
}
