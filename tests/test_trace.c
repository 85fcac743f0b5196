/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traces: streams of TCP put in order whatever happened to them, every kind of capture, hex lines of any
 * dress. Captures are written here octet by octet. Defends promise 6: what a file holds is never trusted. */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/run_suite.h"
#include "tools/trace.h"

#define FILE_MAX 65536

struct file {
	uint8_t at[FILE_MAX];
	size_t len;
};

static void put(struct file *f, const void *bytes, size_t n)
{
	ck_assert_uint_le(f->len + n, sizeof f->at);
	if (n > 0)
		memcpy(f->at + f->len, bytes, n);
	f->len += n;
}

static void put_be(struct file *f, uint64_t value, size_t octets)
{
	while (octets-- > 0) {
		uint8_t o = octets < 8 ? (uint8_t)(value >> (8 * octets)) : 0;

		put(f, &o, 1);
	}
}

enum link { ETHERNET = 1, RAW = 101, COOKED = 113, COOKED2 = 276, NULL_LINK = 0 };

/* Big endian pcap, microseconds. */
static void begin(struct file *f, enum link link)
{
	f->len = 0;
	put_be(f, 0xa1b2c3d4, 4);
	put_be(f, 0x00020004, 4);
	put_be(f, 0, 8);
	put_be(f, 65535, 4);
	put_be(f, link, 4);
}

struct segment {
	enum link link;
	bool ipv6, vlan;
	bool from_smsc;
	uint32_t sequence;
	uint8_t flags; /* 0x02 SYN, 0x10 ACK, 0x01 FIN */
	const char *data;
	size_t len;
	size_t cut; /* octets that are not captured */
	unsigned padding;
};

static void put_link(struct file *f, const struct segment *s)
{
	uint16_t type = s->ipv6 ? 0x86dd : 0x0800;

	switch (s->link) {
	case ETHERNET:
		put_be(f, 0, 12);
		if (s->vlan)
			put_be(f, 0x8100000a, 4);
		put_be(f, type, 2);
		break;
	case COOKED:
		put_be(f, 0, 14);
		put_be(f, type, 2);
		break;
	case COOKED2:
		put_be(f, type, 2);
		put_be(f, 0, 18);
		break;
	case NULL_LINK:
		put_be(f, 0x02000000, 4);
		break;
	case RAW:
		break;
	}
}

static void put_ip(struct file *f, const struct segment *s, size_t tcp)
{
	uint8_t from = s->from_smsc ? 2 : 1, to = s->from_smsc ? 1 : 2;

	if (s->ipv6) {
		put_be(f, 0x60000000, 4);
		put_be(f, tcp, 2);
		put_be(f, 0x0640, 2);
		put_be(f, 0, 15);
		put_be(f, from, 1);
		put_be(f, 0, 15);
		put_be(f, to, 1);
		return;
	}
	put_be(f, 0x4500, 2);
	put_be(f, 20 + tcp, 2);
	put_be(f, 0, 4);
	put_be(f, 0x40060000, 4);
	put_be(f, 0x0a000000u | from, 4);
	put_be(f, 0x0a000000u | to, 4);
}

static void put_packet(struct file *f, const struct segment *s)
{
	struct file p = {.len = 0};
	static uint32_t seconds = 1000;

	put_link(&p, s);
	put_ip(&p, s, 20 + s->len);
	put_be(&p, s->from_smsc ? 2775 : 40000, 2);
	put_be(&p, s->from_smsc ? 40000 : 2775, 2);
	put_be(&p, s->sequence, 4);
	put_be(&p, 0, 4);
	put_be(&p, 0x50, 1);
	put_be(&p, s->flags, 1);
	put_be(&p, 0, 6);
	put(&p, s->data, s->len);
	put_be(&p, 0, s->padding);
	put_be(f, seconds++, 4);
	put_be(f, 0, 4);
	put_be(f, p.len - s->cut, 4);
	put_be(f, p.len, 4);
	put(f, p.at, p.len - s->cut);
}

/* An enquire_link, or its response, with a sequence number of one digit. */
static void enquire(char out[16], bool response, char sequence)
{
	memcpy(out, response ? "\0\0\0\20\200\0\0\25\0\0\0\0\0\0\0" : "\0\0\0\20\0\0\0\25\0\0\0\0\0\0\0", 15);
	out[15] = sequence;
}

