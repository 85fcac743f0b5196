/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Table of dialogues: life and death, and the one function that writes
 * a state. Each state has its timer list; a transition without a row in `allowed` is counted, logged and made
 * anyway, since losing a turn would be worse. */
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/dialogue_private.h"

static const char *const state_names[DIALOGUE_ST_COUNT_] = {"new",     "loading",  "storing", "asking",
                                                            "sending", "retrying", "theirs",  "closed"};

#define BIT(state) (1u << (state))

static const unsigned allowed[DIALOGUE_ST_COUNT_] = {
	[DIALOGUE_ST_NEW] = BIT(DIALOGUE_ST_LOADING),
	[DIALOGUE_ST_LOADING] = BIT(DIALOGUE_ST_STORING) | BIT(DIALOGUE_ST_ASKING) |
                                BIT(DIALOGUE_ST_SENDING) | BIT(DIALOGUE_ST_CLOSED),
	[DIALOGUE_ST_STORING] = BIT(DIALOGUE_ST_STORING) | BIT(DIALOGUE_ST_ASKING) |
                                BIT(DIALOGUE_ST_SENDING) | BIT(DIALOGUE_ST_CLOSED) |
                                BIT(DIALOGUE_ST_THEIRS) /* an SMS turn given back */,
	[DIALOGUE_ST_ASKING] = BIT(DIALOGUE_ST_STORING) | BIT(DIALOGUE_ST_ASKING) | BIT(DIALOGUE_ST_SENDING) |
                               BIT(DIALOGUE_ST_CLOSED) | BIT(DIALOGUE_ST_THEIRS) /* as above */,
	[DIALOGUE_ST_SENDING] = BIT(DIALOGUE_ST_THEIRS) | BIT(DIALOGUE_ST_CLOSED) |
                                BIT(DIALOGUE_ST_RETRYING) | BIT(DIALOGUE_ST_SENDING) |
                                BIT(DIALOGUE_ST_STORING) | BIT(DIALOGUE_ST_ASKING),
	[DIALOGUE_ST_RETRYING] = BIT(DIALOGUE_ST_SENDING) | BIT(DIALOGUE_ST_CLOSED),
	[DIALOGUE_ST_THEIRS] = BIT(DIALOGUE_ST_STORING) | BIT(DIALOGUE_ST_ASKING) | BIT(DIALOGUE_ST_SENDING) |
                               BIT(DIALOGUE_ST_CLOSED),
	[DIALOGUE_ST_CLOSED] =
		BIT(DIALOGUE_ST_NEW) | BIT(DIALOGUE_ST_SENDING) /* a duplicate */ | BIT(DIALOGUE_ST_CLOSED),
};

const char *dialogue_state_name(unsigned state)
{
	return state < DIALOGUE_ST_COUNT_ ? state_names[state] : "unknown";
}

bool dialogue_is_ours(const struct dialogue *d)
{
	return d->state == DIALOGUE_ST_LOADING || d->state == DIALOGUE_ST_STORING ||
	       d->state == DIALOGUE_ST_ASKING || d->state == DIALOGUE_ST_RETRYING;
}

static bool is_open_state(unsigned state)
{
	return state != DIALOGUE_ST_NEW && state != DIALOGUE_ST_CLOSED;
}

static bool is_turn_open(unsigned state)
{
	return is_open_state(state) && state != DIALOGUE_ST_THEIRS;
}

bool dialogue_is_open(const struct dialogue *d)
{
	return is_open_state(d->state);
}

