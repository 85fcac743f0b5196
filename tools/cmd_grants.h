/* SPDX-License-Identifier: GPL-3.0-or-later */
/* starhash grants, between its files: what a person decides (cmd_grants_decide.c), and who did not get what
 * (cmd_grants_refused.c). */
#ifndef STARHASH_TOOLS_CMD_GRANTS_H
#define STARHASH_TOOLS_CMD_GRANTS_H

#include <jansson.h>

#include "tools/access.h"
#include "tools/cmd.h"

/* "resolve ID granted", "approve ID", "refuse ID". */
bool grants_decides(const char *word);
/* What is wrong with `n` words that begin so; NULL = nothing. */
const char *grants_decision_misuse(char **word, int n, const char *reason);
enum cmd_exit grants_decide(const struct config *config, char **word, const struct access *access, bool json);

/* All that was refused, and what of it belongs to one grant: an array, or lines, each with `before` in front. */
enum cmd_exit grants_refused(struct query *q, bool json);
json_t *grants_refused_json(struct query *q, int64_t grant);
void grants_refused_print(struct query *q, int64_t grant, const char *before);

#endif
