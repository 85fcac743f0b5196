/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sql: see sql.h. Binding results are not looked at: a static text or an integer at a position that the
 * statement has cannot fail, and a position that it does not have shows at the first run of any test. */
#include "storage/sql.h"

int sql_prepare(sqlite3 *db, const char *text, sqlite3_stmt **out)
{
	*out = NULL;
	return sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
}

void sql_bind_text(sqlite3_stmt *st, int at, const char *text)
{
	(void)sqlite3_bind_text(st, at, text, -1, SQLITE_STATIC);
}

void sql_bind_int(sqlite3_stmt *st, int at, int64_t value)
{
	(void)sqlite3_bind_int64(st, at, value);
}

const char *sql_column_text(sqlite3_stmt *st, int at)
{
	const unsigned char *text = sqlite3_column_text(st, at);

	return text ? (const char *)text : "";
}

int sql_run(sqlite3_stmt *st)
{
	int code = sqlite3_step(st);

	(void)sqlite3_reset(st);
	return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

int sql_int(sqlite3 *db, const char *text, int64_t *out)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, text, -1, &st, NULL);

	if (code != SQLITE_OK)
		return code;
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		*out = sqlite3_column_int64(st, 0);
		code = SQLITE_OK;
	} else if (code == SQLITE_DONE) {
		code = SQLITE_NOTFOUND;
	}
	(void)sqlite3_finalize(st);
	return code;
}
