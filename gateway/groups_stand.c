/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups: who stands by, and what an operator takes down or slows down; see groups.h and docs/adr/0011.
 *
 * What is held stays down until somebody takes it up again or the daemon is started anew: no standby and no reconnect brings it
 * back. Others stand in for it as for a link that is lost.
 */
#include <event2/event.h>
#include <string.h>

#include "core/log.h"
#include "gateway/groups_private.h"

#define REST_WITHIN_MS 5000 /* it finishes what it has */

/* --- standbys ------------------------------------------------------------------------------------ */

/* One direction of a group, by the links that are no cold standbys. */
struct way {
	bool is_meant, is_open;
};

static bool is_whole(const struct groups_member *m)
{
	if (link_config_of(m->link)->bind != LINK_RECEIVER && !link_can_submit(m->link))
		return false;
	return groups_member_is_bound(m) && (!m->other || groups_member_is_bound(m->other));
}

static void look_at_ways(const struct groups *g, uint16_t group, struct way *out, struct way *in)
{
	*out = *in = (struct way){false, false};
	for (size_t i = 0; i < g->n; i++) {
		const struct groups_member *m = &g->member[i];
		enum link_bind bind = link_config_of(m->link)->bind;
		bool whole;

		if (m->group != group || m->standby == CONFIG_COLD)
			continue;
		whole = is_whole(m);
		out->is_meant |= bind != LINK_RECEIVER;
		out->is_open |= bind != LINK_RECEIVER && whole;
		in->is_meant |= bind != LINK_TRANSMITTER;
		in->is_open |= bind != LINK_TRANSMITTER && whole;
	}
}

/* Is there no need of this cold standby? One that only receives or sends, alone, stands by for that; any other for both. */
static bool is_served(const struct groups *g, const struct groups_member *m)
{
	enum link_bind bind = link_config_of(m->link)->bind;
	struct way out, in;

	look_at_ways(g, m->group, &out, &in);
	if (!m->other && bind == LINK_RECEIVER && in.is_meant)
		return in.is_open;
	if (!m->other && bind == LINK_TRANSMITTER && out.is_meant)
		return out.is_open;
	return (out.is_meant || in.is_meant) && out.is_open == out.is_meant && in.is_open == in.is_meant;
}

/* Start or rest one cold standby, if it is time. Returns when it will be. */
static int64_t watch_one(const struct groups *g, struct groups_member *m, int64_t now)
{
	struct standby *s = &m->watch;

	if (standby_look(s, is_served(g, m), now)) {
		LOG_EVENT(LOG_LV_INFO, "groups", s->is_wanted ? "standby_starts" : "standby_rests", "name",
		          m->name, "why",
		          !s->is_wanted    ? "the links that it stands by for hold"
		          : s->has_flapped ? "the links that it stands by for come and go"
		                           : "the links that it stands by for are gone");
		if (s->is_wanted)
			link_start(m->link);
		else
			link_rest(m->link, REST_WITHIN_MS);
	}
	return standby_due(s);
}

void groups_watch(struct groups *g)
{
	int64_t now = clock_mono_ms(g->clock), next = STANDBY_NEVER;
	struct timeval tv;

	if (!g->is_started || g->is_draining)
		return;
	for (size_t i = 0; i < g->n; i++) {
		int64_t due;

		if (g->member[i].standby != CONFIG_COLD || g->member[i].is_held)
			continue;
		due = watch_one(g, &g->member[i], now);
		next = due < next ? due : next;
	}
	if (next == STANDBY_NEVER)
		return;
	tv.tv_sec = (time_t)((next - now) / 1000);
	tv.tv_usec = (suseconds_t)((next - now) % 1000 * 1000);
	evtimer_add(g->timer, &tv);
}

/* --- by an operator ------------------------------------------------------------------------------- */

/* "a" is both of a pair, "a.tx" is its transmitter. */
static bool is_meant(const struct groups_member *m, const char *name)
{
	return strcmp(m->name, name) == 0 || strcmp(m->config->name, name) == 0;
}

static void hold(struct groups *g, struct groups_member *m, bool down)
{
	if (m->is_held == down)
		return;
	m->is_held = down;
	LOG_EVENT(LOG_LV_WARN, "groups", down ? "held" : "released", "link", m->name, "by", "operator");
	if (down)
		link_rest(m->link, REST_WITHIN_MS);
	else if (m->standby == CONFIG_COLD)
		standby_init(&m->watch, m->standby_after_ms, clock_mono_ms(g->clock));
	else
		link_start(m->link);
}

size_t groups_hold(struct groups *g, const char *name, bool down)
{
	static const struct timeval now = {0, 0};
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++)
		if (is_meant(&g->member[i], name)) {
			hold(g, &g->member[i], down);
			n++;
		}
	if (n > 0 && g->is_started && !g->is_draining)
		evtimer_add(g->timer, &now);
	return n;
}

size_t groups_throttle(struct groups *g, const char *name, int rate)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct groups_member *m = &g->member[i];

		if (!is_meant(m, name))
			continue;
		link_throttle(m->link, rate == GROUPS_AS_CONFIGURED ? m->config->rate : rate);
		LOG_EVENT(LOG_LV_WARN, "groups", "throttled", "link", m->name, "rate",
		          LOG_INT(link_config_of(m->link)->rate), "by", "operator");
		n++;
	}
	return n;
}

static const struct groups_member *member_of(const struct groups *g, const struct link *l)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->member[i].link == l)
			return &g->member[i];
	return NULL;
}

bool groups_is_held(const struct groups *g, const struct link *l)
{
	const struct groups_member *m = member_of(g, l);

	return m && m->is_held;
}

int groups_configured_rate(const struct groups *g, const struct link *l)
{
	const struct groups_member *m = member_of(g, l);

	return m ? m->config->rate : 0;
}
