/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogues that we open: what becomes of each push, told once, counted once, noted once; and results that come late and go on
 * in a push. The wire is the world's: every answer confirmed only when the test says so. */
#include "tests/dialogue_world.h"

#define JANE INT64_C(254700000001)
#define WAIT_MS 60000

static struct world w;

static void setup(void)
{
	world_open_on(&w, "", (struct world_store){.on_file = true});
}

static void setup_late(void)
{
	world_open_on(&w, "ussd = { late = \"push\"; };", (struct world_store){.on_file = true});
}

static void teardown(void)
{
	world_close(&w);
}

static uint32_t push(const char *code, const char *text)
{
	const struct dialogue_push p = {.msisdn = JANE, .code = code, .text = text, .wait_ms = WAIT_MS};
	uint32_t id = 0;

	ck_assert_int_eq(dialogue_push(w.dialogues, &p, &id), RC_OK);
	world_settle(&w);
	ck_assert_uint_gt(id, 0);
	return id;
}

static enum dialogue_push_fate fate_of(uint32_t id)
{
	struct dialogue_push_state s;

	ck_assert(dialogue_push_read(w.dialogues, id, &s));
	return s.fate;
}

/* The newest thing that left, which must be a push. */
static size_t newest_push(enum dialect_say how)
{
	size_t i = w.n_answers - 1;

	ck_assert_uint_gt(w.n_answers, 0);
	ck_assert(w.answer[i].is_push);
	ck_assert_int_eq(w.answer[i].how, how);
	return i;
}

struct seen_rows {
	size_t n;
	char detail[4][64], outcome[4][16];
	bool inbound[4];
	size_t n_notices;
	char notice[4][80]; /* kind, state, why */
};

static bool read_rows(void *ctx, const struct query_subscriber *s)
{
	struct seen_rows *rows = ctx;

	rows->n = s->n_interactions;
	for (size_t i = 0; i < rows->n && i < 4; i++) {
		snprintf(rows->detail[i], sizeof(rows->detail[i]), "%s", s->interaction[i].detail);
		snprintf(rows->outcome[i], sizeof(rows->outcome[i]), "%s", s->interaction[i].outcome);
		rows->inbound[i] = s->interaction[i].inbound;
	}
	rows->n_notices = s->n_notices;
	for (size_t i = 0; i < s->n_notices && i < 4; i++)
		snprintf(rows->notice[i], sizeof(rows->notice[i]), "%s %s %s", s->notice[i].kind,
		         s->notice[i].state, s->notice[i].why);
	return false;
}

/* Newest first. */
static struct seen_rows rows_of(int64_t msisdn)
{
	struct seen_rows rows = {0};
	struct query *q;
	char why[256] = "";

	world_settle(&w);
	ck_assert_msg(query_open(w.store_path, &w.config->profile, &q, why, sizeof(why)) == RC_OK, "%s", why);
	ck_assert_int_ne(query_by_msisdn(q, msisdn, read_rows, &rows), RC_IO);
	query_close(q);
	return rows;
}

static void check_row(size_t i, const char *outcome, const char *detail, bool inbound)
{
	struct seen_rows rows = rows_of(JANE);

	ck_assert_uint_gt(rows.n, i);
	ck_assert_str_eq(rows.outcome[i], outcome);
	ck_assert_str_eq(rows.detail[i], detail);
	ck_assert_int_eq(rows.inbound[i], inbound);
}

/* The newest row of the outbox: what a crash at this moment would leave to the next run. */
static void check_notice(const char *what)
{
	struct seen_rows rows = rows_of(JANE);

	ck_assert_uint_gt(rows.n_notices, 0);
	ck_assert_str_eq(rows.notice[0], what);
}

/* One fate for each push, and no dialogue left behind. */
static void check_books(void)
{
	struct dialogue_counters c = world_counters(&w);
	uint64_t ended = 0;

	for (int i = DIALOGUE_PUSH_UNDER_WAY + 1; i < DIALOGUE_PUSH_FATES; i++)
		ended += c.push[i];
	ck_assert_uint_eq(ended, c.push[DIALOGUE_PUSH_UNDER_WAY]);
	ck_assert_uint_eq(c.open, 0);
}

