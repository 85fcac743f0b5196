/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk that forgets what was not synced, or is slow: loaded with LD_PRELOAD in front of a program that uses SQLite.
 *
 * For every file whose path begins with SHIM_DISK it keeps beside the program's own file a second one, in the folder
 * SHIM_DISK_KEPT, that holds exactly what a disk would hold after power was lost: writes and truncations reach it at the
 * file's fsync or fdatasync, new and removed names at the fsync of the folder. kill -9 at any moment, put the kept files in
 * the place of the others (tests/e2e/rig.sh, rig_powerloss), start again. SHIM_DISK_EARLY = percent of the sectors that the
 * disk writes at once, in no order, as real ones may: torn pages. SHIM_DISK_LIES = yes: a sync says that all is well, and
 * but for the first 20 only each eighth is one, which is what synchronous=OFF comes to. SHIM_DISK_SYNC_MS: each sync takes so long.
 * SHIM_DISK_SYNC_FILE: so long as this file says at the moment, so that a test can make a disk slow and quick again.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILES_MAX 16
#define SECTOR 512
#define HONEST_AT_FIRST 20
#define LIES_BETWEEN 8

struct change { /* a write, or with data NULL a truncation to `at` */
	struct change *next;
	off_t at;
	size_t n;
	unsigned char *data;
};

struct file {
	char name[NAME_MAX + 1]; /* without the folder; "" = unused */
	ino_t inode;             /* the one that goes by this name now */
	bool is_met;             /* by this run */
	unsigned syncs;
	bool is_named;   /* its name is durable */
	bool is_removed; /* its name is gone, and that is not durable */
	struct change *first, **tail;
};

static struct {
	pthread_mutex_t lock;
	const char *prefix, *kept, *sync_file;
	int early;
	bool lies, off;
	long sync_ms;
	unsigned seed;
	struct file file[FILES_MAX];
	ssize_t (*pwrite)(int, const void *, size_t, off_t);
	int (*ftruncate)(int, off_t);
	int (*fsync)(int), (*fdatasync)(int);
	int (*unlink)(const char *);
} shim = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	(void)dprintf(STDERR_FILENO, "shim_disk: %s: %s\n", what, strerror(errno));
	abort(); /* a shim that does not work must not look like a disk that does */
}

static long number(const char *name)
{
	const char *text = getenv(name);

	return text ? atol(text) : 0;
}

static void find(void *into, const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	must(symbol != NULL, name);
	memcpy(into, &symbol, sizeof symbol);
}

__attribute__((constructor)) static void begin(void)
{
	find(&shim.pwrite, "pwrite64");
	find(&shim.ftruncate, "ftruncate64");
	find(&shim.fsync, "fsync");
	find(&shim.fdatasync, "fdatasync");
	find(&shim.unlink, "unlink");
	shim.prefix = getenv("SHIM_DISK");
	shim.kept = getenv("SHIM_DISK_KEPT");
	shim.early = (int)number("SHIM_DISK_EARLY");
	shim.lies = getenv("SHIM_DISK_LIES") != NULL;
	shim.sync_ms = number("SHIM_DISK_SYNC_MS");
	shim.sync_file = getenv("SHIM_DISK_SYNC_FILE");
	shim.seed = (unsigned)number("SHIM_DISK_SEED") + (unsigned)getpid();
	shim.off = !shim.prefix || !shim.kept;
}

/* --- the kept files ------------------------------------------------------------------------------------ */

/* Until its name is durable a file is kept under "NAME,new", which rig_powerloss leaves out. */
static void kept_path(const struct file *f, bool named, char path[PATH_MAX])
{
	(void)snprintf(path, PATH_MAX, "%s/%s%s", shim.kept, f->name, named ? "" : ",new");
}

