/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Held: see held.h. Every change names the state it comes from, so of two persons who decide at once the second is told that
 * it was too late. */
#include "storage/held.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/audit.h"
#include "storage/sql.h"

enum statement {
	ST_HOLD,
	ST_ADD,
	ST_LOOK,
	ST_ORDER,
	ST_SETTLE,
	ST_GRANT,
	ST_LEDGER,
	ST_ATTEMPT,
	ST_BLANK,
	ST_DROP_LIST,
	ST_DROP_GRANTS,
	ST_DROP,
	ST_GIVE_UP,
	ST_COUNT_
};

struct held {
	sqlite3 *db;
	struct vault *vault;
	struct charges *charges;
	struct limits *limits;
	struct outgoing_rows *outgoing;
	struct audit *audit;
	sqlite3_stmt *st[ST_COUNT_];
};

/* The number of somebody erased stays with orders that are proof of money at another system, and with no others. */
#define KEEPS_NUMBER                                                                         \
	"msisdn = CASE WHEN system = 'ledger' AND (SELECT s.msisdn FROM subscriber s WHERE " \
	"s.id = charge.subscriber) IS NULL THEN 0 ELSE msisdn END"
#define GIVEN_UP "'the number was given to somebody else'"

static const char *const texts[ST_COUNT_] = {
	[ST_HOLD] = "UPDATE charge SET state = 'held', declined = ?2 WHERE id = ?1 AND state = 'pending'",
	/* the ledger's, which has no other orders than these */
	[ST_ADD] =
		"INSERT INTO charge (id, subscriber, msisdn, system, reference, state, ordered, route, sms, "
		"late, sorry, declined) VALUES (?1, ?2, ?3, 'ledger', '', 'held', ?4, ?5, ?6, ?7, '', ?8)",
	[ST_LOOK] =
		"SELECT g.state, c.state, c.system, c.subscriber, c.msisdn, s.msisdn, s.stopped, c.route, c.sms, "
		"c.late, c.declined, g.key, g.bundle, g.gives, g.at FROM grants g "
		"LEFT JOIN charge c ON c.id = g.id JOIN subscriber s ON s.id = g.subscriber WHERE g.id = ?1",
	/* from here on it is an order as any other, and its time begins */
	[ST_ORDER] =
		"UPDATE charge SET state = 'pending', approved = 1, ordered = ?2, next = 0, declined = '' "
		"WHERE id = ?1 AND state = 'held'",
	[ST_SETTLE] =
		"UPDATE charge SET state = 'reconciled', settled = ?2, why = ?3, refusal = ?4, sms = '', "
		"late = '', sorry = '', poor = '', barred = '', declined = '', " KEEPS_NUMBER
		" WHERE id = ?1 AND state = 'held'",
	/* what is valid for a week is valid for a week from now */
	[ST_GRANT] = "UPDATE grants SET state = ?2, expires = CASE WHEN expires > 0 AND ?2 <> 'rejected' "
		     "THEN expires - at + ?3 ELSE expires END WHERE id = ?1",
	[ST_LEDGER] = "INSERT INTO ledger (grant_id, bundle, gives, at) VALUES (?1, ?2, ?3, ?4)",
	[ST_ATTEMPT] = "INSERT INTO charge_attempt (charge, at, op, outcome, reason, code, why) "
		       "VALUES (?1, ?2, 'person', ?3, 'decided', 0, ?4)",
	[ST_BLANK] = "UPDATE charge SET sms = '', late = '', declined = '' WHERE subscriber = ?1 AND "
		     "declined <> ''",
	[ST_DROP_LIST] = "SELECT id FROM charge WHERE subscriber = ?1 AND state IN ('held', 'pending') "
			 "AND id > ?2 ORDER BY id LIMIT 1",
	[ST_DROP_GRANTS] = "UPDATE grants SET state = 'rejected' WHERE id IN (SELECT id FROM charge WHERE "
			   "subscriber = ?1 AND state IN ('held', 'pending'))",
	[ST_DROP] =
		"UPDATE charge SET state = 'reconciled', settled = ?2, why = " GIVEN_UP ", "
		"refusal = 'system', " KEEPS_NUMBER " WHERE subscriber = ?1 AND state IN ('held', 'pending')",
	[ST_GIVE_UP] =
		"UPDATE charge SET given_up = 1 WHERE subscriber = ?1 AND state IN ('sent', 'unknown')",
};

