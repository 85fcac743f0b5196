/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outbox: see outbox.h. Each order goes round here:
 *
 *   pending --prepare--> (store: sent) --grant--> (store: granted, rejected, pending, unknown)
 *   unknown --query----> (store: reconciled, pending, unknown)
 *
 * A row with a call or a store request under way is on no list, and its step says which answer it waits for. */
#include "gateway/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/outbox_private.h"

#define STORE_AGAIN_MS 1000
#define ROOM_AGAIN_MS 50
#define UNDECIDED_AGAIN_MS 3600000 /* a system that knows it by its reference may tell yet */
#define BUY_AGAIN_MS 5000          /* nobody waits longer than buy_within_ms for a purchase */
#define TICK_STARTS 200            /* of the backlog in one turn of the loop */

/* Until a call that was certainly not carried out, or a system that cannot be reached, is tried again. */
static const int64_t retry_ms[] = {1000, 2000, 5000, 10000, 30000, 60000};
/* Until what the operator has to mend is tried again. */
static const int64_t mend_ms[] = {60000, 300000, 900000, 3600000};
#define PAUSE(list, n) \
	((list)[(n) < sizeof(list) / sizeof(*(list)) ? (n) : sizeof(list) / sizeof(*(list)) - 1])

static void on_answer(void *ctx, const struct charging_answer *answer);
static void on_moved(void *ctx, const struct store_charge_result *r);

/* --- telling ------------------------------------------------------------------------------------------------ */

bool outbox_is_late(const struct outbox *o, const void *waiter)
{
	return waiter == NULL || !o->listener.waits(o->listener.ctx, waiter);
}

bool outbox_is_untold(const struct outbox *o, const void *waiter)
{
	const struct outbox_listener *l = &o->listener;

	return outbox_is_late(o, waiter) && (waiter == NULL || l->shows == NULL || !l->shows(l->ctx, waiter));
}

void outbox_tell(struct outbox *o, void *waiter, const struct store_charge_result *r, bool was_late)
{
	const struct outbox_told told = {.grant = r->grant,
	                                 .was_late = was_late,
	                                 .refusal = r->refusal,
	                                 .is_quiet = r->is_quiet,
	                                 .msisdn = r->msisdn,
	                                 .notice = r->notice,
	                                 .text = r->text,
	                                 .route = r->route};

	if (waiter != NULL || r->notice != 0)
		o->listener.told(o->listener.ctx, waiter, &told);
}

void outbox_let_go(struct outbox_row *row)
{
	if (row->waiter != NULL && !outbox_is_late(row->all, row->waiter))
		row->all->listener.later(row->all->listener.ctx, row->waiter);
}

static void settled(struct outbox_row *row, const struct store_charge_result *r)
{
	struct outbox *o = row->all;
	void *waiter = row->waiter;
	bool late = row->update.late && !(row->update.pushed && r->grant == STORE_GRANT_GRANTED);

	o->counters.granted += r->state == STORE_CHARGE_GRANTED;
	o->counters.rejected += r->state == STORE_CHARGE_REJECTED;
	o->counters.reconciled += r->state == STORE_CHARGE_RECONCILED;
	outbox_row_remove(row);
	outbox_tell(o, waiter, r, late);
}

/* --- storing ------------------------------------------------------------------------------------------------ */

static void move(struct outbox_row *row)
{
	struct outbox *o = row->all;

	row->update.late = outbox_is_late(o, row->waiter);
	row->update.pushed = !outbox_is_untold(o, row->waiter);
	if (store_charge_move(o->options.store, &row->update, on_moved, row) == RC_OK)
		return;
	o->counters.write_failures++;
	outbox_row_rest(row, STORE_AGAIN_MS);
}

void outbox_record(struct outbox_row *row, enum store_charge to, const struct charging_answer *a,
                   const char *op, int64_t pause_ms)
{
	int64_t now = clock_utc_ms(row->all->options.clock);
	bool rejected = a->outcome == CHARGING_REJECTED && !store_charge_is_open(to);

	row->update = (struct store_charge_update){.id = row->r.id,
	                                           .from = row->r.state,
	                                           .to = to,
	                                           .granted = a->outcome == CHARGING_OK,
	                                           .refusal = rejected ? outbox_refusal(a) : REFUSAL_NONE,
	                                           .attempt = true,
	                                           .op = op,
	                                           .outcome = charging_outcome_name(a->outcome),
	                                           .reason = charging_reason_name(a->reason),
	                                           .why = a->why,
	                                           .code = a->code,
	                                           .forget_mark = a->reason == CHARGING_UNDECIDED,
	                                           .next_ms = pause_ms > 0 ? now + pause_ms : 0};
	row->r.next_ms = row->update.next_ms;
	row->step = OUTBOX_RECORDING;
	move(row);
}

