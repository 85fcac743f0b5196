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
}

void outbox_row_state(struct outbox_row *row, enum store_charge to)
{
	struct outbox_counters *c = &row->all->counters;

	c->by_state[row->r.state]--;
	c->by_state[to]++;
	row->r.state = to;
}

/* As soon as its time has come: what was stored with an order holds after a restart too. */
static void have_its_turn(struct outbox_row *row)
{
	int64_t wait = row->r.next_ms - clock_utc_ms(row->all->options.clock);

	if (wait > 0)
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
	struct outbox_row *row = calloc(1, sizeof(*row)), *oldest;

	if (row == NULL)
		return NULL;
	row->all = o;
	row->r = *r;
	row->waiter = waiter;
	o->counters.by_state[r->state]++;
	link_row(o, row);
	HASH_FIND(hh, o->by_subscriber, &r->subscriber, sizeof(r->subscriber), oldest);
	if (oldest == NULL) {
		HASH_ADD(hh, o->by_subscriber, r.subscriber, sizeof(row->r.subscriber), row);
		have_its_turn(row);
		return row;
	}
	row->step = OUTBOX_BEHIND;
	while (oldest->younger != NULL)
		oldest = oldest->younger;
	oldest->younger = row;
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
		have_its_turn(row->younger);
	}
}

static void uncount(struct outbox_row *row)
{
	if (row->counts)
		row->all->n_backlog--;
	row->counts = false;
}

void outbox_row_remove(struct outbox_row *row)
{
	struct outbox *o = row->all;

	due_remove(&row->due);
	uncount(row);
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
