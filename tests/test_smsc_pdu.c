/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulator's own reading of SMPP 3.4: what it writes, octet by octet; which submit_sm it takes; and that
 * each malformed one gets the command_status that the specification foresees, without a step outside of the
 * PDU (ASan). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/run_suite.h"
#include "tools/smsc_pdu.h"

/* A literal with NULs in it, and its length. */
#define BYTES(literal) literal, sizeof(literal) - 1

#define HEADER "\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0\7"
#define FRONT               \
	HEADER "USSD\0\0\1" \
	       "123\0\1\1"  \
	       "254700000001\0"
#define MIDDLE "\0\0\0\0\0\0\0\0\0" /* esm_class .. sm_default_msg_id, no times */
#define GOOD FRONT MIDDLE "\2Hi"

/* Decode from exactly `len` bytes of heap, so that ASan sees any step aside. */
static uint32_t decode(const void *bytes, size_t len, struct smsc_sm *sm, uint8_t **keep)
{
	const char *why = "unset";
	uint32_t status;

	*keep = malloc(len);
	memcpy(*keep, bytes, len);
	status = smsc_submit_decode(*keep, len, sm, &why);
	ck_assert((status == SMSC_OK) == (why == NULL));
	return status;
}

START_TEST(submit_is_read)
{
	struct smsc_sm sm;
	uint8_t *keep;

	ck_assert_uint_eq(decode(BYTES(GOOD "\x05\x01\0\1\x11"
	                                    "\x13\x83\0\2\x4d\5"
	                                    "\x02\x04\0\2\x12\x34"
	                                    "\x14\x00\0\3abc"),
	                         &sm, &keep),
	                  SMSC_OK);
	ck_assert_str_eq(sm.service_type, "USSD");
	ck_assert_str_eq(sm.source.digits, "123");
	ck_assert_uint_eq(sm.source.npi, 1);
	ck_assert_str_eq(sm.dest.digits, "254700000001");
	ck_assert_uint_eq(sm.text_len, 2);
	ck_assert_mem_eq(sm.text, "Hi", 2);
	ck_assert(sm.has_op && sm.has_session && sm.has_reference);
	ck_assert_uint_eq(sm.op, SMSC_OP_END);
	ck_assert_mem_eq(sm.session, "\x4d\5", 2);
	ck_assert_uint_eq(sm.reference, 0x1234);
	free(keep);
}
END_TEST

START_TEST(payload_is_read)
{
	struct smsc_sm sm;
	uint8_t *keep;

	ck_assert_uint_eq(decode(BYTES(FRONT MIDDLE "\0"
	                                            "\x04\x24\0\5Hello"
	                                            "\x02\x0c\0\2\0\x09\x02\x0e\0\1\3\x02\x0f\0\1\2"),
	                         &sm, &keep),
	                  SMSC_OK);
	ck_assert_uint_eq(sm.text_len, 5);
	ck_assert_mem_eq(sm.text, "Hello", 5);
	ck_assert_uint_eq(sm.sar_reference, 9);
	ck_assert_uint_eq(sm.sar_total, 3);
	ck_assert_uint_eq(sm.sar_part, 2);
	ck_assert(!sm.has_op && !sm.has_session && !sm.has_reference);
	free(keep);
}
END_TEST

