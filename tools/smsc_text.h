/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts between a handset and a PDU: which alphabet, how long, which part of a longer one. */
#ifndef STARHASH_TOOLS_SMSC_TEXT_H
#define STARHASH_TOOLS_SMSC_TEXT_H

#include "tools/smsc_pdu.h"

#define SMSC_TEXT_SIZE 4096 /* a decoded text; longer ones are cut */

enum smsc_text_fault {
	SMSC_TEXT_FINE,
	SMSC_TEXT_CODING,  /* a data_coding that a handset does not show, or octets that it does not have */
	SMSC_TEXT_TOO_LONG /* over 182 septets or 160 octets: 3GPP TS 24.080; only where `ussd` */
};

/* Text of a submit_sm as UTF-8 into `out` of SMSC_TEXT_SIZE bytes. Parts of a longer SMS begin with
 * "[1/2] ". The text is usable whatever the verdict. */
enum smsc_text_fault smsc_text_read(const struct smsc_sm *sm, bool ussd, char *out);

/* Encode what a subscriber types: GSM 03.38 where it can (data_coding 0), else UCS-2 (8).
 * `out` holds `size` octets. Returns false when it does not fit or is not UTF-8. */
bool smsc_text_write(const char *utf8, uint8_t *out, size_t size, size_t *len, uint8_t *data_coding);

#endif
