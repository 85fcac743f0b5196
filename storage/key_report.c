/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys, from outside: see key_report.h. */
#include "storage/key_report.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "storage/audit.h"
#include "storage/db.h"
#include "storage/erasures.h"
#include "storage/key_private.h"
#include "storage/owner.h"
#include "storage/sealing.h"
#include "storage/sql.h"
#include "storage/vault.h"

#define BUSY_MS 10000 /* a person waits */

static enum rc store_open_for(const struct key_store *s, bool read_only, sqlite3 **db, char *why,
                              size_t why_size)
{
	const struct db_options o = {.path = s->path, .read_only = read_only, .busy_ms = BUSY_MS};
	int64_t has = 0;
	int code;
	enum rc rc = RC_OK;

	if (!read_only && access(s->path, F_OK) != 0) {
		(void)snprintf(why, why_size, "there is no database yet; start starhashd once to make it");
		return RC_NOTFOUND;
	}
	rc = db_open(&o, db, why, why_size);
	if (rc != RC_OK)
		return rc;
	code = sql_int(*db, "SELECT count(*) FROM sqlite_schema WHERE name = 'key_doomed'", &has);
	if (code != SQLITE_OK)
		rc = db_why(code, "cannot read the database", why, why_size);
	if (rc == RC_OK && !has) {
		(void)snprintf(why, why_size,
		               "the store is of an older program; start this version's starhashd once");
		rc = RC_STATE;
	}
	return rc;
}

static int numbers(sqlite3 *db, struct key_report *out)
{
	const struct {
		const char *text;
		int64_t *into;
	} list[] = {
		{"SELECT made FROM store_key WHERE id = 1", &out->made_ms},
		{"SELECT rotated FROM store_key WHERE id = 1", &out->rotated_ms},
		{"SELECT count(*) FROM subscriber", &out->subscribers},
		{"SELECT coalesce(max(id), 0) FROM subscriber", &out->last},
		{"SELECT count(*) FROM key_doomed", &out->doomed},
	};
	int code = SQLITE_OK;

	for (size_t i = 0; i < sizeof list / sizeof list[0] && code == SQLITE_OK; i++)
		code = sql_int(db, list[i].text, list[i].into);
	return code;
}

static enum rc all_living(sqlite3 *db, struct vault *v, struct erasures_scan *scan)
{
	bool more = true;
	enum rc rc = RC_OK;

	*scan = (struct erasures_scan){.db = db, .ring = vault_keyring(v)};
	while (rc == RC_OK && more)
		rc = erasures_slice(scan, &more);
	return rc;
}

enum rc key_report_read(const struct key_store *s, const struct profile *profile, bool verify,
                        struct key_report *out, char *why, size_t why_size)
{
	struct keyring_sums sums = {0};
	struct erasures_scan scan = {0};
	struct key_report found = {0};
	struct erasures_found living;
	struct vault *v = NULL;
	sqlite3 *db = NULL;
	int code = SQLITE_OK;
	enum rc rc = store_open_for(s, true, &db, why, why_size);

	if (rc == RC_OK)
		rc = vault_unlock(db, s->key_path, &v, why, why_size);
	if (rc == RC_OK)
		code = numbers(db, &found);
	if (rc == RC_OK && code == SQLITE_OK)
		code = sealing_left(db, profile, &found.plain);
	if (code != SQLITE_OK)
		rc = db_why(code, "cannot read the database", why, why_size);
	if (rc == RC_OK) {
		rc = keyring_count(vault_keyring(v), found.last, verify, &sums);
		if (rc == RC_OK)
			rc = all_living(db, v, &scan);
		if (rc != RC_OK)
			(void)snprintf(why, why_size, "the keyring cannot be read; check its disk");
	}
	vault_free(v);
	db_close(db);
	if (rc != RC_OK)
		return rc;
	living = scan.found;
	found.slots = sums.slots;
	found.keys = sums.keys;
	found.destroyed = sums.empty - living.erased.n - living.damaged.n;
	found.damaged = sums.damaged + living.damaged.n;
	found.damaged_first = living.damaged.first;
	found.returned = living.erased.n;
	found.returned_first = living.erased.first;
	*out = found;
	return RC_OK;
}

enum rc key_report_rotate(const struct key_store *s, int64_t at_ms, char *why, size_t why_size)
{
	sqlite3 *db = NULL;
	enum rc rc = store_open_for(s, false, &db, why, why_size);

