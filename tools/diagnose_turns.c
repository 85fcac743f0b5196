/* SPDX-License-Identifier: GPL-3.0-or-later */
/* USSD gathered into dialogues, and what each message was for. No dialect is asked: an op of the
 * specification counts where the rest does not contradict it. */
#include "tools/diagnose_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "gateway/config_dialects.h"

#define ESM_TYPE 0x3c
#define TAG_SMPP_PLUS 0x1501
#define LATE_PUSH_US 60000000 /* a screen so long after the end is no late answer */
#define AMIDST_US 180000000   /* dialogues that a capture begins in the middle of may last so long */
#define AMIDST_PDUS 100       /* the same, where times are not known */
#define DIALOGUES_MAX 50000
#define SUBSCRIBER_DIGITS 9 /* the last ones: the same number stands with and without its country code */

static bool is_session_tag(const struct the_case *c, uint16_t tag)
{
	if (tag == PDU_TAG_ITS_SESSION_INFO || tag == TAG_SMPP_PLUS)
		return true;
	for (size_t i = 0; i < dialects_count(c->dialects); i++)
		if (dialects_at(c->dialects, i)->session_tag == tag && tag != PDU_TAG_USER_MESSAGE_REFERENCE)
			return true;
	return false;
}

static void subscriber_of(const struct case_item *i, char *out, size_t size)
{
	const char *digits = case_is_in(i) ? i->m->source.digits : i->m->dest.digits;
	size_t len = strlen(digits);

	snprintf(out, size, "%.*s", SUBSCRIBER_DIGITS,
	         len > SUBSCRIBER_DIGITS ? digits + len - SUBSCRIBER_DIGITS : digits);
}

#define TABLE 4096
struct talkers {
	struct case_dialogue *head[TABLE]; /* the newest of each subscriber; chained by `older`, by bucket */
};

static unsigned bucket_of(const char *subscriber)
{
	unsigned sum = 5381;

	for (; *subscriber; subscriber++)
		sum = sum * 33 + (unsigned char)*subscriber;
	return sum % TABLE;
}

static struct case_dialogue *newest(const struct talkers *t, const char *subscriber)
{
	struct case_dialogue *d = t->head[bucket_of(subscriber)];

	while (d && strcmp(d->subscriber, subscriber) != 0)
		d = d->older;
	return d;
}

static struct case_dialogue *open_dialogue(struct the_case *c, struct talkers *t, const char *subscriber)
{
	struct case_dialogue *d = calloc(1, sizeof *d);
	unsigned bucket = bucket_of(subscriber);

	if (!d)
		return NULL;
	if (c->to->dialogues ==
	    DIALOGUES_MAX) { /* the rest is one long dialogue, of which nothing is concluded */
		free(d);
		return t->head[bucket] ? t->head[bucket] : c->dialogues;
	}
	snprintf(d->subscriber, sizeof d->subscriber, "%s", subscriber);
	d->older = t->head[bucket];
	t->head[bucket] = d;
	*c->tail = d;
	c->tail = &d->next;
	c->to->dialogues++;
	return d;
}

static void join(struct case_dialogue *d, struct case_item *i)
{
	i->dialogue = d;
	i->before = d->last;
	if (d->last)
		d->last->after = i;
	else
		d->first = i;
	d->last = i;
}

static bool has_session(const struct the_case *c, const struct case_item *i)
{
	for (size_t k = 0; k < i->m->n_tlvs; k++)
		if (is_session_tag(c, i->m->tlv[k].tag))
			return true;
	return false;
}

static bool is_receipt(const struct case_item *i)
{
	uint8_t type = i->m->esm_class & ESM_TYPE;

	return type == 0x04 || type == 0x08 || type == 0x20 || case_tlv(i, PDU_TAG_RECEIPTED_MESSAGE_ID);
}

static bool says_ussd(const struct the_case *c, const struct case_item *i)
{
	return i->has_op || strncasecmp(i->m->service_type, "USSD", 4) == 0 || has_session(c, i);
}

static bool end_bit(const struct case_item *i)
{
	const struct pdu_tlv *t = case_tlv(i, PDU_TAG_ITS_SESSION_INFO);

	return t && t->length == 2 && (t->value[1] & 1);
}

/* The op speaks where it can; a begin op within a dialogue that stays, with an answer in it, is none. */
static enum case_role role_in(const struct case_item *i, const struct case_dialogue *open, const char *text)
{
	bool dialled = case_looks_dialled(text);
	bool awaited = open && open->last && case_is_out(open->last);

