/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backup: see backup.h. */
#include "storage/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "storage/charges.h"
#include "storage/db.h"
#include "storage/erasures.h"
#include "storage/files.h"
#include "storage/key.h"
#include "storage/outgoing.h"
#include "storage/owner.h"

static const char *const companions[] = {"-wal", "-shm", "-journal"};
#define N_COMPANIONS (sizeof companions / sizeof companions[0])

struct why {
	char *text;
	size_t size;
};

static enum rc say(const struct why *why, enum rc rc, const char *what, const char *path, const char *remedy)
{
	(void)snprintf(why->text, why->size, "%s %s: %s; %s", what, path, strerror(errno), remedy);
	return rc;
}

/* The name in a folder is durable only when the folder is. */
static enum rc folder_sync(const char *path, const struct why *why)
{
	char copy[PATH_MAX];
	int fd, failed;

	(void)snprintf(copy, sizeof copy, "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	failed = fd < 0 ||
	         (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP); /* some network disks cannot */
	if (fd >= 0)
		(void)close(fd);
	return failed ? say(why, RC_IO, "cannot sync the folder of", path, "check the disk") : RC_OK;
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* --- the file that is being made ---------------------------------------------------------------------------- */

struct partial {
	char path[PATH_MAX];
	int fd; /* open and locked until all is done: closing it earlier would drop SQLite's locks on the file */
};

/* Does the name still lead to the file that is open? */
static bool is_named(int fd, const char *path)
{
	struct stat open, named;

	return fstat(fd, &open) == 0 && lstat(path, &named) == 0 && open.st_dev == named.st_dev &&
	       open.st_ino == named.st_ino;
}

/* What an interrupted run left is removed, and never written to: it may be a second name of a finished backup. What another
 * run is writing is left alone. */
static enum rc partial_remove(const struct partial *p, const struct why *why)
{
	int fd = open(p->path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	enum rc rc = RC_OK;

	if (fd < 0)
		return errno == ENOENT ? RC_OK : say(why, RC_IO, "cannot use", p->path, "remove it");
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		rc = say(why, RC_BUSY, "somebody writes", p->path, "wait for that to end");
	else if (is_named(fd, p->path) && unlink(p->path) != 0)
		rc = say(why, RC_IO, "cannot remove", p->path, "remove it");
	(void)close(fd);
	return rc;
}

static enum rc partial_open(struct partial *p, const char *path, const struct why *why)
{
	p->fd = -1;
	if (snprintf(p->path, sizeof p->path, "%s.partial", path) >= (int)sizeof p->path) {
		errno = ENAMETOOLONG;
		return say(why, RC_RANGE, "cannot make", path, "use a shorter name");
	}
	for (int tries = 0; tries < 10; tries++) {
		int fd = open(p->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		enum rc rc = RC_OK;

		if (fd < 0 && errno != EEXIST)
			return say(why, RC_IO, "cannot make", p->path,
			           "check that the folder is there and writable");
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && is_named(fd, p->path)) {
			p->fd = fd;
			return RC_OK;
		}
		if (fd >= 0) /* taken for a leftover in that moment */
			(void)close(fd);
		else
			rc = partial_remove(p, why);
		if (rc != RC_OK)
			return rc;
	}
	errno = EBUSY;
	return say(why, RC_BUSY, "somebody writes", p->path, "wait for that to end");
}

/* After a success there is nothing of that name any more, or a second name of the backup. */
static void partial_close(struct partial *p)
{
	char name[PATH_MAX + 10];

	if (p->fd < 0)
		return;
	for (size_t i = 0; i < N_COMPANIONS; i++) {
		(void)snprintf(name, sizeof name, "%s%s", p->path, companions[i]);
		(void)unlink(name);
	}
	if (is_named(p->fd, p->path))
		(void)unlink(p->path);
	(void)close(p->fd);
}

static enum rc partial_fill(const struct partial *p, const char *from, const struct backup_options *o,
                            struct copy_sums *sums, const struct why *why)
{
	const struct copy_options copy = {
		.from = from, .to = p->path, .pause_ms = o->pause_ms, .progress = o->progress, .ctx = o->ctx};
	enum rc rc = copy_database(&copy, sums, why->text, why->size);

	if (rc == RC_OK && fsync(p->fd) != 0)
		return say(why, errno == ENOSPC ? RC_FULL : RC_IO, "cannot sync", p->path,
		           "check the disk and its space");
	return rc;
}

/* --- backup ------------------------------------------------------------------------------------------------- */

/* A database in use has its WAL beside it, and a copy put under that WAL would be destroyed by it. */
static enum rc target_check(const struct backup_options *o, const struct why *why)
{
	const char *const database = "SQLite format 3";
	char name[PATH_MAX];
	struct stat store, target;

	if (stat(o->store, &store) == 0 && stat(o->backup, &target) == 0 && store.st_dev == target.st_dev &&
	    store.st_ino == target.st_ino) {
		(void)snprintf(why->text, why->size, "%s is the store itself; name another file", o->backup);
		return RC_EXISTS;
	}
	if (exists(o->backup) && !o->force) {
		(void)snprintf(why->text, why->size, "%s is there already; name another file, or use --force",
		               o->backup);
		return RC_EXISTS;
	}
	if (files_look(o->backup, &database, 1) == FILES_OTHER) {
		(void)snprintf(why->text, why->size,
		               "%s is there already and no database; it is not replaced: name another file",
		               o->backup);
		return RC_EXISTS;
	}
	for (size_t i = 0; i < N_COMPANIONS; i++) {
		(void)snprintf(name, sizeof name, "%s%s", o->backup, companions[i]);
		if (!exists(name))
			continue;
		(void)snprintf(why->text, why->size,
		               "%s lies beside it: that name is a database in use; name another file", name);
		return RC_EXISTS;
	}
	return RC_OK;
}

/* Without force the name must still be free: link(2) refuses one that is not. */
static enum rc publish(const struct partial *p, const struct backup_options *o, const struct why *why)
{
	int failed = o->force ? rename(p->path, o->backup) : link(p->path, o->backup);

	if (failed && errno == EEXIST)
		return say(why, RC_EXISTS, "cannot name it", o->backup, "name another file, or use --force");
	if (failed && !o->force && !exists(o->backup)) /* a file system without links */
		failed = rename(p->path, o->backup);
	if (failed)
		return say(why, RC_IO, "cannot name it", o->backup, "check that the folder is writable");
	return folder_sync(o->backup, why);
}

enum rc backup_take(const struct backup_options *o, struct copy_sums *sums, char *text, size_t size)
{
	const struct why why = {.text = text, .size = size};
	struct partial p = {.fd = -1};
	enum rc rc = target_check(o, &why);

	if (rc == RC_OK)
		rc = partial_open(&p, o->backup, &why);
	if (rc == RC_OK)
		rc = partial_fill(&p, o->store, o, sums, &why);
	if (rc == RC_OK)
		rc = publish(&p, o, &why);
	partial_close(&p);
	return rc;
}

/* --- restore --------------------------------------------------------------------------------------------------- */

/* As the store was, so that the daemon's user can use it; a new one is its folder's owner's. */
static void take_over(const struct partial *p, const char *store)
{
	char copy[PATH_MAX];
	struct stat st;
	mode_t mode = 0640;

	if (stat(store, &st) == 0) {
		mode = st.st_mode & 0777;
	} else {
		(void)snprintf(copy, sizeof copy, "%s", store);
		if (stat(dirname(copy), &st) != 0)
			return;
	}
	if (geteuid() == 0 && fchown(p->fd, st.st_uid, st.st_gid) != 0)
		return; /* then the daemon says that it cannot open it */
	(void)fchmod(p->fd, mode);
}

/* All of the old store into its one file, when it is sound enough for that; a damaged one keeps its WAL beside it. RC_BUSY:
 * somebody has it open. RC_FULL: a sound one must never lie there without its WAL, not even for the moment of an exchange. */
static enum rc old_fold(const char *store, const struct why *why)
{
	sqlite3 *db = NULL;
	int code = sqlite3_open_v2(store, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	db_close(db);
	if (db_rc(code) == RC_BUSY)
		(void)snprintf(why->text, why->size,
		               "somebody has the store open; end every other starhash command");
	else if (db_rc(code) == RC_FULL)
		(void)snprintf(
			why->text, why->size,
			"the disk of the store is full, and its WAL has to be brought into it; free space there");
	return db_rc(code) == RC_BUSY || db_rc(code) == RC_FULL ? db_rc(code) : RC_OK;
}

/* "FILE.before-20261122T023000Z", which nothing else is named. */
static enum rc aside_name(const char *store, char aside[BACKUP_ASIDE_SIZE], const struct why *why)
{
	time_t now = time(NULL);
	char stamp[32];
	struct tm tm;

	(void)gmtime_r(&now, &tm);
	(void)strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &tm);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(aside, BACKUP_ASIDE_SIZE, i ? "%s.before-%s.%d" : "%s.before-%s", store, stamp,
		               i);
		if (!exists(aside))
			return RC_OK;
	}
	errno = EEXIST;
	return say(why, RC_EXISTS, "cannot keep", store, "wait a second and try again");
}

/* The WAL first: it must never lie beside a file that it does not belong to. */
static enum rc old_aside(const char *store, const char *aside, const struct why *why)
{
	char from[PATH_MAX], to[BACKUP_ASIDE_SIZE + 10];

	for (size_t i = 0; i < N_COMPANIONS; i++) {
		(void)snprintf(from, sizeof from, "%s%s", store, companions[i]);
		(void)snprintf(to, sizeof to, "%s%s", aside, companions[i]);
		if (exists(from) && rename(from, to) != 0)
			return say(why, RC_IO, "cannot move", from, "check that the folder is writable");
	}
	if (link(store, aside) != 0)
		return say(why, RC_IO, "cannot keep", store,
		           "move it away yourself, with what lies beside it, and try again");
	return folder_sync(store, why);
}

static enum rc replace(const struct partial *p, const struct backup_options *o, char *aside,
                       const struct why *why)
{
	enum rc rc = RC_OK;

	take_over(p, o->store);
	aside[0] = '\0';
	if (exists(o->store)) {
		rc = old_fold(o->store, why);
		if (rc == RC_OK)
			rc = aside_name(o->store, aside, why);
		if (rc == RC_OK)
			rc = old_aside(o->store, aside, why);
	}
	if (rc == RC_OK && rename(p->path, o->store) != 0)
		rc = say(why, RC_IO, "cannot put the backup in place of", o->store, "check the folder");
	return rc == RC_OK ? folder_sync(o->store, why) : rc;
}

static enum rc prepare_copy(const struct partial *p, const struct backup_options *o, struct copy_sums *sums,
                            const struct why *why)
{
	int64_t now_ms = (int64_t)time(NULL) * 1000;
	sqlite3 *db = NULL;
	enum rc rc = RC_OK;
	int code = sqlite3_open_v2(p->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);

	if (code == SQLITE_OK)
		code = charges_restored(db, now_ms, &sums->in_doubt);
	if (code == SQLITE_OK)
		code = outgoing_restored(db, now_ms);
	if (code == SQLITE_OK)
		code = erasures_restored(db);
	if (code == SQLITE_OK)
		code = key_carry(o->store, db);
	if (code == SQLITE_OK)
		rc = key_suits(db, o->store, o->key_path, why->text, why->size);
	if (code == SQLITE_OK && rc == RC_OK) /* all of it into the one file, whatever the copy's mode is */
		code = sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
	db_close(db);
	if (code != SQLITE_OK)
		return db_why(code, "cannot prepare the copy", why->text, why->size);
	if (rc != RC_OK)
		return rc;
	if (fsync(p->fd) != 0)
		return say(why, RC_IO, "cannot sync", p->path, "check the disk and its space");
	return RC_OK;
}

static bool is_same(const char *a, const char *b)
{
	struct stat one, other;

	return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

enum rc backup_restore(const struct backup_options *o, struct copy_sums *sums, char aside[BACKUP_ASIDE_SIZE],
                       char *text, size_t size)
{
	const struct why why = {.text = text, .size = size};
	struct partial p = {.fd = -1};
	int lock = -1;
	enum rc rc;

	aside[0] = '\0';
	if (is_same(o->store, o->backup)) {
		(void)snprintf(text, size, "%s is the store itself; name a backup", o->backup);
		return RC_EXISTS;
	}
	rc = o->only_check ? RC_OK : owner_lock(o->store, &lock, text, size);
	if (rc == RC_BUSY)
		(void)snprintf(text, size, "a daemon owns %s; stop it first", o->store);
	if (rc == RC_OK)
		rc = partial_open(&p, o->store, &why);
	if (rc == RC_OK)
		rc = partial_fill(&p, o->backup, o, sums, &why);
	if (rc == RC_OK && !o->only_check)
		rc = prepare_copy(&p, o, sums, &why);
	if (rc == RC_OK && !o->only_check)
		rc = replace(&p, o, aside, &why);
	partial_close(&p);
	if (lock >= 0)
		(void)close(lock);
	return rc;
}
