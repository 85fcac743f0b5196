/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain messages. Reading: a cursor that is asked for room before each step, once for a run of fixed octets. Writing: the length
 * is summed up first, from the same lengths that are then written. */
#include "gateway/pdu_fast.h"

#include <string.h>

#include "gateway/pdu_guard.h"

/* Field sizes with their NUL: SMPP 3.4, 4.4.1 (submit_sm) and 4.6.1 (deliver_sm). */
#define SERVICE_TYPE_SIZE 6
#define ADDRESS_SIZE 21
#define TIME_SIZE 17
#define TLV_HEAD_SIZE 4
#define FLAGS 3     /* esm_class, protocol_id, priority_flag */
#define BODY_HEAD 5 /* registered_delivery, replace_if_present, data_coding, sm_default_msg_id, sm_length */

struct cursor {
	const uint8_t *at, *end;
};

static size_t left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

static uint32_t number32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint16_t number16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* A string that ends within `field` octets, into `out` if that is not NULL. */
static bool take_string(struct cursor *c, char *out, size_t field)
{
	size_t span = left(c) < field ? left(c) : field;
	const uint8_t *nul = memchr(c->at, 0, span);
	size_t size;

	if (nul == NULL)
		return false;
	size = (size_t)(nul - c->at) + 1;
	if (out != NULL)
		memcpy(out, c->at, size);
	c->at += size;
	return true;
}

static bool take_address(struct cursor *c, struct pdu_address *a)
{
	if (left(c) < 2)
		return false;
	a->ton = c->at[0];
	a->npi = c->at[1];
	c->at += 2;
	return take_string(c, a->digits, ADDRESS_SIZE);
}

static bool take_flags(struct cursor *c, struct pdu_message *m)
{
	if (left(c) < FLAGS)
		return false;
	m->esm_class = c->at[0];
	m->protocol_id = c->at[1];
	m->priority = c->at[2];
	c->at += FLAGS;
	/* Of schedule and validity nothing is kept, as in the guard. */
	for (int times = 0; times < 2; times++)
		if (!take_string(c, NULL, TIME_SIZE))
			return false;
	return true;
}

static bool take_body(struct cursor *c, struct pdu_message *m)
{
	if (left(c) < BODY_HEAD)
		return false;
	m->registered_delivery = c->at[0];
	m->data_coding = c->at[2];
	m->body_len = c->at[4];
	c->at += BODY_HEAD;
	if (left(c) < m->body_len)
		return false;
	m->body = c->at;
	c->at += m->body_len;
	return true;
}

static bool take_tlvs(struct cursor *c, struct pdu_message *m)
{
	m->n_tlvs = 0;
	m->tlvs_dropped = 0;
	m->odd_tag = m->odd_length = 0;
	while (left(c) >= TLV_HEAD_SIZE) {
		struct pdu_tlv tlv = {.tag = number16(c->at), .length = number16(c->at + 2)};

		c->at += TLV_HEAD_SIZE;
		if (tlv.tag == PDU_TAG_MESSAGE_PAYLOAD || m->n_tlvs == PDU_MAX_TLVS || tlv.length > left(c) ||
		    !pdu_guard_tlv_kept(tlv.tag, tlv.length))
			return false;
		tlv.value = c->at;
		c->at += tlv.length;
		m->tlv[m->n_tlvs++] = tlv;
	}
	return left(c) == 0;
}

bool pdu_fast_deliver(const uint8_t *bytes, size_t len, struct pdu_message *out)
{
	struct cursor c = {bytes + PDU_HEADER_SIZE, bytes + len};

	if (len < PDU_HEADER_SIZE || len > PDU_MAX_SIZE || number32(bytes) != len ||
	    number32(bytes + 4) != PDU_DELIVER_SM)
		return false;
	return take_string(&c, out->service_type, SERVICE_TYPE_SIZE) && take_address(&c, &out->source) &&
	       take_address(&c, &out->dest) && take_flags(&c, out) && take_body(&c, out) &&
	       take_tlvs(&c, out);
}

