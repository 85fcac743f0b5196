/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Histogram of durations in microseconds: fixed memory, O(1), a plain value.
 *
 * Log-linear: five buckets in each power of ten (1, 1.5, 2.5, 4, 6) from 100 us to 10 s, and one for what is longer, so that a
 * quantile that is read from it is off by a third at most. 2.5 s, the time that most networks give an answer, is a bound.
 * One thread at a time: whoever shares one with another thread has a lock of its own.
 */
#ifndef STARHASH_CORE_HISTOGRAM_H
#define STARHASH_CORE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BOUNDS 26

struct histogram { /* all zero = empty */
	uint64_t count, sum_us;
	uint64_t bucket[HISTOGRAM_BOUNDS + 1]; /* the last: longer than the last bound */
};

/* Upper bounds, inclusive, by rising size. */
extern const uint32_t histogram_bound_us[HISTOGRAM_BOUNDS];

void histogram_add(struct histogram *h, int64_t us); /* below 0 counts as 0 */
void histogram_merge(struct histogram *into, const struct histogram *from);

#endif
