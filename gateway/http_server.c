/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP server: listening, routes, answers; see http_server.h. */
#include "gateway/http_server_private.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/log.h"

#define TICK_MS 200
#define LINGER_MS 1000
#define BACKLOG 256
#define TEXT "text/plain; charset=utf-8"

/* --- answers -------------------------------------------------------------------------------------------- */

static const char *reason_of(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {{200, "OK"},
	               {202, "Accepted"},
	               {204, "No Content"},
	               {303, "See Other"},
	               {304, "Not Modified"},
	               {400, "Bad Request"},
	               {401, "Unauthorized"},
	               {403, "Forbidden"},
	               {404, "Not Found"},
	               {405, "Method Not Allowed"},
	               {408, "Request Timeout"},
	               {409, "Conflict"},
	               {411, "Length Required"},
	               {413, "Content Too Large"},
	               {414, "URI Too Long"},
	               {421, "Misdirected Request"},
	               {429, "Too Many Requests"},
	               {431, "Request Header Fields Too Large"},
	               {500, "Internal Server Error"},
	               {503, "Service Unavailable"},
	               {505, "HTTP Version Not Supported"}};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}

static int write_head(char *out, size_t size, int status, const char *type, const char *headers, size_t len,
                      bool last)
{
	char date[64];
	time_t now = time(NULL);
	struct tm tm;

	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
	return snprintf(out, size,
	                "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
	                "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n%s%s\r\n",
	                status, reason_of(status), date, type, len, last ? "Connection: close\r\n" : "",
	                headers);
}

static void answer(struct http_request *r, int status, const char *type, const char *headers,
                   const void *body, size_t len, bool last)
{
	char head[2048];
	int n = write_head(head, sizeof(head), status, type, headers, len, last);

	if (n < 0 || (size_t)n >= sizeof(head)) { /* our own headers do not fit: a fault of ours */
		n = write_head(head, sizeof(head), 500, TEXT, "", 0, true);
		len = 0;
		last = true;
	}
	r->server->counters.answers++;
	http_connection_write(r, head, (size_t)n);
	if (len > 0 && r->head.method != HTTP_HEAD)
		http_connection_write(r, body, len);
	http_connection_answered(r, last);
}

void http_reply(struct http_request *r, int status, const char *type, const char *headers, const void *body,
                size_t len)
{
	r->gone = NULL;
	answer(r, status, type, headers, body, len, !r->head.keeps_alive);
}

void http_reply_text(struct http_request *r, int status, const char *text)
{
	http_reply(r, status, TEXT, "", text, strlen(text));
}

void http_server_count(struct http_server *s, enum http_refusal why)
{
	s->counters.refused[why]++;
}

void http_reply_refusal(struct http_request *r, enum http_refusal why)
{
	http_server_count(r->server, why);
	http_reply_text(r, http_refusal_status(why), http_refusal_words(why));
}

void http_server_refuse(struct http_request *r, enum http_refusal why)
{
	const char *words = http_refusal_words(why);

	http_server_count(r->server, why);
	r->head.method = HTTP_GET;
	answer(r, http_refusal_status(why), TEXT, "", words, strlen(words), true);
}

/* --- routes --------------------------------------------------------------------------------------------- */

enum rc http_server_route(struct http_server *s, const char *path, unsigned methods, http_handler_fn *fn,
                          void *ctx)
{
	if (s->n_routes >= HTTP_ROUTES_MAX)
		return RC_FULL;
	s->route[s->n_routes++] = (struct http_route){
		.path = path, .len = strlen(path), .methods = methods, .fn = fn, .ctx = ctx};
	return RC_OK;
}

static bool leads_to(const struct http_route *route, const char *path)
{
	if (route->path[route->len - 1] == '/')
		return strncmp(path, route->path, route->len) == 0;
	return strcmp(path, route->path) == 0;
}

/* The longest that leads there. */
static const struct http_route *route_of(const struct http_server *s, const char *path)
{
	const struct http_route *best = NULL;

	for (size_t i = 0; i < s->n_routes; i++)
		if (leads_to(&s->route[i], path) && (best == NULL || s->route[i].len > best->len))
			best = &s->route[i];
	return best;
}

