/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies of SMS: what the SMSC may not have heard of is one, what it has heard of is two. */
#include <check.h>
#include <stdio.h>

#include "gateway/seen.h"
#include "tests/run_suite.h"

#define JANE INT64_C(254700000001)
#define MINUTE INT64_C(60000)

static struct seen *s;
static int link_a, link_b;

static void setup(void)
{
	ck_assert_int_eq(seen_new(&s), RC_OK);
}

static void teardown(void)
{
	seen_free(s);
}

static uint64_t hash_of(const char *text)
{
	const struct seen_key key = {.msisdn = JANE, .service = "123", .text = text};

	return seen_hash(&key);
}

static const struct seen_from a1 = {&link_a, 1, 10}, a1_later = {&link_a, 1, 11}, a2 = {&link_a, 2, 1},
			      b1 = {&link_b, 1, 1};

START_TEST(equal_words_that_were_answered_are_two)
{
	seen_add(s, hash_of("JOIN"), &a1, 0, 100);
	ck_assert(!seen_is_copy(s, hash_of("JOIN"), &a1_later, 200));
	ck_assert(!seen_is_copy(s, hash_of("JOIN"), &b1, 200)); /* by the other link of the group */
	seen_lost(s, &link_a, 1, 100 + SEEN_RISK_MS + 1);       /* our response had time enough */
	ck_assert(!seen_is_copy(s, hash_of("JOIN"), &a2, 2 * MINUTE));
}
END_TEST

START_TEST(promise_4_after_a_loss_the_same_is_a_copy_over_every_link)
{
	seen_add(s, hash_of("JOIN"), &a1, 0, 100);
	seen_lost(s, &link_a, 1, 200);
	ck_assert(seen_is_copy(s, hash_of("JOIN"), &b1, 90 * MINUTE));
	ck_assert(!seen_is_copy(s, hash_of("JIUNGE"), &b1, 90 * MINUTE));
	/* What was recognised counts as taken anew: the next one is a person who writes again. */
	seen_add(s, hash_of("JOIN"), &b1, 90 * MINUTE, 90 * MINUTE);
	ck_assert(!seen_is_copy(s, hash_of("JOIN"), &a2, 91 * MINUTE));
}
END_TEST

START_TEST(one_pdu_twice_is_a_copy)
{
	seen_add(s, hash_of("JOIN"), &a1, 0, 100);
	ck_assert(seen_is_copy(s, hash_of("JOIN"), &a1, 200));
}
END_TEST

START_TEST(an_answer_that_took_long_may_have_come_too_late)
{
	seen_add(s, hash_of("JOIN"), &a1, 0, SEEN_SLOW_MS);
	ck_assert(seen_is_copy(s, hash_of("JOIN"), &a1_later, MINUTE));
}
END_TEST

START_TEST(what_was_given_back_is_to_come_again)
{
	struct seen_from was;

	seen_add(s, hash_of("JOIN"), &a1, 0, 100);
	ck_assert(seen_find(s, hash_of("JOIN"), &was));
	ck_assert_ptr_eq(was.link, &link_a);
	seen_lost(s, &link_a, 1, 200);
	seen_forget(s, hash_of("JOIN"));
	ck_assert(!seen_find(s, hash_of("JOIN"), &was));
	ck_assert(!seen_is_copy(s, hash_of("JOIN"), &a2, 300));
}
END_TEST

START_TEST(after_hours_nothing_is_a_copy)
{
	seen_add(s, hash_of("JOIN"), &a1, 0, 0);
	seen_lost(s, &link_a, 1, 1);
	ck_assert(seen_is_copy(s, hash_of("JOIN"), &a2, SEEN_KEPT_MS));
	ck_assert(!seen_is_copy(s, hash_of("JOIN"), &a2, SEEN_KEPT_MS + 1));
}
END_TEST

