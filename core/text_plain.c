/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain text: see text_plain.h.
 *
 * Invariant: every replacement is ASCII that GSM 03.38 has in its basic table, so it needs no second look. Letters come
 * from runs of Unicode, one character for each; what needs more than one character, or stands alone, is in a sorted list.
 */
#include "core/text_plain.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* From the first code on, one letter each; '?' = none here. */
struct run {
	uint32_t first;
	size_t count;
	const char *letters;
};

/* clang-format off */
static const char latin1[] = "AAAAAA?CEEEEIIII?NOOOOOxOUUUUY??aaaaaa?ceeeeiiii?nooooo?ouuuuy?y";
static const char latin_extended[] =
	"AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi??JjKkkLlLlLlL" /* 0100 */
	"lLlNnNnNn?NnOoOoOo??RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs" /* 0140 */
	"bBBb??OCcDDDd?EEEFfGGhIIKkll?NnOOoOoPpR??S?tTtTUuUVYyZzZ????????" /* 0180 */
	"?????????????AaIiOoUuUuUuUuUueAaAa??GgGgKkOoOo??j???Gg??NnAa????" /* 01c0 */
	"AaAaEeEeIiIiOoOoRrRrUuUuSsTt?yHhNd??ZzAaEeOoOoOoOoYylnt???ACcLT?" /* 0200 */
	"???BU?EeJj??RrYy";                                                /* 0240 */
static const char ipa[] = /* letters of African alphabets; by sound where no Latin one looks like them */
	"?""??bo?ddee?ee?""??gg?g?""?h?iiil?""??m?mnn?o?""??""??""??""??""??""??s?""??""?tuuvv?""?yzzz"; /* 0250 */
static const char latin_additional[] =
	"AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMm" /* 1e00 */
	"MmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVv" /* 1e40 */
	"WwWwWwWwWwXxXxYyZzZzZzhtwy?s????AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEe" /* 1e80 */
	"EeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy??????"; /* 1ec0 */
static const char greek[] = /* Latin capitals for both; capitals that GSM has are not asked for */
	"A?EHI?O?YOIABGDEZH?IKLMN?OPR?STYFX?OIYAEHIYABGDEZH?IKLMN?OPRSSTYFX?OIYOYO"; /* 0386 */
/* clang-format on */

static const struct run runs[] = {
	{0x00c0, sizeof latin1 - 1, latin1},
	{0x0100, sizeof latin_extended - 1, latin_extended},
	{0x0250, sizeof ipa - 1, ipa},
	{0x0386, sizeof greek - 1, greek},
	{0x1e00, sizeof latin_additional - 1, latin_additional},
};

