/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bar on the terminal for work that takes long: how much is done, and about how long it goes on. On stderr, and only where
 * that is a terminal; drawn at most ten times a second. */
#ifndef STARHASH_TOOLS_PROGRESS_H
#define STARHASH_TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	const char *what; /* borrowed */
	bool is_shown;
	int64_t began_ms, drawn_ms;
};

void progress_begin(struct progress *p, const char *what);
void progress_show(struct progress *p, int64_t done, int64_t all);
void progress_end(struct progress *p); /* takes the bar away */

#define PROGRESS_LINE_SIZE 160
/* The line itself, into `out`: "copying  [#####.....]  50 %  12 s left". */
const char *progress_line(const char *what, int64_t done, int64_t all, int64_t spent_ms,
                          char out[PROGRESS_LINE_SIZE]);

#endif
