/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A keyring that is exchanged: an older copy of it gives nobody their key back who may have none (privacy), whoever was erased last
 * and whoever opens the store next; and under a running store another store's is never written, nor anything confirmed that
 * would be lost with it (promise 1). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "storage/keyring.h"
#include "tests/store_world.h"

static struct world world;

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

static void runs(const char *command)
{
	ck_assert_int_eq(system(command), 0); // NOLINT(cert-env33-c): files of this test
}

/* As cp does: into the file that lies there. */
static void copies(const char *from, const char *to)
{
	char command[900];

	(void)snprintf(command, sizeof command, "cat '%s%s' > '%s%s'", world.path, from, world.path, to);
	runs(command);
}

static enum rc tells(int64_t msisdn, const char *name)
{
	struct store_batch *b = world_registration(msisdn);

	ck_assert_int_eq(store_batch_save(b, FIELD_NAME, name), RC_OK);
	return world_write(&world, b).rc;
}

static enum rc erases(struct store *s, int64_t msisdn)
{
	struct store_batch *b = store_batch_new(msisdn, WORLD_NOW);
	struct world_written got = {0};

	ck_assert_int_eq(store_batch_erase(b, STORE_CH_OPERATOR, "asked"), RC_OK);
	ck_assert_int_eq(store_write(s, b, world_on_written, &got), RC_OK);
	store_wait(s);
	return got.result.rc;
}

/* Which of the first four still have a key: "1.3." */
static const char *keys(void)
{
	static char out[5];
	uint8_t key[SEAL_KEY_SIZE];
	struct vault *v;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(world.path, &db), SQLITE_OK);
	ck_assert_msg(vault_unlock(db, NULL, &v, world.why, sizeof world.why) == RC_OK, "%s", world.why);
	for (int i = 0; i < 4; i++) {
		enum rc rc = keyring_key(vault_keyring(v), i + 1, key);

		out[i] = rc == RC_OK ? (char)('1' + i) : rc == RC_NOTFOUND ? '.' : '?';
	}
	vault_free(v);
	(void)sqlite3_close(db);
	return out;
}

static void four(void)
{
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(tells(WORLD_MSISDN + i, "Asha"), RC_OK);
	copies(".keyring", ".old");
}

/* --- an older copy of this store's ------------------------------------------------------------------------------------ */

/* The next who opens the store is a command that erases somebody else: it sees to all of them itself. */
START_TEST(privacy_an_old_copy_is_seen_by_a_guest)
{
	const struct store_options o = {.path = world.path,
	                                .guest = true,
	                                .profile = &world.profile,
	                                .clock = &world.clock.clock,
	                                .busy_ms = 2000};
	struct store *guest;

	four();
	ck_assert_int_eq(erases(world.store, WORLD_MSISDN), RC_OK);
	ck_assert_int_eq(erases(world.store, WORLD_MSISDN + 1), RC_OK);
	world_close(&world);
	copies(".old", ".keyring");
	ck_assert_str_eq(keys(), "1234");
	ck_assert_msg(store_open(&o, &guest, world.why, sizeof world.why) == RC_OK, "%s", world.why);
	ck_assert_str_eq(keys(), "..34");
	ck_assert_int_eq(erases(guest, WORLD_MSISDN + 2), RC_OK);
	store_close(guest);
	world_open(&world);
	ck_assert_str_eq(keys(), "...4");
	ck_assert_str_eq(world_name(&world, WORLD_MSISDN + 3), "Asha");
}
END_TEST

/* Put back under a running store, which then erases somebody: at the next start it is not only looked at this last one. */
START_TEST(privacy_an_old_copy_is_seen_whoever_was_erased_last)
{
	four();
	ck_assert_int_eq(erases(world.store, WORLD_MSISDN), RC_OK);
	copies(".old", ".keyring");
	ck_assert_int_eq(erases(world.store, WORLD_MSISDN + 1), RC_OK);
	ck_assert_str_eq(keys(), "1.34");
	world_close(&world);
	world_open(&world);
	ck_assert_str_eq(keys(), "..34");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM key_doomed"), 0);
	ck_assert_str_eq(world_name(&world, WORLD_MSISDN + 2), "Asha");
}
END_TEST

