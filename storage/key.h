/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Key: the operator's key, and the store's own keys that it opens.
 *
 * The operator's key is 32 random bytes in a file of their own (mode 0600) beside the store, and not in it: a copy of the
 * store alone, such as a backup, tells nobody which numbers were erased, although there are few enough numbers to try them
 * all, and opens nothing that is sealed. The store holds its own keys sealed under it, so that the operator's can be changed
 * and everything that stands under the store's stays; and a check value, so that a wrong file is noticed and never used.
 */
#ifndef STARHASH_STORAGE_KEY_H
#define STARHASH_STORAGE_KEY_H

#include <sqlite3.h>
#include <stdbool.h>

#include "core/digest.h"
#include "core/rc.h"
#include "core/seal.h"

struct key { /* under which numbers and values are hashed */
	uint8_t byte[DIGEST_KEY_SIZE];
};

#define KEY_RING_ID_SIZE 16
/* The store's own keys. Of a store of an older program `lookup` is the operator's key itself, so its tombstones stay true. */
struct key_set {
	struct key lookup;
	uint8_t audit[DIGEST_KEY_SIZE]; /* of the audit's chain */
	uint8_t wrap[SEAL_KEY_SIZE];    /* under which data keys lie in the keyring */
	bool has_ring;
	uint8_t ring[KEY_RING_ID_SIZE]; /* which keyring is this store's */
};

/* The path when none is configured: the store's with ".key". False: too long. */
bool key_path_default(const char *store, char *out, size_t size);

/* For whoever writes the store: read it, or make it where the store has nothing that needs the old one; a guest makes the
 * first one only, because a daemon may be at work with the one that is gone. What a change of keys has left half done is
 * finished. `path` NULL: a store in memory, whose key is nowhere else. No transaction may be open. RC_OK; RC_IO; RC_NOTFOUND
 * (the file is gone); RC_STATE (another store's key; the file, or the store's keys, are damaged).
 * `why` gets a sentence with a remedy. */
enum rc key_open(sqlite3 *db, const char *path, bool guest, struct key_set *out, char *why,
                 size_t why_size) RC_NODISCARD;

/* For whoever only reads. As key_open, but nothing is made; RC_CLOSED: the store has no keys yet, so nothing was erased and
 * nothing sealed. */
enum rc key_read(sqlite3 *db, const char *path, struct key_set *out, char *why, size_t why_size) RC_NODISCARD;

/* The key is lost for good: forget whose numbers were erased and whatever is sealed, so that a new one can be made at the next
 * start; with an audit row. While no daemon runs. *out = what went; `only_look`: what would, beside a daemon too.
 * RC_OK; RC_EXISTS (the key opens the store: nothing is lost); RC_BUSY (a daemon owns the store); RC_NOTFOUND (no store);
 * RC_IO, RC_FULL. */
struct key_lost {
	const char *store, *key_path; /* `key_path` NULL = beside the store */
	const char *actor, *reason;   /* as struct audit_row */
	int64_t at_ms;
	bool only_look;
};
struct key_losses {
	int64_t tombstones, values, messages; /* sealed values, also of before; sealed texts of messages */
};
enum rc key_forget(const struct key_lost *lost, struct key_losses *out, char *why,
                   size_t why_size) RC_NODISCARD;

/* Would a daemon start on the copy `db` in the place of `store`, with the key and the keyring that lie there? RC_OK, also where
 * one of them does not lie there: it can still be put there. RC_STATE (another store's, damaged, too short), RC_IO: `why` says
 * what to do instead. */
enum rc key_suits(sqlite3 *db, const char *store, const char *key_path, char *why,
                  size_t why_size) RC_NODISCARD;

/* A new operator's key in the place of the present one, beside a running daemon or without one: the store's own keys are
 * sealed anew, and nothing else changes. Cut off at any point, it is either not done or finished by the next who opens
 * the store. RC_OK; RC_NOTFOUND, RC_STATE as key_open; RC_BUSY, RC_FULL, RC_IO. */
enum rc key_rotate(sqlite3 *db, const char *path, int64_t at_ms, char *why, size_t why_size) RC_NODISCARD;

/* A backup takes the place of `store`, which may have got a new operator's key since: if they are of one keyring the copy `db`
 * gets the row of today, so that today's key opens it. Of a store that is damaged or gone nothing is taken. SQLite's code, of
 * `db`. */
int key_carry(const char *store, sqlite3 *db);

/* A number's hash. */
void key_hash(const struct key *k, int64_t msisdn, uint8_t out[DIGEST_KEYED_SIZE]);

#endif
