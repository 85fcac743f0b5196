/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queue, timers and routing of the simulated SMSC. All timeouts are equally long, so the list of timers is
 * in order of its own accord. */
#include "tools/smsc_centre.h"

#include <stdlib.h>
#include <string.h>

#include "tools/smsc_receipt.h"
#include "tools/smsc_text.h"

#define PART 0x80000000u   /* bit in a request's phone: not a phone's */
#define PUSH_PAUSE_US 2000 /* until a phone that is busy says so */

/* --- lists --- */

static void queue_add(struct smsc_centre *c, struct smsc_phone *p)
{
	if (p->queued)
		return;
	p->queued = true;
	p->queue_next = NULL;
	if (c->queue_last != NULL)
		c->queue_last->queue_next = p;
	else
		c->queue_first = p;
	c->queue_last = p;
}

static struct smsc_phone *queue_take(struct smsc_centre *c)
{
	struct smsc_phone *p = c->queue_first;

	c->queue_first = p->queue_next;
	if (c->queue_first == NULL)
		c->queue_last = NULL;
	p->queued = false;
	return p;
}

static void timer_stop(struct smsc_centre *c, struct smsc_phone *p)
{
	if (!p->timed)
		return;
	p->timed = false;
	if (p->timer_prev != NULL)
		p->timer_prev->timer_next = p->timer_next;
	else
		c->timer_first = p->timer_next;
	if (p->timer_next != NULL)
		p->timer_next->timer_prev = p->timer_prev;
	else
		c->timer_last = p->timer_prev;
}

static void timer_start(struct smsc_centre *c, struct smsc_phone *p, int64_t now_us)
{
	timer_stop(c, p);
	p->timed = true;
	p->deadline_us = now_us + c->config.answer_timeout_us;
	p->timer_prev = c->timer_last;
	p->timer_next = NULL;
	if (c->timer_last != NULL)
		c->timer_last->timer_next = p;
	else
		c->timer_first = p;
	c->timer_last = p;
}

/* --- what arrives --- */

static uint32_t subscriber_of(const struct smsc_centre *c, const char *digits)
{
	long long msisdn;
	char *end;

	if (digits[0] == '+')
		digits++;
	msisdn = strtoll(digits, &end, 10);
	if (*end != '\0' || msisdn < c->config.first_msisdn ||
	    msisdn - c->config.first_msisdn >= (long long)c->config.subscribers)
		return UINT32_MAX;
	return (uint32_t)(msisdn - c->config.first_msisdn);
}

static void count_text_fault(struct smsc_centre *c, enum smsc_text_fault fault)
{
	if (fault == SMSC_TEXT_CODING)
		smsc_stats_error(c->stats, SMSC_ERR_CODING, NULL);
	else if (fault == SMSC_TEXT_TOO_LONG)
		smsc_stats_error(c->stats, SMSC_ERR_TOO_LONG, NULL);
}

static void on_answer(struct smsc_centre *c, struct smsc_phone *p, const struct smsc_sm *sm, bool swallowed)
{
	char text[SMSC_TEXT_SIZE];
	enum smsc_verdict verdict = smsc_phone_judge(p, sm);

	if (swallowed)
		p->copies++; /* unanswered, the ESME may rightly send it again */
	switch (verdict) {
	case SMSC_IS_SCREEN:
	case SMSC_IS_END:
		timer_stop(c, p);
		smsc_centre_answered(c, p);
		count_text_fault(c, smsc_text_read(sm, true, text));
		c->events.screen(c->events.ctx, p, text, verdict == SMSC_IS_END, false);
		return;
	case SMSC_IS_REPEAT:
		c->stats->repeated++;
		(void)smsc_text_read(sm, true, text);
		c->events.screen(c->events.ctx, p, text, p->turn == SMSC_TURN_NONE, true);
		return;
	case SMSC_IS_LATE:
		c->stats->repeated++;
		return;
	case SMSC_IS_WRONG_OP:
		smsc_stats_error(c->stats, SMSC_ERR_WRONG_OP, NULL);
		return;
	case SMSC_IS_SECOND:
		smsc_stats_error(c->stats, SMSC_ERR_SECOND_ANSWER, NULL);
		return;
	case SMSC_IS_OTHER_REPEAT:
		smsc_stats_error(c->stats, SMSC_ERR_OTHER_ANSWER, NULL);
		return;
	case SMSC_IS_STRAY:
		smsc_stats_error(c->stats, SMSC_ERR_NO_DIALOGUE, NULL);
		return;
	}
}

