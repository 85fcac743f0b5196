/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of retention: what the group says, judged, and as the store takes it. */
#ifndef STARHASH_GATEWAY_CONFIG_RETENTION_H
#define STARHASH_GATEWAY_CONFIG_RETENTION_H

#include <libconfig.h>

#include "gateway/config.h"
#include "gateway/config_read.h"

void config_retention_check(struct config_reader *r, const config_t *file);

#endif
