/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports of grants and of their orders at the charging system: blocking reads for the command line (query.h). */
#ifndef STARHASH_STORAGE_QUERY_CHARGES_H
#define STARHASH_STORAGE_QUERY_CHARGES_H

#include "storage/query.h"

/* Valid during the callback only. */
struct query_charge {
	int64_t id, msisdn; /* of the grant; the number that it was promised to, 0 = given up since */
	const char *bundle, *key, *state; /* "pending", "granted", "rejected", "unknown" */
	const char *system;               /* "ledger", "ucip", "cgrates" */
	const char
		*outbox; /* state of the order: "pending", "sent", ...; "" = the ledger's, which needs none */
	const char *reference, *why;
	const char *
		refusal; /* of what was rejected, by its name in core/refusal.c; "" = it was not, or nobody knows */
	int64_t price; /* of a purchase, hundredths; 0 = a gift */
	int attempts, code;
	int64_t at_ms, sent_ms, next_ms, settled_ms; /* 0 = not yet */
};
typedef bool query_charge_fn(void *ctx, const struct query_charge *c); /* false: stop */

/* Which ones; NULL and 0 = all. */
struct query_charge_filter {
	const char *state; /* of the grant, or of its order */
	const char *key;
	const char *reference;
	int64_t id;
};
/* By rising id, in constant memory. */
enum rc query_charges(struct query *q, const struct query_charge_filter *filter, query_charge_fn *fn,
                      void *ctx) RC_NODISCARD;

struct query_attempt {
	int64_t at_ms;
	const char *op, *outcome, *reason, *why;
	int code;
};
typedef void query_attempt_fn(void *ctx, const struct query_attempt *a);
enum rc query_attempts(struct query *q, int64_t id, query_attempt_fn *fn, void *ctx) RC_NODISCARD;

/* One UTC day of orders. given = confirmed + rejected + pending + unknown, and each confirmed one has a posting of the ledger, or
 * an order that says so: `odd` counts those that do not. Of purchases the same in money, hundredths. */
struct query_grant_day {
	int64_t day; /* since 1970-01-01; -1 = all days together */
	int64_t given, confirmed, rejected, pending, unknown, odd;
	int64_t bought; /* of given: purchases; their prices: */
	int64_t asked_minor, paid_minor, refused_minor, open_minor;
};
typedef void query_grant_day_fn(void *ctx, const struct query_grant_day *d);
/* The last `days` days with grants (0 = all) and then their sum, in one snapshot. */
enum rc query_grant_days(struct query *q, int days, query_grant_day_fn *fn, void *ctx) RC_NODISCARD;

#endif
