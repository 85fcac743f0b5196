/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each documented code of Ericsson AIR means for an order: a table, and the source of the one in docs/charging.md. */
#ifndef STARHASH_GATEWAY_CHARGING_UCIP_CODES_H
#define STARHASH_GATEWAY_CHARGING_UCIP_CODES_H

#include <stddef.h>

#include "gateway/charging.h"

struct charging_ucip_code {
	int code;
	enum charging_outcome outcome;
	enum charging_reason reason;
	const char *words;
};

/* responseCode and faultCode share no number. Sorted by code. */
extern const struct charging_ucip_code charging_ucip_codes[];
extern const size_t charging_ucip_codes_count;

/* Never NULL: a code that no document has is UNKNOWN. */
const struct charging_ucip_code *charging_ucip_code_of(int code);

/* The table as Markdown (docs/charging.md is compared with it). */
void charging_ucip_codes_print(void *file); /* FILE * */

#endif
