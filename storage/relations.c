/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relations: see relations.h. What is asked about rows, and what changes them, is in relations_rows.c. */
#include "storage/relations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/msisdn.h"
#include "storage/relations_rows.h"
#include "storage/sql.h"
#include "storage/store_relations.h"

int relations_new(sqlite3 *db, const struct relations_with *with, struct relations **out)
{
	struct relations *r = calloc(1, sizeof *r);
	int code;

	if (!r)
		return SQLITE_NOMEM;
	r->with = *with;
	code = relation_rows_init(&r->rows, db);
	if (code == SQLITE_OK)
		code = relations_past_new(db, with->tombstones, &r->past);
	if (code != SQLITE_OK) {
		relations_free(r);
		return code;
	}
	*out = r;
	return SQLITE_OK;
}

void relations_free(struct relations *r)
{
	if (!r)
		return;
	relation_rows_fini(&r->rows);
	relations_past_free(r->past);
	free(r);
}

/* --- words -------------------------------------------------------------------------------------------------------- */

/* With the other's number in place of "{other}"; "{{" is a brace, as in menus. */
static void expand(const char *text, int64_t other, char *out, size_t size)
{
	char number[MSISDN_TEXT_SIZE];
	struct buf b;

	buf_init(&b, out, size);
	while (*text != '\0') {
		bool is_other = strncmp(text, STORE_OTHER, sizeof STORE_OTHER - 1) == 0;

		if (is_other)
			buf_add(&b, msisdn_text(other, number));
		else
			buf_add_char(&b, *text);
		text += is_other ? sizeof STORE_OTHER - 1 : strncmp(text, "{{", 2) == 0 ? 2 : 1;
	}
}

/* An SMS to `to` that speaks of `other`; nothing to who has said STOP, or where there is no number or no word. *id = of
 * outbox, 0 = there is none. */
static int tell(struct relations *r, const struct relation_side *to, const struct relation_side *other,
                const char *words, const char *route, int64_t at_ms, int64_t *id)
{
	char text[STORE_TEXT_MAX + 1], way[STORE_ROUTE_SIZE];
	const struct outgoing what = {.subscriber = to->id,
	                              .msisdn = to->msisdn,
	                              .at_ms = at_ms,
	                              .kind = STORE_NOTICE_SMS,
	                              .text = text,
	                              .route = way};
	bool waits = false;
	int code;

	*id = 0;
	if (to->is_stopped || to->msisdn == 0 || other->msisdn == 0 || words[0] == '\0')
		return SQLITE_OK;
	expand(words, other->msisdn, text, sizeof text);
	expand(route ? route : "", to->msisdn, way, sizeof way);
	code = outgoing_add(r->with.outgoing, &what, id, &waits);
	return code == SQLITE_OK ? outgoing_about(r->with.outgoing, *id, other->id) : code;
}

