/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gateway: see gateway.h; what links and dialogues say to each other goes through gateway/traffic.c. The loop is never made
 * to wait (promise 6): the store calls back through a descriptor. */
#include "gateway/gateway.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/accounts.h"
#include "gateway/app.h"
#include "gateway/config_dialects.h"
#include "gateway/gateway_private.h"
#include "gateway/http_client.h"
#include "gateway/metrics.h"
#include "gateway/services.h"
#include "gateway/traffic.h"
#include "gateway/traffic_sms.h"
#include "storage/store.h"

#define TICK_MAX_MS 1000
#define TICK_BUSY_MS 50 /* the shortest delay that a dialogue can arm is 50 ms */
#define UNBIND_WITHIN_MS 3000
#define BUSY_MS 2000 /* a lock that is shorter is not noticed; under the default of ussd.answer_within */

/* --- time ------------------------------------------------------------------------------------------ */

static void arm_tick(struct gateway *g, int64_t ms)
{
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

	g->tick_at_us = clock_mono_us(clock_system()) + ms * 1000;
	evtimer_add(g->tick, &tv);
}

void gateway_tick_soon(struct gateway *g)
{
	if (g->tick_at_us - clock_mono_us(clock_system()) > TICK_BUSY_MS * 1000)
		arm_tick(g, TICK_BUSY_MS);
}

static void unbind_all(struct gateway *g)
{
	g->is_unbinding = true;
	dialogue_close_all(g->dialogues);
	respond_all(g->respond);
	groups_drain(g->groups, UNBIND_WITHIN_MS);
}

