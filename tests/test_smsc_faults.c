/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulator's misbehaviour does what it says, so that a harness that passes under it has shown something: late things
 * come in order of time, blows fall when they should, long texts are cut so that they can be put together again, receipts
 * say what their form says, and phones that are pushed to answer. */
#include <check.h>
#include <string.h>

#include "tests/run_suite.h"
#include "tools/smsc_fault.h"
#include "tools/smsc_late.h"
#include "tools/smsc_options_fault.h"
#include "tools/smsc_parts.h"
#include "tools/smsc_phone.h"
#include "tools/smsc_receipt.h"
#include "tools/smsc_text.h"
#include "tools/smsc_texts.h"

static struct smsc_stats stats;
static struct smsc_fault fault;

static void set_up_with(const struct smsc_fault_config *config)
{
	memset(&stats, 0, sizeof stats);
	smsc_fault_init(&fault, config, &stats);
}

static void set_up(void)
{
	struct smsc_fault_config config = {.seed = 1};

	smsc_fault_options_default(&config);
	set_up_with(&config);
}

static void tear_down(void)
{
	smsc_fault_fini(&fault);
}

START_TEST(late_ones_come_in_order_of_time)
{
	struct smsc_late one = {.kind = SMSC_LATE_RESP};
	struct smsc_late_heap heap = {.n = 0};
	int64_t before = 0;

	ck_assert_int_eq(smsc_late_wait_us(&heap, 0), -1);
	for (uint32_t i = 0; i < 1000; i++) {
		one.due_us = (int64_t)(smsc_fault_random(&fault) >> 33) % 500;
		one.sequence = i;
		ck_assert(smsc_late_add(&heap, &one));
	}
	ck_assert(!smsc_late_take(&heap, -1, &one));
	for (uint32_t i = 0, sequence = 0; i < 1000; i++) {
		ck_assert(smsc_late_take(&heap, 500, &one));
		ck_assert_int_ge(one.due_us, before);
		ck_assert(one.due_us > before || i == 0 || one.sequence > sequence); /* as they were put in */
		before = one.due_us;
		sequence = one.sequence;
	}
	ck_assert(!smsc_late_take(&heap, 500, &one));
	smsc_late_fini(&heap);
}
END_TEST

START_TEST(late_ones_are_bounded)
{
	struct smsc_late one = {.kind = SMSC_LATE_RESP};
	struct smsc_late_heap heap = {.n = 0};

	for (uint32_t i = 0; i < SMSC_LATE_MAX; i++)
		ck_assert(smsc_late_add(&heap, &one));
	ck_assert(!smsc_late_add(&heap, &one));
	smsc_late_fini(&heap);
}
END_TEST

START_TEST(blows_fall_when_they_should)
{
	const struct smsc_fault_config config = {
		.seed = 1, .drop_every = 3, .half_open_every = 5, .restart_every = 15};
	unsigned seen[SMSC_BLOW_RESTART + 1] = {0};

	set_up_with(&config);
	for (int i = 0; i < 150; i++)
		seen[smsc_fault_strikes(&fault)]++;
	ck_assert_uint_eq(seen[SMSC_BLOW_RESTART], 10);
	ck_assert_uint_eq(stats.injected[SMSC_INJ_RESTART], 10);
	ck_assert_uint_eq(stats.injected[SMSC_INJ_DROP], seen[SMSC_BLOW_DROP]);
	ck_assert_uint_eq(stats.injected[SMSC_INJ_HALF_OPEN], seen[SMSC_BLOW_HALF_OPEN]);
	ck_assert_uint_ge(seen[SMSC_BLOW_DROP], 40);
	ck_assert_uint_ge(seen[SMSC_BLOW_HALF_OPEN], 20);
}
END_TEST

START_TEST(binds_are_refused_at_first)
{
	struct smsc_fault_config config = {.seed = 1, .mute_binds = 1, .max_binds = 1};

	ck_assert(smsc_fault_options() > 20);
	for (size_t i = 0; i < smsc_fault_options(); i++)
		if (strcmp(smsc_fault_option_name(i), "refuse-first") == 0)
			ck_assert(smsc_fault_option_read(&config, i, "2"));
	ck_assert_uint_eq(config.refuse_bind, SMSC_INV_PASSWORD);
	set_up_with(&config);
	ck_assert_int_eq(smsc_fault_bind(&fault, 0), SMSC_BIND_MUTE);
	ck_assert_int_eq(smsc_fault_bind(&fault, 0), SMSC_BIND_REFUSED);
	ck_assert_int_eq(smsc_fault_bind(&fault, 0), SMSC_BIND_REFUSED);
	ck_assert_int_eq(smsc_fault_bind(&fault, 0), SMSC_BIND_TRIED);
	ck_assert_int_eq(smsc_fault_bind(&fault, 1), SMSC_BIND_SECOND);
}
END_TEST

