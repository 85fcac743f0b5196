/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers: what somebody typed, read as what the screen asked for. Input is tidy already (letters_tidy). */
#ifndef STARHASH_MENUS_ANSWER_H
#define STARHASH_MENUS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "menus/book.h"

/* Is `typed` a good answer to an ask of this kind, of min..max characters? On true `out` (PROFILE_VALUE_MAX + 1 bytes) holds
 * what is saved: a date always as YYYY-MM-DD. */
bool answer_read(enum book_check as, size_t min, size_t max, const char *typed, char *out);

/* The choice that was meant, by its number or its whole label in `language`: 0.., or -1. */
int answer_choice(const struct book_screen *s, const char *typed, size_t language);

/* "1".."200" without leading zeros to 0..199, or -1. `len` bytes of `text`. */
int answer_number(const char *text, size_t len, size_t n_choices);

#endif
