/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import: see import.h. Runs and their positions; rows are import_rows.c's. */
#include "storage/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "storage/audit.h"
#include "storage/sql.h"
#include "storage/store_batch.h"

enum statement { ST_OPEN, ST_ADD, ST_GIVE_UP, ST_LOOK, ST_MOVE, ST_END, ST_COUNT_ };

struct imports {
	sqlite3 *db;
	const struct profile *profile;
	struct apply *apply;
	struct import_rows *rows;
	sqlite3_stmt *st[ST_COUNT_];
};

static const char *const texts[ST_COUNT_] = {
	[ST_OPEN] =
		"SELECT id, position, line, rejects_size, rejects, format, existing, rows, added, changed, kept, "
		"rejected FROM import_run WHERE state = 'running' AND head = ?1 AND size = ?2 ORDER BY id DESC "
		"LIMIT 1",
	[ST_ADD] =
		"INSERT INTO import_run (source, head, size, format, existing, rejects, began, updated, actor, "
		"reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9)",
	[ST_GIVE_UP] = "UPDATE import_run SET state = 'given up', head = x'', tail = x'', updated = ?3 "
		       "WHERE state = 'running' AND head = ?1 AND size = ?2",
	[ST_LOOK] = "SELECT position, rejects_size, tail FROM import_run WHERE id = ?1 AND state = 'running'",
	[ST_MOVE] =
		"UPDATE import_run SET position = ?2, line = ?3, tail = ?4, rows = rows + ?5, added = added + ?6, "
		"changed = changed + ?7, kept = kept + ?8, rejected = rejected + ?9, rejects_size = ?10, "
		"updated = ?11 WHERE id = ?1",
	[ST_END] = "UPDATE import_run SET state = 'done', head = x'', tail = x'', updated = ?2 WHERE id = ?1",
};

const char *store_existing_name(enum store_existing e)
{
	static const char *const names[STORE_EXISTING_COUNT_] = {"skip", "fill", "replace"};

	return e < STORE_EXISTING_COUNT_ ? names[e] : "skip";
}

int imports_new(sqlite3 *db, const struct profile *profile, struct apply *apply, struct imports **out)
{
	struct imports *i = calloc(1, sizeof *i);

	if (!i)
		return SQLITE_NOMEM;
	*i = (struct imports){.db = db, .profile = profile, .apply = apply};
	*out = i;
	return SQLITE_OK;
}

void imports_free(struct imports *i)
{
	if (!i)
		return;
	for (int n = 0; n < ST_COUNT_; n++)
		(void)sqlite3_finalize(i->st[n]);
	import_rows_free(i->rows);
	free(i);
}

static int prepare(struct imports *i)
{
	int code = SQLITE_OK;

	for (int n = 0; n < ST_COUNT_ && code == SQLITE_OK; n++)
		code = i->st[n] ? SQLITE_OK : sql_prepare(i->db, texts[n], &i->st[n]);
	if (code == SQLITE_OK && !i->rows)
		code = import_rows_new(i->db, i->profile, i->apply, &i->rows);
	return code;
}

/* Under the store's key: of a file with one row, a plain hash would let the row be guessed. */
static void mark(struct imports *i, const void *bytes, size_t len, uint8_t out[DIGEST_KEYED_SIZE])
{
	apply_mark(i->apply, bytes, len, out);
}

static void bind_mark(sqlite3_stmt *st, int at, const uint8_t value[DIGEST_KEYED_SIZE])
{
	(void)sqlite3_bind_blob(st, at, value, DIGEST_KEYED_SIZE, SQLITE_STATIC);
}

static int note(struct imports *i, const struct import_work *w, const char *action, const char *actor,
                const char *reason)
{
	const struct audit_row row = {.at_ms = w->now_ms, .actor = actor, .action = action, .reason = reason};

	return audit_add(apply_audit(i->apply), &row);
}

/* --- begin --------------------------------------------------------------------------------------------------------- */

static void run_read(sqlite3_stmt *st, struct store_import_run *run)
{
	run->resumes = true;
	run->id = sqlite3_column_int64(st, 0);
	run->position = sqlite3_column_int64(st, 1);
	run->line = sqlite3_column_int64(st, 2);
	run->rejects_size = sqlite3_column_int64(st, 3);
	(void)snprintf(run->rejects, sizeof run->rejects, "%s", sql_column_text(st, 4));
	run->counts.rows = sqlite3_column_int64(st, 7);
	run->counts.added = sqlite3_column_int64(st, 8);
	run->counts.changed = sqlite3_column_int64(st, 9);
	run->counts.kept = sqlite3_column_int64(st, 10);
	run->counts.rejected = sqlite3_column_int64(st, 11);
}

