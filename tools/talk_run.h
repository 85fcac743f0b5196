/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running a talk: each on a scratch world of its own, by hand's clock, until its first difference. */
#ifndef STARHASH_TOOLS_TALK_RUN_H
#define STARHASH_TOOLS_TALK_RUN_H

#include <stdbool.h>
#include <stdio.h>

#include "core/rc.h"
#include "gateway/config.h"
#include "gateway/services.h"
#include "tools/talk.h"

struct talk_report {
	int steps; /* that were run */
	bool passed;
};

/* The first difference is printed to `to`; `verbose` prints every step. Returns RC_OK (look at the report); RC_IO,
 * RC_NOMEM (could not be run: said on `to`). */
enum rc talk_run(const struct talk *t, const struct config *config, struct services *services, bool verbose,
                 FILE *to, struct talk_report *report) RC_NODISCARD;

#endif
