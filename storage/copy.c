/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copy: see copy.h. */
#include "storage/copy.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "storage/db.h"
#include "storage/integrity.h"
#include "storage/schema.h"
#include "storage/sql.h"

#define STEP_PAGES 256 /* a megabyte: the writer's disk is free again after that much */
#define BUSY_PAUSE_MS 20
#define BUSY_MAX 500 /* ten seconds in a row */
#define TABLES_MAX 64
#define NAME_SIZE 64

struct table {
	char name[NAME_SIZE];
	int64_t rows;
};

struct copy {
	const struct copy_options *o;
	struct copy_sums sums;
	sqlite3 *from, *to;
	struct table table[TABLES_MAX];
	size_t n_tables;
	int64_t pages;
	char *why;
	size_t why_size;
};

static enum rc wrong(const struct copy *c, enum rc rc, const char *text)
{
	(void)snprintf(c->why, c->why_size, "%s", text);
	return rc;
}

static enum rc read_why(const struct copy *c, int code)
{
	return db_why(code, "cannot read the source", c->why, c->why_size);
}

/* The disk of the copy is not the one that SQLite's usual remedy means. */
static enum rc write_why(const struct copy *c, int code)
{
	if ((code & 0xff) == SQLITE_FULL)
		return wrong(c, RC_FULL,
		             "the disk of the copy is full; free space there, or name another disk");
	return db_why(code, "cannot write the copy", c->why, c->why_size);
}

/* --- counting --------------------------------------------------------------------------------------- */

static int tables_list(struct copy *c)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(c->from,
	                              "SELECT name FROM sqlite_schema WHERE type = 'table' "
	                              "AND name NOT LIKE 'sqlite%' ORDER BY name",
	                              -1, &st, NULL);

	if (code != SQLITE_OK)
		return code;
	while ((code = sqlite3_step(st)) == SQLITE_ROW && c->n_tables < TABLES_MAX)
		(void)snprintf(c->table[c->n_tables++].name, NAME_SIZE, "%s", sql_column_text(st, 0));
	(void)sqlite3_finalize(st);
	return code == SQLITE_DONE ? SQLITE_OK : code == SQLITE_ROW ? SQLITE_TOOBIG : code;
}

static int count_rows(sqlite3 *db, const char *table, int64_t *rows)
{
	char text[NAME_SIZE + 40];

	(void)snprintf(text, sizeof text, "SELECT count(*) FROM \"%s\"", table);
	return sql_int(db, text, rows);
}

static int count_source(struct copy *c)
{
	const struct {
		const char *text;
		int64_t *into;
	} sums[] = {
		{"SELECT count(*) FROM subscriber", &c->sums.subscribers},
		{"SELECT count(*) FROM subscriber WHERE state <> 'anonymous'", &c->sums.registered},
		{"SELECT count(*) FROM grants", &c->sums.grants},
		{"SELECT count(*) FROM grants WHERE state = 'granted'", &c->sums.granted},
		{"SELECT count(*) FROM ledger", &c->sums.postings},
	};
	int code = tables_list(c);

	for (size_t i = 0; i < c->n_tables && code == SQLITE_OK; i++) {
		code = count_rows(c->from, c->table[i].name, &c->table[i].rows);
		c->sums.rows += c->table[i].rows;
	}
	c->sums.tables = (int64_t)c->n_tables;
	for (size_t i = 0; i < sizeof sums / sizeof sums[0] && code == SQLITE_OK; i++)
		code = sql_int(c->from, sums[i].text, sums[i].into);
	return code;
}

/* --- copying ----------------------------------------------------------------------------------------- */

static enum rc open_source(struct copy *c)
{
	const struct db_options o = {.path = c->o->from, .read_only = true};
	int known = schema_files[schema_files_count - 1].number;
	int64_t tables = 0;
	int code;
	enum rc rc = db_open(&o, &c->from, c->why, c->why_size);

	if (rc == RC_NOTFOUND)
		return wrong(c, rc, "there is no such database; check the name");
	if (rc != RC_OK)
		return rc;
	code = sqlite3_exec(c->from, "BEGIN", NULL, NULL, NULL);
	if (code == SQLITE_OK) /* this begins the snapshot */
		code = sql_int(c->from, "SELECT count(*) FROM sqlite_schema", &tables);
	if (code == SQLITE_OK)
		code = sql_int(c->from, "PRAGMA user_version", &c->sums.schema);
	if (code != SQLITE_OK)
		return read_why(c, code);
	if (tables == 0)
		return wrong(c, RC_IO, "the database is empty; name the right one");
	if (c->sums.schema <= known)
		return RC_OK;
	(void)snprintf(c->why, c->why_size,
	               "the database has schema %lld and this program knows %d; install the newer program",
	               (long long)c->sums.schema, known);
	return RC_STATE;
}

