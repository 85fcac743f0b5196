/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Troubles: which key of dialects.conf the messages of a link do not agree with, counted.
 *
 * One row for each link and key that was in the way, with the words of the last time, for `starhash status`.
 * Bounded: keys are few, and rows beyond TROUBLES_MAX are counted together.
 */
#ifndef STARHASH_GATEWAY_TROUBLE_H
#define STARHASH_GATEWAY_TROUBLE_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/dialect.h"

#define TROUBLES_MAX 128

struct trouble_row {
	const void *link;
	struct dialect_trouble last;
	uint64_t count;
};

struct troubles { /* all zero = none */
	size_t n;
	struct trouble_row row[TROUBLES_MAX];
	uint64_t beyond;
};

void trouble_count(struct troubles *t, const void *link, const struct dialect_trouble *what);
uint64_t trouble_of(const struct troubles *t, const void *link, const char *knob);

#endif
