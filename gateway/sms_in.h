/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMS in: from one or many deliver_sm to one text.
 *
 * Parts by user data header (8 and 16 bit reference), by SAR TLVs, or a whole text in message_payload; in any order, with
 * copies, over any links of a group. Bounded in parts, texts under way and octets; what is not complete in time is given up.
 *
 * A part is acknowledged when it is here, the last one when the effect of the whole text is stored (docs/adr/0009). So a
 * text stays here after it was whole, until sms_in_settled says that it was taken: should the last part be delivered
 * again before, the text is whole again. Afterwards its copies are known for a while.
 */
#ifndef STARHASH_GATEWAY_SMS_IN_H
#define STARHASH_GATEWAY_SMS_IN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/rc.h"
#include "gateway/dialect.h"
#include "gateway/pdu.h"

struct sms_in;

struct sms_in_options {
	const struct clock *clock;
	int64_t expire_ms;  /* a text must be whole within */
	size_t texts_max;   /* incomplete at once */
	size_t octets_max;  /* kept for all of them */
	unsigned parts_max; /* of one text, 1..255 */
};

#define SMS_TEXT_SIZE 16384 /* bytes of a whole decoded text with NUL; what is longer is cut, and counted */

enum sms_in_verdict {
	SMS_IN_WHOLE,   /* *text is the whole text, valid until the next call */
	SMS_IN_KEPT,    /* a part; answer ROK */
	SMS_IN_COPY,    /* a part that was here already, or of a text that was completed lately; answer ROK */
	SMS_IN_REFUSED, /* *status says what to answer, `why` what was wrong */
};

enum rc sms_in_new(const struct sms_in_options *options, struct sms_in **out) RC_NODISCARD;
void sms_in_free(struct sms_in *s);

/* One message that dialect_read called SMS. */
/* `event` is read for who wrote to whom. */
enum sms_in_verdict sms_in_receive(struct sms_in *s, const struct dialect *d, uint16_t group,
                                   const struct dialect_event *event, const struct pdu_message *m,
                                   const char **text, uint32_t *status, const char **why);

/* The text that was whole just now waits for what becomes of it, under the name of the PDU that completed it. Nothing happens
 * when it came in one PDU. */
void sms_in_await(struct sms_in *s, const void *link, uint32_t connection, uint32_t sequence);
/* The PDU was answered: `taken` (ESME_ROK), or the SMSC is to deliver it again. Fine for PDUs that are not known here. */
void sms_in_settled(struct sms_in *s, const void *link, uint32_t connection, uint32_t sequence, bool taken);

/* The daemon is to end: parts of further texts are refused for now, so that the SMSC keeps them for the next one. */
void sms_in_drain(struct sms_in *s);

/* Give up what is too old; returns the monotonic time of the next one (INT64_MAX = none). */
int64_t sms_in_tick(struct sms_in *s);

struct sms_in_counters {
	uint64_t single; /* texts in one PDU */
	uint64_t parts;  /* parts that were kept */
	uint64_t whole;  /* texts that became whole from parts */
	uint64_t again;  /* whole once more: the last part was delivered again before it was taken */
	uint64_t copies; /* parts that were here already */
	uint64_t
		expired; /* texts given up: a part did not come in time, or the last one was not delivered again */
	uint64_t evicted;  /* texts given up for newer ones, at a bound */
	uint64_t replaced; /* texts given up because another one began under the same reference */
	uint64_t refused;  /* messages */
	uint64_t cut;      /* texts over SMS_TEXT_SIZE */
	uint32_t waiting;  /* texts that are not whole, or not taken yet; now */
	uint32_t known;    /* texts that were taken and whose copies are recognised; now */
	uint64_t octets;   /* memory for both; now */
};
void sms_in_counters_read(const struct sms_in *s, struct sms_in_counters *out);

#endif
