/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices that wait in the store: when they are claimed, and how many at a time.
 *
 * One lane for each SMSC that something waits for. A lane claims as many as its links take without making anybody wait who
 * looks at a phone (dialogue_port.room), one claim at a time. Invariant: whatever waits is found: by the time that its lane
 * knows of, or by the look at the store every NOTICES_LOOK_MS, which finds also what others have written.
 */
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "gateway/notices_private.h"
#include "gateway/route.h"

#define AGAIN_MS 1000  /* when the store could not */
#define ROOM_MS 100    /* when no link has room */
#define CLAIM_LEAST 16 /* fewer are claimed only when no more are under way */
#define TELL_MS 60000  /* how often the log is told of what was given up */

static void pump(struct notices_lane *lane);

static struct notices_lane *lane_of(struct notices *n, const char *smsc)
{
	struct notices_lane *lane;

	for (size_t i = 0; i < n->n_lanes; i++)
		if (strcmp(n->lane[i].smsc, smsc) == 0)
			return &n->lane[i];
	if (n->n_lanes >= STORE_LANES || strlen(smsc) >= sizeof(lane->smsc))
		return NULL; /* its rows wait until the program is started anew */
	lane = &n->lane[n->n_lanes++];
	*lane = (struct notices_lane){
		.all = n, .group = route_group(n->options.config, smsc), .next_ms = INT64_MAX};
	memcpy(lane->smsc, smsc, strlen(smsc) + 1);
	return lane;
}

static void due_at(struct notices_lane *lane, int64_t utc_ms)
{
	lane->was_woken = true;
	if (utc_ms < lane->next_ms)
		lane->next_ms = utc_ms;
}

void notices_wake(struct notices *n, uint16_t group)
{
	struct notices_lane *lane = lane_of(n, route_group_name(n->options.config, group));

	if (lane == NULL)
		return;
	due_at(lane, clock_utc_ms(n->options.clock));
	pump(lane);
}

void lanes_put_back(struct notices *n, uint16_t group, const struct store_notice_update *u)
{
	struct notices_lane *lane = lane_of(n, route_group_name(n->options.config, group));

	n->counters.put_back++;
	lanes_report(n, u);
	if (lane != NULL)
		due_at(lane, u->next_ms);
}

void notices_release(struct notices *n, uint16_t group, int64_t id)
{
	const struct store_notice_update u = {
		.id = id, .to = STORE_NOTICE_PENDING, .next_ms = clock_utc_ms(n->options.clock)};

	lanes_put_back(n, group, &u);
	notices_wake(n, group);
}

void lanes_settled(struct notices_lane *lane)
{
	if (lane == NULL)
		return;
	lane->under_way--;
	pump(lane);
}

/* --- reports --------------------------------------------------------------------------------------------------------- */

/* Keep it until the store takes it again. More than this is lost: those stay marked, and are in doubt from the next start on. */
static void keep_late(struct notices *n, const struct store_notice_update *u)
{
	struct notices_report *r = n->n_late < NOTICES_MAX ? malloc(sizeof(*r)) : NULL;

	if (r == NULL) {
		n->counters.untold++;
		return;
	}
	*r = (struct notices_report){.update = *u};
	if (n->late_end != NULL)
		n->late_end->next = r;
	else
		n->late = r;
	n->late_end = r;
	n->n_late++;
}

static void on_reported(void *ctx, enum rc rc, const struct store_notice_update *u)
{
	struct notices *n = ctx;

	n->store_takes = rc == RC_OK;
	if (rc != RC_OK)
		keep_late(n, u);
}

void lanes_report(struct notices *n, const struct store_notice_update *u)
{
	if (store_notice_report(n->options.store, u, on_reported, n) != RC_OK)
		keep_late(n, u);
}

/* As long as the store takes none, one at a time: that tells when it does. */
static void report_late(struct notices *n)
{
	size_t left = n->store_takes ? n->n_late : 1;

	for (; left > 0 && n->late != NULL; left--) {
		struct notices_report *r = n->late;

		n->late = r->next;
		if (n->late == NULL)
			n->late_end = NULL;
		n->n_late--;
		lanes_report(n, &r->update);
		free(r);
	}
}

void lanes_forget(struct notices *n)
{
	n->counters.untold += n->n_late;
	while (n->late != NULL) {
		struct notices_report *r = n->late;

		n->late = r->next;
		free(r);
	}
}

/* --- claiming ----------------------------------------------------------------------------------------------------- */

static size_t room_of(const struct notices_lane *lane)
{
	const struct dialogue_port *port = lane->all->options.port;
	size_t room = STORE_NOTICES_PAGE;

	if (port->room != NULL)
		room = port->room(port->ctx, lane->group, false);
	else if (lane->under_way < STORE_NOTICES_PAGE)
		room = STORE_NOTICES_PAGE - lane->under_way;
	else
		return 0;
	return room < STORE_NOTICES_PAGE ? room : STORE_NOTICES_PAGE;
}

