/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention of values: see retention_values.h.
 *
 * The whole table is looked at, some rows at a time, in the order in which it lies in the file: an index over the times of
 * values would cost each registration what this costs once a day.
 */
#include "storage/retention_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "storage/sql.h"

enum statement {
	ST_PRESENT, /* ?1 after, ?2 rows: subscriber, then for each watched field: is there a value, its "_from_" */
	ST_PAST, /* the same: id, subscriber, field, "_from_", when it was one no more, is there a value */
	ST_CONSENT,
	ST_SEEN,
	ST_UNREGISTER,
	ST_DROP_PAST,
	ST_DROP_FIELD,
	ST_DROP_FIND,
	ST_COUNT_
};

struct watched {
	size_t field;
	int64_t keep_ms, lasts_ms;
	sqlite3_stmt *forget;
};

struct retention_values {
	const struct profile *profile;
	sqlite3_stmt *st[ST_COUNT_];
	size_t n;
	struct watched watched[PROFILE_MAX_FIELDS];
	/* What is known of the consents of one subscriber: each is asked for once. */
	int64_t whose;
	bool is_asked[PROFILE_MAX_FIELDS], is_over[PROFILE_MAX_FIELDS];
};

static const char *const texts[ST_COUNT_] = {
	[ST_PAST] = "SELECT id, subscriber, field, told, at, value <> '' FROM profile_history WHERE id > ?1 "
		    "ORDER BY id LIMIT ?2",
	[ST_CONSENT] = "SELECT state, at FROM consent WHERE subscriber = ?1 AND purpose = ?2 "
		       "ORDER BY id DESC LIMIT 1",
	[ST_SEEN] = "SELECT last_seen FROM subscriber WHERE id = ?1",
};
static const char *const changing[ST_COUNT_] = {
	[ST_UNREGISTER] = "UPDATE subscriber SET state = 'anonymous' WHERE id = ?1 AND state <> 'anonymous'",
	[ST_DROP_PAST] = "DELETE FROM profile_history WHERE id = ?1",
	[ST_DROP_FIELD] = "DELETE FROM profile_history WHERE subscriber = ?1 AND field = ?2",
	[ST_DROP_FIND] = "DELETE FROM profile_find WHERE subscriber = ?1 AND field = ?2",
};

static int64_t lasts_ms(const struct profile *p, size_t field)
{
	const struct profile_purpose *purpose = profile_purpose_by_name(p, p->field[field].consent);

	return purpose ? purpose->lasts_ms : 0;
}

bool retention_values_watch(const struct profile *profile, size_t field)
{
	return profile->field[field].keep_ms > 0 || lasts_ms(profile, field) > 0;
}

