/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Audit: rows that were there before the chain are taken into it when the store's keys are made, once, and never unnoticed; so that
 * nobody can pass a forged row off as one of them. */
#include "tests/audit_world.h"

/* What an older program has left: rows without a hash. Whoever writes the file can make it look like that at any time. */
#define AS_OLD "UPDATE audit SET hash = NULL; UPDATE audit_head SET seq = 0, last = zeroblob(32), mac = NULL"
#define FORGED \
	"UPDATE audit SET reason = 'forged', actor = 'care:jane' WHERE seq = 3; DELETE FROM audit WHERE seq > 6; "

static void lose_keys(void)
{
	char path[310];

	(void)snprintf(path, sizeof path, "%s.key", world.path);
	ck_assert_int_eq(unlink(path), 0);
	(void)snprintf(path, sizeof path, "%s.keyring", world.path);
	ck_assert_int_eq(unlink(path), 0);
}

/* As 0001 to 0009 left it: no key either. */
static void make_old(void)
{
	tamper(AS_OLD "; DELETE FROM store_key; CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
	              "WHEN OLD.hash IS NOT NULL OR NEW.reason <> OLD.reason "
	              "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END");
	lose_keys();
}

START_TEST(test_old_rows)
{
	struct audit_sums sums;

	make_old();
	world_open(&world); /* chains them */
	sums = verify(NULL);
	ck_assert_int_eq(sums.rows, ROWS + 1);
	ck_assert_int_eq(sums.adopted, ROWS + 1); /* not unnoticed */
	ck_assert_int_gt(sums.adopted_ms, 0);
	ck_assert_str_eq(found, "");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM audit WHERE action = '" AUDIT_ADOPTED
	                                   "' AND reason GLOB '12 rows of before*'"),
	                 1);
	world_close(&world);
	note(ROWS + 2);
	world_open(&world); /* once */
	world_close(&world);
	sums = verify(NULL);
	ck_assert_int_eq(sums.rows, ROWS + 2);
	ck_assert_int_eq(sums.faults, 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM audit WHERE hash IS NULL"), 0);
	ck_assert_int_eq(world_exec(&world, "UPDATE audit SET hash = zeroblob(32) WHERE seq = 3"),
	                 SQLITE_CONSTRAINT);
}
END_TEST

/* A store has chained its rows when its keys were made. Afterwards nothing is "of an older program", whatever the file says. */
START_TEST(test_forged_as_old)
{
	tamper(FORGED AS_OLD);
	if (_i == 0)
		note(20);   /* a command */
	world_open(&world); /* the daemon */
	world_close(&world);
	(void)verify(NULL);
	ck_assert_str_eq(found, _i == 0 ? "foreign 1-1, foreign 2-2, foreign 3-3, foreign 4-4, foreign 5-5, "
	                                  "foreign 6-6, begun 7-7"
	                                : "foreign 1-1, foreign 2-2, foreign 3-3, foreign 4-4, foreign 5-5, "
	                                  "foreign 6-6, nohead 6-6");
}
END_TEST

/* Nor is a store that had keys one that never had any. */
START_TEST(test_keys_taken)
{
	static const char *const takings[] = {
		"UPDATE store_key SET secrets = NULL",
		FORGED AS_OLD "; UPDATE store_key SET secrets = NULL",
		FORGED AS_OLD "; UPDATE store_key SET secrets = NULL, keyring = NULL, made = 0",
		FORGED "DELETE FROM store_key",
		FORGED AS_OLD "; UPDATE audit SET hash = zeroblob(32) WHERE seq = 6; DELETE FROM store_key",
	};
	const struct audit_store store = file();
	const struct audit_row row = {.at_ms = 1, .actor = "a", .action = "b", .reason = "c"};

	tamper(takings[_i]);
	ck_assert_int_eq(audit_note(&store, &row, world.why, sizeof world.why), RC_STATE);
	ck_assert_int_eq(world_try_open(&world, world.path), RC_STATE);
	ck_assert_ptr_nonnull(strstr(world.why, "restore a backup with starhash restore"));
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM audit WHERE action = '" AUDIT_ADOPTED "'"),
	                 0);
}
END_TEST

/* Keys and hashes gone together are a key that was lost: it costs all that is private, and the audit says when it was. */
START_TEST(test_all_taken)
{
	struct audit_sums sums;

	tamper(FORGED AS_OLD "; DELETE FROM store_key");
	lose_keys();
	world_open(&world);
	sums = verify(NULL);
	ck_assert_int_eq(sums.adopted, 7);
	ck_assert_int_gt(sums.adopted_ms, 0);
}
END_TEST

START_TEST(test_key_lost)
{
	struct audit_sums sums;
	const struct audit_row row = {
		.at_ms = WORLD_NOW, .actor = "operator", .action = "tombstones forgotten", .reason = "lost"};
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open_v2(world.path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(audit_unchain(db, &row), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "DELETE FROM store_key; COMMIT", NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
	lose_keys();
	world_open(&world); /* under a new key */
	sums = verify(NULL);
	ck_assert_int_eq(sums.rows, ROWS + 2);
	ck_assert_int_eq(sums.adopted, ROWS + 2);
	ck_assert_str_eq(found, "");
	ck_assert_int_eq(world_exec(&world, "UPDATE audit SET reason = ''"), SQLITE_CONSTRAINT);
	ck_assert_int_eq(world_exec(&world, "DELETE FROM audit"), SQLITE_CONSTRAINT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("audit_before");
	TCase *tcase = tcase_create("before");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_old_rows);
	tcase_add_loop_test(tcase, test_forged_as_old, 0, 2);
	tcase_add_loop_test(tcase, test_keys_taken, 0, 5);
	tcase_add_test(tcase, test_all_taken);
	tcase_add_test(tcase, test_key_lost);
	suite_add_tcase(suite, tcase);
	return world_run(suite);
}
