/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Implementation of the SMSC's own PDU reading and writing. Clause numbers are of SMPP 3.4 issue 1.2.
 *
 * Reading goes through a cursor that remembers the first fault and gives zeros after it, so decoders read
 * top to bottom like the tables of the specification.
 */
#include "tools/smsc_pdu.h"

#include <string.h>

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	uint32_t status; /* first fault, or SMSC_OK */
	const char *why;
};

static void fault(struct cursor *c, uint32_t status, const char *why)
{
	if (c->status == SMSC_OK) {
		c->status = status;
		c->why = why;
	}
	c->at = c->end;
}

static uint8_t take_u8(struct cursor *c)
{
	if (c->at == c->end) {
		fault(c, SMSC_INV_CMD_LEN, "PDU ends inside its mandatory fields");
		return 0;
	}
	return *c->at++;
}

static uint16_t read_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t read_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* C-Octet String of at most `size` octets with its NUL (3.1). */
static void take_cstring(struct cursor *c, char *out, size_t size, uint32_t status, const char *why)
{
	size_t left = (size_t)(c->end - c->at);
	const uint8_t *nul = memchr(c->at, 0, left < size ? left : size);

	out[0] = '\0';
	if (c->status != SMSC_OK)
		return;
	if (nul == NULL) {
		fault(c, status, why);
		return;
	}
	memcpy(out, c->at, (size_t)(nul - c->at) + 1);
	c->at = nul + 1;
}

/* TON 5.2.5 and NPI 5.2.6: every other value is reserved. */
static bool ton_known(uint8_t ton)
{
	return ton <= 6;
}

static bool npi_known(uint8_t npi)
{
	return npi < 32 && (1u << npi & (1u << 0 | 1u << 1 | 1u << 3 | 1u << 4 | 1u << 6 | 1u << 8 | 1u << 9 |
	                                 1u << 10 | 1u << 14 | 1u << 18)) != 0;
}

/* schedule_delivery_time and validity_period: empty or exactly 16 characters (7.1.1). */
static void take_time(struct cursor *c, char text[17], uint32_t status, const char *why)
{
	size_t len;

	take_cstring(c, text, 17, status, why);
	len = strlen(text);
	if (c->status == SMSC_OK && len != 0 &&
	    (len != 16 || strspn(text, "0123456789") != 15 || strchr("+-R", text[15]) == NULL))
		fault(c, status, why);
}

struct smsc_header smsc_header_read(const uint8_t *bytes)
{
	struct smsc_header h = {read_u32(bytes), read_u32(bytes + 4), read_u32(bytes + 8),
	                        read_u32(bytes + 12)};

	return h;
}

uint32_t smsc_bind_decode(const uint8_t *bytes, size_t len, struct smsc_bind *out, const char **why)
{
	struct cursor c = {bytes + SMSC_HEADER_SIZE, bytes + len, SMSC_OK, NULL};

	memset(out, 0, sizeof *out);
	take_cstring(&c, out->system_id, sizeof out->system_id, SMSC_INV_SYSTEM_ID,
	             "system_id over 15 octets or open");
	take_cstring(&c, out->password, sizeof out->password, SMSC_INV_PASSWORD,
	             "password over 16 octets or open");
	take_cstring(&c, out->system_type, sizeof out->system_type, SMSC_INV_SYSTEM_TYPE,
	             "system_type over 12 octets or open");
	out->interface_version = take_u8(&c);
	out->addr_ton = take_u8(&c);
	out->addr_npi = take_u8(&c);
	if (!ton_known(out->addr_ton) || !npi_known(out->addr_npi))
		fault(&c, SMSC_SYSTEM_ERROR, "addr_ton or addr_npi is reserved");
	take_cstring(&c, out->address_range, sizeof out->address_range, SMSC_INV_CMD_LEN,
	             "address_range over 40 octets or open");
	if (c.status == SMSC_OK && c.at != c.end)
		fault(&c, SMSC_INV_CMD_LEN, "octets behind the bind's last field");
	*why = c.why;
	return c.status;
}

