/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where values come from, what they were before, which words were agreed to; STOP and marketing; who was verified; whose a
 * number was. Promises 7 and 8. */
#include "storage/store_limits.h"
#include "tests/store_world.h"

#define DAY INT64_C(86400000)
#define LATER (WORLD_NOW + DAY)

static struct world world;

/* Beside the world's own: a purpose for marketing that lasts a year, and a field under it. */
static void setup(void)
{
	static const struct profile_purpose purposes[] = {
		{.name = "profile"}, {.name = "offers", .is_marketing = true, .lasts_ms = 365 * DAY}};

	world_init(&world);
	memcpy(world.profile.purpose, purposes, sizeof purposes);
	world.profile.n_purposes = 2;
	(void)snprintf(world.profile.field[FIELD_NOTE].consent, PROFILE_NAME_SIZE, "offers");
	world_open(&world);
}

static void teardown(void)
{
	world_end(&world);
}

static struct store_batch *later(int64_t ms)
{
	struct store_batch *b = store_batch_new(WORLD_MSISDN, WORLD_NOW + ms);

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(store_batch_from(b, "ussd", CONFIDENCE_TOLD), RC_OK);
	return b;
}

static void must(struct store_batch *b)
{
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
}

static void agree(struct store_batch *b, const char *purpose, enum store_consent state)
{
	ck_assert_int_eq(store_batch_consent(b, purpose, state, "Agree?", "en", STORE_CH_USSD), RC_OK);
}

static void save(struct store_batch *b, size_t field, const char *value)
{
	ck_assert_int_eq(store_batch_save(b, field, value), RC_OK);
}

START_TEST(a_value_tells_when_how_and_under_which_consent)
{
	struct store_batch *b = later(1000);

	must(world_registration(WORLD_MSISDN));
	/* the registration's own batch says nothing of where it comes from */
	ck_assert_int_eq(world_sql(&world, "SELECT _from_town = '1795300000000 operator 1 80' FROM profile"),
	                 1);
	save(b, FIELD_ROLE, "head");
	must(b);
	ck_assert_int_eq(world_sql(&world, "SELECT _from_role = '1795300001000 ussd 1 80' FROM profile"), 1);
	/* what nobody spoke of is as it was */
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT _from_town = '1795300000000 operator 1 80' AND town = 'Kisumu' "
	                           "AND _from_note IS NULL AND note IS NULL FROM profile"),
	                 1);
	/* a new consent covers what is told from then on */
	b = later(2000);
	agree(b, "profile", STORE_CONSENT_GRANTED);
	ck_assert_int_eq(store_batch_from(b, "import", 40), RC_OK);
	save(b, FIELD_TOWN, "Nairobi");
	must(b);
	ck_assert_int_eq(world_sql(&world, "SELECT _from_town = '1795300002000 import 2 40' AND _from_role = "
	                                   "'1795300001000 ussd 1 80' FROM profile"),
	                 1);
}
END_TEST

START_TEST(where_values_come_from_is_a_word)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);

	ck_assert_int_eq(store_batch_from(b, "", 80), RC_RANGE);
	ck_assert_int_eq(store_batch_from(b, "two words", 80), RC_RANGE);
	ck_assert_int_eq(store_batch_from(b, "ussd", 101), RC_RANGE);
	ck_assert_int_eq(store_batch_from(b, "ussd", -1), RC_RANGE);
	ck_assert_int_eq(store_batch_from(b, "sixteen-bytes-it", 1), RC_RANGE);
	store_batch_free(b);
}
END_TEST

