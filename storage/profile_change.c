/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profile change: see profile_change.h. */
#include "storage/profile_change.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/log.h"
#include "storage/db.h"
#include "storage/profile_change_private.h"
#include "storage/sql.h"
#include "storage/vault.h"

#define CHOICES_SIZE (PROFILE_MAX_OF * PROFILE_NAME_SIZE)
#define KNOWN_MAX 256  /* rows of profile_field that are looked at */
#define SLICE 20000    /* subscribers whose values go in one transaction */
#define SCHEMA_FIRST 8 /* with table profile_field */

struct known { /* a row of profile_field */
	char name[PROFILE_NAME_SIZE];
	char kind[16];
	char choices[CHOICES_SIZE];
	bool is_private;
};

struct judge {
	sqlite3 *db;
	struct vault *vault;
	const struct profile *profile;
	profile_change_fn *fn;
	void *ctx;
	size_t n;
	struct known known[KNOWN_MAX];
};

static const char *kind_of(const struct profile_field *f)
{
	return f->several ? "several" : profile_kind_name(f->kind);
}

static const char *choices_of(const struct profile_field *f, char *out, size_t size)
{
	struct buf b;

	buf_init(&b, out, size);
	for (size_t i = 0; i < f->n_of; i++)
		buf_printf(&b, "%s%s", i ? "," : "", f->of[i]);
	return out;
}

static bool is_forgotten(const struct profile *p, const char *name)
{
	for (size_t i = 0; i < p->n_forget; i++)
		if (strcmp(p->forget[i], name) == 0)
			return true;
	return false;
}

