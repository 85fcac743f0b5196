/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing what a phone shows with what a talk expects, and showing both side by side. */
#ifndef STARHASH_TOOLS_TALK_DIFF_H
#define STARHASH_TOOLS_TALK_DIFF_H

#include <stdbool.h>
#include <stdio.h>

#include "tools/talk.h"

/* Spaces at the end of lines do not count. */
bool talk_diff_same(const char *expected, enum talk_rest rest, const char *got);

/* Two columns, a line each, '!' between where they differ. */
void talk_diff_print(const char *expected, enum talk_rest rest, const char *got, FILE *to);

#endif
