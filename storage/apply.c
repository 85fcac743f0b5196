/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apply: see apply.h. */
#include "storage/apply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "storage/charges.h"
#include "storage/gives.h"
#include "storage/load.h"
#include "storage/numbers.h"
#include "storage/outgoing.h"
#include "storage/sql.h"
#include "storage/store_batch.h"

enum statement {
	ST_SUBSCRIBER_ADD,
	ST_SUBSCRIBER_SET,
	ST_PROFILE_SET,
	ST_PROFILE_DROP,
	ST_CONSENT_ADD,
	ST_CONSENT_WITHDRAW_ALL,
	ST_INTERACTION_ADD,
	ST_AUDIT_ADD,
	ST_COUNT_
};

struct apply {
	sqlite3 *db;
	const struct profile *profile;
	struct load load;
	struct outgoing_rows *outgoing;
	struct charges *charges;
	struct tombstones tombstones;
	struct limits *limits;
	struct held *held;
	struct gives *gives;
	struct numbers *numbers;
	bool forgot; /* for apply_forgot */
	sqlite3_stmt *st[ST_COUNT_];
};

/* What one batch makes of one subscriber, before anything is written. */
struct outcome {
	struct record *record;
	struct store_resume resume;
	bool subscriber_changed;
	bool profile_changed;
	bool erased;
};

static const char *const texts[ST_COUNT_] = {
	[ST_SUBSCRIBER_ADD] =
		"INSERT INTO subscriber (msisdn, state, language, first_seen, last_seen, stopped, "
		"resume_service, resume_screen, resume_at, swapped) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
		"?9, ?10)",
	[ST_SUBSCRIBER_SET] =
		"UPDATE subscriber SET state = ?2, language = ?3, first_seen = ?4, last_seen = ?5, "
		"stopped = ?6, resume_service = ?7, resume_screen = ?8, resume_at = ?9 WHERE id = ?1",
	[ST_PROFILE_DROP] = "DELETE FROM profile WHERE _subscriber = ?1",
	[ST_CONSENT_ADD] = "INSERT INTO consent (subscriber, purpose, state, words, language, channel, at) "
			   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[ST_CONSENT_WITHDRAW_ALL] =
		"INSERT INTO consent (subscriber, purpose, state, words, language, channel, at) "
		"SELECT ?1, purpose, 'withdrawn', '', '', ?2, ?3 FROM consent WHERE state = 'granted' AND id "
		"IN "
		"(SELECT max(id) FROM consent WHERE subscriber = ?1 GROUP BY purpose)",
	[ST_INTERACTION_ADD] =
		"INSERT INTO interaction (subscriber, channel, inbound, service, last_screen, language, "
		"outcome, steps, began, ended, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
	[ST_AUDIT_ADD] = "INSERT INTO audit (at, actor, action, subject, reason) VALUES (?1, ?2, ?3, ?4, ?5)",
};

/* One statement writes all fields, whatever changed: a row is written whole anyway. */
static int prepare_profile_set(struct apply *a)
{
	char text[256 + PROFILE_MAX_FIELDS * 3 * (PROFILE_NAME_SIZE + 16)];
	const struct profile *p = a->profile;
	struct buf b;

	if (p->n_fields == 0)
		return SQLITE_OK;
	buf_init(&b, text, sizeof text);
	buf_add(&b, "INSERT INTO profile (_subscriber");
	for (size_t i = 0; i < p->n_fields; i++)
		buf_printf(&b, ", \"%s\"", p->field[i].name);
	buf_add(&b, ") VALUES (?1");
	for (size_t i = 0; i < p->n_fields; i++)
		buf_printf(&b, ", ?%zu", i + 2);
	buf_add(&b, ") ON CONFLICT (_subscriber) DO UPDATE SET ");
	for (size_t i = 0; i < p->n_fields; i++)
		buf_printf(&b, "%s\"%s\" = excluded.\"%s\"", i ? ", " : "", p->field[i].name,
		           p->field[i].name);
	return b.cut ? SQLITE_TOOBIG : sql_prepare(a->db, text, &a->st[ST_PROFILE_SET]);
}

/* What the parts below share one connection for. */
static int parts_new_all(struct apply *a, const struct apply_options *o)
{
	int code = tombstones_init(&a->tombstones, a->db, o->key, false);

	a->load.tombstones = &a->tombstones;
	if (code == SQLITE_OK)
		code = outgoing_new(a->db, &a->outgoing);
	if (code == SQLITE_OK)
		code = charges_new(a->db, a->outgoing, &a->charges);
	if (code == SQLITE_OK)
		code = limits_new(a->db, o->limits, &a->tombstones, &a->limits);
	if (code == SQLITE_OK)
		code = held_new(a->db, a->charges, a->limits, a->outgoing, &a->held);
	if (code == SQLITE_OK)
		code = gives_new(a->db, a->charges, a->limits, a->held, &a->tombstones, &a->gives);
	return code == SQLITE_OK
	               ? numbers_new(a->db, a->charges, a->held, a->outgoing, &a->tombstones, &a->numbers)
	               : code;
}

