/* SPDX-License-Identifier: GPL-3.0-or-later */
/* respond = "after_submit": each response that was kept back leaves once, and never later than
 * RESPOND_WITHIN_MS. */
#include "gateway/respond.h"
#include "tests/run_suite.h"

#include <check.h>

static struct clock_fake fake;
static struct respond *r;
static int sent;
static uint32_t last_sequence, last_connection;
static int links[2];

static void on_send(void *ctx, void *link, uint32_t connection, uint32_t command_id, uint32_t sequence)
{
	ck_assert_ptr_eq(ctx, &sent);
	ck_assert(link == &links[0] || link == &links[1]);
	ck_assert_uint_eq(command_id, 5);
	sent++;
	last_sequence = sequence;
	last_connection = connection;
}

static void setup(void)
{
	clock_fake_init(&fake, 0);
	fake.now_mono_ms = 1000;
	sent = 0;
	ck_assert_int_eq(respond_new(&fake.clock, 3, on_send, &sent, &r), RC_OK);
}

static void teardown(void)
{
	respond_free(r);
}

static bool keep(int64_t msisdn, uint32_t sequence, int link)
{
	struct dialogue_input in = {.group = 1,
	                            .link = &links[link],
	                            .connection = 7,
	                            .sequence = sequence,
	                            .command_id = 5,
	                            .event = {.msisdn = msisdn}};

	return respond_keep(r, &in);
}

static struct respond_counters counters(void)
{
	struct respond_counters c;

	respond_counters_read(r, &c);
	return c;
}

START_TEST(after_the_answer_was_taken)
{
	ck_assert(keep(100, 11, 0));
	respond_answering(r, 1, 100, 501);
	ck_assert_int_eq(sent, 0);
	respond_sent(r, 999, false); /* of somebody else */
	ck_assert_int_eq(sent, 0);
	respond_sent(r, 501, false);
	ck_assert_int_eq(sent, 1);
	ck_assert_uint_eq(last_sequence, 11);
	ck_assert_uint_eq(last_connection, 7);
	respond_sent(r, 501, false);
	ck_assert_int_eq(sent, 1);
	ck_assert_uint_eq(counters().after, 1);
	ck_assert_uint_eq(counters().waiting, 0);
}
END_TEST

START_TEST(waits_on_through_a_retry)
{
	ck_assert(keep(100, 11, 0));
	respond_answering(r, 1, 100, 501);
	respond_sent(r, 501, true);
	ck_assert_int_eq(sent, 0);
	respond_answering(r, 1, 100, 502);
	respond_sent(r, 501, false);
	ck_assert_int_eq(sent, 0);
	respond_sent(r, 502, false);
	ck_assert_int_eq(sent, 1);
}
END_TEST

START_TEST(at_once_when_no_answer_leaves)
{
	ck_assert(keep(100, 11, 0));
	respond_unanswered(r, 2, 100); /* another group */
	ck_assert_int_eq(sent, 0);
	respond_unanswered(r, 1, 100);
	ck_assert_int_eq(sent, 1);
	ck_assert_uint_eq(counters().early, 1);
}
END_TEST

/* Promise 6: nobody's silence keeps an SMSC waiting for ever. */
START_TEST(not_longer_than_the_bound)
{
	ck_assert_int_eq(respond_tick(r), INT64_MAX);
	ck_assert(keep(100, 11, 0));
	clock_fake_advance(&fake, 10);
	ck_assert(keep(101, 12, 1));
	ck_assert_int_eq(respond_tick(r), 1000 + RESPOND_WITHIN_MS);
	fake.now_mono_ms = 1000 + RESPOND_WITHIN_MS;
	ck_assert_int_eq(respond_tick(r), 1010 + RESPOND_WITHIN_MS);
	ck_assert_int_eq(sent, 1);
	ck_assert_uint_eq(last_sequence, 11);
	ck_assert_uint_eq(counters().late, 1);
}
END_TEST

