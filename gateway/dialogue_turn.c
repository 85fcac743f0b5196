/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One turn of a dialogue: an input goes through the step machine, its consequences to the store, one screen back.
 *
 * Invariant (promise 4): a turn is answered once. The answer is kept until the next turn, so a duplicate input or a link
 * that refused for the moment gets the same words again and nothing runs twice.
 */
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/dialogue_private.h"
#include "gateway/status.h"
#include "gateway/transcript.h"

const char *turn_word(const struct dialogue *d, enum book_word w)
{
	return book_say(&d->book->word[w], d->walk.language);
}

void turn_acknowledge(struct dialogue *d, uint32_t status)
{
	struct dialogue_input in = {.link = d->last.link,
	                            .group = (uint16_t)d->key.group,
	                            .connection = d->last.connection,
	                            .sequence = d->last.sequence,
	                            .command_id = d->last.command_id};

	if (d->last.acknowledged)
		return;
	d->last.acknowledged = true;
	if (d->key.sms && status == PDU_ROK)
		dialogue_taken(d);
	d->all->port.acknowledge(d->all->port.ctx, &in, status);
}

static bool send_sms(struct dialogue *d)
{
	struct notices_route route;

	dialogue_route(d, &route);
	d->all->counters.sms_out++;
	return d->answer[0] == '\0' || notices_send(d->all->notices, &route, d->answer, 0) == RC_OK;
}

static void after_delivery(struct dialogue *d)
{
	if (d->opens)
		push_taken(d);
	else
		dialogue_set_state(d, d->answer_last ? DIALOGUE_ST_CLOSED : DIALOGUE_ST_THEIRS);
}

/* A throttled or unsent answer goes out again after a short pause; a network waits for it only so long. */
static void send_later(struct dialogue *d, uint32_t status)
{
	if (d->opens && push_is_stopped(d)) {
		push_unsent(d, RC_EXISTS, 0);
		return;
	}
	if (d->tries >= DIALOGUE_RETRIES) {
		d->all->counters.answers_lost++;
		if (d->opens)
			push_unsent(d, RC_BUSY, status);
		else
			dialogue_close(d, STORE_END_LOST);
		return;
	}
	d->tries++;
	d->all->counters.answer_retries++;
	dialogue_set_state(d, DIALOGUE_ST_RETRYING);
}

static enum rc hand_over(struct dialogue *d, const struct dialect_event *to, uint64_t token)
{
	const struct dialogue_port *port = &d->all->port;
	bool was_left = d->push_left;
	enum rc rc;

	if (!d->opens)
		return port->answer(port->ctx, d->last.link, to, d->answer, d->answer_last, token);
	d->push_left = true; /* its fate may be told before this returns */
	rc = push_send(d, to, token);
	if (rc != RC_OK)
		d->push_left = was_left;
	return rc;
}

void turn_send(struct dialogue *d)
{
	struct dialogues *ds = d->all;
	struct dialect_event to;
	struct delivery *delivery;
	enum rc rc;

	dialogue_set_state(d, DIALOGUE_ST_SENDING);
	d->said_beat = ds->beat;
	d->unsure = d->copy_waits = false;
	if (d->key.sms) {
		turn_acknowledge(d, PDU_ROK);
		if (!send_sms(d))
			ds->counters.answers_lost++;
		after_delivery(d);
		return;
	}
	delivery = delivery_new(ds, d);
	if (delivery == NULL) {
		send_later(d, 0);
		return;
	}
	dialogue_address(d, &to);
	dialogue_hold(d);
	d->leaving = delivery;
	rc = hand_over(d, &to, (uint64_t)(uintptr_t)delivery);
	if (rc == RC_OK)
		return; /* dialogue_sent follows, or has been called already */
	d->leaving = NULL;
	delivery_free(ds, delivery);
	d->holds--;
	if (d->opens && (rc == RC_RANGE || rc == RC_STATE || rc == RC_EXISTS)) {
		push_unsent(d, rc, 0);
	} else if (rc == RC_RANGE) { /* cannot ever be sent; already logged where it was seen */
		ds->counters.answers_lost++;
		dialogue_close(d, STORE_END_LOST);
	} else {
		send_later(d, 0);
	}
}

static void refused(struct dialogue *d, uint32_t status)
{
	if (d->opens) {
		push_unsent(d, RC_OK, status);
		return;
	}
	d->all->counters.answers_lost++;
	LOG_EVENT(LOG_LV_INFO, "dialogue", "answer-refused", "status", LOG_HEX(status), "remedy",
	          status_rule_of(status)->remedy != NULL ? status_rule_of(status)->remedy : "none");
	dialogue_close(d, STORE_END_LOST);
}

