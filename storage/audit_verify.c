/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verify: the audit's chain, from the first row to the head, and what was done to it.
 *
 * One pass, in which each row is held against the one before. What does not fit is kept (a bounded number), and judged when all
 * are known: a row fits again where it was taken from, and the neighbour of a row that was moved fits behind that one's
 * hash, so that only what was touched is told, with its place.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/audit_private.h"
#include "storage/db.h"
#include "storage/sql.h"

struct suspect {
	int64_t seq;
	struct audit_content content;
	struct audit_hash stored; /* hash that stands in it */
	struct audit_hash before; /* hash that stands in the row before */
	struct audit_hash made;   /* hash that it should have behind that */
	bool is_behind_gap;
};

struct found {
	enum audit_fault fault;
	int64_t seq, other;
};

struct verify {
	const uint8_t *key;
	int64_t next; /* number that the next row should have */
	struct audit_hash before, made;
	bool has_before; /* else the row before is gone, or has no hash */
	int64_t expected;
	struct audit_hash expected_hash;
	bool expected_fits;
	struct audit_sums sums;
	size_t n_suspects, n_found;
	struct suspect suspect[AUDIT_FAULTS_MAX];
	struct found found[2 * AUDIT_FAULTS_MAX + 4];
};

static void tell(struct verify *v, enum audit_fault fault, int64_t seq, int64_t other)
{
	v->sums.faults++;
	if (v->n_found < sizeof v->found / sizeof v->found[0])
		v->found[v->n_found++] = (struct found){fault, seq, other};
}

static bool is_same(const struct audit_hash *a, const struct audit_hash *b)
{
	return memcmp(a->byte, b->byte, sizeof a->byte) == 0;
}

static bool fits(const struct verify *v, const struct audit_hash *before, int64_t seq,
                 const struct audit_content *c, const struct audit_hash *stored)
{
	struct audit_hash made;

	audit_hash_row(v->key, before, seq, c, &made);
	return is_same(&made, stored);
}

/* --- the pass ------------------------------------------------------------------------------------------------------- */

static void suspect_add(struct verify *v, const struct suspect *s)
{
	if (v->n_suspects < AUDIT_FAULTS_MAX)
		v->suspect[v->n_suspects++] = *s;
	else
		v->sums.faults++;
}

static bool is_action(sqlite3_stmt *st, const char *action)
{
	return strcmp(sql_column_text(st, 4), action) == 0;
}

/* As it was written: what it says of the chain itself. The head is never gone by itself, so a row that says it was is told for
 * ever, as the first row too, where nothing else is missed. */
static void row_heed(struct verify *v, sqlite3_stmt *st, const struct suspect *s)
{
	if (is_action(st, AUDIT_ANEW))
		tell(v, AUDIT_BEGUN, s->seq, s->seq);
	if (is_action(st, AUDIT_ADOPTED)) {
		v->sums.adopted = s->seq;
		v->sums.adopted_ms = s->content.at_ms;
	}
}

static void row_judge(struct verify *v, sqlite3_stmt *st, struct suspect *s)
{
	static const struct audit_hash none;
	bool fits_made = v->has_before && fits(v, &v->made, s->seq, &s->content, &s->stored);

	s->before = v->before;
	s->is_behind_gap = !v->has_before;
	audit_hash_row(v->key, &v->before, s->seq, &s->content, &s->made);
	if (is_same(&s->made, &s->stored) || fits_made) {
		if (fits_made)
			s->made = s->stored;
		row_heed(v, st, s);
	} else if (is_action(st, AUDIT_ANEW) && fits(v, &none, s->seq, &s->content, &s->stored)) {
		row_heed(v, st, s);
	} else {
		suspect_add(v, s);
	}
	v->before = s->stored;
	v->made = s->made;
	v->has_before = true;
}

static void row(struct verify *v, sqlite3_stmt *st)
{
	struct suspect s = {.seq = sqlite3_column_int64(st, 0)};
	const void *hash = sqlite3_column_blob(st, 6);

	v->sums.rows++;
	if (s.seq > v->next) {
		tell(v, AUDIT_GONE, v->next, s.seq - 1);
		v->has_before = false;
	}
	v->next = s.seq + 1;
	if (!hash || sqlite3_column_bytes(st, 6) != (int)sizeof s.stored.byte) {
		tell(v, AUDIT_FOREIGN, s.seq, s.seq);
		v->has_before = false;
		return;
	}
	memcpy(s.stored.byte, hash, sizeof s.stored.byte);
	audit_content_read(v->key, st, &s.content);
	v->expected_fits |= s.seq == v->expected && is_same(&s.stored, &v->expected_hash);
	row_judge(v, st, &s);
}

static void end(struct verify *v, const struct audit_head *head, bool is_ours)
{
	int64_t last = v->next - 1;

	if (!is_ours)
		tell(v, AUDIT_NO_HEAD, last, last);
	else if (last < head->seq)
		tell(v, AUDIT_CUT, v->next, head->seq);
	else if (last > head->seq)
		tell(v, AUDIT_AFTER, head->seq + 1, last);
	if (v->expected > 0 && !v->expected_fits)
		tell(v, AUDIT_OTHER, v->expected, v->expected);
}

/* --- what the suspects are ------------------------------------------------------------------------------------------ */

