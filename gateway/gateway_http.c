/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the gateway serves over HTTP: menus for others, health and metrics, sendsms. Each is a file of its own; here they are
 * put on the one listener. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/console.h"
#include "gateway/control.h"
#include "gateway/gateway_private.h"
#include "gateway/http.h"
#include "gateway/metrics.h"
#include "gateway/sendsms.h"

/* --- for whoever watches --------------------------------------------------------------------------------------- */

static int page_of_health(void *ctx, const char **type, const char **text, size_t *len)
{
	struct gateway *g = ctx;
	bool is_well = false;

	free(g->health_page);
	g->health_page = control_health_json(g, &is_well);
	if (g->health_page == NULL)
		return 503;
	*type = "application/json";
	*text = g->health_page;
	*len = strlen(g->health_page);
	return is_well ? 200 : 503;
}

static int page_of_metrics(void *ctx, const char **type, const char **text, size_t *len)
{
	struct gateway *g = ctx;
	const char *page = metrics_page(g->metrics, len);

	if (page == NULL)
		return 503;
	*type = METRICS_TYPE;
	*text = page;
	return 200;
}

static enum rc make_console(struct gateway *g, char *why, size_t why_size)
{
	enum rc rc = console_new(g, http_server_of(g->http), &g->console);

	if (rc == RC_IO)
		snprintf(why, why_size,
		         "console: its thread cannot be started; raise TasksMax of the service");
	return rc;
}

static void on_given(void *ctx)
{
	gateway_tick_soon(ctx);
}

enum rc gateway_http_open(struct gateway *g, char *why, size_t why_size)
{
	struct http_options options = {.base = g->base,
	                               .clock = clock_system(),
	                               .listen = g->config->http_listen,
	                               .hosts = g->config->http_host,
	                               .n_hosts = g->config->n_http_hosts,
	                               .plan = &g->config->country,
	                               .group = HTTP_GROUP,
	                               .simulated = g->config->http_simulated,
	                               .connections = (uint32_t)g->config->http_connections,
	                               .per_address = (uint32_t)g->config->http_per_address,
	                               .within_ms = g->config->http_within_ms,
	                               .idle_ms = g->config->idle_ms + HTTP_ENDED_MS,
	                               .given = on_given,
	                               .ctx = g};
	enum rc rc;

	if (g->config->http_listen == NULL || g->config->http_listen[0] == '\0')
		return RC_OK;
	rc = http_new(&options, &g->http, why, why_size);
	if (rc == RC_OK)
		http_attach(g->http, g->dialogues);
	if (rc == RC_OK)
		rc = http_page(g->http, "/health", page_of_health, g);
	if (rc == RC_OK)
		rc = http_page(g->http, "/metrics", page_of_metrics, g);
	if (rc == RC_OK && g->config->n_sendsms > 0)
		rc = sendsms_new(g, http_server_of(g->http), &g->sendsms);
	if (rc == RC_OK && g->config->n_console > 0)
		rc = make_console(g, why, why_size);
	return rc;
}

void gateway_http_close(struct gateway *g)
{
	console_stop(g->console);
	http_free(g->http);
	sendsms_free(g->sendsms);
	console_free(g->console);
	free(g->health_page);
}

const struct console *gateway_console(const struct gateway *g)
{
	return g->console;
}

const struct sendsms *gateway_sendsms(const struct gateway *g)
{
	return g->sendsms;
}
