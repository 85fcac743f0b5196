/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the store holds and the outbox does not: orders of an earlier run, those for which there was no room, and what persons
 * have decided.
 *
 * Invariant: every open order with an id up to `cursor` is, or was, in memory. A new one is taken directly only when none waits
 * between it and the cursor; one that was missed makes the next page be read.
 */
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/outbox_private.h"

#define AGAIN_MS 1000
#define POLL_MS 5000

struct telling {
	struct outbox *all;
	void *waiter;
	bool late;
};

/* This system knows nothing of it, and would give again what the other one may have given. */
static bool is_of_another(struct outbox *o, const struct store_charge_row *r)
{
	if (strcmp(r->system, o->options.system.name) == 0)
		return false;
	if (o->counters.of_others++ == 0)
		LOG_EVENT(LOG_LV_WARN, "outbox", "order-of-another-system", "system", r->system, "grant",
		          LOG_INT(r->id), "remedy",
		          "set charging.kind back until they are settled, or decide them: starhash grants, "
		          "starhash grants resolve");
	return true;
}

static void on_page(void *ctx, enum rc rc, const struct store_charge_row *rows, size_t n)
{
	struct outbox *o = ctx;

	o->is_reading = false;
	if (rc != RC_OK) {
		o->read_at_ms = clock_mono_ms(o->options.clock) + AGAIN_MS;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (is_of_another(o, &rows[i])) {
			o->cursor = rows[i].id;
			continue;
		}
		if (outbox_row_add(o, &rows[i], NULL) == NULL) {
			o->read_at_ms = clock_mono_ms(o->options.clock) + AGAIN_MS;
			return;
		}
		o->cursor = rows[i].id;
		o->counters.read++;
	}
	if (n < STORE_CHARGES_PAGE && !o->has_missed)
		o->is_caught_up = true;
}

static void read_page(struct outbox *o, int64_t now)
{
	if (o->is_reading || o->is_caught_up || now < o->read_at_ms || o->n >= o->options.rows_max)
		return;
	o->is_reading = true;
	o->has_missed = false;
	if (store_charges_find(o->options.store, o->cursor, STORE_CHARGES_OPEN, on_page, o) != RC_OK) {
		o->is_reading = false;
		o->read_at_ms = now + AGAIN_MS;
	}
}

/* --- what persons have decided ------------------------------------------------------------------------------- */

static void on_told(void *ctx, const struct store_charge_result *r)
{
	struct telling *t = ctx;

	t->all->telling--;
	if (r->rc == RC_OK) {
		outbox_tell(t->all, t->waiter, r, t->late);
	} else if (t->waiter != NULL) { /* the next look at the store tells the subscriber */
		if (!outbox_is_late(t->all, t->waiter))
			t->all->listener.later(t->all->listener.ctx, t->waiter);
		outbox_tell(t->all, t->waiter, &(struct store_charge_result){.grant = STORE_GRANT_NONE},
		            false);
	}
	free(t);
}

/* False: not now. */
static bool tell_one(struct outbox *o, const struct store_charge_row *r)
{
	struct store_charge_update u = {
		.id = r->id, .from = STORE_CHARGE_RECONCILED, .to = STORE_CHARGE_RECONCILED};
	struct telling *t = calloc(1, sizeof(*t));
	struct outbox_row *row;

	if (t == NULL)
		return false;
	HASH_FIND(hh_id, o->by_id, &r->id, sizeof(r->id), row);
	if (row != NULL && row->step != OUTBOX_READY && row->step != OUTBOX_RESTING &&
	    row->step != OUTBOX_BEHIND) { /* its own next move finds out */
		free(t);
		return true;
	}
	*t = (struct telling){.all = o, .waiter = row != NULL ? row->waiter : NULL};
	t->late = outbox_is_untold(o, t->waiter);
	u.late = outbox_is_late(o, t->waiter);
	u.pushed = !t->late;
	if (store_charge_move(o->options.store, &u, on_told, t) != RC_OK) {
		free(t);
		return false;
	}
	o->telling++;
	o->counters.reconciled++;
	if (row != NULL)
		outbox_row_remove(row);
	return true;
}

/* What was held and a person has let go: an order as any other from here on, behind the others of its subscriber. */
static void on_approved(void *ctx, enum rc rc, const struct store_charge_row *rows, size_t n)
{
	struct outbox *o = ctx;

	o->is_polling = false;
	if (rc != RC_OK || o->is_closing)
		return;
	/* page by page, so that those which wait long hide no others */
	o->approved_after = n == STORE_CHARGES_PAGE ? rows[n - 1].id : 0;
	for (size_t i = 0; i < n && o->n < o->options.rows_max; i++)
		if (strcmp(rows[i].system, o->options.system.name) == 0 &&
		    outbox_row_add(o, &rows[i], NULL) == NULL)
			return;
}

static void on_untold(void *ctx, enum rc rc, const struct store_charge_row *rows, size_t n)
{
	struct outbox *o = ctx;

	o->is_polling = store_charges_find(o->options.store, o->approved_after, STORE_CHARGES_APPROVED,
	                                   on_approved, o) == RC_OK;
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (!tell_one(o, &rows[i]))
			return;
}

static void poll_decided(struct outbox *o, int64_t now)
{
	if (o->is_polling || o->telling > 0 || now < o->poll_at_ms)
		return;
	o->poll_at_ms = now + POLL_MS;
	o->is_polling = store_charges_find(o->options.store, 0, STORE_CHARGES_UNTOLD, on_untold, o) == RC_OK;
}

void outbox_read_tick(struct outbox *o, int64_t now)
{
	if (o->is_closing)
		return;
	read_page(o, now);
	poll_decided(o, now);
}