static void leave_if_down(struct gateway *g)
{
	if (groups_are_down(g->groups))
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

static void measure_lag(struct gateway *g)
{
	int64_t lag_us = clock_mono_us(clock_system()) - g->tick_at_us;

	if (lag_us < 0) /* libevent counts from the begin of the turn that armed it */
		lag_us = 0;
	g->lag_ms = lag_us / 1000;
	if (g->lag_ms > g->lag_max_ms)
		g->lag_max_ms = g->lag_ms;
	metrics_tick(g->metrics, lag_us);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct gateway *g = ctx;
	int64_t now = clock_mono_ms(clock_system()), next, respond_at, sms_at, accounts_ms;

	(void)fd;
	(void)what;
	measure_lag(g);
	next = dialogue_tick(g->dialogues);
	respond_at = respond_tick(g->respond);
	if (respond_at - now < next)
		next = respond_at - now;
	sms_at = traffic_sms_tick(g);
	if (sms_at - now < next)
		next = sms_at - now;
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
	g->beats = false;
	dialogue_beat(g->dialogues);
}

static void on_store(evutil_socket_t fd, short what, void *ctx)
{
	struct gateway *g = ctx;

	(void)fd;
	(void)what;
	store_dispatch(g->store);
	gateway_tick_soon(g);
}

/* --- links ------------------------------------------------------------------------------------------------ */

static void on_changed(void *ctx, struct link *l, enum link_state state)
{
	struct gateway *g = ctx;

	if (state == LINK_ST_BACKOFF || state == LINK_ST_IDLE || state == LINK_ST_DOWN)
		respond_lost(g->respond, l);
	if (!g->is_closing && (state == LINK_ST_BACKOFF || state == LINK_ST_IDLE))
		dialogue_lost(g->dialogues, l, link_connection(l));
	if (state == LINK_ST_DOWN && g->is_unbinding)
		leave_if_down(g);
}

struct link *gateway_usable(const struct gateway *g, void *link, uint16_t group)
{
	return g->is_closing ? NULL : groups_pick(g->groups, link, group == HTTP_GROUP ? GROUPS_ANY : group);
}

uint16_t gateway_group_of(const struct gateway *g, const void *link)
{
	return groups_of(g->groups, link);
}

/* --- making and unmaking ------------------------------------------------------------------------------------ */

static enum rc open_store(struct gateway *g, char *why, size_t why_size)
{
	struct store_options options = {.path = g->config->store_path,
	                                .profile = &g->config->profile,
	                                .clock = clock_system(),
	                                .busy_ms = BUSY_MS,
	                                .retention = config_retention(g->config),
	                                .key_path = g->config->store_key,
	                                .limits = &g->config->limits};

	return store_open(&options, &g->store, why, why_size);
}

static enum rc make_dialogues(struct gateway *g)
{
	struct dialogue_options options = {
		.clock = clock_system(), .store = g->store, .services = g->services, .config = g->config};
	struct dialogue_port port = traffic_port(g);

	options.outbox = accounts_outbox(g->accounts);
	if (options.outbox != NULL) {
		options.facts = accounts_facts;
		options.facts_ctx = g->accounts;
	}
	return dialogues_new(&options, &port, &g->dialogues);
}

static enum rc make_app(struct gateway *g)
{
	struct app_options options = {.clock = clock_system(), .answered = traffic_app_answered, .ctx = g};
	enum rc rc = http_client_new(g->base, 0, &g->client);

	options.client = g->client;
	return rc == RC_OK ? app_new(&options, &g->app) : rc;
}

static enum rc make_links(struct gateway *g, char *why, size_t why_size)
{
	const struct link_handlers handlers = {
		.message = traffic_message, .submitted = traffic_submitted, .changed = on_changed, .ctx = g};
	enum rc rc = groups_new(g->base, clock_system(), g->config, &handlers, &g->groups);

	if (rc != RC_OK)
		snprintf(why, why_size, "a link cannot be made; see the line before");
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
	g->beats = false;
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
	rc = respond_new(clock_system(), RESPOND_KEPT_MAX, traffic_respond, g, &g->respond);
	if (rc == RC_OK)
		rc = services_new(config, findings, &g->services);
	if (rc == RC_OK)
		rc = open_store(g, why, why_size);
	if (rc == RC_OK)
		rc = traffic_sms_new(g);
	if (rc == RC_OK)
		rc = make_app(g);
	if (rc == RC_OK)
		rc = accounts_new(base, config, g->store, &g->accounts);
	if (rc == RC_OK)
		rc = make_dialogues(g);
	if (rc == RC_OK)
		rc = metrics_new(g, &g->metrics);
	if (rc == RC_OK)
		rc = gateway_http_open(g, why, why_size);
	if (rc == RC_OK)
		rc = make_events(g);
	if (rc == RC_OK)
		rc = make_links(g, why, why_size);
	if (rc != RC_OK) {
		if (rc == RC_NOMEM)
			snprintf(why, why_size, "out of memory");
		gateway_free(g);
		return rc;
	}
	groups_start(g->groups);
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
	groups_free(g->groups);
	if (g->store_event != NULL)
		event_free(g->store_event);
	if (g->tick != NULL)
		event_free(g->tick);
	if (g->beat != NULL)
		event_free(g->beat);
	g->groups = NULL;
	if (g->store != NULL)
		store_close(g->store);
	gateway_http_close(g);
	metrics_free(g->metrics);
	app_free(g->app);
	respond_free(g->respond);
	traffic_sms_free(g);
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
		traffic_sms_drain(g);
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

const struct metrics *gateway_metrics(const struct gateway *g)
{
	return g->metrics;
}

struct groups *gateway_groups_of(struct gateway *g)
{
	return g->groups;
}

const struct groups *gateway_groups(const struct gateway *g)
{
	return g->groups;
}

size_t gateway_links(const struct gateway *g)
{
	return groups_links(g->groups);
}

const struct link *gateway_link(const struct gateway *g, size_t i)
{
	return groups_link_at(g->groups, i);
}

const struct troubles *gateway_troubles(const struct gateway *g)
{
	return &g->troubles;
}

const struct troubles *gateway_doubts(const struct gateway *g)
{
	return &g->doubts;
}

const struct respond *gateway_respond(const struct gateway *g)
{
	return g->respond;
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
