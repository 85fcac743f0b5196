/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Link, from inside: the structure and what its files offer each other. Only gateway/link*.c include this.
 *
 *   link.c          what the world calls
 *   link_state.c    states, timers, the turn of a link; the only writer of `state`
 *   link_connect.c  from a name to a connection
 *   link_tls.c      the same, encrypted; the only file that knows OpenSSL
 *   link_io.c       bytes in and out, frames
 *   link_dispatch.c what each PDU means
 *   link_send.c     submit_sm: queue, window, rate, throttling, outcomes
 *
 * Invariant: a connection is only ever closed by link_lose, which runs from the event loop and never inside a
 * call of the world. So handlers may call link_submit, link_respond and link_drain, and what a handler was
 * given stays valid until it returns. Who wants a connection closed elsewhere says so with link_close_soon.
 */
#ifndef STARHASH_GATEWAY_LINK_PRIVATE_H
#define STARHASH_GATEWAY_LINK_PRIVATE_H

#include <event2/bufferevent.h>
#include <event2/event.h>

#include "core/histogram.h"
#include "gateway/link.h"
#include "gateway/link_tls.h"
#include "gateway/link_window.h"
#include "gateway/pdu_codec.h"

#define LINK_NEVER INT64_MAX
#define LINK_INPUT_MAX (PDU_MAX_SIZE + PDU_HEADER_SIZE)
#define LINK_READ_PDUS 64     /* handled in one turn; libevent 2.1 reads at most 4096 bytes in one */
#define LINK_STAGE_SIZE 16384 /* of what is written while reading, handed to libevent at once */
#define LINK_CLOSE_MS 1000    /* time to send the last PDU and see the peer close */
#define LINK_UNBIND_MS 2000   /* time for unbind_resp */
#define LINK_LASTING_MS 2000  /* a bind that held so long, or brought an accepted submit, was a good one */
#define LINK_HOME_MS 600000   /* after a bind that held so long the first host is tried first again */
#define LINK_FORBIDDEN_MAX 3  /* rebinds that may mend it; after them it is the account */
#define LINK_SILENT_S 60 /* TCP: written and not taken, or no sign of life, for so long: the peer is gone */
#define LINK_WORDS_SIZE 200
#define LINK_PAUSE_AFTER 3    /* refusals in a row: one alone concerns one subscriber, not the link */
#define LINK_PAUSE_USSD_MS 50 /* after a throttled USSD answer: somebody is waiting */
#define LINK_PAUSE_MIN_MS 100
#define LINK_PAUSE_MAX_MS 1000

struct link_lookup; /* link_connect.c */
struct link_queued; /* link_send.c */
struct evdns_base;
struct evutil_addrinfo;

struct link {
	struct event_base *base;
	const struct clock *clock;
	struct link_config config;
	struct link_handlers handlers;
	struct pdu_codec *reader, *writer; /* two: a handler may write while it reads */
	struct link_counters counters;
	struct histogram response_times;

	enum link_state state; /* written by link_set_state alone */
	int64_t state_due_ms;  /* when the state ends by itself */
	int64_t state_since_ms, state_since_utc_ms;
	uint64_t odd_transitions;
	struct event *timer;
	int64_t timer_due_ms;

	/* connecting */
	struct evdns_base *dns; /* NULL when host is an address */
	struct link_lookup *lookup;
	struct evutil_addrinfo *addresses, *next_address;
	unsigned host;      /* 0 = config.host, else of config.alternate */
	unsigned attempts;  /* since the last good bind */
	unsigned helpless;  /* attempts in a row that only an operator's help could have made succeed */
	unsigned forbidden; /* rebinds because we may not submit, without an accepted submit_sm between */
	bool is_alarming;   /* this attempt is one */
	bool is_shaking;    /* hands, by TLS */
	char alarm[LINK_WORDS_SIZE];
	char lost[LINK_WORDS_SIZE];

