/* SPDX-License-Identifier: GPL-3.0-or-later */
/* submit_sm of a link: from the queue through rate and window to an outcome.
 *
 * Invariant (promise 3): what link_submit took is in exactly one place, the queue or the window, and leaves it with
 * exactly one `submitted` call. Order is kept: nothing overtakes what is queued, also not after throttling.
 * Why an outcome is what it is: docs/adr/0005-link-accounting.md.
 */
#include "gateway/link_private.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "core/log.h"
#include "gateway/dialect_table.h"
#include "gateway/status.h"

#define SUBMIT_SIZE (PDU_BODY_MAX + 1024) /* mandatory fields, a payload, and the TLVs of a dialect */
#define SEQUENCE_OFFSET 12                /* SMPP 3.4, 3.2 */
#define MESSAGE_ID_SIZE 66                /* SMPP 3.4, 4.4.2: 65 octets */
#define TOKEN 1000                        /* one PDU, in the thousandths of link.tokens */
#define BURST_PART 10                     /* the bucket holds a tenth of a second */

struct link_queued {
	struct link_queued *next, **at; /* at: what points to it */
	UT_hash_handle hh;              /* by token, for link_cancel */
	uint64_t token;
	bool is_ussd;
	size_t len;
	uint8_t bytes[];
};

bool link_can_submit(const struct link *l)
{
	return l->state == LINK_ST_BOUND && l->config.bind != LINK_RECEIVER && !l->close_why && !l->draining;
}

static void refill(struct link *l)
{
	int64_t now = link_now(l), full = (int64_t)l->config.rate * TOKEN / BURST_PART;

	if (full < TOKEN)
		full = TOKEN;
	/* After an hour the bucket is full anyway; the product must not overflow. */
	if (now - l->tokens_at_ms > 3600 * 1000)
		l->tokens = full;
	else
		l->tokens += (now - l->tokens_at_ms) * l->config.rate;
	if (l->tokens > full)
		l->tokens = full;
	l->tokens_at_ms = now;
}

/* Rate and throttling let one leave now? */
static bool may_send(struct link *l)
{
	if (link_now(l) < l->paused_until_ms || link_window_is_full(l->window))
		return false;
	if (l->config.rate <= 0)
		return true;
	refill(l);
	return l->tokens >= TOKEN;
}

static void put_sequence(uint8_t *bytes, uint32_t sequence)
{
	for (int i = 0; i < 4; i++)
		bytes[SEQUENCE_OFFSET + i] = (uint8_t)(sequence >> (24 - 8 * i));
}

/* False: the connection is being given up; nothing was written. */
static bool send_now(struct link *l, uint8_t *bytes, size_t len, uint64_t token, bool is_ussd)
{
	struct link_slot slot = {
		.sequence = link_next_sequence(l),
		.is_ussd = is_ussd,
		.token = token,
		.start = l->written,
		.deadline_ms = link_now(l) + l->config.response_ms,
	};

	put_sequence(bytes, slot.sequence);
	if (!link_write(l, bytes, len))
		return false;
	link_window_add(l->window, &slot);
	l->counters.submit_out++;
	if (l->config.rate > 0)
		l->tokens -= TOKEN;
	return true;
}

static void unqueue(struct link *l, struct link_queued *q)
{
	*q->at = q->next;
	if (q->next)
		q->next->at = q->at;
	else
		l->end = q->at;
	// NOLINTNEXTLINE(clang-analyzer-core.NullDereference): uthash keeps hh.tbl while it holds one
	HASH_DEL(l->by_token, q);
	l->n_queued--;
	free(q);
}

void link_pump(struct link *l)
{
	while (l->first && l->state == LINK_ST_BOUND && !l->close_why && may_send(l)) {
		struct link_queued *q = l->first;

		if (!send_now(l, q->bytes, q->len, q->token, q->is_ussd))
			return;
		unqueue(l, q);
	}
}

int64_t link_pump_due(struct link *l)
{
	int64_t now = link_now(l), wait = 0;

	if (!l->first || l->state != LINK_ST_BOUND || l->close_why || link_window_is_full(l->window))
		return LINK_NEVER;
	if (l->config.rate > 0) {
		refill(l);
		if (l->tokens < TOKEN)
			wait = (TOKEN - l->tokens + l->config.rate - 1) / l->config.rate;
	}
	return now + wait > l->paused_until_ms ? now + wait : l->paused_until_ms;
}

static enum rc enqueue(struct link *l, const uint8_t *bytes, size_t len, uint64_t token, bool is_ussd)
{
	struct link_queued *q = NULL;

	if (l->n_queued < (uint32_t)l->config.queue_max)
		q = malloc(sizeof(*q) + len);
	if (!q) {
		l->counters.submit_refused++;
		return RC_FULL;
	}
	*q = (struct link_queued){.at = l->end, .token = token, .is_ussd = is_ussd, .len = len};
	HASH_ADD(hh, l->by_token, token, sizeof(q->token), q);
	if (!q->hh.tbl) { /* out of memory */
		free(q);
		l->counters.submit_refused++;
		return RC_FULL;
	}
	memcpy(q->bytes, bytes, len);
	*l->end = q;
	l->end = &q->next;
	l->n_queued++;
	return RC_OK;
}

static bool is_ussd_answer(const struct link *l, const struct pdu_submit *s)
{
	uint16_t op_tag = l->config.dialect ? l->config.dialect->op_tag : PDU_TAG_USSD_SERVICE_OP;

	for (size_t i = 0; i < s->n_tlvs; i++) {
		if (s->tlv[i].tag == op_tag)
			return true;
	}
	return strcasecmp(s->service_type, "USSD") == 0;
}

