/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of a subscriber, since when, by which way, and what was known before; what was proven; which numbers they
 * had, and who belongs to them: see query_private.h.
 *
 * Private values come in clear only from a query that was told to reveal them (query_reveal).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "storage/query_private.h"
#include "storage/sql.h"
#include "storage/store.h"
#include "storage/vault.h"

static const char *const texts[QUERY_ST_COUNT_] = {
	[QUERY_ST_PERSON] = "SELECT swapped, imported, referrals, "
			    "coalesce((SELECT by FROM referral WHERE subscriber = ?1), 0) "
			    "FROM subscriber WHERE id = ?1",
	[QUERY_ST_PAST] = "SELECT field, value, told, at, channel, why FROM profile_history "
			  "WHERE subscriber = ?1 ORDER BY id DESC LIMIT ?2",
	[QUERY_ST_VERIFICATIONS] =
		"SELECT at, undone, proof FROM verification WHERE subscriber = ?1 ORDER BY id",
	[QUERY_ST_PERIODS] = "SELECT since, until, why FROM number_period WHERE subscriber = ?1 ORDER BY id",
	[QUERY_ST_RELATIONS] =
		"SELECT r.type, r.state, r.a = ?1, s.id, coalesce(s.msisdn, 0), r.made, r.answered, r.ended, "
		"r.expires FROM relation r JOIN subscriber s ON s.id = CASE r.a WHEN ?1 THEN r.b ELSE r.a END "
		"WHERE r.a = ?1 OR r.b = ?1 ORDER BY r.id LIMIT ?2",
};

/* A field of which nothing was ever kept has no column beside its own. */
static int origins_prepare(struct query *q)
{
	char text[64 + PROFILE_MAX_FIELDS * (PROFILE_NAME_SIZE + 16)], name[PROFILE_NAME_SIZE + 8];
	const struct profile *p = q->profile;
	sqlite3_stmt *st = NULL;
	struct buf b;
	int code = sqlite3_prepare_v2(q->db, "SELECT 1 FROM pragma_table_info('profile') WHERE name = ?1", -1,
	                              &st, NULL);

	for (size_t i = 0; i < p->n_fields && code == SQLITE_OK; i++) {
		(void)snprintf(name, sizeof name, "_from_%s", p->field[i].name);
		sql_bind_text(st, 1, name);
		q->has_origin[i] = sqlite3_step(st) == SQLITE_ROW;
		code = sqlite3_reset(st);
	}
	(void)sqlite3_finalize(st);
	if (code != SQLITE_OK || p->n_fields == 0)
		return code;
	buf_init(&b, text, sizeof text);
	for (size_t i = 0; i < p->n_fields; i++)
		buf_printf(&b, q->has_origin[i] ? "%s\"_from_%s\"" : "%sNULL", i == 0 ? "SELECT " : ", ",
		           p->field[i].name);
	buf_add(&b, " FROM profile WHERE _subscriber = ?1");
	return b.cut ? SQLITE_TOOBIG : sql_prepare(q->db, text, &q->st[QUERY_ST_ORIGINS]);
}

int query_person_prepare(struct query *q)
{
	int code = SQLITE_OK;

	for (size_t i = 0; i < QUERY_ST_COUNT_ && code == SQLITE_OK; i++)
		if (texts[i])
			code = sql_prepare(q->db, texts[i], &q->st[i]);
	return code == SQLITE_OK ? origins_prepare(q) : code;
}

/* --- by what it is known ---------------------------------------------------------------------------------------------- */

/* "AT CHANNEL CONSENT CONFIDENCE"; whatever is missing is not known. */
static bool origin_read(struct region *region, const char *text, struct query_origin *out)
{
	char channel[24] = "";
	long long at = 0, consent = 0;
	int confidence = 0;

	(void)sscanf(text, "%lld %23s %lld %d", &at, channel, &consent, &confidence);
	*out = (struct query_origin){.at_ms = at, .consent = consent, .confidence = confidence};
	out->channel = region_strdup(region, channel);
	return out->channel != NULL;
}