static int read_known(struct judge *j)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(
		j->db, "SELECT name, kind, choices, private FROM profile_field ORDER BY name", -1, &st, NULL);

	if (code != SQLITE_OK)
		return code;
	while ((code = sqlite3_step(st)) == SQLITE_ROW && j->n < KNOWN_MAX) {
		struct known *k = &j->known[j->n++];

		(void)snprintf(k->name, sizeof k->name, "%s", sql_column_text(st, 0));
		(void)snprintf(k->kind, sizeof k->kind, "%s", sql_column_text(st, 1));
		(void)snprintf(k->choices, sizeof k->choices, "%s", sql_column_text(st, 2));
		k->is_private = sqlite3_column_int(st, 3) != 0;
	}
	(void)sqlite3_finalize(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int has_column(sqlite3 *db, const char *name, bool *out)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, "SELECT 1 FROM pragma_table_info('profile') WHERE name = ?1", -1,
	                              &st, NULL);

	if (code != SQLITE_OK)
		return code;
	sql_bind_text(st, 1, name);
	code = sqlite3_step(st);
	*out = code == SQLITE_ROW;
	(void)sqlite3_finalize(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int profile_change_count(sqlite3 *db, const char *name, int64_t *n)
{
	char text[96];
	bool is_there = false;
	int code = has_column(db, name, &is_there);

	*n = 0;
	if (code != SQLITE_OK || !is_there)
		return code;
	(void)snprintf(text, sizeof text, "SELECT count(*) FROM profile WHERE \"%s\" <> ''", name);
	return sql_int(db, text, n);
}

/* --- what does not fit ---------------------------------------------------------------------------------------------- */

struct unfit {
	int64_t values;   /* that the field does not take */
	int64_t unopened; /* sealed, and there is no key for them */
};

static int judge_value(struct judge *j, const struct profile_field *f, sqlite3_stmt *st, struct unfit *out)
{
	char plain[PROFILE_VALUE_MAX + 1];
	const char *value = sql_column_text(st, 1);
	int code;

	if (vault_is_sealed(value) && j->vault == NULL) {
		out->unopened++;
		return SQLITE_OK;
	}
	if (vault_is_sealed(value)) {
		char where[PROFILE_NAME_SIZE + 8];

		(void)snprintf(where, sizeof where, "profile.%s", f->name);
		code = vault_open_text(j->vault, sqlite3_column_int64(st, 0), where, value, plain,
		                       sizeof plain);
		if (code != SQLITE_OK)
			return code;
		value = plain;
	}
	if (*value && !profile_check(f, value, NULL, 0))
		out->values++;
	explicit_bzero(plain, sizeof plain);
	return SQLITE_OK;
}

static int count_unfit(struct judge *j, const struct profile_field *f, struct unfit *out)
{
	char text[112];
	sqlite3_stmt *st;
	int code, fault = SQLITE_OK;

	*out = (struct unfit){0};
	(void)snprintf(text, sizeof text, "SELECT _subscriber, \"%s\" FROM profile WHERE \"%s\" <> ''",
	               f->name, f->name);
	code = sqlite3_prepare_v2(j->db, text, -1, &st, NULL);
	if (code != SQLITE_OK)
		return code;
	while (fault == SQLITE_OK && (code = sqlite3_step(st)) == SQLITE_ROW)
		fault = judge_value(j, f, st, out);
	(void)sqlite3_finalize(st);
	if (fault != SQLITE_OK)
		return fault;
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* --- what there is to say --------------------------------------------------------------------------------------------- */

static void say(struct judge *j, bool is_refused, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static void say(struct judge *j, bool is_refused, const char *remedy, const char *format, ...)
{
	char what[300];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof what, format, args);
	va_end(args);
	j->fn(j->ctx, is_refused, what, remedy);
}

static int judge_gone(struct judge *j, const char *name)
{
	char remedy[200];
	int64_t n;
	int code = profile_change_count(j->db, name, &n);

	if (code != SQLITE_OK || n == 0)
		return code;
	if (is_forgotten(j->profile, name)) {
		say(j, false, "none, if that is meant; else take it out of forget and declare it again",
		    "field \"%s\": %lld stored values will be destroyed at the next start (forget)", name,
		    (long long)n);
		return SQLITE_OK;
	}
	(void)snprintf(remedy, sizeof remedy,
	               "declare it again, under its old name; or write forget = [ \"%s\" ]; to destroy them",
	               name);
	say(j, true, remedy, "field \"%s\" is gone and the store has %lld values of it", name, (long long)n);
	return SQLITE_OK;
}

static int judge_private(struct judge *j, const struct profile_field *f)
{
	char remedy[200];
	int64_t n;
	int code = profile_change_count(j->db, f->name, &n);

	if (code != SQLITE_OK || n == 0)
		return code;
	(void)snprintf(remedy, sizeof remedy,
	               "keep private = true; or declare a field of another name and forget \"%s\"", f->name);
	say(j, true, remedy,
	    "field \"%s\" is private no more, and %lld subscribers told it when it was said to be", f->name,
	    (long long)n);
	return SQLITE_OK;
}

static int judge_fit(struct judge *j, const struct profile_field *f)
{
	char remedy[200];
	struct unfit unfit;
	int code = count_unfit(j, f, &unfit);

	(void)snprintf(
		remedy, sizeof remedy,
		"take the kind and the values of before back; or declare a field of another name and forget "
		"\"%s\"",
		f->name);
	if (code == SQLITE_OK && unfit.values > 0)
		say(j, true, remedy, "field \"%s\": %lld stored values are not what it takes now", f->name,
		    (long long)unfit.values);
	if (code == SQLITE_OK && unfit.unopened > 0)
		say(j, true, "run this as a user who can read the store's key, such as the daemon's",
		    "field \"%s\": whether %lld sealed values are what it takes now cannot be seen without the key",
		    f->name, (long long)unfit.unopened);
	return code;
}

static int judge_one(struct judge *j, const struct known *k)
{
	char choices[CHOICES_SIZE];
	int at = profile_field_by_name(j->profile, k->name), code = SQLITE_OK;
	const struct profile_field *f;

	if (at < 0)
		return judge_gone(j, k->name);
	f = &j->profile->field[at];
	if (k->is_private && !f->is_private)
		code = judge_private(j, f);
	if (code == SQLITE_OK && (strcmp(k->kind, kind_of(f)) != 0 ||
	                          strcmp(k->choices, choices_of(f, choices, sizeof choices)) != 0))
		code = judge_fit(j, f);
	return code;
}

/* A column of before this table, which only `forget` speaks of. */
static int judge_forgotten(struct judge *j)
{
	int code = SQLITE_OK;

	for (size_t i = 0; i < j->profile->n_forget && code == SQLITE_OK; i++) {
		bool is_known = false;

		for (size_t k = 0; k < j->n; k++)
			is_known |= strcmp(j->known[k].name, j->profile->forget[i]) == 0;
		if (!is_known)
			code = judge_gone(j, j->profile->forget[i]);
	}
	return code;
}

static int judge_all(struct judge *j)
{
	int code = read_known(j);

	for (size_t i = 0; i < j->n && code == SQLITE_OK; i++)
		code = judge_one(j, &j->known[i]);
	if (code == SQLITE_OK)
		code = judge_forgotten(j);
	return code == SQLITE_OK ? profile_change_purposes_judge(j->db, j->profile, j->fn, j->ctx) : code;
}

enum rc profile_change_judge(sqlite3 *db, struct vault *vault, const struct profile *profile,
                             profile_change_fn *fn, void *ctx, char *why, size_t why_size)
{
	struct judge *j = calloc(1, sizeof *j);
	int code;

	if (!j)
		return RC_NOMEM;
	j->db = db;
	j->vault = vault;
	j->profile = profile;
	j->fn = fn;
	j->ctx = ctx;
	code = judge_all(j);
	free(j);
	return code == SQLITE_OK ? RC_OK
	                         : db_why(code, "cannot compare the store with profile.conf", why, why_size);
}

/* --- taking it ---------------------------------------------------------------------------------------------------------- */

/* `text` with ?1 < id <= ?2, over all ids of a table, a transaction for each slice. *n = rows that it changed. */
static int in_slices(sqlite3 *db, const char *text, const char *most_text, int64_t *n)
{
	sqlite3_stmt *st;
	int64_t most = 0;
	int code = sql_int(db, most_text, &most);

	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(db, text, -1, &st, NULL);
	if (code != SQLITE_OK)
		return code;
	for (int64_t at = 0; at < most && code == SQLITE_OK; at += SLICE) {
		sql_bind_int(st, 1, at);
		sql_bind_int(st, 2, at + SLICE);
		code = sql_run(st);
		*n += code == SQLITE_OK ? sqlite3_changes(db) : 0;
	}
	(void)sqlite3_finalize(st);
	return code;
}

static int destroy(sqlite3 *db, const char *name)
{
	static const char history
		[] = "DELETE FROM profile_history WHERE field = '%s' AND id > ?1 AND id <= ?2",
	 find[] = "DELETE FROM profile_find WHERE field = '%s' AND subscriber > ?1 AND subscriber <= ?2";
	char text[320];
	bool is_there = false, has_from = false;
	int64_t n = 0, ignored = 0;
	int code = has_column(db, name, &is_there);

	if (code != SQLITE_OK || !is_there)
		return code;
	(void)snprintf(text, sizeof text, "_from_%s", name);
	code = has_column(db, text, &has_from);
	(void)snprintf(
		text, sizeof text,
		"UPDATE profile SET \"%s\" = NULL%s%s%s WHERE _subscriber > ?1 AND _subscriber <= ?2 AND "
		"\"%s\" IS NOT NULL",
		name, has_from ? ", \"_from_" : "", has_from ? name : "", has_from ? "\" = NULL" : "", name);
	if (code == SQLITE_OK)
		code = in_slices(db, text, "SELECT ifnull(max(_subscriber), 0) FROM profile", &n);
	(void)snprintf(text, sizeof text, history, name);
	if (code == SQLITE_OK)
		code = in_slices(db, text, "SELECT ifnull(max(id), 0) FROM profile_history", &ignored);
	(void)snprintf(text, sizeof text, find, name);
	if (code == SQLITE_OK)
		code = in_slices(db, text, "SELECT ifnull(max(subscriber), 0) FROM profile_find", &ignored);
	(void)snprintf(text, sizeof text,
	               "DELETE FROM sealed WHERE what = 'profile.%s' OR what = 'profile_history.%s'", name,
	               name);
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, text, NULL, NULL, NULL);
	if (code == SQLITE_OK && n > 0) {
		LOG_EVENT(LOG_LV_WARN, "store", "field_forgotten", "field", name, "values", LOG_INT(n), "why",
		          "profile.conf says forget");
		/* what was there must not stand in the log of before the change either */
		(void)sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	}
	return code;
}

static int write_field(sqlite3_stmt *st, const struct profile_field *f, int64_t now_ms)
{
	char choices[CHOICES_SIZE];

	sql_bind_text(st, 1, f->name);
	sql_bind_text(st, 2, kind_of(f));
	sql_bind_int(st, 3, f->is_private);
	sql_bind_text(st, 4, choices_of(f, choices, sizeof choices));
	sql_bind_int(st, 5, now_ms);
	sql_bind_text(st, 6, f->consent);
	return sql_run(st);
}

/* Rows only where something is new, so that a start changes nothing as a rule. */
static int write_fields(sqlite3 *db, const struct profile *p, int64_t now_ms)
{
	static const char text[] =
		"INSERT INTO profile_field (name, kind, private, choices, since, purpose) VALUES (?1, ?2, ?3, ?4, ?5, "
		"?6) ON CONFLICT (name) DO UPDATE SET kind = ?2, private = ?3, choices = ?4, since = ?5, purpose = ?6 "
		"WHERE kind <> ?2 OR private <> ?3 OR choices <> ?4 OR purpose <> ?6";
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, text, -1, &st, NULL);

	for (size_t i = 0; i < p->n_fields && code == SQLITE_OK; i++)
		code = write_field(st, &p->field[i], now_ms);
	(void)sqlite3_finalize(st);
	return code;
}

