/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP in: see http.h.
 *
 * Invariant: a request of evhttp is either answered, or it is `waiting` of exactly one session, which lets go of it when it
 * answers, when the client leaves or when its time is over.
 */
#include "gateway/http.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <uthash.h>

#include "core/log.h"
#include "core/text.h"
#include "gateway/due.h"

#define SESSION_SIZE 65
#define TICK_MS 200

struct session {
	struct due_entry life; /* on idle or ended */
	struct due_entry turn; /* on answering while a client waits */
	UT_hash_handle by_id, by_msisdn;
	struct http *http;
	char id[SESSION_SIZE];
	int64_t msisdn;
	uint32_t connection;
	bool ended;
	char *chain; /* what the last request had; NULL = none yet */
	char *reply; /* to it; NULL = not yet */
	struct evhttp_request *waiting;
};

struct page {
	http_page_fn *write;
	void *ctx;
};

struct http {
	struct http_options options;
	struct dialogues *dialogues;
	struct evhttp *server;
	struct evhttp_bound_socket *bound;
	struct event *tick;
	struct session *by_id, *by_msisdn;
	struct due_list idle, ended, answering;
	uint32_t connections, sequence;
	struct http_counters counters;
	size_t n_pages;
	struct page page[HTTP_PAGES_MAX];
};

/* --- answers ---------------------------------------------------------------------------------------------------- */

static void reply_with(struct evhttp_request *r, int status, const char *reason, const char *type,
                       const char *text, size_t len)
{
	struct evbuffer *body = evbuffer_new();
	struct evkeyvalq *headers = evhttp_request_get_output_headers(r);

	evhttp_add_header(headers, "Content-Type", type);
	evhttp_add_header(headers, "Cache-Control", "no-store");
	if (body != NULL)
		evbuffer_add(body, text, len);
	evhttp_send_reply(r, status, reason, body);
	if (body != NULL)
		evbuffer_free(body);
}

static void reply(struct evhttp_request *r, int status, const char *reason, const char *text)
{
	reply_with(r, status, reason, "text/plain; charset=utf-8", text, strlen(text));
}

static void refuse(struct http *h, struct evhttp_request *r, const char *why)
{
	h->counters.refused++;
	reply(r, 400, "Bad Request", why);
}

/* The client that waits gets its answer, or nobody waits any more. */
static bool conclude(struct session *s, int status, const char *reason, const char *text)
{
	struct evhttp_request *r = s->waiting;

	if (r == NULL)
		return false;
	s->waiting = NULL;
	due_remove(&s->turn);
	evhttp_connection_set_closecb(evhttp_request_get_connection(r), NULL, NULL);
	reply(r, status, reason, text);
	return true;
}

static void on_client_gone(struct evhttp_connection *c, void *ctx)
{
	struct session *s = ctx;

	(void)c;
	s->waiting = NULL;
	due_remove(&s->turn);
	s->http->counters.gone++;
}

static void wait_for(struct session *s, struct evhttp_request *r)
{
	s->waiting = r;
	due_add(&s->http->answering, &s->turn, clock_mono_ms(s->http->options.clock));
	evhttp_connection_set_closecb(evhttp_request_get_connection(r), on_client_gone, s);
}

/* --- sessions --------------------------------------------------------------------------------------------------- */

static void session_free(struct session *s)
{
	struct http *h = s->http;

	conclude(s, 503, "Service Unavailable", "END The session is over.");
	due_remove(&s->life);
	HASH_DELETE(by_id, h->by_id, s);
	HASH_DELETE(by_msisdn, h->by_msisdn, s);
	free(s->chain);
	free(s->reply);
	free(s);
}

static struct session *session_by_id(const struct http *h, const char *id)
{
	struct session *s;

	HASH_FIND(by_id, h->by_id, id, strlen(id), s);
	return s;
}

static struct session *session_by_msisdn(const struct http *h, int64_t msisdn)
{
	struct session *s;

