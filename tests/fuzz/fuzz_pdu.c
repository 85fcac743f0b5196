/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: header reader, guard, codec with libsmpp34, response text, and packing again.
 *
 * The input is one PDU; its command_length is made right most of the time, as else nearly nothing would get
 * past the first check. Beyond the sanitizers it asserts what the headers promise: lengths within bounds,
 * borrowed memory inside the PDU, both readings agree, and a message packed as submit_sm reads back the same.
 * Defends promise 6.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/pdu_codec.h"
#include "gateway/pdu_guard.h"
#include "tests/fuzz/fuzz.h"

static struct pdu_codec *codec;
static struct pdu_message message;
static struct pdu_message again;

static void check_inside(const uint8_t *value, size_t n, const uint8_t *bytes, size_t len)
{
	MUST(value >= bytes && value + n <= bytes + len);
}

static void check_message(const struct pdu_message *m, const uint8_t *bytes, size_t len)
{
	MUST(strnlen(m->service_type, sizeof(m->service_type)) < sizeof(m->service_type));
	MUST(strnlen(m->source.digits, sizeof(m->source.digits)) < 65);
	MUST(strnlen(m->dest.digits, sizeof(m->dest.digits)) < 65);
	MUST(m->body_len < len && m->n_tlvs <= PDU_MAX_TLVS);
	check_inside(m->body, m->body_len, bytes, len);
	for (size_t i = 0; i < m->n_tlvs; i++) {
		MUST(m->tlv[i].tag != PDU_TAG_MESSAGE_PAYLOAD);
		MUST(pdu_guard_tlv_kept(m->tlv[i].tag, m->tlv[i].length));
		check_inside(m->tlv[i].value, m->tlv[i].length, bytes, len);
	}
}

static void check_same(const struct pdu_submit *s, const struct pdu_message *m)
{
	MUST(strcmp(s->service_type, m->service_type) == 0);
	MUST(s->source.ton == m->source.ton && s->source.npi == m->source.npi);
	MUST(strcmp(s->source.digits, m->source.digits) == 0);
	MUST(s->dest.ton == m->dest.ton && s->dest.npi == m->dest.npi);
	MUST(strcmp(s->dest.digits, m->dest.digits) == 0);
	MUST(s->esm_class == m->esm_class && s->protocol_id == m->protocol_id);
	MUST(s->priority == m->priority && s->registered_delivery == m->registered_delivery);
	MUST(s->data_coding == m->data_coding);
	MUST(s->body_len == m->body_len && memcmp(s->body, m->body, s->body_len) == 0);
	MUST(s->n_tlvs == m->n_tlvs && m->tlvs_dropped == 0);
	for (size_t i = 0; i < s->n_tlvs; i++) {
		MUST(s->tlv[i].tag == m->tlv[i].tag && s->tlv[i].length == m->tlv[i].length);
		MUST(memcmp(s->tlv[i].value, m->tlv[i].value, s->tlv[i].length) == 0);
	}
}

/* Send the message back as a submit_sm; what cannot be sent must be refused, the rest must read back. */
static void pack_again(const struct pdu_message *m, uint32_t sequence)
{
	static uint8_t out[PDU_BODY_MAX + 16384];
	struct pdu_submit s = {.service_type = m->service_type,
	                       .source = m->source,
	                       .dest = m->dest,
	                       .esm_class = m->esm_class,
	                       .protocol_id = m->protocol_id,
	                       .priority = m->priority,
	                       .registered_delivery = m->registered_delivery,
	                       .data_coding = m->data_coding,
	                       .body = m->body,
	                       .body_len = m->body_len};
	bool fits = sequence != 0 && s.body_len <= PDU_BODY_MAX && strlen(s.source.digits) < 21 &&
	            strlen(s.dest.digits) < 21;
	struct pdu_header h;
	uint32_t status;
	size_t len = 0;
	enum rc rc;

	for (size_t i = 0; i < m->n_tlvs && s.n_tlvs < 8; i++) {
		s.tlv[s.n_tlvs++] = m->tlv[i];
		fits = fits && m->tlv[i].length <= PDU_PAYLOAD_MAX;
	}
	rc = pdu_submit_pack(codec, &s, sequence, out, sizeof(out), &len);
	MUST(rc == (fits ? RC_OK : RC_RANGE));
	if (!fits)
		return;
	MUST(pdu_header_read(out, len, &h) == RC_OK);
	MUST(h.length == len && h.id == PDU_SUBMIT_SM && h.status == 0 && h.sequence == sequence);
	out[7] = PDU_DELIVER_SM; /* the same fields under a name that is read */
	MUST(pdu_message_decode(codec, out, len, &again, &status) == RC_OK);
	check_same(&s, &again);
}

static void read_text(const uint8_t *bytes, size_t len)
{
	char text[66];
	size_t n;

	memset(text, 'x', sizeof(text));
	pdu_response_text(bytes, len, text, sizeof(text));
	n = strnlen(text, sizeof(text));
	MUST(n < sizeof(text));
	for (size_t i = 0; i < n; i++)
		MUST(text[i] >= 0x20 && text[i] < 0x7f);
}

static void read_one(const uint8_t *bytes, size_t len)
{
	const struct pdu_codec_counts *counts = pdu_codec_counts(codec);
	struct pdu_header h;
	uint32_t status = 0xdead;
	enum rc rc = pdu_header_read(bytes, len, &h);

	/* Too few octets are waited for, unless the first four tell already that framing is lost. */
	MUST(rc != RC_BUSY || len < PDU_HEADER_SIZE);
	MUST(rc != RC_OK || len >= PDU_HEADER_SIZE);
	MUST(len >= 4 || rc == RC_BUSY);
	read_text(bytes, len);
	rc = pdu_message_decode(codec, bytes, len, &message, &status);
	MUST(rc == RC_OK || rc == RC_SYNTAX);
	MUST(status != 0xdead && (rc == RC_OK) == (status == PDU_ROK));
	MUST(counts->disagreed == 0);
	if (rc != RC_OK)
		return;
	MUST(pdu_header_read(bytes, len, &h) == RC_OK && h.length == len);
	check_message(&message, bytes, len);
	pack_again(&message, h.sequence);
	MUST(counts->disagreed == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	if (!codec)
		codec = pdu_codec_new();
	if (!codec || size > PDU_MAX_SIZE)
		return 0;
	copy = malloc(size ? size : 1); /* of that size exactly, so that ASan sees every step outside */
	if (!copy)
		return 0;
	if (size > 0)
		memcpy(copy, data, size);
	if (size >= PDU_HEADER_SIZE && copy[0] != 0xff) {
		copy[0] = (uint8_t)(size >> 24);
		copy[1] = (uint8_t)(size >> 16);
		copy[2] = (uint8_t)(size >> 8);
		copy[3] = (uint8_t)size;
	}
	read_one(copy, size);
	free(copy);
	return 0;
}
