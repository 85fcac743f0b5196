/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a case to a dialect block: the best dialect, with each key set to what the trace shows where it shows
 * otherwise; and what a trace could have told and does not. */
#include "tools/diagnose_private.h"

#include <stdio.h>
#include <string.h>

#include "gateway/config_dialects.h"
#include "gateway/dialect_keys.h"
#include "tools/explain.h"

#define CANDIDATES_MAX 16
#define VENDOR_FIRST 0x1400
#define VENDOR_LAST 0x3fff

/* --- the session TLV ----------------------------------------------------------------------------- */

struct candidate {
	uint16_t tag;
	uint8_t length;
	size_t present;
	uint64_t varying; /* bits that changed within a dialogue */
	uint64_t seen;    /* bits that were ever set */
};

static struct candidate *candidate_of(struct candidate *all, size_t *n, uint16_t tag, uint16_t length)
{
	for (size_t i = 0; i < *n; i++)
		if (all[i].tag == tag)
			return &all[i];
	if (*n == CANDIDATES_MAX)
		return NULL;
	all[*n] = (struct candidate){.tag = tag, .length = (uint8_t)length};
	return &all[(*n)++];
}

static bool may_be_session(const struct the_case *c, const struct pdu_tlv *t)
{
	if (t->length < 1 || t->length > DIALECT_KEEP_SIZE)
		return false;
	if (t->tag == PDU_TAG_ITS_SESSION_INFO || t->tag == PDU_TAG_USER_MESSAGE_REFERENCE ||
	    (t->tag >= VENDOR_FIRST && t->tag <= VENDOR_LAST && t->length >= 2))
		return true;
	for (size_t i = 0; i < dialects_count(c->dialects); i++)
		if (dialects_at(c->dialects, i)->session_tag == t->tag)
			return true;
	return false;
}

static void gather(const struct the_case *c, struct candidate *all, size_t *n, size_t *messages)
{
	for (const struct case_dialogue *d = c->dialogues; d; d = d->next) {
		const struct case_item *first = NULL;

		for (const struct case_item *i = d->first; i; i = i->after) {
			if (!case_is_in(i))
				continue;
			(*messages)++;
			for (size_t k = 0; k < i->m->n_tlvs; k++) {
				const struct pdu_tlv *t = &i->m->tlv[k];
				struct candidate *x =
					may_be_session(c, t) ? candidate_of(all, n, t->tag, t->length) : NULL;

				if (!x)
					continue;
				x->present++;
				x->seen |= case_value(t);
				if (first && case_tlv(first, t->tag))
					x->varying |= case_value(t) ^ case_value(case_tlv(first, t->tag));
			}
			first = first ? first : i;
		}
	}
}

/* The bits above the highest one that changed: a counter has its whole octet, however far it came here, for the MSISDN
 * tells dialogues apart anyway. The last bit alone is no counter. Octet 2 of its_session_info is taken as the specification has
 * it unless it is neither 0 nor counts: then it is a part of the number, and its lowest bit the end. */
static uint64_t mask_of(const struct candidate *x)
{
	uint64_t all = x->length >= 8 ? UINT64_MAX : (1ull << (8 * x->length)) - 1, low = 0;

	if (x->tag == PDU_TAG_ITS_SESSION_INFO && x->length == 2) {
		if (x->varying & 0xff00)
			return 0;
		return (x->varying & 0xfe) || !(x->seen & 0xfe) ? 0xff00 : 0xfffe;
	}
	while (low < all && (x->varying & ~low))
		low = low << 1 | 1;
	for (uint64_t octets = 0xff; low > 1 && octets < all; octets = octets << 8 | 0xff)
		if (low <= octets)
			return all & ~octets;
	return all & ~low;
}