int apply_new(sqlite3 *db, const struct apply_options *o, struct apply **out)
{
	struct apply *a = calloc(1, sizeof *a);
	int code;

	if (!a)
		return SQLITE_NOMEM;
	a->db = db;
	a->profile = o->profile;
	code = load_init(&a->load, db, o->profile);
	if (code == SQLITE_OK)
		code = parts_new_all(a, o);
	for (int i = 0; i < ST_COUNT_ && code == SQLITE_OK; i++) {
		if (texts[i])
			code = sql_prepare(db, texts[i], &a->st[i]);
	}
	if (code == SQLITE_OK)
		code = prepare_profile_set(a);
	if (code != SQLITE_OK) {
		apply_free(a);
		return code;
	}
	*out = a;
	return SQLITE_OK;
}

void apply_free(struct apply *a)
{
	if (!a)
		return;
	for (int i = 0; i < ST_COUNT_; i++)
		(void)sqlite3_finalize(a->st[i]);
	load_fini(&a->load);
	numbers_free(a->numbers);
	gives_free(a->gives);
	held_free(a->held);
	limits_free(a->limits);
	charges_free(a->charges);
	outgoing_free(a->outgoing);
	tombstones_fini(&a->tombstones);
	free(a);
}

/* --- folding ------------------------------------------------------------------------------------- */

/* Promise 8: a value only under a consent that stands at this point of the batch. Forgetting is always allowed. */
static enum rc fold_save(struct apply *a, const struct op *op, struct outcome *o)
{
	if (op->save.field >= a->profile->n_fields)
		return RC_RANGE;
	if (op->save.value && !record_has_consent(o->record, a->profile->field[op->save.field].consent))
		return RC_STATE;
	o->profile_changed = true;
	return record_set_value(o->record, op->save.field, op->save.value);
}

static void fold_resume(const struct store_batch *b, const struct op *op, struct outcome *o)
{
	memset(&o->resume, 0, sizeof o->resume);
	if (op->resume.service[0]) {
		(void)snprintf(o->resume.service, sizeof o->resume.service, "%s", op->resume.service);
		(void)snprintf(o->resume.screen, sizeof o->resume.screen, "%s", op->resume.screen);
		o->resume.at_ms = b->utc_ms;
	}
	o->subscriber_changed = true;
}

static enum rc fold_op(struct apply *a, const struct store_batch *b, const struct op *op, struct outcome *o)
{
	switch (op->kind) {
	case OP_SEEN:
		if (b->utc_ms > record_last_seen_ms(o->record))
			record_set_seen_ms(o->record, record_first_seen_ms(o->record), b->utc_ms);
		o->subscriber_changed = true;
		return RC_OK;
	case OP_LANGUAGE:
		o->subscriber_changed = true;
		return record_set_language(o->record, op->language);
	case OP_CONSENT: {
		bool stands = op->consent.state == STORE_CONSENT_GRANTED;
		enum rc rc = record_set_consent(o->record, op->consent.purpose, stands);

		return rc == RC_FULL ? RC_STATE : rc;
	}
	case OP_SAVE:
		return fold_save(a, op, o);
	case OP_RESUME:
		fold_resume(b, op, o);
		return RC_OK;
	case OP_STOP:
		record_set_stopped(o->record, op->stopped);
		o->subscriber_changed = true;
		return RC_OK;
	case OP_ERASE:
		record_erase(o->record);
		memset(&o->resume, 0, sizeof o->resume);
		o->subscriber_changed = o->profile_changed = o->erased = true;
		return RC_OK;
	case OP_GIVE:
	case OP_NOTICE:
	case OP_INTERACTION:
		return RC_OK;
	}
	return RC_OK;
}

static enum rc fold(struct apply *a, const struct store_batch *b, struct outcome *o)
{
	enum subscriber_state before = record_state(o->record);

	for (const struct op *op = b->first; op; op = op->next) {
		enum rc rc = fold_op(a, b, op, o);

		if (rc != RC_OK)
			return rc;
	}
	record_settle(o->record);
	if (record_state(o->record) != before)
		o->subscriber_changed = true;
	return RC_OK;
}

/* --- writing ------------------------------------------------------------------------------------- */

