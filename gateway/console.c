/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console: routes, rights, answers, assets; see console.h. A question that is new gets a row of `routes`. */
#include "gateway/console.h"

#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/console_assets.h"
#include "gateway/console_private.h"
#include "gateway/console_worker.h"

#define ROOT "/console/"
#define API ROOT "api/"
#define TOUCHED "X-Starhash-Touched" /* somebody used the page since it asked last */
#define JSON_TYPE "application/json"
#define SAFE                                                                                          \
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src "  \
	"'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n" \
	"Referrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\n"                                   \
	"Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n"

/* --- answers ------------------------------------------------------------------------------------------- */

void console_reply_raw(struct http_request *r, int status, const char *json, const char *headers)
{
	char all[1536];

	snprintf(all, sizeof(all), SAFE "%s", headers);
	http_reply(r, status, JSON_TYPE, all, json, strlen(json));
}

void console_reply(struct http_request *r, int status, json_t *o)
{
	char *json = o != NULL ? json_dumps(o, JSON_COMPACT) : NULL;

	json_decref(o);
	if (json != NULL)
		console_reply_raw(r, status, json, "");
	else
		console_reply_raw(r, 503, "{\"error\":\"out of memory\"}", "");
	free(json);
}

void console_fault(struct http_request *r, int status, const char *what)
{
	console_reply(r, status, json_pack("{s:s}", "error", what));
}

const char *console_text(const struct console_ask *a, const char *key)
{
	const char *text = json_string_value(json_object_get(a->said, key));

	return text != NULL ? text : "";
}

size_t console_user_index(const struct console_ask *a)
{
	return (size_t)(a->user - a->console->gateway->config->console);
}

bool console_pace(int64_t *whole_ms, int at_once, int64_t every_ms)
{
	int64_t now = clock_mono_ms(clock_system()), from = *whole_ms > now ? *whole_ms : now;

	if (from - now > (at_once - 1) * every_ms)
		return false;
	*whole_ms = from + every_ms;
	return true;
}

void console_note(const struct console_ask *a, const char *what)
{
	LOG_EVENT(LOG_LV_INFO, "console", "act", "user", a->user->name, "role", console_role_name(a->user),
	          "what", what);
}

/* --- routes -------------------------------------------------------------------------------------------- */

static const struct {
	const char *path;
	unsigned method;
	enum console_right right;
	void (*answer)(const struct console_ask *a);
} routes[] = {
	{API "me", HTTP_GET, CONSOLE_LOOK, console_me},
	{API "live", HTTP_GET, CONSOLE_LOOK, console_live},
	{API "map", HTTP_GET, CONSOLE_LOOK, console_map},
	{API "counts", HTTP_GET, CONSOLE_LOOK, console_map_counts},
	{API "dialogues", HTTP_GET, CONSOLE_OPERATE, console_dialogues},
	{API "dialogue/end", HTTP_POST, CONSOLE_OPERATE, console_dialogue_end},
	{API "link", HTTP_POST, CONSOLE_OPERATE, console_link},
	{API "phone", HTTP_GET, CONSOLE_PHONE, console_phone_numbers},
	{API "phone/dial", HTTP_POST, CONSOLE_PHONE, console_phone_dial},
	{API "phone/hang-up", HTTP_POST, CONSOLE_PHONE, console_phone_hang_up},
	{API "phone/language", HTTP_POST, CONSOLE_PHONE, console_phone_language},
	{API "phone/tray", HTTP_POST, CONSOLE_PHONE, console_phone_tray},
	{API "subscriber", HTTP_POST, CONSOLE_SUBSCRIBER, console_subscriber},
	{API "grants", HTTP_GET, CONSOLE_GRANTS, console_grants},
	{API "grants/decide", HTTP_POST, CONSOLE_GRANTS, console_decide},
};

static void deny(struct console *c, struct http_request *r, int status, const char *what)
{
	c->counters.denied++;
	console_fault(r, status, what);
}

