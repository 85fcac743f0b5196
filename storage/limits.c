/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits: see limits.h. A window slides by weighting: of the bucket before counts the share that the window still covers,
 * so a rule costs two reads and one write and never holds more than three rows of a scope that still matter. */
#include "storage/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/sql.h"

#define DAY_MS INT64_C(86400000)

enum { ST_SWAPPED, ST_TODAY, ST_SPENT, ST_COUNT_ONE, ST_GIVE_BACK, ST_GRANT, ST_NOTE, ST_COUNT_ };

struct limits {
	struct store_limits set;
	struct tombstones *tombstones;
	bool is_set;
	sqlite3_stmt *st[ST_COUNT_];
};

/* What one gift is counted against. */
struct counter {
	char rule[LIMITS_RULE_SIZE];
	char scope[PROFILE_NAME_SIZE];
	int64_t bucket, ends;
	int64_t most;
	int64_t within_ms; /* 0 = the bucket alone counts */
	bool reviews;
};
#define COUNTERS_MAX (1 + STORE_LIMIT_BUDGETS + STORE_LIMIT_RULES)

static const char *const texts[ST_COUNT_] = {
	[ST_SWAPPED] = "SELECT swapped FROM subscriber WHERE id = ?1",
	[ST_TODAY] = "SELECT count(*) FROM grants g WHERE g.subscriber = ?1 AND g.at >= ?2 AND "
		     "g.state <> 'rejected' AND NOT EXISTS (SELECT 1 FROM charge c WHERE c.id = g.id AND "
		     "c.kind = 'purchase')",
	[ST_SPENT] = "SELECT gifts FROM spent WHERE rule = ?1 AND scope = ?2 AND bucket = ?3",
	[ST_COUNT_ONE] = "INSERT INTO spent (rule, scope, bucket, gifts, ends) VALUES (?1, ?2, ?3, 1, ?4) "
			 "ON CONFLICT (rule, scope, bucket) DO UPDATE SET gifts = gifts + 1",
	[ST_GIVE_BACK] = "UPDATE spent SET gifts = gifts - 1 WHERE rule = ?1 AND scope = ?2 AND bucket = ?3 "
			 "AND gifts > 0",
	[ST_GRANT] = "SELECT g.subscriber, coalesce(c.msisdn, 0), g.at, g.key, g.bundle FROM grants g "
		     "LEFT JOIN charge c ON c.id = g.id WHERE g.id = ?1 AND coalesce(c.price, 0) = 0",
	[ST_NOTE] = "INSERT INTO refusal (subscriber, key, reason, bundle, rule, first, last, count) "
		    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1) ON CONFLICT (subscriber, key, reason) DO UPDATE "
		    "SET bundle = ?4, rule = ?5, last = max(last, ?6), count = count + 1",
};

bool store_limits_review(const struct store_limits *l)
{
	for (size_t i = 0; l && i < l->n_rules; i++)
		if (l->rule[i].reviews)
			return true;
	return false;
}

int limits_new(sqlite3 *db, const struct store_limits *set, struct tombstones *tombstones,
               struct limits **out)
{
	struct limits *l = calloc(1, sizeof *l);
	int code = SQLITE_OK;

	if (!l)
		return SQLITE_NOMEM;
	if (set)
		l->set = *set;
	l->tombstones = tombstones;
	l->is_set = l->set.new_number_ms > 0 || l->set.per_day > 0 || l->set.n_caps > 0 ||
	            l->set.n_budgets > 0 || l->set.n_rules > 0;
	for (int i = 0; i < ST_COUNT_ && code == SQLITE_OK; i++)
		code = sql_prepare(db, texts[i], &l->st[i]);
	if (code != SQLITE_OK) {
		limits_free(l);
		return code;
	}
	*out = l;
	return SQLITE_OK;
}

void limits_free(struct limits *l)
{
	if (!l)
		return;
	for (int i = 0; i < ST_COUNT_; i++)
		(void)sqlite3_finalize(l->st[i]);
	free(l);
}

bool limits_are_set(const struct limits *l)
{
	return l->is_set;
}

/* --- what a gift is counted against ------------------------------------------------------------------------------- */

static bool names(const char (*list)[PROFILE_NAME_SIZE], size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return n == 0;
}

static int64_t day_of(const struct store_limits *l, int64_t at_ms)
{
	return (at_ms - l->day_starts_ms) / DAY_MS;
}

static void cap_counter(const struct store_limits *l, const struct store_cap *cap,
                        const struct limits_gift *g, struct counter *c)
{
	int64_t day = day_of(l, g->at_ms);

	*c = (struct counter){.bucket = day,
	                      .ends = (day + 1) * DAY_MS + l->day_starts_ms,
	                      .most = cap->gifts,
	                      .rule = "bundle"};
	(void)snprintf(c->scope, sizeof c->scope, "%s", cap->bundle);
}

