/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tombstones: see tombstone.h. */
#include "storage/tombstone.h"

#include <stdio.h>
#include <string.h>

#include "storage/sql.h"

static const char any_text[] = "SELECT 1 FROM tombstone LIMIT 1";
static const char put_text[] = "INSERT OR REPLACE INTO tombstone (hash, subscriber, stopped, swapped, at) "
			       "VALUES (?1, ?2, ?3, ?4, ?5)";
static const char look_text[] =
	"SELECT stopped, swapped FROM tombstone WHERE hash = ?1 ORDER BY subscriber DESC LIMIT 1";
static const char grant_text[] =
	"SELECT g.state FROM tombstone t JOIN grants g ON g.subscriber = t.subscriber AND g.key = ?2 "
	"WHERE t.hash = ?1 ORDER BY g.id LIMIT 1";
static const char erased_text[] = "SELECT max(at) FROM tombstone WHERE hash = ?1";
static const char end_text[] = "DELETE FROM tombstone WHERE hash = ?1 AND at <= ?2";
static const char ids_text[] =
	"SELECT subscriber FROM tombstone WHERE hash = ?1 AND at >= ?3 ORDER BY subscriber LIMIT ?2";

int tombstones_init(struct tombstones *t, sqlite3 *db, const struct key *key, bool read_only)
{
	int code;

	*t = (struct tombstones){.key = *key, .is_empty = -1};
	code = sql_prepare(db, any_text, &t->any);
	if (code == SQLITE_OK)
		code = sql_prepare(db, look_text, &t->look);
	if (code == SQLITE_OK)
		code = sql_prepare(db, ids_text, &t->ids);
	if (code == SQLITE_OK && !read_only)
		code = sql_prepare(db, grant_text, &t->grant);
	if (code == SQLITE_OK && !read_only)
		code = sql_prepare(db, put_text, &t->put);
	if (code == SQLITE_OK && !read_only)
		code = sql_prepare(db, end_text, &t->end);
	if (code == SQLITE_OK && !read_only)
		code = sql_prepare(db, erased_text, &t->erased);
	if (code != SQLITE_OK)
		tombstones_fini(t);
	return code;
}

void tombstones_fini(struct tombstones *t)
{
	(void)sqlite3_finalize(t->any);
	(void)sqlite3_finalize(t->put);
	(void)sqlite3_finalize(t->look);
	(void)sqlite3_finalize(t->grant);
	(void)sqlite3_finalize(t->end);
	(void)sqlite3_finalize(t->ids);
	(void)sqlite3_finalize(t->erased);
	explicit_bzero(t, sizeof *t);
}

void tombstones_round(struct tombstones *t)
{
	t->is_empty = -1;
	t->bare = 0;
}

void tombstones_bind(struct tombstones *t, sqlite3_stmt *st, int at, int64_t msisdn)
{
	if (t->hashed != msisdn)
		key_hash(&t->key, msisdn, t->hash);
	t->hashed = msisdn;
	(void)sqlite3_bind_blob(st, at, t->hash, sizeof t->hash, SQLITE_STATIC);
}

static void bind_number(struct tombstones *t, sqlite3_stmt *st, int64_t msisdn)
{
	tombstones_bind(t, st, 1, msisdn);
}

/* SQLITE_DONE: it has none for certain; SQLITE_ROW: it may have. */
static int may_have(struct tombstones *t, int64_t msisdn)
{
	int code = SQLITE_ROW;

	if (t->is_empty < 0) {
		code = sqlite3_step(t->any);
		(void)sqlite3_reset(t->any);
		if (code != SQLITE_ROW && code != SQLITE_DONE)
			return code;
		t->is_empty = code == SQLITE_DONE;
	}
	return t->is_empty || t->bare == msisdn ? SQLITE_DONE : SQLITE_ROW;
}

int tombstones_put(struct tombstones *t, int64_t msisdn, int64_t subscriber, const struct tombstone *what,
                   int64_t at_ms)
{
	bind_number(t, t->put, msisdn);
	sql_bind_int(t->put, 2, subscriber);
	sql_bind_int(t->put, 3, what->stopped);
	sql_bind_int(t->put, 4, what->swapped_ms);
	sql_bind_int(t->put, 5, at_ms);
	return sql_run(t->put);
}

int tombstones_look(struct tombstones *t, int64_t msisdn, struct tombstone *out)
{
	int code = may_have(t, msisdn);

	*out = (struct tombstone){0};
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? SQLITE_OK : code;
	bind_number(t, t->look, msisdn);
	code = sqlite3_step(t->look);
	if (code == SQLITE_DONE)
		t->bare = msisdn;
	if (code == SQLITE_ROW) {
		out->stopped = sqlite3_column_int(t->look, 0) != 0;
		out->swapped_ms = sqlite3_column_int64(t->look, 1);
	}
	(void)sqlite3_reset(t->look);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int tombstones_erased(struct tombstones *t, int64_t msisdn, int64_t *at_ms)
{
	int code = may_have(t, msisdn);

	*at_ms = 0;
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? SQLITE_OK : code;
	bind_number(t, t->erased, msisdn);
	code = sqlite3_step(t->erased);
	if (code == SQLITE_ROW)
		*at_ms = sqlite3_column_int64(t->erased, 0);
	(void)sqlite3_reset(t->erased);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int tombstones_grant(struct tombstones *t, int64_t msisdn, const char *key, char *state, size_t size)
{
	int code = may_have(t, msisdn);

	state[0] = '\0';
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? SQLITE_OK : code;
	bind_number(t, t->grant, msisdn);
	sql_bind_text(t->grant, 2, key);
	code = sqlite3_step(t->grant);
	if (code == SQLITE_ROW)
		(void)snprintf(state, size, "%s", sql_column_text(t->grant, 0));
	(void)sqlite3_reset(t->grant);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int tombstones_end(struct tombstones *t, int64_t msisdn, int64_t at_ms, int *ended)
{
	int code = may_have(t, msisdn);

	*ended = 0;
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? SQLITE_OK : code;
	bind_number(t, t->end, msisdn);
	sql_bind_int(t->end, 2, at_ms);
	code = sql_run(t->end);
	*ended = code == SQLITE_OK ? sqlite3_changes(sqlite3_db_handle(t->end)) : 0;
	return code;
}

int tombstones_ids(struct tombstones *t, int64_t msisdn, int64_t since_ms, int64_t *ids, size_t max,
                   size_t *n)
{
	int code = may_have(t, msisdn);

	*n = 0;
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? SQLITE_OK : code;
	bind_number(t, t->ids, msisdn);
	sql_bind_int(t->ids, 2, (int64_t)max);
	sql_bind_int(t->ids, 3, since_ms);
	while ((code = sqlite3_step(t->ids)) == SQLITE_ROW && *n < max)
		ids[(*n)++] = sqlite3_column_int64(t->ids, 0);
	(void)sqlite3_reset(t->ids);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}
