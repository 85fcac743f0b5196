/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libsmpp34's own reading and writing, without the gateway's guard before it: only for PDUs that are known to be valid and
 * to have few TLVs (docs/adr/0002 says why). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <smpp34.h>
#include <smpp34_structs.h>
#include <smpp34_params.h>
#include <smpp34_heap.h>

#include "gateway/pdu_codec.h"
#include "tests/differ/differ.h"

union any {
	enquire_link_t bare;
	bind_transceiver_t bind; /* all three binds have these fields, and all three responses those */
	bind_transceiver_resp_t bind_resp;
	submit_sm_t submit;
	submit_sm_resp_t submit_resp;
	deliver_sm_t deliver;
	deliver_sm_resp_t deliver_resp;
	data_sm_t data;
	data_sm_resp_t data_resp;
};

/* The library forgets what it had allocated for a PDU that it refuses, so it is remembered here. */
static void *kept[64];
static size_t n_kept;

static void *keep(size_t size)
{
	if (n_kept == sizeof kept / sizeof kept[0])
		abort(); /* a PDU that is made here has not half as many TLVs */
	return kept[n_kept++] = calloc(1, size);
}

static void *keep_more(void *old, size_t size)
{
	(void)old;
	return keep(size); /* the library never calls it */
}

static void let_go(void *one)
{
	(void)one; /* all at once, by release */
}

static void release(void)
{
	while (n_kept > 0)
		free(kept[--n_kept]);
}

/* The codec gives the library an arena for one PDU at a time; here both shall have this. */
static void use_heap(void)
{
	const struct smpp34_memory_functions heap = {keep, keep_more, let_go};
	static bool done;

	release();
	if (done)
		return;
	pdu_codec_free(pdu_codec_new());
	smpp34_set_memory_functions(&heap);
	done = true;
}

static bool is_bind(uint32_t id)
{
	return id == BIND_RECEIVER || id == BIND_TRANSMITTER || id == BIND_TRANSCEIVER;
}

/* Numbers of the tags that are valid in the PDUs that are made here (def_frame/NAME.tlv of the library). */
static unsigned width(uint16_t tag)
{
	switch (tag) {
	case TLVID_user_message_reference:
	case TLVID_source_port:
	case TLVID_destination_port:
	case TLVID_sar_msg_ref_num:
	case TLVID_sms_signal:
	case TLVID_its_session_info:
		return 2;
	case TLVID_qos_time_to_live:
		return 4;
	default:
		return 1; /* an octet, or octets: both begin where the union does */
	}
}

static void fill_tlv(tlv_t *t, uint16_t tag, const uint8_t *value, size_t len)
{
	memset(t, 0, sizeof *t);
	t->tag = tag;
	t->length = (uint16_t)len;
	if (width(tag) == 2)
		t->value.val16 = (uint16_t)(value[0] << 8 | value[1]);
	else if (width(tag) == 4)
		t->value.val32 = (uint32_t)value[0] << 24 | (uint32_t)value[1] << 16 |
		                 (uint32_t)value[2] << 8 | value[3];
	else if (len > 0)
		memcpy(t->value.octet, value, len);
}

static tlv_t *fill_tlvs(const struct differ_pdu *p)
{
	static tlv_t chain[DIFFER_TLVS + 1];
	size_t n = 0;

	for (size_t i = 0; i < p->n_tlvs; i++)
		fill_tlv(&chain[n++], p->tlv[i].tag, p->tlv[i].value, p->tlv[i].length);
	if (p->has_body && p->in_payload)
		fill_tlv(&chain[n++], TLVID_message_payload, p->body, p->body_len);
	for (size_t i = 0; i + 1 < n; i++)
		chain[i].next = &chain[i + 1];
	return n > 0 ? chain : NULL;
}

#define TEXT(member, name) strcpy((char *)(member), differ_text_of(p, name))
#define NUMBER(member, name) (member) = (uint8_t)differ_number_of(p, name)

