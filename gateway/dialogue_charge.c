/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A give or a purchase that a charging system carries out: ordered with the turn's batch, awaited after the commit, told when
 * it is settled.
 *
 * The turn waits as it does for the store, and no longer: at the deadline, or as soon as it is known that the system will not
 * answer in time, the subscriber gets the screen in `else`, and what became of it by SMS. Invariant (promise 1): "is yours" is
 * said after the outbox has told GRANTED, which is after it was stored.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/dialogue_private.h"
#include "gateway/outbox.h"
#include "gateway/route.h"

/* --- ordering ------------------------------------------------------------------------------------------------- */

static const char *system_name(const struct config *c)
{
	return c->charging.kind == CONFIG_UCIP ? "ucip" : "cgrates";
}

struct words {
	char late[MACHINE_TEXT_SIZE], sorry[MACHINE_TEXT_SIZE];
	char poor[MACHINE_TEXT_SIZE], barred[MACHINE_TEXT_SIZE];
	char declined[MACHINE_TEXT_SIZE];
};

static void word_of_refusal(struct dialogue *d, const struct book_screen *from, enum refusal why, char *out)
{
	if (from->kind == BOOK_BUY)
		late_words(d, machine_unsold_screen(from, why), machine_unsold_word(why), out);
	else
		late_words(d, from->give.refused, book_word_refused(why), out);
}

/* Now, while everything is at hand that they speak of: the store picks one of them when it is settled. */
static void find_words(struct dialogue *d, const struct book_screen *screen, struct words *w)
{
	struct machine_port port = actions_port(d);

	w->late[0] = '\0';
	if (screen->end != NULL)
		machine_render(d->book, screen->end, d->walk.language, &port, w->late, sizeof(w->late));
	word_of_refusal(d, screen, REFUSAL_SYSTEM, w->sorry);
	if (w->sorry[0] ==
	    '\0') /* a screen of nothing but a value that is not there; while it stands, nothing was told */
		snprintf(w->sorry, sizeof(w->sorry), "%s",
		         book_say(&d->book->word[BOOK_WORD_APOLOGY], d->walk.language));
	word_of_refusal(d, screen, REFUSAL_POOR, w->poor);
	word_of_refusal(d, screen, REFUSAL_BARRED, w->barred);
	word_of_refusal(d, screen, REFUSAL_DECLINED, w->declined);
}

bool charge_order(struct dialogue *d, const struct book_screen *screen)
{
	const struct dialogue_options *o = &d->all->options;
	char route[STORE_CHARGE_ROUTE_SIZE];
	struct words words;
	struct notices_route to;
	struct store_order order = {.system = system_name(o->config),
	                            .instance = o->config->charging.host,
	                            .reference = charging_reference,
	                            .route = route,
	                            .late = words.late,
	                            .sorry = words.sorry,
	                            .poor = words.poor,
	                            .barred = words.barred,
	                            .declined = words.declined,
	                            .price = screen->kind == BOOK_BUY ? screen->buy.price : 0};

	if (o->outbox ==
	    NULL) { /* the store posts it in its ledger, unless a person is to look at it first */
		if (!store_limits_review(&o->config->limits))
			return true;
		order.system = STORE_LEDGER;
	}
	dialogue_route(d, &to);
	find_words(d, screen, &words);
	return route_write(o->config, &to, route, sizeof(route)) &&
	       store_batch_order(d->batch, &order) == RC_OK;
}

/* Made once in a dialogue, so that an input that comes again after its purchase could not be stored for certain finds the
 * same one; a dialogue buys once at most. No occasion in a menu can have such a name, and no row id is in it: ids come again
 * after a restore. */
static const char *key_of_purchase(struct dialogue *d)
{
	char key[STORE_CHARGE_KEY_SIZE];

	if (d->purchase != NULL)
		return d->purchase;
	snprintf(key, sizeof(key), "buy:%" PRId64 ":%" PRIu32, actions_utc_ms(d), ++d->all->purchases);
	d->purchase = strdup(key);
	return d->purchase;
}

bool charge_buy(struct dialogue *d, const struct book_screen *screen)
{
	const struct dialogue_options *o = &d->all->options;
	const struct config_bundle *b = config_bundle_by_name(o->config, screen->buy.bundle);
	const char *key = key_of_purchase(d);

	d->must_store = true;
	if (o->outbox == NULL || b == NULL || key == NULL || screen->buy.price <= 0)
		return false; /* the ledger has no money: the checker says so before */
	return store_batch_give(d->batch, b->name, key, screen->buy.gives, b->valid_ms) == RC_OK &&
	       charge_order(d, screen);
}

/* --- waiting -------------------------------------------------------------------------------------------------- */

