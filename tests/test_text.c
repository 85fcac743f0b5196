/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text on a phone: each character of GSM 03.38 both ways, UCS-2, costs, cutting; hostile bytes (promise 6). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "tests/random.h"
#include "tests/run_suite.h"

#define FACE "\xf0\x9f\x98\x80" /* U+1F600: a surrogate pair in UCS-2 */
#define BAD "\xef\xbf\xbd"      /* U+FFFD */

/* 3GPP TS 23.038, 6.2.1, written out as the characters themselves; "\x1b" holds the place of ESC. */
static const char *const basic[128] = {
	"@", "£", "$", "¥", "è", "é", "ù", "ì", "ò",    "Ç", "\n", "Ø", "ø", "\r", "Å", "å",  "Δ", "_", "Φ",
	"Γ", "Λ", "Ω", "Π", "Ψ", "Σ", "Θ", "Ξ", "\x1b", "Æ", "æ",  "ß", "É", " ",  "!", "\"", "#", "¤", "%",
	"&", "'", "(", ")", "*", "+", ",", "-", ".",    "/", "0",  "1", "2", "3",  "4", "5",  "6", "7", "8",
	"9", ":", ";", "<", "=", ">", "?", "¡", "A",    "B", "C",  "D", "E", "F",  "G", "H",  "I", "J", "K",
	"L", "M", "N", "O", "P", "Q", "R", "S", "T",    "U", "V",  "W", "X", "Y",  "Z", "Ä",  "Ö", "Ñ", "Ü",
	"§", "¿", "a", "b", "c", "d", "e", "f", "g",    "h", "i",  "j", "k", "l",  "m", "n",  "o", "p", "q",
	"r", "s", "t", "u", "v", "w", "x", "y", "z",    "ä", "ö",  "ñ", "ü", "à",
};

/* 6.2.1.1: the septet after ESC. */
static const struct {
	uint8_t septet;
	const char *character;
} extension[] = {
	{0x0a, "\f"}, {0x14, "^"}, {0x28, "{"}, {0x29, "}"}, {0x2f, "\\"},
	{0x3c, "["},  {0x3d, "~"}, {0x3e, "]"}, {0x40, "|"}, {0x65, "€"},
};
#define N_EXTENSION (sizeof extension / sizeof extension[0])

/* Decode from exactly `len` bytes of heap into exactly `size` bytes of heap, so that ASan sees any step aside;
 * the result is checked to be valid UTF-8 and stands in static memory. */
static const char *decoded_into(enum text_alphabet from, const void *in, size_t len, size_t size)
{
	static char result[1024];
	uint8_t *bytes = malloc(len ? len : 1);
	char *out = malloc(size);
	size_t n;

	ck_assert_uint_le(size, sizeof result);
	memcpy(bytes, in, len);
	n = text_decode(from, len ? bytes : bytes + 1, len, out, size);
	ck_assert_uint_lt(n, size);
	ck_assert_uint_eq(strlen(out), n);
	ck_assert(text_utf8_valid(out, n));
	memcpy(result, out, n + 1);
	free(bytes);
	free(out);
	return result;
}

static const char *decoded(enum text_alphabet from, const void *in, size_t len)
{
	return decoded_into(from, in, len, 1024);
}
#define DECODED(from, literal) decoded((from), (literal), sizeof(literal) - 1)

static void encodes_to(enum text_alphabet to, const char *utf8, const void *bytes, size_t n)
{
	uint8_t *out = malloc(n ? n : 1);
	size_t len = 777;

	ck_assert_int_eq(text_encode(to, utf8, out, n, &len), RC_OK);
	ck_assert_uint_eq(len, n);
	ck_assert_int_eq(memcmp(out, bytes, n), 0);
	if (n > 0) {
		len = 777;
		memset(out, 0xa5, n);
		ck_assert_int_eq(text_encode(to, utf8, out, n - 1, &len), RC_FULL);
		/* Outputs are untouched unless RC_OK. */
		ck_assert_uint_eq(len, 777);
		ck_assert_uint_eq(out[0], 0xa5);
	}
	free(out);
}