int held_new(sqlite3 *db, struct vault *vault, struct charges *charges, struct limits *limits,
             struct outgoing_rows *outgoing, struct audit *audit, struct held **out)
{
	struct held *h = calloc(1, sizeof *h);
	int code = SQLITE_OK;

	if (!h)
		return SQLITE_NOMEM;
	*h = (struct held){.db = db,
	                   .vault = vault,
	                   .charges = charges,
	                   .limits = limits,
	                   .outgoing = outgoing,
	                   .audit = audit};
	for (int i = 0; i < ST_COUNT_ && code == SQLITE_OK; i++)
		code = sql_prepare(db, texts[i], &h->st[i]);
	if (code != SQLITE_OK) {
		held_free(h);
		return code;
	}
	*out = h;
	return SQLITE_OK;
}

void held_free(struct held *h)
{
	if (!h)
		return;
	for (int i = 0; i < ST_COUNT_; i++)
		(void)sqlite3_finalize(h->st[i]);
	free(h);
}

static const char declined_where[] = "charge.declined";

static const char *or_nothing(const char *text)
{
	return text ? text : "";
}

int held_add(struct held *h, int64_t id, int64_t subscriber, const struct store_batch *b,
             const struct op *give, const char *sms)
{
	const struct store_order *o = &give->give.order;
	sqlite3_stmt *st = h->st[ST_ADD];
	char late[VAULT_TEXT_SIZE(STORE_TEXT_MAX)], declined[VAULT_TEXT_SIZE(STORE_TEXT_MAX)],
		kept[VAULT_TEXT_SIZE(STORE_TEXT_MAX)];
	uint64_t reference; /* the outbox reads it when it is approved */
	int code;

	if (give->give.is_ordered) {
		code = charges_add(h->charges, id, subscriber, b, give, sms, &reference);
		sql_bind_int(h->st[ST_HOLD], 1, id);
		if (code == SQLITE_OK)
			code = vault_bind(h->vault, h->st[ST_HOLD], 2, subscriber, declined_where,
			                  or_nothing(o->declined), declined, sizeof declined);
		return code == SQLITE_OK ? sql_run(h->st[ST_HOLD]) : code;
	}
	sql_bind_int(st, 1, id);
	sql_bind_int(st, 2, subscriber);
	sql_bind_int(st, 3, b->msisdn);
	sql_bind_int(st, 4, b->utc_ms);
	sql_bind_text(st, 5, or_nothing(o->route));
	code = vault_bind(h->vault, st, 6, subscriber, "charge.sms", sms, kept, sizeof kept);
	if (code == SQLITE_OK)
		code = vault_bind(h->vault, st, 7, subscriber, "charge.late", or_nothing(o->late), late,
		                  sizeof late);
	if (code == SQLITE_OK)
		code = vault_bind(h->vault, st, 8, subscriber, declined_where, or_nothing(o->declined),
		                  declined, sizeof declined);
	return code == SQLITE_OK ? sql_run(st) : code;
}

/* --- deciding --------------------------------------------------------------------------------------------------- */

/* One that is looked at; texts are copies, for statements that follow. */
struct look {
	bool is_held, is_ledger, can_be_told;
	int64_t subscriber, msisdn;
	char route[STORE_CHARGE_ROUTE_SIZE];
	char words[STORE_TEXT_MAX + 1];
	char key[STORE_TEXT_MAX + 1], bundle[PROFILE_NAME_SIZE], gives[STORE_TEXT_MAX + 1];
	int64_t at_ms;
};

static enum store_grant grant_by_name(const char *name)
{
	enum store_grant g = STORE_GRANT_PENDING;

