/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters: tables of what is not a letter, and folding (letters.h). Ranges: the Unicode character database, blocks and
 * general categories N*, P*, S*, C*, Z* of the scripts in living use; what is not listed counts as a letter, since
 * refusing somebody's name is worse than keeping a rare sign.
 */
#include "menus/letters.h"

#include <string.h>

#include "core/text.h"

static const struct {
	uint32_t from, to;
} not_letters[] = {
	{0x0000, 0x0040}, {0x005b, 0x0060},   {0x007b, 0x00a9},   {0x00ab, 0x00b4},   {0x00b6, 0x00b9},
	{0x00bb, 0x00bf}, {0x00d7, 0x00d7},   {0x00f7, 0x00f7},   {0x02c2, 0x02c5},   {0x037e, 0x037e},
	{0x0387, 0x0387}, {0x0482, 0x0482},   {0x055a, 0x055f},   {0x0589, 0x058f},   {0x05be, 0x05be},
	{0x05c0, 0x05c0}, {0x05c3, 0x05c3},   {0x05f3, 0x05f4},   {0x0600, 0x060f},   {0x061b, 0x061f},
	{0x0660, 0x066d}, {0x06d4, 0x06d4},   {0x06f0, 0x06f9},   {0x0700, 0x070f},   {0x07c0, 0x07c9},
	{0x07f6, 0x07f9}, {0x0964, 0x096f},   {0x09e6, 0x09ef},   {0x09f2, 0x09fb},   {0x0a66, 0x0a6f},
	{0x0ae6, 0x0af1}, {0x0b66, 0x0b6f},   {0x0be6, 0x0bfa},   {0x0c66, 0x0c7f},   {0x0ce6, 0x0cef},
	{0x0d66, 0x0d79}, {0x0de6, 0x0def},   {0x0df4, 0x0df4},   {0x0e3f, 0x0e3f},   {0x0e4f, 0x0e5b},
	{0x0ed0, 0x0ed9}, {0x0f01, 0x0f17},   {0x0f1a, 0x0f34},   {0x1040, 0x104f},   {0x1090, 0x1099},
	{0x1360, 0x137c}, {0x1390, 0x1399},   {0x166d, 0x166e},   {0x16eb, 0x16ed},   {0x17d4, 0x17d6},
	{0x17d8, 0x17db}, {0x17e0, 0x17f9},   {0x1800, 0x1819},   {0x1946, 0x194f},   {0x19d0, 0x19da},
	{0x1a80, 0x1a99}, {0x1b50, 0x1b59},   {0x1bb0, 0x1bb9},   {0x1c40, 0x1c49},   {0x2000, 0x200b},
	{0x200e, 0x2bff}, {0x2e00, 0x3004},   {0x3007, 0x3030},   {0x303d, 0x303f},   {0x30fb, 0x30fb},
	{0x3190, 0x319f}, {0x31c0, 0x31ef},   {0x3200, 0x33ff},   {0x4dc0, 0x4dff},   {0xa4fe, 0xa4ff},
	{0xa60d, 0xa60f}, {0xa620, 0xa629},   {0xa6f2, 0xa6f7},   {0xd800, 0xf8ff},   {0xfd3e, 0xfd4f},
	{0xfe00, 0xfe1f}, {0xfe30, 0xfe6f},   {0xfeff, 0xff20},   {0xff3b, 0xff40},   {0xff5b, 0xff65},
	{0xffe0, 0xffff}, {0x10100, 0x1018f}, {0x1d000, 0x1d7ff}, {0x1ee00, 0x1fbff}, {0xe0000, 0x10ffff},
};

bool letters_is_letter(uint32_t c)
{
	size_t low = 0, high = sizeof(not_letters) / sizeof(not_letters[0]);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c < not_letters[middle].from)
			high = middle;
		else if (c > not_letters[middle].to)
			low = middle + 1;
		else
			return false;
	}
	return true;
}

