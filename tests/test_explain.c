/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PDUs field by field: names, numbers and meanings by SMPP 3.4; malformed ones are read as far as they go,
 * with the offset of what is wrong, and without a step outside (ASan). And what Starhash would answer. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/dialect_table.h"
#include "tests/run_suite.h"
#include "tools/explain.h"
#include "tools/trace.h"
#include "tools/verdict.h"

static uint8_t bytes[4096];
static size_t octets;

static struct explain *explain(const char *hex)
{
	struct explain *e;
	uint8_t *exact;

	octets = 0;
	for (; *hex; hex++) {
		char pair[3] = {hex[0], 0, 0};

		if (*hex == ' ')
			continue;
		pair[1] = *++hex;
		bytes[octets++] = (uint8_t)strtoul(pair, NULL, 16);
	}
	exact = malloc(octets ? octets : 1);
	memcpy(exact, bytes, octets);
	e = explain_pdu(exact, octets);
	free(exact);
	ck_assert_ptr_nonnull(e);
	for (size_t i = 0; i < e->n; i++)
		ck_assert_uint_le(e->field[i].offset + e->field[i].length, octets);
	return e;
}

static const struct explain_field *field(const struct explain *e, const char *name)
{
	for (size_t i = 0; i < e->n; i++)
		if (strncmp(e->field[i].name, name, strlen(name)) == 0)
			return &e->field[i];
	ck_abort_msg("no field %s", name);
}

#define HEAD_DELIVER "00000005 00000000 00000007 5553534400 0101 32353437303030303030303100 0001 31323300 "
#define DELIVER "00000044 " HEAD_DELIVER "000000 0000 00 00 00 00 05 2a31323323 0501 0001 01 1383 0002 4201"

START_TEST(a_begin_is_read)
{
	struct explain *e = explain(DELIVER);

	ck_assert_uint_eq(e->faults, 0);
	ck_assert_str_eq(field(e, "command_id")->meaning, "deliver_sm");
	ck_assert_str_eq(field(e, "source_addr_ton")->meaning, "international");
	ck_assert_str_eq(field(e, "source_addr")->name, "source_addr_ton");
	ck_assert(field(e, "short_message")->is_private);
	ck_assert_str_eq(field(e, "short_message")->meaning, "\"*123#\"");
	ck_assert_uint_eq(field(e, "ussd_service_op")->number, 1);
	ck_assert(strstr(field(e, "ussd_service_op")->meaning, "PSSR indication"));
	ck_assert_str_eq(field(e, "its_session_info")->meaning, "session 66, sequence 0, end of session");
	ck_assert_int_eq(field(e, "session number")->depth, 1);
	explain_free(e);
}
END_TEST

static const struct {
	const char *hex, *field, *meaning;
	size_t offset;
} wrong[] = {
	{"00000010 00000005 00000000", "sequence_number",
         "the PDU ends here, at offset 12; 4 octets are wanted, 0 there", 12},
	{"0000000f 00000015 00000000 00000001", "command_length", "framing is lost", 0},
	{"7fffffff 00000015 00000000 00000001", "command_length", "framing is lost", 0},
	{"00000020 00000015 00000000 00000001", "command_length", "but there are 16 octets", 0},
	{"00000010 00000777 00000000 00000001", "command_id", "no command of SMPP 3.4", 4},
	{"00000010 00000015 00000000 00000000", "sequence_number", "begin with 1", 12},
	{"00000015 00000005 00000000 00000001 5553534420", "service_type",
         "no NUL ends it before the PDU ends", 16},
	{"00000016 00000005 00000000 00000001 555353442020", "service_type",
         "no NUL ends it within its field", 16},
	{"00000039 " HEAD_DELIVER "000000 0000 00 00 00 00 40 2a31323323", "sm_length",
         "more than the PDU holds: only 5", 51},
	{"00000040 " HEAD_DELIVER "000000 0000 00 00 00 00 05 2a31323323 0501 0009 01 0000",
         "ussd_service_op", "says 9 octets, but the PDU has only 3 more (offset 57)", 57},
	{"0000003d " HEAD_DELIVER "000000 0000 00 00 00 00 05 2a31323323 0501 0000", "ussd_service_op",
         "which the specification does not allow", 57},
	{"0000003a " HEAD_DELIVER "000000 0000 00 00 00 00 05 2a31323323 00", "stray octets", "ignored", 57},
	{"00000039 " HEAD_DELIVER "400000 0000 00 00 00 00 05 0931323323", "short_message",
         "header says 9 octets, and there are 4", 52},
};

START_TEST(what_is_wrong_is_told_with_its_place)
{
	struct explain *e = explain(wrong[_i].hex);
	const struct explain_field *f = NULL;

	for (size_t i = 0; i < e->n && !f; i++)
		if (e->field[i].is_wrong &&
		    strncmp(e->field[i].name, wrong[_i].field, strlen(wrong[_i].field)) == 0)
			f = &e->field[i];
	ck_assert_msg(f != NULL, "%s: %s is not wrong", wrong[_i].hex, wrong[_i].field);
	ck_assert_msg(strstr(f->meaning, wrong[_i].meaning) != NULL, "%s", f->meaning);
	ck_assert_uint_eq(f->offset, wrong[_i].offset);
	ck_assert_uint_ge(e->faults, 1);
	explain_free(e);
}
END_TEST

