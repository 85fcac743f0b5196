/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text that somebody else wants sent (gateway/sendsms.h): stored first, then on its way like every SMS of ours. */
#ifndef STARHASH_GATEWAY_DIALOGUE_TEXT_H
#define STARHASH_GATEWAY_DIALOGUE_TEXT_H

#include "gateway/notices.h"

/* What became of storing it: RC_OK (durable; it leaves now or as soon as it can); RC_STATE (the subscriber has said STOP:
 * nothing is sent, nothing is kept); RC_IO, RC_BUSY, RC_FULL (nothing was stored). */
typedef void dialogue_text_fn(void *ctx, enum rc rc);
/* RC_OK (fn is called once); RC_FULL (the store's queue, or too many SMS wait already);
 * RC_CLOSED (draining); RC_RANGE (too long for the store); RC_NOMEM. */
enum rc dialogue_text(struct dialogues *ds, const struct notices_route *route, const char *text,
                      dialogue_text_fn *fn, void *ctx) RC_NODISCARD;

#endif
