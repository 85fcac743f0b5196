/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations as operators write them: "250ms", "180s", "15m", "24h", "7d". Whole numbers, one unit. */
#ifndef STARHASH_CORE_DURATION_H
#define STARHASH_CORE_DURATION_H

#include <stdint.h>

#include "core/rc.h"

/* Returns RC_OK (*out_ms >= 0); RC_SYNTAX (no number or no known unit); RC_RANGE (over 10 years). */
enum rc duration_parse(const char *text, int64_t *out_ms) RC_NODISCARD;

/* The shortest exact form ("15m"), into `out` of DURATION_TEXT_SIZE bytes. Returns out. */
#define DURATION_TEXT_SIZE 24
char *duration_text(int64_t ms, char *out);

#endif
