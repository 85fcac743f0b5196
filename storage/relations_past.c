/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relations, past: see relations_past.h. */
#include "storage/relations_past.h"

#include <stdlib.h>

#include "storage/sql.h"

enum statement { ST_AGAIN, ST_MADE, ST_ASKED, ST_OF, ST_ADD, ST_END, ST_COUNT_ };

struct relations_past {
	const struct tombstones *tombstones;
	sqlite3_stmt *st[ST_COUNT_];
};

static const char *const texts[ST_COUNT_] = {
	[ST_AGAIN] = "SELECT 1 FROM relation_past WHERE a = ?1 AND type = ?2 AND b = ?3 AND "
		     "max(made, asked) > ?4 LIMIT 1",
	[ST_MADE] = "SELECT count(*) FROM relation_past WHERE a = ?1 AND type = ?2 AND made > ?3",
	[ST_ASKED] =
		"SELECT count(*), coalesce(min(asked), 0) FROM relation_past WHERE b = ?1 AND asked > ?2",
	/* what no bound counts any more is not kept */
	[ST_OF] =
		"SELECT coalesce(p.msisdn, 0), coalesce(q.msisdn, 0), r.type, r.made, r.asked, "
		"max(r.made, r.asked) + max(r.again, 86400000) FROM relation r JOIN subscriber p ON p.id = r.a "
		"JOIN subscriber q ON q.id = r.b WHERE (r.a = ?1 OR r.b = ?1) AND "
		"max(r.made, r.asked) + max(r.again, 86400000) > ?2",
	[ST_ADD] =
		"INSERT INTO relation_past (a, b, type, made, asked, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[ST_END] = "DELETE FROM relation_past WHERE (a = ?1 OR b = ?1) AND max(made, asked) <= ?2",
};

int relations_past_new(sqlite3 *db, const struct tombstones *tombstones, struct relations_past **out)
{
	struct relations_past *p = calloc(1, sizeof *p);
	int code = SQLITE_OK;

	if (!p)
		return SQLITE_NOMEM;
	p->tombstones = tombstones;
	for (int i = 0; i < ST_COUNT_ && code == SQLITE_OK; i++)
		code = sql_prepare(db, texts[i], &p->st[i]);
	if (code != SQLITE_OK) {
		relations_past_free(p);
		return code;
	}
	*out = p;
	return SQLITE_OK;
}

void relations_past_free(struct relations_past *p)
{
	if (!p)
		return;
	for (int i = 0; i < ST_COUNT_; i++)
		(void)sqlite3_finalize(p->st[i]);
	free(p);
}

/* A side that had given its number up before is nobody: an empty hash, which no number has. */
static void bind_number(const struct relations_past *p, sqlite3_stmt *st, int at, int64_t msisdn)
{
	uint8_t hash[DIGEST_KEYED_SIZE];

	key_hash(&p->tombstones->key, msisdn, hash);
	(void)sqlite3_bind_blob(st, at, hash, msisdn ? (int)sizeof hash : 0, SQLITE_TRANSIENT);
}

/* The first two columns of the only row; 0 = there is none. The statement is bound. */
static int look(sqlite3_stmt *st, int64_t *first, int64_t *second)
{
	int code = sqlite3_step(st);

	*first = code == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	if (second)
		*second = code == SQLITE_ROW ? sqlite3_column_int64(st, 1) : 0;
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int relations_past_again(struct relations_past *p, int64_t a_msisdn, int64_t b_msisdn, const char *type,
                         int64_t since_ms, bool *again)
{
	sqlite3_stmt *st = p->st[ST_AGAIN];
	int64_t found;
	int code;

	bind_number(p, st, 1, a_msisdn);
	sql_bind_text(st, 2, type);
	bind_number(p, st, 3, b_msisdn);
	sql_bind_int(st, 4, since_ms);
	code = look(st, &found, NULL);
	*again = found != 0;
	return code;
}

int relations_past_made(struct relations_past *p, int64_t a_msisdn, const char *type, int64_t since_ms,
                        int64_t *n)
{
	sqlite3_stmt *st = p->st[ST_MADE];

	bind_number(p, st, 1, a_msisdn);
	sql_bind_text(st, 2, type);
	sql_bind_int(st, 3, since_ms);
	return look(st, n, NULL);
}

int relations_past_asked(struct relations_past *p, int64_t b_msisdn, int64_t since_ms, int64_t *n,
                         int64_t *first_ms)
{
	sqlite3_stmt *st = p->st[ST_ASKED];

	bind_number(p, st, 1, b_msisdn);
	sql_bind_int(st, 2, since_ms);
	return look(st, n, first_ms);
}

static int keep_one(struct relations_past *p, sqlite3_stmt *of)
{
	sqlite3_stmt *st = p->st[ST_ADD];

	bind_number(p, st, 1, sqlite3_column_int64(of, 0));
	bind_number(p, st, 2, sqlite3_column_int64(of, 1));
	sql_bind_text(st, 3, sql_column_text(of, 2));
	for (int at = 3; at <= 5; at++)
		sql_bind_int(st, at + 1, sqlite3_column_int64(of, at));
	return sql_run(st);
}

int relations_past_keep(struct relations_past *p, int64_t subscriber, int64_t at_ms)
{
	sqlite3_stmt *st = p->st[ST_OF];
	int code, kept = SQLITE_OK;

	sql_bind_int(st, 1, subscriber);
	sql_bind_int(st, 2, at_ms);
	while (kept == SQLITE_OK && (code = sqlite3_step(st)) == SQLITE_ROW)
		kept = keep_one(p, st);
	(void)sqlite3_reset(st);
	if (kept != SQLITE_OK)
		return kept;
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

int relations_past_end(struct relations_past *p, int64_t msisdn, int64_t at_ms)
{
	bind_number(p, p->st[ST_END], 1, msisdn);
	sql_bind_int(p->st[ST_END], 2, at_ms);
	return sql_run(p->st[ST_END]);
}
