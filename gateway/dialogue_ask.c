/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a turn asks others for: HTTP apps and facts, and how long it waits.
 *
 * Invariant: a question that was taken comes back exactly once, with its own address; only the one in d->asking still
 * counts, so an answer that comes after the deadline, or after the subscriber has gone, is counted and dropped. The app
 * that is still in a visit when its subscriber goes is told so.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/buf.h"
#include "core/log.h"
#include "gateway/dialogue_private.h"
#include "gateway/transcript.h"

#define SESSION_SIZE 41

/* --- visits ------------------------------------------------------------------------------------------------ */

struct dialogue_visit *visit_clone(const struct dialogue_visit *v)
{
	struct dialogue_visit *copy = v != NULL ? malloc(sizeof(*v) + v->len + 1u) : NULL;

	if (copy != NULL)
		memcpy(copy, v, sizeof(*v) + v->len + 1u);
	return copy;
}

static bool visit_begin(struct dialogue *d, const struct book_screen *screen)
{
	struct dialogue_visit *v = calloc(1, sizeof(*v) + 1);

	visit_end(d, false);
	if (v == NULL)
		return false;
	v->screen = screen;
	v->began_ms = actions_utc_ms(d);
	v->number = ++d->all->visits;
	d->visit = v;
	return true;
}

/* One more input behind the chain. False: it does not fit any more. */
static bool visit_add(struct dialogue *d, const char *text)
{
	struct dialogue_visit *v = d->visit;
	bool joined = v->sequence > 1;
	size_t n = strlen(text), len = v->len + n + joined;

	if (len > DIALOGUE_CHAIN_MAX)
		return false;
	v = realloc(v, sizeof(*v) + len + 1);
	if (v == NULL)
		return false;
	if (joined)
		v->chain[v->len] = '*';
	v->last = (uint16_t)(v->len + joined);
	memcpy(v->chain + v->last, text, n + 1);
	v->len = (uint16_t)len;
	d->visit = v;
	return true;
}

static enum rc call_app(struct dialogue *d, struct dialogue_ask *ask, bool closes)
{
	const struct dialogue_port *port = &d->all->port;
	const struct dialogue_visit *v = d->visit;
	char session[SESSION_SIZE];
	struct dialogue_app_request r = {
		.url = v->screen->app.url,
		.speaks = v->screen->app.speaks,
		.within_ms = d->ask_within_ms + (closes ? 0 : late_app_ms(d)),
		.msisdn = d->key.msisdn,
		.code = d->book->code != NULL ? d->book->code : "",
		.session = session,
		.input = v->chain + v->last,
		.chain = v->chain,
		.sequence = v->sequence,
		.first = v->sequence == 1 && !closes,
		.closes = closes,
	};

	if (port->app == NULL)
		return RC_STATE;
	snprintf(session, sizeof(session), "%" PRIx64 "-%" PRIx32, (uint64_t)v->began_ms, v->number);
	return port->app(port->ctx, &r, (uint64_t)(uintptr_t)ask);
}

/* What the app answers to that is of no use to anybody. */
static void tell_it_is_over(struct dialogue *d)
{
	struct dialogue_ask *ask = calloc(1, sizeof(*ask));

	if (ask == NULL)
		return;
	ask->all = d->all;
	ask->is_app = true;
	d->visit->sequence++;
	d->ask_within_ms = d->visit->screen->app.within_ms;
	if (call_app(d, ask, true) == RC_OK)
		d->all->counters.app_closed++;
	else
		free(ask);
}

void visit_end(struct dialogue *d, bool tell)
{
	if (d->visit == NULL)
		return;
	if (tell && d->visit->sequence > 0)
		tell_it_is_over(d);
	free(d->visit);
	d->visit = NULL;
}

/* --- asking ---------------------------------------------------------------------------------------------- */

