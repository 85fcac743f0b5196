/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogues: events come in here, are matched to their dialogue and sorted: a begin, an input, a duplicate, an
 * abort, or nothing that anybody waits for. What a turn does is in dialogue_turn.c. */
#include "gateway/dialogue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/dialogue_private.h"
#include "gateway/transcript.h"

static bool is_stopping(void *ctx, int64_t msisdn)
{
	return push_is_stopping(ctx, msisdn);
}

enum rc dialogues_new(const struct dialogue_options *options, const struct dialogue_port *port,
                      struct dialogues **out)
{
	struct dialogues *ds = calloc(1, sizeof(*ds));
	struct notices_options n = {.clock = options->clock, .store = options->store};
	enum rc rc;

	if (ds == NULL)
		return RC_NOMEM;
	ds->options = *options;
	ds->port = *port;
	n.port = &ds->port;
	n.config = options->config;
	n.is_stopping = is_stopping;
	n.push = row_claimed;
	n.ctx = ds;
	rc = notices_new(&n, &ds->notices);
	if (rc == RC_OK)
		rc = flood_new((unsigned)options->config->per_subscriber, &ds->flood);
	if (rc == RC_OK)
		rc = seen_new(&ds->seen);
	if (rc == RC_OK && (!times_init(ds) || !index_init(&ds->index)))
		rc = RC_NOMEM;
	if (rc != RC_OK) {
		dialogues_free(ds);
		return rc;
	}
	due_list_init(&ds->awake, 0);
	due_list_init(&ds->sms_idle, DIALOGUE_SMS_IDLE_MS);
	due_list_init(&ds->closed, DIALOGUE_CLOSED_MS);
	due_list_init(&ds->flushing, DIALOGUE_FLUSH_MS);
	for (int i = 0; i < DIALOGUE_RETRIES; i++)
		due_list_init(&ds->retry[i], 50LL << i);
	ds->counts_at_ms = clock_mono_ms(options->clock) + DIALOGUE_COUNTS_MS;
	charge_listen(ds);
	*out = ds;
	return RC_OK;
}

void dialogues_free(struct dialogues *ds)
{
	struct dialogue *d, *next;

	if (ds == NULL)
		return;
	for (d = ds->index.oldest; d != NULL; d = next) {
		next = d->newer;
		d = rest_wake(d);
		if (d != NULL) {
			due_remove(&d->timer);
			dialogue_reset(d);
			index_remove(&ds->index, d);
			free(d);
		}
	}
	index_fini(&ds->index);
	while (ds->spare != NULL) {
		struct delivery *delivery = ds->spare;

		ds->spare = delivery->spare;
		free(delivery);
	}
	counts_free(ds);
	notices_free(ds->notices);
	transcripts_free(ds->transcripts);
	flood_free(ds->flood);
	seen_free(ds->seen);
	free(ds->times);
	free(ds);
}

static void acknowledge(struct dialogues *ds, const struct dialogue_input *in, uint32_t status)
{
	ds->port.acknowledge(ds->port.ctx, in, status);
}

void dialogue_say_stateless(struct dialogues *ds, const struct dialogue_input *in, const char *text)
{
	struct delivery *delivery = delivery_new(ds, NULL);

	if (delivery == NULL)
		return;
	ds->counters.answers++;
	if (ds->port.answer(ds->port.ctx, in->link, &in->event, text, true, (uint64_t)(uintptr_t)delivery) !=
	    RC_OK) {
		ds->counters.answers_lost++;
		delivery_free(ds, delivery);
	}
}

/* --- the record ---------------------------------------------------------------------------------- */

static void on_found(void *ctx, enum rc rc, struct record *record, const struct store_resume *resume)
{
	struct dialogue *d = ctx;

	d->finds--;
	if (d->state != DIALOGUE_ST_LOADING || d->finds > 0 ||
	    d->find_wanted) { /* given up, or a later one counts */
		record_free(record);
	} else if (rc != RC_OK) {
		turn_fail(d);
	} else {
		d->record = record;
		tell_found(d);
		if (d->opens)
			push_found(d);
		else if (d->sms_word != DIALOGUE_WORD_NONE)
			sms_word_found(d);
		else
			turn_began(d, resume);
	}
	dialogue_release(d);
}

/* Reads wait for this subscriber's own writes, so that nobody is asked again what was just told. */
void dialogue_load(struct dialogue *d)
{
	d->find_wanted = d->writes > 0;
	if (d->find_wanted) {
		store_hurry(d->all->options.store);
		return;
	}
	dialogue_hold(d);
	d->finds++;
	if (store_find(d->all->options.store, d->key.msisdn, on_found, d) == RC_OK)
		return;
	d->finds--;
	d->holds--;
	turn_fail(d);
}

/* --- USSD -------------------------------------------------------------------------------------------- */

static struct dialogue_key key_of(const struct dialogue_input *in)
{
	return (struct dialogue_key){
		.msisdn = in->event.msisdn, .group = in->group, .sms = in->event.kind == DIALECT_SMS};
}

