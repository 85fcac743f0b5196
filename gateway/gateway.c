/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gateway: see gateway.h. Links hand in messages, the dialect translates them, the dialogue layer answers through
 * the port below. The loop is never made to wait (promise 6): the store calls back through a descriptor. */
#include "gateway/gateway.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/accounts.h"
#include "gateway/app.h"
#include "gateway/dialect.h"
#include "gateway/http.h"
#include "gateway/http_client.h"
#include "gateway/services.h"
#include "storage/store.h"

#define TICK_MAX_MS 1000
#define TICK_BUSY_MS 50 /* the shortest delay that a dialogue can arm is 50 ms */
#define UNBIND_WITHIN_MS 3000
#define BUSY_MS 2000 /* a lock that is shorter is not noticed; under the default of ussd.answer_within */
#define HTTP_GROUP CONFIG_MAX_LINKS /* links have the numbers below */

struct gateway_link {
	struct gateway *gateway;
	struct link *link;
	uint16_t group;
};

struct gateway {
	struct event_base *base;
	struct config *config;
	struct store *store;
	struct services *services;
	struct dialogues *dialogues;
	struct http_client *client;
	struct app *app;
	struct accounts *accounts;
	struct http *http; /* NULL = no listener */
	struct event *store_event;
	struct event *tick;
	struct event *beat; /* runs when the messages of one read are done with */
	int64_t tick_at_ms; /* monotonic; when the tick is due */
	int64_t lag_max_ms, lag_ms;
	int64_t began_ms;
	int64_t drain_until_ms; /* 0 = not draining */
	bool is_unbinding;
	bool is_closing; /* links are being freed: nothing leaves any more */
	size_t n_links;
	struct gateway_link link[CONFIG_MAX_LINKS];
};

/* --- time ------------------------------------------------------------------------------------------ */

static void arm_tick(struct gateway *g, int64_t ms)
{
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

	g->tick_at_ms = clock_mono_ms(clock_system()) + ms;
	evtimer_add(g->tick, &tv);
}

/* Something happened that may have armed a short delay. */
static void tick_soon(struct gateway *g)
{
	if (g->tick_at_ms - clock_mono_ms(clock_system()) > TICK_BUSY_MS)
		arm_tick(g, TICK_BUSY_MS);
}

static void unbind_all(struct gateway *g)
{
	g->is_unbinding = true;
	dialogue_close_all(g->dialogues);
	for (size_t i = 0; i < g->n_links; i++)
		link_drain(g->link[i].link, UNBIND_WITHIN_MS);
}

static void leave_if_down(struct gateway *g)
{
	for (size_t i = 0; i < g->n_links; i++)
		if (link_state(g->link[i].link) != LINK_ST_DOWN)
			return;
	event_base_loopexit(g->base, NULL);
}

static void watch_drain(struct gateway *g, int64_t now)
{
	if (g->drain_until_ms == 0)
		return;
	if (!g->is_unbinding && (dialogue_open(g->dialogues) == 0 || now >= g->drain_until_ms))
		unbind_all(g);
	if (g->is_unbinding)
		leave_if_down(g);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct gateway *g = ctx;
	int64_t now = clock_mono_ms(clock_system()), next, accounts_ms;

	(void)fd;
	(void)what;
	g->lag_ms = now - g->tick_at_ms;
	if (g->lag_ms > g->lag_max_ms)
		g->lag_max_ms = g->lag_ms;
	next = dialogue_tick(g->dialogues);
	accounts_ms = accounts_tick(g->accounts);
	if (accounts_ms < next)
		next = accounts_ms;
	if (next < 1)
		next = 1;
	if (g->drain_until_ms != 0 && next > TICK_BUSY_MS)
		next = TICK_BUSY_MS;
	arm_tick(g, next < TICK_MAX_MS ? next : TICK_MAX_MS);
	watch_drain(g, now);
}

static void on_beat(evutil_socket_t fd, short what, void *ctx)
{
	struct gateway *g = ctx;

	(void)fd;
	(void)what;
	dialogue_beat(g->dialogues);
}

static void on_store(evutil_socket_t fd, short what, void *ctx)
{
	struct gateway *g = ctx;

	(void)fd;
	(void)what;
	store_dispatch(g->store);
	tick_soon(g);
}

/* --- from links to dialogues --------------------------------------------------------------------------- */

