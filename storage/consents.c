/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Consents: see consents.h. */
#include "storage/consents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/sql.h"

enum statement { ST_ADD, ST_WITHDRAW_ALL, ST_WITHDRAW_ONE, ST_COUNT_ };

struct consents {
	sqlite3 *db;
	const struct profile *profile;
	sqlite3_stmt *st[ST_COUNT_];
};

static const char *const texts[ST_COUNT_] = {
	[ST_ADD] = "INSERT INTO consent (subscriber, purpose, state, words, language, channel, at, version, "
		   "source, proof) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	[ST_WITHDRAW_ALL] =
		"INSERT INTO consent (subscriber, purpose, state, words, language, channel, at) "
		"SELECT ?1, purpose, 'withdrawn', '', '', ?2, ?3 FROM consent WHERE state = 'granted' AND id "
		"IN (SELECT max(id) FROM consent WHERE subscriber = ?1 GROUP BY purpose)",
	[ST_WITHDRAW_ONE] =
		"INSERT INTO consent (subscriber, purpose, state, words, language, channel, at) "
		"SELECT ?1, ?4, 'withdrawn', '', '', ?2, ?3 FROM (SELECT state FROM consent WHERE "
		"subscriber = ?1 AND purpose = ?4 ORDER BY id DESC LIMIT 1) WHERE state = 'granted'",
};

void consents_stand_set(struct consents_stand *s, const char *purpose, int64_t id)
{
	size_t i = 0;

	while (i < s->n && strcmp(s->of[i].purpose, purpose) != 0)
		i++;
	if (i == s->n) {
		if (id == 0 || s->n == RECORD_MAX_CONSENTS)
			return; /* a consent that the record has no place for does not stand either */
		(void)snprintf(s->of[s->n++].purpose, sizeof s->of[0].purpose, "%s", purpose);
	}
	s->of[i].id = id;
}

int64_t consents_stand_id(const struct consents_stand *s, const char *purpose)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->of[i].purpose, purpose) == 0)
			return s->of[i].id;
	return 0;
}

int consents_new(sqlite3 *db, const struct profile *profile, struct consents **out)
{
	struct consents *c = calloc(1, sizeof *c);
	int code = SQLITE_OK;

	if (!c)
		return SQLITE_NOMEM;
	c->db = db;
	c->profile = profile;
	for (int i = 0; i < ST_COUNT_ && code == SQLITE_OK; i++)
		code = sql_prepare(db, texts[i], &c->st[i]);
	if (code != SQLITE_OK) {
		consents_free(c);
		return code;
	}
	*out = c;
	return SQLITE_OK;
}

void consents_free(struct consents *c)
{
	if (!c)
		return;
	for (int i = 0; i < ST_COUNT_; i++)
		(void)sqlite3_finalize(c->st[i]);
	free(c);
}

int consents_add(struct consents *c, const struct consents_row *row, struct consents_stand *stand)
{
	const struct store_agreement *what = &row->what;
	sqlite3_stmt *st = c->st[ST_ADD];
	bool stands = what->state == STORE_CONSENT_GRANTED;
	int code;

	sql_bind_int(st, 1, row->subscriber);
	sql_bind_text(st, 2, what->purpose);
	sql_bind_text(st, 3, store_consent_name(what->state));
	sql_bind_text(st, 4, what->words);
	sql_bind_text(st, 5, what->language);
	sql_bind_text(st, 6, store_channel_name(what->channel));
	sql_bind_int(st, 7, row->at_ms);
	sql_bind_text(st, 8, what->version);
	sql_bind_int(st, 9, row->source);
	sql_bind_text(st, 10, what->proof);
	code = sql_run(st);
	if (code == SQLITE_OK)
		consents_stand_set(stand, what->purpose, stands ? sqlite3_last_insert_rowid(c->db) : 0);
	return code;
}

static int withdraw(sqlite3_stmt *st, int64_t subscriber, enum store_channel channel, int64_t at_ms)
{
	sql_bind_int(st, 1, subscriber);
	sql_bind_text(st, 2, store_channel_name(channel));
	sql_bind_int(st, 3, at_ms);
	return sql_run(st);
}

int consents_withdraw_all(struct consents *c, int64_t subscriber, enum store_channel channel, int64_t at_ms,
                          struct consents_stand *stand)
{
	stand->n = 0;
	return withdraw(c->st[ST_WITHDRAW_ALL], subscriber, channel, at_ms);
}

int consents_stop(struct consents *c, int64_t subscriber, enum store_channel channel, int64_t at_ms,
                  struct consents_stand *stand)
{
	int code = SQLITE_OK;

	for (size_t i = 0; i < c->profile->n_purposes && code == SQLITE_OK; i++) {
		const struct profile_purpose *p = &c->profile->purpose[i];

		if (!p->is_marketing)
			continue;
		sql_bind_text(c->st[ST_WITHDRAW_ONE], 4, p->name);
		code = withdraw(c->st[ST_WITHDRAW_ONE], subscriber, channel, at_ms);
		consents_stand_set(stand, p->name, 0);
	}
	return code;
}
