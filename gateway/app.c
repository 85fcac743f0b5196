/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apps: see app.h. A request becomes a form or a JSON object by the table; the answer is read by app_answer.c. */
#include "gateway/app.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "core/buf.h"
#include "core/log.h"
#include "core/msisdn.h"
#include "gateway/app_answer.h"
#include "gateway/app_table.h"
#include "gateway/due.h"

#define FORM_SIZE 4096 /* all but what was typed */
#define URL_SIZE 1024
#define SESSION_SIZE 41
#define LOG_EVERY_MS 1000

/* What an app wants to be given back with the next call of a visit; oldest first on `due`. */
struct state {
	struct due_entry due;
	UT_hash_handle hh;
	char session[SESSION_SIZE];
	char *text;
};

struct app {
	struct app_options options;
	struct state *states;
	struct due_list kept;
	int64_t logged_ms;
	struct app_counters counters;
};

struct ask {
	struct app *app;
	const struct app_dialect *dialect;
	uint64_t token;
	bool closes;
	char session[SESSION_SIZE];
};

enum rc app_new(const struct app_options *options, struct app **out)
{
	struct app *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return RC_NOMEM;
	a->options = *options;
	a->logged_ms = -LOG_EVERY_MS;
	due_list_init(&a->kept, APP_STATE_MS);
	*out = a;
	return RC_OK;
}

static void state_free(struct app *a, struct state *s)
{
	due_remove(&s->due);
	HASH_DEL(a->states, s);
	free(s->text);
	free(s);
}

void app_free(struct app *a)
{
	if (a == NULL)
		return;
	while (a->states != NULL)
		state_free(a, a->states);
	free(a);
}

void app_counters_read(const struct app *a, struct app_counters *out)
{
	*out = a->counters;
	out->states = (uint32_t)a->kept.count;
}

/* --- what it wants to be given back ------------------------------------------------------------------------- */

static void state_keep(struct app *a, const char *session, const char *text)
{
	int64_t now = clock_mono_ms(a->options.clock);
	struct state *s;
	struct due_entry *e;

	while ((e = due_pop(&a->kept, now)) != NULL)
		state_free(a, (struct state *)(void *)e);
	if (text[0] == '\0')
		return;
	s = strlen(text) <= APP_STATE_MAX && a->kept.count < APP_STATES_MAX ? calloc(1, sizeof(*s)) : NULL;
	if (s != NULL)
		s->text = strdup(text);
	if (s == NULL || s->text == NULL) {
		a->counters.states_dropped++;
		free(s);
		return;
	}
	snprintf(s->session, sizeof(s->session), "%s", session);
	HASH_ADD_STR(a->states, session, s);
	due_add(&a->kept, &s->due, now);
}

/* Given back once: it is the caller's now, NULL if there is none. */
static char *state_take(struct app *a, const char *session)
{
	struct state *s;
	char *text;

	HASH_FIND_STR(a->states, session, s);
	if (s == NULL)
		return NULL;
	text = s->text;
	s->text = NULL;
	state_free(a, s);
	return text;
}

/* --- requests -------------------------------------------------------------------------------------------------- */

/* First, later, closing. */
static int moment_of(const struct dialogue_app_request *r)
{
	return r->closes ? 2 : r->first ? 0 : 1;
}

/* "*123#" without its marks. */
static void bare_code(const char *code, char *out, size_t size)
{
	size_t n = 0;

	for (; *code != '\0' && n + 1 < size; code++)
		if (*code != '#' && (*code != '*' || n > 0))
			out[n++] = *code;
	out[n] = '\0';
}

/* The words of a field; those that are no words (true, 3) are seen to by json_value. */
static const char *words_of(const struct app_dialect *d, const struct app_field *f,
                            const struct dialogue_app_request *r, char *room, size_t size)
{
	char digits[MSISDN_TEXT_SIZE];

	switch (f->value) {
	case APP_SESSION:
		return r->session;
	case APP_MSISDN:
	case APP_MSISDN_PLUS:
		snprintf(room, size, "%s%s", f->value == APP_MSISDN_PLUS ? "+" : "",
		         msisdn_text(r->msisdn, digits));
		return room;
	case APP_CODE:
		return r->code;
	case APP_CODE_BARE:
		bare_code(r->code, room, size);
		return room;
	case APP_CHAIN:
		return r->chain;
	case APP_DIALLED:
		return r->first ? r->code : r->input;
	case APP_INPUT:
		return r->input;
	case APP_TYPE:
		return d->types[moment_of(r)];
	case APP_SEQUENCE:
		snprintf(room, size, "%" PRIu32, r->sequence);
		return room;
	case APP_FIRST:
		return r->first ? "true" : "false";
	case APP_FIXED:
		return f->fixed;
	case APP_STATE:
		break;
	}
	return "";
}

static json_t *json_value(const struct app_dialect *d, const struct app_field *f,
                          const struct dialogue_app_request *r, const char *state)
{
	char room[64];

	switch (f->value) {
	case APP_FIRST:
		return json_boolean(r->first);
	case APP_SEQUENCE:
		return json_integer(r->sequence);
	case APP_STATE:
		return json_string(state != NULL ? state : "");
	default:
		return json_string(words_of(d, f, r, room, sizeof(room)));
	}
}

static char *json_body(const struct app_dialect *d, const struct dialogue_app_request *r, const char *state)
{
	json_t *o = json_object();
	char *text;

	for (size_t i = 0; i < APP_MAX_FIELDS && d->field[i].name != NULL; i++)
		json_object_set_new(o, d->field[i].name, json_value(d, &d->field[i], r, state));
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text;
}