	HASH_FIND(by_msisdn, h->by_msisdn, &msisdn, sizeof(msisdn), s);
	return s;
}

/* A number has one session, as a phone has one screen. NULL: at the bound. */
static struct session *session_new(struct http *h, const char *id, int64_t msisdn)
{
	struct session *s = session_by_msisdn(h, msisdn);

	if (s != NULL)
		session_free(s);
	if (HASH_CNT(by_id, h->by_id) >= HTTP_SESSIONS_MAX && h->ended.head != NULL)
		session_free((struct session *)(void *)h->ended.head);
	if (HASH_CNT(by_id, h->by_id) >= HTTP_SESSIONS_MAX)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->http = h;
	s->msisdn = msisdn;
	s->connection = ++h->connections;
	snprintf(s->id, sizeof(s->id), "%s", id);
	HASH_ADD(by_id, h->by_id, id, strlen(s->id), s);
	HASH_ADD(by_msisdn, h->by_msisdn, msisdn, sizeof(s->msisdn), s);
	return s;
}

/* Now this is what was said last in the session, and there is no answer to it yet. */
static bool note_chain(struct session *s, const char *chain)
{
	char *copy = strdup(chain);

	if (copy == NULL)
		return false;
	free(s->chain);
	free(s->reply);
	s->chain = copy;
	s->reply = NULL;
	s->ended = false;
	due_add(&s->http->idle, &s->life, clock_mono_ms(s->http->options.clock));
	return true;
}

/* --- requests ---------------------------------------------------------------------------------------------------- */

/* What one POST says. Points into the parsed form. */
struct form {
	struct evkeyvalq pairs;
	const char *session, *phone, *code, *text;
	int64_t msisdn;
	char digits[DIALECT_CODE_SIZE]; /* the service code without '*' before and '#' behind */
};

static bool bare_code(const char *code, char *out)
{
	size_t n;

	code += strspn(code, "* ");
	n = strcspn(code, "#");
	if (n == 0 || n >= DIALECT_CODE_SIZE || strspn(code, "0123456789*") < n)
		return false;
	memcpy(out, code, n);
	out[n] = '\0';
	return true;
}

static bool is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7f)
			return false;
	return true;
}

/* NULL: fine; else what is wrong with it. */
static const char *form_check(const struct http *h, struct form *f)
{
	f->session = evhttp_find_header(&f->pairs, "sessionId");
	f->phone = evhttp_find_header(&f->pairs, "phoneNumber");
	f->code = evhttp_find_header(&f->pairs, "serviceCode");
	f->text = evhttp_find_header(&f->pairs, "text");
	if (f->text == NULL)
		f->text = "";
	if (f->session == NULL || f->session[0] == '\0' || strlen(f->session) >= SESSION_SIZE ||
	    !is_plain(f->session))
		return "sessionId must be 1 to 64 characters";
	if (f->phone == NULL ||
	    msisdn_parse(f->phone, MSISDN_TON_UNKNOWN, h->options.plan, &f->msisdn) != RC_OK)
		return "phoneNumber must be a number such as +254700000001";
	if (f->code == NULL || !bare_code(f->code, f->digits))
		return "serviceCode must be a code such as *123#";
	if (strlen(f->text) > HTTP_CHAIN_MAX || !text_utf8_valid(f->text, strlen(f->text)))
		return "text must be UTF-8, at most 2000 bytes";
	return NULL;
}

static bool form_read(struct evhttp_request *r, struct form *f)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(r);
	size_t n = evbuffer_get_length(in);
	char *body = n <= HTTP_BODY_MAX ? malloc(n + 1) : NULL;
	bool fine = false;

	memset(f, 0, sizeof(*f));
	TAILQ_INIT(&f->pairs);
	if (body != NULL && evbuffer_copyout(in, body, n) == (ev_ssize_t)n && memchr(body, '\0', n) == NULL) {
		body[n] = '\0';
		/* Behind a NUL nothing would be seen of a field; nobody types one. */
		fine = strstr(body, "%00") == NULL &&
		       (n == 0 || evhttp_parse_query_str(body, &f->pairs) == 0);
	}
	free(body);
	return fine;
}

