/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions of other lengths than SMPP 3.4's, and what is doubted of a message that was taken (gateway/dialect_doubt.c).
 */
#include "tests/dialect_rig.h"
#include "tests/run_suite.h"

/* Of a dialect that is nearly right: nothing is refused, and the key to look at is named. */
static const char *doubted(void)
{
	struct dialect_trouble doubt = {NULL, ""};

	ck_assert_int_eq(hear(), RC_OK);
	if (!dialect_doubt(&d, &w.m, &e, &doubt))
		return "";
	ck_assert_uint_gt(strlen(doubt.words), 0);
	ck_assert_ptr_null(strstr(doubt.words, "25470"));
	return doubt.knob;
}

/* TLVs of SMPP 3.4 in other lengths than it says: they are read, doubted only where another was expected, and go out. */
START_TEST(sessions_of_another_length)
{
	static const struct {
		uint16_t tag;
		uint8_t length;
	} cases[] = {{0x1383, 1}, {0x1383, 3}, {0x1383, 4}, {0x1383, 8}, {0x0204, 1}, {0x0204, 4}};
	char keys[160];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint16_t tag = cases[i].tag;
		uint8_t length = cases[i].length;

		snprintf(
			keys, sizeof(keys),
			"echo = [ ]; session = { tag = %u; length = %u; mask = 0xfe; end_bit = 1; demanded = "
			"true; };",
			tag, length);
		d = world_dialect(keys);
		world_message(&w, "123", "1");
		world_tlv(&w, 0x0501, 18, 1);
		world_tlv(&w, tag, 0x0a, length);
		ck_assert_str_eq(doubted(), "");
		ck_assert(e.session.has_id && e.session.id == 0x0a);
		ck_assert_int_eq(e.kind, DIALECT_CONTINUE);
		say(DIALECT_SAY_END, "x");
		ck_assert_uint_eq(world_out(&s, tag)->length, length);
		ck_assert_uint_eq(world_out_value(&s, tag), 0x0b); /* the end bit is the last one */
		w.value[1][length - 1] |= 1;
		ck_assert_int_eq(hear(), RC_OK);
		ck_assert_int_eq(e.kind, DIALECT_ABORT);
		d.session_length = 2;
		d.session_demanded = false;
		ck_assert_str_eq(doubted(), "session.length");
		ck_assert_uint_eq(e.session.n_kept, 0);
		d.session_length = 0; /* any */
		ck_assert_str_eq(doubted(), "session.honour_end_bit");
	}
}
END_TEST

START_TEST(doubts_of_ops_and_end_bits)
{
	d = world_dialect("");
	hear_op(1, "*123#");
	ck_assert_str_eq(doubted(), "");
	hear_op(18, "1");
	ck_assert_str_eq(doubted(), "");
	hear_op(0x18, "1"); /* 18 in the wrong base */
	ck_assert_str_eq(doubted(), "ops_in");
	hear_op(0x81, "");
	ck_assert_str_eq(doubted(), "");
	world_message(&w, "123", "1");
	world_tlv(&w, 0x0501, 18, 1);
	world_tlv(&w, 0x1383, 0x0701, 2); /* the last bit of an id */
	ck_assert_str_eq(doubted(), "session.honour_end_bit");
	ck_assert_int_eq(e.kind, DIALECT_ABORT);
	world_message(&w, "123", "");
	world_tlv(&w, 0x0501, 18, 1);
	world_tlv(&w, 0x1383, 0x0701, 2);
	ck_assert_str_eq(doubted(), "");
}
END_TEST

START_TEST(doubts_of_sessions)
{
	d = world_dialect("");
	world_message(&w, "123", "*123#");
	world_tlv(&w, 0x0501, 1, 1);
	ck_assert_str_eq(doubted(), ""); /* none at all: it may have none */
	world_tlv(&w, 0x1501, 0x01020304, 4);
	ck_assert_str_eq(doubted(), "session.tag");
	d = world_dialect("echo = [ 0x1501 ];");
	ck_assert_str_eq(doubted(), "");
	d = world_dialect("");
	w.m.n_tlvs--;
	world_tlv(&w, 0x1383, 1, 4);
	ck_assert_str_eq(doubted(), "session.length");
	w.m.n_tlvs--;
	world_tlv(&w, 0x0204, 1, 4);
	ck_assert_str_eq(doubted(), ""); /* given back as it is */
	ck_assert_uint_eq(e.session.n_kept, 1);
	w.m.n_tlvs--;
	world_tlv(&w, 0x0204, 1, 9);
	ck_assert_str_eq(doubted(), "echo");
	w.m.n_tlvs--;
	w.m.odd_tag = 0x0501; /* as the guard leaves it */
	w.m.odd_length = 2;
	ck_assert_str_eq(doubted(), "detect.op_tag");
	w.m.odd_tag = 0x0423; /* not this dialect's */
	ck_assert_str_eq(doubted(), "");
	d = world_dialect("session = { demanded = true; };");
	w.m.odd_tag = 0;
	world_tlv(&w, 0x1383, 1, 4);
	ck_assert_int_eq(hear(), RC_RANGE);
	ck_assert_str_eq(trouble.knob, "session.length");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dialect_doubt");
	TCase *tc = tcase_create("doubts");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, sessions_of_another_length);
	tcase_add_test(tc, doubts_of_ops_and_end_bits);
	tcase_add_test(tc, doubts_of_sessions);
	return run_suite(suite);
}
