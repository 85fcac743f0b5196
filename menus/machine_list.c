/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machine, lists: a number of the page, or a few letters to search (machine_private.h).
 *
 * The walk keeps what was typed (`needle`); the rows that it finds are found again in each step.
 */
#include <string.h>

#include "core/text.h"
#include "menus/answer.h"
#include "menus/machine_private.h"

static const struct book_screen *list_of(const struct step *s)
{
	return &s->b->screen[s->w->screen];
}

static void match(struct step *s)
{
	if (s->is_matched)
		return;
	s->n_matches = search_rows(list_of(s), s->w->needle, s->w->language, s->match);
	s->is_matched = true;
	/* The language has changed under a needle, or the walk came from nowhere: all rows then. */
	if (s->n_matches == 0)
		machine_search(s, "");
}

size_t machine_rows(struct step *s)
{
	if (s->w->needle[0] != '\0')
		match(s);
	return s->w->needle[0] != '\0' ? s->n_matches : list_of(s)->list.n_rows;
}

size_t machine_row(struct step *s, size_t i)
{
	return s->w->needle[0] != '\0' && s->is_matched ? s->match[i] : i;
}

void machine_search(struct step *s, const char *needle)
{
	size_t len = 0;

	/* Whole characters only. */
	while (needle[len] != '\0') {
		const char *next = needle + len;

		text_utf8_next(&next);
		if ((size_t)(next - needle) >= sizeof(s->w->needle))
			break;
		len = (size_t)(next - needle);
	}
	memset(s->w->needle, 0, sizeof(s->w->needle));
	memcpy(s->w->needle, needle, len);
	s->is_matched = false;
	s->w->page = 0;
}

static void take(struct step *s, size_t row)
{
	const struct book_screen *at = list_of(s);

	machine_reach(s, MACHINE_AT_CHOICE, at, 0);
	if (machine_save(s, at, at->list.field, at->list.row[row].value))
		machine_enter(s, at->next, s->w->screen);
}

void machine_answer_list(struct step *s, struct face *seen, const char *typed)
{
	char before[MACHINE_NEEDLE_SIZE];
	struct page_shown shown = machine_shown(seen, s->w->page);
	int number = answer_number(typed, strlen(typed), shown.end_choice - shown.first_choice);
	uint8_t page = s->w->page;
	int row = number >= 0 ? (int)machine_row(s, shown.first_choice + (size_t)number)
	                      : search_exact(seen->screen, typed, s->w->language);

	if (row >= 0) {
		take(s, (size_t)row);
		return;
	}
	memcpy(before, s->w->needle, sizeof(before));
	machine_search(s, typed);
	if (s->w->needle[0] != '\0')
		match(s);
	if (s->w->needle[0] == '\0') { /* nothing is like it */
		machine_search(s, before);
		s->w->page = page;
		machine_refuse(s, seen);
	} else if (s->n_matches == 1) {
		take(s, s->match[0]);
	} else {
		s->w->tries = 0;
		machine_show(s, false);
	}
}
