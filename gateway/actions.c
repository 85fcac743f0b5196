/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Actions: the one place where a menu meets the store.
 *
 * Intents of the step machine change the record at hand at once and go into the dialogue's open batch. The batch is
 * written as one transaction: with the turn that must not be answered before it is durable (promise 1), or
 * DIALOGUE_FLUSH_MS after the first answer that it holds, or when the dialogue ends. So registration, consent, grant and
 * posting of a fast dialogue are one transaction, and a slow one loses no answer.
 */
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/dialogue_private.h"
#include "gateway/route.h"

int64_t actions_utc_ms(const struct dialogue *d)
{
	return clock_utc_ms(d->all->options.clock);
}

bool actions_open(struct dialogue *d)
{
	const char *stored;

	if (d->batch != NULL)
		return true;
	d->batch = store_batch_new(d->key.msisdn, actions_utc_ms(d));
	if (d->batch == NULL ||
	    store_batch_from(d->batch, store_channel_name(dialogue_channel(d)), CONFIDENCE_TOLD) != RC_OK)
		return false;
	stored = d->record != NULL ? record_language(d->record) : "not known";
	/* An SMS keyword of one language is a choice of language by somebody who never chose. */
	if (d->keyword > 0 && stored[0] == '\0' && d->book != NULL &&
	    d->book->n_keywords == d->book->n_languages &&
	    store_batch_language(d->batch, d->book->language[d->keyword]) != RC_OK)
		return false;
	return d->opens || store_batch_seen(d->batch) == RC_OK; /* who was pushed to was not seen */
}

static bool save(struct dialogue *d, int field, const char *value)
{
	if (field < 0 || store_batch_save(d->batch, (size_t)field, value) != RC_OK ||
	    record_set_value(d->record, (size_t)field, value) != RC_OK)
		return false;
	record_settle(d->record);
	return true;
}

static bool choose_language(struct dialogue *d, const char *code)
{
	return store_batch_language(d->batch, code) == RC_OK && record_set_language(d->record, code) == RC_OK;
}

/* What was told under a consent goes with it, here and in the store; the consent's history stays. What is still open in other
 * dialogues hears of it at once. */
static bool refuse(struct dialogue *d, const struct store_agreement *what)
{
	d->must_store = true;
	if (!relation_route(d, what->purpose) || store_batch_agree(d->batch, what) != RC_OK)
		return false;
	tell_record(d->record, TELL_REFUSED, what->purpose);
	tell_others(d->all, d->key.msisdn, d, TELL_REFUSED, what->purpose);
	return true;
}

static bool consent(struct dialogue *d, const struct intent *i)
{
	const char *language = d->book->language[d->walk.language];
	const struct store_agreement what = {.purpose = i->purpose,
	                                     .words = i->text,
	                                     .language = language,
	                                     .version = i->version,
	                                     .state = i->granted ? STORE_CONSENT_GRANTED
	                                                         : STORE_CONSENT_REFUSED,
	                                     .channel = dialogue_channel(d)};

	if (!i->granted)
		return refuse(d, &what);
	if (store_batch_agree(d->batch, &what) != RC_OK ||
	    record_set_consent(d->record, i->purpose, true) != RC_OK)
		return false;
	/* The language in which somebody agreed is theirs until they choose another. */
	if (record_language(d->record)[0] == '\0' && !choose_language(d, language))
		return false;
	record_settle(d->record);
	return true;
}

static bool withdraw(struct dialogue *d, const char *purpose)
{
	const struct store_agreement what = {.purpose = purpose,
	                                     .words = "",
	                                     .language = d->book->language[d->walk.language],
	                                     .state = STORE_CONSENT_WITHDRAWN,
	                                     .channel = dialogue_channel(d)};

	return refuse(d, &what);
}

static bool give(struct dialogue *d, const struct book_screen *screen)
{
	const struct config_bundle *b = config_bundle_by_name(d->all->options.config, screen->give.bundle);

	d->must_store = true;
	return b != NULL &&
	       store_batch_give(d->batch, b->name, screen->give.once, b->gives, b->valid_ms) == RC_OK &&
	       charge_order(d, screen);
}

