/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Screens that are the same for everybody, laid out when their book is loaded.
 *
 * A screen whose words and choices hold no variable has at most three first pages in a language: with no key, with Back, with
 * Back and Home. They are laid out once, and a step copies them. Everything else (variables, later pages, sorry lines, what a
 * search found) is laid out when it is shown. Only menus/ includes this.
 * Invariant: what is prepared is what page_show would make of the same view.
 */
#ifndef STARHASH_MENUS_PREPARED_H
#define STARHASH_MENUS_PREPARED_H

#include "menus/page.h"

struct book;
struct book_full;
struct book_screen;

struct prepared_page {
	struct page_shown shown;
	const char *text; /* NULL = not prepared */
	size_t len;
};

/* Prepare what can be. What the book's memory does not hold is left to be laid out each time. */
void prepared_make(struct book_full *full);

/* The first page of a screen of this book; NULL when it is not prepared. */
const struct prepared_page *prepared_page(const struct book *b, const struct book_screen *at, size_t language,
                                          bool has_back, bool has_home);

#endif
