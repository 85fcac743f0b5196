/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sql: the few lines around sqlite3 that every file of this folder needs.
 *
 * Functions return SQLite's own codes (extended); db.h turns them into an enum rc at the folder's edge. Texts are
 * bound without a copy: they must live until the statement was reset, which sql_run does at once.
 */
#ifndef STARHASH_STORAGE_SQL_H
#define STARHASH_STORAGE_SQL_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

/* Prepare a statement that lives long. SQLITE_OK or the error; *out is NULL then. */
int sql_prepare(sqlite3 *db, const char *text, sqlite3_stmt **out);

void sql_bind_text(sqlite3_stmt *st, int at, const char *text); /* NULL binds NULL */
void sql_bind_int(sqlite3_stmt *st, int at, int64_t value);
const char *sql_column_text(sqlite3_stmt *st, int at); /* "" instead of NULL; valid until reset */

/* Step once and reset. SQLITE_OK when it ended or gave a row (that nobody wants). */
int sql_run(sqlite3_stmt *st);

/* One integer from a query without parameters. */
int sql_int(sqlite3 *db, const char *text, int64_t *out);

#endif