START_TEST(a_pushed_menu_is_answered_and_goes_on)
{
	uint32_t id = push("*123*1#", NULL);
	size_t i = newest_push(DIALECT_SAY_PUSH);

	ck_assert_ptr_nonnull(strstr(w.answer[i].text, "Agree?"));
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY);
	check_notice("push sending ");
	world_confirm(&w, i, DIALOGUE_DELIVERED);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY);
	ck_assert_ptr_nonnull(strstr(world_type(&w, JANE, "1"), "Your full name?"));
	ck_assert(!w.answer[w.n_answers - 1].is_push);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_ANSWERED);
	check_notice("push sent answered");
	world_type(&w, JANE, "Jane Doe");
	ck_assert_ptr_nonnull(strstr(world_type(&w, JANE, "Nakuru"), "is yours"));
	ck_assert_uint_eq(rows_of(JANE).n, 1);
	check_row(0, "completed", "push answered", false);
	check_books();
	ck_assert_uint_eq(world_counters(&w).begun, 0);
	ck_assert_uint_eq(world_counters(&w).completed, 1);
}
END_TEST

START_TEST(an_answer_that_overtakes_the_response_is_one)
{
	uint32_t id = push("*123*1#", NULL);
	size_t i = newest_push(DIALECT_SAY_PUSH);

	world_say(&w, DIALECT_CONTINUE, JANE, "1");
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_ANSWERED);
	world_confirm(&w, i, DIALOGUE_DELIVERED);
	ck_assert_ptr_nonnull(strstr(world_screen(&w), "Your full name?"));
	world_say(&w, DIALECT_ABORT, JANE, "");
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_ANSWERED);
	check_books();
}
END_TEST

START_TEST(promise_4_a_copy_of_the_answer_to_a_push_runs_nothing)
{
	uint32_t id = push("*123*1#", NULL);
	struct dialogue_input in;
	size_t before;

	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_DELIVERED);
	in = world_input(&w, DIALECT_CONTINUE, JANE, "1");
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	before = w.n_answers;
	in.connection = w.connection = 2;
	in.sequence = ++w.sequence;
	dialogue_receive(w.dialogues, &in);
	world_settle(&w);
	ck_assert_uint_eq(world_counters(&w).duplicates, 1);
	ck_assert_uint_eq(w.n_answers, before + 1);
	ck_assert_str_eq(w.answer[before].text, w.answer[before - 1].text);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_ANSWERED);
}
END_TEST

START_TEST(a_text_is_delivered_when_the_phone_says_so)
{
	uint32_t id = push(NULL, "Your bundle ends today.");
	size_t i = newest_push(DIALECT_SAY_NOTIFY);

	ck_assert_str_eq(w.answer[i].text, "Your bundle ends today.");
	world_confirm(&w, i, DIALOGUE_DELIVERED);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY);
	world_say(&w, DIALECT_ACK, JANE, "");
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_DELIVERED);
	world_say(&w, DIALECT_ACK, JANE, ""); /* a copy of it */
	check_row(0, "completed", "push delivered", false);
	check_books();
}
END_TEST

/* The dialect has an acknowledgement, and it does not come: that is not "delivered". */
START_TEST(a_text_that_no_phone_acknowledges_is_not_confirmed)
{
	uint32_t id = push(NULL, "Your bundle ends today.");

	world_confirm(&w, newest_push(DIALECT_SAY_NOTIFY), DIALOGUE_DELIVERED);
	world_wait(&w, WAIT_MS + 100);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNCONFIRMED);
	ck_assert_str_eq(dialogue_push_fate_name(fate_of(id)), "not confirmed");
	world_say(&w, DIALECT_ACK, JANE, ""); /* too late */
	check_row(0, "timeout", "push not confirmed", false);
	check_books();
}
END_TEST

START_TEST(without_acknowledgements_the_smsc_is_taken_at_its_word)
{
	uint32_t id;

	for (size_t i = 0; i < w.dialect.n_ops; i++)
		if (w.dialect.op_in[i].kind == DIALECT_ACK)
			w.dialect.op_in[i].kind = DIALECT_CONTINUE;
	id = push(NULL, "Your bundle ends today.");
	world_confirm(&w, newest_push(DIALECT_SAY_NOTIFY), DIALOGUE_DELIVERED);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_DELIVERED);
	check_books();
}
END_TEST

