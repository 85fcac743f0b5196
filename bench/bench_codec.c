/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a PDU of the hot path costs to read or write: our codec, the guard with libsmpp34 behind it, and memcpy of the same octets
 * as the least that any codec could cost. All in one run, in rounds that take turns, and of each the quickest round: what
 * disturbs a machine only ever adds. `bench_codec [ROUNDS]`. Exit 0; 1 when a way refused a PDU or the two gave different
 * octets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/pdu_codec.h"

#define BATCH 20000 /* PDUs in a round */
#define PDU_ROOM 512

struct bench {
	struct pdu_codec *codec;
	struct pdu_submit submit;
	uint8_t deliver[PDU_ROOM], packed[PDU_ROOM];
	size_t deliver_len, packed_len;
	uint64_t sum; /* of what was read, so that nothing is optimised away */
	bool failed;
};

struct way {
	const char *name;
	void (*once)(struct bench *b);
	double ns; /* the quickest round, for one PDU */
};

static void fill(struct bench *b)
{
	static const char screen[] =
		"Your town? Pick or type it\n1 Bungoma\n2 Busia\n3 Eldoret\n4 Embu\n5 Garissa\n"
		"6 Homa Bay\n7 Isiolo\n8 Kakamega\n9 Kericho\n10 Kilifi\n98 More\n0 Back";

	b->submit = (struct pdu_submit){
		.service_type = "USSD",
		.source = {0, 1, "123"},
		.dest = {1, 1, "254700000001"},
		.body = (const uint8_t *)screen,
		.body_len = sizeof(screen) - 1,
		.n_tlvs = 3,
		.tlv = {{PDU_TAG_USSD_SERVICE_OP, 1, (const uint8_t *)"\x02"},
	                {PDU_TAG_ITS_SESSION_INFO, 2, (const uint8_t *)"\x2a\x02"},
	                {PDU_TAG_USER_MESSAGE_REFERENCE, 2, (const uint8_t *)"\x01\x02"}}};
	/* A deliver_sm has the same fields under another name: an answer of a few letters. */
	b->submit.body_len = 7;
	b->submit.body = (const uint8_t *)"Nairobi";
	b->failed |=
		pdu_submit_pack(b->codec, &b->submit, 77, b->deliver, PDU_ROOM, &b->deliver_len) != RC_OK;
	b->deliver[7] = PDU_DELIVER_SM;
	b->submit.body = (const uint8_t *)screen;
	b->submit.body_len = sizeof(screen) - 1;
}

static void read_with(struct bench *b, enum rc (*decode)(struct pdu_codec *, const uint8_t *, size_t,
                                                         struct pdu_message *, uint32_t *))
{
	struct pdu_message m;
	uint32_t status;

	if (decode(b->codec, b->deliver, b->deliver_len, &m, &status) != RC_OK)
		b->failed = true;
	else
		b->sum += m.body_len + m.n_tlvs;
}

static void read_ours(struct bench *b)
{
	read_with(b, pdu_message_decode);
}

static void read_library(struct bench *b)
{
	read_with(b, pdu_message_decode_library);
}

static void write_ours(struct bench *b)
{
	b->failed |= pdu_submit_pack(b->codec, &b->submit, 1, b->packed, PDU_ROOM, &b->packed_len) != RC_OK;
	b->sum += b->packed_len;
}

static void write_library(struct bench *b)
{
	b->failed |= pdu_submit_pack_library(b->codec, &b->submit, 1, b->packed, PDU_ROOM, &b->packed_len) !=
	             RC_OK;
	b->sum += b->packed_len;
}

static void copy(struct bench *b)
{
	memcpy(b->packed, b->deliver, b->deliver_len);
	__asm__ volatile("" : : "r"(b->packed) : "memory"); /* it is done, and not only promised */
	b->sum += b->deliver_len;
}

static void write_response(struct bench *b)
{
	uint8_t out[32];
	size_t len;

	b->failed |=
		pdu_simple_pack(PDU_DELIVER_SM | PDU_RESPONSE, PDU_ROK, 77, out, sizeof(out), &len) != RC_OK;
	b->sum += len;
}

static void read_response(struct bench *b)
{
	static const uint8_t pdu[] = "\0\0\0\x1a\x80\0\0\x04\0\0\0\0\0\0\0\x4d"
				     "123456789";
	struct pdu_header h;
	char id[66];

	b->failed |= pdu_header_read(pdu, sizeof(pdu), &h) != RC_OK;
	pdu_response_text(pdu, h.length, id, sizeof(id));
	b->sum += (uint64_t)id[0];
}

static double now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void run(struct bench *b, struct way *way, size_t n, long rounds)
{
	while (rounds-- > 0)
		for (size_t i = 0; i < n; i++) {
			double began = now_ns(), took;

			for (int k = 0; k < BATCH; k++)
				way[i].once(b);
			took = (now_ns() - began) / BATCH;
			if (way[i].ns == 0 || took < way[i].ns)
				way[i].ns = took;
		}
}

/* The same octets by both. */
static void compare(struct bench *b)
{
	uint8_t ours[PDU_ROOM];

	write_ours(b);
	memcpy(ours, b->packed, b->packed_len);
	write_library(b);
	b->failed |= memcmp(ours, b->packed, b->packed_len) != 0;
}

int main(int argc, char **argv)
{
	struct way way[] = {{"memcpy of a deliver_sm", copy, 0},
	                    {"read deliver_sm, ours", read_ours, 0},
	                    {"read deliver_sm, libsmpp34 behind the guard", read_library, 0},
	                    {"write submit_sm, ours", write_ours, 0},
	                    {"write submit_sm, libsmpp34", write_library, 0},
	                    {"write deliver_sm_resp", write_response, 0},
	                    {"read submit_sm_resp", read_response, 0}};
	long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 20;
	struct bench b = {.codec = pdu_codec_new()};

	if (b.codec == NULL)
		return 1;
	fill(&b);
	compare(&b);
	run(&b, way, sizeof(way) / sizeof(way[0]), rounds);
	for (size_t i = 0; i < sizeof(way) / sizeof(way[0]); i++)
		printf("%-46s %8.1f ns\n", way[i].name, way[i].ns);
	printf("libsmpp34 / ours: read %.1f times, write %.1f times\n", way[2].ns / way[1].ns,
	       way[4].ns / way[3].ns);
	pdu_codec_free(b.codec);
	if (b.failed || b.sum == 0)
		fprintf(stderr, "bench_codec: a PDU was refused, or the two ways gave different octets\n");
	return b.failed || b.sum == 0;
}
