/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backup: a store's copy under a name of its own, and such a copy in the place of a store.
 *
 * Both become visible whole or not at all: written and verified beside the name, synced, then renamed. Nothing is
 * ever overwritten in place, and what a restore replaces stays beside it.
 */
#ifndef STARHASH_STORAGE_BACKUP_H
#define STARHASH_STORAGE_BACKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "core/rc.h"
#include "storage/copy.h"

struct backup_options {
	const char *store;    /* path of the store: read by a backup, replaced by a restore */
	const char *backup;   /* path of the backup */
	const char *key_path; /* restore: of the operator's key; NULL = beside the store */
	bool force;           /* backup: replace a file of that name */
	bool only_check;      /* restore: verify the backup and change nothing */
	int pause_ms;         /* as copy_options.pause_ms */
	copy_progress_fn *progress;
	void *ctx;
};

/* Beside a running daemon or without one. RC_OK; RC_EXISTS (there is such a file, and no force; or it is in use);
 * RC_BUSY (another backup writes there); and as copy_database. `text` gets a sentence with a remedy. */
enum rc backup_take(const struct backup_options *o, struct copy_sums *sums, char *text,
                    size_t size) RC_NODISCARD;

/* Where the replaced store lies now; "" = there was none. */
#define BACKUP_ASIDE_SIZE 4200
/* RC_OK; RC_BUSY (a daemon owns the store, or somebody reads it); RC_STATE (newer schema; its keys are not those
 * that lie there); and as copy_database. */
enum rc backup_restore(const struct backup_options *o, struct copy_sums *sums, char aside[BACKUP_ASIDE_SIZE],
                       char *text, size_t size) RC_NODISCARD;

#endif
