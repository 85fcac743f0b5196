/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fold: see fold.h. */
#include "storage/fold.h"

#include <stdio.h>
#include <string.h>

static void touch(struct fold *o, size_t field, const char *value, const char *channel, int confidence)
{
	const char *old = record_value(o->record, field);
	struct profile_touch *t = &o->profile.field[field];

	*t = (struct profile_touch){.how = value ? PROFILE_TOLD : PROFILE_TAKEN,
	                            .replaced = t->replaced || (old && (!value || strcmp(old, value) != 0)),
	                            .confidence = confidence,
	                            .channel = channel};
	o->profile.any = true;
}

/* Promise 8: a value only under a consent that stands at this point of the batch. Forgetting is always allowed. */
static enum rc fold_save(const struct profile *p, const struct op *op, struct fold *o)
{
	const struct profile_field *f = &p->field[op->save.field];

	if (op->save.field >= p->n_fields)
		return RC_RANGE;
	if (op->save.value && !record_has_consent(o->record, f->consent))
		return RC_STATE;
	if (op->save.value && *op->save.value && !profile_check(f, op->save.value, NULL, 0))
		return RC_RANGE;
	touch(o, op->save.field, op->save.value, op->save.channel, op->save.confidence);
	return record_set_value(o->record, op->save.field, op->save.value);
}

/* What was told under a consent goes with it. */
static void forget_under(const struct profile *p, const char *purpose, enum store_channel channel,
                         struct fold *o)
{
	for (size_t i = 0; i < p->n_fields; i++) {
		if (strcmp(p->field[i].consent, purpose) != 0 || !record_value(o->record, i))
			continue;
		touch(o, i, NULL, store_channel_name(channel), 0);
		if (record_set_value(o->record, i, NULL) != RC_OK)
			continue; /* cannot be: taking out needs no room */
	}
}

/* Promise 7: whoever has said STOP agrees to no marketing before START, whoever says so for them. */
static enum rc fold_consent(const struct profile *p, const struct op *op, struct fold *o)
{
	bool stands = op->consent.state == STORE_CONSENT_GRANTED;
	enum rc rc;

	if (stands && record_is_stopped(o->record) && profile_is_marketing(p, op->consent.purpose))
		return RC_STATE;
	rc = record_set_consent(o->record, op->consent.purpose, stands);
	if (rc == RC_OK && !stands)
		forget_under(p, op->consent.purpose, op->consent.channel, o);
	return rc == RC_FULL ? RC_STATE : rc;
}

static void fold_stop(const struct profile *p, const struct op *op, struct fold *o)
{
	record_set_stopped(o->record, op->stop.stopped);
	o->subscriber_changed = true;
	for (size_t i = 0; op->stop.stopped && i < p->n_purposes; i++)
		if (p->purpose[i].is_marketing)
			forget_under(p, p->purpose[i].name, op->stop.channel, o);
	if (op->stop.stopped)
		(void)record_withdraw_marketing(o->record);
}

static void fold_erase(struct fold *o)
{
	record_erase(o->record);
	memset(&o->resume, 0, sizeof o->resume);
	memset(o->profile.field, 0, sizeof o->profile.field);
	o->profile.any = false;
	o->subscriber_changed = o->erased = true;
}

static void fold_resume(const struct store_batch *b, const struct op *op, struct fold *o)
{
	memset(&o->resume, 0, sizeof o->resume);
	if (op->resume.service[0]) {
		(void)snprintf(o->resume.service, sizeof o->resume.service, "%s", op->resume.service);
		(void)snprintf(o->resume.screen, sizeof o->resume.screen, "%s", op->resume.screen);
		o->resume.at_ms = b->utc_ms;
	}
	o->subscriber_changed = true;
}

static enum rc fold_verify(const struct op *op, struct fold *o)
{
	record_settle(o->record);
	if (op->verify.proof ? !record_is_registered(o->record)
	                     : record_state(o->record) != SUBSCRIBER_VERIFIED)
		return RC_STATE;
	record_set_state(o->record, op->verify.proof ? SUBSCRIBER_VERIFIED : SUBSCRIBER_DECLARED);
	return RC_OK;
}

static enum rc fold_op(const struct profile *p, const struct store_batch *b, const struct op *op,
                       struct fold *o)
{
	switch (op->kind) {
	case OP_SEEN:
		if (b->utc_ms > record_last_seen_ms(o->record))
			record_set_seen_ms(o->record, record_first_seen_ms(o->record), b->utc_ms);
		o->subscriber_changed = true;
		return RC_OK;
	case OP_LANGUAGE:
		o->subscriber_changed = true;
		return record_set_language(o->record, op->language);
	case OP_CONSENT:
		return fold_consent(p, op, o);
	case OP_SAVE:
		return fold_save(p, op, o);
	case OP_RESUME:
		fold_resume(b, op, o);
		return RC_OK;
	case OP_STOP:
		fold_stop(p, op, o);
		return RC_OK;
	case OP_ERASE:
		fold_erase(o);
		return RC_OK;
	case OP_VERIFY:
		return fold_verify(op, o);
	case OP_GIVE:
	case OP_COPY:
	case OP_INVITE:
	case OP_ANSWER:
	case OP_LEAVE:
	case OP_REFER:
	case OP_NOTICE:
	case OP_INTERACTION:
		return RC_OK;
	}
	return RC_OK;
}

enum rc fold_batch(const struct profile *p, const struct store_batch *b, struct fold *o)
{
	enum subscriber_state before = record_state(o->record);

	for (const struct op *op = b->first; op; op = op->next) {
		enum rc rc = fold_op(p, b, op, o);

		if (rc != RC_OK)
			return rc;
	}
	record_settle(o->record);
	if (record_state(o->record) != before)
		o->subscriber_changed = true;
	o->unproven = before == SUBSCRIBER_VERIFIED && record_state(o->record) != SUBSCRIBER_VERIFIED;
	return RC_OK;
}
