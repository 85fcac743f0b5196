/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Push: dialogues that we open, a menu that waits for an answer or words that want none.
 *
 * The record is read first: whoever has said STOP is left alone (promise 7), and so is a phone with an open dialogue. Then the
 * machine makes the first screen as for anybody who dialled, and it leaves as a network-initiated request. From the first
 * answer on it is a dialogue like any other. Invariant: every push ends in exactly one fate, told once, and nothing is sent
 * again but what the SMSC certainly did not take.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/dialect_table.h"
#include "gateway/dialogue_private.h"

/* --- what becomes of it -------------------------------------------------------------------------------- */

static struct dialogue_push_slot *slot_of(struct dialogues *ds, uint32_t id)
{
	struct dialogue_push_slot *s = &ds->push[id % DIALOGUE_PUSHES];

	return id != 0 && s->id == id ? s : NULL;
}

bool dialogue_push_read(const struct dialogues *ds, uint32_t id, struct dialogue_push_state *out)
{
	const struct dialogue_push_slot *s = &ds->push[id % DIALOGUE_PUSHES];

	if (id == 0 || s->id != id)
		return false;
	*out = s->state;
	return true;
}

static void settle(struct dialogues *ds, uint32_t id, enum dialogue_push_fate fate, uint32_t status)
{
	struct dialogue_push_slot *s = slot_of(ds, id);

	ds->counters.push[fate]++;
	if (s != NULL)
		s->state = (struct dialogue_push_state){.fate = fate, .status = status};
}

static void conclude(struct dialogue *d, enum dialogue_push_fate fate, uint32_t status)
{
	if (d->opened == DIALOGUE_BY_THEM || d->push_told)
		return;
	d->push_told = true;
	settle(d->all, d->push_id, fate, status);
	row_settle(d, fate, status);
	if (d->detail[0] == '\0')
		snprintf(d->detail, sizeof(d->detail), "%s %s",
		         d->opened == DIALOGUE_BY_LATE ? "late" : "push", dialogue_push_fate_name(fate));
	if (fate == DIALOGUE_PUSH_REFUSED)
		LOG_EVENT(LOG_LV_INFO, "dialogue", "push-refused", "status", LOG_HEX(status));
}

/* The same words by SMS, where they are a result that somebody waits for and has certainly not seen. */
static void give_up(struct dialogue *d, enum dialogue_push_fate fate, uint32_t status,
                    enum store_outcome outcome)
{
	conclude(d, fate, status);
	late_by_sms(d);
	dialogue_close(d, outcome);
}

/* --- opening ------------------------------------------------------------------------------------------- */

bool push_can(const struct dialogues *ds, const void *link, uint16_t group)
{
	const struct dialect *dialect = dialogue_dialect(ds, link, group);

	return ds->port.push != NULL && dialect != NULL && dialect->can_push &&
	       dialect_can_say(dialect, DIALECT_SAY_PUSH);
}

static void keep_timers(struct dialogue *d, int64_t wait_ms)
{
	const struct config *c = d->all->options.config;
	const struct dialect *t = dialogue_dialect(d->all, NULL, (uint16_t)d->key.group);

	d->idle_ms = (uint32_t)(t != NULL && t->idle_ms > 0 ? t->idle_ms : c->idle_ms);
	d->within_ms =
		(uint32_t)(t != NULL && t->answer_within_ms > 0 ? t->answer_within_ms : c->answer_within_ms);
	d->push_wait_ms = (uint32_t)(wait_ms > 0 ? wait_ms : d->idle_ms);
}

/* A STOP that is being stored at this very moment; what the record says is older. */
bool push_is_stopping(struct dialogues *ds, int64_t msisdn)
{
	for (uint32_t i = 0; i < 2 * DIALOGUE_GROUPS; i++) {
		struct dialogue_key key = {.msisdn = msisdn, .group = i / 2, .sms = i % 2};
		const struct dialogue *d = dialogue_by_key(ds, &key);

		if (d == NULL || !dialogue_is_open(d))
			continue;
		if (d->sms_word == DIALOGUE_WORD_STOP || d->stops)
			return true;
	}
	return false;
}

void push_stop(struct dialogues *ds, int64_t msisdn)
{
	for (uint32_t i = 0; i < DIALOGUE_GROUPS; i++) {
		struct dialogue_key key = {.msisdn = msisdn, .group = i};
		struct dialogue *d = dialogue_by_key(ds, &key);

		if (d == NULL || !d->opens)
			continue;
		d->stop_said = true;
		/* The link may have so much to send that it would leave long after. */
		if (d->state == DIALOGUE_ST_SENDING && d->leaving != NULL && ds->port.recall != NULL)
			ds->port.recall(ds->port.ctx, (uint64_t)(uintptr_t)d->leaving);
	}
}

