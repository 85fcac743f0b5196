/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What commands share that read the daemon's JSON: asking it, and taking an answer apart. */
#ifndef STARHASH_TOOLS_CMD_JSON_H
#define STARHASH_TOOLS_CMD_JSON_H

#include <jansson.h>

#include "tools/cmd.h"

/* A word to the daemon and its answer, for json_decref. NULL after a message, also when the answer is an error. */
json_t *cmd_ask(const struct config *config, const char *word);
/* Every value on a line of its own, by its path; numbers that are 0 are left out. Findings as in starhash check. */
void cmd_json_print(const json_t *o);
/* The one finding; false: it is none. */
bool cmd_json_finding(const json_t *entry);
/* "" and 0 when it is not there. `path` may go down: "dialogues.open". */
const char *cmd_json_text(const json_t *o, const char *path);
json_int_t cmd_json_number(const json_t *o, const char *path);
/* One compact line to stdout. */
enum cmd_exit cmd_json_dump(const json_t *o);

#endif