/* Does it fit as row `seq` behind any hash that is known of near the places that were touched? */
static bool fits_somewhere(const struct verify *v, const struct suspect *s, int64_t seq)
{
	for (size_t i = 0; i < v->n_suspects; i++) {
		const struct suspect *o = &v->suspect[i];

		if (fits(v, &o->stored, seq, &s->content, &s->stored) ||
		    fits(v, &o->before, seq, &s->content, &s->stored) ||
		    fits(v, &o->made, seq, &s->content, &s->stored))
			return true;
	}
	return false;
}

/* The row that it was written as; 0 = none of those that are known. With its hash, or its words alone. */
static int64_t home_of(const struct verify *v, const struct suspect *s)
{
	for (size_t i = 0; i < v->n_suspects; i++) {
		const struct suspect *o = &v->suspect[i];

		if (o == s)
			continue;
		if (fits_somewhere(v, s, o->seq) || fits(v, &o->before, o->seq, &s->content, &o->stored))
			return o->seq;
	}
	for (size_t i = 0; i < v->n_found; i++) {
		const struct found *f = &v->found[i];

		if (f->fault != AUDIT_GONE && f->fault != AUDIT_CUT)
			continue;
		for (int64_t seq = f->seq; seq <= f->other && seq < f->seq + AUDIT_FAULTS_MAX; seq++)
			if (fits_somewhere(v, s, seq))
				return seq;
	}
	return 0;
}

static bool is_edited(const struct verify *v, int64_t seq)
{
	for (size_t i = 0; i < v->n_found; i++)
		if (v->found[i].seq == seq &&
		    (v->found[i].fault == AUDIT_EDITED || v->found[i].fault == AUDIT_UNPROVEN))
			return true;
	return false;
}

static void suspects_judge(struct verify *v)
{
	for (size_t i = 0; i < v->n_suspects; i++) {
		const struct suspect *s = &v->suspect[i];
		int64_t home;

		if (fits_somewhere(v, s, s->seq))
			continue; /* its neighbour was touched */
		home = home_of(v, s);
		if (home != 0)
			tell(v, AUDIT_MOVED, s->seq, home);
		else if (s->is_behind_gap || is_edited(v, s->seq - 1))
			tell(v, AUDIT_UNPROVEN, s->seq, s->seq);
		else
			tell(v, AUDIT_EDITED, s->seq, s->seq);
	}
}

static int by_place(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	return x->seq != y->seq ? (x->seq > y->seq) - (x->seq < y->seq) : (int)x->fault - (int)y->fault;
}

/* --- all of it ------------------------------------------------------------------------------------------------------ */

static int pass(sqlite3 *db, struct verify *v)
{
	sqlite3_stmt *st = NULL;
	struct audit_head head;
	int code = sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), judged;

	if (code == SQLITE_OK)
		code = sql_prepare(
			db, "SELECT seq, at, subject, actor, action, reason, hash FROM audit ORDER BY seq",
			&st);
	while (code == SQLITE_OK && (code = sqlite3_step(st)) == SQLITE_ROW) {
		row(v, st);
		code = SQLITE_OK;
	}
	(void)sqlite3_finalize(st);
	if (code != SQLITE_DONE)
		return code;
	judged = audit_head_read(db, v->key, &head);
	if (judged != SQLITE_OK && judged != SQLITE_NOTFOUND)
		return judged;
	(void)sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	end(v, &head, judged == SQLITE_OK);
	audit_head_print(&head, v->sums.head);
	return SQLITE_OK;
}

/* As audit_head_print writes it. */
static bool expect(struct verify *v, const char *text)
{
	const size_t letters = 2 * sizeof v->expected_hash.byte;
	char *end;

	v->expected = strtoll(text, &end, 10);
	if (end == text || *end != ':' || v->expected < 0 || strspn(end + 1, "abcdefghijklmnop") != letters ||
	    end[1 + letters] != '\0')
		return false;
	for (size_t i = 0; i < letters; i += 2)
		v->expected_hash.byte[i / 2] = (uint8_t)((end[1 + i] - 'a') << 4 | (end[2 + i] - 'a'));
	return true;
}

static enum rc verify_run(struct verify *v, const struct audit_store *s, audit_fault_fn *fn, void *ctx,
                          char *why, size_t why_size)
{
	struct audit_open o;
	enum rc rc = audit_open(s, false, &o, why, why_size);
	int code;

	if (rc != RC_OK)
		return rc;
	v->key = o.key;
	v->next = 1;
	v->has_before = true;
	code = pass(o.db, v);
	if (code == SQLITE_OK) {
		suspects_judge(v);
		qsort(v->found, v->n_found, sizeof v->found[0], by_place);
		for (size_t i = 0; i < v->n_found; i++)
			fn(ctx, v->found[i].fault, v->found[i].seq, v->found[i].other);
	}
	audit_close(&o);
	return code == SQLITE_OK ? RC_OK : db_why(code, "cannot read the audit", why, why_size);
}

enum rc audit_verify(const struct audit_store *s, const char *expected, audit_fault_fn *fn, void *ctx,
                     struct audit_sums *sums, char *why, size_t why_size)
{
	struct verify *v = calloc(1, sizeof *v);
	enum rc rc;

	if (!v) {
		(void)snprintf(why, why_size, "memory is out");
		return RC_NOMEM;
	}
	if (expected && !expect(v, expected)) {
		(void)snprintf(why, why_size,
		               "\"%s\" is no head; give it as starhash audit head printed it: "
		               "a number, a colon and 64 letters",
		               expected);
		rc = RC_SYNTAX;
	} else {
		rc = verify_run(v, s, fn, ctx, why, why_size);
	}
	if (rc == RC_OK)
		*sums = v->sums;
	free(v);
	return rc;
}
