/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds of invitations that outlast an erasure: nobody is asked more often because somebody began anew (promise 7). */
#include "tests/relations_world.h"

/* Else whoever erases themselves asks the same person again, at once and without end. */
START_TEST(promise_7_an_erasure_gives_no_invitation_back)
{
	ck_assert_int_eq(invite(JANE, JOHN), STORE_RELATION_ASKED);
	for (int n = 0; n < 3; n++) {
		erase(JANE);
		ck_assert_int_eq(invite(JANE, JOHN), STORE_RELATION_AGAIN);
	}
	erase(JOHN); /* nor does theirs, who may have had enough of it */
	ck_assert_int_eq(invite(JANE, JOHN), STORE_RELATION_AGAIN);
	ck_assert_int_eq(sql("SELECT count(*) FROM relation"), 0);
	ck_assert_int_eq(sql("SELECT count(*) FROM outbox WHERE about <> 0"), 1);
	ck_assert_int_eq(sql("SELECT count(*) FROM relation_past WHERE length(a) = 32 AND length(b) = 32"),
	                 1);
	clock_fake_advance(&world.clock, 31 * DAY_MS);
	ck_assert_int_eq(invite(JANE, JOHN), STORE_RELATION_ASKED);
	ck_assert_int_eq(invite(MARY, JOHN), STORE_RELATION_ASKED); /* it was Jane's */
}
END_TEST

START_TEST(nor_a_day_of_invitations)
{
	for (int64_t n = 0; n < 4; n++) {
		ck_assert_int_eq(invite(JANE, JOHN + n), STORE_RELATION_ASKED);
		erase(JANE);
	}
	ck_assert_int_eq(invite(JANE, JOHN + 4), STORE_RELATION_DAY);
	clock_fake_advance(&world.clock, DAY_MS + 1);
	ck_assert_int_eq(invite(JANE, JOHN + 4), STORE_RELATION_ASKED);
}
END_TEST

/* Whoever has the number of one who was erased has asked nobody. */
START_TEST(what_is_kept_of_invitations_goes_with_the_number)
{
	(void)invite(JANE, JOHN);
	(void)invite(MARY, JOHN);
	erase(JOHN);
	ck_assert_int_eq(sql("SELECT count(*) FROM relation_past"), 2);
	clock_fake_advance(&world.clock, DAY_MS);
	ck_assert_int_eq(store_number_note(world.store, JANE, STORE_NUMBER_RECYCLED, now(), on_number, NULL),
	                 RC_OK);
	store_wait(world.store);
	ck_assert_int_eq(sql("SELECT count(*) FROM relation_past"), 1);
	ck_assert_int_eq(invite(JANE, JOHN), STORE_RELATION_ASKED);
	ck_assert_int_eq(invite(MARY, JOHN), STORE_RELATION_AGAIN);
}
END_TEST

static enum store_relation invite_few(int64_t from, int64_t to)
{
	struct store_invite i = invitation(to);

	i.asked_per_day = 2;
	return invite_with(from, &i);
}

static int64_t asked(void)
{
	return sql("SELECT count(*) FROM relation WHERE asked > 0");
}

/* Whoever asks: two a day are enough, and the third waits. Those who ask cannot tell. */
START_TEST(nobody_gets_many_questions_a_day)
{
	ck_assert_int_eq(invite_few(JANE, JOHN), STORE_RELATION_ASKED);
	(void)answer(JOHN, false);
	clock_fake_advance(&world.clock, DAY_MS / 2);
	ck_assert_int_eq(invite_few(MARY, JOHN), STORE_RELATION_ASKED);
	(void)answer(JOHN, false);
	ck_assert_int_eq(asked(), 2);
	ck_assert_int_eq(invite_few(MARY + 1, JOHN), STORE_RELATION_ASKED);
	ck_assert_int_eq(invite_few(MARY + 2, JOHN), STORE_RELATION_ASKED);
	ck_assert_int_eq(asked(), 2);
	ck_assert_int_eq(answer(JOHN, true).relation, STORE_RELATION_NOTHING);
	expire(); /* once a minute */
	ck_assert_int_eq(asked(), 2);
	clock_fake_advance(&world.clock, DAY_MS / 2);
	expire();
	ck_assert_int_eq(asked(), 3); /* the first of the day is over: one more */
	ck_assert_int_eq(sms(JOHN, "254700000804 asks you. YES or NO"), 1);
	ck_assert_int_eq(answer(JOHN, true).relation, STORE_RELATION_JOINED);
	ck_assert_int_eq(asked(), 3);
	clock_fake_advance(&world.clock, DAY_MS / 2);
	expire();
	ck_assert_int_eq(asked(), 4);
	ck_assert_int_eq(sql("SELECT count(*) FROM relation WHERE not_before <> 0"), 0);
}
END_TEST

START_TEST(questions_of_who_was_erased_since_count)
{
	for (int64_t n = 0; n < 2; n++) {
		ck_assert_int_eq(invite_few(MARY + n, JOHN), STORE_RELATION_ASKED);
		erase(MARY + n);
	}
	ck_assert_int_eq(invite_few(JANE, JOHN), STORE_RELATION_ASKED);
	ck_assert_int_eq(asked(), 0);
	clock_fake_advance(&world.clock, DAY_MS);
	expire();
	ck_assert_int_eq(asked(), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bounds of relations");
	TCase *c;

	c = tcase_create("bounds that last");
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, promise_7_an_erasure_gives_no_invitation_back);
	tcase_add_test(c, nor_a_day_of_invitations);
	tcase_add_test(c, what_is_kept_of_invitations_goes_with_the_number);
	tcase_add_test(c, nobody_gets_many_questions_a_day);
	tcase_add_test(c, questions_of_who_was_erased_since_count);
	suite_add_tcase(suite, c);
	return world_run(suite);
}
