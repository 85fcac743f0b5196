/* SPDX-License-Identifier: GPL-3.0-or-later */
/* docs/privacy.md names every place where personal data is kept: each column of each table of the schema stands in its first
 * table, with what it is, whether it is encrypted, how long it is kept, who may see it and why; and nothing stands there that
 * is not in the schema. What it calls sealed is sealed in a store that was written to, and what it calls blank is blank.
 */
#include "gateway/options.h"
#include "storage/query_fates.h"
#include "storage/retention_kinds.h"
#include "tests/store_world.h"

#define DOC SRCDIR "/docs/privacy.md"
#define CELLS 7
#define LINES_MAX 200
#define LINE_SIZE 4096

struct line {
	char text[LINE_SIZE];
	char *cell[CELLS]; /* table, columns, what, encrypted, kept, who, why */
};

static struct line lines[LINES_MAX];
static size_t n_lines;
static struct world world;

/* Cells of "| a | b |", without the blanks around; false: this is no row of the first table. */
static bool split(struct line *l)
{
	char *at = l->text;
	size_t n = 0;

	if (strncmp(at, "| `", 3) != 0)
		return false;
	while (n < CELLS && (at = strchr(at, '|')) != NULL) {
		char *end = strchr(at + 1, '|');

		if (!end)
			break;
		*at++ = '\0';
		at += strspn(at, " ");
		l->cell[n] = at;
		for (char *last = end - 1; last >= at && *last == ' '; last--)
			*last = '\0';
		n++;
		at = end;
	}
	if (at != NULL)
		*at = '\0';
	return n == CELLS;
}

static void read_doc(void)
{
	FILE *f = fopen(DOC, "re");

	ck_assert_msg(f != NULL, DOC " cannot be read");
	n_lines = 0;
	while (n_lines < LINES_MAX && fgets(lines[n_lines].text, LINE_SIZE, f)) {
		struct line *l = &lines[n_lines];

		ck_assert_msg(strchr(l->text, '\n') != NULL, DOC ": a line is longer than %d", LINE_SIZE);
		if (strncmp(l->text, "## Beside", 9) == 0)
			break;
		n_lines += split(l);
	}
	(void)fclose(f);
	ck_assert_uint_gt(n_lines, 40);
}

static bool names(const struct line *l, const char *table, const char *column)
{
	char wanted[96];

	(void)snprintf(wanted, sizeof wanted, "`%s`", table);
	if (strcmp(l->cell[0], wanted) != 0)
		return false;
	(void)snprintf(wanted, sizeof wanted, "`%s`", column);
	return strstr(l->cell[1], wanted) != NULL;
}

static const struct line *line_of(const char *table, const char *column)
{
	for (size_t i = 0; i < n_lines; i++)
		if (names(&lines[i], table, column))
			return &lines[i];
	return NULL;
}

static void setup(void)
{
	world_init(&world);
	world.profile.field[FIELD_NAME].is_private = world.profile.field[FIELD_NAME].is_findable = true;
	world_open(&world);
	read_doc();
}

static void teardown(void)
{
	world_end(&world);
}

typedef void column_fn(const char *table, const char *column);

