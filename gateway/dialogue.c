/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogues: events come in here, are matched to their dialogue and sorted: a begin, an input, a duplicate, an
 * abort, or nothing that anybody waits for. What a turn does is in dialogue_turn.c. */
#include "gateway/dialogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/dialogue_private.h"
#include "gateway/transcript.h"

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
	rc = notices_new(&n, &ds->notices);
	if (rc != RC_OK) {
		free(ds);
		return rc;
	}
	due_list_init(&ds->deadline, options->config->answer_within_ms);
	due_list_init(&ds->idle, options->config->idle_ms);
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
	HASH_ITER(hh, ds->table, d, next)
	{
		due_remove(&d->timer);
		dialogue_reset(d);
		// NOLINTNEXTLINE(clang-analyzer-core.NullDereference): uthash keeps hh.tbl while it holds one
		HASH_DEL(ds->table, d);
		free(d);
	}
	counts_free(ds);
	notices_free(ds->notices);
	transcripts_free(ds->transcripts);
	free(ds);
}

/* FNV-1a: duplicates are compared by it, beside the session and the kind. */
static uint32_t hash_text(const char *text)
{
	uint32_t h = 2166136261u;

	for (; *text != '\0'; text++)
		h = (h ^ (uint8_t)*text) * 16777619u;
	return h;
}

static bool same_session(const struct dialect_session *a, const struct dialect_session *b)
{
	return a->has_its == b->has_its && (!a->has_its || a->its == b->its) &&
	       a->has_reference == b->has_reference && (!a->has_reference || a->reference == b->reference);
}

static void keep_address(uint8_t *ton, uint8_t *npi, char *digits, size_t size,
                         const struct pdu_address *from)
{
	*ton = from->ton;
	*npi = from->npi;
	snprintf(digits, size, "%.*s", (int)size - 1, from->digits);
}

void dialogue_note_input(struct dialogue *d, const struct dialogue_input *in)
{
	const struct dialect_event *e = &in->event;

	if (d->state != DIALOGUE_ST_NEW && !same_session(&d->wire.session, &e->session))
		d->moves = true;
	d->serial++;
	d->simulated = in->simulated;
	d->last = (struct dialogue_turn){.link = in->link,
	                                 .connection = in->connection,
	                                 .sequence = in->sequence,
	                                 .command_id = in->command_id,
	                                 .text_hash = hash_text(e->text),
	                                 .kind = (uint8_t)e->kind};
	d->wire.session = e->session;
	keep_address(&d->wire.service_ton, &d->wire.service_npi, d->wire.service, sizeof(d->wire.service),
	             &e->service);
	keep_address(&d->wire.subscriber_ton, &d->wire.subscriber_npi, d->wire.subscriber,
	             sizeof(d->wire.subscriber), &e->subscriber);
}

/* Read in the same turn of the loop in which our answer was handed to the link: nobody has seen that answer. */
static bool is_ahead(const struct dialogue *d)
{
	return d->state == DIALOGUE_ST_SENDING && d->all->beat != 0 && d->said_beat == d->all->beat;
}

static bool is_gone(const struct dialogue *d)
{
	const struct dialogue_port *port = &d->all->port;

	return port->is_connected == NULL || !port->is_connected(port->ctx, d->last.link, d->last.connection);
}

/* Is it the input that we have had already? The same words in the same session are a duplicate when they come
 * while that input is being answered, when the connection broke before the answer was confirmed, when the
 * gateway numbers its inputs and this number was seen, or after the dialogue has ended with its last screen. The same
 * words on the same connection after a confirmed answer are a new input: "1" and again "1" is what people type. A
 * dialogue that was cut short has no answer to give again: it cannot be gone on from. */
bool dialogue_is_duplicate(const struct dialogue *d, const struct dialogue_input *in)
{
	const struct dialogue_turn *last = &d->last;
	bool elsewhere = last->link != in->link || last->connection != in->connection;

	if (d->state == DIALOGUE_ST_NEW || last->kind != (uint8_t)in->event.kind ||
	    last->text_hash != hash_text(in->event.text) ||
	    !same_session(&d->wire.session, &in->event.session))
		return false;
	if (!elsewhere && last->sequence == in->sequence)
		return true;
	if (dialogue_is_ours(d) || is_ahead(d))
		return true;
	if (d->key.sms) /* by several binds of a group, equal texts in a row are two */
		return elsewhere && is_gone(d);
	if (d->state == DIALOGUE_ST_CLOSED && (!d->answer_last || in->event.kind == DIALECT_CONTINUE))
		return d->answer_last;
	return d->moves || (elsewhere && (d->unsure || d->state == DIALOGUE_ST_SENDING));
}

static void acknowledge(struct dialogues *ds, const struct dialogue_input *in, uint32_t status)
{
	ds->port.acknowledge(ds->port.ctx, in, status);
}