static void start(struct outbox_row *row, enum charging_op op, enum outbox_step step)
{
	struct outbox *o = row->all;
	const struct outbox_system *s = &o->options.system;
	struct charging_order order = {.msisdn = row->r.msisdn,
	                               .bundle = row->r.bundle,
	                               .key = row->r.key,
	                               .reference = row->r.reference,
	                               .price = row->r.price,
	                               .waits = !outbox_is_late(o, row->waiter),
	                               .ordered_ms = row->r.ordered_ms,
	                               .sent_ms = row->r.sent_ms,
	                               .mark = row->r.mark};
	enum rc rc;

	row->step = step;
	o->counters.sent += op == CHARGING_GRANT;
	o->counters.queries += op == CHARGING_QUERY;
	rc = s->start(s->ctx, op, &order, on_answer, row);
	if (rc == RC_OK)
		return;
	on_answer(row, &(struct charging_answer){
			       .outcome = op == CHARGING_QUERY ? CHARGING_UNKNOWN : CHARGING_RETRY,
			       .reason = rc == RC_STATE && op == CHARGING_QUERY ? CHARGING_UNDECIDED
	                                 : rc == RC_RANGE || rc == RC_STATE     ? CHARGING_SET_UP
	                                                                        : CHARGING_BUSY,
			       .why = rc == RC_RANGE   ? "not sent: no such bundle in the configuration"
	                              : rc == RC_STATE ? "nothing is known of the account before it was sent"
	                                               : "not sent: too much is under way",
			       .mark = ""});
}

static void marked(struct outbox_row *row, const struct store_charge_result *r)
{
	row->r.sent_ms = r->at_ms;
	row->r.attempts++;
	outbox_row_state(row, STORE_CHARGE_SENT);
	if (!row->all->is_closing) {
		start(row, CHARGING_GRANT, OUTBOX_GRANTING);
		return;
	}
	/* certainly not sent, and the next run need not ask */
	outbox_record(row, STORE_CHARGE_PENDING,
	              &(struct charging_answer){.outcome = CHARGING_RETRY,
	                                        .reason = CHARGING_BUSY,
	                                        .why = "not sent: the daemon ends"},
	              "grant", 0);
}

static void recorded(struct outbox_row *row, const struct store_charge_result *r)
{
	struct outbox *o = row->all;
	int64_t wait = row->update.next_ms - clock_utc_ms(o->options.clock);

	if (!store_charge_is_open(r->state)) { /* also: the number is somebody else's by now */
		settled(row, r);
		return;
	}
	o->counters.became_unknown +=
		row->update.to == STORE_CHARGE_UNKNOWN && row->r.state == STORE_CHARGE_SENT;
	o->counters.retries++;
	outbox_row_state(row, row->update.to);
	if (row->update.to == STORE_CHARGE_PENDING || row->update.forget_mark)
		row->r.mark[0] = '\0';
	row->step = OUTBOX_RESTING;
	outbox_row_rest(row, wait);
	outbox_row_yield(row);
}

static void on_moved(void *ctx, const struct store_charge_result *r)
{
	struct outbox_row *row = ctx;

	if (r->rc == RC_OK && row->step == OUTBOX_MARKING) {
		marked(row, r);
	} else if (r->rc == RC_OK) {
		recorded(row, r);
	} else if (r->rc == RC_EXISTS && !store_charge_is_open(r->state)) { /* a person was faster */
		settled(row, r);
	} else {
		/* A commit that was reported as failed, and was none: the store is right about where the order is. */
		if (r->rc == RC_EXISTS)
			outbox_row_state(row, r->state);
		row->update.from = row->r.state;
		row->all->counters.write_failures++;
		outbox_row_rest(row, STORE_AGAIN_MS);
	}
}

/* --- answers ------------------------------------------------------------------------------------------------ */

/* The gate did not let it through: nothing has happened, and nothing is written about it. */
static bool was_held(const struct charging_answer *a)
{
	return a->reason == CHARGING_BUSY || a->reason == CHARGING_TOO_EARLY;
}

static void rest_unwritten(struct outbox_row *row, const struct charging_answer *a)
{
	struct outbox *o = row->all;
	int64_t left = row->r.sent_ms + o->options.settle_ms - clock_utc_ms(o->options.clock);

	outbox_let_go(row);
	row->step = OUTBOX_RESTING;
	outbox_row_rest(row, a->reason == CHARGING_TOO_EARLY && left > 0 ? left : retry_ms[0]);
}

