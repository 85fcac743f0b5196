/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers: see numbers.h. */
#include "storage/numbers.h"

#include <stdlib.h>

#include "storage/audit.h"
#include "storage/sql.h"

enum statement {
	ST_HOLDER,
	ST_SWAPPED,
	ST_UNPROVE,
	ST_PERIOD,
	ST_DETACH,
	ST_NEWS,
	ST_NEWS_LOOK,
	ST_NEWS_DROP,
	ST_ERASE_LOOK,
	ST_PARTS_FORGET,
	ST_ORDERS,
	ST_HELD_FORGET,
	ST_RULES_FORGET,
	ST_COUNT_
};

struct numbers {
	sqlite3 *db;
	struct charges *charges;
	struct held *held;
	struct outgoing_rows *outgoing;
	struct tombstones *tombstones;
	struct audit *audit;
	sqlite3_stmt *st[ST_COUNT_];
};

static const char *const texts[ST_COUNT_] = {
	[ST_HOLDER] = "SELECT id, first_seen FROM subscriber WHERE msisdn = ?1",
	[ST_SWAPPED] = "UPDATE subscriber SET swapped = ?2 WHERE msisdn = ?1 AND swapped < ?2",
	/* the SIM of before was proven to be theirs; whose this one is, nobody has said */
	[ST_UNPROVE] = "UPDATE subscriber SET state = 'declared' WHERE id = ?1 AND state = 'verified' AND "
		       "(SELECT ifnull(max(at), 0) FROM verification WHERE subscriber = ?1) < ?2",
	[ST_PERIOD] = "INSERT INTO number_period (subscriber, hash, since, until, why) "
		      "SELECT id, ?3, min(first_seen, ?2), ?2, 'recycled' FROM subscriber WHERE id = ?1",
	[ST_DETACH] = "UPDATE subscriber SET msisdn = NULL, resume_service = '', resume_screen = '', "
		      "resume_at = 0 WHERE id = ?1",
	[ST_NEWS] = "INSERT INTO number_news (msisdn, at) VALUES (?1, ?2) "
		    "ON CONFLICT (msisdn) DO UPDATE SET at = ?2 WHERE at < ?2",
	[ST_NEWS_LOOK] = "SELECT at FROM number_news WHERE msisdn = ?1",
	[ST_NEWS_DROP] = "DELETE FROM number_news WHERE msisdn = ?1",
	[ST_ERASE_LOOK] = "SELECT stopped, swapped FROM subscriber WHERE id = ?1",
	/* the SMSC's ids lead to the number in its logs */
	[ST_PARTS_FORGET] =
		"DELETE FROM sms_part WHERE notice IN (SELECT id FROM outbox WHERE subscriber = ?1)",
	/* what was held and never was at another system; one that is held still needs it (held.c) */
	[ST_HELD_FORGET] = "UPDATE charge SET msisdn = 0 WHERE subscriber = ?1 AND system = 'ledger' AND "
			   "state <> 'held'",
	/* a block of numbers is near to a number */
	[ST_RULES_FORGET] = "UPDATE refusal SET rule = substr(rule, 1, instr(rule, ' ') - 1) "
			    "WHERE subscriber = ?1 AND rule GLOB 'velocity.* *'",
	/* of those who were erased, too: they have no number any more, but what they were promised has */
	[ST_ORDERS] =
		"SELECT c.subscriber FROM charge c JOIN grants g ON g.id = c.id WHERE c.msisdn = ?1 AND "
		"c.subscriber > ?2 AND c.subscriber <> ?3 AND c.given_up = 0 AND g.at < ?4 AND "
		"c.state IN ('held', 'pending', 'sent', 'unknown') ORDER BY c.subscriber LIMIT 1",
};

int numbers_new(sqlite3 *db, struct charges *charges, struct held *held, struct outgoing_rows *outgoing,
                struct tombstones *tombstones, struct audit *audit, struct numbers **out)
{
	struct numbers *n = calloc(1, sizeof *n);
	int code = SQLITE_OK;

