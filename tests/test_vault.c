/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vault, through the store: what is private lies there sealed, opens where it belongs, and is gone when its key is. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/audit.h"
#include "storage/backup.h"
#include "storage/key_report.h"
#include "storage/migrate.h"
#include "storage/query_find.h"
#include "storage/schema.h"
#include "storage/sealing.h"
#include "tests/store_world.h"

static struct world world;

static void setup(void)
{
	world_init(&world);
	world.profile.field[FIELD_NAME].is_findable = true;
	log_init(LOG_LV_ERROR + 1);
	world_open(&world);
}

static void teardown(void)
{
	world_end(&world);
}

static bool raw(const char *suffix, const char *needle)
{
	char name[400], command[700];

	(void)snprintf(name, sizeof name, "%s%s", world.path, suffix);
	(void)snprintf(command, sizeof command, "grep -qaF '%s' '%s' 2>/dev/null", needle, name);
	return system(command) == 0; // NOLINT(cert-env33-c): files of this test
}

static bool anywhere(const char *needle)
{
	return raw("", needle) || raw("-wal", needle) || raw("-journal", needle) || raw(".keyring", needle);
}

static void registers(int64_t msisdn, const char *name)
{
	struct store_batch *b = world_registration(msisdn);

	ck_assert_int_eq(store_batch_save(b, FIELD_NAME, name), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
}

static void erases(struct store *s, int64_t msisdn)
{
	struct store_batch *b = store_batch_new(msisdn, WORLD_NOW);
	struct world_written got = {0};

	ck_assert_int_eq(store_batch_erase(b, STORE_CH_OPERATOR, "asked"), RC_OK);
	ck_assert_int_eq(store_write(s, b, world_on_written, &got), RC_OK);
	store_wait(s);
	ck_assert_int_eq(got.result.rc, RC_OK);
}

/* What a dialogue would know of them: "" = not known. */
static const char *name_of(int64_t msisdn)
{
	static char name[PROFILE_VALUE_MAX + 1];
	struct world_found f = world_find(&world, msisdn);
	const char *value = record_value(f.record, FIELD_NAME);

	(void)snprintf(name, sizeof name, "%s", value ? value : "");
	record_free(f.record);
	return name;
}

static struct key_report reported(void)
{
	char key[320];
	const struct key_store s = {.path = world.path, .key_path = key};
	struct key_report r;

	(void)snprintf(key, sizeof key, "%s.key", world.path);
	ck_assert_msg(key_report_read(&s, &world.profile, false, &r, world.why, sizeof world.why) == RC_OK,
	              "%s", world.why);
	return r;
}

static int64_t destroyed(void)
{
	const struct key_store s = {.path = world.path, .key_path = NULL};
	struct key_report r;
	char key[320];
	struct key_store with = s;

	(void)snprintf(key, sizeof key, "%s.key", world.path);
	with.key_path = key;
	ck_assert_msg(key_report_read(&with, &world.profile, true, &r, world.why, sizeof world.why) == RC_OK,
	              "%s", world.why);
	ck_assert_int_eq(r.damaged, 0);
	ck_assert_int_eq(r.doomed, 0);
	ck_assert_int_eq(r.plain, 0);
	ck_assert_int_eq(r.keys + r.destroyed, r.last);
	return r.destroyed;
}

static void copies(const char *from, const char *to)
{
	char command[900];

	(void)snprintf(command, sizeof command, "cp '%s%s' '%s%s'", world.path, from, world.path, to);
	ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): files of this test
}

START_TEST(promise_9_nothing_private_lies_there)
{
	struct store_batch *b;

	registers(WORLD_MSISDN, "Pemba Private");
	ck_assert_str_eq(name_of(WORLD_MSISDN), "Pemba Private");
	/* also what it was before, and a message that waits with it */
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_save(b, FIELD_NAME, "Tumbatu Private"), RC_OK);
	ck_assert_int_eq(store_batch_notice(b, "Hello Tumbatu Private", false), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_history WHERE "
	                                   "plain(subscriber, 'profile.name', value) = 'Pemba Private'"),
	                 1);
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT count(*) FROM outbox WHERE "
	                           "plain(subscriber, 'outbox.text', text) = 'Hello Tumbatu Private'"),
	                 1);
	ck_assert(!anywhere("Private"));
	ck_assert(anywhere("Kisumu")); /* which is not private: the search finds */
	world_close(&world);
	ck_assert(!anywhere("Private"));
	world_open(&world);
	ck_assert_str_eq(name_of(WORLD_MSISDN), "Tumbatu Private");
}
END_TEST

