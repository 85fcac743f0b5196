/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests that the SMSC sent and what became of them: response bookkeeping in O(1).
 *
 * A ring indexed by sequence number. Sequence numbers are unique over all connections of a run, so a
 * response that arrives for a lost connection's request is found out. An answered request is remembered
 * until its place is needed again, so a second response is told from an unknown one.
 */
#ifndef STARHASH_TOOLS_SMSC_WINDOW_H
#define STARHASH_TOOLS_SMSC_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"

#define SMSC_NO_PHONE UINT32_MAX
#define SMSC_ANY_COMMAND 0u /* an injected hostile PDU: whatever answers it is right */

enum smsc_request_state { SMSC_REQ_FREE, SMSC_REQ_WAITING, SMSC_REQ_ANSWERED };

struct smsc_request {
	uint32_t sequence;
	uint32_t conn;    /* serial of the connection it went out on */
	uint32_t command; /* or SMSC_ANY_COMMAND */
	uint32_t phone;   /* index, or SMSC_NO_PHONE */
	uint32_t unit;    /* which of that phone's units */
	enum smsc_request_state state;
};

struct smsc_window {
	struct smsc_request *ring;
	uint32_t mask;
	uint32_t next;
};

/* Room for at least `outstanding` unanswered requests. Returns RC_OK or RC_NOMEM. */
enum rc smsc_window_init(struct smsc_window *w, uint32_t outstanding) RC_NODISCARD;
void smsc_window_fini(struct smsc_window *w);

/* Note a request. Returns its sequence number (1..0x7fffffff), or 0 when every place is taken. */
uint32_t smsc_window_open(struct smsc_window *w, uint32_t conn, uint32_t command, uint32_t phone,
                          uint32_t unit);

/* The request with this sequence number on this connection, waiting or answered; NULL if there is none. */
struct smsc_request *smsc_window_find(struct smsc_window *w, uint32_t conn, uint32_t sequence);

/* Forget what went out on a lost connection. */
void smsc_window_forget(struct smsc_window *w, uint32_t conn);

/* How many deliver_sm still wait for their response. */
uint32_t smsc_window_waiting(const struct smsc_window *w, uint32_t command);

#endif
