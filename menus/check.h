/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check: what is wrong with a book before a subscriber sees it (rules in docs/menus.md).
 *
 * Works on the compiled book: every screen, every language, the longest values. Adds findings, decides nothing.
 */
#ifndef STARHASH_MENUS_CHECK_H
#define STARHASH_MENUS_CHECK_H

#include "menus/book.h"

void check_book(const struct book *b, const struct book_env *env, struct findings *findings);

/* Across the books of one configuration: codes, dial shortcuts and keywords that hide each other. */
void check_books(struct book *const *books, size_t n, struct findings *findings);

#endif
