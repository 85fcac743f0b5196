/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Referrals: see referrals.h. */
#include "storage/referrals.h"

#include <stdlib.h>

#include "storage/sql.h"
#include "storage/store_relations.h"

enum statement { ST_FIND, ST_HAD, ST_CIRCLE, ST_ADD, ST_NAMED, ST_COUNT, ST_COUNTED, ST_FORGET, ST_COUNT_ };

struct referrals {
	sqlite3 *db;
	struct tombstones *tombstones;
	sqlite3_stmt *st[ST_COUNT_];
};

static const char *const texts[ST_COUNT_] = {
	[ST_FIND] = "SELECT id FROM subscriber WHERE msisdn = ?1",
	/* in this life, or in any before an erasure: however often that was */
	[ST_HAD] =
		"SELECT 1 FROM referral WHERE subscriber = ?1 UNION ALL SELECT 1 FROM tombstone t JOIN referral r "
		"ON r.subscriber = t.subscriber WHERE t.hash = ?2 LIMIT 1",
	/* Up from the one who is named: does it lead to who names them? */
	[ST_CIRCLE] =
		"WITH RECURSIVE up (id, n) AS (SELECT ?1, 0 UNION ALL SELECT r.by, n + 1 FROM referral r "
		"JOIN up ON r.subscriber = up.id WHERE n < ?3) "
		"SELECT 1 FROM up WHERE id = ?2 OR n = ?3 LIMIT 1",
	[ST_ADD] = "INSERT INTO referral (subscriber, by, at) VALUES (?1, ?2, ?3)",
	[ST_NAMED] = "UPDATE subscriber SET referred = ?2 WHERE id = ?1",
	[ST_COUNT] = "UPDATE referral SET registered = ?2 WHERE subscriber = ?1 AND registered = 0",
	[ST_COUNTED] = ("UPDATE subscriber SET referrals = referrals + 1 WHERE id = "
                        "(SELECT by FROM referral WHERE subscriber = ?1)"),
	[ST_FORGET] = "UPDATE subscriber SET referrals = 0, referred = 0 WHERE id = ?1",
};

int referrals_new(sqlite3 *db, struct tombstones *tombstones, struct referrals **out)
{
	struct referrals *r = calloc(1, sizeof *r);
	int code = SQLITE_OK;

	if (!r)
		return SQLITE_NOMEM;
	*r = (struct referrals){.db = db, .tombstones = tombstones};
	for (int i = 0; i < ST_COUNT_ && code == SQLITE_OK; i++)
		code = sql_prepare(db, texts[i], &r->st[i]);
	if (code != SQLITE_OK) {
		referrals_free(r);
		return code;
	}
	*out = r;
	return SQLITE_OK;
}

void referrals_free(struct referrals *r)
{
	if (!r)
		return;
	for (int i = 0; i < ST_COUNT_; i++)
		(void)sqlite3_finalize(r->st[i]);
	free(r);
}

/* The first column of the row that a look-up gives; *out 0 = it gives none. */
static int look(sqlite3_stmt *st, int64_t *out)
{
	int code = sqlite3_step(st);

	*out = code == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int had(struct referrals *r, int64_t msisdn, int64_t subscriber, int64_t *found)
{
	sql_bind_int(r->st[ST_HAD], 1, subscriber);
	tombstones_bind(r->tombstones, r->st[ST_HAD], 2, msisdn);
	return look(r->st[ST_HAD], found);
}

/* *by = whoever has the number and may be named by this subscriber; 0 = nobody. */
static int find(struct referrals *r, int64_t msisdn, int64_t subscriber, int64_t *by)
{
	int64_t is_circle = 0;
	int code;

	sql_bind_int(r->st[ST_FIND], 1, msisdn);
	code = look(r->st[ST_FIND], by);
	if (code != SQLITE_OK || *by == 0)
		return code;
	sql_bind_int(r->st[ST_CIRCLE], 1, *by);
	sql_bind_int(r->st[ST_CIRCLE], 2, subscriber);
	sql_bind_int(r->st[ST_CIRCLE], 3, REFERRALS_DEEP);
	code = look(r->st[ST_CIRCLE], &is_circle);
	if (is_circle != 0)
		*by = 0;
	return code;
}

static int add(struct referrals *r, int64_t subscriber, int64_t by, int64_t at_ms)
{
	sqlite3_stmt *st = r->st[ST_ADD];
	int code;

	sql_bind_int(st, 1, subscriber);
	sql_bind_int(st, 2, by);
	sql_bind_int(st, 3, at_ms);
	code = sql_run(st);
	sql_bind_int(r->st[ST_NAMED], 1, subscriber);
	sql_bind_int(r->st[ST_NAMED], 2, by);
	return code == SQLITE_OK ? sql_run(r->st[ST_NAMED]) : code;
}

/* Whether there is anybody behind the number is not said: the answer is the same. */
int referrals_write(struct referrals *r, const struct store_batch *b, const struct op *op,
                    bool was_registered, struct store_result *out, int64_t *by)
{
	int64_t found = 0;
	int code;

	*by = 0;
	out->relation = was_registered ? STORE_RELATION_LATE : STORE_RELATION_REFERRED;
	if (was_registered)
		return SQLITE_OK;
	code = had(r, b->msisdn, out->subscriber, &found);
	if (code != SQLITE_OK || found != 0) {
		out->relation = STORE_RELATION_AGAIN;
		return code;
	}
	code = find(r, op->refer.msisdn, out->subscriber, by);
	return code == SQLITE_OK && *by != 0 ? add(r, out->subscriber, *by, b->utc_ms) : code;
}

int referrals_registered(struct referrals *r, int64_t subscriber, int64_t at_ms)
{
	int code;

	sql_bind_int(r->st[ST_COUNT], 1, subscriber);
	sql_bind_int(r->st[ST_COUNT], 2, at_ms);
	code = sql_run(r->st[ST_COUNT]);
	if (code != SQLITE_OK || sqlite3_changes(r->db) == 0)
		return code;
	sql_bind_int(r->st[ST_COUNTED], 1, subscriber);
	return sql_run(r->st[ST_COUNTED]);
}

int referrals_forget(struct referrals *r, int64_t subscriber)
{
	sql_bind_int(r->st[ST_FORGET], 1, subscriber);
	return sql_run(r->st[ST_FORGET]);
}
