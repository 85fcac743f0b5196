/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing what lies there in the open: from an older program, after a run that was cut off, or when a field becomes private. */
#include "storage/sealing.h"

#include "storage/migrate.h"
#include "storage/schema.h"
#include "tests/vault_world.h"

static void as_schema_6(int n)
{
	char text[600];
	sqlite3 *db;

	world_close(&world);
	ck_assert_int_eq(unlink(world.path), 0);
	ck_assert_int_eq(sqlite3_open(world.path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(migrate_run(db, schema_files, 6, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(
		sqlite3_exec(
			db,
			"ALTER TABLE profile ADD COLUMN name TEXT; ALTER TABLE profile ADD COLUMN town TEXT; "
			"BEGIN",
			NULL, NULL, NULL),
		SQLITE_OK);
	for (int i = 1; i <= n; i++) {
		(void)snprintf(
			text, sizeof text,
			"INSERT INTO subscriber (id, msisdn, state, first_seen, last_seen) VALUES (%d, %lld, 'declared', 1, "
			"1); INSERT INTO profile (_subscriber, name, town) VALUES (%d, 'Pemba %d', 'Kisumu'); INSERT INTO "
			"consent (subscriber, purpose, state, words, language, channel, at) VALUES (%d, 'profile', "
			"'granted', 'Agree?', 'en', 'ussd', 1); INSERT INTO outbox (subscriber, state, created, text) "
			"VALUES (%d, 'unknown', 1, 'Thanks Pemba %d')",
			i, (long long)WORLD_MSISDN + i - 1, i, i, i, i, i);
		ck_assert_int_eq(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	}
	ck_assert_int_eq(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
	ck_assert(anywhere("Pemba"));
}

START_TEST(what_an_older_program_left_is_sealed)
{
	const int n = 2 * SEALING_ROWS + 7;

	as_schema_6(n);
	world_open(&world);
	ck_assert(!anywhere("Pemba"));
	ck_assert_str_eq(name_of(WORLD_MSISDN), "Pemba 1");
	ck_assert_str_eq(name_of(WORLD_MSISDN + n - 1), "Pemba 2007");
	ck_assert_int_eq(
		world_sql(&world,
	                  "SELECT count(*) FROM profile WHERE plain(_subscriber, 'profile.name', name) = "
	                  "'Pemba ' || _subscriber"),
		n);
	ck_assert_int_eq(
		world_sql(&world,
	                  "SELECT count(*) FROM outbox WHERE plain(subscriber, 'outbox.text', text) = "
	                  "'Thanks Pemba ' || subscriber"),
		n);
	ck_assert_int_eq(destroyed(), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_find"), n);
	registers(WORLD_MSISDN + n, "Juma");
	ck_assert_str_eq(name_of(WORLD_MSISDN + n), "Juma");
}
END_TEST

/* Cut off after a slice: some are sealed, some are not. */
START_TEST(sealing_goes_on_where_it_was)
{
	as_schema_6(40);
	world_open(&world);
	world_close(&world);
	ck_assert_int_eq(
		world_exec(&world,
	                   "UPDATE sealed SET at = 0, tried = 20 WHERE what = 'profile.name'; "
	                   "UPDATE profile SET name = 'Pemba ' || _subscriber WHERE _subscriber > 20"),
		SQLITE_OK);
	world_open(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile WHERE name NOT LIKE '~%'"), 0);
	ck_assert(!anywhere("Pemba"));
	for (int i = 0; i < 40; i++) {
		char wanted[20];

		(void)snprintf(wanted, sizeof wanted, "Pemba %d", i + 1);
		ck_assert_str_eq(name_of(WORLD_MSISDN + i), wanted);
	}
}
END_TEST

START_TEST(a_field_that_becomes_private)
{
	struct store_batch *b;

	world.profile.field[FIELD_NAME].is_private = world.profile.field[FIELD_NAME].is_findable = false;
	world_close(&world);
	ck_assert_int_eq(unlink(world.path), 0);
	world_open(&world);
	registers(WORLD_MSISDN, "Pemba Open");
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_save(b, FIELD_NAME, "Tumbatu Open"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert(anywhere("Tumbatu Open"));
	world_close(&world);
	world.profile.field[FIELD_NAME].is_private = true;
	world_open(&world);
	ck_assert_str_eq(name_of(WORLD_MSISDN), "Tumbatu Open");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_history WHERE "
	                                   "plain(subscriber, 'profile.name', value) = 'Pemba Open'"),
	                 1);
	ck_assert(!anywhere("Tumbatu Open"));
	ck_assert(!anywhere("Pemba Open"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sealing");
	TCase *tc = tcase_create("sealing");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_an_older_program_left_is_sealed);
	tcase_add_test(tc, sealing_goes_on_where_it_was);
	tcase_add_test(tc, a_field_that_becomes_private);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
