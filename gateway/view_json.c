/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One subscriber as JSON: see view.h. A part that cannot be made takes the whole object with it: half a history would look
 * like a whole one. */
#include <jansson.h>
#include <string.h>

#include "core/clock.h"
#include "core/msisdn.h"
#include "gateway/view.h"

struct part {
	const struct query_subscriber *s;
	const struct view_options *o;
};

static json_t *at_text(int64_t utc_ms)
{
	char text[CLOCK_TEXT_SIZE];

	return utc_ms ? json_string(clock_utc_text(utc_ms, text)) : json_null();
}

static json_t *text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

static json_t *id_or_null(int64_t id)
{
	return id ? json_integer(id) : json_null();
}

static void append(json_t **list, json_t *entry)
{
	if (*list && json_array_append_new(*list, entry) == 0)
		return;
	json_decref(*list);
	*list = NULL;
}

static void put(json_t **object, const char *name, json_t *value)
{
	if (*object && json_object_set_new(*object, name, value) == 0)
		return;
	json_decref(*object);
	*object = NULL;
}

/* --- who they are --------------------------------------------------------------------------------------------------- */

static json_t *profile_of(const struct part *x)
{
	const struct profile *p = record_profile(x->s->record);
	json_t *out = json_object();

	for (size_t i = 0; i < p->n_fields; i++) {
		const char *value = view_value(x->s, i, x->o->reveal);

		put(&out, p->field[i].name, value ? json_string(value) : json_null());
	}
	return out;
}

/* By what each value is known. */
static json_t *provenance_of(const struct part *x)
{
	const struct profile *p = record_profile(x->s->record);
	json_t *out = json_object();

	for (size_t i = 0; x->s->origin && i < p->n_fields; i++) {
		const struct query_origin *from = &x->s->origin[i];

		if (record_value(x->s->record, i))
			put(&out, p->field[i].name,
			    json_pack("{s:o, s:o, s:o, s:i}", "at", at_text(from->at_ms), "channel",
			              text_or_null(from->channel), "consent", id_or_null(from->consent),
			              "confidence", from->confidence));
	}
	return out;
}

static json_t *changes_of(const struct part *x)
{
	const struct profile *p = record_profile(x->s->record);
	json_t *out = json_array();

	for (size_t i = 0; i < x->s->n_past; i++) {
		const struct query_past *past = &x->s->past[i];

		append(&out, json_pack("{s:s, s:o, s:o, s:o, s:s, s:s}", "field", p->field[past->field].name,
		                       "was", text_or_null(view_past(x->s, past, x->o->reveal)), "told",
		                       at_text(past->told_ms), "until", at_text(past->at_ms), "channel",
		                       past->channel, "why", past->why));
	}
	return out;
}

static json_t *verifications_of(const struct part *x)
{
	bool is_seen = x->o->reveal && x->o->reveal->proof;
	json_t *out = json_array();

	for (size_t i = 0; i < x->s->n_verifications; i++) {
		const struct query_verification *v = &x->s->verification[i];

		append(&out,
		       json_pack("{s:o, s:o, s:s}", "at", at_text(v->at_ms), "undone", at_text(v->undone_ms),
		                 "proof", is_seen || !*v->proof ? v->proof : QUERY_MASK));
	}
	return out;
}

static json_t *periods_of(const struct part *x)
{
	json_t *out = json_array();

	for (size_t i = 0; i < x->s->n_periods; i++) {
		const struct query_period *p = &x->s->period[i];

		append(&out, json_pack("{s:o, s:o, s:s}", "since", at_text(p->since_ms), "until",
		                       at_text(p->until_ms), "why", p->why));
	}
	return out;
}

static json_t *relations_of(const struct part *x)
{
	bool is_seen = x->o->reveal && x->o->reveal->relations;
	json_t *out = json_array();
	char msisdn[MSISDN_TEXT_SIZE];

	for (size_t i = 0; i < x->s->n_relations; i++) {
		const struct query_relation *r = &x->s->relation[i];
		json_t *other = !r->msisdn
		                        ? json_null()
		                        : json_string(is_seen ? msisdn_text(r->msisdn, msisdn) : QUERY_MASK);

		append(&out, json_pack("{s:s, s:s, s:s, s:o, s:I, s:o, s:o, s:o, s:o}", "type", r->type,
		                       "state", r->state, "asked_by", r->has_asked ? "this one" : "the other",
		                       "other", other, "other_id", (json_int_t)r->other, "made",
		                       at_text(r->made_ms), "answered", at_text(r->answered_ms), "ended",
		                       at_text(r->ended_ms), "expires", at_text(r->expires_ms)));
	}
	return out;
}

static json_t *known_of(const struct part *x)
{
	const struct query_subscriber *s = x->s;

	return json_pack("{s:o, s:o, s:I, s:o, s:b}", "by", text_or_null(view_source(s)), "import",
	                 id_or_null(s->imported), "referrals", (json_int_t)s->referrals, "referred_by",
	                 id_or_null(s->referred_by), "verified",
	                 record_state(s->record) == SUBSCRIBER_VERIFIED);
}

/* --- what they agreed to, got and did ----------------------------------------------------------------------------------- */

static json_t *consents_of(const struct part *x)
{
	json_t *out = json_array();

	for (size_t i = 0; i < x->s->n_consents; i++) {
		const struct query_consent *c = &x->s->consent[i];

		append(&out,
		       json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "purpose", c->purpose,
		                 "state", c->state, "text", c->words, "language", c->language, "channel",
		                 c->channel, "at", at_text(c->at_ms), "version", text_or_null(c->version),
		                 "source", id_or_null(c->source), "proof", text_or_null(c->proof)));
	}
	return out;
}

