/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Region: many small allocations with one lifetime, freed together (a menu book, a batch).
 *
 * Invariant: memory from a region is valid until region_free; nothing in it is freed singly. A region has
 * a byte limit; reaching it, or running out of memory, makes the calls return NULL.
 */
#ifndef STARHASH_CORE_REGION_H
#define STARHASH_CORE_REGION_H

#include <stddef.h>

struct region;

/* `limit` = bytes handed out at most. NULL when memory is out. */
struct region *region_new(size_t limit);
void region_free(struct region *r);                /* NULL is fine */
void *region_alloc(struct region *r, size_t size); /* zeroed, aligned for any type; NULL at the limit */
char *region_strdup(struct region *r, const char *text);
char *region_strndup(struct region *r, const char *text, size_t n);
size_t region_used(const struct region *r);

#endif
