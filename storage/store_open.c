/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening and closing a store: see store_private.h. The writer comes first, since it makes or mends what the reader
 * then finds: owner's lock, file, its check, schema, key, profile, seals, erasures. */
#include "storage/store_private.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/log.h"
#include "storage/charges.h"
#include "storage/erasures.h"
#include "storage/migrate.h"
#include "storage/outgoing.h"
#include "storage/owner.h"
#include "storage/parts.h"
#include "storage/profile_change.h"
#include "storage/sealing.h"
#include "storage/sql.h"

/* A guest leaves what an earlier run has left behind to the daemon that owns it. */
static enum rc sweep(sqlite3 *db, const struct clock *clock, char *why, size_t why_size)
{
	int64_t now = clock_utc_ms(clock);
	int code = parts_sweep(db, now);

	if (code == SQLITE_OK)
		code = outgoing_sweep(db, now);
	if (code == SQLITE_OK)
		code = charges_sweep(db, now);
	return code == SQLITE_OK ? RC_OK : db_why(code, "cannot read the outbox", why, why_size);
}

/* Before anything is written to it. A large store is served while it is checked. */
static enum rc check_file(struct store *s, const struct store_options *o, char *why, size_t why_size)
{
	char what[200] = "";
	enum rc rc;

	if (o->guest || o->scratch || s->in_memory || o->check_ms < 0)
		return RC_OK;
	rc = integrity_watch_new(o->path, &s->damage, &s->watch);
	if (rc != RC_OK) {
		(void)snprintf(why, why_size, "cannot start a thread; raise the service's task limit");
		return rc;
	}
	if (integrity_watch_wait(s->watch, o->check_ms > 0 ? o->check_ms : STORE_CHECK_MS, what,
	                         sizeof what) != INTEGRITY_DAMAGED)
		return RC_OK;
	(void)snprintf(
		why, why_size,
		"the database is damaged (%s); restore a backup with starhash restore: the damaged file is "
		"kept, for recovery",
		what);
	return RC_IO;
}

static enum rc open_key(struct store *s, const struct store_options *o, char *why, size_t why_size)
{
	char path[PATH_MAX];
	enum rc rc;

	if (!key_path_default(o->path, path, sizeof path)) {
		(void)snprintf(why, why_size, "the path of the store is too long; use a shorter one");
		return RC_IO;
	}
	rc = key_open(s->write_db,
	              s->in_memory  ? NULL
	              : o->key_path ? o->key_path
	                            : path,
	              o->guest, &s->keys, why, why_size);
	return rc == RC_OK ? vault_new(s->write_db, s->in_memory ? NULL : o->path, &s->keys, &s->vault, why,
	                               why_size)
	                   : rc;
}

/* An empty store where there was one yesterday gives every bonus again: somebody must hear of it. */
static enum rc migrate(struct store *s, const struct store_options *o, char *why, size_t why_size)
{
	int64_t version = 0;
	int code = sql_int(s->write_db, "PRAGMA user_version", &version);
	enum rc rc = code == SQLITE_OK ? RC_OK : db_why(code, "cannot read the database", why, why_size);

	if (rc == RC_OK)
		rc = migrate_run(s->write_db, schema_files, schema_files_count, why, why_size);
	if (rc == RC_OK && version == 0 && !s->in_memory && !o->scratch)
		LOG_EVENT(
			LOG_LV_WARN, "store", "created", "why",
			"there was no database under that name, or an empty file", "remedy",
			"none at the first start; else stop the daemon and find the database: is its disk mounted?");
	return rc;
}

static enum rc open_writer(struct store *s, const struct store_options *o, char *why, size_t why_size)
{
	const struct db_options db = {.path = o->path, .scratch = o->scratch, .busy_ms = o->busy_ms};
	struct apply_options how = {.profile = o->profile, .limits = o->limits};
	enum rc rc = RC_OK;
	int code;

