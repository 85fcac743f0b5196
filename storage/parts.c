/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts: see parts.h.
 *
 * Invariant: (smsc, message_id) is one row. A row without a notice is a receipt that came before the answer that tells its id,
 * or one that is not ours; at most PARTS_STRAY_MAX of them. A final state stays.
 */
#include "storage/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/sql.h"

#define COUNT_EVERY 1000 /* of the overflow: a flood of strays must not cost a count for each */
#define AGE_EVERY 32     /* parts: to look for what is old costs as much as to write what is new */

enum statement {
	ST_FIND,
	ST_ADD,
	ST_CLAIM,
	ST_STATE,
	ST_AGE,
	ST_FIRST,
	ST_SENT,
	ST_STRAY_DROP,
	ST_PARTS,
	ST_OF_NOTICE,
	ST_SUMMARY,
	ST_CERTAIN,
	ST_COUNT_
};

struct parts {
	sqlite3 *db;
	sqlite3_stmt *st[ST_COUNT_];
	int64_t strays;    /* rows without a notice, at most so many; -1 = to be counted */
	unsigned looks;    /* parts since the start, for AGE_EVERY */
	uint64_t overflow; /* strays that came beyond PARTS_STRAY_MAX */
};

struct row {
	int64_t id, notice, at_ms; /* notice 0 = none */
	enum store_delivery state;
};

static const char *const texts[ST_COUNT_] = {
	[ST_FIND] = "SELECT id, notice, state, at FROM sms_part WHERE smsc = ?1 AND message_id = ?2",
	[ST_ADD] = "INSERT INTO sms_part (smsc, message_id, notice, part, state, error, at) "
		   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (smsc, message_id) DO NOTHING",
	[ST_CLAIM] = "UPDATE sms_part SET notice = ?2, part = ?3, state = ?4, at = ?5, "
		     "error = CASE ?6 WHEN 0 THEN -1 ELSE error END WHERE id = ?1",
	[ST_STATE] = "UPDATE sms_part SET state = ?2, error = ?3, at = ?4 WHERE id = ?1",
	/* two for each that comes, so that what is old goes as fast as what is new comes */
	[ST_AGE] =
		"DELETE FROM sms_part WHERE id IN (SELECT id FROM sms_part WHERE at < ?1 ORDER BY at LIMIT ?2)",
	/* nothing is known of any part yet, so the summary is this one; which parts there are is not asked */
	[ST_FIRST] = "UPDATE outbox SET parts = max(parts, ?2), delivery = 'accepted', delivery_error = -1, "
		     "delivery_at = ?3 WHERE id = ?1 AND delivery = '' AND state <> 'unknown'",
	/* the same of the only part, and what outgoing_move says of one that was sent */
	[ST_SENT] = "UPDATE outbox SET state = 'sent', sending = 0, settled = ?2, code = ?3, why = ?4, "
		    "route = '', msisdn = 0, attempts = max(attempts, 1), text = '', parts = 1, "
		    "delivery = 'accepted', delivery_error = -1, delivery_at = ?5 "
		    "WHERE id = ?1 AND delivery = '' AND parts <= 1 AND state = 'pending'",
	[ST_STRAY_DROP] = "DELETE FROM sms_part WHERE id IN "
			  "(SELECT id FROM sms_part WHERE notice IS NULL ORDER BY at LIMIT 1)",
	[ST_PARTS] = "UPDATE outbox SET parts = max(parts, ?2) WHERE id = ?1",
	[ST_OF_NOTICE] = "SELECT p.state, p.error, p.at, o.parts FROM sms_part AS p "
			 "JOIN outbox AS o ON o.id = p.notice WHERE p.notice = ?1",
	[ST_SUMMARY] = "UPDATE outbox SET delivery = ?2, delivery_error = ?3, delivery_at = ?4 WHERE id = ?1",
	/* a run that ended in between did not know; the SMSC's ids tell that it has every part */
	[ST_CERTAIN] = "UPDATE outbox SET state = 'sent', text = '' WHERE id = ?1 AND state = 'unknown'",
};

