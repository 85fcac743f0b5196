/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Imports in the store: what becomes of rows, of those who are there already, of those who were erased; positions that a
 * crash cannot part from their rows. Defends promises 7 and 8. */
#include <unistd.h>

#include "tests/import_world.h"

/* --- rows -------------------------------------------------------------------------------------------------------------- */

START_TEST(a_row_is_a_subscriber)
{
	const struct store_import_said said = {.first_ms = THEN - 5, .last_ms = THEN + 5, .told_ms = THEN};
	const struct store_import_grant grant = {.bundle = "100MB",
	                                         .key = "join",
	                                         .gives = "100 MB",
	                                         .state = STORE_GRANT_GRANTED,
	                                         .at_ms = THEN};
	struct store_batch *b;
	char text[64];

	begin(STORE_EXISTING_SKIP);
	b = whole_row(WORLD_MSISDN, "Asha", THEN);
	store_import_say(b, &said);
	ck_assert_int_eq(store_import_grant_add(b, &grant), RC_OK);
	ck_assert_int_eq(send_one(b).fate, STORE_IMPORT_ADDED);
	ck_assert_str_eq(value_of(WORLD_MSISDN, FIELD_NAME, text, sizeof text), "Asha");
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM subscriber WHERE state = 'declared' AND first_seen = "
	                          "1699999999995 AND last_seen = 1700000000005 AND imported = 1"),
		1);
	ck_assert_int_eq(
		world_sql(&world,
	                  "SELECT count(*) FROM consent WHERE at = 1700000000000 AND words = 'Old words' "
	                  "AND version = 'v1' AND proof = 'form 1' AND source = 1"),
		1);
	/* the gift of before is none to be had again, and the sums agree */
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM ledger l JOIN grants g ON g.id = l.grant_id"), 1);
	ck_assert(world_write(&world, world_registration(WORLD_MSISDN)).grant_existed);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"), 1);
}
END_TEST

START_TEST(promise_8_a_value_without_its_consent_is_refused_and_leaves_no_trace)
{
	struct store_batch *none = row_of(WORLD_MSISDN), *refused = row_of(WORLD_MSISDN + 1);
	struct store_import_row row;

	begin(STORE_EXISTING_SKIP);
	store_batch_free(none);
	store_batch_free(refused);
	none = row_of(WORLD_MSISDN);
	refused = row_of(WORLD_MSISDN + 1);
	ck_assert_int_eq(store_batch_save(none, FIELD_NAME, "Asha"), RC_OK);
	row = send_one(none);
	ck_assert_int_eq(row.fate, STORE_IMPORT_REJECTED);
	ck_assert_ptr_nonnull(strstr(row.why, "name: no consent to \"profile\""));
	ck_assert_ptr_null(strstr(row.why, "Asha")); /* promise 9 */
	agree(refused, STORE_CONSENT_REFUSED, THEN);
	ck_assert_int_eq(store_batch_save(refused, FIELD_NAME, "Asha"), RC_OK);
	ck_assert_int_eq(send_one(refused).fate, STORE_IMPORT_REJECTED);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT rejected FROM import_run"), 2);
}
END_TEST

/* It was rejected where they come from, which is nobody's fault here: no apology, and no second try. */
START_TEST(a_gift_that_was_rejected_elsewhere_is_refused)
{
	const struct store_import_grant grant = {.bundle = "100MB",
	                                         .key = "join",
	                                         .gives = "100 MB",
	                                         .state = STORE_GRANT_REJECTED,
	                                         .at_ms = THEN};
	struct store_batch *b;
	struct store_result r;

	begin(STORE_EXISTING_SKIP);
	b = whole_row(WORLD_MSISDN, "Asha", THEN);
	ck_assert_int_eq(store_import_grant_add(b, &grant), RC_OK);
	ck_assert_int_eq(send_one(b).fate, STORE_IMPORT_ADDED);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_give(b, "100MB", "join", "100 MB", 0), RC_OK);
	r = world_write(&world, b);
	ck_assert_int_eq(r.grant, STORE_GRANT_REJECTED);
	ck_assert(r.grant_existed);
	ck_assert_int_eq(r.refusal, REFUSAL_SYSTEM);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM refusal WHERE reason = 'system'"), 1);
}
END_TEST