START_TEST(history_has_what_was_replaced_and_nothing_else)
{
	struct store_batch *b;

	must(world_registration(WORLD_MSISDN));
	b = later(1000);
	save(b, FIELD_TOWN, "Kisumu"); /* the same again */
	must(b);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_history"), 0);
	b = later(2000);
	save(b, FIELD_TOWN, "Nairobi");
	save(b, FIELD_NAME, "Asha W");
	must(b);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_history"), 2);
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT value = 'Kisumu' AND told = '1795300001000 ussd 1 80' AND at = "
	                           "1795300002000 AND channel = 'ussd' AND why = 'changed' FROM "
	                           "profile_history WHERE field = 'town'"),
	                 1);
	/* private: sealed as it was, and still to be opened by who has the key */
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT count(*) FROM profile_history WHERE field = 'name' AND value <> "
	                           "'Asha' AND value <> ''"),
	                 1);
	ck_assert_int_eq(world_sql(&world, "SELECT plain(subscriber, 'profile.name', value) = 'Asha' FROM "
	                                   "profile_history WHERE field = 'name'"),
	                 1);
	b = later(3000);
	save(b, FIELD_ROLE, NULL); /* taken back while the consent stands */
	must(b);
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT value = 'job' AND why = 'taken back' FROM profile_history WHERE "
	                           "field = 'role'"),
	                 1);
	ck_assert_int_eq(world_sql(&world, "SELECT role IS NULL AND _from_role = '' FROM profile"), 1);
}
END_TEST

START_TEST(promise_8_a_withdrawn_consent_takes_its_values_and_their_history)
{
	struct store_batch *b;

	must(world_registration(WORLD_MSISDN));
	b = later(1000);
	save(b, FIELD_TOWN, "Nairobi");
	must(b);
	b = later(2000);
	agree(b, "profile", STORE_CONSENT_WITHDRAWN);
	must(b);
	ck_assert_int_eq(
		world_sql(&world, "SELECT name IS NULL AND town IS NULL AND role IS NULL FROM profile"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_history WHERE value <> ''"), 0);
	/* that there was something, from when to when, is kept: name, town twice, role */
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_history WHERE why = 'withdrawn'"),
	                 4);
	b = later(3000);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_USSD, "asked"), RC_OK);
	must(b);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile_history"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile"), 0);
}
END_TEST

START_TEST(consents_keep_version_proof_and_source)
{
	const struct store_agreement what = {.purpose = "offers",
	                                     .words = "May we?",
	                                     .language = "en",
	                                     .version = "8f0c11aa",
	                                     .proof = "form 4711",
	                                     .state = STORE_CONSENT_GRANTED,
	                                     .channel = STORE_CH_OPERATOR};
	struct store_agreement bad = what;
	struct store_batch *b = later(0);
	char text[STORE_PROOF_MAX + 2];

	must(world_registration(WORLD_MSISDN));
	/* the interaction of the same batch, which was added after it */
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT source = (SELECT max(id) FROM interaction) AND version = '' FROM "
	                           "consent"),
	                 1);
	ck_assert_int_eq(store_batch_agree(b, &what), RC_OK);
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	bad.proof = text;
	ck_assert_int_eq(store_batch_agree(b, &bad), RC_RANGE);
	bad.proof = NULL;
	bad.version = text;
	ck_assert_int_eq(store_batch_agree(b, &bad), RC_RANGE);
	must(b);
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT version = '8f0c11aa' AND proof = 'form 4711' AND source = 0 AND "
	                           "channel = 'operator' FROM consent WHERE purpose = 'offers'"),
	                 1);
}
END_TEST

