/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Db: open one SQLite connection the way the store needs it, and turn SQLite's errors into ours.
 *
 * Every pragma that is set is read back: SQLite ignores a misspelt or refused one in silence, and a store that
 * believes in synchronous=FULL without having it breaks promise 1. A connection is used by one thread at a time.
 */
#ifndef STARHASH_STORAGE_DB_H
#define STARHASH_STORAGE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/rc.h"

#define DB_BUSY_MS 1000    /* default wait for another process's lock */
#define DB_CACHE_KIB 32768 /* page cache of the writer */
#define DB_CHECKPOINT_PAGES \
	4000               /* 16 MB of WAL: seldom enough to gather, small enough to stay a short pause */
#define DB_PAGE_BYTES 4096 /* SQLite's default; for the numbers that people read */
#define DB_WAL_KEPT_BYTES 134217728 /* what stays of a WAL that was longer, once it begins again */

/* A code of ours among SQLite's: the keyring is not the store's. */
#define DB_KEYRING (SQLITE_IOERR | (250 << 8))

struct db_options {
	const char *path; /* ":memory:" = in memory, this connection only */
	bool read_only;
	bool scratch; /* synchronous=OFF */
	int busy_ms;  /* 0 = DB_BUSY_MS */
};

/* What holds for all connections of the process. SQLite takes it before its first use and never after, so whoever opens one
 * by other means than db_open calls this first. */
void db_start(void);

/* RC_OK; RC_IO (also: the file belongs to another program; or it is gone and its WAL is there); RC_BUSY; RC_FULL; RC_NOMEM;
 * RC_NOTFOUND (read_only and no such file). `why` gets a sentence with a remedy. */
enum rc db_open(const struct db_options *options, sqlite3 **out, char *why, size_t why_size) RC_NODISCARD;
void db_close(sqlite3 *db); /* NULL is fine */

/* RC_BUSY (locked), RC_FULL (disk), RC_NOMEM, else RC_IO. SQLITE_OK gives RC_OK. */
enum rc db_rc(int code);
/* In words, for people. Never NULL. */
const char *db_reason(int code);
/* What a person can do about it. Never NULL. */
const char *db_remedy(int code);
/* The same, just after `db` has failed with it: what the system says of its disk may tell more. */
const char *db_remedy_now(sqlite3 *db, int code);
/* "what: reason; remedy" into why, and the enum rc for it. */
enum rc db_why(int code, const char *what, char *why, size_t why_size);

#endif
