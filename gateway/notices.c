/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices that are with a link, and answers: see notices.h. A notice is either in flight (handed to the port, token = its address)
 * or, if it is an answer, on one of the retry lists, one list for each pause, so that lists stay ordered. */
#include "gateway/notices.h"

#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/notices_private.h"
#include "gateway/route.h"
#include "gateway/status.h"

#define AGAIN_MS 1000        /* of what no SMSC has seen */
#define PAUSE_MOST_MS 600000 /* pauses double up to this */
#define ATTEMPTS_MOST 24     /* for whatever reasons by turns */

static const int64_t pauses_ms[NOTICES_TRIES] = {1000,  2000,  4000,  8000,  16000, 30000,
                                                 60000, 60000, 60000, 60000, 60000, 60000};

enum rc notices_new(const struct notices_options *options, struct notices **out)
{
	struct notices *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return RC_NOMEM;
	n->options = *options;
	for (int i = 0; i < NOTICES_TRIES; i++)
		due_list_init(&n->retry[i], pauses_ms[i]);
	*out = n;
	return RC_OK;
}

static struct notice **bucket_of(struct notices *n, int64_t msisdn)
{
	uint64_t spread = (uint64_t)msisdn * UINT64_C(0x9e3779b97f4a7c15);

	return &n->bucket[(spread >> 32) & (NOTICES_BUCKETS - 1)];
}

static void notice_unlink(struct notices *n, struct notice *x)
{
	due_remove(&x->due);
	if (x->prev != NULL)
		x->prev->next = x->next;
	else
		*bucket_of(n, x->route.msisdn) = x->next;
	if (x->next != NULL)
		x->next->prev = x->prev;
	n->counters.waiting--;
	free(x);
}

void notices_free(struct notices *n)
{
	if (n == NULL)
		return;
	for (size_t i = 0; i < NOTICES_BUCKETS; i++)
		while (n->bucket[i] != NULL)
			notice_unlink(n, n->bucket[i]);
	lanes_forget(n);
	free(n);
}

static void tell(struct notices *n, int64_t id, enum store_notice state, uint32_t code, const char *why)
{
	const struct store_notice_update u = {.id = id, .to = state, .code = code, .why = why};

	if (id != 0)
		lanes_report(n, &u);
}

static void conclude(struct notices *n, struct notice *x, enum store_notice state, uint32_t code,
                     const char *why)
{
	struct notices_lane *lane = x->lane;

	tell(n, x->id, state, code, why);
	notice_unlink(n, x);
	lanes_settled(lane);
}

/* --- not now ---------------------------------------------------------------------------------------------------- */

static void put_back(struct notices *n, struct notice *x, int64_t pause_ms, uint32_t code, const char *why)
{
	const struct store_notice_update u = {.id = x->id,
	                                      .to = STORE_NOTICE_PENDING,
	                                      .code = code,
	                                      .why = why,
	                                      .next_ms = clock_utc_ms(n->options.clock) + pause_ms};
	struct notices_lane *lane = x->lane;
	uint16_t group = x->route.group;

	notice_unlink(n, x);
	lanes_put_back(n, group, &u);
	lanes_settled(lane);
}

static void give_up(struct notices *n, struct notice *x, uint32_t code, const char *remedy)
{
	n->counters.given_up++;
	LOG_EVENT(LOG_LV_WARN, "notices", "given-up", "tries",
	          LOG_INT(x->id != 0 ? (int64_t)x->attempts : x->tries), "status", LOG_HEX(code), "remedy",
	          remedy != NULL ? remedy : "look at the link");
	conclude(n, x, STORE_NOTICE_REJECTED, code, "tries");
}

static void answer_later(struct notices *n, struct notice *x)
{
	if (x->tries >= NOTICES_TRIES) {
		give_up(n, x, 0, NULL);
		return;
	}
	n->counters.retries++;
	due_add(&n->retry[x->tries++], &x->due, clock_mono_ms(n->options.clock));
}

/* It has certainly not left, and no SMSC has seen it. */
static void unsent(struct notices *n, struct notice *x)
{
	if (x->id == 0)
		answer_later(n, x);
	else
		put_back(n, x, AGAIN_MS, 0, "no link");
}

