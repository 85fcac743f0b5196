/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each PDU means to a link.
 *
 * Invariant (promise 3): every request of the peer gets exactly one response: from here, or from link_respond for
 * a message that was handed on. Responses and generic_nack are never answered, so two peers cannot nack
 * each other without end.
 */
#include "gateway/link_private.h"

#include <stdio.h>

#include "core/log.h"
#include "gateway/status.h"

/* One line a connection: a peer that sends rubbish must not fill the disk. */
static void log_odd(struct link *l, const char *what, const struct pdu_header *h, uint32_t status)
{
	LOG_EVENT(l->told_odd ? LOG_LV_DEBUG : LOG_LV_WARN, "link", what, "name", l->config.name, "pdu",
	          pdu_name(h->id), "command_id", LOG_HEX(h->id), "sequence", LOG_INT(h->sequence), "answered",
	          pdu_status_name(status));
	l->told_odd = true;
}

static void nack(struct link *l, uint32_t status, uint32_t sequence)
{
	if (link_write_simple(l, PDU_GENERIC_NACK, status, sequence))
		l->counters.nack_out++;
}

static void respond(struct link *l, const struct pdu_header *h, uint32_t status)
{
	if (link_write_simple(l, h->id | PDU_RESPONSE, status, h->sequence)) {
		l->counters.responses_out++;
		l->counters.respond_status[status_row(status)]++;
	}
}

void link_dispatch_lost(struct link *l)
{
	const struct pdu_header none = {0};

	l->counters.framing_lost++;
	log_odd(l, "framing_lost", &none, PDU_RINVCMDLEN);
	/* The sequence is 0: nothing of that header can be trusted (SMPP 3.4, 4.3.1). */
	nack(l, PDU_RINVCMDLEN, 0);
	link_close_soon(l, "framing lost", true);
}

/* What an operator should look at; NULL when waiting is all that helps. */
static const char *bind_advice(const struct link *l, const struct pdu_header *h)
{
	if (h->id == PDU_GENERIC_NACK)
		return h->status == PDU_RINVCMDID && l->config.bind == LINK_TRANSCEIVER
		               ? "bind: this SMSC knows no transceiver, use \"pair\""
		               : NULL;
	switch (h->status) {
	case PDU_RALYBND:
		return "system_id is bound already: another program or an old session uses it, or the SMSC allows no "
		       "second session";
	case PDU_RINVPASWD:
		return "password";
	case PDU_RINVSYSID:
		return "system_id";
	case PDU_RBINDFAIL:
		return "system_id, password, system_type, interface_version, and whether the SMSC allows our address "
		       "and this kind of bind";
	default:
		return NULL;
	}
}

static void bind_refused(struct link *l, const struct pdu_header *h)
{
	const char *advice = bind_advice(l, h);
	char words[LINK_WORDS_SIZE];

	LOG_EVENT(advice ? LOG_LV_ERROR : LOG_LV_WARN, "link", "bind_refused", "name", l->config.name, "pdu",
	          pdu_name(h->id), "status", pdu_status_name(h->status), "code", LOG_HEX(h->status), "check",
	          advice ? advice : "nothing: it is tried again");
	if (advice) {
		snprintf(words, sizeof(words), "bind refused with %s; check: %s", pdu_status_name(h->status),
		         advice);
		link_alarm(l, words);
	}
	link_lose(l, "bind refused");
}

static void on_bind_response(struct link *l, const struct pdu_header *h)
{
	struct link_host host = link_host_now(l);

	if (l->state != LINK_ST_BINDING || h->sequence != l->bind_sequence) {
		l->counters.unknown_sequence++;
		return;
	}
	if (h->status != PDU_ROK) {
		bind_refused(l, h);
		return;
	}
	l->counters.binds++;
	l->tokens_at_ms = link_now(l) - 1000; /* a full bucket */
	l->paused_until_ms = 0;
	l->refusals = 0;
	l->pause_ms = LINK_PAUSE_MIN_MS;
	link_alarm_over_by_bind(l);
	link_set_state(l, LINK_ST_BOUND);
	LOG_EVENT(LOG_LV_INFO, "link", "bound", "name", l->config.name, "bind",
	          link_bind_name(l->config.bind), "host", host.host, "port", LOG_INT(host.port), "tls",
	          l->config.tls ? link_tls_version(l->bev) : "no", "connection", LOG_INT(l->connection));
	link_tell_changed(l);
}

