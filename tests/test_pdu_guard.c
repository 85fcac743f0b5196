/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guard: what it reads, which statuses it answers with, which TLVs it keeps, and that its copy holds
 * nothing that libsmpp34 cannot take. Defends promise 6 (nothing from a wire can crash the daemon).
 */
#include <check.h>

#include "gateway/pdu_guard.h"
#include "tests/pdu_build.h"
#include "tests/run_suite.h"

static struct build b;
static struct pdu_guard guard;

/* The verdict on what is in `b`, read from memory of exactly that size that outlives this call. */
static uint8_t *held;

static enum rc read_built(uint32_t *status)
{
	free(held);
	held = build_exact(b.bytes, b.len);
	return pdu_guard_read(&guard, held, b.len, status);
}

static void drop_held(void)
{
	free(held);
	held = NULL;
}

static size_t copy_string(size_t at, size_t field)
{
	const uint8_t *end = memchr(guard.copy + at, 0, field);

	ck_assert_ptr_nonnull(end);
	ck_assert_uint_lt((size_t)(end - guard.copy), guard.copy_len);
	return (size_t)(end - guard.copy) + 1;
}

static size_t copy_address(size_t at, size_t field)
{
	ck_assert_uint_le(guard.copy[at], 6);
	ck_assert_uint_le(guard.copy[at + 1], 18);
	ck_assert_uint_ne(guard.copy[at + 1], 2);
	return copy_string(at + 2, field);
}

/* The invariant in pdu_guard.h, checked on the bytes of the copy. */
static void check_copy(void)
{
	static const uint8_t status_and_sequence[8] = {0, 0, 0, 0, 0, 0, 0, 1};
	const uint8_t *c = guard.copy;
	bool deliver = c[6] == 0 && c[7] == 5;
	size_t n_tlvs = 0;
	size_t at;

	ck_assert_uint_le(guard.copy_len, sizeof(guard.copy));
	ck_assert_uint_eq(guard.copy_len, (size_t)c[0] << 24 | (size_t)c[1] << 16 | (size_t)c[2] << 8 | c[3]);
	ck_assert_mem_eq(c + 8, status_and_sequence, 8);
	at = copy_string(16, 6);
	at = copy_address(at, 21);
	at = copy_address(at, deliver ? 21 : 65);
	if (deliver) {
		ck_assert_uint_eq(c[at + 3], 0); /* schedule_delivery_time */
		ck_assert_uint_eq(c[at + 4], 0); /* validity_period */
		at += 9;
		ck_assert_uint_le(c[at], PDU_SHORT_MESSAGE_MAX);
		at += 1 + (size_t)c[at];
	} else {
		at += 3;
	}
	while (at < guard.copy_len) {
		size_t length;

		ck_assert_uint_le(at + 4, guard.copy_len);
		length = (size_t)c[at + 2] << 8 | c[at + 3];
		ck_assert(pdu_guard_tlv_length_ok((uint16_t)(c[at] << 8 | c[at + 1]), length));
		ck_assert_uint_le(length, PDU_PAYLOAD_MAX);
		at += 4 + length;
		n_tlvs++;
	}
	ck_assert_uint_eq(at, guard.copy_len);
	ck_assert_uint_eq(n_tlvs, guard.n_copied);
	ck_assert_uint_le(n_tlvs, PDU_MAX_TLVS + 1);
	ck_assert_uint_le(guard.message.n_tlvs, PDU_MAX_TLVS);
}

static void read_ok(void)
{
	uint32_t status = 99;

	ck_assert_int_eq(read_built(&status), RC_OK);
	ck_assert_uint_eq(status, PDU_ROK);
	check_copy();
}

static void read_refused(uint32_t expected)
{
	uint32_t status = 99;

	ck_assert_int_eq(read_built(&status), RC_SYNTAX);
	ck_assert_uint_eq(status, expected);
}

