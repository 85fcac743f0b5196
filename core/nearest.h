/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nearest known word to a misspelt one, for error messages that say what would be right. */
#ifndef STARHASH_CORE_NEAREST_H
#define STARHASH_CORE_NEAREST_H

#include <stddef.h>

/* The entry of words[0..n) with the least edit distance (Damerau-Levenshtein, ASCII case ignored) to
 * `word`, if that distance is at most 1 + strlen(word) / 3; else NULL. Words longer than 64 bytes are
 * compared by their first 64. */
const char *nearest_word(const char *word, const char *const *words, size_t n);

#endif
