/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text on a phone: UTF-8, the GSM 7-bit default alphabet, UCS-2.
 *
 * Invariant: every function that is given a length reads inside it and nowhere else; decoding gives valid UTF-8
 * for any bytes. Two tables carry GSM 03.38 (3GPP TS 23.038, 6.2.1 and 6.2.1.1): from septet to code point and,
 * for measuring, which runs for each screen, straight from code point to septet.
 */
#include "core/text.h"

#include <string.h>

#include "core/text_run.h"

#define ESC 0x1b
#define REPLACEMENT 0xfffd
#define EURO 0x20ac

/* 6.2.1, by septet. 0 at ESC, which is no character. */
static const uint16_t gsm_basic[128] = {
	0x0040, 0x00a3, 0x0024, 0x00a5, 0x00e8, 0x00e9, 0x00f9, 0x00ec, /* 00 */
	0x00f2, 0x00c7, 0x000a, 0x00d8, 0x00f8, 0x000d, 0x00c5, 0x00e5, /* 08 */
	0x0394, 0x005f, 0x03a6, 0x0393, 0x039b, 0x03a9, 0x03a0, 0x03a8, /* 10 */
	0x03a3, 0x0398, 0x039e, 0x0000, 0x00c6, 0x00e6, 0x00df, 0x00c9, /* 18 */
	0x0020, 0x0021, 0x0022, 0x0023, 0x00a4, 0x0025, 0x0026, 0x0027, /* 20 */
	0x0028, 0x0029, 0x002a, 0x002b, 0x002c, 0x002d, 0x002e, 0x002f, /* 28 */
	0x0030, 0x0031, 0x0032, 0x0033, 0x0034, 0x0035, 0x0036, 0x0037, /* 30 */
	0x0038, 0x0039, 0x003a, 0x003b, 0x003c, 0x003d, 0x003e, 0x003f, /* 38 */
	0x00a1, 0x0041, 0x0042, 0x0043, 0x0044, 0x0045, 0x0046, 0x0047, /* 40 */
	0x0048, 0x0049, 0x004a, 0x004b, 0x004c, 0x004d, 0x004e, 0x004f, /* 48 */
	0x0050, 0x0051, 0x0052, 0x0053, 0x0054, 0x0055, 0x0056, 0x0057, /* 50 */
	0x0058, 0x0059, 0x005a, 0x00c4, 0x00d6, 0x00d1, 0x00dc, 0x00a7, /* 58 */
	0x00bf, 0x0061, 0x0062, 0x0063, 0x0064, 0x0065, 0x0066, 0x0067, /* 60 */
	0x0068, 0x0069, 0x006a, 0x006b, 0x006c, 0x006d, 0x006e, 0x006f, /* 68 */
	0x0070, 0x0071, 0x0072, 0x0073, 0x0074, 0x0075, 0x0076, 0x0077, /* 70 */
	0x0078, 0x0079, 0x007a, 0x00e4, 0x00f6, 0x00f1, 0x00fc, 0x00e0, /* 78 */
};

/* What B and X leave in gsm_of: the septet, and where it stands. 0 = not in GSM 03.38. */
#define GSM_BASIC 0x100
#define GSM_EXTENSION 0x200
#define B(septet) (GSM_BASIC | (septet))
#define X(septet) (GSM_EXTENSION | (septet))

