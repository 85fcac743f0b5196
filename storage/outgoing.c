/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outgoing: see outgoing.h.
 *
 * Invariant: a row with sending = 0 has certainly not left. Only outgoing_add, for one that is handed over at once, and
 * outgoing_claim set it; only outgoing_move, told by whoever handed it over, clears it. A row that is settled changes no
 * more, but that 'unknown' may become certain. */
#include "storage/outgoing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/log.h"
#include "storage/sql.h"

#define AHEAD_MS 3600000 /* nothing waits that long: the clock was set back */
#define BEHIND_MS 1000   /* until one that stays behind an older one is looked at again */

enum statement {
	ST_ADD,
	ST_OLDER,
	ST_MOVE,
	ST_WAIT,
	ST_STOP,
	ST_BLANK,
	ST_DUE,
	ST_ONE,
	ST_MARK,
	ST_GIVE_UP,
	ST_BEHIND,
	ST_AHEAD,
	ST_ABOUT,
	ST_OVER,
	ST_HIDE,
	ST_COUNT_
};

struct outgoing_rows {
	sqlite3 *db;
	struct vault *vault; /* borrowed */
	uint64_t added;
	sqlite3_stmt *st[ST_COUNT_];
};

#define ROW                                                                                                      \
	"SELECT o.id, s.msisdn, o.created, o.attempts, o.code, o.kind = 'push', o.route, o.text, o.subscriber, " \
	"s.stopped, coalesce(o.msisdn IN (0, s.msisdn), 0) FROM outbox o JOIN subscriber s ON s.id = o.subscriber WHERE "
#define WAITS "state = 'pending' AND sending = 0"

static const char *const texts[ST_COUNT_] = {
	[ST_ADD] =
		"INSERT INTO outbox (subscriber, created, text, kind, sending, next, msisdn, smsc, route, attempts) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?5)",
	/* in the words of the partial index outbox_kept */
	[ST_OLDER] =
		"SELECT 1 FROM outbox WHERE subscriber = ?1 AND text <> '' AND state = 'pending' AND id < ?2 "
		"AND kind = ?3 LIMIT 1",
	/* 'unknown' may still become certain: a late receipt, or a late report beside a second program's sweep */
	[ST_MOVE] =
		"UPDATE outbox SET state = ?2, sending = 0, settled = ?3, code = ?4, why = ?5, route = '', msisdn = 0, "
		"attempts = max(attempts, ?2 = 'sent'), text = CASE ?2 WHEN 'unknown' THEN text ELSE '' END "
		"WHERE id = ?1 AND state IN ('pending', 'unknown')",
	/* one that no SMSC has refused was never with one */
	[ST_WAIT] = "UPDATE outbox SET sending = 0, next = ?2, code = ?3, why = ?4, "
		    "attempts = attempts - (?3 = 0 AND attempts > 0) WHERE id = ?1 AND state = 'pending'",
	[ST_STOP] =
		"UPDATE outbox SET state = 'rejected', settled = ?2, why = ?3, text = '', route = '', msisdn = 0 "
		"WHERE subscriber = ?1 AND text <> '' AND " WAITS,
	/* What is with a link may have left; whoever knows says so yet. */
	[ST_BLANK] = "UPDATE outbox SET text = '', route = '', msisdn = 0, sending = 0, "
		     "settled = CASE state WHEN 'pending' THEN ?2 ELSE settled END, "
		     "state = CASE state WHEN 'pending' THEN 'unknown' ELSE state END "
		     "WHERE subscriber = ?1 AND text <> ''",
	[ST_DUE] = ROW "o.state = 'pending' AND o.sending = 0 AND o.smsc = ?1 AND o.next <= ?2 "
		       "ORDER BY o.next, o.id LIMIT ?3",
	[ST_ONE] = ROW "o.id = ?1 AND o.state = 'pending' AND o.sending = 0",
	[ST_MARK] = "UPDATE outbox SET sending = 1, attempts = attempts + 1 WHERE id = ?1",
	[ST_GIVE_UP] =
		"UPDATE outbox SET state = 'rejected', settled = ?2, why = ?3, text = '', route = '', msisdn = 0 WHERE id = ?1",
	/* by the partial index outbox_about */
	[ST_ABOUT] = "UPDATE outbox SET about = ?2 WHERE id = ?1",
	[ST_OVER] =
		"UPDATE outbox SET state = 'rejected', settled = ?3, why = ?4, text = '', route = '', msisdn = 0 "
		"WHERE about = ?1 AND about <> 0 AND text <> '' AND (?2 = 0 OR id = ?2) AND " WAITS,
	[ST_HIDE] = "UPDATE outbox SET text = '' WHERE about = ?1 AND about <> 0 AND text <> ''",
	[ST_BEHIND] = "UPDATE outbox SET next = ?2 WHERE id = ?1",
	[ST_AHEAD] = "UPDATE outbox SET next = ?2 WHERE " WAITS " AND smsc = ?1 AND next > ?3",
};