START_TEST(a_menu_that_only_ends_is_a_text)
{
	uint32_t id;

	world_dial(&w, JANE, "*123*1#");
	world_type(&w, JANE, "1");
	world_type(&w, JANE, "Jane Doe");
	world_type(&w, JANE, "Nakuru");
	id = push("*123*1#", NULL);
	ck_assert_str_eq(w.answer[newest_push(DIALECT_SAY_NOTIFY)].text, "You have joined already.");
	world_confirm(&w, w.n_answers - 1, DIALOGUE_DELIVERED);
	world_say(&w, DIALECT_ACK, JANE, "");
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_DELIVERED);
	check_row(0, "completed", "push delivered", false);
	ck_assert_uint_eq(rows_of(JANE).n, 2);
}
END_TEST

START_TEST(a_refusal_has_its_status_and_is_not_repeated)
{
	uint32_t id = push("*123#", NULL);
	struct dialogue_push_state s;
	uint64_t token = w.answer[newest_push(DIALECT_SAY_PUSH)].token;

	w.answer[w.n_answers - 1].token = 0;
	dialogue_sent(w.dialogues, token, DIALOGUE_REFUSED, 0x0b);
	ck_assert(dialogue_push_read(w.dialogues, id, &s));
	ck_assert_int_eq(s.fate, DIALOGUE_PUSH_REFUSED);
	ck_assert_uint_eq(s.status, 0x0b);
	world_wait(&w, 120000);
	ck_assert_uint_eq(w.n_answers, 1);
	check_row(0, "lost", "push refused", false);
	check_notice("push rejected refused");
	check_books();
}
END_TEST

START_TEST(throttled_pushes_go_out_again_for_some_seconds)
{
	uint32_t id = push("*123#", NULL);

	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_RETRY);
	world_wait(&w, 100);
	ck_assert_uint_eq(w.n_answers, 2);
	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_DELIVERED);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY);
	world_type(&w, JANE, "1");
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_ANSWERED);
}
END_TEST

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

START_TEST(no_answer_in_time)
{
	uint32_t id = push("*123#", NULL);

	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_DELIVERED);
	world_wait(&w, WAIT_MS - 100);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY);
	world_wait(&w, 200);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_NO_ANSWER);
	check_row(0, "timeout", "push no answer", false);
	check_books();
}
END_TEST

START_TEST(an_smsc_that_does_not_answer)
{
	uint32_t id = push("*123#", NULL);

	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_UNKNOWN);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY); /* it may be on the phone */
	world_wait(&w, WAIT_MS + 100);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNKNOWN);
	ck_assert_uint_eq(w.n_answers, 1);
	check_row(0, "lost", "push unknown", false);
	id = push("*123#", NULL);
	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_UNKNOWN);
	world_type(&w, JANE, "1"); /* and was */
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_ANSWERED);
}
END_TEST

static const struct {
	enum dialect_cause cause;
	enum dialogue_push_fate fate;
	const char *outcome, *detail;
} aborts[] = {
	{DIALECT_CAUSE_SUBSCRIBER, DIALOGUE_PUSH_CANCELLED, "cancelled", "push cancelled"},
	{DIALECT_CAUSE_NETWORK, DIALOGUE_PUSH_ABSENT, "timeout", "push absent"},
	{DIALECT_CAUSE_UNKNOWN, DIALOGUE_PUSH_NO_ANSWER, "cancelled", "push no answer"},
};

START_TEST(an_abort_before_the_answer)
{
	uint32_t id = push("*123#", NULL);
	struct dialogue_input in = world_input(&w, DIALECT_ABORT, JANE, "");

	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_DELIVERED);
	in.event.cause = aborts[_i].cause;
	dialogue_receive(w.dialogues, &in);
	ck_assert_int_eq(fate_of(id), aborts[_i].fate);
	check_row(0, aborts[_i].outcome, aborts[_i].detail, false);
	ck_assert_uint_eq(rows_of(JANE).n, 1);
	check_books();
}
END_TEST

START_TEST(somebody_dials_meanwhile)
{
	uint32_t id = push("*123*1#", NULL);

	ck_assert_ptr_nonnull(strstr(world_dial(&w, JANE, "*123#"), "Hello"));
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_REPLACED);
	world_confirm(&w, 0, DIALOGUE_REFUSED); /* of the push: nobody cares any more */
	ck_assert_ptr_nonnull(strstr(world_type(&w, JANE, "1"), "Agree?"));
	world_say(&w, DIALECT_ABORT, JANE, "");
	check_row(1, "replaced", "push replaced", false);
	check_row(0, "cancelled", "", true);
	check_books();
}
END_TEST

