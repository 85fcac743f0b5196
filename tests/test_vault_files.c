/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vault when store and keyring do not fit: one of them is older, lost or damaged. Nobody who was erased comes back, and nobody
 * else is harmed (promises 1 and 9). */
#include <fcntl.h>

#include "storage/audit.h"
#include "storage/backup.h"
#include "tests/vault_world.h"

START_TEST(a_backup_does_not_bring_back_who_was_erased)
{
	char backup[320], aside[BACKUP_ASIDE_SIZE], key[320], why[300];
	const struct backup_options o = {.store = world.path, .backup = backup};
	struct copy_sums sums;

	(void)snprintf(backup, sizeof backup, "%s.backup", world.path);
	registers(WORLD_MSISDN, "Asha");
	registers(WORLD_MSISDN + 1, "Juma");
	ck_assert_int_eq(backup_take(&o, &sums, world.why, sizeof world.why), RC_OK);
	erases(world.store, WORLD_MSISDN);
	registers(WORLD_MSISDN + 2, "Neema"); /* whose id comes again */
	world_close(&world);
	/* the operator's key was changed since, too */
	(void)snprintf(key, sizeof key, "%s.key", world.path);
	ck_assert_int_eq(key_report_rotate(&(struct key_store){world.path, key}, WORLD_NOW, why, sizeof why),
	                 RC_OK);
	ck_assert_msg(backup_restore(&o, &sums, aside, world.why, sizeof world.why) == RC_OK, "%s",
	              world.why);
	world_open(&world);
	ck_assert_str_eq(name_of(WORLD_MSISDN), "");
	ck_assert_str_eq(name_of(WORLD_MSISDN + 1), "Juma");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber WHERE msisdn = 254700000001"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM tombstone"), 1);
	ck_assert_int_eq(
		world_sql(&world,
	                  "SELECT count(*) FROM audit WHERE action = 'erase' AND reason LIKE '%backup%'"),
		1);
	registers(WORLD_MSISDN + 3, "Faraja");
	ck_assert_str_eq(name_of(WORLD_MSISDN + 3), "Faraja");
	/* once, and not at every start */
	world_close(&world);
	world_open(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM audit WHERE action = 'erase'"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT restored FROM store_key"), 0);
}
END_TEST

static int refuse_commit(void *ctx)
{
	++*(int *)ctx;
	return 1;
}

static void renames(const char *from, const char *to)
{
	char was[340], is[340];

	(void)snprintf(was, sizeof was, "%s%s", world.path, from);
	(void)snprintf(is, sizeof is, "%s%s", world.path, to);
	ck_assert_int_eq(rename(was, is), 0);
}

/* Cut off after its commit, a change leaves the only key that fits beside the old one. The next change, which the disk refuses,
 * must not write over it. */
START_TEST(promise_1_a_change_that_fails_after_one_that_was_cut_off_loses_no_key)
{
	char key[320], why[300];
	int refused = 0;
	sqlite3 *db;

	(void)snprintf(key, sizeof key, "%s.key", world.path);
	registers(WORLD_MSISDN, "Asha");
	world_close(&world);
	copies(".key", ".key.old");
	ck_assert_int_eq(key_report_rotate(&(struct key_store){world.path, key}, WORLD_NOW, why, sizeof why),
	                 RC_OK);
	renames(".key", ".key.new");
	renames(".key.old", ".key");
	ck_assert_int_eq(sqlite3_open(world.path, &db), SQLITE_OK);
	(void)sqlite3_commit_hook(db, refuse_commit, &refused);
	ck_assert_int_ne(key_rotate(db, key, WORLD_NOW, why, sizeof why), RC_OK);
	ck_assert_int_eq(refused, 1);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	world_open(&world);
	ck_assert_str_eq(world_name(&world, WORLD_MSISDN), "Asha");
}
END_TEST

