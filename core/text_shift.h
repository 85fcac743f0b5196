/* SPDX-License-Identifier: GPL-3.0-or-later */
/* National language shift tables: SMS whose user data header names a language (3GPP TS 23.038, annex A).
 *
 * A locking shift replaces the default alphabet, a single shift replaces the extension table behind ESC. Decoding only: what
 * this product writes is GSM 03.38 or UCS-2. Languages of 23.038 6.2.1.2.4: 1 Turkish, 2 Spanish (single shift only),
 * 3 Portuguese, 4 Bengali, 5 Gujarati, 6 Hindi, 7 Kannada, 8 Malayalam, 9 Oriya, 10 Punjabi, 11 Tamil, 12 Telugu, 13 Urdu.
 */
#ifndef STARHASH_CORE_TEXT_SHIFT_H
#define STARHASH_CORE_TEXT_SHIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_SHIFT_LAST 13

struct text_shift {
	uint8_t locking, single; /* number of the language, 0 = the default tables */
};

/* Is there a table? One of a number that is not known is read as the default table. */
bool text_shift_is_locking(uint8_t language);
bool text_shift_is_single(uint8_t language);

/* Decode unpacked septets as text_decode does (core/text.h), but by these tables. A place of a locking table that holds no
 * character gives "?"; one of a single shift table gives the character of the locking table there, as 23.038 demands.
 * Returns the number of bytes written without the NUL. `size` >= 1. */
size_t text_decode_shifted(struct text_shift shift, const uint8_t *septets, size_t len, char *out,
                           size_t size);

#endif
