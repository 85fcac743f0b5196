/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of notices share: notices.c has what is with a link, notices_store.c what waits in the store. */
#ifndef STARHASH_GATEWAY_NOTICES_PRIVATE_H
#define STARHASH_GATEWAY_NOTICES_PRIVATE_H

#include "gateway/due.h"
#include "gateway/notices.h"

#define NOTICES_BUCKETS 4096 /* power of two; a subscriber's notices are found without a look at all */

/* What waits in the store for one SMSC. */
struct notices_lane {
	char smsc[STORE_SMSC_SIZE];
	uint16_t group;
	bool is_claiming, was_woken;
	uint32_t under_way; /* claimed, and not settled */
	int64_t next_ms;    /* UTC: the first is due; INT64_MAX = none is known of */
	int64_t tidy_at_ms; /* monotonic */
	struct notices *all;
};

/* What became of one, until the store has it. */
struct notices_report {
	struct notices_report *next;
	struct store_notice_update update;
};

struct notice {
	struct due_entry due;       /* first: a due entry is its notice */
	struct notice *prev, *next; /* of its bucket */
	struct notices_route route;
	struct notices_lane *lane; /* it was claimed from; NULL = none */
	int64_t id;
	uint32_t attempts,
		code;  /* of one with an id: times that it was handed over, the last refusal before */
	uint8_t tries; /* of an answer */
	bool is_recalled;
	char text[];
};

struct notices {
	struct notices_options options;
	struct due_list retry[NOTICES_TRIES];
	struct notice *bucket[NOTICES_BUCKETS]; /* all of them, by subscriber */
	struct notices_lane lane[STORE_LANES];
	size_t n_lanes;
	bool is_looking, is_closing, store_takes;
	struct notices_report *late, *late_end; /* that the store could not take so far */
	size_t n_late;
	int64_t look_at_ms, tell_at_ms, report_at_ms; /* monotonic */
	uint64_t expired_told;
	struct notices_counters counters;
};

/* --- notices.c --- */
/* One that was claimed: to a link. Takes no memory longer than it is with that. */
void notices_take(struct notices *n, struct notices_lane *lane, const struct store_notice_row *row);

/* --- notices_store.c --- */
void lanes_report(struct notices *n, const struct store_notice_update *u);
void lanes_forget(struct notices *n);
void lanes_put_back(struct notices *n, uint16_t group, const struct store_notice_update *u);
void lanes_settled(struct notices_lane *lane); /* one that was claimed is; NULL is fine */
int64_t lanes_tick(struct notices *n);         /* monotonic time of the next one */

#endif
