/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time passes for dialogues: deadlines, the end of a run, and the numbers of the moment. */
#include <string.h>

#include "gateway/dialogue_private.h"

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static struct dialogue *of_flush(struct due_entry *e)
{
	return (struct dialogue *)(void *)((char *)e - offsetof(struct dialogue, flush));
}

/* The next one that has waited long enough, awake. Without memory for that it is looked at again in the next turn. */
static struct dialogue *waiting_until(struct due_list *l, int64_t now)
{
	struct dialogue *d = (struct dialogue *)(void *)l->head;

	if (d == NULL || d->timer.at_ms > now)
		return NULL;
	d = rest_wake(d);
	if (d != NULL)
		due_remove(&d->timer);
	return d;
}

/* The lists of one delay each. */
static void tick_delays(struct dialogues *ds, int i, int64_t now)
{
	struct due_entry *e;
	struct dialogue *d;

	while ((e = due_pop(&ds->deadline[i], now)) != NULL)
		turn_deadline((struct dialogue *)(void *)e);
	while ((d = waiting_until(&ds->idle[i], now)) != NULL)
		dialogue_close(d, STORE_END_TIMEOUT);
	while ((d = waiting_until(&ds->push_wait[i], now)) != NULL)
		push_expired(d);
}

int64_t dialogue_tick(struct dialogues *ds)
{
	int64_t now = clock_mono_ms(ds->options.clock), next;
	struct due_entry *e;
	struct dialogue *d;

	for (int i = 0; i < DIALOGUE_DELAYS; i++)
		tick_delays(ds, i, now);
	for (int i = 0; i < DIALOGUE_RETRIES; i++)
		while ((e = due_pop(&ds->retry[i], now)) != NULL) {
			turn_send((struct dialogue *)(void *)e);
			late_over((struct dialogue *)(void *)e);
		}
	for (int i = 0; i < DIALOGUE_ASK_DELAYS; i++)
		while ((e = due_pop(&ds->asking[i], now)) != NULL)
			ask_deadline((struct dialogue *)(void *)e);
	while ((e = due_pop(&ds->flushing, now)) != NULL)
		actions_flush(of_flush(e));
	while ((d = waiting_until(&ds->sms_idle, now)) != NULL)
		dialogue_close(d, STORE_END_TIMEOUT);
	while ((e = due_pop(&ds->closed, now)) != NULL)
		dialogue_forget((struct dialogue *)(void *)e);
	counts_tick(ds, now);
	next = notices_tick(ds->notices);
	next = earlier(next, relation_tick(ds, now));
	next = earlier(next, due_next_of(ds->deadline, DIALOGUE_DELAYS));
	next = earlier(next, due_next_ms(&ds->flushing));
	next = earlier(next, due_next_of(ds->idle, DIALOGUE_DELAYS));
	next = earlier(next, due_next_of(ds->push_wait, DIALOGUE_DELAYS));
	next = earlier(next, due_next_ms(&ds->sms_idle));
	next = earlier(next, due_next_ms(&ds->closed));
	next = earlier(next, due_next_of(ds->retry, DIALOGUE_RETRIES));
	next = earlier(next, due_next_of(ds->asking, DIALOGUE_ASK_DELAYS));
	if (next == INT64_MAX || next - now > 1000)
		return 1000;
	return next > now ? next - now : 0;
}

void dialogue_beat(struct dialogues *ds)
{
	if (++ds->beat == 0)
		ds->beat = 1;
}

void dialogue_drain(struct dialogues *ds)
{
	ds->draining = true;
	notices_close(ds->notices);
}

void dialogue_close_all(struct dialogues *ds)
{
	struct dialogue *d, *next;

	ds->draining = ds->closing = true;
	notices_close(ds->notices);
	for (d = ds->index.oldest; d != NULL; d = next) {
		next = d->newer;
		d = rest_wake(d);
		if (d != NULL && dialogue_is_open(d) && d->state != DIALOGUE_ST_STORING)
			dialogue_close(d, STORE_END_TIMEOUT);
	}
	counts_store(ds);
	ds->closing = false;
}

size_t dialogue_open(const struct dialogues *ds)
{
	return ds->open;
}

bool dialogue_is_waiting(const struct dialogues *ds)
{
	return ds->ours > 0;
}

void dialogue_counters_read(const struct dialogues *ds, struct dialogue_counters *out)
{
	struct flood_counters flood;
	struct seen_counters seen;

	flood_counters_read(ds->flood, &flood);
	seen_counters_read(ds->seen, &seen);
	*out = ds->counters;
	out->flood_over = flood.over;
	out->flood_stops = flood.stops;
	out->flood_evicted = flood.evicted;
	out->flood_kept = flood.kept;
	out->seen_kept = seen.kept;
	out->seen_copies = seen.copies;
	out->seen_evicted = seen.evicted;
	out->open = (uint32_t)ds->open;
	out->resting = (uint32_t)ds->resting;
	out->parked = (uint32_t)ds->closed.count;
	out->asking = 0;
	for (int i = 0; i < DIALOGUE_ASK_DELAYS; i++)
		out->asking += (uint32_t)ds->asking[i].count;
	counts_books(ds, out);
}

void dialogue_standing_of(const struct dialogues *ds, struct dialogue_standing *of, size_t n)
{
	size_t i = 0;

	for (size_t k = 0; k < n; k++) {
		memset(of[k].on, 0, of[k].book->n_screens * sizeof(*of[k].on));
		of[k].inside = 0;
	}
	for (const struct dialogue *at = ds->index.oldest; at != NULL; at = at->newer) {
		struct dialogue room;
		const struct dialogue *d = rest_look(at, &room);

		if (!dialogue_is_open(d) || d->walk.phase == WALK_NEW)
			continue;
		if (i >= n || of[i].book != d->book) /* most are on the book of the one before */
			for (i = 0; i < n && of[i].book != d->book;)
				i++;
		if (i >= n)
			continue;
		of[i].inside++;
		if (d->walk.screen < d->book->n_screens)
			of[i].on[d->walk.screen]++;
	}
}

size_t dialogue_standing(const struct dialogues *ds, const struct book *b, uint32_t *on)
{
	struct dialogue_standing one = {.book = b, .on = on};

	dialogue_standing_of(ds, &one, 1);
	return one.inside;
}

void dialogue_notices_read(const struct dialogues *ds, struct notices_counters *out)
{
	notices_counters_read(ds->notices, out);
}
