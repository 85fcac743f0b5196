/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prepared screens: what is copied is what would be laid out, and what holds a variable is never prepared. */
#include <check.h>
#include <string.h>

#include "menus/machine_private.h"
#include "menus/prepared.h"
#include "tests/menus_world.h"
#include "tests/run_suite.h"

static struct world w;

static void setup(void)
{
	world_init(&w);
}

static void teardown(void)
{
	world_fini(&w);
}

static void same_page(const struct page_shown *a, const struct page_shown *b)
{
	ck_assert_uint_eq(a->page, b->page);
	ck_assert_int_eq(a->is_last, b->is_last);
	ck_assert_int_eq(a->has_back, b->has_back);
	ck_assert_int_eq(a->has_home, b->has_home);
	ck_assert_int_eq(a->cut, b->cut);
	ck_assert_uint_eq(a->first_choice, b->first_choice);
	ck_assert_uint_eq(a->end_choice, b->end_choice);
	ck_assert_uint_eq(a->say_from, b->say_from);
}

/* A screen as a walk that has come `depth` screens sees it. Returns whether it was prepared. */
static bool look(size_t screen, size_t language, uint8_t depth, bool is_bad)
{
	char laid[MACHINE_TEXT_SIZE], given[MACHINE_TEXT_SIZE];
	struct walk walk;
	struct step s = {.b = w.book, .w = &walk, .port = &w.port, .out = &w.out};
	struct face face;
	const struct prepared_page *p;

	walk_init(&walk, (uint8_t)language);
	walk.phase = WALK_SHOWING;
	walk.screen = (uint16_t)screen;
	walk.depth = depth;
	machine_face(&s, is_bad, &face);
	for (size_t page = 0; page < 3; page++) {
		struct page_shown a = page_show(machine_words(&face), page, laid, sizeof(laid));
		struct page_shown b = machine_page(&face, page, given, sizeof(given));

		ck_assert_str_eq(laid, given);
		same_page(&a, &b);
	}
	p = prepared_page(w.book, face.screen, language, face.view.has_back, face.view.has_home);
	return p != NULL;
}

START_TEST(prepared_pages_are_those_that_would_be_laid_out)
{
	size_t prepared = 0, others = 0;

	ck_assert_int_eq(world_load_file(&w, world_source("tests/menus/join.conf")), RC_OK);
	for (size_t i = 0; i < w.book->n_screens; i++) {
		if (w.book->screen[i].kind > BOOK_CONSENT)
			continue;
		for (size_t language = 0; language < w.book->n_languages; language++)
			for (uint8_t depth = 0; depth < 5; depth++) {
				bool was = look(i, language, depth, false);

				prepared += was;
				others += !was;
				look(i, language, depth, true);
			}
	}
	ck_assert_uint_gt(prepared, 0);
	ck_assert_uint_gt(others, 0);
}
END_TEST

/* The value is another one for each subscriber: nothing of it may stay. */
START_TEST(variables_are_never_prepared)
{
	ck_assert_int_eq(
		world_load(&w, "code = \"*1#\"; languages = [ \"en\", \"sw\" ]; start = \"a\"; screens = {\n"
	                       "a = { say = [ \"Hello\", \"{name}\" ]; menu = ( ( \"Go\", \"b\" ) ); };\n"
	                       "b = { say = \"Hello\"; menu = ( ( \"Not {name}\", \"c\" ) ); };\n"
	                       "c = { end = \"Bye {name}\"; };\n"
	                       "};"),
		RC_OK);
	ck_assert(look(book_screen_by_name(w.book, "a"), 0, 0, false));
	ck_assert(!look(book_screen_by_name(w.book, "a"), 1, 0, false));
	ck_assert(!look(book_screen_by_name(w.book, "b"), 0, 1, false));
	ck_assert_ptr_null(
		prepared_page(w.book, &w.book->screen[book_screen_by_name(w.book, "c")], 0, true, false));
}
END_TEST

START_TEST(what_is_not_of_the_book_is_not_found)
{
	ck_assert_int_eq(world_load_file(&w, world_source("tests/menus/join.conf")), RC_OK);
	ck_assert_ptr_null(prepared_page(w.book, w.book->screen + w.book->n_screens, 0, false, false));
	ck_assert_ptr_null(prepared_page(w.book, w.book->screen, w.book->n_languages, false, false));
	ck_assert_ptr_null(prepared_page(w.book, w.book->screen, 0, false, true)); /* Home without Back */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("prepared");
	TCase *t = tcase_create("prepared");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, prepared_pages_are_those_that_would_be_laid_out);
	tcase_add_test(t, variables_are_never_prepared);
	tcase_add_test(t, what_is_not_of_the_book_is_not_found);
	suite_add_tcase(s, t);
	return run_suite(s);
}
