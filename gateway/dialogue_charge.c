/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A give that a charging system carries out: ordered with the turn's batch, awaited after the commit, told when it is settled.
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

/* --- ordering ------------------------------------------------------------------------------------------------- */

/* "GROUP TON NPI DIGITS TON NPI DIGITS", the service and then the subscriber; "-" = no digits. */
static bool route_write(const struct notices_route *r, char *out, size_t size)
{
	int n = snprintf(out, size, "%u %u %u %s %u %u %s", (unsigned)r->group, (unsigned)r->service.ton,
	                 (unsigned)r->service.npi, r->service.digits[0] != '\0' ? r->service.digits : "-",
	                 (unsigned)r->subscriber.ton, (unsigned)r->subscriber.npi,
	                 r->subscriber.digits[0] != '\0' ? r->subscriber.digits : "-");

	return n > 0 && (size_t)n < size;
}

static bool route_read(const char *text, struct notices_route *r)
{
	unsigned group, ton[2], npi[2];
	char digits[2][22];

	memset(r, 0, sizeof(*r));
	if (sscanf(text, "%u %u %u %21s %u %u %21s", &group, &ton[0], &npi[0], digits[0], &ton[1], &npi[1],
	           digits[1]) != 7)
		return false;
	r->group = (uint16_t)group;
	r->service.ton = (uint8_t)ton[0];
	r->service.npi = (uint8_t)npi[0];
	r->subscriber.ton = (uint8_t)ton[1];
	r->subscriber.npi = (uint8_t)npi[1];
	snprintf(r->service.digits, sizeof(r->service.digits), "%s", digits[0][0] != '-' ? digits[0] : "");
	snprintf(r->subscriber.digits, sizeof(r->subscriber.digits), "%s",
	         digits[1][0] != '-' ? digits[1] : "");
	return true;
}

static const char *system_name(const struct config *c)
{
	return c->charging.kind == CONFIG_UCIP ? "ucip" : "cgrates";
}

bool charge_order(struct dialogue *d, const struct book_screen *screen)
{
	const struct dialogue_options *o = &d->all->options;
	struct machine_port port = actions_port(d);
	char late[MACHINE_TEXT_SIZE] = "", route[STORE_CHARGE_ROUTE_SIZE];
	struct notices_route to;
	struct store_order order = {.system = system_name(o->config),
	                            .instance = o->config->charging.host,
	                            .reference = charging_reference,
	                            .route = route,
	                            .late = late,
	                            .sorry = book_say(&d->book->word[BOOK_WORD_APOLOGY], d->walk.language)};

	if (o->outbox == NULL)
		return true; /* the store posts it in its ledger */
	dialogue_route(d, &to);
	if (screen->end != NULL)
		machine_render(d->book, screen->end, d->walk.language, &port, late, sizeof(late));
	return route_write(&to, route, sizeof(route)) && store_batch_order(d->batch, &order) == RC_OK;
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
	                             .key = r->charge_key};

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

/* --- telling --------------------------------------------------------------------------------------------------- */

static void by_sms(struct dialogues *ds, const struct outbox_told *told)
{
	struct notices_route route;

	if (told->notice == 0 || told->text == NULL)
		return;
	ds->counters.late_answers++;
	if (push_is_stopping(ds, told->msisdn)) { /* it would leave after their STOP */
		notices_drop(ds->notices, told->notice);
		return;
	}
	if (route_read(told->route, &route))
		route.msisdn = told->msisdn; /* by which a STOP finds it */
	if (route.msisdn == 0 || notices_send(ds->notices, &route, told->text, told->notice) != RC_OK)
		LOG_EVENT(LOG_LV_WARN, "actions", "sms-not-queued", "remedy",
		          "see notices.refused in status");
}

static void forget_words(struct turn_write *w)
{
	free(w->text);
	free(w->apology);
	late_free(w->late);
	w->text = w->apology = NULL;
	w->late = NULL;
}

static void on_told(void *ctx, void *waiter, const struct outbox_told *told)
{
	struct dialogues *ds = ctx;
	struct turn_write *w = waiter;

	ds->counters.granted += told->grant == STORE_GRANT_GRANTED;
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
	w->result.notice = told->notice;
	free(w->notice);
	w->notice = told->notice != 0 && told->text != NULL ? strdup(told->text) : NULL;
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