uint16_t case_session_tag(const struct the_case *c, uint64_t *mask, uint8_t *length)
{
	struct candidate all[CANDIDATES_MAX], *best = NULL;
	size_t n = 0, messages = 0;

	gather(c, all, &n, &messages);
	for (size_t i = 0; i < n; i++) {
		if (all[i].present * 10 < messages * 9)
			continue;
		/* a reference of messages is the last choice: it is a session only where nothing else is */
		if (!best || (best->tag == PDU_TAG_USER_MESSAGE_REFERENCE && mask_of(&all[i])) ||
		    (all[i].tag != PDU_TAG_USER_MESSAGE_REFERENCE && !mask_of(best) && mask_of(&all[i])))
			best = &all[i];
	}
	if (!best || (best->tag == PDU_TAG_USER_MESSAGE_REFERENCE && mask_of(best) == 0))
		return 0;
	*mask = mask_of(best);
	*length = best->length;
	return best->tag;
}

/* --- the block ----------------------------------------------------------------------------------- */

static bool is_against(const struct diagnosis_fit *fit, const char *knob)
{
	for (size_t i = 0; i < fit->n; i++)
		if (strcmp(fit->evidence[i].knob, knob) == 0)
			return fit->evidence[i].against > 0;
	return false;
}

static void set_op_in(struct dialect *d, const struct case_item *i)
{
	static const struct {
		enum case_role role;
		enum dialect_kind kind;
	} kinds[] = {{ROLE_BEGIN, DIALECT_BEGIN},
	             {ROLE_CONTINUE, DIALECT_CONTINUE},
	             {ROLE_ABORT, DIALECT_ABORT},
	             {ROLE_ACK, DIALECT_ACK}};

	for (size_t k = 0; i->has_op && k < sizeof kinds / sizeof kinds[0]; k++) {
		size_t at = 0;

		if (kinds[k].role != i->role)
			continue;
		while (at < d->n_ops && d->op_in[at].op != i->op)
			at++;
		if (at == DIALECT_MAX_OPS)
			return;
		if (at == d->n_ops)
			d->op_in[d->n_ops++] = (struct dialect_op){.op = i->op};
		d->op_in[at].kind = kinds[k].kind;
	}
}

static void set_op_out(struct dialect *d, const struct case_item *i)
{
	struct dialect_op_out op = {.present = i->has_op, .op = i->op};

	switch (i->role) {
	case ROLE_CONTINUE:
		d->op_out[DIALECT_SAY_CONTINUE] = op;
		break;
	case ROLE_END:
		d->op_out[DIALECT_SAY_END] = op;
		break;
	case ROLE_PUSH:
		d->op_out[DIALECT_SAY_PUSH] = op;
		d->can_push = true;
		break;
	case ROLE_NOTIFY:
		d->op_out[DIALECT_SAY_NOTIFY] = op;
		d->can_push = true;
		break;
	default:
		break;
	}
}

static void set_coding(struct dialect *d, const struct case_item *i)
{
	int alphabet = case_alphabet(i);

	for (size_t k = 0; k < d->n_codings; k++)
		if (d->coding_in[k].coding == i->m->data_coding)
			return;
	if (i->m->body_len > 0 && i->m->data_coding && d->n_codings < DIALECT_MAX_CODINGS)
		d->coding_in[d->n_codings++] = (struct dialect_coding){
			i->m->data_coding, alphabet < 0 ? TEXT_GSM7 : (enum text_alphabet)alphabet};
}

static void set_session(struct the_case *c, struct dialect *d, const struct diagnosis_fit *fit)
{
	uint64_t mask = 0;
	uint8_t length = 0;
	uint16_t tag = case_session_tag(c, &mask, &length);

	if (!is_against(fit, "session.tag") && !is_against(fit, "session.mask") &&
	    !is_against(fit, "session.length") && !is_against(fit, "session.demanded"))
		return;
	if (tag != d->session_tag) {
		d->end_bit = tag == PDU_TAG_ITS_SESSION_INFO ? 1 : 0;
		d->honour_end_bit = d->set_end_bit = d->end_bit != 0;
	}
	d->session_tag = tag;
	d->session_length = tag ? length : 0;
	d->session_mask = tag ? mask : 0;
	d->session_demanded = d->session_demanded && tag;
	for (size_t i = 0; i < d->n_echo; i++) /* it goes back as the session already */
		if (d->echo[i] == tag)
			d->echo[i--] = d->echo[--d->n_echo];
}

