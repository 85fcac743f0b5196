/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialect, writing: from a text of a dialogue to a submit_sm.
 *
 * Invariant: pure; whatever goes out was asked for by the dialect, and nothing is cut unless it says
 * truncate. Everything that the submit_sm points to stands in the scratch, the dialect or the arguments.
 */
#include <string.h>

#include "core/text_pack.h"
#include "core/text_plain.h"
#include "core/text_run.h"
#include "gateway/dialect.h"
#include "gateway/dialect_table.h"

#define TEXT_MOST 4096 /* bytes of a text that is cut; longer ones are cut to this first */

/* --- TLVs -------------------------------------------------------------------------------------------- */

static uint8_t *add_tlv(struct pdu_submit *s, struct dialect_scratch *scratch, uint16_t tag,
                        const uint8_t *value, size_t length)
{
	uint8_t *at;

	if (s->n_tlvs == sizeof(scratch->tlv) / sizeof(scratch->tlv[0]) || length > sizeof(scratch->tlv[0]))
		return NULL;
	at = scratch->tlv[s->n_tlvs];
	memcpy(at, value, length);
	s->tlv[s->n_tlvs++] = (struct pdu_tlv){.tag = tag, .length = (uint16_t)length, .value = at};
	return at;
}

static void add_op(const struct dialect *d, enum dialect_say how, struct dialect_scratch *scratch,
                   struct pdu_submit *s)
{
	if (d->op_tag && d->op_out[how].present)
		add_tlv(s, scratch, d->op_tag, &d->op_out[how].op, 1);
}

/* What our answer makes of the session's value: the next dialogue unit, and whether it was the last one. */
static void turn_session(const struct dialect *d, enum dialect_say how, uint8_t *value, size_t length)
{
	bool last = how == DIALECT_SAY_END || how == DIALECT_SAY_RELEASE;
	uint16_t bits;

	if (d->unit == DIALECT_UNIT_INCREMENT)
		value[length - 1] = (uint8_t)(value[length - 1] + 2);
	if (!d->set_end_bit)
		return;
	bits = last ? d->end_bit : 0;
	value[length - 1] = (uint8_t)((value[length - 1] & ~(d->end_bit & 0xff)) | (bits & 0xff));
	if (length > 1)
		value[length - 2] = (uint8_t)((value[length - 2] & ~(d->end_bit >> 8)) | bits >> 8);
}

static void add_session(const struct dialect *d, const struct dialect_session *session, enum dialect_say how,
                        struct dialect_scratch *scratch, struct pdu_submit *s)
{
	for (size_t i = 0; i < session->n_kept; i++) {
		const struct dialect_kept *k = &session->kept[i];
		uint8_t *at = add_tlv(s, scratch, k->tag, k->value, k->length);

		if (at && i == 0 && d->session_tag && k->tag == d->session_tag)
			turn_session(d, how, at, k->length);
	}
}

static void add_tlvs(const struct dialect *d, const struct dialect_session *session, enum dialect_say how,
                     struct dialect_scratch *scratch, struct pdu_submit *s)
{
	if (!d->op_last)
		add_op(d, how, scratch, s);
	add_session(d, session, how, scratch, s);
	for (size_t i = 0; i < d->n_extra; i++)
		if (d->extra[i].says & 1u << how)
			add_tlv(s, scratch, d->extra[i].tag, d->extra[i].value, d->extra[i].length);
	if (d->op_last)
		add_op(d, how, scratch, s);
}

/* --- text -------------------------------------------------------------------------------------------- */

/* The alphabet of short texts: what comes in under data_coding `coding_gsm7` means the same on the way out. An SMSC
 * whose default alphabet is Latin-1 would show another letter for the `@` of GSM 7-bit, which is octet 0. */
static enum text_alphabet short_alphabet(const struct dialect *d)
{
	enum text_alphabet is = d->coding_gsm7 == 0 ? d->default_alphabet : TEXT_GSM7;

	for (size_t i = 0; i < d->n_codings; i++) {
		if (d->coding_in[i].coding == d->coding_gsm7) {
			is = d->coding_in[i].alphabet; /* the first, as in reading */
			break;
		}
	}
	return d->packed_out || is == TEXT_UCS2 ? TEXT_GSM7 : is;
}

struct text_written { /* a text as it leaves */
	uint8_t data_coding;
	const uint8_t *octets; /* in the scratch */
	size_t len;
};

struct body { /* a text, measured for a dialect */
	struct text_cost cost;
	enum text_alphabet alphabet; /* that of short texts, or TEXT_UCS2 */
};

static struct body measure(const char *text, enum text_alphabet alphabet)
{
	struct body b = {text_measure(text, strlen(text)), alphabet};
	uint8_t octets[TEXT_MOST];
	size_t n;
	bool can = alphabet == TEXT_GSM7 ? b.cost.gsm7
	                                 : text_encode(alphabet, text, octets, sizeof(octets), &n) == RC_OK;

	if (!can)
		b.alphabet = TEXT_UCS2;
	return b;
}

/* Letters that are one octet here and none of GSM 7-bit count as one: what the gateway makes of them is its own. */
static bool fits(const struct dialect *d, const struct body *b)
{
	size_t septets, units;

	dialect_limits(d, &septets, &units);
	if (b->alphabet == TEXT_UCS2)
		return b->cost.ucs2_units <= units;
	return (b->cost.gsm7 ? b->cost.septets : b->cost.characters) <= septets;
}

