/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each knob of dialects.conf: written in a block, read, acted on. The numbers are those of docs/dialects.md.
 */
#include "tests/dialect_rig.h"
#include "tests/run_suite.h"

START_TEST(knob_1_what_is_ussd)
{
	static const struct {
		const char *keys, *service_type, *dest;
		bool op;
		enum dialect_kind kind;
	} cases[] = {
		{"", "", "123", true, DIALECT_BEGIN},
		{"", "ussd ", "123", false, DIALECT_BEGIN},
		{"", "", "123", false, DIALECT_SMS},
		{"detect = { op = false; service_type = \"\"; all = true; };", "CMT", "9", false,
	         DIALECT_BEGIN},
		{"detect = { op = false; };", "", "123", true, DIALECT_SMS},
		{"detect = { service_type = \"U\"; };", "U", "123", false, DIALECT_BEGIN},
		{"detect = { service_type = \"U\"; };", "USSD", "123", false, DIALECT_SMS},
		{"detect = { op = false; service_type = \"\"; codes = [ \"123\", \"5*1\" ]; };", "", "*123#",
	         false, DIALECT_BEGIN},
		{"detect = { op = false; service_type = \"\"; codes = [ \"123\", \"5*1\" ]; };", "", "*5*1#",
	         false, DIALECT_BEGIN},
		{"detect = { op = false; service_type = \"\"; codes = [ \"123\" ]; };", "", "124", false,
	         DIALECT_SMS},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		d = world_dialect(cases[i].keys);
		world_message(&w, cases[i].dest, "*123#");
		strcpy(w.m.service_type, cases[i].service_type);
		if (cases[i].op)
			world_tlv(&w, 0x0501, 1, 1);
		ck_assert_int_eq(hear(), RC_OK);
		ck_assert_msg(e.kind == cases[i].kind, "case %zu: %s", i, dialect_kind_name(e.kind));
	}
	d = world_dialect("detect = { op_tag = 0x1400; };");
	world_message(&w, "123", "*123#");
	world_tlv(&w, 0x1400, 1, 1);
	ck_assert_int_eq(hear(), RC_OK);
	ck_assert_int_eq(e.kind, DIALECT_BEGIN);
	say(DIALECT_SAY_END, "x");
	ck_assert_uint_eq(world_out_value(&s, 0x1400), 0x11);
}
END_TEST

START_TEST(knob_2_service_type)
{
	d = world_dialect("service_type = \"CMT\";");
	ck_assert_int_eq(hear_op(1, "*123#"), RC_OK);
	say(DIALECT_SAY_CONTINUE, "x");
	ck_assert_str_eq(s.service_type, "CMT");
	d = world_dialect("service_type = \"CMT\"; service_type_copy = true;");
	world_message(&w, "123", "*123#");
	strcpy(w.m.service_type, "USSD1");
	world_tlv(&w, 0x0501, 1, 1);
	ck_assert_int_eq(hear(), RC_OK);
	say(DIALECT_SAY_CONTINUE, "x");
	ck_assert_str_eq(s.service_type, "USSD1");
	say(DIALECT_SAY_PUSH, "x"); /* there is nothing to copy from */
	ck_assert_str_eq(s.service_type, "CMT");
}
END_TEST

START_TEST(knob_3_ops_in)
{
	static const struct {
		int op;
		enum dialect_kind kind;
		enum dialect_cause cause;
	} cases[] = {
		{40, DIALECT_BEGIN, 0},
		{0x29, DIALECT_CONTINUE, 0},
		{42, DIALECT_ABORT, DIALECT_CAUSE_UNKNOWN},
		{43, DIALECT_ABORT, DIALECT_CAUSE_UNKNOWN},
		{44, DIALECT_ABORT, DIALECT_CAUSE_SUBSCRIBER},
		{45, DIALECT_ABORT, DIALECT_CAUSE_NETWORK},
		{46, DIALECT_ACK, 0},
		{2, DIALECT_CONTINUE, 0}, /* unknown now: its list was replaced */
	};

	d = world_dialect(
		"ops_in = { begin = [ 40 ]; continue = [ 0x29 ]; end = [ 42 ]; abort = [ \"0x2b\" ]; "
		"cancel = [ 44 ]; timeout = [ \"45\" ]; ack = [ 46 ]; };");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(hear_op(cases[i].op, "7"), RC_OK);
		ck_assert_msg(e.kind == cases[i].kind && e.cause == cases[i].cause, "op %d: %s, cause %d",
		              cases[i].op, dialect_kind_name(e.kind), (int)e.cause);
		ck_assert_str_eq(e.text, cases[i].kind == DIALECT_CONTINUE ? "7" : "");
	}
	ck_assert_int_eq(hear_op(99, ""), RC_RANGE);
	ck_assert_str_eq(trouble.knob, "ops_in");
	ck_assert_ptr_nonnull(strstr(trouble.words, "0x63 (99)"));
	ck_assert_uint_eq(status, PDU_ROK);
	d = world_dialect("unknown_op = \"begin\";");
	ck_assert_int_eq(hear_op(99, "*123#"), RC_OK);
	ck_assert_int_eq(e.kind, DIALECT_BEGIN);
	d = world_dialect("unknown_op = \"reject\";");
	ck_assert_int_eq(hear_op(99, "*123#"), RC_RANGE);
	ck_assert_uint_eq(status, PDU_RX_R_APPN); /* never one that it would be sent again for */
}
END_TEST

