/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading one block of dialects.conf over the dialect that it is like. For gateway/config_dialects.c alone.
 */
#ifndef STARHASH_GATEWAY_CONFIG_DIALECTS_READ_H
#define STARHASH_GATEWAY_CONFIG_DIALECTS_READ_H

#include "gateway/config_read.h"
#include "gateway/dialect_table.h"

/* Every key of the block into `d`, which holds what it is taken from. Faults are findings. */
void config_dialect_read(struct config_reader *r, const config_setting_t *block, struct dialect *d);

/* What keys say together. `block` tells what was given and what was taken over: of the latter, what has lost
 * its meaning is cleared, of the former it is a finding. */
void config_dialect_check(struct config_reader *r, const config_setting_t *block, struct dialect *d);

/* The setting of "session.tag" or "respond" in a block, or NULL. */
const config_setting_t *config_dialect_given(const config_setting_t *block, const char *key);

#endif
