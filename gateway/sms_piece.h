/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Piece: what one message says about itself: a whole text, or which part of which text. Pure.
 *
 * By the user data header or the SAR TLVs (gateway/sms_in.h); octets are borrowed from the message.
 */
#ifndef STARHASH_GATEWAY_SMS_PIECE_H
#define STARHASH_GATEWAY_SMS_PIECE_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/dialect.h"
#include "gateway/pdu.h"
#include "gateway/sms_join.h"

/* Of a text. Compared and hashed as octets: every member is set, there is no padding between them, and `dest` is filled up with
 * NULs. */
struct sms_piece_key {
	int64_t msisdn;
	uint16_t group, reference;
	uint8_t total, kind;
	char dest[66];
};

struct sms_piece {
	bool is_part;
	struct sms_piece_key key;
	struct sms_part part; /* octets are borrowed */
};

/* NULL, or why not; *status is set then. */
const char *sms_piece_read(const struct dialect *d, unsigned parts_max, uint16_t group,
                           const struct dialect_event *e, const struct pdu_message *m, struct sms_piece *out,
                           uint32_t *status);

#endif