static bool notice(struct dialogue *d, const struct intent *i)
{
	char way[STORE_ROUTE_SIZE];
	struct notices_route route;

	if (d->key.sms) /* the answer itself is an SMS; a second one that says the same is noise */
		return true;
	if (record_is_stopped(d->record)) /* "no more messages from us": the screen says it */
		return true;
	free(d->notice);
	d->notice = strdup(i->text);
	dialogue_route(d, &route);
	return d->notice != NULL && route_write(d->all->options.config, &route, way, sizeof(way)) &&
	       store_batch_route(d->batch, way, notices_may_leave(d->all->notices, route.group)) == RC_OK &&
	       store_batch_notice(d->batch, i->text, i->if_given) == RC_OK;
}

/* The same as the word STOP, in the middle of what they see: the screen goes on to say so. */
static bool stop(struct dialogue *d)
{
	d->must_store = true;
	d->stops = true;
	sms_hear_stop(d->all, d->key.msisdn, d);
	tell_record(d->record, TELL_STOP, NULL);
	return store_batch_stop(d->batch, true) == RC_OK;
}

static bool ask_copy(struct dialogue *d)
{
	d->must_store = true;
	return store_batch_copy(d->batch, dialogue_channel(d)) == RC_OK;
}

static bool on_intent(void *ctx, const struct intent *i)
{
	struct dialogue *d = ctx;

	if (i->kind == INTENT_APP || i->kind == INTENT_FACTS)
		return ask_intent(d, i);
	if (!actions_open(d))
		return false;
	switch (i->kind) {
	case INTENT_APP:
	case INTENT_FACTS:
		break;
	case INTENT_SAVE:
		return save(d, i->field, i->text);
	case INTENT_LANGUAGE:
		return choose_language(d, i->text);
	case INTENT_CONSENT:
		return consent(d, i);
	case INTENT_WITHDRAW:
		return withdraw(d, i->purpose);
	case INTENT_ERASE:
		d->must_store = true;
		record_erase(d->record);
		tell_others(d->all, d->key.msisdn, d, TELL_ERASED, NULL);
		return store_batch_erase(d->batch, dialogue_channel(d), "asked on the phone") == RC_OK;
	case INTENT_STOP:
		return stop(d);
	case INTENT_COPY:
		return ask_copy(d);
	case INTENT_INVITE:
	case INTENT_LEAVE:
	case INTENT_REFER:
		return relation_intent(d, i);
	case INTENT_GIVE:
		return give(d, i->screen);
	case INTENT_BUY:
		return charge_buy(d, i->screen);
	case INTENT_NOTICE:
		return notice(d, i);
	}
	return false;
}

static const char *on_field(void *ctx, int field)
{
	const struct dialogue *d = ctx;

	return field < 0 ? NULL : record_value(d->record, (size_t)field);
}

static const char *deal(const struct dialogue *d, const char *name)
{
	const struct book_screen *buys = machine_deal(d->book, &d->walk);

	if (buys == NULL)
		return NULL;
	return name[0] == 'p' ? buys->buy.minor : buys->buy.gives;
}

static const char *on_system(void *ctx, const char *name)
{
	static _Thread_local char text[MSISDN_TEXT_SIZE];
	const struct dialogue *d = ctx;

	if (strcmp(name, "msisdn") == 0)
		return msisdn_text(d->key.msisdn, text);
	if (strcmp(name, "language") == 0)
		return record_language(d->record)[0] != '\0' ? record_language(d->record) : NULL;
	if (strcmp(name, "state") == 0)
		return subscriber_state_name(record_state(d->record));
	if (strcmp(name, "registered") == 0)
		return record_is_registered(d->record) ? "1" : "0";
	if (strcmp(name, "stopped") == 0)
		return record_is_stopped(d->record) ? "1" : "0";
	if (strcmp(name, "price") == 0 || strcmp(name, "gives") == 0)
		return deal(d, name);
	return ask_fact(d, name);
}

static bool on_holds(void *ctx, int condition)
{
	const struct dialogue *d = ctx;

	return conditions_hold(services_conditions(d->all->options.services), condition, d->record);
}

static enum record_consent on_consent(void *ctx, const char *purpose)
{
	const struct dialogue *d = ctx;

	return record_consent_state(d->record, purpose);
}

static void on_reached(void *ctx, enum machine_reached what, const struct book_screen *screen, size_t which,
                       size_t language)
{
	const struct dialogue *d = ctx;
	const struct dialogue_options *o = &d->all->options;

	if (o->reached != NULL)
		o->reached(o->reached_ctx, d->book, what, screen, which, language);
}

struct machine_port actions_port(struct dialogue *d)
{
	return (struct machine_port){.ctx = d,
	                             .field = on_field,
	                             .system = on_system,
	                             .holds = on_holds,
	                             .number = relation_number,
	                             .consent = on_consent,
	                             .intent = on_intent,
	                             .reached = on_reached};
}

