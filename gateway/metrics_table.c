/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Metrics: which number is which metric. Data alone: a counter that is new in one of the structs gets one line here, and
 * docs/metrics.md another (`starhash check --metrics` prints it).
 *
 * A family begins with COUNTER, GAUGE or HISTOGRAM and goes on with the rows under it. Names and units as Prometheus wants them:
 * seconds, bytes, _total for what only rises.
 */
#include "gateway/metrics_private.h"

#include "gateway/status.h"
#include "storage/store_charges.h"
#include "storage/store_relations.h"

// NOLINTBEGIN(bugprone-macro-parentheses): string literals that are joined, and names of members
#define FAMILY(t, f, n, h) .name = "starhash_" n, .help = h, .type = METRICS_##t, .from = METRICS_##f
#define COUNTER(f, n, h) FAMILY(COUNTER, f, n, h)
#define GAUGE(f, n, h) FAMILY(GAUGE, f, n, h)
#define HISTOGRAM(f, n, h) FAMILY(HISTOGRAM, f, n, h)
#define IN(s, x) .at = offsetof(struct s, x), .size = sizeof(((struct s *)NULL)->x)
#define NOW(x) IN(metrics_now, x)
#define LINK(x) IN(metrics_link, x)
#define IS(key, value) .label = key "=\"" value "\""
#define EACH(x, k, w)                                                                                 \
	.at = offsetof(struct metrics_now, x), .size = sizeof(((struct metrics_now *)NULL)->x[0]),    \
	.each = sizeof(((struct metrics_now *)NULL)->x) / sizeof(((struct metrics_now *)NULL)->x[0]), \
	.key = k, .word = w
#define EACH_OF_LINK(x, k, w)                                             \
	.at = offsetof(struct metrics_link, x), .size = sizeof(uint64_t), \
	.each = sizeof(((struct metrics_link *)NULL)->x) / sizeof(uint64_t), .key = k, .word = w
// NOLINTEND(bugprone-macro-parentheses)

/* --- words ------------------------------------------------------------------------------------------- */

static const char *shed_word(unsigned i)
{
	return i == DIALOGUE_SHED_NOT ? NULL : dialogue_shed_name((enum dialogue_shed)i);
}

static const char *sorry_word(unsigned i)
{
	return dialogue_sorry_name((enum dialogue_sorry)i);
}

static const char *relation_word(unsigned i)
{
	return i == STORE_RELATION_NONE ? NULL : store_relation_name((enum store_relation)i);
}

static const char *push_word(unsigned i)
{
	return i == DIALOGUE_PUSH_UNDER_WAY ? NULL : dialogue_push_fate_name((enum dialogue_push_fate)i);
}

/* In memory are the open ones. */
static const char *charge_word(unsigned i)
{
	return store_charge_is_open((enum store_charge)i) ? store_charge_name((enum store_charge)i) : NULL;
}

static const char *outcome_word(unsigned i)
{
	return charging_outcome_name((enum charging_outcome)i);
}

static const char *refusal_of_http(unsigned i)
{
	return http_refusal_name((enum http_refusal)i);
}

static const char *sendsms_word(unsigned i)
{
	return sendsms_result_name((enum sendsms_result)i);
}

static const char *circuit_word(unsigned i)
{
	return charging_gate_state_name((enum charging_gate_state)i);
}

static const char *status_word(unsigned i)
{
	unsigned n;
	const struct status_rule *rules = status_rules(&n);

	if (i + 1 == n)
		return "other";
	return i < n ? pdu_status_name(rules[i].status) : NULL;
}

/* --- rows ---------------------------------------------------------------------------------------------- */

