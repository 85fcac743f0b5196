/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Troubles: see trouble.h. */
#include "gateway/trouble.h"

#include <string.h>

static struct trouble_row *row_of(struct troubles *t, const void *link, const char *knob)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->row[i].link == link && strcmp(t->row[i].last.knob, knob) == 0)
			return &t->row[i];
	return NULL;
}

void trouble_count(struct troubles *t, const void *link, const struct dialect_trouble *what)
{
	struct trouble_row *row = row_of(t, link, what->knob);

	if (row == NULL && t->n == TROUBLES_MAX) {
		t->beyond++;
		return;
	}
	if (row == NULL) {
		row = &t->row[t->n++];
		row->link = link;
		row->count = 0;
	}
	row->last = *what;
	row->count++;
}

uint64_t trouble_of(const struct troubles *t, const void *link, const char *knob)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->row[i].link == link && strcmp(t->row[i].last.knob, knob) == 0)
			return t->row[i].count;
	return 0;
}
