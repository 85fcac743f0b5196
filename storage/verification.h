/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verification: who was proven to be who they say, by what. The state itself is the subscriber's (core/record.h).
 *
 * Belongs to the writer's connection, inside the transaction that is open. Codes are SQLite's.
 */
#ifndef STARHASH_STORAGE_VERIFICATION_H
#define STARHASH_STORAGE_VERIFICATION_H

#include <sqlite3.h>
#include <stdint.h>

#define VERIFICATION_PROOF_MAX 160 /* bytes: "national id 1234, seen in the shop of Nakuru" */

struct vault;
struct verification;

int verification_new(sqlite3 *db, struct vault *vault, struct verification **out);
void verification_free(struct verification *v); /* NULL is fine */

/* One that stood before is overtaken by it. */
int verification_add(struct verification *v, int64_t subscriber, int64_t at_ms, const char *proof);
/* None stands any more: taken back, what was proven was changed, or the SIM was. */
int verification_undo(struct verification *v, int64_t subscriber, int64_t at_ms);
/* Erased: what it was proven by is blanked. */
int verification_blank(struct verification *v, int64_t subscriber);

#endif
