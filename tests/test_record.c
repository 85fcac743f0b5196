/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record at hand: values, consents, the registration rule (promise 8), compactness. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "core/record.h"
#include "tests/random.h"
#include "tests/run_suite.h"

size_t malloc_usable_size(void *); /* glibc's own, from <malloc.h> */

enum { NAME, TOWN, ROLE, N_FIELDS };

/* As in the sample profile: name and town required under "profile", role under a purpose of its own. */
static const struct profile profile = {
	.n_fields = N_FIELDS,
	.field =
		{
			[NAME] = {.name = "name",
                                  .consent = "profile",
                                  .is_private = true,
                                  .is_required = true},
			[TOWN] = {.name = "town", .consent = "profile", .is_required = true},
			[ROLE] = {.name = "role", .consent = "research"},
		},
};

static struct record *fresh(void)
{
	struct record *r = record_new(&profile, 254700000001);

	ck_assert_ptr_nonnull(r);
	return r;
}

static void set(struct record *r, size_t field, const char *value)
{
	ck_assert_int_eq(record_set_value(r, field, value), RC_OK);
}

static void agree(struct record *r, const char *purpose, bool stands)
{
	ck_assert_int_eq(record_set_consent(r, purpose, stands), RC_OK);
}

static enum subscriber_state settled(struct record *r)
{
	record_settle(r);
	return record_state(r);
}

START_TEST(a_new_one_is_unknown)
{
	struct record *r = fresh();

	ck_assert_int_eq(record_id(r), 0);
	ck_assert_int_eq(record_msisdn(r), 254700000001);
	ck_assert_int_eq(record_state(r), SUBSCRIBER_ANONYMOUS);
	ck_assert(!record_is_registered(r));
	ck_assert(!record_is_stopped(r));
	ck_assert_str_eq(record_language(r), "");
	ck_assert_ptr_eq(record_profile(r), &profile);
	for (size_t i = 0; i < N_FIELDS + 1; i++)
		ck_assert_ptr_null(record_value(r, i));
	ck_assert(record_has_consent(r, ""));
	ck_assert(!record_has_consent(r, "profile"));
	record_free(r);
	record_free(NULL);
}
END_TEST

START_TEST(columns_are_kept)
{
	struct record *r = fresh();

	record_set_id(r, 42);
	record_set_seen_ms(r, 1000, 2000);
	record_set_stopped(r, true);
	record_set_state(r, SUBSCRIBER_VERIFIED);
	ck_assert_int_eq(record_set_language(r, "pt-br"), RC_OK);
	ck_assert_int_eq(record_id(r), 42);
	ck_assert_int_eq(record_first_seen_ms(r), 1000);
	ck_assert_int_eq(record_last_seen_ms(r), 2000);
	ck_assert(record_is_stopped(r));
	ck_assert_int_eq(record_state(r), SUBSCRIBER_VERIFIED);
	ck_assert_str_eq(record_language(r), "pt-br");
	ck_assert_int_eq(record_set_language(r, "12345678"), RC_RANGE);
	ck_assert_str_eq(record_language(r), "pt-br");
	ck_assert_int_eq(record_set_language(r, "1234567"), RC_OK);
	ck_assert_int_eq(record_set_language(r, "sw"), RC_OK);
	ck_assert_str_eq(record_language(r), "sw");
	ck_assert_int_eq(record_set_language(r, NULL), RC_OK);
	ck_assert_str_eq(record_language(r), "");
	record_free(r);
}
END_TEST

START_TEST(values_are_set_changed_and_forgotten)
{
	struct record *r = fresh();

	set(r, NAME, "Asha");
	set(r, TOWN, "Kisumu");
	set(r, ROLE, "head");
	set(r, TOWN, "Nakuru town, beside the old market");
	ck_assert_str_eq(record_value(r, NAME), "Asha");
	ck_assert_str_eq(record_value(r, TOWN), "Nakuru town, beside the old market");
	ck_assert_str_eq(record_value(r, ROLE), "head");
	set(r, NAME, NULL);
	ck_assert_ptr_null(record_value(r, NAME));
	ck_assert_str_eq(record_value(r, TOWN), "Nakuru town, beside the old market");
	ck_assert_str_eq(record_value(r, ROLE), "head");
	set(r, NAME, NULL);
	set(r, ROLE, "");
	ck_assert_str_eq(record_value(r, ROLE), "");
	record_free(r);
}
END_TEST

