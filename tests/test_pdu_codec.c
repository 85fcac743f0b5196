/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The codec, reading: valid PDUs that libsmpp34 would refuse are read as a tolerant gateway should, and hostile
 * ones corrupt nothing. Defends promises 3 (every deliver_sm can be answered) and 6 (nothing from a wire can
 * crash the daemon).
 */
#include <check.h>
#include <dirent.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>

#include "gateway/pdu_codec.h"
#include "tests/pdu_build.h"
#include "tests/run_suite.h"

#define ROWS(table) (int)(sizeof(table) / sizeof((table)[0]))

static struct pdu_codec *codec;
static struct build b;
static uint8_t *held; /* what the last decoded message borrows from */
static struct pdu_message message;

static void set_up(void)
{
	codec = pdu_codec_new();
	ck_assert_ptr_nonnull(codec);
}

static void tear_down(void)
{
	pdu_codec_free(codec);
	free(held);
	held = NULL;
}

static enum rc decode_built(uint32_t *status)
{
	free(held);
	held = build_exact(b.bytes, b.len);
	return pdu_message_decode(codec, held, b.len, &message, status);
}

static void decode_ok(void)
{
	uint32_t status = 99;

	ck_assert_int_eq(decode_built(&status), RC_OK);
	ck_assert_uint_eq(status, PDU_ROK);
	ck_assert_uint_eq(pdu_codec_counts(codec)->disagreed, 0);
}

/* Responses and bare PDUs: SMSCs send these, libsmpp34 returns -1 for each. */
/* clang-format off */
static const struct answer_row {
	const char *what;
	uint32_t id, status, sequence;
	const char *body;
	size_t body_len;
	const char *text;
} answer_rows[] = {
	{"submit_sm_resp error with a NUL body", 0x80000004, 0x58, 1, "", 1, ""},
	{"submit_sm_resp error with a message_id", 0x80000004, 0x14, 7, "abc", 4, "abc"},
	{"submit_sm_resp without a body", 0x80000004, 0, 1, NULL, 0, ""},
	{"submit_sm_resp with a vendor status", 0x80000004, 0x400, 1, NULL, 0, ""},
	{"submit_sm_resp with status 0x4ff", 0x80000004, 0x4ff, 1, "", 1, ""},
	{"submit_sm_resp with status 0x59", 0x80000004, 0x59, 1, "", 1, ""},
	{"submit_sm_resp with status 0x100", 0x80000004, 0x100, 1, "", 1, ""},
	{"generic_nack with sequence 0", 0x80000000, 3, 0, NULL, 0, ""},
	{"bind_transceiver_resp error without a body", 0x80000009, 0x0e, 1, NULL, 0, ""},
	{"bind_receiver_resp error without a body", 0x80000001, 0x0d, 1, NULL, 0, ""},
	{"bind_transmitter_resp error without a body", 0x80000002, 0x0f, 1, NULL, 0, ""},
	{"bind_transceiver_resp with a TLV", 0x80000009, 0, 1, "smsc\0\x02\x10\0\x01\x34", 10, "smsc"},
	{"submit_sm_resp with TLVs", 0x80000004, 0, 2, "42\0\x04\x23\0\x03\x03\0\x01", 10, "42"},
	{"data_sm_resp with TLVs", 0x80000103, 0, 2, "43\0\x04\x25\0\x01\x01", 8, "43"},
	{"deliver_sm_resp with a message_id", 0x80000005, 0, 2, "id", 3, ""},
	{"enquire_link with trailing octets", 0x15, 0, 3, "\0\0", 2, ""},
	{"enquire_link_resp with a trailing octet", 0x80000015, 0, 3, "", 1, ""},
	{"unbind with a trailing octet", 0x06, 0, 4, "", 1, ""},
	{"submit_sm_resp without a NUL", 0x80000004, 0, 5, "123", 3, "123"},
	{"submit_sm_resp with unprintable octets", 0x80000004, 0, 5, "a\x1b\xff\x7fz", 6, "a???z"},
};
/* clang-format on */

