/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets that clients say over HTTP: see http_tries.h. */
#include "gateway/http_tries.h"

#include <stdlib.h>
#include <string.h>

struct trier {
	uint8_t id[DIGEST_KEYED_SIZE]; /* of address and name */
	int wrong;                     /* in a row; 0 = the entry is free */
	int64_t at_ms;                 /* of the last one */
};

struct http_tries {
	uint8_t key[DIGEST_KEY_SIZE];
	size_t n;
	struct trier trier[HTTP_TRIERS_MAX];
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

static void id_of(const struct http_tries *t, const char *address, const char *name, uint8_t *out)
{
	char both[256];
	size_t a = strnlen(address, 63), n = strnlen(name, 191);

	memcpy(both, address, a);
	both[a] = '\0'; /* no address holds one: two pairs are never one */
	memcpy(both + a + 1, name, n);
	digest_keyed(t->key, both, a + 1 + n, out);
}

static struct trier *find(struct http_tries *t, const uint8_t *id)
{
	for (size_t i = 0; i < t->n; i++)
		if (memcmp(t->trier[i].id, id, DIGEST_KEYED_SIZE) == 0)
			return &t->trier[i];
	return NULL;
}

bool http_tries_may(struct http_tries *t, const char *address, const char *name, int64_t now_ms)
{
	uint8_t id[DIGEST_KEYED_SIZE];
	const struct trier *x;

	id_of(t, address, name, id);
	x = find(t, id);
	return x == NULL || x->wrong < HTTP_TRIES || now_ms - x->at_ms >= HTTP_TRY_EVERY_MS;
}

static struct trier *longest_rested(struct http_tries *t)
{
	struct trier *best = &t->trier[0];

	for (size_t i = 1; i < t->n; i++)
		if (t->trier[i].at_ms < best->at_ms)
			best = &t->trier[i];
	return best;
}

void http_tries_note(struct http_tries *t, const char *address, const char *name, bool right, int64_t now_ms)
{
	uint8_t id[DIGEST_KEYED_SIZE];
	struct trier *x;

	id_of(t, address, name, id);
	x = find(t, id);
	if (right && x != NULL)
		*x = t->trier[--t->n];
	if (right)
		return;
	if (x == NULL) {
		x = t->n < HTTP_TRIERS_MAX ? &t->trier[t->n++] : longest_rested(t);
		memcpy(x->id, id, sizeof(x->id));
		x->wrong = 0;
	}
	if (x->wrong < HTTP_TRIES)
		x->wrong++;
	x->at_ms = now_ms;
}

size_t http_tries_kept(const struct http_tries *t)
{
	return t->n;
}
