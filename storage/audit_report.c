/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Audit, from outside: see audit_report.h. Each call opens the store, does one thing and closes it. */
#include "storage/audit_report.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "storage/audit_private.h"
#include "storage/db.h"
#include "storage/migrate.h"
#include "storage/sql.h"

/* A store that has no key yet was never opened by the program: there is nothing in it to account for. */
static enum rc key_take(struct audit_open *o, const struct audit_store *s, char *why, size_t why_size)
{
	char path[PATH_MAX];
	struct key_set keys;
	enum rc rc;

	if (!s->key_path && !key_path_default(s->path, path, sizeof path)) {
		(void)snprintf(why, why_size, "the path of the store is too long; use a shorter one");
		return RC_RANGE;
	}
	rc = key_read(o->db, s->key_path ? s->key_path : path, &keys, why, why_size);
	if (rc == RC_CLOSED) {
		(void)snprintf(why, why_size, "the store has no key yet; start starhashd once");
		return RC_STATE;
	}
	if (rc == RC_OK)
		memcpy(o->key, keys.audit, sizeof o->key);
	explicit_bzero(&keys, sizeof keys);
	return rc;
}

enum rc audit_open(const struct audit_store *s, bool writes, struct audit_open *out, char *why,
                   size_t why_size)
{
	const struct db_options how = {.path = s->path, .read_only = !writes, .busy_ms = s->busy_ms};
	enum rc rc;

	*out = (struct audit_open){0};
	if (writes && access(s->path, F_OK) != 0) { /* opening it to write would make one */
		(void)snprintf(why, why_size, "there is no such store; start starhashd once");
		return RC_NOTFOUND;
	}
	rc = db_open(&how, &out->db, why, why_size);
	if (rc == RC_OK)
		rc = migrate_check(out->db, why, why_size);
	if (rc == RC_OK)
		rc = key_take(out, s, why, why_size);
	if (rc != RC_OK)
		audit_close(out);
	return rc;
}

void audit_close(struct audit_open *o)
{
	db_close(o->db);
	explicit_bzero(o->key, sizeof o->key);
	o->db = NULL;
}

/* --- one row -------------------------------------------------------------------------------------------------------- */

static int note(sqlite3 *db, const uint8_t *key, const struct audit_row *row)
{
	struct audit *a = NULL;
	int code = audit_new(db, key, &a);

	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = audit_add(a, row);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	if (!sqlite3_get_autocommit(db))
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	audit_free(a);
	return code;
}

enum rc audit_note(const struct audit_store *s, const struct audit_row *row, char *why, size_t why_size)
{
	struct audit_open o;
	enum rc rc;
	int code;

	rc = audit_open(s, true, &o, why, why_size);
	if (rc != RC_OK)
		return rc;
	code = note(o.db, o.key, row);
	rc = code == SQLITE_OK ? RC_OK : db_why(code, "cannot write the audit", why, why_size);
	audit_close(&o);
	return rc;
}

/* --- reading -------------------------------------------------------------------------------------------------------- */

static int list(sqlite3 *db, const struct audit_filter *f, audit_entry_fn *fn, void *ctx)
{
	static const char of_all[] = "SELECT seq, at, subject, actor, action, reason FROM audit "
				     "WHERE at >= ?1 ORDER BY seq DESC LIMIT ?2";
	static const char of_one[] =
		"SELECT seq, at, subject, actor, action, reason FROM audit "
		"WHERE at >= ?1 AND subject = ?3 AND subject <> 0 ORDER BY seq DESC LIMIT ?2";
	sqlite3_stmt *st = NULL;
	int code = sqlite3_prepare_v2(db, f->subject ? of_one : of_all, -1, &st, NULL);

	if (code != SQLITE_OK)
		return code;
	sql_bind_int(st, 1, f->since_ms);
	sql_bind_int(st, 2, f->limit > 0 ? f->limit : -1);
	if (f->subject)
		sql_bind_int(st, 3, f->subject);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		const struct audit_entry e = {.seq = sqlite3_column_int64(st, 0),
		                              .at_ms = sqlite3_column_int64(st, 1),
		                              .subject = sqlite3_column_int64(st, 2),
		                              .actor = sql_column_text(st, 3),
		                              .action = sql_column_text(st, 4),
		                              .reason = sql_column_text(st, 5)};

		if (!fn(ctx, &e)) {
			code = SQLITE_DONE;
			break;
		}
	}
	(void)sqlite3_finalize(st);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

enum rc audit_list(const struct audit_store *s, const struct audit_filter *filter, audit_entry_fn *fn,
                   void *ctx, char *why, size_t why_size)
{
	const struct db_options how = {.path = s->path, .read_only = true, .busy_ms = s->busy_ms};
	sqlite3 *db = NULL;
	enum rc rc = db_open(&how, &db, why, why_size);

	if (rc == RC_OK)
		rc = migrate_check(db, why, why_size);
	if (rc == RC_OK) {
		int code = list(db, filter, fn, ctx);

		rc = code == SQLITE_OK ? RC_OK : db_why(code, "cannot read the audit", why, why_size);
	}
	db_close(db);
	return rc;
}

void audit_head_print(const struct audit_head *h, char out[AUDIT_HEAD_SIZE])
{
	int len = snprintf(out, AUDIT_HEAD_SIZE, "%lld:", (long long)h->seq);

	for (size_t i = 0; i < sizeof h->last.byte; i++)
		len += snprintf(out + len, AUDIT_HEAD_SIZE - (size_t)len, "%c%c",
		                'a' + (h->last.byte[i] >> 4), 'a' + (h->last.byte[i] & 15));
}

enum rc audit_head_text(const struct audit_store *s, char out[AUDIT_HEAD_SIZE], char *why, size_t why_size)
{
	struct audit_head head;
	struct audit_open o;
	enum rc rc = audit_open(s, false, &o, why, why_size);
	int code;

	if (rc != RC_OK)
		return rc;
	code = audit_head_read(o.db, o.key, &head);
	audit_close(&o);
	if (code == SQLITE_NOTFOUND) {
		(void)snprintf(why, why_size,
		               "the head of the audit is gone or not of this store; starhash "
		               "audit verify says what else was changed");
		return RC_STATE;
	}
	if (code != SQLITE_OK)
		return db_why(code, "cannot read the audit", why, why_size);
	audit_head_print(&head, out);
	return RC_OK;
}
