/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What retention keeps and lets go: see query_retention.h. */
#include "storage/query_retention.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/query_private.h"
#include "storage/retention_kinds.h"
#include "storage/retention_sums.h"
#include "storage/retention_values.h"
#include "storage/sql.h"

#define LOOK_ROWS 20000 /* in one snapshot */
#define VALUE_ROWS 2000

struct values_due {
	int64_t value[PROFILE_MAX_FIELDS], over[PROFILE_MAX_FIELDS], past[PROFILE_MAX_FIELDS];
	int64_t unregistered;
};

/* ?1 = ids above this, ?2 = at most so many, ?3 = times before this are old, ?4 = now: the last id, how many, how many that may
 * go, and the oldest. */
#define LOOK                                                                                                           \
	"SELECT max(id), count(*), sum(%s), min(CASE WHEN %s <= ?4 THEN %s END) FROM (SELECT * FROM %s WHERE id > ?1 " \
	"ORDER BY id LIMIT ?2)"

/* As the pass does: from the first to where all is young. */
static int count_by_id(sqlite3 *db, const struct retention_kind *k, int64_t before, int64_t now, int64_t *due)
{
	char text[512];
	sqlite3_stmt *st = NULL;
	int64_t after = 0, n = LOOK_ROWS, oldest = 0;
	int code;

	(void)snprintf(text, sizeof text, LOOK, k->over, k->time, k->time, k->table);
	code = sql_prepare(db, text, &st);
	while (code == SQLITE_OK && n == LOOK_ROWS && oldest < before) {
		sql_bind_int(st, 1, after);
		sql_bind_int(st, 2, LOOK_ROWS);
		sql_bind_int(st, 3, before);
		sql_bind_int(st, 4, now);
		code = sqlite3_step(st);
		if (code != SQLITE_ROW)
			break;
		code = SQLITE_OK;
		after = sqlite3_column_int64(st, 0);
		n = sqlite3_column_int64(st, 1);
		*due += sqlite3_column_int64(st, 2);
		oldest = sqlite3_column_int64(st, 3);
		(void)sqlite3_reset(st);
	}
	(void)sqlite3_finalize(st);
	return code;
}

