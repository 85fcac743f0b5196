/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Services: which book answers, and what a reload changes. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "gateway/services.h"
#include "tests/run_suite.h"

static char folder[] = "/tmp/starhash-test-services-XXXXXX";
static char path[4][80];

static void write_file(const char *to, const char *text)
{
	FILE *file = fopen(to, "we");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

#define MENU(code, keyword, words)                                                       \
	"code = \"" code "\"; keywords = [ \"" keyword "\" ]; languages = [ \"en\" ];\n" \
	"start = \"home\";\nscreens = { home = { end = \"" words "\"; }; };\n"
#define PICKY                                                                   \
	"code = \"*9#\"; languages = [ \"en\" ]; start = \"w\";\nscreens = {\n" \
	"w = { when = ( ( \"registered\", \"a\" ), ( \"else\", \"b\" ) ); };\n" \
	"a = { end = \"A\"; }; b = { end = \"B\"; }; };\n"

static void make_files(void)
{
	static const char *const names[] = {"c.conf", "one.conf", "two.conf", "p.conf"};

	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (int i = 0; i < 4; i++)
		snprintf(path[i], sizeof path[i], "%s/%s", folder, names[i]);
	write_file(path[0],
	           "links = ( ); profile = \"p.conf\"; services = [ \"one.conf\", \"two.conf\" ];\n");
	write_file(path[1], MENU("*123#", "ONE", "First"));
	write_file(path[2], MENU("*124#", "TWO", "Second"));
	write_file(path[3], "profile = ( );\n");
}

static void remove_files(void)
{
	for (int i = 0; i < 4; i++)
		unlink(path[i]);
	rmdir(folder);
}

struct set {
	struct findings *findings;
	struct config *config;
	struct services *services;
};

static enum rc open_set(struct set *s)
{
	memset(s, 0, sizeof *s);
	s->findings = findings_new();
	ck_assert_ptr_nonnull(s->findings);
	ck_assert_int_eq(config_load(path[0], s->findings, &s->config), RC_OK);
	return services_new(s->config, s->findings, &s->services);
}

static void close_set(struct set *s)
{
	services_free(s->services);
	config_free(s->config);
	findings_free(s->findings);
}

static const char *name_of(const struct book *b)
{
	return b ? b->name : "nobody";
}

START_TEST(the_service_of_the_code_answers)
{
	struct set s;

	ck_assert_int_eq(open_set(&s), RC_OK);
	ck_assert_uint_eq(services_count(s.services), 2);
	ck_assert_str_eq(name_of(services_by_dialled(s.services, "*123#")), "one");
	ck_assert_str_eq(name_of(services_by_dialled(s.services, "*123*1#")), "one");
	ck_assert_str_eq(name_of(services_by_dialled(s.services, "*124#")), "two");
	ck_assert_str_eq(name_of(services_by_dialled(s.services, "123")), "one");
	ck_assert_str_eq(name_of(services_by_dialled(s.services, "*125#")), "nobody");
	close_set(&s);
}
END_TEST

START_TEST(codes_that_hide_each_other_are_refused)
{
	struct set s;

	write_file(path[2], MENU("*123*4#", "TWO", "Second"));
	ck_assert_int_eq(open_set(&s), RC_SYNTAX);
	ck_assert_uint_eq(findings_errors(s.findings), 1);
	config_free(s.config);
	findings_free(s.findings);
}
END_TEST

START_TEST(keywords_and_names_find_their_book)
{
	struct set s;
	int keyword = -1;

	ck_assert_int_eq(open_set(&s), RC_OK);
	ck_assert_str_eq(name_of(services_by_sms(s.services, "two, please", &keyword)), "two");
	ck_assert_int_eq(keyword, 0);
	ck_assert_ptr_null(services_by_sms(s.services, "three", &keyword));
	ck_assert_str_eq(name_of(services_by_name(s.services, "one")), "one");
	ck_assert_ptr_null(services_by_name(s.services, "three"));
	ck_assert_str_eq(name_of(services_at(s.services, 1)), "two");
	ck_assert_ptr_null(services_at(s.services, 2));
	ck_assert_ptr_nonnull(services_conditions(s.services));
	close_set(&s);
}
END_TEST

START_TEST(one_wrong_file_and_there_is_no_set)
{
	struct set s;

	write_file(path[2], "code = \"*5#\"; langages = [ \"en\" ];\n");
	ck_assert_int_eq(open_set(&s), RC_SYNTAX);
	ck_assert_ptr_null(s.services);
	ck_assert_uint_gt(findings_errors(s.findings), 0);
	config_free(s.config);
	findings_free(s.findings);
}
END_TEST

START_TEST(a_missing_file_is_an_error_of_its_own)
{
	struct set s;

	unlink(path[2]);
	ck_assert(open_set(&s) != RC_OK);
	ck_assert_uint_eq(findings_errors(s.findings), 1);
	ck_assert_str_eq(findings_at(s.findings, findings_count(s.findings) - 1)->file, path[2]);
	config_free(s.config);
	findings_free(s.findings);
}
END_TEST

/* Promise 5: whoever holds a book keeps it through a reload. */
START_TEST(a_reload_changes_only_what_differs)
{
	struct set s;
	struct book *one, *held;
	int changed = -1;

	ck_assert_int_eq(open_set(&s), RC_OK);
	one = services_at(s.services, 0);
	held = book_ref(services_at(s.services, 1));
	ck_assert_int_eq(services_reload(s.services, s.findings, &changed), RC_OK);
	ck_assert_int_eq(changed, 0);
	ck_assert_ptr_eq(services_at(s.services, 1), held);

	write_file(path[2], MENU("*124#", "TWO", "Changed"));
	ck_assert_int_eq(services_reload(s.services, s.findings, &changed), RC_OK);
	ck_assert_int_eq(changed, 1);
	ck_assert_ptr_eq(services_at(s.services, 0), one);
	ck_assert_ptr_ne(services_at(s.services, 1), held);
	ck_assert_str_eq(book_say(held->screen[held->start].end, 0), "Second");
	ck_assert_str_eq(book_say(services_at(s.services, 1)->screen[0].end, 0), "Changed");
	book_unref(held);
	close_set(&s);
}
END_TEST

START_TEST(a_reload_with_an_error_changes_nothing)
{
	struct set s;
	struct book *one, *two;
	int changed = -1;

	ck_assert_int_eq(open_set(&s), RC_OK);
	one = services_at(s.services, 0);
	two = services_at(s.services, 1);
	write_file(path[1], MENU("*123#", "ONE", "New"));
	write_file(path[2], "code = ;\n");
	ck_assert_int_eq(services_reload(s.services, s.findings, &changed), RC_SYNTAX);
	ck_assert_int_eq(changed, -1);
	ck_assert_uint_gt(findings_errors(s.findings), 0);
	ck_assert_ptr_eq(services_at(s.services, 0), one);
	ck_assert_ptr_eq(services_at(s.services, 1), two);
	close_set(&s);
}
END_TEST

START_TEST(conditions_belong_to_the_set)
{
	struct set s;
	struct record *record;
	struct book *b;
	int changed = -1, number;

	write_file(path[2], PICKY);
	ck_assert_int_eq(open_set(&s), RC_OK);
	record = record_new(&s.config->profile, 254700000001);
	b = services_by_dialled(s.services, "*9#");
	ck_assert_ptr_nonnull(b);
	number = b->screen[b->start].when[0].condition;
	ck_assert(!conditions_hold(services_conditions(s.services), number, record));
	record_set_state(record, SUBSCRIBER_DECLARED);
	ck_assert(conditions_hold(services_conditions(s.services), number, record));
	ck_assert_int_eq(services_reload(s.services, s.findings, &changed),
	                 RC_OK); /* drops the second set's */
	ck_assert(conditions_hold(services_conditions(s.services), number, record));
	record_free(record);
	close_set(&s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("services");
	TCase *tc = tcase_create("services");

	log_init(LOG_LV_WARN);
	tcase_add_checked_fixture(tc, make_files, remove_files);
	tcase_add_test(tc, the_service_of_the_code_answers);
	tcase_add_test(tc, codes_that_hide_each_other_are_refused);
	tcase_add_test(tc, keywords_and_names_find_their_book);
	tcase_add_test(tc, one_wrong_file_and_there_is_no_set);
	tcase_add_test(tc, a_missing_file_is_an_error_of_its_own);
	tcase_add_test(tc, a_reload_changes_only_what_differs);
	tcase_add_test(tc, a_reload_with_an_error_changes_nothing);
	tcase_add_test(tc, conditions_belong_to_the_set);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