/* Whoever has a session may know what there is. */
static void ask(struct console *c, struct http_request *r, size_t route)
{
	struct console_session *s = console_session_of(c, r);
	struct console_ask a = {.console = c, .request = r, .session = s};
	size_t len;
	const char *body;

	if (s == NULL) {
		deny(c, r, 401, "log in first");
		return;
	}
	if (!console_pace(&s->asks_ms, CONSOLE_ASKS_AT_ONCE, CONSOLE_ASK_EVERY_MS)) {
		c->counters.hurried++;
		console_fault(r, 429,
		              "this session asks more than 10 times a second; close some of its tabs");
		return;
	}
	a.user = s->user;
	if (!console_role_may(c->gateway->config, s->user, routes[route].right)) {
		deny(c, r, 403,
		     "your role may not do this; console[].role in starhash.conf says who is what");
		return;
	}
	if (routes[route].method == HTTP_POST) {
		if (!console_is_meant(s, r)) {
			deny(c, r, 403, "this was not asked for by a page of the console");
			return;
		}
		body = http_request_body(r, &len);
		a.said = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
		if (!json_is_object(a.said)) {
			json_decref(a.said);
			console_fault(r, 400, "send one JSON object");
			return;
		}
	}
	if (routes[route].method == HTTP_POST || http_request_header(r, TOUCHED) != NULL)
		console_session_touch(s);
	routes[route].answer(&a);
	json_decref(a.said);
}

static void answer_api(struct console *c, struct http_request *r)
{
	const char *path = http_request_path(r);
	unsigned method = http_request_method(r);
	bool is_known = false;

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (strcmp(routes[i].path, path) != 0)
			continue;
		is_known = true;
		if (routes[i].method == method || (routes[i].method == HTTP_GET && method == HTTP_HEAD)) {
			ask(c, r, i);
			return;
		}
	}
	if (is_known)
		http_reply_refusal(r, HTTP_REFUSED_METHOD);
	else
		console_fault(r, 404, "nothing is here");
}

/* --- assets -------------------------------------------------------------------------------------------- */

static void answer_asset(struct http_request *r)
{
	const char *path = http_request_path(r) + strlen(ROOT);

	if (*path == '\0')
		path = "index.html";
	for (size_t i = 0; i < console_assets_count; i++) {
		const struct console_asset *a = &console_assets[i];

		if (strcmp(a->path, path) == 0) {
			http_reply(r, 200, a->type, SAFE, a->bytes, a->len);
			return;
		}
	}
	http_reply(r, 404, "text/plain; charset=utf-8", SAFE, "nothing is here\n",
	           strlen("nothing is here\n"));
}

static void on_request(void *ctx, struct http_request *r)
{
	struct console *c = ctx;
	const char *path = http_request_path(r);
	unsigned method = http_request_method(r);

	c->counters.requests++;
	if (strcmp(path, API "login") == 0 && method == HTTP_POST)
		console_login(c, r);
	else if (strcmp(path, API "logout") == 0 && method == HTTP_POST)
		console_logout(c, r);
	else if (strncmp(path, API, strlen(API)) == 0)
		answer_api(c, r);
	else if (method == HTTP_POST)
		http_reply_refusal(r, HTTP_REFUSED_METHOD);
	else
		answer_asset(r);
}

/* --- making and unmaking ------------------------------------------------------------------------------- */

enum rc console_new(struct gateway *g, struct http_server *server, struct console **out)
{
	struct console *c = calloc(1, sizeof(*c));
	enum rc rc;

	if (c == NULL)
		return RC_NOMEM;
	c->gateway = g;
	rc = console_login_init(c);
	if (rc == RC_OK) {
		c->phone = console_phone_new(c);
		rc = c->phone != NULL ? console_worker_new(g->base, g->config, &c->worker) : RC_NOMEM;
	}
	if (rc == RC_OK)
		rc = http_server_route(server, ROOT, HTTP_GET | HTTP_HEAD | HTTP_POST, on_request, c);
	if (rc != RC_OK) {
		console_free(c);
		return rc;
	}
	*out = c;
	return RC_OK;
}

void console_stop(struct console *c)
{
	if (c == NULL)
		return;
	console_worker_free(c->worker);
	c->worker = NULL;
}

void console_free(struct console *c)
{
	if (c == NULL)
		return;
	console_worker_free(c->worker);
	console_phone_free(c->phone);
	console_maps_free(c->maps);
	console_login_fini(c);
	explicit_bzero(c->session, sizeof(c->session));
	free(c);
}

void console_counters_read(const struct console *c, struct console_counters *out)
{
	*out = c->counters;
	for (size_t i = 0; i < CONSOLE_SESSIONS_MAX; i++)
		out->sessions += c->session[i].is_used;
	out->jobs = c->worker != NULL ? console_worker_jobs(c->worker) : 0;
}
