/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vault, through the store: what is private lies there sealed, opens where it belongs, and is gone when its key is. */
#include "storage/query_find.h"
#include "tests/vault_world.h"

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

	registers(WORLD_MSISDN, "Asha");
	registers(WORLD_MSISDN + 1, "Juma");
	(void)world_text(&world, "SELECT name FROM profile WHERE _subscriber = 1", sealed, sizeof sealed);
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
	Suite *suite = suite_create("vault");
	TCase *tc = tcase_create("vault");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, promise_9_nothing_private_lies_there);
	tcase_add_test(tc, a_sealed_text_opens_in_its_place_only);
	tcase_add_test(tc, erased_is_unreadable_for_ever);
	tcase_add_test(tc, erased_by_a_guest);
	tcase_add_test(tc, marks_are_carried_out_at_the_start);
	tcase_add_test(tc, a_change_that_is_cut_off);
	tcase_add_test(tc, a_damaged_row_is_said);
	tcase_add_test(tc, found_by_a_value);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
