/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention: see retention.h.
 *
 * Rows of most kinds are looked at in the order in which they came, by their id, so no index over times is needed: they are
 * done at the first slice that holds nothing old. A pass goes through the kinds one after the other, values of the profile
 * last; where it is, is kept with its sums, so that one which does not end in its night goes on in the next.
 */
#include "storage/retention.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "storage/retention_kinds.h"
#include "storage/retention_people.h"
#include "storage/retention_sums.h"
#include "storage/retention_values.h"
#include "storage/sql.h"

#define WRITE_SLICES 64      /* where a pass is that finds nothing is written so seldom */
#define FORGOT_SLICES 500    /* the WAL of a long pass is emptied so often */
#define LOOK_AGAIN_MS 600000 /* a clock may be set while the hours of retention are waited for */
#define ROWS_LEAST 10

/* The kinds of the table, and behind them: */
enum { STEP_PRESENT, STEP_PAST, STEPS };

struct kind_statements {
	sqlite3_stmt *look, *first, *drop;
};

struct retention {
	struct store_retention policy;
	const struct profile *profile;
	sqlite3 *db;
	struct kind_statements *st; /* one for each kind of the table; NULL: nothing is to be forgotten */
	struct retention_values *values; /* NULL: values are kept */
	struct retention_people *people;
	struct retention_sums *sums;
	struct retention_pass pass, next; /* as committed; once this slice is */
	size_t kind, next_kind;
	bool runs;     /* a pass is under way */
	bool has_run;  /* since the start, after which profile.conf may say another thing */
	bool is_daily; /* this pass looks at what is looked at once a day */
	bool goes_on;  /* this pass began before the start, perhaps under another profile.conf */
	int64_t rows;  /* of a slice; fewer after a slow one */
	bool forgot;   /* something that the WAL still holds */
	int64_t due_ms;
	struct retention_slice slice;
};

/* ?1 = ids above this, ?2 = at most so many, ?3 = now: the last id, how many, and the oldest time. Rows from a future that a wrong
 * clock has made must not end the pass: they are not looked at. */
#define LOOK                                                                                                       \
	"SELECT max(id), count(*), min(CASE WHEN %s <= ?3 THEN %s END) FROM (SELECT id, %s FROM %s WHERE id > ?1 " \
	"ORDER BY id LIMIT ?2)"

static int prepare_kind(struct retention *r, size_t i)
{
	const struct retention_kind *k = &retention_kinds[i];
	char text[512];
	int code = SQLITE_OK;

	if (k->is_people)
		return SQLITE_OK;
	if (k->key) {
		(void)snprintf(text, sizeof text,
		               "DELETE FROM %s WHERE (%s) IN (SELECT %s FROM %s WHERE %s LIMIT ?2)", k->table,
		               k->key, k->key, k->table, k->over);
		return sql_prepare(r->db, text, &r->st[i].drop);
	}
	(void)snprintf(text, sizeof text, LOOK, k->time, k->time, k->time, k->table);
	code = sql_prepare(r->db, text, &r->st[i].look);
	if (code == SQLITE_OK && k->first)
		code = sql_prepare(r->db, k->first, &r->st[i].first);
	(void)snprintf(text, sizeof text, "DELETE FROM %s WHERE id > ?1 AND id <= ?2 AND %s", k->table,
	               k->over);
	return code == SQLITE_OK ? sql_prepare(r->db, text, &r->st[i].drop) : code;
}

static bool is_wanted(const struct retention *r, size_t kind)
{
	if (kind >= retention_kinds_count)
		return r->values && r->is_daily;
	return retention_kept_ms(&retention_kinds[kind], &r->policy) > 0 &&
	       (r->is_daily || !retention_kinds[kind].is_daily);
}

static const char *kind_name(size_t kind)
{
	if (kind < retention_kinds_count)
		return retention_kinds[kind].what;
	return kind - retention_kinds_count == STEP_PRESENT ? "values" : "values_before";
}