START_TEST(promise_7_stop_withdraws_what_is_for_marketing)
{
	struct world_found f;
	struct store_batch *b;

	must(world_registration(WORLD_MSISDN));
	b = later(1000);
	agree(b, "offers", STORE_CONSENT_GRANTED);
	save(b, FIELD_NOTE, "football");
	must(b);
	b = later(2000);
	ck_assert_int_eq(store_batch_from(b, "sms", CONFIDENCE_TOLD), RC_OK);
	ck_assert_int_eq(store_batch_stop(b, true), RC_OK);
	must(b);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert(record_is_stopped(f.record));
	ck_assert_int_eq(record_consent_state(f.record, "offers"), RECORD_CONSENT_REFUSED);
	ck_assert(record_has_consent(f.record, "profile") && record_is_registered(f.record));
	ck_assert_ptr_null(record_value(f.record, FIELD_NOTE));
	ck_assert_str_eq(record_value(f.record, FIELD_TOWN), "Kisumu");
	record_free(f.record);
	ck_assert_int_eq(
		world_sql(&world,
	                  "SELECT state = 'withdrawn' AND channel = 'sms' AND at = 1795300002000 FROM "
	                  "consent WHERE purpose = 'offers' ORDER BY id DESC LIMIT 1"),
		1);
	/* a second STOP finds nothing to withdraw; START lifts the STOP and gives no consent back */
	b = later(3000);
	ck_assert_int_eq(store_batch_stop(b, true), RC_OK);
	must(b);
	b = later(4000);
	ck_assert_int_eq(store_batch_stop(b, false), RC_OK);
	must(b);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent WHERE purpose = 'offers'"), 2);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert(!record_is_stopped(f.record) && !record_has_consent(f.record, "offers"));
	record_free(f.record);
}
END_TEST

/* Asked before and told after in one batch: the last word counts. */
START_TEST(promise_7_stop_in_the_middle_of_a_batch)
{
	struct store_batch *b;
	struct world_found f;

	must(world_registration(WORLD_MSISDN));
	b = later(1000);
	agree(b, "offers", STORE_CONSENT_GRANTED);
	save(b, FIELD_NOTE, "football");
	ck_assert_int_eq(store_batch_stop(b, true), RC_OK);
	must(b);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM profile WHERE note IS NOT NULL"), 0);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert(!record_has_consent(f.record, "offers"));
	record_free(f.record);
	b = later(2000);
	save(b, FIELD_NOTE, "football");
	ck_assert_int_eq(world_write(&world, b).rc, RC_STATE); /* promise 8 */
}
END_TEST

/* The store's last word: no consent to marketing after STOP, whoever asks for it; after START there may be. */
START_TEST(promise_7_no_marketing_is_agreed_to_after_stop)
{
	struct store_batch *b = later(1000);
	struct world_found f;

	must(world_registration(WORLD_MSISDN));
	ck_assert_int_eq(store_batch_stop(b, true), RC_OK);
	must(b);
	b = later(2000);
	agree(b, "offers", STORE_CONSENT_GRANTED);
	save(b, FIELD_NOTE, "football");
	ck_assert_int_eq(world_write(&world, b).rc, RC_STATE);
	b = later(2500); /* not in the batch of the STOP either */
	ck_assert_int_eq(store_batch_stop(b, true), RC_OK);
	agree(b, "offers", STORE_CONSENT_GRANTED);
	ck_assert_int_eq(world_write(&world, b).rc, RC_STATE);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent WHERE purpose = 'offers'"), 0);
	b = later(3000); /* what is no marketing, and a no, are taken */
	agree(b, "profile", STORE_CONSENT_GRANTED);
	agree(b, "offers", STORE_CONSENT_REFUSED);
	must(b);
	b = later(4000);
	ck_assert_int_eq(store_batch_stop(b, false), RC_OK);
	agree(b, "offers", STORE_CONSENT_GRANTED);
	save(b, FIELD_NOTE, "football");
	must(b);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert(!record_is_stopped(f.record) && record_has_consent(f.record, "offers"));
	ck_assert_str_eq(record_value(f.record, FIELD_NOTE), "football");
	record_free(f.record);
}
END_TEST

