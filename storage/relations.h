/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relations: the rows behind store_relations.h, inside a transaction that is open. Belongs to the writer's connection.
 * Codes are SQLite's.
 *
 * Invariants: a relation is accepted only with a row of consent of each side; subscriber.related counts the accepted ones;
 * one question at a time stands with a person, so that YES can mean but one; nothing is sent to who has said STOP, and
 * what the inviter is told does not depend on who the other is. An erasure, of either side, gives nobody back what they may
 * ask (relations_past.h). */
#ifndef STARHASH_STORAGE_RELATIONS_H
#define STARHASH_STORAGE_RELATIONS_H

#include <sqlite3.h>

#include "storage/consents.h"
#include "storage/outgoing.h"
#include "storage/store_batch.h"
#include "storage/tombstone.h"

struct relations;

/* Who is behind a number: made if there is nobody yet. The language may be "". */
struct relations_person {
	int64_t id;
	bool is_stopped;
	char language[RECORD_LANGUAGE_SIZE];
};

/* What it works with; all borrowed. `stand` and `source` are of the batch's subscriber and follow the batch. */
struct relations_with {
	struct outgoing_rows *outgoing;
	struct consents *consents;
	const struct tombstones *tombstones;
	struct consents_stand *stand;
	const int64_t *source; /* of consents: the interaction that this batch has written */
	int (*person)(void *ctx, int64_t msisdn, int64_t at_ms, struct relations_person *out);
	void *ctx;
};

int relations_new(sqlite3 *db, const struct relations_with *with, struct relations **out);
void relations_free(struct relations *r); /* NULL is fine */

/* OP_INVITE, OP_ANSWER, OP_LEAVE of out->subscriber. */
int relations_write(struct relations *r, const struct store_batch *b, const struct op *op,
                    struct store_result *out);
/* A consent to `type` was withdrawn or refused: what they have of it ends, and the others hear it. */
int relations_end(struct relations *r, const struct store_batch *b, const char *type,
                  struct store_result *out);
/* Erased: nothing of it stays but what bounds are counted from. They gave their number up: it ends. Nobody is told. */
int relations_forget(struct relations *r, int64_t subscriber, int64_t at_ms);
int relations_drop(struct relations *r, int64_t subscriber, int64_t at_ms);
/* The number is somebody else's since at_ms: who had it before, and asked or was asked, is not them. */
int relations_recycled(struct relations *r, int64_t msisdn, int64_t at_ms);
/* Invitations whose time is over, at most `max`; whoever waits behind them is asked. *n = how many. As many at most whose day
 * is over (asked_per_day) are asked. */
int relations_expire(struct relations *r, int64_t at_ms, int max, int64_t *n);

#endif
