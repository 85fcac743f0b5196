/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading `relations` of starhash.conf (config_relations.h), for the loader. */
#ifndef STARHASH_GATEWAY_CONFIG_RELATIONS_READ_H
#define STARHASH_GATEWAY_CONFIG_RELATIONS_READ_H

#include "gateway/config.h"
#include "gateway/config_read.h"

void config_relations_read(struct config_reader *r, const config_t *file, struct config_relations *out);
/* With profile.conf read: its purposes, when it declares any, must have each type. */
void config_relations_check(struct config_reader *r, const struct config *c);

#endif
