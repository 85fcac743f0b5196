/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounded text buffer.
 *
 * Invariant: at[len] is NUL and len < cap. Once something did not fit, nothing more is added: what the
 * buffer holds is always a prefix of what was asked for, never a text with a hole.
 */
#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void buf_init(struct buf *b, char *memory, size_t cap)
{
	b->at = memory;
	b->cap = cap;
	buf_reset(b);
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->cut = false;
	b->at[0] = '\0';
}

/* Bytes that the UTF-8 sequence of this lead byte has; 1 for anything that leads nothing. */
static size_t sequence_length(unsigned char lead)
{
	if (lead >= 0xf0 && lead <= 0xf4)
		return 4;
	if (lead >= 0xe0 && lead < 0xf0)
		return 3;
	if (lead >= 0xc2 && lead < 0xe0)
		return 2;
	return 1;
}

/* Drop a sequence at the end that lost its last bytes. Also right for sequences that came byte by byte. */
static void cut_here(struct buf *b)
{
	size_t back = 0;

	b->cut = true;
	while (back < 3 && back < b->len && ((unsigned char)b->at[b->len - 1 - back] & 0xc0) == 0x80)
		back++;
	if (back < b->len && sequence_length((unsigned char)b->at[b->len - 1 - back]) > back + 1)
		b->len -= back + 1;
	b->at[b->len] = '\0';
}

void buf_add(struct buf *b, const char *text)
{
	if (text)
		buf_add_n(b, text, strlen(text));
}

void buf_add_n(struct buf *b, const char *text, size_t n)
{
	size_t room = b->cap - 1 - b->len;
	bool fits = n <= room;

	if (b->cut || n == 0)
		return;
	if (!fits)
		n = room;
	memcpy(b->at + b->len, text, n);
	b->len += n;
	b->at[b->len] = '\0';
	if (!fits)
		cut_here(b);
}

void buf_add_char(struct buf *b, char c)
{
	buf_add_n(b, &c, 1);
}

void buf_add_int(struct buf *b, int64_t value)
{
	char text[20]; /* a sign and 19 digits */
	size_t at = sizeof text;
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do
		text[--at] = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (value < 0)
		text[--at] = '-';
	buf_add_n(b, text + at, sizeof text - at);
}

void buf_printf(struct buf *b, const char *format, ...)
{
	size_t room = b->cap - b->len;
	va_list args;
	int n;

	if (b->cut)
		return;
	va_start(args, format);
	n = vsnprintf(b->at + b->len, room, format, args);
	va_end(args);
	if (n >= 0 && (size_t)n < room) {
		b->len += (size_t)n;
		return;
	}
	/* A negative result (an output longer than INT_MAX) leaves nothing that could be relied on. */
	if (n >= 0)
		b->len = b->cap - 1;
	cut_here(b);
}
