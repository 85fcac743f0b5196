/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control socket: see control.h. Each client sends one line, gets one line, and is closed. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* struct ucred */
#endif
#include "gateway/control.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/log.h"
#include "gateway/control_private.h"
#include "gateway/transcript.h"

struct control {
	struct gateway *gateway;
	struct event_base *base;
	struct control_show *shows;
	struct evconnlistener *listener;
	struct client *clients;
	int n_clients;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

struct client {
	struct control *control;
	struct bufferevent *bev;
	struct client *prev, *next;
	struct control_wait *wait; /* the answer comes later; NULL = it does not */
	int is_answered;
};

struct control_wait {
	struct client *client; /* NULL: it is gone */
	struct event_base *base;
};

/* --- what is said ------------------------------------------------------------------------------------ */

static json_t *findings_json(const struct findings *f)
{
	json_t *list = json_array();

	for (size_t i = 0; i < findings_count(f); i++) {
		const struct finding *x = findings_at(f, i);

		json_array_append_new(list, json_pack("{s:s, s:s, s:i, s:i, s:s, s:s}", "level",
		                                      x->level == FINDING_ERROR ? "error" : "warning", "file",
		                                      x->file, "line", x->line, "rule", x->rule, "what",
		                                      x->what, "remedy", x->remedy));
	}
	return list;
}

static json_t *report_json(const struct reload_report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->n; i++) {
		const struct reload_service *x = &r->service[i];

		json_array_append_new(list,
		                      json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i}", "name", x->name,
		                                "screens_changed", (int)x->screens_changed, "screens_gone",
		                                (int)x->screens_gone, "screens_new", (int)x->screens_new,
		                                "people_inside", (int)x->inside, "people_on_changed",
		                                (int)x->on_changed, "people_on_gone", (int)x->on_gone));
	}
	return list;
}

static json_t *reload_json(struct gateway *g, bool dry_run)
{
	struct findings *f = findings_new();
	struct reload_report *r = calloc(1, sizeof(*r));
	enum rc rc = f != NULL && r != NULL ? gateway_reload(g, dry_run, f, r) : RC_NOMEM;
	json_t *o = json_pack("{s:b, s:b, s:i}", "ok", rc == RC_OK, "dry_run", dry_run, "changed",
	                      rc == RC_OK ? (int)r->n : 0);

	if (rc == RC_OK)
		json_object_set_new(o, "services", report_json(r));
	if (f != NULL)
		json_object_set_new(o, "findings", findings_json(f));
	if (rc != RC_OK)
		json_object_set_new(o, "error",
		                    json_string(rc == RC_NOMEM
		                                        ? "out of memory; the old menus stay live"
		                                        : "the files have errors; the old menus stay live"));
	findings_free(f);
	free(r);
	return o;
}

/* "record MSISDN": asks for the next dialogue, then for what has become of it. */
static json_t *record_json(struct gateway *g, const char *number)
{
	char *lines = NULL, *end;
	long long msisdn = strtoll(number, &end, 10);
	json_t *o;
	enum rc rc;

	if (end == number || *end != '\0' || msisdn <= 0)
		return control_fault("record takes a number with its country code");
	rc = transcript_ask(gateway_dialogues(g), msisdn, &lines);
	if (rc == RC_BUSY)
		return json_pack("{s:b, s:b}", "ok", 1, "ended", 0);
	if (rc != RC_OK)
		return control_fault(
			rc == RC_FULL ? "too many dialogues are being recorded; try again in ten minutes"
				      : "out of memory");
	o = json_pack("{s:b, s:b, s:s}", "ok", 1, "ended", 1, "talk", lines);
	free(lines);
	return o;
}

static bool peer_of(const struct client *x, pid_t *pid, uid_t *uid)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(bufferevent_getfd(x->bev), SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return false;
	*pid = peer.pid;
	*uid = peer.uid;
	return true;
}

