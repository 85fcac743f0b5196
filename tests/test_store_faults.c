/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store when the world fails: a full disk, a lock, damage, kill -9. Promises 1, 2, 6 and 8: what was
 * reported is there, what was not reported is not half there, and the store recovers by itself. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* unshare */
#endif
#include "storage/store.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/store_world.h"

#define PATIENCE_MS 20000

static struct world world;

static void setup(void)
{
	world_init(&world);
}

static void teardown(void)
{
	world_end(&world);
}

/* Wait until the store says that it works again, without asking it for anything. */
static bool recovers(void)
{
	for (int waited = 0; waited < PATIENCE_MS && store_is_failing(world.store); waited += 10)
		(void)poll(NULL, 0, 10);
	return !store_is_failing(world.store);
}

/* What the log says goes into a file of the world's folder, to count its lines. */
static int log_redirect(void)
{
	char path[400];
	int kept = dup(STDERR_FILENO);
	int fd;

	(void)snprintf(path, sizeof path, "%s/log", world.folder);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
	(void)close(fd);
	return kept;
}

static int log_count(int kept, const char *word)
{
	char path[400], line[1000];
	int n = 0;
	FILE *f;

	(void)dup2(kept, STDERR_FILENO);
	(void)close(kept);
	(void)snprintf(path, sizeof path, "%s/log", world.folder);
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f))
		n += strstr(line, word) != NULL;
	(void)fclose(f);
	return n;
}

/* Nothing is half stored: each grant has its posting, each profile its consent, and the file is sound. */
static void check_whole(int64_t expected)
{
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"),
		1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"), expected);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), expected);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM interaction"), expected);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber WHERE state = 'declared'"),
	                 expected);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile WHERE _subscriber NOT IN"
	                                   " (SELECT subscriber FROM consent WHERE state = 'granted')"),
	                 0);
}

/* --- a full disk ------------------------------------------------------------------------------------------ */

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		(void)close(fd);
	return ok;
}

/* A mount namespace of this process alone; who is not root becomes it in a user namespace, where that is allowed. */
static bool own_mounts(void)
{
	char user[40], group[40];

	if (unshare(CLONE_NEWNS) == 0)
		return true;
	(void)snprintf(user, sizeof user, "0 %u 1", (unsigned)geteuid());
	(void)snprintf(group, sizeof group, "0 %u 1", (unsigned)getegid());
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && put("/proc/self/setgroups", "deny") &&
	       put("/proc/self/uid_map", user) && put("/proc/self/gid_map", group);
}

/* A small tmpfs on the world's folder. */
static bool mount_small(void)
{
	return own_mounts() && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", world.folder, "tmpfs", 0, "size=3m") == 0;
}

static void ballast_write(const char *path)
{
	static const char zero[4096];
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	for (int i = 0; i < 256; i++)
		ck_assert_int_eq(write(fd, zero, sizeof zero), (int)sizeof zero);
	(void)close(fd);
}

/* Write until it fails; returns how many were stored. */
static int64_t fill(enum rc *failure)
{
	int64_t n = 0;

	while ((*failure = world_write(&world, world_registration(WORLD_MSISDN + n)).rc) == RC_OK) {
		n++;
		ck_assert_int_lt(n, 100000);
	}
	return n;
}

START_TEST(test_disk_full)
{
	struct world_found f;
	char ballast[400];
	enum rc failure;
	int64_t n;
	int kept;

	if (!mount_small()) {
		(void)fprintf(stderr, "test_disk_full: skipped, mounting is not allowed here\n");
		return;
	}
	(void)snprintf(ballast, sizeof ballast, "%s/ballast", world.folder);
	ballast_write(ballast);
	kept = log_redirect();
	log_init(LOG_LV_INFO);
	world_open(&world);
	n = fill(&failure);
	ck_assert_int_eq(failure, RC_FULL);
	ck_assert(store_is_failing(world.store));
	for (int i = 0; i < 30; i++)
		ck_assert_int_ne(world_write(&world, world_registration(WORLD_MSISDN + n)).rc, RC_OK);
	f = world_find(&world, WORLD_MSISDN); /* what is known can still be read */
	ck_assert_int_eq(f.rc, RC_OK);
	ck_assert(record_is_registered(f.record));
	record_free(f.record);
	ck_assert_int_eq(unlink(ballast), 0);
	ck_assert(recovers());
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + n)).rc, RC_OK);
	ck_assert_int_eq(log_count(kept, "event=failing"), 1); /* a change, not each batch */
	check_whole(n + 1);
	world_close(&world);
	(void)umount(world.folder);
}
END_TEST

/* The same bound by another way, that every user may use: an I/O error instead of "full". */
START_TEST(test_file_size_limit)
{
	struct rlimit before, small;
	enum rc failure;
	int64_t n;

	(void)signal(SIGXFSZ, SIG_IGN);
	world_open(&world);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 600000;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	n = fill(&failure);
	ck_assert_int_eq(failure, RC_IO);
	ck_assert(store_is_failing(world.store));
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert(recovers());
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + n)).rc, RC_OK);
	check_whole(n + 1);
}
END_TEST

