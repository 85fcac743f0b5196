/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Imports: rows of an existing base, a chunk at a time, each chunk one transaction together with the run's position.
 *
 * A row is a batch like a phone's (store.h), so the same rules hold for it: a value only under its consent, of its field's
 * kind, sealed when it is private. What only a file can say of somebody (since when known, what was given elsewhere) is
 * added by the calls below. Rows that are refused leave no trace but a reason; the rest of their chunk is stored.
 */
#ifndef STARHASH_STORAGE_STORE_IMPORT_H
#define STARHASH_STORAGE_STORE_IMPORT_H

#include "storage/store.h"

enum store_existing {                         /* what becomes of subscribers who are there already */
	              STORE_EXISTING_SKIP,    /* they stay as they are */
	              STORE_EXISTING_FILL,    /* what is not known of them is added */
	              STORE_EXISTING_REPLACE, /* values are replaced, consents only by newer ones */
	              STORE_EXISTING_COUNT_
};
const char *store_existing_name(enum store_existing e); /* "skip", "fill", "replace" */

/* --- a run ----------------------------------------------------------------------------------------------------- */

#define STORE_IMPORT_HEAD_MAX 65536 /* bytes of the file by which it is known again */
#define STORE_IMPORT_TAIL_MAX 4096

struct store_import_file {
	const char *source, *format; /* as in the schema */
	const char *rejects;
	const void *head;
	size_t head_len;
	int64_t size; /* -1 = not known */
	enum store_existing existing;
	bool anew; /* give an unfinished run of this file up and begin at its start */
	const char *actor, *reason;
};

struct store_import_counts {
	int64_t rows, added, changed, kept, rejected;
};

struct store_import_run {
	int64_t id;
	bool resumes; /* it was begun before: go on at `position` */
	int64_t position, line, rejects_size;
	char rejects[8300]; /* of a run that resumes: the file that it wrote */
	struct store_import_counts counts;
};

/* Begin a run, or find the unfinished one of the same file. Blocks; one audit row says who began it and why.
 * RC_OK; RC_STATE (the unfinished run was begun with other options: `why` says which); RC_IO, RC_BUSY, RC_FULL. */
enum rc store_import_begin(struct store *s, const struct store_import_file *file,
                           struct store_import_run *out, char *why, size_t why_size) RC_NODISCARD;
/* Are these the bytes that stood before the run's position? */
bool store_import_is_tail(struct store *s, struct store_import_run *run, const void *tail, size_t len);
/* The file has come to its end. Blocks; one audit row with the counts. RC_OK; RC_IO, RC_BUSY, RC_FULL. */
enum rc store_import_end(struct store *s, const struct store_import_file *file,
                         struct store_import_run *run) RC_NODISCARD;

/* --- rows -------------------------------------------------------------------------------------------------------- */

enum store_import_fate { STORE_IMPORT_ADDED, STORE_IMPORT_CHANGED, STORE_IMPORT_KEPT, STORE_IMPORT_REJECTED };
#define STORE_IMPORT_WHY_SIZE 240

struct store_import_row {
	struct store_batch *batch; /* NULL: it is rejected, and `why` says why; the chunk's to free */
	int64_t line;
	size_t at, len; /* of its text, in the chunk's */
	bool is_no_row; /* its text cannot be taken apart */
	enum store_import_fate fate;
	char why[STORE_IMPORT_WHY_SIZE];
};

#define STORE_IMPORT_ROWS_MAX 2000

struct store_import_chunk;
/* Called inside the transaction when the chunk has rejected rows: write them at `size` of the rejects file, and make them
 * durable. Returns the file's new size; -1 = it cannot be written, and the chunk is not stored. Called again if the
 * transaction is tried again. Runs in the writer's thread. */
typedef int64_t store_import_rejects_fn(void *ctx, const struct store_import_chunk *chunk, int64_t size);

struct store_import_chunk {
	int64_t run;
	int64_t from, to, line; /* positions before and behind it; lines before `to` */
	const void *tail;       /* the bytes before `to` */
	size_t tail_len;
	bool only_tries; /* of a dry run: nothing is stored, and `run` is 0 */
	store_import_rejects_fn *rejects;
	void *ctx;
	const char *text; /* rows, as they were read */
	size_t n;
	struct store_import_row *row;
	/* when it is done: */
	enum rc rc;
	bool one_by_one; /* a row broke the transaction: to be written once more, which finds out which */
	struct store_import_counts counts;
	int64_t took_us;
};

/* Write it. `done` runs in store_dispatch or store_wait; the chunk is the caller's again then. chunk->rc: RC_OK;
 * RC_STATE (somebody else is importing the same run); RC_IO, RC_BUSY, RC_FULL: nothing of it is stored.
 * Returns RC_OK; RC_FULL; RC_NOMEM (done will not be called). */
typedef void store_import_fn(void *ctx, struct store_import_chunk *chunk);
enum rc store_import_write(struct store *s, struct store_import_chunk *chunk, store_import_fn *done,
                           void *ctx) RC_NODISCARD;

/* --- what only a file can say -------------------------------------------------------------------------------------- */

#define STORE_IMPORT_OPS 1024 /* operations of one row, in place of STORE_BATCH_OPS */

struct store_import_said {
	int64_t first_ms, last_ms; /* seen; 0 = now */
	int64_t swapped_ms;        /* 0 = not known */
	int64_t told_ms;           /* when the values were; 0 = now */
	bool verified;
};

/* A batch for one row. NULL when memory is out. */
struct store_batch *store_import_batch(int64_t msisdn, int64_t utc_ms, int64_t run,
                                       enum store_existing existing);
void store_import_say(struct store_batch *b, const struct store_import_said *said);
/* What was given under `key` before: it is never given again. RC_OK; RC_FULL; RC_RANGE; RC_NOMEM. */
struct store_import_grant {
	const char *bundle, *key, *gives;
	enum store_grant state; /* GRANTED or REJECTED */
	int64_t at_ms, expires_ms;
};
enum rc store_import_grant_add(struct store_batch *b, const struct store_import_grant *grant) RC_NODISCARD;

#endif
