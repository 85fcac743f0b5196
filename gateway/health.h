/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Health: is the daemon serving, and if not, why and what to do about it.
 *
 * A grave trouble means that subscribers are not served: the answer of `GET /health` is 503. The others are told and leave it at
 * 200, so that a monitor does not take a daemon out of service that does its best. Words never name a subscriber.
 */
#ifndef STARHASH_GATEWAY_HEALTH_H
#define STARHASH_GATEWAY_HEALTH_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/gateway.h"

#define HEALTH_MAX 24 /* more are not told */

struct health_trouble {
	const char *part; /* "store", "links", "overload", "loop", "charging", "bounds", "daemon" */
	bool is_grave;
	char what[240], remedy[240];
};

/* The gravest first. Returns how many; 0 = all is well. */
size_t health_read(const struct gateway *g, struct health_trouble out[HEALTH_MAX]);
/* The same, of numbers that were read already (gateway/metrics_private.h). */
struct metrics_now;
size_t health_judge(const struct gateway *g, const struct metrics_now *now,
                    struct health_trouble out[HEALTH_MAX]);
bool health_is_grave(const struct health_trouble *t, size_t n);

#endif