START_TEST(each_part_of_the_key_counts)
{
	struct seen_key key = {.group = 1, .msisdn = JANE, .service = "123", .text = "JOIN", .reference = 7};
	uint64_t first = seen_hash(&key);
	const struct seen_key others[] = {
		{.group = 2, .msisdn = JANE, .service = "123", .text = "JOIN", .reference = 7},
		{.group = 1, .msisdn = JANE + 1, .service = "123", .text = "JOIN", .reference = 7},
		{.group = 1, .msisdn = JANE, .service = "124", .text = "JOIN", .reference = 7},
		{.group = 1, .msisdn = JANE, .service = "123", .text = "join", .reference = 7},
		{.group = 1, .msisdn = JANE, .service = "123", .text = "JOIN", .reference = 8},
		{.group = 1, .msisdn = JANE, .service = "123J", .text = "OIN", .reference = 7},
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_uint_ne(seen_hash(&others[i]), first);
	ck_assert_uint_eq(seen_hash(&key), first);
}
END_TEST

START_TEST(promise_6_it_is_bounded_and_the_oldest_gives_way)
{
	struct seen_counters c;
	char text[32];
	unsigned copies = 0;

	for (int i = 0; i < 3 * SEEN_MAX; i++) {
		snprintf(text, sizeof(text), "message %d", i);
		seen_add(s, hash_of(text), &a1, i, i);
	}
	seen_counters_read(s, &c);
	ck_assert_uint_le(c.kept, SEEN_MAX);
	ck_assert_uint_eq(c.evicted + c.kept, 3 * SEEN_MAX);
	seen_lost(s, &link_a, 1, 3 * SEEN_MAX);
	for (int i = 3 * SEEN_MAX - 1000; i < 3 * SEEN_MAX; i++) {
		snprintf(text, sizeof(text), "message %d", i);
		copies += seen_is_copy(s, hash_of(text), &a2, 3 * SEEN_MAX);
	}
	ck_assert_uint_ge(copies, 990); /* the newest are there, but for a set that was very popular */
}
END_TEST

static void lose_with_one(uint32_t connection)
{
	const struct seen_from from = {&link_b, connection, 1};

	seen_add(s, hash_of("HELP"), &from, 250, 250);
	seen_lost(s, &link_b, connection, 300);
}

START_TEST(losses_beyond_the_memory_for_them_are_forgotten)
{
	seen_add(s, hash_of("JOIN"), &a1, 0, 100);
	seen_lost(s, &link_a, 1, 200);
	for (uint32_t i = 1; i < SEEN_LOSSES; i++)
		lose_with_one(i);
	ck_assert(seen_is_copy(s, hash_of("JOIN"), &a2, 400));
	lose_with_one(SEEN_LOSSES);
	ck_assert(!seen_is_copy(s, hash_of("JOIN"), &a2, 400));
}
END_TEST

/* An SMSC that takes our connections for an hour and refuses each bind brings nothing, and nothing is forgotten over it. */
START_TEST(promise_4_connections_that_bring_nothing_are_not_remembered)
{
	seen_add(s, hash_of("JOIN"), &a1, 0, 100);
	seen_lost(s, &link_a, 1, 200);
	for (uint32_t i = 2; i < 10 * SEEN_LOSSES; i++)
		seen_lost(s, &link_a, i, 300);
	ck_assert(seen_is_copy(s, hash_of("JOIN"), &b1, 400));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("seen");
	TCase *t = tcase_create("seen");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, equal_words_that_were_answered_are_two);
	tcase_add_test(t, promise_4_after_a_loss_the_same_is_a_copy_over_every_link);
	tcase_add_test(t, one_pdu_twice_is_a_copy);
	tcase_add_test(t, an_answer_that_took_long_may_have_come_too_late);
	tcase_add_test(t, what_was_given_back_is_to_come_again);
	tcase_add_test(t, after_hours_nothing_is_a_copy);
	tcase_add_test(t, each_part_of_the_key_counts);
	tcase_add_test(t, promise_6_it_is_bounded_and_the_oldest_gives_way);
	tcase_add_test(t, losses_beyond_the_memory_for_them_are_forgotten);
	tcase_add_test(t, promise_4_connections_that_bring_nothing_are_not_remembered);
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