/* Everything typed, but for what the last request had already: the newest input. NULL: nothing new. */
static const char *newest(const char *before, const char *chain)
{
	size_t n = strlen(before);
	const char *star;

	if (strcmp(before, chain) == 0)
		return NULL;
	if (n == 0)
		return chain;
	if (strncmp(chain, before, n) == 0 && chain[n] == '*')
		return chain + n + 1;
	star = strrchr(chain, '*'); /* a client that lost its place */
	return star != NULL ? star + 1 : chain;
}

static void input(struct http *h, const struct session *s, const struct form *f, enum dialect_kind kind,
                  const char *text)
{
	struct dialogue_input in = {.group = h->options.group,
	                            .link = h,
	                            .connection = s->connection,
	                            .sequence = ++h->sequence,
	                            .simulated = h->options.simulated};

	in.event.kind = kind;
	in.event.msisdn = s->msisdn;
	snprintf(in.event.code, sizeof(in.event.code), "%s", f->digits);
	snprintf(in.event.text, sizeof(in.event.text), "%s", text);
	snprintf(in.event.service.digits, sizeof(in.event.service.digits), "%.20s", f->digits);
	msisdn_text(s->msisdn, in.event.subscriber.digits);
	dialogue_receive(h->dialogues, &in);
}

/* A new session: what stands in `text` already was dialled, "*123*1*2#". When it can not have been, the session is older
 * than this daemon: its newest input goes to a dialogue that is offered to go on. */
static void begin(struct http *h, const struct session *s, const struct form *f)
{
	char dialled[DIALECT_INPUT_SIZE];
	const char *star = strrchr(f->text, '*');
	bool is_dialled = strspn(f->text, "0123456789*") == strlen(f->text) && strlen(f->text) < 100;

	snprintf(dialled, sizeof(dialled), "*%s%s%s#", f->digits, f->text[0] != '\0' ? "*" : "",
	         is_dialled ? f->text : "");
	if (is_dialled)
		input(h, s, f, DIALECT_BEGIN, dialled);
	else
		input(h, s, f, DIALECT_CONTINUE, star != NULL ? star + 1 : f->text);
}

static void again(struct http *h, const struct session *s, struct evhttp_request *r)
{
	h->counters.repeated++;
	if (s->reply != NULL)
		reply(r, 200, "OK", s->reply);
	else
		reply(r, 409, "Conflict", "the first of these requests is being answered");
}

static void take(struct http *h, struct evhttp_request *r, const struct form *f)
{
	struct session *s = session_by_id(h, f->session);
	const char *typed = NULL;

	if (s != NULL && s->msisdn != f->msisdn) {
		refuse(h, r, "another phoneNumber has this sessionId");
		return;
	}
	if (s != NULL && s->chain != NULL) {
		typed = newest(s->chain, f->text);
		if (typed == NULL || s->waiting != NULL) {
			again(h, s, r);
			return;
		}
	}
	if (s == NULL || s->ended) {
		typed = NULL;
		s = session_new(h, f->session, f->msisdn);
	}
	if (s == NULL || !note_chain(s, f->text)) {
		h->counters.shed++;
		reply(r, 503, "Service Unavailable", "END We are busy. Please try again.");
		return;
	}
	wait_for(s, r);
	if (typed == NULL)
		begin(h, s, f);
	else
		input(h, s, f, DIALECT_CONTINUE, typed);
}

/* A browser sends forms of any page to any address, loopback too, and says in Origin whose page it was. Only pages that
 * came from where they send to may drive dialogues. */
