/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMS traffic: see traffic_sms.h. Invariant: each message that comes in here is answered exactly once (promise 3): at once, by
 * the dialogues, or by on_receipt. */
#include "gateway/traffic_sms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/config_console.h"
#include "gateway/console.h"
#include "gateway/dialect_table.h"
#include "gateway/gateway_private.h"
#include "gateway/receipt.h"
#include "gateway/status.h"
#include "storage/store.h"

struct traffic_sms {
	struct sms_in *in;
	struct sms_out *out;
	struct traffic_sms_counters counters; /* receipts only */
};

/* A receipt on its way to the store. */
struct waiting {
	struct gateway *gateway;
	struct dialogue_input in;
};

static void on_done(void *ctx, uint64_t token, enum dialogue_sent how, uint32_t status)
{
	struct gateway *g = ctx;

	dialogue_sent(g->dialogues, token, how, status);
}

static struct link *on_pick(void *ctx, void *came_by, uint16_t group)
{
	return gateway_usable(ctx, came_by, group);
}

enum rc traffic_sms_new(struct gateway *g)
{
	const struct config *c = g->config;
	struct sms_in_options in = {.clock = clock_system(),
	                            .expire_ms = c->sms_expire_ms,
	                            .texts_max = (size_t)c->sms_texts,
	                            .octets_max = (size_t)c->sms_octets,
	                            .parts_max = (unsigned)c->sms_parts};
	struct sms_out_options out = {.clock = clock_system(),
	                              .store = g->store,
	                              .waiting_max = TRAFFIC_SMS_OUT_MAX,
	                              .parts_max = (unsigned)c->sms_parts,
	                              .done = on_done,
	                              .pick = on_pick,
	                              .ctx = g};
	struct traffic_sms *t = calloc(1, sizeof(*t));
	enum rc rc = t != NULL ? sms_in_new(&in, &t->in) : RC_NOMEM;

	g->sms = t;
	return rc == RC_OK ? sms_out_new(&out, &t->out) : rc;
}

void traffic_sms_free(struct gateway *g)
{
	if (g->sms == NULL)
		return;
	sms_in_free(g->sms->in);
	sms_out_free(g->sms->out);
	free(g->sms);
	g->sms = NULL;
}

static void answer(const struct gateway *g, const struct dialogue_input *in, uint32_t status)
{
	if (!g->is_closing)
		link_respond(in->link, in->connection, in->command_id, in->sequence, status);
}

/* --- receipts ----------------------------------------------------------------------------------------------- */

static void on_receipt(void *ctx, enum rc rc)
{
	struct waiting *w = ctx;
	struct traffic_sms_counters *c = &w->gateway->sms->counters;
	uint32_t status = PDU_ROK;

	c->receipts.waiting--;
	switch (rc) {
	case RC_OK:
		c->receipts.matched++;
		break;
	case RC_EXISTS:
		c->receipts.repeated++;
		break;
	case RC_NOTFOUND:
		c->receipts.stray++;
		break;
	default:
		c->receipts.refused++;
		status = status_for(STATUS_CASE_STORE_FAILS);
		break;
	}
	answer(w->gateway, &w->in, status);
	free(w);
}

static void fill_ids(const struct dialect *d, const struct link *l, const char *id, struct store_ids *out)
{
	memset(out, 0, sizeof(*out));
	(void)snprintf(out->smsc, sizeof(out->smsc), "%s", link_config_of(l)->group);
	out->n = receipt_id_forms(d, id, out->id);
}

/* What can never be read is taken and counted: delivered again it would be no better. */
static void receive_receipt(struct gateway *g, const struct dialogue_input *in, const struct pdu_message *m)
{
	const struct dialect *d = link_config_of(in->link)->dialect;
	struct traffic_sms_counters *c = &g->sms->counters;
	struct store_receipt stored;
	struct receipt r;
	struct waiting *w;

	c->receipts.in++;
	if (receipt_read(d, m, &r) != RC_OK) {
		c->receipts.unreadable++;
		LOG_EVENT(LOG_LV_INFO, "receipt", "unreadable", "link", link_name(in->link), "why",
		          "no id or no state in it");
		answer(g, in, PDU_ROK);
		return;
	}
	fill_ids(d, in->link, r.id, &stored.ids);
	stored.state = (enum store_delivery)r.state; /* both by SMPP's numbers */
	stored.error = r.error;
	w = calloc(1, sizeof(*w));
	if (w != NULL) {
		w->gateway = g;
		w->in = *in;
	}
	if (w == NULL || store_receipt_add(g->store, &stored, on_receipt, w) != RC_OK) {
		c->receipts.refused++;
		answer(g, in, status_for(STATUS_CASE_OVERLOAD));
		free(w);
		return;
	}
	c->receipts.waiting++;
}

/* --- in ------------------------------------------------------------------------------------------------------- */

