/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Phones that wait to be spoken to: each shows what the network pushes to it and answers by the rules, until the ESME ends
 * the dialogue. Absent and busy ones are the fault module's (--absent, --busy). */
#ifndef STARHASH_TOOLS_SMSC_PUSHED_H
#define STARHASH_TOOLS_SMSC_PUSHED_H

#include "tools/smsc_centre.h"
#include "tools/smsc_load.h"

struct smsc_pushed_config {
	uint32_t subscribers;
	uint64_t pushes; /* finished when so many were concluded */
	const struct smsc_load_config *rules;
	int64_t wait_us; /* without any push, or any bind */
};

struct smsc_pushed {
	struct smsc_pushed_config config;
	struct smsc_centre *centre;
	uint64_t closed;  /* dialogues that the ESME ended */
	uint64_t silent;  /* an answer was not answered in time */
	uint64_t unknown; /* screens for which no rule is: cancelled */
	bool stopped;
	uint64_t moved_pushes;
	int64_t moved_us;
};

void smsc_pushed_init(struct smsc_pushed *s, const struct smsc_pushed_config *config,
                      struct smsc_centre *centre);
struct smsc_centre_events smsc_pushed_events(struct smsc_pushed *s);
void smsc_pushed_start(struct smsc_pushed *s, int64_t now_us);
int64_t smsc_pushed_turn(struct smsc_pushed *s, int64_t now_us);
bool smsc_pushed_finished(const struct smsc_pushed *s);

#endif
