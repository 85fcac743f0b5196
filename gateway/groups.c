/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups: see groups.h; why pairs and standbys are as they are: docs/adr/0011.
 *
 * Every walk here is over the links of the configuration, of which there are at most twice CONFIG_MAX_LINKS: a pick is O(links).
 * Invariant: each link belongs to one group for as long as the process lives; the two of a pair know each other.
 */
#include "gateway/groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "core/log.h"
#include "gateway/config_dialects.h"
#include "gateway/dialect_table.h"
#include "gateway/groups_private.h"

#define LINKS_MAX (2 * CONFIG_MAX_LINKS)

/* --- finding ------------------------------------------------------------------------------------- */

static struct groups_member *find(const struct groups *g, const struct link *l)
{
	for (size_t i = 0; g && l && i < g->n; i++)
		if (g->member[i].link == l)
			return &g->member[i];
	return NULL;
}

size_t groups_links(const struct groups *g)
{
	return g ? g->n : 0;
}

struct link *groups_link_at(const struct groups *g, size_t i)
{
	return g->member[i].link;
}

uint16_t groups_of(const struct groups *g, const struct link *l)
{
	const struct groups_member *m = find(g, l);

	return m ? m->group : 0;
}

enum config_standby groups_standby_of(const struct groups *g, const struct link *l)
{
	const struct groups_member *m = find(g, l);

	return m ? m->standby : CONFIG_ACTIVE;
}

int groups_by_name(const struct groups *g, const char *name)
{
	for (size_t i = 0; i < g->config->n_links; i++)
		if (strcmp(g->config->link[i].group, name) == 0)
			return (int)i;
	return -1;
}

size_t groups_bound(const struct groups *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct groups_member *m = &g->member[i];

		if (m->other)
			n += m < m->other && groups_member_is_bound(m) && groups_member_is_bound(m->other);
		else
			n += groups_member_is_bound(m);
	}
	return n;
}

/* --- picking ------------------------------------------------------------------------------------- */

/* Actives before standbys, then the less busy, then the one whose turn is longer ago. */
static bool is_better(const struct groups_member *m, unsigned load, const struct groups_member *best,
                      unsigned best_load)
{
	bool is_active = m->standby == CONFIG_ACTIVE;

	if (!best)
		return true;
	if (is_active != (best->standby == CONFIG_ACTIVE))
		return is_active;
	return load != best_load ? load < best_load : m->picked < best->picked;
}

struct link *groups_pick(const struct groups *g, const struct link *came_by, uint16_t group)
{
	struct groups_member *m = find(g, came_by), *best = NULL;
	unsigned best_load = 0;
	uint64_t latest = 0;

	if (m && m->other && link_config_of(m->link)->bind == LINK_RECEIVER)
		m = m->other;
	if (m && link_can_submit(m->link))
		return m->link;
	for (size_t i = 0; i < groups_links(g); i++) {
		unsigned load;

		m = &g->member[i];
		if ((group != GROUPS_ANY && m->group != group) || !link_can_submit(m->link))
			continue;
		load = link_load(m->link);
		latest = m->picked > latest ? m->picked : latest;
		if (is_better(m, load, best, best_load)) {
			best = m;
			best_load = load;
		}
	}
	if (!best)
		return NULL;
	best->picked = latest + 1;
	return best->link;
}

/* --- what links tell ------------------------------------------------------------------------------ */

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	groups_watch(ctx);
}

static void on_message(void *ctx, struct link *l, uint32_t connection, const struct pdu_header *h,
                       const struct pdu_message *message)
{
	const struct link_handlers *up = &((struct groups_member *)ctx)->groups->handlers;

	up->message(up->ctx, l, connection, h, message);
}

static void on_submitted(void *ctx, struct link *l, uint64_t token, enum link_outcome outcome,
                         uint32_t status, const char *message_id)
{
	const struct link_handlers *up = &((struct groups_member *)ctx)->groups->handlers;

	up->submitted(up->ctx, l, token, outcome, status, message_id);
}

