/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relations, past: what the bounds of invitations are counted from, of those that an erasure has taken away (table
 * relation_past). Who was asked by whom and when, by the hashes of both numbers, without a word: else whoever erases
 * themselves could ask again at once, and without end. Kept for as long as the longest of its bounds; of numbers that go to
 * somebody else it goes.
 *
 * Belongs to the writer's connection, inside the transaction that is open. Codes are SQLite's.
 */
#ifndef STARHASH_STORAGE_RELATIONS_PAST_H
#define STARHASH_STORAGE_RELATIONS_PAST_H

#include <stdbool.h>

#include "storage/tombstone.h"

struct relations_past;

/* `tombstones` borrowed: for the key of its hashes. */
int relations_past_new(sqlite3 *db, const struct tombstones *tombstones, struct relations_past **out);
void relations_past_free(struct relations_past *p); /* NULL is fine */

/* Did a ask b, after since_ms? */
int relations_past_again(struct relations_past *p, int64_t a_msisdn, int64_t b_msisdn, const char *type,
                         int64_t since_ms, bool *again);
/* How many invitations of a type they made after since_ms. */
int relations_past_made(struct relations_past *p, int64_t a_msisdn, const char *type, int64_t since_ms,
                        int64_t *n);
/* How many questions of any type left for them after since_ms, and when the first of these did; 0 = none. */
int relations_past_asked(struct relations_past *p, int64_t b_msisdn, int64_t since_ms, int64_t *n,
                         int64_t *first_ms);

/* Before the relations of a subscriber are deleted, and while both sides have their numbers. */
int relations_past_keep(struct relations_past *p, int64_t subscriber, int64_t at_ms);
/* The number belongs to somebody else since at_ms. */
int relations_past_end(struct relations_past *p, int64_t msisdn, int64_t at_ms);

#endif
