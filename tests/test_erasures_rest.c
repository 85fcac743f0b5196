/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a start has not looked at of the keyring is looked at beside the service: who was erased is erased again there too,
 * damage is told, and nobody who took the number since is harmed. After a restore nothing is left for later (privacy). */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "storage/erasures.h"
#include "storage/keyring_private.h"
#include "storage/store_batch.h"
#include "tests/log_catch.h"
#include "tests/store_world.h"

#define PATIENCE 2000 /* times 5 ms */

static struct world world;
static struct log_catch caught;

static void setup(void)
{
	world_init(&world);
	log_init(LOG_LV_ERROR + 1);
	world_open(&world);
}

static void teardown(void)
{
	world_end(&world);
}

/* Before it serves nothing is looked at, unless it has to. */
static void opens(void)
{
	const struct store_options o = {.path = world.path,
	                                .profile = &world.profile,
	                                .clock = &world.clock.clock,
	                                .busy_ms = 2000,
	                                .keys_ms = -1};

	ck_assert_msg(store_open(&o, &world.store, world.why, sizeof world.why) == RC_OK, "%s", world.why);
}

static void until(const char *sql, int64_t wanted)
{
	static const struct timespec pause = {.tv_nsec = 5000000};

	for (int i = 0; i < PATIENCE && world_sql(&world, sql) != wanted; i++)
		(void)nanosleep(&pause, NULL);
	ck_assert_int_eq(world_sql(&world, sql), wanted);
}

static void until_logged(const char *word)
{
	static const struct timespec pause = {.tv_nsec = 5000000};

	for (int i = 0; i < PATIENCE && log_catch_count(&caught, word) == 0; i++)
		(void)nanosleep(&pause, NULL);
	ck_assert_int_eq(log_catch_count(&caught, word), 1);
}

static enum rc erases(int64_t msisdn)
{
	struct store_batch *b = world_batch(msisdn);

	ck_assert_int_eq(store_batch_erase(b, STORE_CH_OPERATOR, "asked"), RC_OK);
	return world_write(&world, b).rc;
}

static void shell(const char *text)
{
	char command[1400];

	(void)snprintf(command, sizeof command, "P='%s'; %s", world.path, text);
	ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): files of this test
}

/* Four people of whom the second is erased, and then the store of before is put back with cp. */
static void puts_back(void)
{
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + i)).rc, RC_OK);
	world_close(&world);
	shell("cp \"$P\" \"$P.old\"");
	world_open(&world);
	ck_assert_int_eq(erases(WORLD_MSISDN + 1), RC_OK);
	world_close(&world);
	shell("rm -f \"$P-wal\" \"$P-shm\"; cp \"$P.old\" \"$P\"");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber WHERE msisdn > 0"), 4);
}

START_TEST(privacy_who_was_erased_is_erased_again_beside_the_service)
{
	puts_back();
	log_catch_begin(&caught, world.folder);
	opens();
	until("SELECT count(*) FROM subscriber WHERE msisdn > 0", 3);
	until("SELECT count(*) FROM key_doomed", 0);
	until_logged("event=erased_again subscribers=1");
	until_logged("event=keyring_checked slots=4");
	log_catch_end(&caught);
	ck_assert_int_eq(world_sql(&world, "SELECT msisdn IS NULL FROM subscriber WHERE id = 2"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile WHERE _subscriber = 2"), 0);
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM audit WHERE subject = 2 AND action = 'erase'"), 1);
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT plain(3, 'profile.name', name) = 'Asha' FROM profile WHERE "
	                           "_subscriber = 3"),
	                 1);
	/* who dials from there again is a stranger, and is kept */
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + 1)).rc, RC_OK);
	world_close(&world);
	opens();
	until("SELECT count(*) FROM subscriber WHERE msisdn > 0", 4);
}
END_TEST

/* It was found, and before the writer came to it the number got to be somebody else's. */
START_TEST(privacy_nobody_else_is_erased_with_the_number)
{
	struct store_batch *b;

	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	ck_assert_int_eq(erases(WORLD_MSISDN), RC_OK);
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	b = erasures_batch(1, WORLD_MSISDN, WORLD_NOW);
	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(world_write(&world, b).rc, RC_NOTFOUND);
	ck_assert_int_eq(world_sql(&world, "SELECT id FROM subscriber WHERE msisdn > 0"), 2);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile WHERE _subscriber = 2"), 1);
	b = erasures_batch(2, WORLD_MSISDN, WORLD_NOW);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber WHERE msisdn > 0"), 0);
}
END_TEST

/* What `starhash restore` has put back is known to be older: nobody is served before it is looked through. */
START_TEST(privacy_after_a_restore_nothing_is_left_for_later)
{
	puts_back();
	ck_assert_int_eq(world_exec(&world, "UPDATE store_key SET restored = 1"), SQLITE_OK);
	log_catch_begin(&caught, world.folder);
	opens();
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber WHERE msisdn > 0"), 3);
	ck_assert_int_eq(world_sql(&world, "SELECT restored FROM store_key"), 0);
	world_close(&world);
	ck_assert_int_eq(log_catch_count(&caught, "keyring_checked"), 0); /* there was no rest */
	ck_assert_int_eq(log_catch_count(&caught, "erased_again"), 1);
	log_catch_end(&caught);
}
END_TEST

/* A hole is damage: told, and nobody is erased for it. */
START_TEST(a_hole_is_told_and_erases_nobody)
{
	static const char zeros[KEYRING_SLOT];
	char ring[400];
	int fd;

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + i)).rc, RC_OK);
	world_close(&world);
	(void)snprintf(ring, sizeof ring, "%s.keyring", world.path);
	fd = open(ring, O_WRONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, zeros, sizeof zeros, (off_t)3 * KEYRING_SLOT), sizeof zeros);
	(void)close(fd);
	log_catch_begin(&caught, world.folder);
	opens();
	until_logged("event=keys_damaged subscribers=1 first=3");
	until_logged("event=keyring_checked");
	log_catch_end(&caught);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber WHERE msisdn > 0"), 4);
}
END_TEST

/* What must never open is found before anything else, however little time there is. */
START_TEST(a_torn_keyring_does_not_open)
{
	const struct store_options o = {
		.path = world.path, .profile = &world.profile, .clock = &world.clock.clock, .keys_ms = -1};

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + i)).rc, RC_OK);
	world_close(&world);
	shell("cp \"$P.keyring\" \"$P.whole\"; truncate -s 256 \"$P.keyring\"");
	ck_assert_int_eq(store_open(&o, &world.store, world.why, sizeof world.why), RC_STATE);
	ck_assert_ptr_nonnull(strstr(world.why, "cut off"));
	shell("cp \"$P.whole\" \"$P.keyring\"; printf x | dd of=\"$P.keyring\" bs=1 seek=40 conv=notrunc 2>/dev/null");
	ck_assert_int_eq(store_open(&o, &world.store, world.why, sizeof world.why), RC_STATE);
	ck_assert_ptr_nonnull(strstr(world.why, "another store's"));
	shell("cp \"$P.whole\" \"$P.keyring\"");
	opens();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("erasures_rest");
	TCase *tc = tcase_create("erasures_rest");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, privacy_who_was_erased_is_erased_again_beside_the_service);
	tcase_add_test(tc, privacy_nobody_else_is_erased_with_the_number);
	tcase_add_test(tc, privacy_after_a_restore_nothing_is_left_for_later);
	tcase_add_test(tc, a_hole_is_told_and_erases_nobody);
	tcase_add_test(tc, a_torn_keyring_does_not_open);
	suite_add_tcase(s, tc);
	return world_run(s);
}