static void on_nack(struct link *l, const struct pdu_header *h)
{
	l->counters.nack_in++;
	if (l->state == LINK_ST_BINDING) {
		bind_refused(l, h);
		return;
	}
	if (h->sequence == 0)
		return;
	if (l->enquire_due_ms != LINK_NEVER && h->sequence == l->enquire_sequence) {
		l->enquire_due_ms = LINK_NEVER; /* it does not know enquire_link, but it is there */
		return;
	}
	if (!link_conclude(l, h->sequence, h->status != PDU_ROK ? h->status : PDU_RUNKNOWNERR, ""))
		l->counters.unknown_sequence++;
}

static void on_enquire_response(struct link *l, const struct pdu_header *h)
{
	if (l->enquire_due_ms == LINK_NEVER || h->sequence != l->enquire_sequence)
		l->counters.unknown_sequence++;
	else
		l->enquire_due_ms = LINK_NEVER;
}

static void on_unbind_response(struct link *l, const struct pdu_header *h)
{
	if (l->state == LINK_ST_UNBINDING && h->sequence == l->unbind_sequence)
		link_lose(l, "unbound");
	else
		l->counters.unknown_sequence++;
}

static void on_unbind(struct link *l, const struct pdu_header *h)
{
	respond(l, h, PDU_ROK);
	link_close_soon(l, "unbound by peer", true);
}

/* A request that only an SMSC can serve. */
static void on_wrong_side(struct link *l, const struct pdu_header *h)
{
	l->counters.unknown_id++;
	log_odd(l, "wrong_side", h, PDU_RINVBNDSTS);
	respond(l, h, PDU_RINVBNDSTS);
}

static void on_message(struct link *l, const struct pdu_header *h, const uint8_t *bytes)
{
	struct pdu_message message;
	uint32_t status;

	l->counters.deliver_in++;
	if (l->state != LINK_ST_BOUND) {
		/* While we unbind nobody can work on it: the SMSC shall deliver it again, elsewhere or later. */
		respond(l, h,
		        l->state == LINK_ST_UNBINDING ? status_for(STATUS_CASE_OVERLOAD) : PDU_RINVBNDSTS);
		return;
	}
	if (l->config.bind ==
	    LINK_TRANSMITTER) { /* it belongs on the receiver, where the SMSC shall try again */
		on_wrong_side(l, h);
		return;
	}
	if (pdu_message_decode(l->reader, bytes, h->length, &message, &status) != RC_OK) {
		l->counters.malformed++;
		log_odd(l, "malformed", h, status);
		respond(l, h, status);
		return;
	}
	l->counters.tlvs_dropped += message.tlvs_dropped;
	l->owed++;
	l->handlers.message(l->handlers.ctx, l, l->connection, h, &message);
}

static void on_unknown(struct link *l, const struct pdu_header *h)
{
	l->counters.unknown_id++;
	log_odd(l, "unknown_pdu", h, PDU_RINVCMDID);
	nack(l, PDU_RINVCMDID, h->sequence);
}

void link_dispatch(struct link *l, const struct pdu_header *h, const uint8_t *bytes)
{
	switch (h->id) {
	case PDU_DELIVER_SM:
	case PDU_DATA_SM:
		on_message(l, h, bytes);
		break;
	case PDU_SUBMIT_SM | PDU_RESPONSE:
		link_answered(l, h, bytes);
		break;
	case PDU_ENQUIRE_LINK:
		l->counters.enquire_in++;
		respond(l, h, PDU_ROK);
		break;
	case PDU_ENQUIRE_LINK | PDU_RESPONSE:
		on_enquire_response(l, h);
		break;
	case PDU_GENERIC_NACK:
		on_nack(l, h);
		break;
	case PDU_BIND_TRANSCEIVER | PDU_RESPONSE:
	case PDU_BIND_TRANSMITTER | PDU_RESPONSE:
	case PDU_BIND_RECEIVER | PDU_RESPONSE:
		on_bind_response(l, h); /* of whatever kind: the sequence number says that it is ours */
		break;
	case PDU_UNBIND:
		on_unbind(l, h);
		break;
	case PDU_UNBIND | PDU_RESPONSE:
		on_unbind_response(l, h);
		break;
	case PDU_ALERT_NOTIFICATION:
		l->counters.alerts++; /* it has no response (SMPP 3.4, 4.12) */
		break;
	case PDU_BIND_RECEIVER:
	case PDU_BIND_TRANSMITTER:
	case PDU_BIND_TRANSCEIVER:
	case PDU_SUBMIT_SM:
		on_wrong_side(l, h);
		break;
	case PDU_DELIVER_SM | PDU_RESPONSE:
	case PDU_DATA_SM | PDU_RESPONSE:
		l->counters.unknown_sequence++; /* we never ask that */
		break;
	default:
		on_unknown(l, h);
		break;
	}
}
