/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gives: see gives.h. */
#include "storage/gives.h"

#include <stdlib.h>
#include <string.h>

#include "storage/sql.h"

enum { ST_ADD, ST_STATE, ST_LEDGER, ST_COUNT_ };

struct gives {
	sqlite3 *db;
	struct charges *charges;
	struct limits *limits;
	struct held *held;
	struct tombstones *tombstones;
	sqlite3_stmt *st[ST_COUNT_];
};

static const char *const texts[ST_COUNT_] = {
	[ST_ADD] = "INSERT INTO grants (subscriber, key, bundle, gives, state, at, expires) "
		   "VALUES (?1, ?2, ?3, ?4, ?7, ?5, ?6) ON CONFLICT (subscriber, key) DO NOTHING",
	/* One without an order was rejected by another system, before an import. */
	[ST_STATE] = "SELECT g.state, coalesce(c.state, ''), coalesce(c.refusal, 'system') FROM grants g "
		     "LEFT JOIN charge c ON c.id = g.id WHERE g.subscriber = ?1 AND g.key = ?2",
	[ST_LEDGER] = "INSERT INTO ledger (grant_id, bundle, gives, at) VALUES (?1, ?2, ?3, ?4)",
};

int gives_new(sqlite3 *db, struct charges *charges, struct limits *limits, struct held *held,
              struct tombstones *tombstones, struct gives **out)
{
	struct gives *g = calloc(1, sizeof *g);
	int code = SQLITE_OK;

	if (!g)
		return SQLITE_NOMEM;
	*g = (struct gives){
		.db = db, .charges = charges, .limits = limits, .held = held, .tombstones = tombstones};
	for (int i = 0; i < ST_COUNT_ && code == SQLITE_OK; i++)
		code = sql_prepare(db, texts[i], &g->st[i]);
	if (code != SQLITE_OK) {
		gives_free(g);
		return code;
	}
	*out = g;
	return SQLITE_OK;
}

void gives_free(struct gives *g)
{
	if (!g)
		return;
	for (int i = 0; i < ST_COUNT_; i++)
		(void)sqlite3_finalize(g->st[i]);
	free(g);
}

/* --- what there is already --------------------------------------------------------------------------------------- */

static void set_state(const char *name, struct store_result *out)
{
	for (int s = STORE_GRANT_PENDING; s <= STORE_GRANT_UNKNOWN; s++)
		if (strcmp(name, store_grant_name((enum store_grant)s)) == 0)
			out->grant = (enum store_grant)s;
	out->grant_existed = true;
	if (out->grant == STORE_GRANT_GRANTED)
		out->refusal = REFUSAL_HAD;
}

/* SQLITE_ROW: the key was used before, and `out` says what became of it; SQLITE_DONE: it was not. */
static int existing(struct gives *g, const struct op *op, struct store_result *out)
{
	sqlite3_stmt *st = g->st[ST_STATE];
	int code;

	sql_bind_int(st, 1, out->subscriber);
	sql_bind_text(st, 2, op->give.key);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		set_state(sql_column_text(st, 0), out);
		if (strcmp(sql_column_text(st, 1), "held") == 0)
			out->refusal = REFUSAL_REVIEW;
		else if (out->grant == STORE_GRANT_REJECTED)
			out->refusal = refusal_by_name(sql_column_text(st, 2));
	}
	(void)sqlite3_reset(st);
	return code;
}

/* The same before an erasure. */
static int existed(struct gives *g, const struct store_batch *b, const struct op *op,
                   struct store_result *out)
{
	char state[16];
	int code = tombstones_grant(g->tombstones, b->msisdn, op->give.key, state, sizeof state);

	if (code != SQLITE_OK)
		return code;
	if (state[0] == '\0')
		return SQLITE_DONE;
	set_state(state, out);
	if (out->refusal == REFUSAL_NONE) /* it came to nothing, or is on its way: once is once */
		out->refusal = REFUSAL_HAD;
	return SQLITE_ROW;
}

/* SQLITE_DONE: go on; *verdict NONE or REVIEW. SQLITE_ROW: it ends here, and `out` says how. */
static int may_give(struct gives *g, const struct store_batch *b, const struct op *op,
                    const struct limits_gift *gift, struct limits_verdict *verdict, struct store_result *out)
{
	int code = SQLITE_DONE;

	if (limits_are_set(g->limits))
		code = existing(g, op, out);
	if (code == SQLITE_DONE)
		code = existed(g, b, op, out);
	if (code == SQLITE_ROW)
		verdict->refusal = out->refusal;
	if (code != SQLITE_DONE || !limits_are_set(g->limits))
		return code;
	code = limits_judge(g->limits, gift, verdict);
	if (code != SQLITE_OK)
		return code;
	if (verdict->refusal == REFUSAL_NONE || verdict->refusal == REFUSAL_REVIEW)
		return SQLITE_DONE;
	out->refusal = verdict->refusal;
	return SQLITE_ROW;
}

