/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checker beside the text: what network and country bring, two versions, the room for translators, and how the work
 * grows.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "menus/check.h"
#include "menus/country.h"
#include "tests/check_world.h"
#include "tests/run_suite.h"

static bool is_found(enum finding_level level, int line, int rule, const char *what)
{
	for (size_t i = 0; i < findings_count(w.findings); i++) {
		const struct finding *f = findings_at(w.findings, i);

		if (f->level == level && f->line == line && f->rule == rule &&
		    strstr(f->what, what) != NULL && f->remedy[0] != '\0')
			return true;
	}
	return false;
}

static void assert_found(enum finding_level level, int line, int rule, const char *what)
{
	char all[8000];

	print_all(all, sizeof(all));
	ck_assert_msg(is_found(level, line, rule, what), "wanted %d: %s [%d], got\n%s", line, what, rule,
	              all);
}

#define ETHIOPIC "\xe1\x88\xb0\xe1\x88\x8b\xe1\x88\x9d\xe1\x8b\x8d"

START_TEST(network_of_gsm_letters)
{
	w.env.gsm_only = true;
	ck_assert_int_eq(world_load(&w, TOP "a = { end = [ \"Don\xe2\x80\x99t\", \"" ETHIOPIC "\" ]; };" END),
	                 RC_OK);
	check_book(w.book, &w.env, w.findings);
	assert_found(FINDING_ERROR, 2, 2, "halves the room");
	assert_found(FINDING_ERROR, 2, 2, "\"end\" in \"sw\" cannot be shown");
}
END_TEST

START_TEST(network_that_does_not_wait)
{
	w.env.answer_within_ms = 2500;
	ck_assert_int_eq(world_load(&w, TOP
	                            "a = { app = { url = \"http://127.0.0.1/x\"; speaks = \"nalo\"; within = "
	                            "\"2500ms\"; else = \"z\"; }; };" END),
	                 RC_OK);
	check_book(w.book, &w.env, w.findings);
	assert_found(FINDING_ERROR, 2, 11, "waits 2500 ms for its app, but the network waits only 2500 ms");
}
END_TEST

/* Codes of the country belong to the services that mean them, and to no others. */
START_TEST(country_profiles)
{
	static const char *const files[] = {"conf/countries/ke.conf", "conf/countries/ng.conf",
	                                    "conf/countries/za.conf"};
	static const char text[] =
		"code = \"*310#\"; languages = [ \"en\" ]; start = \"a\"; screens = { a = { end = "
		"\"x\"; }; };";
	static struct country country;
	struct book *meant;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		ck_assert_int_eq(country_load(world_source(files[i]), w.findings, &country), RC_OK);
	ck_assert_int_eq(country_load(world_source("conf/countries/ng.conf"), w.findings, &country), RC_OK);
	ck_assert_uint_eq(country.n_codes, 8);
	w.env.country = &country;
	ck_assert_int_eq(world_load(&w, text), RC_OK);
	check_book(w.book, &w.env, w.findings);
	assert_found(FINDING_ERROR, 0, 14, "*310# is kept for \"airtime balance\" in Nigeria: NCC");
	ck_assert_int_eq(book_load_text(text, "balance.conf", &w.env, w.findings, &meant), RC_OK);
	check_book(meant, &w.env, w.findings);
	book_unref(meant);
	ck_assert_uint_eq(findings_errors(w.findings), 1);
}
END_TEST

START_TEST(broken_country_profiles)
{
	static const char *const texts[] = {
		"name = \"X\"; cods = ( );",
		"name = 5;",
		"codes = ( );",
		"name = \"X\"; codes = 5;",
		"name = \"X\"; codes = ( 1 );",
		"name = \"X\"; codes = ( { code = \"x\"; for = \"y\"; use = [ \"z\" ]; } );",
		"name = \"X\"; codes = ( { code = \"1\"; for = \"y\"; } );",
		"name = \"X\"; @include \"/\"\n",
		"name = ",
		"\xff"};
	char path[] = "/tmp/starhash-country-XXXXXX";
	int fd = mkstemp(path);
	static struct country country;

	ck_assert_int_ge(fd, 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t before = findings_errors(w.findings);

		ck_assert_int_eq(ftruncate(fd, 0), 0);
		ck_assert_int_eq(pwrite(fd, texts[i], strlen(texts[i]), 0), (ssize_t)strlen(texts[i]));
		ck_assert_msg(country_load(path, w.findings, &country) == RC_SYNTAX, "taken: %s", texts[i]);
		ck_assert_uint_gt(findings_errors(w.findings), before);
	}
	close(fd);
	unlink(path);
	ck_assert_int_eq(country_load(path, w.findings, &country), RC_NOTFOUND);
}
END_TEST

