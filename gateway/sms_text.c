/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMS text: see sms_text.h.
 *
 * Invariant: the cuts are offsets into the encoded octets, rising, the first 0 and the last the length; between two of them
 * lies at most what one part holds, and no character is on both sides of one.
 */
#include "gateway/sms_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/text_plain.h"
#include "gateway/dialect_table.h"
#include "gateway/sms_in.h"

#define ESC 0x1b
#define ESM_UDHI 0x40 /* SMPP 3.4, 5.2.12 */
#define PARTS_MOST 255
#define GROWTH 5 /* bytes that one character becomes at most, by text_transliterate and by text_encode */

struct sms_text {
	enum text_alphabet alphabet;
	enum dialect_parts how;
	uint8_t coding;
	unsigned segments;
	size_t cut[PARTS_MOST + 1];
	size_t len;
	uint8_t octets[];
};

/* What one message holds: alone, and as a part with a reference of 8 or 16 bits. 140 octets less the header, 3GPP TS 23.040,
 * 9.2.3.24; septets are packed by the SMSC. */
struct limits {
	size_t alone, narrow, wide;
};

static struct limits limits_of(enum text_alphabet alphabet)
{
	switch (alphabet) {
	case TEXT_GSM7:
	case TEXT_ASCII:
		return (struct limits){160, 153, 152};
	case TEXT_UCS2:
		return (struct limits){140, 134, 132};
	default:
		return (struct limits){140, 134, 133};
	}
}

/* ASCII leaves the SMSC as GSM 7-bit: these cost two septets there. */
static size_t ascii_cost(uint8_t octet)
{
	return strchr("^{}\\[~]|\f", octet) != NULL && octet != 0 ? 2 : 1;
}

/* How many of the octets one message of `limit` holds. */
static size_t take(enum text_alphabet alphabet, const uint8_t *octets, size_t left, size_t limit)
{
	size_t n = left < limit ? left : limit, cost = 0;

	if (alphabet == TEXT_ASCII) {
		for (n = 0; n < left && cost + ascii_cost(octets[n]) <= limit; n++)
			cost += ascii_cost(octets[n]);
		return n;
	}
	if (n == left)
		return n;
	if (alphabet == TEXT_GSM7 && octets[n - 1] == ESC)
		return n - 1;
	if (alphabet == TEXT_UCS2 && (octets[n - 2] & 0xfc) == 0xd8)
		return n - 2;
	return n;
}

/* RC_OK; RC_RANGE. */
static enum rc cut(struct sms_text *t, size_t limit, unsigned parts_max)
{
	t->segments = 0;
	for (size_t at = 0; at < t->len; at = t->cut[t->segments]) {
		if (t->segments >= parts_max)
			return RC_RANGE;
		t->segments++;
		t->cut[t->segments] = at + take(t->alphabet, t->octets + at, t->len - at, limit);
	}
	if (t->segments == 0)
		t->segments = 1;
	return RC_OK;
}

static enum rc cut_all(struct sms_text *t, unsigned parts_max)
{
	struct limits limits = limits_of(t->alphabet);

	if (parts_max > PARTS_MOST)
		parts_max = PARTS_MOST;
	if (take(t->alphabet, t->octets, t->len, limits.alone) == t->len) {
		t->segments = 1;
		t->cut[1] = t->len;
		return RC_OK;
	}
	return cut(t,
	           t->how == DIALECT_PARTS_UDH8 || t->how == DIALECT_PARTS_PAYLOAD ? limits.narrow
	                                                                           : limits.wide,
	           parts_max);
}

static uint8_t coding_of(const struct dialect_sms *sms, enum text_alphabet alphabet)
{
	switch (alphabet) {
	case TEXT_UCS2:
		return sms->coding_ucs2;
	case TEXT_LATIN1:
		return sms->coding_latin1;
	case TEXT_ASCII:
		return sms->coding_ascii;
	default:
		return sms->coding_gsm7;
	}
}

/* Into t->octets, of `size`. */
static enum rc encode(const struct dialect_sms *sms, const char *utf8, struct sms_text *t, size_t size)
{
	enum rc rc;
	char *plain;

	t->alphabet = sms->alphabet == TEXT_UTF8 ? TEXT_GSM7 : sms->alphabet;
	rc = text_encode(t->alphabet, utf8, t->octets, size, &t->len);
	if (rc != RC_RANGE)
		return rc;
	if (sms->letters == DIALECT_LETTERS_UCS2) {
		t->alphabet = TEXT_UCS2;
		return text_encode(TEXT_UCS2, utf8, t->octets, size, &t->len);
	}
	plain = malloc(size);
	if (plain == NULL)
		return RC_NOMEM;
	(void)text_transliterate(t->alphabet, utf8, plain, size);
	rc = text_encode(t->alphabet, plain, t->octets, size, &t->len);
	free(plain);
	return rc;
}

enum rc sms_text_new(const struct dialect *d, const char *utf8, unsigned parts_max, struct sms_text **out)
{
	size_t len = strnlen(utf8, SMS_TEXT_SIZE), size = GROWTH * len + 1;
	struct sms_text *t;
	enum rc rc;

	if (len >= SMS_TEXT_SIZE)
		return RC_RANGE;
	t = malloc(sizeof(*t) + size);
	if (t == NULL)
		return RC_NOMEM;
	t->segments = 0;
	t->cut[0] = t->cut[1] = t->len = 0; /* the others are set as far as there are segments */
	t->how = d->sms.parts;
	rc = encode(&d->sms, utf8, t, size);
	if (rc == RC_OK)
		rc = cut_all(t, parts_max);
	if (rc == RC_OK && t->len > PDU_BODY_MAX)
		rc = RC_RANGE;
	if (rc != RC_OK) {
		sms_text_free(t);
		return rc == RC_NOMEM ? RC_NOMEM : RC_RANGE;
	}
	t->coding = coding_of(&d->sms, t->alphabet);
	*out = t;
	return RC_OK;
}

