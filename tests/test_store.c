/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data of a store: what is written is read again, and what may not be written is refused whole. Its queue and threads:
 * test_store_port.c. */
#include "storage/store.h"

#include "storage/store_notices.h"
#include "tests/store_world.h"

static struct world world;

static void setup(void)
{
	world_init(&world);
	world_open(&world);
}

static void teardown(void)
{
	world_end(&world);
}

START_TEST(test_unknown_subscriber)
{
	struct world_found f = world_find(&world, WORLD_MSISDN);

	ck_assert_int_eq(f.rc, RC_OK);
	ck_assert_int_eq(record_id(f.record), 0);
	ck_assert_int_eq(record_msisdn(f.record), WORLD_MSISDN);
	ck_assert(!record_is_registered(f.record));
	ck_assert_str_eq(f.resume.service, "");
	record_free(f.record);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber"),
	                 0); /* asking leaves no trace */
}
END_TEST

START_TEST(test_registration)
{
	struct store_result r = world_write(&world, world_registration(WORLD_MSISDN));
	struct world_found f;

	ck_assert_int_eq(r.rc, RC_OK);
	ck_assert_int_gt(r.subscriber, 0);
	ck_assert(r.registered && r.registered_now);
	ck_assert_int_eq(r.grant, STORE_GRANT_GRANTED);
	ck_assert(!r.grant_existed);
	ck_assert_int_gt(r.notice, 0);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert_int_eq(record_id(f.record), r.subscriber);
	ck_assert_int_eq(record_state(f.record), SUBSCRIBER_DECLARED);
	ck_assert_str_eq(record_language(f.record), "en");
	ck_assert_str_eq(record_value(f.record, FIELD_NAME), "Asha");
	ck_assert_str_eq(record_value(f.record, FIELD_TOWN), "Kisumu");
	ck_assert_ptr_null(record_value(f.record, FIELD_NOTE));
	ck_assert(record_has_consent(f.record, "profile"));
	ck_assert(!record_has_consent(f.record, "marketing"));
	ck_assert_int_eq(record_first_seen_ms(f.record), WORLD_NOW);
	record_free(f.record);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger JOIN grants ON grant_id = id"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT expires - at FROM grants"), 604800000);
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT count(*) FROM consent WHERE words = 'Agree?' AND language = 'en'"
	                           " AND channel = 'ussd' AND state = 'granted'"),
	                 1);
	ck_assert_int_eq(
		world_sql(&world,
	                  "SELECT count(*) FROM interaction WHERE steps = 6 AND outcome = 'completed'"),
		1);
}
END_TEST

/* Promise 2: a key gives once, whoever asks again and however the batches are grouped. */
START_TEST(test_second_give)
{
	struct store_result r = world_write(&world, world_registration(WORLD_MSISDN));

	ck_assert_int_eq(r.rc, RC_OK);
	r = world_write(&world, world_registration(WORLD_MSISDN));
	ck_assert_int_eq(r.rc, RC_OK);
	ck_assert(r.registered && !r.registered_now);
	ck_assert(r.grant_existed);
	ck_assert_int_eq(r.grant, STORE_GRANT_GRANTED);
	ck_assert_int_eq(r.notice, 0); /* if_given */
	for (int i = 0; i < 50; i++)   /* most of these share a transaction */
		ck_assert_int_eq(
			store_write(world.store, world_registration(WORLD_MSISDN + i % 5), NULL, NULL),
			RC_OK);
	store_wait(world.store);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"), 5);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 5);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox"), 5);
}
END_TEST

