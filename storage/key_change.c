/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Key: changing the operator's, and going on without it. See key.h. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "storage/audit.h"
#include "storage/db.h"
#include "storage/files.h"
#include "storage/key_private.h"
#include "storage/owner.h"
#include "storage/sql.h"
#include "storage/vault.h"

/* --- changing ------------------------------------------------------------------------------------------------------ */

static enum rc new_file(const char *path, const char *store, struct key *k, char *why, size_t why_size)
{
	char partial[PATH_MAX], fresh[PATH_MAX];
	bool ok;

	if (!key_new_path(path, fresh) || snprintf(partial, sizeof partial, "%s.XXXXXX", path) >= PATH_MAX)
		return key_say(why, why_size, path, "has too long a name", "give a shorter store.key_file");
	digest_random(k->byte, sizeof k->byte);
	ok = key_file_write(store, k, partial) && rename(partial, fresh) == 0 && files_folder_sync(fresh);
	if (ok)
		return RC_OK;
	(void)unlink(partial);
	return key_say(why, why_size, fresh, "cannot be written",
	               "run this as who owns the key, with space on its disk; nothing was changed");
}

enum rc key_rotate(sqlite3 *db, const char *path, int64_t at_ms, char *why, size_t why_size)
{
	struct key_set set;
	struct key k;
	int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	enum rc rc;

	if (code != SQLITE_OK)
		return db_why(code, "nothing was changed", why, why_size);
	rc = key_read(db, path, &set, why, why_size);
	if (rc == RC_CLOSED)
		(void)key_say(why, why_size, path, "is not in use yet", "start the daemon once");
	/* The new one of a change that was cut off is the only one there is: it must not be written over. */
	if (rc == RC_OK)
		rc = key_settle(db, path, why, why_size);
	if (rc == RC_OK)
		rc = new_file(path, sqlite3_db_filename(db, "main"), &k, why, why_size);
	if (rc == RC_OK) {
		code = key_secrets_write(
			db, &k, &set, at_ms,
			"UPDATE store_key SET secrets = ?1, check_value = ?2, rotated = ?3 WHERE id = 1");
		if (code == SQLITE_OK)
			code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
		if (code != SQLITE_OK)
			rc = db_why(code, "nothing was changed", why, why_size);
	}
	if (!sqlite3_get_autocommit(db))
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	seal_wipe(&set, sizeof set);
	seal_wipe(&k, sizeof k);
	return rc == RC_OK ? key_settle_alone(db, path, why, why_size) : rc;
}

/* --- a backup ----------------------------------------------------------------------------------------------------- */

static int carry(sqlite3 *db, sqlite3_stmt *row)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(
		db,
		"UPDATE store_key SET check_value = ?1, secrets = ?2, rotated = ?4 WHERE id = 1 AND "
		"keyring = ?3",
		-1, &st, NULL);

	if (code != SQLITE_OK)
		return code;
	for (int i = 0; i < 4; i++)
		(void)sqlite3_bind_value(st, i + 1, sqlite3_column_value(row, i));
	code = sql_run(st);
	(void)sqlite3_finalize(st);
	return code;
}

