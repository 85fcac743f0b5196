/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialect, reading: from a decoded message to what the dialogue layer understands.
 *
 * Invariant: pure, and total: each message gives one event, or one trouble that names the key of
 * dialects.conf to look at. Numbers stand in hexadecimal and in decimal there, because one gateway documents
 * 17 where another writes 0x11. Words of a trouble hold no address and nothing of a text.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/text_pack.h"
#include "gateway/dialect.h"
#include "gateway/dialect_table.h"

/* SMPP 3.4, 5.2.12 and 5.1.3 */
#define ESM_TYPE_MASK 0x3c
#define ESM_RECEIPT 0x04
#define ESM_DELIVERY_ACK 0x08
#define ESM_INTERMEDIATE 0x20
#define ESM_UDHI 0x40
#define STATUS_RINVESMCLASS 0x43

/* 3GPP TS 23.038, 5: the text begins with the language that it is in */
#define CODING_GSM7_LANGUAGE 0x10
#define CODING_UCS2_LANGUAGE 0x11
#define LANGUAGE_GSM7_SEPTETS 3 /* two letters and CR */
#define LANGUAGE_UCS2_OCTETS 2

struct reading {
	const struct dialect *d;
	const struct pdu_message *m;
	struct dialect_event *e;
	struct dialect_trouble *trouble; /* never NULL */
	uint32_t status;
};

__attribute__((format(printf, 3, 4))) static enum rc refuse(struct reading *r, const char *knob,
                                                            const char *format, ...)
{
	va_list args;

	r->trouble->knob = knob;
	va_start(args, format);
	vsnprintf(r->trouble->words, sizeof(r->trouble->words), format, args);
	va_end(args);
	return RC_RANGE;
}

/* --- session ----------------------------------------------------------------------------------------- */

static void keep(struct dialect_session *s, const struct pdu_tlv *t)
{
	struct dialect_kept *k = &s->kept[s->n_kept++];

	k->tag = t->tag;
	k->length = (uint8_t)t->length;
	memcpy(k->value, t->value, t->length);
}

static bool can_keep(const struct dialect_session *s, const struct pdu_tlv *t)
{
	return t && t->length >= 1 && t->length <= DIALECT_KEEP_SIZE && s->n_kept < DIALECT_KEEP_MAX;
}

static void read_session(struct reading *r)
{
	const struct dialect *d = r->d;
	const struct pdu_tlv *t = d->session_tag ? pdu_message_tlv(r->m, d->session_tag) : NULL;
	struct dialect_session *s = &r->e->session;
	bool right = can_keep(s, t) && (d->session_length == 0 || t->length == d->session_length);

	if (right) {
		uint64_t value = 0;

		keep(s, t);
		for (size_t i = 0; i < t->length; i++)
			value = value << 8 | t->value[i];
		s->has_id = d->session_mask != 0;
		s->id = value & d->session_mask;
	}
	for (size_t i = 0; i < d->n_echo; i++) {
		const struct pdu_tlv *echo = pdu_message_tlv(r->m, d->echo[i]);

		if (can_keep(s, echo))
			keep(s, echo);
	}
}

static enum rc demand_session(struct reading *r)
{
	const struct dialect *d = r->d;
	const struct pdu_tlv *t;

	if (!d->session_demanded || (r->e->session.n_kept > 0 && r->e->session.kept[0].tag == d->session_tag))
		return RC_OK;
	r->status = PDU_RX_R_APPN;
	t = d->session_tag ? pdu_message_tlv(r->m, d->session_tag) : NULL;
	if (t || (d->session_tag && r->m->odd_tag == d->session_tag))
		return refuse(r, "session.length", "the session TLV 0x%04x (%u) has %u octets, not %u",
		              d->session_tag, d->session_tag, t ? t->length : r->m->odd_length,
		              d->session_length);
	return refuse(r, "session.demanded", "no session TLV 0x%04x (%u)", d->session_tag, d->session_tag);
}

/* The end bit of a session TLV of any length stands in its last two octets. */
static bool has_end_bit(const struct dialect *d, const struct dialect_session *s)
{
	const struct dialect_kept *k = &s->kept[0];
	unsigned low;

	if (!d->honour_end_bit || s->n_kept == 0 || k->tag != d->session_tag)
		return false;
	low = k->value[k->length - 1];
	if (k->length > 1)
		low |= (unsigned)k->value[k->length - 2] << 8;
	return (low & d->end_bit) != 0;
}

