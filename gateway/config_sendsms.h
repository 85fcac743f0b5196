/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of who may send SMS through us over HTTP (gateway/sendsms.h). */
#ifndef STARHASH_GATEWAY_CONFIG_SENDSMS_H
#define STARHASH_GATEWAY_CONFIG_SENDSMS_H

#include "gateway/config.h"
#include "gateway/config_read.h"

/* After the links were read. */
void config_sendsms_read(struct config_reader *r, const config_t *file, struct config *c);
void config_sendsms_fini(struct config_sendsms *s); /* the secret is wiped */
/* "123", "+254711000000", "ACME": what can be a sender. */
bool config_sendsms_is_sender(const char *text);

#endif
