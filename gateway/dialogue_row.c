/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The row of the outbox that a push leaves by (docs/adr/0020).
 *
 * It is stored before anything else is done, and marked before the first screen is handed to a link. So after a crash a push
 * that has certainly not left is sent by the next run, when it is not older than NOTICES_PUSH_MS, and one that may have
 * left is unknown. The row of a late result is an SMS, which the push stands in for: the next run sends that, and so does this one
 * when the push was certainly not shown. Invariant: whatever becomes of the push, its row is settled once, by row_settle or
 * row_by_sms; a push that ends before its row is known to be stored leaves that to on_kept.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/dialogue_private.h"
#include "gateway/route.h"

struct work {
	struct dialogue *dialogue;
	uint32_t serial;
};

static struct work *work_new(struct dialogue *d)
{
	struct work *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	*w = (struct work){.dialogue = d, .serial = d->serial};
	dialogue_hold(d);
	return w;
}

static void work_free(struct work *w)
{
	struct dialogue *d = w->dialogue;

	free(w);
	dialogue_release(d);
}

/* Is the push that asked still the one that the dialogue is about? */
static bool is_same(const struct work *w)
{
	const struct dialogue *d = w->dialogue;

	return d->serial == w->serial && d->opens && !d->push_told && dialogue_is_open(d);
}

static void move(const struct dialogues *ds, int64_t id, enum store_notice to, uint32_t code, const char *why)
{
	const struct store_notice_update u = {.id = id, .to = to, .code = code, .why = why};

	store_notice_move(ds->options.store, &u);
}

/* --- storing -------------------------------------------------------------------------------------------- */

static void on_kept(void *ctx, const struct store_result *r)
{
	struct work *w = ctx;
	struct dialogue *d = w->dialogue;
	bool same = is_same(w);

	d->writes--;
	if (!same && r->rc == RC_OK && r->notice != 0)
		move(d->all, r->notice, STORE_NOTICE_REJECTED, 0, "replaced");
	else if (same && r->rc != RC_OK && d->opened != DIALOGUE_BY_LATE)
		turn_fail(d);
	else if (same)
		d->push_row = r->notice; /* 0: they have said STOP, as the record will tell */
	if (d->find_wanted && d->writes == 0 && d->state == DIALOGUE_ST_LOADING)
		dialogue_load(d);
	work_free(w);
}

/* "WAIT_MS KIND CODE @GROUP": all that is needed to make the push anew. */
static bool write_way(const struct dialogues *ds, const struct dialogue_push *push, char *out, size_t size)
{
	int n = snprintf(out, size, "%lld %s %s @%s", (long long)push->wait_ms,
	                 push->text != NULL ? "words" : "menu", push->code != NULL ? push->code : "-",
	                 route_group_name(ds->options.config, push->group));

	return n > 0 && (size_t)n < size;
}

static bool keep(struct dialogue *d, enum store_notice_kind kind, const char *text, const char *way)
{
	struct store_batch *b = store_batch_new(d->key.msisdn, actions_utc_ms(d));
	struct work *w = b != NULL ? work_new(d) : NULL;

	if (w == NULL || store_batch_route(b, way, false) != RC_OK ||
	    store_batch_held(b, kind, text, NOTICES_PUSH_MS) != RC_OK) {
		store_batch_free(b);
	} else if (store_write(d->all->options.store, b, on_kept, w) == RC_OK) {
		d->writes++;
		return true;
	}
	if (w != NULL)
		work_free(w);
	return false;
}

bool row_keep(struct dialogue *d, const struct dialogue_push *push)
{
	char way[STORE_ROUTE_SIZE];

	return write_way(d->all, push, way, sizeof(way)) &&
	       keep(d, STORE_NOTICE_PUSH, push->text != NULL ? push->text : push->code, way);
}

void row_keep_sms(struct dialogue *d, const char *text)
{
	struct notices_route route;
	char way[STORE_ROUTE_SIZE];

	dialogue_route(d, &route);
	if (route_write(d->all->options.config, &route, way, sizeof(way)))
		(void)keep(d, STORE_NOTICE_SMS, text, way);
}

/* --- marking -------------------------------------------------------------------------------------------- */

