/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing: see sealing.h. */
#include "storage/sealing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "storage/db.h"
#include "storage/find.h"
#include "storage/sql.h"
#include "storage/store.h"

/* One column, or the rows of it that are of one field. */
struct column {
	char what[2 * PROFILE_NAME_SIZE];  /* "profile.name": its row in table sealed, and */
	char where[2 * PROFILE_NAME_SIZE]; /* what its texts are bound to */
	const char *table, *name, *id, *subscriber;
	const char *index;                 /* by which its rows are found; NULL = by their ids */
	const struct profile_field *field; /* NULL = of no field */
	bool is_history;
	bool is_index; /* no text is changed: the values of a findable field get their hashes */
};

#define OF_CHARGE(name)                                                                                      \
	{                                                                                                    \
		"charge." name, "charge." name, "charge", name, "id", "subscriber", NULL, NULL, false, false \
	}
static const struct column others[] = {
	{"outbox.text", "outbox.text", "outbox", "text", "id", "subscriber", "outbox_kept", NULL, false,
         false},
	OF_CHARGE("sms"),
	OF_CHARGE("late"),
	OF_CHARGE("sorry"),
	OF_CHARGE("poor"),
	OF_CHARGE("barred"),
	OF_CHARGE("declined"),
};
#define OTHERS (sizeof others / sizeof others[0])

struct sealing {
	sqlite3 *db;
	struct vault *vault;
	int64_t at_ms;
	int64_t rows; /* that were plain */
	sqlite3_stmt *look, *set;
	struct find *find;
};

/* --- which ---------------------------------------------------------------------------------------------------------- */

static struct column profile_column(const struct profile_field *f)
{
	struct column c = {.table = "profile",
	                   .name = f->name,
	                   .id = "_subscriber",
	                   .subscriber = "_subscriber",
	                   .field = f};

	(void)snprintf(c.what, sizeof c.what, "profile.%s", f->name);
	(void)snprintf(c.where, sizeof c.where, "profile.%s", f->name);
	return c;
}

/* What the field was before: copied there as it lies in the profile, so bound to the same place. */
static struct column history_column(const struct profile_field *f)
{
	struct column c = {.table = "profile_history",
	                   .name = "value",
	                   .id = "id",
	                   .subscriber = "subscriber",
	                   .field = f,
	                   .is_history = true};

	(void)snprintf(c.what, sizeof c.what, "profile_history.%s", f->name);
	(void)snprintf(c.where, sizeof c.where, "profile.%s", f->name);
	return c;
}

static struct column find_column(const struct profile_field *f)
{
	struct column c = profile_column(f);

	(void)snprintf(c.what, sizeof c.what, "find.%s", f->name);
	c.is_index = true;
	return c;
}

/* *at 0: not to the end; *tried = how far. */
static int state(sqlite3 *db, const char *what, int64_t *at, int64_t *tried)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, "SELECT at, tried FROM sealed WHERE what = ?1", -1, &st, NULL);

	*at = *tried = 0;
	if (code != SQLITE_OK)
		return code;
	sql_bind_text(st, 1, what);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		*at = sqlite3_column_int64(st, 0);
		*tried = sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_finalize(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int note(sqlite3 *db, const char *what, int64_t at, int64_t tried)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(
		db, "INSERT OR REPLACE INTO sealed (what, at, tried) VALUES (?1, ?2, ?3)", -1, &st, NULL);

	if (code != SQLITE_OK)
		return code;
	sql_bind_text(st, 1, what);
	sql_bind_int(st, 2, at);
	sql_bind_int(st, 3, tried);
	code = sql_run(st);
	(void)sqlite3_finalize(st);
	return code;
}

int sealing_left(sqlite3 *db, const struct profile *profile, int64_t *n)
{
	int64_t at, tried;
	int code = SQLITE_OK;

	*n = 0;
	for (size_t i = 0; i < OTHERS && code == SQLITE_OK; i++) {
		code = state(db, others[i].what, &at, &tried);
		*n += at == 0;
	}
	for (size_t i = 0; i < profile->n_fields && code == SQLITE_OK; i++) {
		struct column now = profile_column(&profile->field[i]),
			      before = history_column(&profile->field[i]);

		if (!profile->field[i].is_private)
			continue;
		code = state(db, now.what, &at, &tried);
		*n += at == 0;
		if (code == SQLITE_OK)
			code = state(db, before.what, &at, &tried);
		*n += at == 0;
	}
	return code;
}

/* --- a slice -------------------------------------------------------------------------------------------------------- */

