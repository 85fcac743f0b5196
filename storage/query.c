/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Query: see query.h.
 *
 * A subscriber is read whole in one short read transaction into a region, and the callback runs after it ended: a slow
 * reader of the output never holds the database back.
 */
#include "storage/query.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/region.h"
#include "storage/db.h"
#include "storage/load.h"
#include "storage/query_private.h"
#include "storage/schema.h"
#include "storage/sql.h"
#include "storage/tombstone.h"

#define REGION_LIMIT ((size_t)64 << 20) /* one subscriber's history; over it the rest is RC_NOMEM */

struct query {
	sqlite3 *db;
	struct load load;
	struct tombstones tombstones; /* once a number was asked for */
	const char *path, *key_path;
	char why[300];
	sqlite3_stmt *consents, *grants, *interactions, *notices, *refusals, *swapped;
};

static const char consents_text[] = "SELECT purpose, state, words, language, channel, at FROM consent "
				    "WHERE subscriber = ?1 ORDER BY id";
static const char grants_text[] =
	"SELECT g.id, g.bundle, g.key, g.gives, g.state, g.at, g.expires, coalesce(c.state, '') FROM grants g "
	"LEFT JOIN charge c ON c.id = g.id WHERE g.subscriber = ?1 ORDER BY g.id";
static const char refusals_text[] = "SELECT bundle, key, reason, rule, first, last, count FROM refusal "
				    "WHERE subscriber = ?1 ORDER BY last";
static const char swapped_text[] = "SELECT swapped FROM subscriber WHERE id = ?1";
static const char interactions_text[] =
	"SELECT channel, inbound, service, last_screen, language, outcome, steps, "
	"began, ended, detail FROM interaction WHERE subscriber = ?1 "
	"ORDER BY id DESC LIMIT ?2";

static const char notices_text[] =
	"SELECT CASE WHEN sending AND state = 'pending' THEN 'sending' ELSE state END, delivery, parts, delivery_error, created, "
	"settled, delivery_at, kind, attempts, code, why, CASE state WHEN 'pending' THEN next ELSE 0 END FROM outbox "
	"WHERE subscriber = ?1 ORDER BY id DESC LIMIT ?2";

sqlite3 *query_db(const struct query *q)
{
	return q->db;
}

static enum rc version_check(sqlite3 *db, char *why, size_t why_size)
{
	int known = schema_files[schema_files_count - 1].number;
	int64_t version = 0;
	int code = sql_int(db, "PRAGMA user_version", &version);

	if (code != SQLITE_OK)
		return db_why(code, "cannot read the schema's version", why, why_size);
	if (version == known)
		return RC_OK;
	(void)snprintf(why, why_size, "the database has schema %lld and this program reads %d; %s",
	               (long long)version, known,
	               version > known ? "use the newer program" : "start this version's starhashd once");
	return RC_STATE;
}

enum rc query_open(const char *path, const struct profile *profile, struct query **out, char *why,
                   size_t why_size)
{
	const struct db_options o = {.path = path, .read_only = true};
	struct query *q = calloc(1, sizeof *q);
	enum rc rc = q ? db_open(&o, &q->db, why, why_size) : RC_NOMEM;
	int code;

	if (rc == RC_OK)
		rc = version_check(q->db, why, why_size);
	if (rc == RC_OK) {
		code = load_init(&q->load, q->db, profile);
		if (code == SQLITE_OK)
			code = sql_prepare(q->db, consents_text, &q->consents);
		if (code == SQLITE_OK)
			code = sql_prepare(q->db, grants_text, &q->grants);
		if (code == SQLITE_OK)
			code = sql_prepare(q->db, interactions_text, &q->interactions);
		if (code == SQLITE_OK)
			code = sql_prepare(q->db, notices_text, &q->notices);
		if (code == SQLITE_OK)
			code = sql_prepare(q->db, refusals_text, &q->refusals);
		if (code == SQLITE_OK)
			code = sql_prepare(q->db, swapped_text, &q->swapped);
		if (code != SQLITE_OK) {
			(void)db_why(code, "cannot read the database", why, why_size);
			rc = RC_IO;
		}
	}
	if (rc != RC_OK) {
		query_close(q);
		return rc == RC_BUSY ? RC_IO : rc;
	}
	q->path = sqlite3_db_filename(q->db, "main");
	*out = q;
	return RC_OK;
}

