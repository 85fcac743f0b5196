/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists: the reader of CSV files, what the loader makes of them, and a search in the largest. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/text.h"
#include "menus/csv.h"
#include "menus/search.h"
#include "tests/menus_world.h"
#include "tests/run_suite.h"

static struct world w;
static char folder[] = "/tmp/test_list.XXXXXX";
static char conf[64], csv_file[64];

static void setup(void)
{
	world_init(&w);
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(conf, sizeof(conf), "%s/list.conf", folder);
	snprintf(csv_file, sizeof(csv_file), "%s/towns.csv", folder);
}

static void teardown(void)
{
	unlink(conf);
	unlink(csv_file);
	rmdir(folder);
	world_fini(&w);
}

/* --- the reader --- */

static const struct {
	const char *text;
	const char *rows; /* cells in < >, rows with their line, or "! line why" */
} texts[] = {
	{"a,b\n1,2\n", "1<a><b>2<1><2>"},
	{"a,b\r\n1,2", "1<a><b>2<1><2>"},
	{"\xef\xbb\xbf"
         "a,b\n\n\n1,\n",
         "1<a><b>4<1><>"},
	{"a;b\n1;2,5\n", "1<a><b>2<1><2,5>"},
	{"\"a\",\"b,c\"\n\"say \"\"hi\"\"\",\"two\nlines\"\nx,y\n",
         "1<a><b,c>2<say \"hi\"><two\nlines>4<x><y>"},
	{"\"\"\n", "1<>"},
	{",\n", "1<><>"},
	{"", ""},
	{"\n\r\n", ""},
	{"a\n\"b\n", "1<a>!3 never closes"},
	{"a\n\"b\"c\n", "1<a>!2 between a quote"},
	{"a\nb\"c\n", "1<a>!2 inside a cell"},
	{"a\rb\n", "!1 carriage return"},
};

START_TEST(reader)
{
	char got[300] = "", *text = strdup(texts[_i].text);
	enum csv_found found;
	struct csv c;
	struct buf b;

	ck_assert_ptr_nonnull(text);
	buf_init(&b, got, sizeof(got));
	csv_init(&c, text);
	while ((found = csv_next(&c)) == CSV_ROW) {
		buf_printf(&b, "%d", c.line);
		for (size_t i = 0; i < c.n; i++)
			buf_printf(&b, "<%s>", c.cell[i]);
	}
	if (found == CSV_BROKEN) {
		const char *wanted = strchr(texts[_i].rows, '!');

		ck_assert_ptr_nonnull(wanted);
		buf_printf(&b, "!%d ", c.line);
		ck_assert_int_eq(strncmp(got, texts[_i].rows, b.len), 0);
		ck_assert_ptr_nonnull(strstr(c.why, strchr(wanted, ' ') + 1));
	} else {
		ck_assert_str_eq(got, texts[_i].rows);
	}
	free(text);
}
END_TEST