static int index_row(struct sealing *s, const struct column *c, int64_t subscriber, const char *value)
{
	char plain[STORE_TEXT_MAX + 1];
	int code = vault_open_text(s->vault, subscriber, c->where, value, plain, sizeof plain);

	if (code == SQLITE_OK)
		code = find_put(s->find, subscriber, c->field->name, plain);
	seal_wipe(plain, sizeof plain);
	return code;
}

static int row(struct sealing *s, const struct column *c, int64_t id, int64_t subscriber)
{
	const char *plain = sql_column_text(s->look, 2);
	char sealed[VAULT_TEXT_SIZE(STORE_TEXT_MAX)];
	int code;

	if (c->is_index)
		return index_row(s, c, subscriber, plain);
	if (vault_is_sealed(plain))
		return SQLITE_OK;
	sql_bind_int(s->set, 1, id);
	code = vault_bind(s->vault, s->set, 2, subscriber, c->where, plain, sealed, sizeof sealed);
	s->rows++;
	return code == SQLITE_OK ? sql_run(s->set) : code;
}

/* *tried moves on; *more: there may be others behind. */
static int slice(struct sealing *s, const struct column *c, int64_t *tried, bool *more)
{
	int64_t n = 0;
	int code, done = SQLITE_OK;

	vault_round(s->vault);
	sql_bind_int(s->look, 1, *tried);
	sql_bind_int(s->look, 2, SEALING_ROWS);
	while (done == SQLITE_OK && (code = sqlite3_step(s->look)) == SQLITE_ROW) {
		*tried = sqlite3_column_int64(s->look, 0);
		done = row(s, c, *tried, sqlite3_column_int64(s->look, 1));
		n++;
	}
	(void)sqlite3_reset(s->look);
	*more = n == SEALING_ROWS;
	return done != SQLITE_OK ? done : code == SQLITE_DONE ? SQLITE_OK : code;
}

static int transaction(struct sealing *s, const struct column *c, int64_t *tried, bool *more)
{
	int code = sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = slice(s, c, tried, more);
	if (code == SQLITE_OK)
		code = note(s->db, c->what, *more ? 0 : s->at_ms, *tried);
	if (code == SQLITE_OK)
		code = sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
	if (!sqlite3_get_autocommit(s->db))
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return code;
}

static int prepare(struct sealing *s, const struct column *c)
{
	char text[400], of_field[PROFILE_NAME_SIZE + 20] = "";
	int code;

	if (c->is_history)
		(void)snprintf(of_field, sizeof of_field, " AND field = '%s'", c->field->name);
	(void)snprintf(text, sizeof text,
	               "SELECT \"%s\", \"%s\", \"%s\" FROM \"%s\"%s%s WHERE \"%s\" > ?1 AND \"%s\" <> ''%s "
	               "ORDER BY \"%s\" LIMIT ?2",
	               c->id, c->subscriber, c->name, c->table, c->index ? " INDEXED BY " : "",
	               c->index ? c->index : "", c->id, c->name, of_field, c->id);
	code = sql_prepare(s->db, text, &s->look);
	(void)snprintf(text, sizeof text, "UPDATE \"%s\" SET \"%s\" = ?2 WHERE \"%s\" = ?1", c->table,
	               c->name, c->id);
	return code == SQLITE_OK ? sql_prepare(s->db, text, &s->set) : code;
}

static int column(struct sealing *s, const struct column *c)
{
	int64_t at = 0, tried = 0;
	bool more = true;
	int code = state(s->db, c->what, &at, &tried);

	if (code != SQLITE_OK || at > 0)
		return code;
	code = prepare(s, c);
	while (code == SQLITE_OK && more)
		code = transaction(s, c, &tried, &more);
	(void)sqlite3_finalize(s->look);
	(void)sqlite3_finalize(s->set);
	s->look = s->set = NULL;
	return code;
}

/* --- keys for those who are there already ------------------------------------------------------------------------- */

