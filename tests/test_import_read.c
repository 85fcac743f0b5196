/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an import makes of records: rows of CSV and of JSON lines; and what is said of those that are wrong. Defends promises 6
 * and 9. How a file falls into records: test_import_lines.c. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/run_suite.h"
#include "tests/store_world.h"
#include "tools/import_csv.h"
#include "tools/import_json.h"
#include "tools/import_rejects.h"

static struct profile profile;
static const struct msisdn_plan country = {.code = "254", .trunk = "0"};
static struct import_plan plan;
static struct import_row row;

static void setup(void)
{
	world_profile(&profile);
	profile.field[FIELD_NAME].is_private = true;
	profile.field[FIELD_ROLE].n_of = 2;
	(void)snprintf(profile.field[FIELD_ROLE].of[0], PROFILE_NAME_SIZE, "head");
	(void)snprintf(profile.field[FIELD_ROLE].of[1], PROFILE_NAME_SIZE, "job");
	profile.n_purposes = 2;
	(void)snprintf(profile.purpose[0].name, PROFILE_NAME_SIZE, "profile");
	(void)snprintf(profile.purpose[1].name, PROFILE_NAME_SIZE, "offers");
	profile.purpose[1].lasts_ms = 1000;
	plan = (struct import_plan){
		.profile = &profile, .country = &country, .now_ms = WORLD_NOW, .run = 1, .may_verify = true};
	ck_assert(import_row_init(&row, &plan));
}

static void teardown(void)
{
	import_row_fini(&row);
}

/* --- headers ------------------------------------------------------------------------------------------------------------- */

static struct import_record record_of(const char *text)
{
	return (struct import_record){.text = text, .len = strlen(text), .line = 2, .lines = 1};
}

static const char *const headers[][2] = {
	{"msisdn", ""},
	{"\xef\xbb\xbfmsisdn,name,consent.profile,consent.profile.at,_remark,_remark", ""},
	{"msisdn;name", ""},
	{"name,town", "no column \"msisdn\""},
	{"254700000001,en,Asha Wanjiru",
         "no column \"msisdn\""}, /* no names at all: nobody's number in an error text */
	{"msisdn,nme", "did you mean \"name\""},
	{"msisdn,consent.profle.words", "did you mean \"consent.profile.words\""},
	{"msisdn,consent.profile.wrds", "did you mean \"consent.profile.words\""},
	{"msisdn,consent.", "unknown column"},
	{"msisdn,name,name", "the column \"name\" is there twice"},
	{"msisdn,", "unknown column \"\""},
	{"msisdn,\"name", "a quote opens and never closes"},
	{"msisdn\tname", "separated by tabs"},
	{"\xff\xfem", "UTF-16"},
	{"msisdn,n\xff", "UTF-8"},
	{"msisdn,_seen\f", "the column \"_seen\\x0c\" has signs in its name"},
	{"msisdn,\"a\nb\"", "the column \"a\\x0ab\" has signs in its name"},
};

START_TEST(headers_are_judged)
{
	const struct import_record r = record_of(headers[_i][0]);
	struct import_csv *c = import_csv_new(&plan);
	char why[400] = "";
	bool ok = import_csv_header(c, &r, why, sizeof why);

	ck_assert_int_eq(ok, headers[_i][1][0] == '\0');
	ck_assert_msg(ok || strstr(why, headers[_i][1]), "%s", why);
	ck_assert_ptr_null(strstr(why, "Asha"));
	ck_assert_ptr_null(strstr(why, "254700000001"));
	import_csv_free(c);
}
END_TEST

/* --- rows of CSV ----------------------------------------------------------------------------------------------------------- */

#define HEADER \
	"msisdn,language,name,role,consent.profile.words,consent.profile.at,consent.offers.at,first_seen,last_seen,stopped"