static struct trace *parse(const void *bytes, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1); /* so that ASan sees a step outside */
	struct trace *t = NULL;
	char why[200] = "";

	memcpy(exact, bytes, len);
	ck_assert_msg(trace_parse(exact, len, TRACE_ANY, &t, why, sizeof why) == RC_OK, "%s", why);
	free(exact);
	return t;
}

/* The sequence numbers of the PDUs, as digits. */
static const char *numbers(const struct trace *t)
{
	static char out[100];
	size_t n = trace_length(t);

	ck_assert_uint_lt(n, sizeof out);
	for (size_t i = 0; i < n; i++)
		out[i] = (char)('0' + trace_at(t, i)->bytes[15]);
	out[n] = '\0';
	return out;
}

/* Five PDUs from the ESME; each row says how their 80 octets are sent, as "from-to" in order. */
static const struct {
	const char *what;
	int piece[8][2];
	const char *numbers;
	unsigned gaps;
} orders[] = {
	{"as it should be", {{0, 16}, {16, 80}}, "12345", 0},
	{"torn within a PDU", {{0, 7}, {7, 40}, {40, 41}, {41, 80}}, "12345", 0},
	{"out of order", {{0, 16}, {48, 80}, {16, 48}}, "12345", 0},
	{"backwards", {{0, 1}, {64, 80}, {48, 64}, {32, 48}, {16, 32}, {1, 16}}, "12345", 0},
	{"sent twice", {{0, 32}, {0, 32}, {32, 80}, {16, 80}}, "12345", 0},
	{"overlapping", {{0, 32}, {20, 50}, {10, 80}}, "12345", 0},
	{"early ones overlap", {{0, 16}, {32, 64}, {48, 80}, {16, 40}}, "12345", 0},
	{"a PDU is missing", {{0, 16}, {32, 80}}, "1345", 1},
	{"the middle of one is missing", {{0, 20}, {30, 80}}, "1345", 1},
	{"begins in the middle of one", {{5, 80}}, "2345", 0},
};

START_TEST(streams_are_put_in_order)
{
	char sent[80];
	struct file f;
	struct trace *t;
	bool from_begin = orders[_i].piece[0][0] == 0;

	for (int i = 0; i < 5; i++)
		enquire(sent + 16 * i, false, (char)(i + 1));
	begin(&f, ETHERNET);
	/* sequence numbers wrap on the way */
	if (from_begin)
		put_packet(&f, &(struct segment){.link = ETHERNET, .sequence = 0xffffffdfu, .flags = 0x02});
	for (int i = 0; i < 8 && orders[_i].piece[i][1]; i++) {
		int from = orders[_i].piece[i][0], to = orders[_i].piece[i][1];

		put_packet(&f, &(struct segment){.link = ETHERNET,
		                                 .sequence = 0xffffffe0u + (uint32_t)from,
		                                 .flags = 0x10,
		                                 .data = sent + from,
		                                 .len = (size_t)(to - from)});
	}
	t = parse(f.at, f.len);
	ck_assert_msg(strcmp(numbers(t), orders[_i].numbers) == 0, "%s: %s", orders[_i].what, numbers(t));
	ck_assert_uint_eq(trace_counts_of(t)->gaps, orders[_i].gaps);
	trace_free(t);
}
END_TEST

static const struct segment dresses[] = {
	{.link = ETHERNET},
	{.link = ETHERNET, .vlan = true},
	{.link = ETHERNET, .ipv6 = true},
	{.link = ETHERNET, .padding = 6},
	{.link = COOKED},
	{.link = COOKED, .ipv6 = true},
	{.link = COOKED2},
	{.link = NULL_LINK},
	{.link = RAW},
	{.link = RAW, .ipv6 = true},
};

START_TEST(every_kind_of_interface_is_read)
{
	struct segment s = dresses[_i];
	char pdu[16];
	struct file f;
	struct trace *t;

	begin(&f, s.link);
	s.data = pdu;
	s.len = 16;
	s.flags = 0x10;
	enquire(pdu, false, 1);
	put_packet(&f, &s);
	enquire(pdu, true, 1);
	s.from_smsc = true;
	put_packet(&f, &s);
	t = parse(f.at, f.len);
	ck_assert_str_eq(numbers(t), "11");
	ck_assert_int_eq(trace_at(t, 0)->way, TRACE_WAY_OUT); /* by the port: enquire_link tells nothing */
	ck_assert_int_eq(trace_at(t, 1)->way, TRACE_WAY_IN);
	ck_assert_uint_eq(trace_connections(t), 1);
	trace_free(t);
}
END_TEST