static void on_message(void *ctx, struct link *l, uint32_t connection, const struct pdu_header *h,
                       const struct pdu_message *m)
{
	struct gateway_link *gl = ctx;
	struct gateway *g = gl->gateway;
	struct dialogue_input in = {.group = gl->group,
	                            .link = l,
	                            .connection = connection,
	                            .sequence = h->sequence,
	                            .command_id = h->id};
	uint32_t status = PDU_ROK;
	enum rc rc = dialect_read(link_config_of(l)->dialect, &g->config->country, m, &in.event, &status);

	if (rc != RC_OK) {
		LOG_EVENT(LOG_LV_INFO, "gateway", "message-not-understood", "link", link_name(l), "why",
		          rc == RC_SYNTAX ? "source address is not a subscriber's number, or broken text"
		                          : "operation without meaning in this dialect",
		          "status", LOG_HEX(status));
		link_respond(l, connection, h->id, h->sequence, status);
		return;
	}
	dialogue_receive(g->dialogues, &in);
	event_active(g->beat, EV_TIMEOUT, 1);
	tick_soon(g);
}

static void on_submitted(void *ctx, struct link *l, uint64_t token, enum link_outcome outcome,
                         uint32_t status, const char *message_id)
{
	static const enum dialogue_sent how[] = {[LINK_ACCEPTED] = DIALOGUE_DELIVERED,
	                                         [LINK_THROTTLED] = DIALOGUE_RETRY,
	                                         [LINK_REJECTED] = DIALOGUE_REFUSED,
	                                         [LINK_NOT_SENT] = DIALOGUE_NOT_SENT,
	                                         [LINK_UNKNOWN] = DIALOGUE_UNKNOWN};
	struct gateway_link *gl = ctx;

	(void)l;
	(void)message_id;
	dialogue_sent(gl->gateway->dialogues, token, how[outcome], status);
	tick_soon(gl->gateway);
}

static void on_changed(void *ctx, struct link *l, enum link_state state)
{
	struct gateway_link *gl = ctx;

	(void)l;
	if (state == LINK_ST_DOWN && gl->gateway->is_unbinding)
		leave_if_down(gl->gateway);
}

/* --- from dialogues to links ------------------------------------------------------------------------------ */

static void port_acknowledge(void *ctx, const struct dialogue_input *in, uint32_t status)
{
	const struct gateway *g = ctx;

	if (!g->is_closing && in->group != HTTP_GROUP)
		link_respond(in->link, in->connection, in->command_id, in->sequence, status);
}

static bool port_is_connected(void *ctx, const void *link, uint32_t connection)
{
	const struct gateway *g = ctx;

	return !g->is_closing && link_state(link) == LINK_ST_BOUND && link_connection(link) == connection;
}

/* The link that the input came from, or another bound one of its group; for those who came over HTTP, any. */
static struct link *usable(const struct gateway *g, void *link, uint16_t group)
{
	if (g->is_closing)
		return NULL;
	if (link != NULL && group != HTTP_GROUP && link_state(link) == LINK_ST_BOUND)
		return link;
	for (size_t i = 0; i < g->n_links; i++)
		if ((g->link[i].group == group || group == HTTP_GROUP) &&
		    link_state(g->link[i].link) == LINK_ST_BOUND)
			return g->link[i].link;
	return NULL;
}

static uint16_t group_of(const struct gateway *g, const void *link)
{
	for (size_t i = 0; i < g->n_links; i++)
		if (g->link[i].link == link)
			return g->link[i].group;
	return 0;
}

static enum rc port_answer(void *ctx, void *link, const struct dialect_event *to, const char *text, bool last,
                           uint64_t token)
{
	struct gateway *g = ctx;
	struct dialect_scratch scratch;
	struct pdu_submit submit;
	struct link *l;
	enum rc rc;

	if (link != NULL && link == g->http)
		return http_answer(g->http, to->msisdn, text, last, token);
	l = usable(g, link, group_of(g, link));
	if (l == NULL)
		return RC_CLOSED;
	rc = dialect_write_ussd(link_config_of(l)->dialect, to, text, last, &scratch, &submit);
	if (rc == RC_OK)
		rc = link_submit(l, &submit, token);
	if (rc == RC_RANGE)
		LOG_EVENT(LOG_LV_ERROR, "gateway", "answer-does-not-fit", "link", link_name(l), "remedy",
		          "run starhash check on the menus");
	return rc;
}

static enum rc port_sms(void *ctx, void *link, uint16_t group, const struct pdu_address *service,
                        const struct pdu_address *subscriber, const char *text, uint64_t token)
{
	struct gateway *g = ctx;
	struct link *l = usable(g, link, group);
	struct dialect_scratch scratch;
	struct pdu_submit submit;
	enum rc rc;

	if (l == NULL)
		return g->n_links > 0 ? RC_CLOSED : RC_RANGE; /* without any link it cannot ever be sent */
	rc = dialect_write_sms(link_config_of(l)->dialect, service, subscriber, text, &scratch, &submit);
	return rc == RC_OK ? link_submit(l, &submit, token) : rc;
}

static enum rc port_app(void *ctx, const struct dialogue_app_request *request, uint64_t token)
{
	struct gateway *g = ctx;

