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
#include "menus/machine.h"
#include "storage/store.h"

struct dialogues;
struct outbox; /* gateway/outbox.h */

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

/* One call of an app (gateway/app.h turns it into HTTP). */
struct dialogue_app_request {
	const char *url;
	enum book_speaks speaks;
	uint32_t within_ms;
	int64_t msisdn;
	const char *code;    /* dialled service, "*123#" */
	const char *session; /* the same for all calls of one visit to the app; at most 40 characters */
	const char *input;   /* what was typed last; "" on the first call */
	const char *chain;   /* everything typed in this visit, joined with '*' */
	uint32_t sequence;   /* 1.. within the visit */
	bool first;
	bool closes; /* the subscriber is gone: tell the app (Hubtel release/timeout); no answer is used */
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
	/* Ask an HTTP app; dialogue_app_answered follows exactly once with the token. NULL = no apps here. RC_OK; any other: not
	 * taken, and nothing follows. `request` is borrowed for the call. */
	enum rc (*app)(void *ctx, const struct dialogue_app_request *request, uint64_t token);
	/* Send one SMS to the subscriber. `notice` = id in the store's outbox, 0 = a plain answer. */
	enum rc (*sms)(void *ctx, void *link, uint16_t group, const struct pdu_address *service,
	               const struct pdu_address *subscriber, const char *text, uint64_t token);
};

struct dialogue_options {
	const struct clock *clock;
	struct store *store;
	struct services *services;
	const struct config *config; /* idle, answer_within, dialogues_max, bundles */
	struct outbox *
		outbox; /* of what a charging system gives; NULL = the store's ledger does. Has no other listener */
	/* Balance and bundles, as store_facts_find; NULL = that. */
	enum rc (*facts)(void *ctx, int64_t msisdn, store_facts_fn *fn, void *fn_ctx);
	void *facts_ctx;
	/* What dialogues come by in their books, for `starhash test --coverage`; NULL in the daemon. */
	void (*reached)(void *ctx, const struct book *book, enum machine_reached what,
	                const struct book_screen *screen, size_t which, size_t language);
	void *reached_ctx;
};

enum rc dialogues_new(const struct dialogue_options *options, const struct dialogue_port *port,
                      struct dialogues **out) RC_NODISCARD;
void dialogues_free(struct dialogues *d);

/* The event is copied as far as it is needed. */
void dialogue_receive(struct dialogues *d, const struct dialogue_input *in);
void dialogue_sent(struct dialogues *d, uint64_t token, enum dialogue_sent how, uint32_t status);

/* What an app said; RC_OK with text and `ends`; RC_BUSY (too slow), RC_IO (down, HTTP error), RC_SYNTAX (no CON/END, HTML, too
 * long, not text). */
void dialogue_app_answered(struct dialogues *d, uint64_t token, enum rc rc, const char *text, bool ends);

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
	/* app_slow: no answer within the deadline; app_failed: down, wrong or not taken; app_late: it came when nobody waited */
	uint64_t app_calls, app_answers, app_slow, app_failed, app_late, app_closed;
	uint64_t facts, facts_slow, facts_failed;
	uint64_t screen_counts_lost; /* counts per screen that the store did not take */
	uint32_t open, parked, asking;
	uint32_t books_live; /* those that answer now, and older ones on which somebody still stands */
	uint32_t books_old;
};
void dialogue_counters_read(const struct dialogues *d, struct dialogue_counters *out);
/* How many open dialogues run on this very book, and of these how many stand on each screen (`on`, of b->n_screens). */
size_t dialogue_standing(const struct dialogues *d, const struct book *b, uint32_t *on);
struct notices_counters; /* gateway/notices.h */
void dialogue_notices_read(const struct dialogues *d, struct notices_counters *out);

#endif
