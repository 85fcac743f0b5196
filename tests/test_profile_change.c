/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile.conf that would lose or expose what is stored is refused, with how many and the way out; and what `forget` names
 * is destroyed. */
#include "storage/profile_change.h"
#include "tests/log_catch.h"
#include "tests/store_world.h"

static struct world world;

static void setup(void)
{
	world_init(&world);
	world_open(&world);
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN + 1)).rc, RC_OK);
	world_close(&world);
}

static void teardown(void)
{
	world_end(&world);
}

static void refused(const char *what, const char *way_out)
{
	ck_assert_int_eq(world_try_open(&world, world.path), RC_STATE);
	ck_assert_msg(strstr(world.why, what) != NULL, "\"%s\" does not say \"%s\"", world.why, what);
	ck_assert_msg(strstr(world.why, way_out) != NULL, "\"%s\" does not say \"%s\"", world.why, way_out);
}

static void taken(void)
{
	world_open(&world);
	world_close(&world);
}

/* Take a field out. */
static void without(size_t field)
{
	struct profile *p = &world.profile;

	memmove(&p->field[field], &p->field[field + 1], (p->n_fields - field - 1) * sizeof p->field[0]);
	p->n_fields--;
}

static void choices(size_t field, const char *a, const char *b)
{
	struct profile_field *f = &world.profile.field[field];

	f->n_of = 2;
	strcpy(f->of[0], a);
	strcpy(f->of[1], b);
}

START_TEST(a_field_with_values_does_not_go_by_itself)
{
	without(FIELD_TOWN);
	refused("field \"town\" is gone and the store has 2 values of it", "forget = [ \"town\" ]");
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile WHERE town = 'Kisumu'"), 2);
	world_profile(&world.profile); /* declared again */
	taken();
	without(FIELD_NOTE); /* nobody has told one */
	taken();
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_field WHERE name = 'note'"), 0);
}
END_TEST

START_TEST(forget_destroys_what_it_names)
{
	struct store_batch *b;

	world_open(&world);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_save(b, FIELD_TOWN, "Nairobi"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	world_close(&world);
	without(FIELD_TOWN);
	world.profile.n_forget = 1;
	strcpy(world.profile.forget[0], "town");
	taken();
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT count(*) FROM profile WHERE town IS NOT NULL OR _from_town IS NOT "
	                           "NULL"),
	                 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_history WHERE field = 'town'"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_field WHERE name = 'town'"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile WHERE name <> '' AND role = 'job'"),
	                 2);
	taken(); /* forget may stay in the file */
	world_profile(&world.profile);
	taken(); /* and the name may be used again: it is empty */
}
END_TEST

