/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialect: how one kind of SMSC carries USSD and SMS over SMPP. A table, not code.
 *
 * Pure translations between a decoded PDU and what the dialogue layer understands. What is special about an SMSC is a
 * field of struct dialect (gateway/dialect_table.h), which operators write in dialects.conf; nothing here asks for a name.
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
#define DIALECT_NAME_SIZE 32

enum dialect_kind {
	DIALECT_BEGIN,    /* a subscriber dialled */
	DIALECT_CONTINUE, /* a subscriber answered */
	DIALECT_ABORT,    /* it is over: see cause; content is not input */
	DIALECT_ACK,      /* a handset acknowledged a notify */
	DIALECT_SMS,      /* an ordinary short message: see gateway/sms_in.h for its text */
	DIALECT_RECEIPT   /* a delivery receipt: see gateway/receipt.h */
};
const char *dialect_kind_name(enum dialect_kind k);

enum dialect_cause { /* of an ABORT, as far as the SMSC tells them apart */
	             DIALECT_CAUSE_UNKNOWN,
	             DIALECT_CAUSE_SUBSCRIBER, /* cancelled on the phone */
	             DIALECT_CAUSE_NETWORK     /* timeout, radio loss, absent */
};

/* What the answers of a dialogue must carry back. A plain value, kept for each dialogue; small. */
#define DIALECT_KEEP_MAX 4
#define DIALECT_KEEP_SIZE 8
struct dialect_kept {
	uint16_t tag;
	uint8_t length; /* 1..DIALECT_KEEP_SIZE */
	uint8_t value[DIALECT_KEEP_SIZE];
};
struct dialect_session {
	uint64_t id; /* session key after the dialect's mask; meaningful when has_id */
	bool has_id;
	uint8_t n_kept; /* the session TLV first, when there is one, then those to echo */
	struct dialect_kept kept[DIALECT_KEEP_MAX];
};
/* The same octets in every kept TLV (a copy of one PDU), and: could these two belong to one dialogue? The second is true
 * when either has no id. */
bool dialect_session_same(const struct dialect_session *a, const struct dialect_session *b);
bool dialect_session_fits(const struct dialect_session *a, const struct dialect_session *b);

struct dialect_event {
	enum dialect_kind kind;
	enum dialect_cause cause;
	int64_t msisdn;
	char code[DIALECT_CODE_SIZE]; /* short code or dialled service as addressed: "123"; "" if absent */
	char text
		[DIALECT_INPUT_SIZE]; /* BEGIN: dialled string or ""; CONTINUE: what was typed; SMS: see long_text */
	const char *
		long_text; /* an SMS that does not fit into text: the whole of it, borrowed; NULL = text is whole */
	struct dialect_session session;
	/* addresses of the answer: the request's, swapped */
	struct pdu_address service, subscriber;
	char service_type[6]; /* of the request, for dialects that copy it */
};
static inline const char *dialect_event_text(const struct dialect_event *e)
{
	return e->long_text ? e->long_text : e->text;
}

struct dialect;

/* What a PDU that could not be understood was about. `knob` is the key of dialects.conf to look at ("ops_in",
 * "session", "code_from", "coding_in", ...), `words` says in one line, without any content, what was seen, in hexadecimal and
 * decimal. */
struct dialect_trouble {
	const char *knob;
	char words[160];
};

/* Read a message. For SMS and RECEIPT the text stays empty. Returns RC_OK; RC_SYNTAX (source is not an MSISDN, or broken:
 * *status_out says what to answer); RC_RANGE (an op code without meaning here, or no session where the dialect demands one:
 * *status_out says what to answer; counted). `trouble` is filled unless RC_OK; may be NULL. */
enum rc dialect_read(const struct dialect *d, const struct msisdn_plan *plan, const struct pdu_message *m,
                     struct dialect_event *out, uint32_t *status_out,
                     struct dialect_trouble *trouble) RC_NODISCARD;

/* `m` was read as `e`, and yet it looks as if another dialect were meant: an op that stands nowhere, an answer with the end
 * bit, a TLV of a length that it cannot have, a session where we do not look for it. False: nothing of the kind. */
bool dialect_doubt(const struct dialect *d, const struct pdu_message *m, const struct dialect_event *e,
                   struct dialect_trouble *out);

/* Scratch for one outgoing message; must live until the submit is packed. */
struct dialect_scratch {
	uint8_t body[PDU_PAYLOAD_MAX];
	uint8_t tlv[8][16];
};

enum dialect_say {
	DIALECT_SAY_CONTINUE, /* a screen that wants an answer */
	DIALECT_SAY_END,      /* the last screen */
	DIALECT_SAY_PUSH,     /* network-initiated, wants an answer (USSR) */
	DIALECT_SAY_NOTIFY,   /* network-initiated, wants none (USSN) */
	DIALECT_SAY_RELEASE   /* no text: let go of the session */
};
#define DIALECT_SAYS 5

/* Can it say this at all (an op is set for it, or ops are absent by design)? */
bool dialect_can_say(const struct dialect *d, enum dialect_say how);
/* Septets and UCS-2 units that one USSD text may have here. */
void dialect_limits(const struct dialect *d, size_t *septets, size_t *units);

/* A USSD text. `text` is UTF-8 within dialect_limits; what is longer is cut at a word with "..." when the dialect says
 * truncate. Returns RC_OK; RC_RANGE (does not fit, or cannot be said). */
enum rc dialect_write_ussd(const struct dialect *d, const struct dialect_event *to_addresses_and_session,
                           const char *text, enum dialect_say how, struct dialect_scratch *scratch,
                           struct pdu_submit *out) RC_NODISCARD;

#endif