START_TEST(reads_every_field)
{
	struct build_message m = build_dial();
	const uint8_t op = 1;

	m.data_coding = 15;
	m.schedule = "261122120000000+";
	m.validity = "000000000500000R";
	build_message(&b, &m);
	build_tlv(&b, PDU_TAG_USSD_SERVICE_OP, &op, 1);
	build_tlv(&b, PDU_TAG_ITS_SESSION_INFO, "\x2a\x00", 2);
	build_end(&b);
	read_ok();
	ck_assert_str_eq(guard.message.service_type, "USSD");
	ck_assert_uint_eq(guard.message.source.ton, 1);
	ck_assert_uint_eq(guard.message.source.npi, 1);
	ck_assert_str_eq(guard.message.source.digits, "254700000001");
	ck_assert_str_eq(guard.message.dest.digits, "*100#");
	ck_assert_uint_eq(guard.message.data_coding, 15);
	ck_assert_uint_eq(guard.message.body_len, 5);
	ck_assert_mem_eq(guard.message.body, "*100#", 5);
	ck_assert_uint_eq(guard.message.n_tlvs, 2);
	ck_assert_uint_eq(guard.message.tlvs_dropped, 0);
	ck_assert_mem_eq(pdu_message_tlv(&guard.message, PDU_TAG_ITS_SESSION_INFO)->value, "\x2a\x00", 2);
	ck_assert_ptr_null(pdu_message_tlv(&guard.message, PDU_TAG_SAR_MSG_REF_NUM));
}
END_TEST

/* clang-format off */
static const struct status_row {
	const char *what;
	struct build_message m;
	uint32_t status;
} status_rows[] = {
	{"service_type of 5", {.service_type = "12345"}, PDU_ROK},
	{"service_type of 6", {.service_type = "123456"}, PDU_RINVSERTYP},
	{"source of 20", {.source = "12345678901234567890"}, PDU_ROK},
	{"source of 21", {.source = "123456789012345678901"}, PDU_RINVSRCADR},
	{"destination of 20", {.dest = "12345678901234567890"}, PDU_ROK},
	{"destination of 21", {.dest = "123456789012345678901"}, PDU_RINVDSTADR},
	{"schedule of 17", {.schedule = "12345678901234567"}, PDU_RINVSCHED},
	{"validity of 17", {.validity = "12345678901234567"}, PDU_RINVEXPIRY},
	{"validity of 16", {.validity = "1234567890123456"}, PDU_ROK},
	{"neither deliver_sm nor data_sm", {.id = 4}, PDU_RINVCMDID},
	{"data_sm with a source of 64",
	 {.id = 0x103, .source = "1234567890123456789012345678901234567890123456789012345678901234"},
	 PDU_ROK},
	{"data_sm with a destination of 65",
	 {.id = 0x103, .dest = "12345678901234567890123456789012345678901234567890123456789012345"},
	 PDU_RINVDSTADR},
};
/* clang-format on */

START_TEST(answers_with_the_status_of_the_field)
{
	const struct status_row *row = &status_rows[_i];
	uint32_t status = 99;
	enum rc rc;

	build_message(&b, &row->m);
	rc = read_built(&status);
	ck_assert_msg(status == row->status, "%s: 0x%x", row->what, status);
	ck_assert_int_eq(rc, row->status == PDU_ROK ? RC_OK : RC_SYNTAX);
	if (rc == RC_OK)
		check_copy();
}
END_TEST

START_TEST(takes_a_long_data_sm_source_aside)
{
	struct build_message m = build_dial();

	m.id = 0x103;
	m.source = "123456789012345678901234567890";
	build_message(&b, &m);
	build_tlv(&b, PDU_TAG_MESSAGE_PAYLOAD, "hello", 5);
	build_end(&b);
	read_ok();
	ck_assert(guard.source_aside);
	ck_assert_str_eq(guard.message.source.digits, m.source);
	ck_assert_uint_eq(guard.message.body_len, 5);
	ck_assert_mem_eq(guard.message.body, "hello", 5);
}
END_TEST

START_TEST(refuses_sm_length_over_the_end)
{
	struct build_message m = build_dial();

	build_message(&b, &m);
	b.len -= 1;
	build_end(&b);
	read_refused(PDU_RINVMSGLEN);
}
END_TEST

START_TEST(refuses_a_wrong_command_length)
{
	struct build_message m = build_dial();

	build_message(&b, &m);
	build_fill(&b, 0, 1);
	read_refused(PDU_RINVCMDLEN);
}
END_TEST