/* Put in somebody else's row, or in another column, it opens for nobody. */
START_TEST(a_sealed_text_opens_in_its_place_only)
{
	world.profile.field[FIELD_NOTE].is_private = true;
	world_close(&world);
	world_open(&world);
	registers(WORLD_MSISDN, "Asha");
	registers(WORLD_MSISDN + 1, "Juma");
	ck_assert_int_eq(
		world_exec(&world,
	                   "UPDATE profile SET name = (SELECT name FROM profile WHERE _subscriber = 1) "
	                   "WHERE _subscriber = 2; UPDATE profile SET note = name WHERE _subscriber = 1"),
		SQLITE_OK);
	ck_assert_str_eq(name_of(WORLD_MSISDN), "Asha");
	ck_assert_str_eq(name_of(WORLD_MSISDN + 1), "");
	{
		struct world_found f = world_find(&world, WORLD_MSISDN);

		ck_assert_int_eq(f.rc, RC_OK);
		ck_assert_ptr_null(record_value(f.record, FIELD_NOTE));
		record_free(f.record);
	}
}
END_TEST

START_TEST(erased_is_unreadable_for_ever)
{
	char sealed[300], command[500];
	FILE *p;

	registers(WORLD_MSISDN, "Asha");
	registers(WORLD_MSISDN + 1, "Juma");
	(void)snprintf(command, sizeof command,
	               "sqlite3 -readonly '%s' 'SELECT name FROM profile WHERE _subscriber = 1'", world.path);
	p = popen(command, "r"); // NOLINT(cert-env33-c): the file of this test
	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_nonnull(fgets(sealed, sizeof sealed, p));
	(void)pclose(p);
	sealed[strcspn(sealed, "\n")] = '\0';
	ck_assert_int_gt(strlen(sealed), 55);
	erases(world.store, WORLD_MSISDN);
	/* when it was told the key is gone, and with the next batch the sealed text, too */
	ck_assert_int_eq(destroyed(), 1);
	ck_assert_int_eq(world_write(&world, world_batch(WORLD_MSISDN + 1)).rc, RC_OK);
	ck_assert(!anywhere(sealed));
	/* from wherever it comes back */
	(void)snprintf(command, sizeof command, "INSERT INTO profile (_subscriber, name) VALUES (1, '%s')",
	               sealed);
	ck_assert_int_eq(world_exec(&world, command), SQLITE_OK);
	ck_assert_int_eq(world_exec(&world, "UPDATE subscriber SET msisdn = 254700000009 WHERE id = 1"),
	                 SQLITE_OK);
	ck_assert_str_eq(name_of(254700000009), "");
	ck_assert_str_eq(name_of(WORLD_MSISDN + 1), "Juma");
}
END_TEST

/* starhash erase beside the daemon: the same, and the daemon knows nothing of the key any more either. */
START_TEST(erased_by_a_guest)
{
	const struct store_options o = {.path = world.path,
	                                .guest = true,
	                                .profile = &world.profile,
	                                .clock = &world.clock.clock,
	                                .busy_ms = 2000};
	struct store *guest;

	registers(WORLD_MSISDN, "Asha");
	ck_assert_str_eq(name_of(WORLD_MSISDN), "Asha");
	ck_assert_msg(store_open(&o, &guest, world.why, sizeof world.why) == RC_OK, "%s", world.why);
	erases(guest, WORLD_MSISDN);
	store_close(guest);
	ck_assert_int_eq(destroyed(), 1);
	ck_assert_str_eq(name_of(WORLD_MSISDN), "");
	/* who comes from there is a new one, with a key of their own */
	registers(WORLD_MSISDN, "Zawadi");
	ck_assert_str_eq(name_of(WORLD_MSISDN), "Zawadi");
	ck_assert_int_eq(destroyed(), 1);
}
END_TEST

