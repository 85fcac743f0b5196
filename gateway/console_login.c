/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console's door: tokens, sessions, and the second secret that each act needs; see console.h.
 *
 * A cookie's value is kept as a digest alone. A wrong token is answered CONSOLE_WRONG_MS after it came, with the same words,
 * whatever is wrong with it; a right one at once. No token stands in a log.
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/console_private.h"
#include "gateway/http.h"

#define COOKIE "starhash"
#define TICK_MS 50
#define WRONG_WORDS "this token is not known"

static int64_t now_ms(void)
{
	return clock_mono_ms(clock_system());
}

static void make_secret(char out[CONSOLE_SECRET_SIZE])
{
	uint8_t bytes[32];

	digest_random(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	explicit_bzero(bytes, sizeof(bytes));
}

/* --- sessions ------------------------------------------------------------------------------------------ */

static bool is_over(const struct console *c, const struct console_session *s, int64_t now)
{
	return now - s->began_ms >= CONSOLE_LIFE_MS ||
	       (s->rests && now - s->touched_ms >= c->gateway->config->http_rest_ms);
}

/* "a=b; starhash=VALUE; c=d" */
static bool cookie_of(const struct http_request *r, char out[CONSOLE_SECRET_SIZE])
{
	const char *at = http_request_header(r, "Cookie");
	size_t n;

	while (at != NULL && *at != '\0') {
		at += strspn(at, "; ");
		n = strcspn(at, ";");
		if (strncmp(at, COOKIE "=", sizeof(COOKIE)) == 0 &&
		    n == sizeof(COOKIE) + CONSOLE_SECRET_SIZE - 1) {
			memcpy(out, at + sizeof(COOKIE), CONSOLE_SECRET_SIZE - 1);
			out[CONSOLE_SECRET_SIZE - 1] = '\0';
			return true;
		}
		at += n;
	}
	return false;
}

static bool is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 ||
	       strncmp(address, "::ffff:127.", 11) == 0;
}

/* What a session is bound to: a cookie that went elsewhere is none. "localhost" is either of two. */
static const char *address_of(const struct http_request *r)
{
	const char *address = http_request_address(r);

	return strcmp(address, "::1") == 0 ? "127.0.0.1" : address;
}

/* A proxy of this machine says that the browser came by TLS: then the cookie goes nowhere else. */
static bool is_by_tls(const struct http_request *r)
{
	const char *said = http_request_header(r, "X-Forwarded-Proto");

	return said != NULL && strcmp(said, "https") == 0 && is_loopback(http_request_address(r));
}

struct console_session *console_session_of(struct console *c, const struct http_request *r)
{
	struct console_session *found = NULL;
	char value[CONSOLE_SECRET_SIZE];
	struct http_proof said;
	int64_t now = now_ms();

	if (!cookie_of(r, value))
		return NULL;
	http_proof_make(c->tries, value, &said);
	for (size_t i = 0; i < CONSOLE_SESSIONS_MAX; i++) {
		struct console_session *s = &c->session[i];

		if (s->is_used && is_over(c, s, now))
			s->is_used = false;
		if (s->is_used && http_proof_is(&s->id, &said) && strcmp(s->address, address_of(r)) == 0)
			found = s;
	}
	if (found != NULL)
		found->seen = ++c->seen;
	return found;
}

bool console_is_meant(const struct console_session *s, const struct http_request *r)
{
	const char *said = http_request_header(r, "X-Starhash-Csrf"),
		   *type = http_request_header(r, "Content-Type");

	return said != NULL && strcmp(said, s->csrf) == 0 && type != NULL &&
	       strncmp(type, "application/json", 16) == 0 && http_request_header(r, "Origin") != NULL &&
	       !http_request_is_of_another_page(r);
}

void console_session_touch(struct console_session *s)
{
	s->touched_ms = now_ms();
}

/* Whoever has as many as one may have loses the oldest of them; others lose theirs only when all places are taken. */
static struct console_session *place(struct console *c, const struct config_console *user)
{
	struct console_session *oldest = NULL, *own = NULL, *free_one = NULL;
	unsigned n = 0;

	for (size_t i = 0; i < CONSOLE_SESSIONS_MAX; i++) {
		struct console_session *s = &c->session[i];

		if (!s->is_used || is_over(c, s, now_ms())) {
			free_one = s;
			continue;
		}
		if (oldest == NULL || s->seen < oldest->seen)
			oldest = s;
		if (s->user != user)
			continue;
		n++;
		if (own == NULL || s->seen < own->seen)
			own = s;
	}
	if (n < CONSOLE_SESSIONS_EACH && free_one != NULL)
		return free_one;
	c->counters.evicted++;
	return n > 0 ? own : oldest;
}

static json_t *me_json(const struct config *config, const struct console_session *s)
{
	json_t *rights = json_array(),
	       *rest = s->rests ? json_integer((json_int_t)(config->http_rest_ms / 1000)) : json_null();

	for (int i = 0; i < CONSOLE_RIGHTS; i++)
		if (console_role_may(config, s->user, (enum console_right)i))
			json_array_append_new(rights, json_string(console_right_name((enum console_right)i)));
	return json_pack("{s:s, s:s, s:s, s:o, s:o}", "name", s->user->name, "role",
	                 console_role_name(s->user), "csrf", s->csrf, "rights", rights, "rest_s", rest);
}