START_TEST(each_basic_character_both_ways)
{
	uint8_t in[3] = {'<', (uint8_t)_i, '>'};
	char expected[16];
	struct text_cost cost;

	if (_i == 0x1b) {
		uint8_t out[4];
		size_t len;

		ck_assert_int_eq(text_encode(TEXT_GSM7, basic[_i], out, sizeof out, &len), RC_RANGE);
		ck_assert(!text_measure(basic[_i], 1).gsm7);
		return;
	}
	encodes_to(TEXT_GSM7, basic[_i], &in[1], 1);
	cost = text_measure(basic[_i], strlen(basic[_i]));
	ck_assert(cost.gsm7);
	ck_assert_uint_eq(cost.septets, 1);
	ck_assert_uint_eq(cost.characters, 1);
	/* \r is the one basic character that is dropped from what comes in. */
	snprintf(expected, sizeof expected, "<%s>", _i == '\r' ? "" : basic[_i]);
	ck_assert_str_eq(decoded(TEXT_GSM7, in, 3), expected);
}
END_TEST

START_TEST(each_extension_character_both_ways)
{
	uint8_t in[4] = {'<', 0x1b, extension[_i].septet, '>'};
	const char *character = extension[_i].character;
	struct text_cost cost = text_measure(character, strlen(character));
	char expected[16];

	encodes_to(TEXT_GSM7, character, &in[1], 2);
	ck_assert(cost.gsm7);
	ck_assert_uint_eq(cost.septets, 2);
	ck_assert_uint_eq(cost.characters, 1);
	ck_assert_uint_eq(cost.ucs2_units, 1);
	/* A form feed is a control character, and those come in as a space. */
	snprintf(expected, sizeof expected, "<%s>", *character == '\f' ? " " : character);
	ck_assert_str_eq(decoded(TEXT_GSM7, in, 4), expected);
}
END_TEST

START_TEST(the_alphabet_has_no_other_characters)
{
	size_t n = 0;

	for (uint32_t code = 1; code < 0x10000; code++) {
		char utf8[4];
		uint8_t ucs2[2] = {(uint8_t)(code >> 8), (uint8_t)code};

		if ((code >= 0xd800 && code <= 0xdfff) || code < 0x20 || (code >= 0x7f && code < 0xa0))
			continue; /* not characters, or not kept by decoding: tested above */
		ck_assert_uint_gt(text_decode(TEXT_UCS2, ucs2, 2, utf8, sizeof utf8), 0);
		n += text_measure(utf8, strlen(utf8)).gsm7;
	}
	ck_assert_uint_eq(n, 128 + 10 - 4); /* without ESC, \n, \r, \f */
}
END_TEST

START_TEST(escape_rules)
{
	ck_assert_str_eq(DECODED(TEXT_GSM7, "ab\x1b"), "ab"); /* a lone ESC at the end */
	ck_assert_str_eq(DECODED(TEXT_GSM7, "\x1b"), "");
	ck_assert_str_eq(DECODED(TEXT_GSM7, "a\x1b"
	                                    "b"),
	                 "ab"); /* not in the table: the basic character */
	ck_assert_str_eq(DECODED(TEXT_GSM7, "a\x1b\x1b"
	                                    "b"),
	                 "a b"); /* a table that does not exist yet */
	ck_assert_str_eq(DECODED(TEXT_GSM7, "a\x1b\x0d"
	                                    "b"),
	                 "ab");
	ck_assert_str_eq(DECODED(TEXT_GSM7, "a\x1b\xe5"
	                                    "b"),
	                 "a" BAD "b");
	ck_assert_str_eq(DECODED(TEXT_GSM7, "a\x1b\x00"), "a"); /* the trailing NUL goes first */
	ck_assert_str_eq(DECODED(TEXT_GSM7, "\x80\xff"
	                                    "b"),
	                 BAD BAD "b");
}
END_TEST

