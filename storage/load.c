/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load: see load.h. */
#include "storage/load.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "storage/migrate.h"
#include "storage/sql.h"
#include "storage/tombstone.h"
#include "storage/vault.h"

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
	COL_RELATED,
	COL_REFERRALS,
	COL_REFERRED,
	COL_FIELDS
};

#define SELECT_COLUMNS                                                                       \
	"SELECT s.id, s.msisdn, s.state, s.language, s.first_seen, s.last_seen, s.stopped, " \
	"s.resume_service, "                                                                 \
	"s.resume_screen, s.resume_at, s.related, s.referrals, s.referred <> 0"

/* The newest consent of the last purpose (in order of names) before ?2: one seek a purpose, however long the history
 * is. The first ?2 is a blob, which SQLite sorts after every text. The newest is the last that was written, whatever its time
 * says: a clock may go back, and a no counts all the same. An import writes in the order of its times (import_rows.c). */
#define SELECT_CONSENT                                                                       \
	"SELECT purpose, state, id, at FROM consent WHERE subscriber = ?1 AND purpose < ?2 " \
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
	(void)sqlite3_finalize(l->by_id);
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
	bool any_over = false;
	int code;

	l->stand.n = 0;
	sql_bind_int(l->consents, 1, record_id(r));
	(void)sqlite3_bind_zeroblob(l->consents, 2, 0);
	while ((code = sqlite3_step(l->consents)) == SQLITE_ROW) {
		bool stands = strcmp(sql_column_text(l->consents, 1),
		                     store_consent_name(STORE_CONSENT_GRANTED)) == 0;
		int64_t id = sqlite3_column_int64(l->consents, 2),
			at_ms = sqlite3_column_int64(l->consents, 3);
		enum rc rc = RC_OK;

		(void)snprintf(before, sizeof before, "%s", sql_column_text(l->consents, 0));
		if (stands && l->now_ms > 0 &&
		    profile_consent_is_over(l->profile, before, at_ms, l->now_ms)) {
			any_over = true; /* as if they had never been asked */
		} else {
			rc = record_set_consent(r, before, stands);
			if (rc == RC_OK && stands)
				consents_stand_set(&l->stand, before, id);
		}
		(void)sqlite3_reset(l->consents);
		if (rc == RC_NOMEM)
			return SQLITE_NOMEM;
		sql_bind_text(l->consents, 2, before);
	}
	(void)sqlite3_reset(l->consents);
	if (code == SQLITE_DONE && any_over)
		record_settle(r); /* what was told under it makes nobody registered any more */
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* A private value, opened; one whose key was destroyed, or that is damaged, is not known (NULL in *out). */
static int open_value(struct load *l, int64_t id, size_t field, const char *sealed, char *room, size_t size,
                      const char **out)
{
	char where[sizeof "profile." + PROFILE_NAME_SIZE];
	int code;

	*out = LOAD_MASKED;
	if (!l->vault || sealed[0] == '\0') {
		if (sealed[0] == '\0')
			*out = sealed;
		return SQLITE_OK;
	}
	(void)snprintf(where, sizeof where, "profile.%s", l->profile->field[field].name);
	code = vault_open_text(l->vault, id, where, sealed, room, size);
	*out = room[0] != '\0' ? room : NULL;
	return code;
}

static int fill_values(struct load *l, sqlite3_stmt *st, struct record *r)
{
	char room[VAULT_TEXT_SIZE(PROFILE_VALUE_MAX)];
	int code = SQLITE_OK;

	for (size_t i = 0; i < l->profile->n_fields && code == SQLITE_OK; i++) {
		const char *value = (const char *)sqlite3_column_text(st, COL_FIELDS + (int)i);

		if (value && l->profile->field[i].is_private)
			code = open_value(l, record_id(r), i, value, room, sizeof room, &value);
		if (code == SQLITE_OK && value && record_set_value(r, i, value) == RC_NOMEM)
			code = SQLITE_NOMEM;
	}
	seal_wipe(room, sizeof room);
	return code;
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
	record_set_related(r, (unsigned)sqlite3_column_int(st, COL_RELATED));
	record_set_referrals(r, (unsigned)sqlite3_column_int(st, COL_REFERRALS));
	record_set_referred(r, sqlite3_column_int(st, COL_REFERRED) != 0);
	(void)snprintf(resume->service, sizeof resume->service, "%s", sql_column_text(st, COL_SERVICE));
	(void)snprintf(resume->screen, sizeof resume->screen, "%s", sql_column_text(st, COL_SCREEN));
	resume->at_ms = sqlite3_column_int64(st, COL_AT);
	return fill_values(l, st, r);
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

	l->stand.n = 0;
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

int load_by_id(struct load *l, int64_t id, struct record **out, struct store_resume *resume)
{
	bool present[PROFILE_MAX_FIELDS];
	sqlite3 *db = sqlite3_db_handle(l->after);
	int code = l->by_id ? SQLITE_OK : migrate_columns(db, l->profile, present);

	memset(resume, 0, sizeof *resume);
	if (code == SQLITE_OK && !l->by_id)
		code = prepare_subscriber(l, db, present, "WHERE s.id = ?1", &l->by_id);
	if (code != SQLITE_OK)
		return code;
	sql_bind_int(l->by_id, 1, id);
	code = sqlite3_step(l->by_id);
	if (code == SQLITE_ROW)
		return finish(l, l->by_id, sqlite3_column_int64(l->by_id, COL_MSISDN), out, resume);
	(void)sqlite3_reset(l->by_id);
	return code;
}
