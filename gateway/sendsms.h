/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMS of other programs, taken as Kannel takes them: GET or POST /cgi-bin/sendsms (docs/sms.md, docs/adr/0031).
 *
 * "0: Accepted for delivery" is said when the text is stored and a link of its group is bound, "3: Queued for later delivery" when
 * it is stored and none is; either way it survives a crash and is sent once (docs/adr/0020). What can not be done as it is
 * asked for is refused and said, never taken and done otherwise. Bounds: a rate and a number of parts for each user, the senders
 * that each may say, tries of a password, and the SMS that wait.
 */
#ifndef STARHASH_GATEWAY_SENDSMS_H
#define STARHASH_GATEWAY_SENDSMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"

struct gateway;
struct http_server;
struct sendsms;

enum sendsms_result {
	SENDSMS_ACCEPTED,
	SENDSMS_QUEUED,
	SENDSMS_DENIED,  /* user or password */
	SENDSMS_LIMITED, /* the same, after too many of them */
	SENDSMS_BAD,     /* what is asked for is wrong, or can not be done */
	SENDSMS_TOO_LONG,
	SENDSMS_STOPPED, /* the subscriber has said STOP */
	SENDSMS_RATE,    /* over the user's */
	SENDSMS_BUSY,    /* the store, or too many SMS wait, or draining */
	SENDSMS_RESULTS
};
const char *sendsms_result_name(enum sendsms_result r);

struct sendsms_counters {
	uint64_t requests;
	uint64_t result[SENDSMS_RESULTS];
};
struct sendsms_user {
	const char *username;  /* of sendsms[], borrowed */
	uint64_t right, wrong; /* passwords that were said with it */
};

/* Serves while `server` does. RC_OK; RC_FULL (no room for a route); RC_NOMEM. */
enum rc sendsms_new(struct gateway *g, struct http_server *server, struct sendsms **out) RC_NODISCARD;
void sendsms_free(struct sendsms *s); /* after the server; NULL is fine */
/* Of the i-th user; false: there are not so many. */
bool sendsms_user_read(const struct sendsms *s, size_t i, struct sendsms_user *out);
void sendsms_counters_read(const struct sendsms *s, struct sendsms_counters *out);

#endif
