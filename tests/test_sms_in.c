/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMS in: parts in any order, by any of three ways, with everything that phones and SMSCs do to them; every malformed one is
 * refused, counted, and nothing grows (promise 6); what was not taken is not lost (promise 3). */
#include "gateway/status.h"
#include "tests/run_suite.h"
#include "tests/sms_build.h"

static struct sms_world w;

static void setup(void)
{
	sms_world_init(&w, 4, 1 << 20, 10);
}

static void teardown(void)
{
	sms_in_free(w.in);
}

static enum sms_in_verdict give(uint8_t esm_class, uint8_t coding, const void *body, size_t len)
{
	struct sms_message s;
	enum sms_in_verdict v;

	sms_message_init(&s, esm_class, coding, body, len);
	v = sms_world_give(&w, &s);
	sms_message_fini(&s);
	return v;
}
#define GIVE(esm, coding, literal) give((esm), (coding), (literal), sizeof(literal) - 1)

/* A part by user data header; the text stands behind it. */
static enum sms_in_verdict part(uint8_t reference, uint8_t total, uint8_t number, const char *text)
{
	uint8_t body[200] = {5, 0, 3, reference, total, number};

	memcpy(body + 6, text, strlen(text));
	return give(0x40, 0, body, 6 + strlen(text));
}

static void settle(bool taken)
{
	sms_in_await(w.in, &w, 1, 1);
	sms_in_settled(w.in, &w, 1, 1, taken);
}

