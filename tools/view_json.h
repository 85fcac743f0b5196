/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One subscriber as JSON: the shape that `show --json` and `export` share. */
#ifndef STARHASH_TOOLS_VIEW_JSON_H
#define STARHASH_TOOLS_VIEW_JSON_H

#include <stdbool.h>
#include <stdio.h>

#include "storage/query.h"

/* One object on one line, or indented over several when `pretty`. False when memory is out or `to` fails. */
bool view_json_print(const struct query_subscriber *s, bool pretty, FILE *to);

#endif
