/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Link: one SMPP session towards an SMSC, kept up for as long as the daemon runs.
 *
 * Connect, bind, enquire when idle, window, response timeouts, jittered exponential reconnect, unbind on drain. One
 * function (link_set_state) is the only writer of its state. Handlers are called from the event loop and never
 * free the link that they were called on.
 *
 * Accounting (promise 3): every link_submit that returned RC_OK ends in exactly one `submitted` call, and
 * every message handed to `message` wants exactly one link_respond.
 */
#ifndef STARHASH_GATEWAY_LINK_H
#define STARHASH_GATEWAY_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/rc.h"
#include "gateway/pdu.h"

#define LINK_OUTPUT_MAX (4u << 20) /* bytes that a peer may leave unread before it is given up */
#define LINK_STATUSES 40           /* rows of status_rules at most */

struct event_base;
struct histogram;
struct link;
struct link_tls;
struct dialect;

enum link_state {
	LINK_ST_IDLE /* not started, or resting */,
	LINK_ST_CONNECTING,
	LINK_ST_BINDING,
	LINK_ST_BOUND,
	LINK_ST_UNBINDING,
	LINK_ST_BACKOFF /* waiting to connect again */,
	LINK_ST_DOWN /* stopped for good */,
	LINK_ST_COUNT_
};
const char *link_state_name(enum link_state s);

enum link_bind { LINK_TRANSCEIVER, LINK_TRANSMITTER, LINK_RECEIVER };
const char *link_bind_name(enum link_bind b);

#define LINK_ALTERNATES_MAX 7
struct link_host {
	const char *host;
	uint16_t port;
};

struct link_config { /* strings are borrowed and must outlive the link */
	const char *name, *host;
	uint16_t port;
	struct link_host alternate[LINK_ALTERNATES_MAX]; /* tried in turn after `host` */
	size_t n_alternates;
	const char *bind_address; /* address literal that we connect from; NULL or "" = the system's choice */
	enum link_bind bind;
	const char *system_id, *password, *system_type;
	uint8_t interface_version; /* 0 = 0x34 */
	uint8_t addr_ton, addr_npi;
	const char *address_range; /* NULL = "" */
	const char *group;
	const struct dialect *dialect;
	struct link_tls *tls; /* NULL = plain TCP */
	int window;           /* submit_sm outstanding at most, 1..1000 */
	int queue_max;        /* submit_sm waiting for the window, 1..100000 */
	int rate;             /* PDUs a second we send, 0 = no limit */
	int64_t connect_ms;   /* connect and bind must be done within */
	int64_t response_ms;  /* submit_sm_resp and enquire_link_resp within */
	int64_t enquire_ms;   /* idle time before enquire_link, 0 = never */
	int enquire_misses; /* this many unanswered in a row, and nothing else heard: the link is gone; 0 = 1 */
	int64_t reconnect_min_ms; /* never sooner */
	int64_t reconnect_max_ms; /* about; also between tries that only an operator's help can make succeed */
};

enum link_outcome {
	LINK_ACCEPTED, /* submit_sm_resp ESME_ROK; message_id is set */
	LINK_THROTTLED, /* refused for now: certainly not applied, may be sent again later (gateway/status.h) */
	LINK_REJECTED, /* refused for good: `status` says why */
	LINK_NOT_SENT, /* certainly never written to the socket (connection gone while it was queued) */
	LINK_UNKNOWN   /* written, no answer: never sent again blindly */
};

struct link_handlers {
	/* A deliver_sm or data_sm. `connection` counts the link's connections: a PDU redelivered after a loss has
	 * another one. Answer with link_respond, now or later. Everything is valid during the call only. */
	void (*message)(void *ctx, struct link *l, uint32_t connection, const struct pdu_header *h,
	                const struct pdu_message *m);
	void (*submitted)(void *ctx, struct link *l, uint64_t token, enum link_outcome outcome,
	                  uint32_t status, const char *message_id);
	void (*changed)(void *ctx, struct link *l, enum link_state state);
	void *ctx;
};

/* Returns RC_OK; RC_NOMEM. config and handlers are copied. From now on the process ignores SIGPIPE, unless it has
 * a handler of its own. */