static int write_subscriber(struct apply *a, const struct outcome *o)
{
	struct record *r = o->record;
	bool fresh = record_id(r) == 0;
	sqlite3_stmt *st = a->st[fresh ? ST_SUBSCRIBER_ADD : ST_SUBSCRIBER_SET];
	int64_t since = 0;
	int code = SQLITE_OK;

	if (!fresh && !o->subscriber_changed)
		return SQLITE_OK;
	if (fresh)
		code = numbers_take(a->numbers, record_msisdn(r), &since);
	if (code != SQLITE_OK)
		return code;
	sql_bind_int(st, 1, fresh ? record_msisdn(r) : record_id(r));
	sql_bind_text(st, 2, subscriber_state_name(record_state(r)));
	sql_bind_text(st, 3, record_language(r));
	sql_bind_int(st, 4, record_first_seen_ms(r));
	sql_bind_int(st, 5, record_last_seen_ms(r));
	sql_bind_int(st, 6, record_is_stopped(r));
	sql_bind_text(st, 7, o->resume.service);
	sql_bind_text(st, 8, o->resume.screen);
	sql_bind_int(st, 9, o->resume.at_ms);
	if (fresh)
		sql_bind_int(st, 10, since);
	code = sql_run(st);
	if (code == SQLITE_OK && fresh)
		record_set_id(r, sqlite3_last_insert_rowid(a->db));
	return code;
}

/* An erased profile loses its whole row first: columns of fields that profile.conf no longer names go with it. */
static int write_profile(struct apply *a, const struct outcome *o)
{
	sqlite3_stmt *st = a->st[ST_PROFILE_SET];
	int code = SQLITE_OK;

	if (o->erased) {
		sql_bind_int(a->st[ST_PROFILE_DROP], 1, record_id(o->record));
		code = sql_run(a->st[ST_PROFILE_DROP]);
	}
	if (code != SQLITE_OK || !o->profile_changed || !st)
		return code;
	sql_bind_int(st, 1, record_id(o->record));
	for (size_t i = 0; i < a->profile->n_fields; i++)
		sql_bind_text(st, (int)i + 2, record_value(o->record, i));
	return sql_run(st);
}

static int write_consent(struct apply *a, const struct store_batch *b, const struct op *op,
                         int64_t subscriber)
{
	sqlite3_stmt *st = a->st[ST_CONSENT_ADD];

	sql_bind_int(st, 1, subscriber);
	sql_bind_text(st, 2, op->consent.purpose);
	sql_bind_text(st, 3, store_consent_name(op->consent.state));
	sql_bind_text(st, 4, op->consent.words);
	sql_bind_text(st, 5, op->consent.language);
	sql_bind_text(st, 6, store_channel_name(op->consent.channel));
	sql_bind_int(st, 7, b->utc_ms);
	return sql_run(st);
}

/* `given`: this batch's give was the first of its key. A notice that comes before its give in the batch is
 * written after it (see write_rows), so the order of additions does not matter. */
static int write_notice(struct apply *a, const struct store_batch *b, const struct op *op, bool is_stopped,
                        struct store_result *out)
{
	bool given = out->grant == STORE_GRANT_GRANTED && !out->grant_existed;
	const struct outgoing what = {.subscriber = out->subscriber,
	                              .msisdn = b->msisdn,
	                              .at_ms = b->utc_ms,
	                              .kind = op->notice.is_push ? STORE_NOTICE_PUSH : STORE_NOTICE_SMS,
	                              .text = op->notice.text,
	                              .route = b->route,
	                              .leaves = b->leaves && b->notices == 1 && op->notice.life_ms == 0,
	                              .next_ms = op->notice.life_ms > 0 ? b->utc_ms + op->notice.life_ms : 0};

	/* Promise 7, whatever whoever wrote this has known of them. */
	if (is_stopped || (op->notice.if_given && !given))
		return SQLITE_OK;
	return outgoing_add(a->outgoing, &what, &out->notice, &out->notice_waits);
}

static int write_interaction(struct apply *a, const struct store_interaction *i, int64_t subscriber)
{
	sqlite3_stmt *st = a->st[ST_INTERACTION_ADD];

	sql_bind_int(st, 1, subscriber);
	sql_bind_text(st, 2, store_channel_name(i->channel));
	sql_bind_int(st, 3, i->inbound);
	sql_bind_text(st, 4, i->service);
	sql_bind_text(st, 5, i->last_screen);
	sql_bind_text(st, 6, i->language);
	sql_bind_text(st, 7, store_outcome_name(i->outcome));
	sql_bind_int(st, 8, i->steps);
	sql_bind_int(st, 9, i->began_ms);
	sql_bind_int(st, 10, i->ended_ms);
	sql_bind_text(st, 11, i->detail);
	return sql_run(st);
}

