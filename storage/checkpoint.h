/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checkpoint: moves what was committed from the WAL into the database, and watches over both files.
 *
 * SQLite would do it by itself and keep to itself when it fails: the WAL would grow until the disk is full. Nor does it
 * say that somebody has moved or removed a file that it has open: everything would be stored where nobody finds it again
 * (promise 1). Used by the writer's thread; checkpoint_wal_pages may be asked from others.
 */
#ifndef STARHASH_STORAGE_CHECKPOINT_H
#define STARHASH_STORAGE_CHECKPOINT_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "storage/integrity.h"

/* From here on the log tells of a WAL that does not become shorter; where there was room for it, it is this long at most
 * once it has begun again from its start. */
#define CHECKPOINT_LONG_PAGES 32768 /* 128 MiB */

struct checkpoint;

/* The connection is borrowed, and from now on has no checkpoints of its own. RC_OK; RC_NOMEM. */
enum rc checkpoint_new(sqlite3 *db, struct damage *damage, struct checkpoint **out) RC_NODISCARD;
void checkpoint_free(
	struct checkpoint *c); /* NULL is fine; the connection must be closed, or not used any more */

/* After each round: one, when the WAL is long enough, and not more often than is of use. */
void checkpoint_due(struct checkpoint *c, int64_t mono_ms);
/* When one that did not come to its end is worth another try; INT64_MAX = none did not. */
int64_t checkpoint_again_ms(const struct checkpoint *c);
/* At once, whatever the WAL: a full disk may have room for its pages in the database. */
void checkpoint_now(struct checkpoint *c, int64_t mono_ms);

/* Does the database's name still lead to the file that is open, and its WAL's? Two calls of stat(2). */
bool checkpoint_is_moved(const struct checkpoint *c);

uint64_t checkpoint_wal_pages(const struct checkpoint *c); /* as long as it is now */

#endif