/* NULL: `line` is nothing that an operator does. */
static json_t *act(const struct client *x, const char *line)
{
	struct deed deed = {0};
	json_t *o = control_act(x->control->gateway, line, &deed);
	pid_t pid = -1;
	uid_t uid = (uid_t)-1;

	if (*deed.action == '\0')
		return o;
	(void)peer_of(x, &pid, &uid);
	control_show_deed(x->control->shows, &deed, pid, uid);
	return o;
}

static json_t *answer_json(const struct client *x, const char *line)
{
	struct control *c = x->control;
	json_t *o;

	if (strcmp(line, "status") == 0)
		return control_status(c->gateway);
	if (strcmp(line, "reload") == 0)
		return reload_json(c->gateway, false);
	if (strcmp(line, "reload dry-run") == 0)
		return reload_json(c->gateway, true);
	if (strcmp(line, "drain") == 0) {
		gateway_drain(c->gateway);
		return json_pack("{s:b, s:I}", "ok", 1, "open",
		                 (json_int_t)dialogue_open(gateway_dialogues(c->gateway)));
	}
	if (strncmp(line, "record ", 7) == 0)
		return record_json(c->gateway, line + 7);
	if (strncmp(line, "push ", 5) == 0)
		return control_push(c->gateway, line + 5);
	if (strncmp(line, "push-fate ", 10) == 0)
		return control_push_fate(c->gateway, line + 10);
	o = act(x, line);
	if (o != NULL)
		return o;
	return control_fault("unknown command; one of: status, reload, reload dry-run, drain, record MSISDN, "
	                     "push {...}, push-fate N, live MSISDN, show {...}, " CONTROL_ACTS);
}

/* Those whose answer comes later. NULL: it does; else it is this one. */
static json_t *later_json(struct control *c, const char *line, struct control_wait *wait)
{
	if (strncmp(line, "live ", 5) == 0)
		return control_live(c->gateway, line + 5, wait);
	return control_show_ask(c->gateway, c->shows, line + 5, wait);
}

static bool is_later(const char *line)
{
	return strncmp(line, "live ", 5) == 0 || strncmp(line, "show ", 5) == 0;
}

/* --- clients -------------------------------------------------------------------------------------------- */

static void client_free(struct client *x)
{
	struct control *c = x->control;

	if (x->prev != NULL)
		x->prev->next = x->next;
	else
		c->clients = x->next;
	if (x->next != NULL)
		x->next->prev = x->prev;
	if (c->n_clients-- == CONTROL_MAX_CLIENTS)
		(void)evconnlistener_enable(c->listener);
	if (x->wait != NULL)
		x->wait->client = NULL;
	bufferevent_free(x->bev);
	free(x);
}

static void on_written(struct bufferevent *bev, void *ctx)
{
	struct client *x = ctx;

	(void)bev;
	if (x->is_answered)
		client_free(x);
}

static void client_say(struct client *x, const char *text)
{
	if (text == NULL) {
		client_free(x);
		return;
	}
	bufferevent_write(x->bev, text, strlen(text));
	bufferevent_write(x->bev, "\n", 1);
}

void control_answer(struct control_wait *w, const char *text)
{
	struct client *x = w->client;

	free(w);
	if (x == NULL)
		return;
	x->wait = NULL;
	client_say(x, text);
}

void control_answer_json(struct control_wait *w, json_t *o)
{
	char *text = control_dump(o);

	control_answer(w, text);
	free(text);
}

bool control_waits(const struct control_wait *w)
{
	return w->client != NULL;
}

struct event_base *control_base(const struct control_wait *w)
{
	return w->base;
}

bool control_peer(const struct control_wait *w, pid_t *pid, uid_t *uid)
{
	return w->client != NULL && peer_of(w->client, pid, uid);
}

static void answer_later(struct client *x, const char *line)
{
	struct control_wait *wait = calloc(1, sizeof(*wait));
	json_t *now;

	if (wait == NULL) {
		client_free(x);
		return;
	}
	*wait = (struct control_wait){.client = x, .base = x->control->base};
	x->wait = wait;
	now = later_json(x->control, line, wait);
	if (now != NULL)
		control_answer_json(wait, now);
}

