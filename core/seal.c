/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seal: see seal.h. */
#include "core/seal.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>

static_assert(SEAL_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "of libsodium");
static_assert(SEAL_KEY_SIZE == crypto_kdf_KEYBYTES, "of libsodium");
static_assert(SEAL_NONCE_SIZE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "of libsodium");
static_assert(SEAL_TAG_SIZE == crypto_aead_xchacha20poly1305_ietf_ABYTES, "of libsodium");
static_assert(crypto_kdf_CONTEXTBYTES == 8, "of libsodium");

#define MARK '~'
#define TEXT_VERSION 1
#define BYTES_MAX (1 + SEAL_OVER + SEAL_TEXT_MAX)
#define SHORTEST 55 /* base64 of a version, a nonce, a tag and nothing */

/* Random bytes cost a system call, and a nonce needs 24 of them: they are fetched for many, each thread its own. */
#define NONCES 64
static _Thread_local struct {
	uint8_t nonce[NONCES][SEAL_NONCE_SIZE];
	unsigned left, process;
} pool;
static atomic_uint process; /* a fork has a copy of the pool, and must use none of it */

static void on_fork(void)
{
	(void)atomic_fetch_add(&process, 1);
}

static void next_nonce(uint8_t out[SEAL_NONCE_SIZE])
{
	unsigned now = atomic_load(&process);

	if (pool.left == 0 || pool.process != now) {
		randombytes_buf(pool.nonce, sizeof pool.nonce);
		pool.left = NONCES;
		pool.process = now;
	}
	memcpy(out, pool.nonce[--pool.left], SEAL_NONCE_SIZE);
}

static void start_once(void)
{
	(void)pthread_atfork(NULL, NULL, on_fork);
	if (sodium_init() < 0)
		return; /* slower functions serve as well; without random numbers libsodium itself ends the program */
}

void seal_start(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, start_once);
}

void seal_bytes_with(const uint8_t key[SEAL_KEY_SIZE], const uint8_t nonce[SEAL_NONCE_SIZE],
                     const void *context, size_t context_len, const void *plain, size_t len, uint8_t *out)
{
	memmove(out, nonce, SEAL_NONCE_SIZE);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(out + SEAL_NONCE_SIZE, NULL, plain, len, context,
	                                                 context_len, NULL, out, key);
}

void seal_bytes(const uint8_t key[SEAL_KEY_SIZE], const void *context, size_t context_len, const void *plain,
                size_t len, uint8_t *out)
{
	uint8_t nonce[SEAL_NONCE_SIZE];

	next_nonce(nonce);
	seal_bytes_with(key, nonce, context, context_len, plain, len, out);
}

bool seal_unbytes(const uint8_t key[SEAL_KEY_SIZE], const void *context, size_t context_len,
                  const uint8_t *sealed, size_t len, uint8_t *plain)
{
	return len >= SEAL_OVER && crypto_aead_xchacha20poly1305_ietf_decrypt(
					   plain, NULL, NULL, sealed + SEAL_NONCE_SIZE, len - SEAL_NONCE_SIZE,
					   context, context_len, sealed, key) == 0;
}

void seal_subkey(const uint8_t master[SEAL_KEY_SIZE], const char kind[8], uint64_t n,
                 uint8_t out[SEAL_KEY_SIZE])
{
	(void)crypto_kdf_derive_from_key(out, SEAL_KEY_SIZE, n, kind, master);
}

void seal_wipe(void *bytes, size_t len)
{
	sodium_memzero(bytes, len);
}

/* --- as a text --------------------------------------------------------------------------------------------------- */

/* RFC 4648, 5, without padding. What is sealed is no secret, so a table serves: libsodium's own, whose time tells nothing, costs
 * more than the cipher. */
static const char letters[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void encode(const uint8_t *bytes, size_t n, char *out)
{
	size_t i = 0;

	for (; i + 3 <= n; i += 3, out += 4) {
		uint32_t three = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];

		out[0] = letters[three >> 18];
		out[1] = letters[three >> 12 & 63];
		out[2] = letters[three >> 6 & 63];
		out[3] = letters[three & 63];
	}
	if (i < n) {
		uint32_t rest = (uint32_t)bytes[i] << 16 | (i + 1 < n ? (uint32_t)bytes[i + 1] << 8 : 0);

		*out++ = letters[rest >> 18];
		*out++ = letters[rest >> 12 & 63];
		if (i + 1 < n)
			*out++ = letters[rest >> 6 & 63];
	}
	*out = '\0';
}

/* 0..63; -1 = none of the letters. */
static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* One text for the same bytes: bits that are over must be zero. */
static bool decode(const char *text, size_t size, uint8_t *out, size_t *n)
{
	uint32_t bits = 0;
	int have = 0;

	*n = 0;
	for (; *text; text++) {
		int value = value_of(*text);

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have < 8)
			continue;
		if (*n == size)
			return false;
		have -= 8;
		out[(*n)++] = (uint8_t)(bits >> have);
		bits &= (1u << have) - 1;
	}
	return have < 6 && bits == 0;
}

/* The version is the first byte, so the second letter is one of four: only the first is looked at. */
bool seal_is_text(const char *text)
{
	size_t n;

	if (text[0] != MARK || text[1] != 'A')
		return false;
	n = strspn(text + 1, letters);
	return n >= SHORTEST && text[1 + n] == '\0';
}

enum rc seal_text(const uint8_t key[SEAL_KEY_SIZE], const void *context, size_t context_len,
                  const char *plain, char *out, size_t size)
{
	uint8_t bytes[BYTES_MAX];
	size_t len = strlen(plain);

	if (len > SEAL_TEXT_MAX || size < SEAL_TEXT_SIZE(len))
		return RC_RANGE;
	bytes[0] = TEXT_VERSION;
	seal_bytes(key, context, context_len, plain, len, bytes + 1);
	out[0] = MARK;
	encode(bytes, 1 + SEAL_OVER + len, out + 1);
	return RC_OK;
}

enum rc seal_untext(const uint8_t key[SEAL_KEY_SIZE], const void *context, size_t context_len,
                    const char *sealed, char *out, size_t size)
{
	uint8_t bytes[BYTES_MAX], plain[SEAL_TEXT_MAX];
	size_t len = 0, n;
	enum rc rc = RC_OK;

	if (!seal_is_text(sealed) || !decode(sealed + 1, sizeof bytes, bytes, &len))
		return RC_STATE;
	if (len < 1 + SEAL_OVER || bytes[0] != TEXT_VERSION ||
	    !seal_unbytes(key, context, context_len, bytes + 1, len - 1, plain))
		return RC_STATE;
	n = len - 1 - SEAL_OVER;
	if (memchr(plain, '\0', n))
		rc = RC_STATE;
	else if (n >= size)
		rc = RC_RANGE;
	if (rc == RC_OK) {
		memcpy(out, plain, n);
		out[n] = '\0';
	}
	sodium_memzero(plain, n);
	return rc;
}
