/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owner: see owner.h. */
#include "storage/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TRIES 3 /* whoever only asks (owner_is_taken) has it for a moment */
#define TRY_AGAIN_NS 20000000
#define LINKS_MAX 16

/* Made by root for a store of somebody else, the lock would keep its owner out. */
static void give_to_owner(int fd, const char *path)
{
	struct stat st;

	if (geteuid() == 0 && stat(path, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) != 0)
		return; /* then the daemon says what is in its way */
}

static const char *remedy(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return "make that folder, for the daemon's user (or is its disk not mounted?)";
	case ENOSPC:
	case EDQUOT:
		return "free space on that disk";
	case EROFS:
		return "mount that disk for writing; see the system log why it is not";
	case EISDIR:
	case ELOOP:
		return "remove it: it is to be an empty file of ours";
	default:
		return "let the daemon's user write in that folder";
	}
}

/* In `path`, what the link of that name leads to, whether or not there is a file yet. False: it is no link. */
static bool follow(char path[PATH_MAX])
{
	char to[PATH_MAX], *folder_end = strrchr(path, '/');
	ssize_t n = readlink(path, to, sizeof to - 1);
	size_t folder = n > 0 && *to != '/' && folder_end ? (size_t)(folder_end - path) + 1 : 0;

	if (n <= 0 || folder + (size_t)n >= PATH_MAX)
		return false;
	memcpy(path + folder, to, (size_t)n);
	path[folder + (size_t)n] = '\0';
	return true;
}

/* The lock lies beside the file, and not beside a link to it: SQLite follows links as well, and whoever takes another way to
 * the same store must find it. False: the path is too long. */
static bool lock_name(const char *path, char name[PATH_MAX])
{
	char real[PATH_MAX];

	if (snprintf(real, sizeof real, "%s", path) >= (int)sizeof real)
		return false;
	for (int links = 0; links < LINKS_MAX && follow(real); links++)
		;
	return snprintf(name, PATH_MAX, "%s-lock", real) < PATH_MAX;
}

bool owner_is_taken(const char *path)
{
	char name[PATH_MAX];
	bool taken;
	int fd;

	if (!lock_name(path, name))
		return false;
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno != ENOENT;
	taken = flock(fd, LOCK_SH | LOCK_NB) != 0;
	(void)close(fd);
	return taken;
}

enum rc owner_lock(const char *path, int *fd, char *why, size_t why_size)
{
	char name[PATH_MAX];
	int got;

	if (!lock_name(path, name)) {
		(void)snprintf(why, why_size, "the path of the store is too long; use a shorter one");
		return RC_IO;
	}
	got = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (got < 0) {
		(void)snprintf(why, why_size, "cannot open %s: %s; %s", name, strerror(errno), remedy(errno));
		return RC_IO;
	}
	give_to_owner(got, path);
	for (int tries = 0; tries < TRIES; tries++) {
		const struct timespec pause = {.tv_nsec = TRY_AGAIN_NS};

		if (tries > 0)
			(void)nanosleep(&pause, NULL);
		if (flock(got, LOCK_EX | LOCK_NB) == 0) {
			*fd = got;
			return RC_OK;
		}
	}
	(void)close(got);
	(void)snprintf(why, why_size, "another daemon owns %s; stop it, or give this one a store of its own",
	               path);
	return RC_BUSY;
}