/* The dialogue that shows it, ready to load; NULL: none can be made. */
static struct dialogue *open_for(struct dialogues *ds, const struct dialogue_key *key, struct book *book,
                                 enum dialogue_opened how, int64_t wait_ms)
{
	struct dialogue *d = dialogue_by_key(ds, key);

	if (d == NULL)
		d = dialogue_new(ds, key);
	if (d == NULL)
		return NULL;
	dialogue_keep_before(d);
	dialogue_reset(d);
	d->serial++;
	d->last = (struct dialogue_turn){.kind = DIALOGUE_NO_INPUT, .acknowledged = true};
	d->simulated = false;
	d->opened = (uint8_t)how;
	d->opens = true;
	d->stop_said = push_is_stopping(ds, key->msisdn);
	d->keyword = -1;
	d->began_ms = actions_utc_ms(d);
	keep_timers(d, wait_ms);
	counts_take_book(d, book);
	return d;
}

/* "123" of "*123*1#": what the phone shows, and where its answer is addressed to. */
static void address(struct dialogue *d, const char *code)
{
	size_t skip = strspn(code, "*#"), n = strspn(code + skip, "0123456789");

	memset(&d->wire, 0, sizeof(d->wire));
	snprintf(d->wire.service, sizeof(d->wire.service), "%.*s", (int)n, code + skip);
	msisdn_text(d->key.msisdn, d->wire.subscriber);
	d->wire.subscriber_ton = MSISDN_TON_INTERNATIONAL;
	d->wire.subscriber_npi = 1; /* SMPP 3.4, 5.2.6: ISDN */
}

static void load(struct dialogue *d)
{
	dialogue_set_state(d, DIALOGUE_ST_LOADING);
	dialogue_load(d);
}

bool push_late(struct dialogues *ds, struct dialogue_late *late, const struct dialogue_wire *wire)
{
	struct dialogue *d = dialogue_by_key(ds, late_key(late));
	struct dialogue_wire kept = *wire;

	if (ds->draining || (d != NULL && dialogue_is_open(d)))
		return false;
	d = open_for(ds, late_key(late), late_book(late), DIALOGUE_BY_LATE, 0);
	if (d == NULL)
		return false;
	ds->counters.push[DIALOGUE_PUSH_UNDER_WAY]++;
	d->late = late;
	d->wire = kept;
	memset(&d->wire.session, 0, sizeof(d->wire.session)); /* that one is over */
	if (late_fallback(late) != NULL)
		row_keep_sms(d, late_fallback(late));
	load(d);
	return true;
}

/* A push that comes to nothing is a touch all the same: whoever looks at this subscriber sees it. */
static void note(struct dialogues *ds, const struct dialogue_push *push, const struct book *book,
                 enum dialogue_push_fate fate)
{
	int64_t now = clock_utc_ms(ds->options.clock);
	char detail[DIALOGUE_DETAIL_SIZE];
	struct store_interaction i = {.channel = STORE_CH_USSD,
	                              .service = book->name,
	                              .last_screen = "",
	                              .language = "",
	                              .detail = detail,
	                              .outcome = STORE_END_LOST,
	                              .began_ms = now,
	                              .ended_ms = now};
	struct store_batch *b = store_batch_new(push->msisdn, now);

	snprintf(detail, sizeof(detail), "push %s", dialogue_push_fate_name(fate));
	if (b != NULL && store_batch_interaction(b, &i) != RC_OK) {
		store_batch_free(b);
		b = NULL;
	}
	if (b != NULL && store_write(ds->options.store, b, NULL, NULL) == RC_OK)
		ds->counters.push_noted++;
	else
		LOG_EVENT(LOG_LV_WARN, "dialogue", "push-not-noted", "remedy", "see store.queue in status");
}

/* What forbids it, or UNDER_WAY. */
static enum dialogue_push_fate obstacle(struct dialogues *ds, const struct dialogue_push *push,
                                        const struct book *book)
{
	struct dialogue_key key = {.msisdn = push->msisdn, .group = push->group};
	const struct dialogue *d = dialogue_by_key(ds, &key);

	if (ds->port.push == NULL || !push_can(ds, NULL, push->group))
		return DIALOGUE_PUSH_CANNOT;
	if (d != NULL && dialogue_is_open(d)) {
		note(ds, push, book, DIALOGUE_PUSH_BUSY);
		return DIALOGUE_PUSH_BUSY;
	}
	return dialogue_overload(ds, push->group) != DIALOGUE_SHED_NOT ? DIALOGUE_PUSH_SHED
	                                                               : DIALOGUE_PUSH_UNDER_WAY;
}