START_TEST(nul_cr_and_control_rules)
{
	/* One trailing NUL of the input is stripped; in GSM any other is an '@'. */
	ck_assert_str_eq(DECODED(TEXT_GSM7, "a\0"), "a");
	ck_assert_str_eq(DECODED(TEXT_GSM7, "a\0\0"), "a@");
	ck_assert_str_eq(DECODED(TEXT_GSM7, "\0a"), "@a");
	ck_assert_str_eq(DECODED(TEXT_GSM7, "\0"), "");
	ck_assert_str_eq(DECODED(TEXT_ASCII, "a\0b\0"), "a b");
	ck_assert_str_eq(DECODED(TEXT_LATIN1, "a\0\0"), "a ");
	ck_assert_str_eq(DECODED(TEXT_UTF8, "a\0"), "a");
	ck_assert_str_eq(DECODED(TEXT_UCS2, "\0a\0\0"), "a");
	ck_assert_str_eq(DECODED(TEXT_UCS2, "\0a\0\0\0"), "a");     /* and an odd last byte is dropped */
	ck_assert_str_eq(DECODED(TEXT_UCS2, "\x01\0"), "\xc4\x80"); /* a low zero byte is no NUL */
	ck_assert_str_eq(DECODED(TEXT_UCS2, "\0\0\0a"), " a");
	for (int alphabet = TEXT_GSM7; alphabet <= TEXT_UTF8; alphabet++)
		ck_assert_str_eq(decoded((enum text_alphabet)alphabet, "", 0), "");
	ck_assert_str_eq(DECODED(TEXT_ASCII, "a\r\nb\tc\x1b"
	                                     "d\x7f"
	                                     "e"),
	                 "a\nb c d e");
	ck_assert_str_eq(DECODED(TEXT_LATIN1, "a\x85"
	                                      "b\xa0\xe9\xff"),
	                 "a b\xc2\xa0\xc3\xa9\xc3\xbf");
	ck_assert_str_eq(DECODED(TEXT_ASCII, "a\xe9"
	                                     "b"),
	                 "a" BAD "b");
	ck_assert_str_eq(DECODED(TEXT_UTF8, "a\xc2\x85"
	                                    "b\r"),
	                 "a b");
}
END_TEST

START_TEST(ucs2_and_surrogates)
{
	encodes_to(TEXT_UCS2, "", "", 0);
	encodes_to(TEXT_UCS2, "aé€" FACE, "\0a\0\xe9\x20\xac\xd8\x3d\xde\x00", 10);
	encodes_to(TEXT_UCS2, "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\xd8\x00\xdc\x00\xdb\xff\xdf\xff", 8);
	ck_assert_str_eq(DECODED(TEXT_UCS2, "\0a\0\xe9\x20\xac\xd8\x3d\xde\x00"), "aé€" FACE);
	ck_assert_str_eq(DECODED(TEXT_UCS2, "\xdb\xff\xdf\xff"), "\xf4\x8f\xbf\xbf");
	ck_assert_str_eq(DECODED(TEXT_UCS2, "\xd8\x3d"), BAD);     /* high alone at the end */
	ck_assert_str_eq(DECODED(TEXT_UCS2, "\xd8\x3d\xde"), BAD); /* and with half a unit behind */
	ck_assert_str_eq(DECODED(TEXT_UCS2, "\xd8\x3d\0a"), BAD "a");
	ck_assert_str_eq(DECODED(TEXT_UCS2, "\xde\x00\0a"), BAD "a"); /* low alone */
	ck_assert_str_eq(DECODED(TEXT_UCS2, "\xd8\x3d\xd8\x3d\xde\x00"), BAD FACE);
	ck_assert_str_eq(DECODED(TEXT_UCS2, "a"), "");
	ck_assert_str_eq(DECODED(TEXT_UCS2, "\0ab"), "a");
}
END_TEST

