/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a trace to a case: messages read, and responses paired with requests. */
#include "tools/diagnose_private.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "gateway/config_dialects.h"
#include "gateway/pdu_codec.h"
#include "gateway/pdu_guard.h"
#include "tools/explain.h"

bool case_is_in(const struct case_item *i)
{
	return i->id == PDU_DELIVER_SM || (i->id == PDU_DATA_SM && i->p->way == TRACE_WAY_IN);
}

bool case_is_out(const struct case_item *i)
{
	return i->id == PDU_SUBMIT_SM || (i->id == PDU_DATA_SM && i->p->way == TRACE_WAY_OUT);
}

bool case_is_ussd(const struct case_item *i)
{
	return i->role >= ROLE_BEGIN;
}

const struct pdu_tlv *case_tlv(const struct case_item *i, uint16_t tag)
{
	return i->m && tag ? pdu_message_tlv(i->m, tag) : NULL;
}

uint64_t case_value(const struct pdu_tlv *t)
{
	uint64_t value = 0;

	for (size_t i = 0; t && i < t->length && i < 8; i++)
		value = value << 8 | t->value[i];
	return value;
}

/* Letters of ASCII, each after an octet 0. */
static bool looks_ucs2(const struct case_item *i)
{
	for (size_t k = 0; k + 1 < i->m->body_len; k += 2)
		if (i->m->body[k] != 0 || i->m->body[k + 1] < 0x20)
			return false;
	return i->m->body_len >= 2 && i->m->body_len % 2 == 0;
}

int case_alphabet(const struct case_item *i)
{
	char words[120];
	int alphabet = explain_coding(i->m->data_coding, words, sizeof words);

	return i->m->data_coding > 0x03 && alphabet != TEXT_UCS2 && looks_ucs2(i) ? TEXT_UCS2 : alphabet;
}

/* The TLV's own tag and length stand before it. */
bool case_in_payload(const struct case_item *i)
{
	const uint8_t *at = i->m->body;

	return at && i->m->body_len > 0 && at - i->p->bytes >= PDU_HEADER_SIZE + 4 &&
	       (at[-4] << 8 | at[-3]) == PDU_TAG_MESSAGE_PAYLOAD &&
	       (size_t)(at[-2] << 8 | at[-1]) == i->m->body_len;
}

void case_text(const struct case_item *i, char *out, size_t size)
{
	int alphabet = case_alphabet(i);
	size_t len = i->m->body_len, written;

	while (alphabet != TEXT_UCS2 && len > 0 && (i->m->body[len - 1] == 0 || isspace(i->m->body[len - 1])))
		len--;
	if (len == 0 || !i->m->body) {
		out[0] = '\0';
		return;
	}
	written = text_decode(alphabet < 0 ? TEXT_GSM7 : (enum text_alphabet)alphabet, i->m->body, len, out,
	                      size);
	while (written > 0 && isspace((unsigned char)out[written - 1]))
		out[--written] = '\0';
}

bool case_looks_dialled(const char *text)
{
	size_t len = strlen(text);

	return len >= 3 && (text[0] == '*' || text[0] == '#') && text[len - 1] == '#' &&
	       strspn(text, "0123456789*#") == len && strpbrk(text, "0123456789");
}

const struct case_item *case_asked(const struct case_item *out)
{
	const struct case_item *i = out->before;

	while (i && !case_is_in(i))
		i = i->before;
	return i;
}

/* --- messages ------------------------------------------------------------------------------------ */

static bool is_op_tag(const struct the_case *c, uint16_t tag)
{
	if (tag == PDU_TAG_USSD_SERVICE_OP)
		return true;
	for (size_t i = 0; i < dialects_count(c->dialects); i++)
		if (dialects_at(c->dialects, i)->op_tag == tag)
			return true;
	return false;
}

/* What the guard read of a copy, borrowed from the trace instead. */
static void rebase(struct pdu_message *m, const uint8_t *from, const uint8_t *to)
{
	if (m->body)
		m->body = to + (m->body - from);
	for (size_t i = 0; i < m->n_tlvs; i++)
		m->tlv[i].value = to + (m->tlv[i].value - from);
}

/* A submit_sm has the fields of a deliver_sm and is read under that name. */
static enum rc read_message(struct the_case *c, struct case_item *i, struct pdu_guard *guard)
{
	uint8_t *copy = malloc(i->p->len);

