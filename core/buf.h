/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounded text buffer over memory that the caller owns.
 *
 * Invariant: at[len] is NUL and len < cap. What does not fit is cut at a UTF-8 boundary and `cut` stays
 * true, so a caller checks once at the end.
 */
#ifndef STARHASH_CORE_BUF_H
#define STARHASH_CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *at;
	size_t len;
	size_t cap; /* bytes of memory, NUL included; >= 1 */
	bool cut;
};

void buf_init(struct buf *b, char *memory, size_t cap);
void buf_reset(struct buf *b);
void buf_add(struct buf *b, const char *text);
void buf_add_n(struct buf *b, const char *text, size_t n);
void buf_add_char(struct buf *b, char c);
void buf_add_int(struct buf *b, int64_t value); /* decimal; a fifth of what buf_printf takes */
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
