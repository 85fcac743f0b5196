/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open dialogues for whoever operates the daemon: see dialogue_list.h. */
#include "gateway/dialogue_list.h"

#include <stdio.h>

#include "core/log.h"
#include "gateway/dialogue_private.h"

static void view_of(const struct dialogue *d, struct dialogue_view *v)
{
	const struct book *b = d->book;
	bool has_screen = b != NULL && d->walk.phase != WALK_NEW && d->walk.screen < b->n_screens;

	*v = (struct dialogue_view){
		.id = d->number,
		.msisdn = d->key.msisdn,
		.group = (uint16_t)d->key.group,
		.channel = d->simulated ? "simulated"
	                   : d->key.sms ? "sms"
	                                : "ussd",
		.state = dialogue_state_name(d->state),
		.service = b != NULL ? b->name : "",
		.screen = has_screen ? b->screen[d->walk.screen].name : "",
		.language =
			has_screen && d->walk.language < b->n_languages ? b->language[d->walk.language] : "",
		.is_push = d->opens,
		.inputs = d->steps,
		.began_ms = d->began_ms,
	};
}

void dialogue_list(const struct dialogues *ds, int64_t msisdn, uint32_t after, dialogue_view_fn *fn,
                   void *ctx)
{
	for (const struct dialogue *at = ds->index.oldest; at != NULL; at = at->newer) {
		struct dialogue_view v;
		struct dialogue room;
		const struct dialogue *d = rest_look(at, &room);

		if (!dialogue_is_open(d) || d->number <= after || (msisdn != 0 && d->key.msisdn != msisdn))
			continue;
		view_of(d, &v);
		if (!fn(ctx, &v))
			return;
	}
}

static struct dialogue *open_by_number(const struct dialogues *ds, uint32_t id)
{
	for (struct dialogue *at = ds->index.oldest; at != NULL; at = at->newer) {
		struct dialogue room;
		const struct dialogue *d = rest_look(at, &room);

		if (d->number == id && dialogue_is_open(d))
			return rest_wake(at);
	}
	return NULL;
}

enum rc dialogue_end(struct dialogues *ds, uint32_t id, int64_t *subscriber)
{
	struct dialogue *d = open_by_number(ds, id);

	if (d == NULL)
		return RC_NOTFOUND;
	if (!d->opens && d->state != DIALOGUE_ST_THEIRS && d->state != DIALOGUE_ST_SENDING)
		return RC_BUSY; /* the phone waits for our word, and gets it */
	LOG_EVENT(LOG_LV_WARN, "dialogue", "ended", "id", LOG_INT(id), "state", dialogue_state_name(d->state),
	          "by", "operator");
	*subscriber = d->record != NULL ? record_id(d->record) : 0;
	snprintf(d->detail, sizeof(d->detail), "ended by an operator");
	ds->counters.ended_by_operator++;
	if (d->opens && push_aborted(d, DIALECT_CAUSE_UNKNOWN))
		return RC_OK;
	turn_gone(d, STORE_END_CANCELLED);
	late_over(d);
	return RC_OK;
}
