/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Search: the rows of a list that are like what somebody typed on a phone keypad, without case, accents or
 * apostrophes. The same needle on the same rows always gives the same answer, so that a walk keeps the needle alone.
 */
#ifndef STARHASH_MENUS_SEARCH_H
#define STARHASH_MENUS_SEARCH_H

#include <stddef.h>
#include <stdint.h>

#include "menus/book.h"

#define SEARCH_MAX 200 /* matches at most */

/* The one row whose label in `language`, or value, is just what was typed; -1 when there is none, or several. */
int search_exact(const struct book_screen *s, const char *typed, size_t language);

/* Rows with the words of `needle`, into match[SEARCH_MAX]: labels that begin with it first, then those with a word that
 * begins with it, then those that hold it anywhere, each in the order of the file. Only when there are none: labels or
 * words one letter off, and else two. Returns how many. */
size_t search_rows(const struct book_screen *s, const char *needle, size_t language, uint16_t *match);

#endif
