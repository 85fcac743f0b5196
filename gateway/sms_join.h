/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the parts of an SMS to its text.
 *
 * Octets of one alphabet in a row are joined before they are decoded: senders cut through escape pairs, surrogate pairs and
 * even through UCS-2 characters. Parts may differ in alphabet and shift tables.
 */
#ifndef STARHASH_GATEWAY_SMS_JOIN_H
#define STARHASH_GATEWAY_SMS_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text_shift.h"

struct sms_part {
	uint8_t number;   /* 1 .. */
	uint8_t alphabet; /* enum text_alphabet */
	struct text_shift shift;
	uint32_t len, hash;
	uint8_t *octets; /* NULL = gone */
};

struct sms_join; /* scratch for one text at a time */

struct sms_join *sms_join_new(void); /* NULL when memory is out */
void sms_join_free(struct sms_join *j);

/* The text of the parts in the order given, as NUL-terminated UTF-8, valid until the next call. NULs, blanks and line ends at
 * its end are gone: SMSCs pad. *cut = it was longer than SMS_TEXT_SIZE (gateway/sms_in.h) and is not whole. */
const char *sms_join_text(struct sms_join *j, const struct sms_part *part, size_t n, bool *cut);

#endif
