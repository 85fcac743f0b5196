/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hot path of the codec: plain PDUs take it, everything else does not, and either way gives what the guard and libsmpp34
 * give. Defends promise 6.
 */
#include <check.h>

#include "tests/codec_compare.h"
#include "tests/pdu_build.h"
#include "tests/random.h"
#include "tests/run_suite.h"

static struct pdu_codec *ours, *library;
static struct build b;

static void set_up(void)
{
	ours = pdu_codec_new();
	library = pdu_codec_new();
	ck_assert_ptr_nonnull(ours);
	ck_assert_ptr_nonnull(library);
}

static void tear_down(void)
{
	pdu_codec_free(ours);
	pdu_codec_free(library);
}

/* A dialled code with its session: what a USSD gateway sends. */
static void build_plain(void)
{
	struct build_message m = build_dial();

	build_message(&b, &m);
	build_tlv(&b, 0x0501, "\x01", 1);
	build_tlv(&b, 0x1383, "\x2a\0", 2);
}

/* Both ways agree on what was built; returns whether it took the short one. The copy has no room behind it. */
static bool takes_hot_path(void)
{
	uint64_t before = pdu_codec_counts(ours)->plain_in;
	uint8_t *copy = malloc(b.len ? b.len : 1);
	const char *differs;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, b.bytes, b.len);
	differs = compare_read(ours, library, copy, b.len);
	free(copy);
	ck_assert_msg(differs == NULL, "%s", differs);
	return pdu_codec_counts(ours)->plain_in > before;
}

START_TEST(plain_messages_take_it)
{
	struct build_message m = build_dial();

	build_plain();
	build_end(&b);
	ck_assert(takes_hot_path());
	m.schedule = "261122120000000+";
	m.validity = "000000000500000R";
	m.source_ton = m.dest_npi = 77;
	m.status = 5;
	for (m.sm_length = 0; m.sm_length < 256; m.sm_length++) {
		m.text = NULL;
		build_message(&b, &m);
		build_end(&b);
		ck_assert(takes_hot_path());
	}
	/* Sixteen TLVs, unknown ones and sessions of other lengths among them. */
	build_plain();
	for (uint16_t i = 0; i < 13; i++)
		build_tlv_fill(&b, (uint16_t)(0x1400 + i), 7, i * 3);
	build_tlv_fill(&b, 0x0204, 1, 8);
	build_end(&b);
	ck_assert(takes_hot_path());
}
END_TEST

START_TEST(others_do_not)
{
	static const struct {
		uint16_t tag;
		size_t length;
	} rows[] = {{0x0424, 20}, {0x0501, 2}, {0x020c, 1}, {0x0427, 0}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		build_plain();
		build_tlv_fill(&b, rows[i].tag, 1, rows[i].length);
		build_end(&b);
		ck_assert(!takes_hot_path());
	}
	build_plain();
	for (int i = 0; i < 15; i++)
		build_tlv_fill(&b, 0x1400, 1, 1);
	build_end(&b);
	ck_assert(!takes_hot_path());
	for (int stray = 1; stray < 4; stray++) { /* octets that are no TLV */
		build_plain();
		build_fill(&b, 0, (size_t)stray);
		build_end(&b);
		ck_assert(!takes_hot_path());
	}
	build_plain();
	build_end(&b);
	b.bytes[7] = 4; /* submit_sm */
	ck_assert(!takes_hot_path());
	build_plain();
	build_end(&b);
	b.bytes[3]++;
	ck_assert(!takes_hot_path());
}
END_TEST

/* Strings just within and just over their fields. */
START_TEST(strings_end_within_their_fields)
{
	static const char digits[] = "1234567890123456789012345";
	char text[32];

	for (size_t n = 0; n < sizeof(digits); n++) {
		struct build_message m = build_dial();

		memcpy(text, digits, n);
		text[n] = '\0';
		m.source = text;
		build_message(&b, &m);
		build_end(&b);
		ck_assert_int_eq(takes_hot_path(), n < 21);
		m = build_dial();
		m.dest = text;
		build_message(&b, &m);
		build_end(&b);
		ck_assert_int_eq(takes_hot_path(), n < 21);
		m = build_dial();
		m.service_type = text;
		build_message(&b, &m);
		build_end(&b);
		ck_assert_int_eq(takes_hot_path(), n < 6);
		m = build_dial();
		m.validity = text;
		build_message(&b, &m);
		build_end(&b);
		ck_assert_int_eq(takes_hot_path(), n < 17);
	}
}
END_TEST

START_TEST(every_beginning_of_a_message_is_judged_alike)
{
	size_t whole;

	build_plain();
	build_end(&b);
	whole = b.len;
	for (size_t len = 0; len < whole; len++) {
		b.len = len;
		takes_hot_path(); /* command_length says more than there is */
		if (len >= 4)
			b.bytes[3] = (uint8_t)len;
		takes_hot_path();
		b.bytes[3] = (uint8_t)whole;
	}
}
END_TEST

static struct random chance;

static uint32_t any(void)
{
	return random_bits(&chance);
}

START_TEST(whatever_is_changed_is_judged_alike)
{
	int taken = 0;

	chance.state = 8;
	for (int round = 0; round < 100000; round++) {
		build_plain();
		if (round % 3 == 0)
			build_tlv_fill(&b, (uint16_t)any(), (uint8_t)any(), any() % 6);
		if (round % 5 == 0)
			build_tlv_fill(&b, 0x0424, 'x', any() % 40);
		build_end(&b);
		for (uint32_t n = any() % 4; n > 0; n--)
			b.bytes[16 + any() % (b.len - 16)] = (uint8_t)(any() % 3 == 0 ? 0 : any());
		taken += takes_hot_path();
	}
	ck_assert_int_gt(taken, 10000);
	ck_assert_int_lt(taken, 90000);
}
END_TEST

START_TEST(whatever_is_sent_has_the_same_octets)
{
	static struct compare_source source;
	uint8_t bytes[600];
	struct pdu_submit s;

	chance.state = 34;
	for (int round = 0; round < 50000; round++) {
		size_t n = any() % sizeof(bytes);
		const char *differs;
		uint32_t sequence;

		for (size_t i = 0; i < n; i++)
			bytes[i] = (uint8_t)any();
		source.at = bytes;
		source.left = n;
		sequence = compare_submit(&source, &s);
		differs = compare_write(ours, library, &s, sequence);
		ck_assert_msg(differs == NULL, "round %d: %s", round, differs);
	}
	ck_assert_uint_gt(pdu_codec_counts(ours)->plain_out, 5000);
	ck_assert_uint_eq(pdu_codec_counts(library)->plain_out, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pdu_fast");
	TCase *t = tcase_create("pdu_fast");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, plain_messages_take_it);
	tcase_add_test(t, others_do_not);
	tcase_add_test(t, strings_end_within_their_fields);
	tcase_add_test(t, every_beginning_of_a_message_is_judged_alike);
	tcase_add_test(t, whatever_is_changed_is_judged_alike);
	tcase_add_test(t, whatever_is_sent_has_the_same_octets);
	suite_add_tcase(s, t);
	return run_suite(s);
}