void limits_budget_name(const struct store_budget *b, char out[LIMITS_RULE_SIZE])
{
	(void)snprintf(out, LIMITS_RULE_SIZE, "budget.%s", b->name);
}

static void budget_counter(const struct store_budget *b, const struct limits_gift *g, struct counter *c)
{
	bool open = g->at_ms >= b->from_ms && (b->until_ms == 0 || g->at_ms < b->until_ms);

	*c = (struct counter){.most = open ? b->gifts : 0};
	limits_budget_name(b, c->rule);
}

#define NEVER_IN_BLOCK 2

/* A block is never one number, which would be told by its rows after an erasure: the last digits are left out. */
static void rule_counter(const struct store_rule *r, const struct limits_gift *g, struct counter *c)
{
	*c = (struct counter){.bucket = g->at_ms / r->within_ms,
	                      .most = r->gifts,
	                      .within_ms = r->within_ms,
	                      .reviews = r->reviews};
	c->ends = (c->bucket + 2) * r->within_ms;
	(void)snprintf(c->rule, sizeof c->rule, "velocity.%s", r->name);
	if (r->per == STORE_PER_BUNDLE) {
		(void)snprintf(c->scope, sizeof c->scope, "%s", g->bundle);
	} else if (r->per == STORE_PER_BLOCK) {
		int len = snprintf(c->scope, sizeof c->scope, "%lld", (long long)g->msisdn) - NEVER_IN_BLOCK;

		c->scope[len < 0 ? 0 : len < r->digits ? len : r->digits] = '\0';
	}
}

/* In the order in which they are looked at. */
static size_t counters_of(const struct limits *l, const struct limits_gift *g, struct counter *out)
{
	const struct store_limits *set = &l->set;
	size_t n = 0;

	for (size_t i = 0; i < set->n_caps; i++) {
		if (strcmp(set->cap[i].bundle, g->bundle) != 0)
			continue;
		cap_counter(set, &set->cap[i], g, &out[n++]);
		break;
	}
	for (size_t i = 0; i < set->n_budgets; i++) {
		const struct store_budget *b = &set->budget[i];

		if (names(b->key, b->n_keys, g->key) && names(b->bundle, b->n_bundles, g->bundle))
			budget_counter(b, g, &out[n++]);
	}
	for (size_t i = 0; i < set->n_rules; i++) {
		const struct store_rule *r = &set->rule[i];

		if (r->bundle[0] == '\0' || strcmp(r->bundle, g->bundle) == 0)
			rule_counter(r, g, &out[n++]);
	}
	return n;
}

/* --- judging --------------------------------------------------------------------------------------------------------- */