START_TEST(knob_4_ops_out)
{
	static const enum dialect_say says[] = {DIALECT_SAY_CONTINUE, DIALECT_SAY_END, DIALECT_SAY_PUSH,
	                                        DIALECT_SAY_NOTIFY, DIALECT_SAY_RELEASE};

	d = world_dialect(
		"ops_out = { continue = 40; end = 0x29; push = 42; notify = 43; release = 0x80; };");
	ck_assert_int_eq(hear_op(1, "*123#"), RC_OK);
	for (unsigned i = 0; i < 4; i++) {
		say(says[i], "x");
		ck_assert_uint_eq(world_out_value(&s, 0x0501), 40 + i);
	}
	say(DIALECT_SAY_RELEASE, "not said");
	ck_assert_uint_eq(world_out_value(&s, 0x0501), 0x80);
	ck_assert_uint_eq(s.body_len, 0);
	d = world_dialect("ops_out = { end = \"none\"; };");
	say(DIALECT_SAY_END, "x");
	ck_assert_ptr_null(world_out(&s, 0x0501));
	ck_assert(!dialect_can_say(&d, DIALECT_SAY_RELEASE));
	d = world_dialect("can_push = false;");
	ck_assert(!dialect_can_say(&d, DIALECT_SAY_PUSH) && !dialect_can_say(&d, DIALECT_SAY_NOTIFY));
}
END_TEST

START_TEST(knob_5_session)
{
	d = world_dialect(
		"session = { tag = 0x1501; length = 8; mask = \"0xffffffff00000000\"; demanded = true; "
		"end_bit = 0; };");
	world_message(&w, "123", "1");
	world_tlv(&w, 0x0501, 18, 1);
	ck_assert_int_eq(hear(), RC_RANGE);
	ck_assert_str_eq(trouble.knob, "session.demanded");
	ck_assert_ptr_nonnull(strstr(trouble.words, "0x1501 (5377)"));
	ck_assert_uint_eq(status, PDU_RX_R_APPN);
	world_tlv(&w, 0x1501, 0x0102, 2);
	ck_assert_int_eq(hear(), RC_RANGE);
	ck_assert_str_eq(trouble.knob, "session.length");
	w.m.n_tlvs--;
	world_tlv(&w, 0x1501, 0x0102030405060708, 8);
	ck_assert_int_eq(hear(), RC_OK);
	ck_assert(e.session.has_id && e.session.id == 0x0102030400000000);
	d = world_dialect("session = { mask = 0; };");
	ck_assert_int_eq(hear_op(18, "1"), RC_OK);
	ck_assert(!e.session.has_id && e.session.n_kept == 1);
}
END_TEST

START_TEST(knob_6_end_of_session)
{
	d = world_dialect("session = { mask = 0x00ff; end_bit = 0x8000; };");
	ck_assert_int_eq(hear_op(18, "1"), RC_OK);
	ck_assert_int_eq(e.kind, DIALECT_CONTINUE);
	say(DIALECT_SAY_END, "x");
	ck_assert_uint_eq(world_out_value(&s, 0x1383), 0x8700);
	w.value[1][0] |= 0x80;
	ck_assert_int_eq(hear(), RC_OK);
	ck_assert_int_eq(e.kind, DIALECT_ABORT);
	say(DIALECT_SAY_CONTINUE, "x");
	ck_assert_uint_eq(world_out_value(&s, 0x1383), 0x0700);
	d = world_dialect("session = { honour_end_bit = false; set_end_bit = false; };");
	ck_assert_int_eq(hear_op(18, "1"), RC_OK);
	w.value[1][1] |= 1;
	ck_assert_int_eq(hear(), RC_OK);
	ck_assert_int_eq(e.kind, DIALECT_CONTINUE);
	say(DIALECT_SAY_END, "x");
	ck_assert_uint_eq(world_out_value(&s, 0x1383), 0x0701);
	d = world_dialect("session = { unit = \"increment\"; };");
	w.value[1][1] = 0xfe; /* a dialogue of 127 units begins again, and its session is not touched */
	ck_assert_int_eq(hear(), RC_OK);
	say(DIALECT_SAY_CONTINUE, "x");
	ck_assert_uint_eq(world_out_value(&s, 0x1383), 0x0700);
}
END_TEST

