/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialect that is built in.
 *
 * `standard` is SMPP 3.4 as its specification has it (5.3.2.44 ussd_service_op, 5.3.2.43 its_session_info),
 * with the abort that most USSD gateways added (0x81, SMPP+ USSREL indication). Everything else that ships is
 * a block of conf/dialects.conf.
 */
#include "gateway/dialect_table.h"

const struct dialect dialect_standard = {
	.name = "standard",
	.about = "SMPP 3.4 issue 1.2, 5.3.2.43 and 5.3.2.44; 0x81 (129) as in SMPP+",
	.ussd_by_op = true,
	.op_tag = PDU_TAG_USSD_SERVICE_OP,
	.ussd_by_type = true,
	.detect_type = "USSD",
	.service_type = "USSD",
	.n_ops = 7,
	.op_in =
		{
			{0x00, DIALECT_BEGIN, 0},    /*   0 PSSD indication */
			{0x01, DIALECT_BEGIN, 0},    /*   1 PSSR indication */
			{0x02, DIALECT_CONTINUE, 0}, /*   2 USSR request, of gateways that use it both ways */
			{0x12, DIALECT_CONTINUE, 0}, /*  18 USSR confirm */
			{0x13, DIALECT_ACK, 0},      /*  19 USSN confirm */
			{0x11, DIALECT_ABORT,
                         DIALECT_CAUSE_UNKNOWN}, /*  17 PSSR response: the network ends it */
			{0x81, DIALECT_ABORT, DIALECT_CAUSE_UNKNOWN}, /* 129 USSREL indication (SMPP+) */
		},
	.unknown_op = DIALECT_OP_CONTINUES,
	.op_out =
		{
			[DIALECT_SAY_CONTINUE] = {true, 0x02}, /*  2 USSR request */
			[DIALECT_SAY_END] = {true, 0x11},      /* 17 PSSR response */
			[DIALECT_SAY_PUSH] = {true, 0x02},     /*  2 USSR request */
			[DIALECT_SAY_NOTIFY] = {true, 0x03},   /*  3 USSN request */
		},
	.can_push = true,
	.session_tag = PDU_TAG_ITS_SESSION_INFO,
	.session_length = 2,
	.session_mask = 0xff00, /* octet 1 is the session, octet 2 counts */
	.end_bit = 0x0001,
	.honour_end_bit = true,
	.set_end_bit = true,
	.unit = DIALECT_UNIT_ECHO,
	.n_echo = 1,
	.echo = {PDU_TAG_USER_MESSAGE_REFERENCE},
	.code_from = DIALECT_CODE_DESTINATION,
	.begin_text_is_dialled = true,
	.n_codings = 10,
	.coding_in =
		{
			{0x00, TEXT_GSM7}, /* the SMSC's default alphabet */
			{0x01, TEXT_ASCII},
			{0x03, TEXT_LATIN1},
			{0x08, TEXT_UCS2},
			{0x0f, TEXT_GSM7}, /* 3GPP TS 23.038, 5: GSM 7-bit, language unspecified */
			{0x48, TEXT_UCS2}, /* 3GPP TS 23.038, 5: general, UCS-2 */
			{0xf0, TEXT_GSM7}, /* 3GPP TS 23.038, 4: data coding / message class */
			{0xf1, TEXT_GSM7},
			{0xf2, TEXT_GSM7},
			{0xf3, TEXT_GSM7},
		},
	.default_alphabet = TEXT_GSM7,
	.coding_gsm7 = 0x00,
	.coding_ucs2 = 0x08,
	.ucs2 = true,
	.max_septets = TEXT_USSD_SEPTETS,
	.max_units = TEXT_USSD_UCS2,
	.too_long = DIALECT_LONG_PAGE,
	.service = {.mirror = true},
	.subscriber = {.mirror = true, .ton = 1, .npi = 1},
	.respond = DIALECT_RESPOND_FIRST,
	.overload = DIALECT_OVERLOAD_TEXT,
	.sms =
		{
			.parts = DIALECT_PARTS_UDH8,
			.letters = DIALECT_LETTERS_UCS2,
			.alphabet = TEXT_GSM7,
			.coding_gsm7 = 0x00,
			.coding_latin1 = 0x03,
			.coding_ucs2 = 0x08,
			.coding_ascii = 0x01,
			.default_alphabet = TEXT_GSM7,
			.receipts = true,
			.receipt_id = DIALECT_ID_ANY,
		},
};
