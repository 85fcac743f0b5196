/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer that a dialogue keeps for retries and copies, and what tells a delivery of it from others.
 *
 * A screen that was prepared with its book is borrowed from it for as long as the dialogue holds the book, so that walking about in
 * menus allocates nothing: deliveries come from those that were told before.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/dialogue_private.h"

bool turn_keep(struct dialogue *d, const char *text, bool lasting)
{
	if (!d->answer_is_of_book)
		free((char *)d->answer);
	d->answer = text == NULL || lasting ? text : strdup(text);
	d->answer_is_of_book = text != NULL && lasting;
	return d->answer != NULL;
}

struct delivery *delivery_new(struct dialogues *ds, struct dialogue *d)
{
	struct delivery *delivery = ds->spare;

	if (delivery == NULL)
		delivery = malloc(sizeof(*delivery));
	else
		ds->n_spare--;
	if (delivery == NULL)
		return NULL;
	ds->spare = delivery == ds->spare ? delivery->spare : ds->spare;
	*delivery = (struct delivery){.dialogue = d, .serial = d != NULL ? d->serial : 0};
	return delivery;
}

void delivery_free(struct dialogues *ds, struct delivery *delivery)
{
	if (ds->n_spare >= DIALOGUE_DELIVERIES_SPARE) {
		free(delivery);
		return;
	}
	delivery->spare = ds->spare;
	ds->spare = delivery;
	ds->n_spare++;
}