/* The first that is wanted from `kind` on; past the last: the pass is over. */
static size_t wanted_from(const struct retention *r, size_t kind)
{
	while (kind < retention_kinds_count + STEPS && !is_wanted(r, kind))
		kind++;
	return kind;
}

static bool has_work(const struct retention *r)
{
	bool any = r->values != NULL;

	for (size_t i = 0; i < retention_kinds_count; i++)
		any |= retention_kept_ms(&retention_kinds[i], &r->policy) > 0;
	return any;
}

static int prepare(struct retention *r, struct audit *audit, struct vault *vault)
{
	int code = retention_sums_new(r->db, audit, &r->sums);

	if (code == SQLITE_OK)
		code = retention_people_new(r->db, vault, &r->people);

	r->st = calloc(retention_kinds_count, sizeof *r->st);
	if (!r->st)
		return SQLITE_NOMEM;
	for (size_t i = 0; i < retention_kinds_count && code == SQLITE_OK; i++)
		code = prepare_kind(r, i);
	if (code == SQLITE_OK)
		code = retention_pass_read(r->db, &r->pass);
	r->kind = retention_kinds_count + STEPS;
	for (size_t i = 0; i < retention_kinds_count + STEPS; i++)
		if (strcmp(r->pass.kind, kind_name(i)) == 0)
			r->kind = i; /* an earlier run was here */
	return code;
}

int retention_new(sqlite3 *db, const struct store_retention *policy, const struct profile *profile,
                  struct audit *audit, struct vault *vault, struct retention **out)
{
	struct retention *r = calloc(1, sizeof *r);
	int code = SQLITE_OK;

	if (!r)
		return SQLITE_NOMEM;
	r->db = db;
	r->policy = *policy;
	r->profile = profile;
	r->rows = RETENTION_ROWS;
	if (policy->values)
		code = retention_values_new(db, profile, true, &r->values);
	if (code == SQLITE_OK && has_work(r))
		code = prepare(r, audit, vault);
	if (!r->st)
		r->due_ms = INT64_MAX;
	if (code == SQLITE_OK)
		*out = r;
	else
		retention_free(r);
	return code;
}

void retention_free(struct retention *r)
{
	if (!r)
		return;
	for (size_t i = 0; r->st && i < retention_kinds_count; i++) {
		(void)sqlite3_finalize(r->st[i].look);
		(void)sqlite3_finalize(r->st[i].first);
		(void)sqlite3_finalize(r->st[i].drop);
	}
	free(r->st);
	retention_values_free(r->values);
	retention_people_free(r->people);
	retention_sums_free(r->sums);
	free(r);
}

int64_t retention_due_ms(const struct retention *r)
{
	return r->due_ms;
}

bool retention_starts(struct retention *r, int64_t utc_ms, int64_t mono_ms)
{
	int64_t opened = retention_opened_ms(&r->policy, utc_ms), wait = opened + RETENTION_DAY_MS - utc_ms;
	bool is_done = r->policy.lasts_ms > 0 && r->pass.ended_ms >= opened && r->pass.ended_ms <= utc_ms;

	if (retention_is_open(&r->policy, utc_ms) && !is_done)
		return true;
	r->due_ms = mono_ms + (wait < LOOK_AGAIN_MS ? wait : LOOK_AGAIN_MS);
	return false;
}

bool retention_forgot(struct retention *r)
{
	bool forgot = r->forgot;

	r->forgot = false;
	return forgot;
}

/* --- slices of one kind ----------------------------------------------------------------------------------------------- */

static int drop(struct retention *r, sqlite3_stmt *st, int64_t until, int64_t before, int64_t *rows)
{
	int code;

	sql_bind_int(st, 1, r->pass.after);
	sql_bind_int(st, 2, until);
	sql_bind_int(st, 3, before);
	code = sql_run(st);
	if (code == SQLITE_OK)
		*rows += sqlite3_changes(r->db);
	return code;
}

