/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Due lists: see due.h. Invariant: entries of one list are ordered by at_ms, because all are added with the
 * list's delay and the monotonic clock never runs backwards. */
#include "gateway/due.h"

void due_list_init(struct due_list *l, int64_t delay_ms)
{
	*l = (struct due_list){.delay_ms = delay_ms};
}

void due_remove(struct due_entry *e)
{
	struct due_list *l = e->list;

	if (l == NULL)
		return;
	if (e->prev != NULL)
		e->prev->next = e->next;
	else
		l->head = e->next;
	if (e->next != NULL)
		e->next->prev = e->prev;
	else
		l->tail = e->prev;
	l->count--;
	e->prev = e->next = NULL;
	e->list = NULL;
}

void due_add(struct due_list *l, struct due_entry *e, int64_t now_ms)
{
	due_remove(e);
	e->at_ms = now_ms + l->delay_ms;
	e->list = l;
	e->next = NULL;
	e->prev = l->tail;
	if (l->tail != NULL)
		l->tail->next = e;
	else
		l->head = e;
	l->tail = e;
	l->count++;
}

struct due_entry *due_pop(struct due_list *l, int64_t now_ms)
{
	struct due_entry *e = l->head;

	if (e == NULL || e->at_ms > now_ms)
		return NULL;
	due_remove(e);
	return e;
}

int64_t due_next_ms(const struct due_list *l)
{
	return l->head != NULL ? l->head->at_ms : INT64_MAX;
}
