/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Store: the port. Two lanes (writes, finds), each a queue with a thread; one list of what is done, with an eventfd.
 *
 * Invariant: outstanding = requests accepted whose callback was not begun; each of them is in exactly one place: a
 * lane's queue, the round that a thread works on, or the done list. Everything in struct store below `lock` is guarded
 * by it; connections belong to their lane's thread once it runs. A scratch store in memory has one lane for both.
 */
#include "storage/store.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "core/log.h"
#include "storage/charges.h"
#include "storage/db.h"
#include "storage/erasures.h"
#include "storage/integrity.h"
#include "storage/migrate.h"
#include "storage/outgoing.h"
#include "storage/owner.h"
#include "storage/parts.h"
#include "storage/profile_change.h"
#include "storage/reader.h"
#include "storage/sealing.h"
#include "storage/sql.h"
#include "storage/store_batch.h"
#include "storage/store_private.h"
#include "storage/vault.h"
#include "storage/writer.h"

#define ROUND_MAX 1024 /* requests in one transaction at most: bounds how long a commit takes */
#define DAY_MS 86400000
#define OVERDUE_MS 250 /* the writer's own work waits so long for a moment in which nobody else has any */

enum { LANE_WRITE, LANE_READ, LANE_COUNT };

struct lane {
	struct store *store;
	pthread_t thread;
	bool runs;
	pthread_cond_t wake;
	struct request_list waiting;
	atomic_uint_least64_t cache_bytes; /* pages that its connection keeps */
};

struct store {
	const struct clock *clock;
	uint64_t queue_max;
	bool in_memory;
	int fd;
	int lock_fd; /* held by the daemon that owns the store; -1 = none */
	sqlite3 *write_db, *read_db;
	struct writer *writer;
	struct reader *reader;
	struct key_set keys;
	struct vault *vault, *read_vault; /* of the writer and the reader; in memory the same one */
	struct damage damage;
	struct integrity_watch *watch; /* NULL = the file is not checked */

	pthread_mutex_t lock;
	pthread_cond_t done_wake; /* store_wait sleeps on it */
	struct lane lane[LANE_COUNT];
	struct request_list done;
	struct request_list held; /* STORE_TRIAL_HOLD: concluded, and kept back */
	enum store_trial trial;
	bool closing;
	uint64_t tickets; /* requests ever accepted */
	uint64_t outstanding;
	uint64_t wait_before; /* store_wait: tickets below this one ... */
	uint64_t wait_left;   /* ... that are not concluded yet */
	struct store_counters counters;
	struct histogram commit;
	int64_t round_us; /* when the writer took its present round; 0 = it has none */
};

/* --- the threads ----------------------------------------------------------------------------------- */

/* Under a load that never pauses the writer's own work would never be done: old rows stay, and a failing store is not
 * given back its WAL. */
static bool is_overdue(const struct lane *l)
{
	const struct store *s = l->store;
	struct timespec now;
	int64_t at_ms;

	if (l != &s->lane[LANE_WRITE] || s->closing)
		return false;
	at_ms = writer_idle_at_ms(s->writer);
	if (at_ms == INT64_MAX)
		return false;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - at_ms >= OVERDUE_MS;
}

/* Wait for work, take at most a round of it. False when the store is closing and the lane is empty. An empty round
 * means: the writer has work of its own, and nothing came or that is overdue. */
static bool take(struct lane *l, struct request_list *round)
{
	struct store *s = l->store;
	bool more;

	*round = (struct request_list){0};
	(void)pthread_mutex_lock(&s->lock);
	if (l == &s->lane[LANE_WRITE])
		s->round_us = 0;
	while (l->waiting.count == 0 && !s->closing) {
		int64_t at_ms = l == &s->lane[LANE_WRITE] ? writer_idle_at_ms(s->writer) : INT64_MAX;
		const struct timespec until = {.tv_sec = at_ms / 1000, .tv_nsec = at_ms % 1000 * 1000000};

		if (at_ms == INT64_MAX)
			(void)pthread_cond_wait(&l->wake, &s->lock);
		else if (pthread_cond_timedwait(&l->wake, &s->lock, &until) == ETIMEDOUT)
			break;
	}
	more = l->waiting.count > 0 || !s->closing;
	if (is_overdue(l)) {
		/* an empty round */
	} else if (l->waiting.count <= ROUND_MAX) {
		request_append(round, &l->waiting);
	} else {
		while (round->count < ROUND_MAX)
			request_push(round, request_pop(&l->waiting));
	}
	if (l == &s->lane[LANE_WRITE] && round->count > 0)
		s->round_us = clock_mono_us(clock_system());
	(void)pthread_mutex_unlock(&s->lock);
	return more;
}

