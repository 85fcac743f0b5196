/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SMSC's sockets: one poll loop over the listener, the ESMEs and the keyboard.
 *
 * A turn is smsc_net_poll (wait, read, handle) followed by whatever the caller does and smsc_net_flush (one
 * write for each connection). No call blocks but the wait itself.
 */
#ifndef STARHASH_TOOLS_SMSC_NET_H
#define STARHASH_TOOLS_SMSC_NET_H

#include <sys/socket.h>

#include "tools/smsc_conn.h"

#define SMSC_NET_CONNS 16 /* ESME connections at once; more are closed on arrival */

struct smsc_net {
	struct smsc_conn_env env; /* filled in by the caller before smsc_net_listen */
	int listener;
	uint16_t port;
	struct sockaddr_storage address; /* where the listener is, or comes back to */
	socklen_t address_len;
	int64_t down_until_us; /* restarting until then; 0: up */
	int keyboard;          /* -1: none */
	bool keyboard_ready;
	uint32_t serials;
	uint32_t turn; /* where the search for a connection begins */
	struct smsc_conn conn[SMSC_NET_CONNS];
};

void smsc_net_init(struct smsc_net *n);
/* "127.0.0.1:2775", "[::1]:0". Returns RC_OK (n->port is the actual one); RC_SYNTAX; RC_IO (errno). */
enum rc smsc_net_listen(struct smsc_net *n, const char *address) RC_NODISCARD;
void smsc_net_fini(struct smsc_net *n);

/* Wait at most `wait_us` (-1: until something happens) or for a signal, and handle what arrived. */
void smsc_net_poll(struct smsc_net *n, int64_t wait_us);
void smsc_net_flush(struct smsc_net *n);

/* Send on any connection that can, in turn. *conn_out = the serial of the one that took it.
 * Returns RC_OK or RC_BUSY. */
enum rc smsc_net_deliver(struct smsc_net *n, const struct smsc_sm *sm, uint32_t phone, uint32_t unit,
                         uint32_t *conn_out) RC_NODISCARD;

bool smsc_net_bound(const struct smsc_net *n); /* can anybody receive a deliver_sm? */
void smsc_net_unbind(struct smsc_net *n);
bool smsc_net_empty(const struct smsc_net *n);

#endif
