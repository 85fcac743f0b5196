/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The codec, packing: what is packed has the octets that SMPP 3.4 asks for, reads back the same, and is never cut.
 * Defends promise 3 (every deliver_sm gets its answer).
 */
#include <check.h>
#include <stdbool.h>

#include "gateway/pdu_codec.h"
#include "gateway/pdu_guard.h"
#include "tests/pdu_build.h"
#include "tests/run_suite.h"

#define ROWS(table) (int)(sizeof(table) / sizeof((table)[0]))

static struct pdu_codec *codec;
static struct build b;
static struct pdu_message message;

static void set_up(void)
{
	codec = pdu_codec_new();
	ck_assert_ptr_nonnull(codec);
}

static void tear_down(void)
{
	pdu_codec_free(codec);
}

static struct pdu_submit answer(void)
{
	return (struct pdu_submit){.service_type = "USSD",
	                           .source = {0, 1, "*100#"},
	                           .dest = {1, 1, "254700000001"},
	                           .data_coding = 15,
	                           .body = (const uint8_t *)"1 Yes\n2 No",
	                           .body_len = 10,
	                           .n_tlvs = 2,
	                           .tlv = {{PDU_TAG_USSD_SERVICE_OP, 1, (const uint8_t *)"\x02"},
	                                   {PDU_TAG_ITS_SESSION_INFO, 2, (const uint8_t *)"\x2a\x03"}}};
}

START_TEST(packs_a_submit_sm_octet_for_octet)
{
	struct pdu_submit s = answer();
	uint8_t out[256];
	size_t len = 0;

	build_header(&b, 4, 0, 0x01020304);
	build_bytes(&b,
	            "USSD\0\0\1*100#\0\1\1"
	            "254700000001\0\0\0\0\0\0\0\0\x0f\0\x0a"
	            "1 Yes\n2 No",
	            48);
	build_tlv(&b, PDU_TAG_USSD_SERVICE_OP, "\x02", 1);
	build_tlv(&b, PDU_TAG_ITS_SESSION_INFO, "\x2a\x03", 2);
	build_end(&b);
	ck_assert_int_eq(pdu_submit_pack(codec, &s, 0x01020304, out, sizeof(out), &len), RC_OK);
	ck_assert_uint_eq(len, b.len);
	ck_assert_mem_eq(out, b.bytes, len);
	/* Exactly enough room is enough; one octet less is refused and leaves everything alone. */
	memset(out, 0x55, sizeof(out));
	len = 7;
	ck_assert_int_eq(pdu_submit_pack(codec, &s, 1, out, b.len - 1, &len), RC_FULL);
	ck_assert_uint_eq(len, 7);
	ck_assert_uint_eq(out[0], 0x55);
	ck_assert_int_eq(pdu_submit_pack(codec, &s, 1, out, b.len, &len), RC_OK);
	ck_assert_uint_eq(out[b.len], 0x55);
}
END_TEST

/* A packed submit_sm has the fields of a deliver_sm, so the guard can read it under that name. */
static void read_back(const struct pdu_submit *s, uint8_t *pdu, size_t len)
{
	uint32_t status;

	pdu[7] = 5;
	ck_assert_int_eq(pdu_message_decode(codec, pdu, len, &message, &status), RC_OK);
	ck_assert_str_eq(message.service_type, s->service_type);
	ck_assert_uint_eq(message.source.ton, s->source.ton);
	ck_assert_uint_eq(message.source.npi, s->source.npi);
	ck_assert_str_eq(message.source.digits, s->source.digits);
	ck_assert_uint_eq(message.dest.ton, s->dest.ton);
	ck_assert_uint_eq(message.dest.npi, s->dest.npi);
	ck_assert_str_eq(message.dest.digits, s->dest.digits);
	ck_assert_uint_eq(message.esm_class, s->esm_class);
	ck_assert_uint_eq(message.protocol_id, s->protocol_id);
	ck_assert_uint_eq(message.priority, s->priority);
	ck_assert_uint_eq(message.registered_delivery, s->registered_delivery);
	ck_assert_uint_eq(message.data_coding, s->data_coding);
	ck_assert_uint_eq(message.body_len, s->body_len);
	ck_assert_mem_eq(message.body, s->body, s->body_len);
	ck_assert_uint_eq(message.n_tlvs, s->n_tlvs);
	ck_assert_uint_eq(message.tlvs_dropped, 0);
	for (size_t i = 0; i < s->n_tlvs; i++) {
		ck_assert_uint_eq(message.tlv[i].tag, s->tlv[i].tag);
		ck_assert_uint_eq(message.tlv[i].length, s->tlv[i].length);
		ck_assert_mem_eq(message.tlv[i].value, s->tlv[i].value, s->tlv[i].length);
	}
}

