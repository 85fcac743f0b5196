/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Erasures, the rest: see erasures_rest.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* gettid */
#endif
#include "storage/erasures_rest.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "storage/db.h"

#define NICE 10
#define FULL_PAUSE_NS 20000000 /* when the writer's queue is full */
#define BUSY_MS 2000

struct erasures_rest {
	pthread_t thread;
	atomic_bool stop;
	sqlite3 *db;
	struct vault *vault;
	struct erasures_scan scan;
	enum rc (*erase)(void *ctx, int64_t id, int64_t msisdn);
	void *ctx;
};

static enum rc erase(void *ctx, int64_t id, int64_t msisdn)
{
	static const struct timespec pause = {.tv_nsec = FULL_PAUSE_NS};
	struct erasures_rest *r = ctx;
	enum rc rc;

	while ((rc = r->erase(r->ctx, id, msisdn)) == RC_FULL && !atomic_load(&r->stop))
		(void)nanosleep(&pause, NULL);
	return rc;
}

static void *rest_main(void *arg)
{
	struct erasures_rest *r = arg;
	int64_t began = clock_mono_ms(clock_system());
	bool more = true;
	enum rc rc = RC_OK;

	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	while (more && rc == RC_OK && !atomic_load(&r->stop)) {
		vault_round(r->vault);
		rc = erasures_slice(&r->scan, &more);
	}
	erasures_say(&r->scan.found, false);
	if (rc == RC_OK && !more)
		LOG_EVENT(LOG_LV_INFO, "store", "keyring_checked", "slots", LOG_INT(r->scan.last), "ms",
		          LOG_INT(clock_mono_ms(clock_system()) - began));
	else if (!atomic_load(&r->stop))
		LOG_EVENT(LOG_LV_ERROR, "store", "keyring_not_checked", "slots", LOG_INT(r->scan.from), "why",
		          rc_name(rc), "remedy",
		          "check the disk, and run starhash key; the next start looks at all of it again");
	return NULL;
}

enum rc erasures_rest_new(const struct erasures_rest_options *o, struct erasures_rest **out, char *why,
                          size_t why_size)
{
	const struct db_options db = {.path = o->path, .read_only = true, .busy_ms = BUSY_MS};
	struct erasures_rest *r = calloc(1, sizeof *r);
	enum rc rc;

	if (!r) {
		(void)snprintf(why, why_size, "memory is out");
		return RC_NOMEM;
	}
	rc = db_open(&db, &r->db, why, why_size);
	if (rc == RC_OK)
		rc = vault_new_reader(r->db, o->path, o->keys, &r->vault, why, why_size);
	if (rc == RC_OK) {
		r->scan = *o->scan;
		r->scan.db = r->db;
		r->scan.ring = vault_keyring(r->vault);
		r->scan.fn = erase;
		r->scan.ctx = r;
		r->erase = o->erase;
		r->ctx = o->ctx;
		if (pthread_create(&r->thread, NULL, rest_main, r) == 0) {
			*out = r;
			return RC_OK;
		}
		(void)snprintf(why, why_size, "cannot start a thread; raise the service's task limit");
		rc = RC_NOMEM;
	}
	vault_free(r->vault);
	db_close(r->db);
	free(r);
	return rc;
}

void erasures_rest_free(struct erasures_rest *r)
{
	if (!r)
		return;
	atomic_store(&r->stop, true);
	(void)pthread_join(r->thread, NULL);
	vault_free(r->vault);
	db_close(r->db);
	free(r);
}
