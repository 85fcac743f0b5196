/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kill -9 before every single thing that reaches the disk: while key and keyring are made, slots are filled, people are written
 * and one of them is erased, and while the operator's key is changed. Whatever moment it is, the next start finds everything
 * that was told done, and nothing of who was told to be erased (promises 1 and 9).
 *
 * This program stands between its libraries and the system: its own pwrite, fdatasync and so on count, and end the process.
 * In half of the runs a write that is cut off has left half of itself. VAULT_KILL_EVERY=1: at each step; else at some of them,
 * others in each run.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <check.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/key_report.h"
#include "tests/store_world.h"

#define EVERY 7

static struct world world;
static long steps, fatal; /* so far; the one that is not survived, 0 = none */
static int torn;

static void step_one(void)
{
	if (fatal != 0 && ++steps >= fatal)
		(void)raise(SIGKILL);
}

#define REAL(type, name)          \
	static type *real_##name; \
	if (real_##name == NULL)  \
	real_##name = (type *)(uintptr_t)dlsym(RTLD_NEXT, #name)

typedef ssize_t pwrite_fn(int, const void *, size_t, off_t);
typedef int sync_fn(int);
typedef int rename_fn(const char *, const char *);
typedef int truncate_fn(int, off_t);

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the C library's names for these are reserved
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	REAL(pwrite_fn, pwrite);

	if (fatal != 0 && steps + 1 == fatal && torn)
		(void)real_pwrite(fd, bytes, n / 2, at);
	step_one();
	return real_pwrite(fd, bytes, n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	return pwrite(fd, bytes, n, (off_t)at);
}

int fdatasync(int fd)
{
	REAL(sync_fn, fdatasync);

	step_one();
	return real_fdatasync(fd);
}

int fsync(int fd)
{
	REAL(sync_fn, fsync);

	step_one();
	return real_fsync(fd);
}

int rename(const char *from, const char *to)
{
	REAL(rename_fn, rename);

	step_one();
	return real_rename(from, to);
}

int link(const char *from, const char *to)
{
	REAL(rename_fn, link);

	step_one();
	return real_link(from, to);
}

int ftruncate(int fd, off_t size)
{
	REAL(truncate_fn, ftruncate);

	step_one();
	return real_ftruncate(fd, size);
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)

/* --- what is cut off ------------------------------------------------------------------------------------------------- */

static int told; /* where the child says what it was told is done */

static void tell(char what)
{
	if (write(told, &what, 1) != 1)
		abort();
}

static void on_told(void *ctx, const struct store_result *result)
{
	const char *what = ctx;

	if (result->rc != RC_OK)
		abort();
	tell(*what);
}

static void register_as(int64_t msisdn, const char *name, char *what)
{
	struct store_batch *b = world_registration(msisdn);

	WORLD_MUST(store_batch_save(b, FIELD_NAME, name) == RC_OK);
	WORLD_MUST(store_write(world.store, b, on_told, what) == RC_OK);
	store_wait(world.store);
}

static void erase_one(int64_t msisdn, char *what)
{
	struct store_batch *b = store_batch_new(msisdn, WORLD_NOW);

	WORLD_MUST(store_batch_erase(b, STORE_CH_OPERATOR, "asked") == RC_OK);
	WORLD_MUST(store_write(world.store, b, on_told, what) == RC_OK);
	store_wait(world.store);
}

static void rotates(void)
{
	char key[320], why[300];
	const struct key_store s = {world.path, key};

	(void)snprintf(key, sizeof key, "%s.key", world.path);
	WORLD_MUST(key_report_rotate(&s, WORLD_NOW, why, sizeof why) == RC_OK);
}

/* From an empty folder to the end. */
static void life(void)
{
	char a = 'a', b = 'b', e = 'e', k = 'k', j = 'j';

	world_open(&world);
	register_as(WORLD_MSISDN, "Asha Sealed", &a);
	register_as(WORLD_MSISDN + 1, "Juma Sealed", &b);
	rotates();
	tell(k);
	erase_one(WORLD_MSISDN, &e);
	register_as(WORLD_MSISDN, "Zawadi Sealed", &j);
	world_close(&world);
	tell('.');
}

/* True: it lived to its end. */
static bool cut_off_at(long step, char *heard, size_t size)
{
	int ends[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t child;

	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		world_is_mute = true;
		told = ends[1];
		steps = 0;
		fatal = step;
		life();
		_exit(0);
	}
	(void)close(ends[1]);
	while (n + 1 < size && (got = read(ends[0], heard + n, size - 1 - n)) > 0)
		n += (size_t)got;
	heard[n] = '\0';
	(void)close(ends[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFEXITED(status) ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL,
	              "step %ld: status %d", step, status);
	return WIFEXITED(status);
}

/* --- what must be true then -------------------------------------------------------------------------------------------- */

static void judge(long step, const char *heard)
{
	char key[320], command[600];
	const struct key_store s = {world.path, key};
	struct key_report r;
	enum rc rc = world_try_open(&world, world.path);
	bool erased;

	ck_assert_msg(rc == RC_OK, "step %ld: %s", step, world.why);
	erased = world_sql(&world, "SELECT count(*) FROM tombstone") > 0;
	ck_assert_msg(erased || !strchr(heard, 'e'), "step %ld: not erased", step);
	if (strchr(heard, 'j'))
		ck_assert_str_eq(world_name(&world, WORLD_MSISDN), "Zawadi Sealed");
	else if (strchr(heard, 'a') && !erased)
		ck_assert_str_eq(world_name(&world, WORLD_MSISDN), "Asha Sealed");
	else if (erased)
		ck_assert_str_ne(world_name(&world, WORLD_MSISDN), "Asha Sealed");
	if (strchr(heard, 'b'))
		ck_assert_str_eq(world_name(&world, WORLD_MSISDN + 1), "Juma Sealed");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM key_doomed"), 0);
	(void)snprintf(key, sizeof key, "%s.key", world.path);
	ck_assert_msg(key_report_read(&s, &world.profile, true, &r, world.why, sizeof world.why) == RC_OK,
	              "step %ld: %s", step, world.why);
	ck_assert_msg(r.damaged == 0 && r.destroyed == erased && r.plain == 0,
	              "step %ld: %lld damaged, %lld destroyed", step, (long long)r.damaged,
	              (long long)r.destroyed);
	(void)snprintf(command, sizeof command, "grep -qaF Sealed '%s'/*", world.folder);
	ck_assert_int_ne(system(command), 0); // NOLINT(cert-env33-c): files of this test
	/* and it goes on */
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + 7)).rc, RC_OK);
}

START_TEST(promise_1_every_step)
{
	char heard[16];
	const char *given = getenv("VAULT_KILL_EVERY");
	long every = given ? strtol(given, NULL, 10) : EVERY,
	     step = every > 1 ? 1 + (long)(getpid() % every) : 1;
	bool done = false;

	torn = _i;
	for (; !done; step += every) {
		world_init(&world);
		log_init(LOG_LV_ERROR + 1);
		done = cut_off_at(step, heard, sizeof heard);
		judge(step, heard);
		world_end(&world);
	}
	ck_assert_str_eq(heard, "abkej.");
	ck_assert_int_gt(step, 60); /* or nothing was counted */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("vault_kill");
	TCase *tc = tcase_create("vault_kill");

	tcase_set_timeout(tc, 280);
	tcase_add_loop_test(tc, promise_1_every_step, 0, 2); /* a write that is cut off left nothing; half */
	suite_add_tcase(s, tc);
	return world_run(s);
}