START_TEST(other_alphabets_encode)
{
	uint8_t out[64];
	size_t len = 777;

	encodes_to(TEXT_LATIN1, "aé\xc3\xbf", "a\xe9\xff", 3);
	encodes_to(TEXT_ASCII, "a~", "a~", 2);
	encodes_to(TEXT_UTF8, "aé€" FACE, "aé€" FACE, 10);
	encodes_to(TEXT_GSM7, "", "", 0);
	encodes_to(TEXT_GSM7, "@{€}é", "\0\x1b\x28\x1b\x65\x1b\x29\x05", 8);
	ck_assert_int_eq(text_encode(TEXT_LATIN1, "\xc4\x80", out, sizeof out, &len), RC_RANGE);
	ck_assert_int_eq(text_encode(TEXT_ASCII, "é", out, sizeof out, &len), RC_RANGE);
	ck_assert_int_eq(text_encode(TEXT_GSM7, "abcŵ", out, sizeof out, &len), RC_RANGE);
	ck_assert_int_eq(text_encode(TEXT_GSM7, "`", out, sizeof out, &len), RC_RANGE);
	for (int alphabet = TEXT_GSM7; alphabet <= TEXT_UTF8; alphabet++)
		ck_assert_int_eq(text_encode((enum text_alphabet)alphabet, "ab\xff", out, sizeof out, &len),
		                 RC_SYNTAX);
	ck_assert_uint_eq(len, 777);
}
END_TEST

static const struct {
	const char *text;
	bool valid;
} utf8[] = {
	{"", true},
	{"a", true},
	{"\x7f", true},
	{"\xc2\x80", true},
	{"\xdf\xbf", true},
	{"\xe0\xa0\x80", true},
	{"\xed\x9f\xbf", true},
	{"\xee\x80\x80", true},
	{"\xef\xbf\xbd", true},
	{"\xf0\x90\x80\x80", true},
	{"\xf4\x8f\xbf\xbf", true},
	{"\x80", false},
	{"\xbf", false},
	{"\xc0\x80", false}, /* overlong NUL */
	{"\xc1\xbf", false},
	{"\xe0\x9f\xbf", false},     /* overlong */
	{"\xf0\x8f\xbf\xbf", false}, /* overlong */
	{"\xed\xa0\x80", false},     /* surrogates */
	{"\xed\xbf\xbf", false},
	{"\xf4\x90\x80\x80", false}, /* above U+10FFFF */
	{"\xf5\x80\x80\x80", false},
	{"\xfe", false},
	{"\xff", false},
	{"\xc2", false}, /* cut short */
	{"\xe2\x82", false},
	{"\xf0\x9f\x98", false},
	{"\xc2"
         "a",
         false},
	{"\xe2\x82"
         "a",
         false},
	{"\xe2"
         "a\xac",
         false},
	{"ok\xf0\x9f\x98"
         "ok",
         false},
};

START_TEST(well_formed_or_not)
{
	size_t len = strlen(utf8[_i].text);
	char *exact = malloc(len + 1);
	const char *at = exact;
	size_t steps = 0;

	memcpy(exact, utf8[_i].text, len + 1);
	ck_assert(text_utf8_valid(exact, len) == utf8[_i].valid);
	/* Walking ends at the NUL whatever stands before it. */
	while (text_utf8_next(&at) != 0)
		steps++;
	ck_assert_ptr_eq(at, exact + len);
	ck_assert_uint_le(steps, len);
	ck_assert_uint_eq(text_utf8_next(&at), 0);
	ck_assert_ptr_eq(at, exact + len);
	free(exact);
	/* Without the NUL: nothing behind the length is read. */
	exact = malloc(len ? len : 1);
	memcpy(exact, utf8[_i].text, len);
	ck_assert(text_utf8_valid(exact, len) == utf8[_i].valid);
	ck_assert_uint_le(text_measure(exact, len).characters, len);
	ck_assert_uint_eq(strlen(decoded(TEXT_UTF8, exact, len)) > 0, len > 0);
	free(exact);
}
END_TEST

