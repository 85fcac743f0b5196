/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relations, rows: see relations_rows.h. */
#include "storage/relations_rows.h"

#include <stdio.h>
#include <string.h>

#include "storage/sql.h"

#define DAY_MS INT64_C(86400000)

static const char *const states[] = {"invited", "accepted", "declined", "left", "expired"};

#define ROW                                                                                                              \
	"SELECT r.id, r.a, coalesce(p.msisdn, 0), p.stopped, r.b, coalesce(q.msisdn, 0), q.stopped, r.state, "           \
	"r.most, r.type, r.language, r.version, r.route, r.words, r.yes, r.no, r.joined, r.left_a, r.left_b, r.notice, " \
	"r.per_day "                                                                                                     \
	"FROM relation r JOIN subscriber p ON p.id = r.a JOIN subscriber q ON q.id = r.b WHERE "
#define STANDS "(r.state = 'invited' OR r.state = 'accepted')"

static const char *const texts[RELATION_STATEMENTS] = {
	[RELATION_ST_STANDING] = ROW "r.b = ?1 AND r.state = 'invited' AND r.asked > 0 AND r.expires > ?2 "
				     "ORDER BY r.asked DESC LIMIT 1",
	[RELATION_ST_WAITING] = ROW "r.b = ?1 AND r.state = 'invited' AND r.asked = 0 AND r.expires > ?2 "
				    "ORDER BY r.id LIMIT 1",
	[RELATION_ST_WAS_ASKED] =
		"SELECT 1 FROM relation WHERE b = ?1 AND asked > ?2 AND answered = 0 LIMIT 1",
	[RELATION_ST_AGAIN] =
		"SELECT 1 FROM relation WHERE type = ?3 AND ((a = ?1 AND b = ?2 AND (state = 'accepted' OR "
		"(state = 'invited' AND expires > ?5) OR max(made, asked) > ?4)) OR "
		"(a = ?2 AND b = ?1 AND state = 'accepted')) LIMIT 1",
	[RELATION_ST_LOAD] =
		"SELECT coalesce(sum(state = 'accepted'), 0), "
		"coalesce(sum(a = ?1 AND (state = 'invited' OR state = 'declined') AND expires > ?3), 0), "
		"coalesce(sum(a = ?1 AND made > ?3 - ?4), 0) FROM relation WHERE type = ?2 AND "
		"(a = ?1 OR b = ?1)",
	[RELATION_ST_ADD] =
		"INSERT INTO relation (a, b, type, state, most, made, lasts, expires, again, per_day, a_consent, "
		"route, language, version, words, yes, no, joined, left_a, left_b) VALUES (?1, ?2, "
		"?3, 'invited', ?4, ?5, ?6, ?5 + ?6, ?17, ?18, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
	[RELATION_ST_ASKED] =
		"UPDATE relation SET asked = ?2, expires = ?2 + lasts, notice = ?3, route = '', not_before = 0 "
		"WHERE id = ?1",
	[RELATION_ST_ACCEPT] =
		"UPDATE relation SET state = 'accepted', answered = ?3, b_consent = ?2, words = '', "
		"yes = '', no = '', joined = '', route = '' WHERE id = ?1",
	/* the language in which somebody agreed is theirs until they choose another */
	[RELATION_ST_LANGUAGE] = "UPDATE subscriber SET language = ?2 WHERE id = ?1 AND language = ''",
	[RELATION_ST_MIRROR] =
		"UPDATE relation SET state = 'left', ended = ?4, answered = ?4, words = '', yes = '', no = '', "
		"joined = '', left_a = '', left_b = '', route = '', not_before = 0 "
		"WHERE a = ?2 AND b = ?1 AND type = ?3 AND state = 'invited'",
	[RELATION_ST_COUNT] = "UPDATE subscriber SET related = max(related + ?3, 0) WHERE id = ?1 OR id = ?2",
	/* an answer is one that b gave */
	[RELATION_ST_CLOSE] =
		"UPDATE relation SET state = ?2, ended = ?4, "
		"answered = CASE WHEN answered = 0 AND ?2 = 'declined' THEN ?4 ELSE answered END, "
		"b_consent = CASE WHEN ?3 > 0 THEN ?3 ELSE b_consent END, words = '', yes = '', no = '', "
		"joined = '', left_a = '', left_b = '', route = '', not_before = 0 WHERE id = ?1",
	[RELATION_ST_BETWEEN] = ROW "r.type = ?3 AND ((r.a = ?1 AND q.msisdn = ?2 AND " STANDS
				    ") OR (r.b = ?1 AND p.msisdn = ?2 AND r.state = 'accepted')) LIMIT 1",
	[RELATION_ST_OF] =
		ROW "(r.a = ?1 OR r.b = ?1) AND (?2 IS NULL OR r.type = ?2) AND " STANDS " LIMIT 1",
	[RELATION_ST_EXPIRED] = ROW "r.state = 'invited' AND r.expires <= ?1 ORDER BY r.expires LIMIT 1",
	[RELATION_ST_QUESTIONS] =
		"SELECT count(*), coalesce(min(asked), 0) FROM relation WHERE b = ?1 AND asked > ?2",
	[RELATION_ST_DELAY] = "UPDATE relation SET not_before = ?2 WHERE id = ?1",
	[RELATION_ST_LATER] = ROW "r.not_before <> 0 AND r.not_before <= ?1 ORDER BY r.not_before LIMIT 1",
	[RELATION_ST_FORGET] = "DELETE FROM relation WHERE a = ?1 OR b = ?1",
};

