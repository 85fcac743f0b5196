/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two ways through the codec, one input: the hot path (gateway/pdu_fast.h) against the guard and libsmpp34. Shared by the unit
 * test, which feeds what it thought of and what a generator brings, and by the fuzz target.
 *
 * compare_read and compare_write return NULL, or what differed. There is no difference that is allowed.
 */
#ifndef STARHASH_TESTS_CODEC_COMPARE_H
#define STARHASH_TESTS_CODEC_COMPARE_H

#include <stdbool.h>
#include <string.h>

#include "gateway/pdu_codec.h"

static inline bool compare_address(const struct pdu_address *a, const struct pdu_address *b)
{
	return a->ton == b->ton && a->npi == b->npi && strcmp(a->digits, b->digits) == 0;
}

static inline const char *compare_message(const struct pdu_message *a, const struct pdu_message *b)
{
	if (strcmp(a->service_type, b->service_type) != 0)
		return "service_type";
	if (!compare_address(&a->source, &b->source) || !compare_address(&a->dest, &b->dest))
		return "addresses";
	if (a->esm_class != b->esm_class || a->protocol_id != b->protocol_id || a->priority != b->priority ||
	    a->registered_delivery != b->registered_delivery || a->data_coding != b->data_coding)
		return "flags";
	if (a->body_len != b->body_len || (a->body_len > 0 && a->body != b->body))
		return "body";
	if (a->n_tlvs != b->n_tlvs || a->tlvs_dropped != b->tlvs_dropped || a->odd_tag != b->odd_tag ||
	    a->odd_length != b->odd_length)
		return "number of TLVs";
	for (size_t i = 0; i < a->n_tlvs; i++)
		if (a->tlv[i].tag != b->tlv[i].tag || a->tlv[i].length != b->tlv[i].length ||
		    a->tlv[i].value != b->tlv[i].value)
			return "a TLV";
	return NULL;
}

/* One PDU of any content. `ours` and `library` are codecs of the caller's. */
static inline const char *compare_read(struct pdu_codec *ours, struct pdu_codec *library,
                                       const uint8_t *bytes, size_t len)
{
	static struct pdu_message a, b;
	uint32_t status_a = 0xdead, status_b = 0xbeef;
	enum rc rc_a, rc_b;

	memset(&a, 0x5a, sizeof(a)); /* nothing may be left as it was */
	rc_a = pdu_message_decode(ours, bytes, len, &a, &status_a);
	rc_b = pdu_message_decode_library(library, bytes, len, &b, &status_b);
	if (rc_a != rc_b)
		return "verdict";
	if (status_a != status_b)
		return "status of the answer";
	if (pdu_codec_counts(library)->disagreed != 0)
		return "guard and library";
	return rc_a == RC_OK ? compare_message(&a, &b) : NULL;
}

/* One submit_sm. Also with exactly the room it needs, and with one octet less. */
static inline const char *compare_write(struct pdu_codec *ours, struct pdu_codec *library,
                                        const struct pdu_submit *s, uint32_t sequence)
{
	static uint8_t a[PDU_BODY_MAX + 16384], b[sizeof(a)];
	size_t len_a = 0, len_b = 0;
	enum rc rc_a, rc_b;

	memset(a, 0x5a, sizeof(a));
	rc_a = pdu_submit_pack(ours, s, sequence, a, sizeof(a), &len_a);
	rc_b = pdu_submit_pack_library(library, s, sequence, b, sizeof(b), &len_b);
	if (rc_a != rc_b)
		return "verdict";
	if (rc_a != RC_OK)
		return NULL;
	if (len_a != len_b || memcmp(a, b, len_a) != 0)
		return "octets";
	if (a[len_a] != 0x5a)
		return "written over the end";
	memset(a, 0x5a, sizeof(a));
	if (pdu_submit_pack(ours, s, sequence, a, len_b - 1, &len_a) != RC_FULL || a[len_b - 1] != 0x5a)
		return "too little room";
	if (pdu_submit_pack(ours, s, sequence, a, len_b, &len_a) != RC_OK || memcmp(a, b, len_b) != 0)
		return "just enough room";
	return NULL;
}

/* --- submit_sm out of any bytes ---------------------------------------------------------------------- */

struct compare_source {
	const uint8_t *at;
	size_t left;
	uint8_t text[3][80]; /* what the strings of the last submit_sm are */
	uint8_t body[2048];
};

static inline uint8_t compare_octet(struct compare_source *f)
{
	if (f->left == 0)
		return 0;
	f->left--;
	return *f->at++;
}

/* A string, mostly of a length near what the field takes. */
static inline void compare_text(struct compare_source *f, char *out, size_t max)
{
	size_t n = compare_octet(f) % (max + 1);

	for (size_t i = 0; i < n; i++) {
		uint8_t c = compare_octet(f);

		out[i] = (char)(c != 0 ? c : 'x');
	}
	out[n] = '\0';
}

static inline void compare_tlvs(struct compare_source *f, struct pdu_submit *s)
{
	static const uint16_t tags[] = {PDU_TAG_USSD_SERVICE_OP,
	                                PDU_TAG_ITS_SESSION_INFO,
	                                PDU_TAG_USER_MESSAGE_REFERENCE,
	                                PDU_TAG_SAR_TOTAL_SEGMENTS,
	                                PDU_TAG_MESSAGE_PAYLOAD,
	                                0x1400,
	                                0x020a,
	                                0x0017};

	s->n_tlvs = compare_octet(f) % 9;
	for (size_t i = 0; i < s->n_tlvs; i++) {
		uint8_t which = compare_octet(f);
		uint8_t length = compare_octet(f);

		s->tlv[i].tag = tags[which % 8];
		if (which >= 0xf0)
			s->tlv[i].tag = (uint16_t)(compare_octet(f) << 8 | compare_octet(f));
		s->tlv[i].length = length < 0xf0 ? length % 8 : (uint16_t)((length - 0xf0) * 80);
		s->tlv[i].value = f->body + length;
	}
}

static inline uint32_t compare_submit(struct compare_source *f, struct pdu_submit *s)
{
	uint8_t size;

	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < sizeof(f->body); i++)
		f->body[i] = (uint8_t)(i * 31);
	compare_text(f, (char *)f->text[0], 6);
	s->service_type = (const char *)f->text[0];
	s->source.ton = compare_octet(f);
	s->source.npi = compare_octet(f);
	compare_text(f, s->source.digits, 22);
	s->dest.ton = compare_octet(f);
	s->dest.npi = compare_octet(f);
	compare_text(f, s->dest.digits, 22);
	s->esm_class = compare_octet(f);
	s->protocol_id = compare_octet(f);
	s->priority = compare_octet(f);
	s->registered_delivery = compare_octet(f);
	s->data_coding = compare_octet(f);
	size = compare_octet(f);
	if (size % 4 == 1)
		s->validity = "";
	if (size % 4 == 2)
		s->validity = "000000000500000R";
	if (size % 4 == 3) {
		compare_text(f, (char *)f->text[1], 17);
		s->validity = (const char *)f->text[1];
	}
	s->in_payload = (size & 0x30) == 0x30;
	s->body_len = compare_octet(f);
	if ((size & 0xc0) == 0xc0)
		s->body_len *= 8;
	for (size_t i = 0; i < s->body_len && f->left > 0; i++)
		f->body[i] = compare_octet(f);
	s->body = f->body;
	compare_tlvs(f, s);
	return compare_octet(f) % 16 == 15 ? 0 : 0x01020304;
}

#endif
