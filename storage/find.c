/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Find: see find.h. */
#include "storage/find.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/profile.h"
#include "storage/sql.h"

struct find {
	struct vault *vault;
	sqlite3_stmt *put, *drop, *drop_all;
};

int find_new(sqlite3 *db, struct vault *v, struct find **out)
{
	struct find *f = calloc(1, sizeof *f);
	int code;

	if (!f)
		return SQLITE_NOMEM;
	f->vault = v;
	code = sql_prepare(
		db, "INSERT OR REPLACE INTO profile_find (subscriber, field, hash) VALUES (?1, ?2, ?3)",
		&f->put);
	if (code == SQLITE_OK)
		code = sql_prepare(db, "DELETE FROM profile_find WHERE subscriber = ?1 AND field = ?2",
		                   &f->drop);
	if (code == SQLITE_OK)
		code = sql_prepare(db, "DELETE FROM profile_find WHERE subscriber = ?1", &f->drop_all);
	if (code != SQLITE_OK) {
		find_free(f);
		return code;
	}
	*out = f;
	return SQLITE_OK;
}

void find_free(struct find *f)
{
	if (!f)
		return;
	(void)sqlite3_finalize(f->put);
	(void)sqlite3_finalize(f->drop);
	(void)sqlite3_finalize(f->drop_all);
	free(f);
}

int find_put(struct find *f, int64_t subscriber, const char *field, const char *value)
{
	sqlite3_stmt *st = value && *value ? f->put : f->drop;
	char where[sizeof "profile." + PROFILE_NAME_SIZE];
	uint8_t hash[DIGEST_KEYED_SIZE];

	sql_bind_int(st, 1, subscriber);
	sql_bind_text(st, 2, field);
	if (st == f->put) {
		(void)snprintf(where, sizeof where, "profile.%s", field);
		vault_hash(f->vault, where, value, hash);
		(void)sqlite3_bind_blob(st, 3, hash, sizeof hash, SQLITE_STATIC);
	}
	return sql_run(st);
}

int find_drop(struct find *f, int64_t subscriber)
{
	sql_bind_int(f->drop_all, 1, subscriber);
	return sql_run(f->drop_all);
}
