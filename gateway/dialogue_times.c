/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long answers took, and why apologies were made: numbers for operators (gateway/metrics.c).
 *
 * A time begins with an input and ends when its answer is handed to the link for the first time: what the SMSC and the network
 * need is not in it. Two readings of the clock and one addition a turn.
 */
#include <stdlib.h>

#include "gateway/dialogue_private.h"

const char *dialogue_sorry_name(enum dialogue_sorry why)
{
	static const char *const names[DIALOGUE_SORRIES] = {"store failing", "store slow", "menu", "other"};

	return (unsigned)why < DIALOGUE_SORRIES ? names[why] : "unknown";
}

bool times_init(struct dialogues *ds)
{
	ds->times = calloc(DIALOGUE_GROUPS * DIALOGUE_TIMES_KINDS, sizeof(*ds->times));
	return ds->times != NULL;
}

void times_asked(struct dialogue *d)
{
	d->asked_us = d->key.sms ? 0 : clock_mono_us(d->all->options.clock);
}

static unsigned kind_said(const struct dialogue *d)
{
	if (d->book == NULL || d->walk.phase == WALK_NEW || d->walk.screen >= d->book->n_screens)
		return DIALOGUE_TIMES_WORDS;
	return d->book->screen[d->walk.screen].kind;
}

void times_said(struct dialogue *d)
{
	int64_t asked_us = d->asked_us;

	d->asked_us = 0;
	if (asked_us == 0 || d->key.group >= DIALOGUE_GROUPS)
		return;
	histogram_add(&d->all->times[d->key.group * DIALOGUE_TIMES_KINDS + kind_said(d)],
	              clock_mono_us(d->all->options.clock) - asked_us);
}

const struct histogram *dialogue_times(const struct dialogues *ds, unsigned group, unsigned kind)
{
	const struct histogram *h = &ds->times[group * DIALOGUE_TIMES_KINDS + kind];

	return h->count > 0 ? h : NULL;
}

void times_sorry(struct dialogue *d)
{
	struct dialogue_counters *c = &d->all->counters;
	enum dialogue_sorry why = DIALOGUE_SORRY_OTHER;

	if (store_is_failing(d->all->options.store) || d->store_failed)
		why = DIALOGUE_SORRY_FAILING;
	else if (d->state == DIALOGUE_ST_LOADING || d->state == DIALOGUE_ST_STORING)
		why = DIALOGUE_SORRY_SLOW;
	c->apologies++;
	c->apologies_by[why]++;
}
