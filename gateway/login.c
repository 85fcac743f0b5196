/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Login: see login.h. proc(5): /proc/PID/loginuid, 4294967295 where nobody logged in. */
#include "gateway/login.h"

#include <ctype.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NOBODY_LOGGED_IN UINT32_MAX

static uid_t uid_of(pid_t pid, uid_t otherwise)
{
	unsigned long uid = NOBODY_LOGGED_IN;
	char path[40];
	FILE *file;

	(void)snprintf(path, sizeof path, "/proc/%ld/loginuid", (long)pid);
	file = fopen(path, "re");
	if (file) {
		if (fscanf(file, "%10lu", &uid) != 1)
			uid = NOBODY_LOGGED_IN;
		(void)fclose(file);
	}
	return uid < NOBODY_LOGGED_IN ? (uid_t)uid : otherwise;
}

bool login_name_of(pid_t pid, uid_t uid, char out[CONFIG_USER_SIZE])
{
	char room[4096];
	struct passwd entry, *found = NULL;

	if (getpwuid_r(uid_of(pid, uid), &entry, room, sizeof room, &found) != 0 || !found ||
	    strlen(found->pw_name) >= CONFIG_USER_SIZE)
		return false;
	(void)snprintf(out, CONFIG_USER_SIZE, "%s", found->pw_name);
	return true;
}

bool login_name(char out[CONFIG_USER_SIZE])
{
	return login_name_of(getpid(), getuid(), out);
}

bool login_is_reason(const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++)
		if (isalnum(*at) || *at >= 0x80)
			return true;
	return false;
}