START_TEST(walking_gives_code_points)
{
	static const uint32_t expected[] = {'a', 0xe9, 0x20ac, 0x1f600, 0xfffd, 0xfffd, 'z', 0};
	const char *at = "aé€" FACE "\xff\x80z";

	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		ck_assert_uint_eq(text_utf8_next(&at), expected[i]);
}
END_TEST

START_TEST(costs_are_counted)
{
	struct text_cost c = text_measure("", 0);

	ck_assert(c.gsm7);
	ck_assert_uint_eq(c.characters + c.septets + c.ucs2_units + c.odd + c.odd_at, 0);
	c = text_measure("a{€é", 7);
	ck_assert(c.gsm7);
	ck_assert_uint_eq(c.characters, 4);
	ck_assert_uint_eq(c.septets, 6);
	ck_assert_uint_eq(c.ucs2_units, 4);
	c = text_measure("é" FACE "aŵ", 9);
	ck_assert(!c.gsm7);
	ck_assert_uint_eq(c.characters, 4);
	ck_assert_uint_eq(c.septets, 0);
	ck_assert_uint_eq(c.ucs2_units, 5);
	ck_assert_uint_eq(c.odd, 0x1f600); /* the first of them */
	ck_assert_uint_eq(c.odd_at, 2);
	c = text_measure("ŵ", 2);
	ck_assert_uint_eq(c.odd, 0x175);
	ck_assert_uint_eq(c.odd_at, 0);
	c = text_measure("aaŵ", 2); /* only what lies inside the length */
	ck_assert(c.gsm7);
	c = text_measure("a\xff", 2);
	ck_assert_uint_eq(c.odd, 0xfffd);
	ck_assert_uint_eq(c.odd_at, 1);
}
END_TEST

/* `n` times a character, in static memory. */
static char *times(const char *character, size_t n)
{
	static char text[2048];
	size_t len = strlen(character);

	ck_assert_uint_lt(n * len, sizeof text);
	for (size_t i = 0; i < n; i++)
		memcpy(text + i * len, character, len);
	text[n * len] = '\0';
	return text;
}

static bool fits(const char *text, size_t page)
{
	return text_fits(text, strlen(text), page);
}

START_TEST(a_page_is_160_septets_or_80_units)
{
	ck_assert(fits("", 160));
	ck_assert(fits(times("a", 160), 160));
	ck_assert(!fits(times("a", 161), 160));
	ck_assert(fits(times("é", 160), 160)); /* 320 bytes, 160 septets */
	ck_assert(fits(times("{", 80), 160));
	ck_assert(!fits(times("{", 81), 160));
	ck_assert(fits(times("ŵ", 80), 160));
	ck_assert(!fits(times("ŵ", 81), 160));
	ck_assert(fits(times(FACE, 40), 160));
	ck_assert(!fits(times(FACE, 41), 160));
	ck_assert(fits(times("a", TEXT_USSD_SEPTETS), TEXT_USSD_SEPTETS));
	ck_assert(!fits("a", 0));
	ck_assert(fits("", 0));
	ck_assert(!fits("ŵ", 1));
}
END_TEST

START_TEST(one_odd_character_halves_the_page)
{
	char *text = times("a", 80);

	ck_assert(fits(text, 160));
	memcpy(text + 79, "ŵ", 3);
	ck_assert(fits(text, 160)); /* 80 units */
	memcpy(text + 80, "ŵ", 3);
	ck_assert(!fits(text, 160));
}
END_TEST

