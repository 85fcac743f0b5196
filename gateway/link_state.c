/* SPDX-License-Identifier: GPL-3.0-or-later */
/* States of a link, its one timer, and what happens when time passes.
 *
 * Invariant: link_set_state is the only writer of `state`, and only transitions of the table happen. The timer
 * stands at the earliest moment at which anything is due; it may fire early, never late.
 */
#include "gateway/link_private.h"

#include <stdio.h>
#include <string.h>

#include <event2/util.h>

#include "core/log.h"

#define TO(state) (1u << LINK_ST_##state)

static const unsigned transitions[LINK_ST_COUNT_] = {
	[LINK_ST_IDLE] = TO(CONNECTING) | TO(DOWN),
	[LINK_ST_CONNECTING] = TO(BINDING) | TO(BACKOFF) | TO(IDLE) | TO(DOWN),
	[LINK_ST_BINDING] = TO(BOUND) | TO(BACKOFF) | TO(IDLE) | TO(DOWN),
	[LINK_ST_BOUND] = TO(UNBINDING) | TO(BACKOFF) | TO(IDLE) | TO(DOWN),
	[LINK_ST_UNBINDING] = TO(IDLE) | TO(DOWN),
	[LINK_ST_BACKOFF] = TO(CONNECTING) | TO(IDLE) | TO(DOWN),
	[LINK_ST_DOWN] = 0,
};

const char *link_state_name(enum link_state s)
{
	static const char *const names[LINK_ST_COUNT_] = {
		[LINK_ST_IDLE] = "idle",   [LINK_ST_CONNECTING] = "connecting", [LINK_ST_BINDING] = "binding",
		[LINK_ST_BOUND] = "bound", [LINK_ST_UNBINDING] = "unbinding",   [LINK_ST_BACKOFF] = "backoff",
		[LINK_ST_DOWN] = "down",
	};

	return (unsigned)s < LINK_ST_COUNT_ ? names[s] : "unknown";
}

/* A random number in [0, below); below >= 1. Jitter only, so the modulo is fine. */
static int64_t random_below(int64_t below)
{
	uint32_t r = 0;

	evutil_secure_rng_get_bytes(&r, sizeof(r));
	return (int64_t)r % below;
}

/* Did every host in turn say so? With one that may still help, the others are not waited for. */
static bool is_helpless(const struct link *l)
{
	return l->helpless > l->config.n_alternates || l->forbidden >= LINK_FORBIDDEN_MAX;
}

/* Exponential from reconnect_min to reconnect_max, +-50 %: links that lost the same SMSC do not come back
 * in step. Never under reconnect_min: there are SMSCs that lock out who comes back sooner than they allow. */
static int64_t backoff_ms(const struct link *l)
{
	int64_t base = l->config.reconnect_min_ms > 0 ? l->config.reconnect_min_ms : 1;
	int64_t max = l->config.reconnect_max_ms > base ? l->config.reconnect_max_ms : base;
	int64_t least;

	for (unsigned i = 1; i < l->attempts && base < max; i++)
		base *= 2;
	if (base > max || is_helpless(l))
		base = max;
	least = base / 2 > l->config.reconnect_min_ms ? base / 2 : l->config.reconnect_min_ms;
	return least + random_below(base + base / 2 - least + 1);
}

static int64_t state_due(const struct link *l, enum link_state s)
{
	int64_t now = link_now(l);

	switch (s) {
	case LINK_ST_CONNECTING:
		return now + l->config.connect_ms;
	case LINK_ST_BINDING:
		return l->state_due_ms; /* connect and bind share their time */
	case LINK_ST_UNBINDING:
		return now + LINK_UNBIND_MS;
	case LINK_ST_BACKOFF:
		return now + backoff_ms(l);
	default:
		return LINK_NEVER;
	}
}

void link_set_state(struct link *l, enum link_state to)
{
	if (!(transitions[l->state] & (1u << to))) {
		l->odd_transitions++;
		LOG_EVENT(LOG_LV_ERROR, "link", "odd_transition", "name", l->config.name, "from",
		          link_state_name(l->state), "to", link_state_name(to), "count",
		          LOG_INT(l->odd_transitions));
		return;
	}
	LOG_EVENT(LOG_LV_DEBUG, "link", "state", "name", l->config.name, "from", link_state_name(l->state),
	          "to", link_state_name(to));
	l->state_due_ms = state_due(l, to);
	l->state = to;
	l->state_since_ms = link_now(l);
	l->state_since_utc_ms = clock_utc_ms(l->clock);
}

void link_tell_changed(struct link *l)
{
	if (l->handlers.changed)
		l->handlers.changed(l->handlers.ctx, l, l->state);
}