START_TEST(every_prefix_does_no_harm)
{
	for (size_t n = 0; n < strlen(DELIVER); n++) {
		struct explain *e;
		char cut[sizeof DELIVER];
		size_t digits = 0;

		memcpy(cut, DELIVER, n);
		cut[n] = '\0';
		for (const char *p = cut; *p; p++)
			digits += *p != ' ';
		if (digits % 2 || (n > 0 && cut[n - 1] == ' '))
			continue;
		e = explain(cut);
		ck_assert_uint_ge(e->faults, 1);
		explain_free(e);
	}
}
END_TEST

START_TEST(headers_and_states_are_told)
{
	struct explain *e =
		explain("00000043 " HEAD_DELIVER "400000 0000 00 00 00 00 0a 0500032a0201 41424344"
	                " 0427 0001 02");

	ck_assert_uint_eq(e->udh_length, 6);
	ck_assert_str_eq(field(e, "element")->meaning,
	                 "part of a long text, 8-bit reference 42: part 1 of 2");
	ck_assert_str_eq(field(e, "text")->meaning, "\"ABCD\"");
	ck_assert_str_eq(field(e, "message_state")->meaning, "DELIVERED");
	explain_free(e);
	e = explain("00000012 80000004 00000058 00000001 4100");
	ck_assert_str_eq(field(e, "command_status")->meaning, "ESME_RTHROTTLED");
	explain_free(e);
}
END_TEST

START_TEST(passwords_are_never_shown)
{
	struct explain *e =
		explain("0000002c 00000009 00000000 00000001 737461726861736800 73656372657400 00 34 00 00 00"
	                " 0000000000000000");

	for (size_t i = 0; i < e->n; i++)
		ck_assert(!strstr(e->field[i].meaning, "secret"));
	ck_assert(field(e, "password")->is_private);
	explain_free(e);
}
END_TEST

static const struct {
	const char *hex;
	enum trace_way way;
	const char *kind, *answer, *knob;
} verdicts[] = {
	{DELIVER, TRACE_WAY_IN, "begin",
         "deliver_sm_resp ESME_ROK (0x00); then submit_sm with TLV 0x0501 = 0x02 (2)", ""},
	{"00000044 " HEAD_DELIVER "000000 0000 00 00 00 00 05 2a31323323 0501 0001 81 1383 0002 4201",
         TRACE_WAY_IN, "abort", "deliver_sm_resp ESME_ROK", ""},
	{"0000003f " HEAD_DELIVER "000000 0000 00 00 00 00 00 0501 0001 63 1383 0002 4200", TRACE_WAY_IN, "",
         "deliver_sm_resp", "ops_in"},
	{"00000039 " HEAD_DELIVER "000000 0000 00 00 00 00 40 2a31323323", TRACE_WAY_IN, "",
         "deliver_sm_resp ESME_RINVMSGLEN (0x01)", ""},
	/* taken, but doubted: an op that stands nowhere, and a session of another length than the dialect's */
	{"00000044 " HEAD_DELIVER "000000 0000 00 00 00 00 05 2a31323323 0501 0001 18 1383 0002 4200",
         TRACE_WAY_IN, "continue", "deliver_sm_resp ESME_ROK", "ops_in"},
	{"00000046 " HEAD_DELIVER "000000 0000 00 00 00 00 05 2a31323323 0501 0001 01 1383 0004 00004200",
         TRACE_WAY_IN, "begin", "deliver_sm_resp ESME_ROK", "session.length"},
	{"00000010 00000015 00000000 00000001", TRACE_WAY_IN, "", "enquire_link_resp ESME_ROK", ""},
	{"00000010 00000777 00000000 00000001", TRACE_WAY_IN, "", "generic_nack ESME_RINVCMDID", ""},
	{"00000005 00000005 00000000 00000001", TRACE_WAY_IN, "",
         "generic_nack ESME_RINVCMDLEN (0x02), and close", ""},
	{"00000040 00000005 00000000 00000001", TRACE_WAY_IN, "", "nothing yet", ""},
	{"00000010 80000004 00000058 00000001", TRACE_WAY_IN, "", "again, the link pauses", ""},
	{"00000039 00000004 00000000 00000007 5553534400 0001 31323300 0101 32353437303030303030303100 "
         "000000 0000 00 00 00 00 00 "
         "0501 0001 17",
         TRACE_WAY_OUT, "", "nothing", "ops_out"},
};

START_TEST(the_answer_is_foretold)
{
	struct explain *e = explain(verdicts[_i].hex); /* fills `bytes` */
	struct trace_pdu p = {.way = verdicts[_i].way, .bytes = bytes, .len = octets};
	struct verdict v;

	explain_free(e);
	verdict_of(&dialect_standard, NULL, &p, &v);
	ck_assert_str_eq(v.kind, verdicts[_i].kind);
	ck_assert_msg(strstr(v.answer, verdicts[_i].answer) != NULL, "%s", v.answer);
	ck_assert_str_eq(v.knob, verdicts[_i].knob);
	ck_assert(!*v.knob || *v.trouble);
	ck_assert_int_eq(strncmp(v.trouble, "it is taken, but", 16) == 0,
	                 v.understood && *v.trouble && *v.kind);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
	Suite *s = suite_create("explain");
	TCase *tc = tcase_create("explain");

	suite_add_tcase(s, tc);
	tcase_add_test(tc, a_begin_is_read);
	tcase_add_loop_test(tc, what_is_wrong_is_told_with_its_place, 0, ROWS(wrong));
	tcase_add_test(tc, every_prefix_does_no_harm);
	tcase_add_test(tc, headers_and_states_are_told);
	tcase_add_test(tc, passwords_are_never_shown);
	tcase_add_loop_test(tc, the_answer_is_foretold, 0, ROWS(verdicts));
	return run_suite(s);
}
