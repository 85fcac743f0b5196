/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Metrics: every number of the daemon in the text format of Prometheus (docs/metrics.md, docs/alerts.md).
 *
 * Counters are plain integers of the loop's thread, kept by the modules that count; nothing here runs unless somebody asks, but
 * for what the gateway's own timer says of its lateness, and a look each four seconds at the store's times. No label has values
 * without bound: links, groups, kinds of screens and words of the code, never a number, a name or a text of a subscriber
 * (promise 9).
 * The page is made at most METRICS_EVERY_MS, however often it is asked for, and has at most METRICS_BYTES_MAX.
 */
#ifndef STARHASH_GATEWAY_METRICS_H
#define STARHASH_GATEWAY_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"

#define METRICS_EVERY_MS 250
#define METRICS_BYTES_MAX (4u << 20)
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct gateway;
struct histogram;
struct metrics;

struct metrics_cost { /* of making the page, the last time */
	uint64_t us, bytes, us_max;
};

enum rc metrics_new(const struct gateway *g, struct metrics **out) RC_NODISCARD;
void metrics_free(struct metrics *m); /* NULL is fine */

/* The page, NUL-terminated, valid until the next call. NULL: it does not fit, or memory is out. */
const char *metrics_page(struct metrics *m, size_t *len);

/* The loop came to the gateway's timer, lag_us late: each 50 ms at most while links, store or apps have work, each second at rest.
 * So little wakes an idle daemon, and so much of a standstill at rest may go unseen. */
void metrics_tick(struct metrics *m, int64_t lag_us);

/* How late the loop came to it since the start; and, in ms, at worst within the last four to eight seconds. */
const struct histogram *metrics_lag(const struct metrics *m);
int64_t metrics_lag_lately_ms(const struct metrics *m);

#define METRICS_COMMIT_SLOW_US 250000 /* as the alert StarhashStoreSlow has it; a bound of the histogram */
struct metrics_commits {
	uint64_t count, slow, sum_us; /* slow: took longer than METRICS_COMMIT_SLOW_US */
};
/* The store's transactions of the last four to eight seconds; `all`: the histogram of them as it is now. */
struct metrics_commits metrics_commits_lately(const struct metrics *m, const struct histogram *all);
void metrics_cost_read(const struct metrics *m, struct metrics_cost *out);

/* Every metric as a Markdown table; docs/metrics.md is compared with it. `file` is a FILE *. */
void metrics_print_markdown(void *file);
/* Is this the name of a metric, as queries say it (with _bucket, _sum, _count for histograms)? */
bool metrics_is_name(const char *name, size_t len);

#endif
