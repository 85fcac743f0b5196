/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Templates: variables in texts, and what keeps a value from breaking a screen. */
#include <check.h>
#include <string.h>

#include "core/text.h"
#include "menus/format.h"
#include "menus/template.h"
#include "tests/menus_world.h"
#include "tests/run_suite.h"

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

START_TEST(dates)
{
	strcpy(w.value[3], "2026-08-05");
	ck_assert_str_eq(render("{born:date}", 0, 0), "5 Aug 2026");
	ck_assert_str_eq(render("{born:date}", 1, 0), "5 Ago 2026");
	ck_assert_str_eq(render("{born}", 1, 0), "2026-08-05");
	strcpy(w.value[3], "1990");
	ck_assert_str_eq(render("{born:date}", 0, 0), "1990");
	w.value[3][0] = '\0';
	ck_assert_str_eq(render("{born:date|some day}", 0, 0), "some day");
	ck_assert_str_eq(render("{born:dte}", 0, 0), "{born:dte}"); /* the checker calls that broken */
}
END_TEST

static const struct {
	const char *value;
	bool is_minor;
	const char *currency, *language, *shown;
} money[] = {
	{"123450", true, "KES", "en", "KES 1234.50"},
	{"123400", true, "KES", "sw", "KES 1234"},
	{"5", true, "KES", "en", "KES 0.05"},
	{"0", true, "KES", "en", "KES 0"},
	{"-1250", true, "KES", "en", "KES -12.50"},
	{"123450", true, "XOF", "fr", "1234,50 XOF"},
	{"100", true, "MZN", "pt-br", "1 MZN"},
	{"123450", true, NULL, "en", "1234.50"},
	{"1500", false, "KES", "en", "KES 1500"},
	{"1500.5", false, "KES", "es", "1500,50 KES"},
	{"1.234", false, "KES", "en", "1.234"},
	{"much", true, "KES", "en", "much"},
	{"", true, "KES", "en", ""},
	{"-", true, "KES", "en", "-"},
	{"12.5", true, "KES", "en", "12.5"},
};

START_TEST(amounts)
{
	char out[100];
	struct buf b;

	buf_init(&b, out, sizeof(out));
	format_money(money[_i].value, money[_i].is_minor, money[_i].currency, money[_i].language, &b);
	ck_assert_str_eq(out, money[_i].shown);
}
END_TEST

START_TEST(facts_in_texts)
{
	ck_assert_str_eq(render("{balance|?} {bundles|none}", 0, 0), "? none");
	w.has_facts = true;
	ck_assert_str_eq(render("{balance}, {balance:money}, {bundles}", 0, 0),
	                 "KES 1234.50, KES 1234.50, 100MB until 3 Jan");
	ck_assert_uint_eq(template_facts(w.book, "{name} {bundles|x}"), BOOK_FACT_BUNDLES);
	ck_assert_uint_eq(template_facts(w.book, "{{balance} {name}"), 0);
	strcpy(w.value[4], "99.90");
	ck_assert_str_eq(render("{code:money}", 0, 0), "KES 99.90");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("template");
	TCase *t = tcase_create("template");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, values_and_fallbacks);
	tcase_add_test(t, picked_values_show_their_label);
	tcase_add_test(t, braces);
	tcase_add_test(t, values_stay_values);
	tcase_add_test(t, values_are_shortened_before_words);
	tcase_add_test(t, dates);
	tcase_add_loop_test(t, amounts, 0, (int)(sizeof(money) / sizeof(money[0])));
	tcase_add_test(t, facts_in_texts);
	suite_add_tcase(s, t);
	return run_suite(s);
}
