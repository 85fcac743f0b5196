/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP out: see http_client.h. libcurl says which sockets and which moment it waits for; libevent waits.
 *
 * Invariant: a call is on the list from http_client_start until its callback was called. Calls are concluded after
 * libcurl has returned, never from inside one of its callbacks.
 */
#include "gateway/http_client.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/log.h"
#include "gateway/http_library.h"

#define CONNECTIONS_MAX 512L /* open at a time; further calls wait for one, within their deadline */
#define HOST_CONNECTIONS_MAX 256L
#define IDLE_MAX 64L /* kept open for the next call */

static const struct http_library *lib; /* since the first call */

struct call {
	struct http_client *client;
	struct call *prev, *next;
	CURL *easy;
	struct curl_slist *headers;
	http_client_fn *fn;
	void *ctx;
	char *body;
	size_t len, cap, most;
	size_t head;
	bool over; /* a bound */
};

struct http_client {
	struct event_base *base;
	CURLM *multi;
	struct event *timer;
	struct call *calls;
	size_t calls_max;
	bool closing;
	struct http_client_counters counters;
};

struct watch {
	struct http_client *client;
	struct event *event;
};

/* --- conclusions ------------------------------------------------------------------------------------------ */

static void call_free(struct call *x)
{
	struct http_client *c = x->client;

	if (x->prev != NULL)
		x->prev->next = x->next;
	else
		c->calls = x->next;
	if (x->next != NULL)
		x->next->prev = x->prev;
	c->counters.outstanding--;
	lib->easy_cleanup(x->easy);
	lib->slist_free_all(x->headers);
	free(x->body);
	free(x);
}

static enum rc rc_of(const struct call *x, CURLcode code)
{
	long sent = 0;

	if (x->over)
		return RC_SYNTAX;
	if (code != CURLE_OK && lib->easy_getinfo(x->easy, CURLINFO_REQUEST_SIZE, &sent) == CURLE_OK &&
	    sent == 0)
		return RC_NOTFOUND;
	switch (code) {
	case CURLE_OK:
		return RC_OK;
	case CURLE_OPERATION_TIMEDOUT:
		return RC_BUSY;
	case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9: an answer without a status line */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_WRITE_ERROR:
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_OUT_OF_MEMORY: /* so libcurl calls a header line over its own bound */
		return RC_SYNTAX;
	default:
		return RC_IO;
	}
}

static void count(struct http_client *c, enum rc rc)
{
	c->counters.answers += rc == RC_OK;
	c->counters.slow += rc == RC_BUSY;
	c->counters.malformed += rc == RC_SYNTAX;
	c->counters.failed += rc == RC_IO || rc == RC_NOTFOUND;
}

static void conclude(struct call *x, CURLcode code)
{
	struct http_client *c = x->client;
	enum rc rc = c->closing ? RC_CLOSED : rc_of(x, code);
	struct http_client_answer answer = {
		.content_type = "", .body = x->body != NULL ? x->body : "", .len = x->len};
	char *type = NULL;
	long status = 0, made = 0;

	lib->multi_remove_handle(c->multi, x->easy);
	if (lib->easy_getinfo(x->easy, CURLINFO_NUM_CONNECTS, &made) == CURLE_OK)
		c->counters.connections += (uint64_t)made;
	if (rc == RC_OK && lib->easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
		answer.status = (int)status;
	if (rc == RC_OK && lib->easy_getinfo(x->easy, CURLINFO_CONTENT_TYPE, &type) == CURLE_OK &&
	    type != NULL)
		answer.content_type = type;
	count(c, rc);
	x->fn(x->ctx, rc, rc == RC_OK ? &answer : NULL);
	call_free(x);
}

static void conclude_done(struct http_client *c)
{
	CURLMsg *m;
	int left;

	while ((m = lib->multi_info_read(c->multi, &left)) != NULL) {
		struct call *x = NULL;

		if (m->msg == CURLMSG_DONE &&
		    lib->easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&x) == CURLE_OK)
			conclude(x, m->data.result);
	}
}

/* --- libcurl's wishes, libevent's events -------------------------------------------------------------------- */

static void act(struct http_client *c, curl_socket_t fd, int what)
{
	int running;

	lib->multi_socket_action(c->multi, fd, what, &running);
	conclude_done(c);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	act(ctx, CURL_SOCKET_TIMEOUT, 0);
}

