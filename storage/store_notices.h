/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices: the part of the store port that SMS and pushes of our own accord leave by (docs/adr/0020).
 *
 * A notice is a row of the transaction that promises it. It waits (pending, certainly not left) until it is claimed; a claim
 * marks it before anybody hands it to a link, so that what a crash leaves marked is in doubt and never sent again, and
 * everything else is sent by the next run. Whoever writes a row, also a tool beside the daemon, has it sent: the daemon
 * looks. STOP, an erasure, another holder of the number and age are looked at in the transaction that claims.
 */
#ifndef STARHASH_STORAGE_STORE_NOTICES_H
#define STARHASH_STORAGE_STORE_NOTICES_H

#include "storage/store.h"

#define STORE_SMSC_SIZE 32
#define STORE_ROUTE_SIZE 160

enum store_notice_kind { STORE_NOTICE_SMS, STORE_NOTICE_PUSH };

/* By which way the notices of this batch go: "ADDRESSES @SMSC", under STORE_ROUTE_SIZE; the store reads what comes behind the
 * '@', the name of the link group. `leaves`: it is handed to a link as soon as the batch is stored, so a crash leaves
 * it in doubt; else, where there are two of them, or an older one of the subscriber is not settled, they wait:
 * store_result.notice_waits. Without a call: any way, and they wait. Returns as store_batch_notice. */
enum rc store_batch_route(struct store_batch *b, const char *route, bool leaves) RC_NODISCARD;
/* One that waits until whoever stores it claims it by its id, store_result.notice, or gives it back. Others find it after
 * `life_ms` only: a push to give it up, an SMS to send it. A run that begins before that finds a push at once. */
enum rc store_batch_held(struct store_batch *b, enum store_notice_kind kind, const char *text,
                         int64_t life_ms) RC_NODISCARD;

struct store_notice_update {
	int64_t id;
	enum store_notice to; /* PENDING: it has certainly not left, and waits until next_ms */
	uint32_t code;        /* of the SMSC; 0 = none */
	const char *why;      /* a constant word; NULL = "" */
	int64_t next_ms;      /* UTC */
};
/* What became of a notice. Queued like a write. What is settled stays so, but that 'unknown' may become certain. `fn` NULL:
 * failures are logged and counted, not reported. Returns RC_OK (fn will be called); RC_FULL (twice the queue's bound:
 * there is at most one for each that was claimed); RC_NOMEM. */
typedef void store_moved_fn(void *ctx, enum rc rc, const struct store_notice_update *u);
enum rc store_notice_report(struct store *s, const struct store_notice_update *u, store_moved_fn *fn,
                            void *ctx) RC_NODISCARD;
void store_notice_move(struct store *s, const struct store_notice_update *u);

#define STORE_NOTICES_PAGE 64
struct store_claim {
	int64_t id;       /* this one, due or not; 0 = what is due of: */
	const char *smsc; /* copied */
	size_t max; /* at most so many are claimed, up to STORE_NOTICES_PAGE; 0 = none, but what is over is given up */
	int64_t expire_ms, push_expire_ms; /* older ones are given up; 0 = never */
};
struct store_notice_row {
	int64_t id, msisdn, created_ms;
	uint32_t attempts; /* with this one */
	uint32_t code;     /* of the last refusal; 0 = none */
	enum store_notice_kind kind;
	const char *text, *route; /* without the SMSC's name; "" = none */
};
struct store_claimed { /* valid during the callback only */
	enum rc rc;    /* RC_OK; RC_IO, RC_BUSY, RC_FULL (disk): nothing was claimed */
	size_t n;
	const struct store_notice_row *row;
	const char *smsc;
	uint32_t expired, stopped, gone; /* given up: too old; STOP; erased, or the number is another's */
	bool behind;                     /* some stay behind an older one of their subscriber, for a second */
	bool more;                       /* as many were looked at as one page holds: look again */
};
typedef void store_claimed_fn(void *ctx, const struct store_claimed *c);
/* Mark what is due as being handed over, and tell it: by rising time of being due, one of each subscriber.
 * Returns RC_OK (fn will be called); RC_FULL (queue at its bound); RC_NOMEM. */
enum rc store_notices_claim(struct store *s, const struct store_claim *claim, store_claimed_fn *fn,
                            void *ctx) RC_NODISCARD;

#define STORE_LANES 40
#define STORE_WAITING_MAX 200000 /* counted so far */
struct store_notices_waiting {
	enum rc rc;
	int64_t count;     /* up to STORE_WAITING_MAX */
	int64_t oldest_ms; /* UTC: about when the one that is due first was made; 0 = none */
	size_t n;
	struct {
		char smsc[STORE_SMSC_SIZE];
		int64_t next_ms; /* UTC: the first is due */
	} lane[STORE_LANES];
};
typedef void store_waiting_fn(void *ctx, const struct store_notices_waiting *w);
/* What waits, by SMSC. Costs one step into an index where there is nothing. As store_notices_claim. */
enum rc store_notices_look(struct store *s, store_waiting_fn *fn, void *ctx) RC_NODISCARD;

#endif
