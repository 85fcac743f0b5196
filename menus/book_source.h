/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of a menu file and of the files that it includes.
 *
 * The parser behind the loader opens included files itself, and would stop the whole program on a folder or read a
 * device for ever; so every @include is looked at here first: a regular file, readable, UTF-8, within bounds.
 */
#ifndef STARHASH_MENUS_BOOK_SOURCE_H
#define STARHASH_MENUS_BOOK_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/findings.h"
#include "core/rc.h"

#define BOOK_SOURCE_MAX (1024 * 1024) /* bytes of one file */
#define BOOK_SOURCE_FILES 32          /* files of one book */
#define BOOK_SOURCE_DEPTH 10          /* files that include files (libconfig's own limit) */
#define BOOK_SOURCE_PATH 1024

struct book_source {
	struct findings *findings;
	char folder[BOOK_SOURCE_PATH]; /* of the main file: where includes are looked for */
	uint64_t version;              /* FNV-1a over all bytes read */
	int files;
};

void book_source_init(struct book_source *s, const char *path, struct findings *findings);

/* Read a file into malloc'ed, NUL-terminated *text.
 * Returns RC_OK; RC_NOTFOUND (findings say why); RC_RANGE (too large); RC_NOMEM. */
enum rc book_source_read(struct book_source *s, const char *path, char **text) RC_NODISCARD;

/* Look at one text, and at all it includes: UTF-8, no NUL, includes that can be read. Adds to the version.
 * Returns RC_OK; RC_SYNTAX (findings say). */
enum rc book_source_look(struct book_source *s, const char *path, const char *text) RC_NODISCARD;

/* Count something else that was read into the version. */
void book_source_add(struct book_source *s, uint64_t version);

/* Read a file of data that a menu file names, relative to the main file's folder, into malloc'ed *text; `path` (of `size`)
 * gets its full name. Bounds and version as for includes.
 * Returns RC_OK; any other (findings say). */
enum rc book_source_data(struct book_source *s, const char *name, char *path, size_t size,
                         char **text) RC_NODISCARD;

#endif
