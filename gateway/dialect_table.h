/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialect table: what differs between SMSCs, as data: one struct dialect for each block of dialects.conf.
 *
 * The members stand in the order of the chapters of docs/dialects.md. gateway/config_dialects.c reads a block over a copy
 * of the one that it is `like`, or of dialect_standard; gateway/dialect.c and gateway/sms_*.c act on it. Numbers of USSD
 * gateways are documented in hexadecimal here and in decimal there: files may use both, logs print both.
 */
#ifndef STARHASH_GATEWAY_DIALECT_TABLE_H
#define STARHASH_GATEWAY_DIALECT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"
#include "gateway/dialect.h"

#define DIALECT_MAX_OPS 32
#define DIALECT_MAX_CODINGS 32
#define DIALECT_MAX_CODES 16
#define DIALECT_MAX_EXTRA 8
#define DIALECT_EXTRA_SIZE 16

struct dialect_op {
	uint8_t op;
	enum dialect_kind kind;
	enum dialect_cause cause; /* of an ABORT */
};

struct dialect_op_out {
	bool present; /* false: no op TLV goes out for this */
	uint8_t op;
};

struct dialect_coding {
	uint8_t coding;
	enum text_alphabet alphabet;
};

struct dialect_extra { /* a TLV that always goes out */
	uint16_t tag;
	uint8_t length;
	uint8_t value[DIALECT_EXTRA_SIZE];
	unsigned says; /* bits 1 << enum dialect_say */
};

enum dialect_unknown_op { DIALECT_OP_CONTINUES, DIALECT_OP_BEGINS, DIALECT_OP_REJECTED };
enum dialect_code_from { DIALECT_CODE_DESTINATION, DIALECT_CODE_TEXT, DIALECT_CODE_TLV };
enum dialect_long {
	DIALECT_LONG_PAGE /* pages are cut to fit; more is an error */,
	DIALECT_LONG_TRUNCATE,
	DIALECT_LONG_REJECT
};
enum dialect_respond { DIALECT_RESPOND_FIRST, DIALECT_RESPOND_AFTER_SUBMIT };
enum dialect_overload { DIALECT_OVERLOAD_TEXT, DIALECT_OVERLOAD_STATUS };
enum dialect_unit { DIALECT_UNIT_ECHO, DIALECT_UNIT_INCREMENT /* octet 2 of its_session_info: + 2 */ };
enum dialect_parts { DIALECT_PARTS_UDH8, DIALECT_PARTS_UDH16, DIALECT_PARTS_SAR, DIALECT_PARTS_PAYLOAD };
enum dialect_other_letters { DIALECT_LETTERS_UCS2, DIALECT_LETTERS_TRANSLITERATE };
enum dialect_receipt_id {
	DIALECT_ID_SAME,
	DIALECT_ID_HEX_IN_RESP /* decimal in the receipt */,
	DIALECT_ID_HEX_IN_RECEIPT,
	DIALECT_ID_ANY
};

struct dialect_address { /* how an address goes out */
	bool mirror;     /* TON and NPI of the request; where there is none (push, SMS notice), those below */
	uint8_t ton, npi;
};

struct dialect_sms {
	enum dialect_parts parts;           /* how a text too long for one message leaves */
	enum dialect_other_letters letters; /* what happens to letters outside of the alphabet */
	enum text_alphabet alphabet;        /* of texts out that need no more: GSM7, LATIN1, ASCII, UCS2 */
	uint8_t coding_gsm7, coding_latin1, coding_ucs2, coding_ascii; /* data_coding out */
	enum text_alphabet default_alphabet;                           /* what coding 0 means in */
	char service_type[6];
	uint8_t esm_class, priority, protocol_id;
	int64_t validity_ms;    /* 0 = the SMSC's own */
	bool validity_absolute; /* else relative ("R") */
	bool receipts;          /* ask for receipts of notices (registered_delivery 1) */
	bool receipts_failures; /* of failures only (2) */
	bool receipts_by_text;  /* a text that reads like a receipt is one, also without esm_class or TLVs */
	enum dialect_receipt_id receipt_id;
	char sender[22]; /* of SMS; "" = the short code that was dialled or texted */
};

