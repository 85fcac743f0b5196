/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status report: every counter of the daemon as one JSON object. A counter that is new gets a row here. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "gateway/app.h"
#include "gateway/control.h"
#include "gateway/control_accounts.h"
#include "gateway/control_private.h"
#include "gateway/dialect_table.h"
#include "gateway/groups.h"
#include "gateway/notices.h"
#include "gateway/respond.h"
#include "gateway/traffic.h"
#include "gateway/traffic_sms.h"
#include "gateway/trouble.h"
#include "storage/store_relations.h"

json_t *control_fault(const char *what)
{
	return json_pack("{s:b, s:s}", "ok", 0, "error", what);
}

void control_put(json_t *o, const char *key, uint64_t value)
{
	json_object_set_new(o, key, json_integer((json_int_t)value));
}

void control_put_age(json_t *o, const char *key, int64_t utc_ms)
{
	int64_t now = clock_utc_ms(clock_system());

	control_put(o, key, utc_ms > 0 && utc_ms < now ? (uint64_t)(now - utc_ms) / 1000 : 0);
}

static void put_link_words(json_t *o, const struct link *l)
{
	const struct link_config *lc = link_config_of(l);
	char since[CLOCK_TEXT_SIZE], host[300];
	struct link_report r;

	link_report_read(l, &r);
	snprintf(host, sizeof(host), strchr(r.host, ':') != NULL ? "[%s]:%u" : "%s:%u", r.host,
	         (unsigned)r.port);
	json_object_set_new(o, "name", json_string(link_name(l)));
	json_object_set_new(o, "state", json_string(link_state_name(link_state(l))));
	json_object_set_new(o, "since", json_string(clock_utc_text(r.since_ms, since)));
	if (*r.alarm != '\0')
		json_object_set_new(o, "alarm", json_string(r.alarm));
	if (link_state(l) != LINK_ST_BOUND && *r.lost != '\0')
		json_object_set_new(o, "lost", json_string(r.lost));
	json_object_set_new(o, "host", json_string(host));
	json_object_set_new(o, "bind", json_string(link_bind_name(lc->bind)));
	json_object_set_new(o, "tls", json_boolean(lc->tls != NULL));
	json_object_set_new(o, "group", json_string(lc->group));
	json_object_set_new(o, "dialect", json_string(lc->dialect->name));
	control_put(o, "attempts", r.attempts);
}

/* Which keys of its dialect the messages of a link did not agree with. */
static json_t *troubles_json(const struct troubles *t, const struct link *l)
{
	json_t *o = json_object();

	for (size_t i = 0; i < t->n; i++)
		if (t->row[i].link == l)
			control_put(o, t->row[i].last.knob, t->row[i].count);
	return o;
}

static json_t *responds_json(const struct respond *r)
{
	struct respond_counters c;
	json_t *o = json_object();

	respond_counters_read(r, &c);
	control_put(o, "kept", c.kept);
	control_put(o, "after", c.after);
	control_put(o, "early", c.early);
	control_put(o, "late", c.late);
	control_put(o, "lost", c.lost);
	control_put(o, "full", c.full);
	control_put(o, "waiting", c.waiting);
	return o;
}