	while (g < STORE_GRANT_UNKNOWN && strcmp(store_grant_name(g), name) != 0)
		g++;
	return g;
}

/* The menu's own SMS goes before the screen that they did not see. */
static int words_of(struct held *h, sqlite3_stmt *st, bool approved, struct look *l)
{
	int column = !approved ? 10 : *sql_column_text(st, 8) ? 8 : 9;
	const char *where = column == 10 ? declined_where : column == 8 ? "charge.sms" : "charge.late";

	return vault_open_text(h->vault, l->subscriber, where, sql_column_text(st, column), l->words,
	                       sizeof l->words);
}

static int look(struct held *h, struct held_work *w, struct look *l)
{
	sqlite3_stmt *st = h->st[ST_LOOK];
	int code, opened = SQLITE_OK;

	sql_bind_int(st, 1, w->id);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		w->result.grant = grant_by_name(sql_column_text(st, 0));
		l->is_held = strcmp(sql_column_text(st, 1), "held") == 0;
		l->is_ledger = strcmp(sql_column_text(st, 2), "ledger") == 0;
		l->subscriber = sqlite3_column_int64(st, 3);
		l->msisdn = sqlite3_column_int64(st, 4);
		l->can_be_told = l->msisdn == sqlite3_column_int64(st, 5) && sqlite3_column_int(st, 6) == 0;
		(void)snprintf(l->route, sizeof l->route, "%s", sql_column_text(st, 7));
		opened = words_of(h, st, w->approved, l);
		(void)snprintf(l->key, sizeof l->key, "%s", sql_column_text(st, 11));
		(void)snprintf(l->bundle, sizeof l->bundle, "%s", sql_column_text(st, 12));
		(void)snprintf(l->gives, sizeof l->gives, "%s", sql_column_text(st, 13));
		l->at_ms = sqlite3_column_int64(st, 14);
	}
	(void)sqlite3_reset(st);
	return opened == SQLITE_OK ? code : opened;
}

static int settle(struct held *h, const struct held_work *w, const struct look *l)
{
	sqlite3_stmt *st = h->st[ST_SETTLE];
	int code;

	sql_bind_int(st, 1, w->id);
	sql_bind_int(st, 2, w->at_ms);
	sql_bind_text(st, 3, w->reason);
	sql_bind_text(st, 4, w->approved ? "" : refusal_name(REFUSAL_DECLINED));
	code = sql_run(st);
	if (code != SQLITE_OK || !w->approved)
		return code;
	st = h->st[ST_LEDGER];
	sql_bind_int(st, 1, w->id);
	sql_bind_text(st, 2, l->bundle);
	sql_bind_text(st, 3, l->gives);
	sql_bind_int(st, 4, w->at_ms);
	return sql_run(st);
}

static int set_grant(struct held *h, const struct held_work *w)
{
	sqlite3_stmt *st = h->st[ST_GRANT];

	sql_bind_int(st, 1, w->id);
	sql_bind_text(st, 2, store_grant_name(w->result.grant));
	sql_bind_int(st, 3, w->at_ms);
	return sql_run(st);
}

/* For those who ask later: the attempt, and the audit. */
static int record(struct held *h, const struct held_work *w, const struct look *l)
{
	const struct audit_row row = {.at_ms = w->at_ms,
	                              .action = w->approved ? "grant approved" : "grant refused",
	                              .subject = l->subscriber,
	                              .actor = *w->actor != '\0' ? w->actor : NULL,
	                              .reason = w->reason};
	sqlite3_stmt *st = h->st[ST_ATTEMPT];
	int code;

	sql_bind_int(st, 1, w->id);
	sql_bind_int(st, 2, w->at_ms);
	sql_bind_text(st, 3, w->approved ? "granted" : "rejected");
	sql_bind_text(st, 4, w->reason);
	code = sql_run(st);
	if (code != SQLITE_OK)
		return code;
	return audit_add(h->audit, &row);
}