/* A key that is in doubt stays in doubt: nothing is posted. */
START_TEST(test_give_of_uncertain_key)
{
	struct store_result r = world_write(&world, world_batch(WORLD_MSISDN));
	struct store_batch *b;

	ck_assert_int_eq(r.rc, RC_OK);
	ck_assert_int_eq(world_exec(&world, "INSERT INTO grants (subscriber, key, bundle, gives, state, at)"
	                                    " VALUES (1, 'join', '100MB', '100 MB', 'unknown', 1)"),
	                 SQLITE_OK);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_notice(b, "before", true), RC_OK);
	ck_assert_int_eq(store_batch_give(b, "100MB", "join", "100 MB", 0), RC_OK);
	ck_assert_int_eq(store_batch_notice(b, "always", false), RC_OK);
	r = world_write(&world, b);
	ck_assert_int_eq(r.grant, STORE_GRANT_UNKNOWN);
	ck_assert(r.grant_existed);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 0);
	ck_assert_int_eq(
		world_sql(
			&world,
			"SELECT count(*) FROM outbox WHERE plain(subscriber, 'outbox.text', text) = 'always'"),
		1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox"), 1);
}
END_TEST

/* Promise 8: a value without its consent refuses the batch, whole, and does not harm those beside it. */
START_TEST(test_no_value_without_consent)
{
	struct world_written bad = {0}, good = {0};
	struct store_batch *b = world_batch(WORLD_MSISDN);

	ck_assert_int_eq(store_batch_language(b, "sw"), RC_OK);
	ck_assert_int_eq(store_batch_consent(b, "marketing", STORE_CONSENT_GRANTED, "w", "en", STORE_CH_SMS),
	                 RC_OK);
	ck_assert_int_eq(store_batch_give(b, "100MB", "join", "100 MB", 0), RC_OK);
	ck_assert_int_eq(store_batch_save(b, FIELD_NAME, "Asha"), RC_OK);
	ck_assert_int_eq(
		store_batch_consent(b, "profile", STORE_CONSENT_GRANTED, "late", "en", STORE_CH_USSD), RC_OK);
	ck_assert_int_eq(store_write(world.store, b, world_on_written, &bad), RC_OK);
	ck_assert_int_eq(
		store_write(world.store, world_registration(WORLD_MSISDN + 1), world_on_written, &good),
		RC_OK);
	store_wait(world.store);
	ck_assert_int_eq(bad.calls, 1);
	ck_assert_int_eq(bad.result.rc, RC_STATE);
	ck_assert_int_eq(good.result.rc, RC_OK);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM subscriber WHERE msisdn = 254700000001"), 0);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent"), 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM grants"), 1);
	ck_assert(!store_is_failing(world.store)); /* a refusal is not a fault of the disk */
}
END_TEST

START_TEST(test_withdrawn_consent)
{
	struct store_result r = world_write(&world, world_registration(WORLD_MSISDN));
	struct store_batch *b = world_batch(WORLD_MSISDN);
	struct world_found f;

	ck_assert_int_eq(r.rc, RC_OK);
	ck_assert_int_eq(store_batch_consent(b, "profile", STORE_CONSENT_WITHDRAWN, "", "en", STORE_CH_USSD),
	                 RC_OK);
	r = world_write(&world, b);
	ck_assert(!r.registered && !r.registered_now);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert(!record_has_consent(f.record, "profile"));
	ck_assert(!record_is_registered(f.record));
	ck_assert_ptr_null(record_value(f.record, FIELD_NAME)); /* what was told under it is gone with it */
	record_free(f.record);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_save(b, FIELD_TOWN, "Nairobi"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_STATE);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_save(b, FIELD_TOWN, NULL), RC_OK); /* forgetting needs no consent */
	ck_assert_int_eq(store_batch_save(b, FIELD_NOTE, "free"),
	                 RC_OK); /* nor does a field that asks none */
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_consent(b, "profile", STORE_CONSENT_GRANTED, "w2", "en", STORE_CH_USSD),
	                 RC_OK);
	r = world_write(&world, b);
	ck_assert(!r.registered); /* nothing that was told before comes back with it */
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_save(b, FIELD_NAME, "Asha"), RC_OK);
	ck_assert_int_eq(store_batch_save(b, FIELD_TOWN, "Nairobi"), RC_OK);
	r = world_write(&world, b);
	ck_assert(r.registered && r.registered_now);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent"), 3);
}
END_TEST

