/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMS text: which alphabet a text leaves in, and how it is cut into parts. Pure.
 *
 * By the `sms` settings of a dialect: GSM 03.38, Latin-1, ASCII or UCS-2; what the alphabet lacks makes the text UCS-2 or is
 * transliterated; what is too long for one message leaves as parts with a user data header of 8 or 16 bit reference, as parts
 * with SAR TLVs, or whole in message_payload. An escape pair or a surrogate pair is never cut through.
 */
#ifndef STARHASH_GATEWAY_SMS_TEXT_H
#define STARHASH_GATEWAY_SMS_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"
#include "core/text.h"
#include "gateway/pdu.h"
#include "gateway/sms_udh.h"

struct dialect;
struct sms_text;

/* Encode and cut.
 * Returns RC_OK; RC_RANGE (not UTF-8, or more parts than parts_max, 1..255; a text in message_payload is counted as the
 * parts that the SMSC makes of it); RC_NOMEM. */
enum rc sms_text_new(const struct dialect *d, const char *utf8, unsigned parts_max,
                     struct sms_text **out) RC_NODISCARD;
void sms_text_free(struct sms_text *t);

unsigned sms_text_pdus(const struct sms_text *t); /* messages to submit, >= 1 */
unsigned sms_text_segments(
	const struct sms_text *t); /* what the subscriber's phone gets, and operators bill */
enum text_alphabet sms_text_alphabet_of(const struct sms_text *t);

struct sms_text_scratch {
	uint8_t body[SMS_UDH_MAX + 160];
	uint8_t tlv[4];
};

/* Fill body, data_coding, TLVs and the UDHI bit of esm_class of message `i` (0 ...); everything else stays as it is. Borrows from
 * `t` and from `scratch`. `reference` is the same for all messages of one text. */
void sms_text_write(const struct sms_text *t, unsigned i, uint16_t reference,
                    struct sms_text_scratch *scratch, struct pdu_submit *out);

/* What a data_coding in means: 0 is the dialect's sms.default_alphabet; others as its codings_in say; else by SMPP 3.4, 5.2.19,
 * and 3GPP TS 23.038, 4 and 5. Coding 2 and 4 (octets) is read as UTF-8 when it is that, else as Latin-1;
 * UTF-8 when there are no octets to look at. Of alphabets that this product does not know (Cyrillic, JIS, ...) the ASCII half is
 * read. */
enum text_alphabet sms_text_alphabet(const struct dialect *d, uint8_t coding, const uint8_t *octets,
                                     size_t len);

/* validity_period, SMPP 3.4, 7.1.1: relative to the SMSC's clock ("000002000000000R") or in UTC. `out` gets 16 characters. */
#define SMS_VALIDITY_SIZE 17
void sms_text_validity(int64_t validity_ms, bool absolute, int64_t utc_ms, char out[SMS_VALIDITY_SIZE]);

#endif
