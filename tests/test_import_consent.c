/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Imports and what people have agreed to: STOP wins over every file, the newest word over the older, and values are as old as
 * what was agreed to when they were told. Defends promises 7 and 8. */
#include "tests/import_world.h"

/* Beside the world's own: a purpose for marketing, and a field under it. */
static void setup_offers(void)
{
	static const struct profile_purpose purposes[] = {{.name = "profile"},
	                                                  {.name = "offers", .is_marketing = true}};

	world_init(&world);
	memcpy(world.profile.purpose, purposes, sizeof purposes);
	world.profile.n_purposes = 2;
	(void)snprintf(world.profile.field[FIELD_NOTE].consent, PROFILE_NAME_SIZE, "offers");
	world_open(&world);
}

static void say_stop(bool stopped)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);

	ck_assert_int_eq(store_batch_stop(b, stopped), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
}

/* The file agrees to offers for them, and says what they like when `note` is there. */
static struct store_batch *offers_row(int64_t at_ms, const char *note)
{
	struct store_batch *b = row_of(WORLD_MSISDN);

	agree_to(b, "offers", STORE_CONSENT_GRANTED, at_ms);
	if (note)
		ck_assert_int_eq(store_batch_save(b, FIELD_NOTE, note), RC_OK);
	return b;
}

static void agrees_to_no_offers(bool is_stopped)
{
	struct world_found f = world_find(&world, WORLD_MSISDN);

	ck_assert_int_eq(record_is_stopped(f.record), is_stopped);
	ck_assert(!record_has_consent(f.record, "offers"));
	ck_assert_ptr_null(record_value(f.record, FIELD_NOTE));
	record_free(f.record);
}

static void is_told_of_stop(const struct store_import_row *row)
{
	ck_assert_int_eq(row->fate, STORE_IMPORT_REJECTED);
	ck_assert_msg(strstr(row->why, "have said STOP, so no consent to \"offers\"") != NULL, "%s",
	              row->why);
	ck_assert_ptr_null(strstr(row->why, "football")); /* promise 9 */
}

/* --- promise 7 ---------------------------------------------------------------------------------------------------------- */

/* Never asked for offers, so that no row of theirs says no to them: STOP says it. Older and newer than the STOP. */
START_TEST(promise_7_no_file_agrees_for_who_has_said_stop)
{
	const int64_t at_ms = _i & 1 ? WORLD_NOW + 1 : THEN;
	struct store_import_row row;

	(void)world_write(&world, world_registration(WORLD_MSISDN));
	say_stop(true);
	begin(_i & 2 ? STORE_EXISTING_REPLACE : STORE_EXISTING_FILL);
	ck_assert_int_eq(send_one(offers_row(at_ms, NULL)).fate, STORE_IMPORT_KEPT);
	row = send_one(offers_row(at_ms, "football"));
	is_told_of_stop(&row);
	agrees_to_no_offers(true);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent WHERE purpose = 'offers'"), 0);
	say_stop(false);
	agrees_to_no_offers(false);
	/* from then on a file may say so again */
	ck_assert_int_eq(send_one(offers_row(at_ms, "football")).fate, STORE_IMPORT_CHANGED);
	ck_assert_int_eq(world_sql(&world, "SELECT note = 'football' FROM profile"), 1);
}
END_TEST

/* One row says both: they are stopped, and what they had agreed to is history. */
START_TEST(promise_7_a_row_that_stops_and_agrees_agrees_to_nothing)
{
	struct store_batch *b;

	if (_i)
		(void)world_write(&world, world_registration(WORLD_MSISDN));
	begin(STORE_EXISTING_REPLACE);
	b = offers_row(THEN, "football");
	ck_assert_int_eq(store_batch_stop(b, true), RC_OK);
	ck_assert_int_eq(send_one(b).fate, _i ? STORE_IMPORT_CHANGED : STORE_IMPORT_ADDED);
	agrees_to_no_offers(true);
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT state = 'withdrawn' FROM consent WHERE purpose = 'offers' ORDER "
	                           "BY id DESC LIMIT 1"),
	                 1);
}
END_TEST

START_TEST(promise_7_a_stop_outlives_an_erasure)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);
	struct store_import_row row;

	(void)world_write(&world, world_registration(WORLD_MSISDN));
	say_stop(true);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_OPERATOR, "asked"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	begin(STORE_EXISTING_SKIP);
	row = send_one(offers_row(WORLD_NOW + 1, "football"));
	is_told_of_stop(&row);
	b = whole_row(WORLD_MSISDN, "Asha", WORLD_NOW + 1);
	agree_to(b, "offers", STORE_CONSENT_GRANTED, WORLD_NOW + 1);
	ck_assert_int_eq(send_one(b).fate, STORE_IMPORT_ADDED);
	agrees_to_no_offers(true);
}
END_TEST