void sms_text_free(struct sms_text *t)
{
	free(t);
}

unsigned sms_text_pdus(const struct sms_text *t)
{
	return t->how == DIALECT_PARTS_PAYLOAD ? 1 : t->segments;
}

unsigned sms_text_segments(const struct sms_text *t)
{
	return t->segments;
}

enum text_alphabet sms_text_alphabet_of(const struct sms_text *t)
{
	return t->alphabet;
}

static void add_tlv(struct pdu_submit *s, uint16_t tag, const uint8_t *value, uint16_t length)
{
	s->tlv[s->n_tlvs++] = (struct pdu_tlv){.tag = tag, .length = length, .value = value};
}

void sms_text_write(const struct sms_text *t, unsigned i, uint16_t reference,
                    struct sms_text_scratch *scratch, struct pdu_submit *out)
{
	size_t head;

	out->data_coding = t->coding;
	out->in_payload = false;
	out->body = t->octets + t->cut[i];
	out->body_len = t->cut[i + 1] - t->cut[i];
	if (t->segments == 1)
		return;
	switch (t->how) {
	case DIALECT_PARTS_PAYLOAD:
		out->in_payload = true;
		out->body = t->octets;
		out->body_len = t->len;
		break;
	case DIALECT_PARTS_SAR:
		scratch->tlv[0] = (uint8_t)(reference >> 8);
		scratch->tlv[1] = (uint8_t)reference;
		scratch->tlv[2] = (uint8_t)t->segments;
		scratch->tlv[3] = (uint8_t)(i + 1);
		add_tlv(out, PDU_TAG_SAR_MSG_REF_NUM, scratch->tlv, 2);
		add_tlv(out, PDU_TAG_SAR_TOTAL_SEGMENTS, scratch->tlv + 2, 1);
		add_tlv(out, PDU_TAG_SAR_SEGMENT_SEQNUM, scratch->tlv + 3, 1);
		break;
	case DIALECT_PARTS_UDH8:
	case DIALECT_PARTS_UDH16:
		head = sms_udh_write(t->how == DIALECT_PARTS_UDH16, reference, (uint8_t)t->segments,
		                     (uint8_t)(i + 1), scratch->body);
		memcpy(scratch->body + head, out->body, out->body_len);
		out->body = scratch->body;
		out->body_len += head;
		out->esm_class |= ESM_UDHI;
		break;
	}
}

static enum text_alphabet guess_octets(const uint8_t *octets, size_t len)
{
	return text_utf8_valid((const char *)octets, len) ? TEXT_UTF8 : TEXT_LATIN1;
}

/* 3GPP TS 23.038, 4: the groups of a data coding scheme. False: octets that are no text. */
static bool by_groups(uint8_t coding, enum text_alphabet *out)
{
	uint8_t group = coding >> 4, alphabet = coding >> 2 & 3;

	*out = TEXT_GSM7;
	if (group >= 0xc && group != 0xf) {
		*out = group == 0xe ? TEXT_UCS2 : TEXT_GSM7;
		return true;
	}
	if (group == 0xf)
		return (coding & 4) == 0;
	if (group < 8) {
		*out = alphabet == 2 ? TEXT_UCS2 : TEXT_GSM7;
		return alphabet != 1;
	}
	return true; /* reserved: as the default alphabet */
}

enum text_alphabet sms_text_alphabet(const struct dialect *d, uint8_t coding, const uint8_t *octets,
                                     size_t len)
{
	enum text_alphabet alphabet;

	if (coding == 0)
		return d->sms.default_alphabet;
	for (size_t i = 0; i < d->n_codings; i++)
		if (d->coding_in[i].coding == coding)
			return d->coding_in[i].alphabet;
	switch (coding) {
	case 1:
		return TEXT_ASCII;
	case 2:
	case 4:
		return guess_octets(octets, len);
	case 3:
		return TEXT_LATIN1;
	case 8:
		return TEXT_UCS2;
	default:
		break;
	}
	if (coding < 0x10) /* alphabets of SMPP that are not known here */
		return TEXT_ASCII;
	return by_groups(coding, &alphabet) ? alphabet : guess_octets(octets, len);
}

void sms_text_validity(int64_t validity_ms, bool absolute, int64_t utc_ms, char out[SMS_VALIDITY_SIZE])
{
	time_t at = (time_t)((utc_ms + validity_ms) / 1000);
	int64_t s = validity_ms / 1000, days = s / 86400;
	struct tm tm;

	if (absolute && gmtime_r(&at, &tm) != NULL) {
		(void)snprintf(out, SMS_VALIDITY_SIZE, "%02u%02u%02u%02u%02u%02u000+",
		               (unsigned)tm.tm_year % 100u, (unsigned)(tm.tm_mon + 1) % 100u,
		               (unsigned)tm.tm_mday % 100u, (unsigned)tm.tm_hour % 100u,
		               (unsigned)tm.tm_min % 100u, (unsigned)tm.tm_sec % 100u);
		return;
	}
	(void)snprintf(out, SMS_VALIDITY_SIZE, "%02u%02u%02u%02u%02u%02u000R", (unsigned)(days / 360) % 100u,
	               (unsigned)(days % 360 / 30), (unsigned)(days % 30), (unsigned)(s / 3600 % 24),
	               (unsigned)(s / 60 % 60), (unsigned)(s % 60));
}
