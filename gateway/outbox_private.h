/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the outbox's files share: outbox.c moves one order along, outbox_table.c keeps them. */
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
	uint32_t tries; /* since it last got anywhere */
	struct store_charge_update update;
	bool counts; /* among the active ones of the backlog */
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
	/* what the store holds and memory does not */
	int64_t cursor;
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
void outbox_table_init(struct outbox *o);
void outbox_table_free(struct outbox *o);

/* --- outbox_read.c --- */
void outbox_read_tick(struct outbox *o, int64_t now);

/* --- outbox.c --- */
void outbox_tell(struct outbox *o, void *waiter, const struct store_charge_result *r, bool was_late);
bool outbox_is_late(const struct outbox *o, const void *waiter);
/* Is it for the store to choose the words? */
bool outbox_is_untold(const struct outbox *o, const void *waiter);

#endif
