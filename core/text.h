/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text on a phone: UTF-8 inside, GSM 03.38 or UCS-2 on the wire.
 *
 * Inside the product every text is valid UTF-8 without NUL. A text that fits the GSM 7-bit default
 * alphabet (with its extension table) costs one septet a character, two for an extension character;
 * one character outside of it forces the whole text into UCS-2. Septets are unpacked here (one a
 * byte), as SMPP carries them. Sources: 3GPP TS 23.038 6.2.1 and 6.2.1.1 (tables), 6.2.3 (UCS-2).
 */
#ifndef STARHASH_CORE_TEXT_H
#define STARHASH_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"

/* Limits of one USSD string: 160 octets (3GPP TS 24.080, USSD-String). */
#define TEXT_USSD_SEPTETS 182 /* 160 * 8 / 7 */
#define TEXT_USSD_UCS2 80     /* code units */

enum text_alphabet { TEXT_GSM7, TEXT_UCS2, TEXT_LATIN1, TEXT_ASCII, TEXT_UTF8 };

/* Is it well-formed UTF-8 (no overlongs, no surrogates, at most U+10FFFF)? */
bool text_utf8_valid(const char *text, size_t len);

/* Next code point of valid UTF-8; advances *at; 0 at the NUL. Malformed bytes give U+FFFD, one each. */
uint32_t text_utf8_next(const char **at);

/* Write one code point (at most U+10FFFF, no surrogate); returns its bytes, 1 to 4. No NUL is added. */
size_t text_utf8_put(uint32_t code, char out[4]);

/* The character of a septet (0..127) of the default alphabet, 3GPP TS 23.038, 6.2.1; 0 at ESC. */
uint32_t text_gsm_character(uint8_t septet);

/* What a text costs. `characters` = code points. `septets` counts extension characters twice and is
 * 0 when `gsm7` is false. `ucs2_units` counts surrogate pairs as two. `odd` is the first code point
 * that is outside GSM 03.38 (0 if none) and `odd_at` its byte offset: for messages to menu writers. */
struct text_cost {
	bool gsm7;
	size_t characters;
	size_t septets;
	size_t ucs2_units;
	uint32_t odd;
	size_t odd_at;
};
struct text_cost text_measure(const char *utf8, size_t len);

/* `sum` becomes the cost of a text and another one behind it. Of `odd` and `odd_at` the sum says nothing. */
void text_cost_add(struct text_cost *sum, const struct text_cost *more);
/* As text_fits. */
bool text_cost_fits(const struct text_cost *cost, size_t page);

/* Does the text fit one USSD page of `page` characters? GSM-7: septets <= page. UCS-2: units <= page/2,
 * because the same octets hold half as many. */
bool text_fits(const char *utf8, size_t len, size_t page);

/* Encode to the wire. `out` of `size` bytes; *len = bytes written. GSM7 is unpacked with ESC (0x1b)
 * pairs; UCS2 is big endian with surrogate pairs.
 * Returns RC_OK; RC_RANGE (a character that the alphabet does not have); RC_FULL (out too small);
 * RC_SYNTAX (not UTF-8). */
enum rc text_encode(enum text_alphabet to, const char *utf8, uint8_t *out, size_t size,
                    size_t *len) RC_NODISCARD;

/* Decode from the wire into NUL-terminated UTF-8. Never fails on content: what cannot be read becomes
 * U+FFFD, control characters other than \n become a space (\r is dropped), a lone ESC at the end is dropped, an odd last
 * byte of UCS-2 is dropped. One trailing NUL of the input is stripped. A result longer than `size` is
 * cut at a character boundary.
 * Returns the number of bytes written without the NUL. `size` >= 1. */
size_t text_decode(enum text_alphabet from, const uint8_t *in, size_t len, char *out, size_t size);

/* Cut a UTF-8 text in place to at most `limit` page characters (as text_fits), at a word boundary when
 * one lies in the last third, and end it with "..." if anything was cut. Returns the new length. */
size_t text_shorten(char *utf8, size_t limit);

#endif
