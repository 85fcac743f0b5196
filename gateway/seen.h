/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seen: which SMS were taken lately, so that one that is delivered again runs nothing (docs/adr/0006).
 *
 * Pure but for its table. Equal words by one person are two messages, unless the SMSC may not have learned that we took the
 * first: its connection was lost soon after our response had left, or the response had taken long. Only then an equal message
 * within SEEN_KEPT_MS is a copy, over whichever link of the group it comes, and once: what was recognised as a copy counts as
 * taken anew. Bounded: SEEN_MAX messages; the oldest of a set gives way.
 */
#ifndef STARHASH_GATEWAY_SEEN_H
#define STARHASH_GATEWAY_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/rc.h"

#define SEEN_MAX 131072                   /* messages, 32 bytes each */
#define SEEN_KEPT_MS (6 * 60 * 60 * 1000) /* SMSCs keep what they could not deliver for hours */
#define SEEN_RISK_MS \
	30000 /* a response that left this shortly before the connection broke may not have arrived */
#define SEEN_SLOW_MS 5000 /* after that SMSCs give up waiting for a response */
#define SEEN_LOSSES 64    /* of connections that brought a message, remembered */

struct seen;

/* What makes a message this one: who wrote what to whom. `reference` = user_message_reference and the like; 0 = none. */
struct seen_key {
	uint16_t group;
	int64_t msisdn;
	const char *service;
	const char *text;
	uint64_t reference;
};

/* Where it came from: another connection after each reconnect. */
struct seen_from {
	const void *link;
	uint32_t connection, sequence;
};

enum rc seen_new(struct seen **out) RC_NODISCARD;
void seen_free(struct seen *s);

uint64_t seen_hash(const struct seen_key *key);
/* It was taken: our ESME_ROK has left. `came_ms`, `now_ms` monotonic. */
void seen_add(struct seen *s, uint64_t hash, const struct seen_from *from, int64_t came_ms, int64_t now_ms);
/* Is this message a copy of one that was taken? */
bool seen_is_copy(struct seen *s, uint64_t hash, const struct seen_from *from, int64_t now_ms);
/* It is to be delivered again: the next one is no copy. */
void seen_forget(struct seen *s, uint64_t hash);
/* Where an equal message came from. */
bool seen_find(struct seen *s, uint64_t hash, struct seen_from *out);
/* This connection is gone; the first time counts. */
void seen_lost(struct seen *s, const void *link, uint32_t connection, int64_t now_ms);

struct seen_counters {
	uint64_t copies;
	uint64_t evicted; /* gave way before SEEN_KEPT_MS */
	uint32_t kept;    /* now, those of long ago included */
};
void seen_counters_read(const struct seen *s, struct seen_counters *out);

#endif
