/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store's files under other hands, and checkpoints that do not work. Promises 1 and 6: nobody is told "is yours" of what was
 * written into a file that nobody can find again; no WAL grows in silence; a disk that was away for a moment is not damage. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "storage/checkpoint.h"
#include "storage/db.h"
#include "tests/fault_vfs.h"
#include "tests/log_catch.h"
#include "tests/store_world.h"

#define PATIENCE_MS 20000

static struct world world;
static struct log_catch log_file;
static char wal[400], kept[400];

static void setup(void)
{
	fault_reset();
	world_init(&world);
	(void)snprintf(wal, sizeof wal, "%s-wal", world.path);
	(void)snprintf(kept, sizeof kept, "%s/kept", world.folder);
}

static void teardown(void)
{
	fault_reset();
	world_end(&world);
}

static enum rc add(int i)
{
	return world_write(&world, world_registration(WORLD_MSISDN + i)).rc;
}

static uint64_t wal_bytes(void)
{
	struct store_counters c;

	store_counters_read(world.store, &c);
	return c.wal_bytes;
}

static bool is_there(int i)
{
	struct world_found f = world_find(&world, WORLD_MSISDN + i);
	bool there = f.rc == RC_OK && f.record && record_is_registered(f.record);

	record_free(f.record);
	return there;
}

static bool says(const char *word)
{
	for (int waited = 0; waited < PATIENCE_MS && log_catch_count(&log_file, word) == 0; waited += 10)
		(void)poll(NULL, 0, 10);
	return log_catch_count(&log_file, word) == 1;
}

/* --- moved, removed ------------------------------------------------------------------------------------- */