/* `row` 0 = it has none so far. */
static enum dialogue_push_fate start(struct dialogues *ds, const struct dialogue_push *push,
                                     struct book *book, uint32_t id, int64_t row)
{
	struct dialogue_key key = {.msisdn = push->msisdn, .group = push->group};
	bool notifies = push->text != NULL;
	struct dialogue *d =
		open_for(ds, &key, book, notifies ? DIALOGUE_BY_NOTIFY : DIALOGUE_BY_PUSH, push->wait_ms);

	if (d == NULL)
		return DIALOGUE_PUSH_FAILED;
	d->push_id = id;
	d->dialled = strdup(notifies ? push->text : push->code);
	if (d->dialled == NULL || (row == 0 && !row_keep(d, push))) {
		dialogue_set_state(d, DIALOGUE_ST_LOADING);
		turn_fail(d);
		return DIALOGUE_PUSH_FAILED;
	}
	d->push_row = row;
	d->push_marked = row != 0;
	address(d, push->code != NULL ? push->code : book->code != NULL ? book->code : "");
	load(d);
	return DIALOGUE_PUSH_UNDER_WAY;
}

static struct book *book_of(const struct dialogues *ds, const struct dialogue_push *push)
{
	if (push->code != NULL)
		return services_by_dialled(ds->options.services, push->code);
	return services_count(ds->options.services) > 0 ? services_at(ds->options.services, 0) : NULL;
}

/* The next id whose slot is free, or of a push that has ended; those that wait long are stepped over. 0: there is none. */
static uint32_t next_id(const struct dialogues *ds)
{
	uint32_t id = ds->pushes;

	for (size_t i = 0; i <= DIALOGUE_PUSHES; i++) {
		const struct dialogue_push_slot *s;

		id = id + 1 != 0 ? id + 1 : 1;
		s = &ds->push[id % DIALOGUE_PUSHES];
		if (s->id == 0 || s->state.fate != DIALOGUE_PUSH_UNDER_WAY)
			return id;
	}
	return 0;
}

enum rc dialogue_push(struct dialogues *ds, const struct dialogue_push *push, uint32_t *id)
{
	struct book *book = book_of(ds, push);
	uint32_t next = next_id(ds);
	struct dialogue_push_slot *s = &ds->push[next % DIALOGUE_PUSHES];
	enum dialogue_push_fate fate;

	if (push->wait_ms < DIALOGUE_PUSH_WAIT_MIN_MS || push->wait_ms > DIALOGUE_PUSH_WAIT_MAX_MS ||
	    (push->text != NULL &&
	     !text_fits(push->text, strlen(push->text), (size_t)ds->options.config->page)))
		return RC_RANGE;
	if (book == NULL)
		return RC_NOTFOUND;
	if (next == 0) {
		ds->counters.push_full++;
		return RC_FULL;
	}
	*s = (struct dialogue_push_slot){.id = next};
	ds->pushes = next;
	*id = next;
	ds->counters.push[DIALOGUE_PUSH_UNDER_WAY]++;
	fate = obstacle(ds, push, book);
	if (fate == DIALOGUE_PUSH_UNDER_WAY)
		fate = start(ds, push, book, next, 0);
	if (fate != DIALOGUE_PUSH_UNDER_WAY && s->state.fate == DIALOGUE_PUSH_UNDER_WAY)
		settle(ds, next, fate, 0);
	return RC_OK;
}

enum dialogue_push_fate push_again(struct dialogues *ds, const struct dialogue_push *push, int64_t row)
{
	struct book *book = book_of(ds, push);
	enum dialogue_push_fate fate;

	if (book == NULL)
		return DIALOGUE_PUSH_CANNOT;
	ds->counters.push[DIALOGUE_PUSH_UNDER_WAY]++;
	fate = obstacle(ds, push, book);
	if (fate == DIALOGUE_PUSH_UNDER_WAY)
		return start(ds, push, book, 0, row);
	if (fate != DIALOGUE_PUSH_BUSY) /* that one is noted */
		note(ds, push, book, fate);
	ds->counters.push[fate]++;
	return fate;
}

/* --- the first screen ---------------------------------------------------------------------------------- */

/* Not by SMS either, whatever a screen has promised (promise 7). */
static void stay_away(struct dialogue *d)
{
	late_free(d->late);
	d->late = NULL;
	give_up(d, DIALOGUE_PUSH_STOPPED, 0, STORE_END_CANCELLED);
}

bool push_is_stopped(const struct dialogue *d)
{
	return record_is_stopped(d->record) || d->stop_said;
}

void push_found(struct dialogue *d)
{
	static const struct store_resume nothing;

	if (push_is_stopped(d)) {
		stay_away(d);
		return;
	}
	d->steps = 1;
	if (d->opened == DIALOGUE_BY_LATE) {
		late_found(d);
	} else if (d->opened == DIALOGUE_BY_PUSH) {
		turn_began(d, &nothing);
	} else {
		walk_init(&d->walk, 0);
		turn_say(d, d->dialled, true);
	}
}