#define PROOF "Agree?,2024-01-01,,"
static const char *const csv_rows[][2] = {
	{"254700000001,en,Asha,head," PROOF ",,", ""},
	{"0700000001,,,,,,,,,", ""},
	{"+254 700 000-001,sw,\"Asha, the \"\"tall\"\"\",," PROOF "2020-01-01,2020-01-02T03:04:05+03:00,yes",
         ""},
	{",en,,,,,,,,", "msisdn: there is none"},
	{"2.547E+11,en,,,,,,,,", "msisdn: not a number"},
	{"12,en,,,,,,,,", "msisdn: a number has 7 to 15 digits"},
	{"254700000001,English,,,,,,,,", "language: a code such as en"},
	{"254700000001,EN,,,,,,,,", "language: a code such as en"},
	{"254700000001,en,Asha,boss," PROOF ",,", "role: takes one of head, job"},
	{"254700000001,en,***,," PROOF ",,", "name: is masked"},
	{"254700000001,en,Asha,,Agree?,,,,,", "consent.profile.at: when it was given is missing"},
	{"254700000001,en,Asha,,,2024-01-01,,,,", "consent.profile.words: the exact words"},
	{"254700000001,en,Asha,,Agree?,1700000000,,,,", "consent.profile.at: before 1990"},
	{"254700000001,en,Asha,,Agree?,2094-01-01,,,,", "consent.profile.at: lies in the future"},
	{"254700000001,en,Asha,,Agree?,yesterday,,,,", "consent.profile.at: not a time"},
	{"254700000001,en,,,,,,2024-01-02,2024-01-01,", "last_seen: lies before first_seen"},
	{"254700000001,en,,,,,,,,maybe", "stopped: write true or false"},
	{"254700000001,en", "has 2 cells, and the first line names 10 columns"},
	{"254700000001,en,,,,,,,,,,", "has 12 cells"},
	{"254700000001,en,As\xffha,,,,,,,", "name: is not UTF-8"},
	{"254700000001,en,As\"ha,,,,,,,", "name: a quote stands inside a cell"},
	{"254700000001,en,\"Asha,,,,,,,", "name: a quote opens and never closes"},
};

START_TEST(csv_rows_are_judged)
{
	const struct import_record header = record_of(HEADER), r = record_of(csv_rows[_i][0]);
	struct import_csv *c = import_csv_new(&plan);
	struct store_batch *b = NULL;
	char why[400];

	ck_assert_msg(import_csv_header(c, &header, why, sizeof why), "%s", why);
	(void)import_csv_read(c, &r, &row);
	if (!row.why[0])
		b = import_row_batch(&row);
	ck_assert_msg((b != NULL) == (csv_rows[_i][1][0] == '\0'), "%s", row.why);
	ck_assert_msg(strncmp(row.why, csv_rows[_i][1], strlen(csv_rows[_i][1])) == 0, "%s", row.why);
	ck_assert_ptr_null(strstr(row.why, "Asha")); /* promise 9 */
	store_batch_free(b);
	import_csv_free(c);
}
END_TEST

/* --- rows of JSON ------------------------------------------------------------------------------------------------------- */

#define NUMBER "\"msisdn\":\"254700000001\""
#define AGREED "\"consents\":[{\"purpose\":\"profile\",\"text\":\"Agree?\",\"at\":\"2024-01-01\"}]"
static const char *const json_rows[][2] = {
	{"{" NUMBER ",\"profile\":{\"name\":\"Asha\",\"role\":null}," AGREED "}", ""},
	{"{\"msisdn\":254700000001,\"stopped\":true,\"registered\":false,\"interactions\":[{}],\"_x\":1}",
         ""},
	{"{" NUMBER ",\"grants\":[{\"bundle\":\"100MB\",\"key\":\"join\",\"at\":1700000000000}]}", ""},
	{"{" NUMBER ",\"profile\":{\"name\":\"Asha\"}," AGREED "," AGREED "}", "column"},
	{"{" NUMBER, "column "},
	{"{" NUMBER "} x", "column "},
	{"[1]", "a line holds one object"},
	{"\"Asha\"", "column "},
	{"{" NUMBER ",\"profil\":{}}", "unknown key \"profil\"; did you mean \"profile\"?"},
	{"{" NUMBER ",\"profile\":{\"nme\":\"x\"}}",
         "unknown key \"nme\" in profile; did you mean \"name\"?"},
	{"{" NUMBER ",\"profile\":[]}", "profile: write an object"},
	{"{" NUMBER ",\"profile\":{\"name\":{}}}", "name: is a list or an object"},
	{"{" NUMBER ",\"consents\":{}}", "consents: write a list"},
	{"{" NUMBER ",\"consents\":[1]}", "consents[0]: write an object"},
	{"{" NUMBER ",\"consents\":[{\"purpose\":\"profle\"}]}",
         "consents[0]: profile.conf has no such purpose; did you mean \"profile\"?"},
	{"{" NUMBER ",\"consents\":[{}]}", "consents[0]: no purpose is named"},
	{"{" NUMBER ",\"consents\":[{\"purpose\":\"profile\",\"state\":\"maybe\"}]}",
         "consents[0].state: write granted"},
	{"{" NUMBER ",\"consents\":[{\"purpose\":\"profile\",\"chanel\":\"sms\"}]}",
         "unknown key \"chanel\" in consents[0]; did you mean \"channel\"?"},
	{"{" NUMBER
         ",\"consents\":[{\"purpose\":\"profile\",\"text\":\"x\",\"at\":\"2024-01-01\",\"channel\":\"paper\"}]}",
         "consents[0].channel: write ussd, sms or operator"},
	{"{" NUMBER ",\"grants\":[{\"bundle\":\"100MB\"}]}", "grants[0]: needs a key and a bundle"},
	{"{" NUMBER
         ",\"grants\":[{\"bundle\":\"100MB\",\"key\":\"k\",\"state\":\"pending\",\"at\":1700000000000}]}",
         "grants[0].state: write granted or rejected"},
	{"{" NUMBER ",\"consents\":[{\"purpose\":\"profile\",\"text\":\"x\",\"at\":\"2024-01-01\"},"
         "{\"purpose\":\"profile\",\"state\":\"withdrawn\",\"at\":\"2024-01-01\"}]}",
         "consents[1].at: the day of consents[0], which says otherwise"},
	{"{" NUMBER ",\"consents\":[{\"purpose\":\"profile\",\"text\":\"x\",\"at\":\"2024-01-01T08:00:00Z\"},"
         "{\"purpose\":\"profile\",\"state\":\"withdrawn\",\"at\":\"2024-01-01T09:00:00Z\"},"
         "{\"purpose\":\"offers\",\"state\":\"refused\",\"at\":\"2024-01-01\"}]}",
         ""},
	{"{" NUMBER ",\"state\":\"known\"}", "state: write anonymous, declared or verified"},
	{"{\"msisdn\":\"2547\xff\"}", "column "},
	{"{\"msisdn\":\"2547\\u0000\"}", "column "},
};