static int number(sqlite3_stmt *st, int64_t *out)
{
	int code = sqlite3_step(st);

	*out = code == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int spent(struct limits *l, const struct counter *c, int64_t bucket, int64_t *out)
{
	sqlite3_stmt *st = l->st[ST_SPENT];

	sql_bind_text(st, 1, c->rule);
	sql_bind_text(st, 2, c->scope);
	sql_bind_int(st, 3, bucket);
	return number(st, out);
}

/* Is there no room for one more? In whole numbers: before * (share of its window that is left) + now + 1, against most. */
static int is_full(struct limits *l, const struct counter *c, int64_t at_ms, bool *full)
{
	int64_t now = 0, before = 0;
	int code = spent(l, c, c->bucket, &now);

	*full = now >= c->most;
	if (code != SQLITE_OK || *full || c->within_ms == 0)
		return code;
	code = spent(l, c, c->bucket - 1, &before);
	*full = before * (c->within_ms - at_ms % c->within_ms) + (now + 1) * c->within_ms >
	        c->most * c->within_ms;
	return code;
}

static void refuse(struct limits_verdict *v, enum refusal why, const char *rule, const char *scope)
{
	v->refusal = why;
	(void)snprintf(v->rule, sizeof v->rule, "%.40s%s%.31s", rule, *scope ? " " : "", scope);
}

#define ERASED_MAX 15

/* Whoever was erased today has had what they had; and whoever was erased today more often than that, their day. */
static int gifts_today(struct limits *l, const struct limits_gift *g, int64_t *out)
{
	int64_t begins_ms = day_of(&l->set, g->at_ms) * DAY_MS + l->set.day_starts_ms;
	int64_t ids[1 + ERASED_MAX], today = 0;
	size_t n = 0;
	int code = tombstones_ids(l->tombstones, g->msisdn, begins_ms, ids, ERASED_MAX, &n);

	*out = n == ERASED_MAX ? l->set.per_day : 0;
	ids[n++] = g->subscriber;
	for (size_t i = 0; i < n && code == SQLITE_OK; i++) {
		sql_bind_int(l->st[ST_TODAY], 1, ids[i]);
		sql_bind_int(l->st[ST_TODAY], 2, begins_ms);
		code = number(l->st[ST_TODAY], &today);
		*out += today;
	}
	return code;
}

static int judge_subscriber(struct limits *l, const struct limits_gift *g, struct limits_verdict *out)
{
	const struct store_limits *set = &l->set;
	int64_t swapped = 0, today = 0;
	int code = SQLITE_OK;

	if (set->new_number_ms > 0) {
		sql_bind_int(l->st[ST_SWAPPED], 1, g->subscriber);
		code = number(l->st[ST_SWAPPED], &swapped);
	}
	if (code == SQLITE_OK && swapped > 0 && g->at_ms < swapped + set->new_number_ms) {
		refuse(out, REFUSAL_SWAP, "limits.new_number", "");
		return SQLITE_OK;
	}
	if (code != SQLITE_OK || set->per_day == 0)
		return code;
	code = gifts_today(l, g, &today);
	if (code == SQLITE_OK && today >= set->per_day)
		refuse(out, REFUSAL_DAY, "limits.per_day", "");
	return code;
}

/* A refusal goes before a review: nobody should look at what cannot be given. */
int limits_judge(struct limits *l, const struct limits_gift *g, struct limits_verdict *out)
{
	struct counter counter[COUNTERS_MAX];
	size_t n = counters_of(l, g, counter);
	int code;

	*out = (struct limits_verdict){0};
	code = judge_subscriber(l, g, out);
	for (size_t i = 0; i < n && code == SQLITE_OK; i++) {
		const struct counter *c = &counter[i];
		bool full;

		if (out->refusal != REFUSAL_NONE && (out->refusal != REFUSAL_REVIEW || c->reviews))
			continue;
		code = is_full(l, c, g->at_ms, &full);
		if (code == SQLITE_OK && full)
			refuse(out, c->reviews ? REFUSAL_REVIEW : REFUSAL_SPENT, c->rule, c->scope);
	}
	return code;
}

int limits_count(struct limits *l, const struct limits_gift *g)
{
	struct counter counter[COUNTERS_MAX];
	size_t n = counters_of(l, g, counter);
	sqlite3_stmt *st = l->st[ST_COUNT_ONE];
	int code = SQLITE_OK;

	for (size_t i = 0; i < n && code == SQLITE_OK; i++) {
		sql_bind_text(st, 1, counter[i].rule);
		sql_bind_text(st, 2, counter[i].scope);
		sql_bind_int(st, 3, counter[i].bucket);
		sql_bind_int(st, 4, counter[i].ends);
		code = sql_run(st);
	}
	return code;
}

int limits_give_back(struct limits *l, const struct limits_gift *g)
{
	struct counter counter[COUNTERS_MAX];
	size_t n = counters_of(l, g, counter);
	sqlite3_stmt *st = l->st[ST_GIVE_BACK];
	int code = SQLITE_OK;

	for (size_t i = 0; i < n && code == SQLITE_OK; i++) {
		if (counter[i].within_ms > 0)
			continue;
		sql_bind_text(st, 1, counter[i].rule);
		sql_bind_text(st, 2, counter[i].scope);
		sql_bind_int(st, 3, counter[i].bucket);
		code = sql_run(st);
	}
	return code;
}

int limits_give_back_grant(struct limits *l, int64_t grant)
{
	sqlite3_stmt *st = l->st[ST_GRANT];
	struct limits_gift g = {0};
	int code;

	if (!l->is_set)
		return SQLITE_OK;
	sql_bind_int(st, 1, grant);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		g = (struct limits_gift){.subscriber = sqlite3_column_int64(st, 0),
		                         .msisdn = sqlite3_column_int64(st, 1),
		                         .at_ms = sqlite3_column_int64(st, 2),
		                         .key = sql_column_text(st, 3),
		                         .bundle = sql_column_text(st, 4)};
		code = limits_give_back(l, &g) == SQLITE_OK ? SQLITE_ROW : SQLITE_ERROR;
	}
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int limits_note(struct limits *l, const struct limits_gift *g, const struct limits_verdict *why)
{
	sqlite3_stmt *st = l->st[ST_NOTE];

	sql_bind_int(st, 1, g->subscriber);
	sql_bind_text(st, 2, g->key);
	sql_bind_text(st, 3, refusal_name(why->refusal));
	sql_bind_text(st, 4, g->bundle);
	sql_bind_text(st, 5, why->rule);
	sql_bind_int(st, 6, g->at_ms);
	return sql_run(st);
}
