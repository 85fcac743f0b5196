/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Store, the caller's side: requests are made and queued, callbacks run when they are done, counters are read. How it
 * is built: see store_private.h. */
#include "storage/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "storage/store_batch.h"
#include "storage/store_private.h"

#define DAY_MS 86400000

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

bool store_keeps_back(struct store *s)
{
	bool holds;

	(void)pthread_mutex_lock(&s->lock);
	holds = s->trial == STORE_TRIAL_HOLD;
	(void)pthread_mutex_unlock(&s->lock);
	return holds;
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
	store_lanes_hurry(s);
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
		rc = store_enqueue(s, r, false);
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
		rc = store_enqueue(s, r, false);
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
		rc = store_enqueue(s, r, false);
	}
	if (rc != RC_OK && r) {
		free(r->screens.row);
		free(r);
	}
	return rc;
}

void store_hurry(struct store *s)
{
	(void)pthread_mutex_lock(&s->lock);
	store_lanes_hurry(s);
	(void)pthread_mutex_unlock(&s->lock);
}

static enum rc batch_enqueue(struct store *s, struct store_batch *b, store_written_fn *written, void *ctx,
                             bool is_later)
{
	struct request *r = &b->request;
	enum rc rc;

	r->is_later = is_later;
	r->kind = REQUEST_WRITE;
	r->ctx = ctx;
	r->write.batch = b;
	r->write.fn = written;
	rc = store_enqueue(s, r, false);
	if (rc != RC_OK)
		store_batch_free(b);
	return rc;
}

enum rc store_write(struct store *s, struct store_batch *b, store_written_fn *written, void *ctx)
{
	return batch_enqueue(s, b, written, ctx, false);
}

enum rc store_write_later(struct store *s, struct store_batch *b, store_written_fn *written, void *ctx)
{
	return batch_enqueue(s, b, written, ctx, !b->gives && !b->relates && b->notices == 0);
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
		rc = store_enqueue(s, r, true);
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
		rc = store_enqueue(s, r, false);
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