static const struct {
	const char *what;
	const char *bytes;
	size_t len;
	uint32_t status;
} malformed[] = {
	{"no body", BYTES(HEADER), SMSC_INV_SERVICE_TYPE},
	{"service_type of 6", BYTES(HEADER "USSD12\0"), SMSC_INV_SERVICE_TYPE},
	{"service_type open", BYTES(HEADER "US"), SMSC_INV_SERVICE_TYPE},
	{"ends before source", BYTES(HEADER "\0"), SMSC_INV_CMD_LEN},
	{"source TON 7",
         BYTES(HEADER "\0\7\1"
                      "1\0"),
         SMSC_INV_SOURCE_TON},
	{"source NPI 2",
         BYTES(HEADER "\0\1\2"
                      "1\0"),
         SMSC_INV_SOURCE_NPI},
	{"source NPI 255",
         BYTES(HEADER "\0\1\xff"
                      "1\0"),
         SMSC_INV_SOURCE_NPI},
	{"source of 21",
         BYTES(HEADER "\0\1\1"
                      "123456789012345678901\0"),
         SMSC_INV_SOURCE},
	{"destination TON 9",
         BYTES(HEADER "\0\1\1"
                      "1\0\x09\1"
                      "2\0"),
         SMSC_INV_DEST_TON},
	{"destination NPI 5",
         BYTES(HEADER "\0\1\1"
                      "1\0\1\5"
                      "2\0"),
         SMSC_INV_DEST_NPI},
	{"destination open",
         BYTES(HEADER "\0\1\1"
                      "1\0\1\1"
                      "2"),
         SMSC_INV_DEST},
	{"destination empty",
         BYTES(HEADER "\0\1\1"
                      "1\0\1\1\0" MIDDLE "\0"),
         SMSC_INV_DEST},
	{"schedule is no time",
         BYTES(FRONT "\0\0\0"
                     "now\0"
                     "\0\0\0\0\0\0"),
         SMSC_INV_SCHEDULE},
	{"validity has no sign",
         BYTES(FRONT "\0\0\0\0"
                     "0000000100000000\0"
                     "\0\0\0\0\0"),
         SMSC_INV_VALIDITY},
	{"validity of 17",
         BYTES(FRONT "\0\0\0\0"
                     "00000001000000000R\0"
                     "\0\0\0\0\0"),
         SMSC_INV_VALIDITY},
	{"no sm_length", BYTES(FRONT MIDDLE), SMSC_INV_CMD_LEN},
	{"sm_length 255",
         BYTES(FRONT MIDDLE "\xff"
                            "Hi"),
         SMSC_INV_MSG_LEN},
	{"sm_length behind the end", BYTES(FRONT MIDDLE "\3Hi"), SMSC_INV_MSG_LEN},
	{"one octet too many", BYTES(GOOD "\0"), SMSC_INV_TLV_STREAM},
	{"half a TLV header", BYTES(GOOD "\x05\x01\0"), SMSC_INV_TLV_STREAM},
	{"TLV behind the end", BYTES(GOOD "\x05\x01\0\2\1"), SMSC_INV_TLV_STREAM},
	{"TLV of 65535", BYTES(GOOD "\x04\x24\xff\xff"), SMSC_INV_TLV_STREAM},
	{"ussd_service_op of 2", BYTES(GOOD "\x05\x01\0\2\1\1"), SMSC_INV_TLV_LENGTH},
	{"its_session_info of 1", BYTES(GOOD "\x13\x83\0\1\1"), SMSC_INV_TLV_LENGTH},
	{"its_session_info of 0", BYTES(GOOD "\x13\x83\0\0"), SMSC_INV_TLV_LENGTH},
	{"the same TLV twice", BYTES(GOOD "\x05\x01\0\1\1\x05\x01\0\1\1"), SMSC_TLV_NOT_ALLOWED},
	{"text and payload", BYTES(GOOD "\x04\x24\0\1!"), SMSC_TLV_NOT_ALLOWED},
	{"UDH and SAR", BYTES(FRONT "\x40\0\0\0\0\0\0\0\0\7\5\0\3\1\2\1!\x02\x0e\0\1\2"), SMSC_INV_ESM_CLASS},
	{"UDH longer than text", BYTES(FRONT "\x40\0\0\0\0\0\0\0\0\2\5\0"), SMSC_INV_ESM_CLASS},
	{"UDH without text", BYTES(FRONT "\x40\0\0\0\0\0\0\0\0\0"), SMSC_INV_ESM_CLASS},
};

START_TEST(malformed_submit_gets_its_status)
{
	struct smsc_sm sm;
	uint8_t *keep;
	uint32_t status = decode(malformed[_i].bytes, malformed[_i].len, &sm, &keep);

	free(keep);
	ck_assert_msg(status == malformed[_i].status, "%s: status 0x%x, not 0x%x", malformed[_i].what, status,
	              malformed[_i].status);
}
END_TEST

/* Every PDU that ends early is refused, wherever it ends; but a PDU without its last TLVs is whole. */
START_TEST(truncated_submit_is_refused)
{
	const size_t whole = sizeof(GOOD) - 1, len = sizeof(GOOD "\x05\x01\0\1\x11") - 1;

	for (size_t n = SMSC_HEADER_SIZE; n <= len; n++) {
		struct smsc_sm sm;
		uint8_t *keep;
		uint32_t status = decode(GOOD "\x05\x01\0\1\x11", n, &sm, &keep);

		free(keep);
		ck_assert_msg((status == SMSC_OK) == (n == whole || n == len), "%zu of %zu octets: 0x%x", n,
		              len, status);
	}
}
END_TEST

START_TEST(bind_is_read)
{
	struct smsc_bind bind;
	const char *why;

	ck_assert_uint_eq(smsc_bind_decode((const uint8_t *)HEADER "starhash\0s3cret\0\0\x34\0\0\0",
	                                   sizeof(HEADER "starhash\0s3cret\0\0\x34\0\0\0") - 1, &bind, &why),
	                  SMSC_OK);
	ck_assert_str_eq(bind.system_id, "starhash");
	ck_assert_str_eq(bind.password, "s3cret");
	ck_assert_uint_eq(bind.interface_version, 0x34);
	ck_assert_uint_eq(smsc_bind_decode((const uint8_t *)HEADER "sixteen octets16\0\0\0\x34\0\0\0",
	                                   sizeof(HEADER "sixteen octets16\0\0\0\x34\0\0\0") - 1, &bind,
	                                   &why),
	                  SMSC_INV_SYSTEM_ID);
	ck_assert_uint_eq(smsc_bind_decode((const uint8_t *)HEADER "a\0b\0\0\x34\0\0\0\0",
	                                   sizeof(HEADER "a\0b\0\0\x34\0\0\0\0") - 1, &bind, &why),
	                  SMSC_INV_CMD_LEN);
}
END_TEST