/* The two of a pair choose their hosts each by itself. Where the hosts do not share their sessions, an answer would be refused
 * by the one that does not know the dialogue. */
static void warn_of_split(const struct groups_member *m)
{
	struct link_report a, b;

	if (!m->other || !groups_member_is_bound(m) || !groups_member_is_bound(m->other))
		return;
	link_report_read(m->link, &a);
	link_report_read(m->other->link, &b);
	if (a.port == b.port && strcmp(a.host, b.host) == 0)
		return;
	LOG_EVENT(
		LOG_LV_WARN, "groups", "pair_split", "name", m->name, "host", a.host, "other", m->other->name,
		"other_host", b.host, "remedy",
		"if these hosts do not share their sessions, make a pair of its own for each, without alternates");
}

/* Standbys are looked after from the loop: a handler never starts or ends the link that called it. */
static void on_changed(void *ctx, struct link *l, enum link_state state)
{
	static const struct timeval now = {0, 0};
	struct groups *g = ((struct groups_member *)ctx)->groups;

	if (state == LINK_ST_BOUND)
		warn_of_split(ctx);
	if (g->is_started && !g->is_draining)
		evtimer_add(g->timer, &now);
	if (g->handlers.changed)
		g->handlers.changed(g->handlers.ctx, l, state);
}

/* --- making ----------------------------------------------------------------------------------------- */

static struct link_config config_for(const struct groups *g, const struct config_link *c,
                                     struct groups_member *m)
{
	const struct dialect *d =
		g->config->dialects ? dialects_by_name(g->config->dialects, c->dialect) : NULL;
	struct link_config lc = {.name = m->name,
	                         .host = c->host,
	                         .port = c->port,
	                         .n_alternates = c->n_alternates,
	                         .bind_address = c->bind_address,
	                         .system_id = c->system_id,
	                         .password = c->password,
	                         .system_type = c->system_type,
	                         .interface_version = (uint8_t)c->interface_version,
	                         .addr_ton = (uint8_t)c->addr_ton,
	                         .addr_npi = (uint8_t)c->addr_npi,
	                         .address_range = c->address_range,
	                         .group = c->group,
	                         .dialect = d ? d : &dialect_standard,
	                         .tls = m->tls,
	                         .window = c->window,
	                         .queue_max = c->queue_max,
	                         .rate = c->rate,
	                         .connect_ms = c->connect_ms,
	                         .response_ms = c->response_ms,
	                         .enquire_ms = c->enquire_ms,
	                         .enquire_misses = c->enquire_misses,
	                         .reconnect_min_ms = c->reconnect_min_ms,
	                         .reconnect_max_ms = c->reconnect_max_ms};

	for (size_t i = 0; i < c->n_alternates; i++)
		lc.alternate[i] = (struct link_host){c->alternate[i].host, c->alternate[i].port};
	return lc;
}

static enum rc make_tls(const struct config_link *c, struct link_tls **out)
{
	const struct link_tls_options options = {.ca = c->tls_ca,
	                                         .name = c->tls_name,
	                                         .cert = c->tls_cert,
	                                         .key = c->tls_key,
	                                         .verify = c->tls_verify};
	char why[512] = "out of memory";
	enum rc rc;

	if (!c->tls)
		return RC_OK;
	rc = link_tls_new(&options, out, why, sizeof(why));
	if (rc != RC_OK)
		LOG_EVENT(LOG_LV_ERROR, "groups", "tls_impossible", "link", c->name, "why", why);
	else if (!c->tls_verify)
		LOG_EVENT(LOG_LV_WARN, "groups", "tls_not_verified", "link", c->name, "what",
		          "anybody on the way can pretend to be the SMSC, read and change everything",
		          "remedy", "name the SMSC's authority in tls_ca, and take tls_verify = false out");
	return rc;
}

/* One link. `tls` is owned by the member when `owns`. */
static enum rc add(struct groups *g, size_t at, enum link_bind bind, const char *suffix, struct link_tls *tls)
{
	const struct config_link *c = &g->config->link[at];
	struct groups_member *m = &g->member[g->n];
	const struct link_handlers handlers = {
		.message = on_message, .submitted = on_submitted, .changed = on_changed, .ctx = m};
	struct link_config lc;
	enum rc rc;