static void let_in(struct console *c, struct http_request *r, const struct config_console *user)
{
	struct console_session *s = place(c, user);
	int64_t now = now_ms();
	char value[CONSOLE_SECRET_SIZE], headers[256], *json;
	json_t *o;

	*s = (struct console_session){.is_used = true,
	                              .user = user,
	                              .rests = !console_role_looks_only(c->gateway->config, user),
	                              .began_ms = now,
	                              .seen = ++c->seen,
	                              .touched_ms = now};
	snprintf(s->address, sizeof(s->address), "%s", address_of(r));
	make_secret(value);
	make_secret(s->csrf);
	http_proof_make(c->tries, value, &s->id);
	c->counters.logins++;
	LOG_EVENT(LOG_LV_INFO, "console", "login", "user", user->name, "role", console_role_name(user),
	          "from", http_request_address(r));
	snprintf(headers, sizeof(headers),
	         "Set-Cookie: " COOKIE "=%s; Path=/console/; HttpOnly; SameSite=Strict%s\r\n", value,
	         is_by_tls(r) ? "; Secure" : "");
	o = me_json(c->gateway->config, s);
	json = o != NULL ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	if (json != NULL)
		console_reply_raw(r, 200, json, headers);
	else
		console_fault(r, 503, "out of memory");
	free(json);
	explicit_bzero(value, sizeof(value));
	explicit_bzero(headers, sizeof(headers));
}

void console_me(const struct console_ask *a)
{
	const struct console_session *s = console_session_of(a->console, a->request);

	console_reply(a->request, 200, me_json(a->console->gateway->config, s));
}

void console_logout(struct console *c, struct http_request *r)
{
	struct console_session *s = console_session_of(c, r);

	if (s != NULL && !console_is_meant(s, r)) {
		console_fault(r, 403, "this was not asked for by a page of the console");
		return;
	}
	if (s != NULL)
		s->is_used = false;
	console_reply_raw(r, 200, "{}",
	                  "Set-Cookie: " COOKIE
	                  "=; Path=/console/; Max-Age=0; HttpOnly; SameSite=Strict\r\n");
}

/* --- tokens -------------------------------------------------------------------------------------------- */

static void on_gone(void *ctx)
{
	struct console_wrong *w = ctx;

	due_remove(&w->due);
	w->request = NULL;
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	static const struct timeval soon = {.tv_usec = TICK_MS * 1000};
	struct console *c = ctx;
	struct due_entry *e;

	(void)fd;
	(void)what;
	while ((e = due_pop(&c->late, now_ms())) != NULL) {
		struct console_wrong *w = (struct console_wrong *)(void *)e;
		struct http_request *r = w->request;

		w->request = NULL;
		http_request_on_gone(r, NULL, NULL);
		console_fault(r, 401, WRONG_WORDS);
	}
	if (c->late.count > 0)
		evtimer_add(c->tick, &soon);
}

static void answer_later(struct console *c, struct http_request *r)
{
	static const struct timeval soon = {.tv_usec = TICK_MS * 1000};

	for (size_t i = 0; i < CONSOLE_WRONG_MAX; i++) {
		struct console_wrong *w = &c->wrong[i];

		if (w->request != NULL)
			continue;
		w->console = c;
		w->request = r;
		http_request_on_gone(r, on_gone, w);
		due_add(&c->late, &w->due, now_ms());
		if (!evtimer_pending(c->tick, NULL))
			evtimer_add(c->tick, &soon);
		return;
	}
	c->counters.limited++;
	console_fault(r, 429, "too many wrong tokens at a time; try again in a minute");
}

/* Every token is compared, whole. */
static const struct config_console *user_of(const struct console *c, const char *token)
{
	const struct config *config = c->gateway->config;
	const struct config_console *found = NULL;
	struct http_proof said;

	http_proof_make(c->tries, token, &said);
	for (size_t i = 0; i < config->n_console; i++)
		if (http_proof_is(&said, &c->token[i]))
			found = &config->console[i];
	return found;
}

void console_login(struct console *c, struct http_request *r)
{
	const char *address = http_request_address(r), *token;
	const struct config_console *user = NULL;
	json_t *said;
	size_t len;
	char *body = http_request_body(r, &len);

	if (http_request_header(r, "Origin") == NULL || http_request_is_of_another_page(r)) {
		http_server_count(http_server_of(c->gateway->http), HTTP_REFUSED_ORIGIN);
		console_fault(r, 403, "log in on the page of the console");
		return;
	}
	said = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
	token = json_string_value(json_object_get(said, "token"));
	if (token != NULL && *token != '\0')
		user = user_of(c, token);
	json_decref(said);
	explicit_bzero(body, len);
	if (user != NULL) {
		let_in(c, r, user);
		return;
	}
	if (!http_tries_wrong(c->tries, http_request_network(r), now_ms())) {
		c->counters.limited++;
		console_fault(r, 429, "too many wrong tokens from this address; try again in a minute");
		return;
	}
	c->counters.wrong++;
	LOG_EVENT(LOG_LV_WARN, "console", "login-refused", "from", address);
	answer_later(c, r);
}

enum rc console_login_init(struct console *c)
{
	c->tries = http_tries_new();
	c->tick = evtimer_new(c->gateway->base, on_tick, c);
	if (c->tries == NULL || c->tick == NULL)
		return RC_NOMEM;
	due_list_init(&c->late, CONSOLE_WRONG_MS);
	for (size_t i = 0; i < c->gateway->config->n_console; i++)
		http_proof_make(c->tries, c->gateway->config->console[i].token, &c->token[i]);
	return RC_OK;
}

void console_login_fini(struct console *c)
{
	if (c->tick != NULL)
		event_free(c->tick);
	http_tries_free(c->tries);
}
