/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of the console: who may log in, as what, and the numbers of its phone (gateway/console.h). */
#ifndef STARHASH_GATEWAY_CONFIG_CONSOLE_H
#define STARHASH_GATEWAY_CONFIG_CONSOLE_H

#include "gateway/config.h"
#include "gateway/config_read.h"

void config_console_read(struct config_reader *r, const config_t *file, struct config *c);
/* Is this a number of http.phones? Then it is nobody's. */
bool config_is_phone(const struct config *c, int64_t msisdn);
void config_console_fini(struct config_console *s); /* the secret is wiped */

#endif
