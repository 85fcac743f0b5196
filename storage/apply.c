/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apply: see apply.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/apply_private.h"

static int write_subscriber(struct apply *a, const struct fold *o)
{
	struct record *r = o->record;
	bool fresh = record_id(r) == 0;
	sqlite3_stmt *st = a->st[fresh ? APPLY_ST_SUBSCRIBER_ADD : APPLY_ST_SUBSCRIBER_SET];
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
	if (fresh) {
		int64_t told = a->import ? a->import->said.swapped_ms : 0;

		sql_bind_int(st, 10, told > since ? told : since);
		sql_bind_int(st, 11, a->import ? a->import->run : 0);
	}
	code = sql_run(st);
	if (code == SQLITE_OK && fresh) {
		record_set_id(r, sqlite3_last_insert_rowid(a->db));
		code = vault_code(vault_prepare_new(a->vault, record_id(r)));
	}
	return code;
}

/* Somebody whom this batch speaks of. Whoever has never been seen is a number, and one that said STOP and was erased is left
 * alone. */
int apply_person(void *ctx, int64_t msisdn, int64_t at_ms, struct relations_person *out)
{
	struct apply *a = ctx;
	struct fold o = {.profile = {.at_ms = at_ms}};
	struct tombstone grave = {0};
	sqlite3_stmt *st = a->st[APPLY_ST_PERSON];
	int code;

	*out = (struct relations_person){0};
	sql_bind_int(st, 1, msisdn);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		out->id = sqlite3_column_int64(st, 0);
		out->is_stopped = sqlite3_column_int(st, 1) != 0;
		(void)snprintf(out->language, sizeof out->language, "%s", sql_column_text(st, 2));
	}
	(void)sqlite3_reset(st);
	if (code != SQLITE_DONE)
		return code == SQLITE_ROW ? SQLITE_OK : code;
	code = tombstones_look(&a->tombstones, msisdn, &grave);
	o.record = code == SQLITE_OK ? record_new(a->profile, msisdn) : NULL;
	if (!o.record)
		return code == SQLITE_OK ? SQLITE_NOMEM : code;
	record_set_seen_ms(o.record, at_ms, at_ms);
	record_set_stopped(o.record, grave.stopped);
	code = write_subscriber(a, &o);
	out->id = record_id(o.record);
	out->is_stopped = grave.stopped;
	record_free(o.record);
	return code;
}

static int write_consent(struct apply *a, const struct store_batch *b, const struct op *op,
                         struct store_result *out)
{
	const struct consents_row row = {.subscriber = out->subscriber,
	                                 .at_ms = op->consent.at_ms > 0 ? op->consent.at_ms : b->utc_ms,
	                                 .source = b->import ? b->import->run : a->interaction,
	                                 .what = op->consent};
	int code = consents_add(a->consents, &row, &a->load.stand);

	if (code != SQLITE_OK || op->consent.state == STORE_CONSENT_GRANTED)
		return code;
	code = profile_rows_withdrawn(a->rows, out->subscriber, op->consent.purpose);
	return code == SQLITE_OK ? relations_end(a->relations, b, op->consent.purpose, out) : code;
}

/* Promise 7: with the messages, what was agreed to for the sake of messages. */
static int write_stop(struct apply *a, const struct store_batch *b, const struct op *op,
                      struct store_result *out)
{
	int code;

	if (!op->stop.stopped)
		return SQLITE_OK;
	code = consents_stop(a->consents, out->subscriber, op->stop.channel, b->utc_ms, &a->load.stand);
	for (size_t i = 0; i < a->profile->n_purposes && code == SQLITE_OK; i++)
		if (a->profile->purpose[i].is_marketing)
			code = profile_rows_withdrawn(a->rows, out->subscriber, a->profile->purpose[i].name);
	return code == SQLITE_OK ? outgoing_stop(a->outgoing, out->subscriber, b->utc_ms, &out->recalled)
	                         : code;
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
	                              .is_first = a->is_new && outgoing_added(a->outgoing) == a->added_before,
	                              .next_ms = op->notice.life_ms > 0 ? b->utc_ms + op->notice.life_ms : 0};

	/* Promise 7, whatever whoever wrote this has known of them. */
	if (is_stopped || (op->notice.if_given && !given))
		return SQLITE_OK;
	return outgoing_add(a->outgoing, &what, &out->notice, &out->notice_waits);
}

