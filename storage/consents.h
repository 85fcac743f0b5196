/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Consents: the ledger of who agreed to what. Append-only: the newest row of a purpose is the one that counts.
 *
 * Belongs to the writer's connection, inside the transaction that is open. Codes are SQLite's.
 */
#ifndef STARHASH_STORAGE_CONSENTS_H
#define STARHASH_STORAGE_CONSENTS_H

#include <sqlite3.h>

#include "core/profile.h"
#include "core/record.h"
#include "storage/store.h"

/* Under which rows values may be kept: the newest of each purpose, where it stands. Of one subscriber. */
struct consents_stand {
	size_t n;
	struct {
		char purpose[PROFILE_NAME_SIZE];
		int64_t id;
	} of[RECORD_MAX_CONSENTS];
};
void consents_stand_set(struct consents_stand *s, const char *purpose, int64_t id); /* id 0: it does not */
int64_t consents_stand_id(const struct consents_stand *s, const char *purpose);     /* 0 = none stands */

struct consents;

int consents_new(sqlite3 *db, const struct profile *profile, struct consents **out);
void consents_free(struct consents *c); /* NULL is fine */

struct consents_row {
	int64_t subscriber, at_ms;
	int64_t source; /* the interaction, or the import run; 0 = not known */
	struct store_agreement what;
};
/* `stand` follows. */
int consents_add(struct consents *c, const struct consents_row *row, struct consents_stand *stand);

/* Everything that stands is withdrawn (erased), or what is for marketing (STOP). */
int consents_withdraw_all(struct consents *c, int64_t subscriber, enum store_channel channel, int64_t at_ms,
                          struct consents_stand *stand);
int consents_stop(struct consents *c, int64_t subscriber, enum store_channel channel, int64_t at_ms,
                  struct consents_stand *stand);

#endif