	*m = (struct groups_member){.groups = g,
	                            .config = c,
	                            .tls = tls,
	                            .group = (uint16_t)groups_by_name(g, c->group),
	                            .standby = c->standby,
	                            .standby_after_ms = c->standby_after_ms};
	snprintf(m->name, sizeof(m->name), "%s%s", c->name, suffix);
	lc = config_for(g, c, m);
	lc.bind = bind;
	rc = link_new(g->base, g->clock, &lc, &handlers, &m->link);
	if (rc == RC_OK)
		g->n++;
	return rc;
}

static enum rc add_pair(struct groups *g, size_t at, struct link_tls *tls)
{
	struct groups_member *m = &g->member[g->n];
	enum rc rc = add(g, at, LINK_TRANSMITTER, ".tx", tls);

	if (rc == RC_OK)
		rc = add(g, at, LINK_RECEIVER, ".rx", tls);
	if (rc != RC_OK)
		return rc;
	m[0].other = &m[1];
	m[1].other = &m[0];
	return RC_OK;
}

static enum rc add_configured(struct groups *g, size_t at)
{
	static const enum link_bind binds[] = {[CONFIG_TRANSCEIVER] = LINK_TRANSCEIVER,
	                                       [CONFIG_TRANSMITTER] = LINK_TRANSMITTER,
	                                       [CONFIG_RECEIVER] = LINK_RECEIVER};
	const struct config_link *c = &g->config->link[at];
	struct link_tls *tls = NULL;
	size_t before = g->n;
	enum rc rc = make_tls(c, &tls);

	if (rc != RC_OK)
		return rc;
	rc = c->bind == CONFIG_PAIR ? add_pair(g, at, tls) : add(g, at, binds[c->bind], "", tls);
	if (g->n == before)
		link_tls_free(tls); /* nobody has it */
	return rc;
}

enum rc groups_new(struct event_base *base, const struct clock *clock, const struct config *config,
                   const struct link_handlers *handlers, struct groups **out)
{
	struct groups *g = calloc(1, sizeof(*g));
	enum rc rc = RC_NOMEM;

	if (!g)
		return RC_NOMEM;
	g->base = base;
	g->clock = clock;
	g->config = config;
	g->handlers = *handlers;
	g->member = calloc(LINKS_MAX, sizeof(*g->member));
	g->timer = evtimer_new(base, on_timer, g);
	if (g->member && g->timer)
		rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < config->n_links; i++)
		rc = add_configured(g, i);
	if (rc != RC_OK) {
		groups_free(g);
		return rc;
	}
	*out = g;
	return RC_OK;
}

static void free_members(struct groups *g)
{
	for (size_t i = 0; i < g->n; i++)
		link_free(g->member[i].link);
	for (size_t i = 0; i < g->n; i++)
		if (!g->member[i].other || g->member[i].other > &g->member[i])
			link_tls_free(g->member[i].tls);
}

void groups_free(struct groups *g)
{
	if (!g)
		return;
	g->is_draining = true;
	if (g->member)
		free_members(g);
	if (g->timer)
		event_free(g->timer);
	free(g->member);
	free(g);
}

/* --- the life of all ------------------------------------------------------------------------------- */

void groups_start(struct groups *g)
{
	int64_t now = clock_mono_ms(g->clock);

	g->is_started = true;
	for (size_t i = 0; i < g->n; i++) {
		struct groups_member *m = &g->member[i];

		if (m->standby == CONFIG_COLD)
			standby_init(&m->watch, m->standby_after_ms, now);
		else
			link_start(m->link);
	}
	groups_watch(g);
}

void groups_drain(struct groups *g, int64_t within_ms)
{
	g->is_draining = true;
	for (size_t i = 0; i < g->n; i++)
		link_drain(g->member[i].link, within_ms);
}

bool groups_are_down(const struct groups *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (link_state(g->member[i].link) != LINK_ST_DOWN)
			return false;
	return true;
}