START_TEST(reads_every_answer)
{
	const struct answer_row *row = &answer_rows[_i];
	struct pdu_header h;
	uint8_t *exact;
	char text[66];

	build_header(&b, row->id, row->status, row->sequence);
	build_bytes(&b, row->body, row->body_len);
	build_end(&b);
	exact = build_exact(b.bytes, b.len);
	ck_assert_int_eq(pdu_header_read(exact, b.len, &h), RC_OK);
	ck_assert_uint_eq(h.length, b.len);
	ck_assert_uint_eq(h.id, row->id);
	ck_assert_uint_eq(h.status, row->status);
	ck_assert_uint_eq(h.sequence, row->sequence);
	pdu_response_text(exact, b.len, text, sizeof(text));
	ck_assert_msg(strcmp(text, row->text) == 0, "%s: \"%s\"", row->what, text);
	free(exact);
}
END_TEST

START_TEST(bounds_the_text_of_an_answer)
{
	char text[80];

	build_header(&b, 0x80000004, 0, 1);
	build_fill(&b, '7', 5000);
	build_end(&b);
	memset(text, 'x', sizeof(text));
	pdu_response_text(b.bytes, b.len, text, 5);
	ck_assert_str_eq(text, "7777");
	ck_assert_int_eq(text[5], 'x');
	pdu_response_text(b.bytes, b.len, text, sizeof(text));
	ck_assert_uint_eq(strlen(text), 64); /* SMPP 3.4, 4.4.2 */
	pdu_response_text(b.bytes, 9, text, sizeof(text));
	ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(tells_lost_framing_from_too_few_bytes)
{
	static const uint32_t lengths[] = {0, 15, 16, PDU_MAX_SIZE, PDU_MAX_SIZE + 1, 0xffffffff};
	struct pdu_header h;

	for (size_t n = 0; n < PDU_HEADER_SIZE; n++) {
		build_header(&b, 0x15, 0, 1);
		ck_assert_int_eq(pdu_header_read(b.bytes, n, &h), RC_BUSY);
	}
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		b.len = 0;
		build_number(&b, lengths[i], 4);
		ck_assert_int_eq(pdu_header_read(b.bytes, PDU_HEADER_SIZE, &h),
		                 i == 2 || i == 3 ? RC_OK : RC_SYNTAX);
		/* A wrong length is known at once: waiting for more would swallow the next PDU. */
		ck_assert_int_eq(pdu_header_read(b.bytes, 4, &h), i == 2 || i == 3 ? RC_BUSY : RC_SYNTAX);
	}
}
END_TEST

/* Messages that libsmpp34 refuses or misreads, one row for each of its reasons. */
/* clang-format off */
static const struct message_row {
	const char *what;
	struct build_message m;
	uint16_t tag; /* 0 means no TLV */
	size_t tag_len;
	bool tag_kept;
	size_t body_len;
} message_rows[] = {
	{"vendor command_status", {.status = 0x400, .sequence = 1, .text = "x"}, 0, 0, false, 1},
	{"sequence_number 0", {.sequence = 0, .text = "x"}, 0, 0, false, 1},
	{"schedule_delivery_time",
         {.sequence = 1, .schedule = "261122120000000+", .text = "x"},
         0,
         0,
         false,
         1},
	{"validity_period", {.sequence = 1, .validity = "000000000500000R", .text = "x"}, 0, 0, false, 1},
	{"source_addr_ton 7", {.sequence = 1, .source_ton = 7, .text = "x"}, 0, 0, false, 1},
	{"source_addr_npi 2", {.sequence = 1, .source_npi = 2, .text = "x"}, 0, 0, false, 1},
	{"dest_addr_ton 255", {.sequence = 1, .dest_ton = 255, .text = "x"}, 0, 0, false, 1},
	{"dest_addr_npi 5", {.sequence = 1, .dest_npi = 5, .text = "x"}, 0, 0, false, 1},
	{"sm_length 253", {.sequence = 1, .sm_length = 253}, 0, 0, false, 253},
	{"sm_length 254", {.sequence = 1, .sm_length = 254}, 0, 0, false, 254},
	{"sm_length 255", {.sequence = 1, .sm_length = 255}, 0, 0, false, 255},
	{"its_session_info of 1", {.sequence = 1, .text = "x"}, 0x1383, 1, true, 1},
	{"its_session_info of 3", {.sequence = 1, .text = "x"}, 0x1383, 3, true, 1},
	{"user_message_reference of 1", {.sequence = 1, .text = "x"}, 0x0204, 1, true, 1},
	{"user_message_reference of 4", {.sequence = 1, .text = "x"}, 0x0204, 4, true, 1},
	{"message_state of 4", {.sequence = 1, .text = "x"}, 0x0427, 4, false, 1},
	{"network_error_code of 4", {.sequence = 1, .text = "x"}, 0x0423, 4, false, 1},
	{"message_payload of 600", {.sequence = 1}, 0x0424, 600, false, 600},
	{"message_payload of 1024", {.sequence = 1}, 0x0424, 1024, false, 1024},
	{"message_payload of 1025", {.sequence = 1}, 0x0424, 1025, false, 1025},
	{"message_payload of 4000", {.sequence = 1}, 0x0424, 4000, false, 4000},
	{"vendor TLV of 2000", {.sequence = 1, .text = "x"}, 0x1501, 2000, true, 1},
	{"data_sm with a payload of 4000", {.id = 0x103, .sequence = 1}, 0x0424, 4000, false, 4000},
	{"data_sm with qos_time_to_live of 1", {.id = 0x103, .sequence = 1}, 0x0017, 1, true, 0},
	{"data_sm with qos_time_to_live of 4", {.id = 0x103, .sequence = 1}, 0x0017, 4, true, 0},
	{"data_sm with source_port", {.id = 0x103, .sequence = 1}, 0x020a, 2, true, 0},
	{"data_sm with ussd_service_op", {.id = 0x103, .sequence = 1}, 0x0501, 1, true, 0},
};
/* clang-format on */

