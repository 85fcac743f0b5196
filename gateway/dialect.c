/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialect: reading and writing by the row of gateway/dialect_table.c.
 *
 * Invariant: pure; what a function returns depends on its arguments alone. Nothing here asks for the name
 * of a dialect: what is special about one is a field of its row.
 */
#include "gateway/dialect.h"

#include <string.h>
#include <strings.h>

#include "gateway/dialect_table.h"

/* SMPP 3.4, 5.2.12 and 5.1.3 */
#define ESM_TYPE_MASK 0x3c
#define ESM_RECEIPT 0x04
#define ESM_DELIVERY_ACK 0x08
#define ESM_INTERMEDIATE 0x20
#define ESM_UDHI 0x40
#define STATUS_RINVESMCLASS 0x43

#define MAX_NAMES 8

const char *dialect_kind_name(enum dialect_kind k)
{
	switch (k) {
	case DIALECT_BEGIN:
		return "begin";
	case DIALECT_CONTINUE:
		return "continue";
	case DIALECT_ABORT:
		return "abort";
	case DIALECT_ACK:
		return "ack";
	case DIALECT_SMS:
		return "sms";
	case DIALECT_RECEIPT:
		return "receipt";
	}
	return "unknown";
}

const struct dialect *dialect_by_name(const char *name)
{
	const struct dialect *d;

	for (size_t i = 0; (d = dialect_table_at(i)); i++) {
		if (strcmp(d->name, name) == 0)
			return d;
	}
	return NULL;
}

