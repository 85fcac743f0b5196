/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The links of the configuration as groups.c (finding, picking, making) and groups_stand.c (standbys, what an operator holds)
 * share them. */
#ifndef STARHASH_GATEWAY_GROUPS_PRIVATE_H
#define STARHASH_GATEWAY_GROUPS_PRIVATE_H

#include "gateway/groups.h"
#include "gateway/link_tls.h"
#include "gateway/standby.h"

#define GROUPS_NAME_SIZE 40

struct event;

struct groups_member {
	struct groups *groups;
	struct link *link;
	struct link_tls *tls;        /* of the first of a pair, for both */
	struct groups_member *other; /* of a pair */
	const struct config_link *config;
	uint16_t group;
	enum config_standby standby;
	bool is_held; /* an operator took it down */
	int64_t standby_after_ms;
	struct standby watch; /* of a cold standby */
	uint64_t picked;      /* the greater, the later */
	char name[GROUPS_NAME_SIZE];
};

struct groups {
	struct event_base *base;
	const struct clock *clock;
	const struct config *config;
	struct link_handlers handlers;
	struct event *timer; /* for cold standbys */
	bool is_started, is_draining;
	size_t n;
	struct groups_member *member;
};

static inline bool groups_member_is_bound(const struct groups_member *m)
{
	return link_state(m->link) == LINK_ST_BOUND;
}

/* Start or rest what is due of the cold standbys. */
void groups_watch(struct groups *g);

#endif
