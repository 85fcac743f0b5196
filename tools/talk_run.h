/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Playing a talk on a stage, until its first difference. */
#ifndef STARHASH_TOOLS_TALK_RUN_H
#define STARHASH_TOOLS_TALK_RUN_H

#include <stdbool.h>
#include <stdio.h>

#include "core/rc.h"
#include "gateway/config.h"
#include "tools/talk.h"
#include "tools/talk_stage.h"

/* The number that a talk means by `from`; NULL = who dials when nobody is named. 0 = not a number. */
int64_t talk_run_number(const struct config *config, const char *from);

struct talk_report {
	int steps;   /* that were run */
	int skipped; /* that the stage could not do, or that hang on one of those */
	bool passed; /* nothing that was run differed */
};

/* The first difference is printed to `to`, and a line for each skipped step; `verbose` prints every step. The stage is finished
 * with the talk. */
void talk_run(const struct talk *t, const struct config *config, const struct services *services,
              struct talk_stage *stage, bool verbose, FILE *to, struct talk_report *report);

#endif
