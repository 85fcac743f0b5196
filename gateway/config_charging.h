/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of the charging system: what takes more than one key to judge.
 *
 * Texts and numbers are read by the option table; here are the kind, the password file, and whether each bundle says what
 * it is to this kind of system.
 */
#ifndef STARHASH_GATEWAY_CONFIG_CHARGING_H
#define STARHASH_GATEWAY_CONFIG_CHARGING_H

#include "gateway/config.h"
#include "gateway/config_read.h"

/* After the table has read the group. */
void config_charging_read(struct config_reader *r, const config_t *file, struct config *c);
/* After the bundles were read. */
void config_charging_check(struct config_reader *r, const config_t *file, const struct config *c);
void config_charging_fini(struct config_charging *c); /* the secret is wiped */

#endif
