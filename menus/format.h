/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Format: dates and money as the readers of a language write them. Only characters of GSM 03.38, so that a date never
 * halves the room of a screen.
 */
#ifndef STARHASH_MENUS_FORMAT_H
#define STARHASH_MENUS_FORMAT_H

#include <stdbool.h>

#include "core/buf.h"

/* Append a date "2026-01-05" (what follows the day is ignored) as "5 Jan 2026"; in a language without months of its own, or
 * when it is no date, as it stands. `language` is a code such as "sw" or "pt-br". */
void format_date(const char *value, const char *language, struct buf *out);

/* Append an amount with its currency (NULL or "" = none): "KES 1234.50", "1234,50 XOF" in fr, pt, es; whole amounts without
 * decimals. `amount` is in hundredths when is_minor, else a decimal number; anything else is appended as it stands. */
void format_money(const char *amount, bool is_minor, const char *currency, const char *language,
                  struct buf *out);

#endif
