/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogues that we open, and that stay with us: no link, an SMSC that takes none, somebody who is busy or has said STOP, a
 * full hour, a fault of ours, a wrong request, the bound. Each has its fate all the same. */
#include "tests/push_world.h"
#include "tests/run_suite.h"

START_TEST(without_a_link_it_is_given_up_soon)
{
	uint32_t id;

	w.refuse_push = RC_CLOSED;
	id = push("*123#", NULL);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY);
	world_wait(&w, 10000);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_NO_LINK);
	check_row(0, "lost", "push no link", false);
	check_books();
}
END_TEST

START_TEST(an_smsc_that_takes_none)
{
	uint32_t id;

	w.dialect.can_push = false;
	id = push("*123#", NULL);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_CANNOT);
	ck_assert_ptr_nonnull(strstr(dialogue_push_remedy(DIALOGUE_PUSH_CANNOT), "can_push"));
	ck_assert_uint_eq(w.n_answers, 0);
	ck_assert_uint_eq(rows_of(JANE).n, 0);
	w.dialect.can_push = true;
	w.refuse_push = RC_RANGE;
	ck_assert_int_eq(fate_of(push("*123#", NULL)), DIALOGUE_PUSH_CANNOT);
	check_books();
}
END_TEST

START_TEST(whoever_is_in_a_dialogue_is_busy)
{
	uint32_t id;

	world_dial(&w, JANE, "*123#");
	id = push("*123*1#", NULL);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_BUSY);
	ck_assert_ptr_nonnull(strstr(world_type(&w, JANE, "1"), "Agree?"));
	world_say(&w, DIALECT_ABORT, JANE, "");
	check_row(1, "lost", "push busy", false);
	ck_assert_uint_eq(world_counters(&w).push_noted, 1);
	check_books();
}
END_TEST

START_TEST(promise_7_stop_wins_over_a_push)
{
	struct dialogue_input in;
	uint32_t id;
	size_t before;

	world_say(&w, DIALECT_SMS, JANE, "STOP");
	before = w.n_answers;
	id = push("*123#", NULL);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_STOPPED);
	ck_assert_uint_eq(w.n_answers, before);
	check_row(0, "cancelled", "push stopped", false);
	world_say(&w, DIALECT_SMS, JANE, "START");
	/* Also one that is being stored just now. */
	in = world_input(&w, DIALECT_SMS, JANE, "STOP");
	dialogue_receive(w.dialogues, &in);
	before = w.n_answers;
	ck_assert_int_eq(fate_of(push("*123#", NULL)), DIALOGUE_PUSH_STOPPED);
	for (size_t i = before; i < w.n_answers; i++)
		ck_assert(!w.answer[i].is_push);
	check_books();
}
END_TEST

/* The SMSC throttles the push; STOP comes, then something else; the push must not go out again. */
START_TEST(promise_7_stop_wins_over_a_push_that_waits_whatever_they_write_next)
{
	uint32_t id = push("*123#", NULL);
	size_t i = newest_push(DIALECT_SAY_PUSH);

	world_confirm(&w, i, DIALOGUE_RETRY);
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	world_say(&w, DIALECT_SMS, JANE, "HELP");
	world_wait(&w, 10000);
	for (size_t k = i + 1; k < w.n_answers; k++)
		ck_assert(!w.answer[k].is_push);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_STOPPED);
}
END_TEST

/* STOP is the subscriber's, not one group's. */
START_TEST(promise_7_stop_by_another_group_wins_over_a_push_that_waits)
{
	uint32_t id = push("*123#", NULL);
	struct dialogue_input in = world_input(&w, DIALECT_SMS, JANE, "STOP");

	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_RETRY);
	in.group = 3;
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	world_wait(&w, 10000);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_STOPPED);
}
END_TEST

START_TEST(promise_10_pushes_wait_for_a_quieter_hour)
{
	uint32_t id;

	w.pressure = DIALOGUE_LINKS_FULL;
	ck_assert_int_eq(fate_of(push("*123#", NULL)), DIALOGUE_PUSH_SHED);
	w.pressure = DIALOGUE_CALM;
	id = push("*123#", NULL);
	dialogue_drain(w.dialogues);
	ck_assert_int_eq(fate_of(push("*123#", NULL)), DIALOGUE_PUSH_BUSY);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY);
	dialogue_close_all(w.dialogues);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_NO_ANSWER);
	check_books();
}
END_TEST

