/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flood: how much one subscriber may send, so that none of them takes the place of the others.
 *
 * A token bucket for each MSISDN that sent something lately, in a table of fixed size: a new number takes the place of the
 * one of its set that is furthest from its limit, so that a flood of numbers cannot hide a number that floods. Nobody's STOP is
 * lost to it (promise 7): one that is over the limit is passed on unless a STOP was the last command of that number already.
 */
#ifndef STARHASH_GATEWAY_FLOOD_H
#define STARHASH_GATEWAY_FLOOD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/rc.h"

#define FLOOD_WINDOW_MS 10000
#define FLOOD_NUMBERS 65536 /* kept at a time; 24 bytes each */

struct flood;

enum flood_verdict {
	FLOOD_FINE,
	FLOOD_FIRST, /* over the limit, and the first one since it was within: a word to the subscriber is due */
	FLOOD_OVER
};

/* `limit` = inputs in FLOOD_WINDOW_MS, in one burst or evenly; 0 = no limit. Returns RC_OK; RC_NOMEM. */
enum rc flood_new(unsigned limit, struct flood **out) RC_NODISCARD;
void flood_free(struct flood *f);

/* One input of a subscriber. */
enum flood_verdict flood_take(struct flood *f, int64_t msisdn, int64_t now_ms);
/* A STOP: true = obey it. Costs like an input while there is something to pay with. */
bool flood_take_stop(struct flood *f, int64_t msisdn, int64_t now_ms);
/* Something of this number was carried out that a later STOP must be able to undo. */
void flood_unstop(struct flood *f, int64_t msisdn);

struct flood_counters {
	uint64_t over;    /* inputs over the limit */
	uint64_t stops;   /* STOPs over the limit that were obeyed */
	uint64_t evicted; /* numbers that had not rested yet when another took their place */
	uint32_t kept;    /* numbers, now, those that have rested included */
};
void flood_counters_read(const struct flood *f, struct flood_counters *out);

#endif