static bool is_of_another_page(struct evhttp_request *r)
{
	const struct evkeyvalq *headers = evhttp_request_get_input_headers(r);
	const char *origin = evhttp_find_header(headers, "Origin");
	const char *host = evhttp_find_header(headers, "Host"), *at;

	if (origin == NULL)
		return false;
	at = strstr(origin, "://");
	return at == NULL || host == NULL || strcasecmp(at + 3, host) != 0;
}

static void on_ussd(struct evhttp_request *r, void *ctx)
{
	struct http *h = ctx;
	const char *fault;
	struct form f;

	h->counters.requests++;
	if (is_of_another_page(r)) {
		h->counters.refused++;
		reply(r, 403, "Forbidden", "pages of other sites may not POST here");
		return;
	}
	if (evhttp_request_get_command(r) != EVHTTP_REQ_POST) {
		h->counters.refused++;
		reply(r, 405, "Method Not Allowed",
		      "POST sessionId, phoneNumber, serviceCode and text as a form");
		return;
	}
	if (!form_read(r, &f))
		fault = "the body must be a form: sessionId=...&phoneNumber=...&serviceCode=...&text=...";
	else
		fault = form_check(h, &f);
	if (fault != NULL)
		refuse(h, r, fault);
	else
		take(h, r, &f);
	evhttp_clear_headers(&f.pairs);
}

static void on_page(struct evhttp_request *r, void *ctx)
{
	const struct page *p = ctx;
	const char *type = "text/plain; charset=utf-8", *text = "";
	enum evhttp_cmd_type command = evhttp_request_get_command(r);
	size_t len = 0;
	int status;

	if (command != EVHTTP_REQ_GET && command != EVHTTP_REQ_HEAD) {
		reply(r, 405, "Method Not Allowed", "GET it\n");
		return;
	}
	status = p->write(p->ctx, &type, &text, &len);
	reply_with(r, status, status == 200 ? "OK" : "Service Unavailable", type, text, len);
}

enum rc http_page(struct http *h, const char *path, http_page_fn *page, void *ctx)
{
	struct page *p;

	if (h->n_pages >= HTTP_PAGES_MAX)
		return RC_FULL;
	p = &h->page[h->n_pages];
	*p = (struct page){.write = page, .ctx = ctx};
	if (evhttp_set_cb(h->server, path, on_page, p) != 0)
		return RC_NOMEM;
	h->n_pages++;
	return RC_OK;
}

static void on_other(struct evhttp_request *r, void *ctx)
{
	(void)ctx;
	reply(r, 404, "Not Found", "POST /ussd, GET /health or GET /metrics\n");
}

/* --- from the dialogues ------------------------------------------------------------------------------------------ */

enum rc http_answer(struct http *h, int64_t msisdn, const char *text, bool last, uint64_t token)
{
	struct session *s = session_by_msisdn(h, msisdn);
	size_t size = strlen(text) + sizeof("CON ");
	enum dialogue_sent how = DIALOGUE_DELIVERED;

	if (s == NULL)
		return RC_RANGE;
	free(s->reply);
	s->reply = malloc(size);
	if (s->reply != NULL)
		snprintf(s->reply, size, "%s %s", last ? "END" : "CON", text);
	s->ended = last;
	due_add(last ? &h->ended : &h->idle, &s->life, clock_mono_ms(h->options.clock));
	/* Whoever asks again gets it; nobody may ever. */
	if (!conclude(s, 200, "OK", s->reply != NULL ? s->reply : "END Sorry. Please try again later."))
		how = DIALOGUE_UNKNOWN;
	dialogue_sent(h->dialogues, token, how, 0);
	return RC_OK;
}

/* --- time ---------------------------------------------------------------------------------------------------------- */

static void arm(struct http *h)
{
	static const struct timeval tv = {.tv_usec = TICK_MS * 1000};

	evtimer_add(h->tick, &tv);
}

