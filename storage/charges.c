/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Charges: see charges.h. Every move names the state it comes from in its WHERE, so that of two who decide at once one is
 * told that it was too late (promise 2). */
#include "storage/charges.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "storage/audit.h"
#include "storage/outgoing.h"
#include "storage/sql.h"

enum statement {
	ST_ADD,
	ST_BLANK,
	ST_MOVE,
	ST_GRANT,
	ST_LOOK,
	ST_TOLD,
	ST_ATTEMPT,
	ST_HOLDERS,
	ST_GIVEN_UP,
	ST_COUNT_
};

struct charges {
	sqlite3 *db;
	struct vault *vault;            /* borrowed, as: */
	struct outgoing_rows *outgoing; /* borrowed */
	struct audit *audit;            /* borrowed */
	sqlite3_stmt *st[ST_COUNT_];
};

static const char *const texts[ST_COUNT_] = {
	[ST_ADD] =
		"INSERT INTO charge (id, subscriber, msisdn, system, reference, ordered, route, sms, late, sorry, "
		"poor, barred, kind, price) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
		"CASE WHEN ?13 > 0 THEN 'purchase' ELSE 'grant' END, ?13)",
	[ST_BLANK] = "UPDATE charge SET sms = '', late = '', sorry = '', poor = '', barred = '' "
		     "WHERE subscriber = ?1 AND sorry <> ''",
	/* ?2 = from, ?3 = to, ?4 = now, ?5 = next, ?6 = code, ?7 = why, ?8 = mark, ?9 = refusal, ?10 = forget it */
	[ST_MOVE] =
		"UPDATE charge SET state = ?3, attempts = attempts + (?3 = 'sent'), "
		"sent = CASE ?3 WHEN 'sent' THEN ?4 ELSE sent END, next = ?5, "
		"settled = CASE WHEN ?3 IN ('granted', 'rejected', 'reconciled') THEN ?4 ELSE 0 END, "
		"code = ?6, why = ?7, mark = CASE WHEN ?3 = 'sent' THEN ?8 WHEN ?3 = 'pending' OR ?10 THEN '' ELSE mark END, "
		"refusal = ?9 WHERE id = ?1 AND state = ?2",
	[ST_GRANT] = "UPDATE grants SET state = ?2 WHERE id = ?1",
	[ST_LOOK] =
		"SELECT c.state, g.state, c.subscriber, s.stopped, c.route, c.sms, c.late, c.sorry, c.msisdn, "
		"c.poor, c.barred, c.refusal FROM charge c "
		"JOIN grants g ON g.id = c.id JOIN subscriber s ON s.id = c.subscriber WHERE c.id = ?1",
	[ST_TOLD] = "UPDATE charge SET sms = '', late = '', sorry = '', poor = '', barred = '' WHERE id = ?1",
	/* the first hundred and whatever settles it */
	[ST_ATTEMPT] = "INSERT INTO charge_attempt (charge, at, op, outcome, reason, code, why) "
		       "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE ?8 OR "
		       "(SELECT count(*) FROM charge_attempt WHERE charge = ?1) < 100",
	[ST_HOLDERS] = "SELECT count(DISTINCT subscriber) FROM charge WHERE msisdn = ?1 AND subscriber <> ?2",
	[ST_GIVEN_UP] = "SELECT 1 FROM charge WHERE id = ?1 AND given_up = 1",
};

int charges_new(sqlite3 *db, struct vault *vault, struct outgoing_rows *outgoing, struct audit *audit,
                struct charges **out)
{
	struct charges *c = calloc(1, sizeof *c);
	int code = SQLITE_OK;

	if (!c)
		return SQLITE_NOMEM;
	c->db = db;
	c->vault = vault;
	c->outgoing = outgoing;
	c->audit = audit;
	for (int i = 0; i < ST_COUNT_ && code == SQLITE_OK; i++)
		code = sql_prepare(db, texts[i], &c->st[i]);
	if (code != SQLITE_OK) {
		charges_free(c);
		return code;
	}
	*out = c;
	return SQLITE_OK;
}

void charges_free(struct charges *c)
{
	if (!c)
		return;
	for (int i = 0; i < ST_COUNT_; i++)
		(void)sqlite3_finalize(c->st[i]);
	free(c);
}

/* How many had orders under this number before. Of a person this is what stays the same when an older backup was restored, and
 * everybody gets another id: then the charging system can see that it has done the order already. */
