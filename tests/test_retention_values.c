/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention of values: what has been kept for as long as profile.conf says goes, with what it was before and without a new
 * history; whoever loses a required one is registered no more; and the report says beforehand what goes. */
#include "storage/query.h"
#include "storage/query_retention.h"
#include "tests/retention_world.h"

/* --- values ----------------------------------------------------------------------------------------------------------- */

static void profile_that_forgets(void)
{
	struct profile *p = &world.profile;

	p->field[FIELD_NAME].is_private = p->field[FIELD_NAME].is_findable = true;
	p->field[FIELD_NAME].keep_ms = 730 * DAY;
	p->field[FIELD_TOWN].keep_ms = 100 * DAY;
	p->field[FIELD_ROLE].keep_ms = 10 * DAY;
	p->n_purposes = 1;
	p->purpose[0] = (struct profile_purpose){.name = "profile", .lasts_ms = 400 * DAY};
}

static void at_day(int day)
{
	clock_fake_init(&world.clock, WORLD_NOW + day * DAY);
}

static const struct store_retention values_only = {.values = true};

/* One who changes the town on day 50: so a town of day 0 is in the history. */
static void make_person(void)
{
	struct store_batch *b;

	profile_that_forgets();
	world_open(&world);
	ck_assert(world_write(&world, world_registration(WORLD_MSISDN)).registered);
	b = store_batch_new(WORLD_MSISDN, WORLD_NOW + 50 * DAY);
	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(store_batch_save(b, FIELD_TOWN, "Nakuru"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	world_close(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_history WHERE value = 'Kisumu'"), 1);
}

/* Open on that day, wait until a pass is over, close. */
static void pass_on_day(int day, uint64_t wanted)
{
	int64_t before = world_sql(&world, "SELECT number FROM retention_pass");

	at_day(day);
	open_with(values_only);
	wait_retired(wanted);
	for (int waited = 0; waited < PATIENCE_MS; waited += 10) {
		if (world_sql(&world, "SELECT iif(ended > 0, number, -1) FROM retention_pass") == before + 1)
			break;
		(void)poll(NULL, 0, 10);
	}
	world_close(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT number FROM retention_pass"), before + 1);
	ck_assert_int_eq(world_sql(&world, "SELECT ended > 0 FROM retention_pass"), 1);
}

static bool is_registered_now(void)
{
	return world_sql(&world, "SELECT state <> 'anonymous' FROM subscriber WHERE id = 1");
}

START_TEST(test_value_goes_at_its_age)
{
	make_person();
	pass_on_day(9, 0);
	pass_on_day(10, 1); /* role: nobody is registered by it */
	ck_assert_int_eq(world_sql(&world, "SELECT role IS NULL AND town = 'Nakuru' FROM profile"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_history"), 1);
	ck_assert(is_registered_now());
	pass_on_day(100, 1); /* the town of before is 100 days old, the one of now 50 */
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_history"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT town = 'Nakuru' FROM profile"), 1);
	pass_on_day(149, 0);
	ck_assert(is_registered_now());
	pass_on_day(150, 1); /* a required one: registered no more, and the report says so */
	ck_assert_int_eq(world_sql(&world, "SELECT town IS NULL AND _from_town = '' FROM profile"), 1);
	ck_assert(!is_registered_now());
	ck_assert_int_eq(world_sql(&world, "SELECT total FROM retention_count WHERE what = 'unregistered'"),
	                 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_history"),
	                 0); /* none of what went */
	ck_assert_int_eq(
		world_sql(&world,
	                  "SELECT count(*) FROM audit WHERE action = 'forget' AND actor = 'retention' "
	                  "AND reason GLOB '*value town 1*' AND reason GLOB '*unregistered 1*'"),
		1);
}
END_TEST

START_TEST(test_value_goes_with_its_consent)
{
	struct world_found found;

	make_person();
	world.profile.field[FIELD_TOWN].keep_ms = world.profile.field[FIELD_ROLE].keep_ms = 0;
	pass_on_day(399, 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_find"), 1);
	pass_on_day(400, 4); /* name, town, role, and the town of before */
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_find"), 0);
	ck_assert_int_eq(
		world_sql(&world, "SELECT name IS NULL AND town IS NULL AND role IS NULL FROM profile"), 1);
	ck_assert(!is_registered_now());
	ck_assert_int_eq(world_sql(&world, "SELECT total FROM retention_count WHERE what = 'unregistered'"),
	                 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent"), 1); /* the proof stays */
	world_open(&world);
	found = world_find(&world, WORLD_MSISDN);
	ck_assert_ptr_null(record_value(found.record, FIELD_NAME));
	record_free(found.record);
}
END_TEST

/* Agreed to again on day 300: from then on it lasts anew. */
START_TEST(test_consent_given_again)
{
	struct store_batch *b;

	make_person();
	world.profile.field[FIELD_TOWN].keep_ms = world.profile.field[FIELD_ROLE].keep_ms = 0;
	world_open(&world);
	b = store_batch_new(WORLD_MSISDN, WORLD_NOW + 300 * DAY);
	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(
		store_batch_consent(b, "profile", STORE_CONSENT_GRANTED, "Agree?", "en", STORE_CH_USSD),
		RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	world_close(&world);
	pass_on_day(699, 0);
	ck_assert(is_registered_now());
	pass_on_day(700, 4);
	ck_assert(!is_registered_now());
}
END_TEST

/* A value of an older program has no time: it is as old as the last time its person was seen. */
START_TEST(test_value_without_a_time)
{
	make_person();
	world.profile.field[FIELD_TOWN].keep_ms = 0;
	ck_assert_int_eq(world_exec(&world, "UPDATE profile SET _from_role = NULL; "
	                                    "UPDATE subscriber SET last_seen = last_seen + 86400000 * 5"),
	                 SQLITE_OK);
	pass_on_day(14, 0);
	pass_on_day(15, 1);
	ck_assert_int_eq(world_sql(&world, "SELECT role IS NULL FROM profile"), 1);
}
END_TEST

#define CROWD 3000 /* more than two slices look at, and more than one may change */

START_TEST(test_values_of_a_crowd)
{
	profile_that_forgets();
	world_open(&world);
	add(0, CROWD);
	world_close(&world);
	pass_on_day(10, CROWD);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile WHERE role <> ''"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile WHERE town = 'Kisumu'"), CROWD);
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT last = 3000 AND total = 3000 AND untold = 0 FROM retention_count "
	                           "WHERE what = 'value role'"),
	                 1);
	ck_assert_int_eq(world_sql(&world, "SELECT slices >= 15 AND looked >= 3000 FROM retention_pass"), 1);
}
END_TEST

/* A guest, such as a command beside the daemon, forgets nothing. */
START_TEST(test_guest_forgets_nothing)
{
	make_person();
	at_day(2000);
	open_with((struct store_retention){0});
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + 1)).rc, RC_OK);
	world_close(&world);
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM profile WHERE _subscriber = 1 AND role = 'job'"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT number FROM retention_pass"), 0);
}
END_TEST

