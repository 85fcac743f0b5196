/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One simulated handset and its USSD dialogue: begin, answers, end.
 *
 * Pure: it says what to send and judges what arrives; tools/smsc_centre.c moves it. At most one unit (an
 * input, a cancellation or an SMS) is on its way at a time, and it can be sent again with the same content.
 * Every copy of an input entitles the ESME to one answer, all of them equal; what exceeds that is an error.
 */
#ifndef STARHASH_TOOLS_SMSC_PHONE_H
#define STARHASH_TOOLS_SMSC_PHONE_H

#include "core/rc.h"
#include "tools/smsc_pdu.h"

#define SMSC_INPUT_MAX 254 /* octets of one input */

enum smsc_turn {
	SMSC_TURN_NONE,      /* no dialogue */
	SMSC_TURN_NETWORK,   /* an input is on its way to the ESME */
	SMSC_TURN_SUBSCRIBER /* a screen is shown that wants an answer */
};

enum smsc_unit {
	SMSC_UNIT_NONE,
	SMSC_UNIT_BEGIN,
	SMSC_UNIT_TYPED,
	SMSC_UNIT_CANCEL,
	SMSC_UNIT_SMS,
	SMSC_UNIT_NOTIFIED /* a pushed screen that wants no answer was shown */
};

enum smsc_verdict {                   /* on a submit_sm that belongs to USSD */
	            SMSC_IS_SCREEN,   /* the answer, and the dialogue goes on */
	            SMSC_IS_END,      /* the answer, and the dialogue is over */
	            SMSC_IS_REPEAT,   /* the same answer again, for an input that was sent again */
	            SMSC_IS_LATE,     /* answers an earlier turn that was disturbed: ignored */
	            SMSC_IS_WRONG_OP, /* the rest are protocol errors */
	            SMSC_IS_SECOND,
	            SMSC_IS_OTHER_REPEAT,
	            SMSC_IS_STRAY
};

struct smsc_phone {
	uint32_t index;
	int64_t msisdn;
	char digits[21];
	char code[21]; /* short code of the dialogue or SMS: "123" */

	enum smsc_turn turn;
	uint8_t session;    /* its_session_info octet 1 */
	uint8_t number;     /* octet 2 without the end bit: even, +2 for each unit */
	uint16_t reference; /* user_message_reference */

	enum smsc_unit unit;
	uint32_t unit_id; /* counts units, to match acknowledgements */
	uint8_t text[SMSC_INPUT_MAX];
	size_t text_len;
	uint8_t data_coding;
	bool acked;
	bool refused;     /* acknowledged with a status */
	uint32_t copies;  /* of the unit, sent */
	uint32_t answers; /* to it */
	uint32_t spare;   /* answers to earlier turns that may still come rightly */
	uint64_t answer_hash;
	bool disturbed; /* the dialogue met a lost connection or a refused input */

	/* for tools/smsc_centre.c */
	uint32_t conn;
	int64_t wanted_us; /* when the subscriber pressed send */
	int64_t sent_us;   /* when the first copy was written */
	bool queued;
	struct smsc_phone *queue_next;
	bool timed;
	int64_t deadline_us;
	struct smsc_phone *timer_prev, *timer_next;
};

void smsc_phone_init(struct smsc_phone *p, uint32_t index, int64_t msisdn, uint8_t session);

/* Make the next unit. Return RC_OK; RC_RANGE (text too long or not UTF-8); type and cancel: RC_STATE
 * (no dialogue, or not the subscriber's turn); sms: RC_STATE (an input is on its way). */
enum rc smsc_phone_dial(struct smsc_phone *p, const char *code, uint16_t reference) RC_NODISCARD;
enum rc smsc_phone_type(struct smsc_phone *p, const char *text) RC_NODISCARD;
enum rc smsc_phone_cancel(struct smsc_phone *p) RC_NODISCARD;
enum rc smsc_phone_sms(struct smsc_phone *p, const char *short_code, const char *text) RC_NODISCARD;
/* A push: does this submit_sm begin a dialogue on this phone, instead of answering it? */
bool smsc_phone_is_push(const struct smsc_phone *p, const struct smsc_sm *sm);
/* It does, and the phone shows it. Its session is the phone's now; where there is none the phone makes one. A screen
 * that wants no answer (op 3) makes the unit that confirms it. RC_STATE (busy with a dialogue). */
enum rc smsc_phone_pushed(struct smsc_phone *p, const struct smsc_sm *sm, uint16_t reference) RC_NODISCARD;
/* The handset forgets the dialogue; nothing is sent. */
void smsc_phone_lose(struct smsc_phone *p);

/* The unit as deliver_sm; borrows from the phone. */
void smsc_phone_message(const struct smsc_phone *p, struct smsc_sm *out);
/* A copy of the unit was written. */
void smsc_phone_sent(struct smsc_phone *p);
/* Is the unit one whose answer is still wanted, or that was not even acknowledged? */
bool smsc_phone_unsettled(const struct smsc_phone *p);
/* A connection was lost: answers may come again that the phone has seen already. */
void smsc_phone_disturb(struct smsc_phone *p);

enum smsc_verdict smsc_phone_judge(struct smsc_phone *p, const struct smsc_sm *answer);

/* May answers still come rightly after the phone was put away? */
bool smsc_phone_has_spare(const struct smsc_phone *p);

#endif