START_TEST(a_value_may_be_one_of_its_own)
{
	struct record *r = fresh();

	set(r, NAME, "Asha Mwangi of Kisumu");
	set(r, TOWN, record_value(r, NAME));
	set(r, NAME, record_value(r, NAME) + 5);
	set(r, NAME, record_value(r, NAME));
	ck_assert_str_eq(record_value(r, NAME), "Mwangi of Kisumu");
	ck_assert_str_eq(record_value(r, TOWN), "Asha Mwangi of Kisumu");
	record_free(r);
}
END_TEST

START_TEST(bounds_leave_everything_as_it_was)
{
	struct record *r = fresh();
	char text[PROFILE_VALUE_MAX + 2];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	set(r, NAME, "Asha");
	ck_assert_int_eq(record_set_value(r, NAME, text), RC_RANGE);
	ck_assert_str_eq(record_value(r, NAME), "Asha");
	ck_assert_int_eq(record_set_value(r, N_FIELDS, "x"), RC_RANGE);
	ck_assert_int_eq(record_set_value(r, N_FIELDS, NULL), RC_RANGE);
	ck_assert_int_eq(record_set_value(r, SIZE_MAX, "x"), RC_RANGE);
	text[PROFILE_VALUE_MAX] = '\0';
	set(r, NAME, text);
	ck_assert_str_eq(record_value(r, NAME), text);
	record_free(r);
}
END_TEST

START_TEST(consents_stand_and_fall)
{
	struct record *r = fresh();

	agree(r, "profile", true);
	agree(r, "profile", true);
	agree(r, "research", true);
	set(r, NAME, "Asha");
	ck_assert(record_has_consent(r, "profile"));
	ck_assert(record_has_consent(r, "research"));
	ck_assert(!record_has_consent(r, "prof"));
	agree(r, "profile", false);
	agree(r, "profile", false);
	agree(r, "never given", false);
	ck_assert(!record_has_consent(r, "profile"));
	ck_assert(record_has_consent(r, "research"));
	ck_assert_str_eq(record_value(r, NAME), "Asha");
	agree(r, "profile", true);
	ck_assert(record_has_consent(r, "profile"));
	record_free(r);
}
END_TEST

START_TEST(consents_are_bounded)
{
	struct record *r = fresh();
	char name[PROFILE_NAME_SIZE + 1];

	for (int i = 0; i < RECORD_MAX_CONSENTS; i++) {
		snprintf(name, sizeof name, "purpose_%d", i);
		agree(r, name, true);
	}
	ck_assert_int_eq(record_set_consent(r, "one_more", true), RC_FULL);
	ck_assert(!record_has_consent(r, "one_more"));
	agree(r, "purpose_3", true); /* stands already */
	agree(r, "purpose_0", false);
	agree(r, "one_more", true);
	for (int i = 1; i < RECORD_MAX_CONSENTS; i++) {
		snprintf(name, sizeof name, "purpose_%d", i);
		ck_assert(record_has_consent(r, name));
	}
	memset(name, 'x', PROFILE_NAME_SIZE);
	name[PROFILE_NAME_SIZE] = '\0';
	ck_assert_int_eq(record_set_consent(r, name, true), RC_RANGE);
	ck_assert_int_eq(record_set_consent(r, "", true), RC_RANGE);
	record_free(r);
}
END_TEST

