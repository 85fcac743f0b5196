/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backup and restore: whole or not at all, verified, and never over something that is in use (promises 1 and 2). What
 * happens under load and with a real daemon: tests/e2e/backup.sh. */
#include <check.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "storage/backup.h"
#include "storage/store_charges.h"
#include "tests/store_world.h"

static struct world world;
static char target[400];
static char aside[BACKUP_ASIDE_SIZE];
static struct copy_sums sums;

static void setup(void)
{
	world_init(&world);
	(void)snprintf(target, sizeof target, "%s/backup.db", world.folder);
	memset(&sums, 0, sizeof sums);
}

static void teardown(void)
{
	world_end(&world);
}

static void add(int from, int n)
{
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(
			store_write(world.store, world_registration(WORLD_MSISDN + from + i), NULL, NULL),
			RC_OK);
	store_wait(world.store);
}

static struct backup_options options(void)
{
	return (struct backup_options){.store = world.path, .backup = target};
}

static enum rc take(struct backup_options o)
{
	world.why[0] = '\0';
	return backup_take(&o, &sums, world.why, sizeof world.why);
}

static enum rc restore(struct backup_options o)
{
	world.why[0] = '\0';
	return backup_restore(&o, &sums, aside, world.why, sizeof world.why);
}

static bool exists(const char *name)
{
	char path[5000];

	(void)snprintf(path, sizeof path, "%s%s", target, name);
	return access(path, F_OK) == 0;
}

static void nothing_left(void)
{
	ck_assert(!exists(""));
	ck_assert(!exists(".partial"));
	ck_assert(!exists(".partial-wal"));
	ck_assert(!exists(".partial-journal"));
}

/* Writes while the copy is under way: what was committed after its first page is not in it, and it never begins again. */
struct beside {
	int calls, backwards;
	int64_t done;
};

static bool write_beside(void *ctx, int64_t done, int64_t all)
{
	struct beside *b = ctx;

	(void)all;
	b->backwards += done < b->done;
	b->done = done;
	if (b->calls++ < 5)
		add(10000 + 10 * b->calls, 10);
	return true;
}