static int write_interaction(struct apply *a, const struct store_interaction *i, int64_t subscriber)
{
	sqlite3_stmt *st = a->st[APPLY_ST_INTERACTION_ADD];
	int code;

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
	code = sql_run(st);
	if (code == SQLITE_OK)
		a->interaction = sqlite3_last_insert_rowid(a->db);
	return code;
}

/* What was told goes, and with it the number; that it was agreed to, given and erased stays. Whoever dials from there again
 * is a stranger. */
static int write_erase(struct apply *a, const struct store_batch *b, const struct op *op, int64_t subscriber)
{
	const bool by_operator = op->erase.channel == STORE_CH_OPERATOR;
	const struct audit_row row = {.at_ms = b->utc_ms,
	                              .actor = by_operator ? NULL : store_channel_name(op->erase.channel),
	                              .action = "erase",
	                              .subject = subscriber,
	                              .reason = op->erase.reason};
	int code =
		consents_withdraw_all(a->consents, subscriber, op->erase.channel, b->utc_ms, &a->load.stand);

	if (code == SQLITE_OK)
		code = requests_close(a->requests, subscriber, "erased", b->utc_ms);
	if (code == SQLITE_OK)
		code = relations_forget(a->relations, subscriber, b->utc_ms);
	if (code == SQLITE_OK)
		code = referrals_forget(a->referrals, subscriber);
	if (code == SQLITE_OK)
		code = numbers_erase(a->numbers, b->msisdn, subscriber, b->utc_ms);
	if (code == SQLITE_OK)
		code = vault_doom(a->vault, subscriber, b->utc_ms);
	if (code != SQLITE_OK)
		return code;
	return audit_add(a->audit, &row);
}

static int write_referral(struct apply *a, const struct store_batch *b, const struct op *op,
                          struct store_result *out)
{
	int64_t by = 0;
	int code = referrals_write(a->referrals, b, op, a->was_registered, out, &by);

	if (by != 0)
		record_set_referred(a->record, true);
	return code;
}

static int write_verify(struct apply *a, const struct store_batch *b, const struct op *op, int64_t subscriber)
{
	const struct audit_row row = {.at_ms = b->utc_ms,
	                              .action = op->verify.proof ? "verify" : "verify undone",
	                              .subject = subscriber,
	                              .reason = op->verify.reason};
	int code = op->verify.proof
	                   ? verification_add(a->verification, subscriber, b->utc_ms, op->verify.proof)
	                   : verification_undo(a->verification, subscriber, b->utc_ms);

	return code == SQLITE_OK ? audit_add(a->audit, &row) : code;
}

static int write_op(struct apply *a, const struct store_batch *b, const struct op *op,
                    struct store_result *out)
{
	switch (op->kind) {
	case OP_CONSENT:
		return write_consent(a, b, op, out);
	case OP_GIVE:
		return gives_write(a->gives, b, op, out);
	case OP_ERASE:
		return write_erase(a, b, op, out->subscriber);
	case OP_COPY:
		return requests_add(a->requests, out->subscriber, "copy", store_channel_name(op->copy_by),
		                    b->utc_ms);
	case OP_STOP:
		return write_stop(a, b, op, out);
	case OP_VERIFY:
		return write_verify(a, b, op, out->subscriber);
	case OP_INVITE:
	case OP_ANSWER:
	case OP_LEAVE:
		return relations_write(a->relations, b, op, out);
	case OP_REFER:
		return write_referral(a, b, op, out);
	default:
		return SQLITE_OK; /* folded into the subscriber and profile rows, or written before or after */
	}
}

static int write_rows(struct apply *a, const struct store_batch *b, const struct fold *o,
                      struct store_result *out)
{
	int code = write_subscriber(a, o);

	out->subscriber = record_id(o->record);
	a->interaction = 0;
	if (code == SQLITE_OK && o->erased)
		code = profile_rows_drop(a->rows, out->subscriber);
	if (code == SQLITE_OK && o->erased)
		code = verification_blank(a->verification, out->subscriber);
	if (code == SQLITE_OK && o->unproven)
		code = verification_undo(a->verification, out->subscriber, b->utc_ms);
	for (const struct op *op = b->first; op && code == SQLITE_OK; op = op->next)
		if (op->kind == OP_INTERACTION) /* first: consents name it as their source */
			code = write_interaction(a, &op->interaction, out->subscriber);
	for (const struct op *op = b->first; op && code == SQLITE_OK; op = op->next)
		code = write_op(a, b, op, out);
	if (code == SQLITE_OK && o->profile.any)
		code = profile_rows_write(a->rows, o->record, &o->profile, &a->load.stand);
	for (const struct op *op = b->first; op && code == SQLITE_OK; op = op->next) {
		if (op->kind == OP_NOTICE)
			code = write_notice(a, b, op, record_is_stopped(o->record), out);
	}
	return code;
}

