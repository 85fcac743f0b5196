/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialect: the `standard` row, one case a line.
 *
 * Messages are made by hand, not by the codec, so that a case shows everything it depends on.
 */
#include <check.h>
#include <string.h>

#include "gateway/dialect.h"
#include "gateway/dialect_table.h"
#include "tests/run_suite.h"

#define NONE (-1)

static const struct msisdn_plan plan = {.code = "254", .trunk = "0"};

struct input {
	const char *service_type, *source;
	int source_ton;
	const char *dest;
	int esm_class, coding;
	int op;  /* NONE = no TLV */
	int its; /* NONE = no TLV */
	const char *body;
	int body_len; /* 0 = strlen */
};

static uint8_t op_value[1], its_value[2];

static struct pdu_message message(const struct input *in)
{
	struct pdu_message m = {.esm_class = (uint8_t)in->esm_class, .data_coding = (uint8_t)in->coding};

	strcpy(m.service_type, in->service_type);
	strcpy(m.source.digits, in->source);
	m.source.ton = (uint8_t)in->source_ton;
	m.source.npi = 1;
	strcpy(m.dest.digits, in->dest);
	m.dest.ton = 3;
	m.body = (const uint8_t *)in->body;
	m.body_len = in->body_len ? (size_t)in->body_len : strlen(in->body);
	if (in->op != NONE) {
		op_value[0] = (uint8_t)in->op;
		m.tlv[m.n_tlvs++] = (struct pdu_tlv){PDU_TAG_USSD_SERVICE_OP, 1, op_value};
	}
	if (in->its != NONE) {
		its_value[0] = (uint8_t)(in->its >> 8);
		its_value[1] = (uint8_t)in->its;
		m.tlv[m.n_tlvs++] = (struct pdu_tlv){PDU_TAG_ITS_SESSION_INFO, 2, its_value};
	}
	return m;
}

#define MSISDN "254700000001"

