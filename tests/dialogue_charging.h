/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A dialogue's world with a charging system that is the test's: each call waits until the test answers it. Static inline, for
 * the test programs only. */
#ifndef STARHASH_TESTS_DIALOGUE_CHARGING_H
#define STARHASH_TESTS_DIALOGUE_CHARGING_H

#include "tests/dialogue_world.h"

static struct world w;

/* The call under way. */
static struct {
	bool is_open;
	enum charging_op op;
	charging_done_fn *done;
	void *ctx;
	int grants;
	char key[64];
} call;

static int64_t call_price; /* of every order */

static inline enum rc call_start(void *ctx, enum charging_op op, const struct charging_order *order,
                                 charging_done_fn *done, void *done_ctx)
{
	(void)ctx;
	ck_assert(!call.is_open);
	ck_assert_int_eq(order->price, call_price);
	call.is_open = true;
	call.op = op;
	call.done = done;
	call.ctx = done_ctx;
	call.grants += op == CHARGING_GRANT;
	snprintf(call.key, sizeof(call.key), "%s", order->key);
	return RC_OK;
}

static inline size_t call_room(void *ctx)
{
	(void)ctx;
	return 10;
}

/* The store is at work on it when this returns. */
static inline void answer_begins(enum charging_op op, enum charging_outcome outcome,
                                 enum charging_reason reason)
{
	const struct charging_answer a = {.outcome = outcome,
	                                  .reason = reason,
	                                  .why = "because",
	                                  .mark = op == CHARGING_PREPARE ? "was 0" : ""};

	ck_assert(call.is_open);
	ck_assert_str_eq(charging_op_name(call.op), charging_op_name(op));
	call.is_open = false;
	call.done(call.ctx, &a);
}

static inline void answer(enum charging_op op, enum charging_outcome outcome, enum charging_reason reason)
{
	answer_begins(op, outcome, reason);
	world_settle(&w);
}

static inline void grant(enum charging_outcome outcome, enum charging_reason reason)
{
	answer(CHARGING_PREPARE, CHARGING_OK, CHARGING_PLAIN);
	answer(CHARGING_GRANT, outcome, reason);
}

static inline void teardown(void)
{
	outbox_close(w.outbox);
	if (call.is_open)
		answer(call.op, CHARGING_UNKNOWN, CHARGING_NO_ANSWER);
	ck_assert(!call.is_open);
	world_close(&w);
}

#endif
