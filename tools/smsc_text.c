/* SPDX-License-Identifier: GPL-3.0-or-later */
/* data_coding values: SMPP 3.4, 5.2.19; 0x0f, 0x48 and 0xf0..0xf3 are CBS and GSM codings (3GPP TS 23.038)
 * that USSD gateways pass through. */
#include "tools/smsc_text.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"

#define USSD_OCTETS_MAX (2 * TEXT_USSD_UCS2)

static bool alphabet_of(uint8_t data_coding, enum text_alphabet *out)
{
	if (data_coding == 0 || data_coding == 0x0f || (data_coding & 0xfc) == 0xf0)
		*out = TEXT_GSM7;
	else if (data_coding == 1)
		*out = TEXT_ASCII;
	else if (data_coding == 3)
		*out = TEXT_LATIN1;
	else if (data_coding == 8 || data_coding == 0x48)
		*out = TEXT_UCS2;
	else
		return false;
	return true;
}

/* Part number out of a UDH's concatenation element (3GPP TS 23.040, 9.2.3.24.1 and .8). */
static void read_udh(const uint8_t *udh, size_t len, unsigned *part, unsigned *total)
{
	for (size_t at = 0; at + 2 <= len && at + 2 + udh[at + 1] <= len; at += 2 + (size_t)udh[at + 1]) {
		size_t wide = udh[at] == 8; /* 16-bit reference */

		if ((udh[at] == 0 || wide) && udh[at + 1] == 3 + wide) {
			*total = udh[at + 3 + wide];
			*part = udh[at + 4 + wide];
		}
	}
}

static bool has_high_octet(const uint8_t *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] > 0x7f)
			return true;
	return false;
}

enum smsc_text_fault smsc_text_read(const struct smsc_sm *sm, bool ussd, char *out)
{
	const uint8_t *text = sm->text;
	size_t len = sm->text_len, used = 0;
	unsigned part = sm->sar_part, total = sm->sar_total;
	enum text_alphabet alphabet = TEXT_LATIN1;
	bool known = alphabet_of(sm->data_coding, &alphabet);

	if ((sm->esm_class & 0x40) != 0 && len > 0 && text[0] + 1u <= len) {
		read_udh(text + 1, text[0], &part, &total);
		len -= text[0] + 1u;
		text += text[0] + 1u;
	}
	if (total > 1)
		used = (size_t)snprintf(out, SMSC_TEXT_SIZE, "[%u/%u] ", part, total);
	(void)text_decode(alphabet, text, len, out + used, SMSC_TEXT_SIZE - used);
	if (!known || ((alphabet == TEXT_GSM7 || alphabet == TEXT_ASCII) && has_high_octet(text, len)) ||
	    (alphabet == TEXT_UCS2 && len % 2 != 0))
		return SMSC_TEXT_CODING;
	if (ussd && len > (alphabet == TEXT_UCS2 ? USSD_OCTETS_MAX : TEXT_USSD_SEPTETS))
		return SMSC_TEXT_TOO_LONG;
	return SMSC_TEXT_FINE;
}

bool smsc_text_write(const char *utf8, uint8_t *out, size_t size, size_t *len, uint8_t *data_coding)
{
	*data_coding = 0;
	if (text_encode(TEXT_GSM7, utf8, out, size, len) == RC_OK)
		return true;
	*data_coding = 8;
	return text_encode(TEXT_UCS2, utf8, out, size, len) == RC_OK;
}
