/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts: see accounts.h. */
#include "gateway/accounts.h"

#include <stdlib.h>

#include "gateway/charging.h"

#define TICK_MAX_MS 1000

struct accounts {
	const struct config *config;
	struct charging *charging;
	struct outbox *outbox;
};

struct question {
	store_facts_fn *fn;
	void *ctx;
};

static enum rc start(void *ctx, enum charging_op op, const struct charging_order *order,
                     charging_done_fn *done, void *done_ctx)
{
	return charging_start(ctx, op, order, done, done_ctx);
}

static size_t room(void *ctx)
{
	return charging_room(ctx);
}

/* An order is two calls, and the second must not wait for the rate until the gate gives it up. */
static size_t active_max(const struct config_charging *c)
{
	int64_t by_rate = c->rate > 0 ? (int64_t)c->rate * c->within_ms / 4000 : c->calls;

	if (by_rate > c->calls)
		by_rate = c->calls;
	return by_rate > 0 ? (size_t)by_rate : 1;
}

static enum rc make_outbox(struct accounts *a, struct store *store)
{
	const struct outbox_options options = {.clock = clock_system(),
	                                       .store = store,
	                                       .system = {.name = charging_name(a->charging),
	                                                  .start = start,
	                                                  .room = room,
	                                                  .ctx = a->charging},
	                                       .settle_ms = a->config->charging.settle_ms,
	                                       .buy_within_ms = a->config->charging.buy_within_ms,
	                                       .active_max = active_max(&a->config->charging)};

	return outbox_new(&options, &a->outbox);
}

enum rc accounts_new(struct event_base *base, const struct config *config, struct store *store,
                     struct accounts **out)
{
	const struct charging_options options = {
		.base = base, .clock = clock_system(), .config = config, .store = store};
	struct accounts *a = calloc(1, sizeof(*a));
	enum rc rc;

	if (a == NULL)
		return RC_NOMEM;
	a->config = config;
	rc = charging_new(&options, &a->charging);
	if (rc == RC_OK && !charging_is_embedded(a->charging))
		rc = make_outbox(a, store);
	if (rc != RC_OK) {
		accounts_close(a);
		accounts_free(a);
		return rc;
	}
	*out = a;
	return RC_OK;
}

void accounts_close(struct accounts *a)
{
	if (a == NULL)
		return;
	if (a->outbox != NULL)
		outbox_close(a->outbox);
	charging_free(a->charging);
	a->charging = NULL;
}

void accounts_free(struct accounts *a)
{
	if (a == NULL)
		return;
	outbox_free(a->outbox);
	free(a);
}

struct outbox *accounts_outbox(const struct accounts *a)
{
	return a->outbox;
}

const struct charging *accounts_charging(const struct accounts *a)
{
	return a->charging;
}

int64_t accounts_tick(struct accounts *a)
{
	int64_t left;

	if (a->outbox == NULL)
		return TICK_MAX_MS;
	left = outbox_tick(a->outbox) - clock_mono_ms(clock_system());
	return left < TICK_MAX_MS ? left : TICK_MAX_MS;
}

static void on_balance(void *ctx, const struct charging_answer *answer)
{
	struct question *q = ctx;

	q->fn(q->ctx, answer->outcome == CHARGING_OK && answer->facts != NULL ? RC_OK : RC_IO, answer->facts);
	free(q);
}

enum rc accounts_facts(void *ctx, int64_t msisdn, store_facts_fn *fn, void *fn_ctx)
{
	struct accounts *a = ctx;
	struct charging_order order = {.msisdn = msisdn, .waits = true};
	struct question *q = a->charging != NULL ? malloc(sizeof(*q)) : NULL;
	enum rc rc;

	if (q == NULL)
		return RC_NOMEM;
	*q = (struct question){.fn = fn, .ctx = fn_ctx};
	rc = charging_start(a->charging, CHARGING_BALANCE, &order, on_balance, q);
	if (rc != RC_OK)
		free(q);
	return rc;
}