/* By code point; the Euro sign, far above all others, is handled by gsm_by_code. */
#define GSM_OF_SIZE 0x3aa
static const uint16_t gsm_of[GSM_OF_SIZE] = {
	[0x00a] = B(0x0a), [0x00c] = X(0x0a), [0x00d] = B(0x0d), [0x020] = B(0x20), [0x021] = B(0x21),
	[0x022] = B(0x22), [0x023] = B(0x23), [0x024] = B(0x02), [0x025] = B(0x25), [0x026] = B(0x26),
	[0x027] = B(0x27), [0x028] = B(0x28), [0x029] = B(0x29), [0x02a] = B(0x2a), [0x02b] = B(0x2b),
	[0x02c] = B(0x2c), [0x02d] = B(0x2d), [0x02e] = B(0x2e), [0x02f] = B(0x2f), [0x030] = B(0x30),
	[0x031] = B(0x31), [0x032] = B(0x32), [0x033] = B(0x33), [0x034] = B(0x34), [0x035] = B(0x35),
	[0x036] = B(0x36), [0x037] = B(0x37), [0x038] = B(0x38), [0x039] = B(0x39), [0x03a] = B(0x3a),
	[0x03b] = B(0x3b), [0x03c] = B(0x3c), [0x03d] = B(0x3d), [0x03e] = B(0x3e), [0x03f] = B(0x3f),
	[0x040] = B(0x00), [0x041] = B(0x41), [0x042] = B(0x42), [0x043] = B(0x43), [0x044] = B(0x44),
	[0x045] = B(0x45), [0x046] = B(0x46), [0x047] = B(0x47), [0x048] = B(0x48), [0x049] = B(0x49),
	[0x04a] = B(0x4a), [0x04b] = B(0x4b), [0x04c] = B(0x4c), [0x04d] = B(0x4d), [0x04e] = B(0x4e),
	[0x04f] = B(0x4f), [0x050] = B(0x50), [0x051] = B(0x51), [0x052] = B(0x52), [0x053] = B(0x53),
	[0x054] = B(0x54), [0x055] = B(0x55), [0x056] = B(0x56), [0x057] = B(0x57), [0x058] = B(0x58),
	[0x059] = B(0x59), [0x05a] = B(0x5a), [0x05b] = X(0x3c), [0x05c] = X(0x2f), [0x05d] = X(0x3e),
	[0x05e] = X(0x14), [0x05f] = B(0x11), [0x061] = B(0x61), [0x062] = B(0x62), [0x063] = B(0x63),
	[0x064] = B(0x64), [0x065] = B(0x65), [0x066] = B(0x66), [0x067] = B(0x67), [0x068] = B(0x68),
	[0x069] = B(0x69), [0x06a] = B(0x6a), [0x06b] = B(0x6b), [0x06c] = B(0x6c), [0x06d] = B(0x6d),
	[0x06e] = B(0x6e), [0x06f] = B(0x6f), [0x070] = B(0x70), [0x071] = B(0x71), [0x072] = B(0x72),
	[0x073] = B(0x73), [0x074] = B(0x74), [0x075] = B(0x75), [0x076] = B(0x76), [0x077] = B(0x77),
	[0x078] = B(0x78), [0x079] = B(0x79), [0x07a] = B(0x7a), [0x07b] = X(0x28), [0x07c] = X(0x40),
	[0x07d] = X(0x29), [0x07e] = X(0x3d), [0x0a1] = B(0x40), [0x0a3] = B(0x01), [0x0a4] = B(0x24),
	[0x0a5] = B(0x03), [0x0a7] = B(0x5f), [0x0bf] = B(0x60), [0x0c4] = B(0x5b), [0x0c5] = B(0x0e),
	[0x0c6] = B(0x1c), [0x0c7] = B(0x09), [0x0c9] = B(0x1f), [0x0d1] = B(0x5d), [0x0d6] = B(0x5c),
	[0x0d8] = B(0x0b), [0x0dc] = B(0x5e), [0x0df] = B(0x1e), [0x0e0] = B(0x7f), [0x0e4] = B(0x7b),
	[0x0e5] = B(0x0f), [0x0e6] = B(0x1d), [0x0e8] = B(0x04), [0x0e9] = B(0x05), [0x0ec] = B(0x07),
	[0x0f1] = B(0x7d), [0x0f2] = B(0x08), [0x0f6] = B(0x7c), [0x0f8] = B(0x0c), [0x0f9] = B(0x06),
	[0x0fc] = B(0x7e), [0x393] = B(0x13), [0x394] = B(0x10), [0x398] = B(0x19), [0x39b] = B(0x14),
	[0x39e] = B(0x1a), [0x3a0] = B(0x16), [0x3a3] = B(0x18), [0x3a6] = B(0x12), [0x3a8] = B(0x17),
	[0x3a9] = B(0x15),
};

