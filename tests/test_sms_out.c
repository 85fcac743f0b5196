/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMS out: parts and their common fate, told once (promise 3); what was accepted, or may have been, is never sent again
 * (promise 2's rule for messages). The link is a stand-in of this file. */
#include "gateway/sms_out.h"

#include "gateway/status.h"
#include "tests/run_suite.h"
#include "tests/sms_build.h"

#define SENT_MAX 64

/* --- a link that writes down what it is given --------------------------------------------------------------- */

static struct sent {
	uint64_t token;
	struct pdu_submit submit;
	uint8_t body[2048], tlv[4];
	char service_type[8], validity[20];
} sent[SENT_MAX];
static unsigned n_sent;
static enum rc takes = RC_OK; /* what the link says */
static unsigned takes_n;      /* so many before it says that */
static struct dialect dialect;
static struct link_config link_is = {.name = "a", .group = "home", .dialect = &dialect};
static bool is_up;

const struct link_config *link_config_of(const struct link *l)
{
	(void)l;
	return &link_is;
}

enum rc link_submit(struct link *l, const struct pdu_submit *submit, uint64_t token)
{
	struct sent *s = &sent[n_sent];

	(void)l;
	if (takes != RC_OK && takes_n == 0)
		return takes;
	takes_n -= takes != RC_OK;
	ck_assert_uint_lt(n_sent, SENT_MAX);
	s->token = token;
	s->submit = *submit;
	memcpy(s->body, submit->body, submit->body_len);
	snprintf(s->service_type, sizeof(s->service_type), "%s", submit->service_type);
	snprintf(s->validity, sizeof(s->validity), "%s", submit->validity ? submit->validity : "");
	n_sent++;
	return RC_OK;
}

static bool is_queued; /* nothing is written yet */
static struct sms_out *out;

bool link_cancel(struct link *l, uint64_t token)
{
	(void)l;
	if (is_queued)
		sms_out_submitted(out, token, LINK_NOT_SENT, 0, "");
	return is_queued;
}

/* --- the world around it ------------------------------------------------------------------------------------- */

static struct clock_fake fake;
static unsigned n_done;
static enum dialogue_sent fate;
static uint32_t fate_status;
static uint64_t fate_token;
static const struct pdu_address service = {0, 1, "123"}, subscriber = {1, 1, "254700000001"};

static void done(void *ctx, uint64_t token, enum dialogue_sent how, uint32_t status)
{
	(void)ctx;
	n_done++;
	fate = how;
	fate_status = status;
	fate_token = token;
}

static struct link *pick(void *ctx, void *came_by, uint16_t group)
{
	(void)came_by;
	ck_assert_uint_eq(group, 3);
	return is_up ? ctx : NULL;
}

static void setup(void)
{
	static int somewhere;
	struct sms_out_options o = {.clock = &fake.clock,
	                            .waiting_max = 10,
	                            .parts_max = 10,
	                            .done = done,
	                            .pick = pick,
	                            .ctx = &somewhere};

	log_init(LOG_LV_ERROR);
	clock_fake_init(&fake, 1795300000000);
	dialect = dialect_standard;
	n_sent = n_done = takes_n = 0;
	is_queued = false;
	takes = RC_OK;
	is_up = true;
	ck_assert_int_eq(sms_out_new(&o, &out), RC_OK);
}

static void teardown(void)
{
	sms_out_free(out);
}

static char *text_of(unsigned parts)
{
	static char text[4000];
	size_t len = parts == 1 ? 20 : parts * 153;

	memset(text, 'a', len);
	text[len] = '\0';
	return text;
}

static enum rc send(unsigned parts, int64_t notice)
{
	return sms_out_send(out, &fake, 3, &service, &subscriber, text_of(parts), notice, 77);
}

static void fate_is(enum dialogue_sent how, uint32_t status)
{
	struct sms_out_counters c;

	ck_assert_uint_eq(n_done, 1);
	ck_assert_int_eq(fate, how);
	ck_assert_uint_eq(fate_status, status);
	ck_assert_uint_eq(fate_token, 77);
	sms_out_counters_read(out, &c);
	ck_assert_uint_eq(c.waiting, 0);
	ck_assert_uint_eq(c.sent + c.rejected + c.unknown, 1);
}

static void answered(unsigned i, enum link_outcome outcome, uint32_t status)
{
	sms_out_submitted(out, sent[i].token, outcome, status, outcome == LINK_ACCEPTED ? "id" : NULL);
}

static void pass(int64_t ms)
{
	clock_fake_advance(&fake, ms);
	(void)sms_out_tick(out);
}

START_TEST(all_parts_accepted)
{
	ck_assert_int_eq(send(3, 0), RC_OK);
	ck_assert_uint_eq(n_sent, 3);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_uint_ne(sent[i].token & SMS_OUT_TOKEN, 0);
		ck_assert_uint_eq(sent[i].body[4], 3);
		ck_assert_uint_eq(sent[i].body[5], i + 1); /* in order */
		ck_assert_uint_eq(sent[i].body[3], sent[0].body[3]);
	}
	answered(2, LINK_ACCEPTED, 0);
	answered(0, LINK_ACCEPTED, 0);
	ck_assert_uint_eq(n_done, 0);
	answered(1, LINK_ACCEPTED, 0);
	fate_is(DIALOGUE_DELIVERED, 0);
	ck_assert_int_eq(send(2, 0), RC_OK);
	ck_assert_uint_ne(sent[3].body[3], sent[0].body[3]); /* another reference */
}
END_TEST