#define FILL_ADDRESSES(s)                                                \
	do {                                                             \
		TEXT((s)->service_type, "service_type");                 \
		NUMBER((s)->source_addr_ton, "source_addr_ton");         \
		NUMBER((s)->source_addr_npi, "source_addr_npi");         \
		TEXT((s)->source_addr, "source_addr");                   \
		NUMBER((s)->dest_addr_ton, "dest_addr_ton");             \
		NUMBER((s)->dest_addr_npi, "dest_addr_npi");             \
		TEXT((s)->destination_addr, "destination_addr");         \
		NUMBER((s)->esm_class, "esm_class");                     \
		NUMBER((s)->registered_delivery, "registered_delivery"); \
		NUMBER((s)->data_coding, "data_coding");                 \
		(s)->tlv = fill_tlvs(p);                                 \
	} while (0)

#define FILL_MESSAGE(s)                                                          \
	do {                                                                     \
		FILL_ADDRESSES(s);                                               \
		NUMBER((s)->protocol_id, "protocol_id");                         \
		NUMBER((s)->priority_flag, "priority_flag");                     \
		TEXT((s)->schedule_delivery_time, "schedule_delivery_time");     \
		TEXT((s)->validity_period, "validity_period");                   \
		NUMBER((s)->replace_if_present_flag, "replace_if_present_flag"); \
		NUMBER((s)->sm_default_msg_id, "sm_default_msg_id");             \
		if (!p->in_payload) {                                            \
			(s)->sm_length = (uint8_t)p->body_len;                   \
			memcpy((s)->short_message, p->body, p->body_len);        \
		}                                                                \
	} while (0)

static void fill_bind(const struct differ_pdu *p, bind_transceiver_t *s)
{
	TEXT(s->system_id, "system_id");
	TEXT(s->password, "password");
	TEXT(s->system_type, "system_type");
	NUMBER(s->interface_version, "interface_version");
	NUMBER(s->addr_ton, "addr_ton");
	NUMBER(s->addr_npi, "addr_npi");
	TEXT(s->address_range, "address_range");
}

/* What the library has no room for (docs/adr/0002). */
static const char *beyond(const struct differ_pdu *p)
{
	if (is_bind(p->id) && strlen(differ_text_of(p, "password")) > 8)
		return "password over 8";
	if (p->id == DATA_SM && strlen(differ_text_of(p, "source_addr")) > 20)
		return "source_addr over 20";
	if (p->has_body && p->body_len > (p->in_payload ? 1024 : 253))
		return "text too long";
	if (p->status >= 0x400)
		return "vendor status";
	return NULL;
}

const char *differ_smpp34_make(const struct differ_pdu *p, uint8_t *out, size_t *len)
{
	static union any any;
	const char *why = beyond(p);
	int used = 0;

	use_heap();
	if (why != NULL)
		return why;
	memset(&any, 0, sizeof any);
	any.bare.command_id = p->id;
	any.bare.command_status = p->status;
	any.bare.sequence_number = p->sequence;
	if (is_bind(p->id)) {
		fill_bind(p, &any.bind);
	} else if (is_bind(p->id & 0x7fffffff)) {
		TEXT(any.bind_resp.system_id, "system_id");
		any.bind_resp.tlv = fill_tlvs(p);
	} else if (p->id == SUBMIT_SM) {
		FILL_MESSAGE(&any.submit);
	} else if (p->id == DELIVER_SM) {
		FILL_MESSAGE(&any.deliver);
	} else if (p->id == DATA_SM) {
		FILL_ADDRESSES(&any.data);
	} else if (p->id == SUBMIT_SM_RESP) {
		TEXT(any.submit_resp.message_id, "message_id");
	} else if (p->id == DATA_SM_RESP) {
		TEXT(any.data_resp.message_id, "message_id");
	}
	if (smpp34_pack2(out, DIFFER_PDU, &used, &any) != 0)
		return "refused";
	*len = (size_t)used;
	return NULL;
}