int key_carry(const char *store, sqlite3 *db)
{
	sqlite3_stmt *row = NULL;
	sqlite3 *old = NULL;
	int64_t has = 0;
	int code = sql_int(db, "SELECT count(*) FROM pragma_table_info('store_key') WHERE name = 'secrets'",
	                   &has);

	if (code != SQLITE_OK || !has)
		return code;
	if (sqlite3_open_v2(store, &old, SQLITE_OPEN_READONLY | SQLITE_OPEN_EXRESCODE, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(old,
	                       "SELECT check_value, secrets, keyring, rotated FROM store_key WHERE id = 1",
	                       -1, &row, NULL) == SQLITE_OK &&
	    sqlite3_step(row) == SQLITE_ROW && sqlite3_column_type(row, 1) == SQLITE_BLOB)
		code = carry(db, row);
	(void)sqlite3_finalize(row);
	(void)sqlite3_close(old);
	return code;
}

/* `found` is a sentence for a start, whose remedy is not the one here. */
static enum rc unsuited(const char *found, const char *lost, char *why, size_t why_size)
{
	char first[PATH_MAX + 100];

	(void)snprintf(first, sizeof first, "%s", found);
	first[strcspn(first, ";")] = '\0';
	(void)snprintf(
		why, why_size,
		"this backup needs other keys than lie there: %s. Nothing was moved. Is it another store's? Restore it under "
		"another store.sqlite. Else put its own key and keyring there first, and keep those that lie there now; if they "
		"are lost for good, move that file away, restore, and then: %s",
		first, lost);
	return RC_STATE;
}

enum rc key_suits(sqlite3 *db, const char *store, const char *key_path, char *why, size_t why_size)
{
	char path[PATH_MAX], found[PATH_MAX + 300] = "";
	struct key_set keys = {.has_ring = false};
	struct vault *v = NULL;
	int64_t has_row = 0, has_own = 0;
	int code = sql_int(db, "SELECT count(*) FROM pragma_table_info('store_key')", &has_row);
	enum rc rc;

	if (code == SQLITE_OK)
		code = sql_int(db,
		               "SELECT count(*) FROM pragma_table_info('store_key') WHERE name = 'secrets'",
		               &has_own);
	if (code != SQLITE_OK)
		return db_why(code, "cannot read the backup's keys", why, why_size);
	if (!has_row)
		return RC_OK;
	if (!key_path && !key_path_default(store, path, sizeof path))
		return key_say(why, why_size, store, "has too long a name", "use a shorter path");
	rc = key_fits(db, key_path ? key_path : path, found, sizeof found);
	if (rc == RC_OK && has_own)
		rc = key_read(db, key_path ? key_path : path, &keys, found, sizeof found);
	if (rc == RC_STATE)
		return unsuited(found, "starhash erase --tombstones", why, why_size);
	if (rc == RC_OK && keys.has_ring) {
		rc = vault_new_reader(db, store, &keys, &v, found, sizeof found);
		vault_free(v);
	}
	seal_wipe(&keys, sizeof keys);
	if (rc == RC_STATE)
		return unsuited(found, "starhash key lost", why, why_size);
	if (rc == RC_OK || rc == RC_CLOSED || rc == RC_NOTFOUND)
		return RC_OK;
	(void)snprintf(why, why_size, "%s", found);
	return rc;
}

/* --- lost ----------------------------------------------------------------------------------------------------------- */

/* Every column that holds sealed texts: nobody can read them any more, and whoever sees '' asks again. */
int key_forget_sealed(sqlite3 *db)
{
	static const char list[] =
		"SELECT 'UPDATE \"' || m.name || '\" SET \"' || c.name || '\" = ' || iif(c.\"notnull\", '''''', 'NULL') "
		"|| ' WHERE \"' || c.name || '\" GLOB ''~A*'' AND length(\"' || c.name || '\") > 55' "
		"FROM sealed s JOIN sqlite_schema m ON m.type = 'table' AND s.what = m.name || '.' || "
		"substr(s.what, length(m.name) + 2) JOIN pragma_table_info(m.name) c ON s.what = m.name || '.' || c.name";
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, list, -1, &st, NULL), ran = SQLITE_OK;

	if (code != SQLITE_OK)
		return code;
	while (ran == SQLITE_OK && (code = sqlite3_step(st)) == SQLITE_ROW)
		ran = sqlite3_exec(db, sql_column_text(st, 0), NULL, NULL, NULL);
	(void)sqlite3_finalize(st);
	if (ran == SQLITE_OK && code == SQLITE_DONE)
		return sqlite3_exec(db, "UPDATE profile_history SET value = '' WHERE value <> ''", NULL, NULL,
		                    NULL);
	return ran != SQLITE_OK ? ran : code;
}