static int holder_of(struct charges *c, int64_t msisdn, int64_t subscriber, int64_t *holder)
{
	sqlite3_stmt *st = c->st[ST_HOLDERS];
	int code;

	sql_bind_int(st, 1, msisdn);
	sql_bind_int(st, 2, subscriber);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*holder = sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

/* Where each of the words stands, and so what it is sealed for. */
enum words { WORDS_SMS, WORDS_LATE, WORDS_SORRY, WORDS_POOR, WORDS_BARRED, WORDS_COUNT_ };
static const char *const words_where[WORDS_COUNT_] = {"charge.sms", "charge.late", "charge.sorry",
                                                      "charge.poor", "charge.barred"};

int charges_add(struct charges *c, int64_t id, int64_t subscriber, const struct store_batch *b,
                const struct op *give, const char *sms, uint64_t *reference)
{
	const struct store_order *o = &give->give.order;
	const char *words[WORDS_COUNT_] = {sms, o->late, o->sorry, o->poor, o->barred};
	char sealed[WORDS_COUNT_][VAULT_TEXT_SIZE(STORE_TEXT_MAX)];
	sqlite3_stmt *st = c->st[ST_ADD];
	char digits[24];
	int64_t holder = 0;
	int code = holder_of(c, b->msisdn, subscriber, &holder);

	if (code != SQLITE_OK)
		return code;
	*reference = o->reference(o->instance, holder, b->msisdn, give->give.key);
	(void)snprintf(digits, sizeof digits, "%" PRIu64, *reference);
	sql_bind_int(st, 1, id);
	sql_bind_int(st, 2, subscriber);
	sql_bind_int(st, 3, b->msisdn);
	sql_bind_text(st, 4, o->system);
	sql_bind_text(st, 5, digits);
	sql_bind_int(st, 6, b->utc_ms);
	sql_bind_text(st, 7, o->route);
	for (int i = 0; i < WORDS_COUNT_ && code == SQLITE_OK; i++)
		code = vault_bind(c->vault, st, 8 + i, subscriber, words_where[i], words[i], sealed[i],
		                  sizeof sealed[i]);
	sql_bind_int(st, 13, o->price);
	return code == SQLITE_OK ? sql_run(st) : code;
}

int charges_blank(struct charges *c, int64_t subscriber)
{
	sql_bind_int(c->st[ST_BLANK], 1, subscriber);
	return sql_run(c->st[ST_BLANK]);
}

/* --- moving ----------------------------------------------------------------------------------------------- */

static enum store_charge charge_by_name(const char *name)
{
	enum store_charge c = STORE_CHARGE_PENDING;

	while (c < STORE_CHARGE_HELD && strcmp(store_charge_name(c), name) != 0)
		c++;
	return c;
}

static enum store_grant grant_of(const struct store_charge_update *u)
{
	switch (u->to) {
	case STORE_CHARGE_GRANTED:
		return STORE_GRANT_GRANTED;
	case STORE_CHARGE_REJECTED:
		return STORE_GRANT_REJECTED;
	case STORE_CHARGE_UNKNOWN:
		return STORE_GRANT_UNKNOWN;
	case STORE_CHARGE_RECONCILED:
		return u->granted ? STORE_GRANT_GRANTED : STORE_GRANT_REJECTED;
	default:
		return STORE_GRANT_PENDING;
	}
}

/* Changes nothing when it is not in u->from any more; *moved says. */
static int move(struct charges *c, const struct charge_work *w, bool *moved)
{
	const struct store_charge_update *u = &w->update;
	sqlite3_stmt *st = c->st[ST_MOVE];
	int code;

	sql_bind_int(st, 1, u->id);
	sql_bind_text(st, 2, store_charge_name(u->from));
	sql_bind_text(st, 3, store_charge_name(u->to));
	sql_bind_int(st, 4, w->at_ms);
	sql_bind_int(st, 5, u->next_ms);
	sql_bind_int(st, 6, u->code);
	sql_bind_text(st, 7, u->why);
	sql_bind_text(st, 8, w->mark);
	sql_bind_int(st, 10, u->forget_mark);
	sql_bind_text(st, 9, u->refusal == REFUSAL_NONE ? "" : refusal_name(u->refusal));
	code = sql_run(st);
	*moved = code == SQLITE_OK && sqlite3_changes(c->db) > 0;
	if (!*moved)
		return code;
	sql_bind_int(c->st[ST_GRANT], 1, u->id);
	sql_bind_text(c->st[ST_GRANT], 2, store_grant_name(grant_of(u)));
	return sql_run(c->st[ST_GRANT]);
}

static int keep_attempt(struct charges *c, const struct charge_work *w)
{
	const struct store_charge_update *u = &w->update;
	sqlite3_stmt *st = c->st[ST_ATTEMPT];

	sql_bind_int(st, 1, u->id);
	sql_bind_int(st, 2, w->at_ms);
	sql_bind_text(st, 3, u->op);
	sql_bind_text(st, 4, u->outcome);
	sql_bind_text(st, 5, u->reason);
	sql_bind_int(st, 6, u->code);
	sql_bind_text(st, 7, u->why);
	sql_bind_int(st, 8, !store_charge_is_open(u->to));
	return sql_run(st);
}

/* How it stands now, and what there is to say. */
struct look {
	int64_t subscriber;
	bool stopped, untold;
	char words[WORDS_COUNT_][VAULT_TEXT_SIZE(STORE_TEXT_MAX)]; /* as they lie there: sealed */
};

static int look(struct charges *c, struct charge_work *w, struct look *l)
{
	static const int columns[WORDS_COUNT_] = {5, 6, 7, 9, 10};
	sqlite3_stmt *st = c->st[ST_LOOK];
	struct store_charge_result *r = &w->result;
	int code;

	sql_bind_int(st, 1, w->update.id);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		r->state = charge_by_name(sql_column_text(st, 0));
		for (int g = STORE_GRANT_PENDING; g <= STORE_GRANT_UNKNOWN; g++)
			if (strcmp(sql_column_text(st, 1), store_grant_name((enum store_grant)g)) == 0)
				r->grant = (enum store_grant)g;
		l->subscriber = sqlite3_column_int64(st, 2);
		l->stopped = sqlite3_column_int(st, 3) != 0;
		(void)snprintf(w->route, sizeof w->route, "%s", sql_column_text(st, 4));
		for (int i = 0; i < WORDS_COUNT_; i++)
			(void)snprintf(l->words[i], sizeof l->words[i], "%s",
			               sql_column_text(st, columns[i]));
		l->untold = l->words[WORDS_SORRY][0] != '\0';
		r->msisdn = sqlite3_column_int64(st, 8);
		r->refusal = refusal_by_name(sql_column_text(st, 11));
	}
	(void)sqlite3_reset(st);
	return code;
}

