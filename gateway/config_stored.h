/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stored: what profile.conf says, against what the store of this configuration holds (storage/profile_change.h), as findings:
 * before a start, so that the start is not the first to refuse it. Reads beside a running daemon; writes nothing. */
#ifndef STARHASH_GATEWAY_CONFIG_STORED_H
#define STARHASH_GATEWAY_CONFIG_STORED_H

#include "core/findings.h"
#include "gateway/config.h"

/* No store yet: nothing to say. One that cannot be read: a warning. */
void config_stored_check(const struct config *config, struct findings *findings);

#endif
