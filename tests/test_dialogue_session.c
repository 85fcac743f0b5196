/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions, causes of an end, timers of a dialect, and copies over the links of a group. */
#include "tests/dialogue_world.h"
#include "tests/run_suite.h"

#define JANE INT64_C(254700000001)

static struct world w;
static int link_a, link_b;

static void setup(void)
{
	world_open_on(&w, "", (struct world_store){.on_file = true});
}

static void teardown(void)
{
	world_close(&w);
}

static struct dialogue_input event(enum dialect_kind kind, uint16_t its, const char *text)
{
	struct dialogue_input in = world_input(&w, kind, JANE, text);

	in.event.session = world_session(its);
	return in;
}

static void receive(const struct dialogue_input *in)
{
	dialogue_receive(w.dialogues, in);
	world_settle(&w);
}

static void post(enum dialect_kind kind, uint16_t its, const char *text)
{
	struct dialogue_input in = event(kind, its, text);

	receive(&in);
}

static void ck_screen(const char *words)
{
	const char *text = world_screen(&w);

	ck_assert_msg(strstr(text, words) != NULL, "\"%s\" is not in \"%s\"", words, text);
}

/* Every message has one response. */
static void ck_responses(size_t n)
{
	ck_assert_uint_eq(w.n_responses, n);
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			ck_assert(w.response[i].sequence != w.response[k].sequence);
}

START_TEST(an_abort_of_the_old_session_does_not_end_the_new_one)
{
	post(DIALECT_BEGIN, 0x0100, "*123#");
	ck_screen("Hello");
	post(DIALECT_BEGIN, 0x0200, "*123*1#");
	ck_screen("Agree?");
	post(DIALECT_ABORT, 0x0101, "");
	ck_assert_uint_eq(dialogue_open(w.dialogues), 1);
	ck_assert_uint_eq(world_counters(&w).old_sessions, 1);
	post(DIALECT_CONTINUE, 0x0202, "1");
	ck_screen("Your full name?");
	post(DIALECT_ABORT, 0x0205, "");
	ck_assert_uint_eq(dialogue_open(w.dialogues), 0);
	ck_responses(5);
}
END_TEST

START_TEST(promise_4_an_input_of_the_old_session_is_no_answer_to_the_new_one)
{
	size_t before;

	post(DIALECT_BEGIN, 0x0100, "*123#");
	ck_screen("Hello");
	post(DIALECT_BEGIN, 0x0200, "*123*1#");
	ck_screen("Agree?");
	before = w.n_answers;
	post(DIALECT_CONTINUE, 0x0102, "1");
	ck_assert_uint_eq(w.n_answers, before);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 1);
	post(DIALECT_CONTINUE, 0x0202, "2");
	ck_screen("Nothing was saved");
	ck_responses(4);
}
END_TEST

START_TEST(an_input_of_a_session_whose_begin_was_lost_begins)
{
	post(DIALECT_BEGIN, 0x0100, "*123*1#");
	ck_screen("Agree?");
	ck_assert_uint_eq(w.n_doubts, 0);
	post(DIALECT_CONTINUE, 0x0302, "1");
	ck_screen("Continue");
	ck_assert_uint_eq(world_counters(&w).stray, 1);
	ck_assert_uint_eq(world_counters(&w).replaced, 1);
	ck_assert_uint_eq(w.n_doubts, 1); /* or the mask is wrong: whoever reads the log is told */
	ck_assert_str_eq(w.doubt, "session.mask");
}
END_TEST

START_TEST(without_any_session_the_number_alone_is_the_key)
{
	struct dialogue_input in = event(DIALECT_BEGIN, 0, "*123*1#");

	memset(&in.event.session, 0, sizeof(in.event.session));
	receive(&in);
	ck_screen("Agree?");
	in = event(DIALECT_CONTINUE, 0, "1");
	memset(&in.event.session, 0, sizeof(in.event.session));
	receive(&in);
	ck_screen("Your full name?");
	in = event(DIALECT_ABORT, 0, "");
	memset(&in.event.session, 0, sizeof(in.event.session));
	receive(&in);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 0);
}
END_TEST

