/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing: the texts of an older program, and of fields that have become private, are sealed when the store is opened.
 *
 * In slices, each a transaction of its own with how far it is, so that a start that is cut off goes on where it was. When
 * all is done the WAL is emptied: what was plain is overwritten in the file and stands nowhere any more.
 */
#ifndef STARHASH_STORAGE_SEALING_H
#define STARHASH_STORAGE_SEALING_H

#include <sqlite3.h>
#include <stddef.h>

#include "core/profile.h"
#include "storage/vault.h"

#define SEALING_ROWS 1000 /* of a slice */

/* No transaction may be open. Where everything is sealed it costs a look. RC_OK; RC_BUSY, RC_FULL, RC_IO. `why` gets a sentence
 * with a remedy. */
enum rc sealing_run(sqlite3 *db, struct vault *v, const struct profile *profile, int64_t at_ms, char *why,
                    size_t why_size) RC_NODISCARD;

/* How many columns that ought to be sealed are not, or not to the end. SQLite's code. */
int sealing_left(sqlite3 *db, const struct profile *profile, int64_t *n);

#endif