START_TEST(what_comes_late_of_the_dialogue_before_does_not_touch_a_push)
{
	struct dialogue_input last, over;
	uint32_t id;

	w.its = 0x0900;
	w.numbers = true;
	world_dial(&w, JANE, "*123#");
	last = world_input(&w, DIALECT_CONTINUE, JANE, "1");
	over = world_input(&w, DIALECT_ABORT, JANE, "");
	dialogue_receive(w.dialogues, &last);
	world_settle(&w);
	(void)world_screen(&w);
	dialogue_receive(w.dialogues, &over);
	id = push("*123#", NULL);
	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_DELIVERED);
	over.sequence = ++w.sequence;
	last.sequence = ++w.sequence;
	dialogue_receive(w.dialogues, &over); /* again, and late */
	dialogue_receive(w.dialogues, &last);
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_UNDER_WAY);
	ck_assert_uint_eq(world_counters(&w).old_sessions, 2);
	w.its = 0x0a00;
	ck_assert_ptr_nonnull(strstr(world_type(&w, JANE, "1"), "Agree?"));
	ck_assert_int_eq(fate_of(id), DIALOGUE_PUSH_ANSWERED);
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

/* --- results that come late ---------------------------------------------------------------------------- */

static void load_shop(void)
{
	static const char more[] = "\"stop\" ), ( \"Shop\", \"shop\" ) ); };\n"
				   "shop = { app = { url = \"http://127.0.0.1:9/\"; speaks = \"hubtel\"; "
				   "within = \"2s\"; else = \"bye\"; }; };\n";
	const char *at = strstr(world_menu, "\"stop\" ) ); };\n");
	char *menu = calloc(1, sizeof(world_menu) + sizeof(more));
	struct findings *f = findings_new();
	int changed;

	ck_assert_ptr_nonnull(at);
	sprintf(menu, "%.*s%s%s", (int)(at - world_menu), world_menu, more,
	        at + strlen("\"stop\" ) ); };\n"));
	world_write(&w, "join.conf", menu);
	ck_assert_int_eq(services_reload(w.services, f, &changed), RC_OK);
	findings_free(f);
	free(menu);
}

/* To where the app is slow, and the dialogue has ended without it. */
static void shop_is_slow(void)
{
	load_shop();
	world_dial(&w, JANE, "*123#");
	world_say(&w, DIALECT_CONTINUE, JANE, "3");
	ck_assert_uint_eq(w.n_calls, 1);
	world_wait(&w, 2100);
	ck_assert_str_eq(world_screen(&w), "OK. Nothing was saved.");
}

START_TEST(an_app_that_is_late_goes_on_in_a_push)
{
	shop_is_slow();
	ck_assert_uint_gt(w.call[0].within_ms, 30000);
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	world_settle(&w);
	ck_assert_str_eq(w.answer[newest_push(DIALECT_SAY_PUSH)].text, "Tea or rice?");
	world_confirm(&w, w.n_answers - 1, DIALOGUE_DELIVERED);
	world_say(&w, DIALECT_CONTINUE, JANE, "2");
	ck_assert_uint_eq(w.n_calls, 2);
	ck_assert_str_eq(w.call[1].input, "2");
	ck_assert_str_eq(w.call[1].session, w.call[0].session);
	world_app_says(&w, 1, RC_OK, "Rice it is.", true);
	ck_assert_str_eq(world_screen(&w), "Rice it is.");
	check_row(0, "completed", "late answered", false);
	check_row(1, "completed", "", true);
	ck_assert_uint_eq(world_sms_count(&w), 0);
	ck_assert_uint_eq(world_counters(&w).late_pushed, 1);
	check_books();
}
END_TEST

START_TEST(a_late_result_that_is_refused_comes_by_sms)
{
	shop_is_slow();
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	world_settle(&w);
	check_notice("sms sending ");
	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_REFUSED);
	world_settle(&w); /* back to the store, and from there */
	ck_assert_uint_eq(world_sms_count(&w), 1);
	ck_assert_str_eq(w.answer[w.n_answers - 1].text, "Tea or rice?");
	check_notice("sms sending ");
	world_confirm(&w, w.n_answers - 1, DIALOGUE_DELIVERED);
	check_notice("sms sent ");
	ck_assert_uint_eq(rows_of(JANE).n_notices, 1);
	ck_assert_uint_eq(world_counters(&w).late_by_sms, 1);
	check_books();
}
END_TEST

