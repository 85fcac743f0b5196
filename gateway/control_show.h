/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read from the store for the control socket, and the deeds that go into its audit: by a thread of its own with
 * connections of its own, so that neither the loop nor the threads of the store wait for a person's question. One job after
 * the other. */
#ifndef STARHASH_GATEWAY_CONTROL_SHOW_H
#define STARHASH_GATEWAY_CONTROL_SHOW_H

#include <stdint.h>
#include <sys/types.h>

#include "core/rc.h"
#include "gateway/config.h"
#include "gateway/deed.h"

struct control_show;
struct control_wait; /* gateway/control_private.h */
struct event_base;

#define CONTROL_SHOW_JOBS 64
#define CONTROL_SHOW_TEXT 1025     /* of a reason */
#define CONTROL_HEAD_EVERY_S 86400 /* the audit's head goes into the log */

/* Borrows `config`. RC_OK; RC_NOMEM; RC_IO. The thread is started, and the head of the audit logged, now and once a day. */
enum rc control_show_new(struct event_base *base, const struct config *config,
                         struct control_show **out) RC_NODISCARD;
/* Waits for the job that is being done; the others are dropped. NULL is fine. */
void control_show_free(struct control_show *c);

struct control_show_job {
	int64_t msisdn;
	int limit;
	pid_t pid; /* who asks */
	uid_t uid;
	char role[PROFILE_NAME_SIZE]; /* "" = masked */
	char reason[CONTROL_SHOW_TEXT];
	char *live;                /* taken */
	struct control_wait *wait; /* answered */
};
/* RC_OK; RC_FULL: `live` is freed, `wait` is the caller's to answer. */
enum rc control_show_start(struct control_show *c, const struct control_show_job *ask) RC_NODISCARD;

/* What process `pid` of user `uid` has done goes into the audit, as "operator:jane". Copied. */
void control_show_deed(struct control_show *c, const struct deed *what, pid_t pid, uid_t uid);

#endif
