/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is in a dialogue at this moment, and where: for the single view of a subscriber. */
#include "gateway/dialogue_private.h"

static void describe(const struct dialogue *d, struct dialogue_seen *out)
{
	bool has_book = d->book != NULL;
	bool stands = has_book && d->walk.phase != WALK_NEW && d->walk.screen < d->book->n_screens;

	*out = (struct dialogue_seen){
		.channel = dialogue_channel(d),
		.service = has_book ? d->book->name : "",
		.screen = stands ? d->book->screen[d->walk.screen].name : "",
		.language = has_book && d->walk.language < d->book->n_languages
	                            ? d->book->language[d->walk.language]
	                            : "",
		.is_ours = dialogue_is_ours(d),
		.is_opened = d->opened != DIALOGUE_BY_THEM,
		.steps = d->steps,
		.began_ms = d->began_ms,
	};
}

/* Link groups have the numbers below DIALOGUE_GROUPS, the one of HTTP included. */
bool dialogue_look(const struct dialogues *ds, int64_t msisdn, struct dialogue_seen *out)
{
	for (uint32_t sms = 0; sms <= 1; sms++) {
		for (uint32_t group = 0; group < DIALOGUE_GROUPS; group++) {
			const struct dialogue_key key = {.msisdn = msisdn, .group = group, .sms = sms};
			const struct dialogue *d = dialogue_by_key(ds, &key);

			if (d == NULL || !dialogue_is_open(d))
				continue;
			describe(d, out);
			return true;
		}
	}
	return false;
}