/* Nothing is stored while it is away; put back, it is served on from without a restart. */
START_TEST(test_database_moved_away)
{
	world_open(&world);
	log_catch_begin(&log_file, world.folder);
	ck_assert_int_eq(add(0), RC_OK);
	ck_assert_int_eq(rename(world.path, kept), 0);
	for (int i = 1; i < 5; i++)
		ck_assert_int_eq(add(i), RC_IO);
	ck_assert(store_is_failing(world.store));
	ck_assert_int_eq(rename(kept, world.path), 0);
	ck_assert(says("event=working"));
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(add(i), RC_OK);
	log_catch_end(&log_file);
	ck_assert_int_eq(log_catch_count(&log_file, "event=failing"), 1);
	ck_assert_int_eq(log_catch_count(&log_file, "put both back"), 1);
	world_close(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"), 5);
}
END_TEST

START_TEST(test_another_file_in_its_place)
{
	world_open(&world);
	ck_assert_int_eq(add(0), RC_OK);
	ck_assert_int_eq(rename(world.path, kept), 0);
	(void)close(open(world.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	ck_assert_int_eq(add(1), RC_IO);
	ck_assert_int_eq(unlink(world.path), 0);
}
END_TEST

/* What was told before is in a WAL without a name: an end in order brings it into the database. */
START_TEST(test_wal_removed)
{
	world_open(&world);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(add(i), RC_OK);
	ck_assert_int_eq(unlink(wal), 0);
	for (int i = 20; i < 25; i++)
		ck_assert_int_eq(add(i), RC_IO);
	world_close(&world);
	world_open(&world);
	for (int i = 0; i < 25; i++)
		ck_assert_int_eq(is_there(i), i < 20);
	ck_assert_int_eq(add(20), RC_OK);
}
END_TEST

/* SQLite would begin a new database, and remove the WAL with everything that was stored last. */
START_TEST(test_wal_without_its_database)
{
	struct stat before, after;

	world_open(&world);
	ck_assert_int_eq(add(0), RC_OK);
	ck_assert_int_eq(link(wal, kept), 0);
	world_close(&world);
	ck_assert_int_eq(unlink(world.path), 0);
	ck_assert_int_eq(rename(kept, wal), 0);
	ck_assert_int_eq(truncate(wal, 50000), 0);
	ck_assert_int_eq(stat(wal, &before), 0);
	for (int empty = 0; empty < 2; empty++) {
		if (empty)
			(void)close(open(world.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
		ck_assert_int_eq(world_try_open(&world, world.path), RC_IO);
		ck_assert_msg(strstr(world.why, "put the database back") != NULL, "%s", world.why);
		ck_assert_int_eq(stat(wal, &after), 0);
		ck_assert_int_eq(after.st_size, before.st_size);
		ck_assert_uint_eq(after.st_ino, before.st_ino);
	}
	ck_assert_int_eq(unlink(wal), 0);
	world_open(&world);
}
END_TEST

/* An empty store where one was expected gives everything again: the log tells. */
START_TEST(test_a_new_store_is_told)
{
	log_catch_begin(&log_file, world.folder);
	world_open(&world);
	world_close(&world);
	world_open(&world);
	log_catch_end(&log_file);
	ck_assert_int_eq(log_catch_count(&log_file, "event=created"), 1);
}
END_TEST

/* --- checkpoints ---------------------------------------------------------------------------------------- */

/* The database cannot be written, its WAL can: nothing is lost, it is told, and it works again by itself. */
START_TEST(test_checkpoint_fails)
{
	int n = 0;

	world_open(&world);
	log_catch_begin(&log_file, world.folder);
	fault_set(FAULT_MAIN, 1);
	while (n < 5000 && log_catch_count(&log_file, "event=checkpoint_failing") == 0)
		ck_assert_int_eq(add(n++), RC_OK);
	ck_assert_int_gt(fault_struck(FAULT_MAIN), 0);
	for (int i = 0; i < 200; i++)
		ck_assert_int_eq(add(n++), RC_OK);
	ck_assert(!store_is_failing(world.store));
	fault_reset();
	ck_assert(says("event=checkpoint_working")); /* nobody writes meanwhile */
	log_catch_end(&log_file);
	ck_assert_int_eq(log_catch_count(&log_file, "event=checkpoint_failing"), 1);
	ck_assert_int_eq(log_catch_count(&log_file, "event=failing"), 0);
	for (int i = 0; i < 50; i++)
		ck_assert_int_eq(add(n++), RC_OK);
	ck_assert_uint_lt(wal_bytes(), (uint64_t)DB_CHECKPOINT_PAGES * DB_PAGE_BYTES);
	world_close(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"), n);
}
END_TEST

/* Somebody reads for long: the WAL cannot begin again. It is told once, and when it is over it gives its space back. */
START_TEST(test_reader_holds_the_wal)
{
	struct stat st;
	sqlite3 *db;

	world_open(&world);
	ck_assert_int_eq(add(0), RC_OK);
	log_catch_begin(&log_file, world.folder);
	ck_assert_int_eq(sqlite3_open(world.path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "BEGIN; SELECT count(*) FROM grants", NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(world_exec(&world,
	                            "PRAGMA wal_autocheckpoint = 0; INSERT OR REPLACE INTO probe VALUES (1, "
	                            "zeroblob(150000000))"),
	                 SQLITE_OK);
	for (int i = 1; i < 30; i++)
		ck_assert_int_eq(add(i), RC_OK);
	ck_assert_uint_gt(wal_bytes(), 150000000);
	ck_assert(says("event=wal_long"));
	ck_assert_int_eq(log_catch_count(&log_file, "reading the store for so long"), 1);
	ck_assert_int_eq(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(db);
	for (int i = 30; i < 3000 && log_catch_count(&log_file, "event=wal_short") == 0; i++)
		ck_assert_int_eq(add(i), RC_OK);
	log_catch_end(&log_file);
	ck_assert_int_eq(log_catch_count(&log_file, "event=wal_short"), 1);
	ck_assert_int_eq(log_catch_count(&log_file, "event=wal_long"), 1);
	ck_assert_int_eq(stat(wal, &st), 0);
	ck_assert_int_le(st.st_size, DB_WAL_KEPT_BYTES);
	for (int i = 0; i < 30; i++)
		ck_assert(is_there(i));
}
END_TEST

/* What was erased leaves the WAL, too, although somebody was reading just then and nobody writes afterwards: all that is in it
 * then is the page which says that it was done (storage/scrub.h). */
#define WAL_ONE_PAGE (32 + 24 + DB_PAGE_BYTES)
START_TEST(test_erased_behind_a_reader)
{
	struct store_batch *b;
	struct stat st = {.st_size = -1};
	sqlite3 *db;

	world_open(&world);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(add(i), RC_OK);
	ck_assert_int_eq(sqlite3_open(world.path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "BEGIN; SELECT count(*) FROM grants", NULL, NULL, NULL), SQLITE_OK);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_OPERATOR, "asked for"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert_int_eq(stat(wal, &st), 0);
	ck_assert_int_gt(st.st_size, WAL_ONE_PAGE);
	(void)sqlite3_close_v2(db); /* and its snapshot */
	for (int waited = 0; waited < PATIENCE_MS && st.st_size > WAL_ONE_PAGE; waited += 10) {
		(void)poll(NULL, 0, 10);
		ck_assert_int_eq(stat(wal, &st), 0);
	}
	ck_assert_int_le(st.st_size, WAL_ONE_PAGE);
}
END_TEST

/* --- a disk that is away for a moment ------------------------------------------------------------------- */

static atomic_bool is_away;
static atomic_int refused;
static ssize_t (*pread_under)(int fd, void *to, size_t n, off_t at);

static ssize_t pread_away(int fd, void *to, size_t n, off_t at)
{
	if (!atomic_load(&is_away))
		return pread_under(fd, to, n, at);
	atomic_fetch_add(&refused, 1);
	errno = EIO;
	return -1;
}

static void pread_replace(void)
{
	sqlite3_vfs *unix_vfs = sqlite3_vfs_find("unix");
	const char *name = unix_vfs->xGetSystemCall(unix_vfs, "pread64") ? "pread64" : "pread";

	pread_under = (ssize_t(*)(int, void *, size_t, off_t))unix_vfs->xGetSystemCall(unix_vfs, name);
	if (!pread_under ||
	    unix_vfs->xSetSystemCall(unix_vfs, name, (sqlite3_syscall_ptr)pread_away) != SQLITE_OK)
		abort();
}

/* SQLite itself calls an EIO of a read corruption. */
START_TEST(test_eio_of_a_read_is_not_damage)
{
	world_open(&world);
	log_catch_begin(&log_file, world.folder);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(add(i), RC_OK);
	atomic_store(&is_away, true);
	for (int i = 0; i < 10; i++) {
		struct world_found f = world_find(&world, WORLD_MSISDN + 100 + i);

		ck_assert_int_eq(f.rc, RC_IO);
		ck_assert_ptr_null(f.record);
	}
	ck_assert_int_gt(atomic_load(&refused), 0);
	atomic_store(&is_away, false);
	for (int i = 0; i < 10; i++)
		ck_assert(is_there(i));
	ck_assert_int_eq(add(10), RC_OK);
	log_catch_end(&log_file);
	ck_assert_int_eq(log_catch_count(&log_file, "event=damaged"), 0);
	ck_assert_int_eq(log_catch_count(&log_file, "event=read_failing"), 1);
	ck_assert_int_eq(log_catch_count(&log_file, "event=read_working"), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("checkpoint");
	TCase *tc = tcase_create("checkpoint");

	pread_replace();
	fault_vfs_register();
	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_database_moved_away);
	tcase_add_test(tc, test_another_file_in_its_place);
	tcase_add_test(tc, test_wal_removed);
	tcase_add_test(tc, test_wal_without_its_database);
	tcase_add_test(tc, test_a_new_store_is_told);
	tcase_add_test(tc, test_checkpoint_fails);
	tcase_add_test(tc, test_reader_holds_the_wal);
	tcase_add_test(tc, test_erased_behind_a_reader);
	tcase_add_test(tc, test_eio_of_a_read_is_not_damage);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