START_TEST(knob_7_tlvs)
{
	d = world_dialect(
		"echo = ( 0x1401, \"5122\" ); op_last = true; extra = ( { tag = 0x1403; value = \"00Ff\"; "
		"says = [ \"end\" ]; }, { tag = 0x1404; value = \"07\"; } );");
	ck_assert_int_eq(hear_op(18, "1"), RC_OK);
	world_tlv(&w, 0x1402, 0x55, 1);
	world_tlv(&w, 0x1401, 0x0102030405060708, 8);
	ck_assert_int_eq(hear(), RC_OK);
	say(DIALECT_SAY_CONTINUE, "x");
	ck_assert_uint_eq(world_out_value(&s, 0x1401), 0x0102030405060708);
	ck_assert_uint_eq(world_out_value(&s, 0x1402), 0x55);
	ck_assert_ptr_null(world_out(&s, 0x1403));
	ck_assert_uint_eq(world_out_value(&s, 0x1404), 7);
	ck_assert_uint_eq(s.tlv[s.n_tlvs - 1].tag, 0x0501);
	say(DIALECT_SAY_END, "x");
	ck_assert_uint_eq(world_out_value(&s, 0x1403), 0x00ff);
	ck_assert_uint_eq(s.n_tlvs, 6);
}
END_TEST

START_TEST(knob_8_where_the_code_is)
{
	d = world_dialect("code_from = \"text\";");
	ck_assert_int_eq(hear_op(1, "*100*2#"), RC_OK);
	ck_assert_str_eq(e.code, "100*2");
	ck_assert_int_eq(hear_op(1, "100"), RC_OK);
	ck_assert_str_eq(e.code, "100");
	ck_assert_int_eq(hear_op(1, "MENU"), RC_RANGE);
	ck_assert_str_eq(trouble.knob, "code_from");
	ck_assert_ptr_null(strstr(trouble.words, "MENU")); /* promise 9 */
	ck_assert_uint_eq(status, PDU_RX_R_APPN);
	ck_assert_int_eq(hear_op(18, "1"), RC_OK);
	ck_assert_str_eq(e.code, "");
	d = world_dialect("code_from = \"tlv\"; code_tag = 0x1405;");
	ck_assert_int_eq(hear_op(1, "x"), RC_RANGE);
	ck_assert_str_eq(trouble.knob, "code_from");
	world_tlv(&w, 0x1405, 0x2a31303023, 5); /* "*100#" */
	ck_assert_int_eq(hear(), RC_OK);
	ck_assert_str_eq(e.code, "100");
}
END_TEST

START_TEST(knob_9_what_a_begin_says)
{
	d = world_dialect("");
	ck_assert_int_eq(hear_op(1, "*123*4#"), RC_OK);
	ck_assert_str_eq(e.text, "*123*4#");
	d = world_dialect("begin_text_is_dialled = false;");
	ck_assert_int_eq(hear_op(1, "*123*4#"), RC_OK);
	ck_assert_str_eq(e.text, "");
	ck_assert_str_eq(e.code, "123");
}
END_TEST

START_TEST(knob_10_alphabets)
{
	d = world_dialect(
		"coding_in = { latin1 = [ 0x44 ]; ucs2 = [ 0x19 ]; gsm7 = [ ]; }; "
		"text = { default_alphabet = \"latin1\"; coding_gsm7 = 0xf0; coding_ucs2 = 0x19; };");
	ck_assert_int_eq(hear_op(18, "\xe9"), RC_OK); /* 0 is in no list now */
	ck_assert_str_eq(e.text, "\u00e9");
	w.m.data_coding = 0x44;
	ck_assert_int_eq(hear(), RC_OK);
	ck_assert_str_eq(e.text, "\u00e9");
	w.m.data_coding = 0x19;
	w.m.body = (const uint8_t *)"\x04\x16";
	w.m.body_len = 2;
	ck_assert_int_eq(hear(), RC_OK);
	ck_assert_str_eq(e.text, "\u0416");
	say(DIALECT_SAY_CONTINUE, "plain");
	ck_assert_uint_eq(s.data_coding, 0xf0);
	say(DIALECT_SAY_CONTINUE, "\u0416");
	ck_assert_uint_eq(s.data_coding, 0x19);
	d = world_dialect("text = { ucs2 = false; };");
	say(DIALECT_SAY_CONTINUE, "M\u00e3 s\u1ed1");
	ck_assert_uint_eq(s.data_coding, 0);
	ck_assert_uint_eq(s.body_len, 5);
	ck_assert_mem_eq(s.body, "Ma so", 5);
}
END_TEST

