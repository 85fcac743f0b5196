/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Query: see query.h.
 *
 * A subscriber is read whole in one short read transaction into a region, and the callback runs after it ended: a slow
 * reader of the output never holds the database back.
 */
#include "storage/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/region.h"
#include "storage/db.h"
#include "storage/load.h"
#include "storage/query_private.h"
#include "storage/schema.h"
#include "storage/screens.h"
#include "storage/sql.h"

#define REGION_LIMIT ((size_t)64 << 20) /* one subscriber's history; over it the rest is RC_NOMEM */

struct query {
	sqlite3 *db;
	struct load load;
	sqlite3_stmt *consents, *grants, *interactions, *notices;
};

static const char consents_text[] = "SELECT purpose, state, words, language, channel, at FROM consent "
				    "WHERE subscriber = ?1 ORDER BY id";
static const char grants_text[] = "SELECT id, bundle, key, gives, state, at, expires FROM grants "
				  "WHERE subscriber = ?1 ORDER BY id";
static const char interactions_text[] =
	"SELECT channel, inbound, service, last_screen, language, outcome, steps, "
	"began, ended, detail FROM interaction WHERE subscriber = ?1 "
	"ORDER BY id DESC LIMIT ?2";

static const char notices_text[] =
	"SELECT state, delivery, parts, delivery_error, created, settled, delivery_at FROM outbox "
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
		if (code != SQLITE_OK) {
			(void)db_why(code, "cannot read the database", why, why_size);
			rc = RC_IO;
		}
	}
	if (rc != RC_OK) {
		query_close(q);
		return rc == RC_BUSY ? RC_IO : rc;
	}
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
	return g->bundle && g->key && g->gives && g->state;
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
	return n->state && n->delivery;
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

static int details_read(struct query *q, struct region *region, bool brief, struct query_subscriber *s)
{
	struct rows consents = {.region = region, .size = sizeof(struct query_consent)};
	struct rows grants = {.region = region, .size = sizeof(struct query_grant)};
	struct rows interactions = {.region = region, .size = sizeof(struct query_interaction)};
	struct rows notices = {.region = region, .size = sizeof(struct query_notice)};
	int64_t id = record_id(s->record);
	int code = rows_read(&consents, q->consents, id, consent_read);

	if (code == SQLITE_OK)
		code = rows_read(&grants, q->grants, id, grant_read);
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
	s->n_interactions = interactions.n;
	s->interaction = interactions.array;
	s->n_notices = notices.n;
	s->notice = notices.array;
	return code;
}

/* One subscriber: by number (`msisdn` != 0) or the next after `*id`; *id is then the one that was shown.
 * SQLITE_OK, SQLITE_DONE (no such), SQLITE_ABORT (the callback wants no more), or an error. */
static int one(struct query *q, int64_t msisdn, int64_t *id, bool brief, query_subscriber_fn *fn, void *ctx)
{
	struct region *region = region_new(REGION_LIMIT);
	struct query_subscriber s = {0};
	struct record *record = NULL;
	struct store_resume resume;
	int code = region ? sqlite3_exec(q->db, "BEGIN", NULL, NULL, NULL) : SQLITE_NOMEM;

	if (code == SQLITE_OK)
		code = msisdn ? load_by_msisdn(&q->load, msisdn, &record, &resume)
		              : load_after(&q->load, *id, &record, &resume);
	if (code == SQLITE_OK && record_id(record) == 0)
		code = SQLITE_DONE;
	s.record = record;
	if (code == SQLITE_OK)
		code = details_read(q, region, brief, &s);
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
	       : (code & 0xff) == SQLITE_NOMEM           ? RC_NOMEM
	                                                 : RC_IO;
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

/* Rows of a table by state, added into the members that the names stand for. */
struct tally {
	const char *state;
	int64_t *into;
};

static int count_states(struct query *q, const char *text, const struct tally *list, size_t n)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(q->db, text, -1, &st, NULL);

	if (code != SQLITE_OK)
		return code;
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		for (size_t i = 0; i < n; i++) {
			if (strcmp(sql_column_text(st, 0), list[i].state) == 0)
				*list[i].into += sqlite3_column_int64(st, 1);
		}
	}
	(void)sqlite3_finalize(st);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int counts_read(struct query *q, struct query_counts *c)
{
	const struct tally grants[] = {
		{"pending", &c->grants_pending},
		{"granted", &c->grants_granted},
		{"rejected", &c->grants_rejected},
		{"unknown", &c->grants_unknown},
	};
	const struct tally notices[] = {
		{"pending", &c->notices_pending},
		{"sent", &c->notices_sent},
		{"rejected", &c->notices_rejected},
		{"unknown", &c->notices_unknown},
	};
	const struct {
		const char *text;
		int64_t *into;
	} single[] = {
		{"SELECT count(*) FROM subscriber", &c->subscribers},
		{"SELECT count(*) FROM subscriber WHERE state <> 'anonymous'", &c->registered},
		{"SELECT count(*) FROM ledger", &c->ledger_postings},
		{"SELECT count(*) FROM charge c JOIN grants g ON g.id = c.id WHERE g.state = 'granted'",
	         &c->charged},
		{"SELECT count(*) FROM interaction", &c->interactions},
		{"SELECT count(*) FROM consent", &c->consents},
	};
	struct tally deliveries[STORE_DELIVERIES];
	int code = count_states(q, "SELECT state, count(*) FROM grants GROUP BY state", grants, 4);

	if (code == SQLITE_OK)
		code = count_states(q, "SELECT state, count(*) FROM outbox GROUP BY state", notices, 4);
	for (int i = 0; i < STORE_DELIVERIES; i++)
		deliveries[i] = (struct tally){
			i == STORE_DELIVERY_READ ? "" : store_delivery_name((enum store_delivery)i),
			&c->deliveries[i]};
	if (code == SQLITE_OK)
		code = count_states(
			q, "SELECT delivery, count(*) FROM outbox WHERE delivery <> '' GROUP BY delivery",
			deliveries, STORE_DELIVERIES);
	for (size_t i = 0; i < sizeof single / sizeof single[0] && code == SQLITE_OK; i++)
		code = sql_int(q->db, single[i].text, single[i].into);
	return code;
}

enum rc query_counts_read(struct query *q, struct query_counts *out)
{
	struct query_counts c = {0};
	int code = sqlite3_exec(q->db, "BEGIN", NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = counts_read(q, &c);
	if (!sqlite3_get_autocommit(q->db))
		(void)sqlite3_exec(q->db, "COMMIT", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		*out = c;
	return code == SQLITE_OK ? RC_OK : RC_IO;
}

enum rc query_screens(struct query *q, const char *service, int days, query_screen_fn *fn, void *ctx)
{
	int64_t today = 0;
	int code = sql_int(q->db, "SELECT strftime('%s', 'now') / 86400", &today);

	if (code == SQLITE_OK)
		code = screens_read(q->db, service, days > 0 ? today - days + 1 : 0, fn, ctx);
	return result(code);
}
