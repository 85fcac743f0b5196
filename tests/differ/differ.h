/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One PDU as plain fields, so that several readings and writings of SMPP can be held against each other.
 *
 * A reading puts in what it reads and nothing else; names are those of the specification, as the npm package smpp has them.
 * `body` is the text wherever it was; message_payload is not among the TLVs.
 */
#ifndef STARHASH_TESTS_DIFFER_H
#define STARHASH_TESTS_DIFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIFFER_FIELDS 20
#define DIFFER_TLVS 16
#define DIFFER_VALUE 256
#define DIFFER_BODY 4096
#define DIFFER_PDU 8192

struct differ_field {
	const char *name;
	bool is_text;
	uint32_t number;
	char text[70];
};

struct differ_tlv {
	uint16_t tag, length;
	uint8_t value[DIFFER_VALUE];
};

struct differ_pdu {
	uint32_t id, status, sequence;
	size_t n_fields;
	struct differ_field field[DIFFER_FIELDS];
	bool has_body, in_payload;
	size_t body_len;
	uint8_t body[DIFFER_BODY];
	bool has_tlvs; /* they were read; there may be none */
	size_t n_tlvs;
	struct differ_tlv tlv[DIFFER_TLVS];
};

void differ_number(struct differ_pdu *p, const char *name, uint32_t number);
void differ_text(struct differ_pdu *p, const char *name, const char *text);
void differ_body(struct differ_pdu *p, const uint8_t *body, size_t len, bool in_payload);
void differ_tlv(struct differ_pdu *p, uint16_t tag, const uint8_t *value, size_t len);
uint32_t differ_number_of(const struct differ_pdu *p, const char *name); /* 0 when it is not there */
const char *differ_text_of(const struct differ_pdu *p, const char *name);

/* The writings and readings. Each returns NULL, or why it could not (a constant text). `out` of DIFFER_PDU octets. */
const char *differ_smsc_make(const struct differ_pdu *p, uint8_t *bytes, size_t *len);
const char *differ_smsc_read(const uint8_t *bytes, size_t len, struct differ_pdu *out);
const char *differ_gateway_make(const struct differ_pdu *p, uint8_t *out, size_t *len);
const char *differ_gateway_read(const uint8_t *bytes, size_t len, struct differ_pdu *out);
const char *differ_smpp34_make(const struct differ_pdu *p, uint8_t *out, size_t *len);
const char *differ_smpp34_read(const uint8_t *bytes, size_t len, struct differ_pdu *out);

#endif
