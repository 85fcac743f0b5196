/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz: any text where a sealed one is expected, and any sealed one changed: it opens as what was sealed, or not at all. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/seal.h"
#include "tests/fuzz/fuzz.h"

static const uint8_t key[SEAL_KEY_SIZE] = "a key of thirty-two bytes, fixed";
static const char context[] = "profile.name";

static void foreign(const char *text)
{
	char out[SEAL_TEXT_MAX + 1] = "as it was";

	if (seal_untext(key, context, sizeof context, text, out, sizeof out) == RC_OK)
		abort(); /* nobody has sealed it */
	if (strcmp(out, "as it was") != 0)
		abort();
}

/* `data` says what to seal, and where to change a letter into which. */
static void changed(const uint8_t *data, size_t size)
{
	static char sealed[SEAL_TEXT_SIZE(SEAL_TEXT_MAX)], back[SEAL_TEXT_MAX + 1], plain[SEAL_TEXT_MAX + 1];
	size_t len = size - 3 < SEAL_TEXT_MAX ? size - 3 : SEAL_TEXT_MAX, at;

	memcpy(plain, data + 3, len);
	plain[len] = '\0';
	if (seal_text(key, context, sizeof context, plain, sealed, sizeof sealed) != RC_OK ||
	    !seal_is_text(sealed) ||
	    seal_untext(key, context, sizeof context, sealed, back, sizeof back) != RC_OK ||
	    strcmp(back, plain) != 0)
		abort();
	at = (size_t)(data[0] << 8 | data[1]) % strlen(sealed);
	if (sealed[at] == (char)data[2])
		return;
	sealed[at] = (char)data[2];
	if (seal_untext(key, context, sizeof context, sealed, back, sizeof back) == RC_OK)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	foreign(text);
	if (size > 3)
		changed(data, size);
	free(text);
	return 0;
}
