/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Migrations: each whole or not at all, with its version; profile columns that come and go. */
#include "storage/migrate.h"

#include "storage/db.h"
#include "storage/query.h"
#include "storage/sql.h"
#include "tests/store_world.h"

static struct world world;
static sqlite3 *db;

static void open_db(void)
{
	const struct db_options o = {.path = world.path, .busy_ms = 50};

	ck_assert_msg(db_open(&o, &db, world.why, sizeof world.why) == RC_OK, "%s", world.why);
}

static void setup(void)
{
	world_init(&world);
	open_db();
}

static void teardown(void)
{
	db_close(db);
	world_end(&world);
}

static int64_t number(const char *text)
{
	int64_t value = -1;

	ck_assert_int_eq(sql_int(db, text, &value), SQLITE_OK);
	return value;
}

/* The released migrations and what could follow them. */
static size_t files_with(struct schema_file *files, const char *second, const char *third)
{
	size_t n = schema_files_count;

	memcpy(files, schema_files, n * sizeof *files);
	if (second)
		files[n] = (struct schema_file){(int)n + 1, "second", second}, n++;
	if (third)
		files[n] = (struct schema_file){(int)n + 1, "third", third}, n++;
	return n;
}

START_TEST(test_numbers)
{
	for (size_t i = 0; i < schema_files_count; i++) {
		ck_assert_int_eq(schema_files[i].number, (int)i + 1);
		ck_assert_ptr_nonnull(strstr(schema_files[i].sql, "-- 00"));
	}
}
END_TEST

