/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traffic: messages from links to dialogues, answers from dialogues to links.
 *
 * Nothing here decides anything about a dialogue; what an SMSC's messages mean is its dialect's.
 */
#ifndef STARHASH_GATEWAY_TRAFFIC_H
#define STARHASH_GATEWAY_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/rc.h"
#include "gateway/dialogue.h"
#include "gateway/link.h"

struct gateway;

/* Number of the group of links with this name, NULL = of the first link; -1 = there is none. */
int traffic_group(const struct gateway *g, const char *name);

/* Handlers of all links; ctx is the gateway. */
void traffic_message(void *ctx, struct link *l, uint32_t connection, const struct pdu_header *h,
                     const struct pdu_message *m);
void traffic_submitted(void *ctx, struct link *l, uint64_t token, enum link_outcome outcome, uint32_t status,
                       const char *message_id);
/* Handler of apps; ctx is the gateway. */
void traffic_app_answered(void *ctx, uint64_t token, enum rc rc, const char *text, bool ends);
/* The ROK of an input that was kept back (gateway/respond.h); ctx is the gateway. */
void traffic_respond(void *ctx, void *link, uint32_t connection, uint32_t command_id, uint32_t sequence);
/* What dialogues reach the outside by. */
struct dialogue_port traffic_port(struct gateway *g);

#endif
