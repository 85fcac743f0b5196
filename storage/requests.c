/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests: see requests.h. */
#include "storage/requests.h"

#include <stdlib.h>

#include "storage/sql.h"

struct requests {
	sqlite3_stmt *add, *close;
};

static const char add_sql[] =
	"INSERT INTO requests (subscriber, what, channel, at, last) VALUES (?1, ?2, ?3, ?4, ?4) "
	"ON CONFLICT (subscriber, what) WHERE done = 0 "
	"DO UPDATE SET last = excluded.last, times = times + 1";
static const char close_sql[] =
	"UPDATE requests SET done = ?2, reason = ?3 WHERE subscriber = ?1 AND done = 0";

int requests_new(sqlite3 *db, struct requests **out)
{
	struct requests *r = calloc(1, sizeof *r);
	int code = r ? sql_prepare(db, add_sql, &r->add) : SQLITE_NOMEM;

	if (code == SQLITE_OK)
		code = sql_prepare(db, close_sql, &r->close);
	if (code == SQLITE_OK)
		*out = r;
	else
		requests_free(r);
	return code;
}

void requests_free(struct requests *r)
{
	if (!r)
		return;
	(void)sqlite3_finalize(r->add);
	(void)sqlite3_finalize(r->close);
	free(r);
}

int requests_add(struct requests *r, int64_t subscriber, const char *what, const char *channel, int64_t at_ms)
{
	sql_bind_int(r->add, 1, subscriber);
	sql_bind_text(r->add, 2, what);
	sql_bind_text(r->add, 3, channel);
	sql_bind_int(r->add, 4, at_ms);
	return sql_run(r->add);
}

int requests_close(struct requests *r, int64_t subscriber, const char *reason, int64_t at_ms)
{
	sql_bind_int(r->close, 1, subscriber);
	sql_bind_int(r->close, 2, at_ms);
	sql_bind_text(r->close, 3, reason);
	return sql_run(r->close);
}