/* What was told goes, and with it the number; that it was agreed to, given and erased stays. Whoever dials from there again
 * is a stranger. */
static int write_erase(struct apply *a, const struct store_batch *b, const struct op *op, int64_t subscriber)
{
	sqlite3_stmt *st = a->st[ST_CONSENT_WITHDRAW_ALL];
	int code;

	sql_bind_int(st, 1, subscriber);
	sql_bind_text(st, 2, store_channel_name(op->erase.channel));
	sql_bind_int(st, 3, b->utc_ms);
	code = sql_run(st);
	if (code == SQLITE_OK)
		code = numbers_erase(a->numbers, b->msisdn, subscriber, b->utc_ms);
	if (code != SQLITE_OK)
		return code;
	st = a->st[ST_AUDIT_ADD];
	sql_bind_int(st, 1, b->utc_ms);
	sql_bind_text(st, 2, store_channel_name(op->erase.channel));
	sql_bind_text(st, 3, "erase");
	sql_bind_int(st, 4, subscriber);
	sql_bind_text(st, 5, op->erase.reason);
	return sql_run(st);
}

static int write_op(struct apply *a, const struct store_batch *b, const struct op *op,
                    struct store_result *out)
{
	switch (op->kind) {
	case OP_CONSENT:
		return write_consent(a, b, op, out->subscriber);
	case OP_GIVE:
		return gives_write(a->gives, b, op, out);
	case OP_INTERACTION:
		return write_interaction(a, &op->interaction, out->subscriber);
	case OP_ERASE:
		return write_erase(a, b, op, out->subscriber);
	case OP_STOP:
		return op->stopped ? outgoing_stop(a->outgoing, out->subscriber, b->utc_ms, &out->recalled)
		                   : SQLITE_OK;
	default:
		return SQLITE_OK; /* folded into the subscriber and profile rows, or a notice */
	}
}

static int write_rows(struct apply *a, const struct store_batch *b, const struct outcome *o,
                      struct store_result *out)
{
	int code = write_subscriber(a, o);

	out->subscriber = record_id(o->record);
	if (code == SQLITE_OK)
		code = write_profile(a, o);
	for (const struct op *op = b->first; op && code == SQLITE_OK; op = op->next)
		code = write_op(a, b, op, out);
	for (const struct op *op = b->first; op && code == SQLITE_OK; op = op->next) {
		if (op->kind == OP_NOTICE)
			code = write_notice(a, b, op, record_is_stopped(o->record), out);
	}
	return code;
}

int apply_batch(struct apply *a, const struct store_batch *b, struct store_result *out)
{
	struct outcome o = {0};
	bool before;
	int code = load_by_msisdn(&a->load, b->msisdn, &o.record, &o.resume);

	memset(out, 0, sizeof *out);
	if (code != SQLITE_OK)
		return code;
	if (record_id(o.record) == 0)
		record_set_seen_ms(o.record, b->utc_ms, b->utc_ms);
	before = record_is_registered(o.record);
	out->rc = fold(a, b, &o);
	if (out->rc == RC_NOMEM)
		code = SQLITE_NOMEM;
	else if (out->rc == RC_OK)
		code = write_rows(a, b, &o, out);
	out->registered = out->rc == RC_OK ? record_is_registered(o.record) : before;
	out->registered_now = out->registered && !before;
	record_free(o.record);
	for (const struct op *op = b->first; op != NULL; op = op->next)
		a->forgot |= op->kind == OP_ERASE || (op->kind == OP_SAVE && op->save.value == NULL);
	return code;
}

struct outgoing_rows *apply_outgoing(struct apply *a)
{
	return a->outgoing;
}

/* A gift that the charging system, or a person, has refused was none: caps and budgets have it back. */
int apply_charge(struct apply *a, struct charge_work *w)
{
	int code = charges_move(a->charges, w);
	bool refused = w->result.rc == RC_OK && w->result.grant == STORE_GRANT_REJECTED &&
	               (w->resolves || w->update.from != STORE_CHARGE_RECONCILED);

	return code == SQLITE_OK && refused ? limits_give_back_grant(a->limits, w->update.id) : code;
}

int apply_held(struct apply *a, struct held_work *w)
{
	return held_decide(a->held, w);
}

int apply_number(struct apply *a, struct number_work *w)
{
	int code = numbers_note(a->numbers, w);

	a->forgot |= w->result.detached;
	return code;
}

void apply_began(struct apply *a)
{
	tombstones_round(&a->tombstones);
}

bool apply_forgot(struct apply *a)
{
	bool forgot = a->forgot;

	a->forgot = false;
	return forgot;
}