	if (!copy)
		return RC_NOMEM;
	memcpy(copy, i->p->bytes, i->p->len);
	if (i->id == PDU_SUBMIT_SM)
		copy[7] = PDU_DELIVER_SM;
	if (pdu_guard_read(guard, copy, i->p->len, &i->read_status) == RC_OK) {
		i->m = malloc(sizeof *i->m);
		if (i->m) {
			*i->m = guard->message;
			rebase(i->m, copy, i->p->bytes);
		}
		i->read_status = PDU_ROK;
	}
	free(copy);
	if (i->read_status == PDU_ROK && !i->m)
		return RC_NOMEM;
	for (size_t k = 0; i->m && k < i->m->n_tlvs && !i->has_op; k++) {
		const struct pdu_tlv *t = &i->m->tlv[k];

		if (is_op_tag(c, t->tag) && t->length > 0) {
			i->has_op = true;
			i->is_spec = t->tag == PDU_TAG_USSD_SERVICE_OP;
			i->op = t->value[0];
		}
	}
	return RC_OK;
}

static enum rc read_items(struct the_case *c)
{
	struct pdu_guard *guard = malloc(sizeof *guard);
	enum rc rc = RC_OK;

	c->n = trace_length(c->trace);
	c->item = calloc(c->n ? c->n : 1, sizeof *c->item);
	if (!guard || !c->item)
		rc = RC_NOMEM;
	for (size_t k = 0; rc == RC_OK && k < c->n; k++) {
		struct case_item *i = &c->item[k];
		struct pdu_header h;

		i->p = trace_at(c->trace, k);
		if (pdu_header_read(i->p->bytes, i->p->len, &h) != RC_OK) {
			i->read_status = PDU_RINVCMDLEN;
			continue;
		}
		i->id = h.id;
		i->status = h.status;
		i->sequence = h.sequence;
		if (case_is_in(i) || case_is_out(i))
			rc = read_message(c, i, guard);
		else if (h.length != i->p->len)
			i->read_status = PDU_RINVCMDLEN;
	}
	free(guard);
	return rc;
}

/* --- responses ----------------------------------------------------------------------------------- */

/* A table of the requests that wait: open addressing over (connection, sender, sequence number). */
struct waiting {
	size_t mask;
	struct case_item **slot;
};

static struct case_item **slot_of(const struct waiting *w, unsigned connection, enum trace_way way,
                                  uint32_t sequence)
{
	uint64_t mix = ((uint64_t)connection << 34 ^ (uint64_t)way << 32 ^ sequence) * 0x9e3779b97f4a7c15u;
	size_t at = (size_t)(mix ^ mix >> 29) & w->mask;

	while (w->slot[at] && !(w->slot[at]->sequence == sequence &&
	                        w->slot[at]->p->connection == connection && w->slot[at]->p->way == way))
		at = (at + 1) & w->mask;
	return &w->slot[at];
}

static enum trace_way turned(enum trace_way way)
{
	return way == TRACE_WAY_IN ? TRACE_WAY_OUT : way == TRACE_WAY_OUT ? TRACE_WAY_IN : TRACE_WAY_UNKNOWN;
}

static void pair_one(const struct waiting *w, struct case_item *i)
{
	struct case_item **slot;

	if (i->id & PDU_RESPONSE) {
		slot = slot_of(w, i->p->connection, turned(i->p->way), i->sequence);
		if (*slot && !(*slot)->other &&
		    (i->id == PDU_GENERIC_NACK || i->id == ((*slot)->id | PDU_RESPONSE))) {
			(*slot)->other = i;
			i->other = *slot;
		}
		return;
	}
	slot = slot_of(w, i->p->connection, i->p->way, i->sequence);
	i->is_reused = *slot && !(*slot)->other;
	*slot = i;
}

static enum rc pair(struct the_case *c)
{
	struct waiting w = {.mask = 64};

	while (w.mask < 2 * c->n)
		w.mask *= 2;
	w.slot = calloc(w.mask, sizeof(struct case_item *));
	if (!w.slot)
		return RC_NOMEM;
	w.mask--;
	for (size_t k = 0; k < c->n; k++)
		if (c->item[k].id != 0)
			pair_one(&w, &c->item[k]);
	free(w.slot);
	return RC_OK;
}

enum rc case_read(struct the_case *c)
{
	enum rc rc = read_items(c);

	c->tail = &c->dialogues;
	if (rc == RC_OK)
		rc = pair(c);
	if (rc == RC_OK)
		rc = case_gather(c);
	return rc;
}

void case_free(struct the_case *c)
{
	while (c->dialogues) {
		struct case_dialogue *d = c->dialogues;

		c->dialogues = d->next;
		free(d);
	}
	for (size_t k = 0; c->item && k < c->n; k++)
		free(c->item[k].m);
	free(c->item);
}
