/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import: chunks of an import inside the writer's transaction (store_import.h). Belongs to the writer's connection; codes
 * are SQLite's.
 *
 * Rows are applied by apply_batch, as a phone's are; here is what an import has of its own: what becomes of subscribers
 * who are there already, who was erased, and where the run stands.
 */
#ifndef STARHASH_STORAGE_IMPORT_H
#define STARHASH_STORAGE_IMPORT_H

#include "storage/apply.h"
#include "storage/store_import.h"

/* What only a file can say, and what becomes of whom it says it of. In its batch's region. */
struct import_grant_node {
	struct import_grant_node *next;
	struct store_import_grant grant;
};
struct import_said {
	int64_t run; /* 0 = only tried */
	enum store_existing existing;
	struct store_import_said said;
	struct import_grant_node *grants;
};

enum import_step { IMPORT_BEGIN, IMPORT_TAIL, IMPORT_CHUNK, IMPORT_END };

/* One request. */
struct import_work {
	enum import_step step;
	int64_t now_ms;
	enum rc rc;
	const struct store_import_file *file; /* BEGIN */
	struct store_import_run *run;         /* BEGIN, TAIL, END */
	char *why;
	size_t why_size;
	const void *tail; /* TAIL */
	size_t tail_len;
	struct store_import_chunk *chunk; /* CHUNK */
	store_import_fn *fn;
};

struct imports;

/* `apply` is borrowed. Nothing is prepared before the first step: few stores ever see one. */
int imports_new(sqlite3 *db, const struct profile *profile, struct apply *apply, struct imports **out);
void imports_free(struct imports *i); /* NULL is fine */

/* SQLITE_OK: w->rc, or the chunk's, says what came of it. Anything else: the transaction must be rolled back. */
int imports_step(struct imports *i, struct import_work *w);
/* Its transaction failed. */
void import_failed(struct import_work *w, enum rc rc);

/* --- between import.c and import_rows.c --------------------------------------------------------------------------- */

struct import_rows;
int import_rows_new(sqlite3 *db, const struct profile *profile, struct apply *apply,
                    struct import_rows **out);
void import_rows_free(struct import_rows *r); /* NULL is fine */
/* Carry one row out; row->fate and, when it is rejected, row->why. */
int import_rows_apply(struct import_rows *r, struct store_import_row *row);

#endif
