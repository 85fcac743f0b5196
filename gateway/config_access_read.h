/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading `roles` of starhash.conf (config_access.h), for the loader. */
#ifndef STARHASH_GATEWAY_CONFIG_ACCESS_READ_H
#define STARHASH_GATEWAY_CONFIG_ACCESS_READ_H

#include "gateway/config_access.h"
#include "gateway/config_read.h"

void config_access_read(struct config_reader *r, const config_t *file, struct config_access *a);

#endif