START_TEST(packs_every_body_length)
{
	static uint8_t body[PDU_BODY_MAX];
	static uint8_t out[PDU_BODY_MAX + 1024];
	struct pdu_submit s = answer();

	s.esm_class = 3;
	s.protocol_id = 4;
	s.priority = 1;
	s.registered_delivery = 1;
	s.source = (struct pdu_address){7, 2, "12345678901234567890"};
	s.dest = (struct pdu_address){255, 254, ""};
	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (uint8_t)(i * 7);
	s.body = body;
	/* each up to what the library packs, and some over it, up to the very last */
	for (s.body_len = 0; s.body_len <= PDU_BODY_MAX;
	     s.body_len += s.body_len <= PDU_PAYLOAD_MAX + 8 ? 1 : 439) {
		size_t len = 0;

		ck_assert_int_eq(pdu_submit_pack(codec, &s, 1, out, sizeof(out), &len), RC_OK);
		read_back(&s, out, len);
	}
	ck_assert_uint_eq(pdu_codec_counts(codec)->disagreed, 0);
}
END_TEST

/* Knobs 12 and 17 of dialects.conf. */
START_TEST(packs_payload_and_validity)
{
	struct pdu_submit s = answer();
	uint8_t out[256];
	size_t len = 0;

	s.in_payload = true;
	s.validity = "000000001000000R";
	build_header(&b, 4, 0, 1);
	build_bytes(&b,
	            "USSD\0\0\1*100#\0\1\1"
	            "254700000001\0\0\0\0\0"
	            "000000001000000R\0\0\0\x0f\0\0",
	            54);
	build_tlv(&b, PDU_TAG_MESSAGE_PAYLOAD, "1 Yes\n2 No", 10);
	build_tlv(&b, PDU_TAG_USSD_SERVICE_OP, "\x02", 1);
	build_tlv(&b, PDU_TAG_ITS_SESSION_INFO, "\x2a\x03", 2);
	build_end(&b);
	ck_assert_int_eq(pdu_submit_pack(codec, &s, 1, out, sizeof(out), &len), RC_OK);
	ck_assert_uint_eq(len, b.len);
	ck_assert_mem_eq(out, b.bytes, len);
	s.validity = "10 minutes";
	ck_assert_int_eq(pdu_submit_pack(codec, &s, 1, out, sizeof(out), &len), RC_RANGE);
}
END_TEST

START_TEST(packs_eight_tlvs_in_order)
{
	static uint8_t out[16384];
	static uint8_t long_value[PDU_PAYLOAD_MAX];
	const uint8_t *v = (const uint8_t *)"abcd";
	struct pdu_submit s = answer();
	size_t len = 0;

	s.n_tlvs = 8;
	s.tlv[2] = (struct pdu_tlv){PDU_TAG_USER_MESSAGE_REFERENCE, 2, v};
	s.tlv[3] = (struct pdu_tlv){0x1501, 4, v};
	s.tlv[4] = (struct pdu_tlv){PDU_TAG_SAR_MSG_REF_NUM, 2, v};
	s.tlv[5] = (struct pdu_tlv){PDU_TAG_SAR_TOTAL_SEGMENTS, 1, v};
	s.tlv[6] = (struct pdu_tlv){0x1502, 0, v};
	s.tlv[7] = (struct pdu_tlv){0x3fff, PDU_PAYLOAD_MAX, long_value};
	ck_assert_int_eq(pdu_submit_pack(codec, &s, 1, out, sizeof(out), &len), RC_OK);
	read_back(&s, out, len);
	for (size_t i = 0; i < s.n_tlvs; i++)
		s.tlv[i] = (struct pdu_tlv){(uint16_t)(0x1501 + i), PDU_PAYLOAD_MAX, long_value};
	s.body = long_value;
	s.body_len = PDU_PAYLOAD_MAX;
	ck_assert_int_eq(pdu_submit_pack(codec, &s, 1, out, sizeof(out), &len), RC_OK);
	read_back(&s, out, len);
}
END_TEST

