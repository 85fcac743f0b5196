/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scripted phone: plays one subscriber's steps, prints each screen, and judges whether all went as a
 * subscriber may expect: every step answered, the dialogue ended, the expected texts seen. */
#ifndef STARHASH_TOOLS_SMSC_SCRIPT_H
#define STARHASH_TOOLS_SMSC_SCRIPT_H

#include "tools/smsc_centre.h"
#include "tools/smsc_steps.h"

#define SMSC_EXPECT_MAX 16

struct smsc_script_config {
	const struct smsc_steps *steps;
	const char *expect[SMSC_EXPECT_MAX];
	size_t n_expect;
	int64_t sms_wait_us;       /* for an SMS after the end */
	int64_t answer_timeout_us; /* for each step */
	int64_t bind_wait_us;      /* for an ESME to bind */
};

enum smsc_awaits {
	SMSC_AWAITS_BIND,
	SMSC_AWAITS_SCREEN,
	SMSC_AWAITS_REPEAT,
	SMSC_AWAITS_ACK,
	SMSC_AWAITS_PUSH,
	SMSC_AWAITS_SMS,      /* the answer to an SMS */
	SMSC_AWAITS_LAST_SMS, /* what may follow the end */
	SMSC_AWAITS_NOTHING   /* finished */
};

struct smsc_script {
	struct smsc_script_config config;
	struct smsc_centre *centre;
	struct smsc_phone *phone;
	enum smsc_awaits awaits;
	int64_t deadline_us;
	size_t next; /* step */
	size_t sms;  /* received */
	bool found[SMSC_EXPECT_MAX];
	char code[21]; /* where SMS go: the short code of the last dialled one */
	bool failed;
};

void smsc_script_init(struct smsc_script *s, const struct smsc_script_config *config,
                      struct smsc_centre *centre);
struct smsc_centre_events smsc_script_events(struct smsc_script *s);
/* Once the centre is there. */
void smsc_script_start(struct smsc_script *s, int64_t now_us);
/* Returns microseconds until it wants to be called again. */
int64_t smsc_script_turn(struct smsc_script *s, int64_t now_us);
bool smsc_script_finished(const struct smsc_script *s);
/* After the end: tells what is missing on stderr. */
bool smsc_script_passed(const struct smsc_script *s);

#endif
