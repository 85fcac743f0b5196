/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explain: a PDU field by field, with value and meaning, as far as it can be read, and what is wrong with it
 * where.
 *
 * The general reading of SMPP 3.4, independent of dialects. It reads every PDU of the specification, from
 * either side, and never stops at what a gateway would refuse. */
#ifndef STARHASH_TOOLS_EXPLAIN_H
#define STARHASH_TOOLS_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPLAIN_FIELDS_MAX 400
#define EXPLAIN_MEANING_SIZE 700

struct explain_field {
	size_t offset, length; /* in the PDU */
	int depth;             /* 0 = a field of the PDU, 1 = inside of a TLV or header, ... */
	char name[48];
	bool is_number;
	uint32_t number;
	bool is_private; /* an MSISDN or a text */
	bool is_wrong;   /* `meaning` says what */
	char meaning[EXPLAIN_MEANING_SIZE];
};

struct explain {
	size_t n;
	struct explain_field *field;
	bool more;     /* fields over EXPLAIN_FIELDS_MAX were left out */
	size_t faults; /* fields that are wrong */
	uint32_t id, status, sequence;
	size_t udh_length; /* of short_message, its length octet included; 0 = none */
};

/* NULL when memory is out. */
struct explain *explain_pdu(const uint8_t *bytes, size_t len);
void explain_free(struct explain *e);

/* Names of SMPP 3.4, never NULL; "" where there is none. */
const char *explain_ton(uint8_t ton);
const char *explain_npi(uint8_t npi);
const char *explain_tag(uint16_t tag);
const char *explain_ussd_op(uint8_t op);
const char *explain_message_state(uint8_t state);
/* The meaning of a coding, and which alphabet its text is likely to be in: an enum text_alphabet, -1 = no
 * text. */
int explain_coding(uint8_t coding, char *words, size_t size);
void explain_esm_class(uint8_t esm_class, bool from_smsc, char *words, size_t size);

#endif
