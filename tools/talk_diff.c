/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing and showing texts of several lines. */
#include "tools/talk_diff.h"

#include <string.h>

#include "core/text.h"

#define COLUMN_LEAST 20
#define COLUMN_MOST 72

/* Length of the line at `text` without spaces at its end. */
static size_t line_len(const char *text)
{
	size_t n = strcspn(text, "\n");

	while (n > 0 && strchr(" \t\r", text[n - 1]))
		n--;
	return n;
}

/* The line behind; NULL = there is none. */
static const char *next_line(const char *text)
{
	const char *end = text ? strchr(text, '\n') : NULL;

	return end ? end + 1 : NULL;
}

static bool same_line(const char *a, const char *b)
{
	size_t n = line_len(a);

	return n == line_len(b) && memcmp(a, b, n) == 0;
}

bool talk_diff_same(const char *expected, enum talk_rest rest, const char *got)
{
	while (expected && got) {
		bool is_last = !next_line(expected);
		size_t n = strcspn(expected, "\n");

		if (rest == TALK_ANY_TEXT && is_last)
			return strncmp(expected, got, n) == 0;
		if (!same_line(expected, got))
			return false;
		if (rest == TALK_ANY_LINES && is_last)
			return true;
		expected = next_line(expected);
		got = next_line(got);
	}
	return !expected && !got;
}

static size_t width_of(const char *text, size_t n)
{
	return text_measure(text, n).characters;
}

static void print_column(const char *line, size_t width, FILE *to)
{
	size_t n = line ? line_len(line) : 0, wide = line ? width_of(line, n) : 0;

	fprintf(to, "%.*s", (int)n, line ? line : "");
	for (; wide < width; wide++)
		fputc(' ', to);
}

void talk_diff_print(const char *expected, enum talk_rest rest, const char *got, FILE *to)
{
	size_t width = COLUMN_LEAST;
	bool open_end = rest != TALK_WHOLE;

	for (const char *at = expected; at; at = next_line(at)) {
		size_t wide = width_of(at, line_len(at));

		width = wide > width ? wide : width;
	}
	width = width > COLUMN_MOST ? COLUMN_MOST : width;
	fputs("    ", to);
	print_column("expected", width, to);
	fputs("   got\n", to);
	while (expected || got) {
		bool same = expected && got && same_line(expected, got);
		bool begins = rest == TALK_ANY_TEXT && expected && got && !next_line(expected) &&
		              strncmp(expected, got, strlen(expected)) == 0;

		fputs("    ", to);
		print_column(expected, width, to);
		fprintf(to, " %c ", same || begins || (!expected && open_end) ? '|' : '!');
		fprintf(to, "%.*s\n", (int)(got ? line_len(got) : 0), got ? got : "");
		expected = next_line(expected);
		got = next_line(got);
	}
	if (open_end)
		fputs("    (then anything)\n", to);
}
