/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogues: whose turn it is, and what each turn brings about.
 *
 * The layer between wires and menus, free of any event loop: events come in through the functions below, answers
 * leave through `send`, time through the clock and dialogue_tick. The daemon drives it with SMPP links, `starhash dial`
 * and `starhash test` drive it directly; it is the same code.
 *
 * Rules (promises 1, 3, 4, 5): keyed by link group, MSISDN and channel; exactly one answer for each turn; a
 * duplicate gets the stored answer and runs nothing; a new begin ends the old dialogue; a screen that says
 * something is done leaves only after the store has committed it.
 */
#ifndef STARHASH_GATEWAY_DIALOGUE_H
#define STARHASH_GATEWAY_DIALOGUE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/rc.h"
#include "gateway/dialect.h"
#include "gateway/services.h"
#include "storage/store.h"

struct dialogues;

/* One inbound event with what is needed to answer it. */
struct dialogue_input {
	uint16_t group;      /* number of the link group */
	void *link;          /* handed back in answers: where it came from */
	uint32_t connection; /* of the link: another one after a reconnect */
	uint32_t sequence;   /* of the PDU */
	uint32_t command_id; /* of the PDU */
	bool simulated;      /* terminal phone, transcript: marked so in the store */
	struct dialect_event event;
};

enum dialogue_sent {
	DIALOGUE_DELIVERED,
	DIALOGUE_RETRY /* throttled: certainly not delivered */,
	DIALOGUE_REFUSED /* the session is gone or the answer is not wanted */,
	DIALOGUE_NOT_SENT,
	DIALOGUE_UNKNOWN
};

struct dialogue_port {
	void *ctx;
	/* Conclude the PDU (exactly once for each input): status PDU_ROK, or a temporary error when the SMSC should
	 * deliver it again. */
	void (*acknowledge)(void *ctx, const struct dialogue_input *in, uint32_t status);
	/* Does this connection of this link still stand? Then what was confirmed on it arrived, and equal words elsewhere are a
	 * new input. NULL = none that is not the present one. */
	bool (*is_connected)(void *ctx, const void *link, uint32_t connection);
	/* Send one USSD answer; its fate comes back through dialogue_sent with the token. RC_OK; any other: it
	 * was not taken and will not be reported. */
	enum rc (*answer)(void *ctx, void *link, const struct dialect_event *to, const char *text, bool last,
	                  uint64_t token);
	/* Send one SMS to the subscriber. `notice` = id in the store's outbox, 0 = a plain answer. */
	enum rc (*sms)(void *ctx, void *link, uint16_t group, const struct pdu_address *service,
	               const struct pdu_address *subscriber, const char *text, uint64_t token);
};

struct dialogue_options {
	const struct clock *clock;
	struct store *store;
	struct services *services;
	const struct config *config; /* idle, answer_within, dialogues_max, bundles */
};

enum rc dialogues_new(const struct dialogue_options *options, const struct dialogue_port *port,
                      struct dialogues **out) RC_NODISCARD;
void dialogues_free(struct dialogues *d);

/* The event is copied as far as it is needed. */
void dialogue_receive(struct dialogues *d, const struct dialogue_input *in);
void dialogue_sent(struct dialogues *d, uint64_t token, enum dialogue_sent how, uint32_t status);

/* Act on every deadline that has passed; returns the time until the next one in ms (at most 1000). */
int64_t dialogue_tick(struct dialogues *d);
/* A new turn of the event loop: what is received from now on may be an answer to what was said before. A driver without
 * a loop never calls it. */
void dialogue_beat(struct dialogues *d);
/* Refuse new dialogues from now on; those in progress go on. */
void dialogue_drain(struct dialogues *d);
/* End every open dialogue as far as the store is concerned (answers saved, resume points kept). */
void dialogue_close_all(struct dialogues *d);
/* Open dialogues, of any phase, not counting those that only wait to be resumed or forgotten. */
size_t dialogue_open(const struct dialogues *d);
bool dialogue_is_waiting(const struct dialogues *d); /* for the store: some turn is not answered yet */

struct dialogue_counters {
	uint64_t begun, resumed, completed, cancelled, idle, failed, replaced, lost, shed;
	uint64_t inputs, duplicates, wrong_turn, stray, apologies, late_answers, answers, answer_retries,
		answers_lost;
	uint64_t bad_inputs, sms_in, sms_out, sms_unrouted, unrouted;
	uint64_t registered, granted, again;
	uint32_t open, parked;
};
void dialogue_counters_read(const struct dialogues *d, struct dialogue_counters *out);
struct notices_counters; /* gateway/notices.h */
void dialogue_notices_read(const struct dialogues *d, struct notices_counters *out);

#endif