/* Promise 8: registered only by fields that stand under a consent. Each row is one way through the rule. */
static const struct {
	const char *name;
	const char *town;
	bool profile_stands;
	enum subscriber_state before;
	enum subscriber_state after;
} rule[] = {
	{"Asha", "Kisumu", true, SUBSCRIBER_ANONYMOUS, SUBSCRIBER_DECLARED},
	{"Asha", "Kisumu", true, SUBSCRIBER_DECLARED, SUBSCRIBER_DECLARED},
	{"Asha", "Kisumu", true, SUBSCRIBER_VERIFIED, SUBSCRIBER_VERIFIED},
	{"Asha", "Kisumu", false, SUBSCRIBER_ANONYMOUS, SUBSCRIBER_ANONYMOUS},
	{"Asha", "Kisumu", false, SUBSCRIBER_DECLARED, SUBSCRIBER_ANONYMOUS},
	{"Asha", "Kisumu", false, SUBSCRIBER_VERIFIED, SUBSCRIBER_ANONYMOUS},
	{"Asha", NULL, true, SUBSCRIBER_ANONYMOUS, SUBSCRIBER_ANONYMOUS},
	{"Asha", NULL, true, SUBSCRIBER_DECLARED, SUBSCRIBER_ANONYMOUS},
	{"Asha", NULL, true, SUBSCRIBER_VERIFIED, SUBSCRIBER_ANONYMOUS},
	{NULL, "Kisumu", true, SUBSCRIBER_DECLARED, SUBSCRIBER_ANONYMOUS},
	{"Asha", "", true, SUBSCRIBER_ANONYMOUS, SUBSCRIBER_ANONYMOUS},
	{NULL, NULL, true, SUBSCRIBER_ANONYMOUS, SUBSCRIBER_ANONYMOUS},
	{NULL, NULL, false, SUBSCRIBER_ANONYMOUS, SUBSCRIBER_ANONYMOUS},
};

START_TEST(promise_8_the_rule)
{
	struct record *r = fresh();

	set(r, NAME, rule[_i].name);
	set(r, TOWN, rule[_i].town);
	agree(r, "profile", rule[_i].profile_stands);
	agree(r, "research", true); /* another purpose covers nothing of it */
	record_set_state(r, rule[_i].before);
	ck_assert_int_eq(settled(r), rule[_i].after);
	ck_assert(record_is_registered(r) == (rule[_i].after != SUBSCRIBER_ANONYMOUS));
	record_free(r);
}
END_TEST

START_TEST(promise_8_step_by_step)
{
	struct record *r = fresh();

	agree(r, "profile", true);
	ck_assert_int_eq(settled(r), SUBSCRIBER_ANONYMOUS);
	set(r, NAME, "Asha");
	ck_assert_int_eq(settled(r), SUBSCRIBER_ANONYMOUS);
	set(r, ROLE, "head"); /* not required, whatever its consent */
	ck_assert_int_eq(settled(r), SUBSCRIBER_ANONYMOUS);
	set(r, TOWN, "Kisumu");
	ck_assert_int_eq(settled(r), SUBSCRIBER_DECLARED);
	agree(r, "profile", false);
	ck_assert_int_eq(settled(r), SUBSCRIBER_ANONYMOUS);
	agree(r, "profile", true);
	ck_assert_int_eq(settled(r), SUBSCRIBER_DECLARED);
	set(r, NAME, NULL);
	ck_assert_int_eq(settled(r), SUBSCRIBER_ANONYMOUS);
	record_free(r);
}
END_TEST

START_TEST(nothing_required_declares_nobody)
{
	static const struct profile open = {.n_fields = 1, .field = {{.name = "town"}}};
	struct record *r = record_new(&open, 254700000001);

	set(r, 0, "Kisumu");
	ck_assert_int_eq(settled(r), SUBSCRIBER_ANONYMOUS);
	record_set_state(r, SUBSCRIBER_DECLARED);
	ck_assert_int_eq(settled(r), SUBSCRIBER_ANONYMOUS);
	/* Nothing is required, so nothing is missing of what a person has verified. */
	record_set_state(r, SUBSCRIBER_VERIFIED);
	ck_assert_int_eq(settled(r), SUBSCRIBER_VERIFIED);
	record_free(r);
}
END_TEST

START_TEST(a_required_field_without_purpose_needs_no_consent)
{
	static const struct profile open = {.n_fields = 1, .field = {{.name = "town", .is_required = true}}};
	struct record *r = record_new(&open, 254700000001);

	ck_assert_int_eq(settled(r), SUBSCRIBER_ANONYMOUS);
	set(r, 0, "Kisumu");
	ck_assert_int_eq(settled(r), SUBSCRIBER_DECLARED);
	record_free(r);
}
END_TEST