START_TEST(json_rows_are_judged)
{
	const struct import_record r = record_of(json_rows[_i][0]);
	struct import_json *j = import_json_new();
	struct store_batch *b = NULL;

	import_json_read(j, &r, &row);
	if (!row.why[0])
		b = import_row_batch(&row);
	ck_assert_msg((b != NULL) == (json_rows[_i][1][0] == '\0'), "%s", row.why);
	ck_assert_msg(strncmp(row.why, json_rows[_i][1], strlen(json_rows[_i][1])) == 0, "%s", row.why);
	ck_assert_ptr_null(strstr(row.why, "Asha"));
	store_batch_free(b);
	import_json_free(j);
}
END_TEST

/* Promise 8: the newest word of a purpose holds, wherever it stands in the list; one without a time is said now. */
START_TEST(a_history_is_put_in_order)
{
#define P "{\"purpose\":\"profile\",\"text\":\"x\",\"at\":"
#define O "{\"purpose\":\"offers\",\"text\":\"x\",\"at\":"
	static const struct {
		const char *list, *wheres; /* of the row's consents afterwards */
	} table[] = {
		{P "\"2023-01-01\"}," P "\"2025-01-01\"}", "01"},
		{P "\"2025-01-01\",\"state\":\"withdrawn\"}," P "\"2023-01-01\"}", "10"},
		{P "\"2025-01-01\"}," P "\"2025-01-01\"}," P "\"2023-01-01\"}", "201"},
		{"{\"purpose\":\"profile\",\"state\":\"refused\"}," P "\"2023-01-01\"}", "10"},
		{P "\"2025-01-01\"}," O "\"2023-01-01\"}", "01"}, /* each purpose rises: as it stands */
		{P "\"2025-01-01\"}," O "\"2024-01-01\"}," P "\"2023-01-01\"}", "210"},
		{P "1735689600000}," P "\"2024-12-31T23:00:00+00:00\"}", "10"},
	};
	char text[1000], wheres[8] = "";
	struct import_record r;
	struct import_json *j = import_json_new();
	struct store_batch *b;

	(void)snprintf(text, sizeof text, "{" NUMBER ",\"consents\":[%s]}", table[_i].list);
	r = record_of(text);
	import_json_read(j, &r, &row);
	b = import_row_batch(&row);
	ck_assert_msg(b != NULL, "%s", row.why);
	for (size_t i = 0; i < row.n_consents; i++)
		wheres[i] = row.consent[i].where[strlen("consents[")];
	ck_assert_str_eq(wheres, table[_i].wheres);
	store_batch_free(b);
	import_json_free(j);
}
END_TEST

/* A consent that has run out since covers nothing. */
START_TEST(a_consent_that_is_over_covers_no_value)
{
	const struct import_record r = record_of(
		"{" NUMBER
		",\"profile\":{\"town\":\"Kisumu\"},\"consents\":[{\"purpose\":\"offers\",\"text\":\"x\","
		"\"at\":\"2024-01-01\"}]}");
	struct import_json *j = import_json_new();

	(void)snprintf(profile.field[FIELD_TOWN].consent, PROFILE_NAME_SIZE, "offers");
	import_json_read(j, &r, &row);
	ck_assert_ptr_null(import_row_batch(&row));
	ck_assert_ptr_nonnull(strstr(row.why, "town: the consent to \"offers\" is over"));
	import_json_free(j);
}
END_TEST