/* Fields that are gone and hold nothing (any more). */
static int drop_gone(sqlite3 *db, const struct profile *p)
{
	struct judge *j = calloc(1, sizeof *j);
	sqlite3_stmt *st = NULL;
	int code;

	if (!j)
		return SQLITE_NOMEM;
	j->db = db;
	code = read_known(j);
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(db, "DELETE FROM profile_field WHERE name = ?1", -1, &st, NULL);
	for (size_t i = 0; i < j->n && code == SQLITE_OK; i++) {
		int64_t n = 0;

		if (profile_field_by_name(p, j->known[i].name) >= 0)
			continue;
		code = profile_change_count(db, j->known[i].name, &n);
		if (code != SQLITE_OK || n > 0)
			continue;
		sql_bind_text(st, 1, j->known[i].name);
		code = sql_run(st);
	}
	(void)sqlite3_finalize(st);
	free(j);
	return code;
}

struct refusal_text {
	bool is_refused, logs;
	char *why;
	size_t size;
};

static void first_refusal(void *ctx, bool is_refused, const char *what, const char *remedy)
{
	struct refusal_text *r = ctx;

	if (is_refused && !r->is_refused)
		(void)snprintf(r->why, r->size, "profile.conf would lose or expose what is stored: %s; %s",
		               what, remedy);
	r->is_refused |= is_refused;
	if (is_refused && r->logs) /* each, and whole: a value in the log is bounded */
		LOG_EVENT(LOG_LV_ERROR, "store", "profile_refused", "what", what, "remedy", remedy);
}

