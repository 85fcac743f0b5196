/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profile rows: see profile_rows.h.
 *
 * One statement writes all fields: where "_from_x" comes as NULL the field was not touched and both its columns stay.
 * So what is not known of a value is '' there, and never NULL, once a batch has touched it.
 */
#include "storage/profile_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "storage/find.h"
#include "storage/sql.h"

#define FROM_SIZE 80 /* two numbers of 20 digits, a channel, a confidence */

struct profile_rows {
	const struct profile *profile;
	struct vault *vault;
	struct find *find;
	sqlite3_stmt *set, *drop, *drop_history;
	sqlite3_stmt *keep;  /* what a value was goes into the history; NULL: there are no fields */
	sqlite3_stmt *blank; /* the history of one field */
	struct from {
		int64_t consent;
		const char *channel;
		int confidence;
		char text[FROM_SIZE];
	} from[PROFILE_MAX_FIELDS];
	char where[PROFILE_MAX_FIELDS][sizeof "profile." + PROFILE_NAME_SIZE];
	char sealed[PROFILE_MAX_FIELDS][VAULT_TEXT_SIZE(PROFILE_VALUE_MAX)];
};

static const char drop_text[] = "DELETE FROM profile WHERE _subscriber = ?1";
static const char drop_history_text[] = "DELETE FROM profile_history WHERE subscriber = ?1";
static const char blank_text[] =
	"UPDATE profile_history SET value = '', why = 'withdrawn' WHERE subscriber = ?1 AND field = ?2 AND value <> ''";

static int prepare_set(struct profile_rows *p, sqlite3 *db)
{
	char text[256 + PROFILE_MAX_FIELDS * (8 * PROFILE_NAME_SIZE + 160)];
	struct buf b;

	buf_init(&b, text, sizeof text);
	buf_add(&b, "INSERT INTO profile (_subscriber");
	for (size_t i = 0; i < p->profile->n_fields; i++)
		buf_printf(&b, ", \"%s\", \"_from_%s\"", p->profile->field[i].name,
		           p->profile->field[i].name);
	buf_add(&b, ") VALUES (?1");
	for (size_t i = 0; i < p->profile->n_fields; i++)
		buf_printf(&b, ", ?%zu, ?%zu", 2 * i + 2, 2 * i + 3);
	buf_add(&b, ") ON CONFLICT (_subscriber) DO UPDATE SET ");
	for (size_t i = 0; i < p->profile->n_fields; i++) {
		const char *name = p->profile->field[i].name;

		buf_printf(&b,
		           "%s\"%s\" = iif(excluded.\"_from_%s\" IS NULL, \"%s\", excluded.\"%s\"), "
		           "\"_from_%s\" = ifnull(excluded.\"_from_%s\", \"_from_%s\")",
		           i ? ", " : "", name, name, name, name, name, name, name);
	}
	return b.cut ? SQLITE_TOOBIG : sql_prepare(db, text, &p->set);
}

/* ?1 subscriber, ?2 field, ?3 at, ?4 channel, ?5 why, ?6 is its value kept? The value is taken as it lies there, sealed. */
static int prepare_keep(struct profile_rows *p, sqlite3 *db)
{
	char text[512 + PROFILE_MAX_FIELDS * (4 * PROFILE_NAME_SIZE + 48)];
	struct buf b;

	buf_init(&b, text, sizeof text);
	buf_add(&b, "INSERT INTO profile_history (subscriber, field, value, told, at, channel, why) "
	            "SELECT ?1, ?2, iif(?6, value, ''), ifnull(told, ''), ?3, ?4, ?5 FROM (SELECT CASE ?2");
	for (size_t i = 0; i < p->profile->n_fields; i++)
		buf_printf(&b, " WHEN '%s' THEN \"%s\"", p->profile->field[i].name,
		           p->profile->field[i].name);
	buf_add(&b, " END AS value, CASE ?2");
	for (size_t i = 0; i < p->profile->n_fields; i++)
		buf_printf(&b, " WHEN '%s' THEN \"_from_%s\"", p->profile->field[i].name,
		           p->profile->field[i].name);
	buf_add(&b, " END AS told FROM profile WHERE _subscriber = ?1) WHERE value <> ''");
	return b.cut ? SQLITE_TOOBIG : sql_prepare(db, text, &p->keep);
}

int profile_rows_new(sqlite3 *db, const struct profile *profile, struct vault *vault,
                     struct profile_rows **out)
{
	struct profile_rows *p = calloc(1, sizeof *p);
	int code;

	if (!p)
		return SQLITE_NOMEM;
	p->profile = profile;
	for (size_t i = 0; i < profile->n_fields; i++)
		(void)snprintf(p->where[i], sizeof p->where[i], "profile.%s", profile->field[i].name);
	p->vault = vault;
	code = find_new(db, vault, &p->find);
	if (code == SQLITE_OK)
		code = sql_prepare(db, drop_text, &p->drop);
	if (code == SQLITE_OK)
		code = sql_prepare(db, drop_history_text, &p->drop_history);
	if (code == SQLITE_OK)
		code = sql_prepare(db, blank_text, &p->blank);
	if (code == SQLITE_OK && profile->n_fields > 0)
		code = prepare_set(p, db);
	if (code == SQLITE_OK && profile->n_fields > 0)
		code = prepare_keep(p, db);
	if (code != SQLITE_OK) {
		profile_rows_free(p);
		return code;
	}
	*out = p;
	return SQLITE_OK;
}