START_TEST(a_consent_that_is_over_does_not_stand)
{
	struct world_found f;
	struct store_batch *b;

	must(world_registration(WORLD_MSISDN));
	b = later(0);
	agree(b, "offers", STORE_CONSENT_GRANTED);
	must(b);
	clock_fake_advance(&world.clock, 365 * DAY - 1);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert_int_eq(record_consent_state(f.record, "offers"), RECORD_CONSENT_GRANTED);
	record_free(f.record);
	clock_fake_advance(&world.clock, 1);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert_int_eq(record_consent_state(f.record, "offers"), RECORD_CONSENT_NONE); /* asked again */
	ck_assert_int_eq(record_consent_state(f.record, "profile"), RECORD_CONSENT_GRANTED);
	record_free(f.record);
	b = later(365 * DAY);
	save(b, FIELD_NOTE, "football");
	ck_assert_int_eq(world_write(&world, b).rc, RC_STATE);
	b = later(365 * DAY + 1);
	agree(b, "offers", STORE_CONSENT_GRANTED);
	save(b, FIELD_NOTE, "football");
	must(b);
}
END_TEST

START_TEST(whose_consent_is_over_is_registered_no_more)
{
	struct world_found f;

	world.profile.purpose[0].lasts_ms = DAY;
	must(world_registration(WORLD_MSISDN));
	clock_fake_advance(&world.clock, DAY);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert(!record_is_registered(f.record));
	record_free(f.record);
}
END_TEST

START_TEST(the_store_takes_only_what_the_field_takes)
{
	struct profile_field *role = &world.profile.field[FIELD_ROLE];
	struct store_batch *b;

	must(world_registration(WORLD_MSISDN));
	role->n_of = 2;
	strcpy(role->of[0], "head");
	strcpy(role->of[1], "job");
	b = later(1000);
	save(b, FIELD_TOWN, "Nairobi");
	save(b, FIELD_ROLE, "boss");
	ck_assert_int_eq(world_write(&world, b).rc, RC_RANGE);
	ck_assert_int_eq(world_sql(&world, "SELECT town = 'Kisumu' AND role = 'job' FROM profile"),
	                 1); /* nothing of it */
	b = later(2000);
	save(b, FIELD_ROLE, "head");
	must(b);
}
END_TEST

/* --- verified ------------------------------------------------------------------------------------------------------- */

static enum rc verify(const char *proof, int64_t ms)
{
	struct store_batch *b = later(ms);

	ck_assert_int_eq(store_batch_verify(b, proof, "KYC"), RC_OK);
	return world_write(&world, b).rc;
}

static bool is_state(const char *state)
{
	char text[96];

	(void)snprintf(text, sizeof text, "SELECT count(*) FROM subscriber WHERE state = '%s'", state);
	return world_sql(&world, text) == 1;
}

START_TEST(only_who_is_registered_is_verified)
{
	struct store_batch *b = later(0);

	ck_assert_int_eq(store_batch_verify(b, "", "KYC"), RC_RANGE); /* a proof says something */
	store_batch_free(b);
	ck_assert_int_eq(verify("passport", 0), RC_STATE); /* a stranger */
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber"), 0);
	must(world_registration(WORLD_MSISDN));
	ck_assert_int_eq(verify(NULL, 0), RC_STATE); /* nothing to take back */
	ck_assert_int_eq(verify("passport", 1000), RC_OK);
	ck_assert(is_state("verified"));
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT at = 1795300001000 AND undone = 0 AND proof <> 'passport' AND "
	                           "plain(subscriber, 'verification.proof', proof) = 'passport' FROM "
	                           "verification"),
	                 1);
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM audit WHERE action = 'verify' AND reason = 'KYC' AND "
	                          "subject = 1"),
		1);
	ck_assert_int_eq(verify(NULL, 2000), RC_OK);
	ck_assert(is_state("declared"));
	ck_assert_int_eq(world_sql(&world, "SELECT undone FROM verification"), WORLD_NOW + 2000);
}
END_TEST