/* The library's list is newest first. */
static void read_tlvs(const tlv_t *list, struct differ_pdu *out)
{
	const tlv_t *at[DIFFER_TLVS + 2];
	size_t n = 0;

	out->has_tlvs = true;
	for (; list != NULL && n < DIFFER_TLVS + 2; list = list->next)
		at[n++] = list;
	while (n > 0) {
		const tlv_t *t = at[--n];
		const uint8_t two[2] = {(uint8_t)(t->value.val16 >> 8), (uint8_t)t->value.val16};
		const uint8_t four[4] = {(uint8_t)(t->value.val32 >> 24), (uint8_t)(t->value.val32 >> 16),
		                         (uint8_t)(t->value.val32 >> 8), (uint8_t)t->value.val32};
		const uint8_t *value = width(t->tag) == 2 ? two : width(t->tag) == 4 ? four : t->value.octet;

		if (t->tag == TLVID_message_payload)
			differ_body(out, t->value.octet, t->length, true);
		else
			differ_tlv(out, t->tag, value, t->length);
	}
}

#define READ_TEXT(s, member) differ_text(out, #member, (const char *)(s)->member)
#define READ_NUMBER(s, member) differ_number(out, #member, (s)->member)

#define READ_ADDRESSES(s)                            \
	do {                                         \
		READ_TEXT(s, service_type);          \
		READ_NUMBER(s, source_addr_ton);     \
		READ_NUMBER(s, source_addr_npi);     \
		READ_TEXT(s, source_addr);           \
		READ_NUMBER(s, dest_addr_ton);       \
		READ_NUMBER(s, dest_addr_npi);       \
		READ_TEXT(s, destination_addr);      \
		READ_NUMBER(s, esm_class);           \
		READ_NUMBER(s, registered_delivery); \
		READ_NUMBER(s, data_coding);         \
	} while (0)

#define READ_MESSAGE(s)                                                      \
	do {                                                                 \
		READ_ADDRESSES(s);                                           \
		READ_NUMBER(s, protocol_id);                                 \
		READ_NUMBER(s, priority_flag);                               \
		READ_TEXT(s, schedule_delivery_time);                        \
		READ_TEXT(s, validity_period);                               \
		READ_NUMBER(s, replace_if_present_flag);                     \
		READ_NUMBER(s, sm_default_msg_id);                           \
		differ_body(out, (s)->short_message, (s)->sm_length, false); \
		read_tlvs((s)->tlv, out);                                    \
		destroy_tlv((s)->tlv);                                       \
	} while (0)

static void read_bind(const bind_transceiver_t *s, struct differ_pdu *out)
{
	READ_TEXT(s, system_id);
	READ_TEXT(s, password);
	READ_TEXT(s, system_type);
	READ_NUMBER(s, interface_version);
	READ_NUMBER(s, addr_ton);
	READ_NUMBER(s, addr_npi);
	READ_TEXT(s, address_range);
}

static void read_fields(union any *any, struct differ_pdu *out)
{
	if (is_bind(out->id)) {
		read_bind(&any->bind, out);
	} else if (is_bind(out->id & 0x7fffffff) && out->id != GENERIC_NACK) {
		READ_TEXT(&any->bind_resp, system_id);
		read_tlvs(any->bind_resp.tlv, out);
		destroy_tlv(any->bind_resp.tlv);
	} else if (out->id == SUBMIT_SM) {
		READ_MESSAGE(&any->submit);
	} else if (out->id == DELIVER_SM) {
		READ_MESSAGE(&any->deliver);
	} else if (out->id == DATA_SM) {
		READ_ADDRESSES(&any->data);
		out->has_body = true; /* in a TLV, or none */
		read_tlvs(any->data.tlv, out);
		destroy_tlv(any->data.tlv);
	} else if (out->id == SUBMIT_SM_RESP) {
		READ_TEXT(&any->submit_resp, message_id);
	} else if (out->id == DATA_SM_RESP) {
		READ_TEXT(&any->data_resp, message_id);
	}
}

const char *differ_smpp34_read(const uint8_t *bytes, size_t len, struct differ_pdu *out)
{
	static union any any;
	uint8_t copy[DIFFER_PDU + 1] = {0};

	use_heap();
	memcpy(copy, bytes, len);
	memset(&any, 0, sizeof any);
	if (smpp34_unpack2(&any, copy, (int)len) != 0) {
		release();
		return "refused";
	}
	out->id = any.bare.command_id;
	out->status = any.bare.command_status;
	out->sequence = any.bare.sequence_number;
	read_fields(&any, out);
	release();
	return NULL;
}