START_TEST(one_for_each_subscriber)
{
	ck_assert(keep(100, 11, 0));
	respond_answering(r, 1, 100, 501);
	ck_assert(keep(100, 12, 0));
	ck_assert_int_eq(sent, 1);
	ck_assert_uint_eq(last_sequence, 11);
	respond_sent(r, 501, false); /* the answer to the first: the second waits for its own */
	ck_assert_int_eq(sent, 1);
	ck_assert_uint_eq(counters().waiting, 1);
}
END_TEST

static void settle(int64_t msisdn, uint32_t sequence, bool comes, uint64_t token)
{
	struct dialogue_input in = {.group = 1,
	                            .link = &links[0],
	                            .connection = 7,
	                            .sequence = sequence,
	                            .command_id = 5,
	                            .event = {.msisdn = msisdn}};

	respond_settle(r, &in, comes, token);
}

/* The same input once more, while its answer is out: both responses leave when that one's fate is known. */
START_TEST(a_copy_shares_the_answer)
{
	ck_assert(keep(100, 11, 0));
	settle(100, 11, true, 0);
	respond_answering(r, 1, 100, 501);
	ck_assert(keep(100, 12, 0));
	ck_assert_int_eq(sent, 1); /* the first one's */
	settle(100, 12, true, 501);
	ck_assert_int_eq(sent, 1);
	respond_sent(r, 501, false);
	ck_assert_int_eq(sent, 2);
	ck_assert_uint_eq(last_sequence, 12);
	ck_assert_uint_eq(counters().after, 1);
}
END_TEST

/* Its answer is known, or there is none: nothing is left to wait for. */
START_TEST(a_late_copy_does_not_wait)
{
	ck_assert(keep(100, 11, 0));
	settle(100, 10, false, 0); /* of another input */
	ck_assert_int_eq(sent, 0);
	settle(100, 11, false, 0);
	ck_assert_int_eq(sent, 1);
	ck_assert_uint_eq(counters().waiting, 0);
	ck_assert_uint_eq(counters().early, 1);
	settle(100, 11, false, 0);
	ck_assert_int_eq(sent, 1);
}
END_TEST

/* One that has its own answer, or gets it soon, goes by that. */
START_TEST(a_new_input_waits_for_its_own)
{
	ck_assert(keep(100, 11, 0));
	respond_answering(r, 1, 100, 501);
	settle(100, 11, false, 0); /* said by the way, without a dialogue */
	ck_assert_int_eq(sent, 0);
	ck_assert(keep(100, 12, 0));
	settle(100, 12, true, 0); /* being made */
	respond_sent(r, 501, false);
	ck_assert_int_eq(sent, 1);
	respond_answering(r, 1, 100, 502);
	respond_sent(r, 502, false);
	ck_assert_int_eq(sent, 2);
}
END_TEST

START_TEST(what_does_not_fit_is_answered_now)
{
	for (int i = 0; i < 3; i++)
		ck_assert(keep(100 + i, 11, 0));
	ck_assert(!keep(200, 12, 0));
	ck_assert_uint_eq(counters().full, 1);
	ck_assert_int_eq(sent, 0);
	respond_all(r);
	ck_assert_int_eq(sent, 3);
	ck_assert(keep(200, 12, 0));
}
END_TEST

START_TEST(a_lost_connection_gets_none)
{
	ck_assert(keep(100, 11, 0));
	ck_assert(keep(101, 12, 1));
	respond_answering(r, 1, 100, 501);
	respond_lost(r, &links[0]);
	respond_sent(r, 501, false);
	ck_assert_int_eq(sent, 0);
	ck_assert_uint_eq(counters().lost, 1);
	ck_assert_uint_eq(counters().waiting, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("respond");
	TCase *tc = tcase_create("respond");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, after_the_answer_was_taken);
	tcase_add_test(tc, waits_on_through_a_retry);
	tcase_add_test(tc, at_once_when_no_answer_leaves);
	tcase_add_test(tc, not_longer_than_the_bound);
	tcase_add_test(tc, one_for_each_subscriber);
	tcase_add_test(tc, a_copy_shares_the_answer);
	tcase_add_test(tc, a_late_copy_does_not_wait);
	tcase_add_test(tc, a_new_input_waits_for_its_own);
	tcase_add_test(tc, what_does_not_fit_is_answered_now);
	tcase_add_test(tc, a_lost_connection_gets_none);
	return run_suite(suite);
}