	return g->is_closing ? RC_CLOSED : app_ask(g->app, request, token);
}

static void on_app_answered(void *ctx, uint64_t token, enum rc rc, const char *text, bool ends)
{
	struct gateway *g = ctx;

	dialogue_app_answered(g->dialogues, token, rc, text, ends);
	tick_soon(g);
}

/* --- for whoever watches --------------------------------------------------------------------------------------- */

static const char *why_unhealthy(void *ctx)
{
	const struct gateway *g = ctx;
	size_t bound = 0;

	for (size_t i = 0; i < g->n_links; i++)
		bound += link_state(g->link[i].link) == LINK_ST_BOUND;
	if (g->drain_until_ms != 0)
		return "draining: the daemon is being stopped";
	if (store_is_failing(g->store))
		return "the store is failing: see the log";
	if (g->n_links > 0 && bound == 0)
		return "no link is bound to its SMSC";
	return NULL;
}

/* --- making and unmaking ------------------------------------------------------------------------------------ */

static uint16_t group_number(const struct config *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(c->link[k].group, c->link[i].group) == 0)
			return (uint16_t)k;
	return (uint16_t)i;
}

static enum rc add_link(struct gateway *g, size_t i)
{
	const struct config_link *c = &g->config->link[i];
	struct gateway_link *gl = &g->link[i];
	struct link_config lc = {.name = c->name,
	                         .host = c->host,
	                         .port = c->port,
	                         .system_id = c->system_id,
	                         .password = c->password,
	                         .system_type = c->system_type,
	                         .group = c->group,
	                         .dialect = dialect_by_name(c->dialect),
	                         .window = c->window,
	                         .queue_max = c->queue_max,
	                         .rate = c->rate,
	                         .connect_ms = c->connect_ms,
	                         .response_ms = c->response_ms,
	                         .enquire_ms = c->enquire_ms,
	                         .reconnect_min_ms = c->reconnect_min_ms,
	                         .reconnect_max_ms = c->reconnect_max_ms};
	struct link_handlers h = {
		.message = on_message, .submitted = on_submitted, .changed = on_changed, .ctx = gl};
	enum rc rc;

	gl->gateway = g;
	gl->group = group_number(g->config, i);
	rc = link_new(g->base, clock_system(), &lc, &h, &gl->link);
	if (rc == RC_OK)
		g->n_links++;
	return rc;
}

static enum rc open_store(struct gateway *g, char *why, size_t why_size)
{
	struct store_options options = {.path = g->config->store_path,
	                                .profile = &g->config->profile,
	                                .clock = clock_system(),
	                                .busy_ms = BUSY_MS,
	                                .retention = {.interactions_ms = g->config->retention.interactions_ms,
	                                              .notices_ms = g->config->retention.notices_ms,
	                                              .screens_ms = g->config->retention.screens_ms}};

	return store_open(&options, &g->store, why, why_size);
}

static enum rc make_dialogues(struct gateway *g)
{
	struct dialogue_options options = {
		.clock = clock_system(), .store = g->store, .services = g->services, .config = g->config};
	struct dialogue_port port = {.ctx = g,
	                             .acknowledge = port_acknowledge,
	                             .is_connected = port_is_connected,
	                             .answer = port_answer,
	                             .app = port_app,
	                             .sms = port_sms};

	options.outbox = accounts_outbox(g->accounts);
	if (options.outbox != NULL) {
		options.facts = accounts_facts;
		options.facts_ctx = g->accounts;
	}
	return dialogues_new(&options, &port, &g->dialogues);
}

static enum rc make_app(struct gateway *g)
{
	struct app_options options = {.clock = clock_system(), .answered = on_app_answered, .ctx = g};
	enum rc rc = http_client_new(g->base, 0, &g->client);

	options.client = g->client;
	return rc == RC_OK ? app_new(&options, &g->app) : rc;
}

static enum rc make_http(struct gateway *g, char *why, size_t why_size)
{
	struct http_options options = {.base = g->base,
	                               .clock = clock_system(),
	                               .listen = g->config->http_listen,
	                               .plan = &g->config->country,
	                               .group = HTTP_GROUP,
	                               .simulated = g->config->http_simulated,
	                               .idle_ms = g->config->idle_ms + HTTP_ENDED_MS,
	                               .health = why_unhealthy,
	                               .ctx = g};
	enum rc rc;

	if (g->config->http_listen == NULL || g->config->http_listen[0] == '\0')
		return RC_OK;
	rc = http_new(&options, &g->http, why, why_size);
	if (rc == RC_OK)
		http_attach(g->http, g->dialogues);
	return rc;
}

