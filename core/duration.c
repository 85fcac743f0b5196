/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations: one whole number and one unit.
 *
 * Invariant: duration_parse(duration_text(ms)) gives ms again for every ms that duration_parse can give.
 */
#include "core/duration.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define DURATION_MAX_MS (INT64_C(10) * 365 * 86400 * 1000) /* ten years of 365 days */

struct unit {
	const char *name;
	int64_t ms;
};

/* From the largest down: the first one that divides gives the shortest text. */
static const struct unit units[] = {
	{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
};
#define N_UNITS (sizeof units / sizeof units[0])

enum rc duration_parse(const char *text, int64_t *out_ms)
{
	const char *at = text;
	int64_t number = 0;
	size_t i = 0;

	if (!text || *at < '0' || *at > '9')
		return RC_SYNTAX;
	for (; *at >= '0' && *at <= '9'; at++) {
		if (number <=
		    DURATION_MAX_MS) /* beyond, it is out of range in every unit: only skip digits */
			number = number * 10 + (*at - '0');
	}
	while (i < N_UNITS && strcmp(at, units[i].name) != 0)
		i++;
	if (i == N_UNITS)
		return RC_SYNTAX;
	if (number > DURATION_MAX_MS / units[i].ms)
		return RC_RANGE;
	*out_ms = number * units[i].ms;
	return RC_OK;
}

char *duration_text(int64_t ms, char *out)
{
	size_t i = 0;

	if (ms == 0) {
		memcpy(out, "0s", sizeof "0s");
		return out;
	}
	while (ms % units[i].ms != 0) /* ends at "ms" */
		i++;
	snprintf(out, DURATION_TEXT_SIZE, "%" PRId64 "%s", ms / units[i].ms, units[i].name);
	return out;
}
