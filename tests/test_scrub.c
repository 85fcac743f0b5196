/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scrub: what was erased leaves the WAL, also when somebody reads at that moment, when a command beside the daemon did it, and
 * when whoever did it was killed (promise 9). */
#include <check.h>
#include <sys/wait.h>
#include <time.h>

#include "storage/scrub.h"
#include "tests/store_world.h"

#define TOWN "Zanzibartown" /* not private: it stands in clear */
#define SOON_MS 20000       /* a bound, not a pause: each wait ends with its condition */

static struct world world;
static sqlite3 *reader;

static void setup(void)
{
	struct store_batch *b;

	world_init(&world);
	log_init(LOG_LV_ERROR + 1);
	world_open(&world);
	b = world_registration(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_save(b, FIELD_TOWN, TOWN), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
}

static void teardown(void)
{
	(void)sqlite3_close(reader);
	reader = NULL;
	world_end(&world);
}

/* Until a checkpoint the pages of before stand in the WAL, or in the file under it. */
static bool is_there(void)
{
	char command[1000];

	(void)snprintf(command, sizeof command, "cat '%s' '%s-wal' 2>/dev/null | grep -qaF " TOWN, world.path,
	               world.path);
	return system(command) == 0; // NOLINT(cert-env33-c): files of this test
}

static int64_t open_marks(void)
{
	return world_sql(&world, "SELECT coalesce(sum(made > done), 0) FROM scrub");
}

static void must(const char *text)
{
	ck_assert_int_eq(sqlite3_exec(reader, text, NULL, NULL, NULL), SQLITE_OK);
}

/* An export, a backup: it needs the pages of before. */
static void begins_to_read(void)
{
	ck_assert_int_eq(sqlite3_open_v2(world.path, &reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	must("BEGIN; SELECT count(*) FROM subscriber");
}

static bool within_ms(int ms, bool wanted)
{
	const struct timespec step = {.tv_nsec = 20000000};

	for (int left = ms; left > 0; left -= 20) {
		if (is_there() == wanted && (open_marks() > 0) == wanted)
			return true;
		(void)nanosleep(&step, NULL);
	}
	return false;
}

static enum rc erases(struct store *s)
{
	struct store_batch *b = store_batch_new(WORLD_MSISDN, WORLD_NOW);
	struct world_written got = {0};

	if (!b || store_batch_erase(b, STORE_CH_OPERATOR, "asked") != RC_OK ||
	    store_write(s, b, world_on_written, &got) != RC_OK)
		return RC_NOMEM;
	store_wait(s);
	return got.result.rc;
}

static struct store *guest(void)
{
	const struct store_options o = {.path = world.path,
	                                .guest = true,
	                                .profile = &world.profile,
	                                .clock = &world.clock.clock,
	                                .busy_ms = 2000};
	struct store *s = NULL;

	return store_open(&o, &s, world.why, sizeof world.why) == RC_OK ? s : NULL;
}

static void a_guest_erases(void)
{
	struct store *s = guest();

	ck_assert_ptr_nonnull(s);
	ck_assert_int_eq(erases(s), RC_OK);
	store_close(s);
}

START_TEST(promise_9_nobody_reads_and_it_is_gone_at_once)
{
	ck_assert(is_there());
	ck_assert_int_eq(erases(world.store), RC_OK);
	ck_assert(!is_there());
	ck_assert_int_eq(open_marks(), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT done FROM scrub"), 1);
}
END_TEST

START_TEST(promise_9_the_daemon_finishes_what_a_command_began)
{
	begins_to_read();
	a_guest_erases();
	ck_assert(is_there());
	ck_assert_int_eq(open_marks(), 1);
	must("COMMIT"); /* and nobody writes anything: a quiet night */
	ck_assert_msg(within_ms(SOON_MS, false), "it is still there");
}
END_TEST

/* A load that never pauses leaves the daemon as little time as it can. */
START_TEST(promise_9_also_under_load)
{
	bool gone = false;

	begins_to_read();
	a_guest_erases();
	must("COMMIT");
	for (int i = 0; i < 20000 && !gone; i++) {
		ck_assert_int_eq(world_write(&world, world_batch(WORLD_MSISDN + 1 + i)).rc, RC_OK);
		if (i % 50 == 0)
			gone = !is_there() && open_marks() == 0;
	}
	ck_assert_msg(gone, "it is still there");
}
END_TEST

START_TEST(promise_9_a_kill_in_between)
{
	int status;
	pid_t child;

	world_close(&world);
	begins_to_read();
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		struct store *s = guest();

		_exit(s && erases(s) == RC_OK ? 0 : 1); /* nothing is closed: as a kill */
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	must("COMMIT");
	ck_assert(is_there());
	ck_assert_int_eq(open_marks(), 1);
	world_open(&world);
	ck_assert_msg(within_ms(SOON_MS, false), "it is still there");
}
END_TEST

/* Each mark is for itself: one that comes while another is worked off waits for a checkpoint of its own. */
START_TEST(a_mark_goes_by_a_checkpoint_only)
{
	begins_to_read();
	ck_assert_int_eq(erases(world.store), RC_OK);
	ck_assert_int_eq(world_exec(&world, "UPDATE scrub SET made = made + 3"), SQLITE_OK);
	ck_assert(!within_ms(2500, false)); /* tried, and somebody reads */
	ck_assert_int_eq(world_sql(&world, "SELECT made - done FROM scrub"), 4);
	must("COMMIT");
	ck_assert(within_ms(SOON_MS, false));
	ck_assert_int_eq(world_sql(&world, "SELECT done FROM scrub"), 4);
}
END_TEST

START_TEST(a_command_without_a_daemon)
{
	bool by_daemon = true;

	world_close(&world);
	begins_to_read();
	a_guest_erases();
	ck_assert_int_eq(scrub_finish(world.path, 300, &by_daemon, world.why, sizeof world.why), RC_BUSY);
	ck_assert(!by_daemon);
	ck_assert(is_there());
	ck_assert_int_eq(open_marks(), 1);
	must("COMMIT");
	ck_assert_int_eq(scrub_finish(world.path, SOON_MS, &by_daemon, world.why, sizeof world.why), RC_OK);
	ck_assert(!is_there());
	ck_assert_int_eq(open_marks(), 0);
}
END_TEST

START_TEST(a_command_beside_a_daemon)
{
	bool by_daemon = false;

	begins_to_read();
	a_guest_erases();
	ck_assert_int_eq(scrub_finish(world.path, 300, &by_daemon, world.why, sizeof world.why), RC_BUSY);
	ck_assert(by_daemon);
	must("COMMIT");
	ck_assert_int_eq(scrub_finish(world.path, SOON_MS, &by_daemon, world.why, sizeof world.why), RC_OK);
	ck_assert(!is_there());
}
END_TEST

/* Nothing was forgotten: no mark, no checkpoint, no row. */
START_TEST(who_forgets_nothing_pays_nothing)
{
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM scrub"), 0);
	ck_assert(is_there());
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scrub");
	TCase *t = tcase_create("scrub");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, promise_9_nobody_reads_and_it_is_gone_at_once);
	tcase_add_test(t, promise_9_the_daemon_finishes_what_a_command_began);
	tcase_add_test(t, promise_9_also_under_load);
	tcase_add_test(t, promise_9_a_kill_in_between);
	tcase_add_test(t, a_mark_goes_by_a_checkpoint_only);
	tcase_add_test(t, a_command_without_a_daemon);
	tcase_add_test(t, a_command_beside_a_daemon);
	tcase_add_test(t, who_forgets_nothing_pays_nothing);
	suite_add_tcase(s, t);
	return world_run(s);
}
