/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keyring: the data key of each subscriber, in a flat file beside the store.
 *
 * Slot n (64 bytes at 64 n) holds the key of subscriber n, sealed under the store's wrap key and bound to n; slot 0 says whose
 * keyring it is. The keys lie here and not in the store so that they are not in its backups: one that is destroyed (its slot
 * is overwritten with a mark that only an erasure can make) is gone from every copy of the store that was ever made. A slot
 * never lies across two sectors. Slots are filled and synced in blocks before a subscriber of theirs is written, so one
 * registration costs no sync more.
 *
 * Whoever fills or destroys holds the store's write lock. Nothing is mapped or kept: a reader sees a destroyed key as
 * destroyed. One keyring object belongs to one thread; the file may be open in many.
 */
#ifndef STARHASH_STORAGE_KEYRING_H
#define STARHASH_STORAGE_KEYRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"
#include "core/seal.h"

struct keyring;

#define KEYRING_ID_SIZE 16
#define KEYRING_BLOCK 4096 /* slots that are filled at once */

/* The path: the store's with ".keyring". False: too long. */
bool keyring_path(const char *store, char *out, size_t size);

/* A new one for `store`, synced, with the id that it got. One that lies under the name, and that nobody's row names, is
 * moved aside. RC_OK; RC_IO, RC_FULL. `why` gets a sentence with a remedy. */
enum rc keyring_make(const char *store, const uint8_t wrap[SEAL_KEY_SIZE], uint8_t id[KEYRING_ID_SIZE],
                     char *why, size_t why_size) RC_NODISCARD;

/* `last`: the store's highest subscriber; the keyring must know them all. `store` NULL: in memory, empty.
 * RC_OK; RC_NOTFOUND (it is gone); RC_STATE (another store's; it ends too early); RC_IO; RC_NOMEM. */
struct keyring_options {
	const char *store;
	const uint8_t
		*wrap;     /* SEAL_KEY_SIZE bytes, copied; NULL: to copy the file only, which opens no key */
	const uint8_t *id; /* KEYRING_ID_SIZE bytes; of one in memory NULL */
	int64_t last;
	bool read_only;
};
enum rc keyring_open(const struct keyring_options *o, struct keyring **out, char *why,
                     size_t why_size) RC_NODISCARD;
void keyring_free(struct keyring *k); /* NULL is fine */

/* RC_OK; RC_NOTFOUND (destroyed by an erasure: its mark is there); RC_STATE (damaged, zeros, never made); RC_IO. */
enum rc keyring_key(struct keyring *k, int64_t id, uint8_t out[SEAL_KEY_SIZE]) RC_NODISCARD;

/* There is a key for the new subscriber `id`, on the disk: what has none in its block gets one. Costs nothing where that was
 * asked before. RC_OK; RC_FULL, RC_IO (also: the file was moved while in use). */
enum rc keyring_prepare(struct keyring *k, int64_t id) RC_NODISCARD;
/* The key of somebody who was made in this very transaction, so that nobody can have erased them, as keyring_prepare has
 * written it: once, without reading it back. False: keyring_key tells it. */
bool keyring_take(struct keyring *k, int64_t id, uint8_t out[SEAL_KEY_SIZE]);
/* A fresh key for one whose own is gone or damaged. */
enum rc keyring_renew(struct keyring *k, int64_t id) RC_NODISCARD;

/* Is it still this store's that lies under the name? Asked before each write, and by whoever is about to seal: three calls to
 * the system. Logged once when it is not. RC_OK; RC_IO. */
enum rc keyring_look(struct keyring *k) RC_NODISCARD;

/* Overwrite them, on the disk when this returns. Again for one that is destroyed is fine. */
enum rc keyring_destroy(struct keyring *k, const int64_t *ids, size_t n) RC_NODISCARD;

/* For reports: slots that hold a key, that hold none (destroyed, or zeros), that are damaged otherwise, of subscribers up to
 * `last`. Reads the whole file; `verify`: opens each, a second for a million. Else none is found damaged. */
struct keyring_sums {
	int64_t slots; /* all that are filled */
	int64_t keys, empty, damaged;
};
enum rc keyring_count(struct keyring *k, int64_t last, bool verify, struct keyring_sums *out) RC_NODISCARD;
/* Slots after `from` and up to `last` that hold no key by their looks: destroyed, or zeros. In order, `max` at most: *n < max
 * says that there are no more. A gigabyte a second or more. */
enum rc keyring_empty(struct keyring *k, int64_t from, int64_t last, int64_t *ids, size_t max,
                      size_t *n) RC_NODISCARD;

/* The one copy that an operator keeps: written beside `to`, synced, put in its place; what lay there is overwritten first,
 * so that no key outlives the next copy. RC_OK; RC_EXISTS (`to` is the keyring itself, or no keyring); RC_IO, RC_FULL. */
enum rc keyring_copy(struct keyring *k, const char *to, int64_t *slots, char *why,
                     size_t why_size) RC_NODISCARD;

#endif
