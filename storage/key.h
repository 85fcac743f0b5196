/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Key: the secret under which numbers that were erased are recognised again.
 *
 * 32 random bytes in a file of their own (mode 0600) beside the store, and not in it: a copy of the store alone, such as
 * a backup, tells nobody which numbers were erased, although there are few enough numbers to try them all. The store
 * holds a check value, so that a wrong key is noticed and never used.
 */
#ifndef STARHASH_STORAGE_KEY_H
#define STARHASH_STORAGE_KEY_H

#include <sqlite3.h>
#include <stdbool.h>

#include "core/digest.h"
#include "core/rc.h"

struct key {
	uint8_t byte[DIGEST_KEY_SIZE];
};

/* The path when none is configured: the store's with ".key". False: too long. */
bool key_path_default(const char *store, char *out, size_t size);

/* For whoever writes the store: read it, or make it where the store has nothing that needs the old one; a guest makes the
 * first one only, because a daemon may be at work with the one that is gone. `path` NULL: a store in memory, whose key is
 * nowhere else. RC_OK; RC_IO; RC_NOTFOUND (the file is gone); RC_STATE (another store's key).
 * `why` gets a sentence with a remedy. */
enum rc key_open(sqlite3 *db, const char *path, bool guest, struct key *out, char *why,
                 size_t why_size) RC_NODISCARD;

/* For whoever only reads. As key_open, but nothing is made; RC_CLOSED: the store has no key yet, so nothing was erased. */
enum rc key_read(sqlite3 *db, const char *path, struct key *out, char *why, size_t why_size) RC_NODISCARD;

/* The key is lost for good: forget whose numbers were erased, so that a new one can be made at the next start; with an audit
 * row. While no daemon runs. *n = tombstones that went. RC_OK; RC_BUSY (a daemon owns the store); RC_IO, RC_FULL. */
enum rc key_forget(const char *store, const char *reason, int64_t at_ms, int64_t *n, char *why,
                   size_t why_size) RC_NODISCARD;

/* A number's hash. */
void key_hash(const struct key *k, int64_t msisdn, uint8_t out[DIGEST_KEYED_SIZE]);

#endif