/* The network's own end of a push. */
static void abort_push(struct smsc_centre *c, uint32_t who, const struct smsc_sm *push)
{
	struct smsc_late late = {.due_us = smsc_now_us() + PUSH_PAUSE_US,
	                         .kind = SMSC_LATE_PUSHED,
	                         .subscriber = who,
	                         .message_id = push->has_session,
	                         .sequence = (uint32_t)push->session[0] << 8 | push->session[1]};

	memcpy(late.service, push->source.digits, sizeof late.service);
	(void)smsc_late_add(&c->net->env.fault->late, &late);
}

static void send_abort(struct smsc_centre *c, const struct smsc_late *late)
{
	struct smsc_sm sm = {.service_type = "USSD",
	                     .source = {.ton = 1, .npi = 1},
	                     .dest = {.ton = 0, .npi = 1},
	                     .has_op = true,
	                     .op = SMSC_OP_CANCELLED,
	                     .has_session = late->message_id != 0,
	                     .has_network_error = true,
	                     .network_error = {3, 0, 72}}; /* GSM; 3GPP TS 29.002: ussd-Busy */
	uint32_t conn;

	smsc_receipt_address(&sm.source, c->config.first_msisdn + late->subscriber);
	memcpy(sm.dest.digits, late->service, sizeof sm.dest.digits);
	sm.session[0] = (uint8_t)(late->sequence >> 8);
	sm.session[1] = (uint8_t)(late->sequence | 1);
	sm.text = (const uint8_t *)"";
	if (smsc_net_deliver(c->net, &sm, SMSC_NO_PHONE, 0, &conn) != RC_OK) {
		struct smsc_late again = *late;

		again.due_us = smsc_now_us() + 10 * PUSH_PAUSE_US;
		(void)smsc_late_add(&c->net->env.fault->late, &again);
	}
}

static uint32_t on_push(struct smsc_centre *c, uint32_t who, const struct smsc_sm *sm)
{
	struct smsc_phone *p = &c->phone[c->phone_of[who]];
	char text[SMSC_TEXT_SIZE];
	enum smsc_injected fate = smsc_fault_push(c->net->env.fault);

	c->stats->pushes++;
	if (fate == SMSC_INJ_ABSENT)
		return SMSC_SUBMIT_FAIL;
	if (fate == SMSC_INJ_BUSY || smsc_phone_pushed(p, sm, c->references++) != RC_OK) {
		c->stats->injected[SMSC_INJ_BUSY] += fate != SMSC_INJ_BUSY;
		abort_push(c, who, sm);
		return SMSC_OK;
	}
	c->stats->push_shown++;
	count_text_fault(c, smsc_text_read(sm, true, text));
	if (sm->op == SMSC_OP_NOTIFY)
		queue_add(c, p);
	if (c->events.pushed != NULL)
		c->events.pushed(c->events.ctx, p, text, sm->op == SMSC_OP_ASK);
	return SMSC_OK;
}

static void on_text(struct smsc_centre *c, uint32_t who, const struct smsc_sm *sm, uint32_t message_id)
{
	char text[SMSC_TEXT_SIZE];

	c->stats->sms_in++;
	count_text_fault(c, smsc_text_read(sm, false, text));
	if ((sm->registered_delivery & 3) != 0)
		smsc_receipt_plan(c->net->env.fault, who, sm->source.digits, message_id);
	c->events.sms(c->events.ctx, c->config.first_msisdn + who, sm->source.digits, text);
}

static uint32_t on_submit(void *ctx, const struct smsc_sm *sm, uint32_t message_id, bool swallowed)
{
	struct smsc_centre *c = ctx;
	uint32_t who = subscriber_of(c, sm->dest.digits);
	bool ussd = sm->has_op || strcmp(sm->service_type, "USSD") == 0;

	if (who == UINT32_MAX) {
		if (strcmp(sm->dest.digits, SMSC_GARBAGE_NUMBER) != 0)
			smsc_stats_error(c->stats, SMSC_ERR_UNKNOWN_NUMBER, NULL);
		return SMSC_OK;
	}
	if (!ussd)
		on_text(c, who, sm, message_id);
	else if (c->phone_of[who] == SMSC_NO_PHONE && !c->spare[who])
		smsc_stats_error(c->stats, SMSC_ERR_NO_DIALOGUE, NULL);
	else if (c->phone_of[who] == SMSC_NO_PHONE)
		c->stats->repeated++;
	else if (c->config.takes_pushes && smsc_phone_is_push(&c->phone[c->phone_of[who]], sm))
		return on_push(c, who, sm);
	else
		on_answer(c, &c->phone[c->phone_of[who]], sm, swallowed);
	return SMSC_OK;
}

