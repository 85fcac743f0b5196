/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Access: what a person has to say before a command shows or changes what is private: role and reason; and the audit row that
 * says so (gateway/config_access.h, storage/audit_report.h). */
#ifndef STARHASH_TOOLS_ACCESS_H
#define STARHASH_TOOLS_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/config.h"
#include "gateway/config_access.h"
#include "gateway/view.h"

#define ACCESS_ACTOR_SIZE (PROFILE_NAME_SIZE + CONFIG_USER_SIZE + 1)

struct access {
	char actor[ACCESS_ACTOR_SIZE]; /* "care:jane": for audit_row.actor */
	const char *reason;            /* as it was given; borrowed */
};

/* `role` and `reason` as they came with --role and --reason; NULL = not given. False after a message on stderr that says what
 * is missing or not allowed, and what to do: return CMD_FAULT. */
bool access_take(const struct config *config, const char *role, enum access_right right, const char *reason,
                 struct access *out);

/* For commands that are older than roles (erase, grants): where starhash.conf has no `roles`, --role may be left out, and the actor
 * is "operator:jane". */
bool access_take_any(const struct config *config, const char *role, enum access_right right,
                     const char *reason, struct access *out);

/* For what a machine feeds on behalf of whoever runs it: the user, and no right is asked for. False after a message. */
bool access_operator(struct access *out);

/* Write the row, durable when this returns: before anything is shown. `action` as audit_row.action; subject 0 = nobody's in
 * particular. False after a message: show nothing. */
bool access_note(const struct config *config, const struct access *access, const char *action,
                 int64_t subject);

/* The row for what is to be seen (view_look), and then the keys: from now on `query` reads it in clear. False after a message. */
bool access_reveal(const struct config *config, const struct access *access, struct query *query,
                   const struct view_reveal *reveal);

#endif