static void set_echo(struct dialect *d, const struct case_item *i, const struct case_item *asked)
{
	for (size_t k = 0; asked && k < i->m->n_tlvs; k++) {
		const struct pdu_tlv *t = &i->m->tlv[k], *theirs = case_tlv(asked, t->tag);
		bool known = t->tag == d->session_tag || t->tag == d->op_tag;

		for (size_t n = 0; n < d->n_echo; n++)
			known = known || d->echo[n] == t->tag;
		if (!known && theirs && theirs->length == t->length && t->length <= DIALECT_KEEP_SIZE &&
		    memcmp(theirs->value, t->value, t->length) == 0 && d->n_echo < DIALECT_KEEP_MAX - 1)
			d->echo[d->n_echo++] = t->tag;
	}
}

static void set_text_out(struct dialect *d, const struct diagnosis_fit *fit, const struct case_item *i)
{
	bool ucs2 = case_alphabet(i) == TEXT_UCS2;

	if (i->m->body_len == 0)
		return;
	if (is_against(fit, "text.in_payload"))
		d->body_in_payload = case_in_payload(i);
	if (ucs2 && is_against(fit, "text.coding_ucs2"))
		d->coding_ucs2 = i->m->data_coding;
	else if (!ucs2 && is_against(fit, "text.coding_gsm7"))
		d->coding_gsm7 = i->m->data_coding;
	if (ucs2)
		d->ucs2 = true;
	if (is_against(fit, "text.packed_out") && case_looks_of(i) != LOOKS_UNKNOWN)
		d->packed_out = case_looks_of(i) == LOOKS_PACKED;
	if (is_against(fit, "text.max_septets"))
		d->max_septets = TEXT_USSD_SEPTETS;
}

static void set_from_out(struct dialect *d, const struct diagnosis_fit *fit, const struct case_item *i)
{
	bool set;

	if (i->other && i->other->status != PDU_ROK)
		return;
	if (is_against(fit, "ops_out.continue") || is_against(fit, "ops_out.end") ||
	    is_against(fit, "ops_out.push") || is_against(fit, "ops_out.notify") ||
	    is_against(fit, "can_push"))
		set_op_out(d, i);
	if (is_against(fit, "echo"))
		set_echo(d, i, case_asked(i));
	if (is_against(fit, "session.set_end_bit") && i->role == ROLE_END &&
	    case_tlv(i, PDU_TAG_ITS_SESSION_INFO) &&
	    !(case_asked(i) && (case_value(case_tlv(case_asked(i), PDU_TAG_ITS_SESSION_INFO)) & 1))) {
		set = case_value(case_tlv(i, PDU_TAG_ITS_SESSION_INFO)) & 1;
		d->set_end_bit = set;
		d->end_bit = set && !d->end_bit ? 1 : d->end_bit;
	}
	if (is_against(fit, "service_type")) {
		d->service_type_copy = false;
		snprintf(d->service_type, sizeof d->service_type, "%s", i->m->service_type);
	}
	set_text_out(d, fit, i);
}

/* How USSD shows itself, where the dialect would have missed it. */
static void set_detect(struct dialect *d, const struct case_item *i)
{
	if (i->has_op && case_tlv(i, PDU_TAG_USSD_SERVICE_OP)) {
		d->ussd_by_op = true;
		d->op_tag = PDU_TAG_USSD_SERVICE_OP;
	} else if (*i->m->service_type) {
		d->ussd_by_type = true;
		snprintf(d->detect_type, sizeof d->detect_type, "%s", i->m->service_type);
	} else {
		d->ussd_all = true; /* nothing in the PDU says so: the bind must */
	}
}

static void set_default(struct dialect *d, enum text_alphabet alphabet)
{
	d->default_alphabet = alphabet;
	for (size_t i = 0; i < d->n_codings; i++)
		if (d->coding_in[i].coding == 0)
			d->coding_in[i].alphabet = alphabet;
}