/* Block after block, each in a transaction; one who does the same meanwhile finds them made. */
static int keys(struct sealing *s)
{
	int64_t at = 0, tried = 0, id = 0;
	int code = state(s->db, "keys", &at, &tried);
	char text[100];

	if (code != SQLITE_OK || at > 0)
		return code;
	do {
		(void)snprintf(text, sizeof text,
		               "SELECT coalesce(min(id), 0) FROM subscriber WHERE id > %lld",
		               (long long)tried);
		code = sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
		if (code == SQLITE_OK)
			code = sql_int(s->db, text, &id);
		if (code == SQLITE_OK && id > 0)
			code = vault_code(vault_prepare(s->vault, id));
		tried = id + KEYRING_BLOCK - 1;
		if (code == SQLITE_OK)
			code = note(s->db, "keys", id > 0 ? 0 : s->at_ms, id > 0 ? tried : 0);
		if (code == SQLITE_OK)
			code = sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
		if (!sqlite3_get_autocommit(s->db))
			(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	} while (code == SQLITE_OK && id > 0);
	return code;
}

/* --- who can be found --------------------------------------------------------------------------------------------- */

/* Nobody is found any more by a field that profile.conf no longer lets them be found by. */
static int forget_index(struct sealing *s, const char *what, const char *field)
{
	static const char *const texts[] = {"DELETE FROM profile_find WHERE field = ?1",
	                                    "DELETE FROM sealed WHERE what = ?1"};
	const char *const binds[] = {field, what};
	int code = SQLITE_OK;

	for (int i = 0; i < 2 && code == SQLITE_OK; i++) {
		sqlite3_stmt *st = NULL;

		code = sqlite3_prepare_v2(s->db, texts[i], -1, &st, NULL);
		if (code == SQLITE_OK) {
			sql_bind_text(st, 1, binds[i]);
			code = sql_run(st);
		}
		(void)sqlite3_finalize(st);
	}
	return code;
}

static int findable(struct sealing *s, const struct profile_field *f)
{
	struct column c = find_column(f);
	int64_t at, tried;
	int code = state(s->db, c.what, &at, &tried);

	if (code != SQLITE_OK || f->is_findable)
		return code == SQLITE_OK ? column(s, &c) : code;
	return at > 0 || tried > 0 ? forget_index(s, c.what, f->name) : SQLITE_OK;
}

/* --- all ------------------------------------------------------------------------------------------------------------ */

static int all(struct sealing *s, const struct profile *profile)
{
	int code = keys(s);

	for (size_t i = 0; i < OTHERS && code == SQLITE_OK; i++)
		code = column(s, &others[i]);
	for (size_t i = 0; i < profile->n_fields && code == SQLITE_OK; i++) {
		struct column now = profile_column(&profile->field[i]),
			      before = history_column(&profile->field[i]);

		if (profile->field[i].is_private)
			code = column(s, &now);
		if (code == SQLITE_OK && profile->field[i].is_private)
			code = column(s, &before);
		if (code == SQLITE_OK)
			code = findable(s, &profile->field[i]);
	}
	return code;
}

/* A store in which there is nobody holds nothing plain: that is noted in one transaction. */
static int nobody(struct sealing *s, const struct profile *profile)
{
	int64_t there = 0;
	int code = sql_int(s->db, "SELECT EXISTS (SELECT 1 FROM subscriber)", &there);

	if (code == SQLITE_OK && !there)
		code = note(s->db, "keys", s->at_ms, 0);
	for (size_t i = 0; i < OTHERS && code == SQLITE_OK && !there; i++)
		code = note(s->db, others[i].what, s->at_ms, 0);
	for (size_t i = 0; i < profile->n_fields && code == SQLITE_OK && !there; i++) {
		const struct profile_field *f = &profile->field[i];

		if (f->is_private)
			code = note(s->db, profile_column(f).what, s->at_ms, 0);
		if (code == SQLITE_OK && f->is_private)
			code = note(s->db, history_column(f).what, s->at_ms, 0);
		if (code == SQLITE_OK && f->is_findable)
			code = note(s->db, find_column(f).what, s->at_ms, 0);
	}
	return code;
}

/* Only for a store that is new: `sealed` knows nothing yet. */
static int begin_new(struct sealing *s, const struct profile *profile)
{
	int64_t known = 0;
	int code = sql_int(s->db, "SELECT EXISTS (SELECT 1 FROM sealed)", &known);

	if (code != SQLITE_OK || known)
		return code;
	code = sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = nobody(s, profile);
	if (code == SQLITE_OK)
		code = sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
	if (!sqlite3_get_autocommit(s->db))
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return code;
}

enum rc sealing_run(sqlite3 *db, struct vault *v, const struct profile *profile, int64_t at_ms, char *why,
                    size_t why_size)
{
	struct sealing s = {.db = db, .vault = v, .at_ms = at_ms};
	int code = find_new(db, v, &s.find);

	if (code == SQLITE_OK)
		code = begin_new(&s, profile);
	if (code == SQLITE_OK)
		code = all(&s, profile);
	find_free(s.find);
	if (code == SQLITE_OK && s.rows > 0) {
		LOG_EVENT(LOG_LV_INFO, "store", "sealed", "texts", LOG_INT(s.rows), "why",
		          "an earlier program, or profile.conf, had not called them private");
		/* somebody who reads for long holds it up; then the first erasure or restart empties it */
		if (sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK)
			LOG_EVENT(
				LOG_LV_WARN, "store", "sealed_wal", "why",
				"another program reads the store, so what was plain may still be in the WAL",
				"remedy", "end it and restart the daemon");
	}
	return code == SQLITE_OK ? RC_OK : db_why(code, "cannot seal what is private", why, why_size);
}
