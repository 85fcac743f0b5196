/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digest: see digest.h. Hashes of libsodium need no sodium_init: they use neither random numbers nor locks. */
#include "core/digest.h"

#include <assert.h>
#include <sodium.h>

static_assert(DIGEST_SHA256_SIZE == crypto_hash_sha256_BYTES, "as FIPS 180-4 has it");
static_assert(DIGEST_KEY_SIZE == crypto_generichash_KEYBYTES, "of BLAKE2b in libsodium");
static_assert(DIGEST_KEYED_SIZE == crypto_generichash_BYTES, "of BLAKE2b in libsodium");

void digest_sha256(const void *data, size_t len, uint8_t out[DIGEST_SHA256_SIZE])
{
	const unsigned char *bytes = len > 0 ? data : (const unsigned char *)"";

	(void)crypto_hash_sha256(out, bytes, len);
}

void digest_keyed(const uint8_t key[DIGEST_KEY_SIZE], const void *data, size_t len,
                  uint8_t out[DIGEST_KEYED_SIZE])
{
	const unsigned char *bytes = len > 0 ? data : (const unsigned char *)"";

	(void)crypto_generichash(out, DIGEST_KEYED_SIZE, bytes, len, key, DIGEST_KEY_SIZE);
}

void digest_random(void *out, size_t len)
{
	randombytes_buf(out, len);
}