static void set_from_in(struct dialect *d, const struct diagnosis_fit *fit, const struct case_item *i)
{
	char text[200];
	bool is_code;

	if (is_against(fit, "detect"))
		set_detect(d, i);
	if (is_against(fit, "ops_in"))
		set_op_in(d, i);
	if (is_against(fit, "coding_in"))
		set_coding(d, i);
	if (is_against(fit, "text.packed_in") && case_looks_of(i) != LOOKS_UNKNOWN)
		d->packed_in = case_looks_of(i) == LOOKS_PACKED;
	if (is_against(fit, "text.default_alphabet") && i->m->data_coding == 0 &&
	    case_looks_of(i) >= LOOKS_LATIN1)
		set_default(d, case_looks_of(i) == LOOKS_UTF8 ? TEXT_UTF8 : TEXT_LATIN1);
	if (is_against(fit, "begin_text_is_dialled") && i->role == ROLE_BEGIN) {
		case_text(i, text, sizeof text);
		d->begin_text_is_dialled = case_looks_dialled(text);
	}
	if (is_against(fit, "session.end_bit"))
		d->honour_end_bit = false;
	if (is_against(fit, "code_from") && i->role == ROLE_BEGIN) {
		case_text(i, text, sizeof text);
		is_code = *text && strspn(text, "0123456789*#") == strlen(text) &&
		          strcmp(text, i->m->dest.digits) != 0;
		d->code_from = d->code_from == DIALECT_CODE_DESTINATION && is_code ? DIALECT_CODE_TEXT
		                                                                   : DIALECT_CODE_DESTINATION;
	}
}

/* Where no op goes out with a screen, none goes out at all, and a push is not to be hoped for. */
static void settle_ops_out(struct dialect *d)
{
	if (d->op_out[DIALECT_SAY_CONTINUE].present || d->op_out[DIALECT_SAY_END].present)
		return;
	for (int i = 0; i < DIALECT_SAYS; i++)
		d->op_out[i].present = false;
	d->can_push = false;
}

bool case_same_dialect(const struct dialect *a, const struct dialect *b)
{
	char x[DIALECT_KEY_TEXT_SIZE], y[DIALECT_KEY_TEXT_SIZE];

	for (size_t i = 0; i < dialect_keys_count; i++) {
		const struct dialect_key *k = &dialect_keys[i];
		bool is_name = !*k->group && (strcmp(k->name, "name") == 0 || strcmp(k->name, "about") == 0);

		if (is_name || k->type == DIALECT_KEY_LIKE || strcmp(k->group, "extra[]") == 0)
			continue;
		if (strcmp(dialect_key_text(k, a, x), dialect_key_text(k, b, y)) != 0)
			return false;
	}
	return true;
}

/* The bit of the session that every last screen set anew and no other did; 0 = there is none. */
static uint16_t end_bit_of(const struct the_case *c, uint16_t tag)
{
	uint16_t ends = 0xffff, others = 0;
	bool any = false;

	for (size_t k = 0; k < c->n; k++) {
		const struct case_item *i = &c->item[k],
				       *asked = case_is_ussd(i) && case_is_out(i) ? case_asked(i) : NULL;
		uint16_t anew;

		if (!asked || !case_tlv(i, tag) || !case_tlv(asked, tag) ||
		    (i->other && i->other->status != PDU_ROK))
			continue;
		anew = (uint16_t)(case_value(case_tlv(i, tag)) & ~case_value(case_tlv(asked, tag)));
		if (i->role == ROLE_END) {
			ends &= anew;
			any = true;
		} else if (i->role == ROLE_CONTINUE) {
			others |= anew;
		}
	}
	ends &= (uint16_t)~others;
	return any && (ends & (ends - 1)) == 0 ? ends : 0;
}

static void settle_end_bit(struct the_case *c, struct dialect *d, const struct diagnosis_fit *fit)
{
	uint16_t bit = end_bit_of(c, d->session_tag);

	if (!bit || (!is_against(fit, "session.set_end_bit") && !is_against(fit, "session.tag")))
		return;
	d->end_bit = bit;
	d->set_end_bit = true;
	d->session_mask &= ~(uint64_t)bit;
}

