/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beside the loop: a thread that does one job after the other, for what would keep the loop waiting for the disk, and hands each
 * back to the loop.
 *
 * A job is a struct of its owner's whose first member is struct beside_job. From beside_put until `done` it is not the owner's.
 */
#ifndef STARHASH_GATEWAY_BESIDE_H
#define STARHASH_GATEWAY_BESIDE_H

#include <stdbool.h>

#include "core/rc.h"

struct beside;
struct event_base;

#define BESIDE_OWNERS 32 /* who may put jobs and has a turn of their own */

struct beside_job {
	struct beside_job *next;
	unsigned owner; /* below BESIDE_OWNERS; each in turn, and of one as they came */
};

struct beside_work {
	unsigned waiting_max; /* jobs that wait for the thread */
	void *ctx;
	void (*run)(void *ctx, struct beside_job *job); /* in the thread: touches nothing of the loop's */
	/* In the loop, in the order in which they were done; frees the job. `ran` false: it never came to it, the thread has ended. */
	void (*done)(void *ctx, struct beside_job *job, bool ran);
};

/* Start the thread. `how` is copied; borrows what its ctx leads to. RC_OK; RC_NOMEM; RC_IO (no descriptor or no thread). */
enum rc beside_new(struct event_base *base, const struct beside_work *how, struct beside **out) RC_NODISCARD;

/* Waits for the job at hand, hands back all that there are, and ends. NULL is let be. */
void beside_free(struct beside *b);

/* RC_OK; RC_FULL: as many wait as may, and the job is still the caller's. */
enum rc beside_put(struct beside *b, struct beside_job *job) RC_NODISCARD;

#endif