/* --- writing ----------------------------------------------------------------------------------------- */

/* The lengths of what is written. */
struct sizes {
	size_t service_type, source, dest, validity, total;
};

static bool measure(const struct pdu_submit *s, struct sizes *z)
{
	z->service_type = strnlen(s->service_type, SERVICE_TYPE_SIZE);
	z->source = strnlen(s->source.digits, ADDRESS_SIZE);
	z->dest = strnlen(s->dest.digits, ADDRESS_SIZE);
	z->validity = s->validity != NULL ? strnlen(s->validity, TIME_SIZE) : 0;
	if (z->service_type == SERVICE_TYPE_SIZE || z->source == ADDRESS_SIZE || z->dest == ADDRESS_SIZE ||
	    (z->validity != 0 && z->validity != TIME_SIZE - 1) || s->body_len > PDU_SHORT_MESSAGE_MAX ||
	    (s->in_payload && s->body_len > 0) || s->n_tlvs > sizeof(s->tlv) / sizeof(s->tlv[0]))
		return false;
	z->total = PDU_HEADER_SIZE + z->service_type + 1 + 2 + z->source + 1 + 2 + z->dest + 1 + FLAGS + 1 +
	           z->validity + 1 + BODY_HEAD + s->body_len;
	for (size_t i = 0; i < s->n_tlvs; i++) {
		const struct pdu_tlv *t = &s->tlv[i];

		if (t->tag == PDU_TAG_MESSAGE_PAYLOAD || t->length > PDU_PAYLOAD_MAX ||
		    !pdu_guard_tlv_length_ok(t->tag, t->length))
			return false;
		z->total += TLV_HEAD_SIZE + (size_t)t->length;
	}
	return true;
}

static uint8_t *put32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
	return at + 4;
}

static uint8_t *put_bytes(uint8_t *at, const void *value, size_t n)
{
	if (n > 0)
		memcpy(at, value, n);
	return at + n;
}

static uint8_t *put_string(uint8_t *at, const char *text, size_t n)
{
	at = put_bytes(at, text, n);
	*at = 0;
	return at + 1;
}

static uint8_t *put_address(uint8_t *at, const struct pdu_address *a, size_t n)
{
	at[0] = a->ton;
	at[1] = a->npi;
	return put_string(at + 2, a->digits, n);
}

static uint8_t *put_tlv(uint8_t *at, const struct pdu_tlv *t)
{
	at = put32(at, (uint32_t)t->tag << 16 | t->length);
	return put_bytes(at, t->value, t->length);
}

bool pdu_fast_submit(const struct pdu_submit *s, uint32_t sequence, uint8_t *out, size_t size, size_t *len)
{
	struct sizes z;
	uint8_t *at;

	if (sequence == 0 || !measure(s, &z) || z.total > size)
		return false;
	at = put32(out, (uint32_t)z.total);
	at = put32(at, PDU_SUBMIT_SM);
	at = put32(at, PDU_ROK);
	at = put32(at, sequence);
	at = put_string(at, s->service_type, z.service_type);
	at = put_address(at, &s->source, z.source);
	at = put_address(at, &s->dest, z.dest);
	*at++ = s->esm_class;
	*at++ = s->protocol_id;
	*at++ = s->priority;
	at = put_string(at, "", 0); /* schedule_delivery_time: at once */
	at = put_string(at, s->validity, z.validity);
	*at++ = s->registered_delivery;
	*at++ = 0; /* replace_if_present_flag */
	*at++ = s->data_coding;
	*at++ = 0; /* sm_default_msg_id */
	*at++ = (uint8_t)s->body_len;
	at = put_bytes(at, s->body, s->body_len);
	for (size_t i = 0; i < s->n_tlvs; i++)
		at = put_tlv(at, &s->tlv[i]);
	*len = z.total;
	return true;
}
