/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load: many subscribers, each of whom wants one thing done, once.
 *
 * The load's phones read their screens: what to answer is chosen by rules on the screen's text and only then
 * by the script's order, so a subscriber finds the way after a lost connection, too. A subscriber is done
 * when a screen says so; a dialogue that ended otherwise through a disturbance is dialled again.
 * Closed loop: `concurrency` subscribers at a time. Open loop (`rate` > 0): subscriber i wants to begin at
 * i / rate, and latency counts from there however late a phone is free: no coordinated omission.
 */
#ifndef STARHASH_TOOLS_SMSC_LOAD_H
#define STARHASH_TOOLS_SMSC_LOAD_H

#include "tools/smsc_centre.h"
#include "tools/smsc_steps.h"

#define SMSC_RULES_MAX 64

struct smsc_rule {
	const char *pattern; /* substring of a screen */
	const char *text;    /* answer */
};

struct smsc_load_config {
	uint32_t subscribers;
	uint32_t numbers; /* who they are, in turn; 0: each is somebody else */
	uint32_t concurrency;
	uint32_t cancel_percent; /* of screens are answered by hanging up; the subscriber dials again */
	double rate;             /* dialogues a second; 0 closed loop */
	const struct smsc_steps *steps; /* a code and answers, or one SMS */
	const char *short_code;         /* where that goes to */
	struct smsc_rule rule[SMSC_RULES_MAX];
	size_t n_rules;
	const char *success; /* NULL: any ending is a success */
	const char *done[SMSC_RULES_MAX];
	size_t n_done;
	const char *retry[SMSC_RULES_MAX];
	size_t n_retry;
	uint32_t redials;
	int64_t redial_after_us;
	int64_t wait_us; /* for an ESME, at the start and whenever nothing moves */
	int seen_fd;     /* MSISDNs who were shown the success text; -1 none */
};

enum smsc_failure {
	SMSC_FAIL_NO_ANSWER,  /* redials used up */
	SMSC_FAIL_ENDED,      /* an ending that is no success */
	SMSC_FAIL_NO_RULE,    /* a screen for which there is no answer left */
	SMSC_FAIL_UNFINISHED, /* interrupted, or nothing moved any more */
	SMSC_FAIL_COUNT
};

struct smsc_load_result {
	uint64_t dialogues; /* begun, redials included */
	uint64_t redials;
	uint64_t cancelled;
	uint64_t succeeded;
	uint64_t already; /* of those: by a `done` text */
	uint64_t sms;
	uint64_t failed[SMSC_FAIL_COUNT];
	int64_t began_us, ended_us;
};

struct smsc_load_run; /* one switched-on phone */

struct smsc_load {
	struct smsc_load_config config;
	struct smsc_load_result result;
	struct smsc_centre *centre;
	struct smsc_load_run *run; /* [concurrency] */
	uint32_t *idle;            /* stack of runs without subscriber */
	uint32_t n_idle;
	uint32_t begun; /* subscribers */
	uint32_t ended;
	bool *seen; /* [numbers]: told in seen_fd */
	struct smsc_load_run *redial_first, *redial_last;
	uint64_t moved_steps; /* to notice that nothing moves */
	uint32_t moved_ended;
	int64_t moved_us;
	bool started, stopped;
	bool closed;      /* the books are: screens that still come are shown but not counted */
	unsigned told;    /* surprising endings that were shown */
	char answer[192]; /* the last one with a name put in */
};

enum rc smsc_load_init(struct smsc_load *l, const struct smsc_load_config *config,
                       struct smsc_centre *centre) RC_NODISCARD;
void smsc_load_fini(struct smsc_load *l);
struct smsc_centre_events smsc_load_events(struct smsc_load *l);
void smsc_load_start(struct smsc_load *l, int64_t now_us);
int64_t smsc_load_turn(struct smsc_load *l, int64_t now_us);
bool smsc_load_finished(const struct smsc_load *l);
/* Close the books: who is not done has failed. */
void smsc_load_finish(struct smsc_load *l, int64_t now_us);
const char *smsc_failure_name(enum smsc_failure cause);

#endif
