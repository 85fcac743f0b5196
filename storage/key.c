/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Key: see key.h. The file gets its name by link(2) when it is whole and synced: there is never half a key, and of two who
 * make one at once both use the first.
 *
 * A change of keys lies as PATH.new beside the file before the row says so, and takes its place afterwards: whatever moment
 * it is cut off in, one of the two fits. PATH.new is never removed but by the next change: it may be the one that fits. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "storage/audit.h"
#include "storage/db.h"
#include "storage/files.h"
#include "storage/key_private.h"
#include "storage/sql.h"

static const char purpose[] = "starhash: the key of a store";
static const char purpose_own[] = "starhash: the key of a store that has its own keys";
static const char context[] = "starhash: the keys of a store";

#define REMEDY_GONE                                                                                 \
	"put the copy back that was kept apart from the backups; if it is lost for good: starhash " \
	"erase --tombstones"
#define KIND "operator" /* of seal_subkey */
enum { SEALING_KEY = 1 };

/* How the store's keys lie in its row, sealed. */
#define SECRETS_VERSION 2
struct kept {
	uint8_t lookup[DIGEST_KEY_SIZE], audit[DIGEST_KEY_SIZE], wrap[SEAL_KEY_SIZE];
};
#define SECRETS_SIZE (1 + sizeof(struct kept) + SEAL_OVER)

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

/* `has_own`: the store's own keys were made. Whoever takes them away cannot make this say that there were none. */
static void check_value(const struct key *k, bool has_own, uint8_t out[DIGEST_KEYED_SIZE])
{
	digest_keyed(k->byte, has_own ? purpose_own : purpose,
	             has_own ? sizeof purpose_own - 1 : sizeof purpose - 1, out);
}

static bool is_value(sqlite3_stmt *st, int column, const struct key *k, bool has_own)
{
	const void *value = sqlite3_column_blob(st, column);
	uint8_t wanted[DIGEST_KEYED_SIZE];

	check_value(k, has_own, wanted);
	return value && sqlite3_column_bytes(st, column) == (int)sizeof wanted &&
	       memcmp(value, wanted, sizeof wanted) == 0;
}

/* --- the file -------------------------------------------------------------------------------------------------- */

enum rc key_say(char *why, size_t why_size, const char *path, const char *what, const char *remedy)
{
	(void)snprintf(why, why_size, "the store's key %s %s; %s", path, what, remedy);
	return RC_IO;
}

/* RC_OK; RC_NOTFOUND; RC_STATE (damaged); RC_IO. */
static enum rc file_read(const char *path, struct key *out, char *why, size_t why_size)
{
	uint8_t bytes[DIGEST_KEY_SIZE + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0 && errno == ENOENT) {
		(void)key_say(why, why_size, path, "is not there", REMEDY_GONE);
		return RC_NOTFOUND;
	}
	if (fd < 0)
		return key_say(why, why_size, path, "cannot be read",
		               "run this as the user of the daemon, who owns it");
	n = read(fd, bytes, sizeof bytes);
	(void)close(fd);
	if (n != DIGEST_KEY_SIZE) {
		(void)key_say(why, why_size, path, "is damaged", REMEDY_GONE);
		return n < 0 ? RC_IO : RC_STATE;
	}
	memcpy(out->byte, bytes, sizeof out->byte);
	return RC_OK;
}

/* `k` whole and synced in a file that has no name yet but `partial`. */
bool key_file_write(const char *store, const struct key *k, char *partial)
{
	int fd = mkstemp(partial); /* 0600; a process id is not one's own in two containers */
	bool ok = fd >= 0 && files_own(fd, store) && files_write_all(fd, k->byte, sizeof k->byte, 0) &&
	          fsync(fd) == 0;

	return fd >= 0 && close(fd) == 0 && ok;
}

static enum rc file_make(const char *path, const char *store, char *why, size_t why_size)
{
	char partial[PATH_MAX];
	struct key k;
	bool ok;

	if (snprintf(partial, sizeof partial, "%s.XXXXXX", path) >= (int)sizeof partial)
		return key_say(why, why_size, path, "has too long a name", "give a shorter store.key_file");
	digest_random(k.byte, sizeof k.byte);
	errno = 0;
	ok = key_file_write(store, &k, partial);
	if (!ok && (errno == EACCES || errno == EROFS || errno == ENOENT))
		return key_say(why, why_size, path, strerror(errno),
		               "let the daemon's user write in its folder");
	if (ok && link(partial, path) != 0)
		ok = errno == EEXIST;
	(void)unlink(partial);
	seal_wipe(&k, sizeof k);
	if (!ok || !files_folder_sync(path))
		return key_say(why, why_size, path, "cannot be written",
		               "free space on its disk, or check it");
	LOG_EVENT(LOG_LV_INFO, "store", "key_made", "path", path, "remedy",
	          "keep a copy of it apart from the backups");
	return RC_OK;
}