/* Killed after the commit and before the key went: the next who opens the store sees to it. */
START_TEST(marks_are_carried_out_at_the_start)
{
	registers(WORLD_MSISDN, "Asha");
	registers(WORLD_MSISDN + 1, "Juma");
	world_close(&world);
	ck_assert_int_eq(world_exec(&world, "INSERT INTO key_doomed (subscriber, at) VALUES (1, 5)"),
	                 SQLITE_OK);
	world_open(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM key_doomed"), 0);
	ck_assert_int_eq(destroyed(), 1);
	ck_assert_str_eq(name_of(WORLD_MSISDN), "");
	ck_assert_str_eq(name_of(WORLD_MSISDN + 1), "Juma");
}
END_TEST

/* --- two files, one older than the other ------------------------------------------------------------------------------ */

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

/* --- the operator's key ------------------------------------------------------------------------------------------------- */

START_TEST(a_change_that_is_cut_off)
{
	char key[320], fresh[330], old[330], why[300];
	const struct key_store s = {world.path, key};

	(void)snprintf(key, sizeof key, "%s.key", world.path);
	(void)snprintf(fresh, sizeof fresh, "%s.key.new", world.path);
	(void)snprintf(old, sizeof old, "%s.key.old", world.path);
	registers(WORLD_MSISDN, "Asha");
	copies(".key", ".key.old");
	ck_assert_int_eq(key_report_rotate(&s, WORLD_NOW, why, sizeof why), RC_OK);
	ck_assert_int_ne(access(fresh, F_OK), 0);
	/* the daemon goes on with the store's own keys */
	ck_assert_str_eq(name_of(WORLD_MSISDN), "Asha");
	registers(WORLD_MSISDN + 1, "Juma");
	world_close(&world);
	/* as it was before the new one took its place */
	ck_assert_int_eq(rename(key, fresh), 0);
	ck_assert_int_eq(rename(old, key), 0);
	ck_assert_int_eq(destroyed(), 0); /* who reads takes the one that fits */
	world_open(&world);
	ck_assert_int_ne(access(fresh, F_OK), 0);
	ck_assert_str_eq(name_of(WORLD_MSISDN), "Asha");
	ck_assert_str_eq(name_of(WORLD_MSISDN + 1), "Juma");
	world_close(&world);
	/* as it was before the row was written: the new file is nobody's */
	copies("-lock", ".key.new"); /* never mind what: 0 bytes */
	world_open(&world);
	ck_assert_int_eq(key_report_rotate(&s, WORLD_NOW, why, sizeof why), RC_OK);
	ck_assert_str_eq(name_of(WORLD_MSISDN), "Asha");
}
END_TEST

START_TEST(a_damaged_row_is_said)
{
	world_close(&world);
	ck_assert_int_eq(world_exec(&world, "UPDATE store_key SET secrets = zeroblob(length(secrets))"),
	                 SQLITE_OK);
	ck_assert_int_eq(world_try_open(&world, world.path), RC_STATE);
	ck_assert_ptr_nonnull(strstr(world.why, "damaged; restore a backup"));
}
END_TEST

/* --- from an older program --------------------------------------------------------------------------------------------- */

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

/* --- finding ------------------------------------------------------------------------------------------------------------ */

static size_t finds(const char *value, int64_t *msisdn)
{
	struct query_found found;
	struct query *q;

	ck_assert_int_eq(query_open(world.path, &world.profile, &q, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(query_find(q, FIELD_NAME, value, &found), RC_OK);
	query_close(q);
	*msisdn = found.n > 0 ? found.one[0].msisdn : 0;
	return found.n;
}

START_TEST(found_by_a_value)
{
	struct store_batch *b;
	int64_t who;

	registers(WORLD_MSISDN, "Asha Wanjiru");
	registers(WORLD_MSISDN + 1, "Juma");
	registers(WORLD_MSISDN + 2, "Juma");
	ck_assert_uint_eq(finds("Asha Wanjiru", &who), 1);
	ck_assert_int_eq(who, WORLD_MSISDN);
	ck_assert_uint_eq(finds("  ASHA   wanjiru ", &who), 1);
	ck_assert_uint_eq(finds("juma", &who), 2);
	ck_assert_uint_eq(finds("Asha", &who), 0); /* whole values only */
	b = world_batch(WORLD_MSISDN + 1);
	ck_assert_int_eq(store_batch_save(b, FIELD_NAME, "Neema"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert_uint_eq(finds("juma", &who), 1);
	ck_assert_int_eq(who, WORLD_MSISDN + 2);
	erases(world.store, WORLD_MSISDN + 2);
	ck_assert_uint_eq(finds("juma", &who), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_find"), 2);
	/* profile.conf lets nobody be found by it, and then again */
	world_close(&world);
	world.profile.field[FIELD_NAME].is_findable = false;
	world_open(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_find"), 0);
	world_close(&world);
	world.profile.field[FIELD_NAME].is_findable = true;
	world_open(&world);
	ck_assert_uint_eq(finds("neema", &who), 1);
	ck_assert_int_eq(who, WORLD_MSISDN + 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("vault");
	TCase *tc = tcase_create("vault");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, promise_9_nothing_private_lies_there);
	tcase_add_test(tc, a_sealed_text_opens_in_its_place_only);
	tcase_add_test(tc, erased_is_unreadable_for_ever);
	tcase_add_test(tc, erased_by_a_guest);
	tcase_add_test(tc, marks_are_carried_out_at_the_start);
	tcase_add_test(tc, a_backup_does_not_bring_back_who_was_erased);
	tcase_add_test(tc, a_copied_store_does_not_bring_back_who_was_erased);
	tcase_add_test(tc, promise_1_what_cannot_be_sealed_is_not_confirmed);
	tcase_add_test(tc, promise_1_zeros_are_damage);
	tcase_add_test(tc, an_old_keyring_does_not_bring_back_who_was_erased);
	tcase_add_test(tc, a_lost_keyring);
	tcase_add_test(tc, a_damaged_slot_harms_nobody_else);
	tcase_add_test(tc, a_change_that_is_cut_off);
	tcase_add_test(tc, a_damaged_row_is_said);
	tcase_add_test(tc, what_an_older_program_left_is_sealed);
	tcase_add_test(tc, sealing_goes_on_where_it_was);
	tcase_add_test(tc, a_field_that_becomes_private);
	tcase_add_test(tc, found_by_a_value);
	suite_add_tcase(s, tc);
	return world_run(s);
}
