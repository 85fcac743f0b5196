/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words: what the machine says itself, built in for the languages that most of our users meet.
 *
 * Every built-in word is written with characters of GSM 03.38 only, so that a key line never halves the room of a
 * screen. A file's `words` group replaces them one by one.
 */
#ifndef STARHASH_MENUS_WORDS_H
#define STARHASH_MENUS_WORDS_H

#include <stddef.h>

#include "menus/book.h"

/* Most characters of a key's label (back, home, more): three key lines always leave room on a page. */
#define WORDS_LABEL_MAX 12

/* The word in a language ("sw", "pt-br"); English for languages without words of their own. Never NULL. */
const char *words_builtin(enum book_word word, const char *language);

/* The name in the file's `words` group: "back", "home"... */
const char *words_name(enum book_word word);

/* Is it sent as an SMS and never shown on a screen? */
int words_is_sms(enum book_word word);

#endif
