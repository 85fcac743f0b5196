/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Migrate: bring a database to the schema of this program, and its profile columns to profile.conf.
 *
 * Each migration runs in one transaction together with its version (PRAGMA user_version), so a file is always at
 * exactly one version, whatever interrupts it. A new store is made by all of them in one transaction.
 */
#ifndef STARHASH_STORAGE_MIGRATE_H
#define STARHASH_STORAGE_MIGRATE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/profile.h"
#include "core/rc.h"
#include "storage/schema.h"

/* For whoever only reads: is the database at this program's schema? RC_OK; RC_STATE; RC_BUSY, RC_IO. `why` says what to do. */
enum rc migrate_check(sqlite3 *db, char *why, size_t why_size) RC_NODISCARD;

/* Run the files with a higher number than the database's version, in order.
 * RC_OK; RC_STATE (the database is newer than the last file); RC_BUSY, RC_FULL, RC_IO, RC_NOMEM. */
enum rc migrate_run(sqlite3 *db, const struct schema_file *files, size_t n, char *why,
                    size_t why_size) RC_NODISCARD;

/* Add a column for each field that has none yet. RC_OK; RC_BUSY, RC_FULL, RC_IO, RC_NOMEM. */
enum rc migrate_profile(sqlite3 *db, const struct profile *profile, char *why, size_t why_size) RC_NODISCARD;

/* Is there a column for each field? present[i] for field i. Returns SQLite's code. */
int migrate_columns(sqlite3 *db, const struct profile *profile, bool present[PROFILE_MAX_FIELDS]);

#endif
