/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import rejects: the rows that were not taken, each with its line and the reason, in a file that can be put right and
 * imported by itself (docs/import.md).
 *
 * What stands in it always belongs to what is stored: it is written inside the transaction of its rows, from the length that
 * the last one has left, and what a crash left beyond that is cut off.
 */
#ifndef STARHASH_TOOLS_IMPORT_REJECTS_H
#define STARHASH_TOOLS_IMPORT_REJECTS_H

#include "storage/store_import.h"

struct import_rejects;

/* `size`: what a run that goes on has written; 0 = it is new, and the rejects of an earlier run go. What lies there and is no file
 * of rejects is refused. `header`: the first
 * line of a CSV, NULL: of JSON lines; `source_fd`: the file that is read, which must not be this one. NULL: `why` says why. */
struct import_rejects *import_rejects_new(const char *path, int64_t size, const char *header, char separator,
                                          int source_fd, char *why, size_t why_size);
void import_rejects_free(struct import_rejects *r);

/* A store_import_rejects_fn; ctx is the struct import_rejects. */
int64_t import_rejects_write(void *ctx, const struct store_import_chunk *chunk, int64_t size);
/* Why it could not be written; "" = it could. */
const char *import_rejects_error(const struct import_rejects *r);

#endif
