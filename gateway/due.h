/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Due lists: timers for very many things that wait equally long.
 *
 * Each list has one delay, so entries fall due in the order in which they were added: adding, removing and looking at the
 * next one are O(1), and an entry costs two pointers and a time. An entry is on one list at most.
 */
#ifndef STARHASH_GATEWAY_DUE_H
#define STARHASH_GATEWAY_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct due_list;

struct due_entry {
	struct due_entry *prev, *next;
	struct due_list *list; /* NULL = on none */
	int64_t at_ms;         /* monotonic */
};

struct due_list {
	struct due_entry *head, *tail;
	int64_t delay_ms;
	size_t count;
};

void due_list_init(struct due_list *l, int64_t delay_ms);
/* Put at the end, due delay_ms from now; moves an entry that is on a list already. */
void due_add(struct due_list *l, struct due_entry *e, int64_t now_ms);
/* `e` takes the place of `was`, whose octets it has already, in the list that `was` is on, if any. */
void due_replace(struct due_entry *e, const struct due_entry *was);
void due_remove(struct due_entry *e); /* fine when it is on none */
/* The first entry if it is due, taken off the list; else NULL. */
struct due_entry *due_pop(struct due_list *l, int64_t now_ms);
/* When the first entry falls due; INT64_MAX if the list is empty. */
int64_t due_next_ms(const struct due_list *l);

/* Delays that are not known beforehand, in few different values: the list of `lists` with this delay, or an empty one that
 * takes it. When there are more values than lists, something waits for another time than it was told to. */
struct due_list *due_list_for(struct due_list *lists, size_t n, int64_t delay_ms);
int64_t due_next_of(const struct due_list *lists, size_t n); /* the earliest of them */

#endif