void query_close(struct query *q)
{
	if (!q)
		return;
	load_fini(&q->load);
	(void)sqlite3_finalize(q->consents);
	(void)sqlite3_finalize(q->grants);
	(void)sqlite3_finalize(q->interactions);
	(void)sqlite3_finalize(q->notices);
	(void)sqlite3_finalize(q->refusals);
	(void)sqlite3_finalize(q->swapped);
	tombstones_fini(&q->tombstones);
	db_close(q->db);
	free(q);
}

/* Rows of one kind, gathered in a list while they come and then laid out as an array. */
struct rows {
	struct region *region;
	size_t size; /* of one row */
	size_t n, cap;
	void *array;
};

static void *row_add(struct rows *rows)
{
	if (rows->n == rows->cap) {
		size_t cap = rows->cap ? 2 * rows->cap : 8;
		void *grown = region_alloc(rows->region, cap * rows->size);

		if (!grown)
			return NULL;
		if (rows->n > 0)
			memcpy(grown, rows->array, rows->n * rows->size);
		rows->array = grown;
		rows->cap = cap;
	}
	return (char *)rows->array + rows->n++ * rows->size;
}

static const char *keep(struct rows *rows, sqlite3_stmt *st, int column)
{
	return region_strdup(rows->region, sql_column_text(st, column));
}

static bool consent_read(struct rows *rows, sqlite3_stmt *st)
{
	struct query_consent *c = row_add(rows);

	if (!c)
		return false;
	c->purpose = keep(rows, st, 0);
	c->state = keep(rows, st, 1);
	c->words = keep(rows, st, 2);
	c->language = keep(rows, st, 3);
	c->channel = keep(rows, st, 4);
	c->at_ms = sqlite3_column_int64(st, 5);
	return c->purpose && c->state && c->words && c->language && c->channel;
}

static bool grant_read(struct rows *rows, sqlite3_stmt *st)
{
	struct query_grant *g = row_add(rows);

	if (!g)
		return false;
	g->id = sqlite3_column_int64(st, 0);
	g->bundle = keep(rows, st, 1);
	g->key = keep(rows, st, 2);
	g->gives = keep(rows, st, 3);
	g->state = keep(rows, st, 4);
	g->at_ms = sqlite3_column_int64(st, 5);
	g->expires_ms = sqlite3_column_int64(st, 6);
	g->order = keep(rows, st, 7);
	return g->bundle && g->key && g->gives && g->state && g->order;
}

static bool refusal_read(struct rows *rows, sqlite3_stmt *st)
{
	struct query_refusal *r = row_add(rows);

	if (!r)
		return false;
	r->bundle = keep(rows, st, 0);
	r->key = keep(rows, st, 1);
	r->reason = keep(rows, st, 2);
	r->rule = keep(rows, st, 3);
	r->first_ms = sqlite3_column_int64(st, 4);
	r->last_ms = sqlite3_column_int64(st, 5);
	r->count = sqlite3_column_int64(st, 6);
	return r->bundle && r->key && r->reason && r->rule;
}

static bool interaction_read(struct rows *rows, sqlite3_stmt *st)
{
	struct query_interaction *i = row_add(rows);

	if (!i)
		return false;
	i->channel = keep(rows, st, 0);
	i->inbound = sqlite3_column_int(st, 1) != 0;
	i->service = keep(rows, st, 2);
	i->last_screen = keep(rows, st, 3);
	i->language = keep(rows, st, 4);
	i->outcome = keep(rows, st, 5);
	i->steps = sqlite3_column_int(st, 6);
	i->began_ms = sqlite3_column_int64(st, 7);
	i->ended_ms = sqlite3_column_int64(st, 8);
	i->detail = keep(rows, st, 9);
	return i->channel && i->service && i->last_screen && i->language && i->outcome && i->detail;
}