/* What came while the round was carried out joins it. */
static size_t take_more(void *ctx, struct request_list *round)
{
	struct lane *l = ctx;
	size_t before = round->count;

	(void)pthread_mutex_lock(&l->store->lock);
	if (l->store->trial != STORE_TRIAL_FAIL && round->count + l->waiting.count <= ROUND_MAX)
		request_append(round, &l->waiting);
	(void)pthread_mutex_unlock(&l->store->lock);
	return round->count - before;
}

/* Hand a whole round back: one lock, one wake-up. */
static void deliver(struct store *s, struct request_list *round, const struct writer_tally *tally,
                    uint64_t finds)
{
	const uint64_t one = 1;
	bool was_empty;

	(void)pthread_mutex_lock(&s->lock);
	was_empty = s->done.count == 0;
	request_append(&s->done, round);
	s->counters.finds += finds;
	s->counters.writes += tally->writes;
	s->counters.commits += tally->commits;
	s->counters.failed_writes += tally->failed_writes;
	s->counters.commit_us_sum += tally->commit_us_sum;
	if (tally->commit_us_max > s->counters.commit_us_max)
		s->counters.commit_us_max = tally->commit_us_max;
	if (tally->commits > 0)
		histogram_merge(&s->commit, &tally->commit);
	(void)pthread_cond_signal(&s->done_wake);
	(void)pthread_mutex_unlock(&s->lock);
	/* Cannot fail but for a counter near 2^64, and then the descriptor is readable anyway. */
	if (was_empty && write(s->fd, &one, sizeof one) < 0 && errno != EAGAIN)
		LOG_EVENT(LOG_LV_ERROR, "store", "eventfd", "why", strerror(errno));
}

/* STORE_TRIAL_FAIL: take those that give something out of the round, as failed. */
static void fail_gives(struct store *s, struct request_list *writes, struct request_list *failed)
{
	struct request_list rest = {0};
	bool fails;

	(void)pthread_mutex_lock(&s->lock);
	fails = s->trial == STORE_TRIAL_FAIL;
	(void)pthread_mutex_unlock(&s->lock);
	if (!fails)
		return;
	for (struct request *r; (r = request_pop(writes));) {
		bool gives = r->kind == REQUEST_WRITE && r->write.batch->gives;

		if (gives)
			r->write.result = (struct store_result){.rc = RC_IO};
		request_push(gives ? failed : &rest, r);
	}
	request_append(writes, &rest);
}

/* After a round: only the thread that uses a connection may ask it. */
static void measure_cache(struct lane *l, sqlite3 *db)
{
	int now = 0, most = 0;

	if (sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_USED, &now, &most, 0) == SQLITE_OK)
		atomic_store(&l->cache_bytes, (uint64_t)now);
}

static void *write_main(void *arg)
{
	struct lane *l = arg;
	struct store *s = l->store;
	struct request_list round;

	if (!s->in_memory) /* there its lane holds what reads too */
		writer_set_more(s->writer, take_more, l);
	while (take(l, &round)) {
		struct request_list writes = {0}, finds = {0}, failed = {0};
		struct writer_tally tally = {0};
		size_t n_finds;

		if (round.count == 0) {
			writer_idle(s->writer, clock_utc_ms(s->clock), &tally);
			(void)pthread_mutex_lock(&s->lock);
			s->counters.retired += tally.retired;
			(void)pthread_mutex_unlock(&s->lock);
			continue;
		}
		if (!s->in_memory) {
			request_append(&writes, &round);
		} else {
			for (struct request *r; (r = request_pop(&round));)
				request_push(REQUEST_READS(r) ? &finds : &writes, r);
		}
		n_finds = finds.count;
		fail_gives(s, &writes, &failed);
		if (writes.count > 0)
			writer_round(s->writer, &writes, &tally);
		request_append(&writes, &failed);
		if (n_finds > 0)
			reader_round(s->reader, &finds);
		request_append(&writes, &finds);
		measure_cache(l, s->write_db);
		deliver(s, &writes, &tally, n_finds);
	}
	return NULL;
}

