/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Export: see export.h. Three cursors over the same range of ids, each a walk along its table or index, and not a look-up
 * for each subscriber. */
#include "storage/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "storage/migrate.h"
#include "storage/query_private.h"
#include "storage/sql.h"
#include "storage/vault.h"

#define BLOCK 500
#define REGION_LIMIT ((size_t)256 << 20) /* of a block; over it RC_NOMEM */
#define MASKED "***"

enum { ST_SUBSCRIBERS, ST_CONSENTS, ST_GRANTS, ST_COUNT_ };
enum {
	COL_ID,
	COL_MSISDN,
	COL_STATE,
	COL_LANGUAGE,
	COL_FIRST,
	COL_LAST,
	COL_STOPPED,
	COL_SWAPPED,
	COL_FIELDS
};

struct export
{
	struct query *q;
	const struct profile *profile;
	const char *purpose;
	int64_t now_ms;
	sqlite3_stmt *st[ST_COUNT_];
	struct region *region; /* of the block */
	size_t n;
	struct export_subscriber block[BLOCK];
};

static const char consents_text[] =
	"SELECT subscriber, purpose, state, words, language, channel, at, version, proof, id FROM consent "
	"WHERE subscriber >= ?1 AND subscriber <= ?2 ORDER BY subscriber, purpose";
static const char grants_text[] = "SELECT subscriber, bundle, key, gives, state, at, expires, id FROM grants "
				  "WHERE subscriber >= ?1 AND subscriber <= ?2 ORDER BY subscriber, key";

static int prepare(struct export *x)
{
	char text[512 + PROFILE_MAX_FIELDS * (PROFILE_NAME_SIZE + 8)];
	bool present[PROFILE_MAX_FIELDS];
	struct buf b;
	int code = migrate_columns(x->q->db, x->profile, present);

	buf_init(&b, text, sizeof text);
	buf_add(&b,
	        "SELECT s.id, s.msisdn, s.state, s.language, s.first_seen, s.last_seen, s.stopped, s.swapped");
	for (size_t i = 0; i < x->profile->n_fields && code == SQLITE_OK; i++)
		buf_printf(&b, present[i] ? ", p.\"%s\"" : ", NULL AS \"%s\"", x->profile->field[i].name);
	buf_add(&b, " FROM subscriber s LEFT JOIN profile p ON p._subscriber = s.id WHERE s.id > ?1 AND "
	            "s.msisdn IS NOT NULL ORDER BY s.id LIMIT ?2");
	if (code == SQLITE_OK)
		code = b.cut ? SQLITE_TOOBIG : sql_prepare(x->q->db, text, &x->st[ST_SUBSCRIBERS]);
	if (code == SQLITE_OK)
		code = sql_prepare(x->q->db, consents_text, &x->st[ST_CONSENTS]);
	return code == SQLITE_OK ? sql_prepare(x->q->db, grants_text, &x->st[ST_GRANTS]) : code;
}

static const char *keep(struct export *x, sqlite3_stmt *st, int column)
{
	return region_strdup(x->region, sql_column_text(st, column));
}

/* --- subscribers ---------------------------------------------------------------------------------------------------- */

static int value(struct export *x, struct export_subscriber *s, sqlite3_stmt *st, size_t i)
{
	const struct profile_field *f = &x->profile->field[i];
	const char *stored = (const char *)sqlite3_column_text(st, COL_FIELDS + (int)i);
	char where[sizeof "profile." + PROFILE_NAME_SIZE], plain[STORE_TEXT_MAX + 1];
	int code = SQLITE_OK;

	if (!stored || !*stored || (x->purpose && strcmp(f->consent, x->purpose) != 0))
		return SQLITE_OK;
	if (!f->is_private && !vault_is_sealed(stored)) {
		s->value[i] = region_strdup(x->region, stored);
	} else if (!x->q->vault) {
		s->value[i] = MASKED;
	} else {
		(void)snprintf(where, sizeof where, "profile.%s", f->name);
		code = vault_open_text(x->q->vault, s->id, where, stored, plain, sizeof plain);
		if (code == SQLITE_OK && *plain)
			s->value[i] = region_strdup(x->region, plain);
		else if (code == SQLITE_OK)
			return SQLITE_OK; /* its key was destroyed */
		explicit_bzero(plain, sizeof plain);
	}
	return code == SQLITE_OK && !s->value[i] ? SQLITE_NOMEM : code;
}

static enum subscriber_state state_of(const char *name)
{
	for (int s = SUBSCRIBER_ANONYMOUS; s <= SUBSCRIBER_VERIFIED; s++)
		if (strcmp(name, subscriber_state_name((enum subscriber_state)s)) == 0)
			return (enum subscriber_state)s;
	return SUBSCRIBER_ANONYMOUS;
}

