/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Metrics: every module's counters, read at one moment. A module that is new is read here. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "gateway/accounts.h"
#include "gateway/metrics_private.h"
#include "gateway/traffic.h"
#include "gateway/trouble.h"

/* As the value of a label: \ and " and line ends are escaped. */
static void put_escaped(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n') {
			buf_add(b, "\\n");
			continue;
		}
		if (*text == '\\' || *text == '"')
			buf_add_char(b, '\\');
		buf_add_char(b, *text);
	}
}

static void label(char *out, const char *key, const char *value, const char *key_2, const char *value_2)
{
	struct buf b;

	buf_init(&b, out, METRICS_LABELS_SIZE);
	buf_add(&b, key);
	buf_add(&b, "=\"");
	put_escaped(&b, value);
	buf_add(&b, "\"");
	if (key_2 == NULL)
		return;
	buf_add(&b, ",");
	buf_add(&b, key_2);
	buf_add(&b, "=\"");
	put_escaped(&b, value_2);
	buf_add(&b, "\"");
}

static uint64_t troubles_of(const struct troubles *t, const struct link *l)
{
	uint64_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->row[i].link == l)
			n += t->row[i].count;
	return n;
}

/* A cold standby that rests is as it should be. */
static bool is_wanted(const struct gateway *g, const struct link *l)
{
	bool rests = groups_standby_of(gateway_groups(g), l) == CONFIG_COLD && link_state(l) == LINK_ST_IDLE;

	return !rests && !groups_is_held(gateway_groups(g), l) && !gateway_is_draining(g);
}

static void read_link(const struct gateway *g, const struct link *l, struct metrics_link *out)
{
	const struct link_config *c = link_config_of(l);
	struct link_report report;

	label(out->labels, "link", link_name(l), "group", c->group);
	link_counters_read(l, &out->counters);
	link_report_read(l, &report);
	out->response_times = *link_response_times(l);
	out->is_bound = link_state(l) == LINK_ST_BOUND;
	out->is_wanted = is_wanted(g, l);
	out->is_held = groups_is_held(gateway_groups(g), l);
	out->rate = (uint64_t)c->rate;
	out->needs_help = *report.alarm != '\0';
	out->window = (uint64_t)c->window;
	out->queue = (uint64_t)c->queue_max;
	out->not_understood = troubles_of(gateway_troubles(g), l);
	out->doubtful = troubles_of(gateway_doubts(g), l);
}

/* What the links of a group are for, and what of it they do now. */
static void read_group(const struct gateway *g, struct metrics_now *now, size_t group)
{
	bool sends = false, receives = false, can_send = false, can_receive = false;
	struct metrics_group *out = &now->group[group];

	for (size_t i = 0; i < now->n_links; i++) {
		const struct link *l = gateway_link(g, i);
		enum link_bind bind = link_config_of(l)->bind;

		if (groups_of(gateway_groups(g), l) != group)
			continue;
		out->links += now->link[i].is_wanted;
		can_send |= bind != LINK_RECEIVER;
		can_receive |= bind != LINK_TRANSMITTER;
		sends |= now->link[i].is_bound && bind != LINK_RECEIVER;
		receives |= now->link[i].is_bound && bind != LINK_TRANSMITTER;
	}
	out->is_ready = (sends || !can_send) && (receives || !can_receive);
}

static void read_links(const struct gateway *g, struct metrics_now *now)
{
	for (size_t i = 0; i < gateway_links(g) && i < METRICS_LINKS_MAX; i++) {
		const struct link *l = gateway_link(g, i);
		size_t group = groups_of(gateway_groups(g), l);

		read_link(g, l, &now->link[now->n_links++]);
		if (group >= CONFIG_MAX_LINKS)
			continue;
		now->group_name[group] = link_config_of(l)->group;
		label(now->group[group].labels, "group", now->group_name[group], NULL, NULL);
		now->n_groups = group >= now->n_groups ? group + 1 : now->n_groups;
	}
	for (size_t i = 0; i < now->n_groups; i++)
		read_group(g, now, i);
}