/* --- the report ------------------------------------------------------------------------------------------------------ */

struct told {
	int rows;
	int64_t role, name, unregistered, interactions, past_town;
	struct query_retention_row last_role;
};

static bool on_row(void *ctx, const struct query_retention_row *row)
{
	struct told *t = ctx;

	t->rows++;
	if (strcmp(row->what, "value role") == 0) {
		t->role = row->due;
		t->last_role = *row;
	}
	if (strcmp(row->what, "value name") == 0)
		t->name = row->due;
	if (strcmp(row->what, "value town") == 0)
		t->past_town = row->due_past;
	if (strcmp(row->what, "unregistered") == 0)
		t->unregistered = row->due;
	if (strcmp(row->what, "interactions") == 0)
		t->interactions = row->due;
	return true;
}

static struct told report(int day, bool counts)
{
	const struct store_retention policy = {.interactions_ms = 90 * DAY, .values = true};
	struct query_retention_pass pass;
	struct told told = {0};
	struct query *q = NULL;

	ck_assert_int_eq(query_open(world.path, &world.profile, &q, world.why, sizeof world.why), RC_OK);
	ck_assert_int_eq(query_retention(q, &policy, WORLD_NOW + day * DAY, counts, &pass, on_row, &told),
	                 RC_OK);
	query_close(q);
	return told;
}