static inline unsigned gsm_by_code(uint32_t code)
{
	if (code < GSM_OF_SIZE)
		return gsm_of[code];
	return code == EURO ? X(0x65) : 0;
}

/* How many bytes from here are each one character, one septet and one unit: most texts as a whole. No decoding, one table. */
static size_t plain_run(const uint8_t *p, size_t len)
{
	size_t n = text_run(p, len);

	while (n < len && p[n] < 0x80 && (gsm_of[p[n]] & GSM_BASIC))
		n++;
	return n;
}

/* 6.2.1.1: the character after ESC. What the extension table lacks is shown as the basic character; a second
 * ESC, kept for tables that do not exist yet, as a space. */
static uint32_t gsm_after_escape(uint8_t septet)
{
	switch (septet) {
	case 0x0a:
		return '\f';
	case 0x14:
		return '^';
	case 0x28:
		return '{';
	case 0x29:
		return '}';
	case 0x2f:
		return '\\';
	case 0x3c:
		return '[';
	case 0x3d:
		return '~';
	case 0x3e:
		return ']';
	case 0x40:
		return '|';
	case 0x65:
		return EURO;
	case ESC:
		return ' ';
	default:
		return gsm_basic[septet];
	}
}

/* Decode the sequence at p, of which `left` >= 1 bytes may be read. A malformed one gives U+FFFD and *used = 1;
 * a well-formed U+FFFD has *used = 3. Unicode, table 3-7: the second byte's range keeps overlongs, surrogates
 * and everything above U+10FFFF out. */
static uint32_t utf8_decode(const uint8_t *p, size_t left, size_t *used)
{
	uint8_t low = 0x80, high = 0xbf;
	uint32_t code;
	size_t n;

	*used = 1;
	if (p[0] < 0x80)
		return p[0];
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return REPLACEMENT;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n > left)
		return REPLACEMENT;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	code = p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (p[i] < low || p[i] > high)
			return REPLACEMENT;
		code = code << 6 | (p[i] & 0x3fu);
		low = 0x80;
		high = 0xbf;
	}
	*used = n;
	return code;
}

static size_t utf8_encode(uint32_t code, uint8_t out[4])
{
	if (code < 0x80) {
		out[0] = (uint8_t)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (uint8_t)(0xc0 | code >> 6);
		out[1] = (uint8_t)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (uint8_t)(0xe0 | code >> 12);
		out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | code >> 18);
	out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (code & 0x3f));
	return 4;
}

bool text_utf8_valid(const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t used;

	for (size_t at = plain_run(p, len); at < len; at += used) {
		uint32_t code = utf8_decode(p + at, len - at, &used);

		if (code == REPLACEMENT && used == 1)
			return false;
	}
	return true;
}

uint32_t text_utf8_next(const char **at)
{
	size_t used;
	uint32_t code;

	if (!**at)
		return 0;
	/* A NUL is no continuation byte, so the sequence ends there at the latest. */
	code = utf8_decode((const uint8_t *)*at, 4, &used);
	*at += used;
	return code;
}

size_t text_utf8_put(uint32_t code, char out[4])
{
	return utf8_encode(code, (uint8_t *)out);
}

uint32_t text_gsm_character(uint8_t septet)
{
	return gsm_basic[septet & 0x7f];
}

/* Add one character to a running cost. */
static inline void cost_add(struct text_cost *cost, uint32_t code, size_t at)
{
	unsigned gsm = gsm_by_code(code);

	cost->characters++;
	cost->ucs2_units += code > 0xffff ? 2 : 1;
	cost->septets += gsm & GSM_EXTENSION ? 2 : 1;
	if (!gsm && cost->gsm7) {
		cost->gsm7 = false;
		cost->odd = code;
		cost->odd_at = at;
	}
}

struct text_cost text_measure(const char *utf8, size_t len)
{
	const uint8_t *p = (const uint8_t *)utf8;
	struct text_cost cost = {.gsm7 = true};
	size_t plain = plain_run(p, len), used;

