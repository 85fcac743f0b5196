/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profile change, purposes: what was told under one consent does not become another's by an edit of profile.conf, and who
 * has agreed to marketing has agreed to what STOP takes back (promises 7 and 8). Else a STOP, or a consent that is withdrawn,
 * would leave what was told under it. See profile_change.h. */
#include <stdio.h>
#include <string.h>

#include "storage/profile_change_private.h"
#include "storage/sql.h"

#define WHAT_SIZE 300
#define CONSENT_SIZE (PROFILE_NAME_SIZE + 24)

/* How it is said in profile.conf. */
static const char *consent_text(const char *purpose, char out[CONSENT_SIZE])
{
	(void)snprintf(out, CONSENT_SIZE, *purpose ? "consent = \"%s\"" : "no consent%s", purpose);
	return out;
}

/* What there is of a field: values, and what they were before. */
static int count_told(sqlite3 *db, const char *field, int64_t *n)
{
	sqlite3_stmt *st = NULL;
	int code = profile_change_count(db, field, n);

	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(
			db, "SELECT count(*) FROM profile_history WHERE field = ?1 AND value <> ''", -1, &st,
			NULL);
	if (code != SQLITE_OK)
		return code;
	sql_bind_text(st, 1, field);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*n += sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

static int judge_field(sqlite3 *db, const struct profile_field *f, const char *purpose, profile_change_fn *fn,
                       void *ctx)
{
	char what[WHAT_SIZE], remedy[WHAT_SIZE], was[CONSENT_SIZE], is[CONSENT_SIZE];
	int64_t n = 0;
	int code = count_told(db, f->name, &n);

	if (code != SQLITE_OK || n == 0)
		return code;
	(void)snprintf(what, sizeof what,
	               "field \"%s\" has %s now, and %lld stored values of it were told under %s", f->name,
	               consent_text(f->consent, is), (long long)n, consent_text(purpose, was));
	(void)snprintf(remedy, sizeof remedy,
	               "take %s back; or declare a field of another name, ask for it anew, and forget \"%s\"",
	               consent_text(purpose, was), f->name);
	fn(ctx, true, what, remedy);
	return SQLITE_OK;
}

static int judge_fields(sqlite3 *db, const struct profile *p, profile_change_fn *fn, void *ctx)
{
	sqlite3_stmt *st;
	int told = SQLITE_OK;
	int code = sqlite3_prepare_v2(db, "SELECT name, purpose FROM profile_field ORDER BY name", -1, &st,
	                              NULL);

	if (code != SQLITE_OK)
		return code;
	while (told == SQLITE_OK && (code = sqlite3_step(st)) == SQLITE_ROW) {
		int at = profile_field_by_name(p, sql_column_text(st, 0));
		const char *purpose = sql_column_text(st, 1);

		if (at >= 0 && strcmp(p->field[at].consent, purpose) != 0)
			told = judge_field(db, &p->field[at], purpose, fn, ctx);
	}
	(void)sqlite3_finalize(st);
	if (told != SQLITE_OK)
		return told;
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Whose newest word on it is a yes. */
static int count_granted(sqlite3 *db, const char *purpose, int64_t *n)
{
	static const char text[] =
		"SELECT count(*) FROM consent c WHERE c.purpose = ?1 AND c.state = 'granted' AND c.id = "
		"(SELECT max(d.id) FROM consent d WHERE d.subscriber = c.subscriber AND d.purpose = ?1)";
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, text, -1, &st, NULL);

	if (code != SQLITE_OK)
		return code;
	sql_bind_text(st, 1, purpose);
	code = sqlite3_step(st);
	*n = code == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	(void)sqlite3_finalize(st);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

static int judge_marketing(sqlite3 *db, const char *purpose, profile_change_fn *fn, void *ctx)
{
	char what[WHAT_SIZE], remedy[WHAT_SIZE];
	int64_t n = 0;
	int code = count_granted(db, purpose, &n);

	if (code != SQLITE_OK || n == 0)
		return code;
	(void)snprintf(
		what, sizeof what,
		"purpose \"%s\" is no marketing any more, and %lld subscribers agreed to it as such: STOP would "
		"not withdraw it",
		purpose, (long long)n);
	(void)snprintf(
		remedy, sizeof remedy,
		"take marketing = true back; or declare a purpose of another name, and ask for it anew");
	fn(ctx, true, what, remedy);
	return SQLITE_OK;
}

/* One that is taken out cannot be asked for any more, and is remembered: it may come back. */
static int judge_purposes(sqlite3 *db, const struct profile *p, profile_change_fn *fn, void *ctx)
{
	sqlite3_stmt *st;
	int told = SQLITE_OK;
	int code = sqlite3_prepare_v2(
		db, "SELECT name FROM profile_purpose WHERE marketing = 1 ORDER BY name", -1, &st, NULL);

	if (code != SQLITE_OK)
		return code;
	while (told == SQLITE_OK && (code = sqlite3_step(st)) == SQLITE_ROW) {
		const char *purpose = sql_column_text(st, 0);

		if (profile_takes_purpose(p, purpose) && !profile_is_marketing(p, purpose))
			told = judge_marketing(db, purpose, fn, ctx);
	}
	(void)sqlite3_finalize(st);
	if (told != SQLITE_OK)
		return told;
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

int profile_change_purposes_judge(sqlite3 *db, const struct profile *profile, profile_change_fn *fn,
                                  void *ctx)
{
	int code = judge_fields(db, profile, fn, ctx);

	return code == SQLITE_OK ? judge_purposes(db, profile, fn, ctx) : code;
}

int profile_change_purposes_take(sqlite3 *db, const struct profile *profile, int64_t now_ms)
{
	static const char text[] =
		"INSERT INTO profile_purpose (name, marketing, since) VALUES (?1, ?2, ?3) "
		"ON CONFLICT (name) DO UPDATE SET marketing = ?2, since = ?3 WHERE marketing <> ?2";
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, text, -1, &st, NULL);

	for (size_t i = 0; i < profile->n_purposes && code == SQLITE_OK; i++) {
		sql_bind_text(st, 1, profile->purpose[i].name);
		sql_bind_int(st, 2, profile->purpose[i].is_marketing);
		sql_bind_int(st, 3, now_ms);
		code = sql_run(st);
	}
	(void)sqlite3_finalize(st);
	return code;
}
