/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GSM 7-bit septets packed into octets, as the radio side of a USSD gateway carries them.
 *
 * 3GPP TS 23.038, 6.1.2.3 (packing) and 6.1.2.3.1: seven spare bits would read as one '@' more, so they hold
 * a CR; a text whose own last septet is a CR on an octet boundary gets a second one. Octets are least
 * significant bit first.
 */
#ifndef STARHASH_CORE_TEXT_PACK_H
#define STARHASH_CORE_TEXT_PACK_H

#include <stddef.h>
#include <stdint.h>

/* Octets that text_pack writes at most for n septets. */
#define TEXT_PACKED_SIZE(n) (((n)*7 + 7) / 8 + 1)

/* `septets` one a byte, 0..127. Returns the octets written; 0 when `size` is too small for them (or n is 0).
 */
size_t text_pack(const uint8_t *septets, size_t n, uint8_t *out, size_t size);

/* Returns the septets written, at most `size`. A CR that fills the last octet is dropped. */
size_t text_unpack(const uint8_t *in, size_t len, uint8_t *out, size_t size);

#endif