START_TEST(directions_come_from_what_is_said)
{
	/* deliver_sm from the side with the high port: that side is the SMSC, whatever the ports say */
	static const char deliver[] = "\0\0\0\22\0\0\0\5\0\0\0\0\0\0\0\7\0\0";
	struct file f;
	struct trace *t;

	begin(&f, RAW);
	put_packet(&f, &(struct segment){.link = RAW, .flags = 0x10, .data = deliver, .len = 18});
	t = parse(f.at, f.len);
	ck_assert_uint_eq(trace_length(t), 1);
	ck_assert_int_eq(trace_at(t, 0)->way, TRACE_WAY_IN);
	trace_free(t);
}
END_TEST

START_TEST(short_captures_are_told)
{
	char pdu[16];
	struct file f;
	struct trace *t;

	begin(&f, ETHERNET);
	enquire(pdu, false, 1);
	put_packet(&f, &(struct segment){.link = ETHERNET, .flags = 0x10, .data = pdu, .len = 16, .cut = 6});
	enquire(pdu, false, 2);
	put_packet(&f, &(struct segment){
			       .link = ETHERNET, .flags = 0x10, .data = pdu, .len = 16, .sequence = 16});
	t = parse(f.at, f.len);
	ck_assert_str_eq(numbers(t), "2");
	ck_assert_uint_eq(trace_counts_of(t)->cut, 1);
	ck_assert_uint_eq(trace_counts_of(t)->gaps, 1);
	trace_free(t);
}
END_TEST

/* A file that cannot be read to its end is not taken for one in which nothing was wrong. */
START_TEST(torn_captures_are_told)
{
	char pdu[16];
	struct file f;
	struct trace *t;

	begin(&f, ETHERNET);
	enquire(pdu, false, 1);
	put_packet(&f, &(struct segment){.link = ETHERNET, .flags = 0x10, .data = pdu, .len = 16});
	t = parse(f.at, f.len);
	ck_assert_uint_eq(trace_counts_of(t)->torn, 0);
	trace_free(t);
	put_be(&f, 0xffffffffffffffff, 8);
	put_be(&f, 0xffffffffffffffff, 8);
	t = parse(f.at, f.len);
	ck_assert_str_eq(numbers(t), "1");
	ck_assert_uint_eq(trace_counts_of(t)->torn, 1);
	trace_free(t);
}
END_TEST

/* A file of PDUs as they are on the wire, one of them cut off. */
START_TEST(octets_are_read_as_they_are)
{
	char pdus[40];
	struct trace *t;

	enquire(pdus, true, 1);
	enquire(pdus + 16, true, 2);
	memset(pdus + 32, 0, 8);
	t = parse(pdus, 40);
	ck_assert_uint_eq(trace_length(t), 3);
	ck_assert_uint_eq(trace_at(t, 1)->len, 16);
	ck_assert_uint_eq(trace_at(t, 2)->len, 8);
	trace_free(t);
}
END_TEST

START_TEST(framing_is_found_again)
{
	char sent[53] = "\0\0\0\5 no PDU at all ";
	struct file f;
	struct trace *t;

	enquire(sent + 21, false, 1);
	enquire(sent + 37, false, 2);
	begin(&f, ETHERNET);
	put_packet(&f, &(struct segment){.link = ETHERNET, .flags = 0x02, .sequence = 9});
	put_packet(&f, &(struct segment){
			       .link = ETHERNET, .flags = 0x10, .sequence = 10, .data = sent, .len = 53});
	t = parse(f.at, f.len);
	ck_assert_str_eq(numbers(t), "12");
	ck_assert_uint_eq(trace_counts_of(t)->resyncs, 1);
	ck_assert_uint_eq(trace_counts_of(t)->skipped, 21);
	trace_free(t);
}
END_TEST