const char *const *dialect_names(void)
{
	static const char *names[MAX_NAMES + 1]; /* filled with the same values each time */
	const struct dialect *d;

	for (size_t i = 0; i < MAX_NAMES && (d = dialect_table_at(i)); i++)
		names[i] = d->name;
	return names;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The value of a TLV of exactly 2 octets; every other length is none. */
static bool read_tlv16(const struct pdu_message *m, uint16_t tag, uint16_t *out)
{
	const struct pdu_tlv *t = tag ? pdu_message_tlv(m, tag) : NULL;

	if (!t || t->length != 2)
		return false;
	*out = (uint16_t)(t->value[0] << 8 | t->value[1]);
	return true;
}

static void read_session(const struct dialect *d, const struct pdu_message *m, struct dialect_session *out)
{
	out->has_its = read_tlv16(m, d->session_tag, &out->its);
	out->has_reference = read_tlv16(m, d->reference_tag, &out->reference);
}

static enum text_alphabet alphabet_of(const struct dialect *d, uint8_t coding, const uint8_t *body,
                                      size_t len)
{
	for (size_t i = 0; i < d->n_codings; i++) {
		if (d->coding_in[i].coding == coding)
			return d->coding_in[i].alphabet;
	}
	for (size_t i = 0; i < len; i++) {
		if (body[i] >= 0x80)
			return TEXT_LATIN1;
	}
	return TEXT_GSM7;
}

static bool is_padding(uint8_t c)
{
	return c == '\0' || c == '\r' || c == '\n' || c == ' ';
}

/* Octets are trimmed before decoding where a character is one octet, because a NUL would become a letter
 * of the GSM alphabet; what decoding leaves at the end is trimmed after it. */
static void read_text(const struct dialect *d, const struct pdu_message *m, size_t skip, char *out)
{
	static const uint8_t nothing[1];
	const uint8_t *body = m->body_len > skip ? m->body + skip : nothing;
	size_t len = m->body_len - skip;
	enum text_alphabet alphabet = alphabet_of(d, m->data_coding, body, len);

	while (alphabet != TEXT_UCS2 && len > 0 && is_padding(body[len - 1]))
		len--;
	len = text_decode(alphabet, body, len, out, DIALECT_INPUT_SIZE);
	while (len > 0 && is_padding((uint8_t)out[len - 1]))
		len--;
	out[len] = '\0';
}

/* "*123*4#" to "123*4": without '*' and '#' around it, and nothing but digits and '*'. */
static void normalise_code(const char *from, char *out)
{
	size_t n = 0;

	while (*from == '*' || *from == '#')
		from++;
	for (; *from && n < DIALECT_CODE_SIZE - 1; from++) {
		if (is_digit(*from) || *from == '*')
			out[n++] = *from;
	}
	while (n > 0 && out[n - 1] == '*')
		n--;
	out[n] = '\0';
}

static bool is_service_type(const struct dialect *d, const char *got)
{
	size_t len = strlen(got);

	while (len > 0 && got[len - 1] == ' ')
		len--;
	return len > 0 && len == strlen(d->service_type) && strncasecmp(got, d->service_type, len) == 0;
}

static bool is_receipt(const struct pdu_message *m)
{
	uint8_t type = m->esm_class & ESM_TYPE_MASK;

	return type == ESM_RECEIPT || type == ESM_DELIVERY_ACK || type == ESM_INTERMEDIATE ||
	       pdu_message_tlv(m, PDU_TAG_RECEIPTED_MESSAGE_ID);
}

/* "*123#", "*123*4#", "#100#" */
static bool looks_dialled(const char *text)
{
	size_t len = strlen(text);

	return len >= 3 && (text[0] == '*' || text[0] == '#') && text[len - 1] == '#' &&
	       strspn(text, "0123456789*#") == len && strpbrk(text, "0123456789");
}

/* RC_OK; RC_RANGE (an op without meaning and without a text). */
static enum rc kind_of_op(const struct dialect *d, uint8_t op, const char *text, enum dialect_kind *out)
{
	for (size_t i = 0; i < d->n_ops; i++) {
		if (d->op_in[i].op == op) {
			*out = d->op_in[i].kind;
			return RC_OK;
		}
	}
	if (text[0] == '\0')
		return RC_RANGE;
	*out = DIALECT_CONTINUE;
	return RC_OK;
}

/* `op` may be NULL: then the service_type said that it is USSD. */
static enum rc kind_of_ussd(const struct dialect *d, const struct pdu_tlv *op,
                            const struct dialect_session *session, const char *text, enum dialect_kind *out)
{
	enum dialect_kind kind = looks_dialled(text) ? DIALECT_BEGIN : DIALECT_CONTINUE;
	bool begins = false;
	bool ends = d->honour_end_bit && session->has_its && (session->its & d->end_bit);
	enum rc rc = RC_OK;

	if (op && op->length > 0) {
		rc = kind_of_op(d, op->value[0], text, &kind);
		begins = rc == RC_OK && kind == DIALECT_BEGIN;
	}
	if (ends && !begins) {
		*out = DIALECT_ABORT;
		return RC_OK;
	}
	if (rc == RC_OK)
		*out = kind;
	return rc;
}

/* What was dialled is a text only when it is a code; gateways also send blanks, names of menus or nothing. */
static void settle_begin(struct dialect_event *e)
{
	char dialled[DIALECT_CODE_SIZE];
	bool is_code = e->text[0] == '*' || e->text[0] == '#';

	normalise_code(e->text, dialled);
	if (!is_code && (e->code[0] == '\0' || strcmp(e->text, e->code) != 0))
		e->text[0] = '\0';
	if (e->code[0] == '\0' && is_code)
		memcpy(e->code, dialled, sizeof(e->code));
}

static enum rc read_ussd(const struct dialect *d, const struct pdu_message *m, struct dialect_event *out)
{
	const struct pdu_tlv *op = d->op_tag ? pdu_message_tlv(m, d->op_tag) : NULL;
	enum rc rc;

	read_text(d, m, 0, out->text);
	rc = kind_of_ussd(d, op, &out->session, out->text, &out->kind);
	if (rc != RC_OK)
		return rc;
	if (out->kind == DIALECT_BEGIN)
		settle_begin(out);
	else if (out->kind != DIALECT_CONTINUE)
		out->text[0] = '\0';
	return RC_OK;
}

/* RC_OK; RC_SYNTAX (a user data header longer than the message). */
static enum rc read_sms(const struct dialect *d, const struct pdu_message *m, struct dialect_event *out)
{
	size_t skip = 0;

	if (m->esm_class & ESM_UDHI) {
		if (m->body_len == 0 || (size_t)m->body[0] + 1 > m->body_len)
			return RC_SYNTAX;
		skip = (size_t)m->body[0] + 1;
	}
	read_text(d, m, skip, out->text);
	return RC_OK;
}

static enum rc read_by_kind(const struct dialect *d, const struct pdu_message *m, struct dialect_event *e)
{
	if (is_receipt(m)) {
		e->kind = DIALECT_RECEIPT;
		read_text(d, m, 0, e->text);
		return RC_OK;
	}
	if ((d->op_tag && pdu_message_tlv(m, d->op_tag)) || is_service_type(d, m->service_type))
		return read_ussd(d, m, e);
	e->kind = DIALECT_SMS;
	return read_sms(d, m, e);
}

enum rc dialect_read(const struct dialect *d, const struct msisdn_plan *plan, const struct pdu_message *m,
                     struct dialect_event *out, uint32_t *status_out)
{
	struct dialect_event e = {.service = m->dest, .subscriber = m->source};
	enum rc rc;

	if (msisdn_parse(m->source.digits, m->source.ton, plan, &e.msisdn) != RC_OK) {
		*status_out = PDU_RINVSRCADR;
		return RC_SYNTAX;
	}
	normalise_code(m->dest.digits, e.code);
	read_session(d, m, &e.session);
	rc = read_by_kind(d, m, &e);
	*status_out = rc == RC_SYNTAX ? STATUS_RINVESMCLASS : PDU_ROK;
	if (rc == RC_OK)
		*out = e;
	return rc;
}

static void add_tlv(struct pdu_submit *s, struct dialect_scratch *scratch, uint16_t tag, uint16_t value,
                    uint16_t length)
{
	uint8_t *at = scratch->tlv[s->n_tlvs];

	if (length == 2) {
		at[0] = (uint8_t)(value >> 8);
		at[1] = (uint8_t)value;
	} else {
		at[0] = (uint8_t)value;
	}
	s->tlv[s->n_tlvs++] = (struct pdu_tlv){.tag = tag, .length = length, .value = at};
}

/* The op goes first: some parsers expect it there. */
static void add_session(const struct dialect *d, const struct dialect_session *session, bool last,
                        struct dialect_scratch *scratch, struct pdu_submit *s)
{
	uint16_t its = session->its;

	if (d->op_tag)
		add_tlv(s, scratch, d->op_tag, last ? d->op_end : d->op_continue, 1);
	if (d->session_tag && session->has_its) {
		if (d->set_end_bit)
			its = (uint16_t)(last ? its | d->end_bit : its & ~d->end_bit);
		add_tlv(s, scratch, d->session_tag, its, 2);
	}
	if (d->reference_tag && session->has_reference)
		add_tlv(s, scratch, d->reference_tag, session->reference, 2);
}

/* Encode into the scratch: GSM 7-bit where it can be, else UCS-2. Returns RC_OK; RC_RANGE. */
static enum rc write_body(const struct dialect *d, const char *text, size_t max_septets, size_t max_units,
                          struct dialect_scratch *scratch, struct pdu_submit *s)
{
	size_t len = strlen(text), written;
	struct text_cost cost;

	if (!text_utf8_valid(text, len))
		return RC_RANGE;
	cost = text_measure(text, len);
	if (cost.gsm7 ? cost.septets > max_septets : cost.ucs2_units > max_units)
		return RC_RANGE;
	if (text_encode(cost.gsm7 ? TEXT_GSM7 : TEXT_UCS2, text, scratch->body, sizeof(scratch->body),
	                &written) != RC_OK)
		return RC_RANGE;
	s->data_coding = cost.gsm7 ? d->coding_gsm7 : d->coding_ucs2;
	s->body = scratch->body;
	s->body_len = written;
	return RC_OK;
}

enum rc dialect_write_ussd(const struct dialect *d, const struct dialect_event *to_addresses_and_session,
                           const char *text, bool last, struct dialect_scratch *scratch,
                           struct pdu_submit *out)
{
	const struct dialect_event *to = to_addresses_and_session;
	struct pdu_submit s = {
		.service_type = d->service_type,
		.source = to->service,
		.dest = to->subscriber,
		.esm_class = d->esm_class,
		.registered_delivery = d->registered_delivery,
	};
	enum rc rc = write_body(d, text, TEXT_USSD_SEPTETS, TEXT_USSD_UCS2, scratch, &s);

	if (rc != RC_OK)
		return rc;
	add_session(d, &to->session, last, scratch, &s);
	*out = s;
	return RC_OK;
}

enum rc dialect_write_sms(const struct dialect *d, const struct pdu_address *service,
                          const struct pdu_address *subscriber, const char *text,
                          struct dialect_scratch *scratch, struct pdu_submit *out)
{
	struct pdu_submit s = {.service_type = "", .source = *service, .dest = *subscriber};
	enum rc rc = write_body(d, text, PDU_PAYLOAD_MAX, PDU_PAYLOAD_MAX / 2, scratch, &s);

	if (rc == RC_OK)
		*out = s;
	return rc;
}
