/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the seed corpus of fuzz_pdu and fuzz_wire into a folder: make_seeds FOLDER. One PDU of each kind and of each known
 * kind of trouble. Exit code 0; 1 when a file cannot be written; 2 on wrong use.
 */
#include <stdbool.h>
#include <stdio.h>

#include "tests/pdu_build.h"

static struct build b;

static bool save(const char *folder, const char *name)
{
	char path[4096];
	FILE *file;
	bool ok;

	if (snprintf(path, sizeof(path), "%s/%s.bin", folder, name) >= (int)sizeof(path))
		return false;
	file = fopen(path, "wb");
	if (!file) {
		perror(path);
		return false;
	}
	ok = fwrite(b.bytes, 1, b.len, file) == b.len;
	return fclose(file) == 0 && ok;
}

static bool save_plain(const char *folder)
{
	struct build_message m = build_dial();
	bool ok;

	build_message(&b, &m);
	build_tlv(&b, 0x0501, "\x01", 1);
	build_tlv(&b, 0x1383, "\x2a\0", 2);
	build_end(&b);
	ok = save(folder, "deliver_ussd");
	m.schedule = "261122120000000+";
	m.validity = "000000000500000R";
	m.source_ton = 7;
	m.source_npi = 2;
	m.status = 0x400;
	m.sequence = 0;
	build_message(&b, &m);
	build_fill(&b, 0, 2);
	build_end(&b);
	ok = save(folder, "deliver_odd") && ok;
	m = build_dial();
	m.id = 0x103;
	build_message(&b, &m);
	build_tlv(&b, 0x0424, "hello", 5);
	build_tlv(&b, 0x0017, "\0\0\0\x3c", 4);
	build_tlv(&b, 0x020a, "\x12\x34", 2);
	build_end(&b);
	return save(folder, "data_sm") && ok;
}

static bool save_bodies(const char *folder)
{
	static const size_t payloads[] = {600, 1024, 1025, 4000};
	struct build_message m = build_dial();
	char name[64];
	bool ok = true;

	m.text = NULL;
	for (m.sm_length = 253; m.sm_length <= 255; m.sm_length++) {
		build_message(&b, &m);
		snprintf(name, sizeof(name), "deliver_short_%zu", m.sm_length);
		ok = save(folder, name) && ok;
	}
	m.sm_length = 0;
	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		build_message(&b, &m);
		build_tlv_fill(&b, 0x0424, 'A', payloads[i]);
		build_end(&b);
		snprintf(name, sizeof(name), "deliver_payload_%zu", payloads[i]);
		ok = save(folder, name) && ok;
	}
	return ok;
}

static bool save_tlvs(const char *folder)
{
	static const uint16_t tags[] = {0x001e, 0x0204, 0x020a, 0x020c, 0x020e, 0x020f, 0x0423,
	                                0x0427, 0x0501, 0x1383, 0x1501, 0x0381, 0x0202, 0x0008};
	struct build_message m = build_dial();
	bool ok;

	build_message(&b, &m);
	for (int i = 0; i < 139; i++)
		build_tlv(&b, (uint16_t)(0x1400 + i), "\x01", 1);
	build_end(&b);
	ok = save(folder, "deliver_139_tlvs");
	for (size_t n = 1; n <= 4; n++) {
		char name[64];

		build_message(&b, &m);
		for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
			build_tlv(&b, tags[i], "abcd", n);
		build_end(&b);
		snprintf(name, sizeof(name), "deliver_tlvs_of_%zu", n);
		ok = save(folder, name) && ok;
	}
	build_message(&b, &m);
	build_number(&b, 0x15000032, 4);
	build_end(&b);
	return save(folder, "deliver_cut_tlv") && ok;
}

static bool save_answers(const char *folder)
{
	static const struct {
		const char *name, *body;
		size_t body_len;
		uint32_t id, status, sequence;
	} rows[] = {
		{"nack_0", NULL, 0, 0x80000000, 3, 0},
		{"submit_resp", "0123456789", 11, 0x80000004, 0, 1},
		{"submit_resp_vendor", NULL, 0, 0x80000004, 0x400, 1},
		{"bind_resp", "smsc\0\x02\x10\0\x01\x34", 10, 0x80000009, 0, 1},
		{"enquire_link", "", 1, 0x15, 0, 9},
	};
	bool ok = true;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		build_header(&b, rows[i].id, rows[i].status, rows[i].sequence);
		build_bytes(&b, rows[i].body, rows[i].body_len);
		build_end(&b);
		ok = save(folder, rows[i].name) && ok;
	}
	return ok;
}

/* A deliver_sm of an SMS with this esm_class and these first octets of its text. */
static void build_sms(uint8_t esm_class, const void *head, size_t n, size_t sm_length)
{
	struct build_message m = {.source_ton = 1,
	                          .source_npi = 1,
	                          .source = "254722000001",
	                          .dest_npi = 1,
	                          .dest = "123",
	                          .sequence = 7,
	                          .sm_length = sm_length};

	build_message(&b, &m);
	/* behind service_type, two addresses with TON and NPI */
	b.bytes[16 + 1 + 2 + strlen(m.source) + 1 + 2 + strlen(m.dest) + 1] = esm_class;
	memcpy(b.bytes + b.len - sm_length, head, n);
}

static bool save_sms(const char *folder)
{
	static const char receipt[] =
		"id:0000beef sub:001 dlvrd:001 submit date:2611220130 done date:2611220131 "
		"stat:DELIVRD err:000 text:...";
	bool ok;

	build_sms(0x40, "\5\0\3\x2a\2\1", 6, 140);
	build_end(&b);
	ok = save(folder, "sms_part_1_of_2");
	build_sms(0x40, "\5\0\3\x2a\2\2", 6, 20);
	build_end(&b);
	ok = save(folder, "sms_part_2_of_2") && ok;
	build_sms(0x40, "\6\x8\4\x12\x34\3\1", 7, 60);
	build_end(&b);
	ok = save(folder, "sms_part_wide") && ok;
	build_sms(0, "", 0, 30);
	build_tlv(&b, 0x020c, "\x12\x34", 2);
	build_tlv(&b, 0x020e, "\2", 1);
	build_tlv(&b, 0x020f, "\1", 1);
	build_end(&b);
	ok = save(folder, "sms_part_sar") && ok;
	build_sms(4, receipt, sizeof(receipt) - 1, sizeof(receipt) - 1);
	build_end(&b);
	ok = save(folder, "receipt_text") && ok;
	build_sms(4, "", 0, 0);
	build_tlv(&b, 0x001e, "0000beef", 9);
	build_tlv(&b, 0x0427, "\2", 1);
	build_tlv(&b, 0x0423, "\3\0\0", 3);
	build_end(&b);
	return save(folder, "receipt_tlv") && ok;
}

int main(int argc, char **argv)
{
	bool ok;

	if (argc != 2) {
		fprintf(stderr, "usage: make_seeds FOLDER\n");
		return 2;
	}
	ok = save_plain(argv[1]);
	ok = save_bodies(argv[1]) && ok;
	ok = save_tlvs(argv[1]) && ok;
	ok = save_answers(argv[1]) && ok;
	ok = save_sms(argv[1]) && ok;
	return ok ? 0 : 1;
}