START_TEST(test_one_snapshot)
{
	struct beside beside = {0};
	struct backup_options o = options();
	struct stat st;

	world_open(&world);
	add(0, 8000);
	o.progress = write_beside;
	o.ctx = &beside;
	ck_assert_msg(take(o) == RC_OK, "%s", world.why);
	ck_assert_int_gt(beside.calls, 2);
	ck_assert_int_eq(beside.backwards, 0);
	ck_assert_int_eq(sums.subscribers, 8000);
	ck_assert_int_eq(sums.granted, 8000);
	ck_assert_int_eq(sums.postings, 8000);
	ck_assert_int_eq(sums.registered, 8000);
	ck_assert_int_eq(stat(target, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(st.st_size, sums.bytes);
	ck_assert(!exists(".partial"));
	ck_assert(!exists("-wal"));
	world_close(&world);
	ck_assert_int_gt(world_sql(&world, "SELECT count(*) FROM grants"), 8000);
}
END_TEST

static bool give_up(void *ctx, int64_t done, int64_t all)
{
	(void)ctx;
	(void)done;
	(void)all;
	return false;
}

/* A restore that was killed while it folded the old store leaves a journal: who only reads cannot finish that, and is told who
 * can. */
START_TEST(test_cut_off_journal)
{
	char command[1400];
	struct copy_sums none;
	struct backup_options o = options();

	world_open(&world);
	add(0, 50);
	world_close(&world);
	ck_assert_int_eq(world_exec(&world, "PRAGMA journal_mode = DELETE"), SQLITE_OK);
	{
		sqlite3 *db;

		ck_assert_int_eq(sqlite3_open(world.path, &db), SQLITE_OK);
		ck_assert_int_eq(
			sqlite3_exec(db,
		                     "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; "
		                     "UPDATE subscriber SET last_seen = 1; UPDATE interaction SET "
		                     "ended = 1; INSERT OR REPLACE INTO probe VALUES (1, zeroblob(200000))",
		                     NULL, NULL, NULL),
			SQLITE_OK);
		(void)snprintf(command, sizeof command,
		               "cd '%s' && for of in '' -journal .key .keyring; do cp test.db$of "
		               "test.db.cut$of; done",
		               world.folder);
		ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): files of this test
		(void)sqlite3_close(db);
	}
	(void)snprintf(command, sizeof command, "%s.cut", world.path);
	o.store = command;
	world.why[0] = '\0';
	ck_assert_int_eq(backup_take(&o, &none, world.why, sizeof world.why), RC_IO);
	ck_assert_msg(strstr(world.why, "start the daemon once") != NULL, "%s", world.why);
	ck_assert_int_eq(world_try_open(&world, command), RC_OK);
	ck_assert_msg(backup_take(&o, &none, world.why, sizeof world.why) == RC_OK, "%s", world.why);
	ck_assert_int_eq(none.granted, 50);
}
END_TEST

START_TEST(test_given_up)
{
	struct backup_options o = options();

	world_open(&world);
	add(0, 10);
	o.progress = give_up;
	ck_assert_int_eq(take(o), RC_CLOSED);
	nothing_left();
}
END_TEST

START_TEST(test_targets_that_are_refused)
{
	struct backup_options o = options();
	char wal[500];

	world_open(&world);
	add(0, 3);
	ck_assert_int_eq(take(o), RC_OK);
	ck_assert_int_eq(take(o), RC_EXISTS);
	ck_assert_ptr_nonnull(strstr(world.why, "--force"));
	add(3, 3);
	o.force = true;
	ck_assert_int_eq(take(o), RC_OK);
	ck_assert_int_eq(sums.granted, 6);
	o.backup = world.path;
	ck_assert_int_eq(take(o), RC_EXISTS);
	ck_assert_ptr_nonnull(strstr(world.why, "store itself"));
	/* whatever is asked for: a key is no backup */
	(void)snprintf(wal, sizeof wal, "%s.keyring", world.path);
	o.backup = wal;
	ck_assert_int_eq(take(o), RC_EXISTS);
	ck_assert_ptr_nonnull(strstr(world.why, "no database"));
	o.backup = target;
	(void)snprintf(wal, sizeof wal, "%s-wal", target);
	(void)close(open(wal, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	ck_assert_int_eq(take(o), RC_EXISTS);
	ck_assert_ptr_nonnull(strstr(world.why, "in use"));
	ck_assert_int_eq(unlink(wal), 0);
	o.backup = "/nowhere/at/all.db";
	ck_assert_int_eq(take(o), RC_IO);
	ck_assert_ptr_nonnull(strstr(world.why, "folder"));
}
END_TEST

/* Killed between the name and the end, a run leaves a second name of a backup: the next one must not write into it. */
START_TEST(test_leftover_is_never_written_to)
{
	struct backup_options o = options(), check = options();
	char other[500], leftover[520];

	world_open(&world);
	add(0, 30);
	ck_assert_int_eq(take(o), RC_OK);
	(void)snprintf(other, sizeof other, "%s.other", target);
	(void)snprintf(leftover, sizeof leftover, "%s.partial", other);
	ck_assert_int_eq(link(target, leftover), 0);
	o.backup = other;
	add(30, 10);
	ck_assert_msg(take(o) == RC_OK, "%s", world.why);
	ck_assert_int_eq(sums.granted, 40);
	ck_assert_int_ne(access(leftover, F_OK), 0);
	check.only_check = true;
	ck_assert_msg(restore(check) == RC_OK, "%s", world.why);
	ck_assert_int_eq(sums.granted, 30);
}
END_TEST

/* ^C while it is being verified, too. */
static bool give_up_at_the_end(void *ctx, int64_t done, int64_t all)
{
	int *ends = ctx;

	*ends += done == all;
	return *ends < 2;
}

START_TEST(test_given_up_while_verified)
{
	struct backup_options o = options();
	int ends = 0;

	world_open(&world);
	add(0, 10);
	o.progress = give_up_at_the_end;
	o.ctx = &ends;
	ck_assert_int_eq(take(o), RC_CLOSED);
	nothing_left();
}
END_TEST

START_TEST(test_no_source)
{
	struct backup_options o = options();

	ck_assert_int_eq(take(o), RC_NOTFOUND);
	nothing_left();
	ck_assert_int_eq(restore(o), RC_NOTFOUND);
	ck_assert_int_ne(access(world.path, F_OK), 0); /* nor was a store made of nothing */
}
END_TEST

/* --- the keys that lie there ------------------------------------------------------------------------------------- */

static void files(const char *command_of_two, const char *a, const char *b)
{
	char command[1400];

	(void)snprintf(command, sizeof command, "%s '%s%s' '%s%s'", command_of_two, world.path, a, world.path,
	               b);
	ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): files of this test
}

static void refused_and_nothing_moved(const char *because, const char *way)
{
	struct backup_options o = options();

	ck_assert_int_eq(restore(o), RC_STATE);
	ck_assert_msg(strstr(world.why, because) && strstr(world.why, way), "%s", world.why);
	ck_assert_str_eq(aside, "");
	ck_assert(!exists(".partial"));
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"), 7);
}

/* The present store would lie aside, and the daemon not start. */
START_TEST(test_keys_of_another_store)
{
	struct backup_options o = options();

	world_open(&world);
	add(0, 20);
	ck_assert_int_eq(take(o), RC_OK);
	world_close(&world);
	files("mv", "", ".other");
	files("mv", ".key", ".other.key");
	files("mv", ".keyring", ".other.keyring");
	world_open(&world);
	add(100, 7);
	world_close(&world);
	files("cp", ".key", ".ours.key");
	files("cp", ".keyring", ".ours.keyring");
	refused_and_nothing_moved("another store's", "starhash erase --tombstones");
	files("cp", ".other.key", ".key");
	refused_and_nothing_moved("the keyring", "starhash key lost");
	ck_assert_int_eq(truncate(strcat(strcpy(aside, world.path), ".key"), 20), 0);
	refused_and_nothing_moved("is damaged", "starhash erase --tombstones");
	/* the store that was there opens as before */
	files("cp", ".ours.key", ".key");
	world_open(&world);
	world_close(&world);
	/* with its own keys it is taken */
	files("cp", ".other.key", ".key");
	files("cp", ".other.keyring", ".keyring");
	ck_assert_msg(restore(o) == RC_OK, "%s", world.why);
	world_open(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"), 20);
}
END_TEST

/* Named elsewhere, they are looked for there; and where none lies it can still be put. */
START_TEST(test_keys_elsewhere_or_still_to_come)
{
	struct backup_options o = options();
	char key[400];

	world_open(&world);
	add(0, 3);
	ck_assert_int_eq(take(o), RC_OK);
	world_close(&world);
	(void)snprintf(key, sizeof key, "%s.elsewhere", world.path);
	files("mv", ".key", ".elsewhere");
	o.key_path = key;
	ck_assert_msg(restore(o) == RC_OK, "%s", world.why);
	o.key_path = NULL;
	ck_assert_msg(restore(o) == RC_OK, "%s", world.why);
	files("mv", ".elsewhere", ".key");
	files("mv", ".keyring", ".elsewhere");
	ck_assert_msg(restore(o) == RC_OK, "%s", world.why);
	files("mv", ".elsewhere", ".keyring");
	world_open(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"), 3);
}
END_TEST

START_TEST(test_restored_and_old_kept)
{
	struct backup_options o = options();
	struct world_found f;
	sqlite3 *db;
	sqlite3_stmt *st;

	world_open(&world);
	add(0, 20);
	ck_assert_int_eq(take(o), RC_OK);
	add(20, 5);
	ck_assert_int_eq(restore(o), RC_BUSY); /* by the daemon's lock */
	ck_assert_ptr_nonnull(strstr(world.why, "stop"));
	world_close(&world);
	ck_assert_int_eq(chmod(world.path, 0604), 0);
	ck_assert_msg(restore(o) == RC_OK, "%s", world.why);
	ck_assert_int_eq(sums.granted, 20);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"), 20);
	ck_assert_int_eq(sqlite3_open(aside, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT count(*) FROM grants", -1, &st, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	ck_assert_int_eq(sqlite3_column_int64(st, 0), 25);
	(void)sqlite3_finalize(st);
	(void)sqlite3_close(db);
	{
		struct stat was;

		ck_assert_int_eq(stat(world.path, &was), 0);
		ck_assert_int_eq(was.st_mode & 0777, 0604); /* as the store was */
	}
	world_open(&world);
	f = world_find(&world, WORLD_MSISDN + 19);
	ck_assert(record_is_registered(f.record));
	record_free(f.record);
	ck_assert(world_write(&world, world_registration(WORLD_MSISDN)).grant_existed);
}
END_TEST

static uint64_t reference(const char *instance, int64_t holder, int64_t msisdn, const char *key)
{
	(void)instance;
	(void)key;
	return (uint64_t)(msisdn * 10 + holder);
}

static void order(int n)
{
	const struct store_order so = {.system = "ucip",
	                               .instance = "",
	                               .reference = reference,
	                               .route = "",
	                               .late = "Yours.",
	                               .sorry = "Sorry."};
	struct store_batch *b = store_batch_new(WORLD_MSISDN + n, 1000);

	ck_assert_int_eq(store_batch_give(b, "100MB", "join", "100 MB", 0), RC_OK);
	ck_assert_int_eq(store_batch_order(b, &so), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
}

/* Promise 2: who comes again after a restore gets another id, and must be the same to the charging system, which then sees that
 * it has done the order. Somebody else under that number is not. */
START_TEST(promise_2_a_reference_outlives_ids)
{
	int64_t before, after;

	world_open(&world);
	add(0, 5);
	order(100);
	before = world_sql(&world, "SELECT reference FROM charge");
	world_close(&world);
	ck_assert_int_eq(unlink(world.path), 0);
	world_open(&world);
	order(100);
	ck_assert_int_ne(world_sql(&world, "SELECT subscriber FROM charge"), 6);
	after = world_sql(&world, "SELECT reference FROM charge");
	ck_assert_int_eq(after, before);
	ck_assert_int_eq(world_exec(&world, "UPDATE subscriber SET msisdn = NULL"), SQLITE_OK);
	order(100);
	ck_assert_int_eq(world_sql(&world, "SELECT count(DISTINCT reference) FROM charge"), 2);
}
END_TEST

/* Promise 2: the charging system has gone on since the backup. What was open in it may have been done, and how the account was
 * says nothing any more: none of it may be sent again before somebody knows. */
START_TEST(promise_2_what_was_open_in_a_backup_is_in_doubt)
{
	world_open(&world);
	for (int i = 0; i < 4; i++)
		order(i);
	ck_assert_int_eq(world_exec(&world,
	                            "UPDATE charge SET state = 'sent', mark = 'm', sent = 7 WHERE id = 2; "
	                            "UPDATE charge SET state = 'unknown', mark = 'm' WHERE id = 3; "
	                            "UPDATE charge SET state = 'granted', mark = 'm' WHERE id = 4; "
	                            "UPDATE grants SET state = 'granted' WHERE id = 4"),
	                 0);
	ck_assert_int_eq(take(options()), RC_OK);
	world_close(&world);
	ck_assert_msg(restore(options()) == RC_OK, "%s", world.why);
	ck_assert_int_eq(sums.in_doubt, 3);
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM charge WHERE state = 'unknown' AND mark = ''"), 3);
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM charge WHERE state = 'granted' AND mark = 'm'"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants WHERE state = 'unknown'"), 3);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM charge_attempt WHERE op = 'restart'"), 3);
	world_open(&world);
	world_close(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM charge_attempt"), 3);
}
END_TEST

/* Promise 3: SMS that waited in the backup may have left since. */
START_TEST(promise_3_what_waited_in_a_backup_is_in_doubt)
{
	world_open(&world);
	add(0, 5);
	ck_assert_int_eq(world_exec(&world, "UPDATE outbox SET state = 'sent', text = '' WHERE id = 1; "
	                                    "UPDATE outbox SET sending = 1 WHERE id = 2"),
	                 0);
	ck_assert_int_eq(take(options()), RC_OK);
	world_close(&world);
	ck_assert_msg(restore(options()) == RC_OK, "%s", world.why);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox WHERE state = 'unknown' AND "
	                                   "why = 'restored' AND sending = 0"),
	                 4);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox WHERE state = 'sent'"), 1);
}
END_TEST

/* A store that is in pieces, with a WAL that must not be let near the backup. */
START_TEST(test_restored_over_damage)
{
	struct backup_options o = options();
	char wal[400];
	int fd;

	world_open(&world);
	add(0, 20);
	ck_assert_int_eq(take(o), RC_OK);
	world_close(&world);
	fd = open(world.path, O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(pwrite(fd, "not a database at all", 21, 0), 21);
	(void)close(fd);
	(void)snprintf(wal, sizeof wal, "%s-wal", world.path);
	(void)close(open(wal, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	ck_assert_int_eq(truncate(wal, 5000), 0);
	ck_assert_msg(restore(o) == RC_OK, "%s", world.why);
	ck_assert_int_ne(access(wal, F_OK), 0);
	ck_assert_int_eq(access(aside, F_OK), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"), 20);
}
END_TEST

START_TEST(test_restored_where_nothing_was)
{
	struct backup_options o = options();

	world_open(&world);
	add(0, 4);
	ck_assert_int_eq(take(o), RC_OK);
	world_close(&world);
	ck_assert_int_eq(unlink(world.path), 0);
	ck_assert_int_eq(restore(o), RC_OK);
	ck_assert_str_eq(aside, "");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"), 4);
}
END_TEST

static int backup_exec(const char *text)
{
	struct world other = world;

	(void)snprintf(other.path, sizeof other.path, "%.299s", target);
	return world_exec(&other, text);
}

START_TEST(test_backups_that_are_refused)
{
	struct backup_options o = options();
	int64_t before;
	int fd;

	world_open(&world);
	add(0, 300);
	ck_assert_int_eq(take(o), RC_OK);
	world_close(&world);
	before = world_sql(&world, "SELECT count(*) FROM grants");
	ck_assert_int_eq(backup_exec("PRAGMA user_version = 99"), SQLITE_OK);
	ck_assert_int_eq(restore(o), RC_STATE);
	ck_assert_ptr_nonnull(strstr(world.why, "newer program"));
	ck_assert_int_eq(backup_exec("PRAGMA user_version = 1; PRAGMA application_id = 7"), SQLITE_OK);
	ck_assert_int_eq(restore(o), RC_IO);
	ck_assert_ptr_nonnull(strstr(world.why, "another program"));
	o.force = true;
	ck_assert_int_eq(take(o), RC_OK);
	/* a row that points to nobody: every page is sound, and yet it is not whole */
	ck_assert_int_eq(backup_exec("PRAGMA foreign_keys = OFF; DELETE FROM subscriber WHERE id = 7"),
	                 SQLITE_OK);
	ck_assert_int_eq(restore(o), RC_IO);
	ck_assert_ptr_nonnull(strstr(world.why, "not there"));
	ck_assert_int_eq(take(o), RC_OK);
	fd = open(target, O_RDWR | O_CLOEXEC);
	for (off_t at = sums.bytes / 2; at < sums.bytes / 2 + 9000; at += 3)
		ck_assert_int_eq(pwrite(fd, "\xa5", 1, at), 1);
	(void)close(fd);
	o.only_check = true;
	ck_assert_int_eq(restore(o), RC_IO);
	o.only_check = false;
	ck_assert_int_eq(restore(o), RC_IO);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"), before);
	ck_assert_str_eq(aside, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("backup");
	TCase *tc = tcase_create("backup");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_one_snapshot);
	tcase_add_test(tc, test_cut_off_journal);
	tcase_add_test(tc, test_given_up);
	tcase_add_test(tc, test_targets_that_are_refused);
	tcase_add_test(tc, test_leftover_is_never_written_to);
	tcase_add_test(tc, test_given_up_while_verified);
	tcase_add_test(tc, test_no_source);
	tcase_add_test(tc, test_restored_and_old_kept);
	tcase_add_test(tc, test_keys_of_another_store);
	tcase_add_test(tc, test_keys_elsewhere_or_still_to_come);
	tcase_add_test(tc, promise_2_a_reference_outlives_ids);
	tcase_add_test(tc, promise_2_what_was_open_in_a_backup_is_in_doubt);
	tcase_add_test(tc, promise_3_what_waited_in_a_backup_is_in_doubt);
	tcase_add_test(tc, test_restored_over_damage);
	tcase_add_test(tc, test_restored_where_nothing_was);
	tcase_add_test(tc, test_backups_that_are_refused);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
