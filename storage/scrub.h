/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scrub: what was erased, withdrawn or retired leaves the files.
 *
 * It is overwritten (secure_delete), but old pages stand in the WAL, or in the file under it, until a checkpoint has emptied
 * the WAL, which anybody who reads can hold up. So who forgets something leaves a mark in the same transaction, and the mark
 * goes only after a checkpoint that was complete: it outlives a kill, and the daemon sees the mark of a command beside it.
 * Whatever the order, a mark is set off against what was read of it before the checkpoint, so none that came meanwhile is
 * lost.
 *
 * Belongs to one connection and its thread.
 */
#ifndef STARHASH_STORAGE_SCRUB_H
#define STARHASH_STORAGE_SCRUB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"

struct scrub;

/* A mark that an earlier run, or another program, has left is taken up. SQLite's code. */
int scrub_new(sqlite3 *db, struct scrub **out);
void scrub_free(struct scrub *s); /* NULL is fine */

/* In the transaction that forgets. SQLite's code. */
int scrub_mark(struct scrub *s);
/* The next scrub_run is to empty the WAL. */
void scrub_want(struct scrub *s);

/* Has another program written since the last look, a second ago or more? Then its mark is taken up, too. */
bool scrub_look(struct scrub *s);
/* Empty the WAL if that is wanted, at most once a second; no transaction may be open. */
void scrub_run(struct scrub *s);
/* When the next look or try is due (monotonic); INT64_MAX = never. */
int64_t scrub_at_ms(const struct scrub *s);

/* For a command, when its own store is closed: empty the WAL, or wait for the daemon to do so, for `ms` at most. RC_OK; RC_BUSY:
 * somebody reads, and the files still hold what was forgotten; RC_IO, RC_FULL. *by_daemon: one is there, and goes on trying. */
enum rc scrub_finish(const char *store, int64_t ms, bool *by_daemon, char *why, size_t why_size) RC_NODISCARD;

#endif