void turn_sent(struct dialogue *d, uint32_t serial, enum dialogue_sent how, uint32_t status)
{
	if (serial != d->serial || d->state != DIALOGUE_ST_SENDING)
		return; /* the subscriber has gone on: the answer was seen */
	switch (how) {
	case DIALOGUE_DELIVERED:
		after_delivery(d);
		break;
	case DIALOGUE_RETRY:
	case DIALOGUE_NOT_SENT: /* by no SMSC: its status is none */
		d->push_left = false;
		send_later(d, how == DIALOGUE_RETRY ? status : 0);
		break;
	case DIALOGUE_REFUSED:
		refused(d, status);
		break;
	case DIALOGUE_UNKNOWN:
		if (d->copy_waits) {
			turn_send(d); /* the SMSC has asked for it again */
			break;
		}
		d->unsure = true;
		after_delivery(d);
		break;
	}
	late_over(d);
}

/* The screen in d->answer leaves for the first time. */
static void say_held(struct dialogue *d)
{
	d->tries = 0;
	d->all->counters.answers++;
	counts_shown(d);
	times_said(d);
	transcript_said(d);
	if (row_is_unmarked(d))
		row_mark(d);
	else
		turn_send(d);
}

void turn_say(struct dialogue *d, const char *text, bool last)
{
	if (!turn_keep(d, text, false)) {
		dialogue_close(d, STORE_END_FAILED);
		return;
	}
	d->answer_last = last;
	say_held(d);
}

static void show(struct dialogue *d, const struct machine_out *out)
{
	if (out->lasting == NULL) {
		turn_say(d, out->text, false);
		return;
	}
	(void)turn_keep(d, out->lasting, true);
	d->answer_last = false;
	say_held(d);
}

void turn_account(struct dialogue *d, enum store_outcome outcome)
{
	if (!actions_account(d, outcome))
		LOG_EVENT(LOG_LV_WARN, "dialogue", "not-accounted", "outcome", store_outcome_name(outcome));
	actions_flush(d);
}

static enum store_drop drop_cause(const struct dialogue *d, enum store_outcome outcome)
{
	if (d->all->closing || outcome == STORE_END_FAILED)
		return STORE_DROP_OURS;
	return outcome == STORE_END_CANCELLED ? STORE_DROP_CANCEL : STORE_DROP_NETWORK;
}

void dialogue_close(struct dialogue *d, enum store_outcome outcome)
{
	push_closing(d, outcome);
	if (!d->accounted && outcome != STORE_END_COMPLETED)
		counts_dropped(d, drop_cause(d, outcome));
	if (!d->accounted || outcome == STORE_END_LOST)
		d->outcome = (uint8_t)outcome;
	turn_account(d, outcome);
	transcript_closed(d, outcome);
	turn_acknowledge(d, outcome == STORE_END_REPLACED ? PDU_ROK : status_for(STATUS_CASE_STORE_FAILS));
	dialogue_set_state(d, DIALOGUE_ST_CLOSED);
}

/* SMS can be delivered again: give the input back and stand where we stood before it. */
static void give_back(struct dialogue *d)
{
	if (d->batch != NULL)
		store_batch_free(d->batch);
	d->batch = NULL;
	if (d->at_risk)
		d->accounted = d->at_risk = false;
	if (d->undo != NULL) {
		d->walk = d->undo->walk;
		record_free(d->record);
		d->record = d->undo->record;
		d->undo->record = NULL;
		visit_end(d, false);
		d->visit =
			d->undo->visit; /* the app will hear this input once more, in its session and with its number */
		d->undo->visit = NULL;
		dialogue_drop_undo(d);
	}
	ask_forget(d);
	dialogue_not_taken(d);
	turn_acknowledge(d, status_for(STATUS_CASE_STORE_FAILS));
	/* Nothing of this turn may pass for a duplicate when it comes again. */
	d->last.text_hash++;
	d->last.sequence = 0;
	if (d->walk.phase == WALK_NEW || d->sms_word != DIALOGUE_WORD_NONE) {
		d->accounted = true;
		d->outcome = STORE_END_FAILED;
		d->sms_word = DIALOGUE_WORD_NONE; /* it was not answered: HELP is still due */
		dialogue_set_state(d, DIALOGUE_ST_CLOSED);
	} else {
		dialogue_set_state(d, DIALOGUE_ST_THEIRS);
	}
}

