/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traffic: see traffic.h. Links hand in messages, their dialect translates them; dialogues answer through the port below. */
#include "gateway/traffic.h"

#include <event2/event.h>

#include "core/log.h"
#include "gateway/app.h"
#include "gateway/dialect.h"
#include "gateway/dialect_table.h"
#include "gateway/gateway_private.h"
#include "gateway/http.h"
#include "gateway/notices.h"
#include "gateway/traffic_sms.h"

/* Its response goes out after our answer was taken. What comes without its event is an SMS, concluded later. */
static bool waits_for_answer(const struct dialogue_input *in)
{
	const struct dialect *d = link_config_of(in->link)->dialect;

	return d->respond == DIALECT_RESPOND_AFTER_SUBMIT && in->event.msisdn != 0 &&
	       (in->event.kind == DIALECT_BEGIN || in->event.kind == DIALECT_CONTINUE);
}

/* --- from links to dialogues ------------------------------------------------------------------------- */

/* It was taken; but perhaps not as it was meant. */
static void tell_doubt(struct gateway *g, struct link *l, const struct dialect_trouble *doubt)
{
	trouble_count(&g->doubts, l, doubt);
	LOG_EVENT(LOG_LV_WARN, "gateway", "message-doubtful", "link", link_name(l), "dialect",
	          link_config_of(l)->dialect->name, "knob", doubt->knob, "why", doubt->words);
}

static void receive(struct gateway *g, const struct dialogue_input *in)
{
	uint64_t token;
	bool comes;

	dialogue_receive(g->dialogues, in);
	if (!waits_for_answer(in))
		return;
	comes = dialogue_answers(g->dialogues, in->group, in->event.msisdn, &token);
	respond_settle(g->respond, in, comes, token);
}

void traffic_message(void *ctx, struct link *l, uint32_t connection, const struct pdu_header *h,
                     const struct pdu_message *m)
{
	struct gateway *g = ctx;
	struct dialogue_input in = {.group = groups_of(g->groups, l),
	                            .link = l,
	                            .connection = connection,
	                            .sequence = h->sequence,
	                            .command_id = h->id};
	const struct dialect *d = link_config_of(l)->dialect;
	struct dialect_trouble trouble;
	uint32_t status = PDU_ROK;
	enum rc rc = dialect_read(d, &g->config->country, m, &in.event, &status, &trouble);

	if (rc != RC_OK) {
		trouble_count(&g->troubles, l, &trouble);
		LOG_EVENT(LOG_LV_WARN, "gateway", "message-not-understood", "link", link_name(l), "dialect",
		          d->name, "knob", trouble.knob, "why", trouble.words, "status", LOG_HEX(status));
		link_respond(l, connection, h->id, h->sequence, status);
		return;
	}
	if (dialect_doubt(d, m, &in.event, &trouble))
		tell_doubt(g, l, &trouble);
	if ((in.event.kind != DIALECT_SMS && in.event.kind != DIALECT_RECEIPT) ||
	    traffic_sms_message(g, &in, m))
		receive(g, &in);
	event_active(g->beat, EV_TIMEOUT, 1);
	gateway_tick_soon(g);
}

void traffic_submitted(void *ctx, struct link *l, uint64_t token, enum link_outcome outcome, uint32_t status,
                       const char *message_id)
{
	static const enum dialogue_sent how[] = {[LINK_ACCEPTED] = DIALOGUE_DELIVERED,
	                                         [LINK_THROTTLED] = DIALOGUE_RETRY,
	                                         [LINK_REJECTED] = DIALOGUE_REFUSED,
	                                         [LINK_NOT_SENT] = DIALOGUE_NOT_SENT,
	                                         [LINK_UNKNOWN] = DIALOGUE_UNKNOWN};
	struct gateway *g = ctx;

	(void)l;
	if (traffic_sms_submitted(g, token, outcome, status, message_id)) {
		gateway_tick_soon(g);
		return;
	}
	respond_sent(g->respond, token, how[outcome] == DIALOGUE_RETRY);
	dialogue_sent(g->dialogues, token, how[outcome], status);
	gateway_tick_soon(g);
}