static void on_socket(evutil_socket_t fd, short what, void *ctx)
{
	const struct watch *w = ctx;

	act(w->client, fd,
	    ((what & EV_READ) ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) ? CURL_CSELECT_OUT : 0));
}

static int wants_timer(CURLM *multi, long ms, void *ctx)
{
	struct http_client *c = ctx;
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

	(void)multi;
	if (ms < 0)
		evtimer_del(c->timer);
	else
		evtimer_add(c->timer, &tv);
	return 0;
}

static void watch_free(struct watch *w)
{
	if (w->event != NULL)
		event_free(w->event);
	free(w);
}

static int wants_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *of_socket)
{
	struct http_client *c = ctx;
	struct watch *w = of_socket;
	short events = EV_PERSIST;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w != NULL)
			watch_free(w);
		lib->multi_assign(c->multi, fd, NULL);
		return 0;
	}
	if (w == NULL)
		w = calloc(1, sizeof(*w));
	if (w == NULL)
		return -1;
	w->client = c;
	lib->multi_assign(c->multi, fd, w);
	events |= (short)(((what & CURL_POLL_IN) ? EV_READ : 0) | ((what & CURL_POLL_OUT) ? EV_WRITE : 0));
	if (w->event != NULL)
		event_free(w->event);
	w->event = event_new(c->base, fd, events, on_socket, w);
	return w->event != NULL && event_add(w->event, NULL) == 0 ? 0 : -1;
}

/* --- what comes back ------------------------------------------------------------------------------------------ */

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct call *x = ctx;

	n *= size;
	if (x->len + n > x->most) {
		x->over = true;
		return 0;
	}
	if (x->len + n + 1 > x->cap) {
		size_t cap = 2 * (x->len + n + 1);
		char *grown = realloc(x->body, cap);

		if (grown == NULL)
			return 0;
		x->body = grown;
		x->cap = cap;
	}
	memcpy(x->body + x->len, data, n);
	x->len += n;
	x->body[x->len] = '\0';
	return n;
}

static size_t on_head(char *data, size_t size, size_t n, void *ctx)
{
	struct call *x = ctx;

	(void)data;
	x->head += size * n;
	if (x->head > HTTP_CLIENT_HEAD_MAX) {
		x->over = true;
		return 0;
	}
	return size * n;
}

/* --- calls ------------------------------------------------------------------------------------------------------ */

static bool set_headers(struct call *x, const struct http_client_call *call)
{
	char line[128] = "Content-Type: ";
	struct curl_slist *more;

	if (call->content_type == NULL)
		return true;
	strncat(line, call->content_type, sizeof(line) - strlen(line) - 1);
	x->headers = lib->slist_append(NULL, line);
	if (x->headers == NULL)
		return false;
	more = lib->slist_append(x->headers, "Expect:"); /* no waiting for "100 Continue" */
	return more != NULL && lib->easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->headers) == CURLE_OK;
}

static bool set_body(struct call *x, const struct http_client_call *call)
{
	if (call->content_type == NULL)
		return true;
	return lib->easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE, (long)call->len) == CURLE_OK &&
	       lib->easy_setopt(x->easy, CURLOPT_COPYPOSTFIELDS, call->body) == CURLE_OK;
}

/* An option that this libcurl refuses is a fault, not a detail: each of them keeps a promise. */
static bool set_options(struct call *x, const struct http_client_call *call)
{
	CURL *e = x->easy;
	CURLcode bad = CURLE_OK;

#define SET(option, value)                                        \
	do {                                                      \
		if (bad == CURLE_OK)                              \
			bad = lib->easy_setopt(e, option, value); \
	} while (0)
	SET(CURLOPT_URL, call->url);
	SET(CURLOPT_PRIVATE, (void *)x);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_QUICK_EXIT,
	    1L); /* a look-up that hangs is left to its thread, the loop does not wait for it */
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_HTTP09_ALLOWED, 0L);
	SET(CURLOPT_TIMEOUT_MS, (long)call->within_ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)call->within_ms);
	SET(CURLOPT_USERAGENT, call->user_agent != NULL ? call->user_agent : "starhash");
	SET(CURLOPT_FRESH_CONNECT, (long)call->once);
	SET(CURLOPT_FORBID_REUSE, (long)call->once);
	if (call->user != NULL) {
		SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		SET(CURLOPT_USERNAME, call->user);
		SET(CURLOPT_PASSWORD, call->password != NULL ? call->password : "");
	}
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, (void *)x);
	SET(CURLOPT_HEADERFUNCTION, on_head);
	SET(CURLOPT_HEADERDATA, (void *)x);