/* Promise 1 rests on these; a misspelt pragma would be ignored in silence. */
START_TEST(test_pragmas)
{
	ck_assert_int_eq(number("PRAGMA synchronous"), 2);
	ck_assert_int_eq(number("SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
	ck_assert_int_eq(number("PRAGMA foreign_keys"), 1);
	ck_assert_int_eq(number("PRAGMA secure_delete"), 1);
	ck_assert_int_eq(number("PRAGMA cell_size_check"), 1);
	ck_assert_int_eq(number("PRAGMA trusted_schema"), 0);
	ck_assert_int_eq(number("PRAGMA busy_timeout"), 50);
}
END_TEST

START_TEST(test_fresh_then_again)
{
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(
			migrate_run(db, schema_files, schema_files_count, world.why, sizeof world.why),
			RC_OK);
		ck_assert_int_eq(number("PRAGMA user_version"), (int64_t)schema_files_count);
		ck_assert_int_eq(number("PRAGMA application_id"), SCHEMA_APPLICATION_ID);
	}
	ck_assert_int_eq(
		number("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
	               " AND name NOT LIKE 'sqlite_%' AND NOT strict"),
		0);
}
END_TEST

/* A database of the released schema, with a subscriber in it, is carried on. */
START_TEST(test_from_released)
{
	struct schema_file files[20];
	size_t n = files_with(files, "ALTER TABLE subscriber ADD COLUMN score INTEGER NOT NULL DEFAULT 7;",
	                      NULL);

	world_open(&world);
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	world_close(&world);
	ck_assert_int_eq(migrate_run(db, files, n, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(number("SELECT score FROM subscriber WHERE state = 'declared'"), 7);
	ck_assert_int_eq(number("PRAGMA user_version"), (int64_t)n);
}
END_TEST

/* Each schema that was ever released, with people in it, becomes this one and loses nobody. */
START_TEST(test_from_each_released)
{
	ck_assert_int_eq(migrate_run(db, schema_files, (size_t)_i, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(number("PRAGMA user_version"), _i);
	ck_assert_int_eq(
		sqlite3_exec(
			db,
			"INSERT INTO subscriber (id, msisdn, first_seen, last_seen) VALUES (7, 254700000001, 1, 2);"
			"INSERT INTO outbox (subscriber, state, created, text) VALUES (7, 'sent', 3, ''),"
			" (7, 'pending', 4, 'Thanks');"
			"INSERT INTO interaction (subscriber, channel, inbound, service, last_screen, language,"
			" outcome, steps, began, ended) VALUES (7, 'ussd', 1, 'join', 'gift', 'en', 'completed',"
			" 3, 1, 2);",
			NULL, NULL, NULL),
		SQLITE_OK);
	ck_assert_int_eq(migrate_run(db, schema_files, schema_files_count, world.why, sizeof world.why),
	                 RC_OK);
	ck_assert_int_eq(number("PRAGMA user_version"), (int64_t)schema_files_count);
	ck_assert_int_eq(
		number("SELECT count(*) FROM outbox WHERE parts = 0 AND delivery = '' AND delivery_error = -1"),
		2);
	ck_assert_int_eq(number("SELECT count(*) FROM interaction WHERE detail = '' AND steps = 3"), 1);
	world_open(&world); /* sweeps: the pending one may have been sent by the old program */
	/* since 0006 a row says whether it may have left */
	ck_assert_int_eq(
		world_sql(
			&world,
			"SELECT count(*) FROM outbox WHERE state = 'unknown' AND plain(subscriber, 'outbox.text', text) = 'Thanks'"),
		_i < 6);
	ck_assert_int_eq(number("SELECT count(*) FROM outbox WHERE state = 'pending' AND sending = 0"),
	                 _i >= 6);
	ck_assert_int_eq(
		number("SELECT count(*) FROM subscriber WHERE msisdn = 254700000001 AND last_seen = 2"), 1);
}
END_TEST

/* A row that every registration writes is checked without a table made for it (the head of 0001_initial.sql). */
START_TEST(test_checks_make_no_tables)
{
	static const char *const tables[] = {"subscriber", "consent",     "grants",  "ledger",
	                                     "outbox",     "interaction", "sms_part"};
	char text[100];
	sqlite3_stmt *st;

	ck_assert_int_eq(migrate_run(db, schema_files, schema_files_count, world.why, sizeof world.why),
	                 RC_OK);
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		int steps = 0;

		(void)snprintf(text, sizeof text, "EXPLAIN INSERT INTO %s DEFAULT VALUES", tables[i]);
		ck_assert_int_eq(sqlite3_prepare_v2(db, text, -1, &st, NULL), SQLITE_OK);
		for (; sqlite3_step(st) == SQLITE_ROW; steps++)
			ck_assert_str_ne((const char *)sqlite3_column_text(st, 1), "OpenEphemeral");
		ck_assert_int_gt(steps, 0);
		(void)sqlite3_finalize(st);
	}
}
END_TEST

/* What fails is undone, with everything that it had done; what came before it stays. */
START_TEST(test_failure_is_undone)
{
	struct schema_file files[20];
	size_t n = files_with(files, "CREATE TABLE good (x INTEGER) STRICT;",
	                      "CREATE TABLE half (x INTEGER) STRICT; INSERT INTO good VALUES (1);"
	                      "INSERT INTO no_such_table VALUES (1);");

	ck_assert_int_eq(migrate_run(db, files, n, world.why, sizeof world.why), RC_IO);
	ck_assert_ptr_nonnull(strstr(world.why, "third"));
	ck_assert_int_eq(number("PRAGMA user_version"), (int64_t)n - 1);
	ck_assert_int_eq(number("SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), 0);
	ck_assert_int_eq(number("SELECT count(*) FROM good"), 0);
	ck_assert_int_eq(sqlite3_get_autocommit(db), 1);
	n = files_with(files, "not run again", "CREATE TABLE whole (x INTEGER) STRICT;");
	ck_assert_int_eq(migrate_run(db, files, n, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(number("SELECT count(*) FROM sqlite_schema WHERE name = 'whole'"), 1);
}
END_TEST

START_TEST(test_locked)
{
	sqlite3 *other;

	ck_assert_int_eq(sqlite3_open(world.path, &other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(migrate_run(db, schema_files, schema_files_count, world.why, sizeof world.why),
	                 RC_BUSY);
	ck_assert_int_eq(number("PRAGMA user_version"), 0);
	(void)sqlite3_close(other);
}
END_TEST

/* A field more: a column more. A field less: its column and values stay, and come back with the field. */
START_TEST(test_profile_fields)
{
	struct store_batch *b;
	struct world_found f;

	world.profile.n_fields = 2; /* name, town */
	world_open(&world);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_consent(b, "profile", STORE_CONSENT_GRANTED, "w", "en", STORE_CH_USSD),
	                 RC_OK);
	ck_assert_int_eq(store_batch_save(b, FIELD_NAME, "Asha"), RC_OK);
	ck_assert_int_eq(store_batch_save(b, FIELD_TOWN, "Kisumu"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	world_close(&world);
	world.profile.n_fields = FIELD_COUNT;
	world_open(&world);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert_str_eq(record_value(f.record, FIELD_TOWN), "Kisumu");
	ck_assert_ptr_null(record_value(f.record, FIELD_ROLE));
	record_free(f.record);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_save(b, FIELD_ROLE, "job"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	world_close(&world);
	world.profile.n_fields =
		1; /* name only: refused, see test_profile_change.c; but a store of before knows no better */
	ck_assert_int_eq(world_try_open(&world, world.path), RC_STATE);
	ck_assert_int_eq(world_exec(&world, "DELETE FROM profile_field"), SQLITE_OK);
	world_open(&world);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_save(b, FIELD_NAME, "Asha W"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert_int_eq(
		world_sql(
			&world,
			"SELECT count(*) FROM profile WHERE plain(_subscriber, 'profile.name', name) = 'Asha W' AND town = 'Kisumu' AND "
			"role = 'job'"),
		1);
	/* erasing takes what the file no longer names as well */
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_USSD, ""), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert_int_eq(number("SELECT count(*) FROM profile WHERE name IS NOT NULL OR town IS NOT NULL"
	                        " OR role IS NOT NULL"),
	                 0);
}
END_TEST

/* Words of SQL, and words that SQLite itself uses, are names like others. */
START_TEST(test_odd_field_names)
{
	static const char *const names[] = {"select", "rowid", "subscriber", "order"};
	struct store_batch *b = world_batch(WORLD_MSISDN);
	struct world_found f;

	for (size_t i = 0; i < FIELD_COUNT; i++) {
		(void)snprintf(world.profile.field[i].name, PROFILE_NAME_SIZE, "%s", names[i]);
		world.profile.field[i].consent[0] = '\0';
		ck_assert_int_eq(store_batch_save(b, i, names[i]), RC_OK);
	}
	world_open(&world);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	f = world_find(&world, WORLD_MSISDN);
	for (size_t i = 0; i < FIELD_COUNT; i++)
		ck_assert_str_eq(record_value(f.record, i), names[i]);
	record_free(f.record);
}
END_TEST

static bool on_subscriber(void *ctx, const struct query_subscriber *s)
{
	*(bool *)ctx =
		record_value(s->record, FIELD_NOTE) == NULL && record_value(s->record, FIELD_TOWN) != NULL;
	return true;
}

/* profile.conf was changed and the daemon did not start since: reports read what there is. */
START_TEST(test_report_before_column)
{
	struct query *q;
	bool seen = false;

	world.profile.n_fields = FIELD_NOTE;
	world_open(&world);
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	world.profile.n_fields = FIELD_COUNT;
	ck_assert_msg(query_open(world.path, &world.profile, &q, world.why, sizeof world.why) == RC_OK, "%s",
	              world.why);
	ck_assert_int_eq(query_by_msisdn(q, WORLD_MSISDN, on_subscriber, &seen), RC_OK);
	ck_assert(seen);
	query_close(q);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("migration");
	TCase *tc = tcase_create("migration");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_numbers);
	tcase_add_test(tc, test_pragmas);
	tcase_add_test(tc, test_fresh_then_again);
	tcase_add_test(tc, test_from_released);
	tcase_add_test(tc, test_checks_make_no_tables);
	tcase_add_loop_test(tc, test_from_each_released, 1, (int)schema_files_count + 1);
	tcase_add_test(tc, test_failure_is_undone);
	tcase_add_test(tc, test_locked);
	tcase_add_test(tc, test_profile_fields);
	tcase_add_test(tc, test_odd_field_names);
	tcase_add_test(tc, test_report_before_column);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
