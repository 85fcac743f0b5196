/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread that reads the store for the console: see console_worker.h.
 *
 * Invariant: a job is in one of `waiting`, with the thread, or in `done`; under `lock` all of them. The loop alone calls `done`.
 */
#include "gateway/console_worker.h"

#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "gateway/config.h"
#include "storage/query.h"

struct job {
	struct job *next;
	console_job_fn *run;
	console_done_fn *done;
	void *ctx;
	size_t user;
	char *json;
	int status;
	max_align_t about[(CONSOLE_JOB_ROOM + sizeof(max_align_t) - 1) / sizeof(max_align_t)];
};

struct console_worker {
	const struct config *config;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct event *event;
	int fd;
	bool is_running, is_over;
	unsigned n, n_of[CONFIG_CONSOLE_MAX];      /* not concluded: all, and of each user; the loop's */
	uint64_t turn, served[CONFIG_CONSOLE_MAX]; /* when each user's last job was taken up */
	struct job *waiting, **end, *done;
};

static void carry_out(const struct config *config, struct job *j)
{
	struct query *q = NULL;
	char why[300];

	j->status = 503;
	if (query_open(config->store_path, &config->profile, &q, why, sizeof(why)) != RC_OK)
		return;
	query_key_path(q, config->store_key);
	j->status = 200;
	j->json = j->run(q, j->about, &j->status);
	query_close(q);
}

/* The next in turn: of those whose last job is the longest ago; of one user, as they came. NULL = none waits. Under the lock. */
static struct job *take(struct console_worker *w)
{
	struct job **best = &w->waiting, *j;

	for (struct job **at = &w->waiting; *at != NULL; at = &(*at)->next)
		if (w->served[(*at)->user] < w->served[(*best)->user])
			best = at;
	j = *best;
	if (j == NULL)
		return NULL;
	*best = j->next;
	if (j->next == NULL)
		w->end = best;
	w->served[j->user] = ++w->turn;
	return j;
}

static void *work(void *ctx)
{
	struct console_worker *w = ctx;
	uint64_t one = 1;

	pthread_mutex_lock(&w->lock);
	while (!w->is_over) {
		struct job *j = take(w);

		if (j == NULL) {
			pthread_cond_wait(&w->work, &w->lock);
			continue;
		}
		pthread_mutex_unlock(&w->lock);
		carry_out(w->config, j);
		pthread_mutex_lock(&w->lock);
		j->next = w->done;
		w->done = j;
		if (write(w->fd, &one, sizeof(one)) < 0)
			continue; /* the counter is full: the loop is awake anyway */
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void conclude(struct console_worker *w, struct job *j)
{
	w->n--;
	w->n_of[j->user]--;
	j->done(j->ctx, j->status, j->json);
	free(j->json);
	free(j);
}

static void on_done(evutil_socket_t fd, short what, void *ctx)
{
	struct console_worker *w = ctx;
	struct job *j, *next;
	uint64_t n;

	(void)what;
	if (read(fd, &n, sizeof(n)) < 0)
		return;
	pthread_mutex_lock(&w->lock);
	j = w->done;
	w->done = NULL;
	pthread_mutex_unlock(&w->lock);
	for (; j != NULL; j = next) {
		next = j->next;
		conclude(w, j);
	}
}

/* Signals are for the loop. */
static bool start(struct console_worker *w)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	w->is_running = pthread_create(&w->thread, NULL, work, w) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return w->is_running;
}

enum rc console_worker_new(struct event_base *base, const struct config *config, struct console_worker **out)
{
	struct console_worker *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return RC_NOMEM;
	w->config = config;
	w->end = &w->waiting;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	w->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (w->fd >= 0)
		w->event = event_new(base, w->fd, EV_READ | EV_PERSIST, on_done, w);
	if (w->event == NULL || event_add(w->event, NULL) != 0 || !start(w)) {
		console_worker_free(w);
		return RC_IO;
	}
	*out = w;
	return RC_OK;
}

static void drop(struct console_worker *w, struct job *j)
{
	struct job *next;

	for (; j != NULL; j = next) {
		next = j->next;
		conclude(w, j);
	}
}

void console_worker_free(struct console_worker *w)
{
	if (w == NULL)
		return;
	if (w->is_running) {
		pthread_mutex_lock(&w->lock);
		w->is_over = true;
		pthread_cond_signal(&w->work);
		pthread_mutex_unlock(&w->lock);
		pthread_join(w->thread, NULL);
	}
	for (struct job *j = w->waiting; j != NULL; j = j->next)
		j->status = 503;
	drop(w, w->waiting);
	drop(w, w->done);
	if (w->event != NULL)
		event_free(w->event);
	if (w->fd >= 0)
		close(w->fd);
	pthread_cond_destroy(&w->work);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

enum rc console_worker_ask(struct console_worker *w, size_t user, console_job_fn *job, const void *about,
                           size_t size, console_done_fn *done, void *ctx)
{
	bool has_room = w->n < CONSOLE_JOBS_MAX && w->n_of[user] < CONSOLE_JOBS_EACH;
	struct job *j = has_room && size <= CONSOLE_JOB_ROOM ? calloc(1, sizeof(*j)) : NULL;

	if (j == NULL)
		return RC_FULL;
	j->user = user;
	j->run = job;
	j->done = done;
	j->ctx = ctx;
	memcpy(j->about, about, size);
	w->n++;
	w->n_of[user]++;
	pthread_mutex_lock(&w->lock);
	*w->end = j;
	w->end = &j->next;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
	return RC_OK;
}

unsigned console_worker_jobs(const struct console_worker *w)
{
	return w->n;
}
