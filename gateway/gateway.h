/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gateway: the daemon's parts put together on one event loop.
 *
 * Owns configuration, store, services, dialogues and links; carries messages from links to dialogues and answers
 * back. Nothing here decides anything about a dialogue.
 */
#ifndef STARHASH_GATEWAY_GATEWAY_H
#define STARHASH_GATEWAY_GATEWAY_H

#include <stdbool.h>

#include "core/rc.h"
#include "gateway/config.h"
#include "gateway/dialogue.h"
#include "gateway/link.h"
#include "gateway/reload.h"

struct app;
struct event_base;
struct gateway;
struct http;
struct accounts;
struct groups;
struct metrics;
struct http_client;
struct console;
struct respond;
struct sendsms;
struct troubles;

/* Make everything and start connecting. Takes `config` whatever the result. Faults of menu files go to `findings`; other faults
 * to `why` with a remedy. Returns RC_OK; RC_SYNTAX (findings say); what store_open returns; RC_NOMEM. */
enum rc gateway_new(struct event_base *base, struct config *config, struct findings *findings,
                    struct gateway **out, char *why, size_t why_size) RC_NODISCARD;
/* What links are not down yet are cut. Finishes the store's queue. Blocks. */
void gateway_free(struct gateway *g);

/* No new dialogues; when those in progress have ended, or after config.drain_ms, save what is open, unbind, and
 * leave the event loop. A second call does not wait for dialogues. */
void gateway_drain(struct gateway *g);

/* For an operator: see gateway/groups.h and gateway/dialogue_list.h. */
struct groups *gateway_groups_of(struct gateway *g);

/* Load the menus again, or only say what would change: see gateway/reload.h. */
enum rc gateway_reload(struct gateway *g, bool dry_run, struct findings *findings,
                       struct reload_report *out) RC_NODISCARD;

/* For reports. */
const struct config *gateway_config(const struct gateway *g);
struct dialogues *gateway_dialogues(const struct gateway *g);
struct store *gateway_store(const struct gateway *g);
const struct app *gateway_app(const struct gateway *g);
const struct accounts *gateway_accounts(const struct gateway *g);
const struct http_client *gateway_http_client(const struct gateway *g);
const struct console *gateway_console(const struct gateway *g); /* NULL = none */
const struct sendsms *gateway_sendsms(const struct gateway *g); /* NULL = nobody may */
const struct http *gateway_http(const struct gateway *g);       /* NULL = no listener */
const struct metrics *gateway_metrics(const struct gateway *g); /* NULL = none yet */
const struct groups *gateway_groups(const struct gateway *g);
size_t gateway_links(const struct gateway *g);
const struct link *gateway_link(const struct gateway *g, size_t i);
const struct troubles *gateway_troubles(const struct gateway *g);
const struct troubles *gateway_doubts(
	const struct gateway *g); /* dialect_doubt, and sessions that do not fit */
const struct respond *gateway_respond(const struct gateway *g);
bool gateway_is_draining(const struct gateway *g);
int64_t gateway_began_ms(const struct gateway *g); /* UTC */
/* How late the loop came to its timers: longest since the start, and the last time, in ms. */
void gateway_lag(const struct gateway *g, int64_t *max_ms, int64_t *last_ms);

#endif
