/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import lines: see import_lines.h.
 *
 * Invariant: window[0..end) are the file's bytes from `base` on; the next record begins at `at`. What is before `at` is kept
 * while there is room: the run's position is known again by it (import_lines_tail).
 */
#include "tools/import_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WINDOW ((size_t)1 << 20)
#define KEPT 4096 /* bytes before `at` that survive a move */
#define PEEK 80   /* bytes that are shown of what is too long */

struct import_lines {
	int fd;
	bool quotes, is_end;
	int64_t base;   /* place of window[0] in the file */
	int64_t passed; /* lines before `at` */
	size_t at, end;
	char *window;
	char begins[PEEK]; /* of what is too long */
};

struct import_lines *import_lines_new(int fd, bool quotes)
{
	struct import_lines *l = calloc(1, sizeof *l);

	if (l)
		l->window = malloc(WINDOW);
	if (!l || !l->window) {
		free(l);
		return NULL;
	}
	l->fd = fd;
	l->quotes = quotes;
	return l;
}

void import_lines_free(struct import_lines *l)
{
	if (!l)
		return;
	explicit_bzero(l->window, WINDOW);
	free(l->window);
	free(l);
}

/* More bytes behind `end`; false: it failed. At the file's end is_end is set. */
static bool fill(struct import_lines *l)
{
	ssize_t n;

	if (l->at > KEPT && l->end > WINDOW / 2) {
		size_t drop = l->at - KEPT;

		memmove(l->window, l->window + drop, l->end - drop);
		l->base += (int64_t)drop;
		l->at -= drop;
		l->end -= drop;
	}
	do
		n = read(l->fd, l->window + l->end, WINDOW - l->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return false;
	l->end += (size_t)n;
	l->is_end = n == 0 && l->end < WINDOW;
	return true;
}

const char *import_lines_head(struct import_lines *l, size_t max, size_t *len)
{
	while (!l->is_end && l->end < max)
		if (!fill(l))
			return NULL;
	*len = l->end < max ? l->end : max;
	return l->window;
}

const char *import_lines_tail(struct import_lines *l, size_t max, size_t *len)
{
	*len = l->at < max ? l->at : max;
	return l->window + l->at - *len;
}

enum rc import_lines_seek(struct import_lines *l, int64_t position, int64_t lines)
{
	while (l->base + (int64_t)l->end < position) {
		l->at = l->end; /* all of it is before the place */
		if (l->is_end)
			return RC_NOTFOUND;
		if (!fill(l))
			return RC_IO;
	}
	l->at = (size_t)(position - l->base);
	l->passed = lines;
	return RC_OK;
}

/* The end of the record that begins at `at`: *end is on its last LF, or on the end of the file. Outside of quotes a line
 * ends it; `seen` is how far a look before has come. */
static bool record_end(const struct import_lines *l, size_t *seen, bool *open, size_t *end)
{
	const char *from = l->window + l->at + *seen, *stop = l->window + l->end;

	while (from < stop) {
		const char *lf = memchr(from, '\n', (size_t)(stop - from));
		const char *until = lf ? lf : stop;

		if (l->quotes) {
			for (const char *q = from; (q = memchr(q, '"', (size_t)(until - q))); q++)
				*open = !*open;
		}
		*seen = (size_t)(until - l->window) - l->at + (lf != NULL);
		if (lf && !*open) {
			*end = (size_t)(lf - l->window);
			return true;
		}
		from = lf ? lf + 1 : stop;
	}
	return false;
}

static int64_t count_lines(const char *text, size_t len)
{
	int64_t n = 0;

	for (const char *at = text, *stop = text + len; (at = memchr(at, '\n', (size_t)(stop - at))); at++)
		n++;
	return n;
}

/* Behind the first line end from `from` on, wherever that is. */
static bool skip_line(struct import_lines *l, size_t from)
{
	for (;;) {
		const char *lf = from < l->end ? memchr(l->window + from, '\n', l->end - from) : NULL;

		if (lf) {
			l->at = (size_t)(lf - l->window) + 1;
			break;
		}
		l->at = l->end;
		if (l->is_end)
			break;
		if (!fill(l))
			return false;
		from = l->at;
	}
	l->passed++;
	return true;
}

static enum import_found whole(struct import_lines *l, size_t end, struct import_record *out)
{
	const char *text = l->window + l->at, *nul;
	size_t len = end - l->at;

	*out = (struct import_record){.text = text,
	                              .line = l->passed + 1,
	                              .lines = 1 + count_lines(text, len),
	                              .from = l->base + (int64_t)l->at};
	out->len = len > 0 && text[len - 1] == '\r' ? len - 1 : len;
	l->at = end + (end < l->end); /* behind its LF */
	l->passed += out->lines;
	nul = memchr(text, '\0', out->len);
	out->nul = nul ? (size_t)(nul - text) + 1 : 0;
	return nul ? IMPORT_NUL : IMPORT_RECORD;
}

/* Only its first line is lost: what is too long may be a quote that never closes. */
static enum import_found too_long(struct import_lines *l, struct import_record *out)
{
	*out = (struct import_record){.text = l->begins,
	                              .len = PEEK,
	                              .line = l->passed + 1,
	                              .lines = 1,
	                              .from = l->base + (int64_t)l->at};
	memcpy(l->begins, l->window + l->at, PEEK);
	for (size_t i = 0; i < PEEK; i++)
		if (l->begins[i] == '\0' || l->begins[i] == '\n')
			l->begins[i] = ' ';
	return skip_line(l, l->at) ? IMPORT_TOO_LONG : IMPORT_FAILED;
}

static size_t first_line_end(const struct import_lines *l)
{
	const char *lf = memchr(l->window + l->at, '\n', l->end - l->at);

	return lf ? (size_t)(lf - l->window) : l->end;
}

static enum import_found next(struct import_lines *l, struct import_record *out)
{
	size_t seen = 0, end = 0;
	bool open = false;

	for (;;) {
		bool found = record_end(l, &seen, &open, &end);

		if ((found ? end : l->end) - l->at > IMPORT_LINE_MAX)
			return too_long(l, out);
		if (found)
			return whole(l, end, out);
		if (l->is_end)
			break;
		if (!fill(l))
			return IMPORT_FAILED;
	}
	if (l->at == l->end)
		return IMPORT_END;
	return whole(l, open ? first_line_end(l) : l->end,
	             out); /* the reader says that a quote does not close */
}

enum import_found import_lines_next(struct import_lines *l, struct import_record *out)
{
	enum import_found found;

	do
		found = next(l, out);
	while (found == IMPORT_RECORD && out->len == 0);
	return found;
}

void import_lines_only_first(struct import_lines *l, const struct import_record *r)
{
	if (r->lines == 1)
		return;
	l->at = (size_t)(r->from - l->base);
	l->passed = r->line - 1;
	(void)skip_line(l, l->at); /* all of it is in the window */
}

int64_t import_lines_position(const struct import_lines *l)
{
	return l->base + (int64_t)l->at;
}

int64_t import_lines_passed(const struct import_lines *l)
{
	return l->passed;
}
