/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Latency histogram with log-linear buckets.
 *
 * Values below 64 have a bucket each; every power of two above is split into 64, so a value is known to
 * 1/64 of itself (1.6 %) at any size, and recording is a shift and an increment. Values are whole
 * microseconds up to 2^40 (12 days); larger ones count as that. Invariant: `count` is the sum of `bucket`.
 */
#ifndef STARHASH_TOOLS_SMSC_HIST_H
#define STARHASH_TOOLS_SMSC_HIST_H

#include <stdint.h>

#define SMSC_HIST_SUB_BITS 6
#define SMSC_HIST_MAX_BITS 40
#define SMSC_HIST_BUCKETS ((SMSC_HIST_MAX_BITS - SMSC_HIST_SUB_BITS + 1) << SMSC_HIST_SUB_BITS)

struct smsc_hist { /* all zero is an empty histogram */
	uint64_t bucket[SMSC_HIST_BUCKETS];
	uint64_t count;
	int64_t max;
};

/* Negative values count as 0. */
void smsc_hist_record(struct smsc_hist *h, int64_t value);

/* The smallest value that `percent` (0..100) of the recorded values do not exceed, as the upper edge of its
 * bucket and never more than the greatest recorded value. 0 when empty. */
int64_t smsc_hist_percentile(const struct smsc_hist *h, double percent);

#endif
