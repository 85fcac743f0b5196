/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digest: see digest.h. Hashes of libsodium need no sodium_init: they use neither random numbers nor locks. */
#include "core/digest.h"

#include <assert.h>
#include <sodium.h>

static_assert(DIGEST_SHA256_SIZE == crypto_hash_sha256_BYTES, "as FIPS 180-4 has it");

void digest_sha256(const void *data, size_t len, uint8_t out[DIGEST_SHA256_SIZE])
{
	const unsigned char *bytes = len > 0 ? data : (const unsigned char *)"";

	(void)crypto_hash_sha256(out, bytes, len);
}
