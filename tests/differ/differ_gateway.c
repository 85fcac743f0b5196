/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gateway's reading and writing of SMPP: guard, libsmpp34 behind it, and the hand-written rest. It writes what an ESME
 * sends and reads what an SMSC does; a submit_sm has the fields of a deliver_sm, so the name is changed to read that, too. */
#include <string.h>

#include "gateway/pdu_codec.h"
#include "gateway/pdu_guard.h"
#include "tests/differ/differ.h"

static struct pdu_codec *codec(void)
{
	static struct pdu_codec *one;

	if (one == NULL)
		one = pdu_codec_new();
	return one;
}

static void address_in(const struct differ_pdu *p, bool source, struct pdu_address *out)
{
	out->ton = (uint8_t)differ_number_of(p, source ? "source_addr_ton" : "dest_addr_ton");
	out->npi = (uint8_t)differ_number_of(p, source ? "source_addr_npi" : "dest_addr_npi");
	strcpy(out->digits, differ_text_of(p, source ? "source_addr" : "destination_addr"));
}

static const char *make_submit(const struct differ_pdu *p, uint8_t *out, size_t *len)
{
	struct pdu_submit s = {.service_type = differ_text_of(p, "service_type"),
	                       .esm_class = (uint8_t)differ_number_of(p, "esm_class"),
	                       .protocol_id = (uint8_t)differ_number_of(p, "protocol_id"),
	                       .priority = (uint8_t)differ_number_of(p, "priority_flag"),
	                       .validity = differ_text_of(p, "validity_period"),
	                       .registered_delivery = (uint8_t)differ_number_of(p, "registered_delivery"),
	                       .data_coding = (uint8_t)differ_number_of(p, "data_coding"),
	                       .in_payload = p->in_payload,
	                       .body = p->body,
	                       .body_len = p->body_len};

	if (differ_text_of(p, "schedule_delivery_time")[0] != '\0' || p->status != 0 ||
	    differ_number_of(p, "replace_if_present_flag") != 0 ||
	    differ_number_of(p, "sm_default_msg_id") != 0)
		return "a field that the gateway never sets";
	if (p->n_tlvs > sizeof s.tlv / sizeof s.tlv[0])
		return "more TLVs than the gateway sends";
	address_in(p, true, &s.source);
	address_in(p, false, &s.dest);
	for (size_t i = 0; i < p->n_tlvs; i++)
		s.tlv[s.n_tlvs++] = (struct pdu_tlv){p->tlv[i].tag, p->tlv[i].length, p->tlv[i].value};
	return pdu_submit_pack(codec(), &s, p->sequence, out, DIFFER_PDU, len) == RC_OK ? NULL : "refused";
}

static const char *make_bind(const struct differ_pdu *p, uint8_t *out, size_t *len)
{
	const struct pdu_bind bind = {.id = p->id,
	                              .system_id = differ_text_of(p, "system_id"),
	                              .password = differ_text_of(p, "password"),
	                              .system_type = differ_text_of(p, "system_type"),
	                              .interface_version = (uint8_t)differ_number_of(p, "interface_version"),
	                              .addr_ton = (uint8_t)differ_number_of(p, "addr_ton"),
	                              .addr_npi = (uint8_t)differ_number_of(p, "addr_npi"),
	                              .address_range = differ_text_of(p, "address_range")};

	if (p->status != 0)
		return "a request has no status";
	return pdu_bind_pack(&bind, p->sequence, out, DIFFER_PDU, len) == RC_OK ? NULL : "refused";
}

static bool is_bind(uint32_t id)
{
	return id == PDU_BIND_RECEIVER || id == PDU_BIND_TRANSMITTER || id == PDU_BIND_TRANSCEIVER;
}

const char *differ_gateway_make(const struct differ_pdu *p, uint8_t *out, size_t *len)
{
	if (p->id == PDU_SUBMIT_SM)
		return make_submit(p, out, len);
	if (is_bind(p->id))
		return make_bind(p, out, len);
	if (p->id == PDU_DELIVER_SM || p->id == PDU_DATA_SM || is_bind(p->id & ~PDU_RESPONSE) ||
	    p->id == (PDU_SUBMIT_SM | PDU_RESPONSE))
		return "an SMSC writes this";
	if ((p->id == (PDU_DATA_SM | PDU_RESPONSE) || p->id == (PDU_DELIVER_SM | PDU_RESPONSE)) &&
	    (p->n_tlvs > 0 || differ_text_of(p, "message_id")[0] != '\0'))
		return "the gateway answers with an empty message_id";
	return pdu_simple_pack(p->id, p->status, p->sequence, out, DIFFER_PDU, len) == RC_OK ? NULL
	                                                                                     : "refused";
}

static void address_out(struct differ_pdu *p, bool source, const struct pdu_address *a)
{
	differ_number(p, source ? "source_addr_ton" : "dest_addr_ton", a->ton);
	differ_number(p, source ? "source_addr_npi" : "dest_addr_npi", a->npi);
	differ_text(p, source ? "source_addr" : "destination_addr", a->digits);
}

static const char *read_message(const uint8_t *bytes, size_t len, struct differ_pdu *out)
{
	uint8_t copy[DIFFER_PDU];
	struct pdu_message m;
	uint32_t status;

	memcpy(copy, bytes, len);
	if (out->id == PDU_SUBMIT_SM)
		copy[7] = PDU_DELIVER_SM;
	if (pdu_message_decode(codec(), copy, len, &m, &status) != RC_OK)
		return "refused";
	if (m.tlvs_dropped != 0)
		return "TLVs were dropped";
	differ_text(out, "service_type", m.service_type);
	address_out(out, true, &m.source);
	address_out(out, false, &m.dest);
	differ_number(out, "esm_class", m.esm_class);
	if (out->id != PDU_DATA_SM) {
		differ_number(out, "protocol_id", m.protocol_id);
		differ_number(out, "priority_flag", m.priority);
	}
	differ_number(out, "registered_delivery", m.registered_delivery);
	differ_number(out, "data_coding", m.data_coding);
	differ_body(out, m.body, m.body_len, false);
	out->has_tlvs = true;
	for (size_t i = 0; i < m.n_tlvs; i++)
		differ_tlv(out, m.tlv[i].tag, m.tlv[i].value, m.tlv[i].length);
	return NULL;
}

const char *differ_gateway_read(const uint8_t *bytes, size_t len, struct differ_pdu *out)
{
	struct pdu_header h;
	char text[66];

	if (pdu_header_read(bytes, len, &h) != RC_OK || h.length != len)
		return "header refused";
	out->id = h.id;
	out->status = h.status;
	out->sequence = h.sequence;
	if (h.id == PDU_SUBMIT_SM || h.id == PDU_DELIVER_SM || h.id == PDU_DATA_SM)
		return read_message(bytes, len, out);
	pdu_response_text(bytes, len, text, sizeof(text));
	if (h.id == (PDU_SUBMIT_SM | PDU_RESPONSE) || h.id == (PDU_DATA_SM | PDU_RESPONSE))
		differ_text(out, "message_id", text);
	else if (is_bind(h.id & ~PDU_RESPONSE) && (h.id & PDU_RESPONSE) != 0)
		differ_text(out, "system_id", text);
	return NULL;
}