static int subscriber(struct export *x, sqlite3_stmt *st)
{
	struct export_subscriber *s = &x->block[x->n++];
	int code = SQLITE_OK;

	*s = (struct export_subscriber){.id = sqlite3_column_int64(st, COL_ID),
	                                .msisdn = sqlite3_column_int64(st, COL_MSISDN),
	                                .first_ms = sqlite3_column_int64(st, COL_FIRST),
	                                .last_ms = sqlite3_column_int64(st, COL_LAST),
	                                .swapped_ms = sqlite3_column_int64(st, COL_SWAPPED),
	                                .state = state_of(sql_column_text(st, COL_STATE)),
	                                .language = keep(x, st, COL_LANGUAGE),
	                                .stopped = sqlite3_column_int(st, COL_STOPPED) != 0};
	s->value = region_alloc(x->region, (x->profile->n_fields + 1) * sizeof *s->value);
	if (!s->language || !s->value)
		return SQLITE_NOMEM;
	for (size_t i = 0; i < x->profile->n_fields && code == SQLITE_OK; i++)
		code = value(x, s, st, i);
	return code;
}

static int subscribers(struct export *x, int64_t after)
{
	sqlite3_stmt *st = x->st[ST_SUBSCRIBERS];
	int code, done = SQLITE_OK;

	sql_bind_int(st, 1, after);
	sql_bind_int(st, 2, BLOCK);
	while (done == SQLITE_OK && (code = sqlite3_step(st)) == SQLITE_ROW)
		done = subscriber(x, st);
	(void)sqlite3_reset(st);
	return done != SQLITE_OK ? done : code == SQLITE_DONE ? SQLITE_OK : code;
}

/* --- what belongs to them ---------------------------------------------------------------------------------------------- */

/* Rows of one table for the whole block, gathered for one subscriber after the other. */
struct gather {
	size_t size; /* of an entry */
	/* Read one; its id. False: memory is out. */
	bool (*read)(struct export *x, sqlite3_stmt *st, void *entry, int64_t *id);
	void (*give)(struct export_subscriber *s, void *entries, size_t n);
};

struct heap {
	char *entries;
	int64_t *ids;
	size_t n, cap;
};

static bool room(struct export *x, const struct gather *g, struct heap *h)
{
	size_t cap = h->cap ? 2 * h->cap : 4;
	char *entries;
	int64_t *ids;

	if (h->n < h->cap)
		return true;
	entries = region_alloc(x->region, cap * g->size);
	ids = region_alloc(x->region, cap * sizeof *ids);
	if (!entries || !ids)
		return false;
	if (h->n > 0) {
		memcpy(entries, h->entries, h->n * g->size);
		memcpy(ids, h->ids, h->n * sizeof *ids);
	}
	*h = (struct heap){.entries = entries, .ids = ids, .n = h->n, .cap = cap};
	return true;
}

/* The index has them by name; they are wanted in the order in which they came. */
static void sort(const struct gather *g, struct heap *h)
{
	char entry[sizeof(struct query_consent) + sizeof(struct query_grant)];

	for (size_t i = 1; i < h->n; i++) {
		int64_t id = h->ids[i];
		size_t k = i;

		if (h->ids[i - 1] <= id)
			continue;
		memcpy(entry, h->entries + i * g->size, g->size);
		for (; k > 0 && h->ids[k - 1] > id; k--) {
			memcpy(h->entries + k * g->size, h->entries + (k - 1) * g->size, g->size);
			h->ids[k] = h->ids[k - 1];
		}
		memcpy(h->entries + k * g->size, entry, g->size);
		h->ids[k] = id;
	}
}

static int gather(struct export *x, sqlite3_stmt *st, const struct gather *g)
{
	struct heap h = {0};
	size_t at = 0;
	int code;

	sql_bind_int(st, 1, x->block[0].id);
	sql_bind_int(st, 2, x->block[x->n - 1].id);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		int64_t id = sqlite3_column_int64(st, 0);

		for (; at < x->n && x->block[at].id < id; at++) {
			sort(g, &h);
			g->give(&x->block[at], h.entries, h.n);
			h = (struct heap){0};
		}
		if (at == x->n || x->block[at].id != id)
			continue; /* of one who has no number any more */
		if (!room(x, g, &h) || !g->read(x, st, h.entries + h.n * g->size, &h.ids[h.n])) {
			code = SQLITE_NOMEM;
			break;
		}
		h.n++;
	}
	if (at < x->n) {
		sort(g, &h);
		g->give(&x->block[at], h.entries, h.n);
	}
	(void)sqlite3_reset(st);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static bool consent_read(struct export *x, sqlite3_stmt *st, void *entry, int64_t *id)
{
	struct query_consent *c = entry;

	*c = (struct query_consent){.purpose = keep(x, st, 1),
	                            .state = keep(x, st, 2),
	                            .words = keep(x, st, 3),
	                            .language = keep(x, st, 4),
	                            .channel = keep(x, st, 5),
	                            .at_ms = sqlite3_column_int64(st, 6),
	                            .version = keep(x, st, 7),
	                            .proof = keep(x, st, 8)};
	*id = sqlite3_column_int64(st, 9);
	return c->purpose && c->state && c->words && c->language && c->channel && c->version && c->proof;
}

static void consents_give(struct export_subscriber *s, void *entries, size_t n)
{
	s->consent = entries;
	s->n_consents = n;
}