enum rc link_new(struct event_base *base, const struct clock *clock, const struct link_config *config,
                 const struct link_handlers *handlers, struct link **out) RC_NODISCARD;
void link_free(struct link *l); /* ends what is outstanding as LINK_UNKNOWN / LINK_NOT_SENT first */

/* Begin, or begin again after a rest. */
void link_start(struct link *l);
/* As link_drain, but only to LINK_ST_IDLE: link_start brings it back. */
void link_rest(struct link *l, int64_t within_ms);
/* PDUs a second from now on; 0 = no limit. */
void link_throttle(struct link *l, int rate);
/* Send what is queued, wait up to `within_ms` for outstanding responses and for the link_respond of every message
 * that was handed on, unbind, close; nothing new is taken meanwhile. Then `changed` with LINK_ST_DOWN. */
void link_drain(struct link *l, int64_t within_ms);

/* Answer a message of `connection`. Nothing is sent when that connection is gone. `id` = the request's. */
void link_respond(struct link *l, uint32_t connection, uint32_t id, uint32_t sequence, uint32_t status);

/* Send a submit_sm (copied). `token` comes back in `submitted`.
 * Returns RC_OK; RC_FULL (window and queue at their bounds); RC_CLOSED (not bound, a receiver, or draining); RC_RANGE (a field
 * is too long: nothing was sent). After any but RC_OK `submitted` is not called. */
enum rc link_submit(struct link *l, const struct pdu_submit *submit, uint64_t token) RC_NODISCARD;
/* Take back what was submitted with this token and still waits in the queue: it is concluded as LINK_NOT_SENT before
 * this returns, and counted in submit_cancelled as well. False: it has been written, or is none of ours; nothing
 * happens. O(1). Who wants to use it keeps tokens unique. */
bool link_cancel(struct link *l, uint64_t token);

const char *link_name(const struct link *l);
const struct link_config *link_config_of(const struct link *l);
enum link_state link_state(const struct link *l);
uint32_t link_connection(const struct link *l); /* number of the present connection, 0 = none so far */
bool link_can_submit(const struct link *l);     /* bound, not a receiver, and not ending */
unsigned link_load(const struct link *l);       /* outstanding and queued, in thousandths of the window */

struct link_report {      /* for people; borrowed until the next turn of the loop */
	const char *host; /* in use, or tried next */
	uint16_t port;
	int64_t since_ms;  /* UTC: in this state */
	unsigned attempts; /* to connect, since the last good bind */
	const char *lost;  /* why it was lost last, or could not be made; "" = never */
	const char *alarm; /* what somebody must do before it can work; "" = nothing */
};
void link_report_read(const struct link *l, struct link_report *out);

/* Do what is due by the clock. The link does so by itself; this is for tests that move a clock. */
void link_turn(struct link *l);

struct link_counters {
	uint64_t connects, connect_failures, binds, bind_failures, losses;
	uint64_t attempts /* to connect, ever */, alarms /* times that an operator was called for */,
		rebinds /* given up because a status said that the session is not what we think */;
	uint64_t deliver_in, responses_out, submit_out, submit_accepted, submit_throttled, submit_rejected,
		submit_unknown, submit_not_sent, submit_refused /* at our bound */, submit_cancelled;
	uint64_t enquire_in, enquire_out, enquire_missed;
	uint64_t nack_in, nack_out, malformed, unknown_id, unknown_sequence, late_responses, tlvs_dropped,
		framing_lost;
	uint64_t bytes_in, bytes_out;
	uint64_t alerts /* alert_notification, ignored */,
		odd_transitions /* our own fault: not in the table */;
	uint64_t submit_status[LINK_STATUSES];  /* submit_sm_resp in, by row of status_rules */
	uint64_t respond_status[LINK_STATUSES]; /* what we answered to any request, by the same */
	uint32_t outstanding, queued;           /* now */
	uint64_t unread; /* bytes that the peer has not taken yet; at LINK_OUTPUT_MAX it is given up */
};
/* From writing a submit_sm to its answer; those without one are not in it. Borrowed. */
const struct histogram *link_response_times(const struct link *l);
void link_counters_read(const struct link *l, struct link_counters *out);

#endif
