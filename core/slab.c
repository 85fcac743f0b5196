/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slab: see slab.h.
 *
 * Invariant: a slab with a block left is on `rooms`, the ones that were full last in front, so that the others run empty; an
 * empty one is on `empties` instead. A slab's pages are touched block by block.
 */
#include "core/slab.h"

#include <pthread.h>
#include <stdalign.h>
#include <sys/mman.h>

struct block {
	struct block *next;
};

struct slab {
	alignas(max_align_t) struct slab *next, *before;
	struct block *free;
	size_t taken, made; /* blocks; behind `made` nothing was touched */
};

#define HEAD ((sizeof(struct slab) + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t))
#define BLOCKS ((SLAB_BYTES - HEAD) / SLAB_BLOCK)

_Static_assert(SLAB_BLOCK % alignof(max_align_t) == 0, "each block is aligned");

static struct {
	pthread_mutex_t lock;
	struct slab *rooms, *empties;
	struct slab_counts n;
	size_t least_empty; /* in this period */
	size_t given;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void put(struct slab **list, struct slab *s)
{
	s->before = NULL;
	s->next = *list;
	if (s->next)
		s->next->before = s;
	*list = s;
}

static void take_out(struct slab **list, struct slab *s)
{
	if (s->before)
		s->before->next = s->next;
	else
		*list = s->next;
	if (s->next)
		s->next->before = s->before;
}

/* Zeroed by the system. */
static struct slab *slab_new(void)
{
	struct slab *s = mmap(NULL, SLAB_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		return NULL;
	pool.n.slabs++;
	return s;
}

/* The first on `rooms`, or an empty one put there, or a new one. */
static struct slab *with_room(void)
{
	struct slab *s = pool.rooms;

	if (s)
		return s;
	s = pool.empties;
	if (s) {
		take_out(&pool.empties, s);
		pool.n.empty--;
		if (pool.n.empty < pool.least_empty)
			pool.least_empty = pool.n.empty;
	} else {
		s = slab_new();
	}
	if (s)
		put(&pool.rooms, s);
	return s;
}

static void *block_of(struct slab *s)
{
	struct block *b = s->free;

	if (b)
		s->free = b->next;
	else
		b = (struct block *)(void *)((char *)s + HEAD + SLAB_BLOCK * s->made++);
	if (++s->taken == BLOCKS)
		take_out(&pool.rooms, s);
	pool.n.blocks++;
	return b;
}

void *slab_take(struct slab **of)
{
	void *block = NULL;
	struct slab *s;

	(void)pthread_mutex_lock(&pool.lock);
	s = with_room();
	if (s) {
		block = block_of(s);
		*of = s;
	}
	(void)pthread_mutex_unlock(&pool.lock);
	return block;
}

static void end_period(void)
{
	for (size_t n = 0; n < pool.least_empty && n < SLAB_RETURNS; n++) {
		struct slab *s = pool.empties;

		take_out(&pool.empties, s);
		pool.n.empty--;
		pool.n.slabs--;
		(void)munmap(s, SLAB_BYTES);
	}
	pool.least_empty = pool.n.empty;
	pool.given = 0;
}

void slab_give(struct slab *of, void *block)
{
	struct block *b = block;

	(void)pthread_mutex_lock(&pool.lock);
	b->next = of->free;
	of->free = b;
	pool.n.blocks--;
	if (of->taken-- == BLOCKS)
		put(&pool.rooms, of);
	if (of->taken == 0) {
		take_out(&pool.rooms, of);
		put(&pool.empties, of);
		pool.n.empty++;
	}
	if (++pool.given == SLAB_PERIOD)
		end_period();
	(void)pthread_mutex_unlock(&pool.lock);
}

void slab_counts_read(struct slab_counts *out)
{
	(void)pthread_mutex_lock(&pool.lock);
	*out = pool.n;
	(void)pthread_mutex_unlock(&pool.lock);
}
