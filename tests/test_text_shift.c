/* SPDX-License-Identifier: GPL-3.0-or-later */
/* National language shift tables, 3GPP TS 23.038, annex A: the European ones letter by letter, the Indic ones and Urdu by
 * samples and by what holds for all of them; hostile octets (promise 6). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/text_shift.h"
#include "tests/run_suite.h"

/* From exactly `len` bytes of heap, so that ASan sees any step aside. */
static const char *decoded(uint8_t locking, uint8_t single, const void *in, size_t len)
{
	static char result[2048];
	uint8_t *bytes = malloc(len ? len : 1);
	size_t n;

	memcpy(bytes, in, len);
	n = text_decode_shifted((struct text_shift){locking, single}, bytes, len, result, sizeof(result));
	ck_assert_uint_eq(n, strlen(result));
	ck_assert(text_utf8_valid(result, n));
	free(bytes);
	return result;
}
#define DECODED(locking, single, literal) decoded((locking), (single), (literal), sizeof(literal) - 1)

static const char *one(uint8_t locking, uint8_t septet)
{
	const uint8_t in[] = {septet, '.'};

	return decoded(locking, 0, in, 2);
}

static const char *after_escape(uint8_t single, uint8_t septet)
{
	const uint8_t in[] = {0x1b, septet, '.'};

	return decoded(0, single, in, 3);
}

/* A.3.1, A.3.3 and A.2.1 to A.2.3, written out: what differs from the default tables. */
static const struct {
	uint8_t language;
	bool locking;
	uint8_t septet;
	const char *character;
} european[] = {
	{1, true, 0x04, "€"},  {1, true, 0x07, "ı"},  {1, true, 0x0b, "Ğ"},  {1, true, 0x0c, "ğ"},
	{1, true, 0x1c, "Ş"},  {1, true, 0x1d, "ş"},  {1, true, 0x40, "İ"},  {1, true, 0x60, "ç"},
	{1, false, 0x47, "Ğ"}, {1, false, 0x49, "İ"}, {1, false, 0x53, "Ş"}, {1, false, 0x63, "ç"},
	{1, false, 0x67, "ğ"}, {1, false, 0x69, "ı"}, {1, false, 0x73, "ş"}, {2, false, 0x09, "ç"},
	{2, false, 0x41, "Á"}, {2, false, 0x49, "Í"}, {2, false, 0x4f, "Ó"}, {2, false, 0x55, "Ú"},
	{2, false, 0x61, "á"}, {2, false, 0x69, "í"}, {2, false, 0x6f, "ó"}, {2, false, 0x75, "ú"},
	{3, true, 0x04, "ê"},  {3, true, 0x06, "ú"},  {3, true, 0x07, "í"},  {3, true, 0x08, "ó"},
	{3, true, 0x09, "ç"},  {3, true, 0x0b, "Ô"},  {3, true, 0x0c, "ô"},  {3, true, 0x0e, "Á"},
	{3, true, 0x0f, "á"},  {3, true, 0x12, "ª"},  {3, true, 0x13, "Ç"},  {3, true, 0x14, "À"},
	{3, true, 0x15, "∞"},  {3, true, 0x16, "^"},  {3, true, 0x17, "\\"}, {3, true, 0x18, "€"},
	{3, true, 0x19, "Ó"},  {3, true, 0x1a, "|"},  {3, true, 0x1c, "Â"},  {3, true, 0x1d, "â"},
	{3, true, 0x1e, "Ê"},  {3, true, 0x24, "º"},  {3, true, 0x40, "Í"},  {3, true, 0x5b, "Ã"},
	{3, true, 0x5c, "Õ"},  {3, true, 0x5d, "Ú"},  {3, true, 0x60, "~"},  {3, true, 0x7b, "ã"},
	{3, true, 0x7c, "õ"},  {3, true, 0x7d, "`"},  {3, false, 0x05, "ê"}, {3, false, 0x09, "ç"},
	{3, false, 0x0b, "Ô"}, {3, false, 0x0c, "ô"}, {3, false, 0x0e, "Á"}, {3, false, 0x0f, "á"},
	{3, false, 0x12, "Φ"}, {3, false, 0x13, "Γ"}, {3, false, 0x15, "Ω"}, {3, false, 0x16, "Π"},
	{3, false, 0x17, "Ψ"}, {3, false, 0x18, "Σ"}, {3, false, 0x19, "Θ"}, {3, false, 0x1f, "Ê"},
	{3, false, 0x41, "À"}, {3, false, 0x49, "Í"}, {3, false, 0x4f, "Ó"}, {3, false, 0x55, "Ú"},
	{3, false, 0x5b, "Ã"}, {3, false, 0x5c, "Õ"}, {3, false, 0x61, "Â"}, {3, false, 0x69, "í"},
	{3, false, 0x6f, "ó"}, {3, false, 0x75, "ú"}, {3, false, 0x7b, "ã"}, {3, false, 0x7c, "õ"},
	{3, false, 0x7f, "â"},
};
#define N_EUROPEAN (sizeof(european) / sizeof(european[0]))