static struct session *of_turn(struct due_entry *e)
{
	return (struct session *)(void *)((char *)e - offsetof(struct session, turn));
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct http *h = ctx;
	int64_t now = clock_mono_ms(h->options.clock);
	struct due_entry *e;

	(void)fd;
	(void)what;
	while ((e = due_pop(&h->answering, now)) != NULL) {
		h->counters.slow++;
		conclude(of_turn(e), 503, "Service Unavailable", "END Sorry. Please try again later.");
	}
	while ((e = due_pop(&h->idle, now)) != NULL)
		session_free((struct session *)(void *)e);
	while ((e = due_pop(&h->ended, now)) != NULL)
		session_free((struct session *)(void *)e);
	arm(h);
}

/* --- making and unmaking --------------------------------------------------------------------------------------------- */

static bool bind_to(struct http *h, const char *listen)
{
	const char *colon = strrchr(listen, ':');
	char host[96];
	size_t n;

	if (colon == NULL)
		return false;
	n = (size_t)(colon - listen);
	if (n >= 2 && listen[0] == '[' && listen[n - 1] == ']') {
		listen++;
		n -= 2;
	}
	snprintf(host, sizeof(host), "%.*s", (int)n, listen);
	h->bound = evhttp_bind_socket_with_handle(h->server, host, (uint16_t)atoi(colon + 1));
	return h->bound != NULL;
}

static bool set_up(struct http *h)
{
	h->server = evhttp_new(h->options.base);
	h->tick = evtimer_new(h->options.base, on_tick, h);
	if (h->server == NULL || h->tick == NULL)
		return false;
	evhttp_set_max_body_size(h->server, HTTP_BODY_MAX);
	evhttp_set_max_headers_size(h->server, HTTP_HEADERS_MAX);
	evhttp_set_timeout(h->server, HTTP_WITHIN_S);
	evhttp_set_allowed_methods(h->server, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD);
	evhttp_set_gencb(h->server, on_other, h);
	return evhttp_set_cb(h->server, "/ussd", on_ussd, h) == 0;
}

enum rc http_new(const struct http_options *options, struct http **out, char *why, size_t why_size)
{
	struct http *h = calloc(1, sizeof(*h));
	enum rc rc = RC_NOMEM;

	if (h == NULL)
		return RC_NOMEM;
	h->options = *options;
	due_list_init(&h->idle, options->idle_ms);
	due_list_init(&h->ended, HTTP_ENDED_MS);
	due_list_init(&h->answering, HTTP_ANSWER_MS);
	if (set_up(h)) {
		rc = bind_to(h, options->listen) ? RC_OK : RC_IO;
		if (rc != RC_OK)
			snprintf(why, why_size, "http.listen: cannot listen on %s; is another program there?",
			         options->listen);
	}
	if (rc != RC_OK) {
		http_free(h);
		return rc;
	}
	arm(h);
	*out = h;
	return RC_OK;
}

void http_attach(struct http *h, struct dialogues *dialogues)
{
	h->dialogues = dialogues;
}

void http_free(struct http *h)
{
	if (h == NULL)
		return;
	while (h->by_id != NULL)
		session_free(h->by_id);
	if (h->server != NULL)
		evhttp_free(h->server);
	if (h->tick != NULL)
		event_free(h->tick);
	free(h);
}

int http_port(const struct http *h)
{
	struct sockaddr_storage at;
	ev_socklen_t len = sizeof(at);

	if (getsockname(evhttp_bound_socket_get_fd(h->bound), (struct sockaddr *)&at, &len) != 0)
		return 0;
	if (at.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)(void *)&at)->sin6_port);
	return ntohs(((struct sockaddr_in *)(void *)&at)->sin_port);
}

void http_counters_read(const struct http *h, struct http_counters *out)
{
	*out = h->counters;
	out->sessions = (uint32_t)HASH_CNT(by_id, h->by_id);
	out->waiting = (uint32_t)h->answering.count;
}
