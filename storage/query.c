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

#include "core/clock.h"
#include "core/region.h"
#include "storage/vault.h"
#include "storage/db.h"
#include "storage/load.h"
#include "storage/migrate.h"
#include "storage/query_private.h"
#include "storage/sql.h"
#include "storage/tombstone.h"

#define REGION_LIMIT ((size_t)64 << 20) /* one subscriber's history; over it the rest is RC_NOMEM */

sqlite3 *query_db(const struct query *q)
{
	return q->db;
}

static int prepare(struct query *q, const struct profile *profile)
{
	int code = load_init(&q->load, q->db, profile);

	q->load.now_ms = clock_utc_ms(clock_system());
	if (code == SQLITE_OK)
		code = query_parts_prepare(q);
	return code == SQLITE_OK ? query_person_prepare(q) : code;
}

enum rc query_open(const char *path, const struct profile *profile, struct query **out, char *why,
                   size_t why_size)
{
	const struct db_options o = {.path = path, .read_only = true};
	struct query *q = calloc(1, sizeof *q);
	enum rc rc = q ? db_open(&o, &q->db, why, why_size) : RC_NOMEM;

	if (rc == RC_OK)
		rc = migrate_check(q->db, why, why_size);
	if (rc == RC_OK) {
		int code;

		q->profile = profile;
		q->limit = QUERY_MAX_INTERACTIONS;
		code = prepare(q, profile);
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
	for (int i = 0; i < QUERY_ST_COUNT_; i++)
		(void)sqlite3_finalize(q->st[i]);
	tombstones_fini(&q->tombstones);
	vault_free(q->vault);
	db_close(q->db);
	free(q);
}

void query_limit(struct query *q, int limit)
{
	q->limit = limit < 1 ? 1 : limit > QUERY_LIMIT_MAX ? QUERY_LIMIT_MAX : limit;
}

static enum rc keys_take(struct query *q, struct key_set *out)
{
	char path[PATH_MAX];
	enum rc rc;

	if (!q->key_path && !key_path_default(q->path, path, sizeof path)) {
		(void)snprintf(q->why, sizeof q->why, "the path of the store is too long; use a shorter one");
		return RC_RANGE;
	}
	rc = key_read(q->db, q->key_path ? q->key_path : path, out, q->why, sizeof q->why);
	if (rc == RC_OK)
		q->why[0] = '\0';
	return rc;
}

enum rc query_reveal(struct query *q)
{
	enum rc rc = q->vault ? RC_OK : vault_unlock(q->db, q->key_path, &q->vault, q->why, sizeof q->why);

	q->load.vault = q->vault;
	if (rc == RC_CLOSED)
		rc = RC_OK; /* nothing was ever sealed here */
	if (rc == RC_OK)
		q->why[0] = '\0';
	return rc;
}

/* Who was erased and had the number. Where nobody was ever erased, the key is not asked for. */
static int erased_read(struct query *q, int64_t msisdn, struct query_ids *ids)
{
	int64_t any = 0;
	int code = sql_int(q->db, "SELECT count(*) FROM (SELECT 1 FROM tombstone LIMIT 1)", &any);

	ids->n = 0;
	if (code != SQLITE_OK || any == 0)
		return code;
	if (!q->tombstones.ids) {
		struct key_set keys;

		if (keys_take(q, &keys) != RC_OK)
			return SQLITE_AUTH;
		code = tombstones_init(&q->tombstones, q->db, &keys.lookup, true);
		explicit_bzero(&keys, sizeof keys);
	}
	return code == SQLITE_OK
	               ? tombstones_ids(&q->tombstones, msisdn, 0, ids->id, QUERY_MAX_ERASED, &ids->n)
	               : code;
}

/* Whom? By number, when that is not 0; by id; or the next after it. */
struct whom {
	int64_t msisdn, id;
	bool is_next, is_brief;
};

static int one_load(struct query *q, const struct whom *w, struct query_ids *ids, struct query_subscriber *s,
                    struct record **record)
{
	struct store_resume resume;
	int code = w->msisdn ? erased_read(q, w->msisdn, ids) : SQLITE_OK;

	q->load.tombstones = w->msisdn && q->tombstones.ids ? &q->tombstones : NULL;
	if (code == SQLITE_OK && w->msisdn)
		code = load_by_msisdn(&q->load, w->msisdn, record, &resume);
	else if (code == SQLITE_OK)
		code = w->is_next ? load_after(&q->load, w->id, record, &resume)
		                  : load_by_id(&q->load, w->id, record, &resume);
	if (code != SQLITE_OK)
		return code;
	s->record = *record;
	s->is_erased = record_id(*record) == 0;
	if (!s->is_erased)
		ids->id[ids->n++] = record_id(*record);
	return ids->n == 0 ? SQLITE_DONE : SQLITE_OK;
}

/* One subscriber; w->id is then the one that was shown. SQLITE_OK, SQLITE_DONE (no such), SQLITE_ABORT (the callback wants no
 * more), or an error. */
static int one(struct query *q, struct whom *w, query_subscriber_fn *fn, void *ctx)
{
	struct region *region = region_new(REGION_LIMIT);
	struct query_subscriber s = {0};
	struct record *record = NULL;
	struct query_ids ids = {0};
	int code = region ? sqlite3_exec(q->db, "BEGIN", NULL, NULL, NULL) : SQLITE_NOMEM;

	tombstones_round(&q->tombstones);
	if (q->vault)
		vault_round(q->vault);
	if (code == SQLITE_OK)
		code = one_load(q, w, &ids, &s, &record);
	if (code == SQLITE_OK)
		code = query_parts_read(q, region, w->is_brief, &ids, &s);
	if (code == SQLITE_OK)
		code = query_person_read(q, region, w->is_brief, &s);
	if (!sqlite3_get_autocommit(q->db))
		(void)sqlite3_exec(q->db, "COMMIT", NULL, NULL, NULL);
	if (code == SQLITE_OK) {
		w->id = record_id(record);
		s.n_ids = ids.n;
		s.id = ids.id;
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
	struct whom w = {.msisdn = msisdn};
	int code = msisdn > 0 ? one(q, &w, fn, ctx) : SQLITE_DONE;

	return code == SQLITE_DONE ? RC_NOTFOUND : result(code);
}

enum rc query_by_id(struct query *q, int64_t id, query_subscriber_fn *fn, void *ctx)
{
	struct whom w = {.id = id};
	int code = id > 0 ? one(q, &w, fn, ctx) : SQLITE_DONE;

	return code == SQLITE_DONE ? RC_NOTFOUND : result(code);
}

/* Who gave it up last, of those who had it then; else who has it now, if they were there already. */
static int holder_at(struct query *q, const struct key *key, int64_t msisdn, int64_t at_ms, int64_t *id)
{
	static const char text[] =
		"SELECT subscriber FROM (SELECT subscriber, until FROM number_period WHERE hash = ?1 AND since <= ?3 "
		"AND until > ?3 UNION ALL SELECT id, 9e18 FROM subscriber WHERE msisdn = ?2 AND first_seen <= ?3) "
		"ORDER BY until LIMIT 1";
	uint8_t hash[DIGEST_KEYED_SIZE];
	sqlite3_stmt *st = NULL;
	int code = sql_prepare(q->db, text, &st);

	key_hash(key, msisdn, hash);
	if (code == SQLITE_OK) {
		(void)sqlite3_bind_blob(st, 1, hash, sizeof hash, SQLITE_STATIC);
		sql_bind_int(st, 2, msisdn);
		sql_bind_int(st, 3, at_ms);
		code = sqlite3_step(st);
		if (code == SQLITE_ROW)
			*id = sqlite3_column_int64(st, 0);
	}
	(void)sqlite3_finalize(st);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

enum rc query_holder_at(struct query *q, int64_t msisdn, int64_t at_ms, int64_t *id)
{
	struct key_set keys;
	enum rc rc = keys_take(q, &keys);
	int code;

	if (rc != RC_OK)
		return RC_STATE;
	code = holder_at(q, &keys.lookup, msisdn, at_ms, id);
	explicit_bzero(&keys, sizeof keys);
	return code == SQLITE_DONE ? RC_NOTFOUND : result(code);
}

enum rc query_each(struct query *q, bool brief, query_subscriber_fn *fn, void *ctx)
{
	struct whom w = {.is_next = true, .is_brief = brief};
	int code;

	do
		code = one(q, &w, fn, ctx);
	while (code == SQLITE_OK);
	return code == SQLITE_DONE ? RC_OK : result(code);
}