int64_t outbox_pause(struct outbox_row *row, const struct charging_answer *a)
{
	uint32_t n = row->tries++;
	int64_t pause = PAUSE(retry_ms, n);

	if (a->reason == CHARGING_SET_UP)
		return PAUSE(mend_ms, n);
	return row->r.price > 0 && a->outcome == CHARGING_RETRY && pause > BUY_AGAIN_MS ? BUY_AGAIN_MS
	                                                                                : pause;
}

static void prepared(struct outbox_row *row, const struct charging_answer *a)
{
	if (outbox_is_mended_first(row, a, "prepare"))
		return;
	if (a->outcome == CHARGING_OK && outbox_is_too_late(row)) {
		outbox_refuse_late(row);
	} else if (a->outcome == CHARGING_OK) {
		snprintf(row->r.mark, sizeof(row->r.mark), "%s", a->mark);
		row->update = (struct store_charge_update){.id = row->r.id,
		                                           .from = STORE_CHARGE_PENDING,
		                                           .to = STORE_CHARGE_SENT,
		                                           .why = "sent",
		                                           .mark = row->r.mark};
		row->step = OUTBOX_MARKING;
		move(row);
	} else if (a->outcome == CHARGING_REJECTED) {
		outbox_record(row, STORE_CHARGE_REJECTED, a, "prepare", 0);
	} else if (was_held(a)) {
		rest_unwritten(row, a);
	} else {
		outbox_record(row, STORE_CHARGE_PENDING, a, "prepare", outbox_pause(row, a));
	}
}

static void granted(struct outbox_row *row, const struct charging_answer *a)
{
	if (outbox_is_mended_first(row, a, "grant"))
		return;
	outbox_park(row, false);
	switch (a->outcome) {
	case CHARGING_OK:
		outbox_record(row, STORE_CHARGE_GRANTED, a, "grant", 0);
		break;
	case CHARGING_REJECTED:
		outbox_record(row, STORE_CHARGE_REJECTED, a, "grant", 0);
		break;
	case CHARGING_RETRY:
		if (a->reason == CHARGING_BUSY)
			outbox_let_go(row);
		outbox_record(row, STORE_CHARGE_PENDING, a, "grant", outbox_pause(row, a));
		break;
	default:
		outbox_let_go(row);
		row->tries = 0;
		outbox_record(row, STORE_CHARGE_UNKNOWN, a, "grant",
		              row->all->options.settle_ms > 0 ? row->all->options.settle_ms : 1);
		break;
	}
}

/* The account was read, and did not tell. A later reading that seems to tell would do so by accident, because the account
 * moves on: so its mark is forgotten, and it is for a person (or for a system that knows it by its reference). */
static void undecided(struct outbox_row *row, const struct charging_answer *a)
{
	if (!row->is_undecided)
		LOG_EVENT(
			LOG_LV_WARN, "outbox", "undecided", "grant", LOG_INT(row->r.id), "why", a->why,
			"remedy",
			"look up its reference (starhash grants ID) in the charging system's own records, then "
			"starhash grants resolve");
	row->is_undecided = true;
	if (row->r.mark[0] != '\0') {
		outbox_record(row, STORE_CHARGE_UNKNOWN, a, "query", UNDECIDED_AGAIN_MS);
		return;
	}
	row->r.next_ms = clock_utc_ms(row->all->options.clock) + UNDECIDED_AGAIN_MS; /* nothing new */
	row->step = OUTBOX_RESTING;
	outbox_row_rest(row, UNDECIDED_AGAIN_MS);
	outbox_row_yield(row);
}

static void queried(struct outbox_row *row, const struct charging_answer *a)
{
	switch (a->outcome) {
	case CHARGING_OK:
	case CHARGING_REJECTED:
		outbox_record(row, STORE_CHARGE_RECONCILED, a, "query", 0);
		break;
	case CHARGING_RETRY:
		row->tries = 0;
		row->is_undecided = false;
		outbox_record(row, STORE_CHARGE_PENDING, a, "query", 0);
		break;
	default:
		if (was_held(a))
			rest_unwritten(row, a);
		else if (a->reason == CHARGING_UNDECIDED)
			undecided(row, a);
		else
			outbox_record(row, STORE_CHARGE_UNKNOWN, a, "query", outbox_pause(row, a));
		break;
	}
}

static void on_answer(void *ctx, const struct charging_answer *a)
{
	struct outbox_row *row = ctx;

	if (row->step == OUTBOX_PREPARING)
		prepared(row, a);
	else if (row->step == OUTBOX_GRANTING)
		granted(row, a);
	else
		queried(row, a);
}

/* --- whose turn it is ----------------------------------------------------------------------------------------- */