static void refuse_method(struct http_request *r, unsigned methods)
{
	char allow[64], words[96];

	snprintf(allow, sizeof(allow), "Allow: %s%s%s\r\n", methods & HTTP_GET ? "GET, HEAD" : "",
	         (methods & HTTP_GET) && (methods & HTTP_POST) ? ", " : "",
	         methods & HTTP_POST ? "POST" : "");
	snprintf(words, sizeof(words), "this path takes %s\n",
	         methods == HTTP_POST  ? "POST"
	         : methods & HTTP_POST ? "GET and POST"
	                               : "GET");
	http_server_count(r->server, HTTP_REFUSED_METHOD);
	http_reply(r, 405, TEXT, allow, words, strlen(words));
}

void http_server_dispatch(struct http_request *r)
{
	struct http_server *s = r->server;
	const struct http_route *route = route_of(s, r->head.path);

	if (route == NULL) {
		s->counters.not_found++;
		http_reply_text(r, 404, s->options.others);
	} else if ((r->head.method & route->methods) == 0) {
		refuse_method(r, route->methods);
	} else {
		route->fn(route->ctx, r);
	}
}

/* --- of a request ----------------------------------------------------------------------------------------- */

unsigned http_request_method(const struct http_request *r)
{
	return r->head.method;
}

const char *http_request_path(const struct http_request *r)
{
	return r->head.path;
}

const char *http_request_query(const struct http_request *r)
{
	return r->head.query;
}

const char *http_request_header(const struct http_request *r, const char *name)
{
	return http_head_value(&r->head, name);
}

char *http_request_body(struct http_request *r, size_t *len)
{
	*len = r->head.length;
	return r->body;
}

bool http_request_query_form(struct http_request *r, struct http_form *out)
{
	out->n = 0;
	free(r->query_text);
	r->query_text = strdup(r->head.query);
	return r->query_text != NULL && http_form_parse(r->query_text, strlen(r->query_text), out);
}

const char *http_request_address(const struct http_request *r)
{
	return r->address;
}

const char *http_request_network(const struct http_request *r)
{
	return r->network;
}

bool http_request_is_of_another_page(const struct http_request *r)
{
	const char *origin = http_request_header(r, "Origin"), *host = http_request_header(r, "Host"), *at;

	if (origin == NULL)
		return false;
	at = strstr(origin, "://");
	return at == NULL || host == NULL || strcasecmp(at + 3, host) != 0;
}

void http_request_on_gone(struct http_request *r, http_gone_fn *fn, void *ctx)
{
	r->gone = fn;
	r->gone_ctx = ctx;
}

/* --- who comes ---------------------------------------------------------------------------------------------- */

static void write_address(const struct sockaddr *from, char *out)
{
	const void *at = from->sa_family == AF_INET6
	                         ? (const void *)&((const struct sockaddr_in6 *)(const void *)from)->sin6_addr
	                         : (const void *)&((const struct sockaddr_in *)(const void *)from)->sin_addr;

	if (inet_ntop(from->sa_family, at, out, HTTP_ADDRESS_SIZE) == NULL)
		snprintf(out, HTTP_ADDRESS_SIZE, "unknown");
}

