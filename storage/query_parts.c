/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a subscriber agreed to, was given, was not given, said and was told: see query_private.h. */
#include "storage/query_private.h"
#include "storage/sql.h"

static const char *const texts[] = {
	[QUERY_ST_CONSENTS] = "SELECT purpose, state, words, language, channel, at, version, source, proof "
			      "FROM consent WHERE subscriber = ?1 ORDER BY id",
	[QUERY_ST_GRANTS] =
		"SELECT g.id, g.bundle, g.key, g.gives, g.state, g.at, g.expires, coalesce(c.state, '') "
		"FROM grants g LEFT JOIN charge c ON c.id = g.id WHERE g.subscriber = ?1 ORDER BY g.id",
	[QUERY_ST_REFUSALS] = "SELECT bundle, key, reason, rule, first, last, count FROM refusal "
			      "WHERE subscriber = ?1 ORDER BY last",
	[QUERY_ST_INTERACTIONS] = "SELECT channel, inbound, service, last_screen, language, outcome, steps, "
				  "began, ended, detail, id FROM interaction WHERE subscriber = ?1 "
				  "ORDER BY id DESC LIMIT ?2",
	[QUERY_ST_NOTICES] =
		"SELECT CASE WHEN sending AND state = 'pending' THEN 'sending' ELSE state END, delivery, parts, "
		"delivery_error, created, settled, delivery_at, kind, attempts, code, why, "
		"CASE state WHEN 'pending' THEN next ELSE 0 END FROM outbox "
		"WHERE subscriber = ?1 ORDER BY id DESC LIMIT ?2",
};

int query_parts_prepare(struct query *q)
{
	int code = SQLITE_OK;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0] && code == SQLITE_OK; i++)
		code = sql_prepare(q->db, texts[i], &q->st[i]);
	return code;
}

static bool consent_read(struct query_rows *rows, sqlite3_stmt *st)
{
	struct query_consent *c = query_rows_add(rows);

	if (!c)
		return false;
	c->purpose = query_rows_keep(rows, st, 0);
	c->state = query_rows_keep(rows, st, 1);
	c->words = query_rows_keep(rows, st, 2);
	c->language = query_rows_keep(rows, st, 3);
	c->channel = query_rows_keep(rows, st, 4);
	c->at_ms = sqlite3_column_int64(st, 5);
	c->version = query_rows_keep(rows, st, 6);
	c->source = sqlite3_column_int64(st, 7);
	c->proof = query_rows_keep(rows, st, 8);
	return c->purpose && c->state && c->words && c->language && c->channel && c->version && c->proof;
}

static bool grant_read(struct query_rows *rows, sqlite3_stmt *st)
{
	struct query_grant *g = query_rows_add(rows);

	if (!g)
		return false;
	g->id = sqlite3_column_int64(st, 0);
	g->bundle = query_rows_keep(rows, st, 1);
	g->key = query_rows_keep(rows, st, 2);
	g->gives = query_rows_keep(rows, st, 3);
	g->state = query_rows_keep(rows, st, 4);
	g->at_ms = sqlite3_column_int64(st, 5);
	g->expires_ms = sqlite3_column_int64(st, 6);
	g->order = query_rows_keep(rows, st, 7);
	return g->bundle && g->key && g->gives && g->state && g->order;
}

static bool refusal_read(struct query_rows *rows, sqlite3_stmt *st)
{
	struct query_refusal *r = query_rows_add(rows);

	if (!r)
		return false;
	r->bundle = query_rows_keep(rows, st, 0);
	r->key = query_rows_keep(rows, st, 1);
	r->reason = query_rows_keep(rows, st, 2);
	r->rule = query_rows_keep(rows, st, 3);
	r->first_ms = sqlite3_column_int64(st, 4);
	r->last_ms = sqlite3_column_int64(st, 5);
	r->count = sqlite3_column_int64(st, 6);
	return r->bundle && r->key && r->reason && r->rule;
}

static bool interaction_read(struct query_rows *rows, sqlite3_stmt *st)
{
	struct query_interaction *i = query_rows_add(rows);

	if (!i)
		return false;
	i->channel = query_rows_keep(rows, st, 0);
	i->inbound = sqlite3_column_int(st, 1) != 0;
	i->service = query_rows_keep(rows, st, 2);
	i->last_screen = query_rows_keep(rows, st, 3);
	i->language = query_rows_keep(rows, st, 4);
	i->outcome = query_rows_keep(rows, st, 5);
	i->steps = sqlite3_column_int(st, 6);
	i->began_ms = sqlite3_column_int64(st, 7);
	i->ended_ms = sqlite3_column_int64(st, 8);
	i->detail = query_rows_keep(rows, st, 9);
	i->id = sqlite3_column_int64(st, 10);
	return i->channel && i->service && i->last_screen && i->language && i->outcome && i->detail;
}

static bool notice_read(struct query_rows *rows, sqlite3_stmt *st)
{
	struct query_notice *n = query_rows_add(rows);

	if (!n)
		return false;
	n->state = query_rows_keep(rows, st, 0);
	n->delivery = query_rows_keep(rows, st, 1);
	n->parts = sqlite3_column_int(st, 2);
	n->error = sqlite3_column_int(st, 3);
	n->created_ms = sqlite3_column_int64(st, 4);
	n->settled_ms = sqlite3_column_int64(st, 5);
	n->delivery_ms = sqlite3_column_int64(st, 6);
	n->kind = query_rows_keep(rows, st, 7);
	n->attempts = sqlite3_column_int(st, 8);
	n->code = (uint32_t)sqlite3_column_int64(st, 9);
	n->why = query_rows_keep(rows, st, 10);
	n->next_ms = sqlite3_column_int64(st, 11);
	return n->state && n->delivery && n->kind && n->why;
}

/* Of those who were erased, and of the one who has the number now. */
static int kept_read(struct query *q, const struct query_ids *ids, struct query_rows *consents,
                     struct query_rows *grants)
{
	int code = SQLITE_OK;

	for (size_t i = 0; i < ids->n && code == SQLITE_OK; i++) {
		code = query_rows_read(consents, q->st[QUERY_ST_CONSENTS], ids->id[i], consent_read);
		if (code == SQLITE_OK)
			code = query_rows_read(grants, q->st[QUERY_ST_GRANTS], ids->id[i], grant_read);
	}
	return code;
}

int query_parts_read(struct query *q, struct region *region, bool brief, const struct query_ids *ids,
                     struct query_subscriber *s)
{
	struct query_rows consents = {.region = region, .size = sizeof(struct query_consent)};
	struct query_rows grants = {.region = region, .size = sizeof(struct query_grant)};
	struct query_rows refusals = {.region = region, .size = sizeof(struct query_refusal)};
	struct query_rows interactions = {.region = region, .size = sizeof(struct query_interaction)};
	struct query_rows notices = {.region = region, .size = sizeof(struct query_notice)};
	int64_t id = record_id(s->record);
	int code = kept_read(q, ids, &consents, &grants);

	if (code == SQLITE_OK)
		code = query_rows_read(&refusals, q->st[QUERY_ST_REFUSALS], id, refusal_read);
	if (code == SQLITE_OK && !brief) {
		sql_bind_int(q->st[QUERY_ST_INTERACTIONS], 2, q->limit);
		code = query_rows_read(&interactions, q->st[QUERY_ST_INTERACTIONS], id, interaction_read);
	}
	if (code == SQLITE_OK && !brief) {
		sql_bind_int(q->st[QUERY_ST_NOTICES], 2, q->limit);
		code = query_rows_read(&notices, q->st[QUERY_ST_NOTICES], id, notice_read);
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
