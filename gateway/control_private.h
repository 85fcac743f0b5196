/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the control socket share: control.c (clients and commands), control_status.c (counters),
 * control_push.c (USSD push), control_health.c (health), control_live.c (one subscriber), control_show.c (its thread),
 * control_act.c (links and dialogues). */
#ifndef STARHASH_GATEWAY_CONTROL_PRIVATE_H
#define STARHASH_GATEWAY_CONTROL_PRIVATE_H

#include <jansson.h>
#include <sys/types.h>

#include "gateway/control_show.h"
#include "gateway/deed.h"
#include "gateway/gateway.h"

/* All of these return a new object, or NULL when memory is out. */
/* A counter into an object. */
json_t *control_fault(const char *what); /* {"ok": false, "error": what} */
void control_put(json_t *o, const char *key, uint64_t value);
/* Seconds since `utc_ms`; 0 when that is 0 (nothing), or to come (the clock was set back). */
void control_put_age(json_t *o, const char *key, int64_t utc_ms);
json_t *control_status(const struct gateway *g);
json_t *control_health(const struct gateway *g);   /* control_health.c */
json_t *control_times(const struct dialogues *ds); /* control_times.c */
struct http;
struct console;
struct sendsms;
json_t *control_console(const struct console *console);
json_t *control_sendsms(const struct sendsms *sendsms);
json_t *control_http(const struct http *http); /* control_http.c */
json_t *control_link(const struct gateway *g, const struct link *l);
/* control_act.c: what an operator does, and what to see before. NULL: `line` is none of these. What was done stands in
 * `deed`, which is empty before, and is the caller's to have in the audit. */
json_t *control_act(struct gateway *g, const char *line, struct deed *deed);
json_t *control_links(const struct gateway *g);
json_t *control_link_hold(struct gateway *g, const char *name, bool down, struct deed *deed);
json_t *control_dialogues(const struct gateway *g, int64_t msisdn); /* 0 = of everybody */
json_t *control_dialogue_end(struct gateway *g, const char *number, struct deed *deed);
#define CONTROL_ACTS \
	"links, link up NAME, link down NAME, link throttle RATE NAME, dialogues [MSISDN], dialogue end ID"
/* "push {...}" starts one, "push-fate N" asks what has become of it. */
json_t *control_push(struct gateway *g, const char *arguments);
json_t *control_push_fate(struct gateway *g, const char *number);

char *control_dump(json_t *o); /* and drops it */

/* A client whose answer comes later: exactly once, whether or not anybody waits still. */
struct control_wait;
void control_answer(struct control_wait *w, const char *text);
void control_answer_json(struct control_wait *w, json_t *o); /* and drops it */
bool control_waits(const struct control_wait *w);            /* still */
struct event_base *control_base(const struct control_wait *w);
bool control_peer(const struct control_wait *w, pid_t *pid, uid_t *uid);

/* "live MSISDN", "show {...}". NULL: the answer comes later; else it is this one, and `wait` is the caller's still. */
json_t *control_live(struct gateway *g, const char *number, struct control_wait *wait);
json_t *control_show_ask(struct gateway *g, struct control_show *shows, const char *arguments,
                         struct control_wait *wait);

#endif
