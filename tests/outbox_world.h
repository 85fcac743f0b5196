/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A world for tests of the outbox: a real store, and a charging system that loses replies, is late, refuses and goes away, as
 * the test says.
 *
 * Promise 1: nobody is told before it is stored. Promise 2: an order is applied at most once, whatever is lost, and wherever
 * the daemon is killed: a kill is a copy of the store's files as they are at that moment, with which the next run begins,
 * while calls under way are applied or not.
 */
#ifndef STARHASH_TESTS_OUTBOX_WORLD_H
#define STARHASH_TESTS_OUTBOX_WORLD_H

#include "gateway/outbox.h"

#include <inttypes.h>

#include "tests/store_world.h"

#define SETTLE_MS 60000
#define BUY_WITHIN_MS 60000
#define ORDERS 64
#define CALLS 64

struct waiter {
	bool looks;
	int told, later;
	enum store_grant grant;
	enum refusal refusal;
};

struct order {
	int64_t id, msisdn;
	uint64_t reference;
	char key[16];
	int64_t price;
	int applied;
	int64_t applies_at_ms; /* a call that is still at work; 0 = none */
	int grants_sent;
	int heard; /* SMS */
	struct waiter waiter;
};

struct call {
	enum charging_op op;
	struct order *order;
	int64_t sent_ms;
	char mark[CHARGING_MARK_SIZE];
	charging_done_fn *done;
	void *ctx;
};

static struct world world;
static struct outbox *outbox;
static struct order orders[ORDERS];
static size_t n_orders, n_calls;
static struct call calls[CALLS];
static size_t room;
static int64_t price; /* of what is ordered from now on */
static bool is_dead;  /* what the old run still says does not count */
static int runs;

static inline void advance(int64_t ms)
{
	clock_fake_advance(&world.clock, ms);
	for (size_t i = 0; i < n_orders; i++)
		if (orders[i].applies_at_ms != 0 &&
		    clock_utc_ms(&world.clock.clock) >= orders[i].applies_at_ms) {
			orders[i].applied++;
			orders[i].applies_at_ms = 0;
		}
}

/* --- the charging system --------------------------------------------------------------------------------------- */

static inline struct order *by_reference(uint64_t reference)
{
	for (size_t i = 0; i < n_orders; i++)
		if (orders[i].reference == reference)
			return &orders[i];
	ck_abort_msg("a reference that nobody ordered");
	return NULL;
}

static inline void ck_state(const struct order *o, const char *state)
{
	char text[120];

	(void)snprintf(text, sizeof text, "SELECT state = '%s' FROM charge WHERE id = %" PRId64, state,
	               o->id);
	ck_assert_msg(world_sql(&world, text) == 1, "grant %" PRId64 " is not %s", o->id, state);
}

static inline enum rc on_start(void *ctx, enum charging_op op, const struct charging_order *order,
                               charging_done_fn *done, void *done_ctx)
{
	struct call *c = &calls[n_calls];

	(void)ctx;
	ck_assert(!is_dead);
	ck_assert_uint_lt(n_calls, CALLS);
	*c = (struct call){.op = op,
	                   .order = by_reference(order->reference),
	                   .sent_ms = order->sent_ms,
	                   .done = done,
	                   .ctx = done_ctx};
	(void)snprintf(c->mark, sizeof c->mark, "%s", order->mark);
	ck_assert_int_eq(order->price, c->order->price);
	for (size_t i = 0; i < n_calls; i++) /* one at a time of each subscriber */
		ck_assert_int_ne(calls[i].order->msisdn, c->order->msisdn);
	if (op == CHARGING_GRANT) {
		c->order->grants_sent++;
		ck_state(c->order, "sent"); /* before it leaves */
		ck_assert_str_ne(c->mark, "");
		ck_assert_int_eq(c->order->applies_at_ms, 0);
		ck_assert_int_eq(c->order->applied, 0); /* promise 2 */
	}
	n_calls++;
	return RC_OK;
}

static inline size_t on_room(void *ctx)
{
	(void)ctx;
	return room;
}

static inline void answer(size_t i, enum charging_outcome outcome, enum charging_reason reason, int code)
{
	struct call c = calls[i];
	const struct charging_answer a = {.outcome = outcome,
	                                  .reason = reason,
	                                  .code = code,
	                                  .why = "because",
	                                  .mark = c.op == CHARGING_PREPARE && outcome == CHARGING_OK ? "was 0"
	                                                                                             : ""};

	calls[i] = calls[--n_calls];
	c.done(c.ctx, &a);
	store_wait(world.store);
	ck_assert_int_le(c.order->applied, 1);
}

/* The one call under way is `op`, and is answered so. */
static inline struct order *expect(enum charging_op op, enum charging_outcome outcome,
                                   enum charging_reason reason)
{
	struct order *o = calls[0].order;

	ck_assert_uint_eq(n_calls, 1);
	ck_assert_str_eq(charging_op_name(calls[0].op), charging_op_name(op));
	if (op == CHARGING_GRANT && outcome == CHARGING_OK)
		o->applied++;
	answer(0, outcome, reason, outcome == CHARGING_REJECTED ? 102 : 0);
	return o;
}

/* --- who ordered ------------------------------------------------------------------------------------------------- */

static inline void ck_told(const struct order *o, enum store_grant grant)
{
	char text[120];

	ck_assert_int_eq(o->applied, grant == STORE_GRANT_GRANTED);
	(void)snprintf(text, sizeof text, "SELECT state = '%s' FROM grants WHERE id = %" PRId64,
	               store_grant_name(grant), o->id);
	ck_assert_int_eq(world_sql(&world, text), 1); /* promise 1: stored before it is told */
}

