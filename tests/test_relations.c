/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relations in the store: consents of both sides with the words (promise 8), nothing to who has said STOP (promise 7), one
 * question at a time, and all of it in one transaction with what was said (promise 1). */
#include "tests/relations_world.h"

/* --- invitations ------------------------------------------------------------------------------------------------- */

START_TEST(promise_8_both_consent_with_the_words_they_read)
{
	struct store_result r;

	ck_assert_int_eq(invite(JANE, JOHN), STORE_RELATION_ASKED);
	ck_assert_int_eq(sms(JOHN, "254700000801 asks you. YES or NO"), 1);
	ck_assert_int_eq(sql("SELECT count(*) FROM outbox WHERE smsc = 'home' AND sending = 0"), 1);
	ck_assert_int_eq(
		sql("SELECT count(*) FROM consent WHERE purpose = 'household' AND state = 'granted' AND "
	            "words = 'They see your number. Leave: *150*2#' AND version = '0011aabb' AND "
	            "channel = 'ussd'"),
		1);
	r = answer(JOHN, true);
	ck_assert_int_eq(r.relation, STORE_RELATION_JOINED);
	ck_assert_int_eq(r.told, 1);
	ck_assert_str_eq(said, "You are with 254700000801");
	ck_assert_int_eq(sms(JANE, "254700000802 joined"), 1);
	/* the language in which they agreed is theirs now */
	ck_assert_int_eq(
		sql("SELECT count(*) FROM subscriber WHERE msisdn = 254700000802 AND language = 'en'"), 1);
	/* the number is in none of the words, so that it can be forgotten */
	ck_assert_int_eq(sql("SELECT count(*) FROM consent c JOIN relation r ON r.b_consent = c.id WHERE "
	                     "c.subscriber = r.b AND c.state = 'granted' AND c.channel = 'sms' AND "
	                     "c.words = '{other} asks you. YES or NO' AND c.version = 'ccdd2233'"),
	                 1);
	ck_assert_int_eq(sql("SELECT count(*) FROM relation WHERE state = 'accepted' AND a_consent > 0 AND "
	                     "words = '' AND yes = '' AND no = '' AND left_a <> ''"),
	                 1);
	ck_assert_int_eq(related(JANE), 1);
	ck_assert_int_eq(related(JOHN), 1);
	ck_assert_int_eq(answer(JOHN, true).relation, STORE_RELATION_NOTHING);
}
END_TEST

/* Who is asked reads their own language, once it is known. */
START_TEST(the_other_reads_their_language)
{
	struct store_batch *b = batch(JOHN);

	ck_assert_int_eq(store_batch_language(b, "sw"), RC_OK);
	ck_assert_int_eq(world_write(&world, b).rc, RC_OK);
	ck_assert_int_eq(invite(JANE, JOHN), STORE_RELATION_ASKED);
	ck_assert_int_eq(sms(JOHN, "254700000801 anakualika. NDIYO au HAPANA"), 1);
	(void)answer(JOHN, true);
	ck_assert_str_eq(said, "Uko na 254700000801");
	ck_assert_int_eq(sms(JANE, "254700000802 joined"), 1);
	ck_assert_int_eq(leave(JANE, JOHN), STORE_RELATION_LEFT);
	ck_assert_int_eq(sms(JOHN, "254700000801 ameondoka"), 1);
}
END_TEST

/* A no is kept, and nobody hears of it. */
START_TEST(a_no_is_not_told)
{
	struct store_result r;

	(void)invite(JANE, JOHN);
	r = answer(JOHN, false);
	ck_assert_int_eq(r.relation, STORE_RELATION_DECLINED);
	ck_assert_int_eq(r.told, 0);
	ck_assert_str_eq(said, "254700000801 is not told");
	ck_assert_int_eq(
		sql("SELECT count(*) FROM consent WHERE state = 'refused' AND words LIKE '{other} asks%'"),
		1);
	ck_assert_int_eq(sql("SELECT count(*) FROM relation WHERE state = 'declined' AND answered > 0"), 1);
	ck_assert_int_eq(related(JANE) + related(JOHN), 0);
}
END_TEST