/* The screen to go on from, NULL if there is nothing worth it: no answer given yet, done, or no `resume`. */
static const char *resume_screen(const struct dialogue *d, enum store_outcome outcome)
{
	const struct walk *w = &d->walk;
	uint16_t screen = w->screen;

	if (d->book == NULL || d->book->resume_ms == 0 || outcome == STORE_END_COMPLETED)
		return NULL;
	if (w->phase == WALK_RESUMING)
		screen = w->resume_screen;
	else if (w->screen == d->book->start && w->depth == 0)
		return NULL;
	if (screen >= d->book->n_screens ||
	    (d->book->screen[screen].kind > BOOK_CONSENT && d->book->screen[screen].kind != BOOK_APP))
		return NULL; /* nothing to go on from; an app's visit begins again */
	return d->book->screen[screen].name;
}

/* The stored point stays as it is when this dialogue has nothing to say about it: SMS, no screen yet, our fault, a push
 * that was not answered. */
static bool note_resume(struct dialogue *d, enum store_outcome outcome)
{
	const char *screen = resume_screen(d, outcome);

	if (d->key.sms || d->opens || d->walk.phase == WALK_NEW || outcome == STORE_END_FAILED)
		return true;
	return store_batch_resume(d->batch, screen != NULL ? d->book->name : "",
	                          screen != NULL ? screen : "") == RC_OK;
}

bool actions_account(struct dialogue *d, enum store_outcome outcome)
{
	struct store_interaction i = {
		.channel = dialogue_channel(d),
		.inbound = d->opened == DIALOGUE_BY_THEM,
		.detail = d->detail,
		.service = d->book != NULL ? d->book->name : "",
		.last_screen = "",
		.language = "",
		.outcome = outcome,
		.steps = d->steps,
		.began_ms = d->began_ms,
		.ended_ms = actions_utc_ms(d),
	};

	if (d->accounted)
		return true;
	if (!actions_open(d))
		return false;
	if (d->book != NULL && d->walk.phase != WALK_NEW && d->walk.screen < d->book->n_screens) {
		i.last_screen = d->book->screen[d->walk.screen].name;
		i.language = d->book->language[d->walk.language];
	}
	d->accounted = d->at_risk = true;
	d->outcome = (uint8_t)outcome;
	return store_batch_interaction(d->batch, &i) == RC_OK && note_resume(d, outcome);
}

static void write_free(struct turn_write *w)
{
	free(w->notice);
	free(w->text);
	free(w->apology);
	free(w->refused);
	free(w->again);
	book_unref(w->book);
	late_free(w->late);
	free(w);
}

/* The menu's own SMS, which this turn has stored. */
static void send_notice(struct turn_write *w, const struct store_result *r)
{
	struct notices *n = w->all->notices;

	if (r->notice_waits)
		notices_wake(n, w->route.group);
	else if (push_is_stopping(w->all, w->route.msisdn))
		notices_drop(n, r->notice); /* it would leave after their STOP */
	else if (w->notice != NULL && notices_send(n, &w->route, w->notice, r->notice) != RC_OK)
		LOG_EVENT(LOG_LV_WARN, "actions", "sms-not-queued", "remedy",
		          "see notices.refused in status");
}

/* What a screen would have said, to somebody who does not look any more. After STOP nothing is (promise 7); while the store
 * fails nobody knows better than the record at hand. */
static void text_by_sms(struct turn_write *w, const char *text)
{
	const struct dialogue *d = w->dialogue;

	if (text == NULL || text[0] == '\0' || push_is_stopping(w->all, w->route.msisdn) ||
	    (d->record != NULL && record_is_stopped(d->record)))
		return;
	if (notices_order(w->all->notices, &w->route, text) != RC_OK)
		LOG_EVENT(LOG_LV_WARN, "actions", "sms-not-queued", "remedy",
		          "see notices.refused in status");
}

static void count_result(struct dialogues *ds, const struct store_result *r)
{
	if (r->rc != RC_OK)
		return;
	notices_recalled(ds->notices, r->recalled);
	ds->counters.registered += r->registered_now;
	if (r->grant != STORE_GRANT_NONE) {
		ds->counters.granted += !r->grant_existed && r->grant == STORE_GRANT_GRANTED;
		ds->counters.again += r->grant_existed;
	}
	if (r->refusal != REFUSAL_NONE)
		ds->counters.refused[r->refusal]++;
}

