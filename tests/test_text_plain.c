/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters that an alphabet lacks, written with those that it has; whatever comes in, what goes out can be sent (promise 6). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text_plain.h"
#include "core/text_run.h"
#include "tests/run_suite.h"

static const char *plain(enum text_alphabet to, const char *utf8)
{
	static char out[4096];
	size_t n = text_transliterate(to, utf8, out, sizeof(out)), len;
	uint8_t wire[8192];

	ck_assert_uint_eq(n, strlen(out));
	ck_assert_int_eq(text_encode(to, out, wire, sizeof(wire), &len), RC_OK);
	return out;
}

static const struct {
	const char *in, *gsm, *ascii;
} rows[] = {
	{"Hello {name} 5€", "Hello {name} 5€", "Hello {name} 5EUR"},
	{"é ù Ä ß ñ", "é ù Ä ß ñ", "e u A ss n"}, /* in GSM 03.38 they stay */
	{"“Karibu” – ‘bei nafuu’… •", "\"Karibu\" - 'bei nafuu'... *", "\"Karibu\" - 'bei nafuu'... *"},
	{"Zażółć gęślą jaźń", "Zazolc gesla jazn", "Zazolc gesla jazn"},
	{"Mã số của bạn là", "Ma so cua ban là", "Ma so cua ban la"},
	{"Đường Nguyễn Huệ, 20.000₫", "Duong Nguyen Hue, 20.000d", "Duong Nguyen Hue, 20.000d"},
	{"ɗan ƙasa, ɓera, ƴaƴa, Ɗ Ƙ Ɓ Ƴ", "dan kasa, bera, yaya, D K B Y", "dan kasa, bera, yaya, D K B Y"},
	{"Ẹ kú àárọ̀, ọmọ ṣe", "E ku àaro, omo se", "E ku aaro, omo se"},
	{"Ŋutifafa, ɛlɔ, ƒo, ɣe, ʋu, ŋdi", "Nutifafa, elo, fo, ge, vu, ndi",
         "Nutifafa, elo, fo, ge, vu, ndi"},
	{"e\xcc\x81t\xcc\xa3", "et", "et"}, /* marks of their own */
	{"Ng'ombe ya ng\xca\xbc", "Ng'ombe ya ng'", "Ng'ombe ya ng'"},
	{"çàâîôœ Œ Æ", "càaiooe OE Æ", "caaiooe OE AE"},
	{"₦500 ₵5 ₹9 KSh½ ©®™ №", "N500 GHS5 Rs9 KSh1/2 (c)(R)TM No.", "N500 GHS5 Rs9 KSh1/2 (c)(R)TM No."},
	{"Καλημέρα ΩΔ", "KALHMERA ΩΔ", "KALHMERA OD"},
	{"привет 你好 😀", "?????? ?? ?", "?????? ?? ?"},
	{"Ａｂ１\xe3\x80\x80x\xc2\xa0y\xe2\x80\x8bz", "Ab1 x yz", "Ab1 x yz"},
	{"şğıİ", "sgiI", "sgiI"},
	{"", "", ""},
};

START_TEST(nearest_letters)
{
	ck_assert_str_eq(plain(TEXT_GSM7, rows[_i].in), rows[_i].gsm);
	ck_assert_str_eq(plain(TEXT_ASCII, rows[_i].in), rows[_i].ascii);
}
END_TEST

START_TEST(other_alphabets)
{
	ck_assert_str_eq(plain(TEXT_LATIN1, "żółć ç ½ €"), "zólc ç ½ EUR");
	ck_assert_str_eq(plain(TEXT_UCS2, "żółć 😀"), "żółć 😀");
}
END_TEST

/* Every code point comes out as something that the alphabet has, of at most 5 bytes, and the list is sorted (else some would not
 * be found, and be '?'). */
START_TEST(every_code_point)
{
	unsigned lost = 0;

	for (uint32_t code = 1; code < 0x20000; code++) {
		char in[5] = "";
		const char *out;

		if (code >= 0xd800 && code <= 0xdfff)
			continue;
		in[text_utf8_put(code, in)] = '\0';
		out = plain(TEXT_GSM7, in);
		ck_assert_uint_le(strlen(out), 5);
		if ((code >= 0xc0 && code < 0x180) || (code >= 0x1ea0 && code < 0x1efa))
			lost += strcmp(out, "?") == 0;
		(void)plain(TEXT_ASCII, in);
	}
	ck_assert_uint_eq(lost, 0); /* no letter of Europe or Vietnam */
}
END_TEST

START_TEST(small_buffers)
{
	for (size_t size = 1; size < 40; size++) {
		char *out = malloc(size); /* exactly, for ASan */
		size_t n = text_transliterate(TEXT_GSM7, "“é…” 你 ½ é{€} …", out, size);

		ck_assert_uint_lt(n, size);
		ck_assert(text_utf8_valid(out, n));
		free(out);
	}
}
END_TEST

/* A run is what has one octet that is its septet, too: judged by encoding each octet alone, at each place in a text of each
 * length around that of a block. */
START_TEST(runs_are_their_own_septets)
{
	for (unsigned c = 1; c < 256; c++) {
		const char one[2] = {(char)c, '\0'};
		uint8_t septet[4] = {0};
		size_t n = 0;
		bool is_same = text_encode(TEXT_GSM7, one, septet, sizeof(septet), &n) == RC_OK && n == 1 &&
		               septet[0] == c;

		for (size_t len = 1; len < 52; len++) {
			uint8_t *text = malloc(len); /* exactly, for ASan */

			for (size_t at = 0; at < len; at++) {
				memset(text, 'a', len);
				text[at] = (uint8_t)c;
				ck_assert_msg(text_run(text, len) == (is_same ? len : at),
				              "octet 0x%02x at %zu of %zu", c, at, len);
			}
			free(text);
		}
	}
	ck_assert_uint_eq(text_run((const uint8_t *)"", 0), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("text_plain");
	TCase *tc = tcase_create("text_plain");

	tcase_add_loop_test(tc, nearest_letters, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tc, other_alphabets);
	tcase_add_test(tc, every_code_point);
	tcase_add_test(tc, small_buffers);
	tcase_add_test(tc, runs_are_their_own_septets);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
