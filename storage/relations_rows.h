/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relations, rows: what is asked of table relation and what changes it; no rule of who may what (relations.c has those).
 *
 * Readers give SQLITE_ROW (one is there: copied, so that statements may follow), SQLITE_DONE (none), or an error;
 * everything else SQLITE_OK or an error.
 */
#ifndef STARHASH_STORAGE_RELATIONS_ROWS_H
#define STARHASH_STORAGE_RELATIONS_ROWS_H

#include "storage/relations.h"
#include "storage/relations_past.h"
#include "storage/store_relations.h"

enum relation_state {
	RELATION_INVITED,
	RELATION_ACCEPTED,
	RELATION_DECLINED,
	RELATION_LEFT,
	RELATION_EXPIRED
};

enum relation_statement {
	RELATION_ST_STANDING,
	RELATION_ST_WAITING,
	RELATION_ST_WAS_ASKED,
	RELATION_ST_AGAIN,
	RELATION_ST_LOAD,
	RELATION_ST_ADD,
	RELATION_ST_ASKED,
	RELATION_ST_ACCEPT,
	RELATION_ST_LANGUAGE,
	RELATION_ST_MIRROR,
	RELATION_ST_COUNT,
	RELATION_ST_CLOSE,
	RELATION_ST_BETWEEN,
	RELATION_ST_OF,
	RELATION_ST_EXPIRED,
	RELATION_ST_QUESTIONS,
	RELATION_ST_DELAY,
	RELATION_ST_LATER,
	RELATION_ST_FORGET,
	RELATION_STATEMENTS
};

struct relation_rows {
	sqlite3 *db;
	sqlite3_stmt *st[RELATION_STATEMENTS];
};

struct relations {
	struct relation_rows rows;
	struct relations_past *past;
	struct relations_with with;
};

struct relation_side {
	int64_t id, msisdn; /* 0 = it has none any more */
	bool is_stopped;
};
struct relation_row {
	int64_t id;
	struct relation_side a, b;
	enum relation_state state;
	int most;
	int per_day;    /* questions to b in 24 hours */
	int64_t notice; /* the question, of outbox; 0 = it was not asked */
	char type[PROFILE_NAME_SIZE], language[RECORD_LANGUAGE_SIZE], version[PROFILE_NAME_SIZE];
	char route[STORE_ROUTE_SIZE];
	char words[STORE_TEXT_MAX + 1], yes[STORE_TEXT_MAX + 1], no[STORE_TEXT_MAX + 1];
	char joined[STORE_TEXT_MAX + 1], left_a[STORE_TEXT_MAX + 1], left_b[STORE_TEXT_MAX + 1];
};

int relation_rows_init(struct relation_rows *rows, sqlite3 *db);
void relation_rows_fini(struct relation_rows *rows); /* also of one that is all zero */

/* How many questions left for a person after since_ms, and when the first of these did; 0 = none. */
int relation_rows_questions(struct relation_rows *rows, int64_t person, int64_t since_ms, int64_t *n,
                            int64_t *first_ms);
/* It waits until then; 0 = no more. */
int relation_rows_delay(struct relation_rows *rows, int64_t id, int64_t until_ms);
/* The first whose wait is over. */
int relation_rows_later(struct relation_rows *rows, int64_t at_ms, struct relation_row *out);

/* The question that stands with a person; the one that waits longest behind it. */
int relation_rows_standing(struct relation_rows *rows, int64_t person, int64_t at_ms,
                           struct relation_row *out);
int relation_rows_waiting(struct relation_rows *rows, int64_t person, int64_t at_ms,
                          struct relation_row *out);
/* Was there one since, that they never answered? */
int relation_rows_was_asked(struct relation_rows *rows, int64_t person, int64_t since_ms, bool *was);

struct relation_pair {
	int64_t a, b;
	const char *type;
};
/* Is a related to b, asked by a, or was asked since? */
int relation_rows_again(struct relation_rows *rows, const struct relation_pair *pair, int64_t since_ms,
                        int64_t at_ms, bool *again);

/* Of a type: accepted ones, invitations whose time is not over (whatever came of them, but for a yes), and those of 24 hours. */
struct relation_load {
	int64_t related, asked, today;
};
int relation_rows_load(struct relation_rows *rows, int64_t person, const char *type, int64_t at_ms,
                       struct relation_load *out);

struct relation_new {
	int64_t a, b, a_consent, at_ms;
	const struct store_invite *invite;
	const struct store_invite_words *to_a, *to_b;
};
int relation_rows_add(struct relation_rows *rows, const struct relation_new *what, int64_t *id);
int relation_rows_asked(struct relation_rows *rows, int64_t id, int64_t notice, int64_t at_ms);
/* Accepted, and counted with both; a question that b had asked of a in turn is answered by it. */
int relation_rows_accept(struct relation_rows *rows, const struct relation_row *row, int64_t consent,
                         int64_t at_ms);
int relation_rows_uncount(struct relation_rows *rows, const struct relation_row *row);
int relation_rows_close(struct relation_rows *rows, int64_t id, enum relation_state state, int64_t consent,
                        int64_t at_ms);

/* What stands of a type with whoever has this number: accepted, or asked by `person`. */
int relation_rows_between(struct relation_rows *rows, int64_t person, int64_t msisdn, const char *type,
                          struct relation_row *out);
/* The first that stands with or of a person; type NULL = any. */
int relation_rows_of(struct relation_rows *rows, int64_t person, const char *type, struct relation_row *out);
int relation_rows_expired(struct relation_rows *rows, int64_t at_ms, struct relation_row *out);
int relation_rows_forget(struct relation_rows *rows, int64_t person);

#endif