json_t *control_link(const struct gateway *g, const struct link *l)
{
	struct link_counters c;
	json_t *o = json_object();

	link_counters_read(l, &c);
	put_link_words(o, l);
	json_object_set_new(o, "held", json_boolean(groups_is_held(gateway_groups(g), l)));
	json_object_set_new(o, "not_understood", troubles_json(gateway_troubles(g), l));
	json_object_set_new(o, "doubtful", troubles_json(gateway_doubts(g), l));
	const struct {
		const char *key;
		uint64_t value;
	} rows[] = {
		{"window", (uint64_t)link_config_of(l)->window},
		{"rate", (uint64_t)link_config_of(l)->rate},
		{"configured_rate", (uint64_t)groups_configured_rate(gateway_groups(g), l)},
		{"outstanding", c.outstanding},
		{"queued", c.queued},
		{"connect_attempts", c.attempts},
		{"connects", c.connects},
		{"connect_failures", c.connect_failures},
		{"binds", c.binds},
		{"bind_failures", c.bind_failures},
		{"losses", c.losses},
		{"rebinds", c.rebinds},
		{"alarms", c.alarms},
		{"deliver_in", c.deliver_in},
		{"responses_out", c.responses_out},
		{"submit_out", c.submit_out},
		{"submit_accepted", c.submit_accepted},
		{"submit_throttled", c.submit_throttled},
		{"submit_rejected", c.submit_rejected},
		{"submit_unknown", c.submit_unknown},
		{"submit_not_sent", c.submit_not_sent},
		{"submit_refused", c.submit_refused},
		{"submit_cancelled", c.submit_cancelled},
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
		control_put(o, rows[i].key, rows[i].value);
	return o;
}

/* By the names of core/refusal.c. */
static json_t *refused_json(const struct dialogue_counters *c)
{
	json_t *o = json_object();

	for (int r = REFUSAL_HAD; r < REFUSALS_; r++)
		control_put(o, refusal_name((enum refusal)r), c->refused[r]);
	return o;
}

/* What came of invitations, answers, departures and referrals, by the names of storage/store_relations.c. */
static json_t *relations_json(const struct dialogue_counters *c)
{
	json_t *o = json_object();

	for (int r = STORE_RELATION_ASKED; r < STORE_RELATIONS; r++)
		control_put(o, store_relation_name((enum store_relation)r), c->relations[r]);
	control_put(o, "expired", c->invites_expired);
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
		{"resting", c.resting},
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
		{"aborts_subscriber", c.aborts_subscriber},
		{"aborts_network", c.aborts_network},
		{"aborts_unknown", c.aborts_unknown},
		{"old_sessions", c.old_sessions},
		{"late_pushed", c.late_pushed},
		{"late_by_sms", c.late_by_sms},
		{"sms_copies", c.seen_copies},
		{"sms_copies_evicted", c.seen_evicted},
		{"strangers", c.strangers},
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
		control_put(o, rows[i].key, rows[i].value);
	json_object_set_new(o, "refused", refused_json(&c));
	json_object_set_new(o, "relations", relations_json(&c));
	return o;
}

/* Keys of JSON: "no answer" is no_answer. */
static void put_named(json_t *o, const char *before, const char *name, uint64_t value)
{
	char key[40];

	snprintf(key, sizeof(key), "%s%s", before, name);
	for (char *at = key; *at != '\0'; at++)
		if (*at == ' ')
			*at = '_';
	control_put(o, key, value);
}

static bool is_listed(const json_t *names, const char *name)
{
	for (size_t i = 0; i < json_array_size(names); i++)
		if (strcmp(json_string_value(json_array_get(names, i)), name) == 0)
			return true;
	return false;
}

/* `now` is the worst of all groups, `groups` those that turn away. */
static void put_overload_now(json_t *o, const struct gateway *g)
{
	enum dialogue_shed now =
		dialogue_overload(gateway_dialogues(g), UINT16_MAX); /* what no group is needed for */
	json_t *names = json_array();

	for (size_t i = 0; i < gateway_links(g); i++) {
		const char *name = link_config_of(gateway_link(g, i))->group;
		enum dialogue_shed why =
			dialogue_overload(gateway_dialogues(g), (uint16_t)traffic_group(g, name));

		if (why == DIALOGUE_SHED_NOT || is_listed(names, name))
			continue;
		now = now != DIALOGUE_SHED_NOT ? now : why;
		json_array_append_new(names, json_string(name));
	}
	json_object_set_new(o, "now", json_string(dialogue_shed_name(now)));
	json_object_set_new(o, "groups", names);
}

static json_t *overload_json(const struct gateway *g)
{
	struct dialogue_counters c;
	json_t *o = json_object();

	dialogue_counters_read(gateway_dialogues(g), &c);
	put_overload_now(o, g);
	for (int i = DIALOGUE_SHED_NOT + 1; i < DIALOGUE_SHEDS; i++)
		put_named(o, "shed_", dialogue_shed_name((enum dialogue_shed)i), c.shed_by[i]);
	control_put(o, "flood_over", c.flood_over);
	control_put(o, "flood_stops", c.flood_stops);
	control_put(o, "flood_evicted", c.flood_evicted);
	return o;
}

static json_t *push_json(const struct dialogues *ds)
{
	struct dialogue_counters c;
	uint64_t waiting;
	json_t *o = json_object();

	dialogue_counters_read(ds, &c);
	waiting = c.push[DIALOGUE_PUSH_UNDER_WAY];
	control_put(o, "begun", c.push[DIALOGUE_PUSH_UNDER_WAY]);
	for (int i = DIALOGUE_PUSH_UNDER_WAY + 1; i < DIALOGUE_PUSH_FATES; i++)
		waiting -= c.push[i];
	control_put(o, "waiting", waiting);
	for (int i = DIALOGUE_PUSH_UNDER_WAY + 1; i < DIALOGUE_PUSH_FATES; i++)
		put_named(o, "", dialogue_push_fate_name((enum dialogue_push_fate)i), c.push[i]);
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
		control_put(o, rows[i].key, rows[i].value);
	return o;
}

static json_t *notices_json(const struct dialogues *ds)
{
	struct notices_counters c;
	json_t *o = json_object();

	dialogue_notices_read(ds, &c);
	control_put(o, "waiting", c.waiting + (uint64_t)c.stored);
	control_put(o, "in_store", (uint64_t)c.stored);
	control_put_age(o, "oldest_s", c.oldest_ms);
	control_put(o, "sent", c.sent);
	control_put(o, "rejected", c.rejected);
	control_put(o, "unknown", c.unknown);
	control_put(o, "retries", c.retries);
	control_put(o, "given_up", c.given_up);
	control_put(o, "refused", c.refused);
	control_put(o, "recalled", c.recalled);
	control_put(o, "put_back", c.put_back);
	control_put(o, "claimed", c.claimed);
	control_put(o, "expired", c.expired);
	control_put(o, "gone", c.gone);
	control_put(o, "untold", c.untold);
	return o;
}

static json_t *sms_in_json(const struct sms_in_counters *c)
{
	json_t *o = json_object();

	control_put(o, "waiting", c->waiting);
	control_put(o, "known", c->known);
	control_put(o, "octets", c->octets);
	control_put(o, "single", c->single);
	control_put(o, "parts", c->parts);
	control_put(o, "whole", c->whole);
	control_put(o, "again", c->again);
	control_put(o, "copies", c->copies);
	control_put(o, "expired", c->expired);
	control_put(o, "evicted", c->evicted);
	control_put(o, "replaced", c->replaced);
	control_put(o, "refused", c->refused);
	control_put(o, "cut", c->cut);
	return o;
}

static json_t *sms_out_json(const struct sms_out_counters *c)
{
	json_t *o = json_object();

	control_put(o, "waiting", c->waiting);
	control_put(o, "texts", c->texts);
	control_put(o, "parts", c->parts);
	control_put(o, "sent", c->sent);
	control_put(o, "rejected", c->rejected);
	control_put(o, "unknown", c->unknown);
	control_put(o, "given_up", c->given_up);
	control_put(o, "retries", c->retries);
	control_put(o, "refused", c->refused);
	return o;
}

static json_t *receipts_json(const struct traffic_sms_counters *c)
{
	json_t *o = json_object();

	control_put(o, "waiting", c->receipts.waiting);
	control_put(o, "in", c->receipts.in);
	control_put(o, "matched", c->receipts.matched);
	control_put(o, "repeated", c->receipts.repeated);
	control_put(o, "stray", c->receipts.stray);
	control_put(o, "unreadable", c->receipts.unreadable);
	control_put(o, "refused", c->receipts.refused);
	return o;
}

static void put_sms(json_t *o, const struct gateway *g)
{
	struct traffic_sms_counters c;

	traffic_sms_read(g, &c);
	json_object_set_new(o, "sms_in", sms_in_json(&c.in));
	json_object_set_new(o, "sms_out", sms_out_json(&c.out));
	json_object_set_new(o, "receipts", receipts_json(&c));
}

static json_t *store_json(const struct store *s)
{
	struct store_counters c;
	json_t *o = json_object();

	store_counters_read(s, &c);
	json_object_set_new(o, "failing", json_boolean(store_is_failing(s)));
	control_put(o, "queue", c.queue);
	control_put(o, "queue_peak", c.queue_peak);
	control_put(o, "finds", c.finds);
	control_put(o, "writes", c.writes);
	control_put(o, "commits", c.commits);
	control_put(o, "failed_writes", c.failed_writes);
	control_put(o, "refused", c.refused);
	control_put(o, "retired", c.retired);
	control_put(o, "keys_renewed", c.keys_renewed);
	control_put(o, "wal_bytes", c.wal_bytes);
	control_put(o, "cache_bytes", c.cache_bytes);
	control_put(o, "commit_us_max", c.commit_us_max);
	control_put(o, "commit_us_mean", c.commits > 0 ? c.commit_us_sum / c.commits : 0);
	return o;
}

json_t *control_status(const struct gateway *g)
{
	json_t *o = json_object(), *links = json_array();
	int64_t lag_max, lag;
	char since[CLOCK_TEXT_SIZE];

	gateway_lag(g, &lag_max, &lag);
	json_object_set_new(o, "since", json_string(clock_utc_text(gateway_began_ms(g), since)));
	json_object_set_new(o, "version", json_string(PACKAGE_VERSION));
	json_object_set_new(o, "draining", json_boolean(gateway_is_draining(g)));
	json_object_set_new(o, "health", control_health(g));
	control_put(o, "loop_lag_ms", (uint64_t)lag);
	control_put(o, "loop_lag_ms_max", (uint64_t)lag_max);
	for (size_t i = 0; i < gateway_links(g); i++)
		json_array_append_new(links, control_link(g, gateway_link(g, i)));
	json_object_set_new(o, "links", links);
	json_object_set_new(o, "responses_kept", responds_json(gateway_respond(g)));
	json_object_set_new(o, "dialogues", dialogues_json(gateway_dialogues(g)));
	json_object_set_new(o, "answer_times", control_times(gateway_dialogues(g)));
	json_object_set_new(o, "overload", overload_json(g));
	json_object_set_new(o, "push", push_json(gateway_dialogues(g)));
	json_object_set_new(o, "app", app_json(g));
	if (gateway_http(g) != NULL)
		json_object_set_new(o, "http", control_http(gateway_http(g)));
	if (gateway_console(g) != NULL)
		json_object_set_new(o, "console", control_console(gateway_console(g)));
	if (gateway_sendsms(g) != NULL)
		json_object_set_new(o, "sendsms", control_sendsms(gateway_sendsms(g)));
	json_object_set_new(o, "notices", notices_json(gateway_dialogues(g)));
	put_sms(o, g);
	json_object_set_new(o, "store", store_json(gateway_store(g)));
	control_accounts_put(o, gateway_accounts(g));
	return o;
}

char *control_dump(json_t *o)
{
	char *text = o != NULL ? json_dumps(o, JSON_COMPACT) : NULL;

	json_decref(o);
	return text;
}