START_TEST(no_profile_no_fields)
{
	static const struct profile none;
	struct record *r = record_new(&none, 254700000001);

	ck_assert_int_eq(record_set_value(r, 0, "x"), RC_RANGE);
	ck_assert_int_eq(settled(r), SUBSCRIBER_ANONYMOUS);
	record_erase(r);
	record_free(r);
}
END_TEST

START_TEST(a_clone_lives_alone)
{
	struct record *r = fresh(), *copy;

	record_set_id(r, 7);
	copy = record_clone(r); /* of an empty one */
	ck_assert_ptr_null(record_value(copy, NAME));
	set(copy, NAME, "Asha");
	ck_assert_ptr_null(record_value(r, NAME));
	record_free(copy);

	set(r, NAME, "Asha");
	agree(r, "profile", true);
	ck_assert_int_eq(record_set_language(r, "sw"), RC_OK);
	copy = record_clone(r);
	set(r, NAME, "Otieno");
	agree(r, "profile", false);
	ck_assert_str_eq(record_value(copy, NAME), "Asha");
	ck_assert(record_has_consent(copy, "profile"));
	record_free(r);
	set(copy, TOWN, "Kisumu");
	ck_assert_int_eq(settled(copy), SUBSCRIBER_DECLARED);
	ck_assert_int_eq(record_id(copy), 7);
	ck_assert_str_eq(record_language(copy), "sw");
	record_free(copy);
}
END_TEST

START_TEST(erase_forgets_what_was_told)
{
	struct record *r = fresh();

	record_set_id(r, 7);
	record_set_stopped(r, true);
	record_set_seen_ms(r, 1, 2);
	set(r, NAME, "Asha");
	set(r, TOWN, "Kisumu");
	agree(r, "profile", true);
	ck_assert_int_eq(record_set_language(r, "sw"), RC_OK);
	ck_assert_int_eq(settled(r), SUBSCRIBER_DECLARED);
	record_erase(r);
	ck_assert_int_eq(record_state(r), SUBSCRIBER_ANONYMOUS);
	for (size_t i = 0; i < N_FIELDS; i++)
		ck_assert_ptr_null(record_value(r, i));
	ck_assert(!record_has_consent(r, "profile"));
	ck_assert_str_eq(record_language(r), "");
	ck_assert_int_eq(record_id(r), 7);
	ck_assert_int_eq(record_first_seen_ms(r), 1);
	ck_assert(record_is_stopped(r)); /* promise 7: an erased subscriber is still left alone */
	set(r, NAME, "Asha again");
	ck_assert_str_eq(record_value(r, NAME), "Asha again");
	record_free(r);
}
END_TEST

/* One record stays in memory for each open dialogue. */
START_TEST(two_short_values_stay_under_256_bytes)
{
	struct record *r = fresh();
	size_t bytes;

	set(r, NAME, "Asha");
	set(r, TOWN, "Kisumu");
	agree(r, "profile", true);
	/* The first value that was ever set stands one byte into the block. */
	bytes = malloc_usable_size(r) + malloc_usable_size((char *)(size_t)record_value(r, NAME) - 1);
	ck_assert_uint_gt(bytes, 64);
	ck_assert_uint_lt(bytes, 224); /* leaves room for the allocator's own two headers */
	record_free(r);
}
END_TEST

