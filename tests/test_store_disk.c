/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store on a disk that fails: errors of writes, syncs and reads, bytes that flip, a file cut short, a torn WAL, a pragma
 * that is not kept, a disk too slow for the load. Promises 1, 6 and 10: what was reported is there, what was not is not half
 * there, one line in the log for each change, recovery without help, and nothing is served from a damaged file. */
#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include "storage/integrity.h"
#include "tests/fault_vfs.h"
#include "tests/log_catch.h"
#include "tests/store_world.h"

#define PATIENCE_MS 20000

#if defined(__has_feature) /* clang's way to say __SANITIZE_ADDRESS__ */
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZED
#endif
#endif

static struct world world;

static void setup(void)
{
	fault_reset();
	world_init(&world);
}

static void teardown(void)
{
	fault_reset();
	world_end(&world);
}

static bool recovers(void)
{
	for (int waited = 0; waited < PATIENCE_MS && store_is_failing(world.store); waited += 10)
		(void)poll(NULL, 0, 10);
	return !store_is_failing(world.store);
}

static enum rc open_with(int check_ms)
{
	const struct store_options o = {.path = world.path,
	                                .profile = &world.profile,
	                                .clock = &world.clock.clock,
	                                .busy_ms = 50,
	                                .guest = true, /* it sweeps nothing at its start */
	                                .check_ms = check_ms};

	world.why[0] = '\0';
	return store_open(&o, &world.store, world.why, sizeof world.why);
}

static void check_whole(int64_t expected)
{
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"),
		1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"), expected);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), expected);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber WHERE state = 'declared'"),
	                 expected);
}

/* --- a disk that fails, and is well again ------------------------------------------------------------ */

static const struct {
	enum fault fault;
	enum rc rc;
} writing[] = {{FAULT_WRITE, RC_IO}, {FAULT_FULL, RC_FULL}, {FAULT_SYNC, RC_IO}};

START_TEST(test_writing_fails)
{
	struct log_catch log;

	world_open(&world);
	log_catch_begin(&log, world.folder);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + i)).rc, RC_OK);
	fault_set(writing[_i].fault, 1);
	for (int i = 5; i < 30; i++)
		ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + i)).rc,
		                 writing[_i].rc);
	ck_assert_int_gt(fault_struck(writing[_i].fault), 0);
	ck_assert(store_is_failing(world.store));
	for (int i = 0; i < 5; i++) { /* reading goes on */
		struct world_found f = world_find(&world, WORLD_MSISDN + i);

		ck_assert_int_eq(f.rc, RC_OK);
		ck_assert(record_is_registered(f.record));
		record_free(f.record);
	}
	fault_reset();
	ck_assert(recovers());
	for (int i = 0; i < 30; i++)
		ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + i)).rc, RC_OK);
	world_close(&world);
	log_catch_end(&log);
	check_whole(30);
	ck_assert_int_eq(log_catch_count(&log, "event=failing"), 1);
	ck_assert_int_eq(log_catch_count(&log, "event=working"), 1);
	ck_assert_int_eq(log_catch_count(&log, "remedy="), 1);
}
END_TEST

START_TEST(test_reading_fails)
{
	struct world_found f;
	struct log_catch log;

	log_catch_begin(&log, world.folder);
	world_open(&world);
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	fault_set(FAULT_READ, 1);
	fault_set(FAULT_READ_WAL, 1);
	for (int i = 0; i < 10; i++) {
		f = world_find(&world, WORLD_MSISDN + i);
		ck_assert_int_eq(f.rc, RC_IO);
		ck_assert_ptr_null(f.record);
	}
	ck_assert_int_gt(fault_struck(FAULT_READ) + fault_struck(FAULT_READ_WAL), 0);
	fault_reset();
	f = world_find(&world, WORLD_MSISDN);
	ck_assert_int_eq(f.rc, RC_OK);
	ck_assert(record_is_registered(f.record));
	record_free(f.record);
	log_catch_end(&log);
	ck_assert_int_eq(log_catch_count(&log, "event=read_failing"), 1);
	ck_assert_int_eq(log_catch_count(&log, "event=read_working"), 1);
}
END_TEST

/* A store that believes in synchronous=FULL without having it would break promise 1. FULL is SQLite's default, so a scratch
 * store, which wants OFF, shows that what is set is read back. */
START_TEST(test_pragma_not_kept)
{
	const struct store_options o = {
		.path = world.path, .profile = &world.profile, .clock = &world.clock.clock, .scratch = true};

	world_open(&world);
	world_close(&world);
	ck_assert_int_eq(world_exec(&world, "PRAGMA journal_mode = DELETE"), SQLITE_OK);
	fault_set(FAULT_SYNCHRONOUS, 1);
	ck_assert_int_eq(store_open(&o, &world.store, world.why, sizeof world.why), RC_IO);
	ck_assert_int_gt(fault_struck(FAULT_SYNCHRONOUS), 0);
	ck_assert_ptr_nonnull(strstr(world.why, "synchronous"));
	ck_assert_ptr_nonnull(strstr(world.why, "; "));
}
END_TEST

