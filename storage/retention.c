/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention: see retention.h.
 *
 * Rows are looked at in the order in which they came, by their id, so no index over times is needed: a pass ends at the
 * first slice that holds nothing old.
 */
#include "storage/retention.h"

#include <stdlib.h>

#include "storage/sql.h"
#include "storage/store_limits.h"

#define DAY_MS 86400000

/* The first two by their ids, the others by their times. */
enum kind { KIND_INTERACTION, KIND_NOTICE, KIND_SCREEN, KIND_REFUSAL, KIND_SPENT, KIND_NEWS, KINDS };

struct retention {
	struct store_retention policy;
	sqlite3 *db;
	sqlite3_stmt *look[KINDS], *drop_first, *drop[KINDS];
	enum kind kind;     /* where the pass is */
	int64_t after;      /* ids up to here were looked at */
	int64_t next_after; /* once this slice is committed */
	bool kind_ends;
	int64_t due_ms;
};

/* ?1 = ids above this, ?2 = at most so many, ?3 = now: the last id, how many, and the oldest time. Rows from a future that a wrong
 * clock has made must not end the pass: they are not looked at. */
#define LOOK(table, time)                                                                                  \
	"SELECT max(id), count(*), min(CASE WHEN " time " <= ?3 THEN " time " END) FROM (SELECT id, " time \
	" FROM " table " WHERE id > ?1 ORDER BY id LIMIT ?2)"
/* Ids above ?1 up to ?2, times before ?3. A pending SMS is not over. */
#define OLD_NOTICE "id > ?1 AND id <= ?2 AND created < ?3 AND state <> 'pending'"

static const char look_interaction[] = LOOK("interaction", "ended");
static const char look_notice[] = LOOK("outbox", "created");
static const char drop_interaction[] = "DELETE FROM interaction WHERE id > ?1 AND id <= ?2 AND ended < ?3";
static const char drop_parts[] =
	"DELETE FROM sms_part WHERE notice IN (SELECT id FROM outbox WHERE " OLD_NOTICE ")";
static const char drop_notice[] = "DELETE FROM outbox WHERE " OLD_NOTICE;
/* Days before ?3, at most ?2. */
static const char drop_screen[] =
	"DELETE FROM screen_count WHERE (service, screen, day) IN (SELECT service, screen, day "
	"FROM screen_count WHERE day < ?3 LIMIT ?2)";

/* Times before ?3, at most ?2. */
static const char drop_refusal[] =
	"DELETE FROM refusal WHERE (subscriber, key, reason) IN (SELECT subscriber, key, reason "
	"FROM refusal WHERE last < ?3 LIMIT ?2)";
static const char drop_spent[] =
	"DELETE FROM spent WHERE (rule, scope, bucket) IN (SELECT rule, scope, bucket "
	"FROM spent WHERE ends > 0 AND ends < ?3 LIMIT ?2)";
static const char drop_news[] =
	"DELETE FROM number_news WHERE msisdn IN (SELECT msisdn FROM number_news WHERE at < ?3 LIMIT ?2)";

int retention_new(sqlite3 *db, const struct store_retention *policy, struct retention **out)
{
	struct retention *r = calloc(1, sizeof *r);
	int code;

	if (!r)
		return SQLITE_NOMEM;
	r->db = db;
	r->policy = *policy;
	if (policy->interactions_ms <= 0 && policy->notices_ms <= 0 && policy->screens_ms <= 0 &&
	    policy->refusals_ms <= 0 && !policy->spent)
		r->due_ms = INT64_MAX;
	code = sql_prepare(db, drop_parts, &r->drop_first);
	if (code == SQLITE_OK)
		code = sql_prepare(db, look_interaction, &r->look[KIND_INTERACTION]);
	if (code == SQLITE_OK)
		code = sql_prepare(db, look_notice, &r->look[KIND_NOTICE]);
	if (code == SQLITE_OK)
		code = sql_prepare(db, drop_interaction, &r->drop[KIND_INTERACTION]);
	if (code == SQLITE_OK)
		code = sql_prepare(db, drop_notice, &r->drop[KIND_NOTICE]);
	if (code == SQLITE_OK)
		code = sql_prepare(db, drop_screen, &r->drop[KIND_SCREEN]);
	if (code == SQLITE_OK)
		code = sql_prepare(db, drop_refusal, &r->drop[KIND_REFUSAL]);
	if (code == SQLITE_OK)
		code = sql_prepare(db, drop_spent, &r->drop[KIND_SPENT]);
	if (code == SQLITE_OK)
		code = sql_prepare(db, drop_news, &r->drop[KIND_NEWS]);
	if (code != SQLITE_OK) {
		retention_free(r);
		return code;
	}
	*out = r;
	return SQLITE_OK;
}

