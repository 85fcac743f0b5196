/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key that tombstones stand under: a file of its own, missed when it is gone, and given up only when it is lost
 * (promise 2). */
#include <sys/stat.h>

#include "storage/key.h"
#include "tests/numbers_world.h"

static void key_path(char out[320])
{
	(void)snprintf(out, 320, "%s.key", world.path);
}

START_TEST(the_key_is_a_file_of_its_own)
{
	char path[320];
	struct stat st;

	key_path(path);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 32);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(give("join", WORLD_NOW).rc, RC_OK);
	erase();
	/* nothing in the store tells the number */
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM tombstone WHERE length(hash) = 32"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber WHERE msisdn IS NOT NULL"), 0);
}
END_TEST

START_TEST(a_key_that_is_gone_or_wrong_is_said)
{
	struct shown one = {0};
	char path[320], aside[340];
	struct query *q;
	FILE *f;

	key_path(path);
	(void)snprintf(aside, sizeof aside, "%s.aside", path);
	ck_assert_int_eq(give("join", WORLD_NOW).rc, RC_OK);
	erase();
	world_close(&world);
	ck_assert_int_eq(rename(path, aside), 0);
	ck_assert_int_eq(try_store(NULL), RC_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(world.why, "test.db.key"));
	ck_assert_ptr_nonnull(strstr(world.why, "put the copy back"));
	ck_assert_int_ne(access(path, F_OK), 0); /* and none was made in its place */
	ck_assert_int_eq(query_open(world.path, &world.profile, &q, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(query_by_msisdn(q, WORLD_MSISDN, on_shown, &one), RC_STATE);
	ck_assert_ptr_nonnull(strstr(query_why(q), "put the copy back"));
	/* there it may be, too */
	query_key_path(q, aside);
	ck_assert_int_eq(query_by_msisdn(q, WORLD_MSISDN, on_shown, &one), RC_OK);
	query_close(q);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fprintf(f, "%s", "another store's key, 32 bytes...."), 33);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(try_store(NULL), RC_STATE);
	ck_assert_ptr_nonnull(strstr(world.why, "damaged"));
	ck_assert_int_eq(truncate(path, 32), 0);
	ck_assert_int_eq(try_store(NULL), RC_STATE);
	ck_assert_ptr_nonnull(strstr(world.why, "another store's"));
	ck_assert_int_eq(try_store(aside), RC_OK);
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_HAD);
}
END_TEST

/* A service must not be lost with a file of 32 bytes. */
START_TEST(a_key_that_is_lost_for_good)
{
	const struct key_lost lost = {
		.store = world.path, .actor = "privacy:jane", .reason = "lost", .at_ms = WORLD_NOW};
	struct key_lost look = lost;
	struct key_losses n;
	char path[320];

	look.only_look = true;
	key_path(path);
	ck_assert_int_eq(give("join", WORLD_NOW).rc, RC_OK);
	erase();
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(key_forget(&lost, &n, world.why, sizeof world.why), RC_BUSY);
	world_close(&world);
	ck_assert_int_eq(try_store(NULL), RC_NOTFOUND);
	ck_assert_msg(key_forget(&look, &n, world.why, sizeof world.why) == RC_OK, "%s", world.why);
	ck_assert_int_eq(n.tombstones, 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM tombstone"), 1);
	ck_assert_msg(key_forget(&lost, &n, world.why, sizeof world.why) == RC_OK, "%s", world.why);
	ck_assert_int_eq(n.tombstones, 1);
	open_store();
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_NONE); /* the price */
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM audit WHERE action = 'tombstones forgotten'"), 1);
}
END_TEST

