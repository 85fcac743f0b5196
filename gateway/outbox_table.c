/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The orders that the outbox has in memory: by id, by subscriber, ready or resting.
 *
 * Invariant: of each subscriber the oldest order alone is anything but BEHIND. Rests are of few lengths, so that each list
 * is in order of time (due.h).
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/outbox_private.h"

static const int64_t rests_ms[OUTBOX_RESTS] = {100,   300,   1000,   2000,   5000,   10000,
                                               30000, 60000, 300000, 900000, 3600000};

void outbox_table_init(struct outbox *o)
{
	for (int i = 0; i < 2; i++)
		due_list_init(&o->ready[i], 0);
	for (int i = 0; i < OUTBOX_RESTS; i++)
		due_list_init(&o->rest[i], rests_ms[i]);
	due_list_init(&o->bound, o->options.buy_within_ms);
}

/* What is sent, or was given up just now, the system may still be at work on. */
static bool may_be_at_work(enum store_charge from, enum store_charge to)
{
	return to == STORE_CHARGE_SENT || (to == STORE_CHARGE_UNKNOWN && from == STORE_CHARGE_SENT);
}

void outbox_row_state(struct outbox_row *row, enum store_charge to)
{
	struct outbox_counters *c = &row->all->counters;

	if (may_be_at_work(row->r.state, to))
		row->ask_at_ms = clock_mono_ms(row->all->options.clock) + row->all->options.settle_ms;
	c->by_state[row->r.state]--;
	c->by_state[to]++;
	row->r.state = to;
}

#define PAUSE_MOST_MS 7200000 /* no pause is as long: the clock was set back since it was stored */

/* As soon as its time has come: what was stored with an order holds after a restart too. */
static void have_its_turn(struct outbox_row *row)
{
	int64_t wait = row->r.next_ms - clock_utc_ms(row->all->options.clock);

	if (wait > 0 && wait <= PAUSE_MOST_MS)
		outbox_row_rest(row, wait);
	else
		outbox_row_ready(row);
}

static void link_row(struct outbox *o, struct outbox_row *row)
{
	row->prev = o->last;
	if (o->last != NULL)
		o->last->next = row;
	else
		o->first = row;
	o->last = row;
	o->n++;
	HASH_ADD(hh_id, o->by_id, r.id, sizeof(row->r.id), row);
}

struct outbox_row *outbox_row_add(struct outbox *o, const struct store_charge_row *r, void *waiter)
{
	struct outbox_row *row, *oldest, *last;

	HASH_FIND(hh_id, o->by_id, &r->id, sizeof(r->id), row);
	if (row != NULL) { /* the store was read between its commit and the word of it */
		row->waiter = waiter != NULL ? waiter : row->waiter;
		return row;
	}
	row = calloc(1, sizeof(*row));
	if (row == NULL)
		return NULL;
	row->all = o;
	row->is_undecided = r->state == STORE_CHARGE_UNKNOWN && r->mark[0] == '\0'; /* by an earlier run */
	if (r->state != STORE_CHARGE_PENDING &&
	    !row->is_undecided) /* sent by one, maybe in its last moment */
		row->ask_at_ms = clock_mono_ms(o->options.clock) + o->options.settle_ms;
	row->r = *r;
	row->waiter = waiter;
	o->counters.by_state[r->state]++;
	link_row(o, row);
	if (r->price > 0 && o->options.buy_within_ms > 0)
		due_add(&o->bound, &row->bound, clock_mono_ms(o->options.clock));
	HASH_FIND(hh, o->by_subscriber, &r->subscriber, sizeof(r->subscriber), oldest);
	if (oldest == NULL) {
		HASH_ADD(hh, o->by_subscriber, r.subscriber, sizeof(row->r.subscriber), row);
		have_its_turn(row);
		return row;
	}
	row->step = OUTBOX_BEHIND;
	last = oldest;
	while (last->younger != NULL)
		last = last->younger;
	last->younger = row;
	outbox_row_yield(oldest);
	return row;
}

