/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Import CSV: see import_csv.h. Cells are menus/csv.h's, in a copy of the record. */
#include "tools/import_csv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/nearest.h"
#include "core/text.h"
#include "menus/csv.h"
#include "tools/safe.h"

#define NAME_SIZE 96 /* of a column */
#define BOM "\xef\xbb\xbf"

enum column_kind { COLUMN_REMARK, COLUMN_SYSTEM, COLUMN_FIELD, COLUMN_CONSENT };

struct column {
	enum column_kind kind;
	size_t at; /* of SYSTEM: in the list of names; of FIELD: which; of CONSENT: which purpose of this file */
	size_t part; /* of CONSENT: in the list of names */
	char name[NAME_SIZE];
};

struct import_csv {
	const struct import_plan *plan;
	size_t n_columns, n_purposes;
	struct column column[CSV_CELLS];
	char purpose[PROFILE_MAX_PURPOSES][PROFILE_NAME_SIZE];
	char separator;
	struct csv csv;
	char *copy; /* of the record: IMPORT_LINE_MAX and a NUL */
};

struct import_csv *import_csv_new(const struct import_plan *plan)
{
	struct import_csv *c = calloc(1, sizeof *c);

	if (c)
		c->copy = malloc(IMPORT_LINE_MAX + 1);
	if (!c || !c->copy) {
		free(c);
		return NULL;
	}
	c->plan = plan;
	return c;
}

void import_csv_free(struct import_csv *c)
{
	if (!c)
		return;
	explicit_bzero(c->copy, IMPORT_LINE_MAX);
	free(c->copy);
	free(c);
}

char import_csv_separator(const struct import_csv *c)
{
	return c->separator;
}

/* --- the header ---------------------------------------------------------------------------------------------------- */

static bool wrong(char *why, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static bool wrong(char *why, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, size, format, args);
	va_end(args);
	return false;
}

/* Everything that a column may be called, for the nearest one. */
static const char *nearest(const struct import_csv *c, const char *name, char found[NAME_SIZE])
{
	const struct profile *p = c->plan->profile;
	char text[(PROFILE_MAX_PURPOSES + PROFILE_MAX_FIELDS) * 8][NAME_SIZE];
	const char *list[sizeof text / sizeof text[0] + 16], *near;
	size_t n = 0, n_text = 0;

	for (size_t i = 0; import_system_names[i]; i++)
		list[n++] = import_system_names[i];
	for (size_t i = 0; i < p->n_fields; i++)
		list[n++] = p->field[i].name;
	for (size_t i = 0; i < p->n_purposes; i++) {
		(void)snprintf(text[n_text], NAME_SIZE, "consent.%s", p->purpose[i].name);
		list[n++] = text[n_text++];
		for (size_t k = 1; import_consent_names[k]; k++) {
			(void)snprintf(text[n_text], NAME_SIZE, "consent.%s.%s", p->purpose[i].name,
			               import_consent_names[k]);
			list[n++] = text[n_text++];
		}
	}
	near = nearest_word(name, list, n);
	if (!near)
		return NULL;
	(void)snprintf(found, NAME_SIZE, "%s", near);
	return found;
}

static bool unknown(const struct import_csv *c, const char *name, char *why, size_t size)
{
	char found[NAME_SIZE];
	const char *near = nearest(c, name, found), *shown = SAFE(name);

	(void)snprintf(why, size,
	               "unknown column \"%.60s\"%s%s%s; a column that is not to be read is called _%.60s",
	               shown, near ? "; did you mean \"" : "", near ? near : "", near ? "\"" : "", shown);
	return false;
}

/* "consent.PURPOSE" or "consent.PURPOSE.PART"; `rest` is behind "consent.". */
static bool consent_column(struct import_csv *c, const char *rest, struct column *out, char *why, size_t size)
{
	size_t len = strcspn(rest, ".");
	char purpose[PROFILE_NAME_SIZE];
	const char *part = rest[len] ? rest + len + 1 : import_consent_names[0];

	if (len == 0 || len >= sizeof purpose)
		return unknown(c, out->name, why, size);
	memcpy(purpose, rest, len);
	purpose[len] = '\0';
	for (out->part = 0; import_consent_names[out->part]; out->part++)
		if (strcmp(import_consent_names[out->part], part) == 0)
			break;
	if (!import_consent_names[out->part] || !profile_takes_purpose(c->plan->profile, purpose))
		return unknown(c, out->name, why, size);
	for (out->at = 0; out->at < c->n_purposes; out->at++)
		if (strcmp(c->purpose[out->at], purpose) == 0)
			break;
	if (out->at == PROFILE_MAX_PURPOSES)
		return wrong(why, size, "%s: more purposes than a subscriber may have", out->name);
	if (out->at == c->n_purposes)
		memcpy(c->purpose[c->n_purposes++], purpose, len + 1);
	out->kind = COLUMN_CONSENT;
	return true;
}

static bool column_of(struct import_csv *c, const char *name, struct column *out, char *why, size_t size)
{
	int field = profile_field_by_name(c->plan->profile, name);

	if (strlen(name) >= NAME_SIZE)
		return unknown(c, name, why, size);
	if (strcmp(SAFE(name), name) != 0)
		return wrong(why, size,
		             "the column \"%.60s\" has signs in its name that cannot be seen; leave them out",
		             SAFE(name));
	*out = (struct column){.kind = COLUMN_REMARK};
	memcpy(out->name, name, strlen(name) + 1);
	if (name[0] == '_')
		return true;
	for (size_t i = 0; import_system_names[i]; i++) {
		if (strcmp(name, import_system_names[i]) == 0) {
			out->kind = COLUMN_SYSTEM;
			out->at = i;
			return true;
		}
	}
	if (field >= 0) {
		out->kind = COLUMN_FIELD;
		out->at = (size_t)field;
		return true;
	}
	if (strncmp(name, "consent.", 8) == 0)
		return consent_column(c, name + 8, out, why, size);
	return unknown(c, name, why, size);
}

