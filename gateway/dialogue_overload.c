/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is turned away, and how: too much at once, or too much of one subscriber (promise 10, docs/operate.md).
 *
 * New dialogues are shed while any of the measures is over its threshold; those in progress go on. How it is told is the
 * dialect's: a polite last screen, or a temporary error by which the SMSC says it in its own words. An input over a subscriber's
 * own limit costs a look into a table and a response.
 */
#include "gateway/dialect_table.h"
#include "gateway/dialogue_private.h"
#include "gateway/status.h"

const char *dialogue_shed_name(enum dialogue_shed why)
{
	static const char *const names[DIALOGUE_SHEDS] = {"none",  "draining", "dialogues",
	                                                  "store", "lag",      "links"};

	return (unsigned)why < DIALOGUE_SHEDS ? names[why] : "unknown";
}

const struct dialect *dialogue_dialect(const struct dialogues *ds, const void *link, uint16_t group)
{
	return ds->port.dialect != NULL ? ds->port.dialect(ds->port.ctx, link, group) : NULL;
}

enum dialogue_shed dialogue_overload(const struct dialogues *ds, uint16_t group)
{
	const struct config *c = ds->options.config;
	struct store_counters store;

	if (ds->draining)
		return DIALOGUE_SHED_DRAINING;
	if (ds->open >= (size_t)c->dialogues_max)
		return DIALOGUE_SHED_DIALOGUES;
	store_counters_read(ds->options.store, &store);
	if (c->overload_store > 0 && store.queue >= (uint64_t)c->overload_store)
		return DIALOGUE_SHED_STORE;
	switch (ds->port.pressed != NULL ? ds->port.pressed(ds->port.ctx, group) : DIALOGUE_CALM) {
	case DIALOGUE_LAGGING:
		return DIALOGUE_SHED_LAG;
	case DIALOGUE_LINKS_FULL:
		return DIALOGUE_SHED_LINKS;
	default:
		return DIALOGUE_SHED_NOT;
	}
}

void overload_shed(struct dialogues *ds, const struct dialogue_input *in, enum dialogue_shed why,
                   const char *busy)
{
	const struct dialect *dialect = dialogue_dialect(ds, in->link, in->group);
	bool by_status = in->event.kind == DIALECT_SMS ||
	                 (dialect != NULL && dialect->overload == DIALECT_OVERLOAD_STATUS);

	ds->counters.shed++;
	ds->counters.shed_by[why]++;
	ds->port.acknowledge(ds->port.ctx, in, by_status ? status_for(STATUS_CASE_OVERLOAD) : PDU_ROK);
	if (!by_status)
		dialogue_say_stateless(ds, in, busy);
}

/* The first one beyond the limit is told so, unless a dialogue is open, which its last screen would end. */
static void turn_away(struct dialogues *ds, const struct dialogue_input *in, bool is_first)
{
	struct dialogue_key key = {.msisdn = in->event.msisdn, .group = in->group};
	const struct dialogue *d = dialogue_by_key(ds, &key);

	ds->port.acknowledge(ds->port.ctx, in, PDU_ROK); /* to deliver it again would not help */
	if (is_first && in->event.kind == DIALECT_BEGIN && (d == NULL || !dialogue_is_open(d)) &&
	    services_count(ds->options.services) > 0)
		dialogue_say_stateless(
			ds, in, book_say(&services_at(ds->options.services, 0)->word[BOOK_WORD_BUSY], 0));
}

bool overload_is_flood(struct dialogues *ds, const struct dialogue_input *in)
{
	const char *text = dialect_event_text(&in->event);
	int64_t now = clock_mono_ms(ds->options.clock);
	bool is_sms = in->event.kind == DIALECT_SMS;
	enum flood_verdict v;

	if (in->simulated ||
	    (!is_sms && in->event.kind != DIALECT_BEGIN && in->event.kind != DIALECT_CONTINUE))
		return false;
	if (is_sms ? sms_says_stop(text) : in->event.kind == DIALECT_CONTINUE && sms_is_stop(text)) {
		if (flood_take_stop(ds->flood, in->event.msisdn, now))
			return false;
		ds->port.acknowledge(ds->port.ctx, in, PDU_ROK); /* it stands already */
		return true;
	}
	v = flood_take(ds->flood, in->event.msisdn, now);
	if (v == FLOOD_FINE) {
		flood_unstop(ds->flood, in->event.msisdn);
		return false;
	}
	turn_away(ds, in, v == FLOOD_FIRST);
	return true;
}