/* --- giving -------------------------------------------------------------------------------------------------------- */

/* The SMS of this batch that only a grant makes true: it waits with the order. */
static const char *waiting_notice(const struct store_batch *b)
{
	const char *text = "";

	for (const struct op *op = b->first; op; op = op->next)
		if (op->kind == OP_NOTICE && op->notice.if_given)
			text = op->notice.text;
	return text;
}

static int add(struct gives *g, const struct store_batch *b, const struct op *op, bool granted,
               const struct store_result *out)
{
	sqlite3_stmt *st = g->st[ST_ADD];

	sql_bind_int(st, 1, out->subscriber);
	sql_bind_text(st, 2, op->give.key);
	sql_bind_text(st, 3, op->give.bundle);
	sql_bind_text(st, 4, op->give.gives);
	sql_bind_int(st, 5, b->utc_ms);
	sql_bind_int(st, 6, op->give.valid_ms > 0 ? b->utc_ms + op->give.valid_ms : 0);
	sql_bind_text(st, 7, granted ? "granted" : "pending");
	return sql_run(st);
}

static int post(struct gives *g, const struct store_batch *b, const struct op *op, struct store_result *out)
{
	sqlite3_stmt *st = g->st[ST_LEDGER];

	out->grant = STORE_GRANT_GRANTED;
	sql_bind_int(st, 1, sqlite3_last_insert_rowid(g->db));
	sql_bind_text(st, 2, op->give.bundle);
	sql_bind_text(st, 3, op->give.gives);
	sql_bind_int(st, 4, b->utc_ms);
	return sql_run(st);
}

static int order(struct gives *g, const struct store_batch *b, const struct op *op, struct store_result *out)
{
	out->grant = STORE_GRANT_PENDING;
	out->charge = sqlite3_last_insert_rowid(g->db);
	out->charge_bundle = op->give.bundle;
	out->charge_key = op->give.key;
	out->charge_ms = b->utc_ms;
	out->charge_price = op->give.order.price;
	return charges_add(g->charges, out->charge, out->subscriber, b, op, waiting_notice(b),
	                   &out->charge_reference);
}

static int hold(struct gives *g, const struct store_batch *b, const struct op *op, struct store_result *out)
{
	out->grant = STORE_GRANT_PENDING;
	out->refusal = REFUSAL_REVIEW;
	return held_add(g->held, sqlite3_last_insert_rowid(g->db), out->subscriber, b, op, waiting_notice(b));
}

int gives_write(struct gives *g, const struct store_batch *b, const struct op *op, struct store_result *out)
{
	const struct limits_gift gift = {.subscriber = out->subscriber,
	                                 .msisdn = b->msisdn,
	                                 .at_ms = b->utc_ms,
	                                 .key = op->give.key,
	                                 .bundle = op->give.bundle};
	bool is_bought = op->give.order.price > 0;
	struct limits_verdict verdict = {0};
	int code = is_bought ? SQLITE_DONE : may_give(g, b, op, &gift, &verdict, out);
	bool held = verdict.refusal == REFUSAL_REVIEW;

	if (code == SQLITE_DONE)
		code = add(g, b, op, !held && !op->give.is_ordered, out);
	else if (code == SQLITE_ROW)
		return verdict.refusal != REFUSAL_NONE ? limits_note(g->limits, &gift, &verdict) : SQLITE_OK;
	if (code != SQLITE_OK)
		return code;
	if (sqlite3_changes(g->db) == 0) {
		code = existing(g, op, out);
		verdict.refusal = out->refusal;
		if (code == SQLITE_ROW && verdict.refusal != REFUSAL_NONE)
			return limits_note(g->limits, &gift, &verdict);
		return code == SQLITE_ROW ? SQLITE_OK : code == SQLITE_DONE ? SQLITE_INTERNAL : code;
	}
	code = held ? hold(g, b, op, out) : op->give.is_ordered ? order(g, b, op, out) : post(g, b, op, out);
	if (code == SQLITE_OK && held)
		code = limits_note(g->limits, &gift, &verdict);
	return code == SQLITE_OK && !is_bought && limits_are_set(g->limits) ? limits_count(g->limits, &gift)
	                                                                    : code;
}