static void on_claimed(void *ctx, const struct store_claimed *c)
{
	struct notices_lane *lane = ctx;
	struct notices *n = lane->all;
	int64_t now = clock_utc_ms(n->options.clock);

	lane->is_claiming = false;
	if (c->rc != RC_OK) {
		lane->next_ms = now + AGAIN_MS;
		return;
	}
	n->counters.claimed += c->n;
	n->counters.expired += c->expired;
	n->counters.recalled += c->stopped;
	n->counters.gone += c->gone;
	if (!c->more && !lane->was_woken)
		lane->next_ms = c->behind ? now + AGAIN_MS : INT64_MAX;
	if (c->n == 0 && c->more) /* a whole page of them was over */
		lane->tidy_at_ms = 0;
	for (size_t i = 0; i < c->n; i++)
		notices_take(n, lane, &c->row[i]);
	pump(lane);
}

static void claim(struct notices_lane *lane, size_t max)
{
	struct notices *n = lane->all;
	const struct store_claim what = {.smsc = lane->smsc,
	                                 .max = max,
	                                 .expire_ms = n->options.config->sms_notice_expire_ms,
	                                 .push_expire_ms = NOTICES_PUSH_MS};

	lane->was_woken = false;
	lane->is_claiming = store_notices_claim(n->options.store, &what, on_claimed, lane) == RC_OK;
	if (!lane->is_claiming)
		lane->next_ms = clock_utc_ms(n->options.clock) + AGAIN_MS;
}

static void pump(struct notices_lane *lane)
{
	struct notices *n = lane->all;
	int64_t now = clock_mono_ms(n->options.clock);
	size_t room;

	if (n->is_closing || lane->is_claiming || lane->next_ms > clock_utc_ms(n->options.clock))
		return;
	room = room_of(lane);
	if (room >= CLAIM_LEAST || (room > 0 && room >= lane->under_way)) {
		lane->tidy_at_ms = now + NOTICES_TIDY_MS;
		claim(lane, room);
	} else if (now >= lane->tidy_at_ms &&
	           room == 0) { /* nothing can leave: what is too old goes all the same */
		lane->tidy_at_ms = now + NOTICES_TIDY_MS;
		claim(lane, 0);
	}
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

static void on_look(void *ctx, const struct store_notices_waiting *w)
{
	struct notices *n = ctx;

	n->is_looking = false;
	if (w->rc != RC_OK)
		return;
	n->counters.stored = w->count;
	n->counters.oldest_ms = w->oldest_ms;
	for (size_t i = 0; i < w->n; i++) {
		struct notices_lane *lane = lane_of(n, w->lane[i].smsc);

		if (lane == NULL)
			continue;
		if (w->lane[i].next_ms < lane->next_ms)
			due_at(lane, w->lane[i].next_ms);
		pump(lane);
	}
}

static void look(struct notices *n, int64_t now)
{
	if (n->is_looking || now < n->look_at_ms)
		return;
	n->look_at_ms = now + NOTICES_LOOK_MS;
	n->is_looking = store_notices_look(n->options.store, on_look, n) == RC_OK;
}

/* One line a minute, however many. */
static void tell_expired(struct notices *n, int64_t now)
{
	if (n->counters.expired == n->expired_told || now < n->tell_at_ms)
		return;
	LOG_EVENT(LOG_LV_WARN, "notices", "expired", "count", LOG_INT(n->counters.expired - n->expired_told),
	          "why", "they could not be handed to an SMSC in time and are given up", "remedy",
	          "see links in starhash status; sms.notice_expire says how long they wait");
	n->expired_told = n->counters.expired;
	n->tell_at_ms = now + TELL_MS;
}

int64_t lanes_tick(struct notices *n)
{
	int64_t now = clock_mono_ms(n->options.clock), utc = clock_utc_ms(n->options.clock), next;

	if (n->n_late > 0 && now >= n->report_at_ms) {
		n->report_at_ms = now + AGAIN_MS;
		report_late(n);
	}
	if (n->is_closing)
		return n->n_late > 0 ? n->report_at_ms : INT64_MAX;
	look(n, now);
	tell_expired(n, now);
	next = n->is_looking ? INT64_MAX : n->look_at_ms;
	for (size_t i = 0; i < n->n_lanes; i++) {
		struct notices_lane *lane = &n->lane[i];
		int64_t wait;

		pump(lane);
		if (lane->is_claiming || lane->next_ms == INT64_MAX)
			continue;
		wait = lane->next_ms > utc ? lane->next_ms - utc : ROOM_MS;
		if (now + wait < next)
			next = now + wait;
	}
	return next;
}
