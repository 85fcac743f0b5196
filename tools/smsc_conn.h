/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One ESME's connection: bind, enquire_link both ways, unbind, requests and responses.
 *
 * It works on buffers only; tools/smsc_net.c moves them to and from the sockets. What an ESME does wrong is
 * counted here. Invariant: after `reset`, `closing` or `mute_us` is set no further PDU is read.
 */
#ifndef STARHASH_TOOLS_SMSC_CONN_H
#define STARHASH_TOOLS_SMSC_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"
#include "tools/smsc_fault.h"
#include "tools/smsc_pdu.h"
#include "tools/smsc_stats.h"
#include "tools/smsc_window.h"

/* What arrives; each call is made at most once for a PDU. */
struct smsc_conn_events {
	void *ctx;
	/* A submit_sm that was given this message_id. Its response goes out after this returns; `swallowed` when it
	 * never will. Returns its command_status. */
	uint32_t (*submit)(void *ctx, const struct smsc_sm *sm, uint32_t message_id, bool swallowed);
	/* A deliver_sm of this phone and unit was acknowledged. */
	void (*acked)(void *ctx, uint32_t phone, uint32_t unit, uint32_t status);
	/* A connection is gone with everything that was on its way. */
	void (*lost)(void *ctx, uint32_t conn);
	/* Something that was put off is due (no response: those are the connection's). */
	void (*late)(void *ctx, const struct smsc_late *what);
};

/* Shared by all connections. */
struct smsc_conn_env {
	const char *system_id; /* NULL: any */
	const char *password;  /* NULL: any */
	uint32_t window;       /* deliver_sm without response on one connection */
	int64_t enquire_us;    /* silence before enquire_link; 0 never */
	struct smsc_stats *stats;
	struct smsc_fault *fault;
	struct smsc_window requests;
	struct smsc_conn_events events;
	uint32_t message_ids;
	uint32_t receivers, transmitters; /* bound now; a transceiver is both */
	bool restart;                     /* the whole SMSC goes down */
};

enum smsc_bound { SMSC_UNBOUND, SMSC_BOUND_TX, SMSC_BOUND_RX, SMSC_BOUND_TRX };

struct smsc_conn {
	struct smsc_conn_env *env;
	int fd; /* -1: this place is free */
	uint32_t serial;
	enum smsc_bound bound;
	bool unbinding;  /* we have sent unbind */
	bool unbound;    /* unbind was answered, by either side */
	bool closing;    /* close once everything is written */
	bool reset;      /* close at once, by RST */
	int64_t mute_us; /* half-open since then: nothing is answered, sent or closed. 0: it is alive */
	bool hostile;    /* hostile PDUs were sent: a generic_nack without known sequence is its right */
	uint32_t outstanding;
	int64_t heard_us;
	int64_t enquired_us; /* 0: no enquire_link is open */
	uint8_t *in;
	size_t in_len;
	struct smsc_out out;
};

#define SMSC_CONN_DEAD_MOST_US 120000000 /* an ESME that keeps a dead connection longer has no timer for it */
#define SMSC_CONN_IN_SIZE (256 * 1024)
#define SMSC_CONN_OUT_SIZE (1024 * 1024)
/* More than this waiting to be written: take no new requests, read no new PDUs. Leaves room in `out` for the
 * answers to one full input buffer. */
#define SMSC_CONN_OUT_HIGH (256 * 1024)

/* Returns RC_OK or RC_NOMEM. Takes over `fd` on RC_OK. */
enum rc smsc_conn_open(struct smsc_conn *c, struct smsc_conn_env *env, int fd, uint32_t serial,
                       int64_t now_us) RC_NODISCARD;
/* Close, forget its requests and, if it was ever bound, tell events.lost. */
void smsc_conn_close(struct smsc_conn *c);

/* Handle every whole PDU of the input buffer. */
void smsc_conn_input(struct smsc_conn *c, int64_t now_us);

/* Send a deliver_sm (perhaps behind a hostile PDU).
 * Returns RC_OK; RC_BUSY (not bound to receive, window full, or too much waiting to be written). */
enum rc smsc_conn_deliver(struct smsc_conn *c, const struct smsc_sm *sm, uint32_t phone,
                          uint32_t unit) RC_NODISCARD;
bool smsc_conn_can_deliver(const struct smsc_conn *c);

void smsc_conn_send_resp(struct smsc_conn *c, const struct smsc_late *resp);
/* Dead from now on, to the eyes of its ESME. */
void smsc_conn_mute(struct smsc_conn *c, int64_t now_us);
void smsc_conn_unbind(struct smsc_conn *c);
/* enquire_link where it is time, and the end of a peer that does not answer it. */
void smsc_conn_timer(struct smsc_conn *c, int64_t now_us);

#endif