START_TEST(a_refused_part_alone_is_sent_again)
{
	const struct status_rule *rule = status_rule_of(PDU_RTHROTTLED);

	ck_assert_int_eq(send(3, 0), RC_OK);
	answered(0, LINK_ACCEPTED, 0);
	answered(1, LINK_THROTTLED, PDU_RTHROTTLED);
	answered(2, LINK_ACCEPTED, 0);
	ck_assert_uint_eq(n_done, 0);
	pass(rule->sms_pause_ms - 1);
	ck_assert_uint_eq(n_sent, 3);
	pass(1);
	ck_assert_uint_eq(n_sent, 4);
	ck_assert_uint_eq(sent[3].body[5], 2);
	answered(3, LINK_ACCEPTED, 0);
	fate_is(DIALOGUE_DELIVERED, 0);
	pass(3600000);
	ck_assert_uint_eq(n_sent, 4);
}
END_TEST

START_TEST(pauses_grow_and_end)
{
	const struct status_rule *rule = status_rule_of(PDU_RTHROTTLED);
	int64_t pause = rule->sms_pause_ms;

	ck_assert_int_eq(send(1, 0), RC_OK);
	for (unsigned i = 0; i < rule->sms_tries; i++, pause *= 2) {
		answered(i, LINK_THROTTLED, PDU_RTHROTTLED);
		ck_assert_uint_eq(n_done, 0);
		pass(pause - 1);
		ck_assert_uint_eq(n_sent, i + 1);
		pass(1);
		ck_assert_uint_eq(n_sent, i + 2);
	}
	answered(rule->sms_tries, LINK_THROTTLED, PDU_RTHROTTLED);
	fate_is(DIALOGUE_REFUSED, PDU_RTHROTTLED);
}
END_TEST

/* A queue that was full once after a few throttled tries is not a queue that was full too often. */
START_TEST(each_status_has_its_own_budget)
{
	const struct status_rule *full = status_rule_of(PDU_RMSGQFUL);
	unsigned i = 0, n = (unsigned)full->sms_tries;

	ck_assert_uint_gt(status_rule_of(PDU_RTHROTTLED)->sms_tries, n);
	ck_assert_int_eq(send(1, 0), RC_OK);
	for (; i < n; i++) {
		answered(i, LINK_THROTTLED, PDU_RTHROTTLED);
		pass(600000);
	}
	answered(i++, LINK_THROTTLED, PDU_RMSGQFUL);
	pass(full->sms_pause_ms - 1);
	ck_assert_uint_eq(n_sent, i);
	pass(1);
	ck_assert_uint_eq(n_sent, i + 1);
	answered(i, LINK_ACCEPTED, 0);
	fate_is(DIALOGUE_DELIVERED, 0);
	/* but by turns they do not go on for ever */
	ck_assert_int_eq(send(1, 0), RC_OK);
	for (i = 0; n_done == 1 && i < 100; i++) {
		answered(n_sent - 1, LINK_THROTTLED, i % 2 ? PDU_RTHROTTLED : PDU_RMSGQFUL);
		pass(600000);
	}
	ck_assert_uint_eq(i, 25);
}
END_TEST

START_TEST(an_unknown_part_is_never_sent_again)
{
	ck_assert_int_eq(send(3, 0), RC_OK);
	answered(0, LINK_UNKNOWN, 0);
	answered(1, LINK_NOT_SENT, 0);
	answered(2, LINK_ACCEPTED, 0);
	pass(1000);
	ck_assert_uint_eq(n_sent, 4); /* the one that was never written */
	ck_assert_uint_eq(sent[3].body[5], 2);
	answered(3, LINK_ACCEPTED, 0);
	fate_is(DIALOGUE_UNKNOWN, 0);
	pass(3600000);
	ck_assert_uint_eq(n_sent, 4);
}
END_TEST

