/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a scripted subscriber does, one element after the other: "*123*1#,1,Jane Doe,~sms:JOIN".
 *
 * Elements are separated by commas; "\," is a comma. The first one and "~dial:CODE" dial, "~sms:TEXT" sends
 * an SMS, "~drop" loses the dialogue, "~cancel" ends it, "~dup" sends the last deliver_sm again, "~push" waits for
 * the network to push a screen; anything else is typed.
 */
#ifndef STARHASH_TOOLS_SMSC_STEPS_H
#define STARHASH_TOOLS_SMSC_STEPS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/rc.h"

#define SMSC_STEPS_MAX 64

enum smsc_step_kind {
	SMSC_STEP_DIAL,
	SMSC_STEP_TYPE,
	SMSC_STEP_SMS,
	SMSC_STEP_DROP,
	SMSC_STEP_CANCEL,
	SMSC_STEP_DUP,
	SMSC_STEP_PUSH
};

struct smsc_step {
	enum smsc_step_kind kind;
	const char *text; /* code, answer or SMS; "" for the others */
};

struct smsc_steps {
	char *memory;
	size_t n;
	struct smsc_step at[SMSC_STEPS_MAX];
};

/* Returns RC_OK; RC_SYNTAX (unknown "~" word, or empty); RC_FULL (over SMSC_STEPS_MAX); RC_NOMEM. */
enum rc smsc_steps_parse(struct smsc_steps *s, const char *script) RC_NODISCARD;
void smsc_steps_fini(struct smsc_steps *s);

#endif