void turn_fail(struct dialogue *d)
{
	if (!d->opens)
		times_sorry(d);
	if (d->key.sms) {
		give_back(d);
		return;
	}
	if (d->sms_word == DIALOGUE_WORD_STOP)
		flood_unstop(d->all->flood,
		             d->key.msisdn); /* it was not stored: the next one must be obeyed */
	if (d->batch != NULL)
		store_batch_free(d->batch);
	d->batch = NULL;
	if (d->at_risk)
		d->accounted = d->at_risk = false;
	d->outcome = STORE_END_FAILED;
	if (d->opens) { /* they have asked for nothing: no apology */
		dialogue_close(d, STORE_END_FAILED);
		return;
	}
	counts_dropped(d, STORE_DROP_OURS);
	turn_account(d, STORE_END_FAILED);
	turn_say(d, turn_word(d, BOOK_WORD_APOLOGY), true);
}

static void turn_waits(struct dialogue *d)
{
	dialogue_set_state(d, DIALOGUE_ST_STORING);
	if (!actions_write_turn(d))
		turn_fail(d);
}

static void hold_text(struct dialogue *d, const struct machine_out *out)
{
	d->answer_last = out->verdict == MACHINE_END;
	if (turn_keep(d, out->text, false))
		turn_waits(d);
	else
		turn_fail(d);
}

static bool is_last(const struct book *b, uint16_t screen)
{
	return screen == BOOK_NO_SCREEN ||
	       (b->screen[screen].kind == BOOK_END && b->screen[screen].facts == 0);
}

static bool ends_in_any_case(const struct dialogue *d)
{
	const struct book_screen *s = &d->book->screen[d->walk.screen];

	if (s->kind == BOOK_BUY) /* and must not be gone on from: it would be bought again */
		return true;
	return s->kind == BOOK_GIVE && s->facts == 0 && is_last(d->book, s->give.again) &&
	       is_last(d->book, s->give.refused);
}

static void end_step(struct dialogue *d, const struct machine_out *out)
{
	bool pending = d->batch != NULL;
	enum store_outcome outcome = STORE_END_COMPLETED;

	if (out->our_fault)
		outcome = STORE_END_FAILED;
	else if (out->bad_input) /* tries used up: what was answered stays, and can be gone on from */
		outcome = STORE_END_CANCELLED;
	if (d->opens && outcome != STORE_END_COMPLETED) {
		turn_fail(d);
		return;
	}
	if (d->app_failed && !d->accounted)
		counts_dropped(d, STORE_DROP_APP);
	else if (outcome != STORE_END_COMPLETED && !d->accounted)
		counts_dropped(d, STORE_DROP_OURS);
	/* A push is accounted for when it is known what became of it. */
	if (!d->opens && !actions_account(d, outcome)) {
		turn_fail(d);
		return;
	}
	if (d->batch != NULL && (pending || d->must_store || d->key.sms)) {
		hold_text(d, out);
		return;
	}
	actions_flush(d);
	turn_say(d, out->text, true);
}

static bool is_in_app(const struct dialogue *d)
{
	return d->walk.phase == WALK_IN_APP || d->ask_kind == DIALOGUE_ASK_APP;
}

/* What the machine said, carried out. A screen leaves at once unless it says that something is done. */
static void conclude_step(struct dialogue *d, const struct machine_out *out)
{
	d->all->counters.bad_inputs += out->bad_input;
	if (out->our_fault && !d->opens) { /* a push ends without one */
		d->all->counters.apologies++;
		d->all->counters.apologies_by[DIALOGUE_SORRY_MENU]++;
	}
	counts_stepped(d, out);
	if (d->visit != NULL && !is_in_app(d))
		visit_end(d, out->our_fault); /* else the app ended it, or did not answer */
	switch (out->verdict) {
	case MACHINE_WAIT:
		if (d->ask_kind != DIALOGUE_ASK_NONE)
			ask_now(d);
		else if (!d->opens && ends_in_any_case(d) && !actions_account(d, STORE_END_COMPLETED))
			turn_fail(d);
		else
			turn_waits(d);
		break;
	case MACHINE_END:
		end_step(d, out);
		break;
	case MACHINE_SHOW:
		if (d->must_store || (d->key.sms && d->batch != NULL)) {
			hold_text(d, out);
			break;
		}
		if (d->batch != NULL && d->flush.list == NULL)
			due_add(&d->all->flushing, &d->flush, clock_mono_ms(d->all->options.clock));
		show(d, out);
		break;
	}
}