static const struct {
	struct input in;
	enum rc rc;
	uint32_t status;
	enum dialect_kind kind;
	const char *code, *text;
} reads[] = {
	/* what ops mean */
	{{"", MSISDN, 1, "123", 0, 0, 0x00, NONE, "*123#", 0}, RC_OK, PDU_ROK, DIALECT_BEGIN, "123", "*123#"},
	{{"", MSISDN, 1, "123", 0, 0, 0x01, 0x1200, "*123#", 0},
         RC_OK,
         PDU_ROK,
         DIALECT_BEGIN,
         "123",
         "*123#"},
	{{"", MSISDN, 1, "123", 0, 0, 0x02, 0x1202, "1", 0}, RC_OK, PDU_ROK, DIALECT_CONTINUE, "123", "1"},
	{{"", MSISDN, 1, "123", 0, 0, 0x12, 0x1202, "1", 0}, RC_OK, PDU_ROK, DIALECT_CONTINUE, "123", "1"},
	{{"", MSISDN, 1, "123", 0, 0, 0x12, 0x1202, "", 0}, RC_OK, PDU_ROK, DIALECT_CONTINUE, "123", ""},
	{{"", MSISDN, 1, "123", 0, 0, 0x13, NONE, "x", 0}, RC_OK, PDU_ROK, DIALECT_ACK, "123", ""},
	{{"", MSISDN, 1, "123", 0, 0, 0x11, NONE, "bye", 0}, RC_OK, PDU_ROK, DIALECT_ABORT, "123", ""},
	{{"", MSISDN, 1, "123", 0, 0, 0x81, NONE, "bye", 0}, RC_OK, PDU_ROK, DIALECT_ABORT, "123", ""},
	{{"", MSISDN, 1, "123", 0, 0, 0x55, NONE, "2", 0}, RC_OK, PDU_ROK, DIALECT_CONTINUE, "123", "2"},
	{{"", MSISDN, 1, "123", 0, 0, 0x55, NONE, "", 0}, RC_RANGE, PDU_ROK, 0, "", ""},
	/* the end bit ends, except on begin */
	{{"", MSISDN, 1, "123", 0, 0, 0x12, 0x1203, "1", 0}, RC_OK, PDU_ROK, DIALECT_ABORT, "123", ""},
	{{"", MSISDN, 1, "123", 0, 0, 0x55, 0x1203, "", 0}, RC_OK, PDU_ROK, DIALECT_ABORT, "123", ""},
	{{"", MSISDN, 1, "123", 0, 0, 0x01, 0x1201, "*123#", 0},
         RC_OK,
         PDU_ROK,
         DIALECT_BEGIN,
         "123",
         "*123#"},
	{{"USSD", MSISDN, 1, "123", 0, 0, NONE, 0x1203, "*123#", 0},
         RC_OK,
         PDU_ROK,
         DIALECT_ABORT,
         "123",
         ""},
	/* without an op, service_type tells and the text decides */
	{{"USSD", MSISDN, 1, "123", 0, 0, NONE, NONE, "*123#", 0},
         RC_OK,
         PDU_ROK,
         DIALECT_BEGIN,
         "123",
         "*123#"},
	{{"ussd ", MSISDN, 1, "123", 0, 0, NONE, NONE, "*123*4#", 0},
         RC_OK,
         PDU_ROK,
         DIALECT_BEGIN,
         "123",
         "*123*4#"},
	{{"USSD", MSISDN, 1, "123", 0, 0, NONE, NONE, "1", 0}, RC_OK, PDU_ROK, DIALECT_CONTINUE, "123", "1"},
	{{"USSD", MSISDN, 1, "123", 0, 0, NONE, NONE, "*", 0}, RC_OK, PDU_ROK, DIALECT_CONTINUE, "123", "*"},
	{{"USSDX", MSISDN, 1, "123", 0, 0, NONE, NONE, "*123#", 0}, RC_OK, PDU_ROK, DIALECT_SMS, "123", ""},
	{{"     ", MSISDN, 1, "123", 0, 0, NONE, NONE, "*123#", 0}, RC_OK, PDU_ROK, DIALECT_SMS, "123", ""},
	/* where the code is */
	{{"", MSISDN, 1, "*123#", 0, 0, 1, NONE, "", 0}, RC_OK, PDU_ROK, DIALECT_BEGIN, "123", ""},
	{{"", MSISDN, 1, "*123*45#", 0, 0, 1, NONE, "", 0}, RC_OK, PDU_ROK, DIALECT_BEGIN, "123*45", ""},
	{{"", MSISDN, 1, "", 0, 0, 1, NONE, "*123*4#", 0}, RC_OK, PDU_ROK, DIALECT_BEGIN, "123*4", "*123*4#"},
	{{"", MSISDN, 1, "123", 0, 0, 1, NONE, "123", 0}, RC_OK, PDU_ROK, DIALECT_BEGIN, "123", "123"},
	{{"", MSISDN, 1, "123", 0, 0, 1, NONE, "124", 0}, RC_OK, PDU_ROK, DIALECT_BEGIN, "123", ""},
	{{"", MSISDN, 1, "123", 0, 0, 1, NONE, "MENU", 0}, RC_OK, PDU_ROK, DIALECT_BEGIN, "123", ""},
	{{"", MSISDN, 1, "", 0, 0, 1, NONE, "", 0}, RC_OK, PDU_ROK, DIALECT_BEGIN, "", ""},
	{{"", MSISDN, 1, "", 0, 0, 1, NONE, "*1*2*3*4*5*6*7*8*9*0*1*2*3#", 0},
         RC_OK,
         PDU_ROK,
         DIALECT_BEGIN,
         "1*2*3*4*5*6*7*8*9*0*1*2",
         "*1*2*3*4*5*6*7*8*9*0*1*2*3#"},
	/* alphabets */
	{{"", MSISDN, 1, "123", 0, 0x00, 0x12, NONE, "\x00", 1}, RC_OK, PDU_ROK, DIALECT_CONTINUE, "123", ""},
	{{"", MSISDN, 1, "123", 0, 0x00, 0x12, NONE,
          "a\x00"
          "b",
          3},
         RC_OK,
         PDU_ROK,
         DIALECT_CONTINUE,
         "123",
         "a@b"},
	{{"", MSISDN, 1, "123", 0, 0x01, 0x12, NONE, "a@b_$", 0},
         RC_OK,
         PDU_ROK,
         DIALECT_CONTINUE,
         "123",
         "a@b_$"},
	{{"", MSISDN, 1, "123", 0, 0x03, 0x12, NONE, "Zo\xeb", 0},
         RC_OK,
         PDU_ROK,
         DIALECT_CONTINUE,
         "123",
         "Zo\u00eb"},
	{{"", MSISDN, 1, "123", 0, 0x08, 0x12, NONE, "\x04\x16\x00\x31", 4},
         RC_OK,
         PDU_ROK,
         DIALECT_CONTINUE,
         "123",
         "\u04161"},
	{{"", MSISDN, 1, "123", 0, 0x48, 0x12, NONE, "\x04\x16", 2},
         RC_OK,
         PDU_ROK,
         DIALECT_CONTINUE,
         "123",
         "\u0416"},
	{{"", MSISDN, 1, "123", 0, 0x0f, 0x12, NONE, "\x05", 1},
         RC_OK,
         PDU_ROK,
         DIALECT_CONTINUE,
         "123",
         "\u00e9"},
	{{"", MSISDN, 1, "123", 0, 0xf1, 0x12, NONE, "\x05", 1},
         RC_OK,
         PDU_ROK,
         DIALECT_CONTINUE,
         "123",
         "\u00e9"},
	{{"", MSISDN, 1, "123", 0, 0x44, 0x12, NONE, "\x05", 1},
         RC_OK,
         PDU_ROK,
         DIALECT_CONTINUE,
         "123",
         "\u00e9"},
	{{"", MSISDN, 1, "123", 0, 0x44, 0x12, NONE, "\xe9", 1},
         RC_OK,
         PDU_ROK,
         DIALECT_CONTINUE,
         "123",
         "\u00e9"},
	/* what stands after an input */
	{{"", MSISDN, 1, "123", 0, 0, 0x12, NONE, "1 \r\n\x00\x00", 6},
         RC_OK,
         PDU_ROK,
         DIALECT_CONTINUE,
         "123",
         "1"},
	{{"", MSISDN, 1, "123", 0, 8, 0x12, NONE, "\x00\x31\x00\x20\x00\x00\x00\x00", 8},
         RC_OK,
         PDU_ROK,
         DIALECT_CONTINUE,
         "123",
         "1"},
	{{"", MSISDN, 1, "123", 0, 0, 0x12, NONE, "  Ann Lee ", 0},
         RC_OK,
         PDU_ROK,
         DIALECT_CONTINUE,
         "123",
         "  Ann Lee"},
	/* SMS */
	{{"", MSISDN, 1, "123", 0, 0, NONE, NONE, "JOIN", 0}, RC_OK, PDU_ROK, DIALECT_SMS, "123", ""},
	{{"CMT", MSISDN, 1, "123", 3, 0, NONE, NONE, "JOIN\r\n", 0}, RC_OK, PDU_ROK, DIALECT_SMS, "123", ""},
	{{"", MSISDN, 1, "123", 0x40, 0, NONE, NONE, "\x05\x00\x03\x01\x02\x01JOIN", 10},
         RC_OK,
         PDU_ROK,
         DIALECT_SMS,
         "123",
         ""},
	{{"", MSISDN, 1, "123", 0x40, 0, NONE, NONE, "\x05\x00\x03\x01\x02\x01", 6},
         RC_OK,
         PDU_ROK,
         DIALECT_SMS,
         "123",
         ""},
	{{"", MSISDN, 1, "123", 0x40, 0, NONE, NONE, "\x06\x00\x03\x01\x02\x01", 6},
         RC_SYNTAX,
         0x43,
         0,
         "",
         ""},
	{{"", MSISDN, 1, "123", 0x40, 0, NONE, NONE, "", 0}, RC_SYNTAX, 0x43, 0, "", ""},
	/* receipts */
	{{"", MSISDN, 1, "123", 0x04, 0, NONE, NONE, "id:1 stat:DELIVRD", 0},
         RC_OK,
         PDU_ROK,
         DIALECT_RECEIPT,
         "123",
         ""},
	{{"", MSISDN, 1, "123", 0x44, 0, NONE, NONE, "id:1", 0}, RC_OK, PDU_ROK, DIALECT_RECEIPT, "123", ""},
	{{"", MSISDN, 1, "123", 0x08, 0, NONE, NONE, "", 0}, RC_OK, PDU_ROK, DIALECT_RECEIPT, "123", ""},
	{{"USSD", MSISDN, 1, "123", 0x20, 0, NONE, NONE, "", 0}, RC_OK, PDU_ROK, DIALECT_RECEIPT, "123", ""},
	/* who it is */
	{{"", "0700000001", 0, "123", 0, 0, 1, NONE, "*123#", 0},
         RC_OK,
         PDU_ROK,
         DIALECT_BEGIN,
         "123",
         "*123#"},
	{{"", "+254700000001", 0, "123", 0, 0, 1, NONE, "*123#", 0},
         RC_OK,
         PDU_ROK,
         DIALECT_BEGIN,
         "123",
         "*123#"},
	{{"", "ACME", 5, "123", 0, 0, NONE, NONE, "JOIN", 0}, RC_SYNTAX, PDU_RINVSRCADR, 0, "", ""},
	{{"", "", 0, "123", 0, 0, 1, NONE, "*123#", 0}, RC_SYNTAX, PDU_RINVSRCADR, 0, "", ""},
};