static int origins_read(struct query *q, struct region *region, int64_t id, struct query_subscriber *s)
{
	sqlite3_stmt *st = q->st[QUERY_ST_ORIGINS];
	struct query_origin *list;
	int code;

	if (!st)
		return SQLITE_OK;
	list = region_alloc(region, q->profile->n_fields * sizeof *list);
	if (!list)
		return SQLITE_NOMEM;
	sql_bind_int(st, 1, id);
	code = sqlite3_step(st);
	for (size_t i = 0; i < q->profile->n_fields; i++) {
		const char *text = code == SQLITE_ROW ? sql_column_text(st, (int)i) : "";

		if (!origin_read(region, text, &list[i]))
			code = SQLITE_NOMEM;
	}
	(void)sqlite3_reset(st);
	s->origin = list;
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* --- what is private ------------------------------------------------------------------------------------------------ */

static const char *clear_text(struct query_rows *rows, int64_t id, const char *where, const char *stored)
{
	char plain[STORE_TEXT_MAX + 1];
	const char *kept;

	if (!*stored)
		return "";
	if (!rows->query->vault)
		return QUERY_MASK;
	(void)vault_open_text(rows->query->vault, id, where, stored, plain, sizeof plain);
	kept = region_strdup(rows->region, plain);
	explicit_bzero(plain, sizeof plain);
	return kept;
}

static bool past_read(struct query_rows *rows, sqlite3_stmt *st)
{
	const struct profile *p = rows->query->profile;
	int field = profile_field_by_name(p, sql_column_text(st, 0));
	struct query_origin told;
	char where[PROFILE_NAME_SIZE + 16];
	struct query_past *past;

	if (field < 0)
		return true; /* of a field that profile.conf does not have any more */
	past = query_rows_add(rows);
	if (!past || !origin_read(rows->region, sql_column_text(st, 2), &told))
		return false;
	past->field = (size_t)field;
	past->told_ms = told.at_ms;
	past->at_ms = sqlite3_column_int64(st, 3);
	past->channel = query_rows_keep(rows, st, 4);
	past->why = query_rows_keep(rows, st, 5);
	(void)snprintf(where, sizeof where, "profile.%s", p->field[field].name);
	past->value = p->field[field].is_private
	                      ? clear_text(rows, rows->subscriber, where, sql_column_text(st, 1))
	              : vault_is_sealed(sql_column_text(st, 1)) ? QUERY_MASK
	                                                        : query_rows_keep(rows, st, 1);
	return past->value && past->channel && past->why;
}

static bool verification_read(struct query_rows *rows, sqlite3_stmt *st)
{
	struct query_verification *v = query_rows_add(rows);

	if (!v)
		return false;
	v->at_ms = sqlite3_column_int64(st, 0);
	v->undone_ms = sqlite3_column_int64(st, 1);
	v->proof = clear_text(rows, rows->subscriber, "verification.proof", sql_column_text(st, 2));
	return v->proof != NULL;
}

/* --- numbers and others --------------------------------------------------------------------------------------------- */

static bool period_read(struct query_rows *rows, sqlite3_stmt *st)
{
	struct query_period *p = query_rows_add(rows);

	if (!p)
		return false;
	p->since_ms = sqlite3_column_int64(st, 0);
	p->until_ms = sqlite3_column_int64(st, 1);
	p->why = query_rows_keep(rows, st, 2);
	return p->why != NULL;
}

static bool relation_read(struct query_rows *rows, sqlite3_stmt *st)
{
	struct query_relation *r = query_rows_add(rows);

	if (!r)
		return false;
	r->type = query_rows_keep(rows, st, 0);
	r->state = query_rows_keep(rows, st, 1);
	r->has_asked = sqlite3_column_int(st, 2) != 0;
	r->other = sqlite3_column_int64(st, 3);
	r->msisdn = sqlite3_column_int64(st, 4);
	r->made_ms = sqlite3_column_int64(st, 5);
	r->answered_ms = sqlite3_column_int64(st, 6);
	r->ended_ms = sqlite3_column_int64(st, 7);
	r->expires_ms = sqlite3_column_int64(st, 8);
	return r->type && r->state;
}

/* --- all of it ------------------------------------------------------------------------------------------------------ */

static int person_read(struct query *q, int64_t id, struct query_subscriber *s)
{
	sqlite3_stmt *st = q->st[QUERY_ST_PERSON];
	int code;

	sql_bind_int(st, 1, id);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		s->swapped_ms = sqlite3_column_int64(st, 0);
		s->imported = sqlite3_column_int64(st, 1);
		s->referrals = sqlite3_column_int64(st, 2);
		s->referred_by = sqlite3_column_int64(st, 3);
	}
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int rest_read(struct query *q, struct region *region, int64_t id, struct query_subscriber *s)
{
	struct query_rows past = {
		.region = region, .size = sizeof(struct query_past), .query = q, .subscriber = id};
	struct query_rows verifications = {
		.region = region, .size = sizeof(struct query_verification), .query = q, .subscriber = id};
	struct query_rows periods = {.region = region, .size = sizeof(struct query_period)};
	struct query_rows relations = {.region = region, .size = sizeof(struct query_relation)};
	int code;

	sql_bind_int(q->st[QUERY_ST_PAST], 2, q->limit);
	sql_bind_int(q->st[QUERY_ST_RELATIONS], 2, q->limit);
	code = query_rows_read(&past, q->st[QUERY_ST_PAST], id, past_read);
	if (code == SQLITE_OK)
		code = query_rows_read(&verifications, q->st[QUERY_ST_VERIFICATIONS], id, verification_read);
	if (code == SQLITE_OK)
		code = query_rows_read(&periods, q->st[QUERY_ST_PERIODS], id, period_read);
	if (code == SQLITE_OK)
		code = query_rows_read(&relations, q->st[QUERY_ST_RELATIONS], id, relation_read);
	s->n_past = past.n;
	s->past = past.array;
	s->n_verifications = verifications.n;
	s->verification = verifications.array;
	s->n_periods = periods.n;
	s->period = periods.array;
	s->n_relations = relations.n;
	s->relation = relations.array;
	return code;
}

int query_person_read(struct query *q, struct region *region, bool brief, struct query_subscriber *s)
{
	int64_t id = record_id(s->record);
	int code = person_read(q, id, s);

	if (code == SQLITE_OK && !brief)
		code = origins_read(q, region, id, s);
	return code == SQLITE_OK && !brief ? rest_read(q, region, id, s) : code;
}