/* Into the event; what does not fit there stays where it is. */
static void put_text(struct dialect_event *e, const char *text)
{
	size_t len = strlen(text);

	e->long_text = len >= sizeof(e->text) ? text : NULL;
	if (e->long_text != NULL) {
		len = sizeof(e->text) - 1;
		while (len > 0 && ((uint8_t)text[len] & 0xc0) == 0x80) /* not through a character */
			len--;
	}
	memcpy(e->text, text, len);
	e->text[len] = '\0';
}

bool traffic_sms_message(struct gateway *g, struct dialogue_input *in, const struct pdu_message *m)
{
	const struct dialect *d = link_config_of(in->link)->dialect;
	const char *text = NULL, *why = NULL;
	uint32_t status = PDU_ROK;

	if (in->event.kind == DIALECT_RECEIPT) {
		receive_receipt(g, in, m);
		return false;
	}
	switch (sms_in_receive(g->sms->in, d, in->group, &in->event, m, &text, &status, &why)) {
	case SMS_IN_WHOLE:
		if (d->sms.receipts_by_text && receipt_looks_like(text)) {
			receive_receipt(g, in, m);
			return false;
		}
		sms_in_await(g->sms->in, in->link, in->connection, in->sequence);
		put_text(&in->event, text);
		return true;
	case SMS_IN_KEPT:
	case SMS_IN_COPY:
		answer(g, in, PDU_ROK);
		return false;
	case SMS_IN_REFUSED:
		LOG_EVENT(LOG_LV_INFO, "sms-in", "refused", "link", link_name(in->link), "why", why, "status",
		          LOG_HEX(status));
		answer(g, in, status);
		return false;
	}
	return false;
}

void traffic_sms_answered(struct gateway *g, const struct dialogue_input *in, uint32_t status)
{
	if (g->sms != NULL)
		sms_in_settled(g->sms->in, in->link, in->connection, in->sequence, status == PDU_ROK);
}

/* --- out ------------------------------------------------------------------------------------------------------ */

/* What goes to the console's phone leaves by no link, with a console or without: its numbers are nobody's. */
static bool takes_phone(struct gateway *g, int64_t msisdn, const char *text)
{
	if (!config_is_phone(g->config, msisdn))
		return false;
	if (g->console != NULL)
		console_takes_sms(g->console, msisdn, text);
	else
		LOG_EVENT(LOG_LV_WARN, "sms-out", "thrown-away", "why",
		          "it is for a number of http.phones, and there is no console", "remedy",
		          "give console a user, or take the number out of http.phones");
	return true;
}

enum rc traffic_sms_send(void *ctx, void *link, uint16_t group, const struct pdu_address *service,
                         const struct pdu_address *subscriber, const char *text, int64_t notice,
                         uint64_t token)
{
	static char met_before; /* on a link that is not known any more: its kind of addresses is */
	struct gateway *g = ctx;
	enum rc rc;

	if (takes_phone(g, strtoll(subscriber->digits, NULL, 10), text)) {
		dialogue_sent(g->dialogues, token, DIALOGUE_DELIVERED, 0);
		return RC_OK;
	}
	if (link == NULL && service->digits[0] != '\0')
		link = &met_before;
	if (g->groups == NULL) /* the gateway could not be made: what is stored waits for the next start */
		return RC_CLOSED;
	if (groups_links(g->groups) == 0)
		return RC_RANGE; /* without any link it cannot ever be sent */
	rc = sms_out_send(g->sms->out, group == HTTP_GROUP ? NULL : link, group, service, subscriber, text,
	                  notice, token);
	if (rc == RC_RANGE)
		LOG_EVENT(LOG_LV_ERROR, "sms-out", "does-not-fit", "remedy",
		          "raise sms.parts, shorten the text, or look at the dialect's sms settings");
	gateway_tick_soon(g);
	return rc;
}

void traffic_sms_recall(struct gateway *g, uint64_t token)
{
	sms_out_recall(g->sms->out, token);
}

bool traffic_sms_submitted(struct gateway *g, uint64_t token, enum link_outcome outcome, uint32_t status,
                           const char *message_id)
{
	if (!(token & SMS_OUT_TOKEN))
		return false;
	sms_out_submitted(g->sms->out, token, outcome, status, message_id);
	return true;
}

void traffic_sms_drain(struct gateway *g)
{
	sms_in_drain(g->sms->in);
}

int64_t traffic_sms_tick(struct gateway *g)
{
	int64_t in = sms_in_tick(g->sms->in), out = sms_out_tick(g->sms->out);

	return in < out ? in : out;
}

void traffic_sms_read(const struct gateway *g, struct traffic_sms_counters *out)
{
	*out = g->sms->counters;
	sms_in_counters_read(g->sms->in, &out->in);
	sms_out_counters_read(g->sms->out, &out->out);
}