static void leave_subscriber(struct outbox *o, struct outbox_row *row)
{
	struct outbox_row *oldest;

	HASH_FIND(hh, o->by_subscriber, &row->r.subscriber, sizeof(row->r.subscriber), oldest);
	if (oldest != row) { /* settled by a person while it was behind */
		while (oldest != NULL && oldest->younger != row)
			oldest = oldest->younger;
		if (oldest != NULL)
			oldest->younger = row->younger;
		return;
	}
	// NOLINTNEXTLINE(clang-analyzer-core.NullDereference): uthash keeps hh.tbl while it holds one
	HASH_DELETE(hh, o->by_subscriber, row);
	if (row->younger != NULL) {
		HASH_ADD(hh, o->by_subscriber, r.subscriber, sizeof(row->r.subscriber), row->younger);
		if (row->younger->step == OUTBOX_BEHIND) /* else it is being refused while it waits */
			have_its_turn(row->younger);
		outbox_row_yield(row->younger);
	}
}

void outbox_row_yield(struct outbox_row *row)
{
	struct outbox_row *next = row->younger, *before = row, *last = row;
	struct outbox *o = row->all;

	if (next == NULL || row->step != OUTBOX_RESTING || (!row->is_parked && !row->is_undecided))
		return;
	while (last->younger != NULL)
		last = last->younger;
	while (next != NULL && (next->is_parked || next->is_undecided)) {
		before = next;
		next = next->younger;
	}
	if (next == NULL) { /* all of them wait for somebody: in turn */
		next = row->younger;
		before = row;
	}
	outbox_row_take(row);
	row->step = OUTBOX_BEHIND;
	HASH_DELETE(hh, o->by_subscriber, row);
	last->younger = row;
	before->younger = NULL;
	HASH_ADD(hh, o->by_subscriber, r.subscriber, sizeof(row->r.subscriber), next);
	if (next->step == OUTBOX_BEHIND) /* else it is being refused while it waits */
		have_its_turn(next);
}

static void uncount(struct outbox_row *row)
{
	if (row->counts)
		row->all->n_backlog--;
	row->counts = false;
}

void outbox_row_take(struct outbox_row *row)
{
	due_remove(&row->due);
	uncount(row);
}

void outbox_row_remove(struct outbox_row *row)
{
	struct outbox *o = row->all;

	outbox_row_take(row);
	due_remove(&row->bound);
	outbox_park(row, false);
	if (row->prev != NULL)
		row->prev->next = row->next;
	else
		o->first = row->next;
	if (row->next != NULL)
		row->next->prev = row->prev;
	else
		o->last = row->prev;
	o->n--;
	HASH_DELETE(hh_id, o->by_id, row);
	o->counters.by_state[row->r.state]--;
	leave_subscriber(o, row);
	free(row);
}

void outbox_row_ready(struct outbox_row *row)
{
	struct outbox *o = row->all;

	uncount(row);
	row->step = OUTBOX_READY;
	due_add(&o->ready[outbox_is_late(o, row->waiter)], &row->due, clock_mono_ms(o->options.clock));
}

void outbox_row_rest(struct outbox_row *row, int64_t ms)
{
	struct outbox *o = row->all;
	int i = 0;

	uncount(row);
	while (i < OUTBOX_RESTS - 1 && rests_ms[i] < ms)
		i++;
	if (row->step != OUTBOX_RECORDING)
		row->step = OUTBOX_RESTING;
	due_add(&o->rest[i], &row->due, clock_mono_ms(o->options.clock));
}

void outbox_table_free(struct outbox *o)
{
	struct outbox_row *row, *next;

	HASH_CLEAR(hh, o->by_subscriber);
	HASH_CLEAR(hh_id, o->by_id);
	for (row = o->first; row != NULL; row = next) {
		next = row->next;
		free(row);
	}
	o->first = o->last = NULL;
}
