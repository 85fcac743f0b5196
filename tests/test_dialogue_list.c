/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open dialogues for an operator: which are told, in what words, and what the end of one leaves behind. */
#include "gateway/dialogue_list.h"

#include "tests/dialogue_world.h"
#include "tests/run_suite.h"

#define JANE INT64_C(254700000001)
#define JOHN INT64_C(254700000002)

static struct world w;
static size_t n;
static int64_t subscriber;
static struct dialogue_view seen[8];
static char words[8][4][40];

static void setup(void)
{
	world_open_on(&w, "", (struct world_store){.on_file = true});
}

static void teardown(void)
{
	world_close(&w);
}

static bool note(void *ctx, const struct dialogue_view *v)
{
	(void)ctx;
	seen[n] = *v;
	snprintf(words[n][0], 40, "%s", v->channel);
	snprintf(words[n][1], 40, "%s", v->state);
	snprintf(words[n][2], 40, "%s", v->service);
	snprintf(words[n][3], 40, "%s", v->screen);
	return ++n < 8;
}

static size_t list(int64_t msisdn, uint32_t after)
{
	n = 0;
	dialogue_list(w.dialogues, msisdn, after, note, NULL);
	return n;
}

static void say(enum dialect_kind kind, int64_t msisdn, const char *text)
{
	world_say(&w, kind, msisdn, text);
	world_settle(&w);
	if (w.n_answers > 0)
		world_confirm(&w, w.n_answers - 1, DIALOGUE_DELIVERED);
}

START_TEST(what_is_open_is_told_in_words)
{
	ck_assert_uint_eq(list(0, 0), 0);
	say(DIALECT_BEGIN, JANE, "*123#");
	say(DIALECT_BEGIN, JOHN, "*123*1#");
	ck_assert_uint_eq(list(0, 0), 2);
	ck_assert_int_eq(seen[0].msisdn, JANE);
	ck_assert_str_eq(words[0][0], "ussd");
	ck_assert_str_eq(words[0][1], "theirs");
	ck_assert_str_eq(words[0][3], "home");
	ck_assert_str_eq(words[1][3], "agree");
	ck_assert_uint_lt(seen[0].id, seen[1].id);
	ck_assert_uint_eq(list(JOHN, 0), 1);
	ck_assert_uint_eq(list(0, seen[0].id), 0); /* none is newer than John's */
	ck_assert_uint_eq(list(INT64_C(254700000009), 0), 0);
}
END_TEST

START_TEST(an_id_stays_with_its_dialogue_and_is_not_used_again)
{
	uint32_t first;

	say(DIALECT_BEGIN, JANE, "*123#");
	list(JANE, 0);
	first = seen[0].id;
	say(DIALECT_CONTINUE, JANE, "1");
	ck_assert_uint_eq(list(JANE, 0), 1);
	ck_assert_uint_eq(seen[0].id, first);
	say(DIALECT_BEGIN, JANE, "*123#");
	ck_assert_uint_eq(list(JANE, 0), 1);
	ck_assert_uint_ne(seen[0].id, first);
	ck_assert_int_eq(dialogue_end(w.dialogues, first, &subscriber), RC_NOTFOUND);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 1);
}
END_TEST

START_TEST(the_end_of_one_is_as_if_the_phone_had_ended_it)
{
	say(DIALECT_BEGIN, JANE, "*123#");
	say(DIALECT_BEGIN, JOHN, "*123#");
	list(JANE, 0);
	ck_assert_int_eq(dialogue_end(w.dialogues, seen[0].id, &subscriber), RC_OK);
	world_settle(&w);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 1);
	ck_assert_uint_eq(list(JANE, 0), 0);
	ck_assert_uint_eq(world_counters(&w).cancelled, 1);
	ck_assert_uint_eq(world_counters(&w).ended_by_operator, 1);
	ck_assert_int_eq(dialogue_end(w.dialogues, seen[0].id, &subscriber), RC_NOTFOUND);
	ck_assert_int_eq(dialogue_end(w.dialogues, 0, &subscriber), RC_NOTFOUND);
	say(DIALECT_CONTINUE, JANE, "1"); /* the phone still shows the screen */
	ck_assert_uint_eq(list(JANE, 0), 1);
}
END_TEST

