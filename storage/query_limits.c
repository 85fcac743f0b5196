/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports of limits: see query_limits.h. */
#include "storage/query_limits.h"

#include "storage/limits.h"
#include "storage/query_private.h"
#include "storage/sql.h"

#define DAY_MS INT64_C(86400000)

static const char spent_text[] = "SELECT gifts FROM spent WHERE rule = ?1 AND scope = ?2 AND bucket = ?3";
static const char refused_text[] = "SELECT reason, sum(count) FROM refusal GROUP BY reason";

#define SELECT_REFUSAL \
	"SELECT r.bundle, r.key, r.reason, r.rule, r.first, r.last, r.count, coalesce(s.msisdn, 0) FROM "

/* By `grant`: of one, of all. */
static const char one_text[] =
	SELECT_REFUSAL "grants g JOIN refusal r ON r.subscriber = g.subscriber AND r.key = g.key "
		       "JOIN subscriber s ON s.id = r.subscriber WHERE g.id = ?1 ORDER BY r.last";
static const char all_text[] =
	SELECT_REFUSAL "refusal r JOIN subscriber s ON s.id = r.subscriber ORDER BY r.last";

static int spent_read(sqlite3_stmt *st, const char *rule, const char *scope, int64_t bucket, int64_t *out)
{
	int code;

	sql_bind_text(st, 1, rule);
	sql_bind_text(st, 2, scope);
	sql_bind_int(st, 3, bucket);
	code = sqlite3_step(st);
	*out = code == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int counts_read(struct query *q, const struct store_limits *l, int64_t now_ms,
                       struct query_limits *out)
{
	char rule[LIMITS_RULE_SIZE];
	sqlite3_stmt *st = NULL;
	int code = sql_prepare(query_db(q), spent_text, &st);

	for (size_t i = 0; i < l->n_budgets && code == SQLITE_OK; i++) {
		limits_budget_name(&l->budget[i], rule);
		out->budget[i].budget = &l->budget[i];
		code = spent_read(st, rule, "", 0, &out->budget[i].spent);
	}
	for (size_t i = 0; i < l->n_caps && code == SQLITE_OK; i++) {
		out->cap[i].cap = &l->cap[i];
		code = spent_read(st, "bundle", l->cap[i].bundle, (now_ms - l->day_starts_ms) / DAY_MS,
		                  &out->cap[i].spent);
	}
	(void)sqlite3_finalize(st);
	out->n_budgets = l->n_budgets;
	out->n_caps = l->n_caps;
	return code;
}

static int refused_read(struct query *q, struct query_limits *out)
{
	sqlite3_stmt *st = NULL;
	int code = sql_prepare(query_db(q), refused_text, &st);

	while (code == SQLITE_OK && (code = sqlite3_step(st)) == SQLITE_ROW) {
		out->refused[refusal_by_name(sql_column_text(st, 0))] += sqlite3_column_int64(st, 1);
		code = SQLITE_OK;
	}
	(void)sqlite3_finalize(st);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int held_read(struct query *q, struct query_limits *out)
{
	int code = sql_int(query_db(q), "SELECT count(*) FROM charge WHERE state = 'held'", &out->held);

	return code == SQLITE_OK
	               ? sql_int(query_db(q),
	                         "SELECT coalesce(min(ordered), 0) FROM charge WHERE state = 'held'",
	                         &out->oldest_held_ms)
	               : code;
}

enum rc query_limits_read(struct query *q, const struct store_limits *limits, int64_t now_ms,
                          struct query_limits *out)
{
	int code = sqlite3_exec(query_db(q), "BEGIN", NULL, NULL, NULL);

	*out = (struct query_limits){0};
	if (code == SQLITE_OK)
		code = counts_read(q, limits, now_ms, out);
	if (code == SQLITE_OK)
		code = refused_read(q, out);
	if (code == SQLITE_OK)
		code = held_read(q, out);
	if (!sqlite3_get_autocommit(query_db(q)))
		(void)sqlite3_exec(query_db(q), "COMMIT", NULL, NULL, NULL);
	return code == SQLITE_OK ? RC_OK : RC_IO;
}

enum rc query_refusals(struct query *q, int64_t grant, query_refusal_fn *fn, void *ctx)
{
	sqlite3_stmt *st = NULL;
	int code = sql_prepare(query_db(q), grant != 0 ? one_text : all_text, &st);
	bool more = true;

	if (code != SQLITE_OK)
		return RC_IO;
	if (grant != 0)
		sql_bind_int(st, 1, grant);
	while (more && (code = sqlite3_step(st)) == SQLITE_ROW) {
		const struct query_refusal r = {.bundle = sql_column_text(st, 0),
		                                .key = sql_column_text(st, 1),
		                                .reason = sql_column_text(st, 2),
		                                .rule = sql_column_text(st, 3),
		                                .first_ms = sqlite3_column_int64(st, 4),
		                                .last_ms = sqlite3_column_int64(st, 5),
		                                .count = sqlite3_column_int64(st, 6)};

		more = fn(ctx, sqlite3_column_int64(st, 7), &r);
	}
	(void)sqlite3_finalize(st);
	return code == SQLITE_DONE || !more ? RC_OK : RC_IO;
}
