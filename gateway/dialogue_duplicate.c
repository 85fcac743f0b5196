/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is a copy of an input, and what is done with it (docs/adr/0006).
 *
 * Invariant (promise 4): a copy runs nothing. It is acknowledged, and gets the stored answer where the phone still waits for
 * one. USSD is judged by the dialogue's last input; SMS, which has no session, by gateway/seen.h.
 */
#include <string.h>

#include "gateway/dialect_table.h"
#include "gateway/dialogue_private.h"

/* FNV-1a: duplicates are compared by it, beside the session and the kind. */
static uint32_t hash_text(const char *text)
{
	uint32_t h = 2166136261u;

	for (; *text != '\0'; text++)
		h = (h ^ (uint8_t)*text) * 16777619u;
	return h;
}

static void keep_address(uint8_t *ton, uint8_t *npi, char *digits, size_t size,
                         const struct pdu_address *from)
{
	size_t len = strnlen(from->digits, size - 1);

	*ton = from->ton;
	*npi = from->npi;
	memcpy(digits, from->digits, len);
	digits[len] = '\0';
}

static uint64_t reference_of(const struct dialect_session *s)
{
	uint64_t reference = s->n_kept;

	for (uint8_t i = 0; i < s->n_kept; i++)
		for (uint8_t k = 0; k < s->kept[i].length; k++)
			reference = (reference ^ s->kept[i].value[k]) * 1099511628211u;
	return reference;
}

static uint64_t seen_hash_of(const struct dialogue_input *in)
{
	const struct seen_key key = {.group = in->group,
	                             .msisdn = in->event.msisdn,
	                             .service = in->event.service.digits,
	                             .text = dialect_event_text(&in->event),
	                             .reference = reference_of(&in->event.session)};

	return seen_hash(&key);
}

static void keep_timers(struct dialogue *d, const struct dialogue_input *in)
{
	const struct config *c = d->all->options.config;
	const struct dialect *dialect = dialogue_dialect(d->all, in->link, in->group);

	d->idle_ms = (uint32_t)(dialect != NULL && dialect->idle_ms > 0 ? dialect->idle_ms : c->idle_ms);
	d->within_ms = (uint32_t)(dialect != NULL && dialect->answer_within_ms > 0 ? dialect->answer_within_ms
	                                                                           : c->answer_within_ms);
}

void dialogue_note_input(struct dialogue *d, const struct dialogue_input *in)
{
	const struct dialect_event *e = &in->event;
	bool in_session = d->state != DIALOGUE_ST_NEW && d->last.kind != DIALOGUE_NO_INPUT;

	if (in_session && e->session.n_kept > 0 && d->wire.session.n_kept > 0 &&
	    !dialect_session_same(&d->wire.session, &e->session))
		d->moves = true;
	d->serial++;
	times_asked(d);
	d->simulated = in->simulated;
	d->last = (struct dialogue_turn){.link = in->link,
	                                 .connection = in->connection,
	                                 .sequence = in->sequence,
	                                 .command_id = in->command_id,
	                                 .text_hash = hash_text(dialect_event_text(e)),
	                                 .kind = (uint8_t)e->kind};
	keep_timers(d, in);
	if (d->key.sms) {
		d->seen_hash = seen_hash_of(in);
		d->came_ms = clock_mono_ms(d->all->options.clock);
	}
	/* Some gateways carry the session in the first message only; answers must carry it all the same. */
	if (e->session.n_kept > 0 || e->session.has_id || e->kind == DIALECT_BEGIN || d->key.sms)
		d->wire.session = e->session;
	keep_address(&d->wire.service_ton, &d->wire.service_npi, d->wire.service, sizeof(d->wire.service),
	             &e->service);
	keep_address(&d->wire.subscriber_ton, &d->wire.subscriber_npi, d->wire.subscriber,
	             sizeof(d->wire.subscriber), &e->subscriber);
}

static bool is_connected(const struct dialogues *ds, const void *link, uint32_t connection)
{
	const struct dialogue_port *port = &ds->port;

	return port->is_connected != NULL && port->is_connected(port->ctx, link, connection);
}

static bool is_same(const struct dialogue_turn *last, const struct dialect_session *session,
                    const struct dialogue_input *in)
{
	return last->kind == (uint8_t)in->event.kind &&
	       last->text_hash == hash_text(dialect_event_text(&in->event)) &&
	       (in->event.session.n_kept == 0 || dialect_session_same(session, &in->event.session));
}

static bool is_elsewhere(const struct dialogue_turn *last, const struct dialogue_input *in)
{
	return last->link != in->link || last->connection != in->connection;
}

/* Read in the same turn of the loop in which our answer was handed to the link, and by that link: nobody has seen that answer.
 * By another link a quick SMSC may have both heard and said. */
bool dialogue_is_ahead(const struct dialogue *d, const struct dialogue_input *in)
{
	return d->state == DIALOGUE_ST_SENDING && d->all->beat != 0 && d->said_beat == d->all->beat &&
	       !is_elsewhere(&d->last, in);
}

/* Is it the input that we have had already? The same words in the same session are a duplicate when they come
 * while that input is being answered, when the connection broke before the answer was confirmed, when the
 * gateway numbers its inputs and this number was seen, or after the dialogue has ended with its last screen. The same
 * words on the same connection after a confirmed answer are a new input: "1" and again "1" is what people type. A
 * dialogue that was cut short has no answer to give again: it cannot be gone on from. */
