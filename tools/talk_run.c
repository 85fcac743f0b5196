/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running a talk, step by step.
 *
 * Invariant: a step that differs ends its talk; what follows would only repeat the same fault in other words.
 */
#include "tools/talk_run.h"

#include <inttypes.h>
#include <string.h>

#include "tools/scratch.h"
#include "tools/talk_diff.h"

#define DEFAULT_NATIONAL "700000001" /* the subscriber of a talk that names none */
#define TEXT_SIZE 200

struct run {
	const struct talk *talk;
	const struct config *config;
	struct scratch *world;
	FILE *to;
	int64_t msisdn;
	bool by_sms; /* the last act was an SMS: a '<' is the SMS that answers it */
};

static void say_where(const struct run *r, const struct talk_step *s, const char *what)
{
	fprintf(r->to, "%s:%d: %s\n", r->talk->path, s->line, what);
}

static bool print_screen_name(void *ctx, const struct query_subscriber *s)
{
	const struct query_interaction *i = s->interaction;

	if (s->n_interactions > 0)
		fprintf(ctx, "    in service %s at screen %s\n", *i->service ? i->service : "(none)",
		        *i->last_screen ? i->last_screen : "(none)");
	return true;
}

/* Hanging up writes the interaction, which names service and screen. */
static void say_screen(const struct run *r)
{
	enum rc rc;

	if (scratch_is_open(r->world))
		scratch_drop(r->world);
	rc = scratch_look(r->world, print_screen_name, r->to);
	if (rc != RC_OK && rc != RC_NOTFOUND)
		fprintf(r->to, "    (the store cannot be read: %s)\n", rc_name(rc));
}

static bool differs(const struct run *r, const struct talk_step *s, const char *what, const char *expected,
                    const char *got)
{
	say_where(r, s, what);
	talk_diff_print(expected, s->rest, got, r->to);
	say_screen(r);
	return false;
}

/* --- acts -------------------------------------------------------------------------------------------- */

static bool set_number(struct run *r, const struct talk_step *s)
{
	char text[32];
	const char *from = s->from;

	if (!from && r->msisdn)
		return true;
	if (!from) {
		snprintf(text, sizeof text, "%s" DEFAULT_NATIONAL,
		         *r->config->country.code ? r->config->country.code : "254");
		from = text;
	}
	if (msisdn_parse(from, MSISDN_TON_UNKNOWN, &r->config->country, &r->msisdn) == RC_OK)
		return true;
	say_where(r, s, "the number after from is not a subscriber's number");
	return false;
}

static bool run_dial(struct run *r, const struct talk_step *s)
{
	if (!set_number(r, s))
		return false;
	if (s->language && scratch_language(r->world, r->msisdn, s->language) != RC_OK) {
		say_where(r, s, "the language cannot be set");
		return false;
	}
	scratch_dial(r->world, r->msisdn, s->text);
	return true;
}

static bool run_type(struct run *r, const struct talk_step *s)
{
	if (!scratch_is_open(r->world)) {
		say_where(r, s, "nothing waits for an answer: no dialogue is open");
		say_screen(r);
		return false;
	}
	scratch_type(r->world, s->text);
	return true;
}

static bool run_sms(struct run *r, const struct talk_step *s)
{
	if (!set_number(r, s))
		return false;
	scratch_sms(r->world, r->msisdn, s->text);
	return true;
}

/* --- expectations ------------------------------------------------------------------------------------- */

static bool run_screen(struct run *r, const struct talk_step *s)
{
	bool last;
	const char *got = r->by_sms ? scratch_next_sms(r->world) : scratch_screen(r->world, &last);

	if (got && talk_diff_same(s->text, s->rest, got))
		return true;
	return differs(r, s, r->by_sms ? "the SMS differs" : "the screen differs", s->text,
	               got ? got : "(nothing came)");
}

static bool run_expect_sms(struct run *r, const struct talk_step *s)
{
	const char *got = scratch_next_sms(r->world);

	if (s->text ? got && talk_diff_same(s->text, s->rest, got) : !got)
		return true;
	return differs(r, s, "the SMS differs", s->text ? s->text : "(none)", got ? got : "(none)");
}

struct look {
	const struct talk_step *step;
	char got[TEXT_SIZE];
};

static void look_consent(struct look *l, const struct query_subscriber *q)
{
	for (size_t i = 0; i < q->n_consents; i++)
		if (strcmp(q->consent[i].purpose, l->step->text) == 0)
			snprintf(l->got, sizeof l->got, "%s", q->consent[i].state); /* the last one stands */
}