/* php-smpp and others append stray NULs: 1 to 3 octets cannot be a TLV and are ignored. */
START_TEST(ignores_up_to_three_stray_octets)
{
	struct build_message m = build_dial();

	build_message(&b, &m);
	build_fill(&b, _i == 2 ? 0xff : 0, (size_t)_i + 1);
	build_end(&b);
	read_ok();
	ck_assert_uint_eq(guard.message.n_tlvs, 0);
	ck_assert_mem_eq(guard.message.body, "*100#", 5);
}
END_TEST

START_TEST(refuses_a_tlv_over_the_end)
{
	struct build_message m = build_dial();

	build_message(&b, &m);
	build_tlv(&b, PDU_TAG_USSD_SERVICE_OP, "\x01", 1);
	build_number(&b, 0x15000032, 4);
	build_fill(&b, 'x', (size_t)_i);
	build_end(&b);
	read_refused(PDU_RINVOPTPARSTREAM);
}
END_TEST

START_TEST(survives_every_prefix)
{
	struct build_message m = build_dial();
	size_t whole;

	if (_i)
		m.id = 0x103;
	build_message(&b, &m);
	build_tlv(&b, PDU_TAG_USSD_SERVICE_OP, "\x01", 1);
	build_tlv(&b, PDU_TAG_MESSAGE_PAYLOAD, "payload", 7);
	build_tlv(&b, 0x1501, "\x01\x02\x03\x04", 4);
	build_end(&b);
	whole = b.len;
	for (size_t n = 0; n < whole; n++) {
		uint8_t *cut = build_exact(b.bytes, n);
		uint32_t status = 99;

		ck_assert_int_eq(pdu_guard_read(&guard, cut, n, &status), RC_SYNTAX);
		ck_assert_uint_eq(status, PDU_RINVCMDLEN);
		if (n >= 4) { /* the same with a command_length that fits */
			enum rc rc;

			cut[2] = (uint8_t)(n >> 8);
			cut[3] = (uint8_t)n;
			rc = pdu_guard_read(&guard, cut, n, &status);
			ck_assert(rc == RC_OK || rc == RC_SYNTAX);
			ck_assert((rc == RC_OK) == (status == PDU_ROK));
			if (rc == RC_OK)
				check_copy();
		}
		free(cut);
	}
}
END_TEST

/* clang-format off */
static const struct body_row {
	size_t sm_length;
	size_t payload; /* 0 means none */
	size_t body_len;
	char first; /* of the body */
	size_t copied_body_len;
	unsigned dropped;
} body_rows[] = {
	{0, 0, 0, 0, 0, 0},
	{1, 0, 1, 'A', 1, 0},
	{253, 0, 253, 'A', 253, 0},
	{254, 0, 254, 'A', 0, 0},
	{255, 0, 255, 'A', 0, 0},
	{0, 600, 600, 'P', 0, 0},
	{0, 1024, 1024, 'P', 0, 0},
	{0, 1025, 1025, 'P', 0, 0},
	{0, 4000, 4000, 'P', 0, 0},
	{5, 600, 5, 'A', 5, 1}, /* short_message wins, and the loss is counted */
};
/* clang-format on */

START_TEST(takes_the_body_from_where_it_is)
{
	const struct body_row *row = &body_rows[_i];
	struct build_message m = build_dial();

	m.text = NULL;
	m.sm_length = row->sm_length;
	build_message(&b, &m);
	if (row->payload)
		build_tlv_fill(&b, PDU_TAG_MESSAGE_PAYLOAD, 'P', row->payload);
	build_tlv(&b, PDU_TAG_USSD_SERVICE_OP, "\x12", 1);
	build_end(&b);
	read_ok();
	ck_assert_uint_eq(guard.message.body_len, row->body_len);
	if (row->body_len > 0) {
		ck_assert_int_eq(guard.message.body[0], row->first);
		ck_assert_int_eq(guard.message.body[row->body_len - 1], row->first);
	}
	ck_assert_uint_eq(guard.copied_body_len, row->copied_body_len);
	ck_assert_uint_eq(guard.message.n_tlvs, 1);
	ck_assert_uint_eq(guard.message.tlvs_dropped, row->dropped);
}
END_TEST

