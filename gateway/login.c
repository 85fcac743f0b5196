/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Login: see login.h. proc(5): /proc/PID/loginuid, 4294967295 where nobody logged in. */
#include "gateway/login.h"

#include <ctype.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/text.h"

#define NOBODY_LOGGED_IN UINT32_MAX

uid_t login_uid_of(pid_t pid, uid_t otherwise)
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

	if (getpwuid_r(login_uid_of(pid, uid), &entry, room, sizeof room, &found) != 0 || !found ||
	    strlen(found->pw_name) >= CONFIG_USER_SIZE)
		return false;
	(void)snprintf(out, CONFIG_USER_SIZE, "%s", found->pw_name);
	return true;
}

bool login_name(char out[CONFIG_USER_SIZE])
{
	return login_name_of(getpid(), getuid(), out);
}

/* Not a control, not a blank of any width, not one of those that only say how others are shown. */
static bool is_seen(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} unseen[] = {{0x00, 0x20},     {0x7f, 0xa0},      {0xad, 0xad},     {0x1680, 0x1680},
	              {0x180e, 0x180e}, {0x2000, 0x200f},  {0x2028, 0x202f}, {0x205f, 0x206f},
	              {0x2800, 0x2800}, {0x3000, 0x3000},  {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},
	              {0xfffd, 0xfffd}, {0xe0000, 0xe0fff}};

	for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++)
		if (c >= unseen[i].first && c <= unseen[i].last)
			return false;
	return true;
}

bool login_is_reason(const char *text)
{
	unsigned seen = 0, words = 0;
	uint32_t c;

	while ((c = text_utf8_next(&text)) != 0) {
		seen += is_seen(c);
		words += is_seen(c) && (c >= 0x80 || isalnum((int)c));
	}
	return seen >= LOGIN_REASON_LEAST && words > 0;
}
