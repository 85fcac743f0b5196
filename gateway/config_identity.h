/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identity: whether subscribers may stay anonymous, as the country and the operator say, and what that means for one. */
#ifndef STARHASH_GATEWAY_CONFIG_IDENTITY_H
#define STARHASH_GATEWAY_CONFIG_IDENTITY_H

#include "core/record.h"
#include "gateway/config.h"
#include "gateway/config_read.h"

/* After the table and the country's file were read: what starhash.conf does not say is as the country has it. */
void config_identity_read(struct config_reader *r, const config_t *file, struct config *c);

/* Whole days, and begun ones, that somebody first seen at first_ms (0 = now) may still be anonymous. */
unsigned config_identity_grace(const struct config_identity *i, int64_t first_ms, int64_t now_ms);
/* Tell a record that was just loaded. */
void config_identity_apply(const struct config_identity *i, struct record *record, int64_t now_ms);

#endif
