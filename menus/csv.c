/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Csv: cells are unquoted in place (csv.h). */
#include "menus/csv.h"

#include <string.h>

void csv_init(struct csv *c, char *text)
{
	size_t header;

	memset(c, 0, sizeof(*c));
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	header = strcspn(text, "\r\n");
	c->at = text;
	c->separator = memchr(text, ',', header) == NULL && memchr(text, ';', header) != NULL ? ';' : ',';
}

static enum csv_found broken(struct csv *c, const char *why)
{
	c->why = why;
	c->line = c->lines;
	return CSV_BROKEN;
}

/* One quoted cell; c->at stands on its first quote and is left behind its last. */
static enum csv_found read_quoted(struct csv *c)
{
	char *to = c->at++;

	c->cell[c->n++] = to;
	for (; *c->at != '"' || c->at[1] == '"'; c->at++) {
		if (*c->at == '\0')
			return broken(c, "a quote opens and never closes");
		c->lines += *c->at == '\n';
		if (*c->at == '"')
			c->at++;
		*to++ = *c->at;
	}
	c->at++;
	if (*c->at != c->separator && *c->at != '\0' && *c->at != '\n' && *c->at != '\r')
		return broken(c, "something stands between a quote and the end of its cell");
	*to = '\0'; /* at the last quote or before it */
	return CSV_ROW;
}

static enum csv_found read_plain(struct csv *c)
{
	char end[] = {c->separator, '"', '\r', '\n', '\0'};

	c->cell[c->n++] = c->at;
	c->at += strcspn(c->at, end);
	return *c->at == '"' ? broken(c, "a quote stands inside a cell that has none around it") : CSV_ROW;
}

enum csv_found csv_next(struct csv *c)
{
	while (*c->at == '\n' || (*c->at == '\r' && c->at[1] == '\n')) {
		c->lines += *c->at == '\n';
		c->at++;
	}
	if (*c->at == '\0')
		return CSV_END;
	c->line = ++c->lines;
	c->n = 0;
	for (;;) {
		char end;

		if (c->n == CSV_CELLS)
			return broken(c, "a row has too many cells");
		if ((*c->at == '"' ? read_quoted(c) : read_plain(c)) == CSV_BROKEN)
			return CSV_BROKEN;
		end = *c->at;
		if (end == '\0')
			return CSV_ROW;
		*c->at++ = '\0';
		if (end == '\n')
			return CSV_ROW;
		if (end == '\r') {
			if (*c->at != '\n')
				return broken(c, "a carriage return stands alone");
			c->at++;
			return CSV_ROW;
		}
	}
}
