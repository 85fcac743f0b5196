/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests, for people: what subscribers have asked for (requests.h), read beside a daemon, and marked as done. */
#ifndef STARHASH_STORAGE_QUERY_REQUESTS_H
#define STARHASH_STORAGE_QUERY_REQUESTS_H

#include "storage/audit_report.h"
#include "storage/query.h"

struct query_request {
	int64_t id, subscriber;
	int64_t msisdn; /* 0 = has none any more */
	const char *what, *channel;
	int64_t at_ms, last_ms, times; /* asked first, last, how often */
	int64_t swapped_ms;            /* SIM or number new since then; 0 = not that is known */
	int64_t done_ms;               /* 0 = open */
	const char *actor, *reason;    /* of who has closed it */
};
/* Valid during the callback only; false: stop. */
typedef bool query_request_fn(void *ctx, const struct query_request *r);

/* The open ones, oldest first; or all, newest first. RC_OK or RC_IO. */
enum rc query_requests(struct query *q, bool all, query_request_fn *fn, void *ctx) RC_NODISCARD;

/* Mark an open one as done by row->actor at row->at_ms because of row->reason, with an audit row of that; row->subject is found
 * here. RC_OK: durable; RC_NOTFOUND (no such request); RC_EXISTS (it is closed already); and as audit_note. `why` has a
 * sentence. */
enum rc query_request_done(const struct audit_store *s, int64_t id, const struct audit_row *row, char *why,
                           size_t why_size) RC_NODISCARD;

#endif