START_TEST(test_many_purposes)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);
	struct world_found f;
	char name[16];

	for (int i = 0; i < RECORD_MAX_CONSENTS; i++) {
		(void)snprintf(name, sizeof name, "p%d", i);
		ck_assert_int_eq(
			store_batch_consent(b, name, STORE_CONSENT_GRANTED, "w", "en", STORE_CH_USSD), RC_OK);
	}
	ck_assert_int_eq(store_batch_consent(b, "p3", STORE_CONSENT_REFUSED, "w", "en", STORE_CH_USSD),
	                 RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	f = world_find(&world, WORLD_MSISDN);
	for (int i = 0; i < RECORD_MAX_CONSENTS; i++) {
		(void)snprintf(name, sizeof name, "p%d", i);
		ck_assert_int_eq(record_has_consent(f.record, name), i != 3);
	}
	record_free(f.record);
}
END_TEST

START_TEST(test_erase)
{
	struct store_result r = world_write(&world, world_registration(WORLD_MSISDN));
	struct store_batch *b = world_batch(WORLD_MSISDN);
	struct world_found f;

	ck_assert_int_eq(r.rc, RC_OK);
	ck_assert_int_eq(store_batch_save(b, FIELD_NOTE, "secret"), RC_OK);
	ck_assert_int_eq(store_batch_resume(b, "join", "town"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_OPERATOR, "asked by letter"), RC_OK);
	r = world_write(&world, b);
	ck_assert_int_eq(r.rc, RC_OK);
	ck_assert(!r.registered);
	f = world_find(&world, WORLD_MSISDN);
	for (size_t i = 0; i < FIELD_COUNT; i++)
		ck_assert_ptr_null(record_value(f.record, i));
	ck_assert_str_eq(record_language(f.record), "");
	ck_assert_str_eq(f.resume.service, "");
	ck_assert(!record_has_consent(f.record, "profile"));
	record_free(f.record);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox WHERE text <> ''"), 0);
	ck_assert_int_eq(world_sql(&world,
	                           "SELECT count(*) FROM audit WHERE actor = 'operator' AND action = 'erase'"
	                           " AND subject = 1 AND reason = 'asked by letter'"),
	                 1);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent WHERE state = 'withdrawn'"
	                                   " AND channel = 'operator'"),
	                 1);
	/* registering again is welcome; a second bonus is not */
	r = world_write(&world, world_registration(WORLD_MSISDN));
	ck_assert(r.registered_now);
	ck_assert(r.grant_existed);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM ledger"), 1);
	/* erasing twice withdraws only what stands */
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_USSD, ""), RC_OK);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_USSD, ""), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM consent WHERE state = 'withdrawn'"), 2);
}
END_TEST

