/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outbox: grants on their way to the charging system, from the commit that promises them until it is known what became of
 * them (docs/charging.md, docs/adr/0016).
 *
 * For each order, over and over until it is settled: read the account (prepare), store that it is being sent, send it
 * (grant), store what came of it, and only then tell. What may have been done is asked about and never sent again; what
 * an earlier run has left behind is read from the store, page by page. One order of a subscriber at a time, in the order
 * in which they were promised. Bounded: OUTBOX_ROWS in memory, the rest waits in the store.
 *
 * A purchase that was not sent within buy_within_ms is refused: nobody wants it hours later. A gift that the system refuses
 * because of how it is set up is parked: it goes round slowly until the operator has mended that (docs/adr/0019).
 *
 * Invariant (promise 2): a call that changes something leaves only after its order is stored as sent, and only from pending.
 * Invariant (promise 1): nobody is told before the outcome is stored.
 */
#ifndef STARHASH_GATEWAY_OUTBOX_H
#define STARHASH_GATEWAY_OUTBOX_H

#include "core/clock.h"
#include "gateway/charging.h"
#include "storage/store.h"
#include "storage/store_charges.h"

struct outbox;

#define OUTBOX_ROWS 20000

/* The charging port, or a test. Orders of a system of another name are left alone. */
struct outbox_system {
	const char *name;
	enum rc (*start)(void *ctx, enum charging_op op, const struct charging_order *order,
	                 charging_done_fn *done, void *done_ctx);
	size_t (*room)(void *ctx);
	void *ctx;
};

struct outbox_told {
	enum store_grant
		grant; /* GRANTED, REJECTED; NONE = the waiter hears no more of it: another run, or the next look at
	                         * the store, tells the subscriber */
	bool was_late;        /* the store has chosen words for somebody who does not wait any more */
	enum refusal refusal; /* of REJECTED */
	bool is_quiet;        /* not a word: they have said STOP, or were erased */
	int64_t msisdn;       /* to whom it was promised */
	int64_t notice;       /* SMS to send now; 0 = none */
	const char *text;     /* of it */
	const char *route;    /* as it was ordered */
};

/* Who ordered. `waiter` is what outbox_take was given; NULL for what came out of the store. */
struct outbox_listener {
	void *ctx;
	/* It is settled. Exactly once for each order that was taken. */
	void (*told)(void *ctx, void *waiter, const struct outbox_told *told);
	/* It will not be settled while somebody looks at a phone. Told follows all the same. */
	void (*later)(void *ctx, void *waiter);
	/* Is somebody still looking? */
	bool (*waits)(void *ctx, const void *waiter);
	/* Has it a way of its own to show what came of it to somebody who does not look any more? Then the store chooses no
	 * words for that. NULL = never. */
	bool (*shows)(void *ctx, const void *waiter);
};

struct outbox_options {
	const struct clock *clock;
	struct store *store; /* borrowed */
	struct outbox_system system;
	int64_t settle_ms;     /* no query before */
	int64_t buy_within_ms; /* from the order to the sending of a purchase, at most; 0 = no bound */
	size_t active_max;     /* orders of the backlog under way at a time */
	size_t rows_max;       /* 0 = OUTBOX_ROWS */
};

enum rc outbox_new(const struct outbox_options *options, struct outbox **out) RC_NODISCARD;
/* The system must have answered everything, and the store all of its requests. Whoever still waits is told NONE. */
void outbox_free(struct outbox *o);
/* Say who listens, and begin with what the store holds. */
void outbox_attach(struct outbox *o, const struct outbox_listener *listener);
/* From now on nothing new leaves; what is under way is still stored. */
void outbox_close(struct outbox *o);

struct outbox_order {
	int64_t id; /* of the grant */
	int64_t subscriber, msisdn, ordered_ms;
	int64_t price;            /* of a purchase, hundredths; 0 = a gift */
	uint64_t reference;       /* as the store has it */
	const char *bundle, *key; /* copied */
};
/* An order that was stored just now. False: too much waits already; it is read from the store when its turn comes, and
 * `waiter` will hear nothing of it. `later` may be called before this returns. */
bool outbox_take(struct outbox *o, const struct outbox_order *order, void *waiter);

/* What is due. Returns the monotonic time at which to call again. */
int64_t outbox_tick(struct outbox *o);

struct outbox_counters {
	uint64_t taken, not_taken, read;        /* orders; not_taken wait in the store */
	uint64_t sent, queries, retries;        /* calls; orders that go round once more */
	uint64_t granted, rejected, reconciled; /* settled */
	uint64_t became_unknown, write_failures;
	uint64_t of_others;                /* open orders of a system that is not configured any more */
	uint64_t too_late;                 /* purchases that could not be sent in time */
	uint32_t parked;                   /* gifts that wait for the operator to mend something, now */
	uint32_t by_state[STORE_CHARGES_]; /* in memory now */
	uint32_t active;   /* with the system or the store, or behind an older order of their subscriber */
	int64_t oldest_ms; /* UTC of the oldest open order; 0 = none */
	bool is_behind;    /* more wait in the store */
};
void outbox_counters_read(const struct outbox *o, struct outbox_counters *out);

#endif
