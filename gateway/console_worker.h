/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread that reads the store for the console, so that the loop does not wait for the disk. One job at a time, CONSOLE_JOBS_MAX
 * at most and CONSOLE_JOBS_EACH of one user, and the users in turns; each opens the store for reading by itself (storage/query.h)
 * and gives back a text. */
#ifndef STARHASH_GATEWAY_CONSOLE_WORKER_H
#define STARHASH_GATEWAY_CONSOLE_WORKER_H

#include <stddef.h>

#include "core/rc.h"

#define CONSOLE_JOBS_MAX 32
#define CONSOLE_JOBS_EACH 4
#define CONSOLE_JOB_ROOM 512 /* bytes of what a job is about */

struct config;
struct console_worker;
struct event_base;
struct query;

/* In the thread: a JSON text, malloc'd, and the HTTP status. NULL = memory is out. `about` is the job's own copy. */
typedef char *console_job_fn(struct query *q, const void *about, int *status);
/* In the loop, once: `json` is borrowed; NULL when the store could not be opened or memory is out. */
typedef void console_done_fn(void *ctx, int status, const char *json);

/* `config` is borrowed and never changes. RC_OK; RC_NOMEM; RC_IO. */
enum rc console_worker_new(struct event_base *base, const struct config *config,
                           struct console_worker **out) RC_NODISCARD;
void console_worker_free(
	struct console_worker *w); /* finishes the job under way; those that wait are told NULL */
/* `user`: 0..CONFIG_CONSOLE_MAX-1. RC_OK (done follows); RC_FULL (so many of theirs, or of all, wait). */
enum rc console_worker_ask(struct console_worker *w, size_t user, console_job_fn *job, const void *about,
                           size_t size, console_done_fn *done, void *ctx) RC_NODISCARD;
unsigned console_worker_jobs(const struct console_worker *w);

#endif
