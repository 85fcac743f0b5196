/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console: pages for people at /console/, and the JSON that they ask for (docs/console.md, docs/adr/0030).
 *
 * Who has a token gets a session, in a cookie that scripts can not read; each thing that is done needs a right of the role and the
 * session's second secret in a header, which no page of another site knows. Nothing here waits for a disk: what has to be read
 * from the store is read by a thread of its own (console_worker.h). Bounds: CONSOLE_SESSIONS_MAX, the pace of each and of
 * looks at people, tries of a token, jobs that wait.
 */
#ifndef STARHASH_GATEWAY_CONSOLE_H
#define STARHASH_GATEWAY_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/rc.h"

#define CONSOLE_SESSIONS_MAX 64
#define CONSOLE_SESSIONS_EACH 8                 /* of one user */
#define CONSOLE_LIFE_MS (12LL * 60 * 60 * 1000) /* in any case */
#define CONSOLE_ASKS_AT_ONCE 60 /* requests of one session, and one more in CONSOLE_ASK_EVERY_MS */
#define CONSOLE_ASK_EVERY_MS 100
#define CONSOLE_LOOKS_AT_ONCE \
	30 /* looks at a subscriber by one user, and one more in CONSOLE_LOOK_EVERY_MS */
#define CONSOLE_LOOK_EVERY_MS 2000
#define CONSOLE_WRONG_MS 300 /* after which every wrong token is answered, whatever is wrong with it */
#define CONSOLE_WRONG_MAX 32 /* of these that wait; one more is answered 429 at once */

struct console;
struct gateway;
struct http_server;

struct console_counters {
	uint64_t requests, logins, wrong, limited; /* tokens: right, wrong, wrong beyond the bound */
	uint64_t denied;                           /* without a session, a right, or the second secret */
	uint64_t hurried; /* requests beyond the pace of a session, looks beyond that of a user */
	uint64_t evicted; /* sessions that gave way to newer ones */
	uint64_t jobs_refused;
	uint64_t sms; /* into the trays of the phone */
	uint32_t sessions, jobs;
};

/* Serves while `server` does. RC_OK; RC_FULL (no room for a route); RC_NOMEM; RC_IO (no thread). */
enum rc console_new(struct gateway *g, struct http_server *server, struct console **out) RC_NODISCARD;
/* Before the server is freed: the job under way is waited for, and whoever waits is answered. */
void console_stop(struct console *c);
void console_free(struct console *c); /* after the server; NULL is fine */
void console_counters_read(const struct console *c, struct console_counters *out);

/* An SMS to a number of the phone (config_is_phone): into its tray. */
void console_takes_sms(struct console *c, int64_t msisdn, const char *text);

#endif
