/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialects that ship.
 *
 * `standard` is SMPP 3.4 as its specification has it (5.3.2.44 ussd_service_op, 5.3.2.43 its_session_info),
 * with the abort that most USSD gateways added (0x81, SMPP+ USSREL indication).
 */
#include "gateway/dialect_table.h"

static const struct dialect table[] = {
	{
		.name = "standard",
		.op_tag = PDU_TAG_USSD_SERVICE_OP,
		.service_type = "USSD",
		.n_ops = 7,
		.op_in =
			{
				{0x00, DIALECT_BEGIN}, /*   0 PSSD indication */
				{0x01, DIALECT_BEGIN}, /*   1 PSSR indication */
				{0x02,
                                 DIALECT_CONTINUE}, /*   2 USSR request, of gateways that use it both ways */
				{0x12, DIALECT_CONTINUE}, /*  18 USSR confirm */
				{0x13, DIALECT_ACK},      /*  19 USSN confirm */
				{0x11, DIALECT_ABORT},    /*  17 PSSR response: the network ends it */
				{0x81, DIALECT_ABORT},    /* 129 USSREL indication (SMPP+) */
			},
		.op_continue = 0x02, /*  2 USSR request */
		.op_end = 0x11,      /* 17 PSSR response */
		.session_tag = PDU_TAG_ITS_SESSION_INFO,
		.end_bit = 0x0001,
		.honour_end_bit = true,
		.set_end_bit = true,
		.reference_tag = PDU_TAG_USER_MESSAGE_REFERENCE,
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
		.coding_gsm7 = 0x00,
		.coding_ucs2 = 0x08,
	},
};

const struct dialect *dialect_table_at(size_t i)
{
	return i < sizeof(table) / sizeof(table[0]) ? &table[i] : NULL;
}