	if (!n)
		return SQLITE_NOMEM;
	*n = (struct numbers){.db = db,
	                      .charges = charges,
	                      .held = held,
	                      .outgoing = outgoing,
	                      .tombstones = tombstones,
	                      .audit = audit};
	for (int i = 0; i < ST_COUNT_ && code == SQLITE_OK; i++)
		code = sql_prepare(db, texts[i], &n->st[i]);
	if (code != SQLITE_OK) {
		numbers_free(n);
		return code;
	}
	*out = n;
	return SQLITE_OK;
}

void numbers_free(struct numbers *n)
{
	if (!n)
		return;
	for (int i = 0; i < ST_COUNT_; i++)
		(void)sqlite3_finalize(n->st[i]);
	free(n);
}

/* Run one that changes rows; *changed says whether it did. */
static int change(struct numbers *n, enum statement which, int64_t first, int64_t second, bool *changed)
{
	sqlite3_stmt *st = n->st[which];
	int code;

	sql_bind_int(st, 1, first);
	sql_bind_int(st, 2, second);
	code = sql_run(st);
	*changed |= code == SQLITE_OK && sqlite3_changes(n->db) > 0;
	return code;
}

/* *id 0: nobody has it. */
static int holder(struct numbers *n, int64_t msisdn, int64_t *id, int64_t *first_seen)
{
	sqlite3_stmt *st = n->st[ST_HOLDER];
	int code;

	*id = *first_seen = 0;
	sql_bind_int(st, 1, msisdn);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		*id = sqlite3_column_int64(st, 0);
		*first_seen = sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* --- giving up ------------------------------------------------------------------------------------------------------ */

/* Nothing leaves for them any more: the number that it would go to is somebody else's, or nobody's. */
static int silence(struct numbers *n, int64_t id, int64_t at_ms)
{
	bool ignored = false;
	int code = change(n, ST_PARTS_FORGET, id, 0, &ignored);

	if (code == SQLITE_OK)
		code = outgoing_blank(n->outgoing, id, at_ms);
	if (code == SQLITE_OK)
		code = charges_blank(n->charges, id);
	return code == SQLITE_OK ? held_blank(n->held, id) : code;
}

static int detach(struct numbers *n, const struct number_work *w, int64_t id)
{
	const int64_t now_ms = w->now_ms;
	const struct audit_row row = {
		.at_ms = now_ms, .action = "number given up", .subject = id, .reason = "recycled"};
	bool ignored = false;
	int code = silence(n, id, now_ms);

	if (code == SQLITE_OK)
		code = held_drop(n->held, id, now_ms);
	if (code == SQLITE_OK) {
		tombstones_bind(n->tombstones, n->st[ST_PERIOD], 3, w->msisdn);
		code = change(n, ST_PERIOD, id, w->at_ms, &ignored);
	}
	if (code == SQLITE_OK)
		code = change(n, ST_DETACH, id, 0, &ignored);
	return code == SQLITE_OK ? audit_add(n->audit, &row) : code;
}

int numbers_erase(struct numbers *n, int64_t msisdn, int64_t subscriber, int64_t at_ms)
{
	sqlite3_stmt *st = n->st[ST_ERASE_LOOK];
	struct tombstone what = {0};
	bool ignored = false;
	int code;

	sql_bind_int(st, 1, subscriber);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		what.stopped = sqlite3_column_int(st, 0) != 0;
		what.swapped_ms = sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_reset(st);
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? SQLITE_INTERNAL : code;
	code = tombstones_put(n->tombstones, msisdn, subscriber, &what, at_ms);
	if (code == SQLITE_OK)
		code = silence(n, subscriber, at_ms);
	if (code == SQLITE_OK)
		code = change(n, ST_HELD_FORGET, subscriber, 0, &ignored);
	if (code == SQLITE_OK)
		code = change(n, ST_RULES_FORGET, subscriber, 0, &ignored);
	return code == SQLITE_OK ? change(n, ST_DETACH, subscriber, 0, &ignored) : code;
}

/* --- news ------------------------------------------------------------------------------------------------------------- */

static int swapped(struct numbers *n, const struct number_work *w, bool is_held, bool *changed)
{
	return change(n, is_held ? ST_SWAPPED : ST_NEWS, w->msisdn, w->at_ms, changed);
}

/* *id = the next one who had an order under the number before it changed hands. SQLITE_ROW, SQLITE_DONE. */
static int next_with_orders(struct numbers *n, const struct number_work *w, int64_t holder_id, int64_t *id)
{
	sqlite3_stmt *st = n->st[ST_ORDERS];
	int code;

	sql_bind_int(st, 1, w->msisdn);
	sql_bind_int(st, 2, *id);
	sql_bind_int(st, 3, holder_id);
	sql_bind_int(st, 4, w->at_ms);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*id = sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	return code;
}

static int drop_orders(struct numbers *n, const struct number_work *w, int64_t holder_id, bool *changed)
{
	int64_t id = 0;
	int code;

	while ((code = next_with_orders(n, w, holder_id, &id)) == SQLITE_ROW) {
		*changed = true;
		code = held_drop(n->held, id, w->now_ms);
		if (code != SQLITE_OK)
			return code;
	}
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int recycled(struct numbers *n, struct number_work *w, int64_t id, int64_t first_seen, bool is_old,
                    bool *changed)
{
	bool is_before = id != 0 && first_seen < w->at_ms;
	int ended = 0, code = SQLITE_OK;

	if (is_before)
		code = detach(n, w, id);
	if (code == SQLITE_OK)
		code = tombstones_end(n->tombstones, w->msisdn, w->at_ms, &ended);
	w->result.detached = is_before;
	w->gave_up = is_before ? id : 0;
	*changed = is_before || ended > 0;
	if (code == SQLITE_OK)
		code = drop_orders(n, w, id, changed);
	if (code != SQLITE_OK || (is_old && (id == 0 || is_before)))
		return code;
	return swapped(n, w, id != 0 && !is_before, changed);
}

static int unprove(struct numbers *n, struct number_work *w, int64_t id)
{
	bool is_unproven = false;
	int code = change(n, ST_UNPROVE, id, w->at_ms, &is_unproven);

	w->unproven = is_unproven ? id : 0;
	return code;
}

int numbers_note(struct numbers *n, struct number_work *w)
{
	int64_t id = 0, first_seen = 0;
	bool changed = false;
	int code = holder(n, w->msisdn, &id, &first_seen);
	bool is_old = w->at_ms <= w->now_ms - STORE_NEWS_KEPT_MS;

	w->result = (struct store_number_result){.rc = RC_OK, .at_ms = w->now_ms};
	if (code != SQLITE_OK)
		return code;
	if (w->event == STORE_NUMBER_RECYCLED)
		code = recycled(n, w, id, first_seen, is_old, &changed);
	else if (id != 0 || !is_old) /* of numbers that nobody has, nothing is kept for longer */
		code = swapped(n, w, id != 0, &changed);
	if (code == SQLITE_OK && w->event == STORE_NUMBER_SWAPPED && id != 0)
		code = unprove(n, w, id);
	if (!changed)
		w->result.rc = RC_EXISTS;
	return code;
}

int numbers_take(struct numbers *n, int64_t msisdn, int64_t *since_ms)
{
	sqlite3_stmt *st = n->st[ST_NEWS_LOOK];
	struct tombstone grave;
	bool ignored = false;
	int code;

	*since_ms = 0;
	sql_bind_int(st, 1, msisdn);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*since_ms = sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	if (code == SQLITE_ROW)
		code = change(n, ST_NEWS_DROP, msisdn, 0, &ignored);
	else if (code == SQLITE_DONE)
		code = SQLITE_OK;
	if (code == SQLITE_OK)
		code = tombstones_look(n->tombstones, msisdn, &grave);
	if (code == SQLITE_OK && grave.swapped_ms > *since_ms)
		*since_ms = grave.swapped_ms;
	return code;
}
