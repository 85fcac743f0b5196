/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Respond: the deliver_sm_resp of a USSD input, kept back until the SMSC has taken our answer to it.
 *
 * For dialects with respond = "after_submit". Each response that is kept leaves exactly once: when the fate
 * of the answer is known, when there will be none, when it has taken RESPOND_WITHIN_MS, when the same
 * subscriber sends something else, or, without being sent, when its connection is gone. Bounded: what does
 * not fit is answered at once, and counted.
 */
#ifndef STARHASH_GATEWAY_RESPOND_H
#define STARHASH_GATEWAY_RESPOND_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/rc.h"
#include "gateway/dialogue.h"

#define RESPOND_WITHIN_MS 5000 /* over ussd.answer_within, under the 10 s and more that SMSCs wait */
#define RESPOND_KEPT_MAX 20000

struct respond;

/* Sends the ROK of an input; called while one of the functions below runs. */
typedef void respond_send(void *ctx, void *link, uint32_t connection, uint32_t command_id, uint32_t sequence);

enum rc respond_new(const struct clock *clock, size_t kept_max, respond_send *send, void *ctx,
                    struct respond **out) RC_NODISCARD;
void respond_free(struct respond *r); /* sends nothing */

/* Keep the ROK of this input back. False: it is not to be kept (table full), answer now. */
bool respond_keep(struct respond *r, const struct dialogue_input *in);
/* An answer to this subscriber was handed to a link, with this token. */
void respond_answering(struct respond *r, uint16_t group, int64_t msisdn, uint64_t token);
/* This input was looked at. Where its response is kept and no answer of its own has left: `comes` = one is being made or on
 * its way, `token` = that one (0 = not handed to a link yet). A copy shares the answer of the first; what gets no answer at
 * all is responded to now. */
void respond_settle(struct respond *r, const struct dialogue_input *in, bool comes, uint64_t token);
/* There is no answer on its way to this subscriber. */
void respond_unanswered(struct respond *r, uint16_t group, int64_t msisdn);
/* What became of the answer with this token. `again`: it will be sent once more, so the response waits on. */
void respond_sent(struct respond *r, uint64_t token, bool again);
/* The connection is gone: what was kept for it is forgotten. */
void respond_lost(struct respond *r, const void *link);
void respond_all(struct respond *r); /* send all of them now */
/* Send what has waited too long. Returns when the next one is due (monotonic; INT64_MAX = none). */
int64_t respond_tick(struct respond *r);

struct respond_counters {
	uint64_t kept, after, early, late, lost,
		full;     /* early: the subscriber sent more, or no answer came */
	uint32_t waiting; /* now */
};
void respond_counters_read(const struct respond *r, struct respond_counters *out);

#endif
