/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A charging system that is not there: see fake_charging.h. */
#include "tools/fake_charging.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/charging.h"

#define SETTLE_MS 1000
/* as Ericsson AIR says it */
#define BARRED 103
#define TOO_LITTLE 124

struct call {
	enum charging_op op;
	int64_t msisdn, price;
	uint64_t reference;
	charging_done_fn *done;
	void *ctx;
};

struct fake_charging {
	const struct config *config;
	struct store *store;
	struct outbox *outbox;
	enum fake_charging_mode mode;
	size_t n_accounts, n_done, n_calls;
	struct {
		int64_t msisdn, minor;
	} account[FAKE_CHARGING_ACCOUNTS];
	uint64_t done[FAKE_CHARGING_DONE];
	struct call call[FAKE_CHARGING_CALLS];
};

struct question {
	struct fake_charging *all;
	int64_t msisdn;
	store_facts_fn *fn;
	void *ctx;
};

/* --- accounts ------------------------------------------------------------------------------------------------- */

static int64_t balance_of(const struct fake_charging *f, int64_t msisdn)
{
	for (size_t i = 0; i < f->n_accounts; i++)
		if (f->account[i].msisdn == msisdn)
			return f->account[i].minor;
	return FAKE_CHARGING_BALANCE;
}

enum rc fake_charging_balance(struct fake_charging *f, int64_t msisdn, int64_t minor)
{
	size_t i = 0;

	while (i < f->n_accounts && f->account[i].msisdn != msisdn)
		i++;
	if (i == FAKE_CHARGING_ACCOUNTS)
		return RC_FULL;
	f->n_accounts += i == f->n_accounts;
	f->account[i].msisdn = msisdn;
	f->account[i].minor = minor;
	return RC_OK;
}

static bool is_done(const struct fake_charging *f, uint64_t reference)
{
	for (size_t i = 0; i < f->n_done; i++)
		if (f->done[i] == reference)
			return true;
	return false;
}

/* Price and bundle together, or nothing. */
static enum charging_outcome carry_out(struct fake_charging *f, const struct call *c)
{
	int64_t left = balance_of(f, c->msisdn) - c->price;

	if (is_done(f, c->reference))
		return CHARGING_OK;
	if (c->price > 0 && left < 0)
		return CHARGING_REJECTED;
	if (f->n_done == FAKE_CHARGING_DONE ||
	    (c->price > 0 && fake_charging_balance(f, c->msisdn, left) != RC_OK))
		return CHARGING_RETRY;
	f->done[f->n_done++] = c->reference;
	return CHARGING_OK;
}

/* --- calls ---------------------------------------------------------------------------------------------------- */

static enum rc start(void *ctx, enum charging_op op, const struct charging_order *order,
                     charging_done_fn *done, void *done_ctx)
{
	struct fake_charging *f = ctx;

	if (f->n_calls == FAKE_CHARGING_CALLS)
		return RC_FULL;
	f->call[f->n_calls++] = (struct call){.op = op,
	                                      .msisdn = order->msisdn,
	                                      .price = order->price,
	                                      .reference = order->reference,
	                                      .done = done,
	                                      .ctx = done_ctx};
	return RC_OK;
}

static size_t room(void *ctx)
{
	return FAKE_CHARGING_CALLS - ((const struct fake_charging *)ctx)->n_calls;
}

static struct charging_answer answer_to(struct fake_charging *f, const struct call *c)
{
	struct charging_answer a = {.outcome = CHARGING_OK, .why = "", .mark = "fake1"};

	if (f->mode == FAKE_CHARGING_DOWN) {
		a.outcome = c->op == CHARGING_QUERY ? CHARGING_UNKNOWN : CHARGING_RETRY;
		a.reason = CHARGING_UNREACHABLE;
		a.why = "not sent: no connection";
	} else if (c->op == CHARGING_GRANT && f->mode == FAKE_CHARGING_BARRED) {
		a = (struct charging_answer){.outcome = CHARGING_REJECTED,
		                             .reason = CHARGING_BARRED,
		                             .code = BARRED,
		                             .why = "account barred from refill",
		                             .mark = ""};
	} else if (c->op == CHARGING_GRANT) {
		a.outcome = carry_out(f, c);
		a.reason = a.outcome == CHARGING_REJECTED ? CHARGING_TOO_LITTLE : CHARGING_PLAIN;
		a.code = a.outcome == CHARGING_REJECTED ? TOO_LITTLE : 0;
		if (f->mode == FAKE_CHARGING_LOST)
			a = (struct charging_answer){.outcome = CHARGING_UNKNOWN,
			                             .reason = CHARGING_NO_ANSWER,
			                             .why = "sent, and no answer came",
			                             .mark = ""};
	} else if (c->op == CHARGING_QUERY && f->mode == FAKE_CHARGING_LOST) {
		a.outcome = CHARGING_UNKNOWN;
		a.reason = CHARGING_UNREACHABLE;
	} else if (c->op == CHARGING_QUERY) {
		a.outcome = is_done(f, c->reference) ? CHARGING_OK : CHARGING_RETRY;
	}
	return a;
}

