/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What retention keeps and lets go, for the command line: blocking reads beside a running daemon or without one.
 *
 * What would go is counted a slice at a time, each a snapshot of its own: a report over a large store never holds back the
 * WAL. It is counted as the pass looks for it (retention_kinds.h, retention_values.h).
 */
#ifndef STARHASH_STORAGE_QUERY_RETENTION_H
#define STARHASH_STORAGE_QUERY_RETENTION_H

#include "storage/query.h"

struct query_retention_pass { /* the last, or the one that is under way */
	int64_t began_ms;     /* 0 = there was none */
	int64_t ended_ms;     /* 0 = it is under way, or was broken off */
	int64_t slices, looked, busy_us, longest_us;
	int64_t audited_ms; /* when the audit was told of what went; 0 = never */
};

struct query_retention_row {
	const char *what; /* "interactions", "value name"; valid during the callback only */
	const char *rows; /* what that is */
	bool is_field;
	bool is_required; /* field: whoever loses it is registered no more */
	int64_t kept_ms;  /* 0 = for ever */
	int64_t lasts_ms; /* field: it goes with its consent after this; 0 = a consent stands until it is withdrawn */
	int64_t due;                /* rows that would go now; -1 = not counted */
	int64_t over;               /* of them, because the consent has lasted long enough */
	int64_t due_past;           /* field: in the history, beside those */
	int64_t last, total, at_ms; /* what went in that pass, ever, and when some did last */
};

typedef bool query_retention_fn(void *ctx, const struct query_retention_row *row); /* false: stop */

/* `counts`: also what would go now; reads the store through. The row "unregistered" says how many were, or would be,
 * registered no more. RC_OK; RC_IO; RC_NOMEM. */
enum rc query_retention(struct query *q, const struct store_retention *policy, int64_t now_ms, bool counts,
                        struct query_retention_pass *pass, query_retention_fn *fn, void *ctx) RC_NODISCARD;

#endif