/* --- text -------------------------------------------------------------------------------------------- */

static bool table_alphabet(const struct dialect *d, uint8_t coding, enum text_alphabet *out)
{
	for (size_t i = 0; i < d->n_codings; i++) {
		if (d->coding_in[i].coding == coding) {
			*out = d->coding_in[i].alphabet;
			return true;
		}
	}
	return false;
}

/* The alphabet, and in `language` how much stands before the text to say its language. */
static enum text_alphabet alphabet_of(const struct dialect *d, uint8_t coding, const uint8_t *body,
                                      size_t len, size_t *language)
{
	enum text_alphabet found;

	*language = 0;
	if (table_alphabet(d, coding, &found))
		return found;
	if (coding == 0)
		return d->default_alphabet;
	if (coding == CODING_UCS2_LANGUAGE) {
		*language = LANGUAGE_UCS2_OCTETS;
		return TEXT_UCS2;
	}
	if (coding == CODING_GSM7_LANGUAGE)
		*language = LANGUAGE_GSM7_SEPTETS;
	for (size_t i = 0; !d->packed_in && i < len; i++)
		if (body[i] >= 0x80)
			return TEXT_LATIN1;
	return TEXT_GSM7;
}

static bool is_padding(uint8_t c)
{
	return c == '\0' || c == '\r' || c == '\n' || c == ' ';
}

/* Octets are trimmed before decoding where a character is one octet, because a NUL would become a letter
 * of the GSM alphabet; what decoding leaves at the end is trimmed after it. In packed text only the unpacked
 * septets can be judged, and there a NUL is an '@' that somebody typed. */
static void read_text(const struct dialect *d, const struct pdu_message *m, char *out)
{
	uint8_t septets[DIALECT_INPUT_SIZE];
	size_t len = m->body ? m->body_len : 0, language;
	const uint8_t *body = m->body;
	enum text_alphabet alphabet = alphabet_of(d, m->data_coding, body, len, &language);
	bool unpack = d->packed_in && alphabet == TEXT_GSM7;

	if (unpack) {
		len = text_unpack(body, len, septets, sizeof(septets));
		body = septets;
	}
	if (language > len)
		language = len;
	if (language > 0) {
		body += language;
		len -= language;
	}
	while (alphabet != TEXT_UCS2 && !unpack && len > 0 && is_padding(body[len - 1]))
		len--;
	len = text_decode(alphabet, len > 0 ? body : septets, len, out, DIALECT_INPUT_SIZE);
	while (len > 0 && is_padding((uint8_t)out[len - 1]))
		len--;
	out[len] = '\0';
}

/* --- where the code is ------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
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

/* "123", "*123#", "123*4": nothing but what can be dialled, and a digit in it. */
static bool is_code(const char *text)
{
	return strspn(text, "0123456789*#") == strlen(text) && strpbrk(text, "0123456789");
}

/* "*123#", "*123*4#", "#100#" */
static bool looks_dialled(const char *text)
{
	size_t len = strlen(text);

	return len >= 3 && (text[0] == '*' || text[0] == '#') && text[len - 1] == '#' && is_code(text);
}

/* Nobody can answer a begin without a code; with this status the SMSC lets the phone know. */
static enum rc no_code(struct reading *r, const char *what, unsigned number)
{
	r->status = PDU_RX_R_APPN;
	return refuse(r, "code_from", "a begin without %s 0x%02x (%u)", what, number, number);
}

static enum rc code_of_tlv(struct reading *r)
{
	const struct pdu_tlv *t = pdu_message_tlv(r->m, r->d->code_tag);
	char text[2 * DIALECT_CODE_SIZE];

	if (!t)
		return r->e->kind == DIALECT_BEGIN ? no_code(r, "the code's TLV", r->d->code_tag) : RC_OK;
	snprintf(text, sizeof(text), "%.*s", (int)(t->length < sizeof(text) ? t->length : sizeof(text) - 1),
	         (const char *)t->value);
	normalise_code(text, r->e->code);
	return RC_OK;
}

