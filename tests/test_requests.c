/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What subscribers ask for: kept once it was said (promise 1), one of a kind for each of them, settled once, with the audit to
 * show for it, and given up with the number that it would go to.
 */
#include "storage/query_requests.h"
#include "storage/store_limits.h"
#include "tests/store_world.h"

static struct world w;

static void setup(void)
{
	world_init(&w);
	world_open(&w);
}

static void teardown(void)
{
	world_end(&w);
}

static void ask(int64_t msisdn, int64_t at_ms)
{
	struct store_batch *b = store_batch_new(msisdn, at_ms);

	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(store_batch_copy(b, STORE_CH_USSD), RC_OK);
	ck_assert_int_eq(world_write(&w, b).rc, RC_OK);
}

struct list {
	size_t n;
	struct query_request r[8];
	char reason[8][100], actor[8][60];
};

static bool list_one(void *ctx, const struct query_request *r)
{
	struct list *l = ctx;

	ck_assert_uint_lt(l->n, 8);
	ck_assert_str_eq(r->what, "copy");
	ck_assert_str_eq(r->channel, "ussd");
	(void)snprintf(l->reason[l->n], sizeof l->reason[0], "%s", r->reason);
	(void)snprintf(l->actor[l->n], sizeof l->actor[0], "%s", r->actor);
	l->r[l->n++] = *r;
	return true;
}

static struct list look(bool all)
{
	struct list l = {0};
	struct query *q = NULL;

	ck_assert_int_eq(query_open(w.path, &w.profile, &q, w.why, sizeof w.why), RC_OK);
	ck_assert_int_eq(query_requests(q, all, list_one, &l), RC_OK);
	query_close(q);
	return l;
}

static enum rc done(int64_t id, int64_t at_ms)
{
	const struct audit_store store = {.path = w.path};
	const struct audit_row row = {
		.at_ms = at_ms, .actor = "care:jane", .action = "request done", .reason = "handed over"};

	return query_request_done(&store, id, &row, w.why, sizeof w.why);
}

START_TEST(asked_again_it_stays_one)
{
	struct list l;

	ck_assert_int_eq(world_write(&w, world_registration(WORLD_MSISDN)).rc, RC_OK);
	for (int i = 0; i < 3; i++)
		ask(WORLD_MSISDN, WORLD_NOW + i);
	ask(WORLD_MSISDN + 1, WORLD_NOW + 9); /* nothing is known of them, and they may ask all the same */
	world_close(&w);
	world_open(&w);
	l = look(false);
	ck_assert_uint_eq(l.n, 2);
	ck_assert_int_eq(l.r[0].msisdn, WORLD_MSISDN);
	ck_assert_int_eq(l.r[0].at_ms, WORLD_NOW);
	ck_assert_int_eq(l.r[0].last_ms, WORLD_NOW + 2);
	ck_assert_int_eq(l.r[0].times, 3);
	ck_assert_int_eq(l.r[0].done_ms, 0);
	ck_assert_int_eq(l.r[1].times, 1);
}
END_TEST

START_TEST(done_is_said_once_and_stands_in_the_audit)
{
	struct audit_sums sums;
	struct list l;

	ask(WORLD_MSISDN, WORLD_NOW);
	ck_assert_int_eq(done(look(false).r[0].id, WORLD_NOW + 5), RC_OK);
	ck_assert_uint_eq(look(false).n, 0);
	l = look(true);
	ck_assert_uint_eq(l.n, 1);
	ck_assert_int_eq(l.r[0].done_ms, WORLD_NOW + 5);
	ck_assert_str_eq(l.actor[0], "care:jane");
	ck_assert_str_eq(l.reason[0], "handed over");
	ck_assert_int_eq(
		world_sql(&w,
	                  "SELECT count(*) FROM audit WHERE action = 'request done' AND actor = 'care:jane' "
	                  "AND reason = 'handed over' AND subject = (SELECT subscriber FROM requests)"),
		1);
	ck_assert_int_eq(done(l.r[0].id, WORLD_NOW + 6), RC_EXISTS);
	ck_assert_ptr_nonnull(strstr(w.why, "closed already"));
	ck_assert_int_eq(done(77, WORLD_NOW + 6), RC_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(w.why, "no request has the id 77"));
	ck_assert_int_eq(world_sql(&w, "SELECT count(*) FROM audit WHERE action = 'request done'"), 1);
	{
		const struct audit_store store = {.path = w.path};

		ck_assert_int_eq(audit_verify(&store, NULL, NULL, NULL, &sums, w.why, sizeof w.why), RC_OK);
		ck_assert_int_eq(sums.faults, 0);
	}
	ask(WORLD_MSISDN, WORLD_NOW + 7); /* what was done is done: this is another one */
	ck_assert_uint_eq(look(false).n, 1);
	ck_assert_uint_eq(look(true).n, 2);
}
END_TEST

START_TEST(nobody_waits_for_who_was_erased)
{
	struct store_batch *b = world_batch(WORLD_MSISDN);
	struct list l;

	ask(WORLD_MSISDN, WORLD_NOW);
	ck_assert_int_eq(store_batch_erase(b, STORE_CH_USSD, "asked on the phone"), RC_OK);
	ck_assert_int_eq(world_write(&w, b).rc, RC_OK);
	l = look(true);
	ck_assert_uint_eq(l.n, 1);
	ck_assert_int_eq(l.r[0].msisdn, 0);
	ck_assert_int_ne(l.r[0].done_ms, 0);
	ck_assert_str_eq(l.reason[0], "erased");
	ck_assert_uint_eq(look(false).n, 0);
}
END_TEST

static void noted(void *ctx, const struct store_number_result *result)
{
	*(bool *)ctx = result->rc == RC_OK && result->detached;
}

/* Whoever has the number now must not get a copy of what is known of whoever had it. */
START_TEST(nobody_waits_for_who_gave_the_number_up)
{
	struct list l;
	bool detached = false;

	ask(WORLD_MSISDN, WORLD_NOW);
	ck_assert_int_eq(store_number_note(w.store, WORLD_MSISDN, STORE_NUMBER_RECYCLED, WORLD_NOW + 1000,
	                                   noted, &detached),
	                 RC_OK);
	store_wait(w.store);
	ck_assert(detached);
	l = look(true);
	ck_assert_uint_eq(l.n, 1);
	ck_assert_int_eq(l.r[0].msisdn, 0);
	ck_assert_str_eq(l.reason[0], "the number went to somebody else");
	ck_assert_uint_eq(look(false).n, 0);
	ask(WORLD_MSISDN, WORLD_NOW + 2000);
	l = look(false);
	ck_assert_uint_eq(l.n, 1);
	ck_assert_int_eq(l.r[0].msisdn, WORLD_MSISDN);
}
END_TEST

START_TEST(without_a_store_nothing_is_made)
{
	const struct audit_store none = {.path = "/nonexistent/test.db"};
	const struct audit_row row = {.at_ms = WORLD_NOW, .actor = "x", .action = "y", .reason = "z"};

	ck_assert_int_eq(query_request_done(&none, 1, &row, w.why, sizeof w.why), RC_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(w.why, "no such store"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("requests");
	TCase *tc = tcase_create("requests");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, asked_again_it_stays_one);
	tcase_add_test(tc, done_is_said_once_and_stands_in_the_audit);
	tcase_add_test(tc, nobody_waits_for_who_was_erased);
	tcase_add_test(tc, nobody_waits_for_who_gave_the_number_up);
	tcase_add_test(tc, without_a_store_nothing_is_made);
	suite_add_tcase(suite, tc);
	return world_run(suite);
}
