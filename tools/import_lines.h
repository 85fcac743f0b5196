/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import lines: the bytes of a file or pipe, a bounded record at a time, with where each stands.
 *
 * A record is a line, or of CSV as many lines as a quoted cell spans. Nothing is read into memory beyond one window; a
 * record that does not fit is passed over and said so. Content is not judged here but for NUL, which no text has.
 */
#ifndef STARHASH_TOOLS_IMPORT_LINES_H
#define STARHASH_TOOLS_IMPORT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"

#define IMPORT_LINE_MAX ((size_t)256 << 10) /* bytes of one record */

struct import_lines;

enum import_found {
	IMPORT_RECORD,
	IMPORT_TOO_LONG, /* passed over */
	IMPORT_NUL,      /* there is a NUL in it; at `nul` */
	IMPORT_END,
	IMPORT_FAILED /* the file cannot be read; errno */
};

struct import_record {
	const char *text; /* of one that is too long: how it begins */
	size_t len;       /* without the last CR and LF */
	size_t nul;       /* column of the first NUL, 1..; 0 = none */
	int64_t line;     /* its first, 1.. */
	int64_t lines;    /* how many it has */
	int64_t from;     /* its place in the file */
};

/* `fd` is borrowed. NULL when memory is out. `quotes`: a line break inside '"' does not end a record. */
struct import_lines *import_lines_new(int fd, bool quotes);
void import_lines_free(struct import_lines *l);

/* The first bytes of the file, without moving on; at most `max`. NULL: it cannot be read. */
const char *import_lines_head(struct import_lines *l, size_t max, size_t *len);
/* The bytes before where the next record begins, of those that are still there; at most `max`. */
const char *import_lines_tail(struct import_lines *l, size_t max, size_t *len);
/* Go on at `position`, which is behind `lines` lines. A pipe is read up to there. RC_OK; RC_NOTFOUND (the file is
 * shorter); RC_IO. */
enum rc import_lines_seek(struct import_lines *l, int64_t position, int64_t lines) RC_NODISCARD;

/* The next one that is not empty. Valid until the next call. */
enum import_found import_lines_next(struct import_lines *l, struct import_record *out);
/* It spans lines, and was no good: the next record begins behind its first line. */
void import_lines_only_first(struct import_lines *l, const struct import_record *r);

int64_t import_lines_position(const struct import_lines *l); /* where the next record begins */
int64_t import_lines_passed(const struct import_lines *l);   /* lines before that */

#endif
