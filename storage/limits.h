/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits: judges one gift by the rules of store_limits.h, counts it, and writes down what was refused.
 *
 * Everything is read and written inside the writer's transaction, which is the only one that gives: so the counts are
 * exact, whatever is gathered in one commit, rolled back, or cut off by a crash. Nothing is kept in memory. A gift
 * costs a read and a write for each rule that is about it, and nothing where there is none. Codes are SQLite's.
 */
#ifndef STARHASH_STORAGE_LIMITS_H
#define STARHASH_STORAGE_LIMITS_H

#include <sqlite3.h>

#include "storage/store_limits.h"
#include "storage/tombstone.h"

#define LIMITS_RULE_SIZE 80

struct limits;

/* Copies the limits; NULL = none. The others are borrowed. */
int limits_new(sqlite3 *db, const struct store_limits *set, struct tombstones *tombstones,
               struct limits **out);
void limits_free(struct limits *l); /* NULL is fine */

/* Is there any limit at all? */
bool limits_are_set(const struct limits *l);

struct limits_gift {
	int64_t subscriber, msisdn, at_ms;
	const char *key, *bundle;
};
struct limits_verdict {
	enum refusal refusal; /* NONE; REVIEW: hold it */
	char rule[LIMITS_RULE_SIZE];
};
int limits_judge(struct limits *l, const struct limits_gift *g, struct limits_verdict *out);
/* It is given, or held: count it. */
int limits_count(struct limits *l, const struct limits_gift *g);
/* It was counted, and came to nothing: caps and budgets have it back. Windows do not: it was tried. */
int limits_give_back(struct limits *l, const struct limits_gift *g);

/* The same of a grant by its id; purchases were never counted. */
int limits_give_back_grant(struct limits *l, int64_t grant);

/* For care: a row for each subscriber, key and reason. */
int limits_note(struct limits *l, const struct limits_gift *g, const struct limits_verdict *why);

/* --- what a report needs to know of the rows -------------------------------------------------------------------- */

/* The rule's name in `spent` and `refusal`. */
void limits_budget_name(const struct store_budget *b, char out[LIMITS_RULE_SIZE]);

#endif