static void adopt_copy(struct dialogue *d, const struct dialogue_input *in)
{
	d->last.link = in->link;
	d->last.connection = in->connection;
	d->last.sequence = in->sequence;
	d->last.command_id = in->command_id;
}

void dialogue_duplicate(struct dialogue *d, const struct dialogue_input *in)
{
	bool elsewhere = d->last.link != in->link || d->last.connection != in->connection;

	d->all->counters.duplicates++;
	if (!d->last.acknowledged &&
	    elsewhere) { /* what becomes of it is told to this copy; the first has its response */
		turn_acknowledge(d, PDU_ROK);
		adopt_copy(d, in);
		d->last.acknowledged = false;
		return;
	}
	acknowledge(d->all, in, PDU_ROK);
	if (d->key.sms || (d->state == DIALOGUE_ST_CLOSED && !d->answer_last))
		return;
	adopt_copy(d, in);
	if (d->answer == NULL || d->state == DIALOGUE_ST_LOADING || d->state == DIALOGUE_ST_STORING ||
	    d->state == DIALOGUE_ST_ASKING)
		return; /* its one answer is being made */
	if (d->state == DIALOGUE_ST_SENDING && !elsewhere)
		return; /* its one answer is on this very connection */
	d->serial++;    /* the fate of an earlier copy does not matter any more */
	turn_send(d);
}