/* The timer that a state waits with; NULL = somebody else will call (the link for SENDING). */
static struct due_list *timer_of(struct dialogue *d, enum dialogue_st state)
{
	switch (state) {
	case DIALOGUE_ST_LOADING:
	case DIALOGUE_ST_STORING:
		return due_list_for(d->all->deadline, DIALOGUE_DELAYS, d->within_ms);
	case DIALOGUE_ST_ASKING:
		return due_list_for(d->all->asking, DIALOGUE_ASK_DELAYS, d->ask_within_ms);
	case DIALOGUE_ST_THEIRS:
		if (d->opens)
			return due_list_for(d->all->push_wait, DIALOGUE_DELAYS, d->push_wait_ms);
		return d->key.sms ? &d->all->sms_idle
		                  : due_list_for(d->all->idle, DIALOGUE_DELAYS, d->idle_ms);
	case DIALOGUE_ST_CLOSED:
		return &d->all->closed;
	case DIALOGUE_ST_RETRYING:
		return &d->all->retry[d->tries > 0 ? d->tries - 1 : 0];
	default:
		return NULL;
	}
}

void dialogue_drop_undo(struct dialogue *d)
{
	if (d->undo == NULL)
		return;
	record_free(d->undo->record);
	free(d->undo->visit);
	free(d->undo);
	d->undo = NULL;
}

static void count_outcome(struct dialogue *d)
{
	struct dialogue_counters *c = &d->all->counters;

	if (d->counted)
		return;
	d->counted = true;
	switch ((enum store_outcome)d->outcome) {
	case STORE_END_COMPLETED:
		c->completed++;
		break;
	case STORE_END_CANCELLED:
		c->cancelled++;
		break;
	case STORE_END_TIMEOUT:
		c->idle++;
		break;
	case STORE_END_FAILED:
		c->failed++;
		break;
	case STORE_END_REPLACED:
		c->replaced++;
		break;
	case STORE_END_LOST:
		c->lost++;
		break;
	}
}

/* An ended dialogue keeps its last answer for duplicates and lets go of everything else: its book above
 * all, so that an old menu version can be freed. */
static void let_go(struct dialogue *d)
{
	count_outcome(d);
	due_remove(&d->flush);
	due_remove(&d->awake);
	if (d->answer_is_of_book) /* it wanted an answer: no copy of an input gets it any more */
		turn_keep(d, NULL, false);
	ask_forget(d);
	visit_end(d, true);
	free(d->facts);
	counts_leave_book(d);
	record_free(d->record);
	dialogue_drop_undo(d);
	late_free(d->late);
	d->facts = NULL;
	d->record = NULL;
	d->late = NULL;
}

static bool is_deadline(const struct dialogues *ds, const struct due_list *list)
{
	return list >= &ds->deadline[0] && list < &ds->deadline[DIALOGUE_DELAYS];
}

void dialogue_set_state(struct dialogue *d, enum dialogue_st to)
{
	struct dialogues *ds = d->all;
	struct due_list *list = timer_of(d, to);

	if ((allowed[d->state] & BIT(to)) == 0)
		LOG_EVENT(LOG_LV_ERROR, "dialogue", "unforeseen-transition", "from", state_names[d->state],
		          "to", state_names[to]);
	if (d->state == DIALOGUE_ST_NEW)
		d->number = ++ds->numbers != 0 ? ds->numbers : ++ds->numbers;
	ds->open += (size_t)is_open_state(to) - (size_t)is_open_state(d->state);
	ds->ours += (size_t)is_turn_open(to) - (size_t)is_turn_open(d->state);
	/* The deadline of a turn runs from its input: going from LOADING to STORING does not renew it. */
	if (list == NULL)
		due_remove(&d->timer);
	else if (!is_deadline(ds, list) || !is_deadline(ds, d->timer.list))
		due_add(list, &d->timer, clock_mono_ms(ds->options.clock));
	d->state = (uint8_t)to;
	due_remove(&d->awake);
	if (to == DIALOGUE_ST_THEIRS)
		rest_not_yet(d);
	if (to == DIALOGUE_ST_CLOSED)
		let_go(d);
	if (to == DIALOGUE_ST_CLOSED && ds->closed.count > DIALOGUE_CLOSED_MAX && !ds->draining) {
		ds->counters.parked_evicted++;
		dialogue_forget((struct dialogue *)ds->closed.head);
	}
}

struct dialogue *dialogue_by_key(const struct dialogues *ds, const struct dialogue_key *key)
{
	struct dialogue **link = index_link(&ds->index, key);

