/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The profile: look-ups, and the names that belong to the system. */
#include <check.h>
#include <string.h>

#include "core/profile.h"
#include "tests/run_suite.h"

START_TEST(fields_are_found_by_name)
{
	static const struct profile p = {
		.n_fields = 2,
		.field = {{.name = "name"}, {.name = "town"}, {.name = "ghost"}},
	};

	ck_assert_int_eq(profile_field_by_name(&p, "name"), 0);
	ck_assert_int_eq(profile_field_by_name(&p, "town"), 1);
	ck_assert_int_eq(profile_field_by_name(&p, "ghost"), -1); /* beyond n_fields */
	ck_assert_int_eq(profile_field_by_name(&p, "Name"), -1);
	ck_assert_int_eq(profile_field_by_name(&p, "nam"), -1);
	ck_assert_int_eq(profile_field_by_name(&p, ""), -1);
	ck_assert_int_eq(profile_field_by_name(&p, NULL), -1);
	ck_assert_int_eq(profile_field_by_name(NULL, "name"), -1);
}
END_TEST

START_TEST(system_columns_are_known)
{
	static const char *const expected[] = {
		"registered", "state",         "language",   "first_seen", "last_seen", "msisdn",  "stopped",
		"verified",   "must_register", "grace_days", "referrals",  "related",   "referred"};
	size_t n = 0;

	while (profile_system_columns[n])
		n++;
	ck_assert_uint_eq(n, sizeof expected / sizeof expected[0]);
	for (size_t i = 0; i < n; i++) {
		ck_assert_str_eq(profile_system_columns[i], expected[i]);
		ck_assert(profile_is_system(expected[i]));
	}
	ck_assert(!profile_is_system("town"));
	ck_assert(!profile_is_system(""));
	ck_assert(!profile_is_system(NULL));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("profile");
	TCase *tc = tcase_create("profile");

	tcase_add_test(tc, fields_are_found_by_name);
	tcase_add_test(tc, system_columns_are_known);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
