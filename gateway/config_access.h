/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Roles: who may do what that concerns people's data, by starhash.conf.
 *
 * A role has users of this machine and rights. Without `roles` there are two that everybody may take who can open the
 * store: "care" (reveal, requests, grants) and "privacy" (all). A role is never taken in silence: it is named by who takes
 * it, and stands with the user in the audit.
 */
#ifndef STARHASH_GATEWAY_CONFIG_ACCESS_H
#define STARHASH_GATEWAY_CONFIG_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/profile.h"

enum access_right {
	ACCESS_REVEAL,   /* see private values: show, find */
	ACCESS_EXPORT,   /* ... of everybody */
	ACCESS_IMPORT,   /* bring subscribers in */
	ACCESS_ERASE,    /* forget somebody */
	ACCESS_VERIFY,   /* say that somebody is who they say */
	ACCESS_GRANTS,   /* decide of gifts */
	ACCESS_REQUESTS, /* see and answer requests for a copy */
	ACCESS_AUDIT,    /* read the audit */
	ACCESS_KEY,      /* rotate and copy keys */
	ACCESS_RIGHTS
};

#define CONFIG_MAX_ROLES 16
#define CONFIG_ROLE_USERS 32
#define CONFIG_USER_SIZE 33 /* useradd(8): names of at most 32 characters */

struct config_role {
	char name[PROFILE_NAME_SIZE];
	unsigned may; /* bit 1 << enum access_right */
	size_t n_users;
	char user[CONFIG_ROLE_USERS][CONFIG_USER_SIZE]; /* none = everybody who can open the store */
};
struct config_access {
	bool is_given; /* `roles` stands in the file */
	size_t n_roles;
	struct config_role role[CONFIG_MAX_ROLES];
};

/* Is `user` one of those who may take it? False, too: there is no such role. */
bool config_access_is_user(const struct config_access *a, const char *role, const char *user);
/* May `user` do this as `role`? False: `why` (of why_size bytes) has a sentence that says what to do. */
bool config_access_may(const struct config_access *a, const char *role, const char *user,
                       enum access_right right, char *why, size_t why_size);

#endif