START_TEST(a_number_twice_is_taken_once)
{
	struct store_import_row row[3] = {{0}};

	begin(STORE_EXISTING_REPLACE);
	row[0].batch = whole_row(WORLD_MSISDN, "Asha", THEN);
	row[1].batch = whole_row(WORLD_MSISDN, "Juma", THEN + 1);
	row[2].batch = whole_row(WORLD_MSISDN + 1, "Neema", THEN);
	ck_assert_int_eq(send(row, 3).counts.added, 2);
	ck_assert_int_eq(row[1].fate, STORE_IMPORT_REJECTED);
	ck_assert_int_eq(send_one(whole_row(WORLD_MSISDN, "Musa", THEN + 2)).fate, STORE_IMPORT_REJECTED);
}
END_TEST

/* --- who is there already ---------------------------------------------------------------------------------------------- */

START_TEST(skip_leaves_them)
{
	char text[64];

	(void)world_write(&world, world_registration(WORLD_MSISDN));
	begin(STORE_EXISTING_SKIP);
	ck_assert_int_eq(send_one(whole_row(WORLD_MSISDN, "Juma", WORLD_NOW + 1)).fate, STORE_IMPORT_KEPT);
	ck_assert_str_eq(value_of(WORLD_MSISDN, FIELD_NAME, text, sizeof text), "Asha");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent"), 1);
}
END_TEST

START_TEST(fill_adds_what_is_not_known)
{
	struct store_batch *b;
	char text[64];

	(void)world_write(&world, world_registration(WORLD_MSISDN));
	begin(STORE_EXISTING_FILL);
	b = whole_row(WORLD_MSISDN, "Juma", WORLD_NOW + 1);
	ck_assert_int_eq(store_batch_save(b, FIELD_NOTE, "tall"), RC_OK);
	ck_assert_int_eq(send_one(b).fate, STORE_IMPORT_CHANGED);
	ck_assert_str_eq(value_of(WORLD_MSISDN, FIELD_NAME, text, sizeof text), "Asha");
	ck_assert_str_eq(value_of(WORLD_MSISDN, FIELD_NOTE, text, sizeof text), "tall");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent"), 1);
	ck_assert_int_eq(send_one(whole_row(WORLD_MSISDN, "Musa", WORLD_NOW + 2)).fate, STORE_IMPORT_KEPT);
	/* and what was given elsewhere, under a key that was not used here */
	for (int i = 0; i < 2; i++) {
		const struct store_import_grant grant = {.bundle = "20MB",
		                                         .key = i ? "join" : "old",
		                                         .gives = "20 MB",
		                                         .state = STORE_GRANT_GRANTED,
		                                         .at_ms = THEN};

		b = row_of(WORLD_MSISDN);
		ck_assert_int_eq(store_import_grant_add(b, &grant), RC_OK);
		ck_assert_int_eq(send_one(b).fate, i ? STORE_IMPORT_KEPT : STORE_IMPORT_CHANGED);
	}
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 2);
}
END_TEST

START_TEST(replace_takes_values_and_only_newer_consents)
{
	char text[64];

	(void)world_write(&world, world_registration(WORLD_MSISDN));
	begin(STORE_EXISTING_REPLACE);
	ck_assert_int_eq(send_one(whole_row(WORLD_MSISDN, "Juma", THEN)).fate, STORE_IMPORT_CHANGED);
	ck_assert_str_eq(value_of(WORLD_MSISDN, FIELD_NAME, text, sizeof text), "Juma");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent"), 1);
	ck_assert_int_eq(send_one(whole_row(WORLD_MSISDN, "Juma", WORLD_NOW + 1)).fate, STORE_IMPORT_CHANGED);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent"), 2);
	ck_assert_int_eq(send_one(whole_row(WORLD_MSISDN, "Juma", WORLD_NOW + 1)).fate, STORE_IMPORT_KEPT);
}
END_TEST

/* Whoever has withdrawn is not made to agree by an older paper, whatever the run was told. */
START_TEST(promise_8_a_withdrawal_wins_over_an_older_consent)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);
	char text[64];

	(void)world_write(&world, world_registration(WORLD_MSISDN));
	ck_assert_int_eq(store_batch_consent(b, "profile", STORE_CONSENT_WITHDRAWN, "", "en", STORE_CH_SMS),
	                 RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	begin(STORE_EXISTING_REPLACE);
	ck_assert_int_eq(send_one(whole_row(WORLD_MSISDN, "Juma", THEN)).fate, STORE_IMPORT_REJECTED);
	ck_assert_str_eq(value_of(WORLD_MSISDN, FIELD_NAME, text, sizeof text), "");
}
END_TEST