/* --- the check value --------------------------------------------------------------------------------------------- */

enum { CHECK_FITS, CHECK_DIFFERS, CHECK_NONE };

static int check_look(sqlite3 *db, const struct key *k, int *found)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, "SELECT check_value FROM store_key WHERE id = 1", -1, &st, NULL);

	if (code != SQLITE_OK)
		return code;
	code = sqlite3_step(st);
	*found = CHECK_NONE;
	if (code == SQLITE_ROW)
		*found = is_value(st, 0, k, false) || is_value(st, 0, k, true) ? CHECK_FITS : CHECK_DIFFERS;
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
	check_value(k, false, value);
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
	(void)key_say(why, why_size, path ? path : "", "is another store's", REMEDY_GONE);
	return RC_STATE;
}

/* --- the store's own keys -------------------------------------------------------------------------------------------- */

static void set_wipe(struct kept *kept, uint8_t sealing[SEAL_KEY_SIZE])
{
	seal_wipe(kept, sizeof *kept);
	seal_wipe(sealing, SEAL_KEY_SIZE);
}

/* `text` binds ?1 = the secrets, ?2 = the check value, ?3 = now. */
int key_secrets_write(sqlite3 *db, const struct key *k, const struct key_set *set, int64_t at_ms,
                      const char *text)
{
	uint8_t sealing[SEAL_KEY_SIZE], sealed[SECRETS_SIZE] = {SECRETS_VERSION}, value[DIGEST_KEYED_SIZE];
	struct kept kept;
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, text, -1, &st, NULL);

	if (code != SQLITE_OK)
		return code;
	memcpy(kept.lookup, set->lookup.byte, sizeof kept.lookup);
	memcpy(kept.audit, set->audit, sizeof kept.audit);
	memcpy(kept.wrap, set->wrap, sizeof kept.wrap);
	seal_subkey(k->byte, KIND, SEALING_KEY, sealing);
	seal_bytes(sealing, context, sizeof context - 1, &kept, sizeof kept, sealed + 1);
	set_wipe(&kept, sealing);
	check_value(k, true, value);
	(void)sqlite3_bind_blob(st, 1, sealed, sizeof sealed, SQLITE_STATIC);
	(void)sqlite3_bind_blob(st, 2, value, sizeof value, SQLITE_STATIC);
	sql_bind_int(st, 3, at_ms);
	code = sql_run(st);
	(void)sqlite3_finalize(st);
	return code;
}

static bool secrets_take(const struct key *k, sqlite3_stmt *st, struct key_set *out)
{
	const uint8_t *sealed = sqlite3_column_blob(st, 0);
	uint8_t sealing[SEAL_KEY_SIZE];
	struct kept kept;
	bool ok;

	seal_subkey(k->byte, KIND, SEALING_KEY, sealing);
	ok = sealed && sqlite3_column_bytes(st, 0) == (int)SECRETS_SIZE && sealed[0] == SECRETS_VERSION &&
	     seal_unbytes(sealing, context, sizeof context - 1, sealed + 1, SECRETS_SIZE - 1,
	                  (uint8_t *)&kept);
	if (ok) {
		memcpy(out->lookup.byte, kept.lookup, sizeof kept.lookup);
		memcpy(out->audit, kept.audit, sizeof kept.audit);
		memcpy(out->wrap, kept.wrap, sizeof kept.wrap);
	}
	set_wipe(&kept, sealing);
	out->has_ring = sqlite3_column_bytes(st, 1) == KEY_RING_ID_SIZE;
	if (out->has_ring)
		memcpy(out->ring, sqlite3_column_blob(st, 1), KEY_RING_ID_SIZE);
	return ok;
}

