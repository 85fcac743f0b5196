/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulator's reading and writing of SMPP. It reads what an ESME sends and writes what an SMSC does; a deliver_sm has
 * the fields of a submit_sm, so the name is changed to read that, too. */
#include <string.h>

#include "tests/differ/differ.h"
#include "tools/smsc_pdu.h"

static void address_in(const struct differ_pdu *p, bool source, struct smsc_address *out)
{
	out->ton = (uint8_t)differ_number_of(p, source ? "source_addr_ton" : "dest_addr_ton");
	out->npi = (uint8_t)differ_number_of(p, source ? "source_addr_npi" : "dest_addr_npi");
	strcpy(out->digits, differ_text_of(p, source ? "source_addr" : "destination_addr"));
}

/* False: a TLV that the simulator never sends. */
static bool tlv_in(const struct differ_tlv *t, struct smsc_sm *sm)
{
	switch (t->tag) {
	case SMSC_TAG_USER_MESSAGE_REFERENCE:
		sm->has_reference = true;
		sm->reference = (uint16_t)(t->value[0] << 8 | t->value[1]);
		return true;
	case SMSC_TAG_USSD_SERVICE_OP:
		sm->has_op = true;
		sm->op = t->value[0];
		return true;
	case SMSC_TAG_ITS_SESSION_INFO:
		sm->has_session = true;
		memcpy(sm->session, t->value, 2);
		return true;
	case SMSC_TAG_NETWORK_ERROR_CODE:
		sm->has_network_error = true;
		memcpy(sm->network_error, t->value, 3);
		return true;
	case SMSC_TAG_MESSAGE_STATE:
		sm->state = t->value[0];
		return sm->state != 0;
	case SMSC_TAG_RECEIPTED_MESSAGE_ID:
		memcpy(sm->receipted_id, t->value, t->length);
		return t->length > 1;
	default:
		return false;
	}
}

static const char *make_deliver(const struct differ_pdu *p, struct smsc_out *out)
{
	struct smsc_sm sm = {.esm_class = (uint8_t)differ_number_of(p, "esm_class"),
	                     .protocol_id = (uint8_t)differ_number_of(p, "protocol_id"),
	                     .priority = (uint8_t)differ_number_of(p, "priority_flag"),
	                     .registered_delivery = (uint8_t)differ_number_of(p, "registered_delivery"),
	                     .replace = (uint8_t)differ_number_of(p, "replace_if_present_flag"),
	                     .data_coding = (uint8_t)differ_number_of(p, "data_coding"),
	                     .default_message = (uint8_t)differ_number_of(p, "sm_default_msg_id"),
	                     .text = p->body,
	                     .text_len = p->body_len,
	                     .in_payload = p->in_payload};

	if (p->status != 0)
		return "a request has no status";
	strcpy(sm.service_type, differ_text_of(p, "service_type"));
	address_in(p, true, &sm.source);
	address_in(p, false, &sm.dest);
	for (size_t i = 0; i < p->n_tlvs; i++)
		if (!tlv_in(&p->tlv[i], &sm))
			return "a TLV that an SMSC of ours does not send";
	smsc_put_deliver(out, p->sequence, &sm);
	return NULL;
}

static bool is_bare(uint32_t id)
{
	return id == SMSC_ENQUIRE_LINK || id == SMSC_UNBIND || id == (SMSC_ENQUIRE_LINK | SMSC_RESPONSE) ||
	       id == (SMSC_UNBIND | SMSC_RESPONSE) || id == SMSC_GENERIC_NACK;
}

const char *differ_smsc_make(const struct differ_pdu *p, uint8_t *bytes, size_t *len)
{
	struct smsc_out out = {.at = bytes, .cap = DIFFER_PDU};
	const char *why = NULL;

	if (is_bare(p->id))
		smsc_put_simple(&out, p->id, p->status, p->sequence);
	else if (p->id == SMSC_DELIVER_SM)
		why = make_deliver(p, &out);
	else
		why = "an SMSC of ours writes this with values of its own";
	*len = out.len;
	return why;
}

static void address_out(struct differ_pdu *p, bool source, const struct smsc_address *a)
{
	differ_number(p, source ? "source_addr_ton" : "dest_addr_ton", a->ton);
	differ_number(p, source ? "source_addr_npi" : "dest_addr_npi", a->npi);
	differ_text(p, source ? "source_addr" : "destination_addr", a->digits);
}

static const char *read_submit(const uint8_t *bytes, size_t len, struct differ_pdu *out)
{
	const char *why;
	struct smsc_sm sm;

	if (smsc_submit_decode(bytes, len, &sm, &why) != SMSC_OK)
		return why;
	differ_text(out, "service_type", sm.service_type);
	address_out(out, true, &sm.source);
	address_out(out, false, &sm.dest);
	differ_number(out, "esm_class", sm.esm_class);
	differ_number(out, "protocol_id", sm.protocol_id);
	differ_number(out, "priority_flag", sm.priority);
	differ_text(out, "schedule_delivery_time", sm.schedule);
	differ_text(out, "validity_period", sm.validity);
	differ_number(out, "registered_delivery", sm.registered_delivery);
	differ_number(out, "replace_if_present_flag", sm.replace);
	differ_number(out, "data_coding", sm.data_coding);
	differ_number(out, "sm_default_msg_id", sm.default_message);
	differ_body(out, sm.text, sm.text_len, sm.in_payload);
	out->has_tlvs = true;
	for (size_t i = 0; i < sm.n_tlvs; i++)
		if (sm.tlv[i].tag != SMSC_TAG_MESSAGE_PAYLOAD)
			differ_tlv(out, sm.tlv[i].tag, sm.tlv[i].value, sm.tlv[i].length);
	return NULL;
}

static const char *read_bind(const uint8_t *bytes, size_t len, struct differ_pdu *out)
{
	struct smsc_bind bind;
	const char *why;

	if (smsc_bind_decode(bytes, len, &bind, &why) != SMSC_OK)
		return why;
	differ_text(out, "system_id", bind.system_id);
	differ_text(out, "password", bind.password);
	differ_text(out, "system_type", bind.system_type);
	differ_number(out, "interface_version", bind.interface_version);
	differ_number(out, "addr_ton", bind.addr_ton);
	differ_number(out, "addr_npi", bind.addr_npi);
	differ_text(out, "address_range", bind.address_range);
	return NULL;
}

const char *differ_smsc_read(const uint8_t *bytes, size_t len, struct differ_pdu *out)
{
	struct smsc_header h = smsc_header_read(bytes);

	out->id = h.id;
	out->status = h.status;
	out->sequence = h.sequence;
	if (h.length != len)
		return "command_length is not the length";
	if (h.id == SMSC_BIND_RECEIVER || h.id == SMSC_BIND_TRANSMITTER || h.id == SMSC_BIND_TRANSCEIVER)
		return read_bind(bytes, len, out);
	if (h.id == SMSC_SUBMIT_SM || h.id == SMSC_DELIVER_SM)
		return read_submit(bytes, len, out);
	return NULL; /* of the rest it wants the header alone */
}