struct other { /* sorted by code */
	uint32_t code;
	const char *words;
};
static const struct other others[] = {
	{0x005b, "("},   {0x005c, "/"},   {0x005d, ")"},  {0x005e, "'"},   {0x0060, "'"},   {0x007b, "("},
	{0x007c, "/"},   {0x007d, ")"},   {0x007e, "-"},  {0x00a0, " "},   {0x00a1, "!"},   {0x00a2, "c"},
	{0x00a3, "GBP"}, {0x00a5, "JPY"}, {0x00a6, "/"},  {0x00a7, "S."},  {0x00a8, "\""},  {0x00a9, "(c)"},
	{0x00aa, "a"},   {0x00ab, "\""},  {0x00ac, "-"},  {0x00ad, ""},    {0x00ae, "(R)"}, {0x00af, "-"},
	{0x00b0, "o"},   {0x00b1, "+/-"}, {0x00b2, "2"},  {0x00b3, "3"},   {0x00b4, "'"},   {0x00b5, "u"},
	{0x00b7, "."},   {0x00b8, ","},   {0x00b9, "1"},  {0x00ba, "o"},   {0x00bb, "\""},  {0x00bc, "1/4"},
	{0x00bd, "1/2"}, {0x00be, "3/4"}, {0x00bf, "?"},  {0x00c6, "AE"},  {0x00d0, "D"},   {0x00de, "Th"},
	{0x00df, "ss"},  {0x00e6, "ae"},  {0x00f0, "d"},  {0x00f7, "/"},   {0x00fe, "th"},  {0x0132, "IJ"},
	{0x0133, "ij"},  {0x0149, "'n"},  {0x0152, "OE"}, {0x0153, "oe"},  {0x01c4, "DZ"},  {0x01c5, "Dz"},
	{0x01c6, "dz"},  {0x01c7, "LJ"},  {0x01c8, "Lj"}, {0x01c9, "lj"},  {0x01ca, "NJ"},  {0x01cb, "Nj"},
	{0x01cc, "nj"},  {0x01f1, "DZ"},  {0x01f2, "Dz"}, {0x01f3, "dz"},  {0x02b9, "'"},   {0x02bb, "'"},
	{0x02bc, "'"},   {0x02bd, "'"},   {0x02bf, "'"},  {0x02c8, "'"},   {0x02d0, ":"},   {0x0398, "TH"},
	{0x039e, "X"},   {0x03a8, "PS"},  {0x03b8, "TH"}, {0x03be, "X"},   {0x03c8, "PS"},  {0x1e9e, "SS"},
	{0x2010, "-"},   {0x2011, "-"},   {0x2012, "-"},  {0x2013, "-"},   {0x2014, "-"},   {0x2015, "-"},
	{0x2018, "'"},   {0x2019, "'"},   {0x201a, ","},  {0x201b, "'"},   {0x201c, "\""},  {0x201d, "\""},
	{0x201e, "\""},  {0x201f, "\""},  {0x2020, "+"},  {0x2022, "*"},   {0x2024, "."},   {0x2025, ".."},
	{0x2026, "..."}, {0x2027, "."},   {0x2028, "\n"}, {0x2029, "\n"},  {0x202f, " "},   {0x2030, "o/oo"},
	{0x2032, "'"},   {0x2033, "\""},  {0x2039, "'"},  {0x203a, "'"},   {0x203c, "!!"},  {0x2044, "/"},
	{0x205f, " "},   {0x20a1, "C"},   {0x20a6, "N"},  {0x20a8, "Rs"},  {0x20a9, "W"},   {0x20aa, "NIS"},
	{0x20ab, "d"},   {0x20ac, "EUR"}, {0x20b1, "P"},  {0x20b4, "UAH"}, {0x20b5, "GHS"}, {0x20b9, "Rs"},
	{0x20ba, "TL"},  {0x20bd, "RUB"}, {0x2103, "oC"}, {0x2116, "No."}, {0x2117, "(P)"}, {0x2122, "TM"},
	{0x2190, "<-"},  {0x2192, "->"},  {0x21d2, "=>"}, {0x2212, "-"},   {0x2215, "/"},   {0x2217, "*"},
	{0x221e, "oo"},  {0x2248, "="},   {0x2260, "<>"}, {0x2264, "<="},  {0x2265, ">="},  {0x25cf, "*"},
	{0x2605, "*"},   {0x2713, "v"},   {0x2714, "v"},  {0x2717, "x"},   {0x2764, "<3"},  {0x3000, " "},
	{0x3001, ","},   {0x3002, "."},   {0xfb00, "ff"}, {0xfb01, "fi"},  {0xfb02, "fl"},  {0xfb03, "ffi"},
	{0xfb04, "ffl"},
};

/* Marks that stand on the letter before them, joiners, variation selectors: nothing is left of them. */
static bool is_mark(uint32_t code)
{
	return (code >= 0x0300 && code <= 0x036f) || (code >= 0x1ab0 && code <= 0x1aff) ||
	       (code >= 0x1dc0 && code <= 0x1dff) || (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x202a && code <= 0x202e) || (code >= 0x2060 && code <= 0x2064) ||
	       (code >= 0x20d0 && code <= 0x20ff) || (code >= 0xfe00 && code <= 0xfe0f) || code == 0xfeff ||
	       (code >= 0x1f3fb && code <= 0x1f3ff);
}

static int compare(const void *key, const void *at)
{
	uint32_t code = *(const uint32_t *)key;
	const struct other *other = at;

	return code < other->code ? -1 : code > other->code;
}

/* What is written for a character that the alphabet lacks; `one` holds a single letter. */
static const char *words_for(uint32_t code, char one[2])
{
	const struct other *other;

	if (is_mark(code))
		return "";
	if (code >= 0x2000 && code <= 0x200a)
		return " ";
	one[0] = '?';
	if (code >= 0xff01 && code <= 0xff5e) /* full width */
		one[0] = code == 0xff40 ? '\'' : (char)(code - 0xff01 + '!');
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++)
		if (code >= runs[i].first && code < runs[i].first + runs[i].count)
			one[0] = runs[i].letters[code - runs[i].first];
	if (one[0] != '?')
		return one;
	other = bsearch(&code, others, sizeof others / sizeof others[0], sizeof others[0], compare);
	return other != NULL ? other->words : one;
}

static bool has(enum text_alphabet alphabet, const char *character, size_t n)
{
	uint8_t wire[4];
	char one[5] = "";
	size_t len;

	memcpy(one, character, n);
	return text_encode(alphabet, one, wire, sizeof wire, &len) == RC_OK;
}

size_t text_transliterate(enum text_alphabet to, const char *utf8, char *out, size_t size)
{
	size_t written = 0;

	while (*utf8 != '\0') {
		const char *from = utf8, *words;
		uint32_t code = text_utf8_next(&utf8);
		size_t n = (size_t)(utf8 - from);
		char one[2] = "";

		if (has(to, from, n)) {
			words = from;
		} else {
			words = words_for(code, one);
			n = strlen(words);
		}
		if (n > size - 1 - written)
			break;
		memcpy(out + written, words, n);
		written += n;
	}
	out[written] = '\0';
	return written;
}
