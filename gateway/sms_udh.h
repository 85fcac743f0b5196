/* SPDX-License-Identifier: GPL-3.0-or-later */
/* User data header of an SMS: which part of which text it is, and by which tables its letters are read. Pure.
 *
 * 3GPP TS 23.040, 9.2.3.24. Elements that say nothing here (ports, message waiting, ...) are stepped over.
 */
#ifndef STARHASH_GATEWAY_SMS_UDH_H
#define STARHASH_GATEWAY_SMS_UDH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"
#include "core/text_shift.h"

#define SMS_UDH_MAX 7 /* octets that sms_udh_write makes at most */

struct sms_udh {
	size_t octets;  /* of the header with its length octet; the text begins there */
	bool has_parts; /* the next four say something */
	bool is_wide;   /* 16 bit reference */
	uint16_t reference;
	uint8_t total, part; /* 1 <= part <= total */
	struct text_shift shift;
};

/* The header at the beginning of `body`. An element for parts with total 0, part 0 or part > total is ignored, as 23.040
 * demands; of several the last one counts; an element that runs over the end of the header ends the reading.
 * Returns RC_OK; RC_SYNTAX (the header is longer than the body). */
enum rc sms_udh_read(const uint8_t *body, size_t len, struct sms_udh *out) RC_NODISCARD;

/* A header that says nothing but the part. Returns its octets: 6, or 7 with a 16 bit reference. */
size_t sms_udh_write(bool wide, uint16_t reference, uint8_t total, uint8_t part, uint8_t out[SMS_UDH_MAX]);

#endif
