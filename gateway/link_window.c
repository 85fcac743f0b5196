/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Window: slots by index, found through chained buckets of the sequence number, in a doubly linked FIFO.
 *
 * Invariant: each slot is either on the free list or in one bucket and in the FIFO. Sequence numbers are given out
 * one after another, so with at least as many buckets as slots the chains stay short.
 */
#include "gateway/link_window.h"

#include <stdlib.h>

#define NONE (-1)
#define GIVEN_UP_SIZE 1024 /* a power of two; by sequence modulo this: the last such one is remembered */

struct slot {
	struct link_slot value;
	int chain; /* next in the bucket, or next free */
	int older, newer;
};

struct link_window {
	size_t count, size;
	uint32_t bucket_mask;
	int free, oldest, newest;
	struct slot *slot;
	int *bucket;
	uint32_t given_up[GIVEN_UP_SIZE]; /* 0 = none: no PDU has the sequence 0 */
};

static void clear(struct link_window *w)
{
	for (uint32_t b = 0; b <= w->bucket_mask; b++)
		w->bucket[b] = NONE;
	for (size_t i = 0; i < w->size; i++)
		w->slot[i].chain = i + 1 < w->size ? (int)i + 1 : NONE;
	w->free = 0;
	w->oldest = w->newest = NONE;
}

struct link_window *link_window_new(int size)
{
	struct link_window *w = calloc(1, sizeof(*w));
	uint32_t buckets = 1;

	if (!w)
		return NULL;
	w->size = size < 1 ? 1 : size > LINK_WINDOW_MAX ? LINK_WINDOW_MAX : (size_t)size;
	while (buckets < w->size)
		buckets *= 2;
	w->bucket_mask = buckets - 1;
	w->slot = calloc(w->size, sizeof(*w->slot));
	w->bucket = calloc(buckets, sizeof(*w->bucket));
	if (!w->slot || !w->bucket) {
		link_window_free(w);
		return NULL;
	}
	clear(w);
	return w;
}

void link_window_free(struct link_window *w)
{
	if (!w)
		return;
	free(w->slot);
	free(w->bucket);
	free(w);
}

size_t link_window_count(const struct link_window *w)
{
	return w->count;
}

bool link_window_is_full(const struct link_window *w)
{
	return w->free == NONE;
}

void link_window_add(struct link_window *w, const struct link_slot *value)
{
	int at = w->free, *bucket = &w->bucket[value->sequence & w->bucket_mask];
	struct slot *s;

	if (at == NONE)
		return; /* the caller asked link_window_is_full */
	s = &w->slot[at];
	w->free = s->chain;
	s->value = *value;
	s->chain = *bucket;
	*bucket = at;
	s->older = w->newest;
	s->newer = NONE;
	if (w->newest == NONE)
		w->oldest = at;
	else
		w->slot[w->newest].newer = at;
	w->newest = at;
	w->count++;
}

const struct link_slot *link_window_oldest(const struct link_window *w)
{
	return w->oldest == NONE ? NULL : &w->slot[w->oldest].value;
}

/* `link` is what points to the slot in its bucket. */
static void take_out(struct link_window *w, int *link, struct link_slot *out)
{
	int at = *link;
	struct slot *s = &w->slot[at];

	*out = s->value;
	*link = s->chain;
	if (s->older == NONE)
		w->oldest = s->newer;
	else
		w->slot[s->older].newer = s->newer;
	if (s->newer == NONE)
		w->newest = s->older;
	else
		w->slot[s->newer].older = s->older;
	s->chain = w->free;
	w->free = at;
	w->count--;
}

static int *find(struct link_window *w, uint32_t sequence)
{
	int *link = &w->bucket[sequence & w->bucket_mask];

	while (*link != NONE && w->slot[*link].value.sequence != sequence)
		link = &w->slot[*link].chain;
	return link;
}

bool link_window_take(struct link_window *w, uint32_t sequence, struct link_slot *out, bool *late)
{
	int *link = find(w, sequence);
	uint32_t *given_up = &w->given_up[sequence % GIVEN_UP_SIZE];

	if (*link != NONE) {
		take_out(w, link, out);
		return true;
	}
	*late = sequence != 0 && *given_up == sequence;
	if (*late)
		*given_up = 0;
	return false;
}

bool link_window_give_up(struct link_window *w, struct link_slot *out)
{
	if (w->oldest == NONE)
		return false;
	take_out(w, find(w, w->slot[w->oldest].value.sequence), out);
	w->given_up[out->sequence % GIVEN_UP_SIZE] = out->sequence;
	return true;
}

void link_window_forget(struct link_window *w)
{
	for (size_t i = 0; i < GIVEN_UP_SIZE; i++)
		w->given_up[i] = 0;
}
