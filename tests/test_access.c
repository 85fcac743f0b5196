/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Roles: what `roles` of starhash.conf gives to whom, what is wrong with it, and who is told no, with the way out. */
#include "gateway/config_access.h"

#include <check.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/config.h"
#include "gateway/login.h"
#include "tests/run_suite.h"

static char folder[40], conf[64], profile[64];
static struct findings *findings;
static struct config *config;

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

static void setup(void)
{
	strcpy(folder, "/tmp/starhash-access-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(conf, sizeof conf, "%s/c.conf", folder);
	snprintf(profile, sizeof profile, "%s/p.conf", folder);
	write_file(profile, "profile = ( { field = \"name\"; consent = \"profile\"; } );\n");
}

static void teardown(void)
{
	findings_free(findings);
	config_free(config);
	findings = NULL;
	config = NULL;
	unlink(conf);
	unlink(profile);
	rmdir(folder);
}

static enum rc load(const char *roles)
{
	char text[2000];

	snprintf(
		text, sizeof text,
		"links = ( { name = \"a\"; host = \"h\"; } );\nservices = [ \"m.conf\" ];\nprofile = \"p.conf\";\n"
		"store = { sqlite = \"s.db\"; };\n%s",
		roles);
	write_file(conf, text);
	findings = findings_new();
	return config_load(conf, findings, &config);
}

static bool may(const char *role, const char *user, enum access_right right, char *why)
{
	why[0] = '\0';
	return config_access_may(&config->access, role, user, right, why, 400);
}

#define TEAM                                                                                                   \
	"roles = ( { role = \"care\"; users = [ \"jane\", \"ali\" ]; may = [ \"reveal\", \"requests\" ]; },\n" \
	"          { role = \"officer\"; users = [ \"ruth\" ]; may = [ \"erase\", \"export\", \"key\" ]; } );\n"

/* Without `roles` two of them are there, for whoever can open the store. */
START_TEST(test_built_in)
{
	char why[400];

	ck_assert_int_eq(load(""), RC_OK);
	ck_assert(!config->access.is_given);
	ck_assert(may("care", "anybody", ACCESS_REVEAL, why));
	ck_assert(may("care", "anybody", ACCESS_REQUESTS, why));
	ck_assert(may("care", "anybody", ACCESS_GRANTS, why));
	for (int r = 0; r < ACCESS_RIGHTS; r++)
		ck_assert(may("privacy", "anybody", (enum access_right)r, why));
	ck_assert(!may("care", "anybody", ACCESS_EXPORT, why));
	ck_assert_str_eq(why, "the role \"care\" has not the right \"export\"; it is one of: privacy");
	ck_assert(!may("boss", "anybody", ACCESS_REVEAL, why));
	ck_assert_str_eq(why,
	                 "there is no role \"boss\" with the right \"reveal\"; it is one of: care, privacy");
}
END_TEST

START_TEST(test_given)
{
	char why[400];

	ck_assert_int_eq(load(TEAM), RC_OK);
	ck_assert_uint_eq(findings_warnings(findings), 0);
	ck_assert(may("care", "jane", ACCESS_REVEAL, why));
	ck_assert(may("care", "ali", ACCESS_REQUESTS, why));
	ck_assert(may("officer", "ruth", ACCESS_KEY, why));
	ck_assert(!may("care", "ruth", ACCESS_REVEAL, why));
	ck_assert_ptr_nonnull(strstr(why, "the user \"ruth\" has not the role \"care\""));
	ck_assert(!may("care", "jane", ACCESS_ERASE, why));
	ck_assert_ptr_nonnull(strstr(why, "it is one of: officer"));
	ck_assert(!may("privacy", "jane", ACCESS_REVEAL, why)); /* the built-in ones are gone */
	ck_assert(!may("officer", "ruth", ACCESS_AUDIT, why));
	ck_assert_ptr_nonnull(strstr(why, "give it to one in roles of starhash.conf"));
	ck_assert(!may("", "jane", ACCESS_REVEAL, why));
}
END_TEST

static const struct {
	const char *roles, *what, *remedy;
} faults[] = {
	{"roles = ( \"care\" );\n", "is not a group", "write { role ="},
	{"roles = ( { users = [ \"jane\" ]; may = [ \"reveal\" ]; } );\n", "role", ""},
	{"roles = ( { role = \"care\"; users = [ \"jane\" ]; may = [ \"reveel\" ]; } );\n",
         "has no such right: \"reveel\"; did you mean \"reveal\"?", "rights are reveal, export"},
	{"roles = ( { role = \"care\"; users = [ \"jane\" ]; can = [ \"reveal\" ]; } );\n", "can", ""},
	{"roles = ( { role = \"care\"; users = [ \"\" ]; may = [ \"reveal\" ]; } );\n", "cannot be a user",
         "logs in"},
	{"roles = ( { role = \"a\"; users = [ \"jane\" ]; may = [ \"reveal\" ]; },\n"
         "{ role = \"a\"; users = [ \"ali\" ]; may = [ \"erase\" ]; } );\n",
         "twice", "its own name"},
};

START_TEST(test_faults)
{
	bool said = false;

	ck_assert_int_eq(load(faults[_i].roles), RC_SYNTAX);
	for (size_t i = 0; i < findings_count(findings); i++) {
		const struct finding *f = findings_at(findings, i);

		said |= f->level == FINDING_ERROR && f->line >= 5 && strstr(f->what, faults[_i].what) &&
		        strstr(f->remedy, faults[_i].remedy);
	}
	if (!said)
		findings_print(findings, stderr);
	ck_assert(said);
}
END_TEST

/* It works, and somebody should know. */
START_TEST(test_warnings)
{
	char why[400];

	ck_assert_int_eq(load("roles = ( { role = \"care\"; may = [ \"reveal\" ]; } );\n"), RC_OK);
	ck_assert_uint_eq(findings_warnings(findings), 1);
	ck_assert(!may("care", "jane", ACCESS_REVEAL, why)); /* nobody, and not everybody */
}
END_TEST

START_TEST(test_login)
{
	char name[CONFIG_USER_SIZE], other[CONFIG_USER_SIZE];

	ck_assert(login_name(name));
	ck_assert(login_name_of(getpid(), getuid(), other));
	ck_assert_str_eq(name, other);
	ck_assert_ptr_nonnull(getpwnam(name));
	ck_assert(!login_name_of(-1, (uid_t)-2, other)); /* no such process, no such user */
}
END_TEST

START_TEST(test_reasons)
{
	static const char *const no[] = {"",
	                                 " ",
	                                 "\t\n",
	                                 "...",
	                                 "a",
	                                 "no",
	                                 "a\n\n",
	                                 "- !",
	                                 "\xc2\xa0\xe2\x80\x8b\xe3\x80\x80",
	                                 "\xff\xfe\xfd",
	                                 ("\xe2\x80\x8f"
	                                  "ab")};
	static const char *const yes[] = {"why", "KYC",      "a b c", "\xd8\xb3\xd8\xa8\xd8\xa8",
	                                  "no.", "\t yes \n"};

	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		ck_assert_msg(!login_is_reason(no[i]), "%zu", i);
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		ck_assert_msg(login_is_reason(yes[i]), "%s", yes[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("access");
	TCase *t = tcase_create("roles");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_built_in);
	tcase_add_test(t, test_given);
	tcase_add_loop_test(t, test_faults, 0, sizeof faults / sizeof faults[0]);
	tcase_add_test(t, test_warnings);
	tcase_add_test(t, test_login);
	tcase_add_test(t, test_reasons);
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