struct dialect {
	char name[DIALECT_NAME_SIZE];
	char about[160]; /* which SMSC, and from where it is known */

	/* 1 what is USSD: any of */
	bool ussd_by_op;   /* the op TLV is there */
	uint16_t op_tag;   /* 0x0501 */
	bool ussd_by_type; /* service_type is detect_type; case and trailing blanks ignored */
	char detect_type[6];
	bool ussd_all; /* the whole bind is */
	size_t n_codes;
	char codes[DIALECT_MAX_CODES]
		  [DIALECT_CODE_SIZE]; /* destination_addr is one of these, without * and # */

	/* 2 */
	bool service_type_copy; /* of the request; else service_type */
	char service_type[6];

	/* 3 ops in */
	size_t n_ops;
	struct dialect_op op_in[DIALECT_MAX_OPS];
	enum dialect_unknown_op unknown_op; /* CONTINUES and BEGINS need a text; without one it is rejected */

	/* 4 ops out, by enum dialect_say */
	struct dialect_op_out op_out[DIALECT_SAYS];
	bool can_push; /* the SMSC takes network-initiated USSD at all */

	/* 5 session key */
	uint16_t session_tag;   /* 0 = none: keyed by MSISDN alone */
	uint8_t session_length; /* octets that it must have; 0 = any up to DIALECT_KEEP_SIZE */
	uint64_t
		session_mask; /* of its value as a big-endian number: what stays the same through a dialogue; 0 = nothing does */
	bool session_demanded; /* a PDU without it is refused */

	/* 6 end of session, in the last two octets of the session TLV's value, or in its only one */
	uint16_t end_bit; /* 0 = none */
	bool honour_end_bit, set_end_bit;
	enum dialect_unit unit;

	/* 7 TLVs */
	size_t n_echo;
	uint16_t echo[DIALECT_KEEP_MAX - 1];
	size_t n_extra;
	struct dialect_extra extra[DIALECT_MAX_EXTRA];
	bool op_last; /* the op TLV goes after the others */

	/* 8, 9 where the code and the dialled string are */
	enum dialect_code_from code_from;
	uint16_t code_tag;
	bool begin_text_is_dialled; /* else the text of a BEGIN says nothing */

	/* 10 alphabets */
	size_t n_codings;
	struct dialect_coding coding_in[DIALECT_MAX_CODINGS];
	enum text_alphabet default_alphabet; /* of coding 0, unless coding_in says otherwise */
	uint8_t coding_gsm7, coding_ucs2;    /* out */
	bool ucs2; /* false: the gateway takes none; other letters are transliterated */

	/* 11 */
	bool packed_in, packed_out; /* GSM 7-bit packed, 3GPP TS 23.038 6.1.2.3 */
	uint16_t max_septets, max_units;
	enum dialect_long too_long;

	/* 12 */
	bool body_in_payload; /* answers carry message_payload */

	/* 13 */
	struct dialect_address service, subscriber;

	/* 14 */
	enum dialect_respond respond;

	/* 15 timers; 0 = those of starhash.conf */
	int64_t idle_ms, answer_within_ms;

	/* 16 is the link's: bind */

	/* 17 of answers */
	uint8_t esm_class, registered_delivery, priority, protocol_id;
	char validity[17]; /* SMPP time, "" = none */

	enum dialect_overload overload; /* how new dialogues are turned away */
	struct dialect_sms sms;
};

/* SMPP 3.4 as it is written; what a block that is `like` nothing begins from. */
extern const struct dialect dialect_standard;

/* Write it as a block of dialects.conf, only what differs from `base` (NULL = everything). `file` is a FILE *. */
void dialect_print(const struct dialect *d, const struct dialect *base, void *file);

#endif