enum rc link_submit(struct link *l, const struct pdu_submit *submit, uint64_t token)
{
	uint8_t bytes[SUBMIT_SIZE];
	bool is_ussd = is_ussd_answer(l, submit);
	enum rc rc;
	size_t len;

	if (!link_can_submit(l))
		return RC_CLOSED;
	/* Packed now, so that the caller hears of a field that does not fit; the sequence comes when it leaves. */
	if (pdu_submit_pack(l->writer, submit, 1, bytes, sizeof(bytes), &len) != RC_OK)
		return RC_RANGE;
	if (!l->first && may_send(l))
		rc = send_now(l, bytes, len, token, is_ussd) ? RC_OK : RC_CLOSED;
	else
		rc = enqueue(l, bytes, len, token, is_ussd);
	link_schedule(l);
	return rc;
}

static void report(struct link *l, uint64_t token, enum link_outcome outcome, uint32_t status,
                   const char *message_id)
{
	switch (outcome) {
	case LINK_ACCEPTED:
		l->counters.submit_accepted++;
		break;
	case LINK_THROTTLED:
		l->counters.submit_throttled++;
		break;
	case LINK_REJECTED:
		l->counters.submit_rejected++;
		break;
	case LINK_NOT_SENT:
		l->counters.submit_not_sent++;
		break;
	case LINK_UNKNOWN:
		l->counters.submit_unknown++;
		break;
	}
	if (l->handlers.submitted)
		l->handlers.submitted(l->handlers.ctx, l, token, outcome, status, message_id);
}

void link_throttle(struct link *l, int rate)
{
	l->config.rate = rate;
	l->tokens = 0;
	l->tokens_at_ms = link_now(l);
	link_schedule(l);
}

bool link_cancel(struct link *l, uint64_t token)
{
	struct link_queued *q;

	HASH_FIND(hh, l->by_token, &token, sizeof(token), q);
	if (!q)
		return false;
	unqueue(l, q);
	l->counters.submit_cancelled++;
	link_schedule(l);
	report(l, token, LINK_NOT_SENT, PDU_RUNKNOWNERR, "");
	return true;
}

/* Refusals that come while the link pauses already are of the same burst: one burst, one step. */
static void pause_submits(struct link *l, bool is_ussd)
{
	int64_t now = link_now(l);

	if (++l->refusals < LINK_PAUSE_AFTER || now < l->paused_until_ms)
		return;
	if (is_ussd) {
		l->paused_until_ms = now + LINK_PAUSE_USSD_MS;
		return;
	}
	l->paused_until_ms = now + l->pause_ms;
	l->pause_ms = l->pause_ms * 2 < LINK_PAUSE_MAX_MS ? l->pause_ms * 2 : LINK_PAUSE_MAX_MS;
}

static enum link_outcome outcome_of(enum status_action action)
{
	switch (action) {
	case STATUS_DONE:
		return LINK_ACCEPTED;
	case STATUS_RETRY:
	case STATUS_PAUSE:
	case STATUS_REBIND:
		return LINK_THROTTLED;
	case STATUS_FINAL:
	case STATUS_GONE:
		break;
	}
	return LINK_REJECTED;
}

/* What a status means to the link as a whole. */
static void act_on(struct link *l, enum status_action action, bool is_ussd)
{
	if (action == STATUS_DONE) {
		link_allowed(l);
		l->was_useful = true;
		l->refusals = 0;
		l->pause_ms = LINK_PAUSE_MIN_MS;
	} else if (action == STATUS_PAUSE) {
		pause_submits(l, is_ussd);
	} else if (action == STATUS_REBIND && !l->close_why) {
		link_forbidden(l);
	}
}

bool link_conclude(struct link *l, uint32_t sequence, uint32_t status, const char *message_id)
{
	const struct status_rule *rule = status_rule_of(status);
	enum status_action action;
	struct link_slot slot;
	bool late = false;

	if (!link_window_take(l->window, sequence, &slot, &late)) {
		if (late)
			l->counters.late_responses++;
		return late;
	}
	action = slot.is_ussd ? rule->ussd : rule->sms;
	l->counters.submit_status[status_row(status)]++;
	histogram_add(&l->response_times, (link_now(l) - slot.deadline_ms + l->config.response_ms) * 1000);
	act_on(l, action, slot.is_ussd);
	report(l, slot.token, outcome_of(action), status, message_id);
	return true;
}

void link_answered(struct link *l, const struct pdu_header *h, const uint8_t *bytes)
{
	char message_id[MESSAGE_ID_SIZE] = "";

	pdu_response_text(bytes, h->length, message_id, sizeof(message_id));
	if (!link_conclude(l, h->sequence, h->status, message_id))
		l->counters.unknown_sequence++;
}

void link_expire(struct link *l)
{
	const struct link_slot *oldest;
	struct link_slot slot;
	int64_t now = link_now(l);

	while ((oldest = link_window_oldest(l->window)) && oldest->deadline_ms <= now) {
		if (link_window_give_up(l->window, &slot))
			report(l, slot.token, LINK_UNKNOWN, PDU_RUNKNOWNERR, "");
	}
}

/* Handlers cannot add to the window or the queue here: the state is already one that refuses them. */
void link_conclude_all(struct link *l, uint64_t flushed)
{
	struct link_slot slot;
	struct link_queued *q;

	while (link_window_give_up(l->window, &slot))
		report(l, slot.token, slot.start < flushed ? LINK_UNKNOWN : LINK_NOT_SENT, PDU_RUNKNOWNERR,
		       "");
	while ((q = l->first)) {
		uint64_t token = q->token;

		unqueue(l, q);
		report(l, token, LINK_NOT_SENT, PDU_RUNKNOWNERR, "");
	}
	link_window_forget(l->window);
}