/* RC_OK; RC_CLOSED: it has none yet; RC_STATE. */
static enum rc secrets_read(sqlite3 *db, const struct key *k, struct key_set *out, char *why, size_t why_size)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, "SELECT secrets, keyring, check_value FROM store_key WHERE id = 1",
	                              -1, &st, NULL);
	enum rc rc = RC_CLOSED;

	if (code == SQLITE_OK)
		code = sqlite3_step(st);
	if (code == SQLITE_ROW && sqlite3_column_type(st, 0) != SQLITE_NULL)
		rc = secrets_take(k, st, out) ? RC_OK : RC_STATE;
	else if (code == SQLITE_ROW && is_value(st, 2, k, true))
		rc = RC_STATE; /* it had some */
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		rc = db_why(code, "cannot read the store's keys", why, why_size);
	else if (rc == RC_STATE)
		(void)snprintf(
			why, why_size,
			"the row of the store's own keys is damaged; restore a backup with starhash restore");
	(void)sqlite3_finalize(st);
	return rc;
}

/* Each is made here and nowhere else, and with the audit's key its chain: at one stroke, so that there is no store with keys whose
 * audit may still be without. Of two who make them at once both use the first. */
static int secrets_born(sqlite3 *db, const struct key *k, struct key_set *set)
{
	int64_t grown = 0, now_ms = 0;
	int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = sql_int(db, "SELECT EXISTS (SELECT 1 FROM tombstone)", &grown);
	if (code == SQLITE_OK)
		code = sql_int(db, "SELECT unixepoch() * 1000", &now_ms);
	if (grown == 0)
		digest_random(set->lookup.byte, sizeof set->lookup.byte);
	if (code == SQLITE_OK)
		code = key_secrets_write(db, k, set, now_ms,
		                         "UPDATE store_key SET secrets = ?1, check_value = ?2, made = ?3 "
		                         "WHERE id = 1 AND secrets IS NULL");
	if (code == SQLITE_OK && sqlite3_changes(db) > 0)
		code = audit_adopt(db, set->audit, now_ms);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	if (!sqlite3_get_autocommit(db))
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return code;
}

/* A store of an older program, or a new one. */
static enum rc secrets_make(sqlite3 *db, const struct key *k, struct key_set *out, char *why, size_t why_size)
{
	struct key_set set = {.lookup = *k};
	int code;

	digest_random(set.audit, sizeof set.audit);
	digest_random(set.wrap, sizeof set.wrap);
	code = secrets_born(db, k, &set);
	seal_wipe(&set, sizeof set);
	if (code == SQLITE_MISMATCH) {
		(void)snprintf(why, why_size,
		               "the store's own keys were taken out of it; restore a backup with starhash "
		               "restore, or if there is none: starhash erase --tombstones");
		return RC_STATE;
	}
	return code == SQLITE_OK ? secrets_read(db, k, out, why, why_size)
	                         : db_why(code, "cannot write the store's keys", why, why_size);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

bool key_new_path(const char *path, char out[PATH_MAX])
{
	return snprintf(out, PATH_MAX, "%s.new", path) < PATH_MAX;
}

/* The one that fits: the file, or the new one of a change that was cut off. RC_CLOSED: the store has no check value yet. */
static enum rc fitting(sqlite3 *db, const char *path, struct key *out, bool *is_new, char *why,
                       size_t why_size)
{
	char fresh[PATH_MAX], ignored[300];
	struct key k;
	enum rc rc = file_read(path, out, why, why_size);

	*is_new = false;
	if (rc == RC_OK)
		rc = judge(db, path, out, why, why_size);
	if ((rc == RC_STATE || rc == RC_NOTFOUND) && key_new_path(path, fresh) &&
	    file_read(fresh, &k, ignored, sizeof ignored) == RC_OK &&
	    judge(db, fresh, &k, ignored, sizeof ignored) == RC_OK) {
		*out = k;
		*is_new = true;
		rc = RC_OK;
	}
	seal_wipe(&k, sizeof k);
	return rc;
}

/* The file of before goes with its bytes. */
static bool take_place(const char *path)
{
	char fresh[PATH_MAX];
	int old = open(path, O_RDWR | O_CLOEXEC);
	bool ok = key_new_path(path, fresh) && rename(fresh, path) == 0 && files_folder_sync(path);

	if (old >= 0) {
		if (ok)
			(void)files_overwrite(old);
		(void)close(old);
	}
	return ok;
}

enum rc key_settle(sqlite3 *db, const char *path, char *why, size_t why_size)
{
	struct key k = {{0}};
	bool is_new = false;
	enum rc rc = fitting(db, path, &k, &is_new, why, why_size);

	seal_wipe(&k, sizeof k);
	if (rc == RC_OK && is_new && !take_place(path))
		return key_say(why, why_size, path,
		               "is the one of before, and the new one beside it cannot take its place",
		               "rename the file beside it that ends in .new");
	return rc;
}

enum rc key_settle_alone(sqlite3 *db, const char *path, char *why, size_t why_size)
{
	int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	enum rc rc;