START_TEST(read_case)
{
	struct pdu_message m = message(&reads[_i].in);
	struct dialect_trouble trouble = {NULL, ""};
	struct dialect_event e;
	uint32_t status = 0xffff;

	ck_assert_int_eq(dialect_read(&dialect_standard, &plan, &m, &e, &status, &trouble), reads[_i].rc);
	ck_assert_uint_eq(status, reads[_i].status);
	ck_assert_int_eq(trouble.knob != NULL, reads[_i].rc != RC_OK);
	if (reads[_i].rc != RC_OK)
		return;
	ck_assert_str_eq(dialect_kind_name(e.kind), dialect_kind_name(reads[_i].kind));
	ck_assert_str_eq(e.code, reads[_i].code);
	ck_assert_str_eq(e.text, reads[_i].text);
	ck_assert_int_eq(e.msisdn, 254700000001);
	ck_assert_int_eq(e.session.has_id, reads[_i].in.its != NONE);
	if (e.session.has_id)
		ck_assert_uint_eq(e.session.id, (unsigned)reads[_i].in.its & 0xff00);
	ck_assert_str_eq(e.service.digits, reads[_i].in.dest);
	ck_assert_str_eq(e.subscriber.digits, reads[_i].in.source);
}
END_TEST

/* Promise 6: a body of any length ends as a cut text. */
START_TEST(read_long_body)
{
	static char body[PDU_MAX_SIZE];
	struct input in = {"", MSISDN, 1, "123", 0, 0, 0x12, NONE, body, sizeof(body)};
	struct pdu_message m;
	struct dialect_event e;
	uint32_t status;

	memset(body, 'a', sizeof(body));
	m = message(&in);
	ck_assert_int_eq(dialect_read(&dialect_standard, &plan, &m, &e, &status, NULL), RC_OK);
	ck_assert_uint_eq(strlen(e.text), DIALECT_INPUT_SIZE - 1);
}
END_TEST

