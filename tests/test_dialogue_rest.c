/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Very many at once: each goes on where it stood, whether it was packed meanwhile or not, and all end in time (promises 4, 6). */
#include "gateway/dialogue_list.h"
#include "tests/dialogue_world.h"
#include "tests/run_suite.h"

#define FIRST INT64_C(254700000000)
#define PEOPLE 3000 /* the table begins with 1024 chains: it has to grow, and to split some chains twice */

static struct world w;
static uint32_t told;
static int64_t before;

static void setup(void)
{
	world_open(&w, "");
}

static void teardown(void)
{
	world_close(&w);
}

/* The log of answers is short, and made for one conversation. */
static const char *say(enum dialect_kind kind, int64_t who, const char *text)
{
	w.n_answers = w.n_responses = 0;
	w.its = (uint16_t)(who % 256 << 8);
	world_say(&w, kind, FIRST + who, text);
	ck_assert_uint_eq(w.n_answers, 1);
	ck_assert_int_eq(w.answer[0].msisdn, FIRST + who);
	world_confirm(&w, 0, DIALOGUE_DELIVERED);
	return w.answer[0].text;
}

static struct dialogue_counters counters(void)
{
	struct dialogue_counters c;

	dialogue_counters_read(w.dialogues, &c);
	return c;
}

static bool count(void *ctx, const struct dialogue_view *v)
{
	(void)ctx;
	ck_assert_int_eq(v->msisdn, before + 1); /* in the order in which they came */
	ck_assert_str_eq(v->screen, v->msisdn % 2 == 0 ? "home" : "agree");
	before = v->msisdn;
	told++;
	return true;
}

START_TEST(each_goes_on_where_it_stood)
{
	for (int64_t who = 0; who < PEOPLE; who++) {
		say(DIALECT_BEGIN, who, "*123#");
		if (who % 2 != 0)
			say(DIALECT_CONTINUE, who, "1");
	}
	ck_assert_uint_eq(counters().open, PEOPLE);
	ck_assert_uint_ge(counters().resting, PEOPLE - 2); /* of this world one stays awake */
	told = 0;
	before = FIRST - 1;
	dialogue_list(w.dialogues, 0, 0, count, NULL);
	ck_assert_uint_eq(told, PEOPLE);
	for (int64_t who = PEOPLE - 1; who >= 0; who--)
		ck_assert_ptr_nonnull(
			strstr(say(DIALECT_CONTINUE, who, "1"), who % 2 == 0 ? "Agree" : "name"));
	ck_assert_uint_eq(counters().begun, PEOPLE);
	ck_assert_uint_eq(counters().stray, 0);
	ck_assert_uint_eq(counters().duplicates, 0);
}
END_TEST

START_TEST(all_end_when_they_are_idle)
{
	for (int64_t who = 0; who < PEOPLE; who++)
		say(DIALECT_BEGIN, who, "*123#");
	clock_fake_advance(&w.clock, 181 * 1000);
	dialogue_tick(w.dialogues);
	ck_assert_uint_eq(counters().idle, PEOPLE);
	ck_assert_uint_eq(counters().open, 0);
	ck_assert_uint_eq(counters().resting, 0);
}
END_TEST

START_TEST(a_copy_of_an_input_is_known_after_a_rest)
{
	struct dialogue_input in = world_input(&w, DIALECT_BEGIN, FIRST, "*123#");

	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	world_confirm(&w, 0, DIALOGUE_DELIVERED);
	say(DIALECT_BEGIN, 1, "*123#");
	say(DIALECT_BEGIN, 2, "*123#");
	ck_assert_uint_ge(counters().resting, 1);
	w.n_answers = 0;
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	ck_assert_uint_eq(counters().duplicates, 1);
	ck_assert_uint_eq(counters().begun, 3);
	ck_assert_uint_eq(w.n_answers, 1); /* the same screen again */
	ck_assert_ptr_nonnull(strstr(w.answer[0].text, "Hello"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dialogue_rest");
	TCase *tc = tcase_create("dialogue_rest");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_goes_on_where_it_stood);
	tcase_add_test(tc, all_end_when_they_are_idle);
	tcase_add_test(tc, a_copy_of_an_input_is_known_after_a_rest);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