/* The SMSC has refused it for now: each status has its budget (gateway/status.h). */
static void refused_for_now(struct notices *n, struct notice *x, uint32_t status)
{
	const struct status_rule *rule = status_rule_of(status);
	int64_t pause_ms = rule->sms_pause_ms > 0 ? rule->sms_pause_ms : AGAIN_MS;
	bool is_alike = x->code == 0 || x->code == status;

	if (x->id == 0) {
		answer_later(n, x);
		return;
	}
	if ((is_alike && x->attempts > rule->sms_tries) || x->attempts >= ATTEMPTS_MOST) {
		give_up(n, x, status, rule->remedy);
		return;
	}
	for (uint32_t i = 1; i < x->attempts && pause_ms < PAUSE_MOST_MS; i++)
		pause_ms *= 2;
	n->counters.retries++;
	put_back(n, x, pause_ms < PAUSE_MOST_MS ? pause_ms : PAUSE_MOST_MS, status, "refused for now");
}

/* --- leaving ---------------------------------------------------------------------------------------------------- */

static void try_now(struct notices *n, struct notice *x)
{
	const struct dialogue_port *port = n->options.port;
	enum rc rc = port->sms(port->ctx, x->route.link, x->route.group, &x->route.service,
	                       &x->route.subscriber, x->text, x->id, (uint64_t)(uintptr_t)x | NOTICES_TOKEN);

	if (rc == RC_RANGE) { /* cannot ever be sent as it is */
		n->counters.rejected++;
		conclude(n, x, STORE_NOTICE_REJECTED, 0, "text");
	} else if (rc != RC_OK) {
		unsent(n, x);
	}
}

static struct notice *notice_new(struct notices *n, const struct notices_route *route, const char *text,
                                 int64_t id)
{
	struct notice *x = NULL, **bucket = bucket_of(n, route->msisdn);
	size_t size = strlen(text) + 1;

	if (n->counters.waiting < NOTICES_MAX)
		x = calloc(1, sizeof(*x) + size);
	if (x == NULL)
		return NULL;
	x->route = *route;
	x->id = id;
	x->attempts = 1;
	memcpy(x->text, text, size);
	x->next = *bucket;
	if (x->next != NULL)
		x->next->prev = x;
	*bucket = x;
	n->counters.waiting++;
	return x;
}

bool notices_may_leave(const struct notices *n, uint16_t group)
{
	const struct dialogue_port *port = n->options.port;

	return n->counters.waiting < NOTICES_MAX &&
	       (port->room == NULL || port->room(port->ctx, group, true) > 0);
}

/* What was stored as leaving, and cannot be: the store has it again. */
static void leave_in_store(struct notices *n, uint16_t group, int64_t id)
{
	const struct store_notice_update u = {.id = id,
	                                      .to = STORE_NOTICE_PENDING,
	                                      .why = "no room",
	                                      .next_ms = clock_utc_ms(n->options.clock) + AGAIN_MS};

	lanes_put_back(n, group, &u);
}

enum rc notices_send(struct notices *n, const struct notices_route *route, const char *text, int64_t id)
{
	bool may_leave = id == 0 || notices_may_leave(n, route->group);
	struct notice *x = may_leave ? notice_new(n, route, text, id) : NULL;

	if (x != NULL) {
		try_now(n, x);
		return RC_OK;
	}
	if (id != 0) {
		leave_in_store(n, route->group, id);
		return RC_OK;
	}
	n->counters.refused++;
	return n->counters.waiting < NOTICES_MAX ? RC_NOMEM : RC_FULL;
}

void notices_take(struct notices *n, struct notices_lane *lane, const struct store_notice_row *row)
{
	struct notices_route route;
	struct notice *x;

	if (n->options.is_stopping != NULL && n->options.is_stopping(n->options.ctx, row->msisdn)) {
		notices_drop(n, row->id);
		return;
	}
	if (row->kind == STORE_NOTICE_PUSH) {
		if (n->options.push != NULL)
			n->options.push(n->options.ctx, row, lane->group);
		else
			tell(n, row->id, STORE_NOTICE_REJECTED, 0, "cannot");
		return;
	}
	route_read(n->options.config, row->route, lane->smsc, row->msisdn, &route);
	x = notice_new(n, &route, row->text, row->id);
	if (x == NULL) {
		leave_in_store(n, lane->group, row->id);
		return;
	}
	x->lane = lane;
	x->attempts = row->attempts;
	x->code = row->code;
	lane->under_way++;
	try_now(n, x);
}

/* --- what becomes of it ------------------------------------------------------------------------------------------- */

