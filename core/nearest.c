/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nearest known word.
 *
 * Damerau-Levenshtein in its restricted form (optimal string alignment): insert, delete, replace and the swap
 * of two neighbours cost one each. Three rows of fixed size, no allocation; equal distances are won by
 * the earlier word, so a message never depends on anything but the list.
 */
#include "core/nearest.h"

#include <string.h>

#define WORD_MAX 64

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static unsigned min2(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= n_b; j++)
		above[j] = (unsigned)j;
	memset(rows[0], 0, sizeof rows[0]);
	for (size_t i = 1; i <= n_a; i++) {
		unsigned *spare = before;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= n_b; j++) {
			unsigned change = lower(a[i - 1]) != lower(b[j - 1]);

			row[j] = min2(min2(above[j], row[j - 1]) + 1, above[j - 1] + change);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				row[j] = min2(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[n_b];
}

const char *nearest_word(const char *word, const char *const *words, size_t n)
{
	size_t len = word ? strnlen(word, WORD_MAX) : 0;
	unsigned best = 1 + (unsigned)len / 3;
	const char *found = NULL;

	if (len == 0)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		unsigned d;

		if (!words[i])
			continue;
		d = distance(word, len, words[i], strnlen(words[i], WORD_MAX));
		if (d < best || (d == best && !found)) {
			best = d;
			found = words[i];
		}
	}
	return found;
}
