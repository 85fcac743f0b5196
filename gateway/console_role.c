/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a role may do in the console: see console_role.h. "viewer" and "operator" see nobody's data; every other role is one
 * of `roles` (gateway/config_access.h), by its rights there, for the user of the console's name. */
#include "gateway/console_role.h"

#include <stdio.h>
#include <string.h>

#include "gateway/config_access.h"

const char *console_right_name(enum console_right r)
{
	static const char *const names[CONSOLE_RIGHTS] = {"look",       "phone",  "operate",
	                                                  "subscriber", "reveal", "grants"};

	return r < CONSOLE_RIGHTS ? names[r] : "none";
}

const char *console_role_name(const struct config_console *user)
{
	return user->role;
}

void console_actor(const struct config_console *user, char *out, size_t size)
{
	(void)snprintf(out, size, "%s:%s (console)", console_role_name(user), user->name);
}

static bool has(const struct config *config, const struct config_console *user, enum access_right right)
{
	char why[200];

	return config_access_may(&config->access, user->role, user->name, right, why, sizeof(why));
}

/* Whoever works with people: not those who only bring them in, say, or read the audit. */
static bool has_people(const struct config *config, const struct config_console *user)
{
	return has(config, user, ACCESS_REVEAL) || has(config, user, ACCESS_GRANTS) ||
	       has(config, user, ACCESS_REQUESTS) || has(config, user, ACCESS_VERIFY);
}

/* Of those who may do all with data: operations, too. */
static bool has_all(const struct config *config, const struct config_console *user)
{
	for (int i = 0; i < ACCESS_RIGHTS; i++)
		if (!has(config, user, (enum access_right)i))
			return false;
	return true;
}

bool console_role_may(const struct config *config, const struct config_console *user,
                      enum console_right right)
{
	bool views = strcmp(user->role, "viewer") == 0, operates = strcmp(user->role, "operator") == 0;

	switch (right) {
	case CONSOLE_LOOK:
		return true;
	case CONSOLE_PHONE:
		return operates || (!views && has_people(config, user));
	case CONSOLE_OPERATE:
		return operates || (!views && has_all(config, user));
	case CONSOLE_SUBSCRIBER:
		return !views && !operates && has_people(config, user);
	case CONSOLE_REVEAL:
		return !views && !operates && has(config, user, ACCESS_REVEAL);
	case CONSOLE_GRANTS:
		return !views && !operates && has(config, user, ACCESS_GRANTS);
	case CONSOLE_RIGHTS:
		break;
	}
	return false;
}

bool console_role_looks_only(const struct config *config, const struct config_console *user)
{
	for (int i = CONSOLE_LOOK + 1; i < CONSOLE_RIGHTS; i++)
		if (console_role_may(config, user, (enum console_right)i))
			return false;
	return true;
}