START_TEST(nobody_is_asked_twice_in_a_month)
{
	(void)invite(JANE, JOHN);
	ck_assert_int_eq(invite(JANE, JOHN), STORE_RELATION_AGAIN);
	(void)answer(JOHN, false);
	ck_assert_int_eq(invite(JANE, JOHN), STORE_RELATION_AGAIN);
	clock_fake_advance(&world.clock, 29 * DAY_MS);
	ck_assert_int_eq(invite(JANE, JOHN), STORE_RELATION_AGAIN);
	clock_fake_advance(&world.clock, 2 * DAY_MS);
	ck_assert_int_eq(invite(JANE, JOHN), STORE_RELATION_ASKED);
	(void)answer(JOHN, true);
	clock_fake_advance(&world.clock, 100 * DAY_MS);
	ck_assert_int_eq(invite(JANE, JOHN), STORE_RELATION_AGAIN); /* they are */
	ck_assert_int_eq(invite(JOHN, JANE), STORE_RELATION_AGAIN);
	ck_assert_int_eq(invite(JANE, JANE), STORE_RELATION_AGAIN);
	ck_assert_int_eq(sql("SELECT count(*) FROM relation"), 2);
}
END_TEST

START_TEST(bounds_of_a_day_and_of_a_type)
{
	struct store_invite i;

	for (int64_t n = 0; n < 3; n++)
		ck_assert_int_eq(invite(JANE, JOHN + n), STORE_RELATION_ASKED);
	ck_assert_int_eq(invite(JANE, JOHN + 3), STORE_RELATION_FULL); /* those that wait count */
	/* a no makes no room before its time: nobody can tell it from silence */
	(void)answer(JOHN, false);
	ck_assert_int_eq(invite(JANE, JOHN + 3), STORE_RELATION_FULL);
	clock_fake_advance(&world.clock, WEEK + 1);
	ck_assert_int_eq(invite(JANE, JOHN + 3), STORE_RELATION_ASKED);
	(void)answer(JOHN + 3, true);
	i = invitation(JOHN + 4);
	i.per_day = 1;
	ck_assert_int_eq(invite_with(JANE, &i), STORE_RELATION_DAY);
	clock_fake_advance(&world.clock, DAY_MS + 1);
	ck_assert_int_eq(invite_with(JANE, &i), STORE_RELATION_ASKED);
	ck_assert_int_eq(sql("SELECT count(*) FROM consent WHERE state = 'granted' AND channel = 'ussd'"), 5);
}
END_TEST

/* Who is full cannot say yes, and nothing changes. */
START_TEST(a_yes_needs_room)
{
	struct store_invite i = invitation(JOHN);

	i.most = 1;
	ck_assert_int_eq(invite_with(JANE, &i), STORE_RELATION_ASKED);
	(void)answer(JOHN, true);
	ck_assert_int_eq(invite_with(MARY, &i), STORE_RELATION_ASKED);
	ck_assert_int_eq(answer(JOHN, true).relation, STORE_RELATION_FULL);
	ck_assert_int_eq(related(JOHN), 1);
	ck_assert_int_eq(sql("SELECT count(*) FROM relation WHERE state = 'invited'"), 1);
}
END_TEST

START_TEST(promise_7_nothing_to_who_has_said_stop)
{
	stop(JOHN, true);
	ck_assert_int_eq(invite(JANE, JOHN), STORE_RELATION_ASKED); /* as everybody else */
	ck_assert_int_eq(sql("SELECT count(*) FROM outbox"), 0);
	ck_assert_int_eq(answer(JOHN, true).relation, STORE_RELATION_NOTHING);
	/* and none that waits for them leaves */
	(void)invite(JANE, MARY);
	stop(MARY, true);
	ck_assert_int_eq(sql("SELECT count(*) FROM outbox WHERE state = 'pending'"), 0);
	/* nor does the news of a yes */
	stop(MARY, false);
	stop(JANE, true);
	ck_assert_int_eq(answer(MARY, true).relation, STORE_RELATION_JOINED);
	ck_assert_int_eq(sms(JANE, "254700000803 joined"), 0);
	ck_assert_int_eq(related(JANE), 1);
}
END_TEST

/* A number that was erased after its STOP is still left alone. */
START_TEST(promise_7_a_stop_outlives_an_erasure)
{
	stop(JOHN, true);
	erase(JOHN);
	ck_assert_int_eq(invite(JANE, JOHN), STORE_RELATION_ASKED);
	ck_assert_int_eq(sql("SELECT count(*) FROM outbox"), 0);
	ck_assert_int_eq(sql("SELECT stopped FROM subscriber WHERE msisdn = 254700000802"), 1);
}
END_TEST

