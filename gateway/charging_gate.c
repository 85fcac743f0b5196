/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate: see charging_gate.h.
 *
 * Invariant: a call is on one of the lists (two lanes, under way, refused) from charging_gate_send until its function was
 * called. set_state is the only writer of the circuit's state. Tokens of the rate are thousandths of a call, so that no
 * fraction is lost between two looks at the clock.
 */
#include "gateway/charging_gate.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"

#define TOKEN 1000 /* one call */
#define TICK_MAX_MS 1000
#define SHARE 8 /* of so many calls one is the backlog's, however many people look at a phone */

struct call {
	struct call *prev, *next;
	struct list *list;
	struct charging_gate *gate;
	struct http_client_call http;
	charging_gate_fn *fn;
	void *ctx;
	bool harmless;
	bool probes;
	int64_t until_ms; /* in the queue */
	char body[];
};

struct list {
	struct call *head, *tail;
	size_t n;
};

struct charging_gate {
	struct charging_gate_options options;
	struct event *timer;
	struct list lane[2]; /* somebody waits; backlog */
	struct list under_way, refused;
	enum charging_gate_state state;
	int failures;    /* in a row */
	const char *why; /* the last of them */
	int status;      /* of HTTP; 0 = none */
	unsigned turn;
	int64_t open_until_ms;
	bool is_probing;
	bool is_ticking;
	int64_t tokens, filled_ms;
	struct charging_gate_counters counters;
};

static int64_t now_of(const struct charging_gate *g)
{
	return clock_mono_ms(g->options.clock);
}

const char *charging_gate_state_name(enum charging_gate_state s)
{
	static const char *const names[] = {"closed", "open", "half-open"};

	return names[s];
}

/* --- lists ----------------------------------------------------------------------------------------------------- */

static void list_remove(struct call *x)
{
	struct list *l = x->list;

	if (l == NULL)
		return;
	if (x->prev != NULL)
		x->prev->next = x->next;
	else
		l->head = x->next;
	if (x->next != NULL)
		x->next->prev = x->prev;
	else
		l->tail = x->prev;
	x->prev = x->next = NULL;
	x->list = NULL;
	l->n--;
}

static void list_add(struct list *l, struct call *x)
{
	list_remove(x);
	x->list = l;
	x->prev = l->tail;
	if (l->tail != NULL)
		l->tail->next = x;
	else
		l->head = x;
	l->tail = x;
	l->n++;
}

static size_t waiting(const struct charging_gate *g)
{
	return g->lane[0].n + g->lane[1].n;
}

/* --- time -------------------------------------------------------------------------------------------------------- */