void actions_write_done(struct turn_write *w)
{
	struct dialogue *d = w->dialogue;

	write_free(w);
	dialogue_release(d);
}

/* Shown by a push where that was kept in readiness, else by SMS, unless the notice says it already. */
static void late_result(struct turn_write *w, const struct store_result *r, bool is_done, bool is_open)
{
	const char *text = r->grant_existed && w->again != NULL ? w->again : w->text;
	struct dialogue_late *late = w->late;

	if (w->is_asked)
		text = relation_words(w, r);
	w->late = NULL;
	if (late != NULL && is_done && late_stored(w->all, late, r, text))
		return;
	if (late != NULL && !is_done)
		late_free(late);
	if (!is_open && (r->rc != RC_OK || r->notice == 0))
		text_by_sms(w, is_done                                        ? text
		               : r->rc == RC_OK && r->refusal != REFUSAL_NONE ? charge_words(w, r->refusal)
		                                                              : w->apology);
}

void actions_concluded(struct turn_write *w, const struct store_result *r)
{
	struct dialogue *d = w->dialogue;

	/* A dialogue that is still to read the record has lost nothing by a write of the one before. */
	bool is_lost = r->rc != RC_OK && dialogue_is_open(d) && d->state != DIALOGUE_ST_LOADING;
	bool is_done = r->rc == RC_OK && (r->grant == STORE_GRANT_GRANTED ||
	                                  (r->grant == STORE_GRANT_NONE && r->refusal == REFUSAL_NONE));

	/* Ordered before, and still on its way: that order will tell. */
	bool is_open = r->rc == RC_OK && (r->grant == STORE_GRANT_PENDING || r->grant == STORE_GRANT_UNKNOWN);

	if (w->is_late) {
		w->all->counters.late_answers++;
		late_result(w, r, is_done, is_open);
	} else if (w->is_turn && d->waiting == w) {
		d->waiting = NULL;
		turn_stored(d, r);
	} else if (is_lost) {
		d->store_failed = true;
	}
	if (r->rc == RC_OK && r->notice != 0)
		send_notice(w, r);
	actions_write_done(w);
}

static void on_written(void *ctx, const struct store_result *r)
{
	struct turn_write *w = ctx;
	struct dialogue *d = w->dialogue;

	count_result(w->all, r);
	relation_count(w->all, r, w->route.group);
	dialogue_hold(d); /* until the end of this */
	d->writes--;
	if (!charge_await(w, r))
		actions_concluded(w, r);
	if (d->find_wanted && d->writes == 0 && d->state == DIALOGUE_ST_LOADING)
		dialogue_load(d);
	dialogue_release(d);
}

/* Hand the open batch to the store. NULL: it did not take it. */
static struct turn_write *write_batch(struct dialogue *d, bool is_turn)
{
	struct turn_write *w = calloc(1, sizeof(*w));
	struct store_batch *batch = d->batch;

	if (w == NULL)
		return NULL;
	*w = (struct turn_write){.all = d->all, .dialogue = d, .is_turn = is_turn, .notice = d->notice};
	dialogue_route(d, &w->route);
	d->notice = NULL;
	d->batch = NULL;
	due_remove(&d->flush);
	if (is_turn)
		d->waiting = w;
	dialogue_hold(d);
	d->writes++;
	if ((is_turn ? store_write : store_write_later)(d->all->options.store, batch, on_written, w) == RC_OK)
		return w;
	if (is_turn)
		d->waiting = NULL;
	d->writes--;
	d->holds--; /* the caller still uses it: no release */
	write_free(w);
	return NULL;
}

void actions_flush(struct dialogue *d)
{
	if (d->batch == NULL)
		return;
	if (!d->accounted && !note_resume(d, STORE_END_TIMEOUT))
		LOG_EVENT(LOG_LV_WARN, "actions", "resume-point-not-kept");
	if (write_batch(d, false) == NULL)
		d->store_failed = true;
}

bool actions_write_turn(struct dialogue *d)
{
	d->must_store = false;
	return write_batch(d, true) != NULL;
}

void actions_late(struct dialogue *d, const char *text)
{
	struct turn_write *w = d->waiting;

	if (w == NULL)
		return;
	d->waiting = NULL;
	w->is_late = true;
	w->text = text != NULL ? strdup(text) : NULL;
	w->apology = strdup(book_say(&d->book->word[BOOK_WORD_APOLOGY], d->walk.language));
	charge_keep_words(d, w);
	relation_keep_words(d, w);
}
