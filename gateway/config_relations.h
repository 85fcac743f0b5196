/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of relations: which kinds of belonging together there are, and how much of each (docs/relations.md). */
#ifndef STARHASH_GATEWAY_CONFIG_RELATIONS_H
#define STARHASH_GATEWAY_CONFIG_RELATIONS_H

#include <stddef.h>
#include <stdint.h>

#include "core/profile.h"

#define CONFIG_MAX_RELATIONS 16

struct config_relation {
	char type[PROFILE_NAME_SIZE]; /* also the purpose of both consents */
	int most;                     /* relations of one person */
	int per_day;                  /* invitations by one person in 24 hours */
	int asked_per_day;            /* questions to one person in 24 hours, whoever asks */
	int64_t expires_ms;           /* how long an invitation stands */
	int64_t again_ms;             /* the same two are not asked again before */
};

struct config_relations {
	size_t n;
	struct config_relation of[CONFIG_MAX_RELATIONS];
};

const struct config_relation *config_relation_by_type(const struct config_relations *c, const char *type);

#endif