/* A turn that still waits for `w` gets its "later" now. */
static void go_on_without(struct turn_write *w)
{
	if (w->is_turn && w->dialogue->waiting == w)
		turn_later(w->dialogue);
}

bool charge_await(struct turn_write *w, const struct store_result *r)
{
	struct dialogue *d = w->dialogue;
	struct outbox_order order = {.id = r->charge,
	                             .subscriber = r->subscriber,
	                             .msisdn = d->key.msisdn,
	                             .ordered_ms = r->charge_ms,
	                             .bundle = r->charge_bundle,
	                             .key = r->charge_key,
	                             .price = r->charge_price,
	                             .reference = r->charge_reference};

	if (r->rc != RC_OK || r->charge == 0)
		return false;
	w->result = *r;
	w->result.charge_bundle = w->result.charge_key = NULL; /* the batch's */
	w->is_charged = true;
	if (w->is_turn && d->waiting == w)
		d->at_risk = false; /* it is stored */
	if (outbox_take(d->all->options.outbox, &order, w))
		return true;
	go_on_without(w); /* too much waits already: the outbox comes to it, and tells by what is stored */
	actions_write_done(w);
	return true;
}

bool charge_is_awaited(const struct dialogue *d)
{
	return d->waiting != NULL && d->waiting->is_charged;
}

static bool on_waits(void *ctx, const void *waiter)
{
	const struct turn_write *w = waiter;

	(void)ctx;
	return w->is_turn && !w->is_late && w->dialogue->waiting == w;
}

/* By a push, when it is granted: the walk stands ready for it. */
static bool on_shows(void *ctx, const void *waiter)
{
	const struct turn_write *w = waiter;

	(void)ctx;
	return w->late != NULL;
}

static void on_later(void *ctx, void *waiter)
{
	(void)ctx;
	go_on_without(waiter);
}

/* --- refused, or given before, while nobody waited ---------------------------------------------------------------- */

void charge_keep_words(struct dialogue *d, struct turn_write *w)
{
	const struct book_screen *at = &d->book->screen[d->walk.screen];
	char text[MACHINE_TEXT_SIZE];

	if (d->walk.phase != WALK_WAITING || at->kind != BOOK_GIVE)
		return;
	w->book = book_ref(d->book);
	w->language = d->walk.language;
	late_words(d, at->give.again, BOOK_WORD_AGAIN, text);
	w->again = strdup(text);
	if (at->give.refused >= d->book->n_screens)
		return; /* then it depends on the reason */
	word_of_refusal(d, at, REFUSAL_SYSTEM, text);
	w->refused = strdup(text);
}

const char *charge_words(const struct turn_write *w, enum refusal why)
{
	if (w->refused != NULL || w->book == NULL)
		return w->refused;
	return book_say(&w->book->word[book_word_refused(why)], w->language);
}

/* --- telling --------------------------------------------------------------------------------------------------- */

/* It waits in the store, whoever it is for: the store has looked whether they have said STOP. */
static void by_sms(struct dialogues *ds, const struct outbox_told *told)
{
	struct notices_route route;

	if (told->notice == 0)
		return;
	ds->counters.late_answers++;
	route_read(ds->options.config, told->route != NULL ? told->route : "", NULL, told->msisdn, &route);
	notices_wake(ds->notices, route.group);
}

static void forget_words(struct turn_write *w)
{
	free(w->text);
	free(w->apology);
	free(w->refused);
	free(w->again);
	book_unref(w->book);
	late_free(w->late);
	w->text = w->apology = w->refused = w->again = NULL;
	w->book = NULL;
	w->late = NULL;
}

static void on_told(void *ctx, void *waiter, const struct outbox_told *told)
{
	struct dialogues *ds = ctx;
	struct turn_write *w = waiter;

	ds->counters.granted += told->grant == STORE_GRANT_GRANTED;
	if (told->grant == STORE_GRANT_REJECTED)
		ds->counters.refused[told->refusal]++;
	if (w == NULL) {
		by_sms(ds, told);
		return;
	}
	if (told->grant == STORE_GRANT_NONE) {
		if (w->dialogue->waiting == w)
			w->dialogue->waiting = NULL;
		actions_write_done(w);
		return;
	}
	w->result.grant = told->grant;
	w->result.refusal = told->refusal;
	w->result.notice = told->notice;
	w->result.notice_waits = told->notice != 0;
	/* they have said STOP, or were erased: not a word */
	if (w->is_late && (told->is_quiet || (told->was_late && told->notice == 0)))
		forget_words(w);
	actions_concluded(w, &w->result);
}

void charge_listen(struct dialogues *ds)
{
	const struct outbox_listener listener = {
		.ctx = ds, .told = on_told, .later = on_later, .waits = on_waits, .shows = on_shows};

	if (ds->options.outbox != NULL)
		outbox_attach(ds->options.outbox, &listener);
}
