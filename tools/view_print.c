/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One subscriber for people: see view_print.h. Parts that are empty and say nothing by that are left out. */
#include "tools/view_print.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "core/clock.h"
#include "core/msisdn.h"
#include "tools/safe.h"

static const char *at_text(int64_t ms, char *out)
{
	return ms ? clock_utc_text(ms, out) : "-";
}

/* --- who they are --------------------------------------------------------------------------------------------------- */

static void print_known(const struct query_subscriber *s)
{
	const char *source = view_source(s);

	if (s->imported)
		printf("  known by    import %" PRId64 "\n", s->imported);
	else if (*source)
		printf("  known by    %s\n", SAFE(source));
	if (s->referred_by)
		printf("  brought by  subscriber %" PRId64 "\n", s->referred_by);
	if (s->referrals)
		printf("  has brought %" PRId64 "\n", s->referrals);
}

static void print_record(const struct query_subscriber *s)
{
	const struct record *r = s->record;
	char text[CLOCK_TEXT_SIZE], msisdn[MSISDN_TEXT_SIZE];

	if (record_msisdn(r))
		printf("%s\n\n", msisdn_text(record_msisdn(r), msisdn));
	else
		printf("subscriber %" PRId64 ", whose number is another's now\n\n", record_id(r));
	printf("  state       %s%s\n", subscriber_state_name(record_state(r)),
	       record_is_registered(r) ? " (registered)" : "");
	printf("  language    %s\n", *record_language(r) ? record_language(r) : "-");
	printf("  first seen  %s\n", at_text(record_first_seen_ms(r), text));
	printf("  last seen   %s\n", at_text(record_last_seen_ms(r), text));
	print_known(s);
	if (s->swapped_ms)
		printf("  new since   %s (SIM, or number to its holder)\n", at_text(s->swapped_ms, text));
	if (s->is_erased)
		printf("  erased      what was told is gone, and nobody has come back with this number\n");
	if (record_is_stopped(r))
		printf("  messages    stopped by the subscriber\n");
}

static void print_profile(const struct query_subscriber *s, const struct view_reveal *reveal)
{
	const struct profile *p = record_profile(s->record);
	char at[CLOCK_TEXT_SIZE];
	bool has_hidden = false;

	printf("\nprofile\n");
	for (size_t i = 0; i < p->n_fields; i++) {
		const struct query_origin *from = s->origin ? &s->origin[i] : NULL;
		const char *value = view_value(s, i, reveal);

		printf("  %-11s %s", p->field[i].name, value ? SAFE(value) : "-");
		if (value && from && from->at_ms)
			printf("  (%s, %s, %d %% sure)", at_text(from->at_ms, at), from->channel,
			       from->confidence);
		putchar('\n');
		has_hidden |= value && p->field[i].is_private && (!reveal || !reveal->field[i]);
	}
	if (has_hidden)
		puts("  *** is private: --reveal --role NAME --reason TEXT shows it, and is kept in the audit");
	if (s->n_past > 0)
		printf("\nbefore\n");
	for (size_t i = 0; i < s->n_past; i++) {
		const char *was = view_past(s, &s->past[i], reveal);

		printf("  until %s  %s %s%s%s, by %s\n", at_text(s->past[i].at_ms, at),
		       p->field[s->past[i].field].name, s->past[i].why, *was ? ": was " : "", SAFE(was),
		       s->past[i].channel);
	}
}

static void print_identity(const struct query_subscriber *s, const struct view_reveal *reveal)
{
	char at[CLOCK_TEXT_SIZE], until[CLOCK_TEXT_SIZE];
	bool shows_proof = reveal && reveal->proof;

	if (s->n_verifications > 0)
		printf("\nverified\n");
	for (size_t i = 0; i < s->n_verifications; i++) {
		const struct query_verification *v = &s->verification[i];

		printf("  %s  %s%s%s\n", at_text(v->at_ms, at),
		       shows_proof || !*v->proof ? SAFE(v->proof) : QUERY_MASK,
		       v->undone_ms ? ", undone " : "", v->undone_ms ? at_text(v->undone_ms, until) : "");
	}
	if (s->n_periods > 0)
		printf("\nnumbers of before\n");
	for (size_t i = 0; i < s->n_periods; i++)
		printf("  %s to %s, %s\n", at_text(s->period[i].since_ms, at),
		       at_text(s->period[i].until_ms, until), s->period[i].why);
}

static void print_relations(const struct query_subscriber *s, const struct view_reveal *reveal)
{
	char at[CLOCK_TEXT_SIZE], msisdn[MSISDN_TEXT_SIZE];
	bool shows = reveal && reveal->relations;

	if (s->n_relations > 0)
		printf("\nrelations\n");
	for (size_t i = 0; i < s->n_relations; i++) {
		const struct query_relation *r = &s->relation[i];

		printf("  %s  %-10s %s, %s subscriber %" PRId64 " (%s)\n", at_text(r->made_ms, at), r->state,
		       r->type, r->has_asked ? "asked" : "asked by", r->other,
		       !r->msisdn ? "no number now"
		       : shows    ? msisdn_text(r->msisdn, msisdn)
		                  : QUERY_MASK);
	}
}

/* --- what they agreed to, and got ------------------------------------------------------------------------------------- */

