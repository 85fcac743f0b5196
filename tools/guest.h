/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guest: a command that writes to the store, beside a running daemon or without one. */
#ifndef STARHASH_TOOLS_GUEST_H
#define STARHASH_TOOLS_GUEST_H

#include "core/rc.h"
#include "gateway/config.h"
#include "storage/store.h"

#define GUEST_BUSY_MS 10000 /* a daemon that checkpoints lets go of its lock sooner */

/* Open the store of a configuration. `actor` as in struct store_options; borrowed while it is open. NULL after a message:
 * return CMD_FAULT. For store_close. */
struct store *guest_open(const struct config *config, const char *actor) __attribute__((warn_unused_result));

/* Write one batch, which it owns, and wait until that is done. What became of it: as store_result.rc, or RC_FULL. */
enum rc guest_write(struct store *store, struct store_batch *batch) RC_NODISCARD;

#endif
