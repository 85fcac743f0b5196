/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owner: one process at a time may call a store its own: the daemon that serves from it, or who replaces its file.
 *
 * The lock lies in a file of its own beside the database, so that taking and giving it back touches none of SQLite's
 * locks; beside the file itself, where the name is a symbolic link. It goes with the process, however that ends.
 */
#ifndef STARHASH_STORAGE_OWNER_H
#define STARHASH_STORAGE_OWNER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/rc.h"

/* *fd: close it to give the store back. RC_OK; RC_BUSY (somebody has it); RC_IO. `why` gets a sentence with a remedy. */
enum rc owner_lock(const char *path, int *fd, char *why, size_t why_size) RC_NODISCARD;

/* Has somebody taken it? Also while a daemon is only starting. False when the file is not there; true when it cannot be
 * asked. */
bool owner_is_taken(const char *path);

#endif