const struct metrics_row metrics_rows[] = {
	/* the daemon */
	{GAUGE(GATEWAY, "start_time_seconds", "When the daemon started, in seconds since 1970."),
         NOW(began_ms), .per = 1000},
	{GAUGE(GATEWAY, "healthy",
               "1 = subscribers are served: GET /health says 200; 0 = it says 503, and why."),
         NOW(is_well)},
	{GAUGE(GATEWAY, "troubles", "Troubles that GET /health tells of, grave or not."), NOW(troubles)},
	{GAUGE(GATEWAY, "draining", "1 = it is being stopped and takes no new dialogues."), NOW(is_draining)},
	{HISTOGRAM(
		 GATEWAY, "loop_lag_seconds",
		 "How late the loop came to its own timer: 20 times a second or more at work, once at rest."),
         NOW(lag)},
	{GAUGE(GATEWAY, "loop_lag_max_seconds", "The longest lag of the loop since the start."),
         NOW(lag_max_ms), .per = 1000},
	{.name = "process_resident_memory_bytes",
         .help = "Memory of the process.",
         .type = METRICS_GAUGE,
         .from = METRICS_GATEWAY,
         NOW(resident)},
	{.name = "process_cpu_seconds_total",
         .help = "Time of the CPUs that the process has used.",
         .type = METRICS_COUNTER,
         .from = METRICS_GATEWAY,
         NOW(cpu_us),
         .per = 1000000},
	{GAUGE(GATEWAY, "page_build_seconds", "How long it took to make this page, the time before."),
         NOW(cost.us), .per = 1000000},
	{GAUGE(GATEWAY, "page_build_max_seconds", "The longest that it took since the start."),
         NOW(cost.us_max), .per = 1000000},
	{GAUGE(GATEWAY, "page_bytes", "Size of this page, the time before."), NOW(cost.bytes)},

	/* links */
	{GAUGE(GROUP, "group_ready", "1 = at least one bound link of the group sends, and one receives."),
         IN(metrics_group, is_ready)},
	{GAUGE(GROUP, "group_links", "Links of the group that should be bound now."),
         IN(metrics_group, links)},
	{GAUGE(LINK, "link_bound", "1 = the SMPP session is bound."), LINK(is_bound)},
	{GAUGE(LINK, "link_wanted",
               "1 = it should be bound now; 0 = a cold standby that rests, or the daemon is being stopped."),
         LINK(is_wanted)},
	{GAUGE(LINK, "link_held", "1 = an operator took it down: starhash links up NAME brings it back."),
         LINK(is_held)},
	{GAUGE(LINK, "link_rate_limit", "PDUs a second that it sends at most; 0 = no limit."), LINK(rate)},
	{GAUGE(LINK, "link_needs_help", "1 = only a person can make it work: GET /health says how."),
         LINK(needs_help)},
	{COUNTER(LINK, "link_connects_total", "Attempts to connect and bind, by how they ended."),
         IS("result", "connected"), LINK(counters.connects)},
	{IS("result", "not_connected"), LINK(counters.connect_failures)},
	{IS("result", "bound"), LINK(counters.binds)},
	{IS("result", "not_bound"), LINK(counters.bind_failures)},
	{COUNTER(LINK, "link_losses_total", "Sessions that were lost."), LINK(counters.losses)},
	{COUNTER(LINK, "link_rebinds_total",
                 "Sessions given up because a status said that they are not what we think."),
         LINK(counters.rebinds)},
	{COUNTER(LINK, "link_alarms_total", "Times that a person was called for."), LINK(counters.alarms)},
	{COUNTER(LINK, "link_pdus_total", "PDUs, by direction and kind."),
         .label = "direction=\"in\",kind=\"deliver_sm\"", LINK(counters.deliver_in)},
	{.label = "direction=\"in\",kind=\"enquire_link\"", LINK(counters.enquire_in)},
	{.label = "direction=\"in\",kind=\"generic_nack\"", LINK(counters.nack_in)},
	{.label = "direction=\"in\",kind=\"alert_notification\"", LINK(counters.alerts)},
	{.label = "direction=\"out\",kind=\"submit_sm\"", LINK(counters.submit_out)},
	{.label = "direction=\"out\",kind=\"response\"", LINK(counters.responses_out)},
	{.label = "direction=\"out\",kind=\"enquire_link\"", LINK(counters.enquire_out)},
	{.label = "direction=\"out\",kind=\"generic_nack\"", LINK(counters.nack_out)},
	{COUNTER(LINK, "link_submits_total",
                 "submit_sm by what became of them; every one ends in exactly one of these."),
         IS("outcome", "accepted"), LINK(counters.submit_accepted)},
	{IS("outcome", "throttled"), LINK(counters.submit_throttled)},
	{IS("outcome", "rejected"), LINK(counters.submit_rejected)},
	{IS("outcome", "unknown"), LINK(counters.submit_unknown)},
	{IS("outcome", "not_sent"), LINK(counters.submit_not_sent)},
	{COUNTER(LINK, "link_submits_refused_total",
                 "submit_sm that we did not take: window and queue of the link were full."),
         LINK(counters.submit_refused)},
	{COUNTER(LINK, "link_submits_cancelled_total",
                 "submit_sm that were taken back from the queue; they are in outcome not_sent."),
         LINK(counters.submit_cancelled)},
	{COUNTER(LINK, "link_submit_statuses_total",
                 "submit_sm_resp by command_status; docs/statuses.md says what each means."),
         EACH_OF_LINK(counters.submit_status, "status", status_word), .is_sparse = true},
	{COUNTER(LINK, "link_response_statuses_total",
                 "What we answered to requests of the SMSC, by command_status."),
         EACH_OF_LINK(counters.respond_status, "status", status_word), .is_sparse = true},
	{HISTOGRAM(LINK, "link_response_seconds", "From writing a submit_sm to its submit_sm_resp."),
         LINK(response_times)},
	{COUNTER(LINK, "link_faults_total", "What the SMSC did against the protocol, or too late."),
         IS("fault", "malformed"), LINK(counters.malformed)},
	{IS("fault", "unknown_pdu"), LINK(counters.unknown_id)},
	{IS("fault", "unknown_sequence"), LINK(counters.unknown_sequence)},
	{IS("fault", "late_response"), LINK(counters.late_responses)},
	{IS("fault", "framing_lost"), LINK(counters.framing_lost)},
	{IS("fault", "tlv_dropped"), LINK(counters.tlvs_dropped)},
	{IS("fault", "enquire_missed"), LINK(counters.enquire_missed)},
	{IS("fault", "not_understood"), LINK(not_understood)},
	{IS("fault", "doubtful"), LINK(doubtful)},
	{COUNTER(LINK, "link_bytes_total", "Bytes of SMPP."), IS("direction", "in"), LINK(counters.bytes_in)},
	{IS("direction", "out"), LINK(counters.bytes_out)},
	{GAUGE(LINK, "link_window_used", "submit_sm without an answer yet."), LINK(counters.outstanding)},
	{GAUGE(LINK, "link_window_limit", "links[].window."), LINK(window)},
	{GAUGE(LINK, "link_queue_used", "submit_sm that wait for the window."), LINK(counters.queued)},
	{GAUGE(LINK, "link_queue_limit", "links[].queue."), LINK(queue)},
	{GAUGE(LINK, "link_unread_bytes",
               "Bytes that the SMSC has not read yet; at 4 MiB the session is given up."),
         LINK(counters.unread)},

	/* dialogues */
	{GAUGE(GATEWAY, "dialogues_open", "Dialogues in progress."), NOW(dialogues.open)},
	{GAUGE(GATEWAY, "dialogues_asking", "Of them: waiting for an app or for facts."),
         NOW(dialogues.asking)},
	{COUNTER(GATEWAY, "dialogues_begun_total", "Dialogues that were begun."), NOW(dialogues.begun)},
	{COUNTER(GATEWAY, "dialogues_resumed_total",
                 "Dialogues that went on where an earlier one had stopped."),
         NOW(dialogues.resumed)},
	{COUNTER(GATEWAY, "dialogues_ended_total",
                 "Dialogues by how they ended; failed: apologies_total says why."),
         IS("outcome", "completed"), NOW(dialogues.completed)},
	{IS("outcome", "cancelled"), NOW(dialogues.cancelled)},
	{IS("outcome", "timeout"), NOW(dialogues.idle)},
	{IS("outcome", "failed"), NOW(dialogues.failed)},
	{IS("outcome", "replaced"), NOW(dialogues.replaced)},
	{IS("outcome", "lost"), NOW(dialogues.lost)},
	{COUNTER(GATEWAY, "dialogues_shed_total",
                 "New dialogues that were turned away, by what was at its limit."),
         EACH(dialogues.shed_by, "cause", shed_word)},
	{GAUGE(GATEWAY, "overloaded", "1 = new dialogues are turned away now, by this cause."),
         EACH(overload, "cause", shed_word)},
	{COUNTER(GATEWAY, "apologies_total",
                 "Turns that ended in the apology (or, of an SMS, are to be delivered again), by whose fault it was."),
         EACH(dialogues.apologies_by, "cause", sorry_word)},
	{COUNTER(GATEWAY, "dialogue_aborts_total", "Aborts that the network told us of."),
         IS("by", "subscriber"), NOW(dialogues.aborts_subscriber)},
	{IS("by", "network"), NOW(dialogues.aborts_network)},
	{IS("by", "unknown"), NOW(dialogues.aborts_unknown)},
	{COUNTER(GATEWAY, "dialogues_ended_by_operator_total",
                 "Dialogues that somebody ended with starhash dialogues end, or in the console."),
         NOW(dialogues.ended_by_operator)},
	{COUNTER(GATEWAY, "inputs_total", "Inputs of dialogues."), NOW(dialogues.inputs)},
	{COUNTER(GATEWAY, "inputs_odd_total", "Inputs that were not what they should be."), IS("kind", "bad"),
         NOW(dialogues.bad_inputs)},
	{IS("kind", "duplicate"), NOW(dialogues.duplicates)},
	{IS("kind", "flood"), NOW(dialogues.flood_over)},
	{IS("kind", "old_session"), NOW(dialogues.old_sessions)},
	{IS("kind", "sms_copy"), NOW(dialogues.seen_copies)},
	{IS("kind", "sms_unrouted"), NOW(dialogues.sms_unrouted)},
	{IS("kind", "stranger"), NOW(dialogues.strangers)},
	{IS("kind", "stray"), NOW(dialogues.stray)},
	{IS("kind", "unrouted"), NOW(dialogues.unrouted)},
	{IS("kind", "wrong_turn"), NOW(dialogues.wrong_turn)},
	{COUNTER(GATEWAY, "answers_total", "Screens that were sent for the first time."),
         NOW(dialogues.answers)},
	{COUNTER(GATEWAY, "answer_retries_total",
                 "Answers that were sent once more, because the SMSC had certainly not taken them."),
         NOW(dialogues.answer_retries)},
	{COUNTER(GATEWAY, "answers_lost_total", "Answers that could not be delivered."),
         NOW(dialogues.answers_lost)},
	{COUNTER(GATEWAY, "answers_late_total",
                 "Turns that could only be answered by \"later\", their result by SMS or push."),
         NOW(dialogues.late_answers)},
	{HISTOGRAM(
		 ANSWER, "answer_seconds",
		 "From an input to handing its answer to the link, by the kind of screen that it shows; word: an answer outside of the menus."),
         .at = 0, .size = sizeof(struct histogram)},
	{COUNTER(GATEWAY, "late_results_total",
                 "Results that came after their turn, by how they were shown."),
         IS("by", "push"), NOW(dialogues.late_pushed)},
	{IS("by", "sms"), NOW(dialogues.late_by_sms)},
	{COUNTER(GATEWAY, "registrations_total", "Subscribers who became registered."),
         NOW(dialogues.registered)},
	{COUNTER(GATEWAY, "gives_total",
                 "Gives of menus: new ones, and those that the subscriber had before."),
         IS("result", "granted"), NOW(dialogues.granted)},
	{IS("result", "had_before"), NOW(dialogues.again)},
	{COUNTER(GATEWAY, "pushes_total", "Pushes by what became of them."),
         EACH(dialogues.push, "fate", push_word)},
	{COUNTER(GATEWAY, "relations_total",
                 "Invitations, answers to them, departures and referrals, by what came of them."),
         EACH(dialogues.relations, "result", relation_word)},
	{COUNTER(GATEWAY, "invitations_expired_total", "Invitations that nobody answered in time."),
         NOW(dialogues.invites_expired)},
	{GAUGE(GATEWAY, "pushes_under_way", "Pushes of which it is not known yet."), NOW(pushing)},
	{GAUGE(GATEWAY, "menus",
               "Menu files in use: those that answer now, and older ones on which somebody still stands."),
         IS("age", "all"), NOW(dialogues.books_live)},
	{IS("age", "old"), NOW(dialogues.books_old)},
	{COUNTER(GATEWAY, "screen_counts_lost_total",
                 "Batches of counts per screen that were dropped before the store."),
         NOW(dialogues.screen_counts_lost)},
	{COUNTER(GATEWAY, "facts_total", "Questions for balance and bundles, by how they ended."),
         IS("result", "asked"), NOW(dialogues.facts)},
	{IS("result", "slow"), NOW(dialogues.facts_slow)},
	{IS("result", "failed"), NOW(dialogues.facts_failed)},

	/* SMS */
	{COUNTER(GATEWAY, "sms_in_total", "SMS that reached the dialogues."), NOW(dialogues.sms_in)},
	{COUNTER(GATEWAY, "sms_answers_total", "Answers by SMS."), NOW(dialogues.sms_out)},
	{COUNTER(GATEWAY, "sms_texts_in_total",
                 "Texts in, by how they came: whole in one PDU, or put together from parts."),
         IS("kind", "single"), NOW(sms.in.single)},
	{IS("kind", "from_parts"), NOW(sms.in.whole)},
	{COUNTER(GATEWAY, "sms_texts_given_up_total",
                 "Texts in parts that did not become whole, or were cut or refused."),
         IS("cause", "expired"), NOW(sms.in.expired)},
	{IS("cause", "evicted"), NOW(sms.in.evicted)},
	{IS("cause", "replaced"), NOW(sms.in.replaced)},
	{IS("cause", "refused"), NOW(sms.in.refused)},
	{IS("cause", "cut"), NOW(sms.in.cut)},
	{COUNTER(GATEWAY, "sms_texts_out_total", "Texts out by what became of them."), IS("outcome", "sent"),
         NOW(sms.out.sent)},
	{IS("outcome", "rejected"), NOW(sms.out.rejected)},
	{IS("outcome", "unknown"), NOW(sms.out.unknown)},
	{IS("outcome", "given_up"), NOW(sms.out.given_up)},
	{COUNTER(GATEWAY, "receipts_total", "Delivery receipts."), IS("result", "matched"),
         NOW(sms.receipts.matched)},
	{IS("result", "repeated"), NOW(sms.receipts.repeated)},
	{IS("result", "stray"), NOW(sms.receipts.stray)},
	{IS("result", "unreadable"), NOW(sms.receipts.unreadable)},
	{IS("result", "refused"), NOW(sms.receipts.refused)},
	{COUNTER(GATEWAY, "notices_total", "SMS that the daemon sends of itself, by what became of them."),
         IS("outcome", "sent"), NOW(notices.sent)},
	{IS("outcome", "rejected"), NOW(notices.rejected)},
	{IS("outcome", "unknown"), NOW(notices.unknown)},
	{IS("outcome", "given_up"), NOW(notices.given_up)},
	{IS("outcome", "refused"), NOW(notices.refused)},
	{IS("outcome", "recalled"), NOW(notices.recalled)},
	{COUNTER(GATEWAY, "notice_retries_total", "Times that one was tried again."), NOW(notices.retries)},

	/* the store */
	{GAUGE(GATEWAY, "store_failing", "1 = nothing can be stored: GET /health says why."),
         NOW(store_is_failing)},
	{GAUGE(GATEWAY, "store_queue", "Requests that wait for the store, reads and writes."),
         NOW(store.queue)},
	{GAUGE(GATEWAY, "store_queue_peak", "The most since the start."), NOW(store.queue_peak)},
	{GAUGE(GATEWAY, "store_cache_bytes", "Pages of the database that are kept in memory."),
         NOW(store.cache_bytes)},
	{COUNTER(GATEWAY, "store_requests_total", "Requests that were concluded."), IS("kind", "find"),
         NOW(store.finds)},
	{IS("kind", "write"), NOW(store.writes)},
	{COUNTER(GATEWAY, "store_failures_total", "Requests that were not carried out."),
         IS("cause", "failed"), NOW(store.failed_writes)},
	{IS("cause", "queue_full"), NOW(store.refused)},
	{HISTOGRAM(
		 GATEWAY, "store_commit_seconds",
		 "Transactions from their begin to the end of their commit; each carries all writes that waited."),
         NOW(store_times.commit)},
	{GAUGE(GATEWAY, "store_writing_seconds", "Since the transaction under way was begun; 0 = none is."),
         NOW(store_times.writing_us), .per = 1000000},
	{COUNTER(GATEWAY, "store_retired_total", "Rows that retention let go."), NOW(store.retired)},
	{COUNTER(GATEWAY, "store_keys_renewed_total",
                 "People whose key in the keyring was damaged, when they told something."),
         NOW(store.keys_renewed)},

	/* charging */
	{GAUGE(GATEWAY, "outbox_orders",
               "Orders on their way to the charging system, by state, as far as they are in memory."),
         EACH(outbox.by_state, "state", charge_word)},
	{GAUGE(GATEWAY, "outbox_oldest_seconds", "Age of the oldest open order; 0 = there is none."),
         NOW(outbox_age_ms), .per = 1000},
	{GAUGE(GATEWAY, "outbox_behind", "1 = more orders wait in the store than are in memory."),
         NOW(outbox_is_behind)},
	{GAUGE(GATEWAY, "outbox_active", "Orders that are with the system or the store now."),
         NOW(outbox.active)},
	{COUNTER(GATEWAY, "outbox_orders_total", "What happened to orders."), IS("event", "taken"),
         NOW(outbox.taken)},
	{IS("event", "not_taken"), NOW(outbox.not_taken)},
	{IS("event", "read_back"), NOW(outbox.read)},
	{IS("event", "granted"), NOW(outbox.granted)},
	{IS("event", "rejected"), NOW(outbox.rejected)},
	{IS("event", "reconciled"), NOW(outbox.reconciled)},
	{IS("event", "became_unknown"), NOW(outbox.became_unknown)},
	{IS("event", "again"), NOW(outbox.retries)},
	{IS("event", "not_stored"), NOW(outbox.write_failures)},
	{COUNTER(GATEWAY, "outbox_calls_total", "Calls for orders."), IS("kind", "grant"), NOW(outbox.sent)},
	{IS("kind", "query"), NOW(outbox.queries)},
	{GAUGE(GATEWAY, "charging_circuit",
               "1 = the circuit to the charging system is in this state; none with the ledger."),
         EACH(circuit, "state", circuit_word)},
	{COUNTER(GATEWAY, "charging_circuit_opened_total", "Times that it opened."), NOW(gate.opened)},
	{COUNTER(GATEWAY, "charging_answers_total",
                 "Answers of the charging port, by operation and outcome."),
         .label = "op=\"balance\"", EACH(charging.answered[CHARGING_BALANCE], "outcome", outcome_word)},
	{.label = "op=\"account\"", EACH(charging.answered[CHARGING_ACCOUNT], "outcome", outcome_word)},
	{.label = "op=\"prepare\"", EACH(charging.answered[CHARGING_PREPARE], "outcome", outcome_word)},
	{.label = "op=\"grant\"", EACH(charging.answered[CHARGING_GRANT], "outcome", outcome_word)},
	{.label = "op=\"query\"", EACH(charging.answered[CHARGING_QUERY], "outcome", outcome_word)},
	{.label = "op=\"revoke\"", EACH(charging.answered[CHARGING_REVOKE], "outcome", outcome_word)},
	{COUNTER(GATEWAY, "charging_calls_total",
                 "Calls over HTTP to the charging system, by what became of them."),
         IS("result", "answered"), NOW(gate.answered)},
	{IS("result", "lost"), NOW(gate.lost)},
	{IS("result", "not_sent"), NOW(gate.not_sent)},
	{IS("result", "refused_full"), NOW(gate.refused_full)},
	{IS("result", "refused_open"), NOW(gate.refused_open)},
	{IS("result", "refused_late"), NOW(gate.refused_late)},

	/* apps, and HTTP in */
	{COUNTER(GATEWAY, "app_calls_total", "Calls of apps."), NOW(app.calls)},
	{COUNTER(GATEWAY, "app_results_total", "What came of them."), IS("result", "answered"),
         NOW(app.answers)},
	{IS("result", "slow"), NOW(app.slow)},
	{IS("result", "down"), NOW(app.down)},
	{IS("result", "refused"), NOW(app.refused)},
	{IS("result", "bad_status"), NOW(app.bad_status)},
	{IS("result", "not_http"), NOW(app.not_http)},
	{IS("result", "html"), NOW(app.html)},
	{IS("result", "not_text"), NOW(app.not_text)},
	{IS("result", "too_long"), NOW(app.too_long)},
	{IS("result", "not_json"), NOW(app.not_json)},
	{IS("result", "no_ending"), NOW(app.no_ending)},
	{COUNTER(GATEWAY, "http_requests_total", "POST /ussd."), NOW(http.requests)},
	{COUNTER(GATEWAY, "http_requests_odd_total", "Of them, those that were not simply answered."),
         IS("kind", "refused"), NOW(http.refused)},
	{IS("kind", "shed"), NOW(http.shed)},
	{IS("kind", "repeated"), NOW(http.repeated)},
	{IS("kind", "client_gone"), NOW(http.gone)},
	{IS("kind", "slow"), NOW(http.slow)},
	{GAUGE(GATEWAY, "http_connections", "Open connections of the HTTP listener."),
         NOW(http.server.connections)},
	{COUNTER(GATEWAY, "http_accepted_total", "Connections that came, whether they were let in or not."),
         NOW(http.server.accepted)},
	{COUNTER(GATEWAY, "http_answers_total", "Answers of the HTTP listener, whatever was asked."),
         NOW(http.server.answers)},
	{COUNTER(GATEWAY, "http_not_found_total", "Requests for a path that is none."),
         NOW(http.server.not_found)},
	{COUNTER(GATEWAY, "http_gone_total", "Clients that left before their answer."),
         NOW(http.server.gone)},
	{COUNTER(GATEWAY, "http_limits_total",
                 "Requests and connections that were turned away, by the limit."),
         EACH(http.server.refused, "limit", refusal_of_http)},
	{COUNTER(GATEWAY, "console_requests_total", "Requests of the console's pages."),
         NOW(console.requests)},
	{COUNTER(GATEWAY, "console_logins_total",
                 "Tokens that were said to the console; limited = wrong, and more than are looked into."),
         IS("result", "right"), NOW(console.logins)},
	{IS("result", "wrong"), NOW(console.wrong)},
	{IS("result", "limited"), NOW(console.limited)},
	{COUNTER(GATEWAY, "console_denied_total",
                 "Requests of the console without a session, a right, or what only the console's own pages know."),
         NOW(console.denied)},
	{COUNTER(GATEWAY, "console_hurried_total", "Requests beyond the pace of their session."),
         NOW(console.hurried)},
	{GAUGE(GATEWAY, "console_sessions", "Sessions of the console."), NOW(console.sessions)},
	{COUNTER(GATEWAY, "console_sms_total", "SMS that stayed in the tray of the console's phone."),
         NOW(console.sms)},
	{COUNTER(GATEWAY, "sendsms_requests_total", "Requests of /cgi-bin/sendsms."), NOW(sendsms.requests)},
	{COUNTER(GATEWAY, "sendsms_results_total", "Of them, by what they were told."),
         EACH(sendsms.result, "result", sendsms_word)},

	/* bounds */
	{COUNTER(GATEWAY, "responses_kept_total",
                 "deliver_sm_resp that were kept back until our answer was taken, by when they left."),
         IS("left", "after_answer"), NOW(respond.after)},
	{IS("left", "early"), NOW(respond.early)},
	{IS("left", "late"), NOW(respond.late)},
	{IS("left", "never"), NOW(respond.lost)},
	{GAUGE(BOUND, "bound_used", "How much of each bounded table is in use."), IN(bound, used)},
	{GAUGE(BOUND, "bound_limit", "Its limit."), IN(bound, limit)},
	{COUNTER(BOUND, "bound_refused_total",
                 "What was turned away at it, or gave way to something newer (at_limit)."),
         IN(bound, refused)},
};
const size_t metrics_rows_count = sizeof(metrics_rows) / sizeof(metrics_rows[0]);
