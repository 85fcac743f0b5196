/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMS traffic: short messages and receipts from links to dialogues and the store, texts from dialogues to links.
 *
 * A part is answered ESME_ROK when it is here, a whole text when its effect is stored, a receipt when it is stored (docs/sms.md).
 */
#ifndef STARHASH_GATEWAY_TRAFFIC_SMS_H
#define STARHASH_GATEWAY_TRAFFIC_SMS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/rc.h"
#include "gateway/dialogue.h"
#include "gateway/link.h"
#include "gateway/sms_in.h"
#include "gateway/sms_out.h"

#define TRAFFIC_SMS_OUT_MAX \
	100000 /* texts, as many as notices (NOTICES_MAX): one more is refused, counted and tried again */

struct gateway;

/* Into the gateway, or RC_NOMEM; its store is open. */
enum rc traffic_sms_new(struct gateway *g) RC_NODISCARD;
void traffic_sms_free(struct gateway *g);

/* `in->event` is an SMS or a receipt. True: the text is whole and stands in the event, which is the dialogues' now; it is valid
 * until the next call. False: it was answered, or will be. */
bool traffic_sms_message(struct gateway *g, struct dialogue_input *in, const struct pdu_message *m);
/* An SMS was answered with this status. */
void traffic_sms_answered(struct gateway *g, const struct dialogue_input *in, uint32_t status);

/* As dialogue_port.sms. */
enum rc traffic_sms_send(void *ctx, void *link, uint16_t group, const struct pdu_address *service,
                         const struct pdu_address *subscriber, const char *text, int64_t notice,
                         uint64_t token) RC_NODISCARD;
/* As dialogue_port.recall, of an SMS. */
void traffic_sms_recall(struct gateway *g, uint64_t token);
/* Is it one of ours? Then its fate is taken. */
bool traffic_sms_submitted(struct gateway *g, uint64_t token, enum link_outcome outcome, uint32_t status,
                           const char *message_id);

/* No further texts in parts are begun. */
void traffic_sms_drain(struct gateway *g);
/* Monotonic time of the next call that is needed. */
int64_t traffic_sms_tick(struct gateway *g);

struct traffic_sms_counters {
	struct sms_in_counters in;
	struct sms_out_counters out;
	struct {
		uint64_t in, matched;
		uint64_t repeated;   /* known already */
		uint64_t stray;      /* no part has the id, so far */
		uint64_t unreadable; /* neither an id nor a state in it */
		uint64_t refused;    /* the store did not take it: the SMSC delivers it again */
		uint32_t waiting;    /* for the store; now */
	} receipts;
};
void traffic_sms_read(const struct gateway *g, struct traffic_sms_counters *out);

#endif