/* Bounds: lists of a row, numbers of a row. */
START_TEST(a_row_is_bounded)
{
	char *text = malloc(1 << 20), *at = text + sprintf(text, "{" NUMBER ",\"consents\":[");
	struct import_json *j = import_json_new();
	struct import_record r;

	for (int i = 0; i <= IMPORT_CONSENTS_MAX; i++)
		at += sprintf(at, "%s{}", i ? "," : "");
	(void)sprintf(at, "]}");
	r = record_of(text);
	import_json_read(j, &r, &row);
	ck_assert_str_eq(row.why, "consents: more than 512");
	at = text + sprintf(text, "{" NUMBER ",\"grants\":[");
	for (int i = 0; i < 200; i++)
		at += sprintf(at, "%s{\"at\":1}", i ? "," : "");
	(void)sprintf(at, "]}");
	r = record_of(text);
	import_json_read(j, &r, &row);
	ck_assert_ptr_nonnull(strstr(row.why, "more than 128 numbers"));
	import_json_free(j);
	free(text);
}
END_TEST

/* --- rejects --------------------------------------------------------------------------------------------------------------- */

START_TEST(rejects_are_cut_to_what_is_stored)
{
	char path[] = "/tmp/starhash-rejects-XXXXXX", why[300], got[600] = "";
	struct store_import_row rows[2] = {
		{.line = 2, .len = 3, .fate = STORE_IMPORT_REJECTED, .why = "bad, \"x\""},
		{.line = 3,
	         .at = 3,
	         .len = 4,
	         .fate = STORE_IMPORT_REJECTED,
	         .why = "worse",
	         .is_no_row = true}};
	const struct store_import_chunk c = {.text = "1,2\"\0y\n", .n = 2, .row = rows};
	const char *const others[] = {"",     "SQLite format 3", "starhash keyring", "links = ();\n",
	                              "_lin", "msisdn,name\n"};
	int source = mkstemp(path);
	struct import_rejects *r;
	int64_t size;
	FILE *f;

	ck_assert_ptr_null(import_rejects_new(path, 0, "a,b", ',', source, why, sizeof why));
	ck_assert_ptr_nonnull(strstr(why, "is the file that is imported"));
	ck_assert_ptr_null(import_rejects_new("/tmp", 0, "a,b", ',', source, why, sizeof why));
	(void)unlink(path);
	/* promise 1: the store, its key, a configuration, whatever lies there, stays as it is: also for a run that goes on */
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		f = fopen(path, "w");
		ck_assert_int_ge(fputs(others[i], f), 0);
		fclose(f);
		ck_assert_ptr_null(import_rejects_new(path, 0, "a,b", ',', source, why, sizeof why));
		ck_assert_ptr_nonnull(strstr(why, "name another with --rejects"));
		ck_assert_ptr_null(import_rejects_new(path, 1, "a,b", ',', source, why, sizeof why));
		memset(got, 0, sizeof got);
		f = fopen(path, "r");
		ck_assert_uint_eq(fread(got, 1, sizeof got - 1, f), strlen(others[i]));
		fclose(f);
		ck_assert_str_eq(got, others[i]);
		(void)unlink(path);
	}
	r = import_rejects_new(path, 0, "a,b", ',', source, why, sizeof why);
	ck_assert_ptr_nonnull(r);
	size = import_rejects_write(r, &c, 0);
	ck_assert_int_eq(import_rejects_write(r, &c, size), 2 * size - (int64_t)strlen("_line,_why,a,b\n"));
	import_rejects_free(r);
	/* the second transaction was lost */
	ck_assert_ptr_null(import_rejects_new(path, 10 * size, "a,b", ',', source, why, sizeof why));
	r = import_rejects_new(path, size, "a,b", ',', source, why, sizeof why);
	ck_assert_ptr_nonnull(r);
	import_rejects_free(r);
	f = fopen(path, "r");
	ck_assert_uint_eq(fread(got, 1, sizeof got - 1, f), (size_t)size);
	ck_assert_str_eq(got, "_line,_why,a,b\n2,\"bad, \"\"x\"\"\",1,2\n3,\"worse\",\"\"\" y\n\"\n");
	fclose(f);
	close(source);
	(void)unlink(path);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("import_read");
	TCase *tc = tcase_create("import_read");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, headers_are_judged, 0, (int)(sizeof headers / sizeof headers[0]));
	tcase_add_loop_test(tc, csv_rows_are_judged, 0, (int)(sizeof csv_rows / sizeof csv_rows[0]));
	tcase_add_loop_test(tc, json_rows_are_judged, 0, (int)(sizeof json_rows / sizeof json_rows[0]));
	tcase_add_loop_test(tc, a_history_is_put_in_order, 0, 7);
	tcase_add_test(tc, a_consent_that_is_over_covers_no_value);
	tcase_add_test(tc, a_row_is_bounded);
	tcase_add_test(tc, rejects_are_cut_to_what_is_stored);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