uint32_t letters_fold(uint32_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c + 32;
	if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
		return c + 32;
	if (c >= 0x400 && c <= 0x40f)
		return c + 80;
	if ((c >= 0x100 && c <= 0x137 && c != 0x130 && c != 0x131) || (c >= 0x14a && c <= 0x177))
		return c | 1;
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
		return c + (c & 1);
	return c;
}

/* Latin letters beyond ASCII: two blocks letter by letter, then those of African and Vietnamese spelling. */
static uint32_t bare_latin(uint32_t c)
{
	static const char latin1[] = "aaaaaaaceeeeiiiidnooooo ouuuuyty";
	static const char extended[] = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnn"
				       "nnnnnnnoooooooorrrrrrssssssss"
				       "ttttttuuuuuuuuuuuuwwyyyzzzzzzs";
	static const struct {
		uint32_t from, to;
		char bare;
	} more[] = {
		{0x0181, 0x0181, 'b'}, {0x0186, 0x0186, 'o'}, {0x0189, 0x018a, 'd'}, {0x0190, 0x0190, 'e'},
		{0x0198, 0x0199, 'k'}, {0x019d, 0x019e, 'n'}, {0x01b3, 0x01b4, 'y'}, {0x01cd, 0x01ce, 'a'},
		{0x01cf, 0x01d0, 'i'}, {0x01d1, 0x01d2, 'o'}, {0x01d3, 0x01dc, 'u'}, {0x0253, 0x0253, 'b'},
		{0x0254, 0x0254, 'o'}, {0x0256, 0x0257, 'd'}, {0x025b, 0x025b, 'e'}, {0x1e60, 0x1e69, 's'},
		{0x1ea0, 0x1eb7, 'a'}, {0x1eb8, 0x1ec7, 'e'}, {0x1ec8, 0x1ecb, 'i'}, {0x1ecc, 0x1ee3, 'o'},
		{0x1ee4, 0x1ef1, 'u'}, {0x1ef2, 0x1ef9, 'y'},
	};

	if (c == 0xdf)
		return 's';
	if (c >= 0xe0 && c <= 0xff)
		return (unsigned char)latin1[c - 0xe0];
	if (c >= 0x100 && c <= 0x17f)
		return (unsigned char)extended[c - 0x100];
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		if (c >= more[i].from && c <= more[i].to)
			return (unsigned char)more[i].bare;
	}
	return c;
}

uint32_t letters_bare(uint32_t c)
{
	if (c == '\'' || c == '`' || c == 0xb4 || c == 0x02bc || c == 0x2018 || c == 0x2019 ||
	    (c >= 0x300 && c <= 0x36f))
		return 0;
	c = letters_fold(c);
	if (c < 0x80)
		return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : ' ';
	if (c < 0x1f00 && (c >= 0xdf && c != 0xf7))
		c = bare_latin(c);
	return letters_is_letter(c) || c == ' ' ? c : ' ';
}

bool letters_same(const char *a, const char *b)
{
	uint32_t x, y;

	do {
		x = letters_fold(text_utf8_next(&a));
		y = letters_fold(text_utf8_next(&b));
	} while (x == y && x != 0);
	return x == y;
}

static bool is_blank(uint32_t c)
{
	return c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x2028 || c == 0x2029 || c == 0x3000 ||
	       c == 0xfeff || (c >= 0x2000 && c <= 0x200b);
}

size_t letters_tidy(const char *text, char *out, size_t size)
{
	size_t len = 0;
	bool blank = false;

	for (;;) {
		char encoded[4];
		size_t n;
		uint32_t c = text_utf8_next(&text);

		if (c == 0)
			break;
		if (is_blank(c)) {
			blank = len > 0;
			continue;
		}
		n = letters_encode(c == 0xfffd ? '?' : c, encoded);
		if (len + blank + n >= size)
			break;
		if (blank)
			out[len++] = ' ';
		blank = false;
		memcpy(out + len, encoded, n);
		len += n;
	}
	out[len] = '\0';
	return len;
}

size_t letters_encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}
