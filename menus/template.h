/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Templates: the {variables} in texts.
 *
 *   {name}          a profile field; nothing when it is not known
 *   {name|friend}   the same, with what to say instead
 *   {language} {msisdn}   system columns
 *   {balance} {bundles}   facts of the charging system; a balance always shows as money
 *   {price} {gives}       of the bundle that is bought, or asked about; a price always shows as money
 *   {born:date}     a saved date as people of the language write it: 5 Jan 2026
 *   {fee:money}     an amount with its currency: KES 1234.50
 *   {{              a brace
 *
 * A field that was picked from a list shows the label under which it was offered, in the language of the screen. A value
 * is never read as a template, and cannot break a line. A field that is asked as a secret is never known here.
 */
#ifndef STARHASH_MENUS_TEMPLATE_H
#define STARHASH_MENUS_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "menus/machine.h"

enum template_format { TEMPLATE_PLAIN, TEMPLATE_DATE, TEMPLATE_MONEY };

/* One piece of a template: literal text, or a variable. */
struct template_piece {
	bool is_variable;
	bool is_broken; /* '{' without a proper name, format and '}': taken as literal text */
	const char *at; /* literal text, or the name */
	size_t len;
	const char *fallback; /* NULL = none */
	size_t fallback_len;
	enum template_format format;
};

/* Next piece; advances *at. False at the end. */
bool template_next(const char **at, struct template_piece *piece);

/* What a name means in this book: a field's index >= 0, or one of these. */
#define TEMPLATE_UNKNOWN (-1)
#define TEMPLATE_LANGUAGE (-2)
#define TEMPLATE_MSISDN (-3)
#define TEMPLATE_BALANCE (-4)
#define TEMPLATE_BUNDLES (-5)
#define TEMPLATE_PRICE (-6)
#define TEMPLATE_GIVES (-7)
#define TEMPLATE_OTHER (-8) /* in the words of an invite alone: the number of the other */
int template_variable(const struct book *b, const char *name, size_t len);

/* Facts that a text shows, as bits of enum book_fact. */
unsigned template_facts(const struct book *b, const char *text);

/* Append `text` with its variables to `out`. A value of more than `value_max` characters is cut to that (0 = whole). */
void template_render(const struct book *b, const char *text, size_t language, const struct machine_port *port,
                     size_t value_max, struct buf *out);

/* The same for a text that may not be paged: values are shortened first, then the text, until it fits `limit` page
 * characters (text_fits). Returns the length. */
size_t template_render_within(const struct book *b, const char *text, size_t language,
                              const struct machine_port *port, size_t limit, char *out, size_t size);

#endif