/* The widest profile, all values at their longest, changed in many orders: compared with a plain array. */
START_TEST(many_changes_agree_with_a_plain_model)
{
	static struct profile wide = {.n_fields = PROFILE_MAX_FIELDS};
	static char model[PROFILE_MAX_FIELDS][PROFILE_VALUE_MAX + 1];
	static bool known[PROFILE_MAX_FIELDS];
	struct record *r = record_new(&wide, 254700000001);
	struct random random = {12345};
	char purpose[PROFILE_NAME_SIZE];

	for (int round = 0; round < 4000; round++) {
		uint32_t seed = random_bits(&random);
		size_t field, n;

		field = seed >> 16 & (PROFILE_MAX_FIELDS - 1);
		n = round < 64 ? PROFILE_VALUE_MAX : (seed >> 8) % (PROFILE_VALUE_MAX + 1);
		snprintf(purpose, sizeof purpose, "a_purpose_of_thirty_one_byte_%02u",
		         seed % RECORD_MAX_CONSENTS);
		agree(r, purpose, seed >> 20 & 1);
		ck_assert(record_has_consent(r, purpose) == (seed >> 20 & 1));
		known[field] = (seed >> 28) != 0;
		memset(model[field], 'a' + (int)(seed >> 24) % 26, n);
		model[field][n] = '\0';
		set(r, field, known[field] ? model[field] : NULL);
		for (size_t i = 0; i < PROFILE_MAX_FIELDS; i++)
			ck_assert_pstr_eq(record_value(r, i), known[i] ? model[i] : NULL);
	}
	record_free(r);
}
END_TEST

/* --- refused, marketing, identity ------------------------------------------------------------------------------------ */

START_TEST(a_refusal_is_known)
{
	struct record *r = fresh();

	ck_assert_int_eq(record_consent_state(r, "profile"), RECORD_CONSENT_NONE);
	agree(r, "profile", false);
	agree(r, "research", true);
	ck_assert_int_eq(record_consent_state(r, "profile"), RECORD_CONSENT_REFUSED);
	ck_assert_int_eq(record_consent_state(r, "research"), RECORD_CONSENT_GRANTED);
	agree(r, "profile", true);
	agree(r, "research", false); /* withdrawn */
	ck_assert_int_eq(record_consent_state(r, "profile"), RECORD_CONSENT_GRANTED);
	ck_assert_int_eq(record_consent_state(r, "research"), RECORD_CONSENT_REFUSED);
	ck_assert_int_eq(record_consent_state(r, ""), RECORD_CONSENT_NONE);
	record_erase(r);
	ck_assert_int_eq(record_consent_state(r, "research"), RECORD_CONSENT_NONE);
	record_free(r);
}
END_TEST

/* A refusal never keeps a consent out: it is given up for one, and not kept where there is no place for it. */
START_TEST(consents_win_over_refusals_for_a_place)
{
	struct record *r = fresh();
	char name[PROFILE_NAME_SIZE];

	for (int i = 0; i < RECORD_MAX_CONSENTS; i++) {
		snprintf(name, sizeof name, "purpose_%d", i);
		agree(r, name, i != 3 && i != 15);
	}
	agree(r, "refused_too", false);
	ck_assert_int_eq(record_consent_state(r, "refused_too"), RECORD_CONSENT_NONE);
	agree(r, "granted", true); /* in the place of 3 */
	ck_assert_int_eq(record_consent_state(r, "purpose_3"), RECORD_CONSENT_NONE);
	ck_assert_int_eq(record_consent_state(r, "purpose_4"), RECORD_CONSENT_GRANTED);
	ck_assert_int_eq(record_consent_state(r, "purpose_14"), RECORD_CONSENT_GRANTED);
	ck_assert_int_eq(record_consent_state(r, "purpose_15"), RECORD_CONSENT_REFUSED);
	ck_assert_int_eq(record_consent_state(r, "granted"), RECORD_CONSENT_GRANTED);
	record_free(r);
}
END_TEST

START_TEST(promise_7_marketing_is_withdrawn_alone)
{
	static const struct profile p = {
		.n_fields = 3,
		.field = {{.name = "town", .consent = "profile"},
	                  {.name = "likes", .consent = "offers"},
	                  {.name = "phone", .consent = "partners"}},
		.n_purposes = 4,
		.purpose = {{.name = "profile"},
	                    {.name = "offers", .is_marketing = true},
	                    {.name = "partners", .is_marketing = true},
	                    {.name = "surveys", .is_marketing = true}},
	};
	struct record *r = record_new(&p, 254700000001);

	for (size_t i = 0; i < 3; i++)
		agree(r, p.purpose[i].name, true);
	set(r, 0, "Kisumu");
	set(r, 1, "football");
	set(r, 2, "yes");
	ck_assert_uint_eq(record_withdraw_marketing(r), 2);
	ck_assert_int_eq(record_consent_state(r, "profile"), RECORD_CONSENT_GRANTED);
	ck_assert_int_eq(record_consent_state(r, "offers"), RECORD_CONSENT_REFUSED);
	ck_assert_int_eq(record_consent_state(r, "partners"), RECORD_CONSENT_REFUSED);
	ck_assert_int_eq(record_consent_state(r, "surveys"),
	                 RECORD_CONSENT_NONE); /* never given: not refused either */
	ck_assert_str_eq(record_value(r, 0), "Kisumu");
	ck_assert_ptr_null(record_value(r, 1));
	ck_assert_ptr_null(record_value(r, 2));
	ck_assert_uint_eq(record_withdraw_marketing(r), 0);
	record_free(r);
}
END_TEST

