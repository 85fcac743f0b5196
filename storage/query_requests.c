/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests, for people: see query_requests.h. */
#include "storage/query_requests.h"

#include <inttypes.h>
#include <stdio.h>

#include "storage/audit_private.h"
#include "storage/db.h"
#include "storage/query_private.h"
#include "storage/sql.h"

#define SELECT_REQUEST                                                                                            \
	"SELECT r.id, r.subscriber, coalesce(s.msisdn, 0), r.what, r.channel, r.at, r.last, r.times, s.swapped, " \
	"r.done, r.actor, r.reason FROM requests r JOIN subscriber s ON s.id = r.subscriber "
static const char open_text[] = SELECT_REQUEST "WHERE r.done = 0 ORDER BY r.at, r.id";
static const char all_text[] = SELECT_REQUEST "ORDER BY r.id DESC";

enum rc query_requests(struct query *q, bool all, query_request_fn *fn, void *ctx)
{
	sqlite3_stmt *st = NULL;
	int code = sql_prepare(query_db(q), all ? all_text : open_text, &st);
	bool more = true;

	if (code != SQLITE_OK)
		return RC_IO;
	while (more && (code = sqlite3_step(st)) == SQLITE_ROW) {
		const struct query_request r = {.id = sqlite3_column_int64(st, 0),
		                                .subscriber = sqlite3_column_int64(st, 1),
		                                .msisdn = sqlite3_column_int64(st, 2),
		                                .what = sql_column_text(st, 3),
		                                .channel = sql_column_text(st, 4),
		                                .at_ms = sqlite3_column_int64(st, 5),
		                                .last_ms = sqlite3_column_int64(st, 6),
		                                .times = sqlite3_column_int64(st, 7),
		                                .swapped_ms = sqlite3_column_int64(st, 8),
		                                .done_ms = sqlite3_column_int64(st, 9),
		                                .actor = sql_column_text(st, 10),
		                                .reason = sql_column_text(st, 11)};

		more = fn(ctx, &r);
	}
	(void)sqlite3_finalize(st);
	return code == SQLITE_DONE || !more ? RC_OK : RC_IO;
}

/* --- done ----------------------------------------------------------------------------------------------------------- */

struct settled {
	bool is_there;
	int64_t subscriber, done_ms;
};

static int look(sqlite3 *db, int64_t id, struct settled *out)
{
	sqlite3_stmt *st = NULL;
	int code =
		sqlite3_prepare_v2(db, "SELECT subscriber, done FROM requests WHERE id = ?1", -1, &st, NULL);

	*out = (struct settled){0};
	if (code != SQLITE_OK)
		return code;
	sql_bind_int(st, 1, id);
	code = sqlite3_step(st);
	out->is_there = code == SQLITE_ROW;
	if (out->is_there) {
		out->subscriber = sqlite3_column_int64(st, 0);
		out->done_ms = sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_finalize(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int mark(sqlite3 *db, int64_t id, const struct audit_row *row)
{
	sqlite3_stmt *st = NULL;
	int code = sqlite3_prepare_v2(
		db, "UPDATE requests SET done = ?2, actor = ?3, reason = ?4 WHERE id = ?1 AND done = 0", -1,
		&st, NULL);

	if (code != SQLITE_OK)
		return code;
	sql_bind_int(st, 1, id);
	sql_bind_int(st, 2, row->at_ms);
	sql_bind_text(st, 3, row->actor);
	sql_bind_text(st, 4, row->reason);
	code = sql_run(st);
	(void)sqlite3_finalize(st);
	return code;
}

/* Looked at and marked in one transaction: two people who do the same at once are told so. */
static int settle(const struct audit_open *o, int64_t id, const struct audit_row *row, struct settled *found)
{
	struct audit_row noted = *row;
	struct audit *audit = NULL;
	int code = audit_new(o->db, o->key, &audit);

	if (code == SQLITE_OK)
		code = sqlite3_exec(o->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = look(o->db, id, found);
	if (code == SQLITE_OK && found->is_there && found->done_ms == 0) {
		noted.subject = found->subscriber;
		code = mark(o->db, id, row);
		if (code == SQLITE_OK)
			code = audit_add(audit, &noted);
	}
	if (code == SQLITE_OK)
		code = sqlite3_exec(o->db, "COMMIT", NULL, NULL, NULL);
	if (!sqlite3_get_autocommit(o->db))
		(void)sqlite3_exec(o->db, "ROLLBACK", NULL, NULL, NULL);
	audit_free(audit);
	return code;
}

enum rc query_request_done(const struct audit_store *s, int64_t id, const struct audit_row *row, char *why,
                           size_t why_size)
{
	struct audit_open o;
	struct settled found = {0};
	enum rc rc;
	int code;

	rc = audit_open(s, true, &o, why, why_size);
	if (rc != RC_OK)
		return rc;
	code = settle(&o, id, row, &found);
	audit_close(&o);
	if (code != SQLITE_OK)
		return db_why(code, "cannot mark the request", why, why_size);
	if (!found.is_there || found.done_ms != 0) {
		(void)snprintf(why, why_size,
		               found.is_there ? "request %" PRId64
		                                " is closed already; see starhash requests --all"
		                              : "no request has the id %" PRId64 "; see starhash requests",
		               id);
		return found.is_there ? RC_EXISTS : RC_NOTFOUND;
	}
	return RC_OK;
}