static void arm(struct charging_gate *g, int64_t ms)
{
	struct timeval tv;

	if (g->timer == NULL)
		return;
	if (ms < 0)
		ms = 0;
	tv = (struct timeval){.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
	evtimer_add(g->timer, &tv);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	charging_gate_tick(ctx);
}

/* At most one second's worth is saved up: a pause is no leave to flood. */
static void fill(struct charging_gate *g)
{
	int64_t now = now_of(g), most = (int64_t)g->options.rate * TOKEN;

	g->tokens += (now - g->filled_ms) * g->options.rate;
	g->filled_ms = now;
	if (g->tokens > most)
		g->tokens = most;
}

static bool has_token(const struct charging_gate *g)
{
	return g->options.rate == 0 || g->tokens >= TOKEN;
}

/* --- the circuit ----------------------------------------------------------------------------------------------- */

static void set_state(struct charging_gate *g, enum charging_gate_state to)
{
	static const char *const events[] = {"circuit-closed", "circuit-open", "circuit-trying"};

	bool was_closed = g->state == CHARGING_GATE_CLOSED;

	if (g->state == to)
		return;
	g->state = to;
	g->failures = 0;
	if (to == CHARGING_GATE_OPEN) {
		g->open_until_ms = now_of(g) + g->options.pause_ms;
		g->counters.opened++;
	}
	if (to == CHARGING_GATE_OPEN && was_closed) { /* a try that failed is no news */
		LOG_EVENT(
			LOG_LV_ERROR, "charging", events[to], "why", g->why, "status", LOG_INT(g->status),
			"remedy",
			"see to the charging system and the way to it (charging.url); grants wait, and follow by "
			"themselves");
	} else if (to == CHARGING_GATE_CLOSED) {
		LOG_EVENT(LOG_LV_INFO, "charging", events[to], "waiting", LOG_INT(waiting(g)));
	} else {
		LOG_EVENT(LOG_LV_DEBUG, "charging", events[to]);
	}
}

static void refuse_waiting(struct charging_gate *g)
{
	for (int i = 0; i < 2; i++)
		while (g->lane[i].head != NULL) {
			g->counters.refused_open++;
			list_add(&g->refused, g->lane[i].head);
		}
}

static void judge(struct charging_gate *g, const struct call *x, bool sound)
{
	if (x->probes)
		g->is_probing = false;
	if (sound) {
		g->failures = 0;
		if (x->probes)
			set_state(g, CHARGING_GATE_CLOSED);
		return;
	}
	g->failures++;
	if (g->state == CHARGING_GATE_OPEN || (!x->probes && g->failures < g->options.failures))
		return;
	if (g->state == CHARGING_GATE_HALF_OPEN && !x->probes)
		return; /* sent before the circuit opened */
	set_state(g, CHARGING_GATE_OPEN);
	refuse_waiting(g);
}

/* --- sending ----------------------------------------------------------------------------------------------------- */

static enum charging_sent sent_of(enum rc rc)
{
	return rc == RC_OK ? CHARGING_ANSWERED : rc == RC_NOTFOUND ? CHARGING_NOT_SENT : CHARGING_LOST;
}

/* In the words of the log, should this be the one that opens the circuit. */
static void note_failure(struct charging_gate *g, enum charging_sent sent,
                         const struct http_client_answer *answer)
{
	g->status = answer != NULL ? answer->status : 0;
	g->why = sent == CHARGING_NOT_SENT ? "no connection (or its TLS certificate was refused)"
	         : sent == CHARGING_LOST   ? "connected, and no whole answer came in time"
	         : g->status != 200        ? "the answer has an HTTP status that is no 200"
	                                   : "the answer says that the system failed, or makes no sense";
}

static void on_answer(void *ctx, enum rc rc, const struct http_client_answer *answer)
{
	struct call *x = ctx;
	struct charging_gate *g = x->gate;
	enum charging_sent sent = sent_of(rc);
	bool sound;

	list_remove(x);
	g->counters.answered += sent == CHARGING_ANSWERED;
	g->counters.lost += sent == CHARGING_LOST;
	g->counters.not_sent += sent == CHARGING_NOT_SENT;
	sound = x->fn(x->ctx, sent, answer) && sent == CHARGING_ANSWERED;
	note_failure(g, sent, answer);
	judge(g, x, sound);
	free(x);
	arm(g, 0);
}

static void send_now(struct charging_gate *g, struct call *x)
{
	enum rc rc;

	x->probes = g->state == CHARGING_GATE_HALF_OPEN;
	g->is_probing |= x->probes;
	g->tokens -= g->options.rate > 0 ? TOKEN : 0;
	g->counters.sent++;
	list_add(&g->under_way, x);
	rc = g->options.transport.start(g->options.transport.ctx, &x->http, on_answer, x);
	if (rc == RC_OK)
		return;
	g->counters.sent--;
	g->is_probing = g->is_probing && !x->probes;
	list_add(&g->refused, x);
}

/* Half open: the first harmless call tries; whatever else waits learns from it. */
static void probe(struct charging_gate *g)
{
	struct call *x = NULL;

	for (int i = 0; i < 2 && x == NULL; i++)
		for (x = g->lane[i].head; x != NULL && !x->harmless;)
			x = x->next;
	if (x != NULL && has_token(g))
		send_now(g, x);
}

static void pump(struct charging_gate *g)
{
	while (g->under_way.n < (size_t)g->options.calls_max && has_token(g)) {
		int first = ++g->turn % SHARE == 0;
		struct call *x = g->lane[first].head != NULL ? g->lane[first].head : g->lane[!first].head;

		if (x == NULL)
			return;
		send_now(g, x);
	}
}

static void refuse_late(struct charging_gate *g)
{
	int64_t now = now_of(g);

	for (int i = 0; i < 2; i++)
		while (g->lane[i].head != NULL && g->lane[i].head->until_ms <= now) {
			g->counters.refused_late++;
			list_add(&g->refused, g->lane[i].head);
		}
}

static void tell_refused(struct charging_gate *g)
{
	struct list told = {0};

	while (g->refused.head != NULL)
		list_add(&told, g->refused.head); /* what is refused meanwhile is told the next time */
	while (told.head != NULL) {
		struct call *x = told.head;

		list_remove(x);
		(void)x->fn(x->ctx, CHARGING_REFUSED, NULL);
		free(x);
	}
}

static int64_t next_tick(const struct charging_gate *g)
{
	int64_t next = TICK_MAX_MS, now = now_of(g);

	if (g->refused.n > 0)
		return 0;
	for (int i = 0; i < 2; i++)
		if (g->lane[i].head != NULL && g->lane[i].head->until_ms - now < next)
			next = g->lane[i].head->until_ms - now;
	if (waiting(g) > 0 && !has_token(g)) {
		int64_t missing = (TOKEN - g->tokens + g->options.rate - 1) / g->options.rate;

		if (missing < next)
			next = missing;
	}
	return next < 1 ? 1 : next;
}

void charging_gate_tick(struct charging_gate *g)
{
	if (g->is_ticking)
		return;
	g->is_ticking = true;
	fill(g);
	if (g->state == CHARGING_GATE_OPEN && now_of(g) >= g->open_until_ms)
		set_state(g, CHARGING_GATE_HALF_OPEN);
	refuse_late(g);
	if (g->state == CHARGING_GATE_CLOSED)
		pump(g);
	else if (g->state == CHARGING_GATE_HALF_OPEN && !g->is_probing)
		probe(g);
	tell_refused(g);
	g->is_ticking = false;
	if (waiting(g) > 0 || g->refused.n > 0)
		arm(g, next_tick(g));
}

/* --- taking ------------------------------------------------------------------------------------------------------- */

static struct call *call_new(const struct http_client_call *h)
{
	struct call *x = calloc(1, sizeof(*x) + h->len + 1);

	if (x == NULL)
		return NULL;
	x->http = *h;
	if (h->len > 0)
		memcpy(x->body, h->body, h->len);
	x->http.body = x->body;
	return x;
}

/* Open: refused at once. Half open: a harmless call may wait for its turn to try; the others, while one tries. */
static bool is_shut(const struct charging_gate *g, bool harmless)
{
	if (g->state == CHARGING_GATE_OPEN)
		return now_of(g) < g->open_until_ms || !harmless;
	return g->state == CHARGING_GATE_HALF_OPEN && !harmless && !g->is_probing;
}

enum rc charging_gate_send(struct charging_gate *g, const struct http_client_call *call, bool harmless,
                           bool waits, charging_gate_fn *fn, void *ctx)
{
	struct call *x = call_new(call);

	if (x == NULL)
		return RC_NOMEM;
	x->gate = g;
	x->fn = fn;
	x->ctx = ctx;
	x->harmless = harmless;
	x->until_ms = now_of(g) + call->within_ms;
	if (is_shut(g, harmless)) {
		g->counters.refused_open++;
		list_add(&g->refused, x);
	} else if (waiting(g) >= (size_t)g->options.queue_max) {
		g->counters.refused_full++;
		list_add(&g->refused, x);
	} else {
		list_add(&g->lane[waits ? 0 : 1], x);
		if (waiting(g) > g->counters.waiting_peak)
			g->counters.waiting_peak = (uint32_t)waiting(g);
	}
	arm(g, 0);
	return RC_OK;
}

/* --- making and reading ------------------------------------------------------------------------------------------ */

enum rc charging_gate_new(const struct charging_gate_options *options, struct charging_gate **out)
{
	struct charging_gate *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return RC_NOMEM;
	g->options = *options;
	g->filled_ms = now_of(g);
	g->tokens = (int64_t)options->rate * TOKEN;
	if (options->base != NULL)
		g->timer = evtimer_new(options->base, on_timer, g);
	if (options->base != NULL && g->timer == NULL) {
		free(g);
		return RC_NOMEM;
	}
	*out = g;
	return RC_OK;
}

void charging_gate_free(struct charging_gate *g)
{
	if (g == NULL)
		return;
	/* Whoever is told may ask for more: it is refused as well. */
	g->state = CHARGING_GATE_OPEN;
	g->open_until_ms = INT64_MAX;
	refuse_waiting(g);
	while (g->refused.n > 0)
		tell_refused(g);
	if (g->timer != NULL)
		event_free(g->timer);
	free(g);
}

enum charging_gate_state charging_gate_state(const struct charging_gate *g)
{
	return g->state;
}

size_t charging_gate_room(const struct charging_gate *g)
{
	size_t used = g->under_way.n + waiting(g), most = (size_t)g->options.calls_max;

	if (g->state == CHARGING_GATE_OPEN && now_of(g) < g->open_until_ms)
		return 0;
	if (g->state != CHARGING_GATE_CLOSED)
		return g->is_probing || waiting(g) > 0 ? 0 : 1;
	if (used >= most) /* people fill it: of the backlog one at a time waits for its share */
		return g->lane[0].n > 0 && g->lane[1].n == 0;
	return most - used;
}

void charging_gate_counters_read(const struct charging_gate *g, struct charging_gate_counters *out)
{
	*out = g->counters;
	out->waiting = (uint32_t)waiting(g);
	out->under_way = (uint32_t)g->under_way.n;
}