static int each_column(column_fn *fn)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	int n = 0;

	ck_assert_int_eq(sqlite3_open_v2(world.path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	ck_assert_int_eq(
		sqlite3_prepare_v2(
			db,
			"SELECT m.name, t.name FROM sqlite_master m, pragma_table_info(m.name) t "
			"WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, t.cid",
			-1, &st, NULL),
		SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		fn((const char *)sqlite3_column_text(st, 0), (const char *)sqlite3_column_text(st, 1));
		n++;
	}
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	return n;
}

/* profile.conf's own columns stand for themselves. */
static const char *documented(const char *table, const char *column)
{
	if (strcmp(table, "profile") != 0)
		return column;
	if (profile_field_by_name(&world.profile, column) >= 0)
		return "FIELD";
	return strncmp(column, "_from_", 6) == 0 ? "_from_FIELD" : column;
}

static void column_is_there(const char *table, const char *column)
{
	ck_assert_msg(
		line_of(table, documented(table, column)) != NULL,
		"docs/privacy.md says nothing of %s.%s: add it to its table (what it is, encrypted or not, how long it is "
		"kept, who may see it, why)",
		table, column);
}

START_TEST(each_column_is_in_the_table)
{
	ck_assert_int_gt(each_column(column_is_there), 200);
}
END_TEST

/* --- and the other way round --------------------------------------------------------------------------------------- */

static const char *wanted_table, *wanted_column;
static bool is_found;

static void look_for(const char *table, const char *column)
{
	is_found |= strcmp(table, wanted_table) == 0 && strcmp(documented(table, column), wanted_column) == 0;
}

START_TEST(each_name_is_in_the_schema)
{
	for (size_t i = 0; i < n_lines; i++) {
		char table[96], columns[LINE_SIZE], *save = NULL;

		ck_assert_int_eq(sscanf(lines[i].cell[0], "`%95[a-z_]`", table), 1);
		(void)snprintf(columns, sizeof columns, "%s", lines[i].cell[1]);
		for (char *c = strtok_r(columns, "`, ", &save); c; c = strtok_r(NULL, "`, ", &save)) {
			wanted_table = table;
			wanted_column = c;
			is_found = false;
			(void)each_column(look_for);
			ck_assert_msg(is_found,
			              "docs/privacy.md speaks of %s.%s, and there is no such column", table,
			              c);
		}
	}
}
END_TEST

START_TEST(each_row_says_all)
{
	for (size_t i = 0; i < n_lines; i++)
		for (size_t c = 0; c < CELLS; c++)
			ck_assert_msg(*lines[i].cell[c] != '\0', "docs/privacy.md: %s %s: cell %zu is empty",
			              lines[i].cell[0], lines[i].cell[1], c + 1);
}
END_TEST

/* --- does it say the truth ----------------------------------------------------------------------------------------- */

static bool is_said_sealed(const char *table, const char *column)
{
	const struct line *l = line_of(table, documented(table, column));

	ck_assert_ptr_nonnull(l);
	return strncmp(l->cell[3], "sealed", 6) == 0;
}

/* A text of ours ("~..."), in whatever column: the document calls it sealed, or leaves it to profile.conf. */
static void sealed_is_called_so(const char *table, const char *column)
{
	char text[400];
	const struct line *l = line_of(table, documented(table, column));

	(void)snprintf(text, sizeof text, "SELECT count(*) FROM \"%s\" WHERE \"%s\" GLOB '~*'", table,
	               column);
	if (world_sql(&world, text) == 0)
		return;
	ck_assert_ptr_nonnull(l);
	ck_assert_msg(strncmp(l->cell[3], "sealed", 6) == 0 ||
	                      strncmp(l->cell[3], "as profile.conf", 15) == 0,
	              "docs/privacy.md: %s.%s is sealed in the store, and the table says \"%s\"", table,
	              column, l->cell[3]);
}

/* What was told, in clear, in whatever column: none that the document calls sealed. */
static void clear_is_not_called_sealed(const char *table, const char *column)
{
	char text[400];

	(void)snprintf(text, sizeof text,
	               "SELECT count(*) FROM \"%s\" WHERE typeof(\"%s\") = 'text' AND \"%s\" GLOB '*Asha*'",
	               table, column, column);
	ck_assert_msg(world_sql(&world, text) == 0, "%s.%s holds a private value in clear", table, column);
	(void)is_said_sealed(table, column);
}

START_TEST(what_is_sealed_is_called_sealed)
{
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	ck_assert(is_said_sealed("outbox", "text"));
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile WHERE name GLOB '~*'"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox WHERE text GLOB '~*'"), 1);
	(void)each_column(sealed_is_called_so);
	(void)each_column(clear_is_not_called_sealed);
}
END_TEST

/* A number that was given out: only columns that the document says so of hold it. */
static void number_is_told(const char *table, const char *column)
{
	char text[400];
	const struct line *l = line_of(table, documented(table, column));

	(void)snprintf(text, sizeof text,
	               "SELECT count(*) FROM \"%s\" WHERE CAST(\"%s\" AS TEXT) GLOB '*254700000001*'", table,
	               column);
	if (world_sql(&world, text) == 0)
		return;
	ck_assert_ptr_nonnull(l);
	ck_assert_msg(strcmp(column, "msisdn") == 0 || strcmp(column, "route") == 0,
	              "%s.%s holds a number, and docs/privacy.md does not tell", table, column);
}

static void number_is_gone(const char *table, const char *column)
{
	char text[400];

	(void)snprintf(text, sizeof text,
	               "SELECT count(*) FROM \"%s\" WHERE CAST(\"%s\" AS TEXT) GLOB '*254700000001*'", table,
	               column);
	ck_assert_msg(world_sql(&world, text) == 0, "%s.%s holds the number of somebody who was erased",
	              table, column);
	(void)snprintf(text, sizeof text,
	               "SELECT count(*) FROM \"%s\" WHERE typeof(\"%s\") = 'text' AND \"%s\" GLOB '*Kisumu*'",
	               table, column, column);
	ck_assert_msg(world_sql(&world, text) == 0, "%s.%s holds what an erased one has told", table, column);
}

