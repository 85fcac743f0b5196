/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queue, timers and routing of the simulated SMSC. All timeouts are equally long, so the list of timers is
 * in order of its own accord. */
#include "tools/smsc_centre.h"

#include <stdlib.h>
#include <string.h>

#include "tools/smsc_text.h"

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
	int64_t now_us;

	if (swallowed)
		p->copies++; /* unanswered, the ESME may rightly send it again */
	switch (verdict) {
	case SMSC_IS_SCREEN:
	case SMSC_IS_END:
		now_us = smsc_now_us();
		timer_stop(c, p);
		c->stats->steps++;
		smsc_hist_record(
			&c->stats->latency,
			now_us - (c->config.from_wanted || p->sent_us == 0 ? p->wanted_us : p->sent_us));
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

static void on_submit(void *ctx, const struct smsc_sm *sm, bool swallowed)
{
	struct smsc_centre *c = ctx;
	uint32_t who = subscriber_of(c, sm->dest.digits);
	bool ussd = sm->has_op || strcmp(sm->service_type, "USSD") == 0;

	if (who == UINT32_MAX) {
		if (strcmp(sm->dest.digits, SMSC_GARBAGE_NUMBER) != 0)
			smsc_stats_error(c->stats, SMSC_ERR_UNKNOWN_NUMBER, NULL);
		return;
	}
	if (!ussd) {
		char text[SMSC_TEXT_SIZE];

		c->stats->sms_in++;
		count_text_fault(c, smsc_text_read(sm, false, text));
		c->events.sms(c->events.ctx, c->config.first_msisdn + who, sm->source.digits, text);
		return;
	}
	if (c->phone_of[who] != SMSC_NO_PHONE)
		on_answer(c, &c->phone[c->phone_of[who]], sm, swallowed);
	else if (c->spare[who])
		c->stats->repeated++;
	else
		smsc_stats_error(c->stats, SMSC_ERR_NO_DIALOGUE, NULL);
}

static void on_acked(void *ctx, uint32_t index, uint32_t unit, uint32_t status)
{
	struct smsc_centre *c = ctx;
	struct smsc_phone *p;

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
	net->env.events = (struct smsc_conn_events){c, on_submit, on_acked, on_lost};
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
	enum rc rc = started(c, p, smsc_phone_sms(p, short_code, text), 0);

	c->stats->sms_out += rc == RC_OK;
	return rc;
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

/* --- turns --- */

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
		smsc_phone_sent(p);
		if (p->sent_us == 0)
			p->sent_us = smsc_now_us();
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
