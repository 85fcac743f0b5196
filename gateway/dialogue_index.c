/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogues by their key, and in the order in which they came.
 *
 * Linear hashing: with each dialogue that comes, when there are more than chains, one chain is split in two. So a look-up takes
 * one or two steps however many there are, and no dialogue ever pays for all the others, as it would when a table is
 * doubled at once. A chain costs 8 bytes, a place in the order 16.
 */
#include <stdlib.h>

#include "gateway/dialogue_private.h"

#define FIRST_CHAINS 1024 /* a power of two */

bool index_init(struct dialogue_index *ix)
{
	*ix = (struct dialogue_index){.n_chains = FIRST_CHAINS, .room = FIRST_CHAINS, .round = FIRST_CHAINS};
	ix->chain = calloc(FIRST_CHAINS, sizeof(struct dialogue *));
	return ix->chain != NULL;
}

void index_fini(struct dialogue_index *ix)
{
	free(ix->chain);
	ix->chain = NULL;
}

/* splitmix64: numbers of one operator differ in their last digits only. */
static uint64_t hash_of(const struct dialogue_key *key)
{
	uint64_t x =
		(uint64_t)key->msisdn + ((uint64_t)(key->group * 2 + key->sms) << 50) + 0x9e3779b97f4a7c15u;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/* Chains below `n_chains - round` have been split in this round: they and their new halves go by one bit more. */
static size_t place_of(const struct dialogue_index *ix, const struct dialogue_key *key)
{
	uint64_t hash = hash_of(key);
	size_t at = (size_t)(hash & (2 * ix->round - 1));

	return at < ix->n_chains ? at : (size_t)(hash & (ix->round - 1));
}

static bool is_key(const struct dialogue *d, const struct dialogue_key *key)
{
	return d->key.msisdn == key->msisdn && d->key.group == key->group && d->key.sms == key->sms;
}

struct dialogue **index_link(const struct dialogue_index *ix, const struct dialogue_key *key)
{
	struct dialogue **link;

	if (ix->chain == NULL)
		return NULL;
	link = &ix->chain[place_of(ix, key)];
	while (*link != NULL && !is_key(*link, key))
		link = &(*link)->chain;
	return link;
}

/* Out of memory only makes chains longer. */
static void split(struct dialogue_index *ix)
{
	struct dialogue *d, *next;
	size_t from = ix->n_chains - ix->round;

	if (ix->n_chains == ix->room) {
		struct dialogue **more = realloc(ix->chain, 2 * ix->room * sizeof(struct dialogue *));

		if (more == NULL)
			return;
		ix->chain = more;
		ix->room *= 2;
	}
	d = ix->chain[from];
	ix->chain[from] = ix->chain[ix->n_chains] = NULL;
	if (++ix->n_chains == 2 * ix->round)
		ix->round *= 2;
	for (; d != NULL; d = next) {
		struct dialogue **to = &ix->chain[place_of(ix, &d->key)];

		next = d->chain;
		d->chain = *to;
		*to = d;
	}
}

void index_add(struct dialogue_index *ix, struct dialogue *d)
{
	struct dialogue **first;

	if (ix->count >= ix->n_chains)
		split(ix);
	first = &ix->chain[place_of(ix, &d->key)];
	d->chain = *first;
	*first = d;
	d->older = ix->newest;
	d->newer = NULL;
	if (ix->newest != NULL)
		ix->newest->newer = d;
	else
		ix->oldest = d;
	ix->newest = d;
	ix->count++;
}

/* `link` leads to it, not to another one of the same key. */
static struct dialogue **link_to(const struct dialogue_index *ix, const struct dialogue *d)
{
	struct dialogue **link = &ix->chain[place_of(ix, &d->key)];

	while (*link != d)
		link = &(*link)->chain;
	return link;
}

void index_remove(struct dialogue_index *ix, struct dialogue *d)
{
	*link_to(ix, d) = d->chain;
	if (d->older != NULL)
		d->older->newer = d->newer;
	else
		ix->oldest = d->newer;
	if (d->newer != NULL)
		d->newer->older = d->older;
	else
		ix->newest = d->older;
	ix->count--;
}

void index_replace(struct dialogue_index *ix, const struct dialogue *was, struct dialogue *d)
{
	*link_to(ix, was) = d;
	if (d->older != NULL)
		d->older->newer = d;
	else
		ix->oldest = d;
	if (d->newer != NULL)
		d->newer->older = d;
	else
		ix->newest = d;
}