/* Retention takes values and key of who gave the number up, and the audit does not name them. Who gave it up lately keeps both. */
START_TEST(privacy_an_old_copy_brings_back_nobody_who_gave_up)
{
	four();
	world_close(&world);
	ck_assert_int_eq(
		world_exec(
			&world,
			"UPDATE subscriber SET msisdn = NULL WHERE id = 2 OR id = 3; "
			"DELETE FROM profile WHERE _subscriber = 3; INSERT INTO key_doomed (subscriber, at) VALUES (3, 5)"),
		SQLITE_OK);
	world_open(&world);
	ck_assert_str_eq(keys(), "12.4");
	world_close(&world);
	copies(".old", ".keyring");
	ck_assert_str_eq(keys(), "1234");
	world_open(&world);
	ck_assert_str_eq(keys(), "12.4");
	ck_assert_int_eq(world_sql(&world, "SELECT plain(2, 'profile.name', name) = 'Asha' FROM profile "
	                                   "WHERE _subscriber = 2"),
	                 1);
}
END_TEST

/* --- another store's ---------------------------------------------------------------------------------------------------- */

static void another(struct world *other)
{
	char command[900];

	world_init(other);
	world_open(other);
	ck_assert_int_eq(world_write(other, world_registration(WORLD_MSISDN + 9)).rc, RC_OK);
	world_close(other);
	(void)snprintf(command, sizeof command, "cp '%s.keyring' '%s.foreign'", other->path, world.path);
	runs(command);
	world_end(other);
}

static void unchanged(void)
{
	char command[900];

	(void)snprintf(command, sizeof command, "cmp -s '%s.keyring' '%s.foreign'", world.path, world.path);
	runs(command);
}

START_TEST(promise_1_nothing_is_written_under_another_stores_keyring)
{
	struct world other;
	const char *why = "", *remedy = "";

	four();
	another(&other);
	copies(".keyring", ".good");
	copies(".foreign", ".keyring");
	ck_assert_int_ne(tells(WORLD_MSISDN + 4, "Juma"), RC_OK); /* new, with a key that was filled ahead */
	ck_assert_int_ne(tells(WORLD_MSISDN, "Changed"), RC_OK);
	ck_assert_int_ne(erases(world.store, WORLD_MSISDN + 1), RC_OK);
	unchanged();
	ck_assert(store_trouble(world.store, &why, &remedy));
	ck_assert_ptr_nonnull(strstr(why, "keyring"));
	ck_assert_ptr_nonnull(strstr(remedy, "this store's own keyring"));
	/* put back, it goes on by itself, and nothing was lost */
	copies(".good", ".keyring");
	ck_assert_int_eq(tells(WORLD_MSISDN + 4, "Juma"), RC_OK);
	ck_assert_int_eq(erases(world.store, WORLD_MSISDN + 1), RC_OK);
	world_close(&world);
	world_open(&world);
	ck_assert_str_eq(world_name(&world, WORLD_MSISDN), "Asha");
	ck_assert_str_eq(world_name(&world, WORLD_MSISDN + 4), "Juma");
	ck_assert_str_eq(keys(), "1.34");
}
END_TEST

/* The same with a file that took the name: what is sealed under keys of the file that nobody finds again would be lost. */
START_TEST(promise_1_nothing_is_written_beside_the_name)
{
	char command[1400];
	struct world other;

	four();
	another(&other);
	(void)snprintf(command, sizeof command, "mv '%s.keyring' '%s.good' && cp '%s.foreign' '%s.keyring'",
	               world.path, world.path, world.path, world.path);
	runs(command);
	ck_assert_int_ne(tells(WORLD_MSISDN, "Changed"), RC_OK);
	unchanged();
	(void)snprintf(command, sizeof command, "mv '%s.good' '%s.keyring'", world.path, world.path);
	runs(command);
	ck_assert_int_eq(tells(WORLD_MSISDN, "Changed"), RC_OK);
	ck_assert_str_eq(world_name(&world, WORLD_MSISDN), "Changed");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("keyring_live");
	TCase *tc = tcase_create("keyring_live");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, privacy_an_old_copy_is_seen_by_a_guest);
	tcase_add_test(tc, privacy_an_old_copy_is_seen_whoever_was_erased_last);
	tcase_add_test(tc, privacy_an_old_copy_brings_back_nobody_who_gave_up);
	tcase_add_test(tc, promise_1_nothing_is_written_under_another_stores_keyring);
	tcase_add_test(tc, promise_1_nothing_is_written_beside_the_name);
	suite_add_tcase(s, tc);
	return world_run(s);
}