enum rc profile_change_take(sqlite3 *db, struct vault *vault, const struct profile *profile, bool forgets,
                            int64_t now_ms, char *why, size_t why_size)
{
	struct refusal_text refusal = {.why = why, .size = why_size, .logs = forgets};
	enum rc rc = profile_change_judge(db, vault, profile, first_refusal, &refusal, why, why_size);
	int code = SQLITE_OK;

	if (rc != RC_OK || refusal.is_refused)
		return rc != RC_OK ? rc : RC_STATE;
	for (size_t i = 0; forgets && i < profile->n_forget && code == SQLITE_OK; i++)
		code = destroy(db, profile->forget[i]);
	if (code == SQLITE_OK)
		code = drop_gone(db, profile);
	if (code == SQLITE_OK)
		code = write_fields(db, profile, now_ms);
	if (code == SQLITE_OK)
		code = profile_change_purposes_take(db, profile, now_ms);
	return code == SQLITE_OK ? RC_OK
	                         : db_why(code, "cannot note the fields of profile.conf", why, why_size);
}

enum rc profile_change_look(const char *path, const char *key_path, const struct profile *profile,
                            profile_change_fn *fn, void *ctx, char *why, size_t why_size)
{
	const struct db_options o = {.path = path, .read_only = true};
	struct vault *vault = NULL;
	char ignored[256];
	sqlite3 *db = NULL;
	int64_t version = 0;
	enum rc rc = db_open(&o, &db, why, why_size);
	int code;

	if (rc != RC_OK)
		return rc;
	code = sql_int(db, "PRAGMA user_version", &version);
	if (code != SQLITE_OK) {
		rc = db_why(code, "cannot read the database", why, why_size);
	} else if (version >= SCHEMA_FIRST) {
		if (vault_unlock(db, key_path, &vault, ignored, sizeof ignored) != RC_OK)
			vault = NULL; /* only those that depend on it are told */
		rc = profile_change_judge(db, vault, profile, fn, ctx, why, why_size);
	}
	vault_free(vault);
	db_close(db);
	return rc;
}