START_TEST(one_question_at_a_time)
{
	(void)invite(JANE, JOHN);
	(void)invite(MARY, JOHN);
	ck_assert_int_eq(sql("SELECT count(*) FROM outbox WHERE state = 'pending'"), 1);
	ck_assert_int_eq(sql("SELECT count(*) FROM relation WHERE asked = 0"), 1);
	ck_assert_int_eq(answer(JOHN, true).relation, STORE_RELATION_JOINED);
	ck_assert_str_eq(said, "You are with 254700000801");
	ck_assert_int_eq(sms(JOHN, "254700000803 asks you. YES or NO"), 1);
	ck_assert_int_eq(answer(JOHN, false).relation, STORE_RELATION_DECLINED);
	ck_assert_str_eq(said, "254700000803 is not told");
	ck_assert_int_eq(related(JOHN), 1);
	ck_assert_int_eq(answer(JOHN, true).relation, STORE_RELATION_NOTHING);
	/* the standing relation is one that they agreed to, whatever they said to another */
	ck_assert_int_eq(sql("SELECT count(*) FROM consent c WHERE c.id = (SELECT max(id) FROM consent WHERE "
	                     "subscriber = (SELECT id FROM subscriber WHERE msisdn = 254700000802)) AND "
	                     "state = 'granted'"),
	                 1);
}
END_TEST

START_TEST(an_invitation_does_not_stand_for_ever)
{
	(void)invite(JANE, JOHN);
	(void)invite(MARY, JOHN);
	expire();
	ck_assert_int_eq(expired, 0);
	clock_fake_advance(&world.clock, WEEK - 1000);
	expire();
	ck_assert_int_eq(expired, 0);
	clock_fake_advance(&world.clock, 1000);
	ck_assert_int_eq(answer(JOHN, true).relation, STORE_RELATION_OVER);
	ck_assert_int_eq(related(JOHN), 0);
	expire();
	ck_assert_int_eq(expired, 2); /* the one behind had the same time */
	ck_assert_int_eq(
		sql("SELECT count(*) FROM relation WHERE state = 'expired' AND words = '' AND ended > 0"), 2);
	ck_assert_int_eq(answer(JOHN, true).relation, STORE_RELATION_OVER);
	clock_fake_advance(&world.clock, 100 * DAY_MS);
	ck_assert_int_eq(answer(JOHN, true).relation, STORE_RELATION_NOTHING);
}
END_TEST

/* Whoever waits behind one that nobody answered is asked when its time is over, and has their own time from then on. */
START_TEST(who_waits_is_asked_when_the_first_is_over)
{
	(void)invite(JANE, JOHN);
	clock_fake_advance(&world.clock, DAY_MS);
	(void)invite(MARY, JOHN);
	clock_fake_advance(&world.clock, 6 * DAY_MS + 1);
	expire();
	ck_assert_int_eq(expired, 1);
	ck_assert_int_eq(sms(JOHN, "254700000803 asks you. YES or NO"), 1);
	clock_fake_advance(&world.clock, 6 * DAY_MS);
	ck_assert_int_eq(answer(JOHN, true).relation, STORE_RELATION_JOINED);
	ck_assert_str_eq(said, "You are with 254700000803");
}
END_TEST

/* Both ask each other: one yes is enough, and the other question is over. */
START_TEST(two_who_ask_each_other)
{
	(void)invite(JANE, JOHN);
	(void)invite(JOHN, JANE);
	ck_assert_int_eq(answer(JANE, true).relation, STORE_RELATION_JOINED);
	ck_assert_int_eq(related(JANE), 1);
	ck_assert_int_eq(answer(JOHN, true).relation, STORE_RELATION_NOTHING);
	ck_assert_int_eq(related(JOHN), 1);
	ck_assert_int_eq(sql("SELECT count(*) FROM relation WHERE state = 'accepted'"), 1);
}
END_TEST

/* --- ends ---------------------------------------------------------------------------------------------------------- */

START_TEST(leaving_tells_the_other_and_withdraws)
{
	(void)invite(JANE, JOHN);
	ck_assert_int_eq(leave(JANE, MARY), STORE_RELATION_NOTHING);
	(void)answer(JOHN, true);
	ck_assert_int_eq(leave(JOHN, JANE), STORE_RELATION_LEFT);
	ck_assert_int_eq(sms(JANE, "254700000802 left"), 1);
	ck_assert_int_eq(related(JANE) + related(JOHN), 0);
	ck_assert_int_eq(sql("SELECT count(*) FROM consent WHERE state = 'withdrawn' AND words = 'Leave?'"),
	                 1);
	ck_assert_int_eq(leave(JOHN, JANE), STORE_RELATION_NOTHING);
	/* an invitation can be taken back, and then a yes is too late */
	(void)invite(JANE, MARY);
	ck_assert_int_eq(leave(JANE, MARY), STORE_RELATION_LEFT);
	ck_assert_int_eq(sms(MARY, "254700000801 left"), 0);
	ck_assert_int_eq(answer(MARY, true).relation, STORE_RELATION_OVER);
}
END_TEST