void retention_free(struct retention *r)
{
	if (!r)
		return;
	for (int i = 0; i < KINDS; i++) {
		(void)sqlite3_finalize(r->look[i]);
		(void)sqlite3_finalize(r->drop[i]);
	}
	(void)sqlite3_finalize(r->drop_first);
	free(r);
}

int64_t retention_due_ms(const struct retention *r)
{
	return r->due_ms;
}

static int64_t kept_ms(const struct retention *r)
{
	switch (r->kind) {
	case KIND_INTERACTION:
		return r->policy.interactions_ms;
	case KIND_NOTICE:
		return r->policy.notices_ms;
	case KIND_REFUSAL:
		return r->policy.refusals_ms;
	case KIND_SPENT: /* a day over: a clock may be set back a little */
		return r->policy.spent ? DAY_MS : 0;
	case KIND_NEWS:
		return r->policy.spent ? STORE_NEWS_KEPT_MS : 0;
	default:
		return r->policy.screens_ms;
	}
}

static int drop(struct retention *r, sqlite3_stmt *st, int64_t until, int64_t before, int64_t *rows)
{
	int code;

	sql_bind_int(st, 1, r->after);
	sql_bind_int(st, 2, until);
	sql_bind_int(st, 3, before);
	code = sql_run(st);
	if (code == SQLITE_OK)
		*rows += sqlite3_changes(r->db);
	return code;
}

/* Rows that have an id: look at the next of them, and let go those that are old. */
static int slice_by_id(struct retention *r, int64_t now, int64_t before, int64_t *rows)
{
	sqlite3_stmt *st = r->look[r->kind];
	int64_t last = 0, n = 0, oldest = 0;
	int code;

	sql_bind_int(st, 1, r->after);
	sql_bind_int(st, 2, RETENTION_ROWS);
	sql_bind_int(st, 3, now);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		last = sqlite3_column_int64(st, 0);
		n = sqlite3_column_int64(st, 1);
		oldest = sqlite3_column_int64(st, 2);
		code = SQLITE_OK;
	}
	(void)sqlite3_reset(st);
	r->next_after = last;
	r->kind_ends = n < RETENTION_ROWS || oldest >= before;
	if (code != SQLITE_OK || n == 0 || oldest >= before)
		return code;
	if (r->kind == KIND_NOTICE)
		code = drop(r, r->drop_first, last, before, rows);
	return code == SQLITE_OK ? drop(r, r->drop[r->kind], last, before, rows) : code;
}

int retention_slice(struct retention *r, int64_t utc_ms, int64_t *rows)
{
	int64_t kept = kept_ms(r);
	int code;

	*rows = 0;
	r->kind_ends = true;
	if (kept <= 0)
		return SQLITE_OK;
	if (r->kind < KIND_SCREEN)
		return slice_by_id(r, utc_ms, utc_ms - kept, rows);
	code = drop(r, r->drop[r->kind], RETENTION_ROWS,
	            r->kind == KIND_SCREEN ? (utc_ms - kept) / DAY_MS : utc_ms - kept, rows);
	r->kind_ends = *rows < RETENTION_ROWS;
	return code;
}

bool retention_next(struct retention *r, bool committed, int64_t mono_ms)
{
	r->due_ms = mono_ms + RETENTION_PAUSE_MS;
	if (!committed) { /* what is in the way is not gone at once */
		r->due_ms = mono_ms + 50 * RETENTION_PAUSE_MS;
		return false;
	}
	r->after = r->next_after;
	if (!r->kind_ends)
		return false;
	r->after = r->next_after = 0;
	r->kind = (enum kind)((r->kind + 1) % KINDS);
	if (r->kind != KIND_INTERACTION)
		return false;
	r->due_ms = mono_ms + RETENTION_PASS_MS;
	return true;
}
