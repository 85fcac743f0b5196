/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Map: a picture of a service, for Graphviz or Mermaid. Pure: a book and counts in, text out.
 *
 * Every label is cut to a bound and escaped for the language of the picture: whatever stands in a menu file, the
 * picture can be drawn.
 */
#ifndef STARHASH_TOOLS_MAP_H
#define STARHASH_TOOLS_MAP_H

#include <stdint.h>
#include <stdio.h>

#include "menus/book.h"

#define MAP_CAUSES 4

/* What happened on one screen. */
struct map_counts {
	bool is_known; /* false: nothing is written */
	int64_t entered, bad_inputs;
	int64_t drops[MAP_CAUSES]; /* subscriber cancelled, network or idle timeout, app too slow, we ended */
	int64_t median_ms;         /* time to answer; negative = nobody answered */
};

enum map_form { MAP_DOT, MAP_MERMAID };

/* Draw a book that was loaded with `profile`; `counts` one for each screen, or NULL; texts in language number `language`.
 * False when writing failed. */
bool map_print(const struct book *b, const struct profile *profile, enum map_form form, size_t language,
               const struct map_counts *counts, FILE *to);

/* The median, read from a histogram: `bucket` i counts answers within 2^i seconds (over 2^(i-1)), the last one all that
 * took longer; between its bounds a bucket is taken as even. Negative when all are empty. */
int64_t map_median(const int64_t *bucket, size_t n);

#endif