START_TEST(promise_4_a_late_result_that_may_have_been_shown_is_not_repeated)
{
	shop_is_slow();
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	world_settle(&w);
	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_UNKNOWN);
	world_wait(&w, 200000);
	ck_assert_uint_eq(world_sms_count(&w), 0);
	check_books();
}
END_TEST

/* Nor does an abort say that it was not shown: nobody is told twice. */
START_TEST(promise_4_a_late_result_that_is_aborted_is_not_repeated)
{
	struct dialogue_input in;

	shop_is_slow();
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	world_settle(&w);
	world_confirm(&w, newest_push(DIALECT_SAY_PUSH), DIALOGUE_DELIVERED);
	in = world_input(&w, DIALECT_ABORT, JANE, "");
	in.event.cause = aborts[_i].cause;
	dialogue_receive(w.dialogues, &in);
	world_wait(&w, 200000);
	ck_assert_uint_eq(world_sms_count(&w), 0);
	ck_assert_uint_eq(world_counters(&w).late_by_sms, 0);
	check_books();
}
END_TEST

START_TEST(whoever_has_gone_on_is_not_disturbed)
{
	size_t before;

	shop_is_slow();
	world_dial(&w, JANE, "*123#");
	before = w.n_answers;
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	world_settle(&w);
	ck_assert_uint_eq(w.n_answers, before);
	ck_assert_uint_eq(world_counters(&w).app_late, 1);
}
END_TEST

/* The last screen is with the SMSC when the app answers: that is not to have gone on. */
START_TEST(a_late_answer_waits_for_the_last_screen_to_leave)
{
	size_t before;

	load_shop();
	world_dial(&w, JANE, "*123#");
	world_say(&w, DIALECT_CONTINUE, JANE, "3");
	world_wait(&w, 2100);
	before = w.n_answers;
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	world_settle(&w);
	ck_assert_uint_eq(w.n_answers, before);
	world_confirm(&w, before - 1, DIALOGUE_DELIVERED);
	world_settle(&w);
	ck_assert_uint_eq(w.n_answers, before + 1);
	ck_assert_str_eq(w.answer[newest_push(DIALECT_SAY_PUSH)].text, "Tea or rice?");
	world_confirm(&w, before, DIALOGUE_REFUSED);
	check_books();
}
END_TEST

START_TEST(who_dials_before_the_last_screen_has_left_has_gone_on)
{
	size_t before;

	load_shop();
	world_dial(&w, JANE, "*123#");
	world_say(&w, DIALECT_CONTINUE, JANE, "3");
	world_wait(&w, 2100);
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	before = w.n_answers;
	world_say(&w, DIALECT_BEGIN, JANE, "*123#");
	world_confirm(&w, before - 1, DIALOGUE_DELIVERED);
	world_settle(&w);
	ck_assert_uint_eq(w.n_answers, before + 1);
	ck_assert(!w.answer[before].is_push);
}
END_TEST

START_TEST(promise_7_after_stop_a_late_answer_of_an_app_is_not_sent_at_all)
{
	size_t sms;

	shop_is_slow();
	world_say(&w, DIALECT_SMS, JANE, "STOP");
	sms = world_sms_count(&w); /* STOP is confirmed */
	world_app_says(&w, 0, RC_OK, "Tea or rice?", false);
	world_settle(&w);
	ck_assert_uint_eq(world_sms_count(&w), sms);
	ck_assert_uint_eq(world_counters(&w).push[DIALOGUE_PUSH_STOPPED], 1);
	check_books();
}
END_TEST

START_TEST(an_app_that_never_answers_leaves_nothing)
{
	shop_is_slow();
	world_app_says(&w, 0, RC_BUSY, NULL, false);
	world_settle(&w);
	ck_assert_uint_eq(world_sms_count(&w), 0);
	check_books();
}
END_TEST

static void until_the_gift(void)
{
	world_dial(&w, JANE, "*123*1#");
	world_type(&w, JANE, "1");
	world_type(&w, JANE, "Jane Doe");
	store_try(w.store, STORE_TRIAL_HOLD);
	world_say(&w, DIALECT_CONTINUE, JANE, "Nakuru");
	world_wait(&w, 2600);
	ck_assert_str_eq(world_screen(&w), "Saved. 100 MB will come by SMS.");
}

