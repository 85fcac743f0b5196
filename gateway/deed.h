/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deed: what somebody has done to the daemon by hand that changes what subscribers get (a link down, a dialogue ended), and its row
 * in the audit.
 *
 * It is done first and written then: a link must come down on the day on which the disk is full, too. A row that cannot be written
 * is an error in the log, with all that it would have said.
 */
#ifndef STARHASH_GATEWAY_DEED_H
#define STARHASH_GATEWAY_DEED_H

#include <stdint.h>

struct config;

#define DEED_ACTION_SIZE 128

struct deed {
	int64_t at_ms;   /* UTC */
	int64_t subject; /* the subscriber's internal id; 0 = nobody's in particular, or not stored yet */
	char action[DEED_ACTION_SIZE]; /* "link down smsc-a"; "" = nothing was done */
};

/* It was done, now. What is too long is cut. */
void deed_done(struct deed *d, int64_t subject, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Blocks: for a thread beside the loop. `actor` as in audit_row. */
void deed_write(const struct deed *d, const struct config *config, const char *actor);
/* It could not even be handed to a thread. */
void deed_lost(const struct deed *d, const char *actor, const char *why);

#endif
