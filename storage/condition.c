/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Condition: see condition.h; why SQL: docs/adr/0004-conditions-are-sql.md.
 *
 * The record at hand is a virtual table of one row, so a statement fetches only the columns that it names and nothing is
 * bound. Safety is layered: the text must be an expression both inside and outside of parentheses, the
 * authorizer allows one SELECT, the record's columns and a list of functions, and limits bound size, depth and steps.
 */
#include "storage/condition.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/nearest.h"
#include "storage/db.h"
#include "storage/sql.h"

#define SYSTEM_COLUMNS 13
#define PURPOSES_MAX (PROFILE_MAX_FIELDS + PROFILE_MAX_PURPOSES) /* each field may have one of its own */
#define COLUMNS_MAX (SYSTEM_COLUMNS + PROFILE_MAX_FIELDS + 2 * PURPOSES_MAX)
#define CONSENT_COLUMN "consent_" /* consent_profile: does the consent to "profile" stand? */
#define REFUSED_COLUMN "refused_" /* refused_profile: was it refused, or withdrawn? */
#define SQL_MAX 2048              /* bytes of one condition */
#define STEPS_EACH 1000           /* virtual machine steps between looks at the bound */
#define STEPS_LOOKS 50            /* looks after which an evaluation is given up */
#define VALUE_MAX_BYTES 4096      /* longest text that an expression may build */

struct entry {
	sqlite3_stmt *st; /* NULL = free */
	char *sql;
	int users;
};

