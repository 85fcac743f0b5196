/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grants and their orders, for reports: see query_charges.h. */
#include "storage/query_charges.h"

#include "storage/query_private.h"
#include "storage/sql.h"

static const char charges_text[] =
	"SELECT g.id, coalesce(c.msisdn, s.msisdn, 0), g.bundle, g.key, g.state, coalesce(c.system, 'ledger'), "
	"coalesce(c.state, ''), coalesce(c.reference, ''), coalesce(c.why, ''), coalesce(c.attempts, 0), "
	"coalesce(c.code, 0), g.at, coalesce(c.sent, 0), coalesce(c.next, 0), coalesce(c.settled, g.at), "
	"coalesce(c.price, 0), coalesce(c.refusal, '') "
	"FROM grants g JOIN subscriber s ON s.id = g.subscriber LEFT JOIN charge c ON c.id = g.id "
	"WHERE (?1 IS NULL OR g.state = ?1 OR c.state = ?1) AND (?2 IS NULL OR g.key = ?2) AND "
	"(?3 IS NULL OR c.reference = ?3) AND (?4 = 0 OR g.id = ?4) ORDER BY g.id";

static enum rc rc_of(int code)
{
	return code == SQLITE_DONE || code == SQLITE_OK ? RC_OK : RC_IO;
}

static void charge_read(sqlite3_stmt *st, struct query_charge *c)
{
	*c = (struct query_charge){.id = sqlite3_column_int64(st, 0),
	                           .msisdn = sqlite3_column_int64(st, 1),
	                           .bundle = sql_column_text(st, 2),
	                           .key = sql_column_text(st, 3),
	                           .state = sql_column_text(st, 4),
	                           .system = sql_column_text(st, 5),
	                           .outbox = sql_column_text(st, 6),
	                           .reference = sql_column_text(st, 7),
	                           .why = sql_column_text(st, 8),
	                           .attempts = sqlite3_column_int(st, 9),
	                           .code = sqlite3_column_int(st, 10),
	                           .at_ms = sqlite3_column_int64(st, 11),
	                           .sent_ms = sqlite3_column_int64(st, 12),
	                           .next_ms = sqlite3_column_int64(st, 13),
	                           .settled_ms = sqlite3_column_int64(st, 14),
	                           .price = sqlite3_column_int64(st, 15),
	                           .refusal = sql_column_text(st, 16)};
}

enum rc query_charges(struct query *q, const struct query_charge_filter *filter, query_charge_fn *fn,
                      void *ctx)
{
	struct query_charge c;
	sqlite3_stmt *st = NULL;
	int code = sqlite3_prepare_v2(query_db(q), charges_text, -1, &st, NULL);
	bool more = true;

	if (code != SQLITE_OK)
		return RC_IO;
	sql_bind_text(st, 1, filter->state);
	sql_bind_text(st, 2, filter->key);
	sql_bind_text(st, 3, filter->reference);
	sql_bind_int(st, 4, filter->id);
	while (more && (code = sqlite3_step(st)) == SQLITE_ROW) {
		charge_read(st, &c);
		more = fn(ctx, &c);
	}
	(void)sqlite3_finalize(st);
	return more ? rc_of(code) : RC_OK;
}

enum rc query_attempts(struct query *q, int64_t id, query_attempt_fn *fn, void *ctx)
{
	sqlite3_stmt *st = NULL;
	int code = sqlite3_prepare_v2(
		query_db(q),
		"SELECT at, op, outcome, reason, why, code FROM charge_attempt WHERE charge = ?1 "
		"ORDER BY id",
		-1, &st, NULL);

	if (code != SQLITE_OK)
		return RC_IO;
	sql_bind_int(st, 1, id);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		struct query_attempt a = {.at_ms = sqlite3_column_int64(st, 0),
		                          .op = sql_column_text(st, 1),
		                          .outcome = sql_column_text(st, 2),
		                          .reason = sql_column_text(st, 3),
		                          .why = sql_column_text(st, 4),
		                          .code = sqlite3_column_int(st, 5)};