START_TEST(read_no_body)
{
	struct input in = {"", MSISDN, 1, "123", 0, 0, 0x12, NONE, "", 0};
	struct pdu_message m = message(&in);
	struct dialect_event e;
	uint32_t status;

	m.body = NULL;
	ck_assert_int_eq(dialect_read(&dialect_standard, &plan, &m, &e, &status, NULL), RC_OK);
	ck_assert_str_eq(e.text, "");
}
END_TEST

START_TEST(receipt_by_tlv)
{
	static const uint8_t id[] = "abc";
	struct input in = {"", MSISDN, 1, "123", 0, 0, NONE, NONE, "", 0};
	struct pdu_message m = message(&in);
	struct dialect_event e;
	uint32_t status;

	m.tlv[m.n_tlvs++] = (struct pdu_tlv){PDU_TAG_RECEIPTED_MESSAGE_ID, sizeof(id), id};
	ck_assert_int_eq(dialect_read(&dialect_standard, &plan, &m, &e, &status, NULL), RC_OK);
	ck_assert_int_eq(e.kind, DIALECT_RECEIPT);
}
END_TEST

/* A TLV of another length than ours is no session: nothing is read beside it. */
START_TEST(odd_tlv_lengths)
{
	static const uint8_t bytes[4] = {1, 2, 3, 4};
	struct input in = {"", MSISDN, 1, "123", 0, 0, NONE, NONE, "*123#", 0};

	for (uint16_t len = 0; len <= 4; len++) {
		struct pdu_message m = message(&in);
		struct dialect_event e;
		uint32_t status;

		m.tlv[0] = (struct pdu_tlv){PDU_TAG_USSD_SERVICE_OP, len, bytes};
		m.tlv[1] = (struct pdu_tlv){PDU_TAG_ITS_SESSION_INFO, len, bytes};
		m.tlv[2] = (struct pdu_tlv){PDU_TAG_USER_MESSAGE_REFERENCE, len, bytes};
		m.n_tlvs = 3;
		ck_assert_int_eq(dialect_read(&dialect_standard, &plan, &m, &e, &status, NULL), RC_OK);
		ck_assert_int_eq(e.kind, DIALECT_BEGIN);
		ck_assert_int_eq(e.session.has_id, len == 2);
		ck_assert_uint_eq(e.session.n_kept, (len == 2) + (len > 0));
	}
}
END_TEST