/* Somebody new: seen now, or when a file says so. */
static void first_seen(const struct store_batch *b, struct fold *o)
{
	const struct store_import_said *said = b->import ? &b->import->said : NULL;
	int64_t first = said && said->first_ms > 0 ? said->first_ms : b->utc_ms;
	int64_t last = said && said->last_ms > 0 ? said->last_ms : first;

	record_set_seen_ms(o->record, first, last);
	if (said && said->verified)
		record_set_state(o->record, SUBSCRIBER_VERIFIED);
}

int apply_batch(struct apply *a, const struct store_batch *b, struct store_result *out)
{
	struct fold o = {.profile = {.at_ms = b->utc_ms, .told_ms = b->import ? b->import->said.told_ms : 0}};
	bool before;
	int code;

	a->load.now_ms = b->utc_ms;
	code = load_by_msisdn(&a->load, b->msisdn, &o.record, &o.resume);

	memset(out, 0, sizeof *out);
	if (code != SQLITE_OK)
		return code;
	if (b->only != 0 && record_id(o.record) != b->only) {
		out->rc = RC_NOTFOUND;
		record_free(o.record);
		return SQLITE_OK;
	}
	if (record_id(o.record) == 0)
		first_seen(b, &o);
	a->import = b->import;
	a->is_new = record_id(o.record) == 0;
	a->added_before = outgoing_added(a->outgoing);
	before = a->was_registered = record_is_registered(o.record);
	a->record = o.record;
	out->rc = fold_batch(a->profile, b, &o);
	if (out->rc == RC_NOMEM)
		code = SQLITE_NOMEM;
	else if (out->rc == RC_OK && !(b->import && b->import->run == 0)) /* 0: it is only tried */
		code = write_rows(a, b, &o, out);
	out->registered = out->rc == RC_OK ? record_is_registered(o.record) : before;
	out->registered_now = out->registered && !before;
	if (code == SQLITE_OK && out->registered_now && record_is_referred(o.record))
		code = referrals_registered(a->referrals, out->subscriber, b->utc_ms);
	record_free(o.record);
	a->forgot |= o.erased;
	for (size_t i = 0; o.profile.any && i < a->profile->n_fields; i++)
		a->forgot |= o.profile.field[i].how == PROFILE_TAKEN;
	return code;
}

struct load *apply_load(struct apply *a)
{
	return &a->load;
}

struct tombstones *apply_tombstones(struct apply *a)
{
	return &a->tombstones;
}

struct audit *apply_audit(struct apply *a)
{
	return a->audit;
}

void apply_mark(const struct apply *a, const void *bytes, size_t len, uint8_t out[DIGEST_KEYED_SIZE])
{
	digest_keyed(a->tombstones.key.byte, bytes, len, out);
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

	if (code == SQLITE_OK && w->unproven != 0)
		code = verification_undo(a->verification, w->unproven, w->at_ms);

	a->forgot |= w->result.detached;
	if (code == SQLITE_OK && w->gave_up != 0)
		code = requests_close(a->requests, w->gave_up, "the number went to somebody else", w->now_ms);
	if (code == SQLITE_OK && w->event == STORE_NUMBER_RECYCLED)
		code = relations_recycled(a->relations, w->msisdn, w->at_ms);
	return code == SQLITE_OK && w->gave_up != 0 ? relations_drop(a->relations, w->gave_up, w->now_ms)
	                                            : code;
}

int apply_relations(struct apply *a, int64_t at_ms, int max, int64_t *n)
{
	return relations_expire(a->relations, at_ms, max, n);
}

void apply_began(struct apply *a)
{
	vault_round(a->vault);
	tombstones_round(&a->tombstones);
}

bool apply_forgot(struct apply *a)
{
	bool forgot = a->forgot;

	a->forgot = false;
	return forgot;
}
