/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keyring as a file: making one, its copy, and what is in it. See keyring.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/digest.h"
#include "core/log.h"
#include "storage/files.h"
#include "storage/keyring_private.h"

#define CHUNK_SLOTS 16384 /* a megabyte */

static enum rc cannot(char *why, size_t why_size, const char *path, const char *remedy)
{
	enum rc rc = errno == ENOSPC || errno == EDQUOT ? RC_FULL : RC_IO;

	return keyring_say(why, why_size, rc, path, strerror(errno), remedy);
}

/* --- making --------------------------------------------------------------------------------------------------------- */

/* Nobody's row names it: a start that was cut off made it, or a backup from before there were keyrings was restored. */
static bool aside(const char *path, const uint8_t id[KEYRING_ID_SIZE])
{
	char to[PATH_MAX + 32];
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT;
	if (st.st_size <= KEYRING_SLOT)
		return true; /* no key is in it: it may be replaced */
	(void)snprintf(to, sizeof to, "%s.before-%02x%02x%02x%02x", path, id[0], id[1], id[2], id[3]);
	if (rename(path, to) != 0)
		return false;
	LOG_EVENT(LOG_LV_WARN, "store", "keyring_aside", "path", to, "why",
	          "this store has no keyring yet, and one lay there", "remedy",
	          "is it another store's? put it where it belongs; else remove it");
	return true;
}

enum rc keyring_make(const char *store, const uint8_t wrap[SEAL_KEY_SIZE], uint8_t id[KEYRING_ID_SIZE],
                     char *why, size_t why_size)
{
	uint8_t head_key[SEAL_KEY_SIZE], header[KEYRING_SLOT], fresh[KEYRING_ID_SIZE];
	char path[PATH_MAX], partial[PATH_MAX + 8];
	bool ok;
	int fd;

	if (!keyring_path(store, path, sizeof path))
		return keyring_say(why, why_size, RC_IO, store, "has too long a name", "use a shorter path");
	(void)snprintf(partial, sizeof partial, "%s.XXXXXX", path);
	fd = mkstemp(partial); /* 0600 */
	if (fd < 0)
		return cannot(why, why_size, path, "let the daemon's user write in its folder");
	digest_random(fresh, sizeof fresh);
	seal_subkey(wrap, KEYRING_KIND, KEYRING_HEAD_KEY, head_key);
	keyring_header(head_key, fresh, header);
	seal_wipe(head_key, sizeof head_key);
	ok = files_own(fd, store) && files_write_all(fd, header, sizeof header, 0) && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	ok = ok && aside(path, fresh) && rename(partial, path) == 0 && files_folder_sync(path);
	if (!ok) {
		enum rc rc = cannot(why, why_size, path, "free space on its disk, or check it");

		(void)unlink(partial);
		return rc;
	}
	memcpy(id, fresh, sizeof fresh);
	LOG_EVENT(LOG_LV_INFO, "store", "keyring_made", "path", path, "remedy",
	          "keep one copy of it on another disk: starhash key copy, each night");
	return RC_OK;
}

/* --- looking -------------------------------------------------------------------------------------------------------- */

static void count_slot(const struct keyring *k, int64_t id, const uint8_t *slot, bool verify,
                       struct keyring_sums *out)
{
	uint8_t key[SEAL_KEY_SIZE];

	if (keyring_is_void(slot))
		out->empty++;
	else if (!verify || keyring_slot_open(k, id, slot, key) == RC_OK)
		out->keys++;
	else
		out->damaged++;
	seal_wipe(key, sizeof key);
}

enum rc keyring_count(struct keyring *k, int64_t last, bool verify, struct keyring_sums *out)
{
	uint8_t *slots = malloc((size_t)CHUNK_SLOTS * KEYRING_SLOT);
	struct keyring_sums sums = {0};
	ssize_t n = 0;

	if (!slots)
		return RC_NOMEM;
	for (int64_t id = 1;
	     (n = keyring_read(k, id * KEYRING_SLOT, slots, (size_t)CHUNK_SLOTS * KEYRING_SLOT)) > 0;
	     id += CHUNK_SLOTS) {
		int64_t got = n / KEYRING_SLOT;

		sums.slots += got;
		for (int64_t i = 0; i < got && id + i <= last; i++)
			count_slot(k, id + i, slots + i * KEYRING_SLOT, verify, &sums);
		if (got < CHUNK_SLOTS)
			break;
	}
	free(slots);
	if (n < 0)
		return RC_IO;
	*out = sums;
	return RC_OK;
}

enum rc keyring_empty(struct keyring *k, int64_t from, int64_t last, int64_t *ids, size_t max, size_t *n)
{
	uint8_t *slots = malloc((size_t)CHUNK_SLOTS * KEYRING_SLOT);
	ssize_t got = KEYRING_SLOT;