/* --- from dialogues to links ------------------------------------------------------------------------- */

static void port_acknowledge(void *ctx, const struct dialogue_input *in, uint32_t status)
{
	struct gateway *g = ctx;

	if (g->is_closing || in->group == HTTP_GROUP)
		return;
	traffic_sms_answered(g, in, status);
	if (status != PDU_ROK || !waits_for_answer(in) || !respond_keep(g->respond, in))
		link_respond(in->link, in->connection, in->command_id, in->sequence, status);
}

static bool port_is_connected(void *ctx, const void *link, uint32_t connection)
{
	const struct gateway *g = ctx;

	return !g->is_closing && link_state(link) == LINK_ST_BOUND && link_connection(link) == connection;
}

static enum rc port_answer(void *ctx, void *link, const struct dialect_event *to, const char *text, bool last,
                           uint64_t token)
{
	struct gateway *g = ctx;
	struct dialect_scratch scratch;
	struct pdu_submit submit;
	uint16_t group;
	struct link *l;
	enum rc rc = RC_CLOSED;

	if (link != NULL && link == g->http)
		return http_answer(g->http, to->msisdn, text, last, token);
	group = gateway_group_of(g, link);
	l = gateway_usable(g, link, group);
	if (l != NULL)
		rc = dialect_write_ussd(link_config_of(l)->dialect, to, text,
		                        last ? DIALECT_SAY_END : DIALECT_SAY_CONTINUE, &scratch, &submit);
	if (rc == RC_OK) {
		/* What is read after this turn of the loop may be an answer to it. */
		event_active(g->beat, EV_TIMEOUT, 1);
		respond_answering(g->respond, group, to->msisdn, token);
		rc = link_submit(l, &submit, token);
	}
	if (rc != RC_OK)
		respond_unanswered(g->respond, group, to->msisdn);
	if (rc == RC_RANGE)
		LOG_EVENT(LOG_LV_ERROR, "gateway", "answer-does-not-fit", "link", link_name(l), "remedy",
		          "run starhash check on the menus");
	return rc;
}

static const struct dialect *port_dialect(void *ctx, const void *link, uint16_t group)
{
	const struct gateway *g = ctx;

	if (group == HTTP_GROUP || g->is_closing)
		return NULL;
	if (link != NULL)
		return link_config_of(link)->dialect;
	for (size_t i = 0; i < groups_links(g->groups); i++)
		if (groups_of(g->groups, groups_link_at(g->groups, i)) == group)
			return link_config_of(groups_link_at(g->groups, i))->dialect;
	return NULL;
}

static enum rc port_push(void *ctx, void *link, uint16_t group, const struct dialect_event *to,
                         const char *text, enum dialect_say how, uint64_t token)
{
	struct gateway *g = ctx;
	struct link *l = gateway_usable(g, link, group);
	struct dialect_scratch scratch;
	struct pdu_submit submit;
	const struct dialect *d;
	enum rc rc;

	if (l == NULL)
		return RC_CLOSED;
	d = link_config_of(l)->dialect;
	if (!d->can_push || !dialect_can_say(d, how))
		return RC_STATE;
	event_active(g->beat, EV_TIMEOUT, 1);
	rc = dialect_write_ussd(d, to, text, how, &scratch, &submit);
	return rc == RC_OK ? link_submit(l, &submit, token) : rc;
}

static void port_recall(void *ctx, uint64_t token)
{
	struct gateway *g = ctx;

	if (g->is_closing)
		return;
	if (token & NOTICES_TOKEN) {
		traffic_sms_recall(g, token);
		return;
	}
	for (size_t i = 0; i < groups_links(g->groups); i++)
		if (link_cancel(groups_link_at(g->groups, i), token))
			return;
}

/* What this link takes now: for what is fresh as much again as its window, and not more than it sends in a second. */
static size_t room_of(const struct link *l, bool fresh)
{
	const struct link_config *c = link_config_of(l);
	int64_t most = fresh ? 2LL * c->window : c->window / 2, rated = fresh ? c->rate : c->rate / 10;
	struct link_counters n;

	link_counters_read(l, &n);
	if (c->rate > 0 && most > rated)
		most = rated;
	if (most < 1)
		most = 1;
	most -= (int64_t)n.outstanding + n.queued;
	return most > 0 ? (size_t)most : 0;
}

