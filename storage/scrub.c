/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scrub: see scrub.h. */
#include "storage/scrub.h"

#include <stdlib.h>
#include <time.h>

#include "core/clock.h"
#include "storage/db.h"
#include "storage/owner.h"
#include "storage/sql.h"

#define TRY_BUSY_MS 50 /* the write lock is held while readers are waited for */
#define PAUSE_US 1000000
#define STEP_MS 50 /* of a command that waits */

struct scrub {
	sqlite3 *db;
	sqlite3_stmt *mark, *read, *done, *version;
	bool has_file;
	bool wanted;
	int64_t seen;     /* data_version: others have written when it moves */
	int64_t busy_ms;  /* as the connection was opened with */
	int64_t after_us; /* not tried again before */
	int64_t look_us;  /* nor looked */
};

static int64_t now_us(void)
{
	return clock_mono_us(clock_system());
}

static int one(sqlite3_stmt *st, int64_t *a, int64_t *b)
{
	int code = sqlite3_step(st);

	if (code == SQLITE_ROW) {
		*a = sqlite3_column_int64(st, 0);
		if (b)
			*b = sqlite3_column_int64(st, 1);
	}
	(void)sqlite3_reset(st);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* *made = the newest mark; is it still to be worked off? */
static int pending(struct scrub *s, int64_t *made, bool *out)
{
	int64_t done = 0;
	int code;

	*made = 0;
	code = one(s->read, made, &done);
	*out = code == SQLITE_OK && *made > done;
	return code;
}

int scrub_new(sqlite3 *db, struct scrub **out)
{
	struct scrub *s = calloc(1, sizeof *s);
	const char *path = sqlite3_db_filename(db, "main");
	int64_t made;
	int code;

	if (!s)
		return SQLITE_NOMEM;
	s->db = db;
	s->has_file = path && path[0];
	s->look_us = now_us() + PAUSE_US;
	code = sql_int(db, "PRAGMA busy_timeout", &s->busy_ms);
	if (code == SQLITE_OK)
		code = sql_prepare(
			db,
			"INSERT INTO scrub (id, made) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET "
			"made = made + 1",
			&s->mark);
	if (code == SQLITE_OK)
		code = sql_prepare(db, "SELECT made, done FROM scrub WHERE id = 1", &s->read);
	if (code == SQLITE_OK)
		code = sql_prepare(db, "UPDATE scrub SET done = ?1 WHERE id = 1 AND done < ?1", &s->done);
	if (code == SQLITE_OK)
		code = sql_prepare(db, "PRAGMA data_version", &s->version);
	if (code == SQLITE_OK)
		code = one(s->version, &s->seen, NULL);
	if (code == SQLITE_OK)
		code = pending(s, &made, &s->wanted);
	if (code != SQLITE_OK) {
		scrub_free(s);
		return code;
	}
	*out = s;
	return SQLITE_OK;
}

void scrub_free(struct scrub *s)
{
	if (!s)
		return;
	(void)sqlite3_finalize(s->mark);
	(void)sqlite3_finalize(s->read);
	(void)sqlite3_finalize(s->done);
	(void)sqlite3_finalize(s->version);
	free(s);
}

int scrub_mark(struct scrub *s)
{
	return sql_run(s->mark);
}

void scrub_want(struct scrub *s)
{
	s->wanted = true;
}

bool scrub_look(struct scrub *s)
{
	int64_t version = s->seen, made;
	bool is_open;

	if (!s->has_file || now_us() < s->look_us)
		return false;
	s->look_us = now_us() + PAUSE_US;
	if (one(s->version, &version, NULL) != SQLITE_OK || version == s->seen ||
	    pending(s, &made, &is_open) != SQLITE_OK)
		return false;
	s->seen = version;
	s->wanted |= is_open;
	return true;
}

/* True: nothing that was forgotten is in the WAL. */
static bool try_once(struct scrub *s)
{
	int64_t made;
	bool is_open;
	int code = pending(s, &made, &is_open);

	(void)sqlite3_busy_timeout(s->db, TRY_BUSY_MS);
	if (code == SQLITE_OK)
		code = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	if (code == SQLITE_OK && is_open) {
		sql_bind_int(s->done, 1, made);
		code = sql_run(s->done);
	}
	(void)sqlite3_busy_timeout(s->db, (int)s->busy_ms);
	return code == SQLITE_OK;
}

void scrub_run(struct scrub *s)
{
	if (!s->wanted || now_us() < s->after_us)
		return;
	s->wanted = !try_once(s);
	s->after_us = now_us() + PAUSE_US;
}

int64_t scrub_at_ms(const struct scrub *s)
{
	int64_t tries = s->wanted ? s->after_us / 1000 + 1 : INT64_MAX;
	int64_t looks = s->has_file ? s->look_us / 1000 + 1 : INT64_MAX;

	return tries < looks ? tries : looks;
}

/* --- a command ------------------------------------------------------------------------------------------------------ */

/* A daemon holds the write lock often enough as it is: beside one the command only looks. */
static int finish(struct scrub *s, const char *store, int64_t ms, bool *by_daemon)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
	int64_t until_us = now_us() + ms * 1000, made;
	bool is_open = false;
	int code;

	for (;;) {
		*by_daemon = owner_is_taken(store);
		code = pending(s, &made, &is_open);
		if (code != SQLITE_OK || !is_open || (!*by_daemon && try_once(s)))
			return code;
		if (now_us() >= until_us)
			return SQLITE_BUSY;
		(void)nanosleep(&step, NULL);
	}
}

enum rc scrub_finish(const char *store, int64_t ms, bool *by_daemon, char *why, size_t why_size)
{
	const struct db_options o = {.path = store};
	struct scrub *s = NULL;
	sqlite3 *db = NULL;
	int code;
	enum rc rc = db_open(&o, &db, why, why_size);

	*by_daemon = false;
	if (rc != RC_OK)
		return rc;
	code = scrub_new(db, &s);
	if (code == SQLITE_OK)
		code = finish(s, store, ms, by_daemon);
	scrub_free(s);
	db_close(db);
	return code == SQLITE_OK ? RC_OK : db_why(code, "the WAL was not emptied", why, why_size);
}