static void print_consents(const struct query_subscriber *s)
{
	char text[CLOCK_TEXT_SIZE];

	printf("\nconsents\n");
	for (size_t i = 0; i < s->n_consents; i++) {
		const struct query_consent *c = &s->consent[i];

		printf("  %s  %-10s %s, by %s in %s%s%s%s%s\n      \"%s\"\n", at_text(c->at_ms, text),
		       c->state, SAFE(c->purpose), c->channel, *c->language ? SAFE(c->language) : "-",
		       *c->version ? ", words " : "", SAFE(c->version), *c->proof ? ", shown by " : "",
		       SAFE(c->proof), SAFE(c->words));
	}
}

static void print_grants(const struct query_subscriber *s)
{
	char text[CLOCK_TEXT_SIZE], expires[CLOCK_TEXT_SIZE];

	printf("\ngrants\n");
	for (size_t i = 0; i < s->n_grants; i++) {
		const struct query_grant *g = &s->grant[i];
		bool is_open = strcmp(g->state, "pending") == 0 || strcmp(g->state, "unknown") == 0;

		printf("  %s  %-10s %s (%s), key %s, until %s%s%s%s\n", at_text(g->at_ms, text), g->state,
		       SAFE(g->bundle), SAFE(g->gives), SAFE(g->key), at_text(g->expires_ms, expires),
		       is_open ? ", still open" : "", is_open && *g->order ? ": " : "",
		       is_open ? SAFE(g->order) : "");
	}
	if (s->n_refusals > 0)
		printf("\nnot given\n");
	for (size_t i = 0; i < s->n_refusals; i++) {
		const struct query_refusal *n = &s->refusal[i];

		printf("  %s  %-10s %s, key %s: %s%s%s%s", at_text(n->last_ms, text), n->reason,
		       SAFE(n->bundle), SAFE(n->key), refusal_words(refusal_by_name(n->reason)),
		       *n->rule ? " [" : "", SAFE(n->rule), *n->rule ? "]" : "");
		printf(n->count > 1 ? ", %" PRId64 " times\n" : "\n", n->count);
	}
}

/* What the daemon knows beside the store. */
static void print_live(const char *text)
{
	json_t *live = text ? json_loads(text, 0, NULL) : NULL;
	const char *service = NULL, *screen = "", *channel = "", *state = "", *balance = NULL, *currency = "";
	json_t *dialogue = json_object_get(live, "dialogue");
	int steps = 0;

	printf("\nnow\n");
	if (!dialogue) {
		json_decref(live);
		puts("  no daemon answers: a dialogue in progress, and the balance, are not known");
		return;
	}
	if (json_unpack(dialogue, "{s:s, s:s, s:s, s:s, s:i}", "service", &service, "screen", &screen,
	                "channel", &channel, "state", &state, "steps", &steps) == 0)
		printf("  in a dialogue on %s: %s at %s, %d steps, %s\n", channel,
		       *service ? SAFE(service) : "-", *screen ? SAFE(screen) : "-", steps, state);
	else
		puts("  in no dialogue");
	if (json_unpack(json_object_get(live, "balance"), "{s:s, s?s}", "amount", &balance, "currency",
	                &currency) == 0)
		printf("  balance     %s%s%s\n", SAFE(balance), *currency ? " " : "", SAFE(currency));
	json_decref(live);
}

/* --- every touch, on every channel ------------------------------------------------------------------------------------ */

static void print_interaction(const struct query_interaction *i)
{
	char text[CLOCK_TEXT_SIZE];

	printf("  %s  %-10s %s %s, %d steps, %s at %s%s%s\n", at_text(i->began_ms, text), i->outcome,
	       i->channel, i->inbound ? "in" : "out", i->steps, SAFE(i->service),
	       *i->last_screen ? SAFE(i->last_screen) : "-", *i->detail ? ": " : "", SAFE(i->detail));
}

static void print_notice(const struct query_notice *n)
{
	char text[CLOCK_TEXT_SIZE], at[CLOCK_TEXT_SIZE];

	printf("  %s  %-10s %s", at_text(n->created_ms, text), n->state, n->kind);
	if (*n->why)
		printf(": %s", SAFE(n->why));
	if (n->code)
		printf(" (0x%x)", n->code);
	if (n->attempts > 1 || (n->attempts > 0 && n->next_ms))
		printf(", %d attempts", n->attempts);
	if (n->next_ms)
		printf(", not before %s", at_text(n->next_ms, at));
	if (*n->delivery)
		printf(", %s %s", n->delivery, at_text(n->delivery_ms, at));
	if (n->parts > 1)
		printf(", %d parts", n->parts);
	if (n->error > 0)
		printf(", network error %d (0x%x)", n->error, (unsigned)n->error);
	printf("\n");
}

static void print_touches(const struct query_subscriber *s)
{
	size_t i = 0, n = 0;

	printf("\ninteractions, SMS and pushes, newest first\n");
	while (i < s->n_interactions || n < s->n_notices) {
		bool is_notice = n < s->n_notices && (i == s->n_interactions ||
		                                      s->notice[n].created_ms > s->interaction[i].began_ms);

		if (is_notice)
			print_notice(&s->notice[n++]);
		else
			print_interaction(&s->interaction[i++]);
	}
}

void view_print(const struct query_subscriber *s, const struct view_options *o)
{
	print_record(s);
	print_profile(s, o->reveal);
	print_identity(s, o->reveal);
	print_relations(s, o->reveal);
	print_consents(s);
	print_grants(s);
	print_live(o->live);
	print_touches(s);
}
