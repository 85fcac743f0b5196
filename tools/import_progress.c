/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import progress: see import_progress.h. */
#include "tools/import_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "core/clock.h"

#define TERMINAL_MS 500
#define PLAIN_MS 10000
#define WIDTH 78

void import_progress_init(struct import_progress *p)
{
	*p = (struct import_progress){.on_terminal = isatty(STDERR_FILENO) == 1};
	p->began_ms = p->told_ms = clock_mono_ms(clock_system());
}

void import_progress_clear(struct import_progress *p)
{
	if (p->shows)
		fprintf(stderr, "\r%*s\r", WIDTH, "");
	p->shows = false;
}

static void left_text(const struct import_progress *p, int64_t now_ms, int64_t position, int64_t size,
                      char out[48])
{
	int64_t done = position - p->from, took = now_ms - p->began_ms, left_s;

	out[0] = '\0';
	if (size <= 0 || done <= 0 || took < 1000)
		return;
	left_s = (int64_t)((double)took / (double)done * (double)(size - position) / 1000);
	(void)snprintf(out, 48, ", %" PRId64 " %%, %" PRId64 ":%02" PRId64 " left", position * 100 / size,
	               left_s / 60, left_s % 60);
}

void import_progress_tell(struct import_progress *p, const struct store_import_counts *counts,
                          int64_t rows_now, int64_t position, int64_t size)
{
	int64_t now = clock_mono_ms(clock_system());
	int64_t took = now - p->began_ms;
	char left[48], line[WIDTH + 1];

	if (!p->has_from) {
		p->from = position;
		p->has_from = true;
	}
	if (now - p->told_ms < (p->on_terminal ? TERMINAL_MS : PLAIN_MS))
		return;
	p->told_ms = now;
	left_text(p, now, position, size, left);
	(void)snprintf(line, sizeof line, "%" PRId64 " rows, %" PRId64 " rejected, %" PRId64 " rows/s%s",
	               counts->rows, counts->rejected, took > 0 ? rows_now * 1000 / took : 0, left);
	if (p->on_terminal)
		fprintf(stderr, "\r%-*s", WIDTH, line);
	else
		fprintf(stderr, "%s\n", line);
	p->shows = p->on_terminal;
}
