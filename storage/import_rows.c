/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import rows: one row of a file becomes a subscriber, adds to one, or is refused with its reason (import.h).
 *
 * Somebody who is there already is never told to have agreed to what they have refused or withdrawn since: a consent of
 * the file counts only when it is newer than what the store has. Nor does an old file bring back who was erased.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/import.h"
#include "storage/load.h"
#include "storage/sql.h"
#include "storage/store_batch.h"
#include "storage/tombstone.h"

enum statement { ST_FIND, ST_CONSENT, ST_GRANT, ST_LEDGER, ST_COUNT_ };

struct import_rows {
	sqlite3 *db;
	const struct profile *profile;
	struct apply *apply;
	sqlite3_stmt *st[ST_COUNT_];
};

static const char *const texts[ST_COUNT_] = {
	[ST_FIND] = "SELECT id, imported FROM subscriber WHERE msisdn = ?1",
	[ST_CONSENT] = "SELECT max(at) FROM consent WHERE subscriber = ?1 AND purpose = ?2",
	[ST_GRANT] = ("INSERT INTO grants (subscriber, key, bundle, gives, state, at, expires) "
                      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (subscriber, key) DO NOTHING"),
	[ST_LEDGER] = "INSERT INTO ledger (grant_id, bundle, gives, at) VALUES (?1, ?2, ?3, ?4)",
};

int import_rows_new(sqlite3 *db, const struct profile *profile, struct apply *apply, struct import_rows **out)
{
	struct import_rows *r = calloc(1, sizeof *r);
	int code = SQLITE_OK;

	if (!r)
		return SQLITE_NOMEM;
	*r = (struct import_rows){.db = db, .profile = profile, .apply = apply};
	for (int n = 0; n < ST_COUNT_ && code == SQLITE_OK; n++)
		code = sql_prepare(db, texts[n], &r->st[n]);
	if (code != SQLITE_OK) {
		import_rows_free(r);
		return code;
	}
	*out = r;
	return SQLITE_OK;
}

void import_rows_free(struct import_rows *r)
{
	if (!r)
		return;
	for (int n = 0; n < ST_COUNT_; n++)
		(void)sqlite3_finalize(r->st[n]);
	free(r);
}

static int reject(struct store_import_row *row, const char *why)
{
	row->fate = STORE_IMPORT_REJECTED;
	(void)snprintf(row->why, sizeof row->why, "%s", why);
	return SQLITE_OK;
}

/* --- who is it? ---------------------------------------------------------------------------------------------------- */

/* *id 0: nobody has the number. */
static int find(struct import_rows *r, int64_t msisdn, int64_t *id, int64_t *imported)
{
	sqlite3_stmt *st = r->st[ST_FIND];
	int code;

	*id = *imported = 0;
	sql_bind_int(st, 1, msisdn);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		*id = sqlite3_column_int64(st, 0);
		*imported = sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Has this row a consent that was given after that time? */
static bool consents_after(const struct store_batch *b, int64_t at_ms)
{
	for (const struct op *op = b->first; op; op = op->next)
		if (op->kind == OP_CONSENT && op->consent.state == STORE_CONSENT_GRANTED &&
		    op->consent.at_ms > at_ms)
			return true;
	return false;
}

/* When a consent of a row was given; what says no time is said now. */
static int64_t said_at(const struct op *op)
{
	return op->consent.at_ms > 0 ? op->consent.at_ms : INT64_MAX;
}

static struct op *next_of_purpose(const struct op *op)
{
	struct op *next = op->next;

	while (next && (next->kind != OP_CONSENT || strcmp(next->consent.purpose, op->consent.purpose) != 0))
		next = next->next;
	return next;
}

/* Of one purpose the newest word holds, and the store goes by which was written last (load.c). So what a file says is put in the
 * order of its times, neighbour by neighbour: of two of the same time the later in the row holds. */
static void order_consents(struct store_batch *b)
{
	bool falls = true;

	while (falls) {
		falls = false;
		for (struct op *op = b->first; op; op = op->next) {
			struct op *next = op->kind == OP_CONSENT ? next_of_purpose(op) : NULL;
			const struct store_agreement what = op->consent;

			if (!next || said_at(next) >= said_at(op))
				continue;
			op->consent = next->consent;
			next->consent = what;
			falls = true;
		}
	}
}

/* --- somebody who is there already --------------------------------------------------------------------------------- */

/* When the store last heard of this purpose; 0 = never. By time: rows of an import may be older than those before them. */
static int consent_at(struct import_rows *r, int64_t id, const char *purpose, int64_t *at_ms)
{
	sqlite3_stmt *st = r->st[ST_CONSENT];
	int code;

	*at_ms = 0;
	sql_bind_int(st, 1, id);
	sql_bind_text(st, 2, purpose);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*at_ms = sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Promise 7: STOP came after whatever a file knows, or holds all the same until START. */
static bool is_silenced(const struct import_rows *r, const struct record *record, const struct op *op)
{
	return op->consent.state == STORE_CONSENT_GRANTED && record_is_stopped(record) &&
	       profile_is_marketing(r->profile, op->consent.purpose);
}

/* Does the row say yes to this purpose before `op`, in what is left of it? */
static bool agrees_before(const struct op *first, const struct op *op)
{
	for (const struct op *o = first; o != op; o = o->next)
		if (o->kind == OP_CONSENT && o->consent.state == STORE_CONSENT_GRANTED &&
		    strcmp(o->consent.purpose, op->consent.purpose) == 0)
			return true;
	return false;
}

/* Newer than what is known. A no without a time is said now, and no news where a no holds: else each run of a file adds it
 * again. A yes without one is older than anything: import_row.c takes none. */
static bool is_news(const struct record *record, const struct op *first, const struct op *op, int64_t at_ms)
{
	if (op->consent.at_ms > 0 || op->consent.state == STORE_CONSENT_GRANTED)
		return op->consent.at_ms > at_ms;
	return record_consent_state(record, op->consent.purpose) != RECORD_CONSENT_REFUSED ||
	       agrees_before(first, op);
}

/* `first`: what is wanted of the ops before this one, which come first in the batch. */
static int is_wanted(struct import_rows *r, const struct record *record, const struct op *first,
                     const struct op *op, bool replaces, bool *wanted)
{
	const char *value;
	int64_t at_ms = 0;
	int code = SQLITE_OK;

	switch (op->kind) {
	case OP_SAVE:
		value = record_value(record, op->save.field);
		*wanted = !value || (replaces && strcmp(value, op->save.value) != 0);
		break;
	case OP_CONSENT:
		code = consent_at(r, record_id(record), op->consent.purpose, &at_ms);
		*wanted = (at_ms == 0 || (replaces && is_news(record, first, op, at_ms))) &&
		          !is_silenced(r, record, op);
		break;
	case OP_LANGUAGE:
		*wanted = record_language(record)[0] == '\0' ||
		          (replaces && strcmp(record_language(record), op->language) != 0);
		break;
	case OP_STOP:
		*wanted = !record_is_stopped(record);
		break;
	default:
		*wanted = true;
	}
	return code;
}

/* Take out of the batch what is not to change. */
static int thin(struct import_rows *r, struct store_batch *b, const struct record *record)
{
	bool replaces = b->import->existing == STORE_EXISTING_REPLACE;
	struct op **at = &b->first;

	while (*at) {
		bool wanted = false;
		int code = is_wanted(r, record, b->first, *at, replaces, &wanted);

		if (code != SQLITE_OK)
			return code;
		if (wanted) {
			at = &(*at)->next;
		} else {
			*at = (*at)->next;
			b->count--;
		}
	}
	b->tail = at;
	return SQLITE_OK;
}

static int meet(struct import_rows *r, struct store_batch *b)
{
	struct store_resume resume;
	struct record *record = NULL;
	int code;

	apply_load(r->apply)->now_ms = b->utc_ms;
	code = load_by_msisdn(apply_load(r->apply), b->msisdn, &record, &resume);
	if (code == SQLITE_OK)
		code = thin(r, b, record);
	record_free(record);
	return code;
}

/* --- what was given elsewhere --------------------------------------------------------------------------------------- */

/* A grant that another system carried out is posted here too: what is confirmed must be so in two places. */
static int grant(struct import_rows *r, int64_t subscriber, const struct store_import_grant *g, int *added)
{
	sqlite3_stmt *st = r->st[ST_GRANT];
	int code;

	sql_bind_int(st, 1, subscriber);
	sql_bind_text(st, 2, g->key);
	sql_bind_text(st, 3, g->bundle);
	sql_bind_text(st, 4, g->gives);
	sql_bind_text(st, 5, store_grant_name(g->state));
	sql_bind_int(st, 6, g->at_ms);
	sql_bind_int(st, 7, g->expires_ms);
	code = sql_run(st);
	if (code != SQLITE_OK || sqlite3_changes(r->db) == 0)
		return code;
	++*added;
	if (g->state != STORE_GRANT_GRANTED)
		return SQLITE_OK;
	st = r->st[ST_LEDGER];
	sql_bind_int(st, 1, sqlite3_last_insert_rowid(r->db));
	sql_bind_text(st, 2, g->bundle);
	sql_bind_text(st, 3, g->gives);
	sql_bind_int(st, 4, g->at_ms);
	return sql_run(st);
}

static int grants(struct import_rows *r, int64_t subscriber, const struct import_said *said, int *added)
{
	int code = SQLITE_OK;

	for (const struct import_grant_node *n = said->grants; n && code == SQLITE_OK; n = n->next)
		code = grant(r, subscriber, &n->grant, added);
	return code;
}

/* --- refused --------------------------------------------------------------------------------------------------------- */

static bool agrees_to(const struct store_batch *b, const char *purpose)
{
	bool stands = *purpose == '\0';

	for (const struct op *op = b->first; op; op = op->next) {
		const char *to = op->kind == OP_CONSENT ? op->consent.purpose : NULL;

		if (to && strcmp(to, purpose) == 0)
			stands = op->consent.state == STORE_CONSENT_GRANTED;
	}
	return stands;
}

/* Promise 7 in words: *purpose = what of the batch is marketing to somebody who has said STOP; NULL = nothing. */
static int find_silenced(struct import_rows *r, const struct store_batch *b, const char **purpose)
{
	struct store_resume resume;
	struct record *record = NULL;
	int code = load_by_msisdn(apply_load(r->apply), b->msisdn, &record, &resume);

	*purpose = NULL;
	for (const struct op *op = b->first; op && code == SQLITE_OK && !*purpose; op = op->next) {
		const char *under = op->kind == OP_SAVE ? r->profile->field[op->save.field].consent : "";

		if (op->kind == OP_CONSENT && op->consent.state == STORE_CONSENT_GRANTED)
			under = op->consent.purpose;
		if (record_is_stopped(record) && profile_is_marketing(r->profile, under))
			*purpose = under;
	}
	record_free(record);
	return code;
}

/* Promise 8 in words: which value stands under no consent. */
static int explain(struct import_rows *r, const struct store_batch *b, enum rc rc,
                   struct store_import_row *row)
{
	const char *silenced = NULL;
	int code = rc == RC_STATE ? find_silenced(r, b, &silenced) : SQLITE_OK;

	if (code != SQLITE_OK)
		return code;
	if (silenced) {
		row->fate = STORE_IMPORT_REJECTED;
		(void)snprintf(row->why, sizeof row->why,
		               "they have said STOP, so no consent to \"%s\" counts before they send START; "
		               "leave it out, with what was told under it",
		               silenced);
		return SQLITE_OK;
	}
	for (const struct op *op = b->first; op && rc == RC_STATE; op = op->next) {
		const struct profile_field *f =
			op->kind == OP_SAVE ? &r->profile->field[op->save.field] : NULL;

		if (!f || agrees_to(b, f->consent))
			continue;
		row->fate = STORE_IMPORT_REJECTED;
		(void)snprintf(
			row->why, sizeof row->why,
			"%s: no consent to \"%s\" stands; give its proof (its exact words and when it was given), "
			"or leave %s empty",
			f->name, f->consent, f->name);
		return SQLITE_OK;
	}
	return reject(row, rc == RC_STATE ? "a consent is over, or there are more purposes than one may have"
	                                  : "a value is not of its field's kind");
}

/* --- one row ----------------------------------------------------------------------------------------------------------- */

/* `id` 0: somebody new. */
static int write(struct import_rows *r, struct store_import_row *row, int64_t id)
{
	struct store_batch *b = row->batch;
	struct store_result result = {.subscriber = id};
	bool is_trial = b->import->run == 0, writes = id == 0 || b->first;
	int added = 0, code = SQLITE_OK;

	if (writes) {
		code = apply_batch(r->apply, b, &result);
		if (code == SQLITE_OK && result.rc != RC_OK)
			return explain(r, b, result.rc, row);
	}
	if (code == SQLITE_OK && !is_trial)
		code = grants(r, id != 0 ? id : result.subscriber, b->import, &added);
	row->fate = id == 0               ? STORE_IMPORT_ADDED
	            : writes || added > 0 ? STORE_IMPORT_CHANGED
	                                  : STORE_IMPORT_KEPT;
	return code;
}

int import_rows_apply(struct import_rows *r, struct store_import_row *row)
{
	struct store_batch *b = row->batch;
	const struct import_said *said = b->import;
	int64_t id, imported, erased_ms = 0;
	int code = find(r, b->msisdn, &id, &imported);

	order_consents(b);
	if (code == SQLITE_OK && id == 0)
		code = tombstones_erased(apply_tombstones(r->apply), b->msisdn, &erased_ms);
	if (code != SQLITE_OK)
		return code;
	if (erased_ms > 0 && !consents_after(b, erased_ms))
		return reject(
			row,
			"whoever had this number was erased on request; only a consent that was given after "
			"that brings the number back");
	if (id != 0 && imported == said->run && said->run != 0)
		return reject(row, "the number stands in this file before: only its first row is taken");
	if (id != 0 && said->existing == STORE_EXISTING_SKIP) {
		row->fate = STORE_IMPORT_KEPT;
		return SQLITE_OK;
	}
	if (id != 0 || erased_ms > 0) /* a STOP outlives an erasure */
		code = meet(r, b);
	return code == SQLITE_OK ? write(r, row, id) : code;
}