static const char *const kinds[] = {"sms", "push"};
static const char text_where[] = "outbox.text";

int outgoing_new(sqlite3 *db, struct vault *vault, struct outgoing_rows **out)
{
	struct outgoing_rows *o = calloc(1, sizeof *o);
	int code = SQLITE_OK;

	if (!o)
		return SQLITE_NOMEM;
	o->db = db;
	o->vault = vault;
	for (int i = 0; i < ST_COUNT_ && code == SQLITE_OK; i++)
		code = sql_prepare(db, texts[i], &o->st[i]);
	if (code != SQLITE_OK) {
		outgoing_free(o);
		return code;
	}
	*out = o;
	return SQLITE_OK;
}

void outgoing_free(struct outgoing_rows *o)
{
	if (!o)
		return;
	for (int i = 0; i < ST_COUNT_; i++)
		(void)sqlite3_finalize(o->st[i]);
	free(o);
}

/* --- adding and moving -------------------------------------------------------------------------------------------- */

/* Is there one of the same kind before `id` that has not left for good? */
static int older(struct outgoing_rows *o, int64_t subscriber, int64_t id, enum store_notice_kind kind,
                 bool *found)
{
	sqlite3_stmt *st = o->st[ST_OLDER];
	int code;

	sql_bind_int(st, 1, subscriber);
	sql_bind_int(st, 2, id);
	sql_bind_text(st, 3, kinds[kind]);
	code = sqlite3_step(st);
	*found = code == SQLITE_ROW;
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int outgoing_add(struct outgoing_rows *o, const struct outgoing *what, int64_t *id, bool *waits)
{
	const char *route = what->route ? what->route : "",
		   *at = strchr(route, '@'); /* no digit is one; a name may hold more */
	sqlite3_stmt *st = o->st[ST_ADD];
	char addresses[STORE_ROUTE_SIZE], sealed[VAULT_TEXT_SIZE(STORE_TEXT_MAX)];
	bool is_behind = !what->leaves;
	struct buf b;
	int code = SQLITE_OK;

	o->added++;
	if (what->leaves && !what->is_first)
		code = older(o, what->subscriber, INT64_MAX, what->kind, &is_behind);
	if (code != SQLITE_OK)
		return code;
	buf_init(&b, addresses, sizeof addresses);
	if (at)
		buf_add_n(&b, route, (size_t)(at - route));
	sql_bind_int(st, 1, what->subscriber);
	sql_bind_int(st, 2, what->at_ms);
	code = vault_bind(o->vault, st, 3, what->subscriber, text_where, what->text, sealed, sizeof sealed);
	if (code != SQLITE_OK)
		return code;
	sql_bind_text(st, 4, kinds[what->kind]);
	sql_bind_int(st, 5, !is_behind);
	sql_bind_int(st, 6, what->next_ms > 0 ? what->next_ms : what->at_ms);
	sql_bind_int(st, 7, what->msisdn);
	sql_bind_text(st, 8, at ? at + 1 : "");
	sql_bind_text(st, 9, addresses);
	code = sql_run(st);
	if (code != SQLITE_OK)
		return code;
	*id = sqlite3_last_insert_rowid(o->db);
	*waits = is_behind;
	return SQLITE_OK;
}

uint64_t outgoing_added(const struct outgoing_rows *o)
{
	return o->added;
}

int outgoing_move(struct outgoing_rows *o, const struct store_notice_update *u, int64_t at_ms)
{
	static const char *const names[] = {"pending", "sent", "rejected", "unknown"};
	bool waits = u->to == STORE_NOTICE_PENDING;
	sqlite3_stmt *st = o->st[waits ? ST_WAIT : ST_MOVE];

	sql_bind_int(st, 1, u->id);
	if (waits) {
		sql_bind_int(st, 2, u->next_ms);
		sql_bind_int(st, 3, u->code);
		sql_bind_text(st, 4, u->why ? u->why : "");
	} else {
		sql_bind_text(st, 2, names[u->to]);
		sql_bind_int(st, 3, at_ms);
		sql_bind_int(st, 4, u->code);
		sql_bind_text(st, 5, u->why ? u->why : "");
	}
	return sql_run(st);
}

int outgoing_stop(struct outgoing_rows *o, int64_t subscriber, int64_t at_ms, uint32_t *n)
{
	int code;

	sql_bind_int(o->st[ST_STOP], 1, subscriber);
	sql_bind_int(o->st[ST_STOP], 2, at_ms);
	sql_bind_text(o->st[ST_STOP], 3, "stopped");
	code = sql_run(o->st[ST_STOP]);
	if (code == SQLITE_OK)
		*n += (uint32_t)sqlite3_changes(o->db);
	return code;
}

int outgoing_blank(struct outgoing_rows *o, int64_t subscriber, int64_t at_ms)
{
	int code;

	sql_bind_int(o->st[ST_STOP], 1, subscriber);
	sql_bind_int(o->st[ST_STOP], 2, at_ms);
	sql_bind_text(o->st[ST_STOP], 3, "erased");
	code = sql_run(o->st[ST_STOP]);
	if (code != SQLITE_OK)
		return code;
	sql_bind_int(o->st[ST_BLANK], 1, subscriber);
	sql_bind_int(o->st[ST_BLANK], 2, at_ms);
	return sql_run(o->st[ST_BLANK]);
}

int outgoing_about(struct outgoing_rows *o, int64_t id, int64_t about)
{
	sql_bind_int(o->st[ST_ABOUT], 1, id);
	sql_bind_int(o->st[ST_ABOUT], 2, about);
	return sql_run(o->st[ST_ABOUT]);
}

int outgoing_over(struct outgoing_rows *o, int64_t about, int64_t id, int64_t at_ms)
{
	sqlite3_stmt *st = o->st[ST_OVER];
	int code;

	sql_bind_int(st, 1, about);
	sql_bind_int(st, 2, id);
	sql_bind_int(st, 3, at_ms);
	sql_bind_text(st, 4, id != 0 ? "over" : "erased");
	code = sql_run(st);
	if (code != SQLITE_OK || id != 0)
		return code;
	sql_bind_int(o->st[ST_HIDE], 1, about);
	return sql_run(o->st[ST_HIDE]);
}

/* --- claiming ----------------------------------------------------------------------------------------------------- */

/* What the page's row is beside what the caller gets. */
struct about {
	int64_t subscriber;
	bool stopped, is_theirs;
};

static int read_page(struct outgoing_rows *o, struct outgoing_page *p, int64_t at_ms, struct about *about,
                     size_t *n)
{
	size_t most =
		p->claim.max > 0 && p->claim.max < STORE_NOTICES_PAGE ? p->claim.max : STORE_NOTICES_PAGE;
	sqlite3_stmt *st = o->st[p->claim.id ? ST_ONE : ST_DUE];
	int code;

	if (p->claim.id) {
		sql_bind_int(st, 1, p->claim.id);
	} else {
		sql_bind_text(st, 1, p->smsc);
		sql_bind_int(st, 2, at_ms);
		sql_bind_int(st, 3, (int64_t)most);
	}
	while ((code = sqlite3_step(st)) == SQLITE_ROW && *n < most) {
		struct store_notice_row *r = &p->row[*n];
		int opened = vault_open_text(o->vault, sqlite3_column_int64(st, 8), text_where,
		                             sql_column_text(st, 7), p->text[*n], sizeof p->text[0]);

		if (opened != SQLITE_OK) {
			(void)sqlite3_reset(st);
			return opened;
		}

		*r = (struct store_notice_row){.id = sqlite3_column_int64(st, 0),
		                               .msisdn = sqlite3_column_int64(st, 1),
		                               .created_ms = sqlite3_column_int64(st, 2),
		                               .attempts = (uint32_t)sqlite3_column_int64(st, 3) + 1,
		                               .code = (uint32_t)sqlite3_column_int64(st, 4),
		                               .kind = sqlite3_column_int(st, 5) ? STORE_NOTICE_PUSH
		                                                                 : STORE_NOTICE_SMS};
		(void)snprintf(p->route[*n], sizeof p->route[0], "%s", sql_column_text(st, 6));
		about[(*n)++] = (struct about){.subscriber = sqlite3_column_int64(st, 8),
		                               .stopped = sqlite3_column_int(st, 9) != 0,
		                               .is_theirs = sqlite3_column_int(st, 10) != 0};
	}
	(void)sqlite3_reset(st);
	p->result.more = *n == most;
	return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

/* Why it will never leave; NULL = it may. */
static const char *over(struct outgoing_page *p, size_t i, const struct about *a, int64_t at_ms)
{
	const struct store_notice_row *r = &p->row[i];
	int64_t expire = r->kind == STORE_NOTICE_PUSH ? p->claim.push_expire_ms : p->claim.expire_ms;

	if (p->text[i][0] == '\0' || !a->is_theirs) {
		p->result.gone++;
		return p->text[i][0] == '\0' ? "erased" : "number";
	}
	if (a->stopped) {
		p->result.stopped++;
		return "stopped";
	}
	if (expire > 0 && at_ms - r->created_ms > expire) {
		p->result.expired++;
		return "expired";
	}
	return NULL;
}

static int claim_one(struct outgoing_rows *o, struct outgoing_page *p, size_t i, const struct about *a,
                     int64_t at_ms, bool *claimed)
{
	const struct store_notice_row *r = &p->row[i];
	const char *why = over(p, i, a, at_ms);
	bool is_behind = false;
	int code = SQLITE_OK;

	*claimed = false;
	if (why) {
		sql_bind_int(o->st[ST_GIVE_UP], 1, r->id);
		sql_bind_int(o->st[ST_GIVE_UP], 2, at_ms);
		sql_bind_text(o->st[ST_GIVE_UP], 3, why);
		return sql_run(o->st[ST_GIVE_UP]);
	}
	if (p->claim.max == 0)
		return SQLITE_OK;
	if (p->claim.id == 0)
		code = older(o, a->subscriber, r->id, r->kind, &is_behind);
	if (code != SQLITE_OK)
		return code;
	if (is_behind) { /* out of the way of others */
		p->result.behind = true;
		sql_bind_int(o->st[ST_BEHIND], 1, r->id);
		sql_bind_int(o->st[ST_BEHIND], 2, at_ms + BEHIND_MS);
		return sql_run(o->st[ST_BEHIND]);
	}
	*claimed = true;
	sql_bind_int(o->st[ST_MARK], 1, r->id);
	return sql_run(o->st[ST_MARK]);
}

static int bring_back(struct outgoing_rows *o, const struct outgoing_page *p, int64_t at_ms)
{
	sql_bind_text(o->st[ST_AHEAD], 1, p->smsc);
	sql_bind_int(o->st[ST_AHEAD], 2, at_ms);
	sql_bind_int(o->st[ST_AHEAD], 3, at_ms + AHEAD_MS);
	return sql_run(o->st[ST_AHEAD]);
}

int outgoing_claim(struct outgoing_rows *o, struct outgoing_page *p, int64_t at_ms)
{
	struct about about[STORE_NOTICES_PAGE];
	size_t n = 0;
	int code;

	p->result = (struct store_claimed){.rc = RC_OK, .row = p->row, .smsc = p->smsc};
	code = p->claim.id ? SQLITE_OK : bring_back(o, p, at_ms);
	if (code == SQLITE_OK)
		code = read_page(o, p, at_ms, about, &n);
	for (size_t i = 0; i < n && code == SQLITE_OK; i++) {
		bool claimed;

		code = claim_one(o, p, i, &about[i], at_ms, &claimed);
		if (code != SQLITE_OK || !claimed)
			continue;
		p->row[p->result.n] = p->row[i];
		p->row[p->result.n].text = p->text[i];
		p->row[p->result.n++].route = p->route[i];
	}
	if (p->claim.max == 0) /* a page of which nothing is over is followed by none that is */
		p->result.more &= p->result.expired + p->result.stopped + p->result.gone == n;
	return code;
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

#define COUNTED(n) "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE " WAITS " LIMIT " #n ")"
#define FIRST_OF(which)                                                                                \
	"SELECT smsc, next, created, (SELECT max(l.next) FROM outbox l WHERE l.state = 'pending' AND " \
	"l.sending = 0 AND l.smsc = outbox.smsc) FROM outbox WHERE " WAITS " " which                   \
	" ORDER BY smsc, next LIMIT 1"

static int read_lanes(sqlite3_stmt *const kept[2], int64_t at_ms, struct store_notices_waiting *out)
{
	int code = SQLITE_ROW;

	while (code == SQLITE_ROW && out->n < STORE_LANES) {
		sqlite3_stmt *st = kept[out->n > 0];

		if (out->n > 0)
			sql_bind_text(st, 1, out->lane[out->n - 1].smsc);
		code = sqlite3_step(st);
		if (code == SQLITE_ROW) {
			int64_t created = sqlite3_column_int64(st, 2);

			(void)snprintf(out->lane[out->n].smsc, STORE_SMSC_SIZE, "%s", sql_column_text(st, 0));
			out->lane[out->n].next_ms = sqlite3_column_int64(st, 1);
			if (sqlite3_column_int64(st, 3) > at_ms + AHEAD_MS) /* a claim sees to it */
				out->lane[out->n].next_ms = 0;
			out->n++;
			if (out->oldest_ms == 0 || created < out->oldest_ms)
				out->oldest_ms = created;
		}
		(void)sqlite3_reset(st);
	}
	return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

int outgoing_look(sqlite3 *db, sqlite3_stmt *kept[3], int64_t at_ms, struct store_notices_waiting *out)
{
	int code = SQLITE_OK;

	/* From SMSC to SMSC, by one step into the index each. */
	for (int i = 0; i < 2 && code == SQLITE_OK; i++)
		if (!kept[i])
			code = sql_prepare(db, i ? FIRST_OF("AND smsc > ?1") : FIRST_OF(""), &kept[i]);
	if (code == SQLITE_OK && !kept[2])
		code = sql_prepare(db, COUNTED(200000), &kept[2]);
	if (code == SQLITE_OK)
		code = read_lanes(kept, at_ms, out);
	if (code != SQLITE_OK || out->n == 0)
		return code;
	code = sqlite3_step(kept[2]);
	if (code == SQLITE_ROW)
		out->count = sqlite3_column_int64(kept[2], 0);
	(void)sqlite3_reset(kept[2]);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

/* --- the start ---------------------------------------------------------------------------------------------------- */

static int run_at(sqlite3 *db, const char *text, int64_t at_ms)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(db, text, -1, &st, NULL);

	if (code != SQLITE_OK)
		return code;
	sql_bind_int(st, 1, at_ms);
	code = sql_run(st);
	(void)sqlite3_finalize(st);
	return code;
}

int outgoing_sweep(sqlite3 *db, int64_t at_ms)
{
	int64_t sending = 0, waiting = 0;
	int code = sql_int(
		db, "SELECT count(*) FROM outbox WHERE state = 'pending' AND sending = 1 AND text <> ''",
		&sending);

	if (code == SQLITE_OK)
		code = sql_int(db, COUNTED(200000), &waiting);
	if (code == SQLITE_OK && sending > 0) {
		code = run_at(
			db,
			"UPDATE outbox SET state = 'unknown', sending = 0, settled = ?1, why = 'restart', "
			"route = '', msisdn = 0 WHERE state = 'pending' AND sending = 1 AND text <> ''",
			at_ms);
		if (code == SQLITE_OK)
			LOG_EVENT(LOG_LV_WARN, "store", "notices_unknown", "count", LOG_INT(sending), "why",
			          "an earlier run ended before it knew whether they were sent");
	}
	if (code == SQLITE_OK && waiting > 0) {
		code = run_at(db,
		              "UPDATE outbox SET next = created WHERE kind = 'push' AND " WAITS
		              " AND created <= ?1",
		              at_ms);
		LOG_EVENT(LOG_LV_INFO, "store", "notices_waiting", "count", LOG_INT(waiting), "why",
		          "an earlier run left them; they had certainly not left and are sent now");
	}
	return code;
}

int outgoing_restored(sqlite3 *db, int64_t at_ms)
{
	int64_t has = 0;
	int code =
		sql_int(db, "SELECT count(*) FROM pragma_table_info('outbox') WHERE name = 'sending'", &has);

	if (code != SQLITE_OK || has == 0) /* an older one: its migration sees to it */
		return code;
	return run_at(
		db,
		"UPDATE outbox SET state = 'unknown', sending = 0, settled = ?1, why = 'restored', route = '', msisdn = 0 "
		"WHERE state = 'pending' AND text <> ''",
		at_ms);
}