static bool is_other_encoding(const struct import_record *r)
{
	return r->len >= 2 && (memcmp(r->text, "\xff\xfe", 2) == 0 || memcmp(r->text, "\xfe\xff", 2) == 0);
}

static bool header_cells(struct import_csv *c, const struct import_record *record, char *why, size_t size)
{
	size_t skip = record->len >= 3 && memcmp(record->text, BOM, 3) == 0 ? 3 : 0;

	if (is_other_encoding(record))
		return wrong(why, size, "it is UTF-16; save it as UTF-8: iconv -f UTF-16 -t UTF-8");
	if (record->nul > 0 || !text_utf8_valid(record->text, record->len))
		return wrong(why, size, "the first line is no text in UTF-8");
	memcpy(c->copy, record->text + skip, record->len - skip);
	c->copy[record->len - skip] = '\0';
	csv_init(&c->csv, c->copy);
	if (!strpbrk(c->copy, ",;") && strchr(c->copy, '\t'))
		return wrong(why, size, "its cells are separated by tabs; write commas or semicolons");
	c->separator = c->csv.separator;
	return csv_next(&c->csv) == CSV_ROW || wrong(why, size, "the first line: %s", c->csv.why);
}

bool import_csv_header(struct import_csv *c, const struct import_record *record, char *why, size_t why_size)
{
	bool has_number = false;

	if (!header_cells(c, record, why, why_size))
		return false;
	c->n_columns = c->csv.n;
	/* Before any of it is repeated: a file without a first line of names begins with somebody (promise 9). */
	for (size_t i = 0; i < c->n_columns && !has_number; i++)
		has_number = strcmp(c->csv.cell[i], import_system_names[0]) == 0;
	for (size_t i = 0; has_number && i < c->n_columns; i++) {
		if (!column_of(c, c->csv.cell[i], &c->column[i], why, why_size))
			return false;
		for (size_t k = 0; k < i; k++)
			if (c->column[i].kind != COLUMN_REMARK &&
			    strcmp(c->column[i].name, c->column[k].name) == 0)
				return wrong(why, why_size, "the column \"%s\" is there twice",
				             c->column[i].name);
	}
	return has_number || wrong(why, why_size,
	                           "no column \"msisdn\"; the first line names the columns, such as: "
	                           "msisdn,language,town,consent.profile.words,consent.profile.at");
}

/* --- a row ----------------------------------------------------------------------------------------------------------- */

static const char *name_of(const struct import_csv *c, size_t cell)
{
	return cell < c->n_columns ? c->column[cell].name : "behind the last column";
}

/* Which cell is no text? */
static void encoding_fault(const struct import_csv *c, struct import_row *r)
{
	for (size_t i = 0; i < c->csv.n; i++)
		if (!text_utf8_valid(c->csv.cell[i], strlen(c->csv.cell[i])))
			import_row_fault(r,
			                 "%s: is not UTF-8; convert the file: iconv -f WINDOWS-1252 -t UTF-8",
			                 name_of(c, i));
}

static void put(const struct column *column, const char *text, struct import_row *r)
{
	const char **at = NULL;

	switch (column->kind) {
	case COLUMN_REMARK:
		return;
	case COLUMN_FIELD:
		r->value[column->at] = text;
		return;
	case COLUMN_SYSTEM:
		at = import_row_system(r, import_system_names[column->at]);
		break;
	case COLUMN_CONSENT:
		at = import_consent_part(&r->consent[column->at], import_consent_names[column->part]);
		break;
	}
	if (at)
		*at = text;
}

static bool is_there(const struct import_consent *k)
{
	return (k->state && *k->state) || (k->words && *k->words) || (k->at && *k->at);
}

/* Those of which nothing is said leave the list. */
static void name_consents(const struct import_csv *c, struct import_row *r)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_purposes; i++) {
		struct import_consent *k = &r->consent[n];

		if (!is_there(&r->consent[i]))
			continue;
		if (n != i)
			*k = r->consent[i];
		k->purpose = c->purpose[i];
		(void)snprintf(k->where, sizeof k->where, "consent.%s", c->purpose[i]);
		n++;
	}
	r->n_consents = n;
}

bool import_csv_read(struct import_csv *c, const struct import_record *record, struct import_row *r)
{
	import_row_reset(r);
	memcpy(c->copy, record->text, record->len);
	c->copy[record->len] = '\0';
	csv_init(&c->csv, c->copy);
	c->csv.separator = c->separator;
	if (csv_next(&c->csv) != CSV_ROW) {
		import_row_fault(r, "%s: %s", name_of(c, c->csv.n > 0 ? c->csv.n - 1 : 0), c->csv.why);
		return false;
	}
	if (!text_utf8_valid(record->text, record->len))
		encoding_fault(c, r);
	if (c->csv.n != c->n_columns)
		import_row_fault(r, "has %zu cells, and the first line names %zu columns", c->csv.n,
		                 c->n_columns);
	r->n_consents = c->n_purposes; /* what is reset next time, whatever is found here */
	for (size_t i = 0; i < c->csv.n && r->why[0] == '\0'; i++)
		put(&c->column[i], c->csv.cell[i], r);
	if (r->why[0] == '\0')
		name_consents(c, r);
	return true;
}
