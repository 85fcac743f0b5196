/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The port's side of store_charges.h: requests in, answers out. */
#include "storage/store_charges.h"

#include <stdlib.h>
#include <string.h>

#include "storage/charges.h"
#include "storage/store_private.h"

const char *store_charge_name(enum store_charge c)
{
	static const char *const words[] = {"pending", "sent",       "granted", "rejected",
	                                    "unknown", "reconciled", "held"};

	return words[c];
}

bool store_charge_is_open(enum store_charge c)
{
	return c == STORE_CHARGE_PENDING || c == STORE_CHARGE_SENT || c == STORE_CHARGE_UNKNOWN ||
	       c == STORE_CHARGE_HELD;
}

static enum rc work(struct store *s, const struct charge_work *what, store_charge_fn *fn, void *ctx)
{
	struct request *r = calloc(1, sizeof *r);
	enum rc rc = RC_NOMEM;

	if (r)
		r->charge.work = malloc(sizeof *what);
	if (r && r->charge.work) {
		*r->charge.work = *what;
		r->charge.work->update.mark = r->charge.work->mark;
		r->charge.work->at_ms = store_now_ms(s);
		r->kind = REQUEST_CHARGE;
		r->charge.fn = fn;
		r->ctx = ctx;
		rc = store_enqueue(s, r, true);
	}
	if (rc != RC_OK && r) {
		free(r->charge.work);
		free(r);
	}
	return rc;
}

enum rc store_charge_move(struct store *s, const struct store_charge_update *update, store_charge_fn *fn,
                          void *ctx)
{
	struct charge_work w = {.update = *update};
	size_t len = update->mark ? strlen(update->mark) : 0;

	if (len >= sizeof w.mark)
		return RC_RANGE;
	if (len > 0)
		memcpy(w.mark, update->mark, len + 1);
	if (!w.update.why)
		w.update.why = "";
	return work(s, &w, fn, ctx);
}

enum rc store_charge_resolve(struct store *s, int64_t id, bool granted, const char *actor, const char *reason,
                             store_charge_fn *fn, void *ctx)
{
	struct charge_work w = {.update = {.id = id, .granted = granted}, .resolves = true};
	size_t len = strlen(reason);

	if (len >= sizeof w.reason || (actor && strlen(actor) >= sizeof w.actor))
		return RC_RANGE;
	memcpy(w.reason, reason, len + 1);
	if (actor)
		memcpy(w.actor, actor, strlen(actor) + 1);
	return work(s, &w, fn, ctx);
}

enum rc store_charges_find(struct store *s, int64_t after, enum store_charges_which which,
                           store_charges_fn *fn, void *ctx)
{
	struct request *r = calloc(1, sizeof *r);
	enum rc rc = RC_NOMEM;

	if (r)
		r->charges.page = calloc(1, sizeof *r->charges.page);
	if (r && r->charges.page) {
		r->kind = REQUEST_CHARGES;
		r->ctx = ctx;
		r->charges.fn = fn;
		r->charges.page->after = after;
		r->charges.page->which = which;
		rc = store_enqueue(s, r, false);
	}
	if (rc != RC_OK && r) {
		free(r->charges.page);
		free(r);
	}
	return rc;
}

void request_conclude_charge(struct request *r)
{
	if (r->kind == REQUEST_CHARGE) {
		r->charge.fn(r->ctx, &r->charge.work->result);
		free(r->charge.work);
	} else {
		r->charges.fn(r->ctx, r->charges.page->rc, r->charges.page->row, r->charges.page->n);
		free(r->charges.page);
	}
	free(r);
}