START_TEST(a_session_that_only_the_begin_carries_is_carried_back)
{
	struct dialogue_input in;

	post(DIALECT_BEGIN, 0x0700, "*123*1#");
	ck_screen("Agree?");
	in = event(DIALECT_CONTINUE, 0, "1");
	memset(&in.event.session, 0, sizeof(in.event.session));
	receive(&in);
	ck_screen("Your full name?");
	ck_assert_uint_eq(w.answered_to.session.n_kept, 1);
	ck_assert_uint_eq(w.answered_to.session.kept[0].value[0], 7);
}
END_TEST

struct ended {
	char outcome[16], detail[64];
};

static bool read_newest(void *ctx, const struct query_subscriber *s)
{
	struct ended *e = ctx;

	if (s->n_interactions > 0) {
		snprintf(e->outcome, sizeof(e->outcome), "%s", s->interaction[0].outcome);
		snprintf(e->detail, sizeof(e->detail), "%s", s->interaction[0].detail);
	}
	return false;
}

static const struct {
	enum dialect_cause cause;
	const char *outcome, *detail;
} causes[] = {{DIALECT_CAUSE_UNKNOWN, "cancelled", ""},
              {DIALECT_CAUSE_SUBSCRIBER, "cancelled", "cancelled on the phone"},
              {DIALECT_CAUSE_NETWORK, "timeout", "ended by the network"}};

START_TEST(causes_reach_the_interaction_and_the_counts)
{
	struct dialogue_input in;
	struct ended e = {"", ""};
	struct dialogue_counters c;
	struct query *q;
	char why[256] = "";

	post(DIALECT_BEGIN, 0x0100, "*123*1#");
	ck_screen("Agree?");
	in = event(DIALECT_ABORT, 0x0103, "");
	in.event.cause = causes[_i].cause;
	receive(&in);
	ck_assert_int_eq(query_open(w.store_path, &w.config->profile, &q, why, sizeof(why)), RC_OK);
	ck_assert_int_eq(query_by_msisdn(q, JANE, read_newest, &e), RC_OK);
	query_close(q);
	ck_assert_str_eq(e.outcome, causes[_i].outcome);
	ck_assert_str_eq(e.detail, causes[_i].detail);
	c = world_counters(&w);
	ck_assert_uint_eq(c.aborts_unknown, _i == 0);
	ck_assert_uint_eq(c.aborts_subscriber, _i == 1);
	ck_assert_uint_eq(c.aborts_network, _i == 2);
}
END_TEST

START_TEST(a_dialect_has_timers_of_its_own)
{
	w.dialect.idle_ms = 20000;
	post(DIALECT_BEGIN, 0x0100, "*123#");
	ck_screen("Hello");
	world_wait(&w, 19900);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 1);
	world_wait(&w, 200);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 0);
	w.dialect.idle_ms = 0; /* that of starhash.conf: 180 s */
	post(DIALECT_BEGIN, 0x0200, "*123#");
	world_wait(&w, 100000);
	ck_assert_uint_eq(dialogue_open(w.dialogues), 1);
}
END_TEST

START_TEST(a_dialect_has_a_deadline_of_its_own)
{
	w.dialect.answer_within_ms = 700;
	post(DIALECT_BEGIN, 0x0100, "*123*1#");
	(void)world_screen(&w);
	post(DIALECT_CONTINUE, 0x0102, "1");
	(void)world_screen(&w);
	post(DIALECT_CONTINUE, 0x0104, "Jane Doe");
	(void)world_screen(&w);
	store_try(w.store, STORE_TRIAL_HOLD);
	post(DIALECT_CONTINUE, 0x0106, "Nakuru");
	world_wait(&w, 650);
	ck_screen("Your town?");
	world_wait(&w, 100);
	ck_screen("will come by SMS");
	store_try(w.store, STORE_TRIAL_NONE);
}
END_TEST