static void begin(struct outbox_row *row)
{
	int64_t settles_ms = row->ask_at_ms - clock_mono_ms(row->all->options.clock);

	if (outbox_is_too_late(row))
		outbox_refuse_late(row);
	else if (row->r.state == STORE_CHARGE_PENDING)
		start(row, CHARGING_PREPARE, OUTBOX_PREPARING);
	else if (settles_ms > 0)
		outbox_row_rest(row, settles_ms);
	else
		start(row, CHARGING_QUERY, OUTBOX_QUERYING);
}

/* For whom somebody waits, goes at once: the gate says whether it can. Of the backlog only so many that none of them has to
 * wait there for its second call. */
static void pump(struct outbox *o)
{
	int64_t now = clock_mono_ms(o->options.clock);
	struct due_entry *e;
	size_t room;

	if (o->is_closing)
		return;
	while ((e = due_pop(&o->ready[0], now)) != NULL)
		begin((struct outbox_row *)e);
	room = o->ready[1].count > 0 ? o->options.system.room(o->options.system.ctx) : 0;
	for (int i = 0; i < TICK_STARTS && room > 0 && o->n_backlog < o->options.active_max; i++, room--) {
		e = due_pop(&o->ready[1], now);
		if (e == NULL)
			break;
		((struct outbox_row *)e)->counts = true;
		o->n_backlog++;
		begin((struct outbox_row *)e);
	}
}

static void rested(struct outbox_row *row)
{
	if (row->step == OUTBOX_RECORDING)
		move(row);
	else
		outbox_row_ready(row);
}

int64_t outbox_tick(struct outbox *o)
{
	int64_t now = clock_mono_ms(o->options.clock), next = INT64_MAX;
	struct due_entry *e;

	for (int i = 0; i < OUTBOX_RESTS; i++)
		while ((e = due_pop(&o->rest[i], now)) != NULL)
			rested((struct outbox_row *)e);
	outbox_bound_tick(o, now);
	pump(o);
	outbox_read_tick(o, now);
	for (int i = 0; i < OUTBOX_RESTS; i++)
		if (due_next_ms(&o->rest[i]) < next)
			next = due_next_ms(&o->rest[i]);
	if (due_next_ms(&o->bound) < next)
		next = due_next_ms(&o->bound);
	if (o->poll_at_ms < next)
		next = o->poll_at_ms;
	if (o->ready[0].count + o->ready[1].count > 0 || !o->is_caught_up || next <= now)
		next = now + ROOM_AGAIN_MS;
	return next;
}

bool outbox_take(struct outbox *o, const struct outbox_order *order, void *waiter)
{
	struct store_charge_row r = {.id = order->id,
	                             .subscriber = order->subscriber,
	                             .msisdn = order->msisdn,
	                             .state = STORE_CHARGE_PENDING,
	                             .ordered_ms = order->ordered_ms,
	                             .price = order->price};

	r.reference = order->reference;
	snprintf(r.bundle, sizeof(r.bundle), "%s", order->bundle);
	if (strlen(order->key) < sizeof(r.key))
		snprintf(r.key, sizeof(r.key), "%s", order->key);
	if (!o->is_caught_up || o->is_closing || o->n >= o->options.rows_max ||
	    outbox_row_add(o, &r, waiter) == NULL) {
		o->has_missed = true;
		o->is_caught_up = false;
		o->counters.not_taken++;
		return false;
	}
	if (order->id > o->cursor)
		o->cursor = order->id;
	o->counters.taken++;
	pump(o);
	return true;
}

/* --- making and unmaking -------------------------------------------------------------------------------------- */

enum rc outbox_new(const struct outbox_options *options, struct outbox **out)
{
	struct outbox *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return RC_NOMEM;
	o->options = *options;
	if (o->options.rows_max == 0)
		o->options.rows_max = OUTBOX_ROWS;
	outbox_table_init(o);
	*out = o;
	return RC_OK;
}

void outbox_attach(struct outbox *o, const struct outbox_listener *listener)
{
	o->listener = *listener;
	outbox_tick(o);
}

void outbox_close(struct outbox *o)
{
	o->is_closing = true;
}

void outbox_free(struct outbox *o)
{
	if (o == NULL)
		return;
	for (struct outbox_row *row = o->first; row != NULL; row = row->next)
		if (row->waiter != NULL)
			outbox_tell(o, row->waiter, &(struct store_charge_result){.grant = STORE_GRANT_NONE},
			            false);
	outbox_table_free(o);
	free(o);
}

void outbox_counters_read(const struct outbox *o, struct outbox_counters *out)
{
	*out = o->counters;
	out->active = (uint32_t)(o->n - o->ready[0].count - o->ready[1].count);
	for (int i = 0; i < OUTBOX_RESTS; i++)
		out->active -= (uint32_t)o->rest[i].count;
	out->oldest_ms = o->first != NULL ? o->first->r.ordered_ms : 0;
	out->is_behind = !o->is_caught_up;
}
