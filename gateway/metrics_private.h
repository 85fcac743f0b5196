/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Metrics, from inside. Only gateway/metrics*.c, bounds.c and health.c include this.
 *
 *   metrics.c        the page, its cache, how late the loop was lately
 *   metrics_read.c   every module's counters into one struct metrics_now
 *   metrics_table.c  which number is which metric: data
 *   metrics_text.c   the text format of Prometheus, and the table as Markdown
 */
#ifndef STARHASH_GATEWAY_METRICS_PRIVATE_H
#define STARHASH_GATEWAY_METRICS_PRIVATE_H

#include "core/buf.h"
#include "core/histogram.h"
#include "gateway/app.h"
#include "gateway/bounds.h"
#include "gateway/charging.h"
#include "gateway/console.h"
#include "gateway/dialogue.h"
#include "gateway/flood.h"
#include "gateway/gateway.h"
#include "gateway/groups.h"
#include "gateway/http.h"
#include "gateway/http_client.h"
#include "gateway/link.h"
#include "gateway/metrics.h"
#include "gateway/notices.h"
#include "gateway/outbox.h"
#include "gateway/respond.h"
#include "gateway/seen.h"
#include "gateway/sendsms.h"
#include "gateway/traffic_sms.h"
#include "storage/store.h"

#define METRICS_LABELS_SIZE 192 /* of two names of 31 bytes, each byte escaped */
#define METRICS_LINKS_MAX (2 * CONFIG_MAX_LINKS)

struct metrics_link {
	char labels[METRICS_LABELS_SIZE];
	struct link_counters counters;
	struct histogram response_times;
	uint64_t is_bound, is_wanted, is_held, needs_help, window, rate, queue, not_understood, doubtful;
};

struct metrics_group { /* links that share dialogues */
	char labels[METRICS_LABELS_SIZE];
	uint64_t links;    /* that should be bound now */
	uint64_t is_ready; /* one of them sends, and one receives, as far as they are there for that */
};

struct metrics_now {
	const struct config *config;
	struct dialogues *of; /* the histograms of answers are read where they are */
	struct dialogue_counters dialogues;
	struct store_counters store;
	struct store_times store_times;
	struct notices_counters notices;
	struct traffic_sms_counters sms;
	struct respond_counters respond;
	struct app_counters app;
	struct http_client_counters http_client;
	struct http_counters http;
	struct sendsms_counters sendsms;
	struct console_counters console;
	struct outbox_counters outbox;
	struct charging_counters charging;
	struct charging_gate_counters gate;
	struct histogram lag;
	uint64_t pushing, store_is_failing, outbox_rows, outbox_age_ms, outbox_is_behind, is_draining,
		is_well, troubles, lag_max_ms, began_ms, resident, cpu_us;
	uint64_t circuit[3];               /* by enum charging_gate_state: 1 = it is that */
	uint64_t overload[DIALOGUE_SHEDS]; /* 1 = by it new dialogues of some group are turned away now */
	struct metrics_cost cost;          /* of the page before */
	size_t n_links, n_groups, n_bounds;
	struct metrics_link link[METRICS_LINKS_MAX];
	struct metrics_group group[CONFIG_MAX_LINKS];
	const char *group_name[CONFIG_MAX_LINKS];
	struct bound bound[BOUNDS_MAX];
	char bound_labels[BOUNDS_MAX][METRICS_LABELS_SIZE];
};

enum metrics_from {
	METRICS_GATEWAY, /* once */
	METRICS_LINK,    /* for each link; labels link and group */
	METRICS_GROUP,   /* for each group of links; label group */
	METRICS_BOUND,   /* for each row of bounds.c; labels bound and full */
	METRICS_ANSWER /* for each group and kind of screen on which somebody was answered; labels group and screen */
};

enum metrics_type { METRICS_COUNTER, METRICS_GAUGE, METRICS_HISTOGRAM };

/* A value. A row without a name goes on with the family of the row before. */
struct metrics_row {
	const char *name, *help;
	enum metrics_type type;
	enum metrics_from from;
	const char *label; /* "outcome=\"completed\"", NULL = none of its own */
	size_t at;         /* in struct metrics_now, metrics_link, bound, or histogram */
	unsigned size;     /* 4 or 8 */
	unsigned per;      /* 1000 = it is kept in thousandths; 0 = as it is */
	unsigned each;     /* so many of them in a row; 0 = one */
	const char *
		key; /* each: name of the label; its value is `word` of the place. NULL of `word` = not told */
	const char *(*word)(unsigned i);
	bool is_sparse; /* each: those that are 0 are left out, but for the first */
};

extern const struct metrics_row metrics_rows[];
extern const size_t metrics_rows_count;

/* The row that begins the next family. */
size_t metrics_family_end(size_t row);

void metrics_read(const struct gateway *g, struct metrics_now *now);
/* All of it as text; b->cut when it did not fit. */
void metrics_write(const struct metrics_now *now, struct buf *b);

#endif