START_TEST(packs_every_tag_or_refuses_it)
{
	static uint8_t out[4096];

	for (uint16_t tag = 0; tag < 0x1402; tag++) {
		for (uint16_t n = 0; n <= 5; n++) {
			struct pdu_submit s = answer();
			size_t len = 0;
			bool allowed = tag != PDU_TAG_MESSAGE_PAYLOAD && pdu_guard_tlv_kept(tag, n);
			enum rc rc;

			s.tlv[0] = (struct pdu_tlv){tag, n, (const uint8_t *)"01234"};
			rc = pdu_submit_pack(codec, &s, 1, out, sizeof(out), &len);
			ck_assert_int_eq(rc, allowed ? RC_OK : RC_RANGE);
			if (allowed)
				read_back(&s, out, len);
		}
	}
	ck_assert_uint_eq(pdu_codec_counts(codec)->disagreed, 0);
}
END_TEST

/* Sessions of other lengths than SMPP 3.4's are ours to write: the order stays, and the length is right. */
START_TEST(packs_tlvs_of_other_lengths_in_order)
{
	static uint8_t body[PDU_PAYLOAD_MAX + 1];
	static uint8_t out[PDU_BODY_MAX];
	struct pdu_submit s = answer();
	size_t len = 0;

	s.tlv[1] = (struct pdu_tlv){PDU_TAG_ITS_SESSION_INFO, 4, (const uint8_t *)"\x01\x02\x03\x04"};
	s.tlv[2] = (struct pdu_tlv){0x1501, 2, (const uint8_t *)"ab"};
	s.tlv[3] = (struct pdu_tlv){PDU_TAG_USER_MESSAGE_REFERENCE, 1, (const uint8_t *)"\x09"};
	s.tlv[4] = (struct pdu_tlv){PDU_TAG_SAR_MSG_REF_NUM, 2, (const uint8_t *)"\x00\x07"};
	s.n_tlvs = 5;
	build_header(&b, 4, 0, 9);
	build_bytes(&b,
	            "USSD\0\0\1*100#\0\1\1"
	            "254700000001\0\0\0\0\0\0\0\0\x0f\0\x0a"
	            "1 Yes\n2 No",
	            48);
	for (size_t i = 0; i < s.n_tlvs; i++)
		build_tlv(&b, s.tlv[i].tag, s.tlv[i].value, s.tlv[i].length);
	build_end(&b);
	ck_assert_int_eq(pdu_submit_pack(codec, &s, 9, out, sizeof(out), &len), RC_OK);
	ck_assert_uint_eq(len, b.len);
	ck_assert_mem_eq(out, b.bytes, len);
	read_back(&s, out, len);
	/* exactly enough room, one octet less, and with a payload behind them */
	memset(out, 0x55, sizeof(out));
	len = 7;
	ck_assert_int_eq(pdu_submit_pack(codec, &s, 9, out, b.len - 1, &len), RC_FULL);
	ck_assert(len == 7 && out[0] == 0x55);
	ck_assert_int_eq(pdu_submit_pack(codec, &s, 9, out, b.len, &len), RC_OK);
	ck_assert_uint_eq(out[b.len], 0x55);
	s.body = body;
	s.body_len = sizeof(body);
	ck_assert_int_eq(pdu_submit_pack(codec, &s, 9, out, sizeof(out), &len), RC_OK);
	read_back(&s, out, len);
	ck_assert_uint_eq(pdu_codec_counts(codec)->disagreed, 0);
}
END_TEST

START_TEST(never_cuts_a_field)
{
	static const uint8_t big[PDU_BODY_MAX + 1];
	struct pdu_submit rows[8];
	uint8_t out[2048];
	size_t len = 7;

	for (int i = 0; i < ROWS(rows); i++)
		rows[i] = answer();
	rows[0].service_type = "123456";
	strcpy(rows[1].source.digits, "123456789012345678901");
	strcpy(rows[2].dest.digits, "123456789012345678901");
	memset(rows[3].dest.digits, '1', sizeof(rows[3].dest.digits)); /* no NUL at all */
	rows[4].body = big;
	rows[4].body_len = sizeof(big);
	rows[5].n_tlvs = 9;
	rows[6].tlv[0] = (struct pdu_tlv){0x1501, sizeof(big), big};
	rows[7].tlv[0].length = 2; /* an op */
	rows[7].tlv[0].value = big;
	for (int i = 0; i < ROWS(rows); i++)
		ck_assert_int_eq(pdu_submit_pack(codec, &rows[i], 1, out, sizeof(out), &len), RC_RANGE);
	rows[0] = answer();
	ck_assert_int_eq(pdu_submit_pack(codec, &rows[0], 0, out, sizeof(out), &len), RC_RANGE);
	ck_assert_uint_eq(len, 7);
}
END_TEST