START_TEST(numbers_are_where_it_says)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);

	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	(void)each_column(number_is_told);
	ck_assert_int_eq(store_batch_save(b, FIELD_TOWN, "Nakuru"), RC_OK); /* Kisumu is history */
	ck_assert_int_eq(store_batch_copy(b, STORE_CH_USSD), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_USSD, "asked"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	(void)each_column(number_is_gone);
}
END_TEST

/* After an erasure there is nothing left of what starhash erase calls destroyed. */
START_TEST(what_is_called_destroyed_is_gone)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);
	int64_t before[QUERY_FATES_MAX], after[QUERY_FATES_MAX];
	struct query *q = NULL;
	bool doomed = true;
	int any = 0;

	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	ck_assert_int_eq(store_batch_save(b, FIELD_TOWN, "Nakuru"), RC_OK);
	ck_assert_int_eq(store_batch_copy(b, STORE_CH_USSD), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert_int_eq(
		world_exec(
			&world,
			"INSERT INTO sms_part (smsc, message_id, notice, part, state, at) VALUES ('a', 'b', 1, 1, "
			"'delivered', 1); INSERT INTO verification (subscriber, at, proof) VALUES (1, 1, 'x'); "
			"INSERT INTO subscriber (id, first_seen, last_seen) VALUES (2, 1, 1); "
			"INSERT INTO relation (a, b, type, state, most, made, lasts, expires) VALUES "
			"(1, 2, 'household', 'accepted', 6, 1, 1, 1)"),
		SQLITE_OK);
	ck_assert_int_eq(query_open(world.path, &world.profile, &q, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(query_fates_count_rows(q, 1, before), RC_OK);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_USSD, "asked"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert_int_eq(query_fates_count_rows(q, 1, after), RC_OK);
	ck_assert_int_eq(query_key_is_doomed(q, 1, &doomed), RC_OK);
	query_close(q);
	ck_assert(!doomed);
	for (size_t i = 0; i < query_fates_count; i++) {
		const struct query_fate *f = &query_fates[i];

		if (f->kind == QUERY_FATE_DESTROYED) {
			ck_assert_msg(before[i] > 0, "%s: the test must have some", f->what);
			ck_assert_msg(after[i] == 0, "%s: %lld are left", f->what, (long long)after[i]);
			any++;
		} else {
			ck_assert_msg(after[i] >= before[i] || strcmp(f->what, "verifications") == 0,
			              "%s: went, and is called kept", f->what);
			ck_assert_msg(f->why && *f->why, "%s: kept without a reason", f->what);
		}
	}
	ck_assert_int_ge(any, 6);
}
END_TEST

static bool is_option(const char *option)
{
	for (size_t i = 0; i < options_main_count; i++) {
		char name[100];

		(void)snprintf(name, sizeof name, "%s.%s", options_main[i].group, options_main[i].name);
		if (strcmp(name, option) == 0)
			return true;
	}
	return false;
}

/* Wherever somebody is told "for as long as retention.x says", there is such an option. */
START_TEST(options_that_are_named_exist)
{
	for (size_t i = 0; i < query_fates_count; i++)
		if (query_fates[i].option)
			ck_assert_msg(is_option(query_fates[i].option), "there is no option %s",
			              query_fates[i].option);
	for (size_t i = 0; i < n_lines; i++) {
		for (const char *at = lines[i].cell[4]; (at = strstr(at, "`retention.")) != NULL; at++) {
			char option[64] = "";

			ck_assert_int_eq(sscanf(at, "`%63[a-z_.]`", option), 1);
			ck_assert_msg(is_option(option), "docs/privacy.md: there is no option %s", option);
		}
	}
	for (size_t i = 0; i < retention_kinds_count; i++) {
		char option[64];

		(void)snprintf(option, sizeof option, "retention.%s", retention_kinds[i].what);
		ck_assert_msg(retention_kinds[i].kept == SIZE_MAX || is_option(option),
		              "there is no option %s", option);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("privacy");
	TCase *tc = tcase_create("privacy");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_column_is_in_the_table);
	tcase_add_test(tc, each_name_is_in_the_schema);
	tcase_add_test(tc, each_row_says_all);
	tcase_add_test(tc, what_is_sealed_is_called_sealed);
	tcase_add_test(tc, numbers_are_where_it_says);
	tcase_add_test(tc, what_is_called_destroyed_is_gone);
	tcase_add_test(tc, options_that_are_named_exist);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
