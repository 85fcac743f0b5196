/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers: what somebody typed, read as what the screen asked for. Input is tidy already (letters_tidy). */
#ifndef STARHASH_MENUS_ANSWER_H
#define STARHASH_MENUS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "menus/book.h"

/* Is `typed` a good answer to this ask? On true `out` (PROFILE_VALUE_MAX + 1 bytes) holds what is saved: a date always as
 * YYYY-MM-DD, a number of a phone as its digits, an amount without signs between its digits. */
bool answer_read(const struct book_screen *s, const char *typed, char *out);

/* The same of a book, where the field that it is saved to takes it as well (profile_check). */
bool answer_fits(const struct book *b, const struct book_screen *s, const char *typed, char *out);
/* The least that a number or date may be, as it is saved, into out (PROFILE_VALUE_MAX + 1 bytes). False: anything may. */
bool answer_least(const struct book *b, const struct book_screen *s, char *out);

/* The choice that was meant, by its number or its whole label in `language`: 0.., or -1. */
int answer_choice(const struct book_screen *s, const char *typed, size_t language);

/* The choices that were meant where several may be: "1 3", "1,3", or one label. On true `out` (PROFILE_VALUE_MAX + 1 bytes)
 * holds their values, "a,b", in the order of the screen. */
bool answer_several(const struct book_screen *s, const char *typed, size_t language, char *out);

/* "1".."200" without leading zeros to 0..199, or -1. `len` bytes of `text`. */
int answer_number(const char *text, size_t len, size_t n_choices);

#endif