START_TEST(packs_a_bind)
{
	struct pdu_bind bind = {.id = PDU_BIND_TRANSCEIVER,
	                        .system_id = "123456789012345",
	                        .password = "1234567890123456",
	                        .system_type = "123456789012",
	                        .interface_version = 0x34,
	                        .address_range = "1234567890123456789012345678901234567890"};
	uint8_t out[256];
	size_t len;

	build_header(&b, 9, 0, 1);
	build_string(&b, bind.system_id);
	build_string(&b, bind.password);
	build_string(&b, bind.system_type);
	build_number(&b, 0x340000, 3);
	build_string(&b, bind.address_range);
	build_end(&b);
	ck_assert_int_eq(pdu_bind_pack(&bind, 1, out, b.len, &len), RC_OK);
	ck_assert_uint_eq(len, b.len);
	ck_assert_mem_eq(out, b.bytes, len);
	ck_assert_int_eq(pdu_bind_pack(&bind, 1, out, b.len - 1, &len), RC_FULL);
	bind.password = "12345678901234567";
	ck_assert_int_eq(pdu_bind_pack(&bind, 1, out, sizeof(out), &len), RC_RANGE);
	bind.password = "";
	bind.system_id = "1234567890123456";
	ck_assert_int_eq(pdu_bind_pack(&bind, 1, out, sizeof(out), &len), RC_RANGE);
	bind.system_id = "";
	bind.id = PDU_SUBMIT_SM;
	ck_assert_int_eq(pdu_bind_pack(&bind, 1, out, sizeof(out), &len), RC_RANGE);
}
END_TEST

static const struct simple_row {
	uint32_t id, status, sequence;
	size_t len; /* 0 means RC_RANGE */
} simple_rows[] = {
	{PDU_ENQUIRE_LINK, 0, 1, 16},
	{PDU_ENQUIRE_LINK | PDU_RESPONSE, 0, 1, 16},
	{PDU_UNBIND, 0, 2, 16},
	{PDU_UNBIND | PDU_RESPONSE, 0, 2, 16},
	{PDU_GENERIC_NACK, PDU_RINVCMDLEN, 0, 16},
	{PDU_DELIVER_SM | PDU_RESPONSE, 0x401, 0xffffffff, 17},
	{PDU_DATA_SM | PDU_RESPONSE, 0, 3, 17},
	{PDU_SUBMIT_SM, 0, 3, 0},
	{PDU_DELIVER_SM, 0, 3, 0},
};

START_TEST(packs_bare_pdus)
{
	const struct simple_row *row = &simple_rows[_i];
	struct pdu_header h;
	uint8_t out[17];
	size_t len = 0;
	enum rc rc = pdu_simple_pack(row->id, row->status, row->sequence, out, sizeof(out), &len);

	ck_assert_int_eq(rc, row->len ? RC_OK : RC_RANGE);
	ck_assert_uint_eq(len, row->len);
	if (row->len == 0)
		return;
	ck_assert_int_eq(pdu_header_read(out, len, &h), RC_OK);
	ck_assert_uint_eq(h.length, row->len);
	ck_assert_uint_eq(h.id, row->id);
	ck_assert_uint_eq(h.status, row->status);
	ck_assert_uint_eq(h.sequence, row->sequence);
	ck_assert_int_eq(pdu_simple_pack(row->id, 0, 1, out, row->len - 1, &len), RC_FULL);
}
END_TEST

static TCase *packing(void)
{
	TCase *tc = tcase_create("packing");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, packs_a_submit_sm_octet_for_octet);
	tcase_add_test(tc, packs_every_body_length);
	tcase_add_test(tc, packs_payload_and_validity);
	tcase_add_test(tc, packs_eight_tlvs_in_order);
	tcase_add_test(tc, packs_every_tag_or_refuses_it);
	tcase_add_test(tc, packs_tlvs_of_other_lengths_in_order);
	tcase_add_test(tc, never_cuts_a_field);
	tcase_add_test(tc, packs_a_bind);
	tcase_add_loop_test(tc, packs_bare_pdus, 0, ROWS(simple_rows));
	return tc;
}

int main(void)
{
	Suite *suite = suite_create("pdu_pack");

	suite_add_tcase(suite, packing());
	return run_suite(suite);
}