static enum words words_of_refusal(const struct look *l, enum refusal refusal)
{
	enum words words = refusal == REFUSAL_POOR     ? WORDS_POOR
	                   : refusal == REFUSAL_BARRED ? WORDS_BARRED
	                                               : WORDS_SORRY;

	return l->words[words][0] != '\0' ? words : WORDS_SORRY;
}

/* Which words, if any. STOP wins over all of them (promise 7). */
static enum words words_of(const struct charge_work *w, const struct look *l)
{
	const struct store_charge_update *u = &w->update;

	if (l->stopped)
		return WORDS_COUNT_;
	if (w->result.grant != STORE_GRANT_GRANTED)
		return u->late ? words_of_refusal(l, w->result.refusal) : WORDS_COUNT_;
	return l->words[WORDS_SMS][0] != '\0' ? WORDS_SMS : u->late && !u->pushed ? WORDS_LATE : WORDS_COUNT_;
}

/* It is settled: the words become a notice, once. */
static int tell(struct charges *c, struct charge_work *w, const struct look *l)
{
	enum words words = words_of(w, l);
	struct outgoing notice;
	bool waits;
	int code = SQLITE_OK;

	w->result.is_quiet = l->stopped || !l->untold;
	if (!l->untold)
		return SQLITE_OK;
	if (words < WORDS_COUNT_)
		code = vault_open_text(c->vault, l->subscriber, words_where[words], l->words[words], w->text,
		                       sizeof w->text);
	if (code != SQLITE_OK)
		return code;
	sql_bind_int(c->st[ST_TOLD], 1, w->update.id);
	code = sql_run(c->st[ST_TOLD]);
	if (code != SQLITE_OK || w->text[0] == '\0')
		return code;
	notice = (struct outgoing){.subscriber = l->subscriber,
	                           .msisdn = w->result.msisdn,
	                           .at_ms = w->at_ms,
	                           .text = w->text,
	                           .route = w->route};
	return outgoing_add(c->outgoing, &notice, &w->result.notice, &waits);
}