	cost.characters = cost.septets = cost.ucs2_units = plain;
	for (size_t at = plain; at < len; at += used)
		cost_add(&cost, utf8_decode(p + at, len - at, &used), at);
	if (!cost.gsm7)
		cost.septets = 0;
	return cost;
}

void text_cost_add(struct text_cost *sum, const struct text_cost *more)
{
	sum->gsm7 = sum->gsm7 && more->gsm7;
	sum->characters += more->characters;
	sum->ucs2_units += more->ucs2_units;
	sum->septets = sum->gsm7 ? sum->septets + more->septets : 0;
}

bool text_cost_fits(const struct text_cost *cost, size_t page)
{
	return cost->gsm7 ? cost->septets <= page : cost->ucs2_units <= page / 2;
}

bool text_fits(const char *utf8, size_t len, size_t page)
{
	struct text_cost cost = text_measure(utf8, len);

	return text_cost_fits(&cost, page);
}

static void put_unit(uint8_t *out, uint32_t unit)
{
	out[0] = (uint8_t)(unit >> 8);
	out[1] = (uint8_t)unit;
}

static size_t ucs2_encode(uint32_t code, uint8_t out[4])
{
	if (code < 0x10000) {
		put_unit(out, code);
		return 2;
	}
	put_unit(out, 0xd800 + ((code - 0x10000) >> 10));
	put_unit(out + 2, 0xdc00 + ((code - 0x10000) & 0x3ff));
	return 4;
}

static size_t gsm_encode(uint32_t code, uint8_t out[4])
{
	unsigned gsm = gsm_by_code(code);

	if (gsm & GSM_BASIC) {
		out[0] = (uint8_t)gsm;
		return 1;
	}
	if (!gsm)
		return 0;
	out[0] = ESC;
	out[1] = (uint8_t)gsm;
	return 2;
}

/* One character in an alphabet: its bytes and their number, 0 if the alphabet does not have it. */
static size_t encode_one(enum text_alphabet to, uint32_t code, uint8_t out[4])
{
	switch (to) {
	case TEXT_GSM7:
		return gsm_encode(code, out);
	case TEXT_UCS2:
		return ucs2_encode(code, out);
	case TEXT_LATIN1:
	case TEXT_ASCII:
		out[0] = (uint8_t)code;
		return code < (to == TEXT_ASCII ? 0x80u : 0x100u);
	case TEXT_UTF8:
		return utf8_encode(code, out);
	}
	return 0;
}

enum rc text_encode(enum text_alphabet to, const char *utf8, uint8_t *out, size_t size, size_t *len)
{
	const uint8_t *p = (const uint8_t *)utf8;
	size_t in_len = strlen(utf8), total = 0, used, n;
	uint8_t one[4];

	if (to == TEXT_GSM7 && in_len <= size && plain_run(p, in_len) == in_len) {
		for (size_t at = 0; at < in_len; at++)
			out[at] = (uint8_t)gsm_of[p[at]];
		*len = in_len;
		return RC_OK;
	}
	/* A first round only counts, so that `out` is untouched unless everything fits. */
	if (!text_utf8_valid(utf8, in_len))
		return RC_SYNTAX;
	for (size_t at = 0; at < in_len; at += used) {
		n = encode_one(to, utf8_decode(p + at, in_len - at, &used), one);
		if (n == 0)
			return RC_RANGE;
		total += n;
	}
	if (total > size)
		return RC_FULL;
	total = 0;
	for (size_t at = 0; at < in_len; at += used) {
		n = encode_one(to, utf8_decode(p + at, in_len - at, &used), one);
		memcpy(out + total, one, n);
		total += n;
	}
	*len = total;
	return RC_OK;
}

static uint32_t unit_at(const uint8_t *in)
{
	return (uint32_t)in[0] << 8 | in[1];
}

