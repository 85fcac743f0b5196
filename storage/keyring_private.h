/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the keyring share: how its bytes lie. */
#ifndef STARHASH_STORAGE_KEYRING_PRIVATE_H
#define STARHASH_STORAGE_KEYRING_PRIVATE_H

#include <limits.h>
#include <sys/types.h>
#include <time.h>

#include "storage/keyring.h"

#define KEYRING_SLOT 64
#define KEYRING_MEMORY_BLOCK 16 /* slots at once where no disk is waited for */
#define NONCE_ID 8              /* bytes of a slot's nonce that its place tells */
#define SLOT_RANDOM (SEAL_KEY_SIZE + SEAL_NONCE_SIZE - NONCE_ID)
#define KEYRING_MAGIC_SIZE 16
#define KEYRING_KIND "keyring_" /* of seal_subkey, under the wrap key */
enum { KEYRING_HEAD_KEY = 1, KEYRING_SLOT_KEY = 2, KEYRING_MARK_KEY = 3 };

static const char keyring_magic[KEYRING_MAGIC_SIZE + 1] = "starhash keyring";
static const char slot_context[] = "data key";
static const char keyring_erased[KEYRING_MAGIC_SIZE + 1] =
	"starhash erased "; /* how a destroyed slot begins */

struct keyring {
	int fd; /* -1 = in memory: */
	uint8_t *memory;
	size_t size;
	size_t block;
	uint8_t slot_key[SEAL_KEY_SIZE], mark_key[SEAL_KEY_SIZE];
	uint8_t header[KEYRING_SLOT]; /* as it was found right */
	bool is_strange;              /* as keyring_look has last told */
	int64_t ready, ready_end;     /* new subscribers from here up to there have their keys on the disk */
	uint8_t *fresh; /* those keys, until somebody takes them; NULL or zeros = read it from there */
	struct timespec written; /* when the file was, by us last: else the keys above may be there no more */
	char path[PATH_MAX];
};

enum rc keyring_say(char *why, size_t why_size, enum rc rc, const char *path, const char *what,
                    const char *remedy);
ssize_t keyring_read(const struct keyring *k, int64_t at, void *out, size_t n);
enum rc keyring_slot_open(const struct keyring *k, int64_t id, const uint8_t slot[KEYRING_SLOT],
                          uint8_t out[SEAL_KEY_SIZE]) RC_NODISCARD;
/* It holds no key, as far as can be seen without opening it: a mark of an erasure, whoever's, or zeros. */
bool keyring_is_void(const uint8_t slot[KEYRING_SLOT]);
void keyring_header(const uint8_t head_key[SEAL_KEY_SIZE], const uint8_t id[KEYRING_ID_SIZE],
                    uint8_t out[KEYRING_SLOT]);

#endif