/* A consent that is withdrawn ends all that stands under it. */
START_TEST(withdrawing_ends_all_of_the_type)
{
	struct store_batch *b;
	struct store_result r;

	(void)invite(JANE, JOHN);
	(void)answer(JOHN, true);
	(void)invite(MARY, JANE);
	(void)answer(JANE, true);
	(void)invite(JANE, MARY + 1);
	b = batch(JANE);
	ck_assert_int_eq(store_batch_consent(b, "profile", STORE_CONSENT_WITHDRAWN, "", "en", STORE_CH_USSD),
	                 RC_OK);
	ck_assert_int_eq(world_write(&world, b).told, 0);
	ck_assert_int_eq(related(JANE), 2);
	b = batch(JANE);
	ck_assert_int_eq(store_batch_route_other(b, "0 0 150 1 1 {other} @home"), RC_OK);
	ck_assert_int_eq(
		store_batch_consent(b, "household", STORE_CONSENT_WITHDRAWN, "", "en", STORE_CH_USSD), RC_OK);
	r = world_write(&world, b);
	ck_assert_int_eq(r.told, 2);
	ck_assert_int_eq(sms(JOHN, "254700000801 left"), 1);
	ck_assert_int_eq(sms(MARY, "254700000801 left"), 1);
	ck_assert_int_eq(related(JANE) + related(JOHN) + related(MARY), 0);
	ck_assert_int_eq(sql("SELECT count(*) FROM relation WHERE state = 'left'"), 3);
}
END_TEST

START_TEST(an_erasure_leaves_nothing_of_it)
{
	(void)invite(JANE, JOHN);
	(void)answer(JOHN, true);
	(void)invite(MARY, JANE);
	(void)invite(JANE, MARY + 1);
	erase(JANE);
	ck_assert_int_eq(sql("SELECT count(*) FROM relation"), 0);
	ck_assert_int_eq(related(JOHN), 0);
	ck_assert_int_eq(sms(JOHN, "254700000801 left"), 0); /* it would hold the number */
	ck_assert_int_eq(sql("SELECT count(*) FROM consent WHERE words LIKE '%254700000801%'"), 0);
	ck_assert_int_eq(sql("SELECT count(*) FROM subscriber WHERE msisdn IS NULL AND related + referrals + "
	                     "referred = 0"),
	                 1);
}
END_TEST

/* An SMS that speaks of somebody does not outlive them, nor one that nobody needs to answer. */
START_TEST(what_waits_is_taken_back)
{
	(void)invite(JANE, JOHN);
	(void)invite(JANE, MARY);
	ck_assert_int_eq(leave(JANE, MARY), STORE_RELATION_LEFT);
	ck_assert_int_eq(sms(MARY, "254700000801 asks you. YES or NO"), 0);
	ck_assert_int_eq(
		sql("SELECT count(*) FROM outbox WHERE state = 'rejected' AND why = 'over' AND text = ''"),
		1);
	ck_assert_int_eq(sms(JOHN, "254700000801 asks you. YES or NO"), 1);
	(void)answer(JOHN, true);
	ck_assert_int_eq(sms(JANE, "254700000802 joined"), 1);
	/* the question is with a link at this moment: it cannot be called back, but it is kept no longer */
	ck_assert_int_eq(
		world_exec(&world, "UPDATE outbox SET sending = 1 WHERE state = 'pending' AND id = 1"),
		SQLITE_OK);
	erase(JANE);
	ck_assert_int_eq(sql("SELECT count(*) FROM outbox WHERE text <> ''"), 0);
	ck_assert_int_eq(sql("SELECT count(*) FROM outbox WHERE state = 'pending' AND sending = 1"), 1);
	(void)invite(MARY, JOHN);
	ck_assert_int_eq(sms(JOHN, "254700000803 asks you. YES or NO"), 1);
	erase(MARY);
	ck_assert_int_eq(sql("SELECT count(*) FROM outbox WHERE why = 'erased' AND about <> 0"), 1);
}
END_TEST

