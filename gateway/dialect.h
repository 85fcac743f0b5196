/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialect: how one kind of SMSC carries USSD over SMPP. A table, not code.
 *
 * Two pure translations: a decoded message to what the dialogue layer understands, and an answer back to
 * a submit_sm. The only dialect so far is `standard`; further ones are further rows.
 */
#ifndef STARHASH_GATEWAY_DIALECT_H
#define STARHASH_GATEWAY_DIALECT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/msisdn.h"
#include "core/rc.h"
#include "core/text.h"
#include "gateway/pdu.h"

#define DIALECT_INPUT_SIZE 512 /* bytes of decoded UTF-8 input with NUL: 182 septets can be 3 bytes each */
#define DIALECT_CODE_SIZE 24

enum dialect_kind {
	DIALECT_BEGIN,    /* a subscriber dialled */
	DIALECT_CONTINUE, /* a subscriber answered */
	DIALECT_ABORT,    /* cancelled or timed out by the network; content is not input */
	DIALECT_ACK,      /* a handset acknowledged a notify */
	DIALECT_SMS,      /* an ordinary short message */
	DIALECT_RECEIPT   /* a delivery receipt */
};
const char *dialect_kind_name(enum dialect_kind k);

/* What the answers of a dialogue must carry back. A plain value, kept for each dialogue. */
struct dialect_session {
	uint16_t its;       /* its_session_info as received; meaningful when has_its */
	uint16_t reference; /* user_message_reference; meaningful when has_reference */
	bool has_its, has_reference;
};

struct dialect_event {
	enum dialect_kind kind;
	int64_t msisdn;
	char code[DIALECT_CODE_SIZE];  /* short code or dialled service as addressed: "123"; "" if absent */
	char text[DIALECT_INPUT_SIZE]; /* BEGIN: dialled string or ""; CONTINUE/SMS: what was typed */
	struct dialect_session session;
	/* addresses of the answer: the request's, swapped */
	struct pdu_address service, subscriber;
};

struct dialect;

const struct dialect *dialect_by_name(const char *name); /* NULL = unknown */
const char *const *dialect_names(void);                  /* ends with NULL */

/* Read a message. Returns RC_OK; RC_SYNTAX (source is not an MSISDN: *status_out says what to answer);
 * RC_RANGE (an op code without meaning here; answered ROK and counted). */
enum rc dialect_read(const struct dialect *d, const struct msisdn_plan *plan, const struct pdu_message *m,
                     struct dialect_event *out, uint32_t *status_out) RC_NODISCARD;

/* Scratch for one outgoing message; must live until the submit is packed. */
struct dialect_scratch {
	uint8_t body[PDU_PAYLOAD_MAX];
	uint8_t tlv[8][4];
};

/* An answer in a USSD dialogue: `last` ends it. Text is UTF-8, at most TEXT_USSD_SEPTETS / TEXT_USSD_UCS2.
 * Returns RC_OK; RC_RANGE (does not fit). */
enum rc dialect_write_ussd(const struct dialect *d, const struct dialect_event *to_addresses_and_session,
                           const char *text, bool last, struct dialect_scratch *scratch,
                           struct pdu_submit *out) RC_NODISCARD;

/* One SMS (at most 160 septets or 70 UCS-2 units in one part; longer ones as message_payload).
 * `service` is the sender, `subscriber` the receiver. */
enum rc dialect_write_sms(const struct dialect *d, const struct pdu_address *service,
                          const struct pdu_address *subscriber, const char *text,
                          struct dialect_scratch *scratch, struct pdu_submit *out) RC_NODISCARD;

#endif