/* Where the destination is not the code, a later message has none: the dialogue knows it from its begin. */
static enum rc read_code(struct reading *r)
{
	switch (r->d->code_from) {
	case DIALECT_CODE_DESTINATION:
		normalise_code(r->m->dest.digits, r->e->code);
		return RC_OK;
	case DIALECT_CODE_TLV:
		return code_of_tlv(r);
	case DIALECT_CODE_TEXT:
		if (r->e->kind != DIALECT_BEGIN)
			return RC_OK;
		if (!is_code(r->e->text))
			return no_code(r, "a code in its text, of data_coding", r->m->data_coding);
		normalise_code(r->e->text, r->e->code);
		return RC_OK;
	}
	return RC_OK;
}

/* What was dialled is a text only when it is a code; gateways also send blanks, names of menus or nothing. */
static void settle_begin(const struct dialect *d, struct dialect_event *e)
{
	char dialled[DIALECT_CODE_SIZE];
	bool is_dialled = e->text[0] == '*' || e->text[0] == '#';

	if (!d->begin_text_is_dialled) {
		e->text[0] = '\0';
		return;
	}
	normalise_code(e->text, dialled);
	if (!is_dialled && (e->code[0] == '\0' || strcmp(e->text, e->code) != 0))
		e->text[0] = '\0';
	if (e->code[0] == '\0' && is_dialled)
		memcpy(e->code, dialled, sizeof(e->code));
}

/* --- what it is -------------------------------------------------------------------------------------- */

static bool is_service_type(const struct dialect *d, const char *got)
{
	size_t len = strlen(got);

	while (len > 0 && got[len - 1] == ' ')
		len--;
	return len > 0 && len == strlen(d->detect_type) && strncasecmp(got, d->detect_type, len) == 0;
}

static bool is_listed(const struct dialect *d, const struct pdu_message *m)
{
	char code[DIALECT_CODE_SIZE];

	if (d->n_codes == 0)
		return false;
	normalise_code(m->dest.digits, code);
	for (size_t i = 0; i < d->n_codes; i++)
		if (strcmp(d->codes[i], code) == 0)
			return true;
	return false;
}

static bool is_ussd(const struct dialect *d, const struct pdu_message *m)
{
	return d->ussd_all || (d->ussd_by_op && d->op_tag && pdu_message_tlv(m, d->op_tag)) ||
	       (d->ussd_by_type && is_service_type(d, m->service_type)) || is_listed(d, m);
}

static bool is_receipt(const struct pdu_message *m)
{
	uint8_t type = m->esm_class & ESM_TYPE_MASK;

	return type == ESM_RECEIPT || type == ESM_DELIVERY_ACK || type == ESM_INTERMEDIATE ||
	       pdu_message_tlv(m, PDU_TAG_RECEIPTED_MESSAGE_ID);
}

static enum rc kind_of_op(struct reading *r, uint8_t op)
{
	const struct dialect *d = r->d;

	for (size_t i = 0; i < d->n_ops; i++) {
		if (d->op_in[i].op == op) {
			r->e->kind = d->op_in[i].kind;
			r->e->cause = d->op_in[i].cause;
			return RC_OK;
		}
	}
	if (d->unknown_op == DIALECT_OP_REJECTED) {
		r->status = PDU_RX_R_APPN;
		return refuse(r, "ops_in", "op 0x%02x (%u) has no meaning here", op, op);
	}
	if (r->e->text[0] == '\0')
		return refuse(r, "ops_in", "op 0x%02x (%u) has no meaning here, and there is no text", op,
		              op);
	r->e->kind = d->unknown_op == DIALECT_OP_BEGINS ? DIALECT_BEGIN : DIALECT_CONTINUE;
	return RC_OK;
}

/* The op says what it is; without one the text does. The end bit ends whatever does not begin. */
static enum rc kind_of_ussd(struct reading *r)
{
	const struct dialect *d = r->d;
	const struct pdu_tlv *op = d->op_tag ? pdu_message_tlv(r->m, d->op_tag) : NULL;
	bool has_op = op && op->length > 0;
	enum rc rc = RC_OK;

