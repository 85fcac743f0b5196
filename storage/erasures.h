/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Erasures: store and keyring agree, at the start, on who was erased.
 *
 * They are two files, and either may be an older one than the other: a keyring's copy that was put back still holds keys
 * that were destroyed since, and a backup that was restored still has people who were erased since. Who has neither a number
 * nor a row of what they told may have no key; who has a number may have no mark of an erasure. Both are erased again: the
 * first before anybody is served; of the second whom the start finds in a quarter of a second (STORE_KEYS_MS), and after a
 * restore all; the rest beside the service (erasures_rest.h). Zeros in the keyring are damage and erase nobody; they are
 * told.
 */
#ifndef STARHASH_STORAGE_ERASURES_H
#define STARHASH_STORAGE_ERASURES_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/vault.h"
#include "storage/writer.h"

/* At each opening, a guest's too: destroy what is marked, and the key of whoever may have none and still has one, as the keyring is
 * an older copy. One look-up and 64 bytes for each without a number. RC_OK; RC_BUSY, RC_FULL, RC_IO. */
enum rc erasures_keys(sqlite3 *db, struct vault *v, int64_t at_ms, char *why, size_t why_size) RC_NODISCARD;

/* Who has a number and no key: by an erasure's mark, by damage (zeros). How many, and the first one's id. */
struct erasures_sum {
	int64_t n, first;
};
struct erasures_found {
	struct erasures_sum erased, damaged;
};
/* For each who was erased, before they are counted on: who, and the number that they have. */
typedef enum rc erasures_fn(void *ctx, int64_t id, int64_t msisdn);

/* How far the keyring was looked through. Begin with db, ring and zeros. */
struct erasures_scan {
	sqlite3 *db;
	struct keyring *ring;
	erasures_fn *fn; /* NULL: only count */
	void *ctx;
	int64_t from,
		last; /* looked at up to `from`; `last` as it was at the begin: whoever comes later has a key */
	struct erasures_found found;
};
/* One slice: 262,144 slots, or 4,096 that are empty. *more: there are others behind. A slot is read before its row, so who is
 * erased or comes meanwhile is taken for neither. No transaction is open. */
enum rc erasures_slice(struct erasures_scan *s, bool *more) RC_NODISCARD;
/* To be erased again, if the number is still that subscriber's. NULL: memory is out. */
struct store_batch *erasures_batch(int64_t id, int64_t msisdn, int64_t at_ms);
void erasures_say(const struct erasures_found *found, bool restored);

/* At each start of the store's owner, before the writer's thread runs: erase who has a number and the mark of an erasure, say who
 * has zeros. *more: `within_ms` were over; the rest is for erasures_rest. As above. */
enum rc erasures_rows(struct erasures_scan *s, struct writer *writer, int64_t at_ms, int within_ms,
                      bool *more, char *why, size_t why_size) RC_NODISCARD;
/* In the copy that takes the place of the store: its next start is to look. SQLite's code. */
int erasures_restored(sqlite3 *db);

#endif