struct conditions {
	const struct profile *profile;
	sqlite3 *db;
	const char *column[COLUMNS_MAX];
	size_t n_columns;
	char consent[2 * PURPOSES_MAX][sizeof CONSENT_COLUMN + PROFILE_NAME_SIZE];
	size_t n_consents;
	struct entry *entry;
	int n_entries, cap;
	const struct record *now; /* what the virtual table shows; set during an evaluation only */
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

/* --- the record as a virtual table of one row ------------------------------------------------------- */

struct cursor {
	sqlite3_vtab_cursor base;
	bool ended;
};

struct table {
	sqlite3_vtab base;
	struct conditions *owner;
};

static bool is_integer_column(const char *name)
{
	return strcmp(name, "state") != 0 && strcmp(name, "language") != 0;
}

static int table_connect(sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out,
                         char **error)
{
	struct conditions *c = aux;
	char text[64 + COLUMNS_MAX * (PROFILE_NAME_SIZE + 32)];
	struct table *t;
	struct buf b;
	int code;

	(void)argc;
	(void)argv;
	(void)error;
	buf_init(&b, text, sizeof text);
	buf_add(&b, "CREATE TABLE record (");
	for (size_t i = 0; i < c->n_columns; i++) {
		bool integer = i >= c->profile->n_fields && is_integer_column(c->column[i]);

		buf_printf(&b, "%s\"%s\" %s", i ? ", " : "", c->column[i], integer ? "INTEGER" : "TEXT");
	}
	buf_add(&b, ")");
	code = b.cut ? SQLITE_TOOBIG : sqlite3_declare_vtab(db, text);
	if (code != SQLITE_OK)
		return code;
	t = calloc(1, sizeof *t);
	if (!t)
		return SQLITE_NOMEM;
	t->owner = c;
	*out = &t->base;
	return SQLITE_OK;
}

static int table_disconnect(sqlite3_vtab *t)
{
	free(t);
	return SQLITE_OK;
}

static int table_plan(sqlite3_vtab *t, sqlite3_index_info *info)
{
	(void)t;
	info->estimatedCost = 1;
	info->estimatedRows = 1;
	return SQLITE_OK;
}

static int cursor_open(sqlite3_vtab *t, sqlite3_vtab_cursor **out)
{
	struct cursor *c = calloc(1, sizeof *c);

	(void)t;
	if (!c)
		return SQLITE_NOMEM;
	*out = &c->base;
	return SQLITE_OK;
}

static int cursor_close(sqlite3_vtab_cursor *c)
{
	free(c);
	return SQLITE_OK;
}

static int cursor_filter(sqlite3_vtab_cursor *c, int number, const char *name, int argc, sqlite3_value **argv)
{
	(void)number;
	(void)name;
	(void)argc;
	(void)argv;
	((struct cursor *)c)->ended = false;
	return SQLITE_OK;
}

static int cursor_next(sqlite3_vtab_cursor *c)
{
	((struct cursor *)c)->ended = true;
	return SQLITE_OK;
}

static int cursor_eof(sqlite3_vtab_cursor *c)
{
	return ((struct cursor *)c)->ended;
}

static int cursor_rowid(sqlite3_vtab_cursor *c, sqlite3_int64 *out)
{
	(void)c;
	*out = 1;
	return SQLITE_OK;
}

static void system_value(sqlite3_context *to, const struct record *r, const char *name)
{
	if (strcmp(name, "registered") == 0)
		sqlite3_result_int(to, record_is_registered(r));
	else if (strcmp(name, "state") == 0)
		sqlite3_result_text(to, subscriber_state_name(record_state(r)), -1, SQLITE_STATIC);
	else if (strcmp(name, "language") == 0)
		sqlite3_result_text(to, record_language(r), -1, SQLITE_STATIC);
	else if (strcmp(name, "first_seen") == 0)
		sqlite3_result_int64(to, record_first_seen_ms(r));
	else if (strcmp(name, "last_seen") == 0)
		sqlite3_result_int64(to, record_last_seen_ms(r));
	else if (strcmp(name, "msisdn") == 0)
		sqlite3_result_int64(to, record_msisdn(r));
	else if (strcmp(name, "stopped") == 0)
		sqlite3_result_int(to, record_is_stopped(r));
	else if (strcmp(name, "verified") == 0)
		sqlite3_result_int(to, record_state(r) == SUBSCRIBER_VERIFIED);
	else if (strcmp(name, "must_register") == 0)
		sqlite3_result_int(to, record_must_register(r));
	else if (strcmp(name, "grace_days") == 0 && record_grace_days(r) >= 0)
		sqlite3_result_int(to, record_grace_days(r));
	else if (strcmp(name, "referrals") == 0)
		sqlite3_result_int64(to, record_referrals(r));
	else if (strcmp(name, "related") == 0)
		sqlite3_result_int64(to, record_related(r));
	else if (strcmp(name, "referred") == 0)
		sqlite3_result_int(to, record_is_referred(r));
	else if (strncmp(name, CONSENT_COLUMN, strlen(CONSENT_COLUMN)) == 0)
		sqlite3_result_int(to, record_has_consent(r, name + strlen(CONSENT_COLUMN)));
	else if (strncmp(name, REFUSED_COLUMN, strlen(REFUSED_COLUMN)) == 0)
		sqlite3_result_int(to, record_consent_state(r, name + strlen(REFUSED_COLUMN)) ==
		                               RECORD_CONSENT_REFUSED);
}

/* Values are the record's own memory: it does not change while the statement runs. */
static int cursor_column(sqlite3_vtab_cursor *at, sqlite3_context *to, int column)
{
	const struct conditions *c = ((struct table *)at->pVtab)->owner;

	if (!c->now || column < 0 || (size_t)column >= c->n_columns)
		return SQLITE_ERROR;
	if ((size_t)column >= c->profile->n_fields) {
		system_value(to, c->now, c->column[column]);
	} else {
		const char *value = record_value(c->now, (size_t)column);

		if (value)
			sqlite3_result_text(to, value, -1, SQLITE_STATIC);
	}
	return SQLITE_OK;
}

static const sqlite3_module table_module = {
	.iVersion = 1,
	.xConnect = table_connect,
	.xDisconnect = table_disconnect,
	.xBestIndex = table_plan,
	.xOpen = cursor_open,
	.xClose = cursor_close,
	.xFilter = cursor_filter,
	.xNext = cursor_next,
	.xEof = cursor_eof,
	.xColumn = cursor_column,
	.xRowid = cursor_rowid,
};

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
	    (!b[0] || known(b, c->column, c->n_columns)))
		return SQLITE_OK;
	if (action == SQLITE_FUNCTION && b && known(b, functions, FUNCTIONS))
		return SQLITE_OK;
	if (c->denied[0])
		return SQLITE_DENY;
	if (action == SQLITE_FUNCTION && b)
		say_unknown(c->denied, sizeof c->denied, "function", b, functions, FUNCTIONS);
	else if (action == SQLITE_READ && a && b && strcmp(a, "record") == 0)
		say_unknown(c->denied, sizeof c->denied, "name", b, c->column, c->n_columns);
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
		{SQLITE_LIMIT_LENGTH, VALUE_MAX_BYTES}, {SQLITE_LIMIT_SQL_LENGTH, SQL_MAX + 64},
		{SQLITE_LIMIT_COLUMN, COLUMNS_MAX + 1}, {SQLITE_LIMIT_EXPR_DEPTH, 64},
		{SQLITE_LIMIT_COMPOUND_SELECT, 1},      {SQLITE_LIMIT_VDBE_OP, 5000},
		{SQLITE_LIMIT_FUNCTION_ARG, 16},        {SQLITE_LIMIT_ATTACHED, 0},
		{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64}, {SQLITE_LIMIT_VARIABLE_NUMBER, 1},
		{SQLITE_LIMIT_TRIGGER_DEPTH, 1},        {SQLITE_LIMIT_WORKER_THREADS, 0},
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
	code = sqlite3_create_module(c->db, "record", &table_module, c);
	if (code == SQLITE_OK) /* declares the table, which the authorizer would refuse */
		code = sqlite3_exec(c->db, "SELECT 1 FROM record LIMIT 0", NULL, NULL, NULL);
	limits_set(c->db);
	if (code == SQLITE_OK)
		code = sqlite3_set_authorizer(c->db, authorize, c);
	sqlite3_progress_handler(c->db, STEPS_EACH, look, c);
	return code;
}

