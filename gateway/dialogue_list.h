/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open dialogues for whoever operates the daemon: which there are, and the end of one.
 *
 * A walk over the table, of at most ussd.dialogues open ones and DIALOGUE_CLOSED_MAX ended ones: some milliseconds, and only
 * when somebody asks. A number is told to the caller, who hides it from whom it does not concern.
 */
#ifndef STARHASH_GATEWAY_DIALOGUE_LIST_H
#define STARHASH_GATEWAY_DIALOGUE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"

struct dialogues;

struct dialogue_view { /* borrowed for the call */
	uint32_t id;   /* of this dialogue, in this run of the daemon */
	int64_t msisdn;
	uint16_t group;
	const char *channel;                     /* "ussd", "sms", "simulated" */
	const char *state;                       /* "theirs" = the subscriber's turn; others: ours */
	const char *service, *screen, *language; /* "" = not known yet */
	bool is_push;                            /* we opened it, and it was not answered yet */
	unsigned inputs;                         /* and screens that we opened */
	int64_t began_ms;                        /* UTC */
};
/* Return false to stop. */
typedef bool dialogue_view_fn(void *ctx, const struct dialogue_view *v);

/* Each open dialogue of `msisdn` (0 = of everybody) whose id is greater than `after`, in the order in which their numbers were
 * met first. */
void dialogue_list(const struct dialogues *ds, int64_t msisdn, uint32_t after, dialogue_view_fn *fn,
                   void *ctx);
/* End one whose turn is the subscriber's as if the phone had: what is being done goes on, its result follows by SMS; where it
 * stopped is kept for a resume. RC_OK: `*subscriber` is the store's id of whose it was, 0 = not stored yet. RC_NOTFOUND: it
 * is over; RC_BUSY: it is our turn, the phone waits for an answer and gets it first. */
enum rc dialogue_end(struct dialogues *ds, uint32_t id, int64_t *subscriber) RC_NODISCARD;

#endif