START_TEST(whose_it_was_is_told)
{
	static const char *const said[] = {"1", "1", "Amina Wanjiru", "Nakuru"};

	say(DIALECT_BEGIN, JANE, "*123#");
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		say(DIALECT_CONTINUE, JANE, said[i]);
	ck_assert_str_eq(w.answer[world_newest(&w)].text, "Thanks Amina Wanjiru! 100 MB is yours.");
	say(DIALECT_BEGIN, JANE, "*123#");
	ck_assert_uint_eq(list(JANE, 0), 1);
	ck_assert_int_eq(dialogue_end(w.dialogues, seen[0].id, &subscriber), RC_OK);
	ck_assert_int_eq(subscriber, 1); /* the first that this store has */
	say(DIALECT_BEGIN, JOHN, "*123#");
	ck_assert_uint_eq(list(JOHN, 0), 1);
	ck_assert_int_eq(dialogue_end(w.dialogues, seen[0].id, &subscriber), RC_OK);
	ck_assert_int_eq(subscriber, 0); /* nothing of him is stored */
}
END_TEST

START_TEST(while_it_is_our_turn_the_phone_is_answered_first)
{
	struct dialogue_input in = world_input(&w, DIALECT_BEGIN, JANE, "*123#");

	dialogue_receive(w.dialogues, &in); /* the store has not answered */
	ck_assert_uint_eq(list(0, 0), 1);
	ck_assert_str_eq(words[0][1], "loading");
	ck_assert_int_eq(dialogue_end(w.dialogues, seen[0].id, &subscriber), RC_BUSY);
	world_settle(&w);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 1);
	ck_assert_uint_eq(w.n_answers, 1);
	ck_assert_int_eq(dialogue_end(w.dialogues, seen[0].id, &subscriber),
	                 RC_OK); /* with the link: nobody waits for us */
	ck_assert_uint_eq(dialogue_open(w.dialogues), 0);
}
END_TEST

/* The last word of a registration, while its commit is under way: they read it, and it is counted as it was. */
START_TEST(what_is_being_stored_is_told_and_not_cut_off)
{
	static const char *const said[] = {"1", "1", "Amina Wanjiru"};
	struct dialogue_input in;

	say(DIALECT_BEGIN, JANE, "*123#");
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		say(DIALECT_CONTINUE, JANE, said[i]);
	in = world_input(&w, DIALECT_CONTINUE, JANE, "Nakuru");
	n = w.n_answers;
	dialogue_receive(w.dialogues, &in);
	ck_assert_uint_eq(w.n_answers, n);
	ck_assert_uint_eq(list(JANE, 0), 1);
	ck_assert_str_eq(words[0][1], "storing");
	ck_assert_int_eq(dialogue_end(w.dialogues, seen[0].id, &subscriber), RC_BUSY);
	world_settle(&w);
	ck_assert_str_eq(w.answer[world_newest(&w)].text, "Thanks Amina Wanjiru! 100 MB is yours.");
	ck_assert_uint_eq(world_counters(&w).ended_by_operator, 0);
}
END_TEST

START_TEST(whoever_stops_the_list_is_heard)
{
	for (int i = 0; i < 20; i++) {
		say(DIALECT_BEGIN, JANE + i, "*123#");
	}
	ck_assert_uint_eq(list(0, 0), 8);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dialogue_list");
	TCase *t = tcase_create("dialogue_list");

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, what_is_open_is_told_in_words);
	tcase_add_test(t, an_id_stays_with_its_dialogue_and_is_not_used_again);
	tcase_add_test(t, the_end_of_one_is_as_if_the_phone_had_ended_it);
	tcase_add_test(t, whose_it_was_is_told);
	tcase_add_test(t, while_it_is_our_turn_the_phone_is_answered_first);
	tcase_add_test(t, what_is_being_stored_is_told_and_not_cut_off);
	tcase_add_test(t, whoever_stops_the_list_is_heard);
	return run_suite(s);
}
