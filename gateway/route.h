/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Route: how a subscriber can be written to, as a text that outlives the run: "TON NPI DIGITS TON NPI DIGITS @GROUP", the
 * service and then the subscriber; "-" = no digits. GROUP is the name of the link group, for numbers of groups change with
 * the configuration; none is "any". An empty text is any way at all: the dialect's own addresses. Pure. */
#ifndef STARHASH_GATEWAY_ROUTE_H
#define STARHASH_GATEWAY_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/config.h"
#include "gateway/notices.h"

#define ROUTE_ANY \
	CONFIG_MAX_LINKS /* number of the group that is any: of HTTP, and of names that are no more */

const char *route_group_name(const struct config *c, uint16_t group); /* "" = any */
uint16_t route_group(const struct config *c, const char *name); /* its number, ROUTE_ANY = there is none */

/* False: it does not fit. */
bool route_write(const struct config *c, const struct notices_route *r, char *out, size_t size);
/* `text` with or without "@GROUP"; `smsc` = the group's name where it stands apart, NULL = in the text. The route's link is none.
 * Text that cannot be read is any way to msisdn. */
void route_read(const struct config *c, const char *text, const char *smsc, int64_t msisdn,
                struct notices_route *out);

#endif
