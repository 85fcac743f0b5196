/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Condition: see condition.h; why SQL: docs/adr/0004-conditions-are-sql.md.
 *
 * The record at hand is a virtual table of one row (condition_record.h). Safety is layered: the text must be an expression both
 * inside and outside of parentheses, the authorizer allows one SELECT, the record's columns and a list of functions, and limits
 * bound size, depth and steps.
 */
#include "storage/condition.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/nearest.h"
#include "storage/condition_record.h"
#include "storage/db.h"

#define SQL_MAX 2048         /* bytes of one condition */
#define STEPS_EACH 1000      /* virtual machine steps between looks at the bound */
#define STEPS_LOOKS 50       /* looks after which an evaluation is given up */
#define VALUE_MAX_BYTES 4096 /* longest text that an expression may build */

struct entry {
	sqlite3_stmt *st; /* NULL = free */
	char *sql;
	int users;
};

struct conditions {
	const struct profile *profile;
	sqlite3 *db;
	struct condition_record at_hand;
	struct entry *entry;
	int n_entries, cap;
	int looks;
	int selects;      /* of the statement that is being prepared */
	char denied[160]; /* why the authorizer said no; "" = it did not */
};

/* Functions whose cost and result are bounded by their arguments. No printf, randomblob, zeroblob, load_extension. */
static const char *const functions[] = {
	"abs",       "ceil",         "ceiling",      "char",
	"coalesce",  "current_date", "current_time", "current_timestamp",
	"date",      "datetime",     "floor",        "glob",
	"hex",       "ifnull",       "instr",        "julianday",
	"length",    "like",         "lower",        "ltrim",
	"nullif",    "replace",      "round",        "rtrim",
	"sign",      "strftime",     "substr",       "substring",
	"time",      "trim",         "typeof",       "unicode",
	"unixepoch", "upper",
};
#define FUNCTIONS (sizeof functions / sizeof functions[0])

/* --- what an expression may do ---------------------------------------------------------------------- */

static const char *known(const char *word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (sqlite3_stricmp(word, list[i]) == 0)
			return list[i];
	}
	return NULL;
}

static void say_unknown(char *to, size_t size, const char *kind, const char *name, const char *const *list,
                        size_t n)
{
	const char *nearest = nearest_word(name, list, n);

	if (nearest)
		(void)snprintf(to, size, "unknown %s \"%.40s\"; did you mean \"%s\"?", kind, name, nearest);
	else
		(void)snprintf(to, size, "unknown %s \"%.40s\"", kind, name);
}

static int authorize(void *ctx, int action, const char *a, const char *b, const char *database,
                     const char *trigger)
{
	struct conditions *c = ctx;

	(void)database;
	(void)trigger;
	if (action == SQLITE_SELECT && c->selects++ == 0)
		return SQLITE_OK;
	if (action == SQLITE_READ && a && b && strcmp(a, "record") == 0 &&
	    (!b[0] || known(b, c->at_hand.column, c->at_hand.n_columns)))
		return SQLITE_OK;
	if (action == SQLITE_FUNCTION && b && known(b, functions, FUNCTIONS))
		return SQLITE_OK;
	if (c->denied[0])
		return SQLITE_DENY;
	if (action == SQLITE_FUNCTION && b)
		say_unknown(c->denied, sizeof c->denied, "function", b, functions, FUNCTIONS);
	else if (action == SQLITE_READ && a && b && strcmp(a, "record") == 0)
		say_unknown(c->denied, sizeof c->denied, "name", b, c->at_hand.column, c->at_hand.n_columns);
	else
		(void)snprintf(
			c->denied, sizeof c->denied,
			"only an expression over the subscriber's columns is allowed: no SELECT, no tables");
	return SQLITE_DENY;
}

static int look(void *ctx)
{
	struct conditions *c = ctx;

	return ++c->looks > STEPS_LOOKS;
}