/* The same, counted, of what nobody has to know again. */
static int tell_of(struct relations *r, const struct relation_side *to, const struct relation_side *other,
                   const char *words, const char *route, int64_t at_ms, struct store_result *out)
{
	int64_t id = 0;
	int code = tell(r, to, other, words, route, at_ms, &id);

	if (code == SQLITE_OK && id != 0 && out)
		out->told++;
	return code;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

#define DAY_MS INT64_C(86400000)

/* When this person may be asked, after what they were asked in 24 hours by whomever; 0 = now. */
static int next_time(struct relations *r, const struct relation_row *row, int64_t at_ms, int64_t *until_ms)
{
	int64_t n = 0, first_ms = 0, past = 0, past_first_ms = 0;
	int code = relation_rows_questions(&r->rows, row->b.id, at_ms - DAY_MS, &n, &first_ms);

	if (code == SQLITE_OK)
		code = relations_past_asked(r->past, row->b.msisdn, at_ms - DAY_MS, &past, &past_first_ms);
	if (first_ms == 0 || (past > 0 && past_first_ms < first_ms))
		first_ms = past_first_ms;
	*until_ms = n + past >= row->per_day ? first_ms + DAY_MS : 0;
	return code;
}

/* The question of this row leaves, if its person may be written to. */
static int ask(struct relations *r, const struct relation_row *row, int64_t at_ms, struct store_result *out)
{
	int64_t notice = 0, until_ms = 0;
	int code = next_time(r, row, at_ms, &until_ms);

	if (code != SQLITE_OK || until_ms != 0)
		return code == SQLITE_OK ? relation_rows_delay(&r->rows, row->id, until_ms) : code;
	code = tell(r, &row->b, &row->a, row->words, row->route, at_ms, &notice);
	if (code != SQLITE_OK || notice == 0)
		return code; /* they cannot be told: its time passes all the same, and nobody can tell */
	if (out)
		out->told++;
	return relation_rows_asked(&r->rows, row->id, notice, at_ms);
}

/* It need not be answered any more: if it has not left, it does not. */
static int take_back(struct relations *r, const struct relation_row *row, int64_t at_ms)
{
	return row->notice != 0 ? outgoing_over(r->with.outgoing, row->a.id, row->notice, at_ms) : SQLITE_OK;
}

/* Nothing stands with this person any more: who waits longest is next. */
static int ask_next(struct relations *r, int64_t person, int64_t at_ms, struct store_result *out)
{
	struct relation_row row;
	int code = relation_rows_standing(&r->rows, person, at_ms, &row);

	if (code == SQLITE_ROW)
		return SQLITE_OK;
	if (code == SQLITE_DONE)
		code = relation_rows_waiting(&r->rows, person, at_ms, &row);
	if (code == SQLITE_ROW)
		return ask(r, &row, at_ms, out);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static const struct store_invite_words *words_in(const struct store_invite *i, const char *language)
{
	for (size_t k = 0; k < i->n && language[0] != '\0'; k++)
		if (strcmp(i->in[k].language, language) == 0)
			return &i->in[k];
	return NULL;
}

/* SQLITE_ROW: it cannot be, and out->relation says why. */
static int may_invite(struct relations *r, const struct store_batch *b, const struct store_invite *i,
                      const struct relations_person *other, struct store_result *out)
{
	const struct relation_pair pair = {.a = out->subscriber, .b = other->id, .type = i->type};
	struct relation_load load = {0};
	const int64_t since_ms = b->utc_ms - i->again_after_ms;
	bool again = false;
	int64_t before = 0; /* an erasure of one of them */
	int code = relation_rows_again(&r->rows, &pair, since_ms, b->utc_ms, &again);

	if (code == SQLITE_OK && !again)
		code = relations_past_again(r->past, b->msisdn, i->msisdn, i->type, since_ms, &again);
	if (code == SQLITE_OK)
		code = relation_rows_load(&r->rows, out->subscriber, i->type, b->utc_ms, &load);
	if (code == SQLITE_OK)
		code = relations_past_made(r->past, b->msisdn, i->type, b->utc_ms - DAY_MS, &before);
	if (code != SQLITE_OK)
		return code;
	out->relation = again                                  ? STORE_RELATION_AGAIN
	                : load.related + load.asked >= i->most ? STORE_RELATION_FULL
	                : load.today + before >= i->per_day    ? STORE_RELATION_DAY
	                                                       : STORE_RELATION_ASKED;
	return out->relation == STORE_RELATION_ASKED ? SQLITE_DONE : SQLITE_ROW;
}

/* A row of the ledger, of the batch's subscriber. */
static int consent(struct relations *r, const struct store_batch *b, const struct store_result *out,
                   const struct store_agreement *what, int64_t *id)
{
	const struct consents_row row = {
		.subscriber = out->subscriber, .at_ms = b->utc_ms, .source = *r->with.source, .what = *what};
	int code = consents_add(r->with.consents, &row, r->with.stand);

	*id = sqlite3_last_insert_rowid(r->rows.db);
	return code;
}

static int invite(struct relations *r, const struct store_batch *b, const struct store_invite *i,
                  struct store_result *out)
{
	const struct store_agreement words = {.purpose = i->type,
	                                      .state = STORE_CONSENT_GRANTED,
	                                      .words = i->words,
	                                      .version = i->version,
	                                      .proof = "",
	                                      .language = i->language,
	                                      .channel = i->channel};
	const struct store_invite_words *mine = words_in(i, i->language), *theirs;
	struct relations_person other;
	int64_t id = 0, agreed = 0;
	int code = r->with.person(r->with.ctx, i->msisdn, b->utc_ms, &other);

	if (code == SQLITE_OK && other.id == out->subscriber)
		out->relation = STORE_RELATION_AGAIN;
	if (code != SQLITE_OK || other.id == out->subscriber)
		return code;
	code = may_invite(r, b, i, &other, out);
	if (code != SQLITE_DONE)
		return code == SQLITE_ROW ? SQLITE_OK : code;
	mine = mine ? mine : &i->in[0];
	theirs = words_in(i, other.language);
	code = consent(r, b, out, &words, &agreed);
	if (code == SQLITE_OK)
		code = relation_rows_add(&r->rows,
		                         &(struct relation_new){.a = out->subscriber,
		                                                .b = other.id,
		                                                .a_consent = agreed,
		                                                .at_ms = b->utc_ms,
		                                                .invite = i,
		                                                .to_a = mine,
		                                                .to_b = theirs ? theirs : mine},
		                         &id);
	return code == SQLITE_OK ? ask_next(r, other.id, b->utc_ms, out) : code;
}

/* --- answering ---------------------------------------------------------------------------------------------------- */

static int agree(struct relations *r, const struct store_batch *b, const struct op *op,
                 const struct relation_row *row, const struct store_result *out, int64_t *id)
{
	const struct store_agreement what = {.purpose = row->type,
	                                     .state = op->answer.yes ? STORE_CONSENT_GRANTED
	                                                             : STORE_CONSENT_REFUSED,
	                                     .words = row->words,
	                                     .version = row->version,
	                                     .proof = "",
	                                     .language = row->language,
	                                     .channel = op->answer.channel};

	return consent(r, b, out, &what, id);
}

/* What answers the answer, in the batch's own memory: it is read in the callback. */
static int say(const struct store_batch *b, const char *words, int64_t other, struct store_result *out)
{
	char text[STORE_TEXT_MAX + 1];

	expand(words, other, text, sizeof text);
	out->said = region_strdup(b->region, text);
	return out->said ? SQLITE_OK : SQLITE_NOMEM;
}

static int is_full(struct relations *r, const struct relation_row *row, int64_t at_ms, bool *full)
{
	struct relation_load a = {0}, b = {0};
	int code = relation_rows_load(&r->rows, row->a.id, row->type, at_ms, &a);

	if (code == SQLITE_OK)
		code = relation_rows_load(&r->rows, row->b.id, row->type, at_ms, &b);
	*full = a.related >= row->most || b.related >= row->most;
	return code;
}

static int accept(struct relations *r, const struct store_batch *b, const struct op *op,
                  const struct relation_row *row, struct store_result *out)
{
	int64_t agreed = 0;
	bool full = false;
	int code = is_full(r, row, b->utc_ms, &full);

	if (code != SQLITE_OK || full) {
		out->relation = STORE_RELATION_FULL;
		return code;
	}
	out->relation = STORE_RELATION_JOINED;
	code = agree(r, b, op, row, out, &agreed);
	if (code == SQLITE_OK)
		code = say(b, row->yes, row->a.msisdn, out);
	if (code == SQLITE_OK)
		code = tell_of(r, &row->a, &row->b, row->joined, op->answer.route, b->utc_ms, out);
	if (code == SQLITE_OK)
		code = relation_rows_accept(&r->rows, row, agreed, b->utc_ms);
	return code;
}

/* A no to one is not a no to what they have agreed to with another: the ledger's newest row is the one that counts. */
static int decline(struct relations *r, const struct store_batch *b, const struct op *op,
                   const struct relation_row *row, struct store_result *out)
{
	struct relation_load load = {0};
	int64_t agreed = 0;
	int code = relation_rows_load(&r->rows, row->b.id, row->type, b->utc_ms, &load);

	out->relation = STORE_RELATION_DECLINED;
	if (code == SQLITE_OK && load.related == 0)
		code = agree(r, b, op, row, out, &agreed);
	if (code == SQLITE_OK)
		code = say(b, row->no, row->a.msisdn, out);
	return code == SQLITE_OK
	               ? relation_rows_close(&r->rows, row->id, RELATION_DECLINED, agreed, b->utc_ms)
	               : code;
}

static int answer(struct relations *r, const struct store_batch *b, const struct op *op,
                  struct store_result *out)
{
	struct relation_row row;
	int code = relation_rows_standing(&r->rows, out->subscriber, b->utc_ms, &row);
	bool over = false;

	if (code == SQLITE_DONE) {
		code = relation_rows_was_asked(&r->rows, out->subscriber, b->utc_ms - STORE_ANSWER_LATE_MS,
		                               &over);
		out->relation = over ? STORE_RELATION_OVER : STORE_RELATION_NOTHING;
		return code;
	}
	if (code != SQLITE_ROW)
		return code;
	code = op->answer.yes ? accept(r, b, op, &row, out) : decline(r, b, op, &row, out);
	return code == SQLITE_OK ? ask_next(r, out->subscriber, b->utc_ms, out) : code;
}

/* --- ending ------------------------------------------------------------------------------------------------------- */

/* By whose doing a relation or an invitation ends; when it `tells`, the other hears it. */
struct ending {
	int64_t person, at_ms;
	bool tells;
	const char *route;
};

static int end_row(struct relations *r, const struct relation_row *row, const struct ending *e,
                   struct store_result *out)
{
	bool was_accepted = row->state == RELATION_ACCEPTED, by_a = e->person == row->a.id;
	enum relation_state to = !was_accepted && !by_a ? RELATION_DECLINED : RELATION_LEFT;
	int code = SQLITE_OK;

	if (was_accepted && e->tells)
		code = tell_of(r, by_a ? &row->b : &row->a, by_a ? &row->a : &row->b,
		               by_a ? row->left_b : row->left_a, e->route, e->at_ms, out);
	if (code == SQLITE_OK && !was_accepted)
		code = take_back(r, row, e->at_ms);
	if (code == SQLITE_OK && was_accepted)
		code = relation_rows_uncount(&r->rows, row);
	if (code == SQLITE_OK)
		code = relation_rows_close(&r->rows, row->id, to, 0, e->at_ms);
	/* They were asked, and need not answer any more. */
	return code == SQLITE_OK && !was_accepted && by_a ? ask_next(r, row->b.id, e->at_ms, out) : code;
}

/* Everything of a type (NULL: of all types) that stands with or of a person. */
static int end_all(struct relations *r, const struct ending *e, const char *type, struct store_result *out)
{
	struct relation_row row;
	int code;

	while ((code = relation_rows_of(&r->rows, e->person, type, &row)) == SQLITE_ROW) {
		code = end_row(r, &row, e, out);
		if (code != SQLITE_OK)
			return code;
	}
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int leave(struct relations *r, const struct store_batch *b, const struct op *op,
                 struct store_result *out)
{
	const struct store_agreement words = {.purpose = op->leave.type,
	                                      .state = STORE_CONSENT_WITHDRAWN,
	                                      .words = op->leave.words,
	                                      .version = "",
	                                      .proof = "",
	                                      .language = op->leave.language,
	                                      .channel = op->leave.channel};
	const struct ending e = {
		.person = out->subscriber, .at_ms = b->utc_ms, .tells = true, .route = op->leave.route};
	struct relation_load load = {0};
	struct relation_row row;
	int64_t ignored = 0;
	int code = relation_rows_between(&r->rows, out->subscriber, op->leave.msisdn, op->leave.type, &row);

	out->relation = code == SQLITE_ROW ? STORE_RELATION_LEFT : STORE_RELATION_NOTHING;
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? SQLITE_OK : code;
	code = end_row(r, &row, &e, out);
	if (code == SQLITE_OK)
		code = relation_rows_load(&r->rows, out->subscriber, op->leave.type, b->utc_ms, &load);
	if (code != SQLITE_OK || load.related + load.asked > 0)
		return code;
	return consent(r, b, out, &words, &ignored); /* it was the last one */
}

int relations_write(struct relations *r, const struct store_batch *b, const struct op *op,
                    struct store_result *out)
{
	switch (op->kind) {
	case OP_INVITE:
		return invite(r, b, op->invite, out);
	case OP_ANSWER:
		return answer(r, b, op, out);
	case OP_LEAVE:
		return leave(r, b, op, out);
	default:
		return SQLITE_OK;
	}
}

int relations_end(struct relations *r, const struct store_batch *b, const char *type,
                  struct store_result *out)
{
	const struct ending e = {
		.person = out->subscriber, .at_ms = b->utc_ms, .tells = true, .route = b->route_other};
	int code = end_all(r, &e, type, out);

	return code == SQLITE_OK ? ask_next(r, out->subscriber, b->utc_ms, out) : code;
}

int relations_drop(struct relations *r, int64_t subscriber, int64_t at_ms)
{
	const struct ending e = {.person = subscriber, .at_ms = at_ms};
	int code = end_all(r, &e, NULL, NULL);

	return code == SQLITE_OK ? outgoing_over(r->with.outgoing, subscriber, 0, at_ms) : code;
}

int relations_forget(struct relations *r, int64_t subscriber, int64_t at_ms)
{
	int code = relations_drop(r, subscriber, at_ms);

	if (code == SQLITE_OK)
		code = relations_past_keep(r->past, subscriber, at_ms);
	return code == SQLITE_OK ? relation_rows_forget(&r->rows, subscriber) : code;
}

int relations_recycled(struct relations *r, int64_t msisdn, int64_t at_ms)
{
	return relations_past_end(r->past, msisdn, at_ms);
}

/* Whose day of too many questions is over: they are asked, if nothing stands with them. */
static int ask_later(struct relations *r, int64_t at_ms, int max)
{
	struct relation_row row;
	int code = SQLITE_DONE;

	for (int n = 0; n < max && (code = relation_rows_later(&r->rows, at_ms, &row)) == SQLITE_ROW; n++) {
		code = relation_rows_delay(&r->rows, row.id, 0);
		if (code == SQLITE_OK)
			code = ask_next(r, row.b.id, at_ms, NULL);
		if (code != SQLITE_OK)
			return code;
	}
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int relations_expire(struct relations *r, int64_t at_ms, int max, int64_t *n)
{
	struct relation_row row;
	int code = SQLITE_DONE;

	for (*n = 0; *n < max && (code = relation_rows_expired(&r->rows, at_ms, &row)) == SQLITE_ROW; ++*n) {
		code = relation_rows_close(&r->rows, row.id, RELATION_EXPIRED, 0, at_ms);
		if (code == SQLITE_OK)
			code = take_back(r, &row, at_ms);
		if (code == SQLITE_OK)
			code = ask_next(r, row.b.id, at_ms, NULL);
		if (code != SQLITE_OK)
			return code;
	}
	return code == SQLITE_ROW || code == SQLITE_DONE ? ask_later(r, at_ms, max) : code;
}
