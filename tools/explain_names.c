/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and meanings of numbers in PDUs: SMPP 3.4 issue 1.2, chapter 5; 3GPP TS 23.038 for codings; and what
 * vendors of USSD gateways added. */
#include "tools/explain.h"

#include <stdio.h>

#include "core/buf.h"
#include "core/text.h"

struct row {
	uint32_t value;
	const char *name;
};

static const char *name_of(const struct row *rows, size_t n, uint32_t value)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].value == value)
			return rows[i].name;
	return "";
}
#define NAME_OF(rows, value) name_of(rows, sizeof(rows) / sizeof((rows)[0]), value)

const char *explain_ton(uint8_t ton)
{
	static const struct row rows[] = {{0, "unknown"},          {1, "international"}, {2, "national"},
	                                  {3, "network specific"}, {4, "subscriber"},    {5, "alphanumeric"},
	                                  {6, "abbreviated"}};

	return NAME_OF(rows, ton);
}

const char *explain_npi(uint8_t npi)
{
	static const struct row rows[] = {{0, "unknown"},    {1, "ISDN (E.164)"}, {3, "data (X.121)"},
	                                  {4, "telex"},      {6, "land mobile"},  {8, "national"},
	                                  {9, "private"},    {10, "ERMES"},       {14, "internet (IP)"},
	                                  {18, "WAP client"}};

	return NAME_OF(rows, npi);
}

const char *explain_tag(uint16_t tag)
{
	static const struct row rows[] = {
		{0x0005, "dest_addr_subunit"},
		{0x0006, "dest_network_type"},
		{0x0007, "dest_bearer_type"},
		{0x0008, "dest_telematics_id"},
		{0x000d, "source_addr_subunit"},
		{0x000e, "source_network_type"},
		{0x000f, "source_bearer_type"},
		{0x0010, "source_telematics_id"},
		{0x0017, "qos_time_to_live"},
		{0x0019, "payload_type"},
		{0x001d, "additional_status_info_text"},
		{0x001e, "receipted_message_id"},
		{0x0030, "ms_msg_wait_facilities"},
		{0x0201, "privacy_indicator"},
		{0x0202, "source_subaddress"},
		{0x0203, "dest_subaddress"},
		{0x0204, "user_message_reference"},
		{0x0205, "user_response_code"},
		{0x020a, "source_port"},
		{0x020b, "destination_port"},
		{0x020c, "sar_msg_ref_num"},
		{0x020d, "language_indicator"},
		{0x020e, "sar_total_segments"},
		{0x020f, "sar_segment_seqnum"},
		{0x0210, "sc_interface_version"},
		{0x0302, "callback_num_pres_ind"},
		{0x0303, "callback_num_atag"},
		{0x0304, "number_of_messages"},
		{0x0381, "callback_num"},
		{0x0420, "dpf_result"},
		{0x0421, "set_dpf"},
		{0x0422, "ms_availability_status"},
		{0x0423, "network_error_code"},
		{0x0424, "message_payload"},
		{0x0425, "delivery_failure_reason"},
		{0x0426, "more_messages_to_send"},
		{0x0427, "message_state"},
		{0x0501, "ussd_service_op"},
		{0x1201, "display_time"},
		{0x1203, "sms_signal"},
		{0x1204, "ms_validity"},
		{0x130c, "alert_on_message_delivery"},
		{0x1380, "its_reply_type"},
		{0x1383, "its_session_info"},
		{0x1501, "ussd_session_id (SMPP+)"},
	};
	const char *name = NAME_OF(rows, tag);

	if (*name)
		return name;
	return tag >= 0x1400 && tag <= 0x3fff ? "vendor TLV" : "unknown TLV";
}

const char *explain_ussd_op(uint8_t op)
{
	static const struct row rows[] = {
		{0, "PSSD indication: a subscriber dialled (phase 1)"},
		{1, "PSSR indication: a subscriber dialled"},
		{2, "USSR request: a screen that wants an answer"},
		{3, "USSN request: a notice that wants none"},
		{16, "PSSD response"},
		{17, "PSSR response: the last screen"},
		{18, "USSR confirm: a subscriber's answer"},
		{19, "USSN confirm: a phone took a notice"},
		{23, "no number of the specification; 17 (0x11) written as if it were hexadecimal?"},
		{24, "no number of the specification; 18 (0x12) written as if it were hexadecimal?"},
		{128, "USSREL request (SMPP+): let go of the session"},
		{129, "USSREL indication (SMPP+): the session is over"},
		{130, "USSR request, last (SMPP+)"},
		{131, "USSN request, last (SMPP+)"},
		{146, "USSR confirm, last (SMPP+)"},
		{150, "USSR request to a VLR (SMPP+)"},
		{151, "USSN request to a VLR (SMPP+)"},
		{152, "USSR request to a VLR, last (SMPP+)"},
		{153, "USSN request to a VLR, last (SMPP+)"},
	};
	const char *name = NAME_OF(rows, op);

	if (*name)
		return name;
	return op < 32 ? "reserved" : "of a vendor";
}