START_TEST(tls_is_told)
{
	static const char hello[] = "\26\3\1\2\0\1\0\1\374\3\3 the rest of a hello";
	struct file f;
	struct trace *t;

	begin(&f, ETHERNET);
	put_packet(&f, &(struct segment){.link = ETHERNET, .flags = 0x02, .sequence = 9});
	put_packet(
		&f,
		&(struct segment){
			.link = ETHERNET, .flags = 0x10, .sequence = 10, .data = hello, .len = sizeof hello});
	t = parse(f.at, f.len);
	ck_assert_uint_eq(trace_length(t), 0);
	ck_assert_uint_eq(trace_counts_of(t)->encrypted, 1);
	trace_free(t);
}
END_TEST

START_TEST(ports_are_used_again)
{
	char pdu[16];
	struct file f;
	struct trace *t;

	begin(&f, ETHERNET);
	for (char i = 1; i <= 2; i++) {
		uint32_t sequence = 77777u * (uint32_t)i;

		enquire(pdu, false, i);
		put_packet(&f, &(struct segment){.link = ETHERNET, .flags = 0x02, .sequence = sequence});
		put_packet(&f, &(struct segment){.link = ETHERNET,
		                                 .flags = 0x10,
		                                 .sequence = sequence + 1,
		                                 .data = pdu,
		                                 .len = 16});
	}
	t = parse(f.at, f.len);
	ck_assert_str_eq(numbers(t), "12");
	ck_assert_uint_eq(trace_connections(t), 2);
	trace_free(t);
}
END_TEST

/* A capture that is torn off anywhere gives what came before, or a reason; never a step outside (ASan). */
START_TEST(torn_captures_do_no_harm)
{
	char pdu[16];
	struct file f;

	begin(&f, ETHERNET);
	enquire(pdu, false, 1);
	put_packet(&f, &(struct segment){.link = ETHERNET, .flags = 0x10, .data = pdu, .len = 16});
	for (size_t n = 4; n < f.len; n++) {
		struct trace *t = NULL;
		char why[200] = "";
		uint8_t *exact = malloc(n);
		enum rc rc;

		memcpy(exact, f.at, n);
		rc = trace_parse(exact, n, TRACE_ANY, &t, why, sizeof why);
		ck_assert(rc == RC_OK || (rc == RC_SYNTAX && *why));
		if (rc == RC_OK)
			ck_assert_uint_eq(trace_length(t), 0);
		trace_free(t);
		free(exact);
	}
}
END_TEST

#define E1 "00000010000000150000000000000001"
#define E2 "00000010800000150000000000000002"

static const struct {
	const char *text, *numbers;
	enum trace_way way; /* of the first */
	int64_t at_us;
	unsigned connection;
	unsigned broken;
} lines[] = {
	{E1 "\n", "1", TRACE_WAY_UNKNOWN, -1, 1, 0},
	{"> " E1 "\n< " E2, "12", TRACE_WAY_OUT, -1, 1, 0},
	{"in: " E1 "\nout " E2 "\n", "12", TRACE_WAY_IN, -1, 1, 0},
	{"<" E1, "1", TRACE_WAY_IN, -1, 1, 0},
	{"@12.5 [3] < " E1, "1", TRACE_WAY_IN, 12500000, 3, 0},
	{"# a comment\n\n; another\n// and one\n" E1 " # told\r\n", "1", TRACE_WAY_UNKNOWN, -1, 1, 0},
	{"00:00:00:10:00:00:00:15:00:00:00:00:00:00:00:01", "1", TRACE_WAY_UNKNOWN, -1, 1, 0},
	{"0x00 0x00 0x00 0x10 0x00000015 0x00000000 0x00000001", "1", TRACE_WAY_UNKNOWN, -1, 1, 0},
	{"0000 0010 0000 0015 0000 0000 0000 0001", "1", TRACE_WAY_UNKNOWN, -1, 1, 0},
	{"0000  00 00 00 10 00 00 00 15  00 00 00 00 00 00 00 01  ........ ........", "1", TRACE_WAY_UNKNOWN,
         -1, 1, 0},
	{">\n00000000: 0000 0010 0000 0015 0000 0000 0000 0001  ................\n", "1", TRACE_WAY_OUT, -1,
         1, 0},
	{"0000 00 00 00 18 80 00 00 04 00 00 00 00 00 00 00 05  ab cd\n0010 34 32 34 32 34 32 34 00 aa "
         "bb\n\n" E2,
         "52", TRACE_WAY_IN, -1, 1, 0},
	{E1 E2 "\n", "12", TRACE_WAY_UNKNOWN, -1, 1, 0}, /* two in one line */
	{"nothing\n" E1 "\n0\n", "1", TRACE_WAY_UNKNOWN, -1, 1, 2},
	{"00000005000000040000000000000001", "1", TRACE_WAY_OUT, -1, 1, 0}, /* malformed stays whole */
};

