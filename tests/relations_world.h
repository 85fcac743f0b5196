/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of relations and referrals share: people, an invitation, what each of them does, and what is looked at. */
#ifndef STARHASH_TESTS_RELATIONS_WORLD_H
#define STARHASH_TESTS_RELATIONS_WORLD_H

#include "storage/store_limits.h"
#include "storage/store_notices.h"
#include "storage/store_relations.h"
#include "tests/store_world.h"

#define DAY_MS INT64_C(86400000)
#define WEEK (7 * DAY_MS)
#define JANE INT64_C(254700000801)
#define JOHN INT64_C(254700000802)
#define MARY INT64_C(254700000803)

static struct world world;

static inline void setup(void)
{
	world_init(&world);
	world_open(&world);
}

static inline void teardown(void)
{
	world_end(&world);
}

static inline int64_t now(void)
{
	return clock_utc_ms(&world.clock.clock);
}

static inline struct store_batch *batch(int64_t msisdn)
{
	struct store_batch *b = store_batch_new(msisdn, now());

	ck_assert_ptr_nonnull(b);
	return b;
}

static const struct store_invite_words words[] = {
	{"en", "{other} asks you. YES or NO", "You are with {other}", "{other} is not told", "{other} joined",
         "{other} left"},
	{"sw", "{other} anakualika. NDIYO au HAPANA", "Uko na {other}", "{other} hataambiwa",
         "{other} amejiunga", "{other} ameondoka"},
};

static inline struct store_invite invitation(int64_t msisdn)
{
	return (struct store_invite){.type = "household",
	                             .msisdn = msisdn,
	                             .words = "They see your number. Leave: *150*2#",
	                             .version = "0011aabb",
	                             .asked_version = "ccdd2233",
	                             .language = "en",
	                             .channel = STORE_CH_USSD,
	                             .route = "0 0 150 1 1 {other} @home",
	                             .n = 2,
	                             .in = words,
	                             .most = 3,
	                             .per_day = 4,
	                             .asked_per_day = 5,
	                             .lasts_ms = WEEK,
	                             .again_after_ms = 30 * DAY_MS};
}

static inline enum store_relation invite_with(int64_t from, const struct store_invite *i)
{
	struct store_batch *b = batch(from);
	struct store_result r;

	ck_assert_int_eq(store_batch_invite(b, i), RC_OK);
	r = world_write(&world, b);
	ck_assert_int_eq(r.rc, RC_OK);
	return r.relation;
}

static inline enum store_relation invite(int64_t from, int64_t to)
{
	const struct store_invite i = invitation(to);

	return invite_with(from, &i);
}

/* What was said is copied: it is the callback's. */
static char said[STORE_TEXT_MAX + 1];

static inline void on_answered(void *ctx, const struct store_result *r)
{
	*(struct store_result *)ctx = *r;
	snprintf(said, sizeof said, "%s", r->said ? r->said : "");
}

static inline struct store_result answer(int64_t from, bool yes)
{
	struct store_batch *b = batch(from);
	struct store_result r = {.rc = RC_IO};

	ck_assert_int_eq(store_batch_answer(b, yes, STORE_CH_SMS, "0 0 150 1 1 {other} @home"), RC_OK);
	ck_assert_int_eq(store_write(world.store, b, on_answered, &r), RC_OK);
	store_wait(world.store);
	ck_assert_int_eq(r.rc, RC_OK);
	return r;
}

static inline enum store_relation leave(int64_t from, int64_t with)
{
	struct store_batch *b = batch(from);

	ck_assert_int_eq(store_batch_leave(b, "household", with, "Leave?", "en", STORE_CH_USSD,
	                                   "0 0 150 1 1 {other} @home"),
	                 RC_OK);
	return world_write(&world, b).relation;
}

static inline void stop(int64_t msisdn, bool stopped)
{
	struct store_batch *b = batch(msisdn);

	ck_assert_int_eq(store_batch_stop(b, stopped), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
}

static inline void erase(int64_t msisdn)
{
	struct store_batch *b = batch(msisdn);

	ck_assert_int_eq(store_batch_erase(b, STORE_CH_USSD, "asked on the phone"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
}

static inline void register_all(int64_t msisdn)
{
	struct store_batch *b = batch(msisdn);

	ck_assert_int_eq(
		store_batch_consent(b, "profile", STORE_CONSENT_GRANTED, "Agree?", "en", STORE_CH_USSD),
		RC_OK);
	ck_assert_int_eq(store_batch_save(b, FIELD_NAME, "Asha"), RC_OK);
	ck_assert_int_eq(store_batch_save(b, FIELD_TOWN, "Kisumu"), RC_OK);
	ck_assert(world_write(&world, b).registered);
}

static inline void withdraw_all(int64_t msisdn)
{
	struct store_batch *b = batch(msisdn);

	ck_assert_int_eq(store_batch_consent(b, "profile", STORE_CONSENT_WITHDRAWN, "", "en", STORE_CH_USSD),
	                 RC_OK);
	ck_assert(!world_write(&world, b).registered);
}

static inline enum store_relation refer(int64_t from, int64_t by)
{
	struct store_batch *b = batch(from);

	ck_assert_int_eq(store_batch_refer(b, by), RC_OK);
	return world_write(&world, b).relation;
}

static inline int64_t sql(const char *text)
{
	return world_sql(&world, text);
}

/* How many SMS with this text wait for this number. */
static inline int64_t sms(int64_t msisdn, const char *text)
{
	char query[600];

	snprintf(
		query, sizeof query,
		"SELECT count(*) FROM outbox o JOIN subscriber s ON s.id = o.subscriber WHERE s.msisdn = %lld "
		"AND o.text <> '' AND o.state = 'pending' AND plain(o.subscriber, 'outbox.text', o.text) = '%s'",
		(long long)msisdn, text);
	return sql(query);
}

static inline int64_t related(int64_t msisdn)
{
	char query[100];

	snprintf(query, sizeof query, "SELECT related FROM subscriber WHERE msisdn = %lld",
	         (long long)msisdn);
	return sql(query);
}

static inline void on_number(void *ctx, const struct store_number_result *r)
{
	(void)ctx;
	ck_assert_int_eq(r->rc, RC_OK);
}

static int64_t expired;

static inline void on_expired(void *ctx, enum rc rc, int64_t n)
{
	(void)ctx;
	ck_assert_int_eq(rc, RC_OK);
	expired = n;
}

static inline void expire(void)
{
	ck_assert_int_eq(store_relations_expire(world.store, on_expired, NULL), RC_OK);
	store_wait(world.store);
}

#endif
