/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports of limits: what is held, what was refused and why, what budgets have left: blocking reads for the command line
 * (query.h). */
#ifndef STARHASH_STORAGE_QUERY_LIMITS_H
#define STARHASH_STORAGE_QUERY_LIMITS_H

#include "storage/query.h"
#include "storage/store_limits.h"

struct query_budget {
	const struct store_budget *budget; /* of the limits that were asked about */
	int64_t spent;
};
struct query_limits {
	int64_t held;               /* gifts that wait for a person */
	int64_t oldest_held_ms;     /* since when; 0 = none */
	int64_t refused[REFUSALS_]; /* how often, by reason, as far as it is kept */
	size_t n_budgets;
	struct query_budget budget[STORE_LIMIT_BUDGETS];
	size_t n_caps; /* today */
	struct {
		const struct store_cap *cap;
		int64_t spent;
	} cap[STORE_LIMIT_CAPS];
};
/* In one snapshot; day = of now_ms. RC_OK; RC_IO. */
enum rc query_limits_read(struct query *q, const struct store_limits *limits, int64_t now_ms,
                          struct query_limits *out) RC_NODISCARD;

/* What was refused: under the key of a grant and to its subscriber, or, `grant` 0, all that is kept; by rising time. The
 * number is 0 when it was given up. Valid during the callback. */
typedef bool query_refusal_fn(void *ctx, int64_t msisdn, const struct query_refusal *r); /* false: stop */
enum rc query_refusals(struct query *q, int64_t grant, query_refusal_fn *fn, void *ctx) RC_NODISCARD;

#endif
