/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Store, inside: what is in one, and what the files of its port share.
 *
 *   store_open.c    opens and closes: the file, its key, its schema, what an earlier run left behind
 *   store_lanes.c   the two lanes (writes, finds), each a queue with a thread, and how a request gets into one
 *   store.c         the caller's side: requests made, callbacks run, counters read
 *   store_*.c       the requests of one subject each; they use the two functions at the end and not the struct
 *
 * Invariant: outstanding = requests accepted whose callback was not begun; each of them is in exactly one place: a
 * lane's queue, the round that a thread works on, the done list, or held. Everything in struct store below `lock` is
 * guarded by it; connections belong to their lane's thread once it runs. A scratch store in memory has one lane for
 * both. */
#ifndef STARHASH_STORAGE_STORE_PRIVATE_H
#define STARHASH_STORAGE_STORE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/histogram.h"
#include "core/rc.h"
#include "storage/db.h"
#include "storage/erasures_rest.h"
#include "storage/integrity.h"
#include "storage/key.h"
#include "storage/reader.h"
#include "storage/request.h"
#include "storage/store.h"
#include "storage/vault.h"
#include "storage/writer.h"

enum { LANE_WRITE, LANE_READ, LANE_COUNT };

struct lane {
	struct store *store;
	pthread_t thread;
	bool runs;
	pthread_cond_t wake;
	struct request_list waiting;
	bool hurries;                      /* something of `waiting` is waited for */
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
	struct erasures_scan scan;     /* of the keyring, as far as the start came with it */
	bool scan_more;
	struct erasures_rest *rest; /* NULL = the start came to its end */

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

/* The lock, its conditions and two empty lanes; nothing runs yet. */
void store_lanes_init(struct store *s);
/* Start the threads; the writer and the reader are there. RC_OK; RC_NOMEM with `why`. */
enum rc store_lanes_start(struct store *s, char *why, size_t why_size) RC_NODISCARD;
/* Tell the threads to end when they are done, and wait for them. Those never started are no error. */
void store_lanes_stop(struct store *s);
void store_lanes_fini(struct store *s); /* after a stop */

/* The writer begins with what waits for more to join it. Under `lock`. */
void store_lanes_hurry(struct store *s);
/* Into the lane for its kind. `report`: of something that has happened already, so it may wait beyond the bound, up to twice
 * it. RC_OK; RC_FULL: it is still the caller's. */
enum rc store_enqueue(struct store *s, struct request *r, bool report) RC_NODISCARD;
int64_t store_now_ms(const struct store *s); /* UTC */
struct store_decision;
bool store_decision_fits(const struct store_decision *what); /* its texts, within their bounds */

#endif
