/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Db: see db.h. */
#include "storage/db.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "storage/schema.h"
#include "storage/sql.h"

struct pragma {
	const char *name;
	int64_t value;
};

/* Without SQLite's memory statistics: they put one lock around every allocation of all threads. */
static void configure_once(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum rc db_rc(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
		return RC_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return RC_BUSY;
	case SQLITE_FULL:
		return RC_FULL;
	case SQLITE_NOMEM:
		return RC_NOMEM;
	default:
		return RC_IO;
	}
}

const char *db_remedy(int code)
{
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return "end the program that holds a lock on the database file";
	case SQLITE_FULL:
		return "free space on the disk of the database file";
	case SQLITE_NOMEM:
		return "free memory, or raise the memory limit of the service";
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return "make the file and its folder writable for the user of the service";
	case SQLITE_CANTOPEN:
		return "check that the folder exists and that the user of the service may use it";
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return "restore a backup with starhash restore; the damaged file is kept for recovery";
	default:
		return "check the disk and the system log";
	}
}

enum rc db_why(int code, const char *what, char *why, size_t why_size)
{
	(void)snprintf(why, why_size, "%s: %s; %s", what, sqlite3_errstr(code), db_remedy(code));
	return db_rc(code);
}

static int pragma_set(sqlite3 *db, const struct pragma *p)
{
	char text[80];
	int64_t now = 0;
	int code;

	(void)snprintf(text, sizeof text, "PRAGMA %s = %lld", p->name, (long long)p->value);
	code = sqlite3_exec(db, text, NULL, NULL, NULL);
	if (code != SQLITE_OK)
		return code;
	(void)snprintf(text, sizeof text, "PRAGMA %s", p->name);
	code = sql_int(db, text, &now);
	if (code != SQLITE_OK)
		return code;
	return now == p->value ? SQLITE_OK : SQLITE_MISMATCH;
}

static enum rc pragmas_set(sqlite3 *db, const struct pragma *list, size_t n, char *why, size_t why_size)
{
	for (size_t i = 0; i < n; i++) {
		int code = pragma_set(db, &list[i]);

		if (code == SQLITE_MISMATCH) {
			(void)snprintf(why, why_size,
			               "this SQLite does not keep PRAGMA %s; use SQLite 3.37 or later",
			               list[i].name);
			return RC_IO;
		}
		if (code != SQLITE_OK)
			return db_why(code, list[i].name, why, why_size);
	}
	return RC_OK;
}

/* WAL is what lets readers go on beside the writer; a file system without shared memory refuses it in silence. */
static enum rc journal_set(sqlite3 *db, bool memory, char *why, size_t why_size)
{
	sqlite3_stmt *st;
	char got[16] = "";
	int code = sqlite3_prepare_v2(db, memory ? "PRAGMA journal_mode" : "PRAGMA journal_mode = WAL", -1,
	                              &st, NULL);

	if (code == SQLITE_OK) {
		code = sqlite3_step(st);
		if (code == SQLITE_ROW) {
			(void)snprintf(got, sizeof got, "%s", sql_column_text(st, 0));
			code = SQLITE_OK;
		}
		(void)sqlite3_finalize(st);
	}
	if (code != SQLITE_OK)
		return db_why(code, "cannot switch the database to WAL", why, why_size);
	if (strcmp(got, memory ? "memory" : "wal") != 0) {
		(void)snprintf(why, why_size,
		               "the file system of the database does not support WAL; use a local disk");
		return RC_IO;
	}
	return RC_OK;
}

/* Is the file empty or ours? Asked before anything is written to it. */
static enum rc owner_check(sqlite3 *db, char *why, size_t why_size)
{
	int64_t id = 0, tables = 0;
	int code = sql_int(db, "SELECT count(*) FROM sqlite_schema", &tables);

	if (code == SQLITE_OK)
		code = sql_int(db, "PRAGMA application_id", &id);
	if (code != SQLITE_OK)
		return db_why(code, "cannot read the database", why, why_size);
	if (tables > 0 && id != SCHEMA_APPLICATION_ID) {
		(void)snprintf(
			why, why_size,
			"the file is a database of another program; name another file in store.sqlite");
		return RC_IO;
	}
	return RC_OK;
}

static enum rc connection_set(sqlite3 *db, const struct db_options *o, char *why, size_t why_size)
{
	bool memory = strcmp(o->path, ":memory:") == 0;
	const struct pragma first[] = {{"busy_timeout", o->busy_ms > 0 ? o->busy_ms : DB_BUSY_MS}};
	const struct pragma common[] = {
		{"foreign_keys", 1}, {"cell_size_check", 1},        {"trusted_schema", 0},
		{"temp_store", 2},   {"cache_size", -DB_CACHE_KIB},
	};
	const struct pragma writing[] = {
		{"synchronous", o->scratch ? 0 : 2},
		{"secure_delete", 1},
		{"wal_autocheckpoint", DB_CHECKPOINT_PAGES},
	};
	enum rc rc = pragmas_set(db, first, 1, why, why_size);

	if (rc == RC_OK)
		rc = owner_check(db, why, why_size);
	if (rc == RC_OK)
		rc = pragmas_set(db, common, sizeof common / sizeof common[0], why, why_size);
	if (rc != RC_OK || o->read_only)
		return rc;
	if (sqlite3_db_readonly(db, "main") == 1)
		return db_why(SQLITE_READONLY, "cannot write the database", why, why_size);
	rc = journal_set(db, memory, why, why_size);
	if (rc == RC_OK)
		rc = pragmas_set(db, writing, sizeof writing / sizeof writing[0], why, why_size);
	return rc;
}

/* A new file is for its owner and group only. An existing one is not even opened here: closing a descriptor would
 * drop the locks that another connection of this process holds on it (fcntl(2), advisory record locking). */
static void file_create(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	if (fd >= 0)
		(void)close(fd);
}

enum rc db_open(const struct db_options *o, sqlite3 **out, char *why, size_t why_size)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	sqlite3 *db = NULL;
	enum rc rc;
	int code;

	(void)pthread_once(&once, configure_once);
	if (o->read_only) {
		flags |= SQLITE_OPEN_READONLY;
		if (access(o->path, F_OK) != 0 && errno == ENOENT) {
			(void)snprintf(why, why_size,
			               "there is no database yet; start starhashd once to make it");
			return RC_NOTFOUND;
		}
	} else {
		flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
		if (strcmp(o->path, ":memory:") != 0)
			file_create(o->path);
	}
	code = sqlite3_open_v2(o->path, &db, flags, NULL);
	if (code != SQLITE_OK) {
		(void)sqlite3_close(db);
		return db_why(code, "cannot open the database", why, why_size);
	}
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	rc = connection_set(db, o, why, why_size);
	if (rc != RC_OK) {
		db_close(db);
		return rc;
	}
	*out = db;
	return RC_OK;
}

void db_close(sqlite3 *db)
{
	(void)sqlite3_close_v2(db);
}