START_TEST(test_small_facts)
{
	struct store_batch *b = store_batch_new(WORLD_MSISDN, WORLD_NOW);
	struct world_found f;

	ck_assert_int_eq(store_batch_stop(b, true), RC_OK);
	ck_assert_int_eq(store_batch_resume(b, "join", "town"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	b = store_batch_new(WORLD_MSISDN, WORLD_NOW + 500);
	ck_assert_int_eq(store_batch_seen(b), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	b = store_batch_new(WORLD_MSISDN, WORLD_NOW + 100); /* a clock that went back */
	ck_assert_int_eq(store_batch_seen(b), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert(record_is_stopped(f.record));
	ck_assert_str_eq(f.resume.service, "join");
	ck_assert_str_eq(f.resume.screen, "town");
	ck_assert_int_eq(f.resume.at_ms, WORLD_NOW);
	ck_assert_int_eq(record_first_seen_ms(f.record), WORLD_NOW);
	ck_assert_int_eq(record_last_seen_ms(f.record), WORLD_NOW + 500);
	record_free(f.record);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_resume(b, "", ""), RC_OK);
	ck_assert_int_eq(store_batch_stop(b, false), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	f = world_find(&world, WORLD_MSISDN);
	ck_assert(!record_is_stopped(f.record));
	ck_assert_str_eq(f.resume.service, "");
	record_free(f.record);
}
END_TEST

START_TEST(test_batch_bounds)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);
	char longest[STORE_TEXT_MAX + 2];

	memset(longest, 'x', sizeof longest);
	longest[STORE_TEXT_MAX + 1] = '\0';
	ck_assert_int_eq(store_batch_notice(b, longest, false), RC_RANGE);
	ck_assert_int_eq(store_batch_language(b, "much too long"), RC_RANGE);
	ck_assert_int_eq(store_batch_save(b, PROFILE_MAX_FIELDS, "x"), RC_RANGE);
	ck_assert_int_eq(store_batch_consent(b, "", STORE_CONSENT_GRANTED, "", "", STORE_CH_SMS), RC_RANGE);
	ck_assert_int_eq(store_batch_give(b, "b", "k", "g", 0), RC_OK);
	ck_assert_int_eq(store_batch_give(b, "b", "k2", "g", 0), RC_FULL);
	longest[STORE_TEXT_MAX] = '\0';
	for (int i = 1; i < STORE_BATCH_OPS; i++)
		ck_assert_int_eq(
			store_batch_consent(b, "p", STORE_CONSENT_GRANTED, longest, "en", STORE_CH_SMS),
			RC_OK);
	ck_assert_int_eq(store_batch_seen(b), RC_FULL);
	ck_assert_int_eq(store_batch_consent(b, "p", STORE_CONSENT_GRANTED, "", "en", STORE_CH_SMS), RC_FULL);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	store_batch_free(NULL);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_save(b, FIELD_COUNT, "x"),
	                 RC_OK); /* known to be wrong only by the store */
	ck_assert_int_eq(world_write(&world, b).rc, RC_RANGE);
}
END_TEST

/* Promise 1, 2: what a notice came to; one left over from an earlier run is in doubt, and said to be. */
START_TEST(test_notices)
{
	int64_t a = world_write(&world, world_registration(WORLD_MSISDN)).notice;
	struct store_batch *other = world_registration(WORLD_MSISDN + 1);
	int64_t b;

	ck_assert_int_eq(store_batch_route(other, "", true), RC_OK); /* it is handed to a link at once */
	b = world_write(&world, other).notice;
	store_notice_done(world.store, a, STORE_NOTICE_SENT);
	store_wait(world.store);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox WHERE state = 'sent' AND text = ''"
	                                   " AND attempts = 1 AND settled > 0"),
	                 1);
	store_notice_done(world.store, a, STORE_NOTICE_REJECTED); /* final is final */
	store_wait(world.store);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox WHERE state = 'sent'"), 1);
	world_close(&world);
	world_open(&world);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox WHERE state = 'unknown'"), 1);
	store_notice_done(world.store, b, STORE_NOTICE_SENT); /* a late receipt makes it certain */
	store_wait(world.store);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM outbox WHERE state = 'sent' AND text = ''"),
	                 2);
}
END_TEST

/* The consent history, the ledger and the audit cannot be rewritten, not even by hand. */
START_TEST(test_append_only)
{
	static const char *const tries[] = {
		"UPDATE consent SET words = 'other'",
		"DELETE FROM consent",
		"UPDATE ledger SET at = 0",
		"DELETE FROM ledger",
		"DELETE FROM grants",
		"UPDATE audit SET reason = ''",
		"DELETE FROM audit",
	};
	struct store_batch *b;

	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	b = world_batch(WORLD_MSISDN);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_USSD, "r"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++)
		ck_assert_msg(world_exec(&world, tries[i]) == SQLITE_CONSTRAINT, "%s", tries[i]);
}
END_TEST

static bool file_holds(const char *path, const char *suffix, const char *needle)
{
	static char bytes[1 << 20];
	char name[400];
	FILE *f;
	size_t n;

	(void)snprintf(name, sizeof name, "%s%s", path, suffix);
	f = fopen(name, "rb");
	if (f == NULL)
		return false;
	n = fread(bytes, 1, sizeof bytes, f);
	(void)fclose(f);
	for (size_t i = 0; i + strlen(needle) <= n; i++)
		if (memcmp(bytes + i, needle, strlen(needle)) == 0)
			return true;
	return false;
}