/* --- damage -------------------------------------------------------------------------------------------- */

static void make_store(int n)
{
	world_open(&world);
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(store_write(world.store, world_registration(WORLD_MSISDN + i), NULL, NULL),
		                 RC_OK);
	store_wait(world.store);
	world_close(&world);
}

static off_t size_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_size;
}

/* As a failing disk does: every `every`th byte of the range turns over. */
static void flip(const char *path, off_t from, off_t to, off_t every)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	for (off_t at = from; at < to; at += every) {
		unsigned char byte;

		ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
		byte = (unsigned char)~byte;
		ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
	}
	(void)close(fd);
}

static void refuses_to_open(void)
{
	ck_assert_int_eq(world_try_open(&world, world.path), RC_IO);
	ck_assert_msg(strstr(world.why, "restore") != NULL, "%s", world.why);
	ck_assert_msg(strstr(world.why, "***") == NULL, "%s", world.why);
	ck_assert_msg(strstr(world.why, "kept") || strstr(world.why, "keep"), "%s", world.why);
}

START_TEST(test_bytes_flipped_in_the_middle)
{
	off_t size;

	make_store(400);
	size = size_of(world.path);
	flip(world.path, size / 2, size / 2 + 20000, 7);
	refuses_to_open();
}
END_TEST

/* A free page that is somebody's: the next write would overwrite it. */
START_TEST(test_free_pages_are_looked_at)
{
	unsigned char leaf[4] = {0, 0, 0, 6};
	int64_t trunk;
	int fd;

	make_store(50);
	ck_assert_int_eq(world_exec(&world,
	                            "PRAGMA journal_mode = DELETE; CREATE TABLE t (x); INSERT INTO t VALUES "
	                            "(zeroblob(200000)); DROP TABLE t"),
	                 SQLITE_OK);
	ck_assert_int_gt(world_sql(&world, "PRAGMA freelist_count"), 10);
	fd = open(world.path, O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(pread(fd, leaf, 4, 32), 4); /* the first trunk page of the free list */
	trunk = (int64_t)leaf[0] << 24 | leaf[1] << 16 | leaf[2] << 8 | leaf[3];
	memcpy(leaf, (const unsigned char[]){0, 0, 0, 6}, 4);
	ck_assert_int_eq(pwrite(fd, leaf, 4, (trunk - 1) * 4096 + 8), 4);
	(void)close(fd);
	refuses_to_open();
}
END_TEST

START_TEST(test_file_cut_short)
{
	make_store(400);
	ck_assert_int_eq(truncate(world.path, size_of(world.path) / 2), 0);
	refuses_to_open();
}
END_TEST

/* Found only while it serves: then it stops serving, says so once, and does not recover by itself. */
START_TEST(test_damage_while_serving)
{
	struct log_catch log;
	struct world_found f;
	off_t size;

	make_store(4000);
	size = size_of(world.path);
	flip(world.path, size / 3, size / 3 * 2,
	     11); /* behind the schema, into indexes and rows, but not the last ones */
	log_catch_begin(&log, world.folder);
	ck_assert_msg(open_with(-1) == RC_OK, "%s", world.why);
	for (int i = 0; i < 4000 && !store_is_failing(world.store); i++) {
		f = world_find(&world, WORLD_MSISDN + i);
		record_free(f.record);
	}
	ck_assert(store_is_failing(world.store));
	f = world_find(&world, WORLD_MSISDN + 1);
	ck_assert_int_eq(f.rc, RC_IO);
	ck_assert_ptr_null(f.record);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + 9000 + i)).rc, RC_IO);
	ck_assert(store_is_failing(world.store));
	world_close(&world);
	log_catch_end(&log);
	ck_assert_int_eq(log_catch_count(&log, "event=damaged"), 1);
	ck_assert_int_eq(log_catch_count(&log, "event=failing"), 0);
	ck_assert_int_eq(log_catch_count(&log, "starhash restore"), 1);
}
END_TEST