/* Where data_coding 0 is Latin-1 or ASCII, that is what goes out under it too: an '@' of GSM 7-bit is octet 0. */
START_TEST(knob_10_alphabet_out)
{
	d = world_dialect("coding_in = { latin1 = [ 0x00, 0x03 ]; };");
	say(DIALECT_SAY_CONTINUE, "\u00e9@ \u00f4[");
	ck_assert_uint_eq(s.data_coding, 0);
	ck_assert_uint_eq(s.body_len, 5);
	ck_assert_mem_eq(s.body, "\xe9@ \xf4[", 5);
	say(DIALECT_SAY_END, "\u20ac"); /* GSM 7-bit has it, Latin-1 has not */
	ck_assert_uint_eq(s.data_coding, 8);
	ck_assert_mem_eq(s.body, "\x20\xac", 2);
	d = world_dialect("coding_in = { gsm7 = [ 0x0f ]; ascii = [ 0x00 ]; }; text = { ucs2 = false; };");
	say(DIALECT_SAY_CONTINUE, "caf\u00e9_$");
	ck_assert_uint_eq(s.data_coding, 0);
	ck_assert_uint_eq(s.body_len, 6);
	ck_assert_mem_eq(s.body, "cafe_$", 6);
}
END_TEST

/* 3GPP TS 23.038, 5: data codings that say the language before the text. */
START_TEST(knob_10_language_before_the_text)
{
	d = world_dialect("");
	ck_assert_int_eq(hear_op(18, "en\r1"), RC_OK);
	w.m.data_coding = 0x10;
	ck_assert_int_eq(hear(), RC_OK);
	ck_assert_str_eq(e.text, "1");
	w.m.data_coding = 0x11;
	w.m.body = (const uint8_t *)"\xe5\x37\x00\x31";
	ck_assert_int_eq(hear(), RC_OK);
	ck_assert_str_eq(e.text, "1");
	w.m.body_len = 1;
	ck_assert_int_eq(hear(), RC_OK);
	ck_assert_str_eq(e.text, "");
}
END_TEST

START_TEST(knob_11_packed_and_long)
{
	char text[300];

	d = world_dialect(
		"text = { packed_in = true; packed_out = true; max_septets = 40; max_units = 20; };");
	world_message(&w, "123", "\xaa\x18\x0c\x36\x02"); /* "*100#" */
	world_tlv(&w, 0x0501, 1, 1);
	ck_assert_int_eq(hear(), RC_OK);
	ck_assert_str_eq(e.text, "*100#");
	say(DIALECT_SAY_CONTINUE, "1234567");
	ck_assert_uint_eq(s.body_len, 7);
	ck_assert_uint_eq(s.body[6], 0x1a); /* the CR that fills it */
	memset(text, 'a', sizeof(text));
	text[40] = '\0';
	say(DIALECT_SAY_CONTINUE, text);
	text[40] = 'a';
	text[41] = '\0';
	ck_assert_int_eq(dialect_write_ussd(&d, &e, text, DIALECT_SAY_CONTINUE, &scratch, &s), RC_RANGE);
	d = world_dialect("text = { max_septets = 40; max_units = 20; too_long = \"truncate\"; };");
	say(DIALECT_SAY_CONTINUE, "the quick brown fox jumps over the lazy dog");
	ck_assert_uint_le(s.body_len, 40);
	ck_assert_mem_eq(s.body + s.body_len - 3, "...", 3);
	say(DIALECT_SAY_CONTINUE, "\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416"
	                          "\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416\u0416");
	ck_assert_uint_le(s.body_len, 40);
	d = world_dialect("text = { max_septets = 40; too_long = \"reject\"; };");
	ck_assert_int_eq(dialect_write_ussd(&d, &e, text, DIALECT_SAY_CONTINUE, &scratch, &s), RC_RANGE);
}
END_TEST

START_TEST(knob_12_payload)
{
	d = world_dialect("");
	ck_assert_int_eq(hear_op(1, "*123#"), RC_OK);
	say(DIALECT_SAY_CONTINUE, "x");
	ck_assert(!s.in_payload);
	d = world_dialect("text = { in_payload = true; };");
	say(DIALECT_SAY_CONTINUE, "x");
	ck_assert(s.in_payload);
}
END_TEST

