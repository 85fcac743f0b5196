/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The heap of what is sent later. */
#include "tools/smsc_late.h"

#include <stdlib.h>
#include <string.h>

static bool before(const struct smsc_late *a, const struct smsc_late *b)
{
	return a->due_us < b->due_us || (a->due_us == b->due_us && a->order < b->order);
}

static void swap(struct smsc_late *a, struct smsc_late *b)
{
	struct smsc_late keep = *a;

	*a = *b;
	*b = keep;
}

static bool grow(struct smsc_late_heap *h)
{
	uint32_t room = h->room == 0 ? 256 : h->room * 2;
	struct smsc_late *at;

	if (h->n < h->room)
		return true;
	if (h->n >= SMSC_LATE_MAX)
		return false;
	at = realloc(h->at, room * sizeof *at);
	if (at == NULL)
		return false;
	h->at = at;
	h->room = room;
	return true;
}

bool smsc_late_add(struct smsc_late_heap *h, const struct smsc_late *what)
{
	uint32_t i;

	if (!grow(h))
		return false;
	i = h->n++;
	h->at[i] = *what;
	h->at[i].order = h->orders++;
	for (; i > 0 && before(&h->at[i], &h->at[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&h->at[i], &h->at[(i - 1) / 2]);
	return true;
}

bool smsc_late_take(struct smsc_late_heap *h, int64_t now_us, struct smsc_late *out)
{
	uint32_t i = 0;

	if (h->n == 0 || h->at[0].due_us > now_us)
		return false;
	*out = h->at[0];
	h->at[0] = h->at[--h->n];
	for (;;) {
		uint32_t first = i;

		for (uint32_t child = 2 * i + 1; child <= 2 * i + 2 && child < h->n; child++)
			if (before(&h->at[child], &h->at[first]))
				first = child;
		if (first == i)
			return true;
		swap(&h->at[i], &h->at[first]);
		i = first;
	}
}

int64_t smsc_late_wait_us(const struct smsc_late_heap *h, int64_t now_us)
{
	int64_t wait;

	if (h->n == 0)
		return -1;
	wait = h->at[0].due_us - now_us;
	return wait < 0 ? 0 : wait;
}

void smsc_late_fini(struct smsc_late_heap *h)
{
	free(h->at);
	memset(h, 0, sizeof *h);
}