/* Put back with cp, which tells nobody: the marks of erasures do. */
START_TEST(a_copied_store_does_not_bring_back_who_was_erased)
{
	struct key_report r;

	registers(WORLD_MSISDN, "Asha");
	registers(WORLD_MSISDN + 1, "Juma");
	world_close(&world);
	copies("", ".old");
	world_open(&world);
	erases(world.store, WORLD_MSISDN);
	world_close(&world);
	copies(".old", "");
	r = reported();
	ck_assert_int_eq(r.returned, 1);
	ck_assert_int_eq(r.returned_first, 1);
	ck_assert_int_eq(r.damaged, 0);
	world_open(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber WHERE msisdn = 254700000001"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM tombstone"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM audit WHERE action = 'erase'"), 1);
	ck_assert_str_eq(name_of(WORLD_MSISDN + 1), "Juma");
	ck_assert_int_eq(destroyed(), 1);
	ck_assert_int_eq(reported().returned, 0);
}
END_TEST

/* Under a running store: who was erased is thanked for nothing that is not kept, and others of the round are served. */
START_TEST(promise_1_what_cannot_be_sealed_is_not_confirmed)
{
	struct world_written got[2] = {0};
	struct store_batch *b[2];

	registers(WORLD_MSISDN, "Asha");
	registers(WORLD_MSISDN + 1, "Juma");
	world_close(&world);
	ck_assert_int_eq(world_exec(&world, "INSERT INTO key_doomed (subscriber, at) VALUES (1, 5)"),
	                 SQLITE_OK);
	world_open(
		&world); /* carries the mark out, and erases nobody before the next start: the row came later */
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber WHERE msisdn = 254700000001"), 0);
	registers(WORLD_MSISDN + 2, "Neema");
	ck_assert_int_eq(world_exec(&world, "UPDATE subscriber SET msisdn = 254700000001 WHERE id = 1"),
	                 SQLITE_OK);
	for (int i = 0; i < 2; i++) {
		b[i] = world_registration(WORLD_MSISDN + (i ? 2 : 0));
		ck_assert_int_eq(store_batch_save(b[i], FIELD_NAME, i ? "Neema N" : "Asha again"), RC_OK);
		ck_assert_int_eq(store_write(world.store, b[i], world_on_written, &got[i]), RC_OK);
	}
	store_wait(world.store);
	ck_assert_int_ne(got[0].result.rc, RC_OK);
	ck_assert_int_eq(got[1].result.rc, RC_OK);
	ck_assert(!store_is_failing(world.store));
	ck_assert_str_eq(name_of(WORLD_MSISDN + 2), "Neema N");
}
END_TEST

/* Zeros are damage: nobody is erased for them, they are told, and what is told next is kept under a new key. */
START_TEST(promise_1_zeros_are_damage)
{
	struct store_counters counters;
	const char zeros[64] = {0};
	struct key_report r;
	char file[320];
	int fd;

	registers(WORLD_MSISDN, "Asha");
	registers(WORLD_MSISDN + 1, "Juma");
	(void)snprintf(file, sizeof file, "%s.keyring", world.path);
	fd = open(file, O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(pwrite(fd, zeros, sizeof zeros, 2 * sizeof zeros), sizeof zeros);
	(void)close(fd);
	world_close(&world);
	world_open(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM audit WHERE action = 'erase'"), 0);
	r = reported();
	ck_assert_int_eq(r.damaged, 1);
	ck_assert_int_eq(r.damaged_first, 2);
	ck_assert_int_eq(r.destroyed, 0);
	ck_assert_str_eq(name_of(WORLD_MSISDN + 1), "");
	ck_assert_str_eq(name_of(WORLD_MSISDN), "Asha");
	registers(WORLD_MSISDN + 1, "Juma again");
	ck_assert_str_eq(name_of(WORLD_MSISDN + 1), "Juma again");
	store_counters_read(world.store, &counters);
	ck_assert_uint_eq(counters.keys_renewed, 1);
	ck_assert_int_eq(reported().damaged, 0);
}
END_TEST

START_TEST(an_old_keyring_does_not_bring_back_who_was_erased)
{
	registers(WORLD_MSISDN, "Asha");
	registers(WORLD_MSISDN + 1, "Juma");
	copies(".keyring", ".old");
	erases(world.store, WORLD_MSISDN);
	world_close(&world);
	copies(".old", ".keyring");
	ck_assert_int_eq(destroyed(), 0);
	world_open(&world);
	ck_assert_int_eq(destroyed(), 1);
	ck_assert_str_eq(name_of(WORLD_MSISDN + 1), "Juma");
}
END_TEST

START_TEST(a_lost_keyring)
{
	char key[320], why[300], file[320];
	const struct audit_row row = {
		.at_ms = WORLD_NOW, .actor = "privacy:test", .action = "keyring lost", .reason = "disk"};
	const struct key_store s = {world.path, key};
	int64_t texts = 0;

	(void)snprintf(key, sizeof key, "%s.key", world.path);
	(void)snprintf(file, sizeof file, "%s.keyring", world.path);
	registers(WORLD_MSISDN, "Asha");
	ck_assert_int_eq(key_report_lost(&s, &row, &texts, why, sizeof why), RC_BUSY);
	world_close(&world);
	ck_assert_int_eq(key_report_lost(&s, &row, &texts, why, sizeof why), RC_EXISTS);
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(world_try_open(&world, world.path), RC_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(world.why, "starhash key lost"));
	ck_assert_msg(key_report_lost(&s, &row, &texts, why, sizeof why) == RC_OK, "%s", why);
	ck_assert_int_gt(texts, 0);
	world_open(&world);
	ck_assert_str_eq(name_of(WORLD_MSISDN), ""); /* asked again */
	registers(WORLD_MSISDN, "Asha");
	ck_assert_str_eq(name_of(WORLD_MSISDN), "Asha");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM audit WHERE action = 'keyring lost'"), 1);
	ck_assert_int_eq(destroyed(), 0);
}
END_TEST

/* One slot is damaged: that value is not known, everybody else's is, and the next answer is kept. */
START_TEST(a_damaged_slot_harms_nobody_else)
{
	char file[320];
	int fd;

	registers(WORLD_MSISDN, "Asha");
	registers(WORLD_MSISDN + 1, "Juma");
	(void)snprintf(file, sizeof file, "%s.keyring", world.path);
	fd = open(file, O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(pwrite(fd, "noise", 5, 64 + 20), 5);
	(void)close(fd);
	ck_assert_str_eq(name_of(WORLD_MSISDN), "");
	ck_assert_str_eq(name_of(WORLD_MSISDN + 1), "Juma");
	registers(WORLD_MSISDN, "Asha again");
	ck_assert_str_eq(name_of(WORLD_MSISDN), "Asha again");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vault_files");
	TCase *tc = tcase_create("vault_files");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_backup_does_not_bring_back_who_was_erased);
	tcase_add_test(tc, promise_1_a_change_that_fails_after_one_that_was_cut_off_loses_no_key);
	tcase_add_test(tc, a_copied_store_does_not_bring_back_who_was_erased);
	tcase_add_test(tc, promise_1_what_cannot_be_sealed_is_not_confirmed);
	tcase_add_test(tc, promise_1_zeros_are_damage);
	tcase_add_test(tc, an_old_keyring_does_not_bring_back_who_was_erased);
	tcase_add_test(tc, a_lost_keyring);
	tcase_add_test(tc, a_damaged_slot_harms_nobody_else);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
