/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds: everything of the daemon that could grow, with how full it is, what its limit is, and what was turned away at it.
 *
 * One table as data for metrics and the health answer (promise 6: nothing grows without bound). A bound that is new gets a row
 * in bounds.c.
 */
#ifndef STARHASH_GATEWAY_BOUNDS_H
#define STARHASH_GATEWAY_BOUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct metrics_now;

#define BOUNDS_MAX 32

struct bound {
	const char *name;
	/* At its limit: true = an older entry gives way, which is as it should be; false = what comes is refused. */
	bool gives_way;
	const char *remedy; /* when it stays nearly full */
	uint64_t used, limit, refused;
};

/* Returns how many, at most BOUNDS_MAX. The numbers of links are no bounds here: each link has its own. */
size_t bounds_read(const struct metrics_now *now, struct bound *out);

#endif