bool dialogue_is_duplicate(const struct dialogue *d, const struct dialogue_input *in)
{
	const struct dialogue_turn *last = &d->last;
	bool elsewhere = is_elsewhere(last, in);

	if (d->state == DIALOGUE_ST_NEW || !is_same(last, &d->wire.session, in))
		return false;
	if (!elsewhere && last->sequence == in->sequence)
		return true;
	if (dialogue_is_ours(d) || dialogue_is_ahead(d, in))
		return true;
	if (d->key.sms) /* what was taken is judged by dialogue_was_seen */
		return false;
	if (d->state == DIALOGUE_ST_CLOSED && (!d->answer_last || in->event.kind == DIALECT_CONTINUE))
		return d->answer_last;
	return (d->moves && in->event.session.n_kept > 0) ||
	       (elsewhere && (d->unsure || d->state == DIALOGUE_ST_SENDING));
}

/* The handset had another dialogue before this one. What carries that one's session, or is its last input again, has come
 * late. Without any session only the surest signs count: two equal answers in two dialogues are ordinary. */
bool dialogue_is_of_before(const struct dialogue *d, const struct dialogue_input *in)
{
	const struct dialogue_before *b = &d->before;
	const struct dialect_session *s = &in->event.session;

	if (b->last.kind == DIALOGUE_NO_INPUT || in->event.kind == DIALECT_BEGIN)
		return false;
	if (s->has_id && b->session.has_id && b->session.id == s->id) {
		if (d->wire.session.has_id)
			return d->wire.session.id != s->id;
		if (in->event.kind ==
		    DIALECT_ABORT) /* of a push that has no session yet: better too late than too early */
			return true;
	}
	if (in->event.kind != DIALECT_CONTINUE || !is_same(&b->last, &b->session, in))
		return false;
	if (!is_elsewhere(&b->last, in) && b->last.sequence == in->sequence)
		return true;
	if (b->moves && s->n_kept > 0)
		return true;
	return is_elsewhere(&b->last, in) && d->opens && b->unsure &&
	       !is_connected(d->all, b->last.link, b->last.connection);
}

static void adopt_copy(struct dialogue *d, const struct dialogue_input *in)
{
	d->last.link = in->link;
	d->last.connection = in->connection;
	d->last.sequence = in->sequence;
	d->last.command_id = in->command_id;
}

/* Its one answer is with a connection that stands: what becomes of it is told, and a second one could be refused as out of
 * turn, which would end the dialogue. */
static bool is_on_its_way(const struct dialogue *d, bool elsewhere)
{
	return d->state == DIALOGUE_ST_SENDING &&
	       (!elsewhere || is_connected(d->all, d->last.link, d->last.connection));
}

void dialogue_duplicate(struct dialogue *d, const struct dialogue_input *in)
{
	bool elsewhere = is_elsewhere(&d->last, in), on_its_way = is_on_its_way(d, elsewhere);

	d->all->counters.duplicates++;
	if (!d->last.acknowledged &&
	    elsewhere) { /* what becomes of it is told to this copy; the first has its response */
		turn_acknowledge(d, PDU_ROK);
		adopt_copy(d, in);
		d->last.acknowledged = false;
		return;
	}
	d->all->port.acknowledge(d->all->port.ctx, in, PDU_ROK);
	if (d->key.sms || (d->state == DIALOGUE_ST_CLOSED && !d->answer_last))
		return;
	adopt_copy(d, in);
	if (d->answer == NULL || d->state == DIALOGUE_ST_LOADING || d->state == DIALOGUE_ST_STORING ||
	    d->state == DIALOGUE_ST_ASKING)
		return; /* its one answer is being made */
	if (on_its_way) {
		d->copy_waits |= elsewhere; /* should that answer be lost, this copy gets it */
		return;
	}
	d->serial++; /* the fate of an earlier copy does not matter any more */
	turn_send(d);
}

/* --- SMS, for hours ------------------------------------------------------------------------------------ */

static struct seen_from from_of(const struct dialogue_input *in)
{
	return (struct seen_from){.link = in->link, .connection = in->connection, .sequence = in->sequence};
}

bool dialogue_was_seen(struct dialogues *ds, const struct dialogue_input *in)
{
	int64_t now = clock_mono_ms(ds->options.clock);
	uint64_t hash = seen_hash_of(in);
	struct seen_from from = from_of(in), was;

	/* A driver that tells of no loss: it is noticed here. */
	if (seen_find(ds->seen, hash, &was) && (was.link != in->link || was.connection != in->connection) &&
	    !is_connected(ds, was.link, was.connection))
		seen_lost(ds->seen, was.link, was.connection, now);
	return seen_is_copy(ds->seen, hash, &from, now);
}

void dialogue_seen(struct dialogues *ds, const struct dialogue_input *in)
{
	int64_t now = clock_mono_ms(ds->options.clock);
	struct seen_from from = from_of(in);

	seen_add(ds->seen, seen_hash_of(in), &from, now, now);
}

void dialogue_taken(struct dialogue *d)
{
	const struct seen_from from = {
		.link = d->last.link, .connection = d->last.connection, .sequence = d->last.sequence};

	seen_add(d->all->seen, d->seen_hash, &from, d->came_ms, clock_mono_ms(d->all->options.clock));
}

void dialogue_not_taken(struct dialogue *d)
{
	seen_forget(d->all->seen, d->seen_hash);
	flood_unstop(d->all->flood, d->key.msisdn); /* if it was a STOP, it does not stand */
}

void dialogue_lost(struct dialogues *ds, const void *link, uint32_t connection)
{
	seen_lost(ds->seen, link, connection, clock_mono_ms(ds->options.clock));
}
