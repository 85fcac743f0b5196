/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries of links: read by the option table, then what their keys say together. Used by gateway/config.c alone. */
#ifndef STARHASH_GATEWAY_CONFIG_LINK_H
#define STARHASH_GATEWAY_CONFIG_LINK_H

#include "gateway/config.h"
#include "gateway/config_read.h"

/* One entry becomes the next member of c->link, which must have room. Faults are findings. */
void config_link_read(struct config_reader *r, const config_setting_t *group, struct config *c);
/* After the last: what the links of a group say together. `list` may be NULL. */
void config_links_judge(struct config_reader *r, const config_setting_t *list, const struct config *c);
void config_link_fini(struct config_link *l); /* the password is wiped */

#endif