static void limits_set(sqlite3 *db)
{
	static const int limit[][2] = {
		{SQLITE_LIMIT_LENGTH, VALUE_MAX_BYTES},
		{SQLITE_LIMIT_SQL_LENGTH, SQL_MAX + 64},
		{SQLITE_LIMIT_COLUMN, CONDITION_COLUMNS_MAX + 1},
		{SQLITE_LIMIT_EXPR_DEPTH, 64},
		{SQLITE_LIMIT_COMPOUND_SELECT, 1},
		{SQLITE_LIMIT_VDBE_OP, 5000},
		{SQLITE_LIMIT_FUNCTION_ARG, 16},
		{SQLITE_LIMIT_ATTACHED, 0},
		{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64},
		{SQLITE_LIMIT_VARIABLE_NUMBER, 1},
		{SQLITE_LIMIT_TRIGGER_DEPTH, 1},
		{SQLITE_LIMIT_WORKER_THREADS, 0},
	};

	for (size_t i = 0; i < sizeof limit / sizeof limit[0]; i++)
		(void)sqlite3_limit(db, limit[i][0], limit[i][1]);
}

static int connection_open(struct conditions *c)
{
	int code;

	db_start();
	code = sqlite3_open_v2(":memory:", &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK)
		return code;
	(void)sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	(void)sqlite3_db_config(c->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	(void)sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	code = condition_record_declare(&c->at_hand, c->db); /* which the authorizer would refuse */
	limits_set(c->db);
	if (code == SQLITE_OK)
		code = sqlite3_set_authorizer(c->db, authorize, c);
	sqlite3_progress_handler(c->db, STEPS_EACH, look, c);
	return code;
}

enum rc conditions_new(const struct profile *profile, struct conditions **out)
{
	struct conditions *c = calloc(1, sizeof *c);

	if (!c)
		return RC_NOMEM;
	c->profile = profile;
	condition_record_init(&c->at_hand, profile);
	if (connection_open(c) != SQLITE_OK) {
		conditions_free(c);
		return RC_NOMEM;
	}
	*out = c;
	return RC_OK;
}

void conditions_free(struct conditions *c)
{
	if (!c)
		return;
	for (int i = 0; i < c->n_entries; i++) {
		(void)sqlite3_finalize(c->entry[i].st);
		free(c->entry[i].sql);
	}
	free(c->entry);
	(void)sqlite3_close(c->db);
	free(c);
}

/* --- preparing ------------------------------------------------------------------------------------------ */

/* SQLite's words into the menu writer's. */
static void explain(struct conditions *c, const char *sql, char *why, size_t why_size)
{
	static const char no_column[] = "no such column: ", no_function[] = "no such function: ";
	const char *text = sqlite3_errmsg(c->db);

	if (c->denied[0]) {
		(void)snprintf(why, why_size, "%s", c->denied);
	} else if (strncmp(text, no_column, sizeof no_column - 1) == 0) {
		const char *name = text + sizeof no_column - 1;
		char quoted[64];

		(void)snprintf(quoted, sizeof quoted, "\"%.40s\"", name);
		if (strstr(sql, quoted) && !nearest_word(name, c->at_hand.column, c->at_hand.n_columns))
			(void)snprintf(why, why_size,
			               "unknown name \"%.40s\"; a text stands in single quotes: '%.40s'",
			               name, name);
		else
			say_unknown(why, why_size, "name", name, c->at_hand.column, c->at_hand.n_columns);
	} else if (strncmp(text, no_function, sizeof no_function - 1) == 0) {
		say_unknown(why, why_size, "function", text + sizeof no_function - 1, functions, FUNCTIONS);
	} else {
		(void)snprintf(why, why_size, "not a condition: %s", text);
	}
}

static int prepare(struct conditions *c, const char *before, const char *sql, const char *after,
                   sqlite3_stmt **out)
{
	char text[SQL_MAX + 64];
	const char *rest = NULL;
	int code;

	(void)snprintf(text, sizeof text, "%s%s%s", before, sql, after);
	c->selects = 0;
	c->denied[0] = '\0';
	*out = NULL;
	code = sqlite3_prepare_v3(c->db, text, -1, SQLITE_PREPARE_PERSISTENT, out, &rest);
	if (code == SQLITE_OK && (!*out || (rest && *rest) || sqlite3_column_count(*out) != 1 ||
	                          sqlite3_bind_parameter_count(*out) != 0 || !sqlite3_stmt_readonly(*out))) {
		(void)snprintf(c->denied, sizeof c->denied,
		               "only one expression without parameters is allowed");
		(void)sqlite3_finalize(*out);
		*out = NULL;
		code = SQLITE_ERROR;
	}
	return code;
}

static bool evaluate(struct conditions *c, sqlite3_stmt *st, const struct record *r, int *code)
{
	bool holds;

	c->at_hand.now = r;
	c->looks = 0;
	*code = sqlite3_step(st);
	holds = *code == SQLITE_ROW && sqlite3_column_int(st, 0) != 0;
	(void)sqlite3_reset(st);
	c->at_hand.now = NULL;
	return holds;
}

/* Does it end within its bounds on a subscriber of whom nothing is known? Then what fails later fails on
 * values, and counts as false. */
static enum rc probe(struct conditions *c, sqlite3_stmt *st, char *why, size_t why_size)
{
	struct record *r = record_new(c->profile, 1);
	int code;

	if (!r)
		return RC_NOMEM;
	(void)evaluate(c, st, r, &code);
	record_free(r);
	if (code == SQLITE_ROW)
		return RC_OK;
	(void)snprintf(why, why_size, "the condition cannot be evaluated: %s", sqlite3_errstr(code));
	return RC_SYNTAX;
}

/* Both must be statements: without parentheses around it, `1) UNION SELECT (1` is none; with them, `1 AS x` and
 * `1 FROM record LIMIT 1` are none. The line end closes a `--` comment. */
static enum rc compile(struct conditions *c, const char *sql, sqlite3_stmt **out, char *why, size_t why_size)
{
	sqlite3_stmt *bare;
	enum rc rc;

	if (strlen(sql) > SQL_MAX) {
		(void)snprintf(why, why_size, "longer than %d bytes", SQL_MAX);
		return RC_SYNTAX;
	}
	if (prepare(c, "SELECT ", sql, "\n FROM record", &bare) != SQLITE_OK) {
		explain(c, sql, why, why_size);
		return RC_SYNTAX;
	}
	(void)sqlite3_finalize(bare);
	if (prepare(c, "SELECT (", sql, "\n) IS TRUE FROM record", out) != SQLITE_OK) {
		explain(c, sql, why, why_size);
		return RC_SYNTAX;
	}
	rc = probe(c, *out, why, why_size);
	if (rc != RC_OK)
		(void)sqlite3_finalize(*out);
	return rc;
}

/* --- the list ------------------------------------------------------------------------------------------- */

static int free_place(struct conditions *c)
{
	struct entry *grown;
	int cap = c->cap ? 2 * c->cap : 64;

	for (int i = 0; i < c->n_entries; i++) {
		if (!c->entry[i].st)
			return i;
	}
	if (c->n_entries < c->cap)
		return c->n_entries;
	grown = realloc(c->entry, (size_t)cap * sizeof *grown);
	if (!grown)
		return -1;
	memset(grown + c->cap, 0, (size_t)(cap - c->cap) * sizeof *grown);
	c->entry = grown;
	c->cap = cap;
	return c->n_entries;
}

enum rc conditions_add(struct conditions *c, const char *sql, int *number, char *why, size_t why_size)
{
	sqlite3_stmt *st = NULL;
	char *copy;
	enum rc rc;
	int at;

	for (int i = 0; i < c->n_entries; i++) {
		if (c->entry[i].st && strcmp(c->entry[i].sql, sql) == 0) {
			c->entry[i].users++;
			*number = i;
			return RC_OK;
		}
	}
	at = free_place(c);
	if (at < 0)
		return RC_NOMEM;
	if (at >= CONDITIONS_MAX) {
		(void)snprintf(why, why_size, "more than %d conditions", CONDITIONS_MAX);
		return RC_FULL;
	}
	rc = compile(c, sql, &st, why, why_size);
	if (rc != RC_OK)
		return rc;
	copy = strdup(sql);
	if (!copy) {
		(void)sqlite3_finalize(st);
		return RC_NOMEM;
	}
	c->entry[at] = (struct entry){.st = st, .sql = copy, .users = 1};
	if (at == c->n_entries)
		c->n_entries++;
	*number = at;
	return RC_OK;
}

static struct entry *entry_by_number(struct conditions *c, int number)
{
	return number >= 0 && number < c->n_entries && c->entry[number].st ? &c->entry[number] : NULL;
}

void conditions_drop(struct conditions *c, int number)
{
	struct entry *e = entry_by_number(c, number);

	if (!e || --e->users > 0)
		return;
	(void)sqlite3_finalize(e->st);
	free(e->sql);
	*e = (struct entry){0};
}

bool conditions_hold(struct conditions *c, int number, const struct record *record)
{
	struct entry *e = entry_by_number(c, number);
	int code;

	return e && evaluate(c, e->st, record, &code);
}