static void on_late(void *ctx, const struct smsc_late *what)
{
	struct smsc_centre *c = ctx;
	uint32_t conn;
	struct smsc_receipt receipt;

	if (what->kind == SMSC_LATE_PUSHED) {
		send_abort(c, what);
		return;
	}
	smsc_receipt_make(&receipt, &c->net->env.fault->config, c->config.first_msisdn + what->subscriber,
	                  what);
	if (smsc_net_deliver(c->net, &receipt.sm, SMSC_NO_PHONE, 0, &conn) == RC_OK)
		c->stats->receipts++;
	else
		smsc_receipt_again(c->net->env.fault, what);
}

static void on_acked(void *ctx, uint32_t index, uint32_t unit, uint32_t status)
{
	struct smsc_centre *c = ctx;
	struct smsc_phone *p;

	if (index != SMSC_NO_PHONE && (index & PART) != 0 && c->events.part_acked != NULL)
		c->events.part_acked(c->events.ctx, index & ~PART, status);
	if (index >= c->config.phones)
		return;
	p = &c->phone[index];
	if (p->unit_id != unit || p->unit == SMSC_UNIT_NONE)
		return; /* an earlier unit's */
	if (status != SMSC_OK)
		p->refused = p->disturbed = true;
	if (p->acked)
		return;
	p->acked = true;
	if (p->turn != SMSC_TURN_NETWORK)
		timer_stop(c, p);
	c->events.acked(c->events.ctx, p);
}

static void on_lost(void *ctx, uint32_t conn)
{
	struct smsc_centre *c = ctx;

	for (uint32_t i = 0; i < c->config.phones; i++) {
		struct smsc_phone *p = &c->phone[i];

		if (p->unit == SMSC_UNIT_NONE)
			continue;
		smsc_phone_disturb(p);
		if (p->conn != conn || p->queued || !smsc_phone_unsettled(p))
			continue;
		timer_stop(c, p);
		c->stats->redelivered++;
		queue_add(c, p);
	}
	/* Those who are done, too, may be answered again. */
	memset(c->spare, true, c->config.subscribers);
	if (c->events.lost != NULL)
		c->events.lost(c->events.ctx, conn);
}

/* --- phones --- */

enum rc smsc_centre_init(struct smsc_centre *c, const struct smsc_centre_config *config, struct smsc_net *net,
                         struct smsc_stats *stats, const struct smsc_centre_events *events)
{
	memset(c, 0, sizeof *c);
	c->config = *config;
	c->net = net;
	c->stats = stats;
	c->events = *events;
	c->phone = calloc(config->phones, sizeof *c->phone);
	c->phone_of = malloc(config->subscribers * sizeof *c->phone_of);
	c->spare = calloc(config->subscribers, sizeof *c->spare);
	if (c->phone == NULL || c->phone_of == NULL || c->spare == NULL) {
		smsc_centre_fini(c);
		return RC_NOMEM;
	}
	for (uint32_t i = 0; i < config->subscribers; i++)
		c->phone_of[i] = SMSC_NO_PHONE;
	net->env.events = (struct smsc_conn_events){c, on_submit, on_acked, on_lost, on_late};
	return RC_OK;
}

void smsc_centre_fini(struct smsc_centre *c)
{
	free(c->phone);
	free(c->phone_of);
	free(c->spare);
	c->phone = NULL;
	c->phone_of = NULL;
	c->spare = NULL;
}

struct smsc_phone *smsc_centre_attach(struct smsc_centre *c, uint32_t index, uint32_t subscriber)
{
	struct smsc_phone *p = &c->phone[index];
	struct smsc_phone before = *p;

	smsc_phone_init(p, index, c->config.first_msisdn + subscriber,
	                (uint8_t)smsc_fault_random(c->net->env.fault));
	p->unit_id = before.unit_id + 1; /* acknowledgements for its former owner's units do not count */
	p->queued = before.queued;       /* it keeps a place in the queue that it was in */
	p->queue_next = before.queue_next;
	c->phone_of[subscriber] = index;
	return p;
}

void smsc_centre_detach(struct smsc_centre *c, struct smsc_phone *p)
{
	uint32_t who = (uint32_t)(p->msisdn - c->config.first_msisdn);

	timer_stop(c, p);
	c->phone_of[who] = SMSC_NO_PHONE;
	c->spare[who] |= smsc_phone_has_spare(p);
	smsc_phone_lose(p);
}

static enum rc started(struct smsc_centre *c, struct smsc_phone *p, enum rc rc, int64_t wanted_us)
{
	if (rc != RC_OK)
		return rc;
	timer_stop(c, p);
	p->wanted_us = wanted_us != 0 ? wanted_us : smsc_now_us();
	p->sent_us = 0;
	queue_add(c, p);
	return RC_OK;
}