/* The book for a begin, and in `dialled` what the machine should read shortcuts from. */
static struct book *book_for(const struct dialogues *ds, const struct dialect_event *e, char *dialled,
                             size_t size)
{
	struct book *b = NULL;

	if (e->kind == DIALECT_BEGIN && e->text[0] != '\0') {
		snprintf(dialled, size, "%s", e->text);
		b = services_by_dialled(ds->options.services, dialled);
	}
	if (b == NULL && e->code[0] != '\0') {
		snprintf(dialled, size, "*%s#", e->code);
		b = services_by_dialled(ds->options.services, dialled);
	}
	return b;
}

void dialogue_keep_before(struct dialogue *d)
{
	if (d->state == DIALOGUE_ST_NEW || d->last.kind == DIALOGUE_NO_INPUT)
		return;
	d->before = (struct dialogue_before){
		.last = d->last,
		.session = d->wire.session,
		.unsure = d->unsure || d->state == DIALOGUE_ST_SENDING,
		.moves = d->moves,
	};
}

static void begin(struct dialogues *ds, struct dialogue *d, const struct dialogue_input *in)
{
	char dialled[DIALECT_INPUT_SIZE];
	struct book *b = book_for(ds, &in->event, dialled, sizeof(dialled));
	struct dialogue_key key = key_of(in);
	enum dialogue_shed why;

	if (d != NULL)
		dialogue_keep_before(d);
	if (d != NULL && dialogue_is_open(d))
		dialogue_close(d, STORE_END_REPLACED);
	if (b == NULL) {
		ds->counters.unrouted++;
		acknowledge(ds, in, PDU_ROK);
		dialogue_say_stateless(ds, in, "This code is not in use. Please check it and dial again.");
		return;
	}
	why = dialogue_overload(ds, in->group);
	if (d == NULL && why == DIALOGUE_SHED_NOT)
		d = dialogue_new(ds, &key);
	if (d == NULL || why != DIALOGUE_SHED_NOT) {
		overload_shed(ds, in, why != DIALOGUE_SHED_NOT ? why : DIALOGUE_SHED_DIALOGUES,
		              book_say(&b->word[BOOK_WORD_BUSY], 0));
		return;
	}
	acknowledge(ds, in, PDU_ROK);
	dialogue_reset(d);
	dialogue_note_input(d, in);
	d->last.acknowledged = true;
	d->keyword = -1;
	counts_take_book(d, b);
	d->dialled = strdup(dialled);
	d->began_ms = actions_utc_ms(d);
	ds->counters.begun++;
	dialogue_set_state(d, DIALOGUE_ST_LOADING);
	dialogue_load(d);
}

static void input(struct dialogues *ds, struct dialogue *d, const struct dialogue_input *in)
{
	acknowledge(ds, in, PDU_ROK);
	/* The network does not speak in our turn; whatever it is, it is not an answer to a screen. */
	if (dialogue_is_ours(d) || dialogue_is_ahead(d, in)) {
		ds->counters.wrong_turn++;
		return;
	}
	ds->counters.inputs++;
	if (d->opens)
		push_answered(d);
	dialogue_note_input(d, in);
	d->last.acknowledged = true;
	if (sms_is_stop(in->event.text) && !d->store_failed)
		sms_stop_dialogue(d);
	else
		turn_input(d, in->event.text);
}

/* An abort of an older session must not end the dialogue that has taken its place. */
static void abort_dialogue(struct dialogues *ds, struct dialogue *d, const struct dialogue_input *in)
{
	enum dialect_cause cause = in->event.cause;

	acknowledge(ds, in, PDU_ROK);
	if (d == NULL || !dialogue_is_open(d))
		return;
	if (!dialect_session_fits(&d->wire.session, &in->event.session) ||
	    (d->opens && !push_aborted(d, cause))) {
		ds->counters.old_sessions++;
		return;
	}
	ds->counters.aborts_subscriber += cause == DIALECT_CAUSE_SUBSCRIBER;
	ds->counters.aborts_network += cause == DIALECT_CAUSE_NETWORK;
	ds->counters.aborts_unknown += cause == DIALECT_CAUSE_UNKNOWN;
	if (!dialogue_is_open(d)) /* a push: told already */
		return;
	if (d->detail[0] == '\0' && cause != DIALECT_CAUSE_UNKNOWN)
		snprintf(d->detail, sizeof(d->detail), "%s",
		         cause == DIALECT_CAUSE_SUBSCRIBER ? "cancelled on the phone"
		                                           : "ended by the network");
	turn_gone(d, cause == DIALECT_CAUSE_NETWORK ? STORE_END_TIMEOUT : STORE_END_CANCELLED);
	late_over(d);
}

/* After the last screen nothing is waited for, whether or not its delivery is confirmed yet. */
static bool is_going_on(const struct dialogue *d)
{
	return dialogue_is_open(d) && (d->state != DIALOGUE_ST_SENDING || !d->answer_last);
}