int parts_new(sqlite3 *db, struct parts **out)
{
	struct parts *p = calloc(1, sizeof *p);
	int code = SQLITE_OK;

	if (!p)
		return SQLITE_NOMEM;
	p->db = db;
	for (int i = 0; i < ST_COUNT_ && code == SQLITE_OK; i++)
		code = sql_prepare(db, texts[i], &p->st[i]);
	if (code == SQLITE_OK)
		p->strays = -1;
	if (code != SQLITE_OK) {
		parts_free(p);
		return code;
	}
	*out = p;
	return SQLITE_OK;
}

void parts_free(struct parts *p)
{
	if (!p)
		return;
	for (int i = 0; i < ST_COUNT_; i++)
		(void)sqlite3_finalize(p->st[i]);
	free(p);
}

static enum store_delivery delivery_by_name(const char *name)
{
	for (int d = STORE_DELIVERY_ACCEPTED; d < STORE_DELIVERIES; d++)
		if (strcmp(name, store_delivery_name((enum store_delivery)d)) == 0)
			return (enum store_delivery)d;
	return STORE_DELIVERY_UNKNOWN;
}

static bool is_final(enum store_delivery d)
{
	return d != STORE_DELIVERY_ACCEPTED && d != STORE_DELIVERY_ENROUTE && d != STORE_DELIVERY_UNKNOWN;
}

/* id 0 = none. */
static int find_one(struct parts *p, const struct store_ids *ids, unsigned i, struct row *out)
{
	sqlite3_stmt *st = p->st[ST_FIND];
	int code;

	memset(out, 0, sizeof *out);
	sql_bind_text(st, 1, ids->smsc);
	sql_bind_text(st, 2, ids->id[i]);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		out->id = sqlite3_column_int64(st, 0);
		out->notice = sqlite3_column_int64(st, 1);
		out->state = delivery_by_name(sql_column_text(st, 2));
		out->at_ms = sqlite3_column_int64(st, 3);
	}
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* What one that does not say in which base it counts can mean: the first that `fits`, else what stands under its first form. */
static int find(struct parts *p, const struct store_ids *ids,
                bool (*fits)(const struct row *, int64_t now_ms), int64_t now_ms, struct row *out)
{
	struct row row;
	int code = find_one(p, ids, 0, out);

	for (unsigned i = 1; i < ids->n && code == SQLITE_OK && !(out->id != 0 && fits(out, now_ms)); i++) {
		code = find_one(p, ids, i, &row);
		if (code == SQLITE_OK && row.id != 0 && fits(&row, now_ms)) {
			*out = row;
			break;
		}
	}
	return code;
}

/* A receipt that waits for the answer that tells its id. */
static bool is_waiting(const struct row *row, int64_t now_ms)
{
	return row->notice == 0 && row->at_ms + PARTS_STRAY_MS > now_ms;
}

/* A part of which not all is known yet. */
static bool is_open(const struct row *row, int64_t now_ms)
{
	(void)now_ms;
	return row->notice != 0 && !is_final(row->state);
}

/* *added: false = there is a row with that id already. */
static int add(struct parts *p, const struct store_ids *ids, int64_t notice, int part,
               enum store_delivery state, int error, int64_t now_ms, bool *added)
{
	sqlite3_stmt *st = p->st[ST_ADD];
	int code;

	sql_bind_text(st, 1, ids->smsc);
	sql_bind_text(st, 2, ids->id[0]);
	if (notice != 0)
		sql_bind_int(st, 3, notice);
	else
		(void)sqlite3_bind_null(st, 3);
	sql_bind_int(st, 4, part);
	sql_bind_text(st, 5, store_delivery_name(state));
	sql_bind_int(st, 6, error);
	sql_bind_int(st, 7, now_ms);
	code = sql_run(st);
	*added = sqlite3_changes(p->db) > 0;
	return code;
}

/* What is to be said of all parts together: one that failed, else the least that is known of any. */
struct summary {
	int64_t rows, wanted, at_ms;
	enum store_delivery worst;
	int error;
};

static unsigned weight(enum store_delivery d)
{
	static const unsigned weights[STORE_DELIVERIES] = {
		[STORE_DELIVERY_DELIVERED] = 1,     [STORE_DELIVERY_ENROUTE] = 2,
		[STORE_DELIVERY_ACCEPTED] = 3,      [STORE_DELIVERY_UNKNOWN] = 4,
		[STORE_DELIVERY_EXPIRED] = 5,       [STORE_DELIVERY_DELETED] = 6,
		[STORE_DELIVERY_UNDELIVERABLE] = 7, [STORE_DELIVERY_REJECTED] = 8,
	};

	return weights[d];
}