void link_alarm(struct link *l, const char *words)
{
	bool is_new = strcmp(l->alarm, words) != 0;

	l->is_alarming = true;
	snprintf(l->alarm, sizeof(l->alarm), "%s", words);
	if (!is_new)
		return;
	l->counters.alarms++;
	LOG_EVENT(LOG_LV_ERROR, "link", "alarm", "name", l->config.name, "host", link_host_now(l).host, "do",
	          words);
}

void link_alarm_over(struct link *l)
{
	if (l->alarm[0] != '\0')
		LOG_EVENT(LOG_LV_INFO, "link", "alarm_over", "name", l->config.name, "was", l->alarm);
	l->alarm[0] = '\0';
	l->helpless = 0;
}

static const char may_not_send[] =
	"this account may not send: the SMSC answers each submit_sm with ESME_RINVBNDSTS; ask its operator, "
	"or give bind and system_id of the account that may";

void link_alarm_over_by_bind(struct link *l)
{
	if (strcmp(l->alarm, may_not_send) != 0)
		link_alarm_over(l);
	l->helpless = 0;
}

void link_forbidden(struct link *l)
{
	l->counters.rebinds++;
	if (l->forbidden < LINK_FORBIDDEN_MAX)
		l->forbidden++;
	if (l->forbidden == LINK_FORBIDDEN_MAX)
		link_alarm(l, may_not_send);
	link_close_soon(l, "the SMSC says that this session may not submit", false);
}

void link_allowed(struct link *l)
{
	if (l->forbidden >= LINK_FORBIDDEN_MAX)
		link_alarm_over(l);
	l->forbidden = 0;
}

void link_close_soon(struct link *l, const char *why, bool gently)
{
	if (!l->bev || l->close_why)
		return;
	l->close_why = why;
	l->close_due_ms = link_now(l) + (gently ? LINK_CLOSE_MS : 0);
	l->reading_on = false;
	link_schedule(l);
}

void link_close(struct link *l)
{
	link_connect_cancel(l);
	if (l->bev)
		bufferevent_free(l->bev);
	l->bev = NULL;
	l->close_why = NULL;
	l->close_due_ms = LINK_NEVER;
	l->enquire_due_ms = LINK_NEVER;
	l->misses = 0;
	l->reading_on = false;
	l->is_shaking = false;
	l->n_staged = 0;
	l->owed = 0;
}

static void next_host(struct link *l)
{
	l->host = (l->host + 1) % (unsigned)(l->config.n_alternates + 1);
}

static void judge_bound(struct link *l)
{
	int64_t held_ms = link_now(l) - l->state_since_ms;

	l->counters.losses++;
	if (l->was_useful || held_ms >= LINK_LASTING_MS)
		l->attempts = 0;
	else
		next_host(l);
	if (held_ms >= LINK_HOME_MS)
		l->host = 0;
}

/* Count and log how an attempt or a bind ended, and decide how soon and where to try again. */
static void judge_loss(struct link *l, const char *why)
{
	struct link_host host = link_host_now(l);

	switch (l->state) {
	case LINK_ST_CONNECTING:
		l->counters.connect_failures++;
		next_host(l);
		break;
	case LINK_ST_BINDING:
		l->counters.bind_failures++;
		next_host(l);
		break;
	case LINK_ST_BOUND:
		judge_bound(l);
		break;
	default:
		return;
	}
	l->attempts++;
	l->helpless = l->is_alarming ? l->helpless + 1 : 0;
	snprintf(l->lost, sizeof(l->lost), "%s", why);
	if (!l->draining)
		LOG_EVENT(LOG_LV_WARN, "link", "lost", "name", l->config.name, "host", host.host, "port",
		          LOG_INT(host.port), "state", link_state_name(l->state), "why", why, "unanswered",
		          LOG_INT(link_window_count(l->window)), "queued", LOG_INT(l->n_queued));
}

/* The end that was asked for: for good, or until link_start. */
static void come_to_rest(struct link *l, const char *why)
{
	bool for_good = !l->resting;

	link_set_state(l, for_good ? LINK_ST_DOWN : LINK_ST_IDLE);
	LOG_EVENT(LOG_LV_INFO, "link", for_good ? "down" : "resting", "name", l->config.name, "why", why);
	if (for_good)
		return;
	l->attempts = 0;
	l->draining = l->resting = false;
	l->drain_due_ms = LINK_NEVER;
	if (l->again)
		l->state_due_ms = link_now(l);
	l->again = false;
}