void notices_sent(struct notices *n, uint64_t token, enum dialogue_sent how, uint32_t status)
{
	struct notice *x = (struct notice *)(uintptr_t)(token & ~(uint64_t)NOTICES_TOKEN);

	if (x->is_recalled && how != DIALOGUE_DELIVERED && how != DIALOGUE_UNKNOWN) {
		n->counters.recalled++;
		conclude(n, x, STORE_NOTICE_REJECTED, 0, "stopped");
		return;
	}
	switch (how) {
	case DIALOGUE_DELIVERED:
		n->counters.sent++;
		conclude(n, x, STORE_NOTICE_SENT, 0, NULL);
		break;
	case DIALOGUE_RETRY:
		refused_for_now(n, x, status);
		break;
	case DIALOGUE_NOT_SENT:
		unsent(n, x);
		break;
	case DIALOGUE_REFUSED:
		n->counters.rejected++;
		LOG_EVENT(LOG_LV_INFO, "notices", "rejected", "status", LOG_HEX(status));
		conclude(n, x, STORE_NOTICE_REJECTED, status, "refused");
		break;
	case DIALOGUE_UNKNOWN:
		n->counters.unknown++;
		conclude(n, x, STORE_NOTICE_UNKNOWN, 0, "no answer");
		break;
	}
}

void notices_drop(struct notices *n, int64_t id)
{
	n->counters.recalled++;
	tell(n, id, STORE_NOTICE_REJECTED, 0, "stopped");
}

void notices_recalled(struct notices *n, uint32_t count)
{
	n->counters.recalled += count;
}

void notices_recall(struct notices *n, int64_t msisdn)
{
	const struct dialogue_port *port = n->options.port;
	struct notice *next;

	for (struct notice *x = *bucket_of(n, msisdn); x != NULL; x = next) {
		next = x->next; /* its fate alone may be told now, so that no other one is freed */
		if (x->route.msisdn != msisdn || x->id == 0)
			continue;
		x->is_recalled = true;
		if (port->recall != NULL)
			port->recall(port->ctx, (uint64_t)(uintptr_t)x | NOTICES_TOKEN);
	}
}

/* --- results that nobody waits for any more ----------------------------------------------------------------------- */

struct order {
	struct notices *all;
	struct notices_route route;
	char text[];
};

static void on_ordered(void *ctx, const struct store_result *r)
{
	struct order *o = ctx;
	struct notices *n = o->all;
	int64_t id = r->rc == RC_OK ? r->notice : 0;

	if (n->options.is_stopping != NULL && n->options.is_stopping(n->options.ctx, o->route.msisdn)) {
		if (id != 0)
			notices_drop(n, id);
	} else if (id != 0 && r->notice_waits) {
		notices_wake(n, o->route.group);
	} else if (id != 0 || r->rc != RC_OK) { /* RC_OK without one: they have said STOP */
		if (notices_send(n, &o->route, o->text, id) != RC_OK)
			LOG_EVENT(LOG_LV_WARN, "notices", "sms-not-queued", "remedy",
			          "see notices.refused in status");
	}
	free(o);
}

enum rc notices_order(struct notices *n, const struct notices_route *route, const char *text)
{
	struct store_batch *b = store_batch_new(route->msisdn, clock_utc_ms(n->options.clock));
	size_t size = strlen(text) + 1;
	struct order *o = b != NULL ? malloc(sizeof(*o) + size) : NULL;
	char way[STORE_ROUTE_SIZE];

	if (o == NULL || !route_write(n->options.config, route, way, sizeof(way)) ||
	    store_batch_route(b, way, notices_may_leave(n, route->group)) != RC_OK ||
	    store_batch_notice(b, text, false) != RC_OK) {
		free(o);
		store_batch_free(b);
		return notices_send(n, route, text, 0);
	}
	o->all = n;
	o->route = *route;
	memcpy(o->text, text, size);
	if (store_write(n->options.store, b, on_ordered, o) == RC_OK)
		return RC_OK;
	free(o);
	return notices_send(n, route, text, 0);
}

/* --- time --------------------------------------------------------------------------------------------------------- */

int64_t notices_tick(struct notices *n)
{
	int64_t now = clock_mono_ms(n->options.clock), next = lanes_tick(n);

	for (int i = 0; i < NOTICES_TRIES; i++) {
		struct due_entry *e;

		while ((e = due_pop(&n->retry[i], now)) != NULL)
			try_now(n, (struct notice *)e);
		if (due_next_ms(&n->retry[i]) < next)
			next = due_next_ms(&n->retry[i]);
	}
	return next;
}

void notices_close(struct notices *n)
{
	n->is_closing = true;
}

void notices_counters_read(const struct notices *n, struct notices_counters *out)
{
	*out = n->counters;
}