START_TEST(reads_what_libsmpp34_refuses)
{
	const struct message_row *row = &message_rows[_i];
	const struct pdu_tlv *tlv;
	uint32_t status = 99;

	build_message(&b, &row->m);
	if (row->tag)
		build_tlv_fill(&b, row->tag, 0x11, row->tag_len);
	build_tlv(&b, 0x1503, "behind", 6); /* a parser that lost sync would not find it */
	build_end(&b);
	ck_assert_msg(decode_built(&status) == RC_OK, "%s: 0x%x", row->what, status);
	ck_assert_uint_eq(message.body_len, row->body_len);
	ck_assert_uint_eq(message.source.ton, row->m.source_ton);
	ck_assert_uint_eq(message.source.npi, row->m.source_npi);
	ck_assert_uint_eq(message.dest.ton, row->m.dest_ton);
	ck_assert_uint_eq(message.dest.npi, row->m.dest_npi);
	tlv = row->tag ? pdu_message_tlv(&message, row->tag) : NULL;
	ck_assert_msg((tlv != NULL) == row->tag_kept, "%s", row->what);
	tlv = pdu_message_tlv(&message, 0x1503);
	ck_assert_ptr_nonnull(tlv);
	ck_assert_mem_eq(tlv->value, "behind", 6);
	ck_assert_uint_eq(pdu_codec_counts(codec)->disagreed, 0);
	ck_assert_uint_eq(pdu_codec_counts(codec)->decoded, 1);
}
END_TEST

/* Every standard tag in every length up to 70, in both kinds of message: the library must agree each time. */
START_TEST(agrees_with_libsmpp34_on_every_tag)
{
	for (uint16_t tag = 0; tag < 0x1402; tag++) {
		if (tag == PDU_TAG_MESSAGE_PAYLOAD || (tag > 0x0600 && tag < 0x1200))
			continue;
		for (size_t n = 0; n <= 70; n += n < 5 ? 1 : 13) {
			struct build_message m = build_dial();

			m.id = _i ? 0x103 : 5;
			build_message(&b, &m);
			build_tlv(&b, tag,
			          "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz",
			          n);
			build_tlv(&b, 0x1503, "behind", 6);
			build_end(&b);
			decode_ok();
			ck_assert_uint_eq(message.n_tlvs + message.tlvs_dropped, 2);
		}
	}
}
END_TEST

/* libsmpp34 logs into smpp34_strerror[2048], with smpp34_errno behind it, which it never writes on purpose.
 * Returns what lies behind the log: the errno and the rest of that page. */