/* What was erased is gone from the file and from the WAL while the store is still open; what is private was never there. */
START_TEST(test_erased_leaves_no_byte)
{
	struct store_batch *b = world_registration(WORLD_MSISDN);

	ck_assert_int_eq(store_batch_save(b, FIELD_NAME, "Pemba Private"), RC_OK);
	ck_assert_int_eq(store_batch_save(b, FIELD_TOWN, "Zanzibar Quux"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert(file_holds(world.path, "-wal", "Zanzibar Quux") ||
	          file_holds(world.path, "", "Zanzibar Quux"));
	ck_assert(!file_holds(world.path, "-wal", "Pemba Private"));
	ck_assert(!file_holds(world.path, "", "Pemba Private"));
	b = store_batch_new(WORLD_MSISDN, WORLD_NOW);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_OPERATOR, "asked"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	/* Closing empties the WAL anyhow: a second batch shows that the first was scrubbed before. */
	b = store_batch_new(WORLD_MSISDN, WORLD_NOW);
	ck_assert_int_eq(store_batch_seen(b), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert(!file_holds(world.path, "-wal", "Zanzibar Quux"));
	ck_assert(!file_holds(world.path, "", "Zanzibar Quux"));
}
END_TEST

struct world_facts {
	int calls;
	enum rc rc;
	struct store_facts facts;
};

static void on_facts(void *ctx, enum rc rc, const struct store_facts *facts)
{
	struct world_facts *f = ctx;

	f->calls++;
	f->rc = rc;
	f->facts = *facts;
}

static struct store_facts facts_of(int64_t msisdn)
{
	struct world_facts got = {0};

	ck_assert_int_eq(store_facts_find(world.store, msisdn, on_facts, &got), RC_OK);
	store_wait(world.store);
	ck_assert_int_eq(got.calls, 1);
	ck_assert_int_eq(got.rc, RC_OK);
	ck_assert(!got.facts.has_balance); /* the ledger keeps no money */
	return got.facts;
}

START_TEST(test_facts)
{
	struct store_facts f = facts_of(WORLD_MSISDN);
	char key[24];

	ck_assert_uint_eq(f.n_bundles, 0); /* nobody knows this number */
	ck_assert_int_eq(world_write(&world, world_registration(WORLD_MSISDN)).rc, RC_OK);
	for (int i = 0; i < 10; i++) {
		struct store_batch *b = world_batch(WORLD_MSISDN);

		(void)snprintf(key, sizeof key, "key%d", i);
		ck_assert_int_eq(
			store_batch_give(b, "1GB", key, i == 9 ? "1 GB" : "small", i == 9 ? 0 : 1000), RC_OK);
		ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	}
	f = facts_of(WORLD_MSISDN);
	ck_assert_uint_eq(f.n_bundles, STORE_MAX_BUNDLES);
	ck_assert_str_eq(f.bundle[0].gives, "1 GB"); /* newest first */
	ck_assert_int_eq(f.bundle[0].expires_ms, 0);
	ck_assert_int_eq(f.bundle[1].expires_ms, WORLD_NOW + 1000);
	clock_fake_advance(&world.clock, 1000);
	f = facts_of(WORLD_MSISDN); /* what has expired is gone */
	ck_assert_uint_eq(f.n_bundles, 2);
	ck_assert_str_eq(f.bundle[1].gives, "100 MB");
	ck_assert_uint_eq(facts_of(WORLD_MSISDN + 1).n_bundles, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("store");
	TCase *tc = tcase_create("store");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_unknown_subscriber);
	tcase_add_test(tc, test_registration);
	tcase_add_test(tc, test_second_give);
	tcase_add_test(tc, test_give_of_uncertain_key);
	tcase_add_test(tc, test_no_value_without_consent);
	tcase_add_test(tc, test_withdrawn_consent);
	tcase_add_test(tc, test_many_purposes);
	tcase_add_test(tc, test_erase);
	tcase_add_test(tc, test_small_facts);
	tcase_add_test(tc, test_batch_bounds);
	tcase_add_test(tc, test_notices);
	tcase_add_test(tc, test_append_only);
	tcase_add_test(tc, test_erased_leaves_no_byte);
	tcase_add_test(tc, test_facts);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
