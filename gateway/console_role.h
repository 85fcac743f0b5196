/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a role may do in the console (docs/console.md). The one place where roles become rights. */
#ifndef STARHASH_GATEWAY_CONSOLE_ROLE_H
#define STARHASH_GATEWAY_CONSOLE_ROLE_H

#include <stdbool.h>

#include "gateway/config.h"

enum console_right {
	CONSOLE_LOOK,       /* the live page, the menu map */
	CONSOLE_PHONE,      /* dial from the numbers of http.phones */
	CONSOLE_OPERATE,    /* links up, down, slower; dialogues, and the end of one */
	CONSOLE_SUBSCRIBER, /* one subscriber, without private values */
	CONSOLE_REVEAL,     /* private values, with a reason */
	CONSOLE_GRANTS,     /* see and decide gifts */
	CONSOLE_RIGHTS
};
const char *console_right_name(enum console_right r); /* "look" */
const char *console_role_name(const struct config_console *user);
/* Who it was, for the audit: "care:jane (console)". */
#define CONSOLE_ACTOR_SIZE (PROFILE_NAME_SIZE + CONFIG_USER_SIZE + 16)
void console_actor(const struct config_console *user, char *out, size_t size);
bool console_role_may(const struct config *config, const struct config_console *user,
                      enum console_right right);
/* Nothing but CONSOLE_LOOK: a screen on a wall. */
bool console_role_looks_only(const struct config *config, const struct config_console *user);

#endif
