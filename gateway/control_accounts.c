/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status of the charging system: see control_accounts.h. A counter that is new gets a row here. */
#include "gateway/control_accounts.h"

#include "core/clock.h"
#include "gateway/charging.h"

static void put(json_t *o, const char *key, uint64_t value)
{
	json_object_set_new(o, key, json_integer((json_int_t)value));
}

static json_t *outbox_json(const struct outbox *outbox)
{
	struct outbox_counters c;
	json_t *o = json_object();

	outbox_counters_read(outbox, &c);
	put(o, "pending", c.by_state[STORE_CHARGE_PENDING]);
	put(o, "sent", c.by_state[STORE_CHARGE_SENT]);
	put(o, "unknown", c.by_state[STORE_CHARGE_UNKNOWN]);
	put(o, "oldest_s",
	    c.oldest_ms > 0 ? (uint64_t)((clock_utc_ms(clock_system()) - c.oldest_ms) / 1000) : 0);
	json_object_set_new(o, "more_in_store", json_boolean(c.is_behind));
	put(o, "active", c.active);
	put(o, "taken", c.taken);
	put(o, "not_taken", c.not_taken);
	put(o, "read_back", c.read);
	put(o, "sends", c.sent);
	put(o, "queries", c.queries);
	put(o, "retries", c.retries);
	put(o, "granted", c.granted);
	put(o, "rejected", c.rejected);
	put(o, "became_unknown", c.became_unknown);
	put(o, "reconciled", c.reconciled);
	put(o, "too_late", c.too_late);
	put(o, "parked", c.parked);
	put(o, "write_failures", c.write_failures);
	put(o, "of_another_system", c.of_others);
	return o;
}

static json_t *charging_json(const struct charging *charging)
{
	const struct charging_gate *gate = charging_gate_of(charging);
	struct charging_gate_counters c;
	json_t *o = json_object();

	charging_gate_counters_read(gate, &c);
	json_object_set_new(o, "circuit", json_string(charging_gate_state_name(charging_gate_state(gate))));
	put(o, "opened", c.opened);
	put(o, "waiting", c.waiting); /* for the rate, or for one of charging.calls to end */
	put(o, "waiting_peak", c.waiting_peak);
	put(o, "under_way", c.under_way);
	put(o, "sent", c.sent);
	put(o, "answered", c.answered);
	put(o, "lost", c.lost);
	put(o, "not_sent", c.not_sent);
	put(o, "refused_full", c.refused_full);
	put(o, "refused_open", c.refused_open);
	put(o, "refused_late", c.refused_late);
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