/* Nothing is lost, and it would be for ever: every private value, whose numbers were erased, the audit's chain. */
START_TEST(promise_2_a_key_that_fits_is_not_lost)
{
	struct key_lost lost = {
		.store = world.path, .actor = "privacy:jane", .reason = "typed it", .at_ms = WORLD_NOW};
	struct key_losses n;
	char path[320], aside[330];

	key_path(path);
	(void)snprintf(aside, sizeof aside, "%s.aside", path);
	ck_assert_int_eq(give("join", WORLD_NOW).rc, RC_OK);
	erase();
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + 1)).rc, RC_OK);
	world_close(&world);
	for (int i = 0; i < 2; i++) {
		lost.only_look = i == 0;
		ck_assert_int_eq(key_forget(&lost, &n, world.why, sizeof world.why), RC_EXISTS);
		ck_assert_ptr_nonnull(strstr(world.why, "nothing is lost"));
	}
	/* nor when it lies elsewhere, is the new one of a change that was cut off, or is not ours to read */
	ck_assert_int_eq(rename(path, aside), 0);
	lost.key_path = aside;
	ck_assert_int_eq(key_forget(&lost, &n, world.why, sizeof world.why), RC_EXISTS);
	lost.key_path = NULL;
	(void)snprintf(aside, sizeof aside, "%s.new", path);
	{
		char before[330];

		(void)snprintf(before, sizeof before, "%s.aside", path);
		ck_assert_int_eq(rename(before, aside), 0);
	}
	ck_assert_int_eq(key_forget(&lost, &n, world.why, sizeof world.why), RC_EXISTS);
	ck_assert_int_eq(rename(aside, path), 0);
	open_store();
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_HAD);
	world_close(&world);
	/* one that is damaged is lost, and it says what that costs */
	ck_assert_int_eq(truncate(path, 20), 0);
	lost.only_look = true;
	ck_assert_msg(key_forget(&lost, &n, world.why, sizeof world.why) == RC_OK, "%s", world.why);
	ck_assert_int_eq(n.tombstones, 1);
	ck_assert_int_eq(n.values, world_sql(&world, "SELECT count(*) FROM profile WHERE name GLOB '~A*'"));
	ck_assert_int_ge(n.values, 1);
	ck_assert_int_eq(n.messages, world_sql(&world, "SELECT count(*) FROM outbox WHERE text GLOB '~A*'"));
	ck_assert_int_ge(n.messages, 1);
}
END_TEST

/* Nothing stands under it: what is lost is nothing. */
START_TEST(a_key_that_nothing_needs_is_made_again)
{
	char path[320];

	key_path(path);
	ck_assert_int_eq(give("join", WORLD_NOW).rc, RC_OK);
	world_close(&world);
	ck_assert_int_eq(unlink(path), 0);
	open_store();
	ck_assert_int_eq(access(path, F_OK), 0);
	erase();
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_HAD);
}
END_TEST

/* A tool beside a daemon that erases under the old one: two keys would be a second gift for everybody erased meanwhile. */
START_TEST(a_guest_makes_no_second_key)
{
	const struct store_options o = {.path = world.path,
	                                .guest = true,
	                                .profile = &world.profile,
	                                .clock = &world.clock.clock,
	                                .busy_ms = 50};
	struct store *guest = NULL;
	char path[320];

	key_path(path);
	ck_assert_int_eq(give("join", WORLD_NOW).rc, RC_OK);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(store_open(&o, &guest, world.why, sizeof world.why), RC_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(world.why, "is not there"));
	ck_assert_int_ne(access(path, F_OK), 0);
	erase();
	ck_assert_int_eq(give("join", WORLD_NOW).refusal, REFUSAL_HAD);
	/* the first of all is made by whoever comes first */
	world_close(&world);
	ck_assert_int_eq(unlink(world.path), 0);
	ck_assert_msg(store_open(&o, &guest, world.why, sizeof world.why) == RC_OK, "%s", world.why);
	store_close(guest);
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("store_key");
	TCase *tc = tcase_create("store_key");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_key_is_a_file_of_its_own);
	tcase_add_test(tc, a_key_that_is_gone_or_wrong_is_said);
	tcase_add_test(tc, a_key_that_is_lost_for_good);
	tcase_add_test(tc, promise_2_a_key_that_fits_is_not_lost);
	tcase_add_test(tc, a_key_that_nothing_needs_is_made_again);
	tcase_add_test(tc, a_guest_makes_no_second_key);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
