/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apply: carry one batch out inside the transaction that is open, with statements prepared once.
 *
 * A batch is first folded over the subscriber's record in memory; only when nothing in it is refused are rows
 * written. So a refused batch has left no trace, and no savepoint is needed. Belongs to the writer's connection.
 */
#ifndef STARHASH_STORAGE_APPLY_H
#define STARHASH_STORAGE_APPLY_H

#include <sqlite3.h>

#include "core/profile.h"
#include "storage/key.h"
#include "storage/store_limits.h"
#include "storage/vault.h"

struct apply;
struct audit;
struct load;
struct tombstones;

struct apply_options {
	const struct profile *profile; /* borrowed; its columns must be there */
	const struct key *key;
	struct vault *vault;               /* of the same connection */
	const struct store_limits *limits; /* NULL = none */
	const uint8_t *audit_key;          /* key_set.audit */
	const char *operator;              /* borrowed; see audit_set_operator */
};
/* Codes are SQLite's. */
int apply_new(sqlite3 *db, const struct apply_options *options, struct apply **out);
void apply_free(struct apply *a); /* NULL is fine */

/* SQLITE_OK: *out is filled; out->rc is RC_OK, or RC_STATE (a save without its consent, more consents than a record
 * holds) or RC_RANGE (no such field) when the batch was refused and nothing written. Anything else: the transaction
 * must be rolled back. */
int apply_batch(struct apply *a, const struct store_batch *b, struct store_result *out);

/* Has a value been forgotten (erased, withdrawn, taken back) since the last call? */
bool apply_forgot(struct apply *a);

/* A transaction has begun. */
void apply_began(struct apply *a);

/* One move of an order, with its answer (charges.h). */
struct charge_work;
int apply_charge(struct apply *a, struct charge_work *w);

struct outgoing_rows;
struct outgoing_rows *apply_outgoing(struct apply *a); /* the notices of the same connection */

/* One decision of a person, one piece of news of a number, with its answer. */
struct held_work;
struct number_work;
int apply_held(struct apply *a, struct held_work *w);
int apply_number(struct apply *a, struct number_work *w);

/* For imports, which are of the same connection (storage/import.h). */
struct load *apply_load(struct apply *a);
struct tombstones *apply_tombstones(struct apply *a);
struct audit *apply_audit(struct apply *a);
/* The hash of something by which it is known again, and by nobody without the store's key. */
void apply_mark(const struct apply *a, const void *bytes, size_t len, uint8_t out[DIGEST_KEYED_SIZE]);

/* Invitations whose time is over, at most `max`: *n = how many. */
int apply_relations(struct apply *a, int64_t at_ms, int max, int64_t *n);

#endif
