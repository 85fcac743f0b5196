/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gives: the one place where a grant comes to be. Inside the transaction of its batch; belongs to the writer's connection.
 *
 * Promise 2: the unique (subscriber, key) decides, and the ledger's posting, or the order at the charging system, comes with
 * the row or not at all. Whether there may be a row is judged before (limits.h). Codes are SQLite's.
 */
#ifndef STARHASH_STORAGE_GIVES_H
#define STARHASH_STORAGE_GIVES_H

#include "storage/held.h"
#include "storage/tombstone.h"

struct gives;

/* The others are borrowed. */
int gives_new(sqlite3 *db, struct charges *charges, struct limits *limits, struct held *held,
              struct tombstones *tombstones, struct gives **out);
void gives_free(struct gives *g); /* NULL is fine */

/* For out->subscriber. Fills in what a result says of a give. */
int gives_write(struct gives *g, const struct store_batch *b, const struct op *op, struct store_result *out);

#endif