/* Nobody else has the file, and until it is verified and synced it is nothing: no journal, no waiting for the disk. */
static int open_target(struct copy *c)
{
	int code = sqlite3_open_v2(c->o->to, &c->to,
	                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	return code == SQLITE_OK ? sqlite3_exec(c->to, "PRAGMA synchronous = 0", NULL, NULL, NULL) : code;
}

static bool goes_on(const struct copy *c, int64_t left)
{
	return !c->o->progress || c->o->progress(c->o->ctx, c->pages - left, c->pages);
}

static int step(struct copy *c, sqlite3_backup *b)
{
	int busy = 0, code;

	do {
		code = sqlite3_backup_step(b, STEP_PAGES);
		busy = (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED ? busy + 1 : 0;
		c->pages = sqlite3_backup_pagecount(b);
		if (!goes_on(c, sqlite3_backup_remaining(b)))
			return SQLITE_ABORT;
		if (code == SQLITE_DONE)
			return SQLITE_OK;
		if (busy > 0)
			(void)poll(NULL, 0, BUSY_PAUSE_MS);
		else if (c->o->pause_ms > 0)
			(void)poll(NULL, 0, c->o->pause_ms);
	} while (code == SQLITE_OK || (busy > 0 && busy < BUSY_MAX));
	return code;
}

static enum rc copy_pages(struct copy *c)
{
	int code = open_target(c), ended;
	sqlite3_backup *b;

	if (code != SQLITE_OK)
		return write_why(c, code);
	b = sqlite3_backup_init(c->to, "main", c->from, "main");
	if (!b)
		return write_why(c, sqlite3_extended_errcode(c->to));
	code = step(c, b);
	ended = sqlite3_backup_finish(b);
	if (code == SQLITE_ABORT)
		return wrong(c, RC_CLOSED, "given up; nothing was kept of it");
	if (code == SQLITE_OK)
		code = ended;
	if (code == SQLITE_IOERR_READ || code == SQLITE_IOERR_SHORT_READ || damage_code(code))
		return read_why(c, code);
	return code == SQLITE_OK ? RC_OK : write_why(c, code);
}

/* --- proving -------------------------------------------------------------------------------------------- */

/* One file and nothing beside it: whoever takes the copy away takes it whole. */
static enum rc leave_wal(const struct copy *c)
{
	int64_t is_delete = 0;
	int code = sqlite3_exec(c->to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = sql_int(c->to, "SELECT journal_mode = 'delete' FROM pragma_journal_mode", &is_delete);
	if (code != SQLITE_OK)
		return write_why(c, code);
	return is_delete ? RC_OK : wrong(c, RC_IO, "the copy stays in WAL; name another disk");
}

static enum rc compare(const struct copy *c)
{
	for (size_t i = 0; i < c->n_tables; i++) {
		int64_t rows = -1;
		int code = count_rows(c->to, c->table[i].name, &rows);

		if (code != SQLITE_OK)
			return db_why(code, "cannot read the copy", c->why, c->why_size);
		if (rows == c->table[i].rows)
			continue;
		(void)snprintf(
			c->why, c->why_size,
			"the copy has %lld rows of %s and the source %lld; check the disk and try again",
			(long long)rows, c->table[i].name, (long long)c->table[i].rows);
		return RC_IO;
	}
	return RC_OK;
}

static enum rc check_pages(const struct copy *c)
{
	char what[160] = "";
	enum integrity found = integrity_check(c->to, what, sizeof what);

	if (!goes_on(c, 0))
		return wrong(c, RC_CLOSED, "given up; nothing was kept of it");
	if (found == INTEGRITY_SOUND)
		return RC_OK;
	(void)snprintf(
		c->why, c->why_size,
		found == INTEGRITY_DAMAGED
			? "the database is damaged (%s); take an older backup, and keep this file for recovery"
			: "the copy cannot be verified (%s); check the disk and try again",
		what);
	return RC_IO;
}

/* Read again by a connection of its own, that remembers nothing of what was written. */
static enum rc prove(struct copy *c)
{
	int64_t pages = 0, size = 0, orphans = 0;
	int code;
	enum rc rc;

	db_close(c->to);
	c->to = NULL;
	code = open_target(c);
	if (code != SQLITE_OK)
		return write_why(c, code);
	rc = leave_wal(c);
	if (rc == RC_OK)
		rc = check_pages(c);
	if (rc != RC_OK)
		return rc;
	code = sql_int(c->to, "SELECT count(*) FROM pragma_foreign_key_check", &orphans);
	if (code == SQLITE_OK)
		code = sql_int(c->to, "PRAGMA page_count", &pages);
	if (code == SQLITE_OK)
		code = sql_int(c->to, "PRAGMA page_size", &size);
	if (code != SQLITE_OK)
		return db_why(code, "cannot read the copy", c->why, c->why_size);
	if (orphans > 0)
		return wrong(c, RC_IO, "rows point to others that are not there; take an older backup");
	c->sums.bytes = pages * size;
	return compare(c);
}

enum rc copy_database(const struct copy_options *o, struct copy_sums *sums, char *why, size_t why_size)
{
	struct copy c = {.o = o, .why = why, .why_size = why_size};
	enum rc rc = open_source(&c);

	if (rc == RC_OK)
		rc = copy_pages(&c);
	if (rc == RC_OK) {
		int code = count_source(&c);

		if (code != SQLITE_OK)
			rc = read_why(&c, code);
	}
	db_close(c.from); /* and its snapshot */
	if (rc == RC_OK)
		rc = prove(&c);
	db_close(c.to);
	if (rc == RC_OK)
		*sums = c.sums;
	return rc;
}