static bool grant_read(struct export *x, sqlite3_stmt *st, void *entry, int64_t *id)
{
	struct query_grant *g = entry;

	*g = (struct query_grant){.bundle = keep(x, st, 1),
	                          .key = keep(x, st, 2),
	                          .gives = keep(x, st, 3),
	                          .state = keep(x, st, 4),
	                          .order = "",
	                          .at_ms = sqlite3_column_int64(st, 5),
	                          .expires_ms = sqlite3_column_int64(st, 6)};
	*id = sqlite3_column_int64(st, 7);
	return g->bundle && g->key && g->gives && g->state;
}

static void grants_give(struct export_subscriber *s, void *entries, size_t n)
{
	s->grant = entries;
	s->n_grants = n;
}

/* --- what stands ---------------------------------------------------------------------------------------------------- */

/* The newest of a purpose. */
static const struct query_consent *newest(const struct export_subscriber *s, const char *purpose)
{
	for (size_t i = s->n_consents; i > 0; i--)
		if (strcmp(s->consent[i - 1].purpose, purpose) == 0)
			return &s->consent[i - 1];
	return NULL;
}

static bool stands(const struct export *x, const struct export_subscriber *s, const char *purpose)
{
	const struct query_consent *c = newest(s, purpose);

	return c && strcmp(c->state, store_consent_name(STORE_CONSENT_GRANTED)) == 0 &&
	       !profile_consent_is_over(x->profile, purpose, c->at_ms, x->now_ms);
}

/* Registered was who had told what is required: not any more, when a consent to it has run out since. */
static void settle(const struct export *x, struct export_subscriber *s)
{
	for (size_t i = 0; i < x->profile->n_fields && s->state != SUBSCRIBER_ANONYMOUS; i++) {
		const struct profile_field *f = &x->profile->field[i];
		const struct query_consent *c = f->is_required && *f->consent ? newest(s, f->consent) : NULL;

		if (c && profile_consent_is_over(x->profile, f->consent, c->at_ms, x->now_ms))
			s->state = SUBSCRIBER_ANONYMOUS;
	}
}

/* Only what was agreed to under the purpose. The block's memory is ours to change. */
static void narrow(const struct export *x, struct export_subscriber *s)
{
	struct query_consent *list = (struct query_consent *)(uintptr_t)s->consent;
	size_t n = 0;

	for (size_t i = 0; i < s->n_consents; i++)
		if (strcmp(list[i].purpose, x->purpose) == 0)
			list[n++] = list[i];
	s->n_consents = n;
}

/* --- all of them ------------------------------------------------------------------------------------------------------ */

static int block_read(struct export *x, int64_t after)
{
	static const struct gather consents = {sizeof(struct query_consent), consent_read, consents_give};
	static const struct gather grants = {sizeof(struct query_grant), grant_read, grants_give};
	int code = sqlite3_exec(x->q->db, "BEGIN", NULL, NULL, NULL);

	x->n = 0;
	if (x->q->vault)
		vault_round(x->q->vault);
	if (code == SQLITE_OK)
		code = subscribers(x, after);
	if (code == SQLITE_OK && x->n > 0)
		code = gather(x, x->st[ST_CONSENTS], &consents);
	if (code == SQLITE_OK && x->n > 0 && !x->purpose)
		code = gather(x, x->st[ST_GRANTS], &grants);
	if (!sqlite3_get_autocommit(x->q->db))
		(void)sqlite3_exec(x->q->db, "COMMIT", NULL, NULL, NULL);
	return code;
}

/* SQLITE_DONE: the callback wants no more. */
static int block_give(struct export *x, export_fn *fn, void *ctx)
{
	for (size_t i = 0; i < x->n; i++) {
		struct export_subscriber *s = &x->block[i];

		settle(x, s);
		if (x->purpose && !stands(x, s, x->purpose))
			continue;
		if (x->purpose && s->stopped && profile_is_marketing(x->profile, x->purpose))
			continue; /* promise 7 */
		if (x->purpose)
			narrow(x, s);
		if (!fn(ctx, s))
			return SQLITE_DONE;
	}
	return SQLITE_OK;
}

enum rc export_each(struct query *q, const char *purpose, int64_t now_ms, export_fn *fn, void *ctx)
{
	struct export *x = calloc(1, sizeof *x);
	int64_t after = 0;
	int code = SQLITE_NOMEM;

	if (x) {
		*x = (struct export){.q = q, .profile = q->profile, .purpose = purpose, .now_ms = now_ms};
		code = prepare(x);
	}
	while (code == SQLITE_OK) {
		x->region = region_new(REGION_LIMIT);
		code = x->region ? block_read(x, after) : SQLITE_NOMEM;
		if (code == SQLITE_OK && x->n == 0)
			code = SQLITE_DONE;
		if (code == SQLITE_OK) {
			after = x->block[x->n - 1].id;
			code = block_give(x, fn, ctx);
		}
		region_free(x->region);
	}
	for (int i = 0; x && i < ST_COUNT_; i++)
		(void)sqlite3_finalize(x->st[i]);
	free(x);
	return code == SQLITE_DONE ? RC_OK : (code & 0xff) == SQLITE_NOMEM ? RC_NOMEM : RC_IO;
}