static int count_by_key(sqlite3 *db, const struct retention_kind *k, int64_t before, int64_t *due)
{
	char text[300];
	sqlite3_stmt *st = NULL;
	int code;

	(void)snprintf(text, sizeof text, "SELECT count(*) FROM %s WHERE %s", k->table, k->over);
	code = sql_prepare(db, text, &st);
	if (code != SQLITE_OK)
		return code;
	sql_bind_int(st, 3, before);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*due = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

static int is_registered(sqlite3_stmt *st, int64_t subscriber, bool *out)
{
	int code;

	sql_bind_int(st, 1, subscriber);
	code = sqlite3_step(st);
	*out = code == SQLITE_ROW;
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Whoever loses two required values is one person: dues of one person follow each other. */
static int add_dues(const struct profile *p, const struct retention_slice *s, sqlite3_stmt *registered,
                    struct values_due *sums)
{
	int64_t whose = 0;
	int code = SQLITE_OK;

	for (size_t i = 0; i < s->n_due && code == SQLITE_OK; i++) {
		const struct retention_due *d = &s->due[i];
		bool was = false;

		if (s->source == RETENTION_PAST) {
			sums->past[d->field]++;
			continue;
		}
		sums->value[d->field]++;
		sums->over[d->field] += d->is_over;
		if (!p->field[d->field].is_required || d->subscriber == whose)
			continue;
		whose = d->subscriber;
		code = is_registered(registered, whose, &was);
		sums->unregistered += was;
	}
	return code;
}

static int count_values(struct query *q, int64_t now, struct values_due *sums)
{
	struct retention_slice *s = calloc(1, sizeof *s);
	struct retention_values *v = NULL;
	sqlite3_stmt *registered = NULL;
	int code = s ? retention_values_new(q->db, q->profile, false, &v) : SQLITE_NOMEM;

	if (code == SQLITE_OK)
		code = sql_prepare(q->db, "SELECT 1 FROM subscriber WHERE id = ?1 AND state <> 'anonymous'",
		                   &registered);
	for (int source = RETENTION_PRESENT; v && source <= RETENTION_PAST && code == SQLITE_OK; source++) {
		*s = (struct retention_slice){
			.source = (enum retention_source)source, .rows = VALUE_ROWS, .now_ms = now};
		do {
			s->after = s->last;
			code = retention_values_look(v, s);
			if (code == SQLITE_OK)
				code = add_dues(q->profile, s, registered, sums);
		} while (code == SQLITE_OK && s->looked > 0);
	}
	(void)sqlite3_finalize(registered);
	retention_values_free(v);
	free(s);
	return code;
}

/* --- what went ------------------------------------------------------------------------------------------------------- */

struct report {
	struct query *q;
	const struct store_retention *policy;
	int64_t now_ms, pass;
	bool counts, stopped;
	sqlite3_stmt *went;
	query_retention_fn *fn;
	void *ctx;
	struct values_due due;
};

static int add_went(struct report *r, const char *what, struct query_retention_row *row)
{
	sqlite3_stmt *st = r->went;
	int code;

	sql_bind_text(st, 1, what);
	sql_bind_int(st, 2, r->pass);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		row->last += sqlite3_column_int64(st, 0);
		row->total += sqlite3_column_int64(st, 1);
		if (sqlite3_column_int64(st, 2) > row->at_ms)
			row->at_ms = sqlite3_column_int64(st, 2);
	}
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static void tell(struct report *r, const struct query_retention_row *row)
{
	r->stopped = !r->fn(r->ctx, row);
}

static int tell_kind(struct report *r, const struct retention_kind *k)
{
	struct query_retention_row row = {
		.what = k->what, .rows = k->rows, .kept_ms = retention_kept_ms(k, r->policy), .due = -1};
	int64_t before = r->now_ms - row.kept_ms;
	int code = add_went(r, k->what, &row);

	if (r->counts && code == SQLITE_OK) {
		row.due = 0;
		if (row.kept_ms > 0)
			code = k->key ? count_by_key(r->q->db, k, before, &row.due)
			              : count_by_id(r->q->db, k, before, r->now_ms, &row.due);
	}
	if (code == SQLITE_OK)
		tell(r, &row);
	return code;
}

static int tell_field(struct report *r, size_t field)
{
	const struct profile_field *f = &r->q->profile->field[field];
	const struct profile_purpose *purpose = profile_purpose_by_name(r->q->profile, f->consent);
	char value[RETENTION_WHAT_SIZE], earlier[RETENTION_WHAT_SIZE];
	struct query_retention_row row = {.what = value,
	                                  .rows = f->is_private ? "sealed" : "in clear",
	                                  .is_field = true,
	                                  .is_required = f->is_required,
	                                  .kept_ms = f->keep_ms,
	                                  .lasts_ms = purpose ? purpose->lasts_ms : 0,
	                                  .due = -1};
	int code;

	(void)snprintf(value, sizeof value, "value %s", f->name);
	(void)snprintf(earlier, sizeof earlier, "earlier %s", f->name);
	code = add_went(r, value, &row);
	if (code == SQLITE_OK)
		code = add_went(r, earlier, &row);
	if (r->counts) {
		row.due = r->due.value[field];
		row.over = r->due.over[field];
		row.due_past = r->due.past[field];
	}
	if (code == SQLITE_OK)
		tell(r, &row);
	return code;
}

static int tell_unregistered(struct report *r)
{
	struct query_retention_row row = {
		.what = "unregistered",
		.rows = "people who lost a required value, and are registered no more",
		.due = r->counts ? r->due.unregistered : -1};
	int code = add_went(r, "unregistered", &row);

	if (code == SQLITE_OK)
		tell(r, &row);
	return code;
}

static int tell_all(struct report *r)
{
	int code = SQLITE_OK;

	if (r->counts)
		code = count_values(r->q, r->now_ms, &r->due);
	for (size_t i = 0; i < r->q->profile->n_fields && code == SQLITE_OK && !r->stopped; i++)
		code = tell_field(r, i);
	if (code == SQLITE_OK && !r->stopped)
		code = tell_unregistered(r);
	for (size_t i = 0; i < retention_kinds_count && code == SQLITE_OK && !r->stopped; i++)
		code = tell_kind(r, &retention_kinds[i]);
	return code;
}

enum rc query_retention(struct query *q, const struct store_retention *policy, int64_t now_ms, bool counts,
                        struct query_retention_pass *pass, query_retention_fn *fn, void *ctx)
{
	struct report r = {
		.q = q, .policy = policy, .now_ms = now_ms, .counts = counts, .fn = fn, .ctx = ctx};
	struct retention_pass last;
	int code = retention_pass_read(q->db, &last);

	if (code == SQLITE_OK)
		code = sql_prepare(
			q->db,
			"SELECT iif(pass = ?2, last, 0), total, at FROM retention_count WHERE what = ?1",
			&r.went);
	r.pass = last.number;
	*pass = (struct query_retention_pass){.began_ms = last.began_ms,
	                                      .ended_ms = last.ended_ms,
	                                      .slices = last.slices,
	                                      .looked = last.looked,
	                                      .busy_us = last.busy_us,
	                                      .longest_us = last.longest_us,
	                                      .audited_ms = last.audited_ms};
	if (code == SQLITE_OK)
		code = tell_all(&r);
	(void)sqlite3_finalize(r.went);
	return code == SQLITE_OK ? RC_OK : (code & 0xff) == SQLITE_NOMEM ? RC_NOMEM : RC_IO;
}