/* --- several links of a group -------------------------------------------------------------------------- */

static struct dialogue_input by_link(struct dialogue_input in, const void *link, uint32_t connection,
                                     uint32_t sequence)
{
	in.link = (void *)(uintptr_t)link;
	in.connection = connection;
	in.sequence = sequence;
	return in;
}

/* Sequence numbers and connections are each link's own: equal ones on two links say nothing. */
START_TEST(promise_4_equal_sequence_numbers_on_two_links_are_two_inputs)
{
	struct dialogue_input in = by_link(event(DIALECT_BEGIN, 0x0100, "*123#"), &link_a, 1, 7);

	w.oldest = 1;
	receive(&in);
	ck_screen("Hello");
	in = by_link(event(DIALECT_CONTINUE, 0x0100, "1"), &link_a, 1, 8);
	receive(&in);
	ck_screen("Agree?");
	in = by_link(event(DIALECT_CONTINUE, 0x0100, "1"), &link_b, 1, 8);
	receive(&in);
	ck_screen("Your full name?");
	ck_assert_uint_eq(world_counters(&w).duplicates, 0);
}
END_TEST

START_TEST(promise_4_a_copy_over_the_other_link_gets_the_stored_answer)
{
	struct dialogue_input in = by_link(event(DIALECT_BEGIN, 0x0100, "*123*1#"), &link_a, 1, 7);
	size_t before;

	w.oldest = 1;
	receive(&in);
	ck_screen("Agree?");
	in = by_link(event(DIALECT_CONTINUE, 0x0100, "1"), &link_a, 1, 8);
	receive(&in);
	before = w.n_answers; /* the answer is on its way, not confirmed */
	w.oldest = 2;         /* and its connection is gone */
	in = by_link(in, &link_b, 2, 100);
	receive(&in);
	ck_assert_uint_eq(world_counters(&w).duplicates, 1);
	ck_assert_uint_eq(w.n_answers, before + 1);
	ck_assert_str_eq(w.answer[before].text, w.answer[before - 1].text);
	world_confirm(&w, before - 1, DIALOGUE_UNKNOWN); /* of the first one: it does not count any more */
	ck_screen("Your full name?");
	in = by_link(event(DIALECT_CONTINUE, 0x0100, "Jane Doe"), &link_b, 1, 101);
	receive(&in);
	ck_screen("Your town?");
	ck_responses(4);
}
END_TEST

/* Two links that stand deliver one input at the same moment: one answer, whatever the SMSC would say to a second. */
START_TEST(promise_4_one_input_over_two_links_at_once_has_one_answer)
{
	struct dialogue_input in = by_link(event(DIALECT_BEGIN, 0x0100, "*123*1#"), &link_a, 1, 7);
	size_t before;

	w.oldest = 1;
	receive(&in);
	ck_screen("Agree?");
	before = w.n_answers;
	in = by_link(event(DIALECT_CONTINUE, 0x0100, "1"), &link_a, 1, 8);
	receive(&in);
	in = by_link(in, &link_b, 1, 100);
	receive(&in);
	ck_assert_uint_eq(world_counters(&w).duplicates, 1);
	ck_assert_uint_eq(w.n_answers, before + 1);
	world_confirm(&w, before, DIALOGUE_UNKNOWN); /* it was lost on the way: now the copy gets it, once */
	ck_assert_uint_eq(w.n_answers, before + 2);
	ck_assert_str_eq(w.answer[before].text, w.answer[before + 1].text);
	world_confirm(&w, before + 1, DIALOGUE_UNKNOWN);
	ck_assert_uint_eq(w.n_answers, before + 2);
	in = by_link(event(DIALECT_CONTINUE, 0x0100, "Jane Doe"), &link_b, 1, 101);
	receive(&in);
	ck_screen("Your town?");
	ck_responses(4);
}
END_TEST