START_TEST(promise_1_a_late_grant_is_told_by_a_push_once_it_is_stored)
{
	until_the_gift();
	store_try(w.store, STORE_TRIAL_NONE);
	world_settle(&w);
	for (size_t i = 0; i < w.n_answers; i++)
		if (w.answer[i].is_push)
			ck_assert_str_eq(w.answer[i].text, "Thanks Jane Doe! 100 MB is yours.");
	ck_assert_uint_eq(world_counters(&w).push[DIALOGUE_PUSH_UNDER_WAY], 1);
	ck_assert_uint_eq(world_sms_count(&w), 1); /* the one of the menu, as ever */
	ck_assert_uint_eq(world_counters(&w).granted, 1);
}
END_TEST

START_TEST(a_late_grant_without_a_push_is_told_by_sms_alone)
{
	w.dialect.can_push = false;
	until_the_gift();
	store_try(w.store, STORE_TRIAL_NONE);
	world_settle(&w);
	ck_assert_uint_eq(world_sms_count(&w), 1);
	ck_assert_uint_eq(world_counters(&w).push[DIALOGUE_PUSH_UNDER_WAY], 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("push");
	TCase *t = tcase_create("push"), *late = tcase_create("late");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_pushed_menu_is_answered_and_goes_on);
	tcase_add_test(t, an_answer_that_overtakes_the_response_is_one);
	tcase_add_test(t, promise_4_a_copy_of_the_answer_to_a_push_runs_nothing);
	tcase_add_test(t, a_text_is_delivered_when_the_phone_says_so);
	tcase_add_test(t, a_text_that_no_phone_acknowledges_is_not_confirmed);
	tcase_add_test(t, without_acknowledgements_the_smsc_is_taken_at_its_word);
	tcase_add_test(t, a_menu_that_only_ends_is_a_text);
	tcase_add_test(t, a_refusal_has_its_status_and_is_not_repeated);
	tcase_add_test(t, throttled_pushes_go_out_again_for_some_seconds);
	tcase_add_test(t, without_a_link_it_is_given_up_soon);
	tcase_add_test(t, an_smsc_that_takes_none);
	tcase_add_test(t, whoever_is_in_a_dialogue_is_busy);
	tcase_add_test(t, promise_7_stop_wins_over_a_push);
	tcase_add_test(t, promise_7_stop_wins_over_a_push_that_waits_whatever_they_write_next);
	tcase_add_test(t, promise_7_stop_by_another_group_wins_over_a_push_that_waits);
	tcase_add_test(t, no_answer_in_time);
	tcase_add_test(t, an_smsc_that_does_not_answer);
	tcase_add_loop_test(t, an_abort_before_the_answer, 0, (int)(sizeof(aborts) / sizeof(aborts[0])));
	tcase_add_test(t, somebody_dials_meanwhile);
	tcase_add_test(t, what_comes_late_of_the_dialogue_before_does_not_touch_a_push);
	tcase_add_test(t, promise_10_pushes_wait_for_a_quieter_hour);
	tcase_add_test(t, our_fault_shows_nothing_to_anybody);
	tcase_add_test(t, wrong_requests);
	tcase_add_test(t, promise_6_pushes_under_way_are_bounded);
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(late, setup_late, teardown);
	tcase_add_test(late, an_app_that_is_late_goes_on_in_a_push);
	tcase_add_test(late, a_late_result_that_is_refused_comes_by_sms);
	tcase_add_test(late, promise_4_a_late_result_that_may_have_been_shown_is_not_repeated);
	tcase_add_loop_test(late, promise_4_a_late_result_that_is_aborted_is_not_repeated, 0, 3);
	tcase_add_test(late, whoever_has_gone_on_is_not_disturbed);
	tcase_add_test(late, a_late_answer_waits_for_the_last_screen_to_leave);
	tcase_add_test(late, who_dials_before_the_last_screen_has_left_has_gone_on);
	tcase_add_test(late, promise_7_after_stop_a_late_answer_of_an_app_is_not_sent_at_all);
	tcase_add_test(late, an_app_that_never_answers_leaves_nothing);
	tcase_add_test(late, promise_1_a_late_grant_is_told_by_a_push_once_it_is_stored);
	tcase_add_test(late, a_late_grant_without_a_push_is_told_by_sms_alone);
	suite_add_tcase(s, t);
	suite_add_tcase(s, late);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
