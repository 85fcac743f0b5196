/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MSISDN: every dress of a number comes to one integer; what is none is refused. */
#include <check.h>
#include <string.h>

#include "core/msisdn.h"
#include "tests/run_suite.h"

static const struct msisdn_plan kenya = {"254", "0"};
static const struct msisdn_plan spain = {"34", ""}; /* no trunk prefix */
static const struct msisdn_plan america = {"1", "1"};

#define UNK MSISDN_TON_UNKNOWN
#define INT MSISDN_TON_INTERNATIONAL
#define NAT MSISDN_TON_NATIONAL

static const struct {
	const char *text;
	int ton;
	const struct msisdn_plan *plan;
	enum rc rc;
	int64_t number;
} cases[] = {
	/* one number, many dresses */
	{"254722000001", UNK, &kenya, RC_OK, 254722000001},
	{"254722000001", INT, &kenya, RC_OK, 254722000001},
	{"+254722000001", UNK, &kenya, RC_OK, 254722000001},
	{"+254722000001", INT, &kenya, RC_OK, 254722000001},
	{"+254722000001", NAT, &kenya, RC_OK, 254722000001},
	{"00254722000001", UNK, &kenya, RC_OK, 254722000001},
	{"00254722000001", INT, &kenya, RC_OK, 254722000001},
	{"00254722000001", NAT, &kenya, RC_OK, 254722000001},
	{"0722000001", UNK, &kenya, RC_OK, 254722000001},
	{"0722000001", NAT, &kenya, RC_OK, 254722000001},
	{"722000001", UNK, &kenya, RC_OK, 254722000001},
	{"722000001", NAT, &kenya, RC_OK, 254722000001},
	{"722000001", 5, &kenya, RC_OK, 254722000001}, /* alphanumeric TON, digits all the same */
	{"722000001", -1, &kenya, RC_OK, 254722000001},
	{" +254 (722) 000-001 ", UNK, &kenya, RC_OK, 254722000001},
	{"(0722) 000.001", UNK, &kenya, RC_OK, 254722000001},
	{"( +254 ) 722000001", UNK, &kenya, RC_OK, 254722000001},

	/* national numbers that begin like the country code */
	{"254123456", UNK, &kenya, RC_OK, 254254123456},
	{"2541234567", UNK, &kenya, RC_OK, 2541234567},
	{"254722000", NAT, &kenya, RC_OK, 254254722000},

	/* other countries */
	{"+447911123456", UNK, &kenya, RC_OK, 447911123456},
	{"447911123456", INT, &kenya, RC_OK, 447911123456},
	{"612345678", UNK, &spain, RC_OK, 34612345678},
	{"34612345678", UNK, &spain, RC_OK, 34612345678},
	{"0034612345678", UNK, &spain, RC_OK, 34612345678},
	{"612345678", NAT, &spain, RC_OK, 34612345678},
	{"0612345678", INT, &spain, RC_RANGE, 0},
	{"2025550123", UNK, &america, RC_OK, 12025550123},
	{"12025550123", UNK, &america, RC_OK, 12025550123},
	{"+12025550123", UNK, &america, RC_OK, 12025550123},
	{"254722000001", UNK, NULL, RC_OK, 254722000001},

	/* bounds: 7 to 15 digits, none begins with 0 */
	{"+1234567890", UNK, &kenya, RC_OK, 1234567890},

	/* marked as international by an SMSC that marks everything so: one handset, one subscriber */
	{"0722000001", INT, &kenya, RC_OK, 254722000001},
	{"722000001", INT, &kenya, RC_OK, 254722000001},
	{"254722000001", INT, &kenya, RC_OK, 254722000001},
	{"447911123456", INT, &kenya, RC_OK, 447911123456},
	{"+123456", UNK, &kenya, RC_RANGE, 0},
	{"+123456789012345", UNK, &kenya, RC_OK, 123456789012345},
	{"+999999999999999", UNK, &kenya, RC_OK, 999999999999999},
	{"+1234567890123456", UNK, &kenya, RC_RANGE, 0},
	{"00123456789012345", UNK, &kenya, RC_OK, 123456789012345},
	{"001234567890123456", UNK, &kenya, RC_RANGE, 0},
	{"1234567890123", NAT, &kenya, RC_RANGE, 0},
	{"+0722000001", UNK, &kenya, RC_RANGE, 0},
	{"000722000001", UNK, &kenya, RC_RANGE, 0},
	{"123", UNK, &kenya, RC_RANGE, 0},
	{"0", UNK, &kenya, RC_RANGE, 0},
	{"00", UNK, &kenya, RC_RANGE, 0},
	{"11111111111111111111111111111111111111111111", UNK, &kenya, RC_RANGE, 0},

	/* no digits */
	{"", UNK, &kenya, RC_SYNTAX, 0},
	{NULL, UNK, &kenya, RC_SYNTAX, 0},
	{"+", UNK, &kenya, RC_SYNTAX, 0},
	{" -()", UNK, &kenya, RC_SYNTAX, 0},
	{"++254722000001", UNK, &kenya, RC_SYNTAX, 0},
	{"254+722000001", UNK, &kenya, RC_SYNTAX, 0},
	{"Acme", 5, &kenya, RC_SYNTAX, 0},
	{"0722O00001", UNK, &kenya, RC_SYNTAX, 0},
	{"*123#", UNK, &kenya, RC_SYNTAX, 0},
	{"0722000001\n", UNK, &kenya, RC_SYNTAX, 0},
	{"07220\xd9\xa0", UNK, &kenya, RC_SYNTAX, 0}, /* an Arabic digit is not one of ours */
};

START_TEST(numbers_are_read)
{
	int64_t out = -77;

	ck_assert_msg(msisdn_parse(cases[_i].text, cases[_i].ton, cases[_i].plan, &out) == cases[_i].rc,
	              "case %d: %s", _i, cases[_i].text ? cases[_i].text : "NULL");
	/* Outputs are untouched unless RC_OK. */
	ck_assert_int_eq(out, cases[_i].rc == RC_OK ? cases[_i].number : -77);
}
END_TEST

START_TEST(numbers_read_back)
{
	char text[MSISDN_TEXT_SIZE];
	int64_t back = 0;

	if (cases[_i].rc != RC_OK)
		return;
	ck_assert_ptr_eq(msisdn_text(cases[_i].number, text), text);
	ck_assert_int_eq(msisdn_parse(text, MSISDN_TON_INTERNATIONAL, cases[_i].plan, &back), RC_OK);
	ck_assert_int_eq(back, cases[_i].number);
}
END_TEST

START_TEST(text_stays_inside_its_bytes)
{
	char out[MSISDN_TEXT_SIZE];

	ck_assert_str_eq(msisdn_text(999999999999999, out), "999999999999999");
	ck_assert_uint_lt(strlen(msisdn_text(INT64_MAX, out)), MSISDN_TEXT_SIZE);
	ck_assert_uint_lt(strlen(msisdn_text(INT64_MIN, out)), MSISDN_TEXT_SIZE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("msisdn");
	TCase *tc = tcase_create("msisdn");

	tcase_add_loop_test(tc, numbers_are_read, 0, sizeof cases / sizeof cases[0]);
	tcase_add_loop_test(tc, numbers_read_back, 0, sizeof cases / sizeof cases[0]);
	tcase_add_test(tc, text_stays_inside_its_bytes);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
