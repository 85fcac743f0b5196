/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Health: see health.h. Each check is a function; what it looks at is what metrics show, so that both agree. */
#include "gateway/health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/metrics_private.h"
#include "gateway/traffic.h"

#define WRITING_MAX_US 2000000        /* one transaction: longer is a disk that hangs */
#define COMMITS_SLOW 3                /* lately, and one in ten: one that was late is no news */
#define COMMITS_SLOW_US 2000000       /* or fewer, that took so long together */
#define LAG_MAX_MS 500                /* unless overload.lag says less */
#define ORDER_AGE_MAX_MS (15 * 60000) /* of the oldest order at the charging system */
#define FULL_PERCENT 90

struct report {
	const struct gateway *g;
	const struct metrics_now *now;
	struct health_trouble *out;
	size_t n;
	struct health_trouble beyond; /* what nobody is told */
};

static struct health_trouble *trouble(struct report *r, const char *part, bool is_grave)
{
	struct health_trouble *t = r->n < HEALTH_MAX ? &r->out[r->n++] : &r->beyond;

	for (size_t i = HEALTH_MAX; is_grave && t == &r->beyond && i > 0; i--)
		if (!r->out[i - 1].is_grave)
			t = &r->out[i - 1];
	*t = (struct health_trouble){.part = part, .is_grave = is_grave};
	return t;
}

static void say(struct health_trouble *t, const char *what, const char *remedy)
{
	snprintf(t->what, sizeof(t->what), "%s", what);
	snprintf(t->remedy, sizeof(t->remedy), "%s", remedy);
}

static void check_daemon(struct report *r)
{
	if (r->now->is_draining)
		say(trouble(r, "daemon", true), "the daemon is being stopped: it takes no new dialogues",
		    "wait for its end, and start it again if this was not meant");
}

#define SEE_TO_THE_DISK \
	"see to the disk of the database (iostat -x 5): is it ill, or does another program keep it busy (iotop)?"

/* Nothing is lost, and whoever registers waits for it. */
static void check_commits(struct report *r)
{
	struct metrics_commits lately =
		metrics_commits_lately(gateway_metrics(r->g), &r->now->store_times.commit);
	struct health_trouble *t;

	if (lately.slow * 10 < lately.count || lately.slow == 0 ||
	    (lately.slow < COMMITS_SLOW && lately.sum_us < COMMITS_SLOW_US))
		return;
	t = trouble(r, "store", false);
	snprintf(
		t->what, sizeof(t->what),
		"the disk of the database is slow: of the last %llu commits %llu took longer than 250 ms, the mean is %llu ms",
		(unsigned long long)lately.count, (unsigned long long)lately.slow,
		(unsigned long long)(lately.sum_us / lately.count / 1000));
	snprintf(t->remedy, sizeof(t->remedy), SEE_TO_THE_DISK "; nothing is lost meanwhile");
}

static void check_store(struct report *r)
{
	const char *why, *remedy;
	int64_t us = r->now->store_times.writing_us;
	struct health_trouble *t;

	if (store_trouble(gateway_store(r->g), &why, &remedy)) {
		t = trouble(r, "store", true);
		snprintf(
			t->what, sizeof(t->what),
			"the store is failing: %s; nothing can be stored, and whoever gives an answer to keep gets the apology",
			why);
		snprintf(t->remedy, sizeof(t->remedy), "%s", remedy);
	} else if (us > WRITING_MAX_US) {
		t = trouble(r, "store", true);
		snprintf(t->what, sizeof(t->what), "the disk has not answered a write for %lld s",
		         (long long)(us / 1000000));
		snprintf(t->remedy, sizeof(t->remedy), SEE_TO_THE_DISK);
	} else {
		check_commits(r);
	}
}

/* The one of a group to tell of: whom only a person can help, else the first that is not bound. */
static const struct link *unbound_of(const struct gateway *g, const char *group)
{
	const struct link *first = NULL;

	for (size_t i = 0; i < gateway_links(g); i++) {
		const struct link *l = gateway_link(g, i);
		struct link_report report;

		if (strcmp(link_config_of(l)->group, group) != 0 || link_state(l) == LINK_ST_BOUND)
			continue;
		link_report_read(l, &report);
		if (*report.alarm != '\0')
			return l;
		first = first != NULL ? first : l;
	}
	return first;
}

