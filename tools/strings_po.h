/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of menu files as gettext templates: gathered, each once, and printed as .pot or .po.
 *
 * The same words on several screens are one entry of the service, unless the file itself translates them differently
 * there: then the later ones have the screen in their context ("join/home").
 */
#ifndef STARHASH_TOOLS_STRINGS_PO_H
#define STARHASH_TOOLS_STRINGS_PO_H

#include <stdio.h>

#include "core/rc.h"
#include "menus/book.h"
#include "menus/po.h"

struct strings; /* opaque */

/* `language` NULL = a template without translations. NULL when memory is out. Borrows. */
struct strings *strings_new(const char *language);
void strings_free(struct strings *s); /* NULL is fine */

/* Add all texts of a book, which must outlive `s`. With a language: inline translations, then those of `po` (may be NULL,
 * must outlive `s`). Returns RC_OK; RC_NOMEM. */
enum rc strings_add(struct strings *s, const struct book *b, struct po *po) RC_NODISCARD;

size_t strings_count(const struct strings *s);
/* How many of them have a translation. */
size_t strings_translated(const struct strings *s);
void strings_print(const struct strings *s, FILE *to);

#endif