START_TEST(too_many_cells)
{
	char text[CSV_CELLS + 3];
	struct csv c;

	memset(text, ',', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	csv_init(&c, text);
	ck_assert_int_eq(csv_next(&c), CSV_BROKEN);
}
END_TEST

/* --- the loader --- */

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static enum rc load(const char *csv, const char *keys)
{
	char text[500];

	snprintf(text, sizeof(text),
	         "code = \"*5#\"; languages = [ \"en\", \"sw\" ]; start = \"a\"; screens = { a = { say = "
	         "\"Town?\";\n"
	         "list = { from = \"towns.csv\"; save = \"town\"; %s }; next = \"z\"; }; z = { end = "
	         "\"{town}\"; }; };",
	         keys);
	write_text(conf, text);
	write_text(csv_file, csv);
	return world_load_file(&w, conf);
}

START_TEST(columns)
{
	const struct book_screen *s;
	uint64_t version;

	ck_assert_int_eq(load("Code,name,name_sw,county\n47,Nairobi,Nairobi,\n1,  Mombasa  "
	                      "town,Mvita,\"Coast, the\"\n",
	                      "show = \"{name} ({county|-})\"; value = \"code\";"),
	                 RC_OK);
	s = &w.book->screen[0];
	ck_assert_uint_eq(s->list.n_rows, 2);
	ck_assert_str_eq(s->list.row[0].value, "47");
	ck_assert_str_eq(book_say(&s->list.row[0].label, 0), "Nairobi (-)");
	ck_assert_ptr_eq(s->list.row[0].label.in[0], s->list.row[0].label.in[1]);
	ck_assert_str_eq(book_say(&s->list.row[1].label, 0), "Mombasa town (Coast, the)");
	ck_assert_str_eq(book_say(&s->list.row[1].label, 1), "Mvita (Coast, the)");
	ck_assert_uint_eq(s->list.by_value[0], 1); /* "1" before "47" */
	version = w.book->version;
	strcpy(w.value[1], "1");
	world_begin(&w, "*5#");
	world_type(&w, "1");
	ck_assert_str_eq(w.out.text, "Nairobi (-)");
	book_unref(w.book);
	w.book = NULL;
	ck_assert_int_eq(load("name\nNairobi\n", ""), RC_OK); /* the first column is value and label */
	ck_assert_str_eq(w.book->screen[0].list.row[0].value, "Nairobi");
	ck_assert(w.book->version != version); /* another list is another version */
}
END_TEST

static const struct {
	const char *csv, *keys;
	int line; /* of the CSV file; 0 = the menu file's message */
	const char *what;
} bads[] = {
	{"", "", 0, "the file is empty"},
	{"name\n", "", 1, "the list is empty"},
	{"name,county\nNairobi\n", "", 2, "not as many cells"},
	{"name\nNairobi\nNairobi\n", "", 0, "two rows of this list save \"Nairobi\""},
	{"name\n \n", "", 2, "cannot be saved"},
	{"name\nA\n\"B\n", "", 4, "never closes"},
	{"name\n\"A\nB\"\n", "", 2, "breaks its line"},
	{"name\nA\x01\n", "", 2, "breaks its line"},
	{"name\nA\xff\n", "", 2, "not in UTF-8"},
	{"name\nA\n", "show = \"{nmae}\";", 0, "no column \"nmae\""},
	{"name\nA\n", "show = \"{name\";", 0, "names no column"},
	{"name\nA\n", "show = \"{name:date}\";", 0, "names no column"},
	{"name\nA\n", "value = \"cod\";", 0, "no column \"cod\""},
	{"code,name\n1,\n", "show = \"{name}\";", 2, "shows nothing in \"en\""},
	{"name\nWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"
         "WWWWWWWWWW\n",
         "", 2, "far too long"},
};

START_TEST(bad_lists)
{
	bool found = false;

	ck_assert_int_eq(load(bads[_i].csv, bads[_i].keys), RC_SYNTAX);
	for (size_t i = 0; i < findings_count(w.findings); i++) {
		const struct finding *f = findings_at(w.findings, i);

		found = found || (strstr(f->what, bads[_i].what) != NULL && *f->remedy != '\0' &&
		                  (bads[_i].line == 0 ? true
		                                      : f->line == bads[_i].line &&
		                                                strstr(f->file, "towns.csv") != NULL));
	}
	if (!found)
		findings_print(w.findings, stderr);
	ck_assert(found);
}
END_TEST

/* Five thousand rows: loaded, paged through, searched; one more is refused. */
START_TEST(the_largest_list)
{
	size_t size = 6000 * 24, len = 0, pages = 0;
	char *text = malloc(size);
	struct timespec from, to;
	uint16_t match[SEARCH_MAX];
	double ms;

	ck_assert_ptr_nonnull(text);
	len += (size_t)snprintf(text, size, "name\n");
	for (int i = 0; i < BOOK_MAX_ROWS; i++)
		len += (size_t)snprintf(text + len, size - len, "Place number %04d\n", i);
	ck_assert_int_eq(load(text, ""), RC_OK);
	world_begin(&w, "*5#");
	do {
		world_type(&w, "98");
		ck_assert(text_fits(w.out.text, w.out.len, 160));
	} while (++pages < 300 && strstr(w.out.text, "98 More") != NULL);
	ck_assert_uint_eq(pages, 249); /* what is behind page 250 is found by typing */
	clock_gettime(CLOCK_MONOTONIC, &from);
	ck_assert_uint_eq(search_rows(&w.book->screen[0], "place", 0, match), SEARCH_MAX);
	ck_assert_uint_eq(search_rows(&w.book->screen[0], "nmuber", 0, match), SEARCH_MAX);
	ck_assert_uint_eq(search_rows(&w.book->screen[0], "elsewhere", 0, match), 0);
	clock_gettime(CLOCK_MONOTONIC, &to);
	ms = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
	ck_assert_msg(ms < 1000, "three searches took %.1f ms", ms); /* about 10 without sanitizers */
	world_type(&w, "4999");
	ck_assert_str_eq(w.value[1], "Place number 4999");
	book_unref(w.book);
	w.book = NULL;
	snprintf(text + len, size - len, "One more\n");
	ck_assert_int_eq(load(text, ""), RC_SYNTAX);
	ck_assert_int_eq(findings_at(w.findings, 0)->line, BOOK_MAX_ROWS + 2);
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("list");
	TCase *t = tcase_create("list");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, reader, 0, (int)(sizeof(texts) / sizeof(texts[0])));
	tcase_add_test(t, too_many_cells);
	tcase_add_test(t, columns);
	tcase_add_loop_test(t, bad_lists, 0, (int)(sizeof(bads) / sizeof(bads[0])));
	tcase_add_test(t, the_largest_list);
	suite_add_tcase(s, t);
	return run_suite(s);
}