START_TEST(our_fault_shows_nothing_to_anybody)
{
	uint32_t id;

	world_disk_full(true);
	id = push("*123#", NULL); /* what cannot be stored is not sent */
	world_disk_full(false);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_FAILED);
	world_settle(&w);
	store_close(w.store);
	w.store = NULL;
	ck_assert_uint_eq(w.n_answers, 0);
}
END_TEST

START_TEST(wrong_requests)
{
	struct dialogue_push p = {.msisdn = JANE, .code = "*999#", .wait_ms = WAIT_MS};
	char longer[200];
	uint32_t id;

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ck_assert_int_eq(dialogue_push(w.dialogues, &p, &id), RC_NOTFOUND);
	p.code = "*123#";
	p.wait_ms = DIALOGUE_PUSH_WAIT_MAX_MS + 1;
	ck_assert_int_eq(dialogue_push(w.dialogues, &p, &id), RC_RANGE);
	p.wait_ms = 0;
	ck_assert_int_eq(dialogue_push(w.dialogues, &p, &id), RC_RANGE);
	p.wait_ms = WAIT_MS;
	p.text = longer;
	ck_assert_int_eq(dialogue_push(w.dialogues, &p, &id), RC_RANGE);
	ck_assert(!dialogue_push_read(w.dialogues, 0, &(struct dialogue_push_state){0}));
	ck_assert(!dialogue_push_read(w.dialogues, 1, &(struct dialogue_push_state){0}));
	check_books();
}
END_TEST

START_TEST(promise_6_pushes_under_way_are_bounded)
{
	struct dialogue_push p = {.code = "*123#", .wait_ms = WAIT_MS};
	static uint64_t token[10000];
	uint32_t id;
	int n = 0;

	for (; n < 10000; n++) {
		p.msisdn = JANE + n;
		if (dialogue_push(w.dialogues, &p, &id) != RC_OK)
			break;
		world_settle(&w);
		token[n] = w.answer[0].token;
		w.n_answers = 0;
	}
	ck_assert_int_eq(n, 4096);
	ck_assert_int_eq(dialogue_push(w.dialogues, &p, &id), RC_FULL);
	dialogue_sent(w.dialogues, token[0], DIALOGUE_REFUSED,
	              0x0b); /* the oldest has ended: there is room */
	ck_assert_int_eq(dialogue_push(w.dialogues, &p, &id), RC_OK);
	world_settle(&w);
	world_confirm(&w, 0, DIALOGUE_UNKNOWN);
	/* One in the middle has ended, and those before it wait long: there is room all the same. */
	dialogue_sent(w.dialogues, token[2000], DIALOGUE_REFUSED, 0x0b);
	p.msisdn++;
	ck_assert_int_eq(dialogue_push(w.dialogues, &p, &id), RC_OK);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY);
	ck_assert_int_eq(dialogue_push(w.dialogues, &p, &id), RC_FULL);
	for (int i = 1; i < n; i++)
		if (i != 2000)
			dialogue_sent(w.dialogues, token[i], DIALOGUE_UNKNOWN, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("push_unsent");
	TCase *t = tcase_create("push_unsent");

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, without_a_link_it_is_given_up_soon);
	tcase_add_test(t, an_smsc_that_takes_none);
	tcase_add_test(t, whoever_is_in_a_dialogue_is_busy);
	tcase_add_test(t, promise_7_stop_wins_over_a_push);
	tcase_add_test(t, promise_7_stop_wins_over_a_push_that_waits_whatever_they_write_next);
	tcase_add_test(t, promise_7_stop_by_another_group_wins_over_a_push_that_waits);
	tcase_add_test(t, promise_10_pushes_wait_for_a_quieter_hour);
	tcase_add_test(t, our_fault_shows_nothing_to_anybody);
	tcase_add_test(t, wrong_requests);
	tcase_add_test(t, promise_6_pushes_under_way_are_bounded);
	return run_suite(s);
}
