/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The status table: whole, bounded, the same as docs/statuses.md tells people; and what we answer poisons no redelivery. */
#include <check.h>
#include <string.h>

#include "gateway/pdu.h"
#include "gateway/status.h"
#include "tests/manual.h"
#include "tests/run_suite.h"

static bool is_again(enum status_action a)
{
	return a == STATUS_RETRY || a == STATUS_PAUSE || a == STATUS_REBIND;
}

/* All waits of one message, in ms. */
static uint64_t budget_ms(uint32_t pause_ms, unsigned tries)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < tries; i++)
		sum += (uint64_t)pause_ms << i;
	return sum;
}

START_TEST(every_row_is_whole)
{
	unsigned n;
	const struct status_rule *r = status_rules(&n);

	ck_assert_uint_gt(n, 20);
	for (unsigned i = 0; i < n; i++) {
		ck_assert(is_again(r[i].ussd) == (r[i].ussd_tries > 0 && r[i].ussd_pause_ms > 0));
		ck_assert(is_again(r[i].sms) == (r[i].sms_tries > 0 && r[i].sms_pause_ms > 0));
		ck_assert(!r[i].remedy || (*r[i].remedy && !strchr(r[i].remedy, '|')));
		ck_assert_uint_lt(budget_ms(r[i].ussd_pause_ms, r[i].ussd_tries),
		                  7000); /* a network waits longer */
		ck_assert_uint_lt(budget_ms(r[i].sms_pause_ms, r[i].sms_tries), 15 * 60 * 1000);
		ck_assert_ptr_eq(status_rule_of(r[i].status), &r[i]); /* no doubles */
		ck_assert_str_ne(status_action_name(r[i].ussd), "unknown");
	}
}
END_TEST

/* Promise 3 on the other side of the wire: what is not known to be undone is not sent again. */
START_TEST(what_nobody_knows_is_final)
{
	static const uint32_t odd[] = {0x59, 0x100, 0x3ff, 0x400, 0x401, 0x4ff, 0x500, 0xfffffffe};
	unsigned n;
	const struct status_rule *r = status_rules(&n);

	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
		ck_assert_ptr_eq(status_rule_of(odd[i]), &r[n - 1]);
		ck_assert(!is_again(status_rule_of(odd[i])->sms));
		ck_assert_int_eq(status_rule_of(odd[i])->ussd, STATUS_GONE);
	}
}
END_TEST

static const struct {
	uint32_t status;
	enum status_action ussd, sms;
} known[] = {
	{0x00, STATUS_DONE, STATUS_DONE},   {0x58, STATUS_PAUSE, STATUS_PAUSE},
	{0x14, STATUS_PAUSE, STATUS_PAUSE}, {0x08, STATUS_RETRY, STATUS_RETRY},
	{0x64, STATUS_RETRY, STATUS_RETRY}, {0x04, STATUS_REBIND, STATUS_REBIND},
	{0x61, STATUS_FINAL, STATUS_RETRY}, {0x0b, STATUS_FINAL, STATUS_FINAL},
	{0x45, STATUS_GONE, STATUS_FINAL},  {0x01, STATUS_FINAL, STATUS_FINAL},
	{0xff, STATUS_GONE, STATUS_FINAL},
};

START_TEST(actions)
{
	const struct status_rule *r = status_rule_of(known[_i].status);

	ck_assert_int_eq(r->ussd, known[_i].ussd);
	ck_assert_int_eq(r->sms, known[_i].sms);
}
END_TEST

/* After these SMSCs deliver again; after all others they drop. */
static bool is_delivered_again(uint32_t status)
{
	return status == 0x04 || status == 0x08 || status == 0x14 || status == 0x58 || status == 0x64;
}

START_TEST(ours_poison_no_redelivery)
{
	ck_assert_uint_eq(status_for(STATUS_CASE_TAKEN), 0);
	ck_assert(is_delivered_again(status_for(STATUS_CASE_OVERLOAD)));
	ck_assert(is_delivered_again(status_for(STATUS_CASE_STORE_FAILS)));
	ck_assert(!is_delivered_again(status_for(STATUS_CASE_MALFORMED)));
	ck_assert_uint_ne(status_for(STATUS_CASE_MALFORMED), 0);
	ck_assert(!is_delivered_again(status_for(STATUS_CASE_NOT_WANTED)));
}
END_TEST

START_TEST(the_manual_has_the_same_table)
{
	manual_is("statuses.md", "statuses", status_print_markdown, "starhash check --statuses");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("status");
	TCase *tc = tcase_create("status");

	tcase_add_test(tc, every_row_is_whole);
	tcase_add_test(tc, what_nobody_knows_is_final);
	tcase_add_loop_test(tc, actions, 0, (int)(sizeof known / sizeof known[0]));
	tcase_add_test(tc, ours_poison_no_redelivery);
	tcase_add_test(tc, the_manual_has_the_same_table);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