static void take_address(struct cursor *c, struct smsc_address *out, bool source)
{
	out->ton = take_u8(c);
	if (!ton_known(out->ton))
		fault(c, source ? SMSC_INV_SOURCE_TON : SMSC_INV_DEST_TON, "TON is reserved");
	out->npi = take_u8(c);
	if (!npi_known(out->npi))
		fault(c, source ? SMSC_INV_SOURCE_NPI : SMSC_INV_DEST_NPI, "NPI is reserved");
	take_cstring(c, out->digits, sizeof out->digits, source ? SMSC_INV_SOURCE : SMSC_INV_DEST,
	             "address over 20 octets or open");
}

static void store_tlv(struct cursor *c, struct smsc_sm *out, uint16_t tag, const uint8_t *value, size_t len)
{
	static const struct {
		uint16_t tag;
		uint8_t len;
	} fixed[] = {{SMSC_TAG_USSD_SERVICE_OP, 1}, {SMSC_TAG_ITS_SESSION_INFO, 2},
	             {SMSC_TAG_SAR_TOTAL, 1},       {SMSC_TAG_USER_MESSAGE_REFERENCE, 2},
	             {SMSC_TAG_SAR_REFERENCE, 2},   {SMSC_TAG_SAR_PART, 1}};

	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
		if (fixed[i].tag == tag && fixed[i].len != len) {
			fault(c, SMSC_INV_TLV_LENGTH, "TLV of another length than its tag has");
			return;
		}
	}
	switch (tag) {
	case SMSC_TAG_USSD_SERVICE_OP:
		out->has_op = true;
		out->op = value[0];
		break;
	case SMSC_TAG_ITS_SESSION_INFO:
		out->has_session = true;
		memcpy(out->session, value, 2);
		break;
	case SMSC_TAG_USER_MESSAGE_REFERENCE:
		out->has_reference = true;
		out->reference = read_u16(value);
		break;
	case SMSC_TAG_SAR_REFERENCE:
		out->sar_reference = read_u16(value);
		break;
	case SMSC_TAG_SAR_TOTAL:
		out->sar_total = value[0];
		break;
	case SMSC_TAG_SAR_PART:
		out->sar_part = value[0];
		break;
	case SMSC_TAG_MESSAGE_PAYLOAD:
		if (out->text_len != 0) {
			fault(c, SMSC_TLV_NOT_ALLOWED, "short_message and message_payload in one PDU");
			return;
		}
		out->in_payload = true;
		out->text = value;
		out->text_len = len;
		break;
	default:
		break;
	}
}

/* Optional parameters (3.2.4, 5.3): they must fill the rest of the PDU exactly, each tag at most once. */
static void take_tlvs(struct cursor *c, struct smsc_sm *out)
{
	uint16_t seen[64];
	size_t n = 0;

	while (c->status == SMSC_OK && c->at < c->end) {
		uint16_t tag, len;

		if (c->end - c->at < 4) {
			fault(c, SMSC_INV_TLV_STREAM, "octets behind the last TLV");
			return;
		}
		tag = read_u16(c->at);
		len = read_u16(c->at + 2);
		c->at += 4;
		if (c->end - c->at < len) {
			fault(c, SMSC_INV_TLV_STREAM, "TLV reaches behind the PDU");
			return;
		}
		for (size_t i = 0; i < n; i++)
			if (seen[i] == tag)
				fault(c, SMSC_TLV_NOT_ALLOWED, "the same TLV twice");
		if (n < sizeof seen / sizeof seen[0])
			seen[n++] = tag;
		if (c->status != SMSC_OK)
			return;
		if (out->n_tlvs < SMSC_TLVS_MAX)
			out->tlv[out->n_tlvs++] = (struct smsc_tlv){tag, len, c->at};
		store_tlv(c, out, tag, c->at, len);
		if (c->status == SMSC_OK)
			c->at += len;
	}
}