/* A report may read a store in which profile.conf's newest field has no columns yet. */
static int has_columns(sqlite3 *db, const char *name, bool *out)
{
	sqlite3_stmt *st = NULL;
	int code = sql_prepare(db,
	                       "SELECT count(*) = 2 FROM pragma_table_info('profile') WHERE name = ?1 OR "
	                       "name = '_from_' || ?1",
	                       &st);

	if (code != SQLITE_OK)
		return code;
	sql_bind_text(st, 1, name);
	code = sqlite3_step(st);
	*out = code == SQLITE_ROW && sqlite3_column_int(st, 0) != 0;
	(void)sqlite3_finalize(st);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

static int watch(struct retention_values *v, sqlite3 *db, size_t field, bool changes)
{
	const struct profile_field *f = &v->profile->field[field];
	struct watched *w = &v->watched[v->n];
	char text[128 + 2 * PROFILE_NAME_SIZE];
	bool present = false;
	int code = has_columns(db, f->name, &present);

	if (code != SQLITE_OK || !present)
		return code;
	*w = (struct watched){.field = field, .keep_ms = f->keep_ms, .lasts_ms = lasts_ms(v->profile, field)};
	v->n++;
	if (!changes)
		return SQLITE_OK;
	(void)snprintf(text, sizeof text,
	               "UPDATE profile SET \"%s\" = NULL, \"_from_%s\" = '' WHERE _subscriber = ?1", f->name,
	               f->name);
	return sql_prepare(db, text, &w->forget);
}

static int prepare_present(struct retention_values *v, sqlite3 *db)
{
	char text[128 + PROFILE_MAX_FIELDS * (2 * PROFILE_NAME_SIZE + 40)];
	struct buf b;

	buf_init(&b, text, sizeof text);
	buf_add(&b, "SELECT _subscriber");
	for (size_t i = 0; i < v->n; i++) {
		const char *name = v->profile->field[v->watched[i].field].name;

		buf_printf(&b, ", \"%s\" <> '', \"_from_%s\"", name, name);
	}
	buf_add(&b, " FROM profile WHERE _subscriber > ?1 ORDER BY _subscriber LIMIT ?2");
	return b.cut ? SQLITE_TOOBIG : sql_prepare(db, text, &v->st[ST_PRESENT]);
}

int retention_values_new(sqlite3 *db, const struct profile *profile, bool changes,
                         struct retention_values **out)
{
	struct retention_values *v = calloc(1, sizeof *v);
	int code = SQLITE_OK;

	*out = NULL;
	if (!v)
		return SQLITE_NOMEM;
	v->profile = profile;
	for (size_t i = 0; i < profile->n_fields && code == SQLITE_OK; i++)
		if (retention_values_watch(profile, i))
			code = watch(v, db, i, changes);
	if (code != SQLITE_OK || v->n == 0) {
		retention_values_free(v);
		return code;
	}
	code = prepare_present(v, db);
	for (int i = 0; i < ST_COUNT_ && code == SQLITE_OK; i++) {
		const char *text = texts[i] ? texts[i] : changes ? changing[i] : NULL;

		if (text)
			code = sql_prepare(db, text, &v->st[i]);
	}
	if (code == SQLITE_OK)
		*out = v;
	else
		retention_values_free(v);
	return code;
}

void retention_values_free(struct retention_values *v)
{
	if (!v)
		return;
	for (int i = 0; i < ST_COUNT_; i++)
		(void)sqlite3_finalize(v->st[i]);
	for (size_t i = 0; i < v->n; i++)
		(void)sqlite3_finalize(v->watched[i].forget);
	free(v);
}

/* --- looking ---------------------------------------------------------------------------------------------------------- */

/* Has the consent that covers watched field `at` lasted as long as it lasts? */
static int consent_is_over(struct retention_values *v, int64_t subscriber, size_t at, int64_t now_ms,
                           bool *over)
{
	const char *purpose = v->profile->field[v->watched[at].field].consent;
	sqlite3_stmt *st = v->st[ST_CONSENT];
	int code = SQLITE_OK;

	if (v->whose != subscriber)
		memset(v->is_asked, 0, sizeof v->is_asked);
	v->whose = subscriber;
	if (!v->is_asked[at]) {
		sql_bind_int(st, 1, subscriber);
		sql_bind_text(st, 2, purpose);
		code = sqlite3_step(st);
		v->is_over[at] =
			code == SQLITE_ROW && strcmp(sql_column_text(st, 0), "granted") == 0 &&
			profile_consent_is_over(v->profile, purpose, sqlite3_column_int64(st, 1), now_ms);
		v->is_asked[at] = true;
		code = code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
		(void)sqlite3_reset(st);
	}
	*over = v->is_over[at];
	return code;
}

static int last_seen(struct retention_values *v, int64_t subscriber, int64_t *at_ms)
{
	sqlite3_stmt *st = v->st[ST_SEEN];
	int code;

	sql_bind_int(st, 1, subscriber);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*at_ms = sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* One value, told at told_ms (0 = not known), and not after latest_ms (0 = ask when its person was seen last). Into the slice
 * if it is over. */
static int judge(struct retention_values *v, struct retention_slice *slice, struct retention_due due,
                 size_t at, int64_t told_ms, int64_t latest_ms)
{
	const struct watched *w = &v->watched[at];
	bool goes = false;
	int code = SQLITE_OK;

	if (told_ms <= 0)
		told_ms = latest_ms;
	if (w->keep_ms > 0 && told_ms <= 0)
		code = last_seen(v, due.subscriber, &told_ms);
	if (w->keep_ms > 0 && told_ms > 0)
		goes = slice->now_ms - told_ms >= w->keep_ms;
	if (code == SQLITE_OK && !goes && w->lasts_ms > 0) {
		code = consent_is_over(v, due.subscriber, at, slice->now_ms, &goes);
		due.is_over = goes;
	}
	due.field = w->field;
	if (code == SQLITE_OK && goes)
		slice->due[slice->n_due++] = due;
	return code;
}

static int look_at_profile(struct retention_values *v, struct retention_slice *slice, sqlite3_stmt *st)
{
	const struct retention_due due = {.id = sqlite3_column_int64(st, 0),
	                                  .subscriber = sqlite3_column_int64(st, 0)};
	int code = SQLITE_OK;

	for (size_t i = 0; i < v->n && code == SQLITE_OK; i++)
		if (sqlite3_column_int(st, 1 + 2 * (int)i) != 0)
			code = judge(v, slice, due, i, strtoll(sql_column_text(st, 2 + 2 * (int)i), NULL, 10),
			             0);
	return code;
}

static int look_at_history(struct retention_values *v, struct retention_slice *slice, sqlite3_stmt *st)
{
	const struct retention_due due = {.id = sqlite3_column_int64(st, 0),
	                                  .subscriber = sqlite3_column_int64(st, 1)};
	const char *name = sql_column_text(st, 2);
	size_t at = 0;

	while (at < v->n && strcmp(v->profile->field[v->watched[at].field].name, name) != 0)
		at++;
	if (at == v->n || sqlite3_column_int(st, 5) == 0)
		return SQLITE_OK;
	return judge(v, slice, due, at, strtoll(sql_column_text(st, 3), NULL, 10),
	             sqlite3_column_int64(st, 4));
}

int retention_values_look(struct retention_values *v, struct retention_slice *slice)
{
	bool is_past = slice->source == RETENTION_PAST;
	sqlite3_stmt *st = v->st[is_past ? ST_PAST : ST_PRESENT];
	size_t most = is_past ? 1 : v->n; /* values in a row */
	int code = SQLITE_DONE;

	v->whose = 0;
	slice->looked = 0;
	slice->n_due = 0;
	slice->last = slice->after;
	sql_bind_int(st, 1, slice->after);
	sql_bind_int(st, 2, slice->rows);
	while (slice->n_due + most <= RETENTION_DUE_MAX && (code = sqlite3_step(st)) == SQLITE_ROW) {
		slice->last = sqlite3_column_int64(st, 0);
		slice->looked++;
		code = is_past ? look_at_history(v, slice, st) : look_at_profile(v, slice, st);
		if (code != SQLITE_OK)
			break;
		code = SQLITE_DONE;
	}
	(void)sqlite3_reset(st);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* --- forgetting ------------------------------------------------------------------------------------------------------- */

static int run(sqlite3_stmt *st, int64_t *changed)
{
	int code = sql_run(st);

	if (code == SQLITE_OK)
		*changed += sqlite3_changes(sqlite3_db_handle(st));
	return code;
}

static int drop_field(struct retention_values *v, enum statement which, const struct retention_due *due,
                      int64_t *changed)
{
	sqlite3_stmt *st = v->st[which];

	sql_bind_int(st, 1, due->subscriber);
	sql_bind_text(st, 2, v->profile->field[due->field].name);
	return run(st, changed);
}

static sqlite3_stmt *forget_statement(const struct retention_values *v, size_t field)
{
	size_t at = 0;

	while (at + 1 < v->n && v->watched[at].field != field)
		at++;
	return v->watched[at].forget;
}

int retention_values_forget(struct retention_values *v, enum retention_source source,
                            const struct retention_due *due, struct retention_went *went)
{
	sqlite3_stmt *st = source == RETENTION_PAST ? v->st[ST_DROP_PAST] : forget_statement(v, due->field);
	int64_t found = 0;
	int code;

	*went = (struct retention_went){0};
	sql_bind_int(st, 1, due->id);
	code = run(st, source == RETENTION_PAST ? &went->past : &went->values);
	if (source == RETENTION_PAST || code != SQLITE_OK)
		return code;
	code = drop_field(v, ST_DROP_FIND, due, &found);
	if (code == SQLITE_OK)
		code = drop_field(v, ST_DROP_FIELD, due, &went->past); /* those are older */
	if (code != SQLITE_OK || !v->profile->field[due->field].is_required)
		return code;
	sql_bind_int(v->st[ST_UNREGISTER], 1, due->subscriber);
	return run(v->st[ST_UNREGISTER], &went->unregistered);
}
