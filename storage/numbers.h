/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers: what an operator's feed says of numbers (store_limits.h), and who comes to have them. Inside a transaction that is
 * open; belongs to the writer's connection. Codes are SQLite's.
 *
 * What a piece of news does depends on when it happened and not on when, or how often, it is told: whoever was first
 * seen after a number changed hands is its new holder and is left alone. So a feed can be fed again.
 */
#ifndef STARHASH_STORAGE_NUMBERS_H
#define STARHASH_STORAGE_NUMBERS_H

#include "storage/held.h"
#include "storage/tombstone.h"

struct numbers;

/* The others are borrowed. */
int numbers_new(sqlite3 *db, struct charges *charges, struct held *held, struct outgoing_rows *outgoing,
                struct tombstones *tombstones, struct audit *audit, struct numbers **out);
void numbers_free(struct numbers *n); /* NULL is fine */

struct number_work {
	int64_t msisdn, at_ms, now_ms;
	enum store_number_event event;
	struct store_number_result result;
	int64_t gave_up; /* who had it until now; 0 = nobody */
	int64_t unproven; /* who has another SIM now than the one that was in use when they were verified; 0 = nobody */
};
int numbers_note(struct numbers *n, struct number_work *w);

/* Somebody is seen with this number for the first time: since when is it theirs, or its SIM new? 0 = not known. */
int numbers_take(struct numbers *n, int64_t msisdn, int64_t *since_ms);

/* An erased subscriber gives the number up; what must be known of it stays under its hash. */
int numbers_erase(struct numbers *n, int64_t msisdn, int64_t subscriber, int64_t at_ms);

#endif
