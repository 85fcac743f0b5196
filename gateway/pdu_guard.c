/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk: mandatory fields into a pdu_message, TLVs chosen by use, then the copy written from the result.
 *
 * The copy is written from what was read and never patched in place, so that what the library sees can
 * contain nothing that this file did not understand.
 */
#include "gateway/pdu_guard.h"

#include <string.h>

#include "gateway/pdu_wire.h"

/* Field sizes with their NUL: SMPP 3.4, 4.6.1 (deliver_sm), 4.7.1 (data_sm). */
#define SERVICE_TYPE_SIZE 6
#define DELIVER_ADDRESS_SIZE 21
#define DATA_ADDRESS_SIZE 65
#define TIME_SIZE 17
#define TLV_HEAD_SIZE 4

/* What libsmpp34 takes as the source address of a data_sm, NUL included (the specification says 65). */
#define LIBRARY_SOURCE_SIZE 21

/* Which TLVs stay when there are more than PDU_MAX_TLVS: those whose value the gateway itself reads, those that most
 * dialects take for the session, then the unknown ones, because a dialect may name any of them as its session, then the
 * rest of the standard. Only the first must have the length of the specification to be kept. */
enum rank { RANK_USED, RANK_SESSION, RANK_UNKNOWN, RANK_OTHER, RANK_COUNT };

struct tag_rule {
	uint16_t tag;
	uint16_t min;
	uint16_t max;
	enum rank rank;
};

/* SMPP 3.4, 5.3.2, in the order of tags. message_payload has no bound here: it is taken aside when long. */
static const struct tag_rule tag_rules[] = {
	{0x0005, 1, 1, RANK_OTHER},    /* dest_addr_subunit */
	{0x0006, 1, 1, RANK_OTHER},    /* dest_network_type */
	{0x0007, 1, 1, RANK_OTHER},    /* dest_bearer_type */
	{0x0008, 2, 2, RANK_OTHER},    /* dest_telematics_id */
	{0x000d, 1, 1, RANK_OTHER},    /* source_addr_subunit */
	{0x000e, 1, 1, RANK_OTHER},    /* source_network_type */
	{0x000f, 1, 1, RANK_OTHER},    /* source_bearer_type */
	{0x0010, 1, 1, RANK_OTHER},    /* source_telematics_id */
	{0x0017, 4, 4, RANK_OTHER},    /* qos_time_to_live */
	{0x0019, 1, 1, RANK_OTHER},    /* payload_type */
	{0x001d, 0, 256, RANK_OTHER},  /* additional_status_info_text */
	{0x001e, 1, 65, RANK_USED},    /* receipted_message_id */
	{0x0030, 1, 1, RANK_OTHER},    /* ms_msg_wait_facilities */
	{0x0201, 1, 1, RANK_OTHER},    /* privacy_indicator */
	{0x0202, 2, 23, RANK_OTHER},   /* source_subaddress */
	{0x0203, 2, 23, RANK_OTHER},   /* dest_subaddress */
	{0x0204, 2, 2, RANK_SESSION},  /* user_message_reference */
	{0x0205, 1, 1, RANK_OTHER},    /* user_response_code */
	{0x020a, 2, 2, RANK_OTHER},    /* source_port */
	{0x020b, 2, 2, RANK_OTHER},    /* destination_port */
	{0x020c, 2, 2, RANK_USED},     /* sar_msg_ref_num */
	{0x020d, 1, 1, RANK_OTHER},    /* language_indicator */
	{0x020e, 1, 1, RANK_USED},     /* sar_total_segments */
	{0x020f, 1, 1, RANK_USED},     /* sar_segment_seqnum */
	{0x0210, 1, 1, RANK_OTHER},    /* sc_interface_version */
	{0x0302, 1, 1, RANK_OTHER},    /* callback_num_pres_ind */
	{0x0303, 0, 65, RANK_OTHER},   /* callback_num_atag */
	{0x0304, 1, 1, RANK_OTHER},    /* number_of_messages */
	{0x0381, 4, 19, RANK_OTHER},   /* callback_num */
	{0x0420, 1, 1, RANK_OTHER},    /* dpf_result */
	{0x0421, 1, 1, RANK_OTHER},    /* set_dpf */
	{0x0422, 1, 1, RANK_OTHER},    /* ms_availability_status */
	{0x0423, 3, 3, RANK_USED},     /* network_error_code */
	{0x0424, 0, 65535, RANK_USED}, /* message_payload */
	{0x0425, 1, 1, RANK_OTHER},    /* delivery_failure_reason */
	{0x0426, 1, 1, RANK_OTHER},    /* more_messages_to_send */
	{0x0427, 1, 1, RANK_USED},     /* message_state */
	{0x0501, 1, 1, RANK_USED},     /* ussd_service_op */
	{0x1201, 1, 1, RANK_OTHER},    /* display_time */
	{0x1203, 2, 2, RANK_OTHER},    /* sms_signal */
	{0x1204, 1, 1, RANK_OTHER},    /* ms_validity */
	{0x130c, 0, 0, RANK_OTHER},    /* alert_on_message_delivery */
	{0x1380, 1, 1, RANK_OTHER},    /* its_reply_type */
	{0x1383, 2, 2, RANK_SESSION},  /* its_session_info */
};