static int audit(struct charges *c, const struct charge_work *w, int64_t subscriber)
{
	const struct audit_row row = {.at_ms = w->at_ms,
	                              .action = w->update.granted ? "grant resolved granted"
	                                                          : "grant resolved rejected",
	                              .subject = subscriber,
	                              .actor = *w->actor != '\0' ? w->actor : NULL,
	                              .reason = w->reason};

	return audit_add(c->audit, &row);
}

/* A person's decision: from wherever it is, if that is pending or unknown. */
static int resolve(struct charges *c, struct charge_work *w, struct look *l)
{
	bool moved;
	int code;

	if (w->result.state != STORE_CHARGE_PENDING && w->result.state != STORE_CHARGE_UNKNOWN) {
		w->result.rc = w->result.state == STORE_CHARGE_SENT ? RC_BUSY : RC_EXISTS;
		return SQLITE_OK;
	}
	w->update.from = w->result.state;
	w->update.to = STORE_CHARGE_RECONCILED;
	w->update.op = "person";
	w->update.outcome = w->update.granted ? "granted" : "rejected";
	w->update.reason = "decided";
	w->update.why = w->reason;
	w->update.refusal = w->update.granted ? REFUSAL_NONE : REFUSAL_SYSTEM;
	code = move(c, w, &moved);
	if (code == SQLITE_OK)
		code = keep_attempt(c, w);
	if (code == SQLITE_OK)
		code = audit(c, w, l->subscriber);
	w->result.state = STORE_CHARGE_RECONCILED;
	w->result.grant = grant_of(&w->update);
	return code;
}

