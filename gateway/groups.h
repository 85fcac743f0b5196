/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups: the links of the configuration, and by which of them something leaves.
 *
 * Links of one group share dialogues, duplicates and receipts. A pair (transmitter and receiver) is two links that stand for
 * one. Active links take turns; a standby one is used while no active one of its group is bound.
 */
#ifndef STARHASH_GATEWAY_GROUPS_H
#define STARHASH_GATEWAY_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/rc.h"
#include "gateway/config.h"
#include "gateway/link.h"

struct groups;

/* Makes every link of the configuration; nothing is connected before groups_start. `handlers` are those of all links. */
struct event_base;

enum rc groups_new(struct event_base *base, const struct clock *clock, const struct config *config,
                   const struct link_handlers *handlers, struct groups **out) RC_NODISCARD;
void groups_free(struct groups *g);
void groups_start(struct groups *g);
void groups_drain(struct groups *g, int64_t within_ms);
bool groups_are_down(const struct groups *g); /* every link has ended */

/* Before groups_new has been, and where it failed, there is no struct groups: NULL has no links and nothing to pick. */
size_t groups_links(const struct groups *g); /* a pair counts as two */
struct link *groups_link_at(const struct groups *g, size_t i);
size_t groups_bound(const struct groups *g); /* links that are bound; a pair is bound when both are */
uint16_t groups_of(const struct groups *g, const struct link *l);
/* Does it stand by for the others of its group? */
enum config_standby groups_standby_of(const struct groups *g, const struct link *l);
/* Number of a group by its name, -1 = there is none. */
int groups_by_name(const struct groups *g, const char *name);

/* Take links down, or up again, by the name of one or of a pair; what an operator took down stays so until it is taken up, or
 * the daemon is started anew. Returns how many there are of that name: 0, 1, or 2. */
size_t groups_hold(struct groups *g, const char *name, bool down);
bool groups_is_held(const struct groups *g, const struct link *l);
/* PDUs a second from now on, 0 = no limit, GROUPS_AS_CONFIGURED = what links[].rate says. Returns the same. */
#define GROUPS_AS_CONFIGURED (-1)
size_t groups_throttle(struct groups *g, const char *name, int rate);
int groups_configured_rate(const struct groups *g, const struct link *l);

/* The link to submit by: the one that a message came by (its transmitter, if it is of a pair), else another bound one of
 * its group; GROUPS_ANY = of any group. NULL = none is bound now. `came_by` may be NULL. */
#define GROUPS_ANY UINT16_MAX
struct link *groups_pick(const struct groups *g, const struct link *came_by, uint16_t group);

#endif
