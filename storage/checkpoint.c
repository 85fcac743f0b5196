/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checkpoint: see checkpoint.h. */
#include "storage/checkpoint.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/log.h"
#include "storage/db.h"

#define AGAIN_MS 100    /* one that a reader held up */
#define FAILED_MS 1000  /* one that the disk refused */
#define PAGES_A_MIB 256 /* of 4096 bytes, and their headers are not worth counting */

struct checkpoint {
	sqlite3 *db;
	struct damage *damage;
	atomic_uint_least64_t pages;
	int64_t not_before_ms;
	bool is_open;          /* the last one did not come to its end */
	bool failing, is_long; /* for one line in the log for each change */
	bool has_wal;
	dev_t wal_device;
	ino_t wal_inode;
};

static bool wal_stat(sqlite3 *db, struct stat *st)
{
	const char *path = sqlite3_db_filename(db, "main");

	return path && path[0] && stat(sqlite3_filename_wal(path), st) == 0;
}

/* In place of SQLite's own hook, which ignores what its checkpoint says. */
static int on_commit(void *ctx, sqlite3 *db, const char *name, int pages)
{
	struct checkpoint *c = ctx;

	(void)db;
	(void)name;
	atomic_store(&c->pages, (uint64_t)pages);
	return SQLITE_OK;
}

enum rc checkpoint_new(sqlite3 *db, struct damage *damage, struct checkpoint **out)
{
	struct checkpoint *c = calloc(1, sizeof *c);
	struct stat st;

	if (!c)
		return RC_NOMEM;
	c->db = db;
	c->damage = damage;
	if (wal_stat(db, &st)) {
		c->has_wal = true;
		c->wal_device = st.st_dev;
		c->wal_inode = st.st_ino;
	}
	(void)sqlite3_wal_hook(db, on_commit, c);
	*out = c;
	return RC_OK;
}

void checkpoint_free(struct checkpoint *c)
{
	if (!c)
		return;
	(void)sqlite3_wal_hook(c->db, NULL, NULL);
	free(c);
}

uint64_t checkpoint_wal_pages(const struct checkpoint *c)
{
	return atomic_load(&c->pages);
}

bool checkpoint_is_moved(const struct checkpoint *c)
{
	struct stat st;
	int moved = 0;

	if (!c->has_wal)
		return false;
	if (sqlite3_file_control(c->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved)
		return true;
	return !wal_stat(c->db, &st) || st.st_dev != c->wal_device || st.st_ino != c->wal_inode;
}

/* The only writer of `failing`. */
static void tell_failing(struct checkpoint *c, int code)
{
	bool failing = code != SQLITE_OK;

	if (failing == c->failing)
		return;
	c->failing = failing;
	if (failing)
		LOG_EVENT(LOG_LV_ERROR, "store", "checkpoint_failing", "why", db_reason(code), "code",
		          LOG_INT(code), "remedy", db_remedy_now(c->db, code));
	else
		LOG_EVENT(LOG_LV_INFO, "store", "checkpoint_working");
}

/* The only writer of `is_long`. Why it is long when nothing fails: a reader still needs what is in it. */
static void tell_long(struct checkpoint *c, uint64_t pages)
{
	bool is_long = pages >= CHECKPOINT_LONG_PAGES;

	if (is_long == c->is_long || (!is_long && pages >= CHECKPOINT_LONG_PAGES / 2))
		return;
	c->is_long = is_long;
	if (!is_long)
		LOG_EVENT(LOG_LV_INFO, "store", "wal_short", "mib", LOG_INT(pages / PAGES_A_MIB));
	else if (c->failing)
		LOG_EVENT(LOG_LV_WARN, "store", "wal_long", "mib", LOG_INT(pages / PAGES_A_MIB), "remedy",
		          "see checkpoint_failing: until it works the WAL takes all that is written");
	else
		LOG_EVENT(LOG_LV_WARN, "store", "wal_long", "mib", LOG_INT(pages / PAGES_A_MIB), "remedy",
		          "end whatever has been reading the store for so long: a backup, an export, another "
		          "program");
}

void checkpoint_now(struct checkpoint *c, int64_t mono_ms)
{
	int all = 0, done = 0, code;

	if (!c->has_wal || damage_is(c->damage))
		return;
	code = sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &all, &done);
	if (damage_code(code))
		damage_report(c->damage, sqlite3_errstr(code));
	c->is_open = code != SQLITE_OK || done < all;
	c->not_before_ms = mono_ms;
	if (c->is_open)
		c->not_before_ms += code == SQLITE_OK || db_rc(code) == RC_BUSY ? AGAIN_MS : FAILED_MS;
	if (db_rc(code) != RC_BUSY)
		tell_failing(c, code);
}

int64_t checkpoint_again_ms(const struct checkpoint *c)
{
	return c->is_open && !damage_is(c->damage) ? c->not_before_ms : INT64_MAX;
}

void checkpoint_due(struct checkpoint *c, int64_t mono_ms)
{
	uint64_t pages = atomic_load(&c->pages);

	tell_long(c, pages);
	if (pages >= DB_CHECKPOINT_PAGES && mono_ms >= c->not_before_ms)
		checkpoint_now(c, mono_ms);
}
