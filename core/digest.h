/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digest: SHA-256, for names that must be the same everywhere and at every time, and meet nobody else's.
 *
 * Not for passwords, and nothing secret goes in: whoever knows the input can compute the output. The owner of libsodium;
 * nobody else includes its header.
 */
#ifndef STARHASH_CORE_DIGEST_H
#define STARHASH_CORE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_SHA256_SIZE 32

/* FIPS 180-4. Cannot fail; `data` may be NULL when `len` is 0. */
void digest_sha256(const void *data, size_t len, uint8_t out[DIGEST_SHA256_SIZE]);

#endif
