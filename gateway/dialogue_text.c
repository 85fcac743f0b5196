/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text that somebody else wants sent: see dialogue_text.h.
 *
 * The notice is the row that shows it (starhash show). Unlike a result that was promised to somebody at a phone, what can not be
 * stored is not sent: whoever asked is told so, and asks again.
 */
#include "gateway/dialogue_text.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/dialogue_private.h"
#include "gateway/route.h"

#define WAITING_MAX 100000 /* SMS that wait for an SMSC: one more is not promised any more */

struct text {
	struct dialogues *all;
	struct notices_route route;
	dialogue_text_fn *fn;
	void *ctx;
	char words[];
};

static void on_stored(void *ctx, const struct store_result *r)
{
	struct text *t = ctx;
	struct notices *n = t->all->notices;
	enum rc rc = r->rc;

	if (rc == RC_OK && r->notice == 0) {
		rc = RC_STATE;
	} else if (rc == RC_OK && push_is_stopping(t->all, t->route.msisdn)) {
		notices_drop(n, r->notice);
		rc = RC_STATE;
	} else if (rc == RC_OK && r->notice_waits) {
		notices_wake(n, t->route.group);
	} else if (rc == RC_OK && notices_send(n, &t->route, t->words, r->notice) != RC_OK) {
		notices_wake(n, t->route.group); /* it is stored, and found there */
	}
	t->fn(t->ctx, rc);
	free(t);
}

static struct store_batch *batch_of(const struct dialogues *ds, const struct text *t)
{
	struct store_batch *b = store_batch_new(t->route.msisdn, clock_utc_ms(ds->options.clock));
	char way[STORE_ROUTE_SIZE];

	if (b == NULL)
		return NULL;
	if (!route_write(ds->options.config, &t->route, way, sizeof(way)) ||
	    store_batch_route(b, way, notices_may_leave(ds->notices, t->route.group)) != RC_OK ||
	    store_batch_notice(b, t->words, false) != RC_OK) {
		store_batch_free(b);
		return NULL;
	}
	return b;
}

enum rc dialogue_text(struct dialogues *ds, const struct notices_route *route, const char *text,
                      dialogue_text_fn *fn, void *ctx)
{
	size_t size = strlen(text) + 1;
	struct notices_counters waiting;
	struct store_batch *b;
	struct text *t;

	if (ds->draining)
		return RC_CLOSED;
	if (size - 1 > STORE_TEXT_MAX)
		return RC_RANGE;
	notices_counters_read(ds->notices, &waiting);
	if (waiting.stored + (int64_t)waiting.waiting >= WAITING_MAX)
		return RC_FULL;
	t = malloc(sizeof(*t) + size);
	if (t == NULL)
		return RC_NOMEM;
	*t = (struct text){.all = ds, .route = *route, .fn = fn, .ctx = ctx};
	memcpy(t->words, text, size);
	b = batch_of(ds, t);
	if (b == NULL || store_write(ds->options.store, b, on_stored, t) != RC_OK) {
		free(t);
		return b == NULL ? RC_NOMEM : RC_FULL;
	}
	return RC_OK;
}
