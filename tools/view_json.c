/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One subscriber as JSON. The MSISDN is a string, times are ISO-8601 in UTC, a value that is not known is null. */
#include "tools/view_json.h"

#include <jansson.h>

#include "core/clock.h"
#include "core/msisdn.h"

static json_t *at_text(int64_t utc_ms)
{
	char text[CLOCK_TEXT_SIZE];

	return utc_ms ? json_string(clock_utc_text(utc_ms, text)) : json_null();
}

/* An entry that cannot be made takes the whole list with it: half a history would look like a whole one. */
static void append(json_t **list, json_t *entry)
{
	if (*list && json_array_append_new(*list, entry) == 0)
		return;
	json_decref(*list);
	*list = NULL;
}

static json_t *profile_of(const struct record *r)
{
	const struct profile *p = record_profile(r);
	json_t *out = json_object();

	for (size_t i = 0; out && i < p->n_fields; i++) {
		const char *value = record_value(r, i);

		if (json_object_set_new(out, p->field[i].name, value ? json_string(value) : json_null()) !=
		    0) {
			json_decref(out);
			out = NULL;
		}
	}
	return out;
}

static json_t *consents_of(const struct query_subscriber *s)
{
	json_t *out = json_array();

	for (size_t i = 0; out && i < s->n_consents; i++) {
		const struct query_consent *c = &s->consent[i];

		append(&out, json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "purpose", c->purpose, "state",
		                       c->state, "text", c->words, "language", c->language, "channel",
		                       c->channel, "at", at_text(c->at_ms)));
	}
	return out;
}

static json_t *grants_of(const struct query_subscriber *s)
{
	json_t *out = json_array();

	for (size_t i = 0; out && i < s->n_grants; i++) {
		const struct query_grant *g = &s->grant[i];

		append(&out, json_pack("{s:s, s:s, s:s, s:o, s:s, s:o}", "bundle", g->bundle, "key", g->key,
		                       "state", g->state, "at", at_text(g->at_ms), "gives", g->gives,
		                       "expires", at_text(g->expires_ms)));
	}
	return out;
}

static json_t *interactions_of(const struct query_subscriber *s)
{
	json_t *out = json_array();

	for (size_t i = 0; out && i < s->n_interactions; i++) {
		const struct query_interaction *n = &s->interaction[i];

		append(&out, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:o, s:o}", "channel",
		                       n->channel, "direction", n->inbound ? "in" : "out", "service",
		                       n->service, "last_screen", n->last_screen, "language", n->language,
		                       "outcome", n->outcome, "detail", n->detail, "steps", n->steps, "began",
		                       at_text(n->began_ms), "ended", at_text(n->ended_ms)));
	}
	return out;
}

static json_t *notices_of(const struct query_subscriber *s)
{
	json_t *out = json_array();

	for (size_t i = 0; out && i < s->n_notices; i++) {
		const struct query_notice *n = &s->notice[i];

		append(&out,
		       json_pack("{s:s, s:s, s:s, s:i, s:I, s:s, s:i, s:i, s:o, s:o, s:o, s:o}", "kind",
		                 n->kind, "state", n->state, "why", n->why, "attempts", n->attempts, "code",
		                 (json_int_t)n->code, "delivery", n->delivery, "parts", n->parts, "error",
		                 n->error, "created", at_text(n->created_ms), "next", at_text(n->next_ms),
		                 "settled", at_text(n->settled_ms), "delivery_at", at_text(n->delivery_ms)));
	}
	return out;
}

static json_t *refusals_of(const struct query_subscriber *s)
{
	json_t *out = json_array();

	for (size_t i = 0; out && i < s->n_refusals; i++) {
		const struct query_refusal *r = &s->refusal[i];

		append(&out,
		       json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:I}", "bundle", r->bundle, "key",
		                 r->key, "reason", r->reason, "rule", r->rule, "words",
		                 refusal_words(refusal_by_name(r->reason)), "first", at_text(r->first_ms),
		                 "last", at_text(r->last_ms), "count", (json_int_t)r->count));
	}
	return out;
}

static json_t *subscriber(const struct query_subscriber *s)
{
	char msisdn[MSISDN_TEXT_SIZE];
	const struct record *r = s->record;

	return json_pack(
		"{s:s, s:s, s:s, s:b, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "msisdn",
		msisdn_text(record_msisdn(r), msisdn), "state", subscriber_state_name(record_state(r)),
		"language", record_language(r), "registered", (int)record_is_registered(r), "stopped",
		(int)record_is_stopped(r), "erased", (int)s->is_erased, "new_since", at_text(s->swapped_ms),
		"first_seen", at_text(record_first_seen_ms(r)), "last_seen", at_text(record_last_seen_ms(r)),
		"profile", profile_of(r), "consents", consents_of(s), "grants", grants_of(s), "refusals",
		refusals_of(s), "interactions", interactions_of(s), "notices", notices_of(s));
}

bool view_json_print(const struct query_subscriber *s, bool pretty, FILE *to)
{
	json_t *object = subscriber(s);
	int rc = object ? json_dumpf(object, to, pretty ? JSON_INDENT(2) : JSON_COMPACT) : -1;

	json_decref(object);
	return rc == 0 && fputc('\n', to) != EOF;
}