/* 4.4.1 */
uint32_t smsc_submit_decode(const uint8_t *bytes, size_t len, struct smsc_sm *out, const char **why)
{
	struct cursor c = {bytes + SMSC_HEADER_SIZE, bytes + len, SMSC_OK, NULL};
	uint8_t sm_length;

	memset(out, 0, sizeof *out);
	take_cstring(&c, out->service_type, sizeof out->service_type, SMSC_INV_SERVICE_TYPE,
	             "service_type over 5 octets or open");
	take_address(&c, &out->source, true);
	take_address(&c, &out->dest, false);
	if (c.status == SMSC_OK && out->dest.digits[0] == '\0')
		fault(&c, SMSC_INV_DEST, "destination_addr is empty");
	out->esm_class = take_u8(&c);
	out->protocol_id = take_u8(&c);
	out->priority = take_u8(&c);
	take_time(&c, out->schedule, SMSC_INV_SCHEDULE, "schedule_delivery_time is not a time");
	take_time(&c, out->validity, SMSC_INV_VALIDITY, "validity_period is not a time");
	out->registered_delivery = take_u8(&c);
	out->replace = take_u8(&c);
	out->data_coding = take_u8(&c);
	out->default_message = take_u8(&c);
	sm_length = take_u8(&c);
	if (c.status == SMSC_OK && (sm_length > 254 || c.end - c.at < sm_length))
		fault(&c, SMSC_INV_MSG_LEN, "sm_length over 254 or behind the PDU");
	if (c.status == SMSC_OK) {
		out->text = c.at;
		out->text_len = sm_length;
		c.at += sm_length;
	}
	take_tlvs(&c, out);
	if (c.status == SMSC_OK && (out->esm_class & 0x40) != 0 && out->sar_total != 0)
		fault(&c, SMSC_INV_ESM_CLASS, "UDH indicator and SAR TLVs in one PDU");
	if (c.status == SMSC_OK && (out->esm_class & 0x40) != 0 &&
	    (out->text_len == 0 || out->text[0] + 1u > out->text_len))
		fault(&c, SMSC_INV_ESM_CLASS, "UDH indicator without a whole UDH");
	*why = c.why;
	return c.status;
}

bool smsc_deliver_resp_valid(const uint8_t *bytes, size_t len, uint32_t status)
{
	if (len == SMSC_HEADER_SIZE)
		return status != SMSC_OK;
	return len == SMSC_HEADER_SIZE + 1 && bytes[SMSC_HEADER_SIZE] == 0;
}

/* Writing: every PDU is put together in `out` itself and taken back whole when it did not fit. */

static void put_u8(struct smsc_out *out, unsigned v)
{
	if (out->len == out->cap)
		out->full = true;
	else
		out->at[out->len++] = (uint8_t)v;
}

static void put_u16(struct smsc_out *out, unsigned v)
{
	put_u8(out, v >> 8);
	put_u8(out, v & 0xff);
}

static void put_u32(struct smsc_out *out, uint32_t v)
{
	put_u16(out, v >> 16);
	put_u16(out, v & 0xffff);
}

void smsc_put_raw(struct smsc_out *out, const void *bytes, size_t len)
{
	if (out->cap - out->len < len) {
		out->full = true;
		return;
	}
	if (len > 0)
		memcpy(out->at + out->len, bytes, len);
	out->len += len;
}

static void put_cstring(struct smsc_out *out, const char *text)
{
	smsc_put_raw(out, text, strlen(text) + 1);
}

static size_t pdu_begin(struct smsc_out *out, uint32_t id, uint32_t status, uint32_t sequence)
{
	size_t begin = out->len;

	put_u32(out, 0);
	put_u32(out, id);
	put_u32(out, status);
	put_u32(out, sequence);
	return begin;
}

static void pdu_end(struct smsc_out *out, size_t begin)
{
	size_t len = out->len - begin;

	if (out->full) {
		out->len = begin;
		return;
	}
	for (int i = 0; i < 4; i++)
		out->at[begin + (size_t)i] = (uint8_t)(len >> (24 - 8 * i));
}

void smsc_put_simple(struct smsc_out *out, uint32_t id, uint32_t status, uint32_t sequence)
{
	pdu_end(out, pdu_begin(out, id, status, sequence));
}

/* 4.1.2, 4.1.4, 4.1.6: the body is returned only beside ESME_ROK. */
void smsc_put_bind_resp(struct smsc_out *out, uint32_t bind_id, uint32_t status, uint32_t sequence,
                        const char *system_id)
{
	size_t begin = pdu_begin(out, bind_id | SMSC_RESPONSE, status, sequence);

	if (status == SMSC_OK) {
		put_cstring(out, system_id);
		put_u16(out, SMSC_TAG_SC_INTERFACE_VERSION);
		put_u16(out, 1);
		put_u8(out, 0x34);
	}
	pdu_end(out, begin);
}

