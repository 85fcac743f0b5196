/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packing septets: see text_pack.h. */
#include "core/text_pack.h"

#include <stdbool.h>
#include <string.h>

#define CR 0x0d

static void put_septet(uint8_t *out, size_t i, unsigned septet)
{
	size_t bit = i * 7, shift = bit % 8;

	out[bit / 8] |= (uint8_t)(septet << shift);
	if (shift > 1)
		out[bit / 8 + 1] |= (uint8_t)(septet >> (8 - shift));
}

size_t text_pack(const uint8_t *septets, size_t n, uint8_t *out, size_t size)
{
	bool pads = n % 8 == 7 || (n > 0 && n % 8 == 0 && septets[n - 1] == CR);
	size_t len = ((n + pads) * 7 + 7) / 8;

	if (len > size)
		return 0;
	memset(out, 0, len);
	for (size_t i = 0; i < n; i++)
		put_septet(out, i, septets[i] & 0x7f);
	if (pads)
		put_septet(out, n, CR);
	return len;
}

size_t text_unpack(const uint8_t *in, size_t len, uint8_t *out, size_t size)
{
	size_t n = len * 8 / 7;

	if (n > size)
		n = size;
	for (size_t i = 0; i < n; i++) {
		size_t bit = i * 7, shift = bit % 8;
		unsigned septet = in[bit / 8] >> shift;

		if (shift > 1)
			septet |= (unsigned)in[bit / 8 + 1] << (8 - shift);
		out[i] = (uint8_t)(septet & 0x7f);
	}
	if (n > 0 && n % 8 == 0 && n == len * 8 / 7 && out[n - 1] == CR)
		n--;
	return n;
}
