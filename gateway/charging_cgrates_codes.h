/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each error word of CGRateS means for an order: a table, and the source of the one in docs/charging.md. */
#ifndef STARHASH_GATEWAY_CHARGING_CGRATES_CODES_H
#define STARHASH_GATEWAY_CHARGING_CGRATES_CODES_H

#include <stddef.h>

#include "gateway/charging.h"

struct charging_cgrates_code {
	const char *error; /* an error begins with it */
	enum charging_outcome outcome;
	enum charging_reason reason;
	const char *words;
};

extern const struct charging_cgrates_code charging_cgrates_codes[];
extern const size_t charging_cgrates_codes_count;

/* Never NULL: a word that no document has is UNKNOWN. */
const struct charging_cgrates_code *charging_cgrates_code_of(const char *error);

void charging_cgrates_codes_print(void *file); /* FILE *, as Markdown */

#endif
