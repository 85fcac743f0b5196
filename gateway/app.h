/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apps: menu programs of others behind HTTP, spoken to as the hosted aggregators speak to them.
 *
 * An app that was written for Africa's Talking, Hubtel, Arkesel, Infobip or Nalo plugs in unchanged: each of them is a
 * row of gateway/app_table.c. What an app answers is looked at before anybody sees it: status 200, UTF-8 text of a sane
 * length, an end or a continuation said in its dialect, no HTML. Each failure has a counter of its own.
 */
#ifndef STARHASH_GATEWAY_APP_H
#define STARHASH_GATEWAY_APP_H

#include "core/clock.h"
#include "core/rc.h"
#include "gateway/dialogue.h"
#include "gateway/http_client.h"

#define APP_TEXT_MAX 1000        /* bytes of a screen that an app may send */
#define APP_STATE_MAX 1000       /* bytes of what it wants to be given back (Hubtel's ClientState) */
#define APP_STATES_MAX 10000     /* visits for which such a thing is kept */
#define APP_STATE_MS 600000      /* how long */
#define APP_CLOSE_WITHIN_MS 3000 /* to be told that its subscriber is gone */

struct app;

/* Called exactly once for each app_ask that returned RC_OK, as dialogue_app_answered wants it. */
typedef void app_answered_fn(void *ctx, uint64_t token, enum rc rc, const char *text, bool ends);

struct app_options {
	struct http_client *client;
	const struct clock *clock;
	app_answered_fn *answered;
	void *ctx;
};

struct app_counters {
	uint64_t calls, answers, closed;
	uint64_t slow;                                          /* no whole answer within the deadline */
	uint64_t down;                                          /* no connection, or it broke */
	uint64_t refused;                                       /* not asked: too many calls at a time */
	uint64_t bad_status;                                    /* not 200 */
	uint64_t not_http;                                      /* no HTTP, or over HTTP_CLIENT_ANSWER_MAX */
	uint64_t html, not_text, too_long, not_json, no_ending; /* of the answer itself */
	uint64_t states_dropped;
	uint32_t states; /* kept now */
};

enum rc app_new(const struct app_options *options, struct app **out) RC_NODISCARD;
void app_free(struct app *a); /* the http_client must be free of its calls: free that first. NULL is fine */

/* RC_OK; RC_STATE (closes, and the dialect has no word for it: nothing is sent); RC_FULL; RC_RANGE; RC_NOMEM. */
enum rc app_ask(struct app *a, const struct dialogue_app_request *request, uint64_t token) RC_NODISCARD;

void app_counters_read(const struct app *a, struct app_counters *out);

#endif
