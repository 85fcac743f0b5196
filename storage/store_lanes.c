/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lanes of a store: see store_private.h. One writes and one finds, each a queue with a thread that takes a round
 * of it, works on it and puts it on the list of what is done; an eventfd wakes the caller. */
#include "storage/store_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/log.h"
#include "storage/store_batch.h"

#define ROUND_MAX 1024 /* requests in one transaction at most: bounds how long a commit takes */
#define GATHER_MAX 256 /* that nobody waits for are enough for a commit */
#define OVERDUE_MS 250 /* the writer's own work waits so long for a moment in which nobody else has any */

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

static struct timespec in_ms(int ms)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += (long)ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* Nobody waits for any of it: a commit for many costs what one for a single one costs. */
static void let_gather(struct lane *l)
{
	struct store *s = l->store;
	const struct timespec until = in_ms(STORE_LATER_MS);

	while (!l->hurries && !s->closing && l->waiting.count < GATHER_MAX &&
	       pthread_cond_timedwait(&l->wake, &s->lock, &until) != ETIMEDOUT)
		;
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
	if (l->waiting.count > 0)
		let_gather(l);
	more = l->waiting.count > 0 || !s->closing;
	if (is_overdue(l)) {
		/* an empty round */
	} else if (l->waiting.count <= ROUND_MAX) {
		request_append(round, &l->waiting);
	} else {
		while (round->count < ROUND_MAX)
			request_push(round, request_pop(&l->waiting));
	}
	l->hurries = l->waiting.count > 0;
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
	l->hurries = l->waiting.count > 0;
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

static void lane_init(struct store *s, struct lane *l)
{
	pthread_condattr_t attr;

	l->store = s;
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&l->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
}

void store_lanes_init(struct store *s)
{
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_cond_init(&s->done_wake, NULL);
	for (int i = 0; i < LANE_COUNT; i++)
		lane_init(s, &s->lane[i]);
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

enum rc store_lanes_start(struct store *s, char *why, size_t why_size)
{
	enum rc rc = lane_start(&s->lane[LANE_WRITE], write_main, why, why_size);

	if (rc == RC_OK && !s->in_memory)
		rc = lane_start(&s->lane[LANE_READ], read_main, why, why_size);
	return rc;
}

void store_lanes_stop(struct store *s)
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

void store_lanes_fini(struct store *s)
{
	for (int i = 0; i < LANE_COUNT; i++)
		(void)pthread_cond_destroy(&s->lane[i].wake);
	(void)pthread_cond_destroy(&s->done_wake);
	(void)pthread_mutex_destroy(&s->lock);
}

void store_lanes_hurry(struct store *s)
{
	struct lane *l = &s->lane[LANE_WRITE];

	l->hurries = l->waiting.count > 0;
	if (l->hurries)
		(void)pthread_cond_signal(&l->wake);
}

enum rc store_enqueue(struct store *s, struct request *r, bool report)
{
	struct lane *l = &s->lane[s->in_memory || !REQUEST_READS(r) ? LANE_WRITE : LANE_READ];
	uint64_t max = report ? 2 * s->queue_max : s->queue_max;
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
		if (l->waiting.count == 1 || l->waiting.count == GATHER_MAX || (!r->is_later && !l->hurries))
			(void)pthread_cond_signal(&l->wake);
		if (!r->is_later)
			l->hurries = true;
		rc = RC_OK;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return rc;
}