static void say_link(struct health_trouble *t, const char *before, const struct link *l)
{
	struct link_report r;

	link_report_read(l, &r);
	snprintf(t->what, sizeof(t->what), "%s%s, state %s%s%s", before, link_name(l),
	         link_state_name(link_state(l)), *r.lost != '\0' ? ": " : "", r.lost);
	snprintf(
		t->remedy, sizeof(t->remedy), "%s",
		*r.alarm != '\0'
			? r.alarm
			: "see whether the SMSC and the way to it are up, and ask its operator; we go on trying by ourselves");
}

/* Its whole group is not served: that has been said. */
static bool is_told(const struct report *r, const struct link *l)
{
	size_t group = groups_of(gateway_groups(r->g), l);

	return group < r->now->n_groups && !r->now->group[group].is_ready;
}

/* A group nobody can be reached by is grave; a link that is missing in one that works is not. */
static void check_groups(struct report *r)
{
	for (size_t i = 0; i < r->now->n_groups; i++) {
		const char *group = r->now->group_name[i];
		const struct link *l;
		char before[96];

		if (r->now->group[i].links == 0 || r->now->group[i].is_ready)
			continue;
		l = unbound_of(r->g, group);
		snprintf(before, sizeof(before), "group \"%s\" cannot send and receive: ", group);
		if (l != NULL)
			say_link(trouble(r, "links", true), before, l);
	}
}

static void check_links(struct report *r)
{
	for (size_t i = 0; i < gateway_links(r->g) && i < r->now->n_links; i++) {
		const struct link *l = gateway_link(r->g, i);
		const struct metrics_link *m = &r->now->link[i];

		if (!is_told(r, l) && ((m->is_wanted && !m->is_bound) || m->needs_help))
			say_link(trouble(r, "links", false), "link ", l);
	}
}

/* What an operator took down is told until it is up again; alone in its group, it is as if the link were lost. */
static void check_held(struct report *r)
{
	for (size_t i = 0; i < gateway_links(r->g) && i < r->now->n_links; i++) {
		const struct link *l = gateway_link(r->g, i);
		size_t group = groups_of(gateway_groups(r->g), l);
		struct health_trouble *t;

		if (!r->now->link[i].is_held)
			continue;
		t = trouble(r, "links", group < r->now->n_groups && !r->now->group[group].is_ready);
		snprintf(t->what, sizeof(t->what), "link %s was taken down by an operator", link_name(l));
		snprintf(t->remedy, sizeof(t->remedy), "when that is over: starhash links up %s",
		         link_name(l));
	}
}

/* Slower by hand is told until it is undone, too: who waits for its answers sees no other reason. */
static void check_throttled(struct report *r)
{
	for (size_t i = 0; i < gateway_links(r->g) && i < r->now->n_links; i++) {
		const struct link *l = gateway_link(r->g, i);
		int rate = link_config_of(l)->rate,
		    configured = groups_configured_rate(gateway_groups(r->g), l);
		struct health_trouble *t;

		if (rate == configured)
			continue;
		t = trouble(r, "links", false);
		snprintf(t->what, sizeof(t->what),
		         "an operator lets link %s send %d PDUs a second, and not as configured",
		         link_name(l), rate);
		snprintf(t->remedy, sizeof(t->remedy), "when that is over: starhash links throttle %s off",
		         link_name(l));
	}
}

static const char *overload_remedy(enum dialogue_shed why)
{
	switch (why) {
	case DIALOGUE_SHED_DIALOGUES:
		return "raise ussd.dialogues if there is memory, or lower ussd.idle";
	case DIALOGUE_SHED_STORE:
		return "the disk is slower than the traffic: look at starhash_store_commit_seconds, use a faster disk";
	case DIALOGUE_SHED_LAG:
		return "the machine is overloaded: see what else runs on it";
	case DIALOGUE_SHED_LINKS:
		return "the SMSC takes less than we have to send: raise rate and window to what its operator allows";
	default:
		return "see docs/operate.md, \"Too many at once\"";
	}
}