	if (code != SQLITE_OK)
		return db_why(
			code,
			"the new key waits beside the one of before; the next start of the daemon puts it "
			"in its place",
			why, why_size);
	rc = key_settle(db, path, why, why_size);
	(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

enum rc key_read(sqlite3 *db, const char *path, struct key_set *out, char *why, size_t why_size)
{
	struct key k = {{0}};
	enum rc rc = judge(db, path, &k, why, why_size);
	bool is_new;

	seal_start();
	if (rc != RC_STATE && rc != RC_OK)
		return rc; /* it has none yet */
	rc = fitting(db, path, &k, &is_new, why, why_size);
	if (rc == RC_OK && why_size > 0)
		why[0] = '\0'; /* the first look, with no key, has left one there */
	if (rc == RC_OK)
		rc = secrets_read(db, &k, out, why, why_size);
	seal_wipe(&k, sizeof k);
	return rc;
}

enum rc key_fits(sqlite3 *db, const char *path, char *why, size_t why_size)
{
	struct key k = {{0}};
	enum rc rc = judge(db, path, &k, why, why_size);
	bool is_new;

	if (rc == RC_STATE || rc == RC_OK)
		rc = fitting(db, path, &k, &is_new, why, why_size);
	seal_wipe(&k, sizeof k);
	return rc;
}

/* A key that is gone can be made anew while nothing stands under it. */
static enum rc make_again(sqlite3 *db, const char *path, bool guest, char *why, size_t why_size)
{
	static const char needed[] =
		"SELECT EXISTS (SELECT 1 FROM tombstone) + EXISTS (SELECT 1 FROM audit) + EXISTS (SELECT 1 FROM profile) "
		"+ EXISTS (SELECT 1 FROM outbox WHERE text <> '') + EXISTS (SELECT 1 FROM charge)";
	int64_t n = 0;
	int code = sql_int(db, guest ? "SELECT count(*) FROM store_key" : needed, &n);

	if (code == SQLITE_OK && n > 0 && !guest) /* of an older program only the tombstones need it */
		code = sql_int(
			db,
			"SELECT EXISTS (SELECT 1 FROM tombstone) + EXISTS (SELECT 1 FROM store_key WHERE "
			"secrets IS NOT NULL)",
			&n);
	if (code == SQLITE_OK && n > 0)
		return RC_NOTFOUND; /* `why` says it */
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "DELETE FROM store_key", NULL, NULL, NULL);
	if (code != SQLITE_OK)
		return db_why(code, "cannot write the store's key", why, why_size);
	return file_make(path, sqlite3_db_filename(db, "main"), why, why_size);
}

static enum rc open_file(sqlite3 *db, const char *path, bool guest, struct key *k, char *why, size_t why_size)
{
	bool is_new;
	enum rc rc = fitting(db, path, k, &is_new, why, why_size);

	if (rc == RC_NOTFOUND) {
		rc = make_again(db, path, guest, why, why_size);
		if (rc == RC_OK)
			rc = fitting(db, path, k, &is_new, why, why_size);
	}
	if (rc == RC_OK && is_new && key_settle_alone(db, path, why, why_size) != RC_OK &&
	    access(path, F_OK) != 0)
		return RC_IO;
	return rc;
}

enum rc key_open(sqlite3 *db, const char *path, bool guest, struct key_set *out, char *why, size_t why_size)
{
	struct key k = {{0}};
	enum rc rc;
	int code;

	seal_start();
	if (path) {
		rc = open_file(db, path, guest, &k, why, why_size);
	} else {
		digest_random(k.byte, sizeof k.byte);
		rc = judge(db, path, &k, why, why_size);
	}
	if (rc == RC_CLOSED) {
		code = check_keep(db, &k, "INSERT OR IGNORE INTO store_key (id, check_value) VALUES (1, ?1)");
		rc = code == SQLITE_OK ? judge(db, path, &k, why, why_size)
		                       : db_why(code, "cannot write the store's key", why, why_size);
	}
	if (rc == RC_OK && why_size > 0)
		why[0] = '\0'; /* what was found out on the way */
	if (rc == RC_OK)
		rc = secrets_read(db, &k, out, why, why_size);
	if (rc == RC_CLOSED)
		rc = secrets_make(db, &k, out, why, why_size);
	seal_wipe(&k, sizeof k);
	return rc;
}