START_TEST(promise_4_a_copy_of_an_sms_over_another_link_runs_nothing)
{
	struct dialogue_input in = by_link(world_input(&w, DIALECT_SMS, JANE, "JOIN"), &link_a, 1, 7);

	w.oldest = 1;
	receive(&in);
	ck_screen("Hello");
	dialogue_lost(w.dialogues, &link_a, 1);
	world_wait(&w, 30 * 60 * 1000); /* long after the dialogue is forgotten */
	in = by_link(world_input(&w, DIALECT_SMS, JANE, "JOIN"), &link_b, 1, 3);
	receive(&in);
	ck_assert_uint_eq(w.n_answers, 1);
	ck_assert_uint_eq(world_counters(&w).seen_copies, 1);
	ck_assert_uint_eq(w.response[1].status, PDU_ROK);
	in = by_link(world_input(&w, DIALECT_SMS, JANE, "JOIN"), &link_b, 1, 4);
	receive(&in); /* and now they mean it */
	ck_assert_uint_eq(w.n_answers, 2);
}
END_TEST

START_TEST(an_answer_of_the_same_words_after_a_later_reconnect_is_one)
{
	struct dialogue_input in = by_link(world_input(&w, DIALECT_SMS, JANE, "JOIN"), &link_a, 1, 7);

	w.oldest = 1;
	receive(&in);
	ck_screen("Hello");
	in = by_link(world_input(&w, DIALECT_SMS, JANE, "1"), &link_a, 1, 8);
	receive(&in);
	ck_screen("Agree?");
	world_wait(&w, 120000);
	dialogue_lost(w.dialogues, &link_a, 1);
	w.oldest = 2;
	in = by_link(world_input(&w, DIALECT_SMS, JANE, "1"), &link_a, 2, 1);
	receive(&in);
	ck_screen("Your full name?");
}
END_TEST

START_TEST(a_long_sms_is_read_whole)
{
	struct dialogue_input in = world_input(&w, DIALECT_SMS, JANE, "JO");
	char text[4000];

	memset(text, ' ', sizeof(text));
	memcpy(text, "JOIN", 4);
	strcpy(text + sizeof(text) - 20, "please");
	in.event.long_text = text;
	receive(&in);
	ck_screen("Hello");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dialogue_session");
	TCase *t = tcase_create("session");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, an_abort_of_the_old_session_does_not_end_the_new_one);
	tcase_add_test(t, promise_4_an_input_of_the_old_session_is_no_answer_to_the_new_one);
	tcase_add_test(t, an_input_of_a_session_whose_begin_was_lost_begins);
	tcase_add_test(t, without_any_session_the_number_alone_is_the_key);
	tcase_add_test(t, a_session_that_only_the_begin_carries_is_carried_back);
	tcase_add_loop_test(t, causes_reach_the_interaction_and_the_counts, 0,
	                    (int)(sizeof(causes) / sizeof(causes[0])));
	tcase_add_test(t, a_dialect_has_timers_of_its_own);
	tcase_add_test(t, a_dialect_has_a_deadline_of_its_own);
	tcase_add_test(t, promise_4_equal_sequence_numbers_on_two_links_are_two_inputs);
	tcase_add_test(t, promise_4_a_copy_over_the_other_link_gets_the_stored_answer);
	tcase_add_test(t, promise_4_one_input_over_two_links_at_once_has_one_answer);
	tcase_add_test(t, promise_4_a_copy_of_an_sms_over_another_link_runs_nothing);
	tcase_add_test(t, an_answer_of_the_same_words_after_a_later_reconnect_is_one);
	tcase_add_test(t, a_long_sms_is_read_whole);
	suite_add_tcase(s, t);
	return run_suite(s);
}