static void add_escaped(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
		    strchr("-._*", c) != NULL)
			buf_add_char(b, (char)c);
		else
			buf_printf(b, "%%%02X", c);
	}
}

static char *form_body(const struct app_dialect *d, const struct dialogue_app_request *r)
{
	size_t size = FORM_SIZE + 3 * (strlen(r->chain) + strlen(r->input)); /* each byte as %XX at most */
	char *memory = malloc(size), room[64];
	struct buf b;

	if (memory == NULL)
		return NULL;
	buf_init(&b, memory, size);
	for (size_t i = 0; i < APP_MAX_FIELDS && d->field[i].name != NULL; i++) {
		buf_printf(&b, "%s%s=", i > 0 ? "&" : "", d->field[i].name);
		add_escaped(&b, words_of(d, &d->field[i], r, room, sizeof(room)));
	}
	if (!b.cut)
		return memory;
	free(memory);
	return NULL;
}

/* The path goes before a query: http://host/app?key=1 becomes http://host/app/session/x/start?key=1. */
static bool url_of(const struct app_dialect *d, const struct dialogue_app_request *r, char *out, size_t size)
{
	const char *path = d->path[moment_of(r)];
	size_t base = strcspn(r->url, "?");
	const char *query = r->url + base, *slot = path != NULL ? strstr(path, "%s") : NULL;
	struct buf b;

	buf_init(&b, out, size);
	if (slot == NULL) {
		buf_add(&b, r->url);
		return !b.cut;
	}
	while (base > 0 && r->url[base - 1] == '/')
		base--;
	buf_add_n(&b, r->url, base);
	buf_add_n(&b, path, (size_t)(slot - path));
	buf_add(&b, r->session);
	buf_add(&b, slot + 2);
	buf_add(&b, query);
	return !b.cut;
}

/* --- answers ----------------------------------------------------------------------------------------------------- */

static void count(struct app *a, const struct app_words *w)
{
	uint64_t *const counter[] = {
		[APP_FINE] = &a->counters.answers,      [APP_SLOW] = &a->counters.slow,
		[APP_DOWN] = &a->counters.down,         [APP_BAD_STATUS] = &a->counters.bad_status,
		[APP_NOT_HTTP] = &a->counters.not_http, [APP_HTML] = &a->counters.html,
		[APP_NOT_TEXT] = &a->counters.not_text, [APP_TOO_LONG] = &a->counters.too_long,
		[APP_NOT_JSON] = &a->counters.not_json, [APP_NO_ENDING] = &a->counters.no_ending};
	int64_t now = clock_mono_ms(a->options.clock);

	++*counter[w->fault];
	/* An app that is down fails for everybody: one line a second says so as well. Never its words: they may name people. */
	if (w->fault == APP_FINE || now - a->logged_ms < LOG_EVERY_MS)
		return;
	a->logged_ms = now;
	LOG_EVENT(LOG_LV_WARN, "app", "answer-refused", "why", app_fault_name(w->fault), "http-status",
	          LOG_INT(w->status), "remedy", app_fault_remedy(w->fault));
}

static void on_answer(void *ctx, enum rc rc, const struct http_client_answer *answer)
{
	struct ask *ask = ctx;
	struct app *a = ask->app;
	struct app_words w;

	if (ask->closes) {
		a->options.answered(a->options.ctx, ask->token, rc == RC_OK ? RC_OK : RC_IO, "", true);
		free(ask);
		return;
	}
	app_read(ask->dialect, rc, answer, &w);
	count(a, &w);
	if (w.fault == APP_FINE && !w.ends)
		state_keep(a, ask->session, w.state);
	a->options.answered(a->options.ctx, ask->token, app_fault_rc(w.fault),
	                    w.fault == APP_FINE ? w.text : NULL, w.ends);
	free(ask);
}

static enum rc start(struct app *a, struct ask *ask, const struct dialogue_app_request *r)
{
	const struct app_dialect *d = ask->dialect;
	char url[URL_SIZE], *state = state_take(a, r->session), *body = NULL;
	struct http_client_call call = {.url = url,
	                                .method = "POST",
	                                .content_type = d->json ? "application/json"
	                                                        : "application/x-www-form-urlencoded",
	                                .within_ms = r->closes ? APP_CLOSE_WITHIN_MS : r->within_ms};
	enum rc rc = RC_RANGE;

	if (url_of(d, r, url, sizeof(url))) {
		body = d->json ? json_body(d, r, state) : form_body(d, r);
		rc = RC_NOMEM;
	}
	if (body != NULL) {
		call.body = body;
		call.len = strlen(body);
		rc = http_client_start(a->options.client, &call, on_answer, ask);
	}
	free(body);
	free(state);
	return rc;
}

enum rc app_ask(struct app *a, const struct dialogue_app_request *r, uint64_t token)
{
	const struct app_dialect *d = app_dialect_of(r->speaks);
	struct ask *ask;
	enum rc rc;

	if (r->closes && !d->closes) {
		free(state_take(a, r->session));
		return RC_STATE;
	}
	ask = calloc(1, sizeof(*ask));
	if (ask == NULL)
		return RC_NOMEM;
	*ask = (struct ask){.app = a, .dialect = d, .token = token, .closes = r->closes};
	snprintf(ask->session, sizeof(ask->session), "%s", r->session);
	rc = start(a, ask, r);
	if (rc != RC_OK) {
		a->counters.refused++;
		free(ask);
		return rc;
	}
	if (r->closes)
		a->counters.closed++;
	else
		a->counters.calls++;
	return RC_OK;
}