/* A start that does not wait for the check serves, and the check's finding stops it. */
START_TEST(test_damage_found_beside_the_service)
{
	struct damage damage = {0};
	struct integrity_watch *watch;
	char what[200] = "";
	off_t size;

	make_store(400);
	size = size_of(world.path);
	ck_assert_int_eq(integrity_watch_new(world.path, &damage, &watch), RC_OK);
	ck_assert_int_eq(integrity_watch_wait(watch, PATIENCE_MS, what, sizeof what), INTEGRITY_SOUND);
	integrity_watch_free(watch);
	ck_assert(!damage_is(&damage));
	flip(world.path, size / 3, size / 3 * 2, 7);
	ck_assert_int_eq(integrity_watch_new(world.path, &damage, &watch), RC_OK);
	if (integrity_watch_wait(watch, 0, what, sizeof what) == INTEGRITY_UNKNOWN)
		for (int waited = 0; waited < PATIENCE_MS && !damage_is(&damage); waited += 10)
			(void)poll(NULL, 0, 10);
	else
		damage_report(&damage, what); /* it was faster than the question */
	integrity_watch_free(watch);
	ck_assert(damage_is(&damage));
}
END_TEST

/* A machine stops in the middle of a commit: the WAL's end is torn. What was reported before is there, and nothing of the torn
 * one. */
START_TEST(test_torn_wal)
{
	char wal[400], kept[300], command[2600];
	off_t size;

	world_open(&world);
	for (int i = 0; i < 50; i++)
		ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + i)).rc, RC_OK);
	(void)snprintf(wal, sizeof wal, "%s-wal", world.path);
	(void)snprintf(kept, sizeof kept, "%.250s/copy.db", world.folder);
	(void)snprintf(command, sizeof command,
	               "cp %s %s && cp %s %s-wal && for of in key keyring; do cp %s.$of %s.$of; done",
	               world.path, kept, wal, kept, world.path, kept);
	/* as a crash would leave them */
	ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): files of this test
	world_close(&world);
	(void)snprintf(world.path, sizeof world.path, "%.250s/copy.db", world.folder);
	(void)snprintf(wal, sizeof wal, "%s-wal", world.path);
	size = size_of(wal);
	ck_assert_int_gt(size, 8192);
	flip(wal, size - 3000, size, 5); /* the last commit's last page */
	ck_assert_int_eq(truncate(wal, size - 700), 0);
	world_open(&world);
	check_whole(49);
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + 49)).rc, RC_OK);
	check_whole(50);
}
END_TEST

/* --- too slow ------------------------------------------------------------------------------------------------ */

static long rss_kib(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long size = 0, pages = 0;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%ld %ld", &size, &pages), 2);
	(void)fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static int concluded;

static void on_written(void *ctx, const struct store_result *result)
{
	(void)ctx;
	ck_assert_int_eq(result->rc, RC_OK);
	concluded++;
}

/* The queue is bounded: what does not fit is refused at once, and memory stays where it is. */
START_TEST(test_slow_writer_is_bounded)
{
	const struct store_options o = {
		.path = world.path, .profile = &world.profile, .clock = &world.clock.clock, .queue_max = 200};
	int64_t msisdn = WORLD_MSISDN;
	struct store_counters c;
	long early = 0, late = 0;
	int taken = 0, refused = 0;

	concluded = 0;
	ck_assert_int_eq(store_open(&o, &world.store, world.why, sizeof world.why), RC_OK);
	fault_delay_sync_ms(50);
	for (int beat = 0; beat < 60; beat++) {
		for (int i = 0; i < 1000; i++) {
			if (store_write(world.store, world_registration(msisdn), on_written, NULL) == RC_OK)
				taken++, msisdn++;
			else
				refused++;
		}
		(void)poll(NULL, 0, 20);
		(void)store_dispatch(world.store);
		if (beat == 20)
			early = rss_kib();
	}
	late = rss_kib();
	fault_reset();
	store_wait(world.store);
	store_counters_read(world.store, &c);
	(void)fprintf(stderr, "slow writer: %d taken, %d refused, queue at most %d, RSS %ld KiB, then %ld\n",
	              taken, refused, (int)c.queue_peak, early, late);
	ck_assert_int_eq(concluded, taken);
	ck_assert_int_gt(refused, 10 * taken / 2);
	ck_assert_int_eq(c.refused, refused);
	ck_assert_int_eq(c.queue_peak, 200);
#if !defined(__SANITIZE_ADDRESS__) && !defined(ADDRESS_SANITIZED) /* which keeps what was freed for a while */
	ck_assert_int_lt(late, early + 4096);
#endif
	world_close(&world);
	check_whole(taken);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("store_disk");
	TCase *tc = tcase_create("store_disk");

	fault_vfs_register();
	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_writing_fails, 0, (int)(sizeof writing / sizeof writing[0]));
	tcase_add_test(tc, test_reading_fails);
	tcase_add_test(tc, test_pragma_not_kept);
	tcase_add_test(tc, test_bytes_flipped_in_the_middle);
	tcase_add_test(tc, test_free_pages_are_looked_at);
	tcase_add_test(tc, test_file_cut_short);
	tcase_add_test(tc, test_damage_while_serving);
	tcase_add_test(tc, test_damage_found_beside_the_service);
	tcase_add_test(tc, test_torn_wal);
	tcase_add_test(tc, test_slow_writer_is_bounded);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
