/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gateway's own state, shared by the files of the daemon's centre and by nobody else.
 *
 *   gateway.c   makes and unmakes the parts, keeps time, drains
 *   gateway_http.c  what is served over HTTP
 *   traffic.c   carries messages between links and dialogues, traffic_sms.c those that are SMS and receipts
 */
#ifndef STARHASH_GATEWAY_GATEWAY_PRIVATE_H
#define STARHASH_GATEWAY_GATEWAY_PRIVATE_H

#include "gateway/gateway.h"
#include "gateway/groups.h"
#include "gateway/respond.h"
#include "gateway/trouble.h"

#define HTTP_GROUP CONFIG_MAX_LINKS /* links have the numbers below */

struct traffic_sms; /* gateway/traffic_sms.c */

struct gateway {
	struct event_base *base;
	struct config *config;
	struct store *store;
	struct traffic_sms *sms;
	struct services *services;
	struct dialogues *dialogues;
	struct http_client *client;
	struct app *app;
	struct accounts *accounts;
	struct http *http;       /* NULL = no listener */
	struct console *console; /* NULL = none */
	struct sendsms *sendsms; /* NULL = nobody may */
	struct metrics *metrics;
	char *health_page; /* the last one that was asked for */
	struct event *store_event;
	struct event *tick;
	struct event *beat; /* runs when the messages of one read are done with */
	bool beats;         /* it is active already */
	int64_t tick_at_us; /* monotonic; when the tick is due */
	int64_t lag_max_ms, lag_ms;
	int64_t began_ms;
	int64_t drain_until_ms; /* 0 = not draining */
	bool is_unbinding;
	bool is_closing; /* links are being freed: nothing leaves any more */
	struct groups *groups;
	struct respond *respond; /* responses that wait for our answer */
	struct troubles troubles, doubts;
};

/* gateway_http.c */
enum rc gateway_http_open(struct gateway *g, char *why, size_t why_size) RC_NODISCARD;
void gateway_http_close(struct gateway *g);

/* Something happened that may have armed a short delay. */
void gateway_tick_soon(struct gateway *g);
/* The link that something came by, or another bound one of its group; for those who came over HTTP, any. */
struct link *gateway_usable(const struct gateway *g, void *link, uint16_t group);
uint16_t gateway_group_of(const struct gateway *g, const void *link);

#endif
