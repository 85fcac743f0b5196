/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control socket: one line in, one JSON object out, over a Unix socket that only the daemon's user may open.
 *
 * Commands: status, reload, reload dry-run, drain, record MSISDN, push {...}, push-fate N, links, link up|down NAME, link
 * throttle RATE NAME, dialogues [MSISDN], dialogue end ID, live MSISDN, show {...}. Bounded: CONTROL_MAX_CLIENTS at a time,
 * lines of CONTROL_LINE_MAX bytes, CONTROL_WITHIN_MS for a whole exchange.
 */
#ifndef STARHASH_GATEWAY_CONTROL_H
#define STARHASH_GATEWAY_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/rc.h"
#include "gateway/gateway.h"

#define CONTROL_MAX_CLIENTS 32
#define CONTROL_LINE_MAX 4096 /* a text of one screen, as JSON */
#define CONTROL_WITHIN_MS 5000

struct control;

/* Listen on `path` (mode 0600; a stale socket of a dead daemon is replaced, a live one is not).
 * Returns RC_OK; RC_EXISTS (another daemon answers there); RC_RANGE (path too long); RC_IO; RC_NOMEM. `why` gets a sentence
 * with a remedy. */
enum rc control_new(struct event_base *base, struct gateway *gateway, const char *path, struct control **out,
                    char *why, size_t why_size) RC_NODISCARD;
void control_free(struct control *c); /* removes the socket; NULL is fine */

/* Health (gateway/health.h) as JSON text, for the caller to free: {"status": "ok" | "degraded" | "down", "version", "since",
 * "troubles": [{"part", "grave", "what", "remedy"}]}. *is_well = subscribers are served. NULL when memory is out. */
char *control_health_json(const struct gateway *gateway, bool *is_well);

#endif
