/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retention of people: whoever gave their number up, and has not been seen for long enough, is forgotten as if they had asked
 * for it: they cannot any more, for nobody finds them by a number. Their values and what these were before go, the key under
 * which private ones were sealed is destroyed after the commit; consents, grants and the audit stay. Belongs to the writer's
 * connection; codes are SQLite's.
 */
#ifndef STARHASH_STORAGE_RETENTION_PEOPLE_H
#define STARHASH_STORAGE_RETENTION_PEOPLE_H

#include <sqlite3.h>
#include <stdint.h>

#include "storage/vault.h"

struct retention_people;

int retention_people_new(sqlite3 *db, struct vault *vault, struct retention_people **out);
void retention_people_free(struct retention_people *p); /* NULL is fine */

struct retention_people_slice {
	int64_t after, rows; /* subscribers above this id, so many of them at most */
	int64_t before_ms;   /* last seen before this */
	int64_t now_ms;
	int64_t last, looked; /* out; looked 0: there are no more */
	int64_t gone;         /* out: people */
};
/* In a transaction of the caller's. */
int retention_people_slice(struct retention_people *p, struct retention_people_slice *slice);

#endif
