/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports: one subscriber whole, all of them in order, the counts; beside a running store and without one. */
#include "storage/query.h"

#include "tests/store_world.h"

#define SUBSCRIBERS 50

static struct world world;
static struct query *query;

static void open_query(void)
{
	ck_assert_msg(query_open(world.path, &world.profile, &query, world.why, sizeof world.why) == RC_OK,
	              "%s", world.why);
}

static void setup(void)
{
	world_init(&world);
	world_open(&world);
	for (int i = 0; i < SUBSCRIBERS; i++)
		ck_assert_int_eq(store_write(world.store, world_registration(WORLD_MSISDN + i), NULL, NULL),
		                 RC_OK);
	ck_assert_int_eq(store_write(world.store, world_batch(WORLD_MSISDN - 1), NULL, NULL),
	                 RC_OK); /* anonymous */
	store_wait(world.store);
	open_query();
}

static void teardown(void)
{
	query_close(query);
	world_end(&world);
}

static bool check_one(void *ctx, const struct query_subscriber *s)
{
	int *calls = ctx;

	(*calls)++;
	ck_assert_int_eq(record_msisdn(s->record), WORLD_MSISDN);
	ck_assert(record_is_registered(s->record));
	ck_assert_str_eq(record_value(s->record, FIELD_TOWN), "Kisumu");
	ck_assert_uint_eq(s->n_consents, 2);
	ck_assert_str_eq(s->consent[0].purpose, "profile");
	ck_assert_str_eq(s->consent[0].state, "granted");
	ck_assert_str_eq(s->consent[0].words, "Agree?");
	ck_assert_str_eq(s->consent[0].channel, "ussd");
	ck_assert_int_eq(s->consent[0].at_ms, WORLD_NOW);
	ck_assert_str_eq(s->consent[1].state, "refused"); /* oldest first */
	ck_assert_uint_eq(s->n_grants, 1);
	ck_assert_str_eq(s->grant[0].bundle, "100MB");
	ck_assert_str_eq(s->grant[0].key, "join");
	ck_assert_str_eq(s->grant[0].gives, "100 MB");
	ck_assert_str_eq(s->grant[0].state, "granted");
	ck_assert_int_eq(s->grant[0].expires_ms, WORLD_NOW + 604800000);
	ck_assert_uint_eq(s->n_interactions, 1);
	ck_assert_str_eq(s->interaction[0].service, "join");
	ck_assert_str_eq(s->interaction[0].outcome, "completed");
	ck_assert(s->interaction[0].inbound);
	ck_assert_int_eq(s->interaction[0].steps, 6);
	return true;
}

START_TEST(test_one)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);
	int calls = 0;

	ck_assert_int_eq(store_batch_consent(b, "calls", STORE_CONSENT_REFUSED, "Calls?", "en", STORE_CH_SMS),
	                 RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert_int_eq(query_by_msisdn(query, WORLD_MSISDN, check_one, &calls), RC_OK);
	ck_assert_int_eq(calls, 1);
	world_close(&world); /* and without a running store */
	query_close(query);
	open_query();
	ck_assert_int_eq(query_by_msisdn(query, WORLD_MSISDN, check_one, &calls), RC_OK);
	ck_assert_int_eq(calls, 2);
	ck_assert_int_eq(query_by_msisdn(query, 254799999999, check_one, &calls), RC_NOTFOUND);
	ck_assert_int_eq(query_by_msisdn(query, 0, check_one, &calls), RC_NOTFOUND);
	ck_assert_int_eq(calls, 2);
}
END_TEST

struct walk_all {
	int n, stop_at;
	int64_t last_id;
	bool brief, wrong;
	struct world *write_to; /* a store that is written from within the callback */
};

static bool check_each(void *ctx, const struct query_subscriber *s)
{
	struct walk_all *w = ctx;
	bool known = record_is_registered(s->record);

	w->wrong |= record_id(s->record) <= w->last_id;
	w->wrong |= s->n_interactions != (w->brief || !known ? 0u : 1u);
	w->wrong |= s->n_grants != (known ? 1u : 0u) || s->n_consents != (known ? 1u : 0u);
	w->last_id = record_id(s->record);
	if (w->write_to)
		w->wrong |= world_write(w->write_to, world_batch(record_msisdn(s->record))).rc != RC_OK;
	return ++w->n != w->stop_at;
}