START_TEST(one_part_for_good_and_none_leaves_any_more)
{
	takes = RC_FULL;
	takes_n = 2;
	ck_assert_int_eq(send(4, 0), RC_OK);
	ck_assert_uint_eq(n_sent, 2);
	answered(1, LINK_REJECTED, PDU_RINVDSTADR);
	ck_assert_uint_eq(n_done, 0); /* one is still under way */
	takes = RC_OK;
	pass(3600000);
	ck_assert_uint_eq(n_sent, 2);
	answered(0, LINK_ACCEPTED, 0);
	fate_is(DIALOGUE_REFUSED, PDU_RINVDSTADR);
}
END_TEST

START_TEST(a_full_link_takes_the_rest_later)
{
	takes = RC_FULL;
	ck_assert_int_eq(send(3, 0), RC_FULL); /* nothing left: the caller keeps it */
	takes_n = 1;
	ck_assert_int_eq(send(3, 0), RC_OK);
	ck_assert_uint_eq(n_sent, 1);
	answered(0, LINK_ACCEPTED, 0);
	ck_assert_uint_eq(n_done, 0);
	takes = RC_OK;
	pass(1000);
	ck_assert_uint_eq(n_sent, 3);
	answered(1, LINK_ACCEPTED, 0);
	answered(2, LINK_ACCEPTED, 0);
	fate_is(DIALOGUE_DELIVERED, 0);
	is_up = false;
	ck_assert_int_eq(send(1, 0), RC_CLOSED);
	ck_assert_uint_eq(n_done, 1);
}
END_TEST

/* The subscriber has said STOP: nothing that waits leaves, wherever it waits. */
START_TEST(promise_7_a_text_is_taken_back)
{
	is_queued = true;
	ck_assert_int_eq(send(3, 5), RC_OK);
	sms_out_recall(out, 78);
	ck_assert_uint_eq(n_done, 0);
	sms_out_recall(out, 77); /* all parts wait on the link */
	fate_is(DIALOGUE_REFUSED, 0);
	sms_out_recall(out, 77);
	pass(3600000);
	ck_assert_uint_eq(n_sent, 3);
	ck_assert_uint_eq(n_done, 1);
}
END_TEST

START_TEST(promise_7_the_rest_of_a_text_is_taken_back)
{
	ck_assert_int_eq(send(3, 5), RC_OK);
	answered(0, LINK_ACCEPTED, 0);
	answered(1, LINK_THROTTLED, PDU_RTHROTTLED); /* waits for its retry; the third is with the SMSC */
	sms_out_recall(out, 77);
	ck_assert_uint_eq(n_done, 0);
	pass(3600000);
	answered(2, LINK_ACCEPTED, 0);
	fate_is(DIALOGUE_REFUSED, PDU_RTHROTTLED);
	ck_assert_uint_eq(n_sent, 3);
}
END_TEST

START_TEST(a_text_that_has_left_is_not_taken_back)
{
	ck_assert_int_eq(send(2, 5), RC_OK);
	answered(0, LINK_ACCEPTED, 0);
	sms_out_recall(out, 77);
	ck_assert_uint_eq(n_done, 0);
	answered(1, LINK_ACCEPTED, 0);
	fate_is(DIALOGUE_DELIVERED, 0);
}
END_TEST

START_TEST(bounds)
{
	struct sms_out_counters c;

	ck_assert_int_eq(send(11, 0), RC_RANGE); /* parts_max */
	takes = RC_RANGE;
	ck_assert_int_eq(send(1, 0), RC_RANGE); /* an address that does not fit */
	takes = RC_OK;
	for (unsigned i = 0; i < 10; i++)
		ck_assert_int_eq(send(1, 0), RC_OK);
	ck_assert_int_eq(send(1, 0), RC_FULL);
	sms_out_counters_read(out, &c);
	ck_assert_uint_eq(c.waiting, 10);
	ck_assert_uint_eq(c.refused, 3);
}
END_TEST