	if (has_op)
		rc = kind_of_op(r, op->value[0]);
	else
		r->e->kind = looks_dialled(r->e->text) ? DIALECT_BEGIN : DIALECT_CONTINUE;
	if (!has_end_bit(d, &r->e->session) || (has_op && rc == RC_OK && r->e->kind == DIALECT_BEGIN))
		return rc;
	if (r->e->kind != DIALECT_ABORT || rc != RC_OK) {
		r->e->kind = DIALECT_ABORT;
		r->e->cause = DIALECT_CAUSE_UNKNOWN;
	}
	return RC_OK;
}

static enum rc read_ussd(struct reading *r)
{
	enum rc rc;

	read_text(r->d, r->m, r->e->text);
	rc = kind_of_ussd(r);
	if (rc == RC_OK)
		rc = demand_session(r);
	if (rc == RC_OK)
		rc = read_code(r);
	if (rc != RC_OK)
		return rc;
	if (r->e->kind == DIALECT_BEGIN)
		settle_begin(r->d, r->e);
	else if (r->e->kind != DIALECT_CONTINUE)
		r->e->text[0] = '\0';
	return RC_OK;
}

/* A user data header longer than the message cannot ever be read. */
static enum rc read_sms(struct reading *r)
{
	const struct pdu_message *m = r->m;

	r->e->kind = DIALECT_SMS;
	normalise_code(m->dest.digits, r->e->code);
	if (!(m->esm_class & ESM_UDHI) || (m->body_len > 0 && (size_t)m->body[0] + 1 <= m->body_len))
		return RC_OK;
	r->status = STATUS_RINVESMCLASS;
	refuse(r, "esm_class", "esm_class 0x%02x (%u) tells of a header that is longer than the message",
	       m->esm_class, m->esm_class);
	return RC_SYNTAX;
}

/* A receipt may come from any address, and says itself which message it is about. */
static enum rc read_message(struct reading *r, bool has_msisdn)
{
	const struct pdu_message *m = r->m;

	if (is_receipt(m)) {
		r->e->kind = DIALECT_RECEIPT;
		normalise_code(m->dest.digits, r->e->code);
		return RC_OK;
	}
	if (has_msisdn) {
		read_session(r);
		return is_ussd(r->d, m) ? read_ussd(r) : read_sms(r);
	}
	r->status = PDU_RINVSRCADR;
	refuse(r, "country",
	       "source_addr (TON %u, NPI %u, %zu octets) is not a subscriber's number: see country.code",
	       m->source.ton, m->source.npi, strlen(m->source.digits));
	return RC_SYNTAX;
}

/* Its texts are large and nearly empty: only what is said of them is set, and copied. */
static void begin_event(struct dialect_event *e, const struct pdu_message *m)
{
	e->kind = DIALECT_CONTINUE;
	e->cause = DIALECT_CAUSE_UNKNOWN;
	e->msisdn = 0;
	e->code[0] = '\0';
	e->text[0] = '\0';
	e->long_text = NULL;
	memset(&e->session, 0,
	       sizeof(e->session)); /* whole: dialogues keep it, and zeros cost them nothing */
	e->service = m->dest;
	e->subscriber = m->source;
	memcpy(e->service_type, m->service_type, sizeof(e->service_type));
}

static void hand_out(const struct dialect_event *e, struct dialect_event *out)
{
	memcpy(out, e, offsetof(struct dialect_event, text));
	memcpy(out->text, e->text, strlen(e->text) + 1);
	out->long_text = e->long_text;
	out->session = e->session;
	out->service = e->service;
	out->subscriber = e->subscriber;
	memcpy(out->service_type, e->service_type, sizeof(out->service_type));
}

enum rc dialect_read(const struct dialect *d, const struct msisdn_plan *plan, const struct pdu_message *m,
                     struct dialect_event *out, uint32_t *status_out, struct dialect_trouble *trouble)
{
	struct dialect_trouble ignored;
	struct dialect_event e;
	struct reading r = {
		.d = d, .m = m, .e = &e, .trouble = trouble ? trouble : &ignored, .status = PDU_ROK};
	bool has_msisdn;
	enum rc rc;

	begin_event(&e, m);
	has_msisdn = msisdn_parse(m->source.digits, m->source.ton, plan, &e.msisdn) == RC_OK;
	rc = read_message(&r, has_msisdn);
	*status_out = r.status;
	if (rc == RC_OK) {
		r.trouble->knob = NULL;
		hand_out(&e, out);
	}
	return rc;
}
