/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a field takes: one opinion for phones, agents, imports and the store; and what is said of the rest. */
#include <check.h>
#include <string.h>

#include "core/profile.h"
#include "tests/run_suite.h"

struct row {
	struct profile_field f;
	const char *value;
	bool fits;
};

#define NUMBER .kind = PROFILE_NUMBER
#define DATE .kind = PROFILE_DATE
#define PLACE .kind = PROFILE_PLACE
#define CHOICE .n_of = 3, .of = {"head", "job", "study"}
#define LIKES .several = true, .n_of = 3, .of = {"football", "music", "church"}

/* clang-format off */
static const struct row rows[] = {
	{{.name = "any"}, "Asha", true},
	{{.name = "any"}, "", false},
	{{.name = "any"}, "two\nlines", false},
	{{.name = "any"}, "bell\x07", false},
	{{.name = "any"}, "Jos\xc3\xa9", true},
	{{.name = "any"}, "Jos\xc3", false}, /* cut UTF-8 */
	{{.has_length = true, .length_least = 2, .length_most = 4}, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", true}, /* characters, not bytes */
	{{.has_length = true, .length_least = 2, .length_most = 4}, "x", false},
	{{.has_length = true, .length_least = 2, .length_most = 4}, "abcde", false},
	{{CHOICE}, "job", true},
	{{CHOICE}, "Job", false},
	{{CHOICE}, "job,head", false},
	{{CHOICE}, "jo", false},
	{{LIKES}, "music", true},
	{{LIKES}, "music,football", true}, /* in any order */
	{{LIKES}, "music,music", false},
	{{LIKES}, "music,", false},
	{{LIKES}, ",music", false},
	{{LIKES}, "music, football", false},
	{{LIKES}, "music,films", false},
	{{NUMBER}, "12", true},
	{{NUMBER}, "-3.50", true},
	{{NUMBER}, "99999999999999999999999999", true},
	{{NUMBER}, "1,500", false},
	{{NUMBER}, "1.", false},
	{{NUMBER}, ".5", false},
	{{NUMBER}, "1.5.2", false},
	{{NUMBER}, "-", false},
	{{NUMBER}, "+1", false},
	{{NUMBER}, "1e3", false},
	{{NUMBER}, "ten", false},
	{{NUMBER, .has_range = true, .range_least = 0, .range_most = 120}, "0", true},
	{{NUMBER, .has_range = true, .range_least = 0, .range_most = 120}, "120", true},
	{{NUMBER, .has_range = true, .range_least = 0, .range_most = 120}, "120.0", true},
	{{NUMBER, .has_range = true, .range_least = 0, .range_most = 120}, "120.5", false},
	{{NUMBER, .has_range = true, .range_least = 0, .range_most = 120}, "-0.5", false},
	{{NUMBER, .has_range = true, .range_least = 0, .range_most = 120}, "121", false},
	{{NUMBER, .has_range = true, .range_least = 0, .range_most = 120}, "99999999999999999999999999", false},
	{{NUMBER, .has_range = true, .range_least = -5, .range_most = -2}, "-5", true},
	{{NUMBER, .has_range = true, .range_least = -5, .range_most = -2}, "-5.1", false},
	{{NUMBER, .has_range = true, .range_least = -5, .range_most = -2}, "-1", false},
	{{DATE}, "1990-02-28", true},
	{{DATE}, "2000-02-29", true},
	{{DATE}, "1900-02-29", false}, /* no leap year */
	{{DATE}, "2023-02-29", false},
	{{DATE}, "28/02/1990", false},
	{{DATE}, "1990-2-28", false},
	{{DATE}, "1990-13-01", false},
	{{DATE}, "1990-00-10", false},
	{{DATE}, "1899-12-31", false},
	{{DATE}, "1990-02-28 ", false},
	{{DATE, .has_range = true, .range_least = 19000101, .range_most = 20101231}, "2010-12-31", true},
	{{DATE, .has_range = true, .range_least = 19000101, .range_most = 20101231}, "2011-01-01", false},
	{{PLACE}, "Nakuru", true},
	{{PLACE}, "12 Moi Ave., Kisumu (East)", true},
	{{PLACE}, "Gar\xc4\xb1ssa", true},
	{{PLACE}, "12345", false},
	{{PLACE}, "Nakuru; DROP", false},
	{{PLACE, .has_length = true, .length_least = 2, .length_most = 6}, "Nakuru", true},
	{{PLACE, .has_length = true, .length_least = 2, .length_most = 5}, "Nakuru", false},
	{{NUMBER, .n_of = 2, .of = {"1", "2"}}, "2", true},
	{{NUMBER, .n_of = 2, .of = {"1", "2"}}, "3", false},
};
/* clang-format on */

START_TEST(values_fit_or_do_not)
{
	const struct row *r = &rows[_i];
	char why[PROFILE_WHY_SIZE] = "";

	ck_assert_msg(profile_check(&r->f, r->value, why, sizeof why) == r->fits, "row %d: \"%s\" %s", _i,
	              r->value, r->fits ? "should fit" : "should not fit");
	ck_assert_int_eq(profile_check(&r->f, r->value, NULL, 0), r->fits);
	ck_assert_int_eq(why[0] != '\0', !r->fits);
	/* promise 9: what is said may go into a file or a log */
	ck_assert(r->fits || strlen(r->value) < 4 || strstr(why, r->value) == NULL || r->f.n_of > 0);
}
END_TEST

START_TEST(a_value_has_its_bound)
{
	const struct profile_field f = {.name = "any"};
	char value[PROFILE_VALUE_MAX + 2];

	memset(value, 'x', sizeof value);
	value[PROFILE_VALUE_MAX + 1] = '\0';
	ck_assert(!profile_check(&f, value, NULL, 0));
	value[PROFILE_VALUE_MAX] = '\0';
	ck_assert(profile_check(&f, value, NULL, 0));
	ck_assert(!profile_check(&f, NULL, NULL, 0));
}
END_TEST

static void says(struct profile_field f, const char *words)
{
	char out[PROFILE_WHY_SIZE];

	ck_assert_str_eq(profile_takes(&f, out, sizeof out), words);
}

START_TEST(what_would_be_right_is_said)
{
	char short_out[8];
	const struct profile_field f = {CHOICE};

	says((struct profile_field){CHOICE}, "one of head, job, study");
	says((struct profile_field){LIKES}, "any, with commas between, of football, music, church");
	says((struct profile_field){NUMBER}, "a number");
	says((struct profile_field){NUMBER, .has_range = true, .range_least = 0, .range_most = 120},
	     "a number from 0 to 120");
	says((struct profile_field){DATE, .has_range = true, .range_least = 19000101, .range_most = 20101231},
	     "a date such as 1990-02-28, from 1900-01-01 to 2010-12-31");
	says((struct profile_field){.has_length = true, .length_least = 2, .length_most = 40},
	     "a text of 2 to 40 characters");
	says((struct profile_field){.name = "any"}, "a text of 1 to 160 bytes on one line");
	ck_assert_uint_lt(strlen(profile_takes(&f, short_out, sizeof short_out)), sizeof short_out);
}
END_TEST

/* --- purposes ------------------------------------------------------------------------------------------------------- */

static const struct profile declared = {
	.n_fields = 1,
	.field = {{.name = "town", .consent = "profile"}},
	.n_purposes = 2,
	.purpose = {{.name = "profile"}, {.name = "offers", .is_marketing = true, .lasts_ms = 1000}},
};
static const struct profile open_to_all = {.n_fields = 1, .field = {{.name = "town", .consent = "profile"}}};

START_TEST(purposes_are_declared_or_open)
{
	ck_assert(profile_takes_purpose(&declared, "offers") && !profile_takes_purpose(&declared, "ofers"));
	ck_assert(profile_takes_purpose(&open_to_all, "ofers"));
	ck_assert_str_eq(profile_nearest_purpose(&declared, "ofers"), "offers");
	ck_assert_str_eq(profile_nearest_purpose(&open_to_all, "profil"), "profile");
	ck_assert_ptr_null(profile_nearest_purpose(&declared, "partners"));
	ck_assert(profile_is_marketing(&declared, "offers") && !profile_is_marketing(&declared, "profile"));
	ck_assert(!profile_is_marketing(&open_to_all, "offers"));
	ck_assert_ptr_null(profile_purpose_by_name(NULL, "offers"));
}
END_TEST

START_TEST(a_consent_lasts_as_long_as_its_purpose_says)
{
	ck_assert(!profile_consent_is_over(&declared, "offers", 5000, 5999));
	ck_assert(profile_consent_is_over(&declared, "offers", 5000, 6000));
	ck_assert(!profile_consent_is_over(&declared, "profile", 0, INT64_MAX / 2));
	ck_assert(!profile_consent_is_over(&open_to_all, "offers", 0, INT64_MAX / 2));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("profile_value");
	TCase *tc = tcase_create("profile_value");

	tcase_add_loop_test(tc, values_fit_or_do_not, 0, (int)(sizeof rows / sizeof rows[0]));
	tcase_add_test(tc, a_value_has_its_bound);
	tcase_add_test(tc, what_would_be_right_is_said);
	tcase_add_test(tc, purposes_are_declared_or_open);
	tcase_add_test(tc, a_consent_lasts_as_long_as_its_purpose_says);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