static bool notice_read(struct rows *rows, sqlite3_stmt *st)
{
	struct query_notice *n = row_add(rows);

	if (!n)
		return false;
	n->state = keep(rows, st, 0);
	n->delivery = keep(rows, st, 1);
	n->parts = sqlite3_column_int(st, 2);
	n->error = sqlite3_column_int(st, 3);
	n->created_ms = sqlite3_column_int64(st, 4);
	n->settled_ms = sqlite3_column_int64(st, 5);
	n->delivery_ms = sqlite3_column_int64(st, 6);
	n->kind = keep(rows, st, 7);
	n->attempts = sqlite3_column_int(st, 8);
	n->code = (uint32_t)sqlite3_column_int64(st, 9);
	n->why = keep(rows, st, 10);
	n->next_ms = sqlite3_column_int64(st, 11);
	return n->state && n->delivery && n->kind && n->why;
}

static int rows_read(struct rows *rows, sqlite3_stmt *st, int64_t subscriber,
                     bool (*read)(struct rows *, sqlite3_stmt *))
{
	int code;

	sql_bind_int(st, 1, subscriber);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		if (!read(rows, st)) {
			code = SQLITE_NOMEM;
			break;
		}
	}
	(void)sqlite3_reset(st);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Of a subscriber, and before that of those who were erased. */
struct ids {
	size_t n;
	int64_t id[QUERY_MAX_ERASED + 1];
};