	/* the connection */
	struct bufferevent *bev;
	uint32_t connection;
	uint32_t sequence; /* of the last request that we made */
	uint32_t bind_sequence, enquire_sequence, unbind_sequence;
	uint64_t written; /* bytes of this connection given to the output buffer */
	int64_t heard_ms; /* last PDU in */
	int64_t enquired_ms;
	int misses;             /* enquire_link without an answer, in a row, with nothing else heard */
	int64_t enquire_due_ms; /* enquire_link_resp until then; LINK_NEVER = none is awaited */
	const char *close_why;  /* not NULL: this connection is to be closed */
	int64_t close_due_ms;
	bool gathers; /* PDUs are being read: what is written waits in `staged`, and the timer is set after them */
	bool reading_on; /* whole PDUs may wait in the input buffer */
	bool was_useful; /* a submit_sm was accepted */
	bool told_odd;   /* a fault of the peer was logged on this connection */
	uint64_t owed;   /* messages handed on and not answered yet */

	/* submit_sm */
	struct link_window *window;
	struct link_queued *first, **end;
	struct link_queued *by_token; /* the same ones */
	uint32_t n_queued;
	int64_t paused_until_ms;
	int refusals;     /* "not now" without an acceptance between */
	int64_t pause_ms; /* the next pause for what is not USSD */
	int64_t tokens;   /* thousandths of a PDU */
	int64_t tokens_at_ms;

	size_t n_staged;   /* these octets are in `written` */
	size_t unread_was; /* of the output buffer, when gathering began */
	uint8_t staged[LINK_STAGE_SIZE];

	/* ending */
	bool draining;
	bool resting; /* it ends in IDLE */
	bool again;   /* link_start came meanwhile */
	int64_t drain_due_ms;
};

static inline int64_t link_now(const struct link *l)
{
	return clock_mono_ms(l->clock);
}

/* link_state.c */
void link_set_state(struct link *l, enum link_state to);
void link_tell_changed(struct link *l);
/* Only an operator's help can make this attempt succeed: the next ones are slow. link_lose has to follow. */
void link_alarm(struct link *l, const char *words);
void link_alarm_over(struct link *l);
/* An alarm about sending outlives a bind: that succeeds each time. */
void link_alarm_over_by_bind(struct link *l);
/* A submit_sm was answered as on a session that may only receive; and: one was accepted. */
void link_forbidden(struct link *l);
void link_allowed(struct link *l);
/* Close the connection or the attempt, conclude every submit, go to BACKOFF or DOWN, tell. From the loop only. */
void link_lose(struct link *l, const char *why);
void link_close(struct link *l); /* the socket and everything that belongs to the attempt, no more */
/* Close from the loop: at once, or (gently) when what was written has left and the peer has closed. */
void link_close_soon(struct link *l, const char *why, bool gently);
void link_schedule(struct link *l); /* set the timer for what comes next */
void link_timer_fired(int fd, short what, void *arg);

/* link_connect.c */
bool link_connect_init(struct link *l); /* false = out of memory */
void link_connect_begin(struct link *l);
void link_connect_cancel(struct link *l); /* the attempt is over: forget its addresses */
void link_connect_fini(struct link *l);
struct link_host link_host_now(const struct link *l);
/* Try the next address. False when there is none left. */
bool link_connect_next(struct link *l);

/* link_io.c */
void link_attach(struct link *l, struct bufferevent *bev);
void link_connected(struct link *l);
/* Does what came first look like TLS? */
bool link_hears_tls(struct link *l);
/* Handle what is in the input buffer, up to the budget of a turn. */
void link_read(struct link *l);
/* Append a whole PDU. False: nothing was written (closing, or the peer does not read). */
bool link_write(struct link *l, const uint8_t *bytes, size_t len);
bool link_write_simple(struct link *l, uint32_t id, uint32_t status, uint32_t sequence);
uint64_t link_flushed(const struct link *l); /* bytes of this connection that the socket took */
uint32_t link_next_sequence(struct link *l);

/* link_dispatch.c */
void link_dispatch(struct link *l, const struct pdu_header *h, const uint8_t *bytes);
void link_dispatch_lost(struct link *l); /* framing is lost */

/* link_send.c */
void link_pump(struct link *l);        /* from the queue into the window, as far as it goes now */
int64_t link_pump_due(struct link *l); /* when pumping has something to do without an event */
void link_expire(struct link *l);
void link_answered(struct link *l, const struct pdu_header *h, const uint8_t *bytes);
/* A generic_nack or response of this sequence for a submit_sm. False: it is none of ours. */
bool link_conclude(struct link *l, uint32_t sequence, uint32_t status, const char *message_id);
/* The connection is gone and took `flushed` bytes with it. */
void link_conclude_all(struct link *l, uint64_t flushed);

#endif
