/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices: every SMS that leaves, with its retries and its fate (docs/sms.md, docs/adr/0020).
 *
 * What was promised is a row of the store, and in memory only while it is with a link: what cannot leave now goes back to the
 * store and is claimed from there when a link has room, in the order in which it is due, one of each subscriber at a time. So a
 * hundred thousand that wait cost no memory, and a crash loses none that has certainly not left. An answer in an SMS dialogue (id
 * 0) is in no table and waits here. What may have been applied is never sent again; what has not left when the subscriber
 * says STOP never leaves (promise 7).
 */
#ifndef STARHASH_GATEWAY_NOTICES_H
#define STARHASH_GATEWAY_NOTICES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/rc.h"
#include "gateway/config.h"
#include "gateway/dialogue.h"
#include "gateway/pdu.h"
#include "storage/store_notices.h"

#define NOTICES_MAX 100000
#define NOTICES_TOKEN 1        /* bit that marks a token as an SMS's; an answer's has it clear */
#define NOTICES_TRIES 12       /* of an answer: 1, 2, 4 ... 60 s apart: about seven minutes */
#define NOTICES_LOOK_MS 2000   /* how often the store is looked at for what others have written */
#define NOTICES_TIDY_MS 30000  /* and, while nothing can leave, for what is too old */
#define NOTICES_PUSH_MS 120000 /* a push that has not left by then is given up */

struct notices;

/* Who is written to, from which number, over which link. Addresses are copied. */
struct notices_route {
	void *link;     /* NULL = any of the group */
	uint16_t group; /* ROUTE_ANY = any (gateway/route.h) */
	int64_t msisdn;
	struct pdu_address service, subscriber;
};

struct notices_options {
	const struct clock *clock;
	struct store *store; /* hears the fate of notices with an id */
	const struct dialogue_port *port;
	const struct config *config; /* names of groups, sms.notice_expire */
	/* Does this subscriber say STOP, and the store does not know it yet? */
	bool (*is_stopping)(void *ctx, int64_t msisdn);
	/* A push of an earlier run, claimed: whoever takes it tells its fate to the store. NULL = none are taken. */
	void (*push)(void *ctx, const struct store_notice_row *row, uint16_t group);
	void *ctx;
};

struct notices_counters {
	uint64_t sent, rejected, unknown, given_up, refused, retries;
	uint64_t recalled; /* the subscriber said STOP before they left; not counted elsewhere */
	uint64_t put_back; /* to the store: no link, no room, refused for now */
	uint64_t claimed;  /* from the store */
	uint64_t expired;  /* too old: given up */
	uint64_t gone;     /* erased, or the number is another's: given up */
	uint64_t untold;   /* what became of them could not be stored: unknown from the next start on */
	uint32_t waiting;  /* in memory: with a link, and answers that wait for a retry */
	int64_t stored;    /* in the store, by the last look */
	int64_t oldest_ms; /* UTC; 0 = none waits in the store */
};

enum rc notices_new(const struct notices_options *options, struct notices **out) RC_NODISCARD;
void notices_free(struct notices *n); /* what is still with a link is in doubt from the next start on */
/* From now on nothing is claimed; what is under way is still reported. */
void notices_close(struct notices *n);

/* Would one that is stored now be handed to a link at once? Then it may be stored as leaving. */
bool notices_may_leave(const struct notices *n, uint16_t group);
/* Send `text` now or as soon as possible. `id` = the store's notice, stored as leaving; 0 = an answer in an SMS dialogue.
 * Returns RC_OK; RC_FULL (too many answers are waiting); RC_NOMEM. */
enum rc notices_send(struct notices *n, const struct notices_route *route, const char *text,
                     int64_t id) RC_NODISCARD;
/* Store it as a notice of its own, then send it: a result that nobody waits for any more. What cannot be stored is sent all the
 * same, as long as this run lasts. Nothing is said to somebody who has said STOP. */
enum rc notices_order(struct notices *n, const struct notices_route *route, const char *text) RC_NODISCARD;
/* One that was held (store_batch_held), or marked, and has not left, leaves now. */
void notices_release(struct notices *n, uint16_t group, int64_t id);
/* One was stored that waits (store_result.notice_waits). */
void notices_wake(struct notices *n, uint16_t group);

/* Fate of an SMS that was handed to port->sms with this token. */
void notices_sent(struct notices *n, uint64_t token, enum dialogue_sent how, uint32_t status);

/* The subscriber has said STOP: notices of the outbox that are with a link and have not been written to it do not leave any
 * more; those in the store stay there with the STOP's own transaction, which `notices_recalled` counts. Answers in an SMS
 * dialogue (id 0) stay: they were asked for. */
void notices_recall(struct notices *n, int64_t msisdn);
void notices_recalled(struct notices *n, uint32_t count);
void notices_drop(struct notices *n, int64_t id); /* one that was stored while they said STOP */

/* What is due. Returns the monotonic time at which to call again (INT64_MAX = never). */
int64_t notices_tick(struct notices *n);
void notices_counters_read(const struct notices *n, struct notices_counters *out);

#endif