void profile_rows_free(struct profile_rows *p)
{
	if (!p)
		return;
	find_free(p->find);
	(void)sqlite3_finalize(p->set);
	(void)sqlite3_finalize(p->drop);
	(void)sqlite3_finalize(p->drop_history);
	(void)sqlite3_finalize(p->keep);
	(void)sqlite3_finalize(p->blank);
	free(p);
}

static int keep_old(struct profile_rows *p, const struct record *r, size_t field,
                    const struct profile_change *c)
{
	const struct profile_field *f = &p->profile->field[field];
	bool is_taken = c->field[field].how == PROFILE_TAKEN;
	bool is_withdrawn = !record_has_consent(r, f->consent);
	sqlite3_stmt *st = p->keep;

	sql_bind_int(st, 1, record_id(r));
	sql_bind_text(st, 2, f->name);
	sql_bind_int(st, 3, c->at_ms);
	sql_bind_text(st, 4, c->field[field].channel);
	sql_bind_text(st, 5, is_withdrawn ? "withdrawn" : is_taken ? "taken back" : "changed");
	sql_bind_int(st, 6, !is_withdrawn);
	return sql_run(st);
}

/* Most values of a batch come from the same place: one text for all of those. `last` of the batch, NULL at first. */
static const struct from *from_of(struct profile_rows *p, size_t field, const struct profile_change *c,
                                  const struct consents_stand *stand, const struct from *last)
{
	const struct profile_touch *t = &c->field[field];
	struct from *from = &p->from[field];
	struct buf b;

	from->consent = consents_stand_id(stand, p->profile->field[field].consent);
	from->channel = t->channel;
	from->confidence = t->confidence;
	if (last && last->consent == from->consent && last->confidence == from->confidence &&
	    strcmp(last->channel, from->channel) == 0)
		return last;
	buf_init(&b, from->text, sizeof from->text);
	buf_add_int(&b, c->told_ms > 0 ? c->told_ms : c->at_ms);
	buf_add_char(&b, ' ');
	buf_add(&b, from->channel);
	buf_add_char(&b, ' ');
	buf_add_int(&b, from->consent);
	buf_add_char(&b, ' ');
	buf_add_int(&b, from->confidence);
	return from;
}

static int bind_field(struct profile_rows *p, const struct record *r, size_t field,
                      const struct profile_change *c, const struct consents_stand *stand,
                      const struct from **last)
{
	const struct profile_touch *t = &c->field[field];
	int at = 2 * (int)field + 2;
	int code = SQLITE_OK;

	if (t->how == PROFILE_UNTOUCHED) {
		sql_bind_text(p->set, at, NULL);
		sql_bind_text(p->set, at + 1, NULL);
		return SQLITE_OK;
	}
	if (t->how == PROFILE_TOLD)
		*last = from_of(p, field, c, stand, *last);
	sql_bind_text(p->set, at + 1, t->how == PROFILE_TOLD ? (*last)->text : "");
	if (p->profile->field[field].is_findable)
		code = find_put(p->find, record_id(r), p->profile->field[field].name, record_value(r, field));
	if (code != SQLITE_OK)
		return code;
	if (p->profile->field[field].is_private)
		return vault_bind_living(p->vault, p->set, at, record_id(r), p->where[field],
		                         record_value(r, field), p->sealed[field], sizeof p->sealed[field]);
	sql_bind_text(p->set, at, record_value(r, field));
	return SQLITE_OK;
}

int profile_rows_write(struct profile_rows *p, const struct record *r, const struct profile_change *c,
                       const struct consents_stand *stand)
{
	const struct from *last = NULL;
	int code = SQLITE_OK;

	if (!p->set)
		return SQLITE_OK;
	for (size_t i = 0; i < p->profile->n_fields && code == SQLITE_OK; i++)
		if (c->field[i].replaced)
			code = keep_old(p, r, i, c);
	if (code != SQLITE_OK)
		return code;
	sql_bind_int(p->set, 1, record_id(r));
	for (size_t i = 0; i < p->profile->n_fields && code == SQLITE_OK; i++)
		code = bind_field(p, r, i, c, stand, &last);
	return code == SQLITE_OK ? sql_run(p->set) : code;
}

int profile_rows_withdrawn(struct profile_rows *p, int64_t subscriber, const char *purpose)
{
	int code = SQLITE_OK;

	for (size_t i = 0; i < p->profile->n_fields && code == SQLITE_OK; i++) {
		if (strcmp(p->profile->field[i].consent, purpose) != 0)
			continue;
		sql_bind_int(p->blank, 1, subscriber);
		sql_bind_text(p->blank, 2, p->profile->field[i].name);
		code = sql_run(p->blank);
	}
	return code;
}

int profile_rows_drop(struct profile_rows *p, int64_t subscriber)
{
	int code;

	sql_bind_int(p->drop, 1, subscriber);
	code = sql_run(p->drop);
	if (code != SQLITE_OK)
		return code;
	code = find_drop(p->find, subscriber);
	if (code != SQLITE_OK)
		return code;
	sql_bind_int(p->drop_history, 1, subscriber);
	return sql_run(p->drop_history);
}