/* What an answer brings about is answered the next time. */
size_t fake_charging_answer(struct fake_charging *f, bool even_slow)
{
	struct call call[FAKE_CHARGING_CALLS];
	size_t n;

	if (f == NULL || (f->mode == FAKE_CHARGING_SLOW && !even_slow))
		return 0;
	n = f->n_calls;
	for (size_t i = 0; i < n; i++)
		call[i] = f->call[i];
	f->n_calls = 0;
	for (size_t i = 0; i < n; i++) {
		const struct charging_answer a = answer_to(f, &call[i]);

		call[i].done(call[i].ctx, &a);
	}
	return n;
}

void fake_charging_set(struct fake_charging *f, enum fake_charging_mode mode)
{
	if (f != NULL)
		f->mode = mode;
}

/* --- facts ------------------------------------------------------------------------------------------------------ */

static void on_bundles(void *ctx, enum rc rc, const struct store_facts *facts)
{
	struct question *q = ctx;
	struct store_facts told = {0};

	if (rc == RC_OK) {
		told = *facts;
		told.has_balance = true;
		told.balance_minor = balance_of(q->all, q->msisdn);
		snprintf(told.currency, sizeof(told.currency), "%.3s", q->all->config->charging.currency);
	}
	q->fn(q->ctx, q->all->mode == FAKE_CHARGING_UP || q->all->mode == FAKE_CHARGING_BARRED ? rc : RC_IO,
	      &told);
	free(q);
}

enum rc fake_charging_facts(void *ctx, int64_t msisdn, store_facts_fn *fn, void *fn_ctx)
{
	struct fake_charging *f = ctx;
	struct question *q = malloc(sizeof *q);
	enum rc rc = RC_NOMEM;

	if (q != NULL) {
		*q = (struct question){.all = f, .msisdn = msisdn, .fn = fn, .ctx = fn_ctx};
		rc = store_facts_find(f->store, msisdn, on_bundles, q);
	}
	if (rc != RC_OK)
		free(q);
	return rc;
}

/* --- life ------------------------------------------------------------------------------------------------------- */

enum rc fake_charging_new(const struct config *config, const struct clock *clock, struct store *store,
                          struct fake_charging **out)
{
	struct fake_charging *f = calloc(1, sizeof *f);
	const struct outbox_options options = {
		.clock = clock,
		.store = store,
		.system = {.name = config->charging.kind == CONFIG_UCIP ? "ucip" : "cgrates",
	                   .start = start,
	                   .room = room,
	                   .ctx = f},
		.settle_ms = SETTLE_MS,
		.buy_within_ms = config->charging.buy_within_ms,
		.active_max = FAKE_CHARGING_CALLS / 2};

	if (f == NULL)
		return RC_NOMEM;
	f->config = config;
	f->store = store;
	if (outbox_new(&options, &f->outbox) != RC_OK) {
		free(f);
		return RC_NOMEM;
	}
	*out = f;
	return RC_OK;
}

void fake_charging_close(struct fake_charging *f)
{
	if (f == NULL)
		return;
	outbox_close(f->outbox);
	for (size_t n = 1; n > 0;) {
		n = fake_charging_answer(f, true);
		store_wait(f->store);
	}
}

void fake_charging_free(struct fake_charging *f)
{
	if (f == NULL)
		return;
	outbox_free(f->outbox);
	free(f);
}

struct outbox *fake_charging_outbox(const struct fake_charging *f)
{
	return f != NULL ? f->outbox : NULL;
}

bool fake_charging_is_open(const struct fake_charging *f)
{
	struct outbox_counters c;

	if (f == NULL)
		return false;
	outbox_counters_read(f->outbox, &c);
	return c.by_state[STORE_CHARGE_PENDING] + c.by_state[STORE_CHARGE_SENT] +
	               c.by_state[STORE_CHARGE_UNKNOWN] >
	       0;
}

int64_t fake_charging_tick(struct fake_charging *f)
{
	return f != NULL ? outbox_tick(f->outbox) : INT64_MAX;
}