/* UTF-16 in fact: phones pair surrogates. `left` >= 2 and even. */
static uint32_t ucs2_decode(const uint8_t *in, size_t left, size_t *used)
{
	uint32_t first = unit_at(in), second;

	*used = 2;
	if (first < 0xd800 || first > 0xdfff)
		return first;
	if (first > 0xdbff || left < 4)
		return REPLACEMENT;
	second = unit_at(in + 2);
	if (second < 0xdc00 || second > 0xdfff)
		return REPLACEMENT;
	*used = 4;
	return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

/* `left` >= 1. A lone ESC at the end gives '\r', which the caller drops. */
static uint32_t gsm_decode(const uint8_t *in, size_t left, size_t *used)
{
	*used = 1;
	if (in[0] >= 0x80)
		return REPLACEMENT;
	if (in[0] != ESC)
		return gsm_basic[in[0]];
	if (left < 2)
		return '\r';
	*used = 2;
	return in[1] < 0x80 ? gsm_after_escape(in[1]) : REPLACEMENT;
}

static uint32_t decode_one(enum text_alphabet from, const uint8_t *in, size_t left, size_t *used)
{
	*used = 1;
	switch (from) {
	case TEXT_GSM7:
		return gsm_decode(in, left, used);
	case TEXT_UCS2:
		return ucs2_decode(in, left, used);
	case TEXT_LATIN1:
		return in[0];
	case TEXT_ASCII:
		return in[0] < 0x80 ? in[0] : REPLACEMENT;
	case TEXT_UTF8:
		return utf8_decode(in, left, used);
	}
	return REPLACEMENT;
}

static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

static bool is_printable(uint32_t code)
{
	return code >= 0x20 && code < 0x7f;
}

size_t text_decode(enum text_alphabet from, const uint8_t *in, size_t len, char *out, size_t size)
{
	size_t unit = from == TEXT_UCS2 ? 2 : 1;
	size_t written = 0, used, n;
	uint8_t one[4];

	len -= len % unit;
	if (len >= unit && in[len - 1] == 0 && in[len - unit] == 0)
		len -= unit;
	for (size_t at = 0; at < len; at += used) {
		uint32_t code = from == TEXT_GSM7 && in[at] < 0x80 ? gsm_basic[in[at]] : 0;

		if (is_printable(code)) { /* most of what comes: one byte */
			if (written == size - 1)
				break;
			out[written++] = (char)code;
			used = 1;
			continue;
		}
		code = decode_one(from, in + at, len - at, &used);
		if (code == '\r')
			continue;
		if (is_control(code) && code != '\n')
			code = ' ';
		n = utf8_encode(code, one);
		if (n > size - 1 - written)
			break;
		memcpy(out + written, one, n);
		written += n;
	}
	out[written] = '\0';
	return written;
}

/* Bytes of the longest beginning of the text that fits one page together with n_dots dots and is, with them,
 * no longer in bytes than the text was: extension characters cost more on the page than in memory. */
static size_t longest_fit(const char *utf8, size_t len, size_t limit, size_t n_dots)
{
	const uint8_t *p = (const uint8_t *)utf8;
	struct text_cost cost = {.gsm7 = true};
	size_t fit = 0, used;

	for (size_t at = 0; at < len; at += used) {
		struct text_cost with_dots;

		cost_add(&cost, utf8_decode(p + at, len - at, &used), at);
		with_dots = cost;
		with_dots.septets += n_dots;
		with_dots.ucs2_units += n_dots;
		if (!text_cost_fits(&with_dots, limit) || at + used + n_dots > len)
			break;
		fit = at + used;
	}
	return fit;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\n';
}

size_t text_shorten(char *utf8, size_t limit)
{
	size_t len = strlen(utf8), n_dots = 3, end, word;

	if (text_fits(utf8, len, limit))
		return len;
	/* Too little room for dots at all: the dots give way. */
	if (limit < n_dots || len < n_dots)
		n_dots = 0;
	end = longest_fit(utf8, len, limit, n_dots);
	for (word = end; word > end - end / 3 && !is_blank(utf8[word]); word--)
		;
	if (is_blank(utf8[word]))
		end = word;
	while (end > 0 && is_blank(utf8[end - 1]))
		end--;
	memcpy(utf8 + end, "...", n_dots);
	utf8[end + n_dots] = '\0';
	return end + n_dots;
}