/* What was certainly not done, and would be sent again, is not once the number is somebody else's (promise 2). */
static int stay_given_up(struct charges *c, struct charge_work *w)
{
	sqlite3_stmt *st = c->st[ST_GIVEN_UP];
	int code;

	if (w->resolves || w->update.to != STORE_CHARGE_PENDING)
		return SQLITE_OK;
	sql_bind_int(st, 1, w->update.id);
	code = sqlite3_step(st);
	(void)sqlite3_reset(st);
	if (code == SQLITE_ROW) {
		w->update.to = STORE_CHARGE_RECONCILED;
		w->update.granted = false;
		w->update.refusal = REFUSAL_SYSTEM;
		w->update.next_ms = 0;
		w->update.why = "not done before the number was given to somebody else";
	}
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int charges_move(struct charges *c, struct charge_work *w)
{
	bool tells = w->update.from == STORE_CHARGE_RECONCILED, moved = true;
	struct look l = {0};
	int code = stay_given_up(c, w);

	w->result = (struct store_charge_result){
		.rc = RC_OK, .at_ms = w->at_ms, .text = w->text, .route = w->route};
	w->text[0] = w->route[0] = '\0';
	if (code == SQLITE_OK && !w->resolves && !tells)
		code = move(c, w, &moved);
	if (code == SQLITE_OK && moved && !tells && w->update.attempt)
		code = keep_attempt(c, w);
	if (code != SQLITE_OK)
		return code;
	code = look(c, w, &l);
	if (code == SQLITE_DONE) {
		w->result.rc = RC_NOTFOUND;
		return SQLITE_OK;
	}
	if (code != SQLITE_ROW)
		return code;
	if (w->resolves)
		return resolve(c, w, &l);
	if (!moved)
		w->result.rc = RC_EXISTS;
	return store_charge_is_open(w->result.state) ? SQLITE_OK : tell(c, w, &l);
}

/* --- the start ------------------------------------------------------------------------------------------------- */

/* Orders in these states become unknown; *n = how many. */
static int doubt(sqlite3 *db, const char *states, const char *also, const char *why, int64_t at_ms,
                 int64_t *n)
{
	static const char text[] =
		"BEGIN IMMEDIATE; INSERT INTO charge_attempt (charge, at, op, outcome, reason, code, why) SELECT id, "
		"%lld, 'restart', 'unknown', 'no-answer', 0, '%s' FROM charge WHERE state IN (%s); "
		"UPDATE grants SET state = 'unknown' WHERE id IN (SELECT id FROM charge WHERE state IN (%s)); "
		"UPDATE charge SET state = 'unknown', next = 0%s, why = '%s' WHERE state IN (%s); COMMIT";
	char filled[1024], count[128];
	int code;

	(void)snprintf(count, sizeof count, "SELECT count(*) FROM charge WHERE state IN (%s)", states);
	code = sql_int(db, count, n);
	if (code != SQLITE_OK || *n == 0)
		return code;
	(void)snprintf(filled, sizeof filled, text, (long long)at_ms, why, states, states, also, why, states);
	code = sqlite3_exec(db, filled, NULL, NULL, NULL);
	if (code != SQLITE_OK && !sqlite3_get_autocommit(db))
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return code;
}

int charges_sweep(sqlite3 *db, int64_t at_ms)
{
	int64_t n = 0;
	int code = doubt(db, "'sent'", "", "the daemon ended before it knew", at_ms, &n);

	if (code == SQLITE_OK && n > 0)
		LOG_EVENT(LOG_LV_WARN, "store", "grants_unknown", "count", LOG_INT(n), "why",
		          "an earlier run ended before it knew what became of them", "remedy",
		          "the charging system is asked; see starhash grants --state unknown");
	return code;
}

int charges_restored(sqlite3 *db, int64_t at_ms, int64_t *n)
{
	int64_t tables = 0;
	int code = sql_int(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'charge'",
	                   &tables);

	*n = 0;
	if (code != SQLITE_OK || tables == 0) /* of a version that had none */
		return code;
	return doubt(db, "'pending', 'sent', 'unknown'", ", mark = ''",
	             "restored from a backup: what became of it since is not in it", at_ms, n);
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

#define SELECT_PAGE                                                                                          \
	"SELECT c.id, c.subscriber, c.msisdn, c.reference, c.state, c.attempts, c.ordered, c.sent, c.next, " \
	"g.bundle, g.key, c.mark, c.price, c.system FROM charge c JOIN grants g ON g.id = c.id WHERE c.id > ?1 AND "

/* By enum store_charges_which. Each in the words of its partial index. */
static const char *const page_texts[] = {
	SELECT_PAGE "c.state IN ('pending', 'sent', 'unknown') ORDER BY c.id LIMIT ?2",
	SELECT_PAGE "c.state = 'reconciled' AND c.sorry <> '' ORDER BY c.id LIMIT ?2",
	SELECT_PAGE "c.approved = 1 AND c.state = 'pending' ORDER BY c.id LIMIT ?2",
};

static void row_read(sqlite3_stmt *st, struct store_charge_row *r)
{
	*r = (struct store_charge_row){.id = sqlite3_column_int64(st, 0),
	                               .subscriber = sqlite3_column_int64(st, 1),
	                               .msisdn = sqlite3_column_int64(st, 2),
	                               .reference = strtoull(sql_column_text(st, 3), NULL, 10),
	                               .state = charge_by_name(sql_column_text(st, 4)),
	                               .attempts = (uint32_t)sqlite3_column_int64(st, 5),
	                               .ordered_ms = sqlite3_column_int64(st, 6),
	                               .sent_ms = sqlite3_column_int64(st, 7),
	                               .next_ms = sqlite3_column_int64(st, 8)};
	(void)snprintf(r->bundle, sizeof r->bundle, "%s", sql_column_text(st, 9));
	if (strlen(sql_column_text(st, 10)) < sizeof r->key)
		(void)snprintf(r->key, sizeof r->key, "%s", sql_column_text(st, 10));
	(void)snprintf(r->mark, sizeof r->mark, "%s", sql_column_text(st, 11));
	r->price = sqlite3_column_int64(st, 12);
	(void)snprintf(r->system, sizeof r->system, "%s", sql_column_text(st, 13));
}

int charges_read(sqlite3 *db, sqlite3_stmt *kept[STORE_CHARGES_WHICH_], struct charge_page *page)
{
	int code =
		kept[page->which] ? SQLITE_OK : sql_prepare(db, page_texts[page->which], &kept[page->which]);
	sqlite3_stmt *st = kept[page->which];

	if (code != SQLITE_OK)
		return code;
	sql_bind_int(st, 1, page->after);
	sql_bind_int(st, 2, STORE_CHARGES_PAGE);
	while ((code = sqlite3_step(st)) == SQLITE_ROW && page->n < STORE_CHARGES_PAGE)
		row_read(st, &page->row[page->n++]);
	(void)sqlite3_reset(st);
	return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}
