/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounds: see bounds.h. A bound that is new gets a row here. */
#include "gateway/bounds.h"

#include <string.h>

#include "gateway/config.h"
#include "gateway/console_worker.h"
#include "gateway/metrics_private.h"

#define OF(x) .used = now->x
#define REFUSES .gives_way = false
#define GIVES_WAY .gives_way = true

size_t bounds_read(const struct metrics_now *now, struct bound *out)
{
	const struct config *c = now->config;
	const struct bound rows[] = {
		{"dialogues", REFUSES, "raise ussd.dialogues, or lower ussd.idle", OF(dialogues.open),
	         (uint64_t)c->dialogues_max, now->dialogues.shed_by[DIALOGUE_SHED_DIALOGUES]},
		{"dialogues_ended", GIVES_WAY, "none is needed: the oldest are forgotten",
	         OF(dialogues.parked), DIALOGUE_CLOSED_MAX, now->dialogues.parked_evicted},
		{"numbers", GIVES_WAY, "none is needed: those that have rested give way",
	         OF(dialogues.flood_kept), FLOOD_NUMBERS, now->dialogues.flood_evicted},
		{"sms_seen", GIVES_WAY, "none is needed: the oldest are forgotten", OF(dialogues.seen_kept),
	         SEEN_MAX, now->dialogues.seen_evicted},
		{"pushes", REFUSES, "push fewer at a time, or let them wait less long", OF(pushing),
	         DIALOGUE_PUSHES, now->dialogues.push_full},
		{"store_queue", REFUSES, "the disk is slower than the traffic: use a faster one",
	         OF(store.queue), now->store_times.queue_max, now->store.refused},
		{"responses_kept", REFUSES,
	         "the SMSC answers our submit_sm too late: show it to its operator", OF(respond.waiting),
	         RESPOND_KEPT_MAX, now->respond.full},
		{"notices", REFUSES, "SMS leave slower than they come: look at rate and window of the links",
	         OF(notices.waiting), NOTICES_MAX, now->notices.refused},
		{"sms_out", REFUSES, "SMS leave slower than they come: look at rate and window of the links",
	         OF(sms.out.waiting), TRAFFIC_SMS_OUT_MAX, now->sms.out.refused},
		{"sms_in_texts", GIVES_WAY, "raise sms.texts, or lower sms.expire",
	         .used = (uint64_t)now->sms.in.waiting + now->sms.in.known, (uint64_t)c->sms_texts,
	         now->sms.in.evicted},
		{"sms_in_bytes", GIVES_WAY, "raise sms.octets, or lower sms.expire", OF(sms.in.octets),
	         (uint64_t)c->sms_octets, now->sms.in.evicted},
		{"outbox", REFUSES, "the rest waits in the store: see the charging system", OF(outbox_rows),
	         OUTBOX_ROWS, now->outbox.not_taken},
		{"charging_queue", REFUSES, "raise charging.rate or charging.calls to what the system allows",
	         OF(gate.waiting), (uint64_t)c->charging.queue_max, now->gate.refused_full},
		{"charging_calls", REFUSES, "the charging system answers slowly: show it to its operator",
	         OF(gate.under_way), (uint64_t)c->charging.calls, 0},
		{"charging_jobs", REFUSES, "the charging system answers slowly: show it to its operator",
	         OF(charging.outstanding), CHARGING_JOBS_MAX, now->charging.refused},
		{"app_calls", REFUSES, "an app answers slowly: lower its `within`, or mend it",
	         OF(http_client.outstanding), HTTP_CLIENT_CALLS_MAX, now->http_client.refused},
		{"app_states", REFUSES, "apps leave visits open: they should end them", OF(app.states),
	         APP_STATES_MAX, now->app.states_dropped},
		{"http_connections", REFUSES,
	         "raise http.connections, or see who keeps connections open (docs/operate.md)",
	         OF(http.server.connections), (uint64_t)c->http_connections,
	         now->http.server.refused[HTTP_REFUSED_CONNECTIONS]},
		{"console_sessions", GIVES_WAY, "none is needed: the oldest must log in again",
	         OF(console.sessions), CONSOLE_SESSIONS_MAX, now->console.evicted},
		{"console_jobs", REFUSES, "the disk is slow, or many look at the console at a time",
	         OF(console.jobs), CONSOLE_JOBS_MAX, now->console.jobs_refused},
		{"http_sessions", REFUSES, "somebody begins sessions over HTTP faster than they end",
	         OF(http.sessions), HTTP_SESSIONS_MAX, now->http.shed},
	};
	_Static_assert(sizeof(rows) / sizeof(rows[0]) <= BOUNDS_MAX, "raise BOUNDS_MAX");

	memcpy(out, rows, sizeof(rows));
	return sizeof(rows) / sizeof(rows[0]);
}
