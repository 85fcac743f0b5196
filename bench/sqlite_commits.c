/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ceiling of the store: how many rows SQLite makes durable in a second when nothing else is done, one to many in a commit.
 *
 * `sqlite_commits [FOLDER [SECONDS]]`: one small row each, WAL and synchronous=FULL as the store has them, one prepared statement.
 * A registration is some ten rows with indexes, and their reasons; what it does not reach of this is what those cost.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int sql(sqlite3 *db, const char *text)
{
	return sqlite3_exec(db, text, NULL, NULL, NULL);
}

static int commit(sqlite3 *db, sqlite3_stmt *insert, int rows, sqlite3_int64 *n)
{
	int code = sql(db, "BEGIN IMMEDIATE");

	for (int i = 0; i < rows && code == SQLITE_OK; i++) {
		(void)sqlite3_bind_int64(insert, 1, 254700000000 + (*n)++ * 7919 % 100000000);
		(void)sqlite3_bind_text(insert, 2, "Asha Wanjiru, Kisumu, job", -1, SQLITE_STATIC);
		(void)sqlite3_bind_int64(insert, 3, 1795000000000 + *n);
		code = sqlite3_step(insert) == SQLITE_DONE ? sqlite3_reset(insert) : SQLITE_ERROR;
	}
	return code == SQLITE_OK ? sql(db, "COMMIT") : code;
}

static int measure(sqlite3 *db, sqlite3_stmt *insert, int rows, double seconds)
{
	static sqlite3_int64 n;
	double began = now(), took = 0;
	int commits = 0, code = SQLITE_OK;

	while (code == SQLITE_OK && took < seconds) {
		code = commit(db, insert, rows, &n);
		commits++;
		took = now() - began;
	}
	if (code == SQLITE_OK)
		printf("%d %.0f %.0f\n", rows, commits / took, (double)commits * rows / took);
	return code;
}

int main(int argc, char **argv)
{
	static const int rows[] = {1, 16, 64, 256};
	double seconds = argc > 2 ? strtod(argv[2], NULL) : 2;
	sqlite3_stmt *insert = NULL;
	sqlite3 *db = NULL;
	char path[600];
	int code;

	(void)snprintf(path, sizeof path, "%s/sqlite_commits.db", argc > 1 ? argv[1] : ".");
	(void)unlink(path);
	code = sqlite3_open(path, &db);
	if (code == SQLITE_OK)
		code = sql(db,
		           "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		           "CREATE TABLE row (id INTEGER PRIMARY KEY, msisdn INTEGER NOT NULL, text TEXT NOT "
		           "NULL, at INTEGER NOT NULL)");
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(db, "INSERT INTO row (msisdn, text, at) VALUES (?1, ?2, ?3)", -1,
		                          &insert, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0] && code == SQLITE_OK; i++)
		code = measure(db, insert, rows[i], seconds);
	if (code != SQLITE_OK)
		fprintf(stderr, "sqlite_commits: %s\n", sqlite3_errmsg(db));
	(void)sqlite3_finalize(insert);
	(void)sqlite3_close(db);
	(void)unlink(path);
	return code != SQLITE_OK;
}
