/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dashboard of `starhash status`: two status reports of the daemon as one page for a terminal.
 *
 * Pure: what stands on the page is made of the two reports, the time between them and the width alone. Rates are of the time
 * between; before there are two, they are left out. What is wrong stands first, with what to do.
 */
#ifndef STARHASH_TOOLS_DASHBOARD_H
#define STARHASH_TOOLS_DASHBOARD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"

struct dashboard {
	const json_t *now, *before; /* before: NULL = this is the first */
	int64_t between_ms;
	int64_t utc_ms; /* now */
	int width;      /* columns; lines are cut, sentences go on in the next line */
	bool color;
};

#define DASHBOARD_SIZE 65536 /* of a page at most; more is cut */

void dashboard_write(const struct dashboard *d, struct buf *out);

/* The time in us that so many of a hundred answers (1..99) took at most, between two `answer_times`; -1 = there was none. */
int64_t dashboard_percentile(const json_t *now, const json_t *before, int percent);

#endif