/* What the report says would go is what goes. */
START_TEST(test_report)
{
	struct told told;

	make_person();
	told = report(9, true);
	ck_assert_int_gt(told.rows, 10);
	ck_assert_int_eq(told.role + told.name + told.unregistered + told.interactions + told.past_town, 0);
	told = report(100, true);
	ck_assert_int_eq(told.role, 1);
	ck_assert_int_eq(told.past_town, 1);
	ck_assert_int_eq(told.unregistered, 0);
	ck_assert_int_eq(told.interactions, 1);
	told = report(400, true);
	ck_assert_int_eq(told.name, 1);
	ck_assert_int_eq(told.unregistered, 1);
	ck_assert_int_eq(report(400, false).name, -1);
	pass_on_day(10, 1);
	told = report(11, true);
	ck_assert_int_eq(told.role, 0);
	ck_assert_int_eq(told.last_role.last, 1);
	ck_assert_int_eq(told.last_role.total, 1);
	ck_assert_int_eq(told.last_role.kept_ms, 10 * DAY);
	ck_assert_int_eq(told.last_role.lasts_ms, 400 * DAY);
}
END_TEST

/* --- people ------------------------------------------------------------------------------------------------------- */

/* Three have told the same: one still has the number, one gave it up long ago, one lately. */
START_TEST(test_who_gave_the_number_up)
{
	world.profile.field[FIELD_NAME].is_private = world.profile.field[FIELD_NAME].is_findable = true;
	world_open(&world);
	add(0, 3);
	world_close(&world);
	ck_assert_int_eq(
		world_exec(&world,
	                   "UPDATE subscriber SET msisdn = NULL WHERE id > 1; "
	                   "UPDATE subscriber SET last_seen = last_seen + 86400000 * 50 WHERE id = 3; "
	                   "INSERT INTO verification (subscriber, at, proof) VALUES (2, 1, 'x'); "
	                   "INSERT INTO profile_history (subscriber, field, value, told, at, channel, why) "
	                   "VALUES (2, 'town', 'a', '', 5, 'ussd', 'changed')"),
		SQLITE_OK);
	at_day(100);
	open_with((struct store_retention){.given_up_ms = 90 * DAY});
	wait_retired(1);
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + 9)).rc,
	                 RC_OK); /* keys are destroyed by now */
	world_close(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT group_concat(_subscriber, '') = '134' FROM profile"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_find WHERE subscriber = 2"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_history"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM verification WHERE proof <> ''"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent WHERE subscriber = 2"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM key_doomed"), 0);
	ck_assert_int_eq(
		world_sql(&world,
	                  "SELECT state = 'anonymous' AND language = '' FROM subscriber WHERE id = 2"),
		1);
	ck_assert_int_eq(world_sql(&world, "SELECT total FROM retention_count WHERE what = 'given_up'"), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("retention_values");
	TCase *tc = tcase_create("values");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_value_goes_at_its_age);
	tcase_add_test(tc, test_value_goes_with_its_consent);
	tcase_add_test(tc, test_consent_given_again);
	tcase_add_test(tc, test_value_without_a_time);
	tcase_add_test(tc, test_values_of_a_crowd);
	tcase_add_test(tc, test_guest_forgets_nothing);
	tcase_add_test(tc, test_report);
	tcase_add_test(tc, test_who_gave_the_number_up);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