static void look_grants(struct look *l, const struct query_subscriber *q)
{
	int granted = 0;

	for (size_t i = 0; i < q->n_grants; i++)
		granted += strcmp(q->grant[i].state, "granted") == 0;
	snprintf(l->got, sizeof l->got, "%d", granted);
}

static bool look_at(void *ctx, const struct query_subscriber *q)
{
	struct look *l = ctx;
	const char *text = NULL;
	int field;

	switch (l->step->verb) {
	case TALK_EXPECT_PROFILE:
		field = profile_field_by_name(record_profile(q->record), l->step->text);
		text = field >= 0 ? record_value(q->record, (size_t)field)
		                  : "(no such field in profile.conf)";
		break;
	case TALK_EXPECT_REGISTERED:
		text = record_is_registered(q->record) ? "yes" : "no";
		break;
	case TALK_EXPECT_LANGUAGE:
		text = *record_language(q->record) ? record_language(q->record) : NULL;
		break;
	case TALK_EXPECT_GRANTS:
		look_grants(l, q);
		break;
	case TALK_EXPECT_CONSENT:
		look_consent(l, q);
		break;
	default:
		break;
	}
	if (text)
		snprintf(l->got, sizeof l->got, "%s", text);
	return true;
}

/* What is expected of the store, as the same kind of text that look_at makes. */
static const char *wanted_of(const struct talk_step *s, char *number, size_t size)
{
	switch (s->verb) {
	case TALK_EXPECT_GRANTS:
		snprintf(number, size, "%" PRId64, s->number);
		return number;
	case TALK_EXPECT_REGISTERED:
		return s->number ? "yes" : "no";
	case TALK_EXPECT_LANGUAGE:
		return s->text ? s->text : "none";
	default:
		return s->value ? s->value : "none";
	}
}

static bool run_expect_stored(struct run *r, const struct talk_step *s)
{
	struct look l = {.step = s, .got = "none"};
	char number[24];
	const char *wanted = wanted_of(s, number, sizeof number);
	enum rc rc;

	if (s->verb == TALK_EXPECT_GRANTS) /* a subscriber who was never seen */
		strcpy(l.got, "0");
	else if (s->verb == TALK_EXPECT_REGISTERED)
		strcpy(l.got, "no");
	rc = scratch_look(r->world, look_at, &l);
	if (rc != RC_OK && rc != RC_NOTFOUND) {
		say_where(r, s, "the store cannot be read");
		return false;
	}
	if (strcmp(wanted, l.got) == 0)
		return true;
	return differs(r, s, "what is stored differs", wanted, l.got);
}

/* --- the talk ------------------------------------------------------------------------------------------ */

static bool run_step(struct run *r, const struct talk_step *s)
{
	switch (s->verb) {
	case TALK_DIAL:
		r->by_sms = false;
		return run_dial(r, s);
	case TALK_SMS:
		r->by_sms = true;
		return run_sms(r, s);
	case TALK_TYPE:
		r->by_sms = false;
		return run_type(r, s);
	case TALK_SCREEN:
		return run_screen(r, s);
	case TALK_REPEAT:
		scratch_repeat(r->world);
		return true;
	case TALK_DROP:
		scratch_drop(r->world);
		return true;
	case TALK_WAIT:
		scratch_wait(r->world, s->number);
		return true;
	case TALK_EXPECT_SMS:
		return run_expect_sms(r, s);
	default:
		return run_expect_stored(r, s);
	}
}

static void print_step(const struct run *r, const struct talk_step *s)
{
	const char *screen;
	bool last;

	if (s->verb == TALK_SCREEN)
		return; /* printed as it came, below */
	fprintf(r->to, "%s\n", s->source);
	screen = scratch_screen(r->world, &last);
	if (!screen || (s->verb != TALK_DIAL && s->verb != TALK_TYPE && s->verb != TALK_REPEAT))
		return;
	for (const char *at = screen; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		fprintf(r->to, "< %.*s\n", (int)strcspn(at, "\n"), at);
}

enum rc talk_run(const struct talk *t, const struct config *config, struct services *services, bool verbose,
                 FILE *to, struct talk_report *report)
{
	struct run r = {.talk = t, .config = config, .to = to};
	char why[300];
	enum rc rc = scratch_new(config, services, true, &r.world, why, sizeof why);

	if (rc != RC_OK) {
		fprintf(to, "%s: cannot be run: %s\n", t->path, why);
		return rc;
	}
	*report = (struct talk_report){.passed = true};
	for (size_t i = 0; i < t->n && report->passed; i++) {
		report->passed = run_step(&r, &t->step[i]);
		report->steps++;
		if (verbose)
			print_step(&r, &t->step[i]);
	}
	scratch_free(r.world);
	return RC_OK;
}