	if (i->is_spec && i->op == 0x13)
		return ROLE_ACK;
	if (i->is_spec && (i->op == 0x81 || i->op == 0x80))
		return ROLE_ABORT;
	if (i->is_spec && (i->op == 0x12 || i->op == 0x92))
		return ROLE_CONTINUE;
	if (i->is_spec && i->op <= 1)
		return awaited && !dialled && *text ? ROLE_CONTINUE : ROLE_BEGIN;
	if (!dialled && ((i->is_spec && i->op == 0x11) || (end_bit(i) && !*text)))
		return ROLE_ABORT;
	if (dialled || !open)
		return dialled || i->has_op ? ROLE_BEGIN : ROLE_UNCLEAR;
	return *text ? ROLE_CONTINUE : ROLE_UNCLEAR;
}

static enum rc place_in(struct the_case *c, struct talkers *t, struct case_item *i)
{
	char subscriber[24], text[400];
	struct case_dialogue *d;

	if (is_receipt(i)) {
		i->role = ROLE_RECEIPT;
		return RC_OK;
	}
	subscriber_of(i, subscriber, sizeof subscriber);
	case_text(i, text, sizeof text);
	d = newest(t, subscriber);
	if (!says_ussd(c, i) && !case_looks_dialled(text) && (!d || d->over)) {
		i->role = ROLE_SMS;
		return RC_OK;
	}
	i->role = role_in(i, d && !d->over ? d : NULL, text);
	i->sure = i->is_spec && (i->op <= 1 || i->op == 0x12 || i->op == 0x13 || i->op == 0x81);
	if (i->role == ROLE_BEGIN || !d || (d->over && i->role == ROLE_UNCLEAR)) {
		d = open_dialogue(c, t, subscriber);
		if (!d)
			return RC_NOMEM;
	}
	join(d, i);
	if (i->before && case_is_out(i->before) && (i->role == ROLE_CONTINUE || i->role == ROLE_ACK)) {
		if (i->before->role == ROLE_END) /* it was answered, so it was not the last */
			i->before->role = ROLE_CONTINUE;
		i->before->sure = true;
		d->over = false;
	}
	d->over = d->over || i->role == ROLE_ABORT || i->role == ROLE_ACK;
	return RC_OK;
}

/* An end as any dialect shows one: the end bit of its_session_info that the request had not, or an op of a
 * response. */
static bool looks_last(const struct case_item *i)
{
	const struct case_item *asked = case_asked(i);

	if (end_bit(i) && !(asked && end_bit(asked)))
		return true;
	return i->is_spec && (i->op == 0x10 || i->op == 0x11 || i->op == 0x17 || i->op == 0x03 ||
	                      i->op == 0x82 || i->op == 0x83 || i->op == 0x80);
}

/* After the end of a dialogue: is this a push, or a screen that comes too late, or once too often? */
static bool begins_anew(const struct the_case *c, const struct case_dialogue *d, const struct case_item *i)
{
	const struct pdu_tlv *ours, *theirs;

	if (d->last->role == ROLE_ACK || (i->is_spec && (i->op == 0x03 || i->op == 0x83)))
		return true;
	if (i->p->at_us >= 0 && i->p->at_us - d->last->p->at_us > LATE_PUSH_US && !looks_last(i))
		return true;
	for (size_t k = 0; k < i->m->n_tlvs; k++) {
		ours = &i->m->tlv[k];
		theirs = is_session_tag(c, ours->tag) ? case_tlv(d->last, ours->tag) : NULL;
		if (theirs && ours->length == theirs->length && ours->length > 1 &&
		    memcmp(ours->value, theirs->value, ours->length - 1u) != 0)
			return true;
	}
	return d->last->role != ROLE_ABORT && !looks_last(i);
}

/* The first of a subscriber in a capture that begins while the link is bound: it may be a push as well as a screen
 * of a dialogue that began before. */
static bool began_before(const struct the_case *c, const struct case_item *i)
{
	const struct case_item *first = &c->item[0];

	if (i->p->connection < CONNECTIONS_MAX && c->binds[i->p->connection])
		return false;
	if (i->p->at_us >= 0 && first->p->at_us >= 0)
		return i->p->at_us - first->p->at_us < AMIDST_US;
	return i->p->number <= AMIDST_PDUS;
}

static enum rc place_out(struct the_case *c, struct talkers *t, struct case_item *i)
{
	char subscriber[24];
	struct case_dialogue *d;
	bool says = says_ussd(c, i), amidst;