static size_t port_room(void *ctx, uint16_t group, bool fresh)
{
	const struct gateway *g = ctx;
	size_t room = 0;

	if (g->is_closing || g->groups == NULL)
		return 0;
	if (groups_links(g->groups) == 0)
		return STORE_NOTICES_PAGE; /* they are told at once that there is no way */
	for (size_t i = 0; i < groups_links(g->groups); i++) {
		const struct link *l = groups_link_at(g->groups, i);

		if (link_can_submit(l) && (group == HTTP_GROUP || groups_of(g->groups, l) == group))
			room += room_of(l, fresh);
	}
	return room;
}

int traffic_group(const struct gateway *g, const char *name)
{
	if (name != NULL)
		return groups_by_name(g->groups, name);
	return groups_links(g->groups) > 0 ? groups_of(g->groups, groups_link_at(g->groups, 0)) : -1;
}

/* What may wait on a link: what it sends while a phone waits for its answer, at most. */
static uint64_t queue_room(const struct gateway *g, const struct link *l)
{
	const struct link_config *c = link_config_of(l);
	uint64_t most = (uint64_t)c->queue_max,
		 timely = (uint64_t)c->rate * (uint64_t)g->config->answer_within_ms / 1000;

	if (c->rate <= 0 || timely >= most)
		return most;
	return timely > 0 ? timely : 1;
}

/* Each SMSC has its own pace: a slow one holds up nobody else's subscribers. */
static bool links_are_full(const struct gateway *g, uint16_t group)
{
	uint64_t queued = 0, room = 0;

	for (size_t i = 0; i < groups_links(g->groups); i++) {
		const struct link *l = groups_link_at(g->groups, i);
		struct link_counters c;

		if (!link_can_submit(l) || groups_of(g->groups, l) != group)
			continue;
		link_counters_read(l, &c);
		queued += c.queued;
		room += queue_room(g, l);
	}
	return room > 0 && queued * 100 >= room * (uint64_t)g->config->overload_links;
}

static enum dialogue_pressure port_pressed(void *ctx, uint16_t group)
{
	const struct gateway *g = ctx;

	if (g->is_closing)
		return DIALOGUE_CALM;
	if (g->config->overload_lag_ms > 0 && g->lag_ms >= g->config->overload_lag_ms)
		return DIALOGUE_LAGGING;
	return g->config->overload_links > 0 && links_are_full(g, group) ? DIALOGUE_LINKS_FULL
	                                                                 : DIALOGUE_CALM;
}

static void port_doubt(void *ctx, const struct dialogue_input *in, const struct dialect_trouble *what)
{
	struct gateway *g = ctx;

	if (!g->is_closing && in->group != HTTP_GROUP)
		tell_doubt(g, in->link, what);
}

static enum rc port_app(void *ctx, const struct dialogue_app_request *request, uint64_t token)
{
	struct gateway *g = ctx;

	return g->is_closing ? RC_CLOSED : app_ask(g->app, request, token);
}

void traffic_app_answered(void *ctx, uint64_t token, enum rc rc, const char *text, bool ends)
{
	struct gateway *g = ctx;

	dialogue_app_answered(g->dialogues, token, rc, text, ends);
	gateway_tick_soon(g);
}

void traffic_respond(void *ctx, void *link, uint32_t connection, uint32_t command_id, uint32_t sequence)
{
	const struct gateway *g = ctx;

	if (!g->is_closing)
		link_respond(link, connection, command_id, sequence, PDU_ROK);
}

struct dialogue_port traffic_port(struct gateway *g)
{
	return (struct dialogue_port){.ctx = g,
	                              .acknowledge = port_acknowledge,
	                              .is_connected = port_is_connected,
	                              .answer = port_answer,
	                              .app = port_app,
	                              .sms = traffic_sms_send,
	                              .push = port_push,
	                              .recall = port_recall,
	                              .room = port_room,
	                              .dialect = port_dialect,
	                              .pressed = port_pressed,
	                              .doubt = port_doubt};
}