START_TEST(european_letters)
{
	char expected[16];

	snprintf(expected, sizeof(expected), "%s.", european[_i].character);
	ck_assert_str_eq(european[_i].locking ? one(european[_i].language, european[_i].septet)
	                                      : after_escape(european[_i].language, european[_i].septet),
	                 expected);
}
END_TEST

/* Everything else in those tables is as in the default ones. */
START_TEST(european_tables_differ_in_nothing_else)
{
	for (uint8_t language = 0; language <= 3; language++) {
		for (uint8_t septet = 0; septet < 0x80; septet++) {
			uint8_t plain[] = {septet, '.'}, escaped[] = {0x1b, septet, '.'};
			bool in_locking = false, in_single = false;
			char expected[32];

			for (size_t i = 0; i < N_EUROPEAN; i++) {
				bool here = european[i].language == language && european[i].septet == septet;

				in_locking |= here && european[i].locking;
				in_single |= here && !european[i].locking;
			}
			(void)text_decode(TEXT_GSM7, plain, 2, expected, sizeof(expected));
			if (!in_locking && septet != 0x1b)
				ck_assert_str_eq(one(language, septet), expected);
			(void)text_decode(TEXT_GSM7, escaped, 3, expected, sizeof(expected));
			if (!in_single)
				ck_assert_str_eq(after_escape(language, septet), expected);
		}
	}
}
END_TEST

START_TEST(words)
{
	ck_assert_str_eq(DECODED(1, 1, "G\x0cl\x07 \x1b\x73"), "Gğlı ş");
	ck_assert_str_eq(DECODED(0, 2, "coraz\x1b\x6fn"), "corazón");
	ck_assert_str_eq(DECODED(3, 3, "cora\x09\x7bo"), "coração");
	/* namaste, in Hindi; the same places are namaste in Bengali and Telugu */
	ck_assert_str_eq(DECODED(6, 6, "\x2f\x42\x4c\x5f\x27\x59"), "नमस्ते");
	ck_assert_str_eq(DECODED(4, 4, "\x2f\x42\x4c\x5f\x27\x59"), "নমস্তে");
	ck_assert_str_eq(DECODED(12, 12, "\x2f\x42\x4c\x5f\x27\x59"), "నమస్తే");
	ck_assert_str_eq(DECODED(11, 11, "\x27\x42\x51\x48\x5f"), "தமிழ்"); /* tamil */
	ck_assert_str_eq(DECODED(10, 10, "\x3d\x7c\x1d\x50\x40\x52"), "ਪੱਜਾਬੀ");
	ck_assert_str_eq(DECODED(13, 13, "\x00\x25\x1a\x53"), "اردو"); /* urdu */
	ck_assert_str_eq(DECODED(0, 6, "\x1b\x1c\x1b\x1d\x1b\x19"), "०१।");
	ck_assert_str_eq(DECODED(0, 6, "\x1b\x26\x1b\x27"), "\xe0\xa5\x91\xe0\xa5\x92");
	ck_assert_str_eq(DECODED(0, 4, "\x1b\x19\x1b\x1a\x1b\x23"), "০১৯");
	ck_assert_str_eq(DECODED(0, 13, "\x1b\x1c\x1b\x25\x1b\x3f"), "۰۹۔");
	ck_assert_str_eq(DECODED(0, 9, "\x1b\x41\x1b\x5a\x1b\x04\x1b\x65\x1b\x3c"), "AZ¿€[");
}
END_TEST

static uint32_t code_of(const char *text)
{
	return text_utf8_next(&text);
}