START_TEST(test_each)
{
	struct walk_all all = {0}, brief = {.brief = true}, some = {.stop_at = 7},
			writing = {.write_to = &world};

	ck_assert_int_eq(query_each(query, false, check_each, &all), RC_OK);
	ck_assert_int_eq(all.n, SUBSCRIBERS + 1);
	ck_assert_int_eq(query_each(query, true, check_each, &brief), RC_OK);
	ck_assert_int_eq(brief.n, SUBSCRIBERS + 1);
	ck_assert_int_eq(query_each(query, false, check_each, &some), RC_OK);
	ck_assert_int_eq(some.n, 7);
	ck_assert_int_eq(query_each(query, false, check_each, &writing),
	                 RC_OK); /* no lock during the callback */
	ck_assert_int_eq(writing.n, SUBSCRIBERS + 1);
	ck_assert(!all.wrong && !brief.wrong && !some.wrong && !writing.wrong);
}
END_TEST

START_TEST(test_counts)
{
	struct query_counts c;

	ck_assert_int_eq(query_counts_read(query, &c), RC_OK);
	ck_assert_int_eq(c.subscribers, SUBSCRIBERS + 1);
	ck_assert_int_eq(c.registered, SUBSCRIBERS);
	ck_assert_int_eq(c.grants_granted, SUBSCRIBERS);
	ck_assert_int_eq(c.ledger_postings, SUBSCRIBERS);
	ck_assert_int_eq(c.grants_pending + c.grants_rejected + c.grants_unknown, 0);
	ck_assert_int_eq(c.interactions, SUBSCRIBERS);
	ck_assert_int_eq(c.consents, SUBSCRIBERS);
	ck_assert_int_eq(c.notices_pending, SUBSCRIBERS);
	store_notice_done(world.store, 1, STORE_NOTICE_SENT);
	store_notice_done(world.store, 2, STORE_NOTICE_REJECTED);
	store_notice_done(world.store, 3, STORE_NOTICE_UNKNOWN);
	ck_assert_int_eq(world_exec(&world, "UPDATE grants SET state = 'unknown' WHERE id = 4"), SQLITE_OK);
	store_wait(world.store);
	ck_assert_int_eq(query_counts_read(query, &c), RC_OK);
	ck_assert_int_eq(c.notices_pending, SUBSCRIBERS - 3);
	ck_assert_int_eq(c.notices_sent, 1);
	ck_assert_int_eq(c.notices_rejected, 1);
	ck_assert_int_eq(c.notices_unknown, 1);
	ck_assert_int_eq(c.grants_unknown, 1);
}
END_TEST

static bool check_newest(void *ctx, const struct query_subscriber *s)
{
	(void)ctx;
	ck_assert_uint_eq(s->n_interactions, QUERY_MAX_INTERACTIONS);
	ck_assert_int_eq(s->interaction[0].steps, 149);
	ck_assert_int_eq(s->interaction[99].steps, 50);
	return true;
}

START_TEST(test_many_interactions)
{
	for (int i = 0; i < 150; i++) {
		struct store_interaction one = {.channel = STORE_CH_SMS,
		                                .service = "",
		                                .last_screen = "",
		                                .language = "",
		                                .steps = i};
		struct store_batch *b = world_batch(WORLD_MSISDN);

		ck_assert_int_eq(store_batch_interaction(b, &one), RC_OK);
		ck_assert_int_eq(store_write(world.store, b, NULL, NULL), RC_OK);
	}
	store_wait(world.store);
	ck_assert_int_eq(query_by_msisdn(query, WORLD_MSISDN, check_newest, NULL), RC_OK);
}
END_TEST

