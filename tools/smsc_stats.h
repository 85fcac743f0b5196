/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the simulator counted: traffic, protocol errors of the ESME by kind, injected faults, latency.
 *
 * One plain value that every part adds to and the report reads. A protocol error is something that a
 * correct ESME never does; a missing answer is not among them, because a loaded one may be late.
 */
#ifndef STARHASH_TOOLS_SMSC_STATS_H
#define STARHASH_TOOLS_SMSC_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/smsc_hist.h"

enum smsc_error {
	SMSC_ERR_FRAMING,        /* command_length that cannot be: the connection was closed */
	SMSC_ERR_MALFORMED,      /* a PDU that the specification does not allow */
	SMSC_ERR_COMMAND,        /* a command that an ESME does not send, or not yet, or not on this bind */
	SMSC_ERR_CODING,         /* data_coding and text do not belong together */
	SMSC_ERR_TOO_LONG,       /* a USSD text that no handset can show */
	SMSC_ERR_WRONG_OP,       /* ussd_service_op that does not answer anything */
	SMSC_ERR_SECOND_ANSWER,  /* two answers in one turn */
	SMSC_ERR_OTHER_ANSWER,   /* a repeated input was answered differently */
	SMSC_ERR_NO_DIALOGUE,    /* an answer for a phone that has no such dialogue */
	SMSC_ERR_UNKNOWN_NUMBER, /* a message for a number that nobody has */
	SMSC_ERR_RESP_SEQUENCE,  /* a response that answers nothing */
	SMSC_ERR_RESP_DOUBLE,    /* deliver_sm_resp twice */
	SMSC_ERR_RESP_STATUS,    /* deliver_sm_resp with an error status */
	SMSC_ERR_RESP_BODY,      /* deliver_sm_resp with a wrong body */
	SMSC_ERR_RESP_MISSING,   /* deliver_sm never acknowledged */
	SMSC_ERR_NACK,           /* generic_nack to a well-formed PDU */
	SMSC_ERR_ENQUIRE,        /* enquire_link never answered: the connection was closed */
	SMSC_ERR_DEAD_KEPT,      /* a connection that had long been dead was never given up */
	SMSC_ERR_SMS_WRONG,      /* an SMS was answered as if its text had been another */
	SMSC_ERR_SMS_SECOND,     /* an SMS was answered twice, or one that was not whole was answered */
	SMSC_ERR_PARTS,          /* parts that make no text */
	SMSC_ERR_COUNT
};

enum smsc_injected {
	SMSC_INJ_DROP,
	SMSC_INJ_THROTTLE,
	SMSC_INJ_GARBAGE,
	SMSC_INJ_NO_RESP,
	SMSC_INJ_SLOW,
	SMSC_INJ_REFUSED_BIND,
	SMSC_INJ_SECOND_BIND, /* refused: there is one already */
	SMSC_INJ_MUTE_BIND,   /* never answered */
	SMSC_INJ_HALF_OPEN,
	SMSC_INJ_RESTART,
	SMSC_INJ_MUTE_ENQUIRE,
	SMSC_INJ_DUP_RESP,
	SMSC_INJ_REORDER,
	SMSC_INJ_NACK,
	SMSC_INJ_VENDOR,
	SMSC_INJ_REDELIVER, /* the same deliver_sm twice at once, on another connection where there is one */
	SMSC_INJ_ABSENT,    /* pushes to phones that are not there */
	SMSC_INJ_BUSY,      /* or in a dialogue of their own */
	SMSC_INJ_COUNT
};

struct smsc_stats {
	uint64_t pdus_in, pdus_out;
	uint64_t steps;         /* inputs that got their answer */
	uint64_t sms_in;        /* messages for the inbox of a phone */
	uint64_t sms_out;       /* messages that a phone sent */
	uint64_t unanswered;    /* inputs without an answer in time */
	uint64_t redelivered;   /* deliver_sm sent again after a lost connection */
	uint64_t repeated;      /* answers that came again for a repeated input: as it should be */
	uint64_t turns;         /* inputs that want an answer */
	uint64_t connects;      /* connections accepted */
	uint64_t connects_peak; /* in the busiest second */
	uint64_t bind_attempts;
	uint64_t binds, refused_binds;
	uint64_t receipts; /* sent */
	uint64_t pushes, push_shown,
		push_closed; /* of the network: asked for, seen by people, brought to an end */
	uint64_t lost;       /* connections that the ESME closed without unbind */
	uint64_t gone;       /* bound connections that ended, in whatever way */
	uint64_t reconnects; /* binds that made up for one of those */
	uint64_t garbage_answered;
	uint64_t errors[SMSC_ERR_COUNT];
	uint64_t injected[SMSC_INJ_COUNT];
	struct smsc_hist latency; /* microseconds from input to answer */
	int64_t second_us;        /* of connects_peak: when it began, and how many it has */
	uint64_t second_connects;
	bool quiet; /* do not tell errors on stderr when they happen */
};

/* Count one, and tell the first few of each kind on stderr. `why` may be NULL. */
void smsc_stats_error(struct smsc_stats *s, enum smsc_error kind, const char *why);

/* One more connection was accepted. */
void smsc_stats_connected(struct smsc_stats *s, int64_t now_us);

uint64_t smsc_stats_errors(const struct smsc_stats *s); /* sum of all kinds */
const char *smsc_error_name(enum smsc_error kind);      /* "second-answer" */
const char *smsc_injected_name(enum smsc_injected kind);

/* CLOCK_MONOTONIC in microseconds: core/clock.h counts milliseconds, too coarse for latencies. */
int64_t smsc_now_us(void);

#endif