START_TEST(what_was_proven_and_changes_is_declared_again)
{
	struct store_batch *b;

	must(world_registration(WORLD_MSISDN));
	ck_assert_int_eq(verify("passport", 0), RC_OK);
	b = later(1000);
	save(b, FIELD_TOWN, "Nairobi"); /* required, and not private */
	save(b, FIELD_NAME, "Asha");    /* the same */
	must(b);
	ck_assert(is_state("verified"));
	b = later(2000);
	save(b, FIELD_NAME, "Somebody Else");
	must(b);
	ck_assert(is_state("declared"));
	ck_assert_int_eq(world_sql(&world, "SELECT undone FROM verification"), WORLD_NOW + 2000);
	ck_assert_int_eq(verify("passport", 3000), RC_OK);
	b = later(4000);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_USSD, "asked"), RC_OK);
	must(b);
	ck_assert_int_eq(
		world_sql(&world, "SELECT count(*) FROM verification WHERE proof <> '' OR undone = 0"), 0);
}
END_TEST

/* --- numbers -------------------------------------------------------------------------------------------------------- */

static void on_number(void *ctx, const struct store_number_result *result)
{
	*(struct store_number_result *)ctx = *result;
}

static enum rc note(enum store_number_event event, int64_t at_ms)
{
	struct store_number_result got = {.rc = RC_IO};

	ck_assert_int_eq(store_number_note(world.store, WORLD_MSISDN, event, at_ms, on_number, &got), RC_OK);
	store_wait(world.store);
	return got.rc;
}

START_TEST(another_sim_is_not_the_one_that_was_shown)
{
	must(world_registration(WORLD_MSISDN));
	ck_assert_int_eq(verify("passport", 1000), RC_OK);
	clock_fake_advance(&world.clock, DAY);
	ck_assert_int_eq(note(STORE_NUMBER_SWAPPED, WORLD_NOW + 500),
	                 RC_OK); /* before they were seen with it */
	ck_assert(is_state("verified"));
	ck_assert_int_eq(note(STORE_NUMBER_SWAPPED, LATER), RC_OK);
	ck_assert(is_state("declared"));
	ck_assert_int_eq(world_sql(&world, "SELECT undone FROM verification"), LATER);
}
END_TEST

START_TEST(a_number_that_is_given_up_leaves_its_period)
{
	must(world_registration(WORLD_MSISDN));
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM number_period"),
	                 0); /* no row for who has it */
	clock_fake_advance(&world.clock, 2 * DAY);
	ck_assert_int_eq(note(STORE_NUMBER_RECYCLED, LATER), RC_OK);
	ck_assert_int_eq(
		world_sql(&world,
	                  "SELECT subscriber = 1 AND since = 1795300000000 AND until = 1795386400000 AND "
	                  "length(hash) = 32 FROM number_period"),
		1);
	ck_assert_int_eq(note(STORE_NUMBER_RECYCLED, LATER), RC_EXISTS); /* fed again */
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM number_period"), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("provenance");
	TCase *tc = tcase_create("provenance");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_value_tells_when_how_and_under_which_consent);
	tcase_add_test(tc, where_values_come_from_is_a_word);
	tcase_add_test(tc, history_has_what_was_replaced_and_nothing_else);
	tcase_add_test(tc, promise_8_a_withdrawn_consent_takes_its_values_and_their_history);
	tcase_add_test(tc, consents_keep_version_proof_and_source);
	tcase_add_test(tc, promise_7_stop_withdraws_what_is_for_marketing);
	tcase_add_test(tc, promise_7_stop_in_the_middle_of_a_batch);
	tcase_add_test(tc, promise_7_no_marketing_is_agreed_to_after_stop);
	tcase_add_test(tc, a_consent_that_is_over_does_not_stand);
	tcase_add_test(tc, whose_consent_is_over_is_registered_no_more);
	tcase_add_test(tc, the_store_takes_only_what_the_field_takes);
	tcase_add_test(tc, only_who_is_registered_is_verified);
	tcase_add_test(tc, what_was_proven_and_changes_is_declared_again);
	tcase_add_test(tc, another_sim_is_not_the_one_that_was_shown);
	tcase_add_test(tc, a_number_that_is_given_up_leaves_its_period);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
