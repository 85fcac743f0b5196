/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A random long text and its parts, as a handset and the SMSC would cut it (3GPP TS 23.040, 9.2.3.24; SMPP 3.4, 5.3.2.22). */
#ifndef STARHASH_TOOLS_SMSC_PARTS_H
#define STARHASH_TOOLS_SMSC_PARTS_H

#include "tools/smsc_fault.h"
#include "tools/smsc_pdu.h"

#define SMSC_PARTS_MOST 10

enum smsc_parts_kind {
	SMSC_PARTS_UDH8,
	SMSC_PARTS_UDH16,
	SMSC_PARTS_SAR,
	SMSC_PARTS_PAYLOAD,
	SMSC_PARTS_KINDS
};

struct smsc_parts {
	enum smsc_parts_kind kind;
	uint8_t data_coding;
	uint16_t reference;
	unsigned n;      /* parts; 1 for a payload */
	char text[1024]; /* the whole, UTF-8 */
	uint8_t octets[1024];
	size_t from[SMSC_PARTS_MOST + 1]; /* part i is octets[from[i] .. from[i + 1]) */
};

/* A text of `n` pieces that begins with "T`number` ". It has at most 900 bytes. */
bool smsc_parts_make(struct smsc_parts *p, struct smsc_fault *random, uint32_t number, uint16_t reference,
                     unsigned n);
/* Part `i` into `out`, which borrows from `body` of 256 octets and from `p`. Addresses are the caller's. */
void smsc_parts_message(const struct smsc_parts *p, unsigned i, uint8_t *body, struct smsc_sm *out);

#endif