/* A line that asks for the consent tells what stands behind it; any other line only leaves it open. */
START_TEST(conditions_on_consent)
{
	static const char text[] = TOP "a = { when = ( " MENU("not consent_profile", "c") "," MENU(
		"town is null", "n") "," MENU("else", "m") " ); };\n" AGREE("n") ASK("n", "name", "z") OUT
		"m = { when = ( " MENU("consent_other", "t") "," MENU("else", "z") " ); };\n" ASK(
			"t", "town",
			"z") "s = { dial = \"*5*4#\"; when = ( " MENU("registered",
	                                                              "t") "," MENU("else", "z") " ); };" END;

	w.env.condition = NULL;
	ck_assert_int_eq(world_load(&w, text), RC_OK);
	check_book(w.book, &w.env, w.findings);
	ck_assert(!is_found(FINDING_WARNING, 4, 13, "may save \"name\""));
	assert_found(FINDING_WARNING, 7, 13, "may save \"town\"");
}
END_TEST

/* --- from one version to the next ------------------------------------------------------------------------------- */

static char changes[2000];

static int64_t note_change(void *ctx, const struct check_change *c)
{
	static const char *const kinds[] = {"removed", "renamed", "changed", "added"};

	(void)ctx;
	snprintf(changes + strlen(changes), sizeof(changes) - strlen(changes), "%s %s %s\n", kinds[c->kind],
	         c->screen, c->what);
	return c->kind == CHECK_REMOVED ? 37 : c->kind == CHECK_RENAMED ? 1 : 0;
}

START_TEST(versions_are_compared)
{
	static const char *const texts[] = {
		TOP "a = { say = \"x\"; menu = ( " MENU("Go", "b") "," MENU("Out", "c") "," MENU(
			"More", "d") " ); };\n"
				     "b = { end = \"B\"; };\nc = { end = \"C\"; };\nd = { say = \"D\"; menu "
				     "= ( " MENU("x", "z") " ); };" END,
		TOP "a = { say = \"x\"; menu = ( " MENU("Go", "b") "," MENU("Out", "cc") "," MENU(
			"More", "d") " ); };\n"
				     "cc = { end = \"C\"; };\nb = { end = \"B!\"; };\nd = { end = \"D\"; };\n"
				     "n = { dial = \"*5*1#\"; end = \"N\"; };"
				     "};",
	};
	struct book *live, *next;

	ck_assert_int_eq(book_load_text(texts[0], "live.conf", &w.env, w.findings, &live), RC_OK);
	ck_assert_int_eq(book_load_text(texts[1], "next.conf", &w.env, w.findings, &next), RC_OK);
	changes[0] = '\0';
	ck_assert_uint_eq(check_changes(live, next, w.findings, note_change, NULL), 7);
	ck_assert_str_eq(changes,
	                 "changed a choices\nchanged b end\nrenamed c name\nchanged d kind\nremoved z name\n"
	                 "added cc name\nadded n name\n");
	assert_found(FINDING_WARNING, 4, 15, "screen \"c\" is now called \"cc\"; 1 person stands there now");
	assert_found(FINDING_WARNING, 6, 15, "screen \"z\" is gone; 37 people stand there now");
	assert_found(FINDING_WARNING, 4, 15, "screen \"b\" has another \"end\"");
	ck_assert_uint_eq(findings_errors(w.findings), 0);
	ck_assert_uint_eq(check_changes(live, live, w.findings, NULL, NULL), 0);
	ck_assert_uint_eq(check_changes(live, next, NULL, NULL, NULL), 7);
	book_unref(live);
	book_unref(next);
}
END_TEST

/* A language more, texts in a new order: who is inside sees no difference. */
START_TEST(a_language_more_is_no_change)
{
	struct book *live, *next;

	ck_assert_int_eq(
		book_load_text(
			"code = \"*5#\"; languages = [ \"en\" ]; start = \"a\"; screens = { a = { end = "
			"\"x\"; }; };",
			"live.conf", &w.env, w.findings, &live),
		RC_OK);
	ck_assert_int_eq(
		book_load_text(
			"code = \"*5#\"; languages = [ \"sw\", \"en\" ]; start = \"a\"; screens = { a = "
			"{ end = [ \"y\", \"x\" ]; }; };",
			"next.conf", &w.env, w.findings, &next),
		RC_OK);
	ck_assert_uint_eq(check_changes(live, next, w.findings, NULL, NULL), 0);
	book_unref(live);
	book_unref(next);
}
END_TEST

/* --- room for translators ----------------------------------------------------------------------------------------- */