enum rc smsc_centre_dial(struct smsc_centre *c, struct smsc_phone *p, const char *code, int64_t wanted_us)
{
	return started(c, p, smsc_phone_dial(p, code, c->references++), wanted_us);
}

enum rc smsc_centre_type(struct smsc_centre *c, struct smsc_phone *p, const char *text)
{
	return started(c, p, smsc_phone_type(p, text), 0);
}

enum rc smsc_centre_cancel(struct smsc_centre *c, struct smsc_phone *p)
{
	return started(c, p, smsc_phone_cancel(p), 0);
}

enum rc smsc_centre_sms(struct smsc_centre *c, struct smsc_phone *p, const char *short_code, const char *text)
{
	return smsc_centre_sms_at(c, p, short_code, text, 0);
}

enum rc smsc_centre_sms_at(struct smsc_centre *c, struct smsc_phone *p, const char *short_code,
                           const char *text, int64_t wanted_us)
{
	enum rc rc = started(c, p, smsc_phone_sms(p, short_code, text), wanted_us);

	c->stats->sms_out += rc == RC_OK;
	return rc;
}

void smsc_centre_answered(struct smsc_centre *c, const struct smsc_phone *p)
{
	bool from_wanted = c->config.from_wanted || p->sent_us == 0;

	c->stats->steps++;
	smsc_hist_record(&c->stats->latency, smsc_now_us() - (from_wanted ? p->wanted_us : p->sent_us));
}

void smsc_centre_lose(struct smsc_centre *c, struct smsc_phone *p)
{
	timer_stop(c, p);
	smsc_phone_lose(p);
}

enum rc smsc_centre_again(struct smsc_centre *c, struct smsc_phone *p)
{
	if (p->unit == SMSC_UNIT_NONE)
		return RC_STATE;
	p->acked = false;
	queue_add(c, p);
	return RC_OK;
}

enum rc smsc_centre_deliver(struct smsc_centre *c, const struct smsc_sm *sm, uint32_t number, uint32_t *conn)
{
	return smsc_net_deliver(c->net, sm, number | PART, 0, conn);
}

/* --- turns --- */

/* The same once more, at once: two deliver_sm of one input cross each other on their way through the ESME. */
static void send_copy(struct smsc_centre *c, struct smsc_phone *p, const struct smsc_sm *sm)
{
	uint32_t conn;

	if (!smsc_fault_redelivers(c->net->env.fault) ||
	    smsc_net_deliver(c->net, sm, p->index, p->unit_id, &conn) != RC_OK)
		return;
	c->stats->injected[SMSC_INJ_REDELIVER]++;
	smsc_phone_sent(p);
}

static void send_queued(struct smsc_centre *c)
{
	while (c->queue_first != NULL) {
		struct smsc_phone *p = c->queue_first;
		struct smsc_sm sm;

		if (p->unit == SMSC_UNIT_NONE) { /* lost while it waited */
			(void)queue_take(c);
			continue;
		}
		smsc_phone_message(p, &sm);
		if (smsc_net_deliver(c->net, &sm, p->index, p->unit_id, &p->conn) != RC_OK)
			return;
		(void)queue_take(c);
		c->stats->turns += p->sent_us == 0 && p->turn == SMSC_TURN_NETWORK;
		smsc_phone_sent(p);
		if (p->sent_us == 0)
			p->sent_us = smsc_now_us();
		send_copy(c, p, &sm);
		if (smsc_phone_unsettled(p))
			timer_start(c, p, smsc_now_us());
	}
}

static void time_out(struct smsc_centre *c, int64_t now_us)
{
	while (c->timer_first != NULL && c->timer_first->deadline_us <= now_us) {
		struct smsc_phone *p = c->timer_first;

		timer_stop(c, p);
		c->stats->unanswered++;
		if (p->refused && p->turn == SMSC_TURN_NETWORK) {
			p->refused = p->acked = false; /* as an SMSC does with what was refused for now */
			queue_add(c, p);
			continue;
		}
		smsc_phone_lose(p);
		c->events.silent(c->events.ctx, p);
	}
}

void smsc_centre_turn(struct smsc_centre *c, int64_t now_us)
{
	time_out(c, now_us);
	send_queued(c);
}

int64_t smsc_centre_wait_us(const struct smsc_centre *c, int64_t now_us)
{
	int64_t wait;

	if (c->timer_first == NULL)
		return -1;
	wait = c->timer_first->deadline_us - now_us;
	return wait < 0 ? 0 : wait;
}