static const struct {
	const char *text;
	size_t limit;
	const char *shortened;
} shorter[] = {
	{"", 10, ""},
	{"", 0, ""},
	{"fits", 4, "fits"},
	{"hello world", 11, "hello world"},
	{"hello world again", 16, "hello world..."}, /* 13 fit; the blank lies in their last third */
	{"hello world again", 14, "hello world..."}, /* the cut falls on a word's end */
	{"hello world again", 13, "hello worl..."},  /* no blank in the last third */
	{"hello big wide world", 13, "hello big..."},
	{"hello\nworld again", 9, "hello..."},
	{"hello     world", 12, "hello..."}, /* no blanks before the dots */
	{"abcdefghijklmnop", 10, "abcdefg..."},
	{"ééééééé", 6, "ééé..."},
	{"a€€€€", 8, "a€€..."}, /* Euro: two septets, three bytes */
	{"{{{{{{{{{{", 10, "{{{..."},
	{"aaaaaaa{{", 10, "aaaaaa..."},             /* dots are longer than the bytes that went */
	{"ŵŵŵŵŵŵŵŵŵŵ", 12, "ŵŵŵ..."},               /* six units */
	{FACE FACE FACE FACE, 14, FACE FACE "..."}, /* seven units: no half pair */
	{FACE FACE FACE FACE, 12, FACE "..."},
	{"aaaaaaaŵ", 12, "aaaaaa..."}, /* without the odd one, septets count */
	{"abcdef", 3, "..."},
	{"abcdef", 2, "ab"},
	{"abcdef", 0, ""},
	{"ŵŵŵŵ", 4, "..."},
	{"ŵŵ", 2, "ŵ"},
	{"     abcdef", 7, "..."},
};

START_TEST(texts_are_shortened)
{
	size_t len = strlen(shorter[_i].text), n;
	char *text = malloc(len + 1);

	memcpy(text, shorter[_i].text, len + 1);
	n = text_shorten(text, shorter[_i].limit);
	ck_assert_str_eq(text, shorter[_i].shortened);
	ck_assert_uint_eq(n, strlen(text));
	ck_assert(text_fits(text, n, shorter[_i].limit));
	free(text);
}
END_TEST

/* Every limit over texts of all widths: fits, valid, no longer than before, a beginning of what it was. */
START_TEST(shortening_holds_at_every_limit)
{
	static const char *const texts[] = {
		"Karibu {name}! Chagua: 1 Salio 2 Data [100 MB] ~ bure | €5",
		"é è ù ì ò Ç ééé {{{{{{{{{{{{ €€€€€€€€",
		"Привет, выберите тариф и город пожалуйста",
		"aaa aaa aaa aaa aaa aaa aaa aaa aaa aaa ŵ",
		FACE " " FACE FACE " a " FACE "{}" FACE,
		"{{{{{{{{ŵ",
	};
	const char *source = texts[_i];
	size_t len = strlen(source);

	for (size_t limit = 0; limit <= 130; limit++) {
		char *text = malloc(len + 1);
		bool had_room = text_fits(source, len, limit);
		size_t n, kept;

		memcpy(text, source, len + 1);
		n = kept = text_shorten(text, limit);
		ck_assert_uint_eq(strlen(text), n);
		ck_assert_uint_le(n, len);
		ck_assert(text_utf8_valid(text, n));
		ck_assert(text_fits(text, n, limit));
		if (had_room) {
			ck_assert_str_eq(text, source);
		} else if (limit >= 3) {
			ck_assert_str_eq(text + n - 3, "...");
			kept = n - 3;
		}
		ck_assert_int_eq(memcmp(text, source, kept), 0);
		free(text);
	}
}
END_TEST

START_TEST(decoding_is_cut_between_characters)
{
	/* a, é, €, a face, z: ends at 1, 3, 6, 10, 11 bytes */
	static const char in[] = "\0a\0\xe9\x20\xac\xd8\x3d\xde\x00\0z";
	static const size_t ends[] = {0, 1, 3, 6, 10, 11};
	size_t want = 0;

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (ends[i] <= (size_t)_i)
			want = ends[i];
	ck_assert_uint_eq(strlen(decoded_into(TEXT_UCS2, in, sizeof in - 1, (size_t)_i + 1)), want);
}
END_TEST