void case_block(struct the_case *c)
{
	struct diagnosis *to = c->to;
	const struct diagnosis_fit *fit = &to->fit[0];
	struct dialect *d = &to->block;
	const struct case_item *example;
	bool code_is_set = false;

	*d = *fit->dialect;
	for (size_t k = 0; k < c->n; k++) {
		const struct case_item *i = &c->item[k];
		enum dialect_code_from before = d->code_from;

		if (!case_is_ussd(i))
			continue;
		if (case_is_in(i))
			set_from_in(d, fit, i);
		else
			set_from_out(d, fit, i);
		if (code_is_set) /* the first begin has told */
			d->code_from = before;
		code_is_set = code_is_set || d->code_from != before;
	}
	set_session(c, d, fit);
	settle_end_bit(c, d, fit);
	settle_ops_out(d);
	if (is_against(fit, "session.unit"))
		d->unit = d->unit == DIALECT_UNIT_ECHO ? DIALECT_UNIT_INCREMENT : DIALECT_UNIT_ECHO;
	if (is_against(fit, "sms.receipt_id"))
		d->sms.receipt_id = (enum dialect_receipt_id)case_receipt_id(c, &example);
	if (is_against(fit, "respond"))
		d->respond = d->respond == DIALECT_RESPOND_FIRST ? DIALECT_RESPOND_AFTER_SUBMIT
		                                                 : DIALECT_RESPOND_FIRST;
	to->block_differs = !case_same_dialect(fit->dialect, d);
	snprintf(d->name, sizeof d->name, "mine");
	snprintf(d->about, sizeof d->about, "from a trace of %zu dialogue%s; like %s", to->dialogues,
	         to->dialogues == 1 ? "" : "s", fit->dialect->name);
}

/* --- what is not told ---------------------------------------------------------------------------- */

struct seen {
	bool abort, ack, push, ucs2_in, ucs2_out, end, long_out, receipt_id, two_inputs, answered, order;
};

static void look(const struct case_item *i, struct seen *s)
{
	bool ucs2 = i->m && case_alphabet(i) == TEXT_UCS2;

	if (!i->m)
		return;
	s->abort |= i->role == ROLE_ABORT;
	s->ack |= i->role == ROLE_ACK;
	s->push |= i->role == ROLE_PUSH || i->role == ROLE_NOTIFY;
	s->end |= i->role == ROLE_END;
	s->ucs2_in |= ucs2 && case_is_in(i);
	s->ucs2_out |= ucs2 && case_is_out(i);
	s->two_inputs |= i->role == ROLE_CONTINUE && case_is_in(i) && i->before;
	s->answered |= case_is_ussd(i) && case_is_out(i);
	s->order |= case_is_ussd(i) && case_is_in(i) && i->other && i->after && i->after->other;
	s->long_out |=
		i->role == ROLE_SMS && case_is_out(i) &&
		((i->m->esm_class & 0x40) || case_tlv(i, PDU_TAG_SAR_MSG_REF_NUM) || i->m->body_len > 160);
	s->receipt_id |= i->role == ROLE_RECEIPT;
}

void case_untold(struct the_case *c)
{
	struct seen s = {0};
	struct diagnosis *to = c->to;

	for (size_t k = 0; k < c->n; k++)
		look(&c->item[k], &s);
	const struct {
		bool told;
		const char *words;
	} rows[] = {
		{s.two_inputs,
	         "what stays the same through a dialogue (session.mask): no subscriber answers a screen "
	         "here"},
		{s.answered, "how answers must look (ops_out, echo, service_type): no screen goes out here"},
		{s.end, "how a last screen is marked (ops_out.end, end bit): none is here"},
		{s.abort,
	         "how a subscriber's cancel or a network's timeout is told (ops_in, end bit): none is here"},
		{s.push, "whether it takes a push, and with which op (ops_out.push): none is here"},
		{s.order,
	         "whether deliver_sm_resp may go out before the screen (respond): responses are missing "
	         "here"},
		{s.ucs2_in, "which data_coding its UCS-2 has (coding_in): no such text comes in here"},
		{s.ucs2_out, "which data_coding it takes for UCS-2 (coding_out): no such text goes out here"},
		{s.long_out, "how long SMS must be split (sms.parts): none goes out here"},
		{s.receipt_id,
	         "whether receipts have the ids of submit_sm_resp (sms.receipt_id): no receipt is here"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (!rows[i].told && to->n_untold < sizeof to->untold / sizeof to->untold[0])
			to->untold[to->n_untold++] = rows[i].words;
}
