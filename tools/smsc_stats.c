/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counters of the simulator and their names. */
#include "tools/smsc_stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define TOLD_OF_EACH 5

static const char *const error_names[SMSC_ERR_COUNT] = {
	[SMSC_ERR_FRAMING] = "framing",
	[SMSC_ERR_MALFORMED] = "malformed",
	[SMSC_ERR_COMMAND] = "unexpected-command",
	[SMSC_ERR_CODING] = "data-coding",
	[SMSC_ERR_TOO_LONG] = "text-too-long",
	[SMSC_ERR_WRONG_OP] = "wrong-op",
	[SMSC_ERR_SECOND_ANSWER] = "second-answer",
	[SMSC_ERR_OTHER_ANSWER] = "repeat-answered-differently",
	[SMSC_ERR_NO_DIALOGUE] = "answer-without-dialogue",
	[SMSC_ERR_UNKNOWN_NUMBER] = "unknown-number",
	[SMSC_ERR_RESP_SEQUENCE] = "response-unknown-sequence",
	[SMSC_ERR_RESP_DOUBLE] = "response-twice",
	[SMSC_ERR_RESP_STATUS] = "response-status",
	[SMSC_ERR_RESP_BODY] = "response-body",
	[SMSC_ERR_RESP_MISSING] = "response-missing",
	[SMSC_ERR_NACK] = "generic-nack",
	[SMSC_ERR_ENQUIRE] = "enquire-link-unanswered",
	[SMSC_ERR_DEAD_KEPT] = "dead-connection-kept",
	[SMSC_ERR_SMS_WRONG] = "sms-answer-wrong",
	[SMSC_ERR_SMS_SECOND] = "sms-answered-twice",
	[SMSC_ERR_PARTS] = "parts-without-text",
};

static const char *const injected_names[SMSC_INJ_COUNT] = {
	[SMSC_INJ_DROP] = "drop",
	[SMSC_INJ_THROTTLE] = "throttle",
	[SMSC_INJ_GARBAGE] = "garbage",
	[SMSC_INJ_NO_RESP] = "no-resp",
	[SMSC_INJ_SLOW] = "slow-resp",
	[SMSC_INJ_REFUSED_BIND] = "refuse-bind",
	[SMSC_INJ_SECOND_BIND] = "second-bind",
	[SMSC_INJ_MUTE_BIND] = "mute-bind",
	[SMSC_INJ_HALF_OPEN] = "half-open",
	[SMSC_INJ_RESTART] = "restart",
	[SMSC_INJ_MUTE_ENQUIRE] = "mute-enquire",
	[SMSC_INJ_DUP_RESP] = "dup-resp",
	[SMSC_INJ_REORDER] = "reorder",
	[SMSC_INJ_NACK] = "nack",
	[SMSC_INJ_VENDOR] = "vendor-status",
	[SMSC_INJ_REDELIVER] = "redeliver",
	[SMSC_INJ_ABSENT] = "absent",
	[SMSC_INJ_BUSY] = "busy",
};

const char *smsc_error_name(enum smsc_error kind)
{
	return error_names[kind];
}

const char *smsc_injected_name(enum smsc_injected kind)
{
	return injected_names[kind];
}

void smsc_stats_error(struct smsc_stats *s, enum smsc_error kind, const char *why)
{
	s->errors[kind]++;
	if (s->quiet || s->errors[kind] > TOLD_OF_EACH)
		return;
	fprintf(stderr, "starhash-smsc: protocol error %s%s%s%s\n", error_names[kind],
	        why == NULL ? "" : ": ", why == NULL ? "" : why,
	        s->errors[kind] == TOLD_OF_EACH ? " (further ones are only counted)" : "");
}

void smsc_stats_connected(struct smsc_stats *s, int64_t now_us)
{
	s->connects++;
	if (s->second_connects == 0 || now_us - s->second_us >= 1000000) {
		s->second_us = now_us;
		s->second_connects = 0;
	}
	if (++s->second_connects > s->connects_peak)
		s->connects_peak = s->second_connects;
}

uint64_t smsc_stats_errors(const struct smsc_stats *s)
{
	uint64_t sum = 0;

	for (int i = 0; i < SMSC_ERR_COUNT; i++)
		sum += s->errors[i];
	return sum;
}

int64_t smsc_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}
