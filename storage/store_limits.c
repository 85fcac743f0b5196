/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Store limits: requests of store_limits.h on their way to the writer. */
#include "storage/store_limits.h"

#include <stdlib.h>
#include <string.h>

#include "storage/held.h"
#include "storage/numbers.h"
#include "storage/store_private.h"

/* A request of this kind with `size` bytes of work; NULL: memory is out. */
static struct request *make(enum request_kind kind, void *ctx, void **work, size_t size)
{
	struct request *r = calloc(1, sizeof *r);

	*work = r ? calloc(1, size) : NULL;
	if (!*work) {
		free(r);
		return NULL;
	}
	r->kind = kind;
	r->ctx = ctx;
	return r;
}

enum rc store_held_decide(struct store *s, int64_t grant, bool approved, const char *actor,
                          const char *reason, store_held_fn *fn, void *ctx)
{
	size_t len = strlen(reason);
	struct held_work *w;
	struct request *r;
	void *work;
	enum rc rc;

	if (len >= sizeof w->reason || (actor && strlen(actor) >= sizeof w->actor))
		return RC_RANGE;
	r = make(REQUEST_HELD, ctx, &work, sizeof *w);
	if (!r)
		return RC_NOMEM;
	w = work;
	w->id = grant;
	w->at_ms = store_now_ms(s);
	w->approved = approved;
	memcpy(w->reason, reason, len + 1);
	if (actor)
		memcpy(w->actor, actor, strlen(actor) + 1);
	r->held.work = w;
	r->held.fn = fn;
	rc = store_enqueue(s, r, false);
	if (rc != RC_OK) {
		free(w);
		free(r);
	}
	return rc;
}

enum rc store_number_note(struct store *s, int64_t msisdn, enum store_number_event event, int64_t at_ms,
                          store_number_fn *fn, void *ctx)
{
	struct number_work *w;
	struct request *r;
	void *work;
	enum rc rc;

	r = make(REQUEST_NUMBER, ctx, &work, sizeof *w);
	if (!r)
		return RC_NOMEM;
	w = work;
	*w = (struct number_work){
		.msisdn = msisdn, .event = event, .at_ms = at_ms, .now_ms = store_now_ms(s)};
	r->number.work = w;
	r->number.fn = fn;
	rc = store_enqueue(s, r, false);
	if (rc != RC_OK) {
		free(w);
		free(r);
	}
	return rc;
}

void request_conclude_limits(struct request *r)
{
	if (r->kind == REQUEST_HELD) {
		r->held.fn(r->ctx, &r->held.work->result);
		free(r->held.work);
	} else {
		r->number.fn(r->ctx, &r->number.work->result);
		free(r->number.work);
	}
	free(r);
}