static bool reads(const char *name, const char *text, struct smsc_fault_config *config)
{
	for (size_t i = 0; i < smsc_fault_options(); i++)
		if (strcmp(smsc_fault_option_name(i), name) == 0)
			return smsc_fault_option_read(config, i, text);
	ck_abort_msg("no option %s", name);
	return false;
}

START_TEST(options_have_bounds)
{
	struct smsc_fault_config config = {.seed = 0};

	ck_assert(reads("slow-resp", "100-2000", &config));
	ck_assert_uint_eq(config.slow_resp_ms, 100);
	ck_assert_uint_eq(config.slow_most_ms, 2000);
	ck_assert(reads("slow-resp", "2000", &config));
	ck_assert_uint_eq(config.slow_most_ms, 2000);
	ck_assert(!reads("slow-resp", "2000-100", &config));
	ck_assert(!reads("slow-resp", "2s", &config));
	ck_assert(reads("down", "1500ms", &config));
	ck_assert_uint_eq(config.down_ms, 1500);
	ck_assert(!reads("throttle", "101", &config));
	ck_assert(!reads("throttle", "-1", &config));
	ck_assert(!reads("drop-every", "0", &config));
	ck_assert(reads("receipts", "decimal", &config));
	ck_assert_int_eq(config.receipts, SMSC_RECEIPTS_DECIMAL);
	ck_assert(!reads("receipts", "pigeon", &config));
}
END_TEST

START_TEST(responses_are_slow_within_bounds)
{
	struct smsc_fault_config config = {
		.seed = 1, .slow_resp_ms = 100, .slow_most_ms = 200, .slow_percent = 100};
	int64_t least = INT64_MAX, most = 0;

	set_up_with(&config);
	for (int i = 0; i < 1000; i++) {
		int64_t us = smsc_fault_resp_delay_us(&fault);

		least = us < least ? us : least;
		most = us > most ? us : most;
	}
	ck_assert_int_ge(least, 100000);
	ck_assert_int_lt(least, 110000);
	ck_assert_int_le(most, 200000);
	ck_assert_int_gt(most, 190000);
	ck_assert_uint_eq(stats.injected[SMSC_INJ_SLOW], 1000);
}
END_TEST

/* Parts, put together by the simulator's own reading of them in any order, are the text. */
static void put_together(const struct smsc_parts *p, char *out)
{
	uint8_t body[256];
	struct smsc_sm sm;

	out[0] = '\0';
	for (unsigned i = 0; i < p->n; i++) {
		char text[SMSC_TEXT_SIZE], mark[16];
		size_t skip = 0;

		smsc_parts_message(p, i, body, &sm);
		ck_assert_uint_le(sm.text_len, p->kind == SMSC_PARTS_PAYLOAD ? 1024 : 140);
		ck_assert_int_eq(smsc_text_read(&sm, false, text), SMSC_TEXT_FINE);
		snprintf(mark, sizeof mark, "[%u/%u] ", i + 1, p->n);
		if (p->n > 1) {
			ck_assert(strncmp(text, mark, strlen(mark)) == 0);
			skip = strlen(mark);
		}
		strcat(out, text + skip);
	}
}

START_TEST(long_texts_are_whole)
{
	unsigned kinds[SMSC_PARTS_KINDS] = {0}, alphabets[2] = {0};
	char text[2048];

	for (uint32_t i = 0; i < 500; i++) {
		struct smsc_parts p;

		ck_assert(smsc_parts_make(&p, &fault, i, (uint16_t)i, 1 + i % 10));
		kinds[p.kind]++;
		alphabets[p.data_coding == 8]++;
		ck_assert_uint_eq(p.n, p.kind == SMSC_PARTS_PAYLOAD ? 1 : 1 + i % 10);
		put_together(&p, text);
		ck_assert_str_eq(text, p.text);
		ck_assert_uint_le(strlen(text), 1000); /* what an app takes */
		ck_assert(strpbrk(text, "*#") == NULL && text[strlen(text) - 1] != ' ');
	}
	for (int k = 0; k < SMSC_PARTS_KINDS; k++)
		ck_assert_uint_gt(kinds[k], 50);
	ck_assert(alphabets[0] > 50 && alphabets[1] > 50);
	ck_assert_uint_eq(smsc_texts_crc("123456789"), 0xcbf43926); /* the check value of CRC-32 */
}
END_TEST

