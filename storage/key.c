/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Key: see key.h. The file gets its name by link(2) when it is whole and synced: there is never half a key, and of two who
 * make one at once both use the first. */
#include "storage/key.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "storage/db.h"
#include "storage/owner.h"
#include "storage/sql.h"

static const char purpose[] = "starhash: the key of a store";

#define REMEDY_GONE                                                                                 \
	"put the copy back that was kept apart from the backups; if it is lost for good: starhash " \
	"erase --tombstones"

bool key_path_default(const char *store, char *out, size_t size)
{
	return snprintf(out, size, "%s.key", store) < (int)size;
}

void key_hash(const struct key *k, int64_t msisdn, uint8_t out[DIGEST_KEYED_SIZE])
{
	char text[24];
	int len = snprintf(text, sizeof text, "%lld", (long long)msisdn);

	digest_keyed(k->byte, text, (size_t)len, out);
}

static void check_value(const struct key *k, uint8_t out[DIGEST_KEYED_SIZE])
{
	digest_keyed(k->byte, purpose, sizeof purpose - 1, out);
}

/* --- the file -------------------------------------------------------------------------------------------------- */

static enum rc say(char *why, size_t why_size, const char *path, const char *what, const char *remedy)
{
	(void)snprintf(why, why_size, "the store's key %s %s; %s", path, what, remedy);
	return RC_IO;
}

/* RC_OK; RC_NOTFOUND; RC_IO. */
static enum rc file_read(const char *path, struct key *out, char *why, size_t why_size)
{
	uint8_t bytes[DIGEST_KEY_SIZE + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0 && errno == ENOENT) {
		(void)say(why, why_size, path, "is not there", REMEDY_GONE);
		return RC_NOTFOUND;
	}
	if (fd < 0)
		return say(why, why_size, path, "cannot be read",
		           "run this as the user of the daemon, who owns it");
	n = read(fd, bytes, sizeof bytes);
	(void)close(fd);
	if (n != DIGEST_KEY_SIZE)
		return say(why, why_size, path, "is damaged", REMEDY_GONE);
	memcpy(out->byte, bytes, sizeof out->byte);
	return RC_OK;
}