		fn(ctx, &a);
	}
	(void)sqlite3_finalize(st);
	return rc_of(code);
}

/* What is confirmed must be so in two places: the grant and the ledger's posting, or the grant and its order. */
static const char days_text[] =
	"SELECT g.at / 86400000, count(*), sum(g.state = 'granted'), sum(g.state = 'rejected'), "
	"sum(g.state = 'pending'), sum(g.state = 'unknown'), sum(CASE "
	"WHEN c.id IS NULL THEN (g.state = 'granted') <> (l.grant_id IS NOT NULL) "
	"WHEN c.system = 'ledger' THEN (g.state = 'granted') <> (l.grant_id IS NOT NULL) "
	"WHEN l.grant_id IS NOT NULL THEN 1 "
	"WHEN c.state = 'held' THEN g.state <> 'pending' "
	"WHEN c.state = 'reconciled' THEN g.state NOT IN ('granted', 'rejected') "
	"WHEN (c.kind = 'purchase') <> (c.price > 0) THEN 1 "
	"WHEN c.state = 'sent' THEN g.state <> 'pending' ELSE c.state <> g.state END), "
	/* money by the orders' own states, so that it can differ from the count by the grants' */
	"total(c.price > 0), total(c.price), total(CASE WHEN c.state = 'granted' OR "
	"(c.state = 'reconciled' AND g.state = 'granted') THEN c.price END), "
	"total(CASE WHEN c.state = 'rejected' OR (c.state = 'reconciled' AND g.state = 'rejected') THEN c.price END), "
	"total(CASE WHEN c.state IN ('held', 'pending', 'sent', 'unknown') THEN c.price END) "
	"FROM grants g LEFT JOIN charge c ON c.id = g.id LEFT JOIN ledger l ON l.grant_id = g.id "
	"WHERE g.at / 86400000 >= ?1 GROUP BY 1 ORDER BY 1";

static void day_add(struct query_grant_day *sum, const struct query_grant_day *d)
{
	sum->given += d->given;
	sum->confirmed += d->confirmed;
	sum->rejected += d->rejected;
	sum->pending += d->pending;
	sum->unknown += d->unknown;
	sum->odd += d->odd;
	sum->bought += d->bought;
	sum->asked_minor += d->asked_minor;
	sum->paid_minor += d->paid_minor;
	sum->refused_minor += d->refused_minor;
	sum->open_minor += d->open_minor;
}

enum rc query_grant_days(struct query *q, int days, query_grant_day_fn *fn, void *ctx)
{
	struct query_grant_day sum = {.day = -1};
	int64_t today = 0;
	sqlite3_stmt *st = NULL;
	int code = sql_int(query_db(q), "SELECT strftime('%s', 'now') / 86400", &today);

	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(query_db(q), days_text, -1, &st, NULL);
	if (code != SQLITE_OK)
		return RC_IO;
	sql_bind_int(st, 1, days > 0 ? today - days + 1 : INT64_MIN);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		struct query_grant_day d = {.day = sqlite3_column_int64(st, 0),
		                            .given = sqlite3_column_int64(st, 1),
		                            .confirmed = sqlite3_column_int64(st, 2),
		                            .rejected = sqlite3_column_int64(st, 3),
		                            .pending = sqlite3_column_int64(st, 4),
		                            .unknown = sqlite3_column_int64(st, 5),
		                            .odd = sqlite3_column_int64(st, 6),
		                            .bought = sqlite3_column_int64(st, 7),
		                            .asked_minor = sqlite3_column_int64(st, 8),
		                            .paid_minor = sqlite3_column_int64(st, 9),
		                            .refused_minor = sqlite3_column_int64(st, 10),
		                            .open_minor = sqlite3_column_int64(st, 11)};

		fn(ctx, &d);
		day_add(&sum, &d);
	}
	(void)sqlite3_finalize(st);
	if (code == SQLITE_DONE)
		fn(ctx, &sum);
	return rc_of(code);
}