/* clang-format off */
static const struct odd_row {
	uint16_t tag;
	size_t length;
	bool kept; /* in the message */
} odd_rows[] = {
	/* what a session may stand in is kept at any length, though the library never sees it */
	{PDU_TAG_ITS_SESSION_INFO, 0, true},
	{PDU_TAG_ITS_SESSION_INFO, 1, true},
	{PDU_TAG_ITS_SESSION_INFO, 2, true},
	{PDU_TAG_ITS_SESSION_INFO, 3, true},
	{PDU_TAG_ITS_SESSION_INFO, 8, true},
	{PDU_TAG_USER_MESSAGE_REFERENCE, 1, true},
	{PDU_TAG_USER_MESSAGE_REFERENCE, 4, true},
	{0x020a, 4, true}, /* source_port */
	{PDU_TAG_USSD_SERVICE_OP, 0, false},
	{PDU_TAG_USSD_SERVICE_OP, 2, false},
	{PDU_TAG_NETWORK_ERROR_CODE, 2, false},
	{PDU_TAG_NETWORK_ERROR_CODE, 3, true},
	{PDU_TAG_NETWORK_ERROR_CODE, 4, false},
	{PDU_TAG_RECEIPTED_MESSAGE_ID, 0, false},
	{PDU_TAG_RECEIPTED_MESSAGE_ID, 65, true},
	{PDU_TAG_RECEIPTED_MESSAGE_ID, 66, false},
	{PDU_TAG_MESSAGE_STATE, 2, false},
	{PDU_TAG_SAR_MSG_REF_NUM, 1, false},
	{0x1501, 0, true},
	{0x1501, 4, true},
	{0x1501, 1024, true},
	{0x1501, 1025, true}, /* kept from our own walk; the library never sees it */
	{0x1501, 20000, true},
	{0x0000, 0, true},
	{0xffff, 3, true},
};
/* clang-format on */

START_TEST(drops_a_tlv_of_wrong_length_and_only_that)
{
	const struct odd_row *row = &odd_rows[_i];
	struct build_message m = build_dial();
	bool copied = row->length <= PDU_PAYLOAD_MAX && pdu_guard_tlv_length_ok(row->tag, row->length);
	const struct pdu_tlv *tlv;

	build_message(&b, &m);
	build_tlv_fill(&b, row->tag, 0x5a, row->length);
	build_tlv(&b, 0x1502, "after", 5);
	build_end(&b);
	read_ok();
	ck_assert_uint_eq(guard.n_copied, copied ? 2 : 1);
	ck_assert_uint_eq(guard.message.tlvs_dropped, row->kept ? 0 : 1);
	ck_assert_uint_eq(guard.message.odd_tag, row->kept ? 0 : row->tag);
	ck_assert_uint_eq(guard.message.odd_length, row->kept ? 0 : row->length);
	tlv = pdu_message_tlv(&guard.message, row->tag);
	ck_assert_msg((tlv != NULL) == row->kept, "tag 0x%04x length %zu", row->tag, row->length);
	ck_assert_int_eq(pdu_guard_tlv_kept(row->tag, row->length), row->kept);
	if (tlv) {
		ck_assert_uint_eq(tlv->length, row->length);
		for (size_t i = 0; i < row->length; i++)
			ck_assert_uint_eq(tlv->value[i], 0x5a);
	}
	tlv = pdu_message_tlv(&guard.message, 0x1502);
	ck_assert_ptr_nonnull(tlv);
	ck_assert_mem_eq(tlv->value, "after", 5);
}
END_TEST

static const unsigned flood_rows[] = {15, 16, 17, 28, 40, 139, 16000};

START_TEST(keeps_sixteen_tlvs)
{
	struct build_message m = build_dial();
	unsigned n = flood_rows[_i];

	build_message(&b, &m);
	for (unsigned i = 0; i < n; i++)
		build_tlv(&b, (uint16_t)(0x1400 + i % 0x2000), NULL, 0);
	build_end(&b);
	ck_assert_uint_le(b.len, PDU_MAX_SIZE);
	read_ok();
	ck_assert_uint_eq(guard.message.n_tlvs, n < PDU_MAX_TLVS ? n : PDU_MAX_TLVS);
	ck_assert_uint_eq(guard.message.n_tlvs + guard.message.tlvs_dropped, n);
	ck_assert_uint_eq(guard.message.tlv[0].tag, 0x1400);
}
END_TEST

