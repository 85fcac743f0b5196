/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reader: answers store_find and store_facts_find, many at a time under one snapshot, beside the writer and never waiting for it.
 *
 * Used by one thread. A scratch store in memory has no second connection: there it works on the writer's.
 */
#ifndef STARHASH_STORAGE_READER_H
#define STARHASH_STORAGE_READER_H

#include <sqlite3.h>

#include "core/profile.h"
#include "storage/integrity.h"
#include "storage/request.h"
#include "storage/vault.h"

struct reader;

/* Everything is borrowed. Damage that is met here is reported, and once there is any every answer is RC_IO. Code is
 * SQLite's. */
int reader_new(sqlite3 *db, const struct profile *profile, struct vault *vault, struct damage *damage,
               struct reader **out);
void reader_free(struct reader *r); /* NULL is fine */

/* Put an answer into each request (REQUEST_FIND, REQUEST_FACTS). */
void reader_round(struct reader *r, struct request_list *round);

#endif
