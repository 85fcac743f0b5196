/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coverage: which screens and branches of a set of books were walked, in each language.
 *
 * What counts, once for each language of a book: every screen; every choice of a menu, a pick or a consent; every
 * line of a `when`; a good and a refused answer to an ask or a list, a refused one to every other screen that asks; each
 * way out of a give, an app and the facts of a screen.
 */
#ifndef STARHASH_TOOLS_COVERAGE_H
#define STARHASH_TOOLS_COVERAGE_H

#include <stddef.h>
#include <stdio.h>

#include "gateway/services.h"
#include "menus/machine.h"

struct coverage;

struct coverage *coverage_new(const struct services *services); /* borrowed; NULL = out of memory */
void coverage_free(struct coverage *c);                         /* NULL is fine */

/* As scratch_reached_fn; books are known by name and version, others are ignored. */
void coverage_reached(void *ctx, const struct book *book, enum machine_reached what,
                      const struct book_screen *screen, size_t which, size_t language);

/* A line for each book, and one for everything that was missed, with its place in the menu file. Returns the percentage
 * over all, rounded down: 100 only when nothing was missed. */
int coverage_print(const struct coverage *c, FILE *to);

#endif
