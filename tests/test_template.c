/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Templates: variables in texts, and what keeps a value from breaking a screen. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "menus/template.h"
#include "tests/menus_world.h"

static const char service[] =
	"code = \"*5#\"; languages = [ \"en\", \"sw\" ]; start = \"role\";\n"
	"screens = { role = { say = \"r\"; pick = { save = \"role\"; of = ( ( \"head\", [ \"Head of home\", "
	"\"Mkuu wa kaya\" ] ),\n"
	"  ( \"job\", [ \"Have a job\", \"Nafanya kazi\" ] ) ); }; next = \"lang\"; };\n"
	"lang = { say = \"l\"; pick = { save = \"language\"; of = ( ( \"en\", \"English\" ), ( \"sw\", "
	"\"Kiswahili\" ) ); };\n"
	"  next = \"bye\"; }; bye = { end = \"x\"; }; };";

static struct world w;

static void setup(void)
{
	world_init(&w);
	ck_assert_int_eq(world_load(&w, service), RC_OK);
}

static void teardown(void)
{
	world_fini(&w);
}

static const char *render(const char *text, size_t language, size_t value_max)
{
	static char out[400];
	struct buf b;

	buf_init(&b, out, sizeof(out));
	template_render(w.book, text, language, &w.port, value_max, &b);
	return out;
}

START_TEST(values_and_fallbacks)
{
	ck_assert_str_eq(render("Hello {name|friend}!", 0, 0), "Hello friend!");
	ck_assert_str_eq(render("Hello {name}!", 0, 0), "Hello !");
	strcpy(w.value[0], "Jane Doe");
	ck_assert_str_eq(render("Hello {name|friend}!", 0, 0), "Hello Jane Doe!");
	ck_assert_str_eq(render("Hello {name}!", 0, 4), "Hello Jane!");
	ck_assert_str_eq(render("{msisdn}", 0, 0), "254700000001");
	ck_assert_str_eq(render("{nothing|else}", 0, 0), "else");
}
END_TEST

START_TEST(picked_values_show_their_label)
{
	strcpy(w.value[2], "job");
	ck_assert_str_eq(render("{role}", 0, 0), "Have a job");
	ck_assert_str_eq(render("{role}", 1, 0), "Nafanya kazi");
	strcpy(w.value[2], "study"); /* known to the profile, not offered here */
	ck_assert_str_eq(render("{role}", 1, 0), "study");
	ck_assert_str_eq(render("{language}", 0, 0), "English");
	ck_assert_str_eq(render("{language}", 1, 0), "Kiswahili");
}
END_TEST

START_TEST(braces)
{
	ck_assert_str_eq(render("{{name}", 0, 0), "{name}");
	ck_assert_str_eq(render("a { b", 0, 0), "a { b");
	ck_assert_str_eq(render("{name", 0, 0), "{name");
	ck_assert_str_eq(render("{Name}", 0, 0), "{Name}");
	ck_assert_str_eq(render("{name|a{{b}", 0, 0), "{name|a{b}");
	ck_assert_str_eq(render("}", 0, 0), "}");
}
END_TEST

/* Promise 6: what a subscriber told cannot bring in lines or variables of its own. */
START_TEST(values_stay_values)
{
	strcpy(w.value[0], "{msisdn}\n1 Yes\x01");
	ck_assert_str_eq(render("<{name}>", 0, 0), "<{msisdn} 1 Yes>");
	strcpy(w.value[0], "\xff\xc3");
	ck_assert(text_utf8_valid(render("<{name}>", 0, 0), strlen(render("<{name}>", 0, 0))));
}
END_TEST

START_TEST(values_are_shortened_before_words)
{
	char out[400];
	size_t len;

	memset(w.value[0], 'W', 120);
	len = template_render_within(
		w.book,
		"Thanks {name}! 100 MB is yours until the end of the week, and more will come "
		"whenever you tell us more.",
		0, &w.port, 160, out, sizeof(out));
	ck_assert_uint_eq(len, strlen(out));
	ck_assert(text_fits(out, len, 160));
	ck_assert(strstr(out, "tell us more.") != NULL);
	memset(out, 'x', 300);
	out[300] = '\0';
	w.value[0][0] = '\0';
	{
		char text[301];

		memcpy(text, out, 301);
		len = template_render_within(w.book, text, 0, &w.port, 160, out, sizeof(out));
	}
	ck_assert(text_fits(out, len, 160));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("template");
	TCase *t = tcase_create("template");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, values_and_fallbacks);
	tcase_add_test(t, picked_values_show_their_label);
	tcase_add_test(t, braces);
	tcase_add_test(t, values_stay_values);
	tcase_add_test(t, values_are_shortened_before_words);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