static const uint8_t *behind_log(size_t *size)
{
	const uint8_t *log = dlsym(RTLD_DEFAULT, "smpp34_strerror");
	const uint8_t *at;

	ck_assert_ptr_nonnull(log);
	at = log + 2048;
	*size = 4096 - (size_t)((uintptr_t)at % 4096);
	return at;
}

static const unsigned flood_rows[] = {16, 17, 28, 40, 139, 3000};

START_TEST(a_flood_of_tlvs_corrupts_nothing)
{
	static uint8_t before[4096];
	struct build_message m = build_dial();
	size_t size;
	const uint8_t *behind = behind_log(&size);
	unsigned n = flood_rows[_i / 2];

	m.id = _i % 2 ? 0x103 : 5;
	m.service_type = "12345";
	m.source = m.dest = "12345678901234567890";
	build_message(&b, &m);
	/* Tags that the library logs with the most octets. */
	for (unsigned i = 0; i < n; i++)
		build_tlv(&b, 0x020a, "\xff\xff", 2);
	build_tlv(&b, PDU_TAG_USSD_SERVICE_OP, "\x12", 1);
	build_end(&b);
	memcpy(before, behind, size);
	decode_ok();
	ck_assert_mem_eq(before, behind, size);
	ck_assert_uint_lt(strlen((const char *)behind - 2048), 2000);
	ck_assert_uint_eq(message.n_tlvs, PDU_MAX_TLVS);
	ck_assert_uint_eq(message.tlvs_dropped, n + 1 - PDU_MAX_TLVS);
	ck_assert_ptr_nonnull(pdu_message_tlv(&message, PDU_TAG_USSD_SERVICE_OP));
}
END_TEST

/* The six PDUs that crash, corrupt or leak in libsmpp34, or that it refuses. */
START_TEST(hostile_forty_tlvs)
{
	struct build_message m = build_dial();

	build_message(&b, &m);
	for (unsigned i = 0; i < 40; i++)
		build_tlv(&b, (uint16_t)(0x1400 + i), "\x01", 1);
	build_end(&b);
	decode_ok();
	ck_assert_uint_eq(message.n_tlvs, PDU_MAX_TLVS);
	ck_assert_uint_eq(message.tlvs_dropped, 40 - PDU_MAX_TLVS);
}
END_TEST

START_TEST(hostile_payload_of_600)
{
	struct build_message m = build_dial();

	m.text = "";
	build_message(&b, &m);
	build_tlv_fill(&b, PDU_TAG_MESSAGE_PAYLOAD, 'A', 600);
	build_end(&b);
	decode_ok();
	ck_assert_uint_eq(message.body_len, 600);
}
END_TEST

START_TEST(hostile_cut_tlv)
{
	struct build_message m = build_dial();
	uint32_t status;

	build_message(&b, &m);
	build_number(&b, 0x15000032, 4);
	build_end(&b);
	ck_assert_int_eq(decode_built(&status), RC_SYNTAX);
	ck_assert_uint_eq(status, PDU_RINVOPTPARSTREAM);
	ck_assert_uint_eq(pdu_codec_counts(codec)->refused, 1);
}
END_TEST

START_TEST(hostile_answers)
{
	static const uint32_t answers[][4] = {
		{0x80000000, 3, 0, 0}, {0x80000004, 0x58, 1, 1}, {0x80000004, 0x400, 1, 0}};
	struct pdu_header h;
	uint32_t status;

	for (int i = 0; i < ROWS(answers); i++) {
		build_header(&b, answers[i][0], answers[i][1], answers[i][2]);
		build_fill(&b, 0, answers[i][3]);
		build_end(&b);
		ck_assert_int_eq(pdu_header_read(b.bytes, b.len, &h), RC_OK);
		ck_assert_uint_eq(h.status, answers[i][1]);
		ck_assert_int_eq(decode_built(&status),
		                 RC_SYNTAX); /* no message: never reaches the library */
		ck_assert_uint_ne(status, PDU_ROK);
	}
}
END_TEST

