/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention of people: see retention_people.h. Whoever has a row of profile has told something; it goes with the rest, so
 * nobody is found twice. */
#include "storage/retention_people.h"

#include <stdlib.h>

#include "storage/sql.h"

enum statement { ST_LOOK, ST_NEXT, ST_PROFILE, ST_HISTORY, ST_FIND, ST_PROOF, ST_PERSON, ST_COUNT_ };

struct retention_people {
	struct vault *vault;
	sqlite3_stmt *st[ST_COUNT_];
};

static const char *const texts[ST_COUNT_] = {
	[ST_LOOK] =
		"SELECT max(_subscriber), count(*) FROM (SELECT _subscriber FROM profile WHERE _subscriber > ?1 "
		"ORDER BY _subscriber LIMIT ?2)",
	/* ?1 after, ?2 up to, ?3 last seen before */
	[ST_NEXT] = "SELECT p._subscriber FROM profile p JOIN subscriber s ON s.id = p._subscriber WHERE "
		    "p._subscriber > ?1 AND p._subscriber <= ?2 AND s.msisdn IS NULL AND s.last_seen < ?3 "
		    "ORDER BY p._subscriber LIMIT 1",
	[ST_PROFILE] = "DELETE FROM profile WHERE _subscriber = ?1",
	[ST_HISTORY] = "DELETE FROM profile_history WHERE subscriber = ?1",
	[ST_FIND] = "DELETE FROM profile_find WHERE subscriber = ?1",
	[ST_PROOF] = "UPDATE verification SET proof = '' WHERE subscriber = ?1 AND proof <> ''",
	[ST_PERSON] = "UPDATE subscriber SET state = 'anonymous', language = '' WHERE id = ?1",
};

int retention_people_new(sqlite3 *db, struct vault *vault, struct retention_people **out)
{
	struct retention_people *p = calloc(1, sizeof *p);
	int code = p ? SQLITE_OK : SQLITE_NOMEM;

	if (p)
		p->vault = vault;
	for (int i = 0; i < ST_COUNT_ && code == SQLITE_OK; i++)
		code = sql_prepare(db, texts[i], &p->st[i]);
	if (code == SQLITE_OK)
		*out = p;
	else
		retention_people_free(p);
	return code;
}

void retention_people_free(struct retention_people *p)
{
	if (!p)
		return;
	for (int i = 0; i < ST_COUNT_; i++)
		(void)sqlite3_finalize(p->st[i]);
	free(p);
}

static int forget(struct retention_people *p, int64_t id, int64_t now_ms)
{
	int code = SQLITE_OK;

	for (int i = ST_PROFILE; i < ST_COUNT_ && code == SQLITE_OK; i++) {
		sql_bind_int(p->st[i], 1, id);
		code = sql_run(p->st[i]);
	}
	return code == SQLITE_OK ? vault_doom(p->vault, id, now_ms) : code;
}

/* *id = the next one who goes. SQLITE_ROW, SQLITE_DONE. */
static int next(struct retention_people *p, const struct retention_people_slice *s, int64_t *id)
{
	sqlite3_stmt *st = p->st[ST_NEXT];
	int code;

	sql_bind_int(st, 1, *id);
	sql_bind_int(st, 2, s->last);
	sql_bind_int(st, 3, s->before_ms);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*id = sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	return code;
}

int retention_people_slice(struct retention_people *p, struct retention_people_slice *s)
{
	sqlite3_stmt *st = p->st[ST_LOOK];
	int64_t id = s->after;
	int code;

	s->last = s->after;
	s->looked = s->gone = 0;
	sql_bind_int(st, 1, s->after);
	sql_bind_int(st, 2, s->rows);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW && sqlite3_column_int64(st, 1) > 0) {
		s->last = sqlite3_column_int64(st, 0);
		s->looked = sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_reset(st);
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? SQLITE_OK : code;
	while ((code = next(p, s, &id)) == SQLITE_ROW) {
		code = forget(p, id, s->now_ms);
		if (code != SQLITE_OK)
			return code;
		s->gone++;
	}
	return code == SQLITE_DONE ? SQLITE_OK : code;
}