	/* One daemon a store: dialogues and duplicates are known to the process that began them. Before the file is
	 * opened: until then a restore may replace it. */
	if (!o->guest && !o->scratch && !s->in_memory)
		rc = owner_lock(o->path, &s->lock_fd, why, why_size);
	if (rc == RC_OK)
		rc = db_open(&db, &s->write_db, why, why_size);
	if (rc == RC_OK)
		rc = check_file(s, o, why, why_size);
	if (rc == RC_OK)
		rc = migrate(s, o, why, why_size);
	if (rc == RC_OK)
		rc = open_key(s, o, why, why_size);
	if (rc == RC_OK)
		rc = migrate_profile(s->write_db, o->profile, why, why_size);
	if (rc == RC_OK)
		rc = profile_change_take(s->write_db, s->vault, o->profile, !o->guest, clock_utc_ms(o->clock),
		                         why, why_size);
	if (rc == RC_OK)
		rc = sealing_run(s->write_db, s->vault, o->profile, clock_utc_ms(o->clock), why, why_size);
	if (rc == RC_OK && !o->guest)
		rc = sweep(s->write_db, o->clock, why, why_size);
	if (rc != RC_OK)
		return rc;
	how.key = &s->keys.lookup;
	how.vault = s->vault;
	how.audit_key = s->keys.audit;
	how.operator= o->actor;
	code = writer_new(s->write_db, &how, &s->damage, &o->retention, &s->writer);
	if (code != SQLITE_OK)
		return db_why(code, "cannot prepare to write", why, why_size);
	rc = erasures_keys(s->write_db, s->vault, clock_utc_ms(o->clock), why, why_size);
	if (rc == RC_OK && !o->guest)
		rc = erasures_rows(s->write_db, s->vault, s->writer, clock_utc_ms(o->clock), why, why_size);
	return rc;
}

static enum rc open_reader(struct store *s, const struct store_options *o, char *why, size_t why_size)
{
	const struct db_options db = {.path = o->path, .read_only = true, .busy_ms = o->busy_ms};
	int code;

	if (!s->in_memory) {
		enum rc rc = db_open(&db, &s->read_db, why, why_size);

		if (rc != RC_OK)
			return rc == RC_NOTFOUND ? RC_IO : rc;
	}
	if (!s->in_memory) {
		enum rc rc = vault_new_reader(s->read_db, o->path, &s->keys, &s->read_vault, why, why_size);

		if (rc != RC_OK)
			return rc;
	}
	code = reader_new(s->in_memory ? s->write_db : s->read_db, o->profile,
	                  s->in_memory ? s->vault : s->read_vault, &s->damage, &s->reader);
	return code == SQLITE_OK ? RC_OK : db_why(code, "cannot prepare to read", why, why_size);
}

static void store_free(struct store *s)
{
	store_lanes_stop(s);
	while (store_dispatch(s) > 0)
		;
	integrity_watch_free(s->watch);
	writer_free(s->writer);
	reader_free(s->reader);
	vault_free(s->read_vault);
	vault_free(s->vault);
	db_close(s->read_db);
	db_close(s->write_db);
	if (s->fd >= 0)
		(void)close(s->fd);
	if (s->lock_fd >= 0)
		(void)close(s->lock_fd);
	store_lanes_fini(s);
	seal_wipe(&s->keys, sizeof s->keys);
	free(s);
}

enum rc store_open(const struct store_options *o, struct store **out, char *why, size_t why_size)
{
	struct store *s = calloc(1, sizeof *s);
	enum rc rc;

	if (!s) {
		(void)snprintf(why, why_size, "memory is out");
		return RC_NOMEM;
	}
	s->lock_fd = -1;
	s->clock = o->clock;
	s->queue_max = o->queue_max > 0 ? (uint64_t)o->queue_max : STORE_QUEUE_MAX;
	s->in_memory = strcmp(o->path, ":memory:") == 0;
	store_lanes_init(s);
	s->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (s->fd < 0) {
		(void)snprintf(why, why_size, "eventfd: %s; raise the limit of open files", strerror(errno));
		rc = RC_IO;
	} else {
		rc = open_writer(s, o, why, why_size);
	}
	if (rc == RC_OK)
		rc = open_reader(s, o, why, why_size);
	if (rc == RC_OK)
		rc = store_lanes_start(s, why, why_size);
	if (rc != RC_OK) {
		store_free(s);
		return rc;
	}
	*out = s;
	return RC_OK;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	store_try(s, STORE_TRIAL_NONE);
	store_free(s);
}
