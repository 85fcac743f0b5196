/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PDUs of one connection. Requests of the ESME are always answered; its responses are matched with what
 * was sent on this very connection. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif

#include "tools/smsc_conn.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ENQUIRE_PATIENCE_US 10000000 /* for enquire_link_resp */
#define SMSC_SYSTEM_NAME "starhash-smsc"

enum rc smsc_conn_open(struct smsc_conn *c, struct smsc_conn_env *env, int fd, uint32_t serial,
                       int64_t now_us)
{
	uint8_t *in = malloc(SMSC_CONN_IN_SIZE);
	uint8_t *out = malloc(SMSC_CONN_OUT_SIZE);

	if (in == NULL || out == NULL) {
		free(in);
		free(out);
		return RC_NOMEM;
	}
	*c = (struct smsc_conn){.env = env,
	                        .fd = fd,
	                        .serial = serial,
	                        .heard_us = now_us,
	                        .in = in,
	                        .out = {.at = out, .cap = SMSC_CONN_OUT_SIZE}};
	return RC_OK;
}

static bool receives(const struct smsc_conn *c)
{
	return c->bound == SMSC_BOUND_TRX || c->bound == SMSC_BOUND_RX;
}

static bool transmits(const struct smsc_conn *c)
{
	return c->bound == SMSC_BOUND_TRX || c->bound == SMSC_BOUND_TX;
}