enum rc push_send(struct dialogue *d, const struct dialect_event *to, uint64_t token)
{
	const struct dialogue_port *port = &d->all->port;

	if (push_is_stopped(d))
		return RC_EXISTS;
	return port->push(port->ctx, d->last.link, (uint16_t)d->key.group, to, d->answer,
	                  d->answer_last ? DIALECT_SAY_NOTIFY : DIALECT_SAY_PUSH, token);
}

void push_unsent(struct dialogue *d, enum rc rc, uint32_t status)
{
	if (rc == RC_EXISTS)
		stay_away(d);
	else if (rc == RC_STATE || rc == RC_RANGE)
		give_up(d, DIALOGUE_PUSH_CANNOT, 0, STORE_END_LOST);
	else if (status == 0)
		give_up(d, DIALOGUE_PUSH_NO_LINK, 0, STORE_END_LOST);
	else
		give_up(d, DIALOGUE_PUSH_REFUSED, status, STORE_END_LOST);
}

/* Does this SMSC tell when a phone has shown a notify? Then that is waited for. */
static bool is_acknowledged(const struct dialogue *d)
{
	const struct dialect *t = dialogue_dialect(d->all, NULL, (uint16_t)d->key.group);

	for (size_t i = 0; t != NULL && i < t->n_ops; i++)
		if (t->op_in[i].kind == DIALECT_ACK)
			return true;
	return false;
}

/* `fate` as far as it is sure that the SMSC took it. */
static void notify_over(struct dialogue *d, enum dialogue_push_fate fate, enum store_outcome outcome)
{
	conclude(d, d->unsure ? DIALOGUE_PUSH_UNKNOWN : fate, 0);
	dialogue_close(d, d->unsure ? STORE_END_LOST : outcome);
}

void push_taken(struct dialogue *d)
{
	if (d->opened == DIALOGUE_BY_LATE && !d->unsure) {
		d->all->counters.late_pushed++;
		row_settle(d, DIALOGUE_PUSH_DELIVERED, 0); /* its SMS holds up later ones */
	}
	if (d->answer_last && !is_acknowledged(d))
		notify_over(d, DIALOGUE_PUSH_DELIVERED, STORE_END_COMPLETED);
	else
		dialogue_set_state(d, DIALOGUE_ST_THEIRS);
}

/* --- what comes of it ------------------------------------------------------------------------------------ */

void push_expired(struct dialogue *d)
{
	if (d->answer_last) {
		notify_over(d, DIALOGUE_PUSH_UNCONFIRMED, STORE_END_TIMEOUT);
	} else if (d->unsure) {
		conclude(d, DIALOGUE_PUSH_UNKNOWN, 0);
		dialogue_close(d, STORE_END_LOST);
	} else {
		conclude(d, DIALOGUE_PUSH_NO_ANSWER, 0);
		dialogue_close(d, STORE_END_TIMEOUT);
	}
}

void push_answered(struct dialogue *d)
{
	conclude(d, DIALOGUE_PUSH_ANSWERED, 0);
	d->opens = false;
	late_free(d->late);
	d->late = NULL;
}

void push_acknowledged(struct dialogue *d)
{
	if (!d->opens || !d->push_left || !d->answer_last)
		return;
	d->unsure = false;
	notify_over(d, DIALOGUE_PUSH_DELIVERED, STORE_END_COMPLETED);
}

bool push_aborted(struct dialogue *d, enum dialect_cause cause)
{
	if (!d->push_left) /* of something else: nothing of ours is with the network yet */
		return false;
	/* A network that gives up does not say whether the phone has shown it: no SMS follows. */
	if (cause == DIALECT_CAUSE_NETWORK) {
		conclude(d, DIALOGUE_PUSH_ABSENT, 0);
		dialogue_close(d, STORE_END_TIMEOUT);
		return true;
	}
	conclude(d, cause == DIALECT_CAUSE_SUBSCRIBER ? DIALOGUE_PUSH_CANCELLED : DIALOGUE_PUSH_NO_ANSWER, 0);
	dialogue_close(d, STORE_END_CANCELLED);
	return true;
}

void push_closing(struct dialogue *d, enum store_outcome outcome)
{
	if (d->opened == DIALOGUE_BY_THEM || d->push_told)
		return;
	if (!d->push_left && outcome == STORE_END_TIMEOUT)
		conclude(d, DIALOGUE_PUSH_SHED, 0);
	else if (outcome == STORE_END_REPLACED)
		conclude(d, DIALOGUE_PUSH_REPLACED, 0);
	else if (outcome == STORE_END_TIMEOUT)
		conclude(d, DIALOGUE_PUSH_NO_ANSWER, 0);
	else
		conclude(d, DIALOGUE_PUSH_FAILED, 0);
	if (!d->push_left)
		late_by_sms(d);
}