START_TEST(test_cannot_open)
{
	struct query *q = NULL;
	char path[400];

	(void)snprintf(path, sizeof path, "%s/none.db", world.folder);
	ck_assert_int_eq(query_open(path, &world.profile, &q, world.why, sizeof world.why), RC_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(world.why, "start starhashd"));
	ck_assert_int_ne(access(path, F_OK), 0); /* asking makes no file */
	world_close(&world);
	ck_assert_int_eq(world_exec(&world, "PRAGMA user_version = 99"), SQLITE_OK);
	ck_assert_int_eq(query_open(world.path, &world.profile, &q, world.why, sizeof world.why), RC_STATE);
	ck_assert_int_eq(world_exec(&world, "PRAGMA user_version = 0"), SQLITE_OK);
	ck_assert_int_eq(query_open(world.path, &world.profile, &q, world.why, sizeof world.why), RC_STATE);
	ck_assert_int_eq(query_open("/", &world.profile, &q, world.why, sizeof world.why), RC_IO);
	ck_assert_ptr_null(q);
}
END_TEST

struct screens_seen {
	int n;
	struct store_screen_count home;
};

static bool see_screen(void *ctx, const struct store_screen_count *c)
{
	struct screens_seen *s = ctx;

	s->n++;
	ck_assert_str_eq(c->service, "join");
	if (strcmp(c->screen, "home") == 0)
		s->home = *c;
	return true;
}

START_TEST(test_screens)
{
	struct store_screen_count c[2] = {
		{.service = "join",
	         .screen = "home",
	         .entered = 5,
	         .bad_inputs = 1,
	         .answered = 4,
	         .ms_sum = 9000},
		{.service = "join", .screen = "name", .entered = 3},
	};
	struct screens_seen seen = {0};

	c[0].drops[STORE_DROP_APP] = 2;
	c[0].ms_bucket[0] = 3;
	c[0].ms_bucket[11] = 1;
	ck_assert_int_eq(store_screens_add(world.store, c, 2), RC_OK);
	ck_assert_int_eq(store_screens_add(world.store, c, 2), RC_OK);
	clock_fake_advance(&world.clock, INT64_C(86400000)); /* the next day: another row, the same sum */
	ck_assert_int_eq(store_screens_add(world.store, c, 1), RC_OK);
	(void)snprintf(c[0].service, sizeof c[0].service, "other");
	ck_assert_int_eq(store_screens_add(world.store, c, 1), RC_OK);
	store_wait(world.store);
	ck_assert_int_eq(world_sql(&world, "SELECT count(*) FROM screen_count"), 4);
	ck_assert_int_eq(query_screens(query, "join", 0, see_screen, &seen), RC_OK);
	ck_assert_int_eq(seen.n, 2);
	ck_assert_int_eq(seen.home.entered, 15);
	ck_assert_int_eq(seen.home.bad_inputs, 3);
	ck_assert_int_eq(seen.home.answered, 12);
	ck_assert_int_eq(seen.home.ms_sum, 27000);
	ck_assert_int_eq(seen.home.drops[STORE_DROP_APP], 6);
	ck_assert_int_eq(seen.home.drops[STORE_DROP_CANCEL], 0);
	ck_assert_int_eq(seen.home.ms_bucket[0], 9);
	ck_assert_int_eq(seen.home.ms_bucket[11], 3);
	/* Days are counted back from today. */
	ck_assert_int_eq(world_exec(&world, "UPDATE screen_count SET day = strftime('%s', 'now') / 86400 - 7 "
	                                    "WHERE screen = 'name'"),
	                 SQLITE_OK);
	ck_assert_int_eq(world_exec(&world, "UPDATE screen_count SET day = strftime('%s', 'now') / 86400 "
	                                    "WHERE screen = 'home' AND service = 'join' AND entered = 5"),
	                 SQLITE_OK);
	seen = (struct screens_seen){0};
	ck_assert_int_eq(query_screens(query, "join", 7, see_screen, &seen), RC_OK);
	ck_assert_int_ge(seen.n, 1);
	ck_assert_int_ge(seen.home.entered, 5);
	seen = (struct screens_seen){0};
	ck_assert_int_eq(query_screens(query, "nobody", 0, see_screen, &seen), RC_OK);
	ck_assert_int_eq(seen.n, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("query");
	TCase *tc = tcase_create("query");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_one);
	tcase_add_test(tc, test_screens);
	tcase_add_test(tc, test_each);
	tcase_add_test(tc, test_counts);
	tcase_add_test(tc, test_many_interactions);
	tcase_add_test(tc, test_cannot_open);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