/* Those that most USSD PDUs have, as they stand in the table. */
static const struct tag_rule op_rule = {0x0501, 1, 1, RANK_USED};
static const struct tag_rule reference_rule = {0x0204, 2, 2, RANK_SESSION};
static const struct tag_rule info_rule = {0x1383, 2, 2, RANK_SESSION};

static const struct tag_rule *rule_of(uint16_t tag)
{
	size_t low = 0;
	size_t high = sizeof(tag_rules) / sizeof(tag_rules[0]);

	if (tag == op_rule.tag)
		return &op_rule;
	if (tag == reference_rule.tag)
		return &reference_rule;
	if (tag >= info_rule.tag) /* the last of the table; beyond it are the vendors' */
		return tag == info_rule.tag ? &info_rule : NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (tag_rules[middle].tag == tag)
			return &tag_rules[middle];
		if (tag_rules[middle].tag < tag)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static bool length_ok(const struct tag_rule *rule, size_t length)
{
	return !rule || (length >= rule->min && length <= rule->max);
}

bool pdu_guard_tlv_length_ok(uint16_t tag, size_t length)
{
	return length_ok(rule_of(tag), length);
}

/* May it stay in the message, if not in the copy? SMSCs do send sessions of other lengths. */
static bool is_kept(const struct tag_rule *rule, size_t length)
{
	return length_ok(rule, length) || rule->rank != RANK_USED;
}

bool pdu_guard_tlv_kept(uint16_t tag, size_t length)
{
	return is_kept(rule_of(tag), length);
}

uint8_t pdu_guard_ton(uint8_t ton)
{
	return ton <= 6 ? ton : 0; /* SMPP 3.4, 5.2.5 */
}

uint8_t pdu_guard_npi(uint8_t npi)
{
	switch (npi) { /* SMPP 3.4, 5.2.6 */
	case 1:
	case 3:
	case 4:
	case 6:
	case 8:
	case 9:
	case 10:
	case 14:
	case 18:
		return npi;
	default:
		return 0;
	}
}

/* PDU_ROK, `too_long` when the field has no NUL, ESME_RINVCMDLEN when the PDU ends first. */
static uint32_t read_field(struct pdu_reader *r, char *out, size_t field, uint32_t too_long)
{
	switch (pdu_read_string(r, out, field)) {
	case RC_OK:
		return PDU_ROK;
	case RC_RANGE:
		return too_long;
	default:
		return PDU_RINVCMDLEN;
	}
}

static uint32_t read_address(struct pdu_reader *r, struct pdu_address *a, size_t field, uint32_t too_long)
{
	a->ton = pdu_read_u8(r);
	a->npi = pdu_read_u8(r);
	return read_field(r, a->digits, field, too_long);
}

/* service_type and the two addresses, which both kinds begin with. */
static uint32_t read_parties(struct pdu_reader *r, struct pdu_message *m, size_t address_size)
{
	uint32_t status = read_field(r, m->service_type, SERVICE_TYPE_SIZE, PDU_RINVSERTYP);

	if (status == PDU_ROK)
		status = read_address(r, &m->source, address_size, PDU_RINVSRCADR);
	if (status == PDU_ROK)
		status = read_address(r, &m->dest, address_size, PDU_RINVDSTADR);
	return status;
}

static uint32_t read_deliver(struct pdu_reader *r, struct pdu_message *m)
{
	uint32_t status = read_parties(r, m, DELIVER_ADDRESS_SIZE);

	if (status != PDU_ROK)
		return status;
	m->esm_class = pdu_read_u8(r);
	m->protocol_id = pdu_read_u8(r);
	m->priority = pdu_read_u8(r);
	status = read_field(r, NULL, TIME_SIZE, PDU_RINVSCHED);
	if (status == PDU_ROK)
		status = read_field(r, NULL, TIME_SIZE, PDU_RINVEXPIRY);
	if (status != PDU_ROK)
		return status;
	m->registered_delivery = pdu_read_u8(r);
	(void)pdu_read_u8(r); /* replace_if_present_flag: unused in deliver_sm */
	m->data_coding = pdu_read_u8(r);
	(void)pdu_read_u8(r); /* sm_default_msg_id: unused in deliver_sm */
	m->body_len = pdu_read_u8(r);
	if (r->bad)
		return PDU_RINVCMDLEN;
	m->body = pdu_read_bytes(r, m->body_len);
	return m->body ? PDU_ROK : PDU_RINVMSGLEN;
}

static uint32_t read_data(struct pdu_reader *r, struct pdu_message *m)
{
	uint32_t status = read_parties(r, m, DATA_ADDRESS_SIZE);

	if (status != PDU_ROK)
		return status;
	m->esm_class = pdu_read_u8(r);
	m->registered_delivery = pdu_read_u8(r);
	m->data_coding = pdu_read_u8(r);
	m->body = r->at;
	m->body_len = 0;
	return r->bad ? PDU_RINVCMDLEN : PDU_ROK;
}

/* The next TLV; false at the end, where up to 3 stray octets may stand, and when it runs over the end, which
 * makes the reader bad. */
static bool next_tlv(struct pdu_reader *r, struct pdu_tlv *tlv)
{
	if (r->bad || r->left < TLV_HEAD_SIZE)
		return false;
	tlv->tag = pdu_read_u16(r);
	tlv->length = pdu_read_u16(r);
	tlv->value = pdu_read_bytes(r, tlv->length);
	return tlv->value != NULL;
}

/* The TLVs of a PDU before any is chosen. */
struct census {
	unsigned total;
	unsigned ranked[RANK_COUNT]; /* that may be kept, without message_payload */
	struct pdu_tlv payload;      /* the first message_payload; value NULL when there is none */
};

static uint32_t take_census(struct pdu_reader r, struct census *c)
{
	struct pdu_tlv tlv;

	memset(c, 0, sizeof(*c));
	while (next_tlv(&r, &tlv)) {
		const struct tag_rule *rule = rule_of(tlv.tag);

		c->total++;
		if (tlv.tag == PDU_TAG_MESSAGE_PAYLOAD) {
			if (!c->payload.value)
				c->payload = tlv;
		} else if (is_kept(rule, tlv.length)) {
			c->ranked[rule ? rule->rank : RANK_UNKNOWN]++;
		}
	}
	return r.bad ? PDU_RINVOPTPARSTREAM : PDU_ROK;
}

/* Keep what there is room for, by rank, in the order of the PDU. */
static void keep_tlvs(struct pdu_reader r, const struct census *c, struct pdu_message *m)
{
	unsigned quota[RANK_COUNT];
	unsigned room = PDU_MAX_TLVS;
	struct pdu_tlv tlv;

	for (int i = 0; i < RANK_COUNT; i++) {
		quota[i] = c->ranked[i] < room ? c->ranked[i] : room;
		room -= quota[i];
	}
	while (next_tlv(&r, &tlv)) {
		const struct tag_rule *rule = rule_of(tlv.tag);
		enum rank rank = rule ? rule->rank : RANK_UNKNOWN;

		if (!is_kept(rule, tlv.length) && m->odd_tag == 0) {
			m->odd_tag = tlv.tag;
			m->odd_length = tlv.length;
		}
		if (tlv.tag == PDU_TAG_MESSAGE_PAYLOAD || !is_kept(rule, tlv.length) || quota[rank] == 0)
			continue;
		quota[rank]--;
		m->tlv[m->n_tlvs++] = tlv;
	}
	m->tlvs_dropped = c->total - (unsigned)m->n_tlvs;
}

static void copy_tlv(struct pdu_guard *g, struct pdu_writer *w, const struct pdu_tlv *tlv)
{
	if (tlv->length > PDU_PAYLOAD_MAX || !pdu_guard_tlv_length_ok(tlv->tag, tlv->length))
		return;
	pdu_write_u16(w, tlv->tag);
	pdu_write_u16(w, tlv->length);
	pdu_write_bytes(w, tlv->value, tlv->length);
	g->copied[g->n_copied++] = *tlv;
}

static void copy_address(struct pdu_writer *w, const struct pdu_address *a, bool aside)
{
	pdu_write_u8(w, pdu_guard_ton(a->ton));
	pdu_write_u8(w, pdu_guard_npi(a->npi));
	pdu_write_string(w, aside ? "" : a->digits);
}

static void copy_mandatory(struct pdu_guard *g, struct pdu_writer *w, uint32_t id, size_t short_len)
{
	const struct pdu_message *m = &g->message;

	pdu_write_begin(w, id, PDU_ROK, 1);
	pdu_write_string(w, m->service_type);
	g->source_aside = strlen(m->source.digits) >= LIBRARY_SOURCE_SIZE;
	copy_address(w, &m->source, g->source_aside);
	copy_address(w, &m->dest, false);
	pdu_write_u8(w, m->esm_class);
	g->copied_body_len = 0;
	if (id == PDU_DATA_SM) {
		pdu_write_u8(w, m->registered_delivery);
		pdu_write_u8(w, m->data_coding);
		return;
	}
	g->copied_body_len = short_len <= PDU_SHORT_MESSAGE_MAX ? short_len : 0;
	pdu_write_u8(w, m->protocol_id);
	pdu_write_u8(w, m->priority);
	pdu_write_u8(w,
	             0); /* schedule_delivery_time and validity_period: the library knows only empty ones */
	pdu_write_u8(w, 0);
	pdu_write_u8(w, m->registered_delivery);
	pdu_write_u8(w, 0);
	pdu_write_u8(w, m->data_coding);
	pdu_write_u8(w, 0);
	pdu_write_u8(w, (uint8_t)g->copied_body_len);
	pdu_write_bytes(w, m->body, g->copied_body_len);
}

static enum rc write_copy(struct pdu_guard *g, uint32_t id, size_t short_len, const struct pdu_tlv *payload)
{
	struct pdu_writer w;

	pdu_writer_init(&w, g->copy, sizeof(g->copy));
	g->n_copied = 0;
	copy_mandatory(g, &w, id, short_len);
	if (payload)
		copy_tlv(g, &w, payload);
	for (size_t i = 0; i < g->message.n_tlvs; i++)
		copy_tlv(g, &w, &g->message.tlv[i]);
	return pdu_write_end(&w, &g->copy_len);
}

static uint32_t read_mandatory(struct pdu_reader *r, size_t len, struct pdu_message *m, uint32_t *id)
{
	uint32_t length = pdu_read_u32(r);

	*id = pdu_read_u32(r);
	(void)pdu_read_u32(r); /* command_status: unused in requests, and vendors do set it */
	(void)pdu_read_u32(r);
	if (r->bad || length != len || len > PDU_MAX_SIZE)
		return PDU_RINVCMDLEN;
	switch (*id) {
	case PDU_DELIVER_SM:
		return read_deliver(r, m);
	case PDU_DATA_SM:
		return read_data(r, m);
	default:
		return PDU_RINVCMDID;
	}
}

enum rc pdu_guard_read(struct pdu_guard *g, const uint8_t *bytes, size_t len, uint32_t *status_out)
{
	struct pdu_message *m = &g->message;
	struct pdu_reader r;
	struct census c;
	size_t short_len;
	bool use_payload;
	uint32_t id;
	uint32_t status;

	memset(m, 0, sizeof(*m));
	pdu_reader_init(&r, bytes, len);
	status = read_mandatory(&r, len, m, &id);
	if (status == PDU_ROK)
		status = take_census(r, &c);
	if (status != PDU_ROK) {
		*status_out = status;
		return RC_SYNTAX;
	}
	keep_tlvs(r, &c, m);
	short_len = m->body_len;
	use_payload = short_len == 0 && c.payload.value;
	if (use_payload) {
		m->tlvs_dropped--; /* the first message_payload is the body, not a loss */
		m->body = c.payload.value;
		m->body_len = c.payload.length;
	}
	if (write_copy(g, id, short_len, use_payload ? &c.payload : NULL) != RC_OK) {
		*status_out = PDU_RSYSERR;
		return RC_SYNTAX;
	}
	*status_out = PDU_ROK;
	return RC_OK;
}
