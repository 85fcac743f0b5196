/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digest: SHA-256, for names that must be the same everywhere and at every time, and meet nobody else's; and BLAKE2b under a
 * key, for what must be recognised again and told to nobody.
 *
 * Not for passwords. Nothing secret goes into the first: whoever knows the input can compute the output. The owner of
 * libsodium; nobody else includes its header.
 */
#ifndef STARHASH_CORE_DIGEST_H
#define STARHASH_CORE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_SHA256_SIZE 32

/* FIPS 180-4. Cannot fail; `data` may be NULL when `len` is 0. */
void digest_sha256(const void *data, size_t len, uint8_t out[DIGEST_SHA256_SIZE]);

#define DIGEST_KEY_SIZE 32
#define DIGEST_KEYED_SIZE 32

/* BLAKE2b (RFC 7693) with a key: without it the output tells nothing, and no list of inputs can be tried. Cannot fail. */
void digest_keyed(const uint8_t key[DIGEST_KEY_SIZE], const void *data, size_t len,
                  uint8_t out[DIGEST_KEYED_SIZE]);
/* Random bytes for a key, of the system. */
void digest_random(void *out, size_t len);

#endif
