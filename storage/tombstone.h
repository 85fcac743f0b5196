/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tombstones: what remains of a number that was erased: its hash under the store's key, and whose grants those were.
 *
 * Belongs to one connection; what writes runs inside the transaction that is open. Codes are SQLite's.
 */
#ifndef STARHASH_STORAGE_TOMBSTONE_H
#define STARHASH_STORAGE_TOMBSTONE_H

#include <stdbool.h>

#include "storage/key.h"

struct tombstones {
	struct key key;
	sqlite3_stmt *any, *put, *look, *grant, *end, *ids, *erased;
	/* Of this transaction, so that the many numbers that were never erased cost next to nothing: */
	int is_empty;   /* there is none at all; -1 = not looked yet */
	int64_t bare;   /* this number has none */
	int64_t hashed; /* whose hash this is: */
	uint8_t hash[DIGEST_KEYED_SIZE];
};

/* Only what reads is prepared when `read_only`. */
int tombstones_init(struct tombstones *t, sqlite3 *db, const struct key *key, bool read_only);
void tombstones_fini(struct tombstones *t); /* also of one that is all zero */

/* A transaction, or a snapshot, has begun: others may have written. */
void tombstones_round(struct tombstones *t);

/* The hash of a number as a parameter of another statement; valid until the next number. */
void tombstones_bind(struct tombstones *t, sqlite3_stmt *st, int at, int64_t msisdn);

struct tombstone {
	bool stopped;
	int64_t swapped_ms;
};

/* `subscriber` was erased and had this number. */
int tombstones_put(struct tombstones *t, int64_t msisdn, int64_t subscriber, const struct tombstone *what,
                   int64_t at_ms);
/* The newest of a number; all zero when there is none. */
int tombstones_look(struct tombstones *t, int64_t msisdn, struct tombstone *out);
/* When the number was erased last; 0 = never. */
int tombstones_erased(struct tombstones *t, int64_t msisdn, int64_t *at_ms);
/* The grant that this number had under `key` before it was erased: its state, or "" in `state` of `size` bytes. */
int tombstones_grant(struct tombstones *t, int64_t msisdn, const char *key, char *state, size_t size);
/* The number belongs to somebody else since at_ms: what was erased before is not theirs. *ended = how many. */
int tombstones_end(struct tombstones *t, int64_t msisdn, int64_t at_ms, int *ended);
/* Who had it and was erased at since_ms or later, oldest first, at most `max`. */
int tombstones_ids(struct tombstones *t, int64_t msisdn, int64_t since_ms, int64_t *ids, size_t max,
                   size_t *n);

#endif
