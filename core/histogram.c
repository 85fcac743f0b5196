/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Histogram: see histogram.h. The bucket is found by the number of bits, and at most two steps. */
#include "core/histogram.h"

#define DECADE(us) (us), (us)*3 / 2, (us)*5 / 2, (us)*4, (us)*6

const uint32_t histogram_bound_us[HISTOGRAM_BOUNDS] = {
	DECADE(100u), DECADE(1000u), DECADE(10000u), DECADE(100000u), DECADE(1000000u), 10000000u,
};

/* The first bucket that a number of so many bits can be in: 2^(bits - 1) is its least value. */
static const uint8_t first_of[25] = {
	0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 4, 6, 7, 9, 10, 12, 13, 15, 16, 18, 19, 21, 22, 24, 25,
};

static unsigned bucket_of(uint64_t us)
{
	unsigned bits = us == 0 ? 0 : 64 - (unsigned)__builtin_clzll(us), i;

	if (us > histogram_bound_us[HISTOGRAM_BOUNDS - 1])
		return HISTOGRAM_BOUNDS;
	i = first_of[bits];
	while (us > histogram_bound_us[i])
		i++;
	return i;
}

void histogram_add(struct histogram *h, int64_t us)
{
	uint64_t value = us > 0 ? (uint64_t)us : 0;

	h->count++;
	h->sum_us += value;
	h->bucket[bucket_of(value)]++;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	into->count += from->count;
	into->sum_us += from->sum_us;
	for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++)
		into->bucket[i] += from->bucket[i];
}