/* A command beside the daemon is not the start of it. */
START_TEST(only_the_daemon_forgets)
{
	struct store_options o = {
		.path = world.path, .profile = &world.profile, .clock = &world.clock.clock, .guest = true};
	char why[400];

	without(FIELD_TOWN);
	world.profile.n_forget = 1;
	strcpy(world.profile.forget[0], "town");
	ck_assert_int_eq(store_open(&o, &world.store, why, sizeof why), RC_OK);
	world_close(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile WHERE town = 'Kisumu'"), 2);
}
END_TEST

START_TEST(private_stays_private)
{
	world.profile.field[FIELD_NAME].is_private = false;
	refused("field \"name\" is private no more, and 2 subscribers", "keep private = true");
	world.profile.field[FIELD_NAME].is_private = true;
	world.profile.field[FIELD_TOWN].is_private = true; /* the other way is always open */
	taken();
	world.profile.field[FIELD_TOWN].is_private = false;
	refused("field \"town\" is private no more", "forget \"town\"");
}
END_TEST

START_TEST(values_that_do_not_fit_are_not_left_behind)
{
	world.profile.field[FIELD_ROLE].kind = PROFILE_NUMBER;
	refused("field \"role\": 2 stored values are not what it takes now", "another name");
	world.profile.field[FIELD_ROLE].kind = PROFILE_PLACE; /* "job" can be one */
	taken();
	choices(FIELD_ROLE, "head", "study");
	refused("field \"role\": 2 stored values", "another name");
	choices(FIELD_ROLE, "head", "job");
	taken();
	/* fewer choices, and nobody has told the one that goes */
	world.profile.field[FIELD_ROLE].n_of = 1;
	strcpy(world.profile.field[FIELD_ROLE].of[0], "job");
	taken();
}
END_TEST

START_TEST(sealed_values_are_judged_by_what_they_are)
{
	choices(FIELD_NAME, "Asha", "Ben");
	taken();
	choices(FIELD_NAME, "Ben", "Zuri");
	refused("field \"name\": 2 stored values", "another name");
}
END_TEST

/* A STOP, or a withdrawal, of what it was told under would leave it: whichever consent comes instead, or none. */
START_TEST(promise_8_values_stay_under_the_consent_they_were_told_under)
{
	strcpy(world.profile.field[FIELD_NAME].consent, "survey");
	refused("field \"name\" has consent = \"survey\" now, and 2 stored values", "forget \"name\"");
	world.profile.field[FIELD_NAME].consent[0] = '\0';
	refused("field \"name\" has no consent now, and 2 stored values", "take consent = \"profile\" back");
	world_profile(&world.profile);
	strcpy(world.profile.field[FIELD_NOTE].consent, "survey"); /* nobody has told one */
	taken();
	ck_assert_int_eq(
		world_sql(&world,
	                  "SELECT count(*) FROM profile_field WHERE name = 'note' AND purpose = 'survey'"),
		1);
	strcpy(world.profile.field[FIELD_TOWN].consent, "survey");
	ck_assert_int_eq(
		world_exec(&world, "UPDATE profile SET town = NULL, _from_town = NULL; "
	                           "INSERT INTO profile_history (subscriber, field, value, told, at, "
	                           "channel, why) VALUES (1, 'town', 'Kisumu', '', 1, 'ussd', 'taken back')"),
		SQLITE_OK);
	refused("field \"town\" has consent = \"survey\" now, and 1 stored values", "forget \"town\"");
	ck_assert_int_eq(world_exec(&world, "UPDATE profile_history SET value = ''"), SQLITE_OK);
	taken();
}
END_TEST

/* A value in the log is bounded: the way out is one for itself. */
START_TEST(the_log_of_a_start_has_the_way_out)
{
	struct log_catch c;

	strcpy(world.profile.field[FIELD_NAME].consent, "survey");
	strcpy(world.profile.field[FIELD_TOWN].consent, "survey");
	log_catch_begin(&c, world.folder);
	(void)world_try_open(&world, world.path);
	log_catch_end(&c);
	ck_assert_int_eq(log_catch_count(&c, "event=profile_refused"), 2);
	ck_assert_int_eq(log_catch_count(&c, "told under consent = \\\"profile\\\"\""), 2);
	ck_assert_int_eq(log_catch_count(&c, "forget \\\"town\\\"\""), 1);
}
END_TEST

static void purpose(const char *name, bool is_marketing)
{
	world.profile.n_purposes = 1;
	world.profile.purpose[0] = (struct profile_purpose){.is_marketing = is_marketing};
	strcpy(world.profile.purpose[0].name, name);
}

/* Who agreed to marketing agreed to what STOP takes back. */
START_TEST(promise_7_marketing_stays_marketing)
{
	purpose("profile", true);
	taken(); /* the other way is always open */
	purpose("profile", false);
	refused("purpose \"profile\" is no marketing any more, and 2 subscribers agreed", "marketing = true");
	world.profile.n_purposes = 0; /* any name, none of marketing */
	refused("purpose \"profile\" is no marketing any more", "another name");
	purpose("profile", true);
	taken();
	world_open(&world);
	for (int i = 0; i < 2; i++) {
		struct store_batch *b = world_batch(WORLD_MSISDN + i);

		ck_assert_int_eq(
			store_batch_consent(b, "profile", STORE_CONSENT_WITHDRAWN, "", "en", STORE_CH_USSD),
			RC_OK);
		ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	}
	world_close(&world);
	purpose("profile", false); /* nobody's any more */
	taken();
	ck_assert_int_eq(world_sql(&world, "SELECT sum(marketing) FROM profile_purpose"), 0);
}
END_TEST

/* It is out of the file in between: what people agreed to is remembered. */
START_TEST(promise_7_nor_by_a_detour)
{
	purpose("profile", true);
	taken();
	purpose("survey", false);
	taken();
	purpose("profile", false);
	refused("purpose \"profile\" is no marketing any more, and 2 subscribers", "another name");
}
END_TEST

struct said {
	int refused, noted;
	char text[400];
};

static void on_said(void *ctx, bool is_refused, const char *what, const char *remedy)
{
	struct said *s = ctx;

	s->refused += is_refused;
	s->noted += !is_refused;
	(void)snprintf(s->text, sizeof s->text, "%s; %s", what, remedy);
}

START_TEST(it_is_told_before_a_start)
{
	struct said said = {0};
	char why[400] = "", none[400];

	without(FIELD_TOWN);
	ck_assert_int_eq(
		profile_change_look(world.path, NULL, &world.profile, on_said, &said, why, sizeof why),
		RC_OK);
	ck_assert_int_eq(said.refused, 1);
	ck_assert_ptr_nonnull(strstr(said.text, "\"town\""));
	ck_assert_ptr_null(strstr(said.text, "Kisumu")); /* promise 9 */
	world.profile.n_forget = 1;
	strcpy(world.profile.forget[0], "town");
	memset(&said, 0, sizeof said);
	ck_assert_int_eq(
		profile_change_look(world.path, NULL, &world.profile, on_said, &said, why, sizeof why),
		RC_OK);
	ck_assert(said.refused == 0 && said.noted == 1);
	ck_assert_ptr_nonnull(strstr(said.text, "2 stored values will be destroyed"));
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile WHERE town = 'Kisumu'"),
	                 2); /* only told */
	(void)snprintf(none, sizeof none, "%s.none", world.path);
	ck_assert_int_eq(profile_change_look(none, NULL, &world.profile, on_said, &said, why, sizeof why),
	                 RC_NOTFOUND);
}
END_TEST

