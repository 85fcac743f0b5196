/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control socket: see control.h. Each client sends one line, gets one line, and is closed. */
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

#include "core/clock.h"
#include "core/log.h"
#include "gateway/app.h"
#include "gateway/control_accounts.h"
#include "gateway/http.h"
#include "gateway/notices.h"
#include "gateway/transcript.h"

struct control {
	struct gateway *gateway;
	struct evconnlistener *listener;
	struct client *clients;
	int n_clients;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

struct client {
	struct control *control;
	struct bufferevent *bev;
	struct client *prev, *next;
	int is_answered;
};

/* --- what is said ------------------------------------------------------------------------------------ */

static void put(json_t *o, const char *key, uint64_t value)
{
	json_object_set_new(o, key, json_integer((json_int_t)value));
}

static json_t *link_json(const struct link *l)
{
	struct link_counters c;
	json_t *o = json_object();

	link_counters_read(l, &c);
	json_object_set_new(o, "name", json_string(link_name(l)));
	json_object_set_new(o, "state", json_string(link_state_name(link_state(l))));
	json_object_set_new(o, "group", json_string(link_config_of(l)->group));
	const struct {
		const char *key;
		uint64_t value;
	} rows[] = {
		{"outstanding", c.outstanding},
		{"queued", c.queued},
		{"connects", c.connects},
		{"connect_failures", c.connect_failures},
		{"binds", c.binds},
		{"bind_failures", c.bind_failures},
		{"losses", c.losses},
		{"deliver_in", c.deliver_in},
		{"responses_out", c.responses_out},
		{"submit_out", c.submit_out},
		{"submit_accepted", c.submit_accepted},
		{"submit_throttled", c.submit_throttled},
		{"submit_rejected", c.submit_rejected},
		{"submit_unknown", c.submit_unknown},
		{"submit_not_sent", c.submit_not_sent},
		{"submit_refused", c.submit_refused},
		{"enquire_in", c.enquire_in},
		{"enquire_out", c.enquire_out},
		{"enquire_missed", c.enquire_missed},
		{"nack_in", c.nack_in},
		{"nack_out", c.nack_out},
		{"malformed", c.malformed},
		{"unknown_id", c.unknown_id},
		{"unknown_sequence", c.unknown_sequence},
		{"late_responses", c.late_responses},
		{"tlvs_dropped", c.tlvs_dropped},
		{"framing_lost", c.framing_lost},
		{"bytes_in", c.bytes_in},
		{"bytes_out", c.bytes_out},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put(o, rows[i].key, rows[i].value);
	return o;
}

static json_t *dialogues_json(const struct dialogues *ds)
{
	struct dialogue_counters c;
	json_t *o = json_object();

	dialogue_counters_read(ds, &c);
	const struct {
		const char *key;
		uint64_t value;
	} rows[] = {
		{"open", c.open},
		{"ended_kept", c.parked},
		{"begun", c.begun},
		{"resumed", c.resumed},
		{"completed", c.completed},
		{"cancelled", c.cancelled},
		{"idle", c.idle},
		{"failed", c.failed},
		{"replaced", c.replaced},
		{"lost", c.lost},
		{"shed", c.shed},
		{"inputs", c.inputs},
		{"duplicates", c.duplicates},
		{"wrong_turn", c.wrong_turn},
		{"stray", c.stray},
		{"bad_inputs", c.bad_inputs},
		{"apologies", c.apologies},
		{"answers", c.answers},
		{"answer_retries", c.answer_retries},
		{"answers_lost", c.answers_lost},
		{"late_answers", c.late_answers},
		{"sms_in", c.sms_in},
		{"sms_out", c.sms_out},
		{"sms_unrouted", c.sms_unrouted},
		{"unrouted", c.unrouted},
		{"registered", c.registered},
		{"granted", c.granted},
		{"granted_before", c.again},
		{"asking", c.asking},
		{"facts", c.facts},
		{"facts_slow", c.facts_slow},
		{"facts_failed", c.facts_failed},
		{"screen_counts_lost", c.screen_counts_lost},
		{"books_live", c.books_live},
		{"books_old", c.books_old},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put(o, rows[i].key, rows[i].value);
	return o;
}

static json_t *app_json(const struct gateway *g)
{
	struct dialogue_counters d;
	struct http_client_counters h;
	struct app_counters c;
	json_t *o = json_object();

	dialogue_counters_read(gateway_dialogues(g), &d);
	app_counters_read(gateway_app(g), &c);
	http_client_counters_read(gateway_http_client(g), &h);
	const struct {
		const char *key;
		uint64_t value;
	} rows[] = {
		{"calls", c.calls},
		{"answers", c.answers},
		{"closed", c.closed},
		{"slow", d.app_slow},
		{"late", d.app_late},
		{"failed", d.app_failed},
		{"down", c.down},
		{"refused", c.refused},
		{"bad_status", c.bad_status},
		{"not_http", c.not_http},
		{"html", c.html},
		{"not_text", c.not_text},
		{"too_long", c.too_long},
		{"not_json", c.not_json},
		{"no_ending", c.no_ending},
		{"states_dropped", c.states_dropped},
		{"connections", h.connections},
		{"outstanding", h.outstanding},
		{"outstanding_peak", h.outstanding_peak},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put(o, rows[i].key, rows[i].value);
	return o;
}

static json_t *http_json(const struct gateway *g)
{
	struct http_counters c;
	json_t *o = json_object();

	http_counters_read(gateway_http(g), &c);
	put(o, "requests", c.requests);
	put(o, "refused", c.refused);
	put(o, "shed", c.shed);
	put(o, "repeated", c.repeated);
	put(o, "gone", c.gone);
	put(o, "slow", c.slow);
	put(o, "sessions", c.sessions);
	put(o, "waiting", c.waiting);
	return o;
}

static json_t *notices_json(const struct dialogues *ds)
{
	struct notices_counters c;
	json_t *o = json_object();

	dialogue_notices_read(ds, &c);
	put(o, "waiting", c.waiting);
	put(o, "sent", c.sent);
	put(o, "rejected", c.rejected);
	put(o, "unknown", c.unknown);
	put(o, "retries", c.retries);
	put(o, "given_up", c.given_up);
	put(o, "refused", c.refused);
	return o;
}

static json_t *store_json(const struct store *s)
{
	struct store_counters c;
	json_t *o = json_object();

	store_counters_read(s, &c);
	json_object_set_new(o, "failing", json_boolean(store_is_failing(s)));
	put(o, "queue", c.queue);
	put(o, "queue_peak", c.queue_peak);
	put(o, "finds", c.finds);
	put(o, "writes", c.writes);
	put(o, "commits", c.commits);
	put(o, "failed_writes", c.failed_writes);
	put(o, "refused", c.refused);
	put(o, "retired", c.retired);
	put(o, "commit_us_max", c.commit_us_max);
	put(o, "commit_us_mean", c.commits > 0 ? c.commit_us_sum / c.commits : 0);
	return o;
}

static json_t *status_json(const struct gateway *g)
{
	json_t *o = json_object(), *links = json_array();
	int64_t lag_max, lag;
	char since[CLOCK_TEXT_SIZE];

	gateway_lag(g, &lag_max, &lag);
	json_object_set_new(o, "since", json_string(clock_utc_text(gateway_began_ms(g), since)));
	json_object_set_new(o, "version", json_string(PACKAGE_VERSION));
	json_object_set_new(o, "draining", json_boolean(gateway_is_draining(g)));
	put(o, "loop_lag_ms", (uint64_t)lag);
	put(o, "loop_lag_ms_max", (uint64_t)lag_max);
	for (size_t i = 0; i < gateway_links(g); i++)
		json_array_append_new(links, link_json(gateway_link(g, i)));
	json_object_set_new(o, "links", links);
	json_object_set_new(o, "dialogues", dialogues_json(gateway_dialogues(g)));
	json_object_set_new(o, "app", app_json(g));
	if (gateway_http(g) != NULL)
		json_object_set_new(o, "http", http_json(g));
	json_object_set_new(o, "notices", notices_json(gateway_dialogues(g)));
	json_object_set_new(o, "store", store_json(gateway_store(g)));
	control_accounts_put(o, gateway_accounts(g));
	return o;
}

static char *dump_and_drop(json_t *o)
{
	char *text = o != NULL ? json_dumps(o, JSON_COMPACT) : NULL;

	json_decref(o);
	return text;
}

char *control_status_json(const struct gateway *gateway)
{
	return dump_and_drop(status_json(gateway));
}

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
		return json_pack("{s:b, s:s}", "ok", 0, "error",
		                 "record takes a number with its country code");
	rc = transcript_ask(gateway_dialogues(g), msisdn, &lines);
	if (rc == RC_BUSY)
		return json_pack("{s:b, s:b}", "ok", 1, "ended", 0);
	if (rc != RC_OK)
		return json_pack("{s:b, s:s}", "ok", 0, "error",
		                 rc == RC_FULL
		                         ? "too many dialogues are being recorded; try again in ten minutes"
		                         : "out of memory");
	o = json_pack("{s:b, s:b, s:s}", "ok", 1, "ended", 1, "talk", lines);
	free(lines);
	return o;
}

static json_t *answer_json(struct control *c, const char *line)
{
	if (strcmp(line, "status") == 0)
		return status_json(c->gateway);
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
	return json_pack("{s:b, s:s}", "ok", 0, "error",
	                 "unknown command; one of: status, reload, reload dry-run, drain, record MSISDN");
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
	c->n_clients--;
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
	text = dump_and_drop(answer_json(x->control, line != NULL ? line : ""));
	free(line);
	if (text == NULL) {
		client_free(x);
		return;
	}
	bufferevent_write(bev, text, strlen(text));
	bufferevent_write(bev, "\n", 1);
	free(text);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct client *x = ctx;

	/* A client that closes its side after the question still gets its answer. */
	if ((what & BEV_EVENT_EOF) && x->is_answered && evbuffer_get_length(bufferevent_get_output(bev)) > 0)
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
	c->n_clients++;
	bufferevent_setcb(x->bev, on_read, on_written, on_event, x);
	bufferevent_set_timeouts(x->bev, &within, &within);
	bufferevent_enable(x->bev, EV_READ | EV_WRITE);
}

/* --- the socket -------------------------------------------------------------------------------------------- */

static bool somebody_answers(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool yes = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;

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
	*out = c;
	return RC_OK;
}

void control_free(struct control *c)
{
	if (c == NULL)
		return;
	while (c->clients != NULL)
		client_free(c->clients);
	evconnlistener_free(c->listener);
	unlink(c->path);
	free(c);
}