void smsc_conn_close(struct smsc_conn *c)
{
	struct smsc_conn_env *env = c->env;

	if (c->reset) {
		struct linger at_once = {.l_onoff = 1, .l_linger = 0};

		(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	} else if (c->bound != SMSC_UNBOUND && !c->unbound && !c->unbinding && c->mute_us == 0) {
		env->stats->lost++;
	}
	env->stats->gone += c->bound != SMSC_UNBOUND;
	env->receivers -= receives(c);
	env->transmitters -= transmits(c);
	close(c->fd);
	c->fd = -1;
	free(c->in);
	free(c->out.at);
	smsc_window_forget(&env->requests, c->serial);
	if (c->bound != SMSC_UNBOUND)
		env->events.lost(env->events.ctx, c->serial);
}

void smsc_conn_mute(struct smsc_conn *c, int64_t now_us)
{
	if (c->mute_us != 0)
		return;
	c->mute_us = now_us;
	smsc_window_forget(&c->env->requests, c->serial); /* nobody will answer them */
}

/* One more PDU on this connection; perhaps its last. */
static void passed(struct smsc_conn *c)
{
	switch (smsc_fault_strikes(c->env->fault)) {
	case SMSC_BLOW_DROP:
		c->reset = true;
		break;
	case SMSC_BLOW_HALF_OPEN:
		smsc_conn_mute(c, smsc_now_us());
		break;
	case SMSC_BLOW_RESTART:
		c->reset = c->env->restart = true;
		break;
	case SMSC_BLOW_NONE:
		break;
	}
}

static void sent(struct smsc_conn *c)
{
	c->env->stats->pdus_out++;
	passed(c);
}

static void answer(struct smsc_conn *c, uint32_t id, uint32_t status, uint32_t sequence)
{
	smsc_put_simple(&c->out, id, status, sequence);
	sent(c);
}

static uint32_t bind_verdict(struct smsc_conn *c, const uint8_t *pdu, size_t len)
{
	const struct smsc_conn_env *env = c->env;
	struct smsc_bind bind;
	const char *why;
	uint32_t status = smsc_bind_decode(pdu, len, &bind, &why);

	if (status != SMSC_OK) {
		smsc_stats_error(env->stats, SMSC_ERR_MALFORMED, why);
		return status;
	}
	if (env->system_id != NULL && strcmp(env->system_id, bind.system_id) != 0)
		return SMSC_INV_SYSTEM_ID;
	if (env->password != NULL && strcmp(env->password, bind.password) != 0)
		return SMSC_INV_PASSWORD;
	return SMSC_OK;
}

/* What the ESME is told; *mute when nothing at all. */
static uint32_t bind_status(struct smsc_conn *c, const struct smsc_header *h, const uint8_t *pdu, bool *mute)
{
	const struct smsc_conn_env *env = c->env;
	uint32_t others = h->id == SMSC_BIND_RECEIVER          ? env->receivers
	                  : h->id == SMSC_BIND_TRANSMITTER     ? env->transmitters
	                  : env->receivers > env->transmitters ? env->receivers
	                                                       : env->transmitters;

	switch (smsc_fault_bind(env->fault, others)) {
	case SMSC_BIND_MUTE:
		*mute = true;
		return SMSC_OK;
	case SMSC_BIND_REFUSED:
		return env->fault->config.refuse_bind;
	case SMSC_BIND_SECOND:
		return SMSC_ALREADY_BOUND;
	case SMSC_BIND_TRIED:
		break;
	}
	return bind_verdict(c, pdu, h->length);
}

static void on_bind(struct smsc_conn *c, const struct smsc_header *h, const uint8_t *pdu)
{
	struct smsc_stats *stats = c->env->stats;
	bool mute = false;
	uint32_t status;

	if (c->bound != SMSC_UNBOUND) {
		smsc_stats_error(stats, SMSC_ERR_COMMAND, "bind on a bound connection");
		answer(c, h->id | SMSC_RESPONSE, SMSC_ALREADY_BOUND, h->sequence);
		return;
	}
	stats->bind_attempts++;
	status = bind_status(c, h, pdu, &mute);
	if (mute) {
		smsc_conn_mute(c, smsc_now_us());
		return;
	}
	smsc_put_bind_resp(&c->out, h->id, status, h->sequence, SMSC_SYSTEM_NAME);
	sent(c);
	if (status != SMSC_OK) {
		stats->refused_binds++;
		return;
	}
	stats->binds++;
	stats->reconnects += stats->reconnects < stats->gone;
	c->bound = h->id == SMSC_BIND_TRANSCEIVER ? SMSC_BOUND_TRX
	           : h->id == SMSC_BIND_RECEIVER  ? SMSC_BOUND_RX
	                                          : SMSC_BOUND_TX;
	c->env->receivers += receives(c);
	c->env->transmitters += transmits(c);
}

void smsc_conn_send_resp(struct smsc_conn *c, const struct smsc_late *resp)
{
	if (c->mute_us != 0 || c->reset)
		return;
	if (resp->kind == SMSC_LATE_NACK)
		smsc_put_simple(&c->out, SMSC_GENERIC_NACK, resp->status, resp->sequence);
	else
		smsc_put_submit_resp(&c->out, resp->status, resp->sequence, resp->message_id);
	sent(c);
}

/* Now, later, and sometimes both. */
static void respond(struct smsc_conn *c, struct smsc_late *resp, int64_t now_us)
{
	struct smsc_fault *f = c->env->fault;
	bool again = smsc_fault_repeats_resp(f);
	int64_t delay_us = smsc_fault_resp_delay_us(f);

	resp->due_us = now_us + delay_us;
	if (delay_us == 0 || !smsc_late_add(&f->late, resp))
		smsc_conn_send_resp(c, resp);
	resp->due_us += 1000;
	if (again)
		(void)smsc_late_add(&f->late, resp);
}

/* An answer to one of our hostile PDUs mirrors its addresses: not the ESME's fault. */
static bool provoked(const struct smsc_conn *c, const uint8_t *pdu, size_t len)
{
	return c->hostile && memmem(pdu, len, SMSC_GARBAGE_NUMBER, sizeof SMSC_GARBAGE_NUMBER) != NULL;
}

/* A submit_sm that was understood. Returns false when it is never answered. */
static bool apply_submit(struct smsc_conn *c, const struct smsc_sm *sm, struct smsc_late *resp)
{
	struct smsc_conn_env *env = c->env;
	enum smsc_fate fate = smsc_fault_fate(env->fault);

	switch (fate) {
	case SMSC_FATE_THROTTLED:
		resp->status = SMSC_THROTTLED;
		return true;
	case SMSC_FATE_VENDOR: /* 0x400 to 0x4ff */
		resp->status = 0x400 + (uint32_t)(smsc_fault_random(env->fault) >> 32) % 256;
		return true;
	case SMSC_FATE_NACKED:
		resp->kind = SMSC_LATE_NACK;
		resp->status = SMSC_SYSTEM_ERROR;
		return true;
	default:
		resp->message_id = ++env->message_ids;
		resp->status = env->events.submit(env->events.ctx, sm, resp->message_id,
		                                  fate == SMSC_FATE_SWALLOWED);
		return fate != SMSC_FATE_SWALLOWED;
	}
}

static void on_submit(struct smsc_conn *c, const struct smsc_header *h, const uint8_t *pdu, int64_t now_us)
{
	struct smsc_late resp = {.kind = SMSC_LATE_RESP, .conn = c->serial, .sequence = h->sequence};
	const char *why = NULL;
	struct smsc_sm sm;

	if (!transmits(c)) {
		smsc_stats_error(c->env->stats, SMSC_ERR_COMMAND,
		                 "submit_sm on a connection that is not bound to transmit");
		resp.status = SMSC_INV_BIND_STATUS;
	} else if ((resp.status = smsc_submit_decode(pdu, h->length, &sm, &why)) != SMSC_OK) {
		if (!provoked(c, pdu, h->length))
			smsc_stats_error(c->env->stats, SMSC_ERR_MALFORMED, why);
	} else if (!apply_submit(c, &sm, &resp)) {
		return;
	}
	respond(c, &resp, now_us);
}

static void on_request(struct smsc_conn *c, const struct smsc_header *h, const uint8_t *pdu, int64_t now_us)
{
	if (h->status != 0 || h->sequence == 0 || h->sequence > 0x7fffffff)
		smsc_stats_error(c->env->stats, SMSC_ERR_MALFORMED,
		                 "request with a status, or sequence out of range");
	switch (h->id) {
	case SMSC_BIND_RECEIVER:
	case SMSC_BIND_TRANSMITTER:
	case SMSC_BIND_TRANSCEIVER:
		on_bind(c, h, pdu);
		return;
	case SMSC_SUBMIT_SM:
		on_submit(c, h, pdu, now_us);
		return;
	case SMSC_ENQUIRE_LINK:
	case SMSC_UNBIND:
		if (h->length != SMSC_HEADER_SIZE)
			smsc_stats_error(c->env->stats, SMSC_ERR_MALFORMED, "a body where there is none");
		if (h->id == SMSC_UNBIND)
			c->unbound = c->closing = true;
		if (h->id == SMSC_UNBIND || !smsc_fault_mutes_enquire(c->env->fault))
			answer(c, h->id | SMSC_RESPONSE, SMSC_OK, h->sequence);
		return;
	default:
		smsc_stats_error(c->env->stats, SMSC_ERR_COMMAND, "a command that this SMSC does not know");
		answer(c, SMSC_GENERIC_NACK, SMSC_INV_CMD_ID, h->sequence);
		return;
	}
}

static void on_deliver_resp(struct smsc_conn *c, const struct smsc_header *h, const uint8_t *pdu,
                            const struct smsc_request *r)
{
	struct smsc_conn_env *env = c->env;

	c->outstanding--;
	if (h->id == SMSC_GENERIC_NACK)
		smsc_stats_error(env->stats, SMSC_ERR_NACK, "for a good deliver_sm");
	else if (!smsc_deliver_resp_valid(pdu, h->length, h->status))
		smsc_stats_error(env->stats, SMSC_ERR_RESP_BODY, NULL);
	if (h->id != SMSC_GENERIC_NACK && h->status != SMSC_OK)
		smsc_stats_error(env->stats, SMSC_ERR_RESP_STATUS, NULL);
	env->events.acked(env->events.ctx, r->phone, r->unit, h->status);
}

static void on_response(struct smsc_conn *c, const struct smsc_header *h, const uint8_t *pdu)
{
	struct smsc_stats *stats = c->env->stats;
	struct smsc_request *r = smsc_window_find(&c->env->requests, c->serial, h->sequence);

	if (r == NULL) {
		if (h->id != SMSC_GENERIC_NACK || !c->hostile)
			smsc_stats_error(stats, SMSC_ERR_RESP_SEQUENCE, NULL);
		return;
	}
	if (r->command == SMSC_ANY_COMMAND) {
		stats->garbage_answered += r->state == SMSC_REQ_WAITING;
		r->state = SMSC_REQ_ANSWERED;
		return;
	}
	if (r->state == SMSC_REQ_ANSWERED) {
		smsc_stats_error(stats, SMSC_ERR_RESP_DOUBLE, NULL);
		return;
	}
	if (h->id != (r->command | SMSC_RESPONSE) && h->id != SMSC_GENERIC_NACK) {
		smsc_stats_error(stats, SMSC_ERR_RESP_SEQUENCE, "response of another kind than its request");
		return;
	}
	r->state = SMSC_REQ_ANSWERED;
	if (r->command == SMSC_DELIVER_SM)
		on_deliver_resp(c, h, pdu, r);
	else if (r->command == SMSC_ENQUIRE_LINK)
		c->enquired_us = 0;
	else if (r->command == SMSC_UNBIND)
		c->unbound = c->closing = true;
}

void smsc_conn_input(struct smsc_conn *c, int64_t now_us)
{
	size_t at = 0;

	if (c->mute_us != 0)
		return;
	c->heard_us = now_us;
	while (!c->reset && !c->closing && c->mute_us == 0 && c->in_len - at >= SMSC_HEADER_SIZE) {
		struct smsc_header h = smsc_header_read(c->in + at);

		if (h.length < SMSC_HEADER_SIZE || h.length > SMSC_PDU_MAX) {
			smsc_stats_error(c->env->stats, SMSC_ERR_FRAMING, "command_length out of range");
			answer(c, SMSC_GENERIC_NACK, SMSC_INV_CMD_LEN, 0);
			c->closing = true;
			break;
		}
		if (c->in_len - at < h.length)
			break;
		c->env->stats->pdus_in++;
		passed(c);
		if (c->mute_us != 0)
			break; /* the connection died under this PDU */
		if ((h.id & SMSC_RESPONSE) != 0)
			on_response(c, &h, c->in + at);
		else
			on_request(c, &h, c->in + at, now_us);
		at += h.length;
	}
	memmove(c->in, c->in + at, c->in_len - at);
	c->in_len -= at;
}

bool smsc_conn_can_deliver(const struct smsc_conn *c)
{
	return c->fd >= 0 && receives(c) && !c->unbinding && !c->closing && !c->reset && c->mute_us == 0 &&
	       c->outstanding < c->env->window && c->out.len - c->out.start < SMSC_CONN_OUT_HIGH;
}

static void send_garbage(struct smsc_conn *c)
{
	uint32_t sequence =
		smsc_window_open(&c->env->requests, c->serial, SMSC_ANY_COMMAND, SMSC_NO_PHONE, 0);

	if (sequence == 0)
		return;
	c->hostile = true;
	smsc_fault_put_garbage(c->env->fault, &c->out, sequence);
	sent(c);
}

enum rc smsc_conn_deliver(struct smsc_conn *c, const struct smsc_sm *sm, uint32_t phone, uint32_t unit)
{
	uint32_t sequence;

	if (!smsc_conn_can_deliver(c))
		return RC_BUSY;
	if (smsc_fault_wants_garbage(c->env->fault))
		send_garbage(c);
	sequence = smsc_window_open(&c->env->requests, c->serial, SMSC_DELIVER_SM, phone, unit);
	if (sequence == 0)
		return RC_BUSY;
	c->outstanding++;
	smsc_put_deliver(&c->out, sequence, sm);
	sent(c);
	return RC_OK;
}

static void request(struct smsc_conn *c, uint32_t command)
{
	uint32_t sequence = smsc_window_open(&c->env->requests, c->serial, command, SMSC_NO_PHONE, 0);

	if (sequence == 0)
		return;
	smsc_put_simple(&c->out, command, 0, sequence);
	sent(c);
}

void smsc_conn_unbind(struct smsc_conn *c)
{
	if (c->bound == SMSC_UNBOUND || c->mute_us != 0)
		c->closing = true;
	else if (!c->unbinding)
		request(c, SMSC_UNBIND);
	c->unbinding = true;
}

void smsc_conn_timer(struct smsc_conn *c, int64_t now_us)
{
	if (c->mute_us != 0) {
		if (now_us - c->mute_us > SMSC_CONN_DEAD_MOST_US) {
			smsc_stats_error(c->env->stats, SMSC_ERR_DEAD_KEPT, NULL);
			c->reset = true;
		}
		return;
	}
	if (c->bound == SMSC_UNBOUND || c->unbinding || c->env->enquire_us == 0)
		return;
	if (c->enquired_us != 0 && now_us - c->enquired_us > ENQUIRE_PATIENCE_US) {
		smsc_stats_error(c->env->stats, SMSC_ERR_ENQUIRE, NULL);
		c->reset = true;
	} else if (c->enquired_us == 0 && now_us - c->heard_us > c->env->enquire_us) {
		c->enquired_us = now_us;
		request(c, SMSC_ENQUIRE_LINK);
	}
}
