/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The port's side of store_notices.h: requests in, answers out. */
#include "storage/store_notices.h"

#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "storage/outgoing.h"
#include "storage/store_private.h"

/* Reports may wait beyond the bound: there is at most one for each that was claimed, and a lost one leaves the notice marked,
 * which the next start turns into unknown. */
enum rc store_notice_report(struct store *s, const struct store_notice_update *u, store_moved_fn *fn,
                            void *ctx)
{
	struct request *r = calloc(1, sizeof *r);
	enum rc rc = RC_NOMEM;

	if (r) {
		r->kind = REQUEST_NOTICE;
		r->ctx = ctx;
		r->notice.fn = fn;
		r->notice.update = *u;
		r->notice.at_ms = store_now_ms(s);
		rc = store_enqueue(s, r, true);
	}
	if (rc != RC_OK)
		free(r);
	return rc;
}

void store_notice_move(struct store *s, const struct store_notice_update *u)
{
	enum rc rc = store_notice_report(s, u, NULL, NULL);

	if (rc != RC_OK)
		LOG_EVENT(LOG_LV_WARN, "store", "notice_report_lost", "why", rc_name(rc));
}

void store_notice_done(struct store *s, int64_t notice, enum store_notice state)
{
	const struct store_notice_update u = {.id = notice, .to = state};

	store_notice_move(s, &u);
}

enum rc store_notices_claim(struct store *s, const struct store_claim *claim, store_claimed_fn *fn, void *ctx)
{
	struct request *r = calloc(1, sizeof *r);
	size_t len = claim->smsc ? strlen(claim->smsc) : 0;
	enum rc rc = RC_NOMEM;

	if (r)
		r->claim.page = calloc(1, sizeof *r->claim.page);
	if (r && r->claim.page) {
		r->kind = REQUEST_CLAIM;
		r->ctx = ctx;
		r->claim.fn = fn;
		r->claim.at_ms = store_now_ms(s);
		r->claim.page->claim = *claim;
		if (len > 0 && len < STORE_SMSC_SIZE)
			memcpy(r->claim.page->smsc, claim->smsc, len + 1);
		rc = store_enqueue(s, r, false);
	}
	if (rc != RC_OK && r) {
		free(r->claim.page);
		free(r);
	}
	return rc;
}

enum rc store_notices_look(struct store *s, store_waiting_fn *fn, void *ctx)
{
	struct request *r = calloc(1, sizeof *r);
	enum rc rc = RC_NOMEM;

	if (r)
		r->look.waiting = calloc(1, sizeof *r->look.waiting);
	if (r && r->look.waiting) {
		r->kind = REQUEST_LOOK;
		r->ctx = ctx;
		r->look.fn = fn;
		r->look.at_ms = store_now_ms(s);
		rc = store_enqueue(s, r, false);
	}
	if (rc != RC_OK && r) {
		free(r->look.waiting);
		free(r);
	}
	return rc;
}

void request_conclude_notices(struct request *r)
{
	if (r->kind == REQUEST_NOTICE) {
		if (r->notice.fn)
			r->notice.fn(r->ctx, r->notice.rc, &r->notice.update);
	} else if (r->kind == REQUEST_CLAIM) {
		r->claim.fn(r->ctx, &r->claim.page->result);
		free(r->claim.page);
	} else {
		r->look.fn(r->ctx, r->look.waiting);
		free(r->look.waiting);
	}
	free(r);
}
