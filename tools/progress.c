/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bar on the terminal for work that takes long: see progress.h. */
#include "tools/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"

#define CELLS 30
#define DRAW_EVERY_MS 100
#define GUESS_AFTER_MS 1000 /* what is left is a guess from what was: not from nothing */

const char *progress_line(const char *what, int64_t done, int64_t all, int64_t spent_ms,
                          char out[PROGRESS_LINE_SIZE])
{
	char bar[CELLS + 1];
	int64_t share, left_s;
	int n;

	if (all < 1)
		all = 1;
	done = done < 0 ? 0 : done > all ? all : done;
	share = (int64_t)((double)done / (double)all * 100);
	memset(bar, '.', CELLS);
	memset(bar, '#', (size_t)(share * CELLS / 100));
	bar[CELLS] = '\0';
	n = snprintf(out, PROGRESS_LINE_SIZE, "%-12.40s [%s] %3" PRId64 " %%", what, bar, share);
	left_s = done > 0 ? (int64_t)((double)spent_ms / (double)done * (double)(all - done) / 1000) : 0;
	if (done > 0 && done < all && spent_ms >= GUESS_AFTER_MS)
		snprintf(out + n, PROGRESS_LINE_SIZE - (size_t)n,
		         left_s < 120 ? "  %" PRId64 " s left" : "  %" PRId64 " min left",
		         left_s < 120 ? left_s : left_s / 60);
	return out;
}

void progress_begin(struct progress *p, const char *what)
{
	*p = (struct progress){
		.what = what, .is_shown = isatty(STDERR_FILENO), .began_ms = clock_mono_ms(clock_system())};
}

void progress_show(struct progress *p, int64_t done, int64_t all)
{
	char line[PROGRESS_LINE_SIZE];
	int64_t now;

	if (!p->is_shown)
		return;
	now = clock_mono_ms(clock_system());
	if (p->drawn_ms != 0 && now - p->drawn_ms < DRAW_EVERY_MS && done < all)
		return;
	p->drawn_ms = now;
	fprintf(stderr, "\r%s\033[K", progress_line(p->what, done, all, now - p->began_ms, line));
}

void progress_end(struct progress *p)
{
	if (p->is_shown && p->drawn_ms != 0)
		fputs("\r\033[K", stderr);
	p->is_shown = false;
}