static int sum_up(struct parts *p, int64_t notice, struct summary *s)
{
	sqlite3_stmt *st = p->st[ST_OF_NOTICE];
	int code;

	*s = (struct summary){.error = -1};
	sql_bind_int(st, 1, notice);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		enum store_delivery state = delivery_by_name(sql_column_text(st, 0));
		int64_t at_ms = sqlite3_column_int64(st, 2);

		if (s->rows == 0 || weight(state) > weight(s->worst)) {
			s->worst = state;
			s->error = sqlite3_column_int(st, 1);
		}
		if (at_ms > s->at_ms)
			s->at_ms = at_ms;
		s->wanted = sqlite3_column_int64(st, 3);
		s->rows++;
	}
	(void)sqlite3_reset(st);
	if (s->rows < s->wanted && weight(s->worst) < weight(STORE_DELIVERY_ACCEPTED))
		s->worst = STORE_DELIVERY_ENROUTE; /* a part is not known to be there yet */
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int write_summary(struct parts *p, int64_t notice)
{
	sqlite3_stmt *st = p->st[ST_SUMMARY];
	struct summary s;
	int code = sum_up(p, notice, &s);

	if (code != SQLITE_OK || s.rows == 0)
		return code;
	sql_bind_int(st, 1, notice);
	sql_bind_text(st, 2, store_delivery_name(s.worst));
	sql_bind_int(st, 3, s.error);
	sql_bind_int(st, 4, s.at_ms);
	code = sql_run(st);
	if (code != SQLITE_OK || s.rows < s.wanted)
		return code;
	sql_bind_int(p->st[ST_CERTAIN], 1, notice);
	return sql_run(p->st[ST_CERTAIN]);
}

/* A receipt that waited for this answer is taken over with what it said. An older one, or an older notice under the id, had
 * it before the SMSC began to count again. */
static int claim(struct parts *p, const struct store_part *part, const struct row *row, int64_t now_ms)
{
	sqlite3_stmt *st = p->st[ST_CLAIM];
	bool waited = is_waiting(row, now_ms);

	sql_bind_int(st, 1, row->id);
	sql_bind_int(st, 2, part->notice);
	sql_bind_int(st, 3, part->part);
	sql_bind_text(st, 4, store_delivery_name(waited ? row->state : STORE_DELIVERY_ACCEPTED));
	sql_bind_int(st, 5, now_ms);
	sql_bind_int(st, 6, waited);
	p->strays -= row->notice == 0;
	return sql_run(st);
}

static int count_strays(struct parts *p)
{
	return sql_int(p->db, "SELECT count(*) FROM sms_part WHERE notice IS NULL", &p->strays);
}

/* The row of a part that was accepted: a new one, unless something stands under its id. *is_new: it says 'accepted'. */
static int take(struct parts *p, const struct store_part *part, int64_t now_ms, bool *is_new)
{
	struct row row = {0};
	int code = p->strays < 0 ? count_strays(p) : SQLITE_OK;

	*is_new = false;
	/* in another form it can only be a receipt that waits */
	if (code == SQLITE_OK && part->ids.n > 1 && p->strays > 0)
		code = find(p, &part->ids, is_waiting, now_ms, &row);
	if (code == SQLITE_OK && row.id == 0)
		code = add(p, &part->ids, part->notice, part->part, STORE_DELIVERY_ACCEPTED, -1, now_ms,
		           is_new);
	if (code != SQLITE_OK || *is_new)
		return code;
	if (row.id == 0)
		code = find(p, &part->ids, is_waiting, now_ms, &row);
	return code == SQLITE_OK ? claim(p, part, &row, now_ms) : code;
}

static int age(struct parts *p, int64_t now_ms)
{
	if (p->looks++ % AGE_EVERY != 0)
		return SQLITE_OK;
	sql_bind_int(p->st[ST_AGE], 1, now_ms - PARTS_KEPT_MS);
	sql_bind_int(p->st[ST_AGE], 2, 2 * AGE_EVERY);
	return sql_run(p->st[ST_AGE]);
}