/* Letters of a script lie in its block of Unicode; digits and small letters are where they always are; no letter is there twice.
 * How many letters each table has is counted from 23.038. */
START_TEST(scripts_are_whole)
{
	static const struct {
		uint8_t language;
		uint32_t from, to;
		unsigned locking, single;
	} rows[] = {
		{4, 0x980, 0x9ff, 67, 24},  {5, 0xa80, 0xaff, 73, 10},  {6, 0x900, 0x97f, 80, 30},
		{7, 0xc80, 0xcff, 73, 13},  {8, 0xd00, 0xd7f, 73, 22},  {9, 0xb00, 0xb7f, 69, 15},
		{10, 0xa00, 0xa7f, 63, 16}, {11, 0xb80, 0xbff, 55, 17}, {12, 0xc00, 0xc7f, 73, 20},
		{13, 0x600, 0x6ff, 80, 32},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned locking = 0, single = 0;
		bool seen[0x100] = {false};

		for (uint8_t septet = 0; septet < 0x80; septet++) {
			uint32_t code = code_of(one(rows[i].language, septet));

			if (septet == 0x1b)
				continue;
			if (code >= rows[i].from && code <= rows[i].to) {
				ck_assert(!seen[code - rows[i].from]);
				seen[code - rows[i].from] = true;
				locking++;
			} else if ((septet >= '0' && septet <= '9') || (septet >= 'a' && septet <= 'z')) {
				ck_assert_uint_eq(code, septet);
			} else {
				ck_assert_msg(code < 0x80, "language %u, septet %02x: %x", rows[i].language,
				              septet, code);
			}
			code = code_of(after_escape(rows[i].language, septet));
			single += code >= rows[i].from && code <= rows[i].to;
		}
		ck_assert_uint_eq(locking, rows[i].locking);
		ck_assert_uint_eq(single, rows[i].single);
	}
}
END_TEST

START_TEST(places_without_a_character)
{
	ck_assert_str_eq(one(11, 0x16), "?.");         /* no kha in Tamil */
	ck_assert_str_eq(one(7, 0x00), "?.");          /* no candrabindu in Kannada */
	ck_assert_str_eq(after_escape(5, 0x26), "&."); /* not in the single shift table: the locking one's */
	ck_assert_str_eq(DECODED(1, 1, "\x1b\x60"), "ç"); /* of the locking table that is set */
	ck_assert_str_eq(DECODED(11, 11, "\x1b\x3f"), "?");
	ck_assert_str_eq(DECODED(6, 6, "a\x1b"), "a"); /* a lone ESC */
	ck_assert_str_eq(DECODED(6, 6, "a\x1b\x1b."), "a .");
	/* tables that do not exist */
	ck_assert(!text_shift_is_locking(2));
	ck_assert(!text_shift_is_locking(0));
	ck_assert(!text_shift_is_locking(14));
	ck_assert(text_shift_is_single(2));
	ck_assert(!text_shift_is_single(200));
	ck_assert_str_eq(DECODED(2, 99, "\x09\x1b\x65"), "Ç€");
}
END_TEST

START_TEST(any_octets)
{
	uint8_t all[512];
	char small[5];

	for (unsigned i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)(i * 73);
	for (unsigned l = 0; l < 256; l += 3)
		for (unsigned s = 0; s < 256; s += 7)
			(void)decoded((uint8_t)l, (uint8_t)s, all, sizeof(all));
	ck_assert_uint_eq(text_decode_shifted((struct text_shift){6, 6}, (const uint8_t *)"\x03\x04", 2,
	                                      small, sizeof(small)),
	                  3); /* cut at a character */
	ck_assert_uint_eq(
		text_decode_shifted((struct text_shift){6, 6}, (const uint8_t *)"\x03", 1, small, 1), 0);
	ck_assert_str_eq(DECODED(6, 6, "a\r\n\x00"), "a\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("text_shift");
	TCase *tc = tcase_create("text_shift");

	tcase_add_loop_test(tc, european_letters, 0, (int)N_EUROPEAN);
	tcase_add_test(tc, european_tables_differ_in_nothing_else);
	tcase_add_test(tc, words);
	tcase_add_test(tc, scripts_are_whole);
	tcase_add_test(tc, places_without_a_character);
	tcase_add_test(tc, any_octets);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