START_TEST(survives_every_prefix)
{
	struct build_message m = build_dial();
	unsigned accepted = 0;

	m.id = _i ? 0x103 : 5;
	build_message(&b, &m);
	build_tlv(&b, PDU_TAG_USSD_SERVICE_OP, "\x01", 1);
	build_tlv(&b, PDU_TAG_ITS_SESSION_INFO, "\x07\x00", 2);
	build_tlv(&b, 0x1501, "\x01\x02\x03\x04", 4);
	build_end(&b);
	for (size_t whole = b.len; b.len > PDU_HEADER_SIZE; b.len--) {
		uint32_t status;
		enum rc rc;

		build_end(&b);
		rc = decode_built(&status);
		ck_assert(rc == RC_OK || rc == RC_SYNTAX);
		ck_assert(rc == RC_OK || b.len < whole);
		accepted += rc == RC_OK;
	}
	/* Whole; cut at each of the three TLVs; and with 1 to 3 stray octets of the next each time. */
	ck_assert_uint_eq(accepted, 1 + 3 * 4);
	ck_assert_uint_eq(pdu_codec_counts(codec)->disagreed, 0);
}
END_TEST

/* Any further PDUs that whoever runs the tests has at hand. */
START_TEST(reads_the_files_of_starhash_pdus)
{
	const char *folder = getenv("STARHASH_PDUS");
	DIR *dir = folder ? opendir(folder) : NULL;
	struct dirent *entry;

	ck_assert(!folder || dir);
	while (dir && (entry = readdir(dir)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');
		struct pdu_header h;
		char path[1024];
		char text[66];
		uint32_t status = 99;
		FILE *file;

		if (!dot || strcmp(dot, ".bin") != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		file = fopen(path, "rb");
		ck_assert_ptr_nonnull(file);
		b.len = fread(b.bytes, 1, sizeof(b.bytes), file);
		fclose(file);
		ck_assert_int_eq(pdu_header_read(b.bytes, b.len, &h), RC_OK);
		pdu_response_text(b.bytes, b.len, text, sizeof(text));
		ck_assert_msg((decode_built(&status) == RC_OK) == (status == PDU_ROK), "%s", path);
		printf("%s: %s, %s\n", entry->d_name, pdu_name(h.id), pdu_status_name(status));
	}
	if (dir)
		closedir(dir);
	ck_assert_uint_eq(pdu_codec_counts(codec)->disagreed, 0);
}
END_TEST

START_TEST(names_pdus_and_statuses)
{
	ck_assert_str_eq(pdu_name(PDU_DELIVER_SM), "deliver_sm");
	ck_assert_str_eq(pdu_name(PDU_SUBMIT_SM | PDU_RESPONSE), "submit_sm_resp");
	ck_assert_str_eq(pdu_name(PDU_GENERIC_NACK), "generic_nack");
	ck_assert_str_eq(pdu_name(0x1234), "unknown");
	ck_assert_str_eq(pdu_status_name(PDU_RTHROTTLED), "ESME_RTHROTTLED");
	ck_assert_str_eq(pdu_status_name(0x400), "vendor");
	ck_assert_str_eq(pdu_status_name(0x4ff), "vendor");
	ck_assert_str_eq(pdu_status_name(0x500), "reserved");
}
END_TEST

static TCase *reading(void)
{
	TCase *tc = tcase_create("reading");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, reads_every_answer, 0, ROWS(answer_rows));
	tcase_add_test(tc, bounds_the_text_of_an_answer);
	tcase_add_test(tc, tells_lost_framing_from_too_few_bytes);
	tcase_add_loop_test(tc, reads_what_libsmpp34_refuses, 0, ROWS(message_rows));
	tcase_add_loop_test(tc, agrees_with_libsmpp34_on_every_tag, 0, 2);
	tcase_add_loop_test(tc, a_flood_of_tlvs_corrupts_nothing, 0, 2 * ROWS(flood_rows));
	tcase_add_test(tc, hostile_forty_tlvs);
	tcase_add_test(tc, hostile_payload_of_600);
	tcase_add_test(tc, hostile_cut_tlv);
	tcase_add_test(tc, hostile_answers);
	tcase_add_loop_test(tc, survives_every_prefix, 0, 2);
	tcase_add_test(tc, reads_the_files_of_starhash_pdus);
	tcase_add_test(tc, names_pdus_and_statuses);
	return tc;
}

int main(void)
{
	Suite *suite = suite_create("pdu_codec");

	suite_add_tcase(suite, reading());
	return run_suite(suite);
}
