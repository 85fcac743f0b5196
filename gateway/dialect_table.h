/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialect table: what differs between SMSCs, as data.
 *
 * One row a dialect; gateway/dialect.c reads rows and never asks for a name. Every number is written in
 * hexadecimal with its decimal beside it where manuals of USSD gateways are known to mix the two.
 */
#ifndef STARHASH_GATEWAY_DIALECT_TABLE_H
#define STARHASH_GATEWAY_DIALECT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"
#include "gateway/dialect.h"

#define DIALECT_MAX_OPS 16
#define DIALECT_MAX_CODINGS 16

struct dialect_op {
	uint8_t op;
	enum dialect_kind kind;
};

struct dialect_coding {
	uint8_t coding;
	enum text_alphabet alphabet;
};

struct dialect {
	const char *name;

	/* What is USSD: the op TLV is there (op_tag; 0 = never), or service_type is this one (case and trailing
	 * blanks ignored; "" = never). The same service_type goes out in answers. */
	uint16_t op_tag;
	const char *service_type;

	/* ops in; others are CONTINUE when they carry a text and are refused with RC_RANGE when not */
	size_t n_ops;
	struct dialect_op op_in[DIALECT_MAX_OPS];
	/* ops out */
	uint8_t op_continue, op_end;

	/* Session: the 16-bit TLV that is echoed, and its end-of-session bit (0 = none). */
	uint16_t session_tag;
	uint16_t end_bit;
	bool honour_end_bit;    /* in: ends the dialogue, except on BEGIN */
	bool set_end_bit;       /* out: set on the last answer, cleared on others */
	uint16_t reference_tag; /* 16-bit TLV that is echoed unchanged; 0 = none */

	/* Alphabets. Unlisted codings are GSM 7-bit when every octet is under 0x80, else Latin-1. */
	size_t n_codings;
	struct dialect_coding coding_in[DIALECT_MAX_CODINGS];
	uint8_t coding_gsm7, coding_ucs2; /* out */

	/* of answers */
	uint8_t esm_class, registered_delivery;
};

/* The row at `i`, NULL after the last. */
const struct dialect *dialect_table_at(size_t i);

#endif