/* SQLITE_ROW: it was found; SQLITE_DONE. Whoever goes on with it must do so in the same way. */
static int find(struct imports *i, struct import_work *w, const uint8_t head[DIGEST_KEYED_SIZE])
{
	sqlite3_stmt *st = i->st[ST_OPEN];
	int code;

	bind_mark(st, 1, head);
	sql_bind_int(st, 2, w->file->size);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		const char *format = sql_column_text(st, 5), *existing = sql_column_text(st, 6);

		if (strcmp(format, w->file->format) != 0 ||
		    strcmp(existing, store_existing_name(w->file->existing)) != 0) {
			(void)snprintf(
				w->why, w->why_size,
				"an import of this file was begun with --format %s --existing %s and is not at its "
				"end; go on with these, or begin at its start with --anew",
				format, existing);
			w->rc = RC_STATE;
		} else {
			run_read(st, w->run);
		}
	}
	(void)sqlite3_reset(st);
	return code;
}

static int add(struct imports *i, struct import_work *w, const uint8_t head[DIGEST_KEYED_SIZE])
{
	sqlite3_stmt *st = i->st[ST_ADD];
	int code;

	sql_bind_text(st, 1, w->file->source);
	bind_mark(st, 2, head);
	sql_bind_int(st, 3, w->file->size);
	sql_bind_text(st, 4, w->file->format);
	sql_bind_text(st, 5, store_existing_name(w->file->existing));
	sql_bind_text(st, 6, w->file->rejects);
	sql_bind_int(st, 7, w->now_ms);
	sql_bind_text(st, 8, w->file->actor);
	sql_bind_text(st, 9, w->file->reason);
	code = sql_run(st);
	w->run->id = sqlite3_last_insert_rowid(i->db);
	(void)snprintf(w->run->rejects, sizeof w->run->rejects, "%s", w->file->rejects);
	return code;
}

static int begin(struct imports *i, struct import_work *w)
{
	uint8_t head[DIGEST_KEYED_SIZE];
	char reason[300];
	int code = SQLITE_DONE;

	*w->run = (struct store_import_run){0};
	w->rc = RC_OK;
	mark(i, w->file->head, w->file->head_len, head);
	if (w->file->anew) {
		bind_mark(i->st[ST_GIVE_UP], 1, head);
		sql_bind_int(i->st[ST_GIVE_UP], 2, w->file->size);
		sql_bind_int(i->st[ST_GIVE_UP], 3, w->now_ms);
		code = sql_run(i->st[ST_GIVE_UP]);
		code = code == SQLITE_OK ? SQLITE_DONE : code;
	} else {
		code = find(i, w, head);
	}
	if (code == SQLITE_DONE)
		code = add(i, w, head);
	else if (code == SQLITE_ROW)
		code = SQLITE_OK;
	if (code != SQLITE_OK || w->rc != RC_OK)
		return code;
	(void)snprintf(reason, sizeof reason, "run %lld: %s", (long long)w->run->id, w->file->reason);
	return note(i, w, w->run->resumes ? "import goes on" : "import begun", w->file->actor, reason);
}

/* --- a chunk ------------------------------------------------------------------------------------------------------- */

/* SQLITE_ROW: *size is that of the rejects file; SQLITE_DONE: somebody else has moved the run. */
static int stands_at(struct imports *i, const struct store_import_chunk *c, int64_t *size)
{
	sqlite3_stmt *st = i->st[ST_LOOK];
	int code;

	sql_bind_int(st, 1, c->run);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW && sqlite3_column_int64(st, 0) != c->from)
		code = SQLITE_DONE;
	if (code == SQLITE_ROW)
		*size = sqlite3_column_int64(st, 1);
	(void)sqlite3_reset(st);
	return code;
}

static int move(struct imports *i, const struct store_import_chunk *c, int64_t size, int64_t now_ms)
{
	sqlite3_stmt *st = i->st[ST_MOVE];
	uint8_t tail[DIGEST_KEYED_SIZE];

	mark(i, c->tail, c->tail_len, tail);
	sql_bind_int(st, 1, c->run);
	sql_bind_int(st, 2, c->to);
	sql_bind_int(st, 3, c->line);
	bind_mark(st, 4, tail);
	sql_bind_int(st, 5, c->counts.rows);
	sql_bind_int(st, 6, c->counts.added);
	sql_bind_int(st, 7, c->counts.changed);
	sql_bind_int(st, 8, c->counts.kept);
	sql_bind_int(st, 9, c->counts.rejected);
	sql_bind_int(st, 10, size);
	sql_bind_int(st, 11, now_ms);
	return sql_run(st);
}

static void count(struct store_import_counts *counts, enum store_import_fate fate)
{
	counts->rows++;
	counts->added += fate == STORE_IMPORT_ADDED;
	counts->changed += fate == STORE_IMPORT_CHANGED;
	counts->kept += fate == STORE_IMPORT_KEPT;
	counts->rejected += fate == STORE_IMPORT_REJECTED;
}

static bool is_rows_fault(int code)
{
	int primary = code & 0xff;

	return primary == SQLITE_CONSTRAINT || primary == SQLITE_TOOBIG || primary == SQLITE_MISMATCH ||
	       primary == SQLITE_RANGE;
}