static void on_read(struct bufferevent *bev, void *ctx)
{
	struct client *x = ctx;
	struct evbuffer *in = bufferevent_get_input(bev);
	char *line, *text;

	if (x->is_answered)
		return;
	line = evbuffer_readln(in, NULL, EVBUFFER_EOL_CRLF);
	if (line == NULL && evbuffer_get_length(in) < CONTROL_LINE_MAX)
		return;
	x->is_answered = 1;
	if (line != NULL && is_later(line)) {
		answer_later(x, line);
		free(line);
		return;
	}
	text = control_dump(answer_json(x, line != NULL ? line : ""));
	free(line);
	client_say(x, text);
	free(text);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct client *x = ctx;

	/* A client that closes its side after the question still gets its answer. */
	if ((what & BEV_EVENT_EOF) && x->is_answered &&
	    (x->wait != NULL || evbuffer_get_length(bufferevent_get_output(bev)) > 0))
		return;
	client_free(x);
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *peer, int len, void *ctx)
{
	static const struct timeval within = {.tv_sec = CONTROL_WITHIN_MS / 1000};
	struct control *c = ctx;
	struct client *x = c->n_clients < CONTROL_MAX_CLIENTS ? calloc(1, sizeof(*x)) : NULL;

	(void)peer;
	(void)len;
	if (x != NULL)
		x->bev = bufferevent_socket_new(evconnlistener_get_base(l), fd, BEV_OPT_CLOSE_ON_FREE);
	if (x == NULL || x->bev == NULL) {
		LOG_EVENT(LOG_LV_WARN, "control", "refused", "clients", LOG_INT(c->n_clients));
		free(x);
		evutil_closesocket(fd);
		return;
	}
	x->control = c;
	x->next = c->clients;
	if (c->clients != NULL)
		c->clients->prev = x;
	c->clients = x;
	/* Whoever comes now waits in the socket's queue: a push that is under way must not be taken for one that failed. */
	if (++c->n_clients == CONTROL_MAX_CLIENTS)
		(void)evconnlistener_disable(l);
	bufferevent_setcb(x->bev, on_read, on_written, on_event, x);
	bufferevent_set_timeouts(x->bev, &within, &within);
	bufferevent_enable(x->bev, EV_READ | EV_WRITE);
}

/* --- the socket -------------------------------------------------------------------------------------------- */

static bool somebody_answers(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* EAGAIN: so many are in its queue already. */
	bool yes = fd >= 0 &&
	           (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return yes;
}

enum rc control_new(struct event_base *base, struct gateway *gateway, const char *path, struct control **out,
                    char *why, size_t why_size)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct control *c;
	mode_t old;

	if (strlen(path) >= sizeof(address.sun_path)) {
		snprintf(why, why_size, "control: %s is too long for a socket; use at most %zu bytes", path,
		         sizeof(address.sun_path) - 1);
		return RC_RANGE;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (somebody_answers(&address)) {
		snprintf(why, why_size, "control: another daemon answers on %s; stop it, or set another path",
		         path);
		return RC_EXISTS;
	}
	unlink(path);
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return RC_NOMEM;
	c->gateway = gateway;
	c->base = base;
	memcpy(c->path, address.sun_path, sizeof(c->path));
	old = umask(0177);
	c->listener =
		evconnlistener_new_bind(base, on_accept, c, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 16,
	                                (struct sockaddr *)&address, sizeof(address));
	umask(old);
	if (c->listener == NULL) {
		snprintf(why, why_size,
		         "control: cannot listen on %s: %s; make its folder, or set another path", path,
		         strerror(errno));
		free(c);
		return RC_IO;
	}
	if (control_show_new(base, gateway_config(gateway), &c->shows) != RC_OK) {
		snprintf(why, why_size, "control: cannot start a thread; raise the service's task limit");
		control_free(c);
		return RC_NOMEM;
	}
	*out = c;
	return RC_OK;
}

void control_free(struct control *c)
{
	if (c == NULL)
		return;
	while (c->clients != NULL)
		client_free(c->clients);
	control_show_free(c->shows);
	evconnlistener_free(c->listener);
	unlink(c->path);
	free(c);
}