static json_t *grants_of(const struct part *x)
{
	json_t *out = json_array();

	for (size_t i = 0; i < x->s->n_grants; i++) {
		const struct query_grant *g = &x->s->grant[i];

		append(&out, json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:o}", "bundle", g->bundle, "key",
		                       g->key, "state", g->state, "at", at_text(g->at_ms), "gives", g->gives,
		                       "expires", at_text(g->expires_ms), "order", text_or_null(g->order)));
	}
	return out;
}

/* Of what was granted, what is still good. */
static json_t *bundles_of(const struct part *x)
{
	int64_t now = x->o->now_ms ? x->o->now_ms : clock_utc_ms(clock_system());
	json_t *out = json_array();

	for (size_t i = 0; i < x->s->n_grants; i++) {
		const struct query_grant *g = &x->s->grant[i];

		if (strcmp(g->state, "granted") == 0 && (!g->expires_ms || g->expires_ms > now))
			append(&out, json_pack("{s:s, s:s, s:o}", "bundle", g->bundle, "gives", g->gives,
			                       "expires", at_text(g->expires_ms)));
	}
	return out;
}

static json_t *interactions_of(const struct part *x)
{
	json_t *out = json_array();

	for (size_t i = 0; i < x->s->n_interactions; i++) {
		const struct query_interaction *n = &x->s->interaction[i];

		append(&out, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:I}", "channel",
		                       n->channel, "direction", n->inbound ? "in" : "out", "service",
		                       n->service, "last_screen", n->last_screen, "language", n->language,
		                       "outcome", n->outcome, "detail", n->detail, "steps", n->steps, "began",
		                       at_text(n->began_ms), "ended", at_text(n->ended_ms), "id",
		                       (json_int_t)n->id));
	}
	return out;
}

static json_t *notices_of(const struct part *x)
{
	json_t *out = json_array();

	for (size_t i = 0; i < x->s->n_notices; i++) {
		const struct query_notice *n = &x->s->notice[i];

		append(&out,
		       json_pack("{s:s, s:s, s:s, s:i, s:I, s:s, s:i, s:i, s:o, s:o, s:o, s:o}", "kind",
		                 n->kind, "state", n->state, "why", n->why, "attempts", n->attempts, "code",
		                 (json_int_t)n->code, "delivery", n->delivery, "parts", n->parts, "error",
		                 n->error, "created", at_text(n->created_ms), "next", at_text(n->next_ms),
		                 "settled", at_text(n->settled_ms), "delivery_at", at_text(n->delivery_ms)));
	}
	return out;
}

static json_t *refusals_of(const struct part *x)
{
	json_t *out = json_array();

	for (size_t i = 0; i < x->s->n_refusals; i++) {
		const struct query_refusal *r = &x->s->refusal[i];

		append(&out,
		       json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:I}", "bundle", r->bundle, "key",
		                 r->key, "reason", r->reason, "rule", r->rule, "words",
		                 refusal_words(refusal_by_name(r->reason)), "first", at_text(r->first_ms),
		                 "last", at_text(r->last_ms), "count", (json_int_t)r->count));
	}
	return out;
}

/* --- all of it ------------------------------------------------------------------------------------------------------ */

static json_t *record_of(const struct query_subscriber *s)
{
	char msisdn[MSISDN_TEXT_SIZE];
	const struct record *r = s->record;

	return json_pack("{s:o, s:s, s:s, s:b, s:b, s:b, s:o, s:o, s:o}", "msisdn",
	                 record_msisdn(r) ? json_string(msisdn_text(record_msisdn(r), msisdn)) : json_null(),
	                 "state", subscriber_state_name(record_state(r)), "language", record_language(r),
	                 "registered", (int)record_is_registered(r), "stopped", (int)record_is_stopped(r),
	                 "erased", (int)s->is_erased, "new_since", at_text(s->swapped_ms), "first_seen",
	                 at_text(record_first_seen_ms(r)), "last_seen", at_text(record_last_seen_ms(r)));
}

/* What the daemon knows and the store does not. */
static void put_live(json_t **object, const char *text)
{
	json_t *live = text ? json_loads(text, 0, NULL) : NULL;
	json_t *dialogue = json_object_get(live, "dialogue"), *balance = json_object_get(live, "balance");

	put(object, "daemon", json_boolean(dialogue != NULL));
	put(object, "dialogue", dialogue ? json_incref(dialogue) : json_null());
	put(object, "balance", balance ? json_incref(balance) : json_null());
	json_decref(live);
}

static json_t *subscriber(const struct part *x)
{
	static const struct {
		const char *name;
		json_t *(*make)(const struct part *x);
	} parts[] = {
		{"profile", profile_of},
		{"provenance", provenance_of},
		{"known", known_of},
		{"consents", consents_of},
		{"grants", grants_of},
		{"bundles", bundles_of},
		{"refusals", refusals_of},
		{"relations", relations_of},
		{"numbers", periods_of},
		{"changes", changes_of},
		{"verifications", verifications_of},
		{"interactions", interactions_of},
		{"notices", notices_of},
	};
	json_t *out = record_of(x->s);

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		put(&out, parts[i].name, parts[i].make(x));
	put_live(&out, x->o->live);
	return out;
}

char *view_json(const struct query_subscriber *s, const struct view_options *o, bool pretty)
{
	const struct part x = {s, o};
	json_t *object = subscriber(&x);
	char *text = object ? json_dumps(object, pretty ? JSON_INDENT(2) : JSON_COMPACT) : NULL;

	json_decref(object);
	return text;
}
