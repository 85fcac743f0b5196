/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Translations in .po files: what is found, what counts as missing, what is complained of, and that no bytes hurt. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "menus/po.h"
#include "tests/menus_world.h"
#include "tests/run_suite.h"

#define HEADER "msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n\n"

static struct findings *findings;
static char folder[] = "/tmp/starhash-po-XXXXXX", menu[80], file[PO_PATH_SIZE];

static void setup(void)
{
	char sub[80];

	strcpy(folder, "/tmp/starhash-po-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(menu, sizeof(menu), "%s/join.conf", folder);
	snprintf(sub, sizeof(sub), "%s/po", folder);
	ck_assert_int_eq(mkdir(sub, 0700), 0);
	ck_assert(po_path(menu, "sw", file));
	findings = findings_new();
}

static void teardown(void)
{
	char sub[80];

	snprintf(sub, sizeof(sub), "%s/po", folder);
	unlink(file);
	unlink(menu);
	rmdir(sub);
	rmdir(folder);
	findings_free(findings);
}

static void put(const char *path, const char *bytes, size_t n)
{
	FILE *to = fopen(path, "w");

	ck_assert_ptr_nonnull(to);
	ck_assert_uint_eq(fwrite(bytes, 1, n, to), n);
	fclose(to);
}

static struct po *load(const char *text)
{
	struct po *po = NULL;

	put(file, text, strlen(text));
	if (po_load(menu, "sw", findings, &po) != RC_OK)
		findings_print(findings, stderr);
	ck_assert_ptr_nonnull(po);
	return po;
}

static void assert_finding(size_t i, enum finding_level level, int line, const char *what)
{
	const struct finding *f;

	ck_assert_uint_gt(findings_count(findings), i);
	f = findings_at(findings, i);
	ck_assert_int_eq(f->level, level);
	ck_assert_int_eq(f->line, line);
	ck_assert_int_eq(f->rule, 4);
	ck_assert_str_eq(f->file, file);
	ck_assert_msg(strstr(f->what, what) != NULL, "%s", f->what);
}

START_TEST(paths)
{
	char out[PO_PATH_SIZE], *longer = malloc(2000);

	ck_assert(po_path("join.conf", "pt-br", out));
	ck_assert_str_eq(out, "po/pt-br.po");
	ck_assert(po_path("/etc/menus/join.conf", "sw", out));
	ck_assert_str_eq(out, "/etc/menus/po/sw.po");
	ck_assert(!po_path("join.conf", "../../etc/x", out));
	memset(longer, 'x', 1999);
	longer[1999] = '\0';
	ck_assert(!po_path("join.conf", longer, out));
	free(longer);
}
END_TEST

START_TEST(nearest_context_wins)
{
	struct po *po = load(HEADER "msgid \"Yes\"\nmsgstr \"anywhere\"\n\n"
	                            "msgctxt \"join\"\nmsgid \"Yes\"\nmsgstr \"in join\"\n\n"
	                            "msgctxt \"join/agree\"\nmsgid \"Yes\"\nmsgstr \"on agree\"\n\n"
	                            "msgid \"Two\\nlines \\\"quoted\\\"\"\nmsgstr \"Mistari\\nmiwili\"\n");
	const char *out = NULL;

	ck_assert_int_eq(po_find(po, "join", "agree", "Yes", &out), PO_FOUND);
	ck_assert_str_eq(out, "on agree");
	ck_assert_int_eq(po_find(po, "join", "home", "Yes", &out), PO_FOUND);
	ck_assert_str_eq(out, "in join");
	ck_assert_int_eq(po_find(po, "join", NULL, "Yes", &out), PO_FOUND);
	ck_assert_str_eq(out, "in join");
	ck_assert_int_eq(po_find(po, "survey", "agree", "Yes", &out), PO_FOUND);
	ck_assert_str_eq(out, "anywhere");
	ck_assert_int_eq(po_find(po, "join", "x", "Two\nlines \"quoted\"", &out), PO_FOUND);
	ck_assert_str_eq(out, "Mistari\nmiwili");
	ck_assert_int_eq(po_find(po, "join", "x", "", &out), PO_MISSING);
	po_free(po);
	ck_assert_uint_eq(findings_count(findings), 0);
}
END_TEST

START_TEST(unfinished_entries_are_missing)
{
	struct po *po =
		load(HEADER "#, fuzzy\nmsgid \"One\"\nmsgstr \"Moja\"\n\nmsgid \"Two\"\nmsgstr \"\"\n\n"
	                    "#~ msgid \"Old\"\n#~ msgstr \"Zamani\"\n");
	const char *out = "untouched";

	ck_assert_int_eq(po_find(po, "join", NULL, "One", &out), PO_FUZZY);
	ck_assert_int_eq(po_find(po, "join", NULL, "Two", &out), PO_EMPTY);
	ck_assert_int_eq(po_find(po, "join", NULL, "Three", &out), PO_MISSING);
	ck_assert_int_eq(po_find(po, "join", NULL, "Old", &out), PO_MISSING);
	ck_assert_str_eq(out, "untouched");
	po_free(po);
}
END_TEST

START_TEST(unused_entries_are_told)
{
	struct po *po = load(HEADER "msgctxt \"join\"\nmsgid \"Used\"\nmsgstr \"A\"\n\n"
	                            "msgctxt \"join\"\nmsgid \"Never\"\nmsgstr \"B\"\n\n"
	                            "msgctxt \"joiner\"\nmsgid \"Others\"\nmsgstr \"C\"\n\n"
	                            "#~ msgctxt \"join\"\n#~ msgid \"Old\"\n#~ msgstr \"D\"\n");
	const char *out;

	ck_assert_int_eq(po_find(po, "join", NULL, "Used", &out), PO_FOUND);
	po_report_unused(po, "join", findings);
	ck_assert_uint_eq(findings_count(findings), 2);
	assert_finding(0, FINDING_WARNING, 9, "no text of \"join\" says \"Never\"");
	assert_finding(1, FINDING_WARNING, 17, "no text of \"join\" says \"Old\" any more");
	po_free(po);
}
END_TEST

static const struct {
	const char *text;
	int line;
	const char *what;
} faults[] = {
	{HEADER "msgid \"x\"\nmsgstr \"y\"\nmsgstr \"z\"\n", 6, "syntax error"},
	{HEADER "msgid \"x\nmsgstr \"y\"\n", 5, "end-of-line"},
	{HEADER "msgid \"x\"\nmsgstr \"y\"\n\nmsgid \"x\"\nmsgstr \"z\"\n", 7, "duplicate"},
	{"msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=ISO-8859-1\\n\"\n", 2, "must be in UTF-8"},
	{HEADER "msgid \"x\"\nmsgstr \"\xff\"\n", 5, "not in UTF-8"},
	{HEADER "msgid \"x\"\nmsgstr \"a\\tb\"\n", 4, "no phone can show"},
	{HEADER "msgid \"x\"\nmsgid_plural \"xs\"\nmsgstr[0] \"y\"\n", 4, "plural"},
	{"<html><body>not found</body></html>\n", 1, "syntax error"},
};

START_TEST(faults_are_findings)
{
	struct po *po = NULL;

	put(file, faults[_i].text, strlen(faults[_i].text));
	ck_assert_int_eq(po_load(menu, "sw", findings, &po), RC_SYNTAX);
	ck_assert_ptr_null(po);
	ck_assert_uint_ge(findings_errors(findings), 1);
	for (size_t i = 0; i < findings_count(findings); i++) {
		const struct finding *f = findings_at(findings, i);

		if (f->line == faults[_i].line && strstr(f->what, faults[_i].what) != NULL)
			return;
	}
	findings_print(findings, stderr);
	ck_abort_msg("not reported: line %d, %s", faults[_i].line, faults[_i].what);
}
END_TEST

START_TEST(what_is_no_file)
{
	struct po *po = NULL;

	ck_assert_int_eq(po_load(menu, "sw", findings, &po), RC_NOTFOUND);
	ck_assert_uint_eq(findings_count(findings), 0);
	ck_assert_int_eq(mkfifo(file, 0600), 0); /* must not wait for its writer */
	ck_assert_int_eq(po_load(menu, "sw", findings, &po), RC_SYNTAX);
	ck_assert_uint_eq(findings_errors(findings), 1);
}
END_TEST

/* One byte wrong at every place, and the file cut there: messages, never a crash (promise 6). */
START_TEST(broken_bytes)
{
	static const char good[] =
		HEADER "#: join.conf:3\n#, fuzzy\nmsgctxt \"join\"\nmsgid \"a\\n\"\n\"b\"\n"
		       "msgstr \"c\\n\"\n\"d\"\n\n#~ msgid \"e\"\n#~ msgstr \"f\"\n\ndomain \"x\"\nmsgid "
		       "\"g\"\nmsgstr \"h\"\n";
	static const char wrong[] = {'"', '\\', '\n', '#', '\0', '\xff', 'm', '[', '\x01'};
	char text[sizeof(good)];
	size_t taken = 0;

	for (size_t i = 0; i < sizeof(good) - 1; i++) {
		for (size_t k = i % 2; k <= sizeof(wrong); k += 2) {
			struct po *po = NULL;
			struct findings *f = findings_new();

			memcpy(text, good, sizeof(good));
			if (k < sizeof(wrong))
				text[i] = wrong[k];
			put(file, text, k < sizeof(wrong) ? sizeof(good) - 1 : i);
			if (po_load(menu, "sw", f, &po) == RC_OK)
				taken++;
			else
				ck_assert_uint_ge(findings_errors(f), 1);
			po_free(po);
			findings_free(f);
		}
	}
	ck_assert_uint_gt(taken, 0);
}
END_TEST

START_TEST(version_follows_the_bytes)
{
	struct po *a = load(HEADER "msgid \"x\"\nmsgstr \"y\"\n"),
		  *b = load(HEADER "msgid \"x\"\nmsgstr \"y\"\n");
	struct po *c = load(HEADER "msgid \"x\"\nmsgstr \"z\"\n");

	ck_assert(po_version(a) == po_version(b));
	ck_assert(po_version(a) != po_version(c));
	ck_assert_str_eq(po_file(a), file);
	po_free(a);
	po_free(b);
	po_free(c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("po");
	TCase *t = tcase_create("po");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, paths);
	tcase_add_test(t, nearest_context_wins);
	tcase_add_test(t, unfinished_entries_are_missing);
	tcase_add_test(t, unused_entries_are_told);
	tcase_add_loop_test(t, faults_are_findings, 0, sizeof(faults) / sizeof(faults[0]));
	tcase_add_test(t, what_is_no_file);
	tcase_add_test(t, broken_bytes);
	tcase_add_test(t, version_follows_the_bytes);
	suite_add_tcase(s, t);
	return run_suite(s);
}
