/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters: what counts as a letter in a person's name, in any script, and case folding for comparing answers with
 * labels. Small tables instead of a locale: the answer must not depend on how the machine is set up.
 */
#ifndef STARHASH_MENUS_LETTERS_H
#define STARHASH_MENUS_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* May the code point stand in a name as a letter or a mark on one (not as a digit, sign, symbol or emoji)? */
bool letters_is_letter(uint32_t c);

/* Lower case of Latin, Greek and Cyrillic letters; anything else unchanged. */
uint32_t letters_fold(uint32_t c);

/* The letter without case, accent or hook, as people type it who have a plain keypad: 'e' for U+1EB8. Apostrophes and
 * combining accents give 0 (nothing); other signs give a space. */
uint32_t letters_bare(uint32_t c);

/* Are two UTF-8 texts equal but for case? */
bool letters_same(const char *a, const char *b);

/* Trim, and make every run of blanks and control characters one space; malformed bytes become '?'. Cut at a character
 * boundary when it does not fit. Returns the length. `size` >= 1. */
size_t letters_tidy(const char *text, char *out, size_t size);

/* Bytes of the UTF-8 character that stands for `c`, into out[4]. Returns how many. */
size_t letters_encode(uint32_t c, char out[4]);

#endif
