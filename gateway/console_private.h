/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the console share.
 *
 *   console.c          routes, rights, answers, assets
 *   console_login.c    tokens, sessions
 *   console_role.c     what a role may do
 *   console_live.c     the live page; links and dialogues
 *   console_phone.c    the phone and its tray
 *   console_map.c      menus with the people on them
 *   console_people.c   one subscriber; gifts that want a decision
 *   console_person.c   what is seen of a subscriber
 *   console_worker.c   what is read from the store, beside the loop
 */
#ifndef STARHASH_GATEWAY_CONSOLE_PRIVATE_H
#define STARHASH_GATEWAY_CONSOLE_PRIVATE_H

#include <jansson.h>

#include "core/digest.h"
#include "gateway/console.h"
#include "gateway/console_role.h"
#include "gateway/console_worker.h"
#include "gateway/due.h"
#include "gateway/gateway_private.h"
#include "gateway/http_server.h"
#include "gateway/http_tries.h"

#define CONSOLE_SECRET_SIZE 65 /* 32 bytes in hexadecimal, and NUL */
#define CONSOLE_REASON_MAX 200

struct console_maps;
struct console_phone;
struct console_worker;
struct event;

struct console_session {
	bool is_used;
	struct http_proof id; /* of the cookie */
	char csrf[CONSOLE_SECRET_SIZE];
	const struct config_console *user;
	bool rests;                      /* it ends by http.rest, too */
	int64_t began_ms, touched_ms;    /* monotonic; touched: by somebody's hand */
	uint64_t seen;                   /* its last request, in the order of all */
	int64_t asks_ms;                 /* console_pace: of requests */
	char address[HTTP_ADDRESS_SIZE]; /* it is good from there alone */
};

/* A wrong token whose answer is due at its time. */
struct console_wrong {
	struct due_entry due;
	struct console *console;
	struct http_request *request; /* NULL = free, or they have left */
};

struct console {
	struct gateway *gateway;
	struct http_tries *tries;
	struct http_proof token[CONFIG_CONSOLE_MAX];
	struct console_session session[CONSOLE_SESSIONS_MAX];
	uint64_t seen; /* requests with a session, so far */
	struct due_list late;
	struct console_wrong wrong[CONSOLE_WRONG_MAX];
	int64_t looks_ms
		[CONFIG_CONSOLE_MAX]; /* console_pace: of each user's looks at people; a new session brings nothing */
	struct event *tick;
	struct console_maps *maps; /* NULL = nobody has asked yet */
	struct console_phone *phone;
	struct console_worker *worker;
	struct console_counters counters;
};

/* One request of somebody who may ask it. */
struct console_ask {
	struct console *console;
	struct http_request *request;
	struct console_session *session;
	const struct config_console *user;
	json_t *said; /* of a POST: an object; else NULL */
};

/* Conclude a request; `o` is taken, NULL = memory is out. */
void console_reply(struct http_request *r, int status, json_t *o);
void console_reply_raw(struct http_request *r, int status, const char *json, const char *headers);
void console_fault(struct http_request *r, int status, const char *what); /* {"error": what} */
/* A text of what was said, "" = none. */
const char *console_text(const struct console_ask *a, const char *key);
/* Of who asks, 0..CONFIG_CONSOLE_MAX-1: their place in `console` of the configuration. */
size_t console_user_index(const struct console_ask *a);
/* At most `at_once`, and one more in `every_ms`. `whole_ms` keeps the account: 0 at first. */
bool console_pace(int64_t *whole_ms, int at_once, int64_t every_ms);
/* Who did what, for the log: never a number, a text or a reason. */
void console_note(const struct console_ask *a, const char *what);

/* console_login.c */
enum rc console_login_init(struct console *c);
void console_login_fini(struct console *c);
void console_login(struct console *c, struct http_request *r);
void console_logout(struct console *c, struct http_request *r);
struct console_session *console_session_of(struct console *c, const struct http_request *r); /* NULL = none */
bool console_is_meant(const struct console_session *s, const struct http_request *r); /* by a page of ours */
void console_session_touch(struct console_session *s); /* by somebody's hand: it rests from now */
void console_me(const struct console_ask *a);

/* console_live.c */
void console_live(const struct console_ask *a);
void console_dialogues(const struct console_ask *a);
void console_dialogue_end(const struct console_ask *a);
void console_link(const struct console_ask *a);

/* console_phone.c */
struct console_phone *console_phone_new(struct console *c);
void console_phone_free(struct console_phone *p);
void console_phone_numbers(const struct console_ask *a);
void console_phone_dial(const struct console_ask *a);
void console_phone_hang_up(const struct console_ask *a);
void console_phone_tray(const struct console_ask *a);
void console_phone_language(const struct console_ask *a);

/* console_map.c */
void console_map(const struct console_ask *a);
void console_maps_free(struct console_maps *m);
void console_map_counts(const struct console_ask *a);

/* What the worker reads, as the answer of this request. `about` is copied. */
void console_read(const struct console_ask *a, console_job_fn *job, const void *about, size_t size);

/* console_person.c: a job of the worker. */
struct console_person_about {
	int64_t msisdn;
	bool reveals; /* private values, too: who asks may, and has said why */
	const struct config *config;
	const struct config_console *user;
	char reason[CONSOLE_REASON_MAX + 1];
};
_Static_assert(sizeof(struct console_person_about) <= CONSOLE_JOB_ROOM, "raise CONSOLE_JOB_ROOM");
char *console_person_read(struct query *q, const void *about, int *status);

/* console_people.c */
void console_subscriber(const struct console_ask *a);
void console_grants(const struct console_ask *a);
void console_decide(const struct console_ask *a);

#endif
