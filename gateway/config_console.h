/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of the console: who may log in, as what, and the numbers of its phone (gateway/console.h). */
#ifndef STARHASH_GATEWAY_CONFIG_CONSOLE_H
#define STARHASH_GATEWAY_CONFIG_CONSOLE_H

#include "gateway/config.h"
#include "gateway/config_read.h"

void config_console_read(struct config_reader *r, const config_t *file, struct config *c);
void config_console_fini(struct config_console *s); /* the secret is wiped */

#endif
