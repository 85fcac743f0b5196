/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the service manager is told: ready, reloading, stopping, well, and one line for `systemctl status`.
 *
 * sd_notify(3). Without a service manager ($NOTIFY_SOCKET) nothing happens. The watchdog (WatchdogSec= of the unit) is fed
 * by a timer of the loop, and only while the gateway's own clock is served: a loop that hangs, and one that turns
 * but no longer keeps its dialogues' time, both fall silent, and the manager starts the daemon anew.
 */
#ifndef STARHASH_GATEWAY_SUPERVISE_H
#define STARHASH_GATEWAY_SUPERVISE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"

#define SUPERVISE_EVERY_MS \
	5000 /* the line is renewed so often; the watchdog is fed three times in its time or more */

struct supervise;

struct supervise_port {
	bool (*is_well)(void *ctx);       /* may the watchdog be fed? */
	int64_t (*leaving_ms)(void *ctx); /* the longest time until the end; 0 = none is planned */
	void (*words)(void *ctx, char *into, size_t size); /* one line without secrets or numbers of people */
	void *ctx;
};

/* Ask the environment what the manager wants. Nothing is sent before supervise_ready.
 * Returns RC_OK; RC_NOMEM. Borrows base; copies port. */
enum rc supervise_new(struct event_base *base, const struct supervise_port *port,
                      struct supervise **out) RC_NODISCARD;
void supervise_free(struct supervise *s);

/* The daemon serves; also the end of a reload, whatever came of it. Begins to feed the watchdog. */
void supervise_ready(struct supervise *s);
void supervise_reloading(struct supervise *s);
/* A drain began. Said once; the manager's patience is extended by leaving_ms. Also found by itself, when the drain was
 * asked for over the control socket. */
void supervise_stopping(struct supervise *s);

#endif