	if (rc == RC_OK)
		rc = key_rotate(db, s->key_path, at_ms, why, why_size);
	db_close(db);
	return rc;
}

/* Which keyring is the store's: no secret, so that whoever copies it needs no key. */
static enum rc ring_id(sqlite3 *db, uint8_t id[KEYRING_ID_SIZE], char *why, size_t why_size)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, "SELECT keyring FROM store_key WHERE id = 1", -1, &st, NULL);
	enum rc rc = RC_CLOSED;

	if (code != SQLITE_OK)
		return db_why(code, "cannot read the database", why, why_size);
	if (sqlite3_step(st) == SQLITE_ROW && sqlite3_column_bytes(st, 0) == KEYRING_ID_SIZE) {
		memcpy(id, sqlite3_column_blob(st, 0), KEYRING_ID_SIZE);
		rc = RC_OK;
	} else {
		(void)snprintf(why, why_size, "the store has no keyring yet; start starhashd once");
	}
	(void)sqlite3_finalize(st);
	return rc;
}

enum rc key_report_copy(const struct key_store *s, const char *to, int64_t *slots, char *why, size_t why_size)
{
	uint8_t id[KEYRING_ID_SIZE];
	struct keyring_options o = {.store = s->path, .id = id, .read_only = true};
	struct keyring *ring = NULL;
	sqlite3 *db = NULL;
	int code = SQLITE_OK;
	enum rc rc = store_open_for(s, true, &db, why, why_size);

	if (rc == RC_OK)
		rc = ring_id(db, id, why, why_size);
	if (rc == RC_OK)
		code = sql_int(db, "SELECT coalesce(max(id), 0) FROM subscriber", &o.last);
	if (code != SQLITE_OK)
		rc = db_why(code, "cannot read the database", why, why_size);
	if (rc == RC_OK)
		rc = keyring_open(&o, &ring, why, why_size);
	if (rc == RC_OK)
		rc = keyring_copy(ring, to, slots, why, why_size);
	keyring_free(ring);
	db_close(db);
	return rc;
}

/* --- lost ----------------------------------------------------------------------------------------------------------- */

/* The next start makes a keyring, and keys for all; those who were erased are erased in it too, by their marks. */
static int forget(sqlite3 *db, const uint8_t *audit_key, const struct audit_row *row, int64_t *texts)
{
	int64_t before;
	struct audit *audit = NULL;
	int code = audit_new(db, audit_key, &audit);

	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (code == SQLITE_OK) {
		before = sqlite3_total_changes64(db);
		code = key_forget_sealed(db);
		*texts = sqlite3_total_changes64(db) - before;
	}
	if (code == SQLITE_OK)
		code = audit_add(audit, row);
	if (code == SQLITE_OK)
		code = sqlite3_exec(
			db,
			"UPDATE store_key SET keyring = NULL; DELETE FROM sealed; DELETE FROM profile_find; "
			"COMMIT",
			NULL, NULL, NULL);
	if (!sqlite3_get_autocommit(db))
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	audit_free(audit);
	return code;
}

enum rc key_report_lost(const struct key_store *s, const struct audit_row *row, int64_t *texts, char *why,
                        size_t why_size)
{
	struct vault *v = NULL;
	sqlite3 *db = NULL;
	struct key_set keys;
	int lock = -1;
	enum rc rc = owner_lock(s->path, &lock, why, why_size);

	if (rc == RC_OK)
		rc = store_open_for(s, false, &db, why, why_size);
	if (rc == RC_OK)
		rc = key_read(db, s->key_path, &keys, why, why_size);
	if (rc == RC_OK) {
		enum rc found = vault_new_reader(db, s->path, &keys, &v, why, why_size);

		vault_free(v);
		if (found == RC_OK) {
			(void)snprintf(why, why_size,
			               "the keyring is there and this store's; nothing is lost");
			rc = RC_EXISTS;
		} else if (found != RC_NOTFOUND && found != RC_STATE) {
			rc = found;
		}
	}
	if (rc == RC_OK) {
		int code = forget(db, keys.audit, row, texts);

		rc = code == SQLITE_OK ? RC_OK : db_why(code, "nothing was changed", why, why_size);
	}
	seal_wipe(&keys, sizeof keys);
	db_close(db);
	if (lock >= 0)
		(void)close(lock);
	return rc;
}