	*n = 0;
	if (!slots)
		return RC_NOMEM;
	for (int64_t at = from + 1; *n < max && at <= last && got >= KEYRING_SLOT; at += CHUNK_SLOTS) {
		int64_t most = last - at + 1 < CHUNK_SLOTS ? last - at + 1 : CHUNK_SLOTS;

		got = keyring_read(k, at * KEYRING_SLOT, slots, (size_t)most * KEYRING_SLOT);
		for (int64_t i = 0; i < got / KEYRING_SLOT && *n < max; i++)
			if (keyring_is_void(slots + i * KEYRING_SLOT))
				ids[(*n)++] = at + i;
	}
	free(slots);
	return got < 0 ? RC_IO : RC_OK;
}

/* --- the copy ------------------------------------------------------------------------------------------------------- */

static enum rc copy_say(char *why, size_t why_size, enum rc rc, const char *path, const char *what,
                        const char *remedy)
{
	(void)snprintf(why, why_size, "%s %s; %s", path, what, remedy);
	return rc;
}

static enum rc copy_cannot(char *why, size_t why_size, const char *path, const char *remedy)
{
	return copy_say(why, why_size, errno == ENOSPC || errno == EDQUOT ? RC_FULL : RC_IO, path,
	                strerror(errno), remedy);
}

static enum rc copy_bytes(const struct keyring *k, int fd, int64_t *slots)
{
	uint8_t *chunk = malloc((size_t)CHUNK_SLOTS * KEYRING_SLOT);
	struct stat st;
	bool ok = chunk && fstat(k->fd, &st) == 0;
	int64_t size = ok ? st.st_size / KEYRING_SLOT * KEYRING_SLOT : 0;

	for (int64_t at = 0; ok && at < size;) {
		int64_t left = size - at, most = (int64_t)CHUNK_SLOTS * KEYRING_SLOT;
		ssize_t n = keyring_read(k, at, chunk, (size_t)(left < most ? left : most));

		ok = n > 0 && files_write_all(fd, chunk, (size_t)n, at);
		at += n;
	}
	free(chunk);
	*slots = size / KEYRING_SLOT - 1;
	return ok && fsync(fd) == 0 ? RC_OK : errno == ENOSPC || errno == EDQUOT ? RC_FULL : RC_IO;
}

/* What lies there: RC_OK: an older copy (*fd), or nothing (*fd = -1). */
static enum rc old_copy(const struct keyring *k, const char *to, int *fd, char *why, size_t why_size)
{
	uint8_t head[KEYRING_MAGIC_SIZE + KEYRING_ID_SIZE], ours[sizeof head];

	*fd = open(to, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0 && errno == ENOENT)
		return RC_OK;
	if (*fd < 0)
		return copy_cannot(why, why_size, to, "name another file");
	if (files_is_named(k->fd, to))
		return copy_say(why, why_size, RC_EXISTS, to, "is the keyring itself", "name another file");
	if (pread(*fd, head, sizeof head, 0) != sizeof head ||
	    memcmp(head, keyring_magic, KEYRING_MAGIC_SIZE) != 0)
		return copy_say(why, why_size, RC_EXISTS, to, "is there already and no copy of a keyring",
		                "name another file");
	if (keyring_read(k, 0, ours, sizeof ours) != sizeof ours || memcmp(head, ours, sizeof head) != 0)
		return copy_say(why, why_size, RC_EXISTS, to, "is another keyring, or its copy",
		                "name another file, or remove that one if nobody needs it any more");
	return RC_OK;
}

enum rc keyring_copy(struct keyring *k, const char *to, int64_t *slots, char *why, size_t why_size)
{
	char partial[PATH_MAX];
	int old = -1, fd = -1;
	enum rc rc = old_copy(k, to, &old, why, why_size);

	if (rc == RC_OK && snprintf(partial, sizeof partial, "%s.partial", to) >= (int)sizeof partial)
		rc = copy_say(why, why_size, RC_IO, to, "has too long a name", "name another file");
	if (rc == RC_OK) {
		(void)unlink(partial);
		fd = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		rc = fd < 0 ? copy_cannot(why, why_size, partial, "see that its folder is there and writable")
		            : RC_OK;
	}
	if (fd >= 0) {
		rc = copy_bytes(k, fd, slots);
		if (rc == RC_OK && (rename(partial, to) != 0 || !files_folder_sync(to)))
			rc = RC_IO;
		if (rc != RC_OK) {
			(void)copy_cannot(why, why_size, to,
			                  "nothing was replaced; free space there, or check the disk");
			(void)unlink(partial);
		}
	}
	if (rc == RC_OK && old >= 0 && !files_overwrite(old))
		rc = copy_cannot(
			why, why_size, to,
			"it is copied, but the copy before could not be overwritten: check the disk");
	if (fd >= 0)
		(void)close(fd);
	if (old >= 0)
		(void)close(old);
	return rc;
}