/* Without the key nobody can tell whether a sealed value fits; nothing is guessed. */
START_TEST(without_the_key_sealed_values_are_not_guessed)
{
	struct said said = {0};
	char why[400] = "", key[400];

	choices(FIELD_NAME, "Asha", "Ben");
	(void)snprintf(key, sizeof key, "%s.other", world.path);
	ck_assert_int_eq(
		profile_change_look(world.path, key, &world.profile, on_said, &said, why, sizeof why), RC_OK);
	ck_assert_int_eq(said.refused, 1);
	ck_assert_ptr_nonnull(strstr(said.text, "2 sealed values"));
}
END_TEST

/* A column of a program of before, of which nothing is known but that it is there: not in the way, and erased with the rest. */
START_TEST(columns_of_before_are_left_alone)
{
	struct store_batch *b;

	ck_assert_int_eq(world_exec(&world, "DELETE FROM profile_field"), SQLITE_OK);
	without(FIELD_TOWN);
	world_open(&world);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_USSD, ""), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile WHERE town = 'Kisumu'"), 1);
	world_close(&world);
	world.profile.n_forget = 1;
	strcpy(world.profile.forget[0], "town");
	taken();
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile WHERE town IS NOT NULL"), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("profile_change");
	TCase *tc = tcase_create("profile_change");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_field_with_values_does_not_go_by_itself);
	tcase_add_test(tc, forget_destroys_what_it_names);
	tcase_add_test(tc, only_the_daemon_forgets);
	tcase_add_test(tc, private_stays_private);
	tcase_add_test(tc, values_that_do_not_fit_are_not_left_behind);
	tcase_add_test(tc, sealed_values_are_judged_by_what_they_are);
	tcase_add_test(tc, promise_8_values_stay_under_the_consent_they_were_told_under);
	tcase_add_test(tc, the_log_of_a_start_has_the_way_out);
	tcase_add_test(tc, promise_7_marketing_stays_marketing);
	tcase_add_test(tc, promise_7_nor_by_a_detour);
	tcase_add_test(tc, it_is_told_before_a_start);
	tcase_add_test(tc, without_the_key_sealed_values_are_not_guessed);
	tcase_add_test(tc, columns_of_before_are_left_alone);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