START_TEST(stop_is_about_marketing_alone)
{
	char text[64];

	(void)world_write(&world, world_registration(WORLD_MSISDN));
	say_stop(true);
	begin(STORE_EXISTING_REPLACE);
	ck_assert_int_eq(send_one(whole_row(WORLD_MSISDN, "Juma", WORLD_NOW + 1)).fate, STORE_IMPORT_CHANGED);
	ck_assert_str_eq(value_of(WORLD_MSISDN, FIELD_NAME, text, sizeof text), "Juma");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent WHERE state = 'granted'"), 2);
}
END_TEST

/* --- promise 8 ---------------------------------------------------------------------------------------------------------- */

/* Rows of the store that do not rise in time: what counts is the newest of them, not the last. */
START_TEST(promise_8_newer_than_everything_that_is_known)
{
	struct store_batch *b;

	begin(STORE_EXISTING_REPLACE);
	b = row_of(WORLD_MSISDN);
	agree(b, STORE_CONSENT_WITHDRAWN, THEN + 20);
	agree(b, STORE_CONSENT_REFUSED, THEN);
	ck_assert_int_eq(send_one(b).fate, STORE_IMPORT_ADDED);
	ck_assert_int_eq(store_import_end(world.store, &file, &run), RC_OK);
	begin(STORE_EXISTING_REPLACE);
	ck_assert_int_eq(send_one(whole_row(WORLD_MSISDN, "Asha", THEN + 10)).fate, STORE_IMPORT_REJECTED);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent"), 2);
	ck_assert_int_eq(send_one(whole_row(WORLD_MSISDN, "Asha", THEN + 30)).fate, STORE_IMPORT_CHANGED);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent"), 3);
}
END_TEST

/* A row whose consents do not rise in time: the newest holds, and of two of the same time the later. */
START_TEST(promise_8_the_newest_of_a_row_holds)
{
	static const struct {
		enum store_consent state[3];
		int64_t at[3];
		bool stands;
	} cases[] = {
		{{STORE_CONSENT_WITHDRAWN, STORE_CONSENT_GRANTED, STORE_CONSENT_REFUSED},
	         {THEN + 20, THEN + 10, THEN},
	         false},
		{{STORE_CONSENT_GRANTED, STORE_CONSENT_REFUSED, STORE_CONSENT_WITHDRAWN},
	         {THEN + 20, THEN + 10, THEN},
	         true},
		{{STORE_CONSENT_GRANTED, STORE_CONSENT_WITHDRAWN, STORE_CONSENT_REFUSED},
	         {THEN + 10, THEN + 10, THEN},
	         false},
		{{STORE_CONSENT_WITHDRAWN, STORE_CONSENT_GRANTED, STORE_CONSENT_REFUSED},
	         {THEN + 10, THEN + 10, THEN},
	         true},
		{{STORE_CONSENT_REFUSED, STORE_CONSENT_GRANTED, STORE_CONSENT_GRANTED},
	         {0, THEN + 10, THEN}, /* no time: said now */
	         false},
	};
	struct store_batch *b;
	struct world_found f;

	begin(STORE_EXISTING_SKIP);
	b = row_of(WORLD_MSISDN);
	for (int i = 0; i < 3; i++) {
		agree(b, cases[_i].state[i], cases[_i].at[i]);
		agree_to(b, "offers", STORE_CONSENT_GRANTED, THEN + i);
	}
	ck_assert_int_eq(send_one(b).fate, STORE_IMPORT_ADDED);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert_int_eq(record_has_consent(f.record, "profile"), cases[_i].stands);
	ck_assert(record_has_consent(f.record, "offers"));
	record_free(f.record);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent"), 6);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent a JOIN consent b ON a.purpose = "
	                                   "b.purpose AND a.id < b.id AND a.at > b.at"),
	                 0);
}
END_TEST

/* What has no time is said now, so a no without one is the newest word, whoever said yes before: in the row, in the store, in
 * both. */
