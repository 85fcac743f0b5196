/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record at hand as a table: see condition_record.h. */
#include "storage/condition_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"

/* --- its columns ---------------------------------------------------------------------------------------- */

static bool has_column(const struct condition_record *c, const char *name)
{
	for (size_t i = 0; i < c->n_columns; i++)
		if (strcmp(c->column[i], name) == 0)
			return true;
	return false;
}

/* A column for each purpose that the profile names, unless a field is called so already. */
static void add_purpose(struct condition_record *c, const char *before, const char *purpose)
{
	char *name = c->consent[c->n_consents];

	if (!*purpose || c->n_columns == CONDITION_COLUMNS_MAX)
		return;
	snprintf(name, sizeof c->consent[0], "%s%s", before, purpose);
	if (has_column(c, name))
		return;
	c->column[c->n_columns++] = name;
	c->n_consents++;
}

static void add_purposes(struct condition_record *c, const struct profile *p, const char *before)
{
	for (size_t i = 0; i < p->n_fields; i++)
		add_purpose(c, before, p->field[i].consent);
	for (size_t i = 0; i < p->n_purposes; i++)
		add_purpose(c, before, p->purpose[i].name);
}

void condition_record_init(struct condition_record *c, const struct profile *profile)
{
	*c = (struct condition_record){.profile = profile};
	for (size_t i = 0; i < profile->n_fields; i++)
		c->column[c->n_columns++] = profile->field[i].name;
	for (size_t i = 0; profile_system_columns[i] && c->n_columns < CONDITION_COLUMNS_MAX; i++)
		c->column[c->n_columns++] = profile_system_columns[i];
	add_purposes(c, profile, CONDITION_CONSENT);
	add_purposes(c, profile, CONDITION_REFUSED);
}

/* --- a virtual table of one row ------------------------------------------------------------------------- */

struct cursor {
	sqlite3_vtab_cursor base;
	bool ended;
};

struct table {
	sqlite3_vtab base;
	struct condition_record *owner;
};

static bool is_integer_column(const char *name)
{
	return strcmp(name, "state") != 0 && strcmp(name, "language") != 0;
}

static int table_connect(sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out,
                         char **error)
{
	struct condition_record *c = aux;
	char text[64 + CONDITION_COLUMNS_MAX * (PROFILE_NAME_SIZE + 32)];
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
	else if (strncmp(name, CONDITION_CONSENT, strlen(CONDITION_CONSENT)) == 0)
		sqlite3_result_int(to, record_has_consent(r, name + strlen(CONDITION_CONSENT)));
	else if (strncmp(name, CONDITION_REFUSED, strlen(CONDITION_REFUSED)) == 0)
		sqlite3_result_int(to, record_consent_state(r, name + strlen(CONDITION_REFUSED)) ==
		                               RECORD_CONSENT_REFUSED);
}

/* Values are the record's own memory: it does not change while the statement runs. */
static int cursor_column(sqlite3_vtab_cursor *at, sqlite3_context *to, int column)
{
	const struct condition_record *c = ((struct table *)at->pVtab)->owner;

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

int condition_record_declare(struct condition_record *c, sqlite3 *db)
{
	int code = sqlite3_create_module(db, "record", &table_module, c);

	return code == SQLITE_OK ? sqlite3_exec(db, "SELECT 1 FROM record LIMIT 0", NULL, NULL, NULL) : code;
}