void dialogue_say_stateless(struct dialogues *ds, const struct dialogue_input *in, const char *text)
{
	struct delivery *delivery = calloc(1, sizeof(*delivery));

	if (delivery == NULL)
		return;
	ds->counters.answers++;
	if (ds->port.answer(ds->port.ctx, in->link, &in->event, text, true, (uint64_t)(uintptr_t)delivery) !=
	    RC_OK) {
		ds->counters.answers_lost++;
		free(delivery);
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
		if (d->sms_word != DIALOGUE_WORD_NONE)
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
	if (d->find_wanted)
		return;
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

static bool is_full(const struct dialogues *ds)
{
	return ds->draining || ds->open >= (size_t)ds->options.config->dialogues_max;
}

static void begin(struct dialogues *ds, struct dialogue *d, const struct dialogue_input *in)
{
	char dialled[DIALECT_INPUT_SIZE];
	struct book *b = book_for(ds, &in->event, dialled, sizeof(dialled));
	struct dialogue_key key = key_of(in);

	acknowledge(ds, in, PDU_ROK);
	if (d != NULL && dialogue_is_open(d))
		dialogue_close(d, STORE_END_REPLACED);
	if (b == NULL) {
		ds->counters.unrouted++;
		dialogue_say_stateless(ds, in, "This code is not in use. Please check it and dial again.");
		return;
	}
	if (d == NULL && !is_full(ds))
		d = dialogue_new(ds, &key);
	if (d == NULL || is_full(ds)) {
		ds->counters.shed++;
		dialogue_say_stateless(ds, in, book_say(&b->word[BOOK_WORD_BUSY], 0));
		return;
	}
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
	if (dialogue_is_ours(d) || is_ahead(d)) {
		ds->counters.wrong_turn++;
		return;
	}
	ds->counters.inputs++;
	dialogue_note_input(d, in);
	d->last.acknowledged = true;
	if (sms_is_stop(in->event.text) && !d->store_failed)
		sms_stop_dialogue(d);
	else
		turn_input(d, in->event.text);
}

static void abort_dialogue(struct dialogues *ds, struct dialogue *d, const struct dialogue_input *in)
{
	acknowledge(ds, in, PDU_ROK);
	if (d != NULL && dialogue_is_open(d))
		turn_gone(d);
}

/* After the last screen nothing is waited for, whether or not its delivery is confirmed yet. */
static bool is_going_on(const struct dialogue *d)
{
	return dialogue_is_open(d) && (d->state != DIALOGUE_ST_SENDING || !d->answer_last);
}

static void ussd_receive(struct dialogues *ds, const struct dialogue_input *in)
{
	struct dialogue_key key = key_of(in);
	struct dialogue *d = dialogue_by_key(ds, &key);

	if (in->event.kind == DIALECT_ABORT) {
		abort_dialogue(ds, d, in);
	} else if (d != NULL && dialogue_is_duplicate(d, in)) {
		dialogue_duplicate(d, in);
	} else if (in->event.kind == DIALECT_BEGIN) {
		begin(ds, d, in);
	} else if (d != NULL && is_going_on(d)) {
		input(ds, d, in);
	} else { /* an answer to a dialogue that we do not have (any more): begin, and offer to go on */
		ds->counters.stray++;
		begin(ds, d, in);
	}
}

void dialogue_receive(struct dialogues *ds, const struct dialogue_input *in)
{
	switch (in->event.kind) {
	case DIALECT_BEGIN:
	case DIALECT_CONTINUE:
	case DIALECT_ABORT:
		ussd_receive(ds, in);
		break;
	case DIALECT_SMS:
		sms_receive(ds, in);
		break;
	case DIALECT_ACK:
	case DIALECT_RECEIPT:
		acknowledge(ds, in, PDU_ROK);
		break;
	}
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
	free(delivery);
	if (d == NULL) {
		ds->counters.answers_lost += how != DIALOGUE_DELIVERED;
		return;
	}
	turn_sent(d, serial, how, status);
	dialogue_release(d);
}

/* --- time ---------------------------------------------------------------------------------------------- */

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static struct dialogue *of_flush(struct due_entry *e)
{
	return (struct dialogue *)(void *)((char *)e - offsetof(struct dialogue, flush));
}

int64_t dialogue_tick(struct dialogues *ds)
{
	int64_t now = clock_mono_ms(ds->options.clock), next;
	struct due_entry *e;

	while ((e = due_pop(&ds->deadline, now)) != NULL)
		turn_deadline((struct dialogue *)(void *)e);
	for (int i = 0; i < DIALOGUE_RETRIES; i++)
		while ((e = due_pop(&ds->retry[i], now)) != NULL)
			turn_send((struct dialogue *)(void *)e);
	for (int i = 0; i < DIALOGUE_ASK_DELAYS; i++)
		while ((e = due_pop(&ds->asking[i], now)) != NULL)
			ask_deadline((struct dialogue *)(void *)e);
	while ((e = due_pop(&ds->flushing, now)) != NULL)
		actions_flush(of_flush(e));
	while ((e = due_pop(&ds->idle, now)) != NULL)
		dialogue_close((struct dialogue *)(void *)e, STORE_END_TIMEOUT);
	while ((e = due_pop(&ds->sms_idle, now)) != NULL)
		dialogue_close((struct dialogue *)(void *)e, STORE_END_TIMEOUT);
	while ((e = due_pop(&ds->closed, now)) != NULL)
		dialogue_forget((struct dialogue *)(void *)e);
	counts_tick(ds, now);
	next = notices_tick(ds->notices);
	next = earlier(next, due_next_ms(&ds->deadline));
	next = earlier(next, due_next_ms(&ds->flushing));
	next = earlier(next, due_next_ms(&ds->idle));
	next = earlier(next, due_next_ms(&ds->sms_idle));
	next = earlier(next, due_next_ms(&ds->closed));
	for (int i = 0; i < DIALOGUE_RETRIES; i++)
		next = earlier(next, due_next_ms(&ds->retry[i]));
	for (int i = 0; i < DIALOGUE_ASK_DELAYS; i++)
		next = earlier(next, due_next_ms(&ds->asking[i]));
	if (next == INT64_MAX || next - now > 1000)
		return 1000;
	return next > now ? next - now : 0;
}

void dialogue_beat(struct dialogues *ds)
{
	if (++ds->beat == 0)
		ds->beat = 1;
}

void dialogue_drain(struct dialogues *ds)
{
	ds->draining = true;
}

void dialogue_close_all(struct dialogues *ds)
{
	struct dialogue *d, *next;

	ds->draining = ds->closing = true;
	HASH_ITER(hh, ds->table, d, next)
	if (dialogue_is_open(d) && d->state != DIALOGUE_ST_STORING)
		dialogue_close(d, STORE_END_TIMEOUT);
	counts_store(ds);
	ds->closing = false;
}

size_t dialogue_open(const struct dialogues *ds)
{
	return ds->open;
}

bool dialogue_is_waiting(const struct dialogues *ds)
{
	return ds->ours > 0;
}

void dialogue_counters_read(const struct dialogues *ds, struct dialogue_counters *out)
{
	*out = ds->counters;
	out->open = (uint32_t)ds->open;
	out->parked = (uint32_t)ds->closed.count;
	out->asking = 0;
	for (int i = 0; i < DIALOGUE_ASK_DELAYS; i++)
		out->asking += (uint32_t)ds->asking[i].count;
	counts_books(ds, out);
}

size_t dialogue_standing(const struct dialogues *ds, const struct book *b, uint32_t *on)
{
	const struct dialogue *d;
	size_t n = 0;

	memset(on, 0, b->n_screens * sizeof(*on));
	for (d = ds->table; d != NULL; d = d->hh.next) {
		if (d->book != b || !dialogue_is_open(d) || d->walk.phase == WALK_NEW)
			continue;
		n++;
		if (d->walk.screen < b->n_screens)
			on[d->walk.screen]++;
	}
	return n;
}

void dialogue_notices_read(const struct dialogues *ds, struct notices_counters *out)
{
	notices_counters_read(ds->notices, out);
}