static struct dialect_event asked(void)
{
	struct dialect_event e = {.kind = DIALECT_BEGIN, .msisdn = 254700000001};

	e.service = (struct pdu_address){3, 0, "123"};
	e.subscriber = (struct pdu_address){1, 1, "254700000001"};
	return e;
}

static const struct {
	bool has_its;
	uint16_t its;
	bool has_reference;
	uint16_t reference;
	bool last;
	uint8_t op;
	uint16_t its_out;
} sessions[] = {
	{false, 0, false, 0, false, 2, 0},
	{false, 0, false, 0, true, 17, 0},
	{true, 0x1204, false, 0, false, 2, 0x1204},
	{true, 0x1204, false, 0, true, 17, 0x1205},
	{true, 0x1205, false, 0, false, 2, 0x1204}, /* a begin that came with the bit */
	{true, 0xfffe, true, 0xbeef, true, 17, 0xffff},
	{false, 0, true, 0x0102, false, 2, 0},
};

static const struct pdu_tlv *out_tlv(const struct pdu_submit *s, uint16_t tag)
{
	for (size_t i = 0; i < s->n_tlvs; i++) {
		if (s->tlv[i].tag == tag)
			return &s->tlv[i];
	}
	return NULL;
}

static void check_tlv16(const struct pdu_submit *s, uint16_t tag, bool has, uint16_t value)
{
	const struct pdu_tlv *t = out_tlv(s, tag);

	ck_assert_int_eq(t != NULL, has);
	if (!t)
		return;
	ck_assert_uint_eq(t->length, 2);
	ck_assert_uint_eq((unsigned)(t->value[0] << 8 | t->value[1]), value);
}

static void keep(struct dialect_session *s, uint16_t tag, uint16_t value)
{
	s->kept[s->n_kept++] = (struct dialect_kept){tag, 2, {(uint8_t)(value >> 8), (uint8_t)value}};
}

