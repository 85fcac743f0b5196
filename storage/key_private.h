/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the key share: how it lies on the disk, and how the store's own keys lie under it. */
#ifndef STARHASH_STORAGE_KEY_PRIVATE_H
#define STARHASH_STORAGE_KEY_PRIVATE_H

#include <limits.h>

#include "storage/key.h"

/* "the store's key PATH WHAT; REMEDY"; RC_IO. */
enum rc key_say(char *why, size_t why_size, const char *path, const char *what, const char *remedy);

/* `k` whole and synced in a file that has no name yet but `partial`, a template of mkstemp(3). */
bool key_file_write(const char *store, const struct key *k, char *partial);
/* Where the new key of a change lies until it takes its place. False: too long. */
bool key_new_path(const char *path, char out[PATH_MAX]);
/* If the key that fits is the new one, it takes its place. Only in a transaction that writes: else it may be one that another
 * change has laid there and not committed. RC_OK, also where it has its place; RC_NOTFOUND, RC_STATE, RC_IO. */
enum rc key_settle(sqlite3 *db, const char *path, char *why, size_t why_size) RC_NODISCARD;
/* The same in a transaction of its own; RC_BUSY too. */
enum rc key_settle_alone(sqlite3 *db, const char *path, char *why, size_t why_size) RC_NODISCARD;

/* `text` binds ?1 = the store's keys sealed under `k`, ?2 = its check value, ?3 = now. SQLite's code. */
int key_secrets_write(sqlite3 *db, const struct key *k, const struct key_set *set, int64_t at_ms,
                      const char *text);

/* Is the file the key of this store, of whatever release? RC_OK; RC_CLOSED (it has none yet); RC_NOTFOUND, RC_STATE, RC_IO. */
enum rc key_fits(sqlite3 *db, const char *path, char *why, size_t why_size) RC_NODISCARD;

/* Blank every text that is sealed: nobody can read it any more. In the open transaction. SQLite's code. */
int key_forget_sealed(sqlite3 *db);

#endif
