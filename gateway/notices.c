/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices: see notices.h. A notice is either in flight (handed to the port, token = its address) or on one of the
 * retry lists, one list for each pause, so that lists stay ordered. */
#include "gateway/notices.h"

#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/due.h"

static const int64_t pauses_ms[NOTICES_TRIES] = {1000,  2000,  4000,  8000,  16000, 30000,
                                                 60000, 60000, 60000, 60000, 60000, 60000};

#define BUCKETS 4096 /* power of two; a subscriber's notices are found without a look at all */

struct notice {
	struct due_entry due;       /* first: a due entry is its notice */
	struct notice *prev, *next; /* of its bucket */
	struct notices_route route;
	int64_t id;
	uint8_t tries;
	bool is_recalled;
	char text[];
};

struct notices {
	struct notices_options options;
	struct due_list retry[NOTICES_TRIES];
	struct notice *bucket[BUCKETS]; /* all of them, by subscriber */
	struct notices_counters counters;
};

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

	return &n->bucket[(spread >> 32) & (BUCKETS - 1)];
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
	for (size_t i = 0; i < BUCKETS; i++)
		while (n->bucket[i] != NULL)
			notice_unlink(n, n->bucket[i]);
	free(n);
}

static void conclude(struct notices *n, struct notice *x, enum store_notice state)
{
	if (x->id != 0)
		store_notice_done(n->options.store, x->id, state);
	notice_unlink(n, x);
}

static void try_later(struct notices *n, struct notice *x)
{
	if (x->tries >= NOTICES_TRIES) {
		n->counters.given_up++;
		LOG_EVENT(LOG_LV_WARN, "notices", "given-up", "tries", LOG_INT(x->tries));
		conclude(n, x, STORE_NOTICE_REJECTED);
		return;
	}
	n->counters.retries++;
	due_add(&n->retry[x->tries++], &x->due, clock_mono_ms(n->options.clock));
}

static void try_now(struct notices *n, struct notice *x)
{
	const struct dialogue_port *port = n->options.port;
	enum rc rc = port->sms(port->ctx, x->route.link, x->route.group, &x->route.service,
	                       &x->route.subscriber, x->text, x->id, (uint64_t)(uintptr_t)x | NOTICES_TOKEN);

	if (rc == RC_RANGE) { /* cannot ever be sent as it is */
		n->counters.rejected++;
		conclude(n, x, STORE_NOTICE_REJECTED);
	} else if (rc != RC_OK) {
		try_later(n, x);
	}
}

enum rc notices_send(struct notices *n, const struct notices_route *route, const char *text, int64_t id)
{
	struct notice *x = NULL, **bucket = bucket_of(n, route->msisdn);
	size_t size = strlen(text) + 1;

	if (n->counters.waiting < NOTICES_MAX)
		x = calloc(1, sizeof(*x) + size);
	if (x == NULL) {
		n->counters.refused++;
		if (id != 0)
			store_notice_done(n->options.store, id, STORE_NOTICE_REJECTED);
		return n->counters.waiting < NOTICES_MAX ? RC_NOMEM : RC_FULL;
	}
	x->route = *route;
	x->id = id;
	memcpy(x->text, text, size);
	x->next = *bucket;
	if (x->next != NULL)
		x->next->prev = x;
	*bucket = x;
	n->counters.waiting++;
	try_now(n, x);
	return RC_OK;
}

void notices_sent(struct notices *n, uint64_t token, enum dialogue_sent how, uint32_t status)
{
	struct notice *x = (struct notice *)(uintptr_t)(token & ~(uint64_t)NOTICES_TOKEN);

	if (x->is_recalled && how != DIALOGUE_DELIVERED && how != DIALOGUE_UNKNOWN) {
		n->counters.recalled++;
		conclude(n, x, STORE_NOTICE_REJECTED);
		return;
	}
	switch (how) {
	case DIALOGUE_DELIVERED:
		n->counters.sent++;
		conclude(n, x, STORE_NOTICE_SENT);
		break;
	case DIALOGUE_RETRY:
	case DIALOGUE_NOT_SENT:
		try_later(n, x);
		break;
	case DIALOGUE_REFUSED:
		n->counters.rejected++;
		LOG_EVENT(LOG_LV_INFO, "notices", "rejected", "status", LOG_HEX(status));
		conclude(n, x, STORE_NOTICE_REJECTED);
		break;
	case DIALOGUE_UNKNOWN:
		n->counters.unknown++;
		conclude(n, x, STORE_NOTICE_UNKNOWN);
		break;
	}
}

void notices_drop(struct notices *n, int64_t id)
{
	n->counters.recalled++;
	store_notice_done(n->options.store, id, STORE_NOTICE_REJECTED);
}

static void recall(struct notices *n, struct notice *x)
{
	const struct dialogue_port *port = n->options.port;

	x->is_recalled = true;
	if (x->due.list != NULL) { /* it waits for a retry */
		n->counters.recalled++;
		conclude(n, x, STORE_NOTICE_REJECTED);
	} else if (port->recall != NULL) {
		port->recall(port->ctx, (uint64_t)(uintptr_t)x | NOTICES_TOKEN);
	}
}

void notices_recall(struct notices *n, int64_t msisdn)
{
	struct notice *next;

	for (struct notice *x = *bucket_of(n, msisdn); x != NULL; x = next) {
		next = x->next; /* its fate alone may be told now, so that no other one is freed */
		if (x->route.msisdn == msisdn && x->id != 0)
			recall(n, x);
	}
}

int64_t notices_tick(struct notices *n)
{
	int64_t now = clock_mono_ms(n->options.clock), next = INT64_MAX;

	for (int i = 0; i < NOTICES_TRIES; i++) {
		struct due_entry *e;

		while ((e = due_pop(&n->retry[i], now)) != NULL)
			try_now(n, (struct notice *)e);
		if (due_next_ms(&n->retry[i]) < next)
			next = due_next_ms(&n->retry[i]);
	}
	return next;
}

void notices_counters_read(const struct notices *n, struct notices_counters *out)
{
	*out = n->counters;
}