START_TEST(what_was_proven_and_is_told_anew_is_declared)
{
	struct record *r = fresh();

	agree(r, "profile", true);
	set(r, NAME, "Asha");
	set(r, TOWN, "Kisumu");
	record_set_state(r, SUBSCRIBER_VERIFIED);
	set(r, NAME, "Asha");
	set(r, TOWN, "Nairobi"); /* required, but tells nobody who somebody is */
	set(r, ROLE, "head");
	ck_assert_int_eq(settled(r), SUBSCRIBER_VERIFIED);
	set(r, NAME, "Ashas");
	ck_assert_int_eq(settled(r), SUBSCRIBER_DECLARED);
	record_free(r);
}
END_TEST

START_TEST(anonymity_may_be_forbidden)
{
	struct record *r = fresh();

	ck_assert(!record_must_register(r));
	ck_assert_int_eq(record_grace_days(r), -1);
	record_set_identity(r, false, 30);
	ck_assert(record_must_register(r));
	ck_assert_int_eq(record_grace_days(r), 30);
	record_set_state(r, SUBSCRIBER_DECLARED);
	ck_assert(!record_must_register(r));
	record_set_identity(r, false, 1000000);
	ck_assert_int_eq(record_grace_days(r), UINT16_MAX);
	record_set_identity(r, true, 30);
	ck_assert_int_eq(record_grace_days(r), -1);
	record_free(r);
}
END_TEST

START_TEST(states_have_names)
{
	ck_assert_str_eq(subscriber_state_name(SUBSCRIBER_ANONYMOUS), "anonymous");
	ck_assert_str_eq(subscriber_state_name(SUBSCRIBER_DECLARED), "declared");
	ck_assert_str_eq(subscriber_state_name(SUBSCRIBER_VERIFIED), "verified");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("record");
	TCase *tc = tcase_create("record");

	tcase_add_test(tc, a_new_one_is_unknown);
	tcase_add_test(tc, columns_are_kept);
	tcase_add_test(tc, values_are_set_changed_and_forgotten);
	tcase_add_test(tc, a_value_may_be_one_of_its_own);
	tcase_add_test(tc, bounds_leave_everything_as_it_was);
	tcase_add_test(tc, consents_stand_and_fall);
	tcase_add_test(tc, consents_are_bounded);
	tcase_add_loop_test(tc, promise_8_the_rule, 0, sizeof rule / sizeof rule[0]);
	tcase_add_test(tc, promise_8_step_by_step);
	tcase_add_test(tc, nothing_required_declares_nobody);
	tcase_add_test(tc, a_required_field_without_purpose_needs_no_consent);
	tcase_add_test(tc, no_profile_no_fields);
	tcase_add_test(tc, a_clone_lives_alone);
	tcase_add_test(tc, erase_forgets_what_was_told);
	tcase_add_test(tc, two_short_values_stay_under_256_bytes);
	tcase_add_test(tc, many_changes_agree_with_a_plain_model);
	tcase_add_test(tc, a_refusal_is_known);
	tcase_add_test(tc, consents_win_over_refusals_for_a_place);
	tcase_add_test(tc, promise_7_marketing_is_withdrawn_alone);
	tcase_add_test(tc, what_was_proven_and_is_told_anew_is_declared);
	tcase_add_test(tc, anonymity_may_be_forbidden);
	tcase_add_test(tc, states_have_names);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
