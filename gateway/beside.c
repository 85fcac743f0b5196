/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beside the loop: see beside.h.
 *
 * Invariant: a job is in `waiting`, with the thread, or in `done`; `lock` guards both lists and `is_over`. The loop alone calls
 * work.done, so nobody but the loop frees a job.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* gettid */
#endif
#include "gateway/beside.h"

#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#define NICE 10

struct jobs {
	struct beside_job *first, **tail;
	unsigned n;
};

struct beside {
	struct beside_work work;
	struct event *event;
	int fd; /* eventfd: something is done */
	pthread_t thread;
	bool is_running;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct jobs waiting, done;
	uint64_t turn, served[BESIDE_OWNERS]; /* when each owner's last job was taken up */
	bool is_over;
};

static void push(struct jobs *jobs, struct beside_job *job)
{
	job->next = NULL;
	*(jobs->first != NULL ? jobs->tail : &jobs->first) = job;
	jobs->tail = &job->next;
	jobs->n++;
}

static struct beside_job *pop(struct jobs *jobs)
{
	struct beside_job *job = jobs->first;

	if (job != NULL) {
		jobs->first = job->next;
		jobs->n--;
	}
	return job;
}

/* The next in turn: of those whose last job is the longest ago; of one owner, as they came. NULL = none waits. */
static struct beside_job *take(struct beside *b)
{
	struct beside_job **best = &b->waiting.first, *job;

	if (*best == NULL)
		return NULL;
	for (struct beside_job **at = best; *at != NULL; at = &(*at)->next)
		if (b->served[(*at)->owner] < b->served[(*best)->owner])
			best = at;
	job = *best;
	*best = job->next;
	if (job->next == NULL)
		b->waiting.tail = best;
	b->waiting.n--;
	b->served[job->owner] = ++b->turn;
	return job;
}

/* --- the thread ------------------------------------------------------------------------------------------------------ */

static void *work(void *arg)
{
	struct beside *b = arg;
	const uint64_t one = 1;

	/* Linux: of this thread alone. A desk waits rather than a dialogue; where it is not allowed, both are equal. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	(void)pthread_mutex_lock(&b->lock);
	while (!b->is_over) {
		struct beside_job *job = take(b);

		if (job == NULL) {
			(void)pthread_cond_wait(&b->wake, &b->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&b->lock);
		b->work.run(b->work.ctx, job);
		(void)pthread_mutex_lock(&b->lock);
		push(&b->done, job);
		if (write(b->fd, &one, sizeof(one)) < 0)
			continue; /* the counter is full: the loop is awake anyway */
	}
	(void)pthread_mutex_unlock(&b->lock);
	return NULL;
}

/* Signals are for the loop. */
static bool start(struct beside *b)
{
	sigset_t all, old;

	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	b->is_running = pthread_create(&b->thread, NULL, work, b) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return b->is_running;
}

/* --- the loop -------------------------------------------------------------------------------------------------------- */

static void hand_back(struct beside *b, struct jobs jobs, bool ran)
{
	for (struct beside_job *job; (job = pop(&jobs)) != NULL;)
		b->work.done(b->work.ctx, job, ran);
}

static void on_done(evutil_socket_t fd, short what, void *ctx)
{
	struct beside *b = ctx;
	struct jobs done;
	uint64_t drained;

	(void)what;
	if (read(fd, &drained, sizeof(drained)) < 0)
		return;
	(void)pthread_mutex_lock(&b->lock);
	done = b->done;
	b->done = (struct jobs){0};
	(void)pthread_mutex_unlock(&b->lock);
	hand_back(b, done, true);
}

enum rc beside_new(struct event_base *base, const struct beside_work *how, struct beside **out)
{
	struct beside *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return RC_NOMEM;
	b->work = *how;
	(void)pthread_mutex_init(&b->lock, NULL);
	(void)pthread_cond_init(&b->wake, NULL);
	b->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (b->fd >= 0)
		b->event = event_new(base, b->fd, EV_READ | EV_PERSIST, on_done, b);
	if (b->event == NULL || event_add(b->event, NULL) != 0 || !start(b)) {
		beside_free(b);
		return RC_IO;
	}
	*out = b;
	return RC_OK;
}

void beside_free(struct beside *b)
{
	if (b == NULL)
		return;
	if (b->is_running) {
		(void)pthread_mutex_lock(&b->lock);
		b->is_over = true;
		(void)pthread_cond_signal(&b->wake);
		(void)pthread_mutex_unlock(&b->lock);
		(void)pthread_join(b->thread, NULL);
	}
	hand_back(b, b->done, true);
	hand_back(b, b->waiting, false);
	if (b->event != NULL)
		event_free(b->event);
	if (b->fd >= 0)
		(void)close(b->fd);
	(void)pthread_cond_destroy(&b->wake);
	(void)pthread_mutex_destroy(&b->lock);
	free(b);
}

enum rc beside_put(struct beside *b, struct beside_job *job)
{
	enum rc rc = RC_FULL;

	(void)pthread_mutex_lock(&b->lock);
	if (b->waiting.n < b->work.waiting_max) {
		push(&b->waiting, job);
		(void)pthread_cond_signal(&b->wake);
		rc = RC_OK;
	}
	(void)pthread_mutex_unlock(&b->lock);
	return rc;
}
