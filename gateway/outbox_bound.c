/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders that are not sent: purchases that could not be sent in time, and gifts that wait until the operator has mended
 * something (docs/adr/0019).
 *
 * Invariant: what is refused here is PENDING, which is certainly not done, and no call of it is under way.
 */
#include <stddef.h>

#include "core/log.h"
#include "gateway/outbox_private.h"

enum refusal outbox_refusal(const struct charging_answer *a)
{
	switch (a->reason) {
	case CHARGING_TOO_LITTLE:
		return REFUSAL_POOR;
	case CHARGING_BARRED:
	case CHARGING_NO_SUBSCRIBER:
		return REFUSAL_BARRED;
	default:
		return REFUSAL_SYSTEM;
	}
}

/* --- purchases ---------------------------------------------------------------------------------------------- */

bool outbox_is_too_late(const struct outbox_row *row)
{
	const struct outbox_options *o = &row->all->options;

	return row->r.price > 0 && row->r.state == STORE_CHARGE_PENDING && o->buy_within_ms > 0 &&
	       (row->is_past || clock_utc_ms(o->clock) - row->r.ordered_ms >= o->buy_within_ms);
}

void outbox_refuse_late(struct outbox_row *row)
{
	row->all->counters.too_late++;
	outbox_record(
		row, STORE_CHARGE_REJECTED,
		&(struct charging_answer){.outcome = CHARGING_REJECTED,
	                                  .reason = CHARGING_BUSY,
	                                  .why = "not sent within charging.buy_within: nothing was taken"},
		"prepare", 0);
}

/* Also those behind an older order of their subscriber, which may be in doubt for long. What is under way now looks at its
 * time itself, before it is sent. */
void outbox_bound_tick(struct outbox *o, int64_t now)
{
	struct due_entry *e;

	while (!o->is_closing && (e = due_pop(&o->bound, now)) != NULL) {
		struct outbox_row *row =
			(struct outbox_row *)((char *)e - offsetof(struct outbox_row, bound));

		row->is_past = true; /* by the clock that nobody sets */
		if (row->r.state != STORE_CHARGE_PENDING ||
		    (row->step != OUTBOX_BEHIND && row->step != OUTBOX_READY && row->step != OUTBOX_RESTING))
			continue;
		outbox_row_take(row);
		outbox_refuse_late(row);
	}
}

/* --- gifts -------------------------------------------------------------------------------------------------- */

/* One line when the first of them waits, and one when none does any more. */
void outbox_park(struct outbox_row *row, bool parked)
{
	struct outbox_counters *c = &row->all->counters;

	if (parked == row->is_parked)
		return;
	row->is_parked = parked;
	c->parked += parked ? 1U : -1U;
	if (parked && c->parked == 1)
		LOG_EVENT(
			LOG_LV_ERROR, "outbox", "gifts-parked", "grant", LOG_INT(row->r.id), "remedy",
			"the charging system refuses them because of how a bundle or our right is set up: see "
			"starhash grants --state pending, mend that, and they are given");
	else if (!parked && c->parked == 0 && !row->all->is_closing)
		LOG_EVENT(LOG_LV_INFO, "outbox", "gifts-parked-over");
}

/* It cannot be carried out, and the operator has to mend something. A promised gift waits for that; nobody is charged
 * hours later. False: it is something else. */
bool outbox_is_mended_first(struct outbox_row *row, const struct charging_answer *a, const char *op)
{
	struct charging_answer refused = *a;
	bool is_so = a->reason == CHARGING_SET_UP &&
	             (a->outcome == CHARGING_REJECTED || a->outcome == CHARGING_RETRY);

	if (row->r.price > 0 && is_so) {
		refused.outcome = CHARGING_REJECTED;
		outbox_record(row, STORE_CHARGE_REJECTED, &refused, op, 0);
		return true;
	}
	if (is_so) {
		outbox_park(row, true);
		outbox_let_go(row);
		outbox_record(row, STORE_CHARGE_PENDING, a, op, outbox_pause(row, a));
	}
	return is_so;
}
