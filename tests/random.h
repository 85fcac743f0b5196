/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers as by chance, and the same on every machine and in each run: what a test found once it finds again.
 * xorshift64* (Marsaglia 2003, Vigna 2016). */
#ifndef STARHASH_TESTS_RANDOM_H
#define STARHASH_TESTS_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state; /* the seed at first; never 0 */
};

/* Any 32 bits. */
static inline uint32_t random_bits(struct random *r)
{
	r->state ^= r->state >> 12;
	r->state ^= r->state << 25;
	r->state ^= r->state >> 27;
	return (uint32_t)((r->state * 0x2545f4914f6cdd1dULL) >> 32);
}

/* 0 to n - 1; n at least 1. */
static inline uint32_t random_below(struct random *r, uint32_t n)
{
	return random_bits(r) % n;
}

#endif