START_TEST(deliver_is_written)
{
	static const char expected[] = "\0\0\0\x4a\0\0\0\5\0\0\0\0\0\0\0\x2a"
				       "USSD\0\1\1"
				       "254700000001\0\0\1"
				       "123\0"
				       "\0\0\0\0\0\0\0\0\0\5*123#"
				       "\x02\x04\0\2\0\7"
				       "\x05\x01\0\1\1"
				       "\x13\x83\0\2\x11\0";
	struct smsc_sm sm = {.service_type = "USSD",
	                     .source = {1, 1, "254700000001"},
	                     .dest = {0, 1, "123"},
	                     .text = (const uint8_t *)"*123#",
	                     .text_len = 5,
	                     .has_op = true,
	                     .op = SMSC_OP_BEGIN,
	                     .has_session = true,
	                     .session = {0x11, 0},
	                     .has_reference = true,
	                     .reference = 7};
	uint8_t memory[sizeof expected - 1];
	struct smsc_out out = {.at = memory, .cap = sizeof memory};

	smsc_put_deliver(&out, 42, &sm);
	ck_assert(!out.full);
	ck_assert_uint_eq(out.len, sizeof memory);
	ck_assert_mem_eq(memory, expected, sizeof memory);
}
END_TEST

START_TEST(long_text_goes_as_payload)
{
	uint8_t text[255], memory[1024];
	struct smsc_out out = {.at = memory, .cap = sizeof memory};
	struct smsc_sm sm = {.dest = {0, 1, "123"}, .source = {1, 1, "2547"}, .text = text, .text_len = 255},
		       back;
	const char *why;

	memset(text, 'x', sizeof text);
	smsc_put_deliver(&out, 1, &sm);
	/* deliver_sm and submit_sm have the same fields (4.4.1, 4.6.1) */
	ck_assert_uint_eq(smsc_submit_decode(memory, out.len, &back, &why), SMSC_OK);
	ck_assert_uint_eq(back.text_len, 255);
	ck_assert_mem_eq(back.text, text, 255);
	ck_assert_uint_eq(memory[16 + 1 + 2 + 5 + 2 + 4 + 9], 0); /* sm_length */
}
END_TEST

START_TEST(responses_are_written)
{
	uint8_t memory[256];
	struct smsc_out out = {.at = memory, .cap = sizeof memory};

	smsc_put_submit_resp(&out, SMSC_OK, 9, 0xbeef);
	ck_assert_uint_eq(out.len, 25);
	ck_assert_mem_eq(memory,
	                 "\0\0\0\x19\x80\0\0\4\0\0\0\0\0\0\0\x09"
	                 "0000beef\0",
	                 25);
	out.len = 0;
	smsc_put_submit_resp(&out, SMSC_THROTTLED, 9, 0xbeef);
	ck_assert_uint_eq(out.len, 16);
	ck_assert_mem_eq(memory, "\0\0\0\x10\x80\0\0\4\0\0\0\x58\0\0\0\x09", 16);
	out.len = 0;
	smsc_put_bind_resp(&out, SMSC_BIND_TRANSCEIVER, SMSC_OK, 1, "smsc");
	ck_assert_uint_eq(out.len, 26);
	ck_assert_mem_eq(memory,
	                 "\0\0\0\x1a\x80\0\0\x09\0\0\0\0\0\0\0\1"
	                 "smsc\0"
	                 "\x02\x10\0\1\x34",
	                 26);
}
END_TEST

START_TEST(what_does_not_fit_leaves_nothing)
{
	uint8_t memory[24];
	struct smsc_out out = {.at = memory, .cap = sizeof memory};

	smsc_put_submit_resp(&out, SMSC_OK, 9, 1);
	ck_assert(out.full);
	ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(deliver_resp_body_is_judged)
{
	static const uint8_t header[18] = {0};
	static const uint8_t text[18] = {[16] = 'a'};

	ck_assert(smsc_deliver_resp_valid(header, 17, SMSC_OK));
	ck_assert(smsc_deliver_resp_valid(header, 17, SMSC_TEMPORARY));
	ck_assert(smsc_deliver_resp_valid(header, 16, SMSC_TEMPORARY));
	ck_assert(!smsc_deliver_resp_valid(header, 16, SMSC_OK));
	ck_assert(!smsc_deliver_resp_valid(header, 18, SMSC_OK));
	ck_assert(!smsc_deliver_resp_valid(text, 17, SMSC_OK));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("smsc_pdu");
	TCase *tc = tcase_create("pdu");

	tcase_add_test(tc, submit_is_read);
	tcase_add_test(tc, payload_is_read);
	tcase_add_loop_test(tc, malformed_submit_gets_its_status, 0, sizeof malformed / sizeof malformed[0]);
	tcase_add_test(tc, truncated_submit_is_refused);
	tcase_add_test(tc, bind_is_read);
	tcase_add_test(tc, deliver_is_written);
	tcase_add_test(tc, long_text_goes_as_payload);
	tcase_add_test(tc, responses_are_written);
	tcase_add_test(tc, what_does_not_fit_leaves_nothing);
	tcase_add_test(tc, deliver_resp_body_is_judged);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