START_TEST(promise_7_a_stop_is_taken_over_and_never_lifted)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);
	struct world_found f;

	ck_assert_int_eq(store_batch_stop(b, true), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	begin(STORE_EXISTING_REPLACE);
	(void)send_one(whole_row(WORLD_MSISDN, "Juma", THEN));
	f = world_find(&world, WORLD_MSISDN);
	ck_assert(record_is_stopped(f.record));
	record_free(f.record);
	b = row_of(WORLD_MSISDN + 1);
	ck_assert_int_eq(store_batch_stop(b, true), RC_OK);
	ck_assert_int_eq(send_one(b).fate, STORE_IMPORT_ADDED);
	f = world_find(&world, WORLD_MSISDN + 1);
	ck_assert(record_is_stopped(f.record));
	record_free(f.record);
}
END_TEST

START_TEST(who_was_erased_does_not_come_back_by_an_old_file)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);

	(void)world_write(&world, world_registration(WORLD_MSISDN));
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_OPERATOR, "asked"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	begin(STORE_EXISTING_REPLACE);
	ck_assert_int_eq(send_one(whole_row(WORLD_MSISDN, "Asha", THEN)).fate, STORE_IMPORT_REJECTED);
	ck_assert_int_eq(send_one(whole_row(WORLD_MSISDN, "Asha", WORLD_NOW + 1)).fate, STORE_IMPORT_ADDED);
}
END_TEST

/* --- runs -------------------------------------------------------------------------------------------------------------- */

START_TEST(a_run_goes_on_where_it_stands)
{
	struct store_import_run again;
	struct store_import_row row = {0};
	struct store_import_chunk late;

	begin(STORE_EXISTING_SKIP);
	ck_assert(!run.resumes);
	(void)send_one(whole_row(WORLD_MSISDN, "Asha", THEN));
	world_close(&world);
	world_open(&world);
	ck_assert_int_eq(store_import_begin(world.store, &file, &again, world.why, sizeof world.why), RC_OK);
	ck_assert(again.resumes);
	ck_assert_int_eq(again.id, run.id);
	ck_assert_int_eq(again.position, 1);
	ck_assert_int_eq(again.counts.added, 1);
	ck_assert(store_import_is_tail(world.store, &again, "tail", 4));
	ck_assert(!store_import_is_tail(world.store, &again, "tale", 4));
	/* a chunk from where the run stood before is somebody else's: nothing of it is stored */
	row.batch = whole_row(WORLD_MSISDN + 1, "Juma", THEN);
	late = (struct store_import_chunk){
		.run = run.id, .from = 0, .to = 9, .tail = "", .n = 1, .row = &row};
	write_chunk(&late);
	store_batch_free(row.batch);
	ck_assert_int_eq(late.rc, RC_STATE);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber"), 1);
	ck_assert_int_eq(store_import_end(world.store, &file, &again), RC_OK);
	ck_assert_int_eq(store_import_begin(world.store, &file, &again, world.why, sizeof world.why), RC_OK);
	ck_assert(!again.resumes);
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT count(*) FROM audit WHERE action LIKE 'import%' AND actor = "
	                           "'privacy:jane'"),
	                 4);
}
END_TEST

START_TEST(other_options_are_refused_and_anew_begins_anew)
{
	struct store_import_run again;

	begin(STORE_EXISTING_SKIP);
	(void)send_one(whole_row(WORLD_MSISDN, "Asha", THEN));
	file.existing = STORE_EXISTING_FILL;
	ck_assert_int_eq(store_import_begin(world.store, &file, &again, world.why, sizeof world.why),
	                 RC_STATE);
	ck_assert_ptr_nonnull(strstr(world.why, "--existing skip"));
	file.anew = true;
	ck_assert_int_eq(store_import_begin(world.store, &file, &again, world.why, sizeof world.why), RC_OK);
	ck_assert(!again.resumes && again.position == 0);
}
END_TEST

static int64_t cannot_write(void *ctx, const struct store_import_chunk *c, int64_t size)
{
	(void)c;
	*(int64_t *)ctx = size;
	return -1;
}

static int64_t writes_seven(void *ctx, const struct store_import_chunk *c, int64_t size)
{
	*(size_t *)ctx += c->counts.rejected > 0;
	return size + 7;
}