static inline void on_told(void *ctx, void *waiter, const struct outbox_told *t)
{
	struct waiter *w = waiter;

	(void)ctx;
	if (w != NULL && t->grant != STORE_GRANT_NONE && !is_dead) {
		struct order *o = (struct order *)((char *)w - offsetof(struct order, waiter));

		w->told++;
		w->grant = t->grant;
		w->refusal = t->refusal;
		ck_told(o, t->grant);
	}
	if (t->notice != 0 && !is_dead) {
		struct order *o = NULL;

		for (size_t i = 0; i < n_orders && o == NULL; i++)
			if (strcmp(t->route, orders[i].key) == 0)
				o = &orders[i];
		ck_assert_ptr_nonnull(o);
		o->heard++;
		ck_assert_int_le(o->heard, 1);
		ck_told(o, t->grant);
		ck_assert_str_eq(t->text, t->grant == STORE_GRANT_GRANTED ? "It is yours."
		                          : t->refusal == REFUSAL_POOR    ? "Too little."
		                                                          : "Sorry.");
	}
}

static inline void on_later(void *ctx, void *waiter)
{
	struct waiter *w = waiter;

	(void)ctx;
	w->later++;
	w->looks = false;
}

static inline bool on_waits(void *ctx, const void *waiter)
{
	(void)ctx;
	return ((const struct waiter *)waiter)->looks;
}

static inline void run(size_t rows_max)
{
	const struct outbox_options options = {.clock = &world.clock.clock,
	                                       .store = world.store,
	                                       .system = {.name = "ucip", .start = on_start, .room = on_room},
	                                       .settle_ms = SETTLE_MS,
	                                       .buy_within_ms = BUY_WITHIN_MS,
	                                       .active_max = 8,
	                                       .rows_max = rows_max};
	const struct outbox_listener listener = {.told = on_told, .later = on_later, .waits = on_waits};

	is_dead = false;
	ck_assert_int_eq(outbox_new(&options, &outbox), RC_OK);
	outbox_attach(outbox, &listener);
	store_wait(world.store);
	store_wait(world.store);
}

static inline void setup(void)
{
	memset(orders, 0, sizeof orders);
	n_orders = n_calls = 0;
	runs = 0;
	room = 100;
	price = 0;
	world_init(&world);
	world_open(&world);
	run(0);
}

static inline void end_run(void)
{
	outbox_close(outbox);
	while (n_calls > 0)
		answer(0, CHARGING_UNKNOWN, CHARGING_NO_ANSWER, 0);
	store_wait(world.store);
	outbox_free(outbox);
	world_close(&world);
}

static inline void teardown(void)
{
	end_run();
	world_end(&world);
}

static inline struct order *give(int64_t msisdn, bool looks)
{
	struct order *o = &orders[n_orders];
	struct store_batch *b = store_batch_new(msisdn, clock_utc_ms(&world.clock.clock));
	struct store_order so = {.system = "ucip",
	                         .instance = "test",
	                         .reference = charging_reference,
	                         .route = o->key,
	                         .late = "It is yours.",
	                         .sorry = "Sorry.",
	                         .poor = "Too little.",
	                         .price = price};
	struct outbox_order oo;
	struct store_result r;

	ck_assert_uint_lt(n_orders++, ORDERS);
	(void)snprintf(o->key, sizeof o->key, "key%zu", n_orders);
	ck_assert_int_eq(store_batch_order(b, &so), RC_STATE);
	ck_assert_int_eq(store_batch_give(b, "100MB", o->key, "100 MB", 0), RC_OK);
	ck_assert_int_eq(store_batch_order(b, &so), RC_OK);
	r = world_write(&world, b);
	ck_assert_int_eq(r.rc, RC_OK);
	ck_assert_int_eq(r.grant, STORE_GRANT_PENDING);
	o->id = r.charge;
	o->msisdn = msisdn;
	o->price = price;
	o->reference = r.charge_reference;
	ck_assert_uint_eq(o->reference, charging_reference("test", 0, msisdn, o->key));
	o->waiter.looks = looks;
	oo = (struct outbox_order){.id = r.charge,
	                           .subscriber = r.subscriber,
	                           .msisdn = msisdn,
	                           .ordered_ms = r.charge_ms,
	                           .bundle = "100MB",
	                           .key = o->key,
	                           .price = r.charge_price,
	                           .reference = r.charge_reference};
	if (!outbox_take(outbox, &oo, &o->waiter))
		o->waiter.looks = false;
	return o;
}

static inline void tick(int64_t ms)
{
	advance(ms);
	outbox_tick(outbox);
	store_wait(world.store);
	store_wait(world.store);
	outbox_tick(outbox);
	store_wait(world.store);
}

/* kill -9: the files as they are now, and nothing of what the old run does afterwards. */
static inline void kill_and_restart(void)
{
	char command[2000], from[300];

	(void)snprintf(from, sizeof from, "%s", world.path);
	(void)snprintf(world.path, sizeof world.path, "%.250s/run%d.db", world.folder, ++runs);
	(void)snprintf(
		command, sizeof command,
		"for of in '' -wal .key .keyring; do ! test -f %s$of || cp %s$of %s$of || exit 1; done", from,
		from, world.path);
	ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): files of this test
	is_dead = true;
	for (size_t i = 0; i < n_orders; i++)
		orders[i].waiter.looks = false;
	end_run();
	world_open(&world);
	run(0);
}

#endif
