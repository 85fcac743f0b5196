/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Safe words: see safe.h. */
#include "tools/safe.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"

bool safe_is_sign(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029;
}

const char *safe_text(const char *text, char *out, size_t size)
{
	static const char more[] = "...";
	size_t len = 0;

	while (*text) {
		char one[16];
		const char *from = text;
		uint32_t c = text_utf8_next(&text);
		size_t n = (size_t)(text - from);

		if (c == 0xfffd && n == 1)
			n = (size_t)snprintf(one, sizeof one, "\\x%02x", (unsigned char)*from);
		else if (safe_is_sign(c))
			n = (size_t)snprintf(one, sizeof one, c < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)c);
		else
			memcpy(one, from, n);
		if (len + n + sizeof more > size) {
			memcpy(out + len, more, sizeof more);
			return out;
		}
		memcpy(out + len, one, n);
		len += n;
	}
	out[len] = '\0';
	return out;
}
