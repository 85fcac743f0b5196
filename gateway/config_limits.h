/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of limits: who may have a gift (docs/limits.md), as the store wants to know it.
 *
 * Single values are read by the option table; here are lists, dates, and whether what they name is there.
 */
#ifndef STARHASH_GATEWAY_CONFIG_LIMITS_H
#define STARHASH_GATEWAY_CONFIG_LIMITS_H

#include "gateway/config.h"
#include "gateway/config_read.h"

/* One group each as the table reads it. */
struct config_budget {
	char name[PROFILE_NAME_SIZE];
	int gifts;
	char *from, *until;
};
struct config_velocity {
	char name[PROFILE_NAME_SIZE];
	char *bundle;
	int digits, gifts;
	int64_t within_ms;
};

/* Fills c->limits, and c->store_key. After the bundles were read. */
void config_limits_read(struct config_reader *r, const config_t *file, struct config *c);

#endif
