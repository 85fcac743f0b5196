/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seal: bytes that only the holder of a key can read, and that nobody can change unnoticed; keys made out of a key; and the
 * text that a sealed value is kept as.
 *
 * XChaCha20-Poly1305 of libsodium, with a nonce drawn at random each time: 24 bytes are enough never to meet one twice.
 * What is sealed is bound to a context (associated data), so that it cannot be put in another place. With core/digest.c the
 * owner of libsodium; nobody else includes its header.
 */
#ifndef STARHASH_CORE_SEAL_H
#define STARHASH_CORE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"

#define SEAL_KEY_SIZE 32
#define SEAL_NONCE_SIZE 24
#define SEAL_TAG_SIZE 16
#define SEAL_OVER (SEAL_NONCE_SIZE + SEAL_TAG_SIZE) /* a sealed thing is so much longer */

/* Before the first of the others, in any thread and as often as one likes: chooses what this processor does best. */
void seal_start(void);

/* nonce | cipher | tag into `out`, of len + SEAL_OVER bytes. Cannot fail. */
void seal_bytes(const uint8_t key[SEAL_KEY_SIZE], const void *context, size_t context_len, const void *plain,
                size_t len, uint8_t *out);
/* The same with a nonce of the caller's, which must never come twice under one key. */
void seal_bytes_with(const uint8_t key[SEAL_KEY_SIZE], const uint8_t nonce[SEAL_NONCE_SIZE],
                     const void *context, size_t context_len, const void *plain, size_t len, uint8_t *out);
/* Into `plain`, of len - SEAL_OVER bytes. False: it was not sealed with this key and context, or was changed. */
bool seal_unbytes(const uint8_t key[SEAL_KEY_SIZE], const void *context, size_t context_len,
                  const uint8_t *sealed, size_t len, uint8_t *plain) RC_NODISCARD;

/* The key number `n` of the kind `kind` (8 bytes) that `master` makes: from one of them nobody learns another. */
void seal_subkey(const uint8_t master[SEAL_KEY_SIZE], const char kind[8], uint64_t n,
                 uint8_t out[SEAL_KEY_SIZE]);

void seal_wipe(void *bytes, size_t len); /* not left out by a compiler */

/* --- as a text -------------------------------------------------------------------------------------------------- */

/* "~" and base64url without padding of: a version, nonce, cipher, tag. Size with NUL for `n` bytes of plain text. */
#define SEAL_TEXT_SIZE(n) (((n) + 1 + SEAL_OVER) * 4 / 3 + 4)
#define SEAL_TEXT_MAX 2048 /* bytes of plain text at most */

/* Does it look like one? Told by its shape: what no person would type. */
bool seal_is_text(const char *text);
/* RC_OK; RC_RANGE (`plain` over SEAL_TEXT_MAX, or `size` under SEAL_TEXT_SIZE of its length). */
enum rc seal_text(const uint8_t key[SEAL_KEY_SIZE], const void *context, size_t context_len,
                  const char *plain, char *out, size_t size) RC_NODISCARD;
/* RC_OK; RC_STATE (not sealed with this key and context, changed, or no sealed text); RC_RANGE (`size` is too small). */
enum rc seal_untext(const uint8_t key[SEAL_KEY_SIZE], const void *context, size_t context_len,
                    const char *sealed, char *out, size_t size) RC_NODISCARD;

#endif