static enum rc make_events(struct gateway *g)
{
	g->tick = evtimer_new(g->base, on_tick, g);
	g->beat = evtimer_new(g->base, on_beat, g);
	g->store_event = event_new(g->base, store_fd(g->store), EV_READ | EV_PERSIST, on_store, g);
	if (g->tick == NULL || g->beat == NULL || g->store_event == NULL ||
	    event_add(g->store_event, NULL) != 0)
		return RC_NOMEM;
	dialogue_beat(g->dialogues);
	arm_tick(g, 1);
	return RC_OK;
}

enum rc gateway_new(struct event_base *base, struct config *config, struct findings *findings,
                    struct gateway **out, char *why, size_t why_size)
{
	struct gateway *g = calloc(1, sizeof(*g));
	enum rc rc;

	if (g == NULL) {
		config_free(config);
		return RC_NOMEM;
	}
	g->base = base;
	g->config = config;
	g->began_ms = clock_utc_ms(clock_system());
	rc = services_new(config, findings, &g->services);
	if (rc == RC_OK)
		rc = open_store(g, why, why_size);
	if (rc == RC_OK)
		rc = make_app(g);
	if (rc == RC_OK)
		rc = accounts_new(base, config, g->store, &g->accounts);
	if (rc == RC_OK)
		rc = make_dialogues(g);
	if (rc == RC_OK)
		rc = make_http(g, why, why_size);
	if (rc == RC_OK)
		rc = make_events(g);
	for (size_t i = 0; rc == RC_OK && i < config->n_links; i++)
		rc = add_link(g, i);
	if (rc != RC_OK) {
		if (rc == RC_NOMEM)
			snprintf(why, why_size, "out of memory");
		gateway_free(g);
		return rc;
	}
	for (size_t i = 0; i < g->n_links; i++)
		link_start(g->link[i].link);
	*out = g;
	return RC_OK;
}

void gateway_free(struct gateway *g)
{
	if (g == NULL)
		return;
	if (g->dialogues != NULL)
		dialogue_close_all(g->dialogues);
	if (g->store != NULL)
		store_wait(g->store); /* callbacks need the dialogues and the links */
	accounts_close(g->accounts);
	if (g->store != NULL)
		store_wait(g->store); /* what became of the orders that were under way */
	g->is_closing = true;
	http_client_free(g->client); /* what apps were asked is concluded: nobody waits for it any more */
	for (size_t i = 0; i < g->n_links; i++)
		link_free(g->link[i].link);
	if (g->store_event != NULL)
		event_free(g->store_event);
	if (g->tick != NULL)
		event_free(g->tick);
	if (g->beat != NULL)
		event_free(g->beat);
	g->n_links = 0;
	if (g->store != NULL)
		store_close(g->store);
	http_free(g->http);
	app_free(g->app);
	accounts_free(g->accounts); /* whoever waits for it lets go of its dialogue */
	dialogues_free(g->dialogues);
	services_free(g->services);
	config_free(g->config);
	free(g);
}

void gateway_drain(struct gateway *g)
{
	int64_t now = clock_mono_ms(clock_system());

	if (g->drain_until_ms == 0) {
		LOG_EVENT(LOG_LV_INFO, "gateway", "draining", "open", LOG_INT(dialogue_open(g->dialogues)));
		dialogue_drain(g->dialogues);
		g->drain_until_ms = now + g->config->drain_ms + 1;
	} else {
		g->drain_until_ms = now;
	}
	arm_tick(g, 1);
}

enum rc gateway_reload(struct gateway *g, bool dry_run, struct findings *findings, struct reload_report *out)
{
	return reload(g->services, g->dialogues, dry_run, findings, out);
}

const struct app *gateway_app(const struct gateway *g)
{
	return g->app;
}

const struct http_client *gateway_http_client(const struct gateway *g)
{
	return g->client;
}

const struct http *gateway_http(const struct gateway *g)
{
	return g->http;
}

const struct config *gateway_config(const struct gateway *g)
{
	return g->config;
}

struct dialogues *gateway_dialogues(const struct gateway *g)
{
	return g->dialogues;
}

const struct accounts *gateway_accounts(const struct gateway *g)
{
	return g->accounts;
}

struct store *gateway_store(const struct gateway *g)
{
	return g->store;
}

const struct services *gateway_services(const struct gateway *g)
{
	return g->services;
}

size_t gateway_links(const struct gateway *g)
{
	return g->n_links;
}

const struct link *gateway_link(const struct gateway *g, size_t i)
{
	return g->link[i].link;
}

bool gateway_is_draining(const struct gateway *g)
{
	return g->drain_until_ms != 0;
}

int64_t gateway_began_ms(const struct gateway *g)
{
	return g->began_ms;
}

void gateway_lag(const struct gateway *g, int64_t *max_ms, int64_t *last_ms)
{
	*max_ms = g->lag_max_ms;
	*last_ms = g->lag_ms;
}