START_TEST(hex_lines_of_any_dress)
{
	struct trace *t = parse(lines[_i].text, strlen(lines[_i].text));

	ck_assert_msg(strcmp(numbers(t), lines[_i].numbers) == 0, "%s: %s", lines[_i].text, numbers(t));
	ck_assert_int_eq(trace_at(t, 0)->way, lines[_i].way);
	ck_assert_int_eq(trace_at(t, 0)->at_us, lines[_i].at_us);
	ck_assert_uint_eq(trace_at(t, 0)->connection, lines[_i].connection);
	ck_assert_uint_eq(trace_counts_of(t)->lines_broken, lines[_i].broken);
	trace_free(t);
}
END_TEST

START_TEST(what_is_no_trace_is_told)
{
	static const char *const texts[] = {"", "\n\n# nothing\n", "links = ( );\n",
	                                    "GET / HTTP/1.1\r\n\r\n"};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct trace *t = NULL;
		char why[200] = "";

		ck_assert_int_eq(trace_parse(texts[i], strlen(texts[i]), TRACE_ANY, &t, why, sizeof why),
		                 RC_SYNTAX);
		ck_assert(*why);
	}
}
END_TEST

/* The same dialogues as hex lines, and as they were captured on two kinds of interface. */
START_TEST(captures_say_what_their_lines_say)
{
	static const char *const pairs[][2] = {{"standard.hex", "standard.pcapng"},
	                                       {"tata.hex", "tata.pcap"}};
	struct trace *hex = NULL, *capture = NULL;
	char path[500], why[200] = "";

	snprintf(path, sizeof path, "%s/tests/traces/%s", SRCDIR, pairs[_i][0]);
	ck_assert_int_eq(trace_open(path, TRACE_ANY, &hex, why, sizeof why), RC_OK);
	snprintf(path, sizeof path, "%s/tests/traces/%s", SRCDIR, pairs[_i][1]);
	ck_assert_int_eq(trace_open(path, TRACE_ANY, &capture, why, sizeof why), RC_OK);
	ck_assert_uint_gt(trace_length(hex), 30);
	ck_assert_uint_eq(trace_length(hex), trace_length(capture));
	for (size_t i = 0; i < trace_length(hex); i++) {
		const struct trace_pdu *a = trace_at(hex, i), *b = trace_at(capture, i);

		ck_assert_uint_eq(a->len, b->len);
		ck_assert_int_eq(memcmp(a->bytes, b->bytes, a->len), 0);
		ck_assert_int_eq(a->way, b->way);
	}
	ck_assert_int_eq(trace_open("/nonexistent", TRACE_ANY, &hex, why, sizeof why), RC_NOTFOUND);
	trace_free(hex);
	trace_free(capture);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
	Suite *s = suite_create("trace");
	TCase *tc = tcase_create("trace");

	suite_add_tcase(s, tc);
	tcase_add_loop_test(tc, streams_are_put_in_order, 0, ROWS(orders));
	tcase_add_loop_test(tc, every_kind_of_interface_is_read, 0, ROWS(dresses));
	tcase_add_test(tc, directions_come_from_what_is_said);
	tcase_add_test(tc, short_captures_are_told);
	tcase_add_test(tc, torn_captures_are_told);
	tcase_add_test(tc, octets_are_read_as_they_are);
	tcase_add_test(tc, framing_is_found_again);
	tcase_add_test(tc, tls_is_told);
	tcase_add_test(tc, ports_are_used_again);
	tcase_add_test(tc, torn_captures_do_no_harm);
	tcase_add_loop_test(tc, hex_lines_of_any_dress, 0, ROWS(lines));
	tcase_add_test(tc, what_is_no_trace_is_told);
	tcase_add_loop_test(tc, captures_say_what_their_lines_say, 0, 2);
	return run_suite(s);
}