static void on_marked(void *ctx, const struct store_claimed *c)
{
	struct work *w = ctx;
	struct dialogue *d = w->dialogue;

	if (is_same(w) && d->state == DIALOGUE_ST_STORING) {
		d->push_marked = c->n == 1;
		if (d->push_marked)
			turn_send(d);
		else if (c->rc == RC_OK && c->stopped > 0)
			push_unsent(d, RC_EXISTS, 0);
		else
			turn_fail(d);
	}
	work_free(w);
}

bool row_is_unmarked(const struct dialogue *d)
{
	return d->opens && d->push_row != 0 && !d->push_marked;
}

void row_mark(struct dialogue *d)
{
	const struct store_claim claim = {.id = d->push_row, .max = 1};
	struct work *w = work_new(d);

	dialogue_set_state(d, DIALOGUE_ST_STORING);
	if (w != NULL && store_notices_claim(d->all->options.store, &claim, on_marked, w) == RC_OK)
		return;
	if (w != NULL)
		work_free(w);
	turn_fail(d);
}

/* --- settling ------------------------------------------------------------------------------------------- */

static enum store_notice notice_of(const struct dialogue *d, enum dialogue_push_fate fate)
{
	switch (fate) {
	case DIALOGUE_PUSH_ANSWERED:
	case DIALOGUE_PUSH_DELIVERED:
	case DIALOGUE_PUSH_UNCONFIRMED:
	case DIALOGUE_PUSH_ABSENT:
	case DIALOGUE_PUSH_CANCELLED:
	case DIALOGUE_PUSH_NO_ANSWER:
		return STORE_NOTICE_SENT;
	case DIALOGUE_PUSH_UNKNOWN:
		return STORE_NOTICE_UNKNOWN;
	case DIALOGUE_PUSH_REPLACED:
	case DIALOGUE_PUSH_FAILED:
		if (d->push_left && (d->unsure || d->state == DIALOGUE_ST_SENDING))
			return STORE_NOTICE_UNKNOWN;
		return d->push_left ? STORE_NOTICE_SENT : STORE_NOTICE_REJECTED;
	default:
		return STORE_NOTICE_REJECTED;
	}
}

void row_settle(struct dialogue *d, enum dialogue_push_fate fate, uint32_t status)
{
	enum store_notice to = notice_of(d, fate);

	if (d->push_row == 0 || (to == STORE_NOTICE_REJECTED && d->late != NULL)) /* row_by_sms follows */
		return;
	move(d->all, d->push_row, to, status, dialogue_push_fate_name(fate));
	d->push_row = 0;
}

bool row_by_sms(struct dialogue *d, bool is_wanted)
{
	int64_t row = d->push_row;

	if (row == 0)
		return false;
	d->push_row = 0;
	if (is_wanted)
		notices_release(d->all->notices, (uint16_t)d->key.group, row);
	else
		move(d->all, row, STORE_NOTICE_REJECTED, 0, "stopped");
	return true;
}

/* --- the next run --------------------------------------------------------------------------------------- */

void row_claimed(void *ctx, const struct store_notice_row *row, uint16_t group)
{
	struct dialogues *ds = ctx;
	struct dialogue_push push = {.msisdn = row->msisdn, .group = group};
	enum dialogue_push_fate fate = DIALOGUE_PUSH_FAILED;
	char kind[8], code[STORE_ROUTE_SIZE]; /* 160 */
	long long wait_ms;

	if (group == ROUTE_ANY) {
		move(ds, row->id, STORE_NOTICE_REJECTED, 0, "no link"); /* its group is none any more */
		return;
	}
	if (sscanf(row->route, "%lld %7s %159s", &wait_ms, kind, code) == 3) {
		push.wait_ms = wait_ms;
		push.code = strcmp(code, "-") != 0 ? code : NULL;
		push.text = strcmp(kind, "words") == 0 ? row->text : NULL;
		fate = push_again(ds, &push, row->id);
	}
	if (fate != DIALOGUE_PUSH_UNDER_WAY)
		move(ds, row->id, STORE_NOTICE_REJECTED, 0, dialogue_push_fate_name(fate));
}