void turn_step(struct dialogue *d, const struct machine_in *in)
{
	struct machine_port port = actions_port(d);
	struct machine_out out;

	d->ask_kind = DIALOGUE_ASK_NONE;
	machine_step(d->book, &d->walk, in, &port, &out);
	conclude_step(d, &out);
}

void turn_asked(struct dialogue *d, const struct machine_in *in)
{
	if (d->store_failed)
		turn_fail(d);
	else
		turn_step(d, in);
}

static bool keep_undo(struct dialogue *d)
{
	dialogue_drop_undo(d);
	if (!d->key.sms)
		return true;
	d->undo = calloc(1, sizeof(*d->undo));
	if (d->undo == NULL)
		return false;
	d->undo->walk = d->walk;
	d->undo->record = record_clone(d->record);
	d->undo->visit = visit_clone(d->visit);
	if (d->undo->record == NULL || (d->visit != NULL && d->undo->visit == NULL))
		dialogue_drop_undo(d);
	return d->undo != NULL;
}

static uint16_t resume_at(const struct dialogue *d, const struct store_resume *r)
{
	if (d->key.sms || d->opens || d->book->resume_ms == 0 || strcmp(r->service, d->book->name) != 0 ||
	    actions_utc_ms(d) - r->at_ms > d->book->resume_ms)
		return BOOK_NO_SCREEN;
	return book_screen_by_name(d->book, r->screen);
}

static uint8_t first_language(const struct dialogue *d)
{
	int chosen = book_language_by_code(d->book, record_language(d->record));

	if (chosen >= 0)
		return (uint8_t)chosen;
	if (d->keyword > 0 && d->book->n_keywords == d->book->n_languages)
		return (uint8_t)d->keyword;
	return 0;
}

void turn_began(struct dialogue *d, const struct store_resume *resume)
{
	struct machine_in in = {.event = MACHINE_BEGIN, .text = d->dialled != NULL ? d->dialled : ""};
	uint16_t screen = resume_at(d, resume);

	d->steps = 1;
	d->app_failed = false;
	walk_init(&d->walk, first_language(d));
	if (!keep_undo(d)) {
		turn_fail(d);
		return;
	}
	if (screen != BOOK_NO_SCREEN) {
		in.event = MACHINE_RESUME;
		in.screen = screen;
	}
	if (!d->opens)
		transcript_begun(d, screen);
	turn_step(d, &in);
	d->all->counters.resumed += d->walk.phase == WALK_RESUMING;
	free(d->dialled); /* it has been read */
	d->dialled = NULL;
}

void turn_input(struct dialogue *d, const char *text)
{
	struct machine_in in = {.event = MACHINE_INPUT, .text = text};

	if (d->steps < UINT16_MAX)
		d->steps++;
	d->app_failed = false;
	counts_answered(d);
	transcript_typed(d, text);
	if (!keep_undo(d) || d->store_failed) {
		turn_fail(d);
		return;
	}
	turn_step(d, &in);
}

void turn_stored(struct dialogue *d, const struct store_result *result)
{
	struct machine_in in = {.event = MACHINE_RESULT, .refusal = result->refusal};

	if (d->state != DIALOGUE_ST_STORING)
		return;
	if (result->rc != RC_OK) {
		turn_fail(d);
		return;
	}
	d->at_risk = false;
	if (result->relation != STORE_RELATION_NONE)
		relation_stored(d, result);
	if (d->answer == NULL && d->sms_word != DIALOGUE_WORD_NONE) {
		turn_fail(d);
		return;
	}
	if (d->sms_word != DIALOGUE_WORD_NONE || d->walk.phase != WALK_WAITING) {
		say_held(d);
		return;
	}
	in.result = result->grant == STORE_GRANT_REJECTED ? MACHINE_FAILED : MACHINE_LATER;
	if (result->grant == STORE_GRANT_GRANTED)
		in.result = result->grant_existed ? MACHINE_AGAIN : MACHINE_GIVEN;
	else if (result->refusal != REFUSAL_NONE)
		in.result = MACHINE_REFUSED;
	if (result->relation != STORE_RELATION_NONE)
		in.result = relation_result(result);
	else if (in.result == MACHINE_AGAIN)
		transcript_given_before(d);
	turn_step(d, &in);
}
