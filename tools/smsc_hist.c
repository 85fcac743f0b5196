/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log-linear histogram: the bucket of a value is its top SMSC_HIST_SUB_BITS + 1 bits and their position. */
#include "tools/smsc_hist.h"

#include <stddef.h>

#define SUB (1 << SMSC_HIST_SUB_BITS)

static size_t bucket_of(uint64_t value)
{
	int top, shift;

	if (value < SUB)
		return (size_t)value;
	top = 63 - __builtin_clzll(value);
	shift = top - SMSC_HIST_SUB_BITS;
	return (size_t)(shift + 1) * SUB + (size_t)((value >> shift) - SUB);
}

static int64_t upper_edge(size_t bucket)
{
	size_t row = bucket / SUB;
	uint64_t sub = bucket % SUB;

	if (row == 0)
		return (int64_t)sub;
	return (int64_t)(((SUB + sub + 1) << (row - 1)) - 1);
}

void smsc_hist_record(struct smsc_hist *h, int64_t value)
{
	const int64_t most = ((int64_t)1 << SMSC_HIST_MAX_BITS) - 1;

	if (value < 0)
		value = 0;
	if (value > most)
		value = most;
	h->bucket[bucket_of((uint64_t)value)]++;
	h->count++;
	if (value > h->max)
		h->max = value;
}

int64_t smsc_hist_percentile(const struct smsc_hist *h, double percent)
{
	/* 99.9 has no exact double: do not let its error ask for one value more */
	double rank = percent / 100.0 * (double)h->count - 1e-6;
	uint64_t wanted = rank > 0 ? (uint64_t)rank + 1 : 1;
	uint64_t sum = 0;

	if (h->count == 0)
		return 0;
	for (size_t i = 0; i < SMSC_HIST_BUCKETS; i++) {
		sum += h->bucket[i];
		if (sum >= wanted)
			return upper_edge(i) < h->max ? upper_edge(i) : h->max;
	}
	return h->max;
}
