/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices: every SMS that leaves, with its retries and its fate.
 *
 * A notice of the outbox is reported back to the store exactly once: sent, rejected or unknown. What was certainly not
 * applied (throttled, never written) is tried again with growing pauses; what may have been applied never is. What has not
 * left when the subscriber says STOP never leaves (promise 7).
 * Bounded: at most NOTICES_MAX wait; more are refused and counted.
 */
#ifndef STARHASH_GATEWAY_NOTICES_H
#define STARHASH_GATEWAY_NOTICES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/rc.h"
#include "gateway/dialogue.h"
#include "gateway/pdu.h"
#include "storage/store.h"

#define NOTICES_MAX 100000
#define NOTICES_TOKEN 1  /* bit that marks a token as an SMS's; an answer's has it clear */
#define NOTICES_TRIES 12 /* 1, 2, 4 ... 60 s apart: about seven minutes */

struct notices;

struct notices_options {
	const struct clock *clock;
	struct store *store; /* hears the fate of notices with an id */
	const struct dialogue_port *port;
};

struct notices_counters {
	uint64_t sent, rejected, unknown, given_up, refused, retries;
	uint64_t recalled; /* the subscriber said STOP before they left; not counted elsewhere */
	uint32_t waiting;
};

enum rc notices_new(const struct notices_options *options, struct notices **out) RC_NODISCARD;
void notices_free(
	struct notices *n); /* what still waits is reported as pending: the next start marks it unknown */

/* Who is written to, from which number, over which link. Addresses are copied. */
struct notices_route {
	void *link;
	uint16_t group;
	int64_t msisdn;
	struct pdu_address service, subscriber;
};

/* Send `text` now or as soon as possible. `id` = the store's notice, 0 = an answer in an SMS dialogue.
 * Returns RC_OK; RC_FULL (too many waiting; the store has been told); RC_NOMEM. */
enum rc notices_send(struct notices *n, const struct notices_route *route, const char *text,
                     int64_t id) RC_NODISCARD;

/* Fate of an SMS that was handed to port->sms with this token. */
void notices_sent(struct notices *n, uint64_t token, enum dialogue_sent how, uint32_t status);

/* The subscriber has said STOP: notices of the outbox that wait for a retry, or on a link, do not leave any more and are
 * told to the store as rejected. Answers in an SMS dialogue (id 0) stay: they were asked for. */
void notices_recall(struct notices *n, int64_t msisdn);
void notices_drop(struct notices *n, int64_t id); /* one that was stored while they said STOP */

/* Retries that are due. Returns the monotonic time of the next one (INT64_MAX = none). */
int64_t notices_tick(struct notices *n);
void notices_counters_read(const struct notices *n, struct notices_counters *out);

#endif
