/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Csv: a strict reader of RFC 4180 for lists of menus. Cells are separated by commas, or by semicolons when the
 * header holds no comma (as spreadsheets of some languages write them); a cell in quotes may hold separators, line
 * breaks and doubled quotes. Lines end with LF or CRLF; empty lines are skipped.
 */
#ifndef STARHASH_MENUS_CSV_H
#define STARHASH_MENUS_CSV_H

#include <stddef.h>

#define CSV_CELLS 192 /* in one row */

enum csv_found { CSV_ROW, CSV_END, CSV_BROKEN };

struct csv {
	char *at; /* rest of the text */
	char separator;
	int line;  /* of the row that was read last; 1.. */
	int lines; /* lines read so far */
	size_t n;
	char *cell[CSV_CELLS];
	const char *why; /* CSV_BROKEN: what is wrong */
};

/* `text` is changed while it is read, and the cells point into it. */
void csv_init(struct csv *c, char *text);

/* Next row into c->cell[0..c->n). */
enum csv_found csv_next(struct csv *c);

#endif