/* A copy that may be changed. What is longer than TEXT_MOST fits no USSD string: it can only be cut. */
static enum rc copy_text(const struct dialect *d, const char *text, char *plain)
{
	size_t len = strlen(text);

	if (!text_utf8_valid(text, len) || (len > TEXT_MOST && d->too_long != DIALECT_LONG_TRUNCATE))
		return RC_RANGE;
	if (len > TEXT_MOST)
		for (len = TEXT_MOST; ((uint8_t)text[len] & 0xc0) == 0x80;)
			len--;
	memcpy(plain, text, len);
	plain[len] = '\0';
	return RC_OK;
}

static enum rc encode(const struct dialect *d, const char *text, enum text_alphabet alphabet,
                      struct dialect_scratch *scratch, struct text_written *w)
{
	uint8_t septets[TEXT_MOST];
	size_t n;

	w->data_coding = alphabet == TEXT_UCS2 ? d->coding_ucs2 : d->coding_gsm7;
	w->octets = scratch->body;
	if (alphabet == TEXT_UCS2 || !d->packed_out)
		return text_encode(alphabet, text, scratch->body, sizeof(scratch->body), &w->len) == RC_OK
		               ? RC_OK
		               : RC_RANGE;
	if (text_encode(TEXT_GSM7, text, septets, sizeof(septets), &n) != RC_OK)
		return RC_RANGE;
	w->len = text_pack(septets, n, scratch->body, sizeof(scratch->body));
	return n == 0 || w->len > 0 ? RC_OK : RC_RANGE;
}

/* Most of what menus say is its own encoding, an octet a septet. */
static bool write_plain(const struct dialect *d, enum text_alphabet alphabet, const char *text,
                        struct dialect_scratch *scratch, struct text_written *w)
{
	size_t len;

	if (alphabet != TEXT_GSM7 || d->packed_out)
		return false;
	len = strlen(text);
	if (len > d->max_septets || len > sizeof(scratch->body) || text_run((const uint8_t *)text, len) < len)
		return false;
	memcpy(scratch->body, text, len);
	w->data_coding = d->coding_gsm7;
	w->octets = scratch->body;
	w->len = len;
	return true;
}

/* The long way: measured, and changed or cut to what the dialect takes. */
static enum rc write_fitted(const struct dialect *d, enum text_alphabet alphabet, const char *text,
                            struct dialect_scratch *scratch, struct text_written *w)
{
	char plain[TEXT_MOST + 1];
	struct body b;

	if (copy_text(d, text, plain) != RC_OK)
		return RC_RANGE;
	b = measure(plain, alphabet);
	if (b.alphabet == TEXT_UCS2 && !d->ucs2) {
		char fancy[TEXT_MOST + 1];

		memcpy(fancy, plain, sizeof(fancy));
		(void)text_transliterate(alphabet, fancy, plain, sizeof(plain));
		b = measure(plain, alphabet);
	}
	if (!fits(d, &b) && d->too_long == DIALECT_LONG_TRUNCATE) {
		size_t units = b.cost.gsm7 ? d->max_units : (size_t)d->max_units * 2;

		text_shorten(plain, b.alphabet == TEXT_UCS2 ? units : d->max_septets);
		b = measure(plain, alphabet);
	}
	return fits(d, &b) ? encode(d, plain, b.alphabet, scratch, w) : RC_RANGE;
}

static enum rc write_body(const struct dialect *d, const char *text, struct dialect_scratch *scratch,
                          struct text_written *w)
{
	enum text_alphabet alphabet = short_alphabet(d);

	return write_plain(d, alphabet, text, scratch, w) ? RC_OK
	                                                  : write_fitted(d, alphabet, text, scratch, w);
}

/* --- the message ------------------------------------------------------------------------------------- */

static void set_address(const struct dialect_address *how, bool answers, struct pdu_address *a)
{
	if (how->mirror && answers)
		return;
	a->ton = how->ton;
	a->npi = how->npi;
}

/* All but the text; TLVs beyond n_tlvs are not touched. */
static void fill(const struct dialect *d, const struct dialect_event *to, bool answers,
                 const struct text_written *w, struct pdu_submit *s)
{
	s->service_type = d->service_type_copy && answers ? to->service_type : d->service_type;
	s->source = to->service;
	s->dest = to->subscriber;
	s->esm_class = d->esm_class;
	s->protocol_id = d->protocol_id;
	s->priority = d->priority;
	s->registered_delivery = d->registered_delivery;
	s->data_coding = w->data_coding;
	s->body = w->octets;
	s->body_len = w->len;
	s->in_payload = d->body_in_payload;
	s->validity = d->validity;
	s->n_tlvs = 0;
	set_address(&d->service, answers, &s->source);
	set_address(&d->subscriber, answers, &s->dest);
}

enum rc dialect_write_ussd(const struct dialect *d, const struct dialect_event *to_addresses_and_session,
                           const char *text, enum dialect_say how, struct dialect_scratch *scratch,
                           struct pdu_submit *out)
{
	const struct dialect_event *to = to_addresses_and_session;
	bool answers = how != DIALECT_SAY_PUSH && how != DIALECT_SAY_NOTIFY;
	struct text_written written;
	enum rc rc;

	if (!dialect_can_say(d, how))
		return RC_RANGE;
	rc = write_body(d, how == DIALECT_SAY_RELEASE ? "" : text, scratch, &written);
	if (rc != RC_OK)
		return rc;
	fill(d, to, answers, &written, out);
	add_tlvs(d, &to->session, how, scratch, out);
	return RC_OK;
}