bool ask_intent(struct dialogue *d, const struct intent *i)
{
	d->ask_screen = i->screen;
	if (i->kind == INTENT_FACTS) {
		d->ask_kind = DIALOGUE_ASK_FACTS;
		d->ask_facts = (uint8_t)i->field;
		d->ask_within_ms = i->screen->facts_within_ms;
		return true;
	}
	if (i->granted ? !visit_begin(d, i->screen) : d->visit == NULL)
		return false;
	if (!i->granted && !visit_add(d, i->text))
		return false;
	d->visit->sequence++;
	d->ask_kind = DIALOGUE_ASK_APP;
	d->ask_within_ms = i->screen->app.within_ms;
	return true;
}

void ask_forget(struct dialogue *d)
{
	d->asking = NULL;
	d->ask_kind = DIALOGUE_ASK_NONE;
}

/* It came, or it will not: the machine goes on. */
static void go_on(struct dialogue *d, enum machine_result result, const char *text, bool ends)
{
	struct machine_in in = {.event = d->ask_kind == DIALOGUE_ASK_APP ? MACHINE_APP : MACHINE_FACTS,
	                        .result = result,
	                        .text = text,
	                        .ends = ends};

	d->app_failed = in.event == MACHINE_APP && result != MACHINE_GIVEN;
	ask_forget(d);
	turn_asked(d, &in);
}

static void set_facts(struct dialogue *d, const struct store_facts *facts);

static void on_facts(void *ctx, enum rc rc, const struct store_facts *facts)
{
	struct dialogue_ask *ask = ctx;
	struct dialogue *d = ask->dialogue;
	bool wanted = d->asking == ask;

	free(ask);
	if (wanted && rc == RC_OK)
		set_facts(d, facts);
	if (wanted && (rc != RC_OK || d->facts == NULL)) {
		d->all->counters.facts_failed++;
		go_on(d, MACHINE_FAILED, NULL, false);
	} else if (wanted) {
		go_on(d, MACHINE_GIVEN, NULL, false);
	}
	dialogue_release(d);
}

static enum rc call(struct dialogue *d, struct dialogue_ask *ask)
{
	if (ask->is_app) {
		d->all->counters.app_calls++;
		return call_app(d, ask, false);
	}
	d->all->counters.facts++;
	if (d->all->options.facts != NULL)
		return d->all->options.facts(d->all->options.facts_ctx, d->key.msisdn, on_facts, ask);
	return store_facts_find(d->all->options.store, d->key.msisdn, on_facts, ask);
}

/* Answers given before go to the store meanwhile, unless the screen that is to come must wait for them. */
static void let_answers_go(struct dialogue *d)
{
	if (d->must_store || d->key.sms)
		due_remove(&d->flush);
	else if (d->batch != NULL && d->flush.list == NULL)
		due_add(&d->all->flushing, &d->flush, clock_mono_ms(d->all->options.clock));
}

/* It may come back before this returns; the machine sees to it that a turn does not ask for ever. */
void ask_now(struct dialogue *d)
{
	struct dialogue_ask *ask;

	let_answers_go(d);
	if (d->ask_within_ms == 0)
		d->ask_within_ms = d->within_ms;
	dialogue_set_state(d, DIALOGUE_ST_ASKING);
	ask = calloc(1, sizeof(*ask));
	if (ask != NULL) {
		*ask = (struct dialogue_ask){
			.all = d->all, .dialogue = d, .is_app = d->ask_kind == DIALOGUE_ASK_APP};
		d->asking = ask;
		dialogue_hold(d);
		if (call(d, ask) == RC_OK)
			return; /* its answer follows, or has been here already */
		free(ask);
		d->holds--;
	}
	if (d->ask_kind == DIALOGUE_ASK_APP)
		d->all->counters.app_failed++;
	else
		d->all->counters.facts_failed++;
	go_on(d, MACHINE_FAILED, NULL, false);
}

void ask_deadline(struct dialogue *d)
{
	bool is_app = d->ask_kind == DIALOGUE_ASK_APP;

	if (is_app)
		transcript_app(d, RC_BUSY, NULL, false);
	if (is_app)
		d->all->counters.app_slow++;
	else
		d->all->counters.facts_slow++;
	LOG_EVENT(LOG_LV_WARN, "dialogue", is_app ? "app-slow" : "facts-slow", "service", d->book->name,
	          "screen", d->ask_screen->name, "remedy",
	          is_app ? "see why the app is slow, or give it more time with `within`"
	                 : "see store.queue in status");
	if (is_app)
		d->asking->late = late_keep(d);
	go_on(d, MACHINE_LATER, NULL, false);
}

