/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profile change, inside: what its two files ask of each other. Codes are SQLite's. */
#ifndef STARHASH_STORAGE_PROFILE_CHANGE_PRIVATE_H
#define STARHASH_STORAGE_PROFILE_CHANGE_PRIVATE_H

#include "storage/profile_change.h"

/* How many subscribers have a value in this column; 0 also when there is no such column. */
int profile_change_count(sqlite3 *db, const char *name, int64_t *n);

/* Fields whose consent is another one, and purposes that are no marketing any more. */
int profile_change_purposes_judge(sqlite3 *db, const struct profile *profile, profile_change_fn *fn,
                                  void *ctx);
/* Table profile_purpose follows. */
int profile_change_purposes_take(sqlite3 *db, const struct profile *profile, int64_t now_ms);

#endif
