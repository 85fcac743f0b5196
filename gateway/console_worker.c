/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the console asks of the store: see console_worker.h. The thread is beside.h's. */
#include "gateway/console_worker.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/beside.h"
#include "gateway/config.h"
#include "storage/query.h"

struct job {
	struct beside_job beside;
	console_job_fn *run;
	console_done_fn *done;
	void *ctx;
	char *json;
	int status;
	max_align_t about[(CONSOLE_JOB_ROOM + sizeof(max_align_t) - 1) / sizeof(max_align_t)];
};

struct console_worker {
	const struct config *config;
	struct beside *beside;
	unsigned n,
		n_of[CONFIG_CONSOLE_MAX]; /* jobs asked for and not yet given back: all, and of each user */
};

static void carry_out(void *ctx, struct beside_job *job)
{
	const struct config *config = ((const struct console_worker *)ctx)->config;
	struct job *j = (struct job *)job;
	struct query *q = NULL;
	char why[300];

	if (query_open(config->store_path, &config->profile, &q, why, sizeof(why)) != RC_OK)
		return;
	query_key_path(q, config->store_key);
	j->status = 200;
	j->json = j->run(q, j->about, &j->status);
	query_close(q);
}

static void conclude(void *ctx, struct beside_job *job, bool ran)
{
	struct console_worker *w = ctx;
	struct job *j = (struct job *)job;

	(void)ran; /* else the status is still 503 */
	w->n--;
	w->n_of[job->owner]--;
	j->done(j->ctx, j->status, j->json);
	free(j->json);
	free(j);
}

enum rc console_worker_new(struct event_base *base, const struct config *config, struct console_worker **out)
{
	struct console_worker *w = calloc(1, sizeof(*w));
	const struct beside_work work = {
		.waiting_max = CONSOLE_JOBS_MAX, .ctx = w, .run = carry_out, .done = conclude};
	enum rc rc;

	if (w == NULL)
		return RC_NOMEM;
	w->config = config;
	rc = beside_new(base, &work, &w->beside);
	if (rc != RC_OK) {
		free(w);
		return rc;
	}
	*out = w;
	return RC_OK;
}

void console_worker_free(struct console_worker *w)
{
	if (w == NULL)
		return;
	beside_free(w->beside);
	free(w);
}

enum rc console_worker_ask(struct console_worker *w, size_t user, console_job_fn *job, const void *about,
                           size_t size, console_done_fn *done, void *ctx)
{
	bool has_room = w->n < CONSOLE_JOBS_MAX && w->n_of[user] < CONSOLE_JOBS_EACH;
	struct job *j = has_room && size <= CONSOLE_JOB_ROOM ? calloc(1, sizeof(*j)) : NULL;

	if (j == NULL)
		return RC_FULL;
	j->beside.owner = (unsigned)user;
	j->run = job;
	j->done = done;
	j->ctx = ctx;
	j->status = 503;
	memcpy(j->about, about, size);
	if (beside_put(w->beside, &j->beside) != RC_OK) {
		free(j);
		return RC_FULL;
	}
	w->n++;
	w->n_of[user]++;
	return RC_OK;
}

unsigned console_worker_jobs(const struct console_worker *w)
{
	return w->n;
}