/* With a savepoint of its own, so that what the store refuses by itself is one row and not its chunk. */
static int row_alone(struct imports *i, struct store_import_row *row)
{
	int code = sqlite3_exec(i->db, "SAVEPOINT row", NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = import_rows_apply(i->rows, row);
	if (is_rows_fault(code)) {
		row->fate = STORE_IMPORT_REJECTED;
		(void)snprintf(row->why, sizeof row->why, "the store refuses it: %s", sqlite3_errstr(code));
		code = sqlite3_exec(i->db, "ROLLBACK TO row", NULL, NULL, NULL);
	}
	return code == SQLITE_OK ? sqlite3_exec(i->db, "RELEASE row", NULL, NULL, NULL) : code;
}

static int chunk_rows(struct imports *i, struct store_import_chunk *c)
{
	int code = SQLITE_OK;

	c->counts = (struct store_import_counts){0};
	for (size_t n = 0; n < c->n && code == SQLITE_OK; n++) {
		struct store_import_row *row = &c->row[n];

		if (!row->batch)
			row->fate = STORE_IMPORT_REJECTED;
		else
			code = c->one_by_one ? row_alone(i, row) : import_rows_apply(i->rows, row);
		count(&c->counts, row->fate);
	}
	return code;
}

/* Who somebody is, said by a file: in the audit with the rows themselves, so that a run that was broken off counts right too. */
static int note_verified(struct imports *i, const struct import_work *w)
{
	const struct store_import_chunk *c = w->chunk;
	char reason[120];
	int n = 0;

	for (size_t k = 0; k < c->n; k++)
		n += c->row[k].fate == STORE_IMPORT_ADDED && c->row[k].batch->import->said.verified;
	if (n == 0)
		return SQLITE_OK;
	(void)snprintf(reason, sizeof reason, "run %lld: %d added as verified, by lines up to %lld",
	               (long long)c->run, n, (long long)c->line);
	return note(i, w, "import verified", NULL, reason);
}

static int chunk(struct imports *i, struct import_work *w)
{
	struct store_import_chunk *c = w->chunk;
	int64_t size = 0, began_us = clock_mono_us(clock_system());
	int code = c->only_tries ? SQLITE_ROW : stands_at(i, c, &size);

	if (code == SQLITE_DONE) {
		c->rc = RC_STATE;
		return SQLITE_OK;
	}
	if (code == SQLITE_ROW)
		code = chunk_rows(i, c);
	if (is_rows_fault(code))
		c->one_by_one = true; /* next time */
	if (code == SQLITE_OK && c->counts.rejected > 0 && c->rejects) {
		size = c->rejects(c->ctx, c, size);
		code = size >= 0 ? SQLITE_OK
		                 : SQLITE_CONSTRAINT; /* the batch fails, and not the disk of the store */
	}
	if (code == SQLITE_OK && !c->only_tries)
		code = note_verified(i, w);
	if (code == SQLITE_OK && !c->only_tries)
		code = move(i, c, size, w->now_ms);
	c->took_us = clock_mono_us(clock_system()) - began_us;
	c->rc = code == SQLITE_OK ? RC_OK : RC_IO;
	return code;
}

/* --- end ------------------------------------------------------------------------------------------------------------- */

static int is_tail(struct imports *i, struct import_work *w)
{
	sqlite3_stmt *st = i->st[ST_LOOK];
	uint8_t tail[DIGEST_KEYED_SIZE];
	int code;

	mark(i, w->tail, w->tail_len, tail);
	sql_bind_int(st, 1, w->run->id);
	code = sqlite3_step(st);
	w->rc = code == SQLITE_ROW && sqlite3_column_bytes(st, 2) == (int)sizeof tail &&
	                        memcmp(sqlite3_column_blob(st, 2), tail, sizeof tail) == 0
	                ? RC_OK
	                : RC_STATE;
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int end(struct imports *i, struct import_work *w)
{
	const struct store_import_counts *c = &w->run->counts;
	char reason[300];
	int code;

	sql_bind_int(i->st[ST_END], 1, w->run->id);
	sql_bind_int(i->st[ST_END], 2, w->now_ms);
	code = sql_run(i->st[ST_END]);
	w->rc = RC_OK;
	(void)snprintf(reason, sizeof reason,
	               "run %lld: %lld rows, %lld added, %lld changed, %lld kept, %lld rejected",
	               (long long)w->run->id, (long long)c->rows, (long long)c->added, (long long)c->changed,
	               (long long)c->kept, (long long)c->rejected);
	return code == SQLITE_OK ? note(i, w, "import ended", w->file->actor, reason) : code;
}

void import_failed(struct import_work *w, enum rc rc)
{
	w->rc = rc;
	if (w->step == IMPORT_CHUNK)
		w->chunk->rc = rc;
}

int imports_step(struct imports *i, struct import_work *w)
{
	int code = prepare(i);

	if (code != SQLITE_OK)
		return code;
	switch (w->step) {
	case IMPORT_BEGIN:
		return begin(i, w);
	case IMPORT_TAIL:
		return is_tail(i, w);
	case IMPORT_CHUNK:
		return chunk(i, w);
	case IMPORT_END:
		return end(i, w);
	}
	return SQLITE_OK;
}
