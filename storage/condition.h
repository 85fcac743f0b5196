/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conditions: the SQL boolean expressions of `when`, prepared once, evaluated on the record at hand.
 *
 * Each is an expression over the profile's fields (text or NULL) and the system columns (registered 0/1, state,
 * language, first_seen, last_seen in UTC ms, msisdn, stopped 0/1, and the others that docs/menus.md lists). Evaluated in an
 * in-memory connection of its own: no file, no table, no subquery on data, no side effect; an authorizer allows only reading
 * the given columns and built-in scalar functions, and a step limit stops what would run on (promise 6). One thread only.
 */
#ifndef STARHASH_STORAGE_CONDITION_H
#define STARHASH_STORAGE_CONDITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/profile.h"
#include "core/rc.h"
#include "core/record.h"

struct conditions;

#define CONDITIONS_MAX 10000 /* prepared at one time, over all books */

enum rc conditions_new(const struct profile *profile, struct conditions **out) RC_NODISCARD;
void conditions_free(struct conditions *c);

/* Prepare one. The same text gives the same number again (reference-counted).
 * Returns RC_OK (*number >= 0); RC_SYNTAX (`why` says what and, for an unknown name, the nearest known one);
 * RC_FULL; RC_NOMEM. */
enum rc conditions_add(struct conditions *c, const char *sql, int *number, char *why,
                       size_t why_size) RC_NODISCARD;
void conditions_drop(struct conditions *c, int number); /* a book that used it is gone */

/* Does it hold? NULL and errors count as false. */
bool conditions_hold(struct conditions *c, int number, const struct record *record);

#endif