/* --- locks ------------------------------------------------------------------------------------------------- */

START_TEST(test_locked)
{
	struct world_written got[100] = {0};
	struct world_found f;
	sqlite3 *other;

	world_open(&world);
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	ck_assert_int_eq(sqlite3_open(world.path, &other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(store_write(world.store, world_registration(WORLD_MSISDN + i),
		                             world_on_written, &got[i]),
		                 RC_OK);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert_int_eq(f.rc, RC_OK);
	record_free(f.record);
	store_wait(world.store);
	for (int i = 0; i < 100; i++) {
		ck_assert_int_eq(got[i].calls, 1);
		ck_assert_int_eq(got[i].result.rc, RC_BUSY);
		ck_assert_int_eq(got[i].result.notice, 0);
	}
	ck_assert(store_is_failing(world.store));
	ck_assert_int_eq(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(other);
	ck_assert(recovers());
	check_whole(1);
}
END_TEST

START_TEST(test_locked_at_open)
{
	sqlite3 *other;

	ck_assert_int_eq(sqlite3_open(world.path, &other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(world_try_open(&world, world.path), RC_BUSY);
	ck_assert_ptr_nonnull(strstr(world.why, "lock"));
	(void)sqlite3_close(other);
	world_open(&world);
}
END_TEST

/* --- one bad batch ------------------------------------------------------------------------------------------ */

static void refuse_key(void)
{
	world_open(&world);
	ck_assert_int_eq(world_exec(&world, "CREATE TRIGGER bad BEFORE INSERT ON grants WHEN NEW.key = 'bad'"
	                                    " BEGIN SELECT RAISE(ABORT, 'bad'); END"),
	                 SQLITE_OK);
}

START_TEST(test_bad_batch_harms_nobody)
{
	struct world_written got[60] = {0};
	int64_t good = 0;

	refuse_key();
	log_init(LOG_LV_ERROR);
	for (int i = 0; i < 60; i++) {
		struct store_batch *b = world_batch(WORLD_MSISDN + i);

		if (i % 20 == 7) {
			ck_assert_int_eq(store_batch_give(b, "b", "bad", "g", 0), RC_OK);
		} else {
			store_batch_free(b);
			b = world_registration(WORLD_MSISDN + i);
			good++;
		}
		ck_assert_int_eq(store_write(world.store, b, world_on_written, &got[i]), RC_OK);
	}
	store_wait(world.store);
	for (int i = 0; i < 60; i++)
		ck_assert_int_eq(got[i].result.rc, i % 20 == 7 ? RC_IO : RC_OK);
	ck_assert(!store_is_failing(world.store)); /* the disk is fine */
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber"), good);
	check_whole(good);
}
END_TEST

/* --- damaged and foreign files -------------------------------------------------------------------------------- */

static void overwrite(off_t from, size_t n)
{
	int fd = open(world.path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	for (size_t i = 0; i < n; i++) {
		unsigned char byte = (unsigned char)(i * 37 + 11);

		ck_assert_int_eq(pwrite(fd, &byte, 1, from + (off_t)i), 1);
	}
	(void)close(fd);
}

START_TEST(test_not_a_database)
{
	overwrite(0, 8192);
	ck_assert_int_eq(world_try_open(&world, world.path), RC_IO);
	ck_assert_ptr_nonnull(strstr(world.why, "backup"));
}
END_TEST

START_TEST(test_no_such_folder)
{
	ck_assert_int_eq(world_try_open(&world, "/nowhere/at/all.db"), RC_IO);
	ck_assert_ptr_nonnull(strstr(world.why, "folder"));
}
END_TEST

/* Damage inside: errors, never a crash, and the port stays usable. */
START_TEST(test_damaged_pages)
{
	struct world_written got = {0};
	struct world_found f;
	struct stat st;

	world_open(&world);
	for (int i = 0; i < 300; i++)
		ck_assert_int_eq(store_write(world.store, world_registration(WORLD_MSISDN + i), NULL, NULL),
		                 RC_OK);
	world_close(&world);
	ck_assert_int_eq(stat(world.path, &st), 0);
	overwrite(4096 * 2, (size_t)st.st_size - 4096 * 2);
	if (world_try_open(&world, world.path) != RC_OK) {
		ck_assert_ptr_nonnull(strstr(world.why, "backup"));
		return;
	}
	f = world_find(&world, WORLD_MSISDN);
	ck_assert_int_eq(f.rc, RC_IO);
	ck_assert_ptr_null(f.record);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(store_write(world.store, world_registration(WORLD_MSISDN + i),
		                             world_on_written, &got),
		                 RC_OK);
	store_wait(world.store);
	ck_assert_int_eq(got.calls, 20);
	ck_assert_int_eq(got.result.rc, RC_IO);
	ck_assert(store_is_failing(world.store));
}
END_TEST

START_TEST(test_newer_schema)
{
	world_open(&world);
	world_close(&world);
	ck_assert_int_eq(world_exec(&world, "PRAGMA user_version = 99"), SQLITE_OK);
	ck_assert_int_eq(world_try_open(&world, world.path), RC_STATE);
	ck_assert_ptr_nonnull(strstr(world.why, "newer"));
}
END_TEST

/* Somebody else's database is not touched, not even its journal mode. */
START_TEST(test_foreign_database)
{
	sqlite3 *other;

	ck_assert_int_eq(sqlite3_open(world.path, &other), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(other, "CREATE TABLE diary (x)", NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(other);
	ck_assert_int_eq(world_try_open(&world, world.path), RC_IO);
	ck_assert_ptr_nonnull(strstr(world.why, "another program"));
	ck_assert_int_eq(world_sql(&world, "SELECT journal_mode = 'delete' FROM pragma_journal_mode"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM sqlite_schema"), 1);
}
END_TEST

/* As root every file is writable, so the attempt is made as nobody, in a child. */
START_TEST(test_read_only_file)
{
	int status;
	pid_t child;

	world_open(&world);
	world_close(&world);
	ck_assert_int_eq(chmod(world.path, 0444), 0);
	ck_assert_int_eq(chmod(world.folder, 0555), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
			_exit(3);
		_exit(world_try_open(&world, world.path) == RC_IO && strstr(world.why, "; ") ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(chmod(world.folder, 0700), 0);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* --- kill -9 -------------------------------------------------------------------------------------------------- */

#define KILLS 8
#define IN_FLIGHT 40
#define PER_RUN 1000000 /* numbers set aside for each child */

struct teller {
	struct store *store;
	int fd;
	int64_t next;
};
struct told {
	struct teller *teller;
	int64_t msisdn;
};

static void write_next(struct teller *t, struct told *told);

/* "Is yours" in the shape of a pipe: only after RC_OK. */
static void on_told(void *ctx, const struct store_result *result)
{
	struct told *told = ctx;

	if (result->rc == RC_OK && write(told->teller->fd, &told->msisdn, sizeof told->msisdn) < 0)
		_exit(1);
	write_next(told->teller, told);
}

static void write_next(struct teller *t, struct told *told)
{
	told->teller = t;
	told->msisdn = t->next++;
	if (store_write(t->store, world_registration(told->msisdn), on_told, told) != RC_OK)
		_exit(1);
}

static void child_main(int fd, int64_t first)
{
	static struct told told[IN_FLIGHT];
	struct teller t = {.fd = fd, .next = first};
	struct pollfd p;

	world_is_mute = true;
	world_open(&world);
	t.store = world.store;
	p = (struct pollfd){.fd = store_fd(t.store), .events = POLLIN};
	for (int i = 0; i < IN_FLIGHT; i++)
		write_next(&t, &told[i]);
	for (;;) {
		(void)poll(&p, 1, -1);
		(void)store_dispatch(t.store);
	}
}

static void check_told(int64_t msisdn)
{
	struct world_found f = world_find(&world, msisdn);

	ck_assert_int_eq(f.rc, RC_OK);
	ck_assert_msg(record_is_registered(f.record), "a registration that was reported is gone");
	ck_assert_str_eq(record_value(f.record, FIELD_NAME), "Asha");
	record_free(f.record);
}

START_TEST(test_kill)
{
	static int64_t reported[200000];
	size_t n = 0;
	int64_t all;

	for (int run = 0; run < KILLS; run++) {
		size_t until = n + 50 + (size_t)run * 137; /* the blow falls at another place each time */
		int fd[2], status;
		pid_t child;

		ck_assert_int_eq(pipe(fd), 0);
		child = fork();
		ck_assert_int_ge(child, 0);
		if (child == 0) {
			(void)close(fd[0]);
			child_main(fd[1], WORLD_MSISDN + (int64_t)run * PER_RUN);
		}
		(void)close(fd[1]);
		while (n < 200000 &&
		       read(fd[0], &reported[n], sizeof reported[0]) == (ssize_t)sizeof reported[0]) {
			if (++n == until)
				ck_assert_int_eq(kill(child, SIGKILL), 0);
		}
		(void)close(fd[0]);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		ck_assert_uint_ge(n, until);
	}
	log_init(LOG_LV_ERROR);
	world_open(&world);
	for (size_t i = 0; i < n; i++)
		check_told(reported[i]);
	/* each registered one, reported or not, is whole and was given once */
	all = world_sql(&world, "SELECT count(*) FROM subscriber");
	ck_assert_int_ge(all, (int64_t)n);
	check_whole(all);
	/* nobody has claimed one: all of them are to be sent yet */
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM outbox WHERE state = 'pending' AND sending = 0"),
		all);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("store_faults");
	TCase *tc = tcase_create("store_faults");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_file_size_limit);
	tcase_add_test(tc, test_locked);
	tcase_add_test(tc, test_locked_at_open);
	tcase_add_test(tc, test_bad_batch_harms_nobody);
	tcase_add_test(tc, test_not_a_database);
	tcase_add_test(tc, test_no_such_folder);
	tcase_add_test(tc, test_damaged_pages);
	tcase_add_test(tc, test_newer_schema);
	tcase_add_test(tc, test_foreign_database);
	tcase_add_test(tc, test_read_only_file);
	tcase_add_test(tc, test_kill);
	tcase_add_test(tc, test_disk_full); /* last: it leaves the mount namespace */
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