/* A column for each purpose that the profile names, unless a field is called so already. */
static void add_purpose(struct conditions *c, const char *before, const char *purpose)
{
	char *name = c->consent[c->n_consents];

	if (!*purpose || c->n_columns == COLUMNS_MAX)
		return;
	snprintf(name, sizeof c->consent[0], "%s%s", before, purpose);
	if (known(name, c->column, c->n_columns))
		return;
	c->column[c->n_columns++] = name;
	c->n_consents++;
}

static void add_purposes(struct conditions *c, const struct profile *p, const char *before)
{
	for (size_t i = 0; i < p->n_fields; i++)
		add_purpose(c, before, p->field[i].consent);
	for (size_t i = 0; i < p->n_purposes; i++)
		add_purpose(c, before, p->purpose[i].name);
}

enum rc conditions_new(const struct profile *profile, struct conditions **out)
{
	struct conditions *c = calloc(1, sizeof *c);

	if (!c)
		return RC_NOMEM;
	c->profile = profile;
	for (size_t i = 0; i < profile->n_fields; i++)
		c->column[c->n_columns++] = profile->field[i].name;
	for (size_t i = 0; profile_system_columns[i] && c->n_columns < COLUMNS_MAX; i++)
		c->column[c->n_columns++] = profile_system_columns[i];
	add_purposes(c, profile, CONSENT_COLUMN);
	add_purposes(c, profile, REFUSED_COLUMN);
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
		if (strstr(sql, quoted) && !nearest_word(name, c->column, c->n_columns))
			(void)snprintf(why, why_size,
			               "unknown name \"%.40s\"; a text stands in single quotes: '%.40s'",
			               name, name);
		else
			say_unknown(why, why_size, "name", name, c->column, c->n_columns);
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

	c->now = r;
	c->looks = 0;
	*code = sqlite3_step(st);
	holds = *code == SQLITE_ROW && sqlite3_column_int(st, 0) != 0;
	(void)sqlite3_reset(st);
	c->now = NULL;
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
