/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listen: one link of a configuration, bound for a while, with everything given back to the SMSC.
 *
 * For `starhash doctor --link`. Messages are answered with ESME_RX_T_APPN, so that the SMSC delivers them
 * again, to the daemon; nothing is ever submitted. */
#ifndef STARHASH_GATEWAY_LISTEN_H
#define STARHASH_GATEWAY_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"

struct config;

/* A message as a whole PDU, written again from what was read, and our answer to it. `at_ms` is UTC. */
typedef void listen_heard(void *ctx, bool from_smsc, int64_t at_ms, unsigned connection, const uint8_t *bytes,
                          size_t len);

/* Returns after `for_ms`, or at SIGINT. RC_OK; RC_NOTFOUND (no such link); RC_CLOSED (it was never bound; the
 * log said why); RC_IO; RC_NOMEM. `why` gets a sentence unless RC_OK. */
enum rc listen_run(const struct config *config, const char *name, int64_t for_ms, listen_heard *heard,
                   void *ctx, char *why, size_t why_size) RC_NODISCARD;

#endif