int relation_rows_init(struct relation_rows *rows, sqlite3 *db)
{
	int code = SQLITE_OK;

	rows->db = db;
	for (int i = 0; i < RELATION_STATEMENTS && code == SQLITE_OK; i++)
		code = sql_prepare(db, texts[i], &rows->st[i]);
	return code;
}

void relation_rows_fini(struct relation_rows *rows)
{
	for (int i = 0; i < RELATION_STATEMENTS; i++)
		(void)sqlite3_finalize(rows->st[i]);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static enum relation_state state_by_name(const char *name)
{
	int s = RELATION_INVITED;

	while (s < RELATION_EXPIRED && strcmp(states[s], name) != 0)
		s++;
	return (enum relation_state)s;
}

#define TEXT(member, at) (void)snprintf(out->member, sizeof out->member, "%s", sql_column_text(st, (at)))

/* Bound already; the row into *out. */
static int read_row(sqlite3_stmt *st, struct relation_row *out)
{
	int code = sqlite3_step(st);

	if (code == SQLITE_ROW) {
		out->id = sqlite3_column_int64(st, 0);
		out->a = (struct relation_side){.id = sqlite3_column_int64(st, 1),
		                                .msisdn = sqlite3_column_int64(st, 2),
		                                .is_stopped = sqlite3_column_int(st, 3) != 0};
		out->b = (struct relation_side){.id = sqlite3_column_int64(st, 4),
		                                .msisdn = sqlite3_column_int64(st, 5),
		                                .is_stopped = sqlite3_column_int(st, 6) != 0};
		out->state = state_by_name(sql_column_text(st, 7));
		out->most = sqlite3_column_int(st, 8);
		TEXT(type, 9);
		TEXT(language, 10);
		TEXT(version, 11);
		TEXT(route, 12);
		TEXT(words, 13);
		TEXT(yes, 14);
		TEXT(no, 15);
		TEXT(joined, 16);
		TEXT(left_a, 17);
		TEXT(left_b, 18);
		out->notice = sqlite3_column_int64(st, 19);
		out->per_day = sqlite3_column_int(st, 20);
	}
	(void)sqlite3_reset(st);
	return code;
}

static int read_by_time(struct relation_rows *rows, enum relation_statement which, int64_t person,
                        int64_t at_ms, struct relation_row *out)
{
	sql_bind_int(rows->st[which], 1, person);
	sql_bind_int(rows->st[which], 2, at_ms);
	return read_row(rows->st[which], out);
}

int relation_rows_standing(struct relation_rows *rows, int64_t person, int64_t at_ms,
                           struct relation_row *out)
{
	return read_by_time(rows, RELATION_ST_STANDING, person, at_ms, out);
}

int relation_rows_waiting(struct relation_rows *rows, int64_t person, int64_t at_ms, struct relation_row *out)
{
	return read_by_time(rows, RELATION_ST_WAITING, person, at_ms, out);
}

/* Is there a row? The statement is bound. */
static int is_there(sqlite3_stmt *st, bool *found)
{
	int code = sqlite3_step(st);

	*found = code == SQLITE_ROW;
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int relation_rows_was_asked(struct relation_rows *rows, int64_t person, int64_t since_ms, bool *was)
{
	sqlite3_stmt *st = rows->st[RELATION_ST_WAS_ASKED];

	sql_bind_int(st, 1, person);
	sql_bind_int(st, 2, since_ms > 0 ? since_ms : 0);
	return is_there(st, was);
}

int relation_rows_again(struct relation_rows *rows, const struct relation_pair *pair, int64_t since_ms,
                        int64_t at_ms, bool *again)
{
	sqlite3_stmt *st = rows->st[RELATION_ST_AGAIN];

	sql_bind_int(st, 1, pair->a);
	sql_bind_int(st, 2, pair->b);
	sql_bind_text(st, 3, pair->type);
	sql_bind_int(st, 4, since_ms);
	sql_bind_int(st, 5, at_ms);
	return is_there(st, again);
}

int relation_rows_load(struct relation_rows *rows, int64_t person, const char *type, int64_t at_ms,
                       struct relation_load *out)
{
	sqlite3_stmt *st = rows->st[RELATION_ST_LOAD];
	int code;

	sql_bind_int(st, 1, person);
	sql_bind_text(st, 2, type);
	sql_bind_int(st, 3, at_ms);
	sql_bind_int(st, 4, DAY_MS);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW)
		*out = (struct relation_load){.related = sqlite3_column_int64(st, 0),
		                              .asked = sqlite3_column_int64(st, 1),
		                              .today = sqlite3_column_int64(st, 2)};
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW ? SQLITE_OK : code == SQLITE_DONE ? SQLITE_INTERNAL : code;
}

int relation_rows_between(struct relation_rows *rows, int64_t person, int64_t msisdn, const char *type,
                          struct relation_row *out)
{
	sqlite3_stmt *st = rows->st[RELATION_ST_BETWEEN];

	sql_bind_int(st, 1, person);
	sql_bind_int(st, 2, msisdn);
	sql_bind_text(st, 3, type);
	return read_row(st, out);
}

int relation_rows_of(struct relation_rows *rows, int64_t person, const char *type, struct relation_row *out)
{
	sql_bind_int(rows->st[RELATION_ST_OF], 1, person);
	sql_bind_text(rows->st[RELATION_ST_OF], 2, type);
	return read_row(rows->st[RELATION_ST_OF], out);
}

int relation_rows_expired(struct relation_rows *rows, int64_t at_ms, struct relation_row *out)
{
	sql_bind_int(rows->st[RELATION_ST_EXPIRED], 1, at_ms);
	return read_row(rows->st[RELATION_ST_EXPIRED], out);
}

int relation_rows_questions(struct relation_rows *rows, int64_t person, int64_t since_ms, int64_t *n,
                            int64_t *first_ms)
{
	sqlite3_stmt *st = rows->st[RELATION_ST_QUESTIONS];
	int code;

	*n = *first_ms = 0;
	sql_bind_int(st, 1, person);
	sql_bind_int(st, 2, since_ms);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		*n = sqlite3_column_int64(st, 0);
		*first_ms = sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int relation_rows_later(struct relation_rows *rows, int64_t at_ms, struct relation_row *out)
{
	sql_bind_int(rows->st[RELATION_ST_LATER], 1, at_ms);
	return read_row(rows->st[RELATION_ST_LATER], out);
}

/* --- changing ----------------------------------------------------------------------------------------------------- */

static const char *or_nothing(const char *text)
{
	return text ? text : "";
}

int relation_rows_add(struct relation_rows *rows, const struct relation_new *what, int64_t *id)
{
	const struct store_invite *i = what->invite;
	sqlite3_stmt *st = rows->st[RELATION_ST_ADD];
	int code;

	sql_bind_int(st, 1, what->a);
	sql_bind_int(st, 2, what->b);
	sql_bind_text(st, 3, i->type);
	sql_bind_int(st, 4, i->most);
	sql_bind_int(st, 5, what->at_ms);
	sql_bind_int(st, 6, i->lasts_ms);
	sql_bind_int(st, 7, what->a_consent);
	sql_bind_text(st, 8, or_nothing(i->route));
	sql_bind_text(st, 9, what->to_b->language);
	sql_bind_text(st, 10, or_nothing(i->asked_version));
	sql_bind_text(st, 11, what->to_b->ask);
	sql_bind_text(st, 12, what->to_b->yes);
	sql_bind_text(st, 13, what->to_b->no);
	sql_bind_text(st, 14, or_nothing(what->to_a->joined));
	sql_bind_text(st, 15, or_nothing(what->to_a->left));
	sql_bind_text(st, 16, or_nothing(what->to_b->left));
	sql_bind_int(st, 17, i->again_after_ms);
	sql_bind_int(st, 18, i->asked_per_day);
	code = sql_run(st);
	if (code == SQLITE_OK)
		*id = sqlite3_last_insert_rowid(rows->db);
	return code;
}

int relation_rows_asked(struct relation_rows *rows, int64_t id, int64_t notice, int64_t at_ms)
{
	sql_bind_int(rows->st[RELATION_ST_ASKED], 1, id);
	sql_bind_int(rows->st[RELATION_ST_ASKED], 2, at_ms);
	sql_bind_int(rows->st[RELATION_ST_ASKED], 3, notice);
	return sql_run(rows->st[RELATION_ST_ASKED]);
}

static int count(struct relation_rows *rows, const struct relation_row *row, int64_t by)
{
	sqlite3_stmt *st = rows->st[RELATION_ST_COUNT];

	sql_bind_int(st, 1, row->a.id);
	sql_bind_int(st, 2, row->b.id);
	sql_bind_int(st, 3, by);
	return sql_run(st);
}

int relation_rows_accept(struct relation_rows *rows, const struct relation_row *row, int64_t consent,
                         int64_t at_ms)
{
	sqlite3_stmt *st = rows->st[RELATION_ST_ACCEPT];
	int code;

	sql_bind_int(st, 1, row->id);
	sql_bind_int(st, 2, consent);
	sql_bind_int(st, 3, at_ms);
	code = sql_run(st);
	st = rows->st[RELATION_ST_LANGUAGE];
	sql_bind_int(st, 1, row->b.id);
	sql_bind_text(st, 2, row->language);
	if (code == SQLITE_OK)
		code = sql_run(st);
	st = rows->st[RELATION_ST_MIRROR];
	sql_bind_int(st, 1, row->a.id);
	sql_bind_int(st, 2, row->b.id);
	sql_bind_text(st, 3, row->type);
	sql_bind_int(st, 4, at_ms);
	if (code == SQLITE_OK)
		code = sql_run(st);
	return code == SQLITE_OK ? count(rows, row, 1) : code;
}

int relation_rows_uncount(struct relation_rows *rows, const struct relation_row *row)
{
	return count(rows, row, -1);
}

int relation_rows_close(struct relation_rows *rows, int64_t id, enum relation_state state, int64_t consent,
                        int64_t at_ms)
{
	sqlite3_stmt *st = rows->st[RELATION_ST_CLOSE];

	sql_bind_int(st, 1, id);
	sql_bind_text(st, 2, states[state]);
	sql_bind_int(st, 3, consent);
	sql_bind_int(st, 4, at_ms);
	return sql_run(st);
}

int relation_rows_delay(struct relation_rows *rows, int64_t id, int64_t until_ms)
{
	sql_bind_int(rows->st[RELATION_ST_DELAY], 1, id);
	sql_bind_int(rows->st[RELATION_ST_DELAY], 2, until_ms);
	return sql_run(rows->st[RELATION_ST_DELAY]);
}

int relation_rows_forget(struct relation_rows *rows, int64_t person)
{
	sql_bind_int(rows->st[RELATION_ST_FORGET], 1, person);
	return sql_run(rows->st[RELATION_ST_FORGET]);
}