static bool folder_sync(const char *path)
{
	char copy[PATH_MAX];
	int fd;
	bool ok;

	(void)snprintf(copy, sizeof copy, "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		(void)close(fd);
	return ok;
}

/* Made by root for a store of somebody else, the key must be theirs. */
static bool own(int fd, const char *store)
{
	struct stat st;

	return geteuid() != 0 || !store || !*store || stat(store, &st) != 0 ||
	       fchown(fd, st.st_uid, st.st_gid) == 0;
}

static enum rc file_make(const char *path, const char *store, char *why, size_t why_size)
{
	char partial[PATH_MAX];
	struct key k;
	bool ok;
	int fd;

	if (snprintf(partial, sizeof partial, "%s.XXXXXX", path) >= (int)sizeof partial)
		return say(why, why_size, path, "has too long a name", "give a shorter store.key_file");
	fd = mkstemp(partial); /* 0600; a process id is not one's own in two containers */
	if (fd < 0)
		return say(why, why_size, path, strerror(errno), "let the daemon's user write in its folder");
	digest_random(k.byte, sizeof k.byte);
	ok = own(fd, store) && write(fd, k.byte, sizeof k.byte) == (ssize_t)sizeof k.byte && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (ok && link(partial, path) != 0)
		ok = errno == EEXIST;
	(void)unlink(partial);
	explicit_bzero(&k, sizeof k);
	if (!ok || !folder_sync(path))
		return say(why, why_size, path, "cannot be written", "free space on its disk, or check it");
	LOG_EVENT(LOG_LV_INFO, "store", "key_made", "path", path, "remedy",
	          "keep a copy of it apart from the backups");
	return RC_OK;
}

/* --- the check value --------------------------------------------------------------------------------------------- */

enum { CHECK_FITS, CHECK_DIFFERS, CHECK_NONE };

static int check_look(sqlite3 *db, const struct key *k, int *found)
{
	uint8_t wanted[DIGEST_KEYED_SIZE];
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, "SELECT check_value FROM store_key WHERE id = 1", -1, &st, NULL);

	if (code != SQLITE_OK)
		return code;
	code = sqlite3_step(st);
	*found = CHECK_NONE;
	if (code == SQLITE_ROW) {
		const void *value = sqlite3_column_blob(st, 0);

		check_value(k, wanted);
		*found = value && sqlite3_column_bytes(st, 0) == (int)sizeof wanted &&
		                         memcmp(value, wanted, sizeof wanted) == 0
		                 ? CHECK_FITS
		                 : CHECK_DIFFERS;
	}
	(void)sqlite3_finalize(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int check_keep(sqlite3 *db, const struct key *k, const char *text)
{
	uint8_t value[DIGEST_KEYED_SIZE];
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, text, -1, &st, NULL);

	if (code != SQLITE_OK)
		return code;
	check_value(k, value);
	(void)sqlite3_bind_blob(st, 1, value, sizeof value, SQLITE_STATIC);
	code = sql_run(st);
	(void)sqlite3_finalize(st);
	return code;
}

static enum rc judge(sqlite3 *db, const char *path, const struct key *k, char *why, size_t why_size)
{
	int found = CHECK_NONE, code = check_look(db, k, &found);

	if (code != SQLITE_OK)
		return db_why(code, "cannot read the store's key", why, why_size);
	if (found == CHECK_FITS)
		return RC_OK;
	if (found == CHECK_NONE)
		return RC_CLOSED;
	(void)say(why, why_size, path ? path : "", "is another store's", REMEDY_GONE);
	return RC_STATE;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

enum rc key_read(sqlite3 *db, const char *path, struct key *out, char *why, size_t why_size)
{
	struct key k = {{0}};
	enum rc rc = judge(db, path, &k, why, why_size);

	if (rc != RC_STATE && rc != RC_OK)
		return rc; /* it has none yet */
	rc = file_read(path, &k, why, why_size);
	if (rc == RC_OK)
		rc = judge(db, path, &k, why, why_size);
	if (rc == RC_OK)
		*out = k;
	return rc;
}

/* A key that is gone can be made anew while nothing stands under it. */
static enum rc make_again(sqlite3 *db, const char *path, bool guest, char *why, size_t why_size)
{
	int64_t n = 0;
	int code = sql_int(db,
	                   guest ? "SELECT count(*) FROM store_key"
	                         : "SELECT count(*) FROM (SELECT 1 FROM tombstone LIMIT 1)",
	                   &n);

	if (code == SQLITE_OK && n > 0)
		return RC_NOTFOUND; /* `why` says it */
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "DELETE FROM store_key", NULL, NULL, NULL);
	if (code != SQLITE_OK)
		return db_why(code, "cannot write the store's key", why, why_size);
	return file_make(path, sqlite3_db_filename(db, "main"), why, why_size);
}

enum rc key_open(sqlite3 *db, const char *path, bool guest, struct key *out, char *why, size_t why_size)
{
	struct key k = {{0}};
	enum rc rc = RC_OK;
	int code;

	if (path) {
		rc = file_read(path, &k, why, why_size);
		if (rc == RC_NOTFOUND)
			rc = make_again(db, path, guest, why, why_size);
		if (rc == RC_OK)
			rc = file_read(path, &k, why, why_size);
	} else {
		digest_random(k.byte, sizeof k.byte);
	}
	if (rc == RC_OK)
		rc = judge(db, path, &k, why, why_size);
	if (rc == RC_CLOSED) {
		code = check_keep(db, &k, "INSERT OR IGNORE INTO store_key VALUES (1, ?1)");
		rc = code == SQLITE_OK ? judge(db, path, &k, why, why_size)
		                       : db_why(code, "cannot write the store's key", why, why_size);
	}
	if (rc == RC_OK)
		*out = k;
	return rc;
}

/* --- lost ----------------------------------------------------------------------------------------------------------- */

static int forget(sqlite3 *db, const char *reason, int64_t at_ms, int64_t *n)
{
	sqlite3_stmt *st = NULL;
	int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = sql_int(db, "SELECT count(*) FROM tombstone", n);
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(db,
		                          "INSERT INTO audit (at, actor, action, subject, reason) "
		                          "VALUES (?1, 'operator', 'tombstones forgotten', 0, ?2)",
		                          -1, &st, NULL);
	if (code == SQLITE_OK) {
		sql_bind_int(st, 1, at_ms);
		sql_bind_text(st, 2, reason);
		code = sql_run(st);
	}
	(void)sqlite3_finalize(st);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "DELETE FROM tombstone; DELETE FROM store_key; COMMIT", NULL, NULL,
		                    NULL);
	if (!sqlite3_get_autocommit(db))
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return code;
}

enum rc key_forget(const char *store, const char *reason, int64_t at_ms, int64_t *n, char *why,
                   size_t why_size)
{
	const struct db_options o = {.path = store};
	sqlite3 *db = NULL;
	int lock = -1, code;
	enum rc rc = owner_lock(store, &lock, why, why_size);

	if (rc == RC_OK)
		rc = db_open(&o, &db, why, why_size);
	if (rc == RC_OK) {
		code = forget(db, reason, at_ms, n);
		rc = code == SQLITE_OK ? RC_OK : db_why(code, "nothing was changed", why, why_size);
	}
	db_close(db);
	if (lock >= 0)
		(void)close(lock);
	return rc;
}