START_TEST(settings_of_the_dialect)
{
	ck_assert_int_eq(send(1, 0), RC_OK);
	ck_assert_str_eq(sent[0].submit.source.digits, "123");
	ck_assert_uint_eq(sent[0].submit.source.npi, 1);
	ck_assert_uint_eq(sent[0].submit.registered_delivery, 0); /* nobody would know whose */
	strcpy(dialect.sms.sender, "Acme");
	strcpy(dialect.sms.service_type, "CMT");
	dialect.sms.validity_ms = 3600000;
	dialect.sms.priority = 2;
	ck_assert_int_eq(send(1, 5), RC_OK);
	ck_assert_str_eq(sent[1].submit.source.digits, "Acme");
	ck_assert_uint_eq(sent[1].submit.source.ton, 5);
	ck_assert_uint_eq(sent[1].submit.source.npi, 0);
	ck_assert_uint_eq(sent[1].submit.registered_delivery, 1);
	ck_assert_uint_eq(sent[1].submit.priority, 2);
	ck_assert_str_eq(sent[1].validity, "000000010000000R");
	ck_assert_str_eq(sent[1].service_type, "CMT");
	strcpy(dialect.sms.sender, "+254711111111");
	dialect.sms.receipts = false;
	dialect.sms.receipts_failures = true;
	ck_assert_int_eq(send(1, 5), RC_OK);
	ck_assert_str_eq(sent[2].submit.source.digits, "254711111111");
	ck_assert_uint_eq(sent[2].submit.source.ton, 1);
	ck_assert_uint_eq(sent[2].submit.registered_delivery, 2);
	/* nobody was met: nothing to mirror; and the code alone is who it is from */
	dialect.sms.sender[0] = '\0';
	dialect.service = (struct dialect_address){true, 3, 9};
	dialect.subscriber = (struct dialect_address){true, 1, 1};
	{
		const struct pdu_address dialled = {0, 0, "*123*1#"}, number = {0, 0, "254700000001"};

		ck_assert_int_eq(sms_out_send(out, NULL, 3, &dialled, &number, "x", 0, 1), RC_OK);
	}
	ck_assert_str_eq(sent[3].submit.source.digits, "123");
	ck_assert_uint_eq(sent[3].submit.source.ton, 3);
	ck_assert_uint_eq(sent[3].submit.dest.npi, 1);
}
END_TEST

/* Any fates in any order: each text is told once, each part is accepted once at most, nothing is left. */
START_TEST(any_fates)
{
	struct random r = {.state = 42};
	unsigned texts = 0;
	struct sms_out_counters c;

	for (unsigned round = 0; round < 3000; round++) {
		unsigned first = 0, seen[11] = {0}, parts = 1 + random_below(&r, 10);

		n_sent = n_done = 0;
		takes = random_below(&r, 4) == 0 ? RC_FULL : RC_OK;
		takes_n = random_below(&r, 5);
		if (send(parts, 0) != RC_OK)
			continue;
		texts++;
		takes = RC_OK;
		for (unsigned guard = 0; n_done == 0; guard++) {
			ck_assert_uint_lt(guard, 2000);
			while (first < n_sent) {
				uint32_t k = random_below(&r, 12);
				unsigned i = first++, number = parts > 1 ? sent[i].body[5] : 1;

				if (k < 8)
					ck_assert_uint_eq(seen[number]++, 0);
				answered(i,
				         k < 7    ? LINK_ACCEPTED
				         : k == 7 ? LINK_UNKNOWN
				         : k == 8 ? LINK_NOT_SENT
				         : k == 9 ? LINK_REJECTED
				                  : LINK_THROTTLED,
				         k == 9  ? PDU_RINVDSTADR
				         : k > 9 ? PDU_RTHROTTLED
				                 : 0);
			}
			if (n_sent > SENT_MAX - 12)
				n_sent = first = 0;
			pass(600000);
		}
		ck_assert_uint_eq(n_done, 1);
	}
	sms_out_counters_read(out, &c);
	ck_assert_uint_eq(c.waiting, 0);
	ck_assert_uint_eq(c.texts, texts);
	ck_assert_uint_eq(c.sent + c.rejected + c.unknown, texts);
	ck_assert_int_eq(sms_out_tick(out), INT64_MAX);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sms_out");
	TCase *tc = tcase_create("sms_out");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, all_parts_accepted);
	tcase_add_test(tc, a_refused_part_alone_is_sent_again);
	tcase_add_test(tc, pauses_grow_and_end);
	tcase_add_test(tc, each_status_has_its_own_budget);
	tcase_add_test(tc, an_unknown_part_is_never_sent_again);
	tcase_add_test(tc, one_part_for_good_and_none_leaves_any_more);
	tcase_add_test(tc, a_full_link_takes_the_rest_later);
	tcase_add_test(tc, promise_7_a_text_is_taken_back);
	tcase_add_test(tc, promise_7_the_rest_of_a_text_is_taken_back);
	tcase_add_test(tc, a_text_that_has_left_is_not_taken_back);
	tcase_add_test(tc, bounds);
	tcase_add_test(tc, settings_of_the_dialect);
	tcase_add_test(tc, any_fates);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