static int give_back(struct held *h, const struct held_work *w, const struct look *l)
{
	const struct limits_verdict why = {.refusal = REFUSAL_DECLINED, .rule = "a person"};
	struct limits_gift g = {.subscriber = l->subscriber,
	                        .msisdn = l->msisdn,
	                        .at_ms = l->at_ms,
	                        .key = l->key,
	                        .bundle = l->bundle};
	int code = limits_give_back(h->limits, &g);

	g.at_ms = w->at_ms;
	return code == SQLITE_OK ? limits_note(h->limits, &g, &why) : code;
}

/* STOP wins (promise 7), and a number that was given up is somebody else's. What goes to the charging system is told
 * when that has answered. */
static int tell(struct held *h, struct held_work *w, const struct look *l)
{
	const struct outgoing what = {.subscriber = l->subscriber,
	                              .msisdn = l->msisdn,
	                              .at_ms = w->at_ms,
	                              .text = l->words,
	                              .route = l->route};
	bool waits = false;
	int64_t id = 0;
	int code;

	if (w->result.is_ordered || !l->can_be_told || l->words[0] == '\0')
		return SQLITE_OK;
	code = outgoing_add(h->outgoing, &what, &id, &waits);
	w->result.is_told = code == SQLITE_OK && id != 0;
	return code;
}

int held_decide(struct held *h, struct held_work *w)
{
	struct look l = {0};
	int code = look(h, w, &l);

	w->result.rc = code == SQLITE_DONE ? RC_NOTFOUND : l.is_held ? RC_OK : RC_EXISTS;
	if (code != SQLITE_ROW || !l.is_held)
		return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
	w->result.is_ordered = w->approved && !l.is_ledger;
	w->result.grant = !w->approved           ? STORE_GRANT_REJECTED
	                  : w->result.is_ordered ? STORE_GRANT_PENDING
	                                         : STORE_GRANT_GRANTED;
	if (w->result.is_ordered) {
		sql_bind_int(h->st[ST_ORDER], 1, w->id);
		sql_bind_int(h->st[ST_ORDER], 2, w->at_ms);
		code = sql_run(h->st[ST_ORDER]);
	} else {
		code = settle(h, w, &l);
	}
	if (code == SQLITE_OK)
		code = set_grant(h, w);
	if (code == SQLITE_OK)
		code = record(h, w, &l);
	if (code == SQLITE_OK && !w->approved)
		code = give_back(h, w, &l);
	return code == SQLITE_OK ? tell(h, w, &l) : code;
}

int held_blank(struct held *h, int64_t subscriber)
{
	sql_bind_int(h->st[ST_BLANK], 1, subscriber);
	return sql_run(h->st[ST_BLANK]);
}

/* *id = the next that will be dropped. SQLITE_ROW, SQLITE_DONE. */
static int drop_next(struct held *h, int64_t subscriber, int64_t *id)
{
	sqlite3_stmt *st = h->st[ST_DROP_LIST];
	int code;

	sql_bind_int(st, 1, subscriber);
	sql_bind_int(st, 2, *id);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*id = sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	return code;
}

int held_drop(struct held *h, int64_t subscriber, int64_t at_ms)
{
	int64_t id = 0;
	int code;

	while ((code = drop_next(h, subscriber, &id)) == SQLITE_ROW) {
		code = limits_give_back_grant(h->limits, id);
		if (code != SQLITE_OK)
			return code;
	}
	if (code != SQLITE_DONE)
		return code;
	sql_bind_int(h->st[ST_DROP_GRANTS], 1, subscriber);
	code = sql_run(h->st[ST_DROP_GRANTS]);
	sql_bind_int(h->st[ST_DROP], 1, subscriber);
	sql_bind_int(h->st[ST_DROP], 2, at_ms);
	if (code == SQLITE_OK)
		code = sql_run(h->st[ST_DROP]);
	sql_bind_int(h->st[ST_GIVE_UP], 1, subscriber);
	return code == SQLITE_OK ? sql_run(h->st[ST_GIVE_UP]) : code;
}