static void *read_main(void *arg)
{
	struct lane *l = arg;
	const struct writer_tally none = {0};
	struct request_list round;

	while (take(l, &round)) {
		size_t n = round.count;

		if (n == 0)
			continue;
		reader_round(l->store->reader, &round);
		measure_cache(l, l->store->read_db);
		deliver(l->store, &round, &none, n);
	}
	return NULL;
}

/* --- open and close ---------------------------------------------------------------------------------- */

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

static void lane_init(struct store *s, struct lane *l)
{
	pthread_condattr_t attr;

	l->store = s;
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&l->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
}

static enum rc lane_start(struct lane *l, void *(*run)(void *), char *why, size_t why_size)
{
	int e = pthread_create(&l->thread, NULL, run, l);

	if (e != 0) {
		(void)snprintf(why, why_size, "cannot start a thread: %s; raise the service's task limit",
		               strerror(e));
		return RC_NOMEM;
	}
	l->runs = true;
	return RC_OK;
}

/* Tell the threads to end when they are done, and wait for them. */
static void lanes_stop(struct store *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->closing = true;
	for (int i = 0; i < LANE_COUNT; i++)
		(void)pthread_cond_signal(&s->lane[i].wake);
	(void)pthread_mutex_unlock(&s->lock);
	for (int i = 0; i < LANE_COUNT; i++) {
		if (s->lane[i].runs)
			(void)pthread_join(s->lane[i].thread, NULL);
	}
}

