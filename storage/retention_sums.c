/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention sums: see retention_sums.h. */
#include "storage/retention_sums.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/buf.h"
#include "storage/sql.h"

enum statement { ST_PASS, ST_ADD, ST_UNTOLD, ST_TOLD, ST_COUNT_ };

struct retention_sums {
	struct audit *audit;
	sqlite3_stmt *st[ST_COUNT_];
};

static const char *const texts[ST_COUNT_] = {
	[ST_PASS] =
		"UPDATE retention_pass SET number = ?1, began = ?2, ended = ?3, slices = ?4, looked = ?5, busy_us = ?6, "
		"longest_us = ?7, kind = ?8, after = ?9, daily = ?10, audited = ?11 WHERE id = 1",
	[ST_ADD] =
		"INSERT INTO retention_count (what, pass, last, at, total, untold) VALUES (?1, ?2, ?3, ?4, ?3, ?3) "
		"ON CONFLICT (what) DO UPDATE SET last = iif(pass = ?2, last, 0) + ?3, pass = ?2, at = ?4, "
		"total = total + ?3, untold = untold + ?3",
	[ST_UNTOLD] = "SELECT what, untold FROM retention_count WHERE untold > 0 ORDER BY what",
	[ST_TOLD] = "UPDATE retention_count SET untold = 0 WHERE untold > 0",
};

int retention_sums_new(sqlite3 *db, struct audit *audit, struct retention_sums **out)
{
	struct retention_sums *s = calloc(1, sizeof *s);
	int code = s ? SQLITE_OK : SQLITE_NOMEM;

	if (s)
		s->audit = audit;
	for (int i = 0; i < ST_COUNT_ && code == SQLITE_OK; i++)
		code = sql_prepare(db, texts[i], &s->st[i]);
	if (code == SQLITE_OK)
		*out = s;
	else
		retention_sums_free(s);
	return code;
}

void retention_sums_free(struct retention_sums *s)
{
	if (!s)
		return;
	for (int i = 0; i < ST_COUNT_; i++)
		(void)sqlite3_finalize(s->st[i]);
	free(s);
}

int retention_pass_read(sqlite3 *db, struct retention_pass *out)
{
	sqlite3_stmt *st = NULL;
	int code = sql_prepare(
		db,
		"SELECT number, began, ended, slices, looked, busy_us, longest_us, kind, after, daily, "
		"audited FROM retention_pass WHERE id = 1",
		&st);

	*out = (struct retention_pass){0};
	if (code != SQLITE_OK)
		return code;
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		*out = (struct retention_pass){.number = sqlite3_column_int64(st, 0),
		                               .began_ms = sqlite3_column_int64(st, 1),
		                               .ended_ms = sqlite3_column_int64(st, 2),
		                               .slices = sqlite3_column_int64(st, 3),
		                               .looked = sqlite3_column_int64(st, 4),
		                               .busy_us = sqlite3_column_int64(st, 5),
		                               .longest_us = sqlite3_column_int64(st, 6),
		                               .after = sqlite3_column_int64(st, 8),
		                               .daily_ms = sqlite3_column_int64(st, 9),
		                               .audited_ms = sqlite3_column_int64(st, 10)};
		(void)snprintf(out->kind, sizeof out->kind, "%s", sql_column_text(st, 7));
	}
	(void)sqlite3_finalize(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int retention_pass_write(struct retention_sums *s, const struct retention_pass *pass)
{
	sqlite3_stmt *st = s->st[ST_PASS];

	sql_bind_int(st, 1, pass->number);
	sql_bind_int(st, 2, pass->began_ms);
	sql_bind_int(st, 3, pass->ended_ms);
	sql_bind_int(st, 4, pass->slices);
	sql_bind_int(st, 5, pass->looked);
	sql_bind_int(st, 6, pass->busy_us);
	sql_bind_int(st, 7, pass->longest_us);
	sql_bind_text(st, 8, pass->kind);
	sql_bind_int(st, 9, pass->after);
	sql_bind_int(st, 10, pass->daily_ms);
	sql_bind_int(st, 11, pass->audited_ms);
	return sql_run(st);
}

int retention_sums_add(struct retention_sums *s, const struct retention_pass *pass, const char *what,
                       int64_t n, int64_t now_ms)
{
	sqlite3_stmt *st = s->st[ST_ADD];

	if (n == 0)
		return SQLITE_OK;
	sql_bind_text(st, 1, what);
	sql_bind_int(st, 2, pass->number);
	sql_bind_int(st, 3, n);
	sql_bind_int(st, 4, now_ms);
	return sql_run(st);
}

int retention_sums_tell(struct retention_sums *s, int64_t now_ms, int64_t *told_ms)
{
	char text[AUDIT_WORDS_MAX];
	struct audit_row row = {.at_ms = now_ms, .actor = "retention", .action = "forget", .reason = text};
	sqlite3_stmt *st = s->st[ST_UNTOLD];
	struct buf b;
	int code;

	buf_init(&b, text, sizeof text);
	while ((code = sqlite3_step(st)) == SQLITE_ROW)
		buf_printf(&b, "%s%s %" PRId64, b.len ? ", " : "", sql_column_text(st, 0),
		           (int64_t)sqlite3_column_int64(st, 1));
	(void)sqlite3_reset(st);
	if (code != SQLITE_DONE || b.len == 0)
		return code == SQLITE_DONE ? SQLITE_OK : code;
	*told_ms = now_ms;
	code = audit_add(s->audit, &row);
	return code == SQLITE_OK ? sql_run(s->st[ST_TOLD]) : code;
}