/* 4.4.2: likewise. */
void smsc_put_submit_resp(struct smsc_out *out, uint32_t status, uint32_t sequence, uint32_t message_id)
{
	size_t begin = pdu_begin(out, SMSC_SUBMIT_SM | SMSC_RESPONSE, status, sequence);

	if (status == SMSC_OK) {
		for (int shift = 28; shift >= 0; shift -= 4)
			put_u8(out, (unsigned)"0123456789abcdef"[message_id >> shift & 0xf]);
		put_u8(out, 0);
	}
	pdu_end(out, begin);
}

static void put_address(struct smsc_out *out, const struct smsc_address *a)
{
	put_u8(out, a->ton);
	put_u8(out, a->npi);
	put_cstring(out, a->digits);
}

static void put_tlv(struct smsc_out *out, unsigned tag, const void *value, size_t len)
{
	put_u16(out, tag);
	put_u16(out, (unsigned)len);
	smsc_put_raw(out, value, len);
}

static void put_tlv_u8(struct smsc_out *out, unsigned tag, uint8_t value)
{
	put_tlv(out, tag, &value, 1);
}

static void put_tlv_u16(struct smsc_out *out, unsigned tag, uint16_t value)
{
	const uint8_t octets[2] = {(uint8_t)(value >> 8), (uint8_t)value};

	put_tlv(out, tag, octets, 2);
}

static void put_optional(struct smsc_out *out, const struct smsc_sm *sm)
{
	if (sm->has_reference)
		put_tlv_u16(out, SMSC_TAG_USER_MESSAGE_REFERENCE, sm->reference);
	if (sm->has_op)
		put_tlv_u8(out, SMSC_TAG_USSD_SERVICE_OP, sm->op);
	if (sm->has_session)
		put_tlv(out, SMSC_TAG_ITS_SESSION_INFO, sm->session, 2);
	if (sm->sar_total != 0) {
		put_tlv_u16(out, SMSC_TAG_SAR_REFERENCE, sm->sar_reference);
		put_tlv_u8(out, SMSC_TAG_SAR_TOTAL, sm->sar_total);
		put_tlv_u8(out, SMSC_TAG_SAR_PART, sm->sar_part);
	}
	if (sm->receipted_id[0] != '\0')
		put_tlv(out, SMSC_TAG_RECEIPTED_MESSAGE_ID, sm->receipted_id, strlen(sm->receipted_id) + 1);
	if (sm->state != 0)
		put_tlv_u8(out, SMSC_TAG_MESSAGE_STATE, sm->state);
	if (sm->has_network_error)
		put_tlv(out, SMSC_TAG_NETWORK_ERROR_CODE, sm->network_error, 3);
}

/* 4.6.1 */
void smsc_put_deliver(struct smsc_out *out, uint32_t sequence, const struct smsc_sm *sm)
{
	size_t begin = pdu_begin(out, SMSC_DELIVER_SM, 0, sequence);
	bool payload = sm->in_payload || sm->text_len > 254;

	put_cstring(out, sm->service_type);
	put_address(out, &sm->source);
	put_address(out, &sm->dest);
	put_u8(out, sm->esm_class);
	put_u8(out, sm->protocol_id);
	put_u8(out, sm->priority);
	put_u16(out, 0); /* schedule_delivery_time and validity_period are NULL in a deliver_sm */
	put_u8(out, sm->registered_delivery);
	put_u8(out, sm->replace);
	put_u8(out, sm->data_coding);
	put_u8(out, sm->default_message);
	put_u8(out, payload ? 0 : (unsigned)sm->text_len);
	if (!payload)
		smsc_put_raw(out, sm->text, sm->text_len);
	put_optional(out, sm);
	if (payload)
		put_tlv(out, SMSC_TAG_MESSAGE_PAYLOAD, sm->text, sm->text_len);
	pdu_end(out, begin);
}