START_TEST(one_message_is_one_text)
{
	ck_assert_int_eq(GIVE(0, 0, "JOIN\r\n"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "JOIN");
	ck_assert_int_eq(GIVE(0, 8, "\xfe\xff\x00J\x00o"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "Jo");
	ck_assert_int_eq(GIVE(0, 8, "\x00J\x00o\x00"), SMS_IN_WHOLE); /* an odd length */
	ck_assert_str_eq(w.text, "Jo");
	ck_assert_int_eq(GIVE(0, 0, ""), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "");
	ck_assert_int_eq(GIVE(0, 0x48, "\x04\x16"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "\xd0\x96");
	ck_assert_int_eq(GIVE(0, 0xf1, "\x1b\x65"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "\xe2\x82\xac");
	ck_assert_int_eq(GIVE(0, 3, "\xe9t\xe9"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "\xc3\xa9t\xc3\xa9");
	ck_assert_uint_eq(sms_world_counters(&w).single, 7);
	ck_assert_uint_eq(sms_world_counters(&w).octets, 0);
}
END_TEST

START_TEST(any_order_and_copies)
{
	ck_assert_int_eq(part(9, 3, 3, "three"), SMS_IN_KEPT);
	ck_assert_int_eq(part(9, 3, 1, "one "), SMS_IN_KEPT);
	ck_assert_int_eq(part(9, 3, 3, "three"), SMS_IN_COPY);
	ck_assert_int_eq(part(9, 3, 2, "two "), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "one two three");
	settle(true);
	for (uint8_t i = 1; i <= 3; i++)
		ck_assert_int_eq(part(9, 3, i, i == 1 ? "one " : i == 2 ? "two " : "three"), SMS_IN_COPY);
	ck_assert_uint_eq(sms_world_counters(&w).whole, 1);
	ck_assert_uint_eq(sms_world_counters(&w).copies, 4);
	/* the same reference with other words is another text */
	ck_assert_int_eq(part(9, 3, 1, "ONE "), SMS_IN_KEPT);
	clock_fake_advance(&w.clock, 60000);
	(void)sms_in_tick(w.in);
	ck_assert_uint_eq(sms_world_counters(&w).expired, 1);
	ck_assert_uint_eq(sms_world_counters(&w).octets, 0);
	ck_assert_uint_eq(sms_world_counters(&w).known, 0);
}
END_TEST

/* The last part is answered with what becomes of the whole text (promise 3): "not now" makes the SMSC bring it again. */
START_TEST(what_was_not_taken_comes_whole_again)
{
	ck_assert_int_eq(part(1, 2, 2, "b"), SMS_IN_KEPT);
	ck_assert_int_eq(part(1, 2, 1, "a"), SMS_IN_WHOLE);
	settle(false);
	ck_assert_int_eq(part(1, 2, 2, "b"), SMS_IN_COPY); /* that one was answered */
	ck_assert_int_eq(part(1, 2, 1, "a"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "ab");
	ck_assert_uint_eq(sms_world_counters(&w).again, 1);
	/* and while nobody knows yet, on another connection */
	sms_in_await(w.in, &w, 1, 50);
	ck_assert_int_eq(part(1, 2, 1, "a"), SMS_IN_WHOLE);
	sms_in_await(w.in, &w, 2, 1);
	sms_in_settled(w.in, &w, 1, 50, true); /* the first one's answer says nothing any more */
	ck_assert_uint_eq(sms_world_counters(&w).waiting, 1);
	sms_in_settled(w.in, &w, 2, 1, true);
	ck_assert_uint_eq(sms_world_counters(&w).waiting, 0);
	ck_assert_int_eq(part(1, 2, 1, "a"), SMS_IN_COPY);
	sms_in_settled(w.in, &w, 9, 9, true); /* nobody */
}
END_TEST

START_TEST(numbers_that_mean_nothing_are_ignored)
{
	static const uint8_t odd[][3] = {{1, 0, 0}, {1, 0, 1}, {1, 2, 0}, {1, 2, 3}};

	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq(part(odd[i][0], odd[i][1], odd[i][2], "whole"), SMS_IN_WHOLE);
		ck_assert_str_eq(w.text, "whole");
	}
	ck_assert_int_eq(part(1, 1, 1, "alone"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "alone");
	ck_assert_uint_eq(sms_world_counters(&w).waiting, 0);
	ck_assert_int_eq(part(1, 11, 1, "x"), SMS_IN_REFUSED); /* over parts_max */
	ck_assert_uint_ne(w.status, 0xdead);
	/* another total is another text */
	ck_assert_int_eq(part(2, 2, 1, "a"), SMS_IN_KEPT);
	ck_assert_int_eq(part(2, 3, 2, "b"), SMS_IN_KEPT);
	ck_assert_int_eq(part(2, 2, 2, "c"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "ac");
}
END_TEST

START_TEST(headers_of_all_sorts)
{
	/* ports, then the part, then a shift table */
	ck_assert_int_eq(GIVE(0x40, 0, "\x0e\x05\x04\x0b\x84\x23\xf0\x00\x03\x07\x02\x01\x25\x01\x01\x07"),
	                 SMS_IN_KEPT);
	ck_assert_int_eq(GIVE(0x40, 0, "\x05\x00\x03\x07\x02\x02\x07"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "\xc4\xb1\xc3\xac"); /* Turkish dotless i, then by the default table */
	/* single shift Spanish */
	ck_assert_int_eq(GIVE(0x40, 0, "\x03\x24\x01\x02\x1b\x61"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "\xc3\xa1");
	/* an element that runs over the header, an empty header, a header that is all */
	ck_assert_int_eq(GIVE(0x40, 0,
	                      "\x03\x00\x09\x01"
	                      "x"),
	                 SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "x");
	ck_assert_int_eq(GIVE(0x40, 0,
	                      "\x00"
	                      "y"),
	                 SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "y");
	ck_assert_int_eq(GIVE(0x40, 0, "\x02\x70\x00"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "");
	/* longer than the message: nothing can be said of it */
	ck_assert_int_eq(GIVE(0x40, 0, "\x06\x00\x03\x01\x02\x01"), SMS_IN_REFUSED);
	ck_assert_uint_eq(w.status, 0x43);
	ck_assert_int_eq(GIVE(0x40, 0, ""), SMS_IN_REFUSED);
	ck_assert_uint_eq(sms_world_counters(&w).refused, 2);
	/* 16 bit references; 8 and 16 bits are two */
	ck_assert_int_eq(GIVE(0x40, 0,
	                      "\x06\x08\x04\x00\x07\x02\x01"
	                      "a"),
	                 SMS_IN_KEPT);
	ck_assert_int_eq(GIVE(0x40, 0,
	                      "\x05\x00\x03\x07\x02\x02"
	                      "b"),
	                 SMS_IN_KEPT);
	ck_assert_int_eq(GIVE(0x40, 0,
	                      "\x06\x08\x04\x00\x07\x02\x02"
	                      "c"),
	                 SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "ac");
}
END_TEST

static enum sms_in_verdict sar(uint8_t esm_class, uint16_t reference, uint8_t total, uint8_t number,
                               const void *body, size_t len)
{
	struct sms_message s;
	enum sms_in_verdict v;

	sms_message_init(&s, esm_class, 0, body, len);
	sms_message_sar(&s, reference, total, number);
	v = sms_world_give(&w, &s);
	sms_message_fini(&s);
	return v;
}

START_TEST(parts_by_tlvs)
{
	ck_assert_int_eq(sar(0, 300, 2, 2, "two", 3), SMS_IN_KEPT);
	ck_assert_int_eq(sar(0, 300, 2, 1, "one", 3), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "onetwo");
	ck_assert_int_eq(sar(0, 300, 0, 1, "one", 3), SMS_IN_WHOLE);
	ck_assert_int_eq(sar(0, 300, 2, 3, "one", 3), SMS_IN_WHOLE);
	/* with a header of its own: fine while both say the same, refused when not */
	ck_assert_int_eq(sar(0x40, 301, 2, 1,
	                     "\x05\x00\x03\x2d\x02\x01"
	                     "x",
	                     7),
	                 SMS_IN_KEPT);
	ck_assert_int_eq(sar(0x40, 301, 2, 1,
	                     "\x05\x00\x03\x2d\x02\x02"
	                     "x",
	                     7),
	                 SMS_IN_REFUSED);
	ck_assert_uint_eq(w.status, 0xc4);
	ck_assert_int_eq(sar(0x40, 302, 2, 1,
	                     "\x03\x24\x01\x02"
	                     "x",
	                     5),
	                 SMS_IN_KEPT);
}
END_TEST

START_TEST(characters_cut_in_the_middle)
{
	/* an escape pair, a surrogate pair, a UCS-2 character; parts of 2 alphabets; '@' (0x00) at the end of a part */
	ck_assert_int_eq(part(1, 2, 1, "a\x1b"), SMS_IN_KEPT);
	ck_assert_int_eq(part(1, 2, 2, "\x65z"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "a\xe2\x82\xacz");
	ck_assert_int_eq(GIVE(0x40, 8, "\x05\x00\x03\x02\x02\x01\xd8\x3d"), SMS_IN_KEPT);
	ck_assert_int_eq(GIVE(0x40, 8, "\x05\x00\x03\x02\x02\x02\xde\x00"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "\xf0\x9f\x98\x80");
	ck_assert_int_eq(GIVE(0x40, 8,
	                      "\x05\x00\x03\x03\x02\x01\x00"
	                      "A\x04"),
	                 SMS_IN_KEPT);
	ck_assert_int_eq(GIVE(0x40, 8, "\x05\x00\x03\x03\x02\x02\x16"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "A\xd0\x96");
	ck_assert_int_eq(GIVE(0x40, 0,
	                      "\x05\x00\x03\x04\x02\x01"
	                      "me\x00"),
	                 SMS_IN_KEPT);
	ck_assert_int_eq(GIVE(0x40, 8, "\x05\x00\x03\x04\x02\x02\x04\x16"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "me@\xd0\x96");
	/* octets: UTF-8 through a character, and what is none even as a whole */
	ck_assert_int_eq(GIVE(0x40, 4, "\x05\x00\x03\x05\x02\x01 a\xd0"), SMS_IN_KEPT);
	ck_assert_int_eq(GIVE(0x40, 4, "\x05\x00\x03\x05\x02\x02\x96z"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, " a\xd0\x96z");
	ck_assert_int_eq(GIVE(0x40, 4, "\x05\x00\x03\x06\x02\x01 caf\xe9"), SMS_IN_KEPT);
	ck_assert_int_eq(GIVE(0x40, 4, "\x05\x00\x03\x06\x02\x02 noir"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, " caf\xc3\xa9 noir");
}
END_TEST

START_TEST(before_the_end_no_text_is_begun)
{
	ck_assert_int_eq(part(1, 2, 1, "x"), SMS_IN_KEPT);
	sms_in_drain(w.in);
	ck_assert_int_eq(part(2, 2, 1, "x"), SMS_IN_REFUSED);
	ck_assert_uint_eq(w.status, status_for(STATUS_CASE_OVERLOAD));
	ck_assert_int_eq(GIVE(0, 0, "one"), SMS_IN_WHOLE);
	ck_assert_int_eq(part(1, 2, 2, "y"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "xy");
}
END_TEST

START_TEST(bounds_give_up_the_oldest)
{
	struct sms_in_counters c;
	uint8_t i;

	for (i = 1; i <= 5; i++)
		ck_assert_int_eq(part(i, 2, 1, "x"), SMS_IN_KEPT);
	c = sms_world_counters(&w);
	ck_assert_uint_eq(c.waiting, 4);
	ck_assert_uint_eq(c.evicted, 1);
	ck_assert_int_eq(part(1, 2, 2, "y"), SMS_IN_KEPT); /* its other half is gone */
	ck_assert_int_eq(part(5, 2, 2, "y"), SMS_IN_WHOLE);
	/* another sender, another destination, another group: other texts */
	w.event.msisdn++;
	ck_assert_int_eq(part(5, 2, 1, "x"), SMS_IN_KEPT);
	strcpy(w.event.service.digits, "124");
	ck_assert_int_eq(part(5, 2, 2, "y"), SMS_IN_KEPT);
}
END_TEST

/* Whoever floods gives up texts of their own. */
START_TEST(promise_6_one_sender_does_not_take_the_room_of_others)
{
	struct sms_in_counters c;

	sms_in_free(w.in);
	sms_world_init(&w, 1000, 1 << 20, 10);
	ck_assert_int_eq(part(1, 2, 1, "half"), SMS_IN_KEPT);
	w.event.msisdn++;
	for (unsigned i = 0; i < 2000; i++)
		ck_assert_int_eq(part((uint8_t)i, (uint8_t)(2 + i / 256), 1, "x"), SMS_IN_KEPT);
	c = sms_world_counters(&w);
	ck_assert_uint_eq(c.waiting, 1 + 50);
	ck_assert_uint_eq(c.evicted, 1950);
	ck_assert_int_eq(part(1999 & 255, 2 + 1999 / 256, 2, "y"), SMS_IN_KEPT); /* the newest is there */
	w.event.msisdn--;
	ck_assert_int_eq(part(1, 2, 2, "half"), SMS_IN_WHOLE);
	ck_assert_str_eq(w.text, "halfhalf");
	/* in octets, too */
	static uint8_t big[20000] = {5, 0, 3, 1, 2, 1};
	w.event.msisdn += 2;
	for (unsigned i = 0; i < 200; i++) {
		big[3] = (uint8_t)i;
		ck_assert_int_eq(give(0x40, 0, big, sizeof(big)), SMS_IN_KEPT);
	}
	ck_assert_uint_lt(sms_world_counters(&w).octets, 65536 + 52 * 400);
	ck_assert_uint_eq(sms_world_counters(&w).waiting, 1 + 50 + 3);
}
END_TEST

START_TEST(octets_are_bounded)
{
	static uint8_t big[60000] = {5, 0, 3, 1, 2, 1};
	uint64_t most = 0;

	sms_in_free(w.in);
	sms_world_init(&w, 1000, 200000, 255);
	for (unsigned i = 0; i < 500; i++) {
		big[3] = (uint8_t)i;
		big[4] = (uint8_t)(2 + i / 256);
		ck_assert_int_eq(give(0x40, 0, big, sizeof(big)), SMS_IN_KEPT);
		if (sms_world_counters(&w).octets > most)
			most = sms_world_counters(&w).octets;
	}
	ck_assert_uint_le(most, 200000);
	ck_assert_uint_eq(sms_world_counters(&w).evicted, 500 - sms_world_counters(&w).waiting);
	/* what could never have room is refused for now, not a crash */
	sms_in_free(w.in);
	sms_world_init(&w, 1000, 50000, 255);
	ck_assert_int_eq(give(0x40, 0, big, sizeof(big)), SMS_IN_REFUSED);
	ck_assert_uint_eq(sms_world_counters(&w).octets, 0);
}
END_TEST

START_TEST(too_long_is_cut_and_counted)
{
	static uint8_t big[60000];
	size_t len;

	memset(big, 'a', sizeof(big));
	ck_assert_int_eq(give(0, 0, big, sizeof(big)), SMS_IN_WHOLE);
	ck_assert_ptr_nonnull(w.text);
	len = strlen(w.text);
	ck_assert_uint_lt(len, SMS_TEXT_SIZE);
	ck_assert_uint_gt(len, SMS_TEXT_SIZE - 8);
	memset(big, 0x10, sizeof(big)); /* Delta: two bytes each */
	ck_assert_int_eq(give(0, 0, big, sizeof(big)), SMS_IN_WHOLE);
	ck_assert(text_utf8_valid(w.text, strlen(w.text)));
	ck_assert_uint_eq(sms_world_counters(&w).cut, 2);
}
END_TEST

/* Any octets as header and body, from a seed: nothing is read outside, the text is UTF-8, the bounds hold. */
START_TEST(any_octets)
{
	struct random r = {.state = 0x9e3779b97f4a7c15ULL};

	for (unsigned i = 0; i < 200000; i++) {
		uint8_t body[32];
		size_t len = random_below(&r, sizeof(body));
		enum sms_in_verdict v;

		for (size_t k = 0; k < len; k++)
			body[k] = random_below(&r, 3) == 0 ? (uint8_t)random_below(&r, 8)
			                                   : (uint8_t)random_below(&r, 256);
		v = give(random_below(&r, 4) == 0 ? 0 : 0x40, (uint8_t)random_below(&r, 256), body, len);
		if (v == SMS_IN_WHOLE) {
			ck_assert_ptr_nonnull(w.text);
			ck_assert(text_utf8_valid(w.text, strlen(w.text)));
			sms_in_await(w.in, &w, 1, i);
			sms_in_settled(w.in, &w, 1, i, random_below(&r, 2));
		} else if (v == SMS_IN_REFUSED) {
			ck_assert_ptr_nonnull(w.why);
			ck_assert_uint_ne(w.status, 0xdead);
		}
		ck_assert_uint_le(sms_world_counters(&w).waiting, 4);
		clock_fake_advance(&w.clock, 50);
		(void)sms_in_tick(w.in);
	}
	clock_fake_advance(&w.clock, 120000);
	ck_assert_int_eq(sms_in_tick(w.in), INT64_MAX);
	ck_assert_uint_eq(sms_world_counters(&w).octets, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sms_in");
	TCase *tc = tcase_create("sms_in");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_message_is_one_text);
	tcase_add_test(tc, any_order_and_copies);
	tcase_add_test(tc, what_was_not_taken_comes_whole_again);
	tcase_add_test(tc, numbers_that_mean_nothing_are_ignored);
	tcase_add_test(tc, headers_of_all_sorts);
	tcase_add_test(tc, parts_by_tlvs);
	tcase_add_test(tc, characters_cut_in_the_middle);
	tcase_add_test(tc, before_the_end_no_text_is_begun);
	tcase_add_test(tc, bounds_give_up_the_oldest);
	tcase_add_test(tc, promise_6_one_sender_does_not_take_the_room_of_others);
	tcase_add_test(tc, octets_are_bounded);
	tcase_add_test(tc, too_long_is_cut_and_counted);
	tcase_add_test(tc, any_octets);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