START_TEST(knob_13_addresses)
{
	d = world_dialect("service = { mirror = true; ton = 6; npi = 8; };");
	ck_assert_int_eq(hear_op(1, "*123#"), RC_OK);
	w.m.dest.npi = 9;
	ck_assert_int_eq(hear(), RC_OK);
	say(DIALECT_SAY_CONTINUE, "x");
	ck_assert(s.source.ton == 3 && s.source.npi == 9 && s.dest.ton == 1 && s.dest.npi == 1);
	say(DIALECT_SAY_PUSH, "x");
	ck_assert(s.source.ton == 6 && s.source.npi == 8);
	d = world_dialect("service = { mirror = false; ton = 5; npi = 0; }; "
	                  "subscriber = { mirror = false; ton = 2; npi = 8; };");
	say(DIALECT_SAY_CONTINUE, "x");
	ck_assert(s.source.ton == 5 && s.source.npi == 0 && s.dest.ton == 2 && s.dest.npi == 8);
}
END_TEST

/* 14 respond: tests/test_respond.c. 15 timers: tests/test_dialogue_*.c. 16 bind is the link's. */
START_TEST(knobs_14_15_17_are_read)
{
	d = world_dialect(
		"respond = \"after_submit\"; idle = \"90s\"; answer_within = \"1500ms\"; "
		"overload = \"status\"; answer = { esm_class = 2; registered_delivery = 1; priority = 3; "
		"protocol_id = 0x40; validity = \"000000001000000R\"; };");
	ck_assert_int_eq(d.respond, DIALECT_RESPOND_AFTER_SUBMIT);
	ck_assert_int_eq(d.idle_ms, 90000);
	ck_assert_int_eq(d.answer_within_ms, 1500);
	ck_assert_int_eq(d.overload, DIALECT_OVERLOAD_STATUS);
	ck_assert_int_eq(hear_op(1, "*123#"), RC_OK);
	say(DIALECT_SAY_CONTINUE, "x");
	ck_assert(s.esm_class == 2 && s.registered_delivery == 1 && s.priority == 3 && s.protocol_id == 0x40);
	ck_assert_str_eq(s.validity, "000000001000000R");
}
END_TEST

START_TEST(sms_keys_are_read)
{
	d = world_dialect(
		"sms = { parts = \"sar\"; letters = \"transliterate\"; alphabet = \"latin1\"; "
		"coding_latin1 = 0x13; validity = \"2h\"; validity_absolute = true; receipts = true; "
		"receipts_failures = true; receipts_by_text = true; receipt_id = \"hex_in_resp\"; "
		"sender = \"ACME\"; };");
	ck_assert_int_eq(d.sms.parts, DIALECT_PARTS_SAR);
	ck_assert_int_eq(d.sms.letters, DIALECT_LETTERS_TRANSLITERATE);
	ck_assert_int_eq(d.sms.alphabet, TEXT_LATIN1);
	ck_assert_int_eq(d.sms.coding_latin1, 0x13);
	ck_assert_int_eq(d.sms.validity_ms, 7200000);
	ck_assert(d.sms.validity_absolute && d.sms.receipts_failures && d.sms.receipts_by_text);
	ck_assert_int_eq(d.sms.receipt_id, DIALECT_ID_HEX_IN_RESP);
	ck_assert_str_eq(d.sms.sender, "ACME");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dialect_knobs");
	TCase *tc = tcase_create("knobs");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, knob_1_what_is_ussd);
	tcase_add_test(tc, knob_2_service_type);
	tcase_add_test(tc, knob_3_ops_in);
	tcase_add_test(tc, knob_4_ops_out);
	tcase_add_test(tc, knob_5_session);
	tcase_add_test(tc, knob_6_end_of_session);
	tcase_add_test(tc, knob_7_tlvs);
	tcase_add_test(tc, knob_8_where_the_code_is);
	tcase_add_test(tc, knob_9_what_a_begin_says);
	tcase_add_test(tc, knob_10_alphabets);
	tcase_add_test(tc, knob_10_alphabet_out);
	tcase_add_test(tc, knob_10_language_before_the_text);
	tcase_add_test(tc, knob_11_packed_and_long);
	tcase_add_test(tc, knob_12_payload);
	tcase_add_test(tc, knob_13_addresses);
	tcase_add_test(tc, knobs_14_15_17_are_read);
	tcase_add_test(tc, sms_keys_are_read);
	return run_suite(suite);
}
