/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Db: see db.h. */
#include "storage/db.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "storage/memory.h"
#include "storage/schema.h"
#include "storage/sql.h"

struct pragma {
	const char *name;
	int64_t value;
};

typedef ssize_t pread_fn(int fd, void *to, size_t n, off_t at);
static pread_fn *pread_under;

/* SQLite takes an EIO of a read for damage, and damage is for ever (docs/adr/0017): a disk that was away for a second would
 * need a person. As another error it is what it is: an I/O error, which passes or does not. */
static ssize_t pread_honest(int fd, void *to, size_t n, off_t at)
{
	ssize_t done = pread_under(fd, to, n, at);

	if (done < 0 && (errno == EIO || errno == ENXIO))
		errno = EREMOTEIO;
	return done;
}

/* Without SQLite's memory statistics: they put one lock around every allocation of all threads. And with memory that a thread
 * keeps. */
static void configure_once(void)
{
	const char *name = "pread64";
	sqlite3_vfs *vfs;

	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	(void)memory_use();
	(void)sqlite3_initialize();
	vfs = sqlite3_vfs_find("unix");
	if (!vfs || vfs->iVersion < 3 || sizeof(off_t) < sizeof(int64_t))
		return;
	if (!vfs->xGetSystemCall(vfs, name)) /* as SQLite was built: one of the two */
		name = "pread";
	pread_under = (pread_fn *)vfs->xGetSystemCall(vfs, name);
	if (pread_under)
		(void)vfs->xSetSystemCall(vfs, name, (sqlite3_syscall_ptr)pread_honest);
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

const char *db_reason(int code)
{
	if (code == SQLITE_READONLY_DBMOVED)
		return "the database or its WAL was moved, removed or replaced while it is in use";
	if (code == DB_KEYRING)
		return "the keyring was moved, removed or replaced by another store's while it is in use";
	return sqlite3_errstr(code);
}

const char *db_remedy(int code)
{
	if (code == SQLITE_READONLY_DBMOVED)
		return "put both back where they were; or end the daemon in order (never kill -9: what is in its WAL "
		       "would be lost), and start it with the right file";
	if (code == DB_KEYRING)
		return "copy this store's own keyring, or its newest copy, over the file that lies there; if it was moved "
		       "away put it back, or start the daemon again";
	if (code == SQLITE_READONLY_ROLLBACK || code == SQLITE_READONLY_RECOVERY)
		return "start the daemon once, or restore again: that finishes what was cut off";
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
		return "check that its folder exists, that it is a file, that what lies beside it (-wal, -shm) belongs to "
		       "it, and that the user of the service may use them";
	case SQLITE_ERROR:
		return "it is not as any release of this program left it: restore a backup with starhash restore";
	case SQLITE_NOTADB:
		return "see whether store.sqlite names the right file; if so restore a backup with starhash restore, which "
		       "keeps this file for recovery";
	case SQLITE_CORRUPT:
		return "restore a backup with starhash restore; the damaged file is kept for recovery";
	default:
		return "check the disk, its quota and the system log";
	}
}

const char *db_remedy_now(sqlite3 *db, int code)
{
	const char *path = sqlite3_db_filename(db, "main");
	struct statvfs disk;
	struct rlimit size;

	if ((code & 0xff) != SQLITE_IOERR || code == DB_KEYRING)
		return db_remedy(code);
	if (path && statvfs(path, &disk) == 0 && (disk.f_flag & ST_RDONLY))
		return "the disk is mounted read-only now: see the system log, mend it, and mount it for writing";
	if (code == SQLITE_IOERR_WRITE && getrlimit(RLIMIT_FSIZE, &size) == 0 &&
	    size.rlim_cur != RLIM_INFINITY)
		return "raise the service's limit of file sizes (LimitFSIZE, ulimit -f); if that is not it, check the "
		       "disk";
	return db_remedy(code);
}

enum rc db_why(int code, const char *what, char *why, size_t why_size)
{
	(void)snprintf(why, why_size, "%s: %s; %s", what, db_reason(code), db_remedy(code));
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
		{"journal_size_limit", DB_WAL_KEPT_BYTES},
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

/* SQLite would make a new database, and remove the WAL with all that was stored last. */
static enum rc orphan_check(const char *path, char *why, size_t why_size)
{
	char wal[PATH_MAX];
	struct stat st;

	if (stat(path, &st) == 0 && st.st_size > 0)
		return RC_OK;
	if (snprintf(wal, sizeof wal, "%s-wal", path) >= (int)sizeof wal || stat(wal, &st) != 0 ||
	    st.st_size == 0)
		return RC_OK;
	(void)snprintf(
		why, why_size,
		"the database is gone or empty, but %s is there; put the database back beside it, or restore a "
		"backup with starhash restore, which keeps that file",
		wal);
	return RC_IO;
}

/* A new file is for its owner and group only. An existing one is not even opened here: closing a descriptor would
 * drop the locks that another connection of this process holds on it (fcntl(2), advisory record locking). */
static void file_create(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	if (fd >= 0)
		(void)close(fd);
}

void db_start(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, configure_once);
}

enum rc db_open(const struct db_options *o, sqlite3 **out, char *why, size_t why_size)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	sqlite3 *db = NULL;
	enum rc rc;
	int code;

	db_start();
	if (o->read_only) {
		flags |= SQLITE_OPEN_READONLY;
		if (access(o->path, F_OK) != 0 && errno == ENOENT) {
			(void)snprintf(why, why_size,
			               "there is no database yet; start starhashd once to make it");
			return RC_NOTFOUND;
		}
	} else {
		flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
		if (strcmp(o->path, ":memory:") != 0) {
			rc = orphan_check(o->path, why, why_size);
			if (rc != RC_OK)
				return rc;
			file_create(o->path);
		}
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