const char *explain_message_state(uint8_t state)
{
	static const struct row rows[] = {{1, "ENROUTE"}, {2, "DELIVERED"},     {3, "EXPIRED"},
	                                  {4, "DELETED"}, {5, "UNDELIVERABLE"}, {6, "ACCEPTED"},
	                                  {7, "UNKNOWN"}, {8, "REJECTED"}};

	return NAME_OF(rows, state);
}

/* 3GPP TS 23.038, 4 and 5, for the codings that SMPP leaves open. */
static int coding_of_3gpp(uint8_t coding, char *words, size_t size)
{
	if (coding >= 0xf0) {
		snprintf(words, size, "3GPP: message class %d, %s", coding & 3,
		         coding & 4 ? "8-bit data" : "GSM 7-bit");
		return coding & 4 ? -1 : TEXT_GSM7;
	}
	if (coding >= 0xc0 && coding < 0xf0) {
		snprintf(words, size, "3GPP: message waiting indication, %s",
		         coding >= 0xe0 ? "UCS-2" : "GSM 7-bit");
		return coding >= 0xe0 ? TEXT_UCS2 : TEXT_GSM7;
	}
	if (coding >= 0x40 && coding < 0x80) {
		static const char *const alphabets[] = {"GSM 7-bit", "8-bit data", "UCS-2", "reserved"};
		static const int is[] = {TEXT_GSM7, -1, TEXT_UCS2, -1};
		int alphabet = coding >> 2 & 3;

		snprintf(words, size, "3GPP general coding: %s%s", alphabets[alphabet],
		         coding & 0x20 ? ", compressed" : "");
		return is[alphabet];
	}
	snprintf(words, size, "reserved");
	return -1;
}

int explain_coding(uint8_t coding, char *words, size_t size)
{
	static const struct {
		uint8_t coding;
		int alphabet;
		const char *name;
	} rows[] = {
		{0x00, TEXT_GSM7, "the SMSC's default alphabet (most often GSM 7-bit)"},
		{0x01, TEXT_ASCII, "IA5, ASCII (of some USSD gateways: GSM 7-bit)"},
		{0x02, -1, "8-bit data"},
		{0x03, TEXT_LATIN1, "Latin-1"},
		{0x04, -1, "8-bit data"},
		{0x05, -1, "JIS"},
		{0x06, -1, "Cyrillic (ISO 8859-5)"},
		{0x07, -1, "Hebrew (ISO 8859-8)"},
		{0x08, TEXT_UCS2, "UCS-2, big endian"},
		{0x09, -1, "pictogram"},
		{0x0a, -1, "ISO-2022-JP"},
		{0x0d, -1, "extended Kanji JIS"},
		{0x0e, -1, "KS C 5601"},
		{0x0f, TEXT_GSM7, "3GPP cell broadcast: GSM 7-bit, language unspecified"},
		{0x10, TEXT_GSM7, "3GPP cell broadcast: GSM 7-bit after a language code"},
		{0x11, TEXT_UCS2, "3GPP cell broadcast: UCS-2 after a language code"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].coding == coding) {
			snprintf(words, size, "%s", rows[i].name);
			return rows[i].alphabet;
		}
	}
	return coding_of_3gpp(coding, words, size);
}

void explain_esm_class(uint8_t esm_class, bool from_smsc, char *words, size_t size)
{
	static const char *const modes[] = {"default mode", "datagram", "transaction (forward)",
	                                    "store and forward"};
	struct buf b;

	buf_init(&b, words, size);
	if (!from_smsc)
		buf_add(&b, modes[esm_class & 3]);
	switch (esm_class & 0x3c) {
	case 0x00:
		buf_printf(&b, "%sordinary message", b.len ? ", " : "");
		break;
	case 0x04:
		buf_printf(&b, "%sdelivery receipt", b.len ? ", " : "");
		break;
	case 0x08:
		buf_printf(&b, "%sdelivery acknowledgement", b.len ? ", " : "");
		break;
	case 0x10:
		buf_printf(&b, "%smanual acknowledgement", b.len ? ", " : "");
		break;
	case 0x18:
		buf_printf(&b, "%sconversation abort", b.len ? ", " : "");
		break;
	case 0x20:
		buf_printf(&b, "%sintermediate notification", b.len ? ", " : "");
		break;
	default:
		buf_printf(&b, "%sreserved type 0x%02x", b.len ? ", " : "", esm_class & 0x3c);
	}
	if (esm_class & 0x40)
		buf_add(&b, ", with user data header");
	if (esm_class & 0x80)
		buf_add(&b, ", with reply path");
}
