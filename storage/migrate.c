/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Migrate: see migrate.h. */
#include "storage/migrate.h"

#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "storage/db.h"
#include "storage/sql.h"

static int exec(sqlite3 *db, const char *text)
{
	return sqlite3_exec(db, text, NULL, NULL, NULL);
}

static void roll_back(sqlite3 *db)
{
	if (!sqlite3_get_autocommit(db))
		(void)exec(db, "ROLLBACK");
}

/* The version is read again inside the transaction: another process may have been faster. */
static int one_file(sqlite3 *db, const struct schema_file *file)
{
	char text[48];
	int64_t version = 0;
	int code = exec(db, "BEGIN IMMEDIATE");

	if (code == SQLITE_OK)
		code = sql_int(db, "PRAGMA user_version", &version);
	if (code == SQLITE_OK && version < file->number) {
		(void)snprintf(text, sizeof text, "PRAGMA user_version = %d", file->number);
		code = exec(db, file->sql);
		if (code == SQLITE_OK)
			code = exec(db, text);
	}
	if (code == SQLITE_OK)
		code = exec(db, "COMMIT");
	return code;
}

enum rc migrate_check(sqlite3 *db, char *why, size_t why_size)
{
	int known = schema_files[schema_files_count - 1].number;
	int64_t version = 0;
	int code = sql_int(db, "PRAGMA user_version", &version);

	if (code != SQLITE_OK)
		return db_why(code, "cannot read the schema's version", why, why_size);
	if (version == known)
		return RC_OK;
	(void)snprintf(why, why_size, "the database has schema %lld and this program reads %d; %s",
	               (long long)version, known,
	               version > known ? "use the newer program" : "start this version's starhashd once");
	return RC_STATE;
}

/* A new store is made in one transaction: on a slow disk that is felt. False: not done, and nothing is left of it. */
static bool all_at_once(sqlite3 *db, const struct schema_file *files, size_t n)
{
	char text[48];
	int64_t version = -1;
	int code = exec(db, "BEGIN IMMEDIATE");

	if (code == SQLITE_OK)
		code = sql_int(db, "PRAGMA user_version", &version);
	if (version != 0)
		code = SQLITE_ABORT; /* another process was faster */
	for (size_t i = 0; i < n && code == SQLITE_OK; i++)
		code = exec(db, files[i].sql);
	(void)snprintf(text, sizeof text, "PRAGMA user_version = %d", files[n - 1].number);
	if (code == SQLITE_OK)
		code = exec(db, text);
	if (code == SQLITE_OK)
		code = exec(db, "COMMIT");
	if (code != SQLITE_OK)
		roll_back(db);
	return code == SQLITE_OK;
}

enum rc migrate_run(sqlite3 *db, const struct schema_file *files, size_t n, char *why, size_t why_size)
{
	int64_t version = 0;
	int code = sql_int(db, "PRAGMA user_version", &version);
	char what[96];

	if (code != SQLITE_OK)
		return db_why(code, "cannot read the schema's version", why, why_size);
	if (version > files[n - 1].number) {
		(void)snprintf(
			why, why_size,
			"the database has schema %lld and this program knows %d; install the newer program",
			(long long)version, files[n - 1].number);
		return RC_STATE;
	}
	if (version == 0 && all_at_once(db, files, n)) {
		LOG_EVENT(LOG_LV_INFO, "store", "migrated", "schema", files[n - 1].name);
		return RC_OK;
	}
	for (size_t i = 0; i < n; i++) {
		if (files[i].number <= version)
			continue;
		code = one_file(db, &files[i]);
		if (code != SQLITE_OK) {
			(void)snprintf(what, sizeof what, "migration %s failed and was undone",
			               files[i].name);
			roll_back(db);
			return db_why(code, what, why, why_size);
		}
		LOG_EVENT(LOG_LV_INFO, "store", "migrated", "schema", files[i].name);
	}
	return RC_OK;
}

int migrate_columns(sqlite3 *db, const struct profile *profile, bool present[PROFILE_MAX_FIELDS])
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, "SELECT name FROM pragma_table_info('profile')", -1, &st, NULL);

	memset(present, 0, PROFILE_MAX_FIELDS * sizeof present[0]);
	if (code != SQLITE_OK)
		return code;
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		int field = profile_field_by_name(profile, sql_column_text(st, 0));

		if (field >= 0)
			present[field] = true;
	}
	(void)sqlite3_finalize(st);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Beside each field, where its value comes from (schema/0008). */
static int has_provenance(sqlite3 *db, const char *field, bool *out)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(
		db, "SELECT 1 FROM pragma_table_info('profile') WHERE name = '_from_' || ?1", -1, &st, NULL);

	if (code != SQLITE_OK)
		return code;
	sql_bind_text(st, 1, field);
	code = sqlite3_step(st);
	*out = code == SQLITE_ROW;
	(void)sqlite3_finalize(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int add_provenance(sqlite3 *db, const struct profile *profile)
{
	char text[96];
	bool present = true;
	int code = SQLITE_OK;

	for (size_t i = 0; i < profile->n_fields && code == SQLITE_OK; i++) {
		code = has_provenance(db, profile->field[i].name, &present);
		if (code != SQLITE_OK || present)
			continue;
		(void)snprintf(text, sizeof text, "ALTER TABLE profile ADD COLUMN \"_from_%s\" TEXT",
		               profile->field[i].name);
		code = exec(db, text);
	}
	return code;
}

static int lacks_provenance(sqlite3 *db, const struct profile *profile, bool *out)
{
	bool present = true;
	int code = SQLITE_OK;

	for (size_t i = 0; i < profile->n_fields && code == SQLITE_OK && present; i++)
		code = has_provenance(db, profile->field[i].name, &present);
	*out = !present;
	return code;
}

static int add_missing(sqlite3 *db, const struct profile *profile, const bool *present)
{
	char text[96];
	int code = SQLITE_OK;

	for (size_t i = 0; i < profile->n_fields && code == SQLITE_OK; i++) {
		if (present[i])
			continue;
		(void)snprintf(text, sizeof text, "ALTER TABLE profile ADD COLUMN \"%s\" TEXT",
		               profile->field[i].name);
		code = exec(db, text);
		if (code == SQLITE_OK)
			LOG_EVENT(LOG_LV_INFO, "store", "field_added", "field", profile->field[i].name);
	}
	return code;
}

enum rc migrate_profile(sqlite3 *db, const struct profile *profile, char *why, size_t why_size)
{
	bool present[PROFILE_MAX_FIELDS];
	size_t missing = 0;
	int code = migrate_columns(db, profile, present);

	for (size_t i = 0; code == SQLITE_OK && i < profile->n_fields; i++)
		missing += !present[i];
	if (code == SQLITE_OK && missing == 0) {
		bool lacks = false;

		code = lacks_provenance(db, profile, &lacks);
		missing = lacks;
	}
	if (code == SQLITE_OK && missing > 0) {
		code = exec(db, "BEGIN IMMEDIATE");
		if (code == SQLITE_OK)
			code = migrate_columns(db, profile, present);
		if (code == SQLITE_OK)
			code = add_missing(db, profile, present);
		if (code == SQLITE_OK)
			code = add_provenance(db, profile);
		if (code == SQLITE_OK)
			code = exec(db, "COMMIT");
		roll_back(db);
	}
	return code == SQLITE_OK ? RC_OK : db_why(code, "cannot add columns for profile.conf", why, why_size);
}