/* No row is stored without its neighbours' rejection being written, and the other way round. */
START_TEST(rows_and_rejects_go_together)
{
	struct store_import_row row[2] = {{0}};
	struct store_import_chunk c;
	int64_t size = -1;
	size_t calls = 0;

	begin(STORE_EXISTING_SKIP);
	row[0].batch = whole_row(WORLD_MSISDN, "Asha", THEN);
	c = (struct store_import_chunk){.run = run.id,
	                                .to = 2,
	                                .tail = "",
	                                .n = 2,
	                                .row = row,
	                                .rejects = cannot_write,
	                                .ctx = &size};
	write_chunk(&c);
	ck_assert_int_ne(c.rc, RC_OK);
	ck_assert_int_eq(size, 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT position FROM import_run"), 0);
	c.rejects = writes_seven;
	c.ctx = &calls;
	write_chunk(&c);
	store_batch_free(row[0].batch);
	ck_assert_int_eq(c.rc, RC_OK);
	ck_assert_uint_eq(calls, 1);
	ck_assert_int_eq(world_sql(&world, "SELECT rejects_size FROM import_run"), 7);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber"), 1);
}
END_TEST

/* What SQLite itself refuses is one row, and not its chunk. */
START_TEST(a_row_that_the_store_refuses_is_found)
{
	struct store_import_row row[3] = {{0}};
	struct store_import_chunk c;

	begin(STORE_EXISTING_SKIP);
	ck_assert_int_eq(
		world_exec(&world,
	                   "CREATE TRIGGER no BEFORE INSERT ON subscriber WHEN NEW.msisdn = 254700000002 "
	                   "BEGIN SELECT RAISE(ABORT, 'no'); END"),
		SQLITE_OK);
	for (int i = 0; i < 3; i++)
		row[i].batch = whole_row(WORLD_MSISDN + i, "Asha", THEN);
	c = (struct store_import_chunk){.run = run.id, .to = 3, .tail = "", .n = 3, .row = row};
	write_chunk(&c);
	ck_assert_int_ne(c.rc, RC_OK);
	ck_assert(c.one_by_one);
	write_chunk(&c);
	ck_assert_int_eq(c.rc, RC_OK);
	ck_assert_int_eq(c.counts.added, 2);
	ck_assert_int_eq(row[1].fate, STORE_IMPORT_REJECTED);
	for (int i = 0; i < 3; i++)
		store_batch_free(row[i].batch);
}
END_TEST

START_TEST(a_dry_run_stores_nothing)
{
	struct store_import_row row[2] = {{0}};
	struct store_import_chunk c = {.tail = "", .n = 2, .row = row, .only_tries = true};

	file.existing = STORE_EXISTING_SKIP;
	run = (struct store_import_run){0};
	row[0].batch = whole_row(WORLD_MSISDN, "Asha", THEN);
	row[1].batch = row_of(WORLD_MSISDN + 1);
	ck_assert_int_eq(store_batch_save(row[1].batch, FIELD_NAME, "Juma"), RC_OK);
	write_chunk(&c);
	ck_assert_int_eq(c.rc, RC_OK);
	ck_assert_int_eq(row[0].fate, STORE_IMPORT_ADDED);
	ck_assert_int_eq(row[1].fate, STORE_IMPORT_REJECTED);
	ck_assert_int_eq(
		world_sql(&world,
	                  "SELECT (SELECT count(*) FROM subscriber) + (SELECT count(*) FROM consent) + "
	                  "(SELECT count(*) FROM import_run)"),
		0);
	store_batch_free(row[0].batch);
	store_batch_free(row[1].batch);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("import");
	TCase *tc = tcase_create("import");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_row_is_a_subscriber);
	tcase_add_test(tc, promise_8_a_value_without_its_consent_is_refused_and_leaves_no_trace);
	tcase_add_test(tc, a_gift_that_was_rejected_elsewhere_is_refused);
	tcase_add_test(tc, a_number_twice_is_taken_once);
	tcase_add_test(tc, skip_leaves_them);
	tcase_add_test(tc, fill_adds_what_is_not_known);
	tcase_add_test(tc, replace_takes_values_and_only_newer_consents);
	tcase_add_test(tc, promise_8_a_withdrawal_wins_over_an_older_consent);
	tcase_add_test(tc, promise_7_a_stop_is_taken_over_and_never_lifted);
	tcase_add_test(tc, who_was_erased_does_not_come_back_by_an_old_file);
	tcase_add_test(tc, a_run_goes_on_where_it_stands);
	tcase_add_test(tc, other_options_are_refused_and_anew_begins_anew);
	tcase_add_test(tc, rows_and_rejects_go_together);
	tcase_add_test(tc, a_row_that_the_store_refuses_is_found);
	tcase_add_test(tc, a_dry_run_stores_nothing);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