void link_lose(struct link *l, const char *why)
{
	uint64_t flushed = link_flushed(l);

	judge_loss(l, why);
	link_close(l);
	if (l->draining || l->state == LINK_ST_UNBINDING)
		come_to_rest(l, why);
	else
		link_set_state(l, LINK_ST_BACKOFF);
	l->is_alarming = false;
	l->was_useful = false;
	link_conclude_all(l, flushed);
	link_tell_changed(l);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When to say enquire_link, or to stop waiting for its answer. */
static int64_t enquire_due(const struct link *l)
{
	if (l->state != LINK_ST_BOUND || l->close_why || l->config.enquire_ms <= 0)
		return LINK_NEVER;
	if (l->enquire_due_ms != LINK_NEVER)
		return l->enquire_due_ms;
	return l->heard_ms + l->config.enquire_ms;
}

static bool has_drained(const struct link *l)
{
	return !l->first && link_window_count(l->window) == 0 && l->owed == 0;
}

static int64_t drain_due(const struct link *l)
{
	if (!l->draining || l->state == LINK_ST_DOWN || l->state == LINK_ST_UNBINDING)
		return LINK_NEVER;
	return l->state != LINK_ST_BOUND || has_drained(l) ? 0 : l->drain_due_ms;
}

static int64_t next_due(struct link *l)
{
	const struct link_slot *oldest = link_window_oldest(l->window);
	int64_t due = l->state_due_ms;

	if (l->close_why)
		due = earlier(due, l->close_due_ms);
	if (l->reading_on)
		due = 0;
	if (oldest)
		due = earlier(due, oldest->deadline_ms);
	due = earlier(due, enquire_due(l));
	due = earlier(due, drain_due(l));
	return earlier(due, link_pump_due(l));
}

void link_schedule(struct link *l)
{
	int64_t due, wait;
	struct timeval tv;

	if (l->gathers)
		return; /* who reads does it after the last PDU */
	due = next_due(l);
	if (due >= l->timer_due_ms)
		return; /* it fires before and looks again */
	wait = due - link_now(l);
	if (wait < 0)
		wait = 0;
	if (wait > INT32_MAX)
		wait = INT32_MAX;
	tv.tv_sec = (time_t)(wait / 1000);
	tv.tv_usec = (suseconds_t)(wait % 1000 * 1000);
	if (evtimer_add(l->timer, &tv) != 0) {
		LOG_EVENT(LOG_LV_ERROR, "link", "timer_failed", "name", l->config.name);
		return;
	}
	l->timer_due_ms = due;
}

static void state_expired(struct link *l)
{
	switch (l->state) {
	case LINK_ST_IDLE:
	case LINK_ST_BACKOFF:
		link_connect_begin(l);
		break;
	case LINK_ST_CONNECTING:
		link_lose(l, l->is_shaking ? "no TLS handshake in time: is this the SMSC's TLS port?"
		                           : "connecting took too long");
		break;
	case LINK_ST_BINDING:
		link_lose(l, "no bind response");
		break;
	default:
		link_lose(l, "no unbind response");
		break;
	}
}

/* The peer left our question unanswered. Is that too much? */
static bool has_missed_too_many(struct link *l)
{
	int most = l->config.enquire_misses > 0 ? l->config.enquire_misses : 1;

	l->counters.enquire_missed++;
	l->misses = l->heard_ms > l->enquired_ms ? 0 : l->misses + 1;
	return l->misses >= most;
}

static void enquire(struct link *l)
{
	if (l->enquire_due_ms != LINK_NEVER && has_missed_too_many(l)) {
		link_lose(l, "no enquire_link response");
		return;
	}
	l->enquire_sequence = link_next_sequence(l);
	if (!link_write_simple(l, PDU_ENQUIRE_LINK, PDU_ROK, l->enquire_sequence))
		return;
	l->counters.enquire_out++;
	l->enquired_ms = link_now(l);
	l->enquire_due_ms = l->enquired_ms + l->config.response_ms;
}

static void drain(struct link *l)
{
	if (l->state != LINK_ST_BOUND || l->close_why) {
		link_lose(l, "drained");
		return;
	}
	l->unbind_sequence = link_next_sequence(l);
	link_write_simple(l, PDU_UNBIND, PDU_ROK, l->unbind_sequence);
	link_set_state(l, LINK_ST_UNBINDING);
	link_tell_changed(l);
}

/* Everything that is due. Each part looks again at the state, which the part before may have changed. */
static void do_due(struct link *l)
{
	int64_t now = link_now(l);

	if (l->close_why && l->close_due_ms <= now)
		link_lose(l, l->close_why);
	else if (l->state_due_ms <= now)
		state_expired(l);
	if (l->reading_on)
		link_read(l);
	link_expire(l);
	if (enquire_due(l) <= now)
		enquire(l);
	if (drain_due(l) <= now)
		drain(l);
	link_pump(l);
}

void link_turn(struct link *l)
{
	l->timer_due_ms = LINK_NEVER;
	do_due(l);
	link_schedule(l);
}

void link_timer_fired(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	link_turn(arg);
}