static int kept_open(const struct file *f)
{
	char path[PATH_MAX];
	int fd;

	kept_path(f, f->is_named, path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	must(fd >= 0, path);
	return fd;
}

static void apply(int fd, const struct change *c)
{
	if (!c->data)
		must(shim.ftruncate(fd, c->at) == 0, "truncate");
	else
		must(shim.pwrite(fd, c->data, c->n, c->at) == (ssize_t)c->n, "write");
}

static void kept_sync(struct file *f)
{
	int fd = kept_open(f);

	for (struct change *c; (c = f->first);) {
		apply(fd, c);
		f->first = c->next;
		free(c->data);
		free(c);
	}
	f->tail = &f->first;
	(void)close(fd);
}

static void names_sync(void)
{
	char old[PATH_MAX], new[PATH_MAX];

	for (size_t i = 0; i < FILES_MAX; i++) {
		struct file *f = &shim.file[i];

		if (!f->name[0])
			continue;
		kept_path(f, true, new);
		if (f->is_removed && f->is_named)
			(void)shim.unlink(new);
		else if (!f->is_removed && !f->is_named && f->inode) {
			(void)close(kept_open(f)); /* a name without contents is empty, not absent */
			kept_path(f, false, old);
			must(rename(old, new) == 0, new);
		}
		f->is_named = !f->is_removed;
		f->is_removed = false;
	}
}

/* --- which file is it? ------------------------------------------------------------------------------------ */

static void file_copy(int from, const struct file *f)
{
	static unsigned char block[65536];
	int to = kept_open(f);
	off_t at = 0;

	for (ssize_t n; (n = pread(from, block, sizeof block, at)) > 0; at += n)
		must(shim.pwrite(to, block, (size_t)n, at) == n, "copy");
	(void)close(to);
}

/* A file that is met for the first time: what an earlier run has kept, or, if that knew nothing of it, all of it. */
static void file_begin(struct file *f, const char *name, int fd, off_t size)
{
	char path[PATH_MAX];

	(void)snprintf(f->name, sizeof f->name, "%s", name);
	f->tail = &f->first;
	kept_path(f, true, path);
	f->is_named = access(path, F_OK) == 0;
	if (!f->is_named && size > 0) {
		char link[64], whole[PATH_MAX];
		ssize_t n;
		int again;

		(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
		n = readlink(link, whole, sizeof whole - 1);
		must(n > 0, link);
		whole[n] = '\0';
		f->is_named = true;
		again = open(whole, O_RDONLY | O_CLOEXEC);
		must(again >= 0, whole);
		file_copy(again, f);
		/* not closed: that would drop SQLite's locks on the file */
	}
}

static struct file *file_by_name(const char *name, int fd, off_t size)
{
	struct file *empty = NULL;

	for (size_t i = 0; i < FILES_MAX; i++) {
		if (strcmp(shim.file[i].name, name) == 0)
			return &shim.file[i];
		if (!empty && !shim.file[i].name[0])
			empty = &shim.file[i];
	}
	must(empty != NULL, "more files than expected");
	file_begin(empty, name, fd, size);
	return empty;
}

static void change_add(struct file *f, const void *data, size_t n, off_t at)
{
	struct change *c = calloc(1, sizeof *c);

	must(c != NULL, "memory");
	c->at = at;
	c->n = n;
	if (data) {
		c->data = malloc(n ? n : 1);
		must(c->data != NULL, "memory");
		memcpy(c->data, data, n);
	}
	*f->tail = c;
	f->tail = &c->next;
}

/* NULL: none of ours. A removed and newly made file is its name's next one: emptied, as far as the disk knows. */
static struct file *file_of(int fd)
{
	char link[64], path[PATH_MAX];
	struct stat st;
	struct file *f;
	ssize_t n;

	if (shim.off || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	for (size_t i = 0; i < FILES_MAX; i++)
		if (shim.file[i].name[0] && shim.file[i].inode == st.st_ino)
			return &shim.file[i];
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path - 1);
	if (n <= 0)
		return NULL;
	path[n] = '\0';
	if (strncmp(path, shim.prefix, strlen(shim.prefix)) != 0 || strstr(path, "-shm") ||
	    strstr(path, "-lock"))
		return NULL;
	f = file_by_name(strrchr(path, '/') + 1, fd, st.st_size);
	if (f->is_met || st.st_size == 0)
		change_add(f, NULL, 0, 0);
	f->is_met = true;
	f->inode = st.st_ino;
	f->is_removed = false;
	return f;
}

/* --- in front of the C library ------------------------------------------------------------------------------- */

static int percent(void)
{
	return rand_r(&shim.seed) % 100;
}

/* Real disks write back whenever they like. Sectors are whole or not at all. */
static void write_early(struct file *f, const unsigned char *data, size_t n, off_t at)
{
	int fd = -1;

	for (size_t i = 0; i < n; i += SECTOR) {
		size_t some = n - i < SECTOR ? n - i : SECTOR;

		if (percent() >= shim.early)
			continue;
		if (fd < 0)
			fd = kept_open(f);
		must(shim.pwrite(fd, data + i, some, at + (off_t)i) == (ssize_t)some, "write");
	}
	if (fd >= 0)
		(void)close(fd);
}

static ssize_t on_pwrite(int fd, const void *data, size_t n, off_t at)
{
	struct file *f;
	ssize_t done;

	(void)pthread_mutex_lock(&shim.lock);
	f = file_of(fd);
	done = shim.pwrite(fd, data, n, at);
	if (f && done > 0) {
		change_add(f, data, (size_t)done, at);
		if (shim.early > 0)
			write_early(f, data, (size_t)done, at);
	}
	(void)pthread_mutex_unlock(&shim.lock);
	return done;
}

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the C library's names for these are reserved
ssize_t pwrite(int fd, const void *data, size_t n, off_t at)
{
	return on_pwrite(fd, data, n, at);
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at)
{
	return on_pwrite(fd, data, n, at);
}

static int on_truncate(int fd, off_t size)
{
	struct file *f;
	int result;

	(void)pthread_mutex_lock(&shim.lock);
	f = file_of(fd);
	result = shim.ftruncate(fd, size);
	if (f && result == 0)
		change_add(f, NULL, 0, size);
	(void)pthread_mutex_unlock(&shim.lock);
	return result;
}

int ftruncate(int fd, off_t size)
{
	return on_truncate(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
	return on_truncate(fd, size);
}

static long sync_takes_ms(void)
{
	char text[16] = "";
	int fd;

	if (!shim.sync_file)
		return shim.sync_ms;
	fd = open(shim.sync_file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return shim.sync_ms;
	must(read(fd, text, sizeof text - 1) >= 0, shim.sync_file);
	(void)close(fd);
	return atol(text);
}

/* In short naps: who waits learns it when the disk is quick again. */
static void be_slow(void)
{
	static const struct timespec nap = {.tv_nsec = 10000000};
	struct timespec began, now;

	(void)clock_gettime(CLOCK_MONOTONIC, &began);
	do {
		if (sync_takes_ms() <= 0)
			return;
		(void)nanosleep(&nap, NULL);
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - began.tv_sec) * 1000 + (now.tv_nsec - began.tv_nsec) / 1000000 <
	         sync_takes_ms());
}

static int on_sync(int fd, int (*sync)(int))
{
	struct stat st;
	struct file *f;
	int result = 0;

	be_slow();
	if (shim.off)
		return sync(fd);
	(void)pthread_mutex_lock(&shim.lock);
	f = file_of(fd);
	if (!f && (fstat(fd, &st) != 0 || !S_ISDIR(st.st_mode)))
		result = sync(fd); /* not ours */
	else if (!f)
		names_sync();
	else if (!shim.lies || ++f->syncs < HONEST_AT_FIRST || f->syncs % LIES_BETWEEN == 0)
		kept_sync(f);
	(void)pthread_mutex_unlock(&shim.lock);
	return result;
}

int fsync(int fd)
{
	return on_sync(fd, shim.fsync);
}

int fdatasync(int fd)
{
	return on_sync(fd, shim.fdatasync);
}

int unlink(const char *path)
{
	const char *name = strrchr(path, '/');
	int result;

	(void)pthread_mutex_lock(&shim.lock);
	result = shim.unlink(path);
	for (size_t i = 0; result == 0 && name && !shim.off && i < FILES_MAX; i++) {
		struct file *f = &shim.file[i];

		if (f->name[0] && strcmp(f->name, name + 1) == 0) {
			f->is_removed = true;
			f->inode = 0;
		}
	}
	(void)pthread_mutex_unlock(&shim.lock);
	return result;
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