#undef SET
	return bad == CURLE_OK && set_body(x, call) &&
	       lib->easy_setopt(e, CURLOPT_CUSTOMREQUEST, call->method) == CURLE_OK && set_headers(x, call);
}

static bool is_http(const char *url)
{
	return strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0;
}

static bool set_multi(struct http_client *c)
{
	return lib->multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, wants_socket) == CURLM_OK &&
	       lib->multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c) == CURLM_OK &&
	       lib->multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, wants_timer) == CURLM_OK &&
	       lib->multi_setopt(c->multi, CURLMOPT_TIMERDATA, c) == CURLM_OK &&
	       lib->multi_setopt(c->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, CONNECTIONS_MAX) == CURLM_OK &&
	       lib->multi_setopt(c->multi, CURLMOPT_MAX_HOST_CONNECTIONS, HOST_CONNECTIONS_MAX) == CURLM_OK &&
	       lib->multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, IDLE_MAX) == CURLM_OK;
}

enum rc http_client_ready(struct http_client *c)
{
	enum rc rc = c->multi == NULL ? http_library_load(&lib) : RC_OK;

	if (c->multi != NULL || rc != RC_OK)
		return rc;
	/* Counted by libcurl: one cleanup for each; the first one does the work. */
	if (lib->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return RC_NOMEM;
	c->multi = lib->multi_init();
	if (c->multi != NULL && set_multi(c))
		return RC_OK;
	if (c->multi != NULL)
		lib->multi_cleanup(c->multi);
	c->multi = NULL;
	lib->global_cleanup();
	return RC_NOMEM;
}

enum rc http_client_start(struct http_client *c, const struct http_client_call *call, http_client_fn *fn,
                          void *ctx)
{
	struct call *x;

	if (!is_http(call->url))
		return RC_RANGE;
	if (c->closing || c->counters.outstanding >= c->calls_max) {
		c->counters.refused++;
		return RC_FULL;
	}
	x = http_client_ready(c) == RC_OK ? calloc(1, sizeof(*x)) : NULL;
	if (x == NULL)
		return RC_NOMEM;
	x->client = c;
	x->most = call->answer_max > 0 ? call->answer_max : HTTP_CLIENT_ANSWER_MAX;
	x->fn = fn;
	x->ctx = ctx;
	x->next = c->calls;
	if (c->calls != NULL)
		c->calls->prev = x;
	c->calls = x;
	c->counters.outstanding++;
	x->easy = lib->easy_init();
	if (x->easy == NULL || !set_options(x, call) ||
	    lib->multi_add_handle(c->multi, x->easy) != CURLM_OK) {
		call_free(x);
		return RC_NOMEM;
	}
	c->counters.calls++;
	if (c->counters.outstanding > c->counters.outstanding_peak)
		c->counters.outstanding_peak = c->counters.outstanding;
	return RC_OK;
}

/* --- making and unmaking ---------------------------------------------------------------------------------------- */

enum rc http_client_new(struct event_base *base, size_t calls_max, struct http_client **out)
{
	struct http_client *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return RC_NOMEM;
	c->base = base;
	c->calls_max = calls_max > 0 ? calls_max : HTTP_CLIENT_CALLS_MAX;
	c->timer = evtimer_new(base, on_timer, c);
	if (c->timer == NULL) {
		http_client_free(c);
		return RC_NOMEM;
	}
	*out = c;
	return RC_OK;
}

void http_client_free(struct http_client *c)
{
	if (c == NULL)
		return;
	c->closing = true;
	while (c->calls != NULL)
		conclude(c->calls, CURLE_ABORTED_BY_CALLBACK);
	if (c->multi != NULL) {
		lib->multi_cleanup(c->multi);
		lib->global_cleanup();
	}
	if (c->timer != NULL)
		event_free(c->timer);
	free(c);
}

void http_client_counters_read(const struct http_client *c, struct http_client_counters *out)
{
	*out = c->counters;
}
