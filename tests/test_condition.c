/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conditions: what holds, what is refused and with which words. Promise 6: nothing from a file can run on or reach
 * beyond the record at hand. */
#include "storage/condition.h"

#include <time.h>

#include "tests/store_world.h"

static struct world world;
static struct conditions *conditions;
static struct record *record;

static void setup(void)
{
	world_profile(&world.profile);
	ck_assert_int_eq(conditions_new(&world.profile, &conditions), RC_OK);
	record = record_new(&world.profile, WORLD_MSISDN);
	ck_assert_ptr_nonnull(record);
	ck_assert_int_eq(record_set_value(record, FIELD_TOWN, "Kisumu"), RC_OK);
	ck_assert_int_eq(record_set_value(record, FIELD_ROLE, "10"), RC_OK);
	ck_assert_int_eq(record_set_language(record, "sw"), RC_OK);
	record_set_state(record, SUBSCRIBER_DECLARED);
	record_set_seen_ms(record, 1000, 5000);
}

static void teardown(void)
{
	record_free(record);
	conditions_free(conditions);
}

static bool holds(const char *sql)
{
	char why[200] = "";
	int number = -1;
	enum rc rc = conditions_add(conditions, sql, &number, why, sizeof why);
	bool yes;

	ck_assert_msg(rc == RC_OK, "%s: %s", sql, why);
	yes = conditions_hold(conditions, number, record);
	conditions_drop(conditions, number);
	return yes;
}

static const struct {
	const char *sql;
	bool holds;
} truths[] = {
	{"registered", true},
	{"not registered", false},
	{"stopped", false},
	{"state = 'declared'", true},
	{"language in ('en', 'sw')", true},
	{"town = 'Kisumu'", true},
	{"TOWN = 'Kisumu'", true},
	{"record.town = 'Kisumu'", true},
	{"\"town\" = 'Kisumu'", true},
	{"name is null", true},
	{"name = 'Asha'", false}, /* NULL is not true */
	{"name <> 'Asha'", false},
	{"coalesce(name, 'x') = 'x'", true},
	{"last_seen - first_seen = 4000", true},
	{"last_seen < (unixepoch('now') - 86400) * 1000", true},
	{"msisdn = 254700000001", true},
	{"msisdn / 1000000000 = 254 and role + 0 > 9", true},
	{"town like 'kis%'", true},
	{"town not like 'nai%' and length(town) between 1 and 10", true},
	{"case when registered then 1 else 0 end", true},
	{"1 -- a comment", true},
	{"town = 'it''s ) -- not the end'", false},
	{"1 or 0 and 0", true},
	{"abs(-9223372036854775807 - (town is not null))", false}, /* an overflow at run time is false */
};

START_TEST(test_truth)
{
	ck_assert_msg(holds(truths[_i].sql) == truths[_i].holds, "%s", truths[_i].sql);
}
END_TEST

static const struct {
	const char *sql, *why;
} refused[] = {
	{"towwn = 'x'", "unknown name \"towwn\"; did you mean \"town\"?"},
	{"regissterd", "did you mean \"registered\"?"},
	{"substrr(town, 1) = 0", "unknown function \"substrr\"; did you mean \"substr\"?"},
	{"town = \"Kisumu\"", "single quotes: 'Kisumu'"},
	{"rowid = 1", "unknown name"},
	{"", ""},
	{"   ", ""},
	{"registered and", "not a condition"},
	{"registered = ?", "without parameters"},
	{"registered = :a", "without parameters"},
	{"registered = ?9999", ""},
	{"registered; select 1", ""},
	{"1); drop table record; --", ""},
	{"1) union select (1", ""},
	{"1) or (1", ""},
	{"1)) or ((1", ""},
	{"1 /* open", ""},
	{"1, 2", ""},
	{"1 as registered", ""},
	{"1 from record limit 1 --", ""},
	{"registered union select 1", ""},
	{"*", ""},
	{"(select 1)", "no SELECT"},
	{"exists (select 1 from record)", "no SELECT"},
	{"1 in (select registered from record)", "no SELECT"},
	{"1 in record", ""},
	{"name in sqlite_schema", ""},
	{"1 in json_each('[1]')", ""},
	{"'x' in pragma_database_list", ""},
	{"(with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) from t)", ""},
	{"load_extension('x')", "unknown function"},
	{"length(randomblob(1000000000))", "unknown function"},
	{"length(zeroblob(1000000000))", "unknown function"},
	{"printf('%1000000000d', 1)", "unknown function"},
	{"format('%*d', 1000000000, 1)", "unknown function"},
	{"count(*) > 0", "unknown function"},
	{"max(town) = 'x'", "unknown function"},
	{"row_number() over ()", ""},
	{"raise(abort, 'x')", ""},
	{"town regexp '.*'", ""},
	{"town match 'x'", ""},
	{"attach 'x' as y", ""},
};

START_TEST(test_refused)
{
	char why[200] = "";
	int number = -7;
	enum rc rc = conditions_add(conditions, refused[_i].sql, &number, why, sizeof why);

	ck_assert_msg(rc == RC_SYNTAX, "%s: %s", refused[_i].sql, rc_name(rc));
	ck_assert_int_eq(number, -7);
	ck_assert_msg(why[0] && strstr(why, refused[_i].why), "%s: says \"%s\"", refused[_i].sql, why);
}
END_TEST

