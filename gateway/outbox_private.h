/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the outbox's files share: outbox.c moves one order along, outbox_table.c keeps them, outbox_bound.c knows what is refused
 * or parked and not sent. */
#ifndef STARHASH_GATEWAY_OUTBOX_PRIVATE_H
#define STARHASH_GATEWAY_OUTBOX_PRIVATE_H

#include <uthash.h>

#include "gateway/due.h"
#include "gateway/outbox.h"

enum outbox_step {
	OUTBOX_BEHIND,    /* an older order of this subscriber is not settled */
	OUTBOX_READY,     /* on a ready list */
	OUTBOX_RESTING,   /* on a rest list */
	OUTBOX_PREPARING, /* with the system; changes nothing */
	OUTBOX_MARKING,   /* with the store: it is to be sent */
	OUTBOX_GRANTING,  /* with the system */
	OUTBOX_QUERYING,  /* with the system; changes nothing */
	OUTBOX_RECORDING  /* with the store, or resting until the store takes it */
};

struct outbox_row {
	struct due_entry due; /* first: a due entry is its row */
	struct outbox *all;
	struct outbox_row *prev, *next; /* by id */
	struct outbox_row *younger;     /* the next order of this subscriber */
	UT_hash_handle hh;              /* by subscriber: the oldest of each */
	UT_hash_handle hh_id;
	struct store_charge_row r;
	void *waiter;
	enum outbox_step step;
	uint32_t tries;    /* since it last got anywhere */
	int64_t ask_at_ms; /* monotonic: no query before. A clock that is set must not make it look settled */
	struct store_charge_update update;
	bool counts;            /* among the active ones of the backlog */
	bool is_past;           /* its bound */
	bool is_parked;         /* for the operator to mend something */
	bool is_undecided;      /* for a person: the account does not tell */
	struct due_entry bound; /* of a purchase */
};

#define OUTBOX_RESTS 11

struct outbox {
	struct outbox_options options;
	struct outbox_listener listener;
	struct outbox_row *first, *last;
	struct outbox_row *by_subscriber, *by_id;
	size_t n, n_backlog;      /* rows; active ones for which nobody waits */
	struct due_list ready[2]; /* somebody waits; backlog */
	struct due_list rest[OUTBOX_RESTS];
	struct due_list bound; /* purchases */
	/* what the store holds and memory does not */
	int64_t cursor, approved_after;
	bool is_reading, is_caught_up, has_missed, is_polling, is_closing;
	size_t telling;
	int64_t read_at_ms, poll_at_ms; /* monotonic; not before */
	struct outbox_counters counters;
};

/* --- outbox_table.c --- */
struct outbox_row *outbox_row_add(struct outbox *o, const struct store_charge_row *r,
                                  void *waiter); /* NULL: no memory */
void outbox_row_remove(struct outbox_row *row);  /* freed; the next of its subscriber has its turn */
void outbox_row_state(struct outbox_row *row, enum store_charge to); /* the only writer of r.state */
void outbox_row_ready(struct outbox_row *row);
void outbox_row_rest(struct outbox_row *row, int64_t ms);
void outbox_row_take(struct outbox_row *row); /* off every list */
/* The first of its subscriber's, which rests and waits for somebody to do something: the others need not wait with it. */
void outbox_row_yield(struct outbox_row *row);
void outbox_table_init(struct outbox *o);
void outbox_table_free(struct outbox *o);

/* --- outbox_read.c --- */
void outbox_read_tick(struct outbox *o, int64_t now);

/* --- outbox_bound.c --- */
enum refusal outbox_refusal(const struct charging_answer *a); /* of a rejection */
bool outbox_is_too_late(const struct outbox_row *row);        /* a purchase that must not be sent any more */
void outbox_refuse_late(struct outbox_row *row);
void outbox_bound_tick(struct outbox *o, int64_t now);
void outbox_park(struct outbox_row *row, bool parked);
/* Is it for the operator to mend something before `op` can be carried out? Then it is dealt with. */
bool outbox_is_mended_first(struct outbox_row *row, const struct charging_answer *a, const char *op);

/* --- outbox.c --- */
void outbox_let_go(struct outbox_row *row); /* who looks at a phone gets "later" now */
int64_t outbox_pause(struct outbox_row *row, const struct charging_answer *a); /* until the next try */
/* What came of a call goes into the store, however long the store takes to take it. */
void outbox_record(struct outbox_row *row, enum store_charge to, const struct charging_answer *a,
                   const char *op, int64_t pause_ms);
void outbox_tell(struct outbox *o, void *waiter, const struct store_charge_result *r, bool was_late);
bool outbox_is_late(const struct outbox *o, const void *waiter);
/* Is it for the store to choose the words? */
bool outbox_is_untold(const struct outbox *o, const void *waiter);

#endif