START_TEST(promise_8_a_no_without_a_time_is_said_now)
{
	const enum store_consent no = _i & 1 ? STORE_CONSENT_WITHDRAWN : STORE_CONSENT_REFUSED;
	struct store_batch *b;
	struct world_found f;

	(void)world_write(&world, world_registration(WORLD_MSISDN));
	begin(STORE_EXISTING_REPLACE);
	for (int times = 0; times < 2; times++) { /* the second time nothing is new */
		b = row_of(WORLD_MSISDN);
		agree(b, no, 0);
		ck_assert_int_eq(send_one(b).fate, times == 0 ? STORE_IMPORT_CHANGED : STORE_IMPORT_KEPT);
		f = world_find(&world, WORLD_MSISDN);
		ck_assert_int_eq(record_consent_state(f.record, "profile"), RECORD_CONSENT_REFUSED);
		ck_assert_ptr_null(record_value(f.record, FIELD_NAME));
		record_free(f.record);
		ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent WHERE state <> 'granted'"),
		                 1);
	}
	b = row_of(WORLD_MSISDN); /* a yes that is newer than theirs, and a no after it */
	agree(b, no, 0);
	agree(b, STORE_CONSENT_GRANTED, WORLD_NOW + 1);
	ck_assert_int_eq(send_one(b).fate, STORE_IMPORT_CHANGED);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert_int_eq(record_consent_state(f.record, "profile"), RECORD_CONSENT_REFUSED);
	record_free(f.record);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent WHERE state <> 'granted'"), 2);
}
END_TEST

/* The reader asks for the time of a yes; should it ever come without one, it overrides nothing. */
START_TEST(promise_8_a_yes_without_a_time_overrides_nothing)
{
	struct store_batch *b;
	struct world_found f;

	begin(STORE_EXISTING_REPLACE);
	b = row_of(WORLD_MSISDN);
	agree(b, STORE_CONSENT_REFUSED, THEN);
	ck_assert_int_eq(send_one(b).fate, STORE_IMPORT_ADDED);
	ck_assert_int_eq(store_import_end(world.store, &file, &run), RC_OK);
	begin(STORE_EXISTING_REPLACE);
	b = row_of(WORLD_MSISDN);
	agree(b, STORE_CONSENT_GRANTED, 0);
	ck_assert_int_eq(send_one(b).fate, STORE_IMPORT_KEPT);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert_int_eq(record_consent_state(f.record, "profile"), RECORD_CONSENT_REFUSED);
	record_free(f.record);
}
END_TEST

/* Written by a phone, it is the last word that holds, also where the clock has gone back. */
START_TEST(promise_8_a_no_counts_whatever_the_clock_says)
{
	struct store_batch *b;
	struct world_found f;

	(void)world_write(&world, world_registration(WORLD_MSISDN));
	b = store_batch_new(WORLD_MSISDN, WORLD_NOW - 3600000);
	ck_assert_int_eq(store_batch_consent(b, "profile", STORE_CONSENT_WITHDRAWN, "", "en", STORE_CH_USSD),
	                 RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert(!record_has_consent(f.record, "profile"));
	record_free(f.record);
}
END_TEST

/* How long a value is kept is counted from when it was told, whether the file brought its person in or not. */
START_TEST(values_are_as_old_as_what_was_agreed_to)
{
	const struct store_import_said said = {.told_ms = THEN};
	struct store_batch *b;

	(void)world_write(&world, world_registration(WORLD_MSISDN));
	begin(_i ? STORE_EXISTING_REPLACE : STORE_EXISTING_FILL);
	b = offers_row(THEN, "football");
	ck_assert_int_eq(store_batch_save(b, FIELD_TOWN, "Nakuru"), RC_OK);
	store_import_say(b, &said);
	ck_assert_int_eq(send_one(b).fate, STORE_IMPORT_CHANGED);
	ck_assert_int_eq(world_sql(&world, "SELECT _from_note LIKE '1700000000000 %' FROM profile"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT _from_town LIKE '1700000000000 %' FROM profile"), _i);
	/* what was there before was replaced now */
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_history WHERE field = 'town' AND "
	                                   "at = 1795300000000"),
	                 _i);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("import consent");
	TCase *tc = tcase_create("import consent");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup_offers, teardown);
	tcase_add_loop_test(tc, promise_7_no_file_agrees_for_who_has_said_stop, 0, 4);
	tcase_add_loop_test(tc, promise_7_a_row_that_stops_and_agrees_agrees_to_nothing, 0, 2);
	tcase_add_test(tc, promise_7_a_stop_outlives_an_erasure);
	tcase_add_test(tc, stop_is_about_marketing_alone);
	tcase_add_test(tc, promise_8_newer_than_everything_that_is_known);
	tcase_add_loop_test(tc, promise_8_the_newest_of_a_row_holds, 0, 5);
	tcase_add_loop_test(tc, promise_8_a_no_without_a_time_is_said_now, 0, 2);
	tcase_add_test(tc, promise_8_a_yes_without_a_time_overrides_nothing);
	tcase_add_test(tc, promise_8_a_no_counts_whatever_the_clock_says);
	tcase_add_loop_test(tc, values_are_as_old_as_what_was_agreed_to, 0, 2);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