/* Something of a dialogue that another one has replaced: it is answered to the SMSC and to nobody else. The session that it
 * belongs to gets no screen any more; the network ends it. */
static void old_session(struct dialogues *ds, const struct dialogue_input *in)
{
	ds->counters.old_sessions++;
	acknowledge(ds, in, PDU_ROK);
}

/* It came while an answer was waited for, and says that it belongs to another session: one that moves in what should
 * stay the same looks like this with each answer. */
static void doubt_session(struct dialogues *ds, const struct dialogue *d, const struct dialogue_input *in)
{
	struct dialect_trouble what = {.knob = "session.mask"};

	if (ds->port.doubt == NULL || d == NULL || !is_going_on(d))
		return;
	snprintf(what.words, sizeof(what.words),
	         "an answer has session 0x%" PRIx64 ", its dialogue 0x%" PRIx64
	         " (under the mask): the menu began anew",
	         in->event.session.id, d->wire.session.id);
	ds->port.doubt(ds->port.ctx, in, &what);
}

static void ussd_receive(struct dialogues *ds, const struct dialogue_input *in)
{
	struct dialogue_key key = key_of(in);
	struct dialogue *d = dialogue_by_key(ds, &key);

	if (d != NULL && dialogue_is_open(d) && dialogue_is_of_before(d, in)) {
		old_session(ds, in);
	} else if (in->event.kind == DIALECT_ABORT) {
		abort_dialogue(ds, d, in);
	} else if (d != NULL && dialogue_is_duplicate(d, in)) {
		dialogue_duplicate(d, in);
	} else if (in->event.kind == DIALECT_BEGIN) {
		begin(ds, d, in);
	} else if (d != NULL && is_going_on(d) &&
	           dialect_session_fits(&d->wire.session, &in->event.session)) {
		input(ds, d, in);
	} else { /* an answer to a dialogue that we do not have (any more): begin, and offer to go on */
		ds->counters.stray++;
		doubt_session(ds, d, in);
		begin(ds, d, in);
	}
}

static void acknowledged(struct dialogues *ds, const struct dialogue_input *in)
{
	struct dialogue_key key = key_of(in);
	struct dialogue *d = dialogue_by_key(ds, &key);

	acknowledge(ds, in, PDU_ROK);
	if (d != NULL && dialogue_is_open(d) && dialect_session_fits(&d->wire.session, &in->event.session))
		push_acknowledged(d);
}

/* A STOP that was typed where nothing could obey it (out of turn, in no dialogue) must not pass for one that stands. */
static void settle_stop(struct dialogues *ds, const struct dialogue_input *in)
{
	struct dialogue_key key = key_of(in);
	const struct dialogue *d = dialogue_by_key(ds, &key);

	if (in->event.kind == DIALECT_CONTINUE && (d == NULL || d->sms_word != DIALOGUE_WORD_STOP))
		flood_unstop(ds->flood, in->event.msisdn);
}

void dialogue_receive(struct dialogues *ds, const struct dialogue_input *in)
{
	rest_tick(ds);
	if (overload_is_flood(ds, in))
		return;
	switch (in->event.kind) {
	case DIALECT_BEGIN:
	case DIALECT_CONTINUE:
	case DIALECT_ABORT:
		ussd_receive(ds, in);
		if (sms_is_stop(in->event.text))
			settle_stop(ds, in);
		break;
	case DIALECT_SMS:
		sms_receive(ds, in);
		break;
	case DIALECT_ACK:
		acknowledged(ds, in);
		break;
	case DIALECT_RECEIPT:
		acknowledge(ds, in, PDU_ROK);
		break;
	}
}

bool dialogue_answers(struct dialogues *ds, uint16_t group, int64_t msisdn, uint64_t *token)
{
	struct dialogue_key key = {.msisdn = msisdn, .group = group};
	const struct dialogue *d = dialogue_by_key(ds, &key);

	*token = 0;
	if (d != NULL && d->state == DIALOGUE_ST_SENDING)
		*token = (uint64_t)(uintptr_t)d->leaving;
	return d != NULL && (dialogue_is_ours(d) || d->state == DIALOGUE_ST_SENDING);
}

void dialogue_sent(struct dialogues *ds, uint64_t token, enum dialogue_sent how, uint32_t status)
{
	struct delivery *delivery;
	struct dialogue *d;
	uint32_t serial;

	if (token & NOTICES_TOKEN) {
		notices_sent(ds->notices, token, how, status);
		return;
	}
	delivery = (struct delivery *)(uintptr_t)token;
	d = delivery->dialogue;
	serial = delivery->serial;
	if (d != NULL && d->leaving == delivery)
		d->leaving = NULL;
	delivery_free(ds, delivery);
	if (d == NULL) {
		ds->counters.answers_lost += how != DIALOGUE_DELIVERED;
		return;
	}
	turn_sent(d, serial, how, status);
	dialogue_release(d);
}