static void check_overload(struct report *r)
{
	for (int why = DIALOGUE_SHED_DIALOGUES; why < DIALOGUE_SHEDS; why++) {
		struct health_trouble *t;

		if (!r->now->overload[why])
			continue;
		t = trouble(r, "overload", false);
		snprintf(t->what, sizeof(t->what),
		         "new dialogues are turned away, because of: %s; those in progress go on",
		         dialogue_shed_name((enum dialogue_shed)why));
		snprintf(t->remedy, sizeof(t->remedy), "%s", overload_remedy((enum dialogue_shed)why));
	}
}

static void check_loop(struct report *r)
{
	int64_t most = r->now->config->overload_lag_ms, lag = metrics_lag_lately_ms(gateway_metrics(r->g));
	struct health_trouble *t;

	if (most <= 0 || most > LAG_MAX_MS)
		most = LAG_MAX_MS;
	if (lag < most)
		return;
	t = trouble(r, "loop", false);
	snprintf(t->what, sizeof(t->what), "the daemon came %lld ms late to its work within the last seconds",
	         (long long)lag);
	snprintf(
		t->remedy, sizeof(t->remedy),
		"see what else runs on this machine, and whether it swaps or its clock of CPU time is limited");
}

static void check_charging(struct report *r)
{
	const struct metrics_now *now = r->now;
	struct health_trouble *t;

	if (now->circuit[CHARGING_GATE_OPEN] || now->circuit[CHARGING_GATE_HALF_OPEN])
		say(trouble(r, "charging", false),
		    "the charging system does not answer: nothing is sent to it for now, bonuses wait",
		    "see whether it and the way to it are up; orders follow by themselves when it is back");
	if (now->outbox_age_ms > ORDER_AGE_MAX_MS) {
		t = trouble(r, "charging", false);
		snprintf(t->what, sizeof(t->what), "the oldest order at the charging system is %llu min old",
		         (unsigned long long)(now->outbox_age_ms / 60000));
		snprintf(t->remedy, sizeof(t->remedy),
		         "look at starhash grants, and at charging in starhash status");
	}
	if (now->outbox.by_state[STORE_CHARGE_UNKNOWN] > 0) {
		t = trouble(r, "charging", false);
		snprintf(t->what, sizeof(t->what), "of %u orders it is not known whether they were done",
		         (unsigned)now->outbox.by_state[STORE_CHARGE_UNKNOWN]);
		snprintf(
			t->remedy, sizeof(t->remedy),
			"they are asked about by themselves; what stays is for a person: starhash grants --state unknown");
	}
}

static void check_bounds(struct report *r)
{
	for (size_t i = 0; i < r->now->n_bounds; i++) {
		const struct bound *b = &r->now->bound[i];
		struct health_trouble *t;

		if (b->gives_way || b->limit == 0 || b->used * 100 < b->limit * FULL_PERCENT)
			continue;
		t = trouble(r, "bounds", false);
		snprintf(t->what, sizeof(t->what), "%s: %llu of %llu in use", b->name,
		         (unsigned long long)b->used, (unsigned long long)b->limit);
		snprintf(t->remedy, sizeof(t->remedy), "%s", b->remedy);
	}
}

static int by_gravity(const void *a, const void *b)
{
	const struct health_trouble *x = a, *y = b;

	return (int)y->is_grave - (int)x->is_grave;
}

size_t health_judge(const struct gateway *g, const struct metrics_now *now,
                    struct health_trouble out[HEALTH_MAX])
{
	struct report r = {.g = g, .now = now, .out = out};

	check_daemon(&r);
	check_store(&r);
	check_groups(&r);
	check_links(&r);
	check_held(&r);
	check_throttled(&r);
	check_overload(&r);
	check_loop(&r);
	check_charging(&r);
	check_bounds(&r);
	qsort(out, r.n, sizeof(out[0]), by_gravity);
	return r.n;
}

size_t health_read(const struct gateway *g, struct health_trouble out[HEALTH_MAX])
{
	struct metrics_now *now = calloc(1, sizeof(*now));
	size_t n;

	if (now == NULL) {
		out[0] = (struct health_trouble){.part = "daemon", .is_grave = true};
		say(&out[0], "out of memory", "free memory, or raise the memory limit of the service");
		return 1;
	}
	metrics_read(g, now);
	n = health_judge(g, now, out);
	free(now);
	return n;
}

bool health_is_grave(const struct health_trouble *t, size_t n)
{
	return n > 0 && t[0].is_grave;
}
