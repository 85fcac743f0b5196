/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of other people for a terminal: nothing of theirs may speak to it, begin a line, or turn the order of letters round. */
#ifndef STARHASH_TOOLS_SAFE_H
#define STARHASH_TOOLS_SAFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAFE_SIZE 8192 /* bytes with NUL; what is longer ends with "..." */

/* A control character (C0, DEL, C1), a mark that changes the direction of text (U+202A..U+202E, U+2066..U+2069)
 * or one that breaks a line (U+2028, U+2029)? */
bool safe_is_sign(uint32_t code);

/* `text` with each such sign, and what is no UTF-8, written out: "\x1b", "\u202e". Returns out. */
const char *safe_text(const char *text, char *out, size_t size);

/* The same as an expression; valid until the block ends. */
#define SAFE(text) safe_text((text), (char[SAFE_SIZE]){""}, SAFE_SIZE)

#endif