START_TEST(receipts_have_their_form)
{
	struct smsc_fault_config config = {.seed = 1};
	struct smsc_late what = {.message_id = 0xbeef, .state = SMSC_STATE_DELIVERED, .service = "123"};
	struct smsc_receipt r;

	config.receipts = SMSC_RECEIPTS_TEXT;
	smsc_receipt_make(&r, &config, 254700000001, &what);
	ck_assert(strncmp(r.text, "id:0000beef sub:001 dlvrd:001 submit date:", 42) == 0);
	ck_assert(strstr(r.text, " stat:DELIVRD err:000 text:") != NULL);
	ck_assert_uint_eq(r.sm.esm_class, 4);
	ck_assert_uint_eq(r.sm.state, 0);
	ck_assert_str_eq(r.sm.source.digits, "254700000001");
	ck_assert_str_eq(r.sm.dest.digits, "123");
	config.receipts = SMSC_RECEIPTS_DECIMAL;
	smsc_receipt_make(&r, &config, 254700000001, &what);
	ck_assert(strncmp(r.text, "id:48879 ", 9) == 0);
	config.receipts = SMSC_RECEIPTS_TLV;
	what.state = SMSC_STATE_UNDELIVERABLE;
	smsc_receipt_make(&r, &config, 254700000001, &what);
	ck_assert_uint_eq(r.sm.text_len, 0);
	ck_assert_str_eq(r.sm.receipted_id, "0000beef");
	ck_assert_uint_eq(r.sm.state, SMSC_STATE_UNDELIVERABLE);
	ck_assert(r.sm.has_network_error);
}
END_TEST

START_TEST(pushed_phone_shows_and_answers)
{
	struct smsc_sm push = {.has_op = true,
	                       .op = SMSC_OP_ASK,
	                       .text = (const uint8_t *)"?",
	                       .text_len = 1},
		       sm;
	struct smsc_phone p;

	strcpy(push.source.digits, "123");
	smsc_phone_init(&p, 0, 254700000001, 40);
	ck_assert(smsc_phone_is_push(&p, &push));
	ck_assert_int_eq(smsc_phone_pushed(&p, &push, 5), RC_OK);
	ck_assert_int_eq(p.turn, SMSC_TURN_SUBSCRIBER);
	ck_assert_int_eq(smsc_phone_type(&p, "1"), RC_OK);
	smsc_phone_message(&p, &sm);
	ck_assert_uint_eq(sm.op, SMSC_OP_TYPED);
	ck_assert_str_eq(sm.dest.digits, "123");
	smsc_phone_sent(&p);
	ck_assert_int_eq(smsc_phone_pushed(&p, &push, 6), RC_STATE); /* busy */
}
END_TEST

START_TEST(notified_phone_confirms)
{
	struct smsc_sm push = {.has_op = true, .op = SMSC_OP_NOTIFY, .has_session = true, .session = {9, 2}},
		       sm;
	struct smsc_phone p;

	smsc_phone_init(&p, 0, 254700000001, 40);
	ck_assert(smsc_phone_is_push(&p, &push));
	ck_assert_int_eq(smsc_phone_pushed(&p, &push, 5), RC_OK);
	smsc_phone_message(&p, &sm);
	ck_assert_uint_eq(sm.op, SMSC_OP_NOTIFIED);
	ck_assert_uint_eq(sm.session[0], 9);
	ck_assert_uint_eq(sm.text_len, 0);
	ck_assert_int_eq(p.turn, SMSC_TURN_NONE);
	ck_assert_int_eq(smsc_phone_type(&p, "1"), RC_STATE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("smsc_faults");
	TCase *tc = tcase_create("faults");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, late_ones_come_in_order_of_time);
	tcase_add_test(tc, late_ones_are_bounded);
	tcase_add_test(tc, blows_fall_when_they_should);
	tcase_add_test(tc, binds_are_refused_at_first);
	tcase_add_test(tc, options_have_bounds);
	tcase_add_test(tc, responses_are_slow_within_bounds);
	tcase_add_test(tc, long_texts_are_whole);
	tcase_add_test(tc, receipts_have_their_form);
	tcase_add_test(tc, pushed_phone_shows_and_answers);
	tcase_add_test(tc, notified_phone_confirms);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