static int swapped_read(struct query *q, int64_t id, int64_t *out)
{
	int code;

	sql_bind_int(q->swapped, 1, id);
	code = sqlite3_step(q->swapped);
	*out = code == SQLITE_ROW ? sqlite3_column_int64(q->swapped, 0) : 0;
	(void)sqlite3_reset(q->swapped);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int details_read(struct query *q, struct region *region, bool brief, const struct ids *ids,
                        struct query_subscriber *s)
{
	struct rows consents = {.region = region, .size = sizeof(struct query_consent)};
	struct rows grants = {.region = region, .size = sizeof(struct query_grant)};
	struct rows refusals = {.region = region, .size = sizeof(struct query_refusal)};
	struct rows interactions = {.region = region, .size = sizeof(struct query_interaction)};
	struct rows notices = {.region = region, .size = sizeof(struct query_notice)};
	int64_t id = record_id(s->record);
	int code = swapped_read(q, id, &s->swapped_ms);

	for (size_t i = 0; i < ids->n && code == SQLITE_OK; i++) {
		code = rows_read(&consents, q->consents, ids->id[i], consent_read);
		if (code == SQLITE_OK)
			code = rows_read(&grants, q->grants, ids->id[i], grant_read);
	}
	if (code == SQLITE_OK)
		code = rows_read(&refusals, q->refusals, id, refusal_read);
	if (code == SQLITE_OK && !brief) {
		sql_bind_int(q->interactions, 2, QUERY_MAX_INTERACTIONS);
		code = rows_read(&interactions, q->interactions, id, interaction_read);
	}
	if (code == SQLITE_OK && !brief) {
		sql_bind_int(q->notices, 2, QUERY_MAX_INTERACTIONS);
		code = rows_read(&notices, q->notices, id, notice_read);
	}
	s->n_consents = consents.n;
	s->consent = consents.array;
	s->n_grants = grants.n;
	s->grant = grants.array;
	s->n_refusals = refusals.n;
	s->refusal = refusals.array;
	s->n_interactions = interactions.n;
	s->interaction = interactions.array;
	s->n_notices = notices.n;
	s->notice = notices.array;
	return code;
}

/* Who was erased and had the number. Where nobody was ever erased, the key is not asked for. */
static int erased_read(struct query *q, int64_t msisdn, struct ids *ids)
{
	struct key key;
	char path[PATH_MAX];
	int64_t any = 0;
	int code = sql_int(q->db, "SELECT count(*) FROM (SELECT 1 FROM tombstone LIMIT 1)", &any);

	ids->n = 0;
	if (code != SQLITE_OK || any == 0)
		return code;
	if (!q->tombstones.ids) {
		bool fits = key_path_default(q->path, path, sizeof path);

		if ((!q->key_path && !fits) ||
		    key_read(q->db, q->key_path ? q->key_path : path, &key, q->why, sizeof q->why) != RC_OK)
			return SQLITE_AUTH;
		code = tombstones_init(&q->tombstones, q->db, &key, true);
		explicit_bzero(&key, sizeof key);
	}
	return code == SQLITE_OK
	               ? tombstones_ids(&q->tombstones, msisdn, 0, ids->id, QUERY_MAX_ERASED, &ids->n)
	               : code;
}

/* By number, or the next after `*id`. */
static int one_load(struct query *q, int64_t msisdn, int64_t id, struct ids *ids, struct query_subscriber *s,
                    struct record **record)
{
	struct store_resume resume;
	int code = msisdn ? erased_read(q, msisdn, ids) : SQLITE_OK;

	q->load.tombstones = msisdn && q->tombstones.ids ? &q->tombstones : NULL;
	if (code == SQLITE_OK)
		code = msisdn ? load_by_msisdn(&q->load, msisdn, record, &resume)
		              : load_after(&q->load, id, record, &resume);
	if (code != SQLITE_OK)
		return code;
	s->record = *record;
	s->is_erased = record_id(*record) == 0;
	if (!s->is_erased)
		ids->id[ids->n++] = record_id(*record);
	return ids->n == 0 ? SQLITE_DONE : SQLITE_OK;
}

/* One subscriber: by number (`msisdn` != 0) or the next after `*id`; *id is then the one that was shown.
 * SQLITE_OK, SQLITE_DONE (no such), SQLITE_ABORT (the callback wants no more), or an error. */
static int one(struct query *q, int64_t msisdn, int64_t *id, bool brief, query_subscriber_fn *fn, void *ctx)
{
	struct region *region = region_new(REGION_LIMIT);
	struct query_subscriber s = {0};
	struct record *record = NULL;
	struct ids ids = {0};
	int code = region ? sqlite3_exec(q->db, "BEGIN", NULL, NULL, NULL) : SQLITE_NOMEM;

	tombstones_round(&q->tombstones);
	if (code == SQLITE_OK)
		code = one_load(q, msisdn, *id, &ids, &s, &record);
	if (code == SQLITE_OK)
		code = details_read(q, region, brief, &ids, &s);
	if (!sqlite3_get_autocommit(q->db))
		(void)sqlite3_exec(q->db, "COMMIT", NULL, NULL, NULL);
	if (code == SQLITE_OK) {
		*id = record_id(record);
		if (!fn(ctx, &s))
			code = SQLITE_ABORT;
	}
	record_free(record);
	region_free(region);
	return code;
}

static enum rc result(int code)
{
	return code == SQLITE_OK || code == SQLITE_ABORT ? RC_OK
	       : code == SQLITE_AUTH                     ? RC_STATE
	       : (code & 0xff) == SQLITE_NOMEM           ? RC_NOMEM
	                                                 : RC_IO;
}

void query_key_path(struct query *q, const char *path)
{
	q->key_path = path;
}

const char *query_why(const struct query *q)
{
	return q->why;
}

enum rc query_by_msisdn(struct query *q, int64_t msisdn, query_subscriber_fn *fn, void *ctx)
{
	int64_t id = 0;
	int code = msisdn > 0 ? one(q, msisdn, &id, false, fn, ctx) : SQLITE_DONE;

	return code == SQLITE_DONE ? RC_NOTFOUND : result(code);
}

enum rc query_each(struct query *q, bool brief, query_subscriber_fn *fn, void *ctx)
{
	int64_t id = 0;
	int code;

	do
		code = one(q, 0, &id, brief, fn, ctx);
	while (code == SQLITE_OK);
	return code == SQLITE_DONE ? RC_OK : result(code);
}