/* Rows that have an id: look at the next of them, and let go those that are old. */
static int slice_by_id(struct retention *r, int64_t now, int64_t before, int64_t *rows, bool *ends)
{
	struct kind_statements *k = &r->st[r->kind];
	int64_t last = 0, n = 0, oldest = 0;
	int code;

	sql_bind_int(k->look, 1, r->pass.after);
	sql_bind_int(k->look, 2, r->rows);
	sql_bind_int(k->look, 3, now);
	code = sqlite3_step(k->look);
	if (code == SQLITE_ROW) {
		last = sqlite3_column_int64(k->look, 0);
		n = sqlite3_column_int64(k->look, 1);
		oldest = sqlite3_column_int64(k->look, 2);
		code = SQLITE_OK;
	}
	(void)sqlite3_reset(k->look);
	r->next.after = last;
	r->next.looked += n;
	*ends = n < r->rows || oldest >= before;
	if (code != SQLITE_OK || n == 0 || oldest >= before)
		return code;
	if (k->first)
		code = drop(r, k->first, last, before, rows);
	return code == SQLITE_OK ? drop(r, k->drop, last, before, rows) : code;
}

static int slice_of_people(struct retention *r, int64_t now, int64_t before, int64_t *rows, bool *ends)
{
	struct retention_people_slice s = {
		.after = r->pass.after, .rows = r->rows, .before_ms = before, .now_ms = now};
	int code = retention_people_slice(r->people, &s);

	r->next.after = s.last;
	r->next.looked += s.looked;
	*rows = s.gone;
	*ends = s.looked == 0;
	return code;
}

static int slice_of_kind(struct retention *r, int64_t now, int64_t *rows, bool *ends)
{
	const struct retention_kind *k = &retention_kinds[r->kind];
	int64_t kept = retention_kept_ms(k, &r->policy), before = now - kept;
	int code;

	if (kept <= 0) /* nothing goes for want of a policy */
		return SQLITE_OK;
	if (k->is_people) {
		code = slice_of_people(r, now, before, rows, ends);
	} else if (k->key) {
		code = drop(r, r->st[r->kind].drop, r->rows, before, rows);
		*ends = *rows < r->rows;
	} else {
		code = slice_by_id(r, now, before, rows, ends);
	}
	return code == SQLITE_OK ? retention_sums_add(r->sums, &r->next, k->what, *rows, now) : code;
}

static int forget(struct retention *r, const struct retention_due *due, int64_t now, int64_t *rows)
{
	const char *name = r->profile->field[due->field].name;
	struct retention_went went;
	char what[RETENTION_WHAT_SIZE];
	int code = retention_values_forget(r->values, r->slice.source, due, &went);

	*rows += went.values + went.past;
	(void)snprintf(what, sizeof what, "value %s", name);
	if (code == SQLITE_OK)
		code = retention_sums_add(r->sums, &r->next, what, went.values, now);
	(void)snprintf(what, sizeof what, "earlier %s", name);
	if (code == SQLITE_OK)
		code = retention_sums_add(r->sums, &r->next, what, went.past, now);
	return code == SQLITE_OK
	               ? retention_sums_add(r->sums, &r->next, "unregistered", went.unregistered, now)
	               : code;
}

static int slice_of_values(struct retention *r, int64_t now, int64_t *rows, bool *ends)
{
	struct retention_slice *s = &r->slice;
	int code;

	s->source = r->kind - retention_kinds_count == STEP_PRESENT ? RETENTION_PRESENT : RETENTION_PAST;
	s->after = r->pass.after;
	s->rows = r->rows * RETENTION_LOOKS;
	s->now_ms = now;
	code = retention_values_look(r->values, s);
	for (size_t i = 0; i < s->n_due && code == SQLITE_OK; i++)
		code = forget(r, &s->due[i], now, rows);
	r->next.after = s->last;
	r->next.looked += s->looked;
	*ends = s->looked == 0;
	return code;
}

/* --- the pass --------------------------------------------------------------------------------------------------------- */

static bool is_day_over(int64_t since_ms, int64_t now)
{
	return since_ms > now || now - since_ms >= RETENTION_DAY_MS;
}