static int count_sealed(sqlite3 *db, struct key_losses *out)
{
	static const char list[] =
		"SELECT m.name IN ('outbox', 'charge'), 'SELECT count(*) FROM \"' || m.name || '\" WHERE \"' || c.name || "
		"'\" GLOB ''~A*'' AND length(\"' || c.name || '\") > 55' "
		"FROM sealed s JOIN sqlite_schema m ON m.type = 'table' AND s.what = m.name || '.' || "
		"substr(s.what, length(m.name) + 2) JOIN pragma_table_info(m.name) c ON s.what = m.name || '.' || c.name";
	sqlite3_stmt *st;
	int64_t n = 0;
	int code = sqlite3_prepare_v2(db, list, -1, &st, NULL), ran = SQLITE_OK;

	if (code != SQLITE_OK)
		return code;
	while (ran == SQLITE_OK && (code = sqlite3_step(st)) == SQLITE_ROW) {
		ran = sql_int(db, sql_column_text(st, 1), &n);
		*(sqlite3_column_int(st, 0) ? &out->messages : &out->values) += n;
	}
	(void)sqlite3_finalize(st);
	if (ran != SQLITE_OK || code != SQLITE_DONE)
		return ran != SQLITE_OK ? ran : code;
	code = sql_int(
		db, "SELECT count(*) FROM profile_history WHERE value GLOB '~A*' AND length(value) > 55", &n);
	out->values += n;
	return code == SQLITE_OK ? sql_int(db, "SELECT count(*) FROM tombstone", &out->tombstones) : code;
}

/* RC_OK; RC_EXISTS: the key opens the store. */
static enum rc is_lost(sqlite3 *db, const struct key_lost *lost, char *why, size_t why_size)
{
	char path[PATH_MAX];
	struct key_set set;
	int64_t chained = 0;
	int code = SQLITE_OK;
	enum rc rc;

	if (!lost->key_path && !key_path_default(lost->store, path, sizeof path))
		return key_say(why, why_size, lost->store, "has too long a name", "use a shorter path");
	rc = key_read(db, lost->key_path ? lost->key_path : path, &set, why, why_size);
	seal_wipe(&set, sizeof set);
	if (rc ==
	    RC_CLOSED) /* not made yet, or somebody has taken the row away from under the audit's chain */
		code = sql_int(db, "SELECT EXISTS (SELECT 1 FROM audit WHERE hash IS NOT NULL)", &chained);
	if (code != SQLITE_OK)
		return db_why(code, "nothing was changed", why, why_size);
	if (rc == RC_OK || (rc == RC_CLOSED && !chained)) {
		(void)snprintf(
			why, why_size,
			"the store's key %s is there and this store's; nothing is lost, and nothing was changed",
			lost->key_path ? lost->key_path : path);
		return RC_EXISTS;
	}
	return rc == RC_NOTFOUND || rc == RC_STATE || rc == RC_CLOSED ? RC_OK : rc;
}

static int forget(sqlite3 *db, const struct key_lost *lost, struct key_losses *out)
{
	const struct audit_row row = {.at_ms = lost->at_ms,
	                              .actor = lost->actor,
	                              .action = "tombstones forgotten",
	                              .reason = lost->reason};
	int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = count_sealed(db, out);
	if (code == SQLITE_OK)
		code = audit_unchain(db, &row);
	if (code == SQLITE_OK)
		code = key_forget_sealed(db);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db,
		                    "DELETE FROM tombstone; DELETE FROM store_key; DELETE FROM sealed; "
		                    "DELETE FROM key_doomed; DELETE FROM profile_find; "
		                    "DELETE FROM relation_past; COMMIT",
		                    NULL, NULL, NULL);
	if (!sqlite3_get_autocommit(db))
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return code;
}

enum rc key_forget(const struct key_lost *lost, struct key_losses *out, char *why, size_t why_size)
{
	const struct db_options o = {.path = lost->store, .read_only = lost->only_look};
	sqlite3 *db = NULL;
	int lock = -1, code;
	enum rc rc = lost->only_look ? RC_OK : owner_lock(lost->store, &lock, why, why_size);

	*out = (struct key_losses){0};
	if (rc == RC_OK)
		rc = db_open(&o, &db, why, why_size);
	if (rc == RC_OK)
		rc = is_lost(db, lost, why, why_size);
	if (rc == RC_OK) {
		code = lost->only_look ? count_sealed(db, out) : forget(db, lost, out);
		rc = code == SQLITE_OK ? RC_OK : db_why(code, "nothing was changed", why, why_size);
	}
	db_close(db);
	if (lock >= 0)
		(void)close(lock);
	return rc;
}
