/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of plain characters: see text_run.h. Invariant: is_plain and has_odd say the same of each octet (tests/test_text.c). */
#include "core/text_run.h"

#include <stdbool.h>
#include <string.h>

#define BLOCK 16

/* Signed, so that everything beyond ASCII is less than a blank. The compiler makes the best of it that the processor has. */
typedef int8_t block __attribute__((vector_size(BLOCK)));

static inline bool is_plain(int8_t c)
{
	return (c >= ' ' || c == '\n' || c == '\r') && c != '$' && c != '@' && c < '{' &&
	       (c < '[' || c > '`');
}

static inline bool has_odd(const uint8_t *p)
{
	uint64_t half[2];
	block b, odd;

	memcpy(&b, p, BLOCK);
	odd = ((b < ' ') & (b != '\n') & (b != '\r')) | (b == '$') | (b == '@') | (b >= '{') |
	      ((b >= '[') & (b <= '`'));
	memcpy(half, &odd, BLOCK);
	return (half[0] | half[1]) != 0;
}

size_t text_run(const uint8_t *p, size_t len)
{
	size_t n = 0;

	while (len - n >= BLOCK && !has_odd(p + n))
		n += BLOCK;
	/* The rest together with what was seen before it. */
	if (n > 0 && n < len && len - n < BLOCK && !has_odd(p + len - BLOCK))
		return len;
	while (n < len && is_plain((int8_t)p[n]))
		n++;
	return n;
}
