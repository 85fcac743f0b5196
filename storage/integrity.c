/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integrity: see integrity.h. The thread is ended by sqlite3_interrupt: one table's check is one call that no progress
 * handler interrupts before SQLite 3.41. */
#include "storage/integrity.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/log.h"
#include "storage/db.h"
#include "storage/sql.h"

#define TABLES_MAX 64
#define NAME_SIZE 64
#define WHAT_SIZE 200
#define WHOLE_MAX_BYTES (256 << 20) /* about a second of reading */
#define NUDGE_MS 20
#define LONG_MS 200 /* what a large store's check is waited for: it ends long after anyway */

/* --- damage ------------------------------------------------------------------------------------------ */

void damage_report(struct damage *d, const char *what)
{
	if (!atomic_exchange(&d->is, true))
		LOG_EVENT(LOG_LV_ERROR, "store", "damaged", "what", what, "remedy", INTEGRITY_REMEDY);
}

bool damage_code(int code)
{
	return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

/* --- asking SQLite ------------------------------------------------------------------------------------- */

/* One row "ok", or one for each fault. A lock, an I/O error or no memory say nothing of the file. */
static enum integrity ask(sqlite3 *db, const char *pragma, char *what, size_t what_size)
{
	enum integrity found = INTEGRITY_UNKNOWN;
	sqlite3_stmt *st = NULL;
	int code = sqlite3_prepare_v2(db, pragma, -1, &st, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		const char *text = sql_column_text(st, 0);

		found = strcmp(text, "ok") == 0 ? INTEGRITY_SOUND : INTEGRITY_DAMAGED;
		if (strncmp(text, "***", 3) == 0 && strchr(text, '\n')) /* a heading */
			text = strchr(text, '\n') + 1;
		(void)snprintf(what, what_size, "%s", text);
		what[strcspn(what, "\n")] = '\0';
	} else {
		(void)snprintf(what, what_size, "%s", sqlite3_errstr(code));
		found = damage_code(code) ? INTEGRITY_DAMAGED : INTEGRITY_UNKNOWN;
	}
	(void)sqlite3_finalize(st);
	return found;
}

enum integrity integrity_check(sqlite3 *db, char *what, size_t what_size)
{
	return ask(db, "PRAGMA integrity_check(1)", what, what_size);
}

/* --- beside the readers ---------------------------------------------------------------------------------- */

struct integrity_watch {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* below: guarded by lock */
	sqlite3 *db; /* to interrupt; NULL = not open */
	bool stop, ended;
	bool is_alone; /* nobody waits for the end any more */
	bool is_long;  /* a large store: nobody need wait */
	enum integrity found;
	char what[WHAT_SIZE];
	/* above */
	struct damage *damage;
	char table[TABLES_MAX][NAME_SIZE];
	size_t n_tables;
	char path[];
};

static int tables_list(struct integrity_watch *w, sqlite3 *db)
{
	sqlite3_stmt *st;
	int code = sqlite3_prepare_v2(
		db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'", -1,
		&st, NULL);

	if (code != SQLITE_OK)
		return code;
	while ((code = sqlite3_step(st)) == SQLITE_ROW && w->n_tables < TABLES_MAX)
		(void)snprintf(w->table[w->n_tables++], NAME_SIZE, "%s", sql_column_text(st, 0));
	(void)sqlite3_finalize(st);
	return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

static bool is_stopped(struct integrity_watch *w)
{
	bool stop;

	(void)pthread_mutex_lock(&w->lock);
	stop = w->stop;
	(void)pthread_mutex_unlock(&w->lock);
	return stop;
}

/* The whole file in one snapshot: the schema, the free pages and what belongs to nobody, too. For a large one that would
 * keep the WAL from beginning again for as long as it takes. */
static bool is_small(sqlite3 *db)
{
	int64_t pages = 0, size = 0;

	return sql_int(db, "PRAGMA page_count", &pages) == SQLITE_OK &&
	       sql_int(db, "PRAGMA page_size", &size) == SQLITE_OK && pages * size <= WHOLE_MAX_BYTES;
}

static enum integrity check_tables(struct integrity_watch *w, sqlite3 *db, char *what)
{
	enum integrity found = INTEGRITY_SOUND;
	char text[NAME_SIZE + 40];
	int code = tables_list(w, db);

	if (code != SQLITE_OK) {
		(void)snprintf(what, WHAT_SIZE, "%s", sqlite3_errstr(code));
		return damage_code(code) ? INTEGRITY_DAMAGED : INTEGRITY_UNKNOWN;
	}
	for (size_t i = 0; i < w->n_tables && found == INTEGRITY_SOUND; i++) {
		if (is_stopped(w))
			return INTEGRITY_UNKNOWN;
		(void)snprintf(text, sizeof text, "PRAGMA quick_check(\"%s\")", w->table[i]);
		found = ask(db, text, what, WHAT_SIZE);
	}
	return found;
}

/* What nobody waits for any more is told here. Called with the lock. */
static void tell(struct integrity_watch *w)
{
	if (w->stop)
		return;
	if (w->found == INTEGRITY_DAMAGED)
		damage_report(w->damage, w->what);
	else if (w->found == INTEGRITY_SOUND)
		LOG_EVENT(LOG_LV_INFO, "store", "checked", "tables", LOG_INT(w->n_tables));
	else
		LOG_EVENT(LOG_LV_WARN, "store", "not-checked", "why", w->what, "remedy",
		          "none is needed; the next start checks again");
}

static void db_publish(struct integrity_watch *w, sqlite3 *db)
{
	(void)pthread_mutex_lock(&w->lock);
	w->db = db;
	(void)pthread_mutex_unlock(&w->lock);
}

/* Not even opened: is it the schema that is damaged, which lies on many pages, or a lock, or the disk? */
static enum integrity check_schema(const char *path, char *what)
{
	enum integrity found = INTEGRITY_UNKNOWN;
	sqlite3 *db = NULL;
	int64_t n;
	int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_EXRESCODE, NULL);

	if (code == SQLITE_OK)
		code = sql_int(db, "SELECT count(*) FROM sqlite_schema", &n);
	if (damage_code(code)) {
		(void)snprintf(what, WHAT_SIZE, "%s", sqlite3_errstr(code));
		found = INTEGRITY_DAMAGED;
	}
	(void)sqlite3_close(db);
	return found;
}

static enum integrity check(struct integrity_watch *w, sqlite3 *db, char *what)
{
	if (is_small(db))
		return ask(db, "PRAGMA quick_check(1)", what, WHAT_SIZE);
	(void)pthread_mutex_lock(&w->lock);
	w->is_long = true;
	(void)pthread_cond_signal(&w->wake);
	(void)pthread_mutex_unlock(&w->lock);
	return check_tables(w, db, what);
}

static void *watch_main(void *arg)
{
	struct integrity_watch *w = arg;
	const struct db_options o = {.path = w->path, .read_only = true};
	enum integrity found = INTEGRITY_UNKNOWN;
	char what[WHAT_SIZE] = "";
	sqlite3 *db = NULL;

	if (db_open(&o, &db, what, sizeof what) == RC_OK) {
		db_publish(w, db);
		found = check(w, db, what);
		db_publish(w, NULL);
		db_close(db);
	} else {
		found = check_schema(w->path, what);
	}
	(void)pthread_mutex_lock(&w->lock);
	w->found = found;
	memcpy(w->what, what, sizeof what);
	w->ended = true;
	if (w->is_alone)
		tell(w);
	(void)pthread_cond_signal(&w->wake);
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

enum rc integrity_watch_new(const char *path, struct damage *damage, struct integrity_watch **out)
{
	size_t size = strlen(path) + 1;
	struct integrity_watch *w = calloc(1, sizeof *w + size);
	pthread_condattr_t attr;

	if (!w)
		return RC_NOMEM;
	w->damage = damage;
	memcpy(w->path, path, size);
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&w->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (pthread_create(&w->thread, NULL, watch_main, w) != 0) {
		(void)pthread_cond_destroy(&w->wake);
		(void)pthread_mutex_destroy(&w->lock);
		free(w);
		return RC_NOMEM;
	}
	*out = w;
	return RC_OK;
}

static struct timespec in_ms(int ms)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

enum integrity integrity_watch_wait(struct integrity_watch *w, int ms, char *what, size_t what_size)
{
	const struct timespec until = in_ms(ms), soon = in_ms(ms < LONG_MS ? ms : LONG_MS);
	enum integrity found = INTEGRITY_UNKNOWN;

	(void)pthread_mutex_lock(&w->lock);
	while (!w->ended &&
	       pthread_cond_timedwait(&w->wake, &w->lock, w->is_long ? &soon : &until) != ETIMEDOUT)
		;
	if (w->ended) {
		found = w->found;
		(void)snprintf(what, what_size, "%s", w->what);
		if (found == INTEGRITY_UNKNOWN)
			tell(w);
	} else {
		w->is_alone = true;
	}
	(void)pthread_mutex_unlock(&w->lock);
	return found;
}

void integrity_watch_free(struct integrity_watch *w)
{
	if (!w)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->stop = true;
	while (!w->ended) { /* an interrupt between two statements is forgotten by the next */
		const struct timespec until = in_ms(NUDGE_MS);

		if (w->db)
			sqlite3_interrupt(w->db);
		(void)pthread_cond_timedwait(&w->wake, &w->lock, &until);
	}
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	(void)pthread_cond_destroy(&w->wake);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}