/* The TLVs that the gateway uses stay, also behind a flood; unknown ones stay before idle standard ones. */
START_TEST(keeps_the_useful_tlvs)
{
	static const uint16_t useful[] = {PDU_TAG_USSD_SERVICE_OP, PDU_TAG_ITS_SESSION_INFO,
	                                  PDU_TAG_USER_MESSAGE_REFERENCE, PDU_TAG_SAR_MSG_REF_NUM};
	struct build_message m = build_dial();

	m.text = "";
	build_message(&b, &m);
	for (int i = 0; i < 40; i++)
		build_tlv(&b, 0x0201, "\x01", 1); /* privacy_indicator */
	for (int i = 0; i < 10; i++)
		build_tlv(&b, (uint16_t)(0x1501 + i), "vvvv", 4);
	build_tlv(&b, PDU_TAG_USSD_SERVICE_OP, "\x12", 1);
	build_tlv(&b, PDU_TAG_ITS_SESSION_INFO, "\x07\x02", 2);
	build_tlv(&b, PDU_TAG_USER_MESSAGE_REFERENCE, "\x00\x09", 2);
	build_tlv(&b, PDU_TAG_SAR_MSG_REF_NUM, "\x00\x01", 2);
	build_tlv(&b, PDU_TAG_MESSAGE_PAYLOAD, "body", 4);
	build_end(&b);
	read_ok();
	ck_assert_uint_eq(guard.message.n_tlvs, PDU_MAX_TLVS);
	ck_assert_uint_eq(guard.message.tlvs_dropped, 40 + 10 + 4 - PDU_MAX_TLVS);
	for (size_t i = 0; i < sizeof(useful) / sizeof(useful[0]); i++)
		ck_assert_ptr_nonnull(pdu_message_tlv(&guard.message, useful[i]));
	for (int i = 0; i < 10; i++)
		ck_assert_ptr_nonnull(pdu_message_tlv(&guard.message, (uint16_t)(0x1501 + i)));
	ck_assert_mem_eq(guard.message.body, "body", 4);
}
END_TEST

START_TEST(clamps_ton_and_npi_only_in_the_copy)
{
	for (unsigned v = 0; v < 256; v++) {
		struct build_message m = build_dial();

		m.source_ton = m.dest_npi = (uint8_t)v;
		m.source_npi = m.dest_ton = (uint8_t)(255 - v);
		build_message(&b, &m);
		read_ok();
		ck_assert_uint_eq(guard.message.source.ton, v);
		ck_assert_uint_eq(guard.message.dest.npi, v);
		ck_assert_uint_eq(guard.message.source.npi, 255 - v);
		ck_assert_uint_eq(guard.message.dest.ton, 255 - v);
	}
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof((table)[0]))

int main(void)
{
	Suite *suite = suite_create("pdu_guard");
	TCase *tc = tcase_create("guard");

	tcase_add_checked_fixture(tc, NULL, drop_held);
	tcase_add_test(tc, reads_every_field);
	tcase_add_loop_test(tc, answers_with_the_status_of_the_field, 0, ROWS(status_rows));
	tcase_add_test(tc, takes_a_long_data_sm_source_aside);
	tcase_add_test(tc, refuses_sm_length_over_the_end);
	tcase_add_test(tc, refuses_a_wrong_command_length);
	tcase_add_loop_test(tc, ignores_up_to_three_stray_octets, 0, 3);
	tcase_add_loop_test(tc, refuses_a_tlv_over_the_end, 0, 50);
	tcase_add_loop_test(tc, survives_every_prefix, 0, 2);
	tcase_add_loop_test(tc, takes_the_body_from_where_it_is, 0, ROWS(body_rows));
	tcase_add_loop_test(tc, drops_a_tlv_of_wrong_length_and_only_that, 0, ROWS(odd_rows));
	tcase_add_loop_test(tc, keeps_sixteen_tlvs, 0, ROWS(flood_rows));
	tcase_add_test(tc, keeps_the_useful_tlvs);
	tcase_add_test(tc, clamps_ton_and_npi_only_in_the_copy);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
