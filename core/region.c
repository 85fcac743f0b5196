/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Region: allocations with one lifetime, cut from chunks. The first one comes from a slab.
 *
 * Invariant: `used` is the sum of the sizes that were asked for and never exceeds `limit`; what alignment and
 * chunk ends waste is not counted (under 16 bytes an allocation, under a quarter of each chunk). The first
 * chunk of the list is the one with room. Under AddressSanitizer a chunk is so small that each allocation gets
 * one of its own, so that every overrun hits a red zone.
 */
#include "core/region.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/slab.h"

#if defined(__SANITIZE_ADDRESS__)
#define CHUNK_SIZE 4
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHUNK_SIZE 4
#endif
#endif
#ifndef CHUNK_SIZE
#define CHUNK_SIZE 8192
#define FIRST_SIZE (SLAB_BLOCK - sizeof(struct chunk)) /* most regions are one batch */
#endif
#ifndef FIRST_SIZE
#define FIRST_SIZE CHUNK_SIZE
#endif

#define LARGE_SIZE (CHUNK_SIZE / 4) /* from here on an allocation gets a chunk of its own */

struct chunk {
	struct chunk *next;
	size_t used;
	size_t size;
	struct slab *slab; /* NULL = malloc's */
	alignas(max_align_t) unsigned char bytes[];
};

struct region {
	struct chunk *chunks;
	size_t used;
	size_t limit;
};

struct region *region_new(size_t limit)
{
	struct region *r = calloc(1, sizeof *r);

	if (r)
		r->limit = limit;
	return r;
}

void region_free(struct region *r)
{
	struct chunk *c = r ? r->chunks : NULL;

	while (c) {
		struct chunk *next = c->next;

		if (c->slab)
			slab_give(c->slab, c);
		else
			free(c);
		c = next;
	}
	free(r);
}

static struct chunk *chunk_new(size_t size)
{
	struct slab *slab = NULL;
	struct chunk *c =
		size == FIRST_SIZE && size < CHUNK_SIZE ? slab_take(&slab) : malloc(sizeof *c + size);

	if (c) {
		c->used = 0;
		c->size = size;
		c->slab = slab;
	}
	return c;
}

/* A chunk; in front if it has room for more, else behind the front, which keeps its room. */
static struct chunk *chunk_add(struct region *r, size_t size, bool in_front)
{
	struct chunk *c;

	if (size > SIZE_MAX - sizeof *c)
		return NULL;
	c = chunk_new(size);
	if (!c)
		return NULL;
	if (in_front || !r->chunks) {
		c->next = r->chunks;
		r->chunks = c;
	} else {
		c->next = r->chunks->next;
		r->chunks->next = c;
	}
	return c;
}

static void *take(struct region *r, size_t size, size_t align)
{
	struct chunk *c = r->chunks;
	size_t at = 0;

	if (size > r->limit - r->used)
		return NULL;
	if (size >= LARGE_SIZE) {
		c = chunk_add(r, size, false);
	} else {
		if (c)
			at = (c->used + align - 1) / align * align;
		if (!c || at > c->size || size > c->size - at) {
			c = chunk_add(r, r->chunks ? CHUNK_SIZE : FIRST_SIZE, true);
			at = 0;
		}
	}
	if (!c)
		return NULL;
	c->used = at + size;
	r->used += size;
	return c->bytes + at;
}

void *region_alloc(struct region *r, size_t size)
{
	/* One byte at least, so that two results are never the same address. */
	void *made = take(r, size ? size : 1, alignof(max_align_t));

	return made ? memset(made, 0, size ? size : 1) : NULL;
}

char *region_strdup(struct region *r, const char *text)
{
	return text ? region_strndup(r, text, strlen(text)) : NULL;
}

char *region_strndup(struct region *r, const char *text, size_t n)
{
	char *copy;

	if (!text)
		return NULL;
	n = strnlen(text, n);
	if (n == SIZE_MAX)
		return NULL;
	copy = take(r, n + 1, 1);
	if (copy) {
		memcpy(copy, text, n);
		copy[n] = '\0';
	}
	return copy;
}

size_t region_used(const struct region *r)
{
	return r->used;
}
