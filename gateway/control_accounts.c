/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status of the charging system: see control_accounts.h. A counter that is new gets a row here. */
#include "gateway/control_accounts.h"

#include "core/clock.h"
#include "gateway/charging.h"
#include "gateway/control_private.h"

static json_t *outbox_json(const struct outbox *outbox)
{
	struct outbox_counters c;
	json_t *o = json_object();

	outbox_counters_read(outbox, &c);
	control_put(o, "pending", c.by_state[STORE_CHARGE_PENDING]);
	control_put(o, "sent", c.by_state[STORE_CHARGE_SENT]);
	control_put(o, "unknown", c.by_state[STORE_CHARGE_UNKNOWN]);
	control_put_age(o, "oldest_s", c.oldest_ms);
	json_object_set_new(o, "more_in_store", json_boolean(c.is_behind));
	control_put(o, "active", c.active);
	control_put(o, "taken", c.taken);
	control_put(o, "not_taken", c.not_taken);
	control_put(o, "read_back", c.read);
	control_put(o, "sends", c.sent);
	control_put(o, "queries", c.queries);
	control_put(o, "retries", c.retries);
	control_put(o, "granted", c.granted);
	control_put(o, "rejected", c.rejected);
	control_put(o, "became_unknown", c.became_unknown);
	control_put(o, "reconciled", c.reconciled);
	control_put(o, "too_late", c.too_late);
	control_put(o, "parked", c.parked);
	control_put(o, "write_failures", c.write_failures);
	control_put(o, "of_another_system", c.of_others);
	return o;
}

static json_t *charging_json(const struct charging *charging)
{
	const struct charging_gate *gate = charging_gate_of(charging);
	struct charging_gate_counters c;
	json_t *o = json_object();

	charging_gate_counters_read(gate, &c);
	json_object_set_new(o, "circuit", json_string(charging_gate_state_name(charging_gate_state(gate))));
	control_put(o, "opened", c.opened);
	control_put(o, "waiting", c.waiting); /* for the rate, or for one of charging.calls to end */
	control_put(o, "waiting_peak", c.waiting_peak);
	control_put(o, "under_way", c.under_way);
	control_put(o, "sent", c.sent);
	control_put(o, "answered", c.answered);
	control_put(o, "lost", c.lost);
	control_put(o, "not_sent", c.not_sent);
	control_put(o, "refused_full", c.refused_full);
	control_put(o, "refused_open", c.refused_open);
	control_put(o, "refused_late", c.refused_late);
	return o;
}

void control_accounts_put(json_t *status, const struct accounts *a)
{
	const struct charging *charging = accounts_charging(a);

	if (accounts_outbox(a) == NULL || charging == NULL)
		return;
	json_object_set_new(status, "outbox", outbox_json(accounts_outbox(a)));
	json_object_set_new(status, "charging", charging_json(charging));
}
