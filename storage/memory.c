/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory: see memory.h. A block has its size in front of it, in whole STEPs; larger ones come and go as they are asked for. */
#include "storage/memory.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STEP 16  /* with the size in front just what malloc gives without loss */
#define SIZES 64 /* up to 1024 bytes are kept */

struct block {
	size_t size;        /* of what follows */
	struct block *next; /* while it is kept; the block's bytes begin here */
};
#define HEAD offsetof(struct block, next)

static _Thread_local struct {
	struct block *first[SIZES];
	unsigned n[SIZES];
	int is_known; /* to the key below */
} kept;
static pthread_key_t ends; /* its destructor runs in a thread that ends */

static bool has_room(size_t i)
{
#if defined(__SANITIZE_ADDRESS__)
	(void)i;
	return false;
#else
	return i < SIZES && kept.n[i] < MEMORY_KEPT_MAX;
#endif
}

static void let_go(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < SIZES; i++) {
		for (struct block *b; (b = kept.first[i]) != NULL;) {
			kept.first[i] = b->next;
			free(b);
		}
		kept.n[i] = 0;
	}
	kept.is_known = 0;
}

static struct block *block_of(void *bytes)
{
	return (struct block *)((char *)bytes - HEAD);
}

static int round_up(int n)
{
	return (n + STEP - 1) / STEP * STEP;
}

static void *take(int n)
{
	size_t size = (size_t)round_up(n > 0 ? n : 1), i = size / STEP - 1;
	struct block *b = i < SIZES ? kept.first[i] : NULL;

	if (b) {
		kept.first[i] = b->next;
		kept.n[i]--;
	} else {
		b = malloc(HEAD + size);
		if (!b)
			return NULL;
		b->size = size;
	}
	return (char *)b + HEAD;
}

static void give(void *bytes)
{
	struct block *b = block_of(bytes);
	size_t i = b->size / STEP - 1;

	if (!has_room(i)) {
		free(b);
		return;
	}
	if (!kept.is_known)
		kept.is_known = pthread_setspecific(ends, &kept) == 0;
	if (!kept.is_known) {
		free(b);
		return;
	}
	b->next = kept.first[i];
	kept.first[i] = b;
	kept.n[i]++;
}

static int size_of(void *bytes)
{
	return bytes ? (int)block_of(bytes)->size : 0;
}

static void *change(void *bytes, int n)
{
	struct block *b = block_of(bytes);
	size_t size = (size_t)round_up(n), before = b->size;
	void *made;

	if (size == before)
		return bytes;
	if (size / STEP > SIZES && before / STEP > SIZES) {
		b = realloc(b, HEAD + size);
		if (!b)
			return NULL;
		b->size = size;
		return (char *)b + HEAD;
	}
	made = take(n);
	if (!made)
		return NULL;
	memcpy(made, bytes, before < size ? before : size);
	give(bytes);
	return made;
}

static int begin(void *unused)
{
	(void)unused;
	return pthread_key_create(&ends, let_go) == 0 ? SQLITE_OK : SQLITE_NOMEM;
}

static void end(void *unused)
{
	let_go(unused);
	(void)pthread_key_delete(ends);
}

int memory_use(void)
{
	static const sqlite3_mem_methods methods = {.xMalloc = take,
	                                            .xFree = give,
	                                            .xRealloc = change,
	                                            .xSize = size_of,
	                                            .xRoundup = round_up,
	                                            .xInit = begin,
	                                            .xShutdown = end};

	return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}