/* The new holder of a number is nobody's family. */
START_TEST(a_recycled_number_ends_relations_on_both_sides)
{
	(void)invite(JANE, JOHN);
	(void)answer(JOHN, true);
	(void)invite(MARY, JOHN);
	clock_fake_advance(&world.clock, DAY_MS);
	ck_assert_int_eq(store_number_note(world.store, JOHN, STORE_NUMBER_RECYCLED, now(), on_number, NULL),
	                 RC_OK);
	store_wait(world.store);
	ck_assert_int_eq(related(JANE), 0);
	ck_assert_int_eq(sql("SELECT count(*) FROM relation WHERE state = 'left' OR state = 'declined'"), 2);
	ck_assert_int_eq(sms(JANE, "254700000802 left"), 0);
	ck_assert_int_eq(answer(JOHN, true).relation, STORE_RELATION_NOTHING);
	ck_assert_int_eq(related(JOHN), 0);
}
END_TEST

/* --- bad input ------------------------------------------------------------------------------------------------------ */

START_TEST(what_says_nothing_is_refused_before_anything_is_written)
{
	struct store_invite i = invitation(JOHN);
	struct store_invite_words bad = words[0];
	struct store_batch *b = batch(JANE);
	char longer[STORE_TEXT_MAX + 2];

	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	i.words = "";
	ck_assert_int_eq(store_batch_invite(b, &i), RC_RANGE);
	i = invitation(JOHN);
	i.type = longer;
	ck_assert_int_eq(store_batch_invite(b, &i), RC_RANGE);
	i = invitation(0);
	ck_assert_int_eq(store_batch_invite(b, &i), RC_RANGE);
	i = invitation(JOHN);
	i.in = &bad;
	i.n = 1;
	bad.ask = longer;
	ck_assert_int_eq(store_batch_invite(b, &i), RC_RANGE);
	bad.ask = NULL;
	ck_assert_int_eq(store_batch_invite(b, &i), RC_RANGE);
	ck_assert_int_eq(store_batch_refer(b, 0), RC_RANGE);
	ck_assert_int_eq(store_batch_leave(b, "", JOHN, "", "", STORE_CH_USSD, ""), RC_RANGE);
	i = invitation(JOHN);
	ck_assert_int_eq(store_batch_invite(b, &i), RC_OK);
	ck_assert_int_eq(store_batch_refer(b, JOHN), RC_FULL); /* one of them a batch */
	store_batch_free(b);
	ck_assert_int_eq(sql("SELECT count(*) FROM relation"), 0);
}
END_TEST

/* A word that only looks like the variable is a word; braces are doubled as in menus. */
START_TEST(only_other_is_put_in)
{
	struct store_invite i = invitation(JOHN);
	const struct store_invite_words odd = {"en", "{{x} {name} {other}{other}", "y", "n", "", ""};

	i.in = &odd;
	i.n = 1;
	ck_assert_int_eq(invite_with(JANE, &i), STORE_RELATION_ASKED);
	ck_assert_int_eq(sms(JOHN, "{x} {name} 254700000801254700000801"), 1);
	ck_assert_int_eq(answer(JOHN, true).told, 0); /* "joined" says nothing */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("relations");
	TCase *c;

	c = tcase_create("invitations");
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, promise_8_both_consent_with_the_words_they_read);
	tcase_add_test(c, the_other_reads_their_language);
	tcase_add_test(c, a_no_is_not_told);
	tcase_add_test(c, nobody_is_asked_twice_in_a_month);
	tcase_add_test(c, bounds_of_a_day_and_of_a_type);
	tcase_add_test(c, a_yes_needs_room);
	tcase_add_test(c, promise_7_nothing_to_who_has_said_stop);
	tcase_add_test(c, promise_7_a_stop_outlives_an_erasure);
	tcase_add_test(c, one_question_at_a_time);
	tcase_add_test(c, an_invitation_does_not_stand_for_ever);
	tcase_add_test(c, who_waits_is_asked_when_the_first_is_over);
	tcase_add_test(c, two_who_ask_each_other);
	suite_add_tcase(suite, c);
	c = tcase_create("ends");
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, leaving_tells_the_other_and_withdraws);
	tcase_add_test(c, withdrawing_ends_all_of_the_type);
	tcase_add_test(c, an_erasure_leaves_nothing_of_it);
	tcase_add_test(c, what_waits_is_taken_back);
	tcase_add_test(c, a_recycled_number_ends_relations_on_both_sides);
	suite_add_tcase(suite, c);
	c = tcase_create("bad input");
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, what_says_nothing_is_refused_before_anything_is_written);
	tcase_add_test(c, only_other_is_put_in);
	suite_add_tcase(suite, c);
	return world_run(suite);
}