/* Promise 6: any bytes, any length, every alphabet; decoded() looks at what comes out, ASan at what is read. */
START_TEST(hostile_bytes_decode_to_valid_text)
{
	enum text_alphabet alphabet = (enum text_alphabet)_i;
	struct random r = {2463534242u};
	uint8_t in[300];

	for (int round = 0; round < 3000; round++) {
		size_t len = random_below(&r, sizeof in);

		for (size_t i = 0; i < sizeof in; i++) {
			uint32_t seed = random_bits(&r);

			/* Half of them from the bytes where rules change. */
			in[i] = seed & 0x100 ? (uint8_t)seed
			                     : (uint8_t) "\x1b\0\r\xd8\xdc\xe0\xf0\x80"[seed >> 9 & 7];
		}
		decoded_into(alphabet, in, len, 1 + random_below(&r, 1024));
	}
}
END_TEST

/* What the product sends it can read again, character for character. */
START_TEST(round_trip_of_all_code_points)
{
	uint8_t wire[4];
	size_t len;

	for (uint32_t code = 0xa0; code <= 0x10ffff; code += code < 0x3000 ? 1 : 251) {
		uint8_t units[4];
		char one[8], back[8];
		const char *at = one;
		size_t n = 2;

		if (code >= 0xd800 && code <= 0xdfff)
			continue;
		if (code > 0xffff) {
			uint32_t pair = code - 0x10000;

			units[0] = (uint8_t)(0xd8 | pair >> 18);
			units[1] = (uint8_t)(pair >> 10);
			units[2] = (uint8_t)(0xdc | (pair >> 8 & 3));
			units[3] = (uint8_t)pair;
			n = 4;
		} else {
			units[0] = (uint8_t)(code >> 8);
			units[1] = (uint8_t)code;
		}
		text_decode(TEXT_UCS2, units, n, one, sizeof one);
		ck_assert_uint_eq(text_utf8_next(&at), code);
		ck_assert_int_eq(text_encode(TEXT_UCS2, one, wire, sizeof wire, &len), RC_OK);
		ck_assert_uint_eq(len, n);
		ck_assert_int_eq(memcmp(wire, units, n), 0);
		text_decode(TEXT_UTF8, (const uint8_t *)one, strlen(one), back, sizeof back);
		ck_assert_str_eq(back, one);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("text");
	TCase *tc = tcase_create("text");

	tcase_add_loop_test(tc, each_basic_character_both_ways, 0, 128);
	tcase_add_loop_test(tc, each_extension_character_both_ways, 0, N_EXTENSION);
	tcase_add_test(tc, the_alphabet_has_no_other_characters);
	tcase_add_test(tc, escape_rules);
	tcase_add_test(tc, nul_cr_and_control_rules);
	tcase_add_test(tc, ucs2_and_surrogates);
	tcase_add_test(tc, other_alphabets_encode);
	tcase_add_loop_test(tc, well_formed_or_not, 0, sizeof utf8 / sizeof utf8[0]);
	tcase_add_test(tc, walking_gives_code_points);
	tcase_add_test(tc, costs_are_counted);
	tcase_add_test(tc, a_page_is_160_septets_or_80_units);
	tcase_add_test(tc, one_odd_character_halves_the_page);
	tcase_add_loop_test(tc, texts_are_shortened, 0, sizeof shorter / sizeof shorter[0]);
	tcase_add_loop_test(tc, shortening_holds_at_every_limit, 0, 6);
	tcase_add_loop_test(tc, decoding_is_cut_between_characters, 0, 14);
	tcase_add_loop_test(tc, hostile_bytes_decode_to_valid_text, 0, TEXT_UTF8 + 1);
	tcase_add_test(tc, round_trip_of_all_code_points);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