START_TEST(write_session)
{
	struct dialect_event e = asked();
	struct dialect_scratch scratch;
	struct pdu_submit s;

	if (sessions[_i].has_its)
		keep(&e.session, PDU_TAG_ITS_SESSION_INFO, sessions[_i].its);
	if (sessions[_i].has_reference)
		keep(&e.session, PDU_TAG_USER_MESSAGE_REFERENCE, sessions[_i].reference);
	ck_assert_int_eq(dialect_write_ussd(&dialect_standard, &e, "Hello",
	                                    sessions[_i].last ? DIALECT_SAY_END : DIALECT_SAY_CONTINUE,
	                                    &scratch, &s),
	                 RC_OK);
	ck_assert_str_eq(s.service_type, "USSD");
	ck_assert_str_eq(s.source.digits, "123");
	ck_assert_uint_eq(s.source.ton, 3);
	ck_assert_str_eq(s.dest.digits, "254700000001");
	ck_assert_uint_eq(s.dest.ton, 1);
	ck_assert_uint_eq(s.dest.npi, 1);
	ck_assert_uint_eq(s.data_coding, 0);
	ck_assert_uint_eq(s.body_len, 5);
	ck_assert_uint_eq(s.tlv[0].tag, PDU_TAG_USSD_SERVICE_OP);
	ck_assert_uint_eq(s.tlv[0].length, 1);
	ck_assert_uint_eq(s.tlv[0].value[0], sessions[_i].op);
	check_tlv16(&s, PDU_TAG_ITS_SESSION_INFO, sessions[_i].has_its, sessions[_i].its_out);
	check_tlv16(&s, PDU_TAG_USER_MESSAGE_REFERENCE, sessions[_i].has_reference, sessions[_i].reference);
}
END_TEST

/* `n` times `unit`. */
static const struct {
	const char *unit;
	size_t n;
	enum rc ussd;
	uint8_t coding;
	size_t body_len;
} lengths[] = {
	{"a", 0, RC_OK, 0, 0},
	{"a", 182, RC_OK, 0, 182},
	{"a", 183, RC_RANGE, 0, 183},
	{"a", 1024, RC_RANGE, 0, 1024},
	{"a", 1025, RC_RANGE, 0, 0},
	{"\u20ac", 91, RC_OK, 0, 182},
	{"\u20ac", 92, RC_RANGE, 0, 184},
	{"\u0416", 80, RC_OK, 8, 160},
	{"\u0416", 81, RC_RANGE, 8, 162},
	{"\u0416", 512, RC_RANGE, 8, 1024},
	{"\u0416", 513, RC_RANGE, 8, 0},
	{"\U0001f600", 40, RC_OK, 8, 160},
	{"\xff", 1, RC_RANGE, 0, 0},
};

START_TEST(write_length)
{
	struct dialect_event e = asked();
	struct dialect_scratch scratch;
	struct pdu_submit s;
	char text[4096] = "";

	for (size_t i = 0; i < lengths[_i].n; i++)
		strcat(text, lengths[_i].unit);
	ck_assert_int_eq(dialect_write_ussd(&dialect_standard, &e, text, DIALECT_SAY_CONTINUE, &scratch, &s),
	                 lengths[_i].ussd);
	if (lengths[_i].ussd != RC_OK)
		return;
	ck_assert_uint_eq(s.data_coding, lengths[_i].coding);
	ck_assert_uint_eq(s.body_len, lengths[_i].body_len);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
	Suite *suite = suite_create("dialect");
	TCase *tc = tcase_create("standard");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, read_case, 0, COUNT(reads));
	tcase_add_test(tc, read_long_body);
	tcase_add_test(tc, read_no_body);
	tcase_add_test(tc, receipt_by_tlv);
	tcase_add_test(tc, odd_tlv_lengths);
	tcase_add_loop_test(tc, write_session, 0, COUNT(sessions));
	tcase_add_loop_test(tc, write_length, 0, COUNT(lengths));
	return run_suite(suite);
}
