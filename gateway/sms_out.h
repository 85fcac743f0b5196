/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMS out: one text to one or many submit_sm, and their common fate.
 *
 * Split without tearing an escape pair or a surrogate pair; refused parts are sent again by the status table
 * (gateway/status.h), accepted ones never. The fate is told once: delivered to the SMSC when all parts were accepted.
 */
#ifndef STARHASH_GATEWAY_SMS_OUT_H
#define STARHASH_GATEWAY_SMS_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/rc.h"
#include "gateway/dialect.h"
#include "gateway/dialogue.h"
#include "gateway/link.h"

#define SMS_OUT_SENDER \
	0xff /* TON of a service whose digits are the sender as a person writes it, whatever the dialect says */
#define SMS_OUT_TOKEN 2 /* bit that marks a link token as a part of an SMS */

struct sms_out;
struct store;

struct sms_out_options {
	const struct clock *clock;
	struct store *store; /* hears which part got which message_id, for receipts; may be NULL */
	size_t waiting_max;
	unsigned parts_max;
	/* The fate of a text, once, with the token of sms_out_send: DELIVERED (every part accepted), REFUSED (a part was, for good or
	 * once too often; no further one has left) or UNKNOWN (no answer to a part, which is not sent again). Of a notice (id not
	 * 0) nothing of which has left, also NOT_SENT or RETRY, with the status: whoever keeps it sends it again. */
	void (*done)(void *ctx, uint64_t token, enum dialogue_sent how, uint32_t status);
	/* A link to send by now, or NULL. `came_by` may be NULL. */
	struct link *(*pick)(void *ctx, void *came_by, uint16_t group);
	void *ctx;
};

enum rc sms_out_new(const struct sms_out_options *options, struct sms_out **out) RC_NODISCARD;
void sms_out_free(struct sms_out *s);

/* `came_by` = the link that the subscriber was met on; NULL = none, then TON and NPI are the dialect's.
 * `notice` = id in the store's outbox for receipts, 0 = none wanted. Returns RC_OK (done follows, perhaps before this returns);
 * RC_CLOSED (no link now); RC_FULL; RC_RANGE (cannot ever be sent: too long, or not for this SMSC); RC_NOMEM. */
enum rc sms_out_send(struct sms_out *s, void *came_by, uint16_t group, const struct pdu_address *service,
                     const struct pdu_address *subscriber, const char *text, int64_t notice,
                     uint64_t token) RC_NODISCARD;
void sms_out_submitted(struct sms_out *s, uint64_t link_token, enum link_outcome outcome, uint32_t status,
                       const char *message_id);
/* Take back the text of this token: parts that wait do not leave any more. When none is with the SMSC, `done` is called before
 * this returns, with REFUSED; else once the SMSC has answered those. Had all of them left, nothing is changed. Tokens that are
 * recalled must be unique. */
void sms_out_recall(struct sms_out *s, uint64_t token);
int64_t sms_out_tick(struct sms_out *s);

struct sms_out_counters {
	uint64_t texts, parts, sent, rejected, unknown, given_up, retries, refused;
	uint32_t waiting;
};
void sms_out_counters_read(const struct sms_out *s, struct sms_out_counters *out);

#endif