/* Who is turned away before anything was read: what the socket takes at once is what they get. */
static void turn_away(struct http_server *s, int fd, enum http_refusal why)
{
	const char *words = http_refusal_words(why);
	char head[1024];
	int n = write_head(head, sizeof(head), http_refusal_status(why), TEXT, "Retry-After: 1\r\n",
	                   strlen(words), true);

	http_server_count(s, why);
	if (n > 0 && (size_t)n + strlen(words) < sizeof(head)) {
		memcpy(head + n, words, strlen(words));
		(void)send(fd, head, (size_t)n + strlen(words), MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	(void)shutdown(fd, SHUT_WR);
	close(fd);
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from, int len, void *ctx)
{
	struct http_server *s = ctx;
	struct http_gate_entry *entry = NULL;
	enum http_refusal why = http_gate_enter(s->gate, from, &entry);
	struct http_request *r;

	(void)l;
	(void)len;
	s->counters.accepted++;
	if (why != HTTP_REFUSED_NOT) {
		turn_away(s, fd, why);
		return;
	}
	r = http_connection_new(s, fd, entry);
	if (r == NULL) {
		http_gate_leave(s->gate, entry);
		turn_away(s, fd, HTTP_REFUSED_CONNECTIONS);
		return;
	}
	write_address(from, r->address);
	http_gate_network(from, r->network);
}

/* Out of descriptors: accepting again at once would spin. The tick takes it up. */
static void on_accept_error(struct evconnlistener *l, void *ctx)
{
	struct http_server *s = ctx;

	s->counters.refused[HTTP_REFUSED_CONNECTIONS]++;
	(void)evconnlistener_disable(l);
	LOG_EVENT(LOG_LV_WARN, "http", "cannot-accept", "why",
	          evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()), "remedy",
	          "raise LimitNOFILE of the service, or lower http.connections");
}

/* --- time --------------------------------------------------------------------------------------------------- */

static void arm(struct http_server *s)
{
	static const struct timeval tv = {.tv_usec = TICK_MS * 1000};

	evtimer_add(s->tick, &tv);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct http_server *s = ctx;
	int64_t now = clock_mono_ms(s->options.clock);
	struct due_entry *e;

	(void)fd;
	(void)what;
	while ((e = due_pop(&s->times, now)) != NULL || (e = due_pop(&s->lingering, now)) != NULL)
		http_connection_expired((struct http_request *)(void *)e);
	(void)evconnlistener_enable(s->listener);
	arm(s);
}

/* --- making and unmaking -------------------------------------------------------------------------------------- */

/* "127.0.0.1:8080", "[::1]:8080", "localhost:8080"; port 0 = any. */
static bool address_of(const char *listen, struct sockaddr_storage *out, int *len)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	const char *colon = strrchr(listen, ':');
	char host[96];
	uint16_t port;
	int n;

	if (colon == NULL || colon == listen)
		return false;
	port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	n = (int)(colon - listen);
	if (listen[0] == '[' && listen[n - 1] == ']') {
		snprintf(host, sizeof(host), "%.*s", n - 2, listen + 1);
		*v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port};
		*len = sizeof(*v6);
		return inet_pton(AF_INET6, host, &v6->sin6_addr) == 1;
	}
	snprintf(host, sizeof(host), "%.*s", n, listen);
	*v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
	*len = sizeof(*v4);
	return inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &v4->sin_addr) == 1;
}

static enum rc set_up(struct http_server *s, char *why, size_t why_size)
{
	struct sockaddr_storage at = {0};
	int len;

	due_list_init(&s->times, s->options.within_ms);
	due_list_init(&s->lingering, LINGER_MS);
	s->gate = http_gate_new(s->options.connections, s->options.per_address);
	s->tick = evtimer_new(s->options.base, on_tick, s);
	if (s->gate == NULL || s->tick == NULL)
		return RC_NOMEM;
	if (!address_of(s->options.listen, &at, &len)) {
		snprintf(why, why_size, "http.listen: %s is not an address and a port; write 127.0.0.1:8080",
		         s->options.listen);
		return RC_IO;
	}
	s->listener =
		evconnlistener_new_bind(s->options.base, on_accept, s,
	                                LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
	                                BACKLOG, (struct sockaddr *)&at, len);
	if (s->listener == NULL) {
		snprintf(why, why_size, "http.listen: cannot listen on %s; is another program there?",
		         s->options.listen);
		return RC_IO;
	}
	evconnlistener_set_error_cb(s->listener, on_accept_error);
	arm(s);
	return RC_OK;
}

enum rc http_server_new(const struct http_server_options *options, struct http_server **out, char *why,
                        size_t why_size)
{
	struct http_server *s = calloc(1, sizeof(*s));
	enum rc rc = RC_NOMEM;

	if (s == NULL)
		return RC_NOMEM;
	s->options = *options;
	rc = set_up(s, why, why_size);
	if (rc != RC_OK) {
		http_server_free(s);
		return rc;
	}
	*out = s;
	return RC_OK;
}

void http_server_free(struct http_server *s)
{
	if (s == NULL)
		return;
	while (s->connections != NULL)
		http_connection_free(s->connections);
	if (s->listener != NULL)
		evconnlistener_free(s->listener);
	if (s->tick != NULL)
		event_free(s->tick);
	http_gate_free(s->gate);
	free(s);
}

int http_server_port(const struct http_server *s)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);

	if (getsockname(evconnlistener_get_fd(s->listener), (struct sockaddr *)&at, &len) != 0)
		return 0;
	if (at.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)(void *)&at)->sin6_port);
	return ntohs(((struct sockaddr_in *)(void *)&at)->sin_port);
}

void http_server_counters_read(const struct http_server *s, struct http_server_counters *out)
{
	*out = s->counters;
	out->connections = http_gate_connections(s->gate);
}
