/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load: see load.h. */
#include "storage/load.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "storage/migrate.h"
#include "storage/sql.h"
#include "storage/tombstone.h"

enum {
	COL_ID,
	COL_MSISDN,
	COL_STATE,
	COL_LANGUAGE,
	COL_FIRST,
	COL_LAST,
	COL_STOPPED,
	COL_SERVICE,
	COL_SCREEN,
	COL_AT,
	COL_FIELDS
};

#define SELECT_COLUMNS                                                                       \
	"SELECT s.id, s.msisdn, s.state, s.language, s.first_seen, s.last_seen, s.stopped, " \
	"s.resume_service, "                                                                 \
	"s.resume_screen, s.resume_at"

/* The newest consent of the last purpose (in order of names) before ?2: one seek a purpose, however long the history
 * is. The first ?2 is a blob, which SQLite sorts after every text. */
#define SELECT_CONSENT                                                               \
	"SELECT purpose, state FROM consent WHERE subscriber = ?1 AND purpose < ?2 " \
	"ORDER BY purpose DESC, id DESC LIMIT 1"

static int prepare_subscriber(struct load *l, sqlite3 *db, const bool *present, const char *where,
                              sqlite3_stmt **out)
{
	char text[512 + PROFILE_MAX_FIELDS * (PROFILE_NAME_SIZE + 8)];
	struct buf b;

	buf_init(&b, text, sizeof text);
	buf_add(&b, SELECT_COLUMNS);
	for (size_t i = 0; i < l->profile->n_fields; i++) {
		if (present[i])
			buf_printf(&b, ", p.\"%s\"", l->profile->field[i].name);
		else
			buf_add(&b, ", NULL");
	}
	buf_add(&b, " FROM subscriber s LEFT JOIN profile p ON p._subscriber = s.id ");
	buf_add(&b, where);
	return b.cut ? SQLITE_TOOBIG : sql_prepare(db, text, out);
}

int load_init(struct load *l, sqlite3 *db, const struct profile *profile)
{
	bool present[PROFILE_MAX_FIELDS];
	int code;

	*l = (struct load){.profile = profile};
	code = migrate_columns(db, profile, present);
	if (code == SQLITE_OK)
		code = prepare_subscriber(l, db, present, "WHERE s.msisdn = ?1", &l->by_msisdn);
	if (code == SQLITE_OK)
		code = prepare_subscriber(l, db, present,
		                          "WHERE s.id > ?1 AND s.msisdn IS NOT NULL ORDER BY s.id LIMIT 1",
		                          &l->after);
	if (code == SQLITE_OK)
		code = sql_prepare(db, SELECT_CONSENT, &l->consents);
	if (code != SQLITE_OK)
		load_fini(l);
	return code;
}

void load_fini(struct load *l)
{
	(void)sqlite3_finalize(l->by_msisdn);
	(void)sqlite3_finalize(l->after);
	(void)sqlite3_finalize(l->consents);
	*l = (struct load){0};
}

static enum subscriber_state state_by_name(const char *name)
{
	if (strcmp(name, subscriber_state_name(SUBSCRIBER_DECLARED)) == 0)
		return SUBSCRIBER_DECLARED;
	if (strcmp(name, subscriber_state_name(SUBSCRIBER_VERIFIED)) == 0)
		return SUBSCRIBER_VERIFIED;
	return SUBSCRIBER_ANONYMOUS;
}

/* A purpose that does not fit the record (over its bound) is left out: it counts as not agreed to, the safe side. */
static int fill_consents(struct load *l, struct record *r)
{
	char before[PROFILE_NAME_SIZE * 2];
	int code;

	sql_bind_int(l->consents, 1, record_id(r));
	(void)sqlite3_bind_zeroblob(l->consents, 2, 0);
	while ((code = sqlite3_step(l->consents)) == SQLITE_ROW) {
		bool stands = strcmp(sql_column_text(l->consents, 1),
		                     store_consent_name(STORE_CONSENT_GRANTED)) == 0;
		enum rc rc;

		(void)snprintf(before, sizeof before, "%s", sql_column_text(l->consents, 0));
		rc = record_set_consent(r, before, stands);
		(void)sqlite3_reset(l->consents);
		if (rc == RC_NOMEM)
			return SQLITE_NOMEM;
		sql_bind_text(l->consents, 2, before);
	}
	(void)sqlite3_reset(l->consents);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* A stored value over today's bound is left out of the record, not out of the database. */
static int fill_record(struct load *l, sqlite3_stmt *st, struct record *r, struct store_resume *resume)
{
	record_set_id(r, sqlite3_column_int64(st, COL_ID));
	record_set_state(r, state_by_name(sql_column_text(st, COL_STATE)));
	if (record_set_language(r, sql_column_text(st, COL_LANGUAGE)) == RC_NOMEM)
		return SQLITE_NOMEM;
	record_set_seen_ms(r, sqlite3_column_int64(st, COL_FIRST), sqlite3_column_int64(st, COL_LAST));
	record_set_stopped(r, sqlite3_column_int(st, COL_STOPPED) != 0);
	(void)snprintf(resume->service, sizeof resume->service, "%s", sql_column_text(st, COL_SERVICE));
	(void)snprintf(resume->screen, sizeof resume->screen, "%s", sql_column_text(st, COL_SCREEN));
	resume->at_ms = sqlite3_column_int64(st, COL_AT);
	for (size_t i = 0; i < l->profile->n_fields; i++) {
		const unsigned char *value = sqlite3_column_text(st, COL_FIELDS + (int)i);

		if (value && record_set_value(r, i, (const char *)value) == RC_NOMEM)
			return SQLITE_NOMEM;
	}
	return SQLITE_OK;
}

static int finish(struct load *l, sqlite3_stmt *st, int64_t msisdn, struct record **out,
                  struct store_resume *resume)
{
	struct record *r = record_new(l->profile, msisdn);
	int code = r ? fill_record(l, st, r, resume) : SQLITE_NOMEM;

	(void)sqlite3_reset(st);
	if (code == SQLITE_OK)
		code = fill_consents(l, r);
	if (code != SQLITE_OK) {
		record_free(r);
		return code;
	}
	*out = r;
	return SQLITE_OK;
}

/* Promise 7: whoever has said STOP and was erased is still left alone. */
static int stranger(struct load *l, int64_t msisdn, struct record **out)
{
	struct tombstone grave = {0};
	int code = l->tombstones ? tombstones_look(l->tombstones, msisdn, &grave) : SQLITE_OK;
	struct record *r = code == SQLITE_OK ? record_new(l->profile, msisdn) : NULL;

	if (code != SQLITE_OK)
		return code;
	if (!r)
		return SQLITE_NOMEM;
	record_set_stopped(r, grave.stopped);
	*out = r;
	return SQLITE_OK;
}

int load_by_msisdn(struct load *l, int64_t msisdn, struct record **out, struct store_resume *resume)
{
	sqlite3_stmt *st = l->by_msisdn;
	int code;

	memset(resume, 0, sizeof *resume);
	sql_bind_int(st, 1, msisdn);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		return finish(l, st, msisdn, out, resume);
	(void)sqlite3_reset(st);
	return code == SQLITE_DONE ? stranger(l, msisdn, out) : code;
}

int load_after(struct load *l, int64_t after, struct record **out, struct store_resume *resume)
{
	sqlite3_stmt *st = l->after;
	int code;

	memset(resume, 0, sizeof *resume);
	sql_bind_int(st, 1, after);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		return finish(l, st, sqlite3_column_int64(st, COL_MSISDN), out, resume);
	(void)sqlite3_reset(st);
	return code;
}