static void note_room(void *ctx, const struct check_text *t)
{
	size_t *rooms = ctx;

	if (t->screen == NULL)
		rooms[3] = t->room;
	else if (strcmp(t->what, "say") == 0)
		rooms[0] = t->room;
	else if (strcmp(t->what, "end") == 0)
		rooms[1] = t->room;
	else if (strcmp(t->what, "sms") == 0)
		rooms[2] = t->room;
}

START_TEST(room_for_translators)
{
	size_t rooms[4] = {0};

	/* "\n1 Go on" takes 8 of the screen's 160; {code} at most 40 of the last words */
	ck_assert_int_eq(
		world_load(
			&w,
			"words = { apology = \"Sorry.\"; }; " TOP "a = { say = \"Hello\"; menu = ( " MENU(
				"Go on", "b") " ); };\nb = { end = \"Thanks {code}\"; sms = \"Hi\"; }; };"),
		RC_OK);
	check_each_text(w.book, note_room, rooms);
	ck_assert_uint_eq(rooms[0], 152);
	ck_assert_uint_eq(rooms[1], 120);
	ck_assert_uint_eq(rooms[2], 459); /* three SMS */
	ck_assert_uint_eq(rooms[3], 160);
}
END_TEST

/* --- speed --------------------------------------------------------------------------------------------------------- */

/* `n` screens in three languages: menus of five choices that lead on, back and across, and an ask after each fourth. */
static char *big_menu(size_t n)
{
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(to);
	fprintf(to, "code = \"*5#\"; languages = [ \"en\", \"sw\", \"fr\" ]; start = \"s0\"; screens = {\n");
	for (size_t i = 0; i < n; i++) {
		if (i % 4 == 3) {
			fprintf(to,
			        "s%zu = { say = [ \"Question %zu?\", \"Swali %zu?\", \"Quelle %zu?\" ]; ask "
			        "= { save = "
			        "\"%s\"; length = [ 1, 40 ]; }; next = \"s%zu\"; };\n",
			        i, i, i, i, i % 8 == 3 ? "code" : "born", i + 1 < n ? i + 1 : 0);
			continue;
		}
		fprintf(to,
		        "s%zu = { say = [ \"Menu %zu {code|-}\", \"Menyu %zu {code|-}\", \"Liste %zu "
		        "{code|-}\" ]; menu = (",
		        i, i, i, i);
		for (size_t k = 0; k < 5; k++) {
			size_t to_screen = k == 0 ? i + 1 : k == 4 ? i / 2 : (i * (k + 3) + 7 * k) % n;

			fprintf(to, "%s( [ \"%c goes %zu\", \"%c nenda %zu\", \"%c va %zu\" ], \"s%zu\" )",
			        k == 0 ? "" : ", ", (char)('a' + k), i, (char)('f' + k), i, (char)('k' + k),
			        i, to_screen < n ? to_screen : 0);
		}
		fprintf(to, " ); };\n");
	}
	fprintf(to, "z = { dial = \"*5*1#\"; end = [ \"Bye\", \"Kwaheri\", \"Au revoir\" ]; }; };");
	fclose(to);
	return text;
}

static size_t work_of(size_t n, double *seconds)
{
	char *text = big_menu(n);
	struct timespec from, to;
	struct findings *findings = findings_new();
	struct book *b;
	size_t work;

	ck_assert_int_eq(book_load_text(text, "big.conf", &w.env, findings, &b), RC_OK);
	clock_gettime(CLOCK_MONOTONIC, &from);
	work = check_book(b, &w.env, findings);
	clock_gettime(CLOCK_MONOTONIC, &to);
	*seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
	book_unref(b);
	findings_free(findings);
	free(text);
	return work;
}

/* There are more paths than atoms; the work grows with the ways. */
START_TEST(work_grows_with_ways_not_with_paths)
{
	double small_s, large_s;
	size_t small = work_of(350, &small_s), large = work_of(1400, &large_s);

	printf("checked in three languages: 350 screens in %.3f s (%zu ways followed), 1400 in %.3f s "
	       "(%zu)\n",
	       small_s, small, large_s, large);
	ck_assert_uint_le(small, (size_t)350 * 6 * 40);
	ck_assert_uint_le(large, small * 8);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("check_more");
	TCase *t = tcase_create("check_more");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, network_of_gsm_letters);
	tcase_add_test(t, network_that_does_not_wait);
	tcase_add_test(t, country_profiles);
	tcase_add_test(t, broken_country_profiles);
	tcase_add_test(t, conditions_on_consent);
	tcase_add_test(t, versions_are_compared);
	tcase_add_test(t, a_language_more_is_no_change);
	tcase_add_test(t, room_for_translators);
	tcase_add_test(t, work_grows_with_ways_not_with_paths);
	suite_add_tcase(s, t);
	return run_suite(s);
}
