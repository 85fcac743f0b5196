/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS of a link: what is trusted, who we are, and what went wrong, in words. The only owner of OpenSSL.
 *
 * TLS 1.2 or later. Unless `verify` is false the SMSC's certificate must be signed by an authority that we trust, be valid today,
 * and bear the name or address of the host. Nothing of a key or a certificate ever goes into a log.
 */
#ifndef STARHASH_GATEWAY_LINK_TLS_H
#define STARHASH_GATEWAY_LINK_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/rc.h"

struct bufferevent;
struct event_base;
struct link_tls; /* what the connections of one link have in common */

struct link_tls_options { /* NULL and "" are the same */
	const char *ca;   /* file or folder of the authorities that are trusted; "" = those of the system */
	const char *name; /* in the SMSC's certificate; "" = the host that is connected to */
	const char *cert; /* our certificate and those that signed it, PEM; "" = none */
	const char *key;  /* its private key, PEM, without a passphrase; "" = it stands in `cert` */
	bool verify;
};

/* Returns RC_OK; RC_IO (a file cannot be used: `why` says which and what to do); RC_NOMEM. Nothing of options is kept but
 * copies. */
enum rc link_tls_new(const struct link_tls_options *options, struct link_tls **out, char *why,
                     size_t why_size) RC_NODISCARD;
void link_tls_free(struct link_tls *t); /* NULL is fine */

/* A client's side over the connected socket `fd`, which it owns from now on. BEV_EVENT_CONNECTED says that the handshake is done
 * and, with `verify`, the peer is who it should be. NULL = out of memory; then the caller keeps the socket. */
struct bufferevent *link_tls_wrap(struct link_tls *t, struct event_base *base, int fd, const char *host);
/* Say that no more will be written. */
void link_tls_shutdown(struct bufferevent *bev);
/* Why it ended, after an event that says so; NULL = not because of TLS. *needs_help: trying again cannot help, an operator
 * must change something. Static. */
const char *link_tls_why(struct bufferevent *bev, bool *needs_help);
const char *link_tls_version(struct bufferevent *bev); /* "TLSv1.3" */

#endif