static void read_charging(const struct gateway *g, struct metrics_now *now)
{
	const struct accounts *a = gateway_accounts(g);
	const struct charging *c = accounts_charging(a);
	const struct charging_gate *gate = c != NULL ? charging_gate_of(c) : NULL;

	if (accounts_outbox(a) != NULL) {
		outbox_counters_read(accounts_outbox(a), &now->outbox);
		now->outbox_is_behind = now->outbox.is_behind;
		for (int i = 0; i < STORE_CHARGES_; i++)
			now->outbox_rows += now->outbox.by_state[i];
		if (now->outbox.oldest_ms > 0)
			now->outbox_age_ms = (uint64_t)(clock_utc_ms(clock_system()) - now->outbox.oldest_ms);
		if ((int64_t)now->outbox_age_ms < 0)
			now->outbox_age_ms = 0; /* the clock was set back */
	}
	if (c != NULL)
		charging_counters_read(c, &now->charging);
	if (gate != NULL) {
		charging_gate_counters_read(gate, &now->gate);
		now->circuit[charging_gate_state(gate)] = 1;
	}
}

static void read_dialogues(const struct gateway *g, struct metrics_now *now)
{
	struct dialogues *ds = gateway_dialogues(g);

	now->of = ds;
	dialogue_counters_read(ds, &now->dialogues);
	dialogue_notices_read(ds, &now->notices);
	now->pushing = now->dialogues.push[DIALOGUE_PUSH_UNDER_WAY];
	for (int i = DIALOGUE_PUSH_UNDER_WAY + 1; i < DIALOGUE_PUSH_FATES; i++)
		now->pushing -= now->dialogues.push[i];
	for (size_t i = 0; i < now->n_groups; i++)
		now->overload[dialogue_overload(ds, (uint16_t)i)] = 1;
	now->overload[dialogue_overload(ds, UINT16_MAX)] = 1;
	now->overload[DIALOGUE_SHED_NOT] = 0;
}

static void read_process(struct metrics_now *now)
{
	struct rusage use;
	unsigned long pages = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re"); /* memory of the kernel's: it does not wait for a disk */

	if (f != NULL) {
		if (fscanf(f, "%lu %lu", &pages, &resident) == 2)
			now->resident = resident * (uint64_t)sysconf(_SC_PAGESIZE);
		(void)fclose(f);
	}
	if (getrusage(RUSAGE_SELF, &use) == 0)
		now->cpu_us = (uint64_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000 +
		              (uint64_t)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

static void read_loop(const struct gateway *g, struct metrics_now *now)
{
	int64_t lag_max, lag;

	gateway_lag(g, &lag_max, &lag);
	now->lag_max_ms = (uint64_t)lag_max;
	if (gateway_metrics(g) != NULL) {
		now->lag = *metrics_lag(gateway_metrics(g));
		metrics_cost_read(gateway_metrics(g), &now->cost);
	}
}

void metrics_read(const struct gateway *g, struct metrics_now *now)
{
	memset(now, 0, sizeof(*now));
	now->config = gateway_config(g);
	now->is_draining = gateway_is_draining(g);
	now->began_ms = (uint64_t)gateway_began_ms(g);
	read_links(g, now);
	read_dialogues(g, now);
	store_counters_read(gateway_store(g), &now->store);
	store_times_read(gateway_store(g), &now->store_times);
	now->store_is_failing = store_is_failing(gateway_store(g));
	traffic_sms_read(g, &now->sms);
	respond_counters_read(gateway_respond(g), &now->respond);
	app_counters_read(gateway_app(g), &now->app);
	http_client_counters_read(gateway_http_client(g), &now->http_client);
	if (gateway_http(g) != NULL)
		http_counters_read(gateway_http(g), &now->http);
	if (gateway_console(g) != NULL)
		console_counters_read(gateway_console(g), &now->console);
	if (gateway_sendsms(g) != NULL)
		sendsms_counters_read(gateway_sendsms(g), &now->sendsms);
	read_charging(g, now);
	read_process(now);
	read_loop(g, now);
	now->n_bounds = bounds_read(now, now->bound);
	for (size_t i = 0; i < now->n_bounds; i++)
		label(now->bound_labels[i], "bound", now->bound[i].name, "at_limit",
		      now->bound[i].gives_way ? "gives_way" : "refuses");
}
