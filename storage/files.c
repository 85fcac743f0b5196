/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files: see files.h. */
#include "storage/files.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool files_folder_sync(const char *path)
{
	char copy[PATH_MAX];
	int fd;
	bool ok;

	(void)snprintf(copy, sizeof copy, "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok = fd >= 0 &&
	     (fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP); /* some network disks cannot */
	if (fd >= 0)
		(void)close(fd);
	return ok;
}

bool files_own(int fd, const char *store)
{
	struct stat st;

	return geteuid() != 0 || !store || !*store || stat(store, &st) != 0 ||
	       fchown(fd, st.st_uid, st.st_gid) == 0;
}

bool files_is_named(int fd, const char *path)
{
	struct stat open, named;

	return fstat(fd, &open) == 0 && stat(path, &named) == 0 && open.st_dev == named.st_dev &&
	       open.st_ino == named.st_ino;
}

enum files_there files_look(const char *path, const char *const *begins, size_t n)
{
	struct stat st;
	char head[64];
	ssize_t got = -1;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? FILES_NOTHING : FILES_OTHER;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		got = pread(fd, head, sizeof head, 0);
	(void)close(fd);
	for (size_t i = 0; i < n; i++)
		if (got >= (ssize_t)strlen(begins[i]) && memcmp(head, begins[i], strlen(begins[i])) == 0)
			return FILES_OURS;
	return FILES_OTHER;
}

bool files_write_all(int fd, const void *bytes, size_t n, long long at)
{
	const char *from = bytes;

	while (n > 0) {
		ssize_t done = pwrite(fd, from, n, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			errno = done == 0 ? ENOSPC : errno;
			return false;
		}
		from += done;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

bool files_overwrite(int fd)
{
	static const char zeros[65536];
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	for (off_t at = 0; at < st.st_size; at += (off_t)sizeof zeros) {
		off_t left = st.st_size - at;

		if (!files_write_all(fd, zeros, left < (off_t)sizeof zeros ? (size_t)left : sizeof zeros, at))
			return false;
	}
	return fdatasync(fd) == 0;
}

unsigned files_open_mode(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) != 0 ? st.st_mode & 0777 : 0;
}