static void app_said(struct dialogue *d, enum rc rc, const char *text, bool ends)
{
	struct dialogue_counters *c = &d->all->counters;

	transcript_app(d, rc, text, ends);
	if (rc == RC_OK && text != NULL) {
		c->app_answers++;
		go_on(d, MACHINE_GIVEN, text, ends);
	} else if (rc == RC_BUSY) {
		c->app_slow++;
		go_on(d, MACHINE_LATER, NULL, false);
	} else {
		c->app_failed++;
		go_on(d, MACHINE_FAILED, NULL, false);
	}
}

void dialogue_app_answered(struct dialogues *ds, uint64_t token, enum rc rc, const char *text, bool ends)
{
	struct dialogue_ask *ask = (struct dialogue_ask *)(uintptr_t)token;
	struct dialogue *d = ask->dialogue;
	struct dialogue_late *late = ask->late;
	bool wanted = d != NULL && d->asking == ask;

	free(ask);
	if (d == NULL)
		return;
	if (wanted)
		app_said(d, rc, text, ends);
	else
		ds->counters.app_late++;
	if (late != NULL && rc == RC_OK && text != NULL)
		late_app_said(ds, late, text, ends);
	else
		late_free(late);
	dialogue_release(d);
}

/* --- facts in words ------------------------------------------------------------------------------------------ */

static const struct {
	const char *language, *until;
} words_until[] = {{"en", "until"}, {"sw", "hadi"}, {"fr", "jusqu'au"}, {"pt", "até"}, {"es", "hasta"}};

static void add_bundle(struct buf *b, const char *gives, int64_t expires_ms, const char *language)
{
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	const char *until = words_until[0].until;
	time_t at = (time_t)(expires_ms / 1000);
	struct tm tm;

	buf_printf(b, "%s%s", b->len > 0 ? ", " : "", gives);
	if (expires_ms == 0 || gmtime_r(&at, &tm) == NULL)
		return;
	for (size_t i = 0; i < sizeof(words_until) / sizeof(words_until[0]); i++)
		if (strcmp(words_until[i].language, language) == 0)
			until = words_until[i].until;
	if (until == words_until[0].until)
		buf_printf(b, " %s %d %s", until, tm.tm_mday, months[tm.tm_mon]);
	else
		buf_printf(b, " %s %d/%d", until, tm.tm_mday, tm.tm_mon + 1);
}

static void set_facts(struct dialogue *d, const struct store_facts *facts)
{
	struct dialogue_facts *f = d->facts != NULL ? d->facts : malloc(sizeof(*f));
	struct buf b;

	d->facts = f;
	if (f == NULL)
		return;
	memset(f, 0, sizeof(*f));
	if (facts->has_balance) {
		snprintf(f->balance, sizeof(f->balance), "%" PRId64,
		         facts->balance_minor); /* as format_money takes it */
		snprintf(f->currency, sizeof(f->currency), "%s", facts->currency);
	}
	buf_init(&b, f->bundles, sizeof(f->bundles));
	for (size_t i = 0; i < facts->n_bundles && i < STORE_MAX_BUNDLES; i++)
		add_bundle(&b, facts->bundle[i].gives, facts->bundle[i].expires_ms,
		           d->book->language[d->walk.language]);
}

static const char *known(const char *fact)
{
	return fact[0] != '\0' ? fact : NULL;
}

const char *ask_fact(const struct dialogue *d, const char *name)
{
	if (d->facts == NULL)
		return NULL;
	if (strcmp(name, "bundles") == 0)
		return known(d->facts->bundles);
	if (strcmp(name, "balance") == 0)
		return known(d->facts->balance);
	if (strcmp(name, "currency") == 0)
		return known(d->facts->currency);
	return NULL;
}
