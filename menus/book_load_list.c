/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loader, lists: rows from a CSV file beside the menu file, or written in it (book_load.h). */
#include <ctype.h>
#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "menus/book_load.h"
#include "menus/book_source.h"
#include "menus/csv.h"
#include "menus/letters.h"
#include "menus/template.h"

#define LABEL_MAX 100     /* bytes of one row's label: it has to stand on a page */
#define COMPLAINTS_MAX 10 /* about one file; the rest are likely the same */

/* A CSV file while it is read. */
struct table {
	struct loader *ld;
	const config_setting_t *at; /* the screen's `list` */
	const struct book_screen *screen;
	char path[2 * BOOK_SOURCE_PATH];
	struct csv csv;
	size_t n_columns;
	char *column[CSV_CELLS]; /* the header */
	size_t value;            /* column of what is saved */
	const char *show;
	struct book_row *row;
	size_t n_rows;
	unsigned complaints;
};

static void complain(struct table *t, int rule, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void complain(struct table *t, int rule, const char *remedy, const char *format, ...)
{
	char what[400];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (++t->complaints <= COMPLAINTS_MAX)
		findings_add(t->ld->findings, FINDING_ERROR, t->path, t->csv.line, rule, remedy, "%s", what);
}

static bool is_column(const char *column, const char *name, size_t len, const char *language)
{
	for (size_t i = 0; i < len; i++) {
		if (tolower((unsigned char)column[i]) != tolower((unsigned char)name[i]))
			return false;
	}
	if (language == NULL)
		return column[len] == '\0';
	return column[len] == '_' && strcmp(column + len + 1, language) == 0;
}

/* The column of a name, in a language when there is one; -1. */
static int column_of(const struct table *t, const char *name, size_t len, const char *language)
{
	for (int pass = language == NULL; pass < 2; pass++) {
		for (size_t i = 0; i < t->n_columns; i++) {
			if (is_column(t->column[i], name, len, pass == 0 ? language : NULL))
				return (int)i;
		}
	}
	return -1;
}

static void no_column(struct table *t, const char *key, const char *name)
{
	load_error(t->ld, load_member(t->at, key), 0,
	           load_nearest(t->ld, name, (const char *const *)t->column, t->n_columns,
	                        "name a column of the first line of that file"),
	           "%.60s has no column \"%.40s\"", t->path, name);
}

static bool read_header(struct table *t)
{
	if (csv_next(&t->csv) != CSV_ROW) {
		complain(t, 0, "write the names of the columns in the first line: code,name", "%s",
		         t->csv.why != NULL ? t->csv.why : "the file is empty");
		return false;
	}
	t->n_columns = t->csv.n;
	for (size_t i = 0; i < t->n_columns; i++) {
		letters_tidy(t->csv.cell[i], t->csv.cell[i], strlen(t->csv.cell[i]) + 1);
		t->column[i] = t->csv.cell[i];
	}
	return true;
}

/* `value` and `show`: the columns that they name must be there. */
static bool read_columns(struct table *t)
{
	const config_setting_t *value = load_member(t->at, "value"), *show = load_member(t->at, "show");
	const char *name = value == NULL ? NULL : load_string(t->ld, value, "value", BOOK_TEXT_MAX);
	struct template_piece piece;
	const char *at;
	bool good = value == NULL || name != NULL;

	if (name != NULL) {
		int column = column_of(t, name, strlen(name), NULL);

		t->value = column < 0 ? 0 : (size_t)column;
		if (column < 0)
			no_column(t, "value", name);
		good = column >= 0;
	}
	if (show == NULL)
		return good;
	at = t->show = load_string(t->ld, show, "show", LABEL_MAX);
	while (at != NULL && template_next(&at, &piece)) {
		char column[PROFILE_NAME_SIZE];

		snprintf(column, sizeof(column), "%.*s", (int)piece.len, piece.at);
		if (piece.is_broken || piece.format != TEMPLATE_PLAIN) {
			load_error(t->ld, show, 3, "write show = \"{name}\";",
			           "\"show\" holds a { that names no column");
			good = false;
		} else if (piece.is_variable && column_of(t, piece.at, piece.len, NULL) < 0) {
			no_column(t, "show", column);
			good = false;
		}
	}
	return good && t->show != NULL;
}

static bool is_clean(const char *cell)
{
	for (; *cell != '\0'; cell++) {
		if ((unsigned char)*cell < 0x20 || *cell == 0x7f)
			return false;
	}
	return true;
}

/* The label of the present row in a language, into out[LABEL_MAX + 1]. */
static bool make_label(struct table *t, const char *language, char *out)
{
	const char *at = t->show;
	struct template_piece piece;
	char text[LABEL_MAX + 2];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	if (at == NULL)
		buf_add(&b, t->csv.cell[t->value]);
	while (at != NULL && template_next(&at, &piece)) {
		int column = piece.is_variable ? column_of(t, piece.at, piece.len, language) : -1;

		if (column < 0)
			buf_add_n(&b, piece.at, piece.len);
		else if (t->csv.cell[column][0] != '\0')
			buf_add(&b, t->csv.cell[column]);
		else if (piece.fallback != NULL)
			buf_add_n(&b, piece.fallback, piece.fallback_len);
	}
	if (b.cut || letters_tidy(text, out, LABEL_MAX + 1) > LABEL_MAX) {
		complain(t, 1, "use fewer words: it has to stand on one page",
		         "a row is far too long in \"%s\"", language);
		return false;
	}
	if (*out == '\0')
		complain(t, 4, "fill in the cells that \"show\" names", "a row shows nothing in \"%s\"",
		         language);
	return *out != '\0';
}

static bool keep_label(struct loader *ld, struct book_row *row, size_t language, const char *label)
{
	for (size_t i = 0; i < language && row->label.in[language] == NULL; i++) {
		if (strcmp(row->label.in[i], label) == 0)
			row->label.in[language] = row->label.in[i];
	}
	if (row->label.in[language] == NULL)
		row->label.in[language] = load_strdup(ld, label);
	return row->label.in[language] != NULL;
}

/* May this be saved to the list's field? `why` = what may. */
static bool is_allowed(const struct table *t, const char *value, char why[PROFILE_WHY_SIZE])
{
	return t->screen->list.field < 0 || profile_check(&t->ld->full->profile.field[t->screen->list.field],
	                                                  value, why, PROFILE_WHY_SIZE);
}

static bool read_row(struct table *t)
{
	struct book_row *row = &t->row[t->n_rows];
	struct book *b = t->ld->b;
	char value[PROFILE_VALUE_MAX + 1], label[LABEL_MAX + 2], why[PROFILE_WHY_SIZE];

	memset(row, 0, sizeof(*row));
	if (t->csv.n != t->n_columns) {
		complain(t, 0, "put a cell with separators in quotes: \"Nairobi, West\"",
		         "this row has not as many cells as the first line");
		return true;
	}
	for (size_t i = 0; i < t->csv.n; i++) {
		if (!is_clean(t->csv.cell[i])) {
			complain(t, 0, "take it out", "a cell of column \"%s\" breaks its line",
			         t->column[i]);
			return true;
		}
	}
	if (strlen(t->csv.cell[t->value]) > PROFILE_VALUE_MAX ||
	    letters_tidy(t->csv.cell[t->value], value, sizeof(value)) == 0) {
		complain(t, 0, "give each row a short value of its own",
		         "the cell \"%s\" cannot be saved: it is empty or too long", t->column[t->value]);
		return true;
	}
	if (!is_allowed(t, value, why)) {
		complain(t, 0, load_hint(t->ld, "profile.conf takes %s", why), "\"%s\" cannot be saved here",
		         value);
		return true;
	}
	for (size_t i = 0; i < b->n_languages; i++) {
		if (!make_label(t, b->language[i], label))
			return true;
		if (!keep_label(t->ld, row, i, label))
			return false;
	}
	row->value = load_strdup(t->ld, value);
	t->n_rows += row->value != NULL;
	return row->value != NULL;
}

static void read_rows(struct table *t)
{
	enum csv_found found;

	while ((found = csv_next(&t->csv)) == CSV_ROW) {
		if (t->n_rows == BOOK_MAX_ROWS) {
			complain(t, 0, "divide it, for example by county and town",
			         "this is one row more than a list may have");
			return;
		}
		if (!read_row(t))
			return;
	}
	if (found == CSV_BROKEN)
		complain(t, 0, "compare with the lines above", "%s", t->csv.why);
	else if (t->n_rows == 0 && t->complaints == 0)
		complain(t, 0, "add rows below the first line", "the list is empty");
}

static void load_file(struct table *t)
{
	struct loader *ld = t->ld;
	const config_setting_t *from = load_member(t->at, "from");
	const char *name = load_string(ld, from, "from", 200);
	char *text = NULL;

	if (name == NULL)
		return;
	if (*name == '/' || book_source_data(ld->source, name, t->path, sizeof(t->path), &text) != RC_OK) {
		load_error(ld, from, 0, "put the file beside the menu file and write from = \"towns.csv\";",
		           "the list \"%.80s\" cannot be used", name);
		return;
	}
	/* One more than fits, so that a row can be read before it is known to be good. */
	t->row = malloc((BOOK_MAX_ROWS + 1) * sizeof(*t->row));
	if (t->row == NULL)
		ld->no_memory = true;
	csv_init(&t->csv, text);
	if (t->row != NULL && read_header(t) && read_columns(t))
		read_rows(t);
	free(text);
}

/* rows = ( ( "value", [ "label", "lebo" ] ), ... ) */
static void load_rows(struct table *t)
{
	static const char example[] = "( \"nbi\", \"Nairobi\" ), ( ... )";
	struct loader *ld = t->ld;
	const config_setting_t *rows = load_member(t->at, "rows");
	int n = config_setting_is_list(rows) ? config_setting_length(rows) : 0;
	char why[PROFILE_WHY_SIZE];

	if (n < 1 || n > BOOK_MAX_ROWS) {
		load_error(ld, rows, 0, load_hint(ld, "write rows = ( %s );", example),
		           "\"rows\" must be a list of 1 to %d pairs, each in ( )", BOOK_MAX_ROWS);
		return;
	}
	t->row = calloc((size_t)n, sizeof(*t->row));
	if (t->row == NULL)
		ld->no_memory = true;
	for (int i = 0; t->row != NULL && i < n; i++) {
		const config_setting_t *one = config_setting_get_elem(rows, (unsigned)i);
		struct book_row *row = &t->row[t->n_rows];
		const char *value;

		memset(row, 0, sizeof(*row));
		if (!config_setting_is_list(one) || config_setting_length(one) != 2) {
			load_error(ld, one, 0, load_hint(ld, "write %s", example),
			           "a row must be a pair in ( )");
			continue;
		}
		value = load_string(ld, config_setting_get_elem(one, 0), "the value of a row",
		                    PROFILE_VALUE_MAX);
		if (!load_text(ld, config_setting_get_elem(one, 1), "a row", &row->label) || value == NULL)
			continue;
		if (!is_allowed(t, value, why)) {
			load_error(ld, one, 0, load_hint(ld, "profile.conf takes %s", why),
			           "\"%s\" cannot be saved here", value);
			continue;
		}
		row->value = load_strdup(ld, value);
		t->n_rows += row->value != NULL;
	}
}

static int compare(const void *a, const void *b)
{
	const struct book_row *const *x = a, *const *y = b;

	return strcmp((*x)->value, (*y)->value);
}

/* Copy the rows into the book and sort them by value; no value may stand there twice. */
static void keep_rows(struct table *t, struct book_screen *s)
{
	struct loader *ld = t->ld;
	struct book_row *row = load_alloc(ld, t->n_rows * sizeof(*row));
	uint16_t *order = load_alloc(ld, t->n_rows * sizeof(*order));
	const struct book_row **sorted = calloc(t->n_rows, sizeof(struct book_row *));
	const char *twice = NULL;

	if (row == NULL || order == NULL || sorted == NULL) {
		ld->no_memory = true;
		free(sorted);
		return;
	}
	memcpy(row, t->row, t->n_rows * sizeof(*row));
	for (size_t i = 0; i < t->n_rows; i++)
		sorted[i] = &row[i];
	qsort(sorted, t->n_rows, sizeof(struct book_row *), compare);
	for (size_t i = 0; i < t->n_rows; i++) {
		order[i] = (uint16_t)(sorted[i] - row);
		if (i > 0 && strcmp(sorted[i - 1]->value, sorted[i]->value) == 0)
			twice = sorted[i]->value;
	}
	free(sorted);
	if (twice != NULL)
		load_error(ld, t->at, 0,
		           "give each row a value of its own, or name another column in \"value\"",
		           "two rows of this list save \"%s\"", twice);
	s->list.row = row;
	s->list.by_value = order;
	s->list.n_rows = t->n_rows;
}

void load_list(struct loader *ld, const struct config_setting_t *at, struct book_screen *s)
{
	static const char *const keys[] = {"from", "rows", "show", "value", "save", "once"};
	struct table t = {.ld = ld, .at = at, .screen = s};
	bool has_from, has_rows;

	s->list.field = -1;
	if (!load_group(ld, at, "list", keys, sizeof(keys) / sizeof(keys[0])))
		return;
	s->list.field = load_field(ld, at, false);
	s->once = load_flag(ld, at, "once");
	has_from = load_member(at, "from") != NULL;
	has_rows = load_member(at, "rows") != NULL;
	if (has_from == has_rows) {
		load_error(ld, at, 0,
		           "add from = \"towns.csv\"; or rows = ( ( \"nbi\", \"Nairobi\" ), ... );",
		           has_from ? "a list takes its rows from a file or from \"rows\", not both"
		                    : "the list has no rows");
		return;
	}
	if (has_rows && (load_member(at, "show") != NULL || load_member(at, "value") != NULL))
		load_error(ld, at, 0, "take them out", "\"show\" and \"value\" go with \"from\"");
	if (has_from)
		load_file(&t);
	else
		load_rows(&t);
	if (t.n_rows > 0)
		keep_rows(&t, s);
	free(t.row);
}