/* A pass that was broken off goes on where it was, or behind that when it is not wanted any more. */
static void begin(struct retention *r, int64_t now)
{
	size_t kind = r->kind;

	if (r->runs)
		return;
	r->runs = true;
	r->is_daily = r->policy.lasts_ms > 0 || !r->has_run || is_day_over(r->pass.daily_ms, now);
	r->has_run = true;
	r->kind = wanted_from(r, kind);
	if (r->kind != kind)
		r->pass.after = 0;
	r->goes_on = r->pass.ended_ms == 0 && r->kind < retention_kinds_count + STEPS;
	if (r->goes_on)
		return;
	r->pass = (struct retention_pass){.number = r->pass.number + 1,
	                                  .began_ms = now,
	                                  .daily_ms = r->pass.daily_ms,
	                                  .audited_ms = r->pass.audited_ms};
	r->kind = wanted_from(r, 0);
	if (r->kind < retention_kinds_count + STEPS)
		(void)snprintf(r->pass.kind, sizeof r->pass.kind, "%s", kind_name(r->kind));
}

static int end(struct retention *r, int64_t now)
{
	r->next.ended_ms = now;
	r->next.kind[0] = '\0';
	r->next.after = 0;
	if (r->is_daily) /* what it had looked at before the start is looked at again in the next pass */
		r->next.daily_ms = r->goes_on ? 0 : now;
	if (!is_day_over(r->pass.audited_ms, now) && r->policy.lasts_ms <= 0)
		return SQLITE_OK;
	return retention_sums_tell(r->sums, now, &r->next.audited_ms);
}

static int go_on(struct retention *r, int64_t now)
{
	r->next_kind = wanted_from(r, r->kind + 1);
	r->next.after = 0;
	if (r->next_kind >= retention_kinds_count + STEPS)
		return end(r, now);
	(void)snprintf(r->next.kind, sizeof r->next.kind, "%s", kind_name(r->next_kind));
	return SQLITE_OK;
}

/* A slow disk, or a machine that is busy: let others in sooner. */
static void measure(struct retention *r, int64_t took_us)
{
	r->next.slices++;
	r->next.busy_us += took_us;
	if (took_us > r->next.longest_us)
		r->next.longest_us = took_us;
	if (took_us > RETENTION_LONG_US)
		r->rows = r->rows / 2 > ROWS_LEAST ? r->rows / 2 : ROWS_LEAST;
	else if (r->rows < RETENTION_ROWS)
		r->rows += ROWS_LEAST;
}

int retention_slice(struct retention *r, int64_t utc_ms, int64_t *rows)
{
	int64_t began_us = clock_mono_us(clock_system());
	bool ends = true;
	int code = SQLITE_OK;

	*rows = 0;
	begin(r, utc_ms);
	r->next = r->pass;
	r->next_kind = r->kind;
	if (r->kind < retention_kinds_count)
		code = slice_of_kind(r, utc_ms, rows, &ends);
	else if (r->values && r->kind < retention_kinds_count + STEPS)
		code = slice_of_values(r, utc_ms, rows, &ends);
	if (code == SQLITE_OK && ends)
		code = go_on(r, utc_ms);
	measure(r, clock_mono_us(clock_system()) - began_us);
	if (code == SQLITE_OK && (*rows > 0 || r->next.ended_ms != 0 || r->next.slices % WRITE_SLICES == 0))
		code = retention_pass_write(r->sums, &r->next);
	r->forgot |= *rows > 0;
	return code;
}

bool retention_next(struct retention *r, bool committed, int64_t mono_ms)
{
	bool rests;

	r->due_ms = mono_ms + RETENTION_PAUSE_MS;
	if (!committed) { /* what is in the way is not gone at once */
		r->due_ms = mono_ms + 50 * RETENTION_PAUSE_MS;
		return false;
	}
	r->pass = r->next;
	r->kind = r->next_kind;
	r->runs = r->pass.ended_ms == 0;
	if (!r->runs)
		r->due_ms = mono_ms + RETENTION_PASS_MS;
	rests = r->forgot && (r->pass.ended_ms != 0 || r->pass.slices % FORGOT_SLICES == 0);
	r->forgot &= !rests;
	return rests;
}
