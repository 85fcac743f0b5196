/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialect, doubting: messages that could be read, but perhaps not as their sender meant them.
 *
 * A dialect that is nearly right refuses nothing: it takes an answer for the end, or sends screens without
 * their session, and nobody is told. What is found here changes nothing for the subscriber; it is counted and
 * logged with the key to look at. Words hold no address and nothing of a text.
 */
#include <stdarg.h>
#include <stdio.h>

#include "gateway/dialect.h"
#include "gateway/dialect_table.h"

/* SMPP 3.4, 5.3.2: tags for vendors */
#define VENDOR_FIRST 0x1400
#define VENDOR_LAST 0x3fff

__attribute__((format(printf, 3, 4))) static bool doubt(struct dialect_trouble *out, const char *knob,
                                                        const char *format, ...)
{
	va_list args;

	out->knob = knob;
	va_start(args, format);
	vsnprintf(out->words, sizeof(out->words), format, args);
	va_end(args);
	return true;
}

/* The length that this TLV has and the dialect cannot use; 0 = no such TLV, or a right one. `wanted` 0 = any that can be kept. */
static unsigned odd_length(const struct pdu_message *m, uint16_t tag, unsigned wanted)
{
	const struct pdu_tlv *t = tag ? pdu_message_tlv(m, tag) : NULL;

	if (!t)
		return tag && m->odd_tag == tag ? m->odd_length : 0;
	if (t->length > DIALECT_KEEP_SIZE || (wanted && t->length != wanted))
		return t->length;
	return 0;
}

/* A TLV that says something here, and was left out for its length. */
static bool doubt_length(const struct dialect *d, const struct pdu_message *m, struct dialect_trouble *out)
{
	unsigned odd = odd_length(m, d->session_tag, d->session_length);

	if (m->odd_tag && m->odd_tag == d->op_tag)
		return doubt(out, "detect.op_tag",
		             "the op TLV 0x%04x (%u) has %u octets and not 1: it was left out", m->odd_tag,
		             m->odd_tag, m->odd_length);
	if (odd)
		return doubt(out, "session.length",
		             "the session TLV 0x%04x (%u) has %u octets and not %u: it was left out, answers "
		             "go without it",
		             d->session_tag, d->session_tag, odd,
		             d->session_length ? d->session_length : DIALECT_KEEP_SIZE);
	for (size_t i = 0; i < d->n_echo; i++) {
		odd = odd_length(m, d->echo[i], 0);
		if (odd)
			return doubt(out, "echo",
			             "TLV 0x%04x (%u) has %u octets, and %u can be kept: answers go without "
			             "it",
			             d->echo[i], d->echo[i], odd, DIALECT_KEEP_SIZE);
	}
	return false;
}

static const struct dialect_op *op_of(const struct dialect *d, uint8_t op)
{
	for (size_t i = 0; i < d->n_ops; i++)
		if (d->op_in[i].op == op)
			return &d->op_in[i];
	return NULL;
}

static bool doubt_op(const struct dialect *d, const struct pdu_message *m, const struct dialect_event *e,
                     struct dialect_trouble *out)
{
	const struct pdu_tlv *t = d->op_tag ? pdu_message_tlv(m, d->op_tag) : NULL;
	const struct dialect_op *op = t && t->length > 0 ? op_of(d, t->value[0]) : NULL;

	if (!t || t->length == 0)
		return false;
	if (!op && e->kind != DIALECT_ABORT)
		return doubt(out, "ops_in", "op 0x%02x (%u) stands nowhere: it was taken for a %s",
		             t->value[0], t->value[0], dialect_kind_name(e->kind));
	if (op && op->kind == DIALECT_CONTINUE && e->kind == DIALECT_ABORT && m->body_len > 0)
		return doubt(out, "session.honour_end_bit",
		             "op 0x%02x (%u) goes on and has a text, but the end bit 0x%04x (%u) is set: it "
		             "was taken for the end",
		             op->op, op->op, d->end_bit, d->end_bit);
	return false;
}

static bool is_known(const struct dialect *d, uint16_t tag)
{
	for (size_t i = 0; i < d->n_echo; i++)
		if (d->echo[i] == tag)
			return true;
	return tag == d->op_tag || tag == d->session_tag || tag == d->code_tag;
}

/* A begin without the session that we look for, but with something of the vendor's. */
static bool doubt_session(const struct dialect *d, const struct pdu_message *m, const struct dialect_event *e,
                          struct dialect_trouble *out)
{
	if (e->kind != DIALECT_BEGIN || d->session_tag == 0 || e->session.n_kept > 0)
		return false;
	for (size_t i = 0; i < m->n_tlvs; i++) {
		uint16_t tag = m->tlv[i].tag;

		if (tag >= VENDOR_FIRST && tag <= VENDOR_LAST && !is_known(d, tag))
			return doubt(
				out, "session.tag",
				"no session TLV 0x%04x (%u), but a vendor's 0x%04x (%u) of %u octets: is "
				"that the session?",
				d->session_tag, d->session_tag, tag, tag, m->tlv[i].length);
	}
	return false;
}

bool dialect_doubt(const struct dialect *d, const struct pdu_message *m, const struct dialect_event *e,
                   struct dialect_trouble *out)
{
	if (e->kind == DIALECT_RECEIPT)
		return false;
	if (doubt_length(d, m, out))
		return true;
	if (e->kind == DIALECT_SMS)
		return false;
	return doubt_op(d, m, e, out) || doubt_session(d, m, e, out);
}
