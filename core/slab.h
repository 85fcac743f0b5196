/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slab: blocks of one size for what comes in bursts and goes soon, such as the batches that wait for the disk.
 *
 * They lie in slabs of their own and not in malloc's heap: there a burst raises the end, whatever small came during it and
 * stays (an ended dialogue) keeps it up, and the memory of the burst is never the system's again. Here it is: of the slabs that
 * were not needed at any time while SLAB_PERIOD blocks came back, at most SLAB_RETURNS are given back at once.
 * For any thread.
 */
#ifndef STARHASH_CORE_SLAB_H
#define STARHASH_CORE_SLAB_H

#include <stddef.h>

#define SLAB_BYTES 65536
#define SLAB_BLOCK 3104 /* bytes of a block: 21 in a slab */
#define SLAB_PERIOD 1024
#define SLAB_RETURNS 64 /* 4 MB: a millisecond */

struct slab;

/* SLAB_BLOCK bytes, not zeroed, aligned for any type; `*of` is what slab_give wants with them. NULL when memory is out. */
void *slab_take(struct slab **of);
void slab_give(struct slab *of, void *block);

struct slab_counts {
	size_t slabs, empty; /* now; the empty ones among them */
	size_t blocks;       /* that are taken */
};
void slab_counts_read(struct slab_counts *out);

#endif