/* Each part is allowed; together they would build gigabytes or run for hours. */
START_TEST(test_bounded)
{
	char sql[4000] = "town", why[200];
	int number;
	struct timespec a, b;

	(void)clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < 40; i++) { /* replace() of every letter by ten others, forty deep */
		char next[4000];

		(void)snprintf(next, sizeof next, "replace(%.3000s,'u','uuuuuuuuuu')", sql);
		(void)snprintf(sql, sizeof sql, "%s", next);
	}
	if (conditions_add(conditions, sql, &number, why, sizeof why) == RC_OK)
		ck_assert(!conditions_hold(conditions, number, record));
	/* depth */
	memset(sql, '(', 1500);
	sql[1500] = '\0';
	ck_assert_int_eq(conditions_add(conditions, sql, &number, why, sizeof why), RC_SYNTAX);
	(void)snprintf(sql, sizeof sql, "%s", "1");
	for (int i = 0; i < 300; i++)
		(void)strncat(sql, " and 1", sizeof sql - strlen(sql) - 1);
	ck_assert_int_eq(conditions_add(conditions, sql, &number, why, sizeof why), RC_SYNTAX);
	/* length */
	memset(sql, ' ', 3000);
	memcpy(sql, "1", 1);
	sql[3000] = '\0';
	ck_assert_int_eq(conditions_add(conditions, sql, &number, why, sizeof why), RC_SYNTAX);
	ck_assert_ptr_nonnull(strstr(why, "longer than"));
	(void)clock_gettime(CLOCK_MONOTONIC, &b);
	ck_assert_int_le(b.tv_sec - a.tv_sec, 5);
}
END_TEST

START_TEST(test_same_text_same_number)
{
	char why[200];
	int a, b, c;

	ck_assert_int_eq(conditions_add(conditions, "registered", &a, why, sizeof why), RC_OK);
	ck_assert_int_eq(conditions_add(conditions, "stopped", &b, why, sizeof why), RC_OK);
	ck_assert_int_eq(conditions_add(conditions, "registered", &c, why, sizeof why), RC_OK);
	ck_assert_int_eq(a, c);
	ck_assert_int_ne(a, b);
	conditions_drop(conditions, a);
	ck_assert(conditions_hold(conditions, a, record));
	conditions_drop(conditions, a);
	ck_assert(!conditions_hold(conditions, a, record)); /* gone */
	ck_assert_int_eq(conditions_add(conditions, "not stopped", &c, why, sizeof why), RC_OK);
	ck_assert_int_eq(a, c); /* the place is used again */
	ck_assert(conditions_hold(conditions, c, record));
	ck_assert(!conditions_hold(conditions, -1, record));
	ck_assert(!conditions_hold(conditions, 99999, record));
}
END_TEST

/* The record changes while a dialogue runs: a condition sees it as it is now. */
START_TEST(test_follows_the_record)
{
	char why[200];
	int number;

	ck_assert_int_eq(conditions_add(conditions, "name = 'Asha' and registered", &number, why, sizeof why),
	                 RC_OK);
	ck_assert(!conditions_hold(conditions, number, record));
	ck_assert_int_eq(record_set_value(record, FIELD_NAME, "Asha"), RC_OK);
	ck_assert(conditions_hold(conditions, number, record));
	record_set_state(record, SUBSCRIBER_ANONYMOUS);
	ck_assert(!conditions_hold(conditions, number, record));
}
END_TEST

/* Field names that are words of SQL are fine in double quotes. */
START_TEST(test_keyword_field)
{
	struct profile p;
	struct conditions *own;
	char why[200];
	int number;

	world_profile(&p);
	(void)snprintf(p.field[FIELD_NOTE].name, PROFILE_NAME_SIZE, "group");
	ck_assert_int_eq(conditions_new(&p, &own), RC_OK);
	ck_assert_int_eq(conditions_add(own, "\"group\" is null", &number, why, sizeof why), RC_OK);
	ck_assert(conditions_hold(own, number, record));
	conditions_free(own);
}
END_TEST

/* A column for each purpose of the profile: does its consent stand? */
START_TEST(a_consent_is_a_column)
{
	ck_assert(holds("not consent_profile"));
	ck_assert_int_eq(record_set_consent(record, "profile", true), RC_OK);
	ck_assert(holds("consent_profile"));
	ck_assert(holds("consent_profile and town is not null"));
	ck_assert_int_eq(record_set_consent(record, "profile", false), RC_OK);
	ck_assert(holds("consent_profile = 0"));
}
END_TEST

/* They are what the daemon opens first, and SQLite takes no configuration after that: with its statistics there is one lock
 * around each of its allocations. */
START_TEST(test_opens_as_the_store_does)
{
	ck_assert_ptr_nonnull(conditions);
	ck_assert_int_eq(sqlite3_memory_used(), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("condition");
	TCase *tc = tcase_create("condition");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_consent_is_a_column);
	tcase_add_loop_test(tc, test_truth, 0, sizeof truths / sizeof truths[0]);
	tcase_add_loop_test(tc, test_refused, 0, sizeof refused / sizeof refused[0]);
	tcase_add_test(tc, test_bounded);
	tcase_add_test(tc, test_same_text_same_number);
	tcase_add_test(tc, test_follows_the_record);
	tcase_add_test(tc, test_keyword_field);
	tcase_add_test(tc, test_opens_as_the_store_does);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