/* *known: it was the first that is known of its notice, and the outbox says so now. */
static int first(struct parts *p, const struct store_part *part, int64_t now_ms, bool *known)
{
	sqlite3_stmt *st = p->st[ST_FIRST];
	int code;

	sql_bind_int(st, 1, part->notice);
	sql_bind_int(st, 2, part->parts);
	sql_bind_int(st, 3, now_ms);
	code = sql_run(st);
	*known = sqlite3_changes(p->db) > 0;
	return code;
}

static int note(struct parts *p, const struct store_part *part)
{
	int code;

	sql_bind_int(p->st[ST_PARTS], 1, part->notice);
	sql_bind_int(p->st[ST_PARTS], 2, part->parts);
	code = sql_run(p->st[ST_PARTS]);
	return code == SQLITE_OK ? write_summary(p, part->notice) : code;
}

int parts_accepted(struct parts *p, const struct store_part *part, int64_t now_ms)
{
	bool is_new, known = false;
	int code = take(p, part, now_ms, &is_new);

	if (code == SQLITE_OK && is_new)
		code = first(p, part, now_ms, &known);
	if (code == SQLITE_OK && !known)
		code = note(p, part);
	return code == SQLITE_OK ? age(p, now_ms) : code;
}

int parts_sent(struct parts *p, const struct store_part *part, int64_t part_ms,
               const struct store_notice_update *u, int64_t at_ms, bool *moved)
{
	sqlite3_stmt *st = p->st[ST_SENT];
	bool is_new;
	int code = take(p, part, part_ms, &is_new);

	*moved = false;
	if (code == SQLITE_OK && is_new) {
		sql_bind_int(st, 1, part->notice);
		sql_bind_int(st, 2, at_ms);
		sql_bind_int(st, 3, u->code);
		sql_bind_text(st, 4, u->why ? u->why : "");
		sql_bind_int(st, 5, part_ms);
		code = sql_run(st);
		*moved = sqlite3_changes(p->db) > 0;
	}
	if (code == SQLITE_OK && !*moved)
		code = note(p, part);
	return code == SQLITE_OK ? age(p, part_ms) : code;
}

void parts_rolled_back(struct parts *p)
{
	p->strays = -1;
}

/* What has aged leaves the count too high; it is put right now and then. */
static int stray(struct parts *p, const struct store_receipt *r, int64_t now_ms)
{
	bool added = false;
	int code = p->strays < 0 ? count_strays(p) : SQLITE_OK;

	if (code == SQLITE_OK)
		code = add(p, &r->ids, 0, 0, r->state, r->error, now_ms, &added);
	if (code != SQLITE_OK || ++p->strays <= PARTS_STRAY_MAX)
		return code;
	if (p->overflow++ % COUNT_EVERY == 0) {
		code = count_strays(p);
		if (code != SQLITE_OK || p->strays <= PARTS_STRAY_MAX)
			return code;
	}
	p->strays--;
	return sql_run(p->st[ST_STRAY_DROP]);
}

int parts_receipt(struct parts *p, const struct store_receipt *r, int64_t now_ms, enum rc *out)
{
	sqlite3_stmt *st = p->st[ST_STATE];
	struct row row;
	int code = find(p, &r->ids, is_open, now_ms, &row);

	*out = RC_NOTFOUND;
	if (code != SQLITE_OK)
		return code;
	if (row.id == 0)
		return stray(p, r, now_ms);
	if (row.notice != 0)
		*out = row.state == r->state || is_final(row.state) ? RC_EXISTS : RC_OK;
	if (*out == RC_EXISTS || (is_waiting(&row, now_ms) && is_final(row.state)))
		return SQLITE_OK;
	sql_bind_int(st, 1, row.id);
	sql_bind_text(st, 2, store_delivery_name(r->state));
	sql_bind_int(st, 3, r->error);
	sql_bind_int(st, 4, now_ms);
	code = sql_run(st);
	return code == SQLITE_OK && row.notice != 0 ? write_summary(p, row.notice) : code;
}

int parts_sweep(sqlite3 *db, int64_t now_ms)
{
	char text[400];

	(void)snprintf(
		text, sizeof text,
		"UPDATE outbox SET state = 'sent', sending = 0, settled = %lld, text = '', route = '', msisdn = 0 "
		"WHERE state = 'pending' AND sending = 1 AND text <> '' AND parts > 0 AND parts = (SELECT count(*) FROM sms_part WHERE notice = outbox.id)",
		(long long)now_ms);
	return sqlite3_exec(db, text, NULL, NULL, NULL);
}
