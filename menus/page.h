/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages: one screen of any length, laid out for a phone.
 *
 * A page is [sorry line] [words] [numbered choices] [More] [Back] [Home], one under the other. Words break between
 * words, choices never break; numbers go on from page to page, or begin again on each. Page breaks depend only on the view,
 * so a page number is enough to find the place again. Invariant: what page_show writes fits the view's page (text_fits),
 * whatever the view holds.
 */
#ifndef STARHASH_MENUS_PAGE_H
#define STARHASH_MENUS_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

struct page_view {
	size_t page;       /* characters of one page; PAGE_MIN..PAGE_MAX */
	const char *sorry; /* NULL = none; room is kept for it on every page */
	const char *say;   /* rendered words */
	size_t n_choices;
	void (*label)(const void *ctx, size_t choice, struct buf *out); /* append a choice's words */
	const void *ctx;
	bool numbers_restart; /* each page begins with 1 */
	bool has_back; /* Back leads to another screen (on later pages it always leads to the page before) */
	bool has_home;
	const char *key_back, *key_home, *key_more;
	const char *word_back, *word_home, *word_more;
};

#define PAGE_MIN 120 /* three key lines in UCS-2 and still some room */
#define PAGE_MAX 182

struct page_shown {
	size_t page;   /* the page shown: the last one if the one asked for does not exist */
	bool is_last;  /* no More line */
	bool has_back; /* a Back line stands there */
	bool has_home;
	bool cut; /* a word, label or sorry line had to be cut: the checker calls that an error */
	size_t first_choice, end_choice; /* choices on it: [first, end) */
	size_t say_from;                 /* byte of the words with which it begins */
};

/* Lay out page number `page` into `out` (of `size` >= 1 bytes; MACHINE_TEXT_SIZE holds any page). */
struct page_shown page_show(const struct page_view *view, size_t page, char *out, size_t size);

/* Number of the page on which choice `choice`, or, if say_from is not past the words, that byte of the words stands. */
size_t page_of(const struct page_view *view, size_t say_from, size_t choice);

/* Would anything be cut on any page? */
bool page_any_cut(const struct page_view *view);

#endif