	return link != NULL && *link != NULL ? rest_wake(*link) : NULL;
}

struct dialogue *dialogue_new(struct dialogues *ds, const struct dialogue_key *key)
{
	struct dialogue *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->all = ds;
	d->key = *key;
	d->last.kind = d->before.last.kind = DIALOGUE_NO_INPUT;
	index_add(&ds->index, d);
	return d;
}

void dialogue_reset(struct dialogue *d)
{
	due_remove(&d->flush);
	due_remove(&d->awake);
	turn_keep(d, NULL, false);
	ask_forget(d);
	visit_end(d, false);
	free(d->facts);
	counts_leave_book(d);
	record_free(d->record);
	if (d->batch != NULL)
		store_batch_free(d->batch);
	free(d->notice);
	free(d->purchase);
	free(d->dialled);
	late_free(d->late);
	late_free(d->late_next);
	dialogue_drop_undo(d);
	d->late = d->late_next = NULL;
	d->facts = NULL;
	d->record = NULL;
	d->batch = NULL;
	d->notice = d->purchase = d->dialled = NULL;
	d->waiting = NULL;
	memset(&d->walk, 0, sizeof(d->walk));
	d->steps = 0;
	d->tries = 0;
	d->at_screen = BOOK_NO_SCREEN;
	d->sms_word = DIALOGUE_WORD_NONE;
	d->answer_last = d->unsure = d->moves = d->accounted = d->must_store = d->store_failed = false;
	d->find_wanted = d->counted = d->at_risk = d->uninvited = false;
	d->opens = d->push_told = d->push_left = d->push_marked = d->stop_said = d->stops = false;
	d->push_row = 0;
	d->opened = DIALOGUE_BY_THEM;
	d->push_id = 0;
	d->detail[0] = '\0';
	d->outcome = STORE_END_COMPLETED;
	if (d->state != DIALOGUE_ST_NEW)
		dialogue_set_state(d, DIALOGUE_ST_NEW);
}

static void destroy(struct dialogue *d)
{
	due_remove(&d->timer);
	dialogue_reset(d);
	index_remove(&d->all->index, d);
	free(d);
}

void dialogue_hold(struct dialogue *d)
{
	d->holds++;
}

void dialogue_release(struct dialogue *d)
{
	d->holds--;
	if (d->holds == 0 && d->state == DIALOGUE_ST_CLOSED && d->timer.list == NULL)
		destroy(d);
}

void dialogue_forget(struct dialogue *d)
{
	due_remove(&d->timer);
	if (d->holds == 0)
		destroy(d);
}

enum store_channel dialogue_channel(const struct dialogue *d)
{
	if (d->simulated)
		return STORE_CH_SIMULATED;
	return d->key.sms ? STORE_CH_SMS : STORE_CH_USSD;
}

static void address_set(struct pdu_address *a, uint8_t ton, uint8_t npi, const char *digits)
{
	a->ton = ton;
	a->npi = npi;
	memcpy(a->digits, digits, strlen(digits) + 1);
}

void dialogue_address(const struct dialogue *d, struct dialect_event *out)
{
	out->kind = DIALECT_CONTINUE;
	out->msisdn = d->key.msisdn;
	out->session = d->wire.session;
	memcpy(out->service_type, d->wire.service_type, sizeof(out->service_type));
	address_set(&out->service, d->wire.service_ton, d->wire.service_npi, d->wire.service);
	address_set(&out->subscriber, d->wire.subscriber_ton, d->wire.subscriber_npi, d->wire.subscriber);
}

void dialogue_route(const struct dialogue *d, struct notices_route *out)
{
	out->link = d->last.link;
	out->group = (uint16_t)d->key.group;
	out->msisdn = d->key.msisdn;
	address_set(&out->service, d->wire.service_ton, d->wire.service_npi, d->wire.service);
	address_set(&out->subscriber, d->wire.subscriber_ton, d->wire.subscriber_npi, d->wire.subscriber);
}
