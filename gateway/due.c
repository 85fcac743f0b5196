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

void due_replace(struct due_entry *e, const struct due_entry *was)
{
	struct due_list *l = was->list;

	if (l == NULL)
		return;
	if (e->prev != NULL)
		e->prev->next = e;
	else
		l->head = e;
	if (e->next != NULL)
		e->next->prev = e;
	else
		l->tail = e;
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

struct due_list *due_list_for(struct due_list *lists, size_t n, int64_t delay_ms)
{
	struct due_list *longer = NULL, *longest = &lists[0];

	for (size_t i = 0; i < n; i++)
		if (lists[i].delay_ms == delay_ms)
			return &lists[i];
	for (size_t i = 0; i < n; i++) {
		struct due_list *l = &lists[i];

		if (l->count == 0) {
			due_list_init(l, delay_ms);
			return l;
		}
		if (l->delay_ms > delay_ms && (longer == NULL || l->delay_ms < longer->delay_ms))
			longer = l;
		if (l->delay_ms > longest->delay_ms)
			longest = l;
	}
	return longer != NULL ? longer : longest;
}

int64_t due_next_of(const struct due_list *lists, size_t n)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < n; i++)
		if (due_next_ms(&lists[i]) < next)
			next = due_next_ms(&lists[i]);
	return next;
}