static void store_free(struct store *s)
{
	lanes_stop(s);
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
	for (int i = 0; i < LANE_COUNT; i++)
		(void)pthread_cond_destroy(&s->lane[i].wake);
	(void)pthread_cond_destroy(&s->done_wake);
	(void)pthread_mutex_destroy(&s->lock);
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
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_cond_init(&s->done_wake, NULL);
	for (int i = 0; i < LANE_COUNT; i++)
		lane_init(s, &s->lane[i]);
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
		rc = lane_start(&s->lane[LANE_WRITE], write_main, why, why_size);
	if (rc == RC_OK && !s->in_memory)
		rc = lane_start(&s->lane[LANE_READ], read_main, why, why_size);
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

/* --- the caller's side --------------------------------------------------------------------------------- */

int store_fd(const struct store *s)
{
	return s->fd;
}

/* Is it one that a charging system would answer? */
static bool is_charging(const struct request *r)
{
	return r->kind == REQUEST_FACTS || (r->kind == REQUEST_WRITE && r->write.batch->gives);
}

/* What a trial does to a concluded request. True: it is to be kept back. */
static bool try_one(const struct store *s, struct request *r)
{
	if (s->trial == STORE_TRIAL_FAIL && r->kind == REQUEST_FACTS)
		r->facts.rc = RC_IO;
	return s->trial == STORE_TRIAL_HOLD && is_charging(r);
}

void store_try(struct store *s, enum store_trial how)
{
	const uint64_t one = 1;

	(void)pthread_mutex_lock(&s->lock);
	s->trial = how;
	if (how != STORE_TRIAL_HOLD)
		request_append(&s->done, &s->held);
	(void)pthread_mutex_unlock(&s->lock);
	if (write(s->fd, &one, sizeof one) < 0 && errno != EAGAIN)
		LOG_EVENT(LOG_LV_ERROR, "store", "eventfd", "why", strerror(errno));
}

/* A request leaves the bound when its callback is about to run: what the callback queues takes its place. */
int store_dispatch(struct store *s)
{
	struct request_list list = {0}, held = {0};
	uint64_t drained, before, waited_for = 0;
	int n = 0;

	/* Always, even when nothing is done: the wake-up of a round may come after the round was taken. */
	if (read(s->fd, &drained, sizeof drained) < 0 && errno != EAGAIN)
		LOG_EVENT(LOG_LV_ERROR, "store", "eventfd", "why", strerror(errno));
	(void)pthread_mutex_lock(&s->lock);
	request_append(&list, &s->done);
	before = s->wait_before;
	for (size_t left = list.count; left > 0; left--) {
		struct request *r = request_pop(&list);

		waited_for += r->ticket < before; /* store_wait does not wait for what is kept back */
		request_push(try_one(s, r) ? &held : &list, r);
	}
	s->outstanding -= list.count;
	request_append(&s->held, &held);
	(void)pthread_mutex_unlock(&s->lock);
	for (struct request *r; (r = request_pop(&list)); n++)
		request_conclude(r);
	if (waited_for > 0) {
		(void)pthread_mutex_lock(&s->lock);
		s->wait_left -= waited_for;
		(void)pthread_mutex_unlock(&s->lock);
	}
	return n;
}

void store_wait(struct store *s)
{
	bool more;

	(void)pthread_mutex_lock(&s->lock);
	s->wait_before = s->tickets;
	s->wait_left = s->outstanding - s->held.count;
	more = s->wait_left > 0;
	(void)pthread_mutex_unlock(&s->lock);
	while (more) {
		(void)pthread_mutex_lock(&s->lock);
		while (s->done.count == 0)
			(void)pthread_cond_wait(&s->done_wake, &s->lock);
		(void)pthread_mutex_unlock(&s->lock);
		(void)store_dispatch(s);
		(void)pthread_mutex_lock(&s->lock);
		more = s->wait_left > 0;
		(void)pthread_mutex_unlock(&s->lock);
	}
	(void)pthread_mutex_lock(&s->lock);
	s->wait_before = 0;
	(void)pthread_mutex_unlock(&s->lock);
}

bool store_is_failing(const struct store *s)
{
	return writer_is_failing(s->writer);
}

/* Into a lane's queue, unless `max` requests are outstanding. */
static enum rc enqueue(struct store *s, int lane, struct request *r, uint64_t max)
{
	struct lane *l = &s->lane[s->in_memory ? LANE_WRITE : lane];
	enum rc rc = RC_FULL;

	(void)pthread_mutex_lock(&s->lock);
	if (s->closing || s->outstanding >= max) {
		s->counters.refused++;
	} else {
		r->ticket = s->tickets++;
		s->outstanding++;
		if (s->outstanding > s->counters.queue_peak)
			s->counters.queue_peak = s->outstanding;
		request_push(&l->waiting, r);
		if (l->waiting.count == 1)
			(void)pthread_cond_signal(&l->wake);
		rc = RC_OK;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return rc;
}

enum rc store_enqueue(struct store *s, struct request *r, bool report)
{
	return enqueue(s, REQUEST_READS(r) ? LANE_READ : LANE_WRITE, r,
	               report ? 2 * s->queue_max : s->queue_max);
}

int64_t store_now_ms(const struct store *s)
{
	return clock_utc_ms(s->clock);
}

enum rc store_find(struct store *s, int64_t msisdn, store_found_fn *found, void *ctx)
{
	struct request *r = calloc(1, sizeof *r);
	enum rc rc = RC_FULL;

	if (r) {
		r->kind = REQUEST_FIND;
		r->ctx = ctx;
		r->find.msisdn = msisdn;
		r->find.now_ms = clock_utc_ms(s->clock);
		r->find.fn = found;
		rc = enqueue(s, LANE_READ, r, s->queue_max);
	}
	if (rc != RC_OK)
		free(r);
	return rc;
}

enum rc store_facts_find(struct store *s, int64_t msisdn, store_facts_fn *fn, void *ctx)
{
	struct request *r = calloc(1, sizeof *r);
	enum rc rc = RC_FULL;

	if (r)
		r->facts.facts = calloc(1, sizeof *r->facts.facts);
	if (r && r->facts.facts) {
		r->kind = REQUEST_FACTS;
		r->ctx = ctx;
		r->facts.msisdn = msisdn;
		r->facts.now_ms = clock_utc_ms(s->clock);
		r->facts.fn = fn;
		rc = enqueue(s, LANE_READ, r, s->queue_max);
	}
	if (rc != RC_OK && r) {
		free(r->facts.facts);
		free(r);
	}
	return rc;
}

enum rc store_screens_add(struct store *s, const struct store_screen_count *counts, size_t n)
{
	struct request *r = calloc(1, sizeof *r);
	enum rc rc = RC_FULL;

	if (r)
		r->screens.row = calloc(n > 0 ? n : 1, sizeof *counts);
	if (r && r->screens.row) {
		r->kind = REQUEST_SCREENS;
		r->screens.day = clock_utc_ms(s->clock) / DAY_MS;
		r->screens.n = n;
		memcpy(r->screens.row, counts, n * sizeof *counts);
		rc = enqueue(s, LANE_WRITE, r, s->queue_max);
	}
	if (rc != RC_OK && r) {
		free(r->screens.row);
		free(r);
	}
	return rc;
}

enum rc store_write(struct store *s, struct store_batch *b, store_written_fn *written, void *ctx)
{
	struct request *r = &b->request;
	enum rc rc;

	r->kind = REQUEST_WRITE;
	r->ctx = ctx;
	r->write.batch = b;
	r->write.fn = written;
	rc = enqueue(s, LANE_WRITE, r, s->queue_max);
	if (rc != RC_OK)
		store_batch_free(b);
	return rc;
}

/* Twice the bound, as for store_notice_move: a lost one costs the state of a delivery, not the SMS. */
void store_part_accepted(struct store *s, const struct store_part *part)
{
	struct request *r = calloc(1, sizeof *r);
	enum rc rc = RC_NOMEM;

	if (r) {
		r->kind = REQUEST_PART;
		r->part.at_ms = clock_utc_ms(s->clock);
		r->part.part = *part;
		rc = enqueue(s, LANE_WRITE, r, 2 * s->queue_max);
	}
	if (rc != RC_OK) {
		LOG_EVENT(LOG_LV_WARN, "store", "part_report_lost", "why", rc_name(rc));
		free(r);
	}
}

enum rc store_receipt_add(struct store *s, const struct store_receipt *receipt, store_receipt_fn *fn,
                          void *ctx)
{
	struct request *r = calloc(1, sizeof *r);
	enum rc rc = RC_FULL;

	if (r) {
		r->kind = REQUEST_RECEIPT;
		r->ctx = ctx;
		r->receipt.at_ms = clock_utc_ms(s->clock);
		r->receipt.fn = fn;
		r->receipt.receipt = *receipt;
		rc = enqueue(s, LANE_WRITE, r, s->queue_max);
	}
	if (rc != RC_OK)
		free(r);
	return rc;
}

void store_counters_read(const struct store *s, struct store_counters *out)
{
	struct store *m = (struct store *)(uintptr_t)s; /* the lock is not part of what const promises */

	(void)pthread_mutex_lock(&m->lock);
	*out = s->counters;
	out->queue = s->outstanding;
	out->keys_renewed = vault_renewed(s->vault);
	out->wal_bytes = writer_wal_bytes(s->writer);
	out->cache_bytes = 0;
	for (int i = 0; i < LANE_COUNT; i++)
		out->cache_bytes += atomic_load(&s->lane[i].cache_bytes);
	(void)pthread_mutex_unlock(&m->lock);
}

void store_times_read(const struct store *s, struct store_times *out)
{
	struct store *m = (struct store *)(uintptr_t)s; /* as above */

	out->queue_max = s->queue_max;
	(void)pthread_mutex_lock(&m->lock);
	out->commit = s->commit;
	out->writing_us = s->round_us > 0 ? clock_mono_us(clock_system()) - s->round_us : 0;
	(void)pthread_mutex_unlock(&m->lock);
}

bool store_trouble(const struct store *s, const char **why, const char **remedy)
{
	return writer_trouble(s->writer, why, remedy);
}
