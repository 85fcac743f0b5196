/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load: one subscriber from the rows into a record; used by the writer, the reader and the reports alike.
 *
 * Belongs to one connection and its thread. Codes are SQLite's.
 */
#ifndef STARHASH_STORAGE_LOAD_H
#define STARHASH_STORAGE_LOAD_H

#include <sqlite3.h>

#include "core/profile.h"
#include "core/record.h"
#include "storage/consents.h"
#include "storage/store.h"

struct tombstones; /* storage/tombstone.h */
struct vault;      /* storage/vault.h */

/* What a private value reads as where the vault is not open. */
#define LOAD_MASKED "***"

struct load {
	const struct profile *profile;
	struct tombstones
		*tombstones; /* to be set after load_init; NULL = nothing is known of who was erased */
	struct vault *vault; /* as that; NULL = what is private reads as LOAD_MASKED */
	int64_t now_ms; /* to be set before a load: a consent that is over then does not stand; 0 = none is over */
	struct consents_stand stand; /* of the one that was loaded last */
	sqlite3_stmt *by_msisdn, *by_id, *after, *consents;
};

/* `profile` is borrowed. A field without a column in this file reads as not known. */
int load_init(struct load *l, sqlite3 *db, const struct profile *profile);
void load_fini(struct load *l);

/* SQLITE_OK: *out is the caller's; a subscriber that is not there gives a fresh record with id 0. */
int load_by_msisdn(struct load *l, int64_t msisdn, struct record **out, struct store_resume *resume);
/* Whether or not they have a number still. SQLITE_DONE when there is no such. For reports: prepared at the first call. */
int load_by_id(struct load *l, int64_t id, struct record **out, struct store_resume *resume);
/* The subscriber who has a number with the least id above `after`. SQLITE_DONE when there is none. */
int load_after(struct load *l, int64_t after, struct record **out, struct store_resume *resume);

#endif