	subscriber_of(i, subscriber, sizeof subscriber);
	d = newest(t, subscriber);
	amidst = !d && began_before(c, i);
	/* After the end, or once more in a turn: still of that dialogue, as a fault. */
	if (!says && (!d || d->over || !case_is_in(d->last) || d->last->role == ROLE_ABORT)) {
		i->role = ROLE_SMS;
		return RC_OK;
	}
	if (!d || (d->over && begins_anew(c, d, i))) {
		d = open_dialogue(c, t, subscriber);
		if (!d)
			return RC_NOMEM;
		join(d, i);
		i->role = i->is_spec && (i->op == 0x03 || i->op == 0x83) ? ROLE_NOTIFY : ROLE_PUSH;
		i->sure = true;
		if (i->role == ROLE_PUSH &&
		    (amidst || looks_last(i))) { /* no push is the last of something */
			i->role = looks_last(i) ? ROLE_END : ROLE_UNCLEAR;
			i->sure = false;
			d->over = i->role == ROLE_END;
		}
		return RC_OK;
	}
	join(d, i);
	i->role = looks_last(i) ? ROLE_END : ROLE_CONTINUE;
	d->over = d->over || i->role == ROLE_END;
	return RC_OK;
}

static bool has_text(const struct case_item *i)
{
	char text[400];

	case_text(i, text, sizeof text);
	return *text != '\0';
}

/* A screen after which the same subscriber dialled again, or nothing came for long, was the last, for all we
 * see. */
static void settle(struct the_case *c)
{
	bool answered[256] = {false}, any = false;

	for (size_t k = 0; k < c->n; k++) {
		const struct case_item *i = &c->item[k];

		if (i->role == ROLE_CONTINUE && case_is_out(i) && i->sure && i->has_op)
			answered[i->op] = any = true;
	}
	for (struct case_dialogue *d = c->dialogues; d; d = d->next) {
		struct case_item *last = d->last;

		if (last && last->role == ROLE_CONTINUE && case_is_out(last))
			last->sure = false;
		for (struct case_item *i = d->first; i; i = i->after) {
			if (i->role == ROLE_END)
				i->sure = true;
			else if (i->role == ROLE_UNCLEAR && case_is_in(i) && !i->after && i->before &&
			         i->has_op && !has_text(i)) /* nothing was said, and nothing followed */
				i->role = ROLE_ABORT;
			else if (i->role == ROLE_CONTINUE && case_is_out(i) && !i->after && i->has_op &&
			         any && !answered[i->op]) /* an op that no answer ever followed */
				i->role = ROLE_END;
			else if (i->role == ROLE_CONTINUE && case_is_in(i) && !i->after && i->before &&
			         end_bit(i) &&
			         !end_bit(d->first)) /* a text in a PDU that ends is no answer */
				i->role = ROLE_ABORT;
		}
	}
}

static void count(struct the_case *c)
{
	c->to->pdus = c->n;
	for (size_t k = 0; k < c->n; k++) {
		const struct case_item *i = &c->item[k];

		c->to->malformed += i->read_status != PDU_ROK;
		c->to->receipts += i->role == ROLE_RECEIPT;
		c->to->sms_in += i->role == ROLE_SMS && case_is_in(i);
		c->to->sms_out += i->role == ROLE_SMS && case_is_out(i);
		c->to->ussd_in += case_is_ussd(i) && case_is_in(i);
		c->to->ussd_out += case_is_ussd(i) && case_is_out(i);
	}
}

enum rc case_gather(struct the_case *c)
{
	struct talkers *t = calloc(1, sizeof *t);
	enum rc rc = t ? RC_OK : RC_NOMEM;

	for (size_t k = 0; k < c->n; k++) {
		uint32_t id = c->item[k].id;

		if ((id == PDU_BIND_TRANSCEIVER || id == PDU_BIND_TRANSMITTER || id == PDU_BIND_RECEIVER) &&
		    c->item[k].p->connection < CONNECTIONS_MAX)
			c->binds[c->item[k].p->connection] = true;
	}

	for (size_t k = 0; rc == RC_OK && k < c->n; k++) {
		struct case_item *i = &c->item[k];

		if (i->m && case_is_in(i))
			rc = place_in(c, t, i);
		else if (i->m)
			rc = place_out(c, t, i);
	}
	free(t);
	if (rc == RC_OK) {
		settle(c);
		count(c);
	}
	return rc;
}
